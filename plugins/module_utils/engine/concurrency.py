# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before a write: what other runs are creating or changing is waited for and adopted, never created a second time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import LockedError, WaitTimeout
from ..tasks.task import Task
from .context import REPLAN_AFTER_WAIT, STALE_FOR, Context, Outcome, backoff, detached
from .ledger import signature
from .locks import Locks, task_failure
from .plan import Plan, Step
from .reader import Reader
from .snapshots import wanted_sub_resources
from .task_match import RECENT, TaskSearch, complete_created, created_ids, may_be, names_in, read_task

RUN_LATER = "Run the task again a little later, or leave wait at true."


class Concurrency:
    """Finds what other runs, or an earlier run that was interrupted, are doing with the resource of this run."""

    def __init__(self, context: Context, reader: Reader, locks: Locks, tasks: TaskSearch) -> None:
        self._context = context
        self._resource = context.resource
        self._reader = reader
        self._locks = locks
        self._tasks = tasks
        self._waited_for: dict[str, Task] = {}  # creations that were in progress before ours
        self._adopted: list[tuple[Task, str]] = []  # tasks that were waited for, and the planned steps they may be
        self._checked_types: set[str] = set()  # types of tasks that create sub-resources, none of which can be ours

    # -------------------------------------------------------- the resource

    def before_creation(self) -> tuple[Optional[dict[str, Any]], Optional[Outcome]]:
        """Adopt creations that may be ours, by another run or an interrupted one; returns what they created and no list shows yet.

        One of our name is waited for and adopted; one that shows no name could be ours: it is waited for too.
        """
        context, action = self._context, self._resource.creation(self._context.options)
        ours, unclear = self._tasks.split(self._tasks.creations(action))
        for task in ours + unclear:
            if task.is_unknown and self._tasks.age(task.started) < RECENT:
                context.report_tasks(*[task for task in ours if task.is_unknown])
                raise task.failure()
        in_progress = [task for task in ours if not task.is_final] or [task for task in unclear if not task.is_final]
        if not in_progress:
            return self._unlisted(ours, unclear)
        if not context.settings.wait:
            return None, self._detach(in_progress[0], "is in progress already")
        context.extend(action.timeout)
        if in_progress[0] in ours:
            context.report_tasks(*in_progress)
        context.wait(in_progress)
        self._waited_for.update((task.id, task) for task in in_progress)
        if any(task.is_finished and task in ours for task in in_progress):
            context.report.changed = True
        # Creations of other users may follow each other for long: that is no round of ours, and the deadline ends it.
        return None, REPLAN_AFTER_WAIT

    def _detach(self, task: Task, what: str) -> Outcome:
        """wait: false: end with the creation in the report when it is ours; raises LockedError when it only may be."""
        if not self._tasks.names_resource(task):
            raise LockedError(
                "A creation that may be %s %s (task %s)." % (self._reader.label(), what, task.id), 409, RUN_LATER
            )
        self._context.report_tasks(task)
        resource_type = self._resource.type
        for identifier in [] if resource_type.known_by_name else created_ids(task, resource_type):
            self._context.report.row = {
                resource_type.id_field: identifier,
                resource_type.name_field: self._context.options.get("name"),
            }
        return detached("The creation of %s %s; this run started nothing." % (self._reader.label(), what))

    def _unlisted(self, ours: list[Task], unclear: list[Task]) -> tuple[Optional[dict[str, Any]], Optional[Outcome]]:
        """What a finished creation created, though the list does not show it yet (docs/api-notes.md: Locks and consistency)."""
        context = self._context
        finished = [task for task in ours + unclear if task.is_finished]
        pauses = backoff()
        while True:
            self._tasks.refresh()
            found: dict[str, dict[str, Any]] = {}
            waiting = []
            for task in finished:
                over = self._tasks.is_over(task)
                if over and not context.is_reported(task.id):
                    continue
                created, is_missing = self._tasks.created_by(task)
                found.update(created)
                if is_missing and not self._tasks.was_deleted(task, self._resource.type):
                    if over:  # and this run has waited for it: it is not deleted, and never shown
                        raise self._tasks.never_shown(task)
                    waiting.append(task)
            if found:
                return self._reader.only(list(found.values())), None
            if not waiting:
                return None, None
            if not context.settings.wait:
                return None, self._detach(waiting[0], "has ended, and the API does not show it yet")
            finished = waiting
            context.extend(STALE_FOR)
            if context.deadline.remaining() <= 0:
                raise WaitTimeout(
                    "Timed out after %d s waiting for the API to show what task %s has created, which may be %s."
                    % (context.deadline.seconds, waiting[0].id, self._reader.label()),
                    "Run the task again.",
                    task_id=waiting[0].id,
                )
            context.deadline.sleep(next(pauses))

    def adopt_found(self, row: Mapping[str, Any]) -> None:
        """Adopt what is found: created by a task that was waited for and showed no name, or by a request of ours that was lost."""
        context, creator = self._context, row.get("creator_task_id")
        task = self._waited_for.get(str(creator))
        if (
            creator
            and context.ledger.is_retried
            and creator not in self._tasks.before
            and not context.is_reported(creator)
        ):
            task = Task(str(creator))
            context.wait([task])
        if task is not None and task.is_finished:
            context.report_tasks(task)
            context.report.changed = True
        complete_created(context, row, creator)

    def wait_until_free(self, plan: Plan, row: Optional[Mapping[str, Any]]) -> Optional[Outcome]:
        """Before anything is sent, wait for the task that holds the resource: an interrupted run may have started what is planned.

        Where nothing is planned, a sub-resource that is still being created is waited for.
        """
        context, holder = self._context, (row or {}).get("task_id")
        if not holder or self._locks.has_ended(holder):
            return None
        if not (context.settings.wait if plan.steps else any(wanted_sub_resources(self._resource, context.options))):
            return None
        task = read_task(context, str(holder))
        names = [signature(step) for step in plan.steps if may_be(task, step)]
        if not plan.steps:
            creates = self._creates_sub_resource(task)
            names = [""] if creates else []
            if creates is False:
                return None
        if task.is_final and not task.is_unknown:  # a row that lags behind: nothing ends in this run
            names = []
        if not context.settings.wait:
            context.report_tasks(*([task] if names else []))
            return None
        locked = LockedError("%s is locked by task %s." % (self._reader.label(), holder), 409, task_id=holder)
        try:
            holding = self._locks.wait_for_unlock(locked, row)
        except LockedError:
            context.report_tasks(*([task] if names else []))
            raise
        self._adopted = [(holding or task, name) for name in names]
        return REPLAN_AFTER_WAIT

    def adopt(self, plan: Plan) -> None:
        """Adopt what other runs had started and this one has waited for, if it has done what was planned."""
        planned = {signature(step) for step in plan.steps}
        for task, name in self._adopted:
            if task.is_finished and name not in planned:
                self._context.report_tasks(task)
                self._context.report.changed = True
            elif task.is_final and not name and not plan.steps:  # the sub-resource exists, and its creation has failed
                self._context.report_tasks(task)
                raise task_failure(self._context, self._reader, task)
        self._adopted = []

    # ------------------------------------------------------- sub-resources

    def before_sub_resources(self, plan: Plan) -> Optional[Outcome]:
        """Wait for sub-resources that others are creating, or have created and no list shows yet: they are not created again.

        One request for each type of task that creates sub-resources, in the whole run.
        """
        for task_type in dict.fromkeys(str(step.action.task) for step in plan.steps if creates_sub_resource(step)):
            if task_type in self._checked_types:
                continue
            steps = [step for step in plan.steps if creates_sub_resource(step) and step.action.task == task_type]
            tasks = self._tasks.of_type(task_type)
            possible = {task.id: self._steps_of(task, steps) for task in tasks}
            in_progress = [task for task in tasks if possible[task.id] and not task.is_final]
            unlisted = [
                task for task in tasks if possible[task.id] and task.is_finished and self._is_unlisted(task, steps)
            ]
            if not in_progress and not unlisted:
                self._checked_types.add(task_type)
                continue
            if not self._context.settings.wait:
                raise LockedError(
                    "%s may be in creation already (task %s)." % (steps[0].target, (in_progress + unlisted)[0].id),
                    409,
                    RUN_LATER,
                )
            if in_progress:
                self._adopted += [(task, signature(step)) for task in in_progress for step in possible[task.id]]
                self._context.wait(in_progress)
            else:
                self._context.extend(STALE_FOR)
                self._context.deadline.sleep(5)
            return REPLAN_AFTER_WAIT
        return None

    def _steps_of(self, task: Task, steps: list[Step]) -> list[Step]:
        """The steps that a task may be carrying out for another run."""
        if self._context.is_reported(task.id):
            return []
        return [step for step in steps if may_be(task, step)]

    def _is_unlisted(self, task: Task, steps: list[Step]) -> bool:
        """Whether the sub-resource that a finished task has created is not shown yet."""
        resource_type = steps[0].target.resource.type
        ids = created_ids(task, resource_type)
        if self._tasks.is_over(task) or (ids and self._reader.snapshots.seen.issuperset(ids)):
            return False
        return not self._tasks.was_deleted(task, resource_type)

    def _creates_sub_resource(self, task: Task) -> Optional[bool]:
        """Whether a task creates a sub-resource that the options name; None where it does not show which one."""
        parts = list(wanted_sub_resources(self._resource, self._context.options))
        if task.type is None or all(part.creation(options).task != task.type for part, options in parts):
            return False
        names = names_in(task.row.get("data"))
        return any(options.get("name") in names for _part, options in parts) if names else None


def creates_sub_resource(step: Step) -> bool:
    """Whether a step creates a sub-resource of what existed before, and not only attaches one."""
    parent = step.target.parent
    return step.creates and parent is not None and parent.id is not None and str(step.action.task).startswith("create_")
