# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Subnets (docs/api-notes.md: Subnets)."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..core import addresses, errors
from ..core.collection import Collection, equal
from ..core.models import Body
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, fixed_id, new_record
from ..core.tasks import Task
from . import networks, ports, regions, routers

routes = Routes()
PUBLIC_RESOLVERS = ["95.85.95.85", "8.8.8.8"]
MAX_HOST_ROUTES = 20


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, network_id: str, cidr: str,
         gateway_ip: str | None = "auto", enable_dhcp: bool = True, dns_nameservers: list[str] | None = None,
         host_routes: list[dict[str, str]] | None = None, tags: dict[str, str] | None = None,
         id: str | None = None) -> Record:  # fmt: skip
    """A subnet. Resolvers of None are automatic, a gateway of ``auto`` is the first host."""
    network = ipaddress.ip_network(cidr)
    data: dict[str, Any] = {
        "name": name,
        "network_id": network_id,
        "cidr": str(network),
        "ip_version": network.version,
        "enable_dhcp": enable_dhcp,
        "gateway_ip": addresses.first_host(network) if gateway_ip == "auto" else gateway_ip,
        "dns_nameservers": dns_nameservers,
        "host_routes": host_routes or [],
        "used": set(),
    }
    return new_record(sim, "subnet", project_id, region_id, data, ident=id, tags=tags)


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A subnet as the API shows it."""
    total, available = addresses.totals(record)
    resolvers = record["dns_nameservers"]
    if resolvers is None:  # automatic (C10): the DHCP server's own, or public ones where there is no DHCP
        resolvers = PUBLIC_RESOLVERS if not record["enable_dhcp"] and record["gateway_ip"] else []
    return {
        **common_view(sim, record),
        "project_id": record.project_id if record.project_id is not None else regions.PLATFORM_PROJECT,
        "name": record["name"],
        "network_id": record["network_id"],
        "cidr": record["cidr"],
        "ip_version": record["ip_version"],
        "enable_dhcp": record["enable_dhcp"],
        "gateway_ip": record["gateway_ip"],
        "dns_nameservers": list(resolvers),
        "host_routes": [dict(route) for route in record["host_routes"]],
        "has_router": False,
        "total_ips": total,
        "available_ips": available,
        "tags": record.tag_list(),
    }


def usable(call: Call) -> list[Record]:
    """All subnets of the networks that the project can use."""
    ids = {record.id for record in networks.usable(call)}
    return [record for record in call.sim.store.all("subnet") if record["network_id"] in ids and call.sim.shown(record)]


def referred(call: Call, subnet_id: str) -> Record:
    """A usable subnet that the request names; else 404."""
    for record in usable(call):
        if record.id == subnet_id:
            return record
    raise errors.not_found("Subnet", subnet_id)


def _check_gateway(cidr: str, gateway_ip: str | None) -> None:
    network = ipaddress.ip_network(cidr)
    if gateway_ip is None:
        return
    if network.version == 4 and network.prefixlen >= 31:
        raise errors.invalid("gateway_ip", "Gateway must be disabled for /31 and /32 subnets")
    if not addresses.usable(network, gateway_ip):
        raise errors.invalid("gateway_ip", f"Gateway {gateway_ip} is not a host address of {cidr}")


def _check_routes(host_routes: list[Body] | None) -> None:
    if host_routes and len(host_routes) > MAX_HOST_ROUTES:
        raise errors.invalid("host_routes", f"List should have at most {MAX_HOST_ROUTES} items")


@routes("POST", "/v1/subnets/{P}")
def create_subnet(call: Call) -> Any:
    body = call.body
    network = call.get("network", body.network_id)
    cidr = ipaddress.ip_network(body.cidr)
    if body.has("ip_version") and body.ip_version != cidr.version:
        raise errors.invalid("ip_version", f"CIDR {body.cidr} is not IPv{body.ip_version}")
    gateway = body.gateway_ip if body.has("gateway_ip") else "auto"
    if gateway is None and body.connect_to_network_router:
        raise errors.invalid("connect_to_network_router", "Must be false when gateway_ip is null")
    if gateway == "auto":
        if cidr.version == 4 and cidr.prefixlen >= 31:
            raise errors.invalid("gateway_ip", "Gateway must be disabled for /31 and /32 subnets")
    else:
        _check_gateway(body.cidr, gateway)
    _check_routes(body.host_routes)
    if body.router_id_to_connect and not body.connect_to_network_router:
        raise errors.invalid("router_id_to_connect", "Requires connect_to_network_router set to true")
    for other in call.sim.store.all("subnet"):
        same_kind = other["network_id"] == network.id and other["ip_version"] == cidr.version
        if same_kind and addresses.network_of(other).overlaps(cidr):
            raise errors.invalid("cidr", f"CIDR {body.cidr} overlaps with subnet {other.id}")
    router = None
    if body.router_id_to_connect:
        router = call.get("router", body.router_id_to_connect)
    elif body.connect_to_network_router:
        router = next((item for item in call.records("router") if item["made_for"] == network.id), None)
    call.free(network)
    call.claim(subnet_count=1)
    record = make(
        *call.scope, name=body.name, network_id=str(network.id), cidr=body.cidr,
        gateway_ip=gateway, enable_dhcp=body.enable_dhcp, dns_nameservers=body.dns_nameservers,
        host_routes=[route.model_dump() for route in body.host_routes or []], tags=body.tags,
    )  # fmt: skip
    record.visible = False

    def finish(_unused: Task) -> None:
        if router and call.sim.store.has(router):
            routers.connect(call.sim, router, record, record["gateway_ip"])

    return call.start(
        "create_subnet", data=body.model_dump(), locks=[network], creates={"subnets": [record]}, finish=finish
    )


def _listed(call: Call) -> list[Record]:
    return usable(call) if call.query.owned_by == "any" else call.records("subnet")


def _prepare(call: Call, record: Record, changes: dict[str, Any]) -> None:
    """Null resolvers are automatic ones again (C10); a null name changes nothing."""
    if "gateway_ip" in changes:
        _check_gateway(record["cidr"], changes["gateway_ip"])
    if record["ip_version"] == 6 and changes.get("enable_dhcp", record["enable_dhcp"]) != record["enable_dhcp"]:
        raise errors.invalid("enable_dhcp", "DHCP cannot be changed for an IPv6 subnet")
    _check_routes(call.body.host_routes)
    if "host_routes" in changes:
        changes["host_routes"] = changes["host_routes"] or []
    if changes.get("name", "") is None:
        del changes["name"]


def _check_addresses(call: Call, record: Record) -> list[Record]:
    """Refused while an address is in use, or a router's route goes through it (C10, C11, D3). Its network is locked too."""
    sim = call.sim
    for port in sim.store.all("port"):
        if not ports.is_on(port, record):
            continue
        if port["owner_type"] != "router" or sim.settings.quirks.strict_router_detach:
            raise errors.conflict(f"Subnet {record.id} has IP addresses in use")
        router = sim.store.get("router", port["owner_id"])
        if router:
            routers.check_no_route_through(router, record)
    return [call.get("network", record["network_id"])]


