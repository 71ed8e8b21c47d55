# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""References: from names to ids, for every option of every module that refers to a resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from ..api.client import CHECK_URL, Call, Client, Rows
from ..clock import Deadline
from ..errors import AmbiguousError, ApiError, NotFoundError, UnreadableResponse
from ..schema.resource import RelatedRead, Resource
from ..schema.resource_types import PROJECTS, REGIONS
from ..schema.rows import describe_rows, is_named, near_misses, of_id
from ..schema.types import GLOBAL, PROJECT, ResourceType, canonical, has_id_form
from ..schema.values import KNOWN_LATER, same

# The longest name that the filter of every list takes; of a longer one the list is read whole.
LONGEST_NAME_FILTER = 61


class Scope:
    """The project and region of a run: each a name or an id, resolved when first needed."""

    def __init__(self, project: Optional[str], region: Optional[str]) -> None:
        self._given = {"project": project, "region": region}
        self._ids: dict[str, int] = {}

    def ids(self, wanted: str, finder: Finder) -> dict[str, int]:
        """The ids that the paths of a scope need; raises NotFoundError with what to set."""
        types = {GLOBAL: (), PROJECT: (PROJECTS,)}.get(wanted, (PROJECTS, REGIONS))
        for resource_type in types:
            if resource_type.name + "_id" in self._ids:
                continue
            given = str(self._given[resource_type.name] or "").strip()
            if not given:
                raise NotFoundError(
                    "No %s is given." % resource_type.name,
                    "Set %s to its name or id, or the environment variable GCORE_CLOUD_%s_ID."
                    % (resource_type.name, resource_type.name.upper()),
                    scope=resource_type.name,
                )
            self._ids[resource_type.name + "_id"] = (
                int(given) if given.isdigit() else int(finder.resolve(resource_type, given))
            )
        return {resource_type.name + "_id": self._ids[resource_type.name + "_id"] for resource_type in types}


