# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official OpenAPI document as a judge of requests and answers, and as a source of facts about fields.

The document leaves nearly all its objects open, so a plain validator would let every misspelt field pass. Here objects are
closed: at the root of a body, and wherever a schema is the value of a property, of a map or of a list. Alternatives
(`anyOf`) stay open themselves and are closed by the place that holds them, which sees the fields of the alternative that fits.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import functools
import ipaddress
import json
import os
import pathlib
import re
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import jsonschema
import referencing
import referencing.jsonschema

from .corrections import ABSENT, CORRECTIONS, UNCHECKED_FORMATS, Correction

PATH_VARIABLE = "GCORE_OPENAPI"
PATH_BESIDE_THE_CHECKOUT = "../shared/reference/gcore-openapi.json"

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_URI = "urn:gcore:openapi"

Json = Any
Schema = Mapping[str, Any]


def document_path(checkout: pathlib.Path, environment: Mapping[str, str] | None = None) -> pathlib.Path:
    """Where the document is. Without it nothing is tested, so a missing one is a failure and no reason to skip."""
    if named := (os.environ if environment is None else environment).get(PATH_VARIABLE):
        path = pathlib.Path(named)
        if not path.is_file():
            raise FileNotFoundError(f"{PATH_VARIABLE} names {named}, which is not a file.")
        return path
    beside = checkout / PATH_BESIDE_THE_CHECKOUT
    if not beside.is_file():
        raise FileNotFoundError(
            f"Gcore's official OpenAPI document is neither named by {PATH_VARIABLE} nor at {PATH_BESIDE_THE_CHECKOUT}."
        )
    return beside


# --- What the document says of fields -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Shape:
    """One alternative of a schema with every reference, `anyOf` and `allOf` worked in: no keyword is left that points elsewhere."""

    name: str
    keywords: Mapping[str, Any]

    @property
    def properties(self) -> Mapping[str, Schema]:
        properties: Mapping[str, Schema] = self.keywords.get("properties", {})
        return properties

    @property
    def required(self) -> frozenset[str]:
        return frozenset(self.keywords.get("required", ()))

    @property
    def types(self) -> frozenset[str]:
        kind = self.keywords.get("type")
        if kind is None:
            constants = self.constants
            return frozenset({_type_name(value) for value in constants}) if constants is not None else frozenset()
        return frozenset([kind] if isinstance(kind, str) else kind)

    @property
    def constants(self) -> tuple[Any, ...] | None:
        """The only values allowed, if they are listed."""
        if "const" in self.keywords:
            return (self.keywords["const"],)
        return tuple(self.keywords["enum"]) if "enum" in self.keywords else None


@dataclasses.dataclass(frozen=True)
class Field:
    """A property or a query parameter: the union of what the alternatives of its parent say, and each alternative's own word."""

    name: str
    shapes: tuple[Shape, ...]
    required_in: frozenset[str]
    offered_in: frozenset[str]
    alternatives: frozenset[str]
    by_alternative: Mapping[str, tuple[Shape, ...]] = dataclasses.field(default_factory=dict)

    @property
    def required(self) -> bool:
        """Needed whichever alternative is chosen."""
        return self.required_in == self.alternatives

    @property
    def nullable(self) -> bool:
        return any("null" in shape.types or not shape.types for shape in self.shapes)

    @property
    def types(self) -> frozenset[str]:
        return frozenset().union(*(shape.types for shape in self.shapes)) - {"null"}

    @property
    def enum(self) -> frozenset[Any] | None:
        """All values that some alternative allows; None if one of them takes any value."""
        lists = [shape.constants for shape in self.shapes if shape.types != {"null"}]
        if not lists or any(values is None for values in lists):
            return None
        return frozenset(value for values in lists for value in values or () if value is not None)

    @property
    def item_enum(self) -> frozenset[Any] | None:
        """The same for the items of a list; None for what is no list."""
        return self._items.enum if self._items is not None else None

    @property
    def item_types(self) -> frozenset[str]:
        """What the items of a list may be."""
        return self._items.types if self._items is not None else frozenset()

    @property
    def default(self) -> Any:
        found = [shape.keywords["default"] for shape in self.shapes if "default" in shape.keywords]
        return found[0] if found and all(value == found[0] for value in found) else ABSENT

    @property
    def deprecated(self) -> bool:
        return all(shape.keywords.get("deprecated", False) for shape in self.shapes)

    def keyword(self, name: str) -> frozenset[Any]:
        """Every value that a plain keyword (pattern, minimum, maxLength, format …) has in some alternative."""
        return frozenset(shape.keywords[name] for shape in self.shapes if name in shape.keywords)

    # Children are worked out by the document and put here, so that a Field needs no reference to it.
    children: Mapping[str, Field] = dataclasses.field(default_factory=dict, repr=False)
    _items: Field | None = dataclasses.field(default=None, repr=False)


