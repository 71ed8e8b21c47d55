# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options as they arrive: as text, as null, or as the wrong type."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Account

NETWORK = "net-1"
MONITOR = {"type": "TCP", "delay": 10, "timeout": 5, "max_retries": 3}
POOL = {
    "name": "web-pool",
    "protocol": "TCP",
    "lb_algorithm": "ROUND_ROBIN",
    "healthmonitor": MONITOR,
    "session_persistence": {"type": "SOURCE_IP"},
    "timeout_member_connect": 7000,
    "members": [
        {
            "address": "10.0.0.7",
            "protocol_port": 80,
            "monitor_address": "10.0.0.8",
            "monitor_port": 81,
            "subnet": "subnet-1",
        }
    ],
}
LISTENER = {
    "name": "web",
    "protocol": "TCP",
    "protocol_port": 80,
    "allowed_cidrs": ["192.0.2.0/24"],
    "timeout_client_data": 6000,
    "pools": [POOL],
}
NODES = {
    "name": "nodes",
    "flavor": "g1-standard-2-4",
    "min_node_count": 1,
    "max_node_count": 2,
    "servergroup_policy": "affinity",
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
}
CLUSTER = {
    "name": "cluster-1",
    "version": "v1.33.10",
    "ssh_key": "deploy",
    "pools": [NODES],
    "authentication": {"oidc": {"client_id": "kubernetes", "issuer_url": "https://id.example.com"}},
}


def network_of(account: Account) -> None:
    account.ok("network", name=NETWORK)
    account.ok("subnet", name="subnet-1", network=NETWORK, cidr="10.0.0.0/24")


def instance_of(account: Account) -> dict[str, Any]:
    """An instance whose interface has a floating IP and a security group."""
    network_of(account)
    group = account.ok("security_group", name="web", rules=[])["security_group"]["id"]
    options: dict[str, Any] = {
        "name": "vm-1",
        "flavor": "g1-standard-1-2",
        "volumes": [{"image": "ubuntu-24.04-x64", "size": 10}],
        "interfaces": [{"network": NETWORK, "floating_ip": "new", "security_groups": [group]}],
    }
    account.ok("instance", **options)
    return options


def key_of(account: Account) -> None:
    account.ok("ssh_key", name="deploy", private_key_dest=str(account.folder / "key"))


def texts(value: Any) -> list[tuple[str, Any]]:
    """A list of dictionaries in each form in which Ansible may hand it over."""
    return [
        ("entry as JSON text", [json.dumps(each) for each in value]),
        ("entry as Python text", [repr(each) for each in value]),
        ("list as JSON text", json.dumps(value, indent=2)),
        ("list as Python text", repr(value)),
        ("dictionaries inside as JSON text", [
            {key: json.dumps(each) if isinstance(each, (dict, list)) else each for key, each in entry.items()}
            for entry in value
        ]),
    ]  # fmt: skip


FORMS = [name for name, _text in texts([{}])]


# ------------------------------------------------- what is omitted stays omitted


@pytest.mark.parametrize("form", FORMS)
def test_omitted_suboptions_of_interfaces_given_as_text_are_kept(account: Account, form: str) -> None:
    options = instance_of(account)
    entries = [{"network": NETWORK}]
    run = account.run("instance", **{**options, "interfaces": dict(texts(entries))[form]})
    assert not run.failed and not run.result["changed"] and not run.writes, run.text


def test_an_ad_hoc_entry_is_one_entry_of_key_and_value(account: Account) -> None:
    options = instance_of(account)
    for text in (f"network={NETWORK}", f"network={NETWORK} subnet=subnet-1"):
        run = account.run("instance", **{**options, "interfaces": text})
        assert not run.failed and not run.writes, run.text
    account.refused("instance", "interfaces", "JSON", **{**options, "interfaces": f"network={NETWORK},network=other"})


@pytest.mark.parametrize("form", FORMS)
def test_omitted_suboptions_of_listeners_and_pools_given_as_text_are_kept(account: Account, form: str) -> None:
    network_of(account)
    account.ok("load_balancer", name="lb-1", listeners=[LISTENER])
    pool = {key: POOL[key] for key in ("name", "protocol", "lb_algorithm")}
    listener = {"name": "web", "protocol": "TCP", "protocol_port": 80, "pools": [pool]}
    for listeners in ([listener], [{**listener, "pools": dict(texts([pool]))[form]}]):
        run = account.run("load_balancer", name="lb-1", listeners=dict(texts(listeners))[form])
        assert not run.failed and not run.writes, run.text
    members = [{"address": "10.0.0.7", "protocol_port": 80}]
    entry = {**listener, "pools": [{**pool, "members": dict(texts(members))[form]}]}
    run = account.run("load_balancer", name="lb-1", listeners=[entry])
    assert not run.failed and not run.writes, run.text


