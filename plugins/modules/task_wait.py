#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_wait
short_description: Wait for tasks
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Waits until tasks of the API are finished, for any number of them at once. Returns the outcome of each task and the resources that they
    created.
  - Use it after C(wait=false), or after another module timed out while waiting.
  - The module fails if fewer tasks finish than O(needed). It fails after all tasks are final, or at once with O(fail_fast=true).
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.groups_all
options:
  tasks:
    description:
      - The tasks to wait for. Task IDs, registered results of modules of this collection (also of loops), and lists of these.
      - A result without task IDs counts as no tasks. This is the case if the task was skipped, made no changes, or ran in check mode.
      - The same applies to the result of a task that failed before it started anything (wrong arguments, a template error, an unreachable
        host), with a warning. The module still waits for the tasks that other items of a loop started.
      - The result of an asynchronous job (C(poll=0)) has no task IDs. Use the final result of M(ansible.builtin.async_status).
      - Only the task IDs of the results are used and logged.
    type: list
    elements: raw
    required: true
  needed:
    description:
      - How many of the tasks must finish successfully, V(all), V(any), or a number.
      - The wait ends as soon as this number is reached. The remaining tasks continue in the cloud. Their last known state is in RV(tasks).
      - If the required number is reached, failed tasks are a warning.
    type: str
    default: all
  fail_fast:
    description:
      - Whether to fail as soon as O(needed) can no longer be reached, because too many tasks have failed.
      - With V(false), the module waits for the remaining tasks too, so that RV(tasks) has the outcome of each.
    type: bool
    default: false
  wait_timeout:
    description:
      - The timeout of the whole wait, in seconds.
      - On timeout, the module fails with the IDs of the pending tasks. The tasks continue in the cloud, and the module can be run again.
    type: int
    default: 3600
  poll_interval:
    description:
      - The polling interval, in seconds.
      - If omitted, polling is adaptive. It follows the typical duration of the types of the tasks, and no poll is made before O(needed) of them
        can be finished.
    type: float
  query:
    description:
      - A JMESPath expression that is applied to the whole result. The result is RV(query_result).
      - See U(https://jmespath.org).
    type: str
requirements:
  - jmespath (when O(query) is used)
notes:
  - The module can be run again at any time. A task that is final at the first poll costs about one request.
  - A poll of many tasks is one request for the list of pending tasks in their projects and regions, whatever their number, and one request
    for each task that has left that list since. If many have left it, most of them are read together.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details:
      - The module never changes anything, and waits in check mode too.
      - Modules of this collection start no tasks in check mode, so there is nothing to wait for.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: N/A
    details: The module never changes anything.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
seealso:
  - module: gcore.cloud.task_info
"""

EXAMPLES = r"""
- name: Start the creation of a network
  gcore.cloud.network:
    name: lan
    wait: false
  register: lan

- name: Start the creation of three volumes
  gcore.cloud.volume:
    name: "disk-{{ item }}"
    size: 5
    wait: false
  loop: [1, 2, 3]
  register: disks

- name: Wait for the network and the volumes, for up to ten minutes
  gcore.cloud.task_wait:
    tasks:
      - "{{ lan }}"
      - "{{ disks }}"
    wait_timeout: 600
  register: done

- name: Show the created resources
  ansible.builtin.debug:
    msg: "Network {{ done.created_resources.networks }}, volumes {{ done.created_resources.volumes }}"

- name: Wait for a task by its ID
  gcore.cloud.task_wait:
    tasks: "{{ lan.task_ids }}"

- name: Wait until one of the volumes is created
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
    needed: any
  register: first

- name: Wait for all volumes and fail at the first failure
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
    fail_fast: true

- name: Get the duration of each task
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
    query: "tasks[].{id: id, seconds: seconds}"
"""

RETURN = r"""
task_ids:
  description: The IDs of the tasks, in order, without duplicates.
  returned: always
  type: list
  elements: str
  sample: [d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999]
tasks:
  description: The outcome of each task.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the task.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    type:
      description: The type of the task; null if not known yet.
      type: str
      sample: create_volume
    state:
      description:
        - V(NEW) and V(RUNNING) are pending; V(FINISHED) and V(ERROR) are final.
        - V(NOT_FOUND) means that the API does not know the task, not even 15 seconds after the first poll.
      type: str
      sample: FINISHED
    started:
      description: When the task was created, in UTC; null if it was not polled yet.
      type: str
      sample: "2026-05-30T05:34:14"
    seconds:
      description: The duration of the task, or of the wait for it, in seconds; null if it was not polled yet.
      type: float
      sample: 10.5
    polls:
      description: How many times the task was polled.
      type: int
      sample: 2
    error:
      description: The reason of a failure, from the API.
      type: str
      sample: null
created_resources:
  description:
    - The IDs of everything that these tasks created, by resource type. A few types have names instead, where the API identifies them by name.
    - >-
      Every type is present, with an empty list if nothing was created:
      C(ai_clusters), C(api_keys), C(caas_containers), C(clusters), C(ddos_profiles), C(faas_functions), C(faas_namespaces), C(file_shares),
      C(floatingips), C(healthmonitors), C(images), C(inference_instances), C(instances), C(k8s_clusters), C(k8s_pools), C(l7polices), C(l7rules),
      C(laas_topic), C(listeners), C(loadbalancers), C(members), C(networks), C(pools), C(ports), C(postgresql_clusters), C(projects),
      C(registry_registries), C(registry_users), C(routers), C(secrets), C(security_group_rules), C(security_groups), C(servergroups),
      C(snapshots), C(subnets), C(volumes).
  returned: always
  type: dict
  sample:
    volumes: [726ecfcc-7fd0-4e30-a86e-7892524aa483]
    networks: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e]
    instances: []
query_result:
  description: The result of O(query), applied to the whole result.
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
        - V(task_failed) - a task failed. V(timeout) - the wait timed out. V(options) - an option is wrong.
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
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
"""

from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.module import run_module
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.task_modules import (
    WAIT_SPEC,
    only_ids,
    wait_for_tasks,
)


def main():
    run_module(WAIT_SPEC, wait_for_tasks, lean=only_ids)


if __name__ == "__main__":
    main()
