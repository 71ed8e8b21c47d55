#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network
short_description: Manage networks in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Makes, renames, tags and deletes private networks. Their addresses are those of their subnets, see M(gcore.cloud.subnet).
  - A network is identified by its O(name) or its O(id). Names are not unique in the cloud; when a name fits several networks the module fails
    with their ids.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.waiting
  - gcore.cloud.resource
  - gcore.cloud.recreate
  - gcore.cloud.tags
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  name:
    description:
      - The name of the network, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one. Together with O(id) it is the new name.
    type: str
  type:
    description:
      - The type of the network. Networks of bare metal servers are of type V(vlan).
      - The API takes V(vxlan) for a new network when it is left out.
      - It cannot be changed; O(recreate=true) replaces the network.
    type: str
    choices: [vxlan, vlan]
  create_router:
    description:
      - Whether a router, which leads to the internet, is made together with the network. New subnets are connected to it.
      - The API takes V(true) for a new network when it is left out.
      - It counts only when the network is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
      - The id of the router is in RV(created_resources). The router is a thing of its own and stays when the network is deleted, see
        O(delete_router).
    type: bool
  delete_router:
    description:
      - With O(state=absent), whether the router that was made together with the network is deleted before the network.
      - If omitted, the router stays, and a warning says so once the network is deleted.
      - Before the first deletion the module reads the ports of the network and the interfaces of the router. When an instance, a load balancer
        or another network uses one of them, the module fails and deletes nothing.
    type: bool
notes:
  - The subnets of a network are deleted with it. A network with a port that is in use is not deleted, in check mode neither; the message names
    what uses it.
seealso:
  - module: gcore.cloud.network_info
  - module: gcore.cloud.subnet
"""

EXAMPLES = r"""
- name: Make a network with a router
  gcore.cloud.network:
    name: lan
    tags:
      env: production
  register: lan

- name: Make a subnet in it
  gcore.cloud.subnet:
    name: lan-v4
    network: "{{ lan.network.id }}"
    cidr: 192.168.10.0/24

- name: Make a network that is cut off from the internet
  gcore.cloud.network:
    name: backend
    create_router: false

- name: Add a tag and leave the other ones
  gcore.cloud.network:
    name: lan
    tags:
      owner: web
    purge_tags: false

- name: Rename the network
  gcore.cloud.network:
    id: "{{ lan.network.id }}"
    name: lan-1

- name: Say once where things are
  module_defaults:
    group/gcore.cloud.regional:
      project: default
      region: Luxembourg-2
  block:
    - name: Delete the network, and the router that was made with it
      gcore.cloud.network:
        name: lan-1
        state: absent
        delete_router: true
"""

RETURN = r"""
network:
  description:
    - The network as the API shows it; what is predicted, in check mode.
    - After O(state=absent) the network as it was, or null when there was none to delete.
  returned: always
  type: dict
  contains:
    id:
      description: The id of the network.
      type: str
      sample: a92e43dd-def9-41ff-b52f-d7c8b5ea764e
    name:
      description: The name of the network.
      type: str
      sample: lan
    type:
      description: V(vxlan) or V(vlan).
      type: str
      sample: vxlan
    mtu:
      description: The largest packet that the network carries, in bytes.
      type: int
      sample: 1450
    segmentation_id:
      description: The id of the network segment.
      type: int
      sample: 3571
    subnets:
      description: The ids of the subnets of the network.
      type: list
      elements: str
      sample: [90d10f5f-1772-46ce-afca-e2fe88b2ee1f]
    external:
      description: Whether it is a network of public addresses.
      type: bool
      sample: false
    shared:
      description: Whether the owner of the network, outside the project, shares it with the project.
      type: bool
      sample: false
    default:
      description: Whether it is the default network.
      type: bool
      sample: false
    port_security_enabled:
      description: Whether security groups work on new ports of the network.
      type: bool
      sample: true
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
      description: The id of the project. It is null for a network of somebody else.
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
      description: When the network was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the network was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
    creator_task_id:
      description: The id of the task that made the network.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the network and locks it; null when none is.
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
      sample: create_network
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
      sample: 10.4
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
    networks: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e]
    routers: [372cbdb1-b4bd-4965-bbc7-6dd857d56e05]
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
      sample: network
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
      sample: router
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
  sample: [create_router]
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.network import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
