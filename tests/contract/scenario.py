# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A story that uses every operation of the simulated families once with success, and meets the errors on the way."""

from __future__ import annotations

from typing import Any

from .harness import World

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1Jq1xQdWm0lT0m1s5wR3mF2m0zQ4W8qj9YJtq3m3bM contract@test"
UNKNOWN = "6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"


def tell(world: World) -> None:
    """All of it. Each part cleans up after itself as far as it wants to; the world is thrown away afterwards."""
    catalogues(world)
    projects(world)
    ssh_keys(world)
    networks(world)
    routers(world)
    security_groups(world)
    volumes(world)
    snapshot_schedules(world)
    images(world)
    instances(world)
    ports_and_addresses(world)
    load_balancers(world)
    kubernetes(world)
    tasks(world)
    errors(world)


def tell_deprecated(world: World) -> None:
    """The operations that are served with the switch only."""
    network, subnet = private_network(world)
    vm = instance(world, network, subnet)
    volume = a_volume(world)
    address = world.make("floatingips", "POST", "/v1/floatingips/{P}", {})
    router = world.make("routers", "POST", "/v1/routers/{P}", {"name": "old-router"})

    group = world.call("POST", "/v1/securitygroups/{P}", {"security_group": {"name": "old-group", "tags": {"a": "b"}}})[
        "id"
    ]
    world.call("PATCH", f"/v1/securitygroups/{{P}}/{group}", {"name": "older-group"})
    rule = world.call("POST", f"/v1/securitygroups/{{P}}/{group}/rules", {"direction": "ingress", "protocol": "tcp"})[
        "id"
    ]
    rule = world.call("PUT", f"/v1/securitygrouprules/{{P}}/{rule}", {"direction": "ingress", "protocol": "udp"})["id"]
    world.call("DELETE", f"/v1/securitygrouprules/{{P}}/{rule}")

    world.call("PATCH", f"/v1/floatingips/{{P}}/{address}", {"tags": {"a": "b"}})
    world.call("PATCH", f"/v1/networks/{{P}}/{network}", {"name": "old-net"})
    world.call("PATCH", f"/v1/routers/{{P}}/{router}", {"name": "older-router"})
    port = world.call("GET", f"/v1/instances/{{P}}/{vm}/interfaces")["results"][0]["port_id"]
    world.call("POST", f"/v1/floatingips/{{P}}/{address}/assign", {"port_id": port})
    world.call("POST", f"/v1/floatingips/{{P}}/{address}/unassign")
    world.done(
        world.call(
            "PUT",
            f"/v2/ports/{{P}}/{port}/allow_address_pairs",
            {"allowed_address_pairs": [{"ip_address": "10.9.9.9"}]},
        )
    )
    world.call("POST", f"/v1/ports/{{P}}/{port}/disable_port_security")
    world.call("POST", f"/v1/ports/{{P}}/{port}/enable_port_security")
    for verb in ("stop", "start", "suspend", "resume", "reboot", "powercycle"):
        world.call(
            "POST",
            f"/v1/instances/{{P}}/{vm}/{verb}",
            **({"body": {"activate_profile": True}} if verb == "start" else {}),
        )
        world.simulator.advance(600)
    world.call("POST", f"/v1/volumes/{{P}}/{volume}/attach", {"instance_id": vm})
    world.simulator.advance(600)
    world.call("POST", f"/v1/volumes/{{P}}/{volume}/detach", {"instance_id": vm})
    world.simulator.advance(600)
    balancer = world.make("loadbalancers", "POST", "/v1/loadbalancers/{P}", {"name": "old-lb"})
    world.call("PATCH", f"/v1/loadbalancers/{{P}}/{balancer}", {"name": "older-lb", "tags": {"a": "b"}})
    listener = world.make("listeners", "POST", "/v1/lblisteners/{P}", a_listener(balancer))
    world.call("PATCH", f"/v1/lblisteners/{{P}}/{listener}", {"name": "older-listener"})
    pool = world.make("pools", "POST", "/v1/lbpools/{P}", {**a_pool(), "listener_id": listener})
    world.done(world.call("PATCH", f"/v1/lbpools/{{P}}/{pool}", {"name": "older-pool"}))
    body = {"address": "10.40.0.77", "protocol_port": 80, "subnet_id": subnet}
    member = world.make("members", "POST", f"/v1/lbpools/{{P}}/{pool}/member", body)
    world.done(world.call("DELETE", f"/v1/lbpools/{{P}}/{pool}/member/{member}"))
    payload = {
        "payload": "TUlJRQ==",
        "payload_content_encoding": "base64",
        "payload_content_type": "application/octet-stream",
    }
    world.make("secrets", "POST", "/v1/secrets/{P}", {"name": "old-secret", "secret_type": "certificate", **payload})
    task = world.call("GET", "/v1/tasks")["results"][0]["id"]
    world.call("POST", "/v1/tasks/acknowledge", {"task_ids": [task]}, query={"project_id": world.project_id})


# --- Parts ---


def catalogues(world: World) -> None:
    world.call("GET", "/v1/projects", query={"name": "default", "include_deleted": "true", "order_by": "name.asc"})
    world.call("GET", "/v1/projects/{project_id}")
    world.call("GET", "/v1/regions", query={"show_volume_types": "true", "order_by": "display_name.asc", "limit": "1"})
    world.call("GET", "/v1/regions/{region_id}", query={"show_volume_types": "true"})
    world.call("GET", "/v1/regions/{region_id}")
    world.call(
        "GET", "/v1/flavors/{P}", query={"include_prices": "true", "disabled": "false", "exclude_windows": "true"}
    )
    world.call("GET", "/v1/flavors/{P}")
    world.call("GET", "/v1/images/{P}", query={"visibility": "public", "include_prices": "true", "os_distro": "ubuntu"})
    world.call("GET", "/v1/projectimages/{P}", query={"include_prices": "true"})
    world.call("GET", "/v1/projectimages/{P}")
    for template in world.call("GET", "/v1/apptemplates/{P}")["results"][:1]:
        world.call("GET", f"/v1/apptemplates/{{P}}/{template['id']}")


