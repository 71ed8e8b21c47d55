# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/NAME) with one of these names in C(module_defaults) to set options for many modules at once.
    support: full
    membership:
      - gcore.cloud.all
      - gcore.cloud.project
      - gcore.cloud.regional
      - gcore.cloud.waiting
"""
