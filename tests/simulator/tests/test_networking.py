# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Networks, subnets, routers (docs/api-notes.md: Networks and routers, Subnets)."""

from __future__ import annotations

import pytest

from .conftest import World


def test_network_with_router(world: World) -> None:
    task = world.run("POST", "/v1/networks/{P}", {"name": "net", "tags": {"a": "b"}})
    made = task["created_resources"]
    network = world.get(f"/v1/networks/{{P}}/{made['networks'][0]}")
    assert (network["type"], network["external"], network["shared"], network["mtu"]) == ("vxlan", False, False, 1450)
    assert network["tags"] == [{"key": "a", "value": "b", "read_only": False}]
    router = world.get(f"/v1/routers/{{P}}/{made['routers'][0]}")
    gateway = router["external_gateway_info"]
    external = world.get("/v1/regions/76")["external_network_id"]
    assert gateway["network_id"] == external and gateway["enable_snat"] is True and "type" not in gateway
    assert len(gateway["external_fixed_ips"]) == 1
    assert router["status"] == "ACTIVE" and "tags" not in router


def test_network_without_router(world: World) -> None:
    world.network(create_router=False)
    assert world.get("/v1/routers/{P}")["count"] == 0


def test_a_network_is_there_when_its_task_is_done(world: World) -> None:
    task_id = world.start("POST", "/v1/networks/{P}", {"name": "net"})
    assert world.get("/v1/networks/{P}")["count"] == 0
    world.wait(task_id)
    assert world.get("/v1/networks/{P}")["count"] == 1


def test_names_are_not_unique(world: World) -> None:
    assert world.network("same") != world.network("same")
    assert world.get("/v1/networks/{P}", name="same")["count"] == 2


def test_external_network_is_listed_on_demand(world: World) -> None:
    assert world.get("/v1/networks/{P}")["count"] == 0
    found = world.get("/v1/networks/{P}", owned_by="any", external="true")["results"]
    assert [row["name"] for row in found] == ["pub_net"] and found[0]["project_id"] is None
    assert world.get(f"/v1/networks/1000002/76/{found[0]['id']}")["name"] == "pub_net"
    assert world.get("/v1/subnets/{P}")["count"] == 0
    assert world.get("/v1/subnets/{P}", owned_by="any")["count"] == 3
    world.refused(404, "DELETE", f"/v1/networks/{{P}}/{found[0]['id']}")


def test_network_patch(world: World) -> None:
    network_id = world.network(tags={"keep": "1", "drop": "2"})
    path = f"/v2/networks/{{P}}/{network_id}"
    for same in ({}, {"name": "net"}, {"tags": {}}, {"tags": {"keep": "1"}}, {"tags": {"absent": None}}):
        assert world.ok("PATCH", path, same) == {"tasks": []}
    world.run("PATCH", path, {"name": "new", "tags": {"drop": None, "more": "3"}})
    network = world.get(f"/v1/networks/{{P}}/{network_id}")
    assert network["name"] == "new"
    assert {tag["key"]: tag["value"] for tag in network["tags"]} == {"keep": "1", "more": "3"}
    world.refused(400, "PATCH", path, {"name": None})


def test_read_only_tags_stay(world: World) -> None:
    network_id = world.network(tags={"a": "b"})
    record = world.sim.store.get("network", network_id)
    assert record
    record.read_only_tags["platform"] = "x"
    path = f"/v2/networks/{{P}}/{network_id}"
    world.refused(400, "PATCH", path, {"tags": {"platform": None}})
    world.run("PATCH", path, {"tags": None})
    assert world.get(f"/v1/networks/{{P}}/{network_id}")["tags"] == [
        {"key": "platform", "value": "x", "read_only": True}
    ]


def test_network_delete_takes_its_subnets_and_leaves_its_router(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id)
    world.run("DELETE", f"/v1/networks/{{P}}/{network_id}")
    world.refused(404, "GET", f"/v1/networks/{{P}}/{network_id}")
    world.refused(404, "GET", f"/v1/subnets/{{P}}/{subnet_id}")
    assert world.get("/v1/routers/{P}")["results"][0]["interfaces"] == []


