# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The numbers as tables: for the terminal, for the documentation and for the README."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .exact import geometric_mean
from .virtual import DOCUMENT, FACTORS, LEARNED, OURS, PEERS, UNKNOWN_DURATIONS
from .waits import SAMPLES

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """A title, what to know before one reads it, a head and its rows."""

    title: str
    text: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def plain(self) -> str:
        columns = list(zip(self.head, *self.rows, strict=True))
        widths = [max(len(cell) for cell in column) for column in columns]

        def line(cells: Sequence[str]) -> str:
            first, *rest = (
                cell.rjust(width) if number else cell.ljust(width)
                for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
            )
            return "  ".join([first, *rest]).rstrip()

        return "\n".join([self.title, "=" * len(self.title), line(self.head), *map(line, self.rows)])

    def rst(self) -> str:
        lines = [self.title, "-" * len(self.title), "", self.text, "", ".. list-table::", "   :header-rows: 1", ""]
        for row in (self.head, *self.rows):
            lines += [f"   {'*' if not number else ' '} - {cell}" for number, cell in enumerate(row)]
        return "\n".join([*lines, ""])

    def markdown(self) -> str:
        lines = [self.head, ["---", *["--:"] * (len(self.head) - 1)], *self.rows]
        return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def all_tables(results: Data) -> list[Table]:
    virtual = results["virtual"]
    return [
        main_table(virtual),
        *(peers_table(virtual, factor) for factor in FACTORS),
        ratio_table(virtual),
        unknown_table(virtual),
        waits_table(virtual),
        many_table(virtual),
        unchanged_table(virtual),
        *measured_tables(results["measured"]),
    ]


def cost(ways: Data, name: str) -> str:
    return f"{ways[name]['requests']:.1f} / {ways[name]['lost']:.1f}"


def main_table(virtual: Data) -> Table:
    rows = []
    for operation, ways in virtual["schedules"]["as in the table"].items():
        peers = [cost(ways, name) for name in (OURS, DOCUMENT, *PEERS)]
        rows.append([operation, f"{ways['from']:g}–{ways['to']:g} s", *peers])
    return Table(
        "Polls and seconds lost",
        "Mean requests / mean seconds from the end of a task to the poll that sees it. Durations are evenly distributed between those "
        "of the document on asynchronous operations; the means are computed, not drawn. The document's interval and the Terraform "
        "provider sleep before the first poll, the Python SDK and version 1.0.1 of this collection poll at once.",
        ["operation", "takes", OURS, DOCUMENT, *PEERS],
        rows,
    )


def peers_table(virtual: Data, factor: str) -> Table:
    names = [OURS, *([LEARNED] if factor == "triple" else []), DOCUMENT, *PEERS]
    rows = []
    for operation, ways in virtual["schedules"][factor].items():
        rows.append(
            [operation, f"{ways['bound']:.2f}", *(f"{ways[name]['product'] / ways['bound']:.2f}" for name in names)]
        )
    return Table(
        f"Requests × seconds, real durations {factor}",
        "The product of the two means as a multiple of the bound, 2/9 of the window's width, below which no way of waiting gets."
        + (
            " Waits of more than two minutes may learn from the account's own last tasks; the request for them is counted."
            if factor == "triple"
            else ""
        ),
        ["operation", "bound", *names],
        rows,
    )


def ratio_table(virtual: Data) -> Table:
    rows = []
    for factor, operations in virtual["schedules"].items():
        for name in (OURS, LEARNED):
            ratios = [ways[name]["product"] / ways[DOCUMENT]["product"] for ways in operations.values()]
            rows.append([f"{factor}, {'with' if name == LEARNED else 'without'} the account's history",
                         f"{geometric_mean(ratios):.2f}", f"{min(ratios):.2f}", f"{max(ratios):.2f}"])  # fmt: skip
    return Table(
        "Where the table is wrong",
        "The product of requests and seconds against that of the document's interval, over the seven operations; above 1 the "
        "interval is better.",
        ["real durations", "geometric mean", "best", "worst"],
        rows,
    )


