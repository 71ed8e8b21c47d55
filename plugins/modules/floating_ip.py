#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: floating_ip
short_description: Manage floating IPs in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Buys, moves, detaches and releases floating IPs. A floating IP is a public IPv4 address that leads to a private one of an instance, a load balancer
    or another port, and that can be moved from one to the other.
  - A floating IP has no name. It is identified by its O(id), or by the first of these that is given - its O(floating_ip_address); what has it, which is
    O(port) or O(instance), each with O(fixed_ip_address) where that is given too, or O(load_balancer); its O(tags).
  - Without one of them the module fails, so that no run buys another floating IP in silence. One is bought when what shall have it has none, or when
    none has the tags; the next run finds it there. See O(reuse) for what is done when both are given.
  - When what is given fits several floating IPs the module fails with their ids.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.waiting
  - gcore.cloud.recreate
  - gcore.cloud.resource
  - gcore.cloud.tags
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  state:
    description:
      - V(present) buys the floating IP, or changes it to what the options say.
      - V(absent) releases the floating IP, be it in use or not, and is content when there is none. Its address is lost. O(reuse) does not count; where
        O(port), O(instance) or O(load_balancer) is given it is what that has, and nothing when that is not there. Use O(tags), O(floating_ip_address)
        or O(id) for a floating IP that may be free already.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent]
    default: present
  id:
    description: The id of an existing floating IP; it identifies the floating IP instead of all else.
    type: str
  floating_ip_address:
    description:
      - The public address of an existing floating IP.
      - The API chooses the address of a new one, and never changes it. With O(state=present) an address that is not there is an error.
    type: str
  port:
    description:
      - The port that the floating IP leads to, by id; the port of a reserved fixed IP also by its address.
      - A floating IP that is identified in another way is moved there. It is changed in place.
      - A null detaches the floating IP from whatever has it; it stays yours, and is paid for.
      - Mutually exclusive with O(instance) and O(load_balancer).
    type: str
  instance:
    description:
      - The instance that the floating IP leads to, by name or id. It goes to the private IPv4 address of the instance; when several interfaces have
        one, O(fixed_ip_address) says which is meant. A public interface cannot have a floating IP.
      - A floating IP that is identified in another way is moved there. It is changed in place.
      - A null detaches the floating IP from whatever has it; it stays yours, and is paid for.
      - Mutually exclusive with O(port) and O(load_balancer).
    type: str
  load_balancer:
    description:
      - The load balancer that the floating IP leads to, by name or id. A load balancer with a public address of its own cannot have one.
      - A floating IP that is identified in another way is moved there. It is changed in place.
      - A null detaches the floating IP from whatever has it; it stays yours, and is paid for.
      - Mutually exclusive with O(port) and O(instance).
    type: str
  fixed_ip_address:
    description:
      - The private IPv4 address that the floating IP leads to, where the port or the instance has several.
      - The API takes the first one of the port that has no floating IP when it is left out.
      - It is changed in place. It cannot be used with a null as O(port), O(instance) or O(load_balancer).
    type: str
  tags:
    description:
      - Tags of the floating IP, as key and value. Tags that the platform sets itself are left alone.
      - Where nothing else identifies the floating IP, it is the one that has all these tags, with these values; it may have more of them, which
        go unless O(purge_tags=false).
      - A key has up to 255 characters, without blanks and C(=); a value has 1 to 255, without tabs, new lines, and blanks at its ends.
      - A null or an empty dictionary removes all tags, and identifies nothing.
    type: dict
  reuse:
    description:
      - What is done when O(port), O(instance) or O(load_balancer) has no floating IP, and there are some that have O(tags).
      - When it is left out, one that is free is taken. When all of them are in use the module fails with their ids.
      - V(true) takes one that is free, and moves one that is in use when none is.
      - V(false) buys another one, be there free ones or not.
      - When there are several to choose from, the module fails with their ids. When there is none, one is bought, whatever is said here.
      - It needs O(tags).
    type: bool
