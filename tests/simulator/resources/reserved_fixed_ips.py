# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reserved fixed IPs and VIPs (docs/api-notes.md: Reserved fixed IPs).

A reserved IP is a port and a reservation of the same id.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from ..core import addresses, errors
from ..core.collection import Collection
from ..core.quotas import owned
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from ..core.tasks import Task
from . import networks, ports, regions, subnets

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, network_id: str | None = None,
         ip_assignments: list[dict[str, str]] | None = None, is_vip: bool = False) -> Record:  # fmt: skip
    """A port of its own, and its reservation. Without a network it is a public address."""
    if network_id is None:
        network_id = regions.external_network_id(region_id or 0)
    if ip_assignments is None:
        network = sim.store.get("network", network_id)
        if network is None:
            raise LookupError(f"no network {network_id}")
        ip_assignments = addresses.allocate(sim, network, "ipv4")
    port = ports.make(sim, project_id, region_id, network_id=network_id, ip_assignments=ip_assignments)
    return reserve(sim, port, is_vip)


def reserve(sim: Simulator, port: Record, is_vip: bool = False) -> Record:
    """The reservation of a port."""
    data = {"is_vip": is_vip, "connected": []}
    return new_record(sim, "reserved_fixed_ip", port.project_id, port.region_id, data, ident=port.id)


def port_of(sim: Simulator, record: Record) -> Record:
    """The reserved port."""
    port = sim.store.get("port", record.id)
    assert port is not None
    return port


def is_external(sim: Simulator, port: Record) -> bool:
    """Whether the port is on an external network."""
    network = sim.store.get("network", port["network_id"])
    return bool(network and network["external"])


