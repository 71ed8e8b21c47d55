# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of lists: find one by its name or id, and describe several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import OptionError
from .types import GLOBAL, PROJECT, REGIONAL, TEXT, ResourceType, has_id_form
from .values import KNOWN_LATER, get_path

Rows = list[dict[str, Any]]

# What to check when a resource is not found, by the scope of its type.
CHECK_SCOPE = {
    GLOBAL: "Check the permissions of the API key.",
    PROJECT: "Check project.",
    REGIONAL: "Check project and region.",
}


def check_id(resource_type: ResourceType, value: Any, other: str) -> None:
    """Raise OptionError for an id in the wrong form, which would match no resource; ``other`` is another identifying option."""
    if (
        value is None
        or resource_type.id_form == TEXT
        or str(value) == KNOWN_LATER
        or has_id_form(resource_type, str(value))
    ):
        return
    raise OptionError(
        "id '%s' is not a %s." % (value, resource_type.id_form),
        "To identify the %s in another way, set %s instead of id." % (resource_type.noun, other),
    )


def id_as_name(resource_type: ResourceType, option: str, row: Mapping[str, Any], right: str = "id") -> OptionError:
    """The error for an id of an existing resource in an option for names; ``right`` is the option for the id."""
    return OptionError(
        "%s '%s' is the id of the %s '%s'."
        % (option, row[resource_type.id_field], resource_type.noun, row.get(resource_type.name_field)),
        "Use %s." % right if right else "Use the name of the %s there." % resource_type.noun,
    )


def of_id(resource_type: ResourceType, rows: Rows, identifier: str) -> Optional[dict[str, Any]]:
    """The row with this id."""
    return next((row for row in rows if str(row[resource_type.id_field]) == identifier), None)


def is_named(resource_type: ResourceType, row: Mapping[str, Any], name: str) -> bool:
    """Whether a row has exactly this name (regions: in any case)."""
    found = str(row.get(resource_type.name_field))
    return found.lower() == name.lower() if resource_type.ignore_case else found == name


def describe_rows(resource_type: ResourceType, rows: Rows) -> str:
    """The ids of several resources, each with the fields that distinguish it."""
    return "; ".join(
        ", ".join(
            [str(row.get(resource_type.id_field))]
            + [
                "%s %s" % (name.lstrip("_"), in_words(get_path(row, name)))
                for name in resource_type.distinguished_by
                if get_path(row, name)
            ]
        )
        for row in rows
    )


def in_words(value: Any) -> str:
    """A value as text; the values of a list joined with "and"."""
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def close_names(resource_type: ResourceType, rows: Rows, value: str) -> str:
    """The names that are similar to a value, as text for a message; empty if none is."""
    import difflib  # few runs need it

    lower = {str(row.get(resource_type.name_field)).lower(): str(row.get(resource_type.name_field)) for row in rows}
    close = [lower[name] for name in difflib.get_close_matches(value.lower(), sorted(lower), n=3, cutoff=0.5)]
    return " or ".join("'%s'" % name for name in close)


def near_misses(resource_type: ResourceType, rows: Rows, value: str) -> str:
    """The hint for a name that matches nothing: similar names, or all of them if they are few."""
    names = sorted({str(row.get(resource_type.name_field)) for row in rows})
    close = close_names(resource_type, rows, value)
    if close:
        return "Did you mean %s?" % close
    if names and len(names) <= 12:
        return "There are: %s." % ", ".join("'%s'" % name for name in names)
    if not names:
        return "There are no %s. %s" % (resource_type.plural, CHECK_SCOPE[resource_type.scope])
    return "None of the %d %s has that name." % (len(names), resource_type.plural)
