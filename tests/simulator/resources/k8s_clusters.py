# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Managed Kubernetes clusters (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

import base64
import ipaddress
import os
import re
from typing import Any

from ..core import addresses, errors
from ..core.clock import task_time
from ..core.collection import Collection
from ..core.models import MODELS, Body
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from ..core.tasks import Task
from . import k8s_catalog, k8s_pools, networks, subnets, volumes
from .k8s_pools import CLUSTER

routes = Routes()
RESERVED = ("10.255.255.0/24", "192.168.128.0/17")
# Pods and services by provider; the page on creation gives Cilium larger ones.
POOLS = {"calico": ("172.16.0.0/18", "172.24.0.0/18"), "cilium": ("172.16.0.0/17", "172.24.0.0/17")}
POOLS_V6 = ("2001:db8:88:393::/64", "2001:db8:88:381::/108")
KUBECONFIG_DAYS = 730
# What a cluster takes beside its nodes: the text of check_limits names these.
INFRASTRUCTURE = {"cluster_count": 1, "firewall_count": 1}
# ... and what a cluster in a network of the user's takes more.
ACCESS = {"floating_count": 1, "loadbalancer_count": 1}
SLURM_VERSIONS = ((1, 31), (1, 32))

_BOOL, _INT, _FLOAT = r"true|false", r"\d+", r"-?\d+(\.\d+)?"
_DURATION, _EXPANDERS = r"(\d+(\.\d+)?(ms|s|m|h))+", r"(random|most-pods|least-waste|price|priority|grpc)"
AUTOSCALER = {
    "balance-similar-node-groups": _BOOL,
    "expander": rf"{_EXPANDERS}(,{_EXPANDERS})*",
    "expendable-pods-priority-cutoff": _FLOAT,
    "ignore-daemonsets-utilization": _BOOL,
    "max-empty-bulk-delete": _INT,
    "max-graceful-termination-sec": _INT,
    "max-node-provision-time": _DURATION,
    "max-total-unready-percentage": _FLOAT,
    "new-pod-scale-up-delay": _DURATION,
    "ok-total-unready-count": _INT,
    "scale-down-delay-after-add": _DURATION,
    "scale-down-delay-after-delete": _DURATION,
    "scale-down-delay-after-failure": _DURATION,
    "scale-down-enabled": _BOOL,
    "scale-down-unneeded-time": _DURATION,
    "scale-down-unready-time": _DURATION,
    "scale-down-utilization-threshold": _FLOAT,
    "scan-interval": _DURATION,
    "skip-nodes-with-custom-controller-pods": _BOOL,
    "skip-nodes-with-local-storage": _BOOL,
    "skip-nodes-with-system-pods": _BOOL,
}

