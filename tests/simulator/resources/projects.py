# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Projects (docs/api-notes.md: Images, flavors, regions, projects)."""

from __future__ import annotations

from typing import Any

from ..core import errors
from ..core.clock import object_time
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes, ordered
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record
from ..core.tasks import Task
from . import securitygroups

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, description: str | None = None,
         id: int | None = None, is_default: bool = False) -> Record:  # fmt: skip
    """A project, with the default security group of each region (C15)."""
    data = {
        "name": name,
        "description": description,
        "is_default": is_default,
        "state": "ACTIVE",
        "deleted_at": None,
    }
    record = new_record(sim, "project", None, None, data, ident=id if id is not None else next(sim.project_counter))
    for region in sim.store.all("region"):
        securitygroups.make_default(sim, int(record.id), int(region.id))
    return record


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A project as the API shows it."""
    return {
        "id": record.id,
        "client_id": sim.settings.client_id,
        "name": record["name"],
        "description": record["description"],
        "is_default": record["is_default"],
        "state": record["state"],
        "created_at": object_time(record.created),
        "deleted_at": object_time(record["deleted_at"]) if record["deleted_at"] is not None else None,
        "task_id": record.task_id,
    }


@routes("GET", "/v1/projects")
def list_projects(call: Call) -> Any:
    query = call.query
    records = [
        record
        for record in call.sim.store.all("project")
        if (query.include_deleted or record["state"] != "DELETED")
        and (query.name is None or query.name == record["name"])
    ]
    return call.listing(ordered(records, query.order_by))


def _project(call: Call) -> Record:
    text = call.values["project_id"]
    record = call.sim.store.get("project", int(text)) if text.isascii() and text.isdigit() else None
    if record is None:
        raise errors.not_found("Project", text)
    return record


def _check_name(call: Call, name: str, but: Record | None = None) -> None:
    """The name is unique for a client; the refusal's code is not documented."""
    for record in call.sim.store.all("project"):
        if record is not but and record["name"] == name and record["state"] != "DELETED":
            raise errors.conflict(f"Project with name {name} already exists")


@routes("POST", "/v1/projects", status=201)
def create_project(call: Call) -> Any:
    _check_name(call, call.body.name)
    call.claim(project_count=1)
    return call.show(make(call.sim, None, None, name=call.body.name, description=call.body.description))


@routes("GET", "/v1/projects/{project_id}", scoped=False)
def get_project(call: Call) -> Any:
    return call.show(_project(call))


@routes("PATCH", "/v1/projects/{project_id}", scoped=False)
def update_project(call: Call) -> Any:
    record = _project(call)
    changes = call.body.given()
    if "name" in changes:
        _check_name(call, changes["name"], record)
    record.data.update(changes)
    call.touch(record)
    return call.show(record)


@routes("DELETE", "/v1/projects/{project_id}", scoped=False)
def delete_project(call: Call) -> Any:
    record = _project(call)
    if record["state"] == "DELETED":
        raise errors.not_found("Project", record.id)
    if record["is_default"]:
        raise errors.invalid("project_id", "Default project cannot be deleted")
    call.free(record)
    record["state"] = "DELETING"

    def finish(_unused: Task) -> None:
        for kind in call.sim.store.kinds():
            for item in call.sim.store.all(kind):
                if item.project_id == record.id:
                    call.sim.forget(item)
        record["state"], record["deleted_at"] = "DELETED", call.sim.now()

    def undo(_unused: Task) -> None:
        record["state"] = "ACTIVE"

    return call.start("delete_project", data={"project_id": record.id}, locks=[record], finish=finish, undo=undo)


def seed(sim: Simulator) -> None:
    """The default project and another."""
    make(sim, None, None, name="default", description="Default project", id=1000001, is_default=True)
    make(sim, None, None, name="staging", id=1000002)


RESOURCE = Resource(
    types=[ResourceType("project", "Project", make, view, global_region=True)],
    routes=routes,
    quotas={"project_count": count("project", lambda record: record["state"] != "DELETED")},
    seed=seed,
)
