# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run cannot know without looking: lost answers, reads that lag, runs that were killed, neighbours, other controllers."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any, Callable

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import NO_STATUS, Statuses
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    CHILD,
    PARENT,
    THING,
    CloudWithParts,
    FakeCloud,
    Outcome,
    read_timeout,
    reply,
    reset,
    run,
    uuid,
)

LIST = "/cloud/v1/things/1/2"
TASKS = "/cloud/v1/tasks$"
DOUBTS = {
    "408": reply(408, {}),
    "500": reply(500, {"message": "oops"}),
    "502": reply(502, raw=b"<html>Bad gateway</html>"),
    "503": reply(503, {}),
    "504": reply(504, raw=b""),
    "timeout": read_timeout(),
    "reset": reset(),
    "cut": reply(200, raw=b'{"tasks": ["'),
    "empty": reply(200, raw=b""),
}
doubts = pytest.mark.parametrize("fault", list(DOUBTS.values()), ids=list(DOUBTS))
taken_or_not = pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])


@pytest.fixture(autouse=True)
def own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def present(cloud: FakeCloud, options: Any = None, **more: Any) -> Outcome:
    return run(THING, {"name": "one", **(options or {})}, cloud, **more)


def absent(cloud: FakeCloud, **more: Any) -> Outcome:
    return run(THING, {"name": "one"}, cloud, state="absent", **more)


def with_parts(cloud: FakeCloud, *names: str, **more: Any) -> Outcome:
    options = {"name": "one", "parts": [{"name": each} for each in names], "purge_parts": True}
    return run(PARENT, options, cloud, **more)


def lagging(by_list: float = 0.0, by_id: float = 0.0, duration: float = 10.0, **more: Any) -> FakeCloud:
    """A cloud where a thing is shown neither while it is made nor for a while after."""
    cloud = CloudWithParts(duration=duration)
    cloud.shows_new = False
    cloud.list_lag, cloud.item_lag = by_list, by_id
    for name, value in more.items():
        setattr(cloud, name, value)
    return cloud


def later(cloud: FakeCloud, seconds: float) -> None:
    cloud.clock.time += seconds
    cloud._advance()


def one_is_there(cloud: FakeCloud, outcome: Outcome, created: bool = True) -> None:
    """The thing is there once, in the result, and named among what was made."""
    assert outcome.error is None, outcome.error.sentence()
    assert [row["name"] for row in cloud.things.values()] == ["one"]
    identifier = next(iter(cloud.things))
    assert outcome.result["thing"]["id"] == identifier
    assert outcome.result["created_resources"]["volumes"] == ([identifier] if created else [])
    assert outcome.result["changed"] is created


# ------------------------------------------------- what has ended and is not listed


@pytest.mark.parametrize("by_id", [0, 60])
def test_without_waiting_three_runs_in_a_row_make_one(by_id: float) -> None:
    cloud = lagging(60, by_id)
    first = present(cloud, wait=False)
    for seconds in (1, 20):
        later(cloud, seconds)
        again = present(cloud, wait=False)
        assert (again.error, again.result["changed"]) == (None, False)
        if by_id or seconds == 1:
            assert again.result["task_ids"] == first.result["task_ids"]
            assert "this run started nothing" in again.warnings[0]
    assert again.result["thing"]["id"] == next(iter(cloud.things))
    assert len(cloud.writes) == len(cloud.things) == 1
    later(cloud, 100)
    assert present(cloud, wait=False).result["task_ids"] == []


@pytest.mark.parametrize(
    ("by_list", "by_id", "more", "waits"),
    [
        (60, 0, {}, False),
        (60, 60, {}, True),
        (100, 60, {}, True),
        (60, 60, {"names_made": False}, True),
        (60, 60, {"shows_name": False}, True),
        (60, 0, {"shows_name": False}, True),
        (60, 60, {"shows_name": False, "names_made": False}, True),
    ],
)
def test_what_another_run_has_just_made_is_not_made_again(by_list: float, by_id: float, more: Any, waits: bool) -> None:
    cloud = lagging(by_list, by_id, **more)
    cloud.create("one")
    later(cloud, 20)
    outcome = present(cloud)
    one_is_there(cloud, outcome, created=False)
    assert cloud.writes == []
    assert (cloud.clock.time > 60) is waits


def test_where_nothing_has_ended_lately_one_request_tells() -> None:
    cloud = FakeCloud()
    cloud.create("one")
    later(cloud, 20)
    cloud.things.clear()
    later(cloud, 200)
    one_is_there(cloud, present(cloud))
    before = cloud.sent[: cloud.sent.index(cloud.writes[0])]
    assert [str(each) for each in before] == ["GET " + LIST, "GET /cloud/v1/tasks"]
    assert before[1].query == {
        "project_id": ["1"], "region_id": ["2"], "task_type": ["create_volume"], "order_by": ["desc"], "limit": ["100"],
    }  # fmt: skip


