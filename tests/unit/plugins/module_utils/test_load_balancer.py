# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancer and all that is under it (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

import copy
from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import (
    PARENT_LATER,
    Plan,
    Snapshot,
)
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import (
    Finder,
    Scope,
)
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.info_module import find_resources
from ansible_collections.gcore.cloud.plugins.module_utils.errors import AmbiguousError, ImmutableError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources import load_balancer
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer import (
    L7_POLICY,
    RESOURCE,
    Members,
    Monitor,
    Typed,
    change_monitor,
    find_member,
    key_of_rule,
    of_listener,
)
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer import LISTENER as LISTENER_RESOURCE
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import HIDDEN, KNOWN_LATER
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    LOCKED,
    Outcome,
    Request,
    RoutedCloud,
    client,
    patched_tags,
    planned,
    read_timeout,
    reply,
    rows,
    run,
    sent_by,
    tag_rows,
    told,
    uuid,
)

check, deletion_warning = RESOURCE.hooks.check, RESOURCE.hooks.deletion_warning
listener_matches, policy_patch = LISTENER_RESOURCE.hooks.matches, L7_POLICY.hooks.update_body
members_from, monitor_from = Members().from_response, Monitor().from_response


def merge_members(desired: Any, current: Any, purge: bool) -> Any:
    return Members().merge(desired, current, purge, ())


def merge_typed(desired: Any, current: Any, purge: bool) -> Any:
    return Typed().merge(desired, current, purge, ())


LB, LISTENER, POOL, POLICY = (
    "/cloud/v1/loadbalancers",
    "/cloud/v1/lblisteners",
    "/cloud/v1/lbpools",
    "/cloud/v1/l7policies",
)
LISTENER_2, POOL_2, LB_2 = (each.replace("v1", "v2") + "/{id}" for each in (LISTENER, POOL, LB))
MEMBERS = LB + "/pools/{id}/members"
MONITOR: dict[str, Any] = {"type": "HTTP", "delay": 10, "timeout": 5, "max_retries": 3}


