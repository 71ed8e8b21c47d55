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
    description:
      - The name of the key, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one. It cannot be changed; O(recreate=true) replaces the key.
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
      - An existing file, or a symbolic link, is never overwritten.
    type: path
  return_content:
    description:
      - Whether a generated private key is also returned as RV(private_key).
      - Set C(no_log) on the task then, for results are shown and stored.
    type: bool
    default: false
notes:
  - A key in state V(DELETING) is waited for and created again, and an undocumented state is an error, except with O(state=absent).
seealso:
  - module: gcore.cloud.ssh_key_info
  - module: gcore.cloud.instance
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

- name: Keep the key to yourself
  gcore.cloud.ssh_key:
    name: deploy
    shared_in_project: false

- name: Delete a key
  gcore.cloud.ssh_key:
    name: deploy
    state: absent
"""

RETURN = r"""
ssh_key:
  description:
    - The key as the API shows it; what is predicted, in check mode.
    - After O(state=absent) the key as it was, or null when there was none to delete.
  returned: always
  type: dict
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
private_key:
  description: The generated private key.
  returned: when the API made the key in this run and O(return_content=true)
  type: str
private_key_dest:
  description: The file that the generated private key was written to.
  returned: when it was written
  type: str
  sample: ./generated.pem
task_ids:
  description: The ids of the tasks that the run started, and of creations that it took up, in order. SSH keys need none.
  returned: always
  type: list
  elements: str
  sample: []
tasks:
  description: What is known of each of these tasks. SSH keys need none.
  returned: always
  type: list
  elements: dict
  sample: []
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
pending:
  description: The steps that are still to be done - those that a failure left.
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
      sample: ssh_key
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
      sample: ssh_key
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.ssh_key import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
