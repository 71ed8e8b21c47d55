#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_info
short_description: List tasks in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists what the cloud is doing or has done for the account - one task by its O(id), the tasks of projects and regions, or those that go on now.
  - Without any option it returns the newest tasks of the account.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.groups_all
options:
  id:
    description:
      - Return only the task of this id.
      - It cannot be used together with O(active) or O(state); the other options are ignored with it.
    type: str
  active:
    description:
      - Return only the tasks that go on now. O(projects) and O(regions) are needed then, and each project is looked at in each region.
      - Of the other options O(task_type), O(limit) and O(query) count with it.
    type: bool
    default: false
  state:
    description:
      - Return only tasks in these states. V(NEW) and V(RUNNING) go on; V(FINISHED) and V(ERROR) are final.
      - It cannot be used together with O(active).
    type: list
    elements: str
    choices: [NEW, RUNNING, FINISHED, ERROR]
  task_type:
    description: Return only tasks of this type, as in V(create_vm).
    type: str
  projects:
    description: Return only tasks of these projects, by name or id.
    type: list
    elements: str
  regions:
    description: Return only tasks of these regions, by name or id.
    type: list
    elements: str
  is_acknowledged:
    description: Return only tasks that somebody has acknowledged in the portal (V(true)), or none of them (V(false)).
    type: bool
  from_timestamp:
    description: Return only tasks that were made at this time or later, as in V(2026-05-30T00:00:00Z).
    type: str
  to_timestamp:
    description: Return only tasks that were made at this time or earlier, as in V(2026-05-31T00:00:00Z).
    type: str
  order_by:
    description:
      - Whether the oldest (V(asc)) or the newest (V(desc)) tasks come first.
      - The API takes V(desc) when it is left out.
    type: str
    choices: [asc, desc]
  limit:
    description: How many tasks are returned at most.
    type: int
    default: 100
  query:
    description:
      - A JMESPath expression that is applied to the list that was found; its outcome is RV(query_result).
      - See U(https://jmespath.org).
    type: str
requirements:
  - jmespath (when O(query) is used)
notes:
  - Where nothing fits the options the list is empty, and the module does not fail.
  - The parameters of a task may hold secrets. In RV(tasks[].data) every text is hidden that is not an id, a name or the like.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: The module changes nothing, and looks in check mode as always.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
    support: full
seealso:
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Make a volume
  gcore.cloud.volume:
    name: data-1
    size: 10
    wait: false
  register: volume

- name: See how its creation is getting on
  gcore.cloud.task_info:
    id: "{{ volume.task_ids | first }}"
  register: found
  when: volume.task_ids | length > 0

- name: See what goes on in a region
  gcore.cloud.task_info:
    active: true
    projects: [default]
    regions: [Luxembourg-2]
    query: "[].{id: id, type: task_type, since: created_on}"

- name: Find out what failed lately
  gcore.cloud.task_info:
    state: [ERROR]
    limit: 10
    query: "[].{type: task_type, error: error, at: finished_on}"
  register: failed

- name: Show it
  ansible.builtin.debug:
    var: failed.query_result
"""

RETURN = r"""
tasks:
  description:
    - The tasks that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_type:
      description: What the task does.
      type: str
      sample: create_vm
    state:
      description: V(NEW) and V(RUNNING) go on; V(FINISHED) and V(ERROR) are final.
      type: str
      sample: FINISHED
    detailed_state:
      description: More on the state, for GPU clusters.
      type: str
      sample: null
    error:
      description: The API's own reason when the task failed.
      type: str
      sample: null
    created_on:
      description: When the task was made, in UTC.
      type: str
      sample: "2026-05-30T05:34:14"
    updated_on:
      description: When the task was changed last, in UTC.
      type: str
      sample: "2026-05-30T05:34:34"
    finished_on:
      description: When the task ended, in UTC; null when it has not.
      type: str
      sample: "2026-05-30T05:34:34"
    created_resources:
      description: The ids of what the task created, by kind. Kinds of which it created nothing may be missing; null when it created nothing.
      type: dict
      sample:
        instances: [60488a9b-1fde-4f0e-a4cb-381e02e12807]
        volumes: [726ecfcc-7fd0-4e30-a86e-7892524aa483]
    data:
      description: The parameters of the task, with every text hidden that is not an id, a name or the like.
      type: raw
      sample:
        name: web-1
        flavor_name: g2-standard-2-4
    project_id:
      description: The id of the project.
      type: int
      sample: 1234567
    region_id:
      description: The id of the region.
      type: int
      sample: 76
    client_id:
      description: The id of the account.
      type: int
      sample: 24017
    user_id:
      description: The id of the user who started the task.
      type: int
      sample: 123
    user_client_id:
      description: The id of the account of the user who started the task.
      type: int
      sample: 24017
    request_id:
      description: The API's id of the request that started the task.
      type: str
      sample: 344dfb5d-0faf-4ca4-8ec7-ff649f2e8261
    job_id:
      description: The API's id of the job.
      type: str
      sample: null
    schedule_id:
      description: The id of the schedule that started the task.
      type: str
      sample: null
    lifecycle_policy_id:
      description: The id of the policy that started the task.
      type: int
      sample: null
    acknowledged_at:
      description: When somebody acknowledged the task in the portal.
      type: str
      sample: null
    acknowledged_by:
      description: The id of the user who acknowledged the task in the portal.
      type: int
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

from ansible_collections.gcore.cloud.plugins.module_utils.module import run_module
from ansible_collections.gcore.cloud.plugins.module_utils.task_modules import INFO_SPEC, list_tasks


def main():
    run_module(INFO_SPEC, list_tasks)


if __name__ == "__main__":
    main()
