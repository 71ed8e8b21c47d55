#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_cluster
short_description: Manage Kubernetes clusters in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Makes, changes, upgrades and deletes managed Kubernetes clusters with their pools of nodes, and fetches their kubeconfig.
  - A cluster is identified by its O(name), which is unique in a project and region, and cannot be changed.
  - To make, to upgrade and to delete a cluster takes 5 to 20 minutes each, and the module waits for it.
  - Changes are made in this order - the upgrade, the other options of the cluster, new and changed pools, and at last the pools that go.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.waiting
  - gcore.cloud.recreate
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  state:
    description:
      - V(present) makes the cluster, or changes it to what the options say.
      - V(absent) deletes the cluster with its nodes, and is content when there is none. The volumes that the cluster has made for persistent volume claims
        are not deleted and still billed, except those named in O(delete_volumes).
      - Load balancers that services of the cluster have created may outlive it, with their floating IPs. The API does not document what
        belongs to a cluster; a warning names those whose name has the cluster's id, or begins with C(kube_service_) and the cluster's name.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the cluster, 2 to 20 lower-case letters, digits and hyphens.
      - It begins with a letter, and does not end with a hyphen.
      - It is always needed, for it identifies the cluster.
    type: str
    required: true
  version:
    description:
      - The version of Kubernetes, as in V(v1.33.10), with the C(v). M(gcore.cloud.k8s_version_info) lists those that a new cluster can have.
      - Needed to make a cluster.
      - Another version upgrades the cluster in place, before anything else is changed. The nodes are replaced one after the other, which needs quota for
        more of them than there are.
      - An upgrade goes to a newer version of the same minor version, or to the next minor version. Further up it takes one run for each minor
        version.
    type: str
  ssh_key:
    description:
      - The SSH key that may log in to the nodes, by name or id. See M(gcore.cloud.ssh_key).
      - Needed to make a cluster.
      - It cannot be changed; O(recreate=true) replaces the cluster. Where the API does not show it, it is not compared (RV(not_compared)).
    type: str
  fixed_network:
    description:
      - The network of the nodes, by name or id.
      - The API makes one for the cluster when it is left out.
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: str
  fixed_subnet:
    description:
      - The subnet of O(fixed_network) that the nodes are in, by name or id. It needs O(fixed_network).
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: str
  is_ipv6:
    description:
      - Whether pods and services have IPv6 addresses beside their IPv4 ones. It needs a pool with C(is_public_ipv4), or an IPv6 subnet in O(fixed_network).
      - The API takes V(false) when it is left out.
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: bool
  pods_ip_pool:
    description:
      - The IPv4 network of the pods. It overlaps neither with C(10.255.255.0/24) and C(192.168.128.0/17), nor with the networks of services and nodes.
      - The API takes V(172.16.0.0/18) when it is left out.
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: str
  services_ip_pool:
    description:
      - The IPv4 network of the services. It overlaps neither with C(10.255.255.0/24) and C(192.168.128.0/17), nor with the networks of pods and nodes.
      - The API takes V(172.24.0.0/18) when it is left out.
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: str
  pods_ipv6_pool:
    description:
      - The IPv6 network of the pods. It goes with O(is_ipv6=true), and the API chooses it when it is left out.
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: str
  services_ipv6_pool:
    description:
      - The IPv6 network of the services. It goes with O(is_ipv6=true), and the API chooses it when it is left out.
      - It cannot be changed; O(recreate=true) replaces the cluster.
    type: str
  cni:
    description:
      - What makes the network of the pods.
      - Suboptions that are left out are left alone.
    type: dict
    suboptions:
      provider:
        description:
          - The provider.
          - The API takes V(calico) when it is left out.
          - It cannot be changed; O(recreate=true) replaces the cluster.
        type: str
        choices: [calico, cilium]
      cilium:
        description:
          - The options of Cilium, for O(cni.provider=cilium).
          - They are changed in place, except C(mask_size) and C(mask_size_v6).
        type: dict
        suboptions:
          cni_exclusive:
            description:
              - Whether Cilium alone makes the network. V(false) lets other components do it beside Cilium.
              - The API takes V(true) when it is left out.
            type: bool
          encryption:
            description:
              - Whether the traffic between nodes is encrypted, with WireGuard.
              - The API takes V(false) when it is left out.
            type: bool
          hubble_relay:
            description:
              - Whether there is a Hubble Relay, which shows the traffic of the cluster.
              - The API takes V(false) when it is left out.
            type: bool
          hubble_ui:
            description:
              - Whether there is the web page of Hubble.
              - The API takes V(false) when it is left out.
            type: bool
          lb_acceleration:
            description:
              - Whether traffic to services is sped up.
              - The API takes V(false) when it is left out.
            type: bool
          lb_mode:
            description:
              - How answers of services find their way back.
              - The API takes V(snat) when it is left out.
            type: str
            choices: [dsr, hybrid, snat]
          mask_size:
            description:
              - The size of each node's part of O(pods_ip_pool), as the length of a mask.
              - The API takes V(24) when it is left out.
              - It cannot be changed; O(recreate=true) replaces the cluster.
            type: int
          mask_size_v6:
            description:
              - The size of each node's part of O(pods_ipv6_pool), as the length of a mask.
              - The API takes V(120) when it is left out.
              - It cannot be changed; O(recreate=true) replaces the cluster.
            type: int
          routing_mode:
            description:
              - How traffic goes from node to node.
              - The API takes V(tunnel) when it is left out.
            type: str
            choices: [native, tunnel]
          tunnel:
            description:
              - What the tunnel speaks, with C(routing_mode) V(tunnel). An empty text is for V(native).
              - The API takes V(geneve) when it is left out.
            type: str
            choices: ['', geneve, vxlan]
  csi:
    description:
      - Drivers for storage.
      - Suboptions that are left out are left alone.
    type: dict
    suboptions:
      nfs:
        description: The driver for NFS.
        type: dict
        suboptions:
          vast_enabled:
            description:
              - Whether pods can use VAST file shares.
              - The API takes V(false) when it is left out.
              - It cannot be changed; O(recreate=true) replaces the cluster.
            type: bool
  authentication:
    description: How users log in.
    type: dict
    suboptions:
      oidc:
        description:
          - Log in with OpenID Connect. What is left out is left alone.
          - A null switches it off. In a suboption, null removes that setting.
        type: dict
        suboptions:
          issuer_url:
            description: The address of the provider. A null removes it.
            type: str
          client_id:
            description: The id of the client that tokens are made for. A null removes it.
            type: str
          username_claim:
            description: The claim of a token that holds the name of the user. A null removes it.
            type: str
          username_prefix:
            description: The prefix of the name, which prevents clashes. A null removes it.
            type: str
          groups_claim:
            description: The claim of a token that holds the groups of the user. A null removes it.
            type: str
          groups_prefix:
            description: The prefix of the names of groups, which prevents clashes. A null removes it.
            type: str
          required_claims:
            description: Claims that a token must have, with their values, which are text. A null removes them.
            type: dict
          signing_algs:
            description: The algorithms that a token may be signed with, in this order. A null removes them.
            type: list
            elements: str
            choices: [ES256, ES384, ES512, PS256, PS384, PS512, RS256, RS384, RS512]
  autoscaler_config:
    description:
      - What the autoscaler of the nodes does otherwise than the platform's defaults, as C(scale-down-unneeded-time) with V(10m).
      - These and no other ones shall be set - the option replaces all that is there. A null or an empty dictionary brings the defaults back.
      - Numbers and booleans are sent as text, which is what the API wants.
      - >-
        The API knows
        C(balance-similar-node-groups), C(expander), C(expendable-pods-priority-cutoff), C(ignore-daemonsets-utilization), C(max-empty-bulk-delete),
        C(max-graceful-termination-sec), C(max-node-provision-time), C(max-total-unready-percentage), C(new-pod-scale-up-delay),
        C(ok-total-unready-count), C(scale-down-delay-after-add), C(scale-down-delay-after-delete), C(scale-down-delay-after-failure),
        C(scale-down-enabled), C(scale-down-unneeded-time), C(scale-down-unready-time), C(scale-down-utilization-threshold), C(scan-interval),
        C(skip-nodes-with-custom-controller-pods), C(skip-nodes-with-local-storage) and C(skip-nodes-with-system-pods).
    type: dict
  add_ons:
    description:
      - More software that the platform runs in the cluster.
      - Suboptions that are left out are left alone.
    type: dict
    suboptions:
      slurm:
        description:
          - Slurm. It needs Kubernetes 1.31 or 1.32, a pool with GPUs, and O(csi.nfs.vast_enabled=true).
          - To switch it on takes all four suboptions.
        type: dict
        suboptions:
          enabled:
            description: Whether Slurm runs in the cluster.
            type: bool
            required: true
          file_share_id:
            description:
              - The id of the VAST file share that Slurm works on.
              - It has no C(root_squash), and V(NPL) as its C(path_length) and C(allowed_characters).
            type: str
          ssh_key_ids:
            description: The ids of the SSH keys that may log in to the login nodes of Slurm, in this order.
            type: list
            elements: str
          worker_count:
            description: The number of Slurm workers, at least V(1). It can only grow.
            type: int
  ddos_profile:
    description:
      - The advanced protection against DDoS of the cluster.
      - Suboptions that are left out are left alone. O(ddos_profile.enabled=false) switches it off.
    type: dict
    suboptions:
      enabled:
        description: Whether the cluster is protected.
        type: bool
        required: true
      profile_template:
        description: The id of the template. A null removes it.
        type: int
      profile_template_name:
        description: The name of the template, instead of its id. A null removes it.
        type: str
      fields:
        description: The values for the fields of the template, all of them.
        type: list
        elements: dict
        suboptions:
          base_field:
            description: The id of the field.
            type: int
            required: true
          field_value:
            description: The value, in the form that the field demands. A null removes it.
            type: raw
  logging:
    description:
      - Where the logs of the cluster are sent, in Gcore's logging service.
      - Suboptions that are left out are left alone. O(logging.enabled=false) ends it.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether logs are sent.
          - The API takes V(false) when it is left out.
        type: bool
      destination_region:
        description: The region that the logs are kept in, by name or id.
        type: str
      topic_name:
        description: The topic that the logs are written to. A null removes it.
        type: str
      retention_policy:
        description: How long the logs are kept. A null removes the limit.
        type: dict
        suboptions:
          period:
            description: The number of days, 1 to 1825.
            type: int
            required: true
  pools:
    description:
      - The pools of nodes. One that the cluster does not have yet is made; one that it has is changed in place. Other pools are left alone, unless
        O(purge_pools=true).
      - A pool is known by its C(name).
      - Needed to make a cluster, with one at least.
      - A pool of virtual machines is made with C(servergroup_policy), C(boot_volume_type) and C(boot_volume_size); one of bare metal has none of them.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the pool, which identifies it in the cluster. See O(name) for its characters.
        type: str
        required: true
      flavor:
        description:
          - The flavor of the nodes, as in V(g2-standard-2-4).
          - It cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: str
        required: true
      min_node_count:
        description: How many nodes there are at least, 1 to 200. The autoscaler does not go below.
        type: int
        required: true
      max_node_count:
        description:
          - How many nodes there are at most, 1 to 200. The autoscaler does not go above.
          - The API takes O(pools[].min_node_count) for a new pool when it is left out.
        type: int
      node_count:
        description:
          - How many nodes there are, from O(pools[].min_node_count) to O(pools[].max_node_count).
          - A new pool begins with O(pools[].min_node_count); another number is set by a task of its own, behind the one that makes it.
          - Leave it out where the two differ, for the autoscaler sets it then, and every run would set it back.
        type: int
      boot_volume_size:
        description:
          - The size of each node's boot volume, in GiB, 10 to 2000; 50 and more is advised.
          - It cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: int
      boot_volume_type:
        description:
          - The type of each node's boot volume, see O(gcore.cloud.volume#module:type_name).
          - It cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: str
        choices: [standard, ssd_hiiops, ssd_lowlatency, ssd_local, cold, ultra]
      auto_healing_enabled:
        description:
          - Whether nodes that fail are replaced.
          - The API takes V(false) when it is left out.
        type: bool
      is_public_ipv4:
        description:
          - Whether the nodes have public addresses.
          - The API takes V(false) when it is left out.
          - It cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: bool
      servergroup_policy:
        description:
          - Whether the nodes share a host (V(affinity)), never do (V(anti-affinity)), or do only when they must (V(soft-anti-affinity)).
          - It cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: str
        choices: [affinity, anti-affinity, soft-anti-affinity]
      security_groups:
        description:
          - The security groups of the nodes, by name or id, in any order. These and no other ones shall be there; an empty list removes all.
        type: list
        elements: str
      labels:
        description:
          - Labels of the nodes, as key and value. The dictionary is authoritative. An empty one or null removes all.
          - Labels that begin with C(gcorecluster.x-k8s.io/) are the platform's, and are left alone.
        type: dict
      taints:
        description:
          - Taints of the nodes, each as the key, and as its value what the API wants - value and effect with a colon between, as in V(gpu:NoSchedule).
          - The dictionary is authoritative. An empty one or null removes all.
        type: dict
      crio_config:
        description:
          - Options of CRI-O, as key and value.
          - They cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: dict
      kubelet_config:
        description:
          - Options of the kubelet, as key and value.
          - They cannot be changed. Make a pool with another name, and remove the old one with O(purge_pools).
        type: dict
  purge_pools:
    description:
      - Whether pools that are not in O(pools) are removed, with their nodes; without O(pools) none is.
      - They are removed after all other changes. A cluster has at least one pool, so an empty O(pools) is refused.
    type: bool
    default: false
  delete_volumes:
    description:
      - With O(state=absent), the volumes of the cluster that are deleted together with it, by name or id; V(all) means all that it has made.
      - The others are not deleted and still billed; a warning names them.
    type: list
    elements: str
  kubeconfig_dest:
    description:
      - The file, on the host the module runs on, to which the kubeconfig is written, with mode 0600.
      - It is read on every run with O(state=present). An existing file with other content is replaced, with a warning that names
        the file; O(backup=true) keeps a copy.
      - What cannot be replaced is refused before any request, in check mode too (a folder, a bind-mounted file, a device, a read-only or missing folder).
      - With O(wait=false) there is none while the cluster is being made or changed. A later run writes it.
    type: path
  backup:
    description:
      - Whether a copy of the file O(kubeconfig_dest) is kept when its content is replaced.
      - The copy is in the same folder, with mode 0600; RV(backup_file) is its path.
    type: bool
    default: false
  follow:
    description:
      - Whether a symbolic link at O(kubeconfig_dest) stays, and the file that it leads to is replaced.
      - Otherwise a file takes the place of the link.
    type: bool
    default: false
  return_content:
    description:
      - Whether the kubeconfig is also returned as RV(kubeconfig).
      - Set C(no_log) on the task then, for results are shown and stored, and whoever has the kubeconfig rules the cluster.
    type: bool
    default: false
