# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes whose outcome is unknown, beyond the fault table: what shows late, or not, or belongs to somebody else."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests

from tests.harness import Ambush, Run, body_of

from .conftest import Account

# A volume is shown while it is being created, a network is not.
OPTIONS: dict[str, dict[str, Any]] = {
    "volume": {"name": "data-1", "size": 5},
    "network": {"name": "lan", "create_router": False},
}
shown_or_hidden = pytest.mark.parametrize("module", OPTIONS)
taken_or_not = pytest.mark.parametrize("taken", [True, False], ids=["taken", "not taken"])
UNTOLD = {"all": "", "no ids": "ids", "no name": "name", "neither": "ids, name"}
untold = pytest.mark.parametrize("untold", UNTOLD.values(), ids=UNTOLD)


def create(account: Account, module: str, **options: Any) -> Run:
    return account.run(module, **{**OPTIONS[module], **options})


def ids(account: Account, kind: str, name: str | None = None) -> list[str]:
    return [
        identifier
        for (found, identifier), record in account.cloud.records().items()
        if found == kind and record.data.get("name") == name
    ]


def lose(
    account: Account, module: str, taken: bool = True, untold: str = "", lag: float = 0.0, seconds: float = 10
) -> None:
    """Lose the response to the creation, whose task may tell neither ids nor name; reads may lag behind its end."""
    account.cloud.simulator.settings.durations = {f"create_{module}": seconds}
    if lag:
        account.cloud.arm({"kind": "stale_read", "seconds": lag, "times": None})
    tells_nothing(account, untold)
    account.lose("POST", f"/{module}s/", taken)


def tells_nothing(account: Account, untold: str) -> None:
    """Let the tasks of creations not tell the ids, or the name, of what they create."""
    if "ids" in untold:
        account.cloud.arm({"kind": "created_resources_null", "times": None})
    if "name" in untold:
        tasks = account.cloud.simulator.tasks
        start = tasks.start

        def nameless(*args: Any, **more: Any) -> Any:
            return start(*args, **{**more, "data": {"size": 1}})

        tasks.start = nameless  # type: ignore[method-assign]


def before_write(account: Account, act: Callable[[requests.PreparedRequest], None], path: str = "/") -> None:
    """Let something happen just before the next write is sent."""
    account.cloud.ambushes.append(Ambush(lambda method, found: method == "POST" and path in found, act))


def created_by_somebody(account: Account, **changes: Any) -> Callable[[requests.PreparedRequest], None]:
    """The same request, with changes, by another controller."""

    def act(request: requests.PreparedRequest) -> None:
        theirs = request.copy()
        theirs.body = json.dumps({**json.loads(body_of(request)), **changes}).encode()
        theirs.headers["Content-Length"] = str(len(theirs.body))
        account.cloud.somebody_else(theirs)

    return act


def is_created_once(account: Account, run: Run, module: str, writes: int = 1) -> None:
    """It exists once, and the result names it."""
    assert not run.failed, run.text
    (identifier,) = ids(account, module, OPTIONS[module]["name"])
    assert run.result[module]["id"] == identifier and run.result["changed"] and run.result["pending"] == []
    assert run.result["created_resources"][module + "s"] == [identifier]
    assert len(run.writes) == writes


# ----------------------------------------------------------------- creations


@taken_or_not
@pytest.mark.parametrize("status", [408, 503, 504])
@shown_or_hidden
def test_every_status_without_a_certain_meaning_is_resolved(
    account: Account, module: str, status: int, taken: bool
) -> None:
    kind = {"kind": "lost_answer", "then": "status"} if taken else {"kind": "status"}
    account.cloud.arm({**kind, "status": status, "match": {"method": "POST"}})
    run = create(account, module)
    is_created_once(account, run, module, 1 if taken else 2)
    assert taken or run.writes[1].at - run.writes[0].at >= 60


@taken_or_not
@pytest.mark.parametrize("body", [{}, [], "", "null"], ids=repr)
def test_a_response_that_names_no_task_is_an_unknown_outcome(account: Account, body: Any, taken: bool) -> None:
    kind = {"kind": "lost_answer", "then": "status"} if taken else {"kind": "status"}
    account.cloud.arm({**kind, "status": 200, "body": body, "match": {"method": "POST"}})
    is_created_once(account, create(account, "network"), "network", 1 if taken else 2)


