# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
notes:
  - An option that refers to another thing, such as a network or an image, takes its name or its id.
  - A name that fits nothing is an error that shows similar names, one that fits several things an error that lists them.
    What is referred to must be ready when a request refers to it. While it is being created the module waits for it; one that failed or is
    being deleted is an error that names its status.
    In check mode a name that does not exist yet is planned with a warning, unless no task can create it (flavors, versions).
"""
