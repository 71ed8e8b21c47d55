# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""L7 policies of listeners, and their rules (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.collection import Collection
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes, ordered
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from . import lb_pools
from .lb_listeners import policies_of
from .lb_tree import FAILED, deletable, owner_of, ready, statuses, work, writable

routes = Routes()
NEED_KEY = ("COOKIE", "HEADER")
TAKE_KEY = (*NEED_KEY, "SSL_DN_FIELD")
TARGETS = {
    "REDIRECT_TO_URL": "redirect_url",
    "REDIRECT_PREFIX": "redirect_prefix",
    "REDIRECT_TO_POOL": "redirect_pool_id",
    "REJECT": None,
}


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, listener_id: str, name: str = "",
         action: str = "REJECT", position: int | None = None, **more: Any) -> Record:  # fmt: skip
    """A policy of a listener, at the end if no position is given (D4)."""
    listener = sim.store.get("lblistener", listener_id)
    if listener is None:
        raise LookupError(f"no lblistener {listener_id}")
    end = len(policies_of(sim, listener)) + 1
    data = ready(listener_id=listener_id, name=name, action=action, position=end, redirect_http_code=None, tags=[])
    data.update({field: None for field in TARGETS.values() if field}, **more)
    record = new_record(sim, "l7policy", listener.project_id, listener.region_id, data)
    record.lock_owner = listener.lock_owner
    if position is not None:
        move(sim, record, position)
    return record


def make_rule(sim: Simulator, project_id: int | None, region_id: int | None, *, l7policy_id: str, type: str = "PATH",
              compare_type: str = "STARTS_WITH", value: str = "/", **more: Any) -> Record:  # fmt: skip
    """A rule of a policy."""
    policy = sim.store.get("l7policy", l7policy_id)
    if policy is None:
        raise LookupError(f"no l7policy {l7policy_id}")
    data = ready(
        l7policy_id=l7policy_id, type=type, compare_type=compare_type, value=value, key=None, invert=False, tags=[]
    )
    record = new_record(sim, "l7rule", policy.project_id, policy.region_id, {**data, **more})
    record.lock_owner = policy.lock_owner
    return record


def listener_of(sim: Simulator, policy: Record) -> Record:
    """The listener of a policy."""
    listener = sim.store.get("lblistener", policy["listener_id"])
    assert listener is not None
    return listener


def move(sim: Simulator, policy: Record, position: int) -> None:
    """Move a policy to a position; those behind it move down."""
    others = [item for item in policies_of(sim, listener_of(sim, policy)) if item is not policy]
    others.insert(min(position, len(others) + 1) - 1, policy)
    for number, item in enumerate(others, 1):
        item["position"] = number


def rules_of(sim: Simulator, policy: Record) -> list[Record]:
    """The rules of a policy, oldest first."""
    return [record for record in sim.store.all("l7rule") if record["l7policy_id"] == policy.id]


def _scope(sim: Simulator, record: Record) -> dict[str, Any]:
    region = sim.region_name(record.region_id)
    return {"id": record.id, "project_id": record.project_id, "region_id": record.region_id, "region": region}


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A policy as the API shows it."""
    fields = ("listener_id", "name", "action", "position", "redirect_http_code", *filter(None, TARGETS.values()))
    return {
        **_scope(sim, record),
        **{field: record[field] for field in fields},
        "rules": sim.shuffled([_scope(sim, item) for item in rules_of(sim, record) if sim.shown(item)]),
        "tags": list(record["tags"]),
        **statuses(record),
        "task_id": record.task_id,
    }


def rule_view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A rule as the API shows it."""
    fields = ("type", "compare_type", "value", "key", "invert", "tags")
    shown = {field: record[field] for field in fields}
    return {**_scope(sim, record), **shown, **statuses(record), "task_id": record.task_id}


# --- policies ------------------------------------------------------------------------------------------------------


def _planned(call: Call, listener: Record, body: Any) -> dict[str, Any]:
    """The fields that an action has; those of another action are null."""
    data: dict[str, Any] = {"action": body.action, "redirect_http_code": getattr(body, "redirect_http_code", None)}
    data.update({field: getattr(body, field, None) for field in TARGETS.values() if field})
    if body.action == "REDIRECT_TO_POOL":
        pool = call.get("lbpool", body.redirect_pool_id)
        if owner_of(pool) is not owner_of(listener):
            raise errors.invalid("redirect_pool_id", f"Pool {pool.id} is not of this load balancer")
        lb_pools.suits("redirect_pool_id", listener["protocol"], pool["protocol"])
    return data


policies = Collection(routes, "l7policy", "/v1/l7policies/{P}", "l7policy_id")
policies.list()
policies.get()


@routes("POST", "/v1/l7policies/{P}")
def create_policy(call: Call) -> Any:
    body = call.body
    listener = call.get("lblistener", body.listener_id)
    writable(call, owner_of(listener), listener)
    if listener["protocol"] not in ("HTTP", "TERMINATED_HTTPS"):
        raise errors.invalid("listener_id", f"A {listener['protocol']} listener has no L7 policies")
    data = _planned(call, listener, body)
    record = make(
        *call.scope, listener_id=str(listener.id), name=body.name or "",
        position=body.position, tags=body.tags or [], **data,
    )  # fmt: skip
    return work(
        call, "create_l7policy", owner_of(listener), data=body.given(), touched=[listener],
        creates={"l7polices": [record]},
    )  # fmt: skip


