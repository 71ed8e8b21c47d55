# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Request models, built from the schemas that ``schemas.json`` has of the official document.

Objects become models that refuse unknown fields. Bodies are strict: nothing is converted. A field that may be omitted and
has no default is None when it was not given; ``has`` distinguishes that from a null.
"""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Callable, Literal, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
)
from pydantic_core import InitErrorDetails

from .clock import parse_time

SCHEMAS = Path(__file__).resolve().parents[1] / "schemas.json"
Schema = Mapping[str, Any]


class Body(BaseModel):
    """A request body or an object inside of one."""

    model_config = ConfigDict(strict=True, extra="forbid")

    def given(self) -> dict[str, Any]:
        """The fields that the request had, as plain values."""
        return self.model_dump(exclude_unset=True)

    def has(self, field: str) -> bool:
        """Whether the request had this field, be it null."""
        return field in self.model_fields_set


class Query(BaseModel):
    """A query string: values are read from text."""

    model_config = ConfigDict(extra="forbid")


# --- formats -------------------------------------------------------------------------------------------------------


def _uuid4(value: str) -> str:
    try:
        parsed = uuid.UUID(value)
    except ValueError:
        raise ValueError("Input should be a valid UUID") from None
    if parsed.version != 4:
        raise ValueError("UUID version 4 expected")
    return str(parsed)


def _ip(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        raise ValueError("value is not a valid IPv4 or IPv6 address") from None


def _ipv4(value: str) -> str:
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise ValueError("Input is not a valid IPv4 address") from None


def _cidr(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        raise ValueError("value is not a valid IPv4 or IPv6 network") from None


def _ip_or_cidr(value: str) -> str:
    return _cidr(value) if "/" in value else _ip(value)


def _url(value: str) -> str:
    if not re.fullmatch(r"[a-zA-Z][a-zA-Z0-9+.\-]*://\S+", value):
        raise ValueError("Input should be a valid URL")
    return value


def _moment(value: str) -> str:
    try:
        parse_time(value)
    except ValueError:
        raise ValueError("Input should be a valid datetime") from None
    return value


def _tag_pairs(value: str) -> str:
    try:
        pairs = json.loads(value)
    except ValueError:
        raise ValueError("Input should be a JSON object") from None
    if not isinstance(pairs, dict) or not all(isinstance(item, str) for item in pairs.values()):
        raise ValueError("Input should be a JSON object of strings")
    return value


def _flag(value: Any) -> Any:
    """Python takes 0 and 1 for booleans, JSON does not."""
    if not isinstance(value, bool):
        raise ValueError("Input should be a valid boolean")
    return value


FORMATS: dict[tuple[str, ...], Callable[[str], str]] = {
    ("uuid4",): _uuid4,
    ("ipvanyaddress",): _ip,
    ("ipv4",): _ipv4,
    ("ipv4", "ipv6"): _ip,
    ("ipvanynetwork",): _cidr,
    ("ipvanyaddress", "ipvanynetwork"): _ip_or_cidr,
    ("uri",): _url,
    ("date-time",): _moment,
    ("password",): lambda value: value,
}
LIMITS = {
    "pattern": "pattern",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minItems": "min_length",
    "maxItems": "max_length",
    "minimum": "ge",
    "maximum": "le",
    "exclusiveMinimum": "gt",
}
PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool}


# --- from schemas to types -----------------------------------------------------------------------------------------


class RequestModels:
    """The models of all operations of ``schemas.json``."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._operations: Mapping[str, Any] = document["operations"]
        self._schemas: Mapping[str, Schema] = document["schemas"]
        self._types: dict[str, Any] = {}

    def body(self, method: str, path: str) -> TypeAdapter[Any] | None:
        """What the operation takes as its body; None if it takes none."""
        schema = self._of(method, path).get("body")
        return TypeAdapter(self._type(schema)) if schema is not None else None

    def query(self, method: str, path: str) -> type[Query]:
        """The query string that the operation takes."""
        fields: dict[str, Any] = {}
        for name, parameter in self._of(method, path).get("query", {}).items():
            kind = datetime if parameter.get("format") == "date-time" else self._type(parameter)
            fields[name.replace("-", "_")] = (kind, _field(parameter, alias=name if "-" in name else None))
        return create_model("Query", __base__=Query, **fields)

    def defaults(self, name: str) -> dict[str, Any]:
        """What a schema's fields are when none of them is given."""
        found: dict[str, Any] = self._type({"$ref": name})().model_dump()
        return found

    def _of(self, method: str, path: str) -> Mapping[str, Any]:
        found = self._operations.get(f"{method} {path}")
        if found is None:
            raise LookupError(f"{method} {path} is not in schemas.json: run python -m tests.simulator.schemas")
        return found

    def _type(self, schema: Schema, name: str = "Body") -> Any:
        if "$ref" in schema:
            reference = schema["$ref"]
            if reference not in self._types:
                self._types[reference] = self._type(self._schemas[reference], reference)
            return self._types[reference]
        if alternatives := schema.get("anyOf") or schema.get("oneOf"):
            return self._union(alternatives)
        if "const" in schema:
            only = Literal[schema["const"]]  # type: ignore[valid-type]
            return Annotated[only, BeforeValidator(_flag)] if isinstance(schema["const"], bool) else only
        if "enum" in schema:
            return Literal[tuple(schema["enum"])]  # type: ignore[valid-type]
        kind = schema.get("type")
        if "properties" in schema:
            return self._model(schema, name)
        if kind == "object":
            return self._map(schema)
        limits = {argument: schema[keyword] for keyword, argument in LIMITS.items() if keyword in schema}
        if kind == "array":
            return _limited(list[self._type(schema["items"])], limits)  # type: ignore[misc]
        if kind == "string" and "format" in schema:
            text = _limited(str, limits)
            return Annotated[text, AfterValidator(FORMATS[(schema["format"],)]), WithJsonSchema(dict(schema))]
        if schema.get("contentMediaType") == "application/json":
            return Annotated[str, AfterValidator(_tag_pairs)]
        return _limited(PLAIN[kind], limits) if kind else Any

    def _model(self, schema: Schema, name: str) -> type[Body]:
        required = schema.get("required", ())
        fields: dict[str, Any] = {}
        for field, inner in schema["properties"].items():
            fields[field] = (self._type(inner, f"{name}.{field}"), ... if field in required else _field(inner))
        return create_model(name, __base__=Body, **fields)

    def _map(self, schema: Schema) -> Any:
        values = schema.get("additionalProperties", True)
        inner = Any if values is True else self._type(values)
        keys = schema.get("propertyNames")
        if keys is None:
            return dict[str, inner]  # type: ignore[valid-type]
        key = self._type({"type": "string", **keys})
        return Annotated[dict[key, inner], WithJsonSchema(dict(schema))]  # type: ignore[valid-type]

    def _union(self, alternatives: Sequence[Schema]) -> Any:
        others = [item for item in alternatives if item.get("type") != "null"]
        if len(others) > 1 and all(item.get("type") == "string" and "format" in item for item in others):
            check = FORMATS[tuple(item["format"] for item in others)]
            kind: Any = Annotated[str, AfterValidator(check), WithJsonSchema({"anyOf": others})]
        else:
            kind = self._chosen(others)
        return kind if len(others) == len(alternatives) else Union[kind, None]

    def _chosen(self, alternatives: Sequence[Schema]) -> Any:
        """A union; of objects it is the one that a property with constants names."""
        types = [self._type(item) for item in alternatives]
        if len(types) == 1:
            return types[0]
        objects = [self._schemas.get(item.get("$ref", ""), item) for item in alternatives]
        label = _label(objects)
        if label is None:
            return Union[tuple(types)]
        if all(label in item.get("required", ()) for item in objects):
            return Annotated[Union[tuple(types)], Field(discriminator=label)]
        tags = [item["properties"][label]["const"] for item in objects]
        tagged = [Annotated[kind, Tag(tag)] for kind, tag in zip(types, tags)]

        def chosen(value: Any) -> str:
            """Without the property: the first alternative whose required fields are all there."""
            given = value if isinstance(value, dict) else {}
            fit = (tag for tag, item in zip(tags, objects) if all(name in given for name in item.get("required", ())))
            return str(given.get(label) or next(fit, tags[0]))

        return Annotated[Union[tuple(tagged)], Discriminator(chosen)]