notes:
  - The cluster is ready in status V(Provisioned). V(Pending) and V(Provisioning) are waited for; V(Deleting) is waited for, and the cluster
    is created again. V(Failed), V(Unknown) and every undocumented status are an error with the id and the status, except with O(state=absent).
  - A pool is ready in status V(Running). V(Provisioning) and V(Deleting) are waited for, V(Error) and V(Failed) are an error. The API has no list
    of the statuses of a pool, so any other one is accepted with a warning.
  - A kubeconfig is valid for two years, see RV(k8s_cluster.authentication.kubeconfig_expires_at). When the platform renews it, the next run writes the
    new one to O(kubeconfig_dest).
seealso:
  - module: gcore.cloud.k8s_cluster_info
  - module: gcore.cloud.k8s_version_info
  - module: gcore.cloud.volume_info
  - module: gcore.cloud.ssh_key
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: See which versions there are
  gcore.cloud.k8s_version_info:
  register: k8s

- name: Make a cluster, and fetch its kubeconfig
  gcore.cloud.k8s_cluster:
    name: production
    version: v1.32.13
    ssh_key: deploy
    pools:
      - name: workers
        flavor: g2-standard-4-8
        min_node_count: 2
        max_node_count: 5
        boot_volume_size: 50
        boot_volume_type: ssd_hiiops
        servergroup_policy: soft-anti-affinity
        auto_healing_enabled: true
        labels:
          role: worker
    kubeconfig_dest: ./production.kubeconfig
  register: cluster