def test_what_was_deleted_since_is_made_again_at_once() -> None:
    cloud = lagging()
    for _each in range(3):
        assert present(cloud).error is None
        assert absent(cloud).error is None
    assert len(cloud.writes) == 6
    assert cloud.clock.time < 120


def test_what_went_without_a_trace_is_made_again_when_it_would_be_shown() -> None:
    cloud = FakeCloud()
    cloud.create("one")
    later(cloud, 20)
    cloud.things.clear()
    one_is_there(cloud, present(cloud))
    assert 130 <= cloud.writes[0].at < 150
    assert cloud.clock.time < 200


def test_a_deletion_that_failed_is_none() -> None:
    cloud = lagging(60, 60)
    cloud.create("one")
    later(cloud, 11)
    cloud.fails = ["in use"]
    cloud.task("delete_volume", data={"volume_id": next(iter(cloud.things))}, duration=1)
    later(cloud, 2)
    one_is_there(cloud, present(cloud), created=False)
    assert cloud.writes == []


def test_a_creation_that_has_failed_leaves_the_way_free() -> None:
    cloud = lagging()
    cloud.fails = ["no host"]
    cloud.create("one")
    later(cloud, 11)
    one_is_there(cloud, present(cloud))
    assert cloud.writes[0].at < 15


def test_several_that_were_just_made_are_told_apart() -> None:
    cloud = lagging(60)
    cloud.create("one")
    cloud.create("one")
    later(cloud, 11)
    outcome = present(cloud)
    assert outcome.error.kind == "ambiguous"
    assert set(outcome.error.details["ids"]) == set(cloud.things)
    assert cloud.writes == []


@pytest.mark.parametrize("shows_name", [True, False])
@pytest.mark.parametrize("by_id", [0, 60])
def test_what_a_neighbour_has_just_made_is_not_ours(shows_name: bool, by_id: float) -> None:
    cloud = lagging(by_id, by_id, shows_name=shows_name)
    cloud.create("another")
    later(cloud, 11)
    cloud.list_lag = cloud.item_lag = by_id
    outcome = present(cloud)
    assert outcome.error is None
    assert [row["name"] for row in cloud.things.values()] == ["another", "one"]
    assert outcome.result["thing"]["name"] == "one"
    assert outcome.result["created_resources"]["volumes"] == [list(cloud.things)[1]]
    assert len(outcome.result["task_ids"]) == 1


def test_a_time_limit_ends_the_wait_for_what_is_not_shown() -> None:
    cloud = lagging(100, 100)
    task = cloud.create("one")
    later(cloud, 11)
    outcome = present(cloud, wait_timeout=30)
    assert (outcome.error.kind, outcome.error.details["task_id"]) == ("timeout", task["id"])
    assert task["id"] in outcome.error.message
    assert cloud.writes == []


def test_without_waiting_what_may_be_ours_and_is_not_shown_is_a_failure() -> None:
    cloud = lagging(60, 60, shows_name=False)
    task = cloud.create("one")
    later(cloud, 11)
    outcome = present(cloud, wait=False)
    assert outcome.error.kind == "locked"
    assert task["id"] in outcome.error.message
    assert cloud.writes == []


def test_what_this_run_has_taken_up_and_is_never_shown_is_a_failure() -> None:
    cloud = lagging(1000, 1000)
    task = cloud.create("one")
    outcome = present(cloud)
    assert outcome.error.kind == "status"
    assert outcome.error.details["task_id"] == task["id"]
    assert outcome.error.details["id"] in outcome.error.message
    assert cloud.writes == []


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_a_clock_that_is_wrong_makes_no_second_one(skew: float) -> None:
    cloud = lagging(30 if skew < 0 else 0, 30 if skew < 0 else 0)
    cloud.clock.date = lambda: _date(cloud, skew)  # type: ignore[method-assign]
    cloud.create("one")
    later(cloud, 11)
    one_is_there(cloud, present(cloud), created=False)
    cloud = lagging(30, 30)
    cloud.clock.date = lambda: _date(cloud, skew)  # type: ignore[method-assign]
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    one_is_there(cloud, present(cloud))
    assert len(cloud.writes) == 1


def _date(cloud: FakeCloud, skew: float) -> str:
    text = type(cloud.clock)()
    text.time = cloud.clock.time + skew
    return text.date()


