# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a diff shows of options and responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema.option import Option
from ..schema.resource import Resource
from ..schema.types import has_id_form
from ..schema.values import HIDDEN, MISSING, get_path


def is_given(inner: Option, value: Any) -> bool:
    """Whether a nested option is used in any entry."""
    entries = value if isinstance(value, list) else [value]
    return any(isinstance(each, Mapping) and each.get(inner.name) is not None for each in entries)


def only_compared(item: Option, value: Any) -> Any:
    """A nested option without what the API does not give back."""
    if isinstance(value, list):
        return [only_compared(item, each) for each in value]
    hidden = {inner.name for inner in item.suboptions if not inner.is_compared}
    return {name: each for name, each in value.items() if name not in hidden} if isinstance(value, Mapping) else value


def shown_identity(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a diff of a deletion shows: every compared field."""
    values = {item.name: shown_now(item, row) for item in resource.fields if item.is_compared and not item.no_log}
    return {"id": row.get(resource.type.id_field), **{k: v for k, v in values.items() if v is not MISSING}}


def shown_now(item: Option, row: Mapping[str, Any]) -> Any:
    """A field's value as a diff shows it: a reference by its name where the row has it; MISSING where the row says nothing of it."""
    named = item.shown_in(row)
    if named:
        return named[0]
    # What the request takes is not what the option refers to, as a port that belongs to an instance or a load balancer.
    return MISSING if item.ref and item.ref.id_at else item.value_in(row)


def shown_change(item: Option, given: Any, row: Mapping[str, Any], current: Any, desired: Any) -> tuple[Any, Any]:
    """A field's value before and after a change as a diff shows them: references in the user's form, a name or an id."""
    if item.ref is None or isinstance(current, list):
        return shown_value(item, current), shown_value(item, desired)
    was = get_path(row, item.ref.id_at) if item.ref.id_at else current
    if given is None or not has_id_form(item.ref.type, str(given)):
        named = shown_now(item, row)
        was = was if named is MISSING else named
    is_named = bool(item.ref.name_at or item.ref.id_at) or current is None
    return (None if was is MISSING else was), (given if is_named else desired)


def shown(resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
    """What a diff of a creation shows: the options, secrets hidden."""
    nested = {child.option: child.resource for child in resource.sub_resources}
    result: dict[str, Any] = {}
    for item in resource.fields + resource.inputs:
        if item.name in options:
            result[item.name] = shown_value(item, options[item.name])
    for name, inner in nested.items():
        if options.get(name) is not None:
            result[name] = [shown(inner, child) for child in options[name]]
    return result


def shown_value(item: Option, value: Any) -> Any:
    """A value with the secrets in it hidden, under the names of the options or of the API."""
    if item.no_log:
        return HIDDEN
    if item.suboptions and isinstance(value, list):
        return [shown_value(item, entry) for entry in value]
    if item.suboptions and isinstance(value, Mapping):
        inner = {name: each for each in item.suboptions for name in (each.name, each.api_name)}
        return {name: shown_value(inner[name], entry) if name in inner else entry for name, entry in value.items()}
    return value