def projects(world: World) -> None:
    made = world.call("POST", "/v1/projects", {"name": "contract", "description": "made by a test"})
    world.call("PATCH", f"/v1/projects/{made['id']}", {"description": "changed"})
    world.call("GET", f"/v1/projects/{made['id']}")
    world.done(world.call("DELETE", f"/v1/projects/{made['id']}"))
    world.call("GET", "/v1/projects", query={"include_deleted": "true"})


def ssh_keys(world: World) -> None:
    generated = world.call("POST", "/v1/ssh_keys/{project_id}", {"name": "generated"})
    given = world.call(
        "POST", "/v1/ssh_keys/{project_id}", {"name": "given-key", "public_key": PUBLIC_KEY, "shared_in_project": False}
    )
    world.call("GET", f"/v1/ssh_keys/{{project_id}}/{given['id']}")
    world.call(
        "GET",
        "/v1/ssh_keys/{project_id}",
        query={"name": "given", "order_by": "name.desc", "limit": "5", "offset": "0"},
    )
    world.call("PATCH", f"/v1/ssh_keys/{{project_id}}/{given['id']}", {"shared_in_project": True})
    world.call("DELETE", f"/v1/ssh_keys/{{project_id}}/{generated['id']}")


def networks(world: World) -> None:
    network, subnet = private_network(world, tags={"env": "test"})
    world.call("GET", f"/v1/networks/{{P}}/{network}")
    world.call("GET", "/v1/networks/{P}", query={"owned_by": "any", "external": "true", "order_by": "name.asc"})
    world.call(
        "GET",
        "/v1/networks/{P}",
        query=[("tag_key", "env"), ("tag_key_value", '{"env":"test"}'), ("network_type", "vxlan")],
    )
    world.done(
        world.call("PATCH", f"/v2/networks/{{P}}/{network}", {"name": "renamed", "tags": {"env": None, "a": "b"}})
    )
    world.done(world.call("PATCH", f"/v2/networks/{{P}}/{network}", {"name": "renamed"}))
    world.call("GET", f"/v1/subnets/{{P}}/{subnet}")
    world.call("GET", "/v1/subnets/{P}", query={"network_id": network, "order_by": "name.asc", "owned_by": "any"})
    world.call(
        "PATCH", f"/v1/subnets/{{P}}/{subnet}", {"dns_nameservers": ["8.8.8.8"], "gateway_ip": None, "tags": {"a": "b"}}
    )
    world.call("GET", f"/v1/networks/{{P}}/{network}/ports")
    routed = world.done(
        world.call("POST", "/v1/networks/{P}", {"name": "routed", "create_router": True, "type": "vxlan"})
    )
    routed_network = routed["created_resources"]["networks"][0]
    body = {
        "name": "v6-subnet",
        "network_id": routed_network,
        "cidr": "fd00:1::/64",
        "ip_version": 6,
        "enable_dhcp": True,
    }
    world.make("subnets", "POST", "/v1/subnets/{P}", body)
    world.call("GET", f"/v1/networks/{{P}}/{routed_network}/ports")
    world.done(world.call("DELETE", f"/v1/subnets/{{P}}/{subnet}"))
    world.done(world.call("DELETE", f"/v1/networks/{{P}}/{network}"))


def routers(world: World) -> None:
    subnet = private_network(world, "10.41.0.0/24")[1]
    gateway = {"type": "default", "enable_snat": True}
    router = world.make("routers", "POST", "/v1/routers/{P}", {"name": "router", "external_gateway_info": gateway})
    world.call("POST", f"/v1/routers/{{P}}/{router}/attach", {"subnet_id": subnet})
    world.call("GET", f"/v1/routers/{{P}}/{router}")
    world.call("GET", "/v1/routers/{P}", query={"name": "router"})
    change = {"name": "router-2", "routes": [{"destination": "10.99.0.0/24", "nexthop": "10.41.0.9"}]}
    world.done(world.call("PATCH", f"/v2/routers/{{P}}/{router}", change))
    world.done(world.call("PATCH", f"/v2/routers/{{P}}/{router}", {"routes": []}))
    world.call("POST", f"/v1/routers/{{P}}/{router}/detach", {"subnet_id": subnet})
    world.done(world.call("DELETE", f"/v1/routers/{{P}}/{router}"))


def security_groups(world: World) -> None:
    rule = {
        "direction": "ingress",
        "protocol": "tcp",
        "port_range_min": 22,
        "port_range_max": 22,
        "remote_ip_prefix": "0.0.0.0/0",
    }
    body = {"name": "web", "description": "of a test", "rules": [rule], "tags": {"env": "test"}}
    group = world.make("security_groups", "POST", "/v2/security_groups/{P}", body)
    world.call("GET", f"/v1/securitygroups/{{P}}/{group}")
    world.call("GET", "/v1/securitygroups/{P}", query=[("name", "web"), ("tag_key", "env"), ("limit", "10")])
    world.done(
        world.call(
            "PATCH", f"/v2/security_groups/{{P}}/{group}", {"name": "web-2", "rules": [{**rule, "port_range_max": 23}]}
        )
    )
    added = {"direction": "egress", "ethertype": "IPv6", "protocol": None}
    made = world.make("security_group_rules", "POST", f"/v2/security_groups/{{P}}/{group}/rules", added)
    world.done(world.call("DELETE", f"/v2/security_groups/{{P}}/{group}/rules/{made}"))
    copy = world.call("POST", f"/v1/securitygroups/{{P}}/{group}/copy", {"name": "web-copy"})
    world.call("POST", f"/v1/securitygroups/{{P}}/{group}/revert")
    world.call("GET", f"/v1/securitygroups/{{P}}/{group}/instances")
    world.call("DELETE", f"/v1/securitygroups/{{P}}/{copy['id']}")


