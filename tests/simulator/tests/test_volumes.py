# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Volumes, snapshots, images (docs/api-notes.md: Volumes, Images, flavors, regions, projects)."""

from __future__ import annotations

import pytest

from .conftest import World


def test_volume_from_image(world: World) -> None:
    body = {"source": "image", "image_id": world.image(), "name": "boot", "size": 10}
    task_id = world.start("POST", "/v1/volumes/{P}", body)
    assert world.get("/v1/volumes/{P}")["results"][0]["status"] == "downloading"
    volume_id = world.wait(task_id)["created_resources"]["volumes"][0]
    volume = world.get(f"/v1/volumes/{{P}}/{volume_id}")
    assert volume["bootable"] is True and volume["is_root_volume"] is False and volume["volume_type"] == "standard"
    assert volume["volume_image_metadata"]["image_name"] == "debian-12"
    assert all(isinstance(value, str) for value in volume["volume_image_metadata"].values())
    error = world.refused(400, "POST", "/v1/volumes/{P}", {**body, "size": 4})
    assert "at least 5" in error["message"]
    assert world.get("/v1/volumes/{P}", bootable="true")["count"] == 1


def test_volume_from_snapshot(world: World) -> None:
    volume_id = world.volume(size=7, type_name="ssd_hiiops")
    snapshot_id = world.make("snapshots", "/v1/snapshots/{P}", {"name": "snap", "volume_id": volume_id})
    body = {"source": "snapshot", "snapshot_id": snapshot_id, "name": "copy"}
    world.refused(400, "POST", "/v1/volumes/{P}", {**body, "size": 8})
    copy = world.get(f"/v1/volumes/{{P}}/{world.make('volumes', '/v1/volumes/{P}', body)}")
    assert (copy["size"], copy["volume_type"]) == (7, "ssd_hiiops")


def test_attachment_tag_needs_an_instance(world: World) -> None:
    body = {"source": "new-volume", "name": "vol", "size": 1, "attachment_tag": "data"}
    world.refused(400, "POST", "/v1/volumes/{P}", body)
    vm_id = world.vm()
    volume_id = world.make("volumes", "/v1/volumes/{P}", {**body, "instance_id_to_attach_to": vm_id})
    volume = world.get(f"/v1/volumes/{{P}}/{volume_id}")
    assert volume["status"] == "in-use" and volume["attachments"][0]["server_id"] == vm_id


def test_attach_and_detach(world: World) -> None:
    vm_id, volume_id = world.vm(), world.volume()
    path = f"/v2/volumes/{{P}}/{volume_id}"
    task = world.run("POST", f"{path}/attach", {"instance_id": vm_id, "attachment_tag": "data"})
    assert task["data"] == {"volume_id": volume_id, "instance_id": vm_id, "attachment_tag": "data"}
    volume = world.get(f"/v1/volumes/{{P}}/{volume_id}")
    assert (volume["status"], volume["attachments"][0]["instance_name"]) == ("in-use", "vm1")
    assert volume_id in [item["id"] for item in world.get(f"/v1/instances/{{P}}/{vm_id}")["volumes"]]
    assert world.get("/v1/volumes/{P}", instance_id=vm_id)["count"] == 2
    assert world.get("/v1/volumes/{P}", has_attachments="false")["count"] == 0
    world.refused(409, "DELETE", f"/v1/volumes/{{P}}/{volume_id}")
    world.refused(409, "POST", f"{path}/attach", {"instance_id": vm_id})
    other = world.vm("vm2")
    world.refused(400, "POST", f"{path}/detach", {"instance_id": other})
    detaching = world.start("POST", f"{path}/detach", {"instance_id": vm_id})
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "detaching"
    world.wait(detaching)
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["attachments"] == []
    world.run("DELETE", f"/v1/volumes/{{P}}/{volume_id}")
    world.refused(404, "DELETE", f"/v1/volumes/{{P}}/{volume_id}")


def test_boot_volume_stays(world: World) -> None:
    vm_id = world.vm()
    boot = world.get(f"/v1/instances/{{P}}/{vm_id}")["volumes"][0]["id"]
    assert world.get(f"/v1/volumes/{{P}}/{boot}")["is_root_volume"] is True
    world.refused(409, "POST", f"/v2/volumes/{{P}}/{boot}/detach", {"instance_id": vm_id})
    world.refused(409, "DELETE", f"/v1/volumes/{{P}}/{boot}")


