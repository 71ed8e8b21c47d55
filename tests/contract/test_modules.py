# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' descriptions held against the official document: paths, fields, choices, filters, tasks, and whole requests.

The descriptions are found, not listed: whatever plugins/module_utils/resources brings is judged. Two things are listed by name:
options to plan with (SAMPLES, from tests/cases), for a test to see the requests that a description leads to; and what a module does not offer
(NOT_OFFERED), each with its reason. Both fail when a description outgrows them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib
import itertools
import pathlib
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from tests import cases

from .conftest import CHECKOUT
from .corrections import ABSENT
from .openapi import Document, Field, Operation
from .report import assert_none

MODULE_UTILS = "ansible_collections.gcore.cloud.plugins.module_utils"
schema = importlib.import_module(f"{MODULE_UTILS}.schema.resource")
options_module = importlib.import_module(f"{MODULE_UTILS}.schema.option")
checks = importlib.import_module(f"{MODULE_UTILS}.schema.checks")
types = importlib.import_module(f"{MODULE_UTILS}.schema.types")
values = importlib.import_module(f"{MODULE_UTILS}.schema.values")
resource_types = importlib.import_module(f"{MODULE_UTILS}.schema.resource_types")
plan = importlib.import_module(f"{MODULE_UTILS}.engine.plan")
references = importlib.import_module(f"{MODULE_UTILS}.engine.references")
planner_module = importlib.import_module(f"{MODULE_UTILS}.engine.planner")
arguments = importlib.import_module(f"{MODULE_UTILS}.entry_points.arguments")
errors = importlib.import_module(f"{MODULE_UTILS}.errors")

UUID = "e460e48c-6836-447e-bc9c-16fc4225d318"
OTHER = "0b9ed1d5-0a5b-4a2c-9d6f-2d8a3f6c1c55"


def _descriptions() -> dict[str, Any]:
    folder = CHECKOUT / "plugins" / "module_utils" / "resources"
    names = [path.stem for path in folder.glob("*.py")] + [path.parent.name for path in folder.glob("*/__init__.py")]
    names = sorted(set(names) - {"__init__"})
    return {name: importlib.import_module(f"{MODULE_UTILS}.resources.{name}").RESOURCE for name in names}


RESOURCES = _descriptions()
RESOURCE_TYPES = {name: value for name, value in vars(resource_types).items() if isinstance(value, types.ResourceType)}

# --- What is listed by name ---

# Task types that the document's list forgets.
UNLISTED_TASK_TYPES: dict[str, str] = {}

# Fields of create and update requests ("resource.field", "resource.children.field", "resource.update.field") and filters of
# lists ("resource?filter") that no option stands for.
BY_QUERY = "the answer shows it, so that query can choose by it"
NOT_OFFERED: dict[str, str] = {
    "instance.interfaces.ddos_profile": "only adding an interface takes it: what a play makes would depend on what was there",
    "instance.interfaces.port_group": "is for bare metal servers",
    "instance.volumes.lifecycle_policy_ids": "the instance's own request does not take it; gcore.cloud.volume does",
    "instance?available_floating": BY_QUERY,
    "instance?changes-before": "is for mirrors of the whole list, which ask for what is new since they looked last",
    "instance?changes-since": "as changes-before",
    "instance?exclude_flavor_prefix": BY_QUERY,
    "instance?exclude_secgroup": BY_QUERY,
    "instance?only_isolated": BY_QUERY,
    "instance?only_with_fixed_external_ip": BY_QUERY,
    "instance?profile_name": BY_QUERY + " (with with_ddos)",
    "instance?protection_status": BY_QUERY + " (with with_ddos)",
    "instance?type_ddos_profile": BY_QUERY + " (with with_ddos)",
    "instance?uuid": "id finds an instance exactly",
    "load_balancer.listeners.default_pool_id": "the listener's pool stands in its pools",
    "load_balancer.listeners.pools.load_balancer_id": "the pool's listener says it",
    "load_balancer.pools.listener_id": "the pool of a listener stands in the listener's pools",
    "router.external_gateway.type": "follows from network: without one, it is the default network of the region",
    "router.interfaces.type": "has one value",
    "volume?id_part": "id finds a volume exactly",
}

# Choices that differ from the document's.
OTHER_CHOICES: dict[str, str] = {
    "security_group.rules.protocol": "any is a word for null: a rule of every protocol, as the answer calls it",
}

# Patterns that are narrower or wider than the document's.
OTHER_PATTERNS: dict[str, str] = {}

# Options that a create request does not take, or takes as something else.
NOT_SENT: dict[str, str] = {
    "router.interfaces.ip_address": "only attaching a subnet takes it, so that such interfaces are attached after the creation",
    "instance.security_groups": "the create request takes groups for each interface: they go to all that name none themselves",
    "floating_ip.floating_ip_address": "the API chooses the address; the option says which of those that are there is meant",
}

_MEMBER = (
    "the response has the address of a member and its subnet, and nothing of the instance that the subnet was found by"
)
# Why an option is not compared.
WRITE_ONLY: dict[str, str] = {
    "instance.name_template": "the response has the name that came of it; the option name renames",
    "instance.user_data": "read by the guest, never returned",
    "instance.username": "read by the guest, never returned",
    "instance.password": "a secret of the guest, never returned",
    "instance.allow_app_ports": "the API adds a security group by it, and does not say so",
    "instance.configuration": "read by the application of the template, never returned",
    "instance.volumes.volume": "it identifies the volume: the one that it names is the one that is read",
    "instance.volumes.snapshot": "a volume does not name the snapshot that it was copied from",
    "instance.volumes.apptemplate": "a volume does not name the application template",
    "instance.volumes.boot_index": "0 is is_root_volume, which identifies the boot volume; other values are not returned",
    "instance.volumes.attachment_tag": "an attachment does not have its tag",
    "load_balancer.pools.members.instance": _MEMBER,
    "load_balancer.listeners.pools.members.instance": _MEMBER,
    "network.create_router": "the router is a resource of its own, which may be deleted or replaced later",
    "reserved_fixed_ip.ip_family": "the response has the addresses: with dual, a network may have one family only",
    "subnet.connect_to_network_router": "whether the creation connects a router; router_to_connect is what is compared",
    "volume.snapshot": "a volume does not name the snapshot that it was copied from",
    "volume.attachment_tag": "an attachment does not have its tag",
    "volume.lifecycle_policy_ids": "a volume does not name its policies; each policy names its volumes",
}
# Names in a response that are another thing than the option.
SHOWN_FOR_ANOTHER_REASON: dict[str, set[str]] = {
    "instance.volumes.volume": {"volume_id"},  # of an attachment: the id of the volume that it identifies
}

