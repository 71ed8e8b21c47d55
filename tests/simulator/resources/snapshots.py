# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Snapshots of volumes (docs/api-notes.md: Volumes)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.quotas import count, total
from ..core.resource import Resource
from ..core.routing import BY_CREATION, Call, Routes, ordered, patched_tags
from ..core.simulator import Simulator
from ..core.store import Kind, Record, common_view, fixed_id, new_record
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


@routes("GET", "/v1/snapshots/{P}")
def list_snapshots(call: Call) -> Any:
    query = call.query
    records = [
        record
        for record in call.records("snapshot")
        if (query.volume_id is None or record["volume_id"] == query.volume_id)
        and (query.instance_id is None or record["instance_id"] == query.instance_id)
        and query.lifecycle_policy_id is None
        and query.schedule_id is None
    ]
    return call.listing(ordered(records, "created_at.desc", BY_CREATION))


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
        call.sim, call.project_id, call.region_id, name=body.name, volume_id=str(volume.id),
        description=body.description, status="creating", tags=body.tags,
    )  # fmt: skip

    def finish(_unused: Task) -> None:
        record["status"] = "available"

    return call.start(
        "create_snapshot", data=body.given(), locks=[volume], creates={"snapshots": [record]}, finish=finish
    )


@routes("GET", "/v1/snapshots/{P}/{snapshot_id}")
def get_snapshot(call: Call) -> Any:
    return call.show(call.get("snapshot"))


@routes("PATCH", "/v1/snapshots/{P}/{snapshot_id}")
def update_snapshot(call: Call) -> Any:
    """Synchronous."""
    record = call.get("snapshot")
    call.free(record)
    if call.body.has("tags"):
        record.tags = patched_tags(record, call.body.tags)
    if call.body.has("name"):
        record["name"] = call.body.name
    call.touch(record)
    return call.show(record)


@routes("DELETE", "/v1/snapshots/{P}/{snapshot_id}")
def delete_snapshot(call: Call) -> Any:
    record = call.get("snapshot")
    call.free(record)
    if record["status"] not in ("available", "error", "error_deleting"):
        raise errors.conflict(f"Snapshot {record.id} is {record['status']}")
    return call.remove("delete_snapshot", record, data={"snapshot_id": record.id})


RESOURCE = Resource(
    kinds=[
        Kind(
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
