# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.tools.payload [--time]`: the size of what Ansible sends to a managed host, and the time of an unchanged task.

The size is that of the AnsiballZ file of each module, without arguments and compressed as Ansible does by default.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.runner import paths, venvs
from tests.runner.process import Log

MODULES = paths.ROOT / "plugins" / "modules"


def sizes(names: list[str]) -> dict[str, int]:
    """Bytes of the payload of each module. It sets up Ansible's plugin loader, which is possible once in a process."""
    from ansible.executor.module_common import modify_module
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import init_plugin_loader
    from ansible.template import Templar

    root = paths.import_root()
    init_plugin_loader([str(root)])
    folder = root / "ansible_collections" / paths.NAMESPACE / paths.NAME / "plugins" / "modules"
    found = {}
    for name in names:
        built = modify_module(
            module_name=f"{paths.COLLECTION}.{name}",
            module_path=str(folder / f"{name}.py"),
            module_args={},
            templar=Templar(loader=DataLoader()),
            task_vars={"ansible_python_interpreter": "/usr/bin/python3"},
            module_compression="ZIP_DEFLATED",
        )
        found[name] = len(built.b_module_data)
    return found


def times() -> Mapping[str, Mapping[str, float]]:
    """Seconds of unchanged tasks with pipelining off, measured as `make bench` does."""
    from tests.benchmark import overhead
    from tests.runner import simulator

    python = Path(sys.executable)
    log = Log(overhead.HOME / "payload.log")
    with simulator.running(python, overhead.HOME, speed=overhead.SPEED) as cloud:
        overhead.furnish(cloud)
        return overhead.one_by_one(overhead.play(python, cloud, log, list(overhead.rounds(cloud)), pipelining=False))


def in_a_clean_process(names: list[str]) -> dict[str, int]:
    """The same as ``sizes`` in a process without settings of Ansible, and with the collection importable."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))}
    env["PYTHONPATH"] = os.pathsep.join([str(paths.import_root()), str(paths.ROOT)])
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    code = "import json, sys\nfrom tests.tools.payload import sizes\nprint(json.dumps(sizes(sys.argv[1:])))"
    done = subprocess.run([sys.executable, "-c", code, *names], cwd=paths.ROOT, env=env, check=True, stdout=-1)
    found: dict[str, int] = json.loads(done.stdout)
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tools.payload", description="Measure the modules' payloads.")
    parser.add_argument(
        "--time", action="store_true", help="also measure unchanged tasks, in a minute on an idle machine"
    )
    options = parser.parse_args(arguments)
    venvs.enter("tests.tools.payload")

    found = in_a_clean_process(sorted(path.stem for path in MODULES.glob("[a-z]*.py")))
    print(f"{'module':<28}{'bytes':>10}")
    for name, size in found.items():
        print(f"{name:<28}{size:>10}")
    print(f"{'mean':<28}{sum(found.values()) / len(found):>10.0f}")
    if options.time:
        print(f"\n{'unchanged task':<28}{'median ms':>10}{'least ms':>10}{'x uri':>8}")
        for name, taken in times().items():
            print(f"{name:<28}{1000 * taken['median']:>10.0f}{1000 * taken['min']:>10.0f}{taken['of uri']:>8.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
