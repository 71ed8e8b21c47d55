# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reserved fixed IPs: the ways to create one, which one is meant, virtual IPs and the ports that share them, deletion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Account

LATER = "(known after the run)"
VM = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10}
Ids = Mapping[str, str]


def build(account: Account) -> Ids:
    """A network with a subnet of each IP family, another network, and the VMs web, api and both: their ids and ports."""
    ids = {name: account.add("network", name=name) for name in ("lan", "dmz")}
    for name, network, cidr in (
        ("v4", "lan", "10.0.0.0/24"),
        ("v6", "lan", "fd00::/64"),
        ("other", "dmz", "10.0.1.0/24"),
    ):
        ids[name] = account.add("subnet", name=name, network_id=ids[network], cidr=cidr)
    networks = {"web": ["lan"], "api": ["lan"], "both": ["lan", "dmz"]}
    for name, each in networks.items():
        interfaces = [{"network": network, "ip_family": "ipv4"} for network in each]
        ids[name] = account.ok("instance", name=name, interfaces=interfaces, **VM)["instance"]["id"]
    for (kind, identifier), record in account.cloud.records().items():
        owner = next((name for name in networks if kind == "port" and record.data["owner_id"] == ids[name]), None)
        if owner and record.data["network_id"] == ids["lan"]:
            ids[owner + "_port"] = identifier
    return ids


@pytest.fixture
def ids(account: Account) -> Ids:
    found: Ids = account.built(build)
    return found


def reserved(account: Account) -> dict[str, Mapping[str, Any]]:
    """The reserved fixed IPs in the cloud."""
    return {
        each: record.data for (kind, each), record in account.cloud.records().items() if kind == "reserved_fixed_ip"
    }


def port_of_balancer(account: Account) -> str:
    return str(account.ok("load_balancer", name="front", vip_network="lan")["load_balancer"]["vip_port_id"])


def writes(run: Any) -> list[str]:
    """The writes of a run, each as its method and the last word of its path."""
    return [each.method + (" devices" if each.path.endswith("_devices") else "") for each in run.writes]


# ------------------------------------------------------------------ creation

WAYS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"subnet": "v4"}, {"type": "subnet", "subnet_id": "{v4}"}, {"subnet_id": "{v4}", "network_id": "{lan}"}),
    ({"subnet": "{v6}"}, {"type": "subnet", "subnet_id": "{v6}"}, {"subnet_v6_id": "{v6}", "fixed_ip_address": None}),
    ({"network": "lan"}, {"type": "any_subnet", "network_id": "{lan}"}, {"network_id": "{lan}"}),
    (
        {"network": "lan", "ip_family": "dual"},
        {"type": "any_subnet", "network_id": "{lan}", "ip_family": "dual"},
        {"subnet_id": "{v4}", "subnet_v6_id": "{v6}"},
    ),
    (
        {"network": "{lan}", "ip_address": "10.0.0.77"},
        {"type": "ip_address", "network_id": "{lan}", "ip_address": "10.0.0.77"},
        {"fixed_ip_address": "10.0.0.77", "fixed_ipv6_address": None},
    ),
    (
        {"network": "lan", "ip_address": "fd00:0::77", "is_vip": True},
        {"type": "ip_address", "network_id": "{lan}", "ip_address": "fd00:0::77", "is_vip": True},
        {"fixed_ip_address": None, "fixed_ipv6_address": "fd00::77", "is_vip": True},
    ),
    ({"external": True}, {"type": "external"}, {"is_external": True}),
    (
        {"external": True, "ip_family": "ipv4", "is_vip": True},
        {"type": "external", "ip_family": "ipv4", "is_vip": True},
        {"is_external": True, "is_vip": True},
    ),
]  # fmt: skip


def filled(options: Any, ids: Ids) -> Any:
    """Options with {name} replaced by what it stands for."""
    if isinstance(options, dict):
        return {key: filled(value, ids) for key, value in options.items()}
    return options.format(**ids) if isinstance(options, str) else options


