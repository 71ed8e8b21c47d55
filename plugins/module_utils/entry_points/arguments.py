# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Argument specs of the modules, and the checked values of the given options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Optional

from ansible.module_utils.basic import env_fallback

from ..errors import OptionError
from ..schema.option import ON_DELETE, Option, canonical_reference
from ..schema.parsing import OMITTED, REFUSED, Place, Trait, path, type_of
from ..schema.resource import Resource, SubResource
from ..schema.types import GLOBAL, PROJECT, REGIONAL
from ..schema.values import KNOWN_LATER

CONNECTION: dict[str, Any] = {
    "api_key": {"type": "str", "no_log": True, "fallback": (env_fallback, ["GCORE_API_KEY"])},
    "api_url": {"type": "str", "default": "https://api.gcore.com", "fallback": (env_fallback, ["GCORE_BASE_URL"])},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30.0},
}
IN_PROJECT: dict[str, Any] = {"project": {"type": "str", "fallback": (env_fallback, ["GCORE_CLOUD_PROJECT_ID"])}}
IN_REGION: dict[str, Any] = {"region": {"type": "str", "fallback": (env_fallback, ["GCORE_CLOUD_REGION_ID"])}}
WAITING: dict[str, Any] = {
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int"},
    "poll_interval": {"type": "float"},
}


def scope_spec(scope: str) -> dict[str, Any]:
    """The options of the scope: project and region."""
    return {GLOBAL: {}, PROJECT: IN_PROJECT, REGIONAL: {**IN_PROJECT, **IN_REGION}}[scope]


def field_spec(item: Option) -> dict[str, Any]:
    """One option of the argument spec, with its suboptions."""
    spec: dict[str, Any] = {"type": "list", "elements": item.elements} if item.elements else {"type": item.type}
    if item.choices:
        spec["choices"] = list(item.choices)
    if item.no_log is not None:
        spec["no_log"] = item.no_log
    if item.suboptions:
        spec["options"] = {
            inner.name: {**field_spec(inner), **({"required": True} if inner.required else {})}
            for inner in item.suboptions
        }
    return spec


def sub_resource_spec(resource: Resource) -> dict[str, Any]:
    """The option of a sub-resource: a list of its fields and its own sub-resources."""
    options = {
        item.name: {**field_spec(item), **({"required": True} if item.required else {})} for item in resource.fields
    }
    options.update({deeper.option: sub_resource_spec(deeper.resource) for deeper in resource.sub_resources})
    return {"type": "list", "elements": "dict", "options": options}


def module_spec(resource: Resource) -> dict[str, Any]:
    """The arguments of AnsibleModule for a resource module."""
    states = ["present", "absent"] + [item.name for item in resource.states]
    spec: dict[str, Any] = {"state": {"type": "str", "choices": states, "default": "present"}}
    if not resource.type.known_by_name:
        spec["id"] = {"type": "str"}
    spec.update({item.name: field_spec(item) for item in resource.options})
    for sub_resource in resource.sub_resources:
        spec.setdefault(sub_resource.option, sub_resource_spec(sub_resource.resource))
    spec.update({option: {"type": "bool", "default": default} for option, default in resource.purge_options().items()})
    if resource.can_be_recreated:
        spec["recreate"] = {"type": "bool", "default": False}
    for secret in resource.secret_files:
        spec[secret.option] = {"type": "path"}
        spec["return_content"] = {"type": "bool", "default": False}
        if secret.path:  # otherwise an existing file is never overwritten
            spec["backup"] = {"type": "bool", "default": False}
            spec["follow"] = {"type": "bool", "default": False}
    known_by = [name for name in ("id",) if name in spec]
    known_by += sorted({name for options in resource.identifying for name in options})
    if len(known_by) == 1:
        spec[known_by[0]]["required"] = True
    return {
        "argument_spec": {
            **CONNECTION,
            **scope_spec(resource.type.scope),
            **(WAITING if resource.starts_tasks else {}),
            **spec,
        },
        "mutually_exclusive": [list(group) for group in resource.hooks.mutually_exclusive],
        "required_one_of": [known_by] if len(known_by) > 1 else [],
        "supports_check_mode": True,
    }


def info_spec(resource: Resource) -> dict[str, Any]:
    """The arguments of AnsibleModule for an _info module."""
    spec: dict[str, Any] = {"name": {"type": "str"}, "query": {"type": "str"}}
    spec.update({item.name: field_spec(item) for item in resource.filters})
    spec.update({related_read.key: {"type": "bool", "default": False} for related_read in resource.info_reads})
    exclusive = []
    if not resource.type.known_by_name:
        spec["id"] = {"type": "str"}
        exclusive = [["id", item.name] for item in resource.filters] + [["id", "name"]]
    return {
        "argument_spec": {**CONNECTION, **scope_spec(resource.type.scope), **spec},
        "supports_check_mode": True,
        "mutually_exclusive": exclusive,
    }


