# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ApiError, GcoreError, TaskFailed, WaitTimeout
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import (
    HISTORY,
    LEARN_AFTER,
    next_poll,
)
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import (
    CREATED_KEYS,
    TASKS,
    Task,
    merge_created,
    no_created,
    parse_time,
    redact,
    seconds_between,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    FakeSession,
    answered,
    bad_certificate,
    read_timeout,
    refused,
    reply,
    reset,
    rows,
)

ACTIVE = {"NEW", "RUNNING"}


def moments(task_type: str, number: int, after: float = 0.0) -> list[float]:
    """When a task of the type is looked at, seconds after its start."""
    found = []
    for _each in range(number):
        after += next_poll(task_type, after)
        found.append(after)
    return found


FIRST, SECOND = moments("create_volume", 2)


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
        self.poller = Poller(answered(self.session), poll_interval)

    def on(self, task_id: str, *answers: Any) -> None:
        self.session.on(
            "GET",
            "%s/%s" % (TASKS, task_id),
            *[reply(200, each) if isinstance(each, dict) else each for each in answers],
        )

    def wait(self, *tasks: Task, **more: Any) -> None:
        self.poller.wait(list(tasks), self.deadline, **more)

    @property
    def polls(self) -> list[float]:
        return [each.at for each in self.session.sent]


# ------------------------------------------------------------------- states


def test_new_and_running_go_on_until_finished() -> None:
    bench = Bench()
    bench.on("t1", row(state="NEW"), row(), row(), row(state="FINISHED", created_resources={"volumes": ["v1"]}))
    task = bench.poller.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished
    assert task.polls == 4
    assert task.created == {"volumes": ["v1"]}
    assert bench.polls == pytest.approx(moments("create_volume", 4))


def test_a_failed_task_has_the_text_of_the_api() -> None:
    bench = Bench()
    bench.on("t1", row(state="ERROR", error="Quota limit for volume_size exceeded by 20", created_resources=None))
    task = bench.poller.started("t1", "create_volume")
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
    task = bench.poller.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_final
    assert not task.is_finished
    assert "'%s'" % state in task.failure().message
    assert "success" in task.failure().message


def test_nothing_to_wait_for_is_no_failure() -> None:
    bench = Bench()
    bench.wait()
    assert bench.polls == []


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
    bench.session.on("GET", TASKS, fault)
    task = bench.poller.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished
    polls = [each.at for each in bench.session.sent if each.path != TASKS]
    gaps = [later - earlier for earlier, later in zip(polls, polls[1:])]
    assert all(gap > min(30, 2**index) - 0.001 for index, gap in enumerate(gaps))
    assert max(gaps) <= 60


@pytest.mark.parametrize(
    "fault", [{"results": "none"}, {"results": ["text"], "count": 1}, {"results": [], "count": None}, ["x"], None]
)
def test_a_garbled_list_never_decides(fault: Any) -> None:
    bench = Bench()
    bench.session.on("GET", TASKS, reply(200, fault), rows(row("t1", "FINISHED"), row("t2", "FINISHED")))
    bench.on("t1", row("t1"))
    bench.on("t2", row("t2"))
    tasks = [bench.poller.started(each, "create_volume") for each in ("t1", "t2")]
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
        bench.wait(*[bench.poller.started("t%d" % number, "create_volume") for number in range(count)])
    assert len(bench.session.sent) == 1


@pytest.mark.parametrize("asked", ["90", "Fri, 01 May 2026 12:01:37 GMT"])
def test_retry_after_is_obeyed(asked: str) -> None:
    bench = Bench()
    bench.on("t1", reply(429, {}, {"Retry-After": asked}), row(state="FINISHED"))
    bench.wait(bench.poller.started("t1", "create_volume"))
    assert bench.polls == pytest.approx([FIRST, FIRST + 90.5])


def test_retry_after_is_obeyed_beyond_the_deadline() -> None:
    bench = Bench(seconds=60)
    bench.on("t1", reply(429, {"message": "slow down"}, {"Retry-After": "900"}), row(state="FINISHED"))
    with pytest.raises(WaitTimeout, match="slow down"):
        bench.wait(bench.poller.started("t1", "create_volume"))
    assert bench.polls == pytest.approx([FIRST])
    assert bench.clock.time <= 60


def test_a_small_retry_after_does_not_hasten_the_looks() -> None:
    bench = Bench()
    bench.on("t1", reply(503, {}, {"Retry-After": "0"}), row(state="FINISHED"))
    bench.wait(bench.poller.started("t1", "create_volume"))
    assert bench.polls == pytest.approx([FIRST, SECOND])


