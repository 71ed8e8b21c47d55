# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plain life of a resource: what every other scenario relies on."""

from __future__ import annotations

from .conftest import Account


def test_create_again_absent(account: Account) -> None:
    created = account.ok("volume", name="data-1", size=5)
    assert created["changed"] and created["created_resources"]["volumes"] == [created["volume"]["id"]]
    again = account.run("volume", name="data-1", size=5)
    assert not again.result["changed"] and not again.writes
    assert account.ok("volume", name="data-1", state="absent")["changed"]
    assert not account.ok("volume", name="data-1", state="absent")["changed"]


def test_an_object_of_somebody_else_is_found(account: Account) -> None:
    volume = account.add("volume", name="theirs", size=5)
    assert account.ok("volume", name="theirs", size=5)["volume"]["id"] == volume
    account.set("volume", volume, status="error")
    assert account.run("volume", name="theirs", size=5).failed
