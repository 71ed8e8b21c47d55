# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pools of load balancers, their members and health monitors (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from ..core import addresses, errors
from ..core.collection import Collection, equal
from ..core.models import Body
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes, ordered
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from . import subnets
from .lb_tree import FAILED, deletable, ids, of_balancer, owner_of, parts, ready, statuses, work, writable

routes = Routes()
MAX_MEMBERS = 2500
HTTP_ONLY = ("domain_name", "expected_codes", "http_method", "http_version", "url_path")
SECRETS = ("ca_secret_id", "crl_secret_id", "secret_id")
TIMEOUTS = ("timeout_client_data", "timeout_member_connect", "timeout_member_data")
MEMBER_FIELDS = ("admin_state_up", "backup", "monitor_address", "monitor_port", "subnet_id", "weight")

# Which pools a listener takes: PROXY needs TCP (C19), the rest as OpenStack Octavia has it.
POOLS_OF: dict[str, tuple[str, ...]] = {
    "HTTP": ("HTTP",),
    "HTTPS": ("HTTPS", "TCP"),
    "PROMETHEUS": (),
    "TCP": ("HTTP", "HTTPS", "PROXY", "PROXYV2", "TCP"),
    "TERMINATED_HTTPS": ("HTTP", "HTTPS"),
    "UDP": ("UDP",),
}

# --- objects -------------------------------------------------------------------------------------------------------


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, load_balancer_id: str, name: str,
         lb_algorithm: str = "ROUND_ROBIN", protocol: str = "HTTP", listener_id: str | None = None,
         **more: Any) -> Record:  # fmt: skip
    """A pool, as the default pool of a listener if one is given."""
    owner = sim.store.get("loadbalancer", load_balancer_id)
    if owner is None:
        raise LookupError(f"no loadbalancer {load_balancer_id}")
    data = ready(name=name, lb_algorithm=lb_algorithm, protocol=protocol, session_persistence=None)
    data.update(dict.fromkeys((*SECRETS, *TIMEOUTS)), **more)
    record = new_record(sim, "lbpool", owner.project_id, owner.region_id, data)
    record.lock_owner = owner
    listener = sim.store.get("lblistener", listener_id) if listener_id else None
    if listener:
        listener["default_pool_id"] = record.id
    return record


def make_member(sim: Simulator, project_id: int | None, region_id: int | None, *, pool_id: str, address: str,
                protocol_port: int, **more: Any) -> Record:  # fmt: skip
    """A member of a pool."""
    pool = sim.store.get("lbpool", pool_id)
    if pool is None:
        raise LookupError(f"no lbpool {pool_id}")
    data = ready(
        pool_id=pool_id, address=address, protocol_port=protocol_port, backup=False, monitor_address=None,
        monitor_port=None, subnet_id=None, weight=1,
    )  # fmt: skip
    record = new_record(sim, "lbmember", pool.project_id, pool.region_id, {**data, **more})
    record.lock_owner = pool.lock_owner
    return record


def make_monitor(sim: Simulator, project_id: int | None, region_id: int | None, *, pool_id: str, type: str = "PING",
                 **more: Any) -> Record:  # fmt: skip
    """The health monitor of a pool."""
    pool = sim.store.get("lbpool", pool_id)
    if pool is None:
        raise LookupError(f"no lbpool {pool_id}")
    data = ready(pool_id=pool_id, type=type, delay=10, max_retries=3, max_retries_down=3, timeout=5)
    data.update(dict.fromkeys(HTTP_ONLY), **more)
    record = new_record(sim, "healthmonitor", pool.project_id, pool.region_id, data)
    record.lock_owner = pool.lock_owner
    return record


def members_of(sim: Simulator, pool: Record) -> list[Record]:
    """The members of a pool, oldest first."""
    return [record for record in sim.store.all("lbmember") if record["pool_id"] == pool.id]


