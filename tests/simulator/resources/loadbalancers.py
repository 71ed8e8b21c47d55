# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Load balancers as a whole (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..core import addresses, errors, metrics, quotas
from ..core.collection import Collection, equal
from ..core.models import MODELS, Body
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes, patched_tags
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from . import floatingips, lb_listeners, lb_pools, lbflavors, networks, ports, regions, subnets
from .lb_tree import (
    FAILED,
    NO_STATS,
    PARTS,
    deletable,
    ids,
    operating,
    parts,
    ready,
    statuses,
    work,
    writable,
)

routes = Routes()

# --- objects -------------------------------------------------------------------------------------------------------


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, flavor: str | None = None,
         network_id: str | None = None, subnet_id: str | None = None, family: str | None = None,
         port_id: str | None = None, preferred_connectivity: str = "L2", logging: dict[str, Any] | None = None,
         tags: dict[str, str] | None = None) -> Record:  # fmt: skip
    """A load balancer with its VIP: on a reserved port, in a subnet, in a network, or public."""
    taken: list[dict[str, str]] = []
    try:
        port = sim.store.get("port", port_id) if port_id else None
        if port is None:
            taken = _vip_addresses(sim, region_id, network_id, subnet_id, family)
        vip = port["ip_assignments"][0] if port else taken[0]
        subnet = sim.store.get("subnet", vip["subnet_id"])
        assert subnet is not None
        roles = []
        for role in ("MASTER", "BACKUP"):
            taken.append(addresses.take(subnet))
            roles.append({**taken[-1], "role": role})
    except errors.ApiError:
        for item in taken:
            addresses.give_back(sim, item)
        raise
    data = ready(
        name=name, flavor=flavor, preferred_connectivity=preferred_connectivity, logging=logging or logged(None),
        vrrp_ips=roles, vip_port_id=None,
    )  # fmt: skip
    record = new_record(sim, "loadbalancer", project_id, region_id, data, tags=tags)
    if port:
        port.data.update(owner_type="loadbalancer", owner_id=record.id)
    else:
        port = ports.make(
            sim, project_id, region_id, network_id=subnet["network_id"], ip_assignments=taken[:-2],
            owner_type="loadbalancer", owner_id=str(record.id),
        )  # fmt: skip
    record["vip_port_id"] = port.id
    return record


def _vip_addresses(
    sim: Simulator, region_id: int | None, network_id: str | None, subnet_id: str | None, family: str | None
) -> list[dict[str, str]]:
    subnet = sim.store.get("subnet", subnet_id) if subnet_id else None
    if subnet:
        return [addresses.take(subnet)]
    network = sim.store.get("network", network_id or regions.external_network_id(region_id or 0))
    if network is None:
        raise LookupError(f"no network {network_id}")
    return addresses.allocate(sim, network, family)


def logged(wanted: Body | None) -> dict[str, Any]:
    """Logging as it is kept: off unless it is asked for (D4)."""
    return wanted.model_dump() if wanted else MODELS.defaults("LoadbalancerLoggingSerializer")


def vip_port(sim: Simulator, record: Record) -> Record | None:
    """The port with the VIP."""
    return sim.store.get("port", record["vip_port_id"])


def vip_addresses(sim: Simulator, record: Record) -> list[dict[str, str]]:
    """The VIP, IPv4 first, and the addresses beside it."""
    port = vip_port(sim, record)
    return sorted(port["ip_assignments"], key=lambda item: ":" in item["ip_address"]) if port else []


def family_of(sim: Simulator, record: Record) -> str | None:
    """The IP family of the VIP."""
    versions = {6 if ":" in item["ip_address"] else 4 for item in vip_addresses(sim, record)}
    return {(4,): "ipv4", (6,): "ipv6", (4, 6): "dual"}.get(tuple(sorted(versions)))


def floatings_of(sim: Simulator, record: Record) -> list[Record]:
    """The floating IPs on the VIP."""
    port = vip_port(sim, record)
    return floatingips.on_port(sim, port) if port else []


def view(sim: Simulator, record: Record, *, show_stats: bool = False) -> dict[str, Any]:
    """A load balancer as the API shows it; a default flavor is null."""
    vips = vip_addresses(sim, record)
    flavor = sim.store.get("lbflavor", record["flavor"]) if record["flavor"] else None
    return {
        **common_view(sim, record),
        "name": record["name"],
        "admin_state_up": record["admin_state_up"],
        **statuses(record),
        "flavor": sim.show(flavor) if flavor else None,
        "preferred_connectivity": record["preferred_connectivity"],
        "vip_address": vips[0]["ip_address"] if vips else None,
        "additional_vips": [dict(item) for item in vips[1:]],
        "vip_ip_family": family_of(sim, record),
        "vip_port_id": record["vip_port_id"],
        "vip_fqdn": None,
        "vrrp_ips": sim.shuffled([dict(item) for item in record["vrrp_ips"]]),
        "floating_ips": sim.shuffled([sim.show(item) for item in floatings_of(sim, record) if sim.shown(item)]),
        "listeners": ids(sim, parts(sim, record, "lblistener")),
        "logging": dict(record["logging"]),
        "ddos_profile": None,
        "stats": dict(NO_STATS) if show_stats else None,
        "tags_v2": record.tag_list(),
    }