def volumes(world: World) -> None:
    volume = a_volume(world, tags={"env": "test"})
    world.call("GET", f"/v1/volumes/{{P}}/{volume}")
    world.call(
        "GET",
        "/v1/volumes/{P}",
        query=[("name_part", "data"), ("bootable", "false"), ("tag_key", "env"), ("has_attachments", "false")],
    )
    world.call("PATCH", f"/v1/volumes/{{P}}/{volume}", {"name": "data-renamed", "tags": {"env": None}})
    world.done(world.call("POST", f"/v1/volumes/{{P}}/{volume}/extend", {"size": 3}))
    world.call("POST", f"/v1/volumes/{{P}}/{volume}/retype", {"volume_type": "ssd_hiiops"})
    snapshot = world.make(
        "snapshots",
        "POST",
        "/v1/snapshots/{P}",
        {"name": "snap", "volume_id": volume, "description": "d", "tags": {"a": "b"}},
    )
    world.call("GET", f"/v1/snapshots/{{P}}/{snapshot}")
    world.call("GET", "/v1/snapshots/{P}", query={"volume_id": volume})
    world.call("PATCH", f"/v1/snapshots/{{P}}/{snapshot}", {"name": "snap-renamed", "tags": {"c": "d"}})
    world.call("GET", f"/v1/volumes/{{P}}/{volume}")
    copy = world.make(
        "volumes", "POST", "/v1/volumes/{P}", {"source": "snapshot", "name": "from-snap", "snapshot_id": snapshot}
    )
    world.call("POST", f"/v1/volumes/{{P}}/{volume}/revert")
    world.simulator.advance(600)
    world.done(world.call("DELETE", f"/v1/snapshots/{{P}}/{snapshot}"))
    world.done(world.call("DELETE", f"/v1/volumes/{{P}}/{copy}"))


def images(world: World) -> None:
    volume = a_boot_volume(world)
    made = world.make(
        "images",
        "POST",
        "/v1/images/{P}",
        {"name": "from-volume", "volume_id": volume, "os_type": "linux", "tags": {"a": "b"}},
    )
    body = {
        "name": "uploaded",
        "url": "https://example.com/image.qcow2",
        "os_distro": "ubuntu",
        "hw_firmware_type": "uefi",
    }
    uploaded = world.make("images", "POST", "/v1/downloadimage/{P}", body)
    world.call("GET", f"/v1/images/{{P}}/{made}", query={"include_prices": "true"})
    world.call("GET", f"/v1/images/{{P}}/{uploaded}")
    world.call("GET", "/v1/images/{P}", query=[("visibility", "private"), ("tag_key", "a")])
    world.call(
        "PATCH", f"/v1/images/{{P}}/{uploaded}", {"name": "uploaded-2", "ssh_key": "required", "tags": {"c": "d"}}
    )
    world.done(world.call("DELETE", f"/v1/images/{{P}}/{made}"))


def instances(world: World) -> None:
    network, subnet = private_network(world, "10.42.0.0/24")
    group = world.call("POST", "/v1/servergroups/{P}", {"name": "apart", "policy": "anti-affinity"})["servergroup_id"]
    world.call("GET", "/v1/servergroups/{P}")
    world.call("GET", f"/v1/servergroups/{{P}}/{group}")
    world.call(
        "POST",
        "/v2/instances/{P}/check_limits",
        {"flavor": a_flavor(world), "volumes": [{"source": "new-volume", "size": 1}]},
    )
    world.call(
        "POST", "/v1/instances/{P}/available_flavors", {"volumes": [{"source": "image", "image_id": an_image(world)}]}
    )
    vm = instance(world, network, subnet)
    world.call("GET", f"/v1/instances/{{P}}/{vm}")
    world.call(
        "GET",
        "/v1/instances/{P}",
        query={"name": "vm-one", "include_k8s": "false", "with_interfaces_name": "true", "with_ddos": "true"},
    )
    world.call("PATCH", f"/v1/instances/{{P}}/{vm}", {"name": "vm-renamed", "tags": {"a": "b"}})
    for action in ("stop", "start", "reboot", "reboot_hard", "suspend", "resume"):
        world.done(world.call("POST", f"/v2/instances/{{P}}/{vm}/action", {"action": action}))
        world.call("GET", f"/v1/instances/{{P}}/{vm}")
    world.call("GET", f"/v1/instances/{{P}}/{vm}/available_flavors", query={"include_prices": "true"})
    other = next(f["flavor_id"] for f in world.exchanges[-1].body["results"] if f["flavor_id"] != a_flavor(world))
    world.done(world.call("POST", f"/v1/instances/{{P}}/{vm}/changeflavor", {"flavor_id": other}))
    world.call("GET", f"/v1/instances/{{P}}/{vm}/get_console", query={"console_type": "novnc"})
    world.call("POST", f"/v1/instances/{{P}}/{vm}/metrics", {"time_interval": 6, "time_unit": "hour"})
    world.call("GET", f"/v1/instances/{{P}}/{vm}/ports")
    world.call("GET", f"/v1/instances/{{P}}/{vm}/securitygroups")

    world.done(
        world.call("POST", f"/v1/instances/{{P}}/{vm}/attach_interface", {"type": "any_subnet", "network_id": network})
    )
    interfaces = world.call("GET", f"/v1/instances/{{P}}/{vm}/interfaces")["results"]
    last = {"port_id": interfaces[-1]["port_id"], "ip_address": interfaces[-1]["ip_assignments"][0]["ip_address"]}
    world.done(world.call("POST", f"/v1/instances/{{P}}/{vm}/detach_interface", last))

    security = world.make("security_groups", "POST", "/v2/security_groups/{P}", {"name": "vm-group"})
    named = {
        "ports_security_group_names": [{"port_id": interfaces[0]["port_id"], "security_group_names": ["vm-group"]}]
    }
    world.call("POST", f"/v1/instances/{{P}}/{vm}/addsecuritygroup", named)
    world.call("GET", f"/v1/securitygroups/{{P}}/{security}/instances")
    world.call("POST", f"/v1/instances/{{P}}/{vm}/delsecuritygroup", {"name": "vm-group"})

    world.done(world.call("POST", f"/v1/instances/{{P}}/{vm}/put_into_servergroup", {"servergroup_id": group}))
    world.call("GET", f"/v1/servergroups/{{P}}/{group}")
    world.done(world.call("POST", f"/v1/instances/{{P}}/{vm}/remove_from_servergroup"))
    world.done(world.call("DELETE", f"/v1/servergroups/{{P}}/{group}"))

    volume = a_volume(world)
    world.done(world.call("POST", f"/v2/volumes/{{P}}/{volume}/attach", {"instance_id": vm, "attachment_tag": "data"}))
    world.call("GET", f"/v1/volumes/{{P}}/{volume}")
    world.done(world.call("POST", f"/v2/volumes/{{P}}/{volume}/detach", {"instance_id": vm}))
    # A locked thing, and one that is on its way out.
    world.call("DELETE", f"/v1/instances/{{P}}/{vm}", query={"volumes": volume})  # Not its volume any longer.
    world.call("DELETE", f"/v1/instances/{{P}}/{vm}")
    world.call("PATCH", f"/v1/instances/{{P}}/{vm}", {"name": "too-late"})
    world.call("GET", f"/v1/instances/{{P}}/{vm}")
    world.call("GET", "/v1/tasks/{P}/active", query={"task_type": "delete_vm", "limit": "100"})
    world.simulator.advance(600)
    # All kinds of disks and interfaces at once.
    body = {
        "name": "many",
        "flavor": a_flavor(world),
        "ssh_key_name": "given-key",
        "volumes": [
            {
                "source": "image",
                "image_id": an_image(world),
                "size": 10,
                "boot_index": 0,
                "name": "boot",
                "tags": {"a": "b"},
            },
            {
                "source": "new-volume",
                "size": 1,
                "type_name": "ssd_hiiops",
                "name": "data",
                "delete_on_termination": True,
            },
        ],
        "interfaces": [
            {"type": "external", "interface_name": "pub", "ip_family": "dual"},
            {
                "type": "subnet",
                "network_id": network,
                "subnet_id": subnet,
                "floating_ip": {"source": "new"},
                "interface_name": "priv",
            },
            {"type": "any_subnet", "network_id": network, "security_groups": [{"id": security}]},
        ],
        "tags": {"env": "test"},
        "user_data": "I2Nsb3VkLWNvbmZpZwo=",
    }
    many = world.make("instances", "POST", "/v2/instances/{P}", body)
    for query in (
        {},
        {"with_interfaces_name": "true"},
        {"available_floating": "true"},
        {"only_with_fixed_external_ip": "true"},
    ):
        world.call("GET", "/v1/instances/{P}", query=query)
    world.call("GET", f"/v1/instances/{{P}}/{many}")
    world.call("GET", f"/v1/instances/{{P}}/{many}/interfaces")
    world.call("GET", f"/v1/instances/{{P}}/{many}/ports")
    world.call("GET", "/v1/volumes/{P}", query={"instance_id": many})
    world.call("GET", f"/v1/networks/{{P}}/{network}/ports")
    world.call("GET", "/v1/floatingips/{P}")
    world.done(world.call("DELETE", f"/v1/instances/{{P}}/{many}", query={"delete_floatings": "true"}))