@pytest.mark.parametrize("whole", [True, False])
def test_omitted_suboptions_of_a_cluster_given_as_text_are_kept(account: Account, whole: bool) -> None:
    key_of(account)
    account.ok("k8s_cluster", **CLUSTER)
    oidc: dict[str, Any] = {"client_id": "kubernetes"}
    text = json.dumps({"oidc": oidc}) if whole else {"oidc": json.dumps(oidc)}
    run = account.run("k8s_cluster", **{**CLUSTER, "authentication": text})
    assert not run.failed and not run.writes, run.text
    run = account.run("k8s_cluster", **{**CLUSTER, "authentication": "{}"})
    assert not run.failed and not run.writes, run.text


def test_null_in_an_entry_given_as_text_clears_as_elsewhere(account: Account) -> None:
    options = instance_of(account)
    run = account.run("instance", **{**options, "interfaces": [json.dumps({"network": NETWORK, "floating_ip": None})]})
    assert [each.body for each in run.writes] == [{"port_id": None}]


@pytest.mark.parametrize("text", ["network", "{network: x", '["x"]', "{'network': open('x')}", ""])
def test_text_that_is_no_dictionary_is_refused_with_its_path(account: Account, text: str) -> None:
    account.refused("instance", "interfaces[1] must be a dictionary", name="vm-1", interfaces=[{"network": "x"}, text])
    account.refused("load_balancer", "listeners[0].pools[0]", name="lb-1", listeners=[{**LISTENER, "pools": [text]}])


def test_a_wrong_entry_does_not_show_what_it_holds(account: Account) -> None:
    listener = {**LISTENER, "user_list": ["{'username': 'me', 'encrypted_password': 's3cret-word'"]}
    run = account.refused("load_balancer", "listeners[0].user_list[0]", name="lb-1", listeners=[listener])
    assert "s3cret-word" not in run.text
    run = account.refused("instance", "user_data", name="vm-1", user_data={"password": "s3cret-word"})
    assert "s3cret-word" not in run.text


@pytest.mark.parametrize(
    ("module", "options", "where"),
    [
        ("instance", {"interfaces": {"network": "x"}}, "interfaces must be a list of dictionaries"),
        ("instance", {"interfaces": [["x"]]}, "interfaces[0] must be a dictionary, not a list"),
        ("instance", {"volumes": [5]}, "volumes[0] must be a dictionary, not a number"),
        ("instance", {"volumes": [{"name": "data", "tags": ["a"]}]}, "volumes[0].tags must be a dictionary"),
        ("load_balancer", {"listeners": [{**LISTENER, "pools": [{**POOL, "members": [None]}]}]},
         "listeners[0].pools[0].members[0] is null"),
        ("volume", {"tags": "x"}, "tags must be a dictionary, and is text that is neither JSON nor key=value pairs"),
        ("security_group", {"rules": "direction=ingress,protocol=tcp"}, "rules is text with commas: it may be one entry"),
        ("load_balancer", {"logging": True}, "logging must be a dictionary, not a boolean"),
        ("security_group", {"rules": [True]}, "rules[0] must be a dictionary"),
    ],
)  # fmt: skip
def test_an_entry_that_must_be_a_dictionary_is_named(
    account: Account, module: str, options: dict[str, Any], where: str
) -> None:
    account.refused(module, where, name="name-1", **options)


@pytest.mark.parametrize("option", ["timeout", "wait_timeout", "poll_interval"])
def test_a_time_must_be_positive(account: Account, option: str) -> None:
    account.refused("volume", "%s must be more than 0, not 0" % option, name="data", size=1, **{option: 0})


# ----------------------------------------------------------------------- null


