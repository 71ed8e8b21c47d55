# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The values of a role's variables, converted by its argument spec, with nulls removed at every declared depth."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_int
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import module_spec

RESOURCES = "ansible_collections.gcore.cloud.plugins.module_utils.resources"
OMITTED = object()
# Optional keys that restrict what a rule or listener admits: null is refused there, not read as omitted.
RESTRICTING = frozenset(
    ("allowed_cidrs", "ethertype", "port_range_max", "port_range_min", "protocol", "remote_group", "remote_ip_prefix")
)


def module_option(path: str) -> dict[str, Any]:
    """The argument spec of a module's option, as ``instance.interfaces``; suboptions follow after further dots."""
    module, *names = path.split(".")
    spec: dict[str, Any] = {
        "options": module_spec(importlib.import_module(f"{RESOURCES}.{module}").RESOURCE)["argument_spec"]
    }
    for name in names:
        spec = spec["options"][name]
    return _partial(spec)


def _partial(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A module's option without ``required``: a role may add to it, and the module reports what is missing."""
    kept = {key: spec[key] for key in ("type", "elements") if key in spec}
    if spec.get("options"):
        kept["options"] = {
            name: {**_partial(inner), "restricting": name in RESTRICTING and not inner.get("required")}
            for name, inner in spec["options"].items()
        }
    return kept


def given(spec: Mapping[str, Any], value: Any, path: str) -> Any:
    """A value by its spec, or OMITTED for null and for an empty string; raises AnsibleError with the path of a wrong value.

    Contents of dictionaries that declare no options, as tags, are returned as they are.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        if spec.get("restricting"):
            raise AnsibleError(
                f"{path} is {'null' if value is None else 'empty'}, which would admit everything. "
                "Set it, or remove the key to admit everything."
            )
        if spec.get("required"):
            raise AnsibleError(f"{path} is required, and it is {'null' if value is None else 'empty'}.")
        return OMITTED
    wanted = spec.get("type")
    try:
        if wanted == "list":
            return _given_list(spec, value, path)
        if wanted == "dict":
            return _given_dict(spec, value, path)
        if wanted == "bool":
            return check_type_bool(value)
        if wanted == "int":
            return check_type_int(value)
    except (TypeError, ValueError) as error:
        raise AnsibleError(f"{path} must be of type {wanted}: {error}") from error
    return value


def _given_list(spec: Mapping[str, Any], value: Any, path: str) -> list[Any]:
    entry_spec = {"type": spec.get("elements", "raw"), **({"options": spec["options"]} if "options" in spec else {})}
    entries = []
    for number, entry in enumerate(_list_from(value)):
        converted = given(entry_spec, entry, f"{path}[{number}]")
        if converted is OMITTED:
            raise AnsibleError(f"{path}[{number}] is {'null' if entry is None else 'empty'}. Remove it from the list.")
        entries.append(converted)
    return entries


def _list_from(value: Any) -> list[Any]:
    """The entries of a list, of a list as JSON or Python text, of text with commas, or of a single entry."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if not isinstance(value, str):
        return [value]
    if not value.lstrip().startswith("["):
        return [entry.strip() for entry in value.split(",")]
    try:
        parsed = json.loads(value)
    except ValueError:
        try:
            parsed = ast.literal_eval(value.strip())
        except (SyntaxError, ValueError) as error:
            raise ValueError("the text is neither a JSON list nor a Python list") from error
    if not isinstance(parsed, list):
        raise ValueError("the text is neither a JSON list nor a Python list")
    return parsed


def _given_dict(spec: Mapping[str, Any], value: Any, path: str) -> dict[str, Any]:
    entries = check_type_dict(value.strip() if isinstance(value, str) else value)
    declared = spec.get("options")
    if not declared:
        return dict(entries)
    kept = {}
    for name, inner in entries.items():
        inner_spec = declared.get(name)
        converted = inner if inner_spec is None else given(inner_spec, inner, f"{path}.{name}")
        if converted is not OMITTED:
            kept[name] = converted
    return kept