def status_view(sim: Simulator, record: Record) -> dict[str, Any]:
    """The tree of statuses: listeners, their default pools, members and monitors."""

    def node(item: Record, *fields: str) -> dict[str, Any]:
        return {"id": item.id, **{field: item[field] for field in fields}, **statuses(item)}

    def pool_node(pool: Record) -> dict[str, Any]:
        monitor = lb_pools.monitor_of(sim, pool)
        members = []
        for item in lb_pools.members_of(sim, pool):
            shown = sim.show(item)
            members.append({**node(item, "address", "protocol_port"), "operating_status": shown["operating_status"]})
        health = node(monitor, "type") if monitor else None
        return {**node(pool, "name"), "members": sim.shuffled(members), "health_monitor": health}

    def listener_node(listener: Record) -> dict[str, Any]:
        pool = sim.store.get("lbpool", listener["default_pool_id"]) if listener["default_pool_id"] else None
        return {**node(listener, "name"), "pools": [pool_node(pool)] if pool else []}

    listeners = [listener_node(item) for item in parts(sim, record, "lblistener")]
    return {**node(record, "name"), "listeners": sim.shuffled(listeners), "tags": record.tag_list()}


# --- reading -------------------------------------------------------------------------------------------------------


def _by_address(call: Call, record: Record) -> tuple[int, int]:
    vips = vip_addresses(call.sim, record)
    address = ipaddress.ip_address(vips[0]["ip_address"] if vips else "0.0.0.0")
    return address.version, int(address)


balancers = Collection(routes, "loadbalancer", "/v1/loadbalancers/{P}", "load_balancer_id")
balancers.list(
    {
        "assigned_floating": lambda call, record, wanted: bool(floatings_of(call.sim, record)) == wanted,
        "logging_enabled": lambda _call, record, wanted: record["logging"]["enabled"] == wanted,
        "name": equal("name"),
        "operating_status": lambda _call, record, wanted: operating(record) == wanted,
        "provisioning_status": equal("provisioning_status"),
    },
    orders={
        "flavor": lambda call, record: (call.show(record)["flavor"] or {}).get("flavor_name", ""),
        "operating_status": lambda _call, record: operating(record),
        "vip_address": _by_address,
        "vip_ip_family": lambda call, record: family_of(call.sim, record) or "",
    },
    handled=["with_ddos"],  # there are no profiles here
    options=["show_stats"],
)
balancers.get(options=["show_stats"])


@routes("GET", "/v1/loadbalancers/{P}/status")
def list_statuses(call: Call) -> Any:
    return call.page(call.records("loadbalancer"), lambda record: status_view(call.sim, record))


@routes("GET", "/v1/loadbalancers/{P}/{load_balancer_id}/status")
def get_status(call: Call) -> Any:
    return status_view(call.sim, call.target("loadbalancer", "load_balancer_id"))


@routes("POST", "/v1/loadbalancers/{P}/{load_balancer_id}/metrics")
def get_metrics(call: Call) -> Any:
    """A read: even figures."""
    call.target("loadbalancer", "load_balancer_id")

    def row(time: str) -> dict[str, Any]:
        return {
            "time": time,
            "cpu_util": 5.0,
            "memory_util": 30.0,
            "network_Bps_egress": 100.0,
            "network_Bps_ingress": 100.0,
            "network_pps_egress": 1.0,
            "network_pps_ingress": 1.0,
        }

    return call.page(metrics.times(call), row)


def _requested(call: Call, body: Body) -> dict[str, int]:
    """What a load balancer needs of the quotas (C45)."""
    public = not body.has("vip_port_id")
    if public and body.has("vip_network_id"):
        public = networks.referred(call, body.vip_network_id)["external"]
    return {
        "loadbalancer_count": 1,
        "external_ip_count": int(public),
        "floating_count": int(body.has("floating_ip") and body.floating_ip.source == "new"),
        "laas_topic_count": int(body.has("logging") and body.logging.enabled and body.logging.topic_name is None),
    }


@routes("POST", "/v1/loadbalancers/{P}/check_limits")
def check_limits(call: Call) -> Any:
    """A read: what does not fit, or nothing (C45)."""
    found: dict[str, int] = {}
    requested = _requested(call, call.body)
    for name, (limit, usage, amount) in quotas.exceeded(call.sim, call.region_id, requested).items():
        found.update({f"{name}_limit": limit, f"{name}_usage": usage, f"{name}_requested": amount})
    return found


