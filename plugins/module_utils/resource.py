# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the API calls a thing, as data: identity, fields, how each field changes, and what belongs to it."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import OptionError, StatusError
from ansible_collections.gcore.cloud.plugins.module_utils.forms import Form

# ------------------------------------------------------------------ identity

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
        value = dig(row, self.path) if self.path and row is not None else None
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
class Kind:
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
    tell_apart: tuple[str, ...] = ()
    statuses: Statuses = NO_STATUS

    @property
    def known_by_name(self) -> bool:
        """Whether the API's paths want the name: no id says which one is meant."""
        return self.id_field == self.name_field

    @property
    def words(self) -> str:
        """The kind's name for people."""
        return self.name.replace("_", " ")

    @property
    def list_name(self) -> str:
        return self.name + "s"

    @property
    def plural_words(self) -> str:
        return self.list_name.replace("_", " ")


# -------------------------------------------------------------------- fields

FIXED = "fixed"  # compared; the API cannot change it
UPDATE = "update"  # goes into the resource's PATCH, with all others that differ
CREATE_ONLY = (
    "create-only"  # the API takes it and does not give it back (docs/api-notes.md: Write-only options): never compared
)
MISSING: Any = object()
HIDDEN = "(hidden)"  # what a plan, a diff and a result show in place of a secret
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


def same(desired: Any, current: Any) -> bool:
    """Equality as the API means it: addresses and networks in any notation, a list's order counts."""
    if isinstance(desired, str) and isinstance(current, str) and desired != current:
        return _as_address(desired) is not None and _as_address(desired) == _as_address(current)
    if isinstance(desired, list) and isinstance(current, list):
        return len(desired) == len(current) and all(same(*pair) for pair in zip(desired, current))
    if isinstance(desired, Mapping) and isinstance(current, Mapping):
        return desired.keys() == current.keys() and all(same(value, current[key]) for key, value in desired.items())
    return bool(desired == current)


def same_set(desired: Any, current: Any) -> bool:
    """Equality of lists whose order says nothing."""
    if desired is None or current is None:
        return not desired and not current
    rest = list(current)
    for item in desired:
        found = next((index for index, other in enumerate(rest) if same(item, other)), None)
        if found is None:
            return False
        del rest[found]
    return not rest


