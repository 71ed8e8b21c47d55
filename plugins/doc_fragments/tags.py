# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  tags:
    description:
      - Tags of the resource, as key and value. Tags that the platform sets itself are left alone.
      - A key has up to 255 characters, without blanks and C(=); a value has 1 to 255, without tabs, new lines, and blanks at its ends.
      - A null or an empty dictionary removes all tags.
    type: dict
  purge_tags:
    description: Whether tags that are not listed in O(tags) are removed; without O(tags) none is.
    type: bool
    default: true
"""
