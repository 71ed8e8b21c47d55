# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from random import Random
from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.api.backoff import (
    LONGEST_PAUSE,
    Backoff,
    is_rate_limit,
    may_pass,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    ApiError,
    ConnectionFailed,
    GcoreError,
    UnreadableResponse,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import VirtualClock

hypothesis = pytest.importorskip("hypothesis")
st = pytest.importorskip("hypothesis.strategies")


def api(status: int, retry_after: Optional[float] = None) -> ApiError:
    return ApiError("No.", status, **({} if retry_after is None else {"retry_after": retry_after}))


LIMITS = st.builds(api, st.just(429), st.none() | st.floats(0, 600)) | st.builds(api, st.just(503), st.floats(0, 600))
PASSING = st.builds(api, st.sampled_from([408, 500, 502, 503, 504])) | st.sampled_from(
    [ConnectionFailed("Lost.", sent=True), ConnectionFailed("Refused."), UnreadableResponse("Not JSON.")]
)
LASTING = st.builds(api, st.sampled_from([400, 401, 403, 404, 405, 409, 422])) | st.just(
    ConnectionFailed("Bad certificate.", lasting=True)
)


def pauses(backoff: Backoff, clock: VirtualClock, errors: list[GcoreError]) -> list[Optional[float]]:
    found = []
    for error in errors:
        pause = backoff.pause(error)
        found.append(pause)
        if pause is None:
            break
        clock.time += pause
    return found


@hypothesis.given(st.lists(LIMITS, min_size=1, max_size=40), st.integers(), st.floats(0, 60))
def test_a_rate_limit_never_ends_by_itself_and_its_header_is_the_least(
    errors: Any, seed: int, retry_for: float
) -> None:
    clock = VirtualClock()
    found = pauses(Backoff(clock, Random(seed), lambda: retry_for), clock, errors)
    assert len(found) == len(errors)
    for pause, error in zip(found, errors):
        asked = error.details.get("retry_after", 0.0)
        assert pause is not None and asked <= pause <= asked + LONGEST_PAUSE
        assert pause > 0 or asked == 0


@hypothesis.given(st.lists(PASSING, min_size=60, max_size=60), st.integers(), st.floats(1, 100))
def test_other_faults_are_retried_once_and_then_for_a_limited_time(errors: Any, seed: int, retry_for: float) -> None:
    clock = VirtualClock()
    found = pauses(Backoff(clock, Random(seed), lambda: retry_for), clock, errors)
    assert found[0] is not None
    assert found[-1] is None
    assert clock.time <= max(retry_for, 1.0)


@hypothesis.given(st.lists(PASSING | LIMITS, min_size=1, max_size=60), st.integers())
def test_without_patience_nothing_that_may_pass_ends_it(errors: Any, seed: int) -> None:
    clock = VirtualClock()
    assert None not in pauses(Backoff(clock, Random(seed), lambda: None), clock, errors)


@hypothesis.given(LASTING, st.integers())
def test_what_cannot_pass_is_not_retried(error: GcoreError, seed: int) -> None:
    assert Backoff(VirtualClock(), Random(seed), lambda: None).pause(error) is None
    assert not may_pass(error) and not is_rate_limit(error)


def test_pauses_grow_to_a_limit_and_start_again() -> None:
    backoff = Backoff(VirtualClock(), Random(4), lambda: None)
    found = [backoff.pause(api(500)) or 0.0 for _number in range(60)]
    for index, pause in enumerate(found):
        span = min(LONGEST_PAUSE, 2.0**index)
        assert span / 2 <= pause <= span
    backoff.reset()
    assert (backoff.pause(api(500)) or 0.0) <= 1.0


def test_runs_that_were_refused_together_do_not_come_back_together() -> None:
    first = [Backoff(VirtualClock(), Random(seed), lambda: None).pause(api(429, 1)) for seed in range(20)]
    assert len(set(first)) == 20


def test_the_same_seed_gives_the_same_pauses() -> None:
    one, two = (Backoff(VirtualClock(), Random(7), lambda: None) for _number in range(2))
    assert [one.pause(api(429)) for _number in range(9)] == [two.pause(api(429)) for _number in range(9)]
