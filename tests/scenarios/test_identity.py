# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A misread identifier never creates a billable duplicate, and never lets a deletion report success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import CHECKOUT, Account

Given = Mapping[str, Any]
VM = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10}
LISTENER = {"name": "web", "protocol": "HTTP", "protocol_port": 80}
POOL = {"name": "backend", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
DISK = {"image": "ubuntu-22.04-x64", "size": 10}
UNKNOWN = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"

# What would be created under the wrong name, per module.
CREATED: dict[str, Given] = {
    "floating_ip": {},
    "instance": {**VM, "external": True},
    "load_balancer": {},
    "network": {},
    "reserved_fixed_ip": {"network": "net"},
    "router": {},
    "security_group": {},
    "ssh_key": {},
    "subnet": {"network": "net", "cidr": "10.1.0.0/24"},
    "volume": {"size": 5},
}
# Modules whose resource has a name and no id, a number as id, or an id of any form.
NO_UUID = {"flavor_info", "k8s_cluster", "k8s_cluster_info", "k8s_version_info", "load_balancer_flavor_info"}
NUMBERS = {"project_info", "region_info"}


def block(path: Path, name: str) -> dict[str, Any]:
    text = path.read_text(encoding="utf-8").split(name + ' = r"""')[1].split('"""')[0]
    return dict(yaml.safe_load(text))


def documented(path: Path) -> dict[str, Any]:
    """The options of a module, those of its fragments among them."""
    found = block(path, "DOCUMENTATION")
    options = dict(found.get("options", {}))
    for each in found.get("extends_documentation_fragment", []):
        fragment = CHECKOUT / "plugins/doc_fragments" / (each.rsplit(".", 1)[1] + ".py")
        options.update(block(fragment, "DOCUMENTATION").get("options", {}))
    return options


MODULES = {path.stem: documented(path) for path in sorted((CHECKOUT / "plugins/modules").glob("*.py"))}
WITH_ID = sorted(name for name, options in MODULES.items() if "id" in options and name not in NO_UUID)
WRITING = sorted(name for name in WITH_ID if "state" in MODULES[name] and not name.endswith("_info"))


def existing(account: Account, module: str) -> str:
    """The id of a resource that somebody else has created."""
    network = account.add("network", name="net")
    subnet = account.add("subnet", name="sub", network_id=network, cidr="10.0.0.0/24")
    make: dict[str, Callable[[], str]] = {
        "floating_ip": lambda: account.add("floatingip"),
        "image": lambda: account.add("image", name="mine"),
        "instance": lambda: account.add("instance", name="mine"),
        "load_balancer": lambda: account.add("loadbalancer", name="mine"),
        "network": lambda: network,
        "project": lambda: str(account.cloud.project_id),
        "region": lambda: str(account.cloud.region_id),
        "reserved_fixed_ip": lambda: account.add("reserved_fixed_ip"),
        "router": lambda: account.add("router", name="mine"),
        "security_group": lambda: account.add("security_group", name="mine"),
        "ssh_key": lambda: account.add("ssh_key", name="mine"),
        "subnet": lambda: subnet,
        "volume": lambda: account.add("volume", name="mine", size=5),
    }
    return make[module.replace("_info", "")]()


# Resources without a name, and the address that identifies them.
ADDRESSES = {"floating_ip": "floating_ip_address", "reserved_fixed_ip": "ip_address"}


def named(module: str, value: str) -> dict[str, str]:
    return {ADDRESSES.get(module, "name"): value}


def test_every_module_with_an_id_is_tested() -> None:
    assert set(WRITING) == set(CREATED)


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("module", WRITING)
def test_the_id_of_an_existing_resource_is_not_a_name(account: Account, module: str, state: str, check: bool) -> None:
    """It created a second resource with that name, and its deletion reported ok."""
    identifier = existing(account, module)
    words = "is not an IP address" if module in ADDRESSES else "is the id of"
    hint = "" if module == "reserved_fixed_ip" else "Use id."
    run = account.refused(
        module, "'%s' %s" % (identifier, words), hint, check=check, state=state,
        **named(module, identifier), **(CREATED[module] if state == "present" else {}),
    )  # fmt: skip
    assert run.error_kind == "options"


@pytest.mark.parametrize("module", sorted(name for name in WITH_ID if name.endswith("_info") and name != "task_info"))
def test_an_info_module_does_not_report_that_it_does_not_exist(account: Account, module: str) -> None:
    """A play that creates what an _info module does not find would create a second one."""
    identifier = existing(account, module)
    account.refused(module, "name '%s' is the id of" % identifier, "Use id.", name=identifier)
    plural = "%ss" % module.replace("_info", "")
    found = account.ok(module, id=identifier.upper())[plural]
    assert len(found) == 1


@pytest.mark.parametrize("module", WRITING)
def test_a_name_that_is_no_id_costs_no_request(account: Account, module: str) -> None:
    existing(account, module)
    key = {"port": UNKNOWN} if module in ADDRESSES else {"name": "missing"}
    run = account.run(module, state="absent", **key)
    assert len(run.exchanges) == 1, run.exchanges
    assert not run.failed and not run.result["changed"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_address_that_cannot_be_one_is_refused_without_a_request(account: Account, state: str) -> None:
    for address in ("web-1", "203.0.113.300", UNKNOWN):
        run = account.refused(
            "floating_ip", "'%s' is not an IP address" % address, floating_ip_address=address, state=state
        )
        assert not run.exchanges


def test_a_name_in_the_form_of_an_id_is_a_name_when_nothing_has_that_id(account: Account) -> None:
    created = account.ok("volume", name=UNKNOWN, size=5)
    assert created["changed"] and created["volume"]["name"] == UNKNOWN
    assert not account.ok("volume", name=UNKNOWN, size=5)["changed"]
    assert account.ok("volume", name=UNKNOWN, state="absent")["changed"]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("module", WITH_ID)
def test_an_id_that_cannot_be_one_is_refused_without_a_request(account: Account, module: str, check: bool) -> None:
    """With state absent it reported ok."""
    states = MODULES[module]["state"]["choices"] if module in WRITING else [None]
    for state in states:
        options = {"id": "some-name"} if state is None else {"id": "some-name", "state": state}
        run = account.refused(module, "id 'some-name' is not a", check=check, **options)
        assert not run.exchanges
        assert ("number" if module in NUMBERS else "UUID") in run.result["msg"]


@pytest.mark.parametrize("module", WRITING)
def test_an_id_in_capital_letters_is_the_same_id(account: Account, module: str) -> None:
    identifier = existing(account, module)
    run = account.run(module, id=identifier.upper())
    assert not run.failed and not run.writes, run.text
    assert account.run(module, id=identifier.upper(), state="absent", check=True).result["changed"]


def test_the_id_of_a_volume_is_not_the_name_of_a_new_one_of_an_instance(account: Account) -> None:
    found = account.add("volume", name="data", size=5)
    plain = {"name": "web", "flavor": VM["flavor"], "external": True}
    account.refused(
        "instance", "name '%s' is the id of the volume 'data'" % found, "Use volume.",
        **plain, volumes=[{"image": VM["image"], "size": 10}, {"name": found, "size": 5}],
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["pools", "listeners"])
def test_the_id_of_a_part_of_a_load_balancer_is_not_a_name(account: Account, kind: str) -> None:
    balancer = account.ok("load_balancer", name="front", listeners=[{**LISTENER, "pools": [POOL]}])
    found = balancer["created_resources"][kind][0]
    wanted: Given = {
        "pools": {"listeners": [{**LISTENER, "pools": [{**POOL, "name": found}]}]},
        "listeners": {"listeners": [{**LISTENER, "name": found}]},
    }[kind]
    account.refused("load_balancer", "name '%s' is the id of" % found, "Use the name of the", name="front", **wanted)


# ------------------------------------------------------------------ interfaces


def addresses(account: Account, name: str) -> list[str]:
    """The public addresses of an instance."""
    rows = account.ok("instance_info", name=name)["instances"][0]["addresses"]
    return sorted(each["addr"] for network, found in rows.items() if network == "pub_net" for each in found)


def private_network(account: Account, name: str = "net", cidr: str = "10.0.0.0/24") -> str:
    network = account.add("network", name=name)
    account.add("subnet", name="%s-v4" % name, network_id=network, cidr=cidr)
    return network


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        ({"type": "external"}, {"type": "external", "interface_name": "eth0"}),
        ({"type": "external", "interface_name": "eth0"}, {"type": "external", "interface_name": "wan0"}),
        ({"type": "external", "interface_name": "eth0"}, {"type": "external", "interface_name": "ETH0"}),
        ({"type": "external", "interface_name": "eth0"}, {"type": "external", "interface_name": " eth0 "}),
        ({"network": "net"}, {"network": "net", "interface_name": "eth0"}),
        ({"network": "net", "subnet": "net-v4"}, {"network": "net", "subnet": "net-v4", "interface_name": "eth0"}),
    ],
)
def test_an_interface_under_another_name_is_not_created_again(
    account: Account, first: Given, wanted: Given, check: bool
) -> None:
    private_network(account)
    account.ok("instance", name="web", **VM, interfaces=[first])
    before = addresses(account, "web")
    run = account.refused(
        "instance", "interfaces[0]", "'%s'" % wanted["interface_name"], "purge_interfaces", "interface_name",
        check=check, name="web", interfaces=[wanted],
    )  # fmt: skip
    assert all(each in run.result["msg"] for each in before)
    assert addresses(account, "web") == before


