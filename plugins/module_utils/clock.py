# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one clock: every wait and every deadline of the collection goes through it."""

from __future__ import annotations

import time

from .errors import WaitTimeout

FIRST_LIMIT = 300  # seconds that a run may take before its plan, and so its own time, is known


class Clock:
    """Monotonic seconds, ``speed`` times faster than real ones.

    A speed other than 1 is for a simulator with a faster clock; it is allowed for loopback addresses only (see ``module.clock_speed``).
    """

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic() * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this clock."""
        if seconds > 0:
            time.sleep(seconds / self.speed)


class Deadline:
    """The end of the time that one module run may take."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self.start = clock.now()
        self.seconds = float(seconds)

    def remaining(self) -> float:
        """Seconds left, zero when there are none."""
        return max(0.0, self.start + self.seconds - self._clock.now())

    def extend_to(self, seconds: float) -> None:
        """Set the limit to so many seconds from the start of the run, unless it is already longer."""
        self.seconds = max(self.seconds, float(seconds))

    def sleep(self, seconds: float) -> None:
        """Sleep, but not beyond the deadline; raises WaitTimeout when there is no time left at all."""
        left = self.remaining()
        if left <= 0:
            raise WaitTimeout("The time limit of %d s is over." % self.seconds)
        self._clock.sleep(min(seconds, left))
