# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reserved fixed IP: a port with its addresses, which several instances can share as a virtual IP (docs/api-notes.md: Reserved fixed IPs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import MissingOptions, OptionError
from ..schema import usage
from ..schema.checks import ADDRESS, Pattern
from ..schema.common import predicted
from ..schema.option import AFTER_UPDATE, AFTERWARDS, UPDATE, WRITE_ONLY, Action, Api, Option, Ref, Set, Value
from ..schema.resource import Hooks, Identity, RelatedRead, Resource
from ..schema.resource_types import INSTANCES, NETWORKS, RESERVED_FIXED_IPS, SUBNETS
from ..schema.values import KNOWN_LATER, MISSING, get_path, same

ONE = RESERVED_FIXED_IPS.path + "/{id}"
DEVICES = ONE + "/connected_devices"
# What the API calls the way to create one, by the option that is given.
TYPES = {
    "port": "port",
    "ip_address": "ip_address",
    "subnet": "subnet",
    "network": "any_subnet",
    "external": "external",
}
PORT_ID = Pattern(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "the ID of a port, in lowercase")
IPV6_PATHS = {"fixed_ip_address": "fixed_ipv6_address", "subnet_id": "subnet_v6_id"}


class OfEachFamily(Option):
    """An option that a response shows in two places: one for IPv4, one for IPv6."""

    def value_in(self, row: Mapping[str, Any]) -> Any:
        shown = [get_path(row, path) for path in (self.read_path, IPV6_PATHS[self.read_path])]
        found = [each for each in shown if each not in (None, MISSING)]
        return found[0] if len(found) == 1 else found


class OneOf(Value):
    """A value that is equal to one of two current ones."""

    def same(self, desired: Any, current: Any) -> bool:
        return any(same(desired, each) for each in (current if isinstance(current, list) else [current]))


class External(Value):
    """Whether the address is public, which is a type in the create request."""

    def to_request(self, value: Any) -> Any:
        return "external"


class ConnectedPorts(Set):
    """The ports that share a virtual IP."""

    purge = "purge_connected_ports"
    authoritative = False

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return desired if purge else [*desired, *(each for each in current if each not in desired)]


def connect(desired: list[str], current: list[str], row: Mapping[str, Any], purge: bool) -> list[Action]:
    """The ports are added, or, where others have to go, the whole list is replaced: once the address is a virtual IP."""
    added = [each for each in desired if each not in current]
    method, ports = ("PATCH", added) if set(current) <= set(desired) else ("PUT", desired)
    return [Action("connect ports to", method, DEVICES, body={"port_ids": ports}, phase=AFTER_UPDATE)]


