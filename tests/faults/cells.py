# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One cell of the table: an operation meets a fault, the same task is run again without it, and what came of both is looked at."""

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

from .operations import ALL, CREATE, FOLDER, WAIT, Operation, Setup
from .troubles import BY_NAME, LIST, TASK, Trouble

TIMEOUT = 30.0  # of one request, the modules' default
PRIVATE_KEY = "PRIVATE KEY-----"


@dataclasses.dataclass(frozen=True)
class Cell:
    """What came of it. ``things`` and ``after`` count the thing after the first and after the second run."""

    operation: Operation
    trouble: Trouble | None
    first: Run
    second: Run
    other: Run | None
    things: tuple[str, ...]
    after: tuple[str, ...]
    done: bool
    """Whether the cloud is as it was asked for when both runs have ended."""
    lost: tuple[str, ...]
    """What is in the cloud after both runs, and neither of them told of."""
    beside: Mapping[str, int]
    """What is in the cloud after both runs, beyond what a run without a fault makes."""
    busy: tuple[bool, bool]
    """Whether tasks were at work on the thing when the first and the second run ended."""
    tasks: tuple[str, ...]
    """The tasks that the first run has started, whatever it got to see of its answers."""
    states: tuple[str, str]
    """How the thing stands in the cloud after the first and after the second run, in words."""
    wreck: bool
    """Whether the API shows after both runs that the thing is in an error status."""
    checked: Run | None

    @property
    def name(self) -> str:
        return f"{self.operation.name}-{self.trouble.name if self.trouble else 'plain'}"


