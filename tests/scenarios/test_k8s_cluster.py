# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes clusters: pools of nodes, upgrades, what is deleted with a cluster, and the kubeconfig."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.harness import Run
from tests.simulator.resources.volumes import join

from .conftest import Account

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINQzHqmIEp4YDrVz2nNTkW0EzCxwEYaTfXzD5o3XuV9l me@example.com"
CLUSTERS = "/cloud/v2/k8s/clusters/1000001/76"
NEXT = "v1.34.6"


def nodes(name: str = "pool", **options: Any) -> dict[str, Any]:
    return {
        "name": name, "flavor": "g2-standard-2-4", "min_node_count": 1, "max_node_count": 3, "boot_volume_size": 50,
        "boot_volume_type": "standard", "servergroup_policy": "affinity", **options,
    }  # fmt: skip


OPTIONS: dict[str, Any] = {"name": "prod", "version": "v1.33.10", "ssh_key": "key", "pools": [nodes(labels={"a": "b"})]}


def build(account: Account) -> str:
    account.ok("ssh_key", name="key", public_key=KEY)
    return str(account.ok("k8s_cluster", **OPTIONS)["k8s_cluster"]["id"])


@pytest.fixture
def key(account: Account) -> Account:
    """An account with an SSH key."""
    account.ok("ssh_key", name="key", public_key=KEY)
    return account


@pytest.fixture
def cluster(account: Account) -> Account:
    """An account with the cluster of OPTIONS."""
    account.built(build)
    return account


def written(run: Run) -> list[tuple[str, str]]:
    return [(each.method, each.path.replace(CLUSTERS, "")) for each in run.writes]


def pools_of(account: Account) -> dict[str, Mapping[str, Any]]:
    return {
        record.data["name"]: record.data
        for (kind, _id), record in account.cloud.records().items()
        if kind == "k8s_pool"
    }


def volume(account: Account, name: str) -> str:
    """The id of a persistent volume of the cluster, attached to its node."""
    identifier = account.add("volume", name=name, size=5)
    records = account.cloud.records()
    node = next(record for record in records.values() if record.data.get("k8s_pool_id"))
    join(account.cloud.simulator, records[("volume", identifier)], node)
    return identifier


# -------------------------------------------------------------------- pools


def test_an_unchanged_cluster_costs_two_requests(key: Account) -> None:
    run = key.changed("k8s_cluster", **OPTIONS)
    assert run.result["k8s_cluster"]["status"] == "Provisioned" and run.result["pending"] == run.warnings == []
    assert run.result["created_resources"]["k8s_clusters"] == [run.result["k8s_cluster"]["id"]]
    assert [str(each.path) for each in key.run("k8s_cluster", **OPTIONS).exchanges] == [
        CLUSTERS,
        CLUSTERS + "/prod/pools",
    ]


def test_the_number_of_nodes_is_set_after_the_creation(key: Account) -> None:
    pools = [nodes(node_count=3), nodes("two", node_count=1)]
    run = key.changed("k8s_cluster", **{**OPTIONS, "pools": pools})
    assert written(run) == [("POST", ""), ("POST", "/prod/pools/pool/resize")]
    assert run.writes[1].body == {"node_count": 3}


def test_without_waiting_the_number_of_nodes_is_pending(key: Account) -> None:
    options = {**OPTIONS, "pools": [nodes(node_count=3)]}
    run = key.run("k8s_cluster", wait=False, **options)
    assert not run.failed and run.result["k8s_cluster"]["name"] == "prod"
    assert [(each["action"], each["resource"], each["name"]) for each in run.result["pending"]] == [
        ("set node_count of", "k8s_cluster_pool", "pool")
    ]
    again = key.run("k8s_cluster", wait=False, **options)
    assert not again.failed and not again.writes and again.result["task_ids"] == run.result["task_ids"]
    key.ok("task_wait", tasks=run.result["task_ids"])
    assert written(key.changed("k8s_cluster", **options)) == [("POST", "/prod/pools/pool/resize")]


def test_an_upgrade_comes_before_all_other_changes(cluster: Account) -> None:
    run = cluster.changed(
        "k8s_cluster",
        name="prod",
        version=NEXT,
        autoscaler_config={"expander": "random"},
        pools=[nodes("second", node_count=2)],
        purge_pools=True,
    )
    *first, one, other = written(run)
    assert first == [("POST", "/prod/upgrade"), ("PATCH", "/prod"), ("POST", "/prod/pools")]
    assert {one, other} == {("DELETE", "/prod/pools/pool"), ("POST", "/prod/pools/second/resize")}
    assert run.result["k8s_cluster"]["version"] == NEXT


def test_labels_of_the_platform_are_kept(cluster: Account) -> None:
    own = {key: value for key, value in pools_of(cluster)["pool"]["labels"].items() if "/" in key}
    cluster.changed("k8s_cluster", name="prod", pools=[nodes(labels={"c": "d"})])
    assert own and pools_of(cluster)["pool"]["labels"] == {"c": "d", **own}


# ------------------------------------------------------ upgrades of others


def test_the_upgrade_of_another_run_is_waited_for(cluster: Account) -> None:
    cluster.run("k8s_cluster", name="prod", version=NEXT, wait=False)
    run = cluster.run("k8s_cluster", name="prod", version=NEXT)
    assert not run.failed and not run.writes and run.result["k8s_cluster"]["version"] == NEXT


