# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Floating IPs, reserved IPs, ports (docs/api-notes.md: Floating IPs, Reserved fixed IPs, Ports)."""

from __future__ import annotations

import pytest

from .conftest import World


def private_port(world: World) -> tuple[str, str, str]:
    """A network, and the port of an instance in it."""
    network_id = world.network()
    world.subnet(network_id)
    vm_id = world.vm_in(network_id)
    return network_id, world.get(f"/v1/instances/{{P}}/{vm_id}/interfaces")["results"][0]["port_id"], vm_id


def test_floating_ip(world: World) -> None:
    floating_id = world.make("floatingips", "/v1/floatingips/{P}", {"tags": {"a": "b"}})
    path, patch = f"/v1/floatingips/{{P}}/{floating_id}", f"/v2/floatingips/{{P}}/{floating_id}"
    floating = world.get(path)
    assert (floating["status"], floating["port_id"], floating["router_id"]) == ("DOWN", None, None)
    _unused, port_id, vm_id = private_port(world)
    assert world.ok("PATCH", patch, {"port_id": None}) == {"tasks": []}
    assert world.ok("PATCH", patch, {"tags": {"a": "b"}}) == {"tasks": []}
    world.refused(400, "PATCH", patch, {"port_id": port_id, "fixed_ip_address": "10.0.0.77"})
    world.run("PATCH", patch, {"port_id": port_id})
    floating = world.get(path)
    assert (floating["status"], floating["fixed_ip_address"]) == ("ACTIVE", "10.0.0.2")
    assert floating["router_id"] == world.get("/v1/routers/{P}")["results"][0]["id"]
    assert world.ok("PATCH", patch, {"port_id": port_id, "fixed_ip_address": "10.0.0.2"}) == {"tasks": []}
    world.refused(409, "POST", "/v1/floatingips/{P}", {"port_id": port_id})
    listed = world.get("/v1/floatingips/{P}", status="ACTIVE", port_ids=port_id)["results"]
    assert listed[0]["instance"]["id"] == vm_id and listed[0]["loadbalancer"] is None
    assert "instance" not in floating
    world.run("PATCH", patch, {"port_id": None, "tags": {"a": None}})
    assert (world.get(path)["status"], world.get(path)["tags"]) == ("DOWN", [])
    world.run("DELETE", path)
    world.refused(404, "GET", path)


def test_floating_ip_with_a_port(world: World) -> None:
    _unused, port_id, vm_id = private_port(world)
    world.refused(400, "POST", "/v1/floatingips/{P}", {"fixed_ip_address": "10.0.0.2"})
    floating_id = world.make("floatingips", "/v1/floatingips/{P}", {"port_id": port_id})
    addresses = world.get(f"/v1/instances/{{P}}/{vm_id}")["addresses"]["net"]
    assert [row["type"] for row in addresses] == ["fixed", "floating"]
    world.run("DELETE", f"/v1/instances/{{P}}/{vm_id}", query={"floatings": floating_id})
    world.refused(404, "GET", f"/v1/floatingips/{{P}}/{floating_id}")


def test_floating_ip_moves(world: World) -> None:
    network_id, port_id, _unused = private_port(world)
    other_id = world.get(f"/v1/instances/{{P}}/{world.vm_in(network_id, 'vm2')}/interfaces")["results"][0]["port_id"]
    first = world.make("floatingips", "/v1/floatingips/{P}", {"port_id": port_id})
    second = world.make("floatingips", "/v1/floatingips/{P}", {})
    taken = {"port_id": port_id, "fixed_ip_address": "10.0.0.2"}
    world.refused(409, "PATCH", f"/v2/floatingips/{{P}}/{second}", taken)
    world.refused(409, "PATCH", f"/v2/floatingips/{{P}}/{second}", {"port_id": port_id})
    task_id = world.start("PATCH", f"/v2/floatingips/{{P}}/{first}", {"port_id": other_id})
    floating = world.get(f"/v1/floatingips/{{P}}/{first}")
    assert (floating["task_id"], floating["port_id"]) == (task_id, port_id)
    # neither the address of the port, nor the floating IP, is free before the end
    world.refused(409, "PATCH", f"/v2/floatingips/{{P}}/{second}", {"port_id": other_id})
    world.refused(409, "DELETE", f"/v1/floatingips/{{P}}/{first}")
    assert world.wait(task_id)["task_type"] == "update_floating_ip"
    floating = world.get(f"/v1/floatingips/{{P}}/{first}")
    assert (floating["port_id"], floating["fixed_ip_address"]) == (other_id, "10.0.0.3")
    assert floating["task_id"] is None and floating["status"] == "ACTIVE"
    world.run("PATCH", f"/v2/floatingips/{{P}}/{second}", taken)
    world.refused(400, "PATCH", f"/v2/floatingips/{{P}}/{second}", {"port_id": None, "fixed_ip_address": "10.0.0.2"})