def monitor_of(sim: Simulator, pool: Record) -> Record | None:
    """The health monitor of a pool."""
    return next((record for record in sim.store.all("healthmonitor") if record["pool_id"] == pool.id), None)


def listeners_of(sim: Simulator, pool: Record) -> list[Record]:
    """The listeners whose default pool it is."""
    return [record for record in sim.store.all("lblistener") if record["default_pool_id"] == pool.id]


def member_view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A member as its pool shows it; without a monitor nobody knows how it is (D2)."""
    pool = sim.store.get("lbpool", record["pool_id"])
    shown = {key: record[key] for key in ("address", "protocol_port", *MEMBER_FIELDS)}
    shown.update(id=record.id, **statuses(record))
    if shown["operating_status"] == "ONLINE" and (pool is None or monitor_of(sim, pool) is None):
        shown["operating_status"] = "NO_MONITOR"
    return shown


def monitor_view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A monitor as its pool shows it."""
    left_out = ("pool_id", "provisioning_status", "operating_status")
    shown = {key: value for key, value in record.data.items() if key not in left_out}
    return {"id": record.id, **shown, **statuses(record)}


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A pool as the API shows it, with its members in full."""
    monitor = monitor_of(sim, record)
    fields = ("admin_state_up", "lb_algorithm", "name", "protocol", "session_persistence", *SECRETS, *TIMEOUTS)
    return {
        "id": record.id,
        **{key: record[key] for key in fields},
        **statuses(record),
        "healthmonitor": sim.show(monitor) if monitor and sim.shown(monitor) else None,
        "listeners": ids(sim, listeners_of(sim, record)),
        "loadbalancers": [{"id": owner_of(record).id}],
        "members": sim.shuffled([sim.show(item) for item in members_of(sim, record) if sim.shown(item)]),
        "creator_task_id": record.creator_task_id,
        "task_id": record.task_id,
    }


# --- rules ---------------------------------------------------------------------------------------------------------


def suits(field: str, listener_protocol: str, pool_protocol: str) -> None:
    """400 if a listener cannot send its traffic to such a pool."""
    if pool_protocol not in POOLS_OF[listener_protocol]:
        raise errors.invalid(field, f"Protocol {pool_protocol} does not suit a {listener_protocol} listener")


def planned_monitor(monitor: Body, kind: str, pool_protocol: str) -> dict[str, Any]:
    """The data of a monitor, with what the server fills in (D4)."""
    if monitor.timeout >= monitor.delay:
        raise errors.invalid("healthmonitor.timeout", "Must be less than the delay value")
    if (kind == "UDP-CONNECT") != (pool_protocol == "UDP") and "UDP-CONNECT" in (kind, pool_protocol):
        raise errors.invalid("healthmonitor.type", f"{kind} does not suit a {pool_protocol} pool")
    data = {**monitor.model_dump(), "type": kind}
    if kind in ("HTTP", "HTTPS"):
        defaults = {"http_method": "GET", "url_path": "/", "expected_codes": "200"}
        data.update({key: value for key, value in defaults.items() if data[key] is None})
    else:
        for key in HTTP_ONLY:
            if data[key] is not None:
                raise errors.invalid(f"healthmonitor.{key}", "Can only be used together with HTTP or HTTPS")
    return data


def _subnet_of_instance(call: Call, instance: Record, address: str) -> str:
    for port in call.sim.store.all("port"):
        if port["owner_type"] == "instance" and port["owner_id"] == instance.id:
            for item in port["ip_assignments"]:
                if item["ip_address"] == address:
                    return str(item["subnet_id"])
    raise errors.invalid("members.address", f"IP address {address} is not of instance {instance.id}")


def planned_members(call: Call, members: list[Body], connectivity: str) -> list[dict[str, Any]]:
    """The data of members; the subnet of an instance's address is found unless it is reached by L3 (C17, C20)."""
    plans = []
    for member in members:
        data = member.model_dump(exclude={"instance_id"})
        data["weight"] = member.weight or 1
        if member.instance_id is None and member.subnet_id is None:
            raise errors.invalid("members", "Either subnet_id or instance_id should be provided")
        if member.subnet_id is not None:
            subnet = subnets.referred(call, member.subnet_id)
            if ipaddress.ip_address(member.address) not in addresses.network_of(subnet):
                raise errors.invalid("members.address", f"IP address {member.address} is not in {subnet['cidr']}")
        if member.instance_id is not None:
            subnet_id = _subnet_of_instance(call, call.get("instance", member.instance_id), member.address)
            if member.subnet_id is None and connectivity == "L2":
                data["subnet_id"] = subnet_id
        plans.append(data)
    keys = [(data["address"], data["protocol_port"]) for data in plans]
    if len(set(keys)) < len(keys):
        raise errors.invalid("members", "Two members have the same address and port")
    return plans


