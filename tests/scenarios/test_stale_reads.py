# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads that lag behind the task of another run: what it created is neither created twice nor a reason to fail."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Account

POOL = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
MONITOR = {"type": "TCP", "delay": 10, "timeout": 5, "max_retries": 3}
RULE = {"type": "PATH", "compare_type": "EQUAL_TO", "value": "/"}
LISTENER = {"name": "http", "protocol": "HTTP", "protocol_port": 80}
CHANGES: dict[str, tuple[dict[str, Any], str, str]] = {
    "monitor": ({"pools": [{**POOL, "healthmonitor": MONITOR}]}, "create_lbpool_health_monitor", "healthmonitor"),
    "pool": ({"pools": [POOL, {**POOL, "name": "spare"}]}, "create_lbpool", "lbpool"),
    "listener": (
        {"listeners": [{**LISTENER, "name": "other", "protocol_port": 81}]},
        "create_lblistener",
        "lblistener",
    ),
    "policy": (
        {"listeners": [{**LISTENER, "l7_policies": [{"name": "deny", "action": "REJECT", "rules": []}]}]},
        "create_l7policy",
        "l7policy",
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_parts_of_a_load_balancer(account: Account, what: str) -> None:
    options, task, kind = CHANGES[what]
    account.ok("load_balancer", name="front", listeners=[LISTENER], pools=[POOL])
    before = [each for each in account.cloud.records() if each[0] == kind]
    account.cloud.arm({"kind": "stale_read", "seconds": 10, "match": {"task_type": task}})
    account.ok("load_balancer", name="front", wait=False, **options)
    account.ok("load_balancer", name="front", **options)
    after = [each for each in account.cloud.records() if each[0] == kind]
    assert len(after) == len(before) + 1
    again = account.run("load_balancer", name="front", **options)
    assert not again.result["changed"] and not again.writes, again.text
