# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
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


def _descriptions(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("description", "notes") and isinstance(value, (str, list)):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _descriptions(value)
    elif isinstance(node, list):
        for entry in node:
            yield from _descriptions(entry)


@pytest.mark.parametrize("file", [file for file in FILES if file.suffix == ".py"], ids=str)
def test_every_description_is_text(file: Path) -> None:
    """A colon with a space behind it makes a dictionary of a sentence."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names = ("DOCUMENTATION", "RETURN")
    texts = [
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in names and hasattr(node.value, "value")
    ]
    assert [each for text in texts for each in _descriptions(yaml.safe_load(text)) if not isinstance(each, str)] == []


def test_broken_markup_is_found() -> None:
    assert [match["plain"] for match in MARKUP.finditer("see C((known after the run)).")] == ["(known after the run"]
    assert [match["escaped"] for match in MARKUP.finditer(r"see V((known after the run\)).")] == [
        r"(known after the run\)"
    ]
