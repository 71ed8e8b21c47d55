# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The simulator held against the official document: its routes, its models, and every answer of a story that uses all of them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulator.app import Simulator
from tests.simulator.core.models import SCHEMAS
from tests.simulator.schemas import text_of

from . import scenario
from .compare import differences, query_differences
from .corrections import ABSENT
from .harness import Exchange, World
from .openapi import Document, Operation, Reader
from .report import assert_none
from .test_openapi import PROBES

FAMILIES = (
    "apptemplates",
    "downloadimage",
    "flavors",
    "floatingips",
    "images",
    "instances",
    "k8s",
    "l7policies",
    "lbflavors",
    "lblisteners",
    "lbpools",
    "lifecycle_policy",
    "loadbalancers",
    "networks",
    "ports",
    "projectimages",
    "projects",
    "regions",
    "reserved_fixed_ips",
    "routers",
    "schedule",
    "secrets",
    "security_groups",
    "securitygrouprules",
    "securitygroups",
    "servergroups",
    "snapshots",
    "ssh_keys",
    "subnets",
    "tasks",
    "volumes",
)

# Deprecated operations of these families that the simulator leaves out even with its switch, by the end of their path.
NOT_SERVED: dict[str, str] = {
    "/metadata": "tags have taken its place everywhere; neither the modules nor the official SDK call it",
    "/metadata/{key}": "as /metadata",
    "/metadata_item": "as /metadata",
    "/available_names": "belongs to instances with several names, which the current API has no longer",
}


@pytest.fixture(scope="module")
def simulator() -> Simulator:
    return Simulator()


@pytest.fixture(scope="module")
def told(document: Document) -> Iterator[World]:
    world = World(document)
    scenario.tell(world)
    yield world
    world.close()


@pytest.fixture(scope="module")
def told_deprecated(document: Document) -> Iterator[World]:
    world = World(document, deprecated=True)
    scenario.tell_deprecated(world)
    yield world
    world.close()


def served(document: Document) -> dict[tuple[str, str], Operation]:
    return {key: operation for key, operation in document.families(FAMILIES).items() if not _left_out(operation)}


def _left_out(operation: Operation) -> bool:
    return operation.deprecated and operation.path.endswith(tuple(NOT_SERVED))


# --- Routes ---


def test_the_routes_are_those_of_the_document(document: Document, simulator: Simulator) -> None:
    wanted = {(o.method, o.path, o.deprecated) for o in served(document).values()}
    found = {(o.method, o.path, o.deprecated) for o in simulator.routes.operations}
    assert_none(f"{line} is in the document only" for line in sorted(wanted - found))
    assert_none(f"{line} is in the simulator only" for line in sorted(found - wanted))
    assert len(found) == len(simulator.routes.operations), "a route is there twice"
    left_out = [operation.path for operation in document.families(FAMILIES).values() if _left_out(operation)]
    assert_none([end for end in NOT_SERVED if not any(path.endswith(end) for path in left_out)])


def test_the_status_of_success_is_the_documents(document: Document, simulator: Simulator) -> None:
    wrong = {
        f"{o.method} {o.path}": o.status
        for o in simulator.routes.operations
        if (o.method, o.path) in document.operations and o.status not in document.operations[o.method, o.path].responses
    }
    assert wrong == {}


def test_deprecated_routes_are_served_with_the_switch_only(document: Document) -> None:
    world = World(document)
    for operation in (o for o in served(document).values() if o.deprecated):
        values = dict.fromkeys(operation.parameters_in("path"), scenario.UNKNOWN)
        values.update(project_id=str(world.project_id), region_id=str(world.region_id))
        world.client.request(operation.method, operation.path.format(**values))
        refused = world.exchanges[-1]
        assert refused.status == 405, f"{operation} is served without the switch"
        assert refused.answer.ok, refused.answer
    world.close()


# --- Models ---


def test_the_schemas_of_requests_are_current(document: Document) -> None:
    assert SCHEMAS.read_text(encoding="utf-8") == text_of(document), "run python -m tests.simulator.schemas"


def test_bodies_are_those_of_the_document(document: Document, simulator: Simulator) -> None:
    found: list[str] = []
    for operation in simulator.routes.operations:
        official = document.operations.get((operation.method, operation.path))
        if official is None:
            continue
        if (official.body is None) != (operation.body is None):
            found.append(
                f"{official}: a body {'only in the document' if operation.body is None else 'only in the simulator'}"
            )
        elif official.body is not None and operation.body is not None:
            model = operation.body.json_schema(by_alias=True)
            found += differences(document, official.body, Reader(model), model, str(official))
    assert_none(found)


def test_query_parameters_are_those_of_the_document(document: Document, simulator: Simulator) -> None:
    found: list[str] = []
    for operation in simulator.routes.operations:
        official = document.operations.get((operation.method, operation.path))
        if official is None:
            continue
        model = operation.query.model_json_schema(by_alias=True)
        found += query_differences(document, official.parameters_in("query").values(), model, f"{official}?")
    assert_none(found)


# --- Answers ---


def test_every_answer_keeps_to_the_document(told: World) -> None:
    assert_none(_problems(told.exchanges))