# Options of children whose value an answer shows in another form, which nothing has to predict.
ANSWERED_OTHERWISE: dict[str, str] = {
    "instance.interfaces.ip_address": "the answer has a list of addresses",
    "instance.interfaces.security_groups": "the view of the ports shows each group with its name",
    "load_balancer.listeners.connection_limit": "-1 is answered as 100000",
    "router.interfaces": "the response has the ports of the subnets, with their addresses",
}

# Options to create a resource with, from tests/cases. Together the samples of a resource must use each of its options.
SAMPLES = cases.samples()

# ------------------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Place:
    """A resource, or the children of one at any depth, under a name like load_balancer.listeners.pools."""

    name: str
    resource: Any
    sub_resources: Any = None
    parent: Place | None = None

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]

    @property
    def list_path(self) -> str:
        return str(self.sub_resources.path if self.sub_resources else self.resource.type.path)

    @property
    def inner(self) -> list[Place]:
        """The children of this, each as a place of its own."""
        return [Place(f"{self.name}.{each.option}", each.resource, each, self) for each in self.resource.sub_resources]

    def samples(self) -> list[Mapping[str, Any]]:
        """What the samples say of things at this place."""
        if self.parent is None:
            return list(SAMPLES.get(self.name, ()))
        return [
            child
            for options in self.parent.samples()
            for child in self.parent.resource.wanted_of(self.sub_resources, options) or ()
        ]


def described() -> Iterator[Place]:
    """Every resource and the children in it."""

    def inside(place: Place) -> Iterator[Place]:
        yield place
        for each in place.inner:
            yield from inside(each)

    for name, resource in RESOURCES.items():
        yield from inside(Place(name, resource))


ALL = {place.name: place for place in described()}
WRITTEN = {name: resource for name, resource in RESOURCES.items() if resource.create is not None}
WRITTEN_PLACES = {name: place for name, place in ALL.items() if place.top in WRITTEN}


