# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security group (docs/api-notes.md: Security groups)."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources.security_group import (
    PROTOCOLS,
    RESOURCE,
    completed,
    key_of,
    merge_rules,
    same_rules,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    planned,
    sent_by,
    tag_rows,
    told,
    uuid,
)

CREATE, UPDATE = "/cloud/v2/security_groups", "/cloud/v2/security_groups/{id}"
SSH: dict[str, Any] = {
    "direction": "ingress",
    "protocol": "tcp",
    "port_range_min": 22,
    "port_range_max": 22,
    "remote_ip_prefix": "10.0.0.0/8",
}
HTTPS: dict[str, Any] = {**SSH, "port_range_min": 443, "port_range_max": 443}
OUT: dict[str, Any] = {"direction": "egress"}


def stored(rule: dict[str, Any], number: int) -> dict[str, Any]:
    """A rule as the API shows it."""
    empty = dict.fromkeys(("port_range_min", "port_range_max", "remote_group_id", "remote_ip_prefix"))
    rest = {"id": uuid(number), "ethertype": "IPv4", "protocol": "any", "description": "", "revision_number": 0}
    return {**empty, **rest, **{key: value for key, value in rule.items() if value is not None}}


def whole(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as a request has it."""
    return {"ethertype": "IPv4", **rule}


def a_set(rules: list[dict[str, Any]]) -> list[str]:
    """Rules without their order."""
    return sorted(repr(sorted(rule.items(), key=str)) for rule in rules)


GROUP: dict[str, Any] = {
    "id": uuid(1),
    "name": "web",
    "description": "",
    "security_group_rules": [stored(SSH, 2), {**stored(OUT, 3), "description": None}],
    "tags_v2": tag_rows({"a": "b"}),
    "tags": ["a=b"],
}


# ---------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({**OUT, "protocol": "any"}, OUT),
        ({**OUT, "protocol": None}, OUT),
        ({**OUT, "ethertype": "IPv4"}, OUT),
        ({**OUT, "remote_ip_prefix": "0.0.0.0/0"}, OUT),
        ({**OUT, "remote_ip_prefix": "::/0"}, {**OUT, "ethertype": "IPv6"}),
        ({**OUT, "remote_ip_prefix": "2001:DB8::/32"}, {**OUT, "remote_ip_prefix": "2001:db8:0::/32", "ethertype": "IPv6"}),
        ({**OUT, "remote_ip_prefix": "10.0.0.5"}, {**OUT, "remote_ip_prefix": "10.0.0.5/32"}),
        ({**OUT, "remote_ip_prefix": "10.0.0.5/8"}, {**OUT, "remote_ip_prefix": "10.0.0.0/8"}),
        ({**OUT, "ethertype": "IPv6", "protocol": "icmp"}, {**OUT, "ethertype": "IPv6", "protocol": "ipv6-icmp"}),
        ({key: value for key, value in SSH.items() if key != "port_range_max"}, SSH),
        ({**OUT, "description": "x"}, OUT),
        (stored(SSH, 7), SSH),
    ],
)  # fmt: skip
def test_two_ways_to_say_one_rule(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    "change",
    [
        {"direction": "egress"},
        {"ethertype": "IPv6", "remote_ip_prefix": None},
        {"protocol": "udp"},
        {"protocol": None},
        {"port_range_min": 21},
        {"port_range_max": 23},
        {"remote_ip_prefix": "10.0.0.0/9"},
        {"remote_ip_prefix": None},
        {"remote_ip_prefix": None, "remote_group_id": uuid(5)},
    ],
)
def test_two_rules(change: dict[str, Any]) -> None:
    assert key_of({**SSH, **change}) != key_of(SSH)


def test_icmp_of_both_versions_are_two_rules() -> None:
    icmp = {**OUT, "protocol": "icmp"}
    assert key_of(icmp) != key_of({**icmp, "ethertype": "IPv6"})
    assert key_of(icmp) != key_of({**OUT, "protocol": "ipv6-icmp"})


def test_type_and_code_of_icmp_are_no_range() -> None:
    assert completed({**OUT, "protocol": "icmp", "port_range_min": 8}) == {
        **OUT,
        "protocol": "icmp",
        "port_range_min": 8,
        "ethertype": "IPv4",
    }


def test_rules_are_a_set_in_which_descriptions_count() -> None:
    assert same_rules([SSH, OUT], [OUT, SSH])
    assert same_rules([], None) and same_rules(None, [])
    assert not same_rules([SSH], [SSH, OUT])
    assert not same_rules([{**SSH, "description": "x"}], [SSH])
    assert same_rules([{**SSH, "description": ""}], [{**SSH, "description": None}])


def test_descriptions_that_are_left_out_are_kept() -> None:
    there = [completed(stored({**SSH, "description": "from the office"}, 2))]
    assert merge_rules([SSH], there, True) == there
    assert merge_rules([{**SSH, "description": "new"}], there, True)[0]["description"] == "new"
    assert merge_rules([{**SSH, "description": ""}], there, True)[0]["description"] == ""


def test_what_is_said_twice_is_sent_once() -> None:
    assert merge_rules([OUT, {**OUT, "protocol": "any"}], [], True) == [whole(OUT)]


# ---------------------------------------------------------------------- plans


def test_a_new_group_has_just_the_rules_that_are_asked_for() -> None:
    plan = planned(RESOURCE, {"name": "web", "rules": [{**SSH, "remote_group": "db"}], "tags": {"a": "b"}})
    rule = {**whole(SSH), "remote_group_id": "security_group-id-of-db"}
    assert sent_by(plan) == [("POST", CREATE, {"name": "web", "rules": [rule], "tags": {"a": "b"}})]
    assert plan.later == []
    assert plan.after["rules"] == [{**SSH, "remote_group": "db"}]


def test_left_out_rules_are_the_default_ones_and_none_are_none() -> None:
    assert sent_by(planned(RESOURCE, {"name": "web"})) == [("POST", CREATE, {"name": "web"})]
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": None})) == [("POST", CREATE, {"name": "web"})]
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": []})) == [("POST", CREATE, {"name": "web", "rules": []})]
    assert sent_by(planned(RESOURCE, {"name": "web"}, GROUP)) == []


def test_the_order_of_rules_is_no_change() -> None:
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": [OUT, SSH], "tags": {"a": "b"}}, GROUP)) == []
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": [SSH, OUT]}, GROUP)) == []


def test_a_patch_has_the_whole_list() -> None:
    plan = planned(RESOURCE, {"name": "web", "rules": [SSH, OUT, HTTPS]}, GROUP)
    ((method, path, body),) = sent_by(plan)
    assert (method, path, [*body]) == ("PATCH", UPDATE, ["rules"])
    assert a_set(body["rules"]) == a_set([whole(SSH), whole(OUT), whole(HTTPS)])
    assert a_set(plan.before["rules"]) == a_set([whole(SSH), whole(OUT)])
    assert a_set(plan.after["rules"]) == a_set(body["rules"])
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": [SSH]}, GROUP)) == [
        ("PATCH", UPDATE, {"rules": [whole(SSH)]})
    ]
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": []}, GROUP)) == [("PATCH", UPDATE, {"rules": []})]


def test_a_diff_shows_what_differs_alone() -> None:
    """Neither the API's order nor the user's, nor the many ways to say one thing, are in it."""
    turned = {**GROUP, "security_group_rules": [*reversed(GROUP["security_group_rules"])]}
    plans = [
        planned(RESOURCE, {"name": "web", "rules": rules}, row)
        for rules in ([SSH, {**OUT, "protocol": "any"}, HTTPS], [HTTPS, OUT, SSH])
        for row in (GROUP, turned)
    ]
    assert all((plan.before, plan.after) == (plans[0].before, plans[0].after) for plan in plans)
    there = plans[0].before["rules"]
    assert [rule for rule in plans[0].after["rules"] if rule in there] == there


def test_rules_are_only_added_when_that_is_asked_for() -> None:
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": [SSH], "purge_rules": False}, GROUP)) == []
    assert sent_by(planned(RESOURCE, {"name": "web", "rules": [], "purge_rules": False}, GROUP)) == []
    ((_method, _path, body),) = sent_by(
        planned(RESOURCE, {"name": "web", "rules": [HTTPS], "purge_rules": False}, GROUP)
    )
    assert a_set(body["rules"]) == a_set([whole(HTTPS), whole(SSH), whole(OUT)])


def test_a_rule_that_refers_to_the_group_itself_comes_later() -> None:
    plan = planned(RESOURCE, {"name": "web", "rules": [SSH, {**OUT, "remote_group": "web"}]})
    assert sent_by(plan) == [("POST", CREATE, {"name": "web", "rules": [whole(SSH)]})]
    assert told(plan.later) == ["set rules of security group 'web'"]
    assert [each["action"] for each in plan.pending(0)] == ["set rules of"]


def test_a_group_that_is_there_knows_itself() -> None:
    def find(kind: Any, value: str, **more: Any) -> str:
        return str(pytest.fail("looked up"))

    options = {"name": "web", "rules": [{**OUT, "remote_group": "web"}]}
    plan = planned(RESOURCE, options, GROUP, find=find)
    assert sent_by(plan) == [("PATCH", UPDATE, {"rules": [{**whole(OUT), "remote_group_id": uuid(1)}]})]
    assert plan.later == []


def test_a_group_is_deleted_where_it_is_read() -> None:
    plan = planned(RESOURCE, {"name": "web"}, {**GROUP, "_instances": []}, state="absent")
    assert sent_by(plan) == [("DELETE", "/cloud/v1/securitygroups/{id}", None)]
    assert a_set(plan.before["rules"]) == a_set([whole(SSH), whole(OUT)])


def test_tags_and_description_and_name() -> None:
    assert sent_by(planned(RESOURCE, {"name": "web", "tags": {"c": "d"}}, GROUP)) == [
        ("PATCH", UPDATE, {"tags": {"c": "d", "a": None}})
    ]
    options = {"id": uuid(1), "name": "www", "description": "x"}
    plan = planned(RESOURCE, options, GROUP)
    assert sent_by(plan) == [("PATCH", UPDATE, {"name": "www", "description": "x"})]
    assert (plan.before, plan.after) == ({"name": "web", "description": ""}, {"name": "www", "description": "x"})
    assert sent_by(planned(RESOURCE, {"name": "web", "tags": None}, GROUP)) == [
        ("PATCH", UPDATE, {"tags": {"a": None}})
    ]


def test_the_options() -> None:
    spec = module_spec(RESOURCE)["argument_spec"]
    assert spec["purge_rules"]["default"] is spec["purge_tags"]["default"] is True
    rule = spec["rules"]["options"]
    assert rule["direction"]["required"]
    assert rule["protocol"]["choices"] == list(PROTOCOLS)
    assert "recreate" not in spec
    assert set(info_spec(RESOURCE)["argument_spec"]) >= {"tag_key", "tag_key_value", "id", "name"}


@pytest.mark.parametrize("rule", [{**SSH, "port_range_min": -1}, {**SSH, "port_range_max": 65536}])
def test_ports_have_limits(rule: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="port_range_m"):
        planned(RESOURCE, {"name": "web", "rules": [rule]})
