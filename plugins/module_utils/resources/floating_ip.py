# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Floating IP: a public address that can be moved from port to port (docs/api-notes.md: Floating IPs)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ..errors import AmbiguousError, NotFoundError, OptionError
from ..schema.checks import IPV4
from ..schema.common import COMMON_KEYS, predicted, tag_filters, tags, tags_from_rows
from ..schema.option import INLINE, INPUT, UPDATE, Action, Api, NotNullInCreate, Option, Ref
from ..schema.parsing import CLEARED
from ..schema.resource import Hooks, Identity, RelatedRead, Resource
from ..schema.resource_types import FLOATING_IPS, INSTANCES, LOAD_BALANCERS, RESERVED_FIXED_IPS
from ..schema.rows import describe_rows
from ..schema.types import has_id_form
from ..schema.values import KNOWN_LATER, same

NEW = "new"
WRITES = FLOATING_IPS.path.replace("v1", "v2") + "/"
HOLDERS = ("port", "instance", "load_balancer")

# What check mode predicts for a new one.
FLOATING_IP = predicted(
    COMMON_KEYS + " port_id fixed_ip_address router_id instance loadbalancer",
    floating_ip_address=KNOWN_LATER,
    status="DOWN",
    tags=[],
)


def assigned_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Predicted floating IPs in the form in which an instance or load balancer shows them."""
    shown = {name: value for name, value in FLOATING_IP.items() if name not in ("instance", "loadbalancer")}
    return [{**shown, "status": "ACTIVE", **each} for each in rows]


# ------------------------------------ the option floating_ip of other resources


class Assigned(NotNullInCreate):
    """The floating IP of a port: an existing one, or a new one unless the port has one."""

    def to_request(self, value: Any) -> Any:
        return {"source": "new"} if value == NEW else {"source": "existing", "existing_floating_id": value}

    def same(self, desired: Any, current: Any) -> bool:
        return bool(desired == current or (desired == NEW and current is not None))


def assigned(read: str, port: str, is_public: Callable[[Mapping[str, Any]], bool]) -> Option:
    """The option floating_ip: an existing floating IP, a new one, or none.

    ``read`` is the path of the first floating IP in a row, ``port`` the key of the row's port, ``is_public`` returns whether the
    port has a public address. A floating IP that is unassigned stays allocated.
    """

    def move(desired: Optional[str], current: Optional[str], row: Mapping[str, Any], purge: bool) -> list[Action]:
        actions = []
        to_port = {"port_id": row[port]}
        if desired and is_public(row):
            raise OptionError(
                "floating_ip: the port %s has a public address and cannot have a floating IP." % row[port],
                "Omit floating_ip, or use a private network.",
            )
        if current:
            actions.append(
                Action(
                    "unassign the floating IP from",
                    "PATCH",
                    WRITES + current,
                    "update_floating_ip",
                    body={"port_id": None},
                )
            )
        if desired == NEW:
            actions.append(Action("allocate a floating IP for", "POST", FLOATING_IPS.path, "create_fip", body=to_port))
        elif desired:
            actions.append(
                Action("assign the floating IP to", "PATCH", WRITES + desired, "update_floating_ip", body=to_port)
            )
        return actions

    return Option(
        "floating_ip",
        null=CLEARED,
        api=Api(read=read + ".id", create=INLINE),
        ref=Ref(FLOATING_IPS, literals=(NEW,), name_at=read + ".floating_ip_address"),
        value=Assigned(),
        change=move,
    )


# ------------------------------------------------------------ the floating IP


def port_of_instance(options: Mapping[str, Any], interfaces: list[dict[str, Any]]) -> str:
    """The port of an instance to assign a floating IP to: the private one with an IPv4 address, or with fixed_ip_address."""
    wanted = options.get("fixed_ip_address")

    def addresses(row: Mapping[str, Any]) -> list[str]:
        found = [each["ip_address"] for each in row.get("ip_assignments") or []]
        return [each for each in found if ipaddress.ip_address(each).version == 4]

    private = [row for row in interfaces if not (row.get("network_details") or {}).get("external") and addresses(row)]
    matching = [row for row in private if wanted is None or any(same(wanted, each) for each in addresses(row))]
    if len(matching) == 1:
        return str(matching[0]["port_id"])
    has = ", ".join(each for row in private for each in addresses(row)) or "none"
    if matching:
        raise OptionError(
            "The instance has %d private addresses: %s." % (len(matching), has),
            "Set fixed_ip_address to one of them.",
        )
    raise OptionError(
        "The instance has no private IPv4 address%s to assign a floating IP to." % (" " + wanted if wanted else ""),
        "Its private addresses: %s." % has,
    )


HOLDER_KEYS = {
    "instance": (
        "id name status vm_state task_state flavor addresses security_groups ssh_key_name volumes instance_description tags "
        "project_id region_id region created_at creator_task_id task_id"
    ),
    "loadbalancer": (
        COMMON_KEYS
        + " name provisioning_status operating_status admin_state_up flavor vip_address vip_port_id vip_ip_family "
        "vip_fqdn additional_vips vrrp_ips floating_ips listeners preferred_connectivity logging ddos_profile stats tags_v2"
    ),
}


class FloatingIpHooks(Hooks):
    has_item = False
    mutually_exclusive = (HOLDERS,)
    response = FLOATING_IP

    def picked_from(self, option: Option) -> Optional[RelatedRead]:
        """For an instance, requests take one of its ports."""
        if option.name != "instance":
            return None
        return RelatedRead("port", INSTANCES.path + "/{id}/interfaces", ("fixed_ip_address",), port_of_instance)

    def reuse(self, options: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Of the floating IPs with the tags, those that may be assigned instead of allocating a new one."""
        reuse = options.get("reuse")
        if reuse is False or options.get("floating_ip_address") is not None:
            return []
        free = [row for row in rows if not row.get("port_id")]
        if rows and not free and reuse is None:
            raise AmbiguousError(
                "All floating IPs with these tags are in use: %s." % describe_rows(FLOATING_IPS, rows),
                "Set reuse: true to move one, or reuse: false to allocate another one.",
                ids=[str(row["id"]) for row in rows],
            )
        return free or rows

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """The API chooses the address of a new floating IP."""
        address = options.get("floating_ip_address")
        if address is not None:
            raise NotFoundError(
                "There is no floating IP %s in this project and region." % address,
                "The address of a new one cannot be chosen. To allocate one, omit floating_ip_address and set port, instance, "
                "load_balancer or tags.",
            )
        return body

    def update_body(self, patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """The API needs the port with fixed_ip_address, and takes the first address of a port without one."""
        if "fixed_ip_address" in patch:
            patch.setdefault("port_id", row["port_id"])
        elif patch.get("port_id") and options.get("fixed_ip_address") is not None:
            patch["fixed_ip_address"] = options["fixed_ip_address"]
        return patch

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """A released address cannot be allocated again: it must match all given options."""
        wrong = []
        if row["port_id"] is not None:
            shown = [each for each in ("instance", "load_balancer") if options.get(each) is not None]
            wrong = [each for each in shown if not RESOURCE.field(each).is_named_in(row, options[each])]
            if options.get("port") is not None and options["port"] not in (row["port_id"], row["fixed_ip_address"]):
                wrong.append("port")
        if options.get("tags") and not options["tags"].items() <= tags_from_rows(row["tags"]).items():
            wrong.append("tags")
        if wrong:
            raise OptionError(
                "The floating IP %s does not match %s and is not released."
                % (row["floating_ip_address"], " and ".join(wrong)),
                "Omit the options that do not match, or identify another floating IP.",
            )
        return []

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse an address in the wrong form, which would match nothing, and combinations without a meaning."""
        address = options.get("floating_ip_address")
        if address not in (None, KNOWN_LATER):
            try:
                ipaddress.ip_address(address)
            except ValueError:
                raise OptionError(
                    "floating_ip_address '%s' is not an IP address." % address,
                    "Use id."
                    if has_id_form(FLOATING_IPS, str(address))
                    else "Correct it, or identify the floating IP with id, port, instance or load_balancer.",
                ) from None
        if options.get("reuse") is not None and not options.get("tags"):
            raise OptionError("reuse needs tags.", "Set tags, or omit reuse.")
        holder = [each for each in HOLDERS if each in options]
        if len(holder) > 1:
            raise OptionError("%s are mutually exclusive." % " and ".join(holder), "Set only one of them.")
        free = [each for each in holder if options[each] is None]
        if options.get("fixed_ip_address") is not None and free:
            raise OptionError("fixed_ip_address needs a port, and %s: null unassigns the floating IP." % free[0])

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """A floating IP with a port is active and shows an address of the port."""
        if row["port_id"] is not None:
            row.update(status="ACTIVE", router_id=KNOWN_LATER, fixed_ip_address=row["fixed_ip_address"] or KNOWN_LATER)
        for holder, keys in HOLDER_KEYS.items():
            if row[holder]:
                row[holder] = {**predicted(keys), **row[holder]}


RESOURCE = Resource(
    type=FLOATING_IPS,
    options=(
        Option("floating_ip_address"),
        Option("port", null=CLEARED, api=Api("port_id", filter="port_ids"), ref=Ref(RESERVED_FIXED_IPS), change=UPDATE),
        Option(
            "instance",
            null=CLEARED,
            api=Api("port_id"),
            ref=Ref(INSTANCES, name_at="instance.name", id_at="instance.id"),
            change=UPDATE,
        ),
        Option(
            "load_balancer",
            null=CLEARED,
            api=Api("port_id"),
            ref=Ref(LOAD_BALANCERS, by="vip_port_id", name_at="loadbalancer.name", id_at="loadbalancer.id"),
            change=UPDATE,
        ),
        Option("fixed_ip_address", check=IPV4, change=UPDATE),
        tags(),
        Option("reuse", "bool", change=INPUT),
    ),
    identities=(
        Identity(("floating_ip_address",)),
        Identity(("port", "fixed_ip_address")),
        Identity(("port",)),
        Identity(("instance", "fixed_ip_address")),
        Identity(("instance",)),
        Identity(("load_balancer",)),
        Identity(("tags",), reusable=True),
    ),
    create=Action("create", "POST", FLOATING_IPS.path, "create_fip"),
    update=Action("update", "PATCH", WRITES + "{id}", "update_floating_ip"),
    delete=Action("delete", "DELETE", FLOATING_IPS.path + "/{id}", "delete_fip"),
    filters=(
        Option("status", choices=("ACTIVE", "DOWN", "ERROR")),
        Option("port", api=Api(filter="port_ids"), ref=Ref(RESERVED_FIXED_IPS)),
        *tag_filters(),
    ),
    hooks=FloatingIpHooks(),
)
