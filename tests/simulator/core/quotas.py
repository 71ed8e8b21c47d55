# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Quotas per region of the account (docs/api-notes.md: Errors)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable

from . import errors
from .faults import Fault
from .store import Record

if TYPE_CHECKING:
    from .simulator import Simulator

GENEROUS = 100_000_000
Usage = Callable[["Simulator", int | None], int]


def count(kind: str, only: Callable[[Record], bool] = lambda record: True) -> Usage:
    """How many resources of a type there are."""
    return lambda sim, region_id: sum(1 for record in owned(sim, kind, region_id) if only(record))


def total(kind: str, field: str) -> Usage:
    """The sum of a field over all resources of a type."""
    return lambda sim, region_id: sum(record[field] or 0 for record in owned(sim, kind, region_id))


def owned(sim: Simulator, kind: str, region_id: int | None) -> list[Record]:
    """The account's own resources of a type in a region (None: everywhere)."""
    projects = {record.id for record in sim.store.all("project")}
    return [
        record
        for record in sim.store.all(kind)
        if (region_id is None or record.region_id == region_id)
        and (record.id in projects if kind == "project" else record.project_id in projects)
    ]


def limit_of(sim: Simulator, attribute: str, faults: list[Fault]) -> tuple[int, bool]:
    """The limit, and whether it is to show in the task only."""
    for fault in faults:
        if fault.attribute == attribute:
            return fault.limit, fault.in_task
    return sim.settings.quotas.get(attribute, GENEROUS), False


def exceeded(sim: Simulator, region_id: int | None, requested: dict[str, int]) -> dict[str, tuple[int, int, int]]:
    """The attributes that do not fit: limit, usage, requested (the shape of check_limits, C45)."""
    found = {}
    for attribute, amount in requested.items():
        limit, _unused = limit_of(sim, attribute, [])
        usage = sim.quota_usage(attribute, region_id)
        if amount > 0 and usage + amount > limit:
            found[attribute] = (limit, usage, amount)
    return found


def claim(sim: Simulator, region_id: int | None, requested: dict[str, int], faults: list[Fault]) -> str | None:
    """Refuse what does not fit; a text is the error that the task is to end with (A4: at the call and in the task)."""
    for attribute, amount in requested.items():
        limit, in_task = limit_of(sim, attribute, faults)
        usage = sim.quota_usage(attribute, region_id)
        if amount <= 0 or usage + amount <= limit:
            continue
        if in_task:
            return errors.quota_text(attribute, usage, amount, limit)
        raise errors.quota_exceeded(sim.settings.quota_status, attribute, usage, amount, limit)
    return None
