# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A real module and a simulated cloud in one process: the module's main() runs, its requests go into the simulator, time is a number.

What is replaced is the clock (sleeping lets simulated time pass), the transport under requests (it carries a prepared request
into the simulator, and raises what requests would raise when the connection breaks), and where a module writes to.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import dataclasses
import importlib
import io
import json
import os
import sys
import tempfile
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import requests
from ansible.module_utils import basic
from ansible.module_utils.common import warnings as ansible_warnings
from ansible.module_utils.testing import patch_module_args
from ansible_collections.gcore.cloud.plugins.module_utils import clock as clock_room
from ansible_collections.gcore.cloud.plugins.module_utils.api import client as client_room
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points import module as module_room
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import WITH_INVOCATION
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ReadTimeout
from urllib3.exceptions import ProtocolError
from urllib3.response import HTTPResponse

from tests.simulator.app import Clock, Settings, Simulator, create_app
from tests.simulator.core.faults import Fault, FaultBook
from tests.simulator.core.store import Record

URL = "http://127.0.0.1:8700"  # nobody listens there: the transport never opens a connection
EPOCH = 1_780_000_000.0
TRIP = 0.1  # seconds that one request takes
PLUGINS = "ansible_collections.gcore.cloud.plugins.modules"


class Killed(BaseException):
    """The process that runs the module has been killed."""


@dataclasses.dataclass(frozen=True)
class Exchange:
    """One request, and what the module got to see of its answer (status None: none came)."""

    method: str
    path: str
    at: float
    status: int | None
    answer: Any
    reads: bool
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    """What was sent: parsed JSON, or None."""

    def __str__(self) -> str:
        return f"{self.at - EPOCH:.1f} {self.method} {self.path} {self.status}"


@dataclasses.dataclass
class Ambush:
    """Something that happens once, just before or just after the first request that it waits for has been served."""

    wanted: Callable[[str, str], bool]
    act: Callable[[requests.PreparedRequest], None]
    after: bool = False
    sprung: bool = False

    def meet(self, request: requests.PreparedRequest, after: bool) -> None:
        if not self.sprung and self.after == after and self.wanted(str(request.method), path_of(request)):
            self.sprung = True
            self.act(request)


@dataclasses.dataclass(frozen=True)
class Run:
    """What one run of a module came to. ``result`` is None where the process was killed; ``files`` is what it has written."""

    result: Mapping[str, Any] | None
    text: str
    exchanges: tuple[Exchange, ...]
    seconds: float
    files: tuple[str, ...]
    crash: str | None = None

    @property
    def failed(self) -> bool:
        return bool(self.result and self.result.get("failed"))

    @property
    def warnings(self) -> list[str]:
        """The texts of the result's warnings; newer ansible-cores wrap them."""
        found = (self.result or {}).get("warnings") or []
        return [each if isinstance(each, str) else str(each["event"]["msg"]) for each in found]

    @property
    def error_kind(self) -> str:
        return str(((self.result or {}).get("error") or {}).get("kind", "none"))

    @property
    def writes(self) -> list[Exchange]:
        return [each for each in self.exchanges if not each.reads]

    def tasks_told(self) -> list[str]:
        """The tasks that answers to this run's writes named, as far as they arrived."""
        answers = (each.answer for each in self.writes if each.status is not None and each.status < 300)
        return [str(task) for answer in answers if isinstance(answer, dict) for task in answer.get("tasks") or []]


@dataclasses.dataclass(frozen=True)
class Stage:
    """A cloud as it stands before an operation, ready to be put up again and again."""

    now: float
    state: tuple[Any, Any]


