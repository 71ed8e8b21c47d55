# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kubernetes clusters and their pools (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ..core.clock import parse_time
from ..core.errors import LOCKED
from ..core.store import new_record
from .conftest import World

BASE = "/v2/k8s/clusters/{P}"
PATH = f"{BASE}/prod"
UNKNOWN = "00000000-0000-4000-8000-000000000000"
METAL = {"name": "metal", "flavor_id": "bm2-hf-medium", "min_node_count": 1}
GPU = {"name": "gpu", "flavor_id": "bm3-ai-1xlarge-h100-80-8", "min_node_count": 1}


def pool_body(name: str = "web", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "flavor_id": "g2-standard-2-4",
        "min_node_count": 1,
        "boot_volume_size": 50,
        "boot_volume_type": "ssd_hiiops",
        "servergroup_policy": "anti-affinity",
        **more,
    }


def key(world: World) -> str:
    if world.get("/v1/ssh_keys/1000001")["count"] == 0:
        world.ok("POST", "/v1/ssh_keys/1000001", {"name": "mine"})
    return "mine"


def cluster_body(world: World, **more: Any) -> dict[str, Any]:
    return {"name": "prod", "keypair": key(world), "version": "v1.33.10", "pools": [pool_body()], **more}


def cluster(world: World, **more: Any) -> str:
    """A cluster; its id."""
    return world.make("k8s_clusters", BASE, cluster_body(world, **more))


def read(world: World, path: str = PATH) -> Any:
    return world.get(path)


def nodes(world: World, path: str = PATH) -> Any:
    return world.get(f"{path}/instances")["results"]


# --- the catalogue ---


def test_catalogue(world: World) -> None:
    versions = [row["version"] for row in world.get("/v2/k8s/{P}/create_versions")["results"]]
    assert (versions[0], versions[-1]) == ("v1.32.13", "v1.35.3")
    assert len(world.get("/v2/k8s/{P}/create_versions", limit=1, offset=1)["results"]) == 1
    flavors = {row["flavor_id"]: row for row in world.get("/v1/k8s/{P}/flavors")["results"]}
    assert flavors["g2-standard-2-4"]["resource_class"] is None
    assert flavors["bm2-hf-medium"]["resource_class"] == "bm2-hf-medium"
    assert "capacity" not in flavors["bm2-hf-medium"] and "price_per_hour" not in flavors["bm2-hf-medium"]
    shown = world.get("/v1/k8s/{P}/flavors", exclude_gpu="true", include_capacity="true", include_prices="true")
    assert all("capacity" in row and "price_per_hour" in row for row in shown["results"])
    assert flavors.keys() - {row["flavor_id"] for row in shown["results"]} == {"bm3-ai-1xlarge-h100-80-8"}
    assert not any(row["flavor_id"].startswith("bm") for row in world.get("/v1/flavors/{P}")["results"])
    world.refused(404, "POST", "/v2/instances/{P}", world.vm_body(flavor="bm2-hf-medium"))


# --- a cluster's life ---


def test_creation(world: World) -> None:
    task_id = world.start("POST", BASE, cluster_body(world))
    shown = read(world)
    assert (shown["status"], shown["task_id"], shown["creator_task_id"]) == ("Provisioning", task_id, task_id)
    assert world.get(BASE)["count"] == 1
    assert shown["authentication"]["kubeconfig_created_at"] is None
    world.refused(409, "GET", f"{PATH}/config")
    task = world.wait(task_id)
    assert task["task_type"] == "create_k8s_cluster_v2"
    assert 300 <= parse_time(task["finished_on"]) - parse_time(task["created_on"]) <= 901
    assert task["created_resources"]["k8s_clusters"] == [shown["id"]] and task["created_resources"]["k8s_pools"] == []
    shown = read(world)
    assert (shown["status"], shown["task_id"]) == ("Provisioned", None)
    world.refused(404, "GET", f"{BASE}/{shown['id']}")
    assert [pool["status"] for pool in shown["pools"]] == ["Running"]