@dataclasses.dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    deprecated: bool
    parameters: tuple[Mapping[str, Any], ...]
    body: Schema | None
    body_required: bool
    responses: Mapping[int, Schema | None]

    @property
    def key(self) -> tuple[str, str]:
        return self.method, self.path

    @property
    def family(self) -> str:
        """The word after the version: `volumes` of /cloud/v1/volumes/…"""
        return self.path.split("/")[3]

    def parameters_in(self, where: str) -> dict[str, Mapping[str, Any]]:
        return {parameter["name"]: parameter for parameter in self.parameters if parameter["in"] == where}

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What is wrong with a request or an answer, and what of it is deprecated."""

    operation: Operation | None
    problems: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        return f"{self.operation}: " + ("; ".join(self.problems) or "valid")


# The body of an error (docs/api-notes.md: Errors). The document says of errors at most that they exist.
ERROR_SCHEMA: Schema = {
    "type": "object",
    "required": ["exception_class", "message", "request_id"],
    "properties": {
        "exception_class": {"type": "string", "minLength": 1},
        "message": {"type": "string", "minLength": 1},
        "request_id": {"type": "string"},
        "info": {"type": ["object", "null"]},
        "invalid_fields": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "traceback": {"type": ["string", "null"]},
    },
    "additionalProperties": False,
}


class Reader:
    """Works out what the schemas of one JSON document say, be it the official one or a model's own schema."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw

    def resolve(self, reference: str) -> Schema:
        schema: Schema = _at(self.raw, reference.removeprefix("#"))
        return schema

    def shapes(self, schema: Schema | bool, name: str = "") -> list[Shape]:
        """All alternatives of a schema, each complete in itself."""
        if isinstance(schema, bool):
            return [Shape(name, {})] if schema else []
        own = {k: v for k, v in schema.items() if k not in ("$ref", "anyOf", "oneOf", "allOf", "discriminator")}
        shapes = [Shape(name, {})]
        if reference := schema.get("$ref"):
            shapes = self.shapes(self.resolve(reference), reference.rsplit("/", 1)[-1])
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                inner = [shape for branch in schema[keyword] for shape in self.shapes(branch, name)]
                shapes = [_merged(a, b) for a in shapes for b in inner]
        for part in schema.get("allOf", ()):
            shapes = [_merged(a, b) for a in shapes for b in self.shapes(part, name)]
        return [_merged(shape, Shape("", own)) for shape in shapes]

    def fields(self, schema: Schema) -> dict[str, Field]:
        """The properties of an object schema: the union over its alternatives."""
        return _fields(self, [shape for shape in self.shapes(schema) if shape.types != {"null"}])

    def item_shapes(self, shapes: Sequence[Shape]) -> list[Shape]:
        return [
            inner for shape in shapes if "items" in shape.keywords for inner in self.shapes(shape.keywords["items"])
        ]


