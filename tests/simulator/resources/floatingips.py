# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Floating IPs (docs/api-notes.md: Floating IPs)."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..core import addresses, errors
from ..core.collection import Collection, equal
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes, patched_tags
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from ..core.tasks import Task
from . import ports, regions, reserved_fixed_ips, routers

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, assignment: dict[str, str] | None = None,
         tags: dict[str, str] | None = None) -> Record:  # fmt: skip
    """A floating IP with an address of the region's external network."""
    if assignment is None:
        network = sim.store.get("network", regions.external_network_id(region_id or 0))
        assert network is not None
        assignment = addresses.allocate(sim, network, "ipv4")[0]
    data = {
        "floating_ip_address": assignment["ip_address"],
        "assignment": assignment,
        "fixed_ip_address": None,
        "port_id": None,
        "status": "DOWN",
    }
    return new_record(sim, "floatingip", project_id, region_id, data, tags=tags)


def view(sim: Simulator, record: Record, *, detailed: bool = False) -> dict[str, Any]:
    """A floating IP as the API shows it; lists add instance and load balancer."""
    router = None
    port = sim.store.get("port", record["port_id"]) if record["port_id"] else None
    if port:
        found = (item for item in port["ip_assignments"] if item["ip_address"] == record["fixed_ip_address"])
        fixed = next(found, None)
        router = routers.router_of(sim, fixed["subnet_id"]) if fixed else None
    shown = {
        **common_view(sim, record),
        "floating_ip_address": record["floating_ip_address"],
        "fixed_ip_address": record["fixed_ip_address"],
        "port_id": record["port_id"],
        "router_id": router.id if router else None,
        "status": record["status"],
        "tags": record.tag_list(),
    }
    if detailed:
        instance = None
        if port and port["owner_type"] == "instance":
            instance = sim.store.get("instance", port["owner_id"])
        shown["instance"] = _instance_view(sim, instance) if instance else None
        balancer = None
        if port and port["owner_type"] == "loadbalancer":
            balancer = sim.store.get("loadbalancer", port["owner_id"])
        shown["loadbalancer"] = sim.show(balancer) if balancer else None
    return shown


def _instance_view(sim: Simulator, instance: Record) -> dict[str, Any]:
    """The shorter instance of a floating IP's details."""
    shown = sim.show(instance)
    left_out = ("blackhole_ports", "ddos_profile", "fixed_ip_assignments", "instance_isolation")
    flavor = shown["flavor"] and {key: shown["flavor"][key] for key in ("flavor_id", "flavor_name", "vcpus", "ram")}
    return {**{key: value for key, value in shown.items() if key not in left_out}, "flavor": flavor}


def put_on(record: Record, port: Record, fixed_ip_address: str) -> None:
    """Assign."""
    record.data.update(port_id=port.id, fixed_ip_address=fixed_ip_address, status="ACTIVE")


def take_off(record: Record) -> None:
    """Unassign."""
    record.data.update(port_id=None, fixed_ip_address=None, status="DOWN")


def on_port(sim: Simulator, port: Record) -> list[Record]:
    """The floating IPs of a port."""
    return [item for item in sim.store.all("floatingip") if item["port_id"] == port.id]


def fixed_address(call: Call, port: Record, wanted: str | None, but: Record | None = None) -> str:
    """The port's address that a floating IP gets: the wanted one or the first free IPv4 (C12)."""
    if call.sim.store.get("network", port["network_id"])["external"]:  # type: ignore[index]
        raise errors.invalid("port_id", f"Port {port.id} is on an external network")
    taken = {item["fixed_ip_address"] for item in on_port(call.sim, port) if item is not but}
    candidates = [ip for ip in ports.ips(port) if ipaddress.ip_address(ip).version == 4]
    if wanted is not None:
        if wanted not in candidates:
            raise errors.invalid("fixed_ip_address", f"IP address {wanted} is not on port {port.id}")
        if wanted in taken:
            raise errors.conflict(f"IP address {wanted} already has a floating IP")
        return wanted
    for ip in candidates:
        if ip not in taken:
            return ip
    raise errors.conflict(f"Port {port.id} has no IPv4 address without a floating IP")


@routes("POST", "/v1/floatingips/{P}")
def create_floating(call: Call) -> Any:
    body = call.body
    if body.fixed_ip_address is not None and body.port_id is None:
        raise errors.invalid("fixed_ip_address", "Only used together with port_id")
    port = call.get("port", body.port_id) if body.port_id else None
    fixed = fixed_address(call, port, body.fixed_ip_address) if port else None
    if port:
        call.free(port)
    call.claim(floating_count=1)
    record = make(*call.scope, tags=body.tags)
    record.visible = False

    def finish(_unused: Task) -> None:
        if port and fixed and call.sim.store.has(port):
            put_on(record, port, fixed)

    return call.start(
        "create_fip", data=body.given(), creates={"floatingips": [record]}, locks=[port] if port else [], finish=finish
    )


