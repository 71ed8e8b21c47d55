# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What task_wait makes of registered results, in the forms in which ansible-core 2.18 and 2.21 register them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Account

# Results of a task of this collection that has started nothing.
BAD_ARGUMENT = {
    "changed": False,
    "failed": True,
    "msg": "argument 'size' is of type str and we were unable to convert to int: s3cret",
    "invocation": {"module_args": {"api_key": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "size": "s3cret"}},
    "ansible_loop_var": "item",
    "item": "second",
}
TEMPLATE_ERROR = {
    "changed": False,
    "failed": True,
    "exception": "(traceback unavailable)",
    "msg": "Task failed: Finalization of task args for 'gcore.cloud.volume' failed: s3cret",
    "ansible_loop_var": "disk",
    "disk": {"name": "second", "password": "s3cret"},
}
WHOLE_LOOP_FAILED = {"failed": True, "msg": "The task includes an option with an undefined variable. s3cret"}
UNREACHABLE = {"unreachable": True, "msg": "Failed to connect to the host: s3cret", "item": "second"}
UNREACHABLE_NEW = {"changed": False, "failed": False, "unreachable": True, "msg": "Task failed: s3cret"}
CRASHED = {"changed": False, "failed": True, "module_stderr": "s3cret", "module_stdout": "", "msg": "s3cret", "rc": 127}
JOB_FAILED = {"failed": 1, "finished": 1, "started": 1, "ansible_job_id": "j1", "msg": "s3cret", "changed": False}
REFUSED = {"changed": False, "failed": True, "msg": "s3cret", "error": {"kind": "options"}, "task_ids": [], "tasks": []}

SKIPPED = {"changed": False, "skipped": True, "skip_reason": "Conditional result was False", "item": "second"}
UNCHANGED = {"changed": False, "failed": False, "task_ids": [], "tasks": [], "volume": {"id": "x"}}
EMPTY_LOOP = {"changed": False, "skipped": True, "skipped_reason": "No items in the list", "results": []}


def started(account: Account, name: str = "first") -> Any:
    """The result of a task with wait: false."""
    return account.ok("volume", name=name, size=5, wait=False)


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        (BAD_ARGUMENT, ["tasks[0].results[1] (item 'second') failed"]),
        (TEMPLATE_ERROR, ["tasks[0].results[1] (item 'second') failed"]),
        (WHOLE_LOOP_FAILED, ["tasks[0].results[1] failed"]),
        (UNREACHABLE, ["tasks[0].results[1] (item 'second') was unreachable"]),
        (UNREACHABLE_NEW, ["tasks[0].results[1] was unreachable"]),
        (CRASHED, ["tasks[0].results[1] failed"]),
        (JOB_FAILED, ["tasks[0].results[1] failed"]),
        (REFUSED, ["tasks[0].results[1] failed"]),
        (SKIPPED, []),
        (UNCHANGED, []),
        (EMPTY_LOOP, []),
    ],
)
def test_a_loop_of_which_one_item_started_nothing(account: Account, failed: Any, words: list[str]) -> None:
    first, third = started(account), started(account, "third")
    loop = {
        "changed": True,
        "failed": bool(words),
        "results": [first, failed, third],
        "msg": "One or more items failed",
    }
    run = account.run("task_wait", tasks=[loop])
    assert not run.failed, run.text
    assert run.result["task_ids"] == [*first["task_ids"], *third["task_ids"]]
    assert [task["state"] for task in run.result["tasks"]] == ["FINISHED", "FINISHED"]
    assert len(run.warnings) == len(words), run.warnings
    for word in words:
        assert word in run.warnings[0]
    assert "s3cret" not in run.text


def test_the_result_of_a_failed_run_with_tasks_is_waited_for(account: Account) -> None:
    timed_out = account.run("volume", name="first", size=5, wait_timeout=1)
    assert timed_out.failed and timed_out.result["task_ids"]
    done = account.ok("task_wait", tasks=[timed_out.result])
    assert done["task_ids"] == timed_out.result["task_ids"] and not done.get("warnings")
    assert done["tasks"][0]["state"] == "FINISHED"


def test_every_form_that_names_tasks(account: Account) -> None:
    first, second = started(account), started(account, "second")
    ids = [*first["task_ids"], *second["task_ids"]]
    nested = {"results": [{"results": [first]}, {"results": [second]}]}
    assert account.ok("task_wait", tasks=first)["task_ids"] == ids[:1]
    for given in (ids, ",".join(ids), nested, [first["tasks"], second["tasks"]], [nested], [[first], [second]]):
        assert account.ok("task_wait", tasks=given)["task_ids"] == ids, given
    rows = account.ok("task_info", id=ids[0])["tasks"]
    assert account.ok("task_wait", tasks=rows)["task_ids"] == ids[:1]


