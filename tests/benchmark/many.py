# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many tasks of mixed types in three regions, started at one moment: task_wait beside the SDK's poll, in turn and in threads."""

from __future__ import annotations

import functools
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.harness import Cloud, run_module

from . import sdk
from .waits import succeeded

Way = Callable[[Cloud, Sequence[str]], int]

# How many tasks, and how many times, each time of other types and durations.
SERIES: dict[int, int] = {1: 14, 10: 7, 100: 3, 500: 1}
REGIONS = (76, 148, 204)
# The document's operations, and their typical durations in seconds.
TYPES: tuple[tuple[str, float, float], ...] = (
    ("create_vm", 15, 30),
    ("create_volume", 5, 15),
    ("create_network", 5, 10),
    ("create_loadbalancer", 30, 90),
    ("delete_vm", 15, 70),
    ("delete_bm", 60, 120),
    ("create_k8s_cluster_v2", 300, 900),
)
# A step by this part of a window spreads any number of durations evenly over it.
STEP = (5**0.5 - 1) / 2


def world(count: int, series: int) -> tuple[Cloud, list[str]]:
    """A cloud in which so many tasks have just been started, and their ids."""
    cloud = Cloud()
    sim = cloud.simulator
    sim.kinds["region"].make(sim, None, None, id=REGIONS[-1], display_name="Luxembourg-4", slug="luxembourg-4")
    ids = []
    for number in range(count):
        task_type, low, high = TYPES[(number + series) % len(TYPES)]
        seconds = low + (high - low) * ((number + 1) * STEP * (series + 1) % 1)
        ids.append(sim.foreign_task(task_type, cloud.project_id, REGIONS[number % len(REGIONS)], seconds=seconds).id)
    return cloud, ids


def measure(count: int) -> dict[str, dict[str, float]]:
    """Of each way to wait, the means of requests and of seconds from the end of the last task until all are known."""
    ways: dict[str, Way] = {"task_wait": task_wait, "in turn": in_turn, "threads": threads}
    return {name: mean(way, count) for name, way in ways.items()}


def mean(way: Way, count: int) -> dict[str, float]:
    costs = [cost(way, count, series) for series in range(SERIES[count])]
    return {
        "requests": statistics.fmean(requests for requests, _lost in costs),
        "lost": statistics.fmean(lost for _requests, lost in costs),
    }


def cost(way: Way, count: int, series: int) -> tuple[int, float]:
    cloud, ids = world(count, series)
    try:
        requests = way(cloud, ids)
        return requests, cloud.clock.now() - max(task.finished or 0.0 for task in cloud.simulator.tasks.all())
    finally:
        cloud.close()


def task_wait(cloud: Cloud, ids: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        run = succeeded(run_module(cloud, "task_wait", {"tasks": list(ids)}, Path(folder)))
    return len(run.exchanges)


def in_turn(cloud: Cloud, ids: Sequence[str]) -> int:
    """A loop: each task is waited for when the one before has ended."""
    with sdk.client(cloud) as (api, wire):
        for task_id in ids:
            api.cloud.tasks.poll(task_id)
    return len(wire.paths)


def threads(cloud: Cloud, ids: Sequence[str]) -> int:
    """All at once, a thread for each."""
    turns = sdk.Turns(cloud)
    with sdk.client(cloud, turns.sleep) as (api, wire):
        turns.run([functools.partial(api.cloud.tasks.poll, task_id) for task_id in ids])
    return len(wire.paths)
