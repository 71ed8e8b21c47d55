# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What uses a resource that is to be deleted: read before the first write, and named in the message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InUseError
from .resource import ON_DELETION, RelatedRead
from .types import ResourceType

SHOWN = 5
# Ports that belong to the network itself and are deleted with it.
OWN_PORTS = ("dhcp", "router")


def ports_read(parameter: str) -> RelatedRead:
    """The ports in a network or subnet that are in use; ``parameter`` is the filter of the list of ports."""
    return RelatedRead(
        "_ports",
        "/cloud/v1/ports/{project_id}/{region_id}",
        (),
        used_ports,
        query={parameter: "{id}"},
        when=ON_DELETION,
    )


def used_ports(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All ports except those of routers and DHCP servers (docs/api-notes.md: Ports)."""

    def is_own(port: Mapping[str, Any]) -> bool:
        holder = port.get("attached_to")
        return holder["resource_type"] in OWN_PORTS if holder else port.get("managed_by") == "system"

    return [port for port in rows if not is_own(port)]


def port_text(port: Mapping[str, Any]) -> str:
    """A port as text: the resource that it is attached to, and its addresses."""
    holder = port.get("attached_to") or {}
    addresses = ", ".join(each["ip_address"] for each in port.get("ip_assignments") or [])
    resource_type = str(holder.get("resource_type") or "").replace("_", " ")
    name = (
        "%s %s" % (resource_type or "resource", holder["resource_id"])
        if holder.get("resource_id")
        else "port %s" % port["id"]
    )
    return "%s (%s)" % (name, addresses) if addresses else name


def refuse(resource_type: ResourceType, row: Mapping[str, Any], users: Iterable[str], hint: str) -> None:
    """Raise InUseError if the resource has users."""
    found = sorted(users)
    if not found:
        return
    more = " and %d more" % (len(found) - SHOWN) if len(found) > SHOWN else ""
    raise InUseError(
        "The %s '%s' (%s) is in use and cannot be deleted: %s%s."
        % (resource_type.noun, row.get("name"), row[resource_type.id_field], ", ".join(found[:SHOWN]), more),
        hint,
    )