class Finder:
    """Lists resources and resolves references; each reference is read once in a run."""

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
        """The ids that the paths of a scope need."""
        return self._scope.ids(scope, self)

    def list(self, resource_type: ResourceType, query: Optional[Mapping[str, Any]] = None) -> Rows:
        """All resources of a type in the run's scope."""
        call = Call("GET", resource_type.path, query or {}).fill(**self.scope_ids(resource_type.scope))
        if not resource_type.catalog:
            return self.client.list(call, self.deadline)
        key = str((call.path, sorted(call.query.items())))
        if key not in self._catalogs:
            self._catalogs[key] = self.client.list(call, self.deadline)
        return self._catalogs[key]

    def named(self, resource_type: ResourceType, name: str, query: Optional[Mapping[str, Any]] = None) -> Rows:
        """All resources of exactly this name; the API's filter only makes the response shorter."""
        narrow = dict(query or {})
        if resource_type.name_filter and len(name) <= LONGEST_NAME_FILTER:
            narrow[resource_type.name_filter] = name
        return [row for row in self.list(resource_type, narrow) if is_named(resource_type, row, name)]

    def resolve(
        self,
        resource_type: ResourceType,
        value: str,
        by: str = "id",
        where: Optional[Mapping[str, Any]] = None,
        via: Optional[RelatedRead] = None,
        options: Optional[Mapping[str, Any]] = None,
        verify: bool = False,
    ) -> str:
        """The id (or the value of ``by``) of the one resource that a name or id refers to.

        ``where`` narrows it (a subnet's network); ``via`` is a list of the found resource, of which the entry that it picks for
        ``options`` is wanted. An id is taken as it is, for the API itself says when it does not exist; with ``verify`` it is read.
        Raises NotFoundError with near misses, AmbiguousError with the ids. In check mode what is not there is planned with a
        warning.
        """
        value = str(value)
        where = {key: item for key, item in (where or {}).items() if item is not None}
        if value == KNOWN_LATER or (KNOWN_LATER in where.values() and not has_id_form(resource_type, value)):
            return KNOWN_LATER
        if via is not None:
            found = self.resolve(resource_type, value, by, where)
            return found if found == KNOWN_LATER else self._picked(resource_type, via, found, options or {})
        if has_id_form(resource_type, value) and by == "id":
            if verify and value not in self._verified:
                if self.get(resource_type, resource_type.path + "/{id}", value) is None:
                    raise NotFoundError(
                        "There is no %s with the id %s%s." % (resource_type.noun, value, self.place(resource_type))
                    )
                self._verified.add(value)
            return canonical(resource_type, value)
        key = (resource_type.name, value, by, tuple(sorted(where.items())))
        if key not in self._known:
            self._known[key] = self._search(resource_type, value, by, where)
        return self._known[key]

    def _picked(
        self, resource_type: ResourceType, via: RelatedRead, identifier: str, options: Mapping[str, Any]
    ) -> str:
        """The entry of a list of the referenced resource, read once."""
        key = (via.path, identifier, tuple(str(options.get(name)) for name in via.options))
        if key not in self._known:
            call = Call("GET", via.path, via.query).fill(id=identifier, **self.scope_ids(resource_type.scope))
            self._known[key] = str(via.pick(options, self.client.list(call, self.deadline, via.paged)))
        return self._known[key]

    def _search(self, resource_type: ResourceType, value: str, by: str, where: Mapping[str, Any]) -> str:
        wanted = {"id": resource_type.id_field, "name": resource_type.name_field}.get(by, by)
        rows = self.named(resource_type, value, where)
        if not rows and resource_type.wider_query:
            rows = self.named(resource_type, value, {**where, **resource_type.wider_query})
        everything = rows or self.list(resource_type, {**where, **resource_type.wider_query})
        if not rows:
            rows = [
                row for row in everything if str(row.get(resource_type.id_field)) == canonical(resource_type, value)
            ]

        def is_inside(row: Mapping[str, Any]) -> bool:
            return all(same(str(each), str(row.get(name, each))) for name, each in where.items())

        rows = [row for row in rows if is_inside(row)]
        if len(rows) == 1:
            self._rows[resource_type.name, value] = rows[0]
            return str(rows[0][wanted])
        if rows:
            raise AmbiguousError(
                "Found %d %s named '%s': %s."
                % (len(rows), resource_type.plural, value, describe_rows(resource_type, rows)),
                "Use the id of one of them.",
                ids=[str(row[resource_type.id_field]) for row in rows],
            )
        if self._check_mode and not resource_type.catalog:
            self._warn("There is no %s '%s' yet: check mode plans as if there were." % (resource_type.noun, value))
            return KNOWN_LATER
        raise NotFoundError(
            "There is no %s '%s'%s%s."
            % (
                resource_type.noun,
                value,
                "".join(" with %s %s" % each for each in where.items()),
                self.place(resource_type),
            ),
            near_misses(resource_type, [row for row in everything if is_inside(row)], value),
            scope=resource_type.name if resource_type.scope == GLOBAL else None,
        )

    def referenced(self, resource_type: ResourceType, value: str) -> Optional[dict[str, Any]]:
        """The resource that a resolved reference means: as it was read, or, of an id, read now; None when there is none."""
        row = self._rows.get((resource_type.name, value))
        if row is None and has_id_form(resource_type, value):
            row = self.get(resource_type, resource_type.path + "/{id}", value)
        return row

    def place(self, resource_type: ResourceType) -> str:
        """The project and region that were searched, as the end of a sentence."""
        ids = self.scope_ids(resource_type.scope)
        return " in " + ", ".join("%s %s" % (name[:-3], number) for name, number in ids.items()) if ids else ""

    def get(self, resource_type: ResourceType, path: str, identifier: str) -> Optional[dict[str, Any]]:
        """One resource by its id, or None when its own path returns 404."""
        call = Call("GET", path).fill(id=identifier, **self.scope_ids(resource_type.scope))
        try:
            row = self.client.read(call, self.deadline).body
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        if not isinstance(row, dict):
            raise UnreadableResponse("The response to %s contains no %s." % (call, resource_type.noun), CHECK_URL)
        return row


def own_id(resource_type: ResourceType, row: Mapping[str, Any]) -> str:
    """What distinguishes a resource from a later one of its name, also where the API's paths want the name."""
    return str(row.get("id") or row[resource_type.id_field])


def read(resource: Resource, finder: Finder, identifier: str) -> Optional[dict[str, Any]]:
    """The resource with this id, as much of it as the API shows; None when there is none."""
    if resource.hooks.has_item:
        return finder.get(resource.type, resource.read_path, identifier)
    return of_id(resource.type, finder.list(resource.type), identifier)