# --- creation ------------------------------------------------------------------------------------------------------


def _reserved(call: Call, port_id: str) -> Record:
    """A reserved IP that nobody uses."""
    port = call.get("port", port_id)
    if not call.sim.store.get("reserved_fixed_ip", port.id):
        raise errors.not_found("Reserved fixed IP", port_id)
    reservation = call.get("reserved_fixed_ip", port_id)
    call.free(port, reservation)
    if port["owner_type"] is not None:
        raise errors.conflict(f"Reserved fixed IP {port_id} is attached")
    return port


def _check_placement(call: Call, body: Body) -> tuple[dict[str, Any], Record | None, Record]:
    """Where the VIP goes: how it is created, a reserved port, and the network (C17)."""
    if body.has("vip_port_id"):
        if body.has("vip_network_id"):
            raise errors.invalid("vip_port_id", "Mutually exclusive with vip_network_id")
        port = _reserved(call, body.vip_port_id)
        return {"port_id": str(port.id)}, port, networks.referred(call, port["network_id"])
    external = regions.external_network_id(call.region_id or 0)
    network = networks.referred(call, body.vip_network_id if body.has("vip_network_id") else external)
    placement = {"network_id": str(network.id), "family": body.vip_ip_family}
    if body.has("vip_network_id") and body.has("vip_subnet_id"):
        subnet = subnets.referred(call, body.vip_subnet_id)
        if subnet["network_id"] != network.id:
            raise errors.invalid("vip_subnet_id", f"Subnet {subnet.id} is not of network {network.id}")
        if body.has("vip_ip_family") and body.vip_ip_family != f"ipv{subnet['ip_version']}":
            raise errors.invalid("vip_ip_family", f"Subnet {subnet.id} is not {body.vip_ip_family}")
        placement["subnet_id"] = str(subnet.id)
    return placement, None, network


def _check_floating(call: Call, body: Body, network: Record) -> Record | None:
    """A floating IP goes on a private VIP; an existing one must be free."""
    if not body.has("floating_ip"):
        return None
    if network["external"]:
        raise errors.invalid("floating_ip", "The VIP is on an external network")
    if body.floating_ip.source != "existing":
        return None
    floating = call.get("floatingip", body.floating_ip.existing_floating_id)
    call.free(floating)
    if floating["port_id"] is not None:
        raise errors.conflict(f"Floating IP {floating.id} is assigned to a port")
    return floating


def _check_logging(call: Call, body: Any) -> None:
    """The destination region must be there."""
    ident = body.logging.destination_region_id if body.has("logging") else None
    if ident is not None and not call.sim.store.get("region", ident):
        raise errors.not_found("Region", ident)


@routes("POST", "/v1/loadbalancers/{P}")
def create_balancer(call: Call) -> Any:
    """With its listeners, their pools, members and monitors in one task."""
    body = call.body
    sim = call.sim
    flavor = lbflavors.referred(call, body.flavor) if body.has("flavor") else None
    placement, reserved, network = _check_placement(call, body)
    floating = _check_floating(call, body, network)
    _check_logging(call, body)
    listeners = body.listeners or []
    lb_listeners.check_places([(item.protocol, item.protocol_port) for item in listeners], [])
    plans = []
    for item in listeners:
        pool = next(iter(item.pools or []), None)
        if pool:
            lb_pools.suits("listeners.pools", item.protocol, pool.protocol)
        planned_pool = lb_pools.planned(call, pool, body.preferred_connectivity) if pool else None
        plans.append((lb_listeners.planned(call, item), planned_pool))
    lb_pools.check_member_limit(call, None, sum(len(plan[1]) for _unused, plan in plans if plan))
    call.claim(**_requested(call, body))
    record = make(
        *call.scope, name=body.name, flavor=str(flavor.id) if flavor else None,
        preferred_connectivity=body.preferred_connectivity, logging=logged(body.logging), tags=body.tags, **placement,
    )  # fmt: skip
    port = vip_port(sim, record)
    assert port is not None
    try:
        fixed = floatingips.fixed_address(call, port, None) if body.has("floating_ip") else None
    except errors.ApiError:
        sim.forget(record)
        raise
    creates: dict[str, list[Record]] = {"loadbalancers": [record]}
    for data, plan in plans:
        listener = lb_listeners.make(*call.scope, load_balancer_id=str(record.id), **data)
        made = lb_pools.build(call, record, plan, listener) if plan else {}
        for key, records in ({"listeners": [listener]} | made).items():
            creates.setdefault(key, []).extend(records)
    if fixed and floating is None:
        floating = floatingips.make(*call.scope)
        floating.visible = False
        creates["floatingips"] = [floating]

    def finish() -> None:
        if floating is not None and fixed and sim.store.has(floating):
            floatingips.put_on(floating, port, fixed)

    locks = [port, call.get("reserved_fixed_ip", str(port.id))] if reserved else [port]
    if floating is not None and "floatingips" not in creates:
        locks.append(floating)
    return work(call, "create_loadbalancer", record, data=body.given(), creates=creates, locks=locks, finish=finish)


