# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  id:
    description:
      - Return only the resource with this id. A value that cannot be an id is refused.
      - The id of an existing resource in O(name) is refused too, because an empty list would say that it does not exist.
      - It cannot be used together with O(name) or a filter.
    type: str
"""
