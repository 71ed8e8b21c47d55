#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: subnet
short_description: Manage subnets in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Makes, changes and deletes the subnets of networks.
  - A subnet is identified by its O(name) and its O(network), by its O(name) alone when no other network has a subnet of this name, or by its
    O(id).
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.waiting
  - gcore.cloud.resource
  - gcore.cloud.recreate
  - gcore.cloud.tags
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  name:
    description:
      - The name of the subnet, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one. Together with O(id) it is the new name.
    type: str
  network:
    description:
      - The network that the subnet is in, by name or id.
      - Needed to make one. It cannot be changed; with O(id), O(recreate=true) replaces the subnet.
    type: str
  cidr:
    description:
      - The range of addresses, as in V(192.168.10.0/24).
      - Needed to make one. It cannot be changed; O(recreate=true) replaces the subnet.
    type: str
  ip_version:
    description:
      - The version of the addresses.
      - The API takes V(4) for a new subnet when it is left out.
      - It cannot be changed; O(recreate=true) replaces the subnet.
    type: int
    choices: [4, 6]
  enable_dhcp:
    description:
      - Whether DHCP gives out the addresses.
      - The API takes V(true) for a new subnet when it is left out.
      - It is changed in place, but the API refuses that for IPv6.
    type: bool
  gateway_ip:
    description:
      - The address of the default gateway, which DHCP tells of. It is in O(cidr), and not the address of the network or of its broadcast.
      - The API chooses one for a new subnet when it is left out.
      - A null means no gateway, and so no connection to a router. It helps where an instance is in several subnets, which would each tell of a
        gateway.
      - It is changed in place.
    type: str
  dns_nameservers:
    description:
      - The addresses of the name servers that DHCP tells of. Their order counts.
      - A null has the API choose them, as it does for a new subnet when the option is left out; an empty list means none.
      - An answer does not tell an empty list from the choice of the API, so that null leaves a list that is empty as it is.
      - It is changed in place.
    type: list
    elements: str
  host_routes:
    description:
      - The static routes that DHCP tells of, up to 20. These and no other ones shall be there; their order does not count.
      - A null or an empty list removes them all.
      - It is changed in place.
    type: list
    elements: dict
    suboptions:
      destination:
        description: The range of addresses that the route leads to, as in V(10.0.3.0/24).
        type: str
        required: true
      nexthop:
        description: The address of the next router.
        type: str
        required: true
  connect_to_network_router:
    description:
      - Whether the subnet is connected to the router of its network, where there is one, or to O(router_to_connect).
      - The API takes V(true) for a new subnet when it is left out; with a null as O(gateway_ip) the module takes V(false).
      - It counts only when the subnet is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
    type: bool
  router_to_connect:
    description:
      - The router that the subnet is connected to, by name or id, when it is not the one that was made with the network.
      - It is compared with the routers that have an interface in the subnet, which takes one more request. Another router is an error.
    type: str
notes:
  - A subnet with an address that is in use is not deleted, in check mode neither; the message names what uses it.
seealso:
  - module: gcore.cloud.subnet_info
  - module: gcore.cloud.network
"""

EXAMPLES = r"""
- name: Make a subnet
  gcore.cloud.subnet:
    name: lan-v4
    network: lan
    cidr: 192.168.10.0/24
    dns_nameservers: [1.1.1.1, 8.8.8.8]
  register: lan

- name: Make a subnet without a gateway, for a second interface of instances
  gcore.cloud.subnet:
    name: storage-v4
    network: storage
    cidr: 10.0.0.0/16
    gateway_ip: null

- name: Change the routes that DHCP tells of
  gcore.cloud.subnet:
    name: lan-v4
    network: lan
    host_routes:
      - destination: 10.0.3.0/24
        nexthop: 192.168.10.13

- name: Have no name servers told
  gcore.cloud.subnet:
    id: "{{ lan.subnet.id }}"
    dns_nameservers: []

- name: Delete a subnet
  gcore.cloud.subnet:
    name: lan-v4
    network: lan
    state: absent
"""

RETURN = r"""
subnet:
  description:
    - The subnet as the API shows it; what is predicted, in check mode.
    - After O(state=absent) the subnet as it was, or null when there was none to delete.
  returned: always
  type: dict
  contains:
    id:
      description: The id of the subnet.
      type: str
      sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
    name:
      description: The name of the subnet.
      type: str
      sample: lan-v4
    network_id:
      description: The id of the network that the subnet is in.
      type: str
      sample: a92e43dd-def9-41ff-b52f-d7c8b5ea764e
    cidr:
      description: The range of addresses.
      type: str
      sample: 192.168.10.0/24
    ip_version:
      description: V(4) or V(6).
      type: int
      sample: 4
    enable_dhcp:
      description: Whether DHCP gives out the addresses.
      type: bool
      sample: true
    gateway_ip:
      description: The address of the default gateway; null when there is none.
      type: str
      sample: 192.168.10.1
    dns_nameservers:
      description: The name servers that DHCP tells of, in their order.
      type: list
      elements: str
      sample: [1.1.1.1, 8.8.8.8]
    host_routes:
      description: The static routes that DHCP tells of.
      type: list
      elements: dict
      contains:
        destination:
          description: The range of addresses that the route leads to.
          type: str
          sample: 10.0.3.0/24
        nexthop:
          description: The address of the next router.
          type: str
          sample: 192.168.10.13
    total_ips:
      description: The number of addresses.
      type: int
      sample: 253
    available_ips:
      description: The number of addresses that are free.
      type: int
      sample: 250
    has_router:
      description: Deprecated by the API, and always V(false).
      type: bool
      sample: false
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
      description: When the subnet was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the subnet was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
    creator_task_id:
      description: The id of the task that made the subnet.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the subnet and locks it; null when none is.
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
      sample: create_subnet
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
    subnets: [90d10f5f-1772-46ce-afca-e2fe88b2ee1f]
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
      sample: update
    resource:
      description: The kind of thing that it is done to.
      type: str
      sample: subnet
    id:
      description: The id of the thing; null when it is not known yet.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    name:
      description: The name of the thing.
      type: str
      sample: data-1
leftovers:
  description: What a failed creation has left in the cloud. It may be paid for until it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of thing.
      type: str
      sample: subnet
    id:
      description: The id of the thing.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    name:
      description: The name of the thing.
      type: str
      sample: data-1
    status:
      description: The status of the thing.
      type: str
      sample: error
not_compared:
  description:
    - The given options that were not compared with the cloud, for the API takes them but does not show them afterwards.
    - They count when the resource is made, and never change it later.
  returned: always
  type: list
  elements: str
  sample: [connect_to_network_router]
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.subnet import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
