# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of the callback plugin gcore.cloud.tasks: the line of a wait, and the table of all tasks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import WaitProgress
from ansible_collections.gcore.cloud.plugins.plugin_utils.records import Record

BAR_WIDTH = 20
WIDEST_CELL = 40
LONGEST_ERROR = 160


def clean(text: Any, longest: int = WIDEST_CELL) -> str:
    """Foreign text as one line for a terminal: without control and invisible characters, cut to a length."""
    return cut("".join(char if char.isprintable() else "?" for char in " ".join(str(text).split())), longest)


def cut(line: str, longest: int) -> str:
    """The line, cut to a length."""
    return line if len(line) <= longest else line[: longest - 1] + "…"


def duration(seconds: float) -> str:
    """Seconds as 0:42, 12:05 or 1:02:03."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return "%d:%02d:%02d" % (hours, minutes, rest) if hours else "%d:%02d" % (minutes, rest)


def progress_bar(seconds: float, longest: float) -> str:
    """The elapsed part of the longest usual time."""
    full = BAR_WIDTH if seconds >= longest else int(BAR_WIDTH * seconds / longest)
    return "[%s%s]" % ("#" * full, "-" * (BAR_WIDTH - full))


def marks_passed(waited: float) -> int:
    """How many lines a log has for a wait of this length: one at 10, 30 and 60 seconds, then one a minute."""
    return sum(waited >= mark for mark in (10, 30)) + int(waited // 60)


def wait_line(progress: WaitProgress, elapsed: float, step: str, now: float) -> str:
    """One wait as a line, ``elapsed`` seconds after its last progress; ``now`` is the time of day, in seconds since the epoch."""
    age = progress.age + elapsed
    parts = [progress_bar(age, progress.usual[1])] if progress.usual else []
    if not progress.usual:
        parts.append(duration(age))
    elif age <= progress.usual[1]:
        parts.append("%s of %s" % (duration(age), duration(progress.usual[1])))
    else:
        parts.append("%s, longer than usual (%s)" % (duration(age), duration(progress.usual[1])))
    label = " ".join(clean(each) for each in (progress.type, progress.name) if each) or clean(progress.id)
    if progress.open > 1:
        label += " and %d more" % (progress.open - 1)
    parts.append("%s (%s)" % (label, clean(step)))
    since = time.strftime("%H:%M:%S", time.localtime(now - age / (progress.speed or 1.0)))
    parts.append("since %s, %s" % (since, count(progress.polls, "poll")))
    return "  ".join(parts)


def count(number: int, word: str) -> str:
    return "%d %s%s" % (number, word, "" if number == 1 else "s")


def table(records: Sequence[Record]) -> list[tuple[str, bool]]:
    """The lines of the table, each with whether it shows a failure."""
    hosts = len({record.host for record in records}) > 1
    head = ["task of the API", "resource", "state", "seconds", "polls", "step"]
    rows = [
        [
            clean(record.type or record.id),
            clean(record.resource or "-"),
            clean(record.state),
            _seconds(record.seconds),
            str(record.polls),
            clean(record.step) + (" [%s]" % clean(record.host) if hosts else ""),
        ]
        for record in records
    ]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [(_aligned(head, widths), False)]
    for record, row in zip(records, rows):
        lines.append((_aligned(row, widths), record.is_failed))
        if record.error:
            lines.append(("    " + clean(record.error, LONGEST_ERROR), True))
    lines.append((totals(records), any(record.is_failed for record in records)))
    return lines


def totals(records: Sequence[Record]) -> str:
    """The totals as one line."""
    failed = sum(record.is_failed for record in records)
    pending = sum(record.is_open for record in records)
    parts = [count(len(records), "task"), "%d failed" % failed if failed else "none failed"]
    if pending:
        parts.append("%d still running" % pending)
    parts.append(count(sum(record.polls for record in records), "poll"))
    parts.append("%s seconds in all" % _seconds(sum(record.seconds or 0.0 for record in records)))
    return ", ".join(parts)


def _seconds(seconds: Optional[float]) -> str:
    return "-" if seconds is None else "%.1f" % seconds


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = (3, 4)
    return "  ".join(
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths))
    ).rstrip()
