#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: instance_info
short_description: List instances (virtual machines) in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the instances of a project in a region. Bare metal and GPU servers are not among them.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.groups_regional
options:
  status:
    description: Return only instances in this status.
    type: str
    choices:
      - ACTIVE
      - BUILD
      - ERROR
      - HARD_REBOOT
      - MIGRATING
      - PAUSED
      - REBOOT
      - REBUILD
      - RESIZE
      - REVERT_RESIZE
      - SHELVED
      - SHELVED_OFFLOADED
      - SHUTOFF
      - SOFT_DELETED
      - SUSPENDED
      - VERIFY_RESIZE
  flavor:
    description: Return only instances of this flavor.
    type: str
  flavor_prefix:
    description: Return only instances whose flavor begins so, as in V(g2-).
    type: str
  ip:
    description:
      - Return only instances with this IPv4 address.
      - A part of an address will do, so V(192.168.0.1) also returns the instance at C(192.168.0.10).
    type: str
  include_k8s:
    description:
      - Whether the nodes of Kubernetes clusters are returned too.
      - The API takes V(true) when it is left out.
    type: bool
  with_ddos:
    description:
      - Whether RV(instances[].ddos_profile) is filled in.
      - The API takes V(false) when it is left out.
    type: bool
  with_interfaces_name:
    description:
      - Whether RV(instances[].addresses) tells the names of the interfaces.
      - The API takes V(false) when it is left out.
    type: bool
  tag_value:
    description: Return only those that have tags of all these values.
    type: list
    elements: str
  tag_key_value:
    description: Return only those that have all these tags, as key and value.
    type: dict
seealso:
  - module: gcore.cloud.instance
  - module: gcore.cloud.volume_info
"""

EXAMPLES = r"""
- name: Get one instance
  gcore.cloud.instance_info:
    name: web-1
  register: found

- name: Stop when it is not there
  ansible.builtin.assert:
    that: found.instances | length == 1

- name: Get the names and addresses of all that run
  gcore.cloud.instance_info:
    status: ACTIVE
    include_k8s: false
    query: "[].{name: name, addresses: addresses.*[].addr}"
  register: running

- name: Show them
  ansible.builtin.debug:
    var: running.query_result
"""

RETURN = r"""
instances:
  description:
    - The instances that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
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
        os_type:
          description: The operating system that the flavor is for.
          type: str
          sample: linux
        architecture:
          description: The architecture of the CPU.
          type: str
          sample: x86_64
        hardware_description:
          description: The hardware, in words.
          type: dict
          sample:
            vcpus: 2 vCPU
            ram: 4 GiB
    addresses:
      description:
        - The addresses, by the name of the network. Each has C(addr), and C(type), which is V(fixed) or V(floating).
        - Fixed ones have C(interface_name), and, where one instance is read, C(subnet_id) and C(subnet_name).
      type: dict
      sample:
        lan:
          - addr: 192.168.10.2
            type: fixed
            interface_name: null
            subnet_id: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
            subnet_name: lan-v4
          - addr: 203.0.113.42
            type: floating
    fixed_ip_assignments:
      description: The fixed addresses.
      type: list
      elements: dict
      contains:
        external:
          description: Whether the address is public.
          type: bool
          sample: false
        ip_address:
          description: The address.
          type: str
          sample: 192.168.10.2
        subnet_id:
          description: The id of the subnet.
          type: str
          sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
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
    blackhole_ports:
      description: The addresses that the protection against DDoS keeps off the internet.
      type: list
      elements: dict
      sample: []
    ddos_profile:
      description: The profile of the advanced protection against DDoS; null when there is none, or when it was not asked for.
      type: dict
      sample: null
    instance_description:
      description: The description of the instance.
      type: str
      sample: null
    instance_isolation:
      description: Why the instance is cut off from the internet; null when it is not.
      type: dict
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.instance import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