def test_another_interface_is_created_when_the_existing_one_is_listed(account: Account) -> None:
    account.ok("instance", name="web", **VM, external=True)
    wanted = [{"type": "external"}, {"type": "external", "interface_name": "eth1"}]
    assert account.ok("instance", name="web", interfaces=wanted)["changed"]
    assert len(addresses(account, "web")) == 2
    assert not account.run("instance", name="web", interfaces=wanted).writes


def test_an_interface_under_another_name_is_replaced_where_interfaces_are_removed(account: Account) -> None:
    account.ok("instance", name="web", **VM, interfaces=[{"type": "external", "interface_name": "eth0"}])
    wanted = [{"type": "external", "interface_name": "wan0"}]
    assert account.ok("instance", name="web", interfaces=wanted, purge_interfaces=True)["changed"]
    assert len(addresses(account, "web")) == 1
    assert not account.run("instance", name="web", interfaces=wanted, purge_interfaces=True).writes


def test_a_volume_without_a_name_is_not_created_again(account: Account) -> None:
    account.ok("instance", name="web", **VM, external=True)
    volume = account.ok("volume", name="data", size=5, instance="web")["volume"]["id"]
    account.set("volume", volume, name="")
    account.refused("instance", "volumes[0]", volume, name="web", volumes=[{"name": "data", "size": 5}])
    assert not account.run("instance", name="web", volumes=[{"volume": volume}]).writes