def ports_and_addresses(world: World) -> None:
    network, subnet = private_network(world, "10.43.0.0/24")
    vm = instance(world, network, subnet)
    port = world.call("GET", f"/v1/instances/{{P}}/{vm}/interfaces")["results"][0]["port_id"]
    world.call(
        "GET", "/v1/ports/{P}", query=[("network_ids", network), ("order_by", "created_at.asc"), ("limit", "10")]
    )
    world.call("GET", "/v1/ports/{P}", query={"attached": "true", "resource_type": "instance", "resource_id": vm})
    world.call("GET", "/v1/ports/{P}", query={"managed_by": "system"})
    world.call("GET", f"/v1/ports/{{P}}/{port}")
    world.done(
        world.call("PATCH", f"/v1/ports/{{P}}/{port}", {"allowed_address_pairs": [{"ip_address": "10.43.0.0/24"}]})
    )
    world.call("GET", f"/v1/ports/{{P}}/{port}")

    router = world.make(
        "routers", "POST", "/v1/routers/{P}", {"name": "out", "external_gateway_info": {"type": "default"}}
    )
    world.call("POST", f"/v1/routers/{{P}}/{router}/attach", {"subnet_id": subnet})
    address = world.make("floatingips", "POST", "/v1/floatingips/{P}", {"port_id": port, "tags": {"env": "test"}})
    world.call("GET", f"/v1/floatingips/{{P}}/{address}")
    world.call("GET", "/v1/floatingips/{P}", query=[("port_ids", port), ("status", "ACTIVE"), ("tag_key", "env")])
    world.done(world.call("PATCH", f"/v2/floatingips/{{P}}/{address}", {"port_id": None, "tags": None}))
    world.done(world.call("PATCH", f"/v2/floatingips/{{P}}/{address}", {"port_id": None}))
    world.call("GET", f"/v1/floatingips/{{P}}/{address}")
    converted = world.done(
        world.call("POST", f"/v1/floatingips/{{P}}/{address}/convert", {"target_type": "reserved_fixed_ip"})
    )
    del converted
    spare = world.make("floatingips", "POST", "/v1/floatingips/{P}", {})
    world.done(world.call("DELETE", f"/v1/floatingips/{{P}}/{spare}"))

    reserved = world.make(
        "ports", "POST", "/v1/reserved_fixed_ips/{P}", {"type": "subnet", "subnet_id": subnet, "is_vip": False}
    )
    outside = world.make("ports", "POST", "/v1/reserved_fixed_ips/{P}", {"type": "external", "ip_family": "ipv4"})
    chosen = {"type": "ip_address", "network_id": network, "ip_address": "10.43.0.77"}
    world.make("ports", "POST", "/v1/reserved_fixed_ips/{P}", chosen)
    world.call("GET", f"/v1/reserved_fixed_ips/{{P}}/{reserved}")
    world.call("GET", "/v1/reserved_fixed_ips/{P}", query={"internal_only": "true", "order_by": "name.asc"})
    world.call("PATCH", f"/v1/reserved_fixed_ips/{{P}}/{reserved}", {"is_vip": True})
    world.call("GET", f"/v1/reserved_fixed_ips/{{P}}/{reserved}/available_devices")
    world.call("PATCH", f"/v1/reserved_fixed_ips/{{P}}/{reserved}/connected_devices", {"port_ids": [port]})
    world.call("GET", f"/v1/reserved_fixed_ips/{{P}}/{reserved}/connected_devices")
    world.call("PUT", f"/v1/reserved_fixed_ips/{{P}}/{reserved}/connected_devices", {"port_ids": []})
    world.call("PATCH", f"/v1/reserved_fixed_ips/{{P}}/{reserved}", {"is_vip": False})
    world.done(world.call("DELETE", f"/v1/reserved_fixed_ips/{{P}}/{reserved}"))
    world.done(world.call("POST", f"/v1/reserved_fixed_ips/{{P}}/{outside}/convert", {"target_type": "floating_ip"}))