notes:
  - Status V(ERROR) and every undocumented status are an error with the id and the status, except with O(state=absent).
  - A floating IP is paid for until it is released, also while nothing has it.
  - The subnet of the private address needs a router to the internet.
  - A private address has one floating IP at most. The API refuses to put another one there; detach or move the first one before.
  - O(recreate=true) gives one in status V(ERROR) up for a new one, whose address is another. It cannot be used with O(floating_ip_address).
  - M(gcore.cloud.instance) and M(gcore.cloud.load_balancer) have an option C(floating_ip) of their own, which buys, puts on and takes off, too.
    A task of theirs that leaves it out leaves the floating IP alone, so use it, or this module, but not both for the same thing. With V(new) there, an
    instance whose floating IP was moved away gets another one with the next run.
  - An instance or a load balancer that is deleted leaves its floating IP free, except with O(gcore.cloud.instance#module:delete_floating_ips).
    Tags find it again.
seealso:
  - module: gcore.cloud.floating_ip_info
  - module: gcore.cloud.instance
  - module: gcore.cloud.load_balancer
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Give an instance a floating IP
  gcore.cloud.floating_ip:
    instance: web-1
    tags:
      service: web
  register: web

- name: Show its address
  ansible.builtin.debug:
    var: web.floating_ip.floating_ip_address

- name: Give one to an instance with several private addresses
  gcore.cloud.floating_ip:
    instance: db-1
    fixed_ip_address: 192.168.10.20

- name: Give one to a load balancer
  gcore.cloud.floating_ip:
    load_balancer: database

- name: Buy one for later
  gcore.cloud.floating_ip:
    tags:
      service: mail

- name: Give it to an instance
  gcore.cloud.floating_ip:
    instance: mail-1
    tags:
      service: mail

- name: Move a floating IP to another instance
  gcore.cloud.floating_ip:
    id: "{{ web.floating_ip.id }}"
    instance: web-2

- name: Move it back, whatever has it
  gcore.cloud.floating_ip:
    instance: web-1
    tags:
      service: web
    reuse: true

- name: Detach it, and keep it
  gcore.cloud.floating_ip:
    floating_ip_address: "{{ web.floating_ip.floating_ip_address }}"
    instance: null

- name: Release it
  gcore.cloud.floating_ip:
    tags:
      service: web
    state: absent
"""

RETURN = r"""
floating_ip:
  description:
    - The floating IP as the API shows it; what is predicted, in check mode.
    - After O(state=absent) the floating IP as it was, or null when there was none to release.
  returned: always
  type: dict
  contains:
    id:
      description: The id of the floating IP.
      type: str
      sample: a634eb48-b966-44f5-a118-294f86a8186a
    floating_ip_address:
      description: The public address.
      type: str
      sample: 203.0.113.42
    status:
      description: The status, V(ACTIVE) when the floating IP is in use, V(DOWN) when it is free, or V(ERROR).
      type: str
      sample: ACTIVE
    port_id:
      description: The id of the port that the floating IP leads to; null when it is free.
      type: str
      sample: 9a5493d1-b45c-44e6-995c-a8b1f78841c1
    fixed_ip_address:
      description: The address of the port that the floating IP leads to; null when it is free.
      type: str
      sample: 192.168.10.2
    router_id:
      description: The id of the router between the two addresses; null when there is none.
      type: str
      sample: 11005a33-c5ac-4c96-ab6f-8f2827cc7da6
    instance:
      description: The instance that has the floating IP; null when none has.
      type: dict
      contains:
        id:
          description: The id of the instance.
          type: str
          sample: 60488a9b-1fde-4f0e-a4cb-381e02e12807
        name:
          description: The name of the instance.
          type: str
          sample: web-1
        status:
          description: The status, such as V(BUILD), V(ACTIVE), V(SHUTOFF), V(SUSPENDED), V(RESIZE) or V(ERROR).
          type: str
          sample: ACTIVE
        vm_state:
          description: The state of the virtual machine, such as V(building), V(active), V(stopped), V(suspended), V(resized) or V(error).
          type: str
          sample: active
        task_state:
          description: What is going on with the virtual machine; null when nothing is.
          type: str
          sample: null
        flavor:
          description: The flavor.
          type: dict
          contains:
            flavor_id:
              description: The id of the flavor, which is the same as its name.
              type: str
              sample: g2-standard-2-4
            flavor_name:
              description: The name of the flavor.
              type: str
              sample: g2-standard-2-4
            vcpus:
              description: The number of virtual CPUs.
              type: int
              sample: 2
            ram:
              description: The memory, in MiB.
              type: int
              sample: 4096
        addresses:
          description:
            - The addresses, by the name of the network. Each has C(addr), and C(type), which is V(fixed) or V(floating).
            - Fixed ones have C(interface_name).
          type: dict
          sample:
            lan:
              - addr: 192.168.10.2
                type: fixed
                interface_name: null
              - addr: 203.0.113.42
                type: floating
        security_groups:
          description: The security groups of the instance.
          type: list
          elements: dict
          contains:
            name:
              description: The name of the security group.
              type: str
              sample: default
        ssh_key_name:
          description: The name of the SSH key.
          type: str
          sample: deploy
        volumes:
          description: The volumes. M(gcore.cloud.volume_info) with O(gcore.cloud.volume_info#module:instance) tells more of them.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the volume.
              type: str
              sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
            delete_on_termination:
              description: Whether the volume is deleted together with the instance.
              type: bool
              sample: false
        instance_description:
          description: The description of the instance.
          type: str
          sample: null
        tags:
          description: The tags, those of the platform too.
          type: list
          elements: dict
          contains:
            key:
              description: The key of the tag.
              type: str
              sample: env
            value:
              description: The value of the tag.
              type: str
              sample: production
            read_only:
              description: Whether the platform has set the tag, so that nobody can change it.
              type: bool
              sample: false
        project_id:
          description: The id of the project.
          type: int
          sample: 1234567
        region_id:
          description: The id of the region.
          type: int
          sample: 76
        region:
          description: The name of the region.
          type: str
          sample: Luxembourg-2
        created_at:
          description: When the instance was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
        creator_task_id:
          description: The id of the task that made the instance.
          type: str
          sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
        task_id:
          description: The id of the task that is at work on the instance and locks it; null when none is.
          type: str
          sample: null
    loadbalancer:
      description: The load balancer that has the floating IP; null when none has.
      type: dict
      sample: null
      contains:
        id:
          description: The id of the load balancer.
          type: str
          sample: e8ab1be4-1521-4266-be69-28dad4148a30
        name:
          description: The name of the load balancer.
          type: str
          sample: web
        provisioning_status:
          description: What is done to the load balancer - V(ACTIVE), V(PENDING_CREATE), V(PENDING_UPDATE), V(PENDING_DELETE), V(DELETED) or V(ERROR).
          type: str
          sample: ACTIVE
        operating_status:
          description: How the load balancer works - V(ONLINE), V(DRAINING), V(OFFLINE), V(DEGRADED), V(ERROR) or V(NO_MONITOR).
          type: str
          sample: ONLINE
        admin_state_up:
          description: Whether the load balancer takes traffic.
          type: bool
          sample: true
        flavor:
          description: The flavor; null may stand for the default one.
          type: dict
          contains:
            flavor_id:
              description: The id of the flavor.
              type: str
              sample: 1d276f53-2834-4855-9859-aa922f073055
            flavor_name:
              description: The name of the flavor.
              type: str
              sample: lb1-1-2
            vcpus:
              description: The number of virtual CPUs.
              type: int
              sample: 1
            ram:
              description: The memory, in MiB.
              type: int
              sample: 2048
        vip_address:
          description: The address of the load balancer.
          type: str
          sample: 203.0.113.80
        vip_port_id:
          description: The id of the port that has the address.
          type: str
          sample: 4177d1ef-f1c2-4e45-a531-3e05dfa6d848
        vip_ip_family:
          description: Which addresses the load balancer has, V(ipv4), V(ipv6) or V(dual).
          type: str
          sample: ipv4
        vip_fqdn:
          description: The name of the load balancer in the DNS.
          type: str
          sample: 550e8400-e29b-41d4-a716-446655440000.lb.cloud.example.com
        additional_vips:
          description: More addresses of the load balancer, as with V(dual).
          type: list
          elements: dict
          contains:
            ip_address:
              description: The address.
              type: str
              sample: 2001:db8::80
            subnet_id:
              description: The id of the subnet.
              type: str
              sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
        vrrp_ips:
          description: The addresses of the machines that the load balancer runs on.
          type: list
          elements: dict
          contains:
            ip_address:
              description: The address.
              type: str
              sample: 203.0.113.81
            role:
              description: The part of the machine, V(MASTER), V(BACKUP) or V(STANDALONE).
              type: str
              sample: MASTER
            subnet_id:
              description: The id of the subnet.
              type: str
              sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
        floating_ips:
          description: The floating IPs of the load balancer.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the floating IP.
              type: str
              sample: a634eb48-b966-44f5-a118-294f86a8186a
            floating_ip_address:
              description: The public address.
              type: str
              sample: 203.0.113.42
            fixed_ip_address:
              description: The address of the load balancer that it leads to.
              type: str
              sample: 192.168.10.2
            port_id:
              description: The id of the port that it leads to.
              type: str
              sample: 4177d1ef-f1c2-4e45-a531-3e05dfa6d848
            router_id:
              description: The id of the router between them.
              type: str
              sample: 11005a33-c5ac-4c96-ab6f-8f2827cc7da6
            status:
              description: The status, V(ACTIVE), V(DOWN) or V(ERROR).
              type: str
              sample: ACTIVE
            tags:
              description: The tags of the floating IP.
              type: list
              elements: dict
              sample: []
            project_id:
              description: The id of the project.
              type: int
              sample: 1234567
            region_id:
              description: The id of the region.
              type: int
              sample: 76
            region:
              description: The name of the region.
              type: str
              sample: Luxembourg-2
            created_at:
              description: When the floating IP was made.
              type: str
              sample: "2026-05-30T05:34:14+0000"
            updated_at:
              description: When the floating IP was changed last.
              type: str
              sample: "2026-05-30T05:34:20+0000"
            creator_task_id:
              description: The id of the task that made the floating IP.
              type: str
              sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
            task_id:
              description: The id of the task that is at work on the floating IP and locks it; null when none is.
              type: str
              sample: null
        listeners:
          description: The listeners.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the listener.
              type: str
              sample: 43658ea9-54bd-4807-90b1-925921c9a0d1
        preferred_connectivity:
          description: How the load balancer reaches its members, V(L2) or V(L3).
          type: str
          sample: L2
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
        ddos_profile:
          description: The profile of the advanced protection against DDoS; null when there is none, or when the answer does not tell.
          type: dict
          sample: null
        stats:
          description: Numbers of the traffic; null when the answer does not tell.
          type: dict
          contains:
            active_connections:
              description: How many connections are open.
              type: int
              sample: 0
            bytes_in:
              description: How many bytes came in.
              type: int
              sample: 34942398609
            bytes_out:
              description: How many bytes went out.
              type: int
              sample: 304777113641
            request_errors:
              description: How many requests could not be fulfilled.
              type: int
              sample: 4
            total_connections:
              description: How many connections there were.
              type: int
              sample: 21095970
        tags_v2:
          description: The tags, those of the platform too.
          type: list
          elements: dict
          contains:
            key:
              description: The key of the tag.
              type: str
              sample: env
            value:
              description: The value of the tag.
              type: str
              sample: production
            read_only:
              description: Whether the platform has set the tag, so that nobody can change it.
              type: bool
              sample: false
        project_id:
          description: The id of the project.
          type: int
          sample: 1234567
        region_id:
          description: The id of the region.
          type: int
          sample: 76
        region:
          description: The name of the region.
          type: str
          sample: Luxembourg-2
        created_at:
          description: When the load balancer was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
        updated_at:
          description: When the load balancer was changed last.
          type: str
          sample: "2026-05-30T05:35:20+0000"
        creator_task_id:
          description: The id of the task that made the load balancer.
          type: str
          sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
        task_id:
          description: The id of the task that is at work on the load balancer and locks it, with all its parts; null when none is.
          type: str
          sample: null
    tags:
      description: The tags, those of the platform too.
      type: list
      elements: dict
      contains:
        key:
          description: The key of the tag.
          type: str
          sample: env
        value:
          description: The value of the tag.
          type: str
          sample: production
        read_only:
          description: Whether the platform has set the tag, so that nobody can change it.
          type: bool
          sample: false
    project_id:
      description: The id of the project.
      type: int
      sample: 1234567
    region_id:
      description: The id of the region.
      type: int
      sample: 76
    region:
      description: The name of the region.
      type: str
      sample: Luxembourg-2
    created_at:
      description: When the floating IP was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the floating IP was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
    creator_task_id:
      description: The id of the task that made the floating IP.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the floating IP and locks it; null when none is.
      type: str
      sample: null
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
      sample: create_fip
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
      sample: 10.5
    looks:
      description: How often the state was read.
      type: int
      sample: 2
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
    floatingips: [a634eb48-b966-44f5-a118-294f86a8186a]
    volumes: []
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
      sample: create
    resource:
      description: The kind of thing that it is done to.
      type: str
      sample: floating_ip
    id:
      description: The id of the thing; null when it is not known yet.
      type: str
      sample: a634eb48-b966-44f5-a118-294f86a8186a
    name:
      description: The name of the thing.
      type: str
      sample: 203.0.113.42
leftovers:
  description: What a failed creation has left in the cloud. It may be paid for until it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of thing.
      type: str
      sample: floating_ip
    id:
      description: The id of the thing.
      type: str
      sample: a634eb48-b966-44f5-a118-294f86a8186a
    name:
      description: The name of the thing.
      type: str
      sample: 203.0.113.42
    status:
      description: The status of the thing.
      type: str
      sample: ERROR
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.floating_ip import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
