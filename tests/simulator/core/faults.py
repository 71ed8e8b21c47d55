# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults on demand: what goes wrong, when, and how often."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from . import errors

if TYPE_CHECKING:
    from .simulator import Simulator
    from .tasks import Task

WireKind = Literal["status", "reset", "hang", "garbled", "truncated"]
REQUEST_KINDS = {"status", "reset", "hang", "garbled", "truncated", "lost_answer", "lock"}
TASK_KINDS = {
    "task_error",
    "task_never_ends",
    "task_unknown_state",
    "task_404_for",
    "stale_read",
    "created_resources_null",
    "created_resources_missing",
}


class Match(BaseModel):
    """Which requests or tasks a fault takes; what is omitted matches all."""

    model_config = ConfigDict(extra="forbid")

    method: str | list[str] | None = None
    path: str | None = Field(default=None, description="regular expression, searched in the path")
    task_type: str | None = Field(default=None, description="for requests: of the task that is asked for")
    after: int = Field(default=0, ge=0, description="let this many pass first")

    def takes(self, method: str | None, path: str | None, task_type: str | None) -> bool:
        """Whether this request or task is meant."""
        if self.method is not None:
            wanted = [self.method] if isinstance(self.method, str) else self.method
            if method is None or method.upper() not in [item.upper() for item in wanted]:
                return False
        if self.path is not None and (path is None or not re.search(self.path, path)):
            return False
        return self.task_type is None or self.task_type == task_type


