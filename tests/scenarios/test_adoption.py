# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What another run has started or has just created: it is adopted, never created again, and nobody else's is taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.simulator.core.tasks import Task

from .conftest import Account

Given = Mapping[str, Any]
# A volume is shown while it is being created, the others are not; the name of a key is in the data of no task.
CREATIONS: dict[str, tuple[str, str, Given]] = {
    "volume": ("volume", "volumes", {"name": "data-1", "size": 5}),
    "network": ("network", "networks", {"name": "lan", "create_router": False}),
    "security_group": ("security_group", "security_groups", {"name": "web", "rules": []}),
    "floating_ip": ("floatingip", "floatingips", {"tags": {"role": "web"}}),
}
SHOWN, HIDDEN = "volume", "network"
modules = pytest.mark.parametrize("module", CREATIONS)
# What neither created_resources nor the data of the task tells.
UNTOLD = {"all": "", "no ids": "ids", "no name": "name", "neither": "ids, name"}
untold = pytest.mark.parametrize("untold", UNTOLD.values(), ids=UNTOLD)


def others(account: Account, module: str, untold: str = "", lag: float = 0.0, **more: Any) -> Task:
    """Another run starts the creation; reads may lag behind the end of its task."""
    if "ids" in untold:
        account.cloud.arm({"kind": "created_resources_null"})
    if lag:
        account.cloud.arm({"kind": "stale_read", "seconds": lag})
    account.ok(module, wait=False, **{**CREATIONS[module][2], **more})
    task = account.cloud.simulator.tasks.all()[-1]
    if "name" in untold:
        task.data = {"size": 1}
    return task


def there(account: Account, module: str) -> list[str]:
    """The ids of what the creation is about, be it shown or not."""
    options = CREATIONS[module][2]
    return [
        identifier
        for (kind, identifier), record in account.cloud.records().items()
        if kind == CREATIONS[module][0]
        and record.data.get("name") == options.get("name")
        and record.tags == options.get("tags", {})
    ]


def create(account: Account, module: str, **options: Any) -> Any:
    return account.run(module, **{**CREATIONS[module][2], **options})


# ----------------------------------------------------------- still going on


@untold
@modules
def test_a_creation_in_progress_is_adopted(account: Account, module: str, untold: str) -> None:
    task = others(account, module, untold)
    run = create(account, module)
    assert not run.failed and not run.writes, run.text
    (identifier,) = there(account, module)
    assert str(run.result[module]["id"]) == identifier
    if module != "security_group" or not untold:  # a security group does not name the task that created it
        assert run.result["changed"] and run.result["task_ids"] == [task.id]
        assert run.result["created_resources"][CREATIONS[module][1]] == [identifier]
    assert not create(account, module).result["changed"]


@pytest.mark.parametrize("module", ["volume", "network", "security_group"])
def test_without_waiting_it_is_reported(account: Account, module: str) -> None:
    task = others(account, module)
    for _each in range(2):
        run = create(account, module, wait=False)
        assert not run.failed and not run.writes and not run.result["changed"], run.text
        assert run.result["task_ids"] == [task.id]
    if module == SHOWN:
        assert run.result[module]["id"] == there(account, module)[0]
    else:
        assert "in progress already" in run.warnings[0]


@pytest.mark.parametrize(("module", "untold"), [("network", "name"), ("floating_ip", "")])
def test_without_waiting_what_may_be_ours_is_a_failure(account: Account, module: str, untold: str) -> None:
    task = others(account, module, untold)
    run = account.refused(module, task.id, wait=False, **CREATIONS[module][2])
    assert run.error_kind == "locked"


@pytest.mark.parametrize("module", [SHOWN, HIDDEN])
def test_the_creation_of_another_one_is_not_waited_for(account: Account, module: str) -> None:
    account.cloud.simulator.settings.durations = {f"create_{module}": 500}
    others(account, module, name="another")
    account.cloud.simulator.settings.durations = {}
    run = create(account, module)
    assert not run.failed and len(run.writes) == 1 and run.seconds < 100


def test_what_shows_no_name_is_waited_for_and_compared(account: Account) -> None:
    account.cloud.simulator.settings.durations = {"create_network": 50}
    others(account, HIDDEN, "name", name="another")
    run = create(account, HIDDEN)
    assert not run.failed and len(run.writes) == 1 and run.writes[0].at - run.exchanges[0].at > 45
    assert run.result["network"]["name"] == "lan" and run.result["task_ids"] == run.tasks_told()


