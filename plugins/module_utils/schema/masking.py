# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes the values of secret options from results, and keeps ids and names.

Options and resources are hidden by key: a secret option shows HIDDEN at any depth. Text of the API (error messages) has no keys
and may quote a request: there the values themselves are hidden. Nothing else is searched for values, since an id or a name may
equal an ordinary value of a secret option.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from .option import Option
from .resource import Resource
from .values import HIDDEN

SHORTEST_PART = 6  # a shorter value is hidden as a whole word only


def hidden_options(spec: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with the secrets in them hidden, at any depth; an unknown option is hidden too: it may be a misspelled secret."""
    return {name: _hidden_option(spec.get(name) or {"no_log": True}, value) for name, value in options.items()}


def _hidden_option(option: Mapping[str, Any], value: Any) -> Any:
    if option.get("no_log"):
        return HIDDEN if value else value
    inner = option.get("options")
    if isinstance(value, (list, tuple)):
        return [_hidden_option(option, each) for each in value]
    if inner and isinstance(value, Mapping):
        return hidden_options(inner, value)
    return HIDDEN if inner and value and _has_secret(inner) else value


def _has_secret(spec: Mapping[str, Any]) -> bool:
    return any(option.get("no_log") or _has_secret(option.get("options") or {}) for option in spec.values())


def secret_keys(resource: Resource) -> frozenset[str]:
    """The names, in options and in the API, of the secrets of a resource and its sub-resources."""
    return frozenset(_secret_keys(resource))


def _secret_keys(resource: Resource) -> Iterator[str]:
    fields: list[Option] = [*resource.options]
    while fields:
        item = fields.pop()
        fields.extend(item.suboptions)
        if item.no_log:
            yield item.name
            yield item.api_name
    for sub_resource in resource.sub_resources:
        yield from _secret_keys(sub_resource.resource)


def with_hidden(value: Any, keys: Collection[str]) -> Any:
    """A value of a response with the values of secret keys hidden, at any depth."""
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if key in keys and each not in (None, "", [], {}) else with_hidden(each, keys)
            for key, each in value.items()
        }
    return [with_hidden(each, keys) for each in value] if isinstance(value, (list, tuple)) else value


class Mask:
    """Hides the values of secret options in text of the API.

    A value that another option has as well is not hidden, so that ids and names in a message remain readable.
    """

    def __init__(self, secrets: Iterable[str] = (), public: Iterable[str] = ()) -> None:
        known = "\n".join(public)
        found = {form for secret in secrets if secret.strip() and secret not in known for form in _forms(secret)}
        patterns = [
            re.escape(each) if len(each) >= SHORTEST_PART else r"(?<!\w)%s(?!\w)" % re.escape(each)
            for each in sorted(found, key=lambda each: (-len(each), each))
        ]
        self._pattern = re.compile("|".join(patterns)) if patterns else None

    @classmethod
    def of_options(cls, spec: Mapping[str, Any], options: Mapping[str, Any]) -> Mask:
        """The mask of a module's arguments."""
        secrets: list[str] = []
        public: list[str] = []
        _sort(spec, options, secrets, public)
        return cls(secrets, public)

    def text(self, text: str) -> str:
        """Text with the secrets in it hidden."""
        return self._pattern.sub(HIDDEN, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """A value with the secrets in its texts hidden, at any depth."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(each) for key, each in value.items()}
        return [self.value(each) for each in value] if isinstance(value, (list, tuple)) else value


def _forms(secret: str) -> set[str]:
    """The forms in which a secret may be quoted: as it is, with special characters escaped, or in base64."""
    encoded = base64.b64encode(secret.encode("utf-8", "surrogatepass")).decode()
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], encoded}


def _sort(spec: Mapping[str, Any], options: Mapping[str, Any], secrets: list[str], public: list[str]) -> None:
    for name, value in options.items():
        option = spec.get(name) or {"no_log": True}
        entries = value if isinstance(value, (list, tuple)) else [value]
        if not option.get("no_log") and option.get("options") and all(isinstance(each, Mapping) for each in entries):
            for each in entries:
                _sort(option["options"], each, secrets, public)
        else:
            (secrets if option.get("no_log") else public).extend(_texts(value, with_keys=not option.get("no_log")))


def _texts(value: Any, with_keys: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if with_keys:
                yield str(key)
            yield from _texts(each, with_keys)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each, with_keys)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