@untold
@pytest.mark.parametrize(
    ("module", "seconds", "lag"),
    [
        ("volume", 0.5, 0),
        ("volume", 200, 0),
        ("network", 0.5, 0),
        ("network", 0.5, 30),
        ("network", 10, 100),
        ("network", 200, 30),
    ],
)
def test_a_creation_is_found_however_it_shows(
    account: Account, module: str, seconds: float, lag: float, untold: str
) -> None:
    lose(account, module, True, untold, lag, seconds)
    is_created_once(account, create(account, module), module)


@untold
@shown_or_hidden
def test_the_creation_of_somebody_else_is_not_taken_for_ours(account: Account, module: str, untold: str) -> None:
    """It starts at the same moment, is of the same type, and has another name."""
    lose(account, module, False, untold)
    before_write(account, created_by_somebody(account, name="another"))
    run = create(account, module)
    is_created_once(account, run, module, 2)
    assert len(ids(account, module, "another")) == 1
    assert run.result["task_ids"] == run.tasks_told()


@shown_or_hidden
def test_a_duplicate_of_somebody_else_is_reported(account: Account, module: str) -> None:
    lose(account, module, seconds=60)
    before_write(account, created_by_somebody(account))
    run = create(account, module)
    assert run.error_kind == "duplicate" and len(run.writes) == 1
    records = [account.cloud.records()[(module, each)] for each in ids(account, module, OPTIONS[module]["name"])]
    assert len(records) == 2
    assert all(str(each.id) in run.text or str(each.creator_task_id) in run.text for each in records)


@pytest.mark.parametrize("moment", [55, 61])
def test_what_shows_up_late_is_adopted(account: Account, moment: float) -> None:
    """Just before and just after the quiet period."""
    account.lose("POST", "/volumes/", taken=False)
    sim = account.cloud.simulator
    before_write(
        account, lambda request: sim.schedule(sim.now() + moment, lambda: account.add("volume", **OPTIONS["volume"]))
    )
    run = create(account, "volume")
    assert not run.failed and len(run.writes) == 1 and len(ids(account, "volume", "data-1")) == 1, run.text


@taken_or_not
@pytest.mark.parametrize("untold", ["", "name"])
def test_a_creation_that_failed_in_the_meantime_is_a_failure(account: Account, untold: str, taken: bool) -> None:
    lose(account, "network", True, untold, seconds=0.5 if taken else 20)
    account.cloud.arm({"kind": "task_error", "error": "Quota limit for network_count exceeded by 1"})
    run = create(account, "network")
    if untold:  # nothing tells that the failed task was ours
        assert not run.failed and len(run.writes) == 2
        return
    assert run.error_kind == "task_failed" and "exceeded by 1" in run.result["msg"] and len(run.writes) == 1
    assert run.result["task_ids"] == [task.id for task in account.cloud.simulator.tasks.all()]


def test_what_a_failed_creation_left_is_named(account: Account) -> None:
    lose(account, "volume")
    account.cloud.arm({"kind": "task_error", "error": "no host", "leave_object": True})
    run = create(account, "volume")
    assert run.error_kind == "task_failed" and len(run.writes) == 1
    assert [each["id"] for each in run.result["leftovers"]] == ids(account, "volume", "data-1")


def test_what_was_created_and_is_never_shown_is_not_created_again(account: Account) -> None:
    lose(account, "network", lag=10_000)
    run = create(account, "network")
    (identifier,) = ids(account, "network", "lan")
    assert run.error_kind == "status" and identifier in run.result["msg"] and len(run.writes) == 1
    assert run.result["created_resources"]["networks"] == [identifier] and run.result["task_ids"]


@pytest.mark.parametrize("untold", ["", "name"])
def test_a_creation_in_an_undocumented_state_is_not_sent_again(account: Account, untold: str) -> None:
    lose(account, "network", True, untold)
    account.cloud.arm({"kind": "task_unknown_state"})
    run = create(account, "network")
    assert run.error_kind == ("unknown_outcome" if untold else "task_failed") and len(run.writes) == 1
    assert account.cloud.simulator.tasks.all()[0].id in run.result["msg"]


@shown_or_hidden
def test_without_waiting_the_task_is_reported(account: Account, module: str) -> None:
    lose(account, module, seconds=300)
    run = create(account, module, wait=False)
    assert not run.failed and run.result["changed"] and len(run.writes) == 1 and run.seconds < 60
    assert run.result["task_ids"] == [task.id for task in account.cloud.simulator.tasks.all()]
    assert run.result["tasks"][0]["state"] in ("NEW", "RUNNING")


