# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""After the writes: reading back, waiting until a deleted resource is gone, and reads that lag behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import StatusError
from ..schema.resource import Resource
from ..schema.types import DELETED, DELETING, FAILED, UNDOCUMENTED
from ..schema.values import MISSING
from .context import LONGEST_PAUSE, REPLAN, REPLAN_AFTER_WAIT, STALE_FOR, Context, Outcome, backoff, detached
from .duplicates import check_rows
from .ledger import signature
from .locks import Locks
from .plan import Plan, Target, as_rows, deferred_wait
from .reader import Reader
from .references import own_id
from .statuses import TRANSIENT, bad_status, status_timeout, wait_for_sub_resources
from .task_match import complete_created

GONE_WITHIN = 60.0  # seconds after its deletion until a resource must return 404


class Verification:
    """Reads what the steps of a run have done."""

    def __init__(self, context: Context, reader: Reader, locks: Locks) -> None:
        self._context = context
        self._reader = reader
        self._locks = locks
        self._statuses = context.resource.type.statuses

    # ------------------------------------------------- of the steps before

    def wait_for_current_reads(self, plan: Plan) -> Optional[Outcome]:
        """Plan again what this run has done only where a read lags behind (docs/api-notes.md: Locks and consistency)."""
        context, ledger = self._context, self._context.ledger
        step = ledger.repeated(plan)
        if step is None:
            return None
        age = ledger.age(step, context.now)
        if age < STALE_FOR:
            return self._wait_for_read(age)
        if step.creates:
            raise StatusError(
                "%s was created, but after %d s the API does not show it." % (step.target, age),
                "Check its creation task, then run the task again.",
            )
        ledger.forget(step)
        return None

    def confirm(self, plan: Plan) -> Optional[Outcome]:
        """What was accepted without a task is done when a read shows it, and so is no longer planned.

        Waits while a read may lag behind; raises StatusError when it was not applied.
        """
        context = self._context
        planned = {signature(step) for step in plan.steps}
        for name, (step, sent) in list(context.ledger.unconfirmed.items()):
            if name not in planned:
                context.report.changed = True
                del context.ledger.unconfirmed[name]
                continue
            age = context.now - sent
            if not context.settings.wait:
                context.report.changed = True
                context.report.pending = plan.pending(-1)
                return detached("The API has accepted to %s, and does not show it yet." % step)
            if age >= STALE_FOR:
                raise StatusError(
                    "The API accepted to %s (%s) without starting a task, and has not done it after %d s."
                    % (step, step.target.id, age),
                    "Check the values: the API may have kept others.",
                    id=step.target.id,
                )
            return self._wait_for_read(age)
        return None

    def _wait_for_read(self, age: float) -> Outcome:
        self._context.extend(STALE_FOR)
        self._context.deadline.sleep(min(LONGEST_PAUSE, max(1.0, age)))
        return REPLAN_AFTER_WAIT

    # ------------------------------------------------------ of this plan

    def read_back(self, plan: Plan, target: Target) -> Optional[Outcome]:
        """Read the resource after the run: wait for its status, and repeat a read that lags behind the finished task."""
        context, statuses = self._context, self._statuses
        created = any(step.creates and step.target is target for step in plan.steps)
        wanted = statuses.of(plan.predicted or {}) if statuses.path in plan.after else None
        stale_since = context.now
        row: Optional[dict[str, Any]] = None

        def status_to_wait_for() -> Optional[str]:
            nonlocal row, stale_since
            row = self._row_after(target, created)
            context.report.row = row or context.report.row
            group, status = statuses.group(row), statuses.of(row)
            if group in (DELETING, DELETED):
                return None
            if group == FAILED or (group == UNDOCUMENTED and statuses.documented):
                raise bad_status(context, self._reader.label(), row or {})
            if group in TRANSIENT or (row is not None and wanted not in (None, status)):
                stale_since = context.now
                return status
            current = row is not None and (created or shows_plan(context.resource, plan, row))
            return None if current or context.now - stale_since >= STALE_FOR else "stale"

        if context.settings.wait:
            context.report.pending = as_rows([deferred_wait(target)])
            context.extend(STALE_FOR)
            context.poller.watch(status_to_wait_for, context.deadline, str(target.id))
        else:
            status_to_wait_for()
        group, status = statuses.group(row), statuses.of(row)
        if group in (DELETING, DELETED):
            return REPLAN
        if row is not None and (group in TRANSIENT or wanted not in (None, status)):
            context.report.pending = as_rows([deferred_wait(target)])
            if context.settings.wait:
                raise status_timeout(context, self._reader.label(), target.id, status)
            return None
        context.report.pending = []
        self._check_values(plan, target, row, created)
        if context.settings.wait:
            wait_for_sub_resources(context, self._reader, written_sub_resources(plan))
        return None

    def _check_values(self, plan: Plan, target: Target, row: Optional[dict[str, Any]], created: bool) -> None:
        """Raise or warn when the API does not show what the run has created, or the values that it has set."""
        context = self._context
        if row is None and context.settings.wait:
            raise StatusError(
                "%s was created, but the API does not show it (id %s)." % (self._reader.label(), target.id),
                "Check its creation task, then run the task again.",
                id=target.id,
            )
        if row is None or created or shows_plan(context.resource, plan, row):
            return
        if context.settings.wait and context.ledger.without_task:
            raise StatusError(
                "The API accepted the changes of %s, and after %d s it still shows older values."
                % (self._reader.label(), STALE_FOR),
                "Check the values: the API may have kept others.",
                id=target.id,
            )
        context.warn(
            "The API still shows older values of %s; run the task again to see the new ones." % self._reader.label()
        )

    def _row_after(self, target: Target, created: bool) -> Optional[dict[str, Any]]:
        """The resource of this run as the API shows it now; None when it does not."""
        if not created or self._reader.identity() is None or "id" in self._context.options:
            return None if target.id is None else self._reader.read(target.id)
        rows = self._reader.own_rows()
        row = next((each for each in rows if self.is_own(each, target, len(rows) == 1)), None)
        if row is None:
            return None
        check_rows(self._context, self._reader, rows, row)
        self._context.report.row = row
        return self._reader.whole(row) or row

    def is_own(self, row: Mapping[str, Any], target: Target, alone: bool) -> bool:
        """Whether this run has created the resource of a row; a finished task may not name it (created_resources null).

        A row may not name its creator either (security groups): then it is the only one there is.
        """
        key, creation = self._context.resource.type.id_field, self._context.ledger.creation_task
        own = row["creator_task_id"] == creation if "creator_task_id" in row else alone and target.id is None
        if creation and own:
            target.id = target.id or str(row[key])
            complete_created(self._context, row, creation)
        return target.id is not None and str(row.get(key)) == target.id

    def wait_until_gone(self, identifier: str, adopts: bool = False) -> None:
        """Wait until the resource's own path returns 404; ``adopts``: the deletion is another run's, and is reported as ours."""
        context, resource = self._context, self._context.resource
        stop, pauses = context.now + GONE_WITHIN, backoff()
        while True:
            row = context.finder.get(resource.type, resource.read_path, identifier)
            if row is None or self._statuses.group(row) == DELETED:
                return
            if context.ledger.first_id not in (None, own_id(resource.type, row)):
                return  # another run has created a new one of the same name
            if row.get("task_id"):
                task = self._locks.wait_for_holder(row)
                if task is not None and task.is_finished and adopts:
                    context.report_tasks(task)
                    context.report.changed = True
                continue
            if context.now >= stop or context.deadline.remaining() <= 0:
                raise StatusError(
                    "%s (%s) is still there after its deletion ended." % (self._reader.label(), identifier),
                    "Check it and run the task again.",
                    id=identifier,
                )
            context.deadline.sleep(next(pauses))


def shows_plan(resource: Resource, plan: Plan, row: Mapping[str, Any]) -> bool:
    """Whether a response shows the values that a plan sets."""
    predicted = plan.predicted or {}
    for item in resource.fields:
        if item.name in plan.after and item.is_compared and not (item.api.read or "").startswith("_"):
            expected = item.value_in(predicted)
            if expected is not MISSING and not item.shows(expected, item.value_in(row)):
                return False
    return True


def written_sub_resources(plan: Plan) -> list[Target]:
    """The sub-resources that a plan creates or changes, as far as they have a status, each once."""
    targets = [step.target for step in plan.steps if step.target.parent is not None and not step.destroys]
    return list({str(each.id): each for each in targets if each.id and each.resource.type.statuses.path}.values())
