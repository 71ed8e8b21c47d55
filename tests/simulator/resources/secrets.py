# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets (gcore-api.md C23): so far only what others refer to, made by POST /_simulator/objects."""

from __future__ import annotations

from typing import Any

from ..core.clock import object_time
from ..core.resource import Resource
from ..core.routing import Routes
from ..core.simulator import Simulator
from ..core.store import Kind, Record, new_record


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str) -> Record:
    """A certificate with its key."""
    return new_record(sim, "secret", project_id, region_id, {"name": name, "secret_type": "certificate"})


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A secret as the API shows it: never with its payload."""
    return {
        "id": record.id,
        "name": record["name"],
        "secret_type": record["secret_type"],
        "status": "ACTIVE",
        "algorithm": None,
        "bit_length": None,
        "mode": None,
        "content_types": None,
        "created": object_time(record.created),
        "expiration": None,
    }


RESOURCE = Resource(kinds=[Kind("secret", "Secret", make, view)], routes=Routes())