def kubernetes(world: World) -> None:
    base = "/v2/k8s/clusters/{P}"
    network, subnet = private_network(world, "10.45.0.0/24")
    group = world.make("security_groups", "POST", "/v2/security_groups/{P}", {"name": "nodes"})
    for query in ({}, {"exclude_gpu": "true", "include_capacity": "true", "include_prices": "true", "limit": "5"}):
        world.call("GET", "/v1/k8s/{P}/flavors", query=query)
    version = world.call("GET", "/v2/k8s/{P}/create_versions")["results"][0]["version"]
    pool = {
        "name": "first",
        "flavor_id": "g2-standard-2-4",
        "min_node_count": 1,
        "max_node_count": 3,
        "boot_volume_size": 50,
        "boot_volume_type": "ssd_hiiops",
        "servergroup_policy": "anti-affinity",
        "auto_healing_enabled": True,
        "is_public_ipv4": True,
        "labels": {"role": "web"},
        "taints": {"only": "web:NoSchedule"},
        "crio_config": {"default-ulimits": "nofile=1024:2048"},
        "kubelet_config": {"podMaxPids": "4096"},
        "security_group_ids": [group],
    }
    checked = {key: pool[key] for key in ("flavor_id", "boot_volume_size", "min_node_count", "servergroup_policy")}
    metal = {"name": "metal", "flavor_id": "bm2-hf-medium", "min_node_count": 1}
    logging = {"enabled": True, "destination_region_id": world.region_id, "topic_name": "my-logs"}
    world.call("POST", f"{base}/check_limits", {"pools": [checked], "logging": logging})
    public = {"pools": [{**checked, "is_public_ipv4": True}], "fixed_network": network}
    world.call("POST", f"{base}/check_limits", public)
    world.call("POST", f"{base}/pools/check_limits", {**checked, "node_count": 2, "name": "first"})
    oidc = {
        "client_id": "kubernetes",
        "issuer_url": "https://accounts.example.com",
        "signing_algs": ["RS256"],
        "required_claims": {"claim": "value"},
    }
    body = {
        "name": "contract",
        "keypair": "given-key",
        "version": version,
        "fixed_network": network,
        "fixed_subnet": subnet,
        "pools": [pool, metal],
        "is_ipv6": True,
        "pods_ip_pool": "172.16.0.0/18",
        "services_ip_pool": "172.24.0.0/18",
        "cni": {"provider": "cilium", "cilium": {"hubble_ui": True, "lb_mode": "dsr"}},
        "csi": {"nfs": {"vast_enabled": True}},
        "authentication": {"oidc": oidc},
        "autoscaler_config": {"scale-down-unneeded-time": "5m"},
        "ddos_profile": {"enabled": True, "profile_template": 29, "fields": [{"base_field": 10, "field_value": [1]}]},
        "logging": {**logging, "retention_policy": {"period": 45}},
    }
    started = world.call("POST", base, body)
    path = f"{base}/contract"
    world.call("GET", path)
    world.call("GET", f"{path}/config")  # Not there yet.
    world.call("DELETE", path)  # Locked.
    world.done(started)
    world.call("POST", base, body)  # There already.
    small = {"name": "small", "keypair": "given-key", "version": version, "pools": [{**pool, "is_public_ipv4": False}]}
    world.call("POST", base, {**small, "version": "v1.28.1"})
    world.call("POST", base, {**small, "keypair": "unknown-key"})
    world.make("k8s_clusters", "POST", base, {**small, "pools": [{**metal, "labels": None, "taints": None}]})
    world.call("GET", f"{base}/small")
    world.call("GET", f"{base}/small/instances")
    world.call("GET", base, query={"limit": "1", "offset": "1"})
    world.call("GET", path)
    world.call("GET", f"{path}/config")
    world.call("GET", f"{path}/certificates")
    nodes = world.call("GET", f"{path}/instances", query={"with_ddos": "true"})["results"]
    world.call("DELETE", f"{path}/instances/{nodes[0]['id']}")
    for query in ({}, {"include_k8s": "false"}, {"include_baremetal": "true"}):
        world.call("GET", "/v1/instances/{P}", query=query)
    world.call("GET", "/v1/servergroups/{P}")

    changes = {
        "authentication": {"oidc": None},
        "autoscaler_config": {"expander": "least-waste,random"},
        "cni": {"provider": "cilium", "cilium": {"encryption": True}},
        "ddos_profile": {"enabled": False},
        "logging": {"enabled": False},
        "add_ons": {"slurm": {"enabled": False}},
    }
    world.done(world.call("PATCH", path, changes))
    world.done(world.call("PATCH", path, changes))
    world.call("PATCH", path, {"cni": {"provider": "calico"}})
    slurm = {"enabled": True, "file_share_id": UNKNOWN, "ssh_key_ids": [UNKNOWN], "worker_count": 1}
    world.call("PATCH", path, {"add_ons": {"slurm": slurm}})
    world.call("GET", path)
    target = world.call("GET", f"{path}/upgrade_versions")["results"][0]["version"]
    world.call("POST", f"{path}/upgrade", {"version": version})
    world.done(world.call("POST", f"{path}/upgrade", {"version": target}))

    world.make("k8s_pools", "POST", f"{path}/pools", {**pool, "name": "second"})
    world.call("GET", f"{path}/pools", query={"limit": "2"})
    change = {
        "auto_healing_enabled": False,
        "labels": {"role": "db"},
        "taints": {},
        "min_node_count": 1,
        "max_node_count": 4,
        "security_group_ids": [],
    }
    world.call("PATCH", f"{path}/pools/second", change)
    world.done(world.call("POST", f"{path}/pools/second/resize", {"node_count": 2}))
    world.call("POST", f"{path}/pools/second/resize", {"node_count": 9})
    nodes = world.call("GET", f"{path}/pools/second/instances")["results"]
    world.call("DELETE", f"{path}/pools/second/instances/{nodes[0]['id']}")
    world.call("GET", f"{path}/pools/second")
    world.call("GET", f"{path}/pools/unknown")
    world.done(world.call("DELETE", f"{path}/pools/second"))
    world.call("DELETE", f"{base}/small/pools/metal")  # The last one.
    volume = a_volume(world)
    world.done(world.call("DELETE", f"{base}/small", query={"volumes": volume}))
    world.call("GET", f"{base}/small")


