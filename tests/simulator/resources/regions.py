# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Regions (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.clock import object_time
from ..core.resource import Resource
from ..core.routing import Call, Routes, ordered
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, fixed_id, new_record

routes = Routes()
PLATFORM_PROJECT = 1  # owns what no project of the account owns
VOLUME_TYPES = ["cold", "ssd_hiiops", "ssd_local", "ssd_lowlatency", "standard", "ultra"]


def external_network_id(region_id: int) -> str:
    """The id of the region's external network."""
    return fixed_id(f"network/pub_net/{region_id}")


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, id: int, display_name: str, slug: str,
         country: str = "LU", latitude: str = "49.6", longitude: str = "6.1") -> Record:  # fmt: skip
    """A region."""
    data = {
        "display_name": display_name,
        "slug": slug,
        "country": country,
        "coordinates": {"latitude": latitude, "longitude": longitude},
        "state": "ACTIVE",
    }
    return new_record(sim, "region", None, None, data, ident=id)


def view(sim: Simulator, record: Record, *, show_volume_types: bool = False) -> dict[str, Any]:
    """A region as the API shows it."""
    return {
        "id": record.id,
        "display_name": record["display_name"],
        "slug": record["slug"],
        "keystone_id": record.id,
        "keystone_name": record["slug"],
        "state": record["state"],
        "access_level": "core",
        "endpoint_type": "public",
        "country": record["country"],
        "coordinates": record["coordinates"],
        "zone": "EMEA",
        "created_at": object_time(record.created),
        "created_on": object_time(record.created),
        "external_network_id": external_network_id(int(record.id)),
        "available_volume_types": list(VOLUME_TYPES) if show_volume_types else None,
        "file_share_types": ["standard", "vast"],
        "ddos_endpoint_id": None,
        "metrics_database_id": None,
        "vlan_physical_network": "vlan_network",
        "task_id": None,
        "has_ai": False,
        "has_ai_gpu": True,
        "has_baremetal": True,
        "has_basic_vm": False,
        "has_dbaas": True,
        "has_ddos": True,
        "has_k8s": True,
        "has_kvm": True,
        "has_sfs": True,
    }


@routes("GET", "/v1/regions")
def list_regions(call: Call) -> Any:
    query = call.query
    records = [
        record
        for record in call.sim.store.all("region")
        if query.display_name is None or record["display_name"].lower() == query.display_name.lower()
    ]
    fields = {"created_at": lambda record: record.created, "display_name": lambda record: record["display_name"]}
    return call.listing(ordered(records, query.order_by, fields), show_volume_types=query.show_volume_types)


@routes("GET", "/v1/regions/{region_id}")
def get_region(call: Call) -> Any:
    if call.region is None:
        raise errors.not_found("Region", call.values["region_id"])
    return call.show(call.region, show_volume_types=call.query.show_volume_types)


def seed(sim: Simulator) -> None:
    """The two regions of D6."""
    make(sim, None, None, id=76, display_name="Luxembourg-2", slug="luxembourg-2")
    make(sim, None, None, id=148, display_name="Luxembourg-3", slug="luxembourg-3")


RESOURCE = Resource(
    types=[ResourceType("region", "Region", make, view, global_region=True)],
    routes=routes,
    seed=seed,
)
