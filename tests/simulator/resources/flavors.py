# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flavors of virtual machines (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, vcpus: int, ram: int,
         os_type: str = "linux", disabled: bool = False) -> Record:  # fmt: skip
    """A flavor of a region; ram in MiB."""
    data = {"name": name, "vcpus": vcpus, "ram": ram, "os_type": os_type, "disabled": disabled}
    return new_record(sim, "flavor", None, region_id, data, ident=f"{region_id}/{name}")


def short_view(record: Record) -> dict[str, Any]:
    """A flavor inside of an instance; bare metal ones have a resource class, and describe more."""
    shown = {
        "flavor_id": record["name"],
        "flavor_name": record["name"],
        "vcpus": record["vcpus"],
        "ram": record["ram"],
        "os_type": record["os_type"],
        "architecture": "x86_64",
        "hardware_description": {"vcpus": f"{record['vcpus']} vCPU", "ram": f"{record['ram'] // 1024} GiB"},
    }
    return {**shown, **record.data.get("server", {})}


def view(sim: Simulator, record: Record, *, include_prices: bool = False) -> dict[str, Any]:
    """A flavor of the list."""
    shown = {**short_view(record), "disabled": record["disabled"]}
    if include_prices:
        hour = round(record["vcpus"] * 0.01 + record["ram"] / 1024 * 0.005, 4)
        shown.update(price_per_hour=hour, price_per_month=round(hour * 720, 2))
        shown.update(currency_code="EUR", price_status="show")
    return shown


def in_region(sim: Simulator, region_id: int | None) -> list[Record]:
    """The flavors of a region."""
    return [record for record in sim.store.all("flavor") if record.region_id == region_id]


def referred(call: Call, name: str) -> Record:
    """A flavor that the request names, which must be there and enabled."""
    record = call.sim.store.get("flavor", f"{call.region_id}/{name}")
    if record is None:
        raise errors.not_found("Flavor", name)
    if record["disabled"]:
        raise errors.forbidden(f"The region {call.region_id} has reached the limit of flavor {name}")
    return record


@routes("GET", "/v1/flavors/{P}")
def list_flavors(call: Call) -> Any:
    query = call.query
    records = [
        record
        for record in in_region(call.sim, call.region_id)
        if (query.disabled or not record["disabled"])
        and not (query.exclude_linux and record["os_type"] == "linux")
        and not (query.exclude_windows and record["os_type"] == "windows")
    ]
    return call.listing(records, include_prices=query.include_prices)


def seed(sim: Simulator) -> None:
    """Flavors of D6 and some more; one of them is disabled."""
    for region in sim.store.all("region"):
        sizes = [(1, 2), (2, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 64)]
        for vcpus, gib in sizes:
            for family in ("g1", "g2"):
                make(sim, None, int(region.id), name=f"{family}-standard-{vcpus}-{gib}", vcpus=vcpus, ram=gib * 1024,
                     disabled=(family, vcpus) == ("g1", 32))  # fmt: skip
        make(sim, None, int(region.id), name="g0-standard-1-2-shared", vcpus=1, ram=2048)
        make(sim, None, int(region.id), name="g1w-standard-4-8", vcpus=4, ram=8192, os_type="windows")


RESOURCE = Resource(types=[ResourceType("flavor", "Flavor", make, view, global_region=False)], routes=routes, seed=seed)