def unknown_table(virtual: Data) -> Table:
    rows = []
    for duration in UNKNOWN_DURATIONS:
        ways = virtual["unknown"][str(duration)]
        lost = ways[OURS]["lost"]
        rows.append(
            [f"{duration} s", *(cost(ways, name) for name in (OURS, LEARNED, *PEERS)), f"{100 * lost / duration:.1f} %"]
        )
    return Table(
        "Task types that no table knows",
        "Mean requests / mean seconds lost, durations within a third of the one named; the last column is what this collection "
        "loses, without a history, as a part of the duration.",
        ["takes", OURS, LEARNED, *PEERS, "lost"],
        rows,
    )


def waits_table(virtual: Data) -> Table:
    rows = []
    for operation, ways in virtual["waits"].items():
        for name, title in (("module", "module"), ("sdk", "SDK")):
            way = ways[name]
            rows.append([operation, title, *(f"{way[key]:.1f}" for key in ("polls", "requests", "lost", "worst"))])
    return Table(
        "The real modules and the real SDK",
        f"The modules of this collection and the methods of the official Python SDK that wait, {SAMPLES} durations over each "
        "typical window, the same for both, on the simulator's clock; a request takes 0.1 s. Means, and the worst: seconds from "
        "the end of the task to the return of the call, with the resource read back. The modules' other requests read whether the "
        "resource exists, resolve names and find duplicates; the SDK is given ids and does none of this.",
        ["operation", "by", "polls", "all requests", "seconds lost", "worst"],
        rows,
    )


def many_table(virtual: Data) -> Table:
    rows = []
    for count, ways in virtual["many"].items():
        for name, title in (
            ("task_wait", "task_wait"),
            ("in turn", "SDK, one after another"),
            ("threads", "SDK, a thread each"),
        ):
            rows.append([count, title, f"{ways[name]['requests']:.1f}", f"{ways[name]['lost']:.1f}"])
    return Table(
        "Many tasks at once",
        "Tasks of the document's seven operations in three regions, all started at one moment: all requests until the outcome of "
        "each is known, and the seconds that this is after the end of the last. Means of several sets of tasks.",
        ["tasks", "by", "requests", "seconds lost"],
        rows,
    )


def unchanged_table(virtual: Data) -> Table:
    rows = [
        [module, *(str(counts.get(column, "")) for column in ("present", "absent", "read"))]
        for module, counts in virtual["unchanged"].items()
    ]
    return Table(
        "Requests where nothing is to be done",
        "A second run with the same options, none of which writes: with ``state=present``, with ``state=absent``, or a run that "
        "only reads. Names are used throughout; project and region are ids.",
        ["module", "present", "absent", "reads"],
        rows,
    )


def measured_tables(measured: Data) -> list[Table]:
    tasks = []
    for setting, kinds in measured["tasks"].items():
        for name, times in kinds.items():
            shown = [f"{1000 * times[key]:.0f}" for key in ("median", "min")]
            tasks.append([setting, name, *shown, f"{times['of uri']:.2f}"])
    play = measured["play"]
    plays = [
        [
            title,
            f"{play[name]['seconds']:.1f}",
            f"{1000 * play[name]['seconds'] / play['resources']:.0f}",
            f"{play[name]['requests']}",
        ]
        for name, title in (("modules", "modules of this collection"), ("uri", "ansible.builtin.uri"))
    ]
    return [
        Table(
            "One task of a play",
            "Measured on this machine: milliseconds from the start of a task to its result, all in one play in turn, 12 times each. "
            "``volume`` and ``network`` find the thing as it should be; ``uri`` makes the GET that ``volume`` makes. "
            "The last column is the median of the twelve comparisons with ``uri`` in the same round.",
            ["setting", "task", "median", "least", "÷ uri"],
            tasks,
        ),
        Table(
            f"A play of {play['resources']} resources that changes nothing",
            "Measured on this machine: ten each of volume, network, subnet, security group and SSH key, in turn with as many tasks "
            "of ``ansible.builtin.uri`` with one GET each; pipelining is off.",
            ["by", "seconds", "ms a task", "requests"],
            plays,
        ),
    ]
