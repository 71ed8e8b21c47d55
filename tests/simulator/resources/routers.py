# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Routers (docs/api-notes.md: Networks and routers)."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..core import addresses, errors
from ..core.collection import Collection, equal
from ..core.models import Body
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from ..core.tasks import Task
from . import ports, regions

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, network_id: str | None = None,
         enable_snat: bool = True, routes: list[dict[str, str]] | None = None,
         made_for: str | None = None) -> Record:  # fmt: skip
    """A router; ``network_id`` is that of its gateway, ``made_for`` the network that it was created with."""
    data = {
        "name": name,
        "status": "ACTIVE",
        "distributed": False,
        "routes": routes or [],
        "gateway": None,
        "made_for": made_for,
    }
    record = new_record(sim, "router", project_id, region_id, data)
    if network_id is not None:
        set_gateway(sim, record, network_id, enable_snat)
    return record


def set_gateway(sim: Simulator, record: Record, network_id: str | None, enable_snat: bool = True) -> None:
    """Give the router a gateway with an address of the external network, change it, or remove it."""
    old = record["gateway"]
    if old and old["network_id"] == network_id:
        record["gateway"] = {**old, "enable_snat": enable_snat}
        return
    for item in (old or {}).get("external_fixed_ips", []):
        addresses.give_back(sim, item)
    record["gateway"] = None
    network = sim.store.get("network", network_id) if network_id else None
    if network:
        fixed = addresses.allocate(sim, network, "ipv4")
        record["gateway"] = {"network_id": network.id, "enable_snat": enable_snat, "external_fixed_ips": fixed}


def interfaces(sim: Simulator, record: Record) -> list[Record]:
    """The router's ports."""
    return [port for port in sim.store.all("port") if port["owner_type"] == "router" and port["owner_id"] == record.id]


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A router as the API shows it; the gateway has no ``type``."""
    shown = [
        {
            "port_id": port.id,
            "network_id": port["network_id"],
            "mac_address": port["mac_address"],
            "ip_assignments": [dict(item) for item in port["ip_assignments"]],
        }
        for port in interfaces(sim, record)
    ]
    return {
        **common_view(sim, record),
        "name": record["name"],
        "status": record["status"],
        "distributed": record["distributed"],
        "routes": [dict(route) for route in record["routes"]],
        "interfaces": sim.shuffled(shown),
        "external_gateway_info": record["gateway"],
    }


def connect(sim: Simulator, router: Record, subnet: Record, ip_address: str | None = None) -> Record:
    """Give the router an interface in the subnet, by default on the gateway's address."""
    ip = ip_address or subnet["gateway_ip"]
    assignment = addresses.take(subnet, ip)
    return ports.make(
        sim, router.project_id, router.region_id, network_id=subnet["network_id"], ip_assignments=[assignment],
        owner_type="router", owner_id=str(router.id),
    )  # fmt: skip


def connected_subnets(sim: Simulator, router: Record) -> list[Record]:
    """The subnets that the router has interfaces in."""
    found = []
    for port in interfaces(sim, router):
        for item in port["ip_assignments"]:
            subnet = sim.store.get("subnet", item["subnet_id"])
            if subnet:
                found.append(subnet)
    return found


def router_of(sim: Simulator, subnet_id: str) -> Record | None:
    """The router that has an interface in this subnet."""
    for port in sim.store.all("port"):
        if port["owner_type"] == "router" and any(item["subnet_id"] == subnet_id for item in port["ip_assignments"]):
            return sim.store.get("router", port["owner_id"])
    return None


def check_no_route_through(router: Record, subnet: Record) -> None:
    """A subnet that holds a route's nexthop cannot be taken off (C11, D3)."""
    network = addresses.network_of(subnet)
    for route in router["routes"]:
        if ipaddress.ip_address(route["nexthop"]) in network:
            raise errors.conflict(f"Router {router.id} has a route through subnet {subnet.id}")


def _check_nexthops(wanted: list[Body], subnets: list[Record]) -> None:
    """A nexthop must be in a connected subnet (C11)."""
    for route in wanted:
        if not any(ipaddress.ip_address(route.nexthop) in addresses.network_of(subnet) for subnet in subnets):
            raise errors.invalid("routes", f"Nexthop {route.nexthop} is not in a subnet of the router")


def _external(call: Call, network_id: str) -> str:
    from . import networks

    network = networks.referred(call, network_id)
    if not network["external"]:
        raise errors.invalid("external_gateway_info.network_id", f"Network {network_id} is not external")
    return network_id


