# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' descriptions held against the official document: paths, fields, choices, filters, tasks, and whole requests.

The descriptions are found, not listed: whatever plugins/module_utils/resources brings is judged. Two things are listed by name:
options to plan with (SAMPLES), for a test to see the requests that a description leads to; and what a module does not offer
(NOT_OFFERED), each with its reason. Both fail when a description outgrows them.
"""

from __future__ import annotations

import importlib
import itertools
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from .conftest import CHECKOUT
from .corrections import ABSENT
from .openapi import Document, Field, Operation
from .report import assert_none

ROOM = "ansible_collections.gcore.cloud.plugins.module_utils"
plan = importlib.import_module(f"{ROOM}.plan")
resource_room = importlib.import_module(f"{ROOM}.resource")
kinds_room = importlib.import_module(f"{ROOM}.kinds")
errors_room = importlib.import_module(f"{ROOM}.errors")

UUID = "e460e48c-6836-447e-bc9c-16fc4225d318"
OTHER = "0b9ed1d5-0a5b-4a2c-9d6f-2d8a3f6c1c55"


def _descriptions() -> dict[str, Any]:
    folder = CHECKOUT / "plugins" / "module_utils" / "resources"
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    return {name: importlib.import_module(f"{ROOM}.resources.{name}").RESOURCE for name in names}


RESOURCES = _descriptions()
KINDS = {name: value for name, value in vars(kinds_room).items() if isinstance(value, resource_room.Kind)}

# --- What is listed by name ---

# Task types that the document's list forgets.
UNLISTED_TASK_TYPES: dict[str, str] = {}

# Fields of create and update requests ("resource.field", "resource.update.field") and filters of lists ("resource?filter")
# that no option stands for.
BY_QUERY = "the answer shows it, so that query can choose by it"
NOT_OFFERED: dict[str, str] = {
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
    "volume?id_part": "id finds a volume exactly",
}

# Choices that differ from the document's.
OTHER_CHOICES: dict[str, str] = {}

# Patterns that are narrower or wider than the document's.
OTHER_PATTERNS: dict[str, str] = {}

# Options that a description turns into something else on the way to the create request.
NOT_SENT: dict[str, str] = {}

# Options to make a thing with. Together the samples of a resource must use each of its options.
SAMPLES: dict[str, tuple[dict[str, Any], ...]] = {
    "ssh_key": ({"name": "key", "public_key": "ssh-ed25519 AAAA a@b", "shared_in_project": True},),
    "network": ({"name": "net", "type": "vxlan", "create_router": False, "tags": {"a": "b"}},),
    "subnet": (
        {
            "name": "sub",
            "network": UUID,
            "cidr": "10.0.0.0/24",
            "ip_version": 4,
            "enable_dhcp": True,
            "gateway_ip": "10.0.0.1",
            "dns_nameservers": ["8.8.8.8"],
            "host_routes": [{"destination": "10.9.0.0/24", "nexthop": "10.0.0.9"}],
            "connect_to_network_router": True,
            "router_to_connect": UUID,
            "tags": {"a": "b"},
        },
        {
            "name": "sub",
            "network": UUID,
            "cidr": "10.0.0.0/24",
            "gateway_ip": None,
            "dns_nameservers": None,
            "host_routes": None,
        },
    ),
    "volume": (
        {
            "name": "data",
            "size": 2,
            "type_name": "standard",
            "instance": UUID,
            "attachment_tag": "data",
            "lifecycle_policy_ids": [1],
            "tags": {"a": "b"},
            "delete_snapshots": [UUID, OTHER],
        },
        {"name": "boot", "image": UUID, "size": 10, "type_name": "cold"},
        {"name": "copy", "snapshot": UUID},
    ),
    "instance": (
        {
            "name": "vm-1",
            "flavor": "g1-standard-1-2",
            "image": UUID,
            "volume_size": 10,
            "volume_type": "standard",
            "network": UUID,
            "floating_ip": "new",
            "ssh_key": "key",
            "security_groups": [UUID],
            "servergroup": UUID,
            "tags": {"a": "b"},
        },
        {"name": "vm-2", "flavor": "g1-standard-1-2", "image": UUID, "volume_size": 10, "external": True},
        {
            "name_template": "vm-{ip_octets}",
            "flavor": "g1-standard-1-2",
            "username": "admin",
            "password": "Aa1!aaaa",
            "user_data": "#cloud-config",
            "allow_app_ports": True,
            "configuration": {"any": ["thing"]},
            "tags": {"a": "b"},
            "volumes": [
                {
                    "image": UUID,
                    "boot_index": 0,
                    "size": 10,
                    "name": "boot",
                    "type_name": "standard",
                    "tags": {"a": "b"},
                },
                {
                    "name": "data",
                    "size": 1,
                    "delete_on_termination": True,
                    "attachment_tag": "data",
                    "type_name": "ultra",
                },
                {"volume": UUID, "attachment_tag": "old", "boot_index": -1, "delete_on_termination": False},
                {"snapshot": UUID, "size": 5, "name": "copy", "boot_index": -1, "type_name": "ssd_hiiops"},
                {"apptemplate": UUID, "size": 5, "name": "app", "boot_index": -1},
            ],
            "interfaces": [
                {"type": "external", "interface_name": "pub", "ip_family": "dual", "security_groups": [UUID]},
                {"network": UUID, "subnet": UUID, "floating_ip": UUID},
                {"network": UUID, "ip_address": "10.0.0.7", "ip_family": "ipv4", "floating_ip": "new"},
                {"network": UUID},
                {"port": UUID, "floating_ip": "new"},
                {},
            ],
        },
    ),
}

# ------------------------------------------------------------------------------------------------------------------------


def described() -> Iterator[tuple[str, Any]]:
    """Every resource and the children in it, each with a name."""

    def inside(name: str, resource: Any) -> Iterator[tuple[str, Any]]:
        yield name, resource
        for children in resource.children:
            yield from inside(f"{name}.{children.option}", children.resource)

    for name, resource in RESOURCES.items():
        yield from inside(name, resource)


ALL = dict(described())
WRITTEN = {name: resource for name, resource in RESOURCES.items() if resource.create is not None}


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


def has(fields: Mapping[str, Field], path: str) -> bool:
    """Whether a dotted path leads to a field of the answer; what begins with _ the module has put there itself."""
    head, rest = path.partition(".")[::2]
    if head.startswith("_"):
        return True
    if head not in fields:
        return False
    inner = fields[head].children
    rest = re.sub(r"^\d+\.?", "", rest)
    return not rest or not inner or has(inner, rest)


# --- Kinds: the identity table ---


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_listed_as_the_document_says(document: Document, name: str) -> None:
    kind = KINDS[name]
    operation = operation_of(document, "GET", kind.path)
    query = document.query_fields(*operation.key)
    row = rows_of(document, kind.path)
    asked = {*kind.list_query, *kind.wider_query, *([kind.name_filter] if kind.name_filter else [])}
    assert asked <= set(query)
    assert not [field for field in asked if query[field].deprecated]
    for field, value in {**kind.list_query, **kind.wider_query}.items():
        allowed = query[field].enum
        assert allowed is None or value in allowed
    assert kind.paged == ({"limit", "offset"} <= set(query))
    shown = {kind.id_field, kind.name_field, *kind.tell_apart}
    assert_none([field for field in sorted(shown) if not has(row, field)])
    if kind.created_key is not None:
        assert kind.created_key in document.created_resources_keys()
    if kind.name_filter is not None:
        longest = query[kind.name_filter].keyword("maxLength")
        assert not longest or kind.name_filter_longest <= min(longest)


# --- Fields, filters, statuses ---


@pytest.mark.parametrize("name", ALL)
def test_what_is_read_is_in_the_answer(document: Document, name: str) -> None:
    resource = ALL[name]
    row = rows_of(document, resource.kind.path)
    if resource.has_item and "." not in name:
        row = {**row, **rows_of(document, resource.read_path)}
    missing = []
    for item in resource.fields:
        if item.change == resource_room.CREATE_ONLY:
            continue
        missing += [path for path in (item.read or item.body_name, item.read_name) if path and not has(row, path)]
    missing += [path for path in resource.predicted if not has(row, path)]
    missing += [
        secret for secret in resource.answer_secrets if not has({**row, **created_row(document, resource)}, secret)
    ]
    assert_none(missing)
    statuses = {*resource.creating, *resource.deleting, *resource.broken}
    statuses |= {status for state in resource.states for status in state.reached}
    if statuses:
        allowed = row[resource.status].enum
        assert allowed is None or statuses <= allowed


def created_row(document: Document, resource: Any) -> dict[str, Field]:
    """What a synchronous creation answers."""
    if not isinstance(resource.create, resource_room.Action):
        return {}
    operation = operation_of(document, resource.create.method, resource.create.path)
    return document.response_fields(*operation.key)


@pytest.mark.parametrize("name", ALL)
def test_what_a_creation_leaves_unsaid_is_really_not_answered(document: Document, name: str) -> None:
    """A create-only field is one that the answer does not have: what can be compared has to be."""
    resource = ALL[name]
    row = {
        **rows_of(document, resource.kind.path),
        **(rows_of(document, resource.read_path) if resource.has_item and "." not in name else {}),
    }
    shown = {
        f"{name}.{item.name}"
        for item in resource.fields
        if item.change == resource_room.CREATE_ONLY and has(row, item.read or item.body_name)
    }
    assert shown - NOT_COMPARED.keys() == set()


# Create-only fields whose name is in the answer all the same.
NOT_COMPARED: dict[str, str] = {}


@pytest.mark.parametrize("name", RESOURCES)
def test_filters_are_parameters_of_the_list(document: Document, name: str) -> None:
    resource = RESOURCES[name]
    operation = operation_of(document, "GET", resource.kind.path)
    query = document.query_fields(*operation.key)
    offered = {(item.filter or item.name): item for item in resource.filters}
    assert offered.keys() - query.keys() == set()
    problems = [
        line
        for parameter, item in offered.items()
        for line in option_problems(f"{name}?{item.name}", item, query[parameter])
    ]
    known = {*offered, "limit", "offset", "order_by", resource.kind.name_filter}
    known |= {item.filter for item in resource.fields if item.filter}
    left_out = {
        f"{name}?{parameter}" for parameter, field in query.items() if parameter not in known and not field.deprecated
    }
    assert_none(problems + not_offered(left_out))


@pytest.mark.parametrize("name", ALL)
def test_other_reads_are_in_the_document(document: Document, name: str) -> None:
    resource = ALL[name]
    views = [*resource.views, *(view for children in resource.children for view in children.views)]
    lists = [(view.path, view.query, view.paged) for view in views]
    lists += [(children.list_path, children.list_query, None) for children in resource.children]
    for path, query, paged in lists:
        operation = operation_of(document, "GET", path)
        known = document.query_fields(*operation.key)
        assert set(query) <= set(known), path
        if paged is not None:
            assert paged == ({"limit", "offset"} <= set(known)), path
    for secret in resource.secret_files:
        where = rows_of(document, secret.path) if secret.path else created_row(document, resource)
        assert secret.field in where
    for item in resource.fields:
        if item.ref is not None and item.ref_scope:
            query = document.query_fields(*operation_of(document, "GET", item.ref.path).key)
            assert {scope[0] for scope in item.ref_scope} <= set(query), f"{name}.{item.name}"


JSON_TYPES = {
    "str": "string",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "list": "array",
    "dict": "object",
}


def option_problems(place: str, item: Any, field: Field) -> Iterator[str]:
    """Type, choices, pattern and bounds of an option against a field of the document."""
    if field.deprecated:
        yield f"{place} is deprecated"
    plain = item.ref is None and item.to_body is None
    if plain and field.types and JSON_TYPES[item.type] not in field.types:
        yield f"{place}: {item.type} for {sorted(field.types)}"
    allowed = (field.item_enum if item.type == "list" else field.enum) or frozenset()
    if place not in OTHER_CHOICES and (item.choices or plain) and set(item.choices) != set(allowed):
        yield f"{place}: choices {sorted(item.choices)}, in the document {sorted(allowed)}"
    patterns = field.keyword("pattern")
    if item.pattern and place not in OTHER_PATTERNS and patterns and {item.pattern} != set(patterns):
        yield f"{place}: pattern {item.pattern}, in the document {sorted(patterns)}"
    for bound, keyword in ((item.minimum, "minimum"), (item.maximum, "maximum")):
        official = field.keyword(keyword)
        if (bound is not None or official) and {bound} != set(official):
            yield f"{place}: {keyword} {bound}, in the document {sorted(official)}"
    for inner in item.fields:
        if inner.body_name in field.children:
            yield from option_problems(f"{place}.{inner.name}", inner, field.children[inner.body_name])
        else:
            yield f"{place}.{inner.name} is not in the document"
    if item.fields:
        yield from (
            f"{place}.{other} is not offered"
            for other in field.children.keys() - {inner.body_name for inner in item.fields}
        )


def not_offered(left_out: set[str]) -> list[str]:
    return [f"{place} is not offered" for place in sorted(left_out - NOT_OFFERED.keys())]


@pytest.mark.parametrize("name", WRITTEN)
def test_options_are_fields_of_the_create_request(document: Document, name: str) -> None:
    resource = WRITTEN[name]
    fields: dict[str, Field] = {}
    sent: set[str] = set()
    for step in creations(name):
        operation = operation_of(document, step.action.method, step.action.path)
        fields.update(document.body_fields(*operation.key))
        sent |= set(step.body or {})
    problems = list(create_problems(name, resource.fields, fields, sent))
    for children in resource.children:
        if children.inline:
            inner = {key for step in creations(name) for part in step.body.get(children.option) or [] for key in part}
            problems += create_problems(
                f"{name}.{children.option}", children.resource.fields, fields[children.option].children, inner
            )
    assert_none(problems)


def create_problems(place: str, items: tuple[Any, ...], fields: Mapping[str, Field], sent: set[str]) -> Iterator[str]:
    """Options against the fields of a create request, of which the samples show which were sent."""
    for item in items:
        if item.body_name in sent and item.body_name in fields:
            yield from option_problems(f"{place}.{item.name}", item, fields[item.body_name])
        elif item.change in (resource_room.FIXED, resource_room.CREATE_ONLY) and f"{place}.{item.name}" not in NOT_SENT:
            yield f"{place}.{item.name} is never sent as {item.body_name}"
    yield from not_offered(
        {f"{place}.{field}" for field, spec in fields.items() if field not in sent and not spec.deprecated}
    )


def creations(name: str) -> Iterator[Any]:
    """The step that makes the thing, for each sample."""
    resource = RESOURCES[name]
    for options in SAMPLES.get(name, ()):
        steps = planner(resource, options).present(None, plan.Subject(resource)).steps
        yield from [step for step in steps if step.creates][:1]


@pytest.mark.parametrize("name", WRITTEN)
def test_options_are_fields_of_the_update_request(document: Document, name: str) -> None:
    resource = WRITTEN[name]
    if resource.update is None:
        assert not any(item.change == resource_room.UPDATE for item in resource.fields)
        return
    fields = document.body_fields(*operation_of(document, resource.update.method, resource.update.path).key)
    offered = {item.body_name: item for item in resource.fields if item.change == resource_room.UPDATE}
    unknown = [
        f"{name}.{item.name} is not in the update request" for field, item in offered.items() if field not in fields
    ]
    left_out = {
        f"{name}.update.{field}" for field, spec in fields.items() if field not in offered and not spec.deprecated
    }
    uncleared = [
        f"{name}.{i.name} cannot be cleared"
        for f, i in offered.items()
        if i.nullable and f in fields and not fields[f].nullable
    ]
    assert_none(unknown + uncleared + not_offered(left_out))


def test_nothing_is_listed_in_vain(document: Document) -> None:
    """An exception whose reason is gone has to go as well."""
    for place in (*NOT_OFFERED, *OTHER_CHOICES, *OTHER_PATTERNS, *NOT_COMPARED, *NOT_SENT):
        assert re.split(r"[.?]", place)[0] in RESOURCES, place
    offered = {f"{name}.{item.body_name}" for name, resource in ALL.items() for item in resource.fields}
    offered |= {f"{name}?{item.filter or item.name}" for name, resource in ALL.items() for item in resource.filters}
    assert NOT_OFFERED.keys() & offered == set()
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


def lookup(kind: Any, value: Any, by: str = "id", where: Any = None) -> str:
    return str(value) if by != "id" or resource_room.looks_like_id(kind, str(value)) else UUID


def planner(resource: Any, options: Mapping[str, Any], **more: Any) -> Any:
    return plan.Planner(resource, dict(options), lookup, **more)


def steps_of(name: str) -> Iterator[tuple[str, Any]]:
    """Every step that the samples of a resource lead to: creation, each change of each field, states, deletion."""
    resource = RESOURCES[name]
    subject = plan.Subject(resource, UUID)
    for number, options in enumerate(SAMPLES[name]):
        for step in planner(resource, options).present(None, plan.Subject(resource)).steps:
            yield f"{name} sample {number}", step
        for step in planner(resource, options).absent(plan.Snapshot(Row()), subject).steps:
            yield f"{name} sample {number} absent", step
        yield from changing_steps(name, resource, options, subject)
        yield from child_steps(name, resource, options, subject)
    for state in resource.states:
        for status in statuses(resource):
            for options in ({}, {item.name: True for item in resource.state_options}):
                for action in planned(lambda: state.actions(status, options)):  # noqa: B023 - called at once
                    yield f"{name} {state.name} from {status}", plan.Step(action, subject, action.body)


def statuses(resource: Any) -> list[str]:
    return sorted({"", *(status for state in resource.states for status in state.reached)})


def changing_steps(name: str, resource: Any, options: Mapping[str, Any], subject: Any) -> Iterator[tuple[str, Any]]:
    """Each field from another value, and from nothing, to the sample's; and, where it can be cleared, back to nothing."""
    for item in resource.fields:
        if item.name not in options or item.change in (resource_room.FIXED, resource_room.CREATE_ONLY):
            continue
        desired = [options[item.name], *([None] if item.nullable else [])]
        for wanted, current in itertools.product(desired, currents(item, options[item.name])):
            row = Row()
            resource_room.bury(row, item.read or item.body_name, current)
            place = f"{name}.{item.name} from {current!r} to {wanted!r}"
            for step in planned(planner(resource, {item.name: wanted}).present, plan.Snapshot(row), subject):
                yield place, step


