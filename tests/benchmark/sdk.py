# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The official Python SDK, unchanged, against the simulator in this process: its requests and its sleep are carried over, nothing else."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from unittest import mock

import httpx
from gcore import Gcore
from gcore._resource import SyncAPIResource

from tests.harness import TRIP, URL, Cloud

Sleep = Callable[[float], None]


class Wire(httpx.BaseTransport):
    """Carries the SDK's requests into the simulator; each takes as long as one of a module, and is counted."""

    def __init__(self, cloud: Cloud, sleep: Sleep) -> None:
        self._cloud = cloud
        self._sleep = sleep
        self.paths: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._sleep(TRIP)
        self.paths.append(request.url.path)
        headers = {key.decode(): value.decode() for key, value in request.headers.raw}
        answer = self._cloud.serve(request.method, str(request.url), headers, request.read())
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.read())


@contextlib.contextmanager
def client(cloud: Cloud, sleep: Sleep | None = None) -> Iterator[tuple[Gcore, Wire]]:
    """The SDK with its own defaults; ``sleep`` lets simulated time pass."""
    sleep = sleep or cloud.simulator.advance
    wire = Wire(cloud, sleep)
    sdk = Gcore(
        api_key=cloud.simulator.settings.api_key,
        base_url=URL,
        cloud_project_id=cloud.project_id,
        cloud_region_id=cloud.region_id,
        http_client=httpx.Client(transport=wire),
    )
    with mock.patch.object(SyncAPIResource, "_sleep", lambda _self, seconds: sleep(seconds)):
        yield sdk, wire


class Turns:
    """Threads on a simulated clock: one runs at a time, and time passes only while all of them sleep.

    Who sleeps shortest is woken first, and of several the one with the lowest number, so that each run is like the other.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._awake: dict[int, threading.Event] = {}
        self._until: dict[int, float] = {}
        self._back = threading.Event()
        self._own = threading.local()
        self._errors: list[BaseException] = []

    def sleep(self, seconds: float) -> None:
        """What a thread calls in place of time.sleep."""
        number = self._own.number
        self._until[number] = self._cloud.clock.now() + seconds
        self._back.set()
        self._awake[number].wait()
        self._awake[number].clear()

    def run(self, jobs: Sequence[Callable[[], object]]) -> None:
        """Run all jobs, each in a thread, to their ends."""
        threads = [threading.Thread(target=self._work, args=(number, job)) for number, job in enumerate(jobs)]
        for number, thread in enumerate(threads):
            self._awake[number] = threading.Event()
            self._until[number] = self._cloud.clock.now()
            thread.start()
        while self._until:
            until, number = min((until, number) for number, until in self._until.items())
            del self._until[number]
            self._cloud.simulator.advance(max(0.0, until - self._cloud.clock.now()))
            self._back.clear()
            self._awake[number].set()
            self._back.wait()
        for thread in threads:
            thread.join()
        if self._errors:
            raise self._errors[0]

    def _work(self, number: int, job: Callable[[], object]) -> None:
        self._own.number = number
        self._awake[number].wait()
        self._awake[number].clear()
        try:
            job()
        except BaseException as error:
            self._errors.append(error)
        finally:
            self._back.set()
