# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes cluster and its pools (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import Plan, Snapshot
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources.k8s_cluster import (
    PLATFORM_LABELS,
    RESOURCE,
    Labels,
    Texts,
    change_cni,
    chosen_volumes,
    texts,
    user_labels,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    planned,
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
    "labels": {"a": "b", PLATFORM_LABELS + "x": "y"}, "taints": {}, "crio_config": None, "kubelet_config": {}, "status": "Running",
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
    there = {"a": "b", PLATFORM_LABELS + "x": "y"}
    assert user_labels(there) == {"a": "b"}
    assert user_labels(None) == {}
    assert merge_labels({"c": "d"}, there, True) == {"c": "d", PLATFORM_LABELS + "x": "y"}
    assert merge_labels({}, there, True) == {PLATFORM_LABELS + "x": "y"}
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
        ("PATCH", POOL, {"labels": {"c": "1", PLATFORM_LABELS + "x": "y"}})
    ]
    assert sent_by(plan({"pools": [pool(labels={})]})) == [("PATCH", POOL, {"labels": {PLATFORM_LABELS + "x": "y"}})]


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
