# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The meaning of every status, held against the enums of the official document and of the official Python SDK.

A status that either of them brings belongs to exactly one group; a group has no status that neither of them knows.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any

import pytest
from gcore.types import cloud
from gcore.types.cloud import instances, k8s
from gcore.types.cloud.k8s import clusters

from .openapi import Document
from .test_modules import ALL, RESOURCE_TYPES, Place, row_of, rows_of, types

GROUPS = ("ready", "creating", "changing", "deleting", "deleted", "failed")
STATUS_FIELDS = ("status", "state", "provisioning_status")

# The models of the SDK that show a status.
MODELS: dict[str, Any] = {
    "floating_ip": cloud.FloatingIP,
    "image": instances.Image,
    "instance": cloud.Instance,
    "k8s_cluster": k8s.K8SCluster,
    "k8s_cluster_pool": clusters.K8SClusterPool,
    "l7_policy": cloud.LoadBalancerL7Policy,
    "l7_rule": cloud.LoadBalancerL7Rule,
    "listener": cloud.LoadBalancerListenerDetail,
    "load_balancer": cloud.LoadBalancer,
    "pool": cloud.LoadBalancerPool,
    "snapshot": cloud.Snapshot,
    "ssh_key": cloud.SSHKey,
    "volume": cloud.Volume,
}

# Resource types with a status that is not judged, each with the reason.
NOT_JUDGED: dict[str, str] = {
    "project": "is read only; no list of its states is documented",
    "region": "is read only; the API itself says what a region does not take in its present state",
    "reserved_fixed_ip": "the status is that of a port, without a documented list: a reserved one is DOWN",
    "router": "no list of statuses is documented; a finished task tells that it is ready",
    "secret": "no list of statuses is documented",
    "task": "its states are those of the waiting, not of something to create or delete",
}

WITH_STATUS = {name: resource_type for name, resource_type in RESOURCE_TYPES.items() if resource_type.statuses.path}
DOCUMENTED = {name: resource_type for name, resource_type in WITH_STATUS.items() if resource_type.statuses.documented}


def literals(annotation: Any) -> Iterator[str]:
    """Every value of the Literals in an annotation."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from (str(value) for value in typing.get_args(annotation))
    for inner in typing.get_args(annotation):
        if not isinstance(inner, str):
            yield from literals(inner)


def of_the_sdk(resource_type: Any) -> set[str]:
    return set(literals(MODELS[resource_type.name].model_fields[resource_type.statuses.path].annotation))


def of_the_document(document: Document, resource_type: Any) -> set[str]:
    path = resource_type.path
    field = rows_of(document, path).get(resource_type.statuses.path)
    assert field is not None, f"{path} shows no {resource_type.statuses.path}"
    return {str(value) for value in field.enum or ()}


def listed(resource_type: Any) -> list[str]:
    return [status for group in GROUPS for status in getattr(resource_type.statuses, group)]


@pytest.mark.parametrize("name", WITH_STATUS)
def test_a_status_is_in_one_group(name: str) -> None:
    statuses = listed(WITH_STATUS[name])
    assert sorted(statuses) == sorted(set(statuses))
    assert WITH_STATUS[name].statuses.ready
    assert set(WITH_STATUS[name].statuses.holds_nothing) <= set(WITH_STATUS[name].statuses.failed)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_status_is_in_a_group(document: Document, name: str) -> None:
    resource_type = DOCUMENTED[name]
    known = of_the_document(document, resource_type)
    assert known, f"{name}: the document has no enum"
    assert set(listed(resource_type)) == known | of_the_sdk(resource_type)


@pytest.mark.parametrize("name", sorted(WITH_STATUS.keys() - DOCUMENTED.keys()))
def test_where_there_is_no_list_there_is_really_none(document: Document, name: str) -> None:
    resource_type = WITH_STATUS[name]
    assert not of_the_document(document, resource_type) and not of_the_sdk(resource_type), (
        f"{name}: its statuses are documented now"
    )


@pytest.mark.parametrize("name", ALL)
def test_what_shows_a_status_is_judged_by_it(document: Document, name: str) -> None:
    place = ALL[name]
    resource_type = place.resource.type
    shown = [field for field in STATUS_FIELDS if field in row_of(document, place)]
    judged = [resource_type.statuses.path] if resource_type.statuses.path else []
    assert shown == judged or (resource_type.name in NOT_JUDGED and not judged), f"{name} shows {shown}"


@pytest.mark.parametrize("name", RESOURCE_TYPES)
def test_what_can_be_referred_to_and_shows_a_status_is_judged_by_it(document: Document, name: str) -> None:
    resource_type = RESOURCE_TYPES[name]
    shown = [field for field in STATUS_FIELDS if field in rows_of(document, resource_type.path)]
    assert bool(shown) == bool(resource_type.statuses.path or resource_type.name in NOT_JUDGED), f"{name} shows {shown}"


def test_nothing_is_exempt_in_vain() -> None:
    names = {resource_type.name for resource_type in RESOURCE_TYPES.values()}
    assert NOT_JUDGED.keys() <= names
    assert not NOT_JUDGED.keys() & {resource_type.name for resource_type in WITH_STATUS.values()}
    assert MODELS.keys() == {resource_type.name for resource_type in WITH_STATUS.values()}


@pytest.mark.parametrize("name", ALL)
def test_states_are_reached_in_ready_statuses(name: str) -> None:
    place: Place = ALL[name]
    for state in place.resource.states:
        assert set(state.reached) <= set(place.resource.type.statuses.ready), state.name


def test_a_new_status_is_noticed() -> None:
    """What the API may bring tomorrow is in no group, and so is never a success."""
    for resource_type in WITH_STATUS.values():
        assert resource_type.statuses.group({resource_type.statuses.path: "SOMETHING_NEW"}) == types.UNDOCUMENTED
