# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries a plan out: looks first, writes, waits for the tasks, reads back, and never leaves a doubt unspoken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.client import Answer, Call, Client
from ansible_collections.gcore.cloud.plugins.module_utils.clock import FIRST_LIMIT, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    AmbiguousError,
    DoubtfulWrite,
    DuplicateError,
    GcoreError,
    LockedError,
    NotFoundError,
    OptionError,
    StatusError,
    WaitTimeout,
)
from ansible_collections.gcore.cloud.plugins.module_utils.lock import identity_lock
from ansible_collections.gcore.cloud.plugins.module_utils.plan import (
    PARENT_LATER,
    Plan,
    Planner,
    Snapshot,
    Step,
    Subject,
    action_of,
)
from ansible_collections.gcore.cloud.plugins.module_utils.references import KNOWN_LATER, Finder, of_id, tell_apart
from ansible_collections.gcore.cloud.plugins.module_utils.resource import (
    MISSING,
    Children,
    Identity,
    Kind,
    Resource,
    View,
    dig,
)
from ansible_collections.gcore.cloud.plugins.module_utils.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.schedule import next_look
from ansible_collections.gcore.cloud.plugins.module_utils.secret_files import SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.tasks import Task, Waiter, seconds_between

QUIET = 60.0  # how long after a doubtful write a trace of it may still show up (DESIGN, section 3)
STALE_FOR = 120.0  # how long a read may lag behind a finished task (gcore-api.md A8)
GONE_WITHIN = 60.0
LOCKED_FOR = 300.0  # how long a lock is borne when the user sets no limit
MOST_ROUNDS = 8


@dataclass(frozen=True)
class Settings:
    """How a run goes about it. ``wait_timeout`` None: the sum over the planned steps."""

    state: str = "present"
    wait: bool = True
    wait_timeout: Optional[float] = None
    recreate: bool = False
    check_mode: bool = False


class PlanAgain(Exception):
    """What the plan was made from no longer holds: look and plan again."""

    def __init__(self, locked: bool = False) -> None:
        super().__init__()
        self.locked = locked


class UnderWay(Exception):
    """wait: false, and the thing is being made by a task that is in the report already: nothing more is to be done."""


