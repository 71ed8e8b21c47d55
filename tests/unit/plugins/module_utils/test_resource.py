# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import Tags, tags, tags_from_rows
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Api, Option, Ref
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource_types import PROJECTS, REGIONS
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType, has_id_form
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import (
    MISSING,
    get_path,
    overlay,
    same,
    same_ignoring_null,
    same_set,
    set_path,
    without_null,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import value
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import uuid


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("A", "a", False),
        (1, 1, True),
        (1, "1", False),
        (None, None, True),
        (None, "a", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("fd00::1", "FD00:0:0::1", True),
        ("fd00::1", "fd00::2", False),
        ("10.0.0.0/24", "10.0.0.0/25", False),
        ("not an address", "neither", False),
        (["8.8.8.8", "fd00::1"], ["8.8.8.8", "fd00:0::1"], True),
        (["a", "b"], ["b", "a"], False),
        (["a"], ["a", "a"], False),
        ([], None, False),
        ({"a": "fd00::1"}, {"a": "fd00:0::1"}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
    ],
)
def test_same(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal
    assert same(other, one) is equal


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ([1, 2], [2, 1], True),
        ([1, 1], [1, 2], False),
        ([1, 1, 2], [1, 2, 2], False),
        ([], None, True),
        (None, None, True),
        ([1], None, False),
        ([{"n": "fd00::1"}], [{"n": "fd00:0::1"}], True),
    ],
)
def test_same_set(one: Any, other: Any, equal: bool) -> None:
    assert same_set(one, other) is equal
    assert same_set(other, one) is equal


ROW = {"a": {"b": [{"c": 1}, {"c": 2}]}, "empty": [], "nothing": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b.1.c", 2),
        ("a.b.7.c", None),
        ("empty.0.c", None),
        ("nothing.x", None),
        ("x", MISSING),
        ("a.x", MISSING),
        ("a.b.c", MISSING),
    ],
)
def test_dig(path: str, value: Any) -> None:
    assert get_path(ROW, path) is value if value in (None, MISSING) else get_path(ROW, path) == value


@pytest.mark.parametrize("path", ["x", "a.x", "a.b.0.c", "a.b.3.c", "empty.0.c.d", "nothing.x", "new.0.1"])
def test_what_is_buried_is_found(path: str) -> None:
    row: dict[str, Any] = {"a": {"b": [{"c": 1}]}, "empty": [], "nothing": None}
    set_path(row, path, "value")
    assert get_path(row, path) == "value"


def test_tags_of_an_answer() -> None:
    rows = [
        {"key": "a", "value": "1", "read_only": False},
        {"key": "os", "value": "x", "read_only": True},
        {"key": "b", "value": "2"},
    ]
    assert tags_from_rows(rows) == {"a": "1", "b": "2"}
    assert tags_from_rows({"a": "1"}) == {"a": "1"}
    assert tags_from_rows(None) == {}
    assert tags_from_rows(Tags().to_response({"a": "1"})) == {"a": "1"}


def test_tags_are_merged_or_exact() -> None:
    assert Tags().merge({"a": "1"}, {"b": "2"}, True, ()) == {"a": "1"}
    assert Tags().merge({"a": "1"}, {"a": "0", "b": "2"}, False, ()) == {"a": "1", "b": "2"}
    assert Tags().merge(None, {"b": "2"}, True, ()) == {}


def test_a_patch_of_tags() -> None:
    assert Tags().to_patch({"a": "1", "b": "2"}, {"a": "1", "b": "x", "c": "3"}) == {"b": "2", "c": None}
    assert Tags().to_patch({"a": "1"}, {"a": "1"}) == {}


def test_tags_identify_when_they_are_all_there() -> None:
    fits = tags().value.identifies
    assert fits is not None
    assert fits({"a": "1"}, {"a": "1", "b": "2"})
    assert not fits({"a": "1", "c": "3"}, {"a": "1", "b": "2"})
    assert not fits({}, {"a": "1"})


@pytest.mark.parametrize("text", [uuid(1), uuid(1).upper()])
def test_ids(text: str) -> None:
    assert has_id_form(ResourceType("thing", "/things"), text)
    assert not has_id_form(PROJECTS, text)


@pytest.mark.parametrize("text", ["1", "123456"])
def test_only_projects_and_regions_have_numbers_for_ids(text: str) -> None:
    assert has_id_form(PROJECTS, text)
    assert has_id_form(REGIONS, text)
    assert not has_id_form(ResourceType("thing", "/things"), text)


@pytest.mark.parametrize(
    "text", ["", "web-1", uuid(1) + "0", "1a", uuid(1)[:-1], "x" + uuid(1), uuid(1) + "\n", "12\n"]
)
def test_names(text: str) -> None:
    assert not has_id_form(ResourceType("thing", "/things"), text)
    assert not has_id_form(PROJECTS, text)


def test_the_value_of_a_field() -> None:
    assert Option("type", api=Api("volume_type")).value_in({"volume_type": "x"}) == "x"
    assert Option(
        "groups", api=Api(read="a.b"), value=value(from_response=lambda value: [each["c"] for each in value])
    ).value_in(ROW) == [1, 2]
    assert Option("other").value_in(ROW) is MISSING


# ------------------------------------------------------------- nested options


@pytest.mark.parametrize(
    ("desired", "current", "both"),
    [
        ({"a": 1}, {"a": 0, "b": 2}, {"a": 1, "b": 2}),
        ({}, {"b": 2}, {"b": 2}),
        ({"a": {"x": 1}}, {"a": {"x": 0, "y": 2}, "b": 3}, {"a": {"x": 1, "y": 2}, "b": 3}),
        ({"a": {"x": 1}}, {"a": None}, {"a": {"x": 1}}),
        ({"a": None}, {"a": {"x": 1}}, {"a": None}),
        ({"a": [1]}, {"a": [2, 3]}, {"a": [1]}),
        ({"a": {}}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        (None, {"a": 1}, None),
        ({"a": 1}, None, {"a": 1}),
    ],
)
def test_a_nested_option_lies_over_what_is_there(desired: Any, current: Any, both: Any) -> None:
    before = repr((desired, current))
    assert overlay(desired, current) == overlay(desired, current, False) == both
    assert repr((desired, current)) == before


def test_what_is_null_is_nothing() -> None:
    assert without_null({"a": None, "b": {"c": None, "d": 0}, "e": []}) == {"b": {"d": 0}, "e": []}
    assert without_null(None) is None
    assert without_null([None]) == [None]
    assert same_ignoring_null({"a": None, "b": {"c": 1}}, {"b": {"c": 1, "d": None}})
    assert not same_ignoring_null({"a": False}, {})


# ---------------------------------------------------------------------- kinds


def test_a_kind_is_known_by_name_where_the_paths_want_it() -> None:
    assert ResourceType("thing", "/things", id_field="name").known_by_name
    assert ResourceType("thing", "/things", id_field="version", name_field="version").known_by_name
    assert not ResourceType("thing", "/things").known_by_name


def test_a_row_names_what_it_refers_to() -> None:
    item = Option("on", ref=Ref(ResourceType("thing", "/things"), name_at="owner.name", id_at="owner.id"))
    row = {"owner": {"id": 7, "name": "nine"}}
    assert item.is_named_in(row, "nine") and item.is_named_in(row, "7") and item.is_named_in(row, 7)
    assert not item.is_named_in(row, "ten")
    for nobody in ({}, {"owner": None}, {"owner": {"id": None, "name": None}}):
        assert not item.is_named_in(nobody, "None")
    assert not Option("on").is_named_in(row, "nine")