class Bench:
    """The cloud and the stages of it, each made once."""

    def __init__(self) -> None:
        self.cloud = Cloud()
        self._folder = tempfile.TemporaryDirectory()
        self._stages: dict[str, Stage] = {"": self.cloud.keep()}
        self._cells: dict[tuple[str, str], Cell | None] = {}
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
        """The cloud with these things in it, which the modules themselves have made."""
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

    # ---------------------------------------------------------------- cells

    def plain(self, operation: Operation) -> Cell:
        """The operation without any fault."""
        cell = self._cell(operation, None)
        assert cell is not None
        return cell

    def cell(self, operation: Operation, trouble: Trouble) -> Cell | None:
        """The operation with a fault; None where the fault finds nothing to hit."""
        if not trouble.suits(operation):
            return None
        if trouble.at == TASK and operation.sort != WAIT and not self.plain(operation).first.tasks_told():
            return None
        return self._cell(operation, trouble)

    def _cell(self, operation: Operation, trouble: Trouble | None) -> Cell | None:
        key = operation.name, trouble.name if trouble else ""
        if key not in self._cells:
            self._cells[key] = self._play(operation, trouble)
        return self._cells[key]

    def _play(self, operation: Operation, trouble: Trouble | None) -> Cell | None:
        cloud = self.cloud
        cloud.put_up(self.stage(operation.before))
        stood, stood_there = cloud.records(), len(self._things(operation))
        old = {task.id for task in cloud.simulator.tasks.all()}
        others: list[Run] = []
        hit = self._arm(operation, trouble, others) if trouble else lambda: True
        options = {**operation.options, **(trouble.options if trouble else {})}
        options = self._with_tasks(operation, options)
        folder = self.new_folder()
        first = self.run(operation.module, options, folder)
        if trouble and not (hit() and trouble.struck(first)):
            return None
        another = bool(trouble and trouble.another)
        things, busy = self._things(operation, only_shown=another), self._is_busy(operation)
        tasks = self._own_tasks(old, others)
        state = self._state(operation, stood_there, old, others)
        cloud.calm()
        if another:
            cloud.simulator.advance(
                60
            )  # a run that comes later meets both, also where nothing is shown before it is done
        if trouble and not trouble.stays:
            options.pop("wait_timeout", None)
        second = self.run(operation.module, options, folder)
        left = {key: record for key, record in cloud.records().items() if key not in stood}
        after, done, still_busy = self._things(operation), self._is_done(operation), self._is_busy(operation)
        done = done and len(after) == operation.expected
        texts = "\n".join([cloud.told_to_others, *(run.text for run in (first, second, *others))])
        counts = collections.Counter(kind for kind, _unused in left)
        beside: Mapping[str, int] = {}
        allowed: Mapping[str, int] = {}
        if trouble:
            plain = self.plain(operation)
            beside = {
                kind: n - plain.beside.get(kind, 0) for kind, n in counts.items() if n != plain.beside.get(kind, 0)
            }
            allowed = collections.Counter(each.split(" ")[0] for each in plain.lost)
            if trouble.company:  # what came with the other one is told of where that one is told of
                allowed += collections.Counter(
                    {kind: 2 * n for kind, n in plain.beside.items() if kind != operation.kind}
                )
        # What is part of something that stood before, that the next run is about, or that is told of, is found with it.
        found = {identifier for _unused, identifier in stood}
        found.update(str(record.id) for record in left.values() if _is_told(record, texts))
        if done and outcome(second) in ("ok", "changed"):
            found.update(after)
        untold = [
            key
            for key, record in left.items()
            if not (_is_told(record, texts) or found & {str(record.id), *map(str, _texts(record.data))})
        ]
        lost = _beyond(untold, allowed)
        return Cell(
            operation,
            trouble,
            first,
            second,
            others[0] if others else None,
            things,
            after,
            done,
            lost,
            beside if trouble else dict(counts),
            (busy, still_busy),
            tuple(task.id for task in tasks),
            (state, self._state(operation, stood_there, old, others)),
            self._is_wreck(operation),
            self._check(operation, trouble) if trouble and operation.sort == CREATE else None,
        )

    def _check(self, operation: Operation, trouble: Trouble) -> Run:
        """The same in check mode."""
        self.cloud.put_up(self.stage(operation.before))
        self._arm(operation, trouble, [])
        return self.run(operation.module, operation.options, self.new_folder(), check=True)

    def _arm(self, operation: Operation, trouble: Trouble, others: list[Run]) -> Callable[[], bool]:
        """Let the fault lie in wait; says later whether it has struck."""
        cloud = self.cloud
        first = ""
        if trouble.at == LIST:
            first = self.plain(operation).first.exchanges[0].path
            cloud.put_up(self.stage(operation.before))
        faults = trouble.faults(operation, first)
        cloud.arm(*faults)
        if trouble.prepare:
            trouble.prepare(cloud)
        if trouble.second:
            self._second_run(operation, others)
        armed = len(faults)

        def hit() -> bool:
            view = cloud.simulator.faults.view()
            struck = armed - len(view) + sum(1 for each in view if each["used"])
            return struck == armed and cloud.on_sleep is None and all(each.sprung for each in cloud.ambushes)

        return hit

    def _second_run(self, operation: Operation, others: list[Run]) -> None:
        """As soon as the first run waits, the same task runs on another controller, from its beginning to its end."""

        def start(_request: Any) -> None:
            def once() -> None:
                self.cloud.on_sleep = None
                others.append(self.run(operation.module, operation.options, self.new_folder()))

            self.cloud.on_sleep = once

        self.cloud.ambushes.append(Ambush(is_write, start, after=True))

    def _with_tasks(self, operation: Operation, options: dict[str, Any]) -> dict[str, Any]:
        """Tasks that somebody has started, for what waits for tasks."""
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

    def _things(self, operation: Operation, only_shown: bool = False) -> tuple[str, ...]:
        """The ids of the thing, of all of it or of what the API shows already."""
        records = [record for record in self.cloud.records().values() if operation.is_it(record)]
        return tuple(str(record.id) for record in records if record.visible or not only_shown)

    def _is_busy(self, operation: Operation) -> bool:
        """Whether a task goes on that makes, changes or deletes the thing, or something that shares its lock."""
        things = [record for record in self.cloud.records().values() if operation.is_it(record)]
        owners = [record.lock_owner for record in things if record.lock_owner]
        active = [task for task in self.cloud.simulator.tasks.all() if task.active]
        return any(record in task.touched() for task in active for record in [*things, *owners])

    def _own_tasks(self, old: set[str], others: list[Run]) -> list[Task]:
        """The tasks that nobody else has started since."""
        elsewhere = self.cloud.told_to_others + "".join(run.text for run in others)
        tasks = self.cloud.simulator.tasks.all()
        own = [task for task in tasks if task.request_id is not None and task.id not in elsewhere]
        return [task for task in own if task.id not in old]

    def _state(self, operation: Operation, before: int, old: set[str], others: list[Run]) -> str:
        """How the thing stands in the cloud, in words."""
        if not operation.kind:
            return "–"
        number = len(self._things(operation))
        if number > 1:
            return f"{number} of it"
        if any(task.active for task in self._own_tasks(old, others)):
            return "under way"
        if number == operation.expected and self._is_done(operation):
            return "as wanted" if not self._is_broken(operation) else "in error"
        return "as before" if number == before else "in error"

    def _is_broken(self, operation: Operation) -> bool:
        """Whether the thing is what a failed creation has left."""
        sim = self.cloud.simulator
        failed = {task.id for task in sim.tasks.all() if task.state == "ERROR"}
        things = [record for record in self.cloud.records().values() if operation.is_it(record)]
        return any(record.creator_task_id in failed for record in things)

    def _is_wreck(self, operation: Operation) -> bool:
        things = [record for record in self.cloud.records().values() if operation.is_it(record)]
        shown = [self.cloud.simulator.show(record) for record in things]
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