def test_without_waiting_a_task_that_has_finished_is_reported(account: Account) -> None:
    """Reads do not show yet what it created."""
    lose(account, "network", lag=60, seconds=0.5)
    run = create(account, "network", wait=False)
    assert not run.failed and len(run.writes) == 1 and run.seconds < 60, run.text
    assert run.result["task_ids"] == [task.id for task in account.cloud.simulator.tasks.all()]


@pytest.mark.parametrize(
    ("module", "kind", "options"),
    [("security_group", "security_group", {"name": "web"}), ("floating_ip", "floatingip", {"tags": {"a": "b"}})],
)
@pytest.mark.parametrize(("untold", "lag"), [("", 20), ("ids", 0), ("ids", 20)])
def test_what_is_only_in_a_list_is_found(
    account: Account, module: str, kind: str, options: dict[str, Any], untold: str, lag: float
) -> None:
    """A security group does not name the task that created it, and a floating IP is compared by its tags."""
    before = len([found for found, _id in account.cloud.records() if found == kind])
    if lag:
        account.cloud.arm({"kind": "stale_read", "seconds": lag, "times": None})
    tells_nothing(account, untold)
    account.lose("POST", "/cloud/")
    run = account.run(module, **options)
    assert not run.failed and len(run.writes) == 1 and run.result[module]["id"], run.text
    assert len([found for found, _id in account.cloud.records() if found == kind]) == before + 1
    assert not account.run(module, **options).result["changed"]


def test_a_creation_is_sent_twice_at_most(account: Account) -> None:
    account.cloud.arm({"kind": "reset", "match": {"method": "POST"}, "times": None})
    run = create(account, "volume")
    assert run.error_kind == "unknown_outcome" and len(run.writes) == 2 and "not retried again" in run.result["msg"]


def test_after_two_lost_responses_the_candidates_are_named(account: Account) -> None:
    tells_nothing(account, "name")
    account.cloud.arm({"kind": "reset", "match": {"method": "POST"}, "times": None})
    sent = itertools.count()
    before_write(account, created_by_somebody(account, name="another"))
    again = Ambush(
        lambda method, path: method == "POST" and next(sent) == 1, created_by_somebody(account, name="third")
    )
    account.cloud.ambushes.append(again)
    run = create(account, "network")
    assert run.error_kind == "unknown_outcome" and len(run.writes) == 2
    assert run.result["error"]["task_ids"] and all(
        each in run.result["msg"] for each in run.result["error"]["task_ids"]
    )


@taken_or_not
@pytest.mark.parametrize("seconds", [5, 500])
@pytest.mark.parametrize("untold", ["", "name"])
def test_the_deadline_ends_a_recovery(account: Account, untold: str, seconds: float, taken: bool) -> None:
    lose(account, "network", taken, untold, 500, seconds)
    run = create(account, "network", wait_timeout=40)
    assert run.error_kind in ("unknown_outcome", "timeout") and len(run.writes) == 1 and run.seconds <= 41
    tasks = [task.id for task in account.cloud.simulator.tasks.all()]
    assert run.result["task_ids"] == (tasks if taken and not untold else [])


@taken_or_not
def test_the_old_one_is_not_taken_for_the_one_that_replaces_it(account: Account, taken: bool) -> None:
    account.add("subnet", name="lan-v4", network_id=account.add("network", name="lan"), cidr="10.0.0.0/24")
    old = account.ok("load_balancer", name="lb-1")["load_balancer"]["id"]
    account.lose("POST", "/loadbalancers/", taken)
    run = account.run("load_balancer", name="lb-1", vip_network="lan", recreate=True)
    assert not run.failed and run.result["load_balancer"]["id"] != old, run.text
    assert [each.method for each in run.writes] == ["DELETE", "POST", *([] if taken else ["POST"])]
    assert run.result["created_resources"]["loadbalancers"] == ids(account, "loadbalancer", "lb-1")


# ------------------------------------------------------- deletions and actions


