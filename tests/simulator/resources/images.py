# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Images (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.collection import Collection, Filter, equal
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes, ordered
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, fixed_id, new_record
from ..core.tasks import Task
from . import regions

routes = Routes()
GIB = 1024**3


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, visibility: str = "private",
         status: str = "active", size: int | None = 2 * GIB, min_disk: int = 0, min_ram: int = 0,
         architecture: str = "x86_64", os_type: str = "linux", os_distro: str | None = None,
         os_version: str | None = None, ssh_key: str = "allow", hw_firmware_type: str | None = None,
         hw_machine_type: str | None = None, is_baremetal: bool = False, cow_format: bool = False,
         disk_format: str = "qcow2", tags: dict[str, str] | None = None, id: str | None = None) -> Record:  # fmt: skip
    """An image; a public one belongs to no project."""
    data = {
        "name": name, "visibility": visibility, "status": status, "size": size, "min_disk": min_disk,
        "min_ram": min_ram, "architecture": architecture, "os_type": os_type, "os_distro": os_distro or "",
        "os_version": os_version or "", "ssh_key": ssh_key, "hw_firmware_type": hw_firmware_type,
        "hw_machine_type": hw_machine_type, "is_baremetal": is_baremetal, "cow_format": cow_format,
        "disk_format": disk_format,
    }  # fmt: skip
    owner = None if visibility == "public" else project_id
    return new_record(sim, "image", owner, region_id, data, ident=id, tags=tags)


def view(sim: Simulator, record: Record, *, include_prices: bool | None = False) -> dict[str, Any]:
    """An image as the API shows it: its tags are in ``tags_v2`` (A7)."""
    shown = {key: value for key, value in record.data.items() if key != "cow_format"}
    return {
        **common_view(sim, record),
        **shown,
        "project_id": record.project_id if record.project_id is not None else regions.PLATFORM_PROJECT,
        "description": None,
        "display_order": None,
        "gpu_driver": None,
        "gpu_driver_type": None,
        "gpu_driver_version": None,
        "price_per_hour": 0 if include_prices else None,
        "price_per_month": 0 if include_prices else None,
        "price_status": "show" if include_prices else None,
        "currency_code": "EUR" if include_prices else None,
        "tags_v2": record.tag_list(),
    }


def usable(call: Call) -> list[Record]:
    """The project's own images, and public and shared ones."""
    return [
        record
        for record in call.sim.store.all("image")
        if record.region_id == call.region_id
        and call.sim.shown(record)
        and (record.project_id == call.project_id or record["visibility"] in ("public", "shared"))
    ]


def referred(call: Call, image_id: str) -> Record:
    """A usable image that the request names; else 404."""
    for record in usable(call):
        if record.id == image_id:
            return record
    raise errors.not_found("Image", image_id)


def ready(call: Call, image_id: str) -> Record:
    """A usable image that is active."""
    record = referred(call, image_id)
    if record["status"] != "active":
        raise errors.conflict(f"Image {image_id} is not active")
    return record


@routes("GET", "/v1/projectimages/{P}")
def project_images(call: Call) -> Any:
    records = ordered(call.records("image"))
    return call.listing(records, include_prices=call.query.include_prices)


def _start(call: Call, task_type: str, record: Record, size: int, locks: list[Record], after: Any, undo: Any) -> Any:
    """Queued, saving, then active with a size, at the task's end or some time after it (A8)."""
    sim = call.sim
    lag = sim.settings.quirks.image_lag

    def become_active() -> None:
        if sim.store.has(record):
            record.data.update(status="active", size=size)

    def finish(_unused: Task) -> None:
        after()
        if not lag:
            become_active()
            return
        record["status"] = "queued"
        sim.schedule(sim.now() + lag / 2, lambda: record.data.update(status="saving"))
        sim.schedule(sim.now() + lag, become_active)

    record.data.update(status="saving", size=None)
    return call.start(
        task_type, data=call.body.model_dump(), locks=locks, creates={"images": [record]}, finish=finish, undo=undo
    )


