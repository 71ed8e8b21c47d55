# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subnet (docs/api-notes.md: Subnets)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import OptionError
from ..schema import usage
from ..schema.checks import ADDRESS, NETWORK
from ..schema.common import COMMON_KEYS, name, predicted, tag_filters, tags
from ..schema.option import SET, UPDATE, WRITE_ONLY, Action, Api, Option, Ref, Value
from ..schema.parsing import CLEARED
from ..schema.resource import Hooks, Identity, RelatedRead, Resource
from ..schema.resource_types import NETWORKS, ROUTERS, SUBNETS
from ..schema.values import same

ONE = SUBNETS.path + "/{id}"
CHOSEN_RESOLVERS = {"95.85.95.85", "8.8.8.8"}


class Resolvers(Value):
    """Resolvers in order. Null is the API's default: shown as none, or as two servers where DHCP is off (docs/api-notes.md: Subnets)."""

    def same(self, desired: Any, current: Any) -> bool:
        if desired is None:
            return not current or set(current) == CHOSEN_RESOLVERS
        return same(desired, current)


def connected_router(row: Mapping[str, Any], routers: list[dict[str, Any]]) -> dict[str, Any]:
    """The router that has an interface in the subnet."""
    for router in routers:
        for interface in router.get("interfaces") or []:
            if any(each["subnet_id"] == row["id"] for each in interface["ip_assignments"]):
                return {"id": router["id"], "name": router["name"]}
    return {"id": None, "name": None}


class SubnetHooks(Hooks):
    response = predicted(
        COMMON_KEYS + " name network_id cidr gateway_ip available_ips total_ips",
        ip_version=4,
        enable_dhcp=True,
        dns_nameservers=[],
        host_routes=[],
        has_router=False,
        tags=[],
    )

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """The API does not delete a subnet with an address in use (docs/api-notes.md: Subnets)."""
        usage.refuse(
            SUBNETS,
            row,
            [usage.port_text(port) for port in row["_ports"]],
            "Delete what uses it, or detach it from the subnet, first.",
        )
        return []

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """Without a gateway the API's default of connect_to_network_router would be refused."""
        if "gateway_ip" in body and body["gateway_ip"] is None:
            body.setdefault("connect_to_network_router", False)
        return body

    def check(self, options: Mapping[str, Any]) -> None:
        """The API does not connect a subnet without a gateway to a router (docs/api-notes.md: Subnets)."""
        no_gateway = "gateway_ip" in options and options["gateway_ip"] is None
        if no_gateway and options.get("connect_to_network_router"):
            raise OptionError(
                "A subnet without a gateway cannot be connected to a router.",
                "Omit connect_to_network_router, or set gateway_ip.",
            )
        if options.get("router_to_connect") is not None and options.get("connect_to_network_router") is False:
            raise OptionError("router_to_connect needs connect_to_network_router: true.")


RESOURCE = Resource(
    type=SUBNETS,
    options=(
        name(required=True),
        Option("network", required=True, api=Api("network_id", filter="network_id"), ref=Ref(NETWORKS)),
        Option("cidr", required=True, check=NETWORK),
        Option("ip_version", "int", choices=(4, 6)),
        Option("enable_dhcp", "bool", change=UPDATE),
        Option("gateway_ip", null=CLEARED, check=ADDRESS, change=UPDATE),
        Option("dns_nameservers", "list[str]", null=CLEARED, check=ADDRESS, value=Resolvers(), change=UPDATE),
        Option(
            "host_routes",
            "list[dict]",
            suboptions=(
                Option("destination", required=True, check=NETWORK),
                Option("nexthop", required=True, check=ADDRESS),
            ),
            null=CLEARED,
            value=SET,
            change=UPDATE,
        ),
        Option("connect_to_network_router", "bool", change=WRITE_ONLY),
        Option(
            "router_to_connect",
            api=Api("router_id_to_connect", read="_router.id"),
            ref=Ref(ROUTERS, name_at="_router.name"),
        ),
        tags(),
    ),
    identities=(Identity(("name", "network")), Identity(("name",))),
    create=Action("create", "POST", SUBNETS.path, "create_subnet"),
    update=Action("update", "PATCH", ONE),
    delete=Action("delete", "DELETE", ONE, "delete_subnet"),
    related_reads=(
        RelatedRead("_router", ROUTERS.path, ("router_to_connect",), connected_router),
        usage.ports_read("subnet_ids"),
    ),
    filters=(
        Option("network", api=Api(filter="network_id"), ref=Ref(NETWORKS)),
        Option("owned_by", choices=("project", "any")),
        *tag_filters(),
    ),
    hooks=SubnetHooks(),
)