def planned_persistence(wanted: Body | None, protocol: str) -> dict[str, Any] | None:
    """Session persistence, whose fields depend on its type and on the protocol (C19)."""
    if wanted is None:
        return None
    if wanted.type == "APP_COOKIE" and wanted.cookie_name is None:
        raise errors.invalid("session_persistence.cookie_name", "Field required")
    if wanted.type == "SOURCE_IP" and wanted.cookie_name is not None:
        raise errors.invalid("session_persistence.cookie_name", "Not used with SOURCE_IP")
    for field in ("persistence_granularity", "persistence_timeout"):
        if getattr(wanted, field) is not None and protocol != "UDP":
            raise errors.invalid(f"session_persistence.{field}", "For UDP ports only")
    return wanted.model_dump()


def check_secrets(call: Call, body: Body, fields: Sequence[str]) -> None:
    """404 for a secret that is not there."""
    for field in fields:
        if getattr(body, field):
            call.get("secret", getattr(body, field))


def check_member_limit(call: Call, owner: Record | None, more: int) -> None:
    """A load balancer has so many members and no more."""
    now = len(parts(call.sim, owner, "lbmember")) if owner else 0
    if now + more > MAX_MEMBERS:
        raise errors.invalid("members", f"A load balancer has at most {MAX_MEMBERS} members")


Plan = tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any] | None]


def planned(call: Call, body: Body, connectivity: str) -> Plan:
    """Check a pool: its own data, that of its members and of its monitor."""
    check_secrets(call, body, SECRETS)
    data = {field: getattr(body, field) for field in ("name", "lb_algorithm", "protocol", *SECRETS, *TIMEOUTS)}
    data["session_persistence"] = planned_persistence(body.session_persistence, body.protocol)
    members = planned_members(call, body.members or [], connectivity)
    wanted = body.healthmonitor
    return data, members, planned_monitor(wanted, wanted.type, body.protocol) if wanted else None


def build(call: Call, owner: Record, plan: Plan, listener: Record | None) -> dict[str, list[Record]]:
    """Create a pool with its members and its monitor, by the keys of created_resources (B3)."""
    data, members, monitor = plan
    scope = call.scope
    listener_id = str(listener.id) if listener else None
    pool = make(*scope, load_balancer_id=str(owner.id), listener_id=listener_id, **data)
    pool_id = str(pool.id)
    return {
        "pools": [pool],
        "members": [make_member(*scope, pool_id=pool_id, **item) for item in members],
        "healthmonitors": [make_monitor(*scope, pool_id=pool_id, **monitor)] if monitor else [],
    }


# --- pools ---------------------------------------------------------------------------------------------------------


def _of_listener(call: Call, record: Record, listener_id: str) -> bool:
    return listener_id in [item.id for item in listeners_of(call.sim, record)]


def _row(call: Call, record: Record) -> dict[str, Any]:
    """A pool in the list: its members are only ids unless details are requested."""
    shown = call.show(record)
    return shown if call.query.details else {**shown, "members": [{"id": item["id"]} for item in shown["members"]]}


