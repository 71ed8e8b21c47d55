# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every nested option, alone: set it, run again without changes, clear it with null where that is documented, run again."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from .conftest import Account

KEY = "deploy"
CERTIFICATES = {"load_balancer": ("cert-1", "cert-2")}
TCP_POOL = {"name": "pool-1", "protocol": "TCP", "lb_algorithm": "ROUND_ROBIN"}
MONITOR = {"type": "HTTP", "delay": 10, "timeout": 5, "max_retries": 3}
NODES = {
    "name": "nodes",
    "flavor": "g1-standard-2-4",
    "min_node_count": 1,
    "servergroup_policy": "affinity",
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
}
CLUSTER = {"name": "cluster-1", "version": "v1.33.10", "ssh_key": KEY, "pools": [NODES]}
OIDC = {"client_id": "kubernetes", "issuer_url": "https://id.example.com"}
PROFILE = {"enabled": True, "profile_template": 29}

POOL_OPTIONS: dict[str, Any] = {
    "members": [{"address": "10.0.0.7", "protocol_port": 80, "subnet": "subnet-1"}],
    "members[].weight": 5,
    "members[].backup": True,
    "members[].admin_state_up": False,
    "members[].monitor_address": "10.0.0.9",
    "members[].monitor_port": 81,
    "healthmonitor": {**MONITOR, "type": "TCP"},
    "healthmonitor.max_retries_down": 4,
    "healthmonitor.http_method": "HEAD",
    "healthmonitor.http_version": "1.1",
    "healthmonitor.url_path": "/health",
    "healthmonitor.expected_codes": "200,204",
    "healthmonitor.domain_name": "www.example.com",
    "healthmonitor.admin_state_up": False,
    "session_persistence": {"type": "SOURCE_IP"},
    "session_persistence.cookie_name": "lb-cookie",
    "session_persistence.persistence_granularity": "255.255.255.0",
    "session_persistence.persistence_timeout": 60,
    "ca_secret": "cert-1",
    "crl_secret": "cert-1",
    "secret": "cert-1",
    "timeout_member_connect": 7000,
    "timeout_member_data": 8000,
    "admin_state_up": False,
}
LOGGING: dict[str, Any] = {
    "logging.enabled": True,
    "logging.destination_region": "Luxembourg-2",
    "logging.topic_name": "logs",
    "logging.retention_policy": {"period": 45},
}
VALUES: dict[str, dict[str, Any]] = {
    "load_balancer": {
        **LOGGING,
        **{f"pools[].{option}": value for option, value in POOL_OPTIONS.items()},
        **{f"listeners[].pools[].{option}": value for option, value in POOL_OPTIONS.items()},
        "listeners[].allowed_cidrs": ["192.0.2.0/24"],
        "listeners[].connection_limit": 500,
        "listeners[].insert_x_forwarded": True,
        "listeners[].secret": "cert-1",
        "listeners[].sni_secrets": ["cert-2"],
        "listeners[].timeout_client_data": 6000,
        "listeners[].user_list": [{"username": "me-too", "encrypted_password": "$5$salt$" + "a" * 43}],
        "listeners[].admin_state_up": False,
        "listeners[].l7_policies": [{"name": "deny", "action": "REJECT"}],
        "listeners[].l7_policies[].redirect_pool": "spare",
        "listeners[].l7_policies[].redirect_url": "https://www.example.com",
        "listeners[].l7_policies[].redirect_prefix": "https://www.example.com",
        "listeners[].l7_policies[].redirect_http_code": 301,
        "listeners[].l7_policies[].position": 1,
        "listeners[].l7_policies[].tags": ["a"],
        "listeners[].l7_policies[].rules": [{"type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"}],
        "listeners[].l7_policies[].rules[].key": "X-Me",
        "listeners[].l7_policies[].rules[].invert": True,
        "listeners[].l7_policies[].rules[].tags": ["a"],
    },
    "k8s_cluster": {
        **LOGGING,
        "pools[].max_node_count": 3,
        "pools[].node_count": 2,
        "pools[].auto_healing_enabled": True,
        "pools[].is_public_ipv4": True,
        "pools[].security_groups": ["web"],
        "pools[].labels": {"role": "worker"},
        "pools[].taints": {"gpu": "true:NoSchedule"},
        "pools[].crio_config": {"default-ulimits": "nofile=1024:2048"},
        "pools[].kubelet_config": {"maxPods": "100"},
        "cni.provider": "cilium",
        "cni.cilium.cni_exclusive": False,
        "cni.cilium.encryption": True,
        "cni.cilium.hubble_relay": True,
        "cni.cilium.hubble_ui": True,
        "cni.cilium.lb_acceleration": True,
        "cni.cilium.lb_mode": "dsr",
        "cni.cilium.mask_size": 25,
        "cni.cilium.mask_size_v6": 121,
        "cni.cilium.routing_mode": "native",
        "cni.cilium.tunnel": "vxlan",
        "csi.nfs.vast_enabled": True,
        "authentication.oidc": OIDC,
        "authentication.oidc.client_id": "kubernetes",
        "authentication.oidc.issuer_url": "https://id.example.com",
        "authentication.oidc.groups_claim": "groups",
        "authentication.oidc.groups_prefix": "oidc:",
        "authentication.oidc.required_claims": {"claim": "value"},
        "authentication.oidc.signing_algs": ["RS256"],
        "authentication.oidc.username_claim": "sub",
        "authentication.oidc.username_prefix": "oidc:",
        "ddos_profile": {"enabled": True},
        "ddos_profile.profile_template": 29,
        "ddos_profile.profile_template_name": "basic",
        "ddos_profile.fields": [{"base_field": 1}],
        "ddos_profile.fields[].field_value": [45046],
    },
    "security_group": {
        "rules": [{"direction": "ingress"}],
        "rules[].ethertype": "IPv6",
        "rules[].protocol": "tcp",
        "rules[].port_range_min": 80,
        "rules[].port_range_max": 90,
        "rules[].remote_ip_prefix": "192.0.2.0/24",
        "rules[].remote_group": "other",
        "rules[].description": "web",
    },
    "subnet": {"host_routes": [{"destination": "10.9.0.0/24", "nexthop": "10.0.0.9"}]},
    "instance": {
        "volumes[].type_name": "ssd_hiiops",
        "volumes[].tags": {"a": "b"},
        "volumes[].size": 20,
        "volumes[].name": "boot",
        "interfaces[].subnet": "subnet-1",
        "interfaces[].ip_address": "10.0.0.77",
        "interfaces[].interface_name": "eth0",
        "interfaces[].security_groups": ["web"],
        "interfaces[].floating_ip": "new",
        "interfaces[].type": "any_subnet",
    },
}
# What a nested option needs around it, by the start of its path; the longest start counts.
AROUND: dict[str, dict[str, dict[str, Any]]] = {
    "load_balancer": {
        "": {"name": "lb-1"},
        "logging.": {"logging": {"enabled": True}},
        "pools[]": {"pools": [TCP_POOL]},
        "pools[].members[]": {"pools": [{**TCP_POOL, "members": POOL_OPTIONS["members"]}]},
        "pools[].healthmonitor.": {"pools": [{**TCP_POOL, "protocol": "HTTP", "healthmonitor": MONITOR}]},
        "pools[].session_persistence.": {
            "pools": [{**TCP_POOL, "protocol": "HTTP", "session_persistence": {"type": "HTTP_COOKIE"}}]
        },
        "pools[].session_persistence.persistence": {
            "pools": [{**TCP_POOL, "protocol": "UDP", "session_persistence": {"type": "SOURCE_IP"}}]
        },
        "listeners[]": {"listeners": [{"name": "web", "protocol": "HTTP", "protocol_port": 80}]},
        "listeners[].secret": {
            "listeners": [
                {"name": "web", "protocol": "TERMINATED_HTTPS", "protocol_port": 443, "sni_secrets": ["cert-2"]}
            ]
        },
        "listeners[].sni": {
            "listeners": [{"name": "web", "protocol": "TERMINATED_HTTPS", "protocol_port": 443, "secret": "cert-1"}]
        },
        "listeners[].user_list": {
            "listeners": [{"name": "web", "protocol": "PROMETHEUS", "protocol_port": 9101, "secret": "cert-1"}]
        },
        "listeners[].l7_policies[]": {
            "pools": [{**TCP_POOL, "name": "spare", "protocol": "HTTP"}],
            "listeners": [
                {
                    "name": "web",
                    "protocol": "HTTP",
                    "protocol_port": 80,
                    "l7_policies": [{"name": "policy", "action": "REJECT"}],
                }
            ],
        },
    },
    "k8s_cluster": {
        "": CLUSTER,
        "logging.": {"logging": {"enabled": True}},
        "authentication.oidc.": {"authentication": {"oidc": OIDC}},
        "ddos_profile.": {"ddos_profile": {"enabled": True}},
        "ddos_profile.fields": {"ddos_profile": PROFILE},
        "ddos_profile.fields[]": {"ddos_profile": {**PROFILE, "fields": [{"base_field": 1}]}},
        "cni.cilium": {"cni": {"provider": "cilium"}},
        "pools[].node_count": {"pools": [{**NODES, "max_node_count": 3}]},
    },
    "security_group": {
        "": {"name": "group-1"},
        "rules[]": {"rules": [{"direction": "ingress"}]},
        "rules[].port": {"rules": [{"direction": "ingress", "protocol": "tcp", "port_range_min": 80}]},
    },
    "subnet": {"": {"name": "subnet-2", "network": "net-1", "cidr": "10.0.1.0/24"}},
    "instance": {
        "": {
            "name": "vm-1",
            "flavor": "g1-standard-1-2",
            "volumes": [{"image": "ubuntu-24.04-x64", "size": 10}],
            "interfaces": [{"network": "net-1"}],
        },
    },
}
ACTIONS = {
    "redirect_pool": "REDIRECT_TO_POOL",
    "redirect_url": "REDIRECT_TO_URL",
    "redirect_prefix": "REDIRECT_PREFIX",
}
# Options that are covered elsewhere or need what the simulated account does not have.
ELSEWHERE = {
    "k8s_cluster.add_ons": "needs pools with GPUs: tests of k8s_cluster",
    "k8s_cluster.pools[].servergroup_policy": "in every pool here",
    "k8s_cluster.pools[].boot_volume_size": "in every pool here",
    "k8s_cluster.pools[].boot_volume_type": "in every pool here",
    "instance.volumes[]": "sources of a new disk, which only one of several entries can have: integration target instance_volumes",
    "instance.interfaces[].network": "in every interface here",
    "load_balancer.pools[].members[].subnet": "in every member here",
    "load_balancer.listeners[].pools[].members[].subnet": "in every member here",
    "instance.interfaces[].port": "needs a reserved address: integration target instance_interfaces",
    "instance.interfaces[].ip_family": "write-only",
    "load_balancer.pools[].members[].instance": "write-only: integration target load_balancer_tree",
    "load_balancer.listeners[].pools[].members[].instance": "write-only: integration target load_balancer_tree",
}


