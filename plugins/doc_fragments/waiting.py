# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the tasks that the run starts are done.
      - With V(false) the changes that need no waiting are made, then the first step that starts a task, whose id is returned. The steps after it
        are listed in RV(pending), in check mode too, and are for the next run. A locked resource then fails at once.
      - M(gcore.cloud.task_wait) waits later, for many of them at once.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the whole run may take, in seconds.
      - When it is left out, it is the sum of what is usual for each planned step.
      - When the time is over the module fails with the ids of the open tasks; M(gcore.cloud.task_wait) takes up the wait again.
    type: int
  poll_interval:
    description:
      - Seconds between two looks at a task.
      - When it is left out, the looks follow how long tasks of the type usually take.
    type: float
"""
