# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks, locks, quotas (docs/api-notes.md: Tasks, Locks and consistency)."""

from __future__ import annotations

import re

import pytest

from ..app import Clock, Settings, Simulator
from ..core.clock import parse_time
from ..core.errors import LOCKED
from ..core.tasks import CREATED_RESOURCES
from .conftest import World


def test_life_of_a_task(world: World) -> None:
    world.sim.settings.durations = {"create_volume": 10}
    task_id = world.start("POST", "/v1/volumes/{P}", {"source": "new-volume", "name": "vol", "size": 1})
    task = world.task(task_id)
    assert (task["state"], task["task_type"], task["created_resources"], task["finished_on"]) == (
        "NEW", "create_volume", None, None,
    )  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", task["created_on"])
    assert task["data"]["name"] == "vol"
    volume = world.get("/v1/volumes/{P}")["results"][0]
    assert (volume["status"], volume["task_id"], volume["creator_task_id"]) == ("creating", task_id, task_id)
    world.sim.advance(5)
    assert world.task(task_id)["state"] == "RUNNING"
    world.sim.advance(4.99)
    assert world.task(task_id)["state"] == "RUNNING"
    world.sim.advance(0.01)
    task = world.task(task_id)
    assert task["state"] == "FINISHED" and task["error"] is None and task["finished_on"]
    assert set(task["created_resources"]) == set(CREATED_RESOURCES)
    assert task["created_resources"]["volumes"] == [volume["id"]]
    assert all(ids == [] for key, ids in task["created_resources"].items() if key != "volumes")
    volume = world.get(f"/v1/volumes/{{P}}/{volume['id']}")
    assert (volume["status"], volume["task_id"], volume["creator_task_id"]) == ("available", None, task_id)
    assert volume["created_at"].endswith("+0000")


def test_the_end_keeps_its_own_time_however_late_one_looks(world: World) -> None:
    world.sim.settings.durations = {"create_network": 10}
    task_id = world.start("POST", "/v1/networks/{P}", {"name": "net"})
    world.sim.advance(500)
    task = world.task(task_id)
    assert parse_time(task["finished_on"]) - parse_time(task["created_on"]) in (9, 10, 11)


def test_durations_lie_in_their_table(world: World) -> None:
    seconds = [world.sim.tasks.seconds("create_vm") for _each in range(200)]
    assert 15 <= min(seconds) < 18 and 27 < max(seconds) <= 30
    world.sim.settings.durations = {"create_vm": (1, 2)}
    assert 1 <= world.sim.tasks.seconds("create_vm") <= 2


def test_list_of_tasks(world: World) -> None:
    for number in range(12):
        world.network(f"net{number}")
    world.start("POST", "/v1/networks/{P}", {"name": "going"})
    world.start("POST", "/v1/networks/1000002/148", {"name": "elsewhere"})
    page = world.get("/v1/tasks")
    assert page["count"] == 14 and len(page["results"]) == 10
    assert page["results"][0]["data"]["name"] == "elsewhere"
    assert world.get("/v1/tasks", order_by="asc")["results"][0]["data"]["name"] == "net0"
    assert world.get("/v1/tasks", state=["NEW", "RUNNING"])["count"] == 2
    assert world.get("/v1/tasks", project_id=1000002)["count"] == 1
    assert world.get("/v1/tasks", project_id=[1000001, 1000002], region_id=148)["count"] == 1
    assert world.get("/v1/tasks", task_type="create_vm")["count"] == 0
    going = world.get("/v1/tasks/{P}/active")
    assert [task["data"]["name"] for task in going["results"]] == ["going"]
    assert world.get("/v1/tasks/{P}/active", task_type=["create_vm", "create_subnet"])["count"] == 0
    oldest = world.get("/v1/tasks", order_by="asc")["results"][0]["created_on"]
    assert world.get("/v1/tasks", to_timestamp=oldest)["count"] == 1
    assert world.get("/v1/tasks", from_timestamp=oldest + "Z")["count"] == 14
    world.refused(400, "GET", "/v1/tasks", query={"state": "DONE"})
    world.refused(400, "GET", "/v1/tasks", query={"limit": 1001})


def test_acknowledge(world: World) -> None:
    world.network("net1")
    task_id = world.get("/v1/tasks")["results"][0]["id"]
    world.network("net2")
    assert world.ok("POST", f"/v1/tasks/{task_id}/acknowledge")["acknowledged_at"]
    assert world.get("/v1/tasks", is_acknowledged="true")["count"] == 1
    assert world.request("POST", "/v1/tasks/acknowledge_all", query={"project_id": 1000001}).status == 204
    assert world.get("/v1/tasks", is_acknowledged="false")["count"] == 0
    world.refused(404, "GET", "/v1/tasks/unknown")


