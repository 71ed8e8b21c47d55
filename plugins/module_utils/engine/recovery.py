# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run cannot know without looking: what other runs are making, and what came of a write whose answer was lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Call
from ansible_collections.gcore.cloud.plugins.module_utils.engine.context import (
    STALE_FOR,
    Context,
    Detached,
    Replan,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import (
    Plan,
    Step,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.reader import Reader
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    DuplicateError,
    LockedError,
    StatusError,
    UnknownOutcome,
    WaitTimeout,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Action
from ansible_collections.gcore.cloud.plugins.module_utils.schema.rows import describe_rows
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType, has_id_form
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import MISSING
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import Task, seconds_between

QUIET = 60.0  # how long after a doubtful write a trace of it may still show up (DESIGN, section 3)
TASKS = "/cloud/v1/tasks"
PAGE = 100  # rows of one request for tasks, newest first
MOST_TASKS = 1000
RECENT = 7200.0  # tasks older than this are looked at only where the first page shows them
# A deletion without a task leaves no trace. A new resource may not be found for 20 s (docs/api-notes.md: Locks and consistency).
UNSEEN_FOR = 20.0


class Ledger:
    """What this run has carried out. A step that is planned once more is a sign of a read that lags behind."""

    def __init__(self) -> None:
        self._planned: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._done_at: dict[str, float] = {}

    def plan(self, plan: Plan) -> None:
        """Note how often each step is wanted."""
        self._planned |= Counter(map(signature, plan.steps))

    def done(self, step: Step, now: float) -> None:
        """Note that a step has been carried out."""
        self._done[signature(step)] += 1
        self._done_at[signature(step)] = now

    def has_done(self, step: Step) -> bool:
        """Whether a step has been carried out."""
        return self._done[signature(step)] > 0

    def repeated(self, plan: Plan) -> Optional[Step]:
        """The first step that has been carried out already, as often as it was wanted."""
        wanted = Counter(map(signature, plan.steps))
        for step in plan.steps:
            name = signature(step)
            if self._done[name] and wanted[name] > self._planned[name] - self._done[name]:
                return step
        return None

    def age(self, step: Step, now: float) -> float:
        """Seconds since the step was carried out."""
        return now - self._done_at[signature(step)]

    def forget(self, step: Step) -> None:
        """Let a step be carried out once more."""
        del self._done[signature(step)]


def signature(step: Step) -> str:
    """What is the same when a step is planned again; a new thing has no id, and so its place and name say which one it is."""
    target = step.target
    place = [str(target)] if step.creates else [str(target.id), json.dumps([step.body, step.query], sort_keys=True)]
    parent = target.parent
    while parent is not None:
        place.append(str(parent))
        parent = parent.parent
    return json.dumps([step.action.method, step.action.path, *place])


def creates_sub_resource(step: Step) -> bool:
    """Whether a step makes a part of what was there before, and not only attaches it."""
    parent = step.target.parent
    return step.creates and parent is not None and parent.id is not None and str(step.action.task).startswith("create_")


class Recovery:
    """Makes certain what was made, of one run.

    ``fail(task, step)`` raises for a task that did not finish well; ``wait_for_lock(row)`` waits for the task that holds a thing.
    """

    def __init__(
        self,
        context: Context,
        look: Reader,
        fail: Callable[[Task, Optional[Step]], None],
        wait_for_lock: Callable[[Optional[Mapping[str, Any]]], Optional[Task]],
    ) -> None:
        self._context = context
        self._resource = context.resource
        self._options = context.options
        self._settings = context.settings
        self._deadline = context.deadline
        self._reader = look
        self._fail = fail
        self._wait_for_lock = wait_for_lock
        self.ledger = Ledger()
        self._tasks_before: set[str] = set()  # creations of our type, as the last look before ours showed them
        self._knows_tasks = False  # whether that look was in this round
        self.adopted: list[tuple[Task, str]] = []  # tasks that were waited for, and the planned steps they may be
        self._checked_types: set[str] = set()  # types of tasks that make parts, of which nothing can be ours any more
        self._waited_for: dict[str, Task] = {}  # creations that went on before ours
        self._unknown_outcomes = 0
        self._ended_at: dict[str, float] = {}  # when this run first saw that a creation had finished
        self._resent: set[str] = set()
        self._own_creation_resent = False  # of the resource itself, not of one in it
        self._listed: Optional[dict[str, dict[str, Any]]] = None  # all things of our kind, read once in one look

    # ------------------------------------------------------- what tasks tell

    def _tasks(self, task_type: Optional[str]) -> list[Task]:
        """The tasks of a type in this project and region, newest first: what goes on, and what has ended lately.

        One request as a rule; more only where more than a page were started within the time that matters.
        """
        if not task_type or "region_id" not in self._context.scope:
            return []
        found = []
        for row in self._newest({"task_type": task_type}):
            task = Task(str(row["id"]))
            self._context.poller.take(task, row, self._context.client.date)
            found.append(task)
            if len(found) % PAGE == 0 and (self._age(task.started) > RECENT or len(found) >= MOST_TASKS):
                break
        return found

    def _newest(self, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        call = Call("GET", TASKS, {**self._context.scope, **query, "order_by": "desc"})
        return self._context.client.pages(call, self._deadline, PAGE)

    def _age(self, moment: Any) -> float:
        """Seconds from a moment of the server's clock until its last answer; 0 where one of the two is not known."""
        return seconds_between(moment, self._context.client.date) or 0.0

    def _names_us(self, task: Task) -> Optional[bool]:
        """Whether a creation task is one of our name; None when it does not tell."""
        data = task.row.get("data")
        identity = self._reader.identity()
        if not isinstance(data, Mapping) or self._options.get("name") is None or identity is None:
            return None
        names = names_in(data)
        if not names:
            return None
        # What has our name may be in another network.
        refs = {
            self._resource.field(name).api_name: value
            for name, value in self._reader.wanted(identity).items()
            if self._resource.field(name).ref
        }
        return self._options["name"] in names and all(data.get(key, value) == value for key, value in refs.items())

    def concerns(self, task: Task, step: Step, path: str = "") -> Optional[bool]:
        """Whether a task is about what a step is about, whose request has this path; None when it does not tell."""
        texts = set(texts_in(task.row.get("data")))
        target, resource_type = step.target, step.target.resource.type
        name = step.body.get(resource_type.name_field) if isinstance(step.body, Mapping) else None
        names = names_in(task.row.get("data"))
        if step.creates and name is not None and names and name not in names:
            return False
        chain = [each.id for each in (target, target.parent, target.top) if each is not None and each.id is not None]
        if resource_type.known_by_name:
            wanted = {*chain, *([str(name)] if step.creates else [])}
            return wanted <= texts if texts else None
        ids = {*chain, *(part for part in path.split("/") if has_id_form(resource_type, part))}
        if ids & texts:
            return True
        return False if any(has_id_form(resource_type, text) for text in texts) else None

    def may_be(self, task: Task, step: Step) -> bool:
        """Whether a task may be what a step would start."""
        return task.type is not None and task.type == step.action.task and self.concerns(task, step) is not False

    # ------------------------------------------------------ before a creation

    def before_creation(self) -> Optional[dict[str, Any]]:
        """Take up creations that may be ours, by another run or one that was killed; what has been made and is not listed yet is returned.

        One that shows our name is waited for and taken for ours; one that shows no name could be ours: wait, look again.
        Raises PlanAgain when it has waited, UnderWay or LockedError when it may not.
        """
        action = self._resource.creation(self._options)
        tasks = self._know_tasks(action)
        ours = [task for task in tasks if self._names_us(task)]
        unclear = [task for task in tasks if self._names_us(task) is None]
        for task in ours + unclear:
            if task.is_unknown and self._age(task.started) < RECENT:
                self._context.tell(*[task for task in ours if task.is_unknown])
                raise task.failure()
        going_on = [task for task in ours if not task.is_final] or [task for task in unclear if not task.is_final]
        if not going_on:
            return self._unlisted(ours, unclear)
        if not self._settings.wait:
            self._may_not_wait(going_on[0], "is going on already")
        self._context.extend(action.timeout)
        if going_on[0] in ours:
            self._context.tell(*going_on)
        self._context.wait(going_on)
        self._waited_for.update((task.id, task) for task in going_on)
        if any(task.is_finished and task in ours for task in going_on):
            self._context.report.changed = True
        # Other people's creations may follow each other for long: that is no round of ours, and the deadline ends it.
        raise Replan(locked=True)

    def _know_tasks(self, action: Action) -> list[Task]:
        tasks = self._tasks(action.task)
        self._tasks_before, self._knows_tasks = {task.id for task in tasks}, True
        return tasks

    def new_round(self) -> None:
        """Forget what holds for one round only."""
        self._knows_tasks = False

    def about_to_create(self, step: Step) -> None:
        """Know the creations before ours, also where a thing is made anew: what is new after a lost answer is then ours."""
        if not self._knows_tasks:
            self._know_tasks(step.action)

    def before_sub_resources(self, plan: Plan) -> None:
        """The same for the parts of what is there: what others are making, or have made and is not listed yet, is not made again.

        One request for each type of task that makes parts, in the whole run. Raises PlanAgain when it has waited, UnderWay or
        LockedError when it may not.
        """
        for task_type in dict.fromkeys(str(step.action.task) for step in plan.steps if creates_sub_resource(step)):
            if task_type in self._checked_types:
                continue
            steps = [step for step in plan.steps if creates_sub_resource(step) and step.action.task == task_type]
            tasks = self._tasks(task_type)
            may_be = {task.id: self._steps_of(task, steps) for task in tasks}
            going_on = [task for task in tasks if may_be[task.id] and not task.is_final]
            unlisted = [
                task for task in tasks if may_be[task.id] and task.is_finished and self._is_unlisted(task, steps)
            ]
            if not going_on and not unlisted:
                self._checked_types.add(task_type)
                continue
            if not self._settings.wait:
                raise LockedError(
                    "%s is being made already, it seems (task %s)." % (steps[0].target, (going_on + unlisted)[0].id),
                    409,
                    "Run the task again a little later, or leave wait at true.",
                )
            if going_on:
                self.adopted += [(task, signature(step)) for task in going_on for step in may_be[task.id]]
                self._context.wait(going_on)
            else:
                self._context.extend(STALE_FOR)
                self._deadline.sleep(5)
            raise Replan(locked=True)

    def _steps_of(self, task: Task, steps: list[Step]) -> list[Step]:
        """The steps that a task may be carrying out for another run."""
        if self._context.is_reported(task.id):
            return []
        return [step for step in steps if self.may_be(task, step)]

    def _is_unlisted(self, task: Task, steps: list[Step]) -> bool:
        """Whether what a finished task has made as a part is not shown yet."""
        resource_type = steps[0].target.resource.type
        ids = self._ids_of(task, resource_type)
        if self._is_over(task) or (ids and self._reader.sub_resources_seen.issuperset(ids)):
            return False
        return not self._was_deleted(task, resource_type)

    def adopt_found(self, row: Mapping[str, Any]) -> None:
        """What is found now may be ours after all: made by a creation that was waited for and showed no name, or by a lost request of ours."""
        creator = row.get("creator_task_id")
        task = self._waited_for.get(str(creator))
        if (
            creator
            and self._own_creation_resent
            and creator not in self._tasks_before
            and not self._context.is_reported(creator)
        ):
            task = Task(str(creator))
            self._context.wait([task])
        if task is not None and task.is_finished:
            self._context.tell(task)
            self._context.report.changed = True
        self.name_created(row, creator)

    def _may_not_wait(self, task: Task, what: str) -> None:
        if not self._names_us(task):
            raise LockedError(
                "A creation that may be %s %s (task %s)." % (self._reader.label(), what, task.id),
                409,
                "Run the task again a little later, or leave wait at true.",
            )
        self._context.tell(task)
        resource_type = self._resource.type
        for identifier in [] if resource_type.known_by_name else self._ids_of(task):
            self._context.report.row = {
                resource_type.id_field: identifier,
                resource_type.name_field: self._options.get("name"),
            }
        raise Detached("The creation of %s %s; this run started nothing." % (self._reader.label(), what))

    def _unlisted(self, ours: list[Task], unclear: list[Task]) -> Optional[dict[str, Any]]:
        """What a finished creation made, though the list does not show it yet (docs/api-notes.md: Locks and consistency); prevents duplicates."""
        open_tasks = [task for task in ours + unclear if task.is_finished]
        pause = 1.0
        while True:
            self._listed = None
            found: dict[str, dict[str, Any]] = {}
            waiting = []
            for task in open_tasks:
                over = self._is_over(task)
                if over and not self._context.is_reported(task.id):
                    continue
                made, is_missing = self._created_by(task)
                found.update(made)
                if is_missing and not self._was_deleted(task):
                    if over:  # and this run has waited for it: it is not gone, but lost to sight
                        raise self._never_shown(task)
                    waiting.append(task)
            if found:
                return self._reader.only(list(found.values()))
            if not waiting:
                return None
            if not self._settings.wait:
                self._may_not_wait(waiting[0], "has ended, and the API does not show the new one yet")
            open_tasks = waiting
            self._context.extend(STALE_FOR)
            if self._deadline.remaining() <= 0:
                raise WaitTimeout(
                    "After %d s the API does not show yet what task %s has made, which may be %s."
                    % (self._deadline.seconds, waiting[0].id, self._reader.label()),
                    "Run the task again.",
                    task_id=waiting[0].id,
                )
            self._deadline.sleep(pause)
            pause = min(10.0, pause * 2)

    def _is_over(self, task: Task) -> bool:
        """Whether what a finished creation has made would be shown by now: server time against server time, else our own."""
        row = task.row
        first_seen = self._ended_at.setdefault(task.id, self._context.now)
        age = max(self._age(row.get("finished_on") or row.get("updated_on")), self._context.now - first_seen)
        delete = self._resource.delete
        traceless = isinstance(delete, Action) and delete.task is None
        return age > (UNSEEN_FOR if traceless else STALE_FOR)

    def _ids_of(self, task: Task, resource_type: Optional[ResourceType] = None) -> list[str]:
        """The ids of the things of a kind, ours by default, that a task has made."""
        return [str(each) for each in task.created.get((resource_type or self._resource.type).created_key or "") or []]

    def _created_by(self, task: Task) -> tuple[dict[str, dict[str, Any]], bool]:
        """What a finished creation has made, as far as it is ours, by id; and whether some of it is not shown."""
        identity = self._reader.identity()
        if identity is None:
            return {}, False
        ids = self._ids_of(task)
        rows: list[Optional[dict[str, Any]]] = [self._created_resource(each, task) for each in ids]
        rows = rows or list(self._reader.rows(identity)) or [None]
        wanted = self._reader.wanted(identity)
        found = [row for row in rows if row is not None and self._reader.fits(row, wanted)]
        return {self._reader.own_id(row): row for row in found}, None in rows

    def _created_resource(self, identifier: str, task: Task) -> Optional[dict[str, Any]]:
        """What a task has made, or None: read by its id where that is known to be ours, else one list serves all tasks."""
        if self._resource.hooks.has_item and not self._resource.type.known_by_name and self._names_us(task):
            return self._reader.read(identifier)
        if self._listed is None:
            self._listed = {self._reader.own_id(row): row for row in self._context.finder.list(self._resource.type)}
        return self._listed.get(identifier)

    def _was_deleted(self, task: Task, resource_type: Optional[ResourceType] = None) -> bool:
        """Whether a deletion has begun of what a finished creation had made."""
        ids = set(self._ids_of(task, resource_type))
        by_name = (resource_type or self._resource.type).known_by_name
        names = set(names_in(task.row.get("data"))) if by_name else set()
        for number, row in enumerate(self._newest({}) if ids or names else (), 1):
            older = seconds_between(row.get("created_on"), task.started)
            if (older is not None and older > 0) or number >= MOST_TASKS:
                return False
            task_type = str(row.get("task_type"))
            if not task_type.startswith("delete_") or row.get("state") == "ERROR":
                continue
            texts = set(texts_in(row.get("data")))
            same_kind = task_type == str(task.type).replace("create_", "delete_", 1)
            if ids & texts or (names and same_kind and names <= texts):
                return True
        return False

    def _never_shown(self, task: Task) -> StatusError:
        ids = self._ids_of(task)
        return StatusError(
            "%s was made, but the API does not show it (task %s%s)."
            % (self._reader.label(), task.id, ", id %s" % " and ".join(ids) if ids else ""),
            "Look at its task and run the task again.",
            id=ids[0] if ids else None,
            task_id=task.id,
        )

    def duplicate_tasks(self, task_id: str) -> list[Task]:
        """Our own creation, and those of our name that others have started since the look before it."""
        tasks = self._tasks(self._resource.creation(self._options).task)
        mine = next((task for task in tasks if task.id == task_id), Task(task_id))
        new = [task for task in tasks if task.id not in self._tasks_before and task.id != task_id]
        return [mine, *(task for task in new if task.state != "ERROR" and self._names_us(task))]

    # -------------------------------------------------- after a lost answer

    def recover(self, step: Step, call: Call, before: Optional[str], unknown: UnknownOutcome) -> None:
        """After a write of which nobody knows whether it was taken: find out, or fail with what is known.

        Returns when planning again is safe. At the time limit it stays a doubt, unless its task is known.
        Raises UnderWay with wait: false when its task is found.
        """
        try:
            if step.creates and step.target.resource is self._resource:
                self._recover_creation(step, unknown)
            elif step.once:
                unknown.hint = "Whether it was carried out is not known; it is not repeated on its own."
                raise unknown
            elif step.action.task:
                self._recover_change(step, call, before, unknown)
            else:  # it is done or not when it is answered: what is there now tells
                self._deadline.sleep(min(30.0, 2.0**self._unknown_outcomes))
                self._unknown_outcomes += 1
        except WaitTimeout as timeout:
            if self._context.is_reported(timeout.details.get("task_id")):
                raise
            unknown.hint = (
                "The time limit of %d s ended before its outcome was known. Look before you run the task again."
                % self._deadline.seconds
            )
            raise unknown from timeout

    def _quiet_until(self, step: Step) -> float:
        self._context.extend(QUIET + step.action.timeout)
        return self._context.now + self._quiet

    @property
    def _quiet(self) -> float:
        return max(QUIET, self._context.client.timeout)

    def _recover_creation(self, step: Step, unknown: UnknownOutcome) -> None:
        """Look until a quiet time for what the doubtful request may have made.

        What is new is told by what the look before it had shown, not by any clock.
        """
        identity = self._reader.identity()
        seen = set(self._reader.seen)
        until = self._quiet_until(step)
        pause = 1.0
        while True:
            tasks = [task for task in self._tasks(step.action.task) if task.id not in self._tasks_before]
            ours = [task for task in tasks if self._names_us(task)]
            unclear = [task for task in tasks if self._names_us(task) is None]
            rows = {
                self._reader.own_id(row): row
                for row in (self._reader.rows(identity) if identity else [])
                if self._reader.own_id(row) not in seen and row.get("creator_task_id") not in self._tasks_before
            }
            self._listed = None
            missing = []
            for task in ours + unclear:
                if task.is_finished and not any(self._has_created(task, row) for row in rows.values()):
                    made, is_missing = self._created_by(task)
                    rows.update({key: row for key, row in made.items() if key not in seen})
                    missing += [task] if is_missing else []
            if rows:
                self._take(step, list(rows.values()), ours, tasks, unknown)
                return
            going_on = [task for task in ours if not task.is_final] or [task for task in unclear if not task.is_final]
            if going_on:
                self._wait_for_ours(going_on, ours)
                continue
            if ours and not any(task.is_finished for task in ours):
                self._context.tell(*ours)
                self._fail(ours[0], step)
            late = [task for task in missing if not self._is_over(task)]
            if not self._settings.wait and any(task in ours for task in late):
                self._context.tell(*ours)
                raise Detached
            if not late and any(task in ours for task in missing):
                self._context.tell(*ours)
                raise self._never_shown(next(task for task in missing if task in ours))
            if not late and self._context.now >= until:
                break
            self._deadline.sleep(pause)
            pause = min(10.0, pause * 2)
        # What is made has a name or key, or it would not have been planned: it may be sent once more.
        self._may_be_sent_again(step, unknown, unclear)

    def _wait_for_ours(self, going_on: list[Task], ours: list[Task]) -> None:
        """Wait for what is ours, or for what could be; with wait: false what is ours is enough."""
        if going_on[0] in ours:
            self._context.tell(*going_on)
            if not self._settings.wait and not any(task.is_final for task in going_on):
                raise Detached
        self._context.wait(going_on)

    def _has_created(self, task: Task, row: Mapping[str, Any]) -> bool:
        """Whether a row is what a creation has made, or is making."""
        return row.get("creator_task_id") == task.id or self._reader.own_id(row) in self._ids_of(task)

    def _take(
        self, step: Step, rows: list[dict[str, Any]], ours: list[Task], tasks: list[Task], unknown: UnknownOutcome
    ) -> None:
        """Take what our doubtful request has made for ours, and wait for its creation; several are a failure with their ids."""
        resource_type = self._resource.type
        row = rows[0]
        mine = [task for task in tasks if self._has_created(task, row)]
        if not mine and len(ours) == 1 and not row.get("creator_task_id"):
            mine = ours  # neither names the other
        others = [task for task in ours if task not in mine and task.state != "ERROR"]
        if len(rows) > 1 or others:
            self._context.report.row = row
            raise DuplicateError(
                "%s After it, %d %s of this name appeared: %s%s."
                % (
                    unknown.message,
                    max(len(rows), 1 + len(others)),
                    resource_type.plural,
                    describe_rows(resource_type, rows),
                    "".join("; made by task %s" % task.id for task in others if len(rows) == 1),
                ),
                "One of them may be somebody else's: keep one, and delete the other.",
                ids=[str(each[resource_type.id_field]) for each in rows],
                task_ids=[task.id for task in others] or None,
            )
        self._context.report.row = row
        creator = row.get("creator_task_id")
        task = mine[0] if mine else Task(str(creator)) if creator else None
        if task is not None:
            self._context.tell(task)
            if not task.is_final:
                self._wait_for_ours([task], [task])
            if not task.is_finished:
                self._fail(task, step)
        self.name_created(row, task.id if task else None)
        self._context.report.changed = True
        self.ledger.done(step, self._context.now)
        lost = self._context.secrets.shown_once(self._options)
        if lost:
            unknown.hint = "It made %s (%s), but nobody has its %s. Delete it with state: absent and run the task again." % (
                self._reader.label(), row[resource_type.id_field], " and ".join(lost),
            )  # fmt: skip
            raise unknown

    def name_created(self, row: Mapping[str, Any], creator: Optional[str]) -> None:
        """Name what its creation has made, where the finished task does not (created_resources null, or without the key)."""
        resource_type = self._resource.type
        for task in self._context.report.tasks:
            if task.id == creator and task.is_finished and resource_type.created_key and not self._ids_of(task):
                task.created = {**task.created, resource_type.created_key: [self._reader.own_id(row)]}

    def _may_be_sent_again(self, step: Step, unknown: UnknownOutcome, candidates: list[Task]) -> None:
        """What could make a second thing is sent once more; after that it stays a doubt, with what may have come of it."""
        name = signature(step)
        if name not in self._resent and not any(task.is_unknown for task in candidates):
            self._resent.add(name)
            self._own_creation_resent |= step.target.resource is self._resource
            return
        unknown.hint = "It did not show up within %d s; it is not sent again. Look before you run the task again." % (
            self._quiet
        )
        if candidates:
            key = step.target.resource.type.created_key or ""
            unknown.hint += " It may be what these tasks made: %s." % ", ".join(
                " ".join([task.id, *("(%s)" % each for each in task.created.get(key) or [])]) for task in candidates
            )
            unknown.details["task_ids"] = [task.id for task in candidates]
        raise unknown

    def _recover_change(self, step: Step, call: Call, before: Optional[str], unknown: UnknownOutcome) -> None:
        """Look for the task of a doubtful change, deletion or creation of a part, and wait for whatever holds the thing."""
        buys = step.creates or str(step.action.task).startswith("create_")
        until = self._quiet_until(step)
        told = {task.id for task in self._context.report.tasks}
        while True:
            top = self._reader.read(str(step.target.top.id))
            holder = (top or {}).get("task_id")
            since = [
                task for task in self._tasks(step.action.task) if task.id not in told and self._is_since(task, before)
            ]
            concerns = {task.id: self.concerns(task, step, call.path) for task in since}
            ours = [task for task in since if concerns[task.id] or (concerns[task.id] is None and task.id == holder)]
            unclear = [task for task in since if concerns[task.id] is None and task not in ours]
            if ours:
                self._wait_for_ours(ours, ours)
                for task in ours:
                    if not task.is_finished:
                        self._fail(task, step)
                self._context.report.changed = True
                self.ledger.done(step, self._context.now)
                return
            going_on = [task for task in unclear if not task.is_final]
            if going_on:
                self._context.wait(going_on)
                continue
            if top is None or self._shows_done(step, top):
                return
            if holder and self._settings.wait:
                self._wait_for_lock(top)
                if not buys:
                    return
            late = buys and any(task.is_finished and not self._is_over(task) for task in unclear)
            if self._context.now >= until and not late:
                break
            self._deadline.sleep(10)
        if buys:
            self._may_be_sent_again(step, unknown, unclear)

    def _is_since(self, task: Task, before: Optional[str]) -> bool:
        """Whether a task was started after a moment of the server's clock (whole seconds)."""
        return (seconds_between(before, task.started) or 0.0) >= 0.0

    def _shows_done(self, step: Step, row: Mapping[str, Any]) -> bool:
        """Whether the thing already looks as the step would make it."""
        body = step.body or {}
        fields = [item for item in self._resource.fields if item.is_compared and item.api_name in body]
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


def names_in(data: Any) -> list[str]:
    """The names that a task's parameters show."""
    if not isinstance(data, Mapping):
        return []
    names = [data[key] for key in ("name", "cluster_name") if isinstance(data.get(key), str)]
    return names + [each for each in data.get("names") or [] if isinstance(each, str)]


def texts_in(data: Any) -> Iterator[str]:
    """Every text in a task's parameters, at any depth."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from texts_in(value)
