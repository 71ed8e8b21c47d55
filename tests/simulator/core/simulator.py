# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The simulated cloud as a whole: clock, state, tasks, faults and the record of requests."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Sequence
from typing import Any, Callable

from .clock import Clock
from .faults import FaultBook
from .quotas import Usage
from .rate_limit import RateLimit
from .resource import Resource
from .routing import RouteTable
from .settings import Settings
from .store import Record, ResourceType, Store
from .tasks import Task, TaskEngine

LOG_SIZE = 200_000


class Simulator:
    """One account of a simulated Gcore Cloud."""

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Clock | None = None,
        resources: Sequence[Resource] | None = None,
    ) -> None:
        if resources is None:
            from ..resources import ALL

            resources = ALL
        self.resources = list(resources)
        self.settings = settings or Settings()
        self.initial_settings = self.settings.model_copy(deep=True)
        self.clock = clock or Clock(self.settings.speed, self.settings.skew, self.settings.frozen)
        self.kinds: dict[str, ResourceType] = {kind.name: kind for item in self.resources for kind in item.types}
        self.routes = RouteTable(operation for item in self.resources for operation in item.routes.operations)
        self._quota_usage: dict[str, Usage] = {
            name: usage for item in self.resources for name, usage in item.quotas.items()
        }
        self._clear()

    def _clear(self) -> None:
        self.random = random.Random(self.settings.seed)
        self.store = Store()
        self.tasks = TaskEngine(self)
        self.faults = FaultBook(self)
        self.rate_limit = RateLimit(self)
        self.requests: deque[dict[str, Any]] = deque(maxlen=LOG_SIZE)
        self.project_counter = itertools.count(1000003)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = itertools.count()
        self._event_time: float | None = None
        for item in self.resources:
            item.seed(self)

    def reset(self, settings: Settings | None = None) -> None:
        """Back to the seed data and the first settings, or to others. The clock goes on."""
        self.apply(settings or self.initial_settings.model_copy(deep=True))
        self._clear()

    def apply(self, settings: Settings) -> None:
        """Take new settings; the clock's change from now on (but for the skew, which is that of the start)."""
        if settings.frozen != self.settings.frozen:
            self.settle()
            self.clock.set_frozen(settings.frozen)
        if settings.speed != self.settings.speed:
            self.settle()
            self.clock.set_speed(settings.speed)
        self.settings = settings

    # time

    def now(self) -> float:
        """The simulated time; while a task's effect takes place, the moment at which it was due."""
        return self.clock.now() if self._event_time is None else self._event_time

    def schedule(self, moment: float, event: Callable[[], None]) -> None:
        """Schedule an event at a simulated time."""
        heapq.heappush(self._events, (moment, next(self._sequence), event))

    def settle(self) -> None:
        """Run the events that are due by now, in their order."""
        now = self.clock.now()
        while self._events and self._events[0][0] <= now:
            moment, _unused, event = heapq.heappop(self._events)
            self._event_time = moment
            try:
                event()
            finally:
                self._event_time = None

    def advance(self, seconds: float) -> None:
        """Advance the clock, and run the events that are due."""
        self.clock.advance(seconds)
        self.settle()

    # objects

    def shown(self, record: Record) -> bool:
        """Whether reads see this object: not before its creation is done, nor while a stale read hides it."""
        if not record.visible:
            return False
        return not (record.stale_until > self.now() and record.stale_view is None)

    def show(self, record: Record, **options: Any) -> dict[str, Any]:
        """The object as the API shows it, or as it was if a stale read is on."""
        shown = self.kinds[record.kind].view(self, record, **options)
        if record.stale_until > self.now() and record.stale_view is not None:
            return {**shown, **record.stale_view}  # a list may show more than the view that was kept
        return shown

    def forget(self, record: Record) -> None:
        """Delete an object and what depends on it."""
        for item in self.resources:
            if record.kind in item.on_delete:
                item.on_delete[record.kind](self, record)
        self.store.remove(record)

    def mark_error(self, record: Record) -> None:
        """Leave an incomplete object in its error status (D2, column failure)."""
        record.data.update(self.kinds[record.kind].failed)

    def region_name(self, region_id: int | None) -> str:
        """The display name of a region."""
        region = self.store.get("region", region_id) if region_id is not None else None
        return region["display_name"] if region else ""

    def shuffled(self, items: list[Any]) -> list[Any]:
        """A nested list in its order, or in any if that quirk is on (D7.15)."""
        if self.settings.quirks.shuffle_lists:
            self.random.shuffle(items)
        return items

    def quota_usage(self, attribute: str, region_id: int | None) -> int:
        """How much of a quota is used."""
        usage = self._quota_usage.get(attribute)
        return usage(self, region_id) if usage else 0

    def foreign_task(
        self,
        task_type: str,
        project_id: int,
        region_id: int | None,
        *,
        seconds: float | None,
        data: Any = None,
        locks: list[Record] | None = None,
        error: str | None = None,
    ) -> Task:
        """A task of another user; without seconds it never ends."""

        def prepare(task: Task) -> None:
            task.fails_with = error
            task.never_ends = seconds is None

        return self.tasks.start(
            task_type, project_id, region_id, data=data, locks=locks, seconds=seconds or 0.0, prepare=prepare
        )
