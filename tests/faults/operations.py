# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations that meet the faults: one row each, as data. A new module is a few more rows."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.simulator.core.store import Record

MODULES = Path(__file__).parents[2] / "plugins" / "modules"
FOLDER = "{folder}"  # in options: a folder of the run's own

CREATE, CHANGE, DELETE, PART, WAIT, READ = "create", "change", "delete", "part", "wait", "read"

Options = Mapping[str, Any]
Setup = tuple[str, Options]


@dataclasses.dataclass(frozen=True)
class Operation:
    """What a module is asked to do, what stands before, and how one sees in the cloud that it is done."""

    module: str
    verb: str
    sort: str
    options: Options
    before: tuple[Setup, ...] = ()
    kind: str = ""
    """The simulator's kind of the thing that is made, changed or deleted."""
    known_by: Options = dataclasses.field(default_factory=dict)
    """What a record of the kind must hold to be the thing."""
    done: Callable[[Mapping[str, Any]], bool] = lambda shown: True
    """Whether the thing, as the API shows it, is as it was asked for."""
    quota: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.module}-{self.verb}"

    @property
    def expected(self) -> int:
        """How many of the thing there are when all went well."""
        return 0 if self.sort in (DELETE, WAIT, READ) else 1

    def is_it(self, record: Record) -> bool:
        """Whether a record is the thing, done or not."""
        data = {**record.data, "tags": record.tags}
        return record.kind == self.kind and all(data.get(key) == value for key, value in self.known_by.items())


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1Jq1xQdWm0lT0m1s5wR3mF2m0zQ4W8qj9YJtq3m3bM faults@test"
PASSWORD = "Xq7-Wv3!Zk9+Tb5"
USER_DATA = "#cloud-config\nbootcmd: [echo Hidden-Of-User-Data-9b41]"
CRYPTED = "$6$hiddenSalt77$vQ0dZpYr8uHIDDENhashOfAListener3fK"

SECRETS = (PASSWORD, USER_DATA, CRYPTED)

SCOPE = {"project": "1000001", "region": "76"}
PROJECT = {"project": "1000001"}

# ------------------------------------------------------------- the things

