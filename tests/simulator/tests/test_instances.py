# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances and placement groups (docs/api-notes.md: Instances, Placement groups)."""

from __future__ import annotations

import pytest

from .conftest import World


def test_creation(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id)
    world.ok("POST", "/v1/ssh_keys/1000001", {"name": "mykey"})
    body = world.vm_body(
        ssh_key_name="mykey",
        tags={"env": "test"},
        interfaces=[
            {"type": "external", "interface_name": "pub"},
            {"type": "subnet", "network_id": network_id, "subnet_id": subnet_id, "floating_ip": {"source": "new"}},
        ],
        volumes=[
            {"source": "image", "image_id": world.image(), "size": 10, "boot_index": 0, "delete_on_termination": True},
            {"source": "new-volume", "size": 3, "name": "data", "type_name": "ssd_hiiops"},
        ],
    )
    task_id = world.start("POST", "/v2/instances/{P}", body)
    building = world.get("/v1/instances/{P}")["results"][0]
    assert (building["status"], building["vm_state"], building["task_id"]) == ("BUILD", "building", task_id)
    assert building["creator_task_id"] == task_id
    task = world.wait(task_id)
    made = task["created_resources"]
    assert {key: len(ids) for key, ids in made.items() if ids} == {
        "instances": 1, "volumes": 2, "ports": 2, "floatingips": 1,
    }  # fmt: skip
    assert (task["data"]["name"], task["data"]["flavor_name"], task["data"]["keypair_name"]) == (
        "vm1", "g2-standard-2-4", "mykey",
    )  # fmt: skip
    vm = world.get(f"/v1/instances/{{P}}/{made['instances'][0]}")
    assert (vm["status"], vm["vm_state"], vm["task_state"], vm["task_id"]) == ("ACTIVE", "active", None, None)
    assert vm["flavor"]["flavor_id"] == vm["flavor"]["flavor_name"] == "g2-standard-2-4"
    assert vm["security_groups"] == [{"name": "default"}] and vm["ssh_key_name"] == "mykey"
    assert set(vm["addresses"]) == {"pub_net", "net"}
    fixed, floating = vm["addresses"]["net"]
    assert (fixed["addr"], fixed["subnet_name"], fixed["type"]) == ("10.0.0.2", "sub", "fixed")
    assert floating["type"] == "floating" and "subnet_id" not in floating
    assert vm["addresses"]["pub_net"][0]["interface_name"] == "pub"
    assert [item["external"] for item in vm["fixed_ip_assignments"]] == [True, False]
    assert [item["delete_on_termination"] for item in vm["volumes"]] == [True, False]
    boot, data = [world.get(f"/v1/volumes/{{P}}/{item['id']}") for item in vm["volumes"]]
    assert (boot["is_root_volume"], boot["bootable"], boot["status"]) == (True, True, "in-use")
    assert (data["is_root_volume"], data["name"], data["volume_type"]) == (False, "data", "ssd_hiiops")
    read_only = {tag["key"] for tag in vm["tags"] if tag["read_only"]}
    assert read_only == {"image_name", "os_type"}
    listed = world.get("/v1/instances/{P}")["results"][0]
    assert "subnet_id" not in listed["addresses"]["net"][0]
    assert listed["addresses"]["pub_net"][0]["interface_name"] is None
    named = world.get("/v1/instances/{P}", with_interfaces_name="true")["results"][0]
    assert named["addresses"]["pub_net"][0]["interface_name"] == "pub"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"flavor": "none-such"}, 404),
        ({"flavor": "g1-standard-32-64"}, 403),
        ({"ssh_key_name": "missing"}, 404),
        ({"user_data": "not base64!"}, 400),
        ({"password": "weak"}, 400),
        ({"name_template": "vm-{ip_octets}"}, 400),
        ({"interfaces": []}, 400),
        ({"volumes": []}, 400),
        ({"volumes": [{"source": "new-volume", "size": 5}]}, 400),
        ({"interfaces": [{"type": "external", "floating_ip": {"source": "new"}}]}, 400),
        ({"interfaces": [{"type": "any_subnet"}]}, 400),
        ({"interfaces": [{"type": "any_subnet", "network_id": "00000000-0000-4000-8000-000000000000"}]}, 404),
        ({"servergroup_id": "00000000-0000-4000-8000-000000000000"}, 404),
        ({"names": ["a"]}, 400),
        ({"configuration": []}, 400),
    ],
)
def test_refusals(world: World, change: dict[str, object], status: int) -> None:
    world.refused(status, "POST", "/v2/instances/{P}", world.vm_body(**change))
    assert world.get("/v1/instances/{P}")["count"] == world.get("/v1/volumes/{P}")["count"] == 0
    assert world.get("/v1/ports/{P}")["count"] == 0


