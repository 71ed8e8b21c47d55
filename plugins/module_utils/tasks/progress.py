# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The progress of a wait, written line by line to a file that the callback plugin shows."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Optional

from ..clock import Clock
from .schedule import TYPICAL

if TYPE_CHECKING:
    from .task import Task

# The callback plugin gcore.cloud.tasks names the file here.
ENVIRONMENT = "GCORE_TASKS_FILE"
# Bytes; a file this large has not been read for a very long time.
LARGEST_FILE = 4 * 1024 * 1024
LONGEST_TEXT = 100
# The keys of options and responses that name a resource, the best first.
NAMES = ("name", "floating_ip_address", "id")


@dataclass(frozen=True)
class WaitProgress:
    """The state of one wait: its pending task that will probably be the last one; all times in seconds.

    ``open`` is the number of pending tasks; with none the wait is over. ``began`` is the start of the wait on the module's clock,
    which identifies it; ``waited`` is the time since then, ``age`` the time since the shown task started, ``usual`` how long tasks
    of its type take (shortest, longest), ``speed`` the speed of the clock.
    """

    open: int = 0
    began: float = 0.0
    waited: float = 0.0
    age: float = 0.0
    id: Optional[str] = None
    type: Optional[str] = None
    name: Optional[str] = None
    polls: int = 0
    usual: Optional[tuple[float, float]] = None
    speed: float = 1.0

    def as_line(self) -> bytes:
        """The line of the file."""
        return (json.dumps(asdict(self), separators=(",", ":")) + "\n").encode("ascii")

    @classmethod
    def from_line(cls, line: bytes) -> Optional[WaitProgress]:
        """Parse a line; None for one that is incomplete or something else."""
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if not isinstance(row, Mapping):
            return None
        usual = row.get("usual")
        numbers = [row.get(key) for key in ("open", "began", "waited", "age", "polls", "speed")]
        numbers += [0, 0] if usual is None else usual if isinstance(usual, list) and len(usual) == 2 else [None]
        texts = [row.get("id"), row.get("type"), row.get("name")]
        if not all(_is_number(each) for each in numbers) or not all(each is None or _is_text(each) for each in texts):
            return None
        return cls(
            open=int(row["open"]),
            began=row["began"],
            waited=row["waited"],
            age=row["age"],
            id=row.get("id"),
            type=row.get("type"),
            name=row.get("name"),
            polls=int(row["polls"]),
            usual=None if usual is None else (usual[0], usual[1]),
            speed=row["speed"],
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < 1e15


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


class Journal:
    """Appends the progress of a module run to a file, if there is one; it never blocks, and errors of the file are ignored."""

    def __init__(self, clock: Clock, path: Optional[str] = None, name: Optional[str] = None) -> None:
        self._clock = clock
        self._path = path
        self._name = name
        self._began = 0.0

    @classmethod
    def from_environment(cls, clock: Clock, params: Mapping[str, Any], silent: bool) -> Journal:
        """The journal of the file in the environment; with ``silent`` (no_log) nothing is written."""
        name = next((params[key] for key in NAMES if params.get(key)), None)
        path = None if silent else os.environ.get(ENVIRONMENT)
        return cls(clock, path or None, None if name is None else str(name))

    def begin(self) -> None:
        """A wait begins."""
        self._began = self._clock.now()

    def note(self, tasks: Sequence[Task]) -> None:
        """Append the state of a wait for these tasks."""
        if self._path is None:
            return
        now = self._clock.now()
        ages = [(task, 0.0 if task.since is None else now - task.since) for task in tasks if not task.is_final]
        progress = WaitProgress(speed=self._clock.speed)
        if ages:
            task, age = max(ages, key=lambda each: TYPICAL.get(each[0].type or "", (0.0, 0.0))[1] - each[1])
            usual = TYPICAL.get(task.type or "")
            progress = WaitProgress(
                open=len(ages),
                began=round(self._began, 1),
                waited=round(now - self._began, 1),
                age=round(age, 1),
                id=_short(task.id),
                type=_short(task.type),
                name=_short(self._name),
                polls=task.polls,
                usual=usual and (usual[0], usual[1]),
                speed=self._clock.speed,
            )
        self._append(self._path, progress.as_line())

    @staticmethod
    def _append(path: str, line: bytes) -> None:
        """One write to an existing regular file of this user: no link, and no pipe that could block."""
        try:
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                status = os.fstat(file)
                if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_size < LARGEST_FILE:
                    os.write(file, line)
            finally:
                os.close(file)
        except (OSError, ValueError):
            return


def _short(text: Optional[str]) -> Optional[str]:
    return None if text is None else str(text)[:LONGEST_TEXT]
