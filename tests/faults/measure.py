# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A test case of the table: an operation runs with a fault, then the same task without it, and both results are checked."""

from __future__ import annotations

import base64
import collections
import dataclasses
import functools
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.harness import URL, Ambush, Cloud, Exchange, Run, Stage, is_write, run_module
from tests.simulator.core.settings import DEMO_KEY
from tests.simulator.core.store import Record
from tests.simulator.core.tasks import Task

from .faults import BY_NAME, LIST, TASK, Fault
from .operations import ALL, CREATE, FOLDER, WAIT, Operation, Setup

TIMEOUT = 30.0  # of one request, the modules' default
PRIVATE_KEY = "PRIVATE KEY-----"


@dataclasses.dataclass(frozen=True)
class Case:
    """Both runs and their effect. ``resources`` and ``after`` are the ids of the resource after the first and the second run."""

    operation: Operation
    fault: Fault | None
    first: Run
    second: Run
    other: Run | None
    resources: tuple[str, ...]
    after: tuple[str, ...]
    done: bool
    """Whether the resource is as requested after both runs."""
    lost: tuple[str, ...]
    """What was created and is reported by neither run."""
    beside: Mapping[str, int]
    """What was created beyond what a run without a fault creates."""
    busy: tuple[bool, bool]
    """Whether tasks of the resource were active when the first and the second run ended."""
    tasks: tuple[str, ...]
    """The tasks that the first run started, whether it received their ids or not."""
    states: tuple[str, str]
    """The resource after the first and after the second run, in words."""
    in_error: bool
    """Whether the resource is in an error status after both runs."""
    checked: Run | None

    @property
    def name(self) -> str:
        return f"{self.operation.name}-{self.fault.name if self.fault else 'plain'}"