pools = Collection(routes, "lbpool", "/v1/lbpools/{P}", "pool_id")
pools.list(
    {"listener_id": _of_listener, "load_balancer_id": of_balancer, "name": equal("name")},
    show=_row,
    handled=["details"],
)
pools.get()


@routes("POST", "/v1/lbpools/{P}")
def create_pool(call: Call) -> Any:
    """For a listener, whose default pool it becomes, or for a load balancer alone."""
    body = call.body
    if body.listener_id is None and body.load_balancer_id is None:
        raise errors.invalid("load_balancer_id", "Either listener_id or load_balancer_id should be provided")
    listener = call.get("lblistener", body.listener_id) if body.listener_id else None
    owner = owner_of(listener) if listener else call.get("loadbalancer", body.load_balancer_id)
    if listener and body.load_balancer_id not in (None, owner.id):
        raise errors.invalid("listener_id", f"Listener {listener.id} is not of this load balancer")
    writable(call, owner)
    if listener:
        suits("protocol", listener["protocol"], body.protocol)
        if listener["default_pool_id"] is not None:
            raise errors.conflict(f"Listener {listener.id} has a default pool already")
    plan = planned(call, body, owner["preferred_connectivity"])
    check_member_limit(call, owner, len(plan[1]))
    creates = build(call, owner, plan, listener)
    touched = [listener] if listener else []
    return work(call, "create_lbpool", owner, data=body.given(), touched=touched, creates=creates)


def _monitor_change(call: Call, pool: Record, wanted: Body, protocol: str) -> dict[str, Any] | None:
    """The monitor's new data, whole as it must be given; None if it is that already. Its type stays (C19)."""
    current = monitor_of(call.sim, pool)
    if current is None and wanted.type is None:
        raise errors.invalid("healthmonitor.type", "Field required")
    if current and wanted.type not in (None, current["type"]):
        raise errors.invalid("healthmonitor.type", "Cannot be changed")
    data = planned_monitor(wanted, current["type"] if current else str(wanted.type), protocol)
    return None if current and all(current[key] == value for key, value in data.items()) else data


def _members_change(call: Call, pool: Record, wanted: list[Body]) -> list[dict[str, Any]] | None:
    """The whole new list; None if it is that already."""
    owner = owner_of(pool)
    plans = planned_members(call, wanted, owner["preferred_connectivity"])
    current = {_key(item.data): item for item in members_of(call.sim, pool)}
    for plan in plans:
        if _key(plan) in current:  # it stays where it is
            plan["subnet_id"] = current[_key(plan)]["subnet_id"]
    check_member_limit(call, owner, len(plans) - len(current))
    if len(plans) == len(current) and all(_key(plan) in current and _same(current[_key(plan)], plan) for plan in plans):
        return None
    return plans


def _key(data: dict[str, Any]) -> tuple[str, int]:
    return data["address"], data["protocol_port"]


def _same(record: Record, plan: dict[str, Any]) -> bool:
    return all(record[key] == value for key, value in plan.items())


def _replace_members(call: Call, pool: Record, plans: list[dict[str, Any]]) -> None:
    """Members of the same address and port are kept, with their ids (C19)."""
    sim = call.sim
    current = {_key(item.data): item for item in members_of(sim, pool)}
    for plan in plans:
        kept = current.pop(_key(plan), None)
        if kept:
            kept.data.update(plan)
        else:
            make_member(sim, pool.project_id, pool.region_id, pool_id=str(pool.id), **plan)
    for gone in current.values():
        sim.forget(gone)


