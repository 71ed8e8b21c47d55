# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ApiError, GcoreError, TaskFailed, WaitTimeout
from ansible_collections.gcore.cloud.plugins.module_utils.tasks import (
    CREATED_KEYS,
    TASKS,
    Task,
    Waiter,
    merge_created,
    no_created,
    parse_time,
    redact,
    seconds_between,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    FakeSession,
    bad_certificate,
    client,
    read_timeout,
    refused,
    reply,
    reset,
    rows,
)

ACTIVE = {"NEW", "RUNNING"}


def row(task_id: str = "t1", state: str = "RUNNING", **more: Any) -> dict[str, Any]:
    known = {
        "id": task_id,
        "task_type": "create_volume",
        "state": state,
        "created_on": "2026-05-01T12:00:00",
        "error": None,
    }
    return {**known, **more}


class Bench:
    """A waiter on a scripted session."""

    def __init__(self, poll_interval: Any = None, seconds: float = 300) -> None:
        self.session = FakeSession()
        self.clock = self.session.clock
        self.deadline = Deadline(self.clock, seconds)
        self.waiter = Waiter(client(self.session), poll_interval)

    def on(self, task_id: str, *answers: Any) -> None:
        self.session.on(
            "GET",
            "%s/%s" % (TASKS, task_id),
            *[reply(200, each) if isinstance(each, dict) else each for each in answers],
        )

    def wait(self, *tasks: Task, **more: Any) -> None:
        self.waiter.wait(list(tasks), self.deadline, **more)

    @property
    def looks(self) -> list[float]:
        return [each.at for each in self.session.sent]


# ------------------------------------------------------------------- states


def test_new_and_running_go_on_until_finished() -> None:
    bench = Bench()
    bench.on("t1", row(state="NEW"), row(), row(), row(state="FINISHED", created_resources={"volumes": ["v1"]}))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished
    assert task.looks == 4
    assert task.created == {"volumes": ["v1"]}
    assert bench.looks == [5, 10, 15, 20]


def test_a_failed_task_has_the_text_of_the_api() -> None:
    bench = Bench()
    bench.on("t1", row(state="ERROR", error="Quota limit for volume_size exceeded by 20", created_resources=None))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert not task.is_finished
    failure = task.failure()
    assert isinstance(failure, TaskFailed)
    assert "Quota limit for volume_size exceeded by 20" in failure.message
    assert "t1" in failure.message
    assert "quota" in (failure.hint or "")
    assert failure.as_dict()["task_id"] == "t1"
    assert merge_created([task.created]) == no_created()


def test_a_failed_task_without_a_text() -> None:
    assert "no reason" in Task("t1", "create_vm", state="ERROR").failure().message


@pytest.mark.parametrize("state", ["DONE", "SUCCESS", "CANCELLED", "finished", "", "None"])
def test_an_unknown_state_ends_the_wait_and_is_never_success(state: str) -> None:
    bench = Bench()
    bench.on("t1", row(state=state))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_final
    assert not task.is_finished
    assert "'%s'" % state in task.failure().message
    assert "success" in task.failure().message


def test_nothing_to_wait_for_is_no_failure() -> None:
    bench = Bench()
    bench.wait()
    assert bench.looks == []


# ------------------------------------------------------------ errors of a look


@pytest.mark.parametrize(
    "fault",
    [reply(500, {}), reply(502, raw=b"<html>"), reply(503, {}), reply(504, {}), reply(408, {}), reply(429, {}), refused(), reset(),
     read_timeout(), reply(200, raw=b"{cut"), reply(200, raw=b""), reply(200, {}), reply(200, []), reply(200, None), reply(200, "text"),
     reply(200, {"id": "t1"})],
)  # fmt: skip
def test_errors_of_a_look_never_decide(fault: Any) -> None:
    bench = Bench()
    bench.on("t1", fault, fault, fault, fault, fault, fault, fault, row(state="FINISHED"))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished
    gaps = [later - earlier for earlier, later in zip(bench.looks, bench.looks[1:])]
    assert gaps == sorted(gaps)
    assert max(gaps) <= 60


