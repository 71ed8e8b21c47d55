# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the engine share in one run: its settings, its means, and the ways in which a round of it ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..api.client import Client
from ..clock import Deadline
from ..schema.resource import Resource
from ..tasks.poller import Poller
from ..tasks.task import Task
from .ledger import Ledger
from .references import Finder
from .result import Report
from .secret_files import SecretFiles

STALE_FOR = 120.0  # how long a read may lag behind a finished task (docs/api-notes.md: Locks and consistency)
LONGEST_PAUSE = 10.0  # between two reads of what the API does not show yet


@dataclass(frozen=True)
class Settings:
    """How a run proceeds. ``wait_timeout`` None: the sum over the planned steps."""

    state: str = "present"
    wait: bool = True
    wait_timeout: Optional[float] = None
    recreate: bool = False
    check_mode: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a round of a run ends; a function that returns None instead lets the round go on.

    ``is_final``: nothing more is to be done, else the run reads and plans again. ``waited``: it has waited for another
    operation, and the round does not count. ``detached`` (wait: false): a task in the report does the work.
    """

    is_final: bool
    waited: bool = False
    detached: bool = False
    warning: Optional[str] = None


DONE = Outcome(is_final=True)
REPLAN = Outcome(is_final=False)
REPLAN_AFTER_WAIT = Outcome(is_final=False, waited=True)


def detached(warning: Optional[str] = None) -> Outcome:
    """wait: false, and a task in the report does the work; ``warning`` says which."""
    return Outcome(is_final=True, detached=True, warning=warning)


@dataclass
class Context:
    """One run of one module."""

    resource: Resource
    options: Mapping[str, Any]
    settings: Settings
    client: Client
    finder: Finder
    poller: Poller
    deadline: Deadline
    report: Report
    warn: Callable[[str], None]
    secrets: SecretFiles
    scope: dict[str, Any] = field(default_factory=dict)  # project_id and region_id, as far as the resource has them
    ledger: Ledger = field(default_factory=Ledger)
    warned: set[str] = field(default_factory=set)

    @property
    def now(self) -> float:
        """The time of the run's own clock, in seconds."""
        return self.client.clock.now()

    @property
    def state_checks_status(self) -> bool:
        """Whether the wanted state itself defines the statuses from which it can be reached."""
        return any(each.name == self.settings.state for each in self.resource.states)

    def extend(self, seconds: float) -> None:
        """Without a wait_timeout of the user's, the deadline grows with what is planned."""
        if self.settings.wait_timeout is None:
            self.deadline.extend_to(self.deadline.seconds - self.deadline.remaining() + seconds)

    def wait(self, tasks: list[Task]) -> None:
        """Wait for tasks of this run's project and region; raises WaitTimeout."""
        self.poller.wait(tasks, self.deadline, scope=self.scope)

    def is_reported(self, task_id: Any) -> bool:
        """Whether a task is in the report."""
        return any(task.id == task_id for task in self.report.tasks)

    def report_tasks(self, *tasks: Task) -> None:
        """Put tasks into the report, each once."""
        self.report.tasks.extend(task for task in tasks if not self.is_reported(task.id))

    def warn_once(self, text: str) -> None:
        """Warn, unless this run has given the same warning before."""
        if text not in self.warned:
            self.warned.add(text)
            self.warn(text)

    def warn_of_orphans(self) -> None:
        """Warn of what outlives the resource, once it is deleted."""
        if self.ledger.deletion_warning:
            self.warn(self.ledger.deletion_warning)
        self.ledger.deletion_warning = None


def backoff() -> Iterator[float]:
    """The pauses between reads of what the API does not show yet, in seconds: 1, 2, 4, 8, 10, 10 …"""
    pause = 1.0
    while True:
        yield pause
        pause = min(LONGEST_PAUSE, pause * 2)