@routes("PATCH", "/v2/lbpools/{P}/{pool_id}")
@routes("PATCH", "/v1/lbpools/{P}/{pool_id}", deprecated=True)
def update_pool(call: Call) -> Any:
    """Nested objects are given whole; a null of a list or of the monitor changes nothing; no change, no task (C19)."""
    body = call.body
    pool = call.get("lbpool")
    owner = owner_of(pool)
    writable(call, owner, pool)
    check_secrets(call, body, SECRETS)
    simple = ("admin_state_up", "lb_algorithm", "name", "protocol", *SECRETS, *TIMEOUTS)
    changes = {field: getattr(body, field) for field in simple if body.has(field)}
    protocol = changes.get("protocol", pool["protocol"])
    for listener in listeners_of(call.sim, pool):
        suits("protocol", listener["protocol"], protocol)
    if body.has("session_persistence"):
        changes["session_persistence"] = planned_persistence(body.session_persistence, protocol)
    changes = {key: value for key, value in changes.items() if pool[key] != value}
    monitor = _monitor_change(call, pool, body.healthmonitor, protocol) if body.healthmonitor else None
    members = _members_change(call, pool, body.members) if body.members is not None else None
    if not changes and monitor is None and members is None:
        return NO_TASKS

    def finish() -> None:
        pool.data.update(changes)
        current = monitor_of(call.sim, pool)
        if monitor is not None and current:
            current.data.update(monitor)
        elif monitor is not None:
            make_monitor(call.sim, pool.project_id, pool.region_id, pool_id=str(pool.id), **monitor)
        if members is not None:
            _replace_members(call, pool, members)

    data = {"pool_id": pool.id, **body.given()}
    return work(call, "patch_lbpool", owner, data=data, touched=[pool], finish=finish)


@routes("DELETE", "/v1/lbpools/{P}/{pool_id}")
def delete_pool(call: Call) -> Any:
    """Deletes its members and its monitor, and leaves its listeners without a pool; refused if an L7 policy redirects to it."""
    pool = call.get("lbpool")
    deletable(call, owner_of(pool), pool)
    check_unused(call, pool)
    listeners = listeners_of(call.sim, pool)
    data = {"pool_id": pool.id}
    return work(call, "delete_lbpool", owner_of(pool), data=data, deletes=[pool], touched=listeners)


def check_unused(call: Call, pool: Record, but: Sequence[Record] = ()) -> None:
    """409 if an L7 policy leads to the pool, but for those that go too."""
    policies = [policy for policy in call.sim.store.all("l7policy") if policy not in but]
    if any(policy["redirect_pool_id"] == pool.id for policy in policies):
        raise errors.conflict(f"Pool {pool.id} is in use by an L7 policy")


# --- health monitors and members -----------------------------------------------------------------------------------


@routes("POST", "/v1/lbpools/{P}/{pool_id}/healthmonitor")
def create_monitor(call: Call) -> Any:
    pool = call.target("lbpool", "pool_id")
    writable(call, owner_of(pool), pool)
    data = planned_monitor(call.body, call.body.type, pool["protocol"])
    if monitor_of(call.sim, pool):
        raise errors.conflict(f"Pool {pool.id} has a health monitor already")
    record = make_monitor(call.sim, pool.project_id, pool.region_id, pool_id=str(pool.id), **data)
    return work(
        call, "create_lbpool_health_monitor", owner_of(pool), data={"pool_id": pool.id, **call.body.given()},
        touched=[pool], creates={"healthmonitors": [record]},
    )  # fmt: skip


@routes("DELETE", "/v1/lbpools/{P}/{pool_id}/healthmonitor", status=204)
def delete_monitor(call: Call) -> None:
    """Synchronous (C19)."""
    pool = call.target("lbpool", "pool_id")
    deletable(call, owner_of(pool), pool)
    record = monitor_of(call.sim, pool)
    if record is None:
        raise errors.not_found("Health monitor of pool", pool.id)
    call.sim.forget(record)
    call.touch(pool)


MEMBERS = "/v1/loadbalancers/{P}/pools/{pool_id}/members"


def _member(call: Call) -> tuple[Record, Record]:
    """The pool and the member that the path names."""
    pool, record = call.target("lbpool", "pool_id"), call.target("lbmember", "member_id")
    if record["pool_id"] != pool.id:
        raise errors.not_found("Member", record.id)
    return pool, record


