# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tag_key:
    description: Return only those that have tags of all these keys.
    type: list
    elements: str
  tag_key_value:
    description: Return only those that have all these tags, as key and value.
    type: dict
"""
