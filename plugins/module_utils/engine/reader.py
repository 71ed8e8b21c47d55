# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource of a run as the API shows it now: found by its identity or its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import AmbiguousError
from ..schema.resource import Identity, Resource
from ..schema.rows import describe_rows, id_as_name
from ..schema.types import DELETED, canonical, has_id_form
from ..schema.values import KNOWN_LATER, MISSING, get_path
from .context import Context
from .plan import Target
from .references import own_id, read
from .snapshots import SnapshotReader, wanted_sub_resources


class Reader:
    """Finds and reads the resource of one run; nothing here writes or waits."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._resource = context.resource
        self._options = context.options
        self._finder = context.finder
        self.snapshots = SnapshotReader(context)
        self.seen: set[str] = set()  # the ids of all that was found so far

    def identity(self) -> Optional[Identity]:
        """The first identity whose options are all given; None where there is none (or the id is given)."""
        return next((identity for identity in self._resource.identities if is_given(identity, self._options)), None)

    def find(self, identity: Optional[Identity]) -> Optional[dict[str, Any]]:
        """The resource as the API shows it now; raises AmbiguousError when several fit."""
        self._refuse_ids_as_names()
        if self._options.get("id") is not None:
            row = existing(self._resource, self.read(str(self._options["id"])))
            if row is None and self._context.settings.state == "absent":
                # A mistyped region also returns 404 for the resource, but not for the list.
                self._finder.list(self._resource.type)
            return row
        rows = self.rows(identity) if identity else []
        if identity and not rows and self._context.settings.state != "absent":
            rows = self._reusable_rows(identity)
        return self.only(rows)

    def _refuse_ids_as_names(self) -> None:
        """Refuse an id given as a name, of the resource or a sub-resource: it would create a duplicate, or delete nothing.

        Only a name in the form of an id is read. Raises OptionError.
        """
        if self._options.get("id") is None:
            self._refuse_id_as_name(self._resource, "name", self._options.get("name"), "id")
        if self._context.settings.state == "absent":
            return
        for resource, options in wanted_sub_resources(self._resource, self._options):
            own = [item.name for item in resource.fields if item.ref and item.ref.type is resource.type]
            self._refuse_id_as_name(resource, options.path("name"), options.get("name"), own[0] if own else "")

    def _refuse_id_as_name(self, resource: Resource, option: str, value: Any, right: str) -> None:
        resource_type = resource.type
        if (
            value is None
            or resource_type.known_by_name
            or "{parent_id}" in resource_type.path
            or not has_id_form(resource_type, str(value))
        ):
            return
        row = read(resource, self._finder, canonical(resource_type, str(value)))
        if row is not None:
            raise id_as_name(resource_type, option, row, right)

    def only(self, rows: list[dict[str, Any]]) -> Optional[dict[str, Any]]:
        """The one row that was found, or None; raises AmbiguousError when there are several."""
        if len(rows) > 1:
            resource_type = self._resource.type
            raise AmbiguousError(
                "Found %d %s that match %s: %s."
                % (len(rows), resource_type.plural, self.label(), describe_rows(resource_type, rows)),
                "Set id to the id of one of them.",
                ids=[str(row.get(resource_type.id_field)) for row in rows],
            )
        return rows[0] if rows else None

    def read(self, identifier: str) -> Optional[dict[str, Any]]:
        """The resource with this id, as much of it as the API shows; None when there is none."""
        return read(self._resource, self._finder, identifier)

    def _reusable_rows(self, identity: Identity) -> list[dict[str, Any]]:
        """What a weaker identity finds and its description lets a run use, before another one is created."""
        for other in self._resource.identities:
            if other.reusable and other is not identity and is_given(other, self._options):
                return self._resource.hooks.reuse(self._options, self.rows(other))
        return []

    def rows(self, identity: Identity) -> list[dict[str, Any]]:
        """Everything that fits an identity, in all statuses."""
        resource_type = self._resource.type
        wanted = self.wanted(identity)
        if KNOWN_LATER in wanted.values():
            return []
        fields = {name: self._resource.field(name) for name in wanted}
        query = {item.api.filter: wanted[name] for name, item in fields.items() if item.api.filter}
        by_name = wanted.get("name")
        rows = (
            self._finder.named(resource_type, by_name, query)
            if by_name is not None
            else self._finder.list(resource_type, query)
        )
        found = [row for row in rows if self.fits(row, wanted) and existing(self._resource, row)]
        self.seen.update(own_id(self._resource.type, row) for row in found)
        return found

    def own_rows(self) -> list[dict[str, Any]]:
        """Everything that fits the identity which the options give."""
        identity = self.identity()
        return self.rows(identity) if identity else []

    def wanted(self, identity: Identity) -> dict[str, Any]:
        """The values of an identity's options, with ids in place of references."""
        wanted: dict[str, Any] = {}
        for name in identity.options:
            item, value = self._resource.field(name), self._options[name]
            wanted[name] = (
                self._finder.resolve(item.ref.type, value) if item.ref and str(value) not in item.literals else value
            )
        return wanted

    def fits(self, row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        """Whether a row has all values of an identity."""
        return all(self._shows(row, name, value) for name, value in wanted.items())

    def _shows(self, row: Mapping[str, Any], name: str, value: Any) -> bool:
        item = self._resource.field(name)
        current = get_path(row, item.ref.id_at) if item.ref and item.ref.id_at else item.value_in(row)
        return current is not MISSING and bool(item.value.identifies(value, current))

    def target(self, row: Optional[Mapping[str, Any]]) -> Target:
        """The resource as the target of steps."""
        resource_type = self._resource.type
        label = self._options.get("name") or self._options.get("id") or (row or {}).get(resource_type.name_field) or ""
        return Target(self._resource, None if row is None else str(row[resource_type.id_field]), label=str(label))

    def label(self) -> str:
        """The resource as messages name it."""
        noun = self._resource.type.noun
        for name in ("name", "id"):
            if self._options.get(name) is not None:
                return "%s %s'%s'" % (noun, "" if name == "name" else "id ", self._options[name])
        identity = self.identity()
        return (
            "%s with %s" % (noun, ", ".join("%s=%s" % (n, self._options[n]) for n in identity.options))
            if identity
            else noun
        )

    def whole(self, row: Optional[dict[str, Any]]) -> Optional[dict[str, Any]]:
        """The row with the values that only a read by id shows."""
        if row is None or self._resource.hooks.list_is_whole or "id" in self._options:
            return row
        whole = self._finder.get(self._resource.type, self._resource.read_path, str(row[self._resource.type.id_field]))
        return row if whole is None else {**row, **whole}


def is_given(identity: Identity, options: Mapping[str, Any]) -> bool:
    """Whether all options of an identity have a value."""
    return all(options.get(name) not in (None, {}, "") for name in identity.options)


def existing(resource: Resource, row: Optional[dict[str, Any]]) -> Optional[dict[str, Any]]:
    """The row, or None when its status says that the resource is deleted."""
    return None if resource.type.statuses.group(row) == DELETED else row
