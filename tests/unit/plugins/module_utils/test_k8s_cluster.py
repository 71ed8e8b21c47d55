# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes cluster and its pools (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

import copy
from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import Plan, Snapshot
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources.k8s_cluster import (
    OURS,
    RESOURCE,
    Labels,
    Texts,
    change_cni,
    chosen_volumes,
    own,
    texts,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import MISSING
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    Outcome,
    Request,
    RoutedCloud,
    planned,
    read_timeout,
    reply,
    rows,
    run,
    sent_by,
    told,
    uuid,
)

check, deletion_warning = RESOURCE.hooks.check, RESOURCE.hooks.deletion_warning
same_map = Texts().same


def merge_labels(desired: Any, current: Any, purge: bool) -> Any:
    return Labels().merge(desired, current, purge, ())


LIST = "/cloud/v2/k8s/clusters"
ONE, POOLS = LIST + "/{id}", LIST + "/{parent_id}/pools"
POOL = POOLS + "/{id}"


def pool(name: str = "pool", **more: Any) -> dict[str, Any]:
    return {"name": name, "flavor": "g1", "min_node_count": 1, "max_node_count": 3, **more}


def sent_pool(name: str = "pool", **more: Any) -> dict[str, Any]:
    """The same as a request has it; the planner's finder makes the id."""
    found = pool(name, **more)
    return {"flavor_id": "k8s_flavor-id-of-g1", **{key: value for key, value in found.items() if key != "flavor"}}


SPEC: dict[str, Any] = {"name": "cluster", "version": "v1.32.1", "ssh_key": "key", "pools": [pool(labels={"a": "b"})]}
CILIUM = {"mask_size": 24, "mask_size_v6": 120, "hubble_relay": False, "hubble_ui": False, "tunnel": "geneve",
          "lb_mode": "snat", "routing_mode": "tunnel", "encryption": False, "cni_exclusive": True}  # fmt: skip
RUNNING: dict[str, Any] = {
    "id": uuid(5), "name": "cluster", "version": "v1.32.1", "keypair": "key", "status": "Provisioned", "task_id": None,
    "creator_task_id": None, "cni": {"provider": "cilium", "cilium": CILIUM}, "autoscaler_config": None, "logging": None,
    "ddos_profile": None, "fixed_network": uuid(7), "fixed_subnet": uuid(8), "is_ipv6": False,
    "csi": {"nfs": {"vast_enabled": False}}, "add_ons": {"slurm": {"enabled": False, "file_share_id": None}},
    "authentication": {"oidc": None, "kubeconfig_created_at": "x"}, "pods_ip_pool": "172.16.0.0/18",
}  # fmt: skip
NODES: dict[str, Any] = {
    "id": uuid(6), "name": "pool", "flavor_id": "g1", "node_count": 2, "min_node_count": 1, "max_node_count": 3,
    "labels": {"a": "b", OURS + "x": "y"}, "taints": {}, "crio_config": None, "kubelet_config": {}, "status": "Running",
    "security_group_ids": [], "auto_healing_enabled": False, "boot_volume_size": 50,
}  # fmt: skip


def plan(options: dict[str, Any], row: Optional[dict[str, Any]] = None, *pools: dict[str, Any], **more: Any) -> Plan:
    """A plan for a cluster that is there, with one pool if no others are said."""
    there = {"pools": [Snapshot(each) for each in pools or (NODES,)]}
    return planned(
        RESOURCE, {"name": "cluster", **options}, {**RUNNING, "_upgrades": ["v1.33.0"], **(row or {})}, there, **more
    )


# ---------------------------------------------------------------------- hooks


def test_the_platforms_labels_are_its_own() -> None:
    there = {"a": "b", OURS + "x": "y"}
    assert own(there) == {"a": "b"}
    assert own(None) == {}
    assert merge_labels({"c": "d"}, there, True) == {"c": "d", OURS + "x": "y"}
    assert merge_labels({}, there, True) == {OURS + "x": "y"}
    assert merge_labels({"n": "1"}, None, True) == {"n": "1"}


