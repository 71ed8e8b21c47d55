# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One run of ansible-playbook for each role, with all its cases; the tests read what came of each."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.roles.cases import ROLES, Case, Role, cases
from tests.runner import paths, simulator

PLUGINS = Path(__file__).parent / "plugins"
PYTHON = Path(os.environ.get("GCORE_ROLES_PYTHON", sys.executable))
SPEED = 600.0


class PlaybookFailed(Exception):
    """The playbook ended before its last case."""


class Outcome:
    """What a case came to."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.message: str = row["message"] or ""
        self.facts: dict[str, Any] = row["facts"]
        self.requests: list[dict[str, Any]] = row["requests"]
        self.reads = [(each["method"], each["path"], each["query"]) for each in self.requests if not _writes(each)]
        self.writes = [
            (each["method"], each["path"], each["query"], each["body"]) for each in self.requests if _writes(each)
        ]

    @property
    def normalized_writes(self) -> list[Any]:
        """The writes with every UUID replaced by its number in the order of appearance."""
        seen: dict[str, str] = {}
        text = json.dumps(self.writes)
        pattern = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
        return json.loads(re.sub(pattern, lambda match: seen.setdefault(match[0], f"id-{len(seen)}"), text))


def _writes(request: dict[str, Any]) -> bool:
    return request["method"] != "GET" and not request["path"].endswith("/check_limits")


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The outcomes of a role's cases by their names; each role is run once."""

    @functools.cache
    def run(name: str) -> dict[str, Outcome] | str:
        role = next(each for each in ROLES if each.name == name)
        try:
            return run_role(role, tmp_path_factory.mktemp(name))
        except PlaybookFailed as error:
            return str(error)

    def of(name: str) -> dict[str, Outcome]:
        found = run(name)
        if isinstance(found, str):
            pytest.fail(found)
        return found

    return of


def run_role(role: Role, folder: Path) -> dict[str, Outcome]:
    file = folder / "outcomes.jsonl"
    with simulator.running(Path(sys.executable), folder, speed=SPEED) as cloud:
        playbook = folder / "play.json"
        playbook.write_text(json.dumps(_play(role, cloud.url, file)), encoding="utf-8")
        ansible_playbook(cloud, folder, "-i", "localhost,", str(playbook))
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {row["case"]: Outcome(row) for row in rows}


def ansible_playbook(cloud: simulator.Simulator, folder: Path, *words: str) -> str:
    """Run ansible-playbook in a folder against a simulator, and return its output; raises PlaybookFailed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))}
    env.update(
        cloud.environment,
        ANSIBLE_ACTION_PLUGINS=str(PLUGINS / "action"),
        ANSIBLE_CALLBACK_PLUGINS=str(PLUGINS / "callback"),
        ANSIBLE_CALLBACKS_ENABLED="gcore_preload",
        ANSIBLE_COLLECTIONS_PATH=str(paths.import_root()),
        ANSIBLE_LOCALHOST_WARNING="false",
        ANSIBLE_INVENTORY_UNPARSED_WARNING="false",
        HOME=str(folder),
        PWD=str(folder),
    )
    command = [PYTHON, PYTHON.parent / "ansible-playbook", *words]
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, check=False, text=True, stdin=subprocess.DEVNULL
    )
    output = done.stdout + done.stderr
    with (folder / "output.txt").open("a", encoding="utf-8") as file:
        file.write(output)
    if done.returncode != 0:
        raise PlaybookFailed(output[-4000:])
    return output


def _play(role: Role, url: str, file: Path) -> list[dict[str, Any]]:
    def end(case: str, **more: Any) -> dict[str, Any]:
        return {"name": "End the case", "gcore_case": {"url": url, "file": str(file), "case": case, **more}}

    tasks: list[dict[str, Any]] = [*role.setup, end("setup")]
    for case in cases(role):
        if case.name in ("create-text", "create-omitted"):
            tasks += [*role.between, end("between")]
        tasks.append(
            {
                "name": case.name,
                "block": [_include(role, case), end(case.name, facts=f"{{{{ {role.name}_facts }}}}")],
                "rescue": [end(case.name, message="{{ ansible_failed_result.msg }}")],
            }
        )
    variables = {"ansible_python_interpreter": str(PYTHON)}
    return [{"hosts": "localhost", "connection": "local", "gather_facts": False, "vars": variables, "tasks": tasks}]


def _include(role: Role, case: Case) -> dict[str, Any]:
    include: dict[str, Any] = {"name": f"gcore.cloud.{role.name}"}
    if case.check:
        include["apply"] = {"check_mode": True}
    variables = {f"{role.name}_{name}": value for name, value in case.variables.items()}
    return {"name": case.name, "ansible.builtin.include_role": include, "vars": variables}
