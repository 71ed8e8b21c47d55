# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what the modules of the collection say about their work into a file, a line for each result."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gcore_demo
type: notification
short_description: Writes the API tasks and the created resources of a run into a file
description:
  - Writes one line of JSON for each result of a module of this collection.
options:
  file:
    description: The file to write.
    type: path
    required: true
    env:
      - name: GCORE_DEMO_FILE
"""

import json
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "gcore_demo"
    CALLBACK_NEEDS_ENABLED = True

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)
        self.file = str(self.get_option("file"))

    def v2_runner_on_ok(self, result: Any) -> None:
        task = result._task
        if not task.resolved_action or not task.resolved_action.startswith("gcore.cloud."):
            return
        whole = result._result
        with open(self.file, "a", encoding="utf-8") as file:
            for one in whole.get("results", [whole]):
                row = {
                    "name": task.get_name().strip(),
                    "module": task.resolved_action,
                    "changed": bool(one.get("changed")),
                    "tasks": one.get("tasks") or [],
                    "created_resources": one.get("created_resources") or {},
                }
                file.write(json.dumps(row) + "\n")
