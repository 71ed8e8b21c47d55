# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.resources import ssh_key, subnet
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import name, tags
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import (
    AFTERWARDS,
    Action,
    Api,
    Option,
    Ref,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Identity, RelatedRead, State
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import CREATED_KEYS
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import described, sub_resource, variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    CHILD,
    KEY,
    LOCKED,
    ONE_THING,
    PARENT,
    PARTS,
    THING,
    THINGS,
    CloudWithParts,
    FakeCloud,
    FakeSession,
    Outcome,
    read_timeout,
    refused,
    reply,
    reset,
    rows,
    run,
    uuid,
)

LIST = "/cloud/v1/things/1/2"
KEYS = {
    "changed", "thing", "task_ids", "tasks", "created_resources", "pending", "leftovers", "not_compared", "diff",
}  # fmt: skip
DOUBTS = [
    reply(500, {"message": "oops"}),
    reply(502, raw=b"<html>"),
    reply(408, {}),
    read_timeout(),
    reset(),
    reply(200, raw=b"{cut"),
]


@pytest.fixture(autouse=True)
def own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def present(cloud: FakeSession, options: Any = None, **more: Any) -> Outcome:
    return run(THING, {"name": "one", **(options or {})}, cloud, **more)


def absent(cloud: FakeSession, options: Any = None, **more: Any) -> Outcome:
    return run(THING, options or {"name": "one"}, cloud, state="absent", **more)


def kinds_of_writes(cloud: FakeSession) -> list[str]:
    return [str(each) for each in cloud.writes]


# --------------------------------------------------------------- the plain way


def test_create_wait_read_back() -> None:
    cloud = FakeCloud()
    outcome = present(cloud, {"size": 5, "tags": {"a": "b"}})
    assert outcome.error is None
    result = outcome.result
    assert result["changed"]
    assert result["thing"]["status"] == "available"
    assert result["thing"]["size"] == 5
    assert result["created_resources"]["volumes"] == [result["thing"]["id"]]
    assert set(CREATED_KEYS) <= set(result["created_resources"])
    assert result["task_ids"] == [task["id"] for task in result["tasks"]] == list(cloud.tasks)
    assert (result["tasks"][0]["state"], result["tasks"][0]["polls"]) == ("FINISHED", 2)
    assert (result["pending"], result["leftovers"]) == ([], [])
    assert outcome.warnings == []


def test_a_second_run_changes_nothing_and_writes_nothing() -> None:
    cloud = FakeCloud()
    options = {"size": 5, "tags": {"a": "b"}, "note": "x", "colour": "grey", "password": "s3cret"}
    present(cloud, options)
    before = len(cloud.writes)
    outcome = present(cloud, options)
    assert outcome.error is None
    assert not outcome.result["changed"]
    assert len(cloud.writes) == before
    assert outcome.result["not_compared"] == ["password"]
    assert outcome.result["diff"] == {"before": {}, "after": {}}


def test_an_unchanged_run_costs_one_request() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    present(cloud)
    assert [str(each) for each in cloud.sent] == ["GET " + LIST]


def test_changes_are_made_in_order_each_after_the_tasks_of_the_one_before() -> None:
    cloud = FakeCloud()
    row = cloud.add("one", size=1)
    outcome = present(cloud, {"size": 5, "note": "new", "tags": {"a": "b"}})
    assert outcome.error is None
    extend, update = cloud.writes
    assert (extend.path, extend.body) == ("%s/%s/extend" % (LIST, row["id"]), {"size": 5})
    assert (update.method, update.body) == ("PATCH", {"note": "new", "tags": {"a": "b"}})
    assert update.at >= extend.at + cloud.duration
    assert outcome.result["thing"]["size"] == 5
    assert outcome.result["changed"]


def test_a_patch_that_the_api_calls_no_change_is_none() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    cloud.fault("PATCH", row["id"], reply(200, {"tasks": []}))
    outcome = present(cloud, {"note": "new"})
    assert not outcome.result["changed"]
    assert outcome.result["tasks"] == []


def test_absent_waits_until_the_thing_is_gone() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    outcome = absent(cloud)
    assert outcome.error is None
    assert outcome.result["changed"]
    assert cloud.things == {}
    assert str(cloud.sent[-1]) == "GET %s/%s" % (LIST, row["id"])
    again = absent(cloud)
    assert again.error is None
    assert not again.result["changed"]
    assert set(outcome.result) == set(again.result) == KEYS


def test_absent_goes_on_while_the_thing_is_still_shown_after_its_task() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    item = "%s/%s$" % (LIST, row["id"])
    cloud.fault("GET", item, reply(200, {**row, "status": "deleting"}), times=3)
    outcome = absent(cloud)
    assert outcome.error is None
    assert len(cloud.calls("GET", item)) == 4


def test_a_thing_that_stays_after_its_deletion_is_a_failure_with_its_id() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    cloud.fault("GET", row["id"] + "$", reply(200, {**row, "status": "available"}), times=1000)
    outcome = absent(cloud)
    assert outcome.error.kind == "status"
    assert outcome.error.details["id"] == row["id"]
    assert outcome.result["changed"]


# ------------------------------------------------------------------ finding


def test_several_of_one_name_are_told_apart() -> None:
    cloud = FakeCloud()
    first, second = cloud.add("one", size=1), cloud.add("one", size=7)
    for outcome in (present(cloud), absent(cloud)):
        assert outcome.error.kind == "ambiguous"
        for word in (first["id"], second["id"], "size 7", "Give the id"):
            assert word in outcome.error.sentence()
    assert cloud.writes == []


def test_a_name_must_match_whole() -> None:
    cloud = FakeCloud()
    cloud.add("one-more")
    cloud.add("someone")
    assert present(cloud).result["changed"]


def test_the_id_says_which_one() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    second = cloud.add("one", size=7)
    outcome = run(THING, {"id": second["id"], "size": 8}, cloud)
    assert outcome.error is None
    assert cloud.things[second["id"]]["size"] == 8


def test_an_id_that_is_not_there_makes_nothing() -> None:
    cloud = FakeCloud()
    outcome = run(THING, {"id": uuid(77), "name": "one"}, cloud)
    assert outcome.error.kind == "not_found"
    assert cloud.writes == []


def test_an_empty_id_is_refused() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    for state in ("present", "absent"):
        assert run(THING, {"id": "", "name": "one"}, cloud, state=state).error.kind == "options"
    assert cloud.writes == []


def test_where_nothing_identifies_it_nothing_is_made() -> None:
    cloud = FakeCloud()
    nameless = variant(THING, identities=(Identity(("name", "colour")), Identity(("tags",))))
    for state in ("present", "absent"):
        outcome = run(nameless, {"name": "one"}, cloud, state=state)
        assert outcome.error.kind == "options"
        assert "name and colour or tags" in outcome.error.sentence()
    assert cloud.sent == []


def test_a_set_of_tags_can_identify() -> None:
    cloud = FakeCloud()
    tagged = variant(THING, identities=(Identity(("tags",)),))
    cloud.add("other", tags=[{"key": "a", "value": "c", "read_only": False}])
    row = cloud.add("mine", tags=[{"key": k, "value": "b", "read_only": False} for k in "ax"])
    outcome = run(tagged, {"tags": {"a": "b"}, "purge_tags": False}, cloud)
    assert outcome.result["thing"]["id"] == row["id"]
    assert not outcome.result["changed"]


