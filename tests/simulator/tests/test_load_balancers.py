# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Load balancers, listeners, pools, L7 policies and rules (docs/api-notes.md: Load balancers, Locks and consistency)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import PROJECT, REGION, World

LB, LISTENERS, POOLS, L7 = "/v1/loadbalancers/{P}", "/v1/lblisteners/{P}", "/v1/lbpools/{P}", "/v1/l7policies/{P}"
HTTP_MONITOR = {"type": "HTTP", "delay": 10, "timeout": 5, "max_retries": 3}
UNKNOWN = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"
TREE = {"listeners", "pools", "members", "healthmonitors", "l7polices", "l7rules"}


def balancer(world: World, **more: Any) -> str:
    """A load balancer, public unless a network or port is given."""
    return world.make("loadbalancers", LB, {"name": "balancer", **more})


def listener(world: World, lb_id: str, port: int = 80, protocol: str = "HTTP", **more: Any) -> str:
    """A listener."""
    body = {"name": "listener", "load_balancer_id": lb_id, "protocol": protocol, "protocol_port": port, **more}
    return world.make("listeners", LISTENERS, body)


def pool_body(**more: Any) -> dict[str, Any]:
    """The body for a pool."""
    return {"name": "pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", **more}


def pool(world: World, **more: Any) -> str:
    """A pool."""
    return world.make("pools", POOLS, pool_body(**more))


def private(world: World) -> tuple[str, str]:
    """A network with a subnet that has addresses for members."""
    network_id = world.network()
    return network_id, world.subnet(network_id)


def members(pool_id: str) -> str:
    """The path of a pool's members."""
    return f"/v1/loadbalancers/{{P}}/pools/{pool_id}/members"


def member(subnet_id: str, last: int = 50, **more: Any) -> dict[str, Any]:
    """The body for a member in a subnet."""
    return {"address": f"10.0.0.{last}", "protocol_port": 8080, "subnet_id": subnet_id, **more}


def no_change(world: World, method: str, path: str, body: Any) -> None:
    """A request that has nothing to do makes no task."""
    assert world.ok(method, path, body) == {"tasks": []}


def locked(world: World, method: str, path: str, body: Any = None) -> None:
    """A request that meets the lock."""
    assert "currently locked" in world.refused(409, method, path, body)["message"]


# --- load balancers ------------------------------------------------------------------------------------------------


def test_public_balancer_and_its_defaults(world: World) -> None:
    started = world.start("POST", LB, {"name": "balancer", "tags": {"a": "b"}})
    half = world.get(LB)["results"][0]
    assert (half["provisioning_status"], half["operating_status"]) == ("PENDING_CREATE", "OFFLINE")
    assert half["task_id"] == started == half["creator_task_id"]
    task = world.wait(started)
    assert task["task_type"] == "create_loadbalancer"
    path = f"{LB}/{task['created_resources']['loadbalancers'][0]}"
    made = world.get(path)
    assert (made["provisioning_status"], made["operating_status"], made["task_id"]) == ("ACTIVE", "ONLINE", None)
    assert made["tags_v2"] == [{"key": "a", "value": "b", "read_only": False}] and "tags" not in made
    expected: dict[str, Any] = {
        "admin_state_up": True, "flavor": None, "preferred_connectivity": "L2", "vip_ip_family": "ipv4",
        "additional_vips": [], "floating_ips": [], "listeners": [], "stats": None, "ddos_profile": None,
        "logging": {"enabled": False, "destination_region_id": None, "topic_name": None, "retention_policy": None},
    }  # fmt: skip
    assert {key: made[key] for key in expected} == expected
    assert sorted(row["role"] for row in made["vrrp_ips"]) == ["BACKUP", "MASTER"]
    assert len({made["vip_address"], *(row["ip_address"] for row in made["vrrp_ips"])}) == 3
    port = world.get(f"/v1/ports/{{P}}/{made['vip_port_id']}")
    assert port["ip_assignments"][0]["ip_address"] == made["vip_address"]
    assert world.get(path, show_stats="true")["stats"]["bytes_in"] == 0
    world.refused(404, "GET", f"{LB}/{UNKNOWN}")


def test_flavors(world: World) -> None:
    listed = world.get("/v1/lbflavors/{P}", include_prices="true")["results"]
    assert [row["flavor_name"] for row in listed[:2]] == ["lb1-1-2", "lb1-2-4"] and listed[0]["price_status"] == "show"
    assert "price_status" not in world.get("/v1/lbflavors/{P}")["results"][0]
    world.refused(404, "POST", LB, {"name": "balancer", "flavor": listed[0]["flavor_id"]})
    lb_id = balancer(world, flavor="lb1-1-2")
    assert world.get(f"{LB}/{lb_id}")["flavor"] == world.get("/v1/lbflavors/{P}")["results"][0]
    world.refused(400, "POST", f"{LB}/{lb_id}/resize", {"flavor": "lb1-1-2"})
    assert world.run("POST", f"{LB}/{lb_id}/resize", {"flavor": "lb1-2-4"})["task_type"] == "resize_loadbalancer"
    assert world.get(f"{LB}/{lb_id}")["flavor"]["flavor_name"] == "lb1-2-4"


def test_vip_placement(world: World) -> None:
    network_id, subnet_id = private(world)
    other = world.network("other")
    made = world.get(f"{LB}/{balancer(world, vip_network_id=network_id)}")
    assert made["vip_address"].startswith("10.0.0.")
    made = world.get(f"{LB}/{balancer(world, vip_network_id=network_id, vip_subnet_id=subnet_id)}")
    assert [row["subnet_id"] for row in made["vrrp_ips"]] == [subnet_id, subnet_id]
    body = {"name": "balancer", "vip_network_id": other, "vip_subnet_id": subnet_id}
    world.refused(400, "POST", LB, body)
    world.refused(400, "POST", LB, {**body, "vip_network_id": network_id, "vip_ip_family": "ipv6"})
    world.refused(400, "POST", LB, {"name": "balancer", "vip_network_id": other})
    world.refused(404, "POST", LB, {"name": "balancer", "vip_network_id": UNKNOWN})
    dual = world.get(f"{LB}/{balancer(world, vip_ip_family='dual', vip_subnet_id=subnet_id)}")
    assert dual["vip_ip_family"] == "dual" and ":" in dual["additional_vips"][0]["ip_address"]
    world.refused(409, "DELETE", f"/v1/networks/{{P}}/{network_id}")
    world.refused(409, "DELETE", f"/v1/subnets/{{P}}/{subnet_id}")


def test_small_subnet_is_left_as_it_was(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id, "10.0.0.0/30")
    before = world.get(f"/v1/subnets/{{P}}/{subnet_id}")["available_ips"]
    world.refused(409, "POST", LB, {"name": "balancer", "vip_network_id": network_id})
    assert world.get(f"/v1/subnets/{{P}}/{subnet_id}")["available_ips"] == before
    assert world.get(LB)["count"] == 0