def load_balancers(world: World) -> None:
    network, subnet = private_network(world, "10.46.0.0/24")
    vm = instance(world, network, subnet)
    balancer, listener, pool = a_balancer(world, network, subnet, vm)
    world.call("GET", "/v1/lbflavors/{P}", query={"include_prices": "true"})
    world.call("GET", "/v1/lbflavors/{P}")
    world.call("GET", "/v1/floatingips/{P}", query={"status": "ACTIVE"})
    query = [("tag_key", "env"), ("name", "balancer"), ("order_by", "flavor.asc"), ("show_stats", "true"),
             ("operating_status", "ONLINE"), ("provisioning_status", "ACTIVE"), ("assigned_floating", "true"),
             ("logging_enabled", "true"), ("with_ddos", "true")]  # fmt: skip
    assert world.call("GET", "/v1/loadbalancers/{P}", query=query)["count"] == 1
    path = f"/v1/loadbalancers/{{P}}/{balancer}"
    world.call("GET", path, query={"show_stats": "true", "with_ddos": "true"})
    world.call("POST", f"{path}/metrics", {"time_interval": 6, "time_unit": "hour"})
    limits = {"vip_network_id": network, "vip_ip_family": "ipv4", "floating_ip": {"source": "new"}, "logging": {}}
    world.call("POST", "/v1/loadbalancers/{P}/check_limits", limits)
    change = {"name": "balancer-2", "admin_state_up": True, "tags": {"env": None, "a": "b"},
              "preferred_connectivity": "L3", "logging": {"enabled": False}}  # fmt: skip
    started = world.call("PATCH", f"/v2/loadbalancers/{{P}}/{balancer}", change)
    for read in (path, f"{path}/status", f"/v1/lblisteners/{{P}}/{listener}", f"/v1/lbpools/{{P}}/{pool}"):
        world.call("GET", read)
    world.call("PATCH", f"/v2/lblisteners/{{P}}/{listener}", {"name": "locked-out"})
    world.done(started)
    world.done(world.call("PATCH", f"/v2/loadbalancers/{{P}}/{balancer}", change))
    world.done(world.call("POST", f"{path}/resize", {"flavor": "lb1-4-8"}))
    world.done(world.call("POST", f"{path}/failover", {"force": True}))
    listeners_and_pools(world, balancer, listener, pool, subnet)
    l7(world, balancer, listener)
    secrets(world, balancer)
    world.call("GET", "/v1/loadbalancers/{P}/status")
    world.done(world.call("DELETE", path))
    reserved = world.make("ports", "POST", "/v1/reserved_fixed_ips/{P}", {"type": "external", "ip_family": "dual"})
    body = {"name": "on-a-reserved-ip", "vip_port_id": reserved}
    balancer = world.make("loadbalancers", "POST", "/v1/loadbalancers/{P}", body)
    world.call("GET", f"/v1/loadbalancers/{{P}}/{balancer}")
    world.call("GET", f"/v1/reserved_fixed_ips/{{P}}/{reserved}")
    world.call("GET", f"/v1/ports/{{P}}/{reserved}")
    world.call("POST", "/v1/loadbalancers/{P}", body)
    world.call("POST", "/v1/loadbalancers/{P}", {**body, "vip_network_id": network})
    world.call("POST", "/v1/loadbalancers/{P}", {"name": "no-such-flavor", "flavor": "lb9"})


def listeners_and_pools(world: World, balancer: str, listener: str, pool: str, subnet: str) -> None:
    world.call("POST", "/v1/lblisteners/{P}", {**a_listener(balancer), "protocol_port": 80})
    bare = world.make("pools", "POST", "/v1/lbpools/{P}", {**a_pool(), "load_balancer_id": balancer})
    body = {**a_listener(balancer), "default_pool_id": bare, "insert_x_forwarded": True, "connection_limit": -1,
            "allowed_cidrs": ["10.0.0.0/8", "fd00::/8"], "secret_id": "", "sni_secret_id": [],
            "timeout_client_data": 1000, "user_list": [{"username": "admin", "encrypted_password": "$5$x$y"}]}  # fmt: skip
    second = world.make("listeners", "POST", "/v1/lblisteners/{P}", body)
    query = {"load_balancer_id": balancer, "name": "listener", "show_stats": "true"}
    world.call("GET", "/v1/lblisteners/{P}", query=query)
    world.call("GET", f"/v1/lblisteners/{{P}}/{second}", query={"show_stats": "true"})
    change = {"name": "listener-2", "admin_state_up": False, "allowed_cidrs": None, "connection_limit": 500,
              "user_list": [], "sni_secret_id": None, "secret_id": None, "timeout_client_data": None}  # fmt: skip
    world.done(world.call("PATCH", f"/v2/lblisteners/{{P}}/{second}", change))
    world.done(world.call("PATCH", f"/v2/lblisteners/{{P}}/{second}", change))

    path = f"/v1/lbpools/{{P}}/{pool}"
    world.call("GET", path)
    world.call("GET", "/v1/lbpools/{P}", query={"load_balancer_id": balancer, "details": "true"})
    world.call("GET", "/v1/lbpools/{P}", query={"listener_id": listener, "name": "pool"})
    world.call("PATCH", f"/v2/lbpools/{{P}}/{pool}", {"healthmonitor": {**a_monitor(), "type": "TCP"}})
    world.call("DELETE", f"{path}/healthmonitor")
    world.make("healthmonitors", "POST", f"{path}/healthmonitor", a_monitor())
    world.call("POST", f"{path}/healthmonitor", a_monitor())
    member = {"address": "10.46.0.77", "protocol_port": 8080, "subnet_id": subnet, "weight": 2, "backup": True,
              "monitor_address": "10.46.0.78", "monitor_port": 8081, "admin_state_up": False}  # fmt: skip
    members = f"/v1/loadbalancers/{{P}}/pools/{pool}/members"
    made = world.make("members", "POST", members, member)
    world.call("POST", members, member)
    world.call("GET", path)
    world.call("GET", members, query={"order_by": "address.desc", "limit": "1"})
    world.call("GET", f"{members}/{made}")
    world.done(world.call("PATCH", f"{members}/{made}", {"weight": 3, "backup": False, "monitor_address": None}))
    world.done(world.call("PATCH", f"{members}/{made}", {"weight": 3}))
    world.done(world.call("PUT", members, [member, {**member, "protocol_port": 8082, "weight": 5}]))
    world.done(world.call("PUT", members, [member, {**member, "protocol_port": 8082, "weight": 5}]))
    change = {"name": "pool-2", "lb_algorithm": "SOURCE_IP", "protocol": "HTTP", "admin_state_up": True,
              "session_persistence": {"type": "APP_COOKIE", "cookie_name": "session"},
              "healthmonitor": {**a_monitor(), "delay": 20}, "timeout_member_data": 1000}  # fmt: skip
    world.done(world.call("PATCH", f"/v2/lbpools/{{P}}/{pool}", change))
    world.call("GET", path)
    world.done(world.call("PATCH", f"/v2/lbpools/{{P}}/{pool}", change))
    world.done(world.call("PATCH", f"/v2/lbpools/{{P}}/{pool}", {"session_persistence": None}))
    world.done(world.call("DELETE", f"{members}/{made}"))
    world.done(world.call("DELETE", f"/v1/lblisteners/{{P}}/{second}"))
    world.done(world.call("DELETE", f"/v1/lbpools/{{P}}/{bare}"))