VOLUME = {**SCOPE, "name": "faults-data", "size": 5, "tags": {"made": "for-faults"}}
NETWORK = {**SCOPE, "name": "faults-lan", "create_router": False, "tags": {"made": "for-faults"}}
SUBNET = {**SCOPE, "name": "faults-lan-v4", "network": "faults-lan", "cidr": "192.168.10.0/24"}
RULE = {"direction": "ingress", "protocol": "tcp", "port_range_min": 443}
GROUP = {**SCOPE, "name": "faults-web", "rules": [RULE]}
ADDRESS = {**SCOPE, "tags": {"made": "for-faults"}}
INSTANCE = {
    **SCOPE,
    "name": "faults-vm",
    "flavor": "g1-standard-1-2",
    "image": "ubuntu-22.04-x64",
    "volume_size": 10,
    "network": "faults-lan",
    "username": "operator",
    "password": PASSWORD,
    "user_data": USER_DATA,
}
POOL = {"name": "faults-pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
MEMBER = {"address": "192.168.10.11", "protocol_port": 8080, "subnet": "faults-lan-v4"}
LISTENER = {
    "name": "faults-http",
    "protocol": "HTTP",
    "protocol_port": 80,
    "pools": [{**POOL, "members": [MEMBER]}],
}
PROMETHEUS = {
    "name": "faults-stats",
    "protocol": "PROMETHEUS",
    "protocol_port": 9100,
    "user_list": [{"username": "watcher", "encrypted_password": CRYPTED}],
}
BALANCER = {**SCOPE, "name": "faults-lb", "flavor": "lb1-1-2"}
WORKERS = {
    "name": "workers",
    "flavor": "g2-standard-2-4",
    "min_node_count": 1,
    "max_node_count": 2,
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
    "servergroup_policy": "anti-affinity",
}
CLUSTER = {
    **SCOPE,
    "name": "faults",
    "version": "v1.32.13",
    "ssh_key": "faults-key",
    "pools": [WORKERS],
    "kubeconfig_dest": FOLDER + "/kubeconfig",
}
SSH_KEY = {**PROJECT, "name": "faults-key", "public_key": KEY}

LAN: tuple[Setup, ...] = (("network", NETWORK), ("subnet", SUBNET))
VM: tuple[Setup, ...] = (*LAN, ("instance", INSTANCE))
LB: tuple[Setup, ...] = (*LAN, ("load_balancer", {**BALANCER, "listeners": [LISTENER]}))
K8S: tuple[Setup, ...] = (("ssh_key", SSH_KEY), ("k8s_cluster", CLUSTER))


def tagged(shown: Mapping[str, Any]) -> bool:
    tags = shown.get("tags_v2", shown.get("tags"))
    return any(tag["key"] == "made" and tag["value"] == "anew" for tag in tags or [])


ANEW = {"made": "anew"}
ALL_OF_IT: tuple[Setup, ...] = (
    *K8S,
    *LAN,
    ("load_balancer", {**BALANCER, "listeners": [LISTENER, PROMETHEUS]}),
    ("instance", INSTANCE),
    ("floating_ip", ADDRESS),
    ("security_group", GROUP),
    ("volume", VOLUME),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "volume", "create", CREATE, VOLUME, kind="volume", known_by={"name": "faults-data"}, quota="volume_count"
    ),
    Operation(
        "volume",
        "grow",
        CHANGE,
        {**SCOPE, "name": "faults-data", "size": 9},
        (("volume", VOLUME),),
        "volume",
        {"name": "faults-data"},
        lambda shown: shown["size"] == 9,
        quota="volume_size",
    ),
    Operation(
        "volume",
        "tag",
        CHANGE,
        {**SCOPE, "name": "faults-data", "tags": ANEW},
        (("volume", VOLUME),),
        "volume",
        {"name": "faults-data"},
        tagged,
    ),
    Operation(
        "volume",
        "attach",
        CHANGE,
        {**SCOPE, "name": "faults-data", "instance": "faults-vm"},
        (*VM, ("volume", VOLUME)),
        "volume",
        {"name": "faults-data"},
        lambda shown: bool(shown["attachments"]),
    ),
    Operation(
        "volume",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults-data", "state": "absent"},
        (("volume", VOLUME),),
        "volume",
        {"name": "faults-data"},
    ),
    Operation(
        "network",
        "create",
        CREATE,
        {**NETWORK, "create_router": True},
        kind="network",
        known_by={"name": "faults-lan"},
        quota="network_count",
    ),
    Operation(
        "network",
        "tag",
        CHANGE,
        {**SCOPE, "name": "faults-lan", "tags": ANEW},
        (("network", NETWORK),),
        "network",
        {"name": "faults-lan"},
        tagged,
    ),
    Operation(
        "network",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults-lan", "state": "absent"},
        LAN,
        "network",
        {"name": "faults-lan"},
    ),
    Operation(
        "subnet",
        "create",
        CREATE,
        SUBNET,
        (("network", NETWORK),),
        "subnet",
        {"name": "faults-lan-v4"},
        quota="subnet_count",
    ),
    Operation(
        "subnet",
        "tag",
        CHANGE,
        {**SCOPE, "name": "faults-lan-v4", "network": "faults-lan", "tags": ANEW},
        LAN,
        "subnet",
        {"name": "faults-lan-v4"},
        tagged,
    ),
    Operation(
        "subnet",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults-lan-v4", "network": "faults-lan", "state": "absent"},
        LAN,
        "subnet",
        {"name": "faults-lan-v4"},
    ),
    Operation(
        "security_group",
        "create",
        CREATE,
        GROUP,
        kind="security_group",
        known_by={"name": "faults-web"},
        quota="firewall_count",
    ),
    Operation(
        "security_group",
        "rules",
        CHANGE,
        {**GROUP, "rules": [RULE, {**RULE, "port_range_min": 80}]},
        (("security_group", GROUP),),
        "security_group",
        {"name": "faults-web"},
        lambda shown: len(shown["security_group_rules"]) == 2,
    ),
    Operation(
        "security_group",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults-web", "state": "absent"},
        (("security_group", GROUP),),
        "security_group",
        {"name": "faults-web"},
    ),
    Operation(
        "floating_ip",
        "create",
        CREATE,
        ADDRESS,
        kind="floatingip",
        known_by={"tags": {"made": "for-faults"}},
        quota="floating_count",
    ),
    Operation(
        "floating_ip",
        "create_for_instance",
        CREATE,
        {**SCOPE, "instance": "faults-vm"},
        VM,
        "floatingip",
        quota="floating_count",
    ),
    Operation(
        "floating_ip",
        "assign",
        CHANGE,
        {**ADDRESS, "instance": "faults-vm"},
        (*VM, ("floating_ip", ADDRESS)),
        "floatingip",
        {"tags": {"made": "for-faults"}},
        lambda shown: shown["port_id"] is not None,
    ),
    Operation(
        "floating_ip",
        "delete",
        DELETE,
        {**ADDRESS, "state": "absent"},
        (("floating_ip", ADDRESS),),
        "floatingip",
        {"tags": {"made": "for-faults"}},
    ),
    Operation(
        "instance",
        "create",
        CREATE,
        INSTANCE,
        LAN,
        "instance",
        {"name": "faults-vm"},
        quota="vm_count",
        secrets=(PASSWORD, USER_DATA),
    ),
    Operation(
        "instance",
        "resize",
        CHANGE,
        {**SCOPE, "name": "faults-vm", "flavor": "g1-standard-2-4"},
        VM,
        "instance",
        {"name": "faults-vm"},
        lambda shown: shown["flavor"]["flavor_id"] == "g1-standard-2-4",
        quota="cpu_count",
    ),
    Operation(
        "instance",
        "stop",
        CHANGE,
        {**SCOPE, "name": "faults-vm", "state": "stopped"},
        VM,
        "instance",
        {"name": "faults-vm"},
        lambda shown: shown["status"] == "SHUTOFF",
    ),
    Operation(
        "instance",
        "add_volume",
        PART,
        {**SCOPE, "name": "faults-vm", "volumes": [{"name": "faults-extra", "size": 5}]},
        VM,
        "volume",
        {"name": "faults-extra"},
        quota="volume_count",
    ),
    Operation(
        "instance",
        "add_interface",
        PART,
        {**SCOPE, "name": "faults-vm", "interfaces": [{"interface_name": "second", "network": "faults-back"}]},
        (
            *VM,
            ("network", {**NETWORK, "name": "faults-back"}),
            ("subnet", {**SUBNET, "name": "faults-back-v4", "network": "faults-back", "cidr": "192.168.20.0/24"}),
        ),
        "port",
        {"interface_name": "second"},
    ),
    Operation(
        "instance",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults-vm", "state": "absent", "delete_volumes": ["all"]},
        VM,
        "instance",
        {"name": "faults-vm"},
    ),
    Operation(
        "load_balancer",
        "create",
        CREATE,
        {**BALANCER, "listeners": [LISTENER, PROMETHEUS]},
        LAN,
        "loadbalancer",
        {"name": "faults-lb"},
        quota="loadbalancer_count",
        secrets=(CRYPTED,),
    ),
    Operation(
        "load_balancer",
        "tag",
        CHANGE,
        {**SCOPE, "name": "faults-lb", "tags": ANEW},
        LB,
        "loadbalancer",
        {"name": "faults-lb"},
        tagged,
    ),
    Operation(
        "load_balancer",
        "add_listener",
        PART,
        {**SCOPE, "name": "faults-lb", "listeners": [PROMETHEUS]},
        LB,
        "lblistener",
        {"name": "faults-stats"},
        secrets=(CRYPTED,),
    ),
    Operation(
        "load_balancer",
        "add_pool",
        PART,
        {**SCOPE, "name": "faults-lb", "pools": [{**POOL, "name": "faults-spare", "members": [MEMBER]}]},
        LB,
        "lbpool",
        {"name": "faults-spare"},
    ),
    Operation(
        "load_balancer",
        "add_member",
        PART,
        {
            **SCOPE,
            "name": "faults-lb",
            "listeners": [
                {**LISTENER, "pools": [{**POOL, "members": [MEMBER, {**MEMBER, "address": "192.168.10.12"}]}]}
            ],
        },
        LB,
        "lbmember",
        {"address": "192.168.10.12"},
    ),
    Operation(
        "load_balancer",
        "add_own_member",
        PART,
        {
            **SCOPE,
            "name": "faults-lb",
            "listeners": [{**LISTENER, "pools": [{**POOL, "members": [{**MEMBER, "address": "192.168.10.13"}]}]}],
            "purge_members": False,
        },
        LB,
        "lbmember",
        {"address": "192.168.10.13"},
    ),
    Operation(
        "load_balancer",
        "remove_listener",
        DELETE,
        {**SCOPE, "name": "faults-lb", "listeners": [], "purge_listeners": True},
        LB,
        "lblistener",
        {"name": "faults-http"},
    ),
    Operation(
        "load_balancer",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults-lb", "state": "absent"},
        LB,
        "loadbalancer",
        {"name": "faults-lb"},
    ),
    Operation(
        "k8s_cluster",
        "create",
        CREATE,
        CLUSTER,
        (("ssh_key", SSH_KEY),),
        "k8s_cluster",
        {"name": "faults"},
        quota="cluster_count",
    ),
    Operation(
        "k8s_cluster",
        "configure",
        CHANGE,
        {**SCOPE, "name": "faults", "autoscaler_config": {"scale-down-unneeded-time": "20m"}},
        K8S,
        "k8s_cluster",
        {"name": "faults"},
        lambda shown: bool(shown["autoscaler_config"]),
    ),
    Operation(
        "k8s_cluster",
        "resize_pool",
        CHANGE,
        {
            **SCOPE,
            "name": "faults",
            "pools": [{"name": "workers", "flavor": "g2-standard-2-4", "min_node_count": 1, "node_count": 2}],
        },
        K8S,
        "k8s_pool",
        {"name": "workers"},
        lambda shown: shown["node_count"] == 2,
        quota="vm_count",
    ),
    Operation(
        "k8s_cluster",
        "add_pool",
        PART,
        {**SCOPE, "name": "faults", "pools": [{**WORKERS, "name": "batch"}]},
        K8S,
        "k8s_pool",
        {"name": "batch"},
        quota="vm_count",
    ),
    Operation(
        "k8s_cluster",
        "delete",
        DELETE,
        {**SCOPE, "name": "faults", "state": "absent"},
        K8S,
        "k8s_cluster",
        {"name": "faults"},
    ),
    Operation(
        "ssh_key", "create", CREATE, SSH_KEY, kind="ssh_key", known_by={"name": "faults-key"}, quota="keypair_count"
    ),
    Operation(
        "ssh_key",
        "generate",
        CREATE,
        {**PROJECT, "name": "faults-key", "private_key_dest": FOLDER + "/private-key"},
        kind="ssh_key",
        known_by={"name": "faults-key"},
        quota="keypair_count",
    ),
    Operation(
        "ssh_key",
        "share",
        CHANGE,
        {**PROJECT, "name": "faults-key", "shared_in_project": False},
        (("ssh_key", SSH_KEY),),
        "ssh_key",
        {"name": "faults-key"},
        lambda shown: not shown["shared_in_project"],
    ),
    Operation(
        "ssh_key",
        "delete",
        DELETE,
        {**PROJECT, "name": "faults-key", "state": "absent"},
        (("ssh_key", SSH_KEY),),
        "ssh_key",
        {"name": "faults-key"},
    ),
    Operation("task_wait", "wait", WAIT, {"tasks": ["{task1}"]}),
    Operation("task_wait", "wait_for_two", WAIT, {"tasks": ["{task1}", "{task2}"]}),
    Operation(
        "task_info", "read", READ, {"state": ["NEW", "RUNNING", "FINISHED", "ERROR"]}, ALL_OF_IT, secrets=SECRETS
    ),
)


def info_operations() -> tuple[Operation, ...]:
    """Every other _info module, asked for all that there is."""
    covered = {each.module for each in OPERATIONS}
    names = sorted(path.stem for path in MODULES.glob("*_info.py") if path.stem not in covered)
    return tuple(Operation(name, "read", READ, scope_of(name), ALL_OF_IT, secrets=SECRETS) for name in names)


def scope_of(module: str) -> Options:
    """Where a module looks: the fragments of its documentation say it."""
    documentation = (MODULES / f"{module}.py").read_text(encoding="utf-8").split('"""')[1]
    fragments = yaml.safe_load(documentation)["extends_documentation_fragment"]
    if "gcore.cloud.regional" in fragments:
        return SCOPE
    return PROJECT if "gcore.cloud.project" in fragments else {}


ALL: Mapping[str, Operation] = {each.name: each for each in itertools.chain(OPERATIONS, info_operations())}