class Fault(BaseModel):
    """One fault. ``times`` is 1 unless ``for_seconds`` is given; null means always."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal[
        "status", "reset", "hang", "garbled", "truncated", "lost_answer", "latency", "lock", "quota", "clock_skew",
        "task_error", "task_never_ends", "task_unknown_state", "task_404_for", "stale_read",
        "created_resources_null", "created_resources_missing",
    ]  # fmt: skip
    name: str | None = None
    match: Match = Field(default_factory=Match)
    times: int | None = Field(default=1, ge=1)
    for_seconds: float | None = Field(default=None, gt=0, description="simulated seconds from the first hit")

    status: int = Field(default=503, ge=200, le=599, description="status, lost_answer")
    body: Any = Field(default=None, description="status, lost_answer: JSON, or a string that is sent as HTML")
    headers: dict[str, str] = Field(default_factory=dict, description="status, lost_answer")
    exception_class: str | None = Field(default=None, description="status, lost_answer: of the body of A4")
    message: str | None = Field(default=None, description="status, lost_answer: of the body of A4")
    then: WireKind = Field(default="status", description="lost_answer: what comes instead of the response")
    seconds: float = Field(
        default=10, description="real for latency and hang, else simulated; below zero for clock_skew alone"
    )
    error: str = Field(default="Simulated failure", description="task_error: the task's error text")
    leave_object: bool = Field(default=False, description="task_error: what was to be created stays, in ERROR")
    value: str = Field(default="SUSPENDED", description="task_unknown_state: the state that the task shows")
    keys: list[str] | None = Field(default=None, description="created_resources_missing: default all that were created")
    attribute: str | None = Field(default=None, description="quota: e.g. volume_size")
    limit: int = Field(default=0, ge=0, description="quota")
    in_task: bool = Field(default=False, description="quota: the call passes, the task fails")

    @model_validator(mode="after")
    def _complete(self) -> Fault:
        if self.kind == "quota" and not self.attribute:
            raise ValueError("a quota fault needs an attribute")
        if self.seconds < 0 and self.kind != "clock_skew":
            raise ValueError("time does not go back, but for clock_skew")
        if self.for_seconds is not None and "times" not in self.model_fields_set:
            self.times = None
        if self.match.path is not None:
            re.compile(self.match.path)
        return self

    @property
    def label(self) -> str:
        """Its name in the record of requests."""
        return self.name or self.kind


@dataclass
class _Armed:
    fault: Fault
    seen: int = 0
    used: int = 0
    first_hit: float | None = None


@dataclass
class Plan:
    """What is to go wrong with one request."""

    wire: Fault | None = None
    delays: list[Fault] = field(default_factory=list)
    skew: float = 0.0
    quotas: list[Fault] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    refusal: errors.ApiError | None = None

    @property
    def name(self) -> str | None:
        """All names, for the record."""
        return "+".join(self.names) or None


class FaultBook:
    """The faults that wait for their turn."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim
        self._armed: list[_Armed] = []

    def add(self, faults: list[Fault]) -> None:
        """Arm more faults."""
        self._armed += [_Armed(fault) for fault in faults]

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def view(self) -> list[dict[str, Any]]:
        """The armed faults and how often each has hit."""
        return [{**item.fault.model_dump(), "seen": item.seen, "used": item.used} for item in self._armed]

    def plan(self, method: str, path: str) -> Plan:
        """What is to go wrong with this request."""
        plan = Plan()
        if not self._armed:
            return plan
        task_type = self._asked_task_type(path)
        for item in list(self._armed):
            kind = item.fault.kind
            if kind in TASK_KINDS or (kind in REQUEST_KINDS and plan.wire):
                continue
            if not self._hit(item, method, path, task_type):
                continue
            if kind != "quota":
                plan.names.append(item.fault.label)
            if kind == "latency":
                plan.delays.append(item.fault)
            elif kind == "clock_skew":
                plan.skew += item.fault.seconds
            elif kind == "quota":
                plan.quotas.append(item.fault)
            else:
                plan.wire = item.fault
        return plan

    def prepare_task(self, task: Task, method: str | None, path: str | None) -> list[str]:
        """Let the faults that wait for such a task have it; the names of those that did."""
        now = self._sim.now()
        names = []
        for item in list(self._armed):
            fault = item.fault
            if fault.kind not in TASK_KINDS or not self._hit(item, method, path, task.task_type):
                continue
            names.append(fault.label)
            if fault.kind == "task_error":
                task.fails_with, task.leaves_object = fault.error, fault.leave_object
            elif fault.kind == "task_never_ends":
                task.never_ends = True
            elif fault.kind == "task_unknown_state":
                lasts = fault.seconds if "seconds" in fault.model_fields_set else None
                task.unknown_state = (fault.value, lasts)
            elif fault.kind == "task_404_for":
                task.hidden_until = now + fault.seconds
            elif fault.kind == "stale_read":
                task.stale_seconds = fault.seconds
            elif fault.kind == "created_resources_null":
                task.null_resources = True
            else:
                task.missing_resources = fault.keys if fault.keys is not None else list(task.creates)
        return names

    def _asked_task_type(self, path: str) -> str | None:
        found = re.fullmatch(r"/cloud/v1/tasks/([^/]+)", path)
        return self._sim.tasks.task_type(found.group(1)) if found else None

    def _hit(self, item: _Armed, method: str | None, path: str | None, task_type: str | None) -> bool:
        fault = item.fault
        if not fault.match.takes(method, path, task_type):
            return False
        item.seen += 1
        if item.seen <= fault.match.after:
            return False
        now = self._sim.now()
        if item.first_hit is None:
            item.first_hit = now
        lasts = fault.seconds if fault.kind == "lock" else fault.for_seconds
        if lasts is not None and now >= item.first_hit + lasts:
            self._armed.remove(item)
            return False
        item.used += 1
        if fault.times is not None and item.used >= fault.times and fault.kind != "lock":
            self._armed.remove(item)
        return True

    def disarm(self, fault: Fault) -> None:
        """Take one fault out: its work is done."""
        self._armed = [item for item in self._armed if item.fault is not fault]


def fault_body(fault: Fault, request_id: str) -> tuple[bytes, str]:
    """The body and content type of a faulty answer."""
    if isinstance(fault.body, str):
        return fault.body.encode(), "text/html"
    if fault.body is not None:
        return json.dumps(fault.body).encode(), "application/json"
    body = errors.ApiError(
        fault.status,
        fault.exception_class or "HTTPError",
        fault.message or f"HTTP {fault.status}: simulated failure",
    ).body(request_id)
    return json.dumps(body).encode(), "application/json"
