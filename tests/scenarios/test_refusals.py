# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing is deleted before it is certain, as far as can be read beforehand, that the rest of the plan can be carried out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness import Run

from .conftest import Account

UNKNOWN_ID = "11111111-1111-4111-8111-111111111111"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBkLCzjTJQCxSeOnCC2XQdQkcMDNQMoR3tnBNhQ4qJd3 a@b"
CHECK = pytest.mark.parametrize("check", [False, True], ids=["run", "check"])


def warnings(run: Run) -> str:
    """All warnings of a run, as one text."""
    return str(run.result.get("warnings", "")) if run.result else ""


def private_network(account: Account, name: str = "net-1", cidr: str = "10.0.0.0/24") -> str:
    """A network with its router and a subnet on it; its id."""
    network: str = account.ok("network", name=name)["network"]["id"]
    account.ok("subnet", name=name + "-subnet", network=network, cidr=cidr)
    return network


def instance(account: Account, name: str = "web-1", **options: Any) -> dict[str, Any]:
    """A small instance, and what the module said of it."""
    return dict(
        account.ok(
            "instance", name=name, flavor="g1-standard-1-2", image="ubuntu-22.04-x64", volume_size=10,
            **options,
        )
    )  # fmt: skip


def load_balancer(account: Account, *listeners: dict[str, Any], **options: Any) -> Any:
    return account.ok("load_balancer", name="lb-1", listeners=list(listeners), **options)


def pool(name: str = "web", **options: Any) -> dict[str, Any]:
    return {"name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", **options}


def listener(*pools: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"name": "http", "protocol": "HTTP", "protocol_port": 80, "pools": list(pools), **options}


def cluster(account: Account, *pools: dict[str, Any], **options: Any) -> Any:
    account.ok("ssh_key", name="key-1", public_key=PUBLIC_KEY)
    return account.ok("k8s_cluster", name="main", version="v1.33.10", ssh_key="key-1", pools=list(pools), **options)


def nodes(name: str, **options: Any) -> dict[str, Any]:
    return {
        "name": name, "flavor": "g2-standard-2-4", "min_node_count": 1, "boot_volume_size": 50,
        "boot_volume_type": "standard", "servergroup_policy": "soft-anti-affinity", **options,
    }  # fmt: skip


# ------------------------------------------------------------------ in use


@CHECK
@pytest.mark.parametrize("delete_router", [False, True])
def test_a_network_in_use_keeps_its_router(account: Account, delete_router: bool, check: bool) -> None:
    network = private_network(account)
    vm = instance(account, network=network)["instance"]["id"]
    run = account.refused(
        "network", "net-1", network, "in use", "instance " + vm, "10.0.0.",
        check=check, name="net-1", state="absent", delete_router=delete_router,
    )  # fmt: skip
    assert run.error_kind == "in_use"


@CHECK
def test_delete_router_spares_a_router_of_two_networks(account: Account, check: bool) -> None:
    private_network(account)
    other = private_network(account, "net-2", "10.0.2.0/24")
    routers = account.run("network", check=True, name="net-1", state="absent").result
    router = next(row for row in account.cloud.records().values() if row.kind == "router" and row["name"] == "net-1")
    subnet = account.ok("subnet", name="more", network=other, cidr="10.0.3.0/24", router_to_connect=router.id)
    assert routers["changed"] and subnet["changed"]
    account.refused(
        "network", "%s also connects the network %s" % (router.id, other), check=check, name="net-1", state="absent",
        delete_router=True,
    )  # fmt: skip
    assert account.ok("network", name="net-1", state="absent")["changed"]


@CHECK
def test_a_used_subnet_group_or_volume_is_not_deleted(account: Account, check: bool) -> None:
    network = private_network(account)
    account.ok("security_group", name="web", rules=[])
    account.ok("volume", name="data", size=5)
    vm = instance(
        account, network=network, security_groups=["web"], volumes=[{"volume": "data"}],
    )["instance"]["id"]  # fmt: skip
    for module, name in (("subnet", "net-1-subnet"), ("security_group", "web"), ("volume", "data")):
        run = account.refused(module, "in use", check=check, name=name, state="absent")
        assert run.error_kind == "in_use"
        assert module == "subnet" or ("web-1" in run.result["msg"] and vm in run.result["msg"])


@CHECK
def test_a_boot_volume_is_not_detached(account: Account, check: bool) -> None:
    instance(account, network=private_network(account))
    other = instance(account, "web-2", external=True)["instance"]["id"]
    boot = next(
        row["id"] for row in account.ok("volume_info")["volumes"]
        if row["attachments"][0]["instance_name"] == "web-1"
    )  # fmt: skip
    for target in (None, other):
        account.refused("volume", "boot volume", check=check, id=boot, instance=target)


