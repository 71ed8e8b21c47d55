# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is the same on every machine: schedules computed exactly, and modules and SDK run on the simulator's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import HISTORY

from . import many, unchanged, waits
from .exact import OPERATIONS, Means, Request, adaptive, bound, document_window, evenly, fixed, means

OURS, DOCUMENT, LEARNED = "this collection", "document's interval", "this collection, learned"
# How others wait: (seconds between two polls, whether the first poll is at once).
PEERS: dict[str, tuple[float, bool]] = {
    "gcore.cloud 1.0.1, 2 s": (2, True),
    "Python SDK, 3 s": (3, True),
    "Terraform provider v0, 1 s": (1, False),
}
FACTORS: dict[str, float] = {"as in the table": 1, "half": 0.5, "double": 2, "triple": 3}
UNKNOWN_TYPE = "something_new"
UNKNOWN_DURATIONS = (3, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800)


def measure() -> dict[str, Any]:
    """All of it, rounded to what the tables show."""
    return rounded(
        {
            "schedules": schedules(),
            "unknown": unknown(),
            "waits": {operation.name: waits.measure(operation) for operation in waits.OPERATIONS},
            "many": {str(count): many.measure(count) for count in many.SERIES},
            "unchanged": unchanged.measure(),
        }
    )


def rounded(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: rounded(value) for key, value in data.items()}
    return round(data, 2) if isinstance(data, float) else data


def schedules() -> dict[str, Any]:
    """The document's operations: by how long they really take against the table, then by way of waiting."""
    return {name: {operation: ways(operation, factor) for operation in OPERATIONS} for name, factor in FACTORS.items()}


def ways(operation: str, factor: float) -> dict[str, Any]:
    window = document_window(operation)
    low, high = factor * window.shortest, factor * window.longest
    task_type = OPERATIONS[operation]
    history = evenly(low, high, HISTORY)
    polls: dict[str, Callable[[], Iterator[Request]]] = {
        OURS: lambda: adaptive(task_type),
        LEARNED: lambda: adaptive(task_type, history),
        DOCUMENT: lambda: fixed(window.every),
        **{name: (lambda how=how: fixed(*how)) for name, how in PEERS.items()},  # type: ignore[misc]
    }
    return {
        "from": low,
        "to": high,
        "bound": bound(low, high),
        **{name: shown(means(make(), low, high)) for name, make in polls.items()},
    }


def unknown() -> dict[str, Any]:
    """Task types that are in no table: means over durations within a third of the one named."""
    found = {}
    for duration in UNKNOWN_DURATIONS:
        low, high = duration * 2 / 3, duration * 4 / 3
        found[str(duration)] = {
            OURS: shown(means(adaptive(UNKNOWN_TYPE), low, high)),
            LEARNED: shown(means(adaptive(UNKNOWN_TYPE, evenly(low, high, HISTORY)), low, high)),
            **{name: shown(means(fixed(*how), low, high)) for name, how in PEERS.items()},
        }
    return found


def shown(mean: Means) -> dict[str, float]:
    return {"requests": mean.requests, "lost": mean.lost, "product": mean.product}