def test_defaults(world: World) -> None:
    cluster(world)
    shown = read(world)
    assert (shown["pods_ip_pool"], shown["services_ip_pool"]) == ("172.16.0.0/18", "172.24.0.0/18")
    assert (shown["pods_ipv6_pool"], shown["services_ipv6_pool"], shown["is_ipv6"]) == (None, None, False)
    assert (shown["fixed_network"], shown["fixed_subnet"], shown["is_public"]) == ("", "", False)
    assert shown["cni"] == {"provider": "calico", "cilium": None}
    assert shown["csi"] == {"nfs": {"vast_enabled": False}} and shown["authentication"]["oidc"] is None
    assert shown["autoscaler_config"] is shown["logging"] is shown["ddos_profile"] is None
    assert shown["add_ons"]["slurm"]["enabled"] is False and shown["keypair"] == "mine"
    pool = shown["pools"][0]
    assert (pool["node_count"], pool["min_node_count"], pool["max_node_count"]) == (1, 1, 1)
    assert (pool["auto_healing_enabled"], pool["is_public_ipv4"], pool["taints"]) == (False, False, {})
    assert pool["crio_config"] == pool["kubelet_config"] == {} and pool["security_group_ids"] == []
    assert pool["labels"] and all(name.startswith("gcorecluster.x-k8s.io/") for name in pool["labels"])
    group = world.get(f"/v1/servergroups/{{P}}/{pool['servergroup_id']}")
    assert (group["name"], group["policy"]) == (pool["servergroup_name"], pool["servergroup_policy"])
    assert [row["instance_id"] for row in group["instances"]] == [node["id"] for node in nodes(world)]


def test_cilium_has_all_its_options(world: World) -> None:
    cluster(world, cni={"provider": "cilium", "cilium": {"hubble_ui": True}})
    shown = read(world)
    assert shown["cni"]["cilium"] == {
        "cni_exclusive": True,
        "encryption": False,
        "hubble_relay": False,
        "hubble_ui": True,
        "lb_acceleration": False,
        "lb_mode": "snat",
        "mask_size": 24,
        "mask_size_v6": 120,
        "routing_mode": "tunnel",
        "tunnel": "geneve",
    }
    assert (shown["pods_ip_pool"], shown["services_ip_pool"]) == ("172.16.0.0/17", "172.24.0.0/17")


def test_one_name_in_a_scope(world: World) -> None:
    task_id = world.start("POST", BASE, cluster_body(world))
    assert "already exists" in world.refused(409, "POST", BASE, cluster_body(world))["message"]
    world.wait(task_id)
    world.refused(409, "POST", BASE, cluster_body(world))
    world.ok("POST", "/v2/k8s/clusters/1000001/148", cluster_body(world))
    world.refused(404, "GET", "/v2/k8s/clusters/1000002/76/prod")


@pytest.mark.parametrize(
    ("status", "change"),
    [
        (400, {"version": "1.33.10"}),
        (400, {"version": "v1.28.1"}),
        (400, {"name": "Prod"}),
        (400, {"name": "p" * 21}),
        (400, {"pools": []}),
        (400, {"pools": [pool_body(), pool_body()]}),
        (404, {"keypair": "unknown"}),
        (404, {"fixed_network": UNKNOWN}),
        (400, {"fixed_subnet": UNKNOWN}),
        (400, {"pods_ip_pool": "10.255.255.128/25"}),
        (400, {"services_ip_pool": "192.168.200.0/24"}),
        (400, {"pods_ip_pool": "172.24.0.0/16"}),
        (400, {"pods_ip_pool": "nonsense"}),
        (400, {"pods_ip_pool": "2001:db8::/64"}),
        (400, {"is_ipv6": True}),
        (400, {"cni": {"provider": "calico", "cilium": {}}}),
        (400, {"autoscaler_config": {"unknown": "1"}}),
        (400, {"autoscaler_config": {"scale-down-enabled": "yes"}}),
        (400, {"autoscaler_config": {"scan-interval": "10"}}),
        (404, {"logging": {"enabled": True, "destination_region_id": 1}}),
    ],
)
def test_refused_creations(world: World, status: int, change: dict[str, Any]) -> None:
    world.refused(status, "POST", BASE, cluster_body(world, **change))
    assert world.get(BASE)["count"] == world.get("/v1/instances/{P}")["count"] == 0


def test_version_and_keypair_are_required(world: World) -> None:
    for field in ("version", "keypair", "pools", "name"):
        body = {name: value for name, value in cluster_body(world).items() if name != field}
        assert field in world.refused(400, "POST", BASE, body)["invalid_fields"]


def test_network(world: World) -> None:
    network_id, other = world.network(), world.network("other")
    world.refused(400, "POST", BASE, cluster_body(world, fixed_network=network_id))
    subnet_id, elsewhere = world.subnet(network_id), world.subnet(other, "10.1.0.0/24")
    world.refused(400, "POST", BASE, cluster_body(world, fixed_network=network_id, fixed_subnet=elsewhere))
    world.refused(404, "POST", BASE, cluster_body(world, fixed_network=network_id, fixed_subnet=UNKNOWN))
    cluster(world, fixed_network=network_id, fixed_subnet=subnet_id)
    shown = read(world)
    assert (shown["fixed_network"], shown["fixed_subnet"]) == (network_id, subnet_id)
    assert nodes(world)[0]["addresses"]["net"][0]["addr"] == "10.0.0.2"
    world.refused(409, "DELETE", f"/v1/subnets/{{P}}/{subnet_id}")
    world.refused(409, "DELETE", f"/v1/networks/{{P}}/{network_id}")
    world.run("DELETE", PATH)
    world.run("DELETE", f"/v1/networks/{{P}}/{network_id}")


