# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import Plan, Snapshot
from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError, OptionError, StatusError
from ansible_collections.gcore.cloud.plugins.module_utils.resources import instance, network, ssh_key, subnet, volume
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import name
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import (
    AFTERWARDS,
    INLINE,
    OWN_ID,
    UPDATE,
    WRITE_ONLY,
    Action,
    Api,
    Option,
    Ref,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import RelatedRead, Resource, State
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import HIDDEN, KNOWN_LATER
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import described, sub_resource, variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    ONE_THING,
    PARTS,
    THING,
    THINGS,
    planned,
    told,
    uuid,
)

ROW: dict[str, Any] = {
    "id": "t1",
    "name": "one",
    "size": 5,
    "colour": "grey",
    "note": "old",
    "status": "available",
    "tags": [{"key": "a", "value": "1", "read_only": False}, {"key": "os", "value": "linux", "read_only": True}],
}


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
    assert (plan.steps[0].target.id, plan.steps[0].destroys, plan.steps[1].creates) == ("t1", True, True)
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
    secretive = variant(THING, fields=(*THING.fields, Option("word", no_log=True, change=UPDATE)))
    plan = planned(secretive, {"name": "one", "word": "s3cret"}, {**ROW, "word": "older"})
    assert (plan.before, plan.after) == ({"word": HIDDEN}, {"word": HIDDEN})
    assert plan.steps[0].body == {"word": "s3cret"}


