# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measures all of it, and writes it down: results.json, a page and figures of the documentation, a table of the README."""

from __future__ import annotations

import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.runner import paths
from tests.runner.process import Log

from . import overhead, virtual
from .tables import all_tables, main_table

RESULTS = paths.ROOT / "docs" / "benchmark" / "results.json"
PAGE = paths.ROOT / "docs" / "docsite" / "rst" / "benchmark.rst"
IMAGES = PAGE.parent / "images"
README = paths.ROOT / "README.md"
WAITS, TASKS = FIGURES = ("benchmark-waits.svg", "benchmark-tasks.svg")
BEGIN, END = "<!-- written by make bench -->\n", "<!-- until here -->\n"


def main(only_computed: bool) -> int:
    start = time.monotonic()
    print("What is computed, and what runs on the simulator's clock", flush=True)
    results: dict[str, Any] = {"versions": versions(), "virtual": virtual.measure()}
    print(f"({time.monotonic() - start:.0f} seconds)", flush=True)
    if only_computed:
        committed = json.loads(RESULTS.read_text(encoding="utf-8"))
        results |= {key: committed[key] for key in ("machine", "measured")}
    else:
        print("What is measured on this machine", flush=True)
        results["machine"] = machine()
        results["measured"] = overhead.measure(Path(sys.executable), Log(overhead.HOME / "overhead.log"))
        print(f"({time.monotonic() - start:.0f} seconds)", flush=True)
    write(results)
    print("", *(table.plain() for table in all_tables(results)), described(results), sep="\n\n")
    print(f"\nWritten: {relative(RESULTS)}, {relative(PAGE)}, {relative(IMAGES)}, {relative(README)}")
    return 0


def relative(path: Path) -> Path:
    return path.relative_to(paths.ROOT)


def machine() -> dict[str, Any]:
    """On what the measured numbers were measured; ``load`` is how many processes wanted a core in the last five minutes."""
    info = Path("/proc/cpuinfo")
    models = re.findall(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else []
    return {
        "processor": models[0] if models else platform.processor() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": round(os.getloadavg()[1], 1),
        "system": platform.system(),
        "Python": platform.python_version(),
        "ansible-core": importlib.metadata.version("ansible-core"),
        "requests": importlib.metadata.version("requests"),
        "date": datetime.date.today().isoformat(),
    }


def versions() -> dict[str, str]:
    """Of what the computed numbers depend on, beside this collection."""
    return {name: importlib.metadata.version(name) for name in ("gcore", "matplotlib")}


def described(results: Mapping[str, Any]) -> str:
    facts = {**results["machine"], **results["versions"]}
    return "Machine and versions: " + ", ".join(f"{name} {value}" for name, value in facts.items()) + "."


def write(results: Mapping[str, Any]) -> None:
    from . import plots  # matplotlib is for this alone

    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    plots.draw(
        results["virtual"], IMAGES / WAITS, IMAGES / TASKS, f"Drawn of the numbers {fingerprint(results['virtual'])}"
    )
    PAGE.write_text(page(results), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8"), results["virtual"]), encoding="utf-8")


def fingerprint(numbers: Any) -> str:
    """What tells whether a figure was drawn of these numbers."""
    return hashlib.sha256(json.dumps(numbers, sort_keys=True).encode()).hexdigest()[:16]


def readme(text: str, computed: Mapping[str, Any]) -> str:
    """The README with its table as it is now."""
    before, _mark, after = text.partition(BEGIN)
    return f"{before}{BEGIN}{main_table(computed).markdown()}\n{END}{after.partition(END)[2]}"


def page(results: Mapping[str, Any]) -> str:
    tasks = results["measured"]["tasks"]["pipelining off"]
    head = HEAD.replace("<writes>", f"{tasks['volume']['of uri']:.1f}").replace(
        "<reads>", f"{tasks['volume_info']['of uri']:.1f}"
    )
    return head + "\n".join(table.rst() for table in all_tables(results)) + f"\n{described(results)}\n"


HEAD = f"""\
..
  Copyright (c) 2026 Gcore
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. This page is written by "make bench".

.. _ansible_collections.gcore.cloud.docsite.benchmark:

The cost of waiting
===================

Every write to the Gcore Cloud API starts a task. Waiting for it has two costs: requests, which the API limits, and the seconds
between the end of the task and the poll that sees it. A fixed interval trades one for the other: whatever the interval, mean requests
times mean seconds lost is about half of the duration. Both are lower only if the polls come at better moments. For durations that are
evenly distributed between two bounds, no schedule gets below 2/9 of the distance between them.

.. figure:: images/{WAITS}
   :alt: For each of the seven operations, requests against seconds lost on logarithmic scales. All fixed intervals lie on one
         curve, the peers on it or above it. This collection lies below it, close to the bound.

   Requests against seconds lost for the operations of the document on asynchronous operations. Lower left is better.

Where this collection is not ahead:

* It usually loses more seconds than a client that polls every second or two, above all with long operations; the number of requests
  is then many times smaller. ``poll_interval`` sets a fixed interval where each second counts.
* If operations take half as long as usual, its first poll is late: a fixed interval is better then for networks, VMs and bare metal
  servers. If they take three times as long, it polls too often, until it learns from the account's own tasks after two minutes.
* Its modules make requests besides polls that the SDK does not make, because they read the current state first.
* A module that can write takes <writes> times as long as ``ansible.builtin.uri``, one that only reads <reads> times.

.. figure:: images/{TASKS}
   :alt: Requests and seconds lost for 1, 10, 100 and 500 tasks. task_wait needs the fewest requests at every number.

   One wait for many tasks.

The numbers are written by ``make bench``, all of them as JSON in ``docs/benchmark/results.json``. Those that are computed, or that come from runs on the
simulator's clock, are the same on every machine, and a test holds them; those of the last two tables are measured.

"""

if __name__ == "__main__":
    sys.exit(main("--computed" in sys.argv))
