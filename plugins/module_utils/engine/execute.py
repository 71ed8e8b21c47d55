# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends the steps of a plan in order, each after the tasks of the one before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..api.client import Call, Response
from ..errors import ApiError, LockedError, UnknownOutcome
from ..tasks.task import Task
from .check_mode import leave_pending, without_unknown
from .context import DONE, LONGEST_PAUSE, REPLAN, REPLAN_AFTER_WAIT, STALE_FOR, Context, Outcome, backoff
from .duplicates import check_rows, check_tasks
from .ledger import signature
from .locks import Locks, task_failure
from .plan import PARENT_LATER, Plan, Step
from .reader import Reader
from .recovery import Recovery
from .statuses import is_in_progress
from .task_match import TaskSearch, created_ids
from .verify import Verification


class Execution:
    """Sends the steps of one run."""

    def __init__(
        self, context: Context, reader: Reader, locks: Locks, tasks: TaskSearch, verification: Verification
    ) -> None:
        self._context = context
        self._reader = reader
        self._locks = locks
        self._tasks = tasks
        self._verification = verification
        self._recovery = Recovery(context, reader, locks, tasks)

    def run(self, plan: Plan) -> Optional[Outcome]:
        """Send all steps, or end with the outcome of the first that stops the round."""
        context = self._context
        context.ledger.plan(plan)
        for index, step in enumerate(plan.steps):
            outcome = self._run_step(plan, index, step)
            if outcome:
                return outcome
        context.report.pending = []
        return None

    def _run_step(self, plan: Plan, index: int, step: Step) -> Optional[Outcome]:
        """Send one step and wait for its tasks."""
        context = self._context
        if step.creates and step.is_top:
            self._tasks.note_creations(step.action)
        before, writes, call = context.client.date, context.client.writes, request_of(context, step)
        context.report.pending = plan.pending(index - 1)
        try:
            response = self._send(step, call)
        except UnknownOutcome as error:
            context.report.changed = context.report.changed or context.client.writes > writes
            return self._recover(plan, index, call, before, error)
        except ApiError as error:
            return self._refused(step, error)
        self._locks.write_accepted()
        context.report.pending = plan.pending(index)
        tasks = [context.poller.started(task_id, step.action.task) for task_id in response.task_ids]
        tasks = tasks or (self._task_of_target(step) if step.once else [])
        self._note_accepted(step, response, tasks)
        if tasks and not context.settings.wait:
            self._note_deletion(step)
            self._stop_after(plan, index)
            return DONE
        if tasks:
            context.wait(tasks)
            for task in tasks:
                if not task.is_finished:
                    raise task_failure(context, self._reader, task, step)
            self._note_id(step, response, tasks)
        self._note_deletion(step)
        if tasks or not step.action.task:
            context.ledger.steps.append(step)
            context.ledger.done(step, context.now)
        if tasks and step.creates:
            self._find_id(plan, index, tasks[-1])
            if step.target.id is None and plan.rest(index):
                return REPLAN
        self._wait_until_deleted(plan, index)
        return None

    def _send(self, step: Step, call: Call) -> Response:
        """The response to the request of a step; raises UnknownOutcome where it names no task and should."""
        response = self._context.client.write(call, self._context.deadline)
        none_is_new = step.creates and response.status != 204 and not response.task_ids
        if step.action.task and (none_is_new or not response.names_tasks):
            raise UnknownOutcome("The response to %s contains no task." % call)
        return response

    def _recover(
        self, plan: Plan, index: int, call: Call, before: Optional[str], error: UnknownOutcome
    ) -> Optional[Outcome]:
        """Recover after an unknown outcome; a deletion whose task has ended is done."""
        step, context = plan.steps[index], self._context
        outcome = self._recovery.recover(step, call, before, error)
        if outcome.detached:
            context.report.pending = plan.pending(index)
            self._note_deletion(step)
        elif step.destroys and step.is_top and context.ledger.has_done(step):
            # To plan again would find what a read that lags behind still shows.
            self._note_deletion(step)
            context.ledger.steps.append(step)
            self._wait_until_deleted(plan, index)
            return None
        return outcome

    def _refused(self, step: Step, error: ApiError) -> Optional[Outcome]:
        """A step was refused: wait where a lock or a read that lags behind is the reason, else raise the error."""
        context = self._context
        if isinstance(error, LockedError):
            return self._locks.wait_after_conflict(step, error)
        if error.status == 409 and self._locks.reads_may_lag:
            context.deadline.sleep(LONGEST_PAUSE)
            return REPLAN_AFTER_WAIT
        if error.status == 409 and is_in_progress(context, self._reader, step):
            return self._locks.wait_after_conflict(step, error)
        if not (step.destroys and error.status == 404):
            raise error
        self._note_deletion(step)  # deleted already, by another run or by the request before this one
        return None

    def _task_of_target(self, step: Step) -> list[Task]:
        """The task of a step whose response names none, where its target shows it."""
        row = self._reader.read(str(step.target.id))
        self._context.report.row = row or self._context.report.row
        holder = (row or {}).get("task_id")
        return [Task(str(holder), step.action.task)] if holder and not self._locks.has_ended(holder) else []

    def _note_accepted(self, step: Step, response: Response, tasks: list[Task]) -> None:
        """Put an accepted step into the report and the ledger."""
        report, ledger = self._context.report, self._context.ledger
        # An update may be accepted without a task (docs/api-notes.md: Locks and consistency): a read shows whether it was done.
        done = bool(tasks) or not step.action.task or step.destroys or step.once
        report.changed = report.changed or done
        ledger.without_task = ledger.without_task or not tasks
        if not tasks and not step.creates and not step.once and (step.target.parent is not None or not done):
            ledger.unconfirmed[signature(step)] = (step, self._context.now)
        report.tasks.extend(tasks)
        if step.once:
            ledger.actions.add(str(step))
        if step.destroys and step.is_top and self._context.settings.state != "absent":
            report.row = None
        if step.creates and step.is_top:
            ledger.creation_task = tasks[0].id if tasks else None
        self._note_id(step, response, tasks)

    def _note_id(self, step: Step, response: Response, tasks: list[Task]) -> None:
        """The id of what a step has created, from the response, the task, or the name where the name is the id."""
        context, resource_type = self._context, step.target.resource.type
        if not step.creates:
            return
        if resource_type.id_field == resource_type.name_field:
            step.target.id = str(step.body[resource_type.name_field]) if step.body else None
        elif not tasks and isinstance(response.body, Mapping) and resource_type.id_field in response.body:
            step.target.id = str(response.body[resource_type.id_field])
            if step.is_top:
                context.report.row = response.body
                context.secrets.after_creation(response.body)
        else:
            for task in tasks:
                ids = created_ids(task, resource_type)
                step.target.id = ids[0] if ids else step.target.id
        if step.is_top and context.report.row is None and step.target.id:
            context.report.row = {
                resource_type.id_field: step.target.id,
                resource_type.name_field: context.options.get("name"),
            }

    def _find_id(self, plan: Plan, index: int, task: Task) -> None:
        """The id of what was created, where the finished task does not name it and what comes next needs it."""
        step, context = plan.steps[index], self._context
        if not step.is_top:
            self._find_sub_resource(step, task)
        elif step.target.id is None and plan.rest(index):
            stop, pauses = context.now + STALE_FOR, backoff()
            while step.target.id is None and context.now < stop:
                rows = self._reader.own_rows()
                for row in rows:
                    self._verification.is_own(row, step.target, len(rows) == 1)
                if step.target.id is None:
                    context.deadline.sleep(next(pauses))
        self._reader.snapshots.seen.update(created_ids(task, step.target.resource.type))

    def _find_sub_resource(self, step: Step, task: Task) -> None:
        """The sub-resource that a task has created, where the task does not name it: the new one of its parent."""
        context, resource_type = self._context, step.target.resource.type
        if (
            not resource_type.created_key
            or created_ids(task, resource_type)
            or not str(task.type).startswith("create_")
        ):
            return
        stop, pauses = context.now + STALE_FOR, backoff()
        while True:
            new = self._reader.snapshots.new(step.target)
            own = [row for row in new if row.get("creator_task_id") == task.id]
            own = own or [row for row in new if row.get("creator_task_id") is None]
            if len(own) == 1:
                step.target.id = str(own[0][resource_type.id_field])
                task.created = {**task.created, resource_type.created_key: [str(own[0].get("id") or step.target.id)]}
            left = min(stop - context.now, context.deadline.remaining())
            if own or left <= 0:
                return
            context.client.clock.sleep(min(next(pauses), left))

    def _note_deletion(self, step: Step) -> None:
        """A resource is deleted, or its deletion has started: warn of what outlives it."""
        context = self._context
        if step.deletion_warning:
            context.warn(step.deletion_warning)
        if step.destroys and step.is_top:
            context.warn_of_orphans()
            context.report.row = context.report.row if context.settings.state == "absent" else None

    def _wait_until_deleted(self, plan: Plan, index: int) -> None:
        """Wait until a deleted resource is gone before what comes next, which would find two resources of one name."""
        step = plan.steps[index]
        if step.destroys and step.is_top and step.target.id and index + 1 < len(plan.steps):
            self._verification.wait_until_gone(step.target.id)

    def _stop_after(self, plan: Plan, index: int) -> None:
        """wait: false: one task is started; report what is left, and whether another run creates the same."""
        context, step = self._context, plan.steps[index]
        leave_pending(context, plan, index)
        if not (step.creates and step.is_top):
            return
        rows, creation = self._reader.own_rows(), context.ledger.creation_task
        own = next((row for row in rows if row.get("creator_task_id") == creation), None)
        predicted = {**(plan.predicted or {}), context.resource.type.id_field: None}
        context.report.row = without_unknown(predicted) if own is None else own
        check_rows(context, self._reader, rows, own or {})
        if creation:
            check_tasks(context, self._reader, *self._tasks.duplicates(creation, step.action.task))


def request_of(context: Context, step: Step) -> Call:
    """The request of a step, with the ids that are known by now."""
    names: dict[str, Any] = dict(context.scope)
    if step.target.id is not None:
        names["id"] = step.target.id
    if step.target.parent is not None and step.target.parent.id is not None:
        names["parent_id"] = step.target.parent.id
    body = step.body
    if isinstance(body, Mapping):
        body = {key: names["parent_id"] if value == PARENT_LATER else value for key, value in body.items()}
    return Call(step.action.method, step.action.path, step.query, body).fill(**names)