def test_floating_ip_not_on_public_ports(world: World) -> None:
    port_id = world.get(f"/v1/instances/{{P}}/{world.vm()}/interfaces")["results"][0]["port_id"]
    world.refused(400, "POST", "/v1/floatingips/{P}", {"port_id": port_id})


def test_conversion_and_back(world: World) -> None:
    floating_id = world.make("floatingips", "/v1/floatingips/{P}", {})
    address = world.get(f"/v1/floatingips/{{P}}/{floating_id}")["floating_ip_address"]
    body = {"target_type": "reserved_fixed_ip"}
    task = world.run("POST", f"/v1/floatingips/{{P}}/{floating_id}/convert", body)
    assert task["task_type"] == "convert_fip_to_reserved_fixed_ip"
    reserved_id = task["created_resources"]["ports"][0]
    assert world.get(f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}")["fixed_ip_address"] == address
    world.refused(404, "GET", f"/v1/floatingips/{{P}}/{floating_id}")
    path = f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}/convert"
    task = world.run("POST", path, {"target_type": "floating_ip"})
    back = world.get(f"/v1/floatingips/{{P}}/{task['created_resources']['floatingips'][0]}")
    assert back["floating_ip_address"] == address
    other = world.make("floatingips", "/v1/floatingips/{P}", {})
    assert world.get(f"/v1/floatingips/{{P}}/{other}")["floating_ip_address"] != address


@pytest.mark.parametrize("start", ["floatingips", "reserved_fixed_ips"])
def test_failed_conversion_keeps_the_address(world: World, start: str) -> None:
    if start == "floatingips":
        ident = world.make("floatingips", "/v1/floatingips/{P}", {})
        body = {"target_type": "reserved_fixed_ip"}
    else:
        ident = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external"})
        body = {"target_type": "floating_ip"}
    world.faults({"kind": "task_error"})
    before = world.get(f"/v1/{start}/{{P}}/{ident}")
    assert world.wait(world.start("POST", f"/v1/{start}/{{P}}/{ident}/convert", body))["state"] == "ERROR"
    after = world.get(f"/v1/{start}/{{P}}/{ident}")
    address = "floating_ip_address" if start == "floatingips" else "fixed_ip_address"
    assert after[address] == before[address]
    other = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external"})
    assert world.get(f"/v1/reserved_fixed_ips/{{P}}/{other}")["fixed_ip_address"] != after[address]


def test_reserved_external(world: World) -> None:
    reserved_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external"})
    path = f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}"
    reserved = world.get(path)
    assert reserved["name"] == f"Reserved fixed ip {reserved['fixed_ip_address']}"
    assert (reserved["is_external"], reserved["is_vip"], reserved["status"]) == (True, False, "DOWN")
    assert reserved["reservation"] == {"status": "available", "resource_type": None, "resource_id": None}
    assert reserved["network"]["name"] == "pub_net" and "id" not in reserved and "tags" not in reserved
    assert world.get(f"/v1/ports/{{P}}/{reserved_id}")["capabilities"] is None
    assert world.ok("PATCH", path, {"is_vip": True})["is_vip"] is True
    assert "VIP" in world.refused(409, "DELETE", path)["message"]
    world.ok("PATCH", path, {"is_vip": False})
    world.run("DELETE", path)
    world.refused(404, "GET", path)
    world.refused(404, "GET", f"/v1/ports/{{P}}/{reserved_id}")