@pytest.fixture(autouse=True)
def _members_without_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few of these tests are about what a member leads to."""
    monkeypatch.setattr(load_balancer, "check_targets", lambda members: None)


def members(*last: int, **more: Any) -> list[dict[str, Any]]:
    return [{"address": "10.0.0.%d" % each, "protocol_port": 8080, **more} for each in last]


def pool(name: str = "web-pool", *, members: Optional[list[dict[str, Any]]] = None, **more: Any) -> dict[str, Any]:
    found = {"name": name, "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", **more}
    return found if members is None else {**found, "members": members}


def listener(name: str = "web", port: int = 80, **more: Any) -> dict[str, Any]:
    return {"name": name, "protocol": "HTTP", "protocol_port": port, **more}


def policy(name: str = "old-urls", **more: Any) -> dict[str, Any]:
    return {"name": name, "action": "REDIRECT_TO_URL", "redirect_url": "https://a.example", **more}


PATH_RULE = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/api"}
WEB = listener(pools=[pool(members=members(5))])


# ------------------------------------------------------------ what is there


def row_of_pool(identifier: str, body: dict[str, Any], listener_id: Optional[str] = None) -> dict[str, Any]:
    """A pool as the API shows it."""
    monitor = body.get("healthmonitor")
    filled = {"max_retries_down": 3, "http_method": "GET", "url_path": "/", "expected_codes": "200",
              "admin_state_up": True, "domain_name": None, "id": uuid(66), "operating_status": "ONLINE"}  # fmt: skip
    return {
        **dict.fromkeys(("ca_secret_id", "crl_secret_id", "secret_id", "session_persistence")),
        **dict.fromkeys(("timeout_member_connect", "timeout_member_data")),
        "admin_state_up": True,
        **{key: value for key, value in body.items() if key not in ("listener_id", "load_balancer_id")},
        "id": identifier,
        "members": [
            {"weight": 1, "backup": False, "admin_state_up": True, "monitor_port": None, "subnet_id": None,
             **{key: value for key, value in each.items() if key != "instance_id"},
             "id": uuid(5000 + index), "operating_status": "ONLINE"}
            for index, each in enumerate(body.get("members") or [])
        ],
        "healthmonitor": {**filled, **monitor} if monitor else None,
        "listeners": [{"id": listener_id}] if listener_id else [],
        "loadbalancers": [{"id": "b1"}],
    }  # fmt: skip


def row_of_listener(identifier: str, body: dict[str, Any]) -> dict[str, Any]:
    limit = body.get("connection_limit", 100000)
    return {
        "secret_id": None, "sni_secret_id": [], "user_list": [], "allowed_cidrs": None, "timeout_client_data": None,
        "admin_state_up": True,
        **{key: value for key, value in body.items() if key not in ("pools", "insert_x_forwarded")},
        "connection_limit": 100000 if limit == -1 else limit,
        "insert_headers": {"X-Forwarded-For": "true"} if body.get("insert_x_forwarded") else {},
        "id": identifier,
    }  # fmt: skip


NO_TARGET = dict.fromkeys(("redirect_url", "redirect_prefix", "redirect_pool_id", "redirect_http_code"))
BALANCER: dict[str, Any] = {
    "id": "b1", "name": "front", "flavor": {"flavor_id": uuid(1), "flavor_name": "lb1-1-2"}, "provisioning_status": "ACTIVE",
    "admin_state_up": True, "preferred_connectivity": "L2", "tags_v2": tag_rows({"a": "b"}), "floating_ips": [],
    "vip_port_id": uuid(70), "vip_address": "10.0.0.9", "vip_ip_family": "ipv4", "logging": None,
    "task_id": None, "creator_task_id": None,
}  # fmt: skip


def tree(
    pools: Any = None, policies: Any = (), free: Any = (), more: Any = (), **changes: Any
) -> dict[str, list[Snapshot]]:
    """One listener (l1) with its pools (p1 …) and policies (q1 …), and pools of the load balancer (f1 …)."""
    kept = [pool(members=members(5))] if pools is None else pools
    inside = {
        "pools": [Snapshot(row_of_pool("p%d" % n, each, "l1")) for n, each in enumerate(kept, 1)],
        "l7_policies": [
            Snapshot(
                {**NO_TARGET, "id": "q%d" % n, "listener_id": "l1", "position": n, **each},
                {"rules": [Snapshot({"id": "r%d" % m, "key": None, "invert": False, **rule})
                           for m, rule in enumerate(each.get("rules", []), 1)]},
            )
            for n, each in enumerate(policies, 1)
        ],
    }  # fmt: skip
    first = Snapshot(
        {**row_of_listener("l1", {**listener(), **changes}), "_pools": [each.row for each in inside["pools"]]}, inside
    )
    return {
        "listeners": [first, *more],
        "pools": [
            *inside["pools"],
            *(Snapshot(row_of_pool("f%d" % n, each)) for n, each in enumerate(free, 1)),
        ],
    }


def plan(options: dict[str, Any], there: Any = None, row: Optional[dict[str, Any]] = None, **more: Any) -> Plan:
    """A plan for a load balancer that is there."""
    return planned(RESOURCE, {"name": "front", **options}, row or BALANCER, there or tree(), **more)


def new(options: dict[str, Any]) -> Plan:
    return planned(RESOURCE, {"name": "front", **options})


# ---------------------------------------------------------------------- hooks


def test_a_member_is_known_by_its_address_and_port() -> None:
    there = [{"address": "fd00::5", "protocol_port": 80, "weight": 7}]
    assert find_member(there, {"address": "FD00:0::5", "protocol_port": 80}) == there[0]
    assert find_member(there, {"address": "fd00::5", "protocol_port": 81}) == {}
    assert find_member(None, {"address": "fd00::5", "protocol_port": 81}) == {}


def test_members_are_read_in_the_form_of_the_request() -> None:
    row = row_of_pool("p1", pool(members=members(5, subnet_id=uuid(3))))
    assert members_from(row["members"]) == members(5, weight=1, backup=False, admin_state_up=True, subnet_id=uuid(3))


def test_members_are_exact_or_only_added() -> None:
    there = members(5, 6, weight=7)
    assert merge_members(members(5), there, True) == members(5, weight=7)
    assert merge_members(members(5), there, False) == there
    assert merge_members(members(9), there, False) == [*members(9), *there]
    assert merge_members([], there, True) == merge_members(None, there, True) == []


def test_a_monitor_of_the_same_type_is_changed_and_another_is_made_anew() -> None:
    there = monitor_from(row_of_pool("p1", pool(healthmonitor=MONITOR))["healthmonitor"])
    assert there == {**MONITOR, "max_retries_down": 3, "http_method": "GET", "url_path": "/", "expected_codes": "200",
                     "admin_state_up": True}  # fmt: skip
    assert merge_typed({**MONITOR, "delay": 20}, there, True) == {**there, "delay": 20}
    tcp = {**MONITOR, "type": "TCP"}
    assert merge_typed(tcp, there, True) == tcp
    assert change_monitor({**there, "delay": 20}, there, {}, True) == "update"
    assert [each.method for each in change_monitor(tcp, there, {}, True)] == ["DELETE", "POST"]
    assert [each.method for each in change_monitor(None, there, {}, True)] == ["DELETE"]
    assert [each.method for each in change_monitor(tcp, None, {}, True)] == ["POST"]
    assert monitor_from(None) is None


def test_a_listener_is_known_by_its_port_and_transport() -> None:
    row = row_of_listener("l1", listener())
    assert listener_matches(listener("other"), row)
    assert listener_matches(listener(protocol="TCP"), row)
    assert not listener_matches(listener(port=81), row)
    assert not listener_matches(listener(protocol="UDP"), row)


def test_which_pools_are_a_listeners() -> None:
    assert of_listener("l1", row_of_pool("p", pool(), "l1"))
    assert not of_listener("l2", row_of_pool("p", pool(), "l1"))
    assert not of_listener("l1", row_of_pool("p", pool()))
    assert not of_listener("l1", {"id": "p", "listeners": None})


def test_a_rule_is_what_it_says() -> None:
    stored = {**PATH_RULE, "id": "r1", "key": None, "invert": False}
    assert key_of_rule(PATH_RULE) == key_of_rule(stored)
    for change in ({"invert": True}, {"key": "x"}, {"value": "/"}, {"compare_type": "REGEX"}, {"type": "HEADER"}):
        assert key_of_rule({**PATH_RULE, **change}) != key_of_rule(stored)


@pytest.mark.parametrize(
    ("options", "row", "body"),
    [
        (policy(position=2), {"redirect_url": "https://a.example"}, {"redirect_url": "https://a.example"}),
        (policy(action="REJECT"), {"redirect_url": "https://a.example"}, {}),
        ({"action": "REDIRECT_TO_POOL"}, {"redirect_pool_id": "p1"}, {"redirect_pool_id": "p1"}),
        ({"action": "REDIRECT_PREFIX"}, {"redirect_prefix": "x", "redirect_url": None}, {"redirect_prefix": "x"}),
        ({"action": "REDIRECT_PREFIX"}, {"redirect_prefix": None}, {}),
    ],
)
def test_a_patch_of_a_policy_carries_action_and_target(options: Any, row: Any, body: Any) -> None:
    assert policy_patch({"position": 2}, options, row) == {"action": options["action"], **body, "position": 2}


def test_what_stays_is_told() -> None:
    assert deletion_warning({}, {"floating_ips": []}) is deletion_warning({}, {}) is None
    assert "203.0.113.5" in str(deletion_warning({}, {"floating_ips": [{"floating_ip_address": "203.0.113.5"}]}))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"vip_port": "p", "vip_network": "n"}, ["vip_port is an address already"]),
        ({"vip_port": "p", "vip_ip_family": "ipv4"}, ["vip_port is an address already"]),
        ({"vip_subnet": "s"}, ["vip_subnet needs the vip_network"]),
        ({"listeners": [listener(), listener("two", protocol="TCP")]}, ["'web' and 'two' share port 80"]),
        ({"listeners": [listener(pools=[pool(), pool("two")])]}, ["'web' has 2 pools", "l7_policies"]),
        ({"listeners": [listener(pools=[pool()])], "pools": [pool()]}, ["Two pools are called 'web-pool'"]),
        ({"pools": [pool(), pool()]}, ["Two pools are called 'web-pool'"]),
        ({"pools": [pool(healthmonitor={**MONITOR, "timeout": 10})]}, ["pools[0].healthmonitor", "timeout must be less than delay"]),
        ({"pools": [pool(members=members(5, 5))]}, ["'web-pool'", "10.0.0.5:8080 twice"]),
        ({"pools": [pool(members=members(5, instance="i", subnet="s"))]}, ["an instance and a subnet"]),
        ({"listeners": [listener(l7_policies=[{"name": "fwd", "action": "REDIRECT_TO_POOL"}])]}, ["needs redirect_pool"]),
        ({"listeners": [listener(l7_policies=[policy(action="REJECT")])]}, ["redirect_url does not go with action REJECT"]),
        (
            {"listeners": [listener(l7_policies=[policy(redirect_prefix="x")])]},
            ["redirect_prefix does not go with action REDIRECT_TO_URL"],
        ),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_before_anything_is_asked(options: dict[str, Any], words: list[str]) -> None:
    cloud = Balancers()
    outcome = balance(cloud, options)
    assert outcome.error.kind == "options"
    for word in words:
        assert word in outcome.error.sentence()
    assert cloud.sent == []


def test_what_makes_sense_is_not_refused() -> None:
    check({"listeners": [listener(), listener("two", protocol="UDP"), listener("three", 81)]})
    check({"vip_port": None, "vip_network": "n", "vip_subnet": "s"})
    check({"listeners": [WEB], "pools": [pool("other", members=members(5, 6), healthmonitor=MONITOR)]})
    check({"listeners": [listener(l7_policies=[policy(), {"name": "deny", "action": "REJECT"}])]})


def test_one_member_in_two_notations_is_there_twice() -> None:
    twice = [{"address": each, "protocol_port": 80} for each in ("fd00::5", "fd00:0::5")]
    with pytest.raises(OptionError, match="twice"):
        check({"pools": [pool(members=twice)]})


def test_what_goes_with_http_alone() -> None:
    check({"pools": [pool(healthmonitor={**MONITOR, "url_path": "/", "expected_codes": "200"})]})
    for more in ({"url_path": "/"}, {"http_method": "GET"}, {"expected_codes": "200"}):
        with pytest.raises(OptionError, match=r"pools\[0\].healthmonitor.* goes with the types HTTP and HTTPS"):
            check({"pools": [pool(healthmonitor={**MONITOR, "type": "TCP", **more})]})


def test_the_options() -> None:
    spec = module_spec(RESOURCE)["argument_spec"]
    purges = {name: each["default"] for name, each in spec.items() if name.startswith("purge_")}
    assert purges == {
        "purge_tags": True,
        "purge_members": True,
        "purge_l7_rules": True,
        "purge_pools": False,
        "purge_listeners": False,
        "purge_l7_policies": False,
    }
    inner = spec["listeners"]["options"]
    assert inner["user_list"]["options"]["encrypted_password"]["no_log"]
    assert inner["pools"]["options"].keys() == spec["pools"]["options"].keys()
    assert inner["l7_policies"]["options"]["rules"]["options"]["type"]["required"]
    assert spec["state"]["choices"] == ["present", "absent", "failed_over"]
    assert info_spec(RESOURCE)["argument_spec"]["statuses"] == {"type": "bool", "default": False}


# ------------------------------------------------------------ plans: creation

TWO_LISTENERS = [
    listener(pools=[pool(members=members(5, 6))]),
    listener("api", 8080, pools=[pool("api-pool", members=members(7, 8), healthmonitor=MONITOR)]),
]


def test_the_whole_tree_is_one_request() -> None:
    made = new({"flavor": "lb1-1-2", "vip_network": "net", "listeners": TWO_LISTENERS})
    body = {"name": "front", "flavor": "lb1-1-2", "vip_network_id": "network-id-of-net", "listeners": TWO_LISTENERS}
    assert sent_by(made) == [("POST", LB, body)]
    assert (made.later, made.timeout) == ([], 1800)
    assert made.after["listeners"] == TWO_LISTENERS


def test_what_the_creation_does_not_take_comes_later() -> None:
    made = new(
        {
            "admin_state_up": False,
            "listeners": [
                listener(
                    admin_state_up=False,
                    pools=[pool(admin_state_up=False)],
                    l7_policies=[policy(rules=[PATH_RULE])],
                )
            ],
        }
    )
    assert sent_by(made) == [("POST", LB, {"name": "front", "listeners": [listener(pools=[pool()])]})]
    assert told(made.later) == [
        "set admin_state_up of load balancer 'front'",
        "set admin_state_up of listener 'web'",
        "set admin_state_up of pool 'web-pool'",
        "create l7 policy 'old-urls'",
        "create l7 rule 'PATH'",
    ]
    assert new({"admin_state_up": True, "listeners": [listener(admin_state_up=True)]}).later == []


def test_pools_of_the_load_balancer_are_made_after_it() -> None:
    made = new({"pools": [pool("free")], "listeners": [WEB]})
    assert sent_by(made) == [
        ("POST", LB, {"name": "front", "listeners": [WEB]}),
        ("POST", POOL, {**pool("free"), "load_balancer_id": PARENT_LATER}),
    ]
    assert made.steps[1].target.parent is made.steps[0].target


def test_a_policy_may_lead_to_a_pool_that_the_same_plan_makes() -> None:
    made = new(
        {
            "pools": [pool("free")],
            "listeners": [
                listener(l7_policies=[{"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "free"}])
            ],
        }
    )
    assert [step[0] for step in sent_by(made)] == ["POST", "POST"]
    assert told(made.later) == ["create l7 policy 'fwd'"]


def test_a_policy_to_a_pool_of_nobody() -> None:
    to_nobody = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "nobodys"}
    with pytest.raises(OptionError, match="there is no pool 'nobodys' in the new load balancer"):
        new({"listeners": [listener(l7_policies=[to_nobody])]})


@pytest.mark.parametrize(("value", "body"), [("new", {"source": "new"}), (
    "203.0.113.5", {"source": "existing", "existing_floating_id": "floating_ip-id-of-203.0.113.5"})])  # fmt: skip
def test_an_address_comes_with_the_creation(value: str, body: Any) -> None:
    made = sent_by(new({"floating_ip": value, "vip_network": uuid(3)}))
    assert made == [("POST", LB, {"name": "front", "vip_network_id": "network-id-of-" + uuid(3), "floating_ip": body})]


def test_check_mode_knows_the_defaults() -> None:
    made = new({"vip_network": "net", "tags": {"a": "b"}})
    defaults = {
        "id": KNOWN_LATER,
        "name": "front",
        "provisioning_status": "ACTIVE",
        "operating_status": "ONLINE",
        "admin_state_up": True,
        "preferred_connectivity": "L2",
        "listeners": [],
        "floating_ips": [],
        "tags_v2": tag_rows({"a": "b"}),
    }
    assert {key: made.predicted[key] for key in defaults} == defaults


# -------------------------------------------------------------- plans: changes


def test_an_unchanged_tree_needs_nothing() -> None:
    made = plan({"flavor": "lb1-1-2", "vip_network": "net", "listeners": [WEB], "tags": {"a": "b"}})
    assert (made.steps, made.later, made.before) == ([], [], {})
    assert made.not_compared == ["vip_network"]


def test_no_order_is_a_change() -> None:
    lists: dict[str, Any] = {
        "allowed_cidrs": ["10.0.0.0/8", "fd00::/8"],
        "user_list": [{"username": each, "encrypted_password": "x"} for each in ("alice", "bob")],
    }
    there = tree([pool(members=members(5, 6, 7))], **lists, sni_secret_id=[uuid(1), uuid(2)])
    turned: dict[str, Any] = {name: [*reversed(each)] for name, each in lists.items()}
    wanted = listener(pools=[pool(members=members(7, 5, 6))], sni_secrets=[uuid(2), uuid(1)], **turned)
    assert plan({"listeners": [wanted]}, there).steps == []


def test_what_the_server_fills_in_is_no_change() -> None:
    full = listener(
        connection_limit=-1, insert_x_forwarded=True, pools=[pool(members=members(5), healthmonitor=MONITOR)]
    )
    there = tree([pool(members=members(5), healthmonitor=MONITOR)], connection_limit=-1, insert_x_forwarded=True)
    assert plan({"listeners": [full]}, there).steps == []
    assert plan({"listeners": [{**full, "connection_limit": 100000}]}, there).steps == []
    assert len(plan({"listeners": [{**full, "connection_limit": 5}]}, there).steps) == 1


def test_each_level_of_the_tree_is_changed_where_it_is() -> None:
    wanted = listener(allowed_cidrs=["10.0.0.0/8"], pools=[pool(members=members(5, 6))])
    made = plan({"flavor": "lb1-2-4", "preferred_connectivity": "L3", "listeners": [wanted]})
    kept = members(5, weight=1, backup=False, admin_state_up=True)
    assert sent_by(made) == [
        ("POST", LB + "/{id}/resize", {"flavor": "lb1-2-4"}),
        ("PATCH", LB_2, {"preferred_connectivity": "L3"}),
        ("PATCH", LISTENER_2, {"allowed_cidrs": ["10.0.0.0/8"]}),
        ("PUT", MEMBERS, [*kept, *members(6)]),
    ]
    assert [step.target.id for step in made.steps] == ["b1", "b1", "l1", "p1"]
    assert [*made.after] == [
        "flavor", "preferred_connectivity", "listeners[0].allowed_cidrs", "listeners[0].pools[0].members"]  # fmt: skip


def test_the_instance_of_a_member_is_not_compared() -> None:
    with_instance = listener(pools=[pool(members=members(5, instance="vm"))])
    made = plan({"listeners": [with_instance]})
    assert made.steps == []
    assert made.not_compared == ["listeners[0].pools[0].members.instance"]
    more = listener(pools=[pool(members=[*members(5, instance="vm"), *members(6, instance="vm2")])])
    ((_method, _path, body),) = sent_by(plan({"listeners": [more]}))
    assert [each["instance_id"] for each in body] == ["instance-id-of-vm", "instance-id-of-vm2"]


def test_another_type_of_monitor_is_another_monitor() -> None:
    there = tree([pool(healthmonitor=MONITOR)])

    def steps(monitor: Any) -> list[tuple[str, str, Any]]:
        return sent_by(plan({"listeners": [listener(pools=[pool(healthmonitor=monitor)])]}, there))

    tcp = {**MONITOR, "type": "TCP"}
    own = POOL + "/{id}/healthmonitor"
    assert steps(tcp) == [("DELETE", own, None), ("POST", own, tcp)]
    assert steps(None) == [("DELETE", own, None)]
    filled = {
        "max_retries_down": 3,
        "http_method": "GET",
        "url_path": "/",
        "expected_codes": "200",
        "admin_state_up": True,
    }
    assert steps({**MONITOR, "delay": 20}) == [("PATCH", POOL_2, {"healthmonitor": {**filled, **MONITOR, "delay": 20}})]
    assert steps(MONITOR) == []
    bare = listener(pools=[pool(healthmonitor=tcp)])
    assert sent_by(plan({"listeners": [bare]})) == [("POST", own, tcp)]
    assert sent_by(plan({"listeners": [listener(pools=[pool(healthmonitor=None)])]})) == []


def test_what_null_clears() -> None:
    there = tree(
        [
            pool(
                session_persistence={"type": "SOURCE_IP", "cookie_name": None}, secret_id=uuid(3), timeout_member_data=5
            )
        ],
        allowed_cidrs=["10.0.0.0/8"],
        secret_id=uuid(4),
    )
    nothing = listener(
        allowed_cidrs=None, secret=None, pools=[pool(session_persistence=None, secret=None, timeout_member_data=None)]
    )
    assert sent_by(plan({"listeners": [nothing]}, there)) == [
        ("PATCH", LISTENER_2, {"allowed_cidrs": None, "secret_id": None}),
        ("PATCH", POOL_2, {"session_persistence": None, "secret_id": None, "timeout_member_data": None}),
    ]
    assert plan({"listeners": [nothing]}).steps == []
    same = listener(pools=[pool(session_persistence={"type": "SOURCE_IP"})])
    assert plan({"listeners": [same]}, there).steps == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"listeners": [listener(protocol="TCP")]}, r"listeners\[0\].protocol of listener 'web' is HTTP"),
        ({"listeners": [listener("www")]}, r"listeners\[0\].name"),
        ({"listeners": [listener(insert_x_forwarded=True)]}, r"insert_x_forwarded"),
        ({"vip_ip_family": "dual"}, "vip_ip_family of load balancer 'front' is ipv4"),
        ({"vip_port": "other"}, "vip_port"),
    ],
)
def test_what_cannot_change(options: dict[str, Any], words: str) -> None:
    if "www" in repr(options):
        # A listener can be renamed: its port says which one it is.
        assert sent_by(plan(options)) in ([("PATCH", LISTENER_2, {"name": "www"})],)
        return
    with pytest.raises(ImmutableError, match=words):
        plan(options)


def test_the_protocol_of_a_pool_can_change() -> None:
    wanted = listener(pools=[pool(protocol="TCP", lb_algorithm="SOURCE_IP")])
    assert sent_by(plan({"listeners": [wanted]})) == [
        ("PATCH", POOL_2, {"protocol": "TCP", "lb_algorithm": "SOURCE_IP"})
    ]


def test_a_port_is_known_by_its_address() -> None:
    for value in (uuid(70), "10.0.0.9"):
        assert plan({"vip_port": value}).steps == []


def test_an_address_is_moved_by_itself() -> None:
    row = {**BALANCER, "floating_ips": [{"id": uuid(90), "floating_ip_address": "203.0.113.5"}]}
    one = "/cloud/v2/floatingips/"
    for same in ("203.0.113.5", uuid(90), "new"):
        assert plan({"floating_ip": same}, row=row).steps == []
    assert sent_by(plan({"floating_ip": None}, row=row)) == [("PATCH", one + uuid(90), {"port_id": None})]
    assert sent_by(plan({"floating_ip": "new"})) == [("POST", "/cloud/v1/floatingips", {"port_id": uuid(70)})]
    assert sent_by(plan({"floating_ip": uuid(91)}, row=row)) == [
        ("PATCH", one + uuid(90), {"port_id": None}),
        ("PATCH", one + "floating_ip-id-of-" + uuid(91), {"port_id": uuid(70)}),
    ]


def test_logs_are_merged_over_what_is_there() -> None:
    row = {
        **BALANCER,
        "logging": {"enabled": True, "destination_region_id": 2, "topic_name": "t", "retention_policy": None},
    }
    assert plan({"logging": {"enabled": True}}, row=row).steps == []
    ((_method, path, body),) = sent_by(plan({"logging": {"topic_name": "u"}}, row=row))
    assert path == LB_2
    assert {k: v for k, v in body["logging"].items() if v is not None} == {
        "enabled": True,
        "destination_region_id": 2,
        "topic_name": "u",
    }


# -------------------------------------------------------- plans: more and less


def test_a_new_listener_comes_with_its_pool_and_policies() -> None:
    api = listener("api", 8080, pools=[pool("api-pool", members=members(7))], l7_policies=[policy(rules=[PATH_RULE])])
    made = plan({"listeners": [WEB, api]})
    assert sent_by(made) == [
        ("POST", LISTENER, {**listener("api", 8080), "load_balancer_id": "b1"}),
        ("POST", POOL, {**pool("api-pool", members=members(7)), "listener_id": PARENT_LATER}),
        ("POST", POLICY, {**policy(), "listener_id": PARENT_LATER}),
        ("POST", POLICY + "/{parent_id}/rules", PATH_RULE),
    ]
    parents = [step.target.parent for step in made.steps]
    assert [each and each.label for each in parents] == ["front", "api", "api", "old-urls"]
    assert made.later == []


def test_a_new_listener_with_a_policy_to_its_new_pool() -> None:
    to_pool = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "api-pool"}
    made = plan({"listeners": [WEB, listener("api", 8080, pools=[pool("api-pool")], l7_policies=[to_pool])]})
    assert told(made.steps) == ["create listener 'api'", "create pool 'api-pool'"]
    assert told(made.later) == ["create l7 policy 'fwd'"]


def test_a_new_policy_leads_to_a_pool_that_is_there() -> None:
    to_pool = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "blue"}
    made = plan({"pools": [pool("blue")], "listeners": [listener(l7_policies=[to_pool])]}, tree(free=[pool("blue")]))
    body = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool_id": "f1", "listener_id": "l1"}
    assert sent_by(made) == [("POST", POLICY, body)]


def test_a_policy_may_lead_to_a_pool_that_a_later_listener_gets() -> None:
    """The order in which things are listed says nothing of the order in which they are made."""

    def find(kind: Any, value: str, **more: Any) -> str:
        return str(pytest.fail("looked for %s, which is not there yet" % value))

    to_pool = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "api-pool"}
    made = plan(
        {"listeners": [listener(l7_policies=[to_pool]), listener("api", 8080, pools=[pool("api-pool")])]}, find=find
    )
    assert told(made.steps) == ["create listener 'api'", "create pool 'api-pool'"]
    assert told(made.later) == ["create l7 policy 'fwd'"]


def test_a_policy_that_is_there_is_led_to_a_new_pool() -> None:
    """From blue to green: the pool is made first, and its id is known in the next round."""
    to_blue = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool_id": "f1"}
    to_green = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "green"}
    made = plan(
        {"pools": [pool("green")], "listeners": [listener(l7_policies=[to_green])]},
        tree(policies=[to_blue], free=[pool("blue")]),
    )
    assert KNOWN_LATER not in repr(sent_by(made))
    assert told(made.steps) == ["create pool 'green'"]
    assert len(made.later) == 1
    assert made.after["listeners[0].l7_policies[0].redirect_pool"] == KNOWN_LATER


def test_a_pool_goes_only_when_no_policy_leads_to_it_any_more() -> None:
    """From blue to green for good: blue cannot go before the policy is led to green, which is in the next round."""
    to_blue = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool_id": "f1"}
    to_green = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "green"}
    made = plan(
        {"purge_pools": True, "pools": [pool("green")], "listeners": [listener(l7_policies=[to_green])]},
        tree(policies=[to_blue], free=[pool("blue")]),
    )
    assert told(made.steps) == ["create pool 'green'"]
    assert told(made.later) == ["update l7 policy 'fwd'", "delete pool 'blue'"]


def test_of_two_pools_of_one_name_none_is_chosen_in_silence() -> None:
    def find(kind: Any, value: str, **more: Any) -> str:
        raise AmbiguousError("2 pools are called '%s'" % value)

    to_pool = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "blue"}
    with pytest.raises(AmbiguousError):
        plan({"pools": [], "listeners": [listener(l7_policies=[to_pool])]}, tree(free=[pool("blue")] * 2), find=find)


def test_policies_change_where_they_are() -> None:
    there = tree(policies=[policy(redirect_http_code=302, rules=[PATH_RULE]), {"name": "deny", "action": "REJECT"}])
    same = listener(l7_policies=[{"name": "deny", "action": "REJECT"}, policy(rules=[PATH_RULE])])
    assert plan({"listeners": [same]}, there).steps == []
    moved = listener(l7_policies=[policy(redirect_http_code=301)])
    assert sent_by(plan({"listeners": [moved]}, there)) == [
        (
            "PATCH",
            POLICY + "/{id}",
            {"action": "REDIRECT_TO_URL", "redirect_url": "https://a.example", "redirect_http_code": 301},
        )
    ]
    other = listener(l7_policies=[{"name": "old-urls", "action": "REDIRECT_PREFIX", "redirect_prefix": "https://b"}])
    assert sent_by(plan({"listeners": [other]}, there)) == [
        ("PATCH", POLICY + "/{id}", {"action": "REDIRECT_PREFIX", "redirect_prefix": "https://b"})
    ]


def test_a_changed_rule_is_another_rule() -> None:
    there = tree(policies=[policy(rules=[PATH_RULE])])
    other = {**PATH_RULE, "value": "/v2"}
    wanted = {"listeners": [listener(l7_policies=[policy(rules=[other])])]}
    made = plan(wanted, there)
    rules = POLICY + "/{parent_id}/rules"
    assert sent_by(made) == [("POST", rules, other), ("DELETE", rules + "/{id}", None)]
    assert [step.target.parent and step.target.parent.id for step in made.steps] == ["q1", "q1"]
    assert sent_by(plan({**wanted, "purge_l7_rules": False}, there)) == [("POST", rules, other)]
    assert plan({"listeners": [listener(l7_policies=[policy()])]}, there).steps == []


ALL_PURGED = {"purge_listeners": True, "purge_pools": True, "purge_l7_policies": True}


def test_nothing_goes_unless_that_is_asked_for() -> None:
    there = tree(policies=[policy()], free=[pool("blue")])
    nothing = {"listeners": [listener(pools=[], l7_policies=[])], "pools": []}
    assert plan({"listeners": []}, there).steps == []
    assert plan(nothing, there).steps == []
    assert plan(ALL_PURGED, there).steps == []
    assert plan({**ALL_PURGED, "listeners": [listener()]}, there).steps == []


def test_what_goes_goes_behind_all_else() -> None:
    there = tree(policies=[policy()], free=[pool("blue")])
    wanted = {"listeners": [listener(pools=[], l7_policies=[], allowed_cidrs=["10.0.0.0/8"])], "pools": [pool("green")]}
    made = plan({**ALL_PURGED, **wanted}, there)
    assert told(made.steps) == [
        "create pool 'green'",
        "update listener 'web'",
        "delete l7 policy 'old-urls'",
        "delete pool 'web-pool'",
        "delete pool 'blue'",
    ]
    assert sent_by(plan({"listeners": [], "purge_listeners": True}, there)) == [("DELETE", LISTENER + "/{id}", None)]


def test_another_pool_takes_the_place_of_a_listeners_one() -> None:
    """A listener has one: it goes before the other comes, and only when pools may go at all."""
    wanted = {"listeners": [listener(pools=[pool("other")])]}
    with pytest.raises(OptionError) as caught:
        plan(wanted)
    for word in ("'web-pool'", "can have only one", "purge_pools: true"):
        assert word in caught.value.sentence()
    assert told(plan({**wanted, "purge_pools": True}).steps) == ["delete pool 'web-pool'", "create pool 'other'"]
    assert told(plan(wanted, tree([])).steps) == ["create pool 'other'"]


def test_the_pool_of_a_listener_is_not_the_load_balancers_to_purge() -> None:
    assert plan({"pools": [], "purge_pools": True}).steps == []


def test_a_pool_that_another_listener_shares_stays() -> None:
    there = tree()
    row = there["listeners"][0].row
    made = plan({**ALL_PURGED, "listeners": []}, there)
    assert made.steps[0].query == {"delete_default_pool": "true"}
    row["_pools"] = [{**row["_pools"][0], "listeners": [{"id": "l1"}, {"id": "l2"}]}]
    assert plan({**ALL_PURGED, "listeners": []}, there).steps[0].query == {}
    assert plan({"purge_listeners": True, "listeners": []}, tree()).steps[0].query == {}
    assert plan({**ALL_PURGED, "listeners": []}, tree([])).steps[0].query == {}


def test_what_a_policy_leads_to_is_free_before_it_goes() -> None:
    """A pool that a policy leads to cannot go first."""
    to_blue = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool_id": "f1"}
    made = plan({**ALL_PURGED, "listeners": [listener(l7_policies=[])], "pools": []}, tree(
        policies=[to_blue], free=[pool("blue")]))  # fmt: skip
    assert told(made.steps) == ["delete l7 policy 'fwd'", "delete pool 'blue'"]


def test_passwords_of_a_listener_do_not_show() -> None:
    wanted = listener(user_list=[{"username": "alice", "encrypted_password": "s3cret"}])
    there = tree(user_list=[{"username": "alice", "encrypted_password": "0lder"}])
    for made in (new({"listeners": [wanted]}), plan({"listeners": [wanted]}, there)):
        shown = repr((made.before, made.after, made.predicted, made.pending(-1), told(made.steps)))
        assert "s3cret" not in shown and "0lder" not in shown
        assert HIDDEN in repr(made.after)
        assert "s3cret" in repr(made.steps[-1].body)
    gone = planned(RESOURCE, {"name": "front"}, BALANCER, there, state="absent")
    assert "0lder" not in repr((gone.before, gone.after))


# ----------------------------------------------------------------------- runs


class Balancers(RoutedCloud):
    """One load balancer's tree, and its one lock for all that is in it."""

    def __init__(self) -> None:
        super().__init__()
        self.balancers: dict[str, dict[str, Any]] = {}
        self.listeners: dict[str, dict[str, Any]] = {}
        self.pools: dict[str, dict[str, Any]] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.rules: dict[str, list[dict[str, Any]]] = {}
        self.unnamed = False  # whether the task of a creation leaves out what it has made
        self.locked = 0  # how many of the next writes meet a lock that shows no task
        one = "/([^/]+)"
        self.routes = [
            ("GET", "/v1/reserved_fixed_ips/1/2", lambda sent: self.listed([])),
            ("GET", "/v1/loadbalancers/1/2", lambda sent: self.listed(
                [row for row in self.balancers.values() if row["name"] in sent.query.get("name", [row["name"]])])),
            ("GET", "/v1/loadbalancers/1/2" + one, lambda sent, each: self.one(self.balancers.get(each))),
            ("POST", "/v1/loadbalancers/1/2", self._made),
            ("DELETE", "/v1/loadbalancers/1/2" + one, lambda sent, each: self.work(
                "delete_loadbalancer", lambda: self.balancers.pop(each))),
            ("POST", "/v1/loadbalancers/1/2" + one + "/resize", lambda sent, each: self.work(
                "resize_loadbalancer", lambda: self.balancers[each].update(flavor={**self.balancers[each]["flavor"], "flavor_name": sent.body["flavor"]}))),
            ("POST", "/v1/loadbalancers/1/2" + one + "/failover", lambda sent, each: self.work("failover_loadbalancer")),
            ("PATCH", "/v2/loadbalancers/1/2" + one, self._patched),
            ("GET", "/v1/lbflavors/1/2", lambda sent: self.listed(
                [{"flavor_id": self.number(), "flavor_name": each} for each in ("lb1-1-2", "lb1-2-4", "lb1-4-8")])),
            ("GET", "/v1/lblisteners/1/2", lambda sent: self.shown(sent, self.listeners)),
            ("POST", "/v1/lblisteners/1/2", lambda sent: self.work("create_lblistener", lambda: self._listener(
                self.last, sent.body), created={"listeners": [self.fresh()]})),
            ("PATCH", "/v2/lblisteners/1/2" + one, lambda sent, each: self.work(
                "patch_lblistener", lambda: self.listeners[each].update(sent.body))),
            ("DELETE", "/v1/lblisteners/1/2" + one, self._no_listener),
            ("GET", "/v1/lbpools/1/2", lambda sent: self.shown(sent, self.pools)),
            ("POST", "/v1/lbpools/1/2", lambda sent: self.work("create_lbpool", lambda: self._pool(
                self.last, sent.body, sent.body.get("listener_id")), created={"pools": [self.fresh()]})),
            ("PATCH", "/v2/lbpools/1/2" + one, lambda sent, each: self.work(
                "patch_lbpool", lambda: self._pool(each, {**self.pools[each], **sent.body}))),
            ("DELETE", "/v1/lbpools/1/2" + one, self._no_pool),
            ("DELETE", "/v1/lbpools/1/2" + one + "/healthmonitor", self._no_monitor),
            ("POST", "/v1/lbpools/1/2" + one + "/healthmonitor", lambda sent, each: self.work(
                "create_lbpool_health_monitor", lambda: self._pool(each, {**self.pools[each], "healthmonitor": sent.body}))),
            ("GET", "/v1/l7policies/1/2", lambda sent: self.shown(sent, self.policies)),
            ("POST", "/v1/l7policies/1/2", self._policy),
            ("PATCH", "/v1/l7policies/1/2" + one, lambda sent, each: self.work(
                "update_l7policy", lambda: self.policies[each].update(sent.body))),
            ("DELETE", "/v1/l7policies/1/2" + one, lambda sent, each: self.work(
                "delete_l7policy", lambda: self.policies.pop(each))),
            ("GET", "/v1/l7policies/1/2" + one + "/rules", lambda sent, each: self.listed(self.rules.get(each, []))),
            ("POST", "/v1/l7policies/1/2" + one + "/rules", lambda sent, each: self.work(
                "create_l7rule", lambda: self.rules.setdefault(each, []).append({"id": self.last, "key": None, "invert": False, **sent.body}),
                created={"l7rules": [self.fresh()]})),
            ("GET", "/v1/floatingips/1/2", lambda sent: rows()),
            ("GET", "/v1/networks/1/2", lambda sent: rows({"id": uuid(800), "name": "net"})),
            ("GET", "/v1/lbflavors/1/2", lambda sent: rows(*(
                {"flavor_id": each, "flavor_name": each} for each in ("lb1-1-2", "lb1-2-4")))),
        ]  # fmt: skip
        self.last = ""

    def fresh(self) -> str:
        self.last = self.number()
        return self.last

    def shown(self, sent: Request, table: dict[str, dict[str, Any]]) -> Any:
        wanted = sent.query.get("name")
        return self.listed([copy.deepcopy(row) for row in table.values() if not wanted or row["name"] in wanted])

    @property
    def balancer(self) -> dict[str, Any]:
        return next(iter(self.balancers.values()))

    def work(self, task_type: str, effect: Any = lambda: None, **more: Any) -> Any:
        """A write in the tree: it holds the one lock."""
        assert all(KNOWN_LATER not in repr(each.body) and PARENT_LATER not in repr(each.body) for each in self.writes)
        if self.locked or self.balancer["task_id"]:
            self.locked = max(0, self.locked - 1)
            return reply(409, LOCKED)
        row = self.balancer

        def done() -> None:
            row.update(task_id=None, provisioning_status="ACTIVE")
            effect()

        task = self.task(task_type, done, **more)
        row.update(task_id=task["id"], provisioning_status="PENDING_UPDATE")
        return reply(200, {"tasks": [task["id"]]})

    def _listener(self, each: str, body: dict[str, Any]) -> None:
        self.listeners[each] = row_of_listener(each, body)

    def _no_listener(self, sent: Request, each: str) -> Any:
        def effect() -> None:
            del self.listeners[each]
            for pool_id, row in [*self.pools.items()]:
                if of_listener(each, row):
                    row["listeners"] = []
                    if sent.query.get("delete_default_pool") == ["true"]:
                        del self.pools[pool_id]

        return self.work("delete_lblistener", effect)

    def _pool(self, each: str, body: dict[str, Any], listener_id: Optional[str] = None) -> None:
        there = self.pools.get(each, {}).get("listeners") or [{"id": listener_id}]
        self.pools[each] = row_of_pool(each, body, there[0]["id"])

    def _made(self, sent: Request) -> Any:
        body = dict(sent.body)
        identifier = self.number()
        row = {**BALANCER, "id": identifier, "name": body["name"], "provisioning_status": "PENDING_CREATE",
               "tags_v2": tag_rows(body.get("tags"))}  # fmt: skip
        if body.get("flavor"):
            row["flavor"] = {"flavor_name": body["flavor"]}
        self.balancers[identifier] = row

        def effect() -> None:
            row.update(provisioning_status="ACTIVE", task_id=None)
            for each in body.get("listeners") or []:
                mine = self.number()
                self._listener(mine, each)
                for inner in each.get("pools") or []:
                    self._pool(self.number(), inner, mine)

        made = {"loadbalancers": [] if self.unnamed else [identifier]}
        task = self.task("create_loadbalancer", effect, data={"name": body["name"]}, created=made)
        row.update(task_id=task["id"], creator_task_id=task["id"])
        return reply(200, {"tasks": [task["id"]]})

    def _patched(self, sent: Request, each: str) -> Any:
        body = dict(sent.body)
        if "tags" in body:
            body["tags_v2"] = patched_tags(self.balancers[each]["tags_v2"], body.pop("tags"))
        return self.work("update_loadbalancer", lambda: self.balancers[each].update(body))

    def _no_pool(self, sent: Request, each: str) -> Any:
        if any(row["redirect_pool_id"] == each for row in self.policies.values()):
            return reply(409, {"message": "Pool %s is in use by an L7 policy" % each})
        return self.work("delete_lbpool", lambda: self.pools.pop(each))

    def _no_monitor(self, sent: Request, each: str) -> Any:
        if self.locked or self.balancer["task_id"]:
            self.locked = max(0, self.locked - 1)
            return reply(409, LOCKED)
        self.pools[each]["healthmonitor"] = None
        return reply(204)

    def _policy(self, sent: Request) -> Any:
        each = self.fresh()
        body = {**NO_TARGET, "position": len(self.policies) + 1, "tags": [], **sent.body, "id": each}
        return self.work("create_l7policy", lambda: self.policies.update({each: body}), created={"l7polices": [each]})