def test_vip_on_a_reserved_ip(world: World) -> None:
    port_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external"})
    reserved = f"/v1/reserved_fixed_ips/{{P}}/{port_id}"
    body = {"name": "balancer", "vip_port_id": port_id}
    world.refused(400, "POST", LB, {**body, "vip_network_id": world.network()})
    lb_id = balancer(world, vip_port_id=port_id)
    made = world.get(f"{LB}/{lb_id}")
    assert (made["vip_port_id"], made["vip_address"]) == (port_id, world.get(reserved)["fixed_ip_address"])
    assert world.get(reserved)["reservation"] == {
        "status": "attached", "resource_type": "loadbalancer", "resource_id": lb_id,
    }  # fmt: skip
    world.refused(409, "POST", LB, body)
    world.refused(409, "DELETE", reserved)
    world.run("DELETE", f"{LB}/{lb_id}")
    assert world.get(reserved)["reservation"]["status"] == "available"
    world.refused(404, "GET", f"{LB}/{lb_id}")
    own = world.get(f"{LB}/{balancer(world)}")["vip_port_id"]
    world.refused(404, "POST", LB, {"name": "balancer", "vip_port_id": own})


def test_vip_port_that_is_reserved_later_stays(world: World) -> None:
    lb_id = balancer(world)
    port_id = world.get(f"{LB}/{lb_id}")["vip_port_id"]
    world.run("POST", "/v1/reserved_fixed_ips/{P}", {"type": "port", "port_id": port_id})
    world.run("DELETE", f"{LB}/{lb_id}")
    assert world.get(f"/v1/reserved_fixed_ips/{{P}}/{port_id}")["reservation"]["status"] == "available"


@pytest.mark.parametrize("source", ["new", "existing"])
def test_floating_ip_at_creation(world: World, source: str) -> None:
    network_id, _unused = private(world)
    floating_ip = {"source": source}
    if source == "existing":
        floating_ip["existing_floating_id"] = world.make("floatingips", "/v1/floatingips/{P}", {})
    world.refused(400, "POST", LB, {"name": "balancer", "floating_ip": floating_ip})
    body = {"name": "balancer", "vip_network_id": network_id, "floating_ip": floating_ip}
    made = world.run("POST", LB, body)["created_resources"]
    assert len(made["floatingips"]) == int(source == "new")
    lb_id = made["loadbalancers"][0]
    (floating,) = world.get(f"{LB}/{lb_id}")["floating_ips"]
    assert floating["status"] == "ACTIVE" and floating["fixed_ip_address"] == world.get(f"{LB}/{lb_id}")["vip_address"]
    (row,) = world.get("/v1/floatingips/{P}")["results"]
    assert row["loadbalancer"]["id"] == lb_id and row["instance"] is None
    if source == "existing":
        world.refused(409, "POST", LB, body)
    assert world.get(LB, assigned_floating="true")["count"] == 1
    world.run("DELETE", f"{LB}/{lb_id}")
    left = world.get(f"/v1/floatingips/{{P}}/{floating['id']}")
    assert (left["status"], left["port_id"]) == ("DOWN", None)


def test_floating_ip_assigned_later(world: World) -> None:
    network_id, _unused = private(world)
    made = world.get(f"{LB}/{balancer(world, vip_network_id=network_id)}")
    floating_id = world.make("floatingips", "/v1/floatingips/{P}", {"port_id": made["vip_port_id"]})
    assert [row["id"] for row in world.get(f"{LB}/{made['id']}")["floating_ips"]] == [floating_id]
    world.run("PATCH", f"/v2/floatingips/{{P}}/{floating_id}", {"port_id": None})
    assert world.get(f"{LB}/{made['id']}")["floating_ips"] == []


def test_a_tree_in_one_task(world: World) -> None:
    network_id, subnet_id = private(world)
    vm_id = world.vm_in(network_id)
    vm_ip = world.get(f"/v1/instances/{{P}}/{vm_id}/interfaces")["results"][0]["ip_assignments"][0]["ip_address"]
    wanted = [member(subnet_id), {"address": vm_ip, "protocol_port": 80, "instance_id": vm_id}]
    listeners = [
        {"name": "web", "protocol": "HTTP", "protocol_port": 80, "insert_x_forwarded": True, "connection_limit": -1,
         "pools": [pool_body(members=wanted, healthmonitor=HTTP_MONITOR)]},
        {"name": "dns", "protocol": "UDP", "protocol_port": 80},
    ]  # fmt: skip
    started = world.start("POST", LB, {"name": "balancer", "listeners": listeners})
    pending = [world.get(path)["results"] for path in (LISTENERS, POOLS)]
    assert {row["provisioning_status"] for rows in pending for row in rows} == {"PENDING_CREATE"}
    locked(world, "PATCH", f"/v2/lbpools/{{P}}/{pending[1][0]['id']}", {"name": "renamed"})
    made = world.wait(started)["created_resources"]
    assert {key: len(value) for key, value in made.items() if value} == {
        "loadbalancers": 1, "listeners": 2, "pools": 1, "members": 2, "healthmonitors": 1,
    }  # fmt: skip
    lb_id = made["loadbalancers"][0]
    assert {row["id"] for row in world.get(f"{LB}/{lb_id}")["listeners"]} == set(made["listeners"])
    web = world.get(f"{LISTENERS}/{made['listeners'][0]}")
    assert (web["connection_limit"], web["pool_count"], web["insert_headers"]["X-Forwarded-For"]) == (100000, 1, "true")
    shown = world.get(f"{POOLS}/{made['pools'][0]}")
    assert shown["loadbalancers"] == [{"id": lb_id}] and shown["listeners"] == [{"id": web["id"]}]
    assert [row["subnet_id"] for row in shown["members"]] == [subnet_id, subnet_id]
    assert "instance_id" not in shown["members"][1]
    assert {row["operating_status"] for row in shown["members"]} == {"ONLINE"}
    status = world.get(f"{LB}/{lb_id}/status")
    assert status["listeners"][0]["pools"][0]["health_monitor"]["type"] == "HTTP"
    assert len(status["listeners"][0]["pools"][0]["members"]) == 2 and status["tags"] == []
    assert world.get(f"{LB}/status")["results"] == [status]
    world.run("DELETE", f"{LB}/{lb_id}")
    for path in (LISTENERS, POOLS, L7, LB):
        assert world.get(path)["count"] == 0
    assert not any(list(world.sim.store.all(kind)) for kind in ("lbmember", "healthmonitor"))


@pytest.mark.parametrize(
    ("listeners", "status"),
    [([("HTTP", 80), ("TCP", 80)], 400), ([("PROMETHEUS", 1), ("PROMETHEUS", 2)], 400), ([("UDP", 80), ("TCP", 80)], 0),
     ([("TCP", port) for port in range(1, 52)], 400), ([("TCP", port) for port in range(1, 53)], 400),
     ([("PROMETHEUS", 99), *(("TCP", port) for port in range(1, 51))], 0)],
)  # fmt: skip
def test_listeners_of_a_tree(world: World, listeners: list[tuple[str, int]], status: int) -> None:
    rows = [{"name": "listener", "protocol": protocol, "protocol_port": port} for protocol, port in listeners]
    body = {"name": "balancer", "listeners": rows}
    if status:
        world.refused(status, "POST", LB, body)
        assert world.get(LB)["count"] == 0
    else:
        assert len(world.run("POST", LB, body)["created_resources"]["listeners"]) == len(listeners)


