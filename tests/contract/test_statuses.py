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
from .test_modules import ALL, KINDS, Place, resource_room, row_of, rows_of

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

WITH_STATUS = {name: kind for name, kind in KINDS.items() if kind.statuses.path}
DOCUMENTED = {name: kind for name, kind in WITH_STATUS.items() if kind.statuses.documented}


def literals(annotation: Any) -> Iterator[str]:
    """Every value of the Literals in an annotation."""
    if typing.get_origin(annotation) is typing.Literal:
        yield from (str(value) for value in typing.get_args(annotation))
    for inner in typing.get_args(annotation):
        if not isinstance(inner, str):
            yield from literals(inner)


def of_the_sdk(kind: Any) -> set[str]:
    return set(literals(MODELS[kind.name].model_fields[kind.statuses.path].annotation))


def of_the_document(document: Document, kind: Any) -> set[str]:
    path = kind.path
    field = rows_of(document, path).get(kind.statuses.path)
    assert field is not None, f"{path} shows no {kind.statuses.path}"
    return {str(value) for value in field.enum or ()}


def listed(kind: Any) -> list[str]:
    return [status for group in GROUPS for status in getattr(kind.statuses, group)]


@pytest.mark.parametrize("name", WITH_STATUS)
def test_a_status_is_in_one_group(name: str) -> None:
    statuses = listed(WITH_STATUS[name])
    assert sorted(statuses) == sorted(set(statuses))
    assert WITH_STATUS[name].statuses.ready
    assert set(WITH_STATUS[name].statuses.holds_nothing) <= set(WITH_STATUS[name].statuses.failed)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_status_is_in_a_group(document: Document, name: str) -> None:
    kind = DOCUMENTED[name]
    known = of_the_document(document, kind)
    assert known, f"{name}: the document has no enum"
    assert set(listed(kind)) == known | of_the_sdk(kind)


@pytest.mark.parametrize("name", sorted(WITH_STATUS.keys() - DOCUMENTED.keys()))
def test_where_there_is_no_list_there_is_really_none(document: Document, name: str) -> None:
    kind = WITH_STATUS[name]
    assert not of_the_document(document, kind) and not of_the_sdk(kind), f"{name}: its statuses are documented now"


@pytest.mark.parametrize("name", ALL)
def test_what_shows_a_status_is_judged_by_it(document: Document, name: str) -> None:
    place = ALL[name]
    kind = place.resource.kind
    shown = [field for field in STATUS_FIELDS if field in row_of(document, place)]
    judged = [kind.statuses.path] if kind.statuses.path else []
    assert shown == judged or (kind.name in NOT_JUDGED and not judged), f"{name} shows {shown}"


@pytest.mark.parametrize("name", KINDS)
def test_what_can_be_referred_to_and_shows_a_status_is_judged_by_it(document: Document, name: str) -> None:
    kind = KINDS[name]
    shown = [field for field in STATUS_FIELDS if field in rows_of(document, kind.path)]
    assert bool(shown) == bool(kind.statuses.path or kind.name in NOT_JUDGED), f"{name} shows {shown}"


def test_nothing_is_exempt_in_vain() -> None:
    names = {kind.name for kind in KINDS.values()}
    assert NOT_JUDGED.keys() <= names
    assert not NOT_JUDGED.keys() & {kind.name for kind in WITH_STATUS.values()}
    assert MODELS.keys() == {kind.name for kind in WITH_STATUS.values()}


@pytest.mark.parametrize("name", ALL)
def test_states_are_reached_in_ready_statuses(name: str) -> None:
    place: Place = ALL[name]
    for state in place.resource.states:
        assert set(state.reached) <= set(place.resource.kind.statuses.ready), state.name


def test_a_new_status_is_noticed() -> None:
    """What the API may bring tomorrow is in no group, and so is never a success."""
    for kind in WITH_STATUS.values():
        assert kind.statuses.group({kind.statuses.path: "SOMETHING_NEW"}) == resource_room.UNDOCUMENTED