@pytest.mark.parametrize("pause", [0, 20])
def test_a_creation_that_fails_and_leaves_nothing_is_made_again(account: Account, pause: float) -> None:
    account.cloud.arm({"kind": "task_error", "error": "no host"})
    others(account, HIDDEN)
    account.cloud.simulator.advance(pause)
    run = create(account, HIDDEN)
    assert not run.failed and len(run.writes) == 1 and run.seconds < 60, run.text


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("untold", ["", "name"])
def test_a_creation_in_an_undocumented_state_is_not_made_again(account: Account, untold: str, wait: bool) -> None:
    account.cloud.arm({"kind": "task_unknown_state"})
    task = others(account, HIDDEN, untold)
    account.cloud.simulator.advance(30)
    run = create(account, HIDDEN, wait=wait)
    assert (run.error_kind, run.result["error"]["task_id"], run.writes) == ("task_failed", task.id, [])
    assert "SUSPENDED" in run.result["msg"]
    account.cloud.simulator.advance(10_000)  # it does not stand in the way for ever
    assert not create(account, HIDDEN).failed


# ------------------------------------------------------ ended, and not shown


@untold
@pytest.mark.parametrize("lag", [60, 100])
def test_what_another_run_has_just_created_is_waited_for(account: Account, lag: float, untold: str) -> None:
    others(account, HIDDEN, untold, lag)
    account.cloud.simulator.advance(20)
    run = create(account, HIDDEN)
    assert not run.failed and not run.writes and not run.result["changed"], run.text
    assert str(run.result["network"]["id"]) in there(account, HIDDEN) and run.seconds > lag - 20
    assert run.result["created_resources"]["networks"] == []


def test_without_waiting_three_runs_in_a_row_create_one(account: Account) -> None:
    task = others(account, HIDDEN, lag=60)
    for seconds in (1, 20):
        account.cloud.simulator.advance(seconds)
        run = create(account, HIDDEN, wait=False)
        assert not run.failed and not run.writes and not run.result["changed"]
        assert run.result["task_ids"] == [task.id] and "this run started nothing" in run.warnings[0]
    account.cloud.simulator.advance(100)
    assert create(account, HIDDEN, wait=False).result["task_ids"] == []


def test_without_waiting_what_may_be_ours_and_is_not_shown_is_a_failure(account: Account) -> None:
    task = others(account, HIDDEN, "name", 60)
    account.cloud.simulator.advance(20)
    assert account.refused(HIDDEN, task.id, wait=False, **CREATIONS[HIDDEN][2]).error_kind == "locked"


def test_a_time_limit_ends_the_wait_for_what_is_not_shown(account: Account) -> None:
    task = others(account, HIDDEN, lag=100)
    account.cloud.simulator.advance(20)
    run = account.refused(HIDDEN, task.id, wait_timeout=30, **CREATIONS[HIDDEN][2])
    assert (run.error_kind, run.result["error"]["task_id"]) == ("timeout", task.id)


@pytest.mark.parametrize("own", [True, False])
def test_what_is_never_shown_is_a_failure(account: Account, own: bool) -> None:
    task = None if own else others(account, HIDDEN, lag=10_000)
    if own:
        account.cloud.arm({"kind": "stale_read", "seconds": 10_000})
    run = create(account, HIDDEN)
    (identifier,) = there(account, HIDDEN)
    assert run.error_kind == "status" and identifier in run.result["msg"] and len(run.writes) == own
    assert run.result["created_resources"]["networks"] == [identifier]
    assert own or run.result["error"]["task_id"] == task.id  # type: ignore[union-attr]


def test_where_nothing_has_ended_lately_one_request_tells(account: Account) -> None:
    identifier = account.ok(HIDDEN, **CREATIONS[HIDDEN][2])["network"]["id"]
    account.cloud.simulator.advance(200)
    account.cloud.simulator.forget(account.cloud.records()[("network", identifier)])
    run = create(account, HIDDEN)
    assert not run.failed and run.result["changed"]
    before = run.exchanges[: run.exchanges.index(run.writes[0])]
    assert [each.path.split("/")[3] for each in before] == ["networks", "tasks"]
    assert dict(before[1].query) == {
        "project_id": "1000001", "region_id": "76", "task_type": "create_network", "order_by": "desc", "limit": "100",
    }  # fmt: skip


