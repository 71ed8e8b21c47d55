# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Placement groups (docs/api-notes.md: Placement groups)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.collection import Collection
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, policy: str) -> Record:
    """A placement group."""
    data = {"name": name, "policy": policy, "instances": []}
    return new_record(sim, "servergroup", project_id, region_id, data)


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A placement group as the API shows it; its id is ``servergroup_id``."""
    members = [sim.store.get("instance", ident) for ident in record["instances"]]
    return {
        "servergroup_id": record.id,
        "name": record["name"],
        "policy": record["policy"],
        "project_id": record.project_id,
        "region_id": record.region_id,
        "region": sim.region_name(record.region_id),
        "instances": [{"instance_id": item.id, "instance_name": item["name"]} for item in members if item],
    }


def group_of(sim: Simulator, instance: Record) -> Record | None:
    """The group that an instance is in; it is one at most (C8)."""
    for record in sim.store.all("servergroup"):
        if instance.id in record["instances"]:
            return record
    return None


@routes("POST", "/v1/servergroups/{P}")
def create_group(call: Call) -> Any:
    """Synchronous."""
    call.claim(servergroup_count=1)
    return call.show(make(*call.scope, **call.body.model_dump()))


def _check_empty(_call: Call, record: Record) -> None:
    """Refused while it has instances; the document says nothing of that."""
    if record["instances"]:
        raise errors.conflict(f"Placement group {record.id} has instances")


groups = Collection(routes, "servergroup", "/v1/servergroups/{P}", "group_id", id_in_task="servergroup_id")
groups.list()
groups.get()
groups.delete(_check_empty, task="delete_servergroup")


def leave_group(sim: Simulator, record: Record) -> None:
    """A deleted instance leaves its group."""
    group = group_of(sim, record)
    if group:
        group["instances"] = [ident for ident in group["instances"] if ident != record.id]


RESOURCE = Resource(
    types=[ResourceType("servergroup", "Placement group", make, view)],
    routes=routes,
    quotas={"servergroup_count": count("servergroup")},
    on_delete={"instance": leave_group},
)