def planned(plans: Callable[..., Any], *arguments: Any) -> Iterable[Any]:
    """The steps of a plan; none where the description refuses it in words of its own."""
    try:
        found: Any = plans(*arguments)
    except errors_room.GcoreError:
        return []
    steps: Iterable[Any] = found.steps if isinstance(found, plan.Plan) else found
    return steps


def currents(item: Any, wanted: Any) -> list[Any]:
    """Values that a field may have before: nothing, and something else than the wanted."""
    if item.name == "tags":
        return [[], [{"key": "old", "value": "1", "read_only": False}]]
    if item.type == "bool":
        return [not wanted]
    if item.choices:
        return [choice for choice in item.choices if choice != wanted]
    if item.type == "int":
        return [wanted - 1]
    if item.type == "list":
        return [[]]
    if item.type == "dict":
        return [{}]
    return [None, OTHER] if item.nullable else [OTHER]


def child_steps(name: str, resource: Any, options: Mapping[str, Any], subject: Any) -> Iterator[tuple[str, Any]]:
    """Children added to a thing that is there, changed, and removed."""
    for children in resource.children:
        wanted = children.wanted_of(options) or []
        for child in wanted:
            one = {children.option: [child]}
            # A VM that is there has its boot disk.
            if child.get("boot_index") != 0:
                for step in planned(planner(resource, one).present, plan.Snapshot(Row()), subject):
                    yield f"{name}.{children.option} added", step
            inner = children.resource
            yield from changing_steps(f"{name}.{children.option}", inner, child, plan.Subject(inner, UUID, subject))
        if wanted and children.purge:
            none = {children.option: [], children.purge: True}
            there = plan.Snapshot(Row(), {children.option: [plan.Snapshot(child_row(children))]})
            for step in planned(planner(resource, none).present, there, subject):
                yield f"{name}.{children.option} removed", step


