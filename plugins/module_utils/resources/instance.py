# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instance: a virtual machine with its volumes and interfaces (docs/api-notes.md: Instances)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Optional

from ..errors import MissingOptions, OptionError
from ..schema.checks import ADDRESS, Pattern, Range
from ..schema.common import ALL, chosen, name, response, still_billed, tag_filters, tags
from ..schema.option import (
    INPUT,
    NOT_NULL_IN_CREATE,
    ON_DELETE,
    ON_STATE,
    WRITE_ONLY,
    Action,
    Api,
    NotNullInCreate,
    Option,
    Ref,
    Value,
)
from ..schema.parsing import CLEARED, REFUSED
from ..schema.resource import (
    ON_DELETION,
    Hooks,
    Identity,
    LocatedOptions,
    RelatedRead,
    Resource,
    State,
    SubResource,
    from_statuses,
)
from ..schema.resource_types import (
    FLAVORS,
    FLOATING_IPS,
    IMAGES,
    INSTANCES,
    NETWORKS,
    RESERVED_FIXED_IPS,
    SECURITY_GROUPS,
    SERVERGROUPS,
    SNAPSHOTS,
    SSH_KEYS,
    SUBNETS,
    VOLUMES,
)
from ..schema.types import ResourceType, has_id_form
from ..schema.values import KNOWN_LATER, same
from . import floating_ip as floating_ips
from . import volume as volumes

PLACE = "/{project_id}/{region_id}"
ONE = INSTANCES.path + "/{id}"
POWER = "/cloud/v2/instances" + PLACE + "/{id}/action"
PORT = "/cloud/v1/ports" + PLACE + "/{id}"
# The statuses that the list can be filtered by: fewer than an instance can have.
STATUSES = (
    "ACTIVE",
    "BUILD",
    "ERROR",
    "HARD_REBOOT",
    "MIGRATING",
    "PAUSED",
    "REBOOT",
    "REBUILD",
    "RESIZE",
    "REVERT_RESIZE",
    "SHELVED",
    "SHELVED_OFFLOADED",
    "SHUTOFF",
    "SOFT_DELETED",
    "SUSPENDED",
    "VERIFY_RESIZE",
)

# ------------------------------------------------------------------- volumes


def volume_source(options: Mapping[str, Any]) -> str:
    """The API's name of the source of an instance's volume."""
    if options.get("volume") is not None:
        return "existing-volume"
    return "apptemplate" if options.get("apptemplate") is not None else volumes.source(options)


class InterfaceType(Value):
    """The type of an interface: a response only shows whether it is external."""

    def from_response(self, value: Any) -> Any:
        return "external" if value else "private"

    def same(self, desired: Any, current: Any) -> bool:
        return bool(desired == current or desired != "external")


class OneOfAddresses(Value):
    """An address that is one of the interface's addresses."""

    def same(self, desired: Any, current: Any) -> bool:
        return any(same(desired, each) for each in current)


class GroupsOfInterface(NotNullInCreate):
    """Security groups of an interface: names or ids in any order, compared with rows that have both."""

    def to_request(self, value: Any) -> Any:
        return [{"id": each} for each in value]

    def same(self, desired: Any, current: Any) -> bool:
        wanted, there = list(desired or []), list(current)
        return len(set(wanted)) == len(there) and all(any(each in group.values() for group in there) for each in wanted)


