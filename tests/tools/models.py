# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.tools.models [--check]`: write what the official document says of each resource's response.

The outcome, `docs/resources/models.json`, is committed: the generator of the modules reads it, so that it does not need the
document. For each resource type it has the keys of a response, each with the Ansible type, an example, and the keys inside.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.contract.openapi import Document, Field, document_path

from .descriptions import RESOURCES, folder_of_docs, path_of

ROOT = Path(__file__).resolve().parents[2]
MODELS = folder_of_docs(ROOT) / "models.json"
TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}
DEEPEST = 4


def model_of(document: Document, resource: Any) -> dict[str, Any]:
    """The keys of one resource's response, in the document's order."""
    if resource.hooks.has_item:
        fields = document.response_fields("GET", path_of(document, resource.read_path))
    else:
        listed = document.response_fields("GET", path_of(document, resource.type.path))
        fields = dict(listed["results"].children)
    return {name: entry(field) for name, field in fields.items()}


def entry(field: Field, depth: int = 1) -> dict[str, Any]:
    """One key: its Ansible type, an example, what is inside; ``null`` when it may be null."""
    found: dict[str, Any] = {"type": ansible_type(field.types)}
    if field.nullable:
        found["null"] = True
    if field.deprecated:
        found["deprecated"] = True
    if found["type"] == "list":
        found["elements"] = ansible_type(field.item_types)
    if field.children and depth < DEEPEST:
        found["contains"] = {name: entry(child, depth + 1) for name, child in field.children.items()}
    example = example_of(field)
    if example is not None and "contains" not in found:
        found["sample"] = example
    return found


def ansible_type(types: frozenset[str]) -> str:
    """The type of a return value; raw where the document allows several."""
    return TYPES[next(iter(types))] if len(types) == 1 else "raw"


def example_of(field: Field) -> Any:
    """The document's example, or the first value of an enumeration."""
    for shape in field.shapes:
        examples = shape.keywords.get("examples")
        if isinstance(examples, Sequence) and not isinstance(examples, str) and examples:
            return examples[0]
        if "example" in shape.keywords:
            return shape.keywords["example"]
    constants = [value for shape in field.shapes for value in shape.constants or () if value is not None]
    return constants[0] if constants else None


def models(document: Document) -> dict[str, Any]:
    """The models of all resource types that a module returns."""
    return {name: model_of(document, resource) for name, resource in sorted(RESOURCES.items())}


def text_of(found: Mapping[str, Any]) -> str:
    """The file: one key a line down to the second level, so that a new edition makes a readable diff."""
    lines = ["{"]
    for number, (name, keys) in enumerate(found.items()):
        lines.append(f"  {json.dumps(name)}: {{")
        lines += [
            f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}{',' if i + 1 < len(keys) else ''}"
            for i, (key, value) in enumerate(keys.items())
        ]
        lines.append("  }" + ("," if number + 1 < len(found) else ""))
    return "\n".join([*lines, "}", ""])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.models", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not current")
    options = parser.parse_args()
    path = document_path(ROOT)
    if path is None:
        print("The official document was not found: set GCORE_OPENAPI to its path.", file=sys.stderr)
        return 2
    text = text_of(models(Document.load(path)))
    if options.check:
        if MODELS.exists() and MODELS.read_text(encoding="utf-8") == text:
            return 0
        print(f"{MODELS.relative_to(ROOT)} is not current: run python -m tests.tools.models.")
        return 1
    MODELS.parent.mkdir(parents=True, exist_ok=True)
    MODELS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
