# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The language of descriptions: a resource, its sub-resources, related reads, states, and hooks for what is special."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import StatusError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import (
    IMMUTABLE,
    INPUT,
    ON_DELETE,
    ON_STATE,
    Action,
    Option,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType

# When a related read is made (``RelatedRead.when``).
IF_GIVEN = "if given"  # one of its options is given
IF_CHANGED = "if changed"  # one of its options differs from the current value
ON_DELETION = "on deletion"  # before a deletion, whatever the options
ON_REQUEST = "on request"  # by the _info module, when the option of its name is true


@dataclass(frozen=True)
class Identity:
    """One way to find the resource: all of ``options`` must be given, and each must equal what the response shows.

    ``reusable``: where a stronger identity finds nothing, a resource that is found this way may be used before another one is
    created, see ``Hooks.reuse``.
    """

    options: tuple[str, ...]
    reusable: bool = False


@dataclass(frozen=True)
class RelatedRead:
    """More of a resource, read with a request of its own.

    ``key``: where it is put in the resource's row; ``path``, ``query`` of a list (they hold {id} and what the row shows,
    {row[...]}), ``paged``: whether the list has pages; ``pick(row, rows)`` makes of its rows what is put there;
    ``when``: IF_GIVEN, IF_CHANGED, ON_DELETION or ON_REQUEST, of ``options``.
    """

    key: str
    path: str
    options: tuple[str, ...]
    pick: Callable[[Mapping[str, Any], list[dict[str, Any]]], Any]
    query: Mapping[str, str] = field(default_factory=dict)
    paged: bool = True
    when: str = IF_GIVEN


class LocatedOptions(dict[str, Any]):
    """The options of a sub-resource, with where the user wrote them.

    ``place`` is the path of its entry, empty where plain options of the parent stand for the sub-resource; ``names`` are the names
    of options that are called otherwise there.
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
    """Resources that belong to another one, listed in an option of it and written with requests of their own.

    ``path`` and ``query`` of their list hold {parent_id}, and {top_id}, the id of the resource that the module is about: one list
    then serves all parents, see ``Hooks.belongs``. ``inline``: the parent's create request takes them whole. ``purge``: the option
    that removes those that are not listed, false unless ``authoritative``, which is only for what holds no data and costs nothing;
    without it none is ever removed. ``minimum`` and ``maximum``: how many a parent has; ``unique``: a name stands for one of them
    among those of all parents.
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

    ``key`` is its name in the response of ``path``, or, without a path, in the response of the create request (shown once);
    ``result`` its name in the result; ``when_missing`` the option without which the API generates the secret.
    """

    option: str
    key: str
    result: str = ""  # default: the key
    path: Optional[str] = None
    when_missing: Optional[str] = None

    @property
    def noun(self) -> str:
        """The secret's human-readable name."""
        return (self.result or self.key).replace("_", " ")


@dataclass(frozen=True)
class State:
    """A state besides present and absent: the statuses in which it is reached, and which actions lead there.

    ``actions`` raises StatusError for a status from which the state cannot be reached. ``always``: it is an act, not a
    condition, and is carried out on every run (rebooted).
    """

    name: str
    reached: tuple[str, ...]
    actions: Callable[[str, Mapping[str, Any]], tuple[Action, ...]]  # (status now, options) -> what leads there
    always: bool = False


def from_statuses(table: Mapping[str, Callable[[Mapping[str, Any]], tuple[Action, ...]]]) -> Any:
    """A state's actions by the status from which they lead there; it cannot be reached from any other."""

    def actions(status: str, options: Mapping[str, Any]) -> tuple[Action, ...]:
        if status not in table:
            raise StatusError(
                "The state cannot be reached from status %s." % status,
                "It can be reached from status %s." % " or ".join(table),
            )
        return table[status](options)

    return actions