# -------------------------------------------------- what the API forbids


@CHECK
def test_a_cluster_keeps_a_pool(account: Account, check: bool) -> None:
    cluster(account, nodes("one"), nodes("two"))
    account.refused(
        "k8s_cluster", "purge_pools", "at least one", check=check, name="main", pools=[], purge_pools=True,
    )  # fmt: skip
    assert account.ok("k8s_cluster", name="main", pools=[])["changed"] is False


def test_a_pool_is_added_before_the_last_one_is_deleted(account: Account) -> None:
    cluster(account, nodes("one"))
    run = account.run("k8s_cluster", name="main", pools=[nodes("two")], purge_pools=True)
    assert [each.method for each in run.writes] == ["POST", "DELETE"]


@CHECK
def test_a_health_monitor_that_the_pool_refuses(account: Account, check: bool) -> None:
    monitor = {"type": "TCP", "delay": 10, "timeout": 5, "max_retries": 3}
    load_balancer(account, listener(pool(healthmonitor=monitor)))
    account.refused(
        "load_balancer", "listeners[0].pools[0].healthmonitor.type", "UDP-CONNECT", check=check, name="lb-1",
        listeners=[listener(pool(healthmonitor={**monitor, "type": "UDP-CONNECT"}))],
    )  # fmt: skip


# ----------------------------------------------- what a failure has to tell


def test_a_failure_tells_what_is_deleted(account: Account) -> None:
    """The new monitor meets a refusal that nothing could show beforehand: the old one is gone, and the message says so."""
    monitor = {"type": "TCP", "delay": 10, "timeout": 5, "max_retries": 3}
    load_balancer(account, listener(pool(healthmonitor=monitor)))
    account.cloud.arm({"kind": "status", "status": 400, "match": {"method": "POST", "path": "/healthmonitor"}})
    run = account.run(
        "load_balancer", name="lb-1", listeners=[listener(pool(healthmonitor={**monitor, "type": "PING"}))]
    )
    assert run.failed and "delete the health monitor of pool 'web'" in run.result["msg"]
    assert [each["name"] for each in run.result["error"]["done"]] == ["web"]
    assert run.result["error"]["done"][0]["action"] == "delete the health monitor of"


@pytest.mark.parametrize(
    ("module", "fault", "options"),
    [
        ("instance", {"method": "POST", "path": "/v2/instances/"}, {"flavor": "g1-standard-1-2", "image": "debian-12",
         "volume_size": 10, "external": True, "ssh_key": "key-2", "recreate": True}),
        ("network", {"method": "DELETE", "path": "/networks/"}, {"state": "absent", "delete_router": True}),
    ],
)  # fmt: skip
def test_a_refused_step_tells_the_steps_before_it(
    account: Account, module: str, fault: dict[str, Any], options: dict[str, Any]
) -> None:
    for name in ("key-1", "key-2"):
        account.ok("ssh_key", name=name, public_key=PUBLIC_KEY)
    if module == "network":
        private_network(account, "some-1")
    else:
        instance(account, "some-1", external=True, ssh_key="key-1")
    account.cloud.arm({"kind": "status", "status": 400, "match": fault})
    run = account.run(module, name="some-1", **options)
    assert run.failed and "Steps that were done before: delete" in run.result["msg"]
    assert run.result["error"]["done"] and run.result["pending"]


def test_no_network_that_stays_is_said_to_leave_its_router(account: Account) -> None:
    private_network(account)
    account.cloud.arm({"kind": "task_error", "error": "No", "match": {"task_type": "delete_network"}})
    run = account.run("network", name="net-1", state="absent")
    assert run.failed and not run.result.get("warnings")
    run = account.run("network", name="net-1", state="absent")
    assert "router" in warnings(run)


# ----------------------------------------------------- unknown references


@CHECK
@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("volume", {"instance": UNKNOWN_ID}),
        ("instance", {"servergroup": UNKNOWN_ID}),
        ("floating ip", {"interfaces": [{"interface_name": "eth0", "floating_ip": UNKNOWN_ID}]}),
        ("recreate", {"interfaces": [{"type": "subnet", "network": UNKNOWN_ID, "subnet": UNKNOWN_ID}]}),
    ],
)
def test_an_unknown_id_is_refused_before_the_old_one_is_taken_off(
    account: Account, module: str, options: dict[str, Any], check: bool
) -> None:
    network = private_network(account)
    group = account.add("servergroup", name="group-1", policy="affinity")
    interface = {"network": network, "interface_name": "eth0", "floating_ip": "new"}
    instance(account, interfaces=[interface], servergroup=group)
    account.ok("volume", name="data", size=5, instance="web-1")
    if module == "volume":
        account.refused("volume", UNKNOWN_ID, check=check, name="data", **options)
        return
    if module == "recreate":
        account.ok("ssh_key", name="key-1", public_key=PUBLIC_KEY)
        options = {**options, "ssh_key": "key-1", "flavor": "g1-standard-1-2", "image": "debian-12", "volume_size": 10}
    account.refused("instance", UNKNOWN_ID, check=check, name="web-1", recreate=module == "recreate", **options)


