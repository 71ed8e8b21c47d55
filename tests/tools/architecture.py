# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.tools.architecture`: check the structure of `plugins/`: layers, cycles, sizes of classes, imports, words.

The rules are data in `architecture.yml` beside this file.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
RULES = Path(__file__).with_suffix(".yml")
PREFIX = "ansible_collections.gcore.cloud."
NOTES = "docs/api-notes.md"


@dataclass(frozen=True)
class Module:
    """A Python file of the collection: its dotted name below the collection, its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    def imports(self) -> Iterator[str]:
        """The modules of the collection that this one imports, also inside functions; not those for type checking alone."""
        typing = [
            each
            for each in ast.walk(self.tree)
            if isinstance(each, ast.If) and "TYPE_CHECKING" in ast.unparse(each.test)
        ]
        skipped = {id(inner) for block in typing for inner in ast.walk(block)}
        for node in ast.walk(self.tree):
            if id(node) in skipped:
                continue
            if isinstance(node, ast.ImportFrom):
                base = self._base(node)
                if base is None:
                    continue
                yield from (f"{base}.{alias.name}" for alias in node.names)
                yield base
            elif isinstance(node, ast.Import):
                yield from (alias.name[len(PREFIX) :] for alias in node.names if alias.name.startswith(PREFIX))

    def _base(self, node: ast.ImportFrom) -> str | None:
        """The module of the collection that an import is from; None for any other."""
        if not node.level:
            module = node.module or ""
            return module[len(PREFIX) :] if module.startswith(PREFIX) else None
        package = self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]
        parts = package.split(".")[: len(package.split(".")) - node.level + 1]
        return ".".join([*parts, *([node.module] if node.module else [])])


def modules_of(root: Path) -> dict[str, Module]:
    """All Python files below plugins/, by name."""
    found = {}
    for path in sorted((root / "plugins").rglob("*.py")):
        relative = path.relative_to(root).with_suffix("")
        parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
        name = ".".join(parts)
        found[name] = Module(name, path, ast.parse(path.read_text(encoding="utf-8")))
    return found


def graph_of(modules: Mapping[str, Module]) -> dict[str, set[str]]:
    """Who imports whom. A package that is imported only to reach a module in it does not count."""
    graph = {}
    for name, module in modules.items():
        imported = {each for each in module.imports() if each in modules and each != name}
        graph[name] = {each for each in imported if not any(other.startswith(f"{each}.") for other in imported)}
    return graph


def layer_problems(graph: Mapping[str, set[str]], layers: list[list[str]]) -> list[str]:
    """Imports that go up, and modules that belong to no layer. ``layers``: the lowest first, each a list of patterns."""

    def level(name: str) -> int | None:
        return next((i for i, patterns in enumerate(layers) if any(fnmatch.fnmatch(name, p) for p in patterns)), None)

    problems = [f"{name} belongs to no layer" for name in graph if level(name) is None]
    for name, imported in graph.items():
        for other in sorted(imported):
            own, theirs = level(name), level(other)
            if own is not None and theirs is not None and theirs > own:
                problems.append(f"{name} imports {other}, which is in a higher layer")
    return problems


def cycle_problems(graph: Mapping[str, set[str]]) -> list[str]:
    """Import cycles, each named once."""
    state: dict[str, int] = {}
    path: list[str] = []
    found: set[tuple[str, ...]] = set()

    def visit(name: str) -> None:
        state[name] = 1
        path.append(name)
        for other in sorted(graph.get(name, ())):
            if state.get(other) == 1:
                ring = path[path.index(other) :]
                start = ring.index(min(ring))
                found.add(tuple(ring[start:] + ring[:start]))
            elif other not in state:
                visit(other)
        path.pop()
        state[name] = 2

    for name in sorted(graph):
        if name not in state:
            visit(name)
    return [f"import cycle: {' → '.join([*ring, ring[0]])}" for ring in sorted(found)]


def _is_frozen_dataclass(node: ast.ClassDef) -> bool:
    return any(
        isinstance(each, ast.Call)
        and ast.unparse(each.func).endswith("dataclass")
        and any(word.arg == "frozen" and ast.unparse(word.value) == "True" for word in each.keywords)
        for each in node.decorator_list
    )


def class_problems(module: Module, limits: Mapping[str, Any]) -> list[str]:
    """Classes with too many methods, constructor parameters, or fields; frozen dataclasses are data, and judged by their fields."""
    problems = []
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ClassDef) or any(
            ast.unparse(base).endswith(tuple(limits["exempt_bases"])) for base in node.bases
        ):
            continue
        where = f"{module.name}.{node.name}"
        methods = [each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))]
        own = [each for each in methods if not (each.name.startswith("__") and each.name.endswith("__"))]
        if len(own) > limits["methods"] and not _is_frozen_dataclass(node):
            problems.append(f"{where} has {len(own)} methods; the limit is {limits['methods']}")
        fields = [each for each in node.body if isinstance(each, ast.AnnAssign)]
        is_dataclass = any("dataclass" in ast.unparse(each) for each in node.decorator_list)
        if is_dataclass:
            limit = limits["fields"] if _is_frozen_dataclass(node) else limits["mutable_fields"]
            if len(fields) > limit:
                problems.append(f"{where} has {len(fields)} fields; the limit is {limit}")
            continue
        for each in methods:
            if each.name == "__init__":
                count = len(each.args.args) + len(each.args.kwonlyargs) - 1
                if count > limits["constructor_parameters"]:
                    problems.append(
                        f"{where} has {count} constructor parameters; the limit is {limits['constructor_parameters']}"
                    )
    return problems


def statement_problems(module: Module) -> list[str]:
    """What AnsiballZ cannot follow, and what outlives a run: dynamic imports, global statements."""
    problems = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Global):
            problems.append(f"{module.name}:{node.lineno} changes module-level state: {', '.join(node.names)}")
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("__import__", "importlib.import_module"):
            problems.append(f"{module.name}:{node.lineno} imports dynamically")
    return problems


def _tracked(patterns: list[str]) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and any(fnmatch.fnmatch(name, p) for p in patterns)]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def word_problems(words: Mapping[str, Mapping[str, Any]], files: list[str]) -> list[str]:
    """Whole words that STYLE's terms replace, outside their allowed contexts (regular expressions of the line)."""
    problems = []
    compiled = {
        word: (re.compile(rf"(?i)(?<![\w-]){word}(?![\w-])"), [re.compile(each) for each in rule.get("allowed", [])])
        for word, rule in words.items()
    }
    for path in _tracked(files):
        name = str(path.relative_to(ROOT))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for word, (pattern, allowed) in compiled.items():
                if pattern.search(line) and not any(each.search(line) for each in allowed):
                    problems.append(f"{name}:{number}: '{word}': write {words[word]['write']}")
    return problems