def test_maps_are_of_texts() -> None:
    assert texts({"a": 1, "b": True, "c": "x", "d": 0.5}) == {"a": "1", "b": "true", "c": "x", "d": "0.5"}
    assert texts(None) == {}
    assert same_map({"a": 1, "b": False}, {"a": "1", "b": "false"})
    assert same_map(None, {}) and same_map({}, None)
    assert not same_map({"a": 1}, {"a": "2"})


def test_what_of_the_network_can_change() -> None:
    there = {"provider": "cilium", "cilium": CILIUM}
    assert change_cni({**there, "cilium": {**CILIUM, "hubble_ui": True}}, there, {}, True) == "update"
    for wanted, words in (
        ({"provider": "calico"}, "cni.provider of the k8s cluster is cilium"),
        ({"cilium": {**CILIUM, "mask_size": 25}}, "cni.cilium.mask_size of .* 24 .* 25"),
        ({"cilium": {**CILIUM, "mask_size_v6": 112}}, "mask_size_v6"),
    ):
        with pytest.raises(ImmutableError, match=words):
            change_cni({**there, **wanted}, there, {}, True)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pools": [pool(), pool()]}, ["Two pools are called 'pool'"]),
        ({"pools": [pool(min_node_count=4)]}, ["'pool' has min_node_count 4 and max_node_count 3"]),
        ({"version": "1.32"}, ["'1.32'", "k8s_version_info"]),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_asked(options: dict[str, Any], words: list[str]) -> None:
    cloud = Clusters()
    outcome = run(RESOURCE, {**SPEC, **options}, cloud)
    assert outcome.error.kind == "options"
    for word in words:
        assert word in outcome.error.sentence()
    assert cloud.sent == []


def test_what_makes_sense_is_not_refused() -> None:
    check({})
    check({"version": "v1.32.1", "pools": [pool(), pool("two", min_node_count=3), {"name": "x", "min_node_count": 9}]})


VOLUMES = [{"id": uuid(31), "name": "pvc-one"}, {"id": uuid(32), "name": "pvc-two"}]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (None, []),
        ([], []),
        (["all"], [uuid(31), uuid(32)]),
        (["pvc-two"], [uuid(32)]),
        ([uuid(31), "pvc-two"], [uuid(31), uuid(32)]),
    ],
)
def test_which_volumes_go_along(wanted: Any, ids: list[str]) -> None:
    assert chosen_volumes({"delete_volumes": wanted}, {"_volumes": VOLUMES}) == ids
    left = deletion_warning({"delete_volumes": wanted}, {"_volumes": VOLUMES})
    for each in VOLUMES:
        assert (each["id"] in str(left)) is (each["id"] not in ids)
    assert (left is None) is (len(ids) == 2)


def test_a_volume_of_nobody_does_not_go_along() -> None:
    with pytest.raises(OptionError) as caught:
        chosen_volumes({"delete_volumes": ["pvc-three"]}, {"_volumes": VOLUMES})
    assert "'pvc-one', 'pvc-two'" in caught.value.sentence()
    assert chosen_volumes({"delete_volumes": ["all"]}, {}) == []


def test_the_options() -> None:
    spec = module_spec(RESOURCE)
    assert "id" not in spec["argument_spec"]
    assert spec["argument_spec"]["name"]["required"] is True
    assert spec["required_one_of"] == []
    assert spec["argument_spec"]["purge_pools"]["default"] is False
    assert spec["argument_spec"]["kubeconfig_dest"] == {"type": "path"}
    assert spec["argument_spec"]["pools"]["options"]["min_node_count"]["required"]
    info = info_spec(RESOURCE)
    assert "id" not in info["argument_spec"]
    assert info["mutually_exclusive"] == []


@pytest.mark.parametrize("name", ["a1", "cluster-1", "a" * 20])
def test_names(name: str) -> None:
    planned(RESOURCE, {**SPEC, "name": name, "pools": [pool(name)]})


@pytest.mark.parametrize("name", ["", "a", "1a", "Aa", "a-", "a_b", "a" * 21, "a b"])
def test_names_that_are_none(name: str) -> None:
    for options in ({**SPEC, "name": name}, {**SPEC, "pools": [pool(name)]}):
        with pytest.raises(OptionError, match=r"is (not allowed|empty)"):
            planned(RESOURCE, options)


# ---------------------------------------------------------------------- plans


