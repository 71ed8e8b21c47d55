# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancer and all that is under it (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import (
    PARENT_LATER,
    Plan,
    Snapshot,
)
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import info_spec, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import AmbiguousError, ImmutableError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer import RESOURCE
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer import pool as pool_module
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer.l7_policy import (
    L7_POLICY,
    key_of_rule,
)
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer.listener import (
    LISTENER as LISTENER_RESOURCE,
)
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer.pool import (
    Members,
    Monitor,
    Typed,
    change_monitor,
    find_member,
    of_listener,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import HIDDEN, KNOWN_LATER
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    planned,
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


@pytest.fixture
def members_without_a_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members are written as address and port alone, where a test is not about what they lead to."""
    monkeypatch.setattr(pool_module, "check_targets", lambda members: None)


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
        with pytest.raises(OptionError, match=r"pools\[0\].healthmonitor.* needs type HTTP or HTTPS"):
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


@pytest.mark.usefixtures("members_without_a_target")
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


@pytest.mark.usefixtures("members_without_a_target")
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


@pytest.mark.usefixtures("members_without_a_target")
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


@pytest.mark.usefixtures("members_without_a_target")
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