def oversized_problems(found: list[str], known: Mapping[str, str]) -> list[str]:
    """Classes over a limit that are not listed as such, and listed ones that keep the limits: the list can only shrink."""
    classes = {line.partition(" ")[0] for line in found}
    return [line for line in found if line.partition(" ")[0] not in known] + [
        f"{name} keeps the limits now: remove it from oversized" for name in known if name not in classes
    ]


def note_problems(files: list[str]) -> list[str]:
    """References to sections of the API notes that do not exist."""
    headings = set(re.findall(r"^## (.+)$", (ROOT / NOTES).read_text(encoding="utf-8"), re.MULTILINE))
    found = []
    for path in _tracked(files):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for text in re.findall(rf"{NOTES}: ([^).;\"]+)", line):
                if not any(text.strip().startswith(heading) for heading in headings):
                    found.append(f"{path.relative_to(ROOT)}:{number}: {NOTES} has no section '{text.strip()}'")
    return found


def problems() -> list[str]:
    """Everything that breaks a rule."""
    rules = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    modules = modules_of(ROOT)
    graph = graph_of(modules)
    found = [*layer_problems(graph, rules["layers"]), *cycle_problems(graph)]
    sizes: list[str] = []
    for name, module in modules.items():
        sizes += class_problems(module, rules["limits"])
        if name.startswith("plugins.module_utils"):
            found += statement_problems(module)
    found += oversized_problems(sizes, rules["oversized"])
    found += note_problems(rules["note_files"])
    return found + word_problems(rules["words"], rules["word_files"])


def main() -> int:
    found = problems()
    print("\n".join(found) or "The architecture is as architecture.yml says.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