def test_a_certificate_that_became_wrong_is_told() -> None:
    bench = Bench()
    bench.on("t1", bad_certificate())
    with pytest.raises(GcoreError, match="certificate"):
        bench.wait(bench.poller.started("t1", "create_volume"))


# ---------------------------------------------------------------- not found


def test_404_is_borne_for_15_seconds_after_the_post() -> None:
    bench = Bench(poll_interval=4)
    bench.on("t1", reply(404, {}), reply(404, {}), reply(404, {}), row(state="FINISHED"))
    task = bench.poller.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished


def test_404_later_is_an_unknown_task() -> None:
    bench = Bench(poll_interval=4)
    bench.on("t1", reply(404, {}))
    task = bench.poller.started("t1", "create_volume")
    bench.wait(task)
    assert task.state == "NOT_FOUND"
    assert 15 <= bench.clock.time < 20
    assert "unknown to the API" in task.failure().message


def test_404_of_a_task_of_which_only_the_id_is_known_is_borne_as_long_from_the_first_look() -> None:
    bench = Bench()
    bench.on("t1", reply(404, {}))
    task = Task("t1")
    bench.wait(task)
    assert task.state == "NOT_FOUND"
    assert 15 <= bench.clock.time < 20
    fresh = Bench()
    fresh.on("t1", reply(404, {}), row(state="FINISHED"))
    task = Task("t1")
    fresh.wait(task)
    assert task.is_finished


# -------------------------------------------------------- one task or several


def test_one_task_is_read_by_its_id() -> None:
    bench = Bench()
    bench.on("t1", row(state="FINISHED"))
    bench.wait(bench.poller.started("t1", "create_volume"), scope={"project_id": 1})
    assert [each.path for each in bench.session.sent] == [TASKS + "/t1"]


def test_several_tasks_are_one_list_a_look() -> None:
    bench = Bench()
    bench.session.on(
        "GET", TASKS, rows(row("t1"), row("t2"), row("t3")), rows(row("t1"), row("t2", "FINISHED"), row("t3")), rows(row("t1", "FINISHED"), row("t3", "ERROR"))
    )  # fmt: skip
    tasks = [bench.poller.started(each, "create_volume") for each in ("t1", "t2", "t3")]
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
    tasks = [bench.poller.started(each, "create_volume") for each in ("t1", "t2")]
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
    tasks = [bench.poller.started(each, "create_volume") for each in ("t1", "t2")]
    bench.wait(*tasks)
    assert [each.query.get("offset") for each in bench.session.sent] == [None, ["1000"]]


def test_the_last_open_one_of_several_is_read_by_id() -> None:
    bench = Bench()
    bench.session.on("GET", TASKS, rows(row("t1", "FINISHED"), row("t2")))
    bench.on("t2", row("t2", "FINISHED"))
    bench.wait(*[bench.poller.started(each, "create_volume") for each in ("t1", "t2")])
    assert [each.path for each in bench.session.sent] == [TASKS, TASKS + "/t2"]


# --------------------------------------------------------------------- time


def test_there_is_a_last_look_at_the_deadline() -> None:
    bench = Bench(seconds=42)
    bench.on("t1", row(), row(), row(), row(), row(), row(), row(state="FINISHED"))
    bench.session._scripts["GET", TASKS + "/t1"] = [
        lambda sent: reply(200, row(state="FINISHED" if sent.at >= 41.5 else "RUNNING"))
    ]
    task = bench.poller.started("t1", "create_volume")
    bench.wait(task)
    assert task.is_finished
    assert bench.polls[-1] == 42


def test_a_time_out_tells_the_ids_and_how_to_go_on() -> None:
    bench = Bench(seconds=42)
    bench.session.on("GET", TASKS, rows(row("t1"), row("t2")))
    with pytest.raises(WaitTimeout) as caught:
        bench.wait(*[bench.poller.started(each, "create_volume") for each in ("t1", "t2")])
    told = caught.value.sentence()
    for word in ("42 s", "t1", "t2", "gcore.cloud.task_wait", "wait_timeout"):
        assert word in told
    assert bench.clock.time == 42
    assert caught.value.as_dict()["kind"] == "timeout"


def test_a_time_out_tells_the_last_trouble() -> None:
    bench = Bench(seconds=42)
    bench.on("t1", reply(503, {"message": "under repair"}))
    with pytest.raises(WaitTimeout, match="under repair"):
        bench.wait(bench.poller.started("t1", "create_volume"))


