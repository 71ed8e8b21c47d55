# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Virtual machines (docs/api-notes.md: Instances)."""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from ..core import addresses, errors, metrics, quotas
from ..core.clock import parse_time
from ..core.models import Body
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes, ordered, patched_tags
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from ..core.tasks import Task
from . import (
    apptemplates,
    flavors,
    floatingips,
    images,
    networks,
    ports,
    regions,
    reserved_fixed_ips,
    securitygroups,
    servergroups,
    subnets,
    volumes,
)

routes = Routes()

# --- objects -------------------------------------------------------------------------------------------------------


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str,
         flavor: str = "g1-standard-1-2", status: str = "ACTIVE", vm_state: str = "active",
         ssh_key_name: str | None = None, tags: dict[str, str] | None = None) -> Record:  # fmt: skip
    """An instance, without volumes and ports."""
    data: dict[str, Any] = {
        "name": name,
        "flavor": flavor,
        "status": status,
        "vm_state": vm_state,
        "task_state": None,
        "ssh_key_name": ssh_key_name,
        "volumes": [],
        "port_ids": [],  # of all ports it ever had, in the order of attachment
        "k8s_pool_id": None,
        "is_baremetal": False,
    }
    return new_record(sim, "instance", project_id, region_id, data, tags=tags)


def ports_of(sim: Simulator, record: Record) -> list[Record]:
    """The instance's ports in the order of their attachment."""
    found = [sim.store.get("port", ident) for ident in dict.fromkeys(record["port_ids"])]
    return [port for port in found if port and port["owner_id"] == record.id and port.visible]


def floatings_of(sim: Simulator, record: Record) -> list[Record]:
    """The floating IPs on the instance's ports."""
    return [item for port in ports_of(sim, record) for item in floatingips.on_port(sim, port)]


def _every_ip(sim: Simulator, record: Record) -> list[str]:
    """All addresses, floating ones too."""
    fixed = [ip for port in ports_of(sim, record) for ip in ports.ips(port)]
    return fixed + [item["floating_ip_address"] for item in floatings_of(sim, record)]


def group_names(sim: Simulator, record: Record) -> list[str]:
    """The names of the groups on any of the ports."""
    names = []
    for port in ports_of(sim, record):
        for ident in port["security_group_ids"]:
            group = sim.store.get("security_group", ident)
            if group and group["name"] not in names:
                names.append(group["name"])
    return names


def _addresses(sim: Simulator, record: Record, *, detail: bool, interface_names: bool) -> dict[str, Any]:
    """By network name; subnets in the response of GET by id only, interface names on request (C1)."""
    shown: dict[str, list[dict[str, Any]]] = {}
    for port in ports_of(sim, record):
        network = sim.store.get("network", port["network_id"])
        rows = shown.setdefault(network["name"] if network else "", [])
        for item in port["ip_assignments"]:
            row = {
                "addr": item["ip_address"],
                "type": "fixed",
                "interface_name": port["interface_name"] if detail or interface_names else None,
            }
            if detail:
                subnet = sim.store.get("subnet", item["subnet_id"])
                row.update(subnet_id=item["subnet_id"], subnet_name=subnet["name"] if subnet else "")
            rows.append(row)
        rows += [{"addr": item["floating_ip_address"], "type": "floating"} for item in floatingips.on_port(sim, port)]
    return shown


def view(sim: Simulator, record: Record, *, detail: bool = True, interface_names: bool = False) -> dict[str, Any]:
    """An instance as the API shows it."""
    key = f"{record.region_id}/{record['flavor']}"
    flavor = sim.store.get("k8s_flavor" if record["is_baremetal"] else "flavor", key)
    shown = common_view(sim, record)
    del shown["updated_at"]
    assignments = [
        {
            "external": reserved_fixed_ips.is_external(sim, port),
            "ip_address": item["ip_address"],
            "subnet_id": item["subnet_id"],
        }
        for port in ports_of(sim, record)
        for item in port["ip_assignments"]
    ]
    return {
        **shown,
        "name": record["name"],
        "status": record["status"],
        "vm_state": record["vm_state"],
        "task_state": record["task_state"],
        "flavor": flavors.short_view(flavor) if flavor else None,
        "addresses": _addresses(sim, record, detail=detail, interface_names=interface_names),
        "fixed_ip_assignments": assignments,
        "security_groups": [{"name": name} for name in group_names(sim, record)],
        "ssh_key_name": record["ssh_key_name"],
        "volumes": [dict(item) for item in record["volumes"]],
        "tags": record.tag_list(),
        "blackhole_ports": [],
        "ddos_profile": None,
        "instance_description": None,
        "instance_isolation": None,
    }


