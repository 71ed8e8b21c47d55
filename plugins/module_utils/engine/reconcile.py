# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a plan out: looks first, writes, waits for the tasks, reads back, and never leaves a doubt unspoken."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.api.client import (
    Call,
    Client,
    Response,
)
from ansible_collections.gcore.cloud.plugins.module_utils.clock import FIRST_LIMIT, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.context import (
    STALE_FOR,
    Context,
    Detached,
    Replan,
    Settings,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.lock import identity_lock
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import (
    PARENT_LATER,
    Plan,
    Step,
    Target,
    as_rows,
    wait_step,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.planner import Planner
from ansible_collections.gcore.cloud.plugins.module_utils.engine.reader import Reader
from ansible_collections.gcore.cloud.plugins.module_utils.engine.recovery import (
    Recovery,
    names_in,
    signature,
    texts_in,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import Finder
from ansible_collections.gcore.cloud.plugins.module_utils.engine.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.engine.secret_files import SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    ApiError,
    DuplicateError,
    GcoreError,
    LockedError,
    MissingOptions,
    NotFoundError,
    OptionError,
    StatusError,
    UnknownOutcome,
    WaitTimeout,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.schema.rows import close_names, describe_rows
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import (
    CHANGING,
    CREATING,
    DELETED,
    DELETING,
    FAILED,
    READY,
    UNDOCUMENTED,
    ResourceType,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import KNOWN_LATER, MISSING
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import next_poll
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import Task, seconds_between

GONE_WITHIN = 60.0
LOCKED_FOR = 300.0  # how long a lock is borne when the user sets no limit
MOST_ROUNDS = 8
TRANSIENT = (CREATING, CHANGING, DELETING)


class Engine:
    """One run of one module: brings one thing into the wanted state."""

    def __init__(
        self,
        resource: Resource,
        options: Mapping[str, Any],
        settings: Settings,
        client: Client,
        finder: Finder,
        poller: Poller,
        deadline: Deadline,
        report: Report,
        warn: Callable[[str], None],
        secrets: SecretFiles,
    ) -> None:
        self._context = Context(
            resource, dict(options), settings, client, finder, poller, deadline, report, warn, secrets
        )
        self._resource = resource
        self._options = self._context.options
        self._settings = settings
        self._client = client
        self._finder = finder
        self._poller = poller
        self._deadline = deadline
        self._report = report
        self._warn = warn
        self._secrets = secrets
        self._reader = Reader(self._context)
        self._recovery = Recovery(self._context, self._reader, self._fail, self._wait_for_lock)
        self._statuses = resource.type.statuses
        self._acts_done: set[str] = set()
        self._without_task = False  # whether a write of the present plan was accepted without a task
        self._unconfirmed: dict[str, tuple[Step, float]] = {}  # sent, and accepted without a task
        self._first_seen: Optional[str] = None
        self._locked_since: Optional[float] = None
        self._idled = 0.0  # seconds slept since the last write where no task told when a thing is free
        self._ended: set[str] = set()  # tasks that held a lock
        self._ended_at: Optional[float] = None  # when the last of them did
        self._failed: set[str] = set()  # creations that failed, and left something in a status of being made
        self._creation_task: Optional[str] = None  # the creation task that this run started
        self._is_there = False  # whether the thing was found
        self._done: list[Step] = []  # what this run has carried out, and would have to be told if it fails
        self._deletion_warning: Optional[str] = None  # what outlives the thing, once it is deleted
        self._usable: set[str] = set()  # references that have been checked
        self._warned: set[str] = set()

    # ------------------------------------------------------------- the runs

    def run(self) -> None:
        """Do what the state asks for; the outcome is in the report.

        A failure tells which steps of the run are done already: what they deleted does not come back.
        """
        try:
            self._run()
        except GcoreError as error:
            if self._done and self._report.pending:
                steps = ["%s (%s)" % (step, step.target.id) if step.target.id else str(step) for step in self._done]
                error.message += " Steps that were done before: %s." % "; ".join(steps)
                error.details["done"] = as_rows(self._done)
            raise

    def _run(self) -> None:
        if self._settings.check_mode and self._is_known_later():
            self._predict()
            return
        self._context.scope = self._finder.scope_ids(self._resource.type.scope)
        self._resource.hooks.check(self._options)
        job = self._absent_once if self._settings.state == "absent" else self._present_once
        with identity_lock(self._lock_name(), self._lock_deadline(), wanted=not self._settings.check_mode):
            self._context.extend(FIRST_LIMIT)
            rounds = 0
            while rounds < MOST_ROUNDS:
                try:
                    job()
                except Detached as detached:
                    if detached.warning:
                        self._warn(detached.warning)
                    return
                except Replan as again:
                    rounds += not again.locked  # a lock has its own time limit
                    continue
                if self._settings.state != "absent":
                    self._keep_secrets()
                return
        raise UnknownOutcome(
            "After %d rounds %s is still not as wanted." % (MOST_ROUNDS, self._reader.label()),
            "Look at it and run the task again.",
        )

    def _lock_deadline(self) -> Deadline:
        """Whoever holds the lock of this identity may be making the thing: that long it is borne."""
        if self._settings.wait_timeout is not None:
            return self._deadline
        return Deadline(self._client.clock, self._resource.creation(self._options).timeout)

    def _lock_name(self) -> str:
        identity = self._reader.identity()
        key = self._options.get("id") or (identity and [str(self._options[name]) for name in identity.options])
        return repr((self._client.api_url, sorted(self._context.scope.items()), self._resource.name, key))

    def _is_known_later(self) -> bool:
        """Check mode: whether the thing is one that an earlier task of the play is going to make."""
        return any(self._options.get(name) == KNOWN_LATER for name in ("id", self._resource.type.name_field))

    def _predict(self) -> None:
        """Check mode, for a thing that an earlier task of the play is going to make: all that can be said is that it changes."""
        self._report.changed = self._settings.state != "absent"
        fields = [item for item in self._resource.fields if item.name in self._options and not item.no_log]
        self._report.after = {item.name: self._options[item.name] for item in fields}
        row = Planner(self._resource, self._options, self._finder.resolve).predicted(self._settings.state)
        self._report.row = self._placed(row)
        self._warn("%s is not there yet: check mode plans as if it were." % self._reader.label())

    def _placed(self, row: Optional[dict[str, Any]]) -> Optional[dict[str, Any]]:
        """A predicted row with the project and region of the run."""
        scope = self._finder.scope_ids(self._resource.type.scope)
        return row and {**row, **{name: number for name, number in scope.items() if name in row}}

    def _cannot_create(self, error: MissingOptions) -> GcoreError:
        """The options name a resource that does not exist, and are not enough to create it: a mistyped name, perhaps."""
        resource_type = self._resource.type
        hints = [error.sentence()]
        name = self._options.get("name")
        if name is not None:
            close = close_names(resource_type, self._finder.list(resource_type), str(name))
            hints[:0] = ["Did you mean %s?" % close] if close else []
        return MissingOptions(
            "There is no %s%s." % (self._reader.label(), self._finder.place(resource_type)), " ".join(hints)
        )

    def _keep_secrets(self) -> None:
        """Put away the secrets that can be read now; in check mode, say whether that would change anything."""
        detached = [task for task in self._report.tasks if not task.is_final]
        identifier = (self._report.row or {}).get(self._resource.type.id_field)
        if self._settings.check_mode and not self._is_there:
            self._secrets.predict(self._options, self._settings.wait)
            return
        if identifier and not detached and not self._report.pending:
            self._secrets.after_run(str(identifier), self._settings.check_mode)
        elif detached:
            self._secrets.not_yet()

    def _present_once(self) -> None:
        self._recovery.new_round()
        identity = self._reader.identity()
        row = self._settled(self._reader.find(identity))
        if row is None and "id" in self._options:
            raise NotFoundError(
                "There is no %s with the id %s%s."
                % (self._resource.type.noun, self._options["id"], self._finder.place(self._resource.type)),
                "Correct id, or omit it to create a new one.",
            )
        if row is None and identity is None:
            raise OptionError(
                "Cannot identify the %s." % self._resource.type.noun,
                "Set %s." % " or ".join(" and ".join(options) for options in self._resource.identifying),
            )
        if row is None and any(each.always and each.name == self._settings.state for each in self._resource.states):
            if self._settings.check_mode:
                self._predict()
                return
            raise NotFoundError(
                "There is no %s." % self._reader.label(),
                "state: %s needs an existing one; state: present creates one." % self._settings.state,
            )
        if row is None and not self._settings.check_mode:
            row = self._settled(self._recovery.before_creation())
        if row is not None:
            self._recovery.adopt_found(row)
        self._report.row = row
        self._is_there = row is not None
        snapshot = None if row is None else self._reader.snapshot(row)
        target = self._reader.target(row)
        planner = Planner(
            self._resource, self._options, self._finder.resolve, self._settings.recreate, self._reader.add_related_read
        )
        group = self._statuses.group(row)
        broken = row is not None and (self._may_recreate(row, group) or self._has_failed(row))
        try:
            plan = planner.present(snapshot, target, self._settings.state, broken)
        except MissingOptions as error:
            if row is not None:
                raise
            if self._settings.check_mode:
                self._predict()
                return
            raise self._cannot_create(error) from error
        except StatusError as error:
            if row is None or self._settings.check_mode or not self._settings.wait:
                raise
            if group == CHANGING:
                self._until_settled(target.resource.type, str(target), str(target.id), self._reader.read)
            elif row.get("task_id"):
                self._wait_for_unlock(error, self._reader.read(str(target.id)))
            else:
                raise
            raise Replan(locked=True) from error
        self._report.pending = []
        plan.steps = [step for step in plan.steps if not (step.once and str(step) in self._acts_done)]
        self._note_plan(plan)
        for warning in plan.warnings:
            self._warn_once(warning)
        self._check_references(plan)
        if any(step.destroys and step.target.resource is self._resource for step in plan.steps):
            self._remember_orphans(row)
        if any(step.creates and step.target is target for step in plan.steps):
            self._secrets.before_creation(self._options)
        if self._settings.check_mode:
            self._warn_of_orphans_of_sub_resources(plan)
            self._report.changed = bool(plan.rest(-1))
            self._report.row = self._placed(plan.predicted) if plan.rest(-1) else self._reader.whole(row)
            self._predict_pending(plan)
            return
        self._wait_for_current_reads(plan)
        self._adopt(plan)
        self._wait_until_free(plan, row)
        self._wait_for_statuses(plan, target, group)
        self._confirm(plan)
        self._recovery.before_sub_resources(plan)
        if not plan.steps:
            self._report.row = self._reader.whole(row)
        elif self._carry_out(plan):
            if self._unconfirmed:
                raise Replan
            self._read_back(plan, target)
            if plan.later:
                raise Replan

    def _absent_once(self) -> None:
        try:
            identity = self._reader.identity()
            if identity is None and "id" not in self._options:
                raise OptionError(
                    "Cannot identify the %s." % self._resource.type.noun,
                    "Set id or %s." % " or ".join(" and ".join(options) for options in self._resource.identifying),
                )
            row = self._reader.find(identity)
        except NotFoundError as error:
            if error.details.get("scope"):
                raise
            row = None  # what it would belong to is not there
        if row is not None and self._statuses.group(row) == DELETING:
            self._first_seen = self._first_seen or self._reader.own_id(row)
            self._report.row = row
            if self._settings.wait and not self._settings.check_mode:
                self._until_gone(str(row[self._resource.type.id_field]), adopts=True)
            elif not self._settings.check_mode:
                self._report_task(row)
            self._report.pending = []
            self._warn_of_orphans()
            return
        if row is not None and not self._settings.check_mode and self._settings.wait:
            row = self._settled(row, broken_is_fine=True)
        if row is not None:
            # What is deleted is the thing first seen: another one of its name may be somebody else's new one.
            # Where the name is what the paths want, it is not what tells two apart.
            identifier = self._reader.own_id(row)
            self._first_seen = self._first_seen or identifier
            if identifier != self._first_seen:
                self._report.pending = []
                self._adopt(Plan())
                return
        snapshot = None if row is None else self._reader.snapshot(row)
        target = self._reader.target(row)
        planner = Planner(self._resource, self._options, self._finder.resolve, read=self._reader.add_related_read)
        plan = planner.absent(snapshot, target)
        self._report.pending = []
        self._note_plan(plan)
        self._report.row = row or self._report.row
        if plan.steps:
            self._remember_orphans(row)
        if self._settings.check_mode:
            self._report.changed = bool(plan.steps)
            self._predict_pending(plan)
            return
        if not plan.steps:
            self._warn_of_orphans()
        self._adopt(plan)
        self._wait_until_free(plan, row)
        if plan.steps and self._carry_out(plan):
            self._until_gone(str(target.id))

    def _remember_orphans(self, row: Optional[Mapping[str, Any]]) -> None:
        """What outlives the resource that is deleted, be it for good or to be re-created: told when it is deleted."""
        self._deletion_warning = self._resource.hooks.deletion_warning(self._options, row) if row is not None else None
        if self._settings.check_mode:
            self._warn_of_orphans()

    def _warn_of_orphans(self) -> None:
        if self._deletion_warning:
            self._warn(self._deletion_warning)
        self._deletion_warning = None

    def _warn_of_orphans_of_sub_resources(self, plan: Plan) -> None:
        """Check mode: what is still billed after children are removed."""
        for step in plan.steps + plan.later:
            if step.deletion_warning:
                self._warn(step.deletion_warning)

    def _predict_pending(self, plan: Plan) -> None:
        """Check mode with wait: false: the run stops behind the first step that starts a task."""
        first = next((index for index, step in enumerate(plan.steps) if step.action.task is not None), None)
        if not self._settings.wait and first is not None:
            self._leave_pending(plan, first)

    # ------------------------------------------------------- what goes on now

    def _settled(self, row: Optional[dict[str, Any]], broken_is_fine: bool = False) -> Optional[dict[str, Any]]:
        """The thing once it is no longer being made or deleted; None when it is gone. Raises StatusError for a failed one."""
        resource = self._resource
        while row is not None:
            self._report.row = row
            group = self._statuses.group(row)
            if group == DELETED:
                return None
            if group == UNDOCUMENTED and not self._statuses.documented:
                self._warn_once(
                    "%s is in status %s, which is not documented." % (self._reader.label(), self._statuses.of(row))
                )
                return row
            if group in (FAILED, UNDOCUMENTED):
                if not (broken_is_fine or self._state_decides or self._may_recreate(row, group)):
                    raise self._bad_status(row)
                return row
            if self._settings.check_mode:
                return self._predicted_status(row, group)
            if group not in (CREATING, DELETING) or self._has_failed(row):
                return row
            if not self._settings.wait:
                self._report_task(row)
                if self._is_being_created(row) and not broken_is_fine:
                    raise Detached(
                        "The creation of %s is going on already; this run started nothing." % self._reader.label()
                    )
                raise StatusError(
                    "%s (%s) is in status %s."
                    % (self._reader.label(), row[resource.type.id_field], self._statuses.of(row)),
                    "Wait for it with gcore.cloud.task_wait, or leave wait at true.",
                    id=row[resource.type.id_field],
                )
            self._context.extend(300 if group == DELETING else resource.creation(self._options).timeout)
            self._wait_for_lock(row, failure_is_fine=broken_is_fine or self._settings.recreate)
            if self._is_being_created(row) and not self._has_failed(row):
                self._report.changed = True
            row = self._finder.get(resource.type, resource.read_path, str(row[resource.type.id_field]))
        return None

    def _predicted_status(self, row: dict[str, Any], group: str) -> Optional[dict[str, Any]]:
        """Check mode: the row as it will be when its present operation has ended."""
        if group == DELETING:
            return None
        if group in (CREATING, CHANGING):
            row = {**row, str(self._statuses.path): self._statuses.ready[0]}
        return row

    @property
    def _state_decides(self) -> bool:
        """Whether the wanted state itself says from which statuses it can be reached."""
        return any(each.name == self._settings.state for each in self._resource.states)

    def _may_recreate(self, row: Mapping[str, Any], group: str) -> bool:
        """Whether recreate replaces what is in this status: only where no data can be lost."""
        if group != FAILED or not self._settings.recreate:
            return False
        if self._statuses.of(row) in self._statuses.holds_nothing:
            return True
        creator = row.get("creator_task_id")
        task = self._task(str(creator)) if creator else None
        return task is not None and task.is_final and not task.is_finished and not task.is_unknown

    def _bad_status(self, row: Mapping[str, Any]) -> StatusError:
        """What to raise for a resource in a failed or undocumented status."""
        status = self._statuses.of(row)
        if self._statuses.group(row) == UNDOCUMENTED:
            hint = "This status is not documented. Check the resource; state: absent deletes it."
        elif self._settings.recreate:
            hint = (
                "recreate: true does not replace it, for its creation is not known to have failed, and data would be lost. "
                "Save what is needed and delete it with state: absent."
            )
        elif status in self._statuses.holds_nothing:
            hint = "Check it; state: absent deletes it, recreate: true deletes it and creates a new one."
        else:
            hint = (
                "Check it; state: absent deletes it, with its data. "
                "recreate: true replaces it only if its creation has failed."
            )
        identifier = row[self._resource.type.id_field]
        return StatusError("%s (%s) is in status %s." % (self._reader.label(), identifier, status), hint, id=identifier)

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._warn(text)

    def _check_references(self, plan: Plan) -> None:
        """What the planned requests refer to must be usable: wait for what is being created; raises StatusError for the rest."""
        texts = {text for step in plan.steps for text in (*texts_in(step.body), *step.action.path.split("/"))}
        for value, reference in plan.references.items():
            resource_type = reference.type
            row = (
                self._finder.referenced(resource_type, reference.given)
                if value in texts and value not in self._usable
                else None
            )
            if row is None:
                continue
            self._usable.add(value)
            label = "%s: %s '%s'" % (reference.option, resource_type.noun, reference.given)
            identifier = str(row[resource_type.id_field])
            group = resource_type.statuses.group(row)
            if group == CREATING and self._settings.check_mode:
                continue
            if group == CREATING and self._settings.wait:
                read = partial(self._finder.get, resource_type, resource_type.path + "/{id}")
                row = self._until_settled(resource_type, label, identifier, read)
                group = resource_type.statuses.group(row)
            if row is not None and group not in (READY, CHANGING):
                raise StatusError(
                    "%s (%s) is in status %s." % (label, identifier, resource_type.statuses.of(row)),
                    "It can be used in status %s." % " or ".join(resource_type.statuses.ready),
                    id=identifier,
                )

    def _until_settled(
        self, resource_type: ResourceType, label: str, identifier: str, read: Callable[[str], Optional[dict[str, Any]]]
    ) -> Optional[dict[str, Any]]:
        """Wait until a resource is no longer being created, changed or deleted; returns it, or None when it is gone."""
        row: Optional[dict[str, Any]] = None

        def status() -> Optional[str]:
            nonlocal row
            row = read(identifier)
            return resource_type.statuses.of(row) if resource_type.statuses.group(row) in TRANSIENT else None

        self._context.extend(LOCKED_FOR)
        if not self._poller.watch(status, self._deadline, identifier):
            raise self._status_timeout(label, identifier, resource_type.statuses.of(row))
        return row

    def _status_timeout(self, label: str, identifier: Optional[str], status: Optional[str]) -> WaitTimeout:
        return WaitTimeout(
            "Timed out after %d s waiting for %s (%s), which is in status %s."
            % (self._deadline.seconds, label, identifier, status),
            "Run the task again, with a longer wait_timeout if this takes longer.",
            id=identifier,
        )

    def _wait_for_statuses(self, plan: Plan, target: Target, group: str) -> None:
        """Nothing is sent, and nothing is reported as done, while another operation is in progress; raises PlanAgain when it has waited."""
        if self._state_decides:  # what it cannot be reached from has been refused
            group = READY
        if group != CHANGING and not plan.unsettled:
            return
        if not self._settings.wait:
            for child, status in plan.unsettled:
                if status in child.resource.type.statuses.deleting:
                    raise StatusError(
                        "%s (%s) of %s is in status %s." % (child, child.id, child.top, status),
                        "Run the task again when it is gone, or leave wait at true.",
                        id=child.id,
                    )
            if not plan.steps:
                waits = [target] if group == CHANGING else []
                waits += [child for child, _status in plan.unsettled]
                self._report.pending = as_rows([wait_step(each) for each in waits])
            return
        if group == CHANGING:
            self._until_settled(target.resource.type, str(target), str(target.id), self._reader.read)
        self._until_sub_resources_settle([child for child, _status in plan.unsettled])
        raise Replan(locked=True)

    def _until_sub_resources_settle(self, sub_resources: list[Target]) -> None:
        """Wait until no child is being created, changed or deleted; raises StatusError for a failed one."""
        last: Optional[tuple[Target, Optional[str]]] = None

        def status() -> Optional[str]:
            nonlocal last
            self._reader.refresh()
            for child in sub_resources:
                row = self._reader.read_sub_resource(child)
                statuses = child.resource.type.statuses
                last = (child, statuses.of(row))
                if statuses.group(row) in TRANSIENT:
                    return last[1]
                if statuses.group(row) == FAILED:
                    raise StatusError(
                        "%s (%s) of %s is in status %s." % (child, child.id, child.top, last[1]),
                        "Check it; delete it to have it re-created.",
                        id=child.id,
                    )
            return None

        if not sub_resources:
            return
        self._context.extend(LOCKED_FOR)
        if not self._poller.watch(status, self._deadline, str(sub_resources[0].id)) and last:
            raise self._status_timeout("%s of %s" % (last[0], last[0].top), last[0].id, last[1])

    def _confirm(self, plan: Plan) -> None:
        """What was accepted without a task is done when a read shows it, and so is no longer planned.

        Raises PlanAgain while a read may lag behind, StatusError when it was not applied, UnderWay with wait: false.
        """
        planned = {signature(step) for step in plan.steps}
        for name, (step, sent) in list(self._unconfirmed.items()):
            if name not in planned:
                self._report.changed = True
                del self._unconfirmed[name]
                continue
            age = self._context.now - sent
            if not self._settings.wait:
                self._report.changed = True
                self._report.pending = plan.pending(-1)
                raise Detached("The API has accepted to %s, and does not show it yet." % step)
            if age >= STALE_FOR:
                raise StatusError(
                    "The API accepted to %s (%s) without starting a task, and has not done it after %d s."
                    % (step, step.target.id, age),
                    "Check the values: it may keep others.",
                    id=step.target.id,
                )
            self._context.extend(STALE_FOR)
            self._deadline.sleep(min(10.0, max(1.0, age)))
            raise Replan(locked=True)

    def _is_being_created(self, row: Mapping[str, Any]) -> bool:
        """Whether it is its creation that goes on: another task may show the same status."""
        creating = self._statuses.group(row) == CREATING
        return creating and row.get("task_id") in (None, row.get("creator_task_id"))

    def _has_failed(self, row: Mapping[str, Any]) -> bool:
        """Whether it is what a failed creation has left, though it may look as if it were being made."""
        return row.get("creator_task_id") in self._failed

    def _report_task(self, row: Mapping[str, Any]) -> None:
        """Put the task that works on the thing into the result, so that gcore.cloud.task_wait can wait for it."""
        creating = self._is_being_created(row)
        holder = row.get("task_id") or (row.get("creator_task_id") if creating else None)
        if not holder:
            return
        self._context.tell(self._task(str(holder)))

    def _task(self, task_id: str) -> Task:
        """A task as the API shows it now."""
        task = Task(task_id)
        shown = self._finder.get(self._resource.type, "/cloud/v1/tasks/{id}", task_id)
        if shown is not None:
            self._poller.take(task, shown, self._client.date)
        return task

    def _wait_for_lock(self, row: Optional[Mapping[str, Any]], failure_is_fine: bool = False) -> Optional[Task]:
        """Wait for the task that holds the thing, or a little while if none is shown.

        Raises when its creation has failed, or when the task is in a state that says nothing of its end.
        """
        row = row or {}
        creating = self._is_being_created(row)
        holder = row.get("task_id") or (row.get("creator_task_id") if creating else None)
        ended = holder in self._ended or any(task.id == holder and task.is_final for task in self._report.tasks)
        if holder and not ended:
            task = Task(str(holder))
            if creating:
                self._context.tell(task)
            self._context.wait([task])
            if task.is_unknown and not failure_is_fine:
                self._context.tell(task)
                raise task.failure()
            self._ended_at = self._context.now
            self._ended.add(holder)  # shown once more it is a stale read, and waited for no longer
            if creating and not task.is_finished:
                self._failed.add(task.id)
                if not failure_is_fine:
                    self._fail(task)
            return task
        if self._deadline.remaining() <= 0:
            raise self._status_timeout(
                self._reader.label(), row.get(self._resource.type.id_field), self._statuses.of(row)
            )
        pause = next_poll(None, self._idled)
        self._idled += pause
        self._deadline.sleep(pause)
        return None

    def _adopt(self, plan: Plan) -> None:
        """What other runs had started and this one has waited for is taken for ours, if it has done what was planned."""
        planned = {signature(step) for step in plan.steps}
        for task, name in self._recovery.adopted:
            if task.is_finished and name not in planned:
                self._context.tell(task)
                self._report.changed = True
            elif task.is_final and not name and not plan.steps:  # the part is there, and was not made well
                self._context.tell(task)
                self._fail(task)
        self._recovery.adopted = []

    def _wait_until_free(self, plan: Plan, row: Optional[Mapping[str, Any]]) -> None:
        """Whatever holds the thing is waited for before anything is sent: a run that was killed may have started what is planned.

        Where nothing is planned, a part that is still being made is waited for. Raises PlanAgain when it has waited.
        """
        holder = (row or {}).get("task_id")
        if not holder or holder in self._ended:
            return
        if not (self._settings.wait if plan.steps else self._reader.parts()):
            return
        task = self._task(str(holder))
        names = [signature(step) for step in plan.steps if self._recovery.may_be(task, step)]
        if not plan.steps:
            creates_sub_resource = self._creates_sub_resource(task)
            names = [""] if creates_sub_resource else []
            if creates_sub_resource is False:
                return
        if task.is_final and not task.is_unknown:  # a row that lags behind: nothing ends in this run
            names = []
        if not self._settings.wait:
            self._context.tell(*([task] if names else []))
            return
        locked = LockedError("%s is locked by task %s." % (self._reader.label(), holder), 409, task_id=holder)
        try:
            holding = self._wait_for_unlock(locked, row)
        except LockedError:
            self._context.tell(*([task] if names else []))
            raise
        self._recovery.adopted = [(holding or task, name) for name in names]
        raise Replan(locked=True)

    def _creates_sub_resource(self, task: Task) -> Optional[bool]:
        """Whether a task makes a part that the options name; None where it does not tell which one it makes."""
        parts = self._reader.parts()
        if task.type is None or all(child.creation(options).task != task.type for child, options in parts):
            return False
        names = names_in(task.row.get("data"))
        return any(options.get("name") in names for _child, options in parts) if names else None

    def _wait_for_current_reads(self, plan: Plan) -> None:
        """Plan again what this run has done only where a read lags behind (docs/api-notes.md: Locks and consistency); raises PlanAgain."""
        ledger = self._recovery.ledger
        step = ledger.repeated(plan)
        if step is None:
            return
        age = ledger.age(step, self._context.now)
        if age < STALE_FOR:
            self._context.extend(STALE_FOR)
            self._deadline.sleep(min(10.0, max(1.0, age)))
            raise Replan(locked=True)
        if step.creates:
            raise StatusError(
                "%s was made, but after %d s the API does not show it." % (step.target, age),
                "Look at its task and run the task again.",
            )
        ledger.forget(step)

    # ------------------------------------------------------------ the writing

    def _note_plan(self, plan: Plan) -> None:
        self._report.note_plan(plan.before, plan.after, plan.not_compared)
        if plan.steps:
            self._context.extend(plan.timeout)

    def _carry_out(self, plan: Plan) -> bool:
        """Send the steps in order, each after the tasks of the one before; False when the rest is left for later."""
        self._recovery.ledger.plan(plan)
        self._without_task = False
        for index, step in enumerate(plan.steps):
            if step.creates and step.target.resource is self._resource:
                self._recovery.about_to_create(step)
            before = self._client.date
            writes = self._client.writes
            self._report.pending = plan.pending(index - 1)
            call = self._call(step)
            try:
                answer = self._client.write(call, self._deadline)
                none_is_new = step.creates and answer.status != 204 and not answer.task_ids
                if step.action.task and (none_is_new or not answer.names_tasks):
                    raise UnknownOutcome("%s was answered without a task." % call)
            except LockedError as error:
                self._met_lock(step, error)
                raise Replan(locked=True) from error
            except UnknownOutcome as error:
                self._report.changed = self._report.changed or self._client.writes > writes
                try:
                    self._recovery.recover(step, call, before, error)
                except Detached:
                    self._report.pending = plan.pending(index)
                    self._deleted(step)
                    raise
                if step.destroys and step.target.resource is self._resource and self._recovery.ledger.has_done(step):
                    # Its task has ended. To plan again would find what a read that lags behind still shows.
                    self._deleted(step)
                    self._done.append(step)
                    self._wait_between(step, plan, index)
                    continue
                raise Replan from error
            except ApiError as error:
                if error.status == 409 and self._reads_may_lag():
                    self._deadline.sleep(10.0)
                    raise Replan(locked=True) from error
                if error.status == 409 and self._is_in_progress(step):
                    self._met_lock(step, error)
                    raise Replan(locked=True) from error
                if not (step.destroys and error.status == 404):
                    raise
                self._deleted(step)
                continue  # gone already, by another hand or by the request before this one
            self._locked_since, self._idled = None, 0.0
            self._report.pending = plan.pending(index)
            tasks = [self._poller.started(task_id, step.action.task) for task_id in answer.task_ids]
            if not tasks and step.once:
                tasks = self._task_of(step)
            # An update may be accepted without a task (docs/api-notes.md: Locks and consistency): a read tells whether it was done.
            done = bool(tasks) or not step.action.task or step.destroys or step.once
            self._report.changed = self._report.changed or done
            child = step.target.parent is not None
            self._without_task = self._without_task or not tasks
            if not tasks and not step.creates and not step.once and (child or not done):
                self._unconfirmed[signature(step)] = (step, self._context.now)
            self._report.tasks.extend(tasks)
            if step.once:
                self._acts_done.add(str(step))
            if step.destroys and step.target.resource is self._resource and self._settings.state != "absent":
                self._report.row = None
            if step.creates and step.target.resource is self._resource:
                self._creation_task = tasks[0].id if tasks else None
            self._learn_id(step, answer, tasks)
            if tasks and not self._settings.wait:
                self._deleted(step)
                self._without_waiting(step, plan, index)
                return False
            if tasks:
                self._context.wait(tasks)
                for task in tasks:
                    if not task.is_finished:
                        self._fail(task, step)
                self._learn_id(step, answer, tasks)
            self._deleted(step)
            if tasks or not step.action.task:
                self._done.append(step)
                self._recovery.ledger.done(step, self._context.now)
            if tasks:
                self._ensure_id(step, plan, index, tasks[-1])
            self._wait_between(step, plan, index)
        self._report.pending = []
        return True

    def _deleted(self, step: Step) -> None:
        """A resource is deleted, or its deletion has started."""
        if step.deletion_warning:
            self._warn(step.deletion_warning)
        if step.destroys and step.target.resource is self._resource:
            self._warn_of_orphans()
            self._report.row = self._report.row if self._settings.state == "absent" else None

    def _wait_between(self, step: Step, plan: Plan, index: int) -> None:
        """Wait until a deleted resource is gone before what comes next, which would find two of one name."""
        if step.destroys and step.target.resource is self._resource and step.target.id and index + 1 < len(plan.steps):
            self._until_gone(step.target.id)

    def _reads_may_lag(self) -> bool:
        """Whether the task of another run has just ended: what it did may be planned once more, and be refused."""
        return self._ended_at is not None and self._context.now - self._ended_at < STALE_FOR

    def _call(self, step: Step) -> Call:
        names = dict(self._context.scope)
        if step.target.id is not None:
            names["id"] = step.target.id
        if step.target.parent is not None and step.target.parent.id is not None:
            names["parent_id"] = step.target.parent.id
        body = step.body
        if isinstance(body, Mapping):
            body = {key: names["parent_id"] if value == PARENT_LATER else value for key, value in body.items()}
        return Call(step.action.method, step.action.path, step.query, body).fill(**names)

    def _learn_id(self, step: Step, answer: Response, tasks: list[Task]) -> None:
        """The id of what a step has made, from the answer, the task, or the name where the name is the id."""
        resource_type = step.target.resource.type
        if not step.creates:
            return
        if resource_type.id_field == resource_type.name_field:
            step.target.id = str(step.body[resource_type.name_field]) if step.body else None
        elif not tasks and isinstance(answer.body, Mapping) and resource_type.id_field in answer.body:
            step.target.id = str(answer.body[resource_type.id_field])
            if step.target.resource is self._resource:
                self._report.row = answer.body
                self._secrets.after_creation(answer.body)
        else:
            for task in tasks:
                ids = (task.created or {}).get(resource_type.created_key or "")
                if ids:
                    step.target.id = str(ids[0])
        if step.target.resource is self._resource and self._report.row is None and step.target.id:
            self._report.row = {
                resource_type.id_field: step.target.id,
                resource_type.name_field: self._options.get("name"),
            }

    def _ensure_id(self, step: Step, plan: Plan, index: int, task: Task) -> None:
        """The id of what was made, where the finished task does not name it; raises PlanAgain when what comes next needs it and it is not to be seen."""
        resource_type = step.target.resource.type
        if not step.creates:
            return
        if step.target.resource is not self._resource:
            self._identify_sub_resource(step, task)
        elif step.target.id is None and plan.rest(index):
            stop, pause = self._context.now + STALE_FOR, 1.0
            while step.target.id is None and self._context.now < stop:
                rows = self._own_rows()
                for row in rows:
                    self._is_ours(row, step.target, len(rows) == 1)
                if step.target.id is None:
                    self._deadline.sleep(pause)
                    pause = min(10.0, pause * 2)
        self._reader.sub_resources_seen.update(
            str(each) for each in task.created.get(resource_type.created_key or "") or []
        )
        if step.target.id is None and plan.rest(index):
            raise Replan

    def _identify_sub_resource(self, step: Step, task: Task) -> None:
        """Name the part that a task has made, where the task does not: the new one among its parent's."""
        resource_type = step.target.resource.type
        if (
            not resource_type.created_key
            or task.created.get(resource_type.created_key)
            or not str(task.type).startswith("create_")
        ):
            return
        stop, pause = self._context.now + STALE_FOR, 1.0
        while True:
            new = self._reader.new_sub_resources(step.target)
            mine = [row for row in new if row.get("creator_task_id") == task.id]
            mine = mine or [row for row in new if row.get("creator_task_id") is None]
            if len(mine) == 1:
                step.target.id = str(mine[0][resource_type.id_field])
                task.created = {**task.created, resource_type.created_key: [str(mine[0].get("id") or step.target.id)]}
            left = min(stop - self._context.now, self._deadline.remaining())
            if mine or left <= 0:
                return
            self._client.clock.sleep(min(pause, left))
            pause = min(10.0, pause * 2)

    def _leave_pending(self, plan: Plan, index: int) -> None:
        """wait: false: the steps behind the one that starts a task are left for the next run."""
        self._report.pending = plan.pending(index)
        if self._report.pending:
            self._warn(
                "%d step(s) are left for the next run: %s."
                % (len(self._report.pending), ", ".join(str(each) for each in plan.rest(index)))
            )

    def _without_waiting(self, step: Step, plan: Plan, index: int) -> None:
        """wait: false: one task is started; say what is left, and look whether somebody made the same."""
        self._leave_pending(plan, index)
        if step.creates and step.target.resource is self._resource:
            rows = self._own_rows()
            mine = [row for row in rows if row.get("creator_task_id") == self._creation_task]
            row = mine[0] if mine else without_unknown({**(plan.predicted or {}), self._resource.type.id_field: None})
            self._report.row = row
            self._check_for_duplicates(rows, row if mine else {})
            if self._creation_task:
                self._check_for_duplicate_tasks(self._creation_task)

    def _task_of(self, step: Step) -> list[Task]:
        """The task of an act whose response names none, where its target shows it."""
        row = self._reader.read(str(step.target.id))
        self._report.row = row or self._report.row
        holder = (row or {}).get("task_id")
        return [Task(str(holder), step.action.task)] if holder and holder not in self._ended else []

    def _is_in_progress(self, step: Step) -> bool:
        """Whether a refused step met an operation in progress, which its target's status shows."""
        top = step.target.top.id
        if top is None or not self._statuses.path:
            return False
        return self._statuses.group(self._reader.read(top)) in (CREATING, CHANGING)

    def _met_lock(self, step: Step, error: ApiError) -> None:
        if not self._settings.wait:
            error.hint = "Another task is at work on it. Run the task again later, or leave wait at true."
            raise error
        top = step.target.top.id
        self._wait_for_unlock(error, None if top is None else self._reader.read(top))

    def _wait_for_unlock(self, error: GcoreError, row: Optional[Mapping[str, Any]]) -> Optional[Task]:
        """Wait for the task that holds a thing; raises the error when that takes too long."""
        now = self._context.now
        self._locked_since = now if self._locked_since is None else self._locked_since
        elapsed = now - self._locked_since
        error.hint = "It stayed locked for %d s." % elapsed
        if self._settings.wait_timeout is None and elapsed >= LOCKED_FOR:
            raise error
        self._context.extend(LOCKED_FOR)
        try:
            task = self._wait_for_lock(row)
        except WaitTimeout as timeout:
            error.hint = "It stayed locked until the time limit of %d s." % self._deadline.seconds
            raise error from timeout
        self._context.extend(LOCKED_FOR)
        return task

    # -------------------------------------------------------------- the after

    def _own_rows(self) -> list[dict[str, Any]]:
        identity = self._reader.identity()
        return self._reader.rows(identity) if identity else []

    def _check_for_duplicates(self, rows: list[dict[str, Any]], mine: Mapping[str, Any]) -> None:
        """Another controller may have made the same at the same time: two are never left unreported."""
        resource_type = self._resource.type
        others = [row for row in rows if row.get(resource_type.id_field) != mine.get(resource_type.id_field)]
        others = [row for row in others if row.get("creator_task_id") != self._creation_task or not self._creation_task]
        if not others:
            return
        both = describe_rows(resource_type, rows)
        ids = [str(row[resource_type.id_field]) for row in rows]
        ages = [seconds_between(mine.get("created_at"), row.get("created_at")) for row in others]
        if all(age is not None and age > 0 for age in ages):
            self._warn("There is another, newer %s: %s. Nothing was deleted." % (self._reader.label(), both))
            return
        raise DuplicateError(
            "Somebody else made %s at the same time: %s." % (self._reader.label(), both),
            "Nothing was deleted: keep one, and delete the other by its id.",
            ids=ids,
        )

    def _check_for_duplicate_tasks(self, task_id: str) -> None:
        """What is not listed before it is done is seen by its creation alone."""
        mine, *others = self._recovery.duplicate_tasks(task_id)
        if not others:
            return
        tasks = ", ".join(task.id for task in (mine, *others))
        ages = [seconds_between(mine.started, task.started) for task in others]
        if all(age is not None and age > 0 for age in ages):
            self._warn("Somebody else makes another %s, a newer one (tasks %s)." % (self._reader.label(), tasks))
            return
        raise DuplicateError(
            "Somebody else makes %s at the same time (tasks %s)." % (self._reader.label(), tasks),
            "Nothing was deleted: when both are done, keep one, and delete the other by its id.",
            task_ids=[task.id for task in (mine, *others)],
        )

    def _read_back(self, plan: Plan, target: Target) -> None:
        """The thing as it is after the run: its status is waited for, and a read that lags behind its finished task is repeated."""
        created = any(step.creates and step.target is target for step in plan.steps)
        predicted = plan.predicted or {}
        wanted = self._statuses.of(predicted) if self._statuses.path in plan.after else None
        stale_since = self._context.now
        row: Optional[dict[str, Any]] = None

        def unfinished() -> Optional[str]:
            nonlocal row, stale_since
            row = self._row_after(target, created)
            self._report.row = row or self._report.row
            group, status = self._statuses.group(row), self._statuses.of(row)
            if group in (DELETING, DELETED):
                raise Replan
            if group == FAILED or (group == UNDOCUMENTED and self._statuses.documented):
                raise self._bad_status(row or {})
            if group in TRANSIENT or (row is not None and wanted not in (None, status)):
                stale_since = self._context.now
                return status
            is_settled = row is not None and self._is_settled(plan, row, created)
            return None if is_settled or self._context.now - stale_since >= STALE_FOR else "stale"

        if self._settings.wait:
            self._report.pending = as_rows([wait_step(target)])
            self._context.extend(STALE_FOR)
            self._poller.watch(unfinished, self._deadline, str(target.id))
        else:
            unfinished()
        group, status = self._statuses.group(row), self._statuses.of(row)
        if row is not None and (group in TRANSIENT or wanted not in (None, status)):
            self._report.pending = as_rows([wait_step(target)])
            if self._settings.wait:
                raise self._status_timeout(self._reader.label(), target.id, status)
            return
        self._report.pending = []
        if row is None and self._settings.wait:
            raise StatusError(
                "%s was made, but the API does not show it (id %s)." % (self._reader.label(), target.id),
                "Look at its task and run the task again.",
                id=target.id,
            )
        if row is not None and not self._is_settled(plan, row, created):
            if self._settings.wait and self._without_task:
                raise StatusError(
                    "The API accepted the changes of %s, and after %d s it still shows older values."
                    % (self._reader.label(), STALE_FOR),
                    "Check the values: it may keep others.",
                    id=target.id,
                )
            self._warn(
                "The API still shows older values of %s; run the task again to see the new ones." % self._reader.label()
            )
        if self._settings.wait:
            self._until_sub_resources_settle(
                list(
                    {
                        str(step.target.id): step.target
                        for step in plan.steps
                        if step.target.parent is not None
                        and step.target.id is not None
                        and not step.destroys
                        and step.target.resource.type.statuses.path
                    }.values()
                )
            )

    def _row_after(self, target: Target, created: bool) -> Optional[dict[str, Any]]:
        """The thing of this run as the API shows it now; None when it does not."""
        if not created or self._reader.identity() is None or "id" in self._options:
            return None if target.id is None else self._reader.read(target.id)
        rows = self._own_rows()
        row = next((each for each in rows if self._is_ours(each, target, len(rows) == 1)), None)
        if row is None:
            return None
        self._check_for_duplicates(rows, row)
        self._report.row = row
        return self._reader.whole(row) or row

    def _is_ours(self, row: Mapping[str, Any], target: Target, alone: bool) -> bool:
        """Whether a row is what this run has made; a finished task may not name it (created_resources null).

        A row may not name its creator either (security groups): then it is the only one there is.
        """
        key = self._resource.type.id_field
        ours = (
            row["creator_task_id"] == self._creation_task if "creator_task_id" in row else alone and target.id is None
        )
        if self._creation_task and ours:
            target.id = target.id or str(row[key])
            self._recovery.name_created(row, self._creation_task)
        return target.id is not None and str(row.get(key)) == target.id

    def _is_settled(self, plan: Plan, row: Mapping[str, Any], created: bool) -> bool:
        """Whether a response shows the values that the run has set."""
        predicted = plan.predicted or {}
        if created:
            return True
        for item in self._resource.fields:
            if item.name in plan.after and item.is_compared and not (item.api.read or "").startswith("_"):
                expected = item.value_in(predicted)
                if expected is not MISSING and not item.shows(expected, item.value_in(row)):
                    return False
        return True

    def _until_gone(self, identifier: str, adopts: bool = False) -> None:
        """Absent is done when the thing's own path answers 404; ``takes_up``: the deletion of another run is taken for ours."""
        stop = self._context.now + GONE_WITHIN
        pause = 1.0
        while True:
            row = self._finder.get(self._resource.type, self._resource.read_path, identifier)
            if row is None or self._statuses.group(row) == DELETED:
                return
            if self._first_seen not in (None, self._reader.own_id(row)):
                return  # another one has the name by now
            if row.get("task_id"):
                task = self._wait_for_lock(row)
                if task is not None and task.is_finished and adopts:
                    self._context.tell(task)
                    self._report.changed = True
                continue
            if self._context.now >= stop or self._deadline.remaining() <= 0:
                raise StatusError(
                    "%s (%s) is still there after its deletion ended." % (self._reader.label(), identifier),
                    "Look at it and run the task again.",
                    id=identifier,
                )
            self._deadline.sleep(pause)
            pause = min(10.0, pause * 2)

    def _fail(self, task: Task, step: Optional[Step] = None) -> None:
        """Raise for a task that did not finish well, with what its creation left behind."""
        failure = task.failure()
        if step is None or step.creates:
            self._report.leftovers.extend(self._left_by(task))
        if self._report.leftovers:
            failure.hint = " ".join(each for each in (self._what_to_do_with_leftovers(), failure.hint) if each)
        raise failure

    def _what_to_do_with_leftovers(self) -> str:
        """How to go on after a creation that failed and left something behind."""
        left = ["%s %s" % (each["resource"].replace("_", " "), each["id"]) for each in self._report.leftovers]
        text = "It left behind: %s (see leftovers)." % ", ".join(left)
        if all(each["resource"] != self._resource.name for each in self._report.leftovers):
            return text + " Delete that, and run the task again."
        if self._statuses.can_fail:
            return text + " Run the task with recreate: true to replace it, or with state: absent to delete it."
        # Only the task of the creation shows that it failed; reading it would cost a request in every unchanged run.
        return text + " Delete it with state: absent before you run the task again, which would take it as it is."

    def _left_by(self, task: Task) -> list[dict[str, Any]]:
        """What a failed creation left, found by creator_task_id; never the reason for another failure.

        Where rows do not name their creator (security groups), it is what appeared under our identity meanwhile.
        """
        found: list[dict[str, Any]] = []
        seen = set(self._reader.seen)
        for resource_type in (self._resource.type, *self._resource.hooks.may_orphan):
            try:
                rows = self._finder.list(resource_type)
            except GcoreError as error:
                self._warn(
                    "Whether the failed task left a %s behind could not be seen: %s"
                    % (resource_type.noun, error.message)
                )
                continue
            found.extend(leftover(resource_type, row) for row in rows if row.get("creator_task_id") == task.id)
            identity = self._reader.identity() if resource_type is self._resource.type else None
            if identity is not None and any("creator_task_id" not in row for row in rows):
                wanted = self._reader.wanted(identity)
                new = [row for row in rows if self._reader.own_id(row) not in seen and self._reader.fits(row, wanted)]
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


def without_unknown(value: Any) -> Any:
    """A predicted row in the result of a run that does not wait: null in place of what is known later."""
    if isinstance(value, Mapping):
        return {name: without_unknown(each) for name, each in value.items()}
    if isinstance(value, list):
        return [without_unknown(each) for each in value]
    return None if value == KNOWN_LATER else value
