# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The course of a run: identity, the order of changes, deletion, wait: false, locks, time limits and failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness import Run

from .conftest import Account

DATA: dict[str, Any] = {"name": "data-1", "size": 5}
NOBODY = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"
VM = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10, "external": True}
FOREVER = 100_000.0


def volume(account: Account, **options: Any) -> str:
    return str(account.ok("volume", **{**DATA, **options})["volume"]["id"])


def volumes(account: Account) -> list[str]:
    return [identifier for kind, identifier in account.cloud.records() if kind == "volume"]


def takes(account: Account, **seconds: float) -> None:
    """How long tasks of these types take."""
    account.cloud.simulator.settings.durations = {**account.cloud.simulator.settings.durations, **seconds}


def lasting_lock(account: Account, seconds: float, **match: str) -> None:
    account.cloud.arm({"kind": "lock", "seconds": seconds, "match": match})


# ------------------------------------------------------------------- changes


def test_a_result_names_the_task_and_what_it_created(account: Account) -> None:
    result = account.changed("volume", **DATA, tags={"a": "b"}).result
    (task,) = result["tasks"]
    assert result["task_ids"] == [task["id"]] and (task["type"], task["state"]) == ("create_volume", "FINISHED")
    assert task["polls"] >= 1 and task["error"] is None
    assert result["created_resources"]["volumes"] == [result["volume"]["id"]] and result["volume"]["size"] == 5
    assert (result["pending"], result["leftovers"]) == ([], [])


def test_an_unchanged_run_is_one_request(account: Account) -> None:
    volume(account)
    assert len(account.run("volume", **DATA).exchanges) == 1


BALANCER = {"name": "lb-1", "flavor": "lb1-1-2"}
TWO_STEPS = {"name": "lb-1", "flavor": "lb1-2-4", "preferred_connectivity": "L3"}


def test_each_change_is_made_after_the_tasks_of_the_one_before(account: Account) -> None:
    account.ok("load_balancer", **BALANCER)
    takes(account, resize_loadbalancer=30)
    resize, update = account.changed("load_balancer", **TWO_STEPS).writes
    assert resize.body == {"flavor": "lb1-2-4"} and update.body == {"preferred_connectivity": "L3"}
    assert update.at >= resize.at + 30


def test_without_waiting_the_steps_that_are_left_are_named(account: Account) -> None:
    identifier = account.ok("load_balancer", **BALANCER)["load_balancer"]["id"]
    run = account.run("load_balancer", **TWO_STEPS, wait=False)
    assert len(run.writes) == 1 and run.result["changed"] and run.seconds < 5
    assert run.result["tasks"][0]["state"] == "NEW" and run.result["task_ids"] == run.tasks_told()
    step = {"action": "update", "resource": "load_balancer", "id": identifier, "name": "lb-1"}
    assert run.result["pending"] == [step] and "1 step(s) are left" in run.warnings[0]
    account.ok("task_wait", tasks=run.result["task_ids"])
    run = account.run("load_balancer", **TWO_STEPS, wait=False)
    assert [each.method for each in run.writes] == ["PATCH"] and run.result["pending"] == run.warnings == []


@pytest.mark.parametrize(
    "options", [{}, {"tags": {}}, {"tags": {"a": "b"}}, {"size": 9}, {"size": 9, "tags": {"a": "b"}}]
)
def test_check_mode_predicts_the_resource(account: Account, options: dict[str, Any]) -> None:
    volume(account)
    predicted = account.run("volume", check=True, name="data-1", **options)
    run = account.run("volume", name="data-1", **options)
    assert predicted.result["changed"] is run.result["changed"] is any(options.values())
    assert predicted.result["diff"] == run.result["diff"]
    unknown = {"updated_at": None, "limiter_stats": None}  # the API's own
    assert {**predicted.result["volume"], **unknown} == {**run.result["volume"], **unknown}


# ------------------------------------------------------------------ identity


@pytest.mark.parametrize("state", ["present", "absent"])
def test_several_of_one_name_are_told_apart(account: Account, state: str) -> None:
    ids = [account.add("volume", name="data-1", size=size) for size in (5, 7)]
    run = account.refused("volume", *ids, "size 7", "Set id", **DATA, state=state)
    assert run.error_kind == "ambiguous"


def test_a_name_must_match_whole(account: Account) -> None:
    for name in ("data-1-more", "some-data-1"):
        account.add("volume", name=name, size=5)
    assert account.ok("volume", **DATA)["changed"]


def test_an_id_tells_which_one(account: Account) -> None:
    account.add("volume", name="data-1", size=5)
    second = account.add("volume", name="data-1", size=7)
    assert account.changed("volume", id=second, size=8).result["volume"]["id"] == second


