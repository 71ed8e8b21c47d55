# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long to wait before a request is retried, and when to give up."""

from __future__ import annotations

from random import Random
from typing import Callable, Optional

from ..clock import Clock
from ..errors import ApiError, ConnectionFailed, GcoreError

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
# Seconds for which faults other than a rate limit are retried: until the API has responded, it may be the wrong host.
RETRY_AT_FIRST_FOR = 15.0
RETRY_FOR = 60.0
# The two 4xx that are retried.
REQUEST_TIMEOUT = 408
TOO_MANY_REQUESTS = 429


class Backoff:
    """The pauses between the attempts of one request: growing, random, and at least what the API asks for.

    A rate limit is retried until the caller's deadline. Other temporary errors are retried for ``retry_for()`` seconds (None:
    until the deadline), and at least once.
    """

    def __init__(self, clock: Clock, jitter: Random, retry_for: Callable[[], Optional[float]]) -> None:
        self._clock = clock
        self._jitter = jitter
        self._retry_for = retry_for
        self._attempts = 0
        self._since: Optional[float] = None  # the time of the first error other than a rate limit

    def pause(self, error: GcoreError) -> Optional[float]:
        """Seconds to wait before the next attempt, or None when the request is not to be retried."""
        if not may_pass(error):
            return None
        asked = error.details.get("retry_after")
        half = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._attempts, 16)) / 2
        self._attempts += 1
        # Part of it is random, so that runs that were refused together are not retried together.
        pause = (half if asked is None else float(asked)) + half * self._jitter.random()
        if not is_rate_limit(error):
            now = self._clock.now()
            first, self._since = self._since is None, now if self._since is None else self._since
            retry_for = self._retry_for()
            if retry_for is not None and not first and now + pause > self._since + retry_for:
                return None
        return pause

    def reset(self) -> None:
        """Reset the pauses after a request has succeeded."""
        self._attempts = 0
        self._since = None


def may_pass(error: GcoreError) -> bool:
    """Whether another attempt of the same request can succeed."""
    if isinstance(error, ApiError):
        return error.status in (REQUEST_TIMEOUT, TOO_MANY_REQUESTS) or error.status >= 500
    return not (isinstance(error, ConnectionFailed) and error.lasting)


def is_rate_limit(error: GcoreError) -> bool:
    """Whether the API has responded and asks for a later retry."""
    return isinstance(error, ApiError) and (
        error.status == TOO_MANY_REQUESTS or (error.status == 503 and "retry_after" in error.details)
    )