def test_check_mode_results_have_no_tasks(account: Account) -> None:
    planned = account.run("volume", name="first", size=5, wait=False, check=True).result
    assert planned["changed"] and planned["task_ids"] == []
    assert account.ok("task_wait", tasks=[planned], needed="any")["task_ids"] == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"changed": True, "finished": False, "failed": False, "started": True, "ansible_job_id": "j1", "results_file": "/x"},
         ["tasks[0] is the result of an asynchronous job", "ansible.builtin.async_status"]),
        ({"changed": True, "finished": 0, "failed": 0, "started": 1, "ansible_job_id": "j1", "item": "one"},
         ["tasks[0] (item 'one') is the result of an asynchronous job"]),
        ({"changed": False, "rc": 0, "stdout": "s3cret", "cmd": ["s3cret"]}, ["tasks[0] is a result without task_ids", "register"]),
        ({"changed": False, "failed": False, "volumes": [{"id": "s3cret"}]}, ["tasks[0] is a result without task_ids"]),
        ({"results": [{"changed": False, "include": "x.yml", "include_args": {}, "item": 1}]},
         ["tasks[0].results[0] (item '1') is a result without task_ids"]),
        ({"ansible_facts": {"x": "s3cret"}, "changed": False}, ["tasks[0] is a result without task_ids"]),
        ("{'task_ids': ['s3cret'], 'private_key': 's3cret'}", ["tasks[0] is text, but not a task id", "register"]),
        ([5], ["tasks[0][0] is neither a task id nor a registered result"]),
    ],
)  # fmt: skip
def test_other_results_are_refused_with_their_place(account: Account, given: Any, words: list[str]) -> None:
    run = account.refused("task_wait", *words, tasks=[given])
    assert not run.exchanges
    assert "s3cret" not in run.text


def test_more_tasks_needed_than_were_started(account: Account) -> None:
    run = account.refused("task_wait", "needed is 2", "1 task id.", tasks=[started(account), BAD_ARGUMENT], needed="2")
    assert "tasks[1] (item 'second') failed" in run.warnings[0]


# --------------------------------------------------------------- the outcome


def test_what_all_tasks_created_is_merged(account: Account) -> None:
    account.cloud.simulator.settings.durations = {"create_volume": 40}
    first, second = started(account), started(account, "second")
    started(account, "another")
    run = account.run("task_wait", tasks=[{**first, "secret": "s3cret"}, {"results": [second]}])
    assert not run.failed and run.result["changed"] is False and 39 < run.seconds < 60 and "s3cret" not in run.text
    assert run.result["task_ids"] == [*first["task_ids"], *second["task_ids"]]
    assert [task["state"] for task in run.result["tasks"]] == ["FINISHED"] * 2
    ids = [result["volume"]["id"] for result in (first, second)]
    assert run.result["created_resources"]["volumes"] == ids


def test_each_outcome_is_reported_when_one_task_fails(account: Account) -> None:
    account.cloud.arm({"kind": "task_error", "error": "no host"})
    run = account.run("task_wait", tasks=[started(account), started(account, "second")])
    assert run.failed and "no host" in run.result["msg"]
    assert [task["state"] for task in run.result["tasks"]] == ["ERROR", "FINISHED"]
    assert len(run.result["created_resources"]["volumes"]) == 1


def test_a_timeout_names_the_tasks_and_their_states(account: Account) -> None:
    account.cloud.simulator.settings.durations = {"create_volume": 500}
    (task,) = started(account)["task_ids"]
    run = account.run("task_wait", tasks=[task], wait_timeout=60)
    assert run.error_kind == "timeout" and task in run.result["msg"] and 59 < run.seconds < 62
    assert run.result["tasks"][0]["state"] == "RUNNING"


def test_an_unknown_task_is_a_failure(account: Account) -> None:
    unknown = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"
    account.refused("task_wait", "unknown to the API", unknown, tasks=[unknown])


def test_task_info_finds_tasks_and_hides_what_they_hold(account: Account) -> None:
    (task,) = started(account)["task_ids"]
    account.cloud.simulator.tasks.all()[-1].data["password"] = "s3cret"
    for options in ({"id": task}, {"active": True, "projects": ["1000001"], "regions": ["76"]}, {}):
        run = account.run("task_info", **options)
        assert [row["id"] for row in run.result["tasks"]] == [task]
        assert run.result["tasks"][0]["data"]["name"] == "first"
        assert run.result["tasks"][0]["data"]["password"] == "(hidden)" and "s3cret" not in run.text


def test_task_info_stops_at_its_limit(account: Account) -> None:
    for number in range(5):
        started(account, f"data-{number}")
    assert len(account.ok("task_info", limit=2)["tasks"]) == 2
    account.refused("task_info", "limit", limit=0)