class SubResourceHooks:
    """What is special about a resource as a sub-resource of another one.

    ``any_match``: several rows may match one wanted sub-resource, and any of them will do.
    """

    any_match = False

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """Whether a row is the wanted sub-resource."""
        return bool(options.get("name") == row.get("name"))

    def belongs(self, parent_id: str, row: Mapping[str, Any]) -> bool:
        """Whether a row of a list that serves all parents belongs to this one."""
        return True

    def complete_row(self, row: dict[str, Any], parent: Mapping[str, Any]) -> None:
        """Put what only the parent's row shows where the comparison finds it."""

    def is_kept(self, row: Mapping[str, Any]) -> bool:
        """Whether a purge never removes a row."""
        return False


class Hooks(SubResourceHooks):
    """What is special about one resource: a subclass in the resource's own file overrides what it needs.

    ``response``: the response that check mode predicts for a new one, see ``common.response``. ``has_item``: one is read by its
    id; ``list_is_whole``: a row of the list says as much as a read by id. ``may_orphan``: what else a failed creation may leave
    behind.
    """

    response: Mapping[str, Any] = {}
    has_item = True
    list_is_whole = True
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    may_orphan: tuple[ResourceType, ...] = ()

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse options that do not go together; raises OptionError."""

    def check_new(self, options: Mapping[str, Any], lookup: Callable[..., str], path: Callable[[str], str]) -> None:
        """Refuse options that do not fit what a new resource refers to; ``path`` gives an option's path. Raises OptionError."""

    def picked_from(self, option: Option) -> Optional[RelatedRead]:
        """The list of the referenced resource from whose rows the value is picked, where neither its id nor its name is wanted."""
        return None

    def creation(self, options: Mapping[str, Any]) -> Optional[Action]:
        """The action that creates a resource with these options, where it is not always the same."""
        return None

    def afterwards(self, options: Mapping[str, Any]) -> tuple[str, ...]:
        """The options that the create request does not take with these values: they are set when the resource exists."""
        return ()

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """The body of the create request, made of what the options say."""
        return body

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        """The same as part of the parent's create request."""
        return body

    def update_body(self, patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """The body of the PATCH, where the API wants more than what differs."""
        return patch

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """What has to be done before the deletion; raises what refuses it."""
        return []

    def deletion(self, row: Mapping[str, Any]) -> Optional[Action]:
        """The action that deletes a resource, where it is not always the same."""
        return None

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The query of the delete request."""
        return {}

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about what is not deleted together with the resource and still billed."""
        return None

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Complete the predicted response of a new resource in place."""

    def reuse(self, options: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Of what a reusable identity finds, what may be used before another one is created."""
        return rows

    def wanted(self, sub_resource: SubResource, options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
        """The sub-resources that the options ask for, or None when they do not speak of them."""
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
    """The whole description. Without ``create`` the resource is read only, by an _info module."""

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
    filters: tuple[Option, ...] = ()  # of the list: options of the _info module
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
        """The options that stand for something else."""
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
        """Keys of responses that no result shows."""
        return tuple(each.key for each in self.secret_files if each.path is None)

    @property
    def identifying(self) -> tuple[tuple[str, ...], ...]:
        """The options of every identity, without those that only narrow another one."""
        ways = [each.options for each in self.identities]
        return tuple(way for way in ways if not any(set(other) < set(way) for other in ways))

    def field(self, name: str) -> Option:
        """The property of this name; raises KeyError."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    def creation(self, options: Mapping[str, Any]) -> Action:
        """The action that creates it."""
        return known(self.hooks.creation(options) or self.create)

    def deletion(self, row: Mapping[str, Any]) -> Action:
        """The action that deletes it."""
        return known(self.hooks.deletion(row) or self.delete)

    def wanted_of(self, sub_resource: SubResource, options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
        """The sub-resources that the options ask for, or None when they do not speak of them."""
        return self.hooks.wanted(sub_resource, options)

    @property
    def starts_tasks(self) -> bool:
        """Whether creating it starts a task; if not, there is nothing to wait for."""
        return self.create is not None and self.create.task is not None

    @property
    def can_be_recreated(self) -> bool:
        """Whether there is a reason to delete and re-create it: an immutable option, or a failed status."""
        return bool(self.type.statuses.failed) or any(item.change == IMMUTABLE for item in self.fields)

    def purge_options(self) -> dict[str, bool]:
        """The purge_… options and their defaults: true for values, false for sub-resources that hold data or are billed."""
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
