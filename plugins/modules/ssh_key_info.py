#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssh_key_info
short_description: List SSH keys in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the SSH keys of a project that the user of the API key may see.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.project
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.groups_project
seealso:
  - module: gcore.cloud.ssh_key
"""

EXAMPLES = r"""
- name: Get one key
  gcore.cloud.ssh_key_info:
    name: deploy
  register: keys

- name: Say whether it is there
  ansible.builtin.debug:
    msg: "{{ 'There is' if keys.ssh_keys else 'There is no' }} key of this name."

- name: Get the names of all keys
  gcore.cloud.ssh_key_info:
    query: "[].name"
  register: keys

- name: Show them
  ansible.builtin.debug:
    var: keys.query_result
"""

RETURN = r"""
ssh_keys:
  description:
    - The keys that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the key.
      type: str
      sample: 36a7a97a-0672-4911-8f2b-92cd4e5b0d91
    name:
      description: The name of the key.
      type: str
      sample: deploy
    public_key:
      description: The public key.
      type: str
      sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFl0BmIu7h5bJzO6ZmQqkDkpZ8a1B9v0yyxJ0YQtN5qk
    fingerprint:
      description: The MD5 fingerprint of the public key.
      type: str
      sample: "49:8f:0b:ab:b2:76:0b:f2:b1:15:d5:2e:f2:cf:4b:4e"
    shared_in_project:
      description: Whether all users of the project may use the key.
      type: bool
      sample: true
    state:
      description: V(ACTIVE) or V(DELETING).
      type: str
      sample: ACTIVE
    project_id:
      description: The id of the project.
      type: int
      sample: 1234567
    created_at:
      description: When the key was added.
      type: str
      sample: "2026-05-30T05:34:14+0000"
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.ssh_key import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