def test_network_and_subnet_in_use_refuse_deletion(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id)
    vm_id = world.vm_in(network_id)
    assert "locked" not in world.refused(409, "DELETE", f"/v1/networks/{{P}}/{network_id}")["message"]
    world.refused(409, "DELETE", f"/v1/subnets/{{P}}/{subnet_id}")
    ports = world.get(f"/v1/networks/{{P}}/{network_id}/ports")
    assert [row["instance_id"] for row in ports["results"]] == [vm_id]
    world.run("DELETE", f"/v1/instances/{{P}}/{vm_id}")
    world.run("DELETE", f"/v1/subnets/{{P}}/{subnet_id}")


def test_subnet_defaults(world: World) -> None:
    network_id = world.network()
    subnet = world.get(f"/v1/subnets/{{P}}/{world.subnet(network_id, '192.168.10.0/24')}")
    assert (subnet["gateway_ip"], subnet["enable_dhcp"], subnet["ip_version"]) == ("192.168.10.1", True, 4)
    assert (subnet["dns_nameservers"], subnet["host_routes"], subnet["has_router"]) == ([], [], False)
    assert subnet["total_ips"] == 253
    assert world.get(f"/v1/networks/{{P}}/{network_id}")["subnets"] == [subnet["id"]]
    interfaces = world.get("/v1/routers/{P}")["results"][0]["interfaces"]
    assert interfaces[0]["ip_assignments"] == [{"ip_address": "192.168.10.1", "subnet_id": subnet["id"]}]


def test_automatic_resolvers(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id, enable_dhcp=False)
    path = f"/v1/subnets/{{P}}/{subnet_id}"
    assert world.get(path)["dns_nameservers"] == ["95.85.95.85", "8.8.8.8"]
    assert world.ok("PATCH", path, {"dns_nameservers": []})["dns_nameservers"] == []
    assert world.ok("PATCH", path, {"dns_nameservers": ["1.1.1.1", "8.8.4.4"]})["dns_nameservers"][0] == "1.1.1.1"
    assert world.ok("PATCH", path, {"dns_nameservers": None})["dns_nameservers"][1] == "8.8.8.8"


@pytest.mark.parametrize(
    "change",
    [
        {"gateway_ip": None},
        {"gateway_ip": "10.0.1.1"},
        {"gateway_ip": "10.0.0.0"},
        {"gateway_ip": "10.0.0.255"},
        {"cidr": "10.0.0.1/24"},
        {"cidr": "10.0.0.0/31"},
        {"ip_version": 6},
        {"router_id_to_connect": "00000000-0000-4000-8000-000000000000", "connect_to_network_router": False},
        {"host_routes": [{"destination": "10.1.0.0/24", "nexthop": "10.0.0.9"}] * 21},
        {"host_routes": [{"destination": "10.1.0.0/24"}]},
        {"dns_nameservers": ["resolver"]},
    ],
)
def test_subnet_refusals(world: World, change: dict[str, object]) -> None:
    body = {"name": "sub", "network_id": world.network(), "cidr": "10.0.0.0/24", **change}
    world.refused(400, "POST", "/v1/subnets/{P}", body)


def test_subnet_without_gateway(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id, gateway_ip=None, connect_to_network_router=False)
    assert world.get(f"/v1/subnets/{{P}}/{subnet_id}")["gateway_ip"] is None
    assert world.get("/v1/routers/{P}")["results"][0]["interfaces"] == []
    point_to_point = world.subnet(network_id, "10.1.0.0/31", gateway_ip=None, connect_to_network_router=False)
    assert world.get(f"/v1/subnets/{{P}}/{point_to_point}")["total_ips"] == 2


def test_overlap_in_a_network_is_refused(world: World) -> None:
    network_id = world.network()
    world.subnet(network_id, "10.0.0.0/16")
    body = {"name": "sub", "network_id": network_id, "cidr": "10.0.5.0/24"}
    world.refused(400, "POST", "/v1/subnets/{P}", body)
    world.subnet(world.network("other"), "10.0.5.0/24")