@pytest.mark.parametrize("family", ["ipv6", "dual"])
def test_reserved_families(world: World, family: str) -> None:
    reserved_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external", "ip_family": family})
    reserved = world.get(f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}")
    assert reserved["fixed_ipv6_address"].startswith("2001:db8:") and reserved["subnet_v6_id"]
    assert (reserved["fixed_ip_address"] is not None) == (family == "dual")


def test_reserved_private(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id)
    path = "/v1/reserved_fixed_ips/{P}"
    first = world.make("ports", path, {"type": "subnet", "subnet_id": subnet_id, "is_vip": True})
    second = world.make("ports", path, {"type": "any_subnet", "network_id": network_id})
    chosen = {"type": "ip_address", "network_id": network_id, "ip_address": "10.0.0.40"}
    third = world.make("ports", path, chosen)
    world.refused(409, "POST", path, chosen)
    world.refused(400, "POST", path, {**chosen, "ip_address": "10.9.0.1"})
    world.refused(400, "POST", path, {**chosen, "ip_family": "ipv4"})
    listed = world.get(path)["results"]
    assert [row["port_id"] for row in listed] == [first, second, third]
    assert world.get(path, vip_only="true")["count"] == 1
    assert world.get(path, external_only="true")["count"] == 0
    assert world.get(path, internal_only="true", available_only="true")["count"] == 3
    assert world.get(path, ip_address=r"\.40$")["results"][0]["port_id"] == third
    world.refused(409, "DELETE", f"/v1/networks/{{P}}/{network_id}")


def test_attached_reserved_ip_stays(world: World) -> None:
    reserved_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external"})
    vm_id = world.vm(interfaces=[{"type": "reserved_fixed_ip", "port_id": reserved_id}])
    path = f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}"
    world.refused(409, "DELETE", path)
    world.refused(409, "POST", f"{path}/convert", {"target_type": "floating_ip"})
    assert world.get("/v1/reserved_fixed_ips/{P}", device_id=vm_id)["count"] == 1
    world.run("DELETE", f"/v1/instances/{{P}}/{vm_id}", query={"reserved_fixed_ips": reserved_id})
    world.refused(404, "GET", path)


def test_reserve_a_port_that_is_there(world: World) -> None:
    _unused, port_id, vm_id = private_port(world)
    assert world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "port", "port_id": port_id}) == port_id
    world.refused(409, "POST", "/v1/reserved_fixed_ips/{P}", {"type": "port", "port_id": port_id})
    world.run("DELETE", f"/v1/instances/{{P}}/{vm_id}")
    reserved = world.get(f"/v1/reserved_fixed_ips/{{P}}/{port_id}")
    assert reserved["reservation"]["status"] == "available"


def test_vip_devices(world: World) -> None:
    network_id, port_id, vm_id = private_port(world)
    body = {"type": "any_subnet", "network_id": network_id}
    vip_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", body)
    path = f"/v1/reserved_fixed_ips/{{P}}/{vip_id}"
    world.refused(400, "PATCH", f"{path}/connected_devices", {"port_ids": [port_id]})
    world.ok("PATCH", path, {"is_vip": True})
    candidates = world.get(f"{path}/available_devices")["results"]
    assert [(row["port_id"], row["instance_id"]) for row in candidates] == [(port_id, vm_id)]
    connected = world.ok("PATCH", f"{path}/connected_devices", {"port_ids": [port_id]})
    assert connected["count"] == 1 and world.get(f"{path}/available_devices")["count"] == 0
    assert world.get(path)["attachments"] == [{"resource_type": "instance", "resource_id": vm_id}]
    assert world.ok("PUT", f"{path}/connected_devices", {"port_ids": []})["count"] == 0
    world.refused(404, "PUT", f"{path}/connected_devices", {"port_ids": [network_id]})