# ------------------------------------------------------------------ deletion


@pytest.mark.parametrize("lag", [0, 20])
def test_a_deletion_ends_when_the_resource_is_not_shown_any_more(account: Account, lag: float) -> None:
    identifier = volume(account)
    account.cloud.simulator.settings.quirks.delete_lag = lag
    run = account.run("volume", name="data-1", state="absent")
    assert not run.failed and run.result["changed"] and run.seconds > lag, run.text
    assert (run.exchanges[-1].method, run.exchanges[-1].status) == ("GET", 404)
    assert run.exchanges[-1].path.endswith(identifier)
    again = account.run("volume", name="data-1", state="absent")
    assert not again.result["changed"] and again.result.keys() - {"warnings"} == run.result.keys() - {"warnings"}


def test_a_resource_that_stays_after_its_deletion_is_a_failure(account: Account) -> None:
    identifier = volume(account)
    body = account.ok("volume_info", id=identifier)["volumes"][0]
    shown = {"kind": "status", "status": 200, "body": body, "match": {"path": identifier + "$"}, "times": None}
    account.when(identifier, lambda request: account.cloud.arm(shown))
    run = account.run("volume", name="data-1", state="absent")
    assert (run.failed, run.error_kind, run.result["changed"]) == (True, "status", True)
    assert run.result["error"]["id"] == identifier


@pytest.mark.parametrize("options", [{"name": "data-1"}, {"id": NOBODY}], ids=str)
def test_a_deletion_in_a_scope_that_does_not_exist_is_an_error(account: Account, options: dict[str, str]) -> None:
    account.documented = False
    for scope in ({"region": "3"}, {"region": "Nowhere"}, {"project": "3"}):
        assert not account.refused("volume", state="absent", **options, **scope).result["changed"]
    for missing in ("project", "region"):
        account.refused("volume", f"No {missing} is given", state="absent", **options, **{missing: None})


@pytest.mark.parametrize(
    ("module", "options"), [("volume", {"id": NOBODY}), ("subnet", {"name": "sub", "network": "gone"})]
)
def test_a_deletion_of_what_does_not_exist_is_no_change(account: Account, module: str, options: dict[str, str]) -> None:
    account.documented = False
    assert not account.ok(module, state="absent", **options)["changed"]


def test_a_deletion_in_progress_is_adopted(account: Account) -> None:
    volume(account)
    started = account.ok("volume", name="data-1", state="absent", wait=False)
    again = account.run("volume", name="data-1", state="absent", wait=False)
    assert again.result["task_ids"] == started["task_ids"] and not again.writes
    run = account.run("volume", **DATA, wait=False)
    assert (run.error_kind, run.result["task_ids"], run.writes) == ("status", started["task_ids"], [])
    run = account.run("volume", name="data-1", state="absent")
    assert not run.failed and not run.writes and run.result["changed"] and volumes(account) == []
    assert run.result["task_ids"] == started["task_ids"]


def test_a_creation_in_progress_is_waited_for_and_deleted(account: Account) -> None:
    account.ok("volume", **DATA, wait=False)
    run = account.run("volume", name="data-1", state="absent")
    assert not run.failed and [each.method for each in run.writes] == ["DELETE"] and volumes(account) == []


def test_what_is_being_deleted_is_created_again(account: Account) -> None:
    old = volume(account)
    account.ok("volume", name="data-1", state="absent", wait=False)
    run = account.run("volume", **DATA)
    assert not run.failed and [each.method for each in run.writes] == ["POST"] and volumes(account) != [old]


def test_what_is_gone_when_its_deletion_is_sent_is_no_failure(account: Account) -> None:
    identifier = volume(account)
    sim = account.cloud.simulator
    account.cloud.arm(
        {"kind": "status", "status": 404, "exception_class": "NotFoundError", "match": {"method": "DELETE"}}
    )
    account.when(identifier, lambda request: sim.forget(account.cloud.records()[("volume", identifier)]))
    run = account.run("volume", name="data-1", state="absent")
    assert not run.failed and not run.result["changed"]


# --------------------------------------------------------------------- locks


def test_the_change_of_another_run_is_not_made_again(account: Account) -> None:
    """It ends with what this run wants, by a task of the type that this run would have started."""
    volume(account)
    takes(account, extend_volume=50)
    started = account.ok("volume", name="data-1", size=9, wait=False)
    run = account.run("volume", name="data-1", size=9)
    assert not run.failed and not run.writes and run.result["changed"]
    assert run.result["task_ids"] == started["task_ids"] and run.seconds > 40