class Document(Reader):
    """The Cloud part of the corrected document."""

    def __init__(self, raw: Json, corrections: Sequence[Correction] = CORRECTIONS) -> None:
        super().__init__(correct(raw, corrections))
        self.operations: dict[tuple[str, str], Operation] = {
            operation.key: operation for operation in _operations(self.raw)
        }
        self._templates: dict[tuple[str, int], list[Operation]] = {}
        for operation in self.operations.values():
            self._templates.setdefault((operation.method, operation.path.count("/")), []).append(operation)
        for candidates in self._templates.values():
            # A literal segment says more than a parameter: /tasks/acknowledge_all is not the task of that id.
            candidates.sort(key=lambda operation: operation.path.count("{"))
        self._closed = {"components": {"schemas": {n: close(s) for n, s in self.raw["components"]["schemas"].items()}}}
        self._registry = referencing.Registry().with_resource(
            _URI, referencing.jsonschema.DRAFT202012.create_resource(self._closed)
        )
        self._validators: dict[Any, jsonschema.Draft202012Validator] = {}

    @classmethod
    def load(cls, path: pathlib.Path) -> Document:
        return cls(json.loads(path.read_text(encoding="utf-8")))

    # --- Finding operations ---

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation that a concrete path belongs to, and its path parameters, percent-decoded."""
        segments = path.split("/")
        for operation in self._templates.get((method.upper(), len(segments) - 1), ()):
            parameters: dict[str, str] = {}
            for wanted, given in zip(operation.path.split("/"), segments, strict=True):
                if wanted.startswith("{"):
                    parameters[wanted[1:-1]] = urllib.parse.unquote(given)
                    if not given:
                        break
                elif wanted != given:
                    break
            else:
                return operation, parameters
        return None

    def families(self, names: Iterable[str]) -> dict[tuple[str, str], Operation]:
        wanted = set(names)
        return {key: operation for key, operation in self.operations.items() if operation.family in wanted}

    # --- Judging ---

    def check_request(
        self,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]] = (),
        body: Json = ABSENT,
        headers: Mapping[str, str] | None = None,
    ) -> Verdict:
        """Judge one request. `query` holds decoded pairs as sent; `body` is ABSENT where none was; headers are judged if given."""
        found = self.match(method, path)
        if found is None:
            others = sorted(m for m in METHODS if m != method.upper() and self.match(m, path))
            known = f" (the path takes {', '.join(others)})" if others else ""
            return Verdict(None, (f"{method} {path} is not in the document{known}",))
        operation, path_parameters = found
        problems: list[str] = []
        deprecated = [str(operation)] if operation.deprecated else []
        for name, parameter in operation.parameters_in("path").items():
            problems += self._parameter_problems(operation, parameter, [path_parameters[name]])
        given: dict[str, list[str]] = {}
        for name, value in query:
            given.setdefault(name, []).append(value)
        known_parameters = operation.parameters_in("query")
        for name, values in given.items():
            if name not in known_parameters:
                problems.append(f"query: {name} is not a parameter of {operation}")
                continue
            parameter = known_parameters[name]
            problems += self._parameter_problems(operation, parameter, values)
            if parameter.get("deprecated") or parameter["schema"].get("deprecated"):
                deprecated.append(f"query: {name}")
        problems += [
            f"query: {name} is missing"
            for name, p in known_parameters.items()
            if p.get("required") and name not in given
        ]
        problems += self._body_problems(operation, body)
        if isinstance(body, Mapping) and operation.body is not None:
            fields = self.fields(operation.body)
            deprecated += [f"body: {name}" for name in body if name in fields and fields[name].deprecated]
        if headers is not None and not re.fullmatch(r"APIKey \S+", _header(headers, "authorization")):
            problems.append("header: Authorization is not 'APIKey <token>'")
        return Verdict(operation, tuple(problems), tuple(deprecated))

    def check_response(self, operation: Operation, status: int, body: Json = ABSENT) -> Verdict:
        """Judge one answer. Success must be documented; an error must have the API's own shape, whatever the document says."""
        if status >= 400:
            problems = (
                ["answer: an error without a body"]
                if body is ABSENT
                else self._problems("error", ERROR_SCHEMA, body, "answer")
            )
            return Verdict(operation, tuple(problems))
        if status not in operation.responses:
            return Verdict(
                operation, (f"answer: status {status} is not documented ({sorted(operation.responses)} are)",)
            )
        schema = operation.responses[status]
        if schema is None:
            problems = [] if body is ABSENT else [f"answer: a body where the document has none for {status}"]
        elif body is ABSENT:
            problems = [f"answer: no body where the document has one for {status}"]
        else:
            problems = self._problems((operation.key, status), schema, body, "answer")
        return Verdict(operation, tuple(problems))

    def problems_with(self, schema: Schema, value: Json) -> list[str]:
        """Judge a value by any schema of the document."""
        return self._problems(id(schema), schema, value, "value")

    def _body_problems(self, operation: Operation, body: Json) -> list[str]:
        if operation.body is None:
            return [] if body is ABSENT else [f"body: {operation} takes none"]
        if body is ABSENT:
            # The document hardly ever calls a body required; but one that it describes belongs to the request, be it {}.
            return [f"body: {operation} needs one"]
        return self._problems((operation.key, "body"), operation.body, body, "body")

    def _parameter_problems(self, operation: Operation, parameter: Mapping[str, Any], values: list[str]) -> list[str]:
        where = f"{parameter['in']}: {parameter['name']}"
        shapes = self.shapes(parameter["schema"])
        is_list = any("array" in shape.types for shape in shapes)
        if len(values) > 1 and not is_list:
            return [f"{where} is given {len(values)} times, but is not a list"]
        items = self.item_shapes(shapes)
        value = [self._typed(items, text) for text in values] if is_list else self._typed(shapes, values[0])
        problems = self._problems(
            (operation.key, parameter["in"], parameter["name"]), parameter["schema"], value, where
        )
        if not problems and (content := parameter["schema"].get("contentSchema")) is not None:
            try:
                inner = json.loads(values[0])
            except ValueError:
                return [f"{where} is not JSON"]
            problems = self._problems((operation.key, "content", parameter["name"]), content, inner, where)
        return problems

    @staticmethod
    def _typed(shapes: Sequence[Shape], text: str) -> Any:
        """Text of a path or a query as the JSON value that it stands for; text that stands for none stays text, to be refused."""
        types = frozenset().union(*(shape.types for shape in shapes)) if shapes else frozenset()
        if "integer" in types and re.fullmatch(r"-?(0|[1-9]\d*)", text):
            return int(text)
        if "number" in types and re.fullmatch(r"-?\d+(\.\d+)?", text):
            return float(text)
        if "boolean" in types and text in ("true", "false"):
            return text == "true"
        return text

    def _problems(self, key: Any, schema: Schema, value: Json, where: str) -> list[str]:
        validator = self._validators.get(key)
        if validator is None:
            validator = self._validators[key] = jsonschema.Draft202012Validator(
                _absolute(close_place(close(schema))), registry=self._registry, format_checker=FORMATS
            )
        return _sentences(validator.iter_errors(value), where)

    # --- Facts ---

    def body_fields(self, method: str, path: str) -> dict[str, Field]:
        body = self.operations[method.upper(), path].body
        return self.fields(body) if body is not None else {}

    def query_fields(self, method: str, path: str) -> dict[str, Field]:
        fields = {}
        for name, parameter in self.operations[method.upper(), path].parameters_in("query").items():
            outer = {"deprecated": True} if parameter.get("deprecated") else {}
            wrapped = {"type": "object", "properties": {name: {**parameter["schema"], **outer}}}
            if parameter.get("required"):
                wrapped["required"] = [name]
            fields.update(self.fields(wrapped))
        return fields

    def response_fields(self, method: str, path: str) -> dict[str, Field]:
        """The fields of the answer to a success."""
        operation = self.operations[method.upper(), path]
        fields: dict[str, Field] = {}
        for status, schema in operation.responses.items():
            if status < 300 and schema is not None:
                fields.update(self.fields(schema))
        return fields

    @functools.cached_property
    def _task(self) -> Mapping[str, Field]:
        return self.response_fields("GET", "/cloud/v1/tasks/{task_id}")

    def created_resources_keys(self) -> dict[str, Field]:
        return dict(self._task["created_resources"].children)

    def task_states(self) -> frozenset[str]:
        return self._task["state"].enum or frozenset()

    def task_types(self) -> frozenset[str]:
        """The document has no enumeration of them: it lists them in the text of the filter."""
        text = self.operations["GET", "/cloud/v1/tasks"].parameters_in("query")["task_type"]["description"]
        found = re.search(r"one of (\[.*\])", text)
        if found is None:
            raise ValueError("The text of the task_type filter no longer lists the types.")
        return frozenset(ast.literal_eval(found.group(1)))