def test_subnets_are_ordered_by_cidr(world: World) -> None:
    network_id = world.network()
    for cidr in ("10.0.10.0/24", "10.0.2.0/24", "9.0.0.0/24"):
        world.subnet(network_id, cidr)
    listed = world.get("/v1/subnets/{P}", network_id=network_id)["results"]
    assert [row["cidr"] for row in listed] == ["9.0.0.0/24", "10.0.2.0/24", "10.0.10.0/24"]


def test_ipv6_subnet(world: World) -> None:
    subnet_id = world.subnet(world.network(), "fd00::/64", ip_version=6)
    path = f"/v1/subnets/{{P}}/{subnet_id}"
    assert world.get(path)["gateway_ip"] == "fd00::1"
    assert world.get(path)["total_ips"] >= world.get(path)["available_ips"] > 2**63
    world.refused(400, "PATCH", path, {"enable_dhcp": False})


def test_router_patch(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id)
    router = world.get("/v1/routers/{P}")["results"][0]
    path = f"/v2/routers/{{P}}/{router['id']}"
    external = router["external_gateway_info"]["network_id"]
    error = world.refused(400, "PATCH", path, {"external_gateway_info": {"enable_snat": False}})
    assert "'network_id': ['Field required']" in error["message"]
    assert world.ok("PATCH", path, {"external_gateway_info": {"network_id": external}}) == {"tasks": []}
    world.run("PATCH", path, {"external_gateway_info": {"network_id": external, "enable_snat": False}})
    assert world.get(f"/v1/routers/{{P}}/{router['id']}")["external_gateway_info"]["enable_snat"] is False
    route = {"destination": "10.9.0.0/24", "nexthop": "10.0.0.77"}
    world.refused(400, "PATCH", path, {"routes": [{**route, "nexthop": "10.8.0.1"}]})
    world.run("PATCH", path, {"routes": [route], "external_gateway_info": None})
    router = world.get(f"/v1/routers/{{P}}/{router['id']}")
    assert router["routes"] == [route] and router["external_gateway_info"] is None
    detach = path.replace("/v2/", "/v1/") + "/detach"
    world.refused(409, "POST", detach, {"subnet_id": subnet_id})
    world.refused(409, "DELETE", f"/v1/subnets/{{P}}/{subnet_id}")
    world.run("PATCH", path, {"routes": []})
    assert world.ok("POST", detach, {"subnet_id": subnet_id})["interfaces"] == []
    world.refused(404, "POST", detach, {"subnet_id": subnet_id})


def test_router_create_attach_delete(world: World) -> None:
    network_id = world.network(create_router=False)
    subnet_id, other_id = world.subnet(network_id), world.subnet(network_id, "10.0.1.0/24")
    body = {
        "name": "router",
        "interfaces": [{"subnet_id": subnet_id}],
        "external_gateway_info": {"enable_snat": False},
        "routes": [{"destination": "10.9.0.0/24", "nexthop": "10.0.0.5"}],
    }
    router_id = world.make("routers", "/v1/routers/{P}", body)
    path = f"/v1/routers/{{P}}/{router_id}"
    router = world.get(path)
    assert router["external_gateway_info"]["enable_snat"] is False and len(router["interfaces"]) == 1
    attached = world.ok("POST", f"{path}/attach", {"subnet_id": other_id, "ip_address": "10.0.1.9"})
    assert attached["interfaces"][1]["ip_assignments"][0]["ip_address"] == "10.0.1.9"
    world.refused(409, "POST", f"{path}/attach", {"subnet_id": other_id})
    world.run("DELETE", path)
    world.refused(404, "GET", path)
    assert world.get(f"/v1/subnets/{{P}}/{subnet_id}")["available_ips"] == 253


def test_router_is_locked_during_its_patch(world: World) -> None:
    world.network()
    router_id = world.get("/v1/routers/{P}")["results"][0]["id"]
    world.start("PATCH", f"/v2/routers/{{P}}/{router_id}", {"name": "renamed"})
    world.refused(409, "POST", f"/v1/routers/{{P}}/{router_id}/attach", {"subnet_id": router_id})


def test_quirk_strict_router_detach(world: World) -> None:
    world.sim.settings.quirks.strict_router_detach = True
    subnet_id = world.subnet(world.network())
    world.refused(409, "DELETE", f"/v1/subnets/{{P}}/{subnet_id}")
