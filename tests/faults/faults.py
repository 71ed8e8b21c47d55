# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The faults: one row each, as data for the simulator, or as something that another client does at a bad moment."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import requests

from tests.harness import Ambush, Cloud, Killed, Run, body_of, is_write
from tests.simulator.core.settings import DEMO_KEY

from .operations import ADD, CREATE, READ, WAIT, Operation

WRITE, POLL, LIST, TASK, CLOCK, OTHERS, RUN = "write", "poll", "list", "task", "clock", "others", "run"

WRITES = {"method": ["POST", "PUT", "PATCH", "DELETE"], "path": r"^(?!.*/check_limits$)"}
# A single task is polled by its id; several are listed, as are the tasks of other runs before a write.
POLLS = {"method": "GET", "path": r"^/cloud/v1/tasks/[^/]+$"}
POLLS_OF_MANY = {"method": "GET", "path": r"^/cloud/v1/tasks(/[^/]+)?$"}
LIMIT = 300

Injected = tuple[Mapping[str, Any], ...]


@dataclasses.dataclass(frozen=True)
class Fault:
    """Something that goes wrong in one run. ``at`` is the request or the thing that it affects, and the section of the table."""

    name: str
    words: str
    at: str
    injected: Callable[[Operation, str], Injected] = lambda operation, first: ()
    prepare: Callable[[Cloud], None] | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    wanted: Callable[[Operation], bool] = lambda operation: True
    another: bool = False
    """Another client creates the same resource: two may exist, but both must be reported."""
    company: bool = False
    """Another client creates a resource at the same time, the same or a different one."""
    stays: bool = False
    """The fault is in the cloud and remains, whatever the next run does."""
    second: bool = False
    """A second run of the same task starts while the first one waits."""
    occurred: Callable[[Run], bool] = lambda run: True
    """Whether the first run met the fault."""

    def suits(self, operation: Operation) -> bool:
        """Whether the fault can affect the operation: one that only waits or reads has no write."""
        if operation.sort == READ and self.at not in (LIST, CLOCK):
            return False
        if operation.sort == WAIT and self.at not in (POLL, TASK, CLOCK):
            return False
        return self.wanted(operation)


# ----------------------------------------------------------------- the wire


def page(key: str) -> str:
    """An error page of a proxy that repeats the request's headers."""
    return f"<html><body><h1>502 Bad Gateway</h1><pre>Authorization: APIKey {key}</pre></body></html>"


BROKEN = f"Unexpected error (Authorization: APIKey {DEMO_KEY})"

REVOKED = {
    "kind": "status",
    "status": 401,
    "exception_class": "token_not_valid",
    "message": f"Bad permanent token: {DEMO_KEY[:12]}",
    "times": None,
}

# What comes instead of a response: (name, words, the simulator's fault).
WIRE: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("429_after", "429 with ``Retry-After: 7``", {"kind": "status", "status": 429, "headers": {"Retry-After": "7"}}),
    ("429", "429 without ``Retry-After``", {"kind": "status", "status": 429}),
    ("500", "500, once", {"kind": "status", "status": 500, "message": BROKEN}),
    ("500_long", "500 for 20 s", {"kind": "status", "status": 500, "for_seconds": 20, "message": BROKEN}),
    ("502", "502 with an HTML page", {"kind": "status", "status": 502, "body": page(DEMO_KEY)}),
    ("reset", "connection reset", {"kind": "reset"}),
    ("hang", "no response until the timeout", {"kind": "hang"}),
    ("garbled", "garbled JSON", {"kind": "garbled"}),
    ("truncated", "response cut off", {"kind": "truncated"}),
)
# A broken response to a write means that the write was executed: these do not exist without that.
ONLY_EXECUTED = ("garbled", "truncated")
# These mean that the write was not executed, or last longer than one write.
NEVER_EXECUTED = ("429_after", "429", "500_long")


