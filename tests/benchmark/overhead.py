# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What one task of a play costs, measured: modules that find nothing to do beside ansible.builtin.uri with the same GET.

All in one play, in turn, so that what disturbs the machine disturbs all of them. The time is the controller's, from the start of
a task to its result. The first round is left out, for it fills the caches of Ansible and of the disk.
"""

from __future__ import annotations

import json
import os
import statistics
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.runner import paths, simulator
from tests.runner.process import Log, check

HOME = paths.BUILD / "benchmark"
ROUNDS = 12
MANY = 10  # of each kind in the play of 50 resources
SPEED = 100.0

URI = "ansible.builtin.uri"
PING = "ansible.builtin.ping"
# What is there already, by the simulator's kind, and what the modules are told about it.
THINGS: tuple[tuple[str, str, Mapping[str, Any], Mapping[str, Any]], ...] = (
    ("volume", "gcore.cloud.volume", {"size": 10}, {"size": 10}),
    ("network", "gcore.cloud.network", {}, {}),
    ("subnet", "gcore.cloud.subnet", {"cidr": "10.{}.0.0/24"}, {"network": "bench-0"}),
    ("security_group", "gcore.cloud.security_group", {}, {}),
    ("ssh_key", "gcore.cloud.ssh_key", {}, {}),
)


def measure(python: Path, log: Log) -> dict[str, Any]:
    """Seconds of each kind of task with pipelining off and on, and of a play of 50 resources of which none changes."""
    with simulator.running(python, HOME, speed=SPEED) as cloud:
        furnish(cloud)
        single = {
            name: one_by_one(play(python, cloud, log, list(rounds(cloud)), pipelining))
            for name, pipelining in (("pipelining off", False), ("pipelining on", True))
        }
        return {"tasks": single, "play": fifty(python, cloud, log)}


def furnish(cloud: simulator.Simulator) -> None:
    """Put there what the plays will ask for."""
    network = ""
    for kind, _module, fields, _options in THINGS:
        for number in range(MANY):
            row = {key: value.format(number) if isinstance(value, str) else value for key, value in fields.items()}
            if kind == "subnet":
                row["network_id"] = network
            made = post(cloud, "objects", {"kind": kind, "object": {"name": f"bench-{number}", **row}})
            network = network or (str(made["_id"]) if kind == "network" else "")


def post(cloud: simulator.Simulator, what: str, body: Any) -> Any:
    request = urllib.request.Request(f"{cloud.url}/_simulator/{what}", json.dumps(body).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def uri(cloud: simulator.Simulator, path: str) -> dict[str, Any]:
    """The GET that a module makes, as somebody would write it without the collection."""
    return {
        "url": f"{cloud.url}/cloud/v1/{path}/{cloud.project_id}/{cloud.region_id}?limit=1000",
        "headers": {"Authorization": f"APIKey {cloud.api_key}"},
        "return_content": True,
    }


def rounds(cloud: simulator.Simulator) -> Iterator[dict[str, Any]]:
    for _round in range(ROUNDS + 1):
        yield {"name": "ping", PING: {}}
        yield {"name": "uri", URI: uri(cloud, "volumes")}
        yield {"name": "volume_info", "gcore.cloud.volume_info": {"name": "bench-0"}}
        yield {"name": "volume", "gcore.cloud.volume": {"name": "bench-0", "size": 10}}
        yield {"name": "network", "gcore.cloud.network": {"name": "bench-0"}}


def one_by_one(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Seconds of each kind of task, and how many times as long it takes as uri in the same round, the median of that."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    times = {name: [row["seconds"] for row in rows if row["name"] == name][1:] for name in names}
    return {
        name: {
            "median": statistics.median(taken),
            "min": min(taken),
            "of uri": statistics.median(own / plain for own, plain in zip(taken, times["uri"], strict=True)),
        }
        for name, taken in times.items()
    }


def fifty(python: Path, cloud: simulator.Simulator, log: Log) -> dict[str, Any]:
    """Fifty resources that are all as they should be, in turn with fifty times uri."""
    tasks: list[dict[str, Any]] = []
    for _kind, module, _fields, options in THINGS:
        for number in range(MANY):
            tasks.append({"name": "modules", module: {"name": f"bench-{number}", **options}})
            tasks.append({"name": "uri", URI: uri(cloud, "volumes")})
    before = len(cloud.control("requests"))
    rows = play(python, cloud, log, tasks, pipelining=False)
    agents = [row["headers"]["user-agent"] for row in cloud.control("requests")[before:]]
    if any(row["changed"] for row in rows) or len(rows) != len(tasks):
        raise AssertionError("the play that should change nothing did")
    ours = sum(agent.startswith("gcore.cloud/") for agent in agents)
    return {
        "resources": len(tasks) // 2,
        "modules": {"seconds": seconds_of(rows, "modules"), "requests": ours},
        "uri": {"seconds": seconds_of(rows, "uri"), "requests": len(agents) - ours},
    }


def seconds_of(rows: list[dict[str, Any]], name: str) -> float:
    return sum(row["seconds"] for row in rows if row["name"] == name)


def play(
    python: Path, cloud: simulator.Simulator, log: Log, tasks: list[dict[str, Any]], pipelining: bool
) -> list[dict[str, Any]]:
    """Run tasks on this machine, and give what the callback has written of them."""
    playbook, config, times = HOME / "play.yml", HOME / "ansible.cfg", HOME / "times.jsonl"
    playbook.write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}], sort_keys=False),
        encoding="utf-8",
    )
    config.write_text(
        "[defaults]\n"
        f"collections_path = {paths.import_root()}\n"
        f"callback_plugins = {Path(__file__).parent / 'callback'}\n"
        "callbacks_enabled = gcore_times\n"
        f"interpreter_python = {python}\n"
        "localhost_warning = false\n"
        f"pipelining = {str(pipelining).lower()}\n"
        "[inventory]\n"
        "inventory_unparsed_warning = false\n",
        encoding="utf-8",
    )
    times.unlink(missing_ok=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))}
    env |= {"ANSIBLE_CONFIG": str(config), "GCORE_TIMES_FILE": str(times), "NO_COLOR": "1", **cloud.environment}
    check([python, python.parent / "ansible-playbook", playbook], log, cwd=HOME, env=env)
    return [json.loads(line) for line in times.read_text(encoding="utf-8").splitlines()]
