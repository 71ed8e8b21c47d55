# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows the progress of waits, and all tasks of the API at the end of a play."""

from __future__ import annotations

DOCUMENTATION = r"""
name: tasks
type: notification
short_description: Show the tasks of Gcore Cloud that a play waits for
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - While a module of this collection waits, it shows the task, its start, and a progress bar of the time that tasks of this type usually
    take. On a terminal this is one line that is rewritten in place. Elsewhere, as in CI, a wait gets a line after 10, 30 and 60 seconds and
    then one a minute, so that a log stays short.
  - At the end of the playbook it prints a table of all tasks of the API that the modules started or waited for, with their types, resources,
    durations, polls and errors.
  - All of this goes to the standard output where the stdout callback is human-readable (V(default), V(minimal), V(debug) and others).
    Otherwise, as with V(ansible.posix.json), V(ansible.posix.jsonl) and C(ansible --one-line), it goes to the standard
    error, so that the output can be parsed.
  - On request it draws these tasks into an SVG file, see O(timeline).
  - It sends no request to the API. Modules append their progress to a file in a private temporary folder, whose name is in the environment
    variable E(GCORE_TASKS_FILE). The folder is removed at the end.
requirements:
  - Enable it with C(callbacks_enabled = gcore.cloud.tasks).
options:
  progress:
    description: Whether to show the progress of waits.
    type: bool
    default: true
    ini:
      - section: callback_gcore_tasks
        key: progress
    env:
      - name: GCORE_TASKS_PROGRESS
  timeline:
    description:
      - A file to draw the timeline of all tasks into, as SVG.
      - It is rewritten at the end of each playbook, also without tasks. When it cannot be written, there is a warning.
    type: path
    ini:
      - section: callback_gcore_tasks
        key: timeline
    env:
      - name: GCORE_TASKS_TIMELINE
notes:
  - Progress needs modules that run on the controller itself, as with hosts C(localhost) or C(delegate_to=localhost). It is silent over SSH, and
    under C(become). Table and timeline come from the results and show these tasks too.
  - Nothing is shown of a task with C(no_log), neither its progress nor a row in table and timeline; its tasks are not in the totals.
  - A job with C(poll=0) shows no progress, and its tasks are in the table when C(ansible.builtin.async_status) has returned its result.
  - A duration is how long the play waited for a task; a task of C(wait=false) that no later step waited for has none.
seealso:
  - module: gcore.cloud.task_wait
  - module: gcore.cloud.task_info
"""

import atexit
import os
import shutil
import sys
from typing import Any, Optional

from ansible import constants as C  # noqa: N812
from ansible import context
from ansible.plugins.callback import CallbackBase
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import ENVIRONMENT
from ansible_collections.gcore.cloud.plugins.plugin_utils.records import Records
from ansible_collections.gcore.cloud.plugins.plugin_utils.texts import table
from ansible_collections.gcore.cloud.plugins.plugin_utils.timeline import timeline
from ansible_collections.gcore.cloud.plugins.plugin_utils.watching import Log, Screen, Terminal, Watcher, guard

MODULES = "gcore.cloud."
TITLE = "TASKS OF GCORE CLOUD"
# Stdout callbacks with human-readable output; any other one may print JSON, XML or lines to parse.
READABLE = (
    "actionable", "debug", "default", "default_without_diff", "dense", "diy", "full_skip", "minimal", "print_task", "selective",
    "skippy", "tasks_only", "timestamp", "unixy", "yaml",
)  # fmt: skip


class CallbackModule(CallbackBase):
    """The hooks of the callback: progress of steps, and their tasks."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "gcore.cloud.tasks"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._records = Records()
        self._watcher: Optional[Watcher] = None
        self._playbook = "ansible"

    def v2_playbook_on_start(self, playbook: Any) -> None:
        self._playbook = os.path.basename(str(playbook._file_name))

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Set the environment just before Ansible forks the worker, which passes it to the module."""
        os.environ.pop(ENVIRONMENT, None)
        # A template that is not rendered yet counts as true.
        is_ours = str(task.resolved_action or "").startswith(MODULES)
        if not is_ours or task.no_log or task.become or not self.get_option("progress"):
            return
        if self._watcher is None:
            self._watcher = self._new_watcher()
        name = host.get_name()
        step = _name(task) + ("" if name == "localhost" else " [%s]" % name)
        path = self._watcher.add((name, task._uuid), step)
        if path is not None:
            os.environ[ENVIRONMENT] = path

    def _new_watcher(self) -> Watcher:
        is_terminal = is_readable() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        terminal = Terminal(_write, lambda: shutil.get_terminal_size().columns)
        screen: Screen = terminal if is_terminal else Log(self._log)
        watcher = Watcher(screen, C.DEFAULT_LOCAL_TMP)
        if is_terminal:
            guard(self._display, terminal, watcher.lock)
        atexit.register(watcher.close)  # when there is no end to the playbook
        watcher.start()
        return watcher

    def _log(self, line: str) -> None:
        self._show(line)
        sys.stdout.flush()

    def _show(self, line: str, color: Optional[str] = None) -> None:
        self._display.display(line, color=color, stderr=not is_readable())

    def v2_runner_on_ok(self, result: Any) -> None:
        self._done(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._done(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._done(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._done(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._take(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._take(result)

    def v2_runner_retry(self, result: Any) -> None:
        self._take(result)

    def _done(self, result: Any) -> None:
        if self._watcher is not None:
            self._watcher.remove((result._host.get_name(), result._task._uuid))
        self._take(result)

    def _take(self, result: Any) -> None:
        task = result._task
        action = str(task.resolved_action or task.action)
        self._records.take(result._result, action, task.args, _name(task), result._host.get_name())

    def v2_playbook_on_stats(self, stats: Any) -> None:
        os.environ.pop(ENVIRONMENT, None)
        if self._watcher is not None:
            self._watcher.close()
        records = list(self._records)
        if records:
            if is_readable():
                self._display.banner(TITLE)
            else:  # a banner always goes to the standard output
                self._show("\n" + TITLE)
            for line, is_failure in table(records):
                self._show(line, C.COLOR_ERROR if is_failure else None)
        path = self.get_option("timeline")
        if path:
            self._draw(path, timeline(records, "Tasks of %s" % self._playbook))

    def _draw(self, path: str, picture: str) -> None:
        try:
            with open(path, "w", encoding="utf-8") as file:
                file.write(picture)
        except (OSError, ValueError) as error:
            self._display.warning("The timeline cannot be written: %s" % error)


def is_readable() -> bool:
    """Whether the standard output of this run is human-readable, not for a parser."""
    if context.CLIARGS.get("one_line"):
        return False
    return str(C.DEFAULT_STDOUT_CALLBACK).rpartition(".")[2] in READABLE


def _name(task: Any) -> str:
    """The name of a step, without its role, which would take too much space."""
    return str(task.name or task.action)


def _write(text: str) -> None:
    """Write without the buffer of Python and its locks; Ansible flushes each line on a terminal."""
    os.write(sys.stdout.fileno(), text.encode("utf-8", "replace"))
