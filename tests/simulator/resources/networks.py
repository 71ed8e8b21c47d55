# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Networks (docs/api-notes.md: Networks and routers), and the external network of each region."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.collection import Collection, equal
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from . import regions

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, type: str = "vxlan",
         external: bool = False, shared: bool = False, mtu: int = 1450, tags: dict[str, str] | None = None,
         id: str | None = None) -> Record:  # fmt: skip
    """A network; an external one belongs to no project."""
    data = {
        "name": name,
        "type": type,
        "mtu": mtu,
        "segmentation_id": sim.random.randint(100, 4000),
        "external": external,
        "shared": shared,
        "default": False,
        "port_security_enabled": True,
    }
    return new_record(sim, "network", None if external else project_id, region_id, data, ident=id, tags=tags)


def subnets_of(sim: Simulator, record: Record) -> list[Record]:
    """All subnets of the network, oldest first."""
    return [item for item in sim.store.all("subnet") if item["network_id"] == record.id]


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A network as the API shows it."""
    subnets = [item.id for item in subnets_of(sim, record) if sim.shown(item)]
    return {**common_view(sim, record), **record.data, "subnets": sim.shuffled(subnets), "tags": record.tag_list()}


def usable(call: Call) -> list[Record]:
    """All networks that the project can use: its own, shared and external ones."""
    return [
        record
        for record in call.sim.store.all("network")
        if record.region_id == call.region_id
        and call.sim.shown(record)
        and (record.project_id == call.project_id or record["external"] or record["shared"])
    ]


def referred(call: Call, network_id: str) -> Record:
    """A usable network that the request names; else 404."""
    for record in usable(call):
        if record.id == network_id:
            return record
    raise errors.not_found("Network", network_id)


@routes("POST", "/v1/networks/{P}")
def create_network(call: Call) -> Any:
    from . import routers

    body = call.body
    call.claim(network_count=1, router_count=int(body.create_router))
    record = make(*call.scope, name=body.name, type=body.type, tags=body.tags)
    record.visible = False
    creates = {"networks": [record]}
    if body.create_router:
        gateway = regions.external_network_id(call.region_id or 0)
        router = routers.make(*call.scope, name=body.name, network_id=gateway, made_for=str(record.id))
        router.visible = False
        creates["routers"] = [router]
    return call.start("create_network", data=body.model_dump(), creates=creates)


def _listed(call: Call) -> list[Record]:
    return usable(call) if call.query.owned_by == "any" else call.records("network")


def _check_ports(call: Call, record: Record) -> list[Record]:
    """Refused while ports are in use; its subnets are deleted with it (C9), its router is kept. The document says nothing of ports and router."""
    ports = call.sim.store.all("port")
    if any(port["network_id"] == record.id and port["owner_type"] != "router" for port in ports):
        raise errors.conflict(f"Network {record.id} has ports in use")
    return subnets_of(call.sim, record)


networks = Collection(routes, "network", "/v1/networks/{P}", "network_id", usable=usable)
networks.list(
    {"external": equal("external"), "name": equal("name"), "network_type": equal("type")},
    orders={"priority": lambda _call, record: record["shared"]},
    records=_listed,
    handled=["owned_by"],
)
networks.get()
networks.update(task="update_network", version="v2")
networks.update(deprecated=True)
networks.delete(_check_ports, task="delete_network")


@routes("GET", "/v1/networks/{P}/{network_id}/ports")
def network_ports(call: Call) -> Any:
    record = referred(call, call.values["network_id"])
    rows = []
    for port in call.records("port"):
        if port["network_id"] == record.id and port["owner_type"] == "instance":
            instance = call.sim.store.get("instance", port["owner_id"])
            if instance:
                rows.append({"id": port.id, "instance_id": instance.id, "instance_name": instance["name"]})
    return call.page(rows, lambda row: row)


def delete_subnets(sim: Simulator, record: Record) -> None:
    """Delete the network's subnets (C9)."""
    for item in subnets_of(sim, record):
        sim.forget(item)


def seed(sim: Simulator) -> None:
    """``pub_net`` in each region (D6)."""
    for region in sim.store.all("region"):
        make(
            sim, None, int(region.id), name="pub_net", type="vlan", external=True, mtu=1500,
            id=regions.external_network_id(int(region.id)),
        )  # fmt: skip


RESOURCE = Resource(
    types=[ResourceType("network", "Network", make, view)],
    routes=routes,
    quotas={"network_count": count("network")},
    seed=seed,
    on_delete={"network": delete_subnets},
)
