# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The load balancer itself: its virtual IP, flavor, listeners and pools (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...errors import OptionError, StatusError
from ...schema.common import (
    COMMON_KEYS,
    logging,
    name,
    predicted,
    still_billed,
    tag_filters,
    tags,
)
from ...schema.option import (
    ON_STATE,
    OR_MISSING,
    UPDATE,
    Action,
    Api,
    Option,
    Ref,
    Value,
)
from ...schema.resource import IF_CHANGED, ON_DELETION, ON_REQUEST, Hooks, RelatedRead, Resource, State, SubResource
from ...schema.resource_types import (
    FLOATING_IPS,
    LISTENERS,
    LOAD_BALANCER_FLAVORS,
    LOAD_BALANCERS,
    NETWORKS,
    POOLS,
    REGIONS,
    RESERVED_FIXED_IPS,
    SUBNETS,
)
from ...schema.values import KNOWN_LATER
from .. import floating_ip as floating_ips
from .common import PORTS, enabled, v2
from .l7_policy import check_policy
from .listener import LISTENER, check_listener, transport
from .pool import FREE_POOL, check_pool

STATUSES = ("ACTIVE", "DELETED", "ERROR", "PENDING_CREATE", "PENDING_DELETE", "PENDING_UPDATE")
OPERATING = ("DEGRADED", "DRAINING", "ERROR", "NO_MONITOR", "OFFLINE", "ONLINE")


