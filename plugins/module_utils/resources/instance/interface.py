# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interfaces of an instance (docs/api-notes.md: Instances)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...errors import OptionError
from ...schema.checks import ADDRESS, Pattern
from ...schema.common import still_billed
from ...schema.option import (
    Action,
    Api,
    NotNullInCreate,
    Option,
    Ref,
    Value,
)
from ...schema.parsing import REFUSED
from ...schema.resource import (
    Hooks,
    Identity,
    LocatedOptions,
    RelatedRead,
    Resource,
)
from ...schema.resource_types import (
    INSTANCES,
    NETWORKS,
    RESERVED_FIXED_IPS,
    SECURITY_GROUPS,
    SUBNETS,
)
from ...schema.types import ResourceType
from ...schema.values import same
from .. import floating_ip as floating_ips

PLACE = "/{project_id}/{region_id}"
PORT = "/cloud/v1/ports" + PLACE + "/{id}"


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
    given_type = options.get("type")
    given = [key for key in ("network", "subnet", "port") if options.get(key) is not None]
    if not given and all(options.get(key) is None for key in ("type", "interface_name", "ip_address")):
        raise OptionError(
            "%s needs network, subnet or port." % place,
            "Set one of them, or type: external for a public interface.",
        )
    if given_type in WHERE and WHERE[given_type] not in given:
        raise OptionError(
            "%s has type %s and no %s." % (place, given_type, WHERE[given_type]), "Set %s." % WHERE[given_type]
        )
    wrong = {
        "external": given,
        "any_subnet": [key for key in given if key != "network"],
        "subnet": [key for key in given if key == "port"],
    }
    if wrong.get(str(given_type)):
        raise OptionError(
            "%s has type %s and %s." % (place, given_type, " and ".join(wrong[str(given_type)])),
            "Omit type: it follows from network, subnet or port.",
        )
    if given_type == "external" and options.get("floating_ip") is not None:
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
        api_type = interface_type(options)
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
        keys = wanted[api_type] + ("interface_name", "security_groups")
        return {"type": api_type, **{key: value for key, value in body.items() if key in keys}}

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        api_type = interface_type(options)
        if api_type == "external" and "ip_address" in body:
            raise OptionError("The address of a new public interface cannot be chosen.", "Omit ip_address.")
        if api_type == "subnet" and "ip_address" in body:
            raise OptionError(
                "ip_address cannot be combined with subnet: the API finds the subnet of the address.", "Omit subnet."
            )
        if api_type == "subnet" and "network_id" not in body:
            raise OptionError("An interface in a subnet needs network as well as subnet.")
        keys = {
            "external": ("ip_family",),
            "subnet": ("network_id", "subnet_id", "floating_ip"),
            "any_subnet": ("network_id", "ip_address", "ip_family", "floating_ip"),
            "reserved_fixed_ip": ("port_id", "floating_ip"),
        }[api_type] + ("interface_name", "security_groups")
        return {"type": api_type, **{key: value for key, value in body.items() if key in keys}}

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
