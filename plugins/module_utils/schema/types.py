# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resource types: how resources are listed, found and told apart, and what their statuses mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import MISSING, get_path

PROJECT = "project"
REGIONAL = "regional"
GLOBAL = "global"
UUID = "UUID"
NUMBER = "number"
TEXT = "text"  # of any form, or a name
READY = "ready"  # it can be used and changed
CREATING = "creating"
CHANGING = "changing"  # an operation is in progress: no other one is accepted meanwhile
DELETING = "deleting"
DELETED = "deleted"  # still shown, no longer there
FAILED = "failed"
UNDOCUMENTED = "undocumented"  # in none of these groups


@dataclass(frozen=True)
class Statuses:
    """What each status of a resource type means: every status that the API documents is in exactly one group.

    ``path`` is where a response shows the status; None: it shows none. A status in no group is never taken for a success,
    unless ``documented`` is false: the API has no list of them, and one in no group is accepted with a warning.
    ``holds_nothing`` are the failed statuses in which recreate loses nothing. In all others it is allowed only when the
    creation itself has failed.
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
        """The group of a row's status; what shows no status is ready."""
        status = self.of(row)
        if status is None:
            return READY
        groups = (READY, CREATING, CHANGING, DELETING, DELETED, FAILED)
        return next((group for group in groups if status in getattr(self, group)), UNDOCUMENTED)

    @property
    def can_fail(self) -> bool:
        """Whether a status may show that a creation has failed, or has not ended."""
        return bool(self.failed or self.creating)


NO_STATUS = Statuses()


@dataclass(frozen=True)
class ResourceType:
    """One row of the identity table: how things of a kind are listed, found and told apart.

    ``path`` is the list's; ``name_filter`` the query parameter that narrows it by name (the client filters again);
    ``id_field`` holds what the API's paths want, ``id_form`` is the form of an id; ``created_key`` is its key in
    created_resources.
    """

    name: str
    path: str
    id_field: str = "id"
    name_field: str = "name"
    name_filter: Optional[str] = None
    name_filter_longest: int = 255
    ignore_case: bool = False
    id_form: str = UUID
    list_query: Mapping[str, Any] = field(default_factory=dict)
    wider_query: Mapping[str, Any] = field(default_factory=dict)  # shows also what other projects share
    paged: bool = True
    scope: str = REGIONAL
    created_key: Optional[str] = None
    catalog: bool = False  # the platform offers them: no task of a play creates one
    distinguished_by: tuple[str, ...] = ()
    statuses: Statuses = NO_STATUS

    @property
    def known_by_name(self) -> bool:
        """Whether the API's paths want the name: no id says which one is meant."""
        return self.id_field == self.name_field

    @property
    def noun(self) -> str:
        """The kind's name for people."""
        return self.name.replace("_", " ")

    @property
    def list_name(self) -> str:
        return self.name + "s"

    @property
    def plural(self) -> str:
        return self.list_name.replace("_", " ")


def has_id_form(resource_type: ResourceType, value: str) -> bool:
    """Whether a reference is an id: a UUID; of projects and regions, a number. An id of any other form is found like a name."""
    pattern = {NUMBER: r"\d+", UUID: r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"}.get(resource_type.id_form)
    return pattern is not None and bool(re.fullmatch(pattern, value))


def canonical(resource_type: ResourceType, value: str) -> str:
    """A reference, and an id in the form in which the API shows it."""
    return value.lower() if has_id_form(resource_type, value) else value