# ------------------------------------- what can be seen without a write

RULE = {"direction": "ingress"}
MONITOR = {"type": "TCP", "delay": 10, "timeout": 5, "max_retries": 3}
MEMBER = {"address": "10.0.0.5", "protocol_port": 80}
BARE = {"name": "metal", "min_node_count": 1}


@CHECK
@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        ("security_group", {"rules": [{**RULE, "port_range_min": 22}]}, "rules[0].port_range_min needs a protocol"),
        ("security_group", {"rules": [RULE, {**RULE, "protocol": "gre", "port_range_max": 9}]}, "rules[1].port_range_max"),
        ("security_group", {"rules": [{**RULE, "protocol": "tcp", "port_range_max": 9}]}, "needs port_range_min"),
        ("security_group", {"rules": [{**RULE, "protocol": "tcp", "port_range_min": 9, "port_range_max": 8}]}, "greater"),
        ("load_balancer", {"listeners": [listener(pool(members=[MEMBER]))]}, "10.0.0.5:80 has neither"),
        ("load_balancer", {"pools": [pool(members=[MEMBER])]}, "10.0.0.5:80 has neither"),
        ("load_balancer", {"floating_ip": "new"}, "floating_ip: a load balancer without vip_network"),
        ("load_balancer", {"listeners": [listener(secret=UNKNOWN_ID)]}, "secret needs protocol TERMINATED_HTTPS or PROMETHEUS"),
        ("load_balancer", {"listeners": [listener(protocol="TCP", insert_x_forwarded=True)]}, "insert_x_forwarded needs protocol HTTP or TERMINATED_HTTPS"),
        ("load_balancer", {"listeners": [listener(pool(protocol="PROXY"))]}, "listeners[0].pools[0].protocol PROXY needs a TCP listener"),
        ("load_balancer", {"pools": [pool(healthmonitor={**MONITOR, "type": "UDP-CONNECT"})]}, "UDP-CONNECT needs a pool of protocol UDP"),
        ("load_balancer", {"pools": [pool(healthmonitor={**MONITOR, "timeout": 10})]}, "pools[0].healthmonitor"),
        ("k8s_cluster", {"pools": [{**BARE, "flavor": "g2-standard-2-4"}]}, "pools[0].servergroup_policy is missing"),
        ("k8s_cluster", {"pools": [nodes("one", flavor="bm2-hf-medium")]}, "pools[0].servergroup_policy is set"),
    ],
)  # fmt: skip
def test_a_plan_that_can_be_seen_to_be_wrong(
    account: Account, module: str, options: dict[str, Any], words: str, check: bool
) -> None:
    account.ok("ssh_key", name="key-1", public_key=PUBLIC_KEY)
    more = {"version": "v1.33.10", "ssh_key": "key-1"} if module == "k8s_cluster" else {}
    run = account.refused(module, words, check=check, name="some-1", **more, **options)
    assert run.error_kind == "options"


@CHECK
def test_the_same_of_what_is_there_already(account: Account, check: bool) -> None:
    """New members, pools of nodes and floating IPs of existing resources."""
    load_balancer(account, listener(pool()))
    wanted = [listener(pool(members=[MEMBER]))]
    account.refused("load_balancer", "10.0.0.5:80 has neither", check=check, name="lb-1", listeners=wanted)
    account.refused("load_balancer", "cannot have a floating IP", check=check, name="lb-1", floating_ip="new")
    cluster(account, nodes("one"))
    account.refused(
        "k8s_cluster", "pools[1].boot_volume_type is missing", check=check, name="main",
        pools=[nodes("one"), {**BARE, "flavor": "g2-standard-2-4", "servergroup_policy": "affinity"}],
    )  # fmt: skip


def test_an_unchanged_cluster_reads_no_catalog(account: Account) -> None:
    cluster(account, nodes("one"))
    run = account.run("k8s_cluster", name="main", version="v1.33.10", pools=[nodes("one")])
    assert not run.result["changed"]
    assert not [each for each in run.exchanges if "flavors" in each.path or "versions" in each.path]
