# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

SHOWN = 60


def assert_none(problems: Iterable[Any]) -> None:
    """Fail with every problem on a line of its own: a list in an assertion would be cut short."""
    lines = [str(problem) for problem in problems]
    if lines:
        more = [f"… and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
        raise AssertionError("\n".join([f"{len(lines)} found:", *lines[:SHOWN], *more]))
