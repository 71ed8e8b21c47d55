# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  recreate:
    description:
      - Whether the resource may be deleted and re-created when an option differs that the API cannot change, or when it is in a failed status.
      - What the resource holds is lost. Without it such a difference is an error, and nothing is changed.
      - A volume, an instance or a Kubernetes cluster in a failed status is replaced only if its creation has failed, for otherwise it may hold data.
        What is in an undocumented status is never replaced.
    type: bool
    default: false
"""
