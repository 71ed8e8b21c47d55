# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.demo`: the collection at work, from an empty project to an empty project, against the simulator."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.runner import paths, pythons, simulator, venvs
from tests.runner.process import CommandFailed, Log, Word, check
from tests.runner.staging import stage

# What is run, and with which variables; the headers of the playbooks tell what these mean.
PROVISION = "gcore.cloud.provision_vm"
TEARDOWN = "gcore.cloud.teardown_vm"
SPEED = 100.0

HOME = paths.BUILD / "demo"
PRIVATE_KEY = HOME / "demo.pem"
VARIABLES: dict[str, Any] = {
    "vm_name": "demo",
    "ssh_from": "198.51.100.7/32",
    "private_key_dest": str(PRIVATE_KEY),
}
CHANGED_VARIABLES: dict[str, Any] = {"data_size": 20}
# What the first run has to show among the created resources: the VM can be reached, and is guarded.
PROMISED = {"instances", "floatingips", "security_groups"}
COLLECTIONS = HOME / "collections"
RESULTS = HOME / "results.jsonl"


class DemoFailed(Exception):
    """Something was not as the demonstration promises."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument(
        "--simulator", action="store_true", help="only start the simulator; what follows is given to it"
    )
    options, rest = parser.parse_known_args()
    if rest and not options.simulator:
        parser.error(f"unknown: {' '.join(rest)}")
    log = Log(HOME / "demo.log")
    start = time.monotonic()
    try:
        if options.simulator:
            return subprocess.call([_environment(log), "-m", "tests.simulator", *rest], cwd=paths.ROOT)
        demo(log)
    except KeyboardInterrupt:
        return 130
    except CommandFailed as error:
        print(log.tail(40), f"\nThe demo could not be prepared: {error}", sep="\n", file=sys.stderr)
        return 1
    except (DemoFailed, simulator.SimulatorFailed, OSError) as error:
        print(f"\nThe demo failed: {error}", file=sys.stderr)
        return 1
    print(f"\nAll of it took {time.monotonic() - start:.0f} seconds.")
    return 0


def demo(log: Log) -> None:
    with heading("Build the collection and install it into build/demo/collections"):
        python = _environment(log)
        _install(python, log)
    PRIVATE_KEY.unlink(missing_ok=True)
    with simulator.running(python, HOME, speed=SPEED) as cloud:
        print(f"\nA simulated Gcore Cloud answers at {cloud.url}; its clock runs {SPEED:g} times as fast as yours.")
        print("All seconds below are of that clock, and a look is one question for a task's state.")
        at_first = _objects(cloud)

        with heading(f"ansible-playbook {PROVISION}"):
            results = _play(python, cloud, PROVISION, VARIABLES)
        _expect(any(one["changed"] for one in results), "the first run changed nothing")
        _expect(any(one["tasks"] for one in results), "no task of the API is in the results")
        _show_created(results)
        made = _objects(cloud)

        with heading(f"ansible-playbook {PROVISION}, once more"), _nothing_happens(cloud, "the second run"):
            asked = len(cloud.control("requests"))
            results = _play(python, cloud, PROVISION, VARIABLES)
            writes = [one for one in cloud.control("requests")[asked:] if one["method"] != "GET"]
        _expect(not writes, f"the second run sent {len(writes)} requests that change something")
        changed = [one["name"] for one in results if one["changed"]]
        _expect(not changed, f"the second run reports changes: {', '.join(changed)}")
        print("\nNothing changed, and not one request to change anything was sent.")

        changed_plan = heading(f"ansible-playbook {PROVISION} --check --diff, with {_words(CHANGED_VARIABLES)}")
        with changed_plan, _nothing_happens(cloud, "check mode"):
            results = _play(python, cloud, PROVISION, {**VARIABLES, **CHANGED_VARIABLES}, "--check", "--diff")
        _expect(any(one["changed"] for one in results), "check mode foretells no change")
        print("\nThis is what would change; nothing did.")

        with heading(f"ansible-playbook {TEARDOWN}"):
            results = _play(python, cloud, TEARDOWN, VARIABLES)
        _expect(any(one["tasks"] for one in results), "no task of the API is in the results")
        left = {kind: sorted(ids - at_first.get(kind, set())) for kind, ids in _objects(cloud).items()}
        left = {kind: ids for kind, ids in left.items() if ids}
        _expect(not left, f"the teardown left {left}")
        gone = {kind: len(ids - at_first.get(kind, set())) for kind, ids in made.items()}
        print(f"\nOf {_words({kind: number for kind, number in gone.items() if number})}, nothing is left.")


@contextlib.contextmanager
def heading(text: str) -> Iterator[None]:
    print(f"\n{text}\n{'=' * len(text)}", flush=True)
    start = time.monotonic()
    yield
    print(f"({time.monotonic() - start:.1f} seconds)", flush=True)


def _environment(log: Log) -> Path:
    return venvs.ensure(
        HOME / "venv",
        pythons.current(),
        log,
        requirements=[paths.ROOT / "requirements.txt", paths.TESTS / "simulator" / "requirements.txt"],
        packages=["ansible-core"],
    )


def _install(python: Path, log: Log) -> None:
    copy = stage("demo", log)
    shutil.rmtree(COLLECTIONS, ignore_errors=True)
    galaxy: list[Word] = [python, python.parent / "ansible-galaxy", "collection"]
    env = _ansible_environment()
    check([*galaxy, "build", "--force", "--output-path", HOME], log, cwd=copy, env=env)
    archive = max(HOME.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    check([*galaxy, "install", archive, "-p", COLLECTIONS], log, cwd=HOME, env=env)
    print(f"{archive.name} is installed.")


def _ansible_environment() -> dict[str, str]:
    """An environment in which Ansible sees the installed collection and no setting of this machine."""
    config = HOME / "ansible.cfg"
    callbacks = Path(__file__).parent / "callback"
    config.write_text(
        "[defaults]\n"
        f"collections_path = {COLLECTIONS}\n"
        f"callback_plugins = {callbacks}\n"
        "callbacks_enabled = gcore.cloud.tasks, gcore_demo\n"
        "callback_result_format = yaml\n"
        "display_skipped_hosts = false\n"
        "interpreter_python = auto_silent\n"
        "localhost_warning = false\n"
        "pipelining = true\n"
        "[inventory]\n"
        "inventory_unparsed_warning = false\n",
        encoding="utf-8",
    )
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "GCORE_", "PYTHON"))}
    return {**env, "ANSIBLE_CONFIG": str(config), "GCORE_DEMO_FILE": str(RESULTS)}


def _play(
    python: Path, cloud: simulator.Simulator, playbook: str, variables: Mapping[str, Any], *options: str
) -> list[dict[str, Any]]:
    """Run a playbook, whose output is the user's to see, and return what its modules said."""
    RESULTS.unlink(missing_ok=True)
    command: list[Word] = [
        python,
        python.parent / "ansible-playbook",
        playbook,
        "--extra-vars",
        json.dumps(variables),
        *options,
    ]
    code = subprocess.call(
        command, cwd=HOME, env={**_ansible_environment(), **cloud.environment}, stdin=subprocess.DEVNULL
    )
    _expect(code == 0, f"{playbook} ended with {code}")
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()] if RESULTS.exists() else []