def interface_view(sim: Simulator, port: Record) -> dict[str, Any]:
    """An interface as the API shows it (C2)."""
    network = sim.store.get("network", port["network_id"])
    details: dict[str, Any] = {}
    if network:
        found = addresses.subnets_of(sim, network)
        details = {**sim.show(network), "subnets": [sim.show(item) for item in found]}
    return {
        "port_id": port.id,
        "mac_address": port["mac_address"],
        "network_id": port["network_id"],
        "network_details": details,
        "ip_assignments": [dict(item) for item in port["ip_assignments"]],
        "floatingip_details": [sim.show(item) for item in floatingips.on_port(sim, port)],
        "allowed_address_pairs": port["allowed_address_pairs"],
        "port_security_enabled": port["port_security_enabled"],
        "interface_name": port["interface_name"],
    }


def _takes_floating(sim: Simulator, port: Record) -> bool:
    """Whether a floating IP can be put on the port: a private one without any."""
    return not reserved_fixed_ips.is_external(sim, port) and not floatingips.on_port(sim, port)


# --- reading -------------------------------------------------------------------------------------------------------


@routes("GET", "/v1/instances/{P}")
def list_instances(call: Call) -> Any:
    query = call.query
    sim = call.sim
    pairs = {} if query.tag_key_value is None else json.loads(query.tag_key_value)

    def external(record: Record) -> bool:
        return any(reserved_fixed_ips.is_external(sim, port) for port in ports_of(sim, record))

    def passes(record: Record) -> bool:
        values = {**record.tags, **record.read_only_tags}.values()
        return (
            (query.include_k8s or record["k8s_pool_id"] is None)
            and (query.include_baremetal or not record["is_baremetal"])
            and (query.name is None or query.name in record["name"])
            and (query.uuid is None or query.uuid in str(record.id))
            and (query.status is None or record["status"] == query.status)
            and (query.flavor_id is None or record["flavor"] == query.flavor_id)
            and (query.flavor_prefix is None or record["flavor"].startswith(query.flavor_prefix))
            and (query.exclude_flavor_prefix is None or not record["flavor"].startswith(query.exclude_flavor_prefix))
            and (query.exclude_secgroup is None or query.exclude_secgroup not in group_names(sim, record))
            and (query.ip is None or any(query.ip in ip for ip in _every_ip(sim, record)))
            and (not query.available_floating or any(_takes_floating(sim, port) for port in ports_of(sim, record)))
            and (not query.only_with_fixed_external_ip or external(record))
            and not query.only_isolated
            and (query.changes_since is None or record.updated >= parse_time(query.changes_since.isoformat()))
            and (query.changes_before is None or record.updated <= parse_time(query.changes_before.isoformat()))
            and record.has_tags([], pairs)
            and all(value in values for value in query.tag_value or ())
        )

    fields = {
        "created": lambda record: record.created,
        "name": lambda record: record["name"],
        "status": lambda record: record["status"],
    }
    records = ordered([record for record in call.records("instance") if passes(record)], query.order_by, fields)
    return call.listing(records, detail=False, interface_names=query.with_interfaces_name)


@routes("GET", "/v1/instances/{P}/{instance_id}")
def get_instance(call: Call) -> Any:
    return call.show(call.get("instance"))


def _instance(call: Call) -> Record:
    return call.target("instance", "instance_id")


@routes("GET", "/v1/instances/{P}/{instance_id}/interfaces")
def list_interfaces(call: Call) -> Any:
    found = call.sim.shuffled(ports_of(call.sim, _instance(call)))
    return call.page(found, lambda port: interface_view(call.sim, port))


def _groups_of(sim: Simulator, port: Record) -> list[dict[str, Any]]:
    found = [sim.store.get("security_group", ident) for ident in port["security_group_ids"]]
    return [{"id": group.id, "name": group["name"]} for group in found if group]


@routes("GET", "/v1/instances/{P}/{instance_id}/ports")
def list_ports(call: Call) -> Any:
    return call.page(
        call.sim.shuffled(ports_of(call.sim, _instance(call))),
        lambda port: {
            "id": port.id,
            "name": port["interface_name"] or f"port for {_instance(call)['name']}",
            "security_groups": _groups_of(call.sim, port),
        },
    )


@routes("GET", "/v1/instances/{P}/{instance_id}/securitygroups")
def list_groups(call: Call) -> Any:
    found = {row["id"]: row for port in ports_of(call.sim, _instance(call)) for row in _groups_of(call.sim, port)}
    return call.page(list(found.values()), lambda row: row)


@routes("GET", "/v1/instances/{P}/{instance_id}/available_flavors")
def flavors_for_resize(call: Call) -> Any:
    record = _instance(call)
    current = call.sim.store.get("flavor", f"{call.region_id}/{record['flavor']}")
    found = [
        item
        for item in flavors.in_region(call.sim, call.region_id)
        if item is not current and not item["disabled"] and (not current or item["os_type"] == current["os_type"])
    ]
    return call.listing(found, include_prices=call.query.include_prices)