@routes("PATCH", "/v2/floatingips/{P}/{floating_ip_id}")
def update_floating(call: Call) -> Any:
    """Assign, re-assign, unassign (``port_id: null``), tags; without a change no task (C12)."""
    body = call.body
    record = call.get("floatingip")
    call.free(record)
    tags = patched_tags(record, body.tags) if body.has("tags") else record.tags
    port, fixed = None, None
    moves = False
    if body.has("port_id") and body.port_id is None:
        if body.fixed_ip_address is not None:
            raise errors.invalid("fixed_ip_address", "Only used together with port_id")
        moves = record["port_id"] is not None
    elif body.has("port_id") or body.fixed_ip_address is not None:
        port_id = body.port_id if body.has("port_id") else record["port_id"]
        if port_id is None:
            raise errors.invalid("fixed_ip_address", "Only used together with port_id")
        same = port_id == record["port_id"] and body.fixed_ip_address in (None, record["fixed_ip_address"])
        if not same:
            port = call.get("port", port_id)
            call.free(port)
            fixed = fixed_address(call, port, body.fixed_ip_address, record)
            moves = True
    if not moves and tags == record.tags:
        return NO_TASKS

    def finish(_unused: Task) -> None:
        record.tags = tags
        if not moves:
            return
        if port is None:
            take_off(record)
        elif fixed and call.sim.store.has(port):
            put_on(record, port, fixed)

    data = {"floating_ip_id": record.id, **body.given()}
    # the port too: until the end nothing else is to take its address
    return call.start("update_floating_ip", data=data, locks=[record, *([port] if port else [])], finish=finish)


@routes("POST", "/v1/floatingips/{P}/{floating_ip_id}/convert")
def convert_floating(call: Call) -> Any:
    """To a reserved fixed IP with the same address; the floating IP must be unassigned."""
    record = call.get("floatingip", call.values["floating_ip_id"])
    call.free(record)
    if record["port_id"] is not None:
        raise errors.conflict(f"Floating IP {record.id} is assigned to a port")
    call.claim(external_ip_count=1)
    sim = call.sim
    assignment = dict(record["assignment"])
    reserved = reserved_fixed_ips.make(
        *call.scope, network_id=regions.external_network_id(call.region_id or 0),
        ip_assignments=[assignment],
    )  # fmt: skip
    port = sim.store.get("port", reserved.id)
    assert port is not None
    reserved.visible = port.visible = False

    def finish(_unused: Task) -> None:
        port.visible = True
        sim.forget(record)
        addresses.keep(sim, assignment)

    def undo(_unused: Task) -> None:
        reserved_fixed_ips.drop_keeping_addresses(sim, reserved)

    return call.start(
        "convert_fip_to_reserved_fixed_ip", data={"floating_ip_id": record.id}, locks=[record],
        creates={"ports": [reserved]}, finish=finish, undo=undo,
    )  # fmt: skip


floatings = Collection(routes, "floatingip", "/v1/floatingips/{P}", "floating_ip_id")
floatings.list(
    {
        "port_ids": lambda _call, record, wanted: record["port_id"] in wanted,
        "status": equal("status"),
    },
    show=lambda call, record: call.show(record, detailed=True),
)
floatings.get()
floatings.update(deprecated=True)
floatings.delete(task="delete_fip")


# deprecated, all synchronous


@routes("POST", "/v1/floatingips/{P}/{floating_ip_id}/assign", deprecated=True)
def assign_v1(call: Call) -> Any:
    record = call.get("floatingip", call.values["floating_ip_id"])
    call.free(record)
    port = call.get("port", call.body.port_id)
    put_on(record, port, fixed_address(call, port, call.body.fixed_ip_address, record))
    call.touch(record)
    return call.show(record)


@routes("POST", "/v1/floatingips/{P}/{floating_ip_id}/unassign", deprecated=True)
def unassign_v1(call: Call) -> Any:
    record = call.get("floatingip", call.values["floating_ip_id"])
    call.free(record)
    take_off(record)
    call.touch(record)
    return call.show(record)


def free_address(sim: Simulator, record: Record) -> None:
    """Free the address."""
    addresses.give_back(sim, record["assignment"])


RESOURCE = Resource(
    types=[ResourceType("floatingip", "Floating IP", make, view, failed={"status": "ERROR"})],
    routes=routes,
    quotas={"floating_count": count("floatingip")},
    on_delete={"floatingip": free_address},
)
