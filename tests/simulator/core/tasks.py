# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks: NEW, RUNNING, then FINISHED or ERROR, by simulated time (docs/api-notes.md: Tasks, Durations)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

from .clock import task_time
from .store import Record

if TYPE_CHECKING:
    from .simulator import Simulator

# All keys of created_resources (B3).
CREATED_RESOURCES = (
    "ai_clusters", "api_keys", "caas_containers", "clusters", "ddos_profiles", "faas_functions", "faas_namespaces",
    "file_shares", "floatingips", "healthmonitors", "images", "inference_instances", "instances", "k8s_clusters",
    "k8s_pools", "l7polices", "l7rules", "laas_topic", "listeners", "loadbalancers", "members", "networks", "pools",
    "ports", "postgresql_clusters", "projects", "registry_registries", "registry_users", "routers", "secrets",
    "security_group_rules", "security_groups", "servergroups", "snapshots", "subnets", "volumes",
)  # fmt: skip

# Simulated seconds, from and to (D5 and the page on asynchronous operations); the rest takes OTHER.
OTHER = (3.0, 8.0)
DURATIONS: dict[str, tuple[float, float]] = {
    "create_vm": (15, 30),
    "delete_vm": (15, 70),
    "create_volume": (5, 15),
    "delete_volume": (5, 15),
    "create_network": (5, 10),
    "delete_network": (5, 10),
    "create_subnet": (5, 10),
    "delete_subnet": (5, 10),
    "create_router": (5, 10),
    "delete_router": (5, 10),
    "create_snapshot": (5, 15),
    "delete_snapshot": (5, 15),
    "create_loadbalancer": (30, 90),
    "delete_loadbalancer": (20, 40),
    "failover_loadbalancer": (60, 120),
    "create_lbmember": (30, 45),
    "delete_lbmember": (15, 20),
    "create_lbpool": (10, 20),
    "delete_lbpool": (10, 15),
    "create_lblistener": (10, 20),
    "delete_lblistener": (10, 15),
    "create_sfs": (60, 90),
    "create_bm": (240, 300),
    "delete_bm": (60, 120),
    "rebuild_bm": (240, 300),
    "create_k8s_cluster_v2": (300, 900),
    "delete_k8s_cluster_v2": (120, 300),
    "upgrade_k8s_cluster_v2": (180, 600),
    "update_k8s_cluster_v2": (30, 120),
    "create_k8s_cluster_pool_v2": (120, 300),
    "delete_k8s_cluster_pool_v2": (60, 180),
    "resize_k8s_cluster_v2": (60, 300),
    "create_gpu_virtual_cluster": (180, 480),
    "create_ai_cluster_gpu": (900, 2400),
    "create_dbaas_postgres_cluster": (180, 300),
    "create_caas_container": (30, 60),
    "patch_caas_container": (15, 30),
    "create_image": (60, 180),
    "download_image": (30, 90),
    "resize_vm": (15, 40),
    "soft_reboot_vm": (10, 25),
    "hard_reboot_vm": (10, 25),
    "start_vm": (5, 15),
    "stop_vm": (5, 20),
    "delete_project": (20, 60),
}  # fmt: skip

Created = Mapping[str, list[Record]]


