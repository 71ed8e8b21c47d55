# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Pools of Kubernetes clusters, and their nodes (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import addresses, errors, quotas
from ..core.clock import object_time
from ..core.models import Body
from ..core.resource import Resource
from ..core.routing import Call, Routes, ordered
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from ..core.tasks import Task
from . import instances, k8s_catalog, ports, regions, servergroups, volumes

routes = Routes()
CLUSTER = "/v2/k8s/clusters/{P}/{cluster_name}"
PREFIX = "gcorecluster.x-k8s.io/"
MOST_NODES = 200
REBUILD_SECONDS = 90.0


# --- objects -------------------------------------------------------------------------------------------------------


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, cluster_id: str, name: str,
         flavor_id: str = "g2-standard-2-4", min_node_count: int = 1, max_node_count: int | None = None,
         auto_healing_enabled: bool | None = False, boot_volume_size: int | None = None,
         boot_volume_type: str | None = None, crio_config: dict[str, str] | None = None, is_public_ipv4: bool | None = False,
         kubelet_config: dict[str, str] | None = None, labels: dict[str, str] | None = None,
         security_group_ids: list[str] | None = None, servergroup_policy: str | None = None,
         taints: dict[str, str] | None = None, status: str = "Running") -> Record:  # fmt: skip
    """A pool with its nodes, and with a placement group if they are virtual machines."""
    cluster = sim.store.get("k8s_cluster", cluster_id)
    if cluster is None:
        raise LookupError(f"no k8s_cluster {cluster_id}")
    data = {
        "cluster_id": cluster_id,
        "name": name,
        "flavor_id": flavor_id,
        "status": status,
        "node_count": min_node_count,
        "min_node_count": min_node_count,
        "max_node_count": max_node_count or min_node_count,
        "auto_healing_enabled": bool(auto_healing_enabled),
        "boot_volume_size": boot_volume_size or 0,
        "boot_volume_type": boot_volume_type or "",
        "is_public_ipv4": bool(is_public_ipv4),
        "labels": with_own_labels(labels, name),
        "taints": dict(taints or {}),
        "crio_config": dict(crio_config or {}),
        "kubelet_config": dict(kubelet_config or {}),
        "security_group_ids": list(dict.fromkeys(security_group_ids or [])),
        "servergroup_id": None,
    }
    record = new_record(sim, "k8s_pool", project_id, region_id, data)
    record.lock_owner = cluster
    if servergroup_policy:
        group = servergroups.make(
            sim, project_id, region_id, name=f"{cluster['name']}-{name}", policy=servergroup_policy
        )
        group.visible = status == "Running"
        record["servergroup_id"] = group.id
    try:
        add_nodes(sim, record, min_node_count, ready=status == "Running")
    except errors.ApiError:
        sim.forget(record)
        raise
    return record


def with_own_labels(labels: dict[str, str] | None, name: str) -> dict[str, str]:
    """Labels as they are kept: the platform's own are always there, whatever is sent under their prefix (C26)."""
    wanted = {key: value for key, value in (labels or {}).items() if not key.startswith(PREFIX)}
    return {**wanted, f"{PREFIX}pool-name": name}


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A pool as the API shows it."""
    group = sim.store.get("servergroup", record["servergroup_id"]) if record["servergroup_id"] else None
    shown = {key: value for key, value in record.data.items() if key != "cluster_id"}
    return {
        **shown,
        "id": record.id,
        "created_at": object_time(record.created),
        "security_group_ids": sim.shuffled(list(record["security_group_ids"])),
        "servergroup_id": str(group.id) if group else "",
        "servergroup_name": group["name"] if group else "",
        "servergroup_policy": group["policy"] if group else "",
    }


def pools_of(sim: Simulator, cluster: Record) -> list[Record]:
    """The pools of a cluster, oldest first."""
    return [item for item in sim.store.all("k8s_pool") if item["cluster_id"] == cluster.id]


def nodes_of(sim: Simulator, *pools: Record) -> list[Record]:
    """The nodes of pools, oldest first."""
    ids = {pool.id for pool in pools}
    return [item for item in sim.store.all("instance") if item["k8s_pool_id"] in ids]


def flavor_of(sim: Simulator, pool: Record) -> Record:
    """The pool's flavor."""
    found = (item for item in k8s_catalog.in_region(sim, pool.region_id) if item["name"] == pool["flavor_id"])
    flavor = next(found, None)
    if flavor is None:
        raise LookupError(f"no flavor {pool['flavor_id']} for nodes")
    return flavor


