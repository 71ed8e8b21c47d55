# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import (
    CONNECTION,
    check_value,
    common_errors,
    given_options,
    info_spec,
    module_spec,
    traits,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources import (
    flavor,
    floating_ip,
    image,
    instance,
    k8s_cluster,
    k8s_version,
    load_balancer,
    load_balancer_flavor,
    network,
    project,
    region,
    security_group,
    ssh_key,
    subnet,
    volume,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.checks import Range
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import name, tags
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Option
from ansible_collections.gcore.cloud.plugins.module_utils.schema.parsing import CLEARED, parse
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Identity, RelatedRead, Resource
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import ResourceType
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import described, sub_resource, variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import THING
from hypothesis import given, settings
from hypothesis import strategies as st

WRITING = [
    *(
        each.RESOURCE
        for each in (
            floating_ip, instance, k8s_cluster, load_balancer, network, security_group, ssh_key, subnet, volume
        )
    ),
    THING,
]  # fmt: skip
READING = [
    *(each.RESOURCE for each in (flavor, image, k8s_version, load_balancer_flavor, project, region)),
    *WRITING,
]
NULLABLE = Option("note", null=CLEARED)
PLAIN = Option("color")


# ----------------------------------------------------------- given, null, left out


@pytest.mark.parametrize(
    ("raw", "given"),
    [
        ({}, {}),
        ({"note": None}, {"note": None}),
        ({"color": None}, {}),
        ({"note": "x", "color": "red"}, {"note": "x", "color": "red"}),
        ({"note": "", "color": ""}, {"note": "", "color": ""}),
        ({"flag": False, "size": 0, "items": [], "more": {}}, {"flag": False, "size": 0, "items": [], "more": {}}),
    ],
)
def test_omitted_is_not_null(raw: dict[str, Any], given: dict[str, Any]) -> None:
    fields = (NULLABLE, PLAIN, Option("flag", "bool"), Option("size", "int"), Option("items", "list[str]"))
    resource = described(type=THING.type, fields=(*fields, Option("more", "dict")))
    assert validated(resource, raw) == given


INNER = (NULLABLE, PLAIN, Option("deeper", "dict", suboptions=(Option("note", null=CLEARED),)))
TREE = described(
    type=THING.type,
    fields=(Option("one", "dict", suboptions=INNER, null=CLEARED), Option("many", "list[dict]", suboptions=INNER)),
    sub_resources=(
        sub_resource(
            "kids",
            described(
                type=THING.type,
                fields=INNER,
                sub_resources=(
                    sub_resource(
                        "grandkids", described(type=THING.type, fields=INNER), lambda o, r: True, "/x", purge=None
                    ),
                ),
            ),
            lambda o, r: True,
            "/x",
        ),
    ),
)
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "note": st.none() | st.text(),
        "color": st.text(),
        "deeper": st.fixed_dictionaries({}, optional={"note": st.none() | st.text()}),
    },
)
KID = st.builds(
    lambda entry, more: {**entry, **more},
    ENTRY,
    st.fixed_dictionaries({}, optional={"grandkids": st.lists(ENTRY, max_size=2)}),
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={"one": st.none() | ENTRY, "many": st.lists(ENTRY, max_size=3), "kids": st.lists(KID, max_size=3)},
)


def as_text(value: Any, data: Any) -> Any:
    """The same options, with some of their dictionaries and lists as JSON text."""
    if isinstance(value, dict):
        value = {key: as_text(each, data) for key, each in value.items()}
    elif isinstance(value, list):
        value = [as_text(each, data) for each in value]
    else:
        return value
    return json.dumps(value) if data.draw(st.booleans()) else value


