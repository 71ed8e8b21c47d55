# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a new user pastes from a README works as it is, and changes nothing the second time."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.roles.cases import NETWORK, PUBLIC_KEY, VM, module
from tests.roles.conftest import SPEED, ansible_playbook
from tests.runner import paths, simulator

KEY = module("ssh_key", name="deploy", public_key=PUBLIC_KEY)
# What the example of a role takes for granted, and how many of its tasks can be run here.
PREREQUISITES = {
    "provision_network": ((), 1),
    "provision_volume": ((*NETWORK, module("instance", name="web-1", network="lan", **VM)), 1),
    "provision_vm": (
        (
            module("network", name="backend"),
            module("subnet", name="backend-a", network="backend", cidr="10.1.0.0/24"),
            KEY,
        ),
        1,
    ),
    "provision_load_balancer": (
        (*NETWORK, *(module("instance", name=f"web-{number}", network="lan", **VM) for number in (1, 2))),
        1,
    ),
    "provision_k8s_cluster": ((KEY,), 1),  # the second one needs kubectl
}


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[simulator.Simulator]:
    with simulator.running(Path(sys.executable), tmp_path, speed=SPEED) as running:
        yield running


def _blocks(file: str, language: str) -> list[str]:
    text = (paths.ROOT / file).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for marked, block in blocks if marked == language]


def _changed(output: str) -> int:
    return int(re.findall(r"changed=(\d+)", output)[-1])


def test_the_first_playbook_runs_as_pasted(cloud: simulator.Simulator, tmp_path: Path) -> None:
    (tmp_path / "vm.yml").write_text(_blocks("README.md", "yaml")[0], encoding="utf-8")
    command = next(line for line in "".join(_blocks("README.md", "")).splitlines() if line.endswith(" vm.yml"))
    words = shlex.split(command)[1:]
    assert _changed(ansible_playbook(cloud, tmp_path, *words)) == 2
    assert (tmp_path / "deploy.pem").stat().st_mode & 0o777 == 0o600
    assert _changed(ansible_playbook(cloud, tmp_path, *words)) == 0


def test_the_commands_run_as_pasted(cloud: simulator.Simulator, tmp_path: Path) -> None:
    lines = [line for block in _blocks("README.md", "") for line in block.splitlines() if " gcore.cloud." in line]
    commands = [shlex.split(line)[1:] for line in lines if line.startswith("ansible-playbook ")]
    assert len(commands) == 3
    create, change, delete = commands
    assert _changed(ansible_playbook(cloud, tmp_path, *create))
    assert _changed(ansible_playbook(cloud, tmp_path, *create)) == 0
    assert _changed(ansible_playbook(cloud, tmp_path, *change)) == 1
    assert _changed(ansible_playbook(cloud, tmp_path, *delete))
    assert _changed(ansible_playbook(cloud, tmp_path, *delete)) == 0


@pytest.mark.parametrize("role", PREREQUISITES)
def test_the_example_of_a_role_runs_as_pasted(role: str, cloud: simulator.Simulator, tmp_path: Path) -> None:
    before, number = PREREQUISITES[role]
    tasks: list[Any] = yaml.safe_load(_blocks(f"roles/{role}/README.md", "yaml")[0])
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
    for name, what in (("before.yml", list(before)), ("role.yml", tasks[:number])):
        (tmp_path / name).write_text(yaml.safe_dump([{**play, "tasks": what}]), encoding="utf-8")
    ansible_playbook(cloud, tmp_path, "before.yml")
    assert _changed(ansible_playbook(cloud, tmp_path, "role.yml"))
    assert _changed(ansible_playbook(cloud, tmp_path, "role.yml")) == 0
