#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_version_info
short_description: List versions of Kubernetes in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Lists the versions of Kubernetes that a new cluster can have in a project and region.
  - A cluster that is there can be upgraded to newer ones of its own minor version and of the next one.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.groups_regional
options:
  name:
    description: Return only the version that is exactly this, as in V(v1.33.10).
    type: str
seealso:
  - module: gcore.cloud.k8s_cluster
  - module: gcore.cloud.k8s_cluster_info
"""

EXAMPLES = r"""
- name: Get all versions
  gcore.cloud.k8s_version_info:
  register: found

- name: Show them
  ansible.builtin.debug:
    msg: "{{ found.k8s_versions | map(attribute='version') }}"

- name: Find those of one minor version
  gcore.cloud.k8s_version_info:
    query: "[?starts_with(version, 'v1.33.')].version"
  register: minor

- name: Stop when a version is gone
  gcore.cloud.k8s_version_info:
    name: v1.33.10
  register: wanted
  failed_when: wanted.k8s_versions | length == 0
"""

RETURN = r"""
k8s_versions:
  description:
    - The versions that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    version:
      description: The version, which O(gcore.cloud.k8s_cluster#module:version) takes.
      type: str
      sample: v1.33.10
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.k8s_version import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
