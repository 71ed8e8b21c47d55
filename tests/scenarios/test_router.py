# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Routers: the order of attach, update and detach, addresses of interfaces, gateways, and deletion."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Account

ROUTE = {"destination": "172.16.0.0/24", "nexthop": "10.0.0.20"}


@pytest.fixture(autouse=True)
def subnets(account: Account) -> dict[str, Any]:
    """Two subnets of two networks that no router connects."""
    found = {}
    for index, name in enumerate(("lan", "dmz")):
        account.ok("network", name=name)
        options = {"cidr": f"10.0.{index}.0/24", "connect_to_network_router": False}
        found[name] = account.ok("subnet", name=name, network=name, **options)["subnet"]["id"]
    return found


def order(run: Any) -> list[str]:
    """The writes of a run, each as its method and the last word of its path."""
    return [
        f"{each.method} {each.path.rsplit('/', 1)[-1]}" if each.method == "POST" else each.method for each in run.writes
    ]


def attached(result: Any) -> dict[str, str]:
    """The address of the router in each subnet."""
    return {
        each["subnet_id"]: each["ip_address"]
        for port in result["router"]["interfaces"]
        for each in port["ip_assignments"]
    }


def test_a_router_is_created_with_all_its_options(account: Account, subnets: dict[str, Any]) -> None:
    options = {"external_gateway": {"enable_snat": False}, "interfaces": [{"subnet": "lan"}], "routes": [ROUTE]}
    run = account.changed("router", name="edge", **options)
    assert order(run) == [f"POST {account.cloud.region_id}"]
    assert run.result["created_resources"]["routers"] == [run.result["router"]["id"]]
    assert attached(run.result) == {subnets["lan"]: "10.0.0.1"}
    assert run.result["router"]["external_gateway_info"]["enable_snat"] is False


def test_a_chosen_address_is_attached_after_the_creation(account: Account, subnets: dict[str, Any]) -> None:
    interfaces = [{"subnet": "lan", "ip_address": "10.0.0.254"}]
    run = account.changed("router", name="edge", interfaces=interfaces, routes=[ROUTE])
    assert order(run) == [f"POST {account.cloud.region_id}", "POST attach", "PATCH"]
    assert attached(run.result) == {subnets["lan"]: "10.0.0.254"}
    interfaces[0]["ip_address"] = "10.0.0.253"
    account.refused("router", "10.0.0.254", "cannot be changed to 10.0.0.253", name="edge", interfaces=interfaces)


def test_subnets_are_attached_before_the_routes_change_and_detached_after(
    account: Account, subnets: dict[str, Any]
) -> None:
    account.ok("router", name="edge", interfaces=[{"subnet": "dmz"}], routes=[{**ROUTE, "nexthop": "10.0.1.20"}])
    moved = {"interfaces": [{"subnet": "lan"}], "routes": [ROUTE], "purge_interfaces": True}
    run = account.changed("router", name="edge", **moved)
    assert order(run) == ["POST attach", "PATCH", "POST detach"]
    assert attached(run.result) == {subnets["lan"]: "10.0.0.1"}


def test_naming_a_subnet_does_not_detach_the_others(account: Account, subnets: dict[str, Any]) -> None:
    account.ok("router", name="edge", interfaces=[{"subnet": "dmz"}])
    run = account.changed("router", name="edge", interfaces=[{"subnet": "lan"}])
    assert order(run) == ["POST attach"]
    assert attached(run.result).keys() == set(subnets.values())


def test_without_waiting_the_detachment_is_pending(account: Account) -> None:
    account.ok("router", name="edge", interfaces=[{"subnet": "dmz"}], routes=[{**ROUTE, "nexthop": "10.0.1.20"}])
    moved = {"interfaces": [{"subnet": "lan"}], "routes": [ROUTE], "purge_interfaces": True}
    run = account.run("router", name="edge", wait=False, **moved)
    assert order(run) == ["POST attach", "PATCH"]
    assert [each["action"] for each in run.result["pending"]] == ["detach a subnet from"]
    account.cloud.simulator.advance(60)
    assert order(account.run("router", name="edge", **moved)) == ["POST detach"]


def test_a_gateway_is_changed_whole_and_removed_by_null(account: Account) -> None:
    account.ok("router", name="edge", external_gateway={})
    run = account.changed("router", name="edge", external_gateway={"enable_snat": False})
    (sent,) = run.writes
    assert sent.body["external_gateway_info"].keys() == {"type", "network_id", "enable_snat"}
    gone = account.changed("router", name="edge", external_gateway=None)
    assert gone.writes[0].body == {"external_gateway_info": None}
    account.refused("router", "external_gateway", "Set network", name="edge", external_gateway={"enable_snat": True})


def test_a_subnet_listed_twice_is_refused(account: Account) -> None:
    twice = [{"subnet": "lan"}, {"subnet": "lan", "ip_address": "10.0.0.9"}]
    account.refused("router", "interfaces lists the subnet 'lan' twice", name="edge", interfaces=twice)


@pytest.mark.parametrize("check", [True, False])
def test_a_router_of_floating_ips_is_not_deleted(account: Account, check: bool) -> None:
    account.ok("router", name="edge", external_gateway={}, interfaces=[{"subnet": "lan"}])
    vm = {
        "flavor": "g1-standard-1-2",
        "image": "ubuntu-24.04-x64",
        "volume_size": 10,
        "network": "lan",
        "floating_ip": "new",
    }
    account.ok("instance", name="web", **vm)
    account.refused("router", "floating IP ", check=check, name="edge", state="absent")


def test_routes_and_interfaces_are_removed_before_the_deletion(account: Account) -> None:
    account.ok("router", name="edge", interfaces=[{"subnet": "lan"}, {"subnet": "dmz"}], routes=[ROUTE])
    run = account.changed("router", name="edge", state="absent")
    assert order(run) == ["PATCH", "POST detach", "POST detach", "DELETE"]