@pytest.mark.parametrize(("options", "body", "shown"), WAYS, ids=[str(way[0]) for way in WAYS])
def test_the_ways_to_create_one(account: Account, ids: Ids, options: Any, body: Any, shown: Any) -> None:
    """One is created, and found again by the same options."""
    options, shown = filled(options, ids), filled(shown, ids)
    predicted = account.run("reserved_fixed_ip", check=True, **options).result
    run = account.changed("reserved_fixed_ip", **options)
    (sent,) = run.writes
    assert sent.body == filled(body, ids)
    row = run.result["reserved_fixed_ip"]
    assert {key: row[key] for key in shown} == shown
    assert run.result["created_resources"]["ports"] == [row["port_id"]] == list(reserved(account))
    assert run.result["not_compared"] == predicted["not_compared"]
    assert predicted["reserved_fixed_ip"].keys() == row.keys() and predicted["reserved_fixed_ip"]["port_id"] == LATER
    assert predicted["reserved_fixed_ip"]["network"].keys() == row["network"].keys()


def test_the_address_of_an_existing_port_is_reserved(account: Account, ids: Ids) -> None:
    """What the request does not take is set afterwards."""
    port = port_of_balancer(account)
    run = account.changed("reserved_fixed_ip", port=port, is_vip=True)
    assert [each.body for each in run.writes] == [{"type": "port", "port_id": port}, {"is_vip": True}]
    assert run.result["reserved_fixed_ip"]["port_id"] == port


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: id, external, ip_address, network, port, subnet"),
        ({"external": False}, "external: false identifies no reserved fixed IP"),
        ({"ip_address": "10.0.0.77"}, "There is no reserved fixed ip with ip_address=10.0.0.77"),
        ({"ip_address": "10.0.0"}, "ip_address '10.0.0' is not an IP address"),
        ({"port": "front"}, "port 'front' is not allowed. It must be the ID of a port, in lowercase"),
        ({"subnet": "v5"}, "There is no subnet 'v5'"),
        ({"subnet": "v4", "network": "lan"}, "mutually exclusive: port|subnet|network|external"),
        ({"subnet": "v4", "ip_family": "ipv6"}, "mutually exclusive: port|subnet|ip_address|ip_family"),
        ({"external": True, "ip_address": "192.0.2.7"}, "mutually exclusive: external|ip_address"),
        ({"id": "{web_port}", "is_vip": True}, "There is no reserved fixed ip with the id"),
    ],
    ids=str,
)
def test_options_that_create_none(account: Account, ids: Ids, options: Any, words: str) -> None:
    account.refused("reserved_fixed_ip", words, **filled(options, ids))


# ------------------------------------------------------------------ identity


def test_several_that_may_be_meant_are_listed(account: Account, ids: Ids) -> None:
    """No other address is reserved, and none is deleted."""
    for address in ("10.0.0.77", "10.0.0.78"):
        account.ok("reserved_fixed_ip", network="lan", ip_address=address)
    for options in ({"network": "lan"}, {"subnet": "v4"}):
        for state in ("present", "absent"):
            run = account.refused("reserved_fixed_ip", "10.0.0.77", "10.0.0.78", state=state, **options)
            assert run.result["error"]["kind"] == "ambiguous"
            assert sorted(run.result["error"]["ids"]) == sorted(reserved(account))
    assert not account.ok("reserved_fixed_ip", ip_address="10.0.0.78")["changed"]


def test_the_address_of_another_network_is_another_one(account: Account, ids: Ids) -> None:
    account.ok("reserved_fixed_ip", subnet="other")
    account.ok("reserved_fixed_ip", external=True)
    assert writes(account.changed("reserved_fixed_ip", subnet="v4")) == ["POST"]
    assert len(reserved(account)) == 3
    (row,) = account.ok("reserved_fixed_ip_info", internal_only=True, ip_address=r"^10\.0\.0\.")["reserved_fixed_ips"]
    assert row["subnet_id"] == ids["v4"]


