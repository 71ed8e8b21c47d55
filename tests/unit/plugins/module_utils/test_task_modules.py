# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.task_modules import (
    only_ids,
    task_ids,
    together,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import Task


@pytest.mark.parametrize(
    ("given", "ids"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("t1", ["t1"]),
        (["t1", "t2", "t1"], ["t1", "t2"]),
        ({"task_ids": ["t1"], "changed": True, "tasks": [{"id": "t1", "task_type": "x"}]}, ["t1"]),
        ({"changed": False, "task_ids": []}, []),
        ({"results": [{"task_ids": ["t1"]}, {"task_ids": ["t2", "t1"]}, {"skipped": True}]}, ["t1", "t2"]),
        ([{"task_ids": ["t1"]}, "t2", {"results": [{"task_ids": ["t3"]}]}], ["t1", "t2", "t3"]),
        ({"skipped": True, "changed": False}, []),
        ({"tasks": ["t1", "t2"]}, ["t1", "t2"]),
        ({"tasks": [{"id": "t1", "task_type": "create_vm", "state": "NEW"}]}, ["t1"]),
        ({"results": []}, []),
    ],
)
def test_task_ids(given: Any, ids: list[str]) -> None:
    warnings: list[str] = []
    assert task_ids(given, warnings) == ids
    assert not warnings


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (5, "tasks"),
        ([{"msg": "s3cret"}], "tasks[0]"),
        ({"results": [{"task_ids": []}, {"rc": 0}]}, "tasks.results[1]"),
        ([["t"], [5]], "tasks[1][0]"),
    ],
)
def test_what_is_no_task_says_where_it_is_and_not_what(given: Any, place: str) -> None:
    with pytest.raises(OptionError) as caught:
        task_ids(given, [])
    assert caught.value.message.startswith(place + " is ")
    assert "s3cret" not in caught.value.sentence()


def test_nothing_is_left_of_the_results_but_their_ids() -> None:
    params = {"api_key": "k", "tasks": [{"task_ids": ["t1"], "private_key": "s3cret", "ssh_key": {"x": "s3cret"}}]}
    kept = only_ids(params, [])
    assert kept == {"api_key": "k", "tasks": ["t1"]}
    assert "s3cret" in repr(params)
    with pytest.raises(OptionError) as caught:
        only_ids({"tasks": [{"payload": "s3cret"}]}, [])
    assert "s3cret" not in caught.value.sentence()
    assert only_ids({"api_key": "k"}, []) == {"api_key": "k"}


def test_one_failure_for_several_tasks() -> None:
    failed = [Task("t1", "create_vm", state="ERROR", error="no host"), Task("t2", state="GONE")]
    both = together(failed, 5)
    for word in ("2 of 5 tasks", "no host", "t1", "t2", "'GONE'"):
        assert word in both.sentence()
    assert together(failed[:1], 5).message == failed[0].failure().message