- name: Add a pool for special work, which keeps other pods off
  gcore.cloud.k8s_cluster:
    name: production
    pools:
      - name: batch
        flavor: g2-standard-2-4
        min_node_count: 1
        boot_volume_size: 50
        boot_volume_type: standard
        servergroup_policy: anti-affinity
        taints:
          dedicated: batch:NoSchedule

- name: Give it two nodes
  gcore.cloud.k8s_cluster:
    name: production
    pools:
      - name: batch
        flavor: g2-standard-2-4
        min_node_count: 1
        max_node_count: 2
        node_count: 2

- name: Let the autoscaler wait longer before it takes nodes away
  gcore.cloud.k8s_cluster:
    name: production
    autoscaler_config:
      scale-down-unneeded-time: 20m
      scale-down-delay-after-add: 20m

- name: Upgrade it to the next minor version
  gcore.cloud.k8s_cluster:
    name: production
    version: v1.33.10

- name: Remove all pools but one
  gcore.cloud.k8s_cluster:
    name: production
    pools:
      - name: workers
        flavor: g2-standard-4-8
        min_node_count: 2
        max_node_count: 5
    purge_pools: true

- name: Get the kubeconfig into a variable
  gcore.cloud.k8s_cluster:
    name: production
    return_content: true
  register: access
  no_log: true

