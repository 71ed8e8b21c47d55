# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  project:
    description:
      - The project, by name or id.
      - Taken from the environment variable E(GCORE_CLOUD_PROJECT_ID) when it is left out. It has to be given in one of the two ways.
    type: str
"""