@routes("POST", "/v1/instances/{P}/available_flavors")
def flavors_for_volumes(call: Call) -> Any:
    """A read: the flavors that have enough memory for the images, of their system."""
    os_type, min_ram = "linux", 0
    for volume in call.body.volumes:
        if volume.image_id:
            image = images.referred(call, volume.image_id)
            os_type, min_ram = image["os_type"], max(min_ram, image["min_ram"])
    found = [
        item
        for item in flavors.in_region(call.sim, call.region_id)
        if not item["disabled"] and item["os_type"] == os_type and item["ram"] >= min_ram
    ]
    return call.listing(found, include_prices=call.query.include_prices)


@routes("GET", "/v1/instances/{P}/{instance_id}/get_console")
def get_console(call: Call) -> Any:
    record = _instance(call)
    call.free(record)
    if record["status"] != "ACTIVE":
        raise errors.invalid("instance_id", f"Instance {record.id} is {record['status']}")
    url = f"https://console.example.com/vnc_auto.html?path=token%3D{uuid.uuid4()}"
    return {"remote_console": {"protocol": "vnc", "type": call.query.console_type or "novnc", "url": url}}


@routes("POST", "/v1/instances/{P}/{instance_id}/metrics")
def get_metrics(call: Call) -> Any:
    """A read: even figures."""
    record = _instance(call)
    disk = {"disk_Bps_read": 0.0, "disk_Bps_write": 4096.0, "disk_iops_read": 0.0, "disk_iops_write": 1.0}
    disks = [{**disk, "disk_name": f"vd{chr(ord('a') + number)}"} for number in range(len(record["volumes"]))]

    def row(time: str) -> dict[str, Any]:
        return {
            "time": time,
            "cpu_util": 5.0,
            "memory_util": 30.0,
            "network_Bps_egress": 100.0,
            "network_Bps_ingress": 100.0,
            "network_pps_egress": 1.0,
            "network_pps_ingress": 1.0,
            "disks": disks,
        }

    return call.page(metrics.times(call), row)


@routes("POST", "/v2/instances/{P}/check_limits")
def check_limits(call: Call) -> Any:
    """A read: what does not fit, or nothing (C45)."""
    body = call.body
    number = max(len(body.names or body.name_templates or []), 1)
    requested = {"vm_count": number}
    if body.has("flavor"):
        flavor = call.sim.store.get("flavor", f"{call.region_id}/{body.flavor}")
        if flavor is None:
            raise errors.not_found("Flavor", body.flavor)
        requested.update(cpu_count=number * flavor["vcpus"], ram=number * flavor["ram"])
    new = [item for item in body.volumes or [] if item.source != "existing-volume"]
    requested["volume_count"] = number * len(new)
    requested["volume_size"] = number * sum(item.size or 0 for item in new)
    interfaces = body.interfaces or []
    requested["floating_count"] = number * sum(
        1 for item in interfaces if item.has("floating_ip") and item.floating_ip.source == "new"
    )
    requested["external_ip_count"] = number * sum(1 for item in interfaces if item.type == "external")
    found: dict[str, int] = {}
    for name, (limit, usage, amount) in quotas.exceeded(call.sim, call.region_id, requested).items():
        found.update({f"{name}_limit": limit, f"{name}_usage": usage, f"{name}_requested": amount})
    return found


# --- creation ------------------------------------------------------------------------------------------------------


@dataclass
class _PlannedDisk:
    """A disk of a new instance: an existing volume, or how a new one is created."""

    request: Any
    existing: Record | None = None
    new: dict[str, Any] = field(default_factory=dict)
    bootable: bool = False
    boot: bool = False


def _plan_disks(call: Call, body: Body) -> list[_PlannedDisk]:
    """Check the volumes; find the one to boot from (C1)."""
    plans = []
    for number, item in enumerate(body.volumes):
        where = f"volumes.{number}"
        plan = _PlannedDisk(item)
        if item.source == "existing-volume":
            volume = call.get("volume", item.volume_id)
            call.free(volume)
            if volume["status"] != "available":
                raise errors.conflict(f"Volume {volume.id} must be available, not {volume['status']}")
            plan.existing, plan.bootable = volume, volume["bootable"]
        elif item.source == "new-volume":
            plan.new = {"size": item.size, "volume_type": item.type_name}
        elif item.source == "snapshot":
            snapshot = call.get("snapshot", item.snapshot_id)
            origin = call.get("volume", snapshot["volume_id"])
            if item.size < snapshot["size"]:
                raise errors.invalid(f"{where}.size", f"Size must be at least the snapshot's, {snapshot['size']}")
            plan.bootable = origin["bootable"]
            plan.new = {
                "size": item.size,
                "volume_type": item.type_name or origin["volume_type"],
                "bootable": origin["bootable"],
                "image_metadata": origin["volume_image_metadata"],
            }
        else:
            plan.bootable = True
            image, smallest = _image_of(call, item)
            if not item.has("size"):
                raise errors.invalid(f"{where}.size", "Field required")
            if item.size < smallest:
                raise errors.invalid(f"{where}.size", f"Size must be at least {smallest} GiB")
            plan.new = {"size": item.size, "volume_type": item.type_name, "image": image}
        plans.append(plan)
    _choose_boot_disk(plans)
    return plans


