# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All descriptions of resources, found and not listed."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from typing import Any

from tests.runner import paths

sys.path.insert(0, str(paths.import_root()))  # the checkout is the collection, wherever it is

UTILS = "ansible_collections.gcore.cloud.plugins.module_utils"
PACKAGE = f"{UTILS}.resources"
ROOT = Path(__file__).resolve().parents[2]


def folder_of_docs(root: Path) -> Path:
    """Where the prose of the modules is."""
    return root / "docs" / "resources"


def _resources() -> dict[str, Any]:
    folder = ROOT / "plugins" / "module_utils" / "resources"
    names = [path.stem for path in folder.glob("*.py")] + [path.parent.name for path in folder.glob("*/__init__.py")]
    found = {name: importlib.import_module(f"{PACKAGE}.{name}") for name in sorted(set(names) - {"__init__"})}
    return {name: module.RESOURCE for name, module in found.items() if hasattr(module, "RESOURCE")}


RESOURCES = _resources()
arguments = importlib.import_module(f"{UTILS}.entry_points.arguments")
checks = importlib.import_module(f"{UTILS}.schema.checks")


def path_of(document: Any, template: str) -> str:
    """The document's path that a description's path stands for: the names in braces may differ."""
    wanted = re.sub(r"\{[^}]*\}", "{}", template)
    for _method, path in document.operations:
        if re.sub(r"\{[^}]*\}", "{}", path) == wanted:
            return str(path)
    raise LookupError(f"the document has no path {template}")
