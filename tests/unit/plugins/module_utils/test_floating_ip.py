# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Floating IP (docs/api-notes.md: Floating IPs)."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import AmbiguousError, NotFoundError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources.floating_ip import (
    RESOURCE,
    Assigned,
    port_of_instance,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import KNOWN_LATER
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    planned,
    sent_by,
    tag_rows,
    uuid,
)

check, spare = RESOURCE.hooks.check, RESOURCE.hooks.reuse
source = Assigned().to_request

LIST = "/cloud/v1/floatingips"
UPDATE = "/cloud/v2/floatingips/{id}"
ADDRESS: dict[str, Any] = {
    "id": uuid(1), "floating_ip_address": "203.0.113.5", "port_id": uuid(7), "fixed_ip_address": "10.0.0.5", "status": "ACTIVE",
    "task_id": None, "creator_task_id": None, "tags": tag_rows({"role": "web"}),
    "instance": {"id": uuid(8), "name": "web"}, "loadbalancer": None,
}  # fmt: skip
FREE = {**ADDRESS, "port_id": None, "fixed_ip_address": None, "status": "DOWN", "instance": None}


def interface(port: str, *addresses: str, external: bool = False) -> dict[str, Any]:
    return {
        "port_id": port,
        "ip_assignments": [{"ip_address": each} for each in addresses],
        "network_details": {"external": external},
    }


# ---------------------------------------------------------------------- hooks


WEB = [
    interface(uuid(1), "198.51.100.7", external=True),
    interface(uuid(2), "fd00::5"),
    interface(uuid(3), "fd00::6", "10.0.0.5"),
]


def test_the_port_of_an_instance_is_the_private_one_with_an_ipv4_address() -> None:
    assert port_of_instance({}, WEB) == uuid(3)
    assert port_of_instance({"fixed_ip_address": "10.0.0.5"}, WEB) == uuid(3)
    two = [*WEB, interface(uuid(4), "10.0.1.5")]
    assert port_of_instance({"fixed_ip_address": "10.0.1.5"}, two) == uuid(4)
    with pytest.raises(OptionError) as caught:
        port_of_instance({}, two)
    for word in ("10.0.0.5, 10.0.1.5", "fixed_ip_address"):
        assert word in caught.value.sentence()


@pytest.mark.parametrize(
    ("interfaces", "options", "words"),
    [
        ([], {}, ["no private IPv4 address", "none"]),
        (WEB[:1], {}, ["no private IPv4 address", "none"]),
        (WEB[:2], {}, ["no private IPv4 address"]),
        (WEB, {"fixed_ip_address": "10.0.0.9"}, ["no private IPv4 address 10.0.0.9", "10.0.0.5"]),
        (WEB, {"fixed_ip_address": "198.51.100.7"}, ["198.51.100.7"]),
    ],
)
def test_an_instance_without_a_fitting_port_is_an_error(interfaces: Any, options: Any, words: list[str]) -> None:
    with pytest.raises(OptionError) as caught:
        port_of_instance(options, interfaces)
    for word in words:
        assert word in caught.value.sentence()


def test_which_ones_may_be_taken_before_another_is_bought() -> None:
    assert spare({}, []) == spare({"reuse": True}, []) == []
    assert spare({}, [ADDRESS, FREE]) == spare({"reuse": True}, [ADDRESS, FREE]) == [FREE]
    assert spare({"reuse": False}, [ADDRESS, FREE]) == []
    assert spare({"reuse": True}, [ADDRESS]) == [ADDRESS]
    with pytest.raises(AmbiguousError) as caught:
        spare({}, [ADDRESS])
    for word in ("in use", "203.0.113.5", "reuse: true", "reuse: false"):
        assert word in caught.value.sentence()
    assert caught.value.details["ids"] == [uuid(1)]


@pytest.mark.parametrize("holder", ["port", "instance", "load_balancer"])
def test_an_address_of_no_port_makes_no_sense(holder: str) -> None:
    check({holder: None})
    check({holder: "x", "fixed_ip_address": "10.0.0.5"})
    with pytest.raises(OptionError, match="fixed_ip_address.*%s: null" % holder):
        check({holder: None, "fixed_ip_address": "10.0.0.5"})


@pytest.mark.parametrize("reuse", [True, False])
def test_reuse_is_about_what_has_the_tags(reuse: bool) -> None:
    check({"instance": "web", "tags": {"a": "b"}, "reuse": reuse})
    for options in ({"instance": "web"}, {"instance": "web", "tags": {}}):
        with pytest.raises(OptionError, match="tags"):
            check({**options, "reuse": reuse})


def test_the_forms_of_an_option_of_what_has_a_port() -> None:
    assert source("new") == {"source": "new"}
    assert source(uuid(1)) == {"source": "existing", "existing_floating_id": uuid(1)}


def test_the_options() -> None:
    spec = module_spec(RESOURCE)
    assert ["port", "instance", "load_balancer"] in spec["mutually_exclusive"]
    assert spec["required_one_of"] == [["id", "floating_ip_address", "instance", "load_balancer", "port", "tags"]]
    assert spec["argument_spec"]["reuse"] == {"type": "bool"}
    assert set(info_spec(RESOURCE)["argument_spec"]) >= {"status", "port", "tag_key", "tag_key_value"}