class Bench:
    """The simulated cloud and its stages, each created once."""

    def __init__(self) -> None:
        self.cloud = Cloud()
        self._folder = tempfile.TemporaryDirectory()
        self._stages: dict[str, Stage] = {"": self.cloud.keep()}
        self._cases: dict[tuple[str, str], Case | None] = {}
        self._number = 0

    def close(self) -> None:
        self.cloud.close()
        self._folder.cleanup()

    def new_folder(self) -> Path:
        self._number += 1
        folder = Path(self._folder.name) / str(self._number)
        folder.mkdir()
        return folder

    def stage(self, before: tuple[Setup, ...]) -> Stage:
        """The cloud with these resources, created by the modules themselves."""
        key = json.dumps(before)
        if not before:
            return self._stages[""]
        if key not in self._stages:
            self.cloud.put_up(self.stage(before[:-1]))
            module, options = before[-1]
            run = self.run(module, options, self.new_folder())
            if run.result is None or run.failed:
                raise AssertionError(f"{module} could not be set up: {run.crash or run.result}")
            self.cloud.simulator.advance(600)
            self._stages[key] = self.cloud.keep()
        return self._stages[key]

    def run(self, module: str, options: Mapping[str, Any], folder: Path, check: bool = False) -> Run:
        return run_module(self.cloud, module, _with_folder(options, folder), folder, check)

    # ---------------------------------------------------------------- cases

    def plain(self, operation: Operation) -> Case:
        """The operation without any fault."""
        case = self._case(operation, None)
        assert case is not None
        return case

    def case(self, operation: Operation, fault: Fault) -> Case | None:
        """The operation with a fault; None where the fault affects nothing."""
        if not fault.suits(operation):
            return None
        if fault.at == TASK and operation.sort != WAIT and not self.plain(operation).first.tasks_told():
            return None
        return self._case(operation, fault)

    def _case(self, operation: Operation, fault: Fault | None) -> Case | None:
        key = operation.name, fault.name if fault else ""
        if key not in self._cases:
            self._cases[key] = self._play(operation, fault)
        return self._cases[key]

    def _play(self, operation: Operation, fault: Fault | None) -> Case | None:
        cloud = self.cloud
        cloud.put_up(self.stage(operation.before))
        stood, stood_there = cloud.records(), len(self._resources(operation))
        old = {task.id for task in cloud.simulator.tasks.all()}
        others: list[Run] = []
        hit = self._arm(operation, fault, others) if fault else lambda: True
        options = {**operation.options, **(fault.options if fault else {})}
        options = self._with_tasks(operation, options)
        folder = self.new_folder()
        first = self.run(operation.module, options, folder)
        if fault and not (hit() and fault.occurred(first)):
            return None
        another = bool(fault and fault.another)
        resources, busy = self._resources(operation, only_shown=another), self._is_busy(operation)
        tasks = self._own_tasks(old, others)
        state = self._state(operation, stood_there, old, others)
        cloud.calm()
        if another:
            cloud.simulator.advance(60)  # a later run finds both, also where nothing is shown before it is done
        if fault and not fault.stays:
            options.pop("wait_timeout", None)
        second = self.run(operation.module, options, folder)
        left = {key: record for key, record in cloud.records().items() if key not in stood}
        after, done, still_busy = self._resources(operation), self._is_done(operation), self._is_busy(operation)
        done = done and len(after) == operation.expected
        texts = "\n".join([cloud.told_to_others, *(run.text for run in (first, second, *others))])
        counts = collections.Counter(kind for kind, _unused in left)
        beside: Mapping[str, int] = {}
        allowed: Mapping[str, int] = {}
        if fault:
            plain = self.plain(operation)
            beside = {
                kind: n - plain.beside.get(kind, 0) for kind, n in counts.items() if n != plain.beside.get(kind, 0)
            }
            allowed = collections.Counter(each.split(" ")[0] for each in plain.lost)
            if fault.company:  # what was created with the other one is reported with it
                allowed += collections.Counter(
                    {kind: 2 * n for kind, n in plain.beside.items() if kind != operation.kind}
                )
        # Parts of what existed before, of what the next run is about, or of what is reported, are found with it.
        found = {identifier for _unused, identifier in stood}
        found.update(str(record.id) for record in left.values() if _is_reported(record, texts))
        if done and outcome(second) in ("ok", "changed"):
            found.update(after)
        unreported = [
            key
            for key, record in left.items()
            if not (_is_reported(record, texts) or found & {str(record.id), *map(str, _texts(record.data))})
        ]
        lost = _beyond(unreported, allowed)
        return Case(
            operation,
            fault,
            first,
            second,
            others[0] if others else None,
            resources,
            after,
            done,
            lost,
            beside if fault else dict(counts),
            (busy, still_busy),
            tuple(task.id for task in tasks),
            (state, self._state(operation, stood_there, old, others)),
            self._is_in_error(operation),
            self._check(operation, fault) if fault and operation.sort == CREATE else None,
        )

    def _check(self, operation: Operation, fault: Fault) -> Run:
        """The same in check mode."""
        self.cloud.put_up(self.stage(operation.before))
        self._arm(operation, fault, [])
        return self.run(operation.module, operation.options, self.new_folder(), check=True)

    def _arm(self, operation: Operation, fault: Fault, others: list[Run]) -> Callable[[], bool]:
        """Arm the fault; the returned function says whether it occurred."""
        cloud = self.cloud
        first = ""
        if fault.at == LIST:
            first = self.plain(operation).first.exchanges[0].path
            cloud.put_up(self.stage(operation.before))
        faults = fault.injected(operation, first)
        cloud.arm(*faults)
        if fault.prepare:
            fault.prepare(cloud)
        if fault.second:
            self._second_run(operation, others)
        armed = len(faults)

        def hit() -> bool:
            view = cloud.simulator.faults.view()
            occurred = armed - len(view) + sum(1 for each in view if each["used"])
            return occurred == armed and cloud.on_sleep is None and all(each.sprung for each in cloud.ambushes)

        return hit

    def _second_run(self, operation: Operation, others: list[Run]) -> None:
        """When the first run waits, the same task runs on another controller, from start to end."""

        def start(_request: Any) -> None:
            def once() -> None:
                self.cloud.on_sleep = None
                others.append(self.run(operation.module, operation.options, self.new_folder()))

            self.cloud.on_sleep = once

        self.cloud.ambushes.append(Ambush(is_write, start, after=True))

    def _with_tasks(self, operation: Operation, options: dict[str, Any]) -> dict[str, Any]:
        """Tasks of another client, for modules that wait for tasks."""
        if operation.sort != WAIT:
            return options
        ids = {}
        for number in range(1, 1 + len(options["tasks"])):
            answer = self._ask(
                "POST", "/cloud/v1/volumes/1000001/76", {"name": f"other-{number}", "size": 5, "source": "new-volume"}
            )
            ids[f"task{number}"] = answer["tasks"][0]
        return {**options, "tasks": [each.format(**ids) for each in options["tasks"]]}

    def _ask(self, method: str, path: str, body: Any) -> Any:
        headers = {
            "Authorization": f"APIKey {self.cloud.simulator.settings.api_key}",
            "Content-Type": "application/json",
        }
        return json.loads(self.cloud.serve(method, URL + path, headers, json.dumps(body).encode()).read())

    def _resources(self, operation: Operation, only_shown: bool = False) -> tuple[str, ...]:
        """The ids of the resource: all of them, or those that the API shows already."""
        records = [record for record in self.cloud.records().values() if operation.is_it(record)]
        return tuple(str(record.id) for record in records if record.visible or not only_shown)

    def _is_busy(self, operation: Operation) -> bool:
        """Whether a task is active that creates, updates or deletes the resource, or something that shares its lock."""
        resources = [record for record in self.cloud.records().values() if operation.is_it(record)]
        owners = [record.lock_owner for record in resources if record.lock_owner]
        active = [task for task in self.cloud.simulator.tasks.all() if task.active]
        return any(record in task.touched() for task in active for record in [*resources, *owners])

    def _own_tasks(self, old: set[str], others: list[Run]) -> list[Task]:
        """The tasks that this run started."""
        elsewhere = self.cloud.told_to_others + "".join(run.text for run in others)
        tasks = self.cloud.simulator.tasks.all()
        own = [task for task in tasks if task.request_id is not None and task.id not in elsewhere]
        return [task for task in own if task.id not in old]

    def _state(self, operation: Operation, before: int, old: set[str], others: list[Run]) -> str:
        """The state of the resource, in words."""
        if not operation.kind:
            return "–"
        number = len(self._resources(operation))
        if number > 1:
            return f"{number} of them"
        if any(task.active for task in self._own_tasks(old, others)):
            return "in progress"
        if number == operation.expected and self._is_done(operation):
            return "as requested" if not self._is_broken(operation) else "in error"
        return "as before" if number == before else "in error"

    def _is_broken(self, operation: Operation) -> bool:
        """Whether the resource is what a failed creation left."""
        sim = self.cloud.simulator
        failed = {task.id for task in sim.tasks.all() if task.state == "ERROR"}
        resources = [record for record in self.cloud.records().values() if operation.is_it(record)]
        return any(record.creator_task_id in failed for record in resources)

    def _is_in_error(self, operation: Operation) -> bool:
        resources = [record for record in self.cloud.records().values() if operation.is_it(record)]
        shown = [self.cloud.simulator.show(record) for record in resources]
        return len(shown) == 1 and "error" in [
            str(shown[0].get(key)).lower() for key in ("status", "provisioning_status")
        ]

    def _is_done(self, operation: Operation) -> bool:
        sim = self.cloud.simulator
        return all(
            operation.done(sim.show(record)) for record in self.cloud.records().values() if operation.is_it(record)
        )


