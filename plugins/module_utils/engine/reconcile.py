# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main path of a run: read, plan, execute, verify, and again until the resource is as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..clock import FIRST_LIMIT, Deadline
from ..errors import GcoreError, MissingOptions, NotFoundError, OptionError, StatusError, UnknownOutcome
from ..schema.rows import close_names
from ..schema.types import DELETING
from .check_mode import is_known_later, predict, predict_pending, predict_unknown
from .concurrency import Concurrency
from .context import DONE, REPLAN, Context, Outcome
from .execute import Execution
from .lock import identity_lock
from .locks import Locks
from .plan import Plan, Target, as_rows
from .planner import Planner
from .reader import Reader
from .references import own_id
from .statuses import check_references, wait_for_statuses
from .task_match import TaskSearch
from .verify import Verification

MAX_ROUNDS = 8


class Engine:
    """One run of one module: brings one resource into the wanted state."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._resource = context.resource
        self._reader = Reader(context)
        self._locks = Locks(context, self._reader)
        tasks = TaskSearch(context, self._reader)
        self._tasks = tasks
        self._concurrency = Concurrency(context, self._reader, self._locks, tasks)
        self._verification = Verification(context, self._reader, self._locks)
        self._execution = Execution(context, self._reader, self._locks, tasks, self._verification)
        self._usable: set[str] = set()  # references that have been checked
        self._found = False  # whether the resource existed before the present round

    def run(self) -> None:
        """Do what the state asks for; the outcome is in the report.

        A failure names the steps of the run that are done: what they deleted does not come back.
        """
        ledger, report = self._context.ledger, self._context.report
        try:
            self._run()
        except GcoreError as error:
            if ledger.steps and report.pending:
                steps = ["%s (%s)" % (step, step.target.id) if step.target.id else str(step) for step in ledger.steps]
                error.message += " Steps that were done before: %s." % "; ".join(steps)
                error.details["done"] = as_rows(ledger.steps)
            raise

    def _run(self) -> None:
        """Run rounds until one of them is final."""
        context, settings = self._context, self._context.settings
        if settings.check_mode and is_known_later(context):
            predict_unknown(context, self._reader)
            return
        context.scope = context.finder.scope_ids(self._resource.type.scope)
        self._resource.hooks.check(context.options)
        run_round = self._absent if settings.state == "absent" else self._present
        with identity_lock(lock_name(context, self._reader), lock_deadline(context), wanted=not settings.check_mode):
            context.extend(FIRST_LIMIT)
            rounds = 0
            while rounds < MAX_ROUNDS:
                outcome = run_round()
                if outcome.warning:
                    context.warn(outcome.warning)
                if outcome.is_final:
                    if settings.state != "absent" and not outcome.detached:
                        write_secrets(context, self._found)
                    return
                rounds += not outcome.waited
        raise UnknownOutcome(
            "After %d rounds %s is still not as wanted." % (MAX_ROUNDS, self._reader.label()),
            "Check it and run the task again.",
        )

    # ------------------------------------------------------------- present

    def _present(self) -> Outcome:
        """One round for a resource that is to exist: read, plan, execute, verify."""
        context, report = self._context, self._context.report
        row, outcome = self._read()
        if outcome:
            return outcome
        report.row, self._found = row, row is not None
        target = self._reader.target(row)
        plan, outcome = self._plan(row, target)
        if plan is None:
            return outcome or DONE
        if context.settings.check_mode:
            predict(context, self._reader, plan, row)
            return DONE
        outcome = self._before_writes(plan, target, row)
        if outcome:
            return outcome
        if not plan.steps:
            report.row = self._reader.whole(row)
            return DONE
        outcome = self._execution.run(plan)
        if not outcome and context.ledger.unconfirmed:
            outcome = REPLAN
        outcome = outcome or self._verification.read_back(plan, target)
        return outcome or (REPLAN if plan.later else DONE)

    def _read(self) -> tuple[Optional[dict[str, Any]], Optional[Outcome]]:
        """The resource as it is, once it is neither being created nor deleted; None when it is to be created."""
        context = self._context
        self._tasks.start_round()
        identity = self._reader.identity()
        row, outcome = self._locks.settle(self._reader.find(identity))
        if outcome:
            return None, outcome
        if row is None:
            self._require_identity("id" in context.options, identity is not None)
            if any(each.always and each.name == context.settings.state for each in self._resource.states):
                if context.settings.check_mode:
                    predict_unknown(context, self._reader)
                    return None, DONE
                raise NotFoundError(
                    "There is no %s." % self._reader.label(),
                    "state: %s needs an existing one; state: present creates one." % context.settings.state,
                )
            if not context.settings.check_mode:
                row, outcome = self._concurrency.before_creation()
                row, outcome = (None, outcome) if outcome else self._locks.settle(row)
                if outcome:
                    return None, outcome
        if row is not None:
            self._concurrency.adopt_found(row)
        return row, None

    def _require_identity(self, by_id: bool, is_known: bool) -> None:
        """Refuse to create what was wanted by its id, or what no later run could find."""
        context, resource_type = self._context, self._resource.type
        if by_id:
            raise NotFoundError(
                "There is no %s with the id %s%s."
                % (resource_type.noun, context.options["id"], context.finder.place(resource_type)),
                "Correct id, or omit it to create a new one.",
            )
        if not is_known:
            raise OptionError(
                "Cannot identify the %s." % resource_type.noun,
                "Set %s." % " or ".join(" and ".join(options) for options in self._resource.identifying),
            )

    def _plan(self, row: Optional[dict[str, Any]], target: Target) -> tuple[Optional[Plan], Optional[Outcome]]:
        """The plan of a round, with its diff in the report; or None and the outcome of a round that ends without one."""
        context = self._context
        settings, report = context.settings, context.report
        snapshot = None if row is None else self._reader.snapshots.snapshot(row)
        planner = Planner(
            self._resource,
            context.options,
            context.finder.resolve,
            settings.recreate,
            self._reader.snapshots.add_related_read,
        )
        group = self._resource.type.statuses.group(row)
        broken = row is not None and (self._locks.may_recreate(row, group) or self._locks.has_failed(row))
        try:
            plan = planner.present(snapshot, target, settings.state, broken)
        except MissingOptions as error:
            if row is not None:
                raise
            if settings.check_mode:
                predict_unknown(context, self._reader)
                return None, DONE
            raise cannot_create(context, self._reader, error) from error
        except StatusError as error:
            if row is None or settings.check_mode or not settings.wait:
                raise
            return None, self._locks.wait_for_status(error, target, row)
        report.pending = []
        plan.steps = [step for step in plan.steps if not (step.once and str(step) in context.ledger.actions)]
        self._note_plan(plan)
        for warning in plan.warnings:
            context.warn_once(warning)
        check_references(context, plan, self._usable)
        if any(step.destroys and step.is_top for step in plan.steps):
            self._note_orphans(row)
        if any(step.creates and step.target is target for step in plan.steps):
            context.secrets.before_creation(context.options)
        return plan, None

    def _before_writes(self, plan: Plan, target: Target, row: Optional[dict[str, Any]]) -> Optional[Outcome]:
        """Wait for reads that lag behind and for other operations, and adopt what they have done; None: go on."""
        context = self._context
        outcome = self._verification.wait_for_current_reads(plan)
        if outcome:
            return outcome
        self._concurrency.adopt(plan)
        return (
            self._concurrency.wait_until_free(plan, row)
            or wait_for_statuses(context, self._reader, plan, target, row)
            or self._verification.confirm(plan)
            or self._concurrency.before_sub_resources(plan)
        )

    # -------------------------------------------------------------- absent

    def _absent(self) -> Outcome:
        """One round for a resource that is not to exist: read, plan, execute, verify."""
        context = self._context
        settings, report = context.settings, context.report
        row = self._find_for_deletion()
        if row is not None and self._resource.type.statuses.group(row) == DELETING:
            self._await_deletion(row)
            return DONE
        if row is not None and settings.wait and not settings.check_mode:
            row, _outcome = self._locks.settle(row, failure_allowed=True)
        if row is not None and not self._is_first_found(row):
            report.pending = []
            self._concurrency.adopt(Plan())
            return DONE
        target = self._reader.target(row)
        planner = Planner(
            self._resource, context.options, context.finder.resolve, read=self._reader.snapshots.add_related_read
        )
        plan = planner.absent(None if row is None else self._reader.snapshots.snapshot(row), target)
        report.pending = []
        self._note_plan(plan)
        report.row = row or report.row
        if plan.steps:
            self._note_orphans(row)
        if settings.check_mode:
            report.changed = bool(plan.steps)
            predict_pending(context, plan)
            return DONE
        if not plan.steps:
            context.warn_of_orphans()
        self._concurrency.adopt(plan)
        outcome = self._concurrency.wait_until_free(plan, row)
        if outcome or not plan.steps:
            return outcome or DONE
        outcome = self._execution.run(plan)
        if outcome is None:
            self._verification.wait_until_gone(str(target.id))
        return outcome or DONE

    def _find_for_deletion(self) -> Optional[dict[str, Any]]:
        """The resource that is to be deleted, in any status; None when it does not exist, or what it would belong to."""
        identity = self._reader.identity()
        if identity is None and "id" not in self._context.options:
            raise OptionError(
                "Cannot identify the %s." % self._resource.type.noun,
                "Set id or %s." % " or ".join(" and ".join(options) for options in self._resource.identifying),
            )
        try:
            return self._reader.find(identity)
        except NotFoundError as error:
            if error.details.get("scope"):
                raise
            return None

    def _is_first_found(self, row: Mapping[str, Any]) -> bool:
        """Whether it is the resource that this run found first: a later one of its name may be someone else's."""
        identifier = own_id(self._resource.type, row)
        ledger = self._context.ledger
        ledger.first_id = ledger.first_id or identifier
        return identifier == ledger.first_id

    def _await_deletion(self, row: dict[str, Any]) -> None:
        """The resource is being deleted already: wait until it is gone, or report the task that deletes it."""
        context, report = self._context, self._context.report
        context.ledger.first_id = context.ledger.first_id or own_id(self._resource.type, row)
        report.row = row
        if context.settings.wait and not context.settings.check_mode:
            self._verification.wait_until_gone(str(row[self._resource.type.id_field]), adopts=True)
        elif not context.settings.check_mode:
            self._locks.report_holder(row)
        report.pending = []
        context.warn_of_orphans()

    # ---------------------------------------------------------------- both

    def _note_plan(self, plan: Plan) -> None:
        self._context.report.note_plan(plan.before, plan.after, plan.not_compared)
        if plan.steps:
            self._context.extend(plan.timeout)

    def _note_orphans(self, row: Optional[Mapping[str, Any]]) -> None:
        """What outlives the resource that is deleted, be it for good or to be re-created: the warning comes with the deletion."""
        context, hooks = self._context, self._resource.hooks
        context.ledger.deletion_warning = hooks.deletion_warning(context.options, row) if row is not None else None
        if context.settings.check_mode:
            context.warn_of_orphans()