def test_each_address_of_both_families_identifies_it(account: Account, ids: Ids) -> None:
    row = account.ok("reserved_fixed_ip", network="lan", ip_family="dual")["reserved_fixed_ip"]
    same: list[dict[str, Any]] = [{"ip_address": row[key]} for key in ("fixed_ip_address", "fixed_ipv6_address")]
    same += [{"subnet": "v4"}, {"subnet": "v6"}, {"port": row["port_id"]}, {"id": row["port_id"], "subnet": "v6"}]
    for options in same:
        result = account.ok("reserved_fixed_ip", **options)
        assert not result["changed"] and result["reserved_fixed_ip"]["port_id"] == row["port_id"]
    account.refused("reserved_fixed_ip", "10.0.0.99", "cannot be changed", id=row["port_id"], ip_address="10.0.0.99")


def test_another_subnet_needs_recreate(account: Account, ids: Ids) -> None:
    row = account.ok("reserved_fixed_ip", subnet="v4")["reserved_fixed_ip"]
    account.refused("reserved_fixed_ip", "subnet of", "recreate: true", id=row["port_id"], subnet="other")
    run = account.run("reserved_fixed_ip", id=row["port_id"], subnet="other", recreate=True)
    assert not run.failed and writes(run) == ["DELETE", "POST"], run.text
    assert [each["network_id"] for each in account.ok("reserved_fixed_ip_info")["reserved_fixed_ips"]] == [ids["dmz"]]


# ---------------------------------------------------------------- virtual IP


def connected(account: Account) -> list[str]:
    """The ports that share the only virtual IP."""
    (record,) = reserved(account).values()
    return list(record["connected"])


def test_a_virtual_ip_is_created_with_its_ports(account: Account, ids: Ids) -> None:
    vip = {"network": "lan", "ip_address": "10.0.0.77", "is_vip": True}
    run = account.changed("reserved_fixed_ip", **vip, connected_ports=[ids["web_port"], ids["api_port"]])
    assert writes(run) == ["POST", "PATCH devices"]
    assert connected(account) == [ids["web_port"], ids["api_port"]]
    assert not account.ok("reserved_fixed_ip", **vip, connected_ports=[ids["api_port"], ids["web_port"]])["changed"]


def test_an_address_becomes_a_virtual_ip_before_ports_are_connected(account: Account, ids: Ids) -> None:
    account.ok("reserved_fixed_ip", subnet="v4")
    run = account.changed("reserved_fixed_ip", subnet="v4", is_vip=True, connected_ports=[ids["web_port"]])
    assert writes(run) == ["PATCH", "PATCH devices"]
    assert run.result["diff"]["after"] == {"is_vip": True, "connected_ports": [ids["web_port"]]}
    assert [each["resource_id"] for each in run.result["reserved_fixed_ip"]["attachments"]] == [ids["web"]]
    gone = account.changed("reserved_fixed_ip", subnet="v4", is_vip=False)
    assert writes(gone) == ["PATCH"] and connected(account) == []


def test_ports_are_added_and_removed_only_on_request(account: Account, ids: Ids) -> None:
    vip = {"subnet": "v4", "is_vip": True}
    account.ok("reserved_fixed_ip", **vip, connected_ports=[ids["web_port"]])
    added = account.changed("reserved_fixed_ip", **vip, connected_ports=[ids["api_port"]])
    assert [(each.method, each.body) for each in added.writes] == [("PATCH", {"port_ids": [ids["api_port"]]})]
    assert connected(account) == [ids["web_port"], ids["api_port"]]
    only = account.changed("reserved_fixed_ip", **vip, connected_ports=[ids["api_port"]], purge_connected_ports=True)
    assert [(each.method, each.body) for each in only.writes] == [("PUT", {"port_ids": [ids["api_port"]]})]
    account.changed("reserved_fixed_ip", **vip, connected_ports=[], purge_connected_ports=True)
    assert connected(account) == []


@pytest.mark.parametrize(
    "place", [{"network": "lan"}, {"network": "{lan}"}, {"subnet": "v4"}, {"subnet": "{v4}"}], ids=str
)
def test_instances_stand_for_their_ports(account: Account, ids: Ids, place: dict[str, Any]) -> None:
    options = {**filled(place, ids), "is_vip": True, "connected_instances": ["web", ids["both"]]}
    run = account.changed("reserved_fixed_ip", **options)
    assert writes(run) == ["POST", "PATCH devices"]
    assert connected(account) == [ids["web_port"], ids["both_port"]]
    account.changed("reserved_fixed_ip", **{**options, "connected_instances": ["api"], "purge_connected_ports": True})
    assert connected(account) == [ids["api_port"]]