def test_update(world: World) -> None:
    lb_id = balancer(world, tags={"a": "b"})
    path, patch = f"{LB}/{lb_id}", f"/v2/loadbalancers/{{P}}/{lb_id}"
    no_change(world, "PATCH", patch, {"name": "balancer", "tags": {"a": "b"}, "logging": {}, "admin_state_up": True})
    logging = {"enabled": True, "topic_name": "logs", "destination_region_id": REGION}
    change = {"name": "new", "admin_state_up": False, "logging": logging, "preferred_connectivity": "L3", "tags": None}
    assert world.run("PATCH", patch, change)["task_type"] == "update_loadbalancer"
    made = world.get(path)
    assert (made["name"], made["operating_status"], made["tags_v2"]) == ("new", "OFFLINE", [])
    assert made["logging"] == {**logging, "retention_policy": None} and made["preferred_connectivity"] == "L3"
    world.refused(404, "PATCH", patch, {"logging": {**logging, "destination_region_id": 999}})
    world.refused(400, "PATCH", patch, {"flavor": "lb1-1-2"})
    world.refused(405, "PATCH", path, {"name": "old way"})


def test_list(world: World) -> None:
    first, second = balancer(world, tags={"a": "b"}, flavor="lb1-2-4"), balancer(world, name="other")
    world.run("PATCH", f"/v2/loadbalancers/{{P}}/{second}", {"logging": {"enabled": True}, "admin_state_up": False})

    def listed(**query: Any) -> list[str]:
        return [row["id"] for row in world.get(LB, **query)["results"]]

    assert listed() == [second, first] and listed(order_by="created_at.asc") == [first, second]
    assert listed(name="other") == listed(logging_enabled="true") == listed(operating_status="OFFLINE") == [second]
    assert listed(tag_key="a") == listed(tag_key_value='{"a":"b"}') == [first]
    assert listed(order_by="flavor.desc") == listed(order_by="vip_address.asc") == [first, second]
    assert listed(assigned_floating="true") == listed(provisioning_status="ERROR") == []
    assert listed(limit=1, offset=1) == [first]
    world.refused(400, "GET", LB, query={"status": "ACTIVE"})


def test_failover(world: World) -> None:
    path = f"{LB}/{balancer(world)}"
    before = {row["ip_address"]: row["role"] for row in world.get(path)["vrrp_ips"]}
    assert world.run("POST", f"{path}/failover", {})["task_type"] == "failover_loadbalancer"
    after = {row["ip_address"]: row["role"] for row in world.get(path)["vrrp_ips"]}
    assert before.keys() == after.keys() and all(before[ip] != after[ip] for ip in before)


def test_metrics(world: World) -> None:
    path = f"{LB}/{balancer(world)}/metrics"
    assert world.ok("POST", path, {"time_interval": 1, "time_unit": "day"})["count"] == 10
    world.refused(400, "POST", path, {"time_interval": 1, "time_unit": "week"})
    assert (
        len({row["time"] for row in world.ok("POST", path, {"time_interval": 14, "time_unit": "day"})["results"]}) == 10
    )
    for interval in (0, -1, 15, 10**6, 10**18):
        world.refused(400, "POST", path, {"time_interval": interval, "time_unit": "day"})


def test_quotas(world: World) -> None:
    network_id, _unused = private(world)
    balancer(world)
    world.sim.settings.quotas.update(loadbalancer_count=1, floating_count=0, external_ip_count=1, laas_topic_count=0)
    body = {"vip_network_id": network_id, "floating_ip": {"source": "new"}, "logging": {"enabled": True}}
    found = world.ok("POST", f"{LB}/check_limits", body)
    assert (found["loadbalancer_count_limit"], found["loadbalancer_count_usage"]) == (1, 1)
    requested = {key for key in found if key.endswith("_requested")}
    assert requested == {f"{name}_count_requested" for name in ("loadbalancer", "floating", "laas_topic")}
    assert "external_ip_count_requested" in world.ok("POST", f"{LB}/check_limits", {})
    error = world.refused(403, "POST", LB, {"name": "balancer"})
    assert error["info"]["attribute"] == "loadbalancer_count"
    world.sim.settings.quotas.clear()
    assert world.ok("POST", f"{LB}/check_limits", {}) == {}
    world.faults({"kind": "quota", "attribute": "loadbalancer_count", "in_task": True})
    task = world.wait(world.start("POST", LB, {"name": "balancer"}))
    assert task["error"].startswith("Quota limit for loadbalancer_count") and world.get(LB)["count"] == 1


# --- one lock, faults ----------------------------------------------------------------------------------------------


def test_one_lock_for_the_tree(world: World) -> None:
    lb_id = balancer(world)
    web, dns = listener(world, lb_id), listener(world, lb_id, 53, "UDP")
    pool_id = pool(world, listener_id=web)
    path = f"{POOLS}/{pool_id}"
    world.run("POST", f"{path}/healthmonitor", HTTP_MONITOR)
    policy_id = world.make("l7polices", L7, {"action": "REJECT", "listener_id": web})
    started = world.start("PATCH", f"/v2/lblisteners/{{P}}/{web}", {"name": "renamed"})
    touched, untouched = (world.get(f"{LISTENERS}/{ident}") for ident in (web, dns))
    assert world.get(f"{LB}/{lb_id}")["task_id"] == touched["task_id"] == started
    assert world.get(f"{LB}/{lb_id}")["provisioning_status"] == touched["provisioning_status"] == "PENDING_UPDATE"
    assert (untouched["task_id"], untouched["provisioning_status"]) == (None, "ACTIVE")
    body = {"name": "listener", "load_balancer_id": lb_id, "protocol": "TCP", "protocol_port": 81}
    for method, where, sent in (
        ("PATCH", f"/v2/loadbalancers/{{P}}/{lb_id}", {"name": "new"}), ("DELETE", f"{LB}/{lb_id}", None),
        ("POST", f"{LB}/{lb_id}/resize", {"flavor": "lb1-2-4"}), ("POST", f"{LB}/{lb_id}/failover", {"force": True}),
        ("POST", LISTENERS, body), ("PATCH", f"/v2/lblisteners/{{P}}/{dns}", {"name": "new"}),
        ("DELETE", f"{LISTENERS}/{dns}", None), ("POST", POOLS, pool_body(load_balancer_id=lb_id)),
        ("PATCH", f"/v2/lbpools/{{P}}/{pool_id}", {"name": "new"}), ("DELETE", path, None),
        ("DELETE", f"{path}/healthmonitor", None), ("POST", f"{path}/healthmonitor", HTTP_MONITOR),
        ("POST", members(pool_id), {"address": "10.0.0.9", "protocol_port": 80}), ("PUT", members(pool_id), []),
        ("POST", L7, {"action": "REJECT", "listener_id": web}), ("DELETE", f"{L7}/{policy_id}", None),
        ("PATCH", f"{L7}/{policy_id}", {"action": "REJECT", "name": "new"}),
        ("POST", f"{L7}/{policy_id}/rules", {"type": "PATH", "compare_type": "EQUAL_TO", "value": "/"}),
    ):  # fmt: skip
        locked(world, method, where, sent)
    world.wait(started)
    assert world.get(f"{LB}/{lb_id}")["task_id"] is None
    other = balancer(world, name="other")
    world.start("PATCH", f"/v2/loadbalancers/{{P}}/{lb_id}", {"name": "new"})
    world.run("PATCH", f"/v2/loadbalancers/{{P}}/{other}", {"name": "not locked"})


