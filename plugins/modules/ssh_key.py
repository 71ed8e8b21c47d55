#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: ssh_key
short_description: Manage SSH keys in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Adds, shares and deletes the SSH keys of a project.
  - A key is identified by its O(name), which is unique in a project, or by its O(id).
  - Instances refer to a key by its name.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.project
  - gcore.cloud.resource
  - gcore.cloud.recreate
  - gcore.cloud.attributes
  - gcore.cloud.groups_project
options:
  name:
    description: The name of the key, 1 to 255 characters.
    type: str
  public_key:
    description:
      - The public key, as in C(~/.ssh/id_ed25519.pub). Its comment is not compared.
      - Without it the API makes a pair of keys; its private part is seen only once and is written to O(private_key_dest).
      - It cannot be changed; O(recreate=true) replaces the key.
    type: str
  shared_in_project:
    description:
      - Whether all users of the project may use the key.
      - The API takes V(true) for a new key when it is left out.
    type: bool
  private_key_dest:
    description:
      - The file, on the host the module runs on, to which a generated private key is written, with mode 0600.
      - An existing file is never overwritten.
    type: path
  return_content:
    description:
      - Whether a generated private key is also returned as RV(private_key).
      - Set C(no_log) on the task then, for results are shown and stored.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Add the key of this machine
  gcore.cloud.ssh_key:
    name: deploy
    public_key: "{{ lookup('ansible.builtin.file', '~/.ssh/id_ed25519.pub') }}"

- name: Have a pair of keys made, and keep the private one in a file
  gcore.cloud.ssh_key:
    name: generated
    private_key_dest: ./generated.pem

- name: Delete a key
  gcore.cloud.ssh_key:
    name: deploy
    state: absent
"""

RETURN = r"""
ssh_key:
  description: The key as the API shows it; what is predicted, in check mode; null when there was none to delete.
  returned: always
  type: dict
  sample:
    id: 36a7a97a-0672-4911-8f2b-92cd4e5b0d91
    name: deploy
    public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFl0BmIu7h5bJzO6ZmQqkDkpZ8a1B9v0yyxJ0YQtN5qk
    fingerprint: "49:8f:0b:ab:b2:76:0b:f2:b1:15:d5:2e:f2:cf:4b:4e"
    shared_in_project: true
    state: ACTIVE
    project_id: 1234567
    created_at: "2026-05-30T05:34:14+0000"
private_key:
  description: The generated private key.
  returned: when the API made the key in this run and O(return_content=true)
  type: str
private_key_dest:
  description: The file that the generated private key was written to.
  returned: when it was written
  type: str
"""

from ansible_collections.gcore.cloud.plugins.module_utils.module import resource_main
from ansible_collections.gcore.cloud.plugins.module_utils.resources.ssh_key import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