@pytest.fixture
def cloud() -> Balancers:
    return Balancers()


@pytest.fixture(autouse=True)
def own_locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def balance(cloud: Balancers, options: Optional[dict[str, Any]] = None, **more: Any) -> Outcome:
    return run(RESOURCE, {"name": "front", **(options or {})}, cloud, **more)


def written(cloud: Balancers, since: int = 0) -> list[tuple[str, str]]:
    return [
        (each.method, "/".join(each.path.split("/")[3:4] + each.path.split("/")[7:])) for each in cloud.writes[since:]
    ]


def test_a_tree_is_made_in_one_request_and_found_again(cloud: Balancers) -> None:
    options = {"flavor": "lb1-1-2", "tags": {"a": "b"}, "listeners": TWO_LISTENERS}
    outcome = balance(cloud, options)
    assert (outcome.error, outcome.warnings, outcome.result["pending"]) == (None, [], [])
    assert written(cloud) == [("POST", "loadbalancers")]
    assert outcome.result["load_balancer"]["provisioning_status"] == "ACTIVE"
    assert outcome.result["created_resources"]["loadbalancers"] == [*cloud.balancers]
    assert (len(cloud.listeners), len(cloud.pools)) == (2, 2)
    assert sum(len(each["members"]) for each in cloud.pools.values()) == 4
    for cloud.backwards in (False, True):
        before = len(cloud.sent)
        again = balance(cloud, options)
        assert (again.error, again.result["changed"]) == (None, False)
        # However many listeners there are, it is one request for each kind.
        assert [str(each).replace("/cloud/v1/", "") for each in cloud.sent[before:]] == [
            "GET loadbalancers/1/2",
            "GET lblisteners/1/2",
            "GET lbpools/1/2",
        ]
        assert cloud.sent[-1].query["load_balancer_id"] == [outcome.result["load_balancer"]["id"]]
        assert cloud.sent[-1].query["details"] == ["true"]
    assert len(cloud.writes) == 1


