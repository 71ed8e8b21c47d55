# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A limit of requests per second (docs/api-notes.md: Rate limits: 429, with Retry-After)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from . import errors

if TYPE_CHECKING:
    from .simulator import Simulator


class RateLimit:
    """A token bucket in simulated time, shared by all clients; a refused request takes no token."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._tokens = math.inf
        self._at = 0.0

    def refuse(self) -> tuple[errors.ApiError, dict[str, str]] | None:
        """The refusal of the request that comes now, with its headers; None when it may pass."""
        limit = self._sim.settings.rate_limit
        if limit is None:
            return None
        now = self._sim.clock.now()
        self._tokens = min(max(1.0, limit), self._tokens + limit * max(0.0, now - self._at))
        self._at = now
        if self._tokens >= 1 - 1e-6:
            self._tokens -= 1
            return None
        seconds = max(1, math.ceil((1 - self._tokens) / limit))
        headers = {"retry-after": str(seconds)} if self._sim.settings.rate_limit_header else {}
        return errors.ApiError(429, "TooManyRequests", "Too many requests"), headers