def test_a_cluster_is_made_with_its_pools() -> None:
    made = planned(
        RESOURCE,
        {
            **SPEC,
            "fixed_network": "net",
            "fixed_subnet": "sub",
            "autoscaler_config": {"scale-down-enabled": True, "scan-interval": "10s"},
            "pools": [pool(labels={"n": 1}, taints={"k": "v:NoSchedule"}, security_groups=["web"])],
        },
    )
    body = {
        "name": "cluster",
        "version": "v1.32.1",
        "keypair": "key",
        "fixed_network": "network-id-of-net",
        "fixed_subnet": "subnet-id-of-sub",
        "autoscaler_config": {"scale-down-enabled": "true", "scan-interval": "10s"},
        "pools": [
            sent_pool(labels={"n": "1"}, taints={"k": "v:NoSchedule"}, security_group_ids=["security_group-id-of-web"])
        ],
    }
    assert sent_by(made) == [("POST", LIST, body)]
    assert (made.timeout, made.later) == (3600, [])
    assert made.predicted is not None
    assert made.predicted["status"] == "Provisioned"


def test_a_cluster_needs_pools() -> None:
    for options in ({key: value for key, value in SPEC.items() if key != "pools"}, {**SPEC, "pools": []}):
        with pytest.raises(OptionError, match="needs pools"):
            planned(RESOURCE, options)
    with pytest.raises(OptionError, match="version and ssh_key"):
        planned(RESOURCE, {"name": "cluster", "pools": [pool()]})


def test_the_number_of_nodes_is_set_after_the_creation() -> None:
    made = planned(RESOURCE, {**SPEC, "pools": [pool(node_count=3), pool("two")]})
    assert [{key: each[key] for key in ("name", "min_node_count")} for each in sent_by(made)[0][2]["pools"]] == [
        {"name": "pool", "min_node_count": 1},
        {"name": "two", "min_node_count": 1},
    ]
    assert "node_count" not in sent_by(made)[0][2]["pools"][0]
    assert told(made.later) == ["set node_count of k8s cluster pool 'pool'"]
    more = plan({"pools": [pool(), pool("two", node_count=2)]})
    assert sent_by(more) == [("POST", POOLS, sent_pool("two"))]
    assert told(more.later) == ["set node_count of k8s cluster pool 'two'"]


def test_a_cluster_as_it_should_be_needs_nothing() -> None:
    options = {
        **SPEC,
        "cni": {"provider": "cilium", "cilium": {"hubble_ui": False}},
        "csi": {"nfs": {"vast_enabled": False}},
        "add_ons": {"slurm": {"enabled": False}},
        "authentication": {"oidc": None},
        "autoscaler_config": None,
        "logging": None,
        "ddos_profile": None,
        "is_ipv6": False,
        "pools": [pool(labels={"a": "b"}, node_count=2, taints={}, crio_config={}, security_groups=[])],
    }
    made = plan(options, find=lambda *a, **k: pytest.fail("looked up"))
    assert (made.steps, made.later, made.before, made.not_compared) == ([], [], {}, [])


def test_the_order_of_pools_and_groups_is_no_change() -> None:
    first = {**NODES, "security_group_ids": [uuid(1), uuid(2)]}
    second = {**NODES, "name": "two"}
    wanted = [pool("two"), pool(security_groups=[uuid(2), uuid(1)])]
    assert plan({"pools": wanted}, None, first, second).steps == []


def test_upgrade_first_then_what_needs_no_waiting() -> None:
    made = plan(
        {
            "version": "v1.33.0",
            "autoscaler_config": {"expander": "random"},
            "cni": {"cilium": {"hubble_ui": True}},
            "pools": [pool(labels={"a": "b"}, min_node_count=2, node_count=3), pool("two")],
        }
    )
    assert sent_by(made) == [
        ("POST", ONE + "/upgrade", {"version": "v1.33.0"}),
        ("PATCH", POOL, {"min_node_count": 2}),
        (
            "PATCH",
            ONE,
            {
                "autoscaler_config": {"expander": "random"},
                "cni": {"provider": "cilium", "cilium": {**CILIUM, "hubble_ui": True}},
            },
        ),
        ("POST", POOL + "/resize", {"node_count": 3}),
        ("POST", POOLS, sent_pool("two")),
    ]
    assert [step.target.id for step in made.steps] == ["cluster", "pool", "cluster", "pool", None]


