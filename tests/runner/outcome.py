# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The result of a stage, read from the output of the tools."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    """What was skipped, and why."""
    failures: list[str] = field(default_factory=list)

    def ok(self) -> None:
        self.passed += 1

    def fail(self, what: str) -> None:
        self.failed += 1
        self.failures.append(what)

    def check(self, good: bool, what: str) -> None:
        if good:
            self.ok()
        else:
            self.fail(what)

    def __iadd__(self, other: Outcome) -> Outcome:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures
        return self


def from_junit(reports: Iterable[Path]) -> Outcome:
    """Count the tests of pytest's XML reports; a skipped one is reported with its reason."""
    outcome = Outcome()
    for report in reports:
        for case in ElementTree.parse(report).iter("testcase"):
            name = f"{case.get('classname', '')}::{case.get('name', '')}"
            skip = case.find("skipped")
            if case.find("failure") is not None or case.find("error") is not None:
                outcome.fail(name)
            elif skip is not None and skip.get("type") != "pytest.xfail":
                outcome.skipped.append((name, _one_line(skip.get("message") or "no reason given")))
            else:
                outcome.ok()
    return outcome


def from_sanity(output: str) -> Outcome:
    """Count the tests that ansible-test sanity ran. A test that was skipped because a program is missing is a failure."""
    outcome = Outcome()
    ran = [_one_line(line) for line in re.findall(r"^Running sanity test (.+)$", output, flags=re.MULTILINE)]
    failed = _listed_as_failed(output, "sanity")
    for line in dict.fromkeys(re.findall(r"^WARNING: (.+)$", output, flags=re.MULTILINE)):
        if "not found" in line or "kip" in line:
            outcome.fail(f"skipped: {line}")
    for name in failed:
        outcome.fail(name)
    outcome.passed = max(0, len(ran) - len(failed))
    return outcome


def from_integration(output: str, targets: Iterable[str]) -> Outcome:
    """Count the integration targets: each must have run and must not be listed as failed."""
    outcome = Outcome()
    ran = set(re.findall(r"^Running (\S+) integration test (?:role|script)", output, flags=re.MULTILINE))
    failed = set(_listed_as_failed(output, "integration"))
    for target in targets:
        if target in failed:
            outcome.fail(target)
        elif target not in ran:
            outcome.fail(f"{target} did not run")
        else:
            outcome.ok()
    return outcome


def _listed_as_failed(output: str, command: str) -> list[str]:
    """The names below the line "The N tests listed below failed"."""
    start = re.search(rf"The \d+ {command} test\(s\) listed below .*\n", output)
    lines = output[start.end() :].splitlines() if start else []
    return list(
        itertools.takewhile(lambda line: line.strip() and not line.startswith(("FATAL:", "ERROR:", "WARNING:")), lines)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