def test_ipv6(world: World) -> None:
    cluster(world, is_ipv6=True, pools=[pool_body(is_public_ipv4=True)])
    shown = read(world)
    assert shown["is_ipv6"] and shown["is_public"] and shown["pods_ipv6_pool"] and shown["services_ipv6_pool"]
    network_id = world.network()
    world.subnet(network_id)
    body = cluster_body(world, name="two", is_ipv6=True, fixed_network=network_id)
    world.refused(400, "POST", BASE, body)
    world.subnet(network_id, "fd00:1::/64", ip_version=6)
    world.run("POST", BASE, body)


def test_full_subnet(world: World) -> None:
    network_id = world.network()
    world.subnet(network_id, "10.0.0.0/29")
    body = cluster_body(world, fixed_network=network_id, pools=[pool_body(min_node_count=9, max_node_count=9)])
    world.refused(409, "POST", BASE, body)
    for path in (BASE, "/v1/instances/{P}", "/v1/volumes/{P}", "/v1/servergroups/{P}"):
        assert world.get(path)["count"] == 0


def test_access(world: World) -> None:
    cluster(world)
    world.run("POST", BASE, cluster_body(world, name="two"))
    access, other = world.get(f"{PATH}/config"), world.get(f"{BASE}/two/config")
    for field in ("cluster_ca_certificate", "client_certificate", "client_key"):
        text = base64.b64decode(access[field]).decode()
        assert text.startswith("-----BEGIN ") and len(text) > 1000
        assert access[field] in access["config"] and access[field] != other[field]
    assert "kind: Config\n" in access["config"] and access["host"] in access["config"]
    assert parse_time(access["expires_at"]) - parse_time(access["created_at"]) == 730 * 86400
    assert world.get(f"{PATH}/config") == access
    authentication = read(world)["authentication"]
    assert authentication["kubeconfig_expires_at"] == access["expires_at"] and access["expires_at"].endswith("Z")
    authority = world.get(f"{PATH}/certificates")
    assert base64.b64encode(authority["certificate"].encode()).decode() == access["cluster_ca_certificate"]
    assert "PRIVATE KEY" in authority["key"] and access["client_key"] not in str(read(world))


def test_deletion(world: World) -> None:
    cluster(world)
    mine, kept, gone = world.volume("mine"), world.volume("kept"), world.volume("gone")
    world.run("POST", f"/v2/volumes/{{P}}/{mine}/attach", {"instance_id": world.vm()})
    node = nodes(world)[0]["id"]
    for volume_id in (kept, gone):
        world.run("POST", f"/v2/volumes/{{P}}/{volume_id}/attach", {"instance_id": node})
    cluster_id = read(world)["id"]
    assert world.get("/v1/volumes/{P}", cluster_id=cluster_id)["count"] == 3
    assert world.get("/v1/volumes/{P}", cluster_id=UNKNOWN)["count"] == 0
    world.refused(404, "DELETE", PATH, query={"volumes": UNKNOWN})
    world.refused(409, "DELETE", PATH, query={"volumes": mine})
    task_id = world.start("DELETE", PATH, query={"volumes": gone})
    assert read(world)["status"] == "Deleting"
    assert world.wait(task_id)["task_type"] == "delete_k8s_cluster_v2"
    world.refused(404, "GET", PATH)
    world.refused(404, "DELETE", PATH)
    world.refused(404, "GET", f"/v1/volumes/{{P}}/{gone}")
    assert world.get(f"/v1/volumes/{{P}}/{kept}")["status"] == "available"
    assert [row["name"] for row in world.get("/v1/instances/{P}")["results"]] == ["vm1"]
    assert world.get("/v1/servergroups/{P}")["count"] == 0
    cluster(world)


# --- changes ---