def _field(schema: Schema, **more: Any) -> Any:
    """A field that may be omitted. Without a default in the schema it is None; its own schema does not show that."""
    return Field(schema["default"], **more) if "default" in schema else Field(default_factory=lambda: None, **more)


def _limited(kind: Any, limits: dict[str, Any]) -> Any:
    return Annotated[kind, Field(**limits)] if limits else kind


def _label(objects: Sequence[Schema]) -> str | None:
    """The property that has constant texts in every one of these objects, and others in each."""
    for name in objects[0].get("properties", ()):
        found = [item.get("properties", {}).get(name, {}) for item in objects]
        values = [
            value for each in found for value in ([each["const"]] if "const" in each else each.get("enum", [None]))
        ]
        if all(isinstance(value, str) for value in values) and len(set(values)) == len(values):
            return str(name)
    return None


MODELS = RequestModels(json.loads(SCHEMAS.read_text(encoding="utf-8")))


# --- query strings -------------------------------------------------------------------------------------------------


@cache
def _list_parameters(model: type[Query]) -> frozenset[str]:
    names = set()
    for name, field in model.model_fields.items():
        kinds = (field.annotation, *get_args(field.annotation))
        if any(get_origin(kind) is list for kind in kinds):
            names.add(field.alias or name)
    return frozenset(names)


@cache
def _flags(model: type[Query]) -> frozenset[str]:
    return frozenset(
        field.alias or name
        for name, field in model.model_fields.items()
        if bool in (field.annotation, *get_args(field.annotation))
    )


def read_query(model: type[Query], pairs: list[tuple[str, str]]) -> Query:
    """The query string as a model: repeatable parameters become lists, others may come once only (A3).

    A flag is ``true`` or ``false``: Python's ``True`` is not JSON's.
    """
    lists = _list_parameters(model)
    values: dict[str, Any] = {}
    for key, text in pairs:
        if key in _flags(model) and text not in ("true", "false"):
            wrong: InitErrorDetails = {"type": "bool_parsing", "loc": (key,), "input": text}
            raise ValidationError.from_exception_data(model.__name__, [wrong])
        if key in lists or key in values:
            values.setdefault(key, [])
            if not isinstance(values[key], list):
                values[key] = [values[key]]
            values[key].append(text)
        else:
            values[key] = text
    return model.model_validate(values)