def suboptions(module: str) -> Iterator[tuple[str, bool, str]]:
    """(path, required, description) of every option inside another one, from the module's documentation."""
    source = importlib.import_module(f"ansible_collections.gcore.cloud.plugins.modules.{module}")

    def walk(place: str, options: Mapping[str, Any]) -> Iterator[tuple[str, bool, str]]:
        for name, option in options.items():
            path = f"{place}{name}"
            if place:
                yield path, bool(option.get("required")), str(option["description"])
            if option.get("suboptions"):
                inner = path + ("[]." if option["type"] == "list" else ".")
                yield from walk(inner, option["suboptions"])

    return walk("", yaml.safe_load(source.DOCUMENTATION)["options"])


def options_for(module: str, path: str, value: Any) -> dict[str, Any]:
    """The smallest options with one nested option."""
    options: dict[str, Any] = {}
    around = AROUND[module]
    inside = path.removeprefix("listeners[].") if path.startswith("listeners[].pools[]") else path
    for start in sorted(around, key=len):
        if inside.startswith(start):
            options.update(copy.deepcopy(around[start]))
    if inside != path:
        pools = options.pop("pools")
        protocol = "UDP" if pools[0]["protocol"] == "UDP" else "TCP" if pools[0]["protocol"] == "TCP" else "HTTP"
        options["listeners"] = [{"name": "web", "protocol": protocol, "protocol_port": 80, "pools": pools}]
    set_at(options, path, value)
    policies = [policy for each in options.get("listeners") or [] for policy in each.get("l7_policies") or []]
    for policy in policies:
        for option, action in ACTIONS.items():
            if option in policy:
                policy["action"] = action
        if "redirect_http_code" in policy:
            policy.update(action="REDIRECT_TO_URL", redirect_url="https://www.example.com")
        for rule in policy.get("rules") or []:
            if "type" not in rule:
                rule.update(
                    type="HEADER", compare_type="EQUAL_TO", value="a", **({} if "key" in rule else {"key": "X"})
                )
    return options


