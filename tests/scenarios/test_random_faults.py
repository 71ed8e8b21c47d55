# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever goes wrong while something is created: several runs in a row create it once, or report the duplicates."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness import Ambush

from .conftest import Account
from .test_unknown_outcomes import OPTIONS, create, created_by_somebody, tells_nothing

# What happens to a write, and whether the API takes it all the same; None: nothing.
FAULTS: tuple[Mapping[str, Any] | None, ...] = (
    None,
    *({"kind": "status", "status": status} for status in (408, 429, 500, 502)),
    *({"kind": "lost_answer", "then": "status", "status": status} for status in (408, 500, 502)),
    {"kind": "lost_answer", "then": "status", "status": 200, "body": {}},
    {"kind": "reset"},
    {"kind": "lost_answer", "then": "reset"},
    {"kind": "hang"},
    {"kind": "lost_answer", "then": "hang"},
    {"kind": "garbled"},
    {"kind": "truncated"},
)


def nothing(account: Account) -> None:
    """An empty project."""


@settings(
    deadline=None, database=None, derandomize=True, max_examples=60, suppress_health_check=list(HealthCheck)
)  # fmt: skip
@given(
    module=st.sampled_from(sorted(OPTIONS)),
    posts=st.lists(st.tuples(st.sampled_from(FAULTS), st.booleans()), max_size=3),
    untold=st.sampled_from(["", "ids", "name", "ids, name"]),
    fails=st.booleans(),
    wait=st.booleans(),
    seconds=st.sampled_from([0.5, 1.0, 30.0, 200.0]),
    lag=st.sampled_from([0, 0, 20, 100]),
    runs=st.integers(1, 3),
)
def test_there_are_never_unreported_duplicates(
    account: Account, module: str, posts: Any, untold: str, fails: bool, wait: bool, seconds: float, lag: int, runs: int
) -> None:
    """Somebody else may create another one of the type at the same moment."""
    account.built(nothing)
    account.cloud.simulator.settings.durations = {f"create_{module}": seconds}
    if lag:
        account.cloud.arm({"kind": "stale_read", "seconds": lag, "times": None})
    tells_nothing(account, untold)
    if fails:
        account.cloud.arm({"kind": "task_error", "error": "no host", "leave_object": True})

    def at_write(number: int, fault: Mapping[str, Any] | None, neighbour: bool) -> Ambush:
        count = itertools.count()

        def act(request: requests.PreparedRequest) -> None:
            if neighbour:
                created_by_somebody(account, name="another")(request)
            if fault:
                account.cloud.arm({**fault, "match": {"method": "POST"}})

        return Ambush(lambda method, path: method == "POST" and next(count) == number, act)

    account.cloud.ambushes += [at_write(number, *post) for number, post in enumerate(posts)]
    results = []
    for _each in range(runs):
        results.append(create(account, module, wait=wait))
        account.cloud.simulator.advance(3)
    account.cloud.simulator.advance(1000)
    failed = {task.id for task in account.cloud.simulator.tasks.all() if task.state == "ERROR"}
    records = [record for (kind, _id), record in account.cloud.records().items() if kind == module]
    named = [record for record in records if record.data["name"] == OPTIONS[module]["name"]]
    alive = [record for record in named if record.creator_task_id not in failed]
    reported = any(run.error_kind in ("duplicate", "ambiguous") for run in results)
    assert len(alive) <= 1 or (fails and reported)
    created = {identifier for run in results for identifier in run.result["created_resources"][module + "s"]}
    assert not created & {record.id for record in records if record not in named}
    for run in results:
        if not run.failed and wait:
            assert run.result[module]["id"] in [record.id for record in named]
    if not results[0].failed:
        assert results[0].result["changed"]
        assert not wait or results[0].result["created_resources"][module + "s"] == [results[0].result[module]["id"]]
