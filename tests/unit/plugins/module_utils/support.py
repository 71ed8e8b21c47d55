# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the engine stand on: a clock that only tests move, a session that answers from memory, a tiny cloud."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Callable, Optional
from urllib.parse import urlsplit

import requests
from ansible.module_utils.common.parameters import PASS_VARS
from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Call, Client
from ansible_collections.gcore.cloud.plugins.module_utils.clock import FIRST_LIMIT, Clock, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.context import Settings
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import (
    Plan,
    Snapshot,
    Step,
    Target,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.planner import Planner
from ansible_collections.gcore.cloud.plugins.module_utils.engine.reconcile import Engine
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import Finder, Scope
from ansible_collections.gcore.cloud.plugins.module_utils.engine.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.engine.secret_files import SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import (
    given_options,
    module_spec,
    traits,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError, ImmutableError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import name, tags
from ansible_collections.gcore.cloud.plugins.module_utils.schema.masking import secret_keys
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import (
    INLINE,
    WRITE_ONLY,
    Action,
    Api,
    Option,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.parsing import CLEARED, parse
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType, Statuses
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import CREATED_KEYS
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import described, sub_resource, variant
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


@dataclass
class Fault:
    """What happens instead of an answer, or before it."""

    method: str
    path: str
    result: Any = None
    taken: bool = False
    times: int = 1
    before: Optional[Callable[[], Any]] = None


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
        self.faults: list[Fault] = []
        self._scripts: dict[tuple[str, str], list[Any]] = {}

    def on(self, method: str, path: str, *answers: Any) -> None:
        self._scripts[method, path] = list(answers)

    def fault(self, method: str, path: str, result: Any, taken: bool = False, times: int = 1) -> None:
        """Instead of the answer to the next such requests; with ``taken`` they have their effect all the same."""
        self.faults.append(Fault(method, path, result, taken, times))

    def meanwhile(self, method: str, path: str, job: Callable[[], Any]) -> None:
        """Something that happens just before the next such request."""
        self.faults.append(Fault(method, path, before=job))

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
        return self._deliver(self._result(sent))

    def _result(self, sent: Request) -> Any:
        for fault in self.faults:
            if fault.times and fault.method == sent.method and re.search(fault.path, sent.path):
                fault.times -= 1
                if fault.before:
                    fault.before()
                    break
                if fault.taken:
                    self.answer(sent)
                return fault.result(sent) if callable(fault.result) else fault.result
        return self.answer(sent)

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
    more.setdefault("clock", getattr(session, "clock", None))
    more.setdefault("jitter", Longest())
    return Client(more.pop("url", URL), more.pop("key", KEY), session=session, **more)


def answered(session: FakeSession) -> Client:
    """A client that has had a response from the API, as one that has started a task."""
    session.on("GET", "/cloud/v1/projects", reply(200, {}))
    found = client(session)
    found.look(Call("GET", "/cloud/v1/projects"))
    session.sent.clear()
    session.clock.time = 0.0
    return found


def deadline(clock: Clock, seconds: float = 300) -> Deadline:
    return Deadline(clock, seconds)


# ----------------------------------------------------------- a kind to test on

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


class FakeCloud(FakeSession):
    """Project 1, region 2: things, parts and tasks that end when the virtual clock says so."""

    def __init__(self, clock: Optional[VirtualClock] = None, duration: float = 10.0) -> None:
        super().__init__(clock)
        self.duration = duration
        self.shows_name = True  # in the data of creation tasks
        self.shows_new = True  # a thing is in the list while it is being made
        self.names_made = True  # created_resources of what has finished is not null
        self.list_lag = 0.0  # seconds after the end of its creation until a thing is listed
        self.item_lag = 0.0  # … and until its own path shows it
        self.things: dict[str, dict[str, Any]] = {}
        self.parts: dict[str, dict[str, Any]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.fails: list[str] = []  # errors for the next tasks
        self._ends: dict[str, tuple[float, Callable[[], Any], Optional[str]]] = {}
        self._made_at: dict[str, float] = {}
        self._numbers = iter(range(1, 10000))

    # what tests put there

    def add(self, name: str, **more: Any) -> dict[str, Any]:
        row = {
            "id": uuid(next(self._numbers)),
            "name": name,
            "size": 1,
            "colour": "grey",
            "note": None,
            "status": "available",
            "task_id": None,
            "creator_task_id": None,
            "created_at": self.clock.text() + "+0000",
            "tags": [],
            **more,
        }
        return self.things.setdefault(row["id"], row)

    def task(
        self,
        task_type: str,
        effect: Callable[[], Any] = lambda: None,
        data: Any = None,
        created: Optional[dict[str, Any]] = None,
        duration: Optional[float] = None,
    ) -> dict[str, Any]:
        task = {
            "id": uuid(900000 + next(self._numbers)),
            "task_type": task_type,
            "state": "NEW",
            "created_on": self.clock.text(),
            "finished_on": None,
            "error": None,
            "data": data,
            "created_resources": None,
        }
        self.tasks[task["id"]] = task
        error = self.fails.pop(0) if self.fails else None

        def finish() -> None:
            if self.names_made:
                task["created_resources"] = {**{key: [] for key in CREATED_KEYS}, **(created or {})}
            effect()

        self._ends[task["id"]] = (self.clock.now() + (self.duration if duration is None else duration), finish, error)
        return task

    def create(self, name: str, duration: Optional[float] = None, **more: Any) -> dict[str, Any]:
        """A creation as the API carries it out; the thing is there, and not yet usable."""
        row = self.add(name, status="creating", **more)

        def effect() -> None:
            self.things[row["id"]] = row
            row.update(status="available", task_id=None)

        data = {"name": name, "password": "hidden-in-data"} if self.shows_name else {"size": 1}
        task = self.task("create_volume", effect, data, {"volumes": [row["id"]]}, duration)
        row.update(task_id=task["id"], creator_task_id=task["id"])
        self._made_at[row["id"]] = self._ends[task["id"]][0]
        if not self.shows_new:
            del self.things[row["id"]]
        return task

    # what it answers

    def answer(self, sent: Request) -> Any:
        self._advance()
        if (sent.method, sent.path) in self._scripts:
            return super().answer(sent)
        match = re.fullmatch(r"/cloud/v1/(\w+)(?:/(\d+)/(\d+))?(?:/([^/]+))?(?:/(\w+))?", sent.path)
        assert match, "%s was not expected" % sent
        what, project, region, identifier, verb = match.groups()
        if project and (project, region) != ("1", "2"):
            return reply(404, {"exception_class": "NotFoundError", "message": "Region not found"})
        if what == "tasks":
            return self._tasks(sent, identifier)
        if what in ("projects", "regions"):
            return rows({"id": {"projects": 1, "regions": 2}[what], "name": "main", "display_name": "Luxembourg"})
        table = {"things": self.things, "parts": self.parts}[what]
        if identifier is None:
            return self._create(sent) if sent.method == "POST" else self._list(sent, table)
        row = table.get(identifier)
        if row is None or (sent.method == "GET" and self._lags(row, self.item_lag)):
            return reply(
                404, {"exception_class": "NotFoundError", "message": "Thing %s could not be found" % identifier}
            )
        return reply(200, row) if sent.method == "GET" else self._change(sent, row, verb)

    def _lags(self, row: dict[str, Any], seconds: float) -> bool:
        """Whether reads do not show yet what has been made."""
        return seconds > 0 and self.clock.now() < self._made_at.get(row["id"], -seconds) + seconds

    def _advance(self) -> None:
        for task_id, (end, finish, error) in list(self._ends.items()):
            if end <= self.clock.now():
                del self._ends[task_id]
                task = self.tasks[task_id]
                task.update(
                    state="ERROR" if error else "FINISHED",
                    error=error,
                    finished_on=self.clock.text(end - self.clock.now()),
                )
                if error:
                    for row in self.things.values():
                        if row["task_id"] == task_id:
                            row.update(
                                task_id=None, status="error" if row["creator_task_id"] == task_id else row["status"]
                            )
                else:
                    finish()
            else:
                self.tasks[task_id]["state"] = "RUNNING"

    def _tasks(self, sent: Request, identifier: Optional[str]) -> Any:
        if identifier not in (None, "active"):
            found = self.tasks.get(str(identifier))
            return reply(200, found) if found else reply(404, {"message": "Task not found"})
        states = ["NEW", "RUNNING"] if identifier == "active" else sent.query.get("state")
        types = sent.query.get("task_type")
        listed = [
            task
            for task in reversed(self.tasks.values())
            if (not types or task["task_type"] in types) and (not states or task["state"] in states)
        ]
        start, limit = (int(sent.query.get(key, [default])[0]) for key, default in (("offset", "0"), ("limit", "10")))
        return rows(*listed[start : start + limit], count=len(listed))

    def _list(self, sent: Request, table: dict[str, dict[str, Any]]) -> Any:
        wanted = sent.query.get("name", [""])[0]
        found = [row for row in table.values() if wanted in row["name"] and not self._lags(row, self.list_lag)]
        start, limit = (int(sent.query.get(key, [default])[0]) for key, default in (("offset", "0"), ("limit", "10")))
        return rows(*[dict(row) for row in found[start : start + limit]], count=len(found))

    def _create(self, sent: Request) -> Any:
        own = {key: value for key, value in sent.body.items() if key not in ("name", "password", "login", "tags")}
        labels = [{"key": k, "value": v, "read_only": False} for k, v in (sent.body.get("tags") or {}).items()]
        return reply(200, {"tasks": [self.create(sent.body["name"], tags=labels, **own)["id"]]})

    def _change(self, sent: Request, row: dict[str, Any], verb: Optional[str]) -> Any:
        if row["task_id"]:
            return reply(409, LOCKED)

        def free(**values: Any) -> Callable[[], None]:
            return lambda: row.update(task_id=None, **values)

        if sent.method == "DELETE":
            row["status"] = "deleting"
            task = self.task("delete_volume", lambda: self.things.pop(row["id"], None), {"volume_id": row["id"]})
        elif verb == "extend":
            task = self.task("extend_volume", free(size=sent.body["size"]), {"volume_id": row["id"]})
        else:
            values = dict(sent.body)
            if "tags" in values:
                merged = {tag["key"]: tag["value"] for tag in row["tags"]}
                merged.update(values["tags"] or {})
                values["tags"] = [
                    {"key": k, "value": v, "read_only": False} for k, v in merged.items() if v is not None
                ]
            if all(row.get(key) == value for key, value in values.items()):
                return reply(200, {"tasks": []})
            task = self.task("update_network", free(**values), {"network_id": row["id"]})
        row["task_id"] = task["id"]
        return reply(200, {"tasks": [task["id"]]})


# ------------------------------------------------------------------ one run


@dataclass
class Outcome:
    """What came of a run."""

    report: Report
    result: dict[str, Any]
    error: Any  # a GcoreError or None
    warnings: list[str] = field(default_factory=list)
    deadline: Any = None


def run(
    resource: Resource,
    options: Mapping[str, Any],
    session: FakeSession,
    project: Optional[str] = "1",
    region: Optional[str] = "2",
    **settings: Any,
) -> Outcome:
    """One run of the engine, from options to result, as the outermost room makes it."""
    warnings: list[str] = []
    made = Settings(**settings)
    http = client(session, check_mode=made.check_mode)
    limit = Deadline(session.clock, made.wait_timeout or FIRST_LIMIT)
    finder = Finder(http, Scope(project, region), limit, made.check_mode, warnings.append)
    report = Report(resource.name, removed=resource.response_secrets, hidden=secret_keys(resource))
    error = None
    try:
        given = as_given(resource, options)
        given.update({key: options.get(key, default) for key, default in resource.purge_options().items()})
        secrets = SecretFiles(resource, options, finder, report, warnings.append)
        if made.state != "absent":
            secrets.check()
        Engine(
            resource, given, made, http, finder, Poller(http, options.get("poll_interval")), limit, report,
            warnings.append, secrets,
        ).run()  # fmt: skip
    except GcoreError as caught:
        error = caught
    return Outcome(report, report.as_dict(with_diff=True), error, warnings, limit)


def as_given(resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options as the engine gets them from the arguments of a task."""
    parsed = parse(module_spec(resource)["argument_spec"], options, traits(resource))
    return given_options((*resource.options, Option("id")), resource.sub_resources, parsed.arguments, parsed.cleared)


# ------------------------------------------------------------------ one plan


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


def told(steps: list[Step]) -> list[str]:
    return [str(step) for step in steps]


# ----------------------------------------------------------- clouds of one's own


class RoutedCloud(FakeCloud):
    """A cloud whose answers are methods, each for requests of a method and a path (a pattern, matched whole)."""

    def __init__(self, clock: Optional[VirtualClock] = None, duration: float = 10.0) -> None:
        super().__init__(clock, duration)
        self.routes: list[tuple[str, str, Callable[..., Any]]] = []
        self.backwards = False  # lists in the other order

    def answer(self, sent: Request) -> Any:
        self._advance()
        for method, pattern, job in self.routes:
            match = re.fullmatch("/cloud" + pattern, sent.path)
            if match and sent.method == method:
                return job(sent, *match.groups())
        return super().answer(sent)

    def number(self) -> str:
        """The next id."""
        return uuid(next(self._numbers))

    def listed(self, found: list[dict[str, Any]]) -> Any:
        return rows(*(reversed(found) if self.backwards else found))

    def one(self, row: Optional[dict[str, Any]]) -> Any:
        return reply(200, row) if row is not None else reply(404, {"message": "not found"})

    def started(self, task_type: str, effect: Callable[[], Any] = lambda: None, **more: Any) -> Any:
        """The answer to a write that makes a task."""
        return reply(200, {"tasks": [self.task(task_type, effect, **more)["id"]]})


def tag_rows(tags: Optional[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{"key": key, "value": value, "read_only": False} for key, value in (tags or {}).items()]


def patched_tags(current: list[dict[str, Any]], patch: Mapping[str, Optional[str]]) -> list[dict[str, Any]]:
    """Tags after a JSON Merge Patch."""
    merged = {**{row["key"]: row["value"] for row in current}, **patch}
    return tag_rows({key: value for key, value in merged.items() if value is not None})


# ------------------------------------------------------- things with parts

CHILD = described(
    type=PARTS,
    fields=(
        name(required=True),
        Option("size", "int", change="update"),
        Option("label", api=Api(create=INLINE), change="update"),
    ),
    create=Action("create", "POST", PARTS.path, "create_fip"),
    update=Action("update", "PATCH", PARTS.path + "/{id}"),
    delete=Action("delete", "DELETE", PARTS.path + "/{id}"),
    create_body=lambda body, options, parent: {**{k: v for k, v in body.items() if k != "label"}, "thing_id": parent},
)
PARENT = variant(
    THING,
    sub_resources=(
        sub_resource(
            "parts",
            CHILD,
            lambda options, row: options["name"] == row["name"],
            PARTS.path,
            query={"thing_id": "{parent_id}"},
            inline=False,
            purge="purge_parts",
        ),
    ),
)


class CloudWithParts(FakeCloud):
    """A part is made by a task, and changed and deleted at once."""

    locks_whole = False  # a part is listed while it is made, and its whole is locked
    parts_lag = 0.0  # seconds after the end of its creation until a part is listed

    def answer(self, sent: Any) -> Any:
        self._advance()
        match = sent.path.startswith("/cloud/v1/parts/1/2")
        identifier = sent.path[len("/cloud/v1/parts/1/2/") :]
        if match and sent.method == "POST":
            row = {"id": uuid(100 + len(self.parts)), "size": 1, "label": None, **sent.body}
            data = {"thing_id": row.get("thing_id"), "name": row["name"]}
            thing = self.things.get(str(row.get("thing_id")), {})

            def effect() -> None:
                self.parts[row["id"]] = row
                thing.update(task_id=None)

            task = self.task("create_fip", effect, data, {"ports": [row["id"]]})
            row["creator_task_id"] = task["id"]
            if self.locks_whole:
                thing["task_id"] = task["id"]
                self.parts[row["id"]] = row
            self._made_at[row["id"]] = self._ends[task["id"]][0]
            return reply(200, {"tasks": [task["id"]]})
        if match and sent.method == "GET" and not identifier:
            return rows(*[dict(row) for row in self.parts.values() if not self._lags(row, self.parts_lag)])
        if match and sent.method == "PATCH":
            self.parts[identifier].update(sent.body)
            return reply(200, self.parts[identifier])
        if match and sent.method == "DELETE":
            del self.parts[identifier]
            return reply(204)
        return super().answer(sent)
