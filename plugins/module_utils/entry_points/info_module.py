# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The _info modules: list, filter, page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..api.client import Call
from ..engine.references import Finder, read
from ..schema.masking import secret_keys, with_hidden
from ..schema.resource import Resource
from ..schema.rows import check_id, id_as_name, is_named
from ..schema.types import canonical, has_id_form
from . import query as jmes
from .arguments import info_spec, info_traits
from .module import Run, run_module


def info_main(resource: Resource) -> None:
    """The main() of an _info module."""

    def job(run: Run, result: dict[str, Any]) -> None:
        params = run.module.params
        if params["query"]:
            jmes.compiled(params["query"])
        rows = find_resources(resource, params, run.finder)
        result.update(changed=False)
        result[resource.type.list_name] = rows
        if params["query"]:
            result["query_result"] = jmes.apply(params["query"], rows)

    run_module(info_spec(resource), job, traits=info_traits(resource))


def find_resources(resource: Resource, params: Mapping[str, Any], finder: Finder) -> list[dict[str, Any]]:
    """The resources that the options select: by id, by name, or by filters."""
    rows = wanted_rows(resource, params, finder)
    for related_read in resource.info_reads:
        if params[related_read.key]:
            call = Call("GET", related_read.path, related_read.query).fill(**finder.scope_ids(resource.type.scope))
            more = finder.client.list(call, finder.deadline, related_read.paged)
            for row in rows:
                row[related_read.key] = related_read.pick(row, more)
    keys = secret_keys(resource)
    return [with_hidden(row, keys) for row in rows]


def wanted_rows(resource: Resource, params: Mapping[str, Any], finder: Finder) -> list[dict[str, Any]]:
    """The rows that the options select, without secrets."""
    if params.get("id") is not None:
        check_id(resource.type, params["id"], "name")
        row = read(resource, finder, canonical(resource.type, params["id"]))
        return [without_secrets(resource, row)] if row is not None else []
    query: dict[str, Any] = {}
    for item in resource.filters:
        value = params.get(item.name)
        if value is not None:
            value = finder.resolve(item.ref.type, value) if item.ref else value
            value = value if value is None else item.value.to_request(value)
        if value is not None:
            query[item.api.filter or item.name] = value
    name = params.get("name")
    if name is not None and not resource.type.known_by_name and has_id_form(resource.type, name):
        row = read(resource, finder, canonical(resource.type, name))
        if row is not None:
            raise id_as_name(resource.type, "name", row)
    rows = finder.list(resource.type, query) if name is None else finder.named(resource.type, name, query)
    return [without_secrets(resource, row) for row in rows if name is None or is_named(resource.type, row, name)]


def without_secrets(resource: Resource, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without keys that are removed from every result."""
    return {key: value for key, value in row.items() if key not in resource.response_secrets}
