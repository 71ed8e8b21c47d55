# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vocabulary of request models: strict bodies, typed query strings, names, tags, addresses (A3, A6, A7)."""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic_core import InitErrorDetails

NAME_PATTERN = r"^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$"
TAG_KEY_PATTERN = r"^[^\s=]+$"
TAG_VALUE_PATTERN = r"^[^ \t\n\r\f\v]([^\t\n\r\f\v]*[^ \t\n\r\f\v])?$"


class Body(BaseModel):
    """A request body: nothing is coerced, nothing unknown is taken (D1.5, strict mode)."""

    model_config = ConfigDict(strict=True, extra="forbid")

    def given(self) -> dict[str, Any]:
        """The fields that the request had, as plain values."""
        return self.model_dump(exclude_unset=True)

    def has(self, field: str) -> bool:
        """Whether the request had this field, be it null."""
        return field in self.model_fields_set


def omit() -> Any:
    """The default of a field that may be left out but may not be null."""
    return Field(default_factory=lambda: None)


class Query(BaseModel):
    """A query string: values are read from text, unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")


class Paging(Query):
    """``limit`` and ``offset`` with the usual default (A3)."""

    limit: int = Field(1000, gt=0, le=1000)
    offset: int = Field(0, ge=0)


class ShortPaging(Paging):
    """The lists whose default page is 10 (A3)."""

    limit: int = Field(10, gt=0, le=1000)


class MediumPaging(Paging):
    """The lists whose default page is 100 (A3)."""

    limit: int = Field(100, gt=0, le=1000)


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


def _tag_pairs(value: str) -> str:
    try:
        pairs = json.loads(value)
    except ValueError:
        raise ValueError("Input should be a JSON object") from None
    if not isinstance(pairs, dict) or not all(isinstance(item, str) for item in pairs.values()):
        raise ValueError("Input should be a JSON object of strings")
    return value


def _format(name: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": name})


Uuid = Annotated[str, AfterValidator(_uuid4), _format("uuid4")]
Ip = Annotated[str, AfterValidator(_ip), _format("ipvanyaddress")]
Ipv4 = Annotated[str, AfterValidator(_ipv4), _format("ipv4")]
Cidr = Annotated[str, AfterValidator(_cidr), _format("ipvanynetwork")]
Url = Annotated[
    str,
    Field(min_length=1),
    AfterValidator(_url),
    WithJsonSchema({"type": "string", "format": "uri", "minLength": 1}),
]
IpOrCidr = Annotated[
    str,
    AfterValidator(_ip_or_cidr),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "ipvanyaddress"}, {"type": "string", "format": "ipvanynetwork"}]}
    ),
]
AssignedIp = Annotated[
    str,
    AfterValidator(_ip),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]}),
]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
TagKey = Annotated[str, Field(min_length=1, max_length=255, pattern=TAG_KEY_PATTERN)]
TagValue = Annotated[str, Field(min_length=1, max_length=255, pattern=TAG_VALUE_PATTERN)]
_TAG_KEYS = {"minLength": 1, "maxLength": 255, "pattern": TAG_KEY_PATTERN}
_TAG_VALUES = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": TAG_VALUE_PATTERN}
Tags = Annotated[
    dict[TagKey, TagValue],
    WithJsonSchema({"type": "object", "propertyNames": _TAG_KEYS, "additionalProperties": _TAG_VALUES}),
]


TagsPatch = Annotated[
    dict[TagKey, TagValue | None],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": _TAG_KEYS,
            "additionalProperties": {"anyOf": [_TAG_VALUES, {"type": "null"}]},
        }
    ),
]
IpFamily = Literal["dual", "ipv4", "ipv6"]
VolumeType = Literal["cold", "ssd_hiiops", "ssd_local", "ssd_lowlatency", "standard", "ultra"]
AttachmentTag = Annotated[str, Field(pattern=r"^[^,/]{1,60}$")]
TagPairs = Annotated[str, AfterValidator(_tag_pairs)]


class TagFilters(Query):
    """``tag_key`` (repeatable) and ``tag_key_value`` (a JSON object), both ANDed (A3)."""

    tag_key: list[TagKey] = Field(default_factory=list)
    tag_key_value: TagPairs | None = None

    def wanted_tags(self) -> dict[str, str]:
        """The pairs that an object must have."""
        return json.loads(self.tag_key_value) if self.tag_key_value else {}


class IdRef(Body):
    """``{id: uuid}``."""

    id: Uuid


class Route(Body):
    """A static route, of a subnet or a router."""

    destination: Cidr
    nexthop: Ip


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
