# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells that break a promise still, each with its reason. A row that breaks nothing any more fails the tests: take it out."""

from __future__ import annotations

import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Known:
    """Operations × faults that break one rule, and why."""

    operations: tuple[str, ...]
    troubles: tuple[str, ...]
    rule: str
    why: str

    def cells(self) -> list[str]:
        return [f"{operation}-{trouble}" for operation, trouble in itertools.product(self.operations, self.troubles)]


KNOWN: tuple[Known, ...] = ()
