# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one run has planned and carried out so far."""

from __future__ import annotations

import json
from collections import Counter
from typing import Optional

from .plan import Plan, Step


class Ledger:
    """The steps of one run: planned, sent and confirmed. A step that is planned again is a sign of a read that lags behind."""

    def __init__(self) -> None:
        self._planned: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._done_at: dict[str, float] = {}
        self.steps: list[Step] = []  # carried out: a failure of the run names them
        self.actions: set[str] = set()  # steps that are carried out once in a run
        self.unconfirmed: dict[str, tuple[Step, float]] = {}  # accepted without a task, and when
        self.retried: set[str] = set()  # creations that were retried after an unknown outcome
        self.is_retried = False  # whether the creation of the resource itself is one of them
        self.first_id: Optional[str] = None  # of the resource that is to be deleted
        self.without_task = False  # whether a write of the present plan was accepted without a task
        self.creation_task: Optional[str] = None  # the creation of the resource that this run has started
        self.deletion_warning: Optional[str] = None  # what outlives the resource, once it is deleted

    def plan(self, plan: Plan) -> None:
        """Note how often each step is wanted."""
        self._planned |= Counter(map(signature, plan.steps))
        self.without_task = False

    def done(self, step: Step, now: float) -> None:
        """Note that a step has been carried out."""
        self._done[signature(step)] += 1
        self._done_at[signature(step)] = now

    def has_done(self, step: Step) -> bool:
        """Whether a step has been carried out."""
        return self._done[signature(step)] > 0

    def repeated(self, plan: Plan) -> Optional[Step]:
        """The first step that has been carried out already, as often as it was wanted."""
        wanted = Counter(map(signature, plan.steps))
        for step in plan.steps:
            name = signature(step)
            if self._done[name] and wanted[name] > self._planned[name] - self._done[name]:
                return step
        return None

    def age(self, step: Step, now: float) -> float:
        """Seconds since the step was carried out."""
        return now - self._done_at[signature(step)]

    def forget(self, step: Step) -> None:
        """Let a step be carried out once more."""
        del self._done[signature(step)]


def signature(step: Step) -> str:
    """What is the same when a step is planned again; a new resource has no id: its place and name identify it."""
    target = step.target
    place = [str(target)] if step.creates else [str(target.id), json.dumps([step.body, step.query], sort_keys=True)]
    parent = target.parent
    while parent is not None:
        place.append(str(parent))
        parent = parent.parent
    return json.dumps([step.action.method, step.action.path, *place])
