# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security groups and rules (docs/api-notes.md: Security groups)."""

from __future__ import annotations

import pytest

from .conftest import World

SSH = {"direction": "ingress", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22}


def make(world: World, **more: object) -> str:
    return world.make("security_groups", "/v2/security_groups/{P}", {"name": "web", **more})


def read(world: World, group_id: str) -> dict:
    return world.get(f"/v1/securitygroups/{{P}}/{group_id}")


def test_default_group(world: World) -> None:
    for scope in ("1000001/76", "1000001/148", "1000002/76"):
        groups = world.get(f"/v1/securitygroups/{scope}")["results"]
        assert [group["name"] for group in groups] == ["default"]
        inbound = {
            (rule["protocol"], rule["port_range_min"])
            for rule in groups[0]["security_group_rules"]
            if rule["direction"] == "ingress"
        }
        assert inbound == {("icmp", None), ("tcp", 22), ("tcp", 3389), ("udp", 3389)}
    world.refused(409, "DELETE", f"/v1/securitygroups/1000002/76/{groups[0]['id']}")


def test_rules_at_creation(world: World) -> None:
    template = read(world, make(world))["security_group_rules"]
    assert {rule["direction"] for rule in template} == {"ingress", "egress"}
    assert all(rule["protocol"] is None for rule in template)
    assert read(world, make(world, rules=[]))["security_group_rules"] == []
    rule = read(world, make(world, rules=[SSH]))["security_group_rules"][0]
    assert (rule["ethertype"], rule["description"], rule["remote_ip_prefix"]) == ("IPv4", "", None)


def test_answer(world: World) -> None:
    group = read(world, make(world, tags={"a": "b"}, description="d"))
    assert group["tags_v2"] == [{"key": "a", "value": "b", "read_only": False}] and group["tags"] == ["a=b"]
    assert group["description"] == "d" and group["revision_number"] == 0
    assert "task_id" not in group and "creator_task_id" not in group


def test_patch(world: World) -> None:
    group_id = make(world, rules=[SSH])
    path = f"/v2/security_groups/{{P}}/{group_id}"
    for same in ({}, {"name": "web"}, {"description": ""}, {"rules": [SSH]}, {"tags": {}}):
        assert world.ok("PATCH", path, same) == {"tasks": []}
    kept = read(world, group_id)["security_group_rules"][0]["id"]
    https = {**SSH, "port_range_min": 443, "port_range_max": 443}
    task_id = world.start("PATCH", path, {"rules": [SSH, https], "description": "new"})
    world.refused(409, "PATCH", path, {"name": "other"})
    world.wait(task_id)
    group = read(world, group_id)
    assert group["revision_number"] == 1 and group["description"] == "new"
    assert next(rule["id"] for rule in group["security_group_rules"]) == kept
    world.run("PATCH", path, {"rules": []})
    assert read(world, group_id)["security_group_rules"] == []


def test_single_rules(world: World) -> None:
    group_id = make(world, rules=[])
    path = f"/v2/security_groups/{{P}}/{group_id}/rules"
    rule_id = world.make("security_group_rules", path, SSH)
    assert read(world, group_id)["security_group_rules"][0]["id"] == rule_id
    world.refused(409, "POST", path, SSH)
    world.refused(404, "DELETE", f"{path}/{group_id}")
    world.run("DELETE", f"{path}/{rule_id}")
    assert read(world, group_id)["security_group_rules"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "in"},
        {"port_range_min": 23},
        {"port_range_max": 65536},
        {"port_range_max": None},
        {"protocol": None},
        {"protocol": "any"},
        {"remote_ip_prefix": "10.0.0.1/8"},
        {"remote_ip_prefix": "fd00::/8"},
        {"description": "x" * 256},
    ],
)
def test_rule_refusals(world: World, change: dict[str, object]) -> None:
    world.refused(400, "POST", "/v2/security_groups/{P}", {"name": "web", "rules": [{**SSH, **change}]})


