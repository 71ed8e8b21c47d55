# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Schedules of snapshots (docs/api-notes.md: Snapshot schedules)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import World

POLICIES = "/v1/lifecycle_policy/{P}"
DAILY = {"type": "interval", "days": 1}
CRON = {"type": "cron", "hour": "0,12", "day_of_week": "mon,tue", "max_quantity": 5, "retention_time": {"weeks": 1}}


def policy(world: World, **more: Any) -> Any:
    return world.ok("POST", POLICIES, {"name": "nightly", "action": "volume_snapshot", **more})


def test_life_of_a_policy(world: World) -> None:
    volume = world.volume()
    made = policy(world, schedules=[DAILY, CRON], volume_ids=[volume])
    assert isinstance(made["id"], int) and (made["status"], made["action"]) == ("active", "volume_snapshot")
    assert made["volumes"] == [{"volume_id": volume, "volume_name": "vol"}]
    daily, cron = made["schedules"]
    assert (daily["days"], daily["hours"], daily["max_quantity"], daily["retention_time"]) == (1, None, 2, None)
    assert daily["resource_name_template"].startswith("Snapshot of volume {volume_id}")
    assert (cron["hour"], cron["minute"], cron["timezone"]) == ("0,12", None, None)
    assert cron["retention_time"] == {"weeks": 1, "days": None, "hours": None, "minutes": None}
    assert (cron["owner"], cron["owner_id"]) == ("lifecycle_policy", made["id"])
    path = f"{POLICIES}/{made['id']}"
    assert world.ok("PATCH", path, {"name": "weekly", "status": "paused"})["status"] == "paused"
    assert world.get(path)["name"] == "weekly"
    assert world.get(POLICIES) == {"count": 1, "results": [world.get(path)]}
    other = policy(world, name="other")
    assert other["id"] != made["id"] and other["schedules"] == other["volumes"] == []
    world.ok("DELETE", path)
    world.refused(404, "GET", path)
    world.refused(404, "GET", f"/v1/schedule/{{P}}/{daily['id']}")
    world.refused(404, "DELETE", path)
    world.refused(400, "GET", f"{POLICIES}/nightly")


def test_schedules(world: World) -> None:
    made = policy(world, schedules=[DAILY])
    path = f"{POLICIES}/{made['id']}"
    first = made["schedules"][0]["id"]
    added = world.ok("POST", f"{path}/add_schedules", {"schedules": [CRON]})["schedules"]
    assert [item["type"] for item in added] == ["interval", "cron"]
    world.refused(400, "POST", f"{path}/add_schedules", {"schedules": [DAILY] * 9})
    schedule = f"/v1/schedule/{{P}}/{added[1]['id']}"
    assert world.ok("PATCH", schedule, {"hour": "1", "max_quantity": 9})["hour"] == "1"
    assert world.get(schedule)["max_quantity"] == 9 and world.get(schedule)["day_of_week"] == "mon,tue"
    for refused in ({"days": 1}, {"type": "interval"}, {"hour": "24"}, {"hour": None}, {"max_quantity": 0}):
        world.refused(400, "PATCH", schedule, refused)
    world.refused(404, "POST", f"{path}/remove_schedules", {"schedule_ids": [first, "unknown"]})
    assert world.ok("POST", f"{path}/remove_schedules", {"schedule_ids": [first]})["schedules"] == [world.get(schedule)]


@pytest.mark.parametrize(
    "schedule",
    [
        {"type": "interval"},
        {"type": "interval", "minutes": 59},
        {"type": "interval", "hour": "1"},
        {"type": "cron", "days": 1},
        {"type": "cron", "minute": "60"},
        {"type": "cron", "day": "0"},
        {"type": "cron", "day_of_week": "monday"},
        {"type": "daily"},
        {"days": 1},
        {**DAILY, "max_quantity": 10001},
        {**DAILY, "retention_time": {"years": 1}},
    ],
    ids=str,
)
def test_schedules_that_are_refused(world: World, schedule: dict[str, Any]) -> None:
    body = {"name": "nightly", "action": "volume_snapshot", "schedules": [schedule]}
    world.refused(400, "POST", POLICIES, body)
    world.refused(400, "POST", f"{POLICIES}/estimate_max_policy_usage", body)


def test_volumes_of_a_policy(world: World) -> None:
    first, second = world.volume("one"), world.volume("two")
    unknown = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"
    path = f"{POLICIES}/{policy(world, volume_ids=[first, first])['id']}"
    assert len(world.get(path)["volumes"]) == 1
    assert len(world.ok("PUT", f"{path}/add_volumes_to_policy", {"volume_ids": [first, second]})["volumes"]) == 2
    world.refused(404, "PUT", f"{path}/add_volumes_to_policy", {"volume_ids": [unknown]})
    world.refused(404, "PUT", f"{path}/remove_volumes_from_policy", {"volume_ids": [unknown]})
    left = world.ok("PUT", f"{path}/remove_volumes_from_policy", {"volume_ids": [first]})["volumes"]
    assert [row["volume_name"] for row in left] == ["two"]
    world.run("DELETE", f"/v1/volumes/{{P}}/{second}")
    assert world.get(path)["volumes"] == []
    world.refused(404, "POST", POLICIES, {"name": "x", "action": "volume_snapshot", "volume_ids": [unknown]})


def test_forecast(world: World) -> None:
    volumes = [world.volume("one", 10), world.volume("two", 5)]
    body = {"name": "nightly", "action": "volume_snapshot", "schedules": [DAILY, CRON], "volume_ids": volumes}
    found = world.ok("POST", f"{POLICIES}/estimate_max_policy_usage", body)
    assert found["max_volume_snapshot_sequence_length"] == 7
    assert (found["max_volume_snapshot_count_usage"], found["max_volume_snapshot_size_usage"]) == (14, 105)
    assert world.get(POLICIES)["count"] == 0
