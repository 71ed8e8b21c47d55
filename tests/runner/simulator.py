# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A running simulator of the Gcore Cloud API, for the stages that need one and for the demo."""

from __future__ import annotations

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import paths

_TIMEOUT = 60.0


class SimulatorFailed(Exception):
    """The simulator did not start."""


@dataclass(frozen=True)
class Simulator:
    url: str
    api_key: str
    project_id: int
    region_id: int
    speed: float

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point the collection at this simulator."""
        return {
            "GCORE_BASE_URL": self.url,
            "GCORE_API_KEY": self.api_key,
            "GCORE_CLOUD_PROJECT_ID": str(self.project_id),
            "GCORE_CLOUD_REGION_ID": str(self.region_id),
            "GCORE_CLOCK_SPEED": f"{self.speed:g}",
        }

    def control(self, path: str) -> Any:
        """Internal data of the simulator, from a path below `/_simulator/`."""
        with urllib.request.urlopen(f"{self.url}/_simulator/{path}", timeout=30) as response:
            return json.load(response)


@contextlib.contextmanager
def running(python: Path, folder: Path, *, speed: float, record: Path | None = None) -> Iterator[Simulator]:
    """Start a simulator on a free port, and end it afterwards. Its output goes to `simulator.log` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ready = folder / "simulator.json"
    ready.unlink(missing_ok=True)
    command = [str(python), "-m", "tests.simulator", "--port", "0", "--speed", f"{speed:g}", "--ready-file", str(ready)]
    if record:
        record.parent.mkdir(parents=True, exist_ok=True)
        record.unlink(missing_ok=True)
        command += ["--record", str(record)]
    output = folder / "simulator.log"
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=paths.ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield _wait_until_ready(process, ready, output)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, output: Path) -> Simulator:
    end = time.monotonic() + _TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            said = json.loads(ready.read_text(encoding="utf-8"))
            return Simulator(said["url"], said["api_key"], said["project_id"], said["region_id"], said["speed"])
        time.sleep(0.05)
    why = "ended" if process.poll() is not None else f"was not ready after {_TIMEOUT:.0f} s"
    raise SimulatorFailed(f"the simulator {why}: {output.read_text(encoding='utf-8').strip()[-2000:]}")