def port_ids(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[str]:
    return [each["port_id"] for each in rows]


def port_of_instance(options: Mapping[str, Any], interfaces: list[dict[str, Any]]) -> str:
    """The port of an instance that is where the options say that the virtual IP is."""

    def fits(row: Mapping[str, Any]) -> bool:
        network = row.get("network_details") or {}
        names = {each["id"]: each["name"] for each in network.get("subnets") or []}
        subnets = {each["subnet_id"] for each in row["ip_assignments"]}
        places = {
            "network": {row["network_id"], network.get("name")},
            "subnet": subnets | {names.get(each) for each in subnets},
            "external": {network.get("external")},
        }
        return all(options[name] in place for name, place in places.items() if options.get(name) is not None)

    found = [row for row in interfaces if fits(row)]
    if len(found) != 1:
        raise OptionError(
            "connected_instances: %d interfaces of the instance may share the virtual IP." % len(found),
            "It must have one in the network of the virtual IP. To choose one, list its port in connected_ports.",
        )
    return str(found[0]["port_id"])


class ReservedFixedIpHooks(Hooks):
    mutually_exclusive = (
        ("port", "subnet", "network", "external"),
        ("port", "subnet", "ip_address", "ip_family"),
        ("external", "ip_address"),
        ("connected_ports", "connected_instances"),
    )
    response = predicted(
        "name is_external project_id region_id region created_at updated_at creator_task_id task_id",
        network_id=KNOWN_LATER,
        network=predicted(
            "id name mtu type segmentation_id external default shared subnets tags port_security_enabled "
            "project_id region_id region created_at updated_at creator_task_id task_id"
        ),
        fixed_ip_address=KNOWN_LATER,
        subnet_id=KNOWN_LATER,
        is_vip=False,
        status="DOWN",
        reservation=predicted("resource_type resource_id", status="available"),
        attachments=[],
        allowed_address_pairs=[],
        _connected=[],
    )

    def picked_from(self, option: Option) -> Optional[RelatedRead]:
        """Of an instance, the API wants the port."""
        if option.name != "connected_instances":
            return None
        places = ("network", "subnet", "external")
        return RelatedRead("port", INSTANCES.path + "/{id}/interfaces", places, port_of_instance)

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse what identifies nothing, and ports of what is no virtual IP."""
        if options.get("external") is False:
            raise OptionError("external: false identifies no reserved fixed IP.", "Set network or subnet instead.")
        for name in ("connected_ports", "connected_instances"):
            if options.get(name) and not options.get("is_vip"):
                raise OptionError("%s needs a virtual IP." % name, "Set is_vip: true.")

    def afterwards(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """The request that reserves the address of an existing port takes nothing else."""
        return ("is_vip",) if options.get("port") is not None else ()

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        given = [name for name in TYPES if options.get(name) is not None]
        if given in ([], ["ip_address"]):
            raise MissingOptions("Reserving an address needs network.")
        return {"type": TYPES[given[0]], **body}

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """The API deletes only what is not attached and no virtual IP; the ports that share one do not keep it."""
        attached = [row["reservation"]] if row["reservation"]["status"] == "attached" else []
        usage.refuse(
            RESERVED_FIXED_IPS,
            row,
            [
                "%s %s" % (each["resource_type"], each["resource_id"])
                for each in attached or ([] if row["is_vip"] else row["attachments"])
            ],
            "Detach it, or delete what it is attached to, first.",
        )
        body = {"is_vip": False}
        return [Action("turn off the virtual IP of", "PATCH", ONE, body=body)] if row["is_vip"] else []

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Show the addresses of its IP families."""
        address = options.get("ip_address")
        family = options.get("ip_family") or ("ipv6" if ":" in str(address) else "ipv4")
        row.update(fixed_ipv6_address=None, subnet_v6_id=None)
        if family != "ipv4":
            row.update(fixed_ipv6_address=address or KNOWN_LATER, subnet_v6_id=KNOWN_LATER)
        if family == "ipv6":
            row.update(fixed_ip_address=None, subnet_id=None)
        row["network"]["id"] = row["network_id"]


def connected(name: str, **more: Any) -> Option:
    """One of the options that say which ports share the virtual IP."""
    api = Api("port_ids", read="_connected", create=AFTERWARDS)
    return Option(name, "list[str]", api=api, value=ConnectedPorts(), change=connect, **more)


RESOURCE = Resource(
    type=RESERVED_FIXED_IPS,
    options=(
        Option("port", check=PORT_ID, api=Api("port_id")),
        OfEachFamily("ip_address", check=ADDRESS, api=Api(read="fixed_ip_address"), value=OneOf()),
        OfEachFamily("subnet", api=Api("subnet_id"), ref=Ref(SUBNETS), value=OneOf()),
        Option("network", api=Api("network_id"), ref=Ref(NETWORKS, name_at="network.name")),
        Option("external", "bool", api=Api("type", read="is_external"), value=External()),
        Option("ip_family", choices=("dual", "ipv4", "ipv6"), change=WRITE_ONLY),
        Option("is_vip", "bool", change=UPDATE),
        connected("connected_ports", check=PORT_ID),
        connected("connected_instances", ref=Ref(INSTANCES)),
    ),
    identities=(
        Identity(("port",)),
        Identity(("ip_address", "network")),
        Identity(("ip_address",)),
        Identity(("subnet",)),
        Identity(("network",)),
        Identity(("external",)),
    ),
    create=Action("create", "POST", RESERVED_FIXED_IPS.path, "create_reserved_fixed_ip"),
    update=Action("update", "PATCH", ONE),
    delete=Action("delete", "DELETE", ONE, "delete_reserved_fixed_ip"),
    related_reads=(
        RelatedRead("_connected", DEVICES, ("connected_ports", "connected_instances"), port_ids, paged=False),
    ),
    filters=(
        Option("external_only", "bool"),
        Option("internal_only", "bool"),
        Option("available_only", "bool"),
        Option("vip_only", "bool"),
        Option("device_id"),
        Option("ip_address"),
    ),
    hooks=ReservedFixedIpHooks(),
)
