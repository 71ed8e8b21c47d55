# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every operation meets every fault, and the promises hold in each cell."""

from __future__ import annotations

import collections

import pytest

from .cells import RULES, Cell, all_cells, bench, outcome
from .operations import ALL, CHANGE, CREATE, DELETE, MODULES, PART, Operation
from .troubles import BY_NAME, TROUBLES, Trouble

PAIRS = [(operation, trouble) for operation in ALL.values() for trouble in TROUBLES if trouble.suits(operation)]


def broken(cell: Cell) -> dict[str, list[str]]:
    """The rules that a cell breaks, each with its sentences."""
    found = {rule.__name__: list(rule(cell)) for rule in RULES}
    return {rule: sentences for rule, sentences in found.items() if sentences}


def story(cell: Cell) -> str:
    """What happened, for whoever has to find out why."""
    lines = [cell.name]
    for name, run in (("first", cell.first), ("other", cell.other), ("second", cell.second)):
        if run is not None:
            lines += [f"{name} run: {outcome(run)}: {(run.result or {}).get('msg', '')}"]
            lines += [f"    {each}" for each in run.exchanges]
    return "\n".join(lines)


@pytest.mark.parametrize("operation", ALL.values(), ids=lambda operation: operation.name)
def test_plain(operation: Operation) -> None:
    """Without a fault the operation does what it is there for, and the next run has nothing to do."""
    cell = bench().plain(operation)
    assert cell.done, story(cell)
    assert outcome(cell.first) == ("changed" if operation.sort in (CREATE, CHANGE, DELETE, PART) else "ok"), story(cell)
    assert outcome(cell.second) == "ok" and not cell.second.writes, story(cell)
    assert set(broken(cell)) <= {"nothing_lost"}, story(cell)  # that one holds cells against this one


@pytest.mark.parametrize(("operation", "trouble"), PAIRS, ids=[f"{op.name}-{trouble.name}" for op, trouble in PAIRS])
def test_cell(operation: Operation, trouble: Trouble) -> None:
    """One cell keeps all promises."""
    cell = bench().cell(operation, trouble)
    if cell is not None:  # else nothing to hit: test_every_fault_strikes sees to it that this does not become the rule
        assert not broken(cell), story(cell)


def test_every_fault_strikes() -> None:
    """No row of the table is empty, and every module that writes meets every section of it."""
    struck = collections.defaultdict(set)
    for cell in all_cells():
        assert cell.trouble is not None
        struck[cell.trouble.name].add(cell.operation.module)
    for trouble in BY_NAME.values():
        modules = {operation.module for operation in ALL.values() if trouble.suits(operation)}
        missing = modules - struck[trouble.name] - {"ssh_key", "task_wait"}  # no tasks, and no one way of looking
        assert not missing, f"{trouble.name} strikes nothing of {', '.join(sorted(missing))}"


def test_every_module_is_in() -> None:
    """A new module needs its rows; one that writes needs all three kinds."""
    sorts = collections.defaultdict(set)
    for operation in ALL.values():
        sorts[operation.module].add(operation.sort)
    for path in MODULES.glob("[a-z]*.py"):
        assert path.stem in sorts
        if not path.stem.endswith("_info") and path.stem != "task_wait":
            assert {CREATE, CHANGE, DELETE} <= sorts[path.stem]