def test_port_patch(world: World) -> None:
    network_id, port_id, _unused = private_port(world)
    path = f"/v1/ports/{{P}}/{port_id}"
    port = world.get(path)
    assert port["managed_by"] == "user" and port["capabilities"]["port_security"] is True
    assert port["system_tags"] == {"image_name": "debian-12", "os_type": "linux"} and port["tags"] == {}
    same = {"security_group_ids": port["security_group_ids"], "port_security_enabled": True, "tags": {}}
    assert world.ok("PATCH", path, same) == {"tasks": []}
    subnet_id = port["ip_assignments"][0]["subnet_id"]
    change = {
        "allowed_address_pairs": [{"ip_address": "10.0.0.99"}, {"ip_address": "10.0.0.128/25"}],
        "security_group_ids": [],
        "tags": {"a": "b"},
        "ip_assignments": [{"ip_address": "10.0.0.60", "subnet_id": subnet_id}],
    }
    assert world.run("PATCH", path, change)["task_type"] == "update_port"
    port = world.get(path)
    assert port["ip_assignments"][0]["ip_address"] == "10.0.0.60" and port["security_group_ids"] == []
    assert port["tags"] == {"a": "b"} and len(port["allowed_address_pairs"]) == 2
    world.refused(400, "PATCH", path, {"ip_assignments": []})
    world.refused(400, "PATCH", path, {"tags": None})
    world.refused(400, "PATCH", path, {"allowed_address_pairs": [{"ip_address": "10.0.0.9", "mac_address": None}]})
    world.refused(404, "PATCH", path, {"security_group_ids": [network_id]})


def test_port_limits(world: World) -> None:
    network_id, port_id, vm_id = private_port(world)
    listed = world.get("/v1/ports/{P}", network_ids=network_id)["results"]
    router_port = next(row["id"] for row in listed if row["managed_by"] == "system")
    world.refused(403, "PATCH", f"/v1/ports/{{P}}/{router_port}", {"port_security_enabled": False})
    assert world.get("/v1/ports/{P}", ids=[port_id])["count"] == 1
    assert world.get(f"/v1/ports/{{P}}/{port_id}")["attached_to"] == {
        "resource_id": vm_id,
        "resource_type": "instance",
        "trunk": None,
    }
    for query, found in (
        ({"resource_type": "instance", "resource_id": vm_id}, {port_id}),
        ({"resource_type": "router", "managed_by": "system"}, {router_port}),
        ({"resource_type": "router", "managed_by": "user"}, set()),
        ({"resource_id": network_id}, set()),
        ({"parent_port_id": port_id}, set()),
    ):
        assert {row["id"] for row in world.get("/v1/ports/{P}", **query)["results"]} == found
    world.refused(400, "GET", "/v1/ports/{P}", query={"resource_type": "loadbalancer"})
    free = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "any_subnet", "network_id": network_id})
    assert world.get(f"/v1/ports/{{P}}/{free}")["attached_to"] is None
    assert [row["id"] for row in world.get("/v1/ports/{P}", attached="false")["results"]] == [free]
    world.run("DELETE", f"/v1/reserved_fixed_ips/{{P}}/{free}")
    assert world.get("/v1/ports/{P}", ip_addresses=["10.0.0.2", "10.0.0.1"])["count"] == 2
    public = world.get(f"/v1/instances/{{P}}/{world.vm('vm2')}/interfaces")["results"][0]["port_id"]
    pairs = {"allowed_address_pairs": [{"ip_address": "10.0.0.99"}]}
    world.refused(400, "PATCH", f"/v1/ports/{{P}}/{public}", pairs)


def test_a_full_subnet(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id, "10.0.0.0/29")
    body = {"type": "subnet", "subnet_id": subnet_id}
    for _each in range(5):
        world.make("ports", "/v1/reserved_fixed_ips/{P}", body)
    assert world.get(f"/v1/subnets/{{P}}/{subnet_id}")["available_ips"] == 0
    world.refused(409, "POST", "/v1/reserved_fixed_ips/{P}", body)
    vm = world.vm_body(interfaces=[{"type": "external"}, {"type": "any_subnet", "network_id": network_id}])
    world.refused(409, "POST", "/v2/instances/{P}", vm)
    assert world.get("/v1/instances/{P}")["count"] == 0