def _wire() -> list[Fault]:
    rows = []
    for name, words, fault in WIRE:
        if name not in ONLY_EXECUTED:
            rows.append(_on(WRITE, f"write_{name}", f"{words} (not executed)", fault, WRITES))
    for name, words, fault in WIRE:
        if name in ONLY_EXECUTED:
            rows.append(_on(WRITE, f"write_{name}_executed", f"{words} (executed)", fault, WRITES))
        elif name not in NEVER_EXECUTED:
            lost = {**fault, "kind": "lost_answer", "then": fault["kind"]}
            rows.append(_on(WRITE, f"write_{name}_executed", f"{words} (executed)", lost, WRITES))
    rows += [Fault(f"poll_{name}", words, POLL, _at_polls(fault)) for name, words, fault in WIRE]
    rows.append(Fault("poll_401", "401", POLL, _at_polls({**REVOKED, "times": 1})))
    for name, words, fault in (WIRE[3], WIRE[6]):
        forever = {**fault, "times": None}
        forever.pop("for_seconds", None)
        words = f"{words.split(' for ')[0]}, at every poll, with ``wait_timeout: {LIMIT}``"
        rows.append(Fault(f"poll_{name}_forever", words, POLL, _at_polls(forever), options={"wait_timeout": LIMIT}))
    for name, words, fault in WIRE:
        rows.append(Fault(f"list_{name}", words, LIST, _at_first(fault)))
    return rows


def _on(at: str, name: str, words: str, fault: Mapping[str, Any], match: Mapping[str, Any]) -> Fault:
    return Fault(name, words, at, lambda operation, first: ({**fault, "match": match},))


def _at_polls(fault: Mapping[str, Any]) -> Callable[[Operation, str], Injected]:
    def faults(operation: Operation, first: str) -> Injected:
        return ({**fault, "match": POLLS_OF_MANY if operation.sort == WAIT else POLLS},)

    return faults


def _at_first(fault: Mapping[str, Any]) -> Callable[[Operation, str], Injected]:
    def faults(operation: Operation, first: str) -> Injected:
        return ({**fault, "match": {"method": "GET", "path": f"^{re.escape(first)}$"}},)

    return faults


# ---------------------------------------------------------------- the tasks


def _task(name: str, words: str, stays: bool = False, creates: bool = False, **fault: Any) -> Fault:
    def wanted(operation: Operation) -> bool:
        return operation.sort in (CREATE, ADD, WAIT) if creates else True

    options = {"wait_timeout": LIMIT} if fault["kind"] == "task_never_ends" else {}
    return Fault(
        name,
        words,
        TASK,
        lambda operation, first: ({**fault, "match": WRITES},),
        options=options,
        wanted=wanted,
        stays=stays,
    )


def _failing(operation: Operation, first: str) -> Injected:
    """A task that fails, and repeats in its error what it was given."""
    return ({"kind": "task_error", "error": _no_host(operation), "match": WRITES},)


def _failing_and_leaving(operation: Operation, first: str) -> Injected:
    return ({"kind": "task_error", "error": _no_host(operation), "leave_object": True, "match": WRITES},)


def _no_host(operation: Operation) -> str:
    return " ".join(["No valid host was found", *operation.secrets])


def _quota(in_task: bool) -> Callable[[Operation, str], Injected]:
    def faults(operation: Operation, first: str) -> Injected:
        return ({"kind": "quota", "attribute": operation.quota, "limit": 0, "in_task": in_task, "match": WRITES},)

    return faults


# ------------------------------------------------------- others and the end

# What another client's resource has in place of ours.
OTHER_VALUES = {"name": "others", "tags": {"made": "for-others"}, "cidr": "192.168.77.0/24"}


def key_revoked(cloud: Cloud) -> None:
    """The API key is revoked as soon as the first write was executed."""
    cloud.ambushes.append(Ambush(is_write, lambda request: cloud.arm(REVOKED), after=True))


def killed_while_waiting(cloud: Cloud) -> None:
    def die() -> None:
        cloud.on_sleep = None
        raise Killed

    def on_wait(request: requests.PreparedRequest) -> None:
        cloud.on_sleep = die

    cloud.ambushes.append(Ambush(is_write, on_wait, after=True))


def killed_while_writing(cloud: Cloud) -> None:
    def die(request: requests.PreparedRequest) -> None:
        raise Killed

    cloud.ambushes.append(Ambush(is_write, die, after=True))


def just_before(cloud: Cloud) -> None:
    cloud.ambushes.append(Ambush(is_write, cloud.somebody_else))


def another_resource(cloud: Cloud) -> None:
    """Another client creates another resource of the type, at the moment of our write."""

    def other(request: requests.PreparedRequest) -> None:
        theirs = request.copy()
        body = json.loads(body_of(request))
        body.update({key: value for key, value in OTHER_VALUES.items() if key in body})
        if "/routers/" in request.path_url:  # a subnet has one router
            body.update(interfaces=[], routes=[])
        theirs.body = json.dumps(body).encode()
        theirs.headers["Content-Length"] = str(len(theirs.body))
        cloud.somebody_else(theirs)

    cloud.ambushes.append(Ambush(is_write, other))


