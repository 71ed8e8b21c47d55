# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check mode predicts what the run does: no more, no less, and never success where the run is refused."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import yaml

from tests.harness import PLUGINS

from .conftest import Account
from .test_refusals import CHECK, PUBLIC_KEY, cluster, instance, listener, load_balancer, nodes, pool, warnings

# ----------------------------------------------------- a play on an empty project

DISK = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10}
VM = {**DISK, "external": True}
CLUSTER = {"version": "v1.33.10", "ssh_key": "key-1", "pools": [nodes("one")]}


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("instance", {"state": "stopped"}),
        ("instance", {"tags": {"a": "b"}}),
        ("instance", {"state": "rebooted"}),
        ("volume", {"state": "reverted"}),
        ("k8s_cluster", {"pools": [nodes("two")]}),
        ("k8s_cluster", {"autoscaler_config": {"expander": "random"}}),
        ("load_balancer", {"state": "failed_over"}),
        ("subnet", {"tags": {"a": "b"}}),
    ],
)
def test_a_later_task_names_what_an_earlier_one_creates(account: Account, module: str, options: dict[str, Any]) -> None:
    """Check mode plans it with a warning; the run says that there is none, and what it would need to create one."""
    run = account.run(module, check=True, name="some-1", **options)
    assert not run.failed and run.result["changed"] and not run.writes
    assert "some-1" in warnings(run) and "not there yet" in warnings(run)
    assert run.result[module]["id"] == "(known after the run)"
    refused = account.refused(module, f"There is no {module.replace('_', ' ')} 'some-1'", name="some-1", **options)
    assert "Creating a" in refused.result["msg"] or "present" in refused.result["msg"]


def test_a_disk_that_an_earlier_task_creates(account: Account) -> None:
    run = account.run("volume", check=True, name="data", instance="web-1")
    assert not run.failed and "instance 'web-1'" in warnings(run) and "volume 'data'" in warnings(run)


def test_a_mistyped_name_gets_similar_ones(account: Account) -> None:
    instance(account, external=True)
    account.refused("instance", "no instance 'wbe-1'", "Did you mean 'web-1'?", name="wbe-1", state="stopped")


@CHECK
@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        ("instance", {**VM, "flavor": "g1-standard-1-3"}, "flavor 'g1-standard-1-3'"),
        ("load_balancer", {"flavor": "lb1-1-3"}, "load balancer flavor 'lb1-1-3'"),
        ("k8s_cluster", {**CLUSTER, "version": "v1.33.99"}, "k8s version 'v1.33.99'"),
        ("k8s_cluster", {**CLUSTER, "pools": [nodes("one", flavor="g9-standard-2-4")]}, "k8s flavor 'g9-standard-2-4'"),
        ("volume", {"size": 5, "region": "Luxemburg-2"}, "region 'Luxemburg-2'"),
        ("volume", {"size": 5, "project": "defalut"}, "project 'defalut'"),
    ],
)
def test_what_no_play_can_create_is_refused(
    account: Account, module: str, options: dict[str, Any], words: str, check: bool
) -> None:
    account.ok("ssh_key", name="key-1", public_key=PUBLIC_KEY)
    run = account.refused(module, "There is no " + words, "Did you mean", check=check, name="some-1", **options)
    assert run.error_kind == "not_found"


def test_what_a_play_can_create_is_planned(account: Account) -> None:
    run = account.run("instance", check=True, name="web-1", **{**VM, "image": "my-image"})
    assert not run.failed and "my-image" in warnings(run)


@CHECK
@pytest.mark.parametrize("version", ["v1.35.3", "v1.99.1"])
def test_an_upgrade_that_the_cluster_cannot_get(account: Account, version: str, check: bool) -> None:
    cluster(account, nodes("one"))
    account.refused("k8s_cluster", "v1.33.10", version, "v1.34.6", check=check, name="main", version=version)
    assert account.run("k8s_cluster", check=True, name="main", version="v1.34.6").result["changed"]


@CHECK
def test_a_resize_to_an_unknown_flavor(account: Account, check: bool) -> None:
    load_balancer(account, flavor="lb1-1-2")
    account.refused("load_balancer", "'lb1-2-5'", check=check, name="lb-1", flavor="lb1-2-5")


