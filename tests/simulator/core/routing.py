# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Operations: one per method and path template of the OpenAPI document, and the call that a handler gets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable

from pydantic import TypeAdapter, ValidationError

from . import errors, quotas
from .faults import Plan
from .models import MODELS, Query, read_query
from .store import Record
from .tasks import Created, Task

if TYPE_CHECKING:
    from .simulator import Simulator

SCOPE = "{project_id}/{region_id}"


@dataclass(frozen=True)
class Operation:
    """One operation of the API."""

    method: str
    path: str
    handler: Callable[[Call], Any]
    status: int
    deprecated: bool
    scoped: bool
    pattern: re.Pattern[str]

    @cached_property
    def body(self) -> TypeAdapter[Any] | None:
        """What it takes as its body, from schemas.json; None if it takes none."""
        return MODELS.body(self.method, self.path)

    @cached_property
    def query(self) -> type[Query]:
        """Its query string, from schemas.json."""
        return MODELS.query(self.method, self.path)


class Routes:
    """The operations of one resource."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def __call__(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        deprecated: bool = False,
        scoped: bool = True,
    ) -> Callable[[Callable[[Call], Any]], Callable[[Call], Any]]:
        """Register a handler. ``{P}`` stands for ``{project_id}/{region_id}``; ``/cloud`` is omitted."""
        template = "/cloud" + path.replace("{P}", SCOPE)
        pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))

        def register(handler: Callable[[Call], Any]) -> Callable[[Call], Any]:
            self.operations.append(Operation(method, template, handler, status, deprecated, scoped, pattern))
            return handler

        return register


class RouteTable:
    """Finds the operation for a method and a path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = list(operations)
        self._groups: dict[tuple[str, int], list[Operation]] = {}
        for operation in self.operations:
            self._groups.setdefault(self._group(operation.path), []).append(operation)
        for group in self._groups.values():
            group.sort(key=lambda operation: operation.path.count("{"))

    @staticmethod
    def _group(path: str) -> tuple[str, int]:
        parts = path.split("/")
        return "/".join(parts[:4]), len(parts)

    def find(self, method: str, path: str) -> tuple[list[Operation], dict[str, str]]:
        """The operations on this path with this method first, and the path's values; an empty list if none."""
        for operation in self._groups.get(self._group(path), []):
            found = operation.pattern.fullmatch(path)
            if not found:
                continue
            same = [item for item in self._groups[self._group(path)] if item.path == operation.path]
            return sorted(same, key=lambda item: item.method != method), found.groupdict()
        return [], {}