def test_only_what_is_spoken_of_is_read(cloud: Balancers) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    for options, count in (({}, 1), ({"listeners": [listener()]}, 2), ({"pools": []}, 2)):
        before = len(cloud.sent)
        assert not balance(cloud, options).result["changed"]
        assert len(cloud.sent) - before == count


@pytest.mark.parametrize("times", [1, 4])
def test_a_lock_without_a_task_is_borne(cloud: Balancers, times: int) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    cloud.locked = times
    outcome = balance(cloud, {"listeners": TWO_LISTENERS[:1], "tags": {"a": "b"}})
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert len(cloud.writes) == 1 + times + 1


def test_somebody_elses_change_is_waited_for(cloud: Balancers) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    cloud.duration = 40
    cloud.work("update_loadbalancer")
    start = cloud.clock.time
    wanted = [listener(allowed_cidrs=["10.0.0.0/8"], pools=[pool(lb_algorithm="SOURCE_IP")])]
    outcome = balance(cloud, {"listeners": wanted})
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert cloud.clock.time >= start + 40
    assert [each[0] for each in written(cloud, 1)] == ["PATCH", "PATCH"]
    assert not balance(cloud, {"listeners": wanted}).result["changed"]


def test_without_waiting_a_lock_is_a_failure(cloud: Balancers) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    cloud.locked = 1
    assert balance(cloud, {"tags": {"a": "b"}}, wait=False).error.kind == "locked"