# ---------------------------------------------------------------------- plans


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"tags": {"role": "web"}}, {"tags": {"role": "web"}}),
        ({"port": "10.0.0.9"}, {"port_id": "reserved_fixed_ip-id-of-10.0.0.9"}),
        (
            {"port": "p", "fixed_ip_address": "10.0.0.9"},
            {"port_id": "reserved_fixed_ip-id-of-p", "fixed_ip_address": "10.0.0.9"},
        ),
        ({"instance": "web"}, {"port_id": "port-of-instance-id-of-web"}),
        ({"load_balancer": "front"}, {"port_id": "vip_port_id-of-front"}),
        ({"instance": "web", "reuse": False}, {"port_id": "port-of-instance-id-of-web"}),
    ],
)
def test_what_is_bought(options: dict[str, Any], body: dict[str, Any]) -> None:
    plan = planned(RESOURCE, options)
    assert sent_by(plan) == [("POST", LIST, body)]
    assert plan.predicted is not None
    assert plan.predicted["floating_ip_address"] == plan.predicted["id"] == KNOWN_LATER
    assert plan.later == []


def test_an_address_that_is_not_there_cannot_be_bought() -> None:
    with pytest.raises(NotFoundError) as caught:
        planned(RESOURCE, {"floating_ip_address": "203.0.113.9"})
    for word in ("203.0.113.9", "omit floating_ip_address"):
        assert word in caught.value.sentence()


@pytest.mark.parametrize(
    "options",
    [
        {"floating_ip_address": "203.0.113.5", "port": uuid(7), "fixed_ip_address": "10.0.0.5"},
        {"floating_ip_address": "203.0.113.5", "instance": "web"},
        {"floating_ip_address": "203.0.113.5", "instance": uuid(8), "tags": {"role": "web"}},
        {"tags": {"role": "web"}},
        {"port": uuid(7), "purge_tags": False, "tags": {}},
    ],
)
def test_what_is_as_it_should_be_needs_nothing(options: dict[str, Any]) -> None:
    plan = planned(RESOURCE, options, ADDRESS, find=lambda *a, **k: pytest.fail("looked up"))
    assert (plan.steps, plan.not_compared, plan.before) == ([], [], {})


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ({"port": None}, {"port_id": None}),
        ({"instance": None}, {"port_id": None}),
        ({"load_balancer": None}, {"port_id": None}),
        ({"port": "other"}, {"port_id": "reserved_fixed_ip-id-of-other"}),
        (
            {"port": "other", "fixed_ip_address": "10.0.0.6"},
            {"port_id": "reserved_fixed_ip-id-of-other", "fixed_ip_address": "10.0.0.6"},
        ),
        (
            {"port": "other", "fixed_ip_address": "10.0.0.5"},
            {"port_id": "reserved_fixed_ip-id-of-other", "fixed_ip_address": "10.0.0.5"},
        ),
        ({"fixed_ip_address": "10.0.0.6"}, {"port_id": uuid(7), "fixed_ip_address": "10.0.0.6"}),
        ({"instance": "db"}, {"port_id": "port-of-instance-id-of-db"}),
        ({"load_balancer": "front"}, {"port_id": "vip_port_id-of-front"}),
        ({"tags": {"a": "b"}}, {"tags": {"a": "b", "role": None}}),
        ({"tags": {"a": "b"}, "purge_tags": False}, {"tags": {"a": "b"}}),
        ({"tags": None}, {"tags": {"role": None}}),
        ({"instance": "db", "tags": {"a": "b"}}, {"port_id": "port-of-instance-id-of-db", "tags": {"a": "b", "role": None}}),
    ],
)  # fmt: skip
def test_whatever_changes_is_one_patch(options: dict[str, Any], body: dict[str, Any]) -> None:
    plan = planned(RESOURCE, {"floating_ip_address": "203.0.113.5", **options}, ADDRESS)
    assert sent_by(plan) == [("PATCH", UPDATE, body)]


def test_a_diff_names_what_has_the_address() -> None:
    plan = planned(RESOURCE, {"floating_ip_address": "203.0.113.5", "instance": "db"}, ADDRESS)
    assert (plan.before, plan.after) == ({"instance": "web"}, {"instance": "db"})


def test_tags_that_only_the_api_put_there_are_no_change() -> None:
    row = {**ADDRESS, "tags": [*ADDRESS["tags"], {"key": "os", "value": "x", "read_only": True}]}
    assert planned(RESOURCE, {"tags": {"role": "web"}}, row).steps == []


def test_what_goes() -> None:
    plan = planned(RESOURCE, {"tags": {"role": "web"}}, ADDRESS, state="absent")
    assert sent_by(plan) == [("DELETE", LIST + "/{id}", None)]
    assert plan.before["floating_ip_address"] == "203.0.113.5"


# ------------------------------------------------------------------- identity


@pytest.mark.parametrize("more", [{"instance": "db"}, {"tags": {"role": "mail"}}, {"port": uuid(703)}])
def test_what_contradicts_is_not_released(more: dict[str, Any]) -> None:
    options = {"floating_ip_address": "203.0.113.5", **more}
    with pytest.raises(OptionError, match="is not released"):
        planned(RESOURCE, options, ADDRESS, state="absent")
    fits = {"floating_ip_address": "203.0.113.5", "port": uuid(7)}
    assert sent_by(planned(RESOURCE, fits, ADDRESS, state="absent")) == [("DELETE", LIST + "/{id}", None)]
