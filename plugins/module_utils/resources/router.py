# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Router (docs/api-notes.md: Networks and routers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ImmutableError, OptionError
from ..schema import usage
from ..schema.checks import ADDRESS, NETWORK
from ..schema.common import COMMON_KEYS, name, predicted
from ..schema.option import (
    AFTER_UPDATE,
    BEFORE_UPDATE,
    SET,
    UPDATE,
    WITH_UPDATE,
    Action,
    Api,
    IgnoringNull,
    Option,
    Ref,
    Set,
)
from ..schema.parsing import CLEARED
from ..schema.resource import ON_DELETION, Hooks, RelatedRead, Resource
from ..schema.resource_types import FLOATING_IPS, NETWORKS, ROUTERS, SUBNETS
from ..schema.values import KNOWN_LATER, same

ONE = ROUTERS.path + "/{id}"
V2 = ONE.replace("v1", "v2")


class Gateway(IgnoringNull):
    """The external gateway: of a network, or, without one, the default of the region, which only the create request knows."""

    null_in_create = False

    def to_response(self, value: Any) -> Any:
        shown = {"network_id": KNOWN_LATER, "enable_snat": True, "external_fixed_ips": []}
        return None if value is None else {**shown, **value}

    def to_request(self, value: Any) -> Any:
        return {"type": "manual" if value.get("network_id") else "default", **value}

    def to_patch(self, desired: Any, current: Any) -> Any:
        if desired is None:
            return None
        if not desired.get("network_id"):
            raise OptionError("external_gateway: an existing router needs the network of its gateway.", "Set network.")
        return self.to_request(desired)


class Interfaces(Set):
    """The subnets that the router is attached to; the router shows them as ports with addresses."""

    purge = "purge_interfaces"
    authoritative = False

    def from_response(self, value: Any) -> Any:
        return [each for port in value for each in port["ip_assignments"]]

    def to_response(self, value: Any) -> Any:
        port = predicted("mac_address", port_id=KNOWN_LATER, network_id=KNOWN_LATER)
        return [{**port, "ip_assignments": [{"ip_address": KNOWN_LATER, **each}]} for each in value]

    def to_request(self, value: Any) -> Any:
        return [{"type": "subnet", **each} for each in value]

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        """An interface keeps its address; a new one gets one that is known after the run."""
        there = {each["subnet_id"]: each for each in current}
        wanted = [{key: value for key, value in each.items() if value != KNOWN_LATER} for each in desired]
        listed = {each["subnet_id"] for each in wanted}
        kept = [each for each in current if not purge and each["subnet_id"] not in listed]
        return [{**there.get(each["subnet_id"], {}), **each} for each in wanted] + kept


def attach_and_detach(desired: Any, current: Any, row: Mapping[str, Any], purge: bool) -> list[Action]:
    """The next hop of a route must be in an attached subnet: new subnets are attached before the routes change, others detached after."""
    there = {each["subnet_id"]: each["ip_address"] for each in current}
    wanted = {each["subnet_id"]: each.get("ip_address") for each in desired}
    for subnet, address in there.items():
        if not same(wanted.get(subnet, address), address):
            raise ImmutableError(
                "The interface of the router '%s' (%s) in the subnet %s has the address %s, which cannot be changed to %s."
                % (row["name"], row["id"], subnet, address, wanted[subnet]),
                "Omit ip_address, or remove the interface in one run and add it in the next.",
            )
    attached = [
        Action("attach a subnet to", "POST", ONE + "/attach", body=each, phase=BEFORE_UPDATE)
        for each in desired
        if each["subnet_id"] not in there
    ]
    detached = [detach(subnet, AFTER_UPDATE) for subnet in there if subnet not in wanted]
    return attached + detached


def detach(subnet: str, phase: int = WITH_UPDATE) -> Action:
    return Action("detach a subnet from", "POST", ONE + "/detach", body={"subnet_id": subnet}, phase=phase)


class RouterHooks(Hooks):
    response = predicted(
        COMMON_KEYS + " name external_gateway_info", status="ACTIVE", distributed=False, interfaces=[], routes=[]
    )

    def check(self, options: Mapping[str, Any]) -> None:
        subnets = [each["subnet"] for each in options.get("interfaces") or []]
        twice = [each for each in subnets if subnets.count(each) > 1]
        if twice:
            raise OptionError("interfaces lists the subnet '%s' twice." % twice[0], "List each subnet once.")

    def afterwards(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """The create request chooses the addresses; the routes may need the interfaces."""
        chosen = any(each.get("ip_address") is not None for each in options.get("interfaces") or [])
        return ("interfaces", "routes") if chosen else ()

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """Floating IPs need the router; routes and interfaces are removed before it is deleted."""
        usage.refuse(
            ROUTERS,
            row,
            ["floating IP %s" % each["floating_ip_address"] for each in row["_floating_ips"]],
            "Release them, or unassign them with gcore.cloud.floating_ip, first.",
        )
        routes = (
            [Action("clear the routes of", "PATCH", V2, "update_router", body={"routes": []})] if row["routes"] else []
        )
        return routes + [detach(each["subnet_id"]) for each in Interfaces().from_response(row["interfaces"])]


def own_floating_ips(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in rows if each.get("router_id") == row["id"] and each.get("port_id")]


RESOURCE = Resource(
    type=ROUTERS,
    options=(
        name(required=True),
        Option(
            "external_gateway",
            "dict",
            suboptions=(Option("network", api=Api("network_id"), ref=Ref(NETWORKS)), Option("enable_snat", "bool")),
            null=CLEARED,
            api=Api("external_gateway_info"),
            value=Gateway(),
            change=UPDATE,
        ),
        Option(
            "interfaces",
            "list[dict]",
            suboptions=(
                Option("subnet", required=True, api=Api("subnet_id"), ref=Ref(SUBNETS)),
                Option("ip_address", check=ADDRESS),
            ),
            value=Interfaces(),
            change=attach_and_detach,
        ),
        Option(
            "routes",
            "list[dict]",
            suboptions=(
                Option("destination", required=True, check=NETWORK),
                Option("nexthop", required=True, check=ADDRESS),
            ),
            value=SET,
            change=UPDATE,
        ),
    ),
    create=Action("create", "POST", ROUTERS.path, "create_router"),
    update=Action("update", "PATCH", V2, "update_router"),
    delete=Action("delete", "DELETE", ONE, "delete_router"),
    related_reads=(RelatedRead("_floating_ips", FLOATING_IPS.path, (), own_floating_ips, when=ON_DELETION),),
    hooks=RouterHooks(),
)
