# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.arguments import given_options
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError, OptionError, StatusError
from ansible_collections.gcore.cloud.plugins.module_utils.plan import HIDDEN, Plan, Planner, Snapshot, Subject
from ansible_collections.gcore.cloud.plugins.module_utils.resource import (
    CREATE_ONLY,
    UPDATE,
    Action,
    Children,
    Field,
    Resource,
    State,
    name,
)
from ansible_collections.gcore.cloud.plugins.module_utils.resources import instance, network, ssh_key, subnet, volume
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import ONE_THING, PARTS, THING, uuid

ROW: dict[str, Any] = {
    "id": "t1",
    "name": "one",
    "size": 5,
    "colour": "grey",
    "note": "old",
    "status": "available",
    "tags": [{"key": "a", "value": "1", "read_only": False}, {"key": "os", "value": "linux", "read_only": True}],
}


def lookup(kind: Any, value: str, by: str = "id", where: Any = None) -> str:
    return "%s-id-of-%s" % (kind.name, value) if by == "id" else value


def options_of(resource: Resource, options: dict[str, Any]) -> dict[str, Any]:
    given = given_options((*resource.own_fields, Field("id")), resource.children, options, options)
    return {**given, **{key: options.get(key, default) for key, default in resource.purge_options().items()}}


def planned(
    resource: Resource,
    options: dict[str, Any],
    row: Optional[dict[str, Any]] = None,
    children: Any = None,
    state: str = "present",
    recreate: bool = False,
) -> Plan:
    snapshot = None if row is None else Snapshot(row, children or {})
    subject = Subject(
        resource, None if row is None else str(row[resource.kind.id_field]), label=options.get("name", "")
    )
    planner = Planner(resource, options_of(resource, options), lookup, recreate)
    return planner.absent(snapshot, subject) if state == "absent" else planner.present(snapshot, subject, state)


def steps(plan: Plan) -> list[tuple[str, str, Any]]:
    return [(step.action.method, step.action.path.rsplit("/", 1)[-1], step.body) for step in plan.steps]


# ------------------------------------------------------------------- create


def test_the_create_request() -> None:
    plan = planned(THING, {"name": "one", "size": 5, "tags": {"a": "b"}, "password": "s3cret"})
    assert [step.body for step in plan.steps] == [{"name": "one", "size": 5, "tags": {"a": "b"}, "password": "s3cret"}]
    assert plan.steps[0].creates
    assert plan.before == {"state": "absent"}
    assert plan.after == {"state": "present", "name": "one", "size": 5, "tags": {"a": "b"}, "password": HIDDEN}
    assert plan.predicted is not None
    assert plan.predicted["colour"] == "grey"
    assert plan.predicted["size"] == 5
    assert "password" not in plan.predicted


def test_what_is_left_out_is_not_sent() -> None:
    assert planned(THING, {"name": "one"}).steps[0].body == {"name": "one"}


def test_a_null_is_sent_where_it_clears() -> None:
    assert planned(THING, {"name": "one", "note": None, "size": None}).steps[0].body == {"name": "one", "note": None}


def test_what_a_creation_needs_is_said() -> None:
    with pytest.raises(OptionError, match="network and cidr"):
        planned(subnet.RESOURCE, {"name": "sub"})


def test_references_are_resolved_under_the_names_of_the_api() -> None:
    plan = planned(
        subnet.RESOURCE, {"name": "sub", "network": "net", "cidr": "10.0.0.0/24", "router_to_connect": "rou"}
    )
    assert plan.steps[0].body == {
        "name": "sub",
        "network_id": "network-id-of-net",
        "cidr": "10.0.0.0/24",
        "router_id_to_connect": "router-id-of-rou",
    }


def test_a_subnet_without_a_gateway_is_not_connected_to_a_router() -> None:
    plan = planned(subnet.RESOURCE, {"name": "sub", "network": "net", "cidr": "10.0.0.0/24", "gateway_ip": None})
    assert plan.steps[0].body is not None
    assert plan.steps[0].body["gateway_ip"] is None
    assert plan.steps[0].body["connect_to_network_router"] is False


# ------------------------------------------------------------------- update