- name: Start the creation of a cluster with Cilium in a network
  gcore.cloud.k8s_cluster:
    name: staging
    version: v1.34.6
    ssh_key: deploy
    fixed_network: lan
    fixed_subnet: lan-v4
    cni:
      provider: cilium
      cilium:
        hubble_relay: true
        hubble_ui: true
    pools:
      - name: workers
        flavor: g2-standard-2-4
        min_node_count: 1
        boot_volume_size: 50
        boot_volume_type: standard
        servergroup_policy: anti-affinity
    wait: false
  register: staging

- name: Wait for it
  gcore.cloud.task_wait:
    tasks: "{{ staging }}"

- name: Delete a cluster with all that it has
  gcore.cloud.k8s_cluster:
    name: production
    state: absent
    delete_volumes: all
"""

RETURN = r"""
k8s_cluster:
  description:
    - The cluster as the API shows it; what is predicted, in check mode.
    - With O(wait=false) its RV(k8s_cluster.status) may be one in between, such as V(Provisioning).
    - After O(state=absent) the cluster as it was, or null when there was none to delete.
  returned: always
  type: dict
  contains:
    id:
      description: The id of the cluster. The name says which one is meant.
      type: str
      sample: f01fd9a0-9548-48ba-82dc-a8c8b2d6f2f1
    name:
      description: The name of the cluster.
      type: str
      sample: production
    status:
      description: The status, V(Provisioning), V(Provisioned) or V(Deleting).
      type: str
      sample: Provisioned
    version:
      description: The version of Kubernetes.
      type: str
      sample: v1.32.13
    keypair:
      description: The name of the SSH key.
      type: str
      sample: deploy
    fixed_network:
      description: The id of the network of the nodes.
      type: str
      sample: 3fa85f64-5717-4562-b3fc-2c963f66afa6
    fixed_subnet:
      description: The id of the subnet of the nodes.
      type: str
      sample: 90729bc3-dd37-4761-ae09-b32f2f0a365b
    is_public:
      description: Whether the cluster is public.
      type: bool
      sample: false
    is_ipv6:
      description: Whether pods and services have IPv6 addresses too.
      type: bool
      sample: false
    pods_ip_pool:
      description: The IPv4 network of the pods.
      type: str
      sample: 172.16.0.0/18
    services_ip_pool:
      description: The IPv4 network of the services.
      type: str
      sample: 172.24.0.0/18
    pods_ipv6_pool:
      description: The IPv6 network of the pods; null when there is none.
      type: str
      sample: null
    services_ipv6_pool:
      description: The IPv6 network of the services; null when there is none.
      type: str
      sample: null
    cni:
      description: What makes the network of the pods.
      type: dict
      contains:
        provider:
          description: The provider, V(calico) or V(cilium).
          type: str
          sample: cilium
        cilium:
          description: The options of Cilium; null with another provider.
          type: dict
          contains:
            cni_exclusive:
              description: Whether Cilium alone makes the network.
              type: bool
              sample: true
            encryption:
              description: Whether the traffic between nodes is encrypted.
              type: bool
              sample: false
            hubble_relay:
              description: Whether there is a Hubble Relay.
              type: bool
              sample: true
            hubble_ui:
              description: Whether there is the web page of Hubble.
              type: bool
              sample: true
            lb_acceleration:
              description: Whether traffic to services is sped up.
              type: bool
              sample: false
            lb_mode:
              description: How answers of services find their way back.
              type: str
              sample: snat
            mask_size:
              description: The size of each node's part of the IPv4 network of the pods.
              type: int
              sample: 24
            mask_size_v6:
              description: The size of each node's part of the IPv6 network of the pods.
              type: int
              sample: 120
            routing_mode:
              description: How traffic goes from node to node.
              type: str
              sample: tunnel
            tunnel:
              description: What the tunnel speaks.
              type: str
              sample: geneve
    csi:
      description: Drivers for storage. C(nfs) has C(vast_enabled), whether pods can use VAST file shares.
      type: dict
      sample:
        nfs:
          vast_enabled: false
    authentication:
      description: How users log in.
      type: dict
      contains:
        kubeconfig_created_at:
          description: When the kubeconfig was made.
          type: str
          sample: "2026-05-30T05:45:03Z"
        kubeconfig_expires_at:
          description: Until when the kubeconfig is valid.
          type: str
          sample: "2028-05-29T05:45:03Z"
        oidc:
          description: Log in with OpenID Connect; null when it is off.
          type: dict
          contains:
            issuer_url:
              description: The address of the provider.
              type: str
              sample: https://accounts.provider.example
            client_id:
              description: The id of the client that tokens are made for.
              type: str
              sample: kubernetes
            username_claim:
              description: The claim that holds the name of the user.
              type: str
              sample: sub
            username_prefix:
              description: What is put before the name.
              type: str
              sample: "oidc:"
            groups_claim:
              description: The claim that holds the groups of the user.
              type: str
              sample: groups
            groups_prefix:
              description: What is put before the names of groups.
              type: str
              sample: "oidc:"
            required_claims:
              description: Claims that a token must have, with their values.
              type: dict
              sample: null
            signing_algs:
              description: The algorithms that a token may be signed with.
              type: list
              elements: str
              sample: [RS256]
    autoscaler_config:
      description: What the autoscaler does otherwise than the platform's defaults; null when that is nothing.
      type: dict
      sample:
        scale-down-unneeded-time: 20m
    add_ons:
      description: More software that the platform runs in the cluster.
      type: dict
      contains:
        slurm:
          description: Slurm.
          type: dict
          contains:
            enabled:
              description: Whether Slurm runs in the cluster.
              type: bool
              sample: false
            file_share_id:
              description: The id of the VAST file share that Slurm works on.
              type: str
              sample: null
            ssh_key_ids:
              description: The ids of the SSH keys that may log in to Slurm.
              type: list
              elements: str
              sample: null
            worker_count:
              description: The number of Slurm workers.
              type: int
              sample: null
    ddos_profile:
      description: The advanced protection against DDoS; null when there is none.
      type: dict
      contains:
        enabled:
          description: Whether the cluster is protected.
          type: bool
          sample: true
        profile_template:
          description: The id of the template.
          type: int
          sample: 29
        profile_template_name:
          description: The name of the template.
          type: str
          sample: null
        fields:
          description: The values for the fields of the template, each with C(base_field) and C(field_value).
          type: list
          elements: dict
          sample:
            - base_field: 10
              field_value: [45046, 45047]
    logging:
      description: Where the logs are sent; null when it was never set.
      type: dict
      contains:
        enabled:
          description: Whether logs are sent.
          type: bool
          sample: true
        destination_region_id:
          description: The id of the region that the logs are kept in.
          type: int
          sample: 76
        topic_name:
          description: The topic that the logs are written to.
          type: str
          sample: my-log-name
        retention_policy:
          description: How long the logs are kept, with the number of days as C(period).
          type: dict
          sample:
            period: 45
    pools:
      description: The pools of nodes.
      type: list
      elements: dict
      contains:
        id:
          description: The id of the pool. The name says which one is meant.
          type: str
          sample: 1772de21-f013-4b70-9f8f-a518985b3bc2
        name:
          description: The name of the pool.
          type: str
          sample: workers
        status:
          description: The status, such as V(Running).
          type: str
          sample: Running
        flavor_id:
          description: The flavor of the nodes.
          type: str
          sample: g2-standard-4-8
        node_count:
          description: How many nodes there are.
          type: int
          sample: 2
        min_node_count:
          description: How many nodes there are at least.
          type: int
          sample: 2
        max_node_count:
          description: How many nodes there are at most.
          type: int
          sample: 5
        boot_volume_size:
          description: The size of each node's boot volume, in GiB.
          type: int
          sample: 50
        boot_volume_type:
          description: The type of each node's boot volume.
          type: str
          sample: ssd_hiiops
        auto_healing_enabled:
          description: Whether nodes that fail are replaced.
          type: bool
          sample: true
        is_public_ipv4:
          description: Whether the nodes have public addresses.
          type: bool
          sample: false
        servergroup_id:
          description: The id of the placement group of the nodes; empty when there is none.
          type: str
          sample: 47003067-550a-6f17-93b6-81ee16ba061e
        servergroup_name:
          description: The name of the placement group.
          type: str
          sample: production-workers
        servergroup_policy:
          description: Whether the nodes share a host.
          type: str
          sample: soft-anti-affinity
        security_group_ids:
          description: The ids of the security groups of the nodes.
          type: list
          elements: str
          sample: []
        labels:
          description: The labels of the nodes, those of the platform too.
          type: dict
          sample:
            role: worker
            gcorecluster.x-k8s.io/pool-name: workers
        taints:
          description: The taints of the nodes, each with its value and effect.
          type: dict
          sample: {}
        crio_config:
          description: Options of CRI-O.
          type: dict
          sample: {}
        kubelet_config:
          description: Options of the kubelet.
          type: dict
          sample: {}
        created_at:
          description: When the pool was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
    created_at:
      description: When the cluster was made.
      type: str
      sample: "2026-05-30T05:34:14Z"
    creator_task_id:
      description: The id of the task that made the cluster.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the cluster and locks it; null when none is.
      type: str
      sample: null
