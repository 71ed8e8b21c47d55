# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The language of descriptions: a resource, its sub-resources, related reads, states, and hooks for special cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Optional

from ..errors import StatusError
from .option import IMMUTABLE, INPUT, ON_DELETE, ON_STATE, Action, Option
from .types import ResourceType

# When a related read is sent (``RelatedRead.when``).
IF_GIVEN = "if given"  # one of its options is given
IF_CHANGED = "if changed"  # one of its options differs from the current value
ON_DELETION = "on deletion"  # before every deletion
ON_REQUEST = "on request"  # by the _info module, when the option named like ``key`` is true


@dataclass(frozen=True)
class Identity:
    """One way to identify the resource: all of ``options`` must be given, and each must equal the value in the response.

    ``reusable``: where an earlier identity matches nothing, a resource that this one matches may be used instead of a new one,
    see ``Hooks.reuse``.
    """

    options: tuple[str, ...]
    reusable: bool = False


@dataclass(frozen=True)
class RelatedRead:
    """Further properties of a resource, read with another request.

    ``key``: where the result is put in the resource's row; ``path`` and ``query`` of a list (they may hold {id} and fields of the
    row, {row[...]}), ``paged``: whether the list has pages; ``pick(row, rows)`` returns the result;
    ``when``: IF_GIVEN, IF_CHANGED, ON_DELETION or ON_REQUEST; the first two are about ``options``.
    """

    key: str
    path: str
    options: tuple[str, ...]
    pick: Callable[[Mapping[str, Any], list[dict[str, Any]]], Any]
    query: Mapping[str, str] = field(default_factory=dict)
    paged: bool = True
    when: str = IF_GIVEN