def test_a_deletion_is_repeated_only_for_the_one_first_seen(account: Account) -> None:
    """Somebody else replaces it while the response is lost."""
    identifier = account.add("volume", **OPTIONS["volume"])

    def replaced(request: requests.PreparedRequest) -> None:
        account.cloud.simulator.forget(account.cloud.records()[("volume", identifier)])
        account.add("volume", **OPTIONS["volume"])

    account.cloud.ambushes.append(Ambush(lambda method, path: method == "DELETE", replaced))
    account.lose("DELETE", "/volumes/", taken=False)
    run = account.run("volume", name="data-1", state="absent")
    assert all(each.path.endswith(identifier) for each in run.writes)
    assert len(ids(account, "volume", "data-1")) == 1
    assert not run.failed or run.error_kind in ("unknown_outcome", "duplicate")


def failover(account: Account, **options: Any) -> Run:
    return account.run("load_balancer", name="lb-1", state="failed_over", **options)


def test_an_action_that_may_have_been_carried_out_is_not_repeated(account: Account) -> None:
    account.ok("load_balancer", name="lb-1")
    account.cloud.arm({"kind": "reset", "match": {"method": "POST", "path": "/failover$"}, "times": None})
    run = failover(account)
    assert run.error_kind == "unknown_outcome" and "not repeated" in run.result["msg"] and len(run.writes) == 1


def test_an_action_is_carried_out_once_whatever_else_has_to_be_planned_again(account: Account) -> None:
    account.ok("load_balancer", name="lb-1")
    account.cloud.simulator.settings.durations = {"update_loadbalancer": 40}
    account.ok("load_balancer", name="lb-1", preferred_connectivity="L3", wait=False)
    pool = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "admin_state_up": False}
    run = failover(account, pools=[pool])
    assert not run.failed and run.result["changed"], run.text
    assert sorted(each.path.split("/")[3] for each in run.writes if each.status == 200) == ["lbpools"] * 2 + [
        "loadbalancers"
    ]


# ------------------------------------------------------------- sub-resources

POOL = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}


@pytest.fixture
def balancer(account: Account) -> Account:
    account.ok("load_balancer", name="lb-1")
    return account


def pools(account: Account, **more: Any) -> Run:
    return account.run("load_balancer", name="lb-1", pools=[{**POOL, **more}])


@taken_or_not
@pytest.mark.parametrize(
    ("seconds", "lag", "untold"), [(0.5, 0, ""), (0.5, 90, "ids"), (10, 90, ""), (100, 0, "ids"), (100, 90, "")]
)
def test_a_sub_resource_is_found_however_it_shows(
    balancer: Account, seconds: float, lag: float, untold: str, taken: bool
) -> None:
    balancer.cloud.simulator.settings.durations = {"create_lbpool": seconds}
    if lag:
        balancer.cloud.arm({"kind": "stale_read", "seconds": lag, "match": {"task_type": "create_lbpool"}})
    tells_nothing(balancer, untold)
    balancer.lose("POST", "/lbpools/", taken)
    run = pools(balancer)
    assert not run.failed and run.result["changed"] and len(run.writes) == (1 if taken else 2), run.text
    assert len(ids(balancer, "lbpool", "web")) == 1 == len(run.result["task_ids"])
    assert not pools(balancer).result["changed"]


@pytest.mark.parametrize("lag", [0, 90])
@untold
def test_a_sub_resource_with_a_later_step_is_not_created_again(balancer: Account, untold: str, lag: float) -> None:
    """Its list may not show it yet when the next step is planned."""
    tells_nothing(balancer, untold)
    if lag:
        balancer.cloud.arm({"kind": "stale_read", "seconds": lag, "match": {"task_type": "create_lbpool"}})
    run = pools(balancer, admin_state_up=False)
    assert not run.failed and [each.method for each in run.writes] == ["POST", "PATCH"], run.text
    assert not pools(balancer, admin_state_up=False).result["changed"]


def test_a_sub_resource_is_sent_twice_at_most(balancer: Account) -> None:
    balancer.cloud.arm({"kind": "reset", "match": {"method": "POST"}, "times": None})
    run = pools(balancer)
    assert run.error_kind == "unknown_outcome" and len(run.writes) == 2


def test_a_sub_resource_that_failed_in_the_meantime_is_a_failure(balancer: Account) -> None:
    balancer.cloud.simulator.settings.durations = {"create_lbpool": 0.5}
    balancer.cloud.arm({"kind": "task_error", "error": "no room"})
    balancer.lose("POST", "/lbpools/")
    run = pools(balancer)
    assert run.error_kind == "task_failed" and len(run.writes) == 1


