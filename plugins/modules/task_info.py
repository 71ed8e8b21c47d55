#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_info
short_description: List tasks
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the tasks of the API, which are the asynchronous operations of the account. Returns one task by its O(id), the tasks of projects and
    regions, or the pending tasks.
  - Without options, it returns the newest tasks of the account.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.groups_all
options:
  id:
    description:
      - Return only the task with this ID.
      - Mutually exclusive with O(active) and O(state). The other filters are ignored.
    type: str
  active:
    description:
      - Return only pending tasks. Requires O(projects) and O(regions). Each project is read in each region.
      - Of the other options, only O(task_type), O(limit) and O(query) are used with it.
    type: bool
    default: false
  state:
    description:
      - Return only tasks in these states. V(NEW) and V(RUNNING) are pending; V(FINISHED) and V(ERROR) are final.
      - Mutually exclusive with O(id) and O(active).
    type: list
    elements: str
    choices: [NEW, RUNNING, FINISHED, ERROR]
  task_type:
    description: Return only tasks of this type, such as V(create_vm).
    type: str
  projects:
    description: Return only tasks of these projects, names or IDs.
    type: list
    elements: str
  regions:
    description: Return only tasks of these regions, names or IDs.
    type: list
    elements: str
  is_acknowledged:
    description: Return only tasks that were acknowledged in the portal (V(true)), or only tasks that were not (V(false)).
    type: bool
  from_timestamp:
    description: Return only tasks that were created at this time or later, such as V(2026-05-30T00:00:00Z).
    type: str
  to_timestamp:
    description: Return only tasks that were created at this time or earlier, such as V(2026-05-31T00:00:00Z).
    type: str
  order_by:
    description:
      - The order of the tasks by time, oldest first (V(asc)) or newest first (V(desc)).
      - 'API default: V(desc).'
    type: str
    choices: [asc, desc]
  limit:
    description: The maximum number of tasks to return. At least V(1).
    type: int
    default: 100
  query:
    description:
      - A JMESPath expression that is applied to the list. The result is RV(query_result).
      - See U(https://jmespath.org).
    type: str
requirements:
  - jmespath (when O(query) is used)
notes:
  - If no task matches, the list is empty, and the module does not fail.
  - The parameters of a task may contain secrets. In RV(tasks[].data), all strings are hidden, except IDs, names and similar values.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: The module never changes anything. It lists tasks in check mode too.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: N/A
    details: The module never changes anything.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
seealso:
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Start the creation of a volume
  gcore.cloud.volume:
    name: data-1
    size: 10
    wait: false
  register: volume

- name: Get the state of the creation
  gcore.cloud.task_info:
    id: "{{ volume.task_ids | first }}"
  register: found
  when: volume.task_ids | length > 0

- name: List the pending tasks of a region
  gcore.cloud.task_info:
    active: true
    projects: [default]
    regions: [Luxembourg-2]
    query: "[].{id: id, type: task_type, since: created_on}"

- name: List the latest failed tasks
  gcore.cloud.task_info:
    state: [ERROR]
    limit: 10
    query: "[].{type: task_type, error: error, at: finished_on}"
  register: failed

- name: Show the failed tasks
  ansible.builtin.debug:
    var: failed.query_result
"""

RETURN = r"""
tasks:
  description:
    - The tasks that match the options, as the API returns them.
    - The list is empty if there are none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the task.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_type:
      description: The type of the task.
      type: str
      sample: create_vm
    state:
      description: V(NEW) and V(RUNNING) are pending; V(FINISHED) and V(ERROR) are final.
      type: str
      sample: FINISHED
    detailed_state:
      description: Details of the state, for GPU clusters.
      type: str
      sample: null
    error:
      description: The reason of a failure, from the API.
      type: str
      sample: null
    created_on:
      description: When the task was created, in UTC.
      type: str
      sample: "2026-05-30T05:34:14"
    updated_on:
      description: When the task was last changed, in UTC.
      type: str
      sample: "2026-05-30T05:34:34"
    finished_on:
      description: When the task ended, in UTC; null if it is pending.
      type: str
      sample: "2026-05-30T05:34:34"
    created_resources:
      description: The IDs of the created resources, by resource type. Types without created resources may be missing; null if nothing was created.
      type: dict
      sample:
        instances: [60488a9b-1fde-4f0e-a4cb-381e02e12807]
        volumes: [726ecfcc-7fd0-4e30-a86e-7892524aa483]
    data:
      description: The parameters of the task. All strings are hidden, except IDs, names and similar values.
      type: raw
      sample:
        name: web-1
        flavor_name: g2-standard-2-4
    project_id:
      description: The ID of the project.
      type: int
      sample: 1234567
    region_id:
      description: The ID of the region.
      type: int
      sample: 76
    client_id:
      description: The ID of the account.
      type: int
      sample: 24017
    user_id:
      description: The ID of the user who started the task.
      type: int
      sample: 123
    user_client_id:
      description: The ID of the account of the user who started the task.
      type: int
      sample: 24017
    request_id:
      description: The ID of the request that started the task.
      type: str
      sample: 344dfb5d-0faf-4ca4-8ec7-ff649f2e8261
    job_id:
      description: The ID of the job.
      type: str
      sample: null
    schedule_id:
      description: The ID of the schedule that started the task.
      type: str
      sample: null
    lifecycle_policy_id:
      description: The ID of the lifecycle policy that started the task.
      type: int
      sample: null
    acknowledged_at:
      description: When the task was acknowledged in the portal.
      type: str
      sample: null
    acknowledged_by:
      description: The ID of the user who acknowledged the task in the portal.
      type: int
      sample: null
query_result:
  description: The result of O(query), applied to the list.
  returned: when O(query) is given
  type: raw
error:
  description: The failure, machine-readable. Only keys that apply are present.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - The type of the failure.
        - V(options), V(not_found) - an option is wrong, or refers to something that does not exist.
          V(ambiguous) - a name matches several resources.
        - V(api) - the API refused a request. V(connection), V(unreadable) - the API was not reached, or sent an unreadable response.
      type: str
      sample: api
    http_status:
      description: The HTTP status of the response.
      type: int
      sample: 403
    exception_class:
      description: The API's name of the error.
      type: str
      sample: QuotaLimitExceed
    request_id:
      description: The ID of the refused request; Gcore's support asks for it.
      type: str
      sample: 344dfb5d-0faf-4ca4-8ec7-ff649f2e8261
    task_id:
      description: The ID of the task that failed or is still running.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    ids:
      description: The IDs of the matching resources, if there are several.
      type: list
      elements: str
      sample: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e, 372cbdb1-b4bd-4965-bbc7-6dd857d56e05]
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
"""

from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.module import run_module
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.task_modules import INFO_SPEC, list_tasks


def main():
    run_module(INFO_SPEC, list_tasks)


if __name__ == "__main__":
    main()
