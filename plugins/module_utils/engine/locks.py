# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks: waiting for the operation that holds a resource, and failing for one that has failed, with what it left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import ApiError, GcoreError, StatusError, WaitTimeout
from ..schema.types import CHANGING, CREATING, DELETED, DELETING, FAILED, UNDOCUMENTED, ResourceType, Statuses
from ..tasks.schedule import next_poll
from ..tasks.task import Task
from .context import REPLAN_AFTER_WAIT, STALE_FOR, Context, Outcome, detached
from .plan import Step, Target
from .reader import Reader
from .references import own_id
from .statuses import LOCKED_FOR, bad_status, status_timeout, wait_until_settled
from .task_match import read_task

DELETION_FOR = 300.0  # how long a deletion that is in progress is waited for when the user sets no limit


class Locks:
    """Waits for the tasks and statuses that keep a resource from being changed or deleted."""

    def __init__(self, context: Context, reader: Reader) -> None:
        self._context = context
        self._reader = reader
        self._statuses = context.resource.type.statuses
        self._locked_since: Optional[float] = None
        self._idle = 0.0  # seconds slept since the last write where no task shows when a resource is free
        self._ended: set[str] = set()  # tasks that held a lock
        self._ended_at: Optional[float] = None  # when the last of them ended
        self._failed: set[str] = set()  # creations that failed, and left something in a status of creation

    @property
    def reads_may_lag(self) -> bool:
        """Whether the task of another run has just ended: what it did may be planned once more, and be refused."""
        return self._ended_at is not None and self._context.now - self._ended_at < STALE_FOR

    def has_ended(self, task_id: Any) -> bool:
        """Whether this run has waited for a task that held a lock: a row that still shows it lags behind."""
        return task_id in self._ended

    def has_failed(self, row: Mapping[str, Any]) -> bool:
        """Whether it is what a failed creation has left, though its status may be one of creation."""
        return row.get("creator_task_id") in self._failed

    def is_being_created(self, row: Mapping[str, Any]) -> bool:
        """Whether its creation is in progress: another task may show the same status."""
        creating = self._statuses.group(row) == CREATING
        return creating and row.get("task_id") in (None, row.get("creator_task_id"))

    def write_accepted(self) -> None:
        """A write was accepted: what is waited for next is another lock."""
        self._locked_since, self._idle = None, 0.0

    def settle(
        self, row: Optional[dict[str, Any]], failure_allowed: bool = False
    ) -> tuple[Optional[dict[str, Any]], Optional[Outcome]]:
        """The resource once it is no longer being created or deleted; None when it is gone. Raises StatusError for a failed one."""
        context, resource = self._context, self._context.resource
        while row is not None:
            context.report.row = row
            group = self._statuses.group(row)
            if group == DELETED:
                return None, None
            if group == UNDOCUMENTED and not self._statuses.documented:
                context.warn_once(
                    "%s is in status %s, which is not documented." % (self._reader.label(), self._statuses.of(row))
                )
                return row, None
            if group in (FAILED, UNDOCUMENTED):
                if not (failure_allowed or context.state_checks_status or self.may_recreate(row, group)):
                    raise bad_status(context, self._reader.label(), row)
                return row, None
            if context.settings.check_mode:
                return settled_row(self._statuses, row, group), None
            if group not in (CREATING, DELETING) or self.has_failed(row):
                return row, None
            if not context.settings.wait:
                return None, self._detach(row, failure_allowed)
            context.extend(DELETION_FOR if group == DELETING else resource.creation(context.options).timeout)
            self.wait_for_holder(row, failure_allowed=failure_allowed or context.settings.recreate)
            if self.is_being_created(row) and not self.has_failed(row):
                context.report.changed = True
            row = context.finder.get(resource.type, resource.read_path, str(row[resource.type.id_field]))
        return None, None

    def _detach(self, row: Mapping[str, Any], failure_allowed: bool) -> Outcome:
        """wait: false, and a creation or deletion is in progress: the run ends with its task in the report."""
        self.report_holder(row)
        if self.is_being_created(row) and not failure_allowed:
            return detached(
                "The creation of %s is in progress already; this run started nothing." % self._reader.label()
            )
        identifier = row[self._context.resource.type.id_field]
        raise StatusError(
            "%s (%s) is in status %s." % (self._reader.label(), identifier, self._statuses.of(row)),
            "Wait for it with gcore.cloud.task_wait, or leave wait at true.",
            id=identifier,
        )

    def may_recreate(self, row: Mapping[str, Any], group: str) -> bool:
        """Whether recreate replaces what is in this status: only where no data can be lost."""
        if group != FAILED or not self._context.settings.recreate:
            return False
        if self._statuses.of(row) in self._statuses.holds_nothing:
            return True
        creator = row.get("creator_task_id")
        task = read_task(self._context, str(creator)) if creator else None
        return task is not None and task.is_final and not task.is_finished and not task.is_unknown

    def report_holder(self, row: Mapping[str, Any]) -> None:
        """Put the task that holds the resource into the report, so that gcore.cloud.task_wait can wait for it."""
        holder = self._holder(row)
        if holder:
            self._context.report_tasks(read_task(self._context, str(holder)))

    def _holder(self, row: Mapping[str, Any]) -> Any:
        return row.get("task_id") or (row.get("creator_task_id") if self.is_being_created(row) else None)

    def wait_for_holder(self, row: Optional[Mapping[str, Any]], failure_allowed: bool = False) -> Optional[Task]:
        """Wait for the task that holds the resource, or a little while if the row shows none.

        Raises when its creation has failed, or when the task is in a state that does not say how it will end.
        """
        context, row = self._context, row or {}
        creating = self.is_being_created(row)
        holder = self._holder(row)
        ended = holder in self._ended or any(task.id == holder and task.is_final for task in context.report.tasks)
        if holder and not ended:
            task = Task(str(holder))
            if creating:
                context.report_tasks(task)
            context.wait([task])
            if task.is_unknown and not failure_allowed:
                context.report_tasks(task)
                raise task.failure()
            self._ended_at = context.now
            self._ended.add(holder)  # a row that shows it again lags behind
            if creating and not task.is_finished:
                self._failed.add(task.id)
                if not failure_allowed:
                    raise task_failure(context, self._reader, task)
            return task
        if context.deadline.remaining() <= 0:
            identifier = row.get(context.resource.type.id_field)
            raise status_timeout(context, self._reader.label(), identifier, self._statuses.of(row))
        pause = next_poll(None, self._idle)
        self._idle += pause
        context.deadline.sleep(pause)
        return None

    def wait_for_unlock(self, error: GcoreError, row: Optional[Mapping[str, Any]]) -> Optional[Task]:
        """Wait for the task that holds a resource; raises the error when that takes too long."""
        context, now = self._context, self._context.now
        self._locked_since = now if self._locked_since is None else self._locked_since
        elapsed = now - self._locked_since
        error.hint = "It stayed locked for %d s." % elapsed
        if context.settings.wait_timeout is None and elapsed >= LOCKED_FOR:
            raise error
        context.extend(LOCKED_FOR)
        try:
            task = self.wait_for_holder(row)
        except WaitTimeout as timeout:
            error.hint = "It stayed locked until the time limit of %d s." % context.deadline.seconds
            raise error from timeout
        context.extend(LOCKED_FOR)
        return task

    def wait_after_conflict(self, step: Step, error: ApiError) -> Outcome:
        """A step was refused because its resource is locked: wait until it is free; raises the error with wait: false."""
        if not self._context.settings.wait:
            error.hint = "Another task is in progress on it. Run the task again later, or leave wait at true."
            raise error
        top = step.target.top.id
        self.wait_for_unlock(error, None if top is None else self._reader.read(top))
        return REPLAN_AFTER_WAIT

    def wait_for_status(self, error: StatusError, target: Target, row: Mapping[str, Any]) -> Outcome:
        """The status does not allow what is planned: wait for the operation in progress; raises the error when there is none."""
        if self._statuses.group(row) == CHANGING:
            wait_until_settled(self._context, target.resource.type, str(target), str(target.id), self._reader.read)
        elif row.get("task_id"):
            self.wait_for_unlock(error, self._reader.read(str(target.id)))
        else:
            raise error
        return REPLAN_AFTER_WAIT


