# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What runs leave in the controller's temporary folder."""

from __future__ import annotations

from .conftest import Account


def test_no_lock_file_stays(account: Account) -> None:
    account.ok("volume", name="data-1", size=5)
    account.ok("volume", name="data-1", size=5)
    account.ok("volume", name="data-2", size=5, wait=False)
    account.refused("volume", name="data-3")
    account.ok("volume", name="data-1", state="absent")
    assert [each.name for each in account.folder.rglob("*") if each.is_file()] == []