@routes("GET", MEMBERS)
def list_members(call: Call) -> Any:
    pool = call.target("lbpool", "pool_id")

    def by_address(record: Record) -> tuple[int, int]:
        address = ipaddress.ip_address(record["address"])
        return address.version, int(address)

    records = [record for record in call.records("lbmember") if record["pool_id"] == pool.id]
    return call.listing(ordered(records, call.query.order_by, {"address": by_address}))


@routes("GET", f"{MEMBERS}/{{member_id}}")
def get_member(call: Call) -> Any:
    return call.show(_member(call)[1])


@routes("POST", MEMBERS)
@routes("POST", "/v1/lbpools/{P}/{pool_id}/member", deprecated=True)
def create_member(call: Call) -> Any:
    pool = call.target("lbpool", "pool_id")
    owner = owner_of(pool)
    writable(call, owner, pool)
    (data,) = planned_members(call, [call.body], owner["preferred_connectivity"])
    if any(_key(item.data) == _key(data) for item in members_of(call.sim, pool)):
        raise errors.conflict(f"Pool {pool.id} has a member {data['address']}:{data['protocol_port']} already")
    check_member_limit(call, owner, 1)
    record = make_member(call.sim, pool.project_id, pool.region_id, pool_id=str(pool.id), **data)
    return work(
        call, "create_lbmember", owner, data={"pool_id": pool.id, **call.body.given()}, touched=[pool],
        creates={"members": [record]},
    )  # fmt: skip


@routes("PUT", MEMBERS)
def replace_members(call: Call) -> Any:
    """Replaces all members in one change of the pool; without a change no task."""
    pool = call.target("lbpool", "pool_id")
    writable(call, owner_of(pool), pool)
    plans = _members_change(call, pool, call.body)
    if plans is None:
        return NO_TASKS
    data = {"pool_id": pool.id, "members": [member.given() for member in call.body]}
    return work(
        call, "patch_lbpool", owner_of(pool), data=data, touched=[pool],
        finish=lambda: _replace_members(call, pool, plans),
    )  # fmt: skip


@routes("PATCH", f"{MEMBERS}/{{member_id}}")
def update_member(call: Call) -> Any:
    """Omitted fields are kept, null clears; without a change no task."""
    pool, record = _member(call)
    writable(call, owner_of(pool), pool, record)
    changes = call.body.given()
    if all(record[key] == value for key, value in changes.items()):
        return NO_TASKS
    data = {"pool_id": pool.id, "member_id": record.id, **changes}
    return work(
        call, "update_lbmember", owner_of(pool), data=data, touched=[pool, record],
        finish=lambda: record.data.update(changes),
    )  # fmt: skip


@routes("DELETE", f"{MEMBERS}/{{member_id}}")
@routes("DELETE", "/v1/lbpools/{P}/{pool_id}/member/{member_id}", deprecated=True)
def delete_member(call: Call) -> Any:
    pool, record = _member(call)
    deletable(call, owner_of(pool), pool, record)
    data = {"pool_id": pool.id, "member_id": record.id}
    return work(call, "delete_lbmember", owner_of(pool), data=data, touched=[pool], deletes=[record])


def delete_members(sim: Simulator, record: Record) -> None:
    """Delete the pool's members and monitor, and the references to it."""
    monitor = monitor_of(sim, record)
    for item in [*members_of(sim, record), *([monitor] if monitor else [])]:
        sim.forget(item)
    for listener in listeners_of(sim, record):
        listener["default_pool_id"] = None
    for policy in sim.store.all("l7policy"):
        if policy["redirect_pool_id"] == record.id:
            policy["redirect_pool_id"] = None


RESOURCE = Resource(
    types=[
        ResourceType("lbpool", "Pool", make, view, failed=FAILED),
        ResourceType("lbmember", "Member", make_member, member_view, failed=FAILED),
        ResourceType("healthmonitor", "Health monitor", make_monitor, monitor_view, failed=FAILED),
    ],
    routes=routes,
    on_delete={"lbpool": delete_members},
)
