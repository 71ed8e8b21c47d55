# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A world for each test: a simulator on a frozen clock, and a client that talks to it without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from ..app import Settings, Simulator, create_app

PROJECT, REGION = 1000001, 76
P = f"{PROJECT}/{REGION}"


@dataclass
class Reply:
    """A response of the simulator."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.raw) if self.raw else None


class World:
    """A simulator and shortcuts to use it."""

    def __init__(self, settings: Settings) -> None:
        self.sim = Simulator(settings)
        self.app = create_app(self.sim)
        self.loop = asyncio.new_event_loop()
        self.auth: str | None = f"APIKey {settings.api_key}"

    def request(self, method: str, path: str, body: Any = None, query: Any = (), raw: bytes | None = None) -> Reply:
        """One request; ``{P}`` stands for project and region, and ``/cloud`` is put in front."""
        path = path.replace("{P}", P)
        if not path.startswith("/_simulator"):
            path = "/cloud" + path
        content = raw if raw is not None else (json.dumps(body).encode() if body is not None else b"")
        headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
        if self.auth:
            headers.append((b"authorization", self.auth.encode()))
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
            "query_string": urlencode(query, doseq=True).encode(), "headers": headers, "root_path": "",
            "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "extensions": {},
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        self.loop.run_until_complete(self.app(scope, receive, send))
        head = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], head, b"".join(item.get("body", b"") for item in sent[1:]))

    def ok(self, method: str, path: str, body: Any = None, query: Any = ()) -> Any:
        """A request that must succeed; its JSON."""
        reply = self.request(method, path, body, query)
        assert reply.status in (200, 201, 204), (method, path, reply.status, reply.raw)
        return reply.json

    def get(self, path: str, **query: Any) -> Any:
        """GET that must succeed."""
        return self.ok("GET", path, query=query)

    def refused(self, status: int, method: str, path: str, body: Any = None, query: Any = ()) -> dict[str, Any]:
        """A request that must be refused, in the shape of A4."""
        reply = self.request(method, path, body, query)
        assert reply.status == status, (method, path, reply.status, reply.raw)
        error = reply.json
        assert set(error) - {"info", "invalid_fields"} == {"exception_class", "message", "request_id"}
        return error

    def start(self, method: str, path: str, body: Any = None, query: Any = ()) -> str:
        """A request that must start one task; its id."""
        response = self.ok(method, path, body, query)
        assert list(response) == ["tasks"] and len(response["tasks"]) == 1, response
        return str(response["tasks"][0])

    def task(self, task_id: str) -> Any:
        """The task."""
        return self.get(f"/v1/tasks/{task_id}")

    def wait(self, task_id: str) -> Any:
        """Let time pass until the task has ended, not longer."""
        for _each in range(2000):
            task = self.task(task_id)
            if task["state"] in ("FINISHED", "ERROR"):
                return task
            self.sim.advance(0.5)
        raise AssertionError("the task does not end")

    def run(self, method: str, path: str, body: Any = None, query: Any = ()) -> Any:
        """Start a task and see it finished."""
        task = self.wait(self.start(method, path, body, query))
        assert task["state"] == "FINISHED", task
        return task

    def make(self, kind: str, path: str, body: Any) -> str:
        """Create something; its id."""
        return str(self.run("POST", path, body)["created_resources"][kind][0])

    def faults(self, *faults: dict[str, Any]) -> None:
        """Arm faults."""
        reply = self.request("POST", "/_simulator/faults", list(faults))
        assert reply.status == 200, reply.raw

    # resources

    def image(self, name: str = "debian-12") -> str:
        """A public image."""
        return str(self.get("/v1/images/{P}", name=name)["results"][0]["id"])

    def network(self, name: str = "net", **more: Any) -> str:
        """A network."""
        return self.make("networks", "/v1/networks/{P}", {"name": name, **more})

    def subnet(self, network_id: str, cidr: str = "10.0.0.0/24", **more: Any) -> str:
        """A subnet."""
        body = {"name": "sub", "network_id": network_id, "cidr": cidr, **more}
        return self.make("subnets", "/v1/subnets/{P}", body)

    def volume(self, name: str = "vol", size: int = 10, **more: Any) -> str:
        """A volume."""
        return self.make("volumes", "/v1/volumes/{P}", {"source": "new-volume", "name": name, "size": size, **more})

    def vm_body(self, name: str = "vm1", **more: Any) -> dict[str, Any]:
        """The body for an instance with a public interface and a boot disk."""
        return {
            "name": name,
            "flavor": "g2-standard-2-4",
            "interfaces": [{"type": "external"}],
            "volumes": [{"source": "image", "image_id": self.image(), "size": 10, "boot_index": 0}],
            **more,
        }

    def vm(self, name: str = "vm1", **more: Any) -> str:
        """An instance."""
        return self.make("instances", "/v2/instances/{P}", self.vm_body(name, **more))

    def vm_in(self, network_id: str, name: str = "vm1", **interface: Any) -> str:
        """An instance in a private network."""
        return self.vm(name, interfaces=[{"type": "any_subnet", "network_id": network_id, **interface}])


@pytest.fixture
def world() -> Iterator[World]:
    """A world with nothing but the seed data."""
    made = World(Settings(frozen=True))
    yield made
    made.loop.close()


@pytest.fixture
def old_world() -> Iterator[World]:
    """One that serves deprecated routes."""
    made = World(Settings(frozen=True, deprecated=True))
    yield made
    made.loop.close()
