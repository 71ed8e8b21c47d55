# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what waiting and modules cost, print the tables, and write them with the figures into the documentation."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tests.runner import paths, pythons, venvs
from tests.runner.process import CommandFailed, Log

HOME = paths.BUILD / "benchmark"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmark", description=__doc__)
    parser.add_argument(
        "--computed",
        action="store_true",
        help="only what is the same on every machine, in a minute; what was measured stays as it is written",
    )
    options = parser.parse_args()
    log = Log(HOME / "benchmark.log")
    try:
        python = venvs.ensure(
            HOME / "venv", pythons.current(), log, requirements=[paths.TESTS / "benchmark" / "requirements.txt"]
        )
    except CommandFailed as error:
        print(log.tail(40), f"\nThe benchmark could not be prepared: {error}", sep="\n", file=sys.stderr)
        return 1
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))}
    env["PYTHONPATH"] = os.pathsep.join([str(paths.import_root()), str(paths.ROOT)])
    command = [python, "-m", "tests.benchmark.publish", *(["--computed"] if options.computed else [])]
    return subprocess.call(command, cwd=paths.ROOT, env=env)


if __name__ == "__main__":
    sys.exit(main())