def test_disk_refusals(world: World) -> None:
    image = {"source": "image", "image_id": world.image(), "boot_index": 0}
    for disks in (
        [image],
        [{**image, "size": 4}],
        [{**image, "size": 10}, {**image, "size": 10}],
        [{**image, "size": 10, "boot_index": -1}],
    ):
        world.refused(400, "POST", "/v2/instances/{P}", world.vm_body(volumes=disks))


def test_boot_disk_without_an_index(world: World) -> None:
    vm_id = world.vm(volumes=[{"source": "image", "image_id": world.image(), "size": 10}])
    boot = world.get(f"/v1/instances/{{P}}/{vm_id}")["volumes"][0]["id"]
    assert world.get(f"/v1/volumes/{{P}}/{boot}")["is_root_volume"] is True


def test_windows(world: World) -> None:
    disk = {"source": "image", "image_id": world.image("windows-server-2022"), "size": 60, "boot_index": 0}
    body = world.vm_body(volumes=[disk], flavor="g1w-standard-4-8")
    world.refused(400, "POST", "/v2/instances/{P}", {**body, "username": "me"})
    world.run("POST", "/v2/instances/{P}", {**body, "password": "Secret#123"})


def test_names(world: World) -> None:
    body = world.vm_body(name_template="vm-{ip_octets}")
    del body["name"]
    world.run("POST", "/v2/instances/{P}", body)
    assert world.get("/v1/instances/{P}", name="vm-")["results"][0]["name"].startswith("vm-0-113-")
    del body["name_template"]
    world.run("POST", "/v2/instances/{P}", body)
    assert world.get("/v1/instances/{P}", name="instance-")["count"] == 1


def test_existing_things(world: World) -> None:
    network_id = world.network()
    world.subnet(network_id)
    floating_id = world.make("floatingips", "/v1/floatingips/{P}", {})
    reserved_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "external"})
    boot = {"source": "image", "image_id": world.image(), "name": "boot", "size": 10}
    volume_id = world.make("volumes", "/v1/volumes/{P}", boot)
    fip = {"source": "existing", "existing_floating_id": floating_id}
    body = world.vm_body(
        interfaces=[
            {"type": "reserved_fixed_ip", "port_id": reserved_id},
            {"type": "any_subnet", "network_id": network_id, "ip_address": "10.0.0.50", "floating_ip": fip},
        ],
        volumes=[{"source": "existing-volume", "volume_id": volume_id, "boot_index": 0}],
    )
    task_id = world.start("POST", "/v2/instances/{P}", body)
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "attaching"
    made = world.wait(task_id)["created_resources"]
    assert made["volumes"] == [] and made["floatingips"] == [] and len(made["ports"]) == 1
    vm_id = made["instances"][0]
    reserved = world.get(f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}")
    assert reserved["reservation"] == {"status": "attached", "resource_type": "instance", "resource_id": vm_id}
    assert world.get(f"/v1/floatingips/{{P}}/{floating_id}")["fixed_ip_address"] == "10.0.0.50"
    again = world.vm_body("vm2", interfaces=[{"type": "reserved_fixed_ip", "port_id": reserved_id}])
    world.refused(409, "POST", "/v2/instances/{P}", again)
    world.refused(409, "POST", "/v2/instances/{P}", {**body, "interfaces": [{"type": "external"}]})
    world.run("DELETE", f"/v1/instances/{{P}}/{vm_id}")
    assert world.get(f"/v1/floatingips/{{P}}/{floating_id}")["status"] == "DOWN"
    assert world.get(f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}")["reservation"]["status"] == "available"
    assert world.get(f"/v1/volumes/{{P}}/{volume_id}")["status"] == "available"


