# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import WaitProgress
from ansible_collections.gcore.cloud.plugins.plugin_utils.records import Record
from ansible_collections.gcore.cloud.plugins.plugin_utils.texts import (
    clean,
    duration,
    marks_passed,
    progress_bar,
    table,
    totals,
    wait_line,
)

LOOK = WaitProgress(1, 0.0, 10.0, 10.0, "t1", "create_vm", "web-1", 1, (15, 30))
NOON = time.mktime((2026, 5, 1, 12, 0, 0, 0, 0, -1))


def record(**more: Any) -> Record:
    known: dict[str, Any] = {
        "id": "t1",
        "type": "create_vm",
        "state": "FINISHED",
        "started": None,
        "seconds": 23.04,
        "polls": 3,
        "error": None,
        "resource": "web-1",
        "step": "Make the VM",
        "host": "localhost",
    }
    return Record(**{**known, **more})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("web-1", "web-1"),
        ("a\nb\t c", "a b c"),
        ("\x1b[2Jgone\x07\x9b31m", "?[2Jgone??31m"),
        ("right\u202eleft\u200b\ud800", "right?left??"),
        ("grün 日本", "grün 日本"),
        ("x" * 50, "x" * 39 + "…"),
        (None, "None"),
    ],
)
def test_text_of_others_is_made_harmless(text: Any, shown: str) -> None:
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (9.9, "0:09"), (60, "1:00"), (725, "12:05"), (3723, "1:02:03")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "longest", "full"), [(0, 30, 0), (15, 30, 10), (29.9, 30, 19), (30, 30, 20), (900, 30, 20), (0, 0, 20)]
)
def test_the_bar_is_full_when_the_usual_time_is_over(seconds: float, longest: float, full: int) -> None:
    assert progress_bar(seconds, longest) == "[" + "#" * full + "-" * (20 - full) + "]"


def test_a_log_gets_lines_at_growing_distances() -> None:
    owed = [marks_passed(second) for second in range(601)]
    assert [second for second in range(1, 601) if owed[second] > owed[second - 1]] == [
        *(10, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600)
    ]


def test_a_wait_tells_what_since_when_and_how_far() -> None:
    line = wait_line(LOOK, 5.0, "Make the VM", NOON)
    assert line == "[##########----------]  0:15 of 0:30  create_vm web-1 (Make the VM)  since 11:59:45, 1 poll"


def test_a_wait_that_is_longer_than_usual_says_so() -> None:
    line = wait_line(LOOK, 65.0, "Make the VM", NOON)
    assert "[####################]  1:15, longer than usual (0:30)" in line


def test_a_wait_for_what_nobody_knows_has_no_bar() -> None:
    assert (
        wait_line(WaitProgress(1, id="t1", polls=2), 61.0, "Wait", NOON) == "1:01  t1 (Wait)  since 11:58:59, 2 polls"
    )


def test_a_wait_for_many_tells_how_many() -> None:
    many = WaitProgress(500, type="create_volume", usual=(5, 15))
    assert "create_volume and 499 more (Wait)" in wait_line(many, 0.0, "Wait", NOON)


def test_a_fast_clock_is_told_in_its_own_seconds() -> None:
    fast = WaitProgress(1, 0.0, 120.0, 120.0, "t1", "create_vm", None, 1, (15, 30), speed=60.0)
    assert "2:00, longer than usual (0:30)  create_vm (Make)  since 11:59:58" in wait_line(fast, 0.0, "Make", NOON)


def test_a_wait_is_one_harmless_line() -> None:
    line = wait_line(WaitProgress(1, id="t1", type="create\x1b[2J", name="a\nb\r"), 0.0, "Make\x1b[1A it", NOON)
    assert line.isprintable()


def test_the_table_tells_each_task_and_the_totals() -> None:
    rows = [
        record(id="t0", type="create_network", resource="lan", seconds=7.1, polls=2, step="Make the network"),
        record(state="ERROR", error="No valid\nhost\x1b[31m was found"),
        record(id="t2", type=None, state="NEW", seconds=None, polls=0, resource=None, step="Start it"),
    ]
    assert [line for line, _is_failure in table(rows)] == [
        "task of the API  resource  state     seconds  polls  step",
        "create_network   lan       FINISHED      7.1      2  Make the network",
        "create_vm        web-1     ERROR        23.0      3  Make the VM",
        "    No valid host?[31m was found",
        "t2               -         NEW             -      0  Start it",
        "3 tasks, 1 failed, 1 still running, 5 polls, 30.1 seconds in all",
    ]
    assert [is_failure for _line, is_failure in table(rows)] == [False, False, True, True, False, True]


def test_the_table_names_hosts_where_there_are_several() -> None:
    lines = [line for line, _is_failure in table([record(), record(id="t2", host="other")])]
    assert [line.split("  ")[-1] for line in lines[1:3]] == ["Make the VM [localhost]", "Make the VM [other]"]


def test_the_totals_of_one() -> None:
    assert totals([record()]) == "1 task, none failed, 3 polls, 23.0 seconds in all"
