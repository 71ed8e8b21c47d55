# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Raw arguments before validation: entries given as text are parsed, nulls are removed, wrong types are refused with their path.

Validation fills every omitted suboption of an entry with None, so that afterwards an omitted option and an explicit null are the same.
``parse`` runs before validation and removes every null.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ansible.module_utils.common.validation import check_type_dict

from ..errors import OptionError

Place = tuple[Any, ...]  # option names and list indexes, from the outermost option on

CLEARED = "cleared"  # null clears the value
OMITTED = "omitted"  # null is the same as omitting the option
REFUSED = "refused"  # null is an error: the option identifies, is a reference or is required


@dataclass(frozen=True)
class Trait:
    """What an argument spec cannot express: the meaning of null, and the literals that an option takes besides names and ids."""

    null: str = OMITTED
    literals: tuple[str, ...] = ()
    allow_empty: bool = True  # empty text is a value
    options: Mapping[str, Trait] = field(default_factory=dict)


PLAIN = Trait()
NEVER_EMPTY = ("int", "float", "bool", "path")


@dataclass(frozen=True)
class Parsed:
    """Arguments to validate, and the places of the nulls that clear an option."""

    arguments: dict[str, Any]
    cleared: frozenset[Place] = frozenset()


def parse(spec: Mapping[str, Any], raw: Mapping[str, Any], traits: Mapping[str, Trait], prefix: Place = ()) -> Parsed:
    """Arguments without nulls and without text in place of a dictionary or list; raises OptionError with the option's path.

    Unknown keys are kept for validation to report, except names of options of other tools (``option_for``). Free-form dictionaries
    (without suboptions in the spec) are kept as they are.
    """
    arguments: dict[str, Any] = {}
    cleared: set[Place] = set()
    for name, value in raw.items():
        if name not in spec:
            if not str(name).startswith("_"):
                refuse_foreign(spec, str(name), prefix)
            arguments[name] = value
            continue
        option, trait, place = spec[name], traits.get(name, PLAIN), (*prefix, name)
        if value is None:
            if trait.null == CLEARED:
                cleared.add(place)
            elif trait.null == REFUSED or option.get("required"):
                raise OptionError("%s is null." % path(place), use_omit(str(name)))
            continue
        if isinstance(value, str) and not value.strip():
            if option.get("required") or not trait.allow_empty:
                raise OptionError("%s is empty." % path(place), use_omit(str(name)))
            if trait.null == OMITTED and (option.get("fallback") or option.get("type") in NEVER_EMPTY):
                continue  # up to ansible-core 2.18 a template of null is empty text
        arguments[name], inner = _value(option, value, trait, place)
        cleared |= inner
    return Parsed(arguments, frozenset(cleared))


def path(place: Place) -> str:
    """A place as the user writes it: interfaces[0].network."""
    text = "".join("[%d]" % each if isinstance(each, int) else ".%s" % each for each in place)
    return text[1:] if text.startswith(".") else text


def use_omit(name: str) -> str:
    return "To omit the option, use omit: '{{ %s | default(omit, true) }}'." % name


def _value(option: Mapping[str, Any], value: Any, trait: Trait, place: Place) -> tuple[Any, frozenset[Place]]:
    """One value that is not null, parsed by its type, and the places of the clearing nulls in it."""
    wanted = option.get("type", "str")
    if wanted == "list":
        return _list(option, value, trait, place)
    if wanted == "dict":
        return _dictionary(option, value, trait, place)
    return _scalar(wanted, value, trait, place), frozenset()


def _list(option: Mapping[str, Any], value: Any, trait: Trait, place: Place) -> tuple[Any, frozenset[Place]]:
    elements = option.get("elements")
    entries = _entries(elements, value, trait, place)
    found: list[Any] = []
    cleared: frozenset[Place] = frozenset()
    for index, entry in enumerate(entries):
        here = (*place, index)
        if elements in (None, "raw"):
            found.append(entry)
            continue
        if entry is None:
            raise OptionError("%s is null." % path(here), "Remove the entry from the list.")
        parsed, inner = _value({**option, "type": elements}, entry, trait, here)
        found.append(parsed)
        cleared |= inner
    return found, cleared