def test_patch(world: World) -> None:
    cluster(world, autoscaler_config={"scan-interval": "10s", "expander": "random"})
    for same in ({}, {"autoscaler_config": None}, {"authentication": None, "cni": None, "logging": None}):
        assert world.ok("PATCH", PATH, same) == {"tasks": []}
    assert world.ok("PATCH", PATH, {"autoscaler_config": read(world)["autoscaler_config"]}) == {"tasks": []}
    changes = {
        "autoscaler_config": {"scan-interval": "20s"},
        "authentication": {"oidc": {"client_id": "kubernetes"}},
        "logging": {"enabled": True, "destination_region_id": 76, "topic_name": "logs"},
        "ddos_profile": {"enabled": True, "profile_template": 29},
    }
    task_id = world.start("PATCH", PATH, changes)
    assert read(world)["autoscaler_config"] == {"scan-interval": "10s", "expander": "random"}
    assert world.wait(task_id)["task_type"] == "update_k8s_cluster_v2"
    shown = read(world)
    assert shown["autoscaler_config"] == {"scan-interval": "20s"} and shown["logging"]["retention_policy"] is None
    assert shown["authentication"]["oidc"]["client_id"] == "kubernetes"
    assert shown["authentication"]["oidc"]["issuer_url"] is None
    assert shown["ddos_profile"]["fields"] == []
    assert world.ok("PATCH", PATH, changes) == {"tasks": []}
    world.run("PATCH", PATH, {"autoscaler_config": {}, "authentication": {"oidc": None}})
    assert read(world)["autoscaler_config"] == {} and read(world)["authentication"]["oidc"] is None
    for wrong in ({"name": "other"}, {"version": "v1.34.6"}, {"keypair": "x"}, {"autoscaler_config": {"x": "y"}}):
        world.refused(400, "PATCH", PATH, wrong)


def test_cni_patch(world: World) -> None:
    cluster(world)
    world.refused(400, "PATCH", PATH, {"cni": {"provider": "cilium"}})
    world.refused(400, "PATCH", PATH, {"cni": {"cilium": {"hubble_ui": True}}})
    assert world.ok("PATCH", PATH, {"cni": {"provider": "calico"}}) == {"tasks": []}
    cilium = {"hubble_ui": True, "mask_size": 25}
    world.run("POST", BASE, cluster_body(world, name="two", cni={"provider": "cilium", "cilium": cilium}))
    path = f"{BASE}/two"
    world.refused(400, "PATCH", path, {"cni": {"provider": "calico"}})
    world.refused(400, "PATCH", path, {"cni": {"provider": "cilium", "cilium": {"mask_size": 24}}})
    assert world.ok("PATCH", path, {"cni": {"provider": "cilium", "cilium": cilium}}) == {"tasks": []}
    world.run("PATCH", path, {"cni": {"cilium": {"encryption": True}}})
    options = read(world, path)["cni"]["cilium"]
    assert (options["encryption"], options["hubble_ui"], options["mask_size"]) == (True, False, 25)


def test_upgrade(world: World) -> None:
    cluster(world)
    versions = [row["version"] for row in world.get(f"{PATH}/upgrade_versions")["results"]]
    assert versions == ["v1.34.6"]
    for version in ("v1.32.13", "v1.33.10", "v1.35.3", "1.34.6"):
        world.refused(400, "POST", f"{PATH}/upgrade", {"version": version})
    before = nodes(world)[0]["id"]
    task_id = world.start("POST", f"{PATH}/upgrade", {"version": "v1.34.6"})
    assert (read(world)["status"], read(world)["version"]) == ("Provisioning", "v1.33.10")
    assert world.get(f"{PATH}/config")["config"]
    assert world.wait(task_id)["task_type"] == "upgrade_k8s_cluster_v2"
    assert (read(world)["status"], read(world)["version"]) == ("Provisioned", "v1.34.6")
    assert len(nodes(world)) == 1 and nodes(world)[0]["id"] != before
    world.run("POST", f"{PATH}/upgrade", {"version": "v1.35.3"})
    assert world.get(f"{PATH}/upgrade_versions") == {"count": 0, "results": []}


def test_cluster_and_pools_share_a_lock(world: World) -> None:
    cluster(world, pools=[pool_body(), pool_body("db")])
    calls: list[tuple[str, str, Any]] = [
        ("PATCH", PATH, {"autoscaler_config": {}}),
        ("DELETE", PATH, None),
        ("POST", f"{PATH}/upgrade", {"version": "v1.34.6"}),
        ("POST", f"{PATH}/pools", pool_body("third")),
        ("PATCH", f"{PATH}/pools/db", {"labels": {}}),
        ("POST", f"{PATH}/pools/db/resize", {"node_count": 1}),
        ("DELETE", f"{PATH}/pools/db", None),
        ("DELETE", f"{PATH}/instances/{nodes(world)[0]['id']}", None),
        ("PATCH", f"/v1/instances/{{P}}/{nodes(world)[0]['id']}", {"name": "other"}),
    ]
    for starter in (
        ("POST", f"{PATH}/pools/web/resize", {"node_count": 1}),
        ("PATCH", PATH, {"autoscaler_config": {"scan-interval": "10s"}}),
        ("POST", f"{PATH}/pools", pool_body("more")),
    ):
        task_id = world.start(*starter)
        assert read(world)["task_id"] == task_id
        for method, path, body in calls:
            error = world.refused(409, method, path, body)
            assert (error["exception_class"], error["message"]) == ("ConflictError", LOCKED)
        world.wait(task_id)
        assert read(world)["task_id"] is None


