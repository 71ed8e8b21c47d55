# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options: their place in requests and responses, what they refer to, how they are compared and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

from .checks import Check
from .parsing import CLEARED
from .types import ResourceType, canonical
from .values import MISSING, get_path, same, same_ignoring_null, same_set

# How an option is changed (``Option.change``); besides these, an Action, or a function of (desired, current, row, purge)
# that returns UPDATE, an Action or a list of Actions, and raises ImmutableError or OptionError.
IMMUTABLE = "immutable"  # compared; the API cannot change it
UPDATE = "update"  # goes into the resource's PATCH, with all others that differ
WRITE_ONLY = "write-only"  # the API never returns it (docs/api-notes.md: Write-only options): never compared
# Options that are no property of the resource: they are neither sent nor compared.
INPUT = "input"  # a short form of entries of a sub-resource, or an input of the search for the resource
ON_DELETE = "on-delete"  # used by a deletion: what is deleted together with the resource
ON_STATE = "on-state"  # used by the actions of a state (``State``)
# When the create request takes an option (``Api.create``).
ALWAYS = "always"
INLINE = "inline"  # only as part of the parent's create request; otherwise it is set after the creation
AFTERWARDS = "afterwards"  # never: it is set after the creation

# The order of the changes of one resource (``Action.phase``).
FIRST = 0  # before all others, of its sub-resources as well
BEFORE_UPDATE = 1
WITH_UPDATE = 2  # in the order of the options
AFTER_UPDATE = 3

OWN_ID = "(its own id)"  # in Ref.within: the id of the resource that the module manages


@dataclass(frozen=True)
class Action:
    """One write request, and the type of the task that it starts (``task`` None: it starts none).

    ``verb`` names it in messages and results ("resize"). ``path`` holds {project_id}, {region_id}, {id} and {parent_id};
    ``timeout`` is its share of the default wait_timeout, in seconds; ``body`` is the constant part of the body, or the whole
    body (which may be a list) of an Action that a function returns; ``phase`` is its place among the changes of one resource.
    """

    verb: str
    method: str
    path: str
    task: Optional[str] = None
    timeout: int = 300
    body: Any = None
    phase: int = WITH_UPDATE


@dataclass(frozen=True)
class Api:
    """The place of an option in requests and responses.

    ``name``: its name in requests (default: the option's); ``read``: the dotted path of its value in responses (default: ``name``);
    ``create``: ALWAYS, INLINE or AFTERWARDS; ``filter``: the query parameter of the list that filters by this value.
    """

    name: Optional[str] = None
    read: Optional[str] = None
    create: str = ALWAYS
    filter: Optional[str] = None


@dataclass(frozen=True)
class Ref:
    """What an option refers to, by name or id.

    ``by``: the field of the referenced resource that requests take and responses show: "id", "name", or another field of its row;
    ``create_by``: the field that the create request takes, where it differs. ``within``: pairs of (field of the referenced
    resource, option that must equal it). ``literals``: values that are not references ("new"). ``name_at`` and ``id_at``: the paths
    of the referenced resource's name and id in a response, so that it is compared without a request.
    """

    type: ResourceType
    by: str = "id"
    create_by: Optional[str] = None
    within: tuple[tuple[str, str], ...] = ()
    literals: tuple[str, ...] = ()
    name_at: Optional[str] = None
    id_at: Optional[str] = None


