#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: subnet_info
short_description: List subnets in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the subnets of a project in a region, or of one network.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
options:
  network:
    description: Return only the subnets of this network, by name or id.
    type: str
  owned_by:
    description:
      - Whether only the subnets of the project are returned, or V(any) of the networks that it can use.
      - The API takes V(project) when it is left out.
    type: str
    choices: [project, any]
seealso:
  - module: gcore.cloud.subnet
  - module: gcore.cloud.network_info
"""

EXAMPLES = r"""
- name: Get the subnets of a network
  gcore.cloud.subnet_info:
    network: lan
  register: found

- name: Show their ranges
  ansible.builtin.debug:
    msg: "{{ found.subnets | map(attribute='cidr') | list }}"

- name: Get the subnets that are nearly full
  gcore.cloud.subnet_info:
    query: "[?available_ips < `10`].{name: name, left: available_ips}"
"""

RETURN = r"""
subnets:
  description:
    - The subnets that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.subnet import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
