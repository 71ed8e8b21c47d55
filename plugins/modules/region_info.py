#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: region_info
short_description: List regions of Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the regions, and what each has.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.groups_all
options:
  name:
    description: Return only the region of this name (its C(display_name)), in any case.
    type: str
  product:
    description: Return only regions that have this product.
    type: str
    choices: [containers, inference]
  show_volume_types:
    description:
      - Whether RV(regions[].available_volume_types) is filled in.
      - The API takes V(false) when it is left out.
    type: bool
seealso:
  - module: gcore.cloud.project_info
"""

EXAMPLES = r"""
- name: Get one region
  gcore.cloud.region_info:
    name: Luxembourg-2
  register: found

- name: Show its id
  ansible.builtin.debug:
    var: found.regions[0].id

- name: Find the regions with managed Kubernetes
  gcore.cloud.region_info:
    query: "[?has_k8s && state=='ACTIVE'].display_name"
  register: k8s

- name: See which types of volumes there are
  gcore.cloud.region_info:
    show_volume_types: true
    query: "[].{region: display_name, types: available_volume_types}"
"""

RETURN = r"""
regions:
  description:
    - The regions that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the region.
      type: int
      sample: 76
    display_name:
      description: The name of the region, which the option C(region) of other modules takes.
      type: str
      sample: Luxembourg-2
    slug:
      description: The name of the region in addresses.
      type: str
      sample: luxembourg-2
    keystone_name:
      description: The technical name of the region.
      type: str
      sample: ED-9
    keystone_id:
      description: The technical id of the region.
      type: int
      sample: 1
    state:
      description: The state, such as V(NEW), V(ACTIVE), V(MAINTENANCE) or V(INACTIVE).
      type: str
      sample: ACTIVE
    country:
      description: The country, by its two letters (ISO 3166-1).
      type: str
      sample: LU
    zone:
      description: V(EMEA), V(AMERICAS), V(APAC) or V(RUSSIA_AND_CIS).
      type: str
      sample: EMEA
    coordinates:
      description: Where the region is.
      type: dict
      sample:
        latitude: "49.6"
        longitude: "6.1"
    access_level:
      description: V(core) or V(edge).
      type: str
      sample: core
    endpoint_type:
      description: V(public), V(internal) or V(admin).
      type: str
      sample: public
    external_network_id:
      description: The id of the network of public addresses.
      type: str
      sample: c843c3e6-ef4d-4b92-8db2-e16ac05c5650
    available_volume_types:
      description: The types of volumes; null without O(show_volume_types).
      type: list
      elements: str
      sample: [standard, ssd_hiiops, cold]
    file_share_types:
      description: The types of file shares.
      type: list
      elements: str
      sample: [standard, vast]
    has_kvm:
      description: Whether the region has virtual machines.
      type: bool
      sample: true
    has_basic_vm:
      description: Whether the region has basic virtual machines.
      type: bool
      sample: true
    has_baremetal:
      description: Whether the region has bare metal servers.
      type: bool
      sample: true
    has_k8s:
      description: Whether the region has managed Kubernetes.
      type: bool
      sample: true
    has_dbaas:
      description: Whether the region has managed databases.
      type: bool
      sample: true
    has_sfs:
      description: Whether the region has file shares.
      type: bool
      sample: true
    has_ai:
      description: Whether the region has AI clusters.
      type: bool
      sample: true
    has_ai_gpu:
      description: Whether the region has GPU clusters.
      type: bool
      sample: true
    has_ddos:
      description: Whether the region has the advanced protection against DDoS.
      type: bool
      sample: true
    vlan_physical_network:
      description: The physical network of VLANs.
      type: str
      sample: vlan_network
    ddos_endpoint_id:
      description: The id of the protection against DDoS.
      type: int
      sample: null
    metrics_database_id:
      description: The id of the database of metrics.
      type: int
      sample: null
    created_at:
      description: When the region was made.
      type: str
      sample: "2019-12-31T23:59:59Z"
    created_on:
      description: Deprecated by the API; the same as RV(regions[].created_at).
      type: str
      sample: "2019-12-31T23:59:59Z"
    task_id:
      description: Deprecated by the API.
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.region import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
