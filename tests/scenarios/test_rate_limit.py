# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs against a limit of requests per second: alone, and many at the same time."""

from __future__ import annotations

import pytest

from .conftest import Account

TASK = "0b4b6f1c-7f6f-4b0e-9d0a-0d6c9d4c1a11"
START = 300.0  # seconds that a run may take before its plan is known, and the limit of an _info module


def limited(account: Account, per_second: float, header: bool = True) -> None:
    settings = account.cloud.simulator.settings
    account.cloud.simulator.apply(settings.model_copy(update={"rate_limit": per_second, "rate_limit_header": header}))


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("per_second", [2, 0.5, 0.1])
def test_a_run_alone_is_only_slower(account: Account, per_second: float, header: bool) -> None:
    limited(account, per_second, header)
    created = account.run("volume", name="data-1", size=5)
    assert created.result["changed"] and not created.failed
    assert sum(each.status == 200 for each in created.writes) == 1
    assert any(each.status == 429 for each in created.exchanges)
    assert not account.ok("volume", name="data-1", size=5)["changed"]
    assert len(account.ok("volume_info")["volumes"]) == 1
    assert account.ok("volume", name="data-1", state="absent")["changed"]


@pytest.mark.parametrize(("hosts", "header"), [(20, True), (40, False)])
def test_info_modules_of_many_hosts_all_finish(account: Account, hosts: int, header: bool) -> None:
    """Two requests a second: half of the hosts and more failed, though all fit into the time that a run may take."""
    account.add("volume", name="data-1", size=5)
    limited(account, 2, header)
    runs = account.together(*[("volume_info", {"region": "Luxembourg-2"}) for _number in range(hosts)])
    assert [run.result.get("msg") for run in runs if run.failed] == []
    assert all(len(run.result["volumes"]) == 1 for run in runs)
    assert any(each.status == 429 for run in runs for each in run.exchanges)
    assert max(run.seconds for run in runs) < START


def test_creations_of_many_hosts_all_finish(account: Account) -> None:
    hosts = 40
    limited(account, 2)
    runs = account.together(*[("volume", {"name": f"data-{host}", "size": 5}) for host in range(hosts)])
    assert [run.result.get("msg") for run in runs if run.failed] == []
    created = [volume for run in runs for volume in run.result["created_resources"]["volumes"]]
    assert len(set(created)) == hosts
    assert all(sum(each.status == 200 for each in run.writes) == 1 for run in runs)


def test_nobody_comes_back_before_the_api_allows(account: Account) -> None:
    limited(account, 0.2)
    runs = account.together(*[("volume_info", {}) for _number in range(8)])
    refusals = 0
    for run in runs:
        assert not run.failed
        for refused, again in zip(run.exchanges, run.exchanges[1:]):
            if refused.status == 429:
                refusals += 1
                assert again.at - refused.at >= 1
    assert refusals > 8


def test_one_that_does_not_end_fails_at_the_deadline_and_says_what_to_do(account: Account) -> None:
    account.cloud.arm({"kind": "status", "status": 429, "headers": {"Retry-After": "5"}, "times": None})
    run = account.refused("volume_info", "HTTP 429", "forks, throttle")
    assert START - 40 < run.seconds <= START


def test_a_wait_that_is_too_long_is_not_begun(account: Account) -> None:
    account.cloud.arm({"kind": "status", "status": 429, "headers": {"Retry-After": "3600"}, "times": None})
    run = account.refused("volume_info", "HTTP 429", "in 3600 s")
    assert run.seconds < 5


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 502, "body": "<html>"}, {"kind": "reset"}])
@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("volume_info", {}),
        ("volume", {"name": "data-1", "size": 5}),
        ("task_wait", {"tasks": [TASK]}),
        ("task_info", {}),
    ],
)
def test_a_wrong_address_fails_soon(
    account: Account, module: str, options: dict[str, object], fault: dict[str, object]
) -> None:
    account.cloud.arm({**fault, "times": None})
    assert account.refused(module, **options).seconds < 18


@pytest.mark.parametrize("module", ["volume_info", "task_info"])
def test_an_error_of_the_api_itself_shows_that_the_address_is_right(account: Account, module: str) -> None:
    account.cloud.arm({"kind": "status", "status": 500, "for_seconds": 30})
    account.ok(module)


def test_an_outage_after_the_first_response_is_waited_out(account: Account) -> None:
    account.cloud.arm({"kind": "status", "status": 503, "match": {"path": "/volumes/"}, "for_seconds": 40})
    assert account.ok("volume_info", region="Luxembourg-2")["volumes"] == []


def test_a_maintenance_that_says_how_long_it_takes_is_waited_out(account: Account) -> None:
    account.cloud.arm({"kind": "status", "status": 503, "headers": {"Retry-After": "30"}, "for_seconds": 200})
    assert account.ok("volume_info")["volumes"] == []


def test_an_address_with_the_prefix_of_every_path(account: Account) -> None:
    for end in ("/", "/cloud", "/cloud/v1/"):
        assert account.ok("volume_info", api_url="http://127.0.0.1:8700" + end)["volumes"] == []
    run = account.refused("volume_info", "Write https://api.gcore.com.", api_url="api.gcore.com/cloud")
    assert not run.exchanges