def lock_name(context: Context, reader: Reader) -> str:
    """What identifies the resource of a run on this controller."""
    identity = reader.identity()
    key = context.options.get("id") or (identity and [str(context.options[name]) for name in identity.options])
    return repr((context.client.api_url, sorted(context.scope.items()), context.resource.name, key))


def lock_deadline(context: Context) -> Deadline:
    """The run that holds the lock of this identity may be creating the resource: so long it is waited for."""
    if context.settings.wait_timeout is not None:
        return context.deadline
    return Deadline(context.client.clock, context.resource.creation(context.options).timeout)


def cannot_create(context: Context, reader: Reader, error: MissingOptions) -> GcoreError:
    """The options name a resource that does not exist, and are not enough to create it: a mistyped name, perhaps."""
    resource_type = context.resource.type
    hints = [error.sentence()]
    name = context.options.get("name")
    if name is not None:
        close = close_names(resource_type, context.finder.list(resource_type), str(name))
        hints[:0] = ["Did you mean %s?" % close] if close else []
    return MissingOptions("There is no %s%s." % (reader.label(), context.finder.place(resource_type)), " ".join(hints))


def write_secrets(context: Context, existed: bool) -> None:
    """Write the secrets that can be read now to their files; in check mode, predict whether that changes anything."""
    report = context.report
    running = [task for task in report.tasks if not task.is_final]
    identifier = (report.row or {}).get(context.resource.type.id_field)
    if context.settings.check_mode and not existed:
        context.secrets.predict(context.options, context.settings.wait)
    elif identifier and not running and not report.pending:
        context.secrets.after_run(str(identifier), context.settings.check_mode)
    elif running:
        context.secrets.not_yet()
