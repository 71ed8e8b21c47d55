# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The metrics of instances and load balancers."""

from __future__ import annotations

from . import errors
from .clock import object_time
from .routing import Call

POINTS = 10
LONGEST = 14 * 86400


def times(call: Call) -> list[str]:
    """The moments of a few points in the time asked for, which is 14 days at most, as the document says of instances."""
    span = call.body.time_interval * (3600 if call.body.time_unit == "hour" else 86400)
    if not 0 < span <= LONGEST:
        raise errors.invalid("time_interval", "Available intervals are from 1 hour to 14 days")
    now = call.sim.now()
    return [object_time(now - span * (POINTS - 1 - step) / POINTS).replace("+0000", "Z") for step in range(POINTS)]