def settled_row(statuses: Statuses, row: dict[str, Any], group: str) -> Optional[dict[str, Any]]:
    """Check mode: the row as it will be when its present operation has ended."""
    if group == DELETING:
        return None
    if group in (CREATING, CHANGING):
        row = {**row, str(statuses.path): statuses.ready[0]}
    return row


def task_failure(context: Context, reader: Reader, task: Task, step: Optional[Step] = None) -> GcoreError:
    """What to raise for a task that did not finish well, with what its creation left behind."""
    failure = task.failure()
    if step is None or step.creates:
        context.report.leftovers.extend(leftovers_of(context, reader, task))
    if context.report.leftovers:
        failure.hint = " ".join(each for each in (leftovers_hint(context), failure.hint) if each)
    return failure


def leftovers_hint(context: Context) -> str:
    """How to go on after a creation that failed and left something behind."""
    leftovers, resource = context.report.leftovers, context.resource
    names = ["%s %s" % (each["resource"].replace("_", " "), each["id"]) for each in leftovers]
    text = "It left behind: %s (see leftovers)." % ", ".join(names)
    if all(each["resource"] != resource.name for each in leftovers):
        return text + " Delete it, and run the task again."
    if resource.type.statuses.can_fail:
        return text + " Run the task with recreate: true to replace it, or with state: absent to delete it."
    # Only the task of the creation shows that it failed; reading it would cost a request in every unchanged run.
    return text + " Delete it with state: absent before you run the task again, which would use it as it is."


def leftovers_of(context: Context, reader: Reader, task: Task) -> list[dict[str, Any]]:
    """What a failed creation left, found by creator_task_id; never the reason for another failure.

    Where rows do not name their creator (security groups), it is what appeared under our identity meanwhile.
    """
    found: list[dict[str, Any]] = []
    seen = set(reader.seen)
    for resource_type in (context.resource.type, *context.resource.hooks.may_orphan):
        try:
            rows = context.finder.list(resource_type)
        except GcoreError as error:
            context.warn(
                "Could not check whether the failed task left a %s behind: %s" % (resource_type.noun, error.message)
            )
            continue
        found.extend(leftover(resource_type, row) for row in rows if row.get("creator_task_id") == task.id)
        identity = reader.identity() if resource_type is context.resource.type else None
        if identity is not None and any("creator_task_id" not in row for row in rows):
            wanted = reader.wanted(identity)
            new = [row for row in rows if own_id(resource_type, row) not in seen and reader.fits(row, wanted)]
            found.extend(leftover(resource_type, row) for row in new if "creator_task_id" not in row)
    return found


def leftover(resource_type: ResourceType, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the result's leftovers."""
    return {
        "resource": resource_type.name,
        "id": row.get(resource_type.id_field),
        "name": row.get(resource_type.name_field),
        "status": resource_type.statuses.of(row),
    }
