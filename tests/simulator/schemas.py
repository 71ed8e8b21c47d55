# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``python -m tests.simulator.schemas [--check]``: write what the official document says of the requests that the simulator serves.

The outcome, ``schemas.json``, is committed: the simulator builds its request models from it and does not need the document. It
has the body and the query parameters of every operation that is registered in ``resources/``, and the schemas that they refer to.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.contract.openapi import Document, document_path

from .core.models import SCHEMAS
from .resources import ALL

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "#/components/schemas/"
WIDTH = 160
# What a schema says of valid values; texts and examples are omitted.
PLAIN = (
    "type", "format", "const", "enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum",
    "exclusiveMinimum", "contentMediaType", "required", "default",
)  # fmt: skip


def requests_of(document: Document) -> dict[str, Any]:
    """The operations of the simulator, and the schemas of their bodies and parameters."""
    operations: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    served = {(operation.method, operation.path) for item in ALL for operation in item.routes.operations}
    for method, path in sorted(served, key=lambda key: (key[1].split("/")[3:], key)):
        operation = document.operations[method, path]
        entry: dict[str, Any] = {}
        parameters = operation.parameters_in("query")
        if parameters:
            entry["query"] = {name: _trimmed(document, item["schema"], schemas) for name, item in parameters.items()}
        if operation.body is not None:
            entry["body"] = _trimmed(document, operation.body, schemas)
        operations[f"{method} {path}"] = entry
    return {"operations": operations, "schemas": dict(sorted(schemas.items()))}


def _trimmed(document: Document, schema: Mapping[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """A schema without its prose. Those that it refers to are added to ``schemas``."""
    found: dict[str, Any] = {}
    if reference := schema.get("$ref"):
        name = found["$ref"] = reference.removeprefix(PREFIX)
        if name not in schemas:
            schemas[name] = {}
            schemas[name] = _trimmed(document, document.resolve(reference), schemas)
    found.update({keyword: schema[keyword] for keyword in PLAIN if keyword in schema})
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            found[keyword] = [_trimmed(document, item, schemas) for item in schema[keyword]]
    for keyword in ("items", "additionalProperties", "propertyNames"):
        if keyword in schema:
            inner = schema[keyword]
            found[keyword] = inner if isinstance(inner, bool) else _trimmed(document, inner, schemas)
    if "properties" in schema:
        found["properties"] = {
            name: _trimmed(document, item, schemas) for name, item in sorted(schema["properties"].items())
        }
    return found


def _text(value: Any, indent: str = "") -> str:
    """JSON with a line for each value that fits on one."""
    line = json.dumps(value, ensure_ascii=False)
    if (
        not isinstance(value, dict)
        or not value
        or (indent and len(indent) + len(line) <= WIDTH and "properties" not in value)
    ):
        return line
    inner = indent + "  "
    rows = [f"{inner}{json.dumps(key)}: {_text(item, inner)}" for key, item in value.items()]
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def text_of(document: Document) -> str:
    """The text of ``schemas.json``."""
    return _text(requests_of(document)) + "\n"


def main() -> int:
    """Write the file, or check that it is current."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator.schemas", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if the file is not current")
    options = parser.parse_args()
    text = text_of(Document.load(document_path(ROOT)))
    if not options.check:
        SCHEMAS.write_text(text, encoding="utf-8")
    elif not SCHEMAS.exists() or SCHEMAS.read_text(encoding="utf-8") != text:
        print(f"{SCHEMAS.relative_to(ROOT)} is not current: run python -m tests.simulator.schemas.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