# ------------------------------------------------------------ doubtful creations

WAYS = [
    {"shows_new": shows_new, "shows_name": shows_name, "names_made": names_made, "duration": duration}
    for shows_new, shows_name, names_made, duration in itertools.product([True, False], [True, False], [True, False], [0.5, 10.0, 200.0])
]  # fmt: skip


@taken_or_not
@doubts
def test_after_any_lost_answer_to_a_creation_there_is_one(fault: Any, taken: bool) -> None:
    cloud = lagging()
    cloud.fault("POST", LIST, fault, taken=taken)
    one_is_there(cloud, present(cloud))
    assert len(cloud.writes) == (1 if taken else 2)
    assert taken or cloud.writes[1].at - cloud.writes[0].at >= 60


@pytest.mark.parametrize("lag", [0.0, 30.0, 100.0])
@pytest.mark.parametrize("way", WAYS, ids=lambda way: ",".join("%s" % int(each) for each in way.values()))
def test_a_creation_whose_answer_was_lost_is_found_however_it_shows(way: Any, lag: float) -> None:
    cloud = lagging(0 if way["shows_new"] else lag, 0 if way["shows_new"] else lag, **way)
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    one_is_there(cloud, present(cloud))
    assert len(cloud.writes) == 1


@pytest.mark.parametrize("way", WAYS, ids=lambda way: ",".join("%s" % int(each) for each in way.values()))
def test_nobody_elses_creation_is_taken_for_a_lost_one(way: Any) -> None:
    """At the same moment, of the same type, and of the same whole second."""
    cloud = lagging(**way)

    def lost(sent: Any) -> Any:
        cloud.create("another")
        return read_timeout()

    cloud.fault("POST", LIST, lost)
    outcome = present(cloud)
    assert outcome.error is None
    assert [row["name"] for row in cloud.things.values()] == ["another", "one"]
    assert len(cloud.writes) == 2
    ours = list(cloud.things)[1]
    assert outcome.result["thing"]["id"] == ours
    assert outcome.result["created_resources"]["volumes"] == [ours]
    assert outcome.result["task_ids"] == [cloud.things[ours]["creator_task_id"]]


@pytest.mark.parametrize("shows_new", [True, False])
def test_a_neighbour_of_our_name_is_reported(shows_new: bool) -> None:
    cloud = lagging(shows_new=shows_new)

    def both(sent: Any) -> Any:
        cloud.create("one", duration=100)
        cloud.answer(sent)
        return read_timeout()

    cloud.fault("POST", LIST, both)
    outcome = present(cloud)
    assert outcome.error.kind == "duplicate"
    assert len(cloud.writes) == 1
    told = repr((outcome.error.message, outcome.error.details))
    for row in list(cloud.things.values()):
        assert row["id"] in told or row["creator_task_id"] in told


def test_a_creation_that_was_taken_and_failed_before_the_first_look() -> None:
    cloud = lagging(duration=0.5)
    cloud.fails = ["Quota limit for volume_size exceeded by 20"]
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    outcome = present(cloud)
    assert outcome.error.kind == "task_failed"
    assert "exceeded by 20" in outcome.error.message
    assert outcome.result["task_ids"] == list(cloud.tasks)
    assert len(cloud.writes) == 1


def test_what_was_made_and_is_never_shown_is_not_made_again() -> None:
    cloud = lagging(1000, 1000)
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    outcome = present(cloud)
    assert outcome.error.kind == "status"
    assert outcome.error.details["id"] in outcome.error.message
    assert outcome.result["task_ids"] == list(cloud.tasks)
    assert outcome.result["created_resources"]["volumes"] == [outcome.error.details["id"]]
    assert len(cloud.writes) == 1


@pytest.mark.parametrize("shows_new", [True, False])
def test_without_waiting_a_lost_answer_leaves_the_task(shows_new: bool) -> None:
    cloud = lagging(shows_new=shows_new, duration=300)
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    outcome = present(cloud, {"size": 5}, wait=False)
    assert outcome.error is None
    assert outcome.result["changed"]
    assert outcome.result["task_ids"] == list(cloud.tasks)
    assert outcome.result["tasks"][0]["state"] in ("NEW", "RUNNING")
    assert cloud.clock.time < 60
    assert len(cloud.writes) == 1


@taken_or_not
@pytest.mark.parametrize("shows_new", [True, False])
@pytest.mark.parametrize("shows_name", [True, False])
def test_a_lost_answer_when_a_thing_is_made_anew(shows_name: bool, shows_new: bool, taken: bool) -> None:
    """The creation of the one that was there before is none of the new one."""
    cloud = lagging(shows_name=shows_name, shows_new=shows_new)
    assert present(cloud, {"colour": "red"}).error is None
    cloud.fault("POST", LIST, read_timeout(), taken=taken)
    one_is_there(cloud, present(cloud, {"colour": "blue"}, recreate=True))
    assert [each.method for each in cloud.writes] == ["POST", "DELETE", "POST", *([] if taken else ["POST"])]