def test_a_poll_interval_of_the_users_own() -> None:
    bench = Bench(poll_interval=7)
    bench.on("t1", row(), row(), row(state="FINISHED"))
    bench.wait(bench.poller.started("t1", "create_vm"))
    assert bench.polls == [7, 14, 21]


def test_ended_tasks_are_read_by_their_ids_where_they_are_few_and_listed_where_they_are_many() -> None:
    bench = Bench(seconds=3000)
    names = ["t%d" % number for number in range(500)]
    ends = {name: 10.0 if index < 450 else 20.0 + index / 25 for index, name in enumerate(names)}

    def state(name: str, at: float) -> str:
        return "FINISHED" if at >= ends[name] else "RUNNING"

    def listed(sent: Any) -> Any:
        found = [row(name, state(name, sent.at)) for name in names if state(name, sent.at) in sent.query["state"]]
        assert sent.query.get("from_timestamp") in (None, ["2026-05-01T12:00:00Z"])
        return rows(*found)

    bench.session.on("GET", TASKS, listed)
    for name in names:
        bench.on(name, lambda sent, name=name: reply(200, row(name, state(name, sent.at))))
    tasks = [Task(name) for name in names]
    bench.wait(*tasks)
    assert all(task.is_finished for task in tasks)
    assert len(bench.session.sent) < 60
    assert {each.query.get("limit", ["1000"])[0] for each in bench.session.sent} == {"1000"}


def test_a_page_of_ended_tasks_that_is_refused_decides_nothing() -> None:
    bench = Bench()
    names = ["t1", "t2", "t3"]
    bench.session.on("GET", TASKS, rows(), reply(400, {"message": "Validation Error: from_timestamp"}))
    for name in names:
        bench.on(name, row(name, "FINISHED"))
    tasks = [bench.poller.started(name, "create_volume") for name in names]
    bench.wait(*tasks)
    assert all(task.is_finished for task in tasks)
    assert len(bench.session.sent) == 5


def test_a_list_that_is_longer_than_what_is_waited_for_is_not_paged() -> None:
    bench = Bench()
    strangers = [row("s%d" % number) for number in range(1000)]
    bench.session.on("GET", TASKS, rows(*strangers, count=5000))
    for each in ("t1", "t2"):
        bench.on(each, row(each, "FINISHED"))
    tasks = [bench.poller.started(each, "create_volume") for each in ("t1", "t2")]
    bench.wait(*tasks)
    assert [each.path for each in bench.session.sent] == [TASKS, TASKS + "/t1", TASKS + "/t2"]


def test_what_the_rows_tell_makes_the_list_shorter() -> None:
    bench = Bench()
    known = [row("t1", project_id=7, region_id=76), row("t2", project_id=7, region_id=148)]
    bench.session.on("GET", TASKS, rows(*known), rows(*[{**each, "state": "FINISHED"} for each in known]))
    bench.wait(Task("t1"), Task("t2"))
    first, second = bench.session.sent
    assert "project_id" not in first.query
    assert (second.query["project_id"], second.query["region_id"]) == (["7"], ["76", "148"])


# ------------------------------------------------------- how many are needed


def several(bench: Bench, **ends: tuple[float, str]) -> list[Task]:
    def now(name: str, at: float) -> dict[str, Any]:
        return row(name, ends[name][1] if at >= ends[name][0] else "RUNNING")

    def listed(sent: Any) -> Any:
        found = [now(name, sent.at) for name in ends]
        return rows(*[each for each in found if each["state"] in sent.query["state"]])

    bench.session.on("GET", TASKS, listed)
    for name in ends:
        bench.on(name, lambda sent, name=name: reply(200, now(name, sent.at)))
    return [bench.poller.started(name, "create_volume") for name in ends]


@pytest.mark.parametrize(
    ("needed", "fail_fast", "states"),
    [
        (None, False, ["FINISHED", "ERROR", "FINISHED"]),
        (None, True, ["FINISHED", "ERROR", "RUNNING"]),
        (1, False, ["FINISHED", "RUNNING", "RUNNING"]),
        (2, False, ["FINISHED", "ERROR", "FINISHED"]),
        (2, True, ["FINISHED", "ERROR", "FINISHED"]),
        (3, True, ["FINISHED", "ERROR", "RUNNING"]),
    ],
)
def test_a_wait_ends_when_enough_is_known(needed: Any, fail_fast: bool, states: list[str]) -> None:
    bench = Bench()
    tasks = several(bench, t1=(6, "FINISHED"), t2=(60, "ERROR"), t3=(200, "FINISHED"))
    bench.wait(*tasks, needed=needed, fail_fast=fail_fast)
    assert [task.state for task in tasks] == states


