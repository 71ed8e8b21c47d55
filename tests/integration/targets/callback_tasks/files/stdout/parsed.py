# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stdout callback that prints each result as a line of JSON."""

from __future__ import annotations

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: parsed
type: stdout
short_description: Results as lines of JSON
description: Each result is a line of JSON.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "parsed"

    def v2_runner_on_ok(self, result):
        self._display.display(json.dumps({"changed": result._result.get("changed")}))