subnets = Collection(routes, "subnet", "/v1/subnets/{P}", "subnet_id", usable=usable)
subnets.list(
    {"network_id": equal("network_id")},
    orders={
        "total_ips": lambda _call, record: addresses.totals(record)[0],
        "available_ips": lambda _call, record: addresses.totals(record)[1],
        "cidr": lambda _call, record: (record["ip_version"], int(addresses.network_of(record).network_address)),
    },
    records=_listed,
    handled=["owned_by"],
)
subnets.get()
subnets.update(_prepare)
subnets.delete(_check_addresses, task="delete_subnet")


def delete_router_interface(sim: Simulator, record: Record) -> None:
    """Delete the router's interface in the subnet."""
    for port in sim.store.all("port"):
        if ports.is_on(port, record) and port["owner_type"] == "router":
            sim.forget(port)


def seed(sim: Simulator) -> None:
    """Public addresses for each region, out of the ranges kept for documentation and tests (RFC 5737, 2544, 3849)."""
    ranges = {76: ("203.0.113.0/24", "198.18.0.0/16"), 148: ("198.51.100.0/24", "198.19.0.0/16")}
    for region in sim.store.all("region"):
        region_id = int(region.id)
        cidrs = (*ranges.get(region_id, ("192.0.2.0/24",)), f"2001:db8:{region_id}::/64")
        for number, cidr in enumerate(cidrs, 1):
            make(
                sim, None, region_id, name=f"pub_subnet_{number}", cidr=cidr,
                network_id=regions.external_network_id(region_id), id=fixed_id(f"subnet/{region_id}/{cidr}"),
            )  # fmt: skip


RESOURCE = Resource(
    types=[ResourceType("subnet", "Subnet", make, view)],
    routes=routes,
    quotas={"subnet_count": count("subnet")},
    seed=seed,
    on_delete={"subnet": delete_router_interface},
)
