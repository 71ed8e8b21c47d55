# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an explicit null does: an option that the API's update request clears with null is nullable and documented, or listed here."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from .openapi import Document, Field
from .report import assert_none
from .test_modules import WRITTEN_PLACES, operation_of, options_module

NO_OP = "null is the default of the request and keeps what is there"
EMPTY_LIST = "an empty list clears it; null in a list of references is a variable without a value"
IDENTITY = "null in what identifies or places is a variable without a value: it is refused"
# Options whose null the update request takes, and that are not nullable here, each with its reason.
NOT_NULLABLE = {
    "subnet.name": IDENTITY,
    "floating_ip.fixed_ip_address": "the API then takes the port's first address, as when it is omitted",
    "security_group.rules.port_range_min": "null is every port, as when it is omitted: refused, for it would open the rule",
    "security_group.rules.port_range_max": "as port_range_min",
    "security_group.rules.remote_ip_prefix": "null is everybody, as when it is omitted: refused, for it would open the rule",
    "load_balancer.logging.destination_region": IDENTITY,
    "load_balancer.logging.retention_policy.period": "null as retention_policy says it",
    "load_balancer.pools.healthmonitor.type": IDENTITY,
    "load_balancer.listeners.pools.healthmonitor.type": IDENTITY,
    "k8s_cluster.authentication": NO_OP + "; null as authentication.oidc switches it off",
    "k8s_cluster.cni": NO_OP,
    "k8s_cluster.cni.cilium": NO_OP,
    "k8s_cluster.ddos_profile": NO_OP + "; enabled: false switches it off",
    "k8s_cluster.logging": NO_OP + "; enabled: false switches it off",
    "k8s_cluster.logging.destination_region": IDENTITY,
    "k8s_cluster.logging.retention_policy.period": "null as retention_policy says it",
    "k8s_cluster.pools.auto_healing_enabled": NO_OP,
    "k8s_cluster.pools.max_node_count": NO_OP,
    "k8s_cluster.pools.min_node_count": NO_OP,
}


def clearable(place: str, items: Any, fields: Mapping[str, Field]) -> Iterator[tuple[str, Any]]:
    """Every option whose null the update request takes, at every depth."""
    for item in items:
        field = fields.get(item.api_name)
        if field is None or field.deprecated:
            continue
        if field.nullable:
            yield f"{place}.{item.name}", item
        yield from clearable(f"{place}.{item.name}", item.suboptions, field.children)


def options_of(module: str) -> Iterator[tuple[str, str]]:
    """Every option of a module at every depth, with its description."""
    source = importlib.import_module(f"ansible_collections.gcore.cloud.plugins.modules.{module}")

    def walk(place: str, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, option in options.items():
            text = option["description"]
            yield f"{place}.{name}", " ".join(text) if isinstance(text, list) else str(text)
            yield from walk(f"{place}.{name}", option.get("suboptions") or {})

    documents = [yaml.safe_load(source.DOCUMENTATION)]
    for name in documents[0].get("extends_documentation_fragment") or []:
        path = f"ansible_collections.gcore.cloud.plugins.doc_fragments.{name.rpartition('.')[2]}"
        documents.append(yaml.safe_load(importlib.import_module(path).ModuleDocFragment.DOCUMENTATION))
    for document in documents:
        yield from walk(module, document.get("options") or {})


def nullable_options() -> Iterator[str]:
    def walk(place: str, items: Any) -> Iterator[str]:
        for item in items:
            if item.nullable:
                yield f"{place}.{item.name}"
            yield from walk(f"{place}.{item.name}", item.suboptions)

    for name, place in WRITTEN_PLACES.items():
        yield from walk(name, place.resource.options)


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_what_null_clears_is_nullable_or_listed(document: Document, name: str) -> None:
    resource = WRITTEN_PLACES[name].resource
    if resource.update is None:
        return
    fields = document.body_fields(*operation_of(document, resource.update.method, resource.update.path).key)
    items = [item for item in resource.fields if item.change != options_module.WRITE_ONLY]
    assert_none(
        place for place, item in clearable(name, items, fields) if not item.nullable and place not in NOT_NULLABLE
    )


@pytest.mark.parametrize("module", sorted({place.top for place in WRITTEN_PLACES.values()}))
def test_every_null_that_clears_is_documented_and_no_other(module: str) -> None:
    nullable = {place for place in nullable_options() if place.partition(".")[0] == module}
    documented = {place for place, text in options_of(module) if "null" in text.lower().split("null as")[0]}
    assert nullable == documented


def test_no_reason_is_left_over(document: Document) -> None:
    found = set()
    for name, place in WRITTEN_PLACES.items():
        if place.resource.update is not None:
            operation = operation_of(document, place.resource.update.method, place.resource.update.path)
            for where, item in clearable(name, place.resource.fields, document.body_fields(*operation.key)):
                if not item.nullable:
                    found.add(where)
    assert found == set(NOT_NULLABLE)