def test_what_differs_goes_into_one_patch() -> None:
    plan = planned(THING, {"name": "one", "note": "new", "tags": {"a": "2", "b": "3"}}, ROW)
    assert steps(plan) == [("PATCH", "{id}", {"note": "new", "tags": {"a": "2", "b": "3"}})]
    assert plan.before == {"note": "old", "tags": {"a": "1"}}
    assert plan.after == {"note": "new", "tags": {"a": "2", "b": "3"}}


def test_an_action_of_its_own_is_a_step_of_its_own() -> None:
    plan = planned(THING, {"name": "one", "size": 9, "note": "new"}, ROW)
    assert steps(plan) == [("POST", "extend", {"size": 9}), ("PATCH", "{id}", {"note": "new"})]
    assert plan.timeout == 220


def test_what_is_left_out_is_left_alone_and_null_clears() -> None:
    assert steps(planned(THING, {"name": "one"}, ROW)) == []
    assert steps(planned(THING, {"name": "one", "note": None}, ROW)) == [("PATCH", "{id}", {"note": None})]
    assert steps(planned(THING, {"name": "one", "size": None, "colour": None}, ROW)) == []


@pytest.mark.parametrize(
    ("wanted", "purge", "patch"),
    [
        ({"a": "1"}, True, None),
        ({"a": "2"}, True, {"a": "2"}),
        ({"b": "1"}, True, {"b": "1", "a": None}),
        ({"b": "1"}, False, {"b": "1"}),
        ({}, True, {"a": None}),
        ({}, False, None),
        (None, True, {"a": None}),
        ({"a": "1", "os": "mine"}, True, {"os": "mine"}),
    ],
)
def test_tags_are_a_merge_patch(wanted: Any, purge: bool, patch: Any) -> None:
    plan = planned(THING, {"name": "one", "tags": wanted, "purge_tags": purge}, ROW)
    assert steps(plan) == ([("PATCH", "{id}", {"tags": patch})] if patch else [])


def test_create_only_options_are_not_compared_and_told() -> None:
    plan = planned(THING, {"name": "one", "password": "s3cret"}, ROW)
    assert steps(plan) == []
    assert plan.not_compared == ["password"]


def test_what_the_answer_does_not_speak_of_is_not_compared() -> None:
    plan = planned(
        THING, {"name": "one", "colour": "red"}, {key: value for key, value in ROW.items() if key != "colour"}
    )
    assert (steps(plan), plan.not_compared) == ([], ["colour"])


def test_a_fixed_field_is_immutable() -> None:
    with pytest.raises(ImmutableError, match="colour of thing 'one' is grey and cannot be changed to red") as caught:
        planned(THING, {"name": "one", "colour": "red"}, ROW)
    assert "recreate: true" in caught.value.sentence()


def test_what_can_only_grow_does_not_shrink() -> None:
    with pytest.raises(ImmutableError, match="cannot shrink from 5 to 4"):
        planned(THING, {"name": "one", "size": 4}, ROW)


def test_recreate_is_a_deletion_and_a_creation() -> None:
    plan = planned(THING, {"name": "one", "colour": "red"}, ROW, recreate=True)
    assert [step.action.verb for step in plan.steps] == ["delete", "create"]
    assert (plan.steps[0].subject.id, plan.steps[0].destroys, plan.steps[1].creates) == ("t1", True, True)
    assert plan.before == {"state": "present", "colour": "grey"}
    assert plan.after == {"state": "recreated", "colour": "red"}
    assert plan.timeout == 600


def test_what_is_made_anew_has_not_the_id_of_what_goes() -> None:
    plan = planned(THING, {"name": "one", "colour": "red"}, ROW, recreate=True)
    assert plan.pending(0) == [{"action": "create", "resource": "thing", "id": None, "name": "one"}]


def test_recreate_alone_recreates_nothing() -> None:
    assert steps(planned(THING, {"name": "one", "note": "new"}, ROW, recreate=True)) == [
        ("PATCH", "{id}", {"note": "new"})
    ]


def test_a_secret_that_is_compared_is_hidden_in_the_diff() -> None:
    secretive = replace(THING, fields=(*THING.fields, Field("word", secret=True, change=UPDATE)))
    plan = planned(secretive, {"name": "one", "word": "s3cret"}, {**ROW, "word": "older"})
    assert (plan.before, plan.after) == ({"word": HIDDEN}, {"word": HIDDEN})
    assert plan.steps[0].body == {"word": "s3cret"}


