# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is run of each role: its variables with plain values, and from these every variable as null and as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.runner import paths

Variables = dict[str, Any]


@dataclass(frozen=True)
class Role:
    """The plain values, with the names of the variables shortened by the name of the role."""

    name: str
    plain: Variables
    """What the resource is created with. Where a variable has a default, it is the default's value."""
    others: tuple[Variables, ...] = ()
    """Variables that exclude some of the plain ones, which they set to None, and change nothing."""
    absent: Variables = field(default_factory=dict)
    minimal: Variables = field(default_factory=dict)
    """What a new resource needs besides its name."""
    setup: tuple[dict[str, Any], ...] = ()
    needing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What a variable's null is tried without, because the module refuses it, or changes more, where the variable is omitted."""
    release: Variables = field(default_factory=dict)
    """What has to be changed before the resource can be deleted."""
    between: tuple[dict[str, Any], ...] = ()
    """What the deletion takes with it, and the next creation needs."""

    @property
    def spec(self) -> dict[str, dict[str, Any]]:
        text = (paths.ROOT / "roles" / self.name / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
        options = yaml.safe_load(text)["argument_specs"]["main"]["options"]
        return {name[len(self.name) + 1 :]: spec for name, spec in options.items()}

    def base(self, variable: str) -> Variables:
        """Variables with this one among them, or the plain ones."""
        for other in self.others:
            if variable in other and other[variable] is not None:
                return {key: value for key, value in {**self.plain, **other}.items() if value is not None}
        return self.plain


@dataclass(frozen=True)
class Case:
    """One run of a role."""

    name: str
    variables: Variables
    check: bool = False


def text_forms(spec: dict[str, Any], value: Any) -> Iterator[tuple[str, Any]]:
    """The value as command lines and surveys give it; a list of dictionaries has to be a list, whose entries may be text."""
    kind, elements = spec["type"], spec.get("elements")
    if kind == "bool":
        yield from (("word", "yes"), ("json", "true")) if value else (("word", "no"), ("json", "false"))
    elif kind == "int":
        yield "json", str(value)
    elif kind == "dict":
        yield "json", json.dumps(value)
        if all(isinstance(each, str) for each in value.values()):
            yield "word", " ".join(f"{key}={each}" for key, each in value.items())
    elif kind == "list" and elements == "str":
        yield "json", json.dumps(value)
        yield "word", ",".join(value)
    elif kind == "list":
        yield "json", [json.dumps(each) for each in value]


def cases(role: Role) -> Iterator[Case]:
    """All runs in their order; the resource exists from the first one on."""
    spec = role.spec
    yield Case("create", role.plain)
    yield Case("again", role.plain)
    for group in _groups(role):
        needing = {name for variable in group for name in role.needing.get(variable, ())}
        base = {name: value for name, value in role.base(group[0]).items() if name not in needing}
        yield Case("null:" + "+".join(group), {**base, **dict.fromkeys(group)})
    for form in ("json", "word"):
        yield Case(f"text:{form}", {name: _text(spec[name], value, form) for name, value in role.plain.items()})
    for variable in spec:
        base = role.base(variable)
        if base is not role.plain:
            yield Case(f"text:{variable}", {**base, variable: _text(spec[variable], base[variable])})
        if variable in base and spec[variable].get("elements") == "dict":
            yield Case(f"refused:{variable}", {**base, variable: json.dumps(base[variable])})
    if role.absent:
        base = {**role.absent, "name": role.plain["name"], "state": "absent"}
        yield Case("absent", base, check=True)
        for variable, plain in role.absent.items():
            omitted = {name: each for name, each in base.items() if name != variable}
            yield Case(f"absent-omitted:{variable}", omitted, check=True)
            yield Case(f"absent-null:{variable}", {**base, variable: None}, check=True)
            for form, value in text_forms(spec[variable], plain):
                yield Case(f"absent-text:{variable}:{form}", {**base, variable: value}, check=True)
    gone = {
        **role.absent,
        "state": "absent",
        **{name: role.plain[name] for name in ("rules", "subnets") if name in role.plain},
    }
    yield Case("release", {**role.plain, **role.release})
    yield Case("delete", {**gone, "name": role.plain["name"]})
    yield Case("create-text", {name: _text(spec[name], value) for name, value in role.plain.items()})
    yield Case("release-text", {**role.plain, **role.release})
    yield Case("delete-text", {**gone, "name": role.plain["name"]})
    new = {"name": "small", **role.minimal}
    # Null is refused there: the listener is new.
    empty = {name: each for name, each in spec.items() if name != "allowed_cidrs"}
    for form, variables in (
        ("omitted", new),
        ("null", {**dict.fromkeys(empty), **new}),
        ("empty", {**dict.fromkeys((name for name, each in empty.items() if _takes_empty(each)), ""), **new}),
    ):
        yield Case(f"create-{form}", variables)
        yield Case(f"delete-{form}", {**gone, "name": "small"})


def _groups(role: Role) -> Iterator[list[str]]:
    """Variables that are null in one run: five plain scalars, or one that decides about more."""
    scalars = []
    for variable, spec in role.spec.items():
        structured = spec["type"] in ("list", "dict") or spec.get("required")
        if structured or variable in role.needing or role.base(variable) is not role.plain:
            yield [variable]
        else:
            scalars.append(variable)
    yield from (scalars[first : first + 5] for first in range(0, len(scalars), 5))


def _text(spec: dict[str, Any], value: Any, form: str = "json") -> Any:
    """The value in one of its text forms, where it has one."""
    forms = dict(text_forms(spec, value))
    return forms.get(form, forms.get("json", value))


def _takes_empty(spec: dict[str, Any]) -> bool:
    return "choices" not in spec and (spec["type"] in ("str", "path") or spec.get("elements") == "str")


def module(module_name: str, /, **options: Any) -> dict[str, Any]:
    return {"name": f"Set up with {module_name}", f"gcore.cloud.{module_name}": options}


NETWORK = (
    module("network", name="lan"),
    module("subnet", name="lan-v4", network="lan", cidr="10.1.0.0/24"),
)
VM = {"flavor": "g2-standard-2-4", "image": "ubuntu-22.04-x64", "volume_size": 10}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUYQ0Fk4nh5AJqPS5P3lr4mC3Jr1c0zq9yv1Q6s6m3p test"
SCOPE = {"project": "1000001", "region": "76", "wait_timeout": 3000}
RULES = [
    {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22},
    {"direction": "egress", "ethertype": "IPv4"},
]
LISTENER = {
    "name": "http-80",
    "protocol": "HTTP",
    "protocol_port": 80,
    "allowed_cidrs": ["198.51.100.0/24"],
    "pools": [{"name": "http-80", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}],
}
WORKERS = {
    "name": "workers",
    "flavor": "g2-standard-2-4",
    "min_node_count": 1,
    "max_node_count": 2,
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
    "servergroup_policy": "anti-affinity",
}

ROLES = (
    Role(
        "provision_volume",
        {
            "name": "data",
            "state": "present",
            "size": 5,
            "type_name": "standard",
            "instance": "web-1",
            "detach": False,
            "tags": {"env": "test", "team": "a"},
            **SCOPE,
        },
        release={"instance": None, "detach": True},
        minimal={"size": 1},
        setup=(*NETWORK, module("instance", name="web-1", network="lan", **VM)),
    ),
    Role(
        "provision_network",
        {
            "name": "back",
            "state": "present",
            "type": "vxlan",
            "create_router": False,
            "tags": {"env": "test"},
            "subnets": [
                {
                    "name": "back-a",
                    "cidr": "10.2.0.0/24",
                    "enable_dhcp": True,
                    "gateway_ip": "10.2.0.9",
                    "dns_nameservers": ["192.0.2.53"],
                    "host_routes": [{"destination": "10.9.0.0/24", "nexthop": "10.2.0.7"}],
                }
            ],
            "project": "1000001",
            "region": "76",
        },
    ),
    Role(
        "provision_vm",
        {
            "name": "web-1",
            "state": "present",
            "flavor": "g2-standard-2-4",
            "image": "ubuntu-22.04-x64",
            "volume_size": 10,
            "volume_type": "standard",
            "volumes": [{"volume": "data"}],
            "ssh_key": "ours",
            "network": "lan",
            "subnet": "lan-v4",
            "floating_ip": "new",
            "floating_ip_detach": False,
            "security_groups": ["shared"],
            "rules": RULES,
            "security_group_name": "web-1-sg",
            "user_data": '{"a": [1, "b"]}',
            "tags": {"env": "test"},
            **SCOPE,
        },
        others=(
            {
                "network": None,
                "subnet": None,
                "floating_ip": None,
                "interfaces": [{"network": "lan", "subnet": "lan-v4", "floating_ip": "new"}],
            },
            {"external": False},
        ),
        absent={"delete_volumes": ["all"], "delete_floating_ips": ["all"]},
        needing={
            "network": ("subnet", "floating_ip"),
            "rules": ("security_groups",),
            "security_groups": ("rules",),
        },
        minimal={**VM, "network": "lan"},
        setup=(
            *NETWORK,
            module("volume", name="data", size=1),
            module("security_group", name="shared", rules=[]),
            module("ssh_key", name="ours", public_key=PUBLIC_KEY),
        ),
        between=(module("volume", name="data", size=1),),
    ),
    Role(
        "provision_load_balancer",
        {
            "name": "front",
            "state": "present",
            "flavor": "lb1-1-2",
            "vms": ["web-1", "web-2"],
            "vm_network": "lan",
            "protocol": "HTTP",
            "port": 80,
            "vm_port": 80,
            "algorithm": "ROUND_ROBIN",
            "healthmonitor": {"url_path": "/health"},
            "healthmonitor_enabled": True,
            "allowed_cidrs": ["198.51.100.0/24"],
            "purge": False,
            "network": "lan",
            "subnet": "lan-v4",
            "external": False,
            "floating_ip": "new",
            "floating_ip_detach": False,
            "tags": {"env": "test"},
            **SCOPE,
        },
        others=(
            {"vms": None, "listeners": [LISTENER]},
            {"vms": None, "pools": [{"name": "http-80", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}]},
        ),
        absent={"delete_floating_ips": True},
        needing={"network": ("subnet",)},
        minimal={"vms": [], "network": "lan"},
        setup=(
            *NETWORK,
            module("instance", name="web-1", network="lan", **VM),
            module("instance", name="web-2", network="lan", **VM),
        ),
    ),
    Role(
        "provision_k8s_cluster",
        {
            "name": "dev",
            "state": "present",
            "version": "v1.34.6",
            "ssh_key": "ours",
            "pools": [WORKERS],
            "purge_pools": False,
            "network": "lan",
            "subnet": "lan-v4",
            "pods_ip_pool": "172.16.0.0/18",
            "services_ip_pool": "172.24.0.0/18",
            "is_ipv6": False,
            "cni": {"provider": "calico"},
            "authentication": {
                "oidc": {"issuer_url": "https://id.example.com", "client_id": "k8s", "signing_algs": ["RS256"]}
            },
            "autoscaler_config": {"scale-down-unneeded-time": "10m"},
            "logging": {"enabled": False},
            "write_kubeconfig": True,
            "kubeconfig_dest": "dev.kubeconfig",
            **SCOPE,
        },
        absent={"delete_volumes": ["all"]},
        minimal={"ssh_key": "ours", "pools": [WORKERS], "version": "v1.34.6"},
        setup=(*NETWORK, module("ssh_key", name="ours", public_key=PUBLIC_KEY)),
    ),
)