def test_another_type_of_monitor(cloud: Balancers) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    wanted = copy.deepcopy(TWO_LISTENERS)
    wanted[1]["pools"][0]["healthmonitor"] = {**MONITOR, "type": "TCP"}
    outcome = balance(cloud, {"listeners": wanted})
    assert (outcome.error, outcome.result["changed"]) == (None, True)
    assert written(cloud, 1) == [("DELETE", written(cloud)[1][1]), ("POST", written(cloud)[1][1])]
    assert cloud.writes[-1].path.endswith("/healthmonitor")
    assert cloud.writes[-1].body["type"] == "TCP"


FORWARD: dict[str, Any] = {
    "name": "to-green",
    "action": "REDIRECT_TO_POOL",
    "redirect_pool": "green",
    "rules": [PATH_RULE, {**PATH_RULE, "value": "/v2", "invert": True}],
}
WITH_POLICY: dict[str, Any] = {
    "pools": [pool("green", members=members(8))],
    "listeners": [listener(pools=[pool(members=members(5))], l7_policies=[FORWARD, policy()])],
}


def test_policies_are_made_in_the_next_round(cloud: Balancers) -> None:
    outcome = balance(cloud, WITH_POLICY)
    assert (outcome.error, outcome.warnings, outcome.result["pending"]) == (None, [], [])
    assert [each[1].split("/")[0] for each in written(cloud)] == ["loadbalancers", "lbpools"] + ["l7policies"] * 4
    green = next(each["id"] for each in cloud.pools.values() if each["name"] == "green")
    web = next(iter(cloud.listeners))
    assert cloud.writes[2].body == {
        "name": "to-green",
        "action": "REDIRECT_TO_POOL",
        "redirect_pool_id": green,
        "listener_id": web,
    }
    assert cloud.writes[1].body["load_balancer_id"] in cloud.balancers
    made = outcome.result["created_resources"]
    assert [len(made[key]) for key in ("loadbalancers", "pools", "l7polices", "l7rules")] == [1, 1, 2, 2]
    for cloud.backwards in (False, True):
        before = len(cloud.sent)
        again = balance(cloud, WITH_POLICY)
        assert (again.error, again.result["changed"]) == (None, False)
        # load balancer, pools, listeners, policies, and the rules of each policy
        assert len(cloud.sent) - before == 6
    assert len(cloud.writes) == 6


