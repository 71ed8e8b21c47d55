# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes how long each task of a play took, a line of JSON for each."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gcore_times
type: notification
short_description: Writes how long each task took into a file
description:
  - Writes one line of JSON for each task, when its first result is there.
options:
  file:
    description: The file to write.
    type: path
    required: true
    env:
      - name: GCORE_TIMES_FILE
"""

import json
import time
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "gcore_times"
    CALLBACK_NEEDS_ENABLED = True

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self.file = str(self.get_option("file"))
        self.since = time.perf_counter()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self.since = time.perf_counter()

    def v2_runner_on_ok(self, result: Any) -> None:
        row = {
            "name": result._task.get_name().strip(),
            "seconds": time.perf_counter() - self.since,
            "changed": bool(result._result.get("changed")),
        }
        with open(self.file, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
