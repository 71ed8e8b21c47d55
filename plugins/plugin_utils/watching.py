# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Live progress: reads the files that the modules of the running steps write, and shows them."""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional, Protocol

from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import WaitProgress
from ansible_collections.gcore.cloud.plugins.plugin_utils.texts import cut, marks_passed, wait_line

PERIOD = 0.25  # seconds from one reading of the files to the next
TAIL = 4096  # bytes; the last line of a file is shorter
CLEAR = "\r\x1b[K"
OVER = WaitProgress()


@dataclass
class Wait:
    """The wait of one step on one host; ``read_at`` is the monotonic time at which ``progress`` was read."""

    path: str
    step: str
    progress: WaitProgress = OVER
    read_at: float = 0.0
    marks: int = 0

    def update(self, progress: WaitProgress, now: float) -> None:
        """Set the progress of the step's current wait, or of its next one."""
        if progress == self.progress:
            return
        if progress.began != self.progress.began:
            self.marks = 0
        self.progress, self.read_at = progress, now

    def elapsed(self, now: float) -> float:
        """Seconds since the progress was read, on the module's clock."""
        return (now - self.read_at) * self.progress.speed

    def line(self, now: float) -> str:
        return wait_line(self.progress, self.elapsed(now), self.step, time.time())


class Screen(Protocol):
    """Where waits are shown."""

    def show(self, waits: Sequence[Wait], now: float) -> None:
        """Show the current waits; without any, show nothing."""


class Terminal:
    """One line that is rewritten in place, and cleared before anything else is written."""

    def __init__(self, write: Callable[[str], Any], columns: Callable[[], int]) -> None:
        self._write = write
        self._columns = columns
        self._is_shown = False

    def show(self, waits: Sequence[Wait], now: float) -> None:
        if not waits:
            self.clear()
            return
        first = max(waits, key=lambda wait: wait.progress.waited + wait.elapsed(now))
        line = first.line(now)
        if len(waits) > 1:
            line = "(1 of %d)  %s" % (len(waits), line)
        self._write(CLEAR + cut(line, max(20, self._columns() - 1)))
        self._is_shown = True

    def clear(self) -> None:
        """Clear the line."""
        if self._is_shown:
            self._write(CLEAR)
            self._is_shown = False


class Log:
    """A line for each wait now and then, for output that cannot be rewritten."""

    def __init__(self, write: Callable[[str], Any]) -> None:
        self._write = write

    def show(self, waits: Sequence[Wait], now: float) -> None:
        for wait in waits:
            marks = marks_passed(wait.progress.waited + wait.elapsed(now))
            if marks > wait.marks:
                wait.marks = marks
                self._write(wait.line(now))


class Watcher:
    """Gives each step a file in a private folder, and shows the progress in these files from a thread.

    The thread and Ansible's forks: a fork copies the thread's locks, but not the thread that would release them, so a
    worker must never want a lock that the thread may hold at that moment. The thread holds two. Its own, ``lock``, is taken
    by nothing that a worker runs: hooks of callbacks run only in the main process, and what ``guard`` puts around
    the display does nothing in any other process. Ansible's lock of the display is taken through ``display.display``
    only, and Ansible holds that lock itself while it forks, so that the thread cannot have it then. Where both are
    held, ``lock`` was taken first. Nothing is imported in the thread.
    """

    def __init__(self, screen: Screen, folder: Optional[str] = None, now: Callable[[], float] = time.monotonic) -> None:
        self.lock = threading.RLock()
        self._screen = screen
        self._where = folder
        self._now = now
        self._folder: Optional[str] = None
        self._files = 0
        self._waits: dict[Any, Wait] = {}
        self._thread: Optional[threading.Thread] = None
        self._stop = threading.Event()

    def add(self, key: Any, step: str) -> Optional[str]:
        """The file for the polls of a step that is about to start, or None where it cannot be created."""
        with self.lock:
            try:
                if self._folder is None:
                    self._folder = tempfile.mkdtemp(prefix="gcore-tasks-", dir=self._where)  # mode 0700
                self._files += 1
                path = os.path.join(self._folder, str(self._files))
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except OSError:
                return None
            self._waits[key] = Wait(path, step)
            return path

    def remove(self, key: Any) -> None:
        """Remove a step that is done, and its file."""
        with self.lock:
            wait = self._waits.pop(key, None)
            if wait is not None:
                _remove(wait.path)

    def start(self) -> None:
        """Start the thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="gcore.cloud.tasks", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop the thread and remove the files; may be called again."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        with self.lock:
            self._waits.clear()
            self._screen.show([], self._now())
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def tick(self) -> None:
        """Read all files, and show their progress."""
        with self.lock:
            now = self._now()
            for wait in self._waits.values():
                progress = last_progress(wait.path)
                if progress is not None:
                    wait.update(progress, now)
            self._screen.show([wait for wait in self._waits.values() if wait.progress.open], now)

    def _run(self) -> None:
        while not self._stop.wait(PERIOD):
            try:
                self.tick()
            except (OSError, ValueError):
                return  # the output is closed


def guard(display: Any, terminal: Terminal, lock: Any) -> None:
    """Have the terminal's line cleared before Ansible displays anything.

    Hooks cannot do it: the plugin that prints the results runs before all others.
    """
    process = os.getpid()
    displayed = display.display

    @functools.wraps(displayed)
    def cleared(*args: Any, **kwargs: Any) -> Any:
        if os.getpid() != process:  # a worker, whose display sends everything to the main process
            return displayed(*args, **kwargs)
        with lock:
            terminal.clear()
            return displayed(*args, **kwargs)

    display.display = cleared


def last_progress(path: str) -> Optional[WaitProgress]:
    """The progress in the last complete line of a file, or None."""
    try:
        with open(path, "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - TAIL))
            whole = file.read().rpartition(b"\n")[0]
    except OSError:
        return None
    found = (WaitProgress.from_line(line) for line in reversed(whole.split(b"\n")))
    return next((progress for progress in found if progress is not None), None)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