def test_what_shows_up_when_the_quiet_time_is_over_is_told() -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, read_timeout())
    for _each in range(99):
        cloud.meanwhile("GET", LIST + "$", lambda: cloud.clock.time > 60 and not cloud.things and cloud.create("one"))
    one_is_there(cloud, present(cloud))
    assert len(cloud.writes) == 1


def test_what_a_failed_creation_leaves_without_a_status_has_to_go_first() -> None:
    plain = variant(THING, type=variant(THING.type, statuses=NO_STATUS))
    cloud = FakeCloud()
    cloud.fails = ["no host"]
    outcome = run(plain, {"name": "one"}, cloud)
    assert [each["id"] for each in outcome.result["leftovers"]] == list(cloud.things)
    assert "before you run the task again" in outcome.error.sentence()


def test_after_two_lost_answers_the_candidates_are_named() -> None:
    cloud = lagging(shows_name=False)

    def lost(sent: Any) -> Any:
        cloud.create("another", duration=1)
        return read_timeout()

    cloud.fault("POST", LIST, lost, times=2)
    outcome = present(cloud)
    assert outcome.error.kind == "unknown_outcome"
    last = list(cloud.tasks.values())[-1]
    assert outcome.error.details["task_ids"] == [last["id"]]
    for told in (last["id"], list(cloud.things)[-1]):
        assert told in outcome.error.sentence()
    assert len(cloud.writes) == 2


@pytest.mark.parametrize("shows_name", [True, False])
def test_the_deadline_ends_a_recovery(shows_name: bool) -> None:
    for taken, duration in itertools.product([True, False], [5.0, 500.0]):
        cloud = lagging(500, 500, shows_name=shows_name, duration=duration)
        cloud.fault("POST", LIST, read_timeout(), taken=taken)
        outcome = present(cloud, wait_timeout=40)
        assert outcome.error.kind in ("unknown_outcome", "timeout")
        assert len(cloud.writes) == 1
        assert cloud.clock.time <= 41
        if taken and shows_name:
            assert outcome.result["task_ids"] == list(cloud.tasks)


# --------------------------------------------------------------- other writes


@taken_or_not
@doubts
@pytest.mark.parametrize("duration", [0.5, 10.0, 100.0])
def test_a_change_whose_answer_was_lost_is_made_once(fault: Any, taken: bool, duration: float) -> None:
    for method, path, options in (("POST", "extend", {"size": 5}), ("PATCH", LIST, {"note": "new"})):
        cloud = FakeCloud(duration=duration)
        row = cloud.add("one", size=1)
        cloud.fault(method, path, fault, taken=taken)
        outcome = present(cloud, options)
        assert outcome.error is None
        assert {key: row[key] for key in options} == options
        assert len(cloud.writes) == (1 if taken else 2)
        assert outcome.result["changed"]
        assert len(outcome.result["task_ids"]) == 1


@taken_or_not
@doubts
@pytest.mark.parametrize("duration", [0.5, 10.0, 100.0])
def test_a_deletion_whose_answer_was_lost_is_carried_out(fault: Any, taken: bool, duration: float) -> None:
    cloud = FakeCloud(duration=duration)
    cloud.add("one")
    cloud.fault("DELETE", LIST, fault, taken=taken)
    outcome = absent(cloud)
    assert outcome.error is None
    assert cloud.things == {}
    assert len(cloud.writes) == (1 if taken else 2)
    assert outcome.result["changed"]


def lose_the_answer_to_a_part(fault: Any, taken: bool, lag: float = 0.0, **more: Any) -> None:
    cloud = lagging(parts_lag=lag, **more)
    cloud.add("one")
    cloud.fault("POST", "/parts/", fault, taken=taken)
    outcome = with_parts(cloud, "aaa")
    assert outcome.error is None
    assert [row["name"] for row in cloud.parts.values()] == ["aaa"]
    assert len(cloud.writes) == (1 if taken else 2)
    assert outcome.result["changed"]
    assert len(outcome.result["task_ids"]) == 1
    if cloud.names_made or not taken:
        assert outcome.result["created_resources"]["ports"] == list(cloud.parts)


@taken_or_not
@doubts
def test_a_part_whose_answer_was_lost_is_made_once(fault: Any, taken: bool) -> None:
    lose_the_answer_to_a_part(fault, taken)


