# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What results say: diffs, pending steps, warnings about what is still billed, and the same keys in every outcome."""

from __future__ import annotations

from typing import Any

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


# ------------------------------------------------- options as the user wrote them


@pytest.mark.parametrize(
    ("options", "before", "after"),
    [
        ({"volume_size": 20}, {"volume_size": 10}, {"volume_size": 20}),
        ({"volumes": [{"name": "data-1", "size": 9}]}, {"volumes[0].size": 5}, {"volumes[0].size": 9}),
        (
            {"volume_size": 10, "volumes": [{"name": "data-1", "size": 9}]},
            {"volumes[0].size": 5},
            {"volumes[0].size": 9},
        ),
        ({"network": "lan", "floating_ip": None}, {"floating_ip": "{address}"}, {"floating_ip": None}),
        ({"network": "lan-b"}, {"network": None}, {"network": "lan-b"}),
        (
            {"network": "lan-b", "subnet": "lan-b1"},
            {"network": None, "subnet": None},
            {"network": "lan-b", "subnet": "lan-b1"},
        ),
        ({"external": True}, {"external": None}, {"external": True}),
        (
            {"interfaces": [{"network": "lan"}, {"network": "lan-b"}]},
            {"interfaces[1]": "absent"},
            {"interfaces[1]": {"network": "lan-b"}},
        ),
    ],
)
def test_diffs_name_options_as_they_were_written(stack: Account, options: Any, before: Any, after: Any) -> None:
    stack.ok("volume", name="data-1", size=5, instance="web-1")
    stack.ok("network", name="lan-b")
    stack.ok("subnet", name="lan-b1", network="lan-b", cidr="10.0.1.0/24")
    diff = stack.run("instance", name="web-1", check=True, **options).result["diff"]
    address = address_of(stack, "instance")
    assert diff["before"] == {key: address if value == "{address}" else value for key, value in before.items()}
    assert diff["after"] == after


def test_not_compared_names_options_as_they_were_written(stack: Account) -> None:
    run = stack.run("instance", name="web-1", user_data="x", username="ubuntu", check=True, **VM)
    assert {"user_data", "username"} <= set(run.result["not_compared"])
    assert not [each for each in run.result["not_compared"] if "[" in each]
    volumes = [{"name": "data-1", "size": 5, "attachment_tag": "a"}, {"volume": "data-1", "attachment_tag": "a"}]
    stack.ok("volume", name="data-1", size=5, instance="web-1")
    for index, each in enumerate(volumes):
        run = stack.run("instance", name="web-1", check=True, volume_size=10, volumes=[each])
        assert run.result["not_compared"] == ["volumes[0].attachment_tag"], index


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"volume_size": 5}, ["volume_size: The volume", "cannot shrink from 10 to 5"]),
        ({"volume_type": "ssd_hiiops"}, ["volume_type: ", "from standard to ssd_hiiops", "boot volume"]),
        ({"volumes": [{"name": "data-1", "type_name": "ssd_hiiops"}]}, ["volumes[0].type_name: ", "instance: null"]),
        ({"volume_size": 10, "volumes": [{"name": "data-1", "size": 1}]}, ["volumes[0].size: The volume 'data-1'"]),
    ],
)
def test_messages_name_options_as_they_were_written(stack: Account, options: Any, words: list[str]) -> None:
    stack.ok("volume", name="data-1", size=5, instance="web-1")
    stack.refused("instance", *words, name="web-1", **options)


# ------------------------------------------------------------ what is still billed


@pytest.fixture
def reserved(stack: Account) -> Account:
    """The stack, with a VM and a load balancer on reserved fixed IPs."""
    network = stack.ok("network_info", name="lan")["networks"][0]["id"]
    ports = [stack.add("reserved_fixed_ip", network_id=network) for _number in range(3)]
    stack.ok("instance", name="web-2", interfaces=[{"port": ports[0]}], **VM)
    stack.ok("load_balancer", name="lb-2", vip_port=ports[1])
    return stack


def address_of_port(account: Account, holder: str, key: str) -> str:
    row = account.ok(holder + "_info", name=key)[holder + "s"][0]
    return str(row["vip_address"] if holder == "load_balancer" else row["fixed_ip_assignments"][0]["ip_address"])


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("wait", [True, False])
def test_a_deleted_instance_says_what_is_still_billed(reserved: Account, check: bool, wait: bool) -> None:
    row = reserved.ok("instance_info", name="web-1")["instances"][0]
    floating = address_of(reserved, "instance")
    run = reserved.run("instance", name="web-1", state="absent", check=check, wait=wait)
    (warning,) = run.warnings
    assert warning == (
        "Not deleted with the instance and still billed: "
        f"volumes {row['volumes'][0]['id']} (set delete_volumes, or delete them later with gcore.cloud.volume); "
        f"floating IPs {floating} (set delete_floating_ips, or release them later with gcore.cloud.floating_ip)."
    )
    address = address_of_port(reserved, "instance", "web-2")
    run = reserved.run("instance", name="web-2", state="absent", delete_volumes=["all"], check=check, wait=wait)
    (warning,) = run.warnings
    assert warning == (
        "Not deleted with the instance and still billed: "
        f"reserved fixed IPs {address} (set delete_reserved_fixed_ips, or delete them later with gcore.cloud.reserved_fixed_ip)."
    )


