# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each status of a resource means for a run: ready, in progress, failed, being deleted, or not documented."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import Account

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1Jq1xQdWm0lT0m1s5wR3mF2m0zQ4W8qj9YJtq3m3bM a@test"
FOREVER = 10_000.0


@dataclass(frozen=True)
class Case:
    """A resource that stands in the cloud: its module, the simulator's kind, and what its statuses mean."""

    module: str
    kind: str
    options: Mapping[str, Any]
    ready: str
    failed: tuple[str, ...]
    changing: tuple[str, ...] = ()
    creating: tuple[str, ...] = ()
    deleting: tuple[str, ...] = ()
    field: str = "status"
    before: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    def create(self, account: Account) -> str:
        """Create it and return its id in the simulator."""
        for module, options in self.before:
            account.ok(module, **options)
        row = account.ok(self.module, **self.options)[self.module]
        records = account.cloud.records()
        wanted = str(row["id"])
        return next(identifier for kind, identifier in records if kind == self.kind and identifier == wanted)


NETWORK = (
    ("network", {"name": "lan"}),
    ("subnet", {"name": "lan-v4", "network": "lan", "cidr": "10.0.0.0/24"}),
)
POOL = {
    "name": "workers",
    "flavor": "g2-standard-2-4",
    "min_node_count": 1,
    "max_node_count": 2,
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
    "servergroup_policy": "anti-affinity",
}
CASES = {
    case.module: case
    for case in (
        Case(
            "volume",
            "volume",
            {"name": "data-1", "size": 5},
            "available",
            ("error", "error_backing-up", "error_deleting", "error_extending", "error_restoring", "QUARANTINED"),
            (
                "attaching", "backing-up", "detaching", "extending", "maintenance", "restoring-backup", "retyping",
                "reverting", "uploading",
            ),
            ("creating", "downloading"),
            ("deleting",),
        ),
        Case(
            "instance",
            "instance",
            {"name": "vm-1", "flavor": "g1-standard-1-2", "image": "debian-12", "volume_size": 10, "network": "lan"},
            "ACTIVE",
            ("ERROR", "UNKNOWN", "QUARANTINED"),
            ("HARD_REBOOT", "MIGRATING", "PASSWORD", "REBOOT", "REBUILD", "RESIZE", "REVERT_RESIZE", "VERIFY_RESIZE"),
            ("BUILD",),
            before=NETWORK,
        ),
        Case(
            "load_balancer",
            "loadbalancer",
            {"name": "lb-1"},
            "ACTIVE",
            ("ERROR", "QUARANTINED"),
            ("PENDING_UPDATE",),
            ("PENDING_CREATE",),
            ("PENDING_DELETE",),
            field="provisioning_status",
        ),
        Case("floating_ip", "floatingip", {"tags": {"role": "web"}}, "DOWN", ("ERROR", "QUARANTINED")),
        Case(
            "ssh_key",
            "ssh_key",
            {"name": "key-1", "public_key": KEY},
            "ACTIVE",
            ("QUARANTINED",),
            deleting=("DELETING",),
            field="state",
        ),
        Case(
            "k8s_cluster",
            "k8s_cluster",
            {"name": "prod", "version": "v1.32.13", "ssh_key": "key-1", "pools": [POOL]},
            "Provisioned",
            ("Failed", "Unknown", "QUARANTINED"),
            (),
            ("Pending", "Provisioning"),
            ("Deleting",),
            before=(("ssh_key", {"name": "key-1", "public_key": KEY}),),
        ),
    )
}  # fmt: skip


def every(group: str) -> list[Any]:
    """(module, status) of every resource."""
    return [
        pytest.param(case, status, id=f"{case.module}-{status}")
        for case in CASES.values()
        for status in getattr(case, group)
    ]


def later(account: Account, seconds: float, act: Callable[[], Any]) -> None:
    """Let something happen in the cloud in so many seconds."""
    sim = account.cloud.simulator
    sim.schedule(sim.now() + seconds, act)


def becomes(account: Account, case: Case, identifier: str, status: str, seconds: float) -> None:
    later(account, seconds, lambda: account.set(case.kind, identifier, **{case.field: status}))


