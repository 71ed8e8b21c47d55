# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes wrong: one row each, as data for the simulator, or as something that another one does at a bad moment."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import requests

from tests.harness import Ambush, Cloud, Killed, Run, body_of, is_write
from tests.simulator.core.settings import DEMO_KEY

from .operations import CREATE, PART, READ, WAIT, Operation

WRITE, LOOK, LIST, TASK, CLOCK, OTHERS, RUN = "write", "look", "list", "task", "clock", "others", "run"

WRITES = {"method": ["POST", "PUT", "PATCH", "DELETE"], "path": r"^(?!.*/check_limits$)"}
# A look at one task is by its id; several are listed, as is what is asked about other runs before a write.
LOOKS = {"method": "GET", "path": r"^/cloud/v1/tasks/[^/]+$"}
LOOKS_AT_MANY = {"method": "GET", "path": r"^/cloud/v1/tasks(/[^/]+)?$"}
LIMIT = 300

Faults = tuple[Mapping[str, Any], ...]


@dataclasses.dataclass(frozen=True)
class Trouble:
    """Something that goes wrong in one run. ``at`` says which request or what else it hits, and so the section of the table."""

    name: str
    words: str
    at: str
    faults: Callable[[Operation, str], Faults] = lambda operation, first: ()
    prepare: Callable[[Cloud], None] | None = None
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    wanted: Callable[[Operation], bool] = lambda operation: True
    another: bool = False
    """Somebody else makes the same too: two may be there, but not unreported."""
    company: bool = False
    """Somebody else makes something at the same time, the same or another."""
    stays: bool = False
    """What is wrong is in the cloud and stays, whatever the next run does."""
    second: bool = False
    """A second run of the same task starts while the first one waits."""
    struck: Callable[[Run], bool] = lambda run: True
    """Whether one sees in the first run that the fault was met."""

    def suits(self, operation: Operation) -> bool:
        """Whether the operation has what this hits: what only waits or reads has no write of its own."""
        if operation.sort == READ and self.at not in (LIST, CLOCK):
            return False
        if operation.sort == WAIT and self.at not in (LOOK, TASK, CLOCK):
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

# What comes instead of an answer: (name, words, the simulator's fault).
WIRE: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("429_after", "429 with ``Retry-After: 7``", {"kind": "status", "status": 429, "headers": {"Retry-After": "7"}}),
    ("429", "429 without ``Retry-After``", {"kind": "status", "status": 429}),
    ("500", "500, once", {"kind": "status", "status": 500, "message": BROKEN}),
    ("500_long", "500 for 20 s", {"kind": "status", "status": 500, "for_seconds": 20, "message": BROKEN}),
    ("502", "502 with an HTML page", {"kind": "status", "status": 502, "body": page(DEMO_KEY)}),
    ("reset", "connection reset", {"kind": "reset"}),
    ("hang", "no answer until the time-out", {"kind": "hang"}),
    ("garbled", "garbled JSON", {"kind": "garbled"}),
    ("truncated", "answer cut off", {"kind": "truncated"}),
)
# A broken answer to a write means that it was taken: these cannot be without it.
ONLY_TAKEN = ("garbled", "truncated")
# These say that the write was not taken, or last longer than one.
NEVER_TAKEN = ("429_after", "429", "500_long")


def _wire() -> list[Trouble]:
    rows = []
    for name, words, fault in WIRE:
        if name not in ONLY_TAKEN:
            rows.append(_on(WRITE, f"write_{name}", f"{words} (not taken)", fault, WRITES))
    for name, words, fault in WIRE:
        if name in ONLY_TAKEN:
            rows.append(_on(WRITE, f"write_{name}_taken", f"{words} (taken)", fault, WRITES))
        elif name not in NEVER_TAKEN:
            lost = {**fault, "kind": "lost_answer", "then": fault["kind"]}
            rows.append(_on(WRITE, f"write_{name}_taken", f"{words} (taken)", lost, WRITES))
    rows += [Trouble(f"look_{name}", words, LOOK, _at_looks(fault)) for name, words, fault in WIRE]
    rows.append(Trouble("look_401", "401", LOOK, _at_looks({**REVOKED, "times": 1})))
    for name, words, fault in (WIRE[3], WIRE[6]):
        forever = {**fault, "times": None}
        forever.pop("for_seconds", None)
        words = f"{words.split(' for ')[0]}, at every look for good, with ``wait_timeout: {LIMIT}``"
        rows.append(Trouble(f"look_{name}_forever", words, LOOK, _at_looks(forever), options={"wait_timeout": LIMIT}))
    for name, words, fault in WIRE:
        rows.append(Trouble(f"list_{name}", words, LIST, _at_first(fault)))
    return rows


