# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One operation at a time: the real modules beside the real SDK, both on the simulator and on its clock.

A module is run by its main(), the SDK by its own method that waits. Neither is given an interval. What is measured is the time
from the end of the task to the moment at which the call returns, reading the thing back included; the start of a process is not in it.
"""

from __future__ import annotations

import dataclasses
import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gcore import Gcore

from tests.harness import Cloud, Run, run_module

from . import sdk

SAMPLES = 16
TASKS = "/cloud/v1/tasks"
Options = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Operation:
    """One thing to do, said to the module and to the SDK; ``window`` is the document's typical duration."""

    name: str
    task: str
    window: tuple[float, float]
    module: str
    options: Options
    sdk: Callable[[Gcore, Mapping[str, str]], object]
    before: tuple[tuple[str, Options], ...] = ()


SCOPE = {"project": "1000001", "region": "76"}
LAN: tuple[tuple[str, Options], ...] = (
    ("network", {**SCOPE, "name": "bench-lan", "create_router": False}),
    ("subnet", {**SCOPE, "name": "bench-v4", "network": "bench-lan", "cidr": "192.168.10.0/24"}),
)
VM = {
    **SCOPE,
    "name": "bench-vm",
    "flavor": "g1-standard-1-2",
    "image": "ubuntu-22.04-x64",
    "volume_size": 10,
    "network": "bench-lan",
}
KEY = {
    "project": "1000001",
    "name": "bench-key",
    "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB1Jq1xQdWm0lT0m1s5wR3mF2m0zQ4W8qj9YJtq3m3bM bench@test",
}
NODES = {
    "name": "workers",
    "min_node_count": 1,
    "max_node_count": 2,
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
    "servergroup_policy": "anti-affinity",
}
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "create network",
        "create_network",
        (5, 10),
        "network",
        {**SCOPE, "name": "bench-net", "create_router": False},
        lambda api, ids: api.cloud.networks.create_and_poll(name="bench-net", create_router=False),
    ),
    Operation(
        "create subnet",
        "create_subnet",
        (5, 10),
        "subnet",
        {**SCOPE, "name": "bench-sub", "network": "bench-lan", "cidr": "10.10.0.0/24"},
        lambda api, ids: api.cloud.networks.subnets.create_and_poll(
            name="bench-sub", network_id=ids["network"], cidr="10.10.0.0/24"
        ),
        LAN[:1],
    ),
    Operation(
        "create volume",
        "create_volume",
        (5, 15),
        "volume",
        {**SCOPE, "name": "bench-volume", "size": 10},
        lambda api, ids: api.cloud.volumes.create_and_poll(name="bench-volume", source="new-volume", size=10),
    ),
    Operation(
        "create VM",
        "create_vm",
        (15, 30),
        "instance",
        VM,
        lambda api, ids: api.cloud.instances.create_and_poll(
            name="bench-vm",
            flavor="g1-standard-1-2",
            interfaces=[{"type": "any_subnet", "network_id": ids["network"]}],
            volumes=[{"source": "image", "image_id": ids["image"], "size": 10, "boot_index": 0}],
        ),
        LAN,
    ),
    Operation(
        "delete VM",
        "delete_vm",
        (15, 70),
        "instance",
        {**SCOPE, "name": "bench-vm", "state": "absent", "delete_volumes": ["all"]},
        lambda api, ids: api.cloud.instances.delete_and_poll(ids["instance"], volumes=ids["volume"]),
        (*LAN, ("instance", VM)),
    ),
    Operation(
        "create load balancer",
        "create_loadbalancer",
        (30, 90),
        "load_balancer",
        {**SCOPE, "name": "bench-lb", "flavor": "lb1-1-2"},
        lambda api, ids: api.cloud.load_balancers.create_and_poll(name="bench-lb", flavor="lb1-1-2"),
    ),
    Operation(
        "create Kubernetes cluster",
        "create_k8s_cluster_v2",
        (300, 900),
        "k8s_cluster",
        {
            **SCOPE,
            "name": "bench",
            "version": "v1.32.13",
            "ssh_key": "bench-key",
            "pools": [{**NODES, "flavor": "g2-standard-2-4"}],
        },
        lambda api, ids: api.cloud.k8s.clusters.create_and_poll(
            name="bench", version="v1.32.13", keypair="bench-key", pools=[{**NODES, "flavor_id": "g2-standard-2-4"}]
        ),
        (("ssh_key", KEY),),
    ),
)


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one call took: all its requests, those that looked at tasks, and the seconds after the end of the task."""

    requests: int
    polls: int
    lost: float


def durations(window: tuple[float, float], samples: int = SAMPLES) -> list[float]:
    """Durations spread evenly over a window: the middles of as many equal parts."""
    low, high = window
    return [low + (high - low) * (number + 0.5) / samples for number in range(samples)]


def measure(operation: Operation, samples: int = SAMPLES) -> dict[str, dict[str, float]]:
    """Means over the same durations for both ways."""
    cloud = Cloud()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for module, options in operation.before:
                succeeded(run_module(cloud, module, options, Path(folder)))
            stage = cloud.keep()
            costs: dict[str, list[Cost]] = {"module": [], "sdk": []}
            for duration in durations(operation.window, samples):
                for name, way in (("module", by_module), ("sdk", by_sdk)):
                    cloud.put_up(stage)
                    cloud.simulator.settings.durations[operation.task] = duration
                    costs[name].append(way(cloud, operation, Path(folder)))
    finally:
        cloud.close()
    return {name: means(rows) for name, rows in costs.items()}


def means(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "requests": statistics.fmean(cost.requests for cost in costs),
        "polls": statistics.fmean(cost.polls for cost in costs),
        "lost": statistics.fmean(cost.lost for cost in costs),
        "worst": max(cost.lost for cost in costs),
    }


def by_module(cloud: Cloud, operation: Operation, folder: Path) -> Cost:
    run = succeeded(run_module(cloud, operation.module, operation.options, folder))
    return cost_of(cloud, [each.path for each in run.exchanges])


def by_sdk(cloud: Cloud, operation: Operation, _folder: Path) -> Cost:
    with sdk.client(cloud) as (api, wire):
        operation.sdk(api, known_ids(cloud))
    return cost_of(cloud, wire.paths)


def cost_of(cloud: Cloud, paths: Sequence[str]) -> Cost:
    end = max(task.finished or 0.0 for task in cloud.simulator.tasks.all())
    return Cost(len(paths), sum(path.startswith(TASKS) for path in paths), cloud.clock.now() - end)


def known_ids(cloud: Cloud) -> dict[str, str]:
    """Ids that the SDK's caller is supposed to have; the modules look them up by name, with requests that are counted."""
    found: dict[str, str] = {}
    for kind in ("network", "instance", "volume", "image"):
        for record in cloud.simulator.store.all(kind):
            if record["name"] in ("bench-lan", "bench-vm", "ubuntu-22.04-x64") or kind == "volume":
                found.setdefault(kind, str(record.id))
    return found


def succeeded(run: Run) -> Run:
    if run.failed or run.crash:
        raise AssertionError(f"a run failed: {run.crash or (run.result or {}).get('msg')}")
    return run
