# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The simulated clock: real time, times a speed, plus what was advanced by hand."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Callable


class Clock:
    """Simulated seconds since the epoch.

    It starts at the real time of its creation (plus ``skew``) and runs ``speed`` times faster. A frozen clock moves
    only when it is advanced, so that tests never sleep.
    """

    def __init__(
        self,
        speed: float = 1.0,
        skew: float = 0.0,
        frozen: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._monotonic = monotonic
        self._speed = speed
        self._frozen = frozen
        self._base = wall() + skew
        self._since = monotonic()

    @property
    def speed(self) -> float:
        """How many simulated seconds pass in one real second."""
        return self._speed

    def now(self) -> float:
        """The simulated time."""
        if self._frozen:
            return self._base
        return self._base + (self._monotonic() - self._since) * self._speed

    def advance(self, seconds: float) -> None:
        """Move the clock on by hand."""
        if seconds < 0:
            raise ValueError("time does not go back")
        self._base += seconds

    def set_frozen(self, frozen: bool) -> None:
        """Stop the clock, or let it run on from where it stands."""
        self._base, self._since = self.now(), self._monotonic()
        self._frozen = frozen

    def set_speed(self, speed: float) -> None:
        """Change the speed from now on; the past stays as it was."""
        if speed <= 0:
            raise ValueError("speed must be positive")
        self._base, self._since = self.now(), self._monotonic()
        self._speed = speed


def object_time(moment: float) -> str:
    """``2026-05-30T05:34:14+0000``, as OpenStack-backed objects show it (docs/api-notes.md: Formats)."""
    return datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+0000")


def task_time(moment: float) -> str:
    """``2026-05-23T05:07:31``, as tasks show it: whole seconds, no zone (docs/api-notes.md: Formats)."""
    return datetime.fromtimestamp(int(moment), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")


def http_date(moment: float) -> str:
    """The value of the HTTP ``Date`` header."""
    return format_datetime(datetime.fromtimestamp(int(moment), timezone.utc), usegmt=True)


def parse_time(text: str) -> float:
    """An ISO 8601 date and time; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
