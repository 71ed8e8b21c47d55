# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One shape for what every run returns, in success and in failure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ..schema.masking import with_hidden
from ..tasks.task import Task, merge_created


@dataclass
class Report:
    """What is known of a run so far: the engine fills it in, the entry point returns it, whatever happened."""

    resource_name: str
    changed: bool = False
    row: Optional[Mapping[str, Any]] = None
    tasks: list[Task] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    leftovers: list[dict[str, Any]] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    removed: tuple[str, ...] = ()  # keys of the row that no result has
    hidden: Collection[str] = ()  # keys of secrets, at any depth
    extra: dict[str, Any] = field(default_factory=dict)

    def note_plan(self, before: Mapping[str, Any], after: Mapping[str, Any], not_compared: list[str]) -> None:
        """Take over a plan's diff; when a run has to plan again, the first "before" and the last "after" count."""
        if self.before.get("state") != "absent":  # what was created in this run has no values before it
            self.before = {**before, **self.before}
        self.after = {**self.after, **after}
        self.not_compared = not_compared

    def as_dict(self, with_diff: bool = False) -> dict[str, Any]:
        """The result's keys, the same in every case."""
        row = None
        if self.row is not None:
            shown = {k: v for k, v in self.row.items() if not k.startswith("_") and k not in self.removed}
            row = with_hidden(shown, self.hidden)
        result: dict[str, Any] = {
            "changed": self.changed,
            self.resource_name: row,
            "task_ids": [task.id for task in self.tasks],
            "tasks": [task.as_dict() for task in self.tasks],
            "created_resources": merge_created(task.created for task in self.tasks),
            "pending": self.pending,
            "leftovers": self.leftovers,
            "not_compared": self.not_compared,
            **self.extra,
        }
        if with_diff:
            result["diff"] = {"before": self.before, "after": self.after}
        return result
