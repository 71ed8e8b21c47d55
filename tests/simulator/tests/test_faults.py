# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults on demand, as far as they need no wire, and the control API."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import pytest

from ..core.errors import LOCKED
from .conftest import World

NETWORK = {"name": "net"}


def test_status(world: World) -> None:
    world.faults({"kind": "status", "status": 429, "headers": {"Retry-After": "7"}, "times": 2})
    for _each in range(2):
        reply = world.request("GET", "/v1/regions")
        assert (reply.status, reply.headers["retry-after"]) == (429, "7")
        assert set(reply.json) == {"exception_class", "message", "request_id"}
    assert world.request("GET", "/v1/regions").status == 200


def test_status_with_a_body(world: World) -> None:
    world.faults(
        {"kind": "status", "status": 502, "body": "<html>Bad gateway</html>"},
        {"kind": "status", "status": 409, "exception_class": "ConflictError", "message": "in use"},
        {"kind": "status", "status": 500, "body": {"any": "body"}},
    )
    first, second, third = [world.request("GET", "/v1/regions") for _each in range(3)]
    assert (first.status, first.headers["content-type"], first.raw) == (502, "text/html", b"<html>Bad gateway</html>")
    assert second.json["message"] == "in use" and third.json == {"any": "body"}


def test_match(world: World) -> None:
    world.faults(
        {"kind": "status", "name": "mine", "times": None,
         "match": {"method": ["POST", "PATCH"], "path": "/networks/", "after": 1}}
    )  # fmt: skip
    world.ok("GET", "/v1/networks/{P}")
    world.ok("POST", "/v1/networks/{P}", NETWORK)
    for _each in range(3):
        assert world.request("POST", "/v1/networks/{P}", NETWORK).status == 503
    assert world.request("DELETE", "/_simulator/faults").status == 204
    world.ok("POST", "/v1/networks/{P}", NETWORK)
    assert [row["fault"] for row in world.sim.requests if row["status"] == 503] == ["mine"] * 3


def test_for_seconds_starts_at_the_first_hit(world: World) -> None:
    world.faults({"kind": "status", "for_seconds": 30})
    world.sim.advance(100)
    assert world.request("GET", "/v1/regions").status == 503
    world.sim.advance(29)
    assert world.request("GET", "/v1/regions").status == 503
    world.sim.advance(2)
    assert world.request("GET", "/v1/regions").status == 200


def test_match_on_the_polled_task(world: World) -> None:
    world.faults({"kind": "status", "match": {"task_type": "create_network"}})
    task_id = world.start("POST", "/v1/networks/{P}", NETWORK)
    assert world.request("GET", f"/v1/tasks/{task_id}").status == 503
    assert world.request("GET", f"/v1/tasks/{task_id}").status == 200


def test_garbled_answer(world: World) -> None:
    world.faults({"kind": "garbled"})
    reply = world.request("GET", "/v1/regions")
    assert reply.status == 200
    with pytest.raises(ValueError, match=r"delimiter|Unterminated|Expecting"):
        assert reply.json is None


def test_lost_answer_is_taken(world: World) -> None:
    world.faults({"kind": "lost_answer", "status": 502, "match": {"method": "POST"}})
    assert world.request("POST", "/v1/networks/{P}", NETWORK).status == 502
    row = world.sim.requests[-1]
    assert (row["status"], row["fault"], row["body"]) == (502, "lost_answer", NETWORK)
    world.sim.advance(60)
    assert world.get("/v1/networks/{P}")["count"] == 1


