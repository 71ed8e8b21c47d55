# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Project, read only (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from ..schema.option import Option
from ..schema.resource import Resource
from ..schema.resource_types import PROJECTS

RESOURCE = Resource(type=PROJECTS, filters=(Option("include_deleted", "bool"),))