def test_a_sub_resource_that_is_never_shown_is_not_created_again(balancer: Account) -> None:
    balancer.cloud.arm({"kind": "stale_read", "seconds": 10_000, "match": {"task_type": "create_lbpool"}})
    run = pools(balancer, admin_state_up=False)
    assert run.error_kind in ("status", "timeout") and [each.method for each in run.writes] == ["POST"]
    assert run.result["created_resources"]["pools"] == ids(balancer, "lbpool", "web")


@pytest.mark.parametrize(("lag", "kind"), [(100, "none"), (10_000, "timeout")])
def test_a_sub_resource_that_its_list_does_not_show_is_waited_for(balancer: Account, lag: float, kind: str) -> None:
    """The load balancer is up to date, the list of pools is not."""
    sim = balancer.cloud.simulator
    (owner,) = (record for (found, _id), record in balancer.cloud.records().items() if found == "loadbalancer")
    balancer.cloud.arm({"kind": "stale_read", "seconds": lag, "match": {"task_type": "create_lbpool"}})
    balancer.when("/76", lambda request: sim.schedule(sim.now() + 30, lambda: setattr(owner, "stale_until", 0.0)))
    run = pools(balancer, admin_state_up=False)
    assert run.error_kind == kind and len(ids(balancer, "lbpool", "web")) == 1, run.text
    assert [each.method for each in run.writes] == (["POST"] if kind == "timeout" else ["POST", "PATCH"])


@pytest.mark.parametrize("untold", ["", "name"])
def test_the_sub_resource_of_somebody_else_is_not_taken_for_ours(balancer: Account, untold: str) -> None:
    other = balancer.ok("load_balancer", name="lb-2")["load_balancer"]["id"]
    tells_nothing(balancer, untold)
    balancer.lose("POST", "/lbpools/", taken=False)
    before_write(balancer, created_by_somebody(balancer, name="another", load_balancer_id=other))
    run = pools(balancer)
    assert not run.failed and len(run.writes) == 2 and run.result["task_ids"] == run.tasks_told(), run.text
    assert run.result["created_resources"]["pools"] == ids(balancer, "lbpool", "web")


# ---------------------------------------------------------------- duplicates


def duplicates(account: Account, *ages: float) -> None:
    """Others create the same, so many seconds before our write."""

    def act(request: requests.PreparedRequest) -> None:
        for age in ages:
            identifier = account.add("volume", **OPTIONS["volume"])
            record = account.cloud.records()[("volume", identifier)]
            record.created -= age

    before_write(account, act)


def named(account: Account, run: Run) -> bool:
    return all(identifier in run.text for identifier in ids(account, "volume", "data-1"))


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("ages", [(5,), (0,), (-5, 5), (5, -5)], ids=str)
def test_an_older_duplicate_is_a_failure_with_all_ids(account: Account, ages: tuple[float, ...], wait: bool) -> None:
    duplicates(account, *ages)
    run = create(account, "volume", wait=wait)
    assert (
        run.error_kind == "duplicate" and named(account, run) and len(ids(account, "volume", "data-1")) == 1 + len(ages)
    )
    assert set(run.result["error"]["ids"]) == set(ids(account, "volume", "data-1"))
    assert run.result["volume"]["id"] and (not wait or run.result["created_resources"]["volumes"])


def test_a_newer_duplicate_is_a_warning(account: Account) -> None:
    duplicates(account, -5)
    run = create(account, "volume")
    assert not run.failed and "newer" in run.warnings[0] and named(account, run)
    assert all(identifier in run.warnings[0] for identifier in ids(account, "volume", "data-1"))


@pytest.mark.parametrize("created_at", [None, "yesterday", "2026-05-01T12:00:00+0000"])
def test_a_duplicate_of_unknown_age_is_a_failure(account: Account, created_at: str | None) -> None:
    """The list shows another one whose time of creation says nothing."""
    another = account.add("volume", **OPTIONS["volume"])
    record = account.cloud.records()[("volume", another)]
    record.visible = False
    view = account.cloud.simulator.show

    def show(found: Any, **more: Any) -> Mapping[str, Any]:
        row: Mapping[str, Any] = view(found, **more)
        return {**row, "created_at": created_at} if found is record else row

    account.cloud.simulator.show = show  # type: ignore[method-assign]
    account.when("/76", lambda request: setattr(record, "visible", True))
    try:
        assert create(account, "volume").error_kind == "duplicate"
    finally:
        del account.cloud.simulator.show