# --- changes -------------------------------------------------------------------------------------------------------


def _changes(call: Call, record: Record) -> tuple[dict[str, Any], dict[str, str]]:
    body = call.body
    _check_logging(call, body)
    fields = ("admin_state_up", "name", "preferred_connectivity")
    changes = {field: getattr(body, field) for field in fields if body.has(field)}
    if body.has("logging"):
        changes["logging"] = logged(body.logging)
    tags = patched_tags(record, body.tags) if body.has("tags") else record.tags
    return {key: value for key, value in changes.items() if record[key] != value}, tags


@routes("PATCH", "/v2/loadbalancers/{P}/{load_balancer_id}")
def update_balancer(call: Call) -> Any:
    """Without a change no task (A8)."""
    record = call.get("loadbalancer")
    writable(call, record)
    changes, tags = _changes(call, record)
    if not changes and tags == record.tags:
        return NO_TASKS

    def finish() -> None:
        record.data.update(changes)
        record.tags = tags

    data = {"loadbalancer_id": record.id, **call.body.given()}
    return work(call, "update_loadbalancer", record, data=data, finish=finish)


@routes("PATCH", "/v1/loadbalancers/{P}/{load_balancer_id}", deprecated=True)
def update_balancer_v1(call: Call) -> Any:
    """Synchronous; the response lacks vrrp_ips (A8)."""
    record = call.get("loadbalancer")
    writable(call, record)
    changes, record.tags = _changes(call, record)
    record.data.update(changes)
    call.touch(record)
    return {**call.show(record), "vrrp_ips": []}


@routes("POST", "/v1/loadbalancers/{P}/{load_balancer_id}/resize")
def resize_balancer(call: Call) -> Any:
    record = call.target("loadbalancer", "load_balancer_id")
    writable(call, record)
    flavor = lbflavors.referred(call, call.body.flavor)
    if record["flavor"] == flavor.id:
        raise errors.invalid("flavor", f"Load balancer {record.id} has flavor {flavor['name']} already")
    data = {"loadbalancer_id": record.id, "flavor": flavor["name"]}
    return work(
        call, "resize_loadbalancer", record, data=data, finish=lambda: record.data.update(flavor=str(flavor.id))
    )  # fmt: skip


@routes("POST", "/v1/loadbalancers/{P}/{load_balancer_id}/failover")
def failover_balancer(call: Call) -> Any:
    """The two instances change their roles; ``force`` leaves out the check of the status."""
    record = call.target("loadbalancer", "load_balancer_id")
    if call.body.force:
        deletable(call, record)
    else:
        writable(call, record)

    def finish() -> None:
        other = {"MASTER": "BACKUP", "BACKUP": "MASTER"}
        record["vrrp_ips"] = [{**item, "role": other[item["role"]]} for item in record["vrrp_ips"]]

    data = {"loadbalancer_id": record.id, **call.body.given()}
    return work(call, "failover_loadbalancer", record, data=data, finish=finish)


@routes("DELETE", "/v1/loadbalancers/{P}/{load_balancer_id}")
def delete_balancer(call: Call) -> Any:
    """Deletes all its parts; a reserved IP becomes free, floating IPs are kept (C17)."""
    record = call.get("loadbalancer")
    deletable(call, record)
    tree = [item for kind in PARTS for item in parts(call.sim, record, kind)]
    data = {"loadbalancer_id": record.id}
    return work(call, "delete_loadbalancer", record, data=data, deletes=[record, *tree])


def delete_tree(sim: Simulator, record: Record) -> None:
    """Delete the load balancer's parts, and free its VIP."""
    for kind in PARTS:
        for item in parts(sim, record, kind):
            if sim.store.has(item):
                sim.forget(item)
    for item in record["vrrp_ips"]:
        addresses.give_back(sim, item)
    record["vrrp_ips"] = []
    port = vip_port(sim, record)
    if port is None or port["owner_id"] != record.id:
        return
    for floating in floatingips.on_port(sim, port):
        floatingips.take_off(floating)
    port.data.update(owner_type=None, owner_id=None)
    if not sim.store.get("reserved_fixed_ip", port.id):
        sim.forget(port)


RESOURCE = Resource(
    types=[ResourceType("loadbalancer", "Load balancer", make, view, failed=FAILED)],
    routes=routes,
    quotas={"loadbalancer_count": quotas.count("loadbalancer")},
    on_delete={"loadbalancer": delete_tree},
)