def _with_folder(options: Any, folder: Path) -> Any:
    return {
        key: value.replace(FOLDER, str(folder)) if isinstance(value, str) else value for key, value in options.items()
    }


def _is_reported(record: Record, texts: str) -> bool:
    """Whether some output names a resource, or the task that created it."""
    return str(record.id) in texts or bool(record.creator_task_id and record.creator_task_id in texts)


def _texts(data: Mapping[str, Any]) -> list[str]:
    return [value for value in data.values() if isinstance(value, str)]


def _beyond(unreported: Iterable[tuple[str, str]], allowed: Mapping[str, int]) -> tuple[str, ...]:
    """What is not reported beyond what a run without a fault does not report: a network's router, an instance's port."""
    left = collections.Counter(allowed)
    found = []
    for kind, identifier in unreported:
        left[kind] -= 1
        if left[kind] < 0:
            found.append(f"{kind} {identifier}")
    return tuple(found)


# -------------------------------------------------------------- invariants


def no_duplicate(case: Case) -> Iterable[str]:
    """A reported leftover does not count. If another client created the other one, the run that meets it reports both ids."""
    runs = (case.first, case.second)
    leftovers = {str(each["id"]) for run in runs for each in (run.result or {}).get("leftovers", [])}
    for when, run, found in zip(("first", "second"), runs, (case.resources, case.after)):
        resources = [each for each in found if each not in leftovers]
        if len(resources) < 2:
            continue
        if not (case.fault and case.fault.another) or len(resources) > 2:
            yield f"{len(resources)} resources exist after the {when} run"
        elif not all(each in run.text for each in resources):
            yield f"two resources exist, and the {when} run does not report both ids"


