# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  recreate:
    description:
      - Whether the resource may be deleted and made anew when an option differs that the API cannot change, or when it is in an error status.
      - What the resource holds is lost. Without it such a difference is an error, and nothing is changed.
    type: bool
    default: false
"""
