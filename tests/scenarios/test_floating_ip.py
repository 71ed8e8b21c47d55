# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Floating IPs: which one is meant, which one is reused, where it moves, and that none is allocated or released by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Account

LATER = "(known after the run)"
VM = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10}
Ids = Mapping[str, str]


def build(account: Account) -> Ids:
    """Two networks; the VMs web, db (on a reserved fixed IP) and both, and the load balancer front: their ids and ports."""
    networks = {}
    for name, cidr in (("net-a", "10.0.0.0/24"), ("net-b", "10.0.1.0/24")):
        networks[name] = account.add("network", name=name)
        account.add("subnet", name=name + "-v4", network_id=networks[name], cidr=cidr)
    reserved = account.add("reserved_fixed_ip", network_id=networks["net-a"])
    interfaces: dict[str, list[dict[str, Any]]] = {
        "web": [{"type": "external"}, {"network": "net-a"}],
        "db1": [{"port": reserved}],
        "both": [{"network": "net-a"}, {"network": "net-b"}],
    }
    ids = {
        name: account.ok("instance", name=name, interfaces=each, **VM)["instance"]["id"]
        for name, each in interfaces.items()
    }
    balancer = account.ok("load_balancer", name="front", vip_network="net-a")["load_balancer"]
    ids.update(front=balancer["id"], front_port=balancer["vip_port_id"])
    for (kind, identifier), record in account.cloud.records().items():
        if (
            kind == "port"
            and record.data["owner_id"] in ids.values()
            and record.data["network_id"] in networks.values()
        ):
            owner = next(name for name, each in ids.items() if each == record.data["owner_id"])
            key = "both_b" if owner == "both" and record.data["network_id"] == networks["net-b"] else owner
            ids[key + "_port"] = identifier
            ids[key + "_ip"] = record.data["ip_assignments"][0]["ip_address"]
    return ids


@pytest.fixture
def ids(account: Account) -> Ids:
    found: Ids = account.built(build)
    return found


def filled(options: Any, ids: Ids) -> Any:
    """Options with {name} replaced by what it stands for."""
    if isinstance(options, dict):
        return {key: filled(value, ids) for key, value in options.items()}
    return options.format(**ids) if isinstance(options, str) else options


def allocate(account: Account, ids: Ids, on: str | None = None, **tags: str) -> dict[str, str]:
    """The id and the address of a floating IP of somebody else, free or on the port of a VM."""
    identifier = account.add("floatingip", tags=tags)
    if on:
        account.set(
            "floatingip", identifier, port_id=ids[on + "_port"], fixed_ip_address=ids[on + "_ip"], status="ACTIVE"
        )
    return {
        "id": identifier,
        "address": account.cloud.records()[("floatingip", identifier)].data["floating_ip_address"],
    }


def floating_ips(account: Account) -> dict[str, Mapping[str, Any]]:
    return {each: record.data for (kind, each), record in account.cloud.records().items() if kind == "floatingip"}


# ------------------------------------------------------------------ identity

IDENTITIES: list[dict[str, Any]] = [
    {"floating_ip_address": "{address}"},
    {"port": "{db1_port}"},
    {"port": "{db1_ip}"},
    {"port": "{db1_port}", "fixed_ip_address": "{db1_ip}"},
    {"instance": "db1"},
    {"instance": "{db1}", "fixed_ip_address": "{db1_ip}"},
    {"tags": {"role": "db"}},
    {"tags": {"role": "db", "x": "y"}},
]


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("options", IDENTITIES, ids=str)
def test_what_identifies_a_floating_ip(account: Account, ids: Ids, options: dict[str, Any], newest: bool) -> None:
    """Whatever the order of the list."""
    wanted = allocate(account, ids, "db1", role="db", x="y") if newest else {}
    others = {allocate(account, ids, "web", role="web")["id"], allocate(account, ids)["id"]}
    wanted = wanted or allocate(account, ids, "db1", role="db", x="y")
    options = filled(options, {**ids, **wanted})
    run = account.run("floating_ip", **options, purge_tags=False)
    assert not run.failed and not run.result["changed"] and not run.writes, run.text
    assert run.result["floating_ip"]["id"] == wanted["id"]
    run = account.run("floating_ip", **options, state="absent")
    assert [each.method for each in run.writes] == ["DELETE"] and floating_ips(account).keys() == others
    assert not account.ok("floating_ip", **options, state="absent")["changed"]


