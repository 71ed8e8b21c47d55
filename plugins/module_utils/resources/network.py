# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network (docs/api-notes.md: Networks and routers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import InUseError
from ..schema import usage
from ..schema.common import COMMON_KEYS, name, predicted, tag_filters, tags
from ..schema.option import ON_DELETE, WRITE_ONLY, Action, Option
from ..schema.resource import ON_DELETION, Hooks, RelatedRead, Resource
from ..schema.resource_types import NETWORKS, ROUTERS

ONE = NETWORKS.path + "/{id}"


def own_routers(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The router that was created with the network: the same task created both."""
    creator = row.get("creator_task_id")
    return [each for each in rows if creator and each.get("creator_task_id") == creator]


class NetworkHooks(Hooks):
    may_orphan = (ROUTERS,)
    response = predicted(
        COMMON_KEYS + " name default mtu port_security_enabled segmentation_id",
        type="vxlan",
        subnets=[],
        external=False,
        shared=False,
        tags=[],
    )

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """Delete the router before the network; refuse both while something else uses one of them."""
        usage.refuse(
            NETWORKS,
            row,
            [usage.port_text(port) for port in row["_ports"]],
            "Delete what uses it, or detach it from the network, first.",
        )
        if not options.get("delete_router"):
            return []
        for router in row["_routers"]:
            others = sorted({each["network_id"] for each in router.get("interfaces") or []} - {row["id"]})
            if others:
                raise InUseError(
                    "delete_router: the router %s also connects the network %s." % (router["id"], ", ".join(others)),
                    "Detach the router from that network first, or omit delete_router.",
                )
        return [
            Action("delete the router of", "DELETE", "%s/%s" % (ROUTERS.path, each["id"]), "delete_router")
            for each in row["_routers"]
        ]

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The router that create_router created is a resource of its own, and is not deleted with the network."""
        left = [] if options.get("delete_router") else [each["id"] for each in row["_routers"]]
        return (
            "The router that was created with the network is not deleted: %s. Set delete_router: true to delete it too."
            % ", ".join(left)
            if left
            else None
        )


RESOURCE = Resource(
    type=NETWORKS,
    options=(
        name(required=True),
        Option("type", choices=("vxlan", "vlan")),
        Option("create_router", "bool", change=WRITE_ONLY),
        tags(),
        Option("delete_router", "bool", change=ON_DELETE),
    ),
    create=Action("create", "POST", NETWORKS.path, "create_network"),
    update=Action("update", "PATCH", ONE.replace("v1", "v2"), "update_network"),
    delete=Action("delete", "DELETE", ONE, "delete_network"),
    related_reads=(
        RelatedRead("_routers", ROUTERS.path, (), own_routers, when=ON_DELETION),
        usage.ports_read("network_ids"),
    ),
    filters=(
        Option("network_type", choices=("vlan", "vxlan")),
        Option("external", "bool"),
        Option("owned_by", choices=("project", "any")),
        *tag_filters(),
    ),
    hooks=NetworkHooks(),
)