@pytest.mark.parametrize("name", ["web-1", "web-2"])
def test_nothing_is_still_billed_when_all_options_of_the_warning_are_set(reserved: Account, name: str) -> None:
    before = {key for key in reserved.cloud.records() if key[0] in ("volume", "floatingip", "reserved_fixed_ip")}
    everything = {f"delete_{what}": ["all"] for what in ("volumes", "floating_ips", "reserved_fixed_ips")}
    run = reserved.run("instance", name=name, state="absent", **everything)
    assert not run.failed and not run.warnings
    assert len(before - reserved.cloud.records().keys()) == 2


@pytest.mark.parametrize("check", [True, False])
def test_what_a_purge_detaches_is_still_billed(stack: Account, check: bool) -> None:
    volume = stack.ok("volume", name="data-1", size=5, instance="web-1")["volume"]["id"]
    floating = address_of(stack, "instance")
    run = stack.run("instance", name="web-1", volumes=[], purge_volumes=True, check=check)
    assert run.warnings == [
        f"The detached volume 'data-1' ({volume}) is still billed: delete it with gcore.cloud.volume."
    ]
    run = stack.run("instance", name="web-1", interfaces=[{"type": "external"}], purge_interfaces=True, check=check)
    text = "Not deleted with the detached interface and still billed: "
    assert run.warnings == [text + f"floating IPs {floating} (release them with gcore.cloud.floating_ip)."]


@pytest.mark.parametrize("check", [True, False])
def test_a_deleted_load_balancer_says_what_is_still_billed(reserved: Account, check: bool) -> None:
    floating = address_of(reserved, "loadbalancer")
    run = reserved.run("load_balancer", name="lb-1", state="absent", check=check)
    (warning,) = run.warnings
    assert warning == (
        "Not deleted with the load balancer and still billed: "
        f"floating IPs {floating} (release them with gcore.cloud.floating_ip)."
    )
    address = address_of_port(reserved, "load_balancer", "lb-2")
    run = reserved.run("load_balancer", name="lb-2", state="absent", check=check)
    assert run.warnings == [
        f"Not deleted with the load balancer and still billed: reserved fixed IPs {address} (delete them with gcore.cloud.reserved_fixed_ip)."
    ]
    if not check:  # what the warning says can be done
        assert reserved.ok("floating_ip", floating_ip_address=floating, state="absent")["changed"]


CLUSTER = {
    "version": "v1.35.3",
    "ssh_key": "admin",
    "pools": [{"name": "main", "flavor": "g1-standard-2-4", "min_node_count": 1, "boot_volume_size": 50,
               "boot_volume_type": "standard", "servergroup_policy": "affinity"}],
}  # fmt: skip


def cluster(account: Account) -> dict[str, Any]:
    """A Kubernetes cluster."""
    account.ok("ssh_key", name="admin", public_key=PUBLIC_KEY)
    made: dict[str, Any] = account.ok("k8s_cluster", name="prod", **CLUSTER)["k8s_cluster"]
    return made


PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqfVBhQ1Yq8bDbqTBYtmV0Z6yJYXvB3YTdZ0xXOO4Yk me"


@pytest.mark.parametrize("check", [True, False])
def test_a_deleted_cluster_says_what_is_still_billed(stack: Account, check: bool) -> None:
    made = cluster(stack)
    by_name = stack.add("loadbalancer", name="kube_service_prod_default_web")
    by_id = stack.add("loadbalancer", name=f"kube_service_{made['id']}_default_api")
    stack.add("loadbalancer", name="kube_service_production_default_web")
    run = stack.run("k8s_cluster", name="prod", state="absent", check=check)
    assert not run.failed, run.text
    (warning,) = run.warnings
    assert warning.startswith("Not deleted with the cluster and still billed: load balancers kube_service_")
    for each in (by_name, by_id, "kube_service_prod_default_web", "gcore.cloud.load_balancer"):
        assert each in warning
    assert "production" not in warning and "lb-1" not in warning


# ----------------------------------------------- a deletion whose response was lost


DELETED: dict[str, dict[str, Any]] = {
    "instance": {"name": "web-1", "delete_volumes": ["web-1-volume"], "delete_floating_ips": ["all"]},
    "load_balancer": {"name": "lb-1"},
    "volume": {"name": "data-1"},
    "floating_ip": {"tags": {"for": "nobody"}},
    "k8s_cluster": {"name": "prod", "delete_volumes": ["all"]},
    "security_group": {"name": "web"},
    "subnet": {"name": "lan-b1", "network": "lan-b"},
    "network": {"name": "lan-b"},
    "ssh_key": {"name": "other"},
}


