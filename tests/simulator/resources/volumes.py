# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Volumes (docs/api-notes.md: Volumes)."""

from __future__ import annotations

import uuid
from typing import Any

from ..core import errors
from ..core.clock import object_time
from ..core.collection import Collection, contains, equal
from ..core.quotas import count, total
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from ..core.tasks import Task
from . import images

routes = Routes()
RETYPABLE = ("ssd_hiiops", "standard")
IOPS = {"standard": (6, 4500, 0.4, 300), "ssd_hiiops": (60, 9000, 2.5, 500)}


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, size: int,
         volume_type: str = "standard", status: str = "available", image: Record | None = None,
         image_metadata: dict[str, str] | None = None, bootable: bool = False,
         tags: dict[str, str] | None = None) -> Record:  # fmt: skip
    """A volume."""
    if image is not None:
        image_metadata = {
            "image_id": str(image.id),
            "image_name": image["name"],
            "os_type": image["os_type"],
            "os_distro": image["os_distro"],
            "os_version": image["os_version"],
            "disk_format": image["disk_format"],
            "min_disk": str(image["min_disk"]),
            "min_ram": str(image["min_ram"]),
        }
    data = {
        "name": name,
        "size": size,
        "volume_type": volume_type,
        "status": status,
        "bootable": bootable or image is not None,
        "is_root_volume": False,
        "image_id": image.id if image else None,
        "volume_image_metadata": image_metadata,
        "attachments": [],
    }
    return new_record(sim, "volume", project_id, region_id, data, tags=tags)


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A volume as the API shows it."""
    attachments = []
    for item in record["attachments"]:
        instance = sim.store.get("instance", item["server_id"])
        attachments.append(
            {
                "attachment_id": item["attachment_id"],
                "attached_at": object_time(item["attached_at"]),
                "device": item["device"],
                "flavor_id": instance["flavor"] if instance else None,
                "instance_name": instance["name"] if instance else None,
                "server_id": item["server_id"],
                "volume_id": record.id,
            }
        )
    shown = {key: value for key, value in record.data.items() if key not in ("image_id", "attachments")}
    return {
        **common_view(sim, record),
        **shown,
        "attachments": attachments,
        "limiter_stats": _limits(record),
        "snapshot_ids": [item.id for item in snapshots_of(sim, record)],
        "tags": record.tag_list(),
    }


def _limits(record: Record) -> dict[str, int] | None:
    """The speeds that the spec's text gives for a type, by size."""
    if record["volume_type"] not in IOPS:
        return None
    per_gib, iops, bandwidth_per_gib, bandwidth = IOPS[record["volume_type"]]
    iops = min(iops, per_gib * record["size"])
    bandwidth = min(bandwidth, int(bandwidth_per_gib * record["size"]))
    return {
        "iops_base_limit": iops,
        "iops_burst_limit": iops,
        "MBps_base_limit": bandwidth,
        "MBps_burst_limit": bandwidth,
    }


def snapshots_of(sim: Simulator, record: Record) -> list[Record]:
    """The volume's snapshots, oldest first."""
    return [item for item in sim.store.all("snapshot") if item["volume_id"] == record.id and item.visible]


def attached_to(record: Record) -> str | None:
    """The instance that has the volume."""
    return record["attachments"][0]["server_id"] if record["attachments"] else None


def cluster_of(sim: Simulator, record: Record) -> str | None:
    """The Kubernetes cluster whose node has the volume."""
    instance = sim.store.get("instance", attached_to(record) or "")
    pool = sim.store.get("k8s_pool", instance["k8s_pool_id"] or "") if instance else None
    return pool["cluster_id"] if pool else None


def join(sim: Simulator, record: Record, instance: Record, *, delete_on_termination: bool = False) -> None:
    """Attach: the volume is in use, the instance has it."""
    letter = chr(ord("a") + len(instance["volumes"]))
    record["attachments"] = [
        {
            "attachment_id": str(uuid.uuid4()),
            "attached_at": sim.now(),
            "device": f"/dev/vd{letter}",
            "server_id": str(instance.id),
        }
    ]
    record["status"] = "in-use"
    instance["volumes"].append({"id": record.id, "delete_on_termination": delete_on_termination})


def part(sim: Simulator, record: Record) -> None:
    """Detach: the volume is available again."""
    instance = sim.store.get("instance", attached_to(record) or "")
    if instance:
        instance["volumes"] = [item for item in instance["volumes"] if item["id"] != record.id]
    record.data.update(attachments=[], status="available", is_root_volume=False)