def _full_vm(world: World) -> tuple[str, list[str], str]:
    network_id = world.network()
    world.subnet(network_id)
    disks = [
        {"source": "image", "image_id": world.image(), "size": 10, "boot_index": 0},
        {"source": "new-volume", "size": 3, "delete_on_termination": True},
    ]
    nic = {"type": "any_subnet", "network_id": network_id, "floating_ip": {"source": "new"}}
    made = world.run("POST", "/v2/instances/{P}", world.vm_body(volumes=disks, interfaces=[nic]))["created_resources"]
    return made["instances"][0], made["volumes"], made["floatingips"][0]


def test_what_survives_deletion(world: World) -> None:
    vm_id, (boot, data), floating_id = _full_vm(world)
    task_id = world.start("DELETE", f"/v1/instances/{{P}}/{vm_id}")
    assert world.get(f"/v1/instances/{{P}}/{vm_id}")["task_state"] == "deleting"
    world.refused(409, "DELETE", f"/v1/instances/{{P}}/{vm_id}")
    assert world.wait(task_id)["data"]["instance_uuid"] == vm_id
    world.refused(404, "GET", f"/v1/instances/{{P}}/{vm_id}")
    assert world.get(f"/v1/volumes/{{P}}/{boot}")["status"] == "available"
    world.refused(404, "GET", f"/v1/volumes/{{P}}/{data}")
    assert world.get(f"/v1/floatingips/{{P}}/{floating_id}")["status"] == "DOWN"
    assert [row["managed_by"] for row in world.get("/v1/ports/{P}")["results"]] == ["system"]


def test_deletion_with_everything(world: World) -> None:
    vm_id, (boot, _data), floating_id = _full_vm(world)
    path = f"/v1/instances/{{P}}/{vm_id}"
    world.refused(400, "DELETE", path, query={"floatings": floating_id, "delete_floatings": "true"})
    world.refused(400, "DELETE", path, query={"volumes": floating_id})
    world.run("DELETE", path, query={"volumes": boot, "delete_floatings": "true"})
    assert world.get("/v1/volumes/{P}")["count"] == world.get("/v1/floatingips/{P}")["count"] == 0


def test_power(world: World) -> None:
    vm_id = world.vm()
    path, action = f"/v1/instances/{{P}}/{vm_id}", f"/v2/instances/{{P}}/{vm_id}/action"

    def act(name: str, task_type: str) -> tuple[str, str]:
        assert world.run("POST", action, {"action": name})["task_type"] == task_type
        vm = world.get(path)
        assert vm["task_state"] is None
        return vm["status"], vm["vm_state"]

    world.refused(400, "POST", action, {"action": "start"})
    world.refused(400, "POST", action, {"action": "powercycle"})
    world.refused(400, "POST", action, {"action": "stop", "activate_profile": True})
    assert act("stop", "stop_vm") == ("SHUTOFF", "stopped")
    assert act("start", "start_vm") == ("ACTIVE", "active")
    assert act("suspend", "suspend_vm") == ("SUSPENDED", "suspended")
    assert act("resume", "resume_vm") == ("ACTIVE", "active")
    assert act("reboot_hard", "hard_reboot_vm") == ("ACTIVE", "active")
    world.start("POST", action, {"action": "reboot"})
    assert world.get(path)["status"] == "REBOOT"
    world.refused(409, "POST", action, {"action": "stop"})


def test_resize(world: World) -> None:
    vm_id = world.vm()
    path = f"/v1/instances/{{P}}/{vm_id}"
    names = [row["flavor_id"] for row in world.get(f"{path}/available_flavors")["results"]]
    assert "g2-standard-4-8" in names and "g2-standard-2-4" not in names and "g1-standard-32-64" not in names
    world.refused(400, "POST", f"{path}/changeflavor", {"flavor_id": "g2-standard-2-4"})
    task_id = world.start("POST", f"{path}/changeflavor", {"flavor_id": "g2-standard-4-8"})
    assert (world.get(path)["status"], world.get(path)["vm_state"]) == ("RESIZE", "resized")
    world.wait(task_id)
    assert (world.get(path)["status"], world.get(path)["flavor"]["vcpus"]) == ("ACTIVE", 4)


def test_resize_shown_late(world: World) -> None:
    world.sim.settings.quirks.flavor_lag = 6
    path = f"/v1/instances/{{P}}/{world.vm()}"
    world.run("POST", f"{path}/changeflavor", {"flavor_id": "g2-standard-4-8"})
    assert world.get(path)["flavor"]["flavor_name"] == "g2-standard-2-4"
    world.sim.advance(7)
    assert world.get(path)["flavor"]["flavor_name"] == "g2-standard-4-8"


