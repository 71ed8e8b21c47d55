# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates of listeners and pools: secrets of the account, by name or id."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Account

POOL = {"name": "web", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}


def tls(**more: Any) -> dict[str, Any]:
    return {"name": "tls", "protocol": "TERMINATED_HTTPS", "protocol_port": 443, **more}


def balance(account: Account, listener: dict[str, Any], **options: Any) -> Any:
    return account.run("load_balancer", name="front", listeners=[listener], **options)


@pytest.fixture
def secrets(account: Account) -> dict[str, str]:
    return {name: account.add("secret", name=name) for name in ("first", "second", "third")}


def test_certificates_are_found_by_name(account: Account, secrets: dict[str, str]) -> None:
    wanted = tls(secret="first", sni_secrets=["second", secrets["third"]], pools=[{**POOL, "ca_secret": "third"}])
    run = balance(account, wanted)
    assert not run.failed, run.text
    (sent,) = run.writes[0].body["listeners"]
    assert (sent["secret_id"], sent["sni_secret_id"]) == (secrets["first"], [secrets["second"], secrets["third"]])
    assert sent["pools"][0]["ca_secret_id"] == secrets["third"]
    again = balance(account, wanted)
    assert not again.failed and not again.result["changed"] and not again.writes
    turned = balance(account, {**wanted, "sni_secrets": ["third", "second"]})
    assert not turned.result["changed"] and not turned.writes


def test_a_certificate_is_exchanged(account: Account, secrets: dict[str, str]) -> None:
    assert not balance(account, tls(secret="first")).failed
    run = balance(account, tls(secret="second"))
    assert not run.failed and [each.body for each in run.writes] == [{"secret_id": secrets["second"]}], run.text
    check = balance(account, tls(secret="third"), check=True)
    assert check.result["changed"] and not check.writes
    assert not balance(account, tls(secret=secrets["second"])).result["changed"]


def test_a_certificate_that_is_not_there_is_named(account: Account, secrets: dict[str, str]) -> None:
    account.refused("load_balancer", "'fist'", "first", name="front", listeners=[tls(secret="fist")])
    other = account.add("secret", name="first")
    account.refused("load_balancer", secrets["first"], other, name="front", listeners=[tls(secret="first")])
