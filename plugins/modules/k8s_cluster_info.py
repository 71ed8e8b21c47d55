#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_cluster_info
short_description: List Kubernetes clusters in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Lists the Kubernetes clusters of a project in a region, with their pools of nodes.
  - The kubeconfig is not among it; M(gcore.cloud.k8s_cluster) fetches it.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.groups_regional
seealso:
  - module: gcore.cloud.k8s_cluster
  - module: gcore.cloud.k8s_version_info
  - module: gcore.cloud.instance_info
"""

EXAMPLES = r"""
- name: Get one cluster
  gcore.cloud.k8s_cluster_info:
    name: production
  register: found

- name: Show its pools
  ansible.builtin.debug:
    msg: "{{ found.k8s_clusters | map(attribute='pools') | flatten }}"

- name: Find the clusters that are not on the newest version
  gcore.cloud.k8s_cluster_info:
    query: "[?version!='v1.35.3'].{name: name, version: version}"
  register: old

- name: Count the nodes of each
  gcore.cloud.k8s_cluster_info:
    query: "[].{name: name, nodes: sum(pools[].node_count)}"
  register: sizes
"""

RETURN = r"""
k8s_clusters:
  description:
    - The clusters that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
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
query_result:
  description: What O(query) finds in the list.
  returned: when O(query) is given
  type: raw
error:
  description: The failure, for programs; RV(ignore:msg) says it for people. Only keys that say something are there.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - What went wrong.
        - V(options) and V(not_found) are about the options, V(ambiguous) about a name that fits several things.
        - V(api) is a refusal by the API, V(connection) and V(unreadable) are about the way to it.
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
    ids:
      description: The ids of the things that a name or another identity fits, where it fits several.
      type: list
      elements: str
      sample: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e, 372cbdb1-b4bd-4965-bbc7-6dd857d56e05]
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
"""

from ansible_collections.gcore.cloud.plugins.module_utils.info import info_main
from ansible_collections.gcore.cloud.plugins.module_utils.resources.k8s_cluster import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
