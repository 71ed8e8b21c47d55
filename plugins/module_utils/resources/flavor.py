# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VM flavor, read only (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from ..schema.option import Option
from ..schema.resource import Hooks, Resource
from ..schema.resource_types import FLAVORS


class FlavorHooks(Hooks):
    has_item = False


RESOURCE = Resource(
    type=FLAVORS,
    filters=(
        Option("disabled", "bool"),
        Option("exclude_linux", "bool"),
        Option("exclude_windows", "bool"),
        Option("include_prices", "bool"),
    ),
    hooks=FlavorHooks(),
)