def test_a_reset_write_is_not_taken(world: World) -> None:
    world.faults({"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        world.request("POST", "/v1/networks/{P}", NETWORK)
    assert world.get("/v1/tasks")["count"] == 0
    assert world.sim.requests[0]["status"] is None


def test_task_error_leaves_nothing(world: World) -> None:
    world.faults({"kind": "task_error", "error": "No valid host", "match": {"task_type": "create_vm"}})
    network_id = world.network()
    world.subnet(network_id)
    task = world.wait(world.start("POST", "/v2/instances/{P}", world.vm_body()))
    assert (task["state"], task["error"], task["created_resources"]) == ("ERROR", "No valid host", None)
    for path in ("instances", "volumes", "floatingips"):
        assert world.get(f"/v1/{path}/{{P}}")["count"] == 0
    external = world.get("/v1/subnets/{P}", owned_by="any", order_by="created_at.asc")["results"][0]
    assert external["total_ips"] - external["available_ips"] == 1  # the router's own


def test_task_error_that_leaves_an_object(world: World) -> None:
    world.faults({"kind": "task_error", "leave_object": True, "times": 2})
    task_id = world.start("POST", "/v2/instances/{P}", world.vm_body())
    assert world.wait(task_id)["state"] == "ERROR"
    vm = world.get("/v1/instances/{P}")["results"][0]
    assert (vm["status"], vm["vm_state"], vm["creator_task_id"], vm["task_id"]) == ("ERROR", "error", task_id, None)
    body = {"source": "new-volume", "name": "vol", "size": 1}
    world.wait(world.start("POST", "/v1/volumes/{P}", body))
    assert world.get("/v1/volumes/{P}", name_part="vol")["results"][0]["status"] == "error"


@pytest.mark.parametrize("leave", [False, True])
def test_failed_changes_are_undone(world: World, leave: bool) -> None:
    volume_id = world.volume()
    path = f"/v1/volumes/{{P}}/{volume_id}"
    world.faults({"kind": "task_error", "leave_object": leave, "times": 2})
    world.wait(world.start("POST", f"{path}/extend", {"size": 20}))
    assert (world.get(path)["status"], world.get(path)["size"]) == ("error_extending" if leave else "available", 10)
    world.wait(world.start("DELETE", path))
    assert world.get(path)["status"] == ("error_deleting" if leave else "available")
    world.run("DELETE", path)


def test_task_never_ends(world: World) -> None:
    world.faults({"kind": "task_never_ends"})
    task_id = world.start("POST", "/v1/networks/{P}", NETWORK)
    world.sim.advance(100_000)
    assert world.task(task_id)["state"] == "RUNNING"
    assert world.get("/v1/tasks/{P}/active")["count"] == 1


def test_unknown_state(world: World) -> None:
    world.faults({"kind": "task_unknown_state", "value": "PAUSED", "seconds": 50})
    task_id = world.start("POST", "/v1/networks/{P}", NETWORK)
    world.sim.advance(20)
    assert world.task(task_id)["state"] == "PAUSED"
    world.sim.advance(50)
    assert world.task(task_id)["state"] == "FINISHED"
    world.faults({"kind": "task_unknown_state"})
    task_id = world.start("POST", "/v1/networks/{P}", NETWORK)
    world.sim.advance(5000)
    assert world.task(task_id)["state"] == "SUSPENDED"


def test_task_404_for_a_while(world: World) -> None:
    world.faults({"kind": "task_404_for", "seconds": 5})
    task_id = world.start("POST", "/v1/networks/{P}", NETWORK)
    world.refused(404, "GET", f"/v1/tasks/{task_id}")
    assert world.get("/v1/tasks")["count"] == 0
    world.sim.advance(5)
    world.task(task_id)


def test_created_resources_faults(world: World) -> None:
    world.faults({"kind": "created_resources_null"}, {"kind": "created_resources_missing", "match": {"after": 1}})
    assert world.run("POST", "/v1/networks/{P}", NETWORK)["created_resources"] is None
    made = world.run("POST", "/v1/networks/{P}", NETWORK)["created_resources"]
    assert "networks" not in made and "routers" not in made and made["volumes"] == []


def test_stale_reads(world: World) -> None:
    world.faults({"kind": "stale_read", "seconds": 10, "times": 3})
    network_id = world.network()
    world.refused(404, "GET", f"/v1/networks/{{P}}/{network_id}")
    world.sim.advance(11)
    path = f"/v1/networks/{{P}}/{network_id}"
    world.run("PATCH", path.replace("v1", "v2"), {"name": "new"})
    assert world.get(path)["name"] == "net" == world.get("/v1/networks/{P}")["results"][0]["name"]
    world.sim.advance(11)
    assert world.get(path)["name"] == "new"
    world.run("DELETE", path)
    assert world.get(path)["name"] == "new"
    world.refused(404, "DELETE", path)
    world.sim.advance(11)
    world.refused(404, "GET", path)
    assert world.get("/v1/networks/{P}")["count"] == 0


def test_quirks_of_time(world: World) -> None:
    world.sim.settings.quirks.delete_lag = 5
    world.sim.settings.quirks.create_lag = 5
    path = f"/v1/networks/{{P}}/{world.network()}"
    world.refused(404, "GET", path)
    world.sim.advance(6)
    world.run("DELETE", path)
    world.get(path)
    world.sim.advance(6)
    world.refused(404, "GET", path)


def test_lock_by_another_task(world: World) -> None:
    network_id = world.network()
    path = f"/v1/networks/{{P}}/{network_id}"
    world.faults({"kind": "lock", "seconds": 20, "match": {"method": "DELETE"}})
    assert world.refused(409, "DELETE", path)["message"] == LOCKED
    holder = world.get(path)["task_id"]
    assert world.task(holder)["state"] == "NEW" and world.get("/v1/tasks/{P}/active")["count"] == 1
    assert world.refused(409, "DELETE", path)["message"] == LOCKED
    world.sim.advance(21)
    assert world.get(path)["task_id"] is None
    world.run("DELETE", path)


def test_lock_of_a_creation(world: World) -> None:
    world.faults({"kind": "lock", "seconds": 20, "match": {"method": "POST", "path": "/networks/"}})
    for _each in range(3):
        assert world.refused(409, "POST", "/v1/networks/{P}", NETWORK)["message"] == LOCKED
    world.sim.advance(21)
    world.network()


def test_quota_fault(world: World) -> None:
    world.faults({"kind": "quota", "attribute": "network_count", "limit": 0})
    world.refused(403, "POST", "/v1/networks/{P}", NETWORK)
    world.network()


@pytest.mark.parametrize("seconds", [86400, -86400])
def test_clock_skew(world: World, seconds: int) -> None:
    world.faults({"kind": "clock_skew", "seconds": seconds})
    first, second = [
        parsedate_to_datetime(world.request("GET", "/v1/regions").headers["date"]).timestamp() for _each in range(2)
    ]
    assert first - second == seconds


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "nothing"},
        {"kind": "status", "stauts": 1},
        {"kind": "quota"},
        {"kind": "status", "times": 0},
        {"kind": "lock", "seconds": -1},
    ],
)
def test_wrong_faults_are_refused(world: World, fault: dict[str, object]) -> None:
    assert world.request("POST", "/_simulator/faults", fault).status == 400