@pytest.mark.parametrize(
    "fault", [{"results": "none"}, {"results": ["text"], "count": 1}, {"results": [], "count": None}, ["x"], None]
)
def test_a_garbled_list_never_decides(fault: Any) -> None:
    bench = Bench()
    bench.session.on("GET", TASKS, reply(200, fault), rows(row("t1", "FINISHED"), row("t2", "FINISHED")))
    bench.on("t1", row("t1"))
    bench.on("t2", row("t2"))
    tasks = [bench.waiter.started(each, "create_volume") for each in ("t1", "t2")]
    bench.wait(*tasks)
    assert all(task.is_finished for task in tasks)


def test_garbled_times_never_decide() -> None:
    bench = Bench()
    bench.on("t1", row(created_on="2026-99-99T99:99:99"), row(state="FINISHED", created_on=7, finished_on={}))
    task = Task("t1")
    bench.wait(task)
    assert task.is_finished


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("count", [1, 2])
def test_a_key_that_is_refused_ends_the_wait_at_once(status: int, count: int) -> None:
    bench = Bench()
    bench.on("t0", reply(status, {"message": "no"}))
    bench.session.on("GET", TASKS, reply(status, {"message": "no"}))
    with pytest.raises(ApiError):
        bench.wait(*[bench.waiter.started("t%d" % number, "create_volume") for number in range(count)])
    assert len(bench.session.sent) == 1


@pytest.mark.parametrize("asked", ["90", "Fri, 01 May 2026 12:01:35 GMT"])
def test_retry_after_is_obeyed(asked: str) -> None:
    bench = Bench()
    bench.on("t1", reply(429, {}, {"Retry-After": asked}), row(state="FINISHED"))
    bench.wait(bench.waiter.started("t1", "create_volume"))
    assert bench.looks == [5, 95]


def test_retry_after_is_obeyed_beyond_the_deadline() -> None:
    bench = Bench(seconds=60)
    bench.on("t1", reply(429, {"message": "slow down"}, {"Retry-After": "900"}), row(state="FINISHED"))
    with pytest.raises(WaitTimeout, match="slow down"):
        bench.wait(bench.waiter.started("t1", "create_volume"))
    assert bench.looks == [5]
    assert bench.clock.time <= 60


def test_a_small_retry_after_does_not_hasten_the_looks() -> None:
    bench = Bench()
    bench.on("t1", reply(503, {}, {"Retry-After": "0"}), row(state="FINISHED"))
    bench.wait(bench.waiter.started("t1", "create_volume"))
    assert bench.looks == [5, 10]


def test_a_certificate_that_became_wrong_is_told() -> None:
    bench = Bench()
    bench.on("t1", bad_certificate())
    with pytest.raises(GcoreError, match="certificate"):
        bench.wait(bench.waiter.started("t1", "create_volume"))


# ---------------------------------------------------------------- not found


def test_404_is_borne_for_15_seconds_after_the_post() -> None:
    bench = Bench(poll_interval=4)
    bench.on("t1", reply(404, {}), reply(404, {}), reply(404, {}), row(state="FINISHED"))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished


def test_404_later_is_an_unknown_task() -> None:
    bench = Bench(poll_interval=4)
    bench.on("t1", reply(404, {}))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert task.state == "NOT_FOUND"
    assert 15 <= bench.clock.time < 20
    assert "unknown to the API" in task.failure().message


def test_404_of_a_task_that_was_not_posted_here_is_final() -> None:
    bench = Bench()
    bench.on("t1", reply(404, {}))
    task = Task("t1")
    bench.wait(task)
    assert (task.state, bench.clock.time) == ("NOT_FOUND", 0)


# -------------------------------------------------------- one task or several


def test_one_task_is_read_by_its_id() -> None:
    bench = Bench()
    bench.on("t1", row(state="FINISHED"))
    bench.wait(bench.waiter.started("t1", "create_volume"), scope={"project_id": 1})
    assert [each.path for each in bench.session.sent] == [TASKS + "/t1"]


