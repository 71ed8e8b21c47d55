# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource types: how resources are listed, identified and distinguished, and what their statuses mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from .values import MISSING, get_path

PROJECT = "project"
REGIONAL = "regional"
GLOBAL = "global"
UUID = "UUID"
NUMBER = "number"
TEXT = "text"  # of any form, or a name
READY = "ready"  # can be used and changed
CREATING = "creating"
CHANGING = "changing"  # an operation is in progress; the API accepts no other one
DELETING = "deleting"
DELETED = "deleted"  # still listed, but deleted
FAILED = "failed"
UNDOCUMENTED = "undocumented"  # in none of these groups


@dataclass(frozen=True)
class Statuses:
    """What each status of a resource type means: every status that the API documents is in exactly one group.

    ``path`` of the status in a response; None: there is no status. A status in no group is never taken for a success, unless
    ``documented`` is false: the API documents no list of statuses, and an unknown one is accepted with a warning.
    ``holds_nothing`` are the failed statuses in which recreate loses no data. In other failed statuses it is allowed only when
    the creation itself has failed.
    """

    path: Optional[str] = None
    ready: tuple[str, ...] = ()
    creating: tuple[str, ...] = ()
    changing: tuple[str, ...] = ()
    deleting: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    holds_nothing: tuple[str, ...] = ()
    documented: bool = True

    def of(self, row: Optional[Mapping[str, Any]]) -> Optional[str]:
        """The status that a row shows, or None."""
        value = get_path(row, self.path) if self.path and row is not None else None
        return None if value in (None, MISSING) else str(value)

    def group(self, row: Optional[Mapping[str, Any]]) -> str:
        """The group of a row's status; READY where the row shows no status."""
        status = self.of(row)
        if status is None:
            return READY
        groups = (READY, CREATING, CHANGING, DELETING, DELETED, FAILED)
        return next((group for group in groups if status in getattr(self, group)), UNDOCUMENTED)

    @property
    def can_fail(self) -> bool:
        """Whether a status can show that a creation has failed or is in progress."""
        return bool(self.failed or self.creating)


NO_STATUS = Statuses()


@dataclass(frozen=True)
class ResourceType:
    """One row of the table of resource types: how resources of a type are listed, identified and distinguished.

    ``path`` of the list; ``name_filter``: its query parameter for names (the client filters again); ``id_field``: the field that
    the API's paths take, of the form ``id_form``; ``name_field``: the field of the name, compared in any case if ``ignore_case``;
    ``created_key``: the key in created_resources; ``distinguished_by``: the fields that an error shows of several resources of one name.
    """

    name: str
    path: str
    id_field: str = "id"
    name_field: str = "name"
    name_filter: Optional[str] = None
    ignore_case: bool = False
    id_form: str = UUID
    wider_query: Mapping[str, Any] = field(default_factory=dict)  # of the list with resources that other projects share
    scope: str = REGIONAL
    created_key: Optional[str] = None
    distinguished_by: tuple[str, ...] = ()
    statuses: Statuses = NO_STATUS

    @property
    def catalog(self) -> bool:
        """Whether the platform offers them: a play cannot create one. Only what a play creates has a UUID."""
        return self.id_form != UUID

    @property
    def known_by_name(self) -> bool:
        """Whether the API's paths take the name: there is no id."""
        return self.id_field == self.name_field

    @property
    def noun(self) -> str:
        """The human-readable name of the resource type."""
        return self.name.replace("_", " ")

    @property
    def list_name(self) -> str:
        return self.name + "s"

    @property
    def plural(self) -> str:
        return self.list_name.replace("_", " ")


def has_id_form(resource_type: ResourceType, value: str) -> bool:
    """Whether a reference is an id: a UUID or, for projects and regions, a number. Other ids are looked up like names."""
    pattern = {NUMBER: r"\d+", UUID: r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"}.get(resource_type.id_form)
    return pattern is not None and bool(re.fullmatch(pattern, value))


def canonical(resource_type: ResourceType, value: str) -> str:
    """A reference; an id in the form in which the API shows it."""
    return value.lower() if has_id_form(resource_type, value) else value