def set_at(options: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path like pools[].members[].weight: into the first entries, on the way created where absent."""
    node: Any = options
    *parents, last = path.split(".")
    for part in parents:
        name = part.removesuffix("[]")
        if part.endswith("[]"):
            entries = node.setdefault(name, [{}])
            node = entries[0]
        else:
            node = node.setdefault(name, {})
    node[last] = value


def stand_for(account: Account, module: str) -> dict[str, str]:
    """What the options refer to; the ids of what can be referred to by id only."""
    if module in ("instance", "subnet", "load_balancer"):
        account.ok("network", name="net-1", create_router=True)
        account.ok("subnet", name="subnet-1", network="net-1", cidr="10.0.0.0/24", connect_to_network_router=True)
    if module == "k8s_cluster":
        account.ok("ssh_key", name=KEY, private_key_dest=str(account.folder / "key"))
    if module in ("instance", "k8s_cluster", "security_group"):
        account.ok("security_group", name="web", rules=[])
        account.ok("security_group", name="other", rules=[])
    return {name: account.add("secret", name=name) for name in CERTIFICATES.get(module, ())}


def with_ids(value: Any, ids: Mapping[str, str]) -> Any:
    """Options with ids in place of names."""
    if isinstance(value, dict):
        return {key: with_ids(each, ids) for key, each in value.items()}
    if isinstance(value, list):
        return [with_ids(each, ids) for each in value]
    return ids.get(value, value) if isinstance(value, str) else value


CASES = [(module, path) for module, values in VALUES.items() for path in values]


@pytest.mark.parametrize(("module", "path"), CASES, ids=[f"{module}-{path}" for module, path in CASES])
def test_a_nested_option_alone_is_idempotent_and_null_clears_it(account: Account, module: str, path: str) -> None:
    options = with_ids(options_for(module, path, VALUES[module][path]), stand_for(account, module))
    created = account.ok(module, **copy.deepcopy(options))
    assert created["changed"]
    again = account.run(module, **copy.deepcopy(options))
    assert not again.failed and not again.result["changed"] and not again.writes, again.text
    if (module, path) not in CLEARABLE:
        return
    cleared = copy.deepcopy(options)
    set_at(cleared, path, None)
    run = account.run(module, **copy.deepcopy(cleared))
    assert not run.failed and run.result["changed"] and run.writes, run.text
    again = account.run(module, **copy.deepcopy(cleared))
    assert not again.failed and not again.result["changed"] and not again.writes, again.text
    without = account.run(module, check=True, **copy.deepcopy(options))
    assert without.result["changed"], without.text


CLEARABLE = {
    (module, path)
    for module in VALUES
    for path, _required, text in suboptions(module)
    if "null" in text.lower().split("null as")[0]
}


@pytest.mark.parametrize("module", VALUES)
def test_every_nested_option_has_a_case(module: str) -> None:
    missing = [
        path
        for path, required, _text in suboptions(module)
        if not required
        and path not in VALUES[module]
        and not any(each.startswith((path + ".", path + "[]")) for each in VALUES[module])
        and not any(f"{module}.{path}".startswith(start) for start in ELSEWHERE)
    ]
    assert not missing
