# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests of a run that finds everything as it should be: each module is run twice, and the second run is counted.

The things are those that the fault table works on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.faults.operations import ALL, CREATE, DELETE, FOLDER, READ, Operation
from tests.harness import Cloud, run_module

from .waits import succeeded

COLUMNS = {CREATE: "present", DELETE: "absent", READ: "read"}


def measure() -> dict[str, dict[str, int]]:
    """By module: requests of a second run with state=present and with state=absent, or of a run that only reads."""
    found: dict[str, dict[str, int]] = {}
    for operation in ALL.values():
        column = COLUMNS.get(operation.sort)
        if operation.sort == DELETE and operation.options.get("state") != "absent":
            continue  # what is deleted is a part of the thing
        if column and column not in found.setdefault(operation.module, {}):
            found[operation.module][column] = second_run(operation)
    found["task_wait"] = {"read": wait_for_what_has_ended()}
    return dict(sorted(found.items()))


def second_run(operation: Operation) -> int:
    """The requests of a run after which nothing has changed."""
    cloud = Cloud()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for module, options in operation.before:
                succeeded(run_module(cloud, module, in_folder(options, folder), folder))
            first, second = (
                succeeded(run_module(cloud, operation.module, in_folder(operation.options, folder), folder))
                for _time in range(2)
            )
    finally:
        cloud.close()
    if second.writes or (second.result or {}).get("changed"):
        raise AssertionError(f"the second run of {operation.name} changed something")
    if operation.sort != READ and not (first.result or {}).get("changed"):
        raise AssertionError(f"the first run of {operation.name} changed nothing")
    return len(second.exchanges)


def wait_for_what_has_ended() -> int:
    cloud = Cloud()
    try:
        task = cloud.simulator.foreign_task("create_vm", cloud.project_id, cloud.region_id, seconds=1)
        cloud.simulator.advance(60)
        with tempfile.TemporaryDirectory() as name:
            return len(succeeded(run_module(cloud, "task_wait", {"tasks": [task.id]}, Path(name))).exchanges)
    finally:
        cloud.close()


def in_folder(options: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Options with the run's own folder in their paths."""
    return {
        key: value.replace(FOLDER, str(folder)) if isinstance(value, str) else value for key, value in options.items()
    }
