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
    left = [each["id"] for each in failed.result["leftovers"] if each["resource"] == module]
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


NOBODY = "00000000-0000-4000-8000-000000000009"
VM = {"name": "web-9", "flavor": "g1-standard-1-2", "image": "debian-12", "volume_size": 10}


@pytest.mark.parametrize(
    ("module", "options", "words", "wrong"),
    [
        ("instance", {**VM, "network": "lan", "ssh_key": "key-9"}, "There are no ssh keys. Check project.", "region"),
        ("instance", {**VM, "network": "lan", "servergroup": "x"}, "There are no servergroups. Check project and region.", ""),
        ("volume", {"name": "data-9", "snapshot": "x"}, "There are no snapshots. Check project and region.", ""),
        ("ssh_key", {"id": NOBODY}, "Correct id, or omit it", "region"),
        ("volume", {"id": NOBODY, "size": 5}, "Correct id, or omit it", "state"),
        ("instance", {**VM, "network": NOBODY}, "Check the ids, and project and region.", ""),
        ("instance", {**VM, "network": "lan", "subnet": "other-1"}, "There is no subnet 'other-1' with network_id", "other-2"),
        ("volume", {"name": "data-9", "state": "reverted"}, "state: reverted needs an existing one", "makes"),
        ("floating_ip", {"floating_ip_address": "203.0.113.77"}, "omit floating_ip_address and set port, instance", "buy"),
        ("floating_ip", {"fixed_ip_address": "10.0.0.2"}, "one of the following is required: id, floating_ip_address, instance", ""),
        ("floating_ip", {"tags": {}}, "Cannot identify the floating ip. Set floating_ip_address or port or instance", "meant"),
    ],
)  # fmt: skip
def test_hints(account: Account, module: str, options: Any, words: str, wrong: str) -> None:
    for network in ("lan", "other"):
        account.ok("network", name=network)
    account.ok("subnet", name="lan-1", network="lan", cidr="10.0.0.0/24")
    for number in (1, 2):
        account.ok("subnet", name=f"other-{number}", network="other", cidr=f"10.0.{number}.0/24")
    account.documented = False  # what does not exist has an id of no version
    run = account.run(module, **options)
    assert run.failed and words in run.result["msg"], run.result["msg"]
    assert not wrong or wrong not in run.result["msg"].replace("reverted", "").split(words)[-1], run.result["msg"]


def test_a_refused_request_names_the_scope_that_it_has(account: Account) -> None:
    account.ok("ssh_key", name="admin", public_key=PUBLIC_KEY)
    missing = {"kind": "status", "status": 404, "message": "Not found", "match": {"method": "PATCH"}}
    account.cloud.arm(missing)
    run = account.run("ssh_key", name="admin", shared_in_project=False)
    assert run.result["msg"].endswith("Check the ids, and project.")
    for method, hint in (("GET", "Check the permissions of the API key."), ("POST", "and the capacity of the region.")):
        account.cloud.arm({"kind": "status", "status": 403, "message": "Forbidden", "match": {"method": method}})
        run = account.run("volume", name="data-9", size=5)
        assert run.result["msg"].endswith(hint)
        account.cloud.calm()


def test_what_the_hint_for_a_new_floating_ip_says_works(lan: Account) -> None:
    lan.ok("instance", network="lan", **VM)
    assert lan.run("floating_ip", floating_ip_address="203.0.113.77", instance="web-9").failed
    assert lan.ok("floating_ip", instance="web-9")["changed"]