def test_without_waiting_the_upgrade_of_another_run_is_not_adopted_as_a_creation(cluster: Account) -> None:
    """A locked cluster fails at once: the change has neither been made nor started."""
    cluster.run("k8s_cluster", name="prod", version=NEXT, wait=False)
    run = cluster.run("k8s_cluster", name="prod", autoscaler_config={"expander": "random"}, wait=False)
    assert run.failed and "creation" not in " ".join(run.warnings)
    assert all(each.status == 409 for each in run.writes)


# ----------------------------------------------------------------- deletion


def test_a_new_cluster_with_the_name_is_not_deleted(cluster: Account) -> None:
    """The connection breaks, and somebody else creates a cluster with the name as soon as the old one is gone."""
    sim, old = cluster.cloud.simulator, cluster.ok("k8s_cluster", name="prod")["k8s_cluster"]["id"]

    def create_again() -> None:
        if ("k8s_cluster", old) in cluster.cloud.records():
            sim.schedule(sim.now() + 0.5, create_again)
        else:
            cluster.add("k8s_cluster", name="prod", keypair="key")

    create_again()
    cluster.lose("DELETE", "/clusters/")
    run = cluster.run("k8s_cluster", name="prod", state="absent")
    assert not run.failed, (run.result["msg"], run.exchanges)
    assert run.result["changed"] and [each.method for each in run.writes] == ["DELETE"]
    assert [
        record.data["name"] for (kind, _id), record in cluster.cloud.records().items() if kind == "k8s_cluster"
    ] == ["prod"]


@pytest.mark.parametrize(
    ("chosen", "sent", "left"),
    [
        (None, [""], ["pvc-one", "pvc-two"]),
        (["pvc-one"], ["pvc-one"], ["pvc-two"]),
        (["all"], ["pvc-one", "pvc-two"], []),
    ],
)
def test_volumes_that_are_deleted_with_the_cluster(
    cluster: Account, chosen: list[str] | None, sent: list[str], left: list[str]
) -> None:
    ids = {name: volume(cluster, name) for name in ("pvc-one", "pvc-two")}
    options = {"name": "prod", "state": "absent", **({"delete_volumes": chosen} if chosen else {})}
    cluster.refused(
        "k8s_cluster", "'pvc-three'", "'pvc-one'", "'pvc-two'", **{**options, "delete_volumes": ["pvc-three"]}
    )
    for check in (True, False):
        run = cluster.run("k8s_cluster", check=check, **options)
        assert not run.failed and run.result["changed"], run.text
        assert len(run.warnings) == bool(left)
        for name, identifier in ids.items():
            assert (identifier in " ".join(run.warnings)) is (name in left)
    (delete,) = run.writes
    assert set(dict(delete.query).get("volumes", "").split(",")) == {ids.get(each, "") for each in sent}
    assert sorted(name for name, each in ids.items() if ("volume", each) in cluster.cloud.records()) == left
    assert not cluster.ok("k8s_cluster", **options)["changed"]


# --------------------------------------------------------------- kubeconfig


def test_the_kubeconfig_is_written_for_its_owner_alone(key: Account, tmp_path: Path) -> None:
    dest = tmp_path / "kubeconfig"
    options = {**OPTIONS, "kubeconfig_dest": str(dest)}
    assert key.run("k8s_cluster", check=True, **options).result["changed"] and not dest.exists()
    run = key.run("k8s_cluster", **options)
    assert not run.failed and run.result["kubeconfig_dest"] == str(dest)
    content = dest.read_text()
    assert content.startswith("apiVersion") and dest.stat().st_mode & 0o777 == 0o600
    assert content not in run.text and "kubeconfig" not in run.result
    assert not key.ok("k8s_cluster", **options)["changed"]
    dest.chmod(0o644)
    assert key.run("k8s_cluster", check=True, **options).result["changed"]
    again = key.run("k8s_cluster", **options)
    assert (again.result["changed"], dest.stat().st_mode & 0o777, again.writes) == (True, 0o600, [])
    returned = key.ok("k8s_cluster", name="prod", return_content=True)
    assert returned["kubeconfig"] == content and "kubeconfig_dest" not in returned


def test_without_waiting_the_kubeconfig_is_written_by_a_later_run(key: Account, tmp_path: Path) -> None:
    dest = tmp_path / "kubeconfig"
    options = {**OPTIONS, "kubeconfig_dest": str(dest), "wait": False}
    run = key.run("k8s_cluster", **options)
    assert not run.failed and not dest.exists() and "kubeconfig" in run.warnings[-1]
    assert not [each for each in run.exchanges if each.path.endswith("/config")]
    key.ok("task_wait", tasks=run.result["task_ids"])
    assert key.ok("k8s_cluster", **options)["changed"] and dest.exists()


def test_a_deletion_reads_no_kubeconfig(cluster: Account, tmp_path: Path) -> None:
    run = cluster.run("k8s_cluster", name="prod", state="absent", kubeconfig_dest=str(tmp_path / "kubeconfig"))
    assert run.result["changed"] and not [each for each in run.exchanges if each.path.endswith("/config")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pools": [nodes(), nodes()]}, ["Several pools have the name 'pool'"]),
        ({"pools": [nodes(min_node_count=4)]}, ["'pool' has min_node_count 4 and max_node_count 3"]),
        ({"version": "1.32"}, ["'1.32'", "k8s_version_info"]),
    ],
)
def test_options_that_cannot_be_are_refused_before_any_request(
    account: Account, options: dict[str, Any], words: list[str]
) -> None:
    run = account.refused("k8s_cluster", *words, **{**OPTIONS, **options})
    assert run.error_kind == "options" and not run.exchanges
