# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules task_wait and task_info."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from typing import Any

from ..api.client import PAGE, Call
from ..errors import GcoreError, OptionError, TaskFailed
from ..schema.checks import MOMENT
from ..schema.resource_types import CLOUD_TASKS, PROJECTS, REGIONS
from ..schema.rows import check_id
from ..tasks.poller import Poller
from ..tasks.progress import Journal
from ..tasks.task import TASKS, Task, merge_created, no_created, redact
from . import query as jmes
from .arguments import CONNECTION
from .module import Run

TASK_ID = r"[A-Za-z0-9_-]{1,64}"
REGISTERED = (
    "tasks takes task ids, and registered results of gcore.cloud modules that start tasks, of a single task or a loop."
)

WAIT_SPEC: dict[str, Any] = {
    "argument_spec": {
        **CONNECTION,
        "tasks": {"type": "list", "elements": "raw", "required": True},
        "needed": {"type": "str", "default": "all"},
        "fail_fast": {"type": "bool", "default": False},
        "wait_timeout": {"type": "int", "default": 3600},
        "poll_interval": {"type": "float"},
        "query": {"type": "str"},
    },
    "supports_check_mode": True,
}

INFO_SPEC: dict[str, Any] = {
    "argument_spec": {
        **CONNECTION,
        "id": {"type": "str"},
        "active": {"type": "bool", "default": False},
        "state": {"type": "list", "elements": "str", "choices": ["NEW", "RUNNING", "FINISHED", "ERROR"]},
        "task_type": {"type": "str"},
        "projects": {"type": "list", "elements": "str"},
        "regions": {"type": "list", "elements": "str"},
        "is_acknowledged": {"type": "bool"},
        "from_timestamp": {"type": "str"},
        "to_timestamp": {"type": "str"},
        "order_by": {"type": "str", "choices": ["asc", "desc"]},
        "limit": {"type": "int", "default": 100},
        "query": {"type": "str"},
    },
    "supports_check_mode": True,
    "mutually_exclusive": [["id", "active"], ["id", "state"], ["active", "state"]],
    "required_if": [["active", True, ["projects", "regions"]]],
}


def only_ids(params: Mapping[str, Any], warnings: list[str]) -> dict[str, Any]:
    """Replace every result in the options by its task ids.

    This happens before anything is logged: a registered result may contain secrets.
    """
    return {**params, "tasks": task_ids(params["tasks"], warnings)} if "tasks" in params else dict(params)


def task_ids(given: Any, warnings: list[str], place: str = "tasks") -> list[str]:
    """All task ids in ids, registered results, results of a loop, and lists of them; each once, in order.

    A skipped or unchanged result has none. For a result that failed before it started a task a warning is added to ``warnings``.
    Raises OptionError for anything else.
    """
    if given is None or given == "":
        return []
    if isinstance(given, str):
        ids = [each.strip() for each in given.split(",")]
        if not all(re.fullmatch(TASK_ID, each) for each in ids):
            raise OptionError("%s is text, but not a task id." % place, REGISTERED)
        return ids
    if isinstance(given, (list, tuple)):
        found = [
            each for index, item in enumerate(given) for each in task_ids(item, warnings, "%s[%d]" % (place, index))
        ]
        return list(dict.fromkeys(found))
    if not isinstance(given, Mapping):
        raise OptionError("%s is neither a task id nor a registered result." % place, REGISTERED)
    if isinstance(given.get("results"), list):
        return task_ids(given["results"], warnings, place + ".results")
    for key in ("task_ids", "tasks"):
        if isinstance(given.get(key), list):
            ids = task_ids(given[key], warnings, "%s.%s" % (place, key))
            if has_failed(given) and not ids:
                warnings.append(no_tasks(given, place))
            return ids
    if isinstance(given.get("id"), str) and ("task_type" in given or {"state", "started"} <= given.keys()):
        return [given["id"]]
    if given.get("skipped"):
        return []
    if has_failed(given):
        warnings.append(no_tasks(given, place))
        return []
    if "ansible_job_id" in given:
        raise OptionError(
            "%s%s is the result of an asynchronous job (poll: 0), which has no task ids before the job has ended."
            % (place, item_of(given)),
            "Wait for the job with ansible.builtin.async_status, and use its registered result.",
        )
    raise OptionError("%s%s is a result without task_ids." % (place, item_of(given)), REGISTERED)


def has_failed(result: Mapping[str, Any]) -> bool:
    return bool(result.get("failed") or result.get("unreachable"))


def no_tasks(result: Mapping[str, Any], place: str) -> str:
    """The warning about a failed result without task ids."""
    return "%s%s %s and has no task ids: there is nothing to wait for." % (
        place,
        item_of(result),
        "was unreachable" if result.get("unreachable") else "failed",
    )


