# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Members of a pool: which requests change them, what other controllers add meanwhile, and unknown outcomes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.harness import Ambush, Run

from .conftest import Account

POOL = {"name": "spare", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
MEMBERS = re.compile(r"/cloud/v1/loadbalancers/\d+/\d+/pools/[0-9a-f-]+/members(/[0-9a-f-]+)?$")


def member(last: int, **more: Any) -> dict[str, Any]:
    return {"address": f"10.0.0.{last}", "protocol_port": 80, "subnet": "lan-v4", **more}


class Balancer:
    """A load balancer with one pool, and the runs that bring its members into a state."""

    def __init__(self, account: Account) -> None:
        self.account = account
        network = account.add("network", name="lan")
        self.subnet = account.add("subnet", network_id=network, name="lan-v4", cidr="10.0.0.0/24")
        self.add = account.add

    def run(self, *members: dict[str, Any], **options: Any) -> Run:
        return self.account.run("load_balancer", name="front", pools=[{**POOL, "members": list(members)}], **options)

    def changed(self, *members: dict[str, Any], **options: Any) -> list[tuple[str, Any]]:
        """The method and body of each write of a run that succeeds, and that a second run does not repeat."""
        run = self.run(*members, **options)
        assert not run.failed and run.result["changed"], run.text
        assert all(MEMBERS.match(each.path) for each in run.writes), run.writes
        again = self.run(*members, **options)
        assert not again.failed and not again.result["changed"] and not again.writes, again.text
        return [(each.method, each.body) for each in run.writes]

    def members(self) -> dict[str, Mapping[str, Any]]:
        """The members as the cloud has them, by the end of their address."""
        records = (record for (kind, _id), record in self.account.cloud.records().items() if kind == "lbmember")
        return {str(record["address"]).rpartition(".")[2]: record.data for record in records}

    def id_of(self, last: str) -> str:
        records = self.account.cloud.records().items()
        return next(
            each for (kind, each), record in records if kind == "lbmember" and record["address"].endswith(f".{last}")
        )

    @property
    def pool(self) -> str:
        return next(each for kind, each in self.account.cloud.records() if kind == "lbpool")


@pytest.fixture
def balancer(account: Account) -> Balancer:
    """A load balancer with the members 10.0.0.5 and 10.0.0.6."""
    found = Balancer(account)
    run = found.run(member(5), member(6, weight=4, monitor_port=8080))
    assert not run.failed and set(found.members()) == {"5", "6"}, run.text
    return found


def test_a_pool_is_created_with_its_members(account: Account) -> None:
    found = Balancer(account)
    run = found.run(member(5), member(6))
    assert [each.method for each in run.writes] == ["POST", "POST"]
    assert [each["address"] for each in run.writes[1].body["members"]] == ["10.0.0.5", "10.0.0.6"]


def test_a_new_member_is_one_post_where_the_list_is_not_authoritative(balancer: Balancer) -> None:
    added = {"address": "10.0.0.7", "protocol_port": 80, "subnet_id": balancer.subnet, "backup": True}
    assert balancer.changed(member(7, backup=True), purge_members=False) == [("POST", added)]


def test_a_new_member_is_one_put_where_the_list_is_authoritative(balancer: Balancer) -> None:
    ((method, body),) = balancer.changed(member(5), member(6), member(7))
    assert (method, [each["address"] for each in body]) == ("PUT", ["10.0.0.5", "10.0.0.6", "10.0.0.7"])
    assert balancer.members()["6"]["weight"] == 4


def test_one_changed_member_is_one_patch_of_what_differs(balancer: Balancer) -> None:
    assert balancer.changed(member(5, weight=9, admin_state_up=False), member(6)) == [
        ("PATCH", {"weight": 9, "admin_state_up": False})
    ]
    assert balancer.members()["6"]["weight"] == 4


def test_null_clears_a_field_of_a_member(balancer: Balancer) -> None:
    assert balancer.changed(member(5), member(6, monitor_port=None)) == [("PATCH", {"monitor_port": None})]
    assert balancer.members()["6"]["monitor_port"] is None


def test_several_differences_are_one_put_of_the_whole_list(balancer: Balancer) -> None:
    kept = balancer.members()["6"]
    ((method, body),) = balancer.changed(member(6), member(7), member(8))
    assert (method, [each["address"] for each in body]) == ("PUT", ["10.0.0.6", "10.0.0.7", "10.0.0.8"])
    assert set(balancer.members()) == {"6", "7", "8"}
    assert balancer.members()["6"] == kept


def test_removed_members_are_one_put(balancer: Balancer) -> None:
    assert [method for method, _body in balancer.changed(member(5))] == ["PUT"]
    assert balancer.changed() == [("PUT", [])]


def test_without_purge_every_member_has_its_own_request(balancer: Balancer) -> None:
    wanted = member(5, weight=2), member(7), member(8)
    methods = [method for method, _body in balancer.changed(*wanted, purge_members=False)]
    assert methods == ["PATCH", "POST", "POST"]
    assert set(balancer.members()) == {"5", "6", "7", "8"}


def test_what_another_controller_adds_meanwhile_stays_without_purge(balancer: Balancer) -> None:
    def add(_request: Any) -> None:
        balancer.add(
            "lbmember", pool_id=balancer.pool, address="10.0.0.99", protocol_port=80, subnet_id=balancer.subnet
        )

    balancer.account.cloud.ambushes.append(Ambush(lambda method, path: method != "GET", add))
    run = balancer.run(member(5, weight=2), member(6), member(7), purge_members=False)
    assert not run.failed, run.text
    assert set(balancer.members()) == {"5", "6", "7", "99"}


def test_one_changed_member_does_not_undo_what_another_controller_changes_meanwhile(balancer: Balancer) -> None:
    def drain(_request: Any) -> None:
        balancer.members()["6"]["weight"] = 1  # type: ignore[index]

    balancer.account.cloud.ambushes.append(Ambush(lambda method, path: method != "GET", drain))
    run = balancer.run(member(5, weight=2), member(6))
    assert not run.failed, run.text
    assert (balancer.members()["5"]["weight"], balancer.members()["6"]["weight"]) == (2, 1)


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("purge", [False, True])
def test_a_member_does_not_move_to_another_subnet(balancer: Balancer, check: bool, purge: bool) -> None:
    other = balancer.add("network", name="other")
    balancer.add("subnet", network_id=other, name="other-v4", cidr="10.0.0.0/16")
    balancer.account.refused(
        "load_balancer",
        "10.0.0.5:80 of pool 'spare' is in another subnet",
        check=check,
        name="front",
        purge_members=purge,
        pools=[{**POOL, "members": [member(5, subnet="other-v4"), member(6)]}],
    )


@pytest.mark.parametrize(
    "wanted", [(member(5), member(6), member(7)), (member(5, weight=2), member(6)), (member(7),)], ids=str
)
def test_check_mode_predicts_the_members(balancer: Balancer, wanted: tuple[dict[str, Any], ...]) -> None:
    predicted = balancer.run(*wanted, check=True)
    assert predicted.result["changed"] and not predicted.writes
    assert predicted.result["diff"] == balancer.run(*wanted).result["diff"]


@pytest.mark.parametrize("lag", [0, 10])
@pytest.mark.parametrize("purge", [False, True])
def test_a_member_that_is_being_created_is_waited_for(balancer: Balancer, purge: bool, lag: int) -> None:
    """Also where reads still show it as it was when its task has ended."""
    wanted = member(5), member(6), member(7)
    if lag:
        task = "patch_lbpool" if purge else "create_lbmember"
        balancer.account.cloud.arm({"kind": "stale_read", "seconds": lag, "match": {"task_type": task}})
    started = balancer.run(*wanted, wait=False, purge_members=purge)
    run = balancer.run(*wanted, purge_members=purge)
    if lag:
        assert not run.failed and set(balancer.members()) == {"5", "6", "7"}, run.text
        return
    assert not run.failed and run.result["changed"] and not run.writes, run.text
    assert run.result["task_ids"] == started.result["task_ids"]


def test_a_member_whose_creation_fails_is_created_again(balancer: Balancer) -> None:
    balancer.account.cloud.arm({"kind": "task_error", "error": "no route", "match": {"task_type": "create_lbmember"}})
    wanted = member(5), member(6), member(7)
    balancer.run(*wanted, wait=False, purge_members=False)
    run = balancer.run(*wanted, purge_members=False)
    assert not run.failed and run.result["changed"] and len(run.writes) == 1, run.text
    assert set(balancer.members()) == {"5", "6", "7"}


@pytest.mark.parametrize("check", [False, True])
def test_a_failed_member_is_no_success(balancer: Balancer, check: bool) -> None:
    failed = balancer.id_of("5")
    balancer.account.set("lbmember", failed, provisioning_status="ERROR")
    run = balancer.run(member(5), member(6), check=check)
    assert run.failed and not run.writes and run.error_kind == "status"
    assert "10.0.0.5:80" in run.result["msg"] and failed in run.result["msg"]
    assert balancer.changed(member(6)) and balancer.changed(member(5), member(6))


# What leads to one request of a method.
CHANGES: dict[str, tuple[dict[str, Any], ...]] = {
    "POST": (member(5), member(6), member(7)),
    "PATCH": (member(5, weight=2), member(6)),
    "PUT": (member(6, weight=2), member(7)),
}


def change(balancer: Balancer, method: str, **options: Any) -> Run:
    return balancer.run(*CHANGES[method], purge_members=method != "POST", **options)


@pytest.mark.parametrize("method", CHANGES)
@pytest.mark.parametrize("fault", ["lost_answer", "reset", "truncated"])
def test_an_unknown_outcome_is_resolved(balancer: Balancer, method: str, fault: str) -> None:
    balancer.account.cloud.arm({"kind": fault, "match": {"method": method, "path": "/members"}})
    run = change(balancer, method)
    assert run.writes[0].status != 200
    assert not run.failed and run.result["changed"] and run.result["pending"] == [], run.text
    assert set(balancer.members()) == {each["address"].rpartition(".")[2] for each in CHANGES[method]}
    assert all(
        record["weight"] == each["weight"]
        for each in CHANGES[method]
        for last, record in balancer.members().items()
        if "weight" in each and each["address"].endswith(f".{last}")
    )
    again = change(balancer, method)
    assert not again.result["changed"] and not again.writes


@pytest.mark.parametrize("method", CHANGES)
def test_the_lock_of_another_task_is_waited_for(balancer: Balancer, method: str) -> None:
    balancer.account.cloud.arm({"kind": "lock", "seconds": 40, "match": {"method": method, "path": "/members"}})
    run = change(balancer, method)
    assert not run.failed and run.result["changed"] and run.seconds > 40, run.text


@pytest.mark.parametrize("method", CHANGES)
def test_without_waiting_the_task_is_returned(balancer: Balancer, method: str) -> None:
    run = change(balancer, method, wait=False)
    assert not run.failed and run.result["changed"], run.text
    assert (run.result["task_ids"], run.result["pending"]) == (run.tasks_told(), [])
    assert balancer.account.ok("task_wait", tasks=run.result["task_ids"])["tasks"][0]["state"] == "FINISHED"
    assert not change(balancer, method).result["changed"]


@pytest.mark.parametrize("method", CHANGES)
def test_a_failed_task_fails_the_run(balancer: Balancer, method: str) -> None:
    tasks = {"POST": "create_lbmember", "PATCH": "update_lbmember", "PUT": "patch_lbpool"}
    balancer.account.cloud.arm({"kind": "task_error", "error": "no route", "match": {"task_type": tasks[method]}})
    run = change(balancer, method)
    assert run.failed and "no route" in run.result["msg"]
    assert not change(balancer, method).failed


@pytest.mark.parametrize("purge", [True, False])
def test_a_member_is_added_by_its_instance_alone(balancer: Balancer, purge: bool) -> None:
    first = {"address": "10.0.0.7", "protocol_port": 80, "subnet": balancer.subnet}
    balancer.run(first)
    vm = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10}
    balancer.account.ok("instance", name="web-1", network="lan", ip_address="10.0.0.8", **vm)
    second = {"address": "10.0.0.8", "protocol_port": 80, "instance": "web-1"}
    written = balancer.changed(first, second, purge_members=purge)
    assert [method for method, _body in written] == ["PUT" if purge else "POST"]
    assert set(balancer.members()) == {"7", "8"}
