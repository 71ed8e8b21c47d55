# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.tools.coverage`: branch coverage of `plugins/` by unit tests, scenarios, contract tests and fault table together.

What is measured is configured in `pyproject.toml`. The files are found by their real paths, so that a file counts once, however it
was imported.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time

from tests.runner import paths, venvs
from tests.runner.process import Log, run

FOLDERS = ("tests/unit", "tests/scenarios", "tests/contract", "tests/faults")
HOME = paths.BUILD / "coverage"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.coverage", description="Measure the branch coverage.")
    parser.add_argument("folders", nargs="*", default=FOLDERS, help="what to run (default: %(default)s)")
    options = parser.parse_args(arguments)
    venvs.enter("tests.tools.coverage")

    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))}
    if document := os.environ.get("GCORE_OPENAPI"):
        env["GCORE_OPENAPI"] = document
    env["PYTHONPATH"] = os.pathsep.join([str(paths.import_root()), str(paths.ROOT)])
    coverage = [sys.executable, "-m", "coverage"]
    failed = []
    for folder in options.folders:
        log = Log(paths.LOGS / f"coverage-{folder.replace('/', '-')}.log")
        start = time.monotonic()
        code, _output = run([*coverage, "run", "-m", "pytest", "-q", folder], log, cwd=paths.ROOT, env=env)
        print(f"{folder}: {log.tail(1)} ({time.monotonic() - start:.0f} s)", flush=True)
        if code != 0:
            failed.append(folder)
            print(log.excerpt(40))
    run([*coverage, "combine"], Log(paths.LOGS / "coverage-combine.log"), cwd=paths.ROOT, env=env)
    for unreadable in HOME.glob("data.*"):  # of processes that a test has killed
        unreadable.unlink()
    code = subprocess.run([*coverage, "report"], cwd=paths.ROOT, env=env, check=False).returncode
    if failed:
        print(f"Failed: {', '.join(failed)}. The figures are not those of a complete run.", file=sys.stderr)
    return 1 if failed else code


if __name__ == "__main__":
    sys.exit(main())
