# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After a write whose response was lost: finding out whether the API has taken it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..api.client import Call
from ..errors import UnknownOutcome, WaitTimeout
from ..schema.resource import Resource
from ..schema.values import MISSING
from ..tasks.task import Task
from .context import REPLAN, Context, Outcome, backoff, detached
from .duplicates import report_duplicates
from .ledger import signature
from .locks import Locks, task_failure
from .plan import Step
from .reader import Reader
from .references import own_id
from .task_match import TaskSearch, complete_created, concerns, has_created, is_since

QUIET = 60.0  # seconds after a write of unknown outcome in which a trace of it may still appear


class Recovery:
    """Finds out what has become of writes whose outcome is unknown, of one run."""

    def __init__(self, context: Context, reader: Reader, locks: Locks, tasks: TaskSearch) -> None:
        self._context = context
        self._resource = context.resource
        self._reader = reader
        self._locks = locks
        self._tasks = tasks
        self._unknown_outcomes = 0  # of writes without a task

    def recover(self, step: Step, call: Call, before: Optional[str], unknown: UnknownOutcome) -> Outcome:
        """Find out whether a write was taken, or raise the error with what is known; ``before``: the server's time before it.

        Planning again is safe afterwards. With wait: false, the run ends when the task of the write is found.
        """
        context = self._context
        try:
            if step.creates and step.is_top:
                return self._recover_creation(step, unknown)
            if step.once:
                unknown.hint = "Whether it was carried out is not known; it is not repeated on its own."
                raise unknown
            if step.action.task:
                return self._recover_change(step, call, before, unknown)
            # It is done or not when the API responds: the next read shows it.
            context.deadline.sleep(min(30.0, 2.0**self._unknown_outcomes))
            self._unknown_outcomes += 1
            return REPLAN
        except WaitTimeout as timeout:
            if context.is_reported(timeout.details.get("task_id")):
                raise
            unknown.hint = (
                "The time limit of %d s ended before its outcome was known. Check the resource before you run the task again."
                % context.deadline.seconds
            )
            raise unknown from timeout

    @property
    def _quiet(self) -> float:
        return max(QUIET, self._context.client.timeout)

    def _quiet_until(self, step: Step) -> float:
        self._context.extend(QUIET + step.action.timeout)
        return self._context.now + self._quiet

    # ------------------------------------------------------------ creations

    def _recover_creation(self, step: Step, unknown: UnknownOutcome) -> Outcome:
        """Poll until a quiet period has passed for what the request may have created.

        What is new is known from the list before it, not from any clock.
        """
        context = self._context
        seen = set(self._reader.seen)
        until = self._quiet_until(step)
        pauses = backoff()
        while True:
            tasks = [task for task in self._tasks.of_type(step.action.task) if task.id not in self._tasks.before]
            ours, unclear = self._tasks.split(tasks)
            rows, missing = self._new_rows(ours + unclear, seen)
            if rows:
                return self._adopt(step, rows, ours, tasks, unknown)
            in_progress = [task for task in ours if not task.is_final]
            in_progress = in_progress or [task for task in unclear if not task.is_final]
            if in_progress:
                if self._ends_with(in_progress, ours):
                    return detached()
                continue
            if ours and not any(task.is_finished for task in ours):
                context.report_tasks(*ours)
                raise task_failure(context, self._reader, ours[0], step)
            late = [task for task in missing if not self._tasks.is_over(task)]
            if not context.settings.wait and any(task in ours for task in late):
                context.report_tasks(*ours)
                return detached()
            if not late and any(task in ours for task in missing):
                context.report_tasks(*ours)
                raise self._tasks.never_shown(next(task for task in missing if task in ours))
            if not late and context.now >= until:
                # What has no name or key is not planned: this one can be found, and is sent once more.
                return self._send_again(step, unknown, unclear)
            context.deadline.sleep(next(pauses))

    def _new_rows(self, tasks: list[Task], seen: set[str]) -> tuple[list[dict[str, Any]], list[Task]]:
        """What has appeared since the request, and the finished creations of which some result is not shown."""
        identity = self._reader.identity()
        rows = {
            own_id(self._resource.type, row): row
            for row in (self._reader.rows(identity) if identity else [])
            if own_id(self._resource.type, row) not in seen and row.get("creator_task_id") not in self._tasks.before
        }
        self._tasks.refresh()
        missing = []
        for task in tasks:
            if task.is_finished and not any(has_created(task, self._resource.type, row) for row in rows.values()):
                created, is_missing = self._tasks.created_by(task)
                rows.update({key: row for key, row in created.items() if key not in seen})
                missing += [task] if is_missing else []
        return list(rows.values()), missing

    def _ends_with(self, in_progress: list[Task], ours: list[Task]) -> bool:
        """Wait for what is ours, or may be; true when the run ends here: with wait: false, what is ours is enough."""
        if in_progress[0] in ours:
            self._context.report_tasks(*in_progress)
            if not self._context.settings.wait and not any(task.is_final for task in in_progress):
                return True
        self._context.wait(in_progress)
        return False

    def _adopt(
        self, step: Step, rows: list[dict[str, Any]], ours: list[Task], tasks: list[Task], unknown: UnknownOutcome
    ) -> Outcome:
        """Adopt what our request has created, and wait for its creation; several are a failure with their ids."""
        context, resource_type = self._context, self._resource.type
        row = rows[0]
        own = [task for task in tasks if has_created(task, resource_type, row)]
        if not own and len(ours) == 1 and not row.get("creator_task_id"):
            own = ours  # neither names the other
        others = [task for task in ours if task not in own and task.state != "ERROR"]
        context.report.row = row
        if len(rows) > 1 or others:
            report_duplicates(context, self._reader, rows, others, reason="%s After it:" % unknown.message)
        creator = row.get("creator_task_id")
        task = own[0] if own else Task(str(creator)) if creator else None
        if task is not None:
            context.report_tasks(task)
            if not task.is_final and self._ends_with([task], [task]):
                return detached()
            if not task.is_finished:
                raise task_failure(context, self._reader, task, step)
        complete_created(context, row, task.id if task else None)
        context.report.changed = True
        context.ledger.done(step, context.now)
        lost = context.secrets.shown_once(context.options)
        if lost:
            unknown.hint = "It created %s (%s), but its %s is lost. Delete it with state: absent and run the task again." % (
                self._reader.label(), row[resource_type.id_field], " and ".join(lost),
            )  # fmt: skip
            raise unknown
        return REPLAN

    def _send_again(self, step: Step, unknown: UnknownOutcome, candidates: list[Task]) -> Outcome:
        """Let a creation be retried once; after that, raise the error with the tasks that may have been it."""
        name = signature(step)
        if name not in self._context.ledger.retried and not any(task.is_unknown for task in candidates):
            self._context.ledger.retried.add(name)
            self._context.ledger.is_retried |= step.is_top
            return REPLAN
        unknown.hint = (
            "No trace of it appeared within %d s; it is not retried again. Check the resource before you run the task again."
            % (self._quiet)
        )
        if candidates:
            key = step.target.resource.type.created_key or ""
            unknown.hint += " These tasks may have created it: %s." % ", ".join(
                " ".join([task.id, *("(%s)" % each for each in task.created.get(key) or [])]) for task in candidates
            )
            unknown.details["task_ids"] = [task.id for task in candidates]
        raise unknown

    # --------------------------------------------------------- other writes

    def _recover_change(self, step: Step, call: Call, before: Optional[str], unknown: UnknownOutcome) -> Outcome:
        """Find the task of a change, a deletion or the creation of a sub-resource, and wait for what holds the resource."""
        context = self._context
        creates = step.creates or str(step.action.task).startswith("create_")
        until = self._quiet_until(step)
        reported = {task.id for task in context.report.tasks}
        while True:
            top = self._reader.read(str(step.target.top.id))
            tasks = [task for task in self._tasks.of_type(step.action.task) if task.id not in reported]
            ours, unclear = tasks_of_change(
                [task for task in tasks if is_since(task, before)], step, call.path, (top or {}).get("task_id")
            )
            if ours:
                return self._adopt_change(step, ours)
            in_progress = [task for task in unclear if not task.is_final]
            if in_progress:
                context.wait(in_progress)
                continue
            if top is None or shows_step(self._resource, step, top):
                return REPLAN
            if top.get("task_id") and context.settings.wait:
                self._locks.wait_for_holder(top)
                if not creates:
                    return REPLAN
            late = creates and any(task.is_finished and not self._tasks.is_over(task) for task in unclear)
            if context.now >= until and not late:
                return self._send_again(step, unknown, unclear) if creates else REPLAN
            context.deadline.sleep(10)

    def _adopt_change(self, step: Step, ours: list[Task]) -> Outcome:
        """Wait for the tasks of a change that was taken."""
        context = self._context
        if self._ends_with(ours, ours):
            return detached()
        for task in ours:
            if not task.is_finished:
                raise task_failure(context, self._reader, task, step)
        context.report.changed = True
        context.ledger.done(step, context.now)
        return REPLAN


def tasks_of_change(tasks: list[Task], step: Step, path: str, holder: Optional[str]) -> tuple[list[Task], list[Task]]:
    """The tasks that are about the target of a step, and those that do not show it; ``holder`` is the task that holds it."""
    shown = [(task, concerns(task, step, path)) for task in tasks]
    ours = [task for task, found in shown if found or (found is None and task.id == holder)]
    return ours, [task for task, found in shown if found is None and task not in ours]


def shows_step(resource: Resource, step: Step, row: Mapping[str, Any]) -> bool:
    """Whether the resource already has the values that a step sets."""
    body = step.body or {}
    fields = [item for item in resource.fields if item.is_compared and item.api_name in body]
    return (
        bool(fields)
        and step.target.parent is None
        and all(
            item.value_in(row) is not MISSING
            and not item.value.partial_patch
            and item.shows(body[item.api_name], item.value_in(row))
            for item in fields
        )
    )
