# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Floating IP (docs/api-notes.md: Floating IPs)."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import KNOWN_LATER
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import AmbiguousError, NotFoundError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources.floating_ip import (
    RESOURCE,
    check,
    port_of_instance,
    source,
    spare,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    Outcome,
    Request,
    RoutedCloud,
    patched_tags,
    planned,
    read_timeout,
    reply,
    reset,
    run,
    sent_by,
    tag_rows,
    uuid,
)

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


class Addresses(RoutedCloud):
    """Floating IPs, and what has the ports that they lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: dict[str, dict[str, Any]] = {}
        self.instances: dict[str, list[dict[str, Any]]] = {}  # by name, their interfaces
        self.balancers: dict[str, str] = {}  # by name, their port
        self.ids: dict[str, str] = {}  # of instances and load balancers
        self.ports: list[dict[str, Any]] = []  # reserved ones
        place = "/v1/floatingips/1/2"
        self.routes = [
            ("GET", place, lambda sent: self.listed(self._filtered(sent))),
            ("GET", place + "/([^/]+)", lambda sent, each: self.one(self._shown(each))),
            ("POST", place, self._bought),
            ("PATCH", place.replace("v1", "v2") + "/([^/]+)", self._moved),
            ("DELETE", place + "/([^/]+)", lambda sent, each: self.started(
                "delete_fip", lambda: self.addresses.pop(each))),
            ("GET", "/v1/instances/1/2", lambda sent: self.listed(self._instances(sent))),
            ("GET", "/v1/instances/1/2/([^/]+)/interfaces", self._interfaces),
            ("GET", "/v1/loadbalancers/1/2", lambda sent: self.listed(
                [{"id": self.ids[name], "name": name, "vip_port_id": port} for name, port in self.balancers.items()])),
            ("GET", "/v1/reserved_fixed_ips/1/2", lambda sent: self.listed(self.ports)),
        ]  # fmt: skip

    # what tests put there

    def vm(self, name: str, *interfaces: dict[str, Any]) -> str:
        self.instances[name] = [*interfaces]
        return self.ids.setdefault(name, self.number())

    def balancer(self, name: str, port: str) -> str:
        self.balancers[name] = port
        return self.ids.setdefault(name, self.number())

    def put(self, port: Optional[str] = None, tags: Any = None, fixed: Optional[str] = None, **more: Any) -> str:
        identifier = self.number()
        row = {"id": identifier, "floating_ip_address": "203.0.113.%d" % (len(self.addresses) + 5), "port_id": port,
               "fixed_ip_address": fixed, "task_id": None, "creator_task_id": None, "created_at": self.clock.text(),
               "router_id": None, "tags": tag_rows(tags), **more}  # fmt: skip
        self.addresses[identifier] = row
        return identifier

    # what it answers

    def _shown(self, each: str) -> Optional[dict[str, Any]]:
        row = self.addresses.get(each)
        if row is None:
            return None
        holder = [name for name, found in self.instances.items() if row["port_id"] in [i["port_id"] for i in found]]
        balancer = [name for name, port in self.balancers.items() if row["port_id"] == port]
        return {
            "status": "ACTIVE" if row["port_id"] else "DOWN",
            "instance": {"id": self.ids[holder[0]], "name": holder[0]} if holder and row["port_id"] else None,
            "loadbalancer": {"id": self.ids[balancer[0]], "name": balancer[0]} if balancer else None,
            **row,
        }

    def _filtered(self, sent: Request) -> list[dict[str, Any]]:
        ports = sent.query.get("port_ids")
        found = [self._shown(each) for each in self.addresses]
        return [row for row in found if row and (not ports or row["port_id"] in ports)]

    def _instances(self, sent: Request) -> list[dict[str, Any]]:
        wanted = sent.query.get("name", [""])[0]
        return [{"id": self.ids[name], "name": name, "flavor": {}} for name in self.instances if wanted in name]

    def _interfaces(self, sent: Request, each: str) -> Any:
        name = next((name for name, identifier in self.ids.items() if identifier == each), None)
        return reply(404, {}) if name is None else self.listed(self.instances[name])

    def first_address(self, port: Optional[str]) -> Optional[str]:
        if port is None:
            return None
        found = [i for each in self.instances.values() for i in each if i["port_id"] == port]
        return found[0]["ip_assignments"][0]["ip_address"] if found else "10.0.0.99"

    def _bought(self, sent: Request) -> Any:
        body = sent.body
        assert "floating_ip_address" not in body and "reuse" not in body
        fixed = body.get("fixed_ip_address") or self.first_address(body.get("port_id"))
        each = self.put(body.get("port_id"), body.get("tags"), fixed)
        row = self.addresses.pop(each)
        task = self.task(
            "create_fip", lambda: self.addresses.update({each: row}), data={"size": 1}, created={"floatingips": [each]}
        )
        row["creator_task_id"] = task["id"]
        return reply(200, {"tasks": [task["id"]]})

    def _moved(self, sent: Request, each: str) -> Any:
        row, body = self.addresses[each], dict(sent.body)
        if "tags" in body:
            body["tags"] = patched_tags(row["tags"], body["tags"])
        if "port_id" in body:
            body.setdefault("fixed_ip_address", self.first_address(body["port_id"]))
        return self.started("update_floating_ip", lambda: row.update(body))


@pytest.fixture
def cloud() -> Addresses:
    made = Addresses()
    made.vm("web", interface(uuid(701), "198.51.100.7", external=True), interface(uuid(702), "fd00::5", "10.0.0.5"))
    made.vm("db", interface(uuid(703), "10.0.0.6"))
    made.vm("both", interface(uuid(704), "10.0.0.7"), interface(uuid(705), "10.0.1.7"))
    made.balancer("front", uuid(706))
    return made


@pytest.fixture(autouse=True)
def own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def address(cloud: Addresses, options: dict[str, Any], **more: Any) -> Outcome:
    return run(RESOURCE, options, cloud, **more)


def sent(cloud: Addresses) -> list[tuple[str, str, Any]]:
    return [(each.method, each.path.rsplit("/", 1)[-1], each.body) for each in cloud.writes]


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


@pytest.mark.parametrize(
    "options",
    [
        {"floating_ip_address": "203.0.113.6"},
        {"port": uuid(703)},
        {"port": "10.0.0.6"},
        {"port": uuid(703), "fixed_ip_address": "10.0.0.6"},
        {"instance": "db"},
        {"instance": "db", "fixed_ip_address": "10.0.0.6"},
        {"tags": {"role": "db"}},
        {"tags": {"role": "db", "x": "y"}},
    ],
)
def test_how_an_address_is_known(cloud: Addresses, options: dict[str, Any]) -> None:
    cloud.put(uuid(702), {"role": "web"}, "10.0.0.5")
    wanted = cloud.put(uuid(703), {"role": "db", "x": "y"}, "10.0.0.6")
    cloud.put(uuid(706))
    cloud.ports = [{"port_id": uuid(703), "fixed_ip_address": "10.0.0.6", "name": "p"}]
    for cloud.backwards in (False, True):
        outcome = address(cloud, {**options, "purge_tags": False})
        assert outcome.error is None
        assert outcome.result["floating_ip"]["id"] == wanted
        assert not outcome.result["changed"]
    assert cloud.writes == []


def test_the_address_of_a_load_balancer(cloud: Addresses) -> None:
    cloud.put(uuid(702))
    wanted = cloud.put(uuid(706))
    for value in ("front", cloud.ids["front"]):
        outcome = address(cloud, {"load_balancer": value})
        assert (outcome.error, outcome.result["changed"]) == (None, False)
        assert outcome.result["floating_ip"]["id"] == wanted


def test_nothing_is_bought_in_silence(cloud: Addresses) -> None:
    outcome = address(cloud, {})
    assert outcome.error.kind == "options"
    assert "floating_ip_address or port or instance" in outcome.error.sentence()
    cloud.put(tags={"role": "web"})
    cloud.put(tags={"role": "web"})
    outcome = address(cloud, {"tags": {"role": "web"}})
    assert outcome.error.kind == "ambiguous"
    assert "203.0.113.6" in outcome.error.sentence()
    assert address(cloud, {"port": None}).error.kind == "options"
    assert address(cloud, {"fixed_ip_address": "10.0.0.5"}).error.kind == "options"
    assert cloud.writes == []


def test_empty_tags_are_no_identity(cloud: Addresses) -> None:
    """They fit nothing: another address would be bought on every run."""
    for _each in range(2):
        outcome = address(cloud, {"tags": {}})
        assert outcome.error is not None and outcome.error.kind == "options"
    assert cloud.writes == []


@pytest.mark.parametrize(
    "options",
    [
        {"instance": "web"},
        {"instance": "both", "fixed_ip_address": "10.0.1.7"},
        {"load_balancer": "front"},
        {"port": uuid(702)},
        {"port": uuid(705), "fixed_ip_address": "10.0.1.7"},
        {"tags": {"role": "web"}},
        {"instance": "web", "tags": {"role": "web"}},
        {"instance": "web", "tags": {"role": "web"}, "reuse": False},
    ],
)
def test_it_is_bought_once(cloud: Addresses, options: dict[str, Any]) -> None:
    outcome = address(cloud, options)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    (bought,) = cloud.addresses
    assert outcome.result["floating_ip"]["id"] == bought
    assert outcome.result["created_resources"]["floatingips"] == [bought]
    again = address(cloud, options)
    assert (again.error, again.result["changed"]) == (None, False)
    assert again.result["floating_ip"]["id"] == bought
    assert len(cloud.writes) == 1


@pytest.mark.parametrize("fault", [read_timeout(), reset(), reply(502, raw=b"<html>")])
@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("options", [{"instance": "web"}, {"tags": {"role": "web"}}])
def test_a_lost_answer_does_not_buy_two(cloud: Addresses, options: Any, taken: bool, fault: Any) -> None:
    cloud.fault("POST", "floatingips", fault, taken=taken)
    outcome = address(cloud, options)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert len(cloud.addresses) == 1
    assert len(cloud.writes) == (1 if taken else 2)
    assert not address(cloud, options).result["changed"]


# ---------------------------------------------------------------------- reuse

WANTED = {"instance": "web", "tags": {"role": "web"}}


@pytest.mark.parametrize("reuse", [{}, {"reuse": True}])
def test_a_free_one_is_taken(cloud: Addresses, reuse: dict[str, Any]) -> None:
    cloud.put(uuid(703), {"role": "web"})
    free = cloud.put(None, {"role": "web"})
    outcome = address(cloud, {**WANTED, **reuse})
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert sent(cloud) == [("PATCH", free, {"port_id": uuid(702)})]
    assert outcome.result["floating_ip"]["instance"]["name"] == "web"
    assert not address(cloud, {**WANTED, **reuse}).result["changed"]


def test_a_free_one_is_left_alone(cloud: Addresses) -> None:
    free = cloud.put(None, {"role": "web"})
    outcome = address(cloud, {**WANTED, "reuse": False})
    assert outcome.error is None
    assert [each[0] for each in sent(cloud)] == ["POST"]
    assert cloud.addresses[free]["port_id"] is None
    again = address(cloud, {**WANTED, "reuse": False})
    assert (again.result["changed"], len(cloud.addresses)) == (False, 2)


def test_one_in_use_is_not_taken_away_in_silence(cloud: Addresses) -> None:
    used = cloud.put(uuid(703), {"role": "web"})
    outcome = address(cloud, WANTED)
    assert outcome.error.kind == "ambiguous"
    assert outcome.error.details["ids"] == [used]
    assert cloud.writes == []
    assert address(cloud, WANTED, check_mode=True).error.kind == "ambiguous"
    outcome = address(cloud, {**WANTED, "reuse": True})
    assert outcome.error is None
    assert sent(cloud) == [("PATCH", used, {"port_id": uuid(702)})]
    assert outcome.result["diff"] == {"before": {"instance": "db"}, "after": {"instance": "web"}}


def test_one_in_use_and_another_is_bought(cloud: Addresses) -> None:
    used = cloud.put(uuid(703), {"role": "web"})
    assert address(cloud, {**WANTED, "reuse": False}).error is None
    assert cloud.addresses[used]["port_id"] == uuid(703)
    assert len(cloud.addresses) == 2


@pytest.mark.parametrize("reuse", [{}, {"reuse": True}])
@pytest.mark.parametrize("port", [None, uuid(703)])
def test_of_several_none_is_chosen(cloud: Addresses, reuse: dict[str, Any], port: Optional[str]) -> None:
    ids = [cloud.put(port, {"role": "web"}) for _each in range(2)]
    outcome = address(cloud, {**WANTED, **reuse})
    assert outcome.error.kind == "ambiguous"
    assert sorted(outcome.error.details["ids"]) == sorted(ids)
    assert cloud.writes == []


def test_what_is_where_it_should_be_counts_first(cloud: Addresses) -> None:
    right = cloud.put(uuid(702), {"role": "web"})
    cloud.put(None, {"role": "web"})
    cloud.put(uuid(703), {"role": "web"})
    outcome = address(cloud, WANTED)
    assert (outcome.error, outcome.result["changed"]) == (None, False)
    assert outcome.result["floating_ip"]["id"] == right


def test_nothing_is_reused_for_something_to_go(cloud: Addresses) -> None:
    cloud.put(None, {"role": "web"})
    outcome = address(cloud, WANTED, state="absent")
    assert (outcome.error, outcome.result["changed"], cloud.writes) == (None, False, [])


# ----------------------------------------------------------------------- moves


def test_an_address_moves_with_one_patch(cloud: Addresses) -> None:
    mine = cloud.put(uuid(702), fixed="10.0.0.5")
    wanted = {"floating_ip_address": "203.0.113.5", "instance": "db"}
    outcome = address(cloud, wanted)
    assert outcome.error is None
    assert sent(cloud) == [("PATCH", mine, {"port_id": uuid(703)})]
    assert outcome.result["floating_ip"]["instance"]["name"] == "db"
    assert outcome.result["diff"] == {"before": {"instance": "web"}, "after": {"instance": "db"}}
    assert not address(cloud, wanted).result["changed"]
    two = {"floating_ip_address": "203.0.113.5", "instance": "both"}
    assert "fixed_ip_address" in address(cloud, two).error.sentence()
    outcome = address(cloud, {**two, "fixed_ip_address": "10.0.1.7"})
    assert outcome.error is None
    assert sent(cloud)[1:] == [("PATCH", mine, {"port_id": uuid(705), "fixed_ip_address": "10.0.1.7"})]
    assert not address(cloud, {**two, "fixed_ip_address": "10.0.1.7"}).result["changed"]


def test_an_address_moves_between_the_ports_of_one_instance(cloud: Addresses) -> None:
    mine = cloud.put(uuid(704), fixed="10.0.0.7")
    wanted = {"floating_ip_address": "203.0.113.5", "instance": "both", "fixed_ip_address": "10.0.1.7"}
    assert address(cloud, wanted).error is None
    assert sent(cloud) == [("PATCH", mine, {"port_id": uuid(705), "fixed_ip_address": "10.0.1.7"})]


def test_an_address_is_set_free_and_put_on_again(cloud: Addresses) -> None:
    mine = cloud.put(uuid(702))
    free = {"floating_ip_address": "203.0.113.5", "instance": None}
    assert address(cloud, free).result["floating_ip"]["status"] == "DOWN"
    assert not address(cloud, free).result["changed"]
    outcome = address(cloud, {"id": mine, "load_balancer": "front"})
    assert outcome.result["floating_ip"]["loadbalancer"]["name"] == "front"
    assert [each[2] for each in sent(cloud)] == [{"port_id": None}, {"port_id": uuid(706)}]


def test_an_instance_that_is_not_there(cloud: Addresses) -> None:
    outcome = address(cloud, {"instance": "wab"})
    assert outcome.error.kind == "not_found"
    assert "'web'" in outcome.error.sentence()


def test_an_address_that_is_not_there(cloud: Addresses) -> None:
    cloud.put()
    for check_mode in (True, False):
        outcome = address(cloud, {"floating_ip_address": "203.0.113.77"}, check_mode=check_mode)
        assert outcome.error.kind == "not_found"
        assert "omit floating_ip_address" in outcome.error.sentence()
    assert cloud.writes == []
    gone = address(cloud, {"floating_ip_address": "203.0.113.77"}, state="absent")
    assert (gone.error, gone.result["changed"]) == (None, False)


# ---------------------------------------------------------------------- absent


@pytest.mark.parametrize(
    "options",
    [{"tags": {"role": "db"}}, {"port": uuid(703)}, {"instance": "db"}, {"floating_ip_address": "203.0.113.6"}],
)
def test_what_goes_is_what_is_meant(cloud: Addresses, options: dict[str, Any]) -> None:
    kept = cloud.put(uuid(702), {"role": "web"})
    cloud.put(uuid(703), {"role": "db"})
    outcome = address(cloud, options, state="absent")
    assert (outcome.error, outcome.result["changed"], [*cloud.addresses]) == (None, True, [kept])
    assert not address(cloud, options, state="absent").result["changed"]
    assert len(cloud.writes) == 1


# ------------------------------------------------------------------ check mode


def test_check_mode_foretells_a_purchase(cloud: Addresses) -> None:
    outcome = address(cloud, {"instance": "web", "tags": {"a": "b"}}, check_mode=True)
    assert (outcome.error, outcome.result["changed"], cloud.writes) == (None, True, [])
    assert outcome.result["floating_ip"]["floating_ip_address"] == KNOWN_LATER
    assert outcome.result["floating_ip"]["port_id"] == uuid(702)


@pytest.mark.parametrize("holder", ["instance", "load_balancer", "port"])
def test_check_mode_for_what_the_play_is_going_to_make(cloud: Addresses, holder: str) -> None:
    cloud.put(uuid(702))
    outcome = address(cloud, {holder: KNOWN_LATER}, check_mode=True)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    outcome = address(cloud, {holder: "comes-later"}, check_mode=True)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert "comes-later" in outcome.warnings[0]
    outcome = address(cloud, {"floating_ip_address": "203.0.113.5", holder: KNOWN_LATER}, check_mode=True)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    outcome = address(cloud, {"floating_ip_address": KNOWN_LATER, holder: KNOWN_LATER}, check_mode=True)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    outcome = address(cloud, {holder: KNOWN_LATER}, check_mode=True, state="absent")
    assert (outcome.error, outcome.result["changed"]) == (None, False)
    assert cloud.writes == []


def test_without_waiting_the_purchase_is_started(cloud: Addresses) -> None:
    outcome = address(cloud, {"tags": {"a": "b"}}, wait=False)
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert (len(outcome.result["task_ids"]), outcome.result["pending"]) == (1, [])
    cloud.clock.sleep(60)
    assert not address(cloud, {"tags": {"a": "b"}}).result["changed"]
    assert len(cloud.writes) == 1


def test_a_broken_one_is_told(cloud: Addresses) -> None:
    cloud.put(uuid(702), status="ERROR")
    assert address(cloud, {"instance": "web"}).error.kind == "status"
    assert address(cloud, {"instance": "web"}, recreate=True).error is None
    assert [each[0] for each in sent(cloud)] == ["DELETE", "POST"]