class LocatedOptions(dict[str, Any]):
    """The options of a sub-resource, and where the user wrote them.

    ``place`` is the path of the entry, empty for options of the parent that are a short form of one; ``names`` maps options to the
    names that they have there.
    """

    def __init__(self, options: Mapping[str, Any], place: str = "", names: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(options)
        self.place = place
        self.names = names or {}

    def path(self, name: str) -> str:
        """The path of one option."""
        return ".".join(part for part in (self.place, self.names.get(name, name)) if part)


@dataclass(frozen=True)
class SubResource:
    """Resources that belong to a parent, listed in one of its options and written with separate requests.

    ``path`` and ``query`` of their list hold {parent_id}, or {top_id}, the id of the resource that the module manages: one list
    then serves all parents, see ``Hooks.belongs``. ``inline``: the parent's create request takes them whole. ``purge``: the option
    that removes entries that are not listed (without it none is ever removed); its default is ``authoritative``, which is true only
    where entries hold no data and are not billed. ``minimum`` and ``maximum``: how many a parent has; ``unique``: names are unique
    among the sub-resources of all parents.
    """

    option: str
    resource: Resource
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    inline: bool = True
    purge: Optional[str] = None
    authoritative: bool = False
    minimum: int = 0
    maximum: Optional[int] = None
    unique: bool = False


@dataclass(frozen=True)
class SecretFile:
    """Content that is written to a file (mode 0600) and returned only with return_content.

    ``option`` holds the path of the file; ``key`` is the key in the response of a GET of ``path`` or, without a path, of the create
    request (shown once); ``result`` is the key in the result; the API generates the secret only if the option ``when_missing`` is
    omitted.
    """

    option: str
    key: str
    result: str = ""  # default: the key
    path: Optional[str] = None
    when_missing: Optional[str] = None

    @property
    def noun(self) -> str:
        """The human-readable name of the secret."""
        return (self.result or self.key).replace("_", " ")


@dataclass(frozen=True)
class State:
    """A state besides present and absent: the statuses that it stands for, and the actions that lead there.

    ``actions`` raises StatusError for a status from which the state cannot be reached. ``always``: the actions run every time,
    whatever the status (rebooted).
    """

    name: str
    reached: tuple[str, ...]
    actions: Callable[[str, Mapping[str, Any]], tuple[Action, ...]]  # (current status, options) -> actions
    always: bool = False


def from_statuses(table: Mapping[str, Callable[[Mapping[str, Any]], tuple[Action, ...]]]) -> Any:
    """The actions of a state by current status; from any other status the state cannot be reached."""

    def actions(status: str, options: Mapping[str, Any]) -> tuple[Action, ...]:
        if status not in table:
            raise StatusError(
                "The state cannot be reached from status %s." % status,
                "It can be reached from status %s." % " or ".join(table),
            )
        return table[status](options)

    return actions


class SubResourceHooks:
    """Special cases of a resource that is a sub-resource of another one.

    ``any_match``: where several rows match one entry, any of them is used instead of an error.
    """

    any_match = False

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """Whether a row is the sub-resource that an entry describes."""
        return bool(options.get("name") == row.get("name"))

    def belongs(self, parent_id: str, row: Mapping[str, Any]) -> bool:
        """Whether a row of a list that serves all parents belongs to this parent."""
        return True

    def complete_row(self, row: dict[str, Any], parent: Mapping[str, Any]) -> None:
        """Add to a row what only the parent's row shows, for the comparison."""

    def is_kept(self, row: Mapping[str, Any]) -> bool:
        """Whether a purge never removes a row."""
        return False


class Hooks(SubResourceHooks):
    """Special cases of one resource: a subclass in the resource's own file overrides what it needs.

    ``response``: the predicted response of a new resource, see ``common.predicted``. ``has_item``: a GET by id exists;
    ``list_is_whole``: a row of the list has all fields of a GET by id. ``may_orphan``: types of resources that a failed creation
    may leave behind. ``mutually_exclusive``: as in an argument spec.
    """

    response: Mapping[str, Any] = {}
    has_item = True
    list_is_whole = True
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    may_orphan: tuple[ResourceType, ...] = ()

    def check(self, options: Mapping[str, Any]) -> None:
        """Raise OptionError for a combination of options that is not allowed."""

    def check_new(self, options: Mapping[str, Any], lookup: Callable[..., str], path: Callable[[str], str]) -> None:
        """Raise OptionError where the options do not fit the references of a new resource.

        ``lookup(type, name, by=…)`` reads a field of a referenced resource; ``path(name)`` is the path of an option.
        """

    def picked_from(self, option: Option) -> Optional[RelatedRead]:
        """A list of the referenced resource from which the value is picked, where requests take neither its id nor a field of it."""
        return None

    def creation(self, options: Mapping[str, Any]) -> Optional[Action]:
        """The action that creates a resource with these options; None: ``Resource.create``."""
        return None

    def afterwards(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """The names of options that the create request does not take with these values: they are set after the creation."""
        return ()

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """Complete the body of the create request."""
        return body

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the body as a part of the parent's create request."""
        return body

    def update_body(self, patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the body of the PATCH, where it needs more than the options that differ."""
        return patch

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """The actions that precede a deletion; raises a GcoreError to refuse it."""
        return []

    def deletion(self, row: Mapping[str, Any]) -> Optional[Action]:
        """The action that deletes a resource; None: ``Resource.delete``."""
        return None

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The query of the delete request."""
        return {}

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about resources that are not deleted with this one and still billed."""
        return None

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Complete the predicted response of a new resource in place."""

    def reuse(self, options: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Of the rows that a reusable identity matches, those that may be used instead of a new resource."""
        return rows

    def wanted(self, sub_resource: SubResource, options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
        """The entries of a sub-resource in the options, or None where they are omitted."""
        inside = options.place + "." if isinstance(options, LocatedOptions) and options.place else ""
        listed = options.get(sub_resource.option)
        if listed is None:
            return None
        return [
            LocatedOptions(each, "%s%s[%d]" % (inside, sub_resource.option, index)) for index, each in enumerate(listed)
        ]


NO_HOOKS = Hooks()


@dataclass(frozen=True)
class Resource:
    """The description of a resource. Without ``create`` there is only an _info module."""

    type: ResourceType
    options: tuple[Option, ...] = ()
    identities: tuple[Identity, ...] = (Identity(("name",)),)
    create: Optional[Action] = None
    update: Optional[Action] = None
    delete: Optional[Action] = None
    sub_resources: tuple[SubResource, ...] = ()
    related_reads: tuple[RelatedRead, ...] = ()
    states: tuple[State, ...] = ()
    secret_files: tuple[SecretFile, ...] = ()
    filters: tuple[Option, ...] = ()  # of the list, as options of the _info module
    hooks: Hooks = NO_HOOKS

    @property
    def name(self) -> str:
        return self.type.name

    @cached_property
    def fields(self) -> tuple[Option, ...]:
        """The options that are properties of the resource."""
        return tuple(item for item in self.options if item.is_property)

    @property
    def inputs(self) -> tuple[Option, ...]:
        """The options that are inputs of the module only."""
        return self._options_of(INPUT)

    @property
    def delete_options(self) -> tuple[Option, ...]:
        return self._options_of(ON_DELETE)

    @property
    def state_options(self) -> tuple[Option, ...]:
        return self._options_of(ON_STATE)

    def _options_of(self, change: str) -> tuple[Option, ...]:
        return tuple(item for item in self.options if item.change == change)

    @property
    def read_path(self) -> str:
        """The path of one resource."""
        return self.type.path + "/{id}"

    @property
    def info_reads(self) -> tuple[RelatedRead, ...]:
        """The related reads that the _info module offers."""
        return tuple(each for each in self.related_reads if each.when == ON_REQUEST)

    @property
    def response_secrets(self) -> tuple[str, ...]:
        """Keys of responses that are removed from every result."""
        return tuple(each.key for each in self.secret_files if each.path is None)

    @property
    def identifying(self) -> tuple[tuple[str, ...], ...]:
        """The options of every identity, without identities that only add options to another one."""
        ways = [each.options for each in self.identities]
        return tuple(way for way in ways if not any(set(other) < set(way) for other in ways))

    def field(self, name: str) -> Option:
        """The property of this name; raises KeyError."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    def creation(self, options: Mapping[str, Any]) -> Action:
        """The action that creates the resource."""
        return known(self.hooks.creation(options) or self.create)

    def deletion(self, row: Mapping[str, Any]) -> Action:
        """The action that deletes the resource."""
        return known(self.hooks.deletion(row) or self.delete)

    def wanted_of(self, sub_resource: SubResource, options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
        """The entries of a sub-resource in the options, or None where they are omitted."""
        return self.hooks.wanted(sub_resource, options)

    @property
    def starts_tasks(self) -> bool:
        """Whether the creation starts a task; if not, there is nothing to wait for."""
        return self.create is not None and self.create.task is not None

    @property
    def can_be_recreated(self) -> bool:
        """Whether ``recreate`` has a use: there is an immutable option, or a failed status."""
        return bool(self.type.statuses.failed) or any(item.change == IMMUTABLE for item in self.fields)

    def purge_options(self) -> dict[str, bool]:
        """The purge_… options and their defaults."""
        found = {item.value.purge: item.value.authoritative for item in self.fields if item.value.purge}
        found.update({each.purge: each.authoritative for each in self.sub_resources if each.purge})
        for each in self.sub_resources:
            found = {**each.resource.purge_options(), **found}
        return found


def known(action: Optional[Action]) -> Action:
    """The action; raises TypeError where a description lacks it."""
    if action is None:
        raise TypeError("The description has no such action.")
    return action
