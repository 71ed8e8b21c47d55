# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From names to ids: every reference of every module goes through here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.api.client import (
    CHECK_URL,
    Call,
    Client,
    Rows,
)
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    AmbiguousError,
    ApiError,
    NotFoundError,
    UnreadableAnswer,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource, View
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource_types import PROJECTS, REGIONS
from ansible_collections.gcore.cloud.plugins.module_utils.schema.rows import (
    is_named,
    near_misses,
    of_id,
    tell_apart,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import (
    GLOBAL,
    PROJECT,
    Kind,
    canonical,
    looks_like_id,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import (
    KNOWN_LATER,
    same,
)


class Scope:
    """The project and region of a run: each a name or an id, resolved when first needed."""

    def __init__(self, project: Optional[str], region: Optional[str]) -> None:
        self._given = {"project": project, "region": region}
        self._ids: dict[str, int] = {}

    def ids(self, wanted: str, finder: Finder) -> dict[str, int]:
        """The ids that the paths of a scope need; raises NotFoundError with what to set."""
        kinds = {GLOBAL: (), PROJECT: (PROJECTS,)}.get(wanted, (PROJECTS, REGIONS))
        for kind in kinds:
            if kind.name + "_id" in self._ids:
                continue
            given = str(self._given[kind.name] or "").strip()
            if not given:
                raise NotFoundError(
                    "No %s is given." % kind.name,
                    "Set %s to its name or id, or the environment variable GCORE_CLOUD_%s_ID."
                    % (kind.name, kind.name.upper()),
                    scope=kind.name,
                )
            self._ids[kind.name + "_id"] = int(given) if given.isdigit() else int(finder.resolve(kind, given))
        return {kind.name + "_id": self._ids[kind.name + "_id"] for kind in kinds}


class Finder:
    """Lists things and resolves references; each reference is read once in a run."""

    def __init__(
        self,
        client: Client,
        scope: Scope,
        deadline: Deadline,
        check_mode: bool = False,
        warn: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.client = client
        self.deadline = deadline
        self._scope = scope
        self._check_mode = check_mode
        self._warn = warn
        self._known: dict[tuple[Any, ...], str] = {}
        self._verified: set[str] = set()  # ids that have been read
        self._catalogs: dict[str, Rows] = {}  # lists of what the platform offers, which do not change during a run
        self._rows: dict[tuple[str, str], dict[str, Any]] = {}  # what was found by name

    def scope_ids(self, scope: str) -> dict[str, int]:
        return self._scope.ids(scope, self)

    def list(self, kind: Kind, query: Optional[Mapping[str, Any]] = None) -> Rows:
        """All things of a kind in the run's scope."""
        call = Call("GET", kind.path, {**kind.list_query, **(query or {})}).fill(**self.scope_ids(kind.scope))
        if not kind.catalog:
            return self.client.list(call, self.deadline, kind.paged)
        key = str((call.path, sorted(call.query.items())))
        if key not in self._catalogs:
            self._catalogs[key] = self.client.list(call, self.deadline, kind.paged)
        return self._catalogs[key]

    def named(self, kind: Kind, name: str, query: Optional[Mapping[str, Any]] = None) -> Rows:
        """All things of exactly this name; the API's filter only makes the answer shorter."""
        narrow = dict(query or {})
        if kind.name_filter and len(name) <= kind.name_filter_longest:
            narrow[kind.name_filter] = name
        return [row for row in self.list(kind, narrow) if is_named(kind, row, name)]

    def resolve(
        self,
        kind: Kind,
        value: str,
        by: str = "id",
        where: Optional[Mapping[str, Any]] = None,
        via: Optional[View] = None,
        options: Optional[Mapping[str, Any]] = None,
        verify: bool = False,
    ) -> str:
        """The id (or what ``by`` says) of the one thing that a name or id means.

        ``where`` narrows it (a subnet's network); ``via`` is a list of the found thing, of which what it picks for ``options`` is
        wanted. An id is taken as it is, for the API itself says when it does not exist; with ``verify`` it is read.
        Raises NotFoundError with near misses, AmbiguousError with the ids. In check mode what is not there is planned with a
        warning.
        """
        value = str(value)
        where = {key: item for key, item in (where or {}).items() if item is not None}
        if value == KNOWN_LATER or (KNOWN_LATER in where.values() and not looks_like_id(kind, value)):
            return KNOWN_LATER
        if via is not None:
            found = self.resolve(kind, value, by, where)
            return found if found == KNOWN_LATER else self._picked(kind, via, found, options or {})
        if looks_like_id(kind, value) and by == "id":
            if verify and value not in self._verified:
                if self.get(kind, kind.path + "/{id}", value) is None:
                    raise NotFoundError("There is no %s with the id %s%s." % (kind.words, value, self.place(kind)))
                self._verified.add(value)
            return canonical(kind, value)
        key = (kind.name, value, by, tuple(sorted(where.items())))
        if key not in self._known:
            self._known[key] = self._search(kind, value, by, where)
        return self._known[key]

    def _picked(self, kind: Kind, via: View, identifier: str, options: Mapping[str, Any]) -> str:
        """What a list of the referenced thing holds for us, read once."""
        key = (via.path, identifier, tuple(str(options.get(name)) for name in via.options))
        if key not in self._known:
            call = Call("GET", via.path, via.query).fill(id=identifier, **self.scope_ids(kind.scope))
            self._known[key] = str(via.pick(options, self.client.list(call, self.deadline, via.paged)))
        return self._known[key]

    def _search(self, kind: Kind, value: str, by: str, where: Mapping[str, Any]) -> str:
        wanted = {"id": kind.id_field, "name": kind.name_field}.get(by, by)
        rows = self.named(kind, value, where)
        if not rows and kind.wider_query:
            rows = self.named(kind, value, {**where, **kind.wider_query})
        everything = rows or self.list(kind, {**where, **kind.wider_query})
        if not rows:
            rows = [row for row in everything if str(row.get(kind.id_field)) == canonical(kind, value)]

        def is_inside(row: Mapping[str, Any]) -> bool:
            return all(same(str(each), str(row.get(name, each))) for name, each in where.items())

        rows = [row for row in rows if is_inside(row)]
        if len(rows) == 1:
            self._rows[kind.name, value] = rows[0]
            return str(rows[0][wanted])
        if rows:
            raise AmbiguousError(
                "%d %s are called '%s': %s." % (len(rows), kind.plural_words, value, tell_apart(kind, rows)),
                "Give the id of the one that is meant.",
                ids=[str(row[kind.id_field]) for row in rows],
            )
        if self._check_mode and not kind.catalog:
            self._warn("There is no %s '%s' yet: check mode plans as if there were." % (kind.words, value))
            return KNOWN_LATER
        raise NotFoundError(
            "There is no %s '%s'%s%s."
            % (
                kind.words,
                value,
                "".join(" with %s %s" % each for each in where.items()),
                self.place(kind),
            ),
            near_misses(kind, [row for row in everything if is_inside(row)], value),
            scope=kind.name if kind.scope == GLOBAL else None,
        )

    def target(self, kind: Kind, value: str) -> Optional[dict[str, Any]]:
        """The resource that a resolved reference means: as it was read, or, of an id, read now; None when there is none."""
        row = self._rows.get((kind.name, value))
        if row is None and looks_like_id(kind, value):
            row = self.get(kind, kind.path + "/{id}", value)
        return row

    def place(self, kind: Kind) -> str:
        """Where things of a kind were looked for, as the end of a sentence."""
        ids = self.scope_ids(kind.scope)
        return " in " + ", ".join("%s %s" % (name[:-3], number) for name, number in ids.items()) if ids else ""

    def get(self, kind: Kind, path: str, identifier: str) -> Optional[dict[str, Any]]:
        """One thing by its id, or None when its own path answers 404."""
        call = Call("GET", path).fill(id=identifier, **self.scope_ids(kind.scope))
        try:
            row = self.client.read(call, self.deadline).body
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        if not isinstance(row, dict):
            raise UnreadableAnswer("The answer to %s shows no %s." % (call, kind.words), CHECK_URL)
        return row


def read(resource: Resource, finder: Finder, identifier: str) -> Optional[dict[str, Any]]:
    """The resource with this id, as much of it as the API shows; None when there is none."""
    if resource.has_item:
        return finder.get(resource.kind, resource.read_path, identifier)
    return of_id(resource.kind, finder.list(resource.kind), identifier)
