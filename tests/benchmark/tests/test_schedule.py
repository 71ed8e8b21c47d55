# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The schedule's promises, computed exactly."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import HISTORY
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import TASKS
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import FakeSession, client, reply, rows

from tests.benchmark.exact import (
    OPERATIONS,
    Means,
    Request,
    adaptive,
    bound,
    document_window,
    evenly,
    fixed,
    geometric_mean,
    means,
)

# The document's own table, once more and from its text: (shortest, longest, poll every) in seconds.
DOCUMENT = {
    "Create VM": (15, 30, 5),
    "Create volume": (5, 15, 5),
    "Create network / subnet": (5, 10, 5),
    "Create load balancer": (30, 90, 10),
    "Delete VM": (15, 70, 5),
    "Delete Bare Metal server": (60, 120, 30),
    "Create Kubernetes cluster": (300, 900, 30),
}
# With a second between two polls nothing lower than 1.44 exists for a window of five seconds.
ABOVE_BOUND = {"Create network / subnet": 1.45}


def test_the_table_is_the_documents() -> None:
    assert {name: tuple(document_window(name)) for name in OPERATIONS} == DOCUMENT


def test_means_of_a_fixed_interval() -> None:
    assert means(fixed(5), 5, 15) == Means(2.5, 2.5)
    assert means(fixed(3, at_once=True), 3, 6) == Means(3, 1.5)
    assert means(iter([Request(1, sees=False), Request(4)]), 2, 4) == Means(2, 1)


@pytest.mark.parametrize("operation", DOCUMENT)
def test_nothing_beats_the_bound_and_shrinking_gaps_reach_it(operation: str) -> None:
    shortest, longest, every = DOCUMENT[operation]
    polls = 1000
    ideal = (Request(longest - (longest - shortest) * (1 - number / polls) ** 2) for number in range(1, polls + 1))
    assert means(ideal, shortest, longest).product == pytest.approx(bound(shortest, longest), rel=0.01)
    assert means(fixed(every), shortest, longest).product > bound(shortest, longest)


@pytest.mark.parametrize("operation", DOCUMENT)
def test_the_documents_operations(operation: str) -> None:
    shortest, longest, every = DOCUMENT[operation]
    ours = means(adaptive(OPERATIONS[operation]), shortest, longest)
    theirs = means(fixed(every), shortest, longest)
    assert ours.product <= ABOVE_BOUND.get(operation, 1.3) * bound(shortest, longest)
    assert ours.requests <= theirs.requests
    assert ours.lost <= theirs.lost


@pytest.mark.parametrize("operation", DOCUMENT)
def test_an_operation_of_which_the_account_has_a_history(operation: str) -> None:
    shortest, longest, every = DOCUMENT[operation]
    ours = means(adaptive(OPERATIONS[operation], evenly(shortest, longest, HISTORY)), shortest, longest)
    theirs = means(fixed(every), shortest, longest)
    assert ours.product <= ABOVE_BOUND.get(operation, 1.3) * bound(shortest, longest)
    assert ours.requests <= theirs.requests
    assert ours.lost <= theirs.lost


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_where_the_table_is_wrong_by_half(factor: float) -> None:
    ratios = []
    for operation, (shortest, longest, every) in DOCUMENT.items():
        real = factor * shortest, factor * longest
        ratios.append(means(adaptive(OPERATIONS[operation]), *real).product / means(fixed(every), *real).product)
    assert max(ratios) <= 3
    assert geometric_mean(ratios) <= 1.0


def test_what_is_learned_is_worth_its_request() -> None:
    for operation, (shortest, longest, every) in DOCUMENT.items():
        real = 3 * shortest, 3 * longest
        if real[0] < 120:
            continue
        without = means(adaptive(OPERATIONS[operation]), *real)
        learned = means(adaptive(OPERATIONS[operation], evenly(*real, HISTORY)), *real)
        assert learned.product < without.product
        assert learned.product < 0.6 * means(fixed(every), *real).product


# From 3 seconds to 30 minutes, closely.
DURATIONS = [3 * 1.01**power for power in range(643)]


@pytest.mark.parametrize("learned", [False, True])
def test_types_that_are_not_in_the_table(learned: bool) -> None:
    for duration in DURATIONS:
        real = duration * 2 / 3, duration * 4 / 3
        ours = means(adaptive("something_new", evenly(*real, HISTORY) if learned else None), *real)
        sdk = means(fixed(3, at_once=True), *real)
        assert ours.lost <= min(30, 0.05 * duration + 1), duration
        assert ours.requests <= (1.1 if duration <= 60 else 0.5 if duration >= 300 else 1) * sdk.requests, duration


@pytest.mark.parametrize("task_type", [*OPERATIONS.values(), "something_new", None])
def test_gaps_have_limits(task_type: str | None) -> None:
    moments = [request.at for request in itertools.takewhile(lambda one: one.at < 7200, adaptive(task_type))]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert min(gaps) >= 1
    assert max(gaps) <= 60


@pytest.mark.parametrize("history", [[], evenly(900, 2700, HISTORY)])
@pytest.mark.parametrize("task_type", ["create_volume", "create_k8s_cluster_v2", "something_new"])
def test_the_poller_polls_as_computed(task_type: str, history: list[float]) -> None:
    session, end = FakeSession(), 1234.0 if history else 400.0
    ended = [
        {"created_on": session.clock.text(), "finished_on": session.clock.text(plus=took)} for took in history or ()
    ]
    session.on("GET", TASKS, rows(*ended))
    session.on(
        "GET",
        f"{TASKS}/t",
        lambda sent: reply(
            200, {"id": "t", "task_type": task_type, "state": "FINISHED" if sent.at >= end else "RUNNING"}
        ),
    )
    waiter = Poller(client(session))
    waiter.wait([waiter.started("t", task_type)], Deadline(session.clock, 5000))
    computed = list(itertools.takewhile(lambda one: one.at < end, adaptive(task_type, history)))
    real = [Request(sent.at, sees=sent.path != TASKS) for sent in session.sent]
    assert [one.sees for one in real[:-1]] == [one.sees for one in computed]
    assert [one.at for one in real[:-1]] == pytest.approx([one.at for one in computed], abs=2)