def drop_keeping_addresses(sim: Simulator, record: Record) -> None:
    """Delete a reservation whose addresses are still used by another record."""
    port_of(sim, record)["ip_assignments"] = []
    sim.forget(record)


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A reserved IP as the API shows it; its id is ``port_id``."""
    port = port_of(sim, record)
    first: dict[int, dict[str, str]] = {}
    for item in port["ip_assignments"]:
        first.setdefault(6 if ":" in item["ip_address"] else 4, item)
    v4, v6 = first.get(4), first.get(6)
    owner = {"resource_type": port["owner_type"], "resource_id": port["owner_id"]}
    attached = port["owner_type"] is not None
    connected = [sim.store.get("port", ident) for ident in record["connected"]]
    attachments = [owner] if attached else []
    attachments += [{"resource_type": "instance", "resource_id": item["owner_id"]} for item in connected if item]
    network = sim.store.get("network", port["network_id"])
    shown = common_view(sim, record)
    del shown["id"]
    return {
        **shown,
        "port_id": record.id,
        "name": f"Reserved fixed ip {(v4 or v6 or {'ip_address': ''})['ip_address']}",
        "fixed_ip_address": v4["ip_address"] if v4 else None,
        "fixed_ipv6_address": v6["ip_address"] if v6 else None,
        "subnet_id": v4["subnet_id"] if v4 else None,
        "subnet_v6_id": v6["subnet_id"] if v6 else None,
        "network_id": port["network_id"],
        "network": sim.show(network) if network else None,
        "is_external": is_external(sim, port),
        "is_vip": record["is_vip"],
        "status": "ACTIVE" if attached else "DOWN",
        "reservation": {"status": "attached", **owner}
        if attached
        else {"status": "available", "resource_type": None, "resource_id": None},
        "attachments": attachments,
        "allowed_address_pairs": port["allowed_address_pairs"],
    }


def _reserve_addresses(call: Call, body: Any) -> tuple[str, list[dict[str, str]]]:
    """The network and the addresses that a creation asks for."""
    sim = call.sim
    if body.type == "external":
        network = networks.referred(call, regions.external_network_id(call.region_id or 0))
        return str(network.id), addresses.allocate(sim, network, body.ip_family)
    if body.type == "subnet":
        subnet = subnets.referred(call, body.subnet_id)
        return subnet["network_id"], [addresses.take(subnet)]
    network = networks.referred(call, body.network_id)
    if body.type == "any_subnet":
        return str(network.id), addresses.allocate(sim, network, body.ip_family)
    return str(network.id), [take_in_network(call, network, body.ip_address)]


def take_in_network(call: Call, network: Record, ip_address: str) -> dict[str, str]:
    """A chosen address, of the subnet in which it lies."""
    for subnet in addresses.subnets_of(call.sim, network):
        if addresses.usable(addresses.network_of(subnet), ip_address):
            return addresses.take(subnet, ip_address)
    raise errors.invalid("ip_address", f"IP address {ip_address} is in no subnet of network {network.id}")


@routes("POST", "/v1/reserved_fixed_ips/{P}")
def create_reserved(call: Call) -> Any:
    body = call.body
    sim = call.sim
    if body.type == "port":
        port = call.get("port", body.port_id)
        call.free(port)
        if sim.store.get("reserved_fixed_ip", port.id):
            raise errors.conflict(f"Port {port.id} is reserved already")
        record = reserve(sim, port)
        record.visible = False
        return call.start("create_reserved_fixed_ip", data=body.given(), locks=[port], creates={"ports": [record]})
    if body.type == "external":
        call.claim(external_ip_count=1)
    network_id, assignments = _reserve_addresses(call, body)
    record = make(*call.scope, network_id=network_id, ip_assignments=assignments, is_vip=bool(body.is_vip))
    port = port_of(sim, record)
    record.visible = port.visible = False

    def finish(_unused: Task) -> None:
        port.visible = True

    return call.start("create_reserved_fixed_ip", data=body.given(), creates={"ports": [record]}, finish=finish)


def _prepare(_call: Call, _record: Record, changes: dict[str, Any]) -> None:
    """What is no VIP any more is connected to nothing."""
    if not changes["is_vip"]:
        changes["connected"] = []


def _check_deletable(call: Call, record: Record) -> None:
    """It must be unattached, and no VIP any more (C13, D3)."""
    if _attached(call, record):
        raise errors.conflict(f"Reserved fixed IP {record.id} is attached")
    if record["is_vip"]:
        raise errors.conflict(f"Reserved fixed IP {record.id} is a VIP")


def _attached(call: Call, record: Record) -> bool:
    return port_of(call.sim, record)["owner_type"] is not None


def _external(call: Call, record: Record) -> bool:
    return is_external(call.sim, port_of(call.sim, record))


def _address_matches(call: Call, record: Record, wanted: str) -> bool:
    try:
        pattern = re.compile(wanted)
    except re.error:
        raise errors.invalid("ip_address", "Input should be a valid regular expression") from None
    return any(pattern.search(ip) for ip in ports.ips(port_of(call.sim, record)))


def _by_address(call: Call, record: Record) -> tuple[int, int]:
    found = ports.ips(port_of(call.sim, record))
    address = ipaddress.ip_address(found[0]) if found else ipaddress.ip_address("0.0.0.0")
    return address.version, int(address)


reserved = Collection(routes, "reserved_fixed_ip", "/v1/reserved_fixed_ips/{P}", "port_id")
reserved.list(
    {
        "available_only": lambda call, record, wanted: not (wanted and _attached(call, record)),
        "device_id": lambda call, record, wanted: port_of(call.sim, record)["owner_id"] == wanted,
        "external_only": lambda call, record, wanted: not wanted or _external(call, record),
        "internal_only": lambda call, record, wanted: not (wanted and _external(call, record)),
        "ip_address": _address_matches,
        "vip_only": lambda _call, record, wanted: not wanted or record["is_vip"],
    },
    orders={
        "fixed_ip_address": _by_address,
        "name": lambda call, record: ports.ips(port_of(call.sim, record)),
        "status": lambda call, record: not _attached(call, record),
    },
)
reserved.get()
reserved.update(_prepare)
reserved.delete(_check_deletable, task="delete_reserved_fixed_ip")


def _device_view(sim: Simulator, port: Record) -> dict[str, Any]:
    instance = sim.store.get("instance", port["owner_id"])
    network = sim.store.get("network", port["network_id"])
    assignments = []
    for item in port["ip_assignments"]:
        subnet = sim.store.get("subnet", item["subnet_id"])
        assignments.append({**item, "subnet": sim.show(subnet) if subnet else None})
    return {
        "port_id": port.id,
        "instance_id": port["owner_id"],
        "instance_name": instance["name"] if instance else "",
        "ip_assignments": assignments,
        "network": sim.show(network) if network else None,
    }


def _candidates(call: Call, record: Record) -> list[Record]:
    """Instance ports in the VIP's network."""
    network_id = port_of(call.sim, record)["network_id"]
    return [
        port
        for port in call.records("port")
        if port["owner_type"] == "instance" and port["network_id"] == network_id and port.id != record.id
    ]