def test_secrets_in_nested_options_are_hidden_in_the_diff() -> None:
    inner = (Field("user"), Field("password", secret=True))
    nested = replace(
        THING,
        fields=(
            *THING.fields,
            Field("login", "dict", fields=inner, change=CREATE_ONLY),
            Field("logins", "list", elements="dict", fields=inner),
        ),
    )
    options = {
        "name": "one",
        "login": {"user": "u", "password": "s3cret"},
        "logins": [{"user": "u", "password": "s3cret"}],
    }
    plan = planned(nested, options)
    assert "s3cret" not in repr((plan.before, plan.after))
    assert plan.steps[0].body is not None
    assert plan.steps[0].body["logins"] == [{"user": "u", "password": "s3cret"}]
    changed = planned(nested, options, {**ROW, "logins": [{"user": "u", "password": "0lder"}]}, recreate=True)
    assert "s3cret" not in repr((changed.before, changed.after))
    assert "0lder" not in repr((changed.before, changed.after))


def test_addresses_are_compared_as_addresses() -> None:
    row = {
        "id": "s1",
        "name": "sub",
        "network_id": uuid(1),
        "cidr": "fd00::/64",
        "gateway_ip": "fd00::1",
        "dns_nameservers": ["2001:db8::1"],
        "host_routes": [{"destination": "fd01::/64", "nexthop": "fd00::2"}],
    }
    options = {
        "name": "sub",
        "network": uuid(1),
        "cidr": "fd00:0000::/64",
        "gateway_ip": "fd00:0::1",
        "dns_nameservers": ["2001:DB8::1"],
        "host_routes": [{"destination": "FD01:0::/64", "nexthop": "fd00:0:0::2"}],
    }
    assert steps(planned(subnet.RESOURCE, options, row)) == []


def test_a_reference_by_the_name_that_the_answer_shows_costs_no_lookup() -> None:
    row = {"id": "v1", "name": "vol", "attachments": [{"server_id": uuid(9), "instance_name": "web"}]}
    for value in ("web", uuid(9)):
        options = options_of(volume.RESOURCE, {"name": "vol", "instance": value})
        plan = Planner(volume.RESOURCE, options, lambda *a, **k: pytest.fail("looked up")).present(
            Snapshot(row), Subject(volume.RESOURCE, "v1")
        )
        assert plan.steps == []


def test_a_volume_moves_by_detaching_and_attaching() -> None:
    row = {"id": "v1", "name": "vol", "attachments": [{"server_id": "i1", "instance_name": "web"}]}
    plan = planned(volume.RESOURCE, {"name": "vol", "instance": "db"}, row)
    assert steps(plan) == [
        ("POST", "detach", {"instance_id": "i1"}),
        ("POST", "attach", {"instance_id": "instance-id-of-db"}),
    ]
    plan = planned(volume.RESOURCE, {"name": "vol", "instance": None}, row)
    assert steps(plan) == [("POST", "detach", {"instance_id": "i1"})]
    assert (
        steps(
            planned(volume.RESOURCE, {"name": "vol", "instance": None}, {"id": "v1", "name": "vol", "attachments": []})
        )
        == []
    )


# ------------------------------------------------------------------- states


STATEFUL = replace(
    THING,
    states=(
        State(
            "started", ("ACTIVE",), lambda status, options: (Action("start", "POST", ONE_THING + "/start", "start_vm"),)
        ),
        State("kicked", (), lambda status, options: (Action("kick", "POST", ONE_THING + "/kick"),), always=True),
    ),
)


def test_a_state_that_is_reached_needs_nothing() -> None:
    assert steps(planned(STATEFUL, {"name": "one"}, {**ROW, "status": "ACTIVE"}, state="started")) == []


def test_a_state_is_reached_after_the_changes() -> None:
    plan = planned(STATEFUL, {"name": "one", "note": "new"}, {**ROW, "status": "SHUTOFF"}, state="started")
    assert steps(plan) == [("PATCH", "{id}", {"note": "new"}), ("POST", "start", None)]
    assert plan.predicted is not None
    assert plan.predicted["status"] == "ACTIVE"
    assert plan.after["status"] == "ACTIVE"