def test_interfaces(world: World) -> None:
    network_id = world.network()
    subnet_id = world.subnet(network_id)
    vm_id = world.vm()
    path = f"/v1/instances/{{P}}/{vm_id}"
    made = world.run(
        "POST", f"{path}/attach_interface", {"type": "subnet", "subnet_id": subnet_id, "interface_name": "eth1"}
    )
    port_id = made["created_resources"]["ports"][0]
    assert made["task_type"] == "attach_vm_interface"
    rows = world.get(f"{path}/interfaces")["results"]
    assert [row["interface_name"] for row in rows] == [None, "eth1"]
    assert rows[1]["network_details"]["subnets"][0]["id"] == subnet_id
    world.refused(400, "POST", f"{path}/detach_interface", {"port_id": port_id, "ip_address": "10.0.0.99"})
    address = rows[1]["ip_assignments"][0]["ip_address"]
    world.run("POST", f"{path}/detach_interface", {"port_id": port_id, "ip_address": address})
    assert world.get(f"{path}/interfaces")["count"] == 1
    world.refused(404, "GET", f"/v1/ports/{{P}}/{port_id}")
    reserved_id = world.make("ports", "/v1/reserved_fixed_ips/{P}", {"type": "subnet", "subnet_id": subnet_id})
    body = {"type": "reserved_fixed_ip", "port_id": reserved_id}
    assert world.run("POST", f"{path}/attach_interface", body)["created_resources"]["ports"] == []
    row = world.get(f"{path}/interfaces")["results"][1]
    address = row["ip_assignments"][0]["ip_address"]
    world.run("POST", f"{path}/detach_interface", {"port_id": reserved_id, "ip_address": address})
    assert world.get(f"/v1/reserved_fixed_ips/{{P}}/{reserved_id}")["attachments"] == []


def test_security_groups_by_name(world: World) -> None:
    group_id = world.make("security_groups", "/v2/security_groups/{P}", {"name": "web"})
    vm_id = world.vm()
    path = f"/v1/instances/{{P}}/{vm_id}"
    assert world.request("POST", f"{path}/addsecuritygroup", {"name": "web"}).status == 204
    assert world.request("POST", f"{path}/addsecuritygroup", {"name": "web"}).status == 204
    assert [row["name"] for row in world.get(f"{path}/securitygroups")["results"]] == ["default", "web"]
    assert world.get(f"/v1/securitygroups/{{P}}/{group_id}/instances")["results"][0]["id"] == vm_id
    assert "locked" not in world.refused(409, "DELETE", f"/v1/securitygroups/{{P}}/{group_id}")["message"]
    port = world.get(f"{path}/ports")["results"][0]
    assert {row["name"] for row in port["security_groups"]} == {"default", "web"}
    body = {"ports_security_group_names": [{"port_id": port["id"], "security_group_names": ["web", "default"]}]}
    assert world.request("POST", f"{path}/delsecuritygroup", body).status == 204
    assert world.get(path)["security_groups"] == []
    world.refused(404, "POST", f"{path}/addsecuritygroup", {"name": "missing"})
    world.refused(400, "POST", f"{path}/addsecuritygroup", {})
    world.make("security_groups", "/v2/security_groups/{P}", {"name": "web"})
    world.refused(409, "POST", f"{path}/addsecuritygroup", {"name": "web"})


def test_security_groups_at_creation(world: World) -> None:
    group_id = world.make("security_groups", "/v2/security_groups/{P}", {"name": "web"})
    nic = {"type": "external", "security_groups": [{"id": group_id}]}
    path = f"/v1/instances/{{P}}/{world.vm(interfaces=[nic])}"
    assert world.get(path)["security_groups"] == [{"name": "web"}]
    both = world.vm_body("vm2", interfaces=[nic], security_groups=[{"id": group_id}])
    world.refused(400, "POST", "/v2/instances/{P}", both)