def child_row(children: Any) -> Row:
    """A child that is there, and that a purge may remove."""
    return Row({"is_root_volume": False, "_addresses": ["10.0.0.1"], children.resource.kind.id_field: UUID})


def request_of(step: Any) -> tuple[str, str, list[tuple[str, str]], Any]:
    body = ABSENT if step.body is None else _plain(step.body)
    return step.action.method, concrete(step.action.path), [(k, str(v)) for k, v in step.query.items()], body


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, str):
        return str(value)
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("name", WRITTEN)
def test_every_planned_request_is_valid(document: Document, name: str) -> None:
    assert name in SAMPLES, f"{name} needs SAMPLES here"
    found: dict[str, None] = {}
    changed: set[str] = set()
    for place, step in steps_of(name):
        changed.add(place.partition(" ")[0])
        verdict = document.check_request(*request_of(step))
        for problem in (*verdict.problems, *(f"{what} is deprecated" for what in verdict.deprecated)):
            found[f"{place}: {step.action.method} {step.action.path}: {problem}"] = None
        types = {step.action.task} - {None} - document.task_types() - UNLISTED_TASK_TYPES.keys()
        for task in types:
            found[f"{place}: {task} is no task type of the document"] = None
        if verdict.operation is not None:
            makes_tasks = "tasks" in document.response_fields(*verdict.operation.key)
            if makes_tasks != (step.action.task is not None):
                found[f"{place}: {verdict.operation} {'makes a task' if makes_tasks else 'makes no task'}"] = None
    changeable = (resource_room.FIXED, resource_room.CREATE_ONLY)
    for item in WRITTEN[name].fields:
        if item.change not in changeable and f"{name}.{item.name}" not in changed:
            found[f"{name}.{item.name}: no change of it could be planned"] = None
    assert_none(found)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_samples_use_every_option(name: str) -> None:
    assert name in SAMPLES, f"{name} needs SAMPLES here"

    def unused(resource: Any, given: list[Mapping[str, Any]], place: str) -> Iterator[str]:
        for item in resource.fields:
            if not any(item.name in options for options in given):
                yield f"{place}.{item.name}"
        for children in resource.children:
            inner = [child for options in given for child in options.get(children.option) or ()]
            yield from unused(children.resource, inner, f"{place}.{children.option}")

    assert_none(list(unused(WRITTEN[name], list(SAMPLES[name]), name)))


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