def test_the_autoscalers_map_is_replaced_whole() -> None:
    there = {"autoscaler_config": {"expander": "random", "scan-interval": "10s"}}
    assert plan({"autoscaler_config": {"scan-interval": "10s", "expander": "random"}}, there).steps == []
    ((_method, _path, body),) = sent_by(plan({"autoscaler_config": {"expander": "price"}}, there))
    assert body == {"autoscaler_config": {"expander": "price"}}
    # A null in a PATCH would leave the map as it is.
    nothings: list[Any] = [None, {}]
    for nothing in nothings:
        assert sent_by(plan({"autoscaler_config": nothing}, there)) == [("PATCH", ONE, {"autoscaler_config": {}})]
        assert plan({"autoscaler_config": nothing}).steps == []
    assert plan({}, there).steps == []


def test_platform_labels_are_kept_by_a_patch() -> None:
    assert plan({"pools": [pool(labels={"a": "b"})]}).steps == []
    assert plan({"pools": [pool()]}).steps == []
    assert sent_by(plan({"pools": [pool(labels={"c": 1})]})) == [
        ("PATCH", POOL, {"labels": {"c": "1", OURS + "x": "y"}})
    ]
    assert sent_by(plan({"pools": [pool(labels={})]})) == [("PATCH", POOL, {"labels": {OURS + "x": "y"}})]


def test_what_of_the_network_is_left_out_is_left_alone() -> None:
    assert plan({"cni": {"provider": "cilium"}}).steps == []
    assert plan({"cni": {"cilium": {"tunnel": "geneve"}}}).steps == []
    assert plan({"cni": {"provider": "calico"}}, {"cni": {"provider": "calico", "cilium": None}}).steps == []
    for cni in ({"provider": "calico"}, {"cilium": {"mask_size": 25}}):
        with pytest.raises(ImmutableError, match="cni"):
            plan({"cni": cni})
        assert [each.action.verb for each in plan({**SPEC, "cni": cni}, recreate=True).steps] == ["delete", "create"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"ssh_key": "other"}, "ssh_key of k8s cluster 'cluster' is key"),
        ({"fixed_network": "net"}, "fixed_network"),
        ({"is_ipv6": True}, "is_ipv6"),
        ({"csi": {"nfs": {"vast_enabled": True}}}, "csi"),
        ({"pools": [pool(flavor="g9")]}, r"pools\[0\].flavor"),
        ({"pools": [pool(boot_volume_size=60)]}, r"pools\[0\].boot_volume_size"),
        ({"pools": [pool(kubelet_config={"a": "b"})]}, r"pools\[0\].kubelet_config"),
    ],
)
def test_what_cannot_change(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ImmutableError, match=words):
        plan(options)


def test_sign_in_is_switched_on_and_off() -> None:
    oidc = {"client_id": "c", "issuer_url": "https://i.example"}
    assert sent_by(plan({"authentication": {"oidc": oidc}})) == [("PATCH", ONE, {"authentication": {"oidc": oidc}})]
    there = {"authentication": {"oidc": {**oidc, "groups_claim": None}, "kubeconfig_created_at": "x"}}
    assert plan({"authentication": {"oidc": oidc}}, there).steps == []
    assert sent_by(plan({"authentication": {"oidc": None}}, there)) == [
        ("PATCH", ONE, {"authentication": {"oidc": None}})
    ]


def test_ddos_and_slurm_and_logs() -> None:
    assert sent_by(plan({"ddos_profile": {"enabled": True, "profile_template": 1}})) == [
        ("PATCH", ONE, {"ddos_profile": {"enabled": True, "profile_template": 1}})
    ]
    there: dict[str, Any] = {
        "ddos_profile": {"enabled": True, "profile_template": 1, "profile_template_name": None, "fields": []}
    }
    assert plan({"ddos_profile": {"enabled": True}}, there).steps == []
    slurm = {"enabled": True, "file_share_id": uuid(1), "ssh_key_ids": [uuid(2)], "worker_count": 2}
    assert sent_by(plan({"add_ons": {"slurm": slurm}})) == [("PATCH", ONE, {"add_ons": {"slurm": slurm}})]
    assert plan({"add_ons": {"slurm": slurm}}, {"add_ons": {"slurm": slurm}}).steps == []
    logs = {"enabled": True, "destination_region_id": 2, "topic_name": "t", "retention_policy": None}
    assert plan({"logging": {"enabled": True, "topic_name": "t"}}, {"logging": logs}).steps == []
    off = plan({"logging": {"enabled": False}}, {"logging": logs})
    assert [each[:2] for each in sent_by(off)] == [("PATCH", ONE)]
    assert off.after == {"logging": {**logs, "enabled": False}}


