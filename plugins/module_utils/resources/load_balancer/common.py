# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of a load balancer share."""

from __future__ import annotations

from ...schema.checks import Range
from ...schema.option import (
    AFTERWARDS,
    UPDATE,
    Api,
    Option,
)
from ...schema.parsing import CLEARED

PORTS = "/cloud/v1/ports/{project_id}/{region_id}"


def v2(path: str) -> str:
    """The path of the PATCH, version 2 of the API (docs/api-notes.md: Load balancers)."""
    return path.replace("v1", "v2") + "/{id}"


def enabled() -> Option:
    """The option admin_state_up: no create request takes it, new resources are enabled."""
    return Option("admin_state_up", "bool", api=Api(create=AFTERWARDS), change=UPDATE)


def milliseconds(option: str) -> Option:
    return Option(option, "int", null=CLEARED, check=Range(0, 86400000), change=UPDATE)