def test_placement_groups(world: World) -> None:
    group = world.ok("POST", "/v1/servergroups/{P}", {"name": "group", "policy": "anti-affinity"})
    vm_id = world.vm(servergroup_id=group["servergroup_id"])
    path = f"/v1/servergroups/{{P}}/{group['servergroup_id']}"
    assert world.get(path)["instances"] == [{"instance_id": vm_id, "instance_name": "vm1"}]
    vm = f"/v1/instances/{{P}}/{vm_id}"
    put, remove = f"{vm}/put_into_servergroup", f"{vm}/remove_from_servergroup"
    body = {"servergroup_id": group["servergroup_id"]}
    world.refused(409, "POST", put, body)
    world.refused(409, "DELETE", path)
    world.run("POST", remove)
    world.refused(404, "POST", remove)
    world.run("POST", put, body)
    world.run("DELETE", f"/v1/instances/{{P}}/{vm_id}")
    assert world.get(path)["instances"] == []
    world.run("DELETE", path)
    world.refused(404, "GET", path)


def test_filters(world: World) -> None:
    network_id = world.network()
    world.subnet(network_id)
    first = world.vm("web-1", tags={"env": "prod"})
    second = world.vm_in(network_id, "web-2")
    for query, expected in (
        ({"name": "web"}, {first, second}),
        ({"name": "eb-1"}, {first}),
        ({"status": "SHUTOFF"}, set()),
        ({"ip": "10.0.0."}, {second}),
        ({"uuid": first[:8]}, {first}),
        ({"flavor_prefix": "g2-"}, {first, second}),
        ({"flavor_id": "g2-standard"}, set()),
        ({"tag_value": "prod"}, {first}),
        ({"tag_key_value": '{"env":"prod"}'}, {first}),
        ({"only_with_fixed_external_ip": "true"}, {first}),
        ({"available_floating": "true"}, {second}),
        ({"exclude_secgroup": "default"}, set()),
        ({"changes-before": "2000-01-01T00:00:00Z"}, set()),
    ):
        assert {row["id"] for row in world.get("/v1/instances/{P}", **query)["results"]} == expected, query
    world.refused(400, "GET", "/v1/instances/{P}", query={"tag_key": "env"})


def test_reads_by_post(world: World) -> None:
    vm_id = world.vm()
    metrics = world.ok("POST", f"/v1/instances/{{P}}/{vm_id}/metrics", {"time_interval": 6, "time_unit": "hour"})
    assert metrics["count"] == 10 and metrics["results"][0]["disks"][0]["disk_name"] == "vda"
    for interval in (0, 337, 10**18):
        refused = {"time_interval": interval, "time_unit": "hour"}
        world.refused(400, "POST", f"/v1/instances/{{P}}/{vm_id}/metrics", refused)
    body = {"volumes": [{"source": "image", "image_id": world.image("windows-server-2022")}]}
    suited = world.ok("POST", "/v1/instances/{P}/available_flavors", body)["results"]
    assert [row["flavor_name"] for row in suited] == ["g1w-standard-4-8"]
    wanted = {"flavor": "g2-standard-2-4", "names": ["a1", "a2"], "volumes": [{"source": "new-volume", "size": 10}]}
    assert world.ok("POST", "/v2/instances/{P}/check_limits", wanted) == {}
    world.sim.settings.quotas = {"volume_size": 15}
    assert world.ok("POST", "/v2/instances/{P}/check_limits", wanted) == {
        "volume_size_limit": 15, "volume_size_usage": 10, "volume_size_requested": 20,
    }  # fmt: skip
    console = world.get(f"/v1/instances/{{P}}/{vm_id}/get_console")
    assert console["remote_console"]["url"].startswith("https://")


def test_patch(world: World) -> None:
    path = f"/v1/instances/{{P}}/{world.vm()}"
    vm = world.ok("PATCH", path, {"name": "renamed", "tags": {"a": "b"}})
    assert vm["name"] == "renamed"
    world.refused(400, "PATCH", path, {"tags": {"os_type": "x"}})
    assert [tag["key"] for tag in world.ok("PATCH", path, {"tags": None})["tags"]] == ["image_name", "os_type"]


def test_marketplace(world: World) -> None:
    disk = {"source": "apptemplate", "apptemplate_id": "lamp", "size": 10, "boot_index": 0}
    vm_id = world.vm(volumes=[disk], configuration={"admin_email": "me@example.com"}, allow_app_ports=True)
    assert world.get(f"/v1/instances/{{P}}/{vm_id}")["status"] == "ACTIVE"
