# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancers with all that is in them: which requests a change takes, in which order, and what is removed."""

from __future__ import annotations

import collections
import copy
from collections.abc import Mapping
from typing import Any

import pytest

from tests.harness import Run

from .conftest import Account

MONITOR = {"type": "HTTP", "delay": 10, "timeout": 5, "max_retries": 3}
RULE = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/api"}


def members(*last: int, **more: Any) -> list[dict[str, Any]]:
    return [{"address": f"10.0.0.{each}", "protocol_port": 8080, "subnet": "lan-v4", **more} for each in last]


def pool(name: str = "web-pool", **more: Any) -> dict[str, Any]:
    return {"name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", **more}


def listener(name: str = "web", port: int = 80, **more: Any) -> dict[str, Any]:
    return {"name": name, "protocol": "HTTP", "protocol_port": port, **more}


def policy(name: str = "old-urls", **more: Any) -> dict[str, Any]:
    return {"name": name, "action": "REDIRECT_TO_URL", "redirect_url": "https://a.example", **more}


def to_pool(name: str) -> dict[str, Any]:
    return {"name": "to-pool", "action": "REDIRECT_TO_POOL", "redirect_pool": name}


TWO_LISTENERS = [
    listener(pools=[pool(members=members(5, 6))]),
    listener("api", 8080, pools=[pool("api-pool", members=members(7, 8), healthmonitor=MONITOR)]),
]
FORWARD = {**to_pool("green"), "rules": [RULE, {**RULE, "value": "/v2", "invert": True}]}
POLICIES: dict[str, Any] = {
    "pools": [pool("green", members=members(8))],
    "listeners": [listener(pools=[pool(members=members(5))], l7_policies=[FORWARD, policy()])],
}
PURGED = {"purge_listeners": True, "purge_pools": True, "purge_l7_policies": True}


