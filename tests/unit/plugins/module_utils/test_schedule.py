# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The shape of the schedule; what it costs is held by tests/benchmark."""

from __future__ import annotations

import re

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import (
    EARLY,
    LONGEST_GAP,
    SHORTEST_GAP,
    TYPICAL,
    UNKNOWN,
    Window,
    learned_window,
    next_poll,
    next_poll_of_all,
)

K8S = "create_k8s_cluster_v2"


def looks_until(task_type: str, seconds: float) -> list[float]:
    moments, now = [], 0.0
    while now < seconds:
        now += next_poll(task_type, now)
        moments.append(now)
    return moments


@pytest.mark.parametrize("task_type", sorted(TYPICAL))
def test_looks_begin_with_the_window_and_lie_closer_and_closer(task_type: str) -> None:
    shortest, longest, _every = TYPICAL[task_type]
    moments = looks_until(task_type, longest)
    gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert moments[0] > shortest - EARLY * (longest - shortest)
    assert sum(moment < shortest for moment in moments) <= 2
    assert gaps == sorted(gaps, reverse=True)
    assert longest <= moments[-1] <= longest + SHORTEST_GAP


@pytest.mark.parametrize("task_type", [*sorted(TYPICAL), "something_else", None])
def test_gaps_grow_after_the_typical_time_and_have_a_limit(task_type: str) -> None:
    _shortest, longest, every = TYPICAL.get(task_type or "", UNKNOWN)
    gaps = [next_poll(task_type, longest + extra) for extra in range(0, 3600, 10)]
    assert gaps == sorted(gaps)
    assert gaps[0] <= every / 2
    assert max(gaps) == LONGEST_GAP


def test_a_gap_is_never_less_than_a_second() -> None:
    for task_type in [*TYPICAL, None]:
        for elapsed in range(20000):
            assert next_poll(task_type, elapsed / 10) >= SHORTEST_GAP


def test_the_same_moment_is_looked_at_from_wherever_one_starts_before_the_window() -> None:
    first = next_poll(K8S, 0)
    assert 250 < first < 340
    assert [elapsed + next_poll(K8S, elapsed) for elapsed in (10, 100, 250)] == pytest.approx([first] * 3)


def test_several_tasks_are_looked_at_when_as_many_may_be_done_as_are_needed() -> None:
    tasks = [(K8S, 0.0, None), ("create_volume", 0.0, None), ("create_vm", 0.0, None)]
    alone = sorted(next_poll(*task) for task in tasks)
    assert [next_poll_of_all(tasks, needed) for needed in (1, 2, 3)] == alone
    assert next_poll_of_all(tasks) == alone[2]
    assert next_poll_of_all(tasks, 9) == alone[2]


def test_the_users_interval_counts_alone() -> None:
    assert next_poll_of_all([(K8S, 0, None)], poll_interval=2.5) == 2.5


def test_what_was_learned_counts_instead_of_the_table() -> None:
    assert next_poll("create_volume", 0, Window(100, 200, 5)) > 92
    assert next_poll("something_else", 0, Window(100, 200, 5)) > 92


@pytest.mark.parametrize("durations", [[], [5.0], [5.0, 900.0]])
def test_a_few_tasks_tell_nothing(durations: list[float]) -> None:
    assert learned_window(durations) is None


def test_finished_tasks_tell_where_the_next_one_will_lie() -> None:
    assert learned_window([100, 300, 200]) == Window(100, 400, pytest.approx(13.3, abs=0.1))
    assert learned_window([7, 7, 7]) == Window(7, 8, 5)
    assert learned_window([1000, 4000, 2000]) == Window(1000, 5500, 30)


def test_the_table_names_tasks_as_the_api_does() -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in TYPICAL)