# -------------------------------------------------------------- absent, safely


def test_absent_in_a_mistyped_region_is_an_error() -> None:
    cloud = FakeCloud()
    for options in ({"name": "one"}, {"id": uuid(5)}):
        for region in ("3", "Nowhere"):
            outcome = absent(cloud, options, region=region)
            assert outcome.error is not None
            assert not outcome.result["changed"]


def test_absent_by_an_id_that_is_gone_is_done() -> None:
    outcome = absent(FakeCloud(), {"id": uuid(5)})
    assert outcome.error is None
    assert not outcome.result["changed"]


@pytest.mark.parametrize("missing", ["project", "region"])
def test_absent_without_a_scope_is_an_error(missing: str) -> None:
    outcome = absent(FakeCloud(), **{missing: None})
    assert "No %s is given" % missing in outcome.error.message


def test_absent_of_what_would_belong_to_something_that_is_not_there() -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/networks/1/2", rows())
    outcome = run(subnet.RESOURCE, {"name": "sub", "network": "gone"}, session, state="absent")
    assert outcome.error is None
    assert not outcome.result["changed"]


def test_absent_while_it_is_being_deleted_waits_and_writes_nothing() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    task = cloud.task("delete_volume", lambda: cloud.things.pop(row["id"]))
    row.update(status="deleting", task_id=task["id"])
    outcome = absent(cloud)
    assert outcome.error is None
    assert cloud.things == {}
    assert cloud.writes == []
    assert outcome.result["changed"]  # whoever started it: what this task of a play is about has come true in it
    assert outcome.result["task_ids"] == [task["id"]]


def test_absent_while_it_is_being_made_waits_and_then_deletes() -> None:
    cloud = FakeCloud()
    cloud.create("one")
    outcome = absent(cloud)
    assert outcome.error is None
    assert kinds_of_writes(cloud) == ["DELETE %s/%s" % (LIST, uuid(1))]
    assert cloud.writes[0].at >= cloud.duration


def test_absent_deletes_what_is_broken() -> None:
    cloud = FakeCloud()
    cloud.add("one", status="error")
    assert absent(cloud).error is None
    assert cloud.things == {}


# ----------------------------------------------------------------- statuses


def test_what_is_being_made_is_waited_for_and_taken() -> None:
    cloud = FakeCloud()
    task = cloud.create("one")
    outcome = present(cloud)
    assert outcome.error is None
    assert cloud.writes == []
    assert outcome.result["changed"]
    assert outcome.result["task_ids"] == [task["id"]]
    assert outcome.result["created_resources"]["volumes"] == [outcome.result["thing"]["id"]]
    assert outcome.result["thing"]["status"] == "available"


def test_what_is_being_deleted_is_waited_for_and_made_anew() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    task = cloud.task("delete_volume", lambda: cloud.things.pop(row["id"]))
    row.update(status="deleting", task_id=task["id"])
    outcome = present(cloud)
    assert outcome.error is None
    assert kinds_of_writes(cloud) == ["POST " + LIST]
    assert outcome.result["thing"]["id"] != row["id"]


def test_what_is_broken_is_a_failure_with_its_id() -> None:
    cloud = FakeCloud()
    row = cloud.add("one", status="error")
    outcome = present(cloud)
    assert outcome.error.kind == "status"
    assert row["id"] in outcome.error.sentence()
    assert "recreate" in outcome.error.sentence()
    assert cloud.writes == []


def test_what_is_broken_is_made_anew_with_recreate() -> None:
    cloud = FakeCloud()
    row = cloud.add("one", status="error")
    outcome = present(cloud, recreate=True)
    assert outcome.error is None
    assert kinds_of_writes(cloud) == ["DELETE %s/%s" % (LIST, row["id"]), "POST " + LIST]
    assert outcome.result["changed"]
    assert outcome.result["thing"]["status"] == "available"


def test_without_waiting_a_thing_that_goes_away_is_a_failure() -> None:
    cloud = FakeCloud()
    cloud.create("one")
    cloud.things[uuid(1)]["status"] = "deleting"
    outcome = present(cloud, wait=False)
    assert outcome.error.kind == "status"
    assert cloud.writes == []


def test_a_creation_of_ours_that_fails_while_it_is_waited_for() -> None:
    cloud = FakeCloud()
    cloud.fails = ["no host"]
    cloud.create("one")
    outcome = present(cloud)
    assert outcome.error.kind == "task_failed"
    assert "no host" in outcome.error.message
    assert [left["id"] for left in outcome.result["leftovers"]] == [uuid(1)]


# ----------------------------------------------------------------- adoption


def test_a_running_creation_of_our_name_is_adopted() -> None:
    cloud = FakeCloud()
    cloud.shows_new = False
    task = cloud.create("one")
    outcome = present(cloud)
    assert outcome.error is None
    assert cloud.writes == []
    assert outcome.result["changed"]
    assert outcome.result["task_ids"] == [task["id"]]
    assert outcome.result["created_resources"]["volumes"] == [uuid(1)]
    assert outcome.result["thing"]["id"] == uuid(1)


def test_a_running_creation_without_a_name_is_waited_for_and_then_we_look_again() -> None:
    cloud = FakeCloud()
    cloud.shows_new = cloud.shows_name = False
    cloud.create("one")
    outcome = present(cloud)
    assert cloud.writes == []
    assert outcome.result["thing"]["id"] == uuid(1)
    assert outcome.result["changed"]
    assert outcome.result["task_ids"] == list(cloud.tasks)

    cloud = FakeCloud()
    cloud.shows_new = cloud.shows_name = False
    cloud.create("another")
    outcome = present(cloud)
    assert kinds_of_writes(cloud) == ["POST " + LIST]
    assert cloud.writes[0].at >= cloud.duration
    assert outcome.result["changed"]


def test_a_running_creation_of_another_name_is_not_waited_for() -> None:
    cloud = FakeCloud(duration=500)
    cloud.create("another")
    cloud.duration = 10
    outcome = present(cloud)
    assert outcome.error is None
    assert cloud.clock.time < 100
    assert kinds_of_writes(cloud) == ["POST " + LIST]


def test_an_adopted_creation_that_fails_leaves_the_way_free() -> None:
    cloud = FakeCloud()
    cloud.shows_new = False
    cloud.fails = ["no host"]
    cloud.create("one")
    outcome = present(cloud)
    assert outcome.error is None
    assert kinds_of_writes(cloud) == ["POST " + LIST]


def test_without_waiting_a_running_creation_is_reported_and_nothing_started() -> None:
    cloud = FakeCloud()
    cloud.shows_new = False
    task = cloud.create("one")
    outcome = present(cloud, wait=False)
    assert outcome.error is None
    assert cloud.writes == []
    assert outcome.result["task_ids"] == [task["id"]]
    assert "going on already" in outcome.warnings[0]


def test_without_waiting_a_running_creation_that_may_be_ours_is_a_failure() -> None:
    cloud = FakeCloud()
    cloud.shows_new = cloud.shows_name = False
    task = cloud.create("one")
    outcome = present(cloud, wait=False)
    assert outcome.error.kind == "locked"
    assert task["id"] in outcome.error.message
    assert cloud.writes == []


# ----------------------------------------------------------------- wait: false


