#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_balancer_flavor_info
short_description: List flavors of load balancers in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Lists the flavors that load balancers of a project in a region can have.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.groups_regional
options:
  include_prices:
    description:
      - Whether prices are returned.
      - The API takes V(false) when it is left out.
    type: bool
seealso:
  - module: gcore.cloud.load_balancer
  - module: gcore.cloud.flavor_info
"""

EXAMPLES = r"""
- name: Get one flavor
  gcore.cloud.load_balancer_flavor_info:
    name: lb1-1-2
  register: found

- name: Find the flavors with at least 2 CPUs
  gcore.cloud.load_balancer_flavor_info:
    query: "[?vcpus>=`2`].flavor_name"
  register: fitting

- name: Show what they cost
  gcore.cloud.load_balancer_flavor_info:
    include_prices: true
    query: "[].{name: flavor_name, price: price_per_month, currency: currency_code}"
"""

RETURN = r"""
load_balancer_flavors:
  description:
    - The flavors that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    flavor_id:
      description: The id of the flavor.
      type: str
      sample: 1d276f53-2834-4855-9859-aa922f073055
    flavor_name:
      description: The name of the flavor, which O(gcore.cloud.load_balancer#module:flavor) takes.
      type: str
      sample: lb1-1-2
    vcpus:
      description: The number of virtual CPUs.
      type: int
      sample: 1
    ram:
      description: The memory, in MiB.
      type: int
      sample: 2048
    currency_code:
      description: The currency of the prices.
      returned: with O(include_prices=true)
      type: str
      sample: USD
    price_per_hour:
      description: The price of an hour.
      returned: with O(include_prices=true)
      type: float
      sample: 0.03
    price_per_month:
      description: The price of a month.
      returned: with O(include_prices=true)
      type: float
      sample: 21.6
    price_status:
      description: Whether there is a price, V(show), V(hide) or V(error).
      returned: with O(include_prices=true)
      type: str
      sample: show
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer_flavor import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
