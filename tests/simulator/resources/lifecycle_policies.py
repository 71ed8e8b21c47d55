# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schedules of snapshots (docs/api-notes.md: Snapshot schedules): policies, their schedules and volumes. All is synchronous, nothing ever runs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..core import errors
from ..core.collection import Collection
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record

routes = Routes()
POLICIES = "/v1/lifecycle_policy/{P}"
POLICY = f"{POLICIES}/{{policy_id}}"
MOST_SCHEDULES = 10
TEMPLATE = "Snapshot of volume {volume_id} created by policy {lifecycle_policy_id}"
SECONDS = {"weeks": 604800, "days": 86400, "hours": 3600, "minutes": 60}
SHORTEST = 3600
NUMBERS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "week": (1, 53)}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CRON = ("day", "day_of_week", "hour", "minute", "month", "timezone", "week")


# --- objects -------------------------------------------------------------------------------------------------------


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, status: str = "active",
         action: str = "volume_snapshot", volume_ids: Sequence[str] = (),
         schedules: Sequence[dict[str, Any]] = ()) -> Record:  # fmt: skip
    """A policy with its schedules."""
    ids = [int(record.id) for record in sim.store.all("lifecycle_policy")]
    data = {"name": name, "status": status, "action": action, "volume_ids": list(dict.fromkeys(volume_ids))}
    record = new_record(sim, "lifecycle_policy", project_id, region_id, data, ident=max(ids, default=1000) + 1)
    for schedule in schedules:
        make_schedule(sim, project_id, region_id, policy_id=int(record.id), **schedule)
    return record


def make_schedule(sim: Simulator, project_id: int | None, region_id: int | None, *, policy_id: int, type: str,
                  max_quantity: int = 2, resource_name_template: str = TEMPLATE,
                  retention_time: dict[str, Any] | None = None, **more: Any) -> Record:  # fmt: skip
    """A schedule of a policy."""
    policy = sim.store.get("lifecycle_policy", policy_id)
    if policy is None:
        raise LookupError(f"no lifecycle_policy {policy_id}")
    data = {
        "policy_id": policy_id, "type": type, "max_quantity": max_quantity,
        "resource_name_template": resource_name_template, "retention_time": retention_time,
        **dict.fromkeys(CRON if type == "cron" else SECONDS),
    }  # fmt: skip
    return new_record(sim, "schedule", policy.project_id, policy.region_id, {**data, **more})


def schedules_of(sim: Simulator, policy: Record) -> list[Record]:
    """The schedules of a policy, oldest first."""
    return [record for record in sim.store.all("schedule") if record["policy_id"] == policy.id]


def schedule_view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A schedule as the API shows it."""
    shown = {key: value for key, value in record.data.items() if key not in ("policy_id", "retention_time")}
    kept = record["retention_time"]
    return {
        "id": record.id,
        "owner": "lifecycle_policy",
        "owner_id": record["policy_id"],
        "user_id": sim.settings.user_id,
        **shown,
        "retention_time": {**dict.fromkeys(SECONDS), **kept} if kept else None,
    }


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A policy as the API shows it. The parameter that would show its volumes is no longer there, so they always are."""
    found = [sim.store.get("volume", each) for each in record["volume_ids"]]
    return {
        "id": record.id,
        "name": record["name"],
        "action": record["action"],
        "status": record["status"],
        "user_id": sim.settings.user_id,
        "project_id": record.project_id,
        "region_id": record.region_id,
        "schedules": sim.shuffled([sim.show(item) for item in schedules_of(sim, record)]),
        "volumes": sim.shuffled([{"volume_id": item.id, "volume_name": item["name"]} for item in found if item]),
    }


# --- rules ---------------------------------------------------------------------------------------------------------


def _policy(call: Call) -> Record:
    text = call.values["policy_id"]
    if not re.fullmatch(r"-?\d{1,19}", text):
        raise errors.invalid("policy_id", "Input should be a valid integer")
    return call.get("lifecycle_policy", int(text))


def _check_cron(data: dict[str, Any]) -> None:
    """Numbers in their range, days of the week, or a star; several with commas."""
    for field, (least, most) in NUMBERS.items():
        for part in (data.get(field) or "*").split(","):
            text = part.strip()
            if text != "*" and not (re.fullmatch(r"\d{1,2}", text) and least <= int(text) <= most):
                raise errors.invalid(f"schedules.{field}", f"'*' or numbers from {least} to {most}")
    for part in (data.get("day_of_week") or "*").split(","):
        if part.strip() not in ("*", *WEEKDAYS):
            raise errors.invalid("schedules.day_of_week", f"'*' or days of {', '.join(WEEKDAYS)}")


def _seconds(data: dict[str, Any] | None) -> int:
    return sum(((data or {}).get(unit) or 0) * seconds for unit, seconds in SECONDS.items())


def _checked(data: dict[str, Any]) -> dict[str, Any]:
    """A schedule as it is kept; an interval lasts an hour at least (C5)."""
    if data["type"] == "cron":
        _check_cron(data)
    elif _seconds(data) < SHORTEST:
        raise errors.invalid("schedules", "The interval should be at least 1 hour")
    return data


