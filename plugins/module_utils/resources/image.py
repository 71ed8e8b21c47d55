# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Image, read only (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..schema.common import tag_filters
from ..schema.option import NotNullInCreate, Option
from ..schema.resource import Resource
from ..schema.resource_types import IMAGES


class TrueOrMissing(NotNullInCreate):
    """A query parameter that is true or not sent."""

    def to_request(self, value: Any) -> Any:
        return "true" if value else None


RESOURCE = Resource(
    type=IMAGES,
    filters=(
        Option("visibility", choices=("private", "public", "shared")),
        Option("private", "bool", value=TrueOrMissing()),
        Option("os_distro"),
        Option("os_version"),
        Option("architecture", choices=("aarch64", "x86_64")),
        Option("include_prices", "bool"),
        *tag_filters(),
    ),
)
