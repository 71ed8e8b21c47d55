# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that many resources share: name, tags, logging."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ..errors import OptionError
from .checks import Pattern, Range
from .option import IGNORING_NULL, INTEGER, UPDATE, Api, NotNullInCreate, Option, Ref
from .parsing import CLEARED
from .types import ResourceType
from .values import KNOWN_LATER

COMMON_KEYS = "id project_id region_id region created_at updated_at creator_task_id task_id"


def predicted(keys: str, **known: Any) -> dict[str, Any]:
    """The predicted response of a new resource: every documented key, null unless its value is known.

    The id and other values that later tasks may refer to are KNOWN_LATER.
    """
    row: dict[str, Any] = dict.fromkeys(keys.split())
    return {**row, **({"id": KNOWN_LATER} if "id" in row else {}), **known}


ALL = "all"


def chosen(
    options: Mapping[str, Any], option: str, rows: Iterable[Mapping[str, Any]], key: str, label: str, owner: str
) -> list[str]:
    """The ids that a delete_… option selects by id, name or "all" among the ``rows`` of its owner; raises OptionError for any other."""
    rows = list(rows)
    selected = options.get(option) or []
    if ALL in selected:
        return [str(row[key]) for row in rows]
    found = []
    for each in selected:
        match = [row for row in rows if each == row[key]] or [row for row in rows if each == row.get(label)]
        if not match:
            has = ", ".join("'%s'" % (row.get(label) or row[key]) for row in rows) or "none"
            raise OptionError("%s: the %s has no '%s'." % (option, owner, each), "It has: %s." % has)
        if len(match) > 1:
            ids = ", ".join(str(row[key]) for row in match)
            raise OptionError(
                "%s: the %s has %d named '%s': %s." % (option, owner, len(match), each, ids), "Use the ids."
            )
        found.append(str(match[0][key]))
    return found


def still_billed(owner: str, left: Iterable[tuple[str, Iterable[Any], str]]) -> Optional[str]:
    """The warning about resources that are not deleted with their owner; ``left`` has (label, ids or names, how to delete them)."""
    shown = [(what, ", ".join(str(each) for each in which), how) for what, which, how in left]
    parts = ["%s %s (%s)" % part for part in shown if part[1]]
    return "Not deleted with the %s and still billed: %s." % (owner, "; ".join(parts)) if parts else None


TOPIC_PATTERN = r"^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])*)*$"
TOPIC_TEXT = "lowercase letters, digits, hyphens and dots, with a letter or digit at each end of each part"


def logging(regions: ResourceType, **more: Any) -> Option:
    """The option logging of resources that send their logs to Gcore's logging service; ``regions`` is the type REGIONS."""
    return Option(
        "logging",
        "dict",
        suboptions=(
            Option("enabled", "bool"),
            Option("destination_region", api=Api("destination_region_id"), ref=Ref(regions), value=INTEGER),
            Option("topic_name", null=CLEARED, check=Pattern(TOPIC_PATTERN, TOPIC_TEXT)),
            Option(
                "retention_policy",
                "dict",
                suboptions=(Option("period", "int", required=True, check=Range(1, 1825)),),
                null=CLEARED,
            ),
        ),
        value=IGNORING_NULL,
        change=UPDATE,
        **more,
    )


def tags_from_rows(rows: Any) -> dict[str, str]:
    """The user's tags of a response, a list of {key, value, read_only}, without the platform's own (docs/api-notes.md: Tags)."""
    if isinstance(rows, Mapping):
        return dict(rows)
    return {row["key"]: row["value"] for row in rows or [] if not row.get("read_only")}


class Tags(NotNullInCreate):
    """Tags: a dictionary in the option, a list in responses."""

    purge = "purge_tags"
    partial_patch = True

    def from_response(self, value: Any) -> Any:
        return tags_from_rows(value)

    def to_response(self, value: Any) -> Any:
        return [{"key": key, "value": each, "read_only": False} for key, each in (value or {}).items()]

    def to_request(self, value: Any) -> Any:
        return dict(value or {})

    def to_patch(self, desired: Any, current: Any) -> Any:
        """A JSON Merge Patch: entries that are new or differ, and null for entries to remove."""
        changes: dict[str, Optional[str]] = {key: each for key, each in desired.items() if current.get(key) != each}
        changes.update({key: None for key in current if key not in desired})
        return changes

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return dict(desired or {}) if purge else {**current, **(desired or {})}

    def identifies(self, given: Any, current: Any) -> bool:
        return bool(given) and set(given.items()) <= set(current.items())


class TagFilter(NotNullInCreate):
    """Tags with their values, as JSON text in a query."""

    def to_request(self, value: Any) -> Any:
        return json.dumps({key: str(each) for key, each in value.items()})


def tags(read: str = "tags", change: Any = UPDATE) -> Option:
    """The option tags of every resource that has them."""
    return Option("tags", "dict", null=CLEARED, api=Api(read=read), value=Tags(), change=change)


def tag_filters(by: str = "tag_key") -> tuple[Option, ...]:
    """The filters by tag of a list: by keys (for instances, values), and by tags with their values; all must match."""
    return (
        Option(by, "list[str]", no_log=False if by == "tag_key" else None),
        Option("tag_key_value", "dict", no_log=False, value=TagFilter()),
    )


# docs/api-notes.md: Names
NAME_PATTERN = r"^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,61}[a-zA-Z0-9._]$"
NAME_TEXT = (
    "3 to 63 letters, digits, spaces, dots, hyphens and underscores, "
    "beginning with a letter or digit and ending with neither a space nor a hyphen"
)


def name(change: Any = UPDATE, **more: Any) -> Option:
    """The option name of the resources that share the API's pattern of names."""
    return Option("name", check=Pattern(NAME_PATTERN, NAME_TEXT), change=change, **more)
