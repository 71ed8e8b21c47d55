# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What results say: diffs, pending steps, warnings about what is still billed, and the same keys in every outcome."""

from __future__ import annotations

import pytest

from .conftest import Account


@pytest.fixture
def stack(account: Account) -> Account:
    """A network, a VM and a load balancer, each with a floating IP."""
    account.ok("network", name="lan")
    account.ok("subnet", name="lan-1", network="lan", cidr="10.0.0.0/24")
    account.ok("instance", name="web-1", network="lan", floating_ip="new", **VM)
    account.ok("load_balancer", name="lb-1", vip_network="lan", floating_ip="new")
    return account


VM = {"flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10}


def address_of(account: Account, holder: str) -> str:
    """The address of the floating IP of an instance or a load balancer."""
    rows = account.ok("floating_ip_info")["floating_ips"]
    return str(next(row["floating_ip_address"] for row in rows if row[holder]))


# ----------------------------------------------------------------------- diff


def test_the_diff_of_a_released_floating_ip_names_what_has_it(stack: Account) -> None:
    before = stack.ok("floating_ip", floating_ip_address=address_of(stack, "instance"), state="absent")["diff"][
        "before"
    ]
    assert before["instance"] == "web-1" and "load_balancer" not in before
    before = stack.ok("floating_ip", load_balancer="lb-1", state="absent")["diff"]["before"]
    assert before["load_balancer"] == "lb-1" and "instance" not in before
    free = stack.ok("floating_ip", tags={"a": "b"})["floating_ip"]["floating_ip_address"]
    before = stack.ok("floating_ip", floating_ip_address=free, state="absent")["diff"]["before"]
    assert not {"instance", "load_balancer"} & before.keys() and before["port"] is None


def test_the_diff_of_a_moved_floating_ip(stack: Account) -> None:
    address = address_of(stack, "instance")
    rows = stack.ok("floating_ip_info")["floating_ips"]
    stack.ok("floating_ip", floating_ip_address=address_of(stack, "loadbalancer"), state="absent")
    by_name = stack.run("floating_ip", floating_ip_address=address, load_balancer="lb-1", check=True).result["diff"]
    assert (by_name["before"], by_name["after"]) == ({"load_balancer": None}, {"load_balancer": "lb-1"})
    balancer = next(row["loadbalancer"]["id"] for row in rows if row["loadbalancer"])
    by_id = stack.run("floating_ip", floating_ip_address=address, load_balancer=balancer, check=True).result["diff"]
    assert by_id["after"] == {"load_balancer": balancer}
    taken_off = stack.run("floating_ip", floating_ip_address=address, instance=None, check=True).result["diff"]
    assert (taken_off["before"], taken_off["after"]) == ({"instance": "web-1"}, {"instance": None})


def test_diffs_name_what_references_refer_to(stack: Account) -> None:
    shown = stack.run("load_balancer", name="lb-1", state="absent", check=True).result["diff"]["before"]
    assert shown["floating_ip"] == address_of(stack, "loadbalancer")
    stack.ok("volume", name="data-1", size=5, instance="web-1")
    shown = stack.run("volume", name="data-1", instance=None, check=True).result["diff"]
    assert (shown["before"], shown["after"]) == ({"instance": "web-1"}, {"instance": None})
    shown = stack.run("volume", name="data-1", state="absent", check=True).result["diff"]["before"]
    assert shown["instance"] == "web-1"