@pytest.mark.parametrize("where", ["lb", "listener", "pool", "member", "policy"])
def test_lock_fault_locks_the_tree(world: World, where: str) -> None:
    _unused, subnet_id = private(world)
    lb_id = balancer(world)
    web = listener(world, lb_id)
    pool_id = pool(world, listener_id=web, members=[member(subnet_id)])
    member_id = world.get(f"{POOLS}/{pool_id}")["members"][0]["id"]
    policy_id = world.make("l7polices", L7, {"action": "REJECT", "listener_id": web})
    paths = {
        "lb": f"{LB}/{lb_id}", "listener": f"{LISTENERS}/{web}", "pool": f"{POOLS}/{pool_id}",
        "member": f"{members(pool_id)}/{member_id}", "policy": f"{L7}/{policy_id}",
    }  # fmt: skip
    world.faults({"kind": "lock", "match": {"method": "DELETE"}, "seconds": 20})
    locked(world, "DELETE", paths[where])
    assert world.get(f"{LB}/{lb_id}")["task_id"]
    locked(world, "PATCH", f"/v2/lblisteners/{{P}}/{web}", {"name": "new"})
    locked(world, "POST", members(pool_id), member(subnet_id, 51))
    world.sim.advance(20)
    world.run("DELETE", paths[where])


def test_task_of_somebody_else_locks_the_tree(world: World) -> None:
    lb_id = balancer(world)
    web = listener(world, lb_id)
    body = {"task_type": "patch_lblistener", "project_id": PROJECT, "region_id": REGION, "seconds": 5,
            "locks": [{"kind": "lblistener", "id": web}]}  # fmt: skip
    assert world.request("POST", "/_simulator/tasks", body).status == 200
    locked(world, "DELETE", f"{LB}/{lb_id}")
    world.sim.advance(5)
    world.run("DELETE", f"{LB}/{lb_id}")


def test_failed_creation_gives_all_back(world: World) -> None:
    network_id, subnet_id = private(world)
    before = world.get(f"/v1/subnets/{{P}}/{subnet_id}")["available_ips"]
    world.faults({"kind": "task_error", "error": "No amphora", "match": {"task_type": "create_loadbalancer"}})
    listeners = [{"name": "web", "protocol": "HTTP", "protocol_port": 80, "pools": [pool_body()]}]
    body = {"name": "b-1", "vip_network_id": network_id, "floating_ip": {"source": "new"}, "listeners": listeners}
    task = world.wait(world.start("POST", LB, body))
    assert (task["state"], task["error"], task["created_resources"]) == ("ERROR", "No amphora", None)
    for path in (LB, LISTENERS, POOLS, "/v1/floatingips/{P}"):
        assert world.get(path)["count"] == 0
    assert world.get(f"/v1/subnets/{{P}}/{subnet_id}")["available_ips"] == before


def test_failed_creation_that_leaves_something(world: World) -> None:
    world.faults({"kind": "task_error", "leave_object": True})
    listeners = [{"name": "web", "protocol": "HTTP", "protocol_port": 80}]
    world.wait(world.start("POST", LB, {"name": "balancer", "listeners": listeners}))
    (left,) = world.get(LB, provisioning_status="ERROR")["results"]
    assert left["operating_status"] == "OFFLINE" and left["task_id"] is None
    assert world.get(LISTENERS)["results"][0]["provisioning_status"] == "ERROR"
    patch = f"/v2/loadbalancers/{{P}}/{left['id']}"
    assert "ERROR" in world.refused(409, "PATCH", patch, {"name": "new"})["message"]
    world.refused(409, "POST", f"{LB}/{left['id']}/failover", {})
    world.run("POST", f"{LB}/{left['id']}/failover", {"force": True})
    assert world.get(f"{LB}/{left['id']}")["provisioning_status"] == "ACTIVE"
    world.run("DELETE", f"{LB}/{left['id']}")


@pytest.mark.parametrize("leave", [False, True])
def test_failed_change(world: World, leave: bool) -> None:
    lb_id = balancer(world)
    web = listener(world, lb_id)
    world.faults({"kind": "task_error", "leave_object": leave})
    world.wait(world.start("PATCH", f"/v2/lblisteners/{{P}}/{web}", {"name": "new"}))
    shown = world.get(f"{LISTENERS}/{web}")
    assert (shown["name"], shown["provisioning_status"]) == ("listener", "ERROR" if leave else "ACTIVE")
    assert world.get(f"{LB}/{lb_id}")["provisioning_status"] == "ACTIVE"
    world.run("PATCH", f"/v2/lblisteners/{{P}}/{web}", {"name": "new"})
    assert world.get(f"{LISTENERS}/{web}")["provisioning_status"] == "ACTIVE"


def test_stale_reads(world: World) -> None:
    lb_id = balancer(world)
    world.faults({"kind": "stale_read", "seconds": 10, "match": {"task_type": "create_lblistener"}})
    web = listener(world, lb_id)
    assert world.get(f"{LISTENERS}/{web}")["provisioning_status"] == "PENDING_CREATE"
    world.sim.advance(10)
    assert world.get(f"{LISTENERS}/{web}")["provisioning_status"] == "ACTIVE"
    world.sim.settings.quirks.delete_lag = 10
    world.run("DELETE", f"{LISTENERS}/{web}")
    assert world.get(f"{LISTENERS}/{web}")["id"] == web and world.get(LISTENERS)["count"] == 1
    world.refused(404, "DELETE", f"{LISTENERS}/{web}")
    world.sim.advance(10)
    world.refused(404, "GET", f"{LISTENERS}/{web}")
    assert world.get(f"{LB}/{lb_id}")["listeners"] == []


def test_nested_lists_in_any_order(world: World) -> None:
    _unused, subnet_id = private(world)
    listeners = [{"name": "listener", "protocol": "TCP", "protocol_port": port} for port in range(1, 9)]
    lb_id = balancer(world, listeners=listeners)
    pool_id = pool(world, load_balancer_id=lb_id, members=[member(subnet_id, last) for last in range(50, 58)])

    def orders(path: str, key: str) -> set[tuple[str, ...]]:
        return {tuple(row["id"] for row in world.get(path)[key]) for _each in range(10)}

    watched = ((f"{LB}/{lb_id}", "listeners"), (f"{POOLS}/{pool_id}", "members"), (f"{LB}/{lb_id}/status", "listeners"))
    assert [len(orders(*item)) for item in watched] == [1, 1, 1]
    world.sim.settings.quirks.shuffle_lists = True
    assert all(len(orders(*item)) > 1 for item in watched)


