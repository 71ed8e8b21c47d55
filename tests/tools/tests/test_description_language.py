# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/description-language.md names every class, attribute, hook and constant of the language of descriptions, and nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "description-language.md"
SCHEMA = ROOT / "plugins" / "module_utils" / "schema"
# The classes of the language, with a section each. Their other methods are for the engine: only hooks are described.
CLASSES = {
    "resource": ("Resource", "Identity", "RelatedRead", "SubResource", "SecretFile", "State", "SubResourceHooks", "Hooks"),
    "option": ("Option", "Api", "Ref", "Value", "Action"),
    "types": ("ResourceType", "Statuses"),
}  # fmt: skip
WITH_HOOKS = ("Value", "Hooks", "SubResourceHooks")
# Not for descriptions: texts of patterns, and the object without hooks.
INTERNAL = {"NO_HOOKS", "TOPIC_PATTERN", "TOPIC_TEXT", "NAME_PATTERN", "NAME_TEXT"}


def tree(module: str) -> ast.Module:
    return ast.parse((SCHEMA / f"{module}.py").read_text(encoding="utf-8"))


def sections() -> dict[str, str]:
    """The text of each section, by its heading."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def members(node: ast.ClassDef) -> set[str]:
    """The attributes of a class, and its methods if they are hooks."""
    found = {
        each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    found |= {
        name.id
        for each in node.body
        if isinstance(each, ast.Assign)
        for name in each.targets
        if isinstance(name, ast.Name)
    }
    if node.name in WITH_HOOKS:
        found |= {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def classes() -> Iterator[tuple[str, set[str]]]:
    for module, names in CLASSES.items():
        for node in tree(module).body:
            if isinstance(node, ast.ClassDef) and node.name in names:
                yield node.name, members(node)


def rows(text: str) -> set[str]:
    """The names in the first column of the tables with attributes or methods."""
    found: set[str] = set()
    described = False
    for line in text.splitlines():
        if not line.startswith("|"):
            described = False
        elif re.match(r"\| (attribute|method|attribute or method) \|", line):
            described = True
        elif described and (name := re.match(r"\| `(\w+)", line)):
            found.add(name[1])
    return found


@pytest.mark.parametrize(("name", "expected"), list(classes()), ids=lambda each: each if isinstance(each, str) else "")
def test_each_attribute_and_hook_has_a_row(name: str, expected: set[str]) -> None:
    assert rows(sections()[name]) == expected


def test_each_class_has_a_section() -> None:
    described = {name for names in CLASSES.values() for name in names}
    assert {name for name, _members in classes()} == described <= sections().keys()


@pytest.mark.parametrize("module", ["option", "resource", "types", "checks", "common"])
def test_each_constant_and_class_is_named(module: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    names = set()
    for node in tree(module).body:
        if isinstance(node, ast.ClassDef) and not {ast.unparse(base) for base in node.bases} & {"NotNullInCreate"}:
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {each.id for each in node.targets if isinstance(each, ast.Name) and each.id.isupper()}
    missing = [
        name
        for name in sorted(names - INTERNAL - {name for name, _members in classes()})
        if not re.search(rf"`{name}\b", text)
    ]
    assert not missing