# --- objects -------------------------------------------------------------------------------------------------------


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str,
         version: str = k8s_catalog.VERSIONS[-1], keypair: str = "", pools: list[dict[str, Any]] | None = None,
         status: str = "Provisioned", **more: Any) -> Record:  # fmt: skip
    """A cluster with its pools; one that is ready has a kubeconfig."""
    data = {
        "name": name,
        "keypair": keypair,
        "version": version,
        "status": status,
        "is_ipv6": False,
        "fixed_network": "",
        "fixed_subnet": "",
        "pods_ip_pool": POOLS["calico"][0],
        "services_ip_pool": POOLS["calico"][1],
        "pods_ipv6_pool": None,
        "services_ipv6_pool": None,
        "add_ons": {"slurm": _slurm(None)},
        "autoscaler_config": None,
        "cni": _cni(None),
        "csi": {"nfs": {"vast_enabled": False}},
        "ddos_profile": None,
        "logging": None,
        "oidc": None,
        "access": None,
        **more,
    }
    record = new_record(sim, "k8s_cluster", project_id, region_id, data)
    pool_status = "Running" if status == "Provisioned" else "Provisioning"
    try:
        for pool in pools or []:
            k8s_pools.make(sim, project_id, region_id, cluster_id=str(record.id), status=pool_status, **pool)
    except errors.ApiError:
        sim.forget(record)
        raise
    if status == "Provisioned":
        record["access"] = _new_access(sim, record)
    return record


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A cluster as the API shows it."""
    pools = k8s_pools.pools_of(sim, record)
    shown = {key: value for key, value in record.data.items() if key not in ("oidc", "access")}
    access = record["access"] or {"created_at": None, "expires_at": None}
    return {
        **shown,
        "id": record.id,
        "created_at": f"{task_time(record.created)}Z",
        "creator_task_id": record.creator_task_id,
        "task_id": record.task_id,
        "is_public": any(pool["is_public_ipv4"] for pool in pools),
        "authentication": {
            "kubeconfig_created_at": access["created_at"],
            "kubeconfig_expires_at": access["expires_at"],
            "oidc": record["oidc"],
        },
        "pools": sim.shuffled([sim.show(pool) for pool in pools if sim.shown(pool)]),
    }


def _slurm(wanted: Body | None) -> dict[str, Any]:
    """The add-on as it is shown, on or off."""
    off = {"enabled": False, "file_share_id": None, "ssh_key_ids": None, "worker_count": None}
    return {**off, **wanted.model_dump()} if wanted else off


def _cni(wanted: Body | None) -> dict[str, Any]:
    """The provider, and all the options of Cilium if it is that."""
    if wanted is None or wanted.provider != "cilium":
        return {"provider": "calico", "cilium": None}
    given = wanted.cilium
    return {
        "provider": "cilium",
        "cilium": given.model_dump() if given else MODELS.defaults("K8sClusterCiliumV2Serializer"),
    }


def _pem(label: str, size: int) -> str:
    """Random data in the clothes of a certificate or a key."""
    text = base64.b64encode(os.urandom(size)).decode()
    lines = "\n".join(text[start : start + 64] for start in range(0, len(text), 64))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def _new_access(sim: Simulator, record: Record) -> dict[str, str]:
    """Authority, client certificate and key of a new cluster; valid for two years (C25)."""
    region = sim.region_name(record.region_id).lower()
    return {
        "authority": _pem("CERTIFICATE", 800),
        "authority_key": _pem("RSA PRIVATE KEY", 1190),
        "certificate": _pem("CERTIFICATE", 850),
        "key": _pem("RSA PRIVATE KEY", 1190),
        "host": f"https://{record.region_id}-{record.project_id}-{record['name']}.mkaas.k1.{region}.example.com:443",
        "created_at": f"{task_time(sim.now())}Z",
        "expires_at": f"{task_time(sim.now() + KUBECONFIG_DAYS * 86400)}Z",
    }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def kubeconfig(record: Record) -> str:
    """The file that kubectl reads."""
    access, name = record["access"], record["name"]
    return (
        "apiVersion: v1\n"
        "clusters:\n"
        "- cluster:\n"
        f"    certificate-authority-data: {_encoded(access['authority'])}\n"
        f"    server: {access['host']}\n"
        f"  name: {name}\n"
        "contexts:\n"
        "- context:\n"
        f"    cluster: {name}\n"
        f"    user: {name}-admin\n"
        f"  name: {name}-admin@{name}\n"
        f"current-context: {name}-admin@{name}\n"
        "kind: Config\n"
        "preferences: {}\n"
        "users:\n"
        f"- name: {name}-admin\n"
        "  user:\n"
        f"    client-certificate-data: {_encoded(access['certificate'])}\n"
        f"    client-key-data: {_encoded(access['key'])}\n"
    )


# --- checks --------------------------------------------------------------------------------------------------------


def _check_version(version: str, allowed: list[str]) -> None:
    if version not in allowed:
        raise errors.invalid("version", f"Version {version} is not one of {', '.join(allowed) or 'none'}")


def _check_keypair(call: Call, name: str) -> None:
    keys = [item["name"] for item in call.sim.store.all("ssh_key") if item.project_id == call.project_id]
    if name not in keys:
        raise errors.not_found("SSH key", name)


def _check_pools(call: Call, pools: list[Body]) -> dict[str, int]:
    """Each by itself, and no name twice; the quotas that they need."""
    if len({pool.name for pool in pools}) != len(pools):
        raise errors.invalid("pools", "Names of pools must be unique")
    parts = []
    for number, pool in enumerate(pools):
        flavor = k8s_pools.check(call, pool, f"pools.{number}.")
        parts.append(k8s_pools.claims(flavor, pool.min_node_count, pool))
    return k8s_pools.added(parts)


def _check_network(call: Call, body: Body) -> list[Record]:
    """What is named must be there and belong together; the subnets that the nodes can have."""
    if not body.fixed_network:
        if body.fixed_subnet:
            raise errors.invalid("fixed_subnet", "Only used together with fixed_network")
        return []
    network = networks.referred(call, body.fixed_network)
    call.free(network)
    if network["external"]:
        raise errors.invalid("fixed_network", f"Network {network.id} is external")
    found = addresses.subnets_of(call.sim, network)
    if body.fixed_subnet:
        subnet = subnets.referred(call, body.fixed_subnet)
        call.free(subnet)
        if subnet["network_id"] != network.id:
            raise errors.invalid("fixed_subnet", f"Subnet {subnet.id} is not of network {network.id}")
    elif not any(item["ip_version"] == 4 for item in found):
        raise errors.invalid("fixed_network", f"Network {network.id} has no IPv4 subnet")
    return found


def _range(field: str, text: str, version: int) -> str:
    try:
        found = ipaddress.ip_network(text)
    except ValueError:
        raise errors.invalid(field, "value is not a valid IPv4 or IPv6 network") from None
    if found.version != version:
        raise errors.invalid(field, f"value is not a valid IPv{version} network")
    return str(found)


def _ranges(body: Body) -> dict[str, str | None]:
    """The ranges of pods and services, which overlap neither each other nor what the platform keeps."""
    pods, services = POOLS[body.cni.provider if body.cni else "calico"]
    found: dict[str, str | None] = {
        "pods_ip_pool": _range("pods_ip_pool", body.pods_ip_pool or pods, 4),
        "services_ip_pool": _range("services_ip_pool", body.services_ip_pool or services, 4),
    }
    for field, default in zip(("pods_ipv6_pool", "services_ipv6_pool"), POOLS_V6):
        text = getattr(body, field) or (default if body.is_ipv6 else None)
        found[field] = _range(field, text, 6) if text else None
    taken = [ipaddress.ip_network(text) for text in RESERVED]
    for field, text in found.items():
        if text is None:
            continue
        wanted = ipaddress.ip_network(text)
        for other in taken:
            if wanted.version == other.version and wanted.overlaps(other):
                raise errors.invalid(field, f"{wanted} overlaps with {other}")
        taken.append(wanted)
    return found


def _check_autoscaler(config: dict[str, str] | None) -> None:
    for key, value in (config or {}).items():
        if key not in AUTOSCALER:
            raise errors.invalid(f"autoscaler_config.{key}", "Unknown parameter")
        if not re.fullmatch(AUTOSCALER[key], value):
            raise errors.invalid(f"autoscaler_config.{key}", f"{value!r} is not a valid value")


def _check_cni(cni: Body | None) -> None:
    if cni and cni.cilium and cni.provider != "cilium":
        raise errors.invalid("cni.cilium", "Only used with provider cilium")


def _check_logging(call: Call, logging: Body | None) -> None:
    region = logging.destination_region_id if logging else None
    if region is not None and call.sim.store.get("region", region) is None:
        raise errors.not_found("Region", region)


def _check_slurm(call: Call, wanted: Body, version: str, flavors: list[Record], vast: bool) -> None:
    """Version, a GPU pool, VAST, the share and the keys (C25)."""
    if k8s_catalog.parts(version)[:2] not in SLURM_VERSIONS:
        raise errors.invalid("add_ons.slurm", "Slurm needs Kubernetes v1.31 or v1.32")
    if not any(flavor.data.get("gpu") for flavor in flavors):
        raise errors.invalid("add_ons.slurm", "Slurm needs a GPU pool")
    if not vast:
        raise errors.invalid("add_ons.slurm", "Slurm needs csi.nfs.vast_enabled")
    if call.find("file_share", wanted.file_share_id) is None:
        raise errors.not_found("File share", wanted.file_share_id)
    keys = {item.id for item in call.sim.store.all("ssh_key") if item.project_id == call.project_id}
    for ident in wanted.ssh_key_ids:
        if ident not in keys:
            raise errors.not_found("SSH key", ident)


def _infrastructure(fixed_network: str | None) -> dict[str, int]:
    return {**INFRASTRUCTURE, **ACCESS} if fixed_network else INFRASTRUCTURE


def _logging_needs(logging: Body | None) -> dict[str, int]:
    return {"laas_topic_count": 1} if logging and logging.enabled else {}


# --- operations ----------------------------------------------------------------------------------------------------


clusters = Collection(routes, "k8s_cluster", "/v2/k8s/clusters/{P}", "cluster_name")
clusters.list()
clusters.get(k8s_pools.find_cluster)


@routes("POST", "/v2/k8s/clusters/{P}/check_limits")
def check_limits(call: Call) -> Any:
    """A read: pools, logging, and what each cluster needs beside."""
    body = call.body
    _check_logging(call, body.logging)
    parts = [_infrastructure(body.fixed_network), _logging_needs(body.logging)]
    parts += [k8s_pools.check_needs(call, pool) for pool in body.pools or []]
    return k8s_pools.what_exceeds(call, k8s_pools.added(parts))


@routes("POST", "/v2/k8s/clusters/{P}")
def create_cluster(call: Call) -> Any:
    body = call.body
    sim = call.sim
    if any(item["name"] == body.name for item in call.records("k8s_cluster")):
        raise errors.conflict(f"K8s cluster {body.name} already exists")
    _check_version(body.version, list(k8s_catalog.VERSIONS))
    _check_keypair(call, body.keypair)
    needs = _check_pools(call, body.pools)
    known = _check_network(call, body)
    ranges = _ranges(body)
    public = any(pool.is_public_ipv4 for pool in body.pools)
    if body.is_ipv6 and not public and not any(item["ip_version"] == 6 for item in known):
        raise errors.invalid("is_ipv6", "Needs a pool with public IPv4 addresses or an IPv6 subnet")
    _check_autoscaler(body.autoscaler_config)
    _check_cni(body.cni)
    _check_logging(call, body.logging)
    vast = bool(body.csi and body.csi.nfs and body.csi.nfs.vast_enabled)
    slurm = body.add_ons.slurm if body.add_ons else None
    if slurm:
        flavors = [k8s_catalog.referred(call, pool.flavor_id) for pool in body.pools]
        _check_slurm(call, slurm, body.version, flavors, vast)
    call.claim(**k8s_pools.added([_infrastructure(body.fixed_network), needs, _logging_needs(body.logging)]))
    record = make(
        *call.scope,
        name=body.name,
        version=body.version,
        keypair=body.keypair,
        pools=[pool.model_dump() for pool in body.pools],
        status="Provisioning",
        is_ipv6=bool(body.is_ipv6),
        fixed_network=body.fixed_network or "",
        fixed_subnet=body.fixed_subnet or "",
        add_ons={"slurm": _slurm(slurm)},
        autoscaler_config=body.autoscaler_config,
        cni=_cni(body.cni),
        csi={"nfs": {"vast_enabled": vast}},
        ddos_profile=body.ddos_profile.model_dump() if body.ddos_profile else None,
        logging=body.logging.model_dump() if body.logging else None,
        oidc=_oidc(body.authentication),
        **ranges,
    )
    pools = k8s_pools.pools_of(sim, record)

    def finish(_unused: Task) -> None:
        record.data.update(status="Provisioned", access=_new_access(sim, record))
        for pool in pools:
            k8s_pools.settle(sim, pool)

    return call.start(
        "create_k8s_cluster_v2", data=body.given(), locks=pools, creates={"k8s_clusters": [record]}, finish=finish
    )


def _oidc(wanted: Body | None) -> dict[str, Any] | None:
    return wanted.oidc.model_dump() if wanted and wanted.oidc else None


def _changed_cni(record: Record, wanted: Body) -> dict[str, Any]:
    """Provider and masks stay; the other options are those sent, or their defaults (C25)."""
    before: dict[str, Any] = record["cni"]
    if wanted.has("provider") and wanted.provider != before["provider"]:
        raise errors.invalid("cni.provider", "The CNI provider cannot be changed")
    if wanted.cilium is None:
        return before
    if before["provider"] != "cilium":
        raise errors.invalid("cni.cilium", "Only used with provider cilium")
    options = wanted.cilium.model_dump()
    for field in ("mask_size", "mask_size_v6"):
        if not wanted.cilium.has(field):
            options[field] = before["cilium"][field]
        elif options[field] != before["cilium"][field]:
            raise errors.invalid(f"cni.cilium.{field}", "The node mask cannot be changed")
    return {**before, "cilium": options}


def _changed_slurm(call: Call, record: Record, wanted: Body) -> dict[str, Any]:
    """On, off, or more workers: they cannot become fewer (C25)."""
    before = record["add_ons"]["slurm"]
    if wanted.enabled:
        flavors = [k8s_pools.flavor_of(call.sim, pool) for pool in k8s_pools.pools_of(call.sim, record)]
        _check_slurm(call, wanted, record["version"], flavors, record["csi"]["nfs"]["vast_enabled"])
        if before["enabled"] and wanted.worker_count < before["worker_count"]:
            raise errors.invalid("add_ons.slurm.worker_count", "The number of workers cannot be reduced")
    return {"slurm": _slurm(wanted)}


@routes("PATCH", CLUSTER)
def update_cluster(call: Call) -> Any:
    """Each field that is given replaces the whole of what was there (C25)."""
    body = call.body
    record = k8s_pools.writable(call)
    changes: dict[str, Any] = {}
    if body.add_ons and body.add_ons.slurm:
        changes["add_ons"] = _changed_slurm(call, record, body.add_ons.slurm)
    if body.authentication:
        changes["oidc"] = _oidc(body.authentication)
    if body.autoscaler_config is not None:
        _check_autoscaler(body.autoscaler_config)
        changes["autoscaler_config"] = body.autoscaler_config
    if body.cni:
        changes["cni"] = _changed_cni(record, body.cni)
    if body.ddos_profile:
        changes["ddos_profile"] = body.ddos_profile.model_dump()
    if body.logging:
        _check_logging(call, body.logging)
        changes["logging"] = body.logging.model_dump()
        if not (record["logging"] or {}).get("enabled"):
            call.claim(**_logging_needs(body.logging))
    if all(record[key] == value for key, value in changes.items()):
        return NO_TASKS

    def finish(_unused: Task) -> None:
        record.data.update(changes)

    data = {"cluster_name": record["name"], **body.given()}
    return call.start("update_k8s_cluster_v2", data=data, locks=[record], finish=finish)


@routes("GET", f"{CLUSTER}/upgrade_versions")
def list_upgrade_versions(call: Call) -> Any:
    found = k8s_catalog.upgrades(k8s_pools.find_cluster(call)["version"])
    return call.page(found, lambda version: {"version": version})


@routes("POST", f"{CLUSTER}/upgrade")
def upgrade_cluster(call: Call) -> Any:
    """Rolling: new nodes take the place of the old ones, and need quota beside them meanwhile (C25)."""
    sim = call.sim
    record = k8s_pools.writable(call)
    version = call.body.version
    _check_version(version, k8s_catalog.upgrades(record["version"]))
    pools = k8s_pools.pools_of(sim, record)
    call.claim(**k8s_pools.added([k8s_pools.more_needs(sim, pool, pool["node_count"]) for pool in pools]))
    record["status"] = "Provisioning"

    def finish(_unused: Task) -> None:
        for pool in pools:
            for node in k8s_pools.nodes_of(sim, pool):
                k8s_pools.drop_nodes(sim, [node])
                k8s_pools.add_nodes(sim, pool, 1, ready=True)
        record.data.update(status="Provisioned", version=version)

    def undo(_unused: Task) -> None:
        record["status"] = "Provisioned"

    data = {"cluster_name": record["name"], "version": version}
    return call.start("upgrade_k8s_cluster_v2", data=data, locks=[record], finish=finish, undo=undo)


@routes("DELETE", CLUSTER)
def delete_cluster(call: Call) -> Any:
    """Its pools and nodes go along; other volumes only if they are named."""
    sim = call.sim
    record = k8s_pools.find_cluster(call)
    pools = k8s_pools.pools_of(sim, record)
    nodes = {node.id for node in k8s_pools.nodes_of(sim, *pools)}
    idents = [ident.strip() for ident in (call.query.volumes or "").split(",") if ident.strip()]
    doomed = [call.get("volume", ident) for ident in dict.fromkeys(idents)]
    for volume in doomed:
        owner = volumes.attached_to(volume)
        if owner is not None and owner not in nodes:
            raise errors.conflict(f"Volume {volume.id} is attached to instance {owner}")

    def finish(_unused: Task) -> None:
        for volume in doomed:
            if sim.store.has(volume):
                volumes.part(sim, volume)
                sim.forget(volume)

    data = {"cluster_name": record["name"], "volumes": idents}
    return call.remove("delete_k8s_cluster_v2", record, data=data, locks=[*pools, *doomed], finish=finish)


def _accessible(call: Call) -> Record:
    """The cluster of the path, if there is a way in by now."""
    record = k8s_pools.find_cluster(call)
    if record["access"] is None:
        raise errors.conflict(f"K8s cluster {record['name']} must be Provisioned, not {record['status']}")
    return record


@routes("GET", f"{CLUSTER}/config")
def get_config(call: Call) -> Any:
    record = _accessible(call)
    access = record["access"]
    return {
        "config": kubeconfig(record),
        "host": access["host"],
        "cluster_ca_certificate": _encoded(access["authority"]),
        "client_certificate": _encoded(access["certificate"]),
        "client_key": _encoded(access["key"]),
        "created_at": access["created_at"],
        "expires_at": access["expires_at"],
    }


@routes("GET", f"{CLUSTER}/certificates")
def get_certificates(call: Call) -> Any:
    access = _accessible(call)["access"]
    return {"certificate": access["authority"], "key": access["authority_key"]}


@routes("GET", f"{CLUSTER}/instances")
def list_nodes(call: Call) -> Any:
    pools = k8s_pools.pools_of(call.sim, k8s_pools.find_cluster(call))
    return call.listing(call.sim.shuffled(k8s_pools.nodes_of(call.sim, *pools)), detail=False)


@routes("DELETE", f"{CLUSTER}/instances/{{instance_id}}", status=204)
def delete_node(call: Call) -> None:
    """The pool replaces it."""
    k8s_pools.remove_node(call, k8s_pools.pools_of(call.sim, k8s_pools.find_cluster(call)))


def delete_pools(sim: Simulator, record: Record) -> None:
    """Delete the cluster's pools."""
    for pool in k8s_pools.pools_of(sim, record):
        sim.forget(pool)


RESOURCE = Resource(
    types=[
        # there is no status for what has failed: it stays Provisioning
        ResourceType(
            "k8s_cluster",
            "K8s cluster",
            make,
            view,
            failed={"status": "Provisioning"},
            deleting={"status": "Deleting"},
        )
    ],
    routes=routes,
    quotas={"cluster_count": count("k8s_cluster")},
    on_delete={"k8s_cluster": delete_pools},
)