def _on(at: str, name: str, words: str, fault: Mapping[str, Any], match: Mapping[str, Any]) -> Trouble:
    return Trouble(name, words, at, lambda operation, first: ({**fault, "match": match},))


def _at_looks(fault: Mapping[str, Any]) -> Callable[[Operation, str], Faults]:
    def faults(operation: Operation, first: str) -> Faults:
        return ({**fault, "match": LOOKS_AT_MANY if operation.sort == WAIT else LOOKS},)

    return faults


def _at_first(fault: Mapping[str, Any]) -> Callable[[Operation, str], Faults]:
    def faults(operation: Operation, first: str) -> Faults:
        return ({**fault, "match": {"method": "GET", "path": f"^{re.escape(first)}$"}},)

    return faults


# ---------------------------------------------------------------- the tasks


def _task(name: str, words: str, stays: bool = False, makes: bool = False, **fault: Any) -> Trouble:
    def wanted(operation: Operation) -> bool:
        return operation.sort in (CREATE, PART, WAIT) if makes else True

    options = {"wait_timeout": LIMIT} if fault["kind"] == "task_never_ends" else {}
    return Trouble(
        name,
        words,
        TASK,
        lambda operation, first: ({**fault, "match": WRITES},),
        options=options,
        wanted=wanted,
        stays=stays,
    )


def _failing(operation: Operation, first: str) -> Faults:
    """A task that fails, and repeats in its error what it was given."""
    return ({"kind": "task_error", "error": _no_host(operation), "match": WRITES},)


def _failing_and_leaving(operation: Operation, first: str) -> Faults:
    return ({"kind": "task_error", "error": _no_host(operation), "leave_object": True, "match": WRITES},)


def _no_host(operation: Operation) -> str:
    return " ".join(["No valid host was found", *operation.secrets])


def _quota(in_task: bool) -> Callable[[Operation, str], Faults]:
    def faults(operation: Operation, first: str) -> Faults:
        return ({"kind": "quota", "attribute": operation.quota, "limit": 0, "in_task": in_task, "match": WRITES},)

    return faults


# ------------------------------------------------------- others and the end

# What a neighbour's thing says in place of what ours says.
NEIGHBOURS = {"name": "others", "tags": {"made": "for-others"}, "cidr": "192.168.77.0/24"}


def no_longer_known(cloud: Cloud) -> None:
    """The key is withdrawn as soon as the first write was taken."""
    cloud.ambushes.append(Ambush(is_write, lambda request: cloud.arm(REVOKED), after=True))


def killed_in_its_sleep(cloud: Cloud) -> None:
    def die() -> None:
        cloud.on_sleep = None
        raise Killed

    def dream(request: requests.PreparedRequest) -> None:
        cloud.on_sleep = die

    cloud.ambushes.append(Ambush(is_write, dream, after=True))


def killed_at_its_write(cloud: Cloud) -> None:
    def die(request: requests.PreparedRequest) -> None:
        raise Killed

    cloud.ambushes.append(Ambush(is_write, die, after=True))


def just_before(cloud: Cloud) -> None:
    cloud.ambushes.append(Ambush(is_write, cloud.somebody_else))


def neighbour(cloud: Cloud) -> None:
    """Somebody makes another thing of the type, at the moment of our write."""

    def other(request: requests.PreparedRequest) -> None:
        theirs = request.copy()
        body = json.loads(body_of(request))
        body.update({key: value for key, value in NEIGHBOURS.items() if key in body})
        theirs.body = json.dumps(body).encode()
        theirs.headers["Content-Length"] = str(len(theirs.body))
        cloud.somebody_else(theirs)

    cloud.ambushes.append(Ambush(is_write, other))


