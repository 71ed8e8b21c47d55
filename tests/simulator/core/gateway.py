# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The ASGI entry of everything under /cloud: authentication, dispatch, faults on the wire, recording."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import json
import socket
import traceback
import uuid
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import parse_qsl

from starlette.types import Message, Receive, Scope, Send

from . import errors
from .clock import http_date
from .faults import Fault, Plan, fault_body
from .routing import Call, Operation, parse_body, parse_query
from .simulator import Simulator

CONNECTION = "gcore_simulator.connection"


@dataclass
class Response:
    """What goes back to the client."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Exchange:
    """One request and what became of it."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    raw: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    plan: Plan = field(default_factory=Plan)
    operation: Operation | None = None
    time: float = 0.0

    def row(self, response: Response | None) -> dict[str, Any]:
        """The line of the record."""
        body, text = _decoded(self.raw)
        headers = dict(self.headers)
        if "authorization" in headers:
            headers["authorization"] = headers["authorization"].partition(" ")[0] + " ***"
        row: dict[str, Any] = {
            "time": self.time,
            "method": self.method,
            "path": self.path,
            "route": self.operation.path if self.operation else None,
            "query": [list(pair) for pair in self.query],
            "headers": headers,
            "body": body,
        }
        if text is not None:
            row["body_text"] = text
        row["status"] = response.status if response else None
        row["response"] = _decoded(response.body)[0] if response else None
        row["fault"] = self.plan.name
        return row


def _decoded(raw: bytes) -> tuple[Any, str | None]:
    if not raw:
        return None, None
    try:
        return json.loads(raw), None
    except ValueError:
        return None, raw.decode("utf-8", "replace")