@pytest.mark.parametrize("value", ["front", "{front}"])
def test_the_floating_ip_of_a_load_balancer(account: Account, ids: Ids, value: str) -> None:
    created = account.changed("floating_ip", load_balancer=filled(value, ids)).result["floating_ip"]
    assert created["port_id"] == ids["front_port"]
    assert account.ok("floating_ip", load_balancer="front", state="absent")["changed"] and not floating_ips(account)


@pytest.mark.parametrize(
    "options",
    [
        {"instance": "web"},
        {"instance": "both", "fixed_ip_address": "{both_b_ip}"},
        {"load_balancer": "front"},
        {"port": "{db1_port}"},
        {"port": "{db1_port}", "fixed_ip_address": "{db1_ip}"},
        {"tags": {"role": "web"}},
        {"instance": "web", "tags": {"role": "web"}},
        {"instance": "web", "tags": {"role": "web"}, "reuse": False},
    ],
    ids=str,
)
def test_a_floating_ip_is_allocated_once(account: Account, ids: Ids, options: dict[str, Any]) -> None:
    run = account.changed("floating_ip", **filled(options, ids))
    assert [*floating_ips(account)] == [run.result["floating_ip"]["id"]]
    assert run.result["created_resources"]["floatingips"] == [*floating_ips(account)]
    assert [each.method for each in run.writes] == ["POST"]


@pytest.mark.parametrize("options", [{}, {"port": None}, {"fixed_ip_address": "10.0.0.5"}, {"tags": {}}], ids=str)
def test_without_identity_nothing_is_allocated(account: Account, options: dict[str, Any]) -> None:
    for _each in range(2):
        assert account.refused("floating_ip", "floating_ip_address", **options).error_kind == "options"


def test_what_does_not_exist(account: Account, ids: Ids) -> None:
    allocate(account, ids)
    assert account.refused("floating_ip", "'web'", instance="wab").error_kind == "not_found"
    for check in (True, False):
        run = account.refused(
            "floating_ip", "omit floating_ip_address", check=check, floating_ip_address="203.0.113.77"
        )
        assert run.error_kind == "not_found"
    assert not account.ok("floating_ip", floating_ip_address="203.0.113.77", state="absent")["changed"]


# --------------------------------------------------------------------- reuse

WANTED: dict[str, Any] = {"instance": "web", "tags": {"role": "web"}}


@pytest.mark.parametrize("reuse", [{}, {"reuse": True}])
def test_a_free_floating_ip_is_reused(account: Account, ids: Ids, reuse: dict[str, bool]) -> None:
    allocate(account, ids, "db1", role="web")
    free = allocate(account, ids, role="web")["id"]
    run = account.changed("floating_ip", **WANTED, **reuse)
    assert [(each.method, each.path.rpartition("/")[2], each.body) for each in run.writes] == [
        ("PATCH", free, {"port_id": ids["web_port"]})
    ]
    assert run.result["floating_ip"]["instance"]["name"] == "web"


@pytest.mark.parametrize("on", [None, "db1"])
def test_without_reuse_another_one_is_allocated(account: Account, ids: Ids, on: str | None) -> None:
    found = allocate(account, ids, on, role="web")["id"]
    before = dict(floating_ips(account)[found])
    run = account.changed("floating_ip", **WANTED, reuse=False)
    assert [each.method for each in run.writes] == ["POST"]
    assert len(floating_ips(account)) == 2 and floating_ips(account)[found] == before


def test_a_floating_ip_in_use_is_moved_on_demand_only(account: Account, ids: Ids) -> None:
    used = allocate(account, ids, "db1", role="web")["id"]
    for check in (True, False):
        run = account.refused("floating_ip", "reuse: true", "reuse: false", check=check, **WANTED)
        assert (run.error_kind, run.result["error"]["ids"]) == ("ambiguous", [used])
    run = account.changed("floating_ip", **WANTED, reuse=True)
    assert [each.body for each in run.writes] == [{"port_id": ids["web_port"]}]
    assert run.result["diff"] == {"before": {"instance": "db1"}, "after": {"instance": "web"}}