@taken_or_not
@pytest.mark.parametrize("duration", [0.5, 100.0])
@pytest.mark.parametrize(("lag", "names_made"), [(0, True), (0, False), (90, True), (90, False)])
def test_a_lost_part_is_found_however_it_shows(taken: bool, duration: float, lag: float, names_made: bool) -> None:
    lose_the_answer_to_a_part(read_timeout(), taken, lag, duration=duration, names_made=names_made)


# An empty answer to a deletion that was not taken cannot be told from that of a deletion without a task.
@pytest.mark.parametrize(
    ("name", "taken"), [(name, taken) for name in DOUBTS for taken in (True, False) if taken or name != "empty"]
)
def test_a_part_whose_deletion_was_lost_goes(name: str, taken: bool) -> None:
    fault = DOUBTS[name]
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.parts[uuid(100)] = {"id": uuid(100), "name": "old", "size": 1}
    cloud.fault("DELETE", "/parts/", fault, taken=taken)
    outcome = with_parts(cloud)
    assert outcome.error is None
    assert cloud.parts == {}
    assert outcome.result["changed"]


def test_a_part_is_sent_once_more_and_no_more() -> None:
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.fault("POST", "/parts/", read_timeout(), times=9)
    outcome = with_parts(cloud, "aaa")
    assert outcome.error.kind == "unknown_outcome"
    assert len(cloud.writes) == 2


def test_a_part_that_was_taken_and_failed() -> None:
    cloud = CloudWithParts(duration=0.5)
    cloud.add("one")
    cloud.fails = ["no room"]
    cloud.fault("POST", "/parts/", read_timeout(), taken=True)
    outcome = with_parts(cloud, "aaa")
    assert outcome.error.kind == "task_failed"
    assert len(cloud.writes) == 1


@pytest.mark.parametrize("names_made", [True, False])
@pytest.mark.parametrize("lag", [0, 90])
def test_a_part_is_not_made_again_while_reads_lag(names_made: bool, lag: float) -> None:
    """What has to be set when it is there makes another round: its list may not show it yet."""
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.parts_lag, cloud.names_made = lag, names_made
    outcome = run(PARENT, {"name": "one", "parts": [{"name": "aaa", "label": "x"}, {"name": "bbb"}]}, cloud)
    assert outcome.error is None
    assert sorted(row["name"] for row in cloud.parts.values()) == ["aaa", "bbb"]
    assert [each.method for each in cloud.writes] == ["POST", "POST", "PATCH"]
    assert sorted(outcome.result["created_resources"]["ports"]) == sorted(cloud.parts)


def test_a_part_that_is_never_shown_is_not_made_again() -> None:
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.parts_lag = 1000
    outcome = run(PARENT, {"name": "one", "parts": [{"name": "aaa", "label": "x"}]}, cloud)
    assert outcome.error.kind == "status"
    assert len(cloud.writes) == 1
    assert outcome.result["created_resources"]["ports"] == list(cloud.parts)


@pytest.mark.parametrize("name", ["bbb", None])
def test_nobody_elses_part_is_taken_for_a_lost_one(name: Any) -> None:
    cloud = CloudWithParts()
    cloud.add("one")

    def lost(sent: Any) -> Any:
        cloud.task("create_fip", data={"name": name} if name else {"size": 3}, created={"ports": [uuid(7)]}, duration=1)
        return read_timeout()

    cloud.fault("POST", "/parts/", lost)
    outcome = with_parts(cloud, "aaa")
    assert outcome.error is None
    assert [row["name"] for row in cloud.parts.values()] == ["aaa"]
    assert outcome.result["created_resources"]["ports"] == list(cloud.parts)
    assert len(outcome.result["task_ids"]) == 1


def test_what_is_gone_when_its_deletion_is_sent_is_no_failure() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    cloud.meanwhile("DELETE", LIST, cloud.things.clear)
    outcome = absent(cloud)
    assert (outcome.error, outcome.result["changed"]) == (None, False)


@pytest.mark.parametrize(
    ("method", "options", "state"),
    [
        ("PATCH", {"name": "one", "parts": [{"name": "old", "size": 7}]}, "present"),
        ("DELETE", {"name": "one", "parts": [], "purge_parts": True}, "present"),
    ],
)
def test_an_outage_is_survived_by_writes_without_a_task(method: str, options: Any, state: str) -> None:
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.parts[uuid(100)] = {"id": uuid(100), "name": "old", "size": 1}

    def down(sent: Any) -> Any:
        return reply(500, {}) if sent.at < 20 else cloud.answer(sent)

    cloud.fault(method, "/parts/", down, times=99)
    outcome = run(PARENT, options, cloud, state=state)
    assert outcome.error is None
    assert len(cloud.writes) <= 6
    assert 20 <= cloud.writes[-1].at < 40
    assert [row["size"] for row in cloud.parts.values()] == ([7] if method == "PATCH" else [])


