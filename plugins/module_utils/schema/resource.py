# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The language of descriptions: identity, options, how each option changes, and sub-resources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import StatusError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.forms import Form
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType, canonical
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import (
    MISSING,
    get_path,
    same,
)

IMMUTABLE = "fixed"  # compared; the API cannot change it
UPDATE = "update"  # goes into the resource's PATCH, with all others that differ
WRITE_ONLY = (
    "create-only"  # the API takes it and does not give it back (docs/api-notes.md: Write-only options): never compared
)
OWN_ID = "(its own id)"  # in ref_scope: what is referred to belongs to the thing that the module is about


@dataclass(frozen=True)
class Action:
    """One way to write: a request, and the task that it makes (``task`` None: it is done when it is answered).

    ``path`` holds {project_id}, {region_id}, {id} (the thing's own id) and {parent_id}; ``body`` is the constant part of the body,
    or all of it (which may be a list) where a function gives the Action;
    ``timeout`` is this step's share of the default wait_timeout, in seconds. ``first``: no other change goes before it.
    """

    verb: str
    method: str
    path: str
    task: Optional[str] = None
    timeout: int = 300
    body: Any = None
    first: bool = False


@dataclass(frozen=True)
class Option:
    """One option of a resource, and what becomes of it.

    ``body`` is its name in requests (default: its own name); ``read`` the dotted path of its value in an answer (default: the
    body's name). ``read_name`` and ``read_id`` are the paths of the referenced thing's name and id, so that a reference is
    compared without a request. ``change`` is FIXED, UPDATE, CREATE_ONLY, an Action of its own, whose body is the value under
    ``body``, or a function of (desired, current, row, purge) that gives the Actions, or UPDATE.
    ``decode``/``encode`` turn the answer's form into the option's and back.
    """

    name: str
    type: str = "str"
    elements: Optional[str] = None
    choices: tuple[Any, ...] = ()
    fields: tuple[Option, ...] = ()
    required: bool = False
    secret: bool = False
    not_secret: bool = False  # a name that looks like a secret's, and is none (no_log=False)
    ref: Optional[ResourceType] = None
    ref_scope: tuple[tuple[str, str], ...] = ()  # (field of the referenced thing, option that must equal it)
    ref_by: str = "id"  # what of the referenced thing the API wants: "id", "name", or a field of its row
    catalog: Optional[ResourceType] = (
        None  # what a new resource's value is taken from, where a change takes it from elsewhere
    )
    # (field of the referenced resource, check of (options, its value, path of an option)) before a new resource is created
    fits: Optional[tuple[str, Callable[[Mapping[str, Any], str, Callable[[str], str]], None]]] = None
    ref_via: Optional[RelatedRead] = None  # … or what is picked from this list of the referenced thing
    create_by: Optional[str] = None  # … and what the create request wants, where that is something else
    literals: tuple[str, ...] = ()  # values of a reference that are no name ("new")
    body: Optional[str] = None
    read: Optional[str] = None
    read_name: Optional[str] = None
    read_id: Optional[str] = None
    change: Any = IMMUTABLE
    in_create: bool = True  # the create request takes it; if not, it is set when the thing is there
    set_after_create: bool = (
        False  # the request that adds it as a child does not take it, only the parent's own creation
    )
    listed_if_not_compared: bool = (
        True  # listed in not_compared when it is not compared (false: it says which one is meant)
    )
    nullable: bool = False  # an explicit null clears it
    pattern: Optional[str] = None
    pattern_text: str = ""
    form: Optional[Form] = None  # of the text, or of each text in a list
    minimum: Optional[int] = None
    maximum: Optional[int] = None
    grow_only: bool = False
    predictable: bool = True  # check mode can say what an answer will show
    same: Callable[[Any, Any], bool] = same
    filter: Optional[str] = None  # the list's query parameter of this value
    identifies: Optional[Callable[[Any, Any], bool]] = None  # (given, current): is it this one? Default: same
    decode: Optional[Callable[[Any], Any]] = None
    encode: Optional[Callable[[Any], Any]] = None
    purge: Optional[str] = None  # the option purge_…: false only adds to what is there
    merge: Optional[Callable[[Any, Any, bool], Any]] = None  # (desired, current, purge) -> what shall be
    to_body: Optional[Callable[[Any], Any]] = None  # the option's value as the create request takes it
    patch: Optional[Callable[[Any, Any], Any]] = None  # (desired, current) -> the value that the PATCH takes

    @property
    def body_name(self) -> str:
        return self.body or self.name

    @property
    def ref_scope_options(self) -> tuple[str, ...]:
        return tuple(option for _field, option in self.ref_scope)

    @property
    def is_compared(self) -> bool:
        return bool(self.change != WRITE_ONLY)

    def is_named_in(self, row: Mapping[str, Any], value: Any) -> bool:
        """Whether a reference is, by its name or id, what the row itself shows."""
        shown = [get_path(row, path) for path in (self.read_name, self.read_id) if path]
        return any(str(value) == str(each) for each in shown if each not in (MISSING, None))

    def value_in(self, row: Mapping[str, Any]) -> Any:
        """The field's value in an answer, in the option's form; MISSING where the answer does not speak of it."""
        value = get_path(row, self.read or self.body_name)
        if value is MISSING:
            return MISSING
        value = self.decode(value) if self.decode else value
        return only_options(self.fields, value) if self.fields else value

    def merged(self, desired: Any, current: Any, purge: bool = True) -> Any:
        """The wanted value with what it omits taken from the current one; both in the API's form."""
        if self.merge:
            return self.merge(desired, current, purge)
        return completed(self.fields, desired, current) if self.fields else desired

    def shows(self, desired: Any, current: Any) -> bool:
        """Whether the current value is as wanted in all that is given."""
        return self.same(self.merged(desired, current), current)