def check_image_size(image: Record, size: int, field: str) -> None:
    """A volume must hold the image (C1, C6)."""
    if size < image["min_disk"]:
        raise errors.invalid(field, f"Size must be at least {image['min_disk']} GiB for image {image.id}")


@routes("POST", "/v1/volumes/{P}")
def create_volume(call: Call) -> Any:
    body = call.body
    image = snapshot = None
    size, volume_type = body.size, body.type_name or "standard"
    bootable, metadata = False, None
    if body.source == "image":
        image = images.ready(call, body.image_id)
        check_image_size(image, size, "size")
    elif body.source == "snapshot":
        snapshot = call.get("snapshot", body.snapshot_id)
        if body.has("size") and size != snapshot["size"]:
            raise errors.invalid("size", f"Size must be equal to the snapshot's, {snapshot['size']}")
        origin = call.get("volume", snapshot["volume_id"])
        size, volume_type = snapshot["size"], body.type_name or origin["volume_type"]
        bootable, metadata = origin["bootable"], origin["volume_image_metadata"]
    if body.has("attachment_tag") and not body.has("instance_id_to_attach_to"):
        raise errors.invalid("attachment_tag", "Only used together with instance_id_to_attach_to")
    for policy_id in body.lifecycle_policy_ids or []:
        raise errors.not_found("Lifecycle policy", policy_id)
    instance = None
    if body.has("instance_id_to_attach_to"):
        instance = call.get("instance", body.instance_id_to_attach_to)
        call.free(instance)
        _check_flavor(volume_type, instance)
    call.claim(volume_count=1, volume_size=size)
    record = make(
        *call.scope, name=body.name, size=size, volume_type=volume_type,
        status="downloading" if image else "creating", image=image, image_metadata=metadata, bootable=bootable,
        tags=body.tags,
    )  # fmt: skip

    def finish(_unused: Task) -> None:
        record["status"] = "available"
        if instance:
            join(call.sim, record, instance)

    return call.start(
        "create_volume", data=body.model_dump(exclude_unset=True), locks=[instance] if instance else [],
        creates={"volumes": [record]}, finish=finish,
    )  # fmt: skip


def _check_deletable(call: Call, record: Record) -> list[Record]:
    """The volume must be available; its snapshots are deleted with it (C3)."""
    snapshots = snapshots_of(call.sim, record)
    for ident in filter(None, (call.query.snapshots or "").split(",")):
        if ident not in [item.id for item in snapshots]:
            raise errors.not_found("Snapshot", ident)
    if record["status"] != "available" and not record["status"].startswith("error"):
        raise errors.conflict(f"Volume {record.id} must be available, not {record['status']}")
    return snapshots


volumes = Collection(routes, "volume", "/v1/volumes/{P}", "volume_id")
volumes.list(
    {
        "bootable": equal("bootable"),
        "cluster_id": lambda call, record, wanted: cluster_of(call.sim, record) == wanted,
        "has_attachments": lambda _call, record, wanted: bool(record["attachments"]) == wanted,
        "id_part": lambda _call, record, wanted: wanted in str(record.id),
        "instance_id": lambda _call, record, wanted: attached_to(record) == wanted,
        "name_part": contains("name"),
    }
)
volumes.get()
volumes.update()
volumes.delete(_check_deletable, task="delete_volume")


def _check_flavor(volume_type: str, instance: Record) -> None:
    """Ultra volumes go to shared flavors only (C3)."""
    if volume_type == "ultra" and "shared" not in instance["flavor"]:
        raise errors.invalid("instance_id", "An ultra volume can only be attached to an instance with shared flavor")


def _check_attachable(call: Call) -> tuple[Record, Record]:
    record = call.get("volume")
    instance = call.get("instance", call.body.instance_id)
    call.free(record, instance)
    if record["status"] != "available":
        raise errors.conflict(f"Volume {record.id} must be available, not {record['status']}")
    _check_flavor(record["volume_type"], instance)
    return record, instance


def _check_detachable(call: Call) -> tuple[Record, Record]:
    """The boot volume stays while the instance is there (C1, D3)."""
    record = call.get("volume")
    instance = call.get("instance", call.body.instance_id)
    call.free(record, instance)
    if attached_to(record) != instance.id:
        raise errors.invalid("instance_id", f"Volume {record.id} is not attached to instance {instance.id}")
    if record["is_root_volume"]:
        raise errors.conflict(f"Volume {record.id} is the boot volume of instance {instance.id}")
    return record, instance