class Balancer:
    """The load balancer ``front`` and the runs that change it."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def run(self, **options: Any) -> Run:
        return self.account.run("load_balancer", **{"name": "front", **copy.deepcopy(options)})

    def changed(self, **options: Any) -> Run:
        return self.account.changed("load_balancer", **{"name": "front", **copy.deepcopy(options)})

    def unchanged(self, **options: Any) -> Run:
        run = self.run(**options)
        assert not run.failed and not run.result["changed"] and not run.writes, run.text
        return run

    def names(self, kind: str) -> dict[str, str]:
        """The ids of what there is of a kind, by name."""
        return {
            record.data.get("name", ""): each
            for (found, each), record in self.account.cloud.records().items()
            if found == kind
        }

    def count(self) -> dict[str, int]:
        kinds = ("loadbalancer", "lblistener", "lbpool", "l7policy", "l7rule")
        found = collections.Counter(kind for kind, _id in self.account.cloud.records())
        return {kind: found[kind] for kind in kinds}


def written(run: Run) -> list[str]:
    """The method of each write, and what it is about: the collection, and what follows an id."""
    return [
        " ".join([each.method, *(part for part in each.path.split("/")[3:4] + each.path.split("/")[7:])])
        for each in run.writes
    ]


def short(run: Run) -> list[str]:
    return [f"{each.method} {each.path.split('/')[3]}" for each in run.writes]


def a_network(account: Account) -> None:
    network = account.add("network", name="lan")
    account.add("subnet", network_id=network, name="lan-v4", cidr="10.0.0.0/24")


def two_listeners(account: Account) -> None:
    a_network(account)
    account.ok("load_balancer", name="front", listeners=copy.deepcopy(TWO_LISTENERS))


def policies(account: Account) -> None:
    a_network(account)
    account.ok("load_balancer", name="front", **copy.deepcopy(POLICIES))


@pytest.fixture
def empty(account: Account) -> Balancer:
    """An account without a load balancer."""
    account.built(a_network)
    return Balancer(account)


@pytest.fixture
def two(account: Account) -> Balancer:
    """A load balancer with two listeners."""
    account.built(two_listeners)
    return Balancer(account)


@pytest.fixture
def full(account: Account) -> Balancer:
    """A load balancer with a pool of its own and a listener that has two policies."""
    account.built(policies)
    return Balancer(account)


# ----------------------------------------------------------------- creation


def test_a_tree_is_created_in_one_request_and_read_in_one_of_each_type(empty: Balancer) -> None:
    options = {"flavor": "lb1-1-2", "tags": {"a": "b"}, "listeners": TWO_LISTENERS}
    run = empty.changed(**options)
    assert short(run) == ["POST loadbalancers"] and run.result["pending"] == run.warnings == []
    row = run.result["load_balancer"]
    assert run.result["created_resources"]["loadbalancers"] == [row["id"]]
    assert empty.count() == {"loadbalancer": 1, "lblistener": 2, "lbpool": 2, "l7policy": 0, "l7rule": 0}
    empty.account.cloud.simulator.settings.quirks.shuffle_lists = True
    for _each in range(3):
        again = empty.unchanged(**options)
        assert [each.path.split("/")[3] for each in again.exchanges] == [
            "loadbalancers",
            "lblisteners",
            "lbpools",
            "subnets",
        ]  # of its members, by name
        assert {("load_balancer_id", row["id"]), ("details", "true")} <= set(again.exchanges[2].query)


def test_only_what_is_given_is_read(two: Balancer) -> None:
    assert len(two.unchanged().exchanges) == 1
    assert len(two.unchanged(listeners=[listener()]).exchanges) == 2
    assert len(two.unchanged(pools=[]).exchanges) == 2


def test_policies_are_created_after_the_pools_that_they_redirect_to(empty: Balancer) -> None:
    run = empty.changed(**POLICIES)
    assert short(run) == ["POST loadbalancers", "POST lbpools"] + ["POST l7policies"] * 4
    assert run.result["pending"] == run.warnings == []
    assert run.writes[2].body == {
        "name": "to-pool",
        "action": "REDIRECT_TO_POOL",
        "redirect_pool_id": empty.names("lbpool")["green"],
        "listener_id": empty.names("lblistener")["web"],
    }
    created = run.result["created_resources"]
    assert [len(created[key]) for key in ("loadbalancers", "pools", "l7polices", "l7rules")] == [1, 2, 2, 2]
    empty.account.cloud.simulator.settings.quirks.shuffle_lists = True
    for _each in range(2):  # load balancer, pools, listeners, policies, the rules of each policy, and the subnet
        assert len(empty.unchanged(**POLICIES).exchanges) == 7


@pytest.mark.parametrize("fault", ["taken", "not taken", "created_resources_null", "created_resources_missing"])
def test_nothing_of_a_tree_is_created_twice(empty: Balancer, fault: str) -> None:
    for path in ("/loadbalancers/", "/lbpools/", "/l7policies/[0-9]+/[0-9]+$"):
        if fault.startswith("created"):
            empty.account.cloud.arm({"kind": fault, "match": {"method": "POST", "path": path}})
        else:
            empty.account.lose("POST", path, taken=fault == "taken")
    run = empty.run(**POLICIES)
    assert not run.failed and run.result["pending"] == [], run.text
    assert run.result["created_resources"]["loadbalancers"] == [*empty.names("loadbalancer").values()]
    assert empty.count() == {"loadbalancer": 1, "lblistener": 1, "lbpool": 2, "l7policy": 2, "l7rule": 2}
    empty.unchanged(**POLICIES)


def test_without_waiting_each_run_starts_what_can_be_started(empty: Balancer) -> None:
    runs = [empty.run(**POLICIES, wait=False)]
    pending = runs[0].result["pending"]
    assert sorted(each["resource"] for each in pending) == ["l7_policy", "l7_policy", "l7_rule", "l7_rule", "pool"]
    assert {each["action"] for each in pending} == {"create"}
    while runs[-1].result["changed"]:
        assert not runs[-1].failed and len(runs[-1].writes) == 1, runs[-1].text
        empty.account.ok("task_wait", tasks=runs[-1].result["task_ids"])
        runs.append(empty.run(**POLICIES, wait=False))
    assert runs[-1].result["pending"] == [] and len(runs) == 7


def test_a_tree_that_is_disabled(empty: Balancer) -> None:
    off = {"admin_state_up": False}
    run = empty.changed(**off, listeners=[listener(pools=[pool(**off)], **off)])
    assert [each.body for each in run.writes[1:]] == [off] * 3


def test_a_failed_creation_in_a_tree_says_what_is_left_to_do(two: Balancer) -> None:
    two.account.cloud.arm({"kind": "task_error", "error": "boom", "match": {"task_type": "create_lblistener"}})
    more = listener("more", 8081, pools=[pool("more-pool")], l7_policies=[policy()])
    run = two.run(listeners=[more])
    assert run.failed and run.error_kind == "task_failed" and "boom" in run.result["msg"]
    assert [each["resource"] for each in run.result["pending"]] == ["pool", "l7_policy"]
    assert not two.run(listeners=[more]).failed


def test_a_failed_load_balancer_is_re_created_with_all_that_was_in_it(full: Balancer) -> None:
    full.account.set("loadbalancer", full.names("loadbalancer")["front"], provisioning_status="ERROR")
    assert full.run(**POLICIES).error_kind == "status"
    run = full.run(**POLICIES, recreate=True)
    assert not run.failed and run.result["pending"] == [], run.text
    assert short(run) == ["DELETE loadbalancers", "POST loadbalancers", "POST lbpools"] + ["POST l7policies"] * 4
    full.unchanged(**POLICIES)


# ------------------------------------------------------------------ changes


def test_a_health_monitor_of_another_type_replaces_the_old_one(two: Balancer) -> None:
    wanted = copy.deepcopy(TWO_LISTENERS)
    wanted[1]["pools"][0]["healthmonitor"] = {**MONITOR, "type": "TCP"}
    run = two.changed(listeners=wanted)
    assert [each.split()[-1] for each in written(run)] == ["healthmonitor"] * 2
    assert [(each.method, (each.body or {}).get("type")) for each in run.writes] == [("DELETE", None), ("POST", "TCP")]


@pytest.mark.parametrize("taken", [True, False])
def test_lost_responses_to_changes_in_the_tree(two: Balancer, taken: bool) -> None:
    wanted = copy.deepcopy(TWO_LISTENERS)
    wanted[0]["pools"][0]["lb_algorithm"] = "SOURCE_IP"
    wanted[0]["l7_policies"] = [policy(rules=[RULE])]
    wanted[1]["pools"][0]["healthmonitor"] = {**MONITOR, "type": "TCP"}
    for method, path in (("PATCH", "lbpools"), ("DELETE", "healthmonitor"), ("POST", "/rules$")):
        two.account.lose(method, path, taken)
    run = two.run(listeners=wanted)
    assert not run.failed and run.result["pending"] == [] and two.count()["l7rule"] == 1, run.text
    two.unchanged(listeners=wanted)


def test_a_policy_redirects_to_a_pool_that_the_same_run_creates(full: Balancer) -> None:
    wanted = copy.deepcopy(POLICIES)
    wanted["pools"].append(pool("red", members=members(9)))
    wanted["listeners"][0]["l7_policies"][0]["redirect_pool"] = "red"
    run = full.changed(**wanted)
    assert run.writes[-1].body == {"action": "REDIRECT_TO_POOL", "redirect_pool_id": full.names("lbpool")["red"]}


def test_a_pool_is_deleted_when_no_policy_redirects_to_it_any_more(full: Balancer) -> None:
    wanted = {**copy.deepcopy(POLICIES), "pools": [pool("red", members=members(9))], "purge_pools": True}
    wanted["listeners"][0]["l7_policies"][0]["redirect_pool"] = "red"
    assert short(full.changed(**wanted)) == ["POST lbpools", "PATCH l7policies", "DELETE lbpools"]


def test_a_listener_is_added_with_its_pool_and_policies(two: Balancer) -> None:
    more = listener("more", 8081, pools=[pool("more-pool")], l7_policies=[to_pool("more-pool"), policy()])
    run = two.changed(listeners=[*TWO_LISTENERS, more])
    assert short(run) == ["POST lblisteners", "POST lbpools", "POST l7policies", "POST l7policies"]
    assert {each.body["listener_id"] for each in run.writes[1:]} == {two.names("lblistener")["more"]}


def test_a_pool_is_not_created_twice_under_another_parent(empty: Balancer) -> None:
    empty.changed(listeners=[listener()], pools=[pool("blue")])
    run = empty.run(listeners=[listener(pools=[pool("blue")])])
    assert "There is another pool 'blue' in load balancer 'front' already" in run.result["msg"]
    empty.changed(listeners=[listener(pools=[pool("web")])])
    run = empty.run(listeners=[listener(port=8080, pools=[pool("web")])])
    assert run.failed and "another pool 'web'" in run.result["msg"]
    assert [*empty.names("lbpool")] == ["blue", "web"] and empty.count()["lblistener"] == 1


def test_a_change_of_another_run_is_waited_for(two: Balancer) -> None:
    two.account.cloud.simulator.settings.durations["update_loadbalancer"] = 40
    two.run(preferred_connectivity="L3", wait=False)
    wanted = [listener(allowed_cidrs=["10.0.0.0/8"], pools=[pool(lb_algorithm="SOURCE_IP")])]
    locked = two.run(listeners=wanted, wait=False)
    assert locked.failed and locked.error_kind == "locked" and locked.seconds < 5
    run = two.run(listeners=wanted)
    assert not run.failed and [each.method for each in run.writes] == ["PATCH", "PATCH"] and run.seconds > 30, run.text
    two.unchanged(listeners=wanted)


def test_a_deletion_waits_for_a_change_of_another_run(two: Balancer) -> None:
    two.run(preferred_connectivity="L3", wait=False)
    run = two.run(state="absent")
    assert not run.failed and two.count()["loadbalancer"] == 0, run.text


def test_check_mode_predicts_the_load_balancer(full: Balancer) -> None:
    wanted = {**POLICIES, "flavor": "lb1-2-4", "tags": {"x": "y"}}
    predicted = full.run(**wanted, check=True).result["load_balancer"]
    shown = full.changed(**wanted).result["load_balancer"]
    unknown = ("updated_at", "tags", "flavor")  # the old form of the tags, and what else a flavor has
    assert {key: shown[key] for key in shown if key not in unknown} == {
        key: predicted[key] for key in predicted if key not in unknown
    }


@pytest.mark.parametrize("force", [True, False])
def test_a_failover_is_started_by_each_run(two: Balancer, force: bool) -> None:
    for _each in range(2):
        run = two.run(state="failed_over", force=force)
        assert not run.failed and run.result["changed"] and [each.body for each in run.writes] == [{"force": force}]


def test_passwords_of_a_listener_are_not_shown(empty: Balancer) -> None:
    def wanted(password: str) -> list[dict[str, Any]]:
        users = [{"username": "alice", "encrypted_password": "$6$salt$" + password * 20}]
        return [listener("stats", 9101, protocol="PROMETHEUS", user_list=users)]

    runs = [empty.run(listeners=wanted("s3cret"), check=True), empty.run(listeners=wanted("s3cret"))]
    empty.account.cloud.arm({"kind": "status", "status": 400, "message": "no", "match": {"method": "PATCH"}})
    runs += [empty.run(listeners=wanted("n3wer"), wait=wait) for wait in (True, False, True)]
    assert [run.failed for run in runs] == [False, False, True, False, False]
    shown = "".join(run.text for run in runs)
    assert "s3cret" not in shown and "n3wer" not in shown and "(hidden)" in shown


# ----------------------------------------------------------------- deletion


def test_nothing_is_removed_without_purge(full: Balancer) -> None:
    nothing = {"listeners": [listener(pools=[], l7_policies=[])], "pools": []}
    full.unchanged(**nothing)
    full.unchanged(listeners=[])
    assert short(full.changed(**nothing, **PURGED)) == ["DELETE l7policies"] * 2 + ["DELETE lbpools"] * 2
    assert full.count() == {"loadbalancer": 1, "lblistener": 1, "lbpool": 0, "l7policy": 0, "l7rule": 0}
    full.changed(listeners=[], **PURGED)
    assert full.count()["lblistener"] == 0


@pytest.mark.parametrize("purge_pools", [True, False])
def test_the_pool_of_a_listener_is_deleted_with_it_if_pools_are_purged(two: Balancer, purge_pools: bool) -> None:
    run = two.changed(listeners=TWO_LISTENERS[:1], purge_listeners=True, purge_pools=purge_pools)
    assert short(run) == ["DELETE lblisteners"] and [*two.names("lblistener")] == ["web"]
    assert [*two.names("lbpool")] == (["web-pool"] if purge_pools else ["web-pool", "api-pool"])


# -------------------------------------------------------- refused, and read


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vip_port": "p", "vip_network": "n"}, ["vip_port cannot be combined with vip_network, vip_subnet or vip_ip_family"]),
        ({"vip_port": "p", "vip_ip_family": "ipv4"}, ["vip_port cannot be combined with vip_network, vip_subnet or vip_ip_family"]),
        ({"vip_subnet": "s"}, ["vip_subnet needs the vip_network"]),
        ({"listeners": [listener(), listener("two", protocol="TCP")]}, ["'web' and 'two' share port 80"]),
        ({"listeners": [listener(pools=[pool(), pool("two")])]}, ["'web' has 2 pools", "l7_policies"]),
        ({"listeners": [listener(pools=[pool()])], "pools": [pool()]}, ["Several pools have the name 'web-pool'"]),
        ({"pools": [pool(), pool()]}, ["Several pools have the name 'web-pool'"]),
        ({"pools": [pool(healthmonitor={**MONITOR, "timeout": 10})]}, ["pools[0].healthmonitor", "timeout must be less than delay"]),
        ({"pools": [pool(members=members(5, 5))]}, ["'web-pool'", "10.0.0.5:8080 twice"]),
        ({"pools": [pool(members=members(5, instance="i"))]}, ["both instance and subnet"]),
        ({"listeners": [listener(l7_policies=[{"name": "fwd", "action": "REDIRECT_TO_POOL"}])]}, ["needs redirect_pool"]),
        ({"listeners": [listener(l7_policies=[policy(action="REJECT")])]}, ["with action REJECT does not take redirect_url"]),
        ({"listeners": [listener(l7_policies=[policy(redirect_prefix="x")])]},
         ["with action REDIRECT_TO_URL does not take redirect_prefix"]),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_refused_before_any_request(
    account: Account, options: Mapping[str, Any], words: list[str]
) -> None:
    run = account.refused("load_balancer", *words, name="front", **options)
    assert run.error_kind == "options" and not run.exchanges


def test_the_statuses_of_all_load_balancers_are_one_request(empty: Balancer) -> None:
    """One that has just been created may have none yet."""
    for name in ("one", "two"):
        empty.run(name=name)
    run = empty.account.run("load_balancer_info", statuses=True)
    shown = {row["name"]: row["statuses"] for row in run.result["load_balancers"]}
    assert len(run.exchanges) == 2 and all(shown.values())
    body = {"count": 1, "results": [shown["two"]]}
    empty.account.cloud.arm({"kind": "status", "status": 200, "body": body, "match": {"path": "/status$"}})
    rows = empty.account.ok("load_balancer_info", statuses=True)["load_balancers"]
    assert {row["name"]: row["statuses"] for row in rows} == {"one": None, "two": shown["two"]}