kubeconfig:
  description: The kubeconfig.
  returned: when O(return_content=true), and the cluster is there and no task of this run is going on
  type: str
backup_file:
  description: The copy of the file that was replaced.
  returned: when O(backup=true) and the file had other content
  type: str
  sample: /home/me/production.kubeconfig.4711.2026-05-30@05:34:14~
kubeconfig_dest:
  description: The file that holds the kubeconfig.
  returned: when O(kubeconfig_dest) is given, and the cluster is there and no task of this run is going on
  type: str
  sample: ./production.kubeconfig
task_ids:
  description: The ids of the tasks that the run started, and of creations that it took up, in order.
  returned: always
  type: list
  elements: str
  sample: [d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999]
tasks:
  description: What is known of each of these tasks.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    type:
      description: What the task does, in the API's words; null when that is not known yet.
      type: str
      sample: create_k8s_cluster_v2
    state:
      description:
        - V(NEW) and V(RUNNING) go on; V(FINISHED) and V(ERROR) are final.
        - V(NOT_FOUND) is a task that the API does not know.
      type: str
      sample: FINISHED
    started:
      description: When the API made the task, in UTC; null when nobody has looked at it yet.
      type: str
      sample: "2026-05-30T05:34:14"
    seconds:
      description: How long the task was waited for, or took, in seconds; null when nobody has looked at it yet.
      type: float
      sample: 612.5
    looks:
      description: How often the state was read.
      type: int
      sample: 21
    error:
      description: The API's own reason when the task failed.
      type: str
      sample: null
