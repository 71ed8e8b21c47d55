# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The promises hold in every test case: every operation with every fault."""

from __future__ import annotations

import collections

import pytest

from .faults import BY_NAME, FAULTS, Fault
from .measure import RULES, Case, all_cases, bench, outcome
from .operations import ADD, ALL, CHANGE, CREATE, DELETE, MODULES, Operation

PAIRS = [(operation, fault) for operation in ALL.values() for fault in FAULTS if fault.suits(operation)]


def broken(case: Case) -> dict[str, list[str]]:
    """The rules that a case breaks, each with its sentences."""
    found = {rule.__name__: list(rule(case)) for rule in RULES}
    return {rule: sentences for rule, sentences in found.items() if sentences}


def details(case: Case) -> str:
    """The requests and results of both runs, for the message of a failed assertion."""
    lines = [case.name]
    for name, run in (("first", case.first), ("other", case.other), ("second", case.second)):
        if run is not None:
            lines += [f"{name} run: {outcome(run)}: {(run.result or {}).get('msg', '')}"]
            lines += [f"    {each}" for each in run.exchanges]
    return "\n".join(lines)


@pytest.mark.parametrize("operation", ALL.values(), ids=lambda operation: operation.name)
def test_plain(operation: Operation) -> None:
    """Without a fault the operation succeeds, and the next run changes nothing."""
    case = bench().plain(operation)
    assert case.done, details(case)
    assert outcome(case.first) == ("changed" if operation.sort in (CREATE, CHANGE, DELETE, ADD) else "ok"), details(
        case
    )
    assert outcome(case.second) == "ok" and not case.second.writes, details(case)
    assert set(broken(case)) <= {"nothing_lost"}, details(case)  # that rule compares with this test case


@pytest.mark.parametrize(("operation", "fault"), PAIRS, ids=[f"{op.name}-{fault.name}" for op, fault in PAIRS])
def test_promises_hold(operation: Operation, fault: Fault) -> None:
    """A test case keeps all rules."""
    case = bench().case(operation, fault)
    if case is not None:  # else the fault affects nothing: test_every_fault_occurs limits that
        assert not broken(case), details(case)


def test_every_fault_occurs() -> None:
    """Every fault affects every module that it can affect."""
    occurred = collections.defaultdict(set)
    for case in all_cases():
        assert case.fault is not None
        occurred[case.fault.name].add(case.operation.module)
    for fault in BY_NAME.values():
        modules = {operation.module for operation in ALL.values() if fault.suits(operation)}
        missing = modules - occurred[fault.name] - {"ssh_key", "task_wait"}  # no tasks, and no single way to poll
        assert not missing, f"{fault.name} affects nothing of {', '.join(sorted(missing))}"


def test_every_module_is_in() -> None:
    """A new module needs operations; one that writes needs to create, update and delete."""
    sorts = collections.defaultdict(set)
    for operation in ALL.values():
        sorts[operation.module].add(operation.sort)
    for path in MODULES.glob("[a-z]*.py"):
        assert path.stem in sorts
        if not path.stem.endswith("_info") and path.stem != "task_wait":
            assert {CREATE, CHANGE, DELETE} <= sorts[path.stem]