def validated(resource: Resource, raw: dict[str, Any]) -> dict[str, Any]:
    """What the engine gets, through ansible-core's own validation."""
    spec = module_spec(resource)["argument_spec"]
    spec["api_key"] = {"type": "str", "no_log": True}
    parsed = parse(spec, raw, traits(resource))
    result = ArgumentSpecValidator(spec).validate(parsed.arguments)
    assert not result.error_messages
    return given_options(resource.options, resource.sub_resources, result.validated_parameters, parsed.cleared)


@settings(deadline=None, database=None, derandomize=True)
@given(OPTIONS, st.data())
def test_options_are_the_same_however_they_arrive(options: dict[str, Any], data: Any) -> None:
    arrived = {key: as_text(value, data) for key, value in options.items()}
    assert validated(TREE, arrived) == options


# ------------------------------------------------------------------- checks


@pytest.mark.parametrize("text", ["vm1", "a b.c-d_e", "A" * 63, "1.2", "ab_", "ab."])
def test_names_that_the_api_takes(text: str) -> None:
    check_value(name(), text)


@pytest.mark.parametrize("text", ["", "a", "ab-", "-ab", "a" * 64, "vm\n", "vm1\n", "vm/1", "väm", " vm", "vm "])
def test_names_that_it_does_not(text: str) -> None:
    with pytest.raises(OptionError, match="name"):
        check_value(name(), text)


@pytest.mark.parametrize(
    ("value", "text"), [({"a": 1}, {"a": "1"}), ({"a": 1.5}, {"a": "1.5"}), ({"a": "b c"}, {"a": "b c"})]
)
def test_tags_become_text(value: dict[str, Any], text: dict[str, str]) -> None:
    check_value(tags(), value)
    assert value == text


@pytest.mark.parametrize(
    "value",
    [{"a": True}, {"a": None}, {"a": []}, {"": "x"}, {"a b": "x"}, {"a=b": "x"}, {"a": ""}, {"a": " x"}, {"a": "x\n"}, {"a": "x\ty"},
     {"k" * 256: "x"}, {"a": "v" * 256}],
)  # fmt: skip
def test_tags_that_the_api_does_not_take(value: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match="tag"):
        check_value(tags(), value)


def test_a_boolean_tag_says_to_quote_it() -> None:
    with pytest.raises(OptionError) as caught:
        check_value(tags(), {"a": True})
    assert '"true"' in caught.value.sentence()


@pytest.mark.parametrize(("value", "fine"), [(0, False), (1, True), (10, True), (11, False)])
def test_limits(value: int, fine: bool) -> None:
    item = Option("size", "int", check=Range(1, 10))
    if fine:
        check_value(item, value)
    else:
        with pytest.raises(OptionError, match="size"):
            check_value(item, value)


@pytest.mark.parametrize(
    ("params", "word"),
    [
        ({}, "API key"),
        ({"api_key": ""}, "API key"),
        ({"api_key": "k", "timeout": 0}, "timeout"),
        ({"api_key": "k", "wait_timeout": -1}, "wait_timeout"),
        ({"api_key": "k", "poll_interval": 0}, "poll_interval"),
    ],
)
def test_what_is_wrong_with_the_common_options(params: dict[str, Any], word: str) -> None:
    error = common_errors(params)
    assert error is not None
    assert word in error.sentence()


def test_nothing_is_wrong_with_good_ones() -> None:
    assert common_errors({"api_key": "k", "timeout": 30.0, "wait_timeout": 5}) is None


# -------------------------------------------------------------------- specs


@pytest.mark.parametrize("resource", WRITING, ids=lambda each: each.name)
def test_the_spec_of_a_module(resource: Resource) -> None:
    made = module_spec(resource)
    spec = made["argument_spec"]
    assert made["supports_check_mode"]
    assert spec["api_key"]["no_log"] is True
    assert spec["state"]["choices"][:2] == ["present", "absent"]
    assert set(CONNECTION) <= set(spec)
    assert ("wait" in spec) == resource.starts_tasks
    allowed = {
        "api_url",
        "validate_certs",
        "timeout",
        "wait",
        "state",
        "recreate",
        "return_content",
        "backup",
        "follow",
        *resource.purge_options(),
    }
    assert {option for option, each in spec.items() if "default" in each} <= allowed
    assert all("aliases" not in each for each in spec.values())
    required = [option for option, each in spec.items() if each.get("required")]
    assert required == (["name"] if resource.type.known_by_name else [])


