# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Commands, each with its output in a log file and with a timeout."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

Word = str | Path
"""A part of a command."""

_running: set[subprocess.Popen[str]] = set()
_lock = threading.Lock()

_WIDTH = 1000
_LINES_BEFORE = 30
_NOISE = re.compile(
    r"Collecting |Processing |Installing |Requirement already |Successfully |Looking in |Using cached "
    r"| +Downloading | +Using cached | +[━╸╺]|WARNING: Location |FATAL: Command \"/usr/bin/env |$"
)


class CommandFailed(Exception):
    """A command that must succeed failed."""


class Log:
    """A file with the output of several commands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")

    def write(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")

    def text(self) -> str:
        return self.path.read_text(encoding="utf-8", errors="replace")

    def excerpt(self, lines: int) -> str:
        """The lines before each failure of an integration target, or else the last lines; without the output of pip."""
        shown = [line[:_WIDTH] for line in self.text().splitlines() if not _NOISE.match(line)]
        ends = [number for number, line in enumerate(shown) if line.startswith('ERROR: Command "ansible-playbook')]
        parts = [shown[max(0, end - _LINES_BEFORE) : end + 1] for end in ends] or [shown[-lines:]]
        return "\n\n".join("\n".join(part) for part in parts)

    def tail(self, lines: int) -> str:
        return "\n".join(self.text().splitlines()[-lines:])


def run(
    command: Sequence[Word],
    log: Log,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 1800,
) -> tuple[int, str]:
    """Run a command and return its exit code and its output, which the log keeps too."""
    words = [str(word) for word in command]
    log.write(f"$ {shlex.join(words)}")
    with log.path.open("a", encoding="utf-8") as file:
        start = file.tell()
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with _lock:
            _running.add(process)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            code = -1
            log.write(f"timed out after {timeout:.0f} s")
        finally:
            with _lock:
                _running.discard(process)
    with log.path.open("rb") as file:
        file.seek(start)
        return code, file.read().decode("utf-8", errors="replace")


def check(
    command: Sequence[Word],
    log: Log,
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    timeout: float = 1800,
) -> str:
    """Run a command that must succeed and return its output."""
    code, output = run(command, log, cwd=cwd, env=env, timeout=timeout)
    if code != 0:
        raise CommandFailed(f"{shlex.join(str(word) for word in command)} ended with {code}")
    return output


def end_all() -> None:
    """End all commands that are still running, after an interruption."""
    with _lock:
        left = list(_running)
    for process in left:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and everything that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return