@pytest.mark.parametrize("check", [False, True])
def test_a_new_volume_from_an_image_is_not_taken_for_the_boot_volume(account: Account, check: bool) -> None:
    """It renamed and grew the boot volume. Only boot_index 0 does that."""
    account.ok("instance", name="web", flavor=VM["flavor"], external=True, volumes=[{"name": "boot", **DISK}])
    second = {"name": "second", "image": VM["image"], "size": 12}
    for purge in (False, True):
        account.refused(
            "instance", "volumes[0]", "'second'", check=check, name="web", volumes=[second], purge_volumes=purge
        )
    assert account.ok("instance", name="web", volumes=[{"name": "renamed", **DISK, "boot_index": 0}])["changed"]
    both = [second, {"name": "renamed", **DISK}]
    created = account.ok("instance", name="web", volumes=both)
    assert len(created["created_resources"]["volumes"]) == 1
    assert not account.run("instance", name="web", volumes=both).writes


@pytest.mark.parametrize("option", ["network", "subnet", "port"])
def test_ids_in_capital_letters_do_not_attach_again(account: Account, option: str) -> None:
    network = private_network(account)
    account.ok("instance", name="web", **VM, interfaces=[{"network": "net", "subnet": "net-v4"}])
    port = account.ok("instance", name="web")["instance"]
    subnets = account.ok("subnet_info", name="net-v4")["subnets"]
    identifier = {"network": network, "subnet": subnets[0]["id"], "port": None}[option]
    if identifier is None:
        rows = account.cloud.records()
        identifier = next(
            each for kind, each in rows if kind == "port" and rows[kind, each].data["owner_id"] == port["id"]
        )
    assert not account.run("instance", name="web", interfaces=[{option: identifier.upper()}]).writes


