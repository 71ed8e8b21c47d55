# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Region, read only (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from ..schema.option import Option
from ..schema.resource import Resource
from ..schema.resource_types import REGIONS

RESOURCE = Resource(
    type=REGIONS,
    filters=(
        Option("product", choices=("containers", "inference")),
        Option("show_volume_types", "bool"),
    ),
)
