# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to look at a task next: a pure function and its table, all in seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Optional

# (shortest, longest, every): no task of the type is done before ``shortest``; between the two a look every ``every``.
# Sources: the table of the document on asynchronous operations; gcore-api.md D5 for what it leaves out.
TYPICAL: dict[str, tuple[float, float, float]] = {
    "create_vm": (15, 30, 5),
    "delete_vm": (15, 70, 5),
    "create_bm": (240, 300, 30),
    "create_volume": (5, 15, 5),
    "create_network": (5, 10, 5),
    "create_subnet": (5, 10, 5),
    "create_router": (5, 10, 5),
    "create_loadbalancer": (30, 90, 10),
    "delete_loadbalancer": (25, 60, 10),
    "failover_loadbalancer": (60, 120, 10),
    "create_lbmember": (30, 45, 5),
    "delete_lbmember": (15, 20, 5),
    "delete_lbpool": (10, 20, 5),
    "create_sfs": (60, 90, 10),
    "create_k8s_cluster_v2": (300, 900, 30),
    "create_k8s_cluster_pool_v2": (180, 900, 30),
    "upgrade_k8s_cluster_v2": (180, 900, 30),
    "create_dbaas_postgres_cluster": (180, 300, 30),
    "create_gpu_virtual_cluster": (180, 480, 30),
    "create_caas_container": (30, 60, 5),
    "create_image": (60, 300, 15),
    "download_image": (60, 300, 15),
}
UNKNOWN = (3.0, 60.0, 5.0)
LONGEST_GAP = 60.0


def next_look(task_type: Optional[str], elapsed: float) -> float:
    """Seconds from now to the next look at one task that has been going on for ``elapsed`` seconds."""
    shortest, longest, every = TYPICAL.get(task_type or "", UNKNOWN)
    if elapsed < shortest:
        return shortest - elapsed
    if elapsed <= longest:
        return every
    return min(LONGEST_GAP, every + (elapsed - longest) / 4)


def next_look_at_all(tasks: Iterable[tuple[Optional[str], float]], poll_interval: Optional[float] = None) -> float:
    """Seconds to the next look at several (type, elapsed) at once: the soonest of theirs, or the user's own interval."""
    if poll_interval is not None:
        return poll_interval
    return min(next_look(task_type, elapsed) for task_type, elapsed in tasks)
