# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Kubernetes clusters are made of: versions and flavors (docs/api-notes.md: Kubernetes, Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from . import flavors

routes = Routes()
VERSIONS = ("v1.32.13", "v1.33.10", "v1.34.6", "v1.35.3")


def parts(version: str) -> tuple[int, ...]:
    """A version to compare with."""
    return tuple(int(part) for part in version.lstrip("v").split("."))


def upgrades(version: str) -> list[str]:
    """Where a version can go: newer ones of its own and of the next minor version, as Kubernetes demands."""
    major, minor, _unused = parts(version)
    return [
        item for item in VERSIONS if parts(item) > parts(version) and parts(item)[:2] <= (major, minor + 1)
    ]  # fmt: skip


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, vcpus: int, ram: int,
         quota: str, gpu: bool = False) -> Record:  # fmt: skip
    """A bare metal flavor of a region, with the quota that its servers count for; ram in MiB."""
    hardware = {
        "cpu": f"1x {vcpus // 2}C/{vcpus}T",
        "ram": f"{ram // 1024} GiB",
        "disk": "2x 960 GiB SSD",
        "network": "2x 25 Gbps",
        "license": "",
    }
    data = {
        "name": name,
        "vcpus": vcpus,
        "ram": ram,
        "os_type": "linux",
        "disabled": False,
        "quota": quota,
        "gpu": gpu,
        "server": {"resource_class": name, "hardware_description": hardware},
    }
    return new_record(sim, "k8s_flavor", None, region_id, data, ident=f"{region_id}/{name}")


def is_baremetal(flavor: Record) -> bool:
    """Whether nodes of this flavor are servers of their own."""
    return flavor.kind == "k8s_flavor"


def view(sim: Simulator, record: Record, *, include_prices: bool = False, include_capacity: bool = False) -> Any:
    """A flavor of the list; those of virtual machines have no resource class."""
    shown = {"resource_class": None, **flavors.view(sim, record, include_prices=include_prices)}
    if include_capacity:
        shown["capacity"] = 0 if record["disabled"] else 10
    return shown


def in_region(sim: Simulator, region_id: int | None) -> list[Record]:
    """The flavors that nodes can have."""
    machines = [item for item in flavors.in_region(sim, region_id) if "-standard-" in item["name"]]
    servers = [item for item in sim.store.all("k8s_flavor") if item.region_id == region_id]
    return [item for item in machines if item["os_type"] == "linux" and item["vcpus"] > 1] + servers


def referred(call: Call, name: str) -> Record:
    """A flavor for nodes, which must be there and enabled."""
    for flavor in in_region(call.sim, call.region_id):
        if flavor["name"] == name:
            if flavor["disabled"]:
                raise errors.forbidden(f"The region {call.region_id} has reached the limit of flavor {name}")
            return flavor
    raise errors.not_found("Flavor", name)


@routes("GET", "/v2/k8s/{P}/create_versions")
def list_versions(call: Call) -> Any:
    return call.page(list(VERSIONS), lambda version: {"version": version})


@routes("GET", "/v1/k8s/{P}/flavors")
def list_flavors(call: Call) -> Any:
    query = call.query
    found = [
        item for item in in_region(call.sim, call.region_id) if not (query.exclude_gpu and item.data.get("gpu"))
    ]  # fmt: skip
    options = {"include_prices": query.include_prices, "include_capacity": query.include_capacity}
    return call.page(found, lambda item: view(call.sim, item, **options))


def seed(sim: Simulator) -> None:
    """Bare metal flavors; those of virtual machines are the ones that instances have."""
    for region in sim.store.all("region"):
        make(sim, None, int(region.id), name="bm2-hf-medium", vcpus=16, ram=131072, quota="baremetal_hf_count")
        make(sim, None, int(region.id), name="bm3-ai-1xlarge-h100-80-8", vcpus=224, ram=2097152,
             quota="baremetal_gpu_h100_count", gpu=True)  # fmt: skip


RESOURCE = Resource(types=[ResourceType("k8s_flavor", "Flavor", make, view)], routes=routes, seed=seed)