def test_ultra_volume_needs_a_shared_flavor(world: World) -> None:
    volume_id = world.volume(type_name="ultra")
    attach = f"/v2/volumes/{{P}}/{volume_id}/attach"
    world.refused(400, "POST", attach, {"instance_id": world.vm()})
    world.run("POST", attach, {"instance_id": world.vm("vm2", flavor="g0-standard-1-2-shared")})


def test_extend(world: World) -> None:
    volume_id = world.volume(size=10)
    path = f"/v1/volumes/{{P}}/{volume_id}/extend"
    for size in (5, 10):
        world.refused(400, "POST", path, {"size": size})
    task_id = world.start("POST", path, {"size": 20})
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "extending"
    world.wait(task_id)
    volume = world.get(f"/v1/volumes/{{P}}/{volume_id}")
    assert (volume["size"], volume["status"]) == (20, "available")
    lowlatency = world.volume(type_name="ssd_lowlatency")
    world.refused(400, "POST", f"/v1/volumes/{{P}}/{lowlatency}/extend", {"size": 20})


def test_retype(world: World) -> None:
    volume_id = world.volume()
    path = f"/v1/volumes/{{P}}/{volume_id}/retype"
    assert world.ok("POST", path, {"volume_type": "ssd_hiiops"})["volume_type"] == "ssd_hiiops"
    world.refused(400, "POST", path, {"volume_type": "cold"})
    world.sim.settings.quirks.retype_lag = 30
    assert world.ok("POST", path, {"volume_type": "standard"})["status"] == "retyping"
    world.sim.advance(31)
    row = world.get(f"/v1/volumes/{{P}}/{volume_id}")
    assert (row["status"], row["volume_type"]) == ("available", "standard")
    world.make("snapshots", "/v1/snapshots/{P}", {"name": "snap", "volume_id": volume_id})
    world.refused(409, "POST", path, {"volume_type": "ssd_hiiops"})


def test_revert(world: World) -> None:
    volume_id = world.volume(size=5)
    path = f"/v1/volumes/{{P}}/{volume_id}"
    world.refused(400, "POST", f"{path}/revert")
    world.make("snapshots", "/v1/snapshots/{P}", {"name": "snap", "volume_id": volume_id})
    assert world.request("POST", f"{path}/revert").raw == b""
    row = world.get(path)
    assert row["status"] == "reverting"
    assert world.wait(row["task_id"])["task_type"] == "revert_volume"
    world.sim.settings.quirks.revert_answers_tasks = True
    world.run("POST", f"{path}/revert")
    world.run("POST", f"{path}/extend", {"size": 6})
    world.refused(400, "POST", f"{path}/revert")


def test_snapshots_go_with_their_volume(world: World) -> None:
    volume_id = world.volume()
    body = {"name": "snap", "volume_id": volume_id, "description": "d"}
    task_id = world.start("POST", "/v1/snapshots/{P}", body)
    assert world.get("/v1/snapshots/{P}")["results"][0]["status"] == "creating"
    snapshot_id = world.wait(task_id)["created_resources"]["snapshots"][0]
    snapshot = world.get(f"/v1/snapshots/{{P}}/{snapshot_id}")
    assert (snapshot["status"], snapshot["size"], snapshot["description"]) == ("available", 10, "d")
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["snapshot_ids"] == [snapshot_id]
    renamed = world.ok("PATCH", f"/v1/snapshots/{{P}}/{snapshot_id}", {"name": "renamed", "tags": {"a": "b"}})
    assert renamed["name"] == "renamed"
    assert world.get("/v1/snapshots/{P}", volume_id=volume_id)["count"] == 1
    world.refused(404, "DELETE", f"/v1/volumes/{{P}}/{volume_id}", query={"snapshots": "nonsense"})
    world.run("DELETE", f"/v1/volumes/{{P}}/{volume_id}", query={"snapshots": snapshot_id})
    assert world.get("/v1/snapshots/{P}")["count"] == 0
    lowlatency = world.volume(type_name="ssd_lowlatency")
    world.refused(400, "POST", "/v1/snapshots/{P}", {"name": "snap", "volume_id": lowlatency})


def test_snapshot_delete(world: World) -> None:
    snapshot_id = world.make("snapshots", "/v1/snapshots/{P}", {"name": "snap", "volume_id": world.volume()})
    task_id = world.start("DELETE", f"/v1/snapshots/{{P}}/{snapshot_id}")
    assert world.get(f"/v1/snapshots/{{P}}/{snapshot_id}")["status"] == "deleting"
    world.wait(task_id)
    world.refused(404, "GET", f"/v1/snapshots/{{P}}/{snapshot_id}")