@pytest.mark.parametrize("options", [WANTED, {**WANTED, "reuse": True}, {"tags": {"role": "web"}}], ids=str)
@pytest.mark.parametrize("on", [None, "db1"])
def test_of_several_none_is_chosen(account: Account, ids: Ids, options: dict[str, Any], on: str | None) -> None:
    found = [allocate(account, ids, each, role="web") for each in (on, on and "both")]
    run = account.refused("floating_ip", found[0]["address"], found[1]["address"], **options)
    assert run.error_kind == "ambiguous"
    assert sorted(run.result["error"]["ids"]) == sorted(each["id"] for each in found)


def test_the_one_that_is_in_place_counts_first(account: Account, ids: Ids) -> None:
    right = allocate(account, ids, "web", role="web")["id"]
    allocate(account, ids, role="web")
    allocate(account, ids, "db1", role="web")
    run = account.run("floating_ip", **WANTED)
    assert not run.failed and not run.writes and run.result["floating_ip"]["id"] == right


def test_a_deletion_reuses_nothing(account: Account, ids: Ids) -> None:
    allocate(account, ids, role="web")
    run = account.run("floating_ip", **WANTED, state="absent")
    assert not run.failed and not run.result["changed"] and not run.writes


# --------------------------------------------------------------------- moves


def moved(account: Account, **options: Any) -> Any:
    """The bodies of the writes of a change, and the resource after it."""
    run = account.changed("floating_ip", **options)
    assert {each.method for each in run.writes} == {"PATCH"}
    return [each.body for each in run.writes], run.result["floating_ip"]


def test_a_floating_ip_moves_with_one_patch(account: Account, ids: Ids) -> None:
    found = allocate(account, ids, "web")
    to = {"floating_ip_address": found["address"]}
    bodies, row = moved(account, **to, instance="db1")
    assert bodies == [{"port_id": ids["db1_port"]}] and row["instance"]["name"] == "db1"
    account.refused("floating_ip", "fixed_ip_address", ids["both_ip"], ids["both_b_ip"], **to, instance="both")
    for key in ("both", "both_b"):  # from another instance, and between the ports of one
        bodies, row = moved(account, **to, instance="both", fixed_ip_address=ids[key + "_ip"])
        assert bodies == [{"port_id": ids[key + "_port"], "fixed_ip_address": ids[key + "_ip"]}]
    bodies, row = moved(account, **to, instance=None)
    assert bodies == [{"port_id": None}] and row["status"] == "DOWN"
    bodies, row = moved(account, id=found["id"], load_balancer="front")
    assert bodies == [{"port_id": ids["front_port"]}] and row["loadbalancer"]["name"] == "front"


# ---------------------------------------------------------------- check mode


@pytest.mark.parametrize("holder", ["instance", "load_balancer", "port"])
def test_check_mode_with_what_an_earlier_task_creates(account: Account, ids: Ids, holder: str) -> None:
    address = allocate(account, ids, "web")["address"]
    for options in (
        {holder: LATER},
        {holder: "comes-later"},
        {"floating_ip_address": address, holder: LATER},
        {"floating_ip_address": LATER, holder: LATER},
    ):
        run = account.run("floating_ip", check=True, **options)
        assert not run.failed and run.result["changed"], run.text
        assert ("comes-later" in " ".join(run.warnings)) is ("comes-later" in options.values())
    run = account.run("floating_ip", check=True, state="absent", **{holder: LATER})
    assert not run.failed and not run.result["changed"]


def test_without_waiting_the_allocation_is_started(account: Account) -> None:
    run = account.run("floating_ip", tags={"a": "b"}, wait=False)
    assert not run.failed and run.result["changed"]
    assert (run.result["task_ids"], run.result["pending"]) == (run.tasks_told(), []) and len(run.tasks_told()) == 1
    account.ok("task_wait", tasks=run.result["task_ids"])
    assert not account.run("floating_ip", tags={"a": "b"}).result["changed"]