def test_slurm(world: World) -> None:
    slurm = {"enabled": True, "file_share_id": UNKNOWN, "ssh_key_ids": [UNKNOWN], "worker_count": 2}
    vast = {"nfs": {"vast_enabled": True}}
    good = {"version": "v1.32.13", "pools": [pool_body(), GPU], "csi": vast, "add_ons": {"slurm": slurm}}
    changes: tuple[dict[str, Any], ...] = ({"version": "v1.33.10"}, {"pools": [pool_body()]}, {"csi": {}})
    for change in changes:
        world.refused(400, "POST", BASE, cluster_body(world, **{**good, **change}))
    assert "File share" in world.refused(404, "POST", BASE, cluster_body(world, **good))["message"]
    new_record(world.sim, "file_share", 1000001, 76, {}, ident=UNKNOWN)
    assert "SSH key" in world.refused(404, "POST", BASE, cluster_body(world, **good))["message"]
    slurm["ssh_key_ids"] = [world.get("/v1/ssh_keys/1000001")["results"][0]["id"]]
    cluster(world, **good)
    assert read(world)["add_ons"]["slurm"] == slurm
    world.refused(400, "PATCH", PATH, {"add_ons": {"slurm": {**slurm, "worker_count": 1}}})
    assert world.ok("PATCH", PATH, {"add_ons": {"slurm": slurm}}) == {"tasks": []}
    world.run("PATCH", PATH, {"add_ons": {"slurm": {**slurm, "worker_count": 3}}})
    world.run("PATCH", PATH, {"add_ons": {"slurm": {"enabled": False}}})
    assert read(world)["add_ons"]["slurm"]["worker_count"] is None


# --- pools ---


def test_pool_life(world: World) -> None:
    cluster(world)
    path = f"{PATH}/pools/db"
    task_id = world.start("POST", f"{PATH}/pools", pool_body("db", min_node_count=2, labels={"a": "b"}))
    assert read(world, path)["status"] == "Provisioning"
    task = world.wait(task_id)
    pool = read(world, path)
    assert task["task_type"] == "create_k8s_cluster_pool_v2" and task["created_resources"]["k8s_pools"] == [pool["id"]]
    assert (pool["status"], pool["node_count"], pool["labels"]["a"]) == ("Running", 2, "b")
    world.refused(409, "POST", f"{PATH}/pools", pool_body("db"))
    assert world.get(f"{PATH}/pools")["count"] == len(read(world)["pools"]) == 2
    assert len(world.get(f"{PATH}/pools", limit=1)["results"]) == 1
    world.refused(404, "GET", f"{PATH}/pools/{pool['id']}")
    assert (len(nodes(world, path)), len(nodes(world))) == (2, 3)
    task_id = world.start("DELETE", path)
    assert read(world, path)["status"] == "Deleting"
    assert world.wait(task_id)["task_type"] == "delete_k8s_cluster_pool_v2"
    world.refused(404, "GET", path)
    assert len(nodes(world)) == 1 and world.get("/v1/servergroups/{P}")["count"] == 1
    assert "at least one pool" in world.refused(409, "DELETE", f"{PATH}/pools/web")["message"]
    world.refused(404, "GET", f"{BASE}/other/pools")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, pool_body("db", servergroup_policy=None)),
        (400, pool_body("db", boot_volume_type=None)),
        (400, pool_body("db", boot_volume_size=None)),
        (400, pool_body("db", boot_volume_size=9)),
        (400, pool_body("db", min_node_count=0)),
        (400, pool_body("db", min_node_count=3, max_node_count=2)),
        (400, pool_body("db", max_node_count=201)),
        (400, pool_body("Db")),
        (400, {**METAL, "boot_volume_size": 50}),
        (400, {**METAL, "servergroup_policy": "affinity"}),
        (404, pool_body("db", flavor_id="unknown")),
        (403, pool_body("db", flavor_id="g1-standard-32-64")),
        (404, pool_body("db", security_group_ids=[UNKNOWN])),
    ],
)
def test_refused_pools(world: World, status: int, body: dict[str, Any]) -> None:
    cluster(world)
    world.refused(status, "POST", f"{PATH}/pools", body)
    world.refused(status, "POST", BASE, cluster_body(world, name="two", pools=[body]))


