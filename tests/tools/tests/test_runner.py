# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failures fail a run of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runner import __main__ as runner
from tests.runner.outcome import Outcome
from tests.runner.process import Log
from tests.runner.pythons import CORES, NEXT_CORE, Interpreter, Version
from tests.runner.schedule import Result
from tests.runner.stages import Stage, Toolbox, plan


def result(name: str, tmp_path: Path, *, required: bool, passed: int = 0, failed: int = 0) -> Result:
    stage = Stage(name, name, lambda log: Outcome(), required=required)
    outcome = Outcome(passed, failed, failures=[f"test {number}" for number in range(failed)])
    return Result(stage, outcome, 1.0, Log(tmp_path / f"{name}.log"))


def interpreters(*versions: Version) -> dict[Version, Interpreter]:
    return {version: Interpreter(version, Path("python"), has_pip=True) for version in versions}


@pytest.mark.parametrize(
    ("required", "optional", "code"),
    [
        ({"passed": 3}, {"passed": 1}, 0),
        ({"passed": 3}, {"failed": 2}, 0),
        ({"passed": 3, "failed": 1}, {"passed": 1}, 1),
        ({}, {"passed": 1}, 1),
    ],
    ids=["all pass", "only a reported stage fails", "a required stage fails", "no test of a required stage ran"],
)
def test_exit_code(required: dict[str, int], optional: dict[str, int], code: int, tmp_path: Path) -> None:
    results = [
        result("units", tmp_path, required=True, **required),
        result("units-next", tmp_path, required=False, **optional),
    ]
    assert runner._summary(results, [], 1.0) == code


def test_exit_code_of_reported_stages_alone(tmp_path: Path) -> None:
    assert runner._summary([result("units-next", tmp_path, required=False, failed=1)], [], 1.0) == 0
    assert runner._summary([], [], 1.0) == 1


def test_a_reported_failure_is_in_the_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runner._summary([result("units-next", tmp_path, required=False, passed=5, failed=1)], [], 1.0)
    lines = capsys.readouterr().out.splitlines()
    row = next(line for line in lines if line.startswith("units-next"))
    assert row.split()[:5] == ["units-next", "FAILED", "1", "5", "1"]
    assert row.endswith("reported only, does not fail the run")
    assert "Failed, reported only:" in lines
    assert "  - units-next: test 0" in lines
    assert "Failed:" not in lines


def test_only_the_next_core_is_reported_only() -> None:
    found = interpreters((3, 9), (3, 13))
    stages, skips = plan(Toolbox(found, found[3, 13]))
    assert {stage.group for stage in stages if not stage.required} == {"sanity", "units", "integration"}
    assert all(stage.name.endswith(NEXT_CORE.name) for stage in stages if not stage.required)
    assert not {stage.name for stage in stages if not stage.required} & {
        name for stage in stages for name in stage.after
    }
    assert not skips


def test_the_next_core_is_skipped_with_a_reason_without_its_python() -> None:
    found = interpreters((3, 9), (3, 12))
    stages, skips = plan(Toolbox(found, found[3, 12]))
    assert all(stage.required for stage in stages)
    assert [skip.why for skip in skips] == ["it needs Python 3.13 to 3.15 with pip, and none was found"]


def test_requirements_of_cores() -> None:
    assert CORES[0].requirement == "ansible-core~=2.18.0"
    assert NEXT_CORE.requirement == f"ansible-core=={NEXT_CORE.name}"
