# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of the fault table: those of each case in tests/cases (create, update, delete), and special ones."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests import cases
from tests.integration.targets.setup_lifecycle.filter_plugins.lifecycle import differences
from tests.simulator.core.store import Record

MODULES = Path(__file__).parents[2] / "plugins" / "modules"
FOLDER = "{folder}"  # in options: a folder of the run's own

CREATE, CHANGE, DELETE, ADD, WAIT, READ = "create", "change", "delete", "add", "wait", "read"

Options = Mapping[str, Any]
Setup = tuple[str, Options]


@dataclasses.dataclass(frozen=True)
class Operation:
    """Options of a module, what exists before, and how the cloud shows that the operation is done."""

    module: str
    verb: str
    sort: str
    options: Options
    before: tuple[Setup, ...] = ()
    kind: str = ""
    """The simulator's kind of the resource."""
    identified_by: Options = dataclasses.field(default_factory=dict)
    """What a record of the kind must have to be the resource."""
    done: Callable[[Mapping[str, Any]], bool] = lambda shown: True
    """Whether the resource, as the API shows it, is as requested."""
    quota: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.module}-{self.verb}"

    @property
    def id_field(self) -> str:
        """The key of the id in a result."""
        return cases.load(self.module).id_field if self.module in cases.names() else "id"

    @property
    def expected(self) -> int:
        """The number of resources after success."""
        return 0 if self.sort in (DELETE, WAIT, READ) else 1

    def is_it(self, record: Record) -> bool:
        """Whether a record is the resource, done or not."""
        data = {**record.data, "tags": record.tags}
        return record.kind == self.kind and all(data.get(key) == value for key, value in self.identified_by.items())


PASSWORD = "Xq7-Wv3!Zk9+Tb5"

SCOPES: Mapping[str, Options] = {"project": {"project": "1000001"}, "region": {"project": "1000001", "region": "76"}}
SCOPE = SCOPES["region"]
PROJECT = SCOPES["project"]

# The simulator's kinds that have another name than the module.
KINDS = {"floating_ip": "floatingip", "load_balancer": "loadbalancer"}

# ------------------------------------------------------------- from the cases


def in_scope(name: str, options: Options) -> Options:
    """Options of a module with the project and the region of the run."""
    return {**SCOPES[cases.load(name).scope], **options}


def created(name: str) -> Options:
    """The options that create the resource of a case."""
    return in_scope(name, cases.load(name).create.options)


def identified(name: str, options: Options) -> Options:
    """Options of a module, with those that identify the resource of its case."""
    return in_scope(name, {**cases.load(name).identifying(), **options})


def needed(name: str) -> tuple[Setup, ...]:
    """What the resource of a case needs."""
    return tuple((module, in_scope(module, options)) for module, options in cases.load(name).setup())


def present(name: str) -> tuple[Setup, ...]:
    """The resource of a case, and what it needs."""
    return (*needed(name), (name, created(name)))


def has(expected: Options) -> Callable[[Mapping[str, Any]], bool]:
    """Whether the API shows the values."""
    return lambda shown: not differences(shown, expected)


def operations_of(name: str) -> Iterator[Operation]:
    """Create the resource of a case, update it, where the earlier changes of the case have been made, and delete it."""
    case = cases.load(name)
    kind = KINDS.get(name, name)
    identified_by = {key: value for key, value in case.identifying().items() if key in ("name", "tags")}
    yield Operation(
        name,
        "create",
        CREATE,
        created(name),
        needed(name),
        kind,
        identified_by,
        quota=case.create.quota,
        secrets=tuple(case.secrets),
    )
    before = present(name)
    for each in case.change:
        options = identified(name, each.options)
        if each.faults:
            yield Operation(name, each.name, CHANGE, options, before, kind, identified_by, has(each.result), each.quota)
        before = (*before, (name, options))
    options = identified(name, {**case.delete.options, "state": "absent"})
    yield Operation(name, "delete", DELETE, options, present(name), kind, identified_by)


# ------------------------------------------------------------- special ones

VM = present("instance")
K8S = present("k8s_cluster")
CLUSTER = {**created("k8s_cluster"), "kubeconfig_dest": FOLDER + "/kubeconfig"}
WORKERS = CLUSTER["pools"][0]

HTTP, STATS = created("load_balancer")["listeners"]
WEB = HTTP["pools"][0]
MEMBER = WEB["members"][0]
LB: tuple[Setup, ...] = (*needed("load_balancer"), ("load_balancer", {**created("load_balancer"), "listeners": [HTTP]}))
CRYPTED = STATS["user_list"][0]["encrypted_password"]
SECRETS = (*cases.load("instance").secrets, *cases.load("load_balancer").secrets)

BACK: tuple[Setup, ...] = (
    ("network", {**SCOPE, "name": "faults-back", "create_router": False}),
    ("subnet", {**SCOPE, "name": "faults-back-v4", "network": "faults-back", "cidr": "192.168.20.0/24"}),
)
ALL_OF_IT: tuple[Setup, ...] = (
    *K8S,
    *present("load_balancer"),
    *VM,
    *(setup for name in ("floating_ip", "security_group", "volume") for setup in present(name)),
)