class Value:
    """How the value of an option is converted and compared. Special cases are subclasses in the resource's own file.

    ``purge``: the option that removes entries that are not listed; its default is ``authoritative``.
    ``null_in_create``: the create request accepts null. ``partial_patch``: the PATCH takes only the entries that differ.
    """

    purge: Optional[str] = None
    authoritative = True
    null_in_create = True
    partial_patch = False

    def from_response(self, value: Any) -> Any:
        """Convert a value of a response to the form of the option; MISSING where the response does not show it."""
        return value

    def to_response(self, value: Any) -> Any:
        """Convert the value to the form of a response, for the predicted state."""
        return value

    def to_request(self, value: Any) -> Any:
        """Convert the value for the create request."""
        return value

    def to_patch(self, desired: Any, current: Any) -> Any:
        """Convert the value for the PATCH."""
        return None if desired is None else self.to_request(desired)

    def same(self, desired: Any, current: Any) -> bool:
        """Whether two values, both in the form of the option, are equal."""
        return same(desired, current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        """The desired value, with what it omits taken from the current one."""
        return completed(suboptions, desired, current) if suboptions else desired

    def identifies(self, given: Any, current: Any) -> bool:
        """Whether the given value identifies a resource that has the current value."""
        return self.same(given, current)


class Set(Value):
    """A list whose order is not significant."""

    def same(self, desired: Any, current: Any) -> bool:
        return same_set(desired, current)


class IgnoringNull(Value):
    """Suboptions where null equals missing, at any depth, and the order of lists is not significant."""

    def same(self, desired: Any, current: Any) -> bool:
        return same_ignoring_null(desired, current)


class NotNullInCreate(Value):
    """A value that the create request does not accept as null."""

    null_in_create = False


class Integer(NotNullInCreate):
    """A number in the API, text in the option: the id of a region, for example."""

    def to_request(self, value: Any) -> Any:
        return int(value)


class OrMissing(Value):
    """A value that responses do not always show."""

    def from_response(self, value: Any) -> Any:
        return value or MISSING


PLAIN = Value()
SET = Set()
IGNORING_NULL = IgnoringNull()
NOT_NULL_IN_CREATE = NotNullInCreate()
INTEGER = Integer()
OR_MISSING = OrMissing()


@dataclass(frozen=True)
class Option:
    """One option of a resource.

    ``type``: Ansible's type, of lists with the type of the entries ("list[str]"); ``suboptions`` of a dictionary, or of each entry
    of a list; ``required``: for the creation, or in each entry; ``null``: CLEARED, OMITTED or REFUSED (default: REFUSED
    for a reference and a required option, else OMITTED); ``no_log``: True for a secret, False for a name that only looks like one;
    ``check``: which values are refused before the first request; ``change``: how it is changed, see above.
    """

    name: str
    type: str = "str"
    suboptions: tuple[Option, ...] = ()
    choices: tuple[Any, ...] = ()
    required: bool = False
    null: Optional[str] = None
    no_log: Optional[bool] = None
    check: Optional[Check] = None
    api: Api = Api()
    ref: Optional[Ref] = None
    value: Value = PLAIN
    change: Any = IMMUTABLE

    @property
    def elements(self) -> Optional[str]:
        """The type of the entries of a list."""
        return self.type[5:-1] if self.type.startswith("list[") else None

    @property
    def api_name(self) -> str:
        """The name in requests."""
        return self.api.name or self.name

    @property
    def read_path(self) -> str:
        """The path of the value in a response."""
        return self.api.read or self.api_name

    @property
    def nullable(self) -> bool:
        """Whether an explicit null clears it."""
        return self.null == CLEARED

    @property
    def is_property(self) -> bool:
        """Whether it is a property of the resource, not only an input of the module."""
        return self.change not in (INPUT, ON_DELETE, ON_STATE)

    @property
    def is_compared(self) -> bool:
        """Whether responses show it."""
        return bool(self.change != WRITE_ONLY)

    @property
    def literals(self) -> tuple[str, ...]:
        """The values that are not references."""
        return self.ref.literals if self.ref else ()

    def is_named_in(self, row: Mapping[str, Any], value: Any) -> bool:
        """Whether a reference is the name or id that the row itself shows."""
        return any(str(value) == str(each) for each in self.shown_in(row))

    def shown_in(self, row: Mapping[str, Any]) -> list[Any]:
        """The name and id of the referenced resource, as far as the row shows them."""
        paths = (self.ref.name_at, self.ref.id_at) if self.ref else ()
        return [each for path in paths if path for each in [get_path(row, path)] if each not in (MISSING, None)]

    def value_in(self, row: Mapping[str, Any]) -> Any:
        """The value of a response in the form of the option; MISSING where the response does not show it."""
        value = get_path(row, self.read_path)
        if value is not MISSING:
            value = self.value.from_response(value)
        return only_options(self.suboptions, value) if self.suboptions and value is not MISSING else value

    def merged(self, desired: Any, current: Any, purge: bool = True) -> Any:
        """The desired value, with what it omits taken from the current one."""
        return self.value.merge(desired, current, purge, self.suboptions)

    def shows(self, desired: Any, current: Any) -> bool:
        """Whether the current value equals the desired one in everything that is given."""
        return self.value.same(self.merged(desired, current), current)


def only_options(suboptions: tuple[Option, ...], value: Any) -> Any:
    """A nested value of a response, reduced to the suboptions: a request does not take other keys."""
    if isinstance(value, (list, tuple)):
        return [only_options(suboptions, each) for each in value]
    if not suboptions or not isinstance(value, Mapping):
        return value
    return {
        item.api_name: only_options(item.suboptions, value[item.api_name])
        for item in suboptions
        if item.api_name in value
    }


def completed(suboptions: tuple[Option, ...], desired: Any, current: Any) -> Any:
    """A nested option with the suboptions that it omits taken from the current value, at every depth.

    An entry of a list is completed from the current entry with the same values of the required suboptions.
    """
    if isinstance(desired, list) and isinstance(current, list):
        keys, rest = [item.api_name for item in suboptions if item.required], list(current)
        result = []
        for entry in desired:
            found = next((each for each in rest if keys and all(same(entry[key], each.get(key)) for key in keys)), None)
            if found is not None:
                rest.remove(found)
            result.append(completed(suboptions, entry, found))
        return result
    if not isinstance(desired, Mapping) or not isinstance(current, Mapping):
        return desired
    inner = {item.api_name: item.suboptions for item in suboptions}
    return {**current, **{key: completed(inner.get(key, ()), each, current.get(key)) for key, each in desired.items()}}


def canonical_reference(item: Option, value: Any) -> Any:
    """The value of an option, with ids in the form in which the API shows them."""
    if item.ref is None or value is None:
        return value
    if isinstance(value, list):
        return [canonical(item.ref.type, str(each)) for each in value]
    return canonical(item.ref.type, str(value))