# ------------------------------------------------------------------ wait: false


def several_changes(account: Account, module: str) -> dict[str, Any]:
    """An existing resource, and options that take several steps, of which some need no waiting."""
    if module == "instance":
        account.ok("security_group", name="web", rules=[])
        account.ok("security_group", name="ssh", rules=[])
        instance(account, external=True, security_groups=["web"])
        return {"name": "web-1", "flavor": "g1-standard-2-4", "security_groups": ["ssh"], "tags": {"a": "b"},
                "volumes": [{"name": "data", "size": 5}]}  # fmt: skip
    if module == "volume":
        account.ok("volume", name="data", size=5)
        return {"name": "data", "size": 7, "tags": {"a": "b"}, "type_name": "ssd_hiiops"}
    if module == "k8s_cluster":
        cluster(account, nodes("one"))
        return {"name": "main", "autoscaler_config": {"expander": "random"},
                "pools": [nodes("one", max_node_count=3, labels={"a": "b"}, node_count=2), nodes("two")]}  # fmt: skip
    load_balancer(account, listener(pool()))
    return {"name": "lb-1", "tags": {"a": "b"}, "flavor": "lb1-2-4",
            "listeners": [listener(pool(lb_algorithm="LEAST_CONNECTIONS"))]}  # fmt: skip


@pytest.mark.parametrize("module", ["instance", "volume", "k8s_cluster", "load_balancer"])
def test_without_waiting_nothing_is_left_undone_that_needs_none(account: Account, module: str) -> None:
    options = several_changes(account, module)
    predicted = account.run(module, check=True, wait=False, **options).result
    everything = account.run(module, check=True, **options).result
    run = account.run(module, wait=False, **options)
    assert predicted["pending"] == run.result["pending"] and predicted["changed"] and run.result["changed"]
    assert everything["pending"] == []
    *at_once, last = run.writes
    assert len(run.result["task_ids"]) == 1 and last.answer["tasks"] == run.result["task_ids"]
    assert all("tasks" not in (each.answer or {}) for each in at_once)
    left = {each["action"] for each in run.result["pending"]}
    assert not left & {"update pool", "add a security group to", "retype"}
    assert len(at_once) == {"instance": 3, "volume": 2, "k8s_cluster": 1, "load_balancer": 0}[module]
    account.ok("task_wait", tasks=run.result["task_ids"])
    rounds = [account.run(module, **options), account.run(module, **options)]
    assert rounds[0].result["changed"] == bool(left) and not rounds[1].result["changed"]


def test_pending_of_a_deletion_of_several_steps(account: Account) -> None:
    account.ok("network", name="net-1")
    options: dict[str, Any] = {"name": "net-1", "state": "absent", "delete_router": True, "wait": False}
    predicted = account.run("network", check=True, **options).result["pending"]
    assert [each["action"] for each in predicted] == ["delete"]
    assert account.run("network", **options).result["pending"] == predicted


# ---------------------------------------------------------- documented keys

