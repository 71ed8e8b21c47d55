# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The thing of a run as the API shows it now: found by its identity, with those views and children that the options speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Call
from ansible_collections.gcore.cloud.plugins.module_utils.engine.context import Context
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import Snapshot, Target
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import read
from ansible_collections.gcore.cloud.plugins.module_utils.errors import AmbiguousError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import (
    IF_CHANGED,
    ON_DELETION,
    Identity,
    LocatedOptions,
    RelatedRead,
    Resource,
    SubResource,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.rows import describe_rows, id_as_name, of_id
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import (
    DELETED,
    DELETING,
    canonical,
    has_id_form,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import KNOWN_LATER, MISSING, get_path


class Reader:
    """Finds and reads the thing of one run; nothing here writes or waits."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._resource = context.resource
        self._options = context.options
        self._finder = context.finder
        self.seen: set[str] = set()  # the ids of all that was found so far
        self.sub_resources_seen: set[str] = set()  # … and of all children
        self._lists: dict[str, list[dict[str, Any]]] = {}  # what one look at the thing has read so far
        self._taken: set[tuple[str, str]] = set()

    # ----------------------------------------------------------------- find

    def identity(self) -> Optional[Identity]:
        """The way of finding that the options allow; None where none does (or the id is given)."""
        return next((identity for identity in self._resource.identities if self._is_given(identity)), None)

    def _is_given(self, identity: Identity) -> bool:
        return all(self._options.get(name) not in (None, {}, "") for name in identity.options)

    def find(self, identity: Optional[Identity]) -> Optional[dict[str, Any]]:
        """The thing as the API shows it now; raises AmbiguousError when several fit."""
        self._refuse_ids_as_names()
        if self._options.get("id") is not None:
            row = self._existing(self.read(str(self._options["id"])))
            if row is None and self._context.settings.state == "absent":
                # A mistyped region also answers 404: its list does not.
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
        for resource, options in self.parts():
            own = [item.name for item in resource.fields if (item.ref and item.ref.type is resource.type)]
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
        """The one that was found, or None; raises AmbiguousError when there are several."""
        if len(rows) > 1:
            resource_type = self._resource.type
            raise AmbiguousError(
                "%d %s fit %s: %s."
                % (len(rows), resource_type.plural, self.label(), describe_rows(resource_type, rows)),
                "Give the id of the one that is meant.",
                ids=[str(row.get(resource_type.id_field)) for row in rows],
            )
        return rows[0] if rows else None

    def read(self, identifier: str) -> Optional[dict[str, Any]]:
        """The thing with this id, as much of it as the API shows; None when there is none."""
        return read(self._resource, self._finder, identifier)

    def _existing(self, row: Optional[dict[str, Any]]) -> Optional[dict[str, Any]]:
        """The row, or None when its status says that the resource is deleted."""
        return None if self._resource.type.statuses.group(row) == DELETED else row

    def _reusable_rows(self, identity: Identity) -> list[dict[str, Any]]:
        """What a weaker identity finds, and its description lets us take, before another one is made."""
        for other in self._resource.identities:
            if other.reusable and other is not identity and self._is_given(other):
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
        found = [row for row in rows if self.fits(row, wanted) and self._existing(row)]
        self.seen.update(self.own_id(row) for row in found)
        return found

    def wanted(self, identity: Identity) -> dict[str, Any]:
        """What the options say of an identity, with the ids of what they refer to."""
        wanted: dict[str, Any] = {}
        for name in identity.options:
            item, value = self._resource.field(name), self._options[name]
            wanted[name] = (
                self._finder.resolve(item.ref.type, value) if item.ref and str(value) not in item.literals else value
            )
        return wanted

    def fits(self, row: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
        """Whether a row shows all that an identity wants."""
        return all(self._shows(row, name, value) for name, value in wanted.items())

    def _shows(self, row: Mapping[str, Any], name: str, value: Any) -> bool:
        item = self._resource.field(name)
        current = get_path(row, item.ref.id_at) if item.ref and item.ref.id_at else item.value_in(row)
        return current is not MISSING and bool(item.value.identifies(value, current))

    def own_id(self, row: Mapping[str, Any]) -> str:
        """What tells a thing from a later one of its name, also where the API's paths want the name."""
        return str(row.get("id") or row[self._resource.type.id_field])

    def target(self, row: Optional[Mapping[str, Any]]) -> Target:
        resource_type = self._resource.type
        label = self._options.get("name") or self._options.get("id") or (row or {}).get(resource_type.name_field) or ""
        return Target(self._resource, None if row is None else str(row[resource_type.id_field]), label=str(label))

    def label(self) -> str:
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
        """The row with what only a read by id shows."""
        if row is None or self._resource.hooks.list_is_whole or "id" in self._options:
            return row
        whole = self._finder.get(self._resource.type, self._resource.read_path, str(row[self._resource.type.id_field]))
        return row if whole is None else {**row, **whole}

    # ------------------------------------------------------------- snapshots

    def snapshot(self, row: dict[str, Any]) -> Snapshot:
        """The thing with those views and children that the options speak of."""
        self._lists, self._taken = {}, set()
        identifier = str(row[self._resource.type.id_field])
        for related_read in self._resource.related_reads:
            if related_read.when != IF_CHANGED and any(name in self._options for name in related_read.options):
                self.add_related_read(related_read, row)
        snapshot = Snapshot(row)
        for sub_resources in self._resource.sub_resources if self._context.settings.state != "absent" else ():
            wanted = self._resource.wanted_of(sub_resources, self._options)
            if wanted is not None:
                snapshot.sub_resources[sub_resources.option] = self._sub_resources(
                    sub_resources, wanted, identifier, row, identifier
                )
        snapshot.taken = frozenset(self._taken)
        return snapshot

    def add_related_read(self, related_read: RelatedRead, row: dict[str, Any]) -> None:
        """Add a related read to the row of the thing itself."""
        if related_read.key not in row:
            row[related_read.key] = related_read.pick(
                row, self._related_rows(related_read, str(row[self._resource.type.id_field]), row)
            )

    def _sub_resource_rows(self, sub_resources: SubResource, parent_id: str, top_id: str) -> list[dict[str, Any]]:
        """The children of one parent; a list that serves several parents is read once."""
        ids = {"parent_id": parent_id, "top_id": top_id}
        query = {name: value.format(**ids) for name, value in sub_resources.query.items()}
        call = Call("GET", sub_resources.path, query).fill(**ids, **self._context.scope)
        rows = self._listed(call)
        if sub_resources.unique:
            resource_type = sub_resources.resource.type
            self._taken.update((resource_type.name, str(row[resource_type.name_field])) for row in rows)
        going = (DELETED, DELETING) if self._context.settings.check_mode else (DELETED,)
        rows = [row for row in rows if sub_resources.resource.type.statuses.group(row) not in going]
        return [row for row in rows if sub_resources.resource.hooks.belongs(parent_id, row)]

    def parts(self) -> list[tuple[Resource, LocatedOptions]]:
        """All children that the options name, at any depth, each with its description."""
        return list(wanted_sub_resources(self._resource, self._options))

    def new_sub_resources(self, child: Target) -> list[dict[str, Any]]:
        """Those children of the same parent that no look has shown so far, read now."""
        key = child.resource.type.id_field
        self.refresh()
        return [row for row in self._siblings(child) if str(row.get("id") or row[key]) not in self.sub_resources_seen]

    def refresh(self) -> None:
        """Have what is read next read anew."""
        self._lists = {}

    def read_sub_resource(self, child: Target) -> Optional[dict[str, Any]]:
        """A child as its list shows it; None when there is none."""
        return of_id(child.resource.type, self._siblings(child), str(child.id))

    def _siblings(self, child: Target) -> list[dict[str, Any]]:
        sub_resources = list_of(self._resource, child.resource)
        if sub_resources is None or child.parent is None or child.parent.id is None or child.top.id is None:
            return []
        return self._sub_resource_rows(sub_resources, child.parent.id, child.top.id)

    def _listed(self, call: Call, paged: bool = True) -> list[dict[str, Any]]:
        """A list, read once in one look at the thing."""
        key = str((call.path, sorted(call.query.items())))
        if key not in self._lists:
            self._lists[key] = self._context.client.list(call, self._context.deadline, paged)
        return self._lists[key]

    def _sub_resources(
        self,
        sub_resources: SubResource,
        wanted: Sequence[Mapping[str, Any]],
        parent_id: str,
        parent: Mapping[str, Any],
        top_id: str,
    ) -> list[Snapshot]:
        rows = self._sub_resource_rows(sub_resources, parent_id, top_id)
        self.sub_resources_seen.update(str(row.get("id") or row[sub_resources.resource.type.id_field]) for row in rows)
        for row in rows:
            sub_resources.resource.hooks.complete_row(row, parent)
        for related_read in sub_resources.resource.related_reads:
            removing = related_read.when == ON_DELETION and self._options.get(sub_resources.purge or "")
            if removing or any(name in options for options in wanted for name in related_read.options):
                more = self._related_rows(related_read, parent_id, {})
                for row in rows:
                    row[related_read.key] = related_read.pick(row, more)
        found = []
        for row in rows:
            snapshot = Snapshot(row)
            for deeper in sub_resources.resource.sub_resources:
                inner = [options for options in wanted if sub_resources.resource.wanted_of(deeper, options) is not None]
                if inner:
                    identifier = str(row[sub_resources.resource.type.id_field])
                    snapshot.sub_resources[deeper.option] = self._sub_resources(
                        deeper,
                        [each for options in inner for each in sub_resources.resource.wanted_of(deeper, options) or []],
                        identifier,
                        row,
                        top_id,
                    )
            found.append(snapshot)
        return found

    def _related_rows(self, related_read: RelatedRead, identifier: str, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        query = {name: value.format(id=identifier, row=row) for name, value in related_read.query.items()}
        if "None" in query.values():
            return []  # the row does not name it (yet)
        call = Call("GET", related_read.path, query).fill(id=identifier, parent_id=identifier, **self._context.scope)
        return self._listed(call, related_read.paged)


def list_of(resource: Resource, child: Resource) -> Optional[SubResource]:
    """Where the children of a description are listed, at any depth."""
    for sub_resources in resource.sub_resources:
        found = sub_resources if sub_resources.resource is child else list_of(sub_resources.resource, child)
        if found is not None:
            return found
    return None


def wanted_sub_resources(resource: Resource, options: Mapping[str, Any]) -> Iterator[tuple[Resource, LocatedOptions]]:
    """The children that the options of a thing name, at any depth."""
    for sub_resources in resource.sub_resources:
        for child in resource.wanted_of(sub_resources, options) or []:
            yield sub_resources.resource, child
            yield from wanted_sub_resources(sub_resources.resource, child)
