# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The figures. What they show is computed, so with one matplotlib they are the same byte for byte on every machine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator

from .exact import bound, fixed, means
from .virtual import DOCUMENT, OURS, PEERS

# Okabe and Ito's colours, which people tell apart whatever they see of colours; each mark has a form of its own too.
MARKS: dict[str, tuple[str, str]] = {
    OURS: ("o", "#D55E00"),
    DOCUMENT: ("s", "#000000"),
    **dict(zip(PEERS, (("^", "#0072B2"), ("D", "#009E73"), ("v", "#CC79A7")), strict=True)),
}
CURVE, BOUND = "#56B4E9", "#E69F00"
SETTINGS = {
    "svg.hashsalt": "gcore.cloud",
    "svg.fonttype": "path",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.5,
}


def draw(virtual: Mapping[str, Any], waits_file: Path, tasks_file: Path, description: str) -> None:
    """Both figures as SVG."""
    with plt.rc_context(SETTINGS):
        save(costs(virtual["schedules"]["as in the table"]), waits_file, description)
        save(tasks(virtual["many"]), tasks_file, description)


def save(figure: Any, file: Path, description: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Description": description})
    plt.close(figure)


def plain(value: float, _position: int = 0) -> str:
    return f"{value:g}"


def costs(operations: Mapping[str, Any]) -> Any:
    """Requests against seconds lost, an operation in each panel."""
    figure, grid = plt.subplots(2, 4, figsize=(12, 6.4), layout="constrained")
    panels = list(grid.flat)
    for axes, (operation, ways) in zip(panels, operations.items(), strict=False):
        low, high = ways["from"], ways["to"]
        intervals = [0.5 * 1.1**step for step in range(200)]
        curve = [means(fixed(interval), low, high) for interval in intervals if interval <= high / 2]
        axes.plot([one.lost for one in curve], [one.requests for one in curve], color=CURVE, linewidth=1.5, zorder=1)
        left, right = 0.4, max(ways[OURS]["lost"], ways[DOCUMENT]["lost"]) * 2
        lost = [left * (right / left) ** (step / 60) for step in range(61)]
        axes.plot(lost, [bound(low, high) / one for one in lost], color=BOUND, linestyle="--", linewidth=1.5, zorder=1)
        for name, (mark, colour) in MARKS.items():
            axes.plot(
                ways[name]["lost"], ways[name]["requests"], marker=mark, color=colour, linestyle="none",
                markersize=9 if name == OURS else 6.5, markeredgecolor="white", markeredgewidth=0.8, zorder=3,
            )  # fmt: skip
        most = max(ways[name]["requests"] for name in MARKS)
        axes.set(xscale="log", yscale="log", xlim=(left, right), ylim=(0.8, most * 1.8))
        axes.set_title(f"{operation}, {low:g}–{high:g} s", fontsize=9)
        axes.minorticks_off()
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter(FuncFormatter(plain))
    legend = [
        Line2D([], [], marker=mark, color=colour, linestyle="none", markersize=9 if name == OURS else 6.5, label=name)
        for name, (mark, colour) in MARKS.items()
    ]
    legend.append(Line2D([], [], color=CURVE, linewidth=1.5, label="any fixed interval, sleeping first"))
    legend.append(Line2D([], [], color=BOUND, linewidth=1.5, linestyle="--", label="bound: no schedule is below"))
    panels[-1].axis("off")
    panels[-1].legend(handles=legend, loc="center", frameon=False, fontsize=9.5, labelspacing=0.9)
    figure.supxlabel("mean seconds lost of one wait")
    figure.supylabel("mean requests of one wait")
    return figure


def tasks(counts: Mapping[str, Any]) -> Any:
    """Requests and seconds lost against the number of tasks."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    peers = list(PEERS)
    ways = {
        "task_wait": ("task_wait of this collection", *MARKS[OURS]),
        "in turn": ("SDK, one after another", *MARKS[peers[1]]),
        "threads": ("SDK, a thread for each", *MARKS[peers[0]]),
    }
    numbers = [int(count) for count in counts]
    for name, (label, mark, colour) in ways.items():
        for axes, key in ((left, "requests"), (right, "lost")):
            values = [counts[str(number)][name][key] for number in numbers]
            axes.plot(numbers, values, marker=mark, color=colour, label=label, linewidth=1.5, markersize=6.5)
    for axes, title in ((left, "requests"), (right, "seconds lost after the last task's end")):
        axes.set(xscale="log", yscale="log", xlabel="tasks", title=title)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(plain))
        right.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.minorticks_off()
        axes.set_xticks(numbers)
    left.legend(frameon=False, loc="upper left")
    return figure