def test_nobody_looks_before_enough_can_be_done() -> None:
    for needed, first in ((None, "create_k8s_cluster_v2"), (1, "create_volume")):
        bench = Bench(seconds=3000)
        bench.session.on("GET", TASKS, rows(row("t1", "FINISHED"), row("t2", "FINISHED")))
        tasks = [bench.poller.started("t1", "create_volume"), bench.poller.started("t2", "create_k8s_cluster_v2")]
        bench.wait(*tasks, needed=needed)
        assert [each.at for each in bench.session.sent if "state" in each.query and len(each.query["state"]) > 1] == [
            pytest.approx(moments(first, 1)[0])
        ]


# --------------------------------------------------------------- what is learned


def test_a_long_wait_asks_once_what_others_took() -> None:
    bench = Bench(seconds=3000)
    ended = [
        row(str(number), "FINISHED", finished_on="2026-05-01T12:%02d:00" % (10 + number)) for number in range(HISTORY)
    ]
    bench.session.on("GET", TASKS, rows(*ended))
    bench.on(
        "t1",
        lambda sent: reply(
            200, row(task_type="create_k8s_cluster_v2", state="FINISHED" if sent.at >= 1300 else "RUNNING")
        ),
    )
    bench.wait(bench.poller.started("t1", "create_k8s_cluster_v2"))
    asked = [each for each in bench.session.sent if each.path == TASKS]
    assert [each.at for each in asked] == [LEARN_AFTER]
    assert asked[0].query == {
        "task_type": ["create_k8s_cluster_v2"],
        "state": ["FINISHED"],
        "order_by": ["desc"],
        "limit": [str(HISTORY)],
    }
    first = next(each.at for each in bench.session.sent if each.path != TASKS)
    assert 500 < first < 650  # the table would have looked at about 300


@pytest.mark.parametrize(
    "fault",
    [
        reply(500, {}),
        reply(200, raw=b"<html>"),
        reset(),
        rows(),
        reply(400, {"message": "no"}),
        reply(403, {"message": "no"}),
    ],
)
def test_what_cannot_be_learned_changes_nothing(fault: Any) -> None:
    bench = Bench(seconds=3000)
    bench.session.on("GET", TASKS, fault)
    bench.on("t1", row(state="FINISHED"))
    bench.wait(bench.poller.started("t1", "create_k8s_cluster_v2"))
    assert bench.polls == pytest.approx([LEARN_AFTER, moments("create_k8s_cluster_v2", 1)[0]])


@pytest.mark.parametrize("interval", [None, 30.0])
def test_nothing_is_asked_for_a_short_wait_or_at_an_interval_of_the_users(interval: Any) -> None:
    bench = Bench(interval)
    end = 110 if interval is None else 290
    bench.on(
        "t1",
        lambda sent: reply(
            200, row(task_type="create_loadbalancer", state="FINISHED" if sent.at >= end else "RUNNING")
        ),
    )
    bench.wait(bench.poller.started("t1", "create_loadbalancer"))
    assert TASKS not in [each.path for each in bench.session.sent]


# --------------------------------------------------------------------- ages


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
    # seven seconds old at the first look, and looked at again where no VM is done before
    assert bench.polls == pytest.approx([100, 93 + moments("create_vm", 1)[0]])
    assert task.seconds == 17


def test_an_adopted_task_from_the_future_of_the_server_counts_as_new() -> None:
    bench = Bench()
    bench.on("t1", row(created_on="2026-05-01T12:30:00"), row(state="FINISHED"))
    bench.wait(Task("t1"))
    assert bench.polls == pytest.approx([0, FIRST])


def test_a_task_of_this_run_counts_from_its_post_on_our_clock() -> None:
    bench = Bench()
    bench.clock.time = 50.0
    task = bench.poller.started("t1", "create_volume")
    bench.on("t1", row(state="FINISHED", created_on="2026-05-01T09:00:00", finished_on="2026-05-01T09:00:01"))
    bench.wait(task)
    assert bench.polls == pytest.approx([50 + FIRST])
    assert task.seconds == pytest.approx(FIRST)


def test_the_row_of_a_result() -> None:
    bench = Bench()
    bench.on("t1", row(state="FINISHED"))
    task = bench.poller.started("t1", "create_volume")
    assert task.as_dict()["state"] == "NEW"
    bench.wait(task)
    assert task.as_dict() == {
        "id": "t1",
        "type": "create_volume",
        "state": "FINISHED",
        "started": "2026-05-01T12:00:00",
        "seconds": round(FIRST, 1),
        "polls": 1,
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
    task = bench.poller.started("t1", "create_volume")
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
