# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The operations that most resources have in common: list, get, update and delete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from .routing import NO_TASKS, Call, Routes, ordered, patched_tags
from .store import Record
from .tasks import Task

Filter = Callable[[Call, Record, Any], bool]
# Query parameters of lists that need no filter of their own.
STANDARD = {"limit", "offset", "order_by", "tag_key", "tag_key_value"}


def equal(field: str) -> Filter:
    """The field has the value of the query parameter."""
    return lambda _call, record, wanted: record[field] == wanted


def contains(field: str) -> Filter:
    """The text of the query parameter is part of the field."""
    return lambda _call, record, wanted: wanted in record[field]


@dataclass(frozen=True)
class Collection:
    """All resources of one type, and the paths at which they are served.

    Each method registers one operation. Bodies and query strings have been checked against ``schemas.json`` by then; what is
    special to a resource type is a function that the method takes, or a route of its own.
    """

    routes: Routes
    kind: str
    path: str
    id_name: str  # the path parameter
    id_in_task: str = ""  # the name of the id in the data of tasks (default: as in the path)
    lockable: bool = True  # whether tasks lock them
    usable: Callable[[Call], Iterable[Record]] | None = None  # what GET finds besides the project's own resources

    def _item(self, version: str | None = None) -> str:
        path = self.path if version is None else f"/{version}/{self.path.split('/', 2)[2]}"
        return f"{path}/{{{self.id_name}}}"

    def _find(self, call: Call) -> Record:
        ident = call.values[self.id_name]
        usable = self.usable(call) if self.usable and call.method == "GET" else ()
        return next((record for record in usable if record.id == ident), None) or call.get(self.kind, ident)

    def _data(self, record: Record) -> dict[str, Any]:
        return {self.id_in_task or self.id_name: record.id}

    def list(
        self,
        filters: Mapping[str, Filter] | None = None,
        *,
        orders: Mapping[str, Callable[[Call, Record], Any]] | None = None,
        records: Callable[[Call], Iterable[Record]] | None = None,
        show: Callable[[Call, Record], dict[str, Any]] | None = None,
        options: Iterable[str] = (),
        handled: Iterable[str] = (),
    ) -> None:
        """GET of the collection: filters, order and one page.

        ``filters`` is by query parameter; one that was omitted does not filter. ``orders`` has the values to sort by that are
        not simply a field. ``records`` gives the resources to choose from (default: those of the project), ``show`` a row of the
        response (default: the view). ``options`` are query parameters that the view takes as arguments, ``handled`` are those
        that need nothing, or that ``records`` or ``show`` take care of.
        """
        known = dict(filters or {})
        options = tuple(options)
        allowed = {*STANDARD, *known, *handled, *options}

        @self.routes("GET", self.path)
        def handler(call: Call) -> Any:
            given = dict(call.query)
            if unknown := given.keys() - allowed:
                raise NotImplementedError(f"{call.operation.path}: no filter for {sorted(unknown)}")
            found = records(call) if records else call.records(self.kind)
            if "tag_key" in given:
                found = call.with_tags(found)
            wanted = {name: given[name] for name in known if given[name] is not None}
            found = [item for item in found if all(known[name](call, item, value) for name, value in wanted.items())]
            values = {name: partial(value, call) for name, value in (orders or {}).items()}
            found = ordered(found, given.get("order_by", "created_at.desc"), values)
            arguments = {name: given[name] for name in options}
            return call.page(found, partial(show or Call.show, call, **arguments))

    def get(self, find: Callable[[Call], Record] | None = None, *, options: Iterable[str] = ()) -> None:
        """GET of one resource."""
        options = tuple(options)

        @self.routes("GET", self._item())
        def handler(call: Call) -> Any:
            return call.show((find or self._find)(call), **{name: getattr(call.query, name) for name in options})

    def update(
        self,
        prepare: Callable[[Call, Record, dict[str, Any]], None] | None = None,
        *,
        task: str | None = None,
        version: str | None = None,
        find: Callable[[Call], Record] | None = None,
        deprecated: bool = False,
    ) -> None:
        """PATCH of one resource: at once, or by a task when something differs.

        ``prepare`` gets the fields of the request, tags included: it refuses them with an error, or adapts them in place.
        """

        @self.routes("PATCH", self._item(version), deprecated=deprecated)
        def handler(call: Call) -> Any:
            record = (find or self._find)(call)
            if self.lockable:
                call.free(record)
            given = call.body.given()
            changes = dict(given)
            if prepare:
                prepare(call, record, changes)
            tags = patched_tags(record, changes.pop("tags")) if "tags" in changes else record.tags

            def apply(_task: Task | None = None) -> None:
                record.data.update(changes)
                record.tags = tags

            if task is None:
                apply()
                call.touch(record)
                return call.show(record)
            if tags == record.tags and all(record[name] == value for name, value in changes.items()):
                return NO_TASKS
            return call.start(task, data={**self._data(record), **given}, locks=[record], finish=apply)

    def delete(
        self,
        check: Callable[[Call, Record], Sequence[Record] | None] | None = None,
        *,
        task: str | None = None,
        find: Callable[[Call], Record] | None = None,
    ) -> None:
        """DELETE of one resource: at once with status 204, or by a task.

        ``check`` refuses with an error; it can return further records to lock.
        """

        @self.routes("DELETE", self._item(), status=200 if task else 204)
        def handler(call: Call) -> Any:
            record = (find or self._find)(call)
            if self.lockable:
                call.free(record)
            others = check(call, record) if check else None
            if task is None:
                call.sim.forget(record)
                return None
            return call.remove(task, record, data=self._data(record), locks=list(others or ()))