def nested_fields(place: str, items: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """Fields and the fields in them, at every depth, each with its place."""
    for item in items:
        yield f"{place}.{item.name}", item
        yield from nested_fields(f"{place}.{item.name}", item.suboptions)


def concrete(path: str) -> str:
    """A path with values in the place of its parameters."""
    return re.sub(r"\{(\w+)\}", lambda found: {"project_id": "1", "region_id": "2"}.get(found.group(1), UUID), path)


def operation_of(document: Document, method: str, path: str) -> Operation:
    found = document.match(method, concrete(path))
    assert found is not None, f"{method} {path} is not in the document"
    assert not found[0].deprecated, f"{method} {path} is deprecated"
    return found[0]


def rows_of(document: Document, path: str) -> dict[str, Field]:
    """The fields of one row of a list, or of the one thing that is answered."""
    operation = operation_of(document, "GET", path)
    fields = document.response_fields(*operation.key)
    return dict(fields["results"].children) if "results" in fields else fields


def row_of(document: Document, place: Place) -> dict[str, Field]:
    """The fields of a thing as the engine reads it."""
    row = rows_of(document, place.list_path)
    if place.resource.hooks.has_item and place.parent is None:
        row = {**row, **rows_of(document, place.resource.read_path)}
    return row


def has(fields: Mapping[str, Field], path: str) -> bool:
    """Whether a dotted path leads to a field of the answer; what begins with _ the module has put there itself."""
    return path.startswith("_") or found_at(fields, path) is not None


def found_at(fields: Mapping[str, Field], path: str) -> Field | None:
    """The field at a dotted path, or the last one whose inside the document does not tell."""
    head, rest = path.partition(".")[::2]
    if head not in fields:
        return None
    inner = fields[head].children
    rest = re.sub(r"^\d+\.?", "", rest)
    return found_at(inner, rest) if rest and inner else fields[head]


# --- Kinds: the identity table ---


@pytest.mark.parametrize("name", RESOURCE_TYPES)
def test_a_kind_is_listed_as_the_document_says(document: Document, name: str) -> None:
    resource_type = RESOURCE_TYPES[name]
    operation = operation_of(document, "GET", resource_type.path)
    query = document.query_fields(*operation.key)
    row = rows_of(document, resource_type.path)
    asked = {
        *resource_type.wider_query,
        *([resource_type.name_filter] if resource_type.name_filter else []),
    }
    assert asked <= set(query)
    assert not [field for field in asked if query[field].deprecated]
    for field, value in resource_type.wider_query.items():
        allowed = query[field].enum
        assert allowed is None or value in allowed
    assert {"limit", "offset"} <= set(query)
    shown = {resource_type.id_field, resource_type.name_field, *resource_type.distinguished_by}
    assert_none([field for field in sorted(shown) if not has(row, field)])
    if resource_type.created_key is not None:
        assert resource_type.created_key in document.created_resources_keys()
    if resource_type.name_filter is not None:
        longest = query[resource_type.name_filter].keyword("maxLength")
        assert not longest or min(longest) >= references.LONGEST_NAME_FILTER


@pytest.mark.parametrize("name", RESOURCE_TYPES)
def test_paths_want_the_name_of_what_is_known_by_name(document: Document, name: str) -> None:
    """The parameter behind the list's path is called …_name where the API wants a name, and …_id where it wants an id."""
    resource_type = RESOURCE_TYPES[name]
    wanted = "_name" if resource_type.known_by_name else "_id"
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        found = document.match(method, concrete(resource_type.path + "/{id}"))
        if found is not None:
            last = found[0].path.rsplit("/", 1)[1]
            assert last.startswith("{") and last.rstrip("}").endswith(wanted), f"{found[0]}: {resource_type.id_field}"


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_what_is_made_can_be_found(name: str) -> None:
    """A task says under its kind's key what it has made, unless the name says it already."""
    resource = WRITTEN_PLACES[name].resource
    for resource_type in [resource.type, *resource.hooks.may_orphan]:
        assert resource_type.created_key or resource_type.known_by_name or not resource.starts_tasks, resource_type.name


# --- Fields, filters, statuses ---


@pytest.mark.parametrize("name", ALL)
def test_what_is_read_is_in_the_answer(document: Document, name: str) -> None:
    place = ALL[name]
    resource = place.resource
    row = row_of(document, place)
    missing = []
    for item in resource.fields:
        paths = [] if item.change == options_module.WRITE_ONLY else [item.read_path]
        missing += [path for path in (*paths, *reference_paths(item)) if path and not has(row, path)]
    missing += [path for path in resource.hooks.response if not has(row, path)]
    missing += [
        secret for secret in resource.response_secrets if not has({**row, **created_row(document, resource)}, secret)
    ]
    assert_none(missing)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_prediction_has_every_key_of_the_response(document: Document, name: str) -> None:
    """Later tasks of a play in check mode are templated with it, so no documented key may be missing, at any depth that is shown."""
    place = ALL[name]

    def missing(where: str, fields: Mapping[str, Field], row: Any) -> Iterator[str]:
        for key, item in fields.items():
            if key not in row:
                if item.offered_in == item.alternatives:  # what only bare metal has is no key of a virtual machine
                    yield f"{where}.{key}"
                continue
            value = row[key][0] if isinstance(row[key], list) and row[key] else row[key]
            if isinstance(value, Mapping):
                yield from missing(f"{where}.{key}", item.children, value)

    found: list[str] = []
    for options in place.samples():
        predicted = planner(place.resource, options).predicted("present")
        found += missing(name, row_of(document, place), predicted)
    assert_none(sorted(set(found)))


def created_row(document: Document, resource: Any) -> dict[str, Field]:
    """What a synchronous creation answers."""
    if not isinstance(resource.create, options_module.Action):
        return {}
    operation = operation_of(document, resource.create.method, resource.create.path)
    return document.response_fields(*operation.key)


def write_only(place: Place) -> dict[str, Any]:
    """The options of a resource that are never compared, at every depth."""
    return {name: item for name, item in nested_fields(place.name, place.resource.fields) if not item.is_compared}


def names_in(fields: Mapping[str, Field]) -> Iterator[str]:
    """Every name that a response has, at every depth; of a map without a schema, those of its example."""
    for name, field in fields.items():
        yield name
        yield from names_in(field.children)
        for shape in field.shapes:
            for example in shape.keywords.get("examples") or []:
                yield from example if isinstance(example, dict) else []


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_an_option_that_is_not_compared_is_not_in_a_response(document: Document, name: str) -> None:
    """What the API returns is compared, also where it is another object's part or has a shorter name (vip_subnet_id, subnet_id)."""
    place, fields = WRITTEN_PLACES[name], dict(row_of(document, WRITTEN_PLACES[name]))
    above = place.parent
    while above is not None:
        fields.update({f"{above.name}/{key}": field for key, field in row_of(document, above).items()})
        above = above.parent
    shown = {each.rpartition("/")[2] for each in names_in(fields)}
    found = []
    for option, item in write_only(place).items():
        same = {each for each in shown - {"id"} if item.api_name == each or item.api_name.endswith("_" + each)}
        found += [f"{option}: the response has {each}" for each in same - SHOWN_FOR_ANOTHER_REASON.get(option, set())]
    assert_none(found)


def test_every_option_that_is_not_compared_has_a_reason() -> None:
    options = {option for place in WRITTEN_PLACES.values() for option in write_only(place)}
    assert options == WRITE_ONLY.keys()
    assert options >= SHOWN_FOR_ANOTHER_REASON.keys()


@pytest.mark.parametrize("name", ALL)
def test_what_is_compared_inside_an_option_is_answered(document: Document, name: str) -> None:
    """A nested option that the answer does not have would differ at every run."""
    place = ALL[name]
    row = row_of(document, place)

    def missing(where: str, items: Iterable[Any], fields: Mapping[str, Field]) -> Iterator[str]:
        for inner in items:
            if inner.change != options_module.WRITE_ONLY and inner.api_name not in fields:
                yield f"{where}.{inner.name} is not answered"
            elif inner.api_name in fields and inner.suboptions:
                yield from missing(f"{where}.{inner.name}", inner.suboptions, fields[inner.api_name].children)

    found: list[str] = []
    for item in place.resource.fields:
        at = found_at(row, item.read_path)
        if item.is_compared and item.suboptions and f"{name}.{item.name}" in ANSWERED_OTHERWISE:
            continue
        if item.is_compared and item.suboptions and at is not None and at.children:
            found += missing(f"{name}.{item.name}", item.suboptions, at.children)
    assert_none(found)


@pytest.mark.parametrize("name", RESOURCES)
def test_filters_are_parameters_of_the_list(document: Document, name: str) -> None:
    resource = RESOURCES[name]
    operation = operation_of(document, "GET", resource.type.path)
    query = document.query_fields(*operation.key)
    offered = {(item.api.filter or item.name): item for item in resource.filters}
    assert offered.keys() - query.keys() == set()
    problems = [
        line
        for parameter, item in offered.items()
        for line in option_problems(f"{name}?{item.name}", item, query[parameter])
    ]
    known = {*offered, "limit", "offset", "order_by", resource.type.name_filter}
    known |= {item.api.filter for item in resource.fields if item.api.filter}
    assert known - {"limit", "offset", "order_by", None} <= query.keys()
    left_out = {
        f"{name}?{parameter}" for parameter, field in query.items() if parameter not in known and not field.deprecated
    }
    assert_none(problems + not_offered(left_out))


@pytest.mark.parametrize("name", ALL)
def test_other_reads_are_in_the_document(document: Document, name: str) -> None:
    place = ALL[name]
    resource = place.resource
    row = row_of(document, place)
    found: list[str] = []
    for related_read in resource.related_reads:
        found += read_problems(document, related_read.path, related_read.query, related_read.paged, row)
    for sub_resources in resource.sub_resources:
        # The engine reads the lists of children in pages.
        found += read_problems(document, sub_resources.path, sub_resources.query, True, row)
    for secret in resource.secret_files:
        answer = rows_of(document, secret.path) if secret.path else created_row(document, resource)
        found += [] if secret.key in answer else [f"{secret.option}: no {secret.key}"]
    for where, item in nested_fields(name, resource.options + resource.filters):
        found += [f"{where}: {problem}" for problem in reference_problems(document, item, resource.hooks)]
    assert_none(found)


def read_problems(
    document: Document, path: str, query: Mapping[str, str], paged: bool, row: Mapping[str, Field]
) -> Iterator[str]:
    """What is wrong with a list that is read with such a query, which may hold ids and what the row says."""
    operation = operation_of(document, "GET", path)
    if paged != ({"limit", "offset"} <= set(document.query_fields(*operation.key))):
        yield f"{operation} is {'not ' if paged else ''}paged"
    for value in query.values():
        for _text, asked, _format, _conversion in string.Formatter().parse(value):
            if asked is None or asked in ("id", "parent_id", "top_id"):
                continue
            inside = re.fullmatch(r"row\[(\w+)\]", asked)
            if inside is None or inside.group(1) not in row:
                yield f"{operation}: {{{asked}}} is nothing that a row says"
    ids = {"id": UUID, "parent_id": UUID, "top_id": UUID, "row": Row()}
    asking = [(key, value.format(**ids)) for key, value in query.items()]
    verdict = document.check_request("GET", concrete(path), asking)
    yield from (f"{operation}: {problem}" for problem in (*verdict.problems, *verdict.deprecated))


def reference_paths(item: Any) -> list[str]:
    """Where a response shows the name and the id of what an option refers to."""
    return [path for path in (item.ref.name_at, item.ref.id_at) if path] if item.ref else []


def reference_problems(document: Document, item: Any, hooks: Any) -> Iterator[str]:
    """What is wrong with the way from a name to what the API wants."""
    if item.ref is None:
        return
    resource_type = item.ref.type
    row = rows_of(document, resource_type.path)
    if item.ref.within:
        query = document.query_fields(*operation_of(document, "GET", resource_type.path).key)
        yield from (
            f"{scope[0]} is no filter of {resource_type.path}" for scope in item.ref.within if scope[0] not in query
        )
    for by in (item.ref.by, item.ref.create_by or "id"):
        wanted = {"id": resource_type.id_field, "name": resource_type.name_field}.get(by, by)
        if wanted not in row:
            yield f"{resource_type.path} shows no {wanted}"
    via = hooks.picked_from(item)
    if via is not None:
        yield from read_problems(document, via.path, via.query, via.paged, row)


JSON_TYPES = {
    "str": "string",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "list": "array",
    "dict": "object",
}


def bounds_of(field: Field) -> dict[str, set[Any]]:
    """The least and the most whole numbers that a field takes."""
    return {
        "minimum": {*field.keyword("minimum"), *(each + 1 for each in field.keyword("exclusiveMinimum"))},
        "maximum": {*field.keyword("maximum"), *(each - 1 for each in field.keyword("exclusiveMaximum"))},
    }


def option_problems(place: str, item: Any, field: Field) -> Iterator[str]:
    """Type, choices, pattern and bounds of an option against a field of the document."""
    if field.deprecated:
        yield f"{place} is deprecated"
    kept = type(item.value).to_request is options_module.Value.to_request
    plain = item.ref is None and kept
    json_type = JSON_TYPES.get("list" if item.elements else item.type)
    if plain and field.types and json_type not in field.types:
        yield f"{place}: {item.type} for {sorted(field.types)}"
    if plain and item.elements and field.item_types and JSON_TYPES[item.elements] not in field.item_types:
        yield f"{place}: a list of {item.elements} for {sorted(field.item_types)}"
    allowed = (field.item_enum if item.elements else field.enum) or frozenset()
    if item.type == "bool":
        allowed = frozenset()
    if place not in OTHER_CHOICES and (item.choices or plain) and set(item.choices) != set(allowed):
        yield f"{place}: choices {sorted(item.choices)}, in the document {sorted(allowed)}"
    patterns = field.keyword("pattern")
    regex = getattr(item.check, "regex", None)
    if plain and place not in OTHER_PATTERNS and patterns and {regex} != set(patterns):
        yield f"{place}: pattern {regex}, in the document {sorted(patterns)}"
    for keyword, official in bounds_of(field).items():
        bound = getattr(item.check, keyword, None)
        if (bound is not None or official) and {bound} != official:
            yield f"{place}: {keyword} {bound}, in the document {sorted(official)}"
    for inner in item.suboptions:
        if inner.api_name in field.children:
            yield from option_problems(f"{place}.{inner.name}", inner, field.children[inner.api_name])
            if inner.nullable and not field.children[inner.api_name].nullable:
                yield f"{place}.{inner.name} cannot be cleared"
        elif f"{place}.{inner.name}" not in NOT_SENT:
            yield f"{place}.{inner.name} is not in the document"
    if item.suboptions:
        known = {inner.api_name for inner in item.suboptions}
        yield from not_offered(
            {f"{place}.{other}" for other, spec in field.children.items() if other not in known and not spec.deprecated}
        )


def not_offered(left_out: set[str]) -> list[str]:
    return [f"{place} is not offered" for place in sorted(left_out - NOT_OFFERED.keys())]


@dataclasses.dataclass
class Request:
    """What the document says of a request, or of a part of one, and what the samples put into it."""

    what: str
    fields: Mapping[str, Field]
    inline: bool = False
    sent: set[str] = dataclasses.field(default_factory=set)


@functools.cache
def create_requests(document: Document, top: str) -> Mapping[str, Mapping[str, Request]]:
    """For each place the requests that make what is there: those of its own, and those of what is above that take it whole."""
    found: dict[str, dict[str, Request]] = {}

    def add(
        place: Place, what: str, fields: Mapping[str, Field], parts: Iterable[Mapping[str, Any]], inline: bool
    ) -> None:
        request = found.setdefault(place.name, {}).setdefault(what, Request(what, fields, inline))
        for part in parts:
            request.sent.update(part)
            for each in place.inner:
                option = each.sub_resources.option
                if each.sub_resources.inline and option in part and option in fields:
                    add(each, f"{what} in {option}", fields[option].children, part[option], True)

    for _where, step in steps_of(document, top):
        if step.creates:
            operation = operation_of(document, step.action.method, step.action.path)
            for place in WRITTEN_PLACES.values():
                if place.resource is step.target.resource:
                    add(place, str(operation), document.body_fields(*operation.key), [step.body or {}], False)
    return found


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_options_are_fields_of_the_create_request(document: Document, name: str) -> None:
    place = WRITTEN_PLACES[name]
    requests = list(create_requests(document, place.top).get(name, {}).values())
    assert requests, "nothing makes it: the samples have none"
    problems: list[str] = []
    for item in place.resource.fields:
        where = f"{name}.{item.name}"
        taking = [each for each in requests if item.api_name in each.fields]
        if item.api.create == options_module.AFTERWARDS:
            problems += [f"{where} is in {each.what}: it can be created with it" for each in taking]
            continue
        sending = [each for each in taking if item.api_name in each.sent]
        for each in sending:
            problems += option_problems(where, item, each.fields[item.api_name])
        if not sending and where not in NOT_SENT:
            problems.append(f"{where} is never sent as {item.api_name}")
        if item.api.create == options_module.INLINE and place.parent is not None:
            problems += [f"{where} is in {each.what}: it is not late" for each in taking if not each.inline]
    for request in requests:
        problems += not_offered(
            {
                f"{name}.{field}"
                for field, spec in request.fields.items()
                if field not in request.sent and not spec.deprecated
            }
        )
    assert_none(dict.fromkeys(problems))


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_options_are_fields_of_the_update_request(document: Document, name: str) -> None:
    place = WRITTEN_PLACES[name]
    resource = place.resource
    if resource.update is None:
        assert not any(item.change == options_module.UPDATE for item in resource.fields)
        assert_none(f"{operation} changes it" for operation in updates_of(document, resource.type.path))
        return
    fields = document.body_fields(*operation_of(document, resource.update.method, resource.update.path).key)
    sent = {
        field
        for _where, step in steps_of(document, place.top)
        if step.target.resource is resource and step.action is resource.update
        for field in step.body
    }
    # What a function decides to write goes into the same request.
    offered = [
        item
        for item in resource.fields
        if item.change == options_module.UPDATE or (callable(item.change) and item.api_name in sent)
    ]
    problems = [f"{name}.{item.name} is not in the update request" for item in offered if item.api_name not in fields]
    for item in offered:
        if item.api_name in fields:
            problems += update_problems(f"{name}.{item.name}", item, fields[item.api_name])
    left_out = {
        f"{name}.update.{field}"
        for field, spec in fields.items()
        if field not in {*sent, *(item.api_name for item in offered)} and not spec.deprecated
    }
    assert_none(problems + not_offered(left_out))


def updates_of(document: Document, path: str) -> list[Operation]:
    """What could change one thing of a list, at any version of the API."""

    def plain(text: str) -> str:
        return re.sub(r"^/cloud/v\d+", "", re.sub(r"\{\w+\}", "{}", text))

    return [
        operation
        for operation in document.operations.values()
        if operation.method in ("PATCH", "PUT")
        and not operation.deprecated
        and plain(operation.path) == plain(path + "/{id}")
    ]


def update_problems(place: str, item: Any, field: Field) -> Iterator[str]:
    """What an option can be and the update request does not take."""
    if field.deprecated:
        yield f"{place} is deprecated in the update request"
    if item.nullable and not field.nullable:
        yield f"{place} cannot be cleared"
    allowed = field.item_enum if item.elements else field.enum
    if item.choices and allowed and not set(item.choices) <= allowed and place not in OTHER_CHOICES:
        yield f"{place}: choices {sorted(item.choices)}, in the update request {sorted(allowed)}"
    for keyword, official in bounds_of(field).items():
        if official and {getattr(item.check, keyword, None)} != official:
            yield f"{place}: {keyword} {getattr(item.check, keyword, None)}, in the update request {sorted(official)}"
    for inner in item.suboptions:
        if inner.api_name in field.children:
            yield from update_problems(f"{place}.{inner.name}", inner, field.children[inner.api_name])
        else:
            yield f"{place}.{inner.name} is not in the update request"


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_what_is_not_created_with_can_be_set_afterwards(name: str) -> None:
    for item in WRITTEN_PLACES[name].resource.fields:
        if item.api.create == options_module.AFTERWARDS:
            assert item.change not in (options_module.IMMUTABLE, options_module.WRITE_ONLY), item.name


def test_nothing_is_listed_in_vain(document: Document) -> None:
    """An exception whose reason is gone has to go as well."""
    for place in (*NOT_OFFERED, *OTHER_CHOICES, *OTHER_PATTERNS, *WRITE_ONLY, *NOT_SENT):
        assert re.split(r"[.?]", place)[0] in RESOURCES, place
    offered = {f"{name}.{item.api_name}" for name, place in ALL.items() for item in place.resource.fields}
    offered |= {f"{n}?{item.api.filter or item.name}" for n, place in ALL.items() for item in place.resource.filters}
    assert NOT_OFFERED.keys() & offered == set()
    known = {where for name, place in ALL.items() for where, _item in nested_fields(name, place.resource.fields)}
    known |= {f"{name}?{item.name}" for name, place in ALL.items() for item in place.resource.filters}
    assert_none(
        place
        for place in (*OTHER_CHOICES, *OTHER_PATTERNS, *WRITE_ONLY, *NOT_SENT, *ANSWERED_OTHERWISE)
        if place not in known
    )
    assert SAMPLES.keys() == WRITTEN.keys()


# --- Whole requests ---


class Row(dict[str, Any]):
    """A thing as it is, of which only what matters is told; whatever else is asked of it is something."""

    def __missing__(self, key: Any) -> Any:
        return Something(UUID)


class Something(str):
    """A value of unknown shape: an id, and a list or an object of more of the same."""

    def __getitem__(self, key: Any) -> Any:
        return Something(UUID)

    def __iter__(self) -> Iterator[Any]:
        return iter((Row(),))

    def get(self, key: Any, default: Any = None) -> Any:
        return Something(UUID)

    def values(self) -> list[Any]:
        return [Something(UUID)]


def lookup(resource_type: Any, value: Any, by: str = "id", where: Any = None, via: Any = None, options: Any = None, verify: bool = False) -> str:  # fmt: skip
    """As the engine's: an id, or what else of the thing is wanted."""
    if by == "resource_class":  # only bare metal has one
        return str(value) if str(value).startswith("bm") else "None"
    if by == "id" and not types.has_id_form(resource_type, str(value)):
        return "7" if resource_type.id_form == types.NUMBER else UUID
    return str(value) if by in ("id", "name") else UUID


def planner(resource: Any, options: Mapping[str, Any], **more: Any) -> Any:
    return planner_module.Planner(resource, dict(options), lookup, **more)


@functools.cache
def steps_of(document: Document, name: str) -> tuple[tuple[str, Any], ...]:
    """Every step that the samples of a resource lead to: creation, each change of each field, states, deletion."""
    return tuple(all_steps(document, ALL[name]))


def all_steps(document: Document, place: Place) -> Iterator[tuple[str, Any]]:
    resource = place.resource
    target = plan.Target(resource, UUID)
    there = Row({related_read.key: Something(UUID) for related_read in resource.related_reads})
    for number, options in enumerate(SAMPLES[place.name]):
        for some in (options, *ways(place, options)):
            made = planner(resource, some)
            for step in planned(made.present, None, plan.Target(resource)) if is_accepted(place, some) else ():
                yield f"{place.name} sample {number} {some if some is not options else ''}", step
        for step in planned(planner(resource, options).absent, plan.Snapshot(there), target):
            yield f"{place.name} sample {number} absent", step
        yield from changing_steps(document, place, options, target)
        yield from child_steps(document, place, options, target)
    for state in resource.states:
        for status in statuses(resource):
            for options in ({}, {item.name: True for item in resource.state_options}):
                try:
                    actions = state.actions(status, options)
                except errors.GcoreError:
                    continue
                for action in actions:
                    yield f"{place.name} {state.name} from {status}", plan.Step(action, target, action.body)


def statuses(resource: Any) -> list[str]:
    return sorted({"", *(status for state in resource.states for status in state.reached)})


def planned(plans: Callable[..., Any], *arguments: Any) -> list[Any]:
    """All steps of a plan, also those that are sent only when others are done; none where the description refuses it in words of its own."""
    try:
        found = plans(*arguments)
    except errors.GcoreError:
        return []
    return [*found.steps, *(each for each in found.later if isinstance(each, plan.Step))]


def ways(place: Place, options: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Ways to say less: what has to be said alone, and with each other option, at every depth."""
    least = {item.name: value for item in place.resource.fields for value in least_of(item, options)}
    yield least
    for item in place.resource.options:
        if item.name in options:
            yield from ({**least, item.name: value} for value in values_of(item, options[item.name]))
    for each in place.inner:
        for child in options.get(each.sub_resources.option) or ():
            yield from ({**least, each.sub_resources.option: [one]} for one in ways(each, child))


def least_of(item: Any, options: Mapping[str, Any]) -> list[Any]:
    """The shortest value of an option that has to be there."""
    return values_of(item, options[item.name])[:1] if item.required and item.name in options else []


def values_of(item: Any, value: Any) -> list[Any]:
    """A value of an option, and, of one with options in it, whatever can be said with fewer of them."""
    if value is None:
        return [None]
    clear = [None] if item.nullable else []
    if not item.suboptions:
        return [value, *clear]
    if isinstance(value, list):
        return [*([one] for entry in value for one in values_inside(item, entry)), *clear]
    return [*values_inside(item, value), *clear]


def values_inside(item: Any, value: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    least = {inner.name: one for inner in item.suboptions for one in least_of(inner, value)}
    yield least
    for inner in item.suboptions:
        if inner.name in value:
            yield from ({**least, inner.name: one} for one in values_of(inner, value[inner.name]))


# From the options of a child to those of the module.
Whole = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def changing_steps(
    document: Document, place: Place, options: Mapping[str, Any], target: Any, whole: Whole = dict
) -> Iterator[tuple[str, Any]]:
    """Each field from other values to the sample's, alone and among the others; where it can be cleared, back to nothing."""
    resource = place.resource
    answer = row_of(document, place)
    own = {item.name: options[item.name] for item in resource.fields if item.name in options}
    # A list of children always says what is required of each.
    least = {item.name: options[item.name] for item in resource.fields if place.parent and item.required}
    for item in resource.fields:
        if item.name not in options or item.change in (options_module.IMMUTABLE, options_module.WRITE_ONLY):
            continue
        spec = found_at(answer, item.read_path)
        wanted = [options[item.name], *values_of(item, options[item.name])]
        before = currents(item, at_work(resource, own)._sent(item, options[item.name], own))
        before += [None] if item.nullable or (spec and spec.nullable) else []
        for desired, current in itertools.product(wanted, before):
            for beside in (least, own):
                given = {**beside, item.name: desired}
                if not is_accepted(place, whole(given)):
                    continue
                row = shown_row(resource, given)
                values.set_path(row, item.read_path, with_ids(spec, current))
                for path in set(reference_paths(item)) - {item.read_path}:
                    values.set_path(row, path, OTHER)  # the row is about something else by name, too
                for purge in [True, False] if item.value.purge else [True]:
                    made = planner(resource, {**given, item.value.purge or "": purge})
                    for step in planned(made.present, plan.Snapshot(row), target):
                        yield f"{place.name}.{item.name} from {current!r} to {desired!r}", step


def with_ids(spec: Field | None, value: Any) -> Any:
    """Entries of a list as the API shows them: with ids, where they have any."""
    if spec is None or "id" not in spec.children or not isinstance(value, list):
        return value
    return [{"id": UUID, **entry} for entry in value]


def at_work(resource: Any, options: Mapping[str, Any]) -> Any:
    """The planner of a thing that is there. What it predicts of an answer is used here as the answer."""
    found = planner(resource, options)
    found._top = UUID
    return found


def shown_row(resource: Any, options: Mapping[str, Any]) -> Row:
    """What the API shows of a thing with these options."""
    row = Row(at_work(resource, options)._predict_new(resource, options))
    if not resource.type.known_by_name:
        row[resource.type.id_field] = UUID
    for related_read in resource.related_reads:
        if related_read.when == schema.IF_CHANGED:  # whatever the options want is on offer
            row[related_read.key] = [options[name] for name in related_read.options if name in options]
    return row


def currents(item: Any, sent: Any) -> list[Any]:
    """Values that the answer may show before: the wanted, as far as it says anything, and others."""
    found = others(item, sent)
    if item.suboptions and sent:
        found.append(sent)
    return [item.value.to_response(value) for value in found]


def others(item: Any, sent: Any) -> list[Any]:
    """Other values than the one that is sent, in the form of the request."""
    if sent is None:
        return [OTHER]
    if item.type == "bool":
        return [not sent]
    if item.elements:
        # What a view has put into the row has a form of its own.
        more = [OTHER] if item.elements == "str" and not (item.api.read or "").startswith("_") else []
        more = [choice for choice in item.choices if choice not in sent][:1] if item.choices else more
        inside = [[entry] for entry in others_inside(item, sent[0])] if item.suboptions and sent else []
        return [[], *([more] if more else []), *inside]
    if item.choices:
        return [choice for choice in item.choices if choice != sent]
    if item.type == "int" or isinstance(sent, int):
        return [int(sent) - 1]
    if item.type == "dict":
        return others_inside(item, sent) if item.suboptions else [{}, {"old": "1"}]
    return [OTHER if item.ref or sent == UUID else f"{sent}9"]


def others_inside(item: Any, sent: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {**sent, inner.api_name: value}
        for inner in item.suboptions
        if inner.api_name in sent
        for value in others(inner, sent[inner.api_name])
    ]


def child_steps(
    document: Document, place: Place, options: Mapping[str, Any], target: Any, whole: Whole = dict
) -> Iterator[tuple[str, Any]]:
    """Children, at every depth, added to a thing that is there, changed, and removed."""
    own = {item.name: options[item.name] for item in place.resource.fields if place.parent and item.name in options}
    for each in place.inner:
        sub_resources = each.sub_resources

        def inside(child: Mapping[str, Any], option: str = sub_resources.option) -> dict[str, Any]:
            return dict(whole({**own, option: [child]}))

        wanted = each.parent.resource.wanted_of(sub_resources, options) or []
        for child in wanted:
            for one in (child, *ways(each, child)):
                # A VM that is there has its boot disk.
                added = {sub_resources.option: [one]}
                if (
                    not is_accepted(each, inside(one))
                    or each.parent.resource.wanted_of(sub_resources, added)[0].get("boot_index") == 0
                ):
                    continue
                for step in planned(planner(place.resource, added).present, plan.Snapshot(Row()), target):
                    yield f"{each.name} added {one if one is not child else ''}", step
            inner = plan.Target(each.resource, UUID, target)
            yield from changing_steps(document, each, child, inner, inside)
            yield from child_steps(document, each, child, inner, inside)
        if wanted:
            for step in removing_steps(place, sub_resources, target, True):
                yield f"{each.name} removed", step


def is_accepted(place: Place, options: Mapping[str, Any]) -> bool:
    """Whether the module goes on with such options."""
    try:
        RESOURCES[place.top].hooks.check(options)
    except errors.OptionError:
        return False
    return True


def removing_steps(place: Place, sub_resources: Any, target: Any, purge: bool) -> list[Any]:
    """What becomes of a child that is there and not wanted."""
    if not sub_resources.purge:
        return []
    one = [ALL[f"{place.name}.{sub_resources.option}"].samples()[0]] if sub_resources.minimum else []
    none = {sub_resources.option: one, sub_resources.purge: purge}
    there = plan.Snapshot(Row(), {sub_resources.option: [plan.Snapshot(child_row(sub_resources))]})
    return planned(planner(place.resource, none).present, there, target)


def child_row(sub_resources: Any) -> Row:
    """A child that is there, and that a purge may remove."""
    return Row(
        {
            "is_root_volume": False,
            "listeners": [],
            "_addresses": ["10.0.0.1"],
            sub_resources.resource.type.id_field: UUID,
        }
    )


def request_of(step: Any) -> tuple[str, str, list[tuple[str, str]], Any]:
    body = ABSENT if step.body is None else _plain(step.body)
    return step.action.method, concrete(step.action.path), [(k, str(v)) for k, v in step.query.items()], body


def _plain(value: Any) -> Any:
    if value in (plan.PARENT_LATER, values.KNOWN_LATER):
        return UUID
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return str(value)
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("name", WRITTEN)
def test_every_planned_request_is_valid(document: Document, name: str) -> None:
    assert name in SAMPLES, f"{name} needs a case in tests/cases"
    found: dict[str, str] = {}
    changed: set[str] = set()
    judged: set[str] = set()
    for place, step in steps_of(document, name):
        changed.add(place.partition(" ")[0])
        if repr((step.action.task, request_of(step))) in judged:
            continue
        judged.add(repr((step.action.task, request_of(step))))
        verdict = document.check_request(*request_of(step))
        for problem in (*verdict.problems, *(f"{what} is deprecated" for what in verdict.deprecated)):
            found.setdefault(f"{step.action.method} {step.action.path}: {problem}", f" ({place})")
        types = {step.action.task} - {None} - document.task_types() - UNLISTED_TASK_TYPES.keys()
        for task in types:
            found.setdefault(f"{task} is no task type of the document", f" ({place})")
        if verdict.operation is not None:
            starts_tasks = "tasks" in document.response_fields(*verdict.operation.key)
            if starts_tasks != (step.action.task is not None):
                found.setdefault(
                    f"{verdict.operation} {'makes a task' if starts_tasks else 'makes no task'}", f" ({place})"
                )
    changeable = (options_module.IMMUTABLE, options_module.WRITE_ONLY)
    for where, inside in WRITTEN_PLACES.items():
        for item in inside.resource.fields:
            if inside.top == name and item.change not in changeable and f"{where}.{item.name}" not in changed:
                found[f"{where}.{item.name}: no change of it could be planned"] = ""
    assert_none(problem + place for problem, place in found.items())


@pytest.mark.parametrize("name", WRITTEN)
def test_the_samples_are_accepted(name: str) -> None:
    """A sample that the description refuses would test nothing."""
    for options in SAMPLES[name]:
        RESOURCES[name].hooks.check(options)
        # What is there already may be meant.
        with contextlib.suppress(errors.NotFoundError):
            assert planner(RESOURCES[name], options).present(None, plan.Target(RESOURCES[name])).steps[0].creates


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_what_was_just_made_needs_no_change(name: str) -> None:
    """The answer that a creation is expected to give is what the same options ask for."""
    resource = WRITTEN_PLACES[name].resource
    for options in WRITTEN_PLACES[name].samples():
        told = [item.name for item in resource.fields if f"{name}.{item.name}" not in ANSWERED_OTHERWISE]
        own = {option: options[option] for option in told if option in options}
        made = at_work(resource, own).present(plan.Snapshot(shown_row(resource, own)), plan.Target(resource, UUID))
        assert_none(f"{step}: {step.body}" for step in made.steps)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_samples_use_every_option(name: str) -> None:
    assert name in SAMPLES, f"{name} needs a case in tests/cases"

    def unused(where: str, items: Iterable[Any], given: list[Mapping[str, Any]]) -> Iterator[str]:
        for item in items:
            values = [options[item.name] for options in given if item.name in options]
            if not values:
                yield f"{where}.{item.name}"
            elif item.suboptions:
                entries = [each for value in values for each in (value if isinstance(value, list) else [value]) if each]
                yield from unused(f"{where}.{item.name}", item.suboptions, entries)

    found: list[str] = []
    for where, place in WRITTEN_PLACES.items():
        if place.top == name:
            items = place.resource.options if place.parent is None else place.resource.fields
            found += unused(where, items, place.samples())
    assert_none(found)


# --- What may be removed ---


@pytest.mark.parametrize("name", WRITTEN)
def test_every_purge_option_exists_once(name: str) -> None:
    """Purge options are the module's own, wherever in the tree they are asked for, and mean one thing."""
    resource = WRITTEN[name]
    wanted: dict[str, set[bool]] = {}
    options = {sub_resources.option for sub_resources in resource.sub_resources} | {
        item.name for item in resource.options
    }
    for place in WRITTEN_PLACES.values():
        if place.top == name:
            for where, item in nested_fields(place.name, place.resource.fields):
                if item.value.purge:
                    assert item in place.resource.fields, f"{where}: only whole options of a thing are merged"
                    wanted.setdefault(item.value.purge, set()).add(item.value.authoritative)
            if place.sub_resources and place.sub_resources.purge:
                wanted.setdefault(place.sub_resources.purge, set()).add(place.sub_resources.authoritative)
    assert {option: {default} for option, default in resource.purge_options().items()} == wanted
    assert not wanted.keys() & options
    spec = arguments.module_spec(resource)["argument_spec"]
    assert {option: spec[option]["default"] for option in wanted} == resource.purge_options()


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_only_a_purge_removes(name: str) -> None:
    place = WRITTEN_PLACES[name]
    if place.parent is None or not place.sub_resources.purge:
        return
    target = plan.Target(place.parent.resource, UUID, plan.Target(None, UUID) if place.parent.parent else None)
    for purge in (True, False):
        steps = removing_steps(place.parent, place.sub_resources, target, purge)
        assert [step.destroys for step in steps if step.destroys] == [True] * purge


# --- Paths in the code of the engine ---


def test_paths_in_the_code_are_in_the_document(document: Document) -> None:
    known = {
        re.sub(r"\{\w+\}", "{}", operation.path)
        for operation in document.operations.values()
        if not operation.deprecated
    }
    wrong = []
    for file in sorted((CHECKOUT / "plugins").rglob("*.py")):
        for path in re.findall(r"""["'](/cloud/[^"'\s]*)["']""", file.read_text(encoding="utf-8")):
            plain = re.sub(r"\{\w+\}", "{}", path).rstrip("/")
            if plain not in known and not any(other.startswith(f"{plain}/") for other in known):
                wrong.append(f"{pathlib.Path(file).relative_to(CHECKOUT)}: {path}")
    assert_none(wrong)


# POST requests that change nothing, and that check mode may therefore send: "METHOD path", with the reason.
READING_POSTS: dict[str, str] = {}


def test_only_listed_posts_pass_as_reads(document: Document) -> None:
    """Check mode sends what is marked as a read: the mark is given by hand, so it is held by a list."""
    marked = []
    for file in sorted((CHECKOUT / "plugins").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        for found in re.finditer(r"reads=True", text):
            call = text[text.rfind("Call(", 0, found.start()) : found.start()]
            path = re.search(r"""["'](/cloud/[^"']*)["']""", call)
            marked.append(
                f"POST {path.group(1)}" if path else f"{file.name}: a read whose path is not written beside it"
            )
    assert_none(place for place in marked if place not in READING_POSTS)
    assert_none(f"{place} is listed in vain" for place in READING_POSTS if place not in marked)
    for place in READING_POSTS:
        operation_of(document, *place.split(" ", 1))