# ------------------------------------------------------------- unknown states


@pytest.mark.parametrize("shows_name", [True, False])
@pytest.mark.parametrize("wait", [True, False])
def test_a_creation_in_a_state_that_nobody_knows_is_not_made_again(shows_name: bool, wait: bool) -> None:
    cloud = lagging(shows_name=shows_name)
    task = cloud.create("one", duration=100000)
    cloud._ends.clear()
    task["state"] = "SUSPENDED"
    outcome = present(cloud, wait=wait)
    assert (outcome.error.kind, outcome.error.details["task_id"]) == ("task_failed", task["id"])
    assert "SUSPENDED" in outcome.error.message
    assert cloud.writes == []
    later(cloud, 10000)  # it does not stand in the way for ever
    assert present(cloud).error is None


@pytest.mark.parametrize("shows_name", [True, False])
def test_a_lost_creation_in_a_state_that_nobody_knows_is_not_sent_again(shows_name: bool) -> None:
    cloud = lagging(shows_name=shows_name)

    def lost(sent: Any) -> Any:
        task = cloud.create("one", duration=100000)
        cloud._ends.clear()
        task["state"] = "SUSPENDED"
        return read_timeout()

    cloud.fault("POST", LIST, lost)
    outcome = present(cloud)
    assert outcome.error.kind == ("task_failed" if shows_name else "unknown_outcome")
    assert next(iter(cloud.tasks)) in outcome.error.sentence()
    assert len(cloud.writes) == 1


# --------------------------------------------------- runs that were killed


class Killed(BaseException):
    """The process ends at once."""


def kill_at(cloud: FakeCloud, number: int, taken: bool) -> None:
    """End the process at this request, before the API has got it or before the answer is back."""
    count = itertools.count(1)
    answer = cloud.answer

    def answer_or_die(sent: Any) -> Any:
        last = next(count) == number
        if last and not taken:
            raise Killed
        found = answer(sent)
        if last:
            raise Killed
        return found

    cloud.answer = answer_or_die  # type: ignore[method-assign]


def nothing(cloud: CloudWithParts) -> None:
    """An empty project."""


def one_thing(cloud: CloudWithParts) -> None:
    cloud.add("one", size=1)


def one_with_a_part(cloud: CloudWithParts) -> None:
    cloud.add("one")
    cloud.parts[uuid(100)] = {"id": uuid(100), "name": "old", "size": 1, "label": None}


NEW = {"name": "one", "size": 5}
CHANGED = {"name": "one", "size": 5, "note": "new"}
PARTS = {"name": "one", "parts": [{"name": "aaa", "label": "x"}], "purge_parts": True}
WRITES = {
    "creation": (nothing, THING, NEW, "present", ["POST"]),
    "change": (one_thing, THING, CHANGED, "present", ["PATCH", "POST"]),
    "deletion": (one_thing, THING, {"name": "one"}, "absent", ["DELETE"]),
    "recreation": (one_thing, THING, {**NEW, "colour": "blue"}, "present", ["DELETE", "POST"]),
    "part": (one_thing, PARENT, PARTS, "present", ["PATCH", "POST"]),
    "tree": (nothing, PARENT, PARTS, "present", ["PATCH", "POST", "POST"]),
    "part replaced": (one_with_a_part, PARENT, PARTS, "present", ["DELETE", "PATCH", "POST"]),
}


