# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Snapshots of volumes (docs/api-notes.md: Volumes)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.collection import Collection, equal
from ..core.quotas import count, total
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, fixed_id, new_record
from ..core.tasks import Task
from . import volumes

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, volume_id: str,
         description: str | None = None, status: str = "available",
         tags: dict[str, str] | None = None) -> Record:  # fmt: skip
    """A snapshot of a volume."""
    volume = sim.store.get("volume", volume_id)
    if volume is None:
        raise LookupError(f"no volume {volume_id}")
    data = {
        "name": name,
        "description": description,
        "volume_id": volume_id,
        "size": volume["size"],
        "status": status,
        "instance_id": volumes.attached_to(volume),
    }
    record = new_record(sim, "snapshot", project_id, region_id, data, tags=tags)
    record.creator_task_id = fixed_id("task")
    return record


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A snapshot as the API shows it."""
    shown = {key: value for key, value in record.data.items() if key != "instance_id"}
    return {**common_view(sim, record), **shown, "tags": record.tag_list()}


@routes("POST", "/v1/snapshots/{P}")
def create_snapshot(call: Call) -> Any:
    """Of a volume at rest or in use; not of low-latency ones (C3)."""
    body = call.body
    volume = call.get("volume", body.volume_id)
    if volume["volume_type"] == "ssd_lowlatency":
        raise errors.invalid("volume_id", "Volumes of type ssd_lowlatency cannot have snapshots")
    call.free(volume)
    if volume["status"] not in ("available", "in-use"):
        raise errors.conflict(f"Volume {volume.id} is {volume['status']}")
    call.claim(volume_snapshots_count=1, volume_snapshots_size=volume["size"])
    record = make(
        *call.scope, name=body.name, volume_id=str(volume.id),
        description=body.description, status="creating", tags=body.tags,
    )  # fmt: skip

    def finish(_unused: Task) -> None:
        record["status"] = "available"

    return call.start(
        "create_snapshot", data=body.given(), locks=[volume], creates={"snapshots": [record]}, finish=finish
    )


def _check_status(_call: Call, record: Record) -> None:
    if record["status"] not in ("available", "error", "error_deleting"):
        raise errors.conflict(f"Snapshot {record.id} is {record['status']}")


def _made_by_policy(_call: Call, _record: Record, _wanted: Any) -> bool:
    """Policies never create snapshots here."""
    return False


snapshots = Collection(routes, "snapshot", "/v1/snapshots/{P}", "snapshot_id")
snapshots.list(
    {
        "volume_id": equal("volume_id"),
        "instance_id": equal("instance_id"),
        "lifecycle_policy_id": _made_by_policy,
        "schedule_id": _made_by_policy,
    }
)
snapshots.get()
snapshots.update()
snapshots.delete(_check_status, task="delete_snapshot")


RESOURCE = Resource(
    types=[
        ResourceType(
            "snapshot",
            "Snapshot",
            make,
            view,
            failed={"status": "error"},
            deleting={"status": "deleting"},
            undeleted={"status": "error_deleting"},
        )
    ],
    routes=routes,
    quotas={
        "volume_snapshots_count": count("snapshot"),
        "volume_snapshots_size": total("snapshot", "size"),
    },
)
