# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many modules at the same time, as Ansible's forks run them: one process each, one simulated cloud, one virtual time.

Only one process runs at any moment, the one whose time comes next, so that a run is the same every time.
"""

from __future__ import annotations

import heapq
import io
import multiprocessing
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from urllib3.response import HTTPResponse

from tests.harness import Cloud, Run, run_module

Job = tuple[str, Mapping[str, Any]]


class _Remote:
    """The cloud as a process sees it: requests and sleeping go to the parent, which serves one process at a time."""

    def __init__(self, connection: Any, api_key: str, seed: int) -> None:
        self._connection = connection
        self._now: float = connection.recv()
        self.settings = SimpleNamespace(api_key=api_key)
        self.seed = seed
        self.simulator = self.clock = self
        self.exchanges: list[Any] = []
        self.ambushes: list[Any] = []
        self.on_sleep = None

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        self._connection.send(("sleep", seconds))
        self._now = self._connection.recv()

    def serve(self, *request: Any) -> HTTPResponse:
        self._connection.send(("serve", request))
        status, headers, content = self._connection.recv()
        return HTTPResponse(
            io.BytesIO(content), headers=headers, status=status, preload_content=False, request_method=request[0]
        )


def _child(connection: Any, job: Job, folder: Path, api_key: str, seed: int) -> None:
    connection.send(("done", run_module(_Remote(connection, api_key, seed), job[0], job[1], folder)))  # type: ignore[arg-type]


def run_together(cloud: Cloud, jobs: Sequence[Job], folder: Path) -> list[Run]:
    """Run modules that all start at the same time, and return what each came to, in order."""
    context = multiprocessing.get_context("fork")
    connections, processes = [], []
    for seed, job in enumerate(jobs):
        ours, theirs = context.Pipe()
        process = context.Process(target=_child, args=(theirs, job, folder, cloud.simulator.settings.api_key, seed))
        process.start()
        theirs.close()
        connections.append(ours)
        processes.append(process)
    waiting = [(cloud.clock.now(), index) for index in range(len(jobs))]
    runs: dict[int, Run] = {}
    try:
        while waiting:
            moment, index = heapq.heappop(waiting)
            cloud.simulator.advance(max(0.0, moment - cloud.clock.now()))
            connections[index].send(cloud.clock.now())
            while True:
                what, value = connections[index].recv()  # raises EOFError when the process has crashed
                if what == "serve":
                    response = cloud.serve(*value)
                    connections[index].send((response.status, dict(response.headers), response.read()))
                    continue
                if what == "sleep":
                    heapq.heappush(waiting, (cloud.clock.now() + value, index))
                else:
                    runs[index] = value
                break
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return [runs[index] for index in range(len(jobs))]
