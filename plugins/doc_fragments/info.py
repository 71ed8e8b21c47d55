# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  name:
    description: Return only those of exactly this name.
    type: str
  query:
    description:
      - A JMESPath expression that is applied to the list that was found; its outcome is RV(query_result).
      - See U(https://jmespath.org).
    type: str
requirements:
  - jmespath (when O(query) is used)
notes:
  - Where nothing fits the options the list is empty, and the module does not fail.
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details: The module changes nothing, and looks in check mode as always.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
    support: N/A
    details: The module changes nothing.
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
    support: full
"""