NEW: dict[str, list[dict[str, Any]]] = {
    "ssh_key": [{"public_key": PUBLIC_KEY}],
    "network": [{}, {"tags": {"a": "b"}}],
    "subnet": [{"network": "net", "cidr": "10.0.9.0/24", "host_routes": [{"destination": "10.1.0.0/24", "nexthop": "10.0.9.9"}]}],
    "volume": [{"size": 5}, {"size": 5, "instance": "vm-1"}, {"size": 10, "image": "debian-12", "tags": {"a": "b"}}],
    "security_group": [{}, {"rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 22}]}],
    "instance": [VM, {**DISK, "network": "net", "floating_ip": "new", "security_groups": ["default"]}],
    "floating_ip": [{"tags": {"a": "b"}}, {"instance": "vm-1"}, {"load_balancer": "lb-1"}],
    "load_balancer": [
        {}, {"vip_network": "net", "flavor": "lb1-2-4", "floating_ip": "new", "listeners": [listener(pool())], "tags": {"a": "b"}},
    ],
    "k8s_cluster": [CLUSTER, {**CLUSTER, "cni": {"provider": "cilium", "cilium": {"mask_size": 25}}, "authentication": {"oidc": {"client_id": "x"}},
                              "ddos_profile": {"enabled": False}}],
}  # fmt: skip


def missing_keys(shown: Any, predicted: Any, place: str = "") -> list[str]:
    """What the response has and the prediction does not, but for maps whose keys no document tells."""
    if (
        isinstance(shown, dict)
        and isinstance(predicted, dict)
        and not place.endswith((".addresses", ".labels", ".volume_image_metadata"))
    ):
        found = [f"{place}.{key}" for key in shown if key not in predicted]
        return found + [
            each for key in shown for each in missing_keys(shown[key], predicted.get(key), f"{place}.{key}")
        ]
    if isinstance(shown, list) and isinstance(predicted, list) and shown and predicted:
        return missing_keys(shown[0], predicted[0], place + "[0]")
    return []


@pytest.mark.parametrize(
    ("module", "options"), [(module, options) for module, samples in NEW.items() for options in samples]
)
def test_a_predicted_resource_has_every_documented_key(account: Account, module: str, options: dict[str, Any]) -> None:
    account.ok("ssh_key", name="key-1", public_key=PUBLIC_KEY)
    account.ok("network", name="net")
    account.ok("subnet", name="sub", network="net", cidr="10.0.0.0/24")
    if "instance" in options:
        instance(account, "vm-1", network="net")
    if "load_balancer" in options:
        account.ok("load_balancer", name="lb-1", vip_network="net")
    named = {} if module == "floating_ip" else {"name": "some-1"}
    predicted = account.run(module, check=True, **named, **options).result
    documented = yaml.safe_load(importlib.import_module(f"{PLUGINS}.{module}").RETURN)[module]["contains"]
    assert not [key for key in documented if key not in predicted[module]]
    shown = account.ok(module, **named, **options)
    assert missing_keys(shown[module], predicted[module]) == []
    assert predicted[module].get("project_id", 1000001) == 1000001
    assert predicted[module].get("region_id", 76) == 76


def test_a_whole_play_can_be_templated_on_an_empty_project(account: Account) -> None:
    """Keys that plays hand on: an id, an address or a port of what is not there yet is taken as it is."""
    network = account.run("network", check=True, name="net").result["network"]
    subnet = account.run("subnet", check=True, name="sub", network=network["id"], cidr="10.0.0.0/24").result["subnet"]
    assert subnet["network_id"] == network["id"] == "(known after the run)"
    vm = account.run("instance", check=True, name="vm-1", **{**DISK, "network": "net"}).result["instance"]
    assert vm["flavor"]["flavor_name"] == "g1-standard-1-2" and vm["addresses"]["net"][0]["addr"]
    balancer = account.run(
        "load_balancer", check=True, name="lb-1", vip_network=network["id"], listeners=[listener(pool())]
    ).result["load_balancer"]
    address = account.run("floating_ip", check=True, port=balancer["vip_port_id"])
    assert not address.failed and address.result["floating_ip"]["fixed_ip_address"]
    volume = account.run("volume", check=True, name="data", size=5, instance=vm["id"])
    assert not volume.failed and volume.result["volume"]["attachments"][0]["server_id"] == vm["id"]
    made = account.run("k8s_cluster", check=True, name="main", **{**CLUSTER, "ssh_key": "none-yet"}).result[
        "k8s_cluster"
    ]
    assert made["id"] and made["pools"][0]["node_count"] == 1


def test_members_whose_addresses_are_not_known_yet_are_planned(account: Account) -> None:
    """A play that creates VMs and a load balancer in front of them can be checked on an empty project."""
    members = [
        {"address": "(known after the run)", "protocol_port": 80, "instance": name} for name in ("web-1", "web-2")
    ]
    pool = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "members": members}
    listener = {"name": "http", "protocol": "HTTP", "protocol_port": 80, "pools": [pool]}
    run = account.run("load_balancer", check=True, name="front", vip_network="lan", listeners=[listener])
    assert not run.failed and run.result["changed"], run.text
