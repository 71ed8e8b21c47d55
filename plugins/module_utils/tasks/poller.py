# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The poller: waits until tasks are final, and records the outcome of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Callable, Optional

from ..api.backoff import may_pass
from ..api.client import PAGE, Call, Client, Response
from ..clock import Deadline
from ..errors import ApiError, ConnectionFailed, UnreadableResponse, WaitTimeout
from .progress import Journal
from .schedule import HISTORY, LEARN_AFTER, SHORTEST_GAP, Window, learned_window, next_poll_of_all
from .task import FAILED, FINISHED, PENDING, TASKS, UNKNOWN_TASK, Task, common_scope, seconds_between

# How long after its POST, or after the first poll where that is not known, GET may return 404 for a task.
UNKNOWN_FOR = 15.0
# For more tasks than this that have left the list, a page of final tasks is read before each is read by its id.
MANY = 2


class Poller:
    """Waits for tasks with one schedule for all of them."""

    def __init__(
        self, client: Client, poll_interval: Optional[float] = None, journal: Optional[Journal] = None
    ) -> None:
        self._client = client
        self._clock = client.clock
        self._journal = journal or Journal(self._clock)
        self._poll_interval = poll_interval
        self._learned: dict[str, Optional[Window]] = {}
        self._backoff = client.backoff(polls=True)
        self._not_before = 0.0  # no request before this time: Retry-After of the API
        self.last_error: Optional[str] = None  # of the last poll, for the message of a timeout

    def started(self, task_id: str, task_type: Optional[str]) -> Task:
        """A task that a POST of this run has just started."""
        return Task(task_id, task_type, since=self._clock.now(), posted_here=True, state="NEW")

    def wait(
        self,
        tasks: Sequence[Task],
        deadline: Deadline,
        scope: Optional[Mapping[str, Any]] = None,
        needed: Optional[int] = None,
        fail_fast: bool = False,
    ) -> None:
        """Poll until ``needed`` of the tasks are finished (all, if None), or every one is final.

        With ``fail_fast`` the wait also ends when so many have failed that ``needed`` cannot be reached. ``scope`` (project_id,
        region_id) filters the list of several tasks. Errors while polling never decide the outcome: only a state or the deadline
        ends the wait (401 and 403 end it at once). Raises WaitTimeout. The outcome is in the tasks themselves.
        """
        self._journal.begin()
        wanted = len(tasks) if needed is None else min(needed, len(tasks))
        unseen = any(task.since is None for task in tasks)  # then poll at once: it may have ended long ago
        asked: Optional[float] = None
        while True:
            self._journal.note(tasks)
            open_tasks = [task for task in tasks if not task.is_final]
            missing = wanted - sum(task.is_finished for task in tasks)
            spare = len(open_tasks) - missing  # so many more may fail
            if not open_tasks or missing <= 0 or (fail_fast and spare < 0):
                return
            left = deadline.remaining()
            if left <= 0:
                raise self._timeout(open_tasks, deadline)
            # How many have to end before the wait can: the needed ones, or one failure too many, or all pending ones.
            count = len(open_tasks) if spare < 0 else min(missing, spare + 1) if fail_fast else missing
            pause = 0.0 if unseen else max(self._next_poll(open_tasks, count), asked or 0.0)
            learn_in, task_type = self._to_learn(open_tasks)
            if task_type and asked is None and learn_in < min(pause, left):
                deadline.sleep(learn_in)
                asked = self._with_backoff(partial(self._learn, task_type))
                continue
            deadline.sleep(pause)
            if pause > left and (left < min(pause, SHORTEST_GAP) or self._clock.now() < self._not_before):
                raise self._timeout(open_tasks, deadline)
            asked = self._with_backoff(partial(self._poll, open_tasks, deadline, scope))
            unseen = False

    def watch(self, status: Callable[[], Optional[str]], deadline: Deadline, identifier: str) -> bool:
        """Call ``status`` until it returns None, with the schedule and the progress of tasks; False when the deadline has passed.

        ``status`` reads a resource and returns the status that has to end. Errors never decide the outcome, except 401 and 403.
        """
        self._journal.begin()
        watched = Task(identifier, since=self._clock.now())

        def poll() -> None:
            watched.type = status()
            watched.state = FINISHED if watched.type is None else None

        while True:
            watched.polls += 1
            asked = self._with_backoff(poll)
            self._journal.note([watched])
            if watched.is_final:
                return True
            left = deadline.remaining()
            if left <= 0:
                return False
            pause = next_poll_of_all([(None, self._elapsed(watched), None)], None, self._poll_interval)
            deadline.sleep(min(left, max(pause, asked or 0.0)))

    def _next_poll(self, tasks: Sequence[Task], needed: Optional[int]) -> float:
        known = [(task.type, self._elapsed(task), self._learned.get(task.type or "")) for task in tasks]
        return next_poll_of_all(known, needed, self._poll_interval)

    def _elapsed(self, task: Task) -> float:
        now = self._clock.now()
        return now - (now if task.since is None else task.since)

    # ------------------------------------------------------------- learning

    def _to_learn(self, tasks: Sequence[Task]) -> tuple[float, Optional[str]]:
        """In how many seconds the wait for one of the tasks becomes long, and its type, if its history was not read yet."""
        if self._poll_interval is not None:
            return 0.0, None
        unknown = [task for task in tasks if task.type and task.since is not None and task.type not in self._learned]
        return min(((max(0.0, LEARN_AFTER - self._elapsed(task)), task.type) for task in unknown), default=(0.0, None))

    def _learn(self, task_type: str) -> None:
        """Read once how long the account's last tasks of a type took; without a response the table is used."""
        query = {"task_type": task_type, "state": [FINISHED], "order_by": "desc", "limit": HISTORY}
        call = Call("GET", TASKS, query)
        self._learned[task_type] = None
        response = self._ask(call)
        rows = [] if response is None else self._client.rows(call, response.body)
        took = [seconds_between(row.get("created_on"), row.get("finished_on")) for row in rows]
        self._learned[task_type] = learned_window([seconds for seconds in took if seconds is not None and seconds >= 0])

    def _ask(self, call: Call) -> Optional[Response]:
        """The response to a request that only saves others; None where the API refuses it (a token may not list tasks)."""
        try:
            return self._client.read_once(call)
        except ApiError as error:
            if may_pass(error):
                raise
            return None

    # -------------------------------------------------------------- polling

    def _with_backoff(self, poll: Callable[[], None]) -> Optional[float]:
        """Send reading requests; returns None, or the pause after an error."""
        try:
            poll()
        except (ApiError, ConnectionFailed, UnreadableResponse) as error:
            if isinstance(error, ApiError) and error.status in (401, 403):
                raise
            self.last_error = error.message
            pause = self._backoff.pause(error)
            if pause is None:
                raise
            if "retry_after" in error.details:
                self._not_before = self._clock.now() + pause
            return pause
        self._backoff.reset()
        self.last_error = None
        return None

    def _poll(self, tasks: Sequence[Task], deadline: Deadline, scope: Optional[Mapping[str, Any]]) -> None:
        """Poll all tasks once."""
        if len(tasks) == 1:
            self._read(tasks[0])
        else:
            self._read_list(tasks, deadline, scope or common_scope(tasks))

    def _read(self, task: Task) -> None:
        """Read one task by its id; a 404 is retried for a while, since the task may be new."""
        task.polls += 1
        try:
            response = self._client.read_once(Call("GET", TASKS + "/{task_id}").fill(task_id=task.id))
        except ApiError as error:
            if error.status != 404:
                raise
            if task.sought is None:
                task.sought = task.since if task.posted_here and task.since is not None else self._clock.now()
            if self._clock.now() - task.sought < UNKNOWN_FOR:
                return
            task.state, task.error = UNKNOWN_TASK, "the API does not know the task"
            return
        if not isinstance(response.body, Mapping) or "state" not in response.body:
            raise UnreadableResponse("The response for task %s has no state." % task.id)
        self.take(task, response.body, response.date)

    def _read_list(self, tasks: Sequence[Task], deadline: Deadline, scope: Mapping[str, Any]) -> None:
        """Read one list of the pending tasks; tasks that are not in it are probably final.

        These are read by their ids; where that would be many requests, a page of final tasks is read before. After the deadline
        nothing more is read.
        """
        rest = list(tasks)
        offset = 0
        while True:
            query = {**scope, "state": list(PENDING), "limit": PAGE, **({"offset": offset} if offset else {})}
            call = Call("GET", TASKS, query)
            response = self._client.read_once(call)
            rest, got = self._take_rows(rest, call, response)
            offset += got
            pages = math.ceil((self._client.count(response.body) - offset) / PAGE)
            if not got or pages <= 0 or pages >= len(rest) or deadline.remaining() <= 0:
                break
        if len(rest) > MANY and deadline.remaining() > 0:
            known = [task.started for task in rest if task.started]
            since = {"from_timestamp": "%sZ" % min(known)} if len(known) == len(rest) else {}
            ended = Call("GET", TASKS, {**scope, **since, "state": [FINISHED, FAILED], "limit": PAGE})
            page = self._ask(ended)
            rest = rest if page is None else self._take_rows(rest, ended, page)[0]
        for task in rest:
            if deadline.remaining() <= 0:
                return
            self._read(task)

    def _take_rows(self, tasks: Sequence[Task], call: Call, response: Response) -> tuple[list[Task], int]:
        """Update the tasks from one page of a list; returns the tasks that are not in it, and its number of rows."""
        rows = self._client.rows(call, response.body)
        shown = {str(row.get("id")): row for row in rows}
        for task in tasks:
            if task.id in shown:
                task.polls += 1
                self.take(task, shown[task.id], response.date)
        return [task for task in tasks if task.id not in shown], len(rows)

    def take(self, task: Task, row: Mapping[str, Any], date: Optional[str]) -> None:
        """Update a task from a response; ``date`` is the server's clock in it."""
        now = self._clock.now()
        task.row = row
        task.state = str(row.get("state"))
        task.type = row.get("task_type") or task.type
        task.error = self._client.mask.value(row.get("error"))
        task.created = row.get("created_resources") or {}
        task.started = row.get("created_on")
        if task.since is None:
            task.since = now - max(0.0, seconds_between(task.started, date) or 0.0)
        task.seconds = now - task.since
        if task.is_final and not task.posted_here:
            took = seconds_between(task.started, row.get("finished_on"))
            task.seconds = task.seconds if took is None else took

    def _timeout(self, tasks: Sequence[Task], deadline: Deadline) -> WaitTimeout:
        ids = ", ".join(task.id for task in tasks)
        return WaitTimeout(
            "Timed out after %d s waiting for %s %s.%s"
            % (
                deadline.seconds,
                "task" if len(tasks) == 1 else "%d tasks:" % len(tasks),
                ids,
                " The last poll failed: %s" % self.last_error if self.last_error else "",
            ),
            "The operation continues in the cloud. Wait for it with gcore.cloud.task_wait and these ids, "
            "or run the task again with a larger wait_timeout.",
            task_id=tasks[0].id,
        )