def _image_of(call: Call, item: Any) -> tuple[Record, int]:
    """The image of a disk and the least size."""
    if item.source == "image":
        image = images.ready(call, item.image_id)
        return image, image["min_disk"]
    template = apptemplates.referred(call, item.apptemplate_id)
    image = next(record for record in images.usable(call) if record["name"] == template["image_name"])
    return image, template["min_disk"]


def _choose_boot_disk(plans: list[_PlannedDisk]) -> None:
    """``boot_index`` 0; if none says so, the only bootable disk that says nothing."""
    indexes = [plan.request.boot_index for plan in plans if getattr(plan.request, "boot_index", None) is not None]
    if len({index for index in indexes if index >= 0}) != len([index for index in indexes if index >= 0]):
        raise errors.invalid("volumes", "boot_index values must be unique")
    chosen = [plan for plan in plans if getattr(plan.request, "boot_index", None) == 0]
    if not chosen:
        chosen = [plan for plan in plans if plan.bootable and getattr(plan.request, "boot_index", None) is None][:1]
    if not chosen or not chosen[0].bootable:
        raise errors.invalid("volumes", "One bootable volume must have boot_index 0")
    chosen[0].boot = True


@dataclass
class _PlannedPort:
    """An interface to be: a reserved port, or where a new one gets its addresses."""

    interface_name: str | None
    groups: list[str]
    reserved: Record | None = None
    network: Record | None = None
    subnet: Record | None = None
    ip_address: str | None = None
    family: str | None = None
    floating: Any = None
    existing_floating: Record | None = None

    @property
    def floating_source(self) -> str | None:
        """Whether its floating IP is ``new`` or ``existing``; None without one."""
        return self.floating.source if self.floating else None


def _groups(call: Call, refs: list[Body] | None) -> list[str]:
    """The groups of an interface; without any it is the project's default group (C1)."""
    found = [str(call.get("security_group", ref.id).id) for ref in refs or []]
    return found or [str(securitygroups.default_of(*call.scope).id)]


def _plan_port(call: Call, item: Any, groups: list[Body] | None) -> _PlannedPort:
    """Check an interface (C1, C2)."""
    plan = _PlannedPort(item.interface_name, _groups(call, groups))
    if item.type == "external":
        external = regions.external_network_id(call.region_id or 0)
        plan.network, plan.family = networks.referred(call, external), item.ip_family
    elif item.type == "subnet":
        plan.subnet = subnets.referred(call, item.subnet_id)
        plan.network = networks.referred(call, plan.subnet["network_id"])
        if getattr(item, "network_id", plan.network.id) != plan.network.id:
            raise errors.invalid("interfaces", f"Subnet {item.subnet_id} is not of network {item.network_id}")
    elif item.type == "any_subnet":
        plan.network, plan.family = networks.referred(call, item.network_id), item.ip_family
        plan.ip_address = getattr(item, "ip_address", None)
    else:
        plan.reserved = call.get("port", item.port_id)
        if not call.sim.store.get("reserved_fixed_ip", plan.reserved.id):
            raise errors.not_found("Reserved fixed IP", item.port_id)
        call.free(plan.reserved)
        if plan.reserved["owner_type"] is not None:
            raise errors.conflict(f"Reserved fixed IP {item.port_id} is attached")
    if plan.network and not addresses.subnets_of(call.sim, plan.network):
        raise errors.invalid("interfaces", f"Network {plan.network.id} has no subnets")
    plan.floating = getattr(item, "floating_ip", None)
    if plan.floating_source == "existing":
        plan.existing_floating = call.get("floatingip", plan.floating.existing_floating_id)
        call.free(plan.existing_floating)
        if plan.existing_floating["port_id"] is not None:
            raise errors.conflict(f"Floating IP {plan.existing_floating.id} is assigned to a port")
    return plan


def _make_port(call: Call, plan: _PlannedPort, instance: Record) -> Record:
    """The port of an interface, hidden until the task ends; a reserved one is taken at once."""
    sim = call.sim
    if plan.reserved is not None:
        plan.reserved.data.update(
            owner_type="instance", owner_id=instance.id, interface_name=plan.interface_name,
            security_group_ids=plan.groups,
        )  # fmt: skip
        earlier = [ident for ident in instance["port_ids"] if ident != plan.reserved.id]
        instance["port_ids"] = [*earlier, plan.reserved.id]
        return plan.reserved
    assert plan.network is not None
    if plan.subnet is not None:
        assignments = [addresses.take(plan.subnet)]
    elif plan.ip_address is not None:
        assignments = [reserved_fixed_ips.take_in_network(call, plan.network, plan.ip_address)]
    else:
        assignments = addresses.allocate(sim, plan.network, plan.family)
    port = ports.make(
        sim, instance.project_id, instance.region_id, network_id=str(plan.network.id), ip_assignments=assignments,
        owner_type="instance", owner_id=str(instance.id), security_group_ids=plan.groups,
        interface_name=plan.interface_name, system_tags=instance.read_only_tags,
    )  # fmt: skip
    port.visible = False
    return port


