# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of lists: which one has a name or an id, and what distinguishes several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    OptionError,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import (
    GLOBAL,
    PROJECT,
    REGIONAL,
    TEXT,
    Kind,
    looks_like_id,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import (
    KNOWN_LATER,
    dig,
)

Rows = list[dict[str, Any]]

# What to check when something is not found, by where resources of its type are.
CHECK_SCOPE = {
    GLOBAL: "Check the permissions of the API key.",
    PROJECT: "Check project.",
    REGIONAL: "Check project and region.",
}


def check_id(kind: Kind, value: Any, other: str) -> None:
    """Refuse an id that cannot be one: it would be taken for one that does not exist. ``other`` identifies the resource too.

    Raises OptionError.
    """
    if value is None or kind.id_form == TEXT or str(value) == KNOWN_LATER or looks_like_id(kind, str(value)):
        return
    raise OptionError(
        "id '%s' is not a %s, as the id of every %s is." % (value, kind.id_form, kind.words),
        "To identify it in another way, set %s instead of id." % other,
    )


def id_as_name(kind: Kind, option: str, row: Mapping[str, Any], right: str = "id") -> OptionError:
    """The error for the id of an existing resource under the option of its name; ``right`` is the option for the id."""
    return OptionError(
        "%s '%s' is the id of the %s '%s'." % (option, row[kind.id_field], kind.words, row.get(kind.name_field)),
        "Use %s." % right if right else "Use the name of the %s there." % kind.words,
    )


def of_id(kind: Kind, rows: Rows, identifier: str) -> Optional[dict[str, Any]]:
    """The row with this id."""
    return next((row for row in rows if str(row[kind.id_field]) == identifier), None)


def is_named(kind: Kind, row: Mapping[str, Any], name: str) -> bool:
    """Whether a row has exactly this name (regions: in any case)."""
    found = str(row.get(kind.name_field))
    return found.lower() == name.lower() if kind.ignore_case else found == name


def tell_apart(kind: Kind, rows: Rows) -> str:
    """The ids of several things, each with what distinguishes it."""
    return "; ".join(
        ", ".join(
            [str(row.get(kind.id_field))]
            + ["%s %s" % (name.lstrip("_"), in_words(dig(row, name))) for name in kind.tell_apart if dig(row, name)]
        )
        for row in rows
    )


def in_words(value: Any) -> str:
    """A value, or several."""
    return " and ".join(map(str, value)) if isinstance(value, list) else str(value)


def close_names(kind: Kind, rows: Rows, value: str) -> str:
    """The names that are most like a value, as a list for a sentence; empty if none is."""
    import difflib  # few runs need it

    lower = {str(row.get(kind.name_field)).lower(): str(row.get(kind.name_field)) for row in rows}
    close = [lower[name] for name in difflib.get_close_matches(value.lower(), sorted(lower), n=3, cutoff=0.5)]
    return " or ".join("'%s'" % name for name in close)


def near_misses(kind: Kind, rows: Rows, value: str) -> str:
    """What the user may have meant."""
    names = sorted({str(row.get(kind.name_field)) for row in rows})
    close = close_names(kind, rows, value)
    if close:
        return "Did you mean %s?" % close
    if names and len(names) <= 12:
        return "There are: %s." % ", ".join("'%s'" % name for name in names)
    if not names:
        return "There are no %s. %s" % (kind.plural_words, CHECK_SCOPE[kind.scope])
    return "None of the %d %s has that name." % (len(names), kind.plural_words)
