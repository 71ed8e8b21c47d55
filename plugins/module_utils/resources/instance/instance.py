# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The instance itself: flavor, power, security groups, placement group (docs/api-notes.md: Instances)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Optional

from ...errors import MissingOptions, OptionError
from ...schema.checks import ADDRESS, Pattern, Range
from ...schema.common import ALL, chosen, name, predicted, still_billed, tag_filters, tags
from ...schema.option import (
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
)
from ...schema.parsing import CLEARED, REFUSED
from ...schema.resource import (
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
from ...schema.resource_types import (
    FLAVORS,
    FLOATING_IPS,
    IMAGES,
    INSTANCES,
    NETWORKS,
    RESERVED_FIXED_IPS,
    SECURITY_GROUPS,
    SERVERGROUPS,
    SSH_KEYS,
    SUBNETS,
    VOLUMES,
)
from ...schema.types import has_id_form
from ...schema.values import KNOWN_LATER
from .. import floating_ip as floating_ips
from .. import volume as volumes
from .interface import INTERFACE, PLACE, check_interface, interface_type, wanted_interfaces
from .volume import VOLUME, wanted_volumes

ONE = INSTANCES.path + "/{id}"
POWER = "/cloud/v2/instances" + PLACE + "/{id}/action"
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
    response = predicted(
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
        flavor = predicted(
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
            fixed = predicted("interface_name subnet_id subnet_name", addr=address, type="fixed")
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