PEM = {
    "certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "certificate_chain": "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n",
    "private_key": "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n",
}


def secrets(world: World, balancer: str) -> None:
    body = {"name": "certificate", "payload": PEM, "expiration": "2030-01-01T12:00:00+00:00"}
    secret = world.make("secrets", "POST", "/v2/secrets/{P}", body)
    world.call("GET", "/v1/secrets/{P}", query={"limit": "5", "offset": "0"})
    world.call("GET", f"/v1/secrets/{{P}}/{secret}")
    tls = {**a_listener(balancer), "protocol": "TERMINATED_HTTPS", "protocol_port": 8443, "secret_id": secret}
    listener = world.make("listeners", "POST", "/v1/lblisteners/{P}", tls)
    world.call("DELETE", f"/v1/secrets/{{P}}/{secret}")
    world.done(world.call("DELETE", f"/v1/lblisteners/{{P}}/{listener}"))
    world.done(world.call("DELETE", f"/v1/secrets/{{P}}/{secret}"))


def snapshot_schedules(world: World) -> None:
    volume = a_volume(world)
    cron = {"type": "cron", "minute": "0", "hour": "0,12", "day": "*", "month": "*", "week": "*", "day_of_week": "mon,tue",
            "timezone": "Europe/Luxembourg", "max_quantity": 3, "resource_name_template": "snap {volume_id}",
            "retention_time": {"weeks": 1, "days": 2, "hours": 3, "minutes": 4}}  # fmt: skip
    interval = {"type": "interval", "weeks": 0, "days": 1, "hours": 2, "minutes": 3, "max_quantity": 4,
                "retention_time": {"days": 7}, "resource_name_template": "snap"}  # fmt: skip
    body = {"name": "nightly", "action": "volume_snapshot", "status": "paused", "volume_ids": [volume],
            "schedules": [cron, interval]}  # fmt: skip
    world.call("POST", "/v1/lifecycle_policy/{P}/estimate_max_policy_usage", body)
    policy = world.call("POST", "/v1/lifecycle_policy/{P}", body)
    path = f"/v1/lifecycle_policy/{{P}}/{policy['id']}"
    world.call("GET", "/v1/lifecycle_policy/{P}")
    world.call("PATCH", path, {"name": "nightly-2", "status": "active"})
    for schedule, changes in zip(policy["schedules"], (cron, interval)):
        world.call("GET", f"/v1/schedule/{{P}}/{schedule['id']}")
        world.call("PATCH", f"/v1/schedule/{{P}}/{schedule['id']}", changes)
    world.call("POST", f"{path}/add_schedules", {"schedules": [{"type": "interval", "days": 1}]})
    world.call("POST", f"{path}/remove_schedules", {"schedule_ids": [policy["schedules"][0]["id"]]})
    world.call("PUT", f"{path}/remove_volumes_from_policy", {"volume_ids": [volume]})
    world.call("PUT", f"{path}/add_volumes_to_policy", {"volume_ids": [volume]})
    world.call("GET", path)
    world.call("DELETE", path)


