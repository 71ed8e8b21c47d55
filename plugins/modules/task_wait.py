#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: task_wait
short_description: Wait for tasks in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Waits until tasks that were started before are done, all at once, and returns what came of each and what they created.
  - It takes up what was started with C(wait=false), and what another module waited for in vain until its time was over.
  - It fails when fewer tasks finished than are O(needed), after it has waited for all of them, or at once with O(fail_fast=true).
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.groups_all
options:
  tasks:
    description:
      - What to wait for - ids of tasks, results that tasks of this collection have registered, also those of a loop, and lists of all these.
      - A result without task ids counts as no tasks - of a task that was skipped, made no changes, or ran in check mode.
      - So does the result of a task that failed before it started anything (wrong arguments, a template error, an unreachable host),
        with a warning. The tasks that the other items of a loop started are waited for.
      - The result of an asynchronous job (C(poll=0)) has no task ids; use what M(ansible.builtin.async_status) returns at its end.
      - Of the results only the ids of their tasks are used and logged.
    type: list
    elements: raw
    required: true
  needed:
    description:
      - How many of the tasks have to finish well - V(all), V(any), or a number.
      - The wait ends as soon as so many have. The others go on in the cloud; what is known of them is in RV(tasks).
      - A task that failed beside those that are needed is a warning.
    type: str
    default: all
  fail_fast:
    description:
      - Whether to fail as soon as so many tasks have failed that O(needed) cannot be reached any more.
      - By default the rest is waited for as well, so that RV(tasks) has the outcome of each.
    type: bool
    default: false
  wait_timeout:
    description:
      - How long to wait in all, in seconds.
      - When the time is over the module fails with the ids of the open tasks. The work goes on in the cloud, and the module can be run again.
    type: int
    default: 3600
  poll_interval:
    description:
      - Seconds between two looks at the tasks.
      - When it is left out, the looks follow how long tasks of their types usually take, and nobody looks before O(needed) of them
        can be done.
    type: float
  query:
    description:
      - A JMESPath expression that is applied to the whole result; its outcome is RV(query_result).
      - See U(https://jmespath.org).
    type: str
requirements:
  - jmespath (when O(query) is used)
notes:
  - A task that is done when the module looks at it first costs about one request, so the module can be run again at any time.
  - A look at many tasks is one list of the tasks that go on in their projects and regions, whatever their number, and one request for
    each task that has left it since; where these are many, they are mostly found together.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: The module changes nothing, and waits in check mode as always. Tasks of this collection start nothing in check mode, so it has nothing to wait for.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
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

- name: Wait for all of them at once, for ten minutes
  gcore.cloud.task_wait:
    tasks:
      - "{{ lan }}"
      - "{{ disks }}"
    wait_timeout: 600
  register: done

- name: Show what was made
  ansible.builtin.debug:
    msg: "Network {{ done.created_resources.networks }}, volumes {{ done.created_resources.volumes }}"

- name: Wait for a task by its id
  gcore.cloud.task_wait:
    tasks: "{{ lan.task_ids }}"

- name: Go on with the first disk that is there
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
    needed: any
  register: first

- name: Wait for all of them, and stop at the first failure
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
    fail_fast: true

- name: Say how long each of them took
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
    query: "tasks[].{id: id, seconds: seconds}"
"""

RETURN = r"""
task_ids:
  description: The ids of the tasks, each once, in order.
  returned: always
  type: list
  elements: str
  sample: [d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999]
tasks:
  description: What came of each of the tasks.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    type:
      description: What the task does, in the API's words; null when that is not known yet.
      type: str
      sample: create_volume
    state:
      description:
        - V(NEW) and V(RUNNING) go on; V(FINISHED) and V(ERROR) are final.
        - V(NOT_FOUND) is a task that the API does not know, not even 15 seconds after the first look for it.
      type: str
      sample: FINISHED
    started:
      description: When the API made the task, in UTC; null when nobody has looked at it yet.
      type: str
      sample: "2026-05-30T05:34:14"
    seconds:
      description: How long the task was waited for, or took, in seconds; null when nobody has looked at it yet.
      type: float
      sample: 10.5
    polls:
      description: How often the state was read.
      type: int
      sample: 2
    error:
      description: The API's own reason when the task failed.
      type: str
      sample: null
created_resources:
  description:
    - The ids of everything that these tasks created, by kind. For a few kinds it is the name, where the API takes that for an id.
    - >-
      Each kind has its list, which is empty when nothing of the kind was created:
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
  description: What O(query) finds in the result.
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
        - V(task_failed) is a task that did not end well, V(timeout) a time limit that was reached, V(options) is about the options.
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
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
"""

from ansible_collections.gcore.cloud.plugins.module_utils.module import run_module
from ansible_collections.gcore.cloud.plugins.module_utils.task_modules import WAIT_SPEC, only_ids, wait_for_tasks


def main():
    run_module(WAIT_SPEC, wait_for_tasks, lean=only_ids)


if __name__ == "__main__":
    main()
