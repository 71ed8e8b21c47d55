# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The committed numbers are those of the code, and the documentation shows them. Where these fail, run `make bench OPTIONS=--computed`."""

from __future__ import annotations

import importlib.metadata
import json
from typing import Any

import pytest

from tests.benchmark import exact, many, publish, unchanged, virtual, waits
from tests.benchmark.tables import main_table

RESULTS: dict[str, Any] = json.loads(publish.RESULTS.read_text(encoding="utf-8"))
VIRTUAL = RESULTS["virtual"]
SAME_SDK = RESULTS["versions"]["gcore"] == importlib.metadata.version("gcore")
OPERATIONS = {operation.name: operation for operation in waits.OPERATIONS}


def same(now: Any, committed: Any) -> None:
    assert now == pytest.approx(committed, abs=0.011)  # both are rounded to 0.01


def without_sdk(ways: dict[str, Any], ours: str) -> dict[str, Any]:
    """The SDK's numbers count while its version is that of the committed ones."""
    return ways if SAME_SDK else {ours: ways[ours]}


@pytest.mark.parametrize("factor", virtual.FACTORS)
@pytest.mark.parametrize("operation", exact.OPERATIONS)
def test_schedules(factor: str, operation: str) -> None:
    now, committed = virtual.ways(operation, virtual.FACTORS[factor]), VIRTUAL["schedules"][factor][operation]
    assert now.keys() == committed.keys()
    for name, value in now.items():
        same(value, committed[name])


def test_unknown_types() -> None:
    now = virtual.unknown()
    assert now.keys() == VIRTUAL["unknown"].keys()
    for duration, ways in now.items():
        for name, value in ways.items():
            same(value, VIRTUAL["unknown"][duration][name])


@pytest.mark.parametrize("operation", OPERATIONS)
def test_modules_and_sdk(operation: str) -> None:
    now = waits.measure(OPERATIONS[operation])
    for name, value in without_sdk(now, "module").items():
        same(value, VIRTUAL["waits"][operation][name])


@pytest.mark.parametrize("count", many.SERIES)
def test_many_tasks(count: int) -> None:
    ways = {"task_wait": many.task_wait, "in turn": many.in_turn, "threads": many.threads}
    for name in without_sdk(ways, "task_wait"):
        if count <= 10 or name == "task_wait":  # the others take long
            same(many.mean(ways[name], count), VIRTUAL["many"][str(count)][name])


def test_unchanged_modules() -> None:
    assert unchanged.measure() == VIRTUAL["unchanged"]


def test_polls_are_fewer_and_cost_less_than_the_sdks() -> None:
    for ways in VIRTUAL["waits"].values():
        ours, sdk = ways["module"], ways["sdk"]
        assert ours["polls"] < sdk["polls"]
        assert ours["polls"] * ours["lost"] < 0.8 * sdk["polls"] * sdk["lost"]


def test_many_tasks_need_few_requests() -> None:
    for ways in VIRTUAL["many"].values():
        assert ways["task_wait"]["requests"] < 0.2 * min(ways["in turn"]["requests"], ways["threads"]["requests"])


def test_a_run_that_only_reads_is_cheap() -> None:
    for module, counts in VIRTUAL["unchanged"].items():
        assert counts.get("read", 1) == 1, module
        assert counts.get("absent", 1) <= 2, module
        assert counts.get("present", 1) <= 4, module


def test_the_documentation_shows_the_numbers() -> None:
    assert publish.PAGE.read_text(encoding="utf-8") == publish.page(RESULTS)
    text = publish.README.read_text(encoding="utf-8")
    assert text == publish.readme(text, VIRTUAL)
    assert main_table(VIRTUAL).markdown() in text


def test_the_figures_show_the_numbers() -> None:
    for name in publish.FIGURES:
        file = publish.IMAGES / name
        assert file.stat().st_size < 200 * 1024
        assert publish.fingerprint(VIRTUAL) in file.read_text(encoding="utf-8")
        assert f"images/{name}" in publish.PAGE.read_text(encoding="utf-8")
