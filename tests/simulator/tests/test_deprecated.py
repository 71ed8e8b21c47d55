# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deprecated routes, served on demand."""

from __future__ import annotations

import pytest

from .conftest import World


def test_networks_and_routers(old_world: World) -> None:
    world = old_world
    network_id = world.network()
    changed = world.ok("PATCH", f"/v1/networks/{{P}}/{network_id}", {"name": "new", "tags": {"a": "b"}})
    assert changed["name"] == "new" and len(changed["tags"]) == 1
    router = world.get("/v1/routers/{P}")["results"][0]
    path = f"/v1/routers/{{P}}/{router['id']}"
    ignored = world.ok("PATCH", path, {"name": "renamed", "external_gateway_info": None})
    assert ignored["name"] == "renamed" and ignored["external_gateway_info"]


def test_members(old_world: World) -> None:
    world = old_world
    subnet_id = world.subnet(world.network())
    balancer_id = world.make("loadbalancers", "/v1/loadbalancers/{P}", {"name": "balancer"})
    body = {"name": "pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "load_balancer_id": balancer_id}
    path = f"/v1/lbpools/{{P}}/{world.make('pools', '/v1/lbpools/{P}', body)}"
    member_id = world.make(
        "members", f"{path}/member", {"address": "10.0.0.9", "protocol_port": 80, "subnet_id": subnet_id}
    )
    assert [row["id"] for row in world.get(path)["members"]] == [member_id]
    world.run("DELETE", f"{path}/member/{member_id}")
    assert world.get(path)["members"] == []


def test_floating_ips(old_world: World) -> None:
    world = old_world
    network_id = world.network()
    world.subnet(network_id)
    vm_id = world.vm_in(network_id)
    port_id = world.get(f"/v1/instances/{{P}}/{vm_id}/interfaces")["results"][0]["port_id"]
    path = f"/v1/floatingips/{{P}}/{world.make('floatingips', '/v1/floatingips/{P}', {})}"
    assert world.ok("POST", f"{path}/assign", {"port_id": port_id})["status"] == "ACTIVE"
    assert world.ok("POST", f"{path}/unassign")["status"] == "DOWN"
    assert len(world.ok("PATCH", path, {"tags": {"a": "b"}})["tags"]) == 1


def test_security_groups(old_world: World) -> None:
    world = old_world
    vm_id = world.vm()
    body = {"security_group": {"name": "old", "security_group_rules": []}, "instances": [vm_id]}
    group = world.ok("POST", "/v1/securitygroups/{P}", body)
    assert {"name": "old"} in world.get(f"/v1/instances/{{P}}/{vm_id}")["security_groups"]
    path = f"/v1/securitygroups/{{P}}/{group['id']}"
    rule = world.ok("POST", f"{path}/rules", {"direction": "ingress", "protocol": "any"})
    added = {"action": "create", "direction": "egress", "protocol": "udp"}
    removed = {"action": "delete", "security_group_rule_id": rule["id"]}
    changed = world.ok("PATCH", path, {"name": "renamed", "changed_rules": [added, removed]})
    assert [item["protocol"] for item in changed["security_group_rules"]] == ["udp"]


def test_security_group_rules(old_world: World) -> None:
    world = old_world
    group = world.ok("POST", "/v1/securitygroups/{P}", {"security_group": {"name": "old", "security_group_rules": []}})
    read = f"/v1/securitygroups/{{P}}/{group['id']}"
    rule = world.ok("POST", f"{read}/rules", {"direction": "ingress", "protocol": "any"})
    path = f"/v1/securitygrouprules/{{P}}/{rule['id']}"
    replaced = world.ok("PUT", path, {"direction": "egress", "protocol": "udp"})
    assert (replaced["id"], replaced["protocol"]) == (rule["id"], "udp")
    assert world.request("DELETE", path).status == 204
    assert world.get(read)["security_group_rules"] == []
    world.refused(404, "DELETE", path)


@pytest.mark.parametrize(
    ("before", "action", "after"),
    [("ACTIVE", "stop", "SHUTOFF"), ("SHUTOFF", "start", "ACTIVE"), ("ACTIVE", "suspend", "SUSPENDED"),
     ("SUSPENDED", "resume", "ACTIVE"), ("ACTIVE", "reboot", "ACTIVE"), ("SHUTOFF", "powercycle", "ACTIVE")],
)  # fmt: skip
def test_power(old_world: World, before: str, action: str, after: str) -> None:
    record = old_world.sim.kinds["instance"].make(old_world.sim, 1000001, 76, name="vm", status=before)
    path = f"/v1/instances/{{P}}/{record.id}/{action}"
    assert old_world.ok("POST", path, {} if action == "start" else None)["status"] == after


def test_volumes_and_ports(old_world: World) -> None:
    world = old_world
    vm_id, volume_id = world.vm(), world.volume()
    path = f"/v1/volumes/{{P}}/{volume_id}"
    assert world.ok("POST", f"{path}/attach", {"instance_id": vm_id})["status"] == "in-use"
    assert world.ok("POST", f"{path}/detach", {"instance_id": vm_id})["status"] == "available"
    port_id = world.get(f"/v1/instances/{{P}}/{vm_id}/interfaces")["results"][0]["port_id"]
    path = f"/v1/ports/{{P}}/{port_id}"
    assert world.ok("POST", f"{path}/disable_port_security")["port_security_enabled"] is False
    assert world.ok("POST", f"{path}/enable_port_security")["port_security_enabled"] is True


def test_address_pairs(old_world: World) -> None:
    world = old_world
    network_id = world.network()
    world.subnet(network_id)
    port_id = world.get(f"/v1/instances/{{P}}/{world.vm_in(network_id)}/interfaces")["results"][0]["port_id"]
    body = {"allowed_address_pairs": [{"ip_address": "10.0.0.9"}]}
    world.run("PUT", f"/v2/ports/{{P}}/{port_id}/allow_address_pairs", body)
    assert world.get(f"/v1/ports/{{P}}/{port_id}")["allowed_address_pairs"] == [{"ip_address": "10.0.0.9"}]


def test_acknowledge_some(old_world: World) -> None:
    old_world.network()
    task_id = old_world.get("/v1/tasks")["results"][0]["id"]
    assert old_world.request("POST", "/v1/tasks/acknowledge", {"task_ids": [task_id]}).status == 204
    assert old_world.get("/v1/tasks", is_acknowledged="true")["count"] == 1