def writes_of(cloud: Any) -> list[str]:
    """The writes that the cloud carries out from now on."""
    carried_out: list[str] = []
    accept = cloud.answer

    def note(sent: Any) -> Any:
        found = accept(sent)
        if sent.method != "GET" and found.status_code < 300:
            carried_out.append(sent.method)
        return found

    cloud.answer = note
    return carried_out


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("pause", [0.0, 12.0])
@pytest.mark.parametrize("shows", [{}, {"shows_new": False, "lag": 15.0}, {"names_made": False}, {"locks_whole": True}])
@pytest.mark.parametrize("case", list(WRITES))
def test_a_run_that_was_killed_is_taken_up(case: str, shows: Any, pause: float, taken: bool) -> None:
    """At whatever request it was: the next run ends with what is wanted, and no write is carried out twice."""
    prepare, resource, options, state, writes = WRITES[case]
    number = 0
    while True:
        number += 1
        cloud = CloudWithParts()
        cloud.shows_new, cloud.names_made = shows.get("shows_new", True), shows.get("names_made", True)
        cloud.locks_whole = shows.get("locks_whole", False)
        cloud.list_lag = cloud.item_lag = cloud.parts_lag = shows.get("lag", 0.0)
        prepare(cloud)
        carried_out = writes_of(cloud)
        kill_at(cloud, number, taken)
        try:
            finished = run(resource, options, cloud, state=state, recreate="colour" in options)
        except Killed:
            finished = None
        if finished is None:
            later(cloud, pause)
            outcome = run(resource, options, cloud, state=state, recreate="colour" in options)
            assert outcome.error is None, (number, outcome.error.sentence())
        assert sorted(carried_out) == writes, number
        assert len(cloud.things) == (state == "present")
        for row in cloud.things.values():
            assert {key: row[key] for key in options if key in ("size", "note", "colour")} == {
                key: value for key, value in options.items() if key in ("size", "note", "colour")
            }
        if "parts" in options:
            assert [(row["name"], row["label"]) for row in cloud.parts.values()] == [("aaa", "x")]
        if finished is not None:
            break
    assert number > len(writes) * 3


@pytest.mark.parametrize("case", ["creation", "change", "deletion", "part"])
def test_the_work_of_a_killed_run_is_in_the_result_of_the_next(case: str) -> None:
    prepare, resource, options, state, _writes = WRITES[case]
    options = {key: value for key, value in options.items() if key != "note"}
    cloud = CloudWithParts(duration=60)
    prepare(cloud)
    cloud.fault("GET", "/tasks/", Killed())
    with pytest.raises(Killed):
        run(resource, options, cloud, state=state)
    task = list(cloud.tasks)[-1]
    outcome = run(resource, options, cloud, state=state)
    assert outcome.error is None
    assert outcome.result["changed"]
    assert task in outcome.result["task_ids"]
    assert len(cloud.tasks) == 1
    key = {"creation": "volumes", "part": "ports"}.get(case)
    assert sum(map(len, outcome.result["created_resources"].values())) == (key is not None)


def a_part_in_the_making(name: str, **more: Any) -> CloudWithParts:
    """Another run has asked for a part, which is listed already."""
    cloud = CloudWithParts(duration=60)
    cloud.locks_whole = True
    for key, value in more.items():
        setattr(cloud, key, value)
    cloud.add("one")
    assert with_parts(cloud, name, wait=False).error is None
    return cloud


@pytest.mark.parametrize("names_made", [True, False])
def test_a_part_that_is_listed_and_still_in_the_making_is_waited_for(names_made: bool) -> None:
    cloud = a_part_in_the_making("aaa", names_made=names_made)
    outcome = with_parts(cloud, "aaa")
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert outcome.result["task_ids"] == list(cloud.tasks)
    assert cloud.clock.time >= 60
    assert len(cloud.writes) == 1
    assert not with_parts(cloud, "aaa").result["changed"]


def test_a_part_in_the_making_that_shows_no_name_is_waited_for() -> None:
    cloud = a_part_in_the_making("aaa")
    next(iter(cloud.tasks.values()))["data"] = None
    outcome = with_parts(cloud, "aaa")
    assert (outcome.error, outcome.result["changed"], outcome.result["task_ids"]) == (None, False, [])
    assert cloud.clock.time >= 60


@pytest.mark.parametrize(("names", "told"), [(["aaa"], 1), (["aaa", "bbb"], 0)])
def test_the_task_that_a_time_limit_cuts_off_is_told_if_it_is_ours(names: list[str], told: int) -> None:
    cloud = a_part_in_the_making("aaa")
    outcome = with_parts(cloud, *names, wait_timeout=30)
    assert outcome.error.kind == "locked"
    assert outcome.error.details["task_id"] == next(iter(cloud.tasks))
    assert outcome.result["task_ids"] == list(cloud.tasks)[:told]


def test_a_part_that_is_in_the_making_and_fails_is_a_failure() -> None:
    cloud = a_part_in_the_making("aaa", fails=["no room"])
    outcome = with_parts(cloud, "aaa")
    assert outcome.error.kind == "task_failed"
    assert outcome.error.details["task_id"] in cloud.tasks


def test_a_part_in_a_state_that_nobody_knows_is_a_failure() -> None:
    cloud = a_part_in_the_making("aaa")
    next(iter(cloud.tasks.values()))["state"] = "SUSPENDED"
    cloud._ends.clear()
    outcome = with_parts(cloud, "aaa")
    assert outcome.error.kind == "task_failed"
    assert "SUSPENDED" in outcome.error.message