class Gateway:
    """The simulated API as an ASGI application."""

    def __init__(self, sim: Simulator, record: Callable[[dict[str, Any]], None]) -> None:
        self._sim = sim
        self._record = record

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sim = self._sim
        exchange = Exchange(
            method=scope["method"],
            path=scope["path"],
            query=parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True),
            headers={key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]},
            raw=await _read(receive),
        )
        sim.settle()
        refused = sim.rate_limit.refuse()
        if refused:
            error, headers = refused
            exchange.time = sim.now()
            exchange.plan.names.append("rate_limit")
            response = _json(error.status, error.body(exchange.request_id))
            response.headers.update(headers)
            self._record(exchange.row(response))
            await _send(send, response, self._date(exchange.plan))
            return
        plan = exchange.plan = sim.faults.plan(exchange.method, exchange.path)
        exchange.time = sim.now()
        wait = sim.settings.latency + sum(fault.seconds for fault in plan.delays)
        if wait:
            await asyncio.sleep(wait)
            sim.settle()
        response, wire = self._handle(exchange)
        if wire is None:
            self._record(exchange.row(response))
            await _send(send, response, self._date(plan))
        else:
            await self._misbehave(wire, exchange, response, scope, receive, send)

    def _date(self, plan: Plan) -> str:
        return http_date(self._sim.now() + plan.skew)

    def _handle(self, exchange: Exchange) -> tuple[Response, Fault | None]:
        """Serve the request, unless a fault comes first; the fault that is left is for the wire."""
        fault = exchange.plan.wire
        if fault is not None and fault.kind == "lock":
            self._lock(fault, exchange)
            return self.dispatch(exchange), None
        if fault is not None and fault.kind in ("status", "reset", "hang"):
            operations, _unused = self._sim.routes.find(exchange.method, exchange.path)
            exchange.operation = operations[0] if operations and operations[0].method == exchange.method else None
            return Response(0), fault
        return self.dispatch(exchange), fault

    def _lock(self, fault: Fault, exchange: Exchange) -> None:
        """Another task locks the object of the path; without one the request itself meets the lock."""
        sim = self._sim
        found = [sim.store.everywhere(part) for part in exchange.path.split("/")]
        records = next((group for group in reversed(found) if group), [])
        if records:
            if not any(record.locked_by for record in records):
                sim.foreign_task(
                    f"update_{records[-1].kind}",
                    records[-1].project_id or 0,
                    records[-1].region_id,
                    seconds=fault.seconds,
                    locks=records,
                )
            sim.faults.disarm(fault)
        else:
            exchange.plan.refusal = errors.locked()

    def dispatch(self, exchange: Exchange) -> Response:
        """The API proper: from a request to a response."""
        try:
            status, payload = self._serve(exchange)
        except errors.ApiError as error:
            return _json(error.status, error.body(exchange.request_id), error.headers)
        except Exception:
            traceback.print_exc()
            failure = errors.ApiError(500, "InternalServerError", "The simulator has failed; see its output")
            return _json(500, failure.body(exchange.request_id))
        return Response(status) if payload is None else _json(status, payload)

    def _serve(self, exchange: Exchange) -> tuple[int, Any]:
        sim = self._sim
        operations, values = sim.routes.find(exchange.method, exchange.path)
        if not operations:
            raise errors.ApiError(404, "HTTPError", "HTTP 404: Not Found")
        operation = operations[0]
        allowed = sorted(item.method for item in operations if sim.settings.deprecated or not item.deprecated)
        if operation.method != exchange.method:
            raise errors.wrong_method(allowed)
        exchange.operation = operation
        self._authenticate(exchange.headers.get("authorization"))
        if operation.method not in allowed:
            raise errors.wrong_method(allowed)
        call = Call(sim, operation, exchange.method, exchange.path, values, exchange.request_id, exchange.plan)
        if operation.scoped:
            self._enter_scope(call)
        call.query = parse_query(operation, exchange.query)
        if exchange.method != "GET":
            call.body = parse_body(operation, exchange.raw)
        if exchange.plan.refusal:
            raise exchange.plan.refusal
        payload = operation.handler(call)
        exchange.plan.names += dict.fromkeys(call.task_faults)
        return operation.status, payload

    def _authenticate(self, header: str | None) -> None:
        """The 401 bodies of A4."""
        scheme, _unused, token = (header or "").partition(" ")
        if not token.strip():
            raise errors.ApiError(401, "not_authenticated", "Authentication credentials were not provided.")
        if scheme.lower() == "bearer":
            raise errors.ApiError(401, "token_not_valid", "Given token not valid for any token type")
        if scheme.lower() != "apikey":
            raise errors.ApiError(401, "not_authenticated", "Authentication credentials were not provided.")
        if not hmac.compare_digest(token.strip().encode(), self._sim.settings.api_key.encode()):
            raise errors.ApiError(401, "token_not_valid", f"Bad permanent token: {token.strip()[:6]}")

    def _enter_scope(self, call: Call) -> None:
        """Project and region of the path, which must exist (D1.4)."""
        for kind, label in (("project", "Project"), ("region", "Region")):
            text = call.values.get(f"{kind}_id")
            if text is None:
                continue
            if not text.isascii() or not text.isdigit():
                raise errors.invalid(f"{kind}_id", "Input should be a valid integer")
            record = self._sim.store.get(kind, int(text))
            if record is None or record.data.get("state") in ("DELETED", "DELETING"):
                raise errors.not_found(label, text)
            setattr(call, kind, record)

    async def _misbehave(
        self, fault: Fault, exchange: Exchange, response: Response, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let the fault happen on the wire."""
        how = fault.then if fault.kind == "lost_answer" else fault.kind
        date = self._date(exchange.plan)
        if how == "status":
            body, content_type = fault_body(fault, exchange.request_id)
            faulty = Response(fault.status, body, content_type, fault.headers)
            self._record(exchange.row(faulty))
            await _send(send, faulty, date)
        elif how == "garbled":
            cut = response.body[: len(response.body) // 2] if len(response.body) > 2 else b"{"
            faulty = Response(response.status if response.status != 204 else 200, cut + b'"<#')
            self._record(exchange.row(faulty))
            await _send(send, faulty, date)
        elif how == "truncated":
            self._record(exchange.row(Response(response.status, b"")))
            await _send_half(send, response, date)
            await _hang_up(scope, receive, reset=False)
        else:
            self._record(exchange.row(None))
            if how == "hang":
                await _wait_for_client(receive, fault.seconds)
            await _hang_up(scope, receive, reset=how == "reset")


def _json(status: int, payload: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(status, json.dumps(payload, separators=(",", ":")).encode(), headers=headers or {})


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    return b"".join(parts)


def _head(response: Response, date: str) -> Message:
    headers = {"date": date, **{key.lower(): value for key, value in response.headers.items()}}
    if response.status != 204:
        headers.setdefault("content-type", response.content_type)
        headers["content-length"] = str(len(response.body))
    pairs = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in headers.items()]
    return {"type": "http.response.start", "status": response.status, "headers": pairs}


async def _send(send: Send, response: Response, date: str) -> None:
    await send(_head(response, date))
    await send({"type": "http.response.body", "body": b"" if response.status == 204 else response.body})


async def _send_half(send: Send, response: Response, date: str) -> None:
    """Headers that promise all, and half of the body."""
    whole = response if response.body else Response(200, b'{"tasks":[]}')
    await send(_head(whole, date))
    await send({"type": "http.response.body", "body": whole.body[: len(whole.body) // 2], "more_body": True})


async def _wait_for_client(receive: Receive, seconds: float) -> None:
    """Say nothing, until the time is up or the client has gone."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(receive(), seconds)


async def _hang_up(scope: Scope, receive: Receive, *, reset: bool) -> None:
    """Close the connection under the client: with a TCP reset, or plainly after what was sent."""
    connection = scope.get("extensions", {}).get(CONNECTION)
    if connection is None:
        raise ConnectionResetError("the simulator has closed the connection")
    transport = connection.transport
    if reset:
        raw = transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        transport.abort()
    else:
        transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass
