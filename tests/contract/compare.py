# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says how two schemas differ in what they accept, whatever way they are written: the document's and a model's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .openapi import Reader, Schema, Shape

# Keywords that narrow a value and are compared as they stand.
PLAIN = ("pattern", "format", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems", "minimum", "maximum")
DEPTH = 8


def differences(document: Reader, wanted: Schema, model: Reader, found: Schema, place: str = "") -> list[str]:
    """One line a difference. Descriptions, examples and the order of alternatives are none."""
    return list(_alternatives(document.shapes(wanted), document, model.shapes(found), model, place, DEPTH))


def query_differences(
    document: Reader, parameters: Iterable[Mapping[str, Any]], model: Schema, place: str
) -> list[str]:
    """The same for a query string, whose parameters are given or not, but never null."""
    wanted = {p["name"]: p for p in parameters}
    reader = Reader(model)
    (shape,) = reader.shapes(model)
    lines = [f"{place}{name}: is not in the model" for name in wanted.keys() - shape.properties.keys()]
    lines += [f"{place}{name}: is not in the document" for name in shape.properties.keys() - wanted.keys()]
    for name in wanted.keys() & shape.properties.keys():
        if bool(wanted[name].get("required")) != (name in shape.required):
            lines.append(f"{place}{name}: one of the two requires it")
        ours = [s for s in document.shapes(wanted[name]["schema"]) if s.types != {"null"}]
        theirs = [s for s in reader.shapes(shape.properties[name]) if s.types != {"null"}]
        lines += _alternatives(ours, document, theirs, reader, f"{place}{name}", DEPTH)
    return sorted(lines)


def _alternatives(
    wanted: list[Shape], document: Reader, found: list[Shape], model: Reader, place: str, depth: int
) -> Iterator[str]:
    if not depth:
        return
    several = any(sum(bool(shape.properties) for shape in shapes) > 1 for shapes in (wanted, found))
    ours, theirs = _by_label(wanted, several), _by_label(found, several)
    for label in ours.keys() - theirs.keys():
        yield f"{place}: {label} is not in the model"
    for label in theirs.keys() - ours.keys():
        yield f"{place}: {label} is not in the document"
    for label in sorted(ours.keys() & theirs.keys()):
        inner = f"{place}[{label}]" if len(ours) > 1 and label != "null" else place
        yield from _shape(ours[label], document, theirs[label], model, inner, depth)


def _by_label(shapes: list[Shape], several: bool) -> dict[str, Shape]:
    """Alternatives by what tells them apart: the constants of an object if there are several, else the type and the format."""
    labelled: dict[str, Shape] = {}
    for shape in _one_list(shapes):
        constants = [
            f"{name}={values[0]}"
            for name, values in sorted((name, _constants_of(schema)) for name, schema in shape.properties.items())
            if several and len(values) == 1
        ]
        kind = "/".join(sorted(_types(shape))) or "anything"
        label = ",".join(constants) or kind
        if label in labelled and not constants:
            label = f"{kind} {shape.keywords.get('format') or sorted(shape.properties) or len(labelled)}"
        labelled[label] = shape
    return labelled


def _one_list(shapes: list[Shape]) -> list[Shape]:
    """Lists of plain values as one list: a|b is the same as a or b."""
    values = [value for shape in shapes for value in shape.constants or () if isinstance(value, str)]
    others = [
        shape for shape in shapes if shape.constants is None or not all(isinstance(v, str) for v in shape.constants)
    ]
    first = next((shape for shape in shapes if shape not in others), None)
    if first is None:
        return shapes
    plain = {keyword: value for keyword, value in first.keywords.items() if keyword != "const"}
    return [Shape(first.name, {**plain, "enum": values}), *others]


def _constants_of(schema: Any) -> tuple[Any, ...]:
    if not isinstance(schema, Mapping):
        return ()
    return (schema["const"],) if "const" in schema else tuple(schema.get("enum", ()))


def _types(shape: Shape) -> frozenset[str]:
    if shape.types:
        return shape.types
    return frozenset({"object"}) if shape.properties else frozenset()


def _shape(wanted: Shape, document: Reader, found: Shape, model: Reader, place: str, depth: int) -> Iterator[str]:
    if _types(wanted) != _types(found):
        yield f"{place}: type is {_listed(_types(wanted))}, in the model {_listed(_types(found))}"
        return
    ours, theirs = _constants(wanted), _constants(found)
    if ours != theirs:
        yield f"{place}: values are {_listed(ours)}, in the model {_listed(theirs)}"
    for keyword in PLAIN:
        if (a := _plain(wanted, keyword)) != (b := _plain(found, keyword)):
            yield f"{place}: {keyword} is {a!r}, in the model {b!r}"
    # A model has no other way to leave a field out than to have it default to null.
    if (a := wanted.keywords.get("default")) != (b := found.keywords.get("default")):
        yield f"{place}: default is {a!r}, in the model {b!r}"
    yield from _properties(wanted, document, found, model, place, depth)
    for keyword in ("items", "additionalProperties", "propertyNames"):
        a, b = _inner(wanted, keyword), _inner(found, keyword)
        if (a is None) != (b is None):
            yield f"{place}: {keyword} only in the {'model' if a is None else 'document'}"
        elif a is not None and b is not None:
            yield from _alternatives(
                document.shapes(a), document, model.shapes(b), model, f"{place}.{keyword}", depth - 1
            )


def _properties(wanted: Shape, document: Reader, found: Shape, model: Reader, place: str, depth: int) -> Iterator[str]:
    for name in sorted(wanted.properties.keys() - found.properties.keys()):
        yield f"{place}.{name}: is not in the model"
    for name in sorted(found.properties.keys() - wanted.properties.keys()):
        yield f"{place}.{name}: is not in the document"
    for name in sorted(wanted.properties.keys() & found.properties.keys()):
        inner = f"{place}.{name}"
        if (name in wanted.required) != (name in found.required):
            yield f"{inner}: is {'required' if name in wanted.required else 'optional'}, in the model it is not"
        shapes = document.shapes(wanted.properties[name]), model.shapes(found.properties[name])
        yield from _alternatives(shapes[0], document, shapes[1], model, inner, depth - 1)


def _inner(shape: Shape, keyword: str) -> Any:
    """The schema under a keyword, or None where it says nothing. That models refuse unknown fields is the simulator's way."""
    schema = shape.keywords.get(keyword)
    patterns = shape.keywords.get("patternProperties", {})
    if len(patterns) == 1 and not shape.properties:
        # How a model writes a map whose keys have a pattern.
        ((pattern, value),) = patterns.items()
        schema = (
            {**(schema or {}), "pattern": pattern}
            if keyword == "propertyNames"
            else value
            if keyword == "additionalProperties"
            else schema
        )
    if keyword == "propertyNames" and isinstance(schema, Mapping):
        return {"type": "string", **schema}
    return None if isinstance(schema, bool) else schema


def _constants(shape: Shape) -> frozenset[Any] | None:
    return None if shape.constants is None else frozenset(shape.constants)


def _plain(shape: Shape, keyword: str) -> Any:
    value = shape.keywords.get(keyword)
    exclusive = {"minimum": ("exclusiveMinimum", 1), "maximum": ("exclusiveMaximum", -1)}.get(keyword)
    if (
        value is None
        and exclusive
        and "integer" in shape.types
        and (bound := shape.keywords.get(exclusive[0])) is not None
    ):
        return bound + exclusive[1]
    return value


def _listed(values: frozenset[Any] | None) -> str:
    return "anything" if not values else "|".join(sorted(map(str, values)))
