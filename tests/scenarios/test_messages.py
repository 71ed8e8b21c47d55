# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What failures say, and that their hints are true: what a hint says is done, and works."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Account

CREATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "network": ("create_network", {"name": "made"}),
    "subnet": ("create_subnet", {"name": "made", "network": "lan", "cidr": "10.0.9.0/24"}),
    "volume": ("create_volume", {"name": "made", "size": 5}),
    "instance": (
        "create_vm",
        {"name": "made", "flavor": "g1-standard-1-2", "image": "debian-12", "volume_size": 10, "external": True},
    ),
    "load_balancer": ("create_loadbalancer", {"name": "made", "vip_network": "lan"}),
    "floating_ip": ("create_fip", {"tags": {"for": "made"}}),
    "security_group": ("create_security_group", {"name": "made"}),
    "k8s_cluster": (
        "create_k8s_cluster_v2",
        {
            "name": "made",
            "version": "v1.35.3",
            "ssh_key": "admin",
            "pools": [
                {
                    "name": "main",
                    "flavor": "g1-standard-2-4",
                    "min_node_count": 1,
                    "boot_volume_size": 50,
                    "boot_volume_type": "standard",
                    "servergroup_policy": "affinity",
                }
            ],
        },
    ),
}
# Resources of which nothing but the task shows that their creation failed.
WITHOUT_STATUS = ("network", "subnet", "security_group")
WAYS = [(each, "absent") for each in CREATIONS] + [
    (each, "recreate") for each in CREATIONS if each not in WITHOUT_STATUS
]
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfVBhQ1Yq8bDbqTBYtmV0Z6yJYXvB3YTdZ0xXOO4Yk me"


@pytest.fixture
def lan(account: Account) -> Account:
    """An account with a network, a subnet and an SSH key."""
    account.ok("ssh_key", name="admin", public_key=PUBLIC_KEY)
    account.ok("network", name="lan")
    account.ok("subnet", name="lan-1", network="lan", cidr="10.0.0.0/24")
    return account


@pytest.mark.parametrize(("module", "way"), WAYS)
def test_the_hint_after_a_failed_creation_is_true(lan: Account, module: str, way: str) -> None:
    task, options = CREATIONS[module]
    lan.cloud.arm({"kind": "task_error", "error": "No valid host", "leave_object": True, "match": {"task_type": task}})
    failed = lan.run(module, **options)
    assert failed.failed and "No valid host" in failed.result["msg"]
    left = [each["id"] for each in failed.result["leftovers"] if each["kind"] == module]
    assert len(left) == 1 and left[0] in failed.result["msg"]
    hint = failed.result["error"]["hint"]
    assert "state: absent" in hint
    assert ("recreate: true" in hint) == (module not in WITHOUT_STATUS)
    if way == "recreate":
        assert lan.run(module, **options).failed
        done = lan.ok(module, recreate=True, **options)
    else:
        assert lan.ok(module, state="absent", **options)["changed"]
        done = lan.ok(module, **options)
    assert done["changed"] and done[module]["id"] not in left
    assert not lan.ok(module, **options)["changed"]


@pytest.mark.parametrize("module", CREATIONS)
def test_a_failed_creation_that_left_nothing_can_be_run_again(lan: Account, module: str) -> None:
    task, options = CREATIONS[module]
    lan.cloud.arm({"kind": "task_error", "error": "Quota exceeded", "match": {"task_type": task}})
    failed = lan.run(module, **options)
    assert failed.failed and failed.result["leftovers"] == []
    assert "recreate" not in failed.result["msg"] and "higher quota" in failed.result["msg"]
    assert lan.ok(module, **options)["changed"]