@pytest.mark.parametrize(
    ("module", "options", "where"),
    [
        ("instance", {"interfaces": [{"network": None}]}, "interfaces[0].network"),
        ("instance", {"interfaces": [{"network": "x", "subnet": None}]}, "interfaces[0].subnet"),
        ("instance", {"interfaces": [{"network": "x", "ip_address": None}]}, "interfaces[0].ip_address"),
        ("instance", {"interfaces": [{"network": "x", "interface_name": None}]}, "interfaces[0].interface_name"),
        ("instance", {"interfaces": [{"type": None}]}, "interfaces[0].type"),
        ("instance", {"interfaces": ['{"network": null}']}, "interfaces[0].network"),
        ("instance", {"volumes": [{"name": None, "size": 5}]}, "volumes[0].name"),
        ("instance", {"volumes": [{"volume": None, "size": 5}]}, "volumes[0].volume"),
        ("instance", {"network": None, "external": True}, "network"),
        ("instance", {"id": None}, "id"),
        ("load_balancer", {"vip_network": None}, "vip_network"),
        ("load_balancer", {"vip_port": None}, "vip_port"),
        ("load_balancer", {"listeners": [{**LISTENER, "protocol_port": None}]}, "listeners[0].protocol_port"),
        ("volume", {"size": 5, "image": None}, "image"),
        ("volume", {"size": 5, "state": None}, "state"),
        ("subnet", {"network": None, "cidr": "10.0.0.0/24"}, "network"),
        ("network", {"name": None}, "name"),
        ("k8s_cluster", {"fixed_network": None}, "fixed_network"),
        ("security_group", {"rules": [{"direction": "ingress", "remote_group": None}]}, "rules[0].remote_group"),
        ("security_group", {"rules": [], "purge_rules": None}, "purge_rules"),
        ("volume_info", {"name": None}, "name"),
        ("volume_info", {"name": "x", "instance": None}, "instance"),
    ],
)
@pytest.mark.parametrize("check", [False, True])
def test_null_where_an_option_identifies_or_places_is_refused(
    account: Account, module: str, options: dict[str, Any], where: str, check: bool
) -> None:
    last = where.rpartition(".")[2]
    run = account.refused(
        module, f"{where} is null", f"{last} | default(omit, true)", check=check, **{"name": "name-1", **options}
    )
    assert not run.exchanges


@pytest.mark.parametrize(
    ("module", "options", "where"),
    [
        ("instance", {"flavor": ""}, "flavor"),
        ("instance", {"interfaces": [{"network": " "}]}, "interfaces[0].network"),
        ("instance", {"floating_ip": "", "network": "x"}, "floating_ip"),
        ("subnet", {"network": ""}, "network"),
        ("network", {"name": ""}, "name"),
        ("volume", {"id": ""}, "id"),
        ("volume", {"instance": ""}, "instance"),
        ("security_group", {"rules": [{"direction": "ingress", "remote_group": ""}]}, "rules[0].remote_group"),
        ("volume_info", {"name": ""}, "name"),
    ],
)
def test_empty_text_is_no_name_and_no_id(account: Account, module: str, options: dict[str, Any], where: str) -> None:
    account.refused(module, f"{where} is empty", check=True, **{"name": "name-1", **options})


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_in_connection_scope_and_waiting_options_means_not_given(account: Account, nothing: Any) -> None:
    environment = {
        "GCORE_API_KEY": account.cloud.simulator.settings.api_key,
        "GCORE_CLOUD_PROJECT_ID": "default",
        "GCORE_CLOUD_REGION_ID": "76",
    }
    nulls = ("api_key", "project", "region", "ca_path", "validate_certs", "timeout", "wait", "wait_timeout")
    given = dict.fromkeys((*nulls, "poll_interval"), nothing)
    run = account.run("volume", environment=environment, name="data-1", size=5, **given)
    assert not run.failed and run.result["changed"], run.text


# ---------------------------------------------------------- required options


@pytest.mark.parametrize("tasks", [{}, {"tasks": None}, {"tasks": ""}])
def test_task_wait_without_tasks_is_refused(account: Account, tasks: dict[str, Any]) -> None:
    account.refused("task_wait", "tasks", **tasks)


@pytest.mark.parametrize("tasks", [[], "[]", [{"changed": False, "task_ids": []}], [{"skipped": True}]])
def test_task_wait_with_results_of_no_tasks_is_fine(account: Account, tasks: Any) -> None:
    assert account.ok("task_wait", tasks=tasks)["tasks"] == []


@pytest.mark.parametrize("form", [lambda each: each, json.dumps, lambda each: [each], lambda each: json.dumps([each])])
def test_task_wait_takes_a_registered_result_in_every_form(account: Account, form: Callable[[Any], Any]) -> None:
    result = account.ok("volume", name="data-1", size=5, wait=False)
    waited = account.ok("task_wait", tasks=form({"task_ids": result["task_ids"]}))
    assert waited["task_ids"] == result["task_ids"]


# ----------------------------------------------------------------- wrong types


