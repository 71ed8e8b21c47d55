# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flavor of load balancers (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from ..schema.option import Option
from ..schema.resource import Hooks, Resource
from ..schema.resource_types import LOAD_BALANCER_FLAVORS


class LoadBalancerFlavorHooks(Hooks):
    has_item = False


RESOURCE = Resource(
    type=LOAD_BALANCER_FLAVORS, filters=(Option("include_prices", "bool"),), hooks=LoadBalancerFlavorHooks()
)
