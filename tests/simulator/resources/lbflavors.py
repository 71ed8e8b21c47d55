# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flavors of load balancers (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, fixed_id, new_record

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, vcpus: int, ram: int) -> Record:
    """A flavor of a region; ram in MiB."""
    data = {"name": name, "vcpus": vcpus, "ram": ram}
    return new_record(sim, "lbflavor", None, region_id, data, ident=fixed_id(f"lbflavor/{region_id}/{name}"))


def view(sim: Simulator, record: Record, *, include_prices: bool = False) -> dict[str, Any]:
    """A flavor as the API shows it."""
    shown = {
        "flavor_id": record.id,
        "flavor_name": record["name"],
        "vcpus": record["vcpus"],
        "ram": record["ram"],
    }
    if include_prices:
        hour = round(record["vcpus"] * 0.02 + record["ram"] / 1024 * 0.005, 4)
        shown.update(price_per_hour=hour, price_per_month=round(hour * 720, 2))
        shown.update(currency_code="EUR", price_status="show")
    return shown


def in_region(sim: Simulator, region_id: int | None) -> list[Record]:
    """The flavors of a region."""
    return [record for record in sim.store.all("lbflavor") if record.region_id == region_id]


def referred(call: Call, name: str) -> Record:
    """A flavor that the request names: by its name, not by its id (C17)."""
    for record in in_region(call.sim, call.region_id):
        if record["name"] == name:
            return record
    raise errors.not_found("Flavor", name)


@routes("GET", "/v1/lbflavors/{P}")
def list_flavors(call: Call) -> Any:
    return call.listing(in_region(call.sim, call.region_id), include_prices=call.query.include_prices)


def seed(sim: Simulator) -> None:
    """The flavors of D6."""
    for region in sim.store.all("region"):
        for vcpus, gib in ((1, 2), (2, 4), (4, 8), (8, 16)):
            make(sim, None, int(region.id), name=f"lb1-{vcpus}-{gib}", vcpus=vcpus, ram=gib * 1024)
        make(sim, None, int(region.id), name="lb2-2-2", vcpus=2, ram=2048)


RESOURCE = Resource(types=[ResourceType("lbflavor", "Load balancer flavor", make, view)], routes=routes, seed=seed)