def test_without_waiting_one_task_is_started_and_the_rest_is_pending() -> None:
    cloud = FakeCloud()
    row = cloud.add("one", size=1)
    outcome = present(cloud, {"size": 5, "note": "new"}, wait=False)
    assert outcome.error is None
    assert cloud.clock.time == 0
    assert len(cloud.writes) == 1
    assert outcome.result["changed"]
    assert outcome.result["task_ids"] == list(cloud.tasks)
    assert outcome.result["tasks"][0]["state"] == "NEW"
    assert outcome.result["pending"] == [{"action": "update", "resource": "thing", "id": row["id"], "name": "one"}]
    assert "1 step(s) are left" in outcome.warnings[0]


def test_without_waiting_the_next_run_goes_on() -> None:
    cloud = FakeCloud()
    cloud.add("one", size=1)
    present(cloud, {"size": 5, "note": "new"}, wait=False)
    cloud.clock.time += 60
    outcome = present(cloud, {"size": 5, "note": "new"}, wait=False)
    assert [each.method for each in cloud.writes] == ["POST", "PATCH"]
    assert outcome.result["pending"] == []
    assert outcome.warnings == []


def test_without_waiting_a_new_thing_is_shown_if_the_api_does() -> None:
    cloud = FakeCloud()
    outcome = present(cloud, wait=False)
    assert outcome.result["thing"]["id"] == uuid(1)
    cloud = FakeCloud()
    cloud.shows_new = False
    outcome = present(cloud, {"size": 5}, wait=False)
    assert outcome.result["thing"]["id"] is None
    assert outcome.result["thing"]["size"] == 5
    assert set(outcome.result) == KEYS


def test_without_waiting_a_thing_that_is_being_made_tells_its_task() -> None:
    cloud = FakeCloud()
    first, second = present(cloud, wait=False), present(cloud, wait=False)
    assert (second.error, second.result["changed"], len(cloud.writes)) == (None, False, 1)
    assert second.result["task_ids"] == first.result["task_ids"]
    assert second.result["thing"]["id"] == uuid(1)


def test_without_waiting_a_thing_that_is_being_deleted_tells_its_task() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    first = absent(cloud, wait=False)
    assert absent(cloud, wait=False).result["task_ids"] == first.result["task_ids"]
    again = present(cloud, wait=False)
    assert (again.error.kind, again.result["task_ids"]) == ("status", first.result["task_ids"])


def test_without_waiting_a_lock_fails_at_once() -> None:
    cloud = FakeCloud()
    row = cloud.add("one", task_id=None)
    row["task_id"] = cloud.task("update_network")["id"]
    outcome = present(cloud, {"note": "new"}, wait=False)
    assert outcome.error.kind == "locked"
    assert cloud.clock.time == 0
    assert "wait" in outcome.error.sentence()
    assert len(cloud.writes) == 1


def test_absent_without_waiting() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    outcome = absent(cloud, wait=False)
    assert outcome.error is None
    assert (outcome.result["changed"], cloud.clock.time, len(outcome.result["task_ids"])) == (True, 0, 1)


# -------------------------------------------------------------------- locks


def test_a_lock_is_waited_for_by_its_task() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    row["task_id"] = cloud.task("update_network", lambda: row.update(task_id=None), duration=50)["id"]
    outcome = present(cloud, {"note": "new"})
    assert outcome.error is None
    assert [each.method for each in cloud.writes] == ["PATCH"]
    assert 50 <= cloud.writes[0].at < 70
    assert outcome.result["task_ids"] == list(cloud.tasks)[1:]


@pytest.mark.parametrize(("task_type", "ours"), [("update_network", True), ("attach_volume", False)])
def test_what_the_lock_changed_is_not_changed_again(task_type: str, ours: bool) -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    row["task_id"] = cloud.task(task_type, lambda: row.update(task_id=None, note="new"))["id"]
    outcome = present(cloud, {"note": "new"})
    assert outcome.error is None
    assert cloud.writes == []
    assert outcome.result["changed"] is ours
    assert outcome.result["task_ids"] == (list(cloud.tasks) if ours else [])


@pytest.mark.parametrize("seconds", [10, 60, 200])
def test_a_lock_that_shows_no_task_is_waited_for_as_well(seconds: float) -> None:
    cloud = FakeCloud()

    def locked(sent: Any) -> Any:
        return reply(409, LOCKED) if sent.at < seconds else cloud.answer(sent)

    cloud.fault("POST", LIST + "$", locked, times=1000)
    outcome = present(cloud)
    assert outcome.error is None
    assert outcome.result["changed"]
    assert len(cloud.things) == 1


def test_a_lock_that_stays_ends_at_the_deadline() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    cloud.fault("PATCH", LIST, reply(409, LOCKED), times=100000)
    outcome = present(cloud, {"note": "new"}, wait_timeout=100)
    assert outcome.error.kind == "locked"
    assert "100 s" in outcome.error.sentence()
    assert cloud.clock.time <= 100


def test_a_lock_that_stays_ends_without_a_time_limit_of_the_users_too() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    cloud.fault("PATCH", LIST, reply(409, LOCKED), times=100000)
    outcome = present(cloud, {"note": "new"})
    assert outcome.error.kind == "locked"
    assert 100 <= cloud.clock.time <= 3600


# ----------------------------------------------------------- doubtful creations


@pytest.mark.parametrize("fault", DOUBTS)
def test_a_doubtful_creation_that_was_taken_is_adopted(fault: Any) -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, fault, taken=True)
    outcome = present(cloud)
    assert outcome.error is None
    assert len(cloud.things) == len(cloud.writes) == 1
    assert outcome.result["changed"]
    assert outcome.result["created_resources"]["volumes"] == [uuid(1)]
    assert outcome.result["thing"]["status"] == "available"


@pytest.mark.parametrize("shows_name", [True, False])
def test_a_doubtful_creation_that_shows_only_in_its_task_is_adopted(shows_name: bool) -> None:
    cloud = FakeCloud(duration=40)
    cloud.shows_new, cloud.shows_name = False, shows_name
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    outcome = present(cloud)
    assert outcome.error is None
    assert len(cloud.things) == len(cloud.writes) == 1
    assert outcome.result["changed"]


@pytest.mark.parametrize("fault", DOUBTS)
def test_a_doubtful_creation_without_a_trace_is_sent_once_more(fault: Any) -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, fault)
    outcome = present(cloud)
    assert outcome.error is None
    assert len(cloud.writes) == 2
    assert cloud.writes[1].at - cloud.writes[0].at >= 60
    assert len(cloud.things) == 1


def test_a_creation_is_never_sent_a_third_time() -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, read_timeout(), times=9)
    outcome = present(cloud)
    assert outcome.error.kind == "unknown_outcome"
    assert len(cloud.writes) == 2
    assert "not sent again" in outcome.error.sentence()
    assert set(outcome.result) == KEYS


def test_the_quiet_time_is_as_long_as_a_request_may_take() -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, read_timeout())
    # an answer that comes back late: the thing appears 55 s after the POST
    for _each in range(200):
        cloud.meanwhile("GET", LIST + "$", lambda: cloud.clock.time >= 55 and not cloud.things and cloud.create("one"))
    outcome = present(cloud)
    assert outcome.error is None
    assert len(cloud.writes) == 1
    assert len(cloud.things) == 1