def test_a_pool_is_added_before_another_is_removed() -> None:
    wanted = {"pools": [pool("second")]}
    assert sent_by(plan(wanted)) == [("POST", POOLS, sent_pool("second"))]
    made = plan({**wanted, "purge_pools": True})
    assert sent_by(made) == [("POST", POOLS, sent_pool("second")), ("DELETE", POOL, None)]
    assert made.after["pools pool"] == "absent"
    assert plan({"pools": []}).steps == []
    assert plan({"purge_pools": True}).steps == []


def test_volumes_that_go_with_a_cluster() -> None:
    row = {**RUNNING, "_volumes": VOLUMES}
    made = planned(RESOURCE, {"name": "cluster", "delete_volumes": ["all"]}, row, state="absent")
    assert made.steps[0].query == {"volumes": "%s,%s" % (uuid(31), uuid(32))}
    assert planned(RESOURCE, {"name": "cluster"}, row, state="absent").steps[0].query == {}


# ----------------------------------------------------------------------- runs


class Clusters(RoutedCloud):
    """Clusters and pools, both known by their names."""

    def __init__(self) -> None:
        super().__init__()
        self.clusters: dict[str, dict[str, Any]] = {}
        self.pools: dict[str, dict[str, dict[str, Any]]] = {}
        self.volumes = [*VOLUMES]
        base, one = "/v2/k8s/clusters/1/2", "/([^/]+)"
        self.routes = [
            ("GET", base, lambda sent: self.listed([*self.clusters.values()])),
            ("GET", base + one, lambda sent, name: self.one(self.clusters.get(name))),
            ("POST", base, self._made),
            ("PATCH", base + one, lambda sent, name: self.work(name, "update_k8s_cluster_v2", sent.body)),
            ("POST", base + one + "/upgrade", lambda sent, name: self.work(name, "upgrade_k8s_cluster_v2", sent.body)),
            ("DELETE", base + one, lambda sent, name: self.started(
                "delete_k8s_cluster_v2", lambda: self.clusters.pop(name))),
            ("GET", "/v2/k8s/1/2/create_versions", lambda sent: rows({"version": "v1.32.1"}, {"version": "v1.33.0"})),
            ("GET", base + one + "/upgrade_versions", lambda sent, name: rows({"version": "v1.33.0"})),
            ("GET", base + one + "/config", lambda sent, name: self.one(
                {"config": "apiVersion: s3cret " + name} if name in self.clusters else None)),
            ("GET", base + one + "/pools", lambda sent, name: self.listed([*self.pools[name].values()])),
            ("POST", base + one + "/pools", lambda sent, name: self.started(
                "create_k8s_cluster_pool_v2", lambda: self.put(name, sent.body), created={"k8s_pools": [self.number()]})),
            ("PATCH", base + one + "/pools" + one, lambda sent, name, each: self.one(
                [self.pools[name][each].update(sent.body), self.pools[name][each]][1])),
            ("POST", base + one + "/pools" + one + "/resize", lambda sent, name, each: self.started(
                "resize_k8s_cluster_v2", lambda: self.pools[name][each].update(sent.body))),
            ("DELETE", base + one + "/pools" + one, self._no_pool),
            ("GET", "/v1/ssh_keys/1", lambda sent: rows({"id": uuid(4), "name": "key"})),
            ("GET", "/v1/k8s/1/2/flavors", lambda sent: rows({"flavor_id": "g1", "flavor_name": "g1", "resource_class": "g1"})),
            ("GET", "/v1/loadbalancers/1/2", lambda sent: self.listed([])),
            ("GET", "/v1/volumes/1/2", lambda sent: self.listed(
                self.volumes if sent.query["cluster_id"][0] in [each["id"] for each in self.clusters.values()] else [])),
        ]  # fmt: skip

    def put(self, name: str, body: dict[str, Any]) -> None:
        assert "node_count" not in body
        row = {**NODES, "id": self.number(), "node_count": body["min_node_count"], **body}
        row["labels"] = {**(body.get("labels") or {}), OURS + "pool": row["name"]}
        self.pools.setdefault(name, {})[row["name"]] = row

    def cluster(self, body: dict[str, Any]) -> dict[str, Any]:
        body = copy.deepcopy(body)
        pools = body.pop("pools")
        for each in pools:
            self.put(body["name"], each)
        row = {**copy.deepcopy(RUNNING), "id": self.number(), **body}
        return self.clusters.setdefault(row["name"], row)

    def _made(self, sent: Request) -> Any:
        row = self.cluster(sent.body)
        row["status"] = "Provisioning"
        task = self.task(
            "create_k8s_cluster_v2",
            lambda: row.update(status="Provisioned", task_id=None),
            data={"cluster_name": row["name"]},
            created={"k8s_clusters": [row["id"]]},
        )
        row.update(task_id=task["id"], creator_task_id=task["id"])
        return reply(200, {"tasks": [task["id"]]})

    def work(self, name: str, task_type: str, body: dict[str, Any]) -> Any:
        row = self.clusters[name]
        row["status"] = "Provisioning"
        task = self.task(task_type, lambda: row.update(status="Provisioned", task_id=None, **body))
        row["task_id"] = task["id"]
        return reply(200, {"tasks": [task["id"]]})

    def _no_pool(self, sent: Request, name: str, each: str) -> Any:
        if len(self.pools[name]) == 1:
            return reply(400, {"message": "A cluster needs a pool"})
        return self.started("delete_k8s_cluster_pool_v2", lambda: self.pools[name].pop(each))


