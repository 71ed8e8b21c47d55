# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security groups: rules as a set, rules that refer to a group, and what the API creates by itself."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Account

SSH = {
    "direction": "ingress",
    "protocol": "tcp",
    "port_range_min": 22,
    "port_range_max": 22,
    "remote_ip_prefix": "10.0.0.0/8",
}
OUT = {"direction": "egress"}
FROM_ITSELF = {"direction": "ingress", "remote_group": "web"}


def rules_of(account: Account, name: str = "web") -> list[dict[str, Any]]:
    rows = account.ok("security_group_info", name=name)["security_groups"]
    return list(rows[0]["security_group_rules"])


def test_an_unchanged_group_costs_one_request(account: Account) -> None:
    anywhere = {**OUT, "protocol": "any", "remote_ip_prefix": "0.0.0.0/0"}
    options: dict[str, Any] = {"name": "web", "rules": [SSH, anywhere], "tags": {"a": "b"}}
    run = account.changed("security_group", **options)
    assert run.result["created_resources"]["security_groups"] == [run.result["security_group"]["id"]]
    for rules in ([SSH, anywhere], [OUT, SSH]):
        again = account.run("security_group", **{**options, "rules": rules})
        assert not again.result["changed"] and [each.method for each in again.exchanges] == ["GET"]


def test_the_rules_of_the_api_are_kept_if_rules_is_omitted(account: Account) -> None:
    run = account.changed("security_group", name="web")
    assert [each.body for each in run.writes] == [{"name": "web"}]
    assert rules_of(account)
    account.changed("security_group", name="web", rules=[])
    assert rules_of(account) == []


def test_a_rule_that_refers_to_its_own_group(account: Account) -> None:
    run = account.changed("security_group", name="web", rules=[SSH, FROM_ITSELF])
    assert [(each.method, len(each.body["rules"])) for each in run.writes] == [("POST", 1), ("PATCH", 2)]
    assert (len(run.result["tasks"]), run.result["pending"], run.warnings) == (2, [], [])
    assert run.result["diff"]["before"]["state"] == "absent"
    identifier = run.result["security_group"]["id"]
    assert {rule["remote_group_id"] for rule in run.result["security_group"]["security_group_rules"]} == {
        None,
        identifier,
    }


def test_a_renamed_group_refers_to_itself_by_its_new_name(account: Account) -> None:
    identifier = account.ok("security_group", name="old", rules=[])["security_group"]["id"]
    account.changed("security_group", id=identifier, name="web", rules=[FROM_ITSELF])
    assert [rule["remote_group_id"] for rule in rules_of(account)] == [identifier]


def test_without_waiting_the_rule_that_refers_to_its_own_group_is_pending(account: Account) -> None:
    options = {"name": "web", "rules": [SSH, FROM_ITSELF]}
    run = account.run("security_group", wait=False, **options)
    assert [(each["action"], each["resource"]) for each in run.result["pending"]] == [
        ("set rules of", "security_group")
    ]
    assert "set rules of security group 'web'" in run.warnings[0]
    account.ok("task_wait", tasks=run.result["task_ids"])
    assert [each.method for each in account.changed("security_group", **options).writes] == ["PATCH"]


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_response_to_the_creation_of_a_group_that_refers_to_itself(account: Account, taken: bool) -> None:
    account.lose("POST", "/security_groups/", taken)
    run = account.changed("security_group", name="web", rules=[FROM_ITSELF])
    assert [each.method for each in run.writes] == ["POST", "PATCH"] if taken else ["POST", "POST", "PATCH"]
    assert len(account.ok("security_group_info", name="web")["security_groups"]) == 1


def test_another_group_is_found_by_its_name(account: Account) -> None:
    other = account.ok("security_group", name="data", rules=[])["security_group"]["id"]
    account.changed("security_group", name="web", rules=[{**OUT, "remote_group": "data"}])
    assert [rule["remote_group_id"] for rule in rules_of(account)] == [other]
    run = account.refused("security_group", "'data'", name="web", rules=[{**OUT, "remote_group": "dats"}])
    assert run.error_kind == "not_found"


def test_a_group_that_gets_into_use_meanwhile(account: Account) -> None:
    account.ok("security_group", name="web", rules=[])
    used = {"kind": "status", "status": 409, "message": "Security Group is in use", "match": {"method": "DELETE"}}
    account.cloud.arm(used)
    run = account.run("security_group", name="web", state="absent")
    assert run.failed and "in use" in run.result["msg"] and not run.result["changed"]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({**SSH, "ethertype": "IPv6"}, "rules[1] has ethertype IPv6"),
        ({**OUT, "ethertype": "IPv4", "remote_ip_prefix": "::/0"}, "rules[1] has ethertype IPv4"),
        ({**SSH, "remote_group": "web"}, "rules[1] has both remote_ip_prefix and remote_group"),
        ({**OUT, "remote_ip_prefix": "10.0.0.300/8"}, "rules[1].remote_ip_prefix"),
        ({**OUT, "remote_ip_prefix": "10.0.0.0/33"}, "rules[1].remote_ip_prefix"),
        ({**OUT, "remote_ip_prefix": ""}, "rules[1].remote_ip_prefix"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_before_any_request(
    account: Account, rule: dict[str, Any], words: str
) -> None:
    run = account.refused("security_group", words, name="web", rules=[OUT, rule])
    assert run.error_kind == "options" and not run.exchanges
