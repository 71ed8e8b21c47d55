# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values of requests and responses: equality, dotted paths, nested options."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Optional

MISSING: Any = object()
HIDDEN = "(hidden)"  # shown in place of a secret


def same(desired: Any, current: Any) -> bool:
    """Equality of values: addresses and networks in any notation; the order of lists is significant."""
    if isinstance(desired, str) and isinstance(current, str) and desired != current:
        return _as_address(desired) is not None and _as_address(desired) == _as_address(current)
    if isinstance(desired, list) and isinstance(current, list):
        return len(desired) == len(current) and all(same(*pair) for pair in zip(desired, current))
    if isinstance(desired, Mapping) and isinstance(current, Mapping):
        return desired.keys() == current.keys() and all(same(value, current[key]) for key, value in desired.items())
    return bool(desired == current)


def same_set(desired: Any, current: Any) -> bool:
    """Equality of lists in any order."""
    if desired is None or current is None:
        return not desired and not current
    rest = list(current)
    for item in desired:
        found = next((index for index, other in enumerate(rest) if same(item, other)), None)
        if found is None:
            return False
        del rest[found]
    return not rest


def _as_address(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def get_path(row: Any, path: str) -> Any:
    """The value at a dotted path ('flavor.flavor_id', 'attachments.0.server_id'), or MISSING."""
    for part in path.split("."):
        if isinstance(row, Mapping) and part in row:
            row = row[part]
        elif isinstance(row, (list, tuple)) and part.isdigit():
            if int(part) >= len(row):
                return None
            row = row[int(part)]
        else:
            return MISSING if row is not None else None
    return row


def set_path(row: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path and create missing parents; used for predictions only."""
    parts = path.split(".")
    node: Any = row
    for here, following in zip(parts, parts[1:]):
        empty: Any = [] if following.isdigit() else {}
        if isinstance(node, list):
            while len(node) <= int(here):
                node.append(None)
            if node[int(here)] is None:
                node[int(here)] = empty
            node = node[int(here)]
        else:
            if not isinstance(node.get(here), (dict, list)):
                node[here] = empty
            node = node[here]
    if isinstance(node, list):
        while len(node) <= int(parts[-1]):
            node.append(None)
        node[int(parts[-1])] = value
    else:
        node[parts[-1]] = value


# The placeholder of check mode for a value that the run would return: later tasks of a play can pass it on.
KNOWN_LATER = "(known after the run)"


def overlay(desired: Optional[Mapping[str, Any]], current: Optional[Mapping[str, Any]], purge: bool = True) -> Any:
    """A nested option, completed from the current value where it omits a key."""
    if desired is None or current is None:
        return desired
    inner = {
        key: overlay(value, current[key])
        for key, value in desired.items()
        if isinstance(value, Mapping) and isinstance(current.get(key), Mapping)
    }
    return {**current, **desired, **inner}


def without_null(value: Any) -> Any:
    """A nested option without nulls, at any depth: for the API a null is the same as an omitted key."""
    if isinstance(value, Mapping):
        return {key: without_null(each) for key, each in value.items() if each is not None}
    return value


def same_ignoring_null(desired: Any, current: Any) -> bool:
    """Equality of nested options: null equals missing, lists are compared in any order."""
    return same(without_order(without_null(desired)), without_order(without_null(current)))


def without_order(value: Any) -> Any:
    """A nested option with every list sorted."""
    if isinstance(value, Mapping):
        return {key: without_order(each) for key, each in value.items()}
    return sorted((without_order(each) for each in value), key=str) if isinstance(value, list) else value
