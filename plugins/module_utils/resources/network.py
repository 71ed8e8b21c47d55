# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network (gcore-api.md C9)."""

from __future__ import annotations

from ansible_collections.gcore.cloud.plugins.module_utils.kinds import NETWORKS, ROUTERS
from ansible_collections.gcore.cloud.plugins.module_utils.resource import CREATE_ONLY, Action, Field, Resource, name, tags

ONE = NETWORKS.path + "/{id}"

RESOURCE = Resource(
    kind=NETWORKS,
    fields=(
        name(required=True),
        Field("type", choices=("vxlan", "vlan")),
        Field("create_router", "bool", change=CREATE_ONLY),
        tags(),
    ),
    create=Action("create", "POST", NETWORKS.path, "create_network"),
    update=Action("update", "PATCH", ONE.replace("v1", "v2"), "update_network"),
    delete=Action("delete", "DELETE", ONE, "delete_network"),
    leaves=(ROUTERS,),
    filters=(
        Field("network_type", choices=("vlan", "vxlan")),
        Field("external", "bool"),
        Field("owned_by", choices=("project", "any")),
    ),
    predicted={"type": "vxlan", "subnets": [], "mtu": None, "external": False, "shared": False, "tags": []},
)