def test_things_of_somebody_else(world: World) -> None:
    def add(kind: str, **fields: Any) -> str:
        reply = world.request("POST", "/_simulator/objects", {"kind": kind, "object": fields})
        assert reply.status == 200, reply.raw
        return str(reply.json["_id"])

    lb_id = add("loadbalancer", name="theirs")
    web = add("lblistener", name="theirs", load_balancer_id=lb_id)
    pool_id = add("lbpool", name="theirs", load_balancer_id=lb_id, listener_id=web)
    add("lbmember", pool_id=pool_id, address="10.0.0.5", protocol_port=80)
    add("healthmonitor", pool_id=pool_id)
    add("l7rule", l7policy_id=add("l7policy", listener_id=web))
    status = world.get(f"{LB}/{lb_id}/status")
    assert status["listeners"][0]["pools"][0]["members"][0]["operating_status"] == "ONLINE"
    assert world.get(f"{LISTENERS}/{web}")["load_balancer_id"] == lb_id
    add("secret", name="theirs")
    world.run("DELETE", f"{LB}/{lb_id}")
    assert world.request("GET", "/_simulator/state").json["objects"]["l7rule"] == []


# --- listeners -----------------------------------------------------------------------------------------------------


def test_listener_defaults(world: World) -> None:
    lb_id = balancer(world)
    shown = world.get(f"{LISTENERS}/{listener(world, lb_id)}")
    expected: dict[str, Any] = {
        "admin_state_up": True, "allowed_cidrs": None, "connection_limit": 100000, "insert_headers": {},
        "secret_id": None, "sni_secret_id": [], "user_list": [], "timeout_client_data": None, "pool_count": 0,
        "provisioning_status": "ACTIVE", "operating_status": "ONLINE", "stats": None, "load_balancer_id": lb_id,
    }  # fmt: skip
    assert {key: shown[key] for key in expected} == expected
    assert "project_id" not in shown and "tags_v2" not in shown
    assert world.get(LISTENERS, load_balancer_id=lb_id, name="listener")["count"] == 1
    assert world.get(LISTENERS, load_balancer_id=UNKNOWN)["count"] == 0
    assert world.get(LISTENERS, show_stats="true")["results"][0]["stats"]["bytes_out"] == 0


def test_listener_conflicts(world: World) -> None:
    lb_id = balancer(world)
    listener(world, lb_id)
    body = {"name": "listener", "load_balancer_id": lb_id, "protocol_port": 80}
    for protocol in ("HTTP", "HTTPS", "TCP", "PROMETHEUS"):
        world.refused(409, "POST", LISTENERS, {**body, "protocol": protocol})
    listener(world, lb_id, 80, "UDP")
    world.refused(409, "POST", LISTENERS, {**body, "protocol": "UDP"})
    world.refused(404, "POST", LISTENERS, {**body, "protocol": "TCP", "load_balancer_id": UNKNOWN})
    world.refused(400, "POST", LISTENERS, {**body, "protocol": "TCP", "protocol_port": 81, "insert_x_forwarded": True})
    listener(world, lb_id, 9000, "PROMETHEUS")
    world.refused(400, "POST", LISTENERS, {**body, "protocol": "PROMETHEUS", "protocol_port": 9001})


def test_fifty_listeners(world: World) -> None:
    rows = [{"name": "listener", "protocol": "TCP", "protocol_port": port} for port in range(1, 51)]
    lb_id = balancer(world, listeners=rows)
    body = {"name": "listener", "load_balancer_id": lb_id, "protocol": "TCP", "protocol_port": 80}
    world.refused(400, "POST", LISTENERS, body)
    listener(world, lb_id, 9000, "PROMETHEUS")


def test_listener_patch(world: World) -> None:
    web = listener(world, balancer(world), allowed_cidrs=["10.0.0.0/8", "192.168.0.0/16"])
    path, patch = f"{LISTENERS}/{web}", f"/v2/lblisteners/{{P}}/{web}"
    same = {
        "allowed_cidrs": ["192.168.0.0/16", "10.0.0.0/8"],
        "connection_limit": -1,
        "user_list": [],
        "name": "listener",
    }
    no_change(world, "PATCH", patch, same)
    users = [{"username": "admin", "encrypted_password": "$5$x$y"}]
    change = {"allowed_cidrs": None, "connection_limit": 5, "user_list": users, "timeout_client_data": 1000}
    assert world.run("PATCH", patch, change)["task_type"] == "patch_lblistener"
    assert {key: world.get(path)[key] for key in change} == change
    world.run("PATCH", patch, {"user_list": None, "timeout_client_data": None, "admin_state_up": False})
    assert (world.get(path)["user_list"], world.get(path)["operating_status"]) == ([], "OFFLINE")
    world.refused(400, "PATCH", patch, {"protocol_port": 81})
    world.refused(400, "PATCH", patch, {"allowed_cidrs": ["10.0.0.1/8"]})
    world.refused(400, "PATCH", patch, {"user_list": users * 4})


def test_certificates(world: World) -> None:
    lb_id = balancer(world)
    secret = str(world.sim.kinds["secret"].make(world.sim, PROJECT, REGION, name="cert").id)
    body = {"name": "tls", "load_balancer_id": lb_id, "protocol": "TERMINATED_HTTPS", "protocol_port": 443}
    world.refused(400, "POST", LISTENERS, body)
    world.refused(400, "POST", LISTENERS, {**body, "secret_id": ""})
    world.refused(404, "POST", LISTENERS, {**body, "secret_id": UNKNOWN})
    world.refused(400, "POST", LISTENERS, {**body, "protocol": "HTTPS", "secret_id": secret})
    tls = listener(world, lb_id, 443, "TERMINATED_HTTPS", secret_id=secret)
    patch = f"/v2/lblisteners/{{P}}/{tls}"
    world.refused(400, "PATCH", patch, {"secret_id": None})
    world.run("PATCH", patch, {"secret_id": None, "sni_secret_id": [secret]})
    shown = world.get(f"{LISTENERS}/{tls}")
    assert (shown["secret_id"], shown["sni_secret_id"]) == (None, [secret])
    plain = listener(world, lb_id, 80, secret_id="")
    assert world.get(f"{LISTENERS}/{plain}")["secret_id"] is None


def test_listener_deletion(world: World) -> None:
    lb_id = balancer(world)
    shared = pool(world, load_balancer_id=lb_id)
    first, second = listener(world, lb_id, default_pool_id=shared), listener(world, lb_id, 81, default_pool_id=shared)
    world.refused(409, "DELETE", f"{LISTENERS}/{first}", query={"delete_default_pool": "true"})
    policy_id = world.make("l7polices", L7, {"action": "REJECT", "listener_id": first})
    world.run("DELETE", f"{LISTENERS}/{first}")
    world.refused(404, "GET", f"{L7}/{policy_id}")
    assert world.get(f"{POOLS}/{shared}")["listeners"] == [{"id": second}]
    world.run("DELETE", f"{LISTENERS}/{second}", query={"delete_default_pool": "true"})
    world.refused(404, "GET", f"{POOLS}/{shared}")
    world.refused(404, "DELETE", f"{LISTENERS}/{second}")


# --- pools ---------------------------------------------------------------------------------------------------------