# --- Reading and closing ---------------------------------------------------------------------------------------------------


def correct(raw: Json, corrections: Sequence[Correction]) -> Json:
    """The document with the corrections applied; an entry that finds something else than it names is refused."""
    raw = {**raw}
    for correction in corrections:
        *parents, last = map(_unescape, correction.pointer.split("/")[1:])
        # Only what is corrected is copied: the document is large.
        holder: Any = raw
        for segment in parents:
            holder[segment] = copy.copy(holder[segment])
            holder = holder[segment]
        found = holder.get(last, ABSENT)
        if found != correction.found:
            raise ValueError(f"{correction.pointer} is {found!r}, the correction expects {correction.found!r}.")
        holder[last] = correction.corrected
    return raw


def close(schema: Schema | bool) -> Any:
    """A copy of a schema in which every place inside it refuses unknown properties; the root is left to its holder."""
    if isinstance(schema, bool):
        return schema
    closed = {k: v for k, v in schema.items() if k not in ("example", "examples", "description", "title")}
    if "properties" in closed:
        closed["properties"] = {name: close_place(close(inner)) for name, inner in closed["properties"].items()}
    if isinstance(closed.get("additionalProperties"), dict):
        closed["additionalProperties"] = close_place(close(closed["additionalProperties"]))
    if "items" in closed:
        closed["items"] = close_place(close(closed["items"]))
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in closed:
            closed[keyword] = [close(branch) for branch in closed[keyword]]
    if (
        not closed.keys() & _SAYS_WHICH_PROPERTIES
        and closed.get("type", "object") == "object"
        and not closed.keys() & {"enum", "const"}
    ):
        # Free form: all properties are known, whatever they are called.
        closed["additionalProperties"] = True
    return closed