def _is_told(record: Record, texts: str) -> bool:
    """Whether some output names a thing, or the task that made it."""
    return str(record.id) in texts or bool(record.creator_task_id and record.creator_task_id in texts)


def _texts(data: Mapping[str, Any]) -> list[str]:
    return [value for value in data.values() if isinstance(value, str)]


def _beyond(untold: Iterable[tuple[str, str]], allowed: Mapping[str, int]) -> tuple[str, ...]:
    """What is untold beyond what a run without a fault leaves untold: a network's router, an instance's port."""
    left = collections.Counter(allowed)
    found = []
    for kind, identifier in untold:
        left[kind] -= 1
        if left[kind] < 0:
            found.append(f"{kind} {identifier}")
    return tuple(found)


# -------------------------------------------------------------- invariants


def never_two(cell: Cell) -> Iterable[str]:
    """A leftover that was told of is none of the two; where somebody else made the other one, the run that meets it tells both ids."""
    runs = (cell.first, cell.second)
    leftovers = {str(each["id"]) for run in runs for each in (run.result or {}).get("leftovers", [])}
    for when, run, found in zip(("first", "second"), runs, (cell.things, cell.after)):
        things = [each for each in found if each not in leftovers]
        if len(things) < 2:
            continue
        if not (cell.trouble and cell.trouble.another) or len(things) > 2:
            yield f"{len(things)} of the thing are there after the {when} run"
        elif not all(each in run.text for each in things):
            yield f"two of the thing are there, and the {when} run does not tell both ids"


def nothing_lost(cell: Cell) -> Iterable[str]:
    for each in cell.lost:
        yield f"{each.split(' ')[0]} is there, and no run told of it"


def names_what_it_knows(cell: Cell) -> Iterable[str]:
    for run in (cell.first, cell.second):
        if run.result is None:
            continue
        tasks = run.tasks_told()
        missing = [task for task in tasks if task not in run.text]
        if missing:
            yield f"{len(missing)} task id(s) that it was told are not in its result"
        made = [each for exchange in run.exchanges for each in _made(exchange, tasks)]
        if any(each not in run.text for each in made):
            yield "an id of created_resources that it was told is not in its result"


def _made(exchange: Exchange, tasks: list[str]) -> list[str]:
    answer = exchange.answer
    if not isinstance(answer, dict) or answer.get("id") not in tasks:
        return []
    return [str(each) for ids in (answer.get("created_resources") or {}).values() for each in ids]


def no_secret(cell: Cell) -> Iterable[str]:
    """Neither those of the options, nor the key that error pages repeat, nor what was written into private files."""
    for run in (cell.first, cell.second, cell.other, cell.checked):
        if run is None:
            continue
        written = [line.strip() for content in run.files for line in content.splitlines() if len(line.strip()) > 8]
        secrets = [DEMO_KEY, DEMO_KEY[:12], PRIVATE_KEY, *cell.operation.secrets, *written]
        shown = [secret for secret in secrets if any(form in run.text for form in _forms(secret))]
        if shown:
            yield f"{len(shown)} secret(s) in the output: {shown[0][:8]}…"


def _forms(secret: str) -> set[str]:
    """How a secret may look in an output."""
    return {secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()}


def says_what_is_wrong(cell: Cell) -> Iterable[str]:
    for run in (cell.first, cell.second, cell.other, cell.checked):
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