def test_bare_metal_pool(world: World) -> None:
    cluster(world, pools=[METAL])
    pool = read(world)["pools"][0]
    assert (pool["servergroup_id"], pool["boot_volume_size"], pool["boot_volume_type"]) == ("", 0, "")
    node = nodes(world)[0]
    assert node["flavor"]["resource_class"] == "bm2-hf-medium" and node["volumes"] == []
    assert world.get("/v1/instances/{P}")["count"] == 0
    assert world.get("/v1/instances/{P}", include_baremetal="true")["count"] == 1


def test_pool_patch(world: World) -> None:
    cluster(world, pools=[pool_body(max_node_count=3, labels={"a": "b"}, taints={"t": "x:NoSchedule"})])
    path = f"{PATH}/pools/web"
    own = {name: value for name, value in read(world, path)["labels"].items() if name != "a"}
    pool = world.ok("PATCH", path, {"auto_healing_enabled": True, "labels": {"c": "d", **dict.fromkeys(own, "other")}})
    assert pool["auto_healing_enabled"] is True and pool["labels"] == {"c": "d", **own}
    assert pool["taints"] == {"t": "x:NoSchedule"}
    assert world.ok("PATCH", path, {"taints": {}, "labels": None})["labels"] == {"c": "d", **own}
    assert read(world, path)["taints"] == {} and read(world)["task_id"] is None
    pool = world.ok("PATCH", path, {"min_node_count": 2, "max_node_count": 5})
    assert (pool["min_node_count"], pool["max_node_count"], pool["node_count"]) == (2, 5, 2)
    assert len(nodes(world)) == 2
    pool = world.ok("PATCH", path, {"min_node_count": 1, "max_node_count": 1})
    assert pool["node_count"] == len(nodes(world)) == 1
    for wrong in ({"min_node_count": 2}, {"max_node_count": 0}, {"max_node_count": 201}, {"flavor_id": "x"}):
        world.refused(400, "PATCH", path, wrong)
    world.refused(404, "PATCH", path, {"security_group_ids": [UNKNOWN]})


def test_pool_resize(world: World) -> None:
    cluster(world, pools=[pool_body(max_node_count=4)])
    path = f"{PATH}/pools/web"
    world.refused(400, "POST", f"{path}/resize", {"node_count": 5})
    world.refused(400, "POST", f"{path}/resize", {"node_count": 0})
    task_id = world.start("POST", f"{path}/resize", {"node_count": 3})
    assert read(world, path)["node_count"] == 1
    assert world.wait(task_id)["task_type"] == "resize_k8s_cluster_v2"
    assert read(world, path)["node_count"] == len(nodes(world)) == world.get("/v1/volumes/{P}")["count"] == 3
    world.run("POST", f"{path}/resize", {"node_count": 2})
    assert read(world, path)["node_count"] == len(nodes(world)) == world.get("/v1/volumes/{P}")["count"] == 2


def test_groups_of_a_pool_are_in_use(world: World) -> None:
    group_id = world.make("security_groups", "/v2/security_groups/{P}", {"name": "nodes"})
    cluster(world, pools=[pool_body(security_group_ids=[group_id], is_public_ipv4=True)])
    assert nodes(world)[0]["security_groups"] == [{"name": "nodes"}]
    world.refused(409, "DELETE", f"/v1/securitygroups/{{P}}/{group_id}")
    world.ok("PATCH", f"{PATH}/pools/web", {"labels": {"a": "b"}})
    assert read(world)["pools"][0]["security_group_ids"] == [group_id]
    assert world.ok("PATCH", f"{PATH}/pools/web", {"security_group_ids": []})["security_group_ids"] == []
    assert nodes(world)[0]["security_groups"] == []
    assert world.request("DELETE", f"/v1/securitygroups/{{P}}/{group_id}").status == 204


def test_nodes(world: World) -> None:
    cluster(world, pools=[pool_body(min_node_count=2)])
    vm_id = world.vm()
    found = nodes(world)
    assert all(node["ssh_key_name"] == "mine" and node["status"] == "ACTIVE" for node in found)
    assert world.get("/v1/instances/{P}")["count"] == 3
    assert [row["id"] for row in world.get("/v1/instances/{P}", include_k8s="false")["results"]] == [vm_id]
    world.refused(409, "DELETE", f"/v1/instances/{{P}}/{found[0]['id']}")
    world.refused(404, "DELETE", f"{PATH}/instances/{vm_id}")
    assert world.request("DELETE", f"{PATH}/instances/{found[0]['id']}").status == 204
    after = {node["id"]: node["status"] for node in nodes(world)}
    assert len(after) == 2 and found[0]["id"] not in after and sorted(after.values()) == ["ACTIVE", "BUILD"]
    world.sim.advance(120)
    assert {node["status"] for node in nodes(world)} == {"ACTIVE"}
    assert world.request("DELETE", f"{PATH}/pools/web/instances/{found[1]['id']}").status == 204
    world.refused(404, "DELETE", f"{PATH}/pools/web/instances/{found[1]['id']}")
    assert read(world)["pools"][0]["node_count"] == 2


