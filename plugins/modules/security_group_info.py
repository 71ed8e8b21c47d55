#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: security_group_info
short_description: List security groups in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Lists the security groups of a project in a region, with their rules.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
seealso:
  - module: gcore.cloud.security_group
  - module: gcore.cloud.instance
"""

EXAMPLES = r"""
- name: Get one security group
  gcore.cloud.security_group_info:
    name: web
  register: found

- name: Get the security groups of an environment
  gcore.cloud.security_group_info:
    tag_key_value:
      env: production

- name: Find what lets SSH in from everywhere
  gcore.cloud.security_group_info:
    query: >-
      [?security_group_rules[?direction=='ingress' && port_range_min==`22` && !remote_ip_prefix && !remote_group_id]].name
  register: open

- name: Show it
  ansible.builtin.debug:
    var: open.query_result
"""

RETURN = r"""
security_groups:
  description:
    - The security groups that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the security group.
      type: str
      sample: 39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b
    name:
      description: The name of the security group.
      type: str
      sample: web
    description:
      description: The description of the security group; empty when there is none.
      type: str
      sample: What the web servers let in
    security_group_rules:
      description: The rules, in no order.
      type: list
      elements: dict
      contains:
        id:
          description: The id of the rule.
          type: str
          sample: 253c1ad7-8061-44b9-9f33-5616ce8ba5b6
        security_group_id:
          description: The id of the security group.
          type: str
          sample: 39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b
        direction:
          description: The way of the traffic, V(ingress) or V(egress).
          type: str
          sample: ingress
        ethertype:
          description: The version of the addresses, V(IPv4) or V(IPv6).
          type: str
          sample: IPv4
        protocol:
          description: The protocol; null or V(any) for all of them.
          type: str
          sample: tcp
        port_range_min:
          description: The first port, or the type of ICMP; null for all of them.
          type: int
          sample: 443
        port_range_max:
          description: The last port, or the code of ICMP; null for all of them.
          type: int
          sample: 443
        remote_ip_prefix:
          description: The addresses at the other end; null for all of them.
          type: str
          sample: 198.51.100.0/24
        remote_group_id:
          description: The id of the security group at the other end; null when there is none in the rule.
          type: str
          sample: null
        description:
          description: The description of the rule; empty or null when there is none.
          type: str
          sample: HTTPS
        revision_number:
          description: How often the rule has been changed.
          type: int
          sample: 0
        created_at:
          description: When the rule was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
        updated_at:
          description: When the rule was changed last.
          type: str
          sample: "2026-05-30T05:34:14+0000"
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
    tags:
      description: The tags as text, in the form of earlier versions of the API. It may be missing.
      type: list
      elements: str
      sample: [env=production]
    revision_number:
      description: How often the security group has been changed.
      type: int
      sample: 1
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
      description: When the security group was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the security group was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.security_group import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
