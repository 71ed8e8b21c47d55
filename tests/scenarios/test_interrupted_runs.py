# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that are killed at any request, and runs on other controllers that come between at any request."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.harness import Ambush, Killed, Run, run_module

from .conftest import Account, in_scope

VOLUME = {"name": "data-1", "size": 5}
NETWORK = {"name": "lan", "create_router": False}
POOL = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "admin_state_up": False}
BALANCER = {"name": "lb-1", "flavor": "lb1-1-2"}


def nothing(account: Account) -> None:
    """An empty project."""


def a_volume(account: Account) -> None:
    account.ok("volume", **VOLUME)


def a_network(account: Account) -> None:
    account.ok("network", **NETWORK)


def a_balancer(account: Account) -> None:
    account.add("subnet", name="lan-v4", network_id=account.add("network", name="lan"), cidr="10.0.0.0/24")
    account.ok("load_balancer", **BALANCER)


def a_balancer_with_a_pool(account: Account) -> None:
    account.ok("load_balancer", **BALANCER, pools=[{**POOL, "name": "old"}])


@dataclass(frozen=True)
class Operation:
    """What a run has to do, the writes that this takes in all, and what there is of some kinds in the end."""

    build: Callable[[Account], None]
    module: str
    options: Mapping[str, Any]
    writes: str
    left: Mapping[str, int] = field(default_factory=dict)


OPERATIONS = {
    "create, shown": Operation(nothing, "volume", VOLUME, "POST", {"volume": 1}),
    "create, not shown": Operation(nothing, "network", NETWORK, "POST", {"network": 1}),
    "change": Operation(a_volume, "volume", {**VOLUME, "size": 9, "tags": {"a": "b"}}, "PATCH POST", {"volume": 1}),
    "two tasks": Operation(
        a_balancer, "load_balancer", {"name": "lb-1", "flavor": "lb1-2-4", "preferred_connectivity": "L3"}, "PATCH POST"
    ),
    "delete": Operation(a_network, "network", {"name": "lan", "state": "absent"}, "DELETE", {"network": 0}),
    "re-create": Operation(
        a_balancer, "load_balancer", {**BALANCER, "vip_network": "lan", "recreate": True}, "DELETE POST", {"loadbalancer": 1}
    ),
    "sub-resource": Operation(
        a_balancer, "load_balancer", {"name": "lb-1", "pools": [POOL]}, "PATCH POST", {"lbpool": 1}
    ),
    "tree": Operation(
        nothing, "load_balancer", {**BALANCER, "pools": [POOL]}, "PATCH POST POST", {"loadbalancer": 1, "lbpool": 1}
    ),
    "sub-resource replaced": Operation(
        a_balancer_with_a_pool, "load_balancer", {"name": "lb-1", "pools": [POOL], "purge_pools": True}, "DELETE PATCH POST",
        {"lbpool": 1},
    ),
}  # fmt: skip


def counted(account: Account, kinds: Mapping[str, int]) -> dict[str, int]:
    """How many there are of some kinds, beside what belongs to the region."""
    found = collections.Counter(
        kind for (kind, _id), record in account.cloud.records().items() if record.project_id is not None
    )
    return {kind: found[kind] for kind in kinds}


def die(request: requests.PreparedRequest) -> None:
    raise Killed


def at_request(number: int, act: Callable[[requests.PreparedRequest], None], after: bool = False) -> Ambush:
    """Something that happens at the request with this number."""
    count = itertools.count(1)
    return Ambush(lambda method, path: next(count) == number, act, after)


# --------------------------------------------------------------------- killed


STALE = {"kind": "stale_read", "seconds": 15, "times": None}
NO_IDS = {"kind": "created_resources_null", "times": None}
CREATIONS = [name for name in OPERATIONS if name.startswith("create") or name in ("sub-resource", "tree")]
KILLED = [
    *((name, taken, 0, []) for name in OPERATIONS for taken in (True, False)),
    *((name, True, 12, [STALE]) for name in OPERATIONS if name not in ("tree", "re-create")),
    *((name, True, 0, [NO_IDS]) for name in CREATIONS),
]