def test_without_waiting_what_is_left_is_pending(cloud: Balancers) -> None:
    outcome = balance(cloud, WITH_POLICY, wait=False)
    assert outcome.error is None
    assert sorted(each["resource"] for each in outcome.result["pending"]) == [
        "l7_policy", "l7_policy", "l7_rule", "l7_rule", "pool"]  # fmt: skip
    assert {each["action"] for each in outcome.result["pending"]} == {"create"}
    for _each in range(6):
        cloud.clock.sleep(60)
        outcome = balance(cloud, WITH_POLICY, wait=False)
        assert outcome.error is None
    assert (outcome.result["changed"], outcome.result["pending"], len(cloud.writes)) == (False, [], 6)


def test_a_policy_is_led_to_a_pool_that_the_same_run_makes(cloud: Balancers) -> None:
    balance(cloud, WITH_POLICY)
    wanted = copy.deepcopy(WITH_POLICY)
    wanted["pools"].append(pool("red", members=members(9)))
    wanted["listeners"][0]["l7_policies"][0]["redirect_pool"] = "red"
    outcome = balance(cloud, wanted)
    assert outcome.error is None
    red = next(each["id"] for each in cloud.pools.values() if each["name"] == "red")
    assert cloud.writes[-1].body == {"action": "REDIRECT_TO_POOL", "redirect_pool_id": red}
    assert not balance(cloud, wanted).result["changed"]