def inner_options(spec: dict[str, Any]) -> Any:
    for option, each in spec.items():
        yield option, each
        yield from inner_options(each.get("options") or {})


@pytest.mark.parametrize("resource", WRITING, ids=lambda each: each.name)
def test_options_of_a_resource_have_no_defaults_and_secrets_are_not_logged(resource: Resource) -> None:
    for option, each in inner_options(
        {item.name: module_spec(resource)["argument_spec"][item.name] for item in resource.options}
    ):
        assert "default" not in each, option
        if any(word in option for word in ("password", "user_data", "payload", "private_key")) and not option.endswith(
            "_dest"
        ):
            assert each.get("no_log") is True, option


@pytest.mark.parametrize("resource", READING, ids=lambda each: each.name)
def test_the_spec_of_an_info_module(resource: Resource) -> None:
    made = info_spec(resource)
    assert made["supports_check_mode"]
    assert {"name", "query"} <= set(made["argument_spec"])
    assert ("id" in made["argument_spec"]) is not resource.type.known_by_name
    assert (["id", "name"] in made["mutually_exclusive"]) is not resource.type.known_by_name
    assert all("default" not in made["argument_spec"][item.name] for item in resource.filters)


def test_every_module_asks_for_what_identifies() -> None:
    two = variant(THING, identities=(Identity(("name", "colour")), Identity(("tags",))))
    assert module_spec(two)["required_one_of"] == [["id", "colour", "name", "tags"]]


def test_scope_options_follow_the_kind() -> None:
    assert "region" not in module_spec(ssh_key.RESOURCE)["argument_spec"]
    assert {"project", "region"} <= set(module_spec(network.RESOURCE)["argument_spec"])
    assert "project" not in info_spec(region.RESOURCE)["argument_spec"]


def test_purge_defaults_exact_for_fields_and_careful_for_children() -> None:
    spec = module_spec(instance.RESOURCE)["argument_spec"]
    assert (spec["purge_tags"]["default"], spec["purge_security_groups"]["default"]) == (True, True)
    assert (spec["purge_volumes"]["default"], spec["purge_interfaces"]["default"]) == (False, False)


def test_what_holds_neither_data_nor_costs_may_go_by_default() -> None:
    cheap = sub_resource("parts", THING, lambda options, row: False, "/parts", purge="purge_parts", authoritative=True)
    spec = module_spec(variant(THING, sub_resources=(cheap,)))["argument_spec"]
    assert spec["purge_parts"] == {"type": "bool", "default": True}
    deeper = variant(cheap, option="more", resource=variant(THING, sub_resources=(cheap,)), purge=None)
    assert module_spec(variant(THING, sub_resources=(deeper,)))["argument_spec"]["purge_parts"]["default"] is True


def test_what_is_known_by_its_name_has_no_id() -> None:
    named = variant(THING, type=ResourceType("thing", "/things", id_field="name"))
    made = module_spec(named)
    assert "id" not in made["argument_spec"]
    assert made["argument_spec"]["name"]["required"] is True
    assert made["required_one_of"] == []
    info = info_spec(named)
    assert "id" not in info["argument_spec"]
    assert info["mutually_exclusive"] == []
    assert module_spec(THING)["required_one_of"] == [["id", "name"]]


def test_more_of_each_thing_is_a_switch() -> None:
    more = variant(THING, info_reads=(RelatedRead("parts", "/parts", (), lambda row, rows: rows),))
    assert info_spec(more)["argument_spec"]["parts"] == {"type": "bool", "default": False}
    assert "parts" not in module_spec(more)["argument_spec"]