def test_pool_defaults(world: World) -> None:
    lb_id = balancer(world)
    shown = world.get(f"{POOLS}/{pool(world, load_balancer_id=lb_id)}")
    expected = {
        "admin_state_up": True, "session_persistence": None, "healthmonitor": None, "members": [], "listeners": [],
        "loadbalancers": [{"id": lb_id}], "ca_secret_id": None, "timeout_member_data": None, "operating_status": "ONLINE",
    }  # fmt: skip
    assert {key: shown[key] for key in expected} == expected


def test_pool_places(world: World) -> None:
    lb_id, other = balancer(world), balancer(world, name="other")
    web, tcp = listener(world, lb_id), listener(world, lb_id, 81, "TCP")
    world.refused(400, "POST", POOLS, pool_body())
    world.refused(400, "POST", POOLS, pool_body(listener_id=web, load_balancer_id=other))
    world.refused(404, "POST", POOLS, pool_body(listener_id=UNKNOWN))
    world.refused(400, "POST", POOLS, pool_body(listener_id=web, protocol="PROXY"))
    first = pool(world, listener_id=web, load_balancer_id=lb_id)
    world.refused(409, "POST", POOLS, pool_body(listener_id=web))
    second = pool(world, listener_id=tcp, protocol="PROXYV2")
    assert [row["id"] for row in world.get(POOLS, listener_id=web)["results"]] == [first]
    assert [row["id"] for row in world.get(POOLS, load_balancer_id=lb_id)["results"]] == [second, first]
    assert world.get(POOLS, load_balancer_id=other)["count"] == world.get(POOLS, name="poo")["count"] == 0
    world.refused(400, "PATCH", f"/v2/lbpools/{{P}}/{first}", {"protocol": "UDP"})
    body = {"name": "third", "load_balancer_id": other, "protocol": "HTTP", "protocol_port": 80}
    world.refused(400, "POST", LISTENERS, {**body, "default_pool_id": first})
    world.run("DELETE", f"{POOLS}/{first}")
    assert world.get(f"{LISTENERS}/{web}")["pool_count"] == 0


def test_pool_list_details(world: World) -> None:
    _unused, subnet_id = private(world)
    pool(world, load_balancer_id=balancer(world), members=[member(subnet_id)])
    assert list(world.get(POOLS)["results"][0]["members"][0]) == ["id"]
    assert world.get(POOLS, details="true")["results"][0]["members"][0]["operating_status"] == "NO_MONITOR"


def test_list_of_members(world: World) -> None:
    _unused, subnet_id = private(world)
    wanted = [member(subnet_id, last) for last in (100, 9, 50)]
    pool_id = pool(world, load_balancer_id=balancer(world), members=wanted)
    path = members(pool_id)

    def addresses(**query: str) -> list[int]:
        return [int(row["address"].split(".")[-1]) for row in world.get(path, **query)["results"]]

    assert addresses() == [9, 50, 100]
    assert addresses(order_by="address.desc") == [100, 50, 9]
    assert addresses(order_by="created_at.asc", limit="2") == [100, 9]
    assert world.get(path, limit="1")["count"] == 3
    (first, *_rest) = world.get(path)["results"]
    assert world.get(f"{path}/{first['id']}") == first
    other = pool(world, load_balancer_id=balancer(world, name="other"))
    world.refused(404, "GET", f"{members(other)}/{first['id']}")
    world.refused(404, "GET", members(UNKNOWN))


def test_change_of_one_member(world: World) -> None:
    _unused, subnet_id = private(world)
    wanted = [member(subnet_id, 50, monitor_port=81, weight=4), member(subnet_id, 51)]
    pool_id = pool(world, load_balancer_id=balancer(world), members=wanted)
    before, other = world.get(members(pool_id))["results"]
    path = f"{members(pool_id)}/{before['id']}"
    no_change(world, "PATCH", path, {})
    no_change(world, "PATCH", path, {"weight": 4, "monitor_address": None})
    for refused in ({"address": "10.0.0.9"}, {"subnet_id": subnet_id}, {"weight": 0}, {"weight": None}):
        world.refused(400, "PATCH", path, refused)
    assert world.run("PATCH", path, {"weight": 5, "admin_state_up": False})["task_type"] == "update_lbmember"
    assert world.get(path) == {**before, "weight": 5, "admin_state_up": False, "operating_status": "OFFLINE"}
    world.run("PATCH", path, {"monitor_port": None})
    assert world.get(path)["monitor_port"] is None
    assert world.get(f"{members(pool_id)}/{other['id']}") == other


def test_members_as_a_whole(world: World) -> None:
    _unused, subnet_id = private(world)
    other_subnet = world.subnet(world.network("other"), "10.0.0.0/16")
    pool_id = pool(world, load_balancer_id=balancer(world), members=[member(subnet_id, 50), member(subnet_id, 51)])
    path = members(pool_id)
    kept = world.get(path)["results"][1]
    no_change(world, "PUT", path, [member(subnet_id, 51), member(subnet_id, 50, weight=1)])
    no_change(world, "PUT", path, [member(subnet_id, 51), member(other_subnet, 50)])
    task = world.run("PUT", path, [member(subnet_id, 51, weight=3), member(subnet_id, 52)])
    assert task["task_type"] == "patch_lbpool"
    rows = world.get(path)["results"]
    assert [row["address"] for row in rows] == ["10.0.0.51", "10.0.0.52"]
    assert rows[0] == {**kept, "weight": 3}
    world.refused(400, "PUT", path, [member(subnet_id, 60), member(subnet_id, 60)])
    world.refused(400, "PUT", path, [{"address": "10.0.0.60", "protocol_port": 80}])
    world.refused(400, "PUT", path, {"members": []})
    world.refused(400, "PUT", path, None)
    world.run("PUT", path, [])
    assert world.get(path)["results"] == []


def test_members_keep_their_ids(world: World) -> None:
    _unused, subnet_id = private(world)
    pool_id = pool(world, load_balancer_id=balancer(world), members=[member(subnet_id, 50), member(subnet_id, 51)])
    path, patch = f"{POOLS}/{pool_id}", f"/v2/lbpools/{{P}}/{pool_id}"
    old = {row["address"]: row for row in world.get(path)["members"]}
    assert old["10.0.0.50"] == {
        "id": old["10.0.0.50"]["id"], "address": "10.0.0.50", "protocol_port": 8080, "subnet_id": subnet_id, "weight": 1,
        "admin_state_up": True, "backup": False, "monitor_address": None, "monitor_port": None,
        "provisioning_status": "ACTIVE", "operating_status": "NO_MONITOR",
    }  # fmt: skip
    no_change(world, "PATCH", patch, {"members": [member(subnet_id, 51), member(subnet_id, 50, weight=1)]})
    no_change(world, "PATCH", patch, {"members": None})
    world.run("PATCH", patch, {"members": [member(subnet_id, 52), member(subnet_id, 51, weight=7)]})
    new = {row["address"]: row for row in world.get(path)["members"]}
    assert sorted(new) == ["10.0.0.51", "10.0.0.52"]
    assert new["10.0.0.51"]["id"] == old["10.0.0.51"]["id"] and new["10.0.0.51"]["weight"] == 7
    world.run("PATCH", patch, {"members": []})
    assert world.get(path)["members"] == []


