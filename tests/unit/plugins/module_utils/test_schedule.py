# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.schedule import (
    LONGEST_GAP,
    TYPICAL,
    UNKNOWN,
    next_look,
    next_look_at_all,
)


def looks_until(task_type: str, seconds: float) -> list[float]:
    moments, now = [], 0.0
    while now < seconds:
        now += next_look(task_type, now)
        moments.append(now)
    return moments


# The table of the document on asynchronous operations: operation, typical duration, poll every.
@pytest.mark.parametrize(
    ("task_type", "shortest", "longest", "every"),
    [
        ("create_vm", 15, 30, 5),
        ("create_volume", 5, 15, 5),
        ("create_network", 5, 10, 5),
        ("create_subnet", 5, 10, 5),
        ("create_loadbalancer", 30, 90, 10),
        ("delete_vm", 15, 70, 5),
        ("create_k8s_cluster_v2", 300, 900, 30),
    ],
)
def test_the_documents_table(task_type: str, shortest: float, longest: float, every: float) -> None:
    moments = looks_until(task_type, longest)
    assert moments[0] == shortest
    assert {later - earlier for earlier, later in zip(moments, moments[1:])} <= {every}
    assert moments[-1] == longest


@pytest.mark.parametrize("task_type", [*sorted(TYPICAL), "something_else", None])
def test_gaps_grow_after_the_typical_time_and_have_a_limit(task_type: str) -> None:
    shortest, longest, every = TYPICAL.get(task_type or "", UNKNOWN)
    assert 0 < shortest <= longest
    gaps = [next_look(task_type, longest + extra) for extra in range(0, 3600, 10)]
    assert gaps == sorted(gaps)
    assert gaps[0] == every
    assert max(gaps) == LONGEST_GAP


def test_a_gap_is_never_nothing() -> None:
    for task_type in [*TYPICAL, None]:
        for elapsed in range(2000):
            assert next_look(task_type, elapsed) > 0


def test_several_tasks_are_looked_at_when_the_first_of_them_may_be_done() -> None:
    assert next_look_at_all([("create_k8s_cluster_v2", 0), ("create_volume", 0), ("create_vm", 0)]) == 5
    assert next_look_at_all([("create_k8s_cluster_v2", 290), ("create_vm", 3)]) == 10


def test_the_users_interval_counts_alone() -> None:
    assert next_look_at_all([("create_k8s_cluster_v2", 0)], 2.5) == 2.5


def test_the_table_names_tasks_as_the_api_does() -> None:
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in TYPICAL)
