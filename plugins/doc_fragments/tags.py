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
      - A null or an empty dictionary removes all tags.
    type: dict
  purge_tags:
    description: Whether tags that are not listed in O(tags) are removed.
    type: bool
    default: true
"""