class Engine:
    """One run of one module: brings one thing into the wanted state."""

    def __init__(
        self,
        resource: Resource,
        options: Mapping[str, Any],
        settings: Settings,
        client: Client,
        finder: Finder,
        waiter: Waiter,
        deadline: Deadline,
        report: Report,
        warn: Callable[[str], None],
        secrets: SecretFiles,
    ) -> None:
        self._secrets = secrets
        self._resource = resource
        self._options = dict(options)
        self._settings = settings
        self._client = client
        self._finder = finder
        self._waiter = waiter
        self._deadline = deadline
        self._report = report
        self._warn = warn
        self._resent = False
        self._acts_done: set[str] = set()
        self._first_seen: Optional[str] = None
        self._locked_since: Optional[float] = None
        self._ended: set[str] = set()  # tasks that held a lock
        self._failed: set[str] = set()  # creations that failed, and left something in a status of being made
        self._scope: dict[str, Any] = {}
        self._made_here: Optional[str] = None  # the creation task that this run started
        self._is_there = False  # whether the thing was found
        self._lists: dict[str, list[dict[str, Any]]] = {}  # what one look at the thing has read so far
        self._taken: set[tuple[str, str]] = set()

    # ------------------------------------------------------------- the runs

    def run(self) -> None:
        """Do what the state asks for; the outcome is in the report."""
        if self._settings.check_mode and self._is_known_later():
            self._foretell()
            return
        self._scope = self._finder.scope_ids(self._resource.kind.scope)
        if self._resource.check:
            self._resource.check(self._options)
        job = self._absent_once if self._settings.state == "absent" else self._present_once
        with identity_lock(self._lock_name(), self._lock_deadline(), wanted=not self._settings.check_mode):
            self._extend(FIRST_LIMIT)
            rounds = 0
            while rounds < MOST_ROUNDS:
                try:
                    job()
                except UnderWay:
                    self._warn("The creation of %s is going on already; this run started nothing." % self._label())
                    return
                except PlanAgain as again:
                    rounds += not again.locked  # a lock has its own time limit
                    continue
                if self._settings.state != "absent":
                    self._keep_secrets()
                return
        raise DoubtfulWrite(
            "After %d rounds %s is still not as wanted." % (MOST_ROUNDS, self._label()),
            "Look at it and run the task again.",
        )

    def _is_known_later(self) -> bool:
        """Check mode: whether the thing is one that an earlier task of the play is going to make."""
        return any(self._options.get(name) == KNOWN_LATER for name in ("id", self._resource.kind.name_field))

    def _foretell(self) -> None:
        """Check mode, for a thing that an earlier task of the play is going to make: all that can be said is that it changes."""
        self._report.changed = self._settings.state != "absent"
        fields = [item for item in self._resource.fields if item.name in self._options and not item.secret]
        self._report.after = {item.name: self._options[item.name] for item in fields}
        self._report.row = {self._resource.kind.id_field: KNOWN_LATER, **self._report.after}
        self._warn("%s is not there yet: check mode plans as if it were." % self._label())

    def _keep_secrets(self) -> None:
        """Put away the secrets that can be read now; in check mode, say whether that would change anything."""
        under_way = [task for task in self._report.tasks if not task.is_final]
        identifier = (self._report.row or {}).get(self._resource.kind.id_field)
        if self._settings.check_mode and not self._is_there:
            return
        if identifier and not under_way and not self._report.pending:
            self._secrets.after_run(str(identifier), self._settings.check_mode)
        elif under_way:
            self._secrets.not_yet(self._warn)

    def _present_once(self) -> None:
        identity = self._identity()
        row = self._settled(self._find(identity))
        if row is None and "id" in self._options:
            raise NotFoundError(
                "There is no %s with the id %s%s."
                % (self._resource.kind.words, self._options["id"], self._finder.place(self._resource.kind)),
                "Leave id out to have one made, or correct it.",
            )
        if row is None and identity is None:
            raise OptionError(
                "Nothing says which %s is meant." % self._resource.kind.words,
                "Give %s." % " or ".join(" and ".join(each.options) for each in self._resource.identities),
            )
        if row is None and any(each.always and each.name == self._settings.state for each in self._resource.states):
            if self._settings.check_mode:
                self._foretell()
                return
            raise NotFoundError(
                "There is no %s." % self._label(),
                "state: %s is about one that is there; present makes one." % self._settings.state,
            )
        if row is None and not self._settings.check_mode:
            self._adopt()
        self._report.row = row
        self._is_there = row is not None
        snapshot = None if row is None else self._snapshot(row)
        subject = self._subject(row)
        planner = Planner(self._resource, self._options, self._finder.resolve, self._settings.recreate)
        broken = row is not None and (
            str(dig(row, self._resource.status)) in self._resource.broken or self._has_failed(row)
        )
        try:
            plan = planner.present(snapshot, subject, self._settings.state, broken)
        except StatusError as error:
            # A status on the way to another one: the task that leads there still runs.
            if row is None or not row.get("task_id") or self._settings.check_mode or not self._settings.wait:
                raise
            self._bear_lock(error, subject.id)
            raise PlanAgain(locked=True) from error
        self._report.pending = []
        plan.steps = [step for step in plan.steps if not (step.once and str(step) in self._acts_done)]
        self._note(plan)
        if any(step.destroys and step.subject.resource is self._resource for step in plan.steps):
            self._warn_of_what_stays(row)
        if any(step.creates and step.subject is subject for step in plan.steps):
            self._secrets.before_creation(self._options)
        if self._settings.check_mode:
            self._report.changed = bool(plan.rest(-1))
            self._report.row = plan.predicted if plan.rest(-1) else self._whole(row)
        elif not plan.steps:
            self._report.row = self._whole(row)
        elif self._carry_out(plan):
            self._read_back(plan, subject)
            if plan.later:
                raise PlanAgain

    def _absent_once(self) -> None:
        try:
            identity = self._identity()
            if identity is None and "id" not in self._options:
                raise OptionError(
                    "Nothing says which %s is meant." % self._resource.kind.words,
                    "Give id, or %s." % " or ".join(" and ".join(each.options) for each in self._resource.identities),
                )
            row = self._find(identity)
        except NotFoundError as error:
            if error.details.get("scope"):
                raise
            row = None  # what it would belong to is not there
        if row is not None and str(row.get(self._resource.status)) in self._resource.deleting:
            self._report.row = row
            if self._settings.wait and not self._settings.check_mode:
                self._until_gone(str(row[self._resource.kind.id_field]))
            elif not self._settings.check_mode:
                self._tell_task(row)
            return
        if row is not None and not self._settings.check_mode and self._settings.wait:
            row = self._settled(row, broken_is_fine=True)
        if row is not None:
            # What is deleted is the thing first seen: another one of its name may be somebody else's new one.
            # Where the name is what the paths want, it is not what tells two apart.
            identifier = str(row.get("id") or row[self._resource.kind.id_field])
            self._first_seen = self._first_seen or identifier
            if identifier != self._first_seen:
                self._report.pending = []
                return
        snapshot = None if row is None else self._snapshot(row)
        subject = self._subject(row)
        planner = Planner(self._resource, self._options, self._finder.resolve)
        plan = planner.absent(snapshot, subject)
        self._report.pending = []
        self._note(plan)
        self._report.row = row or self._report.row
        if plan.steps:
            self._warn_of_what_stays(row)
        if self._settings.check_mode:
            self._report.changed = bool(plan.steps)
        elif plan.steps and self._carry_out(plan):
            self._until_gone(str(subject.id))

    def _warn_of_what_stays(self, row: Optional[Mapping[str, Any]]) -> None:
        """What outlives the thing that goes now, be it for good or to be made anew."""
        left = self._resource.remains(self._options, row) if self._resource.remains and row is not None else None
        if left:
            self._warn(left)

    # ----------------------------------------------------------------- find

    def _identity(self) -> Optional[Identity]:
        """The way of finding that the options allow; None where none does (or the id is given)."""
        return next((identity for identity in self._resource.identities if self._is_given(identity)), None)

    def _is_given(self, identity: Identity) -> bool:
        return all(self._options.get(name) not in (None, {}, "") for name in identity.options)

    def _find(self, identity: Optional[Identity]) -> Optional[dict[str, Any]]:
        """The thing as the API shows it now; raises AmbiguousError when several fit."""
        if self._options.get("id") is not None:
            row = self._read(str(self._options["id"]))
            if row is None and self._settings.state == "absent":
                # A mistyped region also answers 404: its list does not.
                self._finder.list(self._resource.kind)
            return row
        rows = self._rows(identity) if identity else []
        if identity and not rows and self._settings.state != "absent":
            rows = self._spare_rows(identity)
        if len(rows) > 1:
            kind = self._resource.kind
            raise AmbiguousError(
                "%d %s fit %s: %s." % (len(rows), kind.plural_words, self._label(), tell_apart(kind, rows)),
                "Give the id of the one that is meant.",
                ids=[str(row.get(kind.id_field)) for row in rows],
            )
        return rows[0] if rows else None

    def _read(self, identifier: str) -> Optional[dict[str, Any]]:
        """The thing with this id, as much of it as the API shows; None when there is none."""
        if self._resource.has_item:
            return self._finder.get(self._resource.kind, self._resource.read_path, identifier)
        return of_id(self._resource.kind, self._finder.list(self._resource.kind), identifier)

    def _spare_rows(self, identity: Identity) -> list[dict[str, Any]]:
        """What a weaker identity finds, and its description lets us take, before another one is made."""
        for other in self._resource.identities:
            if other.spare and other is not identity and self._is_given(other):
                return other.spare(self._options, self._rows(other))
        return []

    def _rows(self, identity: Identity) -> list[dict[str, Any]]:
        """Everything that fits an identity, in all statuses."""
        kind = self._resource.kind
        wanted: dict[str, Any] = {}
        query: dict[str, Any] = {}
        for name in identity.options:
            item = self._resource.field(name)
            value = self._options[name]
            if item.ref and str(value) not in item.words:
                value = self._finder.resolve(item.ref, value)
                if value == KNOWN_LATER:
                    return []
            if item.filter:
                query[item.filter] = value
            wanted[name] = value
        by_name = wanted.get("name")
        rows = self._finder.named(kind, by_name, query) if by_name is not None else self._finder.list(kind, query)
        return [row for row in rows if all(self._fits(row, name, value) for name, value in wanted.items())]

    def _fits(self, row: Mapping[str, Any], name: str, value: Any) -> bool:
        item = self._resource.field(name)
        current = dig(row, item.read_id) if item.read_id else item.value_in(row)
        return current is not MISSING and bool((item.identifies or item.same)(value, current))

    def _subject(self, row: Optional[Mapping[str, Any]]) -> Subject:
        kind = self._resource.kind
        label = self._options.get("name") or self._options.get("id") or (row or {}).get(kind.name_field) or ""
        return Subject(self._resource, None if row is None else str(row[kind.id_field]), label=str(label))

    def _label(self) -> str:
        words = self._resource.kind.words
        for name in ("name", "id"):
            if self._options.get(name) is not None:
                return "%s %s'%s'" % (words, "" if name == "name" else "id ", self._options[name])
        identity = self._identity()
        return (
            "%s with %s" % (words, ", ".join("%s=%s" % (n, self._options[n]) for n in identity.options))
            if identity
            else words
        )

    def _lock_deadline(self) -> Deadline:
        """Whoever holds the lock of this identity may be making the thing: that long it is borne."""
        if self._settings.wait_timeout is not None:
            return self._deadline
        return Deadline(self._client.clock, action_of(self._resource.create, self._options).timeout)

    def _lock_name(self) -> str:
        identity = self._identity()
        key = self._options.get("id") or (identity and [str(self._options[name]) for name in identity.options])
        return repr((self._client.api_url, sorted(self._scope.items()), self._resource.name, key))

    def _whole(self, row: Optional[dict[str, Any]]) -> Optional[dict[str, Any]]:
        """The row with what only a read by id shows."""
        if row is None or self._resource.list_is_whole or "id" in self._options:
            return row
        whole = self._finder.get(self._resource.kind, self._resource.read_path, str(row[self._resource.kind.id_field]))
        return row if whole is None else {**row, **whole}

    # ------------------------------------------------------------- snapshots

    def _snapshot(self, row: dict[str, Any]) -> Snapshot:
        """The thing with those views and children that the options speak of."""
        self._lists, self._taken = {}, set()
        identifier = str(row[self._resource.kind.id_field])
        for view in self._resource.views:
            deleting = view.on_absent and (self._settings.state == "absent" or self._settings.recreate)
            if deleting or any(name in self._options for name in view.options):
                row[view.name] = view.pick(row, self._view_rows(view, identifier, row))
        snapshot = Snapshot(row)
        for children in self._resource.children if self._settings.state != "absent" else ():
            wanted = children.wanted_of(self._options)
            if wanted is not None:
                snapshot.children[children.option] = self._children(children, wanted, identifier, identifier)
        snapshot.taken = frozenset(self._taken)
        return snapshot

    def _child_rows(self, children: Children, parent_id: str, top_id: str) -> list[dict[str, Any]]:
        """The children of one parent; a list that serves several parents is read once."""
        ids = {"parent_id": parent_id, "top_id": top_id}
        query = {name: value.format(**ids) for name, value in children.list_query.items()}
        call = Call("GET", children.list_path, query).fill(**ids, **self._scope)
        rows = self._listed(call)
        if children.unique:
            kind = children.resource.kind
            self._taken.update((kind.name, str(row[kind.name_field])) for row in rows)
        return [row for row in rows if children.belongs is None or children.belongs(parent_id, row)]

    def _listed(self, call: Call, paged: bool = True) -> list[dict[str, Any]]:
        """A list, read once in one look at the thing."""
        key = str((call.path, sorted(call.query.items())))
        if key not in self._lists:
            self._lists[key] = self._client.list(call, self._deadline, paged)
        return self._lists[key]

    def _children(
        self, children: Children, wanted: list[Mapping[str, Any]], parent_id: str, top_id: str
    ) -> list[Snapshot]:
        rows = self._child_rows(children, parent_id, top_id)
        for row in rows:
            if children.shape:
                children.shape(row)
        for view in children.views:
            removing = view.on_absent and self._options.get(children.purge or "")
            if removing or any(name in options for options in wanted for name in view.options):
                more = self._view_rows(view, parent_id, {})
                for row in rows:
                    row[view.name] = view.pick(row, more)
        found = []
        for row in rows:
            snapshot = Snapshot(row)
            for deeper in children.resource.children:
                inner = [options for options in wanted if deeper.wanted_of(options) is not None]
                if inner:
                    identifier = str(row[children.resource.kind.id_field])
                    snapshot.children[deeper.option] = self._children(
                        deeper,
                        [each for options in inner for each in deeper.wanted_of(options) or []],
                        identifier,
                        top_id,
                    )
            found.append(snapshot)
        return found

    def _view_rows(self, view: View, identifier: str, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        query = {name: value.format(id=identifier, row=row) for name, value in view.query.items()}
        call = Call("GET", view.path, query).fill(id=identifier, parent_id=identifier, **self._scope)
        return self._listed(call, view.paged)

    # ------------------------------------------------------- what goes on now

    def _settled(self, row: Optional[dict[str, Any]], broken_is_fine: bool = False) -> Optional[dict[str, Any]]:
        """The thing once it is no longer being made or deleted; None when it is gone."""
        resource = self._resource
        while row is not None:
            self._report.row = row
            status = str(dig(row, resource.status))
            if status in resource.broken and not broken_is_fine and not self._settings.recreate:
                raise StatusError(
                    "%s (%s) is in status %s." % (self._label(), row[resource.kind.id_field], status),
                    "Look at it; state: absent deletes it, recreate: true deletes it and makes it anew.",
                    id=row[resource.kind.id_field],
                )
            if (
                status not in resource.creating + resource.deleting
                or self._settings.check_mode
                or self._has_failed(row)
            ):
                return row
            if not self._settings.wait:
                self._tell_task(row)
                if self._is_being_made(row) and not broken_is_fine:
                    raise UnderWay
                raise StatusError(
                    "%s (%s) is in status %s." % (self._label(), row[resource.kind.id_field], status),
                    "Wait for it with gcore.cloud.task_wait, or leave wait at true.",
                    id=row[resource.kind.id_field],
                )
            self._extend(300 if status in resource.deleting else action_of(resource.create, self._options).timeout)
            self._wait_for_lock(row, failure_is_fine=broken_is_fine or self._settings.recreate)
            if self._is_being_made(row) and not self._has_failed(row):
                self._report.changed = True
            row = self._finder.get(resource.kind, resource.read_path, str(row[resource.kind.id_field]))
        return None

    def _is_being_made(self, row: Mapping[str, Any]) -> bool:
        """Whether it is its creation that goes on: another task may show the same status."""
        creating = str(dig(row, self._resource.status)) in self._resource.creating
        return creating and row.get("task_id") in (None, row.get("creator_task_id"))

    def _has_failed(self, row: Mapping[str, Any]) -> bool:
        """Whether it is what a failed creation has left, though it may look as if it were being made."""
        return row.get("creator_task_id") in self._failed

    def _tell_task(self, row: Mapping[str, Any]) -> None:
        """Put the task that works on the thing into the result, so that gcore.cloud.task_wait can wait for it."""
        creating = self._is_being_made(row)
        holder = row.get("task_id") or (row.get("creator_task_id") if creating else None)
        if not holder:
            return
        task = Task(str(holder))
        self._report.tasks.append(task)
        shown = self._finder.get(self._resource.kind, "/cloud/v1/tasks/{id}", task.id)
        if shown is not None:
            self._waiter.take(task, shown, self._client.date)

    def _wait_for_lock(
        self, row: Optional[Mapping[str, Any]], elapsed: float = 0.0, failure_is_fine: bool = False
    ) -> None:
        """Wait for the task that holds the thing, or a little while if none is shown; raises when its creation has failed."""
        row = row or {}
        creating = self._is_being_made(row)
        holder = row.get("task_id") or (row.get("creator_task_id") if creating else None)
        ended = holder in self._ended or any(task.id == holder and task.is_final for task in self._report.tasks)
        if holder and not ended:
            task = Task(str(holder))
            self._report.tasks.append(task) if creating else None
            self._waiter.wait([task], self._deadline)
            self._ended.add(holder)  # shown once more it is a stale read, and waited for no longer
            if task.is_final and not creating:
                return
            if creating and not task.is_finished:
                self._failed.add(task.id)
                if not failure_is_fine:
                    self._fail(task)
            return
        if self._deadline.remaining() <= 0:
            raise WaitTimeout("%s was not free after %d s." % (self._label(), self._deadline.seconds))
        self._deadline.sleep(next_look(None, elapsed))

    def _adopt(self) -> None:
        """Take up creations of our kind that run now; returns when there are none that could be ours.

        One that shows our name is waited for and taken for ours; one that shows no name could be ours: wait, look again.
        Raises PlanAgain when it has waited, UnderWay or LockedError when it may not.
        """
        action = action_of(self._resource.create, self._options)
        if not action.task or "region_id" not in self._scope:
            return
        tasks = self._active(action.task)
        ours = [task for task in tasks if self._shows_us(task.row)]
        unclear = [task for task in tasks if self._shows_us(task.row) is None]
        if not ours and not unclear:
            return
        if not self._settings.wait:
            if ours:
                self._report.tasks.extend(ours)
                raise UnderWay
            raise LockedError(
                "A creation that may be %s is going on (task %s)." % (self._label(), unclear[0].id),
                409,
                "Run the task again when it has ended, or leave wait at true.",
            )
        self._extend(action.timeout)
        self._report.tasks.extend(ours)
        self._waiter.wait(ours or unclear, self._deadline, scope=self._task_scope())
        if any(task.is_finished for task in ours):
            self._report.changed = True
            self._until_shown()
        # Other people's creations may follow each other for long: that is no round of ours, and the deadline ends it.
        raise PlanAgain(locked=True)

    def _until_shown(self) -> None:
        """What a finished creation has made may be listed late (gcore-api.md A8): until then it would be made twice."""
        identity = self._identity()
        stop = self._client.clock.now() + STALE_FOR
        pause = 1.0
        while identity and not self._rows(identity) and self._client.clock.now() < stop:
            self._deadline.sleep(pause)
            pause = min(10.0, pause * 2)

    def _active(self, task_type: str) -> list[Task]:
        """The tasks of a type that go on now in this project and region."""
        call = Call("GET", "/cloud/v1/tasks/{project_id}/{region_id}/active", {"task_type": [task_type]})
        rows = self._client.list(call.fill(**self._scope), self._deadline)
        tasks = []
        for row in rows:
            task = Task(str(row["id"]))
            self._waiter.take(task, row, self._client.date)
            if not task.is_final:
                tasks.append(task)
        return tasks

    def _shows_us(self, row: Mapping[str, Any]) -> Optional[bool]:
        """Whether a creation task is one of our name; None when it does not tell."""
        data = row.get("data")
        names = []
        if isinstance(data, Mapping):
            names = [data[key] for key in ("name", "cluster_name") if isinstance(data.get(key), str)]
            names += [each for each in data.get("names") or [] if isinstance(each, str)]
        wanted = self._options.get("name")
        if not names or wanted is None:
            return None
        return wanted in names

    def _task_scope(self) -> dict[str, Any]:
        return {key: self._scope[key] for key in ("project_id", "region_id") if key in self._scope}

    # ------------------------------------------------------------ the writing

    def _note(self, plan: Plan) -> None:
        self._report.note_plan(plan.before, plan.after, plan.not_compared)
        if plan.steps:
            self._extend(plan.timeout)

    def _extend(self, seconds: float) -> None:
        """Without a wait_timeout of the user's, the deadline grows with what is planned."""
        if self._settings.wait_timeout is None:
            self._deadline.extend_to(self._deadline.seconds - self._deadline.remaining() + seconds)

    def _carry_out(self, plan: Plan) -> bool:
        """Send the steps in order, each after the tasks of the one before; False when the rest is left for later."""
        for index, step in enumerate(plan.steps):
            before = self._client.date
            writes = self._client.writes
            self._report.pending = plan.pending(index - 1)
            try:
                answer = self._client.write(self._call(step), self._deadline)
                if step.creates and step.action.task and not answer.task_ids and answer.status != 204:
                    raise DoubtfulWrite("%s was answered without a task." % self._call(step))
            except LockedError as error:
                self._met_lock(step, error)
                raise PlanAgain(locked=True) from error
            except DoubtfulWrite as error:
                self._report.changed = self._report.changed or self._client.writes > writes
                self._recover_in_time(step, before, error)
                raise PlanAgain from error
            self._locked_since = None
            self._report.pending = plan.pending(index)
            tasks = [self._waiter.started(task_id, step.action.task) for task_id in answer.task_ids]
            # A PATCH that changes nothing answers with an empty list of tasks (gcore-api.md A8).
            self._report.changed = self._report.changed or bool(tasks) or not step.action.task
            self._report.tasks.extend(tasks)
            if step.once:
                self._acts_done.add(str(step))
            if step.destroys and step.subject.resource is self._resource and self._settings.state != "absent":
                self._report.row = None
            if step.creates and step.subject.resource is self._resource:
                self._made_here = tasks[0].id if tasks else None
            self._learn_id(step, answer, tasks)
            if tasks and not self._settings.wait:
                self._without_waiting(step, plan, index)
                return False
            if tasks:
                self._waiter.wait(tasks, self._deadline, scope=self._task_scope())
                for task in tasks:
                    if not task.is_finished:
                        self._fail(task, step)
                self._learn_id(step, answer, tasks)
                self._make_sure_of_id(step, plan, index)
            if (
                step.destroys
                and step.subject.resource is self._resource
                and step.subject.id
                and index + 1 < len(plan.steps)
            ):
                self._until_gone(step.subject.id)  # else what comes next would find two of one name
        self._report.pending = []
        return True

    def _call(self, step: Step) -> Call:
        names = dict(self._scope)
        if step.subject.id is not None:
            names["id"] = step.subject.id
        if step.subject.parent is not None and step.subject.parent.id is not None:
            names["parent_id"] = step.subject.parent.id
        body = None if step.body is None else dict(step.body)
        for key, value in (body or {}).items():
            if value == PARENT_LATER:
                body[key] = names["parent_id"]  # type: ignore[index]
        return Call(step.action.method, step.action.path, step.query, body).fill(**names)

    def _learn_id(self, step: Step, answer: Answer, tasks: list[Task]) -> None:
        """The id of what a step has made, from the answer, the task, or the name where the name is the id."""
        kind = step.subject.resource.kind
        if not step.creates:
            return
        if kind.id_field == kind.name_field:
            step.subject.id = str(step.body[kind.name_field]) if step.body else None
        elif not tasks and isinstance(answer.body, Mapping) and kind.id_field in answer.body:
            step.subject.id = str(answer.body[kind.id_field])
            if step.subject.resource is self._resource:
                self._report.row = answer.body
                self._secrets.after_creation(answer.body)
        else:
            for task in tasks:
                ids = (task.created or {}).get(kind.created_key or "")
                if ids:
                    step.subject.id = str(ids[0])
        if step.subject.resource is self._resource and self._report.row is None and step.subject.id:
            self._report.row = {kind.id_field: step.subject.id, kind.name_field: self._options.get("name")}

    def _make_sure_of_id(self, step: Step, plan: Plan, index: int) -> None:
        """What comes next needs the id of what was made, and the finished task may not name it; raises PlanAgain when it is not to be seen."""
        if not step.creates or step.subject.id is not None or not plan.rest(index):
            return
        if step.subject.resource is self._resource:
            self._until_shown()
            rows = self._own_rows()
            for row in rows:
                self._is_ours(row, step.subject, len(rows) == 1)
        if step.subject.id is None:
            raise PlanAgain

    def _without_waiting(self, step: Step, plan: Plan, index: int) -> None:
        """wait: false: one task is started; say what is left, and look whether somebody made the same."""
        self._report.pending = plan.pending(index)
        if self._report.pending:
            self._warn(
                "%d step(s) are left for the next run: %s."
                % (len(self._report.pending), ", ".join(str(each) for each in plan.rest(index)))
            )
        if step.creates and step.subject.resource is self._resource:
            rows = self._own_rows()
            mine = [row for row in rows if row.get("creator_task_id") == self._made_here]
            row = mine[0] if mine else {**(plan.predicted or {}), self._resource.kind.id_field: None}
            self._report.row = row
            self._check_for_twins(rows, row if mine else {})

    def _met_lock(self, step: Step, error: LockedError) -> None:
        if not self._settings.wait:
            error.hint = "Another task is at work on it. Run the task again later, or leave wait at true."
            raise error
        self._bear_lock(error, step.subject.top.id)

    def _bear_lock(self, error: GcoreError, identifier: Optional[str]) -> None:
        """Wait for the task that holds a thing; raises the error when that takes too long."""
        now = self._client.clock.now()
        self._locked_since = now if self._locked_since is None else self._locked_since
        elapsed = now - self._locked_since
        error.hint = "It stayed locked for %d s." % elapsed
        if self._settings.wait_timeout is None and elapsed >= LOCKED_FOR:
            raise error
        self._extend(LOCKED_FOR)
        row = None
        if identifier is not None:
            row = self._finder.get(self._resource.kind, self._resource.read_path, identifier)
        try:
            self._wait_for_lock(row, elapsed)
        except WaitTimeout as timeout:
            error.hint = "It stayed locked until the time limit of %d s." % self._deadline.seconds
            raise error from timeout
        self._extend(LOCKED_FOR)

    # -------------------------------------------------------------- the doubt

    def _recover_in_time(self, step: Step, before: Optional[str], doubt: DoubtfulWrite) -> None:
        """Find out what came of a doubtful write; at the time limit it stays a doubt, unless its task is known."""
        try:
            self._recover(step, before, doubt)
        except WaitTimeout as timeout:
            if "task_id" in timeout.details:
                raise
            doubt.hint = (
                "The time limit of %d s ended before its outcome was known. Look before you run the task again."
                % (self._deadline.seconds)
            )
            raise doubt from timeout

    def _recover(self, step: Step, before: Optional[str], doubt: DoubtfulWrite) -> None:
        """After a write of which nobody knows whether it was taken: find out, or fail with what is known.

        Returns when planning again is safe.
        """
        if step.creates and step.subject.resource is self._resource:
            self._recover_creation(step, before, doubt)
            return
        if step.once:
            doubt.hint = "Whether it was carried out is not known; it is not repeated on its own."
            raise doubt
        if not step.action.task:
            return
        self._extend(QUIET + step.action.timeout)
        until = self._client.clock.now() + max(QUIET, self._client.timeout)
        while self._client.clock.now() < until:
            found = self._since(self._active(step.action.task), before) if "region_id" in self._scope else []
            top = step.subject.top
            if found:
                ids = [
                    str(top.id),
                    *(str(value) for key, value in (step.body or {}).items() if value and key.endswith("_id")),
                ]
                self._report.tasks.extend(
                    task for task in found if any(each in json.dumps(task.row.get("data")) for each in ids)
                )
                self._waiter.wait(found, self._deadline, scope=self._task_scope())
                return
            row = self._finder.get(self._resource.kind, self._resource.read_path, str(top.id))
            if row is None:
                return
            if row.get("task_id"):
                self._wait_for_lock(row)
                return
            if self._shows_done(step, row):
                return
            self._deadline.sleep(10)

    def _shows_done(self, step: Step, row: Mapping[str, Any]) -> bool:
        """Whether the thing already looks as the step would make it."""
        body = step.body or {}
        fields = [item for item in self._resource.fields if item.is_compared and item.body_name in body]
        return (
            bool(fields)
            and step.subject.parent is None
            and all(
                item.value_in(row) is not MISSING
                and not item.patch
                and item.same(body[item.body_name], item.value_in(row))
                for item in fields
            )
        )

    def _recover_creation(self, step: Step, before: Optional[str], doubt: DoubtfulWrite) -> None:
        """Look until a quiet time for what the doubtful request may have made."""
        identity = self._identity()
        kind = self._resource.kind
        self._extend(QUIET + step.action.timeout)
        until = self._client.clock.now() + max(QUIET, self._client.timeout)
        pause = 1.0
        while True:
            rows = self._rows(identity) if identity else []
            fresh = [row for row in rows if self._made_since(row, before)]
            if len(fresh) > 1:
                raise DuplicateError(
                    "%s After it, %d %s of this name appeared: %s."
                    % (doubt.message, len(fresh), kind.plural_words, tell_apart(kind, fresh)),
                    "One of them may be somebody else's: keep one, and delete the other.",
                    ids=[str(row[kind.id_field]) for row in fresh],
                )
            if fresh:
                self._adopt_row(fresh[0])
                lost = self._secrets.shown_once(self._options)
                if lost:
                    doubt.hint = "It made %s (%s), but nobody has its %s. Delete it with state: absent and run the task again." % (
                        self._label(), fresh[0][kind.id_field], " and ".join(lost),
                    )  # fmt: skip
                    raise doubt
                return
            active = (
                self._since(self._active(step.action.task), before)
                if step.action.task and "region_id" in self._scope
                else []
            )
            ours = [task for task in active if self._shows_us(task.row)]
            if ours or any(self._shows_us(task.row) is None for task in active):
                unclear = ours or [task for task in active if self._shows_us(task.row) is None]
                self._report.tasks.extend(ours)
                self._waiter.wait(unclear, self._deadline, scope=self._task_scope())
                for task in ours:
                    if not task.is_finished:
                        self._fail(task, step)
                if ours:
                    self._until_shown()
                continue
            if self._client.clock.now() >= until:
                break
            self._deadline.sleep(pause)
            pause = min(10.0, pause * 2)
        if identity is not None and not self._resent:
            self._resent = True
            return
        doubt.hint = (
            "No trace of it was found for %d s; it is not sent again. Look before you run the task again."
            % max(QUIET, self._client.timeout)
        )
        raise doubt

    def _adopt_row(self, row: Mapping[str, Any]) -> None:
        """A thing that our doubtful request made: wait for its creation."""
        creator = row.get("creator_task_id")
        self._report.row = row
        if creator and not any(task.id == creator for task in self._report.tasks):
            task = Task(str(creator))
            self._report.tasks.append(task)
            self._made_here = task.id
            self._waiter.wait([task], self._deadline)
            if not task.is_finished:
                self._fail(task)
        self._tell_created(row, creator)
        self._report.changed = True

    def _tell_created(self, row: Mapping[str, Any], creator: Optional[str]) -> None:
        """Name what its creation has made, where the finished task does not (created_resources null, or without the key)."""
        kind = self._resource.kind
        for task in self._report.tasks:
            if task.id == creator and kind.created_key and not task.created.get(kind.created_key):
                task.created = {**task.created, kind.created_key: [str(row.get("id") or row[kind.id_field])]}

    def _since(self, tasks: list[Task], before: Optional[str]) -> list[Task]:
        """Those that were made after a moment of the server's clock (whole seconds)."""
        return [task for task in tasks if (seconds_between(before, task.started) or 0.0) >= 0.0]

    def _made_since(self, row: Mapping[str, Any], before: Optional[str]) -> bool:
        creator = row.get("creator_task_id")
        if creator:
            answer = self._finder.get(self._resource.kind, "/cloud/v1/tasks/{id}", str(creator))
            if answer is not None:
                return (seconds_between(before, answer.get("created_on")) or 0.0) >= 0.0
        return (seconds_between(before, row.get("created_at")) or 0.0) >= 0.0

    # -------------------------------------------------------------- the after

    def _own_rows(self) -> list[dict[str, Any]]:
        identity = self._identity()
        return self._rows(identity) if identity else []

    def _check_for_twins(self, rows: list[dict[str, Any]], mine: Mapping[str, Any]) -> None:
        """Another controller may have made the same at the same time: two are never left unreported."""
        kind = self._resource.kind
        others = [row for row in rows if row.get(kind.id_field) != mine.get(kind.id_field)]
        others = [row for row in others if row.get("creator_task_id") != self._made_here or not self._made_here]
        if not others:
            return
        both = tell_apart(kind, rows)
        ids = [str(row[kind.id_field]) for row in rows]
        ages = [seconds_between(mine.get("created_at"), row.get("created_at")) for row in others]
        if all(age is not None and age > 0 for age in ages):
            self._warn("There is another, newer %s: %s. Nothing was deleted." % (self._label(), both))
            return
        raise DuplicateError(
            "Somebody else made %s at the same time: %s." % (self._label(), both),
            "Nothing was deleted: keep one, and delete the other by its id.",
            ids=ids,
        )

    def _read_back(self, plan: Plan, subject: Subject) -> None:
        """The thing as it is after the run; a read that lags behind its finished task is repeated."""
        created = any(step.creates and step.subject is subject for step in plan.steps)
        stop = self._client.clock.now() + STALE_FOR
        pause = 1.0
        while True:
            row = None
            if created and self._identity() is not None and "id" not in self._options:
                rows = self._own_rows()
                row = next((each for each in rows if self._is_ours(each, subject, len(rows) == 1)), None)
                if row is not None:
                    self._check_for_twins(rows, row)
                    self._report.row = row
                    row = self._whole(row) or row
            elif subject.id is not None:
                row = self._read(subject.id)
            if row is not None:
                self._report.row = row
                if self._is_settled(plan, row, created):
                    return
            left = min(stop - self._client.clock.now(), self._deadline.remaining())
            if left <= 0:
                break
            self._client.clock.sleep(min(pause, left))
            pause = min(10.0, pause * 2)
        if row is None:
            raise StatusError(
                "%s was made, but the API does not show it (id %s)." % (self._label(), subject.id),
                "Look at its task and run the task again.",
                id=subject.id,
            )
        self._warn("The API still shows older values of %s; run the task again to see the new ones." % self._label())

    def _is_ours(self, row: Mapping[str, Any], subject: Subject, alone: bool) -> bool:
        """Whether a row is what this run has made; a finished task may not name it (created_resources null).

        A row may not name its creator either (security groups): then it is the only one there is.
        """
        key = self._resource.kind.id_field
        ours = row["creator_task_id"] == self._made_here if "creator_task_id" in row else alone and subject.id is None
        if self._made_here and ours:
            subject.id = subject.id or str(row[key])
            self._tell_created(row, self._made_here)
        return subject.id is not None and str(row.get(key)) == subject.id

    def _is_settled(self, plan: Plan, row: Mapping[str, Any], created: bool) -> bool:
        """Whether an answer shows what the run has done."""
        status = str(dig(row, self._resource.status))
        if status in self._resource.creating:
            return False
        predicted = plan.predicted or {}
        if self._resource.status in plan.after and status != str(predicted.get(self._resource.status)):
            return False
        if created:
            return True
        for item in self._resource.fields:
            if (
                item.name in plan.after
                and item.is_compared
                and item.predictable
                and not (item.read or "").startswith("_")
            ):
                expected = item.value_in(predicted)
                if expected is not MISSING and not item.same(expected, item.value_in(row)):
                    return False
        return True

    def _until_gone(self, identifier: str) -> None:
        """Absent is done when the thing's own path answers 404."""
        stop = self._client.clock.now() + GONE_WITHIN
        pause = 1.0
        while True:
            row = self._finder.get(self._resource.kind, self._resource.read_path, identifier)
            if row is None or str(dig(row, self._resource.status)) in ("DELETED", "SOFT_DELETED"):
                return
            if row.get("task_id"):
                self._wait_for_lock(row)
                continue
            if self._client.clock.now() >= stop or self._deadline.remaining() <= 0:
                raise StatusError(
                    "%s (%s) is still there after its deletion ended." % (self._label(), identifier),
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
            failure.hint = "It left something behind: see leftovers. %s" % (
                failure.hint or "Delete it, or run the task again."
            )
        raise failure

    def _left_by(self, task: Task) -> list[dict[str, Any]]:
        """What a failed creation left, found by creator_task_id; never the reason for another failure."""
        found: list[dict[str, Any]] = []
        for kind in (self._resource.kind, *self._resource.leaves):
            try:
                rows = self._finder.list(kind)
            except GcoreError as error:
                self._warn(
                    "Whether the failed task left a %s behind could not be seen: %s" % (kind.words, error.message)
                )
                continue
            status = self._resource.status if kind is self._resource.kind else "status"
            found.extend(leftover(kind, row, status) for row in rows if row.get("creator_task_id") == task.id)
        return found


def leftover(kind: Kind, row: Mapping[str, Any], status: str) -> dict[str, Any]:
    """A row of the result's leftovers."""
    return {
        "kind": kind.name,
        "id": row.get(kind.id_field),
        "name": row.get(kind.name_field),
        "status": row.get(status),
    }