def _change(call: Call, task_type: str, record: Record, status: str, finish: Any, **more: Any) -> Any:
    """A change with a status of its own, which gives way to the old one if the task fails (D2)."""
    before, record["status"] = record["status"], status

    def undo(task: Task) -> None:
        failed = "error_extending" if status == "extending" else "error"
        record["status"] = failed if task.leaves_object else before

    return call.start(
        task_type,
        data={"volume_id": record.id, **(call.body.given() if call.body else {})},
        locks=[record, *more.get("locks", [])],
        finish=lambda _unused: finish(before),
        undo=undo,
    )


@routes("POST", "/v2/volumes/{P}/{volume_id}/attach")
def attach_volume(call: Call) -> Any:
    record, instance = _check_attachable(call)
    return _change(
        call, "attach_volume", record, "attaching", lambda _unused: join(call.sim, record, instance), locks=[instance]
    )


@routes("POST", "/v2/volumes/{P}/{volume_id}/detach")
def detach_volume(call: Call) -> Any:
    record, instance = _check_detachable(call)
    return _change(call, "detach_volume", record, "detaching", lambda _unused: part(call.sim, record), locks=[instance])


@routes("POST", "/v1/volumes/{P}/{volume_id}/attach", deprecated=True)
def attach_volume_v1(call: Call) -> Any:
    record, instance = _check_attachable(call)
    join(call.sim, record, instance)
    return call.show(record)


@routes("POST", "/v1/volumes/{P}/{volume_id}/detach", deprecated=True)
def detach_volume_v1(call: Call) -> Any:
    record, _unused = _check_detachable(call)
    part(call.sim, record)
    return call.show(record)


@routes("POST", "/v1/volumes/{P}/{volume_id}/extend")
def extend_volume(call: Call) -> Any:
    record = call.get("volume")
    size = call.body.size
    call.free(record)
    if size <= record["size"]:
        raise errors.invalid("size", f"New size must be greater than the current size {record['size']}")
    if record["volume_type"] == "ssd_lowlatency":
        raise errors.invalid("size", "Volumes of type ssd_lowlatency cannot be resized")
    if record["status"] not in ("available", "in-use"):
        raise errors.conflict(f"Volume {record.id} is {record['status']}")
    call.claim(volume_size=size - record["size"])

    def finish(before: str) -> None:
        record.data.update(size=size, status=before)

    return _change(call, "extend_volume", record, "extending", finish)


@routes("POST", "/v1/volumes/{P}/{volume_id}/retype")
def retype_volume(call: Call) -> Any:
    """Synchronous; for detached volumes without snapshots, between two types (C3)."""
    record = call.get("volume")
    call.free(record)
    if record["volume_type"] not in RETYPABLE:
        raise errors.invalid("volume_type", f"Volumes of type {record['volume_type']} cannot be retyped")
    if snapshots_of(call.sim, record):
        raise errors.conflict(f"Volume {record.id} has snapshots")
    if record["status"] != "available":
        raise errors.conflict(f"Volume {record.id} must be available, not {record['status']}")
    lag = call.sim.settings.quirks.retype_lag
    if lag:
        record["status"] = "retyping"
    record_type = {"volume_type": call.body.volume_type, "status": "available"}
    call.sim.schedule(call.sim.now() + lag, lambda: record.data.update(record_type))
    call.sim.settle()
    call.touch(record)
    return call.show(record)


@routes("POST", "/v1/volumes/{P}/{volume_id}/revert")
def revert_volume(call: Call) -> Any:
    """To the last snapshot, which must be of the same size (C3). The document has no body for this 200."""
    record = call.get("volume")
    call.free(record)
    snapshots = snapshots_of(call.sim, record)
    if not snapshots:
        raise errors.invalid("volume_id", f"Volume {record.id} has no snapshots")
    if record["status"] != "available":
        raise errors.conflict(f"Volume {record.id} must be available, not {record['status']}")
    if snapshots[-1]["size"] != record["size"]:
        raise errors.invalid("volume_id", f"Volume {record.id} has been extended since its last snapshot")
    response = _change(call, "revert_volume", record, "reverting", lambda before: record.data.update(status=before))
    return response if call.sim.settings.quirks.revert_answers_tasks else None


def delete_snapshots(sim: Simulator, record: Record) -> None:
    """Delete the volume's snapshots (C4)."""
    for item in snapshots_of(sim, record):
        sim.forget(item)


RESOURCE = Resource(
    types=[
        ResourceType(
            "volume",
            "Volume",
            make,
            view,
            failed={"status": "error"},
            deleting={"status": "deleting"},
            undeleted={"status": "error_deleting"},
        )
    ],
    routes=routes,
    quotas={"volume_count": count("volume"), "volume_size": total("volume", "size")},
    on_delete={"volume": delete_snapshots},
)