def test_several_tasks_are_one_list_a_look() -> None:
    bench = Bench()
    bench.session.on(
        "GET", TASKS, rows(row("t1"), row("t2"), row("t3")), rows(row("t1"), row("t2", "FINISHED"), row("t3")), rows(row("t1", "FINISHED"), row("t3", "ERROR"))
    )  # fmt: skip
    tasks = [bench.waiter.started(each, "create_volume") for each in ("t1", "t2", "t3")]
    bench.wait(*tasks, scope={"project_id": 1, "region_id": 2})
    assert [task.state for task in tasks] == ["FINISHED", "FINISHED", "ERROR"]
    assert len(bench.session.sent) == 3
    query = bench.session.sent[0].query
    assert query["limit"] == ["1000"]
    assert set(query["state"]) == ACTIVE
    assert (query["project_id"], query["region_id"]) == (["1"], ["2"])


def test_a_task_that_the_list_does_not_show_is_read_by_id() -> None:
    bench = Bench()
    bench.session.on("GET", TASKS, rows(row("t1"), row("other")))
    bench.on("t1", row("t1", "FINISHED"))
    bench.on("t2", row("t2"), row("t2", "FINISHED", created_resources={"volumes": ["v2"]}))
    tasks = [bench.waiter.started(each, "create_volume") for each in ("t1", "t2")]
    bench.session.on("GET", TASKS, rows(row("t1")), rows())
    bench.wait(*tasks)
    assert all(task.is_finished for task in tasks)
    assert tasks[1].created == {"volumes": ["v2"]}


def test_the_list_is_read_page_by_page() -> None:
    bench = Bench()
    others = [row("x%d" % number) for number in range(1000)]
    bench.session.on(
        "GET", TASKS, rows(*others, count=1002), rows(row("t1", "FINISHED"), row("t2", "FINISHED"), count=1002)
    )
    tasks = [bench.waiter.started(each, "create_volume") for each in ("t1", "t2")]
    bench.wait(*tasks)
    assert [each.query.get("offset") for each in bench.session.sent] == [None, ["1000"]]


def test_the_last_open_one_of_several_is_read_by_id() -> None:
    bench = Bench()
    bench.session.on("GET", TASKS, rows(row("t1", "FINISHED"), row("t2")))
    bench.on("t2", row("t2", "FINISHED"))
    bench.wait(*[bench.waiter.started(each, "create_volume") for each in ("t1", "t2")])
    assert [each.path for each in bench.session.sent] == [TASKS, TASKS + "/t2"]


# --------------------------------------------------------------------- time


def test_there_is_a_last_look_at_the_deadline() -> None:
    bench = Bench(seconds=42)
    bench.on("t1", row(), row(), row(), row(), row(), row(), row(state="FINISHED"))
    bench.session._scripts["GET", TASKS + "/t1"] = [
        lambda sent: reply(200, row(state="FINISHED" if sent.at >= 41.5 else "RUNNING"))
    ]
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished
    assert bench.looks[-1] == 42


def test_a_time_out_tells_the_ids_and_how_to_go_on() -> None:
    bench = Bench(seconds=42)
    bench.session.on("GET", TASKS, rows(row("t1"), row("t2")))
    with pytest.raises(WaitTimeout) as caught:
        bench.wait(*[bench.waiter.started(each, "create_volume") for each in ("t1", "t2")])
    told = caught.value.sentence()
    for word in ("42 s", "t1", "t2", "gcore.cloud.task_wait", "wait_timeout"):
        assert word in told
    assert bench.clock.time == 42
    assert caught.value.as_dict()["kind"] == "timeout"


def test_a_time_out_tells_the_last_trouble() -> None:
    bench = Bench(seconds=42)
    bench.on("t1", reply(503, {"message": "under repair"}))
    with pytest.raises(WaitTimeout, match="under repair"):
        bench.wait(bench.waiter.started("t1", "create_volume"))


def test_a_poll_interval_of_the_users_own() -> None:
    bench = Bench(poll_interval=7)
    bench.on("t1", row(), row(), row(state="FINISHED"))
    bench.wait(bench.waiter.started("t1", "create_vm"))
    assert bench.looks == [7, 14, 21]


def test_an_adopted_task_is_looked_at_once_and_then_by_its_own_age() -> None:
    bench = Bench()
    bench.clock.time = 100.0
    created = "2026-05-01T12:01:33"
    bench.on(
        "t1",
        row(task_type="create_vm", created_on=created),
        row(task_type="create_vm", state="FINISHED", created_on=created, finished_on="2026-05-01T12:01:50"),
    )
    task = Task("t1")
    bench.wait(task)
    assert bench.looks == [100, 108]  # seven seconds old at the first look: no VM is done before 15
    assert task.seconds == 17


