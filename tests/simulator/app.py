# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The simulator as an ASGI application, for uvicorn and for tests in one process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from .core.clock import Clock
from .core.control import control_routes
from .core.gateway import Gateway
from .core.settings import Settings
from .core.simulator import Simulator

__all__ = ["Clock", "Settings", "Simulator", "create_app"]


def create_app(sim: Simulator | Settings | None = None, record: Path | str | None = None) -> Starlette:
    """The application; ``app.state.simulator`` is the simulator behind it.

    ``record`` is a file that gets a JSON line for each request to the API.
    """
    simulator = sim if isinstance(sim, Simulator) else Simulator(sim)
    stream = open(record, "a", encoding="utf-8", buffering=1) if record else None  # noqa: SIM115 - open as long as the app runs

    def note(row: dict[str, Any]) -> None:
        simulator.requests.append(row)
        if stream:
            stream.write(json.dumps(row, separators=(",", ":")) + "\n")

    gateway = Gateway(simulator, note)
    app = Starlette(
        routes=[*control_routes(simulator), Mount("/cloud", _whole_path(gateway))],
        exception_handlers={404: _not_found},
    )
    app.state.simulator = simulator
    return app


def _whole_path(gateway: Gateway) -> ASGIApp:
    """Starlette keeps the whole path in the scope of a mounted application; the gateway wants just that."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await gateway(scope, receive, send)

    return serve


async def _not_found(*_unused: object) -> JSONResponse:
    return JSONResponse(
        {"exception_class": "HTTPError", "message": "HTTP 404: Not Found", "request_id": "-"}, status_code=404
    )