# --- quotas ---


@pytest.mark.parametrize(
    "quota",
    [
        "cluster_count", "vm_count", "cpu_count", "ram", "volume_count", "volume_size", "servergroup_count",
        "floating_count", "loadbalancer_count", "baremetal_hf_count",
    ],
)  # fmt: skip
def test_quotas_of_a_cluster(world: World, quota: str) -> None:
    network_id = world.network()
    world.subnet(network_id)
    world.sim.settings.quotas = {quota: 0}
    body = cluster_body(world, pools=[pool_body(), METAL], fixed_network=network_id)
    error = world.refused(403, "POST", BASE, body)
    assert error["exception_class"] == "QuotaLimitExceed" and error["info"]["attribute"] == quota
    assert world.get(BASE)["count"] == 0


def test_check_limits(world: World) -> None:
    pool = {"flavor_id": "g2-standard-2-4", "boot_volume_size": 50, "node_count": 3}
    assert world.ok("POST", f"{BASE}/check_limits", {"pools": [pool]}) == {}
    world.sim.settings.quotas = {"vm_count": 2, "ram": 4096, "cluster_count": 0, "laas_topic_count": 0}
    found = world.ok("POST", f"{BASE}/check_limits", {"pools": [pool], "logging": {"enabled": True}})
    assert (found["vm_count_limit"], found["vm_count_usage"], found["vm_count_requested"]) == (2, 0, 3)
    assert found["ram_requested"] == 12288 and found["cluster_count_requested"] == found["laas_topic_count_requested"]
    found = world.ok("POST", f"{BASE}/pools/check_limits", pool)
    assert found["vm_count_requested"] == 3 and "cluster_count_limit" not in found
    world.refused(404, "POST", f"{BASE}/pools/check_limits", {"flavor_id": "unknown"})


def test_check_limits_of_public_pools_and_of_a_network(world: World) -> None:
    network_id = world.network()
    world.sim.settings.quotas = {"external_ip_count": 2, "loadbalancer_count": 0, "floating_count": 0}
    pool = {"flavor_id": "g2-standard-2-4", "node_count": 3}
    assert world.ok("POST", f"{BASE}/check_limits", {"pools": [pool]}) == {}
    found = world.ok("POST", f"{BASE}/check_limits", {"pools": [{**pool, "is_public_ipv4": True}]})
    assert found == {"external_ip_count_limit": 2, "external_ip_count_usage": 0, "external_ip_count_requested": 3}
    assert world.ok("POST", f"{BASE}/pools/check_limits", {**pool, "is_public_ipv4": True}) == found
    found = world.ok("POST", f"{BASE}/check_limits", {"fixed_network": network_id})
    assert {key: value for key, value in found.items() if key.endswith("_requested")} == {
        "loadbalancer_count_requested": 1, "floating_count_requested": 1,
    }  # fmt: skip
    world.sim.settings.quotas = {"external_ip_count": 1}
    cluster(world, pools=[pool_body(max_node_count=3, is_public_ipv4=True)])
    world.refused(403, "POST", f"{PATH}/pools/web/resize", {"node_count": 2})


def test_quotas_of_changes(world: World) -> None:
    cluster(world, pools=[pool_body(max_node_count=3)])
    world.sim.settings.quotas = {"vm_count": 1}
    world.refused(403, "POST", f"{PATH}/pools", pool_body("db"))
    world.refused(403, "POST", f"{PATH}/pools/web/resize", {"node_count": 2})
    world.refused(403, "PATCH", f"{PATH}/pools/web", {"min_node_count": 2})
    # an upgrade needs the quota for a second set of nodes
    world.refused(403, "POST", f"{PATH}/upgrade", {"version": "v1.34.6"})
    assert read(world)["status"] == "Provisioned" and len(nodes(world)) == 1
    world.sim.settings.quotas = {"vm_count": 2}
    world.run("POST", f"{PATH}/upgrade", {"version": "v1.34.6"})


# --- what goes wrong ---