def test_a_floating_ip_is_not_allocated_again_for_an_instance_in_capital_letters(account: Account) -> None:
    private_network(account)
    instance = account.ok("instance", name="web", **VM, network="net")["instance"]["id"]
    assert account.ok("floating_ip", instance="web")["changed"]
    assert not account.run("floating_ip", instance=instance.upper()).writes


# ------------------------------------------------------------ public by omission


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"security_groups": ["default"]},
        {"floating_ip": "new"},
        {"ip_family": "ipv4"},
    ],
)
def test_an_interface_is_never_public_by_omission(account: Account, entry: Given, exists: bool, check: bool) -> None:
    private_network(account)
    if exists:
        account.ok("instance", name="web", **VM, network="net")
    run = account.refused(
        "instance", "interfaces[1] needs network, subnet or port", "type: external",
        check=check, name="web", **VM, interfaces=[{"network": "net"}, entry],
    )  # fmt: skip
    assert not run.exchanges


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("entry", [{"interface_name": "eth7"}, {"ip_address": "10.0.0.77"}])
def test_what_identifies_an_interface_does_not_create_a_public_one(
    account: Account, entry: Given, exists: bool
) -> None:
    private_network(account)
    if exists:
        account.ok("instance", name="web", **VM, network="net")
    account.refused("instance", "creating one needs network", name="web", **VM, interfaces=[{"network": "net"}, entry])


def test_an_existing_interface_is_identified_by_its_name_alone(account: Account) -> None:
    private_network(account)
    account.ok("instance", name="web", **VM, interfaces=[{"network": "net", "interface_name": "eth0"}])
    assert not account.run("instance", name="web", interfaces=[{"interface_name": "eth0"}]).writes


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"type": "external", "network": "net"}, "interfaces[0] has type external and network"),
        ({"type": "external", "port": "10.0.0.9"}, "interfaces[0] has type external and port"),
        ({"type": "external", "floating_ip": "new"}, "interfaces[0] is a public interface"),
        ({"type": "any_subnet"}, "interfaces[0] has type any_subnet and no network"),
        ({"type": "subnet", "network": "net"}, "interfaces[0] has type subnet and no subnet"),
        ({"type": "any_subnet", "network": "net", "subnet": "net-v4"}, "interfaces[0] has type any_subnet and subnet"),
        ({"type": "reserved_fixed_ip"}, "interfaces[0] has type reserved_fixed_ip and no port"),
    ],
)
def test_an_interface_is_not_in_two_places(account: Account, entry: Given, words: str) -> None:
    assert not account.refused("instance", words, name="web", **VM, interfaces=[entry]).exchanges


def test_a_public_interface_is_created_where_it_is_asked_for(account: Account) -> None:
    account.ok("instance", name="plain", **VM, external=True)
    account.ok("instance", name="listed", **VM, interfaces=[{"type": "external"}])
    assert len(addresses(account, "plain")) == len(addresses(account, "listed")) == 1
    assert not account.run("instance", name="plain", external=True).writes
    assert not account.run("instance", name="listed", interfaces=[{"type": "external"}]).writes
