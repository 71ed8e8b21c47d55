# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks of the API: which of them concern a step or the resource of a run, and what they have created."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..api.client import Call
from ..errors import StatusError
from ..schema.option import Action
from ..schema.types import ResourceType, has_id_form
from ..tasks.task import TASKS, Task, seconds_between
from .context import STALE_FOR, Context
from .plan import Step
from .reader import Reader
from .references import own_id

PAGE = 100  # rows of one request for tasks, newest first
MAX_TASKS = 1000
RECENT = 7200.0  # older tasks are considered only where the first page shows them
# A deletion without a task leaves no trace. A new resource may not be found for 20 s (docs/api-notes.md: Locks and consistency).
UNSEEN_FOR = 20.0


def names_in(data: Any) -> list[str]:
    """The names that a task's parameters show."""
    if not isinstance(data, Mapping):
        return []
    names = [data[key] for key in ("name", "cluster_name") if isinstance(data.get(key), str)]
    return names + [each for each in data.get("names") or [] if isinstance(each, str)]


def texts_in(data: Any) -> Iterator[str]:
    """Every text in a task's parameters or in a request body, at any depth."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from texts_in(value)
    elif isinstance(data, (list, tuple)):
        for value in data:
            yield from texts_in(value)


def concerns(task: Task, step: Step, path: str = "") -> Optional[bool]:
    """Whether a task is about the target of a step, whose request has this path; None when the task does not show it."""
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


def may_be(task: Task, step: Step) -> bool:
    """Whether a task may be what a step would start."""
    return task.type is not None and task.type == step.action.task and concerns(task, step) is not False


def created_ids(task: Task, resource_type: ResourceType) -> list[str]:
    """The ids of the resources of a type that a task has created."""
    return [str(each) for each in task.created.get(resource_type.created_key or "") or []]


def has_created(task: Task, resource_type: ResourceType, row: Mapping[str, Any]) -> bool:
    """Whether a task has created, or is creating, the resource of this row."""
    return row.get("creator_task_id") == task.id or own_id(resource_type, row) in created_ids(task, resource_type)


def is_since(task: Task, moment: Optional[str]) -> bool:
    """Whether a task was started after a moment of the server's clock (whole seconds)."""
    return (seconds_between(moment, task.started) or 0.0) >= 0.0


def read_task(context: Context, task_id: str) -> Task:
    """A task as the API shows it now."""
    task = Task(task_id)
    shown = context.finder.get(context.resource.type, TASKS + "/{id}", task_id)
    if shown is not None:
        context.poller.take(task, shown, context.client.date)
    return task


def complete_created(context: Context, row: Mapping[str, Any], creator: Optional[str]) -> None:
    """Put the resource into its creation task, where the finished task does not name it (created_resources null)."""
    resource_type = context.resource.type
    for task in context.report.tasks:
        is_creator = task.id == creator and task.is_finished
        if is_creator and resource_type.created_key and not created_ids(task, resource_type):
            task.created = {**task.created, resource_type.created_key: [own_id(resource_type, row)]}


