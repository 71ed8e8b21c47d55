# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource of a run with its related reads and sub-resources, as far as the options name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Optional

from ..api.client import Call
from ..schema.resource import IF_CHANGED, ON_DELETION, LocatedOptions, RelatedRead, Resource, SubResource
from ..schema.rows import of_id
from ..schema.types import DELETED, DELETING
from .context import Context
from .plan import Snapshot, Target
from .references import own_id


class SnapshotReader:
    """Reads what belongs to the resource of one run; each list is read once for one snapshot."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.seen: set[str] = set()  # the ids of all sub-resources that were read so far
        self._lists: dict[str, list[dict[str, Any]]] = {}  # what was read for this snapshot
        self._taken: set[tuple[str, str]] = set()  # (type, name) of sub-resources whose names are unique

    def snapshot(self, row: dict[str, Any]) -> Snapshot:
        """The resource with those related reads and sub-resources that the options name."""
        self._lists, self._taken = {}, set()
        identifier = str(row[self._context.resource.type.id_field])
        for related_read in self._context.resource.related_reads:
            if related_read.when != IF_CHANGED and any(name in self._context.options for name in related_read.options):
                self.add_related_read(related_read, row)
        snapshot = Snapshot(row)
        for sub_resource in self._context.resource.sub_resources if self._context.settings.state != "absent" else ():
            wanted = self._context.resource.wanted_of(sub_resource, self._context.options)
            if wanted is not None:
                snapshot.sub_resources[sub_resource.option] = self._sub_resources(
                    sub_resource, wanted, identifier, row, identifier
                )
        snapshot.taken = frozenset(self._taken)
        return snapshot

    def add_related_read(self, related_read: RelatedRead, row: dict[str, Any]) -> None:
        """Add a related read to the row of the resource itself."""
        if related_read.key not in row:
            row[related_read.key] = related_read.pick(
                row, self._related_rows(related_read, str(row[self._context.resource.type.id_field]), row)
            )

    def _rows(self, sub_resource: SubResource, parent_id: str, top_id: str) -> list[dict[str, Any]]:
        """The sub-resources of one parent; a list that serves several parents is read once."""
        ids = {"parent_id": parent_id, "top_id": top_id}
        query = {name: value.format(**ids) for name, value in sub_resource.query.items()}
        call = Call("GET", sub_resource.path, query).fill(**ids, **self._context.scope)
        rows = self._listed(call)
        if sub_resource.unique:
            resource_type = sub_resource.resource.type
            self._taken.update((resource_type.name, str(row[resource_type.name_field])) for row in rows)
        going = (DELETED, DELETING) if self._context.settings.check_mode else (DELETED,)
        rows = [row for row in rows if sub_resource.resource.type.statuses.group(row) not in going]
        return [row for row in rows if sub_resource.resource.hooks.belongs(parent_id, row)]

    def new(self, target: Target) -> list[dict[str, Any]]:
        """The sub-resources of the target's parent that no read has shown so far, read now."""
        resource_type = target.resource.type
        self.refresh()
        return [row for row in self._siblings(target) if own_id(resource_type, row) not in self.seen]

    def refresh(self) -> None:
        """Read the lists again when they are needed next."""
        self._lists = {}

    def read(self, target: Target) -> Optional[dict[str, Any]]:
        """A sub-resource as its list shows it; None when there is none."""
        return of_id(target.resource.type, self._siblings(target), str(target.id))

    def _siblings(self, target: Target) -> list[dict[str, Any]]:
        sub_resource = list_of(self._context.resource, target.resource)
        if sub_resource is None or target.parent is None or target.parent.id is None or target.top.id is None:
            return []
        return self._rows(sub_resource, target.parent.id, target.top.id)

    def _listed(self, call: Call, paged: bool = True) -> list[dict[str, Any]]:
        """A list, read once for one snapshot."""
        key = str((call.path, sorted(call.query.items())))
        if key not in self._lists:
            self._lists[key] = self._context.client.list(call, self._context.deadline, paged)
        return self._lists[key]

    def _sub_resources(
        self,
        sub_resource: SubResource,
        wanted: Sequence[Mapping[str, Any]],
        parent_id: str,
        parent: Mapping[str, Any],
        top_id: str,
    ) -> list[Snapshot]:
        """Snapshots of the sub-resources of one parent, with their own, as far as the options name them."""
        rows = self._rows(sub_resource, parent_id, top_id)
        self.seen.update(own_id(sub_resource.resource.type, row) for row in rows)
        for row in rows:
            sub_resource.resource.hooks.complete_row(row, parent)
        for related_read in sub_resource.resource.related_reads:
            removing = related_read.when == ON_DELETION and self._context.options.get(sub_resource.purge or "")
            if removing or any(name in options for options in wanted for name in related_read.options):
                more = self._related_rows(related_read, parent_id, {})
                for row in rows:
                    row[related_read.key] = related_read.pick(row, more)
        found = []
        for row in rows:
            snapshot = Snapshot(row)
            for deeper in sub_resource.resource.sub_resources:
                inner = [options for options in wanted if sub_resource.resource.wanted_of(deeper, options) is not None]
                if inner:
                    identifier = str(row[sub_resource.resource.type.id_field])
                    snapshot.sub_resources[deeper.option] = self._sub_resources(
                        deeper,
                        [each for options in inner for each in sub_resource.resource.wanted_of(deeper, options) or []],
                        identifier,
                        row,
                        top_id,
                    )
            found.append(snapshot)
        return found

    def _related_rows(self, related_read: RelatedRead, identifier: str, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of a related read of one resource."""
        query = {name: value.format(id=identifier, row=row) for name, value in related_read.query.items()}
        if "None" in query.values():
            return []  # the row does not name it, or not yet
        call = Call("GET", related_read.path, query).fill(id=identifier, parent_id=identifier, **self._context.scope)
        return self._listed(call, related_read.paged)


def list_of(resource: Resource, part: Resource) -> Optional[SubResource]:
    """The description of a resource's sub-resources, at any depth, by what it describes."""
    for sub_resource in resource.sub_resources:
        found = sub_resource if sub_resource.resource is part else list_of(sub_resource.resource, part)
        if found is not None:
            return found
    return None


def wanted_sub_resources(resource: Resource, options: Mapping[str, Any]) -> Iterator[tuple[Resource, LocatedOptions]]:
    """The sub-resources that the options of a resource name, at any depth, each with its description."""
    for sub_resource in resource.sub_resources:
        for part in resource.wanted_of(sub_resource, options) or []:
            yield sub_resource.resource, part
            yield from wanted_sub_resources(sub_resource.resource, part)