def test_a_listener_with_a_pool_and_a_policy_is_added(cloud: Balancers) -> None:
    balance(cloud, {"listeners": [WEB]})
    to_pool = {"name": "fwd", "action": "REDIRECT_TO_POOL", "redirect_pool": "api-pool"}
    wanted = {"listeners": [WEB, listener("api", 8080, pools=[pool("api-pool")], l7_policies=[to_pool, policy()])]}
    outcome = balance(cloud, wanted)
    assert outcome.error is None
    assert [each[1] for each in written(cloud, 1)] == ["lblisteners", "lbpools", "l7policies", "l7policies"]
    api = next(each["id"] for each in cloud.listeners.values() if each["name"] == "api")
    assert {each.body.get("listener_id") for each in cloud.writes[2:]} == {api}
    again = balance(cloud, wanted)
    assert (again.error, again.result["changed"]) == (None, False)


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_answer_makes_nothing_twice(cloud: Balancers, taken: bool) -> None:
    cloud.fault("POST", "loadbalancers", read_timeout(), taken=taken)
    cloud.fault("POST", "lbpools", read_timeout(), taken=taken)
    cloud.fault("POST", "l7policies/1/2$", read_timeout(), taken=taken)
    outcome = balance(cloud, WITH_POLICY)
    assert outcome.error is None
    assert (len(cloud.balancers), len(cloud.listeners), len(cloud.pools), len(cloud.policies)) == (1, 1, 2, 2)
    assert not balance(cloud, WITH_POLICY).result["changed"]


@pytest.mark.parametrize("taken", [True, False])
def test_lost_answers_to_changes_in_the_tree(cloud: Balancers, taken: bool) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    wanted = copy.deepcopy(TWO_LISTENERS)
    wanted[0]["pools"][0]["lb_algorithm"] = "SOURCE_IP"
    wanted[0]["l7_policies"] = [policy(rules=[PATH_RULE])]
    wanted[1]["pools"][0]["healthmonitor"] = {**MONITOR, "type": "TCP"}
    for method, path in (("PATCH", "lbpools"), ("DELETE", "healthmonitor"), ("POST", "/rules$")):
        cloud.fault(method, path, read_timeout(), taken=taken)
    outcome = balance(cloud, {"listeners": wanted})
    assert (outcome.error, outcome.result["pending"]) == (None, [])
    assert [len(each) for each in cloud.rules.values()] == [1]
    assert not balance(cloud, {"listeners": wanted}).result["changed"]


def test_a_failure_in_the_tree_tells_what_is_left_to_do(cloud: Balancers) -> None:
    balance(cloud, {"listeners": [WEB]})
    cloud.fails = ["boom"]
    api = listener("api", 8080, pools=[pool("api-pool")], l7_policies=[policy()])
    outcome = balance(cloud, {"listeners": [WEB, api]})
    assert outcome.error.kind == "task_failed"
    assert "boom" in outcome.error.message
    assert [each["resource"] for each in outcome.result["pending"]] == ["pool", "l7_policy"]


def test_a_broken_tree_is_made_anew_with_all_that_was_in_it(cloud: Balancers) -> None:
    balance(cloud, WITH_POLICY)

    def empty() -> None:
        for table in (cloud.listeners, cloud.pools, cloud.policies, cloud.rules):
            table.clear()

    cloud.balancer["provisioning_status"] = "ERROR"
    assert balance(cloud, WITH_POLICY).error.kind == "status"
    cloud.meanwhile("DELETE", "loadbalancers", empty)
    outcome = balance(cloud, WITH_POLICY, recreate=True)
    assert (outcome.error, outcome.result["pending"]) == (None, [])
    assert [each[1].split("/")[0] for each in written(cloud, 6)] == (
        ["loadbalancers"] * 2 + ["lbpools"] + ["l7policies"] * 4
    )
    assert not balance(cloud, WITH_POLICY).result["changed"]