def test_an_act_is_carried_out_on_every_run_but_not_on_what_was_just_made() -> None:
    assert steps(planned(STATEFUL, {"name": "one"}, ROW, state="kicked")) == [("POST", "kick", None)]
    assert [step.action.verb for step in planned(STATEFUL, {"name": "one"}, state="kicked").steps] == ["create"]


@pytest.mark.parametrize(
    ("state", "status", "actions"),
    [
        ("started", "ACTIVE", []),
        ("started", "SHUTOFF", ["start"]),
        ("started", "SUSPENDED", ["resume"]),
        ("stopped", "ACTIVE", ["stop"]),
        ("stopped", "SUSPENDED", ["resume", "stop"]),
        ("suspended", "SHUTOFF", ["start", "suspend"]),
        ("rebooted", "ACTIVE", ["reboot"]),
        ("rebooted", "SHUTOFF", ["start"]),
    ],
)
def test_the_ways_of_an_instance(state: str, status: str, actions: list[str]) -> None:
    plan = planned(instance.RESOURCE, {"name": "web"}, {"id": "i1", "name": "web", "status": status}, state=state)
    assert [(step.body or {})["action"] for step in plan.steps] == actions


def test_a_status_without_a_way_is_an_error() -> None:
    with pytest.raises(StatusError, match="SHELVED"):
        planned(instance.RESOURCE, {"name": "web"}, {"id": "i1", "name": "web", "status": "SHELVED"}, state="started")


# ------------------------------------------------------------------- absent


def test_absent() -> None:
    assert planned(THING, {"name": "one"}, state="absent").steps == []
    plan = planned(THING, {"name": "one"}, ROW, state="absent")
    assert steps(plan) == [("DELETE", "{id}", None)]
    assert plan.steps[0].destroys
    assert plan.before["state"] == "present"
    assert plan.before["colour"] == "grey"
    assert plan.after == {"state": "absent"}


def test_what_goes_with_a_volume() -> None:
    row = {"id": "v1", "name": "vol"}
    plan = planned(volume.RESOURCE, {"name": "vol", "delete_snapshots": ["s1", "s2"]}, row, state="absent")
    assert plan.steps[-1].query == {"snapshots": "s1,s2"}


# ----------------------------------------------------------------- children


CHILD = Resource(
    kind=PARTS,
    fields=(
        name(required=True),
        Field("size", "int", change=UPDATE),
        Field("model"),
        Field("label", change=UPDATE, late=True),
        Field("key", secret=True, change=CREATE_ONLY),
    ),
    create=Action("create", "POST", PARTS.path, "create_fip"),
    update=Action("update", "PATCH", PARTS.path + "/{id}"),
    delete=Action("delete", "DELETE", PARTS.path + "/{id}"),
    create_body=lambda body, options, parent: {**body, "thing_id": parent},
    inline_body=lambda body, options: {**body, "inline": True},
)
FAMILY = replace(
    THING,
    children=(
        Children(
            "parts",
            CHILD,
            lambda options, row: options["name"] == row["name"],
            PARTS.path,
            purge="purge_parts",
            keep=lambda row: bool(row.get("root")),
        ),
    ),
)


def parts(*rows: dict[str, Any]) -> dict[str, list[Snapshot]]:
    return {"parts": [Snapshot(row) for row in rows]}


def test_children_in_the_parents_creation() -> None:
    plan = planned(FAMILY, {"name": "one", "parts": [{"name": "aaa", "size": 1}, {"name": "bbb"}]})
    assert len(plan.steps) == 1
    assert plan.steps[0].body == {
        "name": "one",
        "parts": [{"name": "aaa", "size": 1, "inline": True}, {"name": "bbb", "inline": True}],
    }


def test_children_after_the_parents_creation() -> None:
    later = replace(FAMILY, children=(replace(FAMILY.children[0], inline=False),))
    plan = planned(later, {"name": "one", "parts": [{"name": "aaa"}]})
    assert [step.subject.resource.name for step in plan.steps] == ["thing", "part"]
    assert plan.steps[1].subject.parent is plan.steps[0].subject


