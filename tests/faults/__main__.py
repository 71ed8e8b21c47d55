# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.faults`: run all test cases and write the published table."""

from __future__ import annotations

from . import table

if __name__ == "__main__":
    table.write()
    print(f"The table is in {table.PAGE}, its rows in {table.ROWS}")