def everything(account: Account, module: str) -> None:
    """What the deletions are about, as far as the stack does not have it."""
    if module == "volume":
        account.ok("volume", name="data-1", size=5)
    elif module == "floating_ip":
        account.ok("floating_ip", tags={"for": "nobody"})
    elif module == "k8s_cluster":
        cluster(account)
    elif module == "security_group":
        account.ok("security_group", name="web")
    elif module in ("network", "subnet"):
        account.ok("network", name="lan-b", create_router=False)
        if module == "subnet":
            account.ok("subnet", name="lan-b1", network="lan-b", cidr="10.0.1.0/24")
    elif module == "ssh_key":
        account.ok("ssh_key", name="other", public_key=PUBLIC_KEY)


@pytest.mark.parametrize("module", DELETED)
@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("lag", [0, 20])
def test_a_deletion_whose_response_was_lost(stack: Account, module: str, wait: bool, lag: int) -> None:
    everything(stack, module)
    kind = {"load_balancer": "loadbalancers", "k8s_cluster": "clusters", "floating_ip": "floatingips"}.get(
        module, module
    )
    lost = {"kind": "lost_answer", "then": "reset", "match": {"method": "DELETE", "path": kind.replace("_", "_?")}}
    stack.cloud.arm(lost, *([{"kind": "stale_read", "seconds": lag, "times": None}] if lag else []))
    options = {**DELETED[module], **({} if module == "ssh_key" else {"wait": wait})}
    run = stack.run(module, state="absent", **options)
    assert not run.failed, run.text
    assert run.result["changed"] and run.result["pending"] == [], run.result
    expected = ["Not deleted with the load balancer and still billed"] if module == "load_balancer" else []
    assert len(run.warnings) == len(expected), run.warnings
    assert all(words in text for words, text in zip(expected, run.warnings))


# ------------------------------------------------------------------ the same keys


KEYS = {
    "changed",
    "task_ids",
    "tasks",
    "created_resources",
    "pending",
    "leftovers",
    "not_compared",
    "diff",
    "invocation",
}
CREATED: dict[str, dict[str, Any]] = {
    "instance": {"name": "web-2", "network": "lan", **VM},
    "load_balancer": {"name": "lb-2", "vip_network": "lan"},
    "volume": {"name": "data-2", "size": 5},
    "floating_ip": {"tags": {"for": "somebody"}},
    "k8s_cluster": {"name": "prod", **CLUSTER},
    "security_group": {"name": "web"},
    "subnet": {"name": "lan-2", "network": "lan", "cidr": "10.0.2.0/24"},
    "network": {"name": "lan-c"},
    "ssh_key": {"name": "other", "public_key": PUBLIC_KEY},
}
FAILURES: dict[str, dict[str, Any]] = {
    "refused": {"kind": "status", "status": 400, "message": "No", "match": {"method": "POST"}},
    "lost": {"kind": "status", "status": 403, "message": "No", "match": {"method": "GET"}, "times": None},
    "failed task": {"kind": "task_error", "error": "No", "leave_object": True},
}


# Arguments that the module or ansible-core refuses.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "unknown option": {"sizzze": 5},
    "wrong type": {"timeout": "long"},
    "wrong choice": {"state": "there"},
    "wrong value": {"timeout": -1},
    "a list": {"timeout": [1]},
}


@pytest.mark.parametrize("module", CREATED)
@pytest.mark.parametrize(
    "outcome", ["created", "unchanged", "absent", "check", "absent check", "no wait", *FAILURES, "local"]
)
def test_the_keys_of_a_result_are_the_same_in_every_outcome(stack: Account, module: str, outcome: str) -> None:
    stack.documented = False  # a name that the API refuses
    if module == "k8s_cluster":
        stack.ok("ssh_key", name="admin", public_key=PUBLIC_KEY)
    options = dict(CREATED[module])
    if outcome in ("unchanged", "absent", "absent check"):
        stack.ok(module, **options)
    if outcome in FAILURES:
        stack.cloud.arm(FAILURES[outcome])
    if outcome == "no wait" and module != "ssh_key":
        options["wait"] = False
    options.update(ARGUMENTS.get(outcome, {}))
    state = "absent" if outcome.startswith("absent") else "present"
    run = stack.run(module, check="check" in outcome, **{"state": state, **options})
    failed = outcome in FAILURES and (module, outcome) != ("ssh_key", "failed task")
    assert run.failed == (failed or outcome in ARGUMENTS), run.text
    more = {"failed", "msg", "error"} if run.failed else set()
    optional = {"warnings", "exception"}
    assert set(run.result) - optional == KEYS | {module} | more
    assert isinstance(run.result["created_resources"]["volumes"], list)
    assert set(run.result["diff"]) == {"before", "after"}
    for task in run.result["tasks"]:
        assert set(task) == {"id", "type", "state", "started", "seconds", "polls", "error"}