def _release(port: Record) -> None:
    """A reserved port without its instance."""
    port.data.update(owner_type=None, owner_id=None, interface_name=None, security_group_ids=[])


def _check_access(call: Call, body: Body, disks: list[_PlannedDisk]) -> None:
    """Names, keys, passwords, user data (C1)."""
    if body.has("name") and body.has("name_template"):
        raise errors.invalid("name_template", "Cannot be combined with name")
    if body.ssh_key_name is not None:
        keys = [record["name"] for record in call.sim.store.all("ssh_key") if record.project_id == call.project_id]
        if body.ssh_key_name not in keys:
            raise errors.not_found("SSH key", body.ssh_key_name)
    boot = next(plan for plan in disks if plan.boot)
    image = boot.new.get("image")
    if image and image["os_type"] == "windows" and body.has("username"):
        raise errors.invalid("username", "Cannot be specified for Windows")
    if body.has("password"):
        rules = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
        if not 8 <= len(body.password) <= 16 or not all(re.search(rule, body.password) for rule in rules):
            raise errors.invalid("password", "8 to 16 characters with lower and upper case, a digit and a special one")
    if body.has("user_data"):
        try:
            base64.b64decode(body.user_data, validate=True)
        except (binascii.Error, ValueError):
            raise errors.invalid("user_data", "Input should be valid base64") from None


def _named(body: Body, instance: Record, made: list[Record]) -> str:
    """The name, out of the template and the first address if there is one (A6)."""
    if body.has("name"):
        return body.name
    if not body.has("name_template"):
        return f"instance-{str(instance.id)[:8]}"
    octets = next((ip for port in made for ip in ports.ips(port) if "." in ip), "0.0.0.0").split(".")
    name = body.name_template.replace("{ip_octets}", "-".join(octets[1:]))
    return name.replace("{two_ip_octets}", "-".join(octets[2:])).replace("{one_ip_octet}", octets[3])


@routes("POST", "/v2/instances/{P}")
def create_instance(call: Call) -> Any:
    body = call.body
    sim = call.sim
    flavor = flavors.referred(call, body.flavor)
    disks = _plan_disks(call, body)
    _check_access(call, body, disks)
    shared_groups = body.security_groups or []
    if shared_groups and any(item.security_groups for item in body.interfaces):
        raise errors.invalid("security_groups", "Cannot be combined with those of the interfaces")
    plans = [_plan_port(call, item, item.security_groups or shared_groups) for item in body.interfaces]
    group = call.get("servergroup", body.servergroup_id) if body.has("servergroup_id") else None
    new_disks = [plan for plan in disks if plan.existing is None]
    new_floatings = sum(1 for plan in plans if plan.floating_source == "new")
    call.claim(
        vm_count=1,
        cpu_count=flavor["vcpus"],
        ram=flavor["ram"],
        volume_count=len(new_disks),
        volume_size=sum(plan.new["size"] for plan in new_disks),
        floating_count=new_floatings,
        external_ip_count=sum(1 for item in body.interfaces if item.type == "external"),
    )
    image = next(plan for plan in disks if plan.boot).new.get("image")
    record = make(
        *call.scope, name="", flavor=flavor["name"], status="BUILD", vm_state="building",
        ssh_key_name=body.ssh_key_name, tags=body.tags,
    )  # fmt: skip
    record["task_state"] = "spawning"
    if image and sim.settings.quirks.platform_tags:
        record.read_only_tags = {"image_name": image["name"], "os_type": image["os_type"]}
    made_ports: list[Record] = []
    try:
        for plan in plans:
            made_ports.append(_make_port(call, plan, record))
    except errors.ApiError:
        drop_ports(sim, made_ports)
        sim.store.remove(record)
        raise
    record["name"] = _named(body, record, made_ports)
    made_disks = []
    for disk in disks:
        if disk.existing is None:
            name = disk.request.name or f"{record['name']}-volume"
            disk.existing = volumes.make(*call.scope, name=name, status="creating", tags=disk.request.tags, **disk.new)
            made_disks.append(disk.existing)
        else:
            disk.existing["status"] = "attaching"
    made_floatings = []
    for item in plans:
        if item.floating_source == "new":
            item.existing_floating = floatingips.make(*call.scope)
            item.existing_floating.visible = False
            made_floatings.append(item.existing_floating)
    kept = [plan.existing for plan in disks if plan.existing and plan.existing not in made_disks]
    reserved = [plan.reserved for plan in plans if plan.reserved]

    def finish(_unused: Task) -> None:
        record.data.update(status="ACTIVE", vm_state="active", task_state=None)
        for disk in disks:
            assert disk.existing is not None
            if disk.request.tags and disk.existing in kept:
                disk.existing.tags.update(disk.request.tags)
            volumes.join(sim, disk.existing, record, delete_on_termination=disk.request.delete_on_termination)
            disk.existing["is_root_volume"] = disk.boot
        for plan, port in zip(plans, made_ports):
            port.visible = True
            if plan.existing_floating is not None:
                fixed = next((ip for ip in ports.ips(port) if "." in ip), ports.ips(port)[0])
                floatingips.put_on(plan.existing_floating, port, fixed)
        if group and sim.store.has(group):
            group["instances"] = [*group["instances"], record.id]

    def undo(task: Task) -> None:
        for disk in kept:
            disk["status"] = "available"
        for port in reserved:
            _release(port)
        if task.leaves_object:
            drop_ports(sim, [port for port in made_ports if port not in reserved])

    new_ports = [port for port in made_ports if port not in reserved]
    return call.start(
        "create_vm",
        data={**body.model_dump(exclude_unset=True), "name": record["name"], "flavor_name": flavor["name"],
              "keypair_name": body.ssh_key_name},
        locks=kept + reserved + [plan.existing_floating for plan in plans
                                 if plan.existing_floating and plan.existing_floating not in made_floatings],
        creates={"instances": [record], "volumes": made_disks, "ports": new_ports, "floatingips": made_floatings},
        finish=finish,
        undo=undo,
    )  # fmt: skip