def _vip(call: Call) -> Record:
    record = call.get("reserved_fixed_ip", call.values["port_id"])
    if not record["is_vip"]:
        raise errors.invalid("port_id", f"Reserved fixed IP {record.id} is not a VIP")
    return record


@routes("GET", "/v1/reserved_fixed_ips/{P}/{port_id}/available_devices")
def available_devices(call: Call) -> Any:
    record = call.get("reserved_fixed_ip", call.values["port_id"])
    free = [port for port in _candidates(call, record) if port.id not in record["connected"]]
    return call.page(free, lambda port: _device_view(call.sim, port))


def _connected(call: Call, record: Record) -> Any:
    found = [call.sim.store.get("port", ident) for ident in record["connected"]]
    return call.page([port for port in found if port], lambda port: _device_view(call.sim, port))


@routes("GET", "/v1/reserved_fixed_ips/{P}/{port_id}/connected_devices")
def connected_devices(call: Call) -> Any:
    return _connected(call, call.get("reserved_fixed_ip", call.values["port_id"]))


def _connect(call: Call, *, replace: bool) -> Any:
    record = _vip(call)
    call.free(record)
    candidates = {port.id for port in _candidates(call, record)}
    wanted = call.body.port_ids or []
    for ident in wanted:
        if ident not in candidates:
            raise errors.not_found("Port", ident)
    kept = [] if replace else record["connected"]
    record["connected"] = kept + [ident for ident in wanted if ident not in kept]
    call.touch(record)
    return _connected(call, record)


@routes("PUT", "/v1/reserved_fixed_ips/{P}/{port_id}/connected_devices")
def replace_devices(call: Call) -> Any:
    return _connect(call, replace=True)


@routes("PATCH", "/v1/reserved_fixed_ips/{P}/{port_id}/connected_devices")
def add_devices(call: Call) -> Any:
    return _connect(call, replace=False)


@routes("POST", "/v1/reserved_fixed_ips/{P}/{port_id}/convert")
def convert_reserved(call: Call) -> Any:
    """To a floating IP with the same address; external and unattached ones only."""
    from . import floatingips

    record = call.get("reserved_fixed_ip", call.values["port_id"])
    call.free(record)
    sim = call.sim
    port = port_of(sim, record)
    if not is_external(sim, port):
        raise errors.invalid("port_id", f"Reserved fixed IP {record.id} is not external")
    if port["owner_type"] is not None:
        raise errors.conflict(f"Reserved fixed IP {record.id} is attached")
    assignment = next((item for item in port["ip_assignments"] if ":" not in item["ip_address"]), None)
    if assignment is None:
        raise errors.invalid("port_id", f"Reserved fixed IP {record.id} has no IPv4 address")
    call.claim(floating_count=1)
    floating = floatingips.make(*call.scope, assignment=dict(assignment))
    floating.visible = False

    def finish(_unused: Task) -> None:
        port["ip_assignments"] = [item for item in port["ip_assignments"] if item != assignment]
        sim.forget(record)

    def undo(_unused: Task) -> None:
        sim.store.remove(floating)

    return call.start(
        "convert_reserved_fixed_ip_to_fip", data={"port_id": record.id}, locks=[record],
        creates={"floatingips": [floating]}, finish=finish, undo=undo,
    )  # fmt: skip


def delete_free_port(sim: Simulator, record: Record) -> None:
    """A port that nothing uses is deleted with its reservation."""
    port = sim.store.get("port", record.id)
    if port and port["owner_type"] is None:
        sim.store.remove(record)
        sim.forget(port)


def delete_reservation(sim: Simulator, port: Record) -> None:
    """A port is deleted with its reservation, and disconnected from VIPs."""
    for item in sim.store.all("reserved_fixed_ip"):
        item["connected"] = [ident for ident in item["connected"] if ident != port.id]
        if item.id == port.id:
            sim.store.remove(item)


def external_addresses(sim: Simulator, region_id: int | None) -> int:
    """How many ports are on an external network (quota external_ip_count)."""
    return sum(1 for port in owned(sim, "port", region_id) if is_external(sim, port))


RESOURCE = Resource(
    types=[ResourceType("reserved_fixed_ip", "Reserved fixed IP", make, view)],
    routes=routes,
    quotas={"external_ip_count": external_addresses},
    on_delete={"reserved_fixed_ip": delete_free_port, "port": delete_reservation},
)