class TaskSearch:
    """Finds the tasks that concern one run, and what they have created."""

    def __init__(self, context: Context, reader: Reader) -> None:
        self._context = context
        self._resource = context.resource
        self._reader = reader
        self.before: set[str] = set()  # creations of the resource's type, when they were last listed before our own
        self._is_current = False  # whether that was in this round
        self._ended_at: dict[str, float] = {}  # when this run first saw that a creation had finished
        self._listed: Optional[dict[str, dict[str, Any]]] = None  # all resources of the type, listed once for all tasks

    def of_type(self, task_type: Optional[str]) -> list[Task]:
        """The tasks of a type in this project and region, newest first: those in progress, and those that ended lately.

        One request as a rule; more only where more than a page were started within the time that matters.
        """
        if not task_type or "region_id" not in self._context.scope:
            return []
        found = []
        for row in self._newest({"task_type": task_type}):
            task = Task(str(row["id"]))
            self._context.poller.take(task, row, self._context.client.date)
            found.append(task)
            if len(found) % PAGE == 0 and (self.age(task.started) > RECENT or len(found) >= MAX_TASKS):
                break
        return found

    def start_round(self) -> None:
        """Forget what holds for one round only."""
        self._is_current = False

    def creations(self, action: Action) -> list[Task]:
        """The tasks that create resources of this type, noted as those that were started before our own."""
        tasks = self.of_type(action.task)
        self.before, self._is_current = {task.id for task in tasks}, True
        return tasks

    def note_creations(self, action: Action) -> None:
        """Note the creations before our own, unless this round has: what is new after a lost response is then ours."""
        if not self._is_current:
            self.creations(action)

    def _newest(self, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        call = Call("GET", TASKS, {**self._context.scope, **query, "order_by": "desc"})
        return self._context.client.pages(call, self._context.deadline, PAGE)

    def age(self, moment: Any) -> float:
        """Seconds from a moment of the server's clock to its last response; 0 where one of the two is not known."""
        return seconds_between(moment, self._context.client.date) or 0.0

    def names_resource(self, task: Task) -> Optional[bool]:
        """Whether a creation task is one of the resource's name; None when it shows no name."""
        data = task.row.get("data")
        options = self._context.options
        identity = self._reader.identity()
        if not isinstance(data, Mapping) or options.get("name") is None or identity is None:
            return None
        names = names_in(data)
        if not names:
            return None
        # A resource of the same name may be in another network.
        refs = {
            self._resource.field(name).api_name: value
            for name, value in self._reader.wanted(identity).items()
            if self._resource.field(name).ref
        }
        return options["name"] in names and all(data.get(key, value) == value for key, value in refs.items())

    def split(self, tasks: list[Task]) -> tuple[list[Task], list[Task]]:
        """The creations that show the resource's name, and those that show no name."""
        shown = [(task, self.names_resource(task)) for task in tasks]
        return [task for task, ours in shown if ours], [task for task, ours in shown if ours is None]

    def is_over(self, task: Task) -> bool:
        """Whether what a finished creation has created would be shown by now: server time against server time, else our own."""
        row = task.row
        first_seen = self._ended_at.setdefault(task.id, self._context.now)
        age = max(self.age(row.get("finished_on") or row.get("updated_on")), self._context.now - first_seen)
        delete = self._resource.delete
        leaves_no_trace = isinstance(delete, Action) and delete.task is None
        return age > (UNSEEN_FOR if leaves_no_trace else STALE_FOR)

    def refresh(self) -> None:
        """List the resources again when they are needed next."""
        self._listed = None

    def created_by(self, task: Task) -> tuple[dict[str, dict[str, Any]], bool]:
        """What a finished creation has created, as far as it fits the resource, by id; and whether some of it is not shown."""
        identity = self._reader.identity()
        if identity is None:
            return {}, False
        ids = created_ids(task, self._resource.type)
        rows: list[Optional[dict[str, Any]]] = [self._created_resource(each, task) for each in ids]
        rows = rows or list(self._reader.rows(identity)) or [None]
        wanted = self._reader.wanted(identity)
        found = [row for row in rows if row is not None and self._reader.fits(row, wanted)]
        return {own_id(self._resource.type, row): row for row in found}, None in rows

    def _created_resource(self, identifier: str, task: Task) -> Optional[dict[str, Any]]:
        """What a task has created, or None: read by its id where it has our name, else one list serves all tasks."""
        if self._resource.hooks.has_item and not self._resource.type.known_by_name and self.names_resource(task):
            return self._reader.read(identifier)
        if self._listed is None:
            self._listed = {
                own_id(self._resource.type, row): row for row in self._context.finder.list(self._resource.type)
            }
        return self._listed.get(identifier)

    def was_deleted(self, task: Task, resource_type: ResourceType) -> bool:
        """Whether a deletion has been started of what a finished creation had created."""
        ids = set(created_ids(task, resource_type))
        names = set(names_in(task.row.get("data"))) if resource_type.known_by_name else set()
        for number, row in enumerate(self._newest({}) if ids or names else (), 1):
            older = seconds_between(row.get("created_on"), task.started)
            if (older is not None and older > 0) or number >= MAX_TASKS:
                return False
            task_type = str(row.get("task_type"))
            if not task_type.startswith("delete_") or row.get("state") == "ERROR":
                continue
            texts = set(texts_in(row.get("data")))
            same_type = task_type == str(task.type).replace("create_", "delete_", 1)
            if ids & texts or (names and same_type and names <= texts):
                return True
        return False

    def never_shown(self, task: Task) -> StatusError:
        """What to raise when a creation has finished and the API does not show the resource."""
        ids = created_ids(task, self._resource.type)
        return StatusError(
            "%s was created, but the API does not show it (task %s%s)."
            % (self._reader.label(), task.id, ", id %s" % " and ".join(ids) if ids else ""),
            "Check its creation task, then run the task again.",
            id=ids[0] if ids else None,
            task_id=task.id,
        )

    def duplicates(self, task_id: str, task_type: Optional[str]) -> tuple[Task, list[Task]]:
        """Our own creation, and those of the resource's name that others have started since the list before it."""
        tasks = self.of_type(task_type)
        mine = next((task for task in tasks if task.id == task_id), Task(task_id))
        new = [task for task in tasks if task.id not in self.before and task.id != task_id]
        return mine, [task for task in new if task.state != "ERROR" and self.names_resource(task)]
