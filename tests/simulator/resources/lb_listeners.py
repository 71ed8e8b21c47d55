# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Listeners of load balancers (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.collection import Collection, equal
from ..core.models import Body
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from . import lb_pools
from .lb_tree import (
    FAILED,
    NO_STATS,
    deletable,
    of_balancer,
    owner_of,
    parts,
    ready,
    statuses,
    work,
    writable,
)

routes = Routes()
MAX_LISTENERS = 50
UNLIMITED = 100000
HEADERS = {"X-Forwarded-For": "true", "X-Forwarded-Port": "true", "X-Forwarded-Proto": "true"}
TIMEOUTS = ("timeout_client_data", "timeout_member_connect", "timeout_member_data")


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, load_balancer_id: str, name: str,
         protocol: str = "HTTP", protocol_port: int = 80, **more: Any) -> Record:  # fmt: skip
    """A listener of a load balancer."""
    owner = sim.store.get("loadbalancer", load_balancer_id)
    if owner is None:
        raise LookupError(f"no loadbalancer {load_balancer_id}")
    data = ready(
        name=name, protocol=protocol, protocol_port=protocol_port, allowed_cidrs=None, connection_limit=UNLIMITED,
        default_pool_id=None, insert_headers={}, secret_id=None, sni_secret_id=[], user_list=[],
    )  # fmt: skip
    data.update(dict.fromkeys(TIMEOUTS), **more)
    record = new_record(sim, "lblistener", owner.project_id, owner.region_id, data)
    record.lock_owner = owner
    return record


def view(sim: Simulator, record: Record, *, show_stats: bool = False) -> dict[str, Any]:
    """A listener as the API shows it."""
    cidrs = record["allowed_cidrs"]
    return {
        "id": record.id,
        "name": record["name"],
        "load_balancer_id": owner_of(record).id,
        "protocol": record["protocol"],
        "protocol_port": record["protocol_port"],
        "admin_state_up": record["admin_state_up"],
        "allowed_cidrs": sim.shuffled(list(cidrs)) if cidrs is not None else None,
        "connection_limit": record["connection_limit"],
        "insert_headers": dict(record["insert_headers"]),
        "secret_id": record["secret_id"],
        "sni_secret_id": list(record["sni_secret_id"]),
        **{field: record[field] for field in TIMEOUTS},
        "user_list": sim.shuffled([dict(user) for user in record["user_list"]]),
        "pool_count": int(record["default_pool_id"] is not None),
        **statuses(record),
        "stats": dict(NO_STATS) if show_stats else None,
        "creator_task_id": record.creator_task_id,
        "task_id": record.task_id,
    }


# --- rules ---------------------------------------------------------------------------------------------------------


def _layer4(protocol: str) -> str:
    return "UDP" if protocol == "UDP" else "TCP"


def check_places(wanted: list[tuple[str, int]], current: list[tuple[str, int]]) -> None:
    """No two listeners share L4 protocol and port; there are 50 and one for Prometheus at most (C17, C18)."""
    places = {(_layer4(protocol), port) for protocol, port in current}
    if any((_layer4(protocol), port) in places for protocol, port in wanted):
        raise errors.conflict("The load balancer has a listener on this protocol and port already")
    if len({(_layer4(protocol), port) for protocol, port in wanted}) < len(wanted):
        raise errors.invalid("listeners", "Two listeners have the same protocol and port")
    protocols = [protocol for protocol, _port in (*current, *wanted)]
    if protocols.count("PROMETHEUS") > 1:
        raise errors.invalid("listeners", "A load balancer has at most one PROMETHEUS listener")
    if len(protocols) - protocols.count("PROMETHEUS") > MAX_LISTENERS:
        raise errors.invalid("listeners", f"A load balancer has at most {MAX_LISTENERS} listeners")


def _check_secrets(call: Call, protocol: str, secret_id: str | None, sni_secret_id: list[str]) -> None:
    """Certificates are for TERMINATED_HTTPS and PROMETHEUS; the first needs one."""
    if (secret_id or sni_secret_id) and protocol not in ("TERMINATED_HTTPS", "PROMETHEUS"):
        raise errors.invalid("secret_id", "Only used with TERMINATED_HTTPS or PROMETHEUS")
    if protocol == "TERMINATED_HTTPS" and not secret_id and not sni_secret_id:
        raise errors.invalid("secret_id", "TERMINATED_HTTPS needs secret_id or sni_secret_id")
    for ident in filter(None, (secret_id, *sni_secret_id)):
        call.get("secret", ident)


def planned(call: Call, body: Body) -> dict[str, Any]:
    """Check a new listener: its data, with what the server fills in (D4)."""
    _check_secrets(call, body.protocol, body.secret_id, body.sni_secret_id or [])
    if body.insert_x_forwarded and body.protocol not in ("HTTP", "TERMINATED_HTTPS"):
        raise errors.invalid("insert_x_forwarded", "Only used with HTTP or TERMINATED_HTTPS")
    return {
        "name": body.name,
        "protocol": body.protocol,
        "protocol_port": body.protocol_port,
        "allowed_cidrs": body.allowed_cidrs,
        "connection_limit": _limit(body.connection_limit),
        "insert_headers": dict(HEADERS) if body.insert_x_forwarded else {},
        "secret_id": body.secret_id or None,
        "sni_secret_id": body.sni_secret_id or [],
        "user_list": [user.model_dump() for user in body.user_list or []],
        **{field: getattr(body, field) for field in TIMEOUTS},
    }