# --- nodes ---------------------------------------------------------------------------------------------------------


def add_nodes(sim: Simulator, pool: Record, number: int, *, ready: bool) -> list[Record]:
    """More nodes, all or none."""
    made: list[Record] = []
    try:
        for _each in range(number):
            made.append(_add_node(sim, pool, ready))
    except errors.ApiError:
        drop_nodes(sim, made)
        raise
    return made


def _add_node(sim: Simulator, pool: Record, ready: bool) -> Record:
    """An instance in the cluster's network, with a boot disk if it is a virtual machine."""
    cluster = sim.store.get("k8s_cluster", pool["cluster_id"])
    assert cluster is not None
    suffix = f"{sim.random.randrange(16**5):05x}"
    node = instances.make(
        sim, pool.project_id, pool.region_id, name=f"{cluster['name']}-{pool['name']}-{suffix}",
        flavor=pool["flavor_id"], ssh_key_name=cluster["keypair"],
    )  # fmt: skip
    node["k8s_pool_id"] = pool.id
    node["is_baremetal"] = k8s_catalog.is_baremetal(flavor_of(sim, pool))
    node.lock_owner = cluster
    if not ready:
        node.data.update(status="BUILD", vm_state="building", task_state="spawning")
    try:
        _connect(sim, cluster, pool, node)
    except errors.ApiError:
        drop_nodes(sim, [node])
        raise
    if pool["boot_volume_size"]:
        disk = volumes.make(
            sim, pool.project_id, pool.region_id, name=f"{node['name']}-boot", size=pool["boot_volume_size"],
            volume_type=pool["boot_volume_type"], bootable=True,
        )  # fmt: skip
        disk.lock_owner = cluster
        volumes.join(sim, disk, node, delete_on_termination=True)
        disk["is_root_volume"] = True
    group = sim.store.get("servergroup", pool["servergroup_id"]) if pool["servergroup_id"] else None
    if group:
        group["instances"] = [*group["instances"], node.id]
    return node


def _connect(sim: Simulator, cluster: Record, pool: Record, node: Record) -> None:
    """A port in the given network, and a public one if the pool says so; the cluster's own network is not shown."""
    chosen: list[Record] = []
    if cluster["fixed_subnet"]:
        chosen.append(_there(sim, "subnet", cluster["fixed_subnet"]))
    elif cluster["fixed_network"]:
        chosen.append(addresses.pick(sim, _there(sim, "network", cluster["fixed_network"]), 4))
    if pool["is_public_ipv4"]:
        chosen.append(addresses.pick(sim, _there(sim, "network", regions.external_network_id(pool.region_id or 0)), 4))
    for subnet in chosen:
        ports.make(
            sim, pool.project_id, pool.region_id, network_id=subnet["network_id"],
            ip_assignments=[addresses.take(subnet)], owner_type="instance", owner_id=str(node.id),
            security_group_ids=pool["security_group_ids"],
        )  # fmt: skip


def _there(sim: Simulator, kind: str, ident: str) -> Record:
    """What a cluster was created in, and what therefore cannot be deleted."""
    record = sim.store.get(kind, ident)
    assert record is not None
    return record


def start_nodes(nodes: Sequence[Record]) -> None:
    """They are up."""
    for node in nodes:
        node.data.update(status="ACTIVE", vm_state="active", task_state=None)


def drop_nodes(sim: Simulator, nodes: Sequence[Record]) -> None:
    """Delete nodes with their ports and boot disks; other volumes are detached."""
    for node in nodes:
        instances.drop_ports(sim, instances.ports_of(sim, node))
        for item in list(node["volumes"]):
            volume = sim.store.get("volume", item["id"])
            if volume:
                volumes.part(sim, volume)
                if item["delete_on_termination"]:
                    sim.forget(volume)
        sim.forget(node)


