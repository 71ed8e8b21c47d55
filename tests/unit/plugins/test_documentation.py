# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.gcore.cloud.plugins.plugin_utils import role_options

ROOT = Path(role_options.__file__).parents[2]
FILES = [
    path.relative_to(ROOT)
    for pattern in ("plugins/*/*.py", "roles/*/meta/argument_specs.yml")
    for path in sorted(ROOT.glob(pattern))
    if path.parent.name not in ("module_utils", "plugin_utils")
]
# As ansible-doc and antsibull-docs read it: the first closing parenthesis ends the text, and in O, V, RV and E a backslash escapes one.
MARKUP = re.compile(r"\b(?:[BCI]\((?P<plain>[^)]*)\)|(?:O|V|RV|E)\((?P<escaped>(?:[^\\)]|\\.)*)\))")


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_markup_ends_at_a_parenthesis_of_its_text(file: Path) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    broken = [
        match[0]
        for match in MARKUP.finditer(text)
        if (match["plain"] or "").count("(")
        or (match["escaped"] or "").count("(") != (match["escaped"] or "").count("\\)")
    ]
    assert broken == []


def test_broken_markup_is_found() -> None:
    assert [match["plain"] for match in MARKUP.finditer("see C((known after the run)).")] == ["(known after the run"]
    assert [match["escaped"] for match in MARKUP.finditer(r"see V((known after the run\)).")] == [
        r"(known after the run\)"
    ]
