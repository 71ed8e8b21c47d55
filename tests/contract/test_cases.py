# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files in tests/cases keep to their format, and the requests that they expect are those of the official document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests import cases

from .conftest import CHECKOUT
from .openapi import Document
from .report import assert_none

UUID = "e460e48c-6836-447e-bc9c-16fc4225d318"
EXAMPLE = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### Test cases")[2]
EXAMPLE = EXAMPLE.partition("```yaml\n")[2].partition("```")[0]


@pytest.mark.parametrize("name", cases.names())
def test_a_case_keeps_to_the_format(name: str) -> None:
    case = cases.load(name)
    assert (CHECKOUT / "plugins" / "modules" / f"{name}.py").exists(), (
        f"tests/cases/{name}.yml: no module has this name"
    )
    missing = [key for key in case.identity if key not in case.create.options]
    assert not missing, f"tests/cases/{name}.yml: create.options has no {', '.join(missing)}, which identity names"
    assert [each.name for each in case.change if each.faults], f"tests/cases/{name}.yml: no change has faults: true"
    labels = [each.name for each in case.change]
    assert len(set(labels)) == len(labels), f"tests/cases/{name}.yml: two changes have the same name"
    for each in case.change:
        pattern = r"[a-z]+(_[a-z]+)*" if each.faults else r"[a-z]+( [a-z]+)*"
        assert re.fullmatch(pattern, each.name), (
            f"tests/cases/{name}.yml: the change name {each.name!r} is not {pattern}"
        )


def test_every_module_that_writes_has_a_case() -> None:
    modules = {path.stem for path in (CHECKOUT / "plugins" / "modules").glob("[a-z]*.py")}
    writing = {name for name in modules if not name.endswith("_info") and f"{name}_info" in modules}
    assert_none(f"tests/cases/{name}.yml is missing" for name in sorted(writing - set(cases.names())))


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("unchanged:", "same:", "case.yml: unchanged is missing\ncase.yml: same is not a key of the format"),
        ("faults: true", "fault: true", "case.yml: change[0].fault is not a key of the format"),
        ("[create_volume]", "create_volume", "case.yml: create.tasks: Input should be a valid list"),
    ],
)
def test_a_mistake_is_named(before: str, after: str, problem: str) -> None:
    assert cases.parse("case.yml", EXAMPLE)
    assert before in EXAMPLE
    with pytest.raises(cases.CaseError) as error:
        cases.parse("case.yml", EXAMPLE.replace(before, after))
    assert problem in str(error.value)


def expected(case: cases.Case) -> Iterator[tuple[str, Any]]:
    """The requests that a case expects: "METHOD path", and the body of a write."""
    yield from ((route, None) for route in case.unchanged)
    for part in (case.create, *case.change):
        for request in part.requests or ():
            yield from request.items()


@pytest.mark.parametrize("name", cases.names())
def test_expected_requests_are_in_the_document(document: Document, name: str) -> None:
    found = []
    for route, body in expected(cases.load(name)):
        method, _space, path = route.partition(" ")
        concrete = re.sub(r"\{(\w+)\}", lambda each: {"project_id": "1", "region_id": "2"}.get(each[1], UUID), path)
        sent = () if body is None else (body,)
        verdict = document.check_request(method, concrete, [], *sent)
        found += [f"{route}: {problem}" for problem in (*verdict.problems, *verdict.deprecated)]
    assert_none(found)