_SAYS_WHICH_PROPERTIES = frozenset(
    {"properties", "additionalProperties", "$ref", "anyOf", "oneOf", "allOf", "unevaluatedProperties"}
)


def close_place(schema: Any) -> Any:
    """The schema of a place that holds a value: no property may be left that none of its parts speaks of."""
    if (
        isinstance(schema, bool)
        or "unevaluatedProperties" in schema
        or schema.get("additionalProperties") in (True, False)
    ):
        return schema
    if not schema.keys() & {"properties", "$ref", "anyOf", "oneOf", "allOf"}:
        return schema
    return {**schema, "unevaluatedProperties": False}


def _operations(raw: Json) -> Iterator[Operation]:
    for path, item in raw["paths"].items():
        if not path.startswith("/cloud/"):
            continue
        for method, operation in item.items():
            if method.upper() not in METHODS:
                continue
            body = _resolved(raw, operation.get("requestBody", {}))
            parameters = [_resolved(raw, p) for p in (*item.get("parameters", ()), *operation.get("parameters", ()))]
            yield Operation(
                method=method.upper(),
                path=path,
                deprecated=bool(operation.get("deprecated")),
                parameters=tuple(parameters),
                body=_content(body),
                body_required=bool(body.get("required")),
                responses={
                    int(status): _content(_resolved(raw, response))
                    for status, response in operation["responses"].items()
                    if status.isdigit()
                },
            )


def _content(holder: Mapping[str, Any]) -> Schema | None:
    content = holder.get("content") or {}
    return next(iter(content.values()))["schema"] if content else None


def _resolved(raw: Json, value: Mapping[str, Any]) -> Mapping[str, Any]:
    return _at(raw, value["$ref"].removeprefix("#")) if "$ref" in value else value


def _unescape(segment: str) -> str:
    return segment.replace("~1", "/").replace("~0", "~")


def _at(raw: Json, pointer: str) -> Any:
    value = raw
    for segment in map(_unescape, pointer.split("/")[1:]):
        value = value[int(segment)] if isinstance(value, list) else value[segment]
    return value


def _absolute(schema: Any) -> Any:
    """References made absolute, so that a schema outside the components finds them."""
    if isinstance(schema, dict):
        return {k: _URI + v if k == "$ref" and v.startswith("#") else _absolute(v) for k, v in schema.items()}
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "")


# --- Fields ----------------------------------------------------------------------------------------------------------------


def _merged(a: Shape, b: Shape) -> Shape:
    keywords = {**a.keywords, **b.keywords}
    if "properties" in a.keywords and "properties" in b.keywords:
        keywords["properties"] = {**a.keywords["properties"], **b.keywords["properties"]}
    if "required" in a.keywords and "required" in b.keywords:
        keywords["required"] = sorted(a.required | b.required)
    return Shape(b.name or a.name, keywords)


def _label(shape: Shape, position: int) -> str:
    """What tells an alternative apart: its constants (source=image), else its name."""
    constants = [f"{n}={s['const']}" for n, s in shape.properties.items() if isinstance(s, Mapping) and "const" in s]
    return ",".join(constants) or shape.name or f"#{position}"


