# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) makes the resource, or changes it to what the options say; V(absent) deletes it, and is content when there is none.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent]
    default: present
  id:
    description:
      - The id of an existing resource, a UUID. It identifies the resource instead of its name, which is then its new name.
      - A value that is not a UUID is refused, and so is the id of an existing resource where its name is expected.
    type: str
"""
