# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The state: records by type, in memory."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Callable

from .clock import object_time

if TYPE_CHECKING:
    from .simulator import Simulator

Ident = str | int


@dataclass(frozen=True)
class ResourceType:
    """A resource type: how its resources are called, created and shown."""

    name: str
    label: str
    make: Callable[..., Record]
    view: Callable[..., dict[str, Any]]
    failed: Mapping[str, Any] = field(default_factory=dict)  # what a failed creation leaves (D2)
    deleting: Mapping[str, Any] = field(default_factory=dict)  # what is shown during its deletion
    undeleted: Mapping[str, Any] = field(default_factory=dict)  # what a failed deletion leaves
    global_region: bool = False  # whether it belongs to no region


@dataclass(eq=False)
class Record:
    """One resource. ``data`` has what is particular to its type."""

    kind: str
    id: Ident
    project_id: int | None
    region_id: int | None
    data: dict[str, Any]
    created: float
    updated: float
    order: int = 0
    creator_task_id: str | None = None
    task_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    read_only_tags: dict[str, str] = field(default_factory=dict)
    visible: bool = True
    lock_owner: Record | None = None
    stale_until: float = 0.0
    stale_view: dict[str, Any] | None = None

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value

    @property
    def locked_by(self) -> str | None:
        """The task that holds the lock of this object, or of the object that owns its lock (D3)."""
        return self.task_id or (self.lock_owner.locked_by if self.lock_owner else None)

    def tag_list(self) -> list[dict[str, Any]]:
        """Tags as they are read: ``[{key, value, read_only}]`` (A7)."""
        rows = [{"key": key, "value": value, "read_only": True} for key, value in self.read_only_tags.items()]
        return rows + [{"key": key, "value": value, "read_only": False} for key, value in self.tags.items()]

    def has_tags(self, keys: Iterable[str], pairs: dict[str, str]) -> bool:
        """Whether all the keys and all the pairs are there (A3)."""
        tags = {**self.tags, **self.read_only_tags}
        return all(key in tags for key in keys) and all(tags.get(key) == value for key, value in pairs.items())


class Store:
    """All records, by type and id."""

    def __init__(self) -> None:
        self._kinds: dict[str, dict[Ident, Record]] = {}
        self._ghosts: dict[tuple[str, Ident], Record] = {}
        self._order = 0

    def add(self, record: Record) -> Record:
        """Add a record."""
        self._order += 1
        record.order = self._order
        self._kinds.setdefault(record.kind, {})[record.id] = record
        return record

    def remove(self, record: Record) -> None:
        """Remove a record."""
        self._kinds.get(record.kind, {}).pop(record.id, None)

    def has(self, record: Record) -> bool:
        """Whether this very record is still there."""
        return self._kinds.get(record.kind, {}).get(record.id) is record

    def leave_ghost(self, record: Record) -> None:
        """Keep a removed record readable until its stale view runs out."""
        self._ghosts[(record.kind, record.id)] = record

    def ghosts(self, kind: str, now: float) -> list[Record]:
        """Removed records that reads still show."""
        for key in [key for key, record in self._ghosts.items() if record.stale_until <= now]:
            del self._ghosts[key]
        return [record for (name, _unused), record in self._ghosts.items() if name == kind]

    def get(self, kind: str, ident: Ident) -> Record | None:
        """The record with this id."""
        return self._kinds.get(kind, {}).get(ident)

    def all(self, kind: str) -> Iterator[Record]:
        """All records of a type, oldest first."""
        return iter(list(self._kinds.get(kind, {}).values()))

    def everywhere(self, ident: Ident) -> list[Record]:
        """The records with this id, of any type."""
        return [records[ident] for records in self._kinds.values() if ident in records]

    def kinds(self) -> list[str]:
        """The types that have records."""
        return sorted(self._kinds)


def fixed_id(name: str) -> str:
    """An id that is the same in each run, for seed data."""
    return str(uuid.UUID(bytes=hashlib.md5(name.encode()).digest(), version=4))


def new_record(
    sim: Simulator,
    kind: str,
    project_id: int | None,
    region_id: int | None,
    data: dict[str, Any],
    *,
    ident: Ident | None = None,
    tags: dict[str, str] | None = None,
    read_only_tags: dict[str, str] | None = None,
) -> Record:
    """Create a record and add it to the store."""
    now = sim.now()
    return sim.store.add(
        Record(
            kind=kind,
            id=ident if ident is not None else str(uuid.uuid4()),
            project_id=project_id,
            region_id=region_id,
            data=data,
            created=now,
            updated=now,
            tags=dict(tags or {}),
            read_only_tags=dict(read_only_tags or {}),
        )
    )


def common_view(sim: Simulator, record: Record) -> dict[str, Any]:
    """The fields called COMMON in docs/api-notes.md: Formats."""
    return {
        "id": record.id,
        "project_id": record.project_id,
        "region_id": record.region_id,
        "region": sim.region_name(record.region_id),
        "created_at": object_time(record.created),
        "updated_at": object_time(record.updated),
        "creator_task_id": record.creator_task_id,
        "task_id": record.task_id,
    }