def l7(world: World, balancer: str, listener: str) -> None:
    pool = world.make("pools", "POST", "/v1/lbpools/{P}", {**a_pool(), "load_balancer_id": balancer})
    actions = (
        {"action": "REDIRECT_TO_URL", "redirect_url": "https://example.com", "redirect_http_code": 301},
        {"action": "REDIRECT_PREFIX", "redirect_prefix": "https://example.com/"},
        {"action": "REDIRECT_TO_POOL", "redirect_pool_id": pool},
        {"action": "REJECT", "name": "reject", "position": 1, "tags": ["a"]},
    )
    for action in actions:
        policy = world.make("l7polices", "POST", "/v1/l7policies/{P}", {**action, "listener_id": listener})
        world.call("GET", f"/v1/l7policies/{{P}}/{policy}")
        world.done(world.call("PATCH", f"/v1/l7policies/{{P}}/{policy}", {**action, "name": "changed"}))
        world.done(world.call("PATCH", f"/v1/l7policies/{{P}}/{policy}", action))
    path = f"/v1/l7policies/{{P}}/{policy}/rules"
    body = {"type": "HEADER", "key": "X-Test", "compare_type": "EQUAL_TO", "value": "1", "invert": True, "tags": ["b"]}
    rule = world.make("l7rules", "POST", path, body)
    world.call("GET", path)
    world.call("GET", f"{path}/{rule}")
    world.call("GET", "/v1/l7policies/{P}", query={"limit": "10", "offset": "0"})
    world.done(world.call("PUT", f"{path}/{rule}", {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"}))
    world.call("GET", f"{path}/{rule}")
    world.done(world.call("DELETE", f"{path}/{rule}"))
    world.done(world.call("DELETE", f"/v1/l7policies/{{P}}/{policy}"))
    world.call("DELETE", f"/v1/lbpools/{{P}}/{pool}")


def tasks(world: World) -> None:
    query = [
        ("project_id", str(world.project_id)),
        ("region_id", str(world.region_id)),
        ("state", "FINISHED"),
        ("state", "ERROR"),
        ("limit", "1000"),
    ]
    finished = world.call("GET", "/v1/tasks", query=query)["results"]
    world.call("GET", "/v1/tasks", query={"task_type": "create_volume", "is_acknowledged": "false", "order_by": "asc"})
    world.call("POST", f"/v1/tasks/{finished[0]['id']}/acknowledge")
    world.call("POST", "/v1/tasks/acknowledge_all", query={"project_id": world.project_id})
    world.call("GET", f"/v1/tasks/{finished[-1]['id']}")
    world.call("GET", "/v1/tasks/{P}/active")


def errors(world: World) -> None:
    """Refusals of each kind: their bodies have the shape of A4."""
    world.call("GET", f"/v1/volumes/{{P}}/{UNKNOWN}")
    world.call("GET", "/v1/volumes/{project_id}/999999")
    world.call("GET", "/v1/volumes/999999/{region_id}")
    world.call("GET", f"/v1/tasks/{UNKNOWN}")
    world.client.get(world.path("/v1/volumes/{P}"), headers={"Authorization": "APIKey wrong"})
    network = private_network(world, "10.44.0.0/24")[0]
    world.call("DELETE", f"/v1/networks/{{P}}/{network}")
    world.call("PATCH", f"/v1/networks/{{P}}/{UNKNOWN}", {"name": "deprecated-way"})


# --- Prerequisites ---


def private_network(world: World, cidr: str = "10.40.0.0/24", tags: dict[str, str] | None = None) -> tuple[str, str]:
    network = world.make(
        "networks", "POST", "/v1/networks/{P}", {"name": "private", "create_router": False, "tags": tags or {}}
    )
    body = {"name": "private", "network_id": network, "cidr": cidr, "tags": tags or {}}
    return network, world.make("subnets", "POST", "/v1/subnets/{P}", body)


def a_volume(world: World, **more: Any) -> str:
    return world.make("volumes", "POST", "/v1/volumes/{P}", {"source": "new-volume", "name": "data", "size": 2, **more})


def a_boot_volume(world: World) -> str:
    body = {"source": "image", "name": "boot", "size": 10, "image_id": an_image(world)}
    return world.make("volumes", "POST", "/v1/volumes/{P}", body)


def an_image(world: World) -> str:
    return str(world.call("GET", "/v1/images/{P}", query={"os_distro": "ubuntu"})["results"][0]["id"])


def a_flavor(world: World) -> str:
    return str(world.call("GET", "/v1/flavors/{P}")["results"][0]["flavor_id"])


def a_listener(balancer: str) -> dict[str, Any]:
    return {"name": "listener", "load_balancer_id": balancer, "protocol": "HTTP", "protocol_port": 8080}


def a_pool() -> dict[str, Any]:
    return {"name": "pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}


def a_monitor() -> dict[str, Any]:
    return {"type": "HTTP", "delay": 10, "timeout": 5, "max_retries": 3, "max_retries_down": 4, "http_method": "HEAD",
            "url_path": "/health", "expected_codes": "200-204", "domain_name": "example.com", "http_version": "1.1",
            "admin_state_up": True}  # fmt: skip


def a_balancer(world: World, network: str, subnet: str, vm: str) -> tuple[str, str, str]:
    """A load balancer with all that can be nested: its id, and those of a listener and of its pool."""
    address = world.call("GET", f"/v1/instances/{{P}}/{vm}/interfaces")["results"][0]["ip_assignments"][0]["ip_address"]
    members = [
        {"address": address, "protocol_port": 80, "instance_id": vm},
        {"address": "10.46.0.66", "protocol_port": 80, "subnet_id": subnet, "weight": 5},
    ]
    listeners = [
        {
            "name": "web",
            "protocol": "HTTP",
            "protocol_port": 80,
            "pools": [{**a_pool(), "members": members, "healthmonitor": a_monitor()}],
        },
        {"name": "dns", "protocol": "UDP", "protocol_port": 80, "allowed_cidrs": ["10.0.0.0/8"]},
    ]
    body = {
        "name": "balancer",
        "flavor": "lb1-2-4",
        "vip_network_id": network,
        "vip_subnet_id": subnet,
        "vip_ip_family": "ipv4",
        "floating_ip": {"source": "new"},
        "listeners": listeners,
        "logging": {
            "enabled": True,
            "topic_name": "logs",
            "destination_region_id": world.region_id,
            "retention_policy": {"period": 30},
        },
        "preferred_connectivity": "L2",
        "tags": {"env": "test"},
    }
    started = world.call("POST", "/v1/loadbalancers/{P}", body)
    for path in ("/v1/loadbalancers/{P}", "/v1/loadbalancers/{P}/status", "/v1/lblisteners/{P}", "/v1/lbpools/{P}"):
        world.call("GET", path)
    made = world.done(started)["created_resources"]
    return made["loadbalancers"][0], made["listeners"][0], made["pools"][0]


def instance(world: World, network: str, subnet: str) -> str:
    body = {
        "name": "vm-one",
        "flavor": a_flavor(world),
        "volumes": [{"source": "image", "image_id": an_image(world), "size": 10, "boot_index": 0}],
        "interfaces": [{"type": "subnet", "network_id": network, "subnet_id": subnet}],
    }
    return world.make("instances", "POST", "/v2/instances/{P}", body)