def _entries(elements: Optional[str], value: Any, trait: Trait, place: Place) -> list[Any]:
    """The entries of a list, JSON text, or text with commas between the entries."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("["):
            return _list_in(text, place)
        if elements == "dict":
            if not text.startswith("{") and re.search(r"=.*,", text, re.DOTALL):
                raise OptionError(
                    "%s is text with commas: it may be one entry or several." % path(place),
                    "Give a list, or JSON text.",
                )
            return [text] if text else []
        if elements == "raw":
            return [_dictionary({}, text, trait, place)[0] if text.startswith("{") else value]
        if trait.literals and text.lower() in BOOLEANS:
            raise _not_a_switch(text, trait, place, True)
        return [each.strip() for each in text.split(",")]
    if isinstance(value, bool) and trait.literals:
        raise _not_a_switch(value, trait, place, True)
    if isinstance(value, Mapping) and elements == "raw":
        return [value]
    if isinstance(value, (bool, Mapping)):
        wanted = "a list of dictionaries" if elements == "dict" else "a list"
        raise _wrong_type(place, wanted, value, "Write each entry with a hyphen in front.")
    return [value]


def _list_in(text: str, place: Place) -> list[Any]:
    for reader in (json.loads, ast.literal_eval):
        try:
            found = reader(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(found, list):
            return found
    raise OptionError("%s is text that begins with [ and is not JSON." % path(place), "Give a list, or JSON text.")


def _dictionary(option: Mapping[str, Any], value: Any, trait: Trait, place: Place) -> tuple[Any, frozenset[Place]]:
    found = value
    if isinstance(value, str):
        try:
            found = check_type_dict(value.strip())
        except (TypeError, ValueError):
            raise OptionError(
                "%s must be a dictionary, and is text that is neither JSON nor key=value pairs." % path(place),
                _suboptions(option),
            ) from None
    if not isinstance(found, Mapping):
        raise _wrong_type(place, "a dictionary", value, _suboptions(option))
    if option.get("options") is None:
        return dict(found), frozenset()
    inner = parse(option["options"], found, trait.options, place)
    return inner.arguments, inner.cleared


def _suboptions(option: Mapping[str, Any]) -> Optional[str]:
    names = list(option.get("options") or {})
    return "Its keys: %s." % ", ".join(names) if names else None


BOOLEANS = ("true", "false", "yes", "no", "on", "off")


def _scalar(wanted: str, value: Any, trait: Trait, place: Place) -> Any:
    if wanted == "raw":
        return value
    words = {"str": "text", "path": "a path", "int": "a number", "float": "a number", "bool": "true or false"}[wanted]
    if isinstance(value, (Mapping, list, tuple)):
        hint = (
            "Convert it with to_yaml or to_json: '{{ value | to_json }}'. "
            "Cloud-config user data also needs the first line #cloud-config."
            if wanted == "str" and not trait.literals
            else None
        )
        raise _wrong_type(place, words, value, hint)
    if trait.literals and str(value).lower() in BOOLEANS:
        raise _not_a_switch(value, trait, place, False)
    if isinstance(value, bool) and wanted != "bool":
        raise _wrong_type(place, words, value, "Write it in quotes." if wanted == "str" else None)
    if not trait.allow_empty and isinstance(value, str) and not value.strip():
        raise OptionError("%s is empty." % path(place), use_omit(str(place[-1])))
    return value


def _wrong_type(place: Place, wanted: str, value: Any, hint: Optional[str]) -> OptionError:
    """The error for a value of the wrong type; it does not show the value, which may be a secret."""
    return OptionError("%s must be %s, not %s." % (path(place), wanted, type_of(value)), hint)


def type_of(value: Any) -> str:
    """The type of a value in the terms of YAML."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    for types, words in (
        (str, "text"),
        ((int, float), "a number"),
        (Mapping, "a dictionary"),
        ((list, tuple), "a list"),
    ):
        if isinstance(value, types):
            return words
    return type(value).__name__


def _not_a_switch(value: Any, trait: Trait, place: Place, many: bool) -> OptionError:
    """The error for a boolean in an option that takes names, ids and literals."""
    if many:
        hint = "List names or ids, or set it to [%s]." % ", ".join(trait.literals)
    else:
        hint = "Set it to a name or id%s." % "".join(", or to %s" % each for each in trait.literals)
    if trait.null == CLEARED:
        hint += " null removes it."
    return OptionError("%s cannot be %s." % (path(place), str(value).lower()), hint)


# ------------------------------------------------- options of other tools

# Options of version 1.0.1 and of the modules of other clouds, and the options of this collection that replace them.
FOREIGN_OPTIONS: Mapping[str, tuple[str, ...]] = {
    "action": ("state",),
    "api_host": ("api_url",),
    "api_timeout": ("timeout",),
    "api_token": ("api_key",),
    "assign_floating": ("floating_ip",),
    "availability_zone": ("region",),
    "command": ("state",),
    "count": ("min_node_count",),
    "datacenter": ("region",),
    "disk_size": ("size", "volume_size"),
    "endpoint": ("api_url",),
    "floatings": ("delete_floating_ips",),
    "instance_id_to_attach_to": ("instance",),
    "instance_type": ("flavor",),
    "ip": ("ip_address", "floating_ip_address"),
    "key": ("ssh_key",),
    "key_pair": ("ssh_key",),
    "keypair": ("ssh_key",),
    "labels": ("tags",),
    "location": ("region",),
    "machine_type": ("flavor",),
    "metadata": ("tags",),
    "name_template": ("name",),
    "plan": ("flavor",),
    "port": ("protocol_port",),
    "power_state": ("state",),
    "reserved_fixed_ips": ("delete_reserved_fixed_ips",),
    "server": ("instance",),
    "server_type": ("flavor",),
    "size": ("volume_size", "flavor"),
    "size_gb": ("size", "volume_size"),
    "snapshots": ("delete_snapshots",),
    "ssh_keys": ("ssh_key",),
    "sshkey_name": ("name",),
    "state_timeout": ("wait_timeout",),
    "status": ("state",),
    "token": ("api_key",),
    "type": ("type_name", "volume_type"),
    "userdata": ("user_data",),
    "vm": ("instance",),
    "volume_size": ("size",),
    "volume_type": ("type_name",),
    "volumes_to_delete": ("delete_volumes",),
    "zone": ("region",),
}


def refuse_foreign(spec: Mapping[str, Any], name: str, prefix: Place) -> None:
    """Raise OptionError for an option of another tool, with the option that replaces it."""
    found = option_for(spec, name)
    if found:
        raise OptionError("There is no option %s." % path((*prefix, name)), "Use %s." % path((*prefix, found)))


def option_for(spec: Mapping[str, Any], name: str) -> Optional[str]:
    """The option that replaces an option of another tool: the name without _id or _name, the plural, or by the table."""
    base = re.sub(r"_(id|name|uuid)(s?)$", r"\2", name)
    for each in dict.fromkeys((name, base)):
        for candidate in (each, *FOREIGN_OPTIONS.get(each, ()), each + "s", each[:-1] if each.endswith("s") else each):
            if candidate in spec and candidate != name:
                return candidate
    return "id" if name.endswith("_id") and "id" in spec else None
