# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.tools.messages [--check]`: list the errors and warnings of `plugins/`, each with the tests that show it.

A test shows a message when one of its texts (strings of Python, scalars of YAML) quotes fixed text of the message that identifies it. With
`--check`, fail when more messages than WITHOUT_TEST have no test.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_TEST = 30  # it can only shrink
SKIPPED = ("modules", "doc_fragments")  # generated
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-#0 +]*\d*(?:\.\d+)?[sdrgfx]")
MARKS = " .,:;'()[]"
GAP = "\0"  # in the place of a placeholder
SHORTEST = 10  # characters of fixed text that can identify a message; in a test with a space among them
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Message:
    """A message: its text with GAP in place of each value, and where it is."""

    text: str
    place: str

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The fixed texts between the values."""
        return tuple(" ".join(part.split()).strip(MARKS) for part in self.text.split(GAP))


def template(node: ast.expr) -> Iterator[str]:
    """The texts that an expression may have; none where it has no text of its own."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield PLACEHOLDER.sub(GAP, node.value).replace("%%", "%")
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else GAP for each in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield from template(node.left)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for left in template(node.left):
            yield from (left + right for right in template(node.right))
    elif isinstance(node, ast.IfExp):
        yield from template(node.body)
        yield from template(node.orelse)


def error_classes(trees: Mapping[Path, ast.Module]) -> set[str]:
    """The names of the exception classes whose first argument is a message."""
    found = {"GcoreError", "AnsibleError"}
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _round in range(4):  # subclasses of subclasses
        found |= {node.name for node in classes if any(ast.unparse(base) in found for base in node.bases)}
    return found


def messages() -> list[Message]:
    """All errors and warnings of the collection, without those that only pass on another text."""
    paths = [path for path in sorted((ROOT / "plugins").rglob("*.py")) if path.parent.name not in SKIPPED]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    classes = error_classes(trees)
    found = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            texts: list[ast.expr] = []
            if isinstance(node, ast.Call) and node.args:
                name = ast.unparse(node.func)
                last = name.rpartition(".")[2]
                if last in classes or last in ("warn", "_warn", "warning") or name == "warnings.append":
                    texts = node.args[:1]
            elif isinstance(node, ast.FunctionDef) and re.search(r"warning|still_billed|no_tasks", node.name):
                texts = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
            place = f"{path.relative_to(ROOT)}:%d"
            found += [Message(text, place % each.lineno) for each in texts for text in template(each) if " " in text]
    return list(dict.fromkeys(found))


def texts_of(path: Path) -> Iterator[str]:
    """The texts of a test: strings of Python, without escapes of regular expressions; scalars of YAML."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                yield from (re.sub(r"\\(\W)", r"\1", text) for text in template(node))
        return
    nodes = [node for node in yaml.compose_all(source, LOADER) if node]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.ScalarNode):
            yield node.value
        else:
            pairs = node.value
            nodes += [each for pair in pairs for each in (pair if isinstance(pair, tuple) else (pair,))]


def shown_by(found: list[Message]) -> dict[Message, list[str]]:
    """The test files that show each message."""
    uses = Counter(part for message in found for part in set(message.parts))
    fixed = "\n".join(part for message in found for part in message.parts)
    shown: dict[Message, list[str]] = {message: [] for message in found}
    for path in sorted(each for each in (ROOT / "tests").rglob("*") if each.suffix in (".py", ".yml")):
        texts = {" ".join(text.split()) for text in texts_of(path)}
        joined = "\n".join(texts)
        quotes = {each.strip(MARKS) for text in texts for each in (text, *re.split(r"\.[*+]|'", text))}
        quotes |= {" ".join(each.split()[:3]) for each in quotes if len(each.split()) > 3}  # a value may follow
        partial = [each for each in quotes if " " in each and len(each) > SHORTEST // 2 and each in fixed]
        for message, files in shown.items():
            quoted = any(each in part for part in message.parts for each in partial)
            unique = any(len(part) >= SHORTEST and uses[part] == 1 and part in joined for part in message.parts)
            if quoted or unique or _starts(message, joined, texts):
                files.append(str(path.relative_to(ROOT)))
    return shown


def _starts(message: Message, joined: str, texts: set[str]) -> bool:
    """Whether a text has the message from its start on, up to a value or to its end."""
    starts = [message.parts[:count] for count in range(len(message.parts), 0, -1)]
    starts = [start for start in starts if sum(map(len, start)) >= SHORTEST and all(part in joined for part in start)]
    patterns = [re.compile(".*?".join(map(re.escape, start))) for start in starts]
    return any(pattern.search(text) for pattern in patterns for text in texts)


def main(arguments: list[str]) -> int:
    shown = shown_by(messages())
    missing = [message for message, files in shown.items() if not files]
    if arguments != ["--check"]:
        for message, files in shown.items():
            print(f"{message.place}: {message.text.replace(GAP, '…')}")
            print("    " + (", ".join(files) or "NO TEST"))
    print(f"{len(shown)} messages, {len(missing)} without a test (at most {WITHOUT_TEST}).")
    return 1 if arguments == ["--check"] and len(missing) > WITHOUT_TEST else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
