# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The published fault table is what the tests measure."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from .measure import all_cases
from .table import PAGE, ROWS, as_json, page, rows_of

SHOWN = 40


@pytest.mark.parametrize(("path", "written"), [(PAGE, page), (ROWS, as_json)], ids=["page", "rows"])
def test_the_published_table_is_true(path: Path, written: object) -> None:
    assert callable(written)
    published = path.read_text(encoding="utf-8").splitlines()
    measured = written(rows_of(all_cases())).splitlines()
    changes = [
        line
        for line in difflib.unified_diff(published, measured, "published", "measured", lineterm="", n=0)
        if line[0] in "+-"
    ]
    summary = "\n".join(changes[:SHOWN])
    assert not changes, f"run python -m tests.faults; {len(changes)} lines differ, the first are\n{summary}"


def test_the_rows_stay_small() -> None:
    assert ROWS.stat().st_size < 400 * 1024
