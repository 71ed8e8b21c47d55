# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tasks of a play as one self-contained SVG file, a row for each task."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Optional
from xml.sax.saxutils import escape

from ansible_collections.gcore.cloud.plugins.plugin_utils.records import Record
from ansible_collections.gcore.cloud.plugins.plugin_utils.texts import clean, count, duration, totals

# All in pixels.
WIDTH = 1140
LEFT = 360  # where the time axis begins; the names are before it
RIGHT = 940  # where it ends; the text of each task is after it
TOP = 92
ROW = 26
ERROR_LINE = 16  # the extra height of a row with an error
BAR = 14
MOST_TICKS = 8

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; fill: #1f2933; }
.head { font-size: 18px; font-weight: 600; }
.quiet { fill: #5b6770; font-size: 12px; }
.type { fill: #5b6770; }
.grid { stroke: #dde2e6; stroke-width: 1; }
.band { fill: #f5f7f9; }
.finished { fill: #3f7fbf; }
.failed { fill: url(#hatch); stroke: #b3261e; stroke-width: 1; }
.open { fill: none; stroke: #5b6770; stroke-dasharray: 4 3; }
.error { fill: #b3261e; }
.reason { fill: #b3261e; font-size: 12px; }
"""
# Failures are marked by a pattern and a word too, since not everybody sees the color.
HATCH = """<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="6" height="6" fill="#f3c6c3"/><rect width="2.5" height="6" fill="#b3261e"/></pattern></defs>"""


def start_of(record: Record) -> Optional[float]:
    """When the API created the task, in seconds since the epoch; None where it is unknown."""
    try:
        moment = datetime.datetime.fromisoformat(record.started or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=datetime.timezone.utc)).timestamp()


def tick_step(span: float) -> int:
    """Seconds from one line of the time axis to the next."""
    return next((step for step in STEPS if span / step <= MOST_TICKS), int(span / MOST_TICKS) + 1)


def timeline(records: Sequence[Record], title: str) -> str:
    """The SVG; the time axis begins with the first task and uses the API's clock."""
    starts = {record.id: start for record in records for start in [start_of(record)] if start is not None}
    rows = sorted(records, key=lambda record: starts.get(record.id, float("inf")))
    zero = min(starts.values(), default=0.0)
    ends = [starts[record.id] + (record.seconds or 0.0) - zero for record in rows if record.id in starts]
    span = max([1.0, *ends])
    heights = [ROW + (ERROR_LINE if record.error else 0) for record in rows]
    height = TOP + sum(heights) + 44
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">'
        % (WIDTH, height, WIDTH, height),
        "<title>%s</title>" % _xml(title, 100),
        "<desc>%s</desc>" % _xml(totals(rows), 200),
        "<style>%s</style>" % STYLE,
        HATCH,
        '<rect width="%d" height="%d" fill="#ffffff"/>' % (WIDTH, height),
        '<text class="head" x="16" y="30">%s</text>' % _xml(title, 100),
        '<text class="quiet" x="16" y="52">%s</text>' % _xml(_subtitle(rows, zero if starts else None), 200),
    ]
    bottom = TOP + sum(heights)
    top = TOP
    bands: list[str] = []
    bars: list[str] = []
    for index, (record, own) in enumerate(zip(rows, heights)):
        if index % 2 == 0:
            bands.append('<rect class="band" x="8" y="%d" width="%d" height="%d"/>' % (top, WIDTH - 16, own))
        start = starts.get(record.id)
        bars.extend(_row(record, None if start is None else start - zero, span, top))
        top += own
    lines += bands
    lines += _axis(span, bottom) if starts else []
    lines += bars
    lines += _legend(bottom + 28)
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def _subtitle(rows: Sequence[Record], zero: Optional[float]) -> str:
    if not rows:
        return "No task of the API was started or waited for."
    if zero is None:
        return totals(rows)
    moment = datetime.datetime.fromtimestamp(zero, datetime.timezone.utc)
    return "%s; from %s UTC on" % (totals(rows), moment.strftime("%Y-%m-%d %H:%M:%S"))


def _axis(span: float, bottom: int) -> Iterator[str]:
    step = tick_step(span)
    for second in range(0, int(span) + 1, step):
        x = _x(second, span)
        yield '<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>' % (x, TOP - 6, x, bottom)
        yield '<text class="quiet" x="%.1f" y="%d" text-anchor="middle">%s</text>' % (x, TOP - 12, duration(second))


def _row(record: Record, start: Optional[float], span: float, top: int) -> Iterator[str]:
    middle = top + ROW // 2 + 5
    tip = [record.type, record.resource, record.state, record.id, "step: %s" % record.step, "host: %s" % record.host]
    yield "<g><title>%s</title>" % _xml(", ".join(each for each in tip if each), 300)
    yield '<text x="16" y="%d"><tspan>%s</tspan><tspan class="type" dx="8">%s</tspan></text>' % (
        middle,
        _xml(record.resource or "-", 22),
        _xml(record.type or record.id, 24),
    )
    word = "failed" if record.is_failed else "open" if record.is_open else "finished"
    if start is not None:
        yield '<rect class="%s" x="%.1f" y="%d" width="%.1f" height="%d" rx="2"/>' % (
            word,
            _x(start, span),
            top + (ROW - BAR) // 2,
            max(3.0, _x(start + (record.seconds or 0.0), span) - _x(start, span)),
            BAR,
        )
    summary = "%s, %s" % ("-" if record.seconds is None else duration(record.seconds), count(record.polls, "poll"))
    if record.is_failed:
        yield '<text class="error" x="%d" y="%d">✗ %s, %s</text>' % (
            RIGHT + 12,
            middle,
            _xml(record.state, 12),
            summary,
        )
    else:
        yield '<text x="%d" y="%d">%s</text>' % (RIGHT + 12, middle, "still running" if record.is_open else summary)
    if record.error:
        yield '<text class="reason" x="28" y="%d">%s</text>' % (middle + ERROR_LINE, _xml(record.error, 140))
    yield "</g>"


def _legend(y: int) -> Iterator[str]:
    x = LEFT
    for word, text in (("finished", "finished"), ("failed", "✗ failed"), ("open", "still running")):
        yield '<rect class="%s" x="%d" y="%d" width="24" height="10" rx="2"/>' % (word, x, y - 9)
        yield '<text class="quiet" x="%d" y="%d">%s</text>' % (x + 32, y, text)
        x += 130


def _x(seconds: float, span: float) -> float:
    return LEFT + (RIGHT - LEFT) * seconds / span


def _xml(text: str, longest: int) -> str:
    return escape(clean(text, longest))
