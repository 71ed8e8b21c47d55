# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.gcore.cloud.plugins.plugin_utils import role_options
from ansible_collections.gcore.cloud.plugins.plugin_utils.role_options import OMITTED, given, module_option

ROLES = Path(role_options.__file__).parents[2] / "roles"
VARIABLES = {
    (role.name, name): spec
    for role in sorted(ROLES.iterdir())
    for name, spec in yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"][
        "options"
    ].items()
}
TREE = {
    "type": "list",
    "elements": "dict",
    "options": {"name": {"type": "str", "required": True}, "on": {"type": "bool"}},
}


@pytest.mark.parametrize(("role", "name"), VARIABLES)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_null_and_empty_text_are_omitted(role: str, name: str, value: Any) -> None:
    spec = VARIABLES[role, name]
    if spec.get("required"):
        with pytest.raises(AnsibleError, match=f"^{name} is required"):
            given(spec, value, name)
    else:
        assert given(spec, value, name) is OMITTED


@pytest.mark.parametrize(("role", "name"), VARIABLES)
def test_a_variable_has_no_default_that_a_null_would_not_get(role: str, name: str) -> None:
    """Ansible validates before the role runs, and refuses a null where the argument spec has a default or choices without null."""
    spec = VARIABLES[role, name]
    assert "default" not in spec
    assert None in spec.get("choices", [None])


def _texts(node: Any) -> Iterator[str]:
    """What Ansible renders in tasks: everything but names and messages."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("msg", "name"):
                yield from _texts(value)
    elif isinstance(node, list):
        for entry in node:
            yield from _texts(entry)
    elif isinstance(node, str):
        yield node


@pytest.mark.parametrize("role", sorted({role for role, _name in VARIABLES}))
def test_tasks_read_the_variables_of_their_role_through_the_lookup_only(role: str) -> None:
    declared = {name for of, name in VARIABLES if of == role}
    tasks = [yaml.safe_load(path.read_text()) for path in sorted((ROLES / role / "tasks").glob("*.yml"))]
    used = {word for text in _texts(tasks) for word in re.findall(r"\w+", text)}
    assert used & declared == set()
    assert f"{role}_options" in used
    assert set(yaml.safe_load((ROLES / role / "defaults" / "main.yml").read_text())) <= declared


@pytest.mark.parametrize(
    ("spec", "value", "expected"),
    [
        ({"type": "bool"}, "yes", True),
        ({"type": "bool"}, "False", False),
        ({"type": "bool"}, False, False),
        ({"type": "int"}, "0", 0),
        ({"type": "int"}, 0, 0),
        ({"type": "list", "elements": "str"}, [], []),
        ({"type": "list", "elements": "str"}, "a, b", ["a", "b"]),
        ({"type": "list", "elements": "str"}, '["a", "b"]', ["a", "b"]),
        ({"type": "list", "elements": "str"}, "['a']", ["a"]),
        ({"type": "list", "elements": "str"}, 5, [5]),
        ({"type": "dict"}, {}, {}),
        ({"type": "dict"}, "a=1 b=2", {"a": "1", "b": "2"}),
        ({"type": "dict"}, '{"a": null}', {"a": None}),
        ({"type": "dict"}, {"a": None, "b": ""}, {"a": None, "b": ""}),
        ({"type": "str"}, {"a": 1}, {"a": 1}),
        (TREE, [{"name": "x", "on": None, "other": None}], [{"name": "x", "other": None}]),
        (TREE, ["name=x on=no"], [{"name": "x", "on": False}]),
        (TREE, '[{"name": "x", "on": ""}]', [{"name": "x"}]),
        (TREE, ['{"name": "x", "on": true}'], [{"name": "x", "on": True}]),
    ],
)
def test_values(spec: dict[str, Any], value: Any, expected: Any) -> None:
    assert given(spec, value, "v") == expected


@pytest.mark.parametrize(
    ("spec", "value", "message"),
    [
        ({"type": "list", "elements": "str"}, ["a", None], r"v\[1\] is null"),
        ({"type": "list", "elements": "str"}, "a,,b", r"v\[1\] is empty"),
        ({"type": "list", "elements": "str"}, "[a", "v must be of type list: the text is neither a JSON list nor"),
        (TREE, [{"name": None}], r"v\[0\].name is required, and it is null"),
        (TREE, [{"name": "x", "on": "perhaps"}], r"v\[0\].on must be of type bool"),
        (TREE, ["x"], r"v\[0\] must be of type dict"),
        ({"type": "int"}, "ten", "v must be of type int"),
    ],
)
def test_refused(spec: dict[str, Any], value: Any, message: str) -> None:
    with pytest.raises(AnsibleError, match=message):
        given(spec, value, "v")


@pytest.mark.parametrize(
    ("option", "entry", "path"),
    [
        ("security_group.rules", {"direction": "ingress", "remote_ip_prefix": None}, "remote_ip_prefix"),
        ("security_group.rules", {"direction": "ingress", "remote_group": ""}, "remote_group"),
        ("security_group.rules", {"direction": "ingress", "port_range_min": None}, "port_range_min"),
        ("security_group.rules", {"direction": "ingress", "protocol": None}, "protocol"),
        ("load_balancer.listeners", {"name": "x", "allowed_cidrs": None}, "allowed_cidrs"),
    ],
)
def test_a_null_never_admits_more(option: str, entry: dict[str, Any], path: str) -> None:
    with pytest.raises(AnsibleError, match=rf"v\[0\].{path} is (null|empty), which would admit everything"):
        given(module_option(option), [entry], "v")


def test_the_suboptions_of_a_module_are_cleaned_at_every_depth() -> None:
    pool = {"name": "x", "healthmonitor": {"type": "TCP", "url_path": None}, "session_persistence": None}
    assert given(module_option("load_balancer.listeners"), [{"name": "x", "pools": [pool]}], "v") == [
        {"name": "x", "pools": [{"name": "x", "healthmonitor": {"type": "TCP"}}]}
    ]
    volume = {"name": "x", "image": None, "tags": {"a": None}}
    assert given(module_option("instance.volumes"), [volume], "v") == [{"name": "x", "tags": {"a": None}}]
