# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rooms that carry a run out (look, doubt, apply) share: its parts, its settings and its ways to break off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Client
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import Finder
from ansible_collections.gcore.cloud.plugins.module_utils.engine.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.engine.secret_files import SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import Task

STALE_FOR = 120.0  # how long a read may lag behind a finished task (docs/api-notes.md: Locks and consistency)


@dataclass(frozen=True)
class Settings:
    """How a run goes about it. ``wait_timeout`` None: the sum over the planned steps."""

    state: str = "present"
    wait: bool = True
    wait_timeout: Optional[float] = None
    recreate: bool = False
    check_mode: bool = False


class Replan(Exception):
    """What the plan was made from no longer holds: look and plan again."""

    def __init__(self, locked: bool = False) -> None:
        super().__init__()
        self.locked = locked


class Detached(Exception):
    """wait: false, and the work is that of a task in the report: nothing more is to be done. ``warning`` says whose it is."""

    def __init__(self, warning: Optional[str] = None) -> None:
        super().__init__()
        self.warning = warning


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

    @property
    def now(self) -> float:
        """The time of the run's own clock, in seconds."""
        return self.client.clock.now()

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

    def tell(self, *tasks: Task) -> None:
        """Put tasks into the report, each once."""
        self.report.tasks.extend(task for task in tasks if not self.is_reported(task.id))