def test_every_operation_was_used_with_success(document: Document, told: World) -> None:
    used = {e.operation.key for e in told.exchanges if e.operation is not None and e.status < 400}
    wanted = {key for key, operation in served(document).items() if not operation.deprecated}
    assert_none(sorted(wanted - used))


def test_every_answer_of_a_deprecated_route_keeps_to_the_document(told_deprecated: World) -> None:
    assert_none(_problems(told_deprecated.exchanges))


def test_every_deprecated_operation_was_used_with_success(document: Document, told_deprecated: World) -> None:
    used = {e.operation.key for e in told_deprecated.exchanges if e.operation is not None and e.status < 400}
    wanted = {key for key, operation in served(document).items() if operation.deprecated}
    assert_none(sorted(wanted - used))


def test_errors_of_each_kind_were_met(told: World) -> None:
    assert {400, 401, 404, 405, 409} <= {e.status for e in told.exchanges}


def test_tasks_speak_the_documents_language(document: Document, told: World) -> None:
    rows = told.call("GET", "/v1/tasks", query={"limit": "1000"})["results"]
    assert {row["task_type"] for row in rows} <= document.task_types() | set(UNLISTED_TASK_TYPES)
    assert {row["task_type"] for row in rows} >= set(UNLISTED_TASK_TYPES)
    keys = document.created_resources_keys()
    for row in rows:
        assert set(row["created_resources"] or {}) <= set(keys)


# Types that the text of the task_type filter forgets, each with its source.
UNLISTED_TASK_TYPES: dict[str, str] = {}


def _problems(exchanges: list[Exchange]) -> list[str]:
    """Each problem once. What the simulator refused needs not be right; what it took does."""
    found: dict[str, None] = {}
    for exchange in exchanges:
        for problem in exchange.answer.problems:
            found[f"{exchange.request.operation} {exchange.status}: {problem}"] = None
        if exchange.status < 400:
            for problem in exchange.request.problems:
                found[f"{exchange.request.operation}: took what the document refuses: {problem}"] = None
    return list(found)


# --- Strictness ---


@pytest.mark.parametrize("probe", PROBES, ids=[probe[0] for probe in PROBES])
def test_the_simulator_refuses_what_the_document_refuses(document: Document, probe: tuple[Any, ...]) -> None:
    name, method, path, query, body, headers, refusal = probe
    world = World(document)
    path = path.replace("/1/2", f"/{world.project_id}/{world.region_id}")
    key = {"Authorization": (headers or {}).get("Authorization", "").replace("1_abc", world.api_key)}
    world.client.request(method, path, params=query, headers=key, **({} if body is ABSENT else {"json": body}))
    exchange = world.exchanges[-1]
    world.close()
    if refusal is not None:
        assert 400 <= exchange.status < 500, f"{name}: {exchange.status}"
    else:
        # Right in form: what it speaks of need not be there.
        assert exchange.status in (200, 404) or _speaks_of_the_world(exchange), exchange.body


def _speaks_of_the_world(exchange: Exchange) -> bool:
    return "ould not be found" in str(exchange.body) or "not found" in str(exchange.body)


def test_broken_bodies_are_refused_as_the_document_refuses_them(document: Document, told: World) -> None:
    """Every body of the story, broken in every single way: a field gone, one too many, another type, an empty text."""
    taken: dict[tuple[str, str], Exchange] = {}
    for exchange in told.exchanges:
        if exchange.operation is not None and exchange.status < 400 and isinstance(exchange.sent, dict):
            best = taken.get(exchange.operation.key)
            if best is None or len(str(exchange.sent)) > len(str(best.sent)):
                taken[exchange.operation.key] = exchange
    wrong: list[str] = []
    count = 0
    for exchange in taken.values():
        for place, body in broken(exchange.sent):
            if document.check_request(exchange.method, exchange.path, exchange.query, body).ok:
                continue
            count += 1
            told.client.request(exchange.method, exchange.path, params=list(exchange.query), json=body)
            answer = told.exchanges[-1]
            if answer.status != 400 or not answer.answer.ok:
                wrong.append(f"{exchange.operation} {place}: {answer.status} {answer.answer}")
    assert count > 500
    assert_none(wrong)


def broken(value: Any, place: str = "body") -> Iterator[tuple[str, Any]]:
    """Copies of a value, each broken in one place."""
    if isinstance(value, dict):
        yield f"{place}+unexpected", {**value, "unexpected": 1}
        for name in value:
            yield f"{place}-{name}", {k: v for k, v in value.items() if k != name}
            for where, inner in broken(value[name], f"{place}.{name}"):
                yield where, {**value, name: inner}
    elif isinstance(value, list):
        yield f"{place}=[]", []
        for i, item in enumerate(value):
            for where, inner in broken(item, f"{place}.{i}"):
                changed = copy.copy(value)
                changed[i] = inner
                yield where, changed
    others: tuple[Any, ...] = (None, "", 0, -1, "1", True, [], {}, 1.5, "not-a-thing-of-this-kind" * 20)
    for other in others:
        if type(other) is not type(value) or other != value:
            yield f"{place}={other!r:.20}", other