def just_after(cloud: Cloud) -> None:
    """The other one's write is taken two seconds after ours."""

    def later(request: requests.PreparedRequest) -> None:
        def once() -> None:
            cloud.on_sleep = None
            cloud.simulator.advance(2)
            cloud.somebody_else(request)

        cloud.on_sleep = once

    cloud.ambushes.append(Ambush(is_write, later, after=True))


def _with_skew(seconds: int, lost: bool) -> Callable[[Operation, str], Faults]:
    skew = {"kind": "clock_skew", "seconds": seconds, "times": None}
    answer = {"kind": "lost_answer", "then": "reset", "match": WRITES}
    return lambda operation, first: (skew, answer) if lost else (skew,)


def _makes(operation: Operation) -> bool:
    return operation.sort in (CREATE, PART)


def _has_quota(operation: Operation) -> bool:
    return operation.quota is not None


TROUBLES: tuple[Trouble, ...] = (
    *_wire(),
    _task("task_404", "404 for the first 10 s", kind="task_404_for", seconds=10),
    _task("stale_read", "reads lag 10 s behind FINISHED", kind="stale_read", seconds=10),
    _task("unknown_state", "a state that nobody knows", kind="task_unknown_state", stays=True),
    _task("resources_null", "FINISHED, ``created_resources`` null", kind="created_resources_null", makes=True),
    _task(
        "resources_missing",
        "FINISHED, ``created_resources`` without its key",
        kind="created_resources_missing",
        makes=True,
    ),
    Trouble("task_error", "ERROR, nothing is left", TASK, _failing),
    Trouble(
        "task_error_left", "ERROR, what was being made is left", TASK, _failing_and_leaving, wanted=_makes, stays=True
    ),
    Trouble("quota_task", "ERROR, quota exceeded", TASK, _quota(in_task=True), wanted=_has_quota),
    _task("never_ends", f"never ends, with ``wait_timeout: {LIMIT}``", kind="task_never_ends", stays=True),
    Trouble("unauthorized", "401 to everything after the write", OTHERS, prepare=no_longer_known),
    Trouble(
        "lock",
        "409, locked for 30 s",
        OTHERS,
        lambda operation, first: ({"kind": "lock", "seconds": 30, "match": WRITES},),
        struck=lambda run: any(each.status == 409 for each in run.writes),
    ),
    Trouble("quota_call", "quota exceeded", OTHERS, _quota(in_task=False), wanted=_has_quota),
    Trouble("clock_ahead", "``Date`` an hour ahead of the times of tasks", CLOCK, _with_skew(3600, False)),
    Trouble("clock_behind", "``Date`` an hour behind the times of tasks", CLOCK, _with_skew(-3600, False)),
    Trouble(
        "clock_ahead_lost", "``Date`` an hour ahead, and the answer to the write lost", OTHERS, _with_skew(3600, True)
    ),
    Trouble(
        "clock_behind_lost",
        "``Date`` an hour behind, and the answer to the write lost",
        OTHERS,
        _with_skew(-3600, True),
    ),
    Trouble("killed_waiting", "killed while it waits", RUN, prepare=killed_in_its_sleep),
    Trouble("killed_writing", "killed while the write is on its way", RUN, prepare=killed_at_its_write),
    Trouble(
        "twin_before",
        "another controller makes the same just before",
        RUN,
        prepare=just_before,
        wanted=_makes,
        another=True,
        company=True,
    ),
    Trouble(
        "twin_after",
        "another controller makes the same 2 s after",
        RUN,
        prepare=just_after,
        wanted=_makes,
        another=True,
        company=True,
    ),
    Trouble(
        "neighbour",
        "a neighbour makes another one at the same moment, and our write is reset, not taken",
        RUN,
        lambda operation, first: ({"kind": "reset", "match": WRITES},),
        neighbour,
        wanted=lambda operation: operation.sort == CREATE and bool(operation.known_by),
        company=True,
    ),
    Trouble(
        "neighbour_taken",
        "a neighbour makes another one at the same moment, and our write is reset, taken",
        RUN,
        lambda operation, first: ({"kind": "lost_answer", "then": "reset", "match": WRITES},),
        neighbour,
        wanted=lambda operation: operation.sort == CREATE and bool(operation.known_by),
        company=True,
    ),
    Trouble("second_run", "the same task starts on another controller while this one waits", RUN, second=True),
)
BY_NAME: Mapping[str, Trouble] = {each.name: each for each in TROUBLES}
