# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Helpers of the unit tests: a clock that only tests move, a session with scripted responses, plans for a made-up resource."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

import requests
from ansible.module_utils.common.parameters import PASS_VARS
from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Call, Client, ClientSettings
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Clock, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import (
    Deferred,
    Plan,
    Snapshot,
    Step,
    Target,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.planner import Planner
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import (
    given_options,
    module_spec,
    traits,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import name, tags
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import (
    WRITE_ONLY,
    Action,
    Option,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.parsing import CLEARED, parse
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType, Statuses
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import described
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import MaxRetryError, NewConnectionError

KEY = "4711$0f1e2d3c4b5a69788796a5b4c3d2e1f0aabbccddeeff00112233445566778899"
URL = "https://api.gcore.com"
ZERO = datetime.datetime(2026, 5, 1, 12, 0, 0)
# Older releases of ansible-core always return the invocation, and newer ones where the controller says so.
WITH_INVOCATION = {"_ansible_inject_invocation": True} if "inject_invocation" in PASS_VARS else {}
LOCKED = {
    "exception_class": "ConflictError",
    "message": "Operation on resource currently locked by running task to prevent concurrent operations. "
    "Repeat request a little later.",
}


class VirtualClock(Clock):
    """Time is a number; sleeping adds to it and is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            self.sleeps.append(seconds)
            self.time += seconds

    def text(self, plus: float = 0.0) -> str:
        """The server's time in the form of a task's created_on."""
        return (ZERO + datetime.timedelta(seconds=int(self.time + plus))).strftime("%Y-%m-%dT%H:%M:%S")

    def date(self) -> str:
        """The server's time as the Date header has it."""
        return (ZERO + datetime.timedelta(seconds=int(self.time))).strftime("%a, %d %b %Y %H:%M:%S GMT")


def uuid(number: int) -> str:
    return "00000000-0000-4000-8000-%012d" % number


# -------------------------------------------------------------------- answers


def reply(
    status: int = 200, body: Any = None, headers: Optional[Mapping[str, str]] = None, raw: Optional[bytes] = None
) -> Any:
    """An answer as requests gives it: ``body`` as JSON, or ``raw`` as it is."""
    response = requests.Response()
    response.status_code = status
    response._content = raw if raw is not None else b"" if status == 204 else json.dumps(body).encode()
    response.headers = CaseInsensitiveDict({"Content-Type": "application/json", **(headers or {})})
    return response


def rows(*items: Any, count: Optional[int] = None) -> Any:
    return reply(200, {"count": len(items) if count is None else count, "results": list(items)})


def refused() -> requests.exceptions.ConnectionError:
    """Nobody listens: the request never left."""
    return requests.exceptions.ConnectionError(
        MaxRetryError(None, "/", NewConnectionError(None, "Failed to establish a new connection"))  # type: ignore[arg-type]
    )


def reset() -> requests.exceptions.ConnectionError:
    """The connection broke while the answer was awaited."""
    return requests.exceptions.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))


def read_timeout() -> requests.exceptions.ReadTimeout:
    return requests.exceptions.ReadTimeout("Read timed out. (read timeout=30)")


def connect_timeout() -> requests.exceptions.ConnectTimeout:
    return requests.exceptions.ConnectTimeout("timed out")


def bad_certificate() -> requests.exceptions.SSLError:
    return requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed")


# -------------------------------------------------------------------- session


@dataclass
class Request:
    """One request as it was sent, and when."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    at: float
    headers: dict[str, str]
    options: dict[str, Any]

    def __str__(self) -> str:
        return "%s %s" % (self.method, self.path)


class FakeSession:
    """Answers from scripts, one (method, path) each: a response, an exception to raise, or a function of the request.

    The last answer of a script stays.
    """

    def __init__(self, clock: Optional[VirtualClock] = None, latency: float = 0.0) -> None:
        self.clock = clock or VirtualClock()
        self.latency = latency
        self.headers: dict[str, str] = {}
        self.trust_env: Optional[bool] = None
        self.closed = 0
        self.sent: list[Request] = []
        self._scripts: dict[tuple[str, str], list[Any]] = {}

    def on(self, method: str, path: str, *answers: Any) -> None:
        self._scripts[method, path] = list(answers)

    def close(self) -> None:
        self.closed += 1

    def request(self, method: str, url: str, **options: Any) -> Any:
        prepared = requests.Request(method, url, params=options.get("params"), json=options.get("json")).prepare()
        headers = dict(options["auth"](prepared).headers)
        parts = urlsplit(str(prepared.url))
        query: dict[str, list[str]] = {}
        for key, value in options.get("params") or []:
            query.setdefault(key, []).append(str(value))
        body = None if options.get("json") is None else json.loads(json.dumps(options["json"]))
        sent = Request(method, parts.path, query, body, self.clock.now(), headers, options)
        self.sent.append(sent)
        self.clock.time += self.latency
        return self._deliver(self.answer(sent))

    def _deliver(self, result: Any) -> Any:
        if isinstance(result, BaseException):
            raise result
        result.headers.setdefault("Date", self.clock.date())
        return result

    def answer(self, sent: Request) -> Any:
        script = self._scripts.get((sent.method, sent.path))
        assert script, "%s was not expected" % sent
        result = script.pop(0) if len(script) > 1 else script[0]
        return result(sent) if callable(result) else result

    # what was sent

    def calls(self, method: Optional[str] = None, path: str = "") -> list[Request]:
        return [each for each in self.sent if (method is None or each.method == method) and re.search(path, each.path)]

    @property
    def writes(self) -> list[Request]:
        return [each for each in self.sent if each.method != "GET"]


class Longest(Random):
    """Jitter that always gives the longest pause."""

    def random(self) -> float:
        return 1.0


def client(session: Any, **more: Any) -> Client:
    clock, jitter = more.pop("clock", getattr(session, "clock", None)), more.pop("jitter", None) or Longest()
    settings = ClientSettings(more.pop("url", URL), more.pop("key", KEY), **more)
    return Client(settings, clock, session, jitter)


def answered(session: FakeSession) -> Client:
    """A client that has had a response from the API, as one that has started a task."""
    session.on("GET", "/cloud/v1/projects", reply(200, {}))
    found = client(session)
    found.read_once(Call("GET", "/cloud/v1/projects"))
    session.sent.clear()
    session.clock.time = 0.0
    return found


def deadline(clock: Clock, seconds: float = 300) -> Deadline:
    return Deadline(clock, seconds)


# ----------------------------------------------------- a resource to test on

THINGS = ResourceType(
    "thing",
    "/cloud/v1/things/{project_id}/{region_id}",
    name_filter="name",
    created_key="volumes",
    distinguished_by=("size", "created_at"),
    statuses=Statuses(
        "status",
        ready=("available",),
        creating=("creating",),
        changing=("changing",),
        deleting=("deleting",),
        failed=("error",),
        holds_nothing=("error",),
    ),
)
PARTS = ResourceType("part", "/cloud/v1/parts/{project_id}/{region_id}", created_key="ports")
ONE_THING = THINGS.path + "/{id}"


def extend(desired: int, current: int, row: Mapping[str, Any], purge: bool) -> list[Action]:
    """A size that can only grow."""
    if desired < current:
        raise ImmutableError("size of %s cannot shrink from %d to %d." % (row.get("name"), current, desired))
    return [Action("extend", "POST", ONE_THING + "/extend", "extend_volume", 120, body={"size": desired})]


THING = described(
    type=THINGS,
    fields=(
        name(required=True),
        Option("size", "int", change=extend),
        Option("colour"),
        Option("note", null=CLEARED, change="update"),
        Option("password", no_log=True, change=WRITE_ONLY),
        tags(),
    ),
    create=Action("create", "POST", THINGS.path, "create_volume", 400),
    update=Action("update", "PATCH", ONE_THING, "update_network", 100),
    delete=Action("delete", "DELETE", ONE_THING, "delete_volume", 200),
    may_orphan=(PARTS,),
    response={"status": "available", "colour": "grey", "note": None, "tags": []},
)


def as_given(resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as the engine gets them from the arguments of a task."""
    parsed = parse(module_spec(resource)["argument_spec"], options, traits(resource))
    return given_options((*resource.options, Option("id")), resource.sub_resources, parsed.arguments, parsed.cleared)


# ------------------------------------------------------------------- plans


def lookup(kind: Any, value: str, by: str = "id", where: Any = None, via: Any = None, options: Any = None, verify: bool = False) -> str:  # fmt: skip
    """Every name is that of something: its id can be told from the name."""
    found = "%s-id-of-%s" % (kind.name, value) if by == "id" else value if by == "name" else "%s-of-%s" % (by, value)
    return found if via is None else "%s-of-%s" % (via.key, found)


def options_of(resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine gets: the options that are given, and the purge_… ones with their defaults."""
    given = as_given(resource, options)
    return {**given, **{key: options.get(key, default) for key, default in resource.purge_options().items()}}


def planned(
    resource: Resource,
    options: dict[str, Any],
    row: Optional[dict[str, Any]] = None,
    sub_resources: Any = None,
    state: str = "present",
    recreate: bool = False,
    find: Callable[..., str] = lookup,
) -> Plan:
    """The plan for what is there, which may be nothing."""
    snapshot = None if row is None else Snapshot(row, sub_resources or {})
    target = Target(resource, None if row is None else str(row[resource.type.id_field]), label=options.get("name", ""))
    planner = Planner(resource, options_of(resource, options), find, recreate)
    return planner.absent(snapshot, target) if state == "absent" else planner.present(snapshot, target, state)


def sent_by(plan: Plan) -> list[tuple[str, str, Any]]:
    """What a plan would send: the place in the paths left out."""
    return [
        (step.action.method, step.action.path.replace("/{project_id}/{region_id}", ""), step.body)
        for step in plan.steps
    ]


def told(steps: Sequence[Step | Deferred]) -> list[str]:
    return [str(step) for step in steps]


def tag_rows(tags: Optional[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, "read_only": False} for key, value in (tags or {}).items()]