def replace_node(sim: Simulator, node: Record) -> None:
    """A node gives way to a new one, which is up some time later."""
    pool = _there(sim, "k8s_pool", node["k8s_pool_id"])
    drop_nodes(sim, [node])
    new = add_nodes(sim, pool, 1, ready=False)
    sim.schedule(sim.now() + REBUILD_SECONDS, lambda: start_nodes(new))


# --- checks --------------------------------------------------------------------------------------------------------


def find_cluster(call: Call) -> Record:
    """The cluster of the path, by name (C25)."""
    name = call.values["cluster_name"]
    for record in call.records("k8s_cluster"):
        if record["name"] == name:
            return record
    raise errors.not_found("K8s cluster", name)


def writable(call: Call) -> Record:
    """The cluster of the path, to be changed: neither locked nor incomplete."""
    cluster = find_cluster(call)
    call.free(cluster)
    if cluster["status"] != "Provisioned":
        raise errors.conflict(f"K8s cluster {cluster['name']} must be Provisioned, not {cluster['status']}")
    return cluster


def pools_in(call: Call, cluster: Record) -> list[Record]:
    """The readable pools of a cluster, newest first."""
    found = [item for item in call.records("k8s_pool") if item["cluster_id"] == cluster.id]
    return ordered(found)


def find_pool(call: Call, cluster: Record) -> Record:
    """The pool of the path, by name (C26)."""
    name = call.values["pool_name"]
    for record in pools_in(call, cluster):
        if record["name"] == name:
            return record
    raise errors.not_found("K8s cluster pool", name)


def check(call: Call, body: Body, field: str = "") -> Record:
    """The rules for a new pool; its flavor (C25)."""
    flavor = k8s_catalog.referred(call, body.flavor_id)
    for name in ("servergroup_policy", "boot_volume_type", "boot_volume_size"):
        given = getattr(body, name) is not None
        if given == k8s_catalog.is_baremetal(flavor):
            message = "Not used with a bare metal flavor" if given else "Required for virtual machine flavors"
            raise errors.invalid(f"{field}{name}", message)
    _check_span(body.min_node_count, body.max_node_count or body.min_node_count, field)
    _check_groups(call, body.security_group_ids or [])
    return flavor


def _check_span(low: int, high: int, field: str = "") -> None:
    for name, number in (("min_node_count", low), ("max_node_count", high)):
        if not 1 <= number <= MOST_NODES:
            raise errors.invalid(f"{field}{name}", f"Input should be from 1 to {MOST_NODES}")
    if low > high:
        raise errors.invalid(f"{field}max_node_count", "max_node_count must not be less than min_node_count")


def _check_groups(call: Call, ids: list[str]) -> None:
    for ident in ids:
        call.get("security_group", ident)


def needs(
    flavor: Record, nodes: int, boot_volume_size: int | None, *, group: bool = False, public: bool = False
) -> dict[str, int]:
    """The quotas that nodes take, by the kind of their flavor; each public one takes an external IP."""
    addresses_taken = {"external_ip_count": nodes} if public else {}
    if k8s_catalog.is_baremetal(flavor):
        return {flavor["quota"]: nodes, **addresses_taken}
    found = {
        **addresses_taken,
        "vm_count": nodes,
        "cpu_count": nodes * flavor["vcpus"],
        "ram": nodes * flavor["ram"],
        "volume_count": nodes,
        "volume_size": nodes * (boot_volume_size or 0),
    }
    return {**found, "servergroup_count": 1} if group else found


def added(parts: Sequence[dict[str, int]]) -> dict[str, int]:
    """Quotas of several pools together."""
    found: dict[str, int] = {}
    for part in parts:
        for name, amount in part.items():
            found[name] = found.get(name, 0) + amount
    return found


def more_needs(sim: Simulator, pool: Record, nodes: int) -> dict[str, int]:
    """What more nodes of a pool take."""
    return needs(flavor_of(sim, pool), max(nodes, 0), pool["boot_volume_size"], public=pool["is_public_ipv4"])