def rows(account: Account, case: Case) -> list[Mapping[str, Any]]:
    plural = case.module + "s"
    return list(account.ok(case.module + "_info")[plural])


# ------------------------------------------------------------------ failed


@pytest.mark.parametrize(("case", "status"), every("failed"))
def test_a_failed_or_unknown_status_fails_with_the_id_and_the_status(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    for check in (False, True):
        run = account.refused(case.module, status, check=check, **case.options)
        assert run.error_kind == "status"
        assert run.result["error"]["id"] in (identifier, case.options.get("name"))
        assert run.result[case.module][case.field] == status
    assert [row[case.field] for row in rows(account, case)] == [status]
    identity = {name: case.options[name] for name in ("name", "tags") if name in case.options}
    absent = account.run(case.module, state="absent", **identity)
    assert [each.method for each in absent.writes] == ["DELETE"]
    if (case.module, status) != ("volume", "QUARANTINED"):  # whether the API deletes it is not known
        assert absent.result["changed"] and rows(account, case) == []


@pytest.mark.parametrize("state", ["started", "stopped", "suspended", "rebooted"])
@pytest.mark.parametrize("status", ["ERROR", "UNKNOWN", "PAUSED", "RESCUE", "SHELVED", "SHELVED_OFFLOADED"])
def test_a_state_that_a_status_does_not_allow_fails_with_the_id_and_the_status(
    account: Account, status: str, state: str
) -> None:
    identifier = CASES["instance"].create(account)
    account.set("instance", identifier, status=status)
    run = account.refused("instance", identifier, status, name="vm-1", state=state)
    assert run.error_kind == "status"
    assert run.result["error"]["id"] == identifier


def test_an_error_status_allows_a_forced_failover_alone(account: Account) -> None:
    identifier = CASES["load_balancer"].create(account)
    account.set("loadbalancer", identifier, provisioning_status="ERROR")
    account.refused("load_balancer", identifier, "ERROR", "force", name="lb-1", state="failed_over")
    result = account.ok("load_balancer", name="lb-1", state="failed_over", force=True)
    assert (result["changed"], result["load_balancer"]["provisioning_status"]) == (True, "ACTIVE")


# -------------------------------------------------------------- in progress


@pytest.mark.parametrize(("case", "status"), every("changing") + every("creating"))
def test_a_status_in_progress_is_waited_for(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    becomes(account, case, identifier, case.ready, 40)
    run = account.run(case.module, **case.options)
    assert not run.failed, run.text
    assert run.result[case.module][case.field] == case.ready
    assert not run.writes and run.result["pending"] == []
    assert 40 <= run.seconds < 60


@pytest.mark.parametrize(("case", "status"), every("changing") + every("creating"))
def test_a_status_in_progress_is_no_success(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    run = account.run(case.module, wait_timeout=30, **case.options)
    assert (run.failed, run.error_kind) == (True, "timeout")
    for words in ("Timed out after 30 s waiting for", status):
        assert words in run.result["msg"]
    assert not run.writes
    assert run.result["error"]["id"] in (identifier, case.options.get("name"))


@pytest.mark.parametrize(("case", "status"), every("changing"))
def test_without_waiting_the_wait_is_pending(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    run = account.run(case.module, wait=False, **case.options)
    assert not run.failed, run.text
    assert not run.writes and run.seconds < 5
    name = case.options["name"]
    assert run.result["pending"] == [{"action": "wait for", "resource": case.module, "id": identifier, "name": name}]
    assert run.result[case.module][case.field] == status


@pytest.mark.parametrize(("case", "status"), every("changing"))
def test_a_failure_at_the_end_of_an_operation_is_one(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    becomes(account, case, identifier, case.failed[0], 20)
    run = account.run(case.module, **case.options)
    assert (run.failed, run.error_kind) == (True, "status")
    assert case.failed[0] in run.result["msg"]


@pytest.mark.parametrize(("case", "status"), every("changing"))
def test_a_change_waits_for_the_operation_in_progress(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    becomes(account, case, identifier, case.ready, 40)
    run = account.run(case.module, **case.options, tags={"a": "b"})
    assert not run.failed, run.text
    assert run.result["changed"] and len(run.writes) == 1 and run.seconds >= 40


@pytest.mark.parametrize(("case", "status"), every("changing") + every("creating"))
def test_check_mode_predicts_a_ready_resource(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    run = account.run(case.module, check=True, **case.options)
    assert not run.failed, run.text
    assert not run.result["changed"] and run.seconds < 5


@pytest.mark.parametrize("status", ["retyping", "reverting", "backing-up"])
def test_a_deletion_that_meets_an_operation_in_progress_waits_for_it(account: Account, status: str) -> None:
    identifier = CASES["volume"].create(account)
    account.set("volume", identifier, status=status)
    becomes(account, CASES["volume"], identifier, "available", 40)
    assert account.ok("volume", name="data-1", state="absent")["changed"]
    assert ("volume", identifier) not in account.cloud.records()


# ----------------------------------------------------------------- deleting


@pytest.mark.parametrize(("case", "status"), every("deleting"))
def test_what_is_being_deleted_is_waited_for_and_created_again(account: Account, case: Case, status: str) -> None:
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    later(account, 40, lambda: account.cloud.simulator.forget(account.cloud.records()[(case.kind, identifier)]))
    assert account.run(case.module, check=True, **case.options).result["changed"]
    run = account.run(case.module, **case.options)
    assert not run.failed, run.text
    assert run.result["changed"] and run.seconds >= 40
    assert [row[case.field] for row in rows(account, case)] == [case.ready]


@pytest.mark.parametrize(
    ("module", "status"), [("instance", "DELETED"), ("instance", "SOFT_DELETED"), ("load_balancer", "DELETED")]
)
def test_what_is_deleted_and_still_shown_is_absent(account: Account, module: str, status: str) -> None:
    case = CASES[module]
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: status})
    absent = account.run(module, name=case.options["name"], state="absent")
    assert not absent.failed and not absent.result["changed"] and not absent.writes
    created = account.ok(module, **case.options)
    assert created["changed"] and created[module]["id"] != identifier


# ----------------------------------------------------------------- recreate


@pytest.mark.parametrize("module", ["volume", "instance", "k8s_cluster"])
def test_recreate_does_not_replace_what_may_hold_data(account: Account, module: str) -> None:
    case = CASES[module]
    identifier = case.create(account)
    for status in case.failed:
        account.set(case.kind, identifier, **{case.field: status})
        run = account.refused(module, status, "state: absent", recreate=True, **case.options)
        assert run.error_kind == "status"


@pytest.mark.parametrize("module", ["volume", "instance"])
def test_recreate_replaces_what_a_failed_creation_has_left(account: Account, module: str) -> None:
    case = CASES[module]
    for before, options in case.before:
        account.ok(before, **options)
    fault = {"kind": "task_error", "error": "No valid host was found", "leave_object": True}
    account.cloud.arm({**fault, "match": {"task_type": {"volume": "create_volume"}.get(module, "create_vm")}})
    assert account.run(module, **case.options).error_kind == "task_failed"
    account.refused(module, "recreate: true", **case.options)
    result = account.ok(module, recreate=True, **case.options)
    assert result["changed"] and result[module][case.field] == case.ready
    assert len(rows(account, case)) == 1


@pytest.mark.parametrize("module", ["load_balancer", "floating_ip"])
def test_recreate_replaces_what_holds_no_data(account: Account, module: str) -> None:
    case = CASES[module]
    identifier = case.create(account)
    account.set(case.kind, identifier, **{case.field: "ERROR"})
    result = account.ok(module, recreate=True, **case.options)
    assert result["changed"] and result[module]["id"] != identifier
    account.set(case.kind, result[module]["id"], **{case.field: "QUARANTINED"})
    account.refused(module, "QUARANTINED", recreate=True, **case.options)


# ------------------------------------------------------------ sub-resources

LISTENER = {"name": "http", "protocol": "HTTP", "protocol_port": 80}
POOL_OF = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
POLICY = {"name": "to-https", "action": "REDIRECT_TO_URL", "redirect_url": "https://example.com"}
RULE = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/"}
TREE = {
    "name": "lb-1",
    "listeners": [{**LISTENER, "pools": [POOL_OF], "l7_policies": [{**POLICY, "rules": [RULE]}]}],
    "pools": [{**POOL_OF, "name": "free"}],
}
PARTS = ["lblistener", "lbpool", "l7policy", "l7rule"]


def part_of(account: Account, kind: str) -> str:
    """The id of the only object of a kind, or the first."""
    return next(identifier for found, identifier in account.cloud.records() if found == kind)


@pytest.mark.parametrize("status", ["ERROR", "QUARANTINED"])
@pytest.mark.parametrize("kind", PARTS)
def test_a_failed_part_of_a_load_balancer_fails(account: Account, kind: str, status: str) -> None:
    account.ok("load_balancer", **TREE)
    identifier = part_of(account, kind)
    account.set(kind, identifier, provisioning_status=status)
    run = account.refused("load_balancer", identifier, status, **TREE)
    assert run.result["error"]["id"] == identifier


@pytest.mark.parametrize("status", ["PENDING_CREATE", "PENDING_UPDATE"])
@pytest.mark.parametrize("kind", PARTS)
def test_a_part_in_progress_is_waited_for(account: Account, kind: str, status: str) -> None:
    account.ok("load_balancer", **TREE)
    identifier = part_of(account, kind)
    account.set(kind, identifier, provisioning_status=status)
    late = account.run("load_balancer", wait_timeout=20, **TREE)
    assert (late.failed, late.error_kind) == (True, "timeout")
    assert identifier in late.result["msg"] and status in late.result["msg"]
    pending = account.ok("load_balancer", wait=False, **TREE)["pending"]
    assert [(each["action"], each["id"]) for each in pending] == [("wait for", identifier)]
    later(account, 40, lambda: account.set(kind, identifier, provisioning_status="ACTIVE"))
    run = account.run("load_balancer", **TREE)
    assert not run.failed and not run.writes and run.seconds >= 40


def test_a_part_that_is_being_deleted_is_waited_for_and_created_again(account: Account) -> None:
    account.ok("load_balancer", **TREE)
    pool = next(
        key for key, each in account.cloud.records().items() if key[0] == "lbpool" and each.data["name"] == "free"
    )
    account.set(*pool, provisioning_status="PENDING_DELETE")
    later(account, 40, lambda: account.cloud.simulator.forget(account.cloud.records()[pool]))
    assert account.run("load_balancer", check=True, **TREE).result["changed"]
    account.refused("load_balancer", "PENDING_DELETE", wait=False, **TREE)
    result = account.ok("load_balancer", **TREE)
    assert result["changed"] and len(result["created_resources"]["pools"]) == 1


def test_a_pool_of_nodes_by_its_status(account: Account) -> None:
    case = CASES["k8s_cluster"]
    case.create(account)
    pool = part_of(account, "k8s_pool")
    account.set("k8s_pool", pool, status="Error")
    account.refused("k8s_cluster", "workers", "Error", **case.options)
    account.set("k8s_pool", pool, status="ScalingUp")  # the API has no list of a pool's statuses
    run = account.run("k8s_cluster", **case.options)
    assert not run.failed and not run.writes
    assert any("ScalingUp" in str(each) for each in run.result["warnings"])


def test_a_failed_volume_of_an_instance_fails(account: Account) -> None:
    case = CASES["instance"]
    case.create(account)
    volume = account.ok("volume", name="data-1", size=5, instance="vm-1")["volume"]["id"]
    options = {**case.options, "volumes": [{"name": "data-1", "size": 5}]}
    assert not account.ok("instance", **options)["changed"]
    account.set("volume", volume, status="error_extending")
    account.refused("instance", volume, "error_extending", **options)


# ----------------------------------------------- readiness after own writes


def test_a_retype_is_done_when_the_status_says_so(account: Account) -> None:
    CASES["volume"].create(account)
    account.cloud.simulator.settings.quirks.retype_lag = 200
    run = account.run("volume", name="data-1", type_name="ssd_hiiops")
    assert not run.failed and run.seconds >= 200
    assert (run.result["volume"]["status"], run.result["volume"]["volume_type"]) == ("available", "ssd_hiiops")


def test_a_retype_that_does_not_end_is_no_success(account: Account) -> None:
    identifier = CASES["volume"].create(account)
    account.cloud.simulator.settings.quirks.retype_lag = FOREVER
    run = account.run("volume", name="data-1", type_name="ssd_hiiops", wait_timeout=150)
    assert (run.failed, run.error_kind, run.result["changed"]) == (True, "timeout", True)
    assert "Timed out after 150 s waiting for" in run.result["msg"]
    assert identifier in run.result["msg"] and "retyping" in run.result["msg"]
    assert [each["action"] for each in run.result["pending"]] == ["wait for"]


def test_without_waiting_a_retype_is_pending(account: Account) -> None:
    identifier = CASES["volume"].create(account)
    account.cloud.simulator.settings.quirks.retype_lag = 200
    run = account.run("volume", name="data-1", type_name="ssd_hiiops", wait=False)
    assert not run.failed and run.result["changed"] and run.seconds < 5
    assert run.result["volume"]["status"] == "retyping"
    assert run.result["pending"] == [{"action": "wait for", "resource": "volume", "id": identifier, "name": "data-1"}]


@pytest.mark.parametrize(
    ("case", "status"), [each for each in every("changing") if each.values[0].module != "load_balancer"]
)
def test_a_task_that_ends_before_the_status_does_not_end_the_wait(account: Account, case: Case, status: str) -> None:
    """The task of the creation has finished, and the resource is not ready yet."""
    for module, options in case.before:
        account.ok(module, **options)
    sim, seen = account.cloud.simulator, []

    def hold() -> None:
        for (kind, identifier), record in account.cloud.records().items():
            if kind == case.kind and record.task_id is None and not seen:
                seen.append(identifier)
                account.set(kind, identifier, **{case.field: status})
                becomes(account, case, identifier, case.ready, 300)
        if not seen:
            sim.schedule(sim.now() + 0.5, hold)

    hold()
    run = account.run(case.module, **case.options)
    assert not run.failed, run.text
    assert run.result[case.module][case.field] == case.ready and run.seconds >= 300


def test_a_poll_interval_holds_for_statuses(account: Account) -> None:
    identifier = CASES["volume"].create(account)
    account.set("volume", identifier, status="retyping")
    becomes(account, CASES["volume"], identifier, "available", 100)
    run = account.run("volume", name="data-1", size=5, poll_interval=20)
    reads = [each.at for each in run.exchanges if each.path.endswith(identifier)]
    assert len(reads) <= 7
    assert all(19 < after - before < 21 for before, after in zip(reads, reads[1:]))


def test_errors_while_waiting_for_a_status_do_not_decide(account: Account) -> None:
    identifier = CASES["volume"].create(account)
    account.set("volume", identifier, status="retyping")
    becomes(account, CASES["volume"], identifier, "available", 60)
    account.cloud.arm({"kind": "status", "status": 503, "times": 9, "match": {"path": identifier}})
    assert not account.run("volume", name="data-1", size=5).failed


def test_values_that_lag_behind_a_finished_task_are_a_warning(account: Account) -> None:
    """The task has finished, so that the change is made; only the reads are behind."""
    identifier = CASES["volume"].create(account)
    sim = account.cloud.simulator

    def lag() -> None:
        record = account.cloud.records()["volume", identifier]
        if record.data["size"] == 9:
            record.data["size"] = 5
        else:
            sim.schedule(sim.now() + 0.5, lag)

    lag()
    run = account.run("volume", name="data-1", size=9)
    assert not run.failed and run.result["changed"] and len(run.writes) == 1
    assert any("older values" in str(each) for each in run.result["warnings"])


def test_a_synchronous_update_that_is_not_applied_fails(account: Account) -> None:
    identifier = CASES["volume"].create(account)
    row = account.ok("volume_info", id=identifier)["volumes"][0]
    account.cloud.arm({"kind": "status", "status": 200, "body": row, "match": {"method": "PATCH"}})
    run = account.run("volume", name="data-1", tags={"a": "b"})
    assert (run.failed, run.error_kind, len(run.writes)) == (True, "status", 1)
    assert "older values" in run.result["msg"]


# ----------------------------------------------------- accepted without a task

ANOTHER = {
    "load_balancer": {**TREE, "preferred_connectivity": "L3"},
    "listener": {**TREE, "listeners": [{**TREE["listeners"][0], "connection_limit": 50}]},  # type: ignore[index]
    "pool": {**TREE, "pools": [{**POOL_OF, "name": "free", "lb_algorithm": "SOURCE_IP"}]},
    "l7_policy": {
        **TREE,
        "listeners": [
            {
                **LISTENER,
                "pools": [POOL_OF],
                "l7_policies": [{**POLICY, "redirect_url": "https://example.org", "rules": [RULE]}],
            }
        ],
    },
}
NO_TASKS = {"status": 200, "body": {"tasks": []}, "match": {"method": ["PATCH", "PUT"]}}


@pytest.mark.parametrize("part", ANOTHER)
def test_an_update_without_a_task_that_was_not_applied_fails(account: Account, part: str) -> None:
    account.ok("load_balancer", **TREE)
    account.cloud.arm({"kind": "status", "times": None, **NO_TASKS})
    run = account.run("load_balancer", **ANOTHER[part])
    assert (run.failed, run.error_kind) == (True, "status")
    assert "without starting a task" in run.result["msg"] and part.replace("_", " ") in run.result["msg"]
    assert len(run.writes) == 1 and not run.result["changed"]


@pytest.mark.parametrize("part", ANOTHER)
def test_an_update_without_a_task_that_was_applied_is_a_change(account: Account, part: str) -> None:
    account.ok("load_balancer", **TREE)
    account.cloud.arm({"kind": "lost_answer", "then": "status", **NO_TASKS})
    run = account.run("load_balancer", **ANOTHER[part])
    assert not run.failed, run.text
    assert len(run.writes) == 1 and run.result["changed"]
    assert not account.ok("load_balancer", **ANOTHER[part])["changed"]


def test_an_update_without_a_task_is_pending_without_waiting(account: Account) -> None:
    account.ok("load_balancer", **TREE)
    account.cloud.arm({"kind": "status", "times": None, **NO_TASKS})
    run = account.run("load_balancer", wait=False, **ANOTHER["listener"])
    assert not run.failed and run.result["changed"] and run.seconds < 5
    assert [each["resource"] for each in run.result["pending"]] == ["listener"]


# ------------------------------------------------------------------- revert


def a_volume_with_a_snapshot(account: Account) -> str:
    identifier = CASES["volume"].create(account)
    account.add("snapshot", name="snap-1", volume_id=identifier)
    return identifier


@pytest.mark.parametrize("names_task", [False, True])
def test_a_revert_ends_with_the_status(account: Account, names_task: bool) -> None:
    a_volume_with_a_snapshot(account)
    account.cloud.simulator.settings.quirks.revert_answers_tasks = names_task
    run = account.run("volume", name="data-1", state="reverted")
    assert not run.failed, run.text
    assert run.result["changed"] and run.result["volume"]["status"] == "available"
    assert [each.method for each in run.writes] == ["POST"]
    assert [each["type"] for each in run.result["tasks"]] == ["revert_volume"]


def test_a_revert_without_a_task_waits_for_the_status(account: Account) -> None:
    """The documented response has no body, and no task may show on the volume either."""
    identifier = a_volume_with_a_snapshot(account)
    account.cloud.arm({"kind": "status", "status": 200, "body": "", "match": {"path": "/revert$"}})

    def reverting(sent: Any) -> None:
        account.set("volume", identifier, status="reverting")
        becomes(account, CASES["volume"], identifier, "available", 150)

    account.when("/revert", reverting)
    run = account.run("volume", name="data-1", state="reverted")
    assert not run.failed, run.text
    assert run.result["changed"] and run.seconds >= 150 and run.result["volume"]["status"] == "available"


def test_a_revert_that_fails_is_a_failure(account: Account) -> None:
    a_volume_with_a_snapshot(account)
    account.cloud.arm({"kind": "task_error", "error": "no space", "match": {"task_type": "revert_volume"}})
    assert account.run("volume", name="data-1", state="reverted").failed


def test_without_waiting_a_revert_is_started(account: Account) -> None:
    a_volume_with_a_snapshot(account)
    run = account.run("volume", name="data-1", state="reverted", wait=False)
    assert not run.failed and run.result["changed"] and run.seconds < 5
    assert run.result["volume"]["status"] == "reverting" and len(run.result["task_ids"]) == 1


@pytest.mark.parametrize("status", ["in-use", "reserved", "awaiting-transfer"])
def test_a_revert_needs_an_available_volume(account: Account, status: str) -> None:
    identifier = a_volume_with_a_snapshot(account)
    account.set("volume", identifier, status=status)
    account.refused("volume", identifier, status, "available", name="data-1", state="reverted")


# --------------------------------------------------------------- references


def image(account: Account, status: str) -> str:
    return account.add("image", name="own-image", status=status)


@pytest.mark.parametrize("status", ["killed", "error", "deactivated"])
@pytest.mark.parametrize("by", ["name", "id"])
def test_an_image_that_cannot_be_used_is_refused(account: Account, by: str, status: str) -> None:
    identifier = image(account, status)
    given = "own-image" if by == "name" else identifier
    for check in (False, True):
        account.refused("volume", "image", given, status, "active", check=check, name="data-1", size=5, image=given)


@pytest.mark.parametrize("by", ["name", "id"])
@pytest.mark.parametrize("status", ["queued", "saving"])
def test_an_image_that_is_being_created_is_waited_for(account: Account, by: str, status: str) -> None:
    identifier = image(account, status)
    given = "own-image" if by == "name" else identifier
    options = {"name": "data-1", "size": 5, "image": given}
    account.refused("volume", status, wait=False, **options)
    late = account.refused("volume", "Timed out after 20 s waiting for", given, status, wait_timeout=20, **options)
    assert late.error_kind == "timeout"
    later(account, 60, lambda: account.set("image", identifier, status="active"))
    run = account.run("volume", **options)
    assert not run.failed and run.seconds >= 60 and len(run.writes) == 1


@pytest.mark.parametrize("module", ["instance", "volume"])
def test_a_snapshot_that_is_not_available_is_refused(account: Account, module: str) -> None:
    volume = CASES["volume"].create(account)
    snapshot = account.add("snapshot", name="snap-1", volume_id=volume)
    account.set("snapshot", snapshot, status="error_deleting")
    if module == "volume":
        account.refused("volume", "snapshot", "error_deleting", name="copy", snapshot="snap-1")
        return
    for before, options in NETWORK:
        account.ok(before, **options)
    vm = {
        "name": "vm-1",
        "flavor": "g1-standard-1-2",
        "network": "lan",
        "volumes": [{"snapshot": "snap-1", "boot_index": 0}],
    }
    account.refused("instance", "snapshot", "error_deleting", **vm)


def test_a_failed_target_of_an_attachment_is_refused(account: Account) -> None:
    vm = CASES["instance"].create(account)
    volume = CASES["volume"].create(account)
    account.set("instance", vm, status="ERROR")
    account.refused("volume", "instance", vm, "ERROR", name="data-1", instance="vm-1")
    account.set("instance", vm, status="ACTIVE")
    account.set("volume", volume, status="error_restoring")
    account.refused("instance", volume, "error_restoring", **CASES["instance"].options, volumes=[{"volume": "data-1"}])


def test_an_unchanged_resource_does_not_ask_for_the_status_of_what_it_was_created_from(account: Account) -> None:
    identifier = image(account, "active")
    options = {"name": "data-1", "size": 5, "image": "own-image"}
    account.ok("volume", **options)
    account.set("image", identifier, status="killed")
    assert not account.ok("volume", **options)["changed"]
