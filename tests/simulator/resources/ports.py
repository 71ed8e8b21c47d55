# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports (docs/api-notes.md: Ports): the interfaces of instances, routers and reserved addresses."""

from __future__ import annotations

from typing import Any

from ..core import addresses, errors
from ..core.clock import object_time
from ..core.collection import Collection, Filter
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes, patched_tags
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from ..core.tasks import Task

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, network_id: str,
         ip_assignments: list[dict[str, str]], owner_type: str | None = None, owner_id: str | None = None,
         security_group_ids: list[str] | None = None, interface_name: str | None = None,
         system_tags: dict[str, str] | None = None) -> Record:  # fmt: skip
    """A port with addresses that are already taken from their subnets."""
    octets = ":".join(f"{sim.random.randrange(256):02x}" for _each in range(3))
    data = {
        "network_id": network_id,
        "mac_address": f"fa:16:3e:{octets}",
        "ip_assignments": ip_assignments,
        "owner_type": owner_type,
        "owner_id": owner_id,
        "security_group_ids": list(security_group_ids or []),
        "port_security_enabled": True,
        "allowed_address_pairs": [],
        "interface_name": interface_name,
    }
    record = new_record(sim, "port", project_id, region_id, data, read_only_tags=system_tags)
    instance = sim.store.get("instance", owner_id) if owner_type == "instance" and owner_id else None
    if instance:
        instance["port_ids"].append(record.id)
    return record


def attached_to(record: Record) -> dict[str, Any] | None:
    """What the port is on; there are no trunks here."""
    if record["owner_type"] is None:
        return None
    kind = {"loadbalancer": "load_balancer"}.get(record["owner_type"], record["owner_type"])
    return {"resource_id": record["owner_id"], "resource_type": kind, "trunk": None}


def managed_by(record: Record) -> str:
    """The platform manages the ports of routers."""
    return "system" if record["owner_type"] == "router" else "user"


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A port as the API shows it; lists are sorted, as its text says."""
    attached = attached_to(record)
    return {
        "id": record.id,
        "network_id": record["network_id"],
        "mac_address": record["mac_address"],
        "ip_assignments": [dict(item) for item in record["ip_assignments"]],
        "allowed_address_pairs": sorted(
            ({"ip_address": pair["ip_address"]} for pair in record["allowed_address_pairs"]),
            key=lambda pair: pair["ip_address"],
        ),
        "port_security_enabled": record["port_security_enabled"],
        "security_group_ids": sorted(record["security_group_ids"]),
        "managed_by": managed_by(record),
        "attached_to": attached,
        "capabilities": {"allowed_address_pairs": True, "port_security": True, "security_groups": True}
        if attached
        else None,
        "tags": dict(record.tags),
        "system_tags": dict(record.read_only_tags),
        "created_at": object_time(record.created),
        "updated_at": object_time(record.updated),
    }


def is_on(port: Record, subnet: Record) -> bool:
    """Whether the port has an address of the subnet."""
    return any(item["subnet_id"] == subnet.id for item in port["ip_assignments"])


def ips(port: Record) -> list[str]:
    """The port's addresses."""
    return [item["ip_address"] for item in port["ip_assignments"]]


def _attachment(name: str) -> Filter:
    """The resource that the port is on has this id or type."""
    return lambda _call, record, wanted: (attached_to(record) or {}).get(name) == wanted


collection = Collection(routes, "port", "/v1/ports/{P}", "port_id")
collection.list(
    {
        "attached": lambda _call, record, wanted: (attached_to(record) is not None) == wanted,
        "ids": lambda _call, record, wanted: record.id in wanted,
        "ip_addresses": lambda _call, record, wanted: bool(set(ips(record)) & set(wanted)),
        "managed_by": lambda _call, record, wanted: managed_by(record) == wanted,
        "network_ids": lambda _call, record, wanted: record["network_id"] in wanted,
        "parent_port_id": lambda _call, _record, _wanted: False,  # there are no trunks here
        "resource_id": _attachment("resource_id"),
        "resource_type": _attachment("resource_type"),
        "subnet_ids": lambda _call, record, wanted: any(
            item["subnet_id"] in wanted for item in record["ip_assignments"]
        ),
    }
)
collection.get()