def _fields(reader: Reader, shapes: Sequence[Shape], depth: int = 0) -> dict[str, Field]:
    # The same alternative may be reached on several ways (the floating IP of each type of interface).
    shapes = [shape for i, shape in enumerate(shapes) if all(shape.keywords != other.keywords for other in shapes[:i])]
    labels: list[str] = []
    for position, shape in enumerate(shapes):
        label = _label(shape, position)
        labels.append(label if label not in labels else f"{label}#{position}")
    views: dict[str, dict[str, tuple[Shape, ...]]] = {}
    required: dict[str, set[str]] = {}
    for label, shape in zip(labels, shapes, strict=True):
        for name, schema in shape.properties.items():
            views.setdefault(name, {})[label] = tuple(reader.shapes(schema))
            if name in shape.required:
                required.setdefault(name, set()).add(label)
    return {
        name: _field(reader, name, by_label, frozenset(required.get(name, ())), frozenset(labels), depth)
        for name, by_label in views.items()
    }


def _field(
    reader: Reader,
    name: str,
    views: Mapping[str, tuple[Shape, ...]],
    required_in: frozenset[str],
    alternatives: frozenset[str],
    depth: int,
) -> Field:
    shapes = tuple(shape for view in views.values() for shape in view)
    items = tuple(reader.item_shapes(shapes))
    deeper = depth < 6  # No request or answer nests as deep; some schemas contain themselves.
    inner = [shape for shape in (*shapes, *items) if shape.properties]
    return Field(
        name=name,
        shapes=shapes,
        required_in=required_in,
        offered_in=frozenset(views),
        alternatives=alternatives,
        by_alternative=views,
        children=_fields(reader, inner, depth + 1) if deeper and inner else {},
        _items=_field(reader, name, {"item": items}, frozenset(), frozenset({"item"}), depth + 1)
        if deeper and items
        else None,
    )


def _type_name(value: Any) -> str:
    names = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
        list: "array",
        dict: "object",
        type(None): "null",
    }
    return names[type(value)]


# --- Formats and messages --------------------------------------------------------------------------------------------------


def _is_uuid4(text: str) -> bool:
    return uuid.UUID(text).version == 4


_FORMAT_CHECKS: dict[str, Callable[[str], Any]] = {
    "uuid": uuid.UUID,
    "uuid4": _is_uuid4,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
    "ipvanyaddress": ipaddress.ip_address,
    "ipv4network": ipaddress.IPv4Network,
    "ipv6network": ipaddress.IPv6Network,
    "ipvanynetwork": ipaddress.ip_network,
    "ipv4interface": ipaddress.IPv4Interface,
    "ipv6interface": ipaddress.IPv6Interface,
    "ipvanyinterface": ipaddress.ip_interface,
    "email": lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+", text),
    "uri": lambda text: re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text),
}


def _format_checker() -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    for name, check in _FORMAT_CHECKS.items():

        def conforms(value: Any, check: Callable[[str], Any] = check) -> bool:
            return not isinstance(value, str) or check(value) not in (False, None)

        checker.checks(name, raises=ValueError)(conforms)
    checker.checks("int64")(lambda value: not isinstance(value, int) or -(2**63) <= value < 2**63)
    return checker


FORMATS = _format_checker()
KNOWN_FORMATS = frozenset(_FORMAT_CHECKS) | {"int64"} | frozenset(UNCHECKED_FORMATS)


def _sentences(errors: Iterable[jsonschema.ValidationError], where: str) -> list[str]:
    """One line a finding. What does not fit claims no properties, so that the places around it complain: echoes are left out."""
    found = [_closest(error) for error in errors]
    paths = [list(error.absolute_path) for error in found]
    lines = []
    for error, path in zip(found, paths, strict=True):
        deeper = any(other[: len(path)] == path and len(other) > len(path) for other in paths)
        beside = any(
            other == path and e.validator != "unevaluatedProperties" for e, other in zip(found, paths, strict=True)
        )
        if error.validator == "unevaluatedProperties" and (deeper or beside):
            continue
        message = error.message if len(error.message) <= 300 else error.message[:300] + "…"
        lines.append(f"{'.'.join([where, *map(str, path)])}: {message}")
    return lines


def _closest(error: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Of alternatives that all failed, the finding of the one that was most likely meant."""
    while error.context:
        branches: dict[Any, list[jsonschema.ValidationError]] = {}
        for inner in error.context:
            branches.setdefault(inner.relative_schema_path[0], []).append(inner)
        error = min(branches.values(), key=_distance)[0]
    return error


def _distance(branch: Sequence[jsonschema.ValidationError]) -> tuple[int, int]:
    # A wrong constant or type says that another alternative was meant.
    return sum(error.validator in ("const", "type") for error in branch), len(branch)