def just_after(cloud: Cloud) -> None:
    """The other client's write is executed two seconds after ours."""

    def later(request: requests.PreparedRequest) -> None:
        def once() -> None:
            cloud.on_sleep = None
            cloud.simulator.advance(2)
            cloud.somebody_else(request)

        cloud.on_sleep = once

    cloud.ambushes.append(Ambush(is_write, later, after=True))


def _with_skew(seconds: int, lost: bool) -> Callable[[Operation, str], Injected]:
    skew = {"kind": "clock_skew", "seconds": seconds, "times": None}
    answer = {"kind": "lost_answer", "then": "reset", "match": WRITES}
    return lambda operation, first: (skew, answer) if lost else (skew,)


def _creates(operation: Operation) -> bool:
    return operation.sort in (CREATE, ADD)


def _has_quota(operation: Operation) -> bool:
    return operation.quota is not None


FAULTS: tuple[Fault, ...] = (
    *_wire(),
    _task("task_404", "404 for the first 10 s", kind="task_404_for", seconds=10),
    _task("stale_read", "reads lag 10 s behind FINISHED", kind="stale_read", seconds=10),
    _task("unknown_state", "an unknown state", kind="task_unknown_state", stays=True),
    _task("resources_null", "FINISHED, ``created_resources`` null", kind="created_resources_null", creates=True),
    _task(
        "resources_missing",
        "FINISHED, ``created_resources`` without its key",
        kind="created_resources_missing",
        creates=True,
    ),
    Fault("task_error", "ERROR, nothing is left", TASK, _failing),
    Fault(
        "task_error_left",
        "ERROR, what was being created is left",
        TASK,
        _failing_and_leaving,
        wanted=_creates,
        stays=True,
    ),
    Fault("quota_task", "ERROR, quota exceeded", TASK, _quota(in_task=True), wanted=_has_quota),
    _task("never_ends", f"never ends, with ``wait_timeout: {LIMIT}``", kind="task_never_ends", stays=True),
    Fault("unauthorized", "401 to everything after the write", OTHERS, prepare=key_revoked),
    Fault(
        "lock",
        "409, locked for 30 s",
        OTHERS,
        lambda operation, first: ({"kind": "lock", "seconds": 30, "match": WRITES},),
        occurred=lambda run: any(each.status == 409 for each in run.writes),
    ),
    Fault("quota_call", "quota exceeded", OTHERS, _quota(in_task=False), wanted=_has_quota),
    Fault("clock_ahead", "``Date`` an hour ahead of the times of tasks", CLOCK, _with_skew(3600, False)),
    Fault("clock_behind", "``Date`` an hour behind the times of tasks", CLOCK, _with_skew(-3600, False)),
    Fault(
        "clock_ahead_lost", "``Date`` an hour ahead, and the response to the write lost", OTHERS, _with_skew(3600, True)
    ),
    Fault(
        "clock_behind_lost",
        "``Date`` an hour behind, and the response to the write lost",
        OTHERS,
        _with_skew(-3600, True),
    ),
    Fault("killed_waiting", "killed while it waits", RUN, prepare=killed_while_waiting),
    Fault("killed_writing", "killed while the write is on its way", RUN, prepare=killed_while_writing),
    Fault(
        "duplicate_before",
        "another controller creates the same resource just before",
        RUN,
        prepare=just_before,
        wanted=_creates,
        another=True,
        company=True,
    ),
    Fault(
        "duplicate_after",
        "another controller creates the same resource 2 s after",
        RUN,
        prepare=just_after,
        wanted=_creates,
        another=True,
        company=True,
    ),
    Fault(
        "other_resource",
        "another client creates another resource at the same moment, and the write is reset, not executed",
        RUN,
        lambda operation, first: ({"kind": "reset", "match": WRITES},),
        another_resource,
        wanted=lambda operation: operation.sort == CREATE and bool(operation.identified_by),
        company=True,
    ),
    Fault(
        "other_resource_executed",
        "another client creates another resource at the same moment, and the write is reset, executed",
        RUN,
        lambda operation, first: ({"kind": "lost_answer", "then": "reset", "match": WRITES},),
        another_resource,
        wanted=lambda operation: operation.sort == CREATE and bool(operation.identified_by),
        company=True,
    ),
    Fault("second_run", "the same task starts on another controller while this one waits", RUN, second=True),
)
BY_NAME: Mapping[str, Fault] = {each.name: each for each in FAULTS}