def test_one_member(world: World) -> None:
    network_id, subnet_id = private(world)
    pool_id = pool(world, load_balancer_id=balancer(world))
    path = members(pool_id)
    made = world.run("POST", path, member(subnet_id))
    member_id = made["created_resources"]["members"][0]
    assert made["task_type"] == "create_lbmember"
    assert [row["id"] for row in world.get(f"{POOLS}/{pool_id}")["members"]] == [member_id]
    world.refused(409, "POST", path, member(subnet_id))
    world.refused(400, "POST", path, {"address": "10.0.0.9", "protocol_port": 80})
    world.refused(400, "POST", path, {**member(subnet_id), "address": "10.1.0.9"})
    world.refused(404, "POST", path, member(UNKNOWN))
    world.refused(400, "POST", path, member(subnet_id, 60, weight=0))
    body = {"address": "10.0.0.9", "protocol_port": 80, "instance_id": world.vm_in(network_id)}
    world.refused(400, "POST", path, body)
    twice = {"members": [member(subnet_id, 60), member(subnet_id, 60)]}
    world.refused(400, "PATCH", f"/v2/lbpools/{{P}}/{pool_id}", twice)
    assert world.run("DELETE", f"{path}/{member_id}")["task_type"] == "delete_lbmember"
    world.refused(404, "DELETE", f"{path}/{member_id}")


@pytest.mark.parametrize("connectivity", ["L2", "L3"])
def test_member_of_an_instance(world: World, connectivity: str) -> None:
    network_id, subnet_id = private(world)
    vm_id = world.vm_in(network_id)
    pool_id = pool(world, load_balancer_id=balancer(world, preferred_connectivity=connectivity))
    body = {"address": "10.0.0.2", "protocol_port": 80, "instance_id": vm_id}
    world.run("POST", members(pool_id), body)
    (shown,) = world.get(f"{POOLS}/{pool_id}")["members"]
    assert shown["subnet_id"] == (subnet_id if connectivity == "L2" else None)
    no_change(world, "PUT", members(pool_id), [body])


def test_too_many_members(world: World) -> None:
    _unused, subnet_id = private(world)
    wanted = [member(subnet_id, 50, protocol_port=port) for port in range(1, 2502)]
    world.refused(400, "POST", POOLS, pool_body(load_balancer_id=balancer(world), members=wanted))


def test_health_monitor(world: World) -> None:
    pool_id = pool(world, load_balancer_id=balancer(world))
    path = f"{POOLS}/{pool_id}/healthmonitor"
    world.refused(404, "DELETE", path)
    world.refused(400, "POST", path, {**HTTP_MONITOR, "timeout": 10})
    world.refused(400, "POST", path, {**HTTP_MONITOR, "type": "TCP", "url_path": "/"})
    world.refused(400, "POST", path, {**HTTP_MONITOR, "type": "UDP-CONNECT"})
    task = world.run("POST", path, HTTP_MONITOR)
    assert task["task_type"] == "create_lbpool_health_monitor"
    expected = {
        **HTTP_MONITOR, "id": task["created_resources"]["healthmonitors"][0], "max_retries_down": 3,
        "admin_state_up": True, "http_method": "GET", "url_path": "/", "expected_codes": "200", "http_version": None,
        "domain_name": None, "provisioning_status": "ACTIVE", "operating_status": "ONLINE",
    }  # fmt: skip
    assert world.get(f"{POOLS}/{pool_id}")["healthmonitor"] == expected
    world.refused(409, "POST", path, HTTP_MONITOR)
    assert world.request("DELETE", path).status == 204
    assert world.get(f"{POOLS}/{pool_id}")["healthmonitor"] is None


def test_health_monitor_in_a_patch(world: World) -> None:
    pool_id = pool(world, load_balancer_id=balancer(world))
    path, patch = f"{POOLS}/{pool_id}", f"/v2/lbpools/{{P}}/{pool_id}"
    world.refused(400, "PATCH", patch, {"healthmonitor": {"delay": 10, "timeout": 5, "max_retries": 3}})
    world.run("PATCH", patch, {"healthmonitor": {**HTTP_MONITOR, "type": "PING"}})
    first = world.get(path)["healthmonitor"]
    assert (first["type"], first["url_path"], first["http_method"]) == ("PING", None, None)
    world.refused(400, "PATCH", patch, {"healthmonitor": HTTP_MONITOR})
    world.refused(400, "PATCH", patch, {"healthmonitor": {"delay": 20}})
    no_change(world, "PATCH", patch, {"healthmonitor": {"delay": 10, "timeout": 5, "max_retries": 3}})
    no_change(world, "PATCH", patch, {"healthmonitor": None})
    world.run("PATCH", patch, {"healthmonitor": {"delay": 20, "timeout": 5, "max_retries": 3}})
    assert world.get(path)["healthmonitor"] == {**first, "delay": 20}


def test_session_persistence(world: World) -> None:
    pool_id = pool(world, load_balancer_id=balancer(world), session_persistence={"type": "HTTP_COOKIE"})
    path, patch = f"{POOLS}/{pool_id}", f"/v2/lbpools/{{P}}/{pool_id}"
    plain = {"type": "HTTP_COOKIE", "cookie_name": None, "persistence_granularity": None, "persistence_timeout": None}
    assert world.get(path)["session_persistence"] == plain
    no_change(world, "PATCH", patch, {"session_persistence": {"type": "HTTP_COOKIE"}})
    world.refused(400, "PATCH", patch, {"session_persistence": {"type": "APP_COOKIE"}})
    world.refused(400, "PATCH", patch, {"session_persistence": {"type": "SOURCE_IP", "persistence_timeout": 5}})
    world.run("PATCH", patch, {"session_persistence": {"type": "APP_COOKIE", "cookie_name": "session"}})
    world.run("PATCH", patch, {"session_persistence": None})
    assert world.get(path)["session_persistence"] is None
    no_change(world, "PATCH", patch, {"session_persistence": None, "name": "pool", "admin_state_up": True})
    no_change(world, "PATCH", patch, {})


# --- L7 ------------------------------------------------------------------------------------------------------------