@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        ("instance", {"user_data": {"packages": ["nginx"]}}, ["user_data must be text, not a dictionary", "#cloud-config", "to_yaml"]),
        ("instance", {"user_data": ["runcmd"]}, ["user_data must be text, not a list"]),
        ("volume", {"name": ["a"]}, ["name must be text, not a list"]),
        ("volume", {"size": True}, ["size must be a number, not a boolean"]),
        ("volume", {"name": True}, ["name must be text, not a boolean", "quotes"]),
        ("security_group", {"description": {"a": 1}}, ["description must be text"]),
        ("load_balancer", {"listeners": [{**LISTENER, "allowed_cidrs": [{"a": 1}]}]}, ["listeners[0].allowed_cidrs[0] must be text"]),
        ("instance", {"floating_ip": True, "network": "x"}, ["floating_ip cannot be true", "new"]),
        ("instance", {"interfaces": [{"network": "x", "floating_ip": "yes"}]}, ["interfaces[0].floating_ip cannot be yes", "new"]),
        ("load_balancer", {"floating_ip": False}, ["floating_ip cannot be false", "null removes it"]),
        ("instance", {"state": "absent", "delete_volumes": True}, ["delete_volumes cannot be true", "[all]"]),
        ("instance", {"state": "absent", "delete_floating_ips": "yes"}, ["delete_floating_ips cannot be yes", "[all]"]),
        ("k8s_cluster", {"state": "absent", "delete_volumes": ["true"]}, ["delete_volumes[0]", "all"]),
        ("network", {"tags": {"env": None}}, ["The tag 'env' in tags is null"]),
        ("network", {"tags": {"env": True}}, ['Quote it: "true"']),
        ("network", {"tags": {"env": ["a"]}}, ["The tag 'env' in tags is a list"]),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused(
    account: Account, module: str, options: dict[str, Any], words: list[str]
) -> None:
    run = account.refused(module, *words, **{"name": "name-1", **options})
    assert "none" not in run.result["msg"].lower() and not run.exchanges


# --------------------------------------------------- names of other tools' options


@pytest.mark.parametrize(
    ("module", "options", "ours"),
    [
        ("instance", {"command": "create"}, "state"),
        ("instance", {"project_id": 1}, "project"),
        ("instance", {"region_name": "x"}, "region"),
        ("instance", {"keypair_name": "x"}, "ssh_key"),
        ("instance", {"api_host": "x"}, "api_url"),
        ("instance", {"server_type": "x"}, "flavor"),
        ("instance", {"instance_type": "x"}, "flavor"),
        ("instance", {"location": "x"}, "region"),
        ("instance", {"image_id": "x"}, "image"),
        ("instance", {"userdata": "x"}, "user_data"),
        ("instance", {"security_group_ids": ["x"]}, "security_groups"),
        ("instance", {"volumes": [{"volume_type": "x"}]}, "volumes[0].type_name"),
        ("instance", {"interfaces": [{"network_id": "x"}]}, "interfaces[0].network"),
        ("volume", {"volume_type": "x"}, "type_name"),
        ("volume", {"server": "x"}, "instance"),
        ("volume", {"volume_size": 5}, "size"),
        ("network", {"labels": {"a": "b"}}, "tags"),
        ("network", {"network_id": "x"}, "id"),
        ("subnet", {"network_id": "x"}, "network"),
        ("load_balancer", {"loadbalancer_id": "x"}, "id"),
        ("volume", {"instance_id_to_attach_to": "x"}, "instance"),
        ("volume", {"snapshots": ["x"]}, "delete_snapshots"),
        ("instance", {"volumes_to_delete": ["x"]}, "delete_volumes"),
        ("ssh_key", {"sshkey_name": "x"}, "name"),
    ],
)
def test_an_option_of_another_tool_is_answered_with_ours(
    account: Account, module: str, options: dict[str, Any], ours: str
) -> None:
    account.refused(module, "There is no option", f"Use {ours}.", **{"name": "name-1", **options})


def test_an_option_of_no_tool_is_reported_by_ansible(account: Account) -> None:
    account.refused("volume", "Unsupported parameters", "colour", name="data-1", colour="red")


# ----------------------------------------------------- text that has to have a form