def test_several_after_a_doubtful_creation_are_a_failure_with_their_ids() -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    cloud.meanwhile("POST", LIST, lambda: None)

    def both(sent: Any) -> Any:
        cloud.create("one")
        cloud.create("one")
        return read_timeout()

    cloud.faults.clear()
    cloud.fault("POST", LIST, both)
    outcome = present(cloud)
    assert outcome.error.kind == "duplicate"
    assert uuid(1) in outcome.error.message
    assert outcome.error.details["ids"] == [row["id"] for row in cloud.things.values()]
    assert len(cloud.writes) == 1
    assert len(cloud.things) == 2


def test_without_waiting_a_doubtful_creation_is_not_doubled_either() -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    present(cloud, wait=False)
    assert len(cloud.things) == len(cloud.writes) == 1


@pytest.mark.parametrize("taken", [True, False])
def test_a_doubt_stays_a_doubt_when_the_time_is_over(taken: bool) -> None:
    cloud = FakeCloud(duration=500)
    cloud.shows_new = False
    cloud.fault("POST", LIST, read_timeout(), taken=taken)
    outcome = present(cloud, wait_timeout=20)
    if taken:  # its task is known
        assert outcome.error.kind == "timeout"
        assert outcome.error.details["task_id"] in cloud.tasks
    else:
        assert outcome.error.kind == "unknown_outcome"
        assert "POST" in outcome.error.message
    assert len(cloud.writes) == 1


def test_a_doubtful_creation_whose_task_failed() -> None:
    cloud = FakeCloud()
    cloud.fails = ["no host"]
    cloud.fault("POST", LIST, read_timeout(), taken=True)
    outcome = present(cloud)
    assert outcome.error.kind == "task_failed"
    assert [left["id"] for left in outcome.result["leftovers"]] == [uuid(1)]
    assert len(cloud.writes) == 1


def test_an_unreachable_host_at_the_creation_is_no_doubt() -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, refused(), times=2)
    outcome = present(cloud)
    assert outcome.error is None
    assert len(cloud.things) == 1


@pytest.mark.parametrize("answer", [reply(200, raw=b""), reply(200, {}), reply(200, None), reply(200, [])])
@pytest.mark.parametrize("taken", [True, False])
def test_an_answer_to_a_creation_that_names_no_tasks_is_a_doubt(answer: Any, taken: bool) -> None:
    cloud = FakeCloud()
    cloud.fault("POST", LIST, answer, taken=taken)
    outcome = present(cloud)
    assert outcome.error is None
    assert len(cloud.things) == 1
    assert outcome.result["thing"]["status"] == "available"


# ------------------------------------------------------ other doubtful writes


@pytest.mark.parametrize("fault", DOUBTS)
@pytest.mark.parametrize("taken", [True, False])
def test_after_a_doubtful_change_we_look_and_plan_again(fault: Any, taken: bool) -> None:
    cloud = FakeCloud()
    row = cloud.add("one", size=1)
    cloud.fault("POST", "extend", fault, taken=taken)
    outcome = present(cloud, {"size": 5})
    assert outcome.error is None
    assert len(cloud.writes) == (1 if taken else 2)
    assert row["size"] == 5
    assert outcome.result["changed"]


@pytest.mark.parametrize("taken", [True, False])
def test_after_a_doubtful_deletion_we_look(taken: bool) -> None:
    cloud = FakeCloud()
    cloud.add("one")
    cloud.fault("DELETE", LIST, read_timeout(), taken=taken)
    outcome = absent(cloud)
    assert outcome.error is None
    assert cloud.things == {}
    assert len(cloud.writes) == (1 if taken else 2)
    assert outcome.result["changed"]


def test_a_deletion_is_repeated_only_for_the_thing_first_seen() -> None:
    cloud = FakeCloud()
    first = cloud.add("one")

    def replaced(sent: Any) -> Any:
        cloud.things.clear()
        cloud.add("one")
        return read_timeout()

    cloud.fault("DELETE", first["id"], replaced)
    outcome = absent(cloud)
    assert all(first["id"] in each.path for each in cloud.writes)
    assert len(cloud.things) == 1
    assert outcome.error is None or outcome.error.kind in ("unknown_outcome", "duplicate")


def test_an_act_that_may_have_been_carried_out_is_not_repeated() -> None:
    acting = variant(
        THING,
        states=(
            State(
                "kicked",
                (),
                lambda status, options: (Action("kick", "POST", ONE_THING + "/kick", "kick_thing"),),
                always=True,
            ),
        ),
    )
    cloud = FakeCloud()
    cloud.add("one")
    cloud.fault("POST", "kick", read_timeout(), times=9)
    outcome = run(acting, {"name": "one"}, cloud, state="kicked")
    assert outcome.error.kind == "unknown_outcome"
    assert "not repeated" in outcome.error.sentence()
    assert len(cloud.writes) == 1


def test_an_act_is_carried_out_once_in_a_run() -> None:
    acting = variant(
        THING,
        states=(
            State(
                "kicked",
                (),
                lambda status, options: (
                    Action("kick", "POST", ONE_THING + "/extend", "kick_thing", body={"size": 1}),
                ),
                always=True,
            ),
        ),
    )
    cloud = FakeCloud()
    row = cloud.add("one")
    row["task_id"] = cloud.task("update_network", lambda: row.update(task_id=None))["id"]
    outcome = run(acting, {"name": "one"}, cloud, state="kicked")
    assert outcome.error is None
    assert [each.at < cloud.duration for each in cloud.writes] == [False]
    assert outcome.result["changed"]


# -------------------------------------------------------------------- twins


def twin(cloud: FakeCloud, age: float) -> None:
    """Another controller makes the same while our creation goes on."""
    cloud.create("one", created_at=cloud.clock.text(-age) + "+0000")


def test_an_older_twin_is_a_failure_with_both_ids_and_nothing_is_deleted() -> None:
    cloud = FakeCloud()
    cloud.meanwhile("POST", LIST, lambda: twin(cloud, 5))
    outcome = present(cloud)
    assert outcome.error.kind == "duplicate"
    for identifier in (row["id"] for row in cloud.things.values()):
        assert identifier in outcome.error.message
        assert identifier in outcome.error.details["ids"]
    assert len(cloud.things) == 2
    assert outcome.result["created_resources"]["volumes"] != []
    assert outcome.result["thing"]["id"] is not None


def test_a_newer_twin_is_a_warning() -> None:
    cloud = FakeCloud()
    cloud.meanwhile("POST", LIST, lambda: twin(cloud, -5))
    outcome = present(cloud)
    assert outcome.error is None
    assert "newer" in outcome.warnings[0]
    for identifier in (row["id"] for row in cloud.things.values()):
        assert identifier in outcome.warnings[0]
    assert len(cloud.things) == 2


@pytest.mark.parametrize("ages", [(-5, 5), (5, -5)])
def test_of_several_twins_the_oldest_counts(ages: tuple[float, float]) -> None:
    cloud = FakeCloud()
    cloud.meanwhile("POST", LIST, lambda: [twin(cloud, age) for age in ages])
    assert present(cloud).error.kind == "duplicate"


@pytest.mark.parametrize("created_at", [None, "yesterday", "2026-05-01T12:00:00+0000"])
def test_a_twin_of_the_same_second_or_of_unknown_age_is_a_failure(created_at: Any) -> None:
    cloud = FakeCloud()
    cloud.meanwhile("POST", LIST, lambda: cloud.create("one", created_at=created_at))
    assert present(cloud).error.kind == "duplicate"


