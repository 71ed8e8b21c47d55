# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make cost` finds what belongs to a resource."""

from __future__ import annotations

import pytest

from tests.tools import cost

NAMES = cost.resources(cost.ROOT)
COSTS = cost.by_resource(cost.ROOT)


def test_every_resource_has_a_description_and_prose() -> None:
    assert set(cost.descriptions(cost.ROOT)) == set(cost.prose(cost.ROOT)) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_every_resource_has_is_found(name: str) -> None:
    found = {category for category, lines in COSTS[name].items() if lines}
    assert {"description", "prose", "simulator", cost.GENERATED} <= found
    assert name in dict(cost.table_rows(cost.ROOT))


@pytest.mark.parametrize("name", [name for name in NAMES if (cost.ROOT / f"plugins/modules/{name}.py").exists()])
def test_the_tests_of_a_resource_that_is_written_are_found(name: str) -> None:
    assert COSTS[name]["cases"]


def test_names_outside_the_pattern_belong_to_resources() -> None:
    assert set(cost.NAMED_OTHERWISE.values()) <= set(NAMES)


def test_generated_files_are_counted_apart() -> None:
    assert cost.is_generated(cost.ROOT / "plugins" / "modules" / "volume.py")
    assert not cost.is_generated(cost.ROOT / "docs" / "resources" / "volume.yml")


@pytest.mark.parametrize(
    ("file", "resource"),
    [
        ("load_balancer", "load_balancer"),
        ("load_balancer_tree", "load_balancer"),
        ("load_balancer_flavor_info", "load_balancer_flavor"),
        ("load", None),
        ("role_provision_volume", None),
    ],
)
def test_a_file_belongs_to_the_resource_with_the_longest_matching_name(file: str, resource: str | None) -> None:
    assert cost.owner(file, ["load_balancer", "load_balancer_flavor", "volume"]) == resource


@pytest.mark.parametrize(
    ("file", "resource"),
    [
        ("floatingips", "floating_ip"),
        ("ssh_keys", "ssh_key"),
        ("l7", "load_balancer"),
        ("ssh_key_requests", "ssh_key"),
        ("x", None),
    ],
)
def test_files_of_the_simulator_have_plural_names(file: str, resource: str | None) -> None:
    assert cost.owner_in_simulator(file, ["floating_ip", "ssh_key", "load_balancer"]) == resource


def test_a_table_ends_with_the_sums() -> None:
    lines = cost.table(["resource", "a", "b"], {"x": [1, 0], "y": [2, 5]}).splitlines()
    assert [line.split() for line in lines] == [
        ["resource", "a", "b"],
        ["x", "1", "-"],
        ["y", "2", "5"],
        ["total", "3", "5"],
    ]