def test_nothing_is_removed_unless_that_is_asked_for(cloud: Balancers) -> None:
    balance(cloud, WITH_POLICY)
    nothing = {"listeners": [listener(pools=[], l7_policies=[])], "pools": []}
    assert not balance(cloud, nothing).result["changed"]
    assert not balance(cloud, {"listeners": []}).result["changed"]
    outcome = balance(cloud, {**nothing, **ALL_PURGED}, check_mode=True)
    assert (outcome.error, outcome.result["changed"], len(cloud.writes)) == (None, True, 6)
    outcome = balance(cloud, {**nothing, **ALL_PURGED})
    assert outcome.error is None
    assert [each[1].split("/")[0] for each in written(cloud, 6)] == ["l7policies", "l7policies", "lbpools", "lbpools"]
    assert (cloud.pools, cloud.policies, len(cloud.listeners)) == ({}, {}, 1)
    assert balance(cloud, {"listeners": [], **ALL_PURGED}).error is None
    assert cloud.listeners == {}
    assert not balance(cloud, {"listeners": [], **ALL_PURGED}).result["changed"]


def test_a_creation_that_does_not_name_what_it_made_goes_on(cloud: Balancers) -> None:
    cloud.unnamed = True
    outcome = balance(cloud, WITH_POLICY)
    assert (outcome.error, outcome.result["pending"]) == (None, [])
    assert outcome.result["created_resources"]["loadbalancers"] == [*cloud.balancers]
    assert not balance(cloud, WITH_POLICY).result["changed"]


def test_a_pool_is_not_made_twice_under_another_parent(cloud: Balancers) -> None:
    balance(cloud, {"listeners": [listener()], "pools": [pool("blue")]})
    outcome = balance(cloud, {"listeners": [listener(pools=[pool("blue")])]})
    assert "There is another pool 'blue' in load balancer 'front' already" in str(outcome.error)
    balance(cloud, {"listeners": [listener(pools=[pool("web")])]})
    moved = {**listener(pools=[pool("web")]), "protocol_port": 8080}
    assert "another pool 'web'" in str(balance(cloud, {"listeners": [moved]}).error)
    assert [each["name"] for each in cloud.pools.values()] == ["blue", "web"]
    assert len(cloud.listeners) == 1


def test_what_is_not_there_fails_over_to_nothing(cloud: Balancers) -> None:
    outcome = balance(cloud, state="failed_over")
    assert (outcome.error.kind, cloud.writes) == ("not_found", [])
    foretold = balance(cloud, state="failed_over", check_mode=True)
    assert (foretold.error, foretold.result["changed"], len(foretold.warnings)) == (None, True, 1)


def test_from_blue_to_green_for_good(cloud: Balancers) -> None:
    balance(cloud, WITH_POLICY)
    wanted = {**copy.deepcopy(WITH_POLICY), "pools": [pool("red", members=members(9))], "purge_pools": True}
    wanted["listeners"][0]["l7_policies"][0]["redirect_pool"] = "red"
    outcome = balance(cloud, wanted)
    assert (outcome.error, outcome.result["pending"]) == (None, [])
    assert [(each[0], each[1].split("/")[0]) for each in written(cloud, 6)] == [
        ("POST", "lbpools"),
        ("PATCH", "l7policies"),
        ("DELETE", "lbpools"),
    ]
    assert not balance(cloud, wanted).result["changed"]


@pytest.mark.parametrize("with_pools", [True, False])
def test_the_pool_of_a_listener_goes_with_it_where_pools_may_go(cloud: Balancers, with_pools: bool) -> None:
    balance(cloud, {"listeners": TWO_LISTENERS})
    wanted = {"listeners": TWO_LISTENERS[:1], "purge_listeners": True, "purge_pools": with_pools}
    outcome = balance(cloud, wanted)
    assert (outcome.error, len(cloud.writes)) == (None, 2)
    assert [each["name"] for each in cloud.listeners.values()] == ["web"]
    assert [each["name"] for each in cloud.pools.values()] == (["web-pool"] if with_pools else ["web-pool", "api-pool"])
    assert not balance(cloud, wanted).result["changed"]


def test_passwords_never_come_out(cloud: Balancers) -> None:
    wanted = [listener(user_list=[{"username": "alice", "encrypted_password": "s3cret"}])]
    outcomes = [balance(cloud, {"listeners": wanted}, check_mode=True), balance(cloud, {"listeners": wanted})]
    wanted = [listener(user_list=[{"username": "alice", "encrypted_password": "n3wer"}])]
    cloud.fault("PATCH", "lblisteners", reply(400, {"message": "no"}))
    outcomes += [balance(cloud, {"listeners": wanted}, wait=each) for each in (True, False, True)]
    assert [each.error is None for each in outcomes] == [True, True, False, True, True]
    told_all = repr([(each.result, each.warnings, each.error and each.error.as_dict()) for each in outcomes])
    assert "s3cret" not in told_all and "n3wer" not in told_all
    assert HIDDEN in told_all


def test_a_switched_off_tree(cloud: Balancers) -> None:
    off: dict[str, Any] = {"admin_state_up": False}
    wanted = {**off, "listeners": [listener(pools=[pool(**off)], **off)]}
    outcome = balance(cloud, wanted)
    assert outcome.error is None
    assert [each.body for each in cloud.writes[1:]] == [off] * 3
    assert not balance(cloud, wanted).result["changed"]


def test_a_failed_over_one_fails_over_once_a_run(cloud: Balancers) -> None:
    balance(cloud, {"listeners": [WEB]})
    for force in (True, False):
        outcome = balance(cloud, {"force": force}, state="failed_over")
        assert (outcome.error, outcome.result["changed"]) == (None, True)
        assert cloud.writes[-1].body == {"force": force}
    assert len(cloud.writes) == 3


def test_what_goes_says_what_stays(cloud: Balancers) -> None:
    balance(cloud, {"listeners": [WEB]})
    cloud.balancer["floating_ips"] = [{"id": uuid(90), "floating_ip_address": "203.0.113.5"}]
    outcome = balance(cloud, state="absent")
    assert (outcome.error, outcome.result["changed"], cloud.balancers) == (None, True, {})
    assert "203.0.113.5" in outcome.warnings[0]


def test_what_is_at_work_is_waited_for_before_it_goes(cloud: Balancers) -> None:
    balance(cloud, {"listeners": [WEB]})
    cloud.work("update_loadbalancer")
    outcome = balance(cloud, state="absent")
    assert (outcome.error, cloud.balancers) == (None, {})


def test_check_mode_foretells_what_the_run_does(cloud: Balancers) -> None:
    checked = balance(cloud, WITH_POLICY, check_mode=True)
    assert (checked.error, checked.result["changed"], cloud.writes) == (None, True, [])
    assert checked.result["load_balancer"]["id"] == KNOWN_LATER
    balance(cloud, WITH_POLICY)
    wanted = {**WITH_POLICY, "flavor": "lb1-2-4", "tags": {"x": "y"}}
    checked = balance(cloud, wanted, check_mode=True)
    done = balance(cloud, wanted)
    assert checked.result["diff"] == done.result["diff"]
    assert checked.result["load_balancer"] == done.result["load_balancer"]


def test_the_statuses_of_all_are_one_request() -> None:
    cloud = Balancers()
    for name in ("one", "two"):
        balance(cloud, {"name": name})
    ids = [*cloud.balancers]
    cloud.on("GET", "/cloud/v1/loadbalancers/1/2/status", rows({"id": ids[1], "listeners": []}))
    cloud.routes = [each for each in cloud.routes if not each[1].endswith("/([^/]+)")]
    before = len(cloud.sent)
    finder = Finder(client(cloud), Scope("1", "2"), Deadline(cloud.clock, 60))
    found = find_resources(RESOURCE, {"statuses": True}, finder)
    assert [each["statuses"] for each in found] == [None, {"id": ids[1], "listeners": []}]
    assert len(cloud.sent) - before == 2