def test_image_upload(world: World) -> None:
    image_id = world.make("images", "/v1/downloadimage/{P}", {"name": "mine", "url": "https://example.com/i.qcow2"})
    image = world.get(f"/v1/images/{{P}}/{image_id}")
    assert (image["status"], image["architecture"], image["os_type"], image["ssh_key"]) == (
        "active", "x86_64", "linux", "allow",
    )  # fmt: skip
    assert image["size"] > 0 and image["visibility"] == "private" and "tags" not in image
    assert world.get("/v1/projectimages/{P}")["count"] == 1
    assert world.get("/v1/images/{P}", visibility="private")["count"] == 1
    assert world.get("/v1/images/1000002/76")["count"] == 4
    world.refused(400, "POST", "/v1/downloadimage/{P}", {"name": "mine", "url": "no url"})


def test_image_that_is_active_some_time_after_its_task(world: World) -> None:
    world.sim.settings.quirks.image_lag = 10
    image_id = world.make("images", "/v1/downloadimage/{P}", {"name": "mine", "url": "https://example.com/i"})
    path = f"/v1/images/{{P}}/{image_id}"
    assert (world.get(path)["status"], world.get(path)["size"]) == ("queued", None)
    world.sim.advance(6)
    assert world.get(path)["status"] == "saving"
    world.sim.advance(6)
    assert world.get(path)["status"] == "active" and world.get(path)["size"]


def test_image_from_volume(world: World) -> None:
    world.refused(400, "POST", "/v1/images/{P}", {"name": "mine", "volume_id": world.volume()})
    body = {"source": "image", "image_id": world.image(), "name": "boot", "size": 10}
    volume_id = world.make("volumes", "/v1/volumes/{P}", body)
    task_id = world.start("POST", "/v1/images/{P}", {"name": "mine", "volume_id": volume_id})
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "uploading"
    image_id = world.wait(task_id)["created_resources"]["images"][0]
    image = world.get(f"/v1/images/{{P}}/{image_id}")
    assert (image["min_disk"], image["os_distro"]) == (10, "debian")
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "available"


def test_image_patch_refuses_null_tags(world: World) -> None:
    body = {"name": "mine", "url": "https://example.com/i", "tags": {"a": "b"}}
    path = f"/v1/images/{{P}}/{world.make('images', '/v1/downloadimage/{P}', body)}"
    world.refused(400, "PATCH", path, {"tags": None})
    image = world.ok("PATCH", path, {"tags": {"a": None, "c": "d"}, "ssh_key": "deny", "name": "renamed"})
    assert image["tags_v2"] == [{"key": "c", "value": "d", "read_only": False}]
    assert (image["ssh_key"], image["name"]) == ("deny", "renamed")
    world.refused(400, "PATCH", path, {"os_distro": "x"})
    world.sim.settings.quirks.image_refuses_null_tags = False
    assert world.ok("PATCH", path, {"tags": None})["tags_v2"] == []


def test_image_delete(world: World) -> None:
    world.refused(403, "DELETE", f"/v1/images/{{P}}/{world.image()}")
    body = {"name": "mine", "url": "https://example.com/i", "cow_format": True}
    image_id = world.make("images", "/v1/downloadimage/{P}", body)
    volume = {"source": "image", "image_id": image_id, "name": "boot", "size": 10}
    volume_id = world.make("volumes", "/v1/volumes/{P}", volume)
    world.refused(409, "DELETE", f"/v1/images/{{P}}/{image_id}")
    world.run("DELETE", f"/v1/volumes/{{P}}/{volume_id}")
    world.run("DELETE", f"/v1/images/{{P}}/{image_id}")
    world.refused(404, "GET", f"/v1/images/{{P}}/{image_id}")


@pytest.mark.parametrize("patch", [{"size": 20}, {"name": None}, {"tags": {"a": 1}}, {"tags": {"a": " b"}}])
def test_volume_patch_refusals(world: World, patch: dict[str, object]) -> None:
    world.refused(400, "PATCH", f"/v1/volumes/{{P}}/{world.volume()}", patch)


def test_volume_patch(world: World) -> None:
    path = f"/v1/volumes/{{P}}/{world.volume(tags={'a': 'b', 'c': 'd'})}"
    volume = world.ok("PATCH", path, {"name": "renamed", "tags": {"a": None, "e": "f"}})
    assert volume["name"] == "renamed"
    assert {tag["key"]: tag["value"] for tag in volume["tags"]} == {"c": "d", "e": "f"}
    assert world.ok("PATCH", path, {"tags": None})["tags"] == []