@contextlib.contextmanager
def _nothing_happens(cloud: simulator.Simulator, what: str) -> Iterator[None]:
    """The cloud has to be the same afterwards, and no task may have been started."""
    before = _objects(cloud), _tasks(cloud)
    yield
    _expect(_objects(cloud) == before[0], f"{what} changed what there is in the cloud")
    _expect(_tasks(cloud) == before[1], f"{what} started tasks")


def _objects(cloud: simulator.Simulator) -> dict[str, set[str]]:
    """The ids of all that there is in the cloud, by kind."""
    return {kind: {str(one["_id"]) for one in rows} for kind, rows in cloud.control("state")["objects"].items()}


def _tasks(cloud: simulator.Simulator) -> set[str]:
    return {task["id"] for task in cloud.control("state")["tasks"]}


def _show_created(results: Sequence[Mapping[str, Any]]) -> None:
    created: dict[str, list[str]] = {}
    for one in results:
        for kind, ids in one["created_resources"].items():
            created[kind] = list(dict.fromkeys([*created.get(kind, []), *(str(ident) for ident in ids or [])]))
    missing = PROMISED - {kind for kind, ids in created.items() if ids}
    _expect(not missing, f"created_resources have no {', '.join(sorted(missing))}")
    print("\ncreated_resources:")
    for kind, ids in created.items():
        for ident in ids:
            print(f"  {kind:<20}{ident}")


def _words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in values.items())


def _expect(good: bool, otherwise: str) -> None:
    if not good:
        raise DemoFailed(otherwise)


if __name__ == "__main__":
    sys.exit(main())
