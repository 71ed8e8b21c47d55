# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import time

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Clock, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.module import clock_speed
from ansible_collections.gcore.cloud.plugins.module_utils.errors import WaitTimeout
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import VirtualClock


def test_a_deadline_counts_down_and_stops_at_nothing() -> None:
    clock = VirtualClock()
    limit = Deadline(clock, 10)
    clock.time += 4
    assert limit.remaining() == 6
    clock.time += 40
    assert limit.remaining() == 0


def test_nobody_sleeps_beyond_the_deadline() -> None:
    clock = VirtualClock()
    limit = Deadline(clock, 10)
    limit.sleep(7)
    limit.sleep(7)
    assert clock.sleeps == [7, 3]
    with pytest.raises(WaitTimeout, match="10 s"):
        limit.sleep(1)


def test_a_deadline_grows_and_never_shrinks() -> None:
    clock = VirtualClock()
    limit = Deadline(clock, 10)
    limit.extend_to(30)
    limit.extend_to(20)
    assert limit.remaining() == 30


def test_the_clock_is_monotonic_and_can_be_sped_up(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "time", lambda: 1 / 0)
    clock = Clock(20)
    assert clock.now() == 2000
    clock.sleep(10)
    clock.sleep(0)
    clock.sleep(-1)
    assert slept == [0.5]


@pytest.mark.parametrize(
    ("url", "text", "speed"),
    [
        ("http://127.0.0.1:8080", "20", 20.0),
        ("http://localhost:8080", "0.5", 0.5),
        ("https://api.gcore.com", "20", 1.0),
        ("http://127.0.0.1:8080", "", 1.0),
        ("http://127.0.0.1:8080", "fast", 1.0),
        ("http://127.0.0.1:8080", "0", 1.0),
        ("http://127.0.0.1:8080", "-3", 1.0),
    ],
)
def test_only_a_loopback_address_speeds_the_clock_up(
    monkeypatch: pytest.MonkeyPatch, url: str, text: str, speed: float
) -> None:
    monkeypatch.setenv("GCORE_CLOCK_SPEED", text)
    assert clock_speed(url) == speed