def test_children_are_added_changed_and_kept() -> None:
    wanted = [{"name": "aaa", "size": 2}, {"name": "ccc", "key": "s3cret"}]
    plan = planned(
        FAMILY,
        {"name": "one", "parts": wanted},
        ROW,
        parts({"id": "p1", "name": "aaa", "size": 1}, {"id": "p2", "name": "bbb"}),
    )
    assert [(step.action.method, step.subject.id, step.body) for step in plan.steps] == [
        ("PATCH", "p1", {"size": 2}),
        ("POST", None, {"name": "ccc", "key": "s3cret", "thing_id": "t1"}),
    ]
    assert plan.after["parts[0].size"] == 2
    assert "s3cret" not in repr((plan.before, plan.after))


def test_children_are_purged_when_it_is_asked_for_and_never_what_is_kept() -> None:
    there = parts({"id": "p1", "name": "aaa"}, {"id": "p2", "name": "bbb"}, {"id": "p3", "name": "rrr", "root": True})
    for wanted, gone in (([{"name": "aaa"}], ["p2"]), ([], ["p1", "p2"])):
        plan = planned(FAMILY, {"name": "one", "parts": wanted, "purge_parts": True}, ROW, there)
        assert [(step.action.method, step.subject.id) for step in plan.steps] == [("DELETE", each) for each in gone]
        assert plan.after["parts bbb"] == "absent"
    assert planned(FAMILY, {"name": "one", "parts": []}, ROW, there).steps == []
    assert planned(FAMILY, {"name": "one", "purge_parts": True}, ROW, there).steps == []


def test_a_late_field_needs_another_plan() -> None:
    plan = planned(FAMILY, {"name": "one", "parts": [{"name": "aaa", "label": "x"}]}, ROW, parts())
    assert plan.again
    assert not planned(FAMILY, {"name": "one", "parts": [{"name": "aaa"}]}, ROW, parts()).again


def test_a_fixed_field_of_a_child_is_immutable_whatever_recreate_says() -> None:
    with pytest.raises(ImmutableError, match=r"parts\[0\].model"):
        planned(
            FAMILY,
            {"name": "one", "parts": [{"name": "aaa", "model": "x"}]},
            ROW,
            parts({"id": "p", "name": "aaa", "model": "y"}),
            recreate=True,
        )


def test_a_child_that_fits_several_is_an_error() -> None:
    with pytest.raises(OptionError, match="p1, p2"):
        planned(
            FAMILY,
            {"name": "one", "parts": [{"name": "aaa"}]},
            ROW,
            parts({"id": "p1", "name": "aaa"}, {"id": "p2", "name": "aaa"}),
        )


def test_each_child_is_taken_once() -> None:
    many = replace(FAMILY, children=(replace(FAMILY.children[0], first_of_many=True),))
    there = parts({"id": "p1", "name": "aaa"}, {"id": "p2", "name": "aaa"})
    plan = planned(many, {"name": "one", "parts": [{"name": "aaa"}] * 3}, ROW, there)
    assert [step.action.method for step in plan.steps] == ["POST"]


def test_the_steps_that_are_pending() -> None:
    plan = planned(THING, {"name": "one", "size": 9, "note": "new"}, ROW)
    assert plan.pending(-1) == [
        {"action": "extend", "resource": "thing", "id": "t1", "name": "one"},
        {"action": "update", "resource": "thing", "id": "t1", "name": "one"},
    ]
    assert plan.pending(1) == []


# ---------------------------------------------------------- the real descriptions


def test_an_instance_in_plain_words() -> None:
    plan = planned(
        instance.RESOURCE,
        {
            "name": "web", "flavor": "g1-standard-1-2", "image": "ubuntu", "volume_size": 10, "network": "net", "ssh_key": "key",
            "security_groups": ["default"], "floating_ip": "new", "user_data": "#cloud-config", "password": "s3cret",
        },
    )  # fmt: skip
    body = dict(plan.steps[0].body or {})
    assert body["flavor"] == "flavor-id-of-g1-standard-1-2"
    assert body["ssh_key_name"] == "key"
    assert body["volumes"] == [{"source": "image", "image_id": "image-id-of-ubuntu", "size": 10, "boot_index": 0}]
    (interface,) = body["interfaces"]
    assert interface == {
        "type": "any_subnet",
        "network_id": "network-id-of-net",
        "floating_ip": {"source": "new"},
        "security_groups": [{"id": "security_group-id-of-default"}],
    }
    assert body["user_data"] == "I2Nsb3VkLWNvbmZpZw=="
    assert "s3cret" not in repr((plan.before, plan.after, plan.predicted))
    assert "cloud-config" not in repr((plan.before, plan.after, plan.predicted))