NODE_POOL = {"name": "nodes", "flavor": "x", "min_node_count": 1}
FORMS_OF_TEXT: list[tuple[str, dict[str, Any], str]] = [
    ("subnet", {"network": "x", "cidr": "10.0.0.0/33"}, "cidr '10.0.0.0/33' is not a network"),
    ("subnet", {"network": "x", "cidr": "10.0.0.7/24"}, "its network is 10.0.0.0/24"),
    ("subnet", {"network": "x", "gateway_ip": "gateway"}, "gateway_ip 'gateway' is not an IP address"),
    ("subnet", {"network": "x", "dns_nameservers": ["8.8.8.8", "dns"]}, "dns_nameservers[1] 'dns'"),
    ("subnet", {"network": "x", "host_routes": [{"destination": "10.0.0.7/24", "nexthop": "10.0.0.1"}]}, "host_routes[0].destination"),
    ("subnet", {"network": "x", "host_routes": [{"destination": "10.0.0.0/24", "nexthop": "x"}]}, "host_routes[0].nexthop"),
    ("security_group", {"rules": [{"direction": "ingress", "remote_ip_prefix": "10.0.0.7/8"}]}, "its network is 10.0.0.0/8"),
    ("security_group", {"rules": [{"direction": "ingress", "remote_ip_prefix": "all"}]}, "rules[0].remote_ip_prefix 'all'"),
    ("floating_ip", {"port": "x", "fixed_ip_address": "2001:db8::1"}, "fixed_ip_address '2001:db8::1' is not an IPv4 address"),
    ("instance", {"network": "x", "ip_address": "10.0.0.256"}, "ip_address '10.0.0.256'"),
    ("instance", {"interfaces": [{"network": "x", "ip_address": "10.0.0.0/24"}]}, "interfaces[0].ip_address"),
    ("load_balancer", {"listeners": [{**LISTENER, "allowed_cidrs": ["any"]}]}, "listeners[0].allowed_cidrs[0] 'any'"),
    ("load_balancer", {"pools": [{**POOL, "members": [{"address": "vm-1", "protocol_port": 80}]}]}, "pools[0].members[0].address"),
    ("load_balancer", {"pools": [{**POOL, "members": [{"address": "10.0.0.7", "protocol_port": 80, "monitor_address": "x"}]}]},
     "pools[0].members[0].monitor_address"),
    ("load_balancer", {"pools": [{**POOL, "healthmonitor": {**MONITOR, "type": "HTTP", "expected_codes": "OK"}}]},
     "pools[0].healthmonitor.expected_codes"),
    ("load_balancer", {"pools": [{**POOL, "session_persistence": {"type": "SOURCE_IP", "persistence_granularity": "24 bits"}}]},
     "pools[0].session_persistence.persistence_granularity"),
    ("k8s_cluster", {"pods_ip_pool": "172.16.0.1/18"}, "its network is 172.16.0.0/18"),
    ("k8s_cluster", {"services_ip_pool": "x"}, "services_ip_pool 'x'"),
    ("k8s_cluster", {"add_ons": {"slurm": {"enabled": True, "file_share_id": "share"}}}, "add_ons.slurm.file_share_id 'share' is not an id"),
    ("k8s_cluster", {"autoscaler_config": {"scan-interval": None}}, "autoscaler_config.scan-interval must be text, not null"),
    ("k8s_cluster", {"pools": [{**NODE_POOL, "labels": {"a": ["b"]}}]}, "pools[0].labels.a must be text, not a list"),
    ("k8s_cluster", {"pools": [{**NODE_POOL, "taints": {"a": {"b": "c"}}}]}, "pools[0].taints.a must be text, not a dictionary"),
    ("k8s_cluster", {"authentication": {"oidc": {"required_claims": {"a": None}}}}, "authentication.oidc.required_claims.a"),
    ("k8s_cluster", {"authentication": {"oidc": {"required_claims": {"a": 1}}}}, "must be text, not a number"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "options", "words"), FORMS_OF_TEXT, ids=[words for _name, _text, words in FORMS_OF_TEXT]
)
def test_text_of_another_form_is_refused_before_any_request(
    account: Account, module: str, options: dict[str, Any], words: str
) -> None:
    name = {} if module == "floating_ip" else {"name": "name-1"}
    run = account.refused(module, words, check=True, **name, **options)
    assert not run.exchanges


@pytest.mark.parametrize("option", ["from_timestamp", "to_timestamp"])
def test_a_moment_is_checked(account: Account, option: str) -> None:
    for text in ("yesterday", "2026-08-01", "2026-13-01T00:00:00Z", "1780000000"):
        account.refused("task_info", f"{option} '{text}' is not a date and time", **{option: text})
    for text in ("2026-08-01T00:00:00Z", "2026-08-01T00:00:00+02:00", "2026-08-01T00:00:00.123456"):
        account.ok("task_info", **{option: text})


def test_a_value_that_check_mode_cannot_know_yet_has_no_form(account: Account) -> None:
    later = "(known after the run)"
    run = account.run("instance", check=True, name="vm-1", flavor="g1-standard-1-2", image="ubuntu-24.04-x64",
                      volume_size=10, network=later, ip_address=later)  # fmt: skip
    assert not run.failed and run.result["changed"], run.text
