# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports in the controller what every worker process would import again."""

from __future__ import annotations

DOCUMENTATION = """
name: gcore_preload
type: aggregate
short_description: Import the engine before the workers start
description: Import the engine before the workers start.
"""

import importlib
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "gcore_preload"

    def v2_playbook_on_play_start(self, play: Any) -> None:
        importlib.import_module("ansible_collections.gcore.cloud.plugins.module_utils.entry_points.resource_module")
        importlib.import_module("ansible_collections.gcore.cloud.plugins.module_utils.entry_points.info_module")