@pytest.mark.parametrize("same", [True, False])
def test_the_task_of_another_change_is_not_ours(account: Account, same: bool) -> None:
    """It holds the lock; meanwhile somebody may change what this run wants to change."""
    identifier = volume(account)
    takes(account, extend_volume=50)
    started = account.ok("volume", name="data-1", size=9, wait=False)
    sim = account.cloud.simulator
    if same:
        sim.schedule(sim.now() + 45, lambda: account.set("volume", identifier, volume_type="ssd_hiiops"))
    run = account.run("volume", name="data-1", type_name="ssd_hiiops")
    assert not run.failed and run.seconds > 40, run.text
    assert (len(run.writes), run.result["changed"]) == ((0, False) if same else (1, True))
    assert not set(started["task_ids"]) & set(run.result["task_ids"])


@pytest.mark.parametrize("seconds", [10, 200])
def test_a_lock_without_a_task_is_waited_for(account: Account, seconds: float) -> None:
    lasting_lock(account, seconds, method="POST", path="/volumes/")
    run = account.run("volume", **DATA)
    assert not run.failed and run.result["changed"] and run.seconds > seconds and len(volumes(account)) == 1


@pytest.mark.parametrize("limit", [100, None])
def test_a_lock_that_stays_ends_at_the_deadline(account: Account, limit: int | None) -> None:
    volume(account)
    lasting_lock(account, FOREVER, method="POST", path="/extend$")
    run = account.run("volume", name="data-1", size=9, **({"wait_timeout": limit} if limit else {}))
    assert (run.failed, run.error_kind) == (True, "locked")
    if limit:
        assert "100 s" in run.result["msg"] and run.seconds <= 101
    else:
        assert 100 <= run.seconds <= 3600


def test_a_second_run_on_this_machine_waits_for_the_first(account: Account) -> None:
    takes(account, create_volume=60)
    first, second = account.together(("volume", DATA), ("volume", DATA))
    assert [run.failed for run in (first, second)] == [False, False], second.text
    assert sorted([first.result["changed"], second.result["changed"]]) == [False, True] and len(volumes(account)) == 1
    runs = account.together(
        ("volume", {**DATA, "name": "data-2"}),
        ("volume", {**DATA, "name": "data-2", "region": "Luxembourg-2", "wait_timeout": 30}),
        ("volume", {**DATA, "name": "data-3"}),
    )
    failed = [run for run in runs if run.failed]
    assert [run.error_kind for run in failed] in (["locked"], ["timeout"]) and len(volumes(account)) == 3


# --------------------------------------------------------------- time limits


def test_the_default_time_limit_is_the_sum_over_the_steps(account: Account) -> None:
    takes(account, create_volume=FOREVER, resize_loadbalancer=FOREVER)
    run = account.run("volume", **DATA)
    assert run.error_kind == "timeout" and "1200 s" in run.result["msg"]
    assert run.seconds == pytest.approx(1200, abs=2)
    account.ok("load_balancer", **BALANCER)
    limits = []
    for options in (BALANCER, TWO_STEPS):
        run = account.run("load_balancer", **{**options, "flavor": "lb1-2-4"})
        limits.append(run.seconds)
        assert run.error_kind == "timeout" and f"{round(run.seconds)} s" in run.result["msg"]
        for task in account.cloud.simulator.tasks.all():
            if task.active:
                account.cloud.simulator.tasks.fail(task, "stopped")
    assert limits[1] > limits[0] + 100


def test_after_a_timeout_the_run_is_continued(account: Account) -> None:
    takes(account, create_volume=100)
    run = account.run("volume", **DATA, wait_timeout=60)
    assert (run.failed, run.error_kind, run.result["changed"]) == (True, "timeout", True)
    assert run.result["task_ids"] == run.tasks_told() and run.seconds == pytest.approx(60, abs=0.5)
    for word in (*run.result["task_ids"], "60 s", "task_wait"):
        assert word in run.result["msg"]
    again = account.run("volume", **DATA, wait_timeout=60)
    assert not again.failed and not again.writes and again.result["volume"]["status"] == "available"


# ------------------------------------------------------------------ failures


def test_a_failed_change_names_the_steps_that_are_left(account: Account) -> None:
    identifier = account.ok("load_balancer", **BALANCER)["load_balancer"]["id"]
    account.cloud.arm({"kind": "task_error", "error": "no room", "match": {"task_type": "resize_loadbalancer"}})
    run = account.run("load_balancer", **TWO_STEPS)
    assert (run.failed, run.error_kind, run.result["changed"]) == (True, "task_failed", True)
    assert [each["action"] for each in run.result["pending"]] == ["update"]
    assert (run.result["tasks"][0]["error"], run.result["load_balancer"]["id"]) == ("no room", identifier)
    assert run.result["leftovers"] == []


