# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Marketplace application templates (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, id: str, display_name: str,
         image_name: str, min_disk: int, min_ram: int, os_name: str, os_version: float,
         app_config: list[dict[str, Any]]) -> Record:  # fmt: skip
    """A template."""
    data = {
        "id": id, "display_name": display_name, "image_name": image_name, "min_disk": min_disk, "min_ram": min_ram,
        "os_name": os_name, "os_version": os_version, "app_config": app_config,
    }  # fmt: skip
    return new_record(sim, "apptemplate", None, region_id, data, ident=f"{region_id}/{id}")


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A template as the API shows it."""
    return {
        **record.data,
        "region_id": record.region_id,
        "category": "development",
        "description": f"{record['id']}.description",
        "short_description": f"{record['id']}.short_description",
        "usage": f"{record['id']}.usage",
        "developer": "Simulator",
        "min_vcpus": None,
        "version": "latest",
        "website": "www.example.com",
    }


def referred(call: Call, ident: str) -> Record:
    """A template of the region; else 404."""
    record = call.sim.store.get("apptemplate", f"{call.region_id}/{ident}")
    if record is None:
        raise errors.not_found("Apptemplate", ident)
    return record


@routes("GET", "/v1/apptemplates/{P}")
def list_templates(call: Call) -> Any:
    return call.listing([item for item in call.sim.store.all("apptemplate") if item.region_id == call.region_id])


@routes("GET", "/v1/apptemplates/{P}/{apptemplate_id}")
def get_template(call: Call) -> Any:
    return call.show(referred(call, call.values["apptemplate_id"]))


def seed(sim: Simulator) -> None:
    """One template in each region."""
    option = {"name": "admin_email", "label": "Admin e-mail", "description": "", "type": "string", "required": True}
    for region in sim.store.all("region"):
        make(
            sim, None, int(region.id), id="lamp", display_name="LAMP", image_name="ubuntu-22.04-x64", min_disk=10,
            min_ram=2, os_name="Ubuntu 22.04", os_version=22.04, app_config=[option],
        )  # fmt: skip


RESOURCE = Resource(types=[ResourceType("apptemplate", "Apptemplate", make, view)], routes=routes, seed=seed)