@pytest.mark.parametrize("leave", [False, True])
def test_failed_creation(world: World, leave: bool) -> None:
    world.faults({"kind": "task_error", "leave_object": leave, "match": {"task_type": "create_k8s_cluster_v2"}})
    task = world.wait(world.start("POST", BASE, cluster_body(world)))
    assert (task["state"], task["created_resources"]) == ("ERROR", None)
    if not leave:
        for path in (BASE, "/v1/instances/{P}", "/v1/volumes/{P}", "/v1/servergroups/{P}"):
            assert world.get(path)["count"] == 0
        cluster(world)
        return
    assert (read(world)["status"], read(world)["task_id"]) == ("Provisioning", None)
    for method, path, body in (
        ("PATCH", PATH, {"autoscaler_config": {}}),
        ("POST", f"{PATH}/pools", pool_body("db")),
        ("GET", f"{PATH}/config", None),
    ):
        assert "Provisioned" in world.refused(409, method, path, body)["message"]
    world.run("DELETE", PATH)
    assert world.get("/v1/instances/{P}")["count"] == 0


def test_failed_changes(world: World) -> None:
    cluster(world, pools=[pool_body(max_node_count=3), pool_body("db")])
    before = read(world)
    for method, path, body in (
        ("POST", f"{PATH}/upgrade", {"version": "v1.34.6"}),
        ("POST", f"{PATH}/pools/web/resize", {"node_count": 3}),
        ("POST", f"{PATH}/pools", pool_body("third")),
        ("PATCH", PATH, {"autoscaler_config": {"scan-interval": "10s"}}),
        ("DELETE", f"{PATH}/pools/db", None),
        ("DELETE", PATH, None),
    ):
        world.faults({"kind": "task_error"})
        assert world.wait(world.start(method, path, body))["state"] == "ERROR"
        assert read(world) == before and len(nodes(world)) == 2
    world.faults({"kind": "task_error", "leave_object": True})
    world.wait(world.start("POST", f"{PATH}/pools", pool_body("third")))
    assert read(world, f"{PATH}/pools/third")["status"] == "Error"


def test_lock_fault(world: World) -> None:
    cluster(world)
    world.faults({"kind": "lock", "seconds": 10, "match": {"method": "PATCH"}})
    for _each in range(2):
        assert world.refused(409, "PATCH", PATH, {"autoscaler_config": {}})["message"] == LOCKED
    world.sim.advance(11)
    world.run("PATCH", PATH, {"autoscaler_config": {}})


def test_delete_lag(world: World) -> None:
    cluster(world, pools=[pool_body(), pool_body("db")])
    world.sim.settings.quirks.delete_lag = 30
    world.run("DELETE", f"{PATH}/pools/db")
    assert read(world, f"{PATH}/pools/db")["status"] == "Deleting"
    assert {pool["name"] for pool in world.get(f"{PATH}/pools")["results"]} == {"web", "db"}
    world.sim.advance(31)
    world.refused(404, "GET", f"{PATH}/pools/db")
    world.run("DELETE", PATH)
    assert read(world)["status"] == "Deleting" and world.get(BASE)["count"] == 1
    assert world.get(f"{PATH}/pools")["count"] == 1
    world.refused(404, "DELETE", PATH)
    world.sim.advance(31)
    world.refused(404, "GET", PATH)


def test_create_lag(world: World) -> None:
    world.sim.settings.quirks.create_lag = 30
    cluster(world)
    assert read(world)["status"] == "Provisioning" and read(world, f"{PATH}/pools/web")["status"] == "Provisioning"
    world.sim.advance(31)
    assert read(world)["status"] == "Provisioned" and read(world, f"{PATH}/pools/web")["status"] == "Running"


def test_quirk_shuffled_lists(world: World) -> None:
    names = [f"pool-{letter}" for letter in "abcdefgh"]
    cluster(world, pools=[pool_body(name) for name in names])
    world.sim.settings.quirks.shuffle_lists = True
    for read_pools in (lambda: read(world)["pools"], lambda: world.get(f"{PATH}/pools")["results"]):
        orders = [[pool["name"] for pool in read_pools()] for _each in range(5)]
        assert all(sorted(order) == names for order in orders) and any(order != orders[0] for order in orders)


def test_objects_of_somebody_else(world: World) -> None:
    body = {"kind": "k8s_cluster", "object": {"name": "theirs", "keypair": "k", "pools": [pool_body()]}}
    made = world.request("POST", "/_simulator/objects", body)
    assert made.status == 200, made.raw
    assert (made.json["status"], len(made.json["pools"])) == ("Provisioned", 1)
    assert world.get(f"{BASE}/theirs/config")["config"]
    pool = {"kind": "k8s_pool", "object": {**METAL, "cluster_id": made.json["id"], "name": "more"}}
    assert world.request("POST", "/_simulator/objects", pool).status == 200
    assert world.get(f"{BASE}/theirs/pools/more")["status"] == "Running"
    change = {"kind": "k8s_cluster", "id": made.json["id"], "delete": True}
    assert world.request("PATCH", "/_simulator/objects", change).status == 204
    assert world.get("/v1/instances/{P}", include_baremetal="true")["count"] == 0