def test_secrets_in_nested_options_are_hidden_in_the_diff() -> None:
    inner = (Option("user"), Option("password", no_log=True))
    nested = variant(
        THING,
        fields=(
            *THING.fields,
            Option("login", "dict", suboptions=inner, change=WRITE_ONLY),
            Option("logins", "list[dict]", suboptions=inner),
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
        options = {"name": "vol", "instance": value}
        plan = planned(volume.RESOURCE, options, row, find=lambda *a, **k: pytest.fail("looked up"))
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


STATEFUL = variant(
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


CHILD = described(
    type=PARTS,
    fields=(
        name(required=True),
        Option("size", "int", change=UPDATE),
        Option("model"),
        Option("label", api=Api(create=INLINE), change=UPDATE),
        Option("key", no_log=True, change=WRITE_ONLY),
    ),
    create=Action("create", "POST", PARTS.path, "create_fip"),
    update=Action("update", "PATCH", PARTS.path + "/{id}"),
    delete=Action("delete", "DELETE", PARTS.path + "/{id}"),
    create_body=lambda body, options, parent: {**body, "thing_id": parent},
    inline_body=lambda body, options: {**body, "inline": True},
)
FAMILY = variant(
    THING,
    sub_resources=(
        sub_resource(
            "parts",
            CHILD,
            lambda options, row: options["name"] == row["name"],
            PARTS.path,
            purge="purge_parts",
            is_kept=lambda row: bool(row.get("root")),
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
    later = variant(FAMILY, sub_resources=(variant(FAMILY.sub_resources[0], inline=False),))
    plan = planned(later, {"name": "one", "parts": [{"name": "aaa"}]})
    assert [step.target.resource.name for step in plan.steps] == ["thing", "part"]
    assert plan.steps[1].target.parent is plan.steps[0].target


def test_children_are_added_changed_and_kept() -> None:
    wanted = [{"name": "aaa", "size": 2}, {"name": "ccc", "key": "s3cret"}]
    plan = planned(
        FAMILY,
        {"name": "one", "parts": wanted},
        ROW,
        parts({"id": "p1", "name": "aaa", "size": 1}, {"id": "p2", "name": "bbb"}),
    )
    assert [(step.action.method, step.target.id, step.body) for step in plan.steps] == [
        ("PATCH", "p1", {"size": 2}),
        ("POST", None, {"name": "ccc", "key": "s3cret", "thing_id": "t1"}),
    ]
    assert plan.after["parts[0].size"] == 2
    assert "s3cret" not in repr((plan.before, plan.after))


def test_children_are_purged_when_it_is_asked_for_and_never_what_is_kept() -> None:
    there = parts({"id": "p1", "name": "aaa"}, {"id": "p2", "name": "bbb"}, {"id": "p3", "name": "rrr", "root": True})
    for wanted, gone in (([{"name": "aaa"}], ["p2"]), ([], ["p2", "p1"])):
        plan = planned(FAMILY, {"name": "one", "parts": wanted, "purge_parts": True}, ROW, there)
        assert [(step.action.method, step.target.id) for step in plan.steps] == [("DELETE", each) for each in gone]
        assert plan.after["parts bbb"] == "absent"
    assert planned(FAMILY, {"name": "one", "parts": []}, ROW, there).steps == []
    assert planned(FAMILY, {"name": "one", "purge_parts": True}, ROW, there).steps == []


def test_a_late_field_needs_another_plan() -> None:
    plan = planned(FAMILY, {"name": "one", "parts": [{"name": "aaa", "label": "x"}]}, ROW, parts())
    assert [str(step) for step in plan.later] == ["set label of part 'aaa'"]
    assert planned(FAMILY, {"name": "one", "parts": [{"name": "aaa"}]}, ROW, parts()).later == []


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
    many = variant(
        FAMILY,
        sub_resources=(
            variant(FAMILY.sub_resources[0], resource=variant(FAMILY.sub_resources[0].resource, any_match=True)),
        ),
    )
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
    with pytest.raises(ImmutableError, match=r"The volume 'boot' \(v0\) cannot shrink from 20 to 5"):
        planned(instance.RESOURCE, {"name": "web", "volume_size": 5}, {"id": "i1", "name": "web"}, sub_resources=there)


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
    text = instance.RESOURCE.hooks.deletion_warning({"delete_floating_ips": taken} if taken else {}, row)
    assert (text is None) == (not stays)
    assert ", ".join(stays) in str(text)


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
    assert [(step.action.verb, step.target.id) for step in plan.steps] == [("detach", "v1")]


@pytest.mark.parametrize(
    "resource", [instance.RESOURCE, network.RESOURCE, ssh_key.RESOURCE, subnet.RESOURCE, volume.RESOURCE]
)
def test_every_update_has_its_request(resource: Resource) -> None:
    if any(item.change == UPDATE for item in resource.fields):
        assert resource.update is not None
    for sub_resources in resource.sub_resources:
        if any(item.change == UPDATE for item in sub_resources.resource.fields):
            assert sub_resources.resource.update is not None


# ------------------------------------------------- what can only be done later


def not_looked_up(*args: Any, **more: Any) -> str:
    return str(pytest.fail("looked up"))


def with_fields(*fields: Option, **more: Any) -> Resource:
    return variant(THING, fields=(*THING.fields, *fields), **more)


def with_parts(*fields: Option, inline: bool = False, **more: Any) -> Resource:
    """A thing whose parts have more fields."""
    part = variant(CHILD, fields=(*CHILD.fields, *fields), inline_body=None, **more)
    return variant(THING, sub_resources=(variant(FAMILY.sub_resources[0], resource=part, inline=inline),))


TWIN = Option("twin", api=Api("twin_id"), ref=Ref(PARTS), change=UPDATE)


def test_what_comes_later_is_pending_behind_the_steps() -> None:
    plan = planned(FAMILY, {"name": "one", "note": "new", "parts": [{"name": "aaa", "label": "x"}]}, ROW, parts())
    assert told(plan.rest(-1)) == ["update thing 'one'", "create part 'aaa'", "set label of part 'aaa'"]
    assert [each["action"] for each in plan.pending(0)] == ["create", "set label of"]
    assert (
        plan.pending(1)
        == plan.pending(7)
        == [{"action": "set label of", "resource": "part", "id": None, "name": "aaa"}]
    )
    assert plan.timeout == 100 + 300  # what comes later is planned, and given its time, later


def test_what_the_creation_does_not_take_is_set_when_the_thing_is_there() -> None:
    late = with_fields(Option("power", "bool", api=Api(create=AFTERWARDS), change=UPDATE), response={"power": True})
    off = planned(late, {"name": "one", "power": False})
    assert off.steps[0].body == {"name": "one"}
    assert told(off.later) == ["set power of thing 'one'"]
    assert off.after["power"] is False
    assert planned(late, {"name": "one", "power": True}).later == planned(late, {"name": "one"}).later == []
    there = planned(late, {"name": "one", "power": False}, {**ROW, "power": True})
    assert (steps(there), there.later) == ([("PATCH", "{id}", {"power": False})], [])


@pytest.mark.parametrize("inline", [True, False])
def test_what_the_creation_of_a_child_does_not_take(inline: bool) -> None:
    late = with_parts(Option("count", "int", api=Api(create=AFTERWARDS), change=UPDATE), inline=inline)
    options = {"name": "one", "parts": [{"name": "aaa", "count": 3}]}
    new = planned(late, options)
    assert "count" not in repr([step.body for step in new.steps])
    assert told(new.later) == ["set count of part 'aaa'"]
    assert told(planned(late, options, ROW, parts()).later) == ["set count of part 'aaa'"]
    there = planned(late, options, ROW, parts({"id": "p1", "name": "aaa", "count": 1}))
    assert (steps(there), there.later) == ([("PATCH", "{id}", {"count": 3})], [])


def test_a_reference_to_what_the_same_plan_makes_waits_for_it() -> None:
    wanted = [{"name": "aaa", "twin": "bbb"}, {"name": "bbb"}]
    for resource, row, there in (
        (with_parts(TWIN), None, None),
        (with_parts(TWIN), ROW, parts()),
    ):
        plan = planned(resource, {"name": "one", "parts": wanted}, row, there, find=not_looked_up)
        assert told(plan.steps)[-1] == "create part 'bbb'"
        assert told(plan.later) == ["create part 'aaa'"]
        assert KNOWN_LATER not in repr([step.body for step in plan.steps])


def test_a_change_that_refers_to_what_the_same_plan_makes_waits_for_it() -> None:
    there = parts({"id": "p1", "name": "aaa", "twin_id": "old", "size": 1})
    wanted = [{"name": "aaa", "twin": "bbb", "size": 2}, {"name": "bbb"}]
    plan = planned(with_parts(TWIN), {"name": "one", "parts": wanted}, ROW, there, find=not_looked_up)
    assert told(plan.steps) == ["create part 'bbb'"]
    assert told(plan.later) == ["update part 'aaa'"]
    assert plan.after["parts[0].twin"] == KNOWN_LATER


def test_a_reference_to_what_is_there_needs_no_request() -> None:
    there = parts({"id": "p1", "name": "aaa", "twin_id": "old"}, {"id": "p2", "name": "bbb", "twin_id": None})
    wanted = [{"name": "aaa", "twin": "bbb"}, {"name": "ccc", "twin": "aaa"}]
    plan = planned(with_parts(TWIN), {"name": "one", "parts": wanted}, ROW, there, find=not_looked_up)
    assert [step.body for step in plan.steps] == [
        {"twin_id": "p2"},
        {"name": "ccc", "twin_id": "p1", "thing_id": "t1"},
    ]
    assert plan.later == []


def test_any_other_name_is_looked_up() -> None:
    plan = planned(with_parts(TWIN), {"name": "one", "parts": [{"name": "aaa", "twin": "zzz"}]}, ROW, parts())
    assert plan.steps[0].body == {"name": "aaa", "twin_id": "part-id-of-zzz", "thing_id": "t1"}


def test_an_entry_that_refers_to_the_thing_itself_is_held_back() -> None:
    entries = Option(
        "links",
        "list[dict]",
        suboptions=(Option("to", api=Api("to_id"), ref=Ref(THINGS)), Option("kind")),
        change=UPDATE,
    )
    linked = with_fields(entries)
    options = {"name": "one", "links": [{"to": "one", "kind": "a"}, {"to": "two", "kind": "b"}]}
    plan = planned(linked, options)
    assert plan.steps[0].body == {"name": "one", "links": [{"to_id": "thing-id-of-two", "kind": "b"}]}
    assert told(plan.later) == ["set links of thing 'one'"]
    there = planned(linked, options, {**ROW, "links": []})
    assert there.steps[0].body == {"links": [{"to_id": "t1", "kind": "a"}, {"to_id": "thing-id-of-two", "kind": "b"}]}
    assert there.later == []
    only = planned(linked, {"name": "one", "links": [{"to": "two"}]})
    assert only.later == []


def test_what_belongs_to_the_thing_itself_is_looked_for_in_it_alone() -> None:
    asked: list[Any] = []

    def find(kind: Any, value: str, by: str = "id", where: Any = None) -> str:
        asked.append((value, where))
        return "id-of-" + value

    mine = with_parts(variant(TWIN, ref=variant(TWIN.ref, within=(("thing_id", OWN_ID),))))
    options = {"name": "one", "parts": [{"name": "aaa", "twin": "zzz"}]}
    assert planned(mine, options, ROW, parts(), find=find).steps[0].body["twin_id"] == "id-of-zzz"  # type: ignore[index]
    assert asked == [("zzz", {"thing_id": "t1"})]
    with pytest.raises(OptionError, match="twin: there is no part 'zzz' in the new thing"):
        planned(mine, options, find=find)
    given = {"name": "one", "parts": [{"name": "aaa", "twin": uuid(5)}]}
    assert planned(mine, given, find=find).steps[1].body["twin_id"] == "id-of-" + uuid(5)  # type: ignore[index]


# ------------------------------------------------------------ kinds of changes


def test_a_change_that_says_update_goes_into_the_patch() -> None:
    def change(desired: Any, current: Any, row: Any, purge: bool) -> Any:
        return UPDATE if desired != "never" else [Action("reset", "POST", ONE_THING + "/reset")]

    chosen = with_fields(Option("mode", change=change))
    there = {**ROW, "mode": "a"}
    assert steps(planned(chosen, {"name": "one", "note": "new", "mode": "b"}, there)) == [
        ("PATCH", "{id}", {"note": "new", "mode": "b"})
    ]
    assert steps(planned(chosen, {"name": "one", "mode": "b"}, there)) == [("PATCH", "{id}", {"mode": "b"})]
    assert steps(planned(chosen, {"name": "one", "note": "new", "mode": "never"}, there)) == [
        ("POST", "reset", None),
        ("PATCH", "{id}", {"note": "new"}),
    ]


def test_a_change_that_gives_one_action_sends_the_value() -> None:
    action = Action("turn", "POST", ONE_THING + "/turn", body={"force": True})
    chosen = with_fields(Option("mode", api=Api("new_mode", read="mode"), change=lambda *values: action))
    assert steps(planned(chosen, {"name": "one", "mode": "b"}, {**ROW, "mode": "a"})) == [
        ("POST", "turn", {"force": True, "new_mode": "b"})
    ]


def test_a_change_that_refuses_is_told_unless_it_is_made_anew() -> None:
    def change(desired: Any, current: Any, row: Any, purge: bool) -> Any:
        raise ImmutableError("mode stays.")

    chosen = with_fields(Option("mode", change=change))
    with pytest.raises(ImmutableError, match="mode stays"):
        planned(chosen, {"name": "one", "mode": "b"}, {**ROW, "mode": "a"})
    plan = planned(chosen, {"name": "one", "mode": "b"}, {**ROW, "mode": "a"}, recreate=True)
    assert [step.action.verb for step in plan.steps] == ["delete", "create"]


def test_a_patch_may_have_to_say_more_than_what_differs() -> None:
    seen: list[Any] = []

    def whole(patch: dict[str, Any], options: Any, row: Any) -> dict[str, Any]:
        seen.append(dict(patch))
        return {"colour": options.get("colour", row["colour"]), **patch}

    chatty = variant(THING, update_body=whole)
    plan = planned(chatty, {"name": "one", "note": "new", "size": 9, "tags": {"a": "2"}}, ROW)
    assert steps(plan) == [
        ("POST", "extend", {"size": 9}),
        ("PATCH", "{id}", {"colour": "grey", "note": "new", "tags": {"a": "2"}}),
    ]
    assert seen == [{"note": "new", "tags": {"a": "2"}}]
    assert plan.after == {"size": 9, "note": "new", "tags": {"a": "2"}}
    assert planned(chatty, {"name": "one", "note": "old"}, ROW).steps == []
    assert len(seen) == 1


INNER = (Option("address"), Option("origin", api=Api("origin_id"), ref=Ref(THINGS), change=WRITE_ONLY))


@pytest.mark.parametrize(
    ("item", "wanted", "there"),
    [
        (Option("entries", "list[dict]", suboptions=INNER, change=UPDATE), [{"address": "a", "origin": "two"}],
         [{"address": "a"}]),
        (Option("entries", "dict", suboptions=INNER, change=UPDATE), {"address": "a", "origin": "two"}, {"address": "a"}),
    ],
)  # fmt: skip
def test_what_is_not_given_back_of_a_nested_option_is_not_compared(item: Option, wanted: Any, there: Any) -> None:
    nested = with_fields(item)
    plan = planned(nested, {"name": "one", "entries": wanted}, {**ROW, "entries": there})
    assert (plan.steps, plan.not_compared) == ([], ["entries.origin"])
    changed = planned(nested, {"name": "one", "entries": wanted}, {**ROW, "entries": type(there)()})
    assert "thing-id-of-two" in repr(changed.steps[0].body)
    left_out = [{"address": "a"}] if isinstance(wanted, list) else {"address": "a"}
    assert planned(nested, {"name": "one", "entries": left_out}, {**ROW, "entries": there}).not_compared == []
    assert "thing-id-of-two" in repr(planned(nested, {"name": "one", "entries": wanted}).steps[0].body)


# ------------------------------------------------------------------ references


def test_a_reference_may_mean_what_a_list_of_the_thing_holds() -> None:
    asked: list[Any] = []

    def find(kind: Any, value: str, **more: Any) -> str:
        asked.append((value, more["via"], more["options"]))
        return "port-of-" + value

    related_read = RelatedRead("ports", ONE_THING + "/ports", ("note",), lambda row, rows: rows[0]["id"])
    on = Option(
        "on",
        api=Api("port_id"),
        ref=Ref(THINGS, name_at="owner.name", id_at="owner.id"),
        change=UPDATE,
    )
    held = variant(with_fields(on), picked_from=lambda item: related_read if item.name == "on" else None)
    options = {"name": "one", "on": "two", "note": "old"}
    plan = planned(held, options, {**ROW, "port_id": "p", "owner": {"id": "t9", "name": "nine"}}, find=find)
    assert steps(plan) == [("PATCH", "{id}", {"port_id": "port-of-two"})]
    assert (plan.before, plan.after) == ({"on": "nine"}, {"on": "two"})
    ((value, via, given),) = asked
    assert (value, via, given["note"]) == ("two", related_read, "old")


@pytest.mark.parametrize("value", ["nine", "t9", "p"])
def test_what_the_answer_shows_of_a_reference_is_enough(value: str) -> None:
    on = Option("on", api=Api("port_id"), ref=Ref(THINGS, name_at="owner.name", id_at="owner.id"), change=UPDATE)
    row = {**ROW, "port_id": "p", "owner": {"id": "t9", "name": "nine"}}
    assert planned(with_fields(on), {"name": "one", "on": value}, row, find=not_looked_up).steps == []
    for nobody in ({**row, "owner": None}, {**ROW, "port_id": None}):
        assert planned(with_fields(on), {"name": "one", "on": "other"}, nobody).steps != []


def test_a_reference_may_want_any_field_of_what_it_means() -> None:
    on = with_fields(Option("on", ref=Ref(THINGS, by="port_id"), change=UPDATE))
    assert planned(on, {"name": "one", "on": "two"}).steps[0].body == {"name": "one", "on": "port_id-of-two"}
    assert planned(on, {"name": "one", "on": "two"}, {**ROW, "on": "p"}).steps[0].body == {"on": "port_id-of-two"}


# --------------------------------------------------------------------- removals


def test_what_goes_goes_behind_all_else_and_the_last_planned_first() -> None:
    inner = variant(
        CHILD,
        sub_resources=(
            variant(
                FAMILY.sub_resources[0],
                option="bits",
                purge="purge_bits",
                resource=variant(FAMILY.sub_resources[0].resource, is_kept=None),
            ),
        ),
    )
    family = variant(
        THING,
        sub_resources=(
            variant(FAMILY.sub_resources[0], resource=inner),
            variant(FAMILY.sub_resources[0], option="more", purge="purge_more"),
        ),
    )
    there = {
        "parts": [
            Snapshot({"id": "p1", "name": "aaa", "size": 1}, {"bits": [Snapshot({"id": "b1", "name": "bit"})]}),
            Snapshot({"id": "p2", "name": "bbb"}),
        ],
        "more": [Snapshot({"id": "m1", "name": "mmm"})],
    }
    purge = {"purge_parts": True, "purge_bits": True, "purge_more": True}
    options = {"name": "one", "parts": [{"name": "aaa", "size": 2, "bits": []}], "more": [{"name": "new"}], **purge}
    plan = planned(family, options, ROW, there)
    assert [(step.action.method, step.target.id, step.destroys) for step in plan.steps] == [
        ("PATCH", "p1", False),
        ("POST", None, False),
        ("DELETE", "m1", True),
        ("DELETE", "p2", True),
        ("DELETE", "b1", True),
    ]
    assert plan.removals == []
    assert plan.after["parts[0].bits bit"] == "absent"


def test_what_goes_by_default_is_what_costs_nothing() -> None:
    assert FAMILY.purge_options() == {"purge_tags": True, "purge_parts": False}
    cheap = variant(FAMILY, sub_resources=(variant(FAMILY.sub_resources[0], authoritative=True),))
    assert cheap.purge_options() == {"purge_tags": True, "purge_parts": True}
    there = parts({"id": "p1", "name": "aaa"})
    assert [step.destroys for step in planned(cheap, {"name": "one", "parts": []}, ROW, there).steps] == [True]
    assert planned(cheap, {"name": "one"}, ROW, there).steps == []
    assert planned(cheap, {"name": "one", "parts": [], "purge_parts": False}, ROW, there).steps == []


def test_where_there_is_room_for_one_it_makes_room_first() -> None:
    single = variant(FAMILY, sub_resources=(variant(FAMILY.sub_resources[0], maximum=1),))
    there = parts({"id": "p1", "name": "aaa", "size": 1})
    with pytest.raises(OptionError, match="can have only one") as caught:
        planned(single, {"name": "one", "parts": [{"name": "bbb"}]}, ROW, there)
    assert "purge_parts: true" in caught.value.sentence()
    plan = planned(single, {"name": "one", "parts": [{"name": "bbb"}], "purge_parts": True}, ROW, there)
    assert told(plan.steps) == ["delete part 'aaa'", "create part 'bbb'"]
    assert told(planned(single, {"name": "one", "parts": [{"name": "bbb"}]}, ROW, parts()).steps) == [
        "create part 'bbb'"
    ]
    kept = planned(single, {"name": "one", "parts": [{"name": "aaa", "size": 2}], "purge_parts": True}, ROW, there)
    assert told(kept.steps) == ["update part 'aaa'"]
    gone = planned(single, {"name": "one", "parts": [], "purge_parts": True}, ROW, there)
    assert told(gone.steps) == ["delete part 'aaa'"]


def test_what_goes_waits_for_what_comes_later() -> None:
    """It may be in use until then."""
    there = parts({"id": "p1", "name": "aaa", "twin_id": "p2"}, {"id": "p2", "name": "old", "twin_id": None})
    wanted = [{"name": "aaa", "twin": "new"}, {"name": "new"}]
    plan = planned(with_parts(TWIN), {"name": "one", "parts": wanted, "purge_parts": True}, ROW, there)
    assert told(plan.steps) == ["create part 'new'"]
    assert told(plan.later) == ["update part 'aaa'", "delete part 'old'"]