# --- control -------------------------------------------------------------------------------------------------------


def test_control_needs_no_key(world: World) -> None:
    world.auth = None
    assert world.request("GET", "/_simulator/state").status == 200


def test_record(world: World) -> None:
    world.get("/v1/networks/{P}", tag_key=["a", "b"])
    world.request("POST", "/v1/networks/{P}", raw=b"{nonsense")
    world.request("GET", "/v1/nothing")
    rows = world.ok("GET", "/_simulator/requests")
    assert [row["status"] for row in rows] == [200, 400, 404]
    assert set(rows[0]) == {
        "time", "method", "path", "route", "query", "headers", "body", "status", "response", "fault",
    }  # fmt: skip
    assert rows[0]["route"] == "/cloud/v1/networks/{project_id}/{region_id}"
    assert rows[0]["path"] == "/cloud/v1/networks/1000001/76"
    assert rows[0]["query"] == [["tag_key", "a"], ["tag_key", "b"]]
    assert rows[0]["headers"]["authorization"] == "APIKey ***"
    assert rows[0]["response"] == {"count": 0, "results": []}
    assert rows[1]["body"] is None and rows[1]["body_text"] == "{nonsense"
    assert rows[2]["route"] is None
    assert world.request("DELETE", "/_simulator/requests").status == 204
    assert world.ok("GET", "/_simulator/requests") == []