def test_what_cannot_share_a_virtual_ip(account: Account, ids: Ids) -> None:
    address = account.ok("reserved_fixed_ip", subnet="v4", is_vip=True)["reserved_fixed_ip"]["fixed_ip_address"]
    vip = {"ip_address": address, "is_vip": True}
    account.refused("reserved_fixed_ip", "2 interfaces", "connected_ports", **vip, connected_instances=["both"])
    account.refused("reserved_fixed_ip", "0 interfaces", subnet="other", is_vip=True, connected_instances=["web"])
    account.refused("reserved_fixed_ip", "There is no instance 'wep'", **vip, connected_instances=["wep"])
    account.refused(
        "reserved_fixed_ip", "connected_ports needs a virtual IP", ip_address=address, connected_ports=[ids["web_port"]]
    )
    both = {"connected_ports": [ids["web_port"]], "connected_instances": ["web"]}
    account.refused("reserved_fixed_ip", "connected_ports|connected_instances", **vip, **both)


@pytest.mark.parametrize("ports", [{"connected_instances": ["later"]}, {"connected_ports": [LATER]}], ids=str)
@pytest.mark.parametrize("vip", [{"network": "lan", "ip_address": "10.0.0.77"}, {"network": "later"}], ids=str)
def test_check_mode_plans_with_what_is_not_there_yet(account: Account, vip: Any, ports: Any, ids: Ids) -> None:
    if vip["network"] == "lan":
        account.ok("reserved_fixed_ip", **vip)
    planned = account.run("reserved_fixed_ip", check=True, **vip, **ports, is_vip=True)
    assert not planned.failed and planned.result["changed"] and not planned.writes, planned.text
    assert planned.result["reserved_fixed_ip"]["is_vip"] is True


# ------------------------------------------------------------------ deletion


def test_a_virtual_ip_is_turned_off_before_it_is_deleted(account: Account, ids: Ids) -> None:
    account.ok("reserved_fixed_ip", subnet="v4", is_vip=True, connected_ports=[ids["web_port"]])
    run = account.changed("reserved_fixed_ip", subnet="v4", state="absent")
    assert writes(run) == ["PATCH", "DELETE"] and run.writes[0].body == {"is_vip": False}
    assert not reserved(account)


@pytest.mark.parametrize("check", [True, False])
def test_what_is_attached_is_not_deleted(account: Account, ids: Ids, check: bool) -> None:
    port = port_of_balancer(account)
    account.ok("reserved_fixed_ip", port=port)
    balancer = account.ok("load_balancer_info", name="front")["load_balancers"][0]["id"]
    account.refused("reserved_fixed_ip", f"loadbalancer {balancer}", check=check, port=port, state="absent")
    vip = account.ok("reserved_fixed_ip", subnet="other")["reserved_fixed_ip"]["port_id"]
    holder = account.ok("instance", name="holder", interfaces=[{"port": vip}], **VM)["instance"]["id"]
    run = account.refused("reserved_fixed_ip", f"instance {holder}", check=check, id=vip, state="absent")
    assert run.result["error"]["kind"] == "in_use"
    (row,) = account.ok("reserved_fixed_ip_info", device_id=holder)["reserved_fixed_ips"]
    assert row["port_id"] == vip


def test_without_waiting_the_ports_are_pending(account: Account, ids: Ids) -> None:
    vip = {"network": "lan", "ip_address": "10.0.0.77", "is_vip": True, "connected_ports": [ids["web_port"]]}
    run = account.run("reserved_fixed_ip", wait=False, **vip)
    assert writes(run) == ["POST"] and [each["action"] for each in run.result["pending"]] == ["set connected_ports of"]
    account.cloud.simulator.advance(60)
    assert writes(account.run("reserved_fixed_ip", **vip)) == ["PATCH devices"]
