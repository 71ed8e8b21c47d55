# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.plugin_utils.records import Record, Records

TASK = {
    "id": "t1",
    "type": "create_volume",
    "state": "FINISHED",
    "started": "2026-05-01T12:00:00",
    "seconds": 9.5,
    "polls": 2,
    "error": None,
}
RECORD = Record(
    "t1", "create_volume", "FINISHED", "2026-05-01T12:00:00", 9.5, 2, None, "data", "Make a volume", "localhost"
)


def result(*tasks: Any, **more: Any) -> dict[str, Any]:
    return {"task_ids": [], "tasks": list(tasks), "created_resources": {}, "volume": {"name": "data"}, **more}


def taken(*results: Any, action: str = "gcore.cloud.volume", **options: Any) -> list[Record]:
    records = Records()
    for each in results:
        records.take(each, action, options, "Make a volume", "localhost")
    assert len(records) == len(list(records))
    return list(records)


def test_a_result_tells_its_tasks() -> None:
    assert taken(result(TASK, {**TASK, "id": "t2"})) == [RECORD, Record(**{**vars(RECORD), "id": "t2"})]


@pytest.mark.parametrize(
    "other",
    [
        None,
        {"censored": "the output has been hidden", "changed": True},
        {"changed": False, "tasks": [TASK]},
        {"results": [result(TASK)], "changed": True},
        {"msg": "All items completed"},
        result(changed=False),
        result(None, "t1", {"state": "FINISHED"}, {"id": 5}),
        {**result(), "tasks": None},
    ],
)
def test_what_is_no_work_of_this_run_is_left_out(other: Any) -> None:
    assert taken(other) == []


def test_a_task_that_two_steps_tell_of_is_one() -> None:
    started = result({**TASK, "state": "NEW", "started": None, "seconds": None, "polls": 0})
    records = Records()
    records.take(started, "gcore.cloud.volume", {}, "Start a volume", "here")
    records.take({**result(TASK), "volume": None}, "gcore.cloud.task_wait", {}, "Wait", "there")
    assert list(records) == [Record(**{**vars(RECORD), "step": "Start a volume", "host": "here"})]


def test_looks_of_all_waits_count_and_a_repeated_result_does_not() -> None:
    first = result({**TASK, "state": "RUNNING", "polls": 5})
    (record,) = taken(first, first, result(TASK), result(TASK))
    assert (record.polls, record.state) == (7, "FINISHED")


@pytest.mark.parametrize(
    ("shown", "options", "name"),
    [
        ({"name": "data", "id": "v"}, {"name": "asked"}, "data"),
        ({"id": "v"}, {}, "v"),
        (None, {"name": "asked", "id": "v"}, "asked"),
        (None, {"name": None, "id": 5}, "5"),
        ("?", {}, None),
        (None, {"tasks": ["t1"]}, None),
    ],
)
def test_a_resource_is_called_as_the_api_or_else_the_options_call_it(
    shown: Any, options: dict[str, Any], name: Any
) -> None:
    assert taken(result(TASK, volume=shown), **options)[0].resource == name


def test_an_address_is_called_by_itself() -> None:
    row = {"floating_ip": {"floating_ip_address": "192.0.2.1", "id": "f"}}
    assert taken({**result(TASK), **row}, action="gcore.cloud.floating_ip")[0].resource == "192.0.2.1"


def test_odd_values_are_borne() -> None:
    odd = {"id": "t1", "type": 5, "state": None, "seconds": "long", "polls": None, "error": {"a": 1}}
    (record,) = taken(result(odd))
    assert (record.type, record.state, record.seconds, record.polls) == ("5", "UNKNOWN", None, 0)
    assert record.error == "{'a': 1}"


@pytest.mark.parametrize(
    ("state", "is_open", "is_failed"),
    [
        ("NEW", True, False),
        ("RUNNING", True, False),
        ("FINISHED", False, False),
        ("ERROR", False, True),
        ("NOT_FOUND", False, True),
        ("SUSPENDED", False, True),
    ],
)
def test_a_state_nobody_knows_is_no_success(state: str, is_open: bool, is_failed: bool) -> None:
    (record,) = taken(result({**TASK, "state": state}))
    assert (record.is_open, record.is_failed) == (is_open, is_failed)