def test_an_adopted_task_from_the_future_of_the_server_counts_as_new() -> None:
    bench = Bench()
    bench.on("t1", row(created_on="2026-05-01T12:30:00"), row(state="FINISHED"))
    bench.wait(Task("t1"))
    assert bench.looks == [0, 5]


def test_a_task_of_this_run_counts_from_its_post_on_our_clock() -> None:
    bench = Bench()
    bench.clock.time = 50.0
    task = bench.waiter.started("t1", "create_volume")
    bench.on("t1", row(state="FINISHED", created_on="2026-05-01T09:00:00", finished_on="2026-05-01T09:00:01"))
    bench.wait(task)
    assert bench.looks == [55]
    assert task.seconds == 5


def test_the_row_of_a_result() -> None:
    bench = Bench()
    bench.on("t1", row(state="FINISHED"))
    task = bench.waiter.started("t1", "create_volume")
    assert task.as_dict()["state"] == "NEW"
    bench.wait(task)
    assert task.as_dict() == {
        "id": "t1",
        "type": "create_volume",
        "state": "FINISHED",
        "started": "2026-05-01T12:00:00",
        "seconds": 5.0,
        "looks": 1,
        "error": None,
    }


# ---------------------------------------------------------- created_resources


def test_created_resources_have_every_key_and_each_id_once() -> None:
    merged = merge_created(
        [
            {"volumes": ["a", "b"], "networks": None},
            None,
            {},
            {"volumes": ["b", "c"], "projects": [1], "brand_new": ["x"]},
        ]
    )
    assert merged["volumes"] == ["a", "b", "c"]
    assert merged["projects"] == [1]
    assert merged["brand_new"] == ["x"]
    assert merged["networks"] == []
    assert set(CREATED_KEYS) <= set(merged)
    assert no_created() == {key: [] for key in CREATED_KEYS}


@pytest.mark.parametrize("created", [None, {}, {"volumes": None}])
def test_created_resources_may_be_null_or_missing(created: Any) -> None:
    bench = Bench()
    bench.on("t1", row(state="FINISHED", created_resources=created))
    task = bench.waiter.started("t1", "create_volume")
    bench.wait(task)
    assert merge_created([task.created]) == no_created()


# -------------------------------------------------------------------- times


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-30T05:34:14",
        "2026-05-30T05:34:14Z",
        "2026-05-30T05:34:14+0000",
        "2026-05-30T05:34:14+00:00",
        "2026-05-30T05:34:14.123456",
        "2026-05-30 05:34:14",
        "2026-05-30T07:34:14+02:00",
        "2026-05-30T01:04:14-0430",
    ],
)
def test_every_form_of_a_time(text: str) -> None:
    assert str(parse_time(text)) == "2026-05-30 05:34:14"


@pytest.mark.parametrize("text", [None, "", "yesterday", 5, {}, "2026-05-30", "2026-13-45T99:00:00"])
def test_what_is_no_time(text: Any) -> None:
    assert parse_time(text) is None
    assert seconds_between(text, "2026-05-30T05:34:14") is None


# ------------------------------------------------------------------- secrets


def test_the_data_of_a_task_is_redacted() -> None:
    data = {
        "name": "web",
        "flavor_id": "g1-standard-1-2",
        "volumes": [{"size": 5, "source": "image", "image_id": "i1", "note": "s3cret"}],
        "user_data": "IyEvYmluL3No",
        "password": "s3cret",
        "username": "root",
        "keypair_name": "key",
        "metadata": {"token": "s3cret", "x": None},
        "payload": ["s3cret", {"private_key": "s3cret"}],
    }
    shown = redact(data)
    assert "s3cret" not in repr(shown)
    assert "IyEv" not in repr(shown)
    assert (shown["name"], shown["flavor_id"], shown["volumes"][0]["size"]) == ("web", "g1-standard-1-2", 5)
    assert shown["password"] == "(hidden)"


@pytest.mark.parametrize("data", [None, [], {}, 5])
def test_data_without_texts_stays(data: Any) -> None:
    assert redact(data) == data


def test_data_that_is_a_text_is_hidden() -> None:
    assert redact("s3cret") == "(hidden)"