SPECIAL: tuple[Operation, ...] = (
    Operation(
        "volume",
        "attach",
        CHANGE,
        identified("volume", {"instance": "case-vm"}),
        (*VM, *present("volume")),
        "volume",
        {"name": "case-data"},
        lambda shown: bool(shown["attachments"]),
    ),
    Operation(
        "network",
        "create_with_router",
        CREATE,
        {**created("network"), "create_router": True},
        kind="network",
        identified_by={"name": "case-lan"},
        quota="network_count",
    ),
    Operation(
        "network",
        "delete_with_subnet",
        DELETE,
        {**SCOPE, "name": "case-lan", "state": "absent"},
        present("subnet"),
        "network",
        {"name": "case-lan"},
    ),
    Operation(
        "floating_ip",
        "create_for_instance",
        CREATE,
        {**SCOPE, "instance": "case-vm"},
        VM,
        "floatingip",
        quota="floating_count",
    ),
    Operation(
        "instance",
        "create_with_password",
        CREATE,
        {
            **{k: v for k, v in created("instance").items() if k != "ssh_key"},
            "username": "operator",
            "password": PASSWORD,
        },
        needed("instance"),
        "instance",
        {"name": "case-vm"},
        quota="vm_count",
        secrets=(PASSWORD, *cases.load("instance").secrets),
    ),
    Operation(
        "instance",
        "add_volume",
        ADD,
        identified("instance", {"volumes": [{"name": "faults-extra", "size": 5}]}),
        VM,
        "volume",
        {"name": "faults-extra"},
        quota="volume_count",
    ),
    Operation(
        "instance",
        "add_interface",
        ADD,
        identified("instance", {"interfaces": [{"interface_name": "second", "network": "faults-back"}]}),
        (*VM, *BACK),
        "port",
        {"interface_name": "second"},
    ),
    Operation(
        "load_balancer",
        "add_listener",
        ADD,
        identified("load_balancer", {"listeners": [STATS]}),
        LB,
        "lblistener",
        {"name": "stats"},
        secrets=(CRYPTED,),
    ),
    Operation(
        "load_balancer",
        "add_pool",
        ADD,
        identified("load_balancer", {"pools": [{**WEB, "name": "spare", "members": [MEMBER]}]}),
        LB,
        "lbpool",
        {"name": "spare"},
    ),
    Operation(
        "load_balancer",
        "add_member",
        ADD,
        identified(
            "load_balancer",
            {
                "listeners": [
                    {**HTTP, "pools": [{**WEB, "members": [*WEB["members"], {**MEMBER, "address": "192.168.10.13"}]}]}
                ]
            },
        ),
        LB,
        "lbmember",
        {"address": "192.168.10.13"},
    ),
    Operation(
        "load_balancer",
        "add_own_member",
        ADD,
        identified(
            "load_balancer",
            {
                "listeners": [{**HTTP, "pools": [{**WEB, "members": [{**MEMBER, "address": "192.168.10.14"}]}]}],
                "purge_members": False,
            },
        ),
        LB,
        "lbmember",
        {"address": "192.168.10.14"},
    ),
    Operation(
        "load_balancer",
        "remove_listener",
        DELETE,
        identified("load_balancer", {"listeners": [], "purge_listeners": True}),
        LB,
        "lblistener",
        {"name": "http"},
    ),
    Operation(
        "k8s_cluster",
        "create_with_kubeconfig",
        CREATE,
        CLUSTER,
        needed("k8s_cluster"),
        "k8s_cluster",
        {"name": "case"},
        quota="cluster_count",
    ),
    Operation(
        "k8s_cluster",
        "resize_pool",
        CHANGE,
        identified(
            "k8s_cluster",
            {"pools": [{"name": "workers", "flavor": "g2-standard-2-4", "min_node_count": 1, "node_count": 2}]},
        ),
        K8S,
        "k8s_pool",
        {"name": "workers"},
        lambda shown: shown["node_count"] == 2,
        quota="vm_count",
    ),
    Operation(
        "k8s_cluster",
        "add_pool",
        ADD,
        identified("k8s_cluster", {"pools": [{**WORKERS, "name": "batch"}]}),
        K8S,
        "k8s_pool",
        {"name": "batch"},
        quota="vm_count",
    ),
    Operation(
        "ssh_key",
        "generate",
        CREATE,
        identified("ssh_key", {"private_key_dest": FOLDER + "/private-key"}),
        kind="ssh_key",
        identified_by={"name": "case-key"},
        quota="keypair_count",
    ),
    Operation("task_wait", "wait", WAIT, {"tasks": ["{task1}"]}),
    Operation("task_wait", "wait_for_two", WAIT, {"tasks": ["{task1}", "{task2}"]}),
    Operation(
        "task_info", "read", READ, {"state": ["NEW", "RUNNING", "FINISHED", "ERROR"]}, ALL_OF_IT, secrets=SECRETS
    ),
)
OPERATIONS: tuple[Operation, ...] = (
    *(operation for name in cases.names() for operation in operations_of(name)),
    *SPECIAL,
)


def info_operations() -> tuple[Operation, ...]:
    """Every other _info module, asked for all that there is."""
    covered = {each.module for each in OPERATIONS}
    names = sorted(path.stem for path in MODULES.glob("*_info.py") if path.stem not in covered)
    return tuple(Operation(name, "read", READ, scope_of(name), ALL_OF_IT, secrets=SECRETS) for name in names)


def scope_of(module: str) -> Options:
    """The scope of a module: the fragments of its documentation say it."""
    documentation = (MODULES / f"{module}.py").read_text(encoding="utf-8").split('"""')[1]
    fragments = yaml.safe_load(documentation)["extends_documentation_fragment"]
    if "gcore.cloud.regional" in fragments:
        return SCOPE
    return PROJECT if "gcore.cloud.project" in fragments else {}


ALL: Mapping[str, Operation] = {each.name: each for each in itertools.chain(OPERATIONS, info_operations())}