def own_address(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reserved fixed IP of the virtual IP, if it is one."""
    return [each for each in rows if each["port_id"] == row.get("vip_port_id")]


def public_subnets(row: Mapping[str, Any], networks: list[dict[str, Any]]) -> list[str]:
    return [subnet for network in networks for subnet in network.get("subnets") or []]


def place_of_vip(row: Mapping[str, Any], ports: list[dict[str, Any]]) -> dict[str, Any]:
    """The network and subnets of the virtual IP, which its port shows; {} where the port is not listed."""
    for port in ports:
        if port["id"] == row["vip_port_id"]:
            subnets = list(dict.fromkeys(each["subnet_id"] for each in port["ip_assignments"]))
            return {"network_id": port["network_id"], "subnet_ids": subnets}
    return {}


def statuses_of(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> Optional[dict[str, Any]]:
    return next((each for each in rows if each["id"] == row["id"]), None)


def fail_over(status: str, options: Mapping[str, Any]) -> tuple[Action, ...]:
    """A failover needs a status, unless it is forced."""
    force = bool(options.get("force"))
    if status != "ACTIVE" and not force:
        raise StatusError("A failover needs status ACTIVE.", "Set force: true to fail over in any status.")
    path = LOAD_BALANCERS.path + "/{id}/failover"
    return (Action("fail over", "POST", path, "failover_loadbalancer", timeout=600, body={"force": force}),)


class SubnetOfVip(Value):
    """One of the subnets that the port of the virtual IP is in."""

    def from_response(self, value: Any) -> Any:
        return value[0] if len(value) == 1 else value

    def to_response(self, value: Any) -> Any:
        return [value]

    def same(self, desired: Any, current: Any) -> bool:
        return bool(desired == current or desired in (current or ()))


class LoadBalancerHooks(Hooks):
    may_orphan = (FLOATING_IPS,)
    response = predicted(
        COMMON_KEYS + " name flavor vip_fqdn vip_ip_family logging ddos_profile stats",
        provisioning_status="ACTIVE",
        operating_status="ONLINE",
        admin_state_up=True,
        preferred_connectivity="L2",
        vip_address=KNOWN_LATER,
        vip_port_id=KNOWN_LATER,
        additional_vips=[],
        vrrp_ips=[],
        listeners=[],
        floating_ips=[],
        tags_v2=[],
    )

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """Without a network or a port the load balancer is public (docs/api-notes.md: Load balancers)."""
        if "floating_ip" in body and "vip_network_id" not in body and "vip_port_id" not in body:
            raise OptionError(
                "floating_ip: a load balancer without vip_network and vip_port is public and cannot have a floating IP.",
                "Set vip_network, or omit floating_ip.",
            )
        return body

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse what the API would refuse, or would do in another way."""
        if options.get("vip_port") is not None and any(
            options.get(each) is not None for each in ("vip_network", "vip_subnet", "vip_ip_family")
        ):
            raise OptionError(
                "vip_port cannot be combined with vip_network, vip_subnet or vip_ip_family: it is an address."
            )
        if options.get("vip_subnet") is not None and options.get("vip_network") is None:
            raise OptionError("vip_subnet needs the vip_network that it is in.")
        pools = [("pools[%d]" % index, pool) for index, pool in enumerate(options.get("pools") or [])]
        taken: dict[Any, str] = {}
        for number, listener in enumerate(options.get("listeners") or []):
            place = "listeners[%d]" % number
            key = (listener["protocol_port"], transport(listener["protocol"]))
            if key in taken:
                raise OptionError(
                    "The listeners '%s' and '%s' share port %d." % (taken[key], listener["name"], key[0]),
                    "Use a different port for each listener.",
                )
            taken[key] = listener["name"]
            check_listener(listener, place)
            if len(listener.get("pools") or []) > 1:
                raise OptionError(
                    "The listener '%s' has %d pools; it can have one." % (listener["name"], len(listener["pools"])),
                    "List the others in pools of the load balancer, and redirect to them with l7_policies.",
                )
            pools += [(place + ".pools[%d]" % index, pool) for index, pool in enumerate(listener.get("pools") or [])]
            for policy in listener.get("l7_policies") or []:
                check_policy(policy)
        for place, pool in pools:
            check_pool(pool, place)
        names = [pool["name"] for _place, pool in pools]
        duplicates = sorted({each for each in names if names.count(each) > 1})
        if duplicates:
            raise OptionError(
                "Several pools have the name '%s'." % duplicates[0], "Pools are identified by name: use unique names."
            )

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about what is not deleted with the load balancer and still billed."""
        return still_billed(
            "load balancer",
            (
                (
                    "floating IPs",
                    [each["floating_ip_address"] for each in row.get("floating_ips") or []],
                    "release them with gcore.cloud.floating_ip",
                ),
                (
                    "reserved fixed IPs",
                    [each.get("fixed_ip_address") or each["port_id"] for each in row.get("_reserved") or []],
                    "delete them with gcore.cloud.reserved_fixed_ip",
                ),
            ),
        )

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Listeners and nested objects in the form in which the load balancer shows them."""
        row["listeners"] = [{"id": KNOWN_LATER} for _each in options.get("listeners") or []]
        row["floating_ips"] = floating_ips.assigned_rows(row["floating_ips"])
        if row["flavor"]:
            row["flavor"] = {**predicted("flavor_id ram vcpus", flavor_id=KNOWN_LATER), **row["flavor"]}
        if row["logging"]:
            row["logging"] = {
                **predicted("destination_region_id enabled retention_policy topic_name"),
                **row["logging"],
            }


RESOURCE = Resource(
    type=LOAD_BALANCERS,
    options=(
        name(required=True),
        Option(
            "flavor",
            api=Api(read="flavor.flavor_name"),
            ref=Ref(LOAD_BALANCER_FLAVORS, by="name", name_at="flavor.flavor_name", id_at="flavor.flavor_id"),
            value=OR_MISSING,
            change=Action("resize", "POST", LOAD_BALANCERS.path + "/{id}/resize", "resize_loadbalancer"),
        ),
        Option("vip_network", api=Api("vip_network_id", read="_vip.network_id"), ref=Ref(NETWORKS)),
        Option(
            "vip_subnet",
            api=Api("vip_subnet_id", read="_vip.subnet_ids"),
            ref=Ref(SUBNETS, within=(("network_id", "vip_network"),)),
            value=SubnetOfVip(),
        ),
        Option("vip_port", api=Api("vip_port_id"), ref=Ref(RESERVED_FIXED_IPS, name_at="vip_address")),
        Option("vip_ip_family", choices=("dual", "ipv4", "ipv6")),
        floating_ips.assigned(
            "floating_ips.0",
            port="vip_port_id",
            is_public=lambda row: any(
                each["subnet_id"] in row.get("_public", ()) for each in row.get("vrrp_ips") or []
            ),
        ),
        Option("preferred_connectivity", choices=("L2", "L3"), change=UPDATE),
        logging(REGIONS),
        enabled(),
        tags("tags_v2"),
        Option("force", "bool", change=ON_STATE),
    ),
    create=Action("create", "POST", LOAD_BALANCERS.path, "create_loadbalancer", timeout=1800),
    update=Action("update", "PATCH", v2(LOAD_BALANCERS.path), "update_loadbalancer"),
    delete=Action("delete", "DELETE", LOAD_BALANCERS.path + "/{id}", "delete_loadbalancer", timeout=600),
    states=(
        State(
            "failed_over",
            ("ACTIVE",),
            fail_over,
            always=True,
        ),
    ),
    sub_resources=(
        SubResource(
            "pools",
            FREE_POOL,
            POOLS.path,
            query={"load_balancer_id": "{top_id}", "details": "true"},
            inline=False,
            purge="purge_pools",
        ),
        SubResource(
            "listeners", LISTENER, LISTENERS.path, query={"load_balancer_id": "{top_id}"}, purge="purge_listeners"
        ),
    ),
    related_reads=(
        RelatedRead("statuses", LOAD_BALANCERS.path + "/status", (), statuses_of, paged=False, when=ON_REQUEST),
        RelatedRead("_vip", PORTS, ("vip_network", "vip_subnet"), place_of_vip, query={"ids": "{row[vip_port_id]}"}),
        RelatedRead("_reserved", RESERVED_FIXED_IPS.path, (), own_address, when=ON_DELETION),
        RelatedRead(
            "_public",
            NETWORKS.path,
            ("floating_ip",),
            public_subnets,
            query={"external": "true", "owned_by": "any"},
            when=IF_CHANGED,
        ),
    ),
    filters=(
        Option("assigned_floating", "bool"),
        Option("logging_enabled", "bool"),
        Option("operating_status", choices=OPERATING),
        Option("provisioning_status", choices=STATUSES),
        Option("show_stats", "bool"),
        Option("with_ddos", "bool"),
        *tag_filters(),
    ),
    hooks=LoadBalancerHooks(),
)
