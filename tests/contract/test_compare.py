# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the comparison of two schemas: however they are written, what differs is seen, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from .compare import differences, query_differences
from .openapi import Document, Reader


def told(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    return differences(Reader(wanted), wanted, Reader(found), found, "body")


def an_object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def test_every_schema_equals_itself(document: Document) -> None:
    for operation in document.operations.values():
        if operation.body is not None:
            assert differences(document, operation.body, document, operation.body, str(operation)) == []


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"const": "a", "type": "string"}, {"enum": ["a"], "type": "string"}),
        (
            {"enum": ["a", "b"], "type": "string"},
            {"anyOf": [{"enum": ["b"], "type": "string"}, {"const": "a", "type": "string"}]},
        ),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 1}),
        ({"type": ["string", "null"]}, {"type": ["null", "string"]}),
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "null"}, {"type": "string"}], "default": None},
        ),
        (
            an_object(a={"type": "string", "description": "x"}),
            {**an_object(a={"type": "string", "title": "y"}), "additionalProperties": False},
        ),
        (
            {"$ref": "#/$defs/A", "$defs": {"A": an_object(a={"type": "string"})}},
            {"allOf": [an_object(a={"type": "string"})]},
        ),
        (
            {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "propertyNames": {"pattern": "^x", "maxLength": 5},
            },
            {"type": "object", "patternProperties": {"^x": {"type": "string"}}, "propertyNames": {"maxLength": 5}},
        ),
        (
            {
                "anyOf": [
                    an_object(("t",), t={"const": "a"}),
                    an_object(("t",), t={"const": "b"}, n={"type": "integer"}),
                ]
            },
            {
                "oneOf": [
                    an_object(("t",), t={"const": "b"}, n={"type": "integer"}),
                    an_object(("t",), t={"const": "a"}),
                ]
            },
        ),
    ],
)
def test_what_is_written_differently_is_the_same(wanted: dict[str, Any], found: dict[str, Any]) -> None:
    assert told(wanted, found) == []


@pytest.mark.parametrize(
    ("wanted", "found", "difference"),
    [
        (an_object(a={"type": "string"}), an_object(), "body.a: is not in the model"),
        (an_object(), an_object(a={"type": "string"}), "body.a: is not in the document"),
        (
            an_object(("a",), a={"type": "string"}),
            an_object(a={"type": "string"}),
            "body.a: is required, in the model it is not",
        ),
        (an_object(a={"enum": ["x", "y"]}), an_object(a={"enum": ["x"]}), "body.a: values are x|y, in the model x"),
        (an_object(a={"type": "integer"}), an_object(a={"type": "string"}), "body.a: integer is not in the model"),
        (
            an_object(a={"type": "string"}),
            an_object(a={"type": ["string", "null"]}),
            "body.a: string is not in the model",
        ),
        (
            an_object(a={"type": "string"}),
            an_object(a={"anyOf": [{"type": "string"}, {"type": "null"}]}),
            "body.a: null is not in the document",
        ),
        (
            an_object(a={"type": "string", "pattern": "x"}),
            an_object(a={"type": "string"}),
            "body.a: pattern is 'x', in the model None",
        ),
        (
            an_object(a={"type": "integer", "maximum": 3}),
            an_object(a={"type": "integer", "maximum": 4}),
            "body.a: maximum is 3, in the model 4",
        ),
        (
            an_object(a={"type": "boolean", "default": True}),
            an_object(a={"type": "boolean"}),
            "body.a: default is True, in the model None",
        ),
        (
            an_object(a={"type": "array", "items": {"type": "string", "format": "uuid4"}}),
            an_object(a={"type": "array", "items": {"type": "string"}}),
            "body.a.items: format is 'uuid4', in the model None",
        ),
        (
            {"anyOf": [an_object(t={"const": "a"}), an_object(t={"const": "b"})]},
            an_object(t={"const": "a"}),
            "body: t=b is not in the model",
        ),
    ],
)
def test_what_differs_is_told(wanted: dict[str, Any], found: dict[str, Any], difference: str) -> None:
    assert difference in told(wanted, found)


def test_queries_are_compared_without_null() -> None:
    text: dict[str, Any] = {"name": "a", "schema": {"type": "string"}}
    parameters = [text, {"name": "b", "schema": {"type": "integer", "default": 1}, "required": True}]
    model = an_object(
        a={"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, b={"type": "integer", "default": 2}
    )
    assert query_differences(Reader({}), parameters, model, "?") == [
        "?b: default is 1, in the model 2",
        "?b: one of the two requires it",
    ]
    assert query_differences(Reader({}), [text], model, "?") == ["?b: is not in the document"]
    assert query_differences(Reader({}), [text], an_object(), "?") == ["?a: is not in the model"]