@pytest.fixture
def cloud() -> Clusters:
    return Clusters()


@pytest.fixture(autouse=True)
def own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "locks").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "locks"))


def cluster(cloud: Clusters, options: Optional[dict[str, Any]] = None, **more: Any) -> Outcome:
    return run(RESOURCE, {**SPEC, **(options or {})}, cloud, **more)


def written(cloud: Clusters, since: int = 0) -> list[tuple[str, str]]:
    return [(each.method, each.path.replace("/cloud/v2/k8s/clusters/1/2", "")) for each in cloud.writes[since:]]


def test_a_cluster_is_made_and_found_again(cloud: Clusters) -> None:
    outcome = cluster(cloud)
    assert (outcome.error, outcome.warnings, outcome.result["pending"]) == (None, [], [])
    assert outcome.result["k8s_cluster"]["status"] == "Provisioned"
    assert outcome.result["created_resources"]["k8s_clusters"] == [cloud.clusters["cluster"]["id"]]
    assert MISSING not in outcome.result.values()
    before = len(cloud.sent)
    for cloud.backwards in (False, True):
        again = cluster(cloud)
        assert (again.error, again.result["changed"]) == (None, False)
    assert [str(each) for each in cloud.sent[before:]] == [
        "GET /cloud/v2/k8s/clusters/1/2",
        "GET /cloud/v2/k8s/clusters/1/2/cluster/pools",
    ] * 2
    assert len(cloud.writes) == 1


def test_the_number_of_nodes_is_set_when_the_cluster_is_there(cloud: Clusters) -> None:
    wanted = {"pools": [pool(node_count=3), pool("two", node_count=1)]}
    outcome = cluster(cloud, wanted)
    assert outcome.error is None
    assert written(cloud) == [("POST", ""), ("POST", "/cluster/pools/pool/resize")]
    assert cloud.writes[1].body == {"node_count": 3}
    assert not cluster(cloud, wanted).result["changed"]