def test_l7_policies(world: World) -> None:
    lb_id = balancer(world)
    web = listener(world, lb_id)
    pool_id = pool(world, load_balancer_id=lb_id)
    url = {"action": "REDIRECT_TO_URL", "listener_id": web, "redirect_url": "https://example.com"}
    task = world.run("POST", L7, url)
    assert task["task_type"] == "create_l7policy"
    first = task["created_resources"]["l7polices"][0]
    shown = world.get(f"{L7}/{first}")
    expected = {
        "name": "", "position": 1, "redirect_http_code": 302, "redirect_url": "https://example.com", "rules": [],
        "tags": [], "redirect_prefix": None, "redirect_pool_id": None, "listener_id": web, "region_id": REGION,
    }  # fmt: skip
    assert {key: shown[key] for key in expected} == expected
    second = world.make("l7polices", L7, {"action": "REJECT", "listener_id": web, "position": 1})
    body = {"action": "REDIRECT_TO_POOL", "listener_id": web, "redirect_pool_id": pool_id}
    third = world.make("l7polices", L7, body)
    positions = {row["id"]: row["position"] for row in world.get(L7)["results"]}
    assert positions == {second: 1, first: 2, third: 3}
    assert world.get(f"{L7}/{second}")["redirect_http_code"] is None
    world.refused(409, "DELETE", f"{POOLS}/{pool_id}")
    patch = {"action": "REDIRECT_TO_URL", "redirect_url": "https://example.com"}
    no_change(world, "PATCH", f"{L7}/{first}", patch)
    world.run("PATCH", f"{L7}/{first}", {**patch, "redirect_http_code": 308, "position": 3})
    no_change(world, "PATCH", f"{L7}/{first}", {**patch, "position": 3})
    world.run("PATCH", f"{L7}/{third}", {"action": "REDIRECT_PREFIX", "redirect_prefix": "https://x", "name": "prefix"})
    shown = world.get(f"{L7}/{third}")
    assert (shown["redirect_pool_id"], shown["redirect_prefix"], shown["position"]) == (None, "https://x", 2)
    world.run("DELETE", f"{POOLS}/{pool_id}")
    world.run("DELETE", f"{L7}/{second}")
    assert {row["id"]: row["position"] for row in world.get(L7)["results"]} == {third: 1, first: 2}


def test_l7_policy_refusals(world: World) -> None:
    lb_id = balancer(world)
    web, tcp = listener(world, lb_id), listener(world, lb_id, 81, "TCP")
    world.refused(400, "POST", L7, {"action": "REJECT", "listener_id": tcp})
    world.refused(404, "POST", L7, {"action": "REJECT", "listener_id": UNKNOWN})
    world.refused(404, "POST", L7, {"action": "REDIRECT_TO_POOL", "listener_id": web, "redirect_pool_id": UNKNOWN})
    world.refused(400, "POST", L7, {"action": "REJECT", "listener_id": web, "redirect_url": "https://example.com"})
    world.refused(400, "POST", L7, {"listener_id": web})
    body = {"action": "REDIRECT_TO_URL", "listener_id": web, "redirect_url": "https://x", "redirect_http_code": 200}
    world.refused(400, "POST", L7, body)
    foreign = pool(world, load_balancer_id=balancer(world, name="other"))
    world.refused(400, "POST", L7, {"action": "REDIRECT_TO_POOL", "listener_id": web, "redirect_pool_id": foreign})
    policy_id = world.make("l7polices", L7, {"action": "REJECT", "listener_id": web})
    world.refused(400, "PATCH", f"{L7}/{policy_id}", {"name": "no action"})
    world.refused(400, "PATCH", f"{L7}/{policy_id}", {"action": "REJECT", "listener_id": web})


def test_l7_rules(world: World) -> None:
    web = listener(world, balancer(world))
    policy_id, other = (world.make("l7polices", L7, {"action": "REJECT", "listener_id": web}) for _each in range(2))
    path = f"{L7}/{policy_id}/rules"
    body = {"type": "HEADER", "compare_type": "EQUAL_TO", "value": "1"}
    world.refused(400, "POST", path, body)
    world.refused(400, "POST", path, {**body, "type": "PATH", "key": "a"})
    field = world.make("l7rules", path, {**body, "type": "SSL_DN_FIELD", "key": "CN"})
    assert world.get(f"{path}/{field}")["key"] == "CN"
    world.run("PUT", f"{path}/{field}", {"value": "2"})
    assert world.get(f"{path}/{field}")["key"] == "CN"
    world.run("DELETE", f"{path}/{field}")
    task = world.run("POST", path, {**body, "key": "X-Test"})
    assert task["task_type"] == "create_l7rule"
    rule_id = task["created_resources"]["l7rules"][0]
    shown = world.get(f"{path}/{rule_id}")
    assert (shown["key"], shown["invert"], shown["tags"], shown["provisioning_status"]) == (
        "X-Test",
        False,
        [],
        "ACTIVE",
    )
    (inline,) = world.get(f"{L7}/{policy_id}")["rules"]
    assert (inline["id"], inline["project_id"], inline["region_id"]) == (rule_id, PROJECT, REGION)
    assert world.run("PUT", f"{path}/{rule_id}", {"type": "PATH", "invert": True})["task_type"] == "put_l7rule"
    shown = world.get(f"{path}/{rule_id}")
    assert (shown["type"], shown["value"], shown["key"], shown["invert"]) == ("PATH", "1", None, True)
    world.refused(400, "PUT", f"{path}/{rule_id}", {"type": "COOKIE"})
    world.refused(404, "GET", f"{L7}/{other}/rules/{rule_id}")
    assert world.get(path)["count"] == 1 and world.get(f"{L7}/{other}/rules")["count"] == 0
    world.run("DELETE", f"{path}/{rule_id}")
    assert world.get(f"{L7}/{policy_id}")["rules"] == []


# --- the rest ------------------------------------------------------------------------------------------------------


def test_created_resources_have_only_what_was_made(world: World) -> None:
    lb_id = balancer(world)
    task = world.run("PATCH", f"/v2/loadbalancers/{{P}}/{lb_id}", {"name": "new"})
    assert all(task["created_resources"][key] == [] for key in TREE | {"loadbalancers"})


def test_another_project_does_not_see_it(world: World) -> None:
    lb_id = balancer(world)
    other = f"/v1/loadbalancers/1000002/{REGION}"
    world.refused(404, "GET", f"{other}/{lb_id}")
    assert world.get(other)["count"] == 0


def test_project_deletion_takes_the_tree(world: World) -> None:
    project = world.ok("POST", "/v1/projects", {"name": "short-lived"})["id"]
    scope = f"{project}/{REGION}"
    listeners = [{"name": "web", "protocol": "HTTP", "protocol_port": 80, "pools": [pool_body()]}]
    world.run("POST", f"/v1/loadbalancers/{scope}", {"name": "balancer", "listeners": listeners})
    world.run("DELETE", f"/v1/projects/{project}")
    assert not any(list(world.sim.store.all(kind)) for kind in ("loadbalancer", "lblistener", "lbpool"))


def test_deprecated_routes(old_world: World) -> None:
    world = old_world
    lb_id = balancer(world)
    changed = world.ok("PATCH", f"{LB}/{lb_id}", {"name": "new", "tags": {"a": "b"}})
    assert (changed["name"], changed["vrrp_ips"], len(changed["tags_v2"])) == ("new", [], 1)
    assert len(world.get(f"{LB}/{lb_id}")["vrrp_ips"]) == 2
    world.refused(400, "PATCH", f"{LB}/{lb_id}", {"admin_state_up": False})
    web = listener(world, lb_id)
    assert world.ok("PATCH", f"{LISTENERS}/{web}", {"name": "renamed"})["name"] == "renamed"
    pool_id = pool(world, listener_id=web)
    world.run("PATCH", f"{POOLS}/{pool_id}", {"name": "renamed"})
    assert world.get(f"{POOLS}/{pool_id}")["name"] == "renamed"
