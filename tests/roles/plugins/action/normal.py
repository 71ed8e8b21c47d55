# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the collection's modules in the worker process: hundreds of runs would be slow if each started a Python of its own."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from typing import Any
from unittest import mock

from ansible.module_utils import basic
from ansible.plugins.action import ActionBase

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.18

    def patch_module_args(args: dict[str, Any]) -> Any:
        text = json.dumps({"ANSIBLE_MODULE_ARGS": args})
        return mock.patch.object(basic, "_ANSIBLE_ARGS", text.encode())


class ActionModule(ActionBase):
    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        if not self._task.action.startswith("gcore.cloud."):
            return self._execute_module(task_vars=task_vars)
        name = self._task.action.rsplit(".", 1)[1]
        main = importlib.import_module(f"ansible_collections.gcore.cloud.plugins.modules.{name}").main
        arguments = {**self._task.args, "_ansible_check_mode": self._task.check_mode, "_ansible_module_name": name}
        output = io.StringIO()
        with (
            patch_module_args(arguments),
            mock.patch("sys.argv", ["module"]),
            contextlib.redirect_stdout(output),
            contextlib.suppress(SystemExit),
        ):
            main()
        return json.loads(output.getvalue().strip().splitlines()[-1])