def test_locks(world: World) -> None:
    network_id = world.network()
    world.start("POST", "/v1/subnets/{P}", {"name": "sub", "network_id": network_id, "cidr": "10.0.0.0/24"})
    assert world.get(f"/v1/networks/{{P}}/{network_id}")["task_id"]
    body = {"name": "sub2", "network_id": network_id, "cidr": "10.0.1.0/24"}
    for method, path, payload in (
        ("POST", "/v1/subnets/{P}", body),
        ("DELETE", f"/v1/networks/{{P}}/{network_id}", None),
        ("PATCH", f"/v2/networks/{{P}}/{network_id}", {"name": "other"}),
    ):
        error = world.refused(409, method, path, payload)
        assert (error["exception_class"], error["message"]) == ("ConflictError", LOCKED)
    world.sim.advance(20)
    world.run("POST", "/v1/subnets/{P}", body)


def test_volume_and_instance_are_locked_while_attaching(world: World) -> None:
    vm_id, volume_id = world.vm(), world.volume()
    world.start("POST", f"/v2/volumes/{{P}}/{volume_id}/attach", {"instance_id": vm_id})
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "attaching"
    for path in (f"/v1/instances/{{P}}/{vm_id}", f"/v1/volumes/{{P}}/{volume_id}"):
        assert world.refused(409, "PATCH", path, {"name": "other"})["message"] == LOCKED
        assert world.get(path)["task_id"]


def test_lock_of_an_owner_is_the_lock_of_its_parts(world: World) -> None:
    parent = world.sim.store.get("volume", world.volume("parent"))
    child = world.sim.store.get("volume", world.volume("child"))
    assert parent and child
    child.lock_owner = parent
    world.sim.foreign_task("update_volume", 1000001, 76, seconds=10, locks=[parent])
    assert world.refused(409, "DELETE", f"/v1/volumes/{{P}}/{child.id}")["message"] == LOCKED


def test_quota_at_the_call(world: World) -> None:
    world.sim.settings.quotas = {"volume_size": 15}
    world.volume(size=10)
    error = world.refused(403, "POST", "/v1/volumes/{P}", {"source": "new-volume", "name": "vol", "size": 8})
    assert error["exception_class"] == "QuotaLimitExceed"
    assert error["message"] == "Quota limit for volume_size exceeded by 3"
    assert error["info"] == {
        "attribute": "volume_size", "current_usage": 10, "requested_usage": 8, "limit": 15,
    }  # fmt: skip
    assert world.get("/v1/volumes/{P}")["count"] == 1
    assert world.get("/v1/volumes/1000001/148")["count"] == 0
    world.run("POST", "/v1/volumes/1000001/148", {"source": "new-volume", "name": "vol", "size": 8})


def test_quota_in_the_task(world: World) -> None:
    world.faults({"kind": "quota", "attribute": "volume_size", "limit": 1, "in_task": True})
    task = world.wait(world.start("POST", "/v1/volumes/{P}", {"source": "new-volume", "name": "vol", "size": 8}))
    assert (task["state"], task["error"]) == ("ERROR", "Quota limit for volume_size exceeded by 7")
    assert task["created_resources"] is None
    assert world.get("/v1/volumes/{P}")["count"] == 0


@pytest.mark.parametrize(
    ("attribute", "method", "path", "body"),
    [
        ("network_count", "POST", "/v1/networks/{P}", {"name": "net"}),
        ("router_count", "POST", "/v1/routers/{P}", {"name": "router"}),
        ("floating_count", "POST", "/v1/floatingips/{P}", {}),
        ("firewall_count", "POST", "/v2/security_groups/{P}", {"name": "group"}),
        ("keypair_count", "POST", "/v1/ssh_keys/1000001", {"name": "key"}),
        ("external_ip_count", "POST", "/v1/reserved_fixed_ips/{P}", {"type": "external"}),
        ("servergroup_count", "POST", "/v1/servergroups/{P}", {"name": "group", "policy": "affinity"}),
    ],
)
def test_every_quota(world: World, attribute: str, method: str, path: str, body: dict[str, object]) -> None:
    world.sim.settings.quotas = {attribute: 0}
    assert attribute in world.refused(403, method, path, body)["message"]


def test_clock_runs_at_its_speed() -> None:
    real = [100.0]
    clock = Clock(speed=20, skew=5, monotonic=lambda: real[0], wall=lambda: 1000.0)
    assert clock.now() == 1005
    real[0] += 2
    assert clock.now() == 1045
    clock.set_speed(1)
    real[0] += 2
    assert clock.now() == 1047
    clock.advance(10)
    clock.set_frozen(True)
    real[0] += 2
    assert clock.now() == 1057
    clock.set_frozen(False)
    real[0] += 2
    assert clock.now() == 1059
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


def test_frozen_clock_stands_still() -> None:
    sim = Simulator(Settings(frozen=True))
    before = sim.now()
    sim.advance(7)
    assert sim.now() == before + 7