def test_objects_by_control(world: World) -> None:
    made = world.ok("POST", "/_simulator/objects", {"kind": "network", "object": {"name": "theirs"}})
    assert world.get(f"/v1/networks/{{P}}/{made['id']}")["name"] == "theirs"
    other = {"kind": "volume", "project_id": 1000002, "region_id": 148, "object": {"name": "vol", "size": 3}}
    volume_id = world.ok("POST", "/_simulator/objects", other)["id"]
    assert world.get(f"/v1/volumes/1000002/148/{volume_id}")["size"] == 3
    change = {"kind": "volume", "id": volume_id, "set": {"size": 4}, "tags": {"a": "b"}, "read_only_tags": {"p": "q"}}
    world.ok("PATCH", "/_simulator/objects", change)
    volume = world.get(f"/v1/volumes/1000002/148/{volume_id}")
    assert volume["size"] == 4 and len(volume["tags"]) == 2
    state = world.ok("GET", "/_simulator/state")
    assert [row["id"] for row in state["objects"]["volume"]] == [volume_id]
    world.ok("PATCH", "/_simulator/objects", {"kind": "volume", "id": volume_id, "delete": True})
    world.refused(404, "GET", f"/v1/volumes/1000002/148/{volume_id}")
    for wrong in ({"kind": "nothing"}, {"kind": "network", "object": {"nmae": "x"}}, {"kind": "network"}):
        assert world.request("POST", "/_simulator/objects", wrong).status == 400
    unknown = {"kind": "network", "id": made["id"], "set": {"nmae": "x"}}
    assert world.request("PATCH", "/_simulator/objects", unknown).status == 400


def test_every_kind_can_be_made(world: World) -> None:
    network_id, volume_id = world.network(), world.volume()
    world.subnet(network_id)
    bodies: dict[str, dict[str, object]] = {
        "instance": {"name": "vm"},
        "router": {"name": "router"},
        "subnet": {"name": "sub", "network_id": network_id, "cidr": "10.1.0.0/24"},
        "security_group": {"name": "group"},
        "floatingip": {},
        "reserved_fixed_ip": {"is_vip": True},
        "image": {"name": "image"},
        "snapshot": {"name": "snap", "volume_id": volume_id},
        "servergroup": {"name": "group", "policy": "affinity"},
        "ssh_key": {"name": "key"},
        "project": {"name": "project"},
    }
    for kind, body in bodies.items():
        assert world.request("POST", "/_simulator/objects", {"kind": kind, "object": body}).status == 200, kind


def test_tasks_by_control(world: World) -> None:
    volume_id = world.volume()
    task = world.ok(
        "POST",
        "/_simulator/tasks",
        {"task_type": "create_vm", "project_id": 1000001, "region_id": 76, "data": {"name": "vm"},
         "locks": [{"kind": "volume", "id": volume_id}]},
    )  # fmt: skip
    assert world.get("/v1/tasks/{P}/active")["results"][0]["id"] == task["id"]
    world.refused(409, "DELETE", f"/v1/volumes/{{P}}/{volume_id}")
    failing = {"task_type": "create_vm", "project_id": 1000001, "region_id": 76, "seconds": 5, "error": "no"}
    task = world.ok("POST", "/_simulator/tasks", failing)
    assert world.wait(task["id"])["error"] == "no"


def test_clock_and_settings_by_control(world: World) -> None:
    task_id = world.start("POST", "/v1/networks/{P}", NETWORK)
    before = world.ok("GET", "/_simulator/clock")["now"]
    assert world.ok("POST", "/_simulator/clock", {"advance": 60})["now"] == before + 60
    assert world.task(task_id)["state"] == "FINISHED"
    changed = world.ok(
        "POST",
        "/_simulator/settings",
        {"deprecated": True, "quotas": {"vm_count": 0}, "durations": {"create_network": [1, 2]},
         "quirks": {"image_lag": 3}},
    )  # fmt: skip
    assert changed["deprecated"] is True and changed["quirks"]["image_lag"] == 3
    world.refused(403, "POST", "/v2/instances/{P}", world.vm_body())
    assert world.request("POST", "/_simulator/settings", {"nothing": 1}).status == 400
    world.faults({"kind": "status"})
    world.ok("POST", "/_simulator/reset", {"quirks": {"image_lag": 9}})
    assert world.sim.settings.deprecated is False and world.sim.settings.quirks.image_lag == 9
    assert world.get("/v1/networks/{P}")["count"] == 0 and world.get("/v1/tasks")["count"] == 0
    world.vm()