def test_without_waiting_the_number_of_nodes_is_pending(cloud: Clusters) -> None:
    wanted = {"pools": [pool(node_count=3)]}
    outcome = cluster(cloud, wanted, wait=False)
    assert outcome.error is None
    assert [(each["action"], each["resource"], each["name"]) for each in outcome.result["pending"]] == [
        ("set node_count of", "k8s_cluster_pool", "pool")
    ]
    assert outcome.result["k8s_cluster"]["name"] == "cluster"
    again = cluster(cloud, wanted, wait=False)
    assert again.error is None
    assert again.result["task_ids"] == outcome.result["task_ids"]
    cloud.clock.sleep(60)
    assert cluster(cloud, wanted).error is None
    assert cloud.pools["cluster"]["pool"]["node_count"] == 3


def test_an_upgrade_and_all_that_follows(cloud: Clusters) -> None:
    cluster(cloud)
    wanted = {
        "version": "v1.33.0",
        "autoscaler_config": {"expander": "random"},
        "pools": [pool("second", node_count=2)],
        "purge_pools": True,
    }
    outcome = cluster(cloud, wanted)
    assert outcome.error is None
    done = written(cloud, 1)
    assert done[:3] == [("POST", "/cluster/upgrade"), ("PATCH", "/cluster"), ("POST", "/cluster/pools")]
    assert sorted(done[3:]) == [("DELETE", "/cluster/pools/pool"), ("POST", "/cluster/pools/second/resize")]
    assert outcome.result["k8s_cluster"]["version"] == "v1.33.0"
    again = cluster(cloud, wanted)
    assert (again.error, again.result["changed"]) == (None, False)


def test_somebody_elses_upgrade_is_waited_for(cloud: Clusters) -> None:
    cluster(cloud)
    cloud.work("cluster", "upgrade_k8s_cluster_v2", {"version": "v1.33.0"})
    outcome = cluster(cloud, {"version": "v1.33.0"})
    assert (outcome.error, outcome.result["changed"], len(cloud.writes)) == (None, False, 1)
    assert outcome.result["k8s_cluster"]["version"] == "v1.33.0"


def test_without_waiting_somebody_elses_upgrade_is_not_taken_for_our_creation(cloud: Clusters) -> None:
    """A lock that is met fails at once: what was asked for has neither been done nor is it on its way."""
    cluster(cloud)
    cloud.work("cluster", "upgrade_k8s_cluster_v2", {"version": "v1.33.0"})
    outcome = cluster(cloud, {"autoscaler_config": {"expander": "random"}}, wait=False)
    assert outcome.error is not None
    assert not any("creation" in each for each in outcome.warnings)
    assert len(cloud.writes) == 1


def test_labels_of_the_platform_survive(cloud: Clusters) -> None:
    cluster(cloud)
    outcome = cluster(cloud, {"pools": [pool(labels={"c": "d"})]})
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert cloud.pools["cluster"]["pool"]["labels"] == {"c": "d", OURS + "pool": "pool"}
    assert not cluster(cloud, {"pools": [pool(labels={"c": "d"})]}).result["changed"]


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_answer_does_not_make_two(cloud: Clusters, taken: bool) -> None:
    cloud.fault("POST", "clusters/1/2$", read_timeout(), taken=taken)
    outcome = cluster(cloud)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert len(cloud.writes) == (1 if taken else 2)


def test_a_lost_answer_does_not_make_two_pools(cloud: Clusters) -> None:
    cluster(cloud)
    cloud.fault("POST", "/pools$", read_timeout(), taken=True)
    outcome = cluster(cloud, {"pools": [pool(), pool("two")]})
    assert outcome.error is None
    assert sorted(cloud.pools["cluster"]) == ["pool", "two"]
    assert len(cloud.writes) == 2


def test_a_new_cluster_of_the_name_is_not_deleted_as_well(cloud: Clusters) -> None:
    cluster(cloud)
    old = cloud.clusters["cluster"]

    def gone() -> None:
        cloud.clusters["cluster"] = {**old, "id": cloud.number()}

    one = "/v2/k8s/clusters/1/2/([^/]+)"
    cloud.routes.insert(0, ("DELETE", one, lambda sent, name: cloud.started("delete_k8s_cluster_v2", gone)))
    cloud.fault("DELETE", "clusters", read_timeout(), taken=True)
    outcome = cluster(cloud, state="absent")
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert [each.method for each in cloud.writes] == ["POST", "DELETE"]
    assert cloud.clusters["cluster"]["id"] != old["id"]