created_resources:
  description:
    - The ids of everything that the tasks of this run created, by kind. For a few kinds it is the name, where the API takes that for an id.
    - >-
      Each kind has its list, which is empty when nothing of the kind was created:
      C(ai_clusters), C(api_keys), C(caas_containers), C(clusters), C(ddos_profiles), C(faas_functions), C(faas_namespaces), C(file_shares),
      C(floatingips), C(healthmonitors), C(images), C(inference_instances), C(instances), C(k8s_clusters), C(k8s_pools), C(l7polices), C(l7rules),
      C(laas_topic), C(listeners), C(loadbalancers), C(members), C(networks), C(pools), C(ports), C(postgresql_clusters), C(projects),
      C(registry_registries), C(registry_users), C(routers), C(secrets), C(security_group_rules), C(security_groups), C(servergroups),
      C(snapshots), C(subnets), C(volumes).
  returned: always
  type: dict
  sample:
    k8s_clusters: [f01fd9a0-9548-48ba-82dc-a8c8b2d6f2f1]
    k8s_pools: []
pending:
  description:
    - The steps that are still to be done - those behind the started one with O(wait=false), and those that a failure left.
    - C(wait for) is the wait until a resource is ready.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: What is to be done.
      type: str
      sample: resize
    resource:
      description: The kind of thing that it is done to.
      type: str
      sample: k8s_cluster_pool
    id:
      description: The id of the thing, which is the name of clusters and pools.
      type: str
      sample: workers
    name:
      description: The name of the thing.
      type: str
      sample: workers
