# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cost of a way to wait, computed and not drawn: means over all durations of an interval, each as likely as the others."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import (
    LEARN_AFTER,
    TYPICAL,
    Window,
    learned_window,
    next_poll,
)

# The operations of the document on asynchronous operations, as its table has them (shortest, longest, poll every).
OPERATIONS: dict[str, str] = {
    "Create VM": "create_vm",
    "Create volume": "create_volume",
    "Create network / subnet": "create_network",
    "Create load balancer": "create_loadbalancer",
    "Delete VM": "delete_vm",
    "Delete Bare Metal server": "delete_bm",
    "Create Kubernetes cluster": "create_k8s_cluster_v2",
}


@dataclass(frozen=True)
class Request:
    """One request of a wait, seconds after the task was started; only some of them see whether it has ended."""

    at: float
    sees: bool = True


@dataclass(frozen=True)
class Means:
    """Mean requests, and mean seconds between the task's end and the poll that sees it."""

    requests: float
    lost: float

    @property
    def product(self) -> float:
        return self.requests * self.lost


def means(requests: Iterable[Request], shortest: float, longest: float) -> Means:
    """The means for durations spread evenly over (shortest, longest]."""
    count, seen_until = 0, shortest
    mean_requests = mean_lost = 0.0
    for request in requests:
        count += 1
        if not request.sees or request.at <= seen_until:
            continue
        until = min(request.at, longest)
        share = (until - seen_until) / (longest - shortest)
        mean_requests += share * count
        mean_lost += share * (request.at - (seen_until + until) / 2)
        if until == longest:
            return Means(mean_requests, mean_lost)
        seen_until = until
    raise ValueError("the polls end before the longest duration")


def bound(shortest: float, longest: float) -> float:
    """The least product of the two means that any way of waiting has (infinitely many polls, gaps that shrink linearly)."""
    return 2 / 9 * (longest - shortest)


def fixed(interval: float, at_once: bool = False) -> Iterator[Request]:
    """A fixed interval, first looking after one interval, or at once as well (the official SDK)."""
    return (Request(number * interval) for number in itertools.count(0 if at_once else 1))


def adaptive(task_type: str | None, history: Sequence[float] | None = None) -> Iterator[Request]:
    """The polls of the collection; ``history`` is what the account's last tasks took, asked for after two minutes."""
    now, learned, asked = 0.0, None, history is None
    while True:
        then = now + next_poll(task_type, now, learned)
        if not asked and then > LEARN_AFTER:
            now, learned, asked = max(now, LEARN_AFTER), learned_window(history or ()), True
            yield Request(now, sees=False)
            continue
        now = then
        yield Request(now)


def evenly(shortest: float, longest: float, number: int) -> list[float]:
    """Durations that stand for all between two."""
    return [shortest + (longest - shortest) * (index + 0.5) / number for index in range(number)]


def document_window(operation: str) -> Window:
    """The document's row of an operation."""
    return TYPICAL[OPERATIONS[operation]]


def geometric_mean(values: Sequence[float]) -> float:
    return math.exp(sum(math.log(value) for value in values) / len(values))