def test_a_part_that_a_failed_creation_left_is_a_failure_with_its_id() -> None:
    kind = variant(CHILD.type, statuses=Statuses("status", failed=("DOWN",)))
    whole = variant(PARENT, sub_resources=(variant(PARENT.sub_resources[0], resource=variant(CHILD, type=kind)),))
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.parts[uuid(100)] = {"id": uuid(100), "name": "aaa", "size": 1, "label": None, "status": "DOWN"}
    outcome = run(whole, {"name": "one", "parts": [{"name": "aaa"}]}, cloud)
    assert (outcome.error.kind, outcome.error.details["id"]) == ("status", uuid(100))
    assert "purge_parts" in outcome.error.sentence()
    outcome = run(whole, {"name": "one", "parts": [], "purge_parts": True}, cloud)
    assert (outcome.error, cloud.parts) == (None, {})


def test_without_waiting_a_part_in_the_making_tells_its_task() -> None:
    cloud = a_part_in_the_making("aaa")
    outcome = with_parts(cloud, "aaa", wait=False)
    assert (outcome.error, outcome.result["changed"]) == (None, False)
    assert outcome.result["task_ids"] == list(cloud.tasks)


def test_a_part_that_somebody_else_makes_is_none_of_ours() -> None:
    cloud = a_part_in_the_making("zzz")
    cloud.parts[uuid(7)] = {"id": uuid(7), "name": "aaa", "size": 1, "label": None}
    outcome = run(PARENT, {"name": "one", "parts": [{"name": "aaa"}]}, cloud)
    assert (outcome.error, outcome.result["changed"], cloud.clock.time) == (None, False, 0)


@pytest.mark.parametrize("pause", [0, 11])
def test_a_part_that_another_run_has_asked_for_is_not_made_again_without_waiting(pause: float) -> None:
    cloud = CloudWithParts()
    cloud.parts_lag = 60
    cloud.add("one")
    assert with_parts(cloud, "aaa", wait=False).error is None
    later(cloud, pause)
    outcome = with_parts(cloud, "aaa", wait=False)
    assert outcome.error.kind == "locked"
    assert next(iter(cloud.tasks)) in outcome.error.message
    assert len(cloud.writes) == 1


def test_a_lock_that_a_late_read_shows_is_no_work_of_this_run() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    task = cloud.task("update_network", lambda: None, {"network_id": row["id"]})
    row.update(task_id=task["id"])
    stale = reply(200, {"count": 1, "results": [dict(row)]})
    later(cloud, 20)
    row.update(task_id=None, note="new")
    cloud.fault("GET", LIST + "$", stale)
    outcome = present(cloud, {"note": "new"})
    assert (outcome.error, outcome.result["changed"], outcome.result["task_ids"]) == (None, False, [])
    assert cloud.writes == []


# ----------------------------------------------------- several at the same time


def come_between(cloud: Any, number: int, job: Callable[[], None]) -> None:
    """Something that happens just before the request of this number, and does not count itself."""
    count = itertools.count(1)
    answer = cloud.answer

    def interrupted(sent: Any) -> Any:
        if next(count) == number:
            job()
        return answer(sent)

    cloud.answer = interrupted


@pytest.mark.parametrize("runs", [2, 3])
@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("way", [{}, {"shows_new": False}, {"shows_new": False, "names_made": False}])
def test_runs_on_several_controllers_never_leave_two_in_silence(
    way: Any, wait: bool, runs: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """At whatever request of one run the others come in between, each with locks of its own."""

    def elsewhere(cloud: Any, number: int, outcomes: list[Outcome]) -> None:
        for index in range(1, runs):
            folder = tmp_path / ("%d-%d" % (number, index))
            folder.mkdir()
            with monkeypatch.context() as environment:
                environment.setattr("tempfile.tempdir", str(folder))
                outcomes.append(present(cloud, wait=wait))

    number = 0
    doubled = 0
    while True:
        number += 1
        cloud = lagging(**{"shows_new": True, **way})
        outcomes: list[Outcome] = []
        come_between(cloud, number, partial(elsewhere, cloud, number, outcomes))
        outcomes.append(present(cloud, wait=wait))
        later(cloud, 1000)
        ids = set(cloud.things)
        if len(ids) > 1:
            doubled += 1
            told = [
                repr((outcome.error.message, outcome.error.details) if outcome.error else outcome.warnings)
                for outcome in outcomes
            ]
            made = {row["id"]: row["creator_task_id"] for row in cloud.things.values()}
            assert any(all(key in text or task in text for key, task in made.items()) for text in told), (number, told)
        if len(outcomes) < runs:
            break
    assert doubled