def check_mode_writes_nothing(cell: Cell) -> Iterable[str]:
    if cell.checked and cell.checked.writes:
        yield "check mode wrote"


def ends_in_time(cell: Cell) -> Iterable[str]:
    limit = (cell.trouble.options if cell.trouble else {}).get("wait_timeout")
    for run in (cell.first, cell.second):
        limited = run is cell.first or bool(cell.trouble and cell.trouble.stays)
        if limit is not None and limited and run.seconds > limit + TIMEOUT:
            yield f"it took {run.seconds:.0f} s with wait_timeout {limit}"
        if len(run.exchanges) > 60 + run.seconds / 5:
            yield f"{len(run.exchanges)} requests in {run.seconds:.0f} s"


def ends_well(cell: Cell) -> Iterable[str]:
    """The second run, without the fault, leads to what was asked for, unless what is wrong is in the cloud."""
    stays = bool(cell.trouble and (cell.trouble.stays or cell.trouble.another))
    if not stays and not cell.done:
        yield f"after the second run the cloud is not as it was asked for ({outcome(cell.second)})"
    if not stays and outcome(cell.second).startswith("failed") and not _is_refused_rightly(cell):
        yield f"the second run failed: {outcome(cell.second)}"


def _is_refused_rightly(cell: Cell) -> bool:
    """A key whose private part went with the lost answer has to be made anew; a waiter's task has failed for good."""
    return cell.operation.sort == WAIT or cell.operation.name == "ssh_key-generate"


def obeys_retry_after(cell: Cell) -> Iterable[str]:
    if not cell.trouble or not cell.trouble.name.endswith("429_after"):
        return
    sent = cell.first.exchanges
    if any(refused.status == 429 and then.at - refused.at < 7 for refused, then in zip(sent, sent[1:])):
        yield "it came back before the time that Retry-After asks for"


def never_half_made(cell: Cell) -> Iterable[str]:
    """Who says that all is well has waited for what goes on."""
    if cell.trouble and cell.trouble.another:
        return
    for when, run, busy in (("first", cell.first, cell.busy[0]), ("second", cell.second, cell.busy[1])):
        if busy and outcome(run) in ("ok", "changed"):
            yield f"the {when} run ended well while a task is still at work"


def never_content_with_a_wreck(cell: Cell) -> Iterable[str]:
    if cell.wreck and outcome(cell.second) in ("ok", "changed"):
        yield "the second run ended well, and what it is about is in an error status"


def shows_the_thing(cell: Cell) -> Iterable[str]:
    """The result is about what was asked for, and not about somebody else's."""
    for when, run, things in (("first", cell.first, cell.things), ("second", cell.second, cell.after)):
        if cell.operation.sort != CREATE or run.result is None or outcome(run) not in ("ok", "changed"):
            continue
        if (run.result.get(cell.operation.module) or {}).get("id") not in things:
            yield f"the {when} run shows another thing than the one that was asked for"


def keeps_what_is_shown_once(cell: Cell) -> Iterable[str]:
    if cell.operation.name == "ssh_key-generate" and outcome(cell.first) == "changed" and not cell.first.files:
        yield "the first run ended well, and nobody has the private key"


def no_bursts(cell: Cell) -> Iterable[str]:
    for run in (cell.first, cell.second):
        sent: dict[tuple[str, str], list[float]] = collections.defaultdict(list)
        for each in run.writes:
            sent[each.method, each.path].append(each.at)
        if any(fourth - first < 5 for times in sent.values() for first, fourth in zip(times, times[3:])):
            yield "the same write was sent four times within five seconds"


RULES: tuple[Callable[[Cell], Iterable[str]], ...] = (
    never_two,
    nothing_lost,
    names_what_it_knows,
    no_secret,
    says_what_is_wrong,
    check_mode_writes_nothing,
    ends_in_time,
    ends_well,
    obeys_retry_after,
    never_half_made,
    never_content_with_a_wreck,
    shows_the_thing,
    keeps_what_is_shown_once,
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
    """One for the whole session: the table and the tests share its cells."""
    return Bench()


def all_cells() -> list[Cell]:
    """Every cell in which a fault finds something to hit."""
    found = [bench().cell(operation, trouble) for trouble in BY_NAME.values() for operation in ALL.values()]
    return [cell for cell in found if cell is not None]
