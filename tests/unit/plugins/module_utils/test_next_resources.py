# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Can the engine carry what comes next without a new mechanism? Four descriptions on paper, and their plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.arguments import given_options, module_spec
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.kinds import FLOATING_IPS, NETWORKS, SECURITY_GROUPS, SSH_KEYS
from ansible_collections.gcore.cloud.plugins.module_utils.plan import HIDDEN, Plan, Planner, Snapshot, Subject
from ansible_collections.gcore.cloud.plugins.module_utils.resource import (
    CREATE_ONLY,
    MISSING,
    UPDATE,
    Action,
    Children,
    Field,
    Identity,
    Kind,
    Resource,
    SecretFile,
    name,
    same,
    same_set,
    tags,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import FakeSession, reply, rows, run, uuid

PLACE = "/{project_id}/{region_id}"

# ------------------------------------------- security group (gcore-api.md C15)


def plain_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with what the server fills in, and without what it adds: rules are compared in this form."""
    keys = (
        "direction",
        "ethertype",
        "protocol",
        "port_range_min",
        "port_range_max",
        "remote_group_id",
        "remote_ip_prefix",
        "description",
    )
    found = {key: rule.get(key) for key in keys}
    found["protocol"] = None if found["protocol"] == "any" else found["protocol"]
    return {**found, "ethertype": found["ethertype"] or "IPv4", "description": found["description"] or ""}


def same_rules(desired: Any, current: Any) -> bool:
    return same_set([plain_rule(each) for each in desired or []], current)


def merge_rules(desired: Any, current: list[dict[str, Any]], purge: bool) -> Any:
    extra = (
        [] if purge else [each for each in current if not any(same(plain_rule(rule), each) for rule in desired or [])]
    )
    return list(desired or []) + [{key: value for key, value in each.items() if value is not None} for each in extra]


WRITES = "/cloud/v2/security_groups" + PLACE
SECURITY_GROUP = Resource(
    kind=SECURITY_GROUPS,
    fields=(
        name(required=True),
        Field("description", change=UPDATE),
        Field(
            "rules",
            "list",
            elements="dict",
            change=UPDATE,
            read="security_group_rules",
            decode=lambda found: [plain_rule(each) for each in found],
            encode=lambda wanted: [plain_rule(each) for each in wanted],
            same=same_rules,
            merge=merge_rules,
            purge="purge_rules",
            fields=(
                Field("direction", choices=("ingress", "egress"), required=True),
                Field("ethertype", choices=("IPv4", "IPv6")),
                Field("protocol"),
                Field("port_range_min", "int"),
                Field("port_range_max", "int"),
                Field("remote_ip_prefix"),
                Field("remote_group", ref=SECURITY_GROUPS, body="remote_group_id"),
                Field("description"),
            ),
        ),
        tags("tags_v2"),
    ),
    create=Action("create", "POST", WRITES, "create_security_group"),
    update=Action("update", "PATCH", WRITES + "/{id}", "update_security_group"),
    delete=Action("delete", "DELETE", SECURITY_GROUPS.path + "/{id}"),
    create_body=lambda body, options, parent: {"rules": [], **body},
    predicted={"description": "", "security_group_rules": [], "tags_v2": []},
)

# ---------------------------------------------- floating IP (gcore-api.md C12)

PORTS = Kind("port", "/cloud/v1/ports" + PLACE)
FLOATING_IP = Resource(
    kind=FLOATING_IPS,
    identities=(
        Identity(("address",)),
        Identity(("port", "fixed_ip_address")),
        Identity(("port",)),
        Identity(("tags",)),
    ),
    fields=(
        Field("address", body="floating_ip_address"),
        Field("port", ref=PORTS, body="port_id", change=UPDATE, nullable=True, filter="port_ids"),
        Field("fixed_ip_address", change=UPDATE),
        tags(),
    ),
    create=Action("create", "POST", FLOATING_IPS.path, "create_fip"),
    create_body=lambda body, options, parent: {
        key: value for key, value in body.items() if key != "floating_ip_address"
    },
    update=Action("update", "PATCH", FLOATING_IPS.path.replace("v1", "v2") + "/{id}", "update_floating_ip"),
    delete=Action("delete", "DELETE", FLOATING_IPS.path + "/{id}", "delete_fip"),
    predicted={"status": "DOWN", "port_id": None, "fixed_ip_address": None, "tags": []},
)

# ------------------------------------ load balancer tree (gcore-api.md C17–C19)

LOAD_BALANCERS = Kind(
    "load_balancer", "/cloud/v1/loadbalancers" + PLACE, name_filter="name", created_key="loadbalancers"
)
LISTENERS = Kind("listener", "/cloud/v1/lblisteners" + PLACE, created_key="listeners")
POOLS = Kind("pool", "/cloud/v1/lbpools" + PLACE, created_key="pools")

MEMBER = (
    Field("address", required=True),
    Field("protocol_port", "int", required=True),
    Field("weight", "int"),
    Field("subnet_id"),
)


def plain_member(member: Mapping[str, Any]) -> dict[str, Any]:
    return {"address": member["address"], "protocol_port": member["protocol_port"], "weight": member.get("weight") or 1}


POOL = Resource(
    kind=POOLS,
    fields=(
        name(required=True),
        Field("protocol", required=True),
        Field("lb_algorithm", required=True, change=UPDATE),
        Field(
            "members",
            "list",
            elements="dict",
            fields=MEMBER,
            change=UPDATE,
            decode=lambda found: [plain_member(each) for each in found],
            same=lambda desired, current: same_set([plain_member(each) for each in desired], current),
        ),
        Field(
            "healthmonitor",
            "dict",
            change=UPDATE,
            nullable=True,
            fields=(Field("type", required=True), Field("delay", "int")),
        ),
    ),
    create=Action("create", "POST", POOLS.path, "create_lbpool"),
    create_body=lambda body, options, parent: {**body, "listener_id": parent},
    update=Action("update", "PATCH", POOLS.path.replace("v1", "v2") + "/{id}", "patch_lbpool"),
    delete=Action("delete", "DELETE", POOLS.path + "/{id}", "delete_lbpool"),
)
LISTENER = Resource(
    kind=LISTENERS,
    fields=(
        name(required=True),
        Field("protocol", required=True),
        Field("protocol_port", "int", required=True),
        Field("allowed_cidrs", "list", elements="str", change=UPDATE, nullable=True, same=same_set),
        Field(
            "user_list",
            "list",
            elements="dict",
            change=UPDATE,
            fields=(Field("username"), Field("encrypted_password", secret=True)),
        ),
    ),
    create=Action("create", "POST", LISTENERS.path, "create_lblistener"),
    create_body=lambda body, options, parent: {**body, "load_balancer_id": parent},
    update=Action("update", "PATCH", LISTENERS.path.replace("v1", "v2") + "/{id}", "patch_lblistener"),
    delete=Action("delete", "DELETE", LISTENERS.path + "/{id}", "delete_lblistener"),
    children=(
        Children(
            "pools",
            POOL,
            lambda options, row: bool(options["name"] == row["name"]),
            POOLS.path,
            list_query={"listener_id": "{parent_id}", "details": "true"},
            purge="purge_pools",
        ),
    ),
)
LOAD_BALANCER = Resource(
    kind=LOAD_BALANCERS,
    fields=(
        name(required=True),
        Field(
            "flavor",
            read="flavor.flavor_name",
            change=Action("resize", "POST", LOAD_BALANCERS.path + "/{id}/resize", "resize_loadbalancer"),
        ),
        Field("vip_network", ref=NETWORKS, body="vip_network_id", change=CREATE_ONLY),
        tags("tags_v2"),
    ),
    create=Action("create", "POST", LOAD_BALANCERS.path, "create_loadbalancer", timeout=1800),
    update=Action("update", "PATCH", LOAD_BALANCERS.path.replace("v1", "v2") + "/{id}", "update_loadbalancer"),
    delete=Action("delete", "DELETE", LOAD_BALANCERS.path + "/{id}", "delete_loadbalancer"),
    status="provisioning_status",
    creating=("PENDING_CREATE",),
    deleting=("PENDING_DELETE",),
    broken=("ERROR",),
    children=(
        Children(
            "listeners",
            LISTENER,
            lambda options, row: bool(
                (options["protocol"], options["protocol_port"]) == (row["protocol"], row["protocol_port"])
            ),
            LISTENERS.path,
            list_query={"load_balancer_id": "{parent_id}"},
            purge="purge_listeners",
        ),
    ),
    leaves=(FLOATING_IPS,),
    predicted={"provisioning_status": "ACTIVE", "tags_v2": []},
)

# ---------------------------------------- Kubernetes cluster (gcore-api.md C25, C26)

CLUSTERS = Kind("k8s_cluster", "/cloud/v2/k8s/clusters" + PLACE, id_field="name", created_key="k8s_clusters")
CLUSTER_POOLS = Kind("k8s_cluster_pool", CLUSTERS.path + "/{parent_id}/pools", id_field="name", created_key="k8s_pools")
OURS = "gcorecluster.x-k8s.io/"


def own_labels(labels: Optional[Mapping[str, str]]) -> dict[str, str]:
    return {key: value for key, value in (labels or {}).items() if not key.startswith(OURS)}


CLUSTER_POOL = Resource(
    kind=CLUSTER_POOLS,
    fields=(
        Field("name", required=True, pattern=r"^[a-z][a-z0-9\-]{0,18}[a-z0-9]$", pattern_text="1 to 20 characters"),
        Field("flavor", required=True, body="flavor_id"),
        Field("min_node_count", "int", required=True, change=UPDATE),
        Field("max_node_count", "int", change=UPDATE),
        Field(
            "node_count",
            "int",
            change=Action("scale", "POST", CLUSTER_POOLS.path + "/{id}/resize", "resize_k8s_cluster_v2"),
            late=True,
        ),
        Field("labels", "dict", change=UPDATE, decode=own_labels),
    ),
    create=Action("create", "POST", CLUSTER_POOLS.path, "create_k8s_cluster_pool_v2", timeout=1800),
    create_body=lambda body, options, parent: {key: value for key, value in body.items() if key != "node_count"},
    inline_body=lambda body, options: {key: value for key, value in body.items() if key != "node_count"},
    update=Action("update", "PATCH", CLUSTER_POOLS.path + "/{id}"),
    delete=Action("delete", "DELETE", CLUSTER_POOLS.path + "/{id}", "delete_k8s_cluster_pool_v2"),
)
CLUSTER = Resource(
    kind=CLUSTERS,
    fields=(
        Field("name", required=True),
        Field(
            "version",
            required=True,
            change=Action("upgrade", "POST", CLUSTERS.path + "/{id}/upgrade", "upgrade_k8s_cluster_v2", 3600),
        ),
        Field("ssh_key", ref=SSH_KEYS, ref_by="name", body="keypair", secret_looking=True),
        Field("fixed_network", ref=NETWORKS),
        Field("autoscaler_config", "dict", change=UPDATE, nullable=True),
        Field(
            "cni",
            "dict",
            change=UPDATE,
            fields=(Field("provider"),),
            decode=lambda found: {"provider": found["provider"]},
        ),
    ),
    create=Action("create", "POST", CLUSTERS.path, "create_k8s_cluster_v2", timeout=3600),
    update=Action("update", "PATCH", CLUSTERS.path + "/{id}", "update_k8s_cluster_v2"),
    delete=Action("delete", "DELETE", CLUSTERS.path + "/{id}", "delete_k8s_cluster_v2"),
    delete_options=(Field("delete_volumes", "list", elements="str"),),
    delete_query=lambda options, row: (
        {"volumes": ",".join(options["delete_volumes"])} if options.get("delete_volumes") else {}
    ),
    creating=("Provisioning",),
    deleting=("Deleting",),
    children=(
        Children(
            "pools",
            CLUSTER_POOL,
            lambda options, row: bool(options["name"] == row["name"]),
            CLUSTER_POOLS.path,
            purge="purge_pools",
        ),
    ),
    secret_files=(SecretFile("kubeconfig_dest", "config", path=CLUSTERS.path + "/{id}/config"),),
    predicted={"status": "Provisioned"},
)

ALL = [SECURITY_GROUP, FLOATING_IP, LOAD_BALANCER, CLUSTER]


def lookup(kind: Any, value: str, by: str = "id", where: Any = None) -> str:
    return "%s-id-of-%s" % (kind.name, value) if by == "id" else value


def plan(
    resource: Resource,
    options: dict[str, Any],
    row: Optional[dict[str, Any]] = None,
    children: Any = None,
    state: str = "present",
) -> Plan:
    given = given_options(resource.own_fields, resource.children, options, options)
    given.update({key: options.get(key, default) for key, default in resource.purge_options().items()})
    subject = Subject(
        resource, None if row is None else str(row[resource.kind.id_field]), label=str(options.get("name", ""))
    )
    planner = Planner(resource, given, lookup)
    snapshot = None if row is None else Snapshot(row, children or {})
    return planner.absent(snapshot, subject) if state == "absent" else planner.present(snapshot, subject, state)


def sent(made: Plan) -> list[tuple[str, str, Any]]:
    return [
        (step.action.method, step.action.path.split(PLACE)[0] + step.action.path.split(PLACE)[1], step.body)
        for step in made.steps
    ]


@pytest.mark.parametrize("resource", ALL, ids=lambda each: each.name)
def test_each_has_a_spec(resource: Resource) -> None:
    spec = module_spec(resource)["argument_spec"]
    for child in resource.children:
        assert spec[child.option]["elements"] == "dict"
        for deeper in child.resource.children:
            assert spec[child.option]["options"][deeper.option]["elements"] == "dict"


# ------------------------------------------------------------ security group

SSH = {
    "direction": "ingress",
    "protocol": "tcp",
    "port_range_min": 22,
    "port_range_max": 22,
    "remote_ip_prefix": "10.0.0.0/8",
}
OUT = {"direction": "egress"}
GROUP = {
    "id": uuid(1),
    "name": "web",
    "description": "",
    "security_group_rules": [
        {**SSH, "id": uuid(2), "ethertype": "IPv4", "description": "", "remote_group_id": None, "revision_number": 0},
        {
            "direction": "egress",
            "id": uuid(3),
            "ethertype": "IPv4",
            "protocol": "any",
            "description": None,
            "port_range_min": None,
        },
    ],
    "tags_v2": [{"key": "a", "value": "b", "read_only": False}],
    "tags": ["a=b"],
}


def test_a_new_group_has_just_the_rules_that_are_asked_for() -> None:
    made = plan(SECURITY_GROUP, {"name": "web", "rules": [{**SSH, "remote_group": "db"}], "tags": {"a": "b"}})
    assert sent(made) == [
        (
            "POST",
            "/cloud/v2/security_groups",
            {"name": "web", "rules": [{**SSH, "remote_group_id": "security_group-id-of-db"}], "tags": {"a": "b"}},
        )
    ]
    assert sent(plan(SECURITY_GROUP, {"name": "web"}))[0][2] == {"name": "web", "rules": []}


def test_rules_are_a_set() -> None:
    assert sent(plan(SECURITY_GROUP, {"name": "web", "rules": [OUT, SSH], "tags": {"a": "b"}}, GROUP)) == []
    assert sent(plan(SECURITY_GROUP, {"name": "web", "rules": [SSH]}, GROUP)) == [
        ("PATCH", "/cloud/v2/security_groups/{id}", {"rules": [SSH]})
    ]
    assert sent(plan(SECURITY_GROUP, {"name": "web", "rules": []}, GROUP)) == [
        ("PATCH", "/cloud/v2/security_groups/{id}", {"rules": []})
    ]


def test_rules_are_only_added_when_that_is_asked_for() -> None:
    assert sent(plan(SECURITY_GROUP, {"name": "web", "rules": [SSH], "purge_rules": False}, GROUP)) == []
    https = {**SSH, "port_range_min": 443, "port_range_max": 443}
    ((_method, _path, body),) = sent(
        plan(SECURITY_GROUP, {"name": "web", "rules": [https], "purge_rules": False}, GROUP)
    )
    assert [(rule["direction"], rule.get("port_range_min")) for rule in body["rules"]] == [
        ("ingress", 443),
        ("ingress", 22),
        ("egress", None),
    ]


def test_a_group_is_deleted_where_it_is_read() -> None:
    assert sent(plan(SECURITY_GROUP, {"name": "web"}, GROUP, state="absent")) == [
        ("DELETE", "/cloud/v1/securitygroups/{id}", None)
    ]


def test_tags_of_a_group_are_read_as_tags_v2() -> None:
    assert sent(plan(SECURITY_GROUP, {"name": "web", "tags": {"c": "d"}}, GROUP)) == [
        ("PATCH", "/cloud/v2/security_groups/{id}", {"tags": {"c": "d", "a": None}})
    ]


# --------------------------------------------------------------- floating IP

ADDRESS = {
    "id": uuid(1), "floating_ip_address": "203.0.113.5", "port_id": uuid(7), "fixed_ip_address": "10.0.0.5", "status": "ACTIVE",
    "task_id": None, "creator_task_id": None, "tags": [{"key": "role", "value": "web", "read_only": False}],
}  # fmt: skip


def floating(options: dict[str, Any], *found: Any, **more: Any) -> tuple[FakeSession, Any]:
    session = FakeSession()
    session.on("GET", "/cloud/v1/floatingips/1/2", rows(*found))
    session.on("GET", "/cloud/v1/tasks/1/2/active", rows())
    return session, run(FLOATING_IP, options, session, **more)


@pytest.mark.parametrize(
    "options",
    [
        {"address": "203.0.113.5"},
        {"port": uuid(7)},
        {"port": uuid(7), "fixed_ip_address": "10.0.0.5"},
        {"tags": {"role": "web"}},
    ],
)
def test_an_address_is_known_by_itself_its_port_or_its_tags(options: dict[str, Any]) -> None:
    other = {
        **ADDRESS,
        "id": uuid(2),
        "floating_ip_address": "203.0.113.6",
        "port_id": uuid(8),
        "fixed_ip_address": "10.0.0.6",
        "tags": [],
    }
    _session, outcome = floating(options, ADDRESS, other)
    assert outcome.error is None
    assert outcome.result["floating_ip"]["id"] == uuid(1)
    assert not outcome.result["changed"]


def test_nothing_buys_a_second_address_in_silence() -> None:
    session, outcome = floating({}, ADDRESS)
    assert isinstance(outcome.error, OptionError)
    assert "address or port and fixed_ip_address or port or tags" in outcome.error.sentence()
    session, outcome = floating({"tags": {"role": "web"}}, ADDRESS, {**ADDRESS, "id": uuid(2)})
    assert outcome.error.kind == "ambiguous"
    assert session.writes == []


def test_an_address_is_bought_for_a_port_and_moved_by_patch() -> None:
    _session, outcome = floating({"port": uuid(9), "tags": {"role": "db"}}, ADDRESS, check_mode=True)
    assert outcome.result["changed"]
    made = plan(FLOATING_IP, {"port": uuid(9), "tags": {"role": "db"}})
    assert sent(made)[0][0] == "POST"
    made = plan(FLOATING_IP, {"address": "203.0.113.5", "port": None}, ADDRESS)
    assert sent(made) == [("PATCH", "/cloud/v2/floatingips/{id}", {"port_id": None})]
    made = plan(FLOATING_IP, {"address": "203.0.113.5", "port": "other", "fixed_ip_address": "10.0.0.6"}, ADDRESS)
    assert sent(made) == [
        ("PATCH", "/cloud/v2/floatingips/{id}", {"port_id": "port-id-of-other", "fixed_ip_address": "10.0.0.6"})
    ]


def test_an_address_that_no_answer_shows_cannot_be_bought() -> None:
    """The API chooses the address: what is asked for by its address must be there."""
    body = sent(plan(FLOATING_IP, {"address": "203.0.113.9"}))[0][2]
    assert "floating_ip_address" not in body


# ------------------------------------------------------------- load balancer

WEB: dict[str, Any] = {
    "name": "web",
    "protocol": "HTTP",
    "protocol_port": 80,
    "pools": [
        {
            "name": "pool",
            "protocol": "HTTP",
            "lb_algorithm": "ROUND_ROBIN",
            "members": [{"address": "10.0.0.5", "protocol_port": 8080}],
        }
    ],
}


def tree(members: list[dict[str, Any]], cidrs: Any = None) -> dict[str, Any]:
    pool = Snapshot(
        {
            "id": "p1",
            "name": "pool",
            "protocol": "HTTP",
            "lb_algorithm": "ROUND_ROBIN",
            "members": members,
            "healthmonitor": None,
        }
    )
    row = {"id": "l1", "name": "web", "protocol": "HTTP", "protocol_port": 80, "allowed_cidrs": cidrs, "user_list": []}
    return {"listeners": [Snapshot(row, {"pools": [pool]})]}


LB = {
    "id": "b1",
    "name": "lbb",
    "flavor": {"flavor_id": uuid(1), "flavor_name": "lb1-1-2"},
    "provisioning_status": "ACTIVE",
    "tags_v2": [],
}
ONE = {"address": "10.0.0.5", "protocol_port": 8080, "weight": 1, "id": "m1", "operating_status": "ONLINE"}


def test_the_whole_tree_is_one_request() -> None:
    made = plan(LOAD_BALANCER, {"name": "lbb", "flavor": "lb1-1-2", "vip_network": "net", "listeners": [WEB]})
    assert sent(made) == [
        (
            "POST",
            "/cloud/v1/loadbalancers",
            {"name": "lbb", "flavor": "lb1-1-2", "vip_network_id": "network-id-of-net", "listeners": [WEB]},
        )
    ]


def test_an_unchanged_tree_needs_nothing() -> None:
    made = plan(
        LOAD_BALANCER, {"name": "lbb", "flavor": "lb1-1-2", "vip_network": "net", "listeners": [WEB]}, LB, tree([ONE])
    )
    assert sent(made) == []
    assert made.not_compared == ["vip_network"]


def test_each_level_of_the_tree_is_changed_where_it_is() -> None:
    wanted = {
        **WEB,
        "allowed_cidrs": ["10.0.0.0/8"],
        "pools": [
            {
                **WEB["pools"][0],
                "members": [*WEB["pools"][0]["members"], {"address": "10.0.0.6", "protocol_port": 8080}],
            }
        ],
    }
    made = plan(LOAD_BALANCER, {"name": "lbb", "flavor": "lb1-2-4", "listeners": [wanted]}, LB, tree([ONE]))
    assert sent(made) == [
        ("POST", "/cloud/v1/loadbalancers/{id}/resize", {"flavor": "lb1-2-4"}),
        ("PATCH", "/cloud/v2/lblisteners/{id}", {"allowed_cidrs": ["10.0.0.0/8"]}),
        ("PATCH", "/cloud/v2/lbpools/{id}", {"members": wanted["pools"][0]["members"]}),
    ]
    assert [step.subject.id for step in made.steps] == ["b1", "l1", "p1"]


def test_a_new_listener_comes_with_its_parents_id_and_its_pools_after_it() -> None:
    made = plan(
        LOAD_BALANCER,
        {"name": "lbb", "listeners": [WEB, {"name": "tls", "protocol": "TCP", "protocol_port": 443}]},
        LB,
        tree([ONE]),
    )
    assert sent(made) == [
        (
            "POST",
            "/cloud/v1/lblisteners",
            {"name": "tls", "protocol": "TCP", "protocol_port": 443, "load_balancer_id": "b1"},
        )
    ]


def test_a_new_listener_with_a_pool_makes_both() -> None:
    api = {**WEB, "name": "api", "protocol_port": 8080}
    made = plan(LOAD_BALANCER, {"name": "lbb", "listeners": [WEB, api]}, LB, tree([ONE]))
    kinds = [step.subject.resource.name for step in made.steps]
    assert kinds == ["listener", "pool"] or "pools" in (made.steps[0].body or {})


def test_listeners_and_pools_stay_unless_their_purge_is_asked_for() -> None:
    assert sent(plan(LOAD_BALANCER, {"name": "lbb", "listeners": []}, LB, tree([ONE]))) == []
    made = plan(LOAD_BALANCER, {"name": "lbb", "listeners": [], "purge_listeners": True}, LB, tree([ONE]))
    assert sent(made) == [("DELETE", "/cloud/v1/lblisteners/{id}", None)]


def test_purging_pools_can_be_asked_for() -> None:
    spec = module_spec(LOAD_BALANCER)["argument_spec"]
    assert "purge_pools" in spec
    made = plan(
        LOAD_BALANCER, {"name": "lbb", "listeners": [{**WEB, "pools": []}], "purge_pools": True}, LB, tree([ONE])
    )
    assert sent(made) == [("DELETE", "/cloud/v1/lbpools/{id}", None)]


def test_members_of_one_pool_are_exact() -> None:
    made = plan(LOAD_BALANCER, {"name": "lbb", "listeners": [WEB]}, LB, tree([ONE, {**ONE, "address": "10.0.0.9"}]))
    assert sent(made) == [("PATCH", "/cloud/v2/lbpools/{id}", {"members": WEB["pools"][0]["members"]})]


def test_the_protocol_of_a_pool_is_immutable() -> None:
    wanted = {**WEB, "pools": [{**WEB["pools"][0], "protocol": "TCP"}]}
    with pytest.raises(ImmutableError, match=r"protocol"):
        plan(LOAD_BALANCER, {"name": "lbb", "listeners": [wanted]}, LB, tree([ONE]))


def test_passwords_of_a_listener_do_not_show() -> None:
    wanted = {**WEB, "user_list": [{"username": "u", "encrypted_password": "s3cret"}]}
    for made in (
        plan(LOAD_BALANCER, {"name": "lbb", "listeners": [wanted]}),
        plan(LOAD_BALANCER, {"name": "lbb", "listeners": [wanted]}, LB, tree([ONE])),
    ):
        assert "s3cret" not in repr((made.before, made.after))
        assert HIDDEN in repr(made.after)


def test_the_children_of_all_listeners_are_listed_by_filter() -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/loadbalancers/1/2", rows({**LB, "task_id": None}))
    session.on("GET", "/cloud/v1/lblisteners/1/2", rows(tree([])["listeners"][0].row))
    session.on("GET", "/cloud/v1/lbpools/1/2", rows(tree([ONE])["listeners"][0].children["pools"][0].row))
    outcome = run(LOAD_BALANCER, {"name": "lbb", "listeners": [WEB]}, session)
    assert outcome.error is None
    assert not outcome.result["changed"]
    assert [
        (each.path.split("/")[3], {k: v for k, v in each.query.items() if k.endswith("_id") or k == "details"})
        for each in session.sent
    ] == [
        ("loadbalancers", {}),
        ("lblisteners", {"load_balancer_id": ["b1"]}),
        ("lbpools", {"listener_id": ["l1"], "details": ["true"]}),
    ]


# --------------------------------------------------------- Kubernetes cluster

SPEC: dict[str, Any] = {
    "name": "cluster",
    "version": "v1.32.1",
    "ssh_key": "key",
    "pools": [{"name": "pool", "flavor": "g1", "min_node_count": 1, "max_node_count": 3, "labels": {"a": "b"}}],
}
RUNNING = {
    "id": uuid(5), "name": "cluster", "version": "v1.32.1", "keypair": "key", "status": "Provisioned", "task_id": None, "creator_task_id": None,
    "cni": {"provider": "cilium", "cilium": {"mask_size": 24}}, "autoscaler_config": None,
}  # fmt: skip
NODES = {
    "id": uuid(6), "name": "pool", "flavor_id": "g1", "node_count": 2, "min_node_count": 1, "max_node_count": 3,
    "labels": {"a": "b", OURS + "x": "y"}, "status": "Running",
}  # fmt: skip


def test_a_cluster_is_made_with_its_pools() -> None:
    made = plan(CLUSTER, SPEC)
    assert sent(made) == [
        (
            "POST",
            "/cloud/v2/k8s/clusters",
            {
                "name": "cluster",
                "version": "v1.32.1",
                "keypair": "key",
                "pools": [
                    {"name": "pool", "flavor_id": "g1", "min_node_count": 1, "max_node_count": 3, "labels": {"a": "b"}}
                ],
            },
        )
    ]
    assert made.timeout == 3600


def test_a_cluster_as_it_should_be_needs_nothing() -> None:
    options = {**SPEC, "cni": {"provider": "cilium"}, "pools": [{**SPEC["pools"][0], "node_count": 2}]}
    assert sent(plan(CLUSTER, options, RUNNING, {"pools": [Snapshot(NODES)]})) == []


def test_upgrade_first_then_patch_then_the_pools() -> None:
    options = {
        **SPEC,
        "version": "v1.33.0",
        "autoscaler_config": {"expander": "random"},
        "pools": [{**SPEC["pools"][0], "min_node_count": 2, "node_count": 3}],
    }
    made = plan(CLUSTER, options, RUNNING, {"pools": [Snapshot(NODES)]})
    assert sent(made) == [
        ("POST", "/cloud/v2/k8s/clusters/{id}/upgrade", {"version": "v1.33.0"}),
        ("PATCH", "/cloud/v2/k8s/clusters/{id}", {"autoscaler_config": {"expander": "random"}}),
        ("PATCH", "/cloud/v2/k8s/clusters/{parent_id}/pools/{id}", {"min_node_count": 2}),
        ("POST", "/cloud/v2/k8s/clusters/{parent_id}/pools/{id}/resize", {"node_count": 3}),
    ]
    assert [step.subject.id for step in made.steps] == ["cluster", "cluster", "pool", "pool"]


def test_a_pool_is_added_before_another_is_removed() -> None:
    options = {**SPEC, "pools": [{"name": "second", "flavor": "g2", "min_node_count": 1}], "purge_pools": True}
    made = plan(CLUSTER, options, RUNNING, {"pools": [Snapshot(NODES)]})
    assert [step.action.method for step in made.steps] == ["POST", "DELETE"]
    assert made.steps[0].subject.parent is not None
    assert made.steps[0].subject.parent.id == "cluster"


def test_what_cannot_change_of_a_pool() -> None:
    with pytest.raises(ImmutableError, match=r"pools\[0\].flavor"):
        plan(CLUSTER, {**SPEC, "pools": [{**SPEC["pools"][0], "flavor": "g9"}]}, RUNNING, {"pools": [Snapshot(NODES)]})


def test_volumes_that_go_with_a_cluster() -> None:
    made = plan(CLUSTER, {"name": "cluster", "delete_volumes": ["v1", "v2"]}, RUNNING, state="absent")
    assert made.steps[0].query == {"volumes": "v1,v2"}


def test_a_cluster_from_nothing_to_its_kubeconfig(tmp_path: Any) -> None:
    base = "/cloud/v2/k8s/clusters/1/2"
    session = FakeSession()
    task = {"id": uuid(8), "task_type": "create_k8s_cluster_v2", "state": "FINISHED", "created_on": session.clock.text(),
            "created_resources": {"k8s_clusters": [uuid(5)]}}  # fmt: skip
    session.on("GET", base, rows(), rows(RUNNING))
    session.on("GET", "/cloud/v1/tasks/1/2/active", rows())
    session.on("POST", base, reply(200, {"tasks": [uuid(8)]}))
    session.on("GET", "/cloud/v1/tasks/" + uuid(8), reply(200, task))
    session.on("GET", "/cloud/v1/ssh_keys/1", rows({"id": uuid(4), "name": "key"}))
    session.on("GET", base + "/cluster/config", reply(200, {"config": "apiVersion: s3cret"}))
    dest = tmp_path / "kubeconfig"
    outcome = run(CLUSTER, {**SPEC, "kubeconfig_dest": str(dest)}, session)
    assert outcome.error is None
    assert outcome.result["k8s_cluster"]["name"] == "cluster"
    assert outcome.result["created_resources"]["k8s_clusters"] == [uuid(5)]
    assert dest.read_text() == "apiVersion: s3cret"
    assert dest.stat().st_mode & 0o777 == 0o600
    assert "s3cret" not in repr(outcome.result)
    assert MISSING not in outcome.result.values()