@routes("PATCH", "/v1/l7policies/{P}/{l7policy_id}")
def update_policy(call: Call) -> Any:
    """Omitted fields are kept, except those of another action; without a change no task (A8)."""
    body = call.body
    record = call.get("l7policy")
    listener = listener_of(call.sim, record)
    writable(call, owner_of(record), record)
    changes = _planned(call, listener, body)
    if changes["redirect_http_code"] is not None and not body.has("redirect_http_code"):
        changes["redirect_http_code"] = record["redirect_http_code"] or 302
    changes.update({field: getattr(body, field) for field in ("name", "tags", "position") if body.has(field)})
    changes = {key: value for key, value in changes.items() if record[key] != value}
    if not changes:
        return NO_TASKS

    def finish() -> None:
        position = changes.pop("position", None)
        record.data.update(changes)
        if position is not None:
            move(call.sim, record, position)

    data = {"l7policy_id": record.id, **body.given()}
    return work(call, "update_l7policy", owner_of(record), data=data, touched=[record], finish=finish)


@routes("DELETE", "/v1/l7policies/{P}/{l7policy_id}")
def delete_policy(call: Call) -> Any:
    record = call.get("l7policy")
    deletable(call, owner_of(record), record)
    data = {"l7policy_id": record.id}
    return work(call, "delete_l7policy", owner_of(record), data=data, deletes=[record])


# --- rules ---------------------------------------------------------------------------------------------------------


def _policy(call: Call) -> Record:
    return call.target("l7policy", "l7policy_id")


def _rule(call: Call) -> Record:
    record = call.target("l7rule", "l7rule_id")
    if record["l7policy_id"] != _policy(call).id:
        raise errors.not_found("L7 rule", record.id)
    return record


def _check_rule(data: dict[str, Any]) -> dict[str, Any]:
    """Cookies and headers need a key (C22); fields of certificates can have one, and nothing else does."""
    if data["type"] in NEED_KEY and not data["key"]:
        raise errors.invalid("key", f"Field required for type {data['type']}")
    if data["type"] not in TAKE_KEY and data["key"] is not None:
        raise errors.invalid("key", f"Only used with {', '.join(TAKE_KEY)}")
    return data


@routes("GET", "/v1/l7policies/{P}/{l7policy_id}/rules")
def list_rules(call: Call) -> Any:
    policy = _policy(call)
    records = [record for record in call.records("l7rule") if record["l7policy_id"] == policy.id]
    return call.listing(ordered(records))


@routes("POST", "/v1/l7policies/{P}/{l7policy_id}/rules")
def create_rule(call: Call) -> Any:
    body = call.body
    policy = _policy(call)
    writable(call, owner_of(policy), policy)
    data = _check_rule({**body.model_dump(), "invert": bool(body.invert), "tags": body.tags or []})
    record = make_rule(*call.scope, l7policy_id=str(policy.id), **data)
    return work(
        call, "create_l7rule", owner_of(policy), data={"l7policy_id": policy.id, **body.given()}, touched=[policy],
        creates={"l7rules": [record]},
    )  # fmt: skip


@routes("GET", "/v1/l7policies/{P}/{l7policy_id}/rules/{l7rule_id}")
def get_rule(call: Call) -> Any:
    return call.show(_rule(call))


@routes("PUT", "/v1/l7policies/{P}/{l7policy_id}/rules/{l7rule_id}")
def replace_rule(call: Call) -> Any:
    """Omitted fields are kept, except a key that the new type does not have."""
    record = _rule(call)
    writable(call, owner_of(record), record)
    changes = call.body.given()
    kind = changes.get("type", record["type"])
    if kind not in TAKE_KEY and "key" not in changes:
        changes["key"] = None
    _check_rule({**record.data, **changes})
    data = {"l7policy_id": record["l7policy_id"], "l7rule_id": record.id, **call.body.given()}
    return work(
        call, "put_l7rule", owner_of(record), data=data, touched=[record], finish=lambda: record.data.update(changes)
    )


@routes("DELETE", "/v1/l7policies/{P}/{l7policy_id}/rules/{l7rule_id}")
def delete_rule(call: Call) -> Any:
    policy, record = _policy(call), _rule(call)
    deletable(call, owner_of(record), policy, record)
    data = {"l7policy_id": policy.id, "l7rule_id": record.id}
    return work(call, "delete_l7rule", owner_of(record), data=data, touched=[policy], deletes=[record])


def delete_rules(sim: Simulator, record: Record) -> None:
    """Delete the policy's rules; the policies behind it move up."""
    for item in rules_of(sim, record):
        sim.forget(item)
    for other in sim.store.all("l7policy"):
        if other["listener_id"] == record["listener_id"] and other["position"] > record["position"]:
            other["position"] -= 1


RESOURCE = Resource(
    types=[
        ResourceType("l7policy", "L7 policy", make, view, failed=FAILED),
        ResourceType("l7rule", "L7 rule", make_rule, rule_view, failed=FAILED),
    ],
    routes=routes,
    on_delete={"l7policy": delete_rules},
)
