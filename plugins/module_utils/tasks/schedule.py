# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to poll tasks next: pure functions and their table, all in seconds.

A wait costs requests, and the seconds between the end of a task and the poll that shows it. Where durations are distributed
evenly between two bounds, gaps that shrink linearly from the first bound to the second have the least product of the two:
early in the window few tasks have ended, so that a long gap loses little, and late in it hardly any poll is superfluous.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Optional


class Window(NamedTuple):
    """How long tasks of a type usually take, in seconds.

    ``every`` is the fixed polling interval that the document recommends for the type; it limits the number of polls.
    """

    shortest: float
    longest: float
    every: float


# The table of the document on asynchronous operations; docs/api-notes.md: Durations for the other types.
TYPICAL: dict[str, Window] = {
    "create_vm": Window(15, 30, 5),
    "delete_vm": Window(15, 70, 5),
    "create_bm": Window(240, 300, 30),
    "delete_bm": Window(60, 120, 30),
    "create_volume": Window(5, 15, 5),
    "create_network": Window(5, 10, 5),
    "create_subnet": Window(5, 10, 5),
    "create_router": Window(5, 10, 5),
    "create_loadbalancer": Window(30, 90, 10),
    "delete_loadbalancer": Window(25, 60, 10),
    "failover_loadbalancer": Window(60, 120, 10),
    "create_lbmember": Window(30, 45, 5),
    "delete_lbmember": Window(15, 20, 5),
    "delete_lbpool": Window(10, 20, 5),
    "create_sfs": Window(60, 90, 10),
    "create_k8s_cluster_v2": Window(300, 900, 30),
    "create_k8s_cluster_pool_v2": Window(180, 900, 30),
    "upgrade_k8s_cluster_v2": Window(180, 900, 30),
    "create_dbaas_postgres_cluster": Window(180, 300, 30),
    "create_gpu_virtual_cluster": Window(180, 480, 30),
    "create_ai_cluster_gpu": Window(900, 2400, 30),
    "create_caas_container": Window(30, 60, 5),
    "patch_caas_container": Window(10, 30, 5),
    "create_image": Window(60, 300, 15),
    "download_image": Window(60, 300, 15),
}
# An unknown type is polled from the start, as after the end of a window.
UNKNOWN = Window(0, 0, 6.5)

SHORTEST_GAP = 1.0
LONGEST_GAP = 58.0
# Windows are typical values: polls begin before them, by this part of their width.
EARLY = 0.08
# The number of polls in a window: a base, and more for each interval that fits into it.
POLLS = 2.6
POLLS_PER_INTERVAL = 1.5
# After a window: a gap of this part of the interval, which grows by this part of the time since.
LATE_GAP = 0.3
LATE_GROWTH = 0.07

LEARN_AFTER = 120.0  # after this time a request asks how long other tasks of the type took
HISTORY = 20  # how many finished tasks that request lists
ENOUGH = 3  # fewer are not used


def next_poll(task_type: Optional[str], elapsed: float, learned: Optional[Window] = None) -> float:
    """Seconds from now to the next poll of a task that has been running for ``elapsed`` seconds.

    ``learned`` is the window of the account's own tasks of the type; it replaces the one of the table.
    """
    window = learned or TYPICAL.get(task_type or "", UNKNOWN)
    width = window.longest - window.shortest
    begin = window.shortest - EARLY * width
    if elapsed >= window.longest:
        gap = LATE_GAP * window.every + LATE_GROWTH * (elapsed - window.longest)
        return min(LONGEST_GAP, max(SHORTEST_GAP, gap))
    if elapsed < begin:
        return begin - elapsed + _gap(window, begin)
    return _gap(window, elapsed)


def _gap(window: Window, elapsed: float) -> float:
    """The gap inside a window: polls are equidistant in u, the square root of the remaining part of the window."""
    width = window.longest - (window.shortest - EARLY * (window.longest - window.shortest))
    polls = POLLS + POLLS_PER_INTERVAL * (window.longest - window.shortest) / window.every
    u = math.sqrt((window.longest - elapsed) / width)
    after = max(0.0, u - 1 / polls)
    return min(LONGEST_GAP, max(SHORTEST_GAP, width * (u * u - after * after)))


def next_poll_of_all(
    tasks: Iterable[tuple[Optional[str], float, Optional[Window]]],
    needed: Optional[int] = None,
    poll_interval: Optional[float] = None,
) -> float:
    """Seconds to the next poll of several tasks (type, elapsed, learned) at once, or the user's own interval.

    The wait cannot end before ``needed`` of them (all, if None) can be final; an earlier poll would be superfluous.
    """
    if poll_interval is not None:
        return poll_interval
    gaps = sorted(next_poll(*task) for task in tasks)
    return gaps[(len(gaps) if needed is None else max(1, min(needed, len(gaps)))) - 1]


def learned_window(durations: Sequence[float]) -> Optional[Window]:
    """The window of a type by the durations of finished tasks; None when they are too few.

    It starts with the shortest one and ends after the longest one, by the mean distance between durations.
    """
    if len(durations) < ENOUGH:
        return None
    low, high = min(durations), max(durations)
    longest = high + max((high - low) / (len(durations) - 1), SHORTEST_GAP)
    return Window(low, longest, min(30.0, max(5.0, longest / 30)))