def test_what_was_deleted_since_is_created_again_at_once(account: Account) -> None:
    start = account.cloud.clock.now()
    for _each in range(3):
        assert create(account, HIDDEN).result["changed"]
        assert account.ok(HIDDEN, name="lan", state="absent")["changed"]
    assert account.cloud.clock.now() - start < 180


def test_what_went_without_a_trace_is_created_again_when_it_would_be_shown(account: Account) -> None:
    identifier = account.ok(HIDDEN, **CREATIONS[HIDDEN][2])["network"]["id"]
    account.cloud.simulator.forget(account.cloud.records()[("network", identifier)])
    run = create(account, HIDDEN)
    assert not run.failed and len(run.writes) == 1 and 100 < run.seconds < 200


def test_a_deletion_that_failed_is_none(account: Account) -> None:
    others(account, HIDDEN, lag=60)
    account.cloud.simulator.advance(11)
    (identifier,) = there(account, HIDDEN)
    sim = account.cloud.simulator
    failed = sim.tasks.start("delete_network", 1000001, 76, data={"network_id": identifier}, seconds=1)
    failed.fails_with = "in use"
    sim.advance(2)
    run = create(account, HIDDEN)
    assert not run.failed and not run.writes and not run.result["changed"]


def test_several_that_were_just_created_are_told_apart(account: Account) -> None:
    for _each in range(2):
        network = account.add("network", name="lan")
        sim, record = account.cloud.simulator, account.cloud.records()[("network", network)]
        record.visible = False
        task = sim.tasks.start(
            "create_network", 1000001, 76, data={"name": "lan"}, creates={"networks": [record]}, seconds=1
        )
        task.stale_seconds = 60
    account.cloud.simulator.advance(11)
    run = create(account, HIDDEN)
    assert (run.error_kind, run.writes) == ("ambiguous", [])
    assert set(run.result["error"]["ids"]) == set(there(account, HIDDEN))


@pytest.mark.parametrize("untold", ["", "name"])
@pytest.mark.parametrize("lag", [0, 60])
def test_what_somebody_else_has_just_created_is_not_ours(account: Account, untold: str, lag: float) -> None:
    others(account, HIDDEN, untold, lag, name="another")
    account.cloud.simulator.advance(11)
    run = create(account, HIDDEN)
    assert not run.failed and len(run.writes) == 1 and run.result["network"]["name"] == "lan", run.text
    assert run.result["created_resources"]["networks"] == there(account, HIDDEN)
    assert run.result["task_ids"] == run.tasks_told()


@pytest.mark.parametrize("skew", [-3600, 3600])
def test_a_wrong_clock_of_the_api_makes_no_duplicate(account: Account, skew: float) -> None:
    others(account, HIDDEN, lag=30 if skew < 0 else 0)
    account.cloud.simulator.advance(11)
    account.cloud.arm({"kind": "clock_skew", "seconds": skew, "times": None})
    run = create(account, HIDDEN)
    assert not run.failed and not run.writes and len(there(account, HIDDEN)) == 1


# ------------------------------------------------------------ sub-resources

POOL = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}


def pools(account: Account, *names: str, **options: Any) -> Any:
    listed = [{**POOL, "name": name} for name in names]
    return account.run("load_balancer", name="front", pools=listed, **options)


@pytest.fixture
def balancer(account: Account) -> Account:
    account.ok("load_balancer", name="front")
    account.cloud.simulator.settings.durations = {"create_lbpool": 60}
    return account


def started_pool(account: Account, untold: str = "", name: str = "web") -> Task:
    if "ids" in untold:
        account.cloud.arm({"kind": "created_resources_null"})
    assert not pools(account, name, wait=False).failed
    task = account.cloud.simulator.tasks.all()[-1]
    if "name" in untold:
        task.data = None
    return task


@untold
def test_a_sub_resource_in_progress_is_waited_for(balancer: Account, untold: str) -> None:
    task = started_pool(balancer, untold)
    run = pools(balancer, "web")
    assert not run.failed and not run.writes and run.seconds > 50, run.text
    assert run.result["task_ids"] == ([task.id] if run.result["changed"] else [])
    assert run.result["changed"] or "name" in untold  # nothing tells that the pool is the one of the task
    assert not pools(balancer, "web").result["changed"]


def test_without_waiting_a_sub_resource_in_progress_is_reported(balancer: Account) -> None:
    task = started_pool(balancer)
    run = pools(balancer, "web", wait=False)
    assert not run.failed and not run.writes and not run.result["changed"] and run.result["task_ids"] == [task.id]


