# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A simulator in this process, on a clock that stands still until it is moved, with the document looking over its shoulder."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import urllib.parse
from typing import Any

import httpx

from tests.simulator.app import Settings, Simulator, create_app

from .corrections import ABSENT
from .openapi import Document, Operation, Verdict

BASE_URL = "http://simulator.invalid"


@dataclasses.dataclass(frozen=True)
class Exchange:
    """One request, its answer, and what the document says of both."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    sent: Any
    status: int
    body: Any
    request: Verdict
    answer: Verdict

    @property
    def operation(self) -> Operation | None:
        return self.request.operation

    def problems(self) -> list[str]:
        return [
            f"{self.method} {self.path} ({self.status}): {p}" for p in (*self.request.problems, *self.answer.problems)
        ]


class Wire(httpx.BaseTransport):
    """Carries requests of a synchronous client straight into the application, and has each of them judged."""

    def __init__(self, simulator: Simulator, document: Document) -> None:
        self._transport = httpx.ASGITransport(create_app(simulator))
        self._loop = asyncio.new_event_loop()
        self._document = document
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._loop.run_until_complete(self._send(request))
        self.exchanges.append(self._judged(request, response))
        return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        copy = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._transport.handle_async_request(copy)
        return httpx.Response(response.status_code, headers=response.headers, content=await response.aread())

    def _judged(self, request: httpx.Request, response: httpx.Response) -> Exchange:
        path, query = request.url.raw_path.decode().partition("?")[::2]
        sent = json.loads(request.content) if request.content else ABSENT
        answered = _json(response)
        pairs = tuple(urllib.parse.parse_qsl(query, keep_blank_values=True))
        verdict = self._document.check_request(request.method, path, pairs, sent, request.headers)
        answer = Verdict(None)
        if verdict.operation is not None:
            answer = self._document.check_response(verdict.operation, response.status_code, answered)
        return Exchange(request.method, path, pairs, sent, response.status_code, answered, verdict, answer)

    def close(self) -> None:
        self._loop.close()


def _json(response: httpx.Response) -> Any:
    if not response.content:
        return ABSENT
    try:
        return response.json()
    except ValueError:
        return response.text


class World:
    """A simulated account with its project and region, and a client that speaks to it."""

    def __init__(self, document: Document, **settings: Any) -> None:
        self.simulator = Simulator(Settings(frozen=True, **settings))
        self.project_id = int(next(self.simulator.store.all("project")).id)
        self.region_id = int(next(self.simulator.store.all("region")).id)
        self.api_key = self.simulator.settings.api_key
        self.wire = Wire(self.simulator, document)
        self.client = httpx.Client(
            transport=self.wire, base_url=BASE_URL, headers={"Authorization": f"APIKey {self.api_key}"}
        )

    @property
    def exchanges(self) -> list[Exchange]:
        return self.wire.exchanges

    def close(self) -> None:
        self.client.close()

    def path(self, template: str, **values: Any) -> str:
        """A concrete path; {P} stands for project and region."""
        filled = {"project_id": self.project_id, "region_id": self.region_id, **values}
        return "/cloud" + template.replace("{P}", "{project_id}/{region_id}").format(**filled)

    def call(self, method: str, template: str, body: Any = ABSENT, query: Any = None, **values: Any) -> Any:
        """One request; its answer's body, or ABSENT. Errors are answers like others."""
        json_body = {} if body is ABSENT else {"json": body}
        self.client.request(method, self.path(template, **values), params=query, **json_body)
        return self.exchanges[-1].body

    def done(self, answer: Any, failing: bool = False) -> dict[str, Any]:
        """Let time pass until the tasks of an answer have ended; the last of them."""
        task: dict[str, Any] = {}
        if "tasks" not in answer:
            last = self.exchanges[-1]
            raise AssertionError(f"{last.method} {last.path} ({last.status}) of {last.sent} made no task: {answer}")
        for task_id in answer["tasks"]:
            while (task := self.call("GET", f"/v1/tasks/{task_id}"))["state"] in ("NEW", "RUNNING"):
                self.simulator.advance(30)
            if not failing and task["state"] != "FINISHED":
                raise AssertionError(f"{task['task_type']} ended with {task['state']}: {task['error']}")
        return task

    def make(self, key: str, method: str, template: str, body: Any = ABSENT, **values: Any) -> str:
        """Make a thing, wait for it, and give its id."""
        created = self.done(self.call(method, template, body, **values))["created_resources"]
        return str(created[key][0])