@routes("POST", "/v1/downloadimage/{P}")
def download_image(call: Call) -> Any:
    body = call.body
    call.claim(image_count=1)
    record = make(*call.scope, **body.model_dump(exclude={"url"}))
    return _start(call, "download_image", record, 2 * GIB, [], lambda: None, None)


@routes("POST", "/v1/images/{P}")
def image_from_volume(call: Call) -> Any:
    """The volume must be bootable; it is ``uploading`` meanwhile (C3, C6)."""
    body = call.body
    volume = call.get("volume", body.volume_id)
    if not volume["bootable"]:
        raise errors.invalid("volume_id", f"Volume {volume.id} is not bootable")
    if volume["status"] not in ("available", "in-use"):
        raise errors.conflict(f"Volume {volume.id} is {volume['status']}")
    call.free(volume)
    call.claim(image_count=1)
    metadata = volume["volume_image_metadata"] or {}
    record = make(
        *call.scope, min_disk=volume["size"], disk_format="raw",
        os_distro=metadata.get("os_distro"), os_version=metadata.get("os_version"),
        **body.model_dump(exclude={"source", "volume_id"}),
    )  # fmt: skip
    before, volume["status"] = volume["status"], "uploading"

    def restore(*_unused: Any) -> None:
        volume["status"] = before

    return _start(call, "create_image", record, volume["size"] * GIB, [volume], restore, restore)


def _own(call: Call) -> Record:
    record = referred(call, call.values["image_id"])
    if record.project_id != call.project_id:
        raise errors.forbidden(f"Image {record.id} does not belong to the project")
    return record


def _prepare(call: Call, _record: Record, changes: dict[str, Any]) -> None:
    """Unlike others, images refuse ``tags: null`` (A7); a null ``is_baremetal`` changes nothing."""
    if changes.get("tags", {}) is None and call.sim.settings.quirks.image_refuses_null_tags:
        raise errors.invalid("tags", "Input should be a valid dictionary")
    if changes.get("is_baremetal", False) is None:
        del changes["is_baremetal"]


def _check_volumes(call: Call, record: Record) -> None:
    """An image in COW format stays while there are volumes created from it."""
    if record["cow_format"] and any(volume["image_id"] == record.id for volume in call.sim.store.all("volume")):
        raise errors.conflict(f"Image {record.id} is used by volumes")


def _ignoring_case(field: str) -> Filter:
    return lambda _call, record, wanted: wanted.lower() == record[field].lower()


images = Collection(routes, "image", "/v1/images/{P}", "image_id", usable=usable)
images.list(
    {
        "architecture": equal("architecture"),
        "name": lambda _call, record, wanted: wanted.lower() in record["name"].lower(),
        "os_distro": _ignoring_case("os_distro"),
        "os_version": _ignoring_case("os_version"),
        "private": lambda _call, record, _wanted: record["visibility"] == "private",
        "visibility": equal("visibility"),
    },
    records=usable,
    options=["include_prices"],
)
images.get(options=["include_prices"])
images.update(_prepare, find=_own)
images.delete(_check_volumes, task="delete_image", find=_own)


def seed(sim: Simulator) -> None:
    """Public images of each region."""
    rows: list[dict[str, Any]] = [
        {"name": "ubuntu-22.04-x64", "os_distro": "ubuntu", "os_version": "22.04", "min_disk": 5},
        {"name": "ubuntu-24.04-x64", "os_distro": "ubuntu", "os_version": "24.04", "min_disk": 5},
        {"name": "debian-12", "os_distro": "debian", "os_version": "12", "min_disk": 5},
        {"name": "windows-server-2022", "os_distro": "windows", "os_version": "2022", "min_disk": 50,
         "min_ram": 2048, "os_type": "windows", "ssh_key": "deny"},
    ]  # fmt: skip
    for region in sim.store.all("region"):
        for row in rows:
            make(sim, None, int(region.id), visibility="public", id=fixed_id(f"image/{row['name']}/{region.id}"), **row)


RESOURCE = Resource(
    types=[ResourceType("image", "Image", make, view, failed={"status": "error"})],
    routes=routes,
    quotas={"image_count": count("image")},
    seed=seed,
)