def test_other_refusals(world: World) -> None:
    world.refused(400, "POST", "/v2/security_groups/{P}", {"name": "web", "rules": [SSH, SSH]})
    unknown = {**SSH, "remote_group_id": "00000000-0000-4000-8000-000000000000"}
    world.refused(404, "POST", "/v2/security_groups/{P}", {"name": "web", "rules": [unknown]})
    many = [{**SSH, "port_range_min": port, "port_range_max": port} for port in range(251)]
    world.refused(400, "POST", "/v2/security_groups/{P}", {"name": "web", "rules": many})


def test_copy_and_revert(world: World) -> None:
    group_id = make(world, rules=[SSH])
    path = f"/v1/securitygroups/{{P}}/{group_id}"
    copy = world.ok("POST", f"{path}/copy", {"name": "copy"})
    original = read(world, group_id)["security_group_rules"][0]
    assert copy["id"] != group_id and copy["security_group_rules"][0]["id"] != original["id"]
    world.run("PATCH", f"/v2/security_groups/{{P}}/{group_id}", {"rules": [], "name": "changed"})
    reverted = world.ok("POST", f"{path}/revert")
    assert reverted["name"] == "web" and len(reverted["security_group_rules"]) == 1


def test_delete_is_synchronous(world: World) -> None:
    group_id = make(world)
    assert world.request("DELETE", f"/v1/securitygroups/{{P}}/{group_id}").status == 204
    world.refused(404, "DELETE", f"/v1/securitygroups/{{P}}/{group_id}")


def test_a_group_that_is_in_use_stays(world: World) -> None:
    group_id = make(world)
    path = f"/v1/securitygroups/{{P}}/{group_id}"
    vm_id = world.vm()
    world.ok("POST", f"/v1/instances/{{P}}/{vm_id}/addsecuritygroup", {"name": "web"})
    assert "in use" in world.refused(409, "DELETE", path)["message"]
    world.ok("POST", f"/v1/instances/{{P}}/{vm_id}/delsecuritygroup", {"name": "web"})
    assert world.request("DELETE", path).status == 204


def test_eleven_groups_do_not_fit_a_page(world: World) -> None:
    for _each in range(11):
        make(world)
    page = world.get("/v1/securitygroups/{P}", name="web")
    assert (page["count"], len(page["results"])) == (11, 10)
    assert len(world.get("/v1/securitygroups/{P}", name="web", limit=1000)["results"]) == 11
    assert world.get("/v1/securitygroups/{P}", name="we")["count"] == 0


def test_rules_that_replace_others_have_new_ids(world: World) -> None:
    group_id = make(world, rules=[SSH])
    before = read(world, group_id)["security_group_rules"][0]["id"]
    world.run("PATCH", f"/v2/security_groups/{{P}}/{group_id}", {"rules": [{**SSH, "description": "new"}]})
    rules = read(world, group_id)["security_group_rules"]
    assert [rule["description"] for rule in rules] == ["new"] and rules[0]["id"] != before


def test_quirk_ipv6_icmp(world: World) -> None:
    world.sim.settings.quirks.ipv6_icmp_renamed = True
    rule = {"direction": "ingress", "protocol": "icmp", "ethertype": "IPv6"}
    group_id = make(world, rules=[rule])
    assert read(world, group_id)["security_group_rules"][0]["protocol"] == "ipv6-icmp"
    path = f"/v2/security_groups/{{P}}/{group_id}"
    assert world.ok("PATCH", path, {"rules": [rule]}) == {"tasks": []}
    world.refused(409, "POST", f"{path}/rules", rule)
    world.refused(400, "PATCH", path, {"rules": [rule, {**rule, "protocol": "ipv6-icmp"}]})


def test_quirk_shuffled_lists(world: World) -> None:
    rules = [{**SSH, "port_range_min": port, "port_range_max": port} for port in range(1, 60)]
    group_id = make(world, rules=rules)
    world.sim.settings.quirks.shuffle_lists = True
    shown = [rule["port_range_min"] for rule in read(world, group_id)["security_group_rules"]]
    assert shown != sorted(shown) and sorted(shown) == list(range(1, 60))
