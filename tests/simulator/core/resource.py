# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a resource module hands to the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Callable

from .quotas import Usage
from .routing import Routes
from .store import Record, ResourceType

if TYPE_CHECKING:
    from .simulator import Simulator


def _nothing(*_unused: object) -> None:
    return None


@dataclass
class Resource:
    """Resource types, their operations, quotas and seed data, and what else happens when a record is deleted."""

    types: list[ResourceType]
    routes: Routes
    quotas: dict[str, Usage] = field(default_factory=dict)
    seed: Callable[[Simulator], None] = _nothing
    on_delete: Mapping[str, Callable[[Simulator, Record], None]] = field(
        default_factory=dict
    )  # by the type of the deleted record