def _limit(wanted: int) -> int:
    """-1 is translated to the default (C18)."""
    return UNLIMITED if wanted == -1 else wanted


def _place(record: Record) -> tuple[str, int]:
    return record["protocol"], record["protocol_port"]


def policies_of(sim: Simulator, record: Record) -> list[Record]:
    """The L7 policies of a listener in their order."""
    found = [policy for policy in sim.store.all("l7policy") if policy["listener_id"] == record.id]
    return sorted(found, key=lambda policy: policy["position"])


# --- operations ----------------------------------------------------------------------------------------------------


listeners = Collection(routes, "lblistener", "/v1/lblisteners/{P}", "listener_id")
listeners.list({"load_balancer_id": of_balancer, "name": equal("name")}, options=["show_stats"])
listeners.get(options=["show_stats"])


@routes("POST", "/v1/lblisteners/{P}")
def create_listener(call: Call) -> Any:
    body = call.body
    owner = call.get("loadbalancer", body.load_balancer_id)
    writable(call, owner)
    data = planned(call, body)
    check_places([(body.protocol, body.protocol_port)], [_place(item) for item in parts(call.sim, owner, "lblistener")])
    touched = []
    if body.has("default_pool_id"):
        pool = call.get("lbpool", body.default_pool_id)
        if owner_of(pool) is not owner:
            raise errors.invalid("default_pool_id", f"Pool {pool.id} is not of this load balancer")
        lb_pools.suits("default_pool_id", body.protocol, pool["protocol"])
        data["default_pool_id"] = pool.id
        touched = [pool]
    record = make(*call.scope, load_balancer_id=str(owner.id), **data)
    return work(call, "create_lblistener", owner, data=body.given(), touched=touched, creates={"listeners": [record]})


@routes("PATCH", "/v2/lblisteners/{P}/{listener_id}")
def update_listener(call: Call) -> Any:
    """Null removes addresses, certificates, timeouts and users; without a change no task (A8)."""
    body = call.body
    record = call.get("lblistener")
    writable(call, owner_of(record), record)
    changes = body.given()
    if body.has("connection_limit"):
        changes["connection_limit"] = _limit(body.connection_limit)
    for field in ("sni_secret_id", "user_list"):
        if body.has(field):
            changes[field] = changes[field] or []
    if body.has("secret_id") or body.has("sni_secret_id"):
        now = {**record.data, **changes}
        _check_secrets(call, record["protocol"], now["secret_id"], now["sni_secret_id"])
    changes = {key: value for key, value in changes.items() if not _equal(key, record[key], value)}
    if not changes:
        return NO_TASKS
    data = {"listener_id": record.id, **body.given()}
    return work(
        call, "patch_lblistener", owner_of(record), data=data, touched=[record],
        finish=lambda: record.data.update(changes),
    )  # fmt: skip


def _equal(field: str, current: Any, wanted: Any) -> bool:
    """Addresses are compared in any order (C18)."""
    if field == "allowed_cidrs" and current is not None and wanted is not None:
        return set(current) == set(wanted)
    return bool(current == wanted)


@routes("PATCH", "/v1/lblisteners/{P}/{listener_id}", deprecated=True)
def rename_listener(call: Call) -> Any:
    record = call.get("lblistener")
    writable(call, owner_of(record), record)
    record["name"] = call.body.name
    call.touch(record)
    return call.show(record)


@routes("DELETE", "/v1/lblisteners/{P}/{listener_id}")
def delete_listener(call: Call) -> Any:
    """Deletes its L7 policies too, and the default pool if that is requested and no other listener uses it."""
    record = call.get("lblistener")
    deletable(call, owner_of(record), record)
    pool = call.sim.store.get("lbpool", record["default_pool_id"]) if record["default_pool_id"] else None
    deletes, touched = [record], [pool] if pool else []
    if call.query.delete_default_pool and pool:
        if len(lb_pools.listeners_of(call.sim, pool)) > 1:
            raise errors.conflict(f"Pool {pool.id} is in use by other listeners")
        lb_pools.check_unused(call, pool, policies_of(call.sim, record))
        deletes, touched = [record, pool], []
    data = {"listener_id": record.id}
    return work(call, "delete_lblistener", owner_of(record), data=data, deletes=deletes, touched=touched)


def delete_policies(sim: Simulator, record: Record) -> None:
    """Delete the listener's L7 policies."""
    for policy in policies_of(sim, record):
        sim.forget(policy)


RESOURCE = Resource(
    types=[ResourceType("lblistener", "Listener", make, view, failed=FAILED)],
    routes=routes,
    on_delete={"lblistener": delete_policies},
)