def test_an_instance_says_what_it_lacks() -> None:
    for options, word in (
        ({"flavor": "f"}, "name"),
        ({"name": "web", "flavor": "f"}, "image"),
        ({"name": "web", "flavor": "f", "image": "i", "volume_size": 5}, "network"),
    ):
        with pytest.raises(OptionError, match=word):
            planned(instance.RESOURCE, options)


def test_a_disk_that_is_there_is_called_by_its_name() -> None:
    there = {"volumes": [Snapshot({"id": "v0", "name": "boot", "size": 20, "is_root_volume": True})]}
    with pytest.raises(ImmutableError, match="volume 'boot' cannot shrink from 20 to 5"):
        planned(instance.RESOURCE, {"name": "web", "volume_size": 5}, {"id": "i1", "name": "web"}, children=there)


@pytest.mark.parametrize(
    ("taken", "stays"), [(None, ["192.0.2.1", "192.0.2.2"]), (["192.0.2.1"], ["192.0.2.2"]), (["all"], [])]
)
def test_floating_ips_that_outlive_an_instance_are_told(taken: Any, stays: list[str]) -> None:
    details = [{"id": "f%d" % number, "floating_ip_address": "192.0.2.%d" % number} for number in (1, 2)]
    floating = [{"addr": each["floating_ip_address"], "type": "floating"} for each in details]
    row = {
        "id": "i1",
        "addresses": {"net": [{"addr": "10.0.0.5", "type": "fixed"}, *floating]},
        "_interfaces": [{"floatingip_details": details}],
    }
    text = instance.remains({"delete_floating_ips": taken} if taken else {}, row)
    assert text == ("The floating IPs of the instance stay, and are paid for: %s. delete_floating_ips takes them along." % ", ".join(stays)
                    if stays else None)  # fmt: skip


def test_security_groups_of_an_instance_are_exact_unless_told_otherwise() -> None:
    row = {"id": "i1", "name": "web", "security_groups": [{"name": "default"}, {"name": "old"}]}
    plan = planned(instance.RESOURCE, {"name": "web", "security_groups": ["default", "new"]}, row)
    assert steps(plan) == [("POST", "addsecuritygroup", {"name": "new"}), ("POST", "delsecuritygroup", {"name": "old"})]
    plan = planned(instance.RESOURCE, {"name": "web", "security_groups": ["new"], "purge_security_groups": False}, row)
    assert steps(plan) == [("POST", "addsecuritygroup", {"name": "new"})]


def test_the_boot_disk_is_never_purged() -> None:
    row = {"id": "i1", "name": "web"}
    there = {"volumes": [Snapshot({"id": "v0", "name": "boot", "is_root_volume": True, "attachments": [{"server_id": "i1"}]}),
                         Snapshot({"id": "v1", "name": "data", "is_root_volume": False, "attachments": [{"server_id": "i1"}]})]}  # fmt: skip
    assert planned(instance.RESOURCE, {"name": "web", "volumes": []}, row, there).steps == []
    plan = planned(instance.RESOURCE, {"name": "web", "volumes": [], "purge_volumes": True}, row, there)
    assert [(step.action.verb, step.subject.id) for step in plan.steps] == [("detach", "v1")]


@pytest.mark.parametrize(
    "resource", [instance.RESOURCE, network.RESOURCE, ssh_key.RESOURCE, subnet.RESOURCE, volume.RESOURCE]
)
def test_every_update_has_its_request(resource: Resource) -> None:
    if any(item.change == UPDATE for item in resource.fields):
        assert resource.update is not None
    for children in resource.children:
        if any(item.change == UPDATE for item in children.resource.fields):
            assert children.resource.update is not None