@pytest.mark.parametrize(("name", "taken", "pause", "faults"), KILLED, ids=str)
def test_after_a_run_that_was_killed_the_next_one_completes_it(
    account: Account, name: str, taken: bool, pause: float, faults: list[dict[str, Any]]
) -> None:
    """Whatever the request: the next run ends with what is wanted, and no write is carried out twice."""
    operation = OPERATIONS[name]
    for number in itertools.count(1):
        account.built(operation.build)
        account.cloud.arm(*faults)
        account.cloud.ambushes.append(at_request(number, die, after=taken))
        runs = [account.run(operation.module, **operation.options)]
        was_killed = runs[0].result is None
        if was_killed:
            account.cloud.simulator.advance(pause)
            runs.append(account.run(operation.module, **operation.options))
        assert not runs[-1].failed, (number, runs[-1].result["msg"])
        carried_out = sorted(each.method for run in runs for each in run.writes if each.status and each.status < 300)
        assert carried_out == operation.writes.split(), (number, carried_out)
        assert counted(account, operation.left) == operation.left
        if not was_killed:
            break
    assert number > 2 + len(operation.writes.split())
    account.cloud.calm()
    account.cloud.simulator.advance(60)
    again = account.run(operation.module, **operation.options)
    assert not again.failed and not again.writes and not again.result["changed"], again.text


ONE_TASK = {
    **{name: OPERATIONS[name] for name in ("create, shown", "create, not shown", "change", "delete")},
    "sub-resource": Operation(
        a_balancer, "load_balancer", {"name": "lb-1", "pools": [{**POOL, "admin_state_up": True}]}, "POST"
    ),
}


@pytest.mark.parametrize("operation", ONE_TASK.values(), ids=ONE_TASK)
def test_the_work_of_a_killed_run_is_in_the_result_of_the_next(account: Account, operation: Operation) -> None:
    account.built(operation.build)
    known = {task.id for task in account.cloud.simulator.tasks.all()}
    durations = {
        "create_volume": 60,
        "create_network": 60,
        "extend_volume": 60,
        "delete_network": 60,
        "create_lbpool": 60,
    }
    account.cloud.simulator.settings.durations = durations
    account.cloud.ambushes.append(Ambush(lambda method, path: "/tasks/" in path, die))
    assert account.run(operation.module, **operation.options).result is None
    (task,) = (task for task in account.cloud.simulator.tasks.all() if task.id not in known)
    run = account.run(operation.module, **operation.options)
    assert not run.failed and run.result["changed"] and task.id in run.result["task_ids"], run.text
    created = sum(map(len, run.result["created_resources"].values()))
    assert created == (task.task_type.startswith("create"))


# ------------------------------------------------------------ other controllers


@pytest.mark.parametrize("runs", [2, 3])
@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize(
    ("module", "options", "faults"),
    [
        ("volume", VOLUME, []),
        ("network", NETWORK, []),
        ("network", NETWORK, [{"kind": "created_resources_null", "times": None}]),
    ],
    ids=["shown", "not shown", "no ids"],
)
def test_runs_on_several_controllers_never_leave_unreported_duplicates(
    account: Account,
    tmp_path: Path,
    module: str,
    options: dict[str, Any],
    faults: list[dict[str, Any]],
    wait: bool,
    runs: int,
) -> None:
    """At whatever request of one run the others come between; each has its own lock files."""
    given = {**in_scope(module, options), "wait": wait}
    duplicates = 0

    def elsewhere(request: requests.PreparedRequest, number: int, others: list[Run]) -> None:
        for index in range(1, runs):
            folder = tmp_path / f"{number}-{index}"
            folder.mkdir()
            others.append(run_module(account.cloud, module, given, folder))

    for number in itertools.count(1):
        account.built(nothing)
        account.cloud.arm(*faults)
        others: list[Run] = []
        account.cloud.ambushes.append(at_request(number, partial(elsewhere, number=number, others=others)))
        found = [account.run(module, **options, wait=wait), *others]
        account.cloud.simulator.advance(1000)
        records = [
            record
            for (kind, _id), record in account.cloud.records().items()
            if kind == module and record.data["name"] == options["name"]
        ]
        assert records
        if len(records) > 1:
            duplicates += 1
            reports = [str((run.result.get("msg"), run.result.get("error"), run.warnings)) for run in found]
            assert any(
                all(str(each.id) in text or str(each.creator_task_id) in text for each in records) for text in reports
            ), (number, reports)
        if not others:
            break
    assert duplicates
