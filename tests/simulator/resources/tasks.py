# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tasks as the API lists and shows them (docs/api-notes.md: Tasks)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..core import errors
from ..core.clock import parse_time
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.tasks import Task

routes = Routes()


def _moment(value: datetime) -> float:
    return parse_time(value.isoformat())


def _show(call: Call, task: Task) -> dict[str, Any]:
    """A task as the API shows it; the record of requests names the faults that changed it."""
    call.task_faults += task.faults
    return call.sim.tasks.view(task)


def _newest_first(tasks: list[Task], direction: str) -> list[Task]:
    return sorted(tasks, key=lambda task: (task.created, task.order), reverse=direction == "desc")


@routes("GET", "/v1/tasks")
def list_tasks(call: Call) -> Any:
    query = call.query
    # created_on is shown in whole seconds, and that is what the timestamps are compared with
    tasks = [
        task
        for task in call.sim.tasks.all()
        if (not query.project_id or task.project_id in query.project_id)
        and (not query.region_id or task.region_id in query.region_id)
        and (not query.state or task.state in query.state)
        and (query.task_type is None or task.task_type == query.task_type)
        and (query.is_acknowledged is None or (task.acknowledged is not None) == query.is_acknowledged)
        and (query.from_timestamp is None or int(task.created) >= _moment(query.from_timestamp))
        and (query.to_timestamp is None or int(task.created) <= _moment(query.to_timestamp))
    ]
    direction = query.order_by if "order_by" in query.model_fields_set else query.sorting
    return call.page(_newest_first(tasks, direction), lambda task: _show(call, task))


@routes("GET", "/v1/tasks/{P}/active")
def active_tasks(call: Call) -> Any:
    query = call.query
    tasks = [
        task
        for task in call.sim.tasks.all()
        if task.active
        and task.project_id == call.project_id
        and task.region_id == call.region_id
        and (not query.task_type or task.task_type in query.task_type)
    ]
    return call.page(_newest_first(tasks, "desc"), lambda task: _show(call, task))


def _task(call: Call) -> Task:
    task = call.sim.tasks.get(call.values["task_id"])
    if task is None:
        raise errors.not_found("Task", call.values["task_id"])
    return task


@routes("GET", "/v1/tasks/{task_id}")
def get_task(call: Call) -> Any:
    return _show(call, _task(call))


@routes("POST", "/v1/tasks/{task_id}/acknowledge")
def acknowledge(call: Call) -> Any:
    task = _task(call)
    task.acknowledged = call.sim.now()
    return _show(call, task)


@routes("POST", "/v1/tasks/acknowledge_all", status=204)
def acknowledge_all(call: Call) -> None:
    query = call.query
    for task in call.sim.tasks.all():
        if query.project_id in (None, task.project_id) and query.region_id in (None, task.region_id):
            task.acknowledged = call.sim.now()


@routes("POST", "/v1/tasks/acknowledge", status=204, deprecated=True)
def acknowledge_some(call: Call) -> None:
    for task_id in call.body.task_ids or []:
        task = call.sim.tasks.get(task_id)
        if task:
            task.acknowledged = call.sim.now()


RESOURCE = Resource(types=[], routes=routes)