class GroupsOfInstance(NotNullInCreate):
    """Security groups of a whole instance, by name."""

    purge = "purge_security_groups"

    def from_response(self, value: Any) -> Any:
        return sorted({each["name"] for each in value})

    def to_response(self, value: Any) -> Any:
        return [{"name": each} for each in value]

    def to_request(self, value: Any) -> Any:
        return [{"id": each} for each in value]

    def same(self, desired: Any, current: Any) -> bool:
        return set(desired) == set(current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return sorted(set(desired) | (set() if purge else set(current)))


class Base64(NotNullInCreate):
    """Text that the API takes in base64."""

    def to_request(self, value: Any) -> Any:
        return base64.b64encode(value.encode()).decode()


class VolumeHooks(Hooks):
    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about a detached volume: it is not deleted."""
        return "The detached volume '%s' (%s) is still billed: delete it with gcore.cloud.volume." % (
            row["name"],
            row["id"],
        )

    def creation(self, options: Mapping[str, Any]) -> Optional[Action]:
        """A volume of an existing instance: an existing volume is attached, a new one is created and attached."""
        source = volume_source(options)
        if source == "existing-volume":
            return Action("attach", "POST", volumes.ATTACH.replace("{id}", str(options["volume_id"])), "attach_volume")
        if source == "apptemplate":
            raise OptionError("A volume from an application template can only be created together with its instance.")
        return None

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        if options.get("delete_on_termination"):
            raise OptionError(
                "delete_on_termination of a volume can be set to true only when its instance is created.",
                "Omit it; delete_volumes deletes the volume together with the instance.",
            )
        tag = {"attachment_tag": body["attachment_tag"]} if "attachment_tag" in body else {}
        if volume_source(options) == "existing-volume":
            return {"instance_id": parent_id, **tag}
        own = {key: value for key, value in body.items() if key not in ("boot_index", "delete_on_termination")}
        return {**volumes.create_body(own, options, parent_id), "instance_id_to_attach_to": parent_id}

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "source": volume_source(options)}

    def deletion(self, row: Mapping[str, Any]) -> Action:
        instance = row["attachments"][0]["server_id"]
        return Action("detach", "POST", volumes.DETACH, "detach_volume", body={"instance_id": instance})

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """An existing volume is identified by id or name, the boot volume as the root volume, any other one by name.

        An entry with a name that is the boot volume of a new instance only by its position is identified by name.
        """
        if options.get("volume") is not None:
            return str(options["volume"]) in (row["id"], row["name"])
        if options.get("boot_index") == 0 and not (options.get("implied_boot") and options.get("name")):
            return bool(row.get("is_root_volume"))
        return bool((options.get("name") or "") == (row["name"] or ""))

    def complete_row(self, row: dict[str, Any], parent: Mapping[str, Any]) -> None:
        """Only the instance shows delete_on_termination."""
        for each in parent.get("volumes") or []:
            if each["id"] == row["id"]:
                row["_delete_on_termination"] = each["delete_on_termination"]

    def is_kept(self, row: Mapping[str, Any]) -> bool:
        return bool(row.get("is_root_volume"))


VOLUME = Resource(
    type=VOLUMES,
    options=(
        name(),
        Option("volume", null=REFUSED, api=Api("volume_id"), ref=Ref(VOLUMES), change=WRITE_ONLY),
        volumes.IMAGE,
        Option("snapshot", api=Api("snapshot_id"), ref=Ref(SNAPSHOTS), change=WRITE_ONLY),
        Option("apptemplate", api=Api("apptemplate_id"), change=WRITE_ONLY),
        volumes.RESOURCE.field("size"),
        volumes.RESOURCE.field("type_name"),
        Option("boot_index", "int", null=REFUSED, change=WRITE_ONLY),
        Option("delete_on_termination", "bool", api=Api(read="_delete_on_termination")),
        volumes.RESOURCE.field("attachment_tag"),
        tags(),
    ),
    create=Action("create and attach", "POST", VOLUMES.path, "create_volume", timeout=1200),
    update=volumes.RESOURCE.update,
    hooks=VolumeHooks(),
)


def wanted_volumes(options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
    """The volumes in the options; image, volume_size and volume_type are the short form of a boot volume."""
    listed = options.get("volumes") or []
    wanted = [LocatedOptions(each, "volumes[%d]" % index) for index, each in enumerate(listed)]
    plain = {"image": options.get("image"), "size": options.get("volume_size"), "type_name": options.get("volume_type")}
    boot = {key: value for key, value in plain.items() if value is not None}
    if boot:
        names = {"size": "volume_size", "type_name": "volume_type"}
        wanted.insert(0, LocatedOptions({**boot, "boot_index": 0}, names=names))
    if wanted and not any(each.get("boot_index") == 0 for each in wanted):
        bootable = [each for each in wanted if volume_source(each) != "new-volume" and each.get("boot_index", 0) >= 0]
        if bootable:
            bootable[0].update(boot_index=0, implied_boot=True)
    return wanted if wanted or options.get("volumes") is not None else None


# ---------------------------------------------------------------- interfaces


WHERE = {
    "subnet": "subnet",
    "any_subnet": "network",
    "reserved_fixed_ip": "port",
}  # the option that each type of interface needs


def interface_type(options: Mapping[str, Any]) -> str:
    """The API's type of an interface to create; raises OptionError where it is not given: public is never implied."""
    if options.get("type"):
        return str(options["type"])
    for found, option in (("reserved_fixed_ip", "port"), ("subnet", "subnet"), ("any_subnet", "network")):
        if options.get(option) is not None:
            return found
    given = [
        "%s '%s'" % (key, options[key]) for key in ("interface_name", "ip_address") if options.get(key) is not None
    ]
    raise OptionError(
        "The instance has no interface with %s, and creating one needs network, subnet or port." % " and ".join(given),
        "Set one of them, or type: external for a public interface.",
    )


def check_interface(place: str, options: Mapping[str, Any]) -> None:
    """Refuse an entry without network, subnet, port or type, or with a contradiction between them."""
    resource_type = options.get("type")
    given = [key for key in ("network", "subnet", "port") if options.get(key) is not None]
    if not given and all(options.get(key) is None for key in ("type", "interface_name", "ip_address")):
        raise OptionError(
            "%s needs network, subnet or port." % place,
            "Set one of them, or type: external for a public interface.",
        )
    if resource_type in WHERE and WHERE[resource_type] not in given:
        raise OptionError(
            "%s has type %s and no %s." % (place, resource_type, WHERE[resource_type]), "Set %s." % WHERE[resource_type]
        )
    wrong = {
        "external": given,
        "any_subnet": [key for key in given if key != "network"],
        "subnet": [key for key in given if key == "port"],
    }
    if wrong.get(str(resource_type)):
        raise OptionError(
            "%s has type %s and %s." % (place, resource_type, " and ".join(wrong[str(resource_type)])),
            "Omit type: it follows from network, subnet or port.",
        )
    if resource_type == "external" and options.get("floating_ip") is not None:
        raise OptionError(
            "%s is a public interface, which cannot have a floating IP." % place, "Set network, or omit floating_ip."
        )


def set_groups(desired: list[str], current: Any, row: Mapping[str, Any], purge: bool) -> list[Action]:
    return [Action("set security groups of", "PATCH", PORT, "update_port", body={"security_group_ids": desired})]


def groups_of_port(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    found = next((each for each in rows if each["id"] == row["port_id"]), {})
    return [{"id": each["id"], "name": each["name"]} for each in found.get("security_groups") or []]


class InterfaceHooks(Hooks):
    any_match = True

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about the floating IPs of a detached interface: they stay allocated."""
        left = [each["floating_ip_address"] for each in row.get("floatingip_details") or []]
        return still_billed("detached interface", [("floating IPs", left, "release them with gcore.cloud.floating_ip")])

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """The request that attaches an interface does not take an address (docs/api-notes.md: Instances)."""
        resource_type = interface_type(options)
        if "ip_address" in body:
            raise OptionError(
                "An address can be chosen only when the instance is created.",
                "Reserve the address with gcore.cloud.reserved_fixed_ip, and set port to it.",
            )
        wanted = {
            "external": ("ip_family",),
            "subnet": ("subnet_id",),
            "any_subnet": ("network_id", "ip_family"),
            "reserved_fixed_ip": ("port_id",),
        }
        keys = wanted[resource_type] + ("interface_name", "security_groups")
        return {"type": resource_type, **{key: value for key, value in body.items() if key in keys}}

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        resource_type = interface_type(options)
        if resource_type == "external" and "ip_address" in body:
            raise OptionError("The address of a new public interface cannot be chosen.", "Omit ip_address.")
        if resource_type == "subnet" and "ip_address" in body:
            raise OptionError(
                "ip_address cannot be combined with subnet: the API finds the subnet of the address.", "Omit subnet."
            )
        if resource_type == "subnet" and "network_id" not in body:
            raise OptionError("An interface in a subnet needs network as well as subnet.")
        keys = {
            "external": ("ip_family",),
            "subnet": ("network_id", "subnet_id", "floating_ip"),
            "any_subnet": ("network_id", "ip_address", "ip_family", "floating_ip"),
            "reserved_fixed_ip": ("port_id", "floating_ip"),
        }[resource_type] + ("interface_name", "security_groups")
        return {"type": resource_type, **{key: value for key, value in body.items() if key in keys}}

    def deletion(self, row: Mapping[str, Any]) -> Action:
        body = {"port_id": row["port_id"], "ip_address": row["_addresses"][0] if row["_addresses"] else None}
        return Action(
            "detach", "POST", INSTANCES.path + "/{parent_id}/detach_interface", "detach_vm_interface", body=body
        )

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """Identified by interface_name; else port or address; else subnet or network; else as the public one."""
        network = row.get("network_details") or {}
        if options.get("interface_name") is not None:
            return bool(row.get("interface_name") == options["interface_name"])
        if options.get("port") is not None:
            return any(same(str(options["port"]), each) for each in (row["port_id"], *row["_addresses"]))
        if options.get("ip_address") is not None:
            return any(same(options["ip_address"], each) for each in row["_addresses"])
        if options.get("subnet") is not None:
            return options["subnet"] in row["_subnet"].values()
        if options.get("network") is not None:
            return options["network"] in (row["network_id"], network.get("name"))
        return options.get("type") == "external" and bool(network.get("external"))

    def complete_row(self, row: dict[str, Any], parent: Mapping[str, Any]) -> None:
        """Add the addresses, their IP family and the subnet of the interface."""
        given = row.get("ip_assignments") or []
        row["_addresses"] = [each["ip_address"] for each in given]
        versions = sorted({6 if ":" in each else 4 for each in row["_addresses"]})
        if versions:
            row["_ip_family"] = "dual" if len(versions) > 1 else "ipv%d" % versions[0]
        subnets = {each["id"]: each["name"] for each in (row.get("network_details") or {}).get("subnets") or []}
        first = given[0]["subnet_id"] if given else None
        row["_subnet"] = {"id": first, "name": subnets.get(first)}


INTERFACE = Resource(
    type=ResourceType(
        "interface",
        INSTANCES.path + "/{parent_id}/interfaces",
        id_field="port_id",
        name_field="interface_name",
        created_key="ports",
        distinguished_by=("interface_name", "_addresses"),
    ),
    options=(
        Option(
            "type",
            choices=("external", *WHERE),
            null=REFUSED,
            api=Api(read="network_details.external"),
            value=InterfaceType(),
        ),
        Option("network", api=Api("network_id"), ref=Ref(NETWORKS, name_at="network_details.name")),
        Option(
            "subnet",
            api=Api("subnet_id", read="_subnet.id"),
            ref=Ref(SUBNETS, within=(("network_id", "network"),), name_at="_subnet.name"),
        ),
        Option("port", api=Api("port_id"), ref=Ref(RESERVED_FIXED_IPS, name_at="_addresses.0")),
        Option("ip_address", check=ADDRESS, api=Api(read="_addresses"), value=OneOfAddresses()),
        Option("ip_family", choices=("ipv4", "ipv6", "dual"), api=Api(read="_ip_family")),
        Option("interface_name", check=Pattern(r"^.{1,37}$", "1 to 37 characters")),
        Option(
            "security_groups",
            "list[str]",
            api=Api(read="_security_groups"),
            ref=Ref(SECURITY_GROUPS),
            value=GroupsOfInterface(),
            change=set_groups,
        ),
        floating_ips.assigned(
            "floatingip_details.0",
            port="port_id",
            is_public=lambda row: bool((row.get("network_details") or {}).get("external")),
        ),
    ),
    identities=tuple(Identity((each,)) for each in ("interface_name", "port", "ip_address", "subnet", "network")),
    create=Action("attach", "POST", INSTANCES.path + "/{parent_id}/attach_interface", "attach_vm_interface"),
    related_reads=(
        RelatedRead(
            "_security_groups", INSTANCES.path + "/{parent_id}/ports", ("security_groups",), groups_of_port, paged=False
        ),
    ),
    hooks=InterfaceHooks(),
)


def wanted_interfaces(options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
    """The interfaces in the options: a list, or the short form of one."""
    if options.get("interfaces") is not None:
        return [LocatedOptions(each, "interfaces[%d]" % index) for index, each in enumerate(options["interfaces"])]
    plain = {key: options[key] for key in ("network", "subnet", "ip_address") if options.get(key) is not None}
    if options.get("external"):
        plain["type"] = "external"
    if not plain:
        return None
    given = {key: options[key] for key in ("floating_ip",) if key in options}
    return [LocatedOptions({**plain, **given}, names={"type": "external"})]


# ----------------------------------------------------------------- instance


def set_flavor(desired: str, current: Any, row: Mapping[str, Any], purge: bool) -> list[Action]:
    return [Action("resize", "POST", ONE + "/changeflavor", "resize_vm", timeout=1200, body={"flavor_id": desired})]


def change_groups(desired: list[str], current: list[str], row: Mapping[str, Any], purge: bool) -> list[Action]:
    """Security groups of the whole instance are added and removed by name."""
    add = [
        Action("add a security group to", "POST", ONE + "/addsecuritygroup", body={"name": each})
        for each in desired
        if each not in current
    ]
    remove = [
        Action("remove a security group from", "POST", ONE + "/delsecuritygroup", body={"name": each})
        for each in current
        if each not in desired
    ]
    return add + remove


def change_servergroup(
    desired: Optional[str], current: Optional[str], row: Mapping[str, Any], purge: bool
) -> list[Action]:
    """An instance is in one placement group at most: it is removed from one before it is added to another."""
    actions = []
    if current:
        actions.append(
            Action(
                "remove from its placement group", "POST", ONE + "/remove_from_servergroup", "remove_from_server_group"
            )
        )
    if desired:
        body = {"servergroup_id": desired}
        actions.append(
            Action(
                "add to a placement group", "POST", ONE + "/put_into_servergroup", "put_into_server_group", body=body
            )
        )
    return actions


def group_of_instance(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    for group in rows:
        if any(each.get("instance_id") == row["id"] for each in group.get("instances") or []):
            return {"id": group["servergroup_id"], "name": group["name"]}
    return {"id": None, "name": None}


def power(*verbs: str) -> Any:
    """Power actions of an instance, with the options about them."""

    def actions(options: Mapping[str, Any]) -> tuple[Action, ...]:
        found = []
        for verb in verbs:
            verb = "reboot_hard" if verb == "reboot" and options.get("reboot_hard") else verb
            body: dict[str, Any] = {"action": verb}
            if verb == "start" and options.get("activate_profile") is not None:
                body["activate_profile"] = options["activate_profile"]
            task = {"reboot": "soft_reboot_vm", "reboot_hard": "hard_reboot_vm"}.get(verb, verb + "_vm")
            found.append(Action(verb.replace("_hard", ""), "POST", POWER, task, body=body))
        return tuple(found)

    return actions


def delete_query(options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The query of a deletion: what is deleted with the instance, as comma-separated ids."""
    addresses = [
        each for interface in row.get("_interfaces") or [] for each in interface.get("floatingip_details") or []
    ]
    found = {
        "volumes": chosen(options, "delete_volumes", row.get("_volumes") or [], "id", "name", "instance"),
        "floatings": chosen(options, "delete_floating_ips", addresses, "id", "floating_ip_address", "instance"),
        "reserved_fixed_ips": chosen(
            options, "delete_reserved_fixed_ips", row.get("_reserved") or [], "port_id", "fixed_ip_address", "instance"
        ),
    }
    return {key: ",".join(ids) for key, ids in found.items() if ids}


def deletion_warning(options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
    """The warning about what is not deleted with the instance and still billed."""
    deleted = {key: set(ids.split(",")) for key, ids in delete_query(options, row).items()}
    deleted_volumes, deleted_addresses = deleted.get("volumes", set()), deleted.get("floatings", set())
    details = [each for interface in row.get("_interfaces") or [] for each in interface.get("floatingip_details") or []]
    released = {each["floating_ip_address"] for each in details if each["id"] in deleted_addresses}
    addresses = [each for network in (row.get("addresses") or {}).values() for each in network]
    return still_billed(
        "instance",
        (
            (
                "volumes",
                [
                    each["id"]
                    for each in row.get("volumes") or []
                    if not each.get("delete_on_termination") and each["id"] not in deleted_volumes
                ],
                "set delete_volumes, or delete them later with gcore.cloud.volume",
            ),
            (
                "floating IPs",
                [each["addr"] for each in addresses if each.get("type") == "floating" and each["addr"] not in released],
                "set delete_floating_ips, or release them later with gcore.cloud.floating_ip",
            ),
            (
                "reserved fixed IPs",
                [
                    each.get("fixed_ip_address") or each.get("fixed_ipv6_address") or each["port_id"]
                    for each in row.get("_reserved") or []
                    if each["port_id"] not in deleted.get("reserved_fixed_ips", set())
                ],
                "set delete_reserved_fixed_ips, or delete them later with gcore.cloud.reserved_fixed_ip",
            ),
        ),
    )


def own_rows(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return rows


class InstanceHooks(Hooks):
    list_is_whole = False
    may_orphan = (VOLUMES, FLOATING_IPS)
    mutually_exclusive = (("name", "name_template"),)
    response = response(
        "id name project_id region_id region created_at creator_task_id task_id flavor ssh_key_name task_state "
        "ddos_profile instance_description instance_isolation",
        status="ACTIVE",
        vm_state="active",
        addresses={},
        fixed_ip_assignments=[],
        volumes=[],
        security_groups=[],
        blackhole_ports=[],
        tags=[],
    )

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """Refuse a create request without required parts; the API takes the security groups in the interfaces."""
        if not options.get("name") and not options.get("name_template"):
            raise MissingOptions("Creating an instance needs name, or name_template and tags.")
        if not any(
            each.get("boot_index") == 0 and each["source"] != "new-volume" for each in body.get("volumes") or []
        ):
            raise MissingOptions(
                "Creating an instance needs image and volume_size, or a list of volumes with a boot disk."
            )
        if any(each["source"] == "new-volume" and each.get("boot_index", -1) >= 0 for each in body["volumes"]):
            raise OptionError(
                "An instance cannot boot from an empty volume.",
                "Set image, or list a volume with an image or snapshot.",
            )
        if not body.get("interfaces"):
            raise MissingOptions("Creating an instance needs network, external: true, or a list of interfaces.")
        groups = body.pop("security_groups", None)
        if groups is not None:
            body["interfaces"] = [{**each, "security_groups": groups} for each in body["interfaces"]]
        return body

    def wanted(self, sub_resource: SubResource, options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
        return wanted_volumes(options) if sub_resource.option == "volumes" else wanted_interfaces(options)

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        return delete_query(options, row)

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        return deletion_warning(options, row)

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse contradictions between options."""
        for index, each in enumerate(options.get("volumes") or []):
            given = [key for key in ("volume", "image", "snapshot", "apptemplate") if each.get(key) is not None]
            if len(given) > 1:
                raise OptionError(
                    "volumes[%d] has %s: only one of them can be its origin." % (index, " and ".join(given))
                )
            if (
                not each.get("name")
                and each.get("volume") is None
                and each.get("boot_index", 0 if given else None) != 0
            ):
                raise OptionError(
                    "volumes[%d] has no name: the next run could not identify it." % index,
                    "Set name.",
                )
        boots = [
            "volumes[%d]" % index
            for index, each in enumerate(options.get("volumes") or [])
            if each.get("boot_index") == 0
        ]
        boots = [key for key in ("image", "volume_size", "volume_type") if options.get(key) is not None][:1] + boots
        if len(boots) > 1:
            raise OptionError("%s all describe the boot volume." % " and ".join(boots), "Set only one of them.")
        plain = [
            key
            for key in ("network", "subnet", "ip_address", "external", "floating_ip")
            if options.get(key) is not None
        ]
        if options.get("interfaces") is not None and plain:
            raise OptionError(
                "interfaces and %s are mutually exclusive." % " and ".join(plain),
                "Describe the interface in one of them.",
            )
        if options.get("external") and (options.get("network") is not None or options.get("floating_ip") is not None):
            raise OptionError("external: true creates a public interface, which takes neither network nor floating_ip.")
        if "floating_ip" in options and options.get("network") is None and not options.get("external"):
            raise OptionError("floating_ip needs the network of its interface.")
        if options.get("subnet") is not None and options.get("network") is None:
            raise OptionError("subnet needs the network that it is in.")
        if options.get("subnet") is not None and options.get("ip_address") is not None:
            raise OptionError(
                "ip_address cannot be combined with subnet: the API finds the subnet of the address.", "Omit subnet."
            )
        for index, each in enumerate(options.get("interfaces") or []):
            check_interface("interfaces[%d]" % index, each)
        if options.get("security_groups") is not None and any(
            "security_groups" in each for each in options.get("interfaces") or []
        ):
            raise OptionError("security_groups is set for the instance and for an interface.", "Set only one of them.")

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """The flavor with all keys, and one entry for each interface and volume."""
        flavor = response(
            "flavor_id flavor_name os_type architecture ram vcpus", hardware_description={"ram": None, "vcpus": None}
        )
        row["flavor"] = {**flavor, **(row["flavor"] or {})}
        row["volumes"] = [
            {"id": KNOWN_LATER, "delete_on_termination": bool(each.get("delete_on_termination"))}
            for each in wanted_volumes(options) or []
        ]
        row["fixed_ip_assignments"] = []
        for each in wanted_interfaces(options) or []:
            network = each.get("network")
            name = network if network and not has_id_form(NETWORKS, str(network)) else KNOWN_LATER
            address = each.get("ip_address") or KNOWN_LATER
            fixed = response("interface_name subnet_id subnet_name", addr=address, type="fixed")
            fixed["interface_name"] = each.get("interface_name")
            found = row["addresses"].setdefault(str(name), [])
            found.append(fixed)
            if each.get("floating_ip"):
                found.append({"addr": KNOWN_LATER, "type": "floating"})
            row["fixed_ip_assignments"].append(
                {"external": interface_type(each) == "external", "ip_address": address, "subnet_id": KNOWN_LATER}
            )


RESOURCE = Resource(
    type=INSTANCES,
    options=(
        Option(
            "name_template",
            check=Pattern(
                r"^[a-zA-Z0-9{][a-zA-Z 0-9._\-}{]{1,61}[a-zA-Z0-9._}]$",
                "as a name, with {ip_octets}, {two_ip_octets} or {one_ip_octet} in it",
            ),
            change=WRITE_ONLY,
        ),
        Option(
            "flavor",
            required=True,
            api=Api(read="flavor.flavor_id"),
            ref=Ref(FLAVORS, name_at="flavor.flavor_name"),
            change=set_flavor,
        ),
        Option("ssh_key", no_log=False, api=Api("ssh_key_name"), ref=Ref(SSH_KEYS, by="name")),
        Option(
            "security_groups",
            "list[str]",
            ref=Ref(SECURITY_GROUPS, by="name", create_by="id"),
            value=GroupsOfInstance(),
            change=change_groups,
        ),
        Option(
            "servergroup",
            null=CLEARED,
            api=Api("servergroup_id", read="_servergroup.id"),
            ref=Ref(SERVERGROUPS, name_at="_servergroup.name"),
            value=NOT_NULL_IN_CREATE,
            change=change_servergroup,
        ),
        Option("user_data", no_log=True, value=Base64(), change=WRITE_ONLY),
        Option("username", change=WRITE_ONLY),
        Option("password", no_log=True, change=WRITE_ONLY),
        Option("allow_app_ports", "bool", change=WRITE_ONLY),
        Option("configuration", "dict", no_log=True, change=WRITE_ONLY),
        name(),
        tags(),
        Option("image", ref=Ref(IMAGES), change=INPUT),
        Option("volume_size", "int", check=Range(1), change=INPUT),
        Option("volume_type", choices=volumes.VOLUME_TYPES, change=INPUT),
        Option("network", ref=Ref(NETWORKS), change=INPUT),
        Option("subnet", ref=Ref(SUBNETS), change=INPUT),
        Option("ip_address", null=REFUSED, check=ADDRESS, change=INPUT),
        Option("external", "bool", null=REFUSED, change=INPUT),
        Option("floating_ip", null=CLEARED, ref=Ref(FLOATING_IPS, literals=(floating_ips.NEW,)), change=INPUT),
        Option("delete_volumes", "list[str]", ref=Ref(VOLUMES, literals=(ALL,)), change=ON_DELETE),
        Option("delete_floating_ips", "list[str]", ref=Ref(FLOATING_IPS, literals=(ALL,)), change=ON_DELETE),
        Option(
            "delete_reserved_fixed_ips", "list[str]", ref=Ref(RESERVED_FIXED_IPS, literals=(ALL,)), change=ON_DELETE
        ),
        Option("reboot_hard", "bool", change=ON_STATE),
        Option("activate_profile", "bool", change=ON_STATE),
    ),
    identities=(Identity(("name",)), Identity(("tags",))),
    sub_resources=(
        SubResource("volumes", VOLUME, VOLUMES.path, query={"instance_id": "{parent_id}"}, purge="purge_volumes"),
        SubResource("interfaces", INTERFACE, INTERFACE.type.path, purge="purge_interfaces"),
    ),
    related_reads=(
        RelatedRead("_servergroup", SERVERGROUPS.path, ("servergroup",), group_of_instance),
        RelatedRead("_volumes", VOLUMES.path, ("delete_volumes",), own_rows, query={"instance_id": "{id}"}),
        RelatedRead("_interfaces", ONE + "/interfaces", ("delete_floating_ips",), own_rows),
        RelatedRead(
            "_reserved",
            RESERVED_FIXED_IPS.path,
            ("delete_reserved_fixed_ips",),
            own_rows,
            query={"device_id": "{id}"},
            when=ON_DELETION,
        ),
    ),
    create=Action("create", "POST", "/cloud/v2/instances" + PLACE, "create_vm", timeout=1200),
    update=Action("update", "PATCH", ONE),
    delete=Action("delete", "DELETE", ONE, "delete_vm", timeout=1200),
    states=(
        State(
            "started",
            ("ACTIVE",),
            from_statuses({"SHUTOFF": power("start"), "SUSPENDED": power("resume")}),
        ),
        State(
            "stopped",
            ("SHUTOFF",),
            from_statuses({"ACTIVE": power("stop"), "SUSPENDED": power("resume", "stop")}),
        ),
        State(
            "suspended",
            ("SUSPENDED",),
            from_statuses({"ACTIVE": power("suspend"), "SHUTOFF": power("start", "suspend")}),
        ),
        State(
            "rebooted",
            ("ACTIVE",),
            from_statuses(
                {"ACTIVE": power("reboot"), "SHUTOFF": power("start"), "SUSPENDED": power("resume", "reboot")}
            ),
            always=True,
        ),
    ),
    filters=(
        Option("status", choices=STATUSES),
        Option("flavor", api=Api(filter="flavor_id"), ref=Ref(FLAVORS)),
        Option("flavor_prefix"),
        Option("ip"),
        Option("include_k8s", "bool"),
        Option("with_ddos", "bool"),
        Option("with_interfaces_name", "bool"),
        *tag_filters("tag_value"),
    ),
    hooks=InstanceHooks(),
)