@pytest.mark.parametrize(("names", "ours"), [(["web"], True), (["web", "more"], False)])
def test_a_time_limit_names_the_task_that_is_waited_for(balancer: Account, names: list[str], ours: bool) -> None:
    task = started_pool(balancer)
    run = pools(balancer, *names, wait_timeout=30)
    assert (run.failed, run.error_kind) == (True, "locked") and run.result["error"]["task_id"] == task.id
    assert run.result["task_ids"] == ([task.id] if ours else [])


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ({"kind": "task_error", "error": "no room", "leave_object": True}, "status", "ERROR"),
        ({"kind": "task_unknown_state"}, "task_failed", "SUSPENDED"),
    ],
)
def test_a_sub_resource_whose_creation_fails_is_a_failure(
    balancer: Account, fault: dict[str, Any], kind: str, words: str
) -> None:
    balancer.cloud.arm(fault)
    started_pool(balancer)
    run = pools(balancer, "web")
    assert (run.error_kind, run.writes) == (kind, []) and words in run.result["msg"]


def test_the_sub_resource_of_somebody_else_is_not_ours(balancer: Account) -> None:
    balancer.cloud.simulator.settings.durations = {}
    assert not pools(balancer, "web").failed
    balancer.cloud.simulator.settings.durations = {"create_lbpool": 60}
    started_pool(balancer, name="other")
    run = pools(balancer, "web")
    assert not run.failed and not run.result["changed"] and run.result["task_ids"] == [] and not run.writes


@pytest.mark.parametrize("pause", [0, 11])
def test_without_waiting_a_sub_resource_that_is_not_shown_is_not_created_again(balancer: Account, pause: float) -> None:
    balancer.cloud.simulator.settings.durations = {"create_lbpool": 5}
    balancer.cloud.arm({"kind": "stale_read", "seconds": 60})
    task = started_pool(balancer)
    balancer.cloud.simulator.advance(pause)
    run = pools(balancer, "web", wait=False)
    assert not [each for each in run.writes if each.status == 200]
    assert run.failed == (run.error_kind == "locked") and (task.id in run.text)


def pool_of_others(account: Account, seconds: float, lag: float = 0.0) -> Task:
    """Another run creates a pool that is not shown yet, and nothing is locked."""
    balancer = account.ok("load_balancer", name="front")["load_balancer"]["id"]
    identifier = account.add("lbpool", load_balancer_id=balancer, **POOL)
    record = account.cloud.records()[("lbpool", identifier)]
    owner, record.visible, record.lock_owner = record.lock_owner, False, None
    tasks = account.cloud.simulator.tasks
    task = tasks.start("create_lbpool", 1000001, 76, data={"name": "web"}, creates={"pools": [record]}, seconds=seconds)
    task.stale_seconds, record.lock_owner = lag, owner
    account.cloud.simulator.advance(5)
    return task


@pytest.mark.parametrize(("seconds", "lag"), [(60, 0), (1, 60)])
def test_a_sub_resource_that_is_neither_shown_nor_locked_is_not_created_again(
    account: Account, seconds: float, lag: float
) -> None:
    task = pool_of_others(account, seconds, lag)
    run = pools(account, "web", wait=False)
    assert (run.error_kind, run.writes) == ("locked", []) and task.id in run.result["msg"]
    run = pools(account, "web")
    assert not run.failed and not run.writes and run.seconds > 40, run.text
    assert run.result["task_ids"] == ([task.id] if run.result["changed"] else [])


def test_a_lock_that_a_late_read_shows_is_not_work_of_this_run(account: Account) -> None:
    """The list shows the task of another run that has ended; the resource itself is up to date."""
    identifier = account.ok("load_balancer", name="front")["load_balancer"]["id"]
    started = account.ok("load_balancer", name="front", preferred_connectivity="L3", wait=False)
    stale = account.ok("load_balancer_info", name="front")["load_balancers"]
    account.ok("task_wait", tasks=started["task_ids"])
    body = {"count": 1, "results": stale}
    account.cloud.arm(
        {"kind": "status", "status": 200, "body": body, "match": {"path": "/loadbalancers/[0-9]+/[0-9]+$"}}
    )
    run = account.run("load_balancer", name="front", preferred_connectivity="L3")
    assert stale[0]["task_id"] and not run.failed and not run.writes, run.text
    assert (
        not run.result["changed"] and run.result["task_ids"] == [] and run.result["load_balancer"]["id"] == identifier
    )