def traits(resource: Resource) -> dict[str, Trait]:
    """The meaning of null in each option of a resource module."""
    found = {
        "id": Trait(REFUSED, allow_empty=False),
        "state": Trait(REFUSED),
        **dict.fromkeys(resource.purge_options(), Trait(REFUSED)),
    }
    found.update(_traits(resource))
    found.update({item.name: _trait(item, frozenset()) for item in resource.options if item.name not in found})
    return found


def _traits(resource: Resource) -> dict[str, Trait]:
    identity = frozenset(name for each in resource.identities for name in each.options)
    found = {item.name: _trait(item, identity) for item in resource.fields}
    found.update({each.option: Trait(options=_traits(each.resource)) for each in resource.sub_resources})
    return found


def _trait(item: Option, identity: frozenset[str]) -> Trait:
    """Null clears where the API can; otherwise it is refused for references, required and identifying options, where it is a mistake."""
    is_reference = item.ref is not None and item.change != ON_DELETE
    is_needed = is_reference or item.required or item.name in identity
    return Trait(
        item.null or (REFUSED if is_needed else OMITTED),
        item.literals,
        allow_empty=not is_reference and item.name not in identity,
        options={inner.name: _trait(inner, frozenset()) for inner in item.suboptions},
    )


def info_traits(resource: Resource) -> dict[str, Trait]:
    """Null is refused as the name, id or reference of an _info module: it would list everything."""
    strict = Trait(REFUSED, allow_empty=False)
    return {"id": strict, "name": strict, **{item.name: strict for item in resource.filters if item.ref}}


def given_options(
    fields: Iterable[Option],
    sub_resources: Iterable[SubResource],
    params: Mapping[str, Any],
    cleared: frozenset[Place],
    place: Place = (),
) -> dict[str, Any]:
    """The given options, each checked: validated arguments that are not None, and nulls that clear."""
    given: dict[str, Any] = {}
    for item in fields:
        here, value = (*place, item.name), params.get(item.name)
        if here in cleared:
            given[item.name] = None
        if value is None:
            continue
        if item.suboptions and isinstance(value, list):
            value = [given_options(item.suboptions, (), each, cleared, (*here, at)) for at, each in enumerate(value)]
        elif item.suboptions:
            value = given_options(item.suboptions, (), value, cleared, here)
        check_value(item, value, path(here))
        given[item.name] = canonical_reference(item, value)
    for each in sub_resources:
        here, entries = (*place, each.option), params.get(each.option)
        if entries is not None:
            given[each.option] = [
                given_options(each.resource.fields, each.resource.sub_resources, entry, cleared, (*here, index))
                for index, entry in enumerate(entries)
            ]
    return given


def check_value(item: Option, value: Any, where: str = "") -> None:
    """Raise OptionError for a value that the API would refuse; ``where`` is the option's path."""
    where = where or item.name
    if value == KNOWN_LATER:
        return
    if item.check:
        many = isinstance(value, list)
        for index, each in enumerate(value if many else [value]):
            if each == KNOWN_LATER:
                continue
            item.check.refuse(each, "%s[%d]" % (where, index) if many else where, secret=bool(item.no_log))
    if item.value.purge == "purge_tags":
        check_tags(value, where)


def check_tags(tags: dict[str, Any], where: str) -> None:
    """Convert numbers in tags to text; raises OptionError for other values."""
    for key, value in tags.items():
        if value is None or isinstance(value, (bool, dict, list)):
            hint = {
                type(None): "Omit the tag, or give it a value: tags have no null.",
                bool: 'Quote it: "%s".' % str(value).lower(),
            }.get(type(value), "Give one value: tags are not nested.")
            raise OptionError("The tag '%s' in %s is %s." % (key, where, type_of(value)), hint)
        tags[key] = text = str(value)
        if not 1 <= len(key) <= 255 or re.search(r"[\s=]", key):
            raise OptionError(
                "The tag '%s' in %s is not allowed." % (key, where),
                "A key has 1 to 255 characters, no spaces and no =.",
            )
        if not 1 <= len(text) <= 255 or text != text.strip() or re.search(r"[\t\r\n]", text):
            raise OptionError(
                "The value of tag '%s' in %s is not allowed." % (key, where),
                "It has 1 to 255 characters, no tabs or new lines, and no spaces at its ends.",
            )


def common_errors(params: Mapping[str, Any]) -> Optional[OptionError]:
    """The first error in the options that all modules share."""
    if not params.get("api_key"):
        return OptionError(
            "The API key is missing.",
            "Set api_key, or the environment variable GCORE_API_KEY, to a permanent API token.",
        )
    for option in ("timeout", "wait_timeout", "poll_interval"):
        value = params.get(option)
        if value is not None and value <= 0:
            return OptionError("%s must be more than 0, not %s." % (option, value), "It is in seconds.")
    return None
