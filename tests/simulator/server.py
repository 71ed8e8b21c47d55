# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The application under uvicorn, on loopback alone, with faults that reach the connection."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import os
import socket
from pathlib import Path
from typing import Any, Callable

import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .core.gateway import CONNECTION
from .core.simulator import Simulator


class Connection(H11Protocol):
    """An HTTP connection that lets the application close it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                scope.setdefault("extensions", {})[CONNECTION] = self
            await inner(scope, receive, send)

        self.app = app


class NotLoopback(ValueError):
    """The simulator has no real authentication: it serves this machine alone."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on a loopback address; any other is refused."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        raise NotLoopback(f"{host} is not a loopback address") from None
    if not parsed.is_loopback:
        raise NotLoopback(f"{host} is not a loopback address")
    family = socket.AF_INET6 if parsed.version == 6 else socket.AF_INET
    # the protocol is named, for asyncio switches Nagle's delay off only then
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(1024)
    return listener


def base_url(listener: socket.socket) -> str:
    """The URL under which the socket is reached."""
    address, port = listener.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def connection_facts(sim: Simulator, url: str) -> dict[str, Any]:
    """What a client has to know."""
    project, region = next(sim.store.all("project")), next(sim.store.all("region"))
    return {
        "url": url,
        "api_key": sim.settings.api_key,
        "project_id": project.id,
        "region_id": region.id,
        "speed": sim.settings.speed,
        "pid": os.getpid(),
    }


def write_ready_file(path: Path, facts: dict[str, Any]) -> None:
    """Write a file when the simulator listens; it appears complete or not at all."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(facts), encoding="utf-8")
    partial.replace(path)


def server(app: Starlette) -> uvicorn.Server:
    """A uvicorn server for the application; the Date header comes from the simulated clock."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_level="warning",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
    )


def serve(app: Starlette, listener: socket.socket, ready: Callable[[], None] | None = None) -> None:
    """Serve until interrupted; ``ready`` is called when requests are served."""

    async def run() -> None:
        running = server(app)
        task = asyncio.ensure_future(running.serve(sockets=[listener]))
        while not running.started and not task.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        if ready and running.started:
            ready()
        await task

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run())
