# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Becomes nobody else: what a step with become does, on every machine and with the whole environment."""

from __future__ import annotations

from ansible.plugins.become import BecomeBase

DOCUMENTATION = r"""
name: plain
short_description: Become nobody else
description:
  - Runs the command as it is.
author:
  - Gcore (@G-Core)
version_added: 2.1.0
options: {}
"""


class BecomeModule(BecomeBase):
    name = "plain"

    def build_become_command(self, cmd, shell):
        super().build_become_command(cmd, shell)
        return self._build_success_command(cmd, shell) if cmd else cmd
