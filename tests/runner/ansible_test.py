# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of ansible-test."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .outcome import Outcome, from_integration, from_junit, from_sanity
from .process import CommandFailed, Log, Word, check, run
from .pythons import Core, Interpreter, Version, search_path
from .simulator import Simulator

CONFIG = Path("tests") / "integration" / "integration_config.yml"


@dataclass(frozen=True)
class AnsibleTest:
    """ansible-test of one ansible-core, run by one Python."""

    core: Core
    controller: Interpreter
    python: Path
    interpreters: Mapping[Version, Interpreter]

    def sanity(self, copy: Path, log: Log, targets: Sequence[Interpreter]) -> Outcome:
        on = [word for target in targets for word in ("--target-python", target.name)]
        code, output = self._run(copy, log, ["sanity", *self._controller(), *on])
        return _checked(from_sanity(output), code, log)

    def units(self, copy: Path, log: Log, target: Interpreter) -> Outcome:
        reports = copy / "tests" / "output" / "junit"
        for old in reports.glob("*.xml"):
            old.unlink()
        code, _output = self._run(copy, log, ["units", "--venv", "--python", target.name])
        return _checked(from_junit(sorted(reports.glob("*.xml"))), code, log)

    def integration(
        self, copy: Path, log: Log, targets: Sequence[str], target_python: Path, version: str, simulator: Simulator
    ) -> Outcome:
        config = {
            "gcore_environment": simulator.environment,
            "gcore_url": simulator.url,
            "gcore_api_key": simulator.api_key,
            "gcore_project_id": simulator.project_id,
            "gcore_region_id": simulator.region_id,
            "gcore_clock_speed": simulator.speed,
        }
        (copy / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
        where = ["--target", f"controller:python={version}@{target_python}"]
        code, output = self._run(
            copy, log, ["integration", *targets, *self._controller(), *where, "--continue-on-error"]
        )
        return _checked(from_integration(output, targets), code, log)

    @staticmethod
    def create_key(log: Log) -> None:
        """Create the SSH key of ansible-test integration before two of its runs create it at the same time."""
        key = Path.home() / ".ansible" / "test" / "id_rsa"
        if key.exists():
            return
        if not shutil.which("ssh-keygen"):
            raise CommandFailed("ansible-test integration needs ssh-keygen: install the package 'openssh-client'")
        key.parent.mkdir(parents=True, exist_ok=True)
        check(["ssh-keygen", "-m", "PEM", "-q", "-t", "rsa", "-N", "", "-f", key], log, cwd=key.parent)

    def _controller(self) -> list[str]:
        return ["--controller", f"origin:python=venv/{self.controller.name}"]

    def _run(self, copy: Path, log: Log, arguments: Sequence[str]) -> tuple[int, str]:
        env = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))
        }
        env["PATH"] = os.pathsep.join([str(self.python.parent), search_path(self.interpreters)])
        command: list[Word] = [self.python, self.python.parent / "ansible-test", *arguments, "--color", "no"]
        return run(command, log, cwd=copy, env=env, timeout=2700)


def _checked(outcome: Outcome, code: int, log: Log) -> Outcome:
    """Count an exit code that no failed test explains as a failure, and a run without tests too."""
    if code != 0 and not outcome.failed:
        outcome.fail(f"ansible-test ended with {code}")
    if not outcome.passed and not outcome.failed:
        outcome.fail("no test ran")
    for what in outcome.failures:
        log.write(f"FAILED {what}")
    return outcome