def check_needs(call: Call, body: Body) -> dict[str, int]:
    """What a pool of this kind would take."""
    flavor = k8s_catalog.referred(call, body.flavor_id)
    nodes = max(body.node_count or 1, body.min_node_count or 1)
    return claims(flavor, nodes, body)


def claims(flavor: Record, nodes: int, body: Body) -> dict[str, int]:
    """What a pool takes with so many nodes."""
    group, public = body.servergroup_policy is not None, bool(body.is_public_ipv4)
    return needs(flavor, nodes, body.boot_volume_size, group=group, public=public)


def what_exceeds(call: Call, requested: dict[str, int]) -> dict[str, int]:
    """What does not fit, in the words of the API (C45)."""
    found: dict[str, int] = {}
    for name, (limit, usage, amount) in quotas.exceeded(call.sim, call.region_id, requested).items():
        found.update({f"{name}_limit": limit, f"{name}_usage": usage, f"{name}_requested": amount})
    return found


# --- operations ----------------------------------------------------------------------------------------------------


@routes("POST", "/v2/k8s/clusters/{P}/pools/check_limits")
def check_limits(call: Call) -> Any:
    """A read."""
    return what_exceeds(call, check_needs(call, call.body))


@routes("GET", f"{CLUSTER}/pools")
def list_pools(call: Call) -> Any:
    return call.listing(call.sim.shuffled(pools_in(call, find_cluster(call))))


@routes("POST", f"{CLUSTER}/pools")
def create_pool(call: Call) -> Any:
    body = call.body
    sim = call.sim
    cluster = writable(call)
    if any(item["name"] == body.name for item in pools_of(sim, cluster)):
        raise errors.conflict(f"K8s cluster pool {body.name} already exists")
    flavor = check(call, body)
    call.claim(**claims(flavor, body.min_node_count, body))
    record = make(*call.scope, cluster_id=str(cluster.id), status="Provisioning", **body.model_dump())

    def finish(_unused: Task) -> None:
        settle(sim, record)

    data = {"cluster_name": cluster["name"], **body.given()}
    return call.start(
        "create_k8s_cluster_pool_v2", data=data, locks=[cluster], creates={"k8s_pools": [record]}, finish=finish
    )


def settle(sim: Simulator, pool: Record) -> None:
    """A new pool is done."""
    pool["status"] = "Running"
    start_nodes(nodes_of(sim, pool))
    if pool["servergroup_id"]:
        _there(sim, "servergroup", pool["servergroup_id"]).visible = True


@routes("GET", f"{CLUSTER}/pools/{{pool_name}}")
def get_pool(call: Call) -> Any:
    return call.show(find_pool(call, find_cluster(call)))


@routes("PATCH", f"{CLUSTER}/pools/{{pool_name}}")
def update_pool(call: Call) -> Any:
    """Synchronous; the number of nodes follows its new bounds at once."""
    body = call.body
    sim = call.sim
    pool = find_pool(call, find_cluster(call))
    writable(call)
    changes = {key: value for key, value in body.given().items() if value is not None}
    low = changes.get("min_node_count", pool["min_node_count"])
    high = changes.get("max_node_count", pool["max_node_count"])
    _check_span(low, high)
    number = changes.pop("node_count", min(max(pool["node_count"], low), high))
    if not low <= number <= high:
        raise errors.invalid("node_count", f"node_count must be from {low} to {high}")
    _check_groups(call, changes.get("security_group_ids", []))
    call.claim(**more_needs(sim, pool, number - pool["node_count"]))
    if "labels" in changes:
        changes["labels"] = with_own_labels(changes["labels"], pool["name"])
    if "security_group_ids" in changes:
        changes["security_group_ids"] = list(dict.fromkeys(changes["security_group_ids"]))
    add_nodes(sim, pool, number - pool["node_count"], ready=True)
    drop_nodes(sim, nodes_of(sim, pool)[number:])
    pool.data.update(changes, node_count=number)
    if "security_group_ids" in changes:
        for port in (port for node in nodes_of(sim, pool) for port in instances.ports_of(sim, node)):
            port["security_group_ids"] = list(changes["security_group_ids"])
    call.touch(pool)
    return call.show(pool)