def item_of(result: Mapping[str, Any]) -> str:
    """The loop item of a result, if it is a name; nothing else of a result is shown."""
    item = result.get(str(result.get("ansible_loop_var") or "item"))
    if isinstance(item, Mapping):
        item = item.get("name")
    return " (item '%s')" % item if isinstance(item, (str, int)) and len(str(item)) <= 64 else ""


def how_many(needed: str, count: int) -> int:
    """How many of ``count`` tasks have to finish: all, any, or a number; raises OptionError for an invalid value."""
    if needed in ("all", "any"):
        return count if needed == "all" else min(1, count)
    if not needed.isdecimal() or int(needed) < 1:
        raise OptionError("needed '%s' is not all, any, or a number from 1 on." % needed)
    if int(needed) > count:
        raise OptionError(
            "needed is %s, but tasks has %d task id%s." % (needed, count, "" if count == 1 else "s"),
            "Set needed to at most that number.",
        )
    return int(needed)


def wait_for_tasks(run: Run, result: dict[str, Any]) -> None:
    """Wait until the needed number of tasks has finished; fails when too many fail, with the outcome of each."""
    params = run.module.params
    result.update(changed=False, task_ids=[], tasks=[], created_resources=no_created())
    if params["query"]:
        jmes.compiled(params["query"])
    tasks = [Task(each) for each in dict.fromkeys(params["tasks"])]
    needed = how_many(params["needed"], len(tasks))
    journal = Journal.from_environment(run.clock, params, silent=run.module.no_log)
    poller = Poller(run.client, params["poll_interval"], journal)
    try:
        poller.wait(tasks, run.deadline, needed=needed, fail_fast=params["fail_fast"])
    finally:
        result.update(
            task_ids=[task.id for task in tasks],
            tasks=[task.as_dict() for task in tasks],
            created_resources=merge_created(task.created for task in tasks),
        )
    if params["query"]:
        result["query_result"] = jmes.apply(params["query"], dict(result))
    failed = [task for task in tasks if task.is_final and not task.is_finished]
    if sum(task.is_finished for task in tasks) < needed:
        raise together(failed, len(tasks))
    for task in failed:
        run.module.warn(task.failure().message)


def together(failed: list[Task], count: int) -> GcoreError:
    """One error for several failed tasks."""
    first = failed[0].failure()
    if len(failed) == 1:
        return first
    return TaskFailed(
        "%d of %d tasks failed. %s" % (len(failed), count, " ".join(task.failure().message for task in failed)),
        "The outcome of each is in tasks.",
        task_id=failed[0].id,
    )


def list_tasks(run: Run, result: dict[str, Any]) -> None:
    """Tasks by id, by the list's filters, or the active ones of projects and regions; what they hold of others is hidden."""
    params = run.module.params
    if params["query"]:
        jmes.compiled(params["query"])
    for option in ("from_timestamp", "to_timestamp"):
        if params[option] is not None:
            MOMENT.refuse(params[option], option)
    if params["limit"] < 1:
        raise OptionError("limit must be 1 or more, not %d." % params["limit"])
    check_id(CLOUD_TASKS, params["id"], "task_type")
    finder, client = run.finder, run.client
    projects = [int(finder.resolve(PROJECTS, each)) for each in params["projects"] or []]
    regions = [int(finder.resolve(REGIONS, each)) for each in params["regions"] or []]
    if params["id"]:
        row = finder.get(CLOUD_TASKS, TASKS + "/{id}", params["id"])
        rows = [row] if row else []
    elif params["active"]:
        rows = []
        query = {"task_type": [params["task_type"]]} if params["task_type"] else {}
        for project, region in product(projects, regions):
            call = Call("GET", TASKS + "/{project_id}/{region_id}/active", query).fill(
                project_id=project, region_id=region
            )
            rows.extend(client.list(call, run.deadline))
    else:
        wanted = {
            "project_id": projects,
            "region_id": regions,
            **{
                key: params[key]
                for key in ("state", "task_type", "is_acknowledged", "from_timestamp", "to_timestamp", "order_by")
            },
        }
        rows = []
        query = {key: value for key, value in wanted.items() if value is not None and value != []}
        for row in client.pages(Call("GET", TASKS, query), run.deadline, page=min(PAGE, params["limit"])):
            rows.append(row)
            if len(rows) >= params["limit"]:
                break
    found = [{**row, "data": redact(row.get("data"))} for row in rows[: params["limit"]]]
    result.update(changed=False, tasks=found)
    if params["query"]:
        result["query_result"] = jmes.apply(params["query"], found)