@routes("POST", "/v1/routers/{P}")
def create_router(call: Call) -> Any:
    body = call.body
    subnets = [call.get("subnet", item.subnet_id) for item in body.interfaces or []]
    for subnet in subnets:
        _check_connectable(call, subnet, None)
    _check_nexthops(body.routes or [], subnets)
    gateway = body.external_gateway_info
    network_id = None
    if gateway is not None and gateway.type == "manual":
        network_id = _external(call, gateway.network_id)
    elif gateway is not None:
        network_id = regions.external_network_id(call.region_id or 0)
    call.claim(router_count=1)
    record = make(
        *call.scope, name=body.name, network_id=network_id,
        enable_snat=gateway.enable_snat if gateway else True,
        routes=[route.model_dump() for route in body.routes or []],
    )  # fmt: skip
    record.visible = False
    for subnet in subnets:
        connect(call.sim, record, subnet)
    return call.start("create_router", data=body.model_dump(), creates={"routers": [record]})


@routes("PATCH", "/v2/routers/{P}/{router_id}")
def update_router(call: Call) -> Any:
    """``routes`` is the whole list, a null gateway removes it (C11)."""
    body = call.body
    record = call.get("router")
    call.free(record)
    changes: dict[str, Any] = {}
    if body.has("name") and body.name != record["name"]:
        changes["name"] = body.name
    if body.has("routes"):
        _check_nexthops(body.routes, connected_subnets(call.sim, record))
        wanted = [route.model_dump() for route in body.routes]
        if wanted != record["routes"]:
            changes["routes"] = wanted
    gateway = body.external_gateway_info
    current = record["gateway"]
    changes_gateway = False
    if body.has("external_gateway_info"):
        if gateway is None:
            changes_gateway = current is not None
        else:
            _external(call, gateway.network_id)
            now = current and (current["network_id"], current["enable_snat"])
            changes_gateway = now != (gateway.network_id, gateway.enable_snat)
    if not changes and not changes_gateway:
        return NO_TASKS

    def finish(_unused: Task) -> None:
        record.data.update(changes)
        if changes_gateway:
            set_gateway(
                call.sim, record, gateway.network_id if gateway else None, gateway.enable_snat if gateway else True
            )

    return call.start("update_router", data={"router_id": record.id, **body.given()}, locks=[record], finish=finish)


@routes("PATCH", "/v1/routers/{P}/{router_id}", deprecated=True)
def update_router_v1(call: Call) -> Any:
    """Synchronous; silently ignores a null gateway (C11)."""
    body = call.body
    record = call.get("router")
    call.free(record)
    if body.routes is not None:
        _check_nexthops(body.routes, connected_subnets(call.sim, record))
        record["routes"] = [route.model_dump() for route in body.routes]
    if body.name is not None:
        record["name"] = body.name
    if body.external_gateway_info is not None:
        network_id = _external(call, body.external_gateway_info.network_id)
        set_gateway(call.sim, record, network_id, body.external_gateway_info.enable_snat)
    call.touch(record)
    return call.show(record)


routers = Collection(routes, "router", "/v1/routers/{P}", "router_id")
routers.list({"name": equal("name")})
routers.get()
routers.delete(task="delete_router")  # its interfaces and its gateway too, as the text of the document says (C11)


def _check_connectable(call: Call, subnet: Record, ip_address: str | None) -> None:
    if router_of(call.sim, str(subnet.id)) is not None:
        raise errors.conflict(f"Subnet {subnet.id} is already connected to a router")
    if ip_address is None and subnet["gateway_ip"] is None:
        raise errors.invalid("subnet_id", f"Subnet {subnet.id} has no gateway")
    ip = ip_address or subnet["gateway_ip"]
    if not addresses.usable(addresses.network_of(subnet), ip):
        raise errors.invalid("ip_address", f"IP address {ip} is not an address of subnet {subnet['cidr']}")
    if ip in subnet["used"]:
        raise errors.conflict(f"IP address {ip} is already in use")


@routes("POST", "/v1/routers/{P}/{router_id}/attach")
def attach_subnet(call: Call) -> Any:
    """Synchronous."""
    body = call.body
    record = call.get("router")
    call.free(record)
    subnet = call.get("subnet", body.subnet_id)
    _check_connectable(call, subnet, body.ip_address)
    connect(call.sim, record, subnet, body.ip_address)
    call.touch(record)
    return call.show(record)


@routes("POST", "/v1/routers/{P}/{router_id}/detach")
def detach_subnet(call: Call) -> Any:
    """Synchronous; refused while a route's nexthop lies in the subnet."""
    record = call.get("router")
    call.free(record)
    subnet = call.get("subnet", call.body.subnet_id)
    port = next((item for item in interfaces(call.sim, record) if ports.is_on(item, subnet)), None)
    if port is None:
        raise errors.not_found("Router interface in subnet", subnet.id)
    check_no_route_through(record, subnet)
    call.sim.forget(port)
    call.touch(record)
    return call.show(record)


def delete_interfaces(sim: Simulator, record: Record) -> None:
    """Delete the router's interfaces and free its gateway's address."""
    set_gateway(sim, record, None)
    for port in interfaces(sim, record):
        sim.forget(port)


RESOURCE = Resource(
    types=[ResourceType("router", "Router", make, view)],
    routes=routes,
    quotas={"router_count": count("router")},
    on_delete={"router": delete_interfaces},
)