def drop_ports(sim: Simulator, made: list[Record]) -> None:
    """Take back what ports took."""
    for port in made:
        if sim.store.get("reserved_fixed_ip", port.id):
            _release(port)
        elif sim.store.has(port):
            sim.forget(port)


# --- changes -------------------------------------------------------------------------------------------------------


@routes("PATCH", "/v1/instances/{P}/{instance_id}")
def update_instance(call: Call) -> Any:
    """Synchronous."""
    record = _instance(call)
    call.free(record)
    if call.body.has("tags"):
        record.tags = patched_tags(record, call.body.tags)
    if call.body.has("name"):
        record["name"] = call.body.name
    call.touch(record)
    return call.show(record)


def _ids(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


@routes("DELETE", "/v1/instances/{P}/{instance_id}")
def delete_instance(call: Call) -> Any:
    """Volumes, floating and reserved IPs are kept unless they are listed, or are always deleted with the instance (C1)."""
    query = call.query
    sim = call.sim
    record = _instance(call)
    if query.delete_floatings and query.floatings:
        raise errors.invalid("floatings", "Cannot be used with delete_floatings")
    if record["k8s_pool_id"]:
        raise errors.conflict(f"Instance {record.id} is a node of a Kubernetes cluster")
    volume_ids, port_ids = _ids(query.volumes), _ids(query.reserved_fixed_ips)
    floating_ids = _ids(query.floatings)
    attached = {item["id"]: item for item in record["volumes"]}
    for ident in volume_ids:
        if ident not in attached:
            raise errors.invalid("volumes", f"Volume {ident} is not attached to instance {record.id}")
    own_ports = ports_of(sim, record)
    for ident in port_ids:
        if ident not in [port.id for port in own_ports] or not sim.store.get("reserved_fixed_ip", ident):
            raise errors.invalid("reserved_fixed_ips", f"Port {ident} is no reserved IP of instance {record.id}")
    floatings = floatings_of(sim, record)
    for ident in floating_ids:
        if ident not in [item.id for item in floatings]:
            raise errors.invalid("floatings", f"Floating IP {ident} is not on instance {record.id}")
    if query.delete_floatings:
        floating_ids = [str(item.id) for item in floatings]
    doomed = [ident for ident, item in attached.items() if ident in volume_ids or item["delete_on_termination"]]
    disks = [volume for volume in (sim.store.get("volume", ident) for ident in attached) if volume]
    before = {volume.id: volume["status"] for volume in disks}
    vm = {key: record[key] for key in ("task_state",)}
    call.free(record, *disks)
    record["task_state"] = "deleting"

    def finish(_unused: Task) -> None:
        for item in floatings:
            if item.id in floating_ids:
                sim.forget(item)
        for port in own_ports:
            if sim.store.get("reserved_fixed_ip", port.id) and port.id not in port_ids:
                for item in floatingips.on_port(sim, port):
                    floatingips.take_off(item)
                _release(port)
            else:
                sim.forget(port)
        for volume in disks:
            volumes.part(sim, volume)
            if volume.id in doomed:
                sim.forget(volume)
        sim.forget(record)

    def undo(_unused: Task) -> None:
        record.data.update(vm)
        for volume in disks:
            volume["status"] = before[volume.id]

    data = {"instance_uuid": record.id, "volumes": doomed, "floatings": floating_ids, "reserved_fixed_ips": port_ids}
    return call.start("delete_vm", data=data, locks=[record, *disks], finish=finish, undo=undo)


# action -> task type, allowed statuses, what is shown meanwhile, what is shown after (D2)
ACTIONS: dict[str, tuple[str, tuple[str, ...], dict[str, Any], dict[str, Any]]] = {
    "start": ("start_vm", ("SHUTOFF",), {"task_state": "powering-on"}, {"status": "ACTIVE", "vm_state": "active"}),
    "stop": ("stop_vm", ("ACTIVE",), {"task_state": "powering-off"}, {"status": "SHUTOFF", "vm_state": "stopped"}),
    "reboot": (
        "soft_reboot_vm", ("ACTIVE",), {"status": "REBOOT", "task_state": "rebooting"},
        {"status": "ACTIVE", "vm_state": "active"},
    ),
    "reboot_hard": (
        "hard_reboot_vm", ("ACTIVE", "SHUTOFF", "SUSPENDED", "PAUSED", "ERROR"),
        {"status": "HARD_REBOOT", "task_state": "rebooting_hard"}, {"status": "ACTIVE", "vm_state": "active"},
    ),
    "suspend": (
        "suspend_vm", ("ACTIVE",), {"task_state": "suspending"}, {"status": "SUSPENDED", "vm_state": "suspended"},
    ),
    "resume": ("resume_vm", ("SUSPENDED",), {"task_state": "resuming"}, {"status": "ACTIVE", "vm_state": "active"}),
}  # fmt: skip


def _check_action(call: Call, record: Record, action: str) -> None:
    """400 for an action that the state does not allow: the only refusal that the operation documents."""
    call.free(record)
    if record["status"] not in ACTIONS[action][1]:
        raise errors.invalid("action", f"Cannot {action} instance {record.id} while it is {record['status']}")


@routes("POST", "/v2/instances/{P}/{instance_id}/action")
def act(call: Call) -> Any:
    record = _instance(call)
    action = call.body.action
    _check_action(call, record, action)
    task_type, _unused, meanwhile, after = ACTIONS[action]
    return _change(call, task_type, record, meanwhile, lambda: record.data.update(after))


def _change(call: Call, task_type: str, record: Record, meanwhile: dict[str, Any], finish: Any,
            more_locks: list[Record] | None = None, creates: dict[str, list[Record]] | None = None,
            undo: Any = None) -> Any:  # fmt: skip
    """A change of an instance, with a ``task_state`` while it runs."""
    before = {key: record[key] for key in ("status", "vm_state", "task_state")}
    record.data.update(meanwhile)

    def done(_unused: Task) -> None:
        record.data.update(before)
        finish()
        record["task_state"] = None

    def failed(_unused: Task) -> None:
        record.data.update(before)
        if undo:
            undo()

    data = {"instance_id": record.id, **(call.body.given() if call.body else {})}
    return call.start(
        task_type, data=data, locks=[record, *(more_locks or [])], creates=creates, finish=done, undo=failed
    )


def _act_at_once(call: Call, action: str) -> Any:
    record = _instance(call)
    _check_action(call, record, action)
    record.data.update(ACTIONS[action][3])
    call.touch(record)
    return call.show(record)


def _serve_at_once(name: str, action: str) -> None:
    """Register a deprecated power route."""

    def handler(call: Call) -> Any:
        return _act_at_once(call, action)

    routes("POST", f"/v1/instances/{{P}}/{{instance_id}}/{name}", deprecated=True)(handler)


for _name, _action in (
    ("stop", "stop"), ("reboot", "reboot"), ("powercycle", "reboot_hard"), ("suspend", "suspend"), ("resume", "resume"),
):  # fmt: skip
    _serve_at_once(_name, _action)


@routes("POST", "/v1/instances/{P}/{instance_id}/start", deprecated=True)
def start_v1(call: Call) -> Any:
    return _act_at_once(call, "start")


@routes("POST", "/v1/instances/{P}/{instance_id}/changeflavor")
def change_flavor(call: Call) -> Any:
    record = _instance(call)
    call.free(record)
    flavor = flavors.referred(call, call.body.flavor_id)
    old = call.sim.store.get("flavor", f"{call.region_id}/{record['flavor']}")
    if flavor is old:
        raise errors.invalid("flavor_id", f"Instance {record.id} has flavor {flavor['name']} already")
    if record["status"] not in ("ACTIVE", "SHUTOFF"):
        raise errors.conflict(f"Instance {record.id} is {record['status']}")
    if old:
        call.claim(cpu_count=flavor["vcpus"] - old["vcpus"], ram=flavor["ram"] - old["ram"])
    meanwhile = {"status": "RESIZE", "vm_state": "resized", "task_state": "resize_migrating"}
    return _change(call, "resize_vm", record, meanwhile, lambda: record.data.update(flavor=flavor["name"]))


@routes("POST", "/v1/instances/{P}/{instance_id}/attach_interface")
def attach_interface(call: Call) -> Any:
    record = _instance(call)
    call.free(record)
    plan = _plan_port(call, call.body, call.body.security_groups)
    if call.body.type == "external":
        call.claim(external_ip_count=1)
    port = _make_port(call, plan, record)

    def finish() -> None:
        port.visible = True

    def undo() -> None:
        if plan.reserved is not None:
            _release(port)

    new = [] if plan.reserved is not None else [port]
    return _change(
        call, "attach_vm_interface", record, {}, finish, more_locks=[port] if plan.reserved is not None else [],
        creates={"ports": new}, undo=undo,
    )  # fmt: skip


@routes("POST", "/v1/instances/{P}/{instance_id}/detach_interface")
def detach_interface(call: Call) -> Any:
    """The port is deleted, but a reserved one is kept; a floating IP on it becomes free."""
    record = _instance(call)
    call.free(record)
    port = next((item for item in ports_of(call.sim, record) if item.id == call.body.port_id), None)
    if port is None:
        raise errors.not_found("Port", call.body.port_id)
    if call.body.ip_address not in ports.ips(port):
        raise errors.invalid("ip_address", f"IP address {call.body.ip_address} is not on port {port.id}")
    call.free(port)

    def finish() -> None:
        if call.sim.store.get("reserved_fixed_ip", port.id):
            for item in floatingips.on_port(call.sim, port):
                floatingips.take_off(item)
            _release(port)
        else:
            call.sim.forget(port)

    return _change(call, "detach_vm_interface", record, {}, finish, more_locks=[port])


def _change_groups(call: Call, *, add: bool) -> None:
    """By name, on all ports or on some (C1)."""
    body = call.body
    record = _instance(call)
    if body.has("name") == body.has("ports_security_group_names"):
        raise errors.invalid("name", "Give either name or ports_security_group_names")
    call.free(record)
    own = ports_of(call.sim, record)
    wanted: list[tuple[list[Record], str]] = []
    if body.has("name"):
        wanted.append((own, str(securitygroups.by_name(call, body.name).id)))
    for item in body.ports_security_group_names or []:
        chosen = own if item.port_id is None else [port for port in own if port.id == item.port_id]
        if not chosen:
            raise errors.not_found("Port", item.port_id)
        wanted += [(chosen, str(securitygroups.by_name(call, name).id)) for name in item.security_group_names]
    for chosen, group_id in wanted:
        if not add and not any(group_id in port["security_group_ids"] for port in chosen):
            raise errors.not_found("Security group", group_id)
    for chosen, group_id in wanted:
        for port in chosen:
            rest = [ident for ident in port["security_group_ids"] if ident != group_id]
            port["security_group_ids"] = [*rest, group_id] if add else rest


@routes("POST", "/v1/instances/{P}/{instance_id}/addsecuritygroup", status=204)
def add_group(call: Call) -> None:
    _change_groups(call, add=True)


@routes("POST", "/v1/instances/{P}/{instance_id}/delsecuritygroup", status=204)
def remove_group(call: Call) -> None:
    _change_groups(call, add=False)


@routes("POST", "/v1/instances/{P}/{instance_id}/put_into_servergroup")
def put_into_group(call: Call) -> Any:
    record = _instance(call)
    group = call.get("servergroup", call.body.servergroup_id)
    call.free(record, group)
    if servergroups.group_of(call.sim, record):
        raise errors.conflict(f"Instance {record.id} is in a placement group already")

    def finish() -> None:
        group["instances"] = [*group["instances"], record.id]

    return _change(call, "put_into_server_group", record, {}, finish, more_locks=[group])


@routes("POST", "/v1/instances/{P}/{instance_id}/remove_from_servergroup")
def remove_from_group(call: Call) -> Any:
    record = _instance(call)
    group = servergroups.group_of(call.sim, record)
    if group is None:
        raise errors.not_found("Placement group of instance", record.id)
    call.free(record, group)

    def finish() -> None:
        group["instances"] = [ident for ident in group["instances"] if ident != record.id]

    return _change(call, "remove_from_server_group", record, {}, finish, more_locks=[group])


def _flavor_total(name: str) -> quotas.Usage:
    """What all instances' flavors add up to."""

    def usage(sim: Simulator, region_id: int | None) -> int:
        amount = 0
        for record in quotas.owned(sim, "instance", region_id):
            flavor = sim.store.get("flavor", f"{record.region_id}/{record['flavor']}")
            amount += flavor[name] if flavor else 0
        return amount

    return usage


FAILED = {"status": "ERROR", "vm_state": "error", "task_state": None}
RESOURCE = Resource(
    types=[ResourceType("instance", "Instance", make, view, failed=FAILED)],
    routes=routes,
    quotas={
        "vm_count": count("instance", lambda record: not record["is_baremetal"]),
        "cpu_count": _flavor_total("vcpus"),
        "ram": _flavor_total("ram"),
    },
)
