# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults of the official OpenAPI document that the contract tests correct before they hold anything against it.

This is the only list of its kind. An entry that the document no longer needs fails a test, so the list can only shrink
or be argued for.
"""

from __future__ import annotations

import dataclasses
from typing import Any

ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "ABSENT", "__bool__": lambda self: False})()


@dataclasses.dataclass(frozen=True)
class Correction:
    """One value: where it stands (a JSON pointer), what stands there now (or ABSENT), what ought to, and why."""

    pointer: str
    found: Any
    corrected: Any
    reason: str


CORRECTIONS: tuple[Correction, ...] = (
    Correction(
        pointer="/components/schemas/SecurityGroupSerializer/properties/tags",
        found=ABSENT,
        corrected={"type": "array", "items": {"type": "string"}},
        reason='Answers still carry the older `tags: ["key=value"]` beside tags_v2 (docs/api-notes.md: Tags).',
    ),
)

# Formats of the document that are not checked, each with its reason. All its other formats are.
UNCHECKED_FORMATS: dict[str, str] = {
    "date-time": "The document's own examples are not RFC 3339 (2019-05-29T05:32:41+0000), nor are the API's answers.",
    "password": "Says how a form shows the value, not what it holds.",
}