@dataclass(eq=False)
class Task:
    """One task, and what it will do when its time has come."""

    id: str
    task_type: str
    project_id: int | None
    region_id: int | None
    created: float
    request_id: str | None = None
    data: Any = None
    state: str = "NEW"
    updated: float | None = None
    finished: float | None = None
    error: str | None = None
    created_resources: dict[str, list[Any]] | None = None
    acknowledged: float | None = None
    locks: list[Record] = field(default_factory=list)
    creates: Created = field(default_factory=dict)
    finish: Callable[[Task], None] | None = None
    undo: Callable[[Task], None] | None = None
    order: int = 0
    # set by faults
    fails_with: str | None = None
    leaves_object: bool = False
    never_ends: bool = False
    unknown_state: tuple[str, float | None] | None = None
    hidden_until: float = 0.0
    stale_seconds: float = 0.0
    null_resources: bool = False
    missing_resources: list[str] | None = None
    faults: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Whether it is on its way still."""
        return self.finished is None

    def touched(self) -> list[Record]:
        """The records that it locks or creates, and those that own their lock: a tree has one (D3)."""
        made = [record for records in self.creates.values() for record in records]
        records = [*made, *self.locks]
        return list(dict.fromkeys(records + [record.lock_owner for record in records if record.lock_owner]))


class TaskEngine:
    """Starts tasks and brings them to their end."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._tasks: dict[str, Task] = {}

    def all(self) -> list[Task]:
        """All tasks, oldest first, but those that a fault hides."""
        now = self._sim.now()
        return [task for task in self._tasks.values() if task.hidden_until <= now]

    def get(self, task_id: str) -> Task | None:
        """The task with this id, unless a fault hides it."""
        task = self._tasks.get(task_id)
        return task if task and task.hidden_until <= self._sim.now() else None

    def task_type(self, task_id: str) -> str | None:
        """The type of a task, hidden or not (for faults)."""
        task = self._tasks.get(task_id)
        return task.task_type if task else None

    def seconds(self, task_type: str) -> float:
        """How long this task will take, drawn from the table of durations or from the settings."""
        span = self._sim.settings.durations.get(task_type, DURATIONS.get(task_type, OTHER))
        low, high = span if isinstance(span, (tuple, list)) else (span, span)
        return self._sim.random.uniform(low, high)

    def start(
        self,
        task_type: str,
        project_id: int | None,
        region_id: int | None,
        *,
        data: Any = None,
        request_id: str | None = None,
        locks: list[Record] | None = None,
        creates: Created | None = None,
        finish: Callable[[Task], None] | None = None,
        undo: Callable[[Task], None] | None = None,
        seconds: float | None = None,
        prepare: Callable[[Task], None] | None = None,
    ) -> Task:
        """Start a task: lock its objects and schedule its end (D1.2)."""
        sim = self._sim
        now = sim.now()
        task = Task(
            id=str(uuid.uuid4()), task_type=task_type, project_id=project_id, region_id=region_id, created=now,
            data=data, request_id=request_id, locks=list(locks or []), creates=creates or {}, finish=finish,
            undo=undo, order=len(self._tasks), updated=now,
        )  # fmt: skip
        if prepare:
            prepare(task)
        for record in task.touched():
            record.task_id = task.id
        for records in task.creates.values():
            for record in records:
                record.creator_task_id = task.id
        self._tasks[task.id] = task
        duration = self.seconds(task_type) if seconds is None else seconds
        sim.schedule(now + min(1.0, duration / 10), lambda: self._run(task))
        if not task.never_ends:
            sim.schedule(now + duration, lambda: self._end(task))
        return task

    def _run(self, task: Task) -> None:
        if task.state == "NEW":
            task.state, task.updated = "RUNNING", self._sim.now()

    def _end(self, task: Task) -> None:
        if task.unknown_state:
            state, lasts = task.unknown_state
            task.state, task.updated, task.unknown_state = state, self._sim.now(), None
            if lasts is not None:
                self._sim.schedule(self._sim.now() + lasts, lambda: self._end(task))
            return
        if task.fails_with is not None:
            self.fail(task, task.fails_with, task.leaves_object)
        else:
            self.complete(task)

    def complete(self, task: Task) -> None:
        """FINISHED: the effect takes place, the locks go, created_resources appear (B3)."""
        sim = self._sim
        before = {id(record): sim.show(record) if record.visible else None for record in task.touched()}
        if task.finish:
            task.finish(task)
        for records in task.creates.values():
            for record in records:
                record.visible = True
        self._close(task, "FINISHED")
        if not task.null_resources:
            made: dict[str, list[Any]] = {key: [] for key in CREATED_RESOURCES}
            for key, records in task.creates.items():
                made[key] = [record.id for record in records]
            for key in task.missing_resources or []:
                made.pop(key, None)
            task.created_resources = made
        if task.stale_seconds:
            self._make_stale(task, before)

    def fail(self, task: Task, error: str, leave_object: bool = False) -> None:
        """ERROR: nothing of what it was to create stays, unless a fault leaves it in ERROR (A4, B2)."""
        if task.undo:
            task.undo(task)
        for records in task.creates.values():
            for record in records:
                if leave_object:
                    self._sim.mark_error(record)
                    record.visible = True
                elif self._sim.store.has(record):
                    self._sim.forget(record)
        task.error = error
        self._close(task, "ERROR")

    def _close(self, task: Task, state: str) -> None:
        now = self._sim.now()
        task.state, task.finished, task.updated = state, now, now
        for record in task.touched():
            if record.task_id == task.id:
                record.task_id = None
            record.updated = now

    def _make_stale(self, task: Task, before: dict[int, dict[str, Any] | None]) -> None:
        until = self._sim.now() + task.stale_seconds
        for record in task.touched():
            record.stale_until, record.stale_view = until, before[id(record)]
            if not self._sim.store.has(record):
                self._sim.store.leave_ghost(record)

    def view(self, task: Task) -> dict[str, Any]:
        """A task as the API shows it (B2)."""
        settings = self._sim.settings
        return {
            "id": task.id,
            "task_type": task.task_type,
            "state": task.state,
            "created_on": task_time(task.created),
            "updated_on": task_time(task.updated) if task.updated is not None else None,
            "finished_on": task_time(task.finished) if task.finished is not None else None,
            "user_id": settings.user_id,
            "user_client_id": settings.client_id,
            "client_id": settings.client_id,
            "project_id": task.project_id,
            "region_id": task.region_id,
            "request_id": task.request_id,
            "job_id": None,
            "error": task.error,
            "data": task.data,
            "detailed_state": None,
            "created_resources": task.created_resources,
            "acknowledged_at": task_time(task.acknowledged) if task.acknowledged is not None else None,
            "acknowledged_by": settings.user_id if task.acknowledged is not None else None,
            "lifecycle_policy_id": None,
            "schedule_id": None,
        }
