#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: project_info
short_description: List projects of a Gcore Cloud account
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the projects that the API key may see.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.groups_all
options:
  include_deleted:
    description:
      - Whether deleted projects are returned too.
      - The API takes V(false) when it is left out.
    type: bool
seealso:
  - module: gcore.cloud.region_info
"""

EXAMPLES = r"""
- name: Get one project
  gcore.cloud.project_info:
    name: default
  register: found

- name: Show its id
  ansible.builtin.debug:
    msg: "{{ found.projects | map(attribute='id') | first | default('none') }}"

- name: Find the default project
  gcore.cloud.project_info:
    query: "[?is_default].name | [0]"
  register: main
"""

RETURN = r"""
projects:
  description:
    - The projects that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the project.
      type: int
      sample: 1234567
    name:
      description: The name of the project, which is unique in an account.
      type: str
      sample: default
    description:
      description: The description of the project.
      type: str
      sample: Default project
    is_default:
      description: Whether it is the account's default project, of which there is just one.
      type: bool
      sample: true
    state:
      description: The state of the project.
      type: str
      sample: ACTIVE
    client_id:
      description: The id of the account.
      type: int
      sample: 24017
    created_at:
      description: When the project was made.
      type: str
      sample: "2019-12-31T23:59:59Z"
    deleted_at:
      description: When the project was deleted; null when it was not.
      type: str
      sample: null
    task_id:
      description: The id of the task that is at work on the project and locks it; null when none is.
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.project import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