leftovers:
  description: What a failed creation has left in the cloud. It may be paid for until it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of thing.
      type: str
      sample: k8s_cluster
    id:
      description: The id of the thing, which is the name of a cluster.
      type: str
      sample: production
    name:
      description: The name of the thing.
      type: str
      sample: production
    status:
      description: The status of the thing.
      type: str
      sample: Provisioning
not_compared:
  description:
    - The given options that were not compared with the cloud, for the API takes them but does not show them afterwards.
    - They count when the resource is made, and never change it later.
  returned: always
  type: list
  elements: str
  sample: []
error:
  description: The failure, for programs; RV(ignore:msg) says it for people. Only keys that say something are there.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - What went wrong.
        - V(options) and V(not_found) are about the options, V(ambiguous) about a name that fits several things.
        - V(immutable) is a change that the API cannot make, V(in_use) a resource that something uses,
          V(status) a resource in a status that cannot go on, V(locked) one that another
          task holds, V(duplicate) one that was made twice at once.
        - V(api) is a refusal by the API, V(connection) and V(unreadable) are about the way to it.
        - V(doubtful) is a write of which nobody knows whether the API took it.
        - V(task_failed) is a task that did not end well, V(timeout) a time limit that was reached.
        - V(secret_file) is a kubeconfig that could not be written.
      type: str
      sample: api
    http_status:
      description: The HTTP status that the API answered with.
      type: int
      sample: 403
    exception_class:
      description: The API's name for the error.
      type: str
      sample: QuotaLimitExceed
    request_id:
      description: The API's id of the refused request, which its support asks for.
      type: str
      sample: 344dfb5d-0faf-4ca4-8ec7-ff649f2e8261
    task_id:
      description: The id of the task that failed or is still going on.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    id:
      description: The id of the resource whose status is wrong, or was still in progress at the time limit.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    ids:
      description: The ids of the things that a name or another identity fits, where it fits several.
      type: list
      elements: str
      sample: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e, 372cbdb1-b4bd-4965-bbc7-6dd857d56e05]
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
    done:
      description: The steps that this run carried out before it failed, in the form of RV(pending). What they deleted does not come back.
      type: list
      elements: dict
      sample: [{action: detach, resource: volume, id: 726ecfcc-7fd0-4e30-a86e-7892524aa483, name: data-1}]
"""

from ansible_collections.gcore.cloud.plugins.module_utils.resource_modules import resource_main
from ansible_collections.gcore.cloud.plugins.module_utils.resources.k8s_cluster import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