def nothing_lost(case: Case) -> Iterable[str]:
    for each in case.lost:
        yield f"{each.split(' ')[0]} was created, and no run reports it"


def reports_all_ids(case: Case) -> Iterable[str]:
    for run in (case.first, case.second):
        if run.result is None:
            continue
        tasks = run.tasks_told()
        missing = [task for task in tasks if task not in run.text]
        if missing:
            yield f"{len(missing)} task id(s) of its responses are not in its result"
        created = [each for exchange in run.exchanges for each in _created(exchange, tasks)]
        if any(each not in run.text for each in created):
            yield "an id of created_resources of its responses is not in its result"


def _created(exchange: Exchange, tasks: list[str]) -> list[str]:
    answer = exchange.answer
    if not isinstance(answer, dict) or answer.get("id") not in tasks:
        return []
    return [str(each) for ids in (answer.get("created_resources") or {}).values() for each in ids]


def no_secret(case: Case) -> Iterable[str]:
    """Neither those of the options, nor the key that error pages repeat, nor what was written into private files."""
    for run in (case.first, case.second, case.other, case.checked):
        if run is None:
            continue
        written = [line.strip() for content in run.files for line in content.splitlines() if len(line.strip()) > 8]
        secrets = [DEMO_KEY, DEMO_KEY[:12], PRIVATE_KEY, *case.operation.secrets, *written]
        shown = [secret for secret in secrets if any(form in run.text for form in _forms(secret))]
        if shown:
            yield f"{len(shown)} secret(s) in the output: {shown[0][:8]}…"


def _forms(secret: str) -> set[str]:
    """The forms that a secret may have in an output."""
    return {secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()}


def fails_clearly(case: Case) -> Iterable[str]:
    for run in (case.first, case.second, case.other, case.checked):
        if run is None:
            continue
        if run.crash:
            yield f"it crashed: {run.crash}"
        if not run.failed or run.result is None:
            continue
        message = str(run.result.get("msg", ""))
        if "Traceback" in run.text:
            yield "a traceback is shown"
        if not re.match(r"(?s)\S.* .*\.$", message):
            yield f"the message is no sentence: {message[:60]}"
        if not run.result.get("error", {}).get("kind"):
            yield "the failure has no error.kind"


def check_mode_writes_nothing(case: Case) -> Iterable[str]:
    if case.checked and case.checked.writes:
        yield "check mode wrote"


