# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.tools.action_groups [--check]`: write the action groups of meta/runtime.yml, or check them.

A module is in a group when it has the group's options: what `module_defaults` sets for a group must suit all in it.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Mapping
from typing import Any

import yaml
from ansible.module_utils.basic import AnsibleModule

from tests.runner import paths

RUNTIME = paths.ROOT / "meta" / "runtime.yml"
FRAGMENTS = "extends_documentation_fragment"
# Each group, and the option that all its modules have.
MARKS = {"all": "api_key", "project": "project", "regional": "region", "waiting": "wait"}


class SpecSeen(Exception):
    """Carries a module's argument spec out of its main()."""


def argument_spec(module: Any) -> Mapping[str, Any]:
    """The options that a module passes to AnsibleModule."""

    def see(_self: AnsibleModule, argument_spec: Mapping[str, Any], **_others: Any) -> None:
        raise SpecSeen(argument_spec)

    original, AnsibleModule.__init__ = AnsibleModule.__init__, see
    try:
        module.main()
    except SpecSeen as seen:
        spec: Mapping[str, Any] = seen.args[0]
        return spec
    finally:
        AnsibleModule.__init__ = original
    raise LookupError(f"main() of {module.__name__} creates no AnsibleModule.")


def modules() -> dict[str, Any]:
    """All modules of the collection, by name."""
    root = str(paths.import_root())
    if root not in sys.path:
        sys.path.insert(0, root)
    package = f"ansible_collections.{paths.COLLECTION}.plugins.modules"
    names = sorted(path.stem for path in (paths.ROOT / "plugins" / "modules").glob("*.py"))
    return {name: importlib.import_module(f"{package}.{name}") for name in names}


def groups() -> dict[str, list[str]]:
    """The action groups by the modules' options."""
    specs = {name: argument_spec(module) for name, module in modules().items()}
    return {group: [name for name, spec in specs.items() if option in spec] for group, option in MARKS.items()}


def documented() -> dict[str, list[str]]:
    """The action groups that the modules' documentation names, by the groups_… fragment of each."""
    found: dict[str, list[str]] = {group: [] for group in MARKS}
    for name, module in modules().items():
        for fragment in yaml.safe_load(module.DOCUMENTATION).get(FRAGMENTS, []):
            short = fragment.rpartition(".")[2]
            if not short.startswith("groups_"):
                continue
            inner = importlib.import_module(f"ansible_collections.{paths.COLLECTION}.plugins.doc_fragments.{short}")
            text = yaml.safe_load(inner.ModuleDocFragment.DOCUMENTATION)
            for group in text["attributes"]["action_group"]["membership"]:
                found[group.rpartition(".")[2]].append(name)
    return found


def rendered(runtime: Mapping[str, Any]) -> str:
    """meta/runtime.yml with the right groups and otherwise unchanged."""
    text = yaml.safe_dump({**runtime, "action_groups": groups()}, sort_keys=False, explicit_start=True)
    return text.replace("\n  - ", "\n    - ")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.action_groups", description="Write the action groups.")
    parser.add_argument("--check", action="store_true", help="only compare; the exit status is 1 when they differ")
    options = parser.parse_args(arguments)

    now = RUNTIME.read_text(encoding="utf-8")
    wanted = rendered(yaml.safe_load(now))
    wrong = {group for group, names in documented().items() if names != groups()[group]}
    for group in sorted(wrong):
        print(f"The documentation has other modules in {paths.COLLECTION}.{group}: see their groups_… fragments.")
    if now != wanted and options.check:
        print(f"{RUNTIME.relative_to(paths.ROOT)} differs: run python -m tests.tools.action_groups.")
    elif now != wanted:
        RUNTIME.write_text(wanted, encoding="utf-8")
    return 1 if wrong or (options.check and now != wanted) else 0


if __name__ == "__main__":
    sys.exit(main())