@dataclass
class Call:
    """One request on its way through a handler."""

    sim: Simulator
    operation: Operation
    method: str
    path: str
    values: dict[str, str]
    request_id: str
    plan: Plan
    body: Any = None
    query: Any = None
    project: Record | None = None
    region: Record | None = None
    task_error: str | None = None
    task_faults: list[str] = field(default_factory=list)

    @property
    def project_id(self) -> int:
        """The project of the path."""
        assert self.project is not None
        return int(self.project.id)

    @property
    def region_id(self) -> int | None:
        """The region of the path, if it has one."""
        return int(self.region.id) if self.region else None

    @property
    def scope(self) -> tuple[Simulator, int, int | None]:
        """What the creation of a record takes first."""
        return self.sim, self.project_id, self.region_id

    # reading

    def records(self, kind: str) -> list[Record]:
        """The visible resources of a type in the scope of the path, oldest first."""
        sim = self.sim
        found = [
            record
            for record in sim.store.all(kind)
            if record.project_id == self.project_id and record.region_id == self.region_id and sim.shown(record)
        ]
        if self.method == "GET":
            found += [
                record
                for record in sim.store.ghosts(kind, sim.now())
                if record.project_id == self.project_id and record.region_id == self.region_id
            ]
        return found

    def find(self, kind: str, ident: str | int) -> Record | None:
        """An object of the scope; those of another project or region do not exist here (D1.4)."""
        record = self.sim.store.get(kind, ident)
        if record is None and self.method == "GET":
            record = next((item for item in self.sim.store.ghosts(kind, self.sim.now()) if item.id == ident), None)
        if record is None or record.project_id != self.project_id or record.region_id != self.region_id:
            return None
        return record if self.sim.shown(record) else None

    def get(self, kind: str, ident: str | int | None = None) -> Record:
        """An object of the scope, by default the one that the path names last; else 404."""
        if ident is None:
            ident = list(self.values.values())[-1]
        record = self.find(kind, ident)
        if record is None:
            raise errors.not_found(self.sim.kinds[kind].label, ident)
        return record

    def target(self, kind: str, value: str) -> Record:
        """The object that a named path value points to."""
        return self.get(kind, self.values[value])

    def show(self, record: Record, **options: Any) -> dict[str, Any]:
        """An object as the API shows it."""
        return self.sim.show(record, **options)

    def listing(self, records: list[Record], **options: Any) -> dict[str, Any]:
        """One page of objects (A3)."""
        return self.page(records, lambda record: self.show(record, **options))

    def page(self, rows: list[Any], view: Callable[[Any], Any]) -> dict[str, Any]:
        """``{count, results}``: count is over all pages (A3)."""
        chosen = rows
        if hasattr(self.query, "limit"):
            chosen = rows[self.query.offset : self.query.offset + self.query.limit]
        return {"count": len(rows), "results": [view(row) for row in chosen]}

    def with_tags(self, records: list[Record]) -> list[Record]:
        """Those that pass the tag filters of the query."""
        keys = self.query.tag_key or ()
        pairs = json.loads(self.query.tag_key_value) if self.query.tag_key_value else {}
        return [record for record in records if record.has_tags(keys, pairs)]

    # writing

    def free(self, *records: Record) -> None:
        """409 if one of these is locked by a task (A8, D3)."""
        for record in records:
            if record.locked_by:
                raise errors.locked()

    def claim(self, **requested: int) -> None:
        """Check quotas; a fault can move the refusal into the task (A4)."""
        error = quotas.claim(self.sim, self.region_id, requested, self.plan.quotas)
        self.task_error = self.task_error or error

    def touch(self, record: Record) -> None:
        """Note a synchronous change."""
        record.updated = self.sim.now()

    def start(
        self,
        task_type: str,
        *,
        data: Any = None,
        locks: list[Record] | None = None,
        creates: Created | None = None,
        finish: Callable[[Task], None] | None = None,
        undo: Callable[[Task], None] | None = None,
    ) -> dict[str, list[str]]:
        """Start a task; the response of every asynchronous operation (B1)."""

        def prepare(task: Task) -> None:
            task.fails_with = self.task_error
            quirks = self.sim.settings.quirks
            if task_type == "resize_vm":
                task.stale_seconds = quirks.flavor_lag
            elif task_type.startswith("delete_"):
                task.stale_seconds = quirks.delete_lag
            elif creates:
                task.stale_seconds = quirks.create_lag
            task.faults = self.sim.faults.prepare_task(task, self.method, self.path)
            self.task_faults += task.faults

        task = self.sim.tasks.start(
            task_type, self.project_id if self.project else None, self.region_id, data=data,
            request_id=self.request_id, locks=locks, creates=creates, finish=finish, undo=undo, prepare=prepare,
        )  # fmt: skip
        return {"tasks": [task.id]}

    def remove(self, task_type: str, record: Record, *, data: Any = None, locks: list[Record] | None = None,
               finish: Callable[[Task], None] | None = None) -> dict[str, list[str]]:  # fmt: skip
        """Start the deletion of an object: its status says so meanwhile, and returns if the task fails."""
        self.free(record, *(locks or []))
        kind = self.sim.kinds[record.kind]
        before = {key: record.data[key] for key in kind.deleting}
        record.data.update(kind.deleting)

        def done(task: Task) -> None:
            if finish:
                finish(task)
            self.sim.forget(record)

        def failed(task: Task) -> None:
            record.data.update(kind.undeleted if task.leaves_object and kind.undeleted else before)

        return self.start(task_type, data=data, locks=[record, *(locks or [])], finish=done, undo=failed)


NO_TASKS: dict[str, list[str]] = {"tasks": []}


def patched_tags(record: Record, patch: dict[str, str | None] | None) -> dict[str, str]:
    """Tags after a JSON Merge Patch; null for all removes all but the read-only ones (A7)."""
    if patch is None:
        return {}
    tags = dict(record.tags)
    for key, value in patch.items():
        if key in record.read_only_tags:
            raise errors.invalid("tags", f"Tag {key} is read-only")
        if value is None:
            tags.pop(key, None)
        else:
            tags[key] = value
    return tags


def ordered(
    records: Iterable[Record],
    order_by: str = "created_at.desc",
    values: Mapping[str, Callable[[Record], Any]] | None = None,
) -> list[Record]:
    """Sort by ``<name>.asc|desc`` (A3): by one of the values, a time of the record, or else by its field of that name."""
    name, _unused, direction = order_by.partition(".")
    value = {**TIMES, **(values or {})}.get(name, lambda record: record[name])
    return sorted(records, key=lambda record: (value(record), record.order), reverse=direction == "desc")


TIMES: dict[str, Callable[[Record], Any]] = {
    "created_at": lambda record: record.created,
    "updated_at": lambda record: record.updated,
}


def parse_body(operation: Operation, raw: bytes) -> Any:
    """The request body as its model; an operation without one takes nothing but an empty object."""
    if operation.body is None:
        if raw.strip() in (b"", b"{}", b"null"):
            return None
        raise errors.ApiError(400, "ValidationError", "Validation Error: no request body expected")
    try:
        return operation.body.validate_json(raw or b"null")
    except ValidationError as error:
        raise errors.invalid_input(error) from None


def parse_query(operation: Operation, pairs: list[tuple[str, str]]) -> Query:
    """The query string as the operation's model; unknown parameters are refused."""
    try:
        return read_query(operation.query, pairs)
    except ValidationError as error:
        raise errors.invalid_input(error) from None
