# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A null is as if the variable were omitted, and a text is as good as the value: in every role, for every variable."""

from __future__ import annotations

from typing import Any

import pytest

from tests.roles.cases import ROLES, Role, cases

NAMES = [role.name for role in ROLES]
RUNS = [(role, case.name) for role in ROLES for case in cases(role)]


def _of(kind: str) -> Any:
    chosen = [(role, name) for role, name in RUNS if name.startswith(kind)]
    return pytest.mark.parametrize(("role", "case"), chosen, ids=[f"{role.name}-{name}" for role, name in chosen])


@pytest.mark.parametrize("name", NAMES)
def test_the_plain_form_creates_the_resource_once(name: str, outcomes: Any) -> None:
    created, again = outcomes(name)["create"], outcomes(name)["again"]
    assert created.message == ""
    assert created.writes
    assert (again.message, again.writes, again.facts["changed"]) == ("", [], False)


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_every_variable_has_a_plain_value_that_is_no_null(role: Role) -> None:
    free = {"provision_volume": {"image", "snapshot"}, "provision_vm": {"servergroup"}}
    used = {
        name for each in (role.plain, role.absent, *role.others) for name, value in each.items() if value is not None
    }
    assert set(role.spec) - used == free.get(role.name, set())


@_of("null:")
def test_a_null_keeps_what_there_is(role: Role, case: str, outcomes: Any) -> None:
    outcome = outcomes(role.name)[case]
    variable = case.split(":")[1]
    if role.spec.get(variable, {}).get("required"):
        assert f"{role.name}_{variable}" in outcome.message
    else:
        assert outcome.message == ""
    assert outcome.writes == []


@pytest.mark.parametrize("role", ROLES, ids=NAMES)
def test_every_variable_is_null_once(role: Role) -> None:
    groups = [name.split(":")[1].split("+") for each, name in RUNS if each is role and name.startswith("null:")]
    assert sorted(name for group in groups for name in group) == sorted(role.spec)


@_of("text:")
def test_a_text_is_as_good_as_the_value(role: Role, case: str, outcomes: Any) -> None:
    outcome = outcomes(role.name)[case]
    assert (outcome.message, outcome.writes, outcome.facts["changed"]) == ("", [], False)
    if case in ("text:json", "text:word"):
        assert outcome.reads == outcomes(role.name)["again"].reads


@_of("refused:")
def test_a_list_of_dictionaries_as_one_text_is_refused_by_name(role: Role, case: str, outcomes: Any) -> None:
    outcome = outcomes(role.name)[case]
    assert f"{role.name}_{case.split(':')[1]}" in outcome.message  # Ansible refuses it before the role starts
    assert outcome.requests == []


@_of("absent-null:")
def test_a_null_is_as_if_omitted_where_the_resource_is_deleted(role: Role, case: str, outcomes: Any) -> None:
    omitted = outcomes(role.name)[case.replace("-null", "-omitted")]
    _same(outcomes(role.name)[case], omitted)
    assert omitted.facts["changed"]


@_of("absent-text:")
def test_a_text_is_as_good_as_the_value_where_the_resource_is_deleted(role: Role, case: str, outcomes: Any) -> None:
    _same(outcomes(role.name)[case], outcomes(role.name)["absent"])


def _same(one: Any, other: Any) -> None:
    assert (one.message, one.facts, one.reads, one.writes) == (other.message, other.facts, other.reads, other.writes)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("form", "plain"),
    [("create-text", "create"), ("create-null", "create-omitted"), ("create-empty", "create-omitted")],
)
def test_a_new_resource_is_created_by_the_same_requests(name: str, form: str, plain: str, outcomes: Any) -> None:
    one, other = outcomes(name)[form], outcomes(name)[plain]
    assert (one.message, other.message) == ("", "")
    assert other.writes
    assert one.normalized_writes == other.normalized_writes
