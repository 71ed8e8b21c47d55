# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The control API under /_simulator: no authentication, no faults, no recording."""

from __future__ import annotations

import json
from typing import Any, Callable

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .faults import Fault
from .settings import Settings
from .simulator import Simulator
from .store import Record

FAULTS = TypeAdapter(list[Fault])


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AddObject(_Model):
    """An object of another user."""

    kind: str
    project_id: int | None = None
    region_id: int | None = None
    object: dict[str, Any] = Field(default_factory=dict)


class ChangeObject(_Model):
    """A change by another user. Null values of tags remove them."""

    kind: str
    id: str | int
    set: dict[str, Any] = Field(default_factory=dict)
    tags: dict[str, str | None] = Field(default_factory=dict)
    read_only_tags: dict[str, str | None] = Field(default_factory=dict)
    delete: bool = False


class ObjectRef(_Model):
    """Points to an object."""

    kind: str
    id: str | int


class AddTask(_Model):
    """A task of another user; without seconds it never ends."""

    task_type: str
    project_id: int
    region_id: int | None = None
    data: Any = None
    seconds: float | None = None
    error: str | None = None
    locks: list[ObjectRef] = Field(default_factory=list)


class Advance(_Model):
    """Time to let pass."""

    advance: float = Field(0, ge=0)


def control_routes(sim: Simulator) -> list[Route]:
    """The routes of the control API."""

    def scope_of(given: int | None, kind: str) -> int:
        if given is not None:
            return given
        return int(next(sim.store.all(kind)).id)

    def find(kind: str, ident: str | int) -> Record:
        record = sim.store.get(kind, ident)
        if record is None:
            raise LookupError(f"no {kind} {ident}")
        return record

    def shown(record: Record) -> dict[str, Any]:
        return {
            **sim.kinds[record.kind].view(sim, record),
            "_id": record.id,
            "_visible": record.visible,
            "_project_id": record.project_id,
            "_region_id": record.region_id,
        }

    def settings_from(base: Settings, change: dict[str, Any]) -> Settings:
        merged = base.model_dump()
        quirks = {**merged["quirks"], **change.get("quirks", {})}
        return Settings.model_validate({**merged, **change, "quirks": quirks})

    def reset(payload: Any) -> Any:
        sim.reset(settings_from(sim.initial_settings, payload or {}))
        return {"settings": sim.settings.model_dump()}

    def add_faults(payload: Any) -> Any:
        faults = FAULTS.validate_python(payload if isinstance(payload, list) else [payload])
        sim.faults.add(faults)
        return {"faults": sim.faults.view()}

    def get_state(_unused: Any) -> Any:
        objects = {kind: [shown(record) for record in sim.store.all(kind)] for kind in sorted(sim.kinds)}
        return {
            "now": sim.now(),
            "settings": sim.settings.model_dump(exclude={"api_key"}),
            "objects": objects,
            "tasks": [sim.tasks.view(task) for task in sim.tasks.all()],
            "faults": sim.faults.view(),
        }

    def advance(payload: Any) -> Any:
        sim.advance(Advance.model_validate(payload or {}).advance)
        return {"now": sim.now()}

    def add_object(payload: Any) -> Any:
        wanted = AddObject.model_validate(payload)
        if wanted.kind not in sim.kinds:
            raise LookupError(f"no kind {wanted.kind}; there are {', '.join(sorted(sim.kinds))}")
        kind = sim.kinds[wanted.kind]
        region = None if kind.global_region else scope_of(wanted.region_id, "region")
        record = kind.make(sim, scope_of(wanted.project_id, "project"), region, **wanted.object)
        return shown(record)

    def change_object(payload: Any) -> Any:
        wanted = ChangeObject.model_validate(payload)
        record = find(wanted.kind, wanted.id)
        if wanted.delete:
            sim.forget(record)
            return None
        unknown = set(wanted.set) - set(record.data)
        if unknown:
            raise LookupError(f"no such fields: {sorted(unknown)}; there are {sorted(record.data)}")
        record.data.update(wanted.set)
        for tags, change in ((record.tags, wanted.tags), (record.read_only_tags, wanted.read_only_tags)):
            for key, value in change.items():
                if value is None:
                    tags.pop(key, None)
                else:
                    tags[key] = value
        record.updated = sim.now()
        return shown(record)

    def add_task(payload: Any) -> Any:
        wanted = AddTask.model_validate(payload)
        task = sim.foreign_task(
            wanted.task_type,
            wanted.project_id,
            wanted.region_id,
            seconds=wanted.seconds,
            data=wanted.data,
            locks=[find(ref.kind, ref.id) for ref in wanted.locks],
            error=wanted.error,
        )
        return sim.tasks.view(task)

    def change_settings(payload: Any) -> Any:
        sim.apply(settings_from(sim.settings, payload or {}))
        return sim.settings.model_dump()

    actions: list[tuple[str, str, Callable[[Any], Any]]] = [
        ("POST", "reset", reset),
        ("GET", "faults", lambda _unused: {"faults": sim.faults.view()}),
        ("POST", "faults", add_faults),
        ("DELETE", "faults", lambda _unused: sim.faults.clear()),
        ("GET", "requests", lambda _unused: list(sim.requests)),
        ("DELETE", "requests", lambda _unused: sim.requests.clear()),
        ("GET", "state", get_state),
        ("GET", "clock", lambda _unused: {"now": sim.now(), "speed": sim.clock.speed}),
        ("POST", "clock", advance),
        ("POST", "objects", add_object),
        ("PATCH", "objects", change_object),
        ("POST", "tasks", add_task),
        ("GET", "settings", lambda _unused: sim.settings.model_dump()),
        ("POST", "settings", change_settings),
    ]
    return [Route(f"/_simulator/{path}", _endpoint(sim, action), methods=[method]) for method, path, action in actions]


def _endpoint(sim: Simulator, action: Callable[[Any], Any]) -> Callable[[Request], Any]:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        sim.settle()
        try:
            result = action(json.loads(raw) if raw else None)
        except ValidationError as error:
            return JSONResponse({"errors": error.errors(include_url=False, include_context=False)}, 400)
        except (LookupError, TypeError, ValueError) as error:
            return JSONResponse({"errors": [str(error)]}, 400)
        return Response(status_code=204) if result is None else JSONResponse(result)

    return serve