def test_without_waiting_a_twin_is_seen_too() -> None:
    cloud = FakeCloud()
    cloud.meanwhile("POST", LIST, lambda: twin(cloud, 5))
    assert present(cloud, wait=False).error.kind == "duplicate"


def test_two_runs_on_one_controller_make_one_thing() -> None:
    cloud = FakeCloud()
    locks: list[Any] = []

    def while_another_run_is_at_work() -> None:
        second = FakeCloud()
        locks.append(present(second, wait_timeout=30))
        assert second.sent == []
        locks.append(present(FakeCloud(), {"name": "two"}, wait_timeout=30))
        locks.append(present(FakeCloud(), check_mode=True))
        locks.append(present(FakeCloud(), region="Luxembourg"))

    cloud.meanwhile("POST", LIST, while_another_run_is_at_work)
    assert present(cloud).error is None
    same_thing, another_thing, check_mode, same_region = locks
    assert same_thing.error.kind == "locked"
    assert "Another run on this machine" in same_thing.error.message
    assert another_thing.error is None
    assert check_mode.error is None
    assert same_region.error.kind == "locked"
    assert present(cloud).error is None


# ------------------------------------------------------------------ reading back


def test_a_read_that_lags_behind_a_finished_task_is_repeated() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    stale = dict(row)
    cloud.fault("GET", row["id"] + "$", reply(200, stale), times=4)
    outcome = present(cloud, {"note": "new"})
    assert outcome.error is None
    assert outcome.result["thing"]["note"] == "new"
    assert outcome.warnings == []


def test_a_new_thing_that_the_list_does_not_show_yet() -> None:
    cloud = FakeCloud()
    empty = rows()
    outcome = None
    cloud.meanwhile("POST", LIST, lambda: cloud.fault("GET", LIST + "$", empty, times=3))
    outcome = present(cloud)
    assert outcome.error is None
    assert outcome.result["thing"]["id"] == uuid(1)


def test_older_values_that_stay_are_a_warning() -> None:
    cloud = FakeCloud()
    row = cloud.add("one")
    cloud.fault("GET", row["id"] + "$", reply(200, dict(row)), times=1000)
    outcome = present(cloud, {"note": "new"})
    assert outcome.error is None
    assert "older values" in outcome.warnings[0]
    assert outcome.result["changed"]


def test_a_new_thing_that_is_never_shown_is_a_failure() -> None:
    cloud = FakeCloud()
    cloud.meanwhile("POST", LIST, lambda: cloud.fault("GET", LIST, rows(), times=1000))
    outcome = present(cloud)
    assert outcome.error.kind == "status"
    assert uuid(1) in outcome.error.sentence()
    assert outcome.result["created_resources"]["volumes"] == [uuid(1)]


# ----------------------------------------------------------------- failures


def test_a_failed_creation_tells_what_it_left() -> None:
    cloud = FakeCloud()
    cloud.fails = ["Quota limit for volume_size exceeded by 20"]

    def parts() -> None:
        task = next(iter(cloud.tasks))
        cloud.parts[uuid(50)] = {"id": uuid(50), "name": "part", "creator_task_id": task, "status": "DOWN"}
        cloud.parts[uuid(51)] = {"id": uuid(51), "name": "other", "creator_task_id": uuid(1), "status": "DOWN"}

    cloud.meanwhile("GET", "/parts/", parts)
    outcome = present(cloud)
    assert outcome.error.kind == "task_failed"
    assert "exceeded by 20" in outcome.error.message
    assert [(left["resource"], left["id"]) for left in outcome.result["leftovers"]] == [
        ("thing", uuid(1)),
        ("part", uuid(50)),
    ]
    assert "leftovers" in outcome.error.sentence()
    assert outcome.result["changed"]
    assert set(outcome.result) == KEYS


def test_looking_for_leftovers_never_hides_the_failure() -> None:
    cloud = FakeCloud()
    cloud.fails = ["no host"]
    cloud.fault("GET", "/parts/", reply(403, {"message": "no"}), times=99)
    outcome = present(cloud)
    assert outcome.error.kind == "task_failed"
    assert any("left a part behind could not be seen" in text for text in outcome.warnings)


def test_a_failed_change_is_a_failure_with_what_is_still_pending() -> None:
    cloud = FakeCloud()
    cloud.add("one", size=1)
    cloud.fails = ["no space"]
    outcome = present(cloud, {"size": 5, "note": "new"})
    assert outcome.error.kind == "task_failed"
    assert [step["action"] for step in outcome.result["pending"]] == ["update"]
    assert outcome.result["changed"]
    assert outcome.result["tasks"][0]["error"] == "no space"
    assert outcome.result["thing"]["id"] == uuid(1)
    assert outcome.result["leftovers"] == []


def test_a_refused_write_keeps_all_keys() -> None:
    cloud = FakeCloud()
    cloud.fault(
        "POST",
        LIST,
        reply(400, {"message": "Quota limit for volume_count exceeded by 1", "exception_class": "QuotaLimitExceed"}),
    )
    outcome = present(cloud)
    assert outcome.error.details["exception_class"] == "QuotaLimitExceed"
    assert set(outcome.result) == KEYS
    assert not outcome.result["changed"]


def test_a_time_out_still_tells_what_is_known() -> None:
    cloud = FakeCloud(duration=900)
    outcome = present(cloud, wait_timeout=60)
    assert outcome.error.kind == "timeout"
    assert outcome.result["changed"]
    assert outcome.result["task_ids"] == list(cloud.tasks)
    assert outcome.result["task_ids"][0] in outcome.error.message
    assert "task_wait" in outcome.error.sentence()
    assert cloud.clock.time == 60
    assert set(outcome.result) == KEYS


def test_a_run_is_taken_up_again_after_a_time_out() -> None:
    cloud = FakeCloud(duration=100)
    present(cloud, wait_timeout=60)
    outcome = present(cloud, wait_timeout=60)
    assert outcome.error is None
    assert len(cloud.writes) == 1
    assert outcome.result["thing"]["status"] == "available"


# ---------------------------------------------------------------- deadlines


@pytest.mark.parametrize(
    ("there", "options", "seconds"),
    [(False, {}, 400), (True, {"size": 5}, 300), (True, {"size": 5, "note": "x"}, 300)],
)
def test_the_default_deadline_is_the_sum_over_the_steps(there: bool, options: Any, seconds: float) -> None:
    cloud = FakeCloud()
    if there:
        cloud.add("one")
    outcome = present(cloud, options)
    assert outcome.error is None
    assert outcome.deadline.seconds == pytest.approx(seconds)


def test_a_recreation_has_the_time_of_both_its_steps() -> None:
    cloud = FakeCloud()
    cloud.add("one", colour="red")
    outcome = present(cloud, {"colour": "blue"}, recreate=True)
    assert outcome.error is None
    assert outcome.deadline.seconds == pytest.approx(600)


def test_a_time_limit_of_the_users_stays() -> None:
    outcome = present(FakeCloud(), wait_timeout=77)
    assert outcome.error is None
    assert outcome.deadline.seconds == 77


# --------------------------------------------------------------- check mode


def test_check_mode_writes_nothing_and_predicts() -> None:
    cloud = FakeCloud()
    outcome = present(cloud, {"size": 5, "tags": {"a": "b"}, "password": "s3cret"}, check_mode=True)
    assert outcome.error is None
    assert cloud.writes == []
    assert cloud.clock.time == 0
    assert outcome.result["changed"]
    assert outcome.result["thing"]["size"] == 5
    assert outcome.result["thing"]["status"] == "available"
    assert outcome.result["diff"]["after"]["password"] == "(hidden)"
    assert set(outcome.result) == KEYS
    assert "s3cret" not in repr(outcome.result)


@pytest.mark.parametrize(
    ("options", "changed"),
    [({}, False), ({"note": "new"}, True), ({"size": 5}, True), ({"tags": {"a": "b"}}, True), ({"tags": {}}, False)],
)
def test_the_prediction_is_what_the_run_does(options: Any, changed: bool) -> None:
    cloud = FakeCloud()
    cloud.add("one")
    checked = present(cloud, options, check_mode=True)
    done = present(cloud, options)
    assert checked.error is done.error is None
    assert checked.result["changed"] is done.result["changed"] is changed
    assert checked.result["diff"] == done.result["diff"]
    assert checked.result["thing"] == done.result["thing"]


def test_check_mode_of_absent() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    outcome = absent(cloud, check_mode=True)
    assert (outcome.error, outcome.result["changed"], cloud.writes) == (None, True, [])
    assert outcome.result["diff"]["after"] == {"state": "absent"}
    assert not absent(FakeCloud(), check_mode=True).result["changed"]


def test_check_mode_does_not_wait_for_what_goes_on() -> None:
    cloud = FakeCloud()
    cloud.create("one")
    outcome = present(cloud, check_mode=True)
    assert (outcome.error, cloud.clock.time) == (None, 0)


# ---------------------------------------------------------------- immutability


def test_what_cannot_be_changed_says_so() -> None:
    cloud = FakeCloud()
    cloud.add("one", colour="red")
    outcome = present(cloud, {"colour": "blue", "note": "new"})
    assert outcome.error.kind == "immutable"
    assert "colour" in outcome.error.message
    assert "recreate" in outcome.error.sentence()
    assert cloud.writes == []


def test_recreate_deletes_and_makes_anew() -> None:
    cloud = FakeCloud()
    row = cloud.add("one", colour="red")
    outcome = present(cloud, {"colour": "blue"}, recreate=True)
    assert outcome.error is None
    assert [each.method for each in cloud.writes] == ["DELETE", "POST"]
    assert row["id"] not in cloud.things
    assert outcome.result["thing"]["colour"] == "blue"
    assert len(outcome.result["tasks"]) == 2


def test_what_is_made_anew_is_found_when_its_task_does_not_name_it() -> None:
    cloud = FakeCloud()
    cloud.add("one", colour="red")
    anew = cloud.create

    def nameless(name: str, *args: Any, **more: Any) -> Any:
        task = anew(name, *args, **more)
        end, finish, error = cloud._ends[task["id"]]
        cloud._ends[task["id"]] = (end, lambda: (finish(), task.update(created_resources=None)), error)
        return task

    cloud.create = nameless  # type: ignore[method-assign]
    outcome = present(cloud, {"colour": "blue"}, recreate=True)
    assert outcome.error is None
    assert outcome.result["created_resources"]["volumes"] == [outcome.result["thing"]["id"]] == list(cloud.things)


def test_recreate_that_fails_tells_the_new_thing() -> None:
    cloud = FakeCloud()
    cloud.add("one", colour="red")
    outcome = present(cloud, {"colour": "blue"}, recreate=True, wait_timeout=15)
    assert outcome.error.kind == "timeout"
    assert outcome.result["thing"] != {}


def test_recreate_changes_nothing_where_nothing_has_to() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    assert not present(cloud, {"colour": "grey"}, recreate=True).result["changed"]
    assert cloud.writes == []


# ----------------------------------------------------------- things without tasks


def test_a_key_that_the_api_makes_goes_into_a_file(tmp_path: Any) -> None:
    session = FakeSession()
    made = {"id": uuid(1), "name": "key", "state": "ACTIVE", "private_key": "-----BEGIN s3cret", "public_key": "ssh-rsa AAA", "fingerprint": "f",
            "shared_in_project": True, "created_at": session.clock.text()}  # fmt: skip
    session.on("GET", "/cloud/v1/ssh_keys/1", rows(), rows({k: v for k, v in made.items() if k != "private_key"}))
    session.on("POST", "/cloud/v1/ssh_keys/1", reply(200, made))
    dest = tmp_path / "key.pem"
    outcome = run(ssh_key.RESOURCE, {"name": "key", "private_key_dest": str(dest)}, session)
    assert outcome.error is None
    assert dest.read_text() == "-----BEGIN s3cret"
    assert dest.stat().st_mode & 0o777 == 0o600
    assert outcome.result["changed"]
    assert outcome.result["ssh_key"]["id"] == uuid(1)
    assert "s3cret" not in repr(outcome.result)
    assert outcome.result["private_key_dest"] == str(dest)


def test_a_key_without_a_place_to_go_is_not_made(tmp_path: Any) -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/ssh_keys/1", rows())
    outcome = run(ssh_key.RESOURCE, {"name": "key"}, session)
    assert outcome.error.kind == "options"
    assert session.writes == []


# ------------------------------------------------------------------ children


def test_children_are_made_after_their_parent_and_late_fields_after_that() -> None:
    cloud = CloudWithParts()
    outcome = run(PARENT, {"name": "one", "parts": [{"name": "aaa", "label": "x"}, {"name": "bbb", "size": 3}]}, cloud)
    assert outcome.error is None
    assert [(each.method, each.body) for each in cloud.writes[1:]] == [
        ("POST", {"name": "aaa", "thing_id": uuid(1)}),
        ("POST", {"name": "bbb", "size": 3, "thing_id": uuid(1)}),
        ("PATCH", {"label": "x"}),
    ]
    assert len(outcome.result["created_resources"]["ports"]) == 2
    again = run(PARENT, {"name": "one", "parts": [{"name": "aaa", "label": "x"}, {"name": "bbb", "size": 3}]}, cloud)
    assert not again.result["changed"]


def test_children_stay_unless_their_purge_is_asked_for() -> None:
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.parts[uuid(100)] = {"id": uuid(100), "name": "old", "size": 1}
    assert not run(PARENT, {"name": "one", "parts": []}, cloud).result["changed"]
    assert not run(PARENT, {"name": "one", "purge_parts": True}, cloud).result["changed"]
    assert len(cloud.parts) == 1
    outcome = run(PARENT, {"name": "one", "parts": [], "purge_parts": True}, cloud)
    assert outcome.result["changed"]
    assert cloud.parts == {}


@pytest.mark.parametrize("taken", [True, False])
def test_a_doubtful_creation_of_a_child_is_not_doubled(taken: bool) -> None:
    cloud = CloudWithParts()
    cloud.add("one")
    cloud.fault("POST", "/parts/", read_timeout(), taken=taken)
    outcome = run(PARENT, {"name": "one", "parts": [{"name": "aaa"}]}, cloud)
    assert outcome.error is None
    assert [row["name"] for row in cloud.parts.values()] == ["aaa"]
    assert len(cloud.writes) == (1 if taken else 2)


# ------------------------------------------------------------------- secrets


@pytest.mark.parametrize("fault", [None, reply(400, {"message": "no"}), read_timeout(), reply(500, {})])
def test_no_secret_is_shown_whatever_happens(fault: Any) -> None:
    cloud = FakeCloud()
    if fault is not None:
        cloud.fault("POST", LIST, fault, times=9)
    outcome = present(cloud, {"password": "s3cret-word"})
    told = repr(
        (outcome.result, outcome.warnings, outcome.error and (outcome.error.sentence(), outcome.error.as_dict()))
    )
    for secret in ("s3cret-word", "hidden-in-data", KEY):
        assert secret not in told
    assert cloud.writes[0].body["password"] == "s3cret-word"


def test_nothing_here_needs_the_network() -> None:
    assert THINGS.path.startswith("/cloud/")


@pytest.mark.parametrize("taken", [True, False])
def test_a_key_whose_answer_was_lost_is_not_taken_for_a_success(tmp_path: Any, taken: bool) -> None:
    """The API shows a generated private key once: when that answer is lost, so is the key."""
    session = FakeSession()
    public = {
        "id": uuid(1),
        "name": "key",
        "state": "ACTIVE",
        "public_key": "ssh-rsa AAA",
        "shared_in_project": True,
        "created_at": session.clock.text(),
    }
    made = {**public, "private_key": "-----BEGIN s3cret"}
    session.on("GET", "/cloud/v1/ssh_keys/1", rows(), *([rows(public)] if taken else [rows()] * 9 + [rows()]))
    session.on("POST", "/cloud/v1/ssh_keys/1", read_timeout(), reply(200, made))
    if not taken:
        session.on("GET", "/cloud/v1/ssh_keys/1", lambda sent: rows(public) if len(session.writes) > 1 else rows())
    dest = tmp_path / "key.pem"
    outcome = run(ssh_key.RESOURCE, {"name": "key", "private_key_dest": str(dest)}, session)
    if taken:
        assert outcome.error.kind == "unknown_outcome"
        assert "private key" in outcome.error.sentence()
        assert uuid(1) in outcome.error.sentence()
        assert len(session.writes) == 1
    else:
        assert outcome.error is None
        assert dest.read_text() == "-----BEGIN s3cret"
        assert len(session.writes) == 2


def test_an_act_is_not_repeated_when_the_rest_has_to_be_planned_again() -> None:
    kick = Action("kick", "POST", ONE_THING + "/extend", "kick_thing", body={"size": 1})
    acting = variant(PARENT, states=(State("kicked", (), lambda status, options: (kick,), always=True),))
    cloud = CloudWithParts()
    cloud.add("one")
    outcome = run(acting, {"name": "one", "parts": [{"name": "aaa", "label": "x"}]}, cloud, state="kicked")
    assert outcome.error is None
    assert [(each.method, each.path.split("/")[3]) for each in cloud.writes] == [
        ("POST", "parts"),
        ("POST", "things"),
        ("PATCH", "parts"),
    ]


# ------------------------------------------------- what may be taken instead


def spare(options: Any, rows: Any) -> Any:
    return [row for row in rows if row["note"] is None]


SPARE = variant(THING, identities=(Identity(("name",)), Identity(("tags",), reusable=True)), reuse=spare)
LABEL = [{"key": "a", "value": "b", "read_only": False}]


def take(cloud: FakeSession, **more: Any) -> Outcome:
    return run(SPARE, {"name": "one", "tags": {"a": "b"}}, cloud, **more)


def test_what_a_weaker_identity_finds_is_taken_before_another_is_made() -> None:
    cloud = FakeCloud()
    cloud.add("used", tags=LABEL, note="mine")
    free = cloud.add("free", tags=LABEL)
    outcome = take(cloud)
    assert (outcome.error, outcome.result["thing"]["id"]) == (None, free["id"])
    assert [(each.method, each.body) for each in cloud.writes] == [("PATCH", {"name": "one"})]
    again = take(cloud)
    assert (again.error, again.result["changed"], len(cloud.writes)) == (None, False, 1)


def test_of_several_that_may_be_taken_none_is() -> None:
    cloud = FakeCloud()
    ids = [cloud.add(each, tags=LABEL)["id"] for each in ("aaa", "bbb")]
    outcome = take(cloud)
    assert outcome.error.kind == "ambiguous"
    assert outcome.error.details["ids"] == ids
    assert cloud.writes == []


def test_where_nothing_may_be_taken_it_is_made() -> None:
    cloud = FakeCloud()
    cloud.add("used", tags=LABEL, note="mine")
    assert take(cloud).error is None
    assert [each.method for each in cloud.writes] == ["POST"]
    assert take(cloud).result["changed"] is False
    assert len(cloud.things) == 2


def test_nothing_is_taken_to_be_deleted_or_where_the_thing_is_there() -> None:
    cloud = FakeCloud()
    cloud.add("free", tags=LABEL)
    assert not take(cloud, state="absent").result["changed"]
    right = cloud.add("one", tags=LABEL, note="mine")
    assert take(cloud).result["thing"]["id"] == right["id"]
    assert cloud.writes == []


def test_a_weaker_identity_alone_is_an_identity() -> None:
    cloud = FakeCloud()
    used = cloud.add("used", tags=LABEL, note="mine")
    outcome = run(SPARE, {"tags": {"a": "b"}}, cloud)
    assert (outcome.error, outcome.result["thing"]["id"]) == (None, used["id"])


def test_an_identity_by_what_a_row_shows_of_a_reference() -> None:
    cloud = FakeCloud()
    cloud.add("one")
    owner = Option("owner", api=Api("port"), ref=Ref(THINGS, name_at="owner.name", id_at="owner.id"), change="update")
    owned = variant(THING, fields=(*THING.fields, owner), identities=(Identity(("owner",)),))
    wanted = cloud.add("two", port=7, owner={"id": uuid(1), "name": "one"})
    for value in ("one", uuid(1)):
        outcome = run(owned, {"owner": value}, cloud)
        assert (outcome.error, outcome.result["thing"]["id"]) == (None, wanted["id"])
        assert not outcome.result["changed"]


# --------------------------------------------- one list for several parents

BITS = ResourceType("bit", "/cloud/v1/bits/{project_id}/{region_id}", created_key="ports")
BIT = described(
    type=BITS,
    fields=(name(required=True), Option("size", "int", change="update")),
    create=Action("create", "POST", BITS.path),
    create_body=lambda body, options, parent: {**body, "part_id": parent},
    update=Action("update", "PATCH", BITS.path + "/{id}"),
    delete=Action("delete", "DELETE", BITS.path + "/{id}"),
)


def by_name(options: Any, row: Any) -> bool:
    return bool(options["name"] == row["name"])


DEEP = variant(
    THING,
    sub_resources=(
        sub_resource(
            "parts",
            variant(
                CHILD,
                sub_resources=(
                    sub_resource("bits", BIT, by_name, BITS.path, query={"top": "{top_id}"}, inline=False,
                                 belongs=lambda parent, row: bool(row["part_id"] == parent), purge="purge_bits"),
                ),
            ),
            by_name,
            PARTS.path,
            query={"thing_id": "{parent_id}", "again": "{top_id}"},
        ),
    ),
)  # fmt: skip