def _as_address(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@dataclass(frozen=True)
class Field:
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
    fields: tuple[Field, ...] = ()
    required: bool = False
    secret: bool = False
    secret_looking: bool = False  # a name that looks like a secret's, and is none (no_log=False)
    ref: Optional[Kind] = None
    ref_scope: tuple[tuple[str, str], ...] = ()  # (field of the referenced thing, option that must equal it)
    ref_by: str = "id"  # what of the referenced thing the API wants: "id", "name", or a field of its row
    catalog: Optional[Kind] = None  # what a new resource's value is taken from, where a change takes it from elsewhere
    # (field of the referenced resource, check of (options, its value, path of an option)) before a new resource is created
    fits: Optional[tuple[str, Callable[[Mapping[str, Any], str, Callable[[str], str]], None]]] = None
    ref_via: Optional[View] = None  # … or what is picked from this list of the referenced thing
    create_by: Optional[str] = None  # … and what the create request wants, where that is something else
    words: tuple[str, ...] = ()  # values of a reference that are no name ("new")
    body: Optional[str] = None
    read: Optional[str] = None
    read_name: Optional[str] = None
    read_id: Optional[str] = None
    change: Any = FIXED
    created_with: bool = True  # the create request takes it; if not, it is set when the thing is there
    late: bool = False  # the request that adds it as a child does not take it, only the parent's own creation
    told: bool = True  # listed in not_compared when it is not compared (false: it says which one is meant)
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
        return bool(self.change != CREATE_ONLY)

    def is_named_in(self, row: Mapping[str, Any], value: Any) -> bool:
        """Whether a reference is, by its name or id, what the row itself shows."""
        shown = [dig(row, path) for path in (self.read_name, self.read_id) if path]
        return any(str(value) == str(each) for each in shown if each not in (MISSING, None))

    def value_in(self, row: Mapping[str, Any]) -> Any:
        """The field's value in an answer, in the option's form; MISSING where the answer does not speak of it."""
        value = dig(row, self.read or self.body_name)
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


def dig(row: Any, path: str) -> Any:
    """The value at a dotted path ('flavor.flavor_id', 'attachments.0.server_id'), or MISSING."""
    for part in path.split("."):
        if isinstance(row, Mapping) and part in row:
            row = row[part]
        elif isinstance(row, (list, tuple)) and part.isdigit():
            if int(part) >= len(row):
                return None
            row = row[int(part)]
        else:
            return MISSING if row is not None else None
    return row


def bury(row: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path, making what is missing on the way; used for predictions only."""
    parts = path.split(".")
    node: Any = row
    for here, following in zip(parts, parts[1:]):
        fresh: Any = [] if following.isdigit() else {}
        if isinstance(node, list):
            while len(node) <= int(here):
                node.append(None)
            if node[int(here)] is None:
                node[int(here)] = fresh
            node = node[int(here)]
        else:
            if not isinstance(node.get(here), (dict, list)):
                node[here] = fresh
            node = node[here]
    if isinstance(node, list):
        while len(node) <= int(parts[-1]):
            node.append(None)
        node[int(parts[-1])] = value
    else:
        node[parts[-1]] = value


# What check mode puts where a value will be: later tasks of a play can hand it on.
KNOWN_LATER = "(known after the run)"
COMMON_KEYS = "id project_id region_id region created_at updated_at creator_task_id task_id"


def response(keys: str, **known: Any) -> dict[str, Any]:
    """The response that check mode predicts for a new resource: every documented key, null unless its value is known.

    An id, and what else a later task may refer to, is KNOWN_LATER.
    """
    row: dict[str, Any] = dict.fromkeys(keys.split())
    return {**row, **({"id": KNOWN_LATER} if "id" in row else {}), **known}


# ----------------------------------------------------------------- the thing


@dataclass(frozen=True)
class Identity:
    """One way to find the thing: all of ``options`` must be given, and each must equal what the answer says.

    ``spare``: where a stronger identity finds nothing, what is found this way may be taken before another one is made; of (options,
    rows) it gives those that are meant, or raises.
    """

    options: tuple[str, ...]
    spare: Optional[Callable[[Mapping[str, Any], list[dict[str, Any]]], list[dict[str, Any]]]] = None


@dataclass(frozen=True)
class View:
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


class Written(dict[str, Any]):
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
class Children:
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
    views: tuple[View, ...] = ()  # more of each child: one request for all
    # (row, the parent's row): puts into a row what the fields read of it
    shape: Optional[Callable[[dict[str, Any], Mapping[str, Any]], None]] = None
    first_of_many: bool = False  # several rows may match one wanted child: any of them will do
    belongs: Optional[Callable[[str, Mapping[str, Any]], bool]] = None
    purge: Optional[str] = None
    only_one: bool = False  # the parent has room for one
    unique: bool = False  # a name stands for one thing among those of all parents
    purge_default: bool = False  # true only for what holds no data and costs nothing
    keep: Optional[Callable[[Mapping[str, Any]], bool]] = None  # rows that a purge never removes
    required: bool = False  # the parent is never without one
    # the wanted children, where plain options of the parent stand for some of them
    wanted: Optional[Callable[[Mapping[str, Any]], Optional[list[Written]]]] = None

    def wanted_of(self, options: Mapping[str, Any]) -> Optional[list[Written]]:
        """The children that the options ask for, or None when they do not speak of them."""
        if self.wanted is not None:
            return self.wanted(options)
        inside = options.place + "." if isinstance(options, Written) and options.place else ""
        listed = options.get(self.option)
        if listed is None:
            return None
        return [Written(each, "%s%s[%d]" % (inside, self.option, index)) for index, each in enumerate(listed)]


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
    def words(self) -> str:
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

    kind: Kind
    fields: tuple[Field, ...] = ()
    identities: tuple[Identity, ...] = (Identity(("name",)),)
    create: Any = None  # an Action, or a function of the options that gives one
    update: Optional[Action] = None
    delete: Any = None
    has_item: bool = True  # one is read by its id; false: the list says more of it, or there is no such request
    list_is_whole: bool = True  # a row of the list says as much as a GET by id
    children: tuple[Children, ...] = ()
    views: tuple[View, ...] = ()
    states: tuple[State, ...] = ()
    delete_query: Optional[Callable[[Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]] = None
    before_delete: Optional[Callable[[Mapping[str, Any], Mapping[str, Any]], list[Action]]] = (
        None  # what has to go first
    )
    remains: Optional[Callable[[Mapping[str, Any], Mapping[str, Any]], Optional[str]]] = None  # a warning for absent
    delete_options: tuple[Field, ...] = ()
    plain_options: tuple[Field, ...] = ()  # plain words for what children are made of
    state_options: tuple[Field, ...] = ()
    # (body so far, options, id of the parent or None) -> the create request's body
    create_body: Optional[Callable[[dict[str, Any], Mapping[str, Any], Optional[str]], dict[str, Any]]] = None
    inline_body: Optional[Callable[[dict[str, Any], Mapping[str, Any]], dict[str, Any]]] = (
        None  # as part of the parent's
    )
    # (what differs, options, row) -> the PATCH's body, where the API wants more than what differs
    update_body: Optional[Callable[[dict[str, Any], Mapping[str, Any], Mapping[str, Any]], dict[str, Any]]] = None
    check: Optional[Callable[[Mapping[str, Any]], None]] = None
    leaves: tuple[Kind, ...] = ()  # what else a failed creation may leave behind
    secret_files: tuple[SecretFile, ...] = ()
    filters: tuple[Field, ...] = ()  # of the list: options of the _info module
    info_views: tuple[
        View, ...
    ] = ()  # more of each thing, on demand: switches of the _info module, one request for all
    answer_secrets: tuple[str, ...] = ()  # fields of the answer that no result shows
    mutually_exclusive: tuple[tuple[str, ...], ...] = ()
    predicted: Mapping[str, Any] = field(default_factory=dict)  # a new one's response, for check mode: see response()
    # (predicted row, options): what the options say of the response beside the fields' own values
    predict: Optional[Callable[[dict[str, Any], Mapping[str, Any]], None]] = None

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def own_fields(self) -> tuple[Field, ...]:
        """Every option of the resource but its children's."""
        return self.fields + self.plain_options + self.delete_options + self.state_options

    @property
    def read_path(self) -> str:
        """The path of one thing."""
        return self.kind.path + "/{id}"

    @property
    def identifying(self) -> tuple[tuple[str, ...], ...]:
        """The options of every identity, without those that only narrow another one."""
        ways = [each.options for each in self.identities]
        return tuple(way for way in ways if not any(set(other) < set(way) for other in ways))

    def field(self, name: str) -> Field:
        """The field of an option; raises KeyError."""
        for item in self.fields:
            if item.name == name:
                return item
        raise KeyError(name)

    @property
    def makes_tasks(self) -> bool:
        """Whether creating it makes a task; if not, there is nothing to wait for."""
        return not isinstance(self.create, Action) or self.create.task is not None

    @property
    def can_be_recreated(self) -> bool:
        """Whether there is a reason to delete it and make it anew: a field that cannot change, or a broken status."""
        return bool(self.kind.statuses.failed) or any(item.change == FIXED for item in self.fields)

    def purge_options(self) -> dict[str, bool]:
        """The purge_… options and their defaults: exact for fields, careful for children that hold data or cost money."""
        found = {item.purge: True for item in self.fields if item.purge}
        found.update({child.purge: child.purge_default for child in self.children if child.purge})
        for child in self.children:
            found = {**child.resource.purge_options(), **found}
        return found


# ------------------------------------------------------------- nested options


def only_options(fields: tuple[Field, ...], value: Any) -> Any:
    """A nested value of a response without what is no option: a request does not take it."""
    if isinstance(value, (list, tuple)):
        return [only_options(fields, each) for each in value]
    if not fields or not isinstance(value, Mapping):
        return value
    return {
        item.body_name: only_options(item.fields, value[item.body_name]) for item in fields if item.body_name in value
    }


def completed(fields: tuple[Field, ...], desired: Any, current: Any) -> Any:
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


def overlay(desired: Optional[Mapping[str, Any]], current: Optional[Mapping[str, Any]], purge: bool = True) -> Any:
    """A nested option over what is there: what it leaves out is left alone."""
    if desired is None or current is None:
        return desired
    inner = {
        key: overlay(value, current[key])
        for key, value in desired.items()
        if isinstance(value, Mapping) and isinstance(current.get(key), Mapping)
    }
    return {**current, **desired, **inner}


def without_nothing(value: Any) -> Any:
    """A nested option without what is null or missing, at any depth: for the API the same as left out."""
    if isinstance(value, Mapping):
        return {key: without_nothing(each) for key, each in value.items() if each is not None}
    return value


def same_but_nothing(desired: Any, current: Any) -> bool:
    """Equality of nested options: null is the same as missing, and the order of lists says nothing."""
    return same(without_order(without_nothing(desired)), without_order(without_nothing(current)))


def without_order(value: Any) -> Any:
    """A nested option with every list in one order."""
    if isinstance(value, Mapping):
        return {key: without_order(each) for key, each in value.items()}
    return sorted((without_order(each) for each in value), key=str) if isinstance(value, list) else value


# ---------------------------------------------------- what goes with a thing

ALL = "all"


def chosen(
    options: Mapping[str, Any], option: str, rows: Iterable[Mapping[str, Any]], key: str, label: str, owner: str
) -> list[str]:
    """The ids that a delete_… option means, by id or name or all, among what the thing really has; raises OptionError for another."""
    rows = list(rows)
    wanted = options.get(option) or []
    if ALL in wanted:
        return [str(row[key]) for row in rows]
    found = []
    for each in wanted:
        match = [row for row in rows if each == row[key]] or [row for row in rows if each == row.get(label)]
        if not match:
            has = ", ".join("'%s'" % (row.get(label) or row[key]) for row in rows) or "none"
            raise OptionError("%s: the %s has no '%s'." % (option, owner, each), "It has: %s." % has)
        if len(match) > 1:
            ids = ", ".join(str(row[key]) for row in match)
            raise OptionError(
                "%s: the %s has %d of '%s': %s." % (option, owner, len(match), each, ids), "Give the ids."
            )
        found.append(str(match[0][key]))
    return found


def still_billed(owner: str, left: Iterable[tuple[str, Iterable[Any], str]]) -> Optional[str]:
    """The warning about what is not deleted together with a resource: (what, its ids or names, how to delete it)."""
    shown = [(what, ", ".join(str(each) for each in which), how) for what, which, how in left]
    parts = ["%s %s (%s)" % part for part in shown if part[1]]
    return "Not deleted with the %s and still billed: %s." % (owner, "; ".join(parts)) if parts else None


# ------------------------------------------------------------------- logging


TOPIC_PATTERN = r"^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])*)*$"
TOPIC_TEXT = "lower-case letters, digits, hyphens and dots, with a letter or digit at each end of each part"


def logging(regions: Kind, **more: Any) -> Field:
    """The option logging of the resources that send their logs to Gcore's logging service; ``regions`` is their kind."""
    return Field(
        "logging",
        "dict",
        change=UPDATE,
        same=same_but_nothing,
        fields=(
            Field("enabled", "bool"),
            Field("destination_region", ref=regions, body="destination_region_id", to_body=int),
            Field("topic_name", pattern=TOPIC_PATTERN, pattern_text=TOPIC_TEXT, nullable=True),
            Field(
                "retention_policy",
                "dict",
                nullable=True,
                fields=(Field("period", "int", required=True, minimum=1, maximum=1825),),
            ),
        ),
        **more,
    )


# ---------------------------------------------------------------------- tags


def tags_from_rows(rows: Any) -> dict[str, str]:
    """The user's tags of an answer: a list of {key, value, read_only}; the platform's own are left out (docs/api-notes.md: Tags)."""
    if isinstance(rows, Mapping):
        return dict(rows)
    return {row["key"]: row["value"] for row in rows or [] if not row.get("read_only")}


def tags_to_rows(tags: Optional[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, "read_only": False} for key, value in (tags or {}).items()]


def merge_tags(desired: Optional[Mapping[str, str]], current: Mapping[str, str], purge: bool) -> dict[str, str]:
    return dict(desired or {}) if purge else {**current, **(desired or {})}


def patch_tags(desired: Mapping[str, str], current: Mapping[str, str]) -> dict[str, Optional[str]]:
    """A JSON Merge Patch: what is new or differs, and null for what has to go."""
    changes: dict[str, Optional[str]] = {key: value for key, value in desired.items() if current.get(key) != value}
    changes.update({key: None for key in current if key not in desired})
    return changes


def tags(read: str = "tags", change: Any = UPDATE) -> Field:
    """The option tags of every resource that has them."""
    return Field(
        "tags",
        "dict",
        read=read,
        change=change,
        nullable=True,
        purge="purge_tags",
        decode=tags_from_rows,
        encode=tags_to_rows,
        merge=merge_tags,
        patch=patch_tags,
        identifies=lambda given, current: bool(given) and set(given.items()) <= set(current.items()),
        to_body=lambda value: dict(value or {}),
    )


def tag_filters(by: str = "tag_key") -> tuple[Field, ...]:
    """The filters by tag of a list: keys (or, of instances, values) and whole tags, all of which must be there."""
    return (
        Field(by, "list", elements="str", secret_looking=by == "tag_key"),
        Field(
            "tag_key_value",
            "dict",
            secret_looking=True,
            to_body=lambda pairs: json.dumps({key: str(value) for key, value in pairs.items()}),
        ),
    )


# --------------------------------------------------------------------- names

# docs/api-notes.md: Names
NAME_PATTERN = r"^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$"
NAME_TEXT = (
    "3 to 63 letters, digits, spaces, dots, hyphens and underscores, "
    "beginning with a letter or digit and ending with neither a space nor a hyphen"
)


def name(change: Any = UPDATE, **more: Any) -> Field:
    """The option name of the resources that share the API's pattern of names."""
    return Field("name", pattern=NAME_PATTERN, pattern_text=NAME_TEXT, change=change, **more)


def looks_like_id(kind: Kind, value: str) -> bool:
    """Whether a reference is an id: a UUID; of projects and regions, a number. An id of any other form is found like a name."""
    pattern = {NUMBER: r"\d+", UUID: r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"}.get(kind.id_form)
    return pattern is not None and bool(re.fullmatch(pattern, value))


def canonical_reference(item: Field, value: Any) -> Any:
    """The value of an option, with the ids that it refers to as the API shows them."""
    if item.ref is None or value is None:
        return value
    if isinstance(value, list):
        return [canonical(item.ref, str(each)) for each in value]
    return canonical(item.ref, str(value))


def canonical(kind: Kind, value: str) -> str:
    """A reference, and an id in the form in which the API shows it."""
    return value.lower() if looks_like_id(kind, value) else value
