# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions for tests: their hooks are given as functions and values, which saves a class for each of them."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Option, Value
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import (
    ON_REQUEST,
    Hooks,
    Resource,
    SubResource,
)

HOOKS = {name for name in dir(Hooks) if not name.startswith("_")}
METHODS = {name for name in HOOKS if callable(getattr(Hooks, name))}


def hooked(base: Hooks, **hooks: Any) -> Hooks:
    """Hooks like ``base`` with some of them replaced: functions without ``self``, and values; None removes one."""
    found = {name: getattr(Hooks, name) if each is None else each for name, each in hooks.items()}
    given = {
        name: staticmethod(each) if name in METHODS and hooks[name] is not None else each
        for name, each in found.items()
    }
    made: Hooks = type("TestHooks", (type(base),), given)()
    return made


def value(**functions: Any) -> Value:
    """A way to convert and compare values, given as functions without ``self``."""
    made: Value = type("TestValue", (Value,), {name: staticmethod(each) for name, each in functions.items()})()
    return made


def described(type: Any, fields: tuple[Option, ...] = (), **more: Any) -> Resource:
    """A description of these properties, its hooks among the keywords."""
    return variant(Resource(type), options=fields, **more)


def variant(base: Any, **more: Any) -> Any:
    """The same with some attributes replaced; of a resource also its ``fields`` and its hooks."""
    if not isinstance(base, Resource):
        return dataclasses.replace(base, **more)
    if "fields" in more:
        rest = [item for item in base.options if not item.is_property]
        more["options"] = (*more.pop("fields"), *rest)
    if "info_reads" in more:
        reads = (dataclasses.replace(each, when=ON_REQUEST) for each in more.pop("info_reads"))
        more["related_reads"] = (*base.related_reads, *reads)
    hooks = {name: more.pop(name) for name in HOOKS & more.keys()}
    return dataclasses.replace(base, **({"hooks": hooked(base.hooks, **hooks)} if hooks else {}), **more)


def sub_resource(option: str, inner: Resource, matches: Any, path: str, **more: Any) -> SubResource:
    """A list of sub-resources, the hooks of ``inner`` among the keywords."""
    hooks = {name: more.pop(name) for name in HOOKS & more.keys()}
    return SubResource(option, variant(inner, matches=matches, **hooks), path, **more)
