# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task of the API: its state, result and error."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

from ..errors import TaskFailed

PENDING = ("NEW", "RUNNING")
FINISHED = "FINISHED"
FAILED = "ERROR"
UNKNOWN_TASK = "NOT_FOUND"  # not a state of the API, which returns 404 for the id
TASKS = "/cloud/v1/tasks"
# The keys of CreatedResources in the official document.
CREATED_KEYS = (
    "ai_clusters",
    "api_keys",
    "caas_containers",
    "clusters",
    "ddos_profiles",
    "faas_functions",
    "faas_namespaces",
    "file_shares",
    "floatingips",
    "healthmonitors",
    "images",
    "inference_instances",
    "instances",
    "k8s_clusters",
    "k8s_pools",
    "l7polices",
    "l7rules",
    "laas_topic",
    "listeners",
    "loadbalancers",
    "members",
    "networks",
    "pools",
    "ports",
    "postgresql_clusters",
    "projects",
    "registry_registries",
    "registry_users",
    "routers",
    "secrets",
    "security_group_rules",
    "security_groups",
    "servergroups",
    "snapshots",
    "subnets",
    "volumes",
)
# What a task's ``data`` may show of its parameters: ids, names and sizes; never user data, passwords or payloads.
SHOWN_DATA = re.compile(r"(^|_)(ids?|uuid|name|size|type|flavor|source|version|count|policy|address|cidr|index)$")


@dataclass
class Task:
    """One task and its current state. ``since`` is its start on the module's clock, None while unknown."""

    id: str
    type: Optional[str] = None
    since: Optional[float] = None
    posted_here: bool = False
    sought: Optional[float] = None  # on the module's clock: when GET first returned 404
    state: Optional[str] = None
    error: Optional[str] = None
    created: Mapping[str, Any] = field(default_factory=dict)
    seconds: Optional[float] = None
    polls: int = 0
    started: Optional[str] = None
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        return self.state is not None and self.state not in PENDING

    @property
    def is_finished(self) -> bool:
        return self.state == FINISHED

    @property
    def is_unknown(self) -> bool:
        """Whether it is in a state that the API does not document, so that it may be pending or final."""
        return self.state not in (None, *PENDING, FINISHED, FAILED)

    def as_dict(self) -> dict[str, Any]:
        """The task's entry in a result; ``seconds`` is how long the run waited for it, or how long it took."""
        return {
            "id": self.id,
            "type": self.type,
            "state": self.state,
            "started": self.started,
            "seconds": None if self.seconds is None else round(self.seconds, 1),
            "polls": self.polls,
            "error": self.error,
        }

    def failure(self) -> TaskFailed:
        """The error for a task that did not finish successfully."""
        if self.state == FAILED:
            text = "Task %s (%s) failed: %s." % (
                self.id,
                self.type,
                (self.error or "the API gives no reason").rstrip("."),
            )
            hint = None
            if "quota" in text.lower():
                hint = "Delete what is not needed, or request a higher quota."
            return TaskFailed(text, hint, task_id=self.id)
        if self.state == UNKNOWN_TASK:
            return TaskFailed(
                "Task %s is unknown to the API." % self.id,
                "Check the id, and that the API key belongs to the account that started the task.",
                task_id=self.id,
            )
        return TaskFailed(
            "Task %s (%s) is in state '%s', which the API does not document: it is not reported as a success."
            % (self.id, self.type, self.state),
            "Check the resource in the portal.",
            task_id=self.id,
        )


def no_created() -> dict[str, list[Any]]:
    """``created_resources`` of a run that created nothing: every key of the API's list, empty."""
    return {key: [] for key in CREATED_KEYS}


def merge_created(parts: Iterable[Optional[Mapping[str, Any]]]) -> dict[str, list[Any]]:
    """All ``created_resources`` in one, each id once, in order."""
    merged = no_created()
    for part in parts:
        for key, ids in (part or {}).items():
            known = merged.setdefault(key, [])
            known.extend(item for item in ids or [] if item not in known)
    return merged


def parse_time(text: Any) -> Optional[datetime.datetime]:
    """A timestamp of any of the API's formats (docs/api-notes.md: Formats) as UTC, or None."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?$", str(text or ""))
    if not match:
        return None
    try:
        moment = datetime.datetime.strptime("%s %s" % match.group(1, 2), "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    zone = match.group(3)
    if zone and zone != "Z":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        moment -= datetime.timedelta(minutes=minutes if zone[0] == "+" else -minutes)
    return moment


def seconds_between(earlier: Any, later: Any) -> Optional[float]:
    """Seconds from one timestamp of the API to another, or None where one is unreadable."""
    first, second = parse_time(earlier), parse_time(later)
    return None if first is None or second is None else (second - first).total_seconds()


def redact(data: Any, key: str = "") -> Any:
    """A task's parameters; texts that are not ids, names and the like are hidden."""
    if isinstance(data, Mapping):
        return {name: redact(value, str(name)) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [redact(item, key) for item in data]
    if data is None or isinstance(data, (bool, int, float)) or SHOWN_DATA.search(key):
        return data
    return "(hidden)"


def common_scope(tasks: Iterable[Task]) -> dict[str, list[Any]]:
    """The projects and regions of tasks as filters of a list; empty while one of them is unknown."""
    tasks = list(tasks)
    scope = {}
    for key in ("project_id", "region_id"):
        values = {task.row.get(key) for task in tasks}
        if all(isinstance(value, int) for value in values):
            scope[key] = sorted(values)  # type: ignore[type-var]
    return scope
