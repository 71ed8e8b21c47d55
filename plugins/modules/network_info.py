#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: network_info
short_description: List networks in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the networks of a project in a region.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
options:
  network_type:
    description: Return only networks of this type.
    type: str
    choices: [vlan, vxlan]
  external:
    description:
      - Return only networks of public addresses (V(true)), or none of them (V(false)).
      - They belong to no project, so O(owned_by=any) is needed to see them.
    type: bool
  owned_by:
    description:
      - Whether only the networks of the project are returned, or V(any) that it can use.
      - The API takes V(project) when it is left out.
    type: str
    choices: [project, any]
seealso:
  - module: gcore.cloud.network
  - module: gcore.cloud.subnet_info
"""

EXAMPLES = r"""
- name: Get one network
  gcore.cloud.network_info:
    name: lan
  register: found

- name: Show its id
  ansible.builtin.debug:
    msg: "{{ found.networks | map(attribute='id') | first | default('none') }}"

- name: Get the networks of public addresses
  gcore.cloud.network_info:
    external: true
    owned_by: any

- name: Get the names of all networks with a tag
  gcore.cloud.network_info:
    tag_key_value:
      env: production
    query: "[].name"
  register: production

- name: Show them
  ansible.builtin.debug:
    var: production.query_result
"""

RETURN = r"""
networks:
  description:
    - The networks that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.network import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
