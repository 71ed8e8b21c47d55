# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Networks (docs/api-notes.md: Networks and routers), and the external network of each region."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import BY_NAME_TOO, NO_TASKS, Call, Routes, ordered, patched_tags
from ..core.simulator import Simulator
from ..core.store import Kind, Record, common_view, new_record
from ..core.tasks import Task
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


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A network as the API shows it."""
    subnets = [item.id for item in sim.store.all("subnet") if item["network_id"] == record.id and sim.shown(item)]
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


@routes("GET", "/v1/networks/{P}")
def list_networks(call: Call) -> Any:
    query = call.query
    records = usable(call) if query.owned_by == "any" else call.records("network")
    records = [
        record
        for record in call.with_tags(records)
        if (query.external is None or record["external"] == query.external)
        and (query.name is None or record["name"] == query.name)
        and (query.network_type is None or record["type"] == query.network_type)
    ]
    fields = {**BY_NAME_TOO, "priority": lambda record: record["shared"]}
    return call.listing(ordered(records, query.order_by, fields))


@routes("POST", "/v1/networks/{P}")
def create_network(call: Call) -> Any:
    from . import routers

    body = call.body
    call.claim(network_count=1, router_count=int(body.create_router))
    sim = call.sim
    record = make(sim, call.project_id, call.region_id, name=body.name, type=body.type, tags=body.tags)
    record.visible = False
    creates = {"networks": [record]}
    if body.create_router:
        gateway = regions.external_network_id(call.region_id or 0)
        router = routers.make(
            sim, call.project_id, call.region_id, name=body.name, network_id=gateway, made_for=str(record.id)
        )
        router.visible = False
        creates["routers"] = [router]
    return call.start("create_network", data=body.model_dump(), creates=creates)


@routes("GET", "/v1/networks/{P}/{network_id}")
def get_network(call: Call) -> Any:
    for record in usable(call):
        if record.id == call.values["network_id"]:
            return call.show(record)
    return call.show(call.get("network"))


def _changes(call: Call) -> tuple[Record, dict[str, Any], dict[str, str]]:
    record = call.get("network")
    call.free(record)
    name = call.body.name if call.body.has("name") else record["name"]
    tags = patched_tags(record, call.body.tags) if call.body.has("tags") else record.tags
    return record, {"name": name}, tags


@routes("PATCH", "/v2/networks/{P}/{network_id}")
def update_network(call: Call) -> Any:
    record, data, tags = _changes(call)
    if data["name"] == record["name"] and tags == record.tags:
        return NO_TASKS

    def finish(_unused: Task) -> None:
        record.data.update(data)
        record.tags = tags

    return call.start(
        "update_network", data={"network_id": record.id, **call.body.given()}, locks=[record], finish=finish
    )


@routes("PATCH", "/v1/networks/{P}/{network_id}", deprecated=True)
def update_network_v1(call: Call) -> Any:
    record, data, tags = _changes(call)
    record.data.update(data)
    record.tags = tags
    call.touch(record)
    return call.show(record)


@routes("DELETE", "/v1/networks/{P}/{network_id}")
def delete_network(call: Call) -> Any:
    """The subnets go with it (C9); ports in use refuse it (guess there); its router stays (guess there)."""
    record = call.get("network")
    sim = call.sim
    if any(port["network_id"] == record.id and port["owner_type"] != "router" for port in sim.store.all("port")):
        raise errors.conflict(f"Network {record.id} has ports in use")
    subnets = [item for item in sim.store.all("subnet") if item["network_id"] == record.id]

    def finish(_unused: Task) -> None:
        for item in subnets:
            sim.forget(item)

    return call.remove("delete_network", record, data={"network_id": record.id}, locks=subnets, finish=finish)


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


def seed(sim: Simulator) -> None:
    """``pub_net`` in each region (D6)."""
    for region in sim.store.all("region"):
        make(
            sim, None, int(region.id), name="pub_net", type="vlan", external=True, mtu=1500,
            id=regions.external_network_id(int(region.id)),
        )  # fmt: skip


RESOURCE = Resource(
    kinds=[Kind("network", "Network", make, view)],
    routes=routes,
    quotas={"network_count": count("network")},
    seed=seed,
)