def failed_instance(account: Account) -> Run:
    account.cloud.arm(
        {"kind": "task_error", "error": "no host", "leave_object": True, "match": {"task_type": "create_vm"}}
    )
    run = account.run("instance", name="web", **VM)
    assert run.failed and run.error_kind == "task_failed" and "no host" in run.result["msg"]
    return run


def test_a_failed_creation_names_everything_that_it_left(account: Account) -> None:
    left = failed_instance(account).result["leftovers"]
    there = {identifier for kind, identifier in account.cloud.records() if kind in ("instance", "volume")}
    assert {each["resource"] for each in left} >= {"instance", "volume"} and {each["id"] for each in left} >= there


def test_the_search_for_leftovers_never_hides_the_failure(account: Account) -> None:
    account.cloud.arm(
        {
            "kind": "status",
            "status": 403,
            "message": "no",
            "match": {"method": "GET", "path": "/volumes/"},
            "times": None,
        }
    )
    assert "failed task left a volume behind" in " ".join(failed_instance(account).warnings)


def test_an_adopted_creation_that_fails_is_a_failure(account: Account) -> None:
    account.cloud.arm({"kind": "task_error", "error": "no host", "leave_object": True})
    account.ok("volume", **DATA, wait=False)
    run = account.run("volume", **DATA)
    assert run.failed and run.error_kind == "task_failed" and "no host" in run.result["msg"]
    assert [each["id"] for each in run.result["leftovers"]] == volumes(account)


@pytest.mark.parametrize("fault", ["created_resources_null", "created_resources_missing", None])
def test_recreate_deletes_and_creates(account: Account, fault: str | None) -> None:
    network = account.add("network", name="lan")
    account.add("subnet", name="lan-v4", network_id=network, cidr="10.0.0.0/24")
    old = account.ok("load_balancer", name="lb-1")["load_balancer"]["id"]
    options: dict[str, Any] = {"name": "lb-1", "vip_network": "lan", "recreate": True}
    if fault:
        account.cloud.arm({"kind": fault, "match": {"task_type": "create_loadbalancer"}})
    run = account.changed("load_balancer", **options)
    assert [each.method for each in run.writes] == ["DELETE", "POST"] and len(run.result["tasks"]) == 2
    assert run.result["load_balancer"]["id"] != old
    assert run.result["created_resources"]["loadbalancers"] == [run.result["load_balancer"]["id"]]


@pytest.mark.parametrize("limit", [60, None])
def test_a_recreation_that_times_out_does_not_show_the_old_one(account: Account, limit: int | None) -> None:
    account.add("subnet", name="lan-v4", network_id=account.add("network", name="lan"), cidr="10.0.0.0/24")
    old = account.ok("load_balancer", name="lb-1")["load_balancer"]["id"]
    takes(account, create_loadbalancer=FOREVER, delete_loadbalancer=10)
    options = {"wait_timeout": limit} if limit else {}
    run = account.run("load_balancer", name="lb-1", vip_network="lan", recreate=True, **options)
    assert run.error_kind == "timeout" and run.result["task_ids"] == run.tasks_told()
    assert old not in str(run.result["load_balancer"])
    assert run.seconds > (1800 + 10 if limit is None else 59)  # the limits of both steps


# ------------------------------------------------------------------ SSH keys


def test_a_key_needs_a_public_key_or_a_file(account: Account) -> None:
    assert account.refused("ssh_key", "private_key_dest", name="mine").error_kind == "options"


@pytest.mark.parametrize("taken", [True, False])
def test_a_private_key_that_was_lost_is_no_success(account: Account, taken: bool, tmp_path: Path) -> None:
    """The API shows a generated private key once: when that response is lost, so is the key."""
    dest = tmp_path / "key.pem"
    account.lose("POST", "/ssh_keys/", taken)
    run = account.run("ssh_key", name="mine", private_key_dest=str(dest))
    (identifier,) = (identifier for kind, identifier in account.cloud.records() if kind == "ssh_key")
    if taken:
        assert (run.error_kind, len(run.writes)) == ("unknown_outcome", 1)
        assert "private key" in run.result["msg"] and identifier in run.result["msg"]
    else:
        assert not run.failed and len(run.writes) == 2 and "PRIVATE KEY" in dest.read_text()
        assert dest.stat().st_mode & 0o777 == 0o600 and dest.read_text() not in run.text