def _volumes(call: Call, ids: Sequence[str]) -> list[Record]:
    return [call.get("volume", ident) for ident in dict.fromkeys(ids)]


# --- operations ----------------------------------------------------------------------------------------------------


@routes("POST", POLICIES)
def create_policy(call: Call) -> Any:
    body = call.body
    schedules = [_checked(item.given()) for item in body.schedules]
    volume_ids = [str(record.id) for record in _volumes(call, body.volume_ids)]
    record = make(
        *call.scope, name=body.name, status=body.status, action=body.action,
        volume_ids=volume_ids, schedules=schedules,
    )  # fmt: skip
    return call.show(record)


@routes("POST", f"{POLICIES}/estimate_max_policy_usage")
def estimate(call: Call) -> Any:
    """A read: as many snapshots as all schedules keep, of every volume; prices are hidden."""
    body = call.body
    each = sum(_checked(item.given()) and item.max_quantity for item in body.schedules)
    volumes = _volumes(call, body.volume_ids)
    prices = (
        "currency_code",
        "discount_percent",
        "price_per_hour",
        "price_per_month",
        "price_without_discount_per_month",
    )
    return {
        "max_volume_snapshot_count_usage": each * len(volumes),
        "max_volume_snapshot_size_usage": each * sum(volume["size"] for volume in volumes),
        "max_volume_snapshot_sequence_length": each,
        "max_cost": {**dict.fromkeys(prices), "price_status": "hide", "tax_percent": 0},
    }


policies = Collection(routes, "lifecycle_policy", POLICIES, "policy_id", lockable=False)
policies.list()
policies.get(_policy)
policies.update(find=_policy)
policies.delete(find=_policy)


@routes("POST", f"{POLICY}/add_schedules")
def add_schedules(call: Call) -> Any:
    record = _policy(call)
    wanted = [_checked(item.given()) for item in call.body.schedules]
    if len(schedules_of(call.sim, record)) + len(wanted) > MOST_SCHEDULES:
        raise errors.invalid("schedules", f"A policy has at most {MOST_SCHEDULES} schedules")
    for schedule in wanted:
        make_schedule(*call.scope, policy_id=int(record.id), **schedule)
    return call.show(record)


@routes("POST", f"{POLICY}/remove_schedules")
def remove_schedules(call: Call) -> Any:
    record = _policy(call)
    own = {str(item.id): item for item in schedules_of(call.sim, record)}
    for ident in call.body.schedule_ids:
        if ident not in own:
            raise errors.not_found("Schedule", ident)
    for ident in dict.fromkeys(call.body.schedule_ids):
        call.sim.forget(own[ident])
    return call.show(record)


@routes("PUT", f"{POLICY}/add_volumes_to_policy")
def add_volumes(call: Call) -> Any:
    record = _policy(call)
    more = [str(volume.id) for volume in _volumes(call, call.body.volume_ids)]
    record["volume_ids"] = list(dict.fromkeys([*record["volume_ids"], *more]))
    return call.show(record)


@routes("PUT", f"{POLICY}/remove_volumes_from_policy")
def remove_volumes(call: Call) -> Any:
    record = _policy(call)
    for ident in call.body.volume_ids:
        if ident not in record["volume_ids"]:
            raise errors.not_found("Volume", ident)
    record["volume_ids"] = [each for each in record["volume_ids"] if each not in call.body.volume_ids]
    return call.show(record)


@routes("GET", "/v1/schedule/{P}/{schedule_id}")
def get_schedule(call: Call) -> Any:
    return call.show(call.get("schedule"))


@routes("PATCH", "/v1/schedule/{P}/{schedule_id}")
def update_schedule(call: Call) -> Any:
    """A schedule keeps its type, and takes the fields of that type only."""
    record = call.get("schedule")
    changes = call.body.given()
    for field in changes:
        if field not in record.data:
            raise errors.invalid(field, f"Not used with type {record['type']}")
    if changes.get("type", record["type"]) != record["type"]:
        raise errors.invalid("type", "Cannot be changed")
    record.data.update(_checked({**record.data, **changes}))
    call.touch(record)
    return call.show(record)


def delete_schedules(sim: Simulator, policy: Record) -> None:
    """A policy is deleted with its schedules."""
    for item in schedules_of(sim, policy):
        sim.forget(item)


def leave_policies(sim: Simulator, volume: Record) -> None:
    """A deleted volume is in no policy."""
    for policy in sim.store.all("lifecycle_policy"):
        policy["volume_ids"] = [each for each in policy["volume_ids"] if each != volume.id]


RESOURCE = Resource(
    types=[
        ResourceType("lifecycle_policy", "Lifecycle policy", make, view),
        ResourceType("schedule", "Schedule", make_schedule, schedule_view),
    ],
    routes=routes,
    on_delete={"lifecycle_policy": delete_schedules, "volume": leave_policies},
)
