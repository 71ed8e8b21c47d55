# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  wait:
    description:
      - Whether to wait until the tasks that the run starts have finished and the status of the resource says that it is ready.
      - With V(false) the changes that need no waiting are made, then the first step that starts a task, whose id is returned. The steps after it
        are listed in RV(pending), in check mode too, and are for the next run. A locked resource then fails at once. A status that is
        still in progress is returned as it is, and the wait for it is listed in RV(pending).
      - M(gcore.cloud.task_wait) waits later, for many of them at once.
    type: bool
    default: true
  wait_timeout:
    description:
      - How long the whole run may take, in seconds.
      - When it is left out, it is the sum of what is usual for each planned step.
      - When the time is over the module fails with the ids of the open tasks, for which M(gcore.cloud.task_wait) can wait again, or with the
        id and the status of the resource that is not ready.
    type: int
  poll_interval:
    description:
      - Seconds between two polls of a task or a status.
      - When it is left out, the looks follow how long tasks of the type usually take.
    type: float
"""