@dataclass(frozen=True)
class Identity:
    """One way to find the thing: all of ``options`` must be given, and each must equal what the answer says.

    ``spare``: where a stronger identity finds nothing, what is found this way may be taken before another one is made; of (options,
    rows) it gives those that are meant, or raises.
    """

    options: tuple[str, ...]
    reusable: Optional[Callable[[Mapping[str, Any], list[dict[str, Any]]], list[dict[str, Any]]]] = None


@dataclass(frozen=True)
class RelatedRead:
    """More of a thing, read with a request of its own, and only when one of ``options`` is given and says something.

    ``on_absent``: read before a deletion, whatever the options; ``on_change``: read only when one of ``options`` differs.

    ``pick(row, rows)`` makes of the answer's rows what is put into the thing's own row under ``name``; ``query`` holds {id} and
    what the row says, {row[...]}.
    """

    name: str
    path: str
    options: tuple[str, ...]
    pick: Callable[[Mapping[str, Any], list[dict[str, Any]]], Any]
    query: Mapping[str, str] = field(default_factory=dict)
    paged: bool = True
    on_absent: bool = False
    on_change: bool = False


class LocatedOptions(dict[str, Any]):
    """The options of a child, with where the user wrote them.

    ``place`` is the path of its entry, empty where plain options of the parent stand for the child; ``names`` are the names of
    options that are called otherwise there.
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
    """Things that belong to another one and are written with requests of their own.

    ``match(desired, row)`` says whether a row of the list is the wanted child. ``inline``: the parent's create request takes them
    whole. The list's path and query hold {parent_id}, and {top_id}, the id of the thing that the module is about: one list then
    serves all parents, and ``belongs(parent's id, row)`` says whose a row is. Without ``purge`` (the name of a purge_… option) none
    is ever removed; its default is ``purge_default``.
    """

    option: str
    resource: Resource
    match: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
    list_path: str
    list_query: Mapping[str, Any] = field(default_factory=dict)
    inline: bool = True
    related_reads: tuple[RelatedRead, ...] = ()  # more of each child: one request for all
    # (row, the parent's row): puts into a row what the fields read of it
    complete_row: Optional[Callable[[dict[str, Any], Mapping[str, Any]], None]] = None
    any_match: bool = False  # several rows may match one wanted child: any of them will do
    belongs: Optional[Callable[[str, Mapping[str, Any]], bool]] = None
    purge: Optional[str] = None
    only_one: bool = False  # the parent has room for one
    unique: bool = False  # a name stands for one thing among those of all parents
    purge_default: bool = False  # true only for what holds no data and costs nothing
    keep: Optional[Callable[[Mapping[str, Any]], bool]] = None  # rows that a purge never removes
    required: bool = False  # the parent is never without one
    # the wanted children, where plain options of the parent stand for some of them
    wanted: Optional[Callable[[Mapping[str, Any]], Optional[list[LocatedOptions]]]] = None

    def wanted_of(self, options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
        """The children that the options ask for, or None when they do not speak of them."""
        if self.wanted is not None:
            return self.wanted(options)
        inside = options.place + "." if isinstance(options, LocatedOptions) and options.place else ""
        listed = options.get(self.option)
        if listed is None:
            return None
        return [LocatedOptions(each, "%s%s[%d]" % (inside, self.option, index)) for index, each in enumerate(listed)]


@dataclass(frozen=True)
class SecretFile:
    """Content that is written to a file (mode 0600) and returned only with return_content.

    ``field`` is its name in the answer of ``path``, or, without a path, in the answer of the create request (seen once);
    ``result`` its name in the result.
    """

    option: str
    field: str
    result: str = ""  # default: the field's name
    path: Optional[str] = None
    when_missing: Optional[str] = None  # the option without which the API generates the secret

    @property
    def noun(self) -> str:
        """The secret's name for people."""
        return (self.result or self.field).replace("_", " ")


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


@dataclass(frozen=True)
class Resource:
    """The whole description. Without ``create`` it is one to be looked at only."""

    type: ResourceType
    fields: tuple[Option, ...] = ()
    identities: tuple[Identity, ...] = (Identity(("name",)),)
    create: Any = None  # an Action, or a function of the options that gives one
    update: Optional[Action] = None
    delete: Any = None
    has_item: bool = True  # one is read by its id; false: the list says more of it, or there is no such request
    list_is_whole: bool = True  # a row of the list says as much as a GET by id
    sub_resources: tuple[SubResource, ...] = ()
    related_reads: tuple[RelatedRead, ...] = ()
    states: tuple[State, ...] = ()
    delete_query: Optional[Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]] = None
    before_delete: Optional[Callable[[Mapping[str, Any], Mapping[str, Any]], list[Action]]] = (
        None  # what has to go first
    )
    deletion_warning: Optional[Callable[[Mapping[str, Any], Mapping[str, Any]], Optional[str]]] = (
        None  # a warning for absent
    )
    delete_options: tuple[Option, ...] = ()
    plain_options: tuple[Option, ...] = ()  # plain words for what children are made of
    state_options: tuple[Option, ...] = ()
    # (body so far, options, id of the parent or None) -> the create request's body
    create_body: Optional[Callable[[dict[str, Any], Mapping[str, Any], Optional[str]], dict[str, Any]]] = None
    inline_body: Optional[Callable[[dict[str, Any], Mapping[str, Any]], dict[str, Any]]] = (
        None  # as part of the parent's
    )
    # (what differs, options, row) -> the PATCH's body, where the API wants more than what differs
    update_body: Optional[Callable[[dict[str, Any], Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = None
    check: Optional[Callable[[Mapping[str, Any]], None]] = None
    may_orphan: tuple[ResourceType, ...] = ()  # what else a failed creation may leave behind
    secret_files: tuple[SecretFile, ...] = ()
    filters: tuple[Option, ...] = ()  # of the list: options of the _info module
    info_reads: tuple[
        RelatedRead, ...
    ] = ()  # more of each thing, on demand: switches of the _info module, one request for all
    response_secrets: tuple[str, ...] = ()  # fields of the answer that no result shows
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    predicted: Mapping[str, Any] = field(default_factory=dict)  # a new one's response, for check mode: see response()
    # (predicted row, options): what the options say of the response beside the fields' own values
    predict: Optional[Callable[[dict[str, Any], Mapping[str, Any]], None]] = None

    @property
    def name(self) -> str:
        return self.type.name

    @property
    def own_fields(self) -> tuple[Option, ...]:
        """Every option of the resource but its children's."""
        return self.fields + self.plain_options + self.delete_options + self.state_options

    @property
    def read_path(self) -> str:
        """The path of one thing."""
        return self.type.path + "/{id}"

    @property
    def identifying(self) -> tuple[tuple[str, ...], ...]:
        """The options of every identity, without those that only narrow another one."""
        ways = [each.options for each in self.identities]
        return tuple(way for way in ways if not any(set(other) < set(way) for other in ways))

    def field(self, name: str) -> Option:
        """The field of an option; raises KeyError."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    @property
    def starts_tasks(self) -> bool:
        """Whether creating it makes a task; if not, there is nothing to wait for."""
        return not isinstance(self.create, Action) or self.create.task is not None

    @property
    def can_be_recreated(self) -> bool:
        """Whether there is a reason to delete it and make it anew: a field that cannot change, or a broken status."""
        return bool(self.type.statuses.failed) or any(item.change == IMMUTABLE for item in self.fields)

    def purge_options(self) -> dict[str, bool]:
        """The purge_… options and their defaults: exact for fields, careful for children that hold data or cost money."""
        found = {item.purge: True for item in self.fields if item.purge}
        found.update({child.purge: child.purge_default for child in self.sub_resources if child.purge})
        for child in self.sub_resources:
            found = {**child.resource.purge_options(), **found}
        return found


def only_options(fields: tuple[Option, ...], value: Any) -> Any:
    """A nested value of a response without what is no option: a request does not take it."""
    if isinstance(value, (list, tuple)):
        return [only_options(fields, each) for each in value]
    if not fields or not isinstance(value, Mapping):
        return value
    return {
        item.body_name: only_options(item.fields, value[item.body_name]) for item in fields if item.body_name in value
    }


def completed(fields: tuple[Option, ...], desired: Any, current: Any) -> Any:
    """A nested option with the suboptions that it omits taken from what is there, at every depth.

    An entry of a list is completed from the entry that has the same values in the required suboptions.
    """
    if isinstance(desired, list) and isinstance(current, list):
        keys, rest = [item.body_name for item in fields if item.required], list(current)
        result = []
        for entry in desired:
            found = next((each for each in rest if keys and all(same(entry[key], each.get(key)) for key in keys)), None)
            if found is not None:
                rest.remove(found)
            result.append(completed(fields, entry, found))
        return result
    if not isinstance(desired, Mapping) or not isinstance(current, Mapping):
        return desired
    inner = {item.body_name: item.fields for item in fields}
    return {**current, **{key: completed(inner.get(key, ()), each, current.get(key)) for key, each in desired.items()}}


def canonical_reference(item: Option, value: Any) -> Any:
    """The value of an option, with the ids that it refers to as the API shows them."""
    if item.ref is None or value is None:
        return value
    if isinstance(value, list):
        return [canonical(item.ref, str(each)) for each in value]
    return canonical(item.ref, str(value))