@routes("POST", f"{CLUSTER}/pools/{{pool_name}}/resize")
def resize_pool(call: Call) -> Any:
    """Within the bounds of the autoscaler."""
    sim = call.sim
    cluster = find_cluster(call)
    pool = find_pool(call, cluster)
    writable(call)
    number, before = call.body.node_count, pool["node_count"]
    if not pool["min_node_count"] <= number <= pool["max_node_count"]:
        bounds = f"from {pool['min_node_count']} to {pool['max_node_count']}"
        raise errors.invalid("node_count", f"node_count must be {bounds}")
    call.claim(**more_needs(sim, pool, number - before))
    new = add_nodes(sim, pool, number - before, ready=False)

    def finish(_unused: Task) -> None:
        start_nodes(new)
        drop_nodes(sim, nodes_of(sim, pool)[number:])
        pool["node_count"] = number

    def undo(_unused: Task) -> None:
        drop_nodes(sim, new)

    data = {"cluster_name": cluster["name"], "pool_name": pool["name"], "node_count": number}
    return call.start("resize_k8s_cluster_v2", data=data, locks=[cluster, pool], finish=finish, undo=undo)


@routes("DELETE", f"{CLUSTER}/pools/{{pool_name}}")
def delete_pool(call: Call) -> Any:
    """At least one pool must stay (C26)."""
    cluster = find_cluster(call)
    pool = find_pool(call, cluster)
    writable(call)
    if len(pools_of(call.sim, cluster)) == 1:
        raise errors.conflict(f"K8s cluster {cluster['name']} must have at least one pool")
    data = {"cluster_name": cluster["name"], "pool_name": pool["name"]}
    return call.remove("delete_k8s_cluster_pool_v2", pool, data=data, locks=[cluster])


@routes("GET", f"{CLUSTER}/pools/{{pool_name}}/instances")
def list_pool_nodes(call: Call) -> Any:
    pool = find_pool(call, find_cluster(call))
    return call.listing(call.sim.shuffled(nodes_of(call.sim, pool)), detail=False)


@routes("DELETE", f"{CLUSTER}/pools/{{pool_name}}/instances/{{instance_id}}", status=204)
def delete_pool_node(call: Call) -> None:
    """The pool replaces it."""
    remove_node(call, [find_pool(call, find_cluster(call))])


def remove_node(call: Call, pools: list[Record]) -> None:
    """Delete a node of these pools, and create another one."""
    ident = call.values["instance_id"]
    node = next((item for item in nodes_of(call.sim, *pools) if item.id == ident), None)
    if node is None:
        raise errors.not_found("Instance", ident)
    writable(call)
    call.free(node)
    replace_node(call.sim, node)


def delete_nodes(sim: Simulator, record: Record) -> None:
    """Delete the pool's nodes and placement group."""
    drop_nodes(sim, nodes_of(sim, record))
    group = sim.store.get("servergroup", record["servergroup_id"]) if record["servergroup_id"] else None
    if group:
        sim.forget(group)


def _servers(quota: str) -> quotas.Usage:
    """How many bare metal nodes count for a quota."""

    def usage(sim: Simulator, region_id: int | None) -> int:
        found = [item for item in quotas.owned(sim, "instance", region_id) if item["is_baremetal"]]
        flavors = [sim.store.get("k8s_flavor", f"{item.region_id}/{item['flavor']}") for item in found]
        return sum(1 for flavor in flavors if flavor and flavor["quota"] == quota)

    return usage


RESOURCE = Resource(
    types=[
        ResourceType(
            "k8s_pool", "K8s cluster pool", make, view, failed={"status": "Error"}, deleting={"status": "Deleting"}
        )
    ],
    routes=routes,
    quotas={name: _servers(name) for name in ("baremetal_hf_count", "baremetal_gpu_h100_count")},
    on_delete={"k8s_pool": delete_nodes},
)  # fmt: skip
