# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details:
      - The returned resource is what the run would make of it. It has every documented key; a value that is not known yet is null, or
        the text V((known after the run\)) where a later task may refer to it.
      - A resource that an earlier task of the play would create is planned with a warning. A flavor, a version, a region or a project that
        does not exist is an error, for no task creates one.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: full
    details: Secrets are hidden.
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
    support: full
"""
