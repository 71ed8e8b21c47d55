# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever the API returns is compared; what it does not return has to exist at least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from .conftest import Account

Given = Mapping[str, Any]
UBUNTU, DEBIAN = "ubuntu-22.04-x64", "debian-12"
UNKNOWN = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"
VM = {"flavor": "g1-standard-1-2", "image": UBUNTU, "volume_size": 10}
POOL = {"name": "backend", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
WEB = {"name": "web", "protocol": "HTTP", "protocol_port": 80}


def private_network(account: Account, name: str, cidr: str) -> str:
    network = account.add("network", name=name)
    account.add("subnet", name="%s-v4" % name, network_id=network, cidr=cidr)
    return network


def image_id(account: Account, name: str) -> str:
    return str(account.ok("image_info", name=name)["images"][0]["id"])


# ---------------------------------------------------------------------- images

SOURCES: dict[str, tuple[str, Given]] = {
    "volume": ("volume", {"name": "boot-1", "size": 10, "image": UBUNTU}),
    "instance": ("instance", {"name": "web", **VM, "external": True}),
    "volumes": (
        "instance",
        {"name": "web", "flavor": VM["flavor"], "external": True, "volumes": [{"image": UBUNTU, "size": 10}]},
    ),
}


def with_image(options: Given, image: str) -> dict[str, Any]:
    if "volumes" in options:
        return {**options, "volumes": [{**each, "image": image} for each in options["volumes"]]}
    return {**options, "image": image}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("source", SOURCES)
def test_another_image_is_refused(account: Account, source: str, check: bool) -> None:
    """It was accepted in silence."""
    module, options = SOURCES[source]
    account.ok(module, **options)
    for image in (DEBIAN, image_id(account, DEBIAN)):
        run = account.refused(module, "image", image, check=check, **with_image(options, image))
        assert run.error_kind == "immutable"


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_image_costs_no_request(account: Account, source: str) -> None:
    module, options = SOURCES[source]
    account.ok(module, **options)
    image = image_id(account, UBUNTU)
    for each in (UBUNTU, image, image.upper()):
        run = account.run(module, **with_image(options, each))
        assert not run.result["changed"] and run.result["not_compared"] == []
        assert not [exchange for exchange in run.exchanges if "images" in exchange.path]


@pytest.mark.parametrize("source", SOURCES)
def test_an_image_that_was_published_again_is_the_same(account: Account, source: str) -> None:
    """Under the same name with another id, or (a renamed one) with the same id under another name."""
    module, options = SOURCES[source]
    account.ok(module, **options)
    old = image_id(account, UBUNTU)
    account.set("image", old, name="ubuntu-22.04-x64-2025")
    new = account.add("image", name=UBUNTU, visibility="public")
    for each in (UBUNTU, new, old, "ubuntu-22.04-x64-2025"):
        run = account.run(module, **with_image(options, each))
        assert not run.failed and not run.writes, (each, run.result["msg"])


def test_a_volume_that_was_not_created_from_an_image_is_refused(account: Account) -> None:
    account.ok("volume", name="data-1", size=5)
    run = account.refused("volume", "image", name="data-1", size=5, image=UBUNTU)
    assert run.error_kind == "immutable"


def test_an_image_of_an_existing_volume_must_exist(account: Account) -> None:
    account.ok("volume", name="boot-1", size=10, image=UBUNTU)
    account.refused("volume", "ubuntu-22.04-x65", name="boot-1", image="ubuntu-22.04-x65")


# ------------------------------------------------------------------- instances


@pytest.mark.parametrize("value", [True, False])
def test_delete_on_termination_is_compared(account: Account, value: bool) -> None:
    volumes = [{"image": UBUNTU, "size": 10, "delete_on_termination": value}, {"name": "data", "size": 1}]
    account.ok("instance", name="web", flavor=VM["flavor"], external=True, volumes=volumes)
    assert account.ok("instance", name="web", volumes=volumes)["not_compared"] == []
    run = account.refused("instance", "volumes[0].delete_on_termination", name="web",
                          volumes=[{**volumes[0], "delete_on_termination": not value}])  # fmt: skip
    assert run.error_kind == "immutable"
    run = account.refused("instance", "volumes[1].delete_on_termination", name="web",
                          volumes=[volumes[0], {**volumes[1], "delete_on_termination": True}])  # fmt: skip
    assert run.error_kind == "immutable"


def test_delete_on_termination_of_an_added_volume_is_not_ignored(account: Account) -> None:
    account.ok("instance", name="web", **VM, external=True)
    account.refused("instance", "delete_on_termination of a volume can be set to true only when", name="web",
                    volumes=[{"name": "data", "size": 1, "delete_on_termination": True}])  # fmt: skip
    wanted = [{"name": "data", "size": 1, "delete_on_termination": False}]
    assert account.ok("instance", name="web", volumes=wanted)["changed"]
    assert not account.run("instance", name="web", volumes=wanted).writes


@pytest.mark.parametrize(
    ("first", "wanted", "option"),
    [
        ({"network": "net", "interface_name": "eth0"}, {"type": "external", "interface_name": "eth0"}, "type"),
        ({"type": "external"}, {"type": "external", "ip_family": "dual"}, "ip_family"),
        ({"network": "net"}, {"network": "net", "ip_family": "ipv6"}, "ip_family"),
    ],
)
def test_an_interface_is_compared(account: Account, first: Given, wanted: Given, option: str) -> None:
    private_network(account, "net", "10.0.0.0/24")
    account.ok("instance", name="web", **VM, interfaces=[first])
    assert (
        account.refused("instance", "interfaces[0].%s" % option, name="web", interfaces=[wanted]).error_kind
        == "immutable"
    )


@pytest.mark.parametrize("family", ["ipv4", "ipv6", "dual"])
def test_the_family_of_an_interface_is_the_same_on_the_next_run(account: Account, family: str) -> None:
    network = private_network(account, "net", "10.0.0.0/24")
    account.add("subnet", name="net-v6", network_id=network, cidr="fd00::/64")
    interfaces = [{"network": "net", "ip_family": family}]
    account.ok("instance", name="web", **VM, interfaces=interfaces)
    again = account.run("instance", name="web", interfaces=interfaces)
    assert not again.writes and again.result["not_compared"] == []


# --------------------------------------------------------------- load balancers


def test_the_network_of_a_load_balancer_is_compared(account: Account) -> None:
    """A public load balancer was accepted where a private one is wanted."""
    net = private_network(account, "net", "10.0.0.0/24")
    private_network(account, "other", "10.1.0.0/24")
    account.add("subnet", name="net-b", network_id=net, cidr="10.2.0.0/24")
    account.ok("load_balancer", name="public")
    run = account.refused("load_balancer", "vip_network", name="public", vip_network="net")
    assert run.error_kind == "immutable"

    private = {"name": "private", "vip_network": "net", "vip_subnet": "net-v4"}
    account.ok("load_balancer", **private)
    again = account.run("load_balancer", **private)
    assert not again.writes and again.result["not_compared"] == []
    assert not account.run("load_balancer", name="private", vip_network=net.upper()).writes
    for wanted in ({"vip_network": "other"}, {"vip_network": "net", "vip_subnet": "net-b"}):
        run = account.refused("load_balancer", "vip_", name="private", **wanted)
        assert run.error_kind == "immutable"
    account.refused("load_balancer", "There is no network", name="private", vip_network="nett")


def test_the_place_of_a_load_balancer_is_read_only_where_it_is_given(account: Account) -> None:
    private_network(account, "net", "10.0.0.0/24")
    account.ok("load_balancer", name="private", vip_network="net")
    assert len(account.run("load_balancer", name="private").exchanges) == 1


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("first", [{}, {"flavor": "lb1-1-2"}])
def test_an_unknown_flavor_of_a_load_balancer_is_not_accepted(account: Account, first: Given, check: bool) -> None:
    account.ok("load_balancer", name="front", **first)
    run = account.run("load_balancer", name="front", flavor="lb1-2-5", check=check)
    assert not run.writes
    if check:
        assert "lb1-2-5" in str(run.result.get("warnings", run.text))
    else:
        assert run.failed and "lb1-2-5" in run.result["msg"] and "lb1-2-4" in run.result["msg"]


def test_a_load_balancer_of_the_default_flavor_says_what_it_does_not_compare(account: Account) -> None:
    account.ok("load_balancer", name="front")
    run = account.run("load_balancer", name="front", flavor="lb1-2-4")
    assert not run.writes and run.result["not_compared"] == ["flavor"]


def test_a_load_balancer_is_resized_once_its_flavor_is_shown(account: Account) -> None:
    account.ok("load_balancer", name="front", flavor="lb1-1-2")
    assert not account.run("load_balancer", name="front", flavor="lb1-1-2").writes
    assert account.ok("load_balancer", name="front", flavor="lb1-2-4")["changed"]
    assert not account.run("load_balancer", name="front", flavor="lb1-2-4").writes


# -------------------------------------------------------------------- subnets


def test_the_router_of_a_subnet_is_compared(account: Account) -> None:
    account.add("network", name="net")
    for name in ("one", "two"):
        account.add("router", name=name)
    wanted = {"name": "sub", "network": "net", "cidr": "10.0.0.0/24", "connect_to_network_router": True}
    account.ok("subnet", **wanted, router_to_connect="one")
    again = account.run("subnet", **wanted, router_to_connect="one")
    assert not again.writes and again.result["not_compared"] == ["connect_to_network_router"]
    run = account.refused("subnet", "router_to_connect", "one", **wanted, router_to_connect="two")
    assert run.error_kind == "immutable"
    account.refused("subnet", "There is no router 'three'", **wanted, router_to_connect="three")


# ------------------------------------------------------- write-only references


def test_an_unknown_name_in_a_write_only_reference_is_refused(account: Account) -> None:
    """It was accepted on an existing resource."""
    volume = account.add("volume", name="source", size=5)
    account.add("snapshot", name="snap-1", volume_id=volume)
    account.ok("volume", name="copy", snapshot="snap-1")
    again = account.run("volume", name="copy", snapshot="snap-1")
    assert not again.writes and again.result["not_compared"] == ["snapshot"]
    account.refused("volume", "There is no snapshot 'snap-2'", name="copy", snapshot="snap-2")


def test_an_unknown_snapshot_of_a_volume_of_an_instance_is_refused(account: Account) -> None:
    volume = account.add("volume", name="source", size=5)
    account.add("snapshot", name="snap-1", volume_id=volume)
    disks = [{"image": UBUNTU, "size": 10}, {"name": "copy", "snapshot": "snap-1", "size": 5, "boot_index": -1}]
    account.ok("instance", name="web", flavor=VM["flavor"], external=True, volumes=disks)
    assert not account.run("instance", name="web", volumes=disks).writes
    account.refused("instance", "There is no snapshot 'snap-2'", name="web",
                    volumes=[disks[0], {**disks[1], "snapshot": "snap-2"}])  # fmt: skip


def test_an_unknown_instance_of_a_member_is_refused(account: Account) -> None:
    private_network(account, "net", "10.0.0.0/24")
    account.ok("instance", name="web-1", **VM, network="net")
    row = account.ok("instance_info", name="web-1")["instances"][0]
    member = {"address": row["addresses"]["net"][0]["addr"], "protocol_port": 80, "instance": "web-1"}
    listeners = [{**WEB, "pools": [{**POOL, "members": [member]}]}]
    account.ok("load_balancer", name="front", vip_network="net", listeners=listeners)
    assert not account.run("load_balancer", name="front", listeners=listeners).writes
    wrong = [{**WEB, "pools": [{**POOL, "members": [{**member, "instance": "web-2"}]}]}]
    account.refused("load_balancer", "There is no instance 'web-2'", name="front", listeners=wrong)


def test_an_id_in_a_write_only_reference_costs_no_request(account: Account) -> None:
    volume = account.add("volume", name="source", size=5)
    snapshot = account.add("snapshot", name="snap-1", volume_id=volume)
    account.ok("volume", name="copy", snapshot="snap-1")
    assert len(account.run("volume", name="copy", snapshot=snapshot).exchanges) == 1