def _writable(call: Call) -> Record:
    record = call.target("port", "port_id")
    if record["owner_type"] == "router":
        raise errors.forbidden(f"Port {record.id} is managed by the system")
    call.free(record)
    return record


def _check_pairs(call: Call, record: Record, pairs: list[Any]) -> None:
    network = call.sim.store.get("network", record["network_id"])
    if pairs and network and network["external"]:
        raise errors.invalid("allowed_address_pairs", "Address pairs are for private ports only")


def _assign(call: Call, record: Record, wanted: list[dict[str, str]]) -> list[dict[str, str]]:
    """Check a full set of assignments: subnets of the port's network, free addresses, at least one."""
    if not wanted:
        raise errors.invalid("ip_assignments", "At least one assignment must remain")
    for item in wanted:
        subnet = call.sim.store.get("subnet", item["subnet_id"])
        if subnet is None or subnet["network_id"] != record["network_id"]:
            raise errors.invalid("ip_assignments", f"Subnet {item['subnet_id']} is not of the port's network")
        if item not in record["ip_assignments"]:
            if not addresses.usable(addresses.network_of(subnet), item["ip_address"]):
                raise errors.invalid("ip_assignments", f"{item['ip_address']} is no address of {subnet['cidr']}")
            if item["ip_address"] in subnet["used"]:
                raise errors.conflict(f"IP address {item['ip_address']} is already in use")
    return wanted


@routes("PATCH", "/v1/ports/{P}/{port_id}")
def update_port(call: Call) -> Any:
    """Lists replace the whole set, ``[]`` clears, omitted fields are kept (C14)."""
    record = _writable(call)
    changes = call.body.given()
    patch = changes.pop("tags", {})
    tags = patched_tags(record, patch)
    for group_id in changes.get("security_group_ids", []):
        call.get("security_group", group_id)
    _check_pairs(call, record, changes.get("allowed_address_pairs", []))
    if "ip_assignments" in changes:
        _assign(call, record, changes["ip_assignments"])
    current = {key: record[key] for key in changes}
    if "security_group_ids" in changes:
        changes["security_group_ids"] = sorted(set(changes["security_group_ids"]))
        current["security_group_ids"] = sorted(current["security_group_ids"])
    if changes == current and tags == record.tags:
        return NO_TASKS

    def finish(_unused: Task) -> None:
        if "ip_assignments" in changes:
            for item in record["ip_assignments"]:
                addresses.give_back(call.sim, item)
            for item in changes["ip_assignments"]:
                addresses.keep(call.sim, item)
        record.data.update(changes)
        record.tags = tags

    return call.start("update_port", data={"port_id": record.id, **call.body.given()}, locks=[record], finish=finish)


@routes("PUT", "/v2/ports/{P}/{port_id}/allow_address_pairs", deprecated=True)
def allow_address_pairs(call: Call) -> Any:
    record = _writable(call)
    pairs = call.body.model_dump()["allowed_address_pairs"]
    _check_pairs(call, record, pairs)

    def finish(_unused: Task) -> None:
        record["allowed_address_pairs"] = pairs

    data = {"port_id": record.id, "allowed_address_pairs": pairs}
    return call.start("update_port_allowed_address_pairs", data=data, locks=[record], finish=finish)


def _switch_security(call: Call, enabled: bool) -> Any:
    from .instances import interface_view

    record = _writable(call)
    record["port_security_enabled"] = enabled
    call.touch(record)
    return interface_view(call.sim, record)


@routes("POST", "/v1/ports/{P}/{port_id}/enable_port_security", deprecated=True)
def enable_port_security(call: Call) -> Any:
    return _switch_security(call, True)


@routes("POST", "/v1/ports/{P}/{port_id}/disable_port_security", deprecated=True)
def disable_port_security(call: Call) -> Any:
    return _switch_security(call, False)


def free_addresses(sim: Simulator, record: Record) -> None:
    """Free the port's addresses and unassign its floating IPs."""
    for item in record["ip_assignments"]:
        addresses.give_back(sim, item)
    for floating in sim.store.all("floatingip"):
        if floating["port_id"] == record.id:
            floating.data.update(port_id=None, fixed_ip_address=None, status="DOWN")


RESOURCE = Resource(types=[ResourceType("port", "Port", make, view)], routes=routes, on_delete={"port": free_addresses})
