# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a case: writes what it returned and the requests since the last case to a file."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        args = self._task.args
        control = f"{args['url']}/_simulator/requests"
        with urllib.request.urlopen(control, timeout=30) as response:
            requests = json.load(response)
        urllib.request.urlopen(urllib.request.Request(control, method="DELETE"), timeout=30).close()
        keys = ("method", "path", "query", "body", "status")
        row = {
            "case": args["case"],
            "message": args.get("message"),
            "facts": args.get("facts") or {},
            "requests": [{key: request[key] for key in keys} for request in requests],
        }
        with Path(args["file"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row, default=str) + "\n")
        return {"changed": False}