def test_what_goes_and_what_stays(cloud: Clusters) -> None:
    cluster(cloud)
    outcome = cluster(cloud, state="absent", check_mode=True)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert uuid(31) in outcome.warnings[0]
    wrong = cluster(cloud, {"delete_volumes": ["pvc-three"]}, state="absent")
    assert wrong.error.kind == "options"
    assert len(cloud.writes) == 1
    outcome = cluster(cloud, {"delete_volumes": ["pvc-one"]}, state="absent")
    assert (outcome.error, outcome.result["changed"], cloud.clusters) == (None, True, {})
    assert cloud.writes[-1].query == {"volumes": [uuid(31)]}
    assert uuid(32) in outcome.warnings[0] and uuid(31) not in outcome.warnings[0]
    assert not cluster(cloud, state="absent").result["changed"]


def test_all_volumes_may_go_along(cloud: Clusters) -> None:
    cluster(cloud)
    outcome = cluster(cloud, {"delete_volumes": ["all"]}, state="absent")
    assert (outcome.error, outcome.warnings) == (None, [])
    assert cloud.writes[-1].query == {"volumes": ["%s,%s" % (uuid(31), uuid(32))]}


# ------------------------------------------------------------------ kubeconfig


def test_the_kubeconfig_is_for_its_owner_alone(cloud: Clusters, tmp_path: Any) -> None:
    dest = tmp_path / "kubeconfig"
    options = {"kubeconfig_dest": str(dest)}
    outcome = cluster(cloud, options)
    assert outcome.error is None
    assert dest.read_text() == "apiVersion: s3cret cluster"
    assert dest.stat().st_mode & 0o777 == 0o600
    assert outcome.result["kubeconfig_dest"] == str(dest)
    assert "s3cret" not in repr(outcome.result)
    assert not cluster(cloud, options).result["changed"]
    dest.chmod(0o644)
    again = cluster(cloud, options)
    assert (again.result["changed"], dest.stat().st_mode & 0o777) == (True, 0o600)
    assert len(cloud.writes) == 1


def test_the_kubeconfig_is_returned_when_that_is_asked_for(cloud: Clusters) -> None:
    outcome = cluster(cloud, {"return_content": True})
    assert outcome.result["kubeconfig"] == "apiVersion: s3cret cluster"
    assert "kubeconfig_dest" not in outcome.result


def test_check_mode_only_foretells_the_kubeconfig(cloud: Clusters, tmp_path: Any) -> None:
    dest = tmp_path / "kubeconfig"
    options = {"kubeconfig_dest": str(dest)}
    outcome = cluster(cloud, options, check_mode=True)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert outcome.result["k8s_cluster"]["name"] == "cluster"
    assert not dest.exists()
    cluster(cloud)
    outcome = cluster(cloud, options, check_mode=True)
    assert (outcome.error, outcome.result["changed"], dest.exists()) == (None, True, False)
    cluster(cloud, options)
    assert not cluster(cloud, options, check_mode=True).result["changed"]
    assert len(cloud.writes) == 1


def test_without_waiting_there_is_no_kubeconfig_yet(cloud: Clusters, tmp_path: Any) -> None:
    dest = tmp_path / "kubeconfig"
    options = {"kubeconfig_dest": str(dest)}
    outcome = cluster(cloud, options, wait=False)
    assert (outcome.error, dest.exists()) == (None, False)
    assert "kubeconfig" in outcome.warnings[-1]
    assert cloud.calls("GET", "/config$") == []
    cloud.clock.sleep(60)
    outcome = cluster(cloud, options, wait=False)
    assert (outcome.error, outcome.result["changed"], dest.exists()) == (None, True, True)


def test_a_kubeconfig_without_a_place_is_refused_first(cloud: Clusters, tmp_path: Any) -> None:
    outcome = cluster(cloud, {"kubeconfig_dest": str(tmp_path / "no" / "where")})
    assert outcome.error.kind == "options"
    assert cloud.sent == []


def test_no_kubeconfig_is_read_of_what_goes(cloud: Clusters, tmp_path: Any) -> None:
    cluster(cloud)
    cluster(cloud, {"kubeconfig_dest": str(tmp_path / "kubeconfig")}, state="absent")
    assert cloud.calls("GET", "/config$") == []