class Cloud:
    """The simulator, with its clock standing still but for what a module sleeps and asks."""

    def __init__(self) -> None:
        self.simulator = Simulator(Settings(frozen=True), clock=Clock(frozen=True, wall=lambda: EPOCH))
        self.app = create_app(self.simulator)
        self.loop = asyncio.new_event_loop()
        self.project_id = int(next(self.simulator.store.all("project")).id)
        self.region_id = int(next(self.simulator.store.all("region")).id)
        self.exchanges: list[Exchange] = []
        self.ambushes: list[Ambush] = []
        self.on_sleep: Callable[[], None] | None = None
        self.told_to_others = ""
        self.seed = 1  # of the random part of the pauses between tries

    @property
    def clock(self) -> Clock:
        return self.simulator.clock

    def close(self) -> None:
        self.loop.close()

    # ------------------------------------------------------------ its state

    def keep(self) -> Stage:
        """The cloud as it is now; nothing may be going on."""
        sim = self.simulator
        sim.settle()
        for task in sim.tasks.all():
            if task.active:
                raise AssertionError(f"{task.task_type} is going on still")
            task.finish = task.undo = None
        return Stage(self.clock.now(), copy.deepcopy((sim.store, sim.tasks), {id(sim): sim}))

    def put_up(self, stage: Stage) -> None:
        """Back to a stage; its faults, ambushes and requests are gone."""
        sim = self.simulator
        sim.reset()
        sim.clock = Clock(frozen=True, wall=lambda: stage.now)
        sim.store, sim.tasks = copy.deepcopy(stage.state, {id(sim): sim})
        self.told_to_others = ""
        self.calm()

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self.simulator.faults.clear()
        self.ambushes = []
        self.on_sleep = None

    def arm(self, *faults: Mapping[str, Any]) -> None:
        self.simulator.faults.add([Fault.model_validate(each) for each in faults])

    def records(self) -> dict[tuple[str, str], Record]:
        """Everything in the cloud, be it visible yet or not."""
        store = self.simulator.store
        return {(kind, str(record.id)): record for kind in store.kinds() for record in store.all(kind)}

    # ------------------------------------------------------------- requests

    def serve(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> HTTPResponse:
        """One request on the wire; raises what requests raises where the connection breaks."""
        parts = urllib.parse.urlsplit(url)
        scope = {
            "type": "http",
            "method": method,
            "path": urllib.parse.unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(key.lower().encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()],
        }
        incoming = iter([{"type": "http.request", "body": body}])
        sent: list[Any] = []
        waited = False

        async def receive() -> Any:
            nonlocal waited
            message = next(incoming, None)
            waited = waited or message is None
            return message or {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        broken = None
        try:
            self.loop.run_until_complete(self.app(scope, receive, send))
        except ConnectionResetError as error:
            broken = error
        if broken and not (sent and sent[-1].get("more_body")):  # not even half of an answer: Starlette's 500 is none
            if waited:
                raise ReadTimeout("Read timed out.")
            raise RequestsConnectionError(ProtocolError("Connection aborted.", broken))
        payload = b"".join(message.get("body", b"") for message in sent[1:])
        fields = {key.decode("latin-1"): value.decode("latin-1") for key, value in sent[0]["headers"]}
        return HTTPResponse(
            io.BytesIO(payload),
            headers=fields,
            status=sent[0]["status"],
            preload_content=False,
            request_method=method,
        )

    def somebody_else(self, request: requests.PreparedRequest) -> None:
        """A request that another controller sends, which meets no fault."""
        faults, self.simulator.faults = self.simulator.faults, FaultBook(self.simulator)
        answer = self.serve(str(request.method), str(request.url), request.headers, body_of(request))
        self.simulator.faults = faults
        self.told_to_others += answer.read().decode()


class Wire(HTTPAdapter):
    """The transport under requests."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, timeout: float | None = None, **_unused: Any
    ) -> requests.Response:
        cloud = self._cloud
        for ambush in cloud.ambushes:
            ambush.meet(request, after=False)
        cloud.simulator.advance(TRIP)
        status, content = None, b""
        try:
            answer = cloud.serve(str(request.method), str(request.url), request.headers, body_of(request))
            response = self.build_response(request, answer)
            status, content = response.status_code, response.content  # raises where the body is cut off
        except ReadTimeout:
            cloud.simulator.advance(max(0.0, (timeout or 0.0) - TRIP))
            raise
        finally:
            cloud.exchanges.append(self._noted(request, status, content))
            for ambush in cloud.ambushes:
                ambush.meet(request, after=True)
        return response

    def _noted(self, request: requests.PreparedRequest, status: int | None, content: bytes) -> Exchange:
        try:
            answer = json.loads(content) if content else None
        except ValueError:
            answer = None
        method, path = str(request.method), path_of(request)
        query = tuple(urllib.parse.parse_qsl(urllib.parse.urlsplit(str(request.url)).query, keep_blank_values=True))
        sent = body_of(request)
        body = json.loads(sent) if sent else None
        at = self._cloud.clock.now()
        return Exchange(method, path, at, status, answer, not is_write(method, path), query, body)


class VirtualClock(clock_room.Clock):
    """The module's clock: the simulator's, which moves on when the module sleeps."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def now(self) -> float:
        return self._cloud.clock.now()

    def sleep(self, seconds: float) -> None:
        if self._cloud.on_sleep:
            self._cloud.on_sleep()
        if seconds > 0:
            self._cloud.simulator.advance(seconds)


def path_of(request: requests.PreparedRequest) -> str:
    return urllib.parse.urlsplit(str(request.url)).path


def body_of(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    return body if isinstance(body, bytes) else body.encode()


def is_write(method: str, path: str) -> bool:
    """Whether a request is meant to change something."""
    return method != "GET" and not path.endswith("/check_limits")


def run_module(
    cloud: Cloud,
    name: str,
    options: Mapping[str, Any],
    folder: Path,
    check: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Run:
    """One run of a module as a process of its own would do it, on a controller whose temporary files are in ``folder``.

    ``environment`` is added to the process's environment, which has no variable of the collection otherwise.
    """
    main = importlib.import_module(f"{PLUGINS}.{name}").main
    start, outer, cloud.exchanges = cloud.clock.now(), cloud.exchanges, []
    before = set(folder.rglob("*"))
    arguments = {
        "api_url": URL,
        "api_key": cloud.simulator.settings.api_key,
        **options,
        "_ansible_check_mode": check,
        "_ansible_diff": True,
        **WITH_INVOCATION,
        "_ansible_module_name": f"gcore.cloud.{name}",
    }
    output, crash, killed = io.StringIO(), None, False
    log: list[str] = []
    with _process(cloud, folder, output, log, environment or {}), patch_module_args(arguments):
        try:
            main()
            crash = "main() returned"
        except SystemExit:
            pass
        except Killed:
            killed = True
        except Exception as error:  # whatever escapes is a crash of the module: the invariants say so
            crash = repr(error)
    result = None
    if not killed and not crash:
        result = json.loads(output.getvalue().strip().splitlines()[-1])
    written = sorted(path for path in set(folder.rglob("*")) - before if path.is_file())
    files = tuple(content for content in (path.read_text(encoding="utf-8") for path in written) if content)
    text = "\n".join([output.getvalue(), *log])
    exchanges, cloud.exchanges = tuple(cloud.exchanges), outer
    return Run(result, text, exchanges, cloud.clock.now() - start, files, crash)


@contextlib.contextmanager
def _process(
    cloud: Cloud, folder: Path, output: io.StringIO, log: list[str], more: Mapping[str, str]
) -> Iterator[None]:
    """What a process has for itself: its clock, its connections, its outputs, its temporary files, its environment."""

    class Session(requests.Session):
        def __init__(self) -> None:
            super().__init__()
            for scheme in ("https://", "http://"):
                self.mount(scheme, Wire(cloud))

    environment = {name: value for name, value in os.environ.items() if not name.startswith("GCORE_")}
    environment.update(more)
    ansible_warnings._global_warnings.clear()
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, environment, clear=True))
        stack.enter_context(mock.patch.object(tempfile, "tempdir", str(folder)))
        stack.enter_context(mock.patch.object(requests, "Session", Session))
        stack.enter_context(mock.patch.object(module_room, "Clock", return_value=VirtualClock(cloud)))
        stack.enter_context(mock.patch.object(client_room, "SystemRandom", return_value=Random(cloud.seed)))
        stack.enter_context(
            mock.patch.object(
                basic.AnsibleModule, "log", lambda self, msg, log_args=None: log.append(f"{msg} {log_args}")
            )
        )
        stack.enter_context(mock.patch.object(sys, "argv", ["module"]))
        # Newer ansible-cores display warnings, and leave them out of the result, where the controller's code is imported.
        if internal := getattr(ansible_warnings, "_internal", None):
            stack.enter_context(mock.patch.object(internal, "is_controller", False))
        stack.enter_context(contextlib.redirect_stdout(output))
        stack.enter_context(contextlib.redirect_stderr(output))
        yield