def deep_session() -> FakeSession:
    session = FakeSession()
    row = {"id": "t1", "name": "one", "status": "available", "task_id": None}
    session.on("GET", LIST, rows(row))
    session.on("GET", LIST + "/t1", reply(200, row))
    session.on("GET", "/cloud/v1/parts/1/2", rows(*[{"id": "p%d" % n, "name": "part%d" % n} for n in (1, 2, 3)]))
    bits = [{"id": "b%d" % n, "name": "bit", "size": n, "part_id": "p%d" % n} for n in (1, 2)]
    session.on("GET", "/cloud/v1/bits/1/2", rows(*bits))
    for each in ("b1", "b2"):
        session.on("PATCH", "/cloud/v1/bits/1/2/" + each, reply(200, {}))
        session.on("DELETE", "/cloud/v1/bits/1/2/" + each, reply(204))
    session.on("POST", "/cloud/v1/bits/1/2", reply(200, {"id": "b3"}))
    return session


def deep(session: FakeSession, *bits: Any, **more: Any) -> Outcome:
    listed = [{"name": "part%d" % n, **({} if each is None else {"bits": each})} for n, each in enumerate(bits, 1)]
    return run(DEEP, {"name": "one", "parts": listed, **more}, session)


def test_one_list_serves_all_parents() -> None:
    session = deep_session()
    outcome = deep(session, [{"name": "bit", "size": 1}], [{"name": "bit", "size": 2}], [])
    assert (outcome.error, outcome.result["changed"]) == (None, False)
    assert [each.path.split("/")[3] for each in session.sent] == ["things", "parts", "bits"]
    queries = [{k: v for k, v in each.query.items() if k not in ("limit", "name")} for each in session.sent]
    assert queries == [{}, {"thing_id": ["t1"], "again": ["t1"]}, {"top": ["t1"]}]


def test_each_row_is_its_own_parents() -> None:
    session = deep_session()
    deep(session, [{"name": "bit", "size": 9}], None, [{"name": "bit"}])
    assert [(each.method, each.path.rsplit("/", 1)[-1], each.body) for each in session.writes] == [
        ("PATCH", "b1", {"size": 9}),
        ("POST", "2", {"name": "bit", "part_id": "p3"}),
    ]
    session = deep_session()
    deep(session, [], [{"name": "bit"}], None, purge_bits=True)
    assert [str(each).rsplit("/", 1)[-1] for each in session.writes] == ["b1"]


def test_a_view_may_be_asked_for_by_what_the_row_says() -> None:
    seen = RelatedRead("_seen", "/cloud/v1/bits/{project_id}/{region_id}", ("note",), lambda row, rows: rows,
                       query={"of": "{row[number]}", "thing": "{id}"})  # fmt: skip
    viewed = variant(THING, related_reads=(seen,))
    session = FakeSession()
    row = {"id": "t1", "number": "77", "name": "one", "note": "x", "status": "available", "task_id": None}
    session.on("GET", LIST, rows(row))
    session.on("GET", "/cloud/v1/bits/1/2", rows())
    outcome = run(viewed, {"name": "one", "note": "x"}, session)
    assert (outcome.error, outcome.result["changed"]) == (None, False)
    assert {key: session.sent[1].query[key] for key in ("of", "thing")} == {"of": ["77"], "thing": ["t1"]}
    run(viewed, {"name": "one"}, session)
    assert len(session.sent) == 3


# ----------------------------------------------------------------- more rounds

SWITCH = Option("power", "bool", api=Api(create=AFTERWARDS), change="update")
SWITCHED = variant(THING, fields=(*THING.fields, SWITCH), response={**THING.hooks.response, "power": True})


class CloudWithPower(FakeCloud):
    def add(self, name: str, **more: Any) -> dict[str, Any]:
        assert "power" not in more
        return super().add(name, power=True, **more)


def test_what_no_creation_takes_is_set_in_the_next_round() -> None:
    cloud = CloudWithPower()
    outcome = run(SWITCHED, {"name": "one", "power": False}, cloud)
    assert (outcome.error, outcome.result["pending"], outcome.warnings) == (None, [], [])
    assert [(each.method, each.body) for each in cloud.writes] == [
        ("POST", {"name": "one"}),
        ("PATCH", {"power": False}),
    ]
    assert outcome.result["thing"]["power"] is False
    assert (len(outcome.result["tasks"]), outcome.result["diff"]["before"]) == (2, {"state": "absent"})
    assert outcome.result["diff"]["after"] == {"state": "present", "name": "one", "power": False}
    assert not run(SWITCHED, {"name": "one", "power": False}, cloud).result["changed"]


def test_what_the_api_would_choose_anyway_is_no_round() -> None:
    cloud = CloudWithPower()
    run(SWITCHED, {"name": "one", "power": True}, cloud)
    assert len(cloud.writes) == 1


def test_without_waiting_the_next_round_is_pending() -> None:
    cloud = CloudWithPower()
    outcome = run(SWITCHED, {"name": "one", "power": False}, cloud, wait=False)
    assert outcome.error is None
    assert [each["action"] for each in outcome.result["pending"]] == ["set power of"]
    assert "set power of thing 'one'" in outcome.warnings[0]
    cloud.clock.sleep(60)
    outcome = run(SWITCHED, {"name": "one", "power": False}, cloud, wait=False)
    assert (outcome.error, outcome.result["pending"], outcome.warnings) == (None, [], [])
    assert [each.method for each in cloud.writes] == ["POST", "PATCH"]


def test_check_mode_foretells_the_next_round_too() -> None:
    cloud = CloudWithPower()
    outcome = run(SWITCHED, {"name": "one", "power": False}, cloud, check_mode=True)
    assert (outcome.error, outcome.result["changed"], cloud.writes) == (None, True, [])
    assert outcome.result["thing"]["power"] is False
    assert outcome.result["diff"]["after"]["power"] is False


def test_a_recreated_thing_gets_its_next_round() -> None:
    cloud = CloudWithPower()
    cloud.add("one", colour="red")
    outcome = run(SWITCHED, {"name": "one", "colour": "blue", "power": False}, cloud, recreate=True)
    assert outcome.error is None
    assert [each.method for each in cloud.writes] == ["DELETE", "POST", "PATCH"]


# ------------------------------------------------------- without a path of its own


def test_what_has_no_path_of_its_own_is_read_from_the_list() -> None:
    listed = variant(THING, has_item=False)
    cloud = FakeCloud()
    row = cloud.add("one")
    cloud.add("two")
    cloud.fault("GET", row["id"], reply(404, {"message": "no such path"}), times=100)
    outcome = run(listed, {"id": row["id"], "note": "new"}, cloud)
    assert (outcome.error, outcome.result["thing"]["note"]) == (None, "new")
    assert run(listed, {"id": uuid(77)}, cloud).error.kind == "not_found"
    assert not run(listed, {"id": uuid(77)}, cloud, state="absent").result["changed"]


# ---------------------------------------------------------- known by the name

NAMED = variant(
    THING,
    type=variant(THINGS, id_field="name"),
    fields=(name(required=True), Option("note", change="update"), tags()),
)


def test_what_is_known_by_its_name_is_read_by_it() -> None:
    session = FakeSession()
    row: dict[str, Any] = {"id": "t1", "name": "one", "note": "old", "status": "available", "task_id": None, "tags": []}

    def patched(sent: Any) -> Any:
        row["note"] = "new"
        return reply(200, {"tasks": []})

    session.on("GET", LIST, lambda sent: rows(row))
    session.on("PATCH", LIST + "/one", patched)
    outcome = run(NAMED, {"name": "one", "note": "new"}, session)
    assert outcome.error is None
    assert [str(each) for each in session.writes] == ["PATCH %s/one" % LIST]
    assert (outcome.result["changed"], outcome.result["thing"]["note"]) == (True, "new")