def ends_in_time(case: Case) -> Iterable[str]:
    limit = (case.fault.options if case.fault else {}).get("wait_timeout")
    for run in (case.first, case.second):
        limited = run is case.first or bool(case.fault and case.fault.stays)
        if limit is not None and limited and run.seconds > limit + TIMEOUT:
            yield f"it took {run.seconds:.0f} s with wait_timeout {limit}"
        if len(run.exchanges) > 60 + run.seconds / 5:
            yield f"{len(run.exchanges)} requests in {run.seconds:.0f} s"


def ends_well(case: Case) -> Iterable[str]:
    """The second run, without the fault, gives what was requested, unless the fault is in the cloud."""
    stays = bool(case.fault and (case.fault.stays or case.fault.another))
    if not stays and not case.done:
        yield f"after the second run the resource is not as requested ({outcome(case.second)})"
    if not stays and outcome(case.second).startswith("failed") and not _may_fail_again(case):
        yield f"the second run failed: {outcome(case.second)}"


def _may_fail_again(case: Case) -> bool:
    """A key whose private part was in the lost response must be re-created; a task that was waited for has failed for good."""
    return case.operation.sort == WAIT or case.operation.name == "ssh_key-generate"


def obeys_retry_after(case: Case) -> Iterable[str]:
    if not case.fault or not case.fault.name.endswith("429_after"):
        return
    sent = case.first.exchanges
    if any(refused.status == 429 and then.at - refused.at < 7 for refused, then in zip(sent, sent[1:])):
        yield "it sent the request again before the time of Retry-After"


def waits_for_tasks(case: Case) -> Iterable[str]:
    """A run that succeeds has waited for all tasks."""
    if case.fault and case.fault.another:
        return
    for when, run, busy in (("first", case.first, case.busy[0]), ("second", case.second, case.busy[1])):
        if busy and outcome(run) in ("ok", "changed"):
            yield f"the {when} run succeeded while a task is still active"


def no_success_in_error(case: Case) -> Iterable[str]:
    if case.in_error and outcome(case.second) in ("ok", "changed"):
        yield "the second run succeeded, and the resource is in an error status"


def returns_the_resource(case: Case) -> Iterable[str]:
    """The result has the requested resource, not one of another client."""
    for when, run, resources in (("first", case.first, case.resources), ("second", case.second, case.after)):
        if case.operation.sort != CREATE or run.result is None or outcome(run) not in ("ok", "changed"):
            continue
        if (run.result.get(case.operation.module) or {}).get(case.operation.id_field) not in resources:
            yield f"the {when} run returns another resource than the requested one"


def keeps_private_key(case: Case) -> Iterable[str]:
    if case.operation.name == "ssh_key-generate" and outcome(case.first) == "changed" and not case.first.files:
        yield "the first run succeeded, and the private key is lost"


def no_bursts(case: Case) -> Iterable[str]:
    for run in (case.first, case.second):
        sent: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
        for each in run.writes:
            sent[each.method, each.path].append(each.at)
        if any(fourth - first < 5 for times in sent.values() for first, fourth in zip(times, times[3:])):
            yield "the same write was sent four times within five seconds"


RULES: tuple[Callable[[Case], Iterable[str]], ...] = (
    no_duplicate,
    nothing_lost,
    reports_all_ids,
    no_secret,
    fails_clearly,
    check_mode_writes_nothing,
    ends_in_time,
    ends_well,
    obeys_retry_after,
    waits_for_tasks,
    no_success_in_error,
    returns_the_resource,
    keeps_private_key,
    no_bursts,
)


def outcome(run: Run) -> str:
    """How a run ended, in a word."""
    if run.crash:
        return "crash"
    if run.result is None:
        return "killed"
    if run.failed:
        return f"failed: {run.error_kind}"
    return "changed" if run.result.get("changed") else "ok"


@functools.lru_cache(maxsize=1)
def bench() -> Bench:
    """One for the whole session: the table and the tests share its test cases."""
    return Bench()


def all_cases() -> list[Case]:
    """Every test case whose fault affects something."""
    found = [bench().case(operation, fault) for fault in BY_NAME.values() for operation in ALL.values()]
    return [case for case in found if case is not None]
