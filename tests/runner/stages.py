# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stages of `make test`: what each proves, what it needs, and after which other stages it runs."""

from __future__ import annotations

import functools
import os
import shutil
import tarfile
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import paths, pip_bootstrap, simulator, venvs
from .ansible_test import AnsibleTest
from .outcome import Outcome, from_junit
from .process import Log, Word, check, run
from .pythons import CORES, NEXT_CORE, OLDEST_TARGET, Core, Interpreter, Version, dotted
from .staging import collections_path, stage

INTEGRATION_SPEED = 60.0
EVERY_CORE = "gcore/every_core"
"""A line in a target's `aliases`: the target is run on the oldest ansible-core too, not on the newest alone."""
ON_NEXT_CORE = "gcore/next_core"
"""The same for the pre-release of the next ansible-core: a few targets that take a short time."""


@dataclass(frozen=True)
class Stage:
    """One row of the summary."""

    name: str
    group: str
    work: Callable[[Log], Outcome]
    after: tuple[str, ...] = ()
    lock: str = ""
    """Stages with the same lock do not run at the same time."""
    required: bool = True
    """Whether a failure fails the run. If not, it is reported only."""


@dataclass(frozen=True)
class Skip:
    """What this machine cannot run, and why."""

    what: str
    group: str
    why: str


class Toolbox:
    """The interpreters and environments that the stages share."""

    def __init__(self, interpreters: Mapping[Version, Interpreter], main: Interpreter) -> None:
        self.recorded: Path | None = None  # the requests of the integration tests, if these are part of the run
        self.interpreters = interpreters
        self.main = main
        self.venv = paths.VENV
        self.cores = [(core, controller) for core in CORES if (controller := core.controller(interpreters))]
        self.next_controller = NEXT_CORE.controller(interpreters)

    @property
    def oldest_target(self) -> Interpreter:
        return self.interpreters[min(self.interpreters)]

    @property
    def newest_target(self) -> Interpreter:
        return self.interpreters[max(self.interpreters)]

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    def tool(self, name: str) -> Path:
        return self.venv / "bin" / name

    def environment(self, collections: Path | None = None) -> dict[str, str]:
        """For a tool of the developers' environment: with the given collections, or with the checkout importable as the collection."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHON"))}
        env["PATH"] = os.pathsep.join([str(self.venv / "bin"), env.get("PATH", os.defpath)])
        env["NO_COLOR"] = "1"
        if collections:
            env["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
            env["ANSIBLE_COLLECTIONS_SCAN_SYS_PATH"] = "false"
        else:
            env["PYTHONPATH"] = os.pathsep.join([str(paths.import_root()), str(paths.ROOT)])
        return env

    def prepare_venv(self, log: Log) -> None:
        venvs.ensure(self.venv, self.main, log, requirements=[paths.TESTS / "requirements.txt"])

    def prepare_core(self, core: Core, controller: Interpreter, log: Log) -> None:
        python = venvs.ensure(self._core_venv(core), controller, log, packages=[core.requirement])
        pip_bootstrap.provide(python, log)

    def prepare_target(self, target: Interpreter, log: Log) -> Path:
        """An environment that represents the managed host: it has the packages that the README requires, and no others."""
        path = paths.VENVS / f"target-{target.name}"
        return venvs.ensure(path, target, log, requirements=[paths.ROOT / "requirements.txt"])

    def ansible_test(self, core: Core, controller: Interpreter) -> AnsibleTest:
        return AnsibleTest(core, controller, self._core_venv(core) / "bin" / "python", self.interpreters)

    def _core_venv(self, core: Core) -> Path:
        return paths.VENVS / f"core-{core.name}"


def plan(tools: Toolbox) -> tuple[list[Stage], list[Skip]]:
    """All stages that this machine can run, and what it cannot run.

    Stages that must run one after another come first, and the others run at the same time.
    """
    skips = [
        Skip(
            f"sanity-{core.name}", "sanity", f"ansible-core {core.name} needs {core.needs} with pip, and none was found"
        )
        for core in CORES
        if not core.controller(tools.interpreters)
    ]
    if not tools.next_controller:
        why = f"it needs {NEXT_CORE.needs} with pip, and none was found"
        skips.append(Skip(f"ansible-core {NEXT_CORE.name}", "sanity units integration", why))
    if tools.oldest_target.version > OLDEST_TARGET:
        why = f"no Python {dotted(OLDEST_TARGET)}, the oldest for managed hosts, was found: {tools.oldest_target.name} is used instead"
        skips.append(Skip(f"managed hosts on Python {dotted(OLDEST_TARGET)}", "units integration", why))
    integration = _integration(tools)
    recorded = tuple(one.name for one in integration)
    stages = [
        *_sanity(tools),
        *integration,
        Stage(
            "simulator-tests",
            "simulator-tests",
            lambda log: _pytest(tools, log, "simulator-tests", "tests/simulator/tests"),
        ),
        Stage("contract", "contract", lambda log: _pytest(tools, log, "contract", "tests/contract"), after=recorded),
        Stage("scenarios", "scenarios", lambda log: _pytest(tools, log, "scenarios", "tests/scenarios")),
        Stage("faults", "faults", lambda log: _pytest(tools, log, "faults", "tests/faults")),
        *_units(tools),
        *_next_core(tools),
        *_roles(tools),
        Stage("benchmark", "benchmark", lambda log: _pytest(tools, log, "benchmark", "tests/benchmark/tests")),
        Stage("tools", "tools", lambda log: _pytest(tools, log, "tools", "tests/tools/tests")),
        Stage("lint", "lint", lambda log: _lint(tools, log)),
        Stage("build", "build", lambda log: _build(tools, log)),
    ]
    return stages, skips


def _sanity(tools: Toolbox) -> list[Stage]:
    def work(core: Core, controller: Interpreter, log: Log) -> Outcome:
        targets = {tools.oldest_target.version: tools.oldest_target, controller.version: controller}
        return tools.ansible_test(core, controller).sanity(
            stage(f"sanity-{core.name}", log), log, list(targets.values())
        )

    return [
        Stage(f"sanity-{core.name}", "sanity", functools.partial(work, core, controller), lock="sanity environments")
        for core, controller in reversed(tools.cores)
    ]


def _units(tools: Toolbox) -> list[Stage]:
    core, controller = tools.cores[-1]

    def work(target: Interpreter, log: Log) -> Outcome:
        return tools.ansible_test(core, controller).units(stage(f"units-{target.name}", log), log, target)

    pythons = {controller.version: controller, tools.oldest_target.version: tools.oldest_target}
    return [Stage(f"units-{one.name}", "units", functools.partial(work, one)) for one in pythons.values()]


def _integration(tools: Toolbox) -> list[Stage]:
    """All targets in two halves on the newest core with the oldest managed host, and some of them on the oldest core."""
    weights = _targets()
    halves: tuple[list[str], list[str]] = ([], [])
    for target in sorted(weights, key=lambda name: (-weights[name], name)):
        min(halves, key=lambda half: sum(weights[name] for name in half)).append(target)

    def work(
        name: str, core: Core, controller: Interpreter, host: Interpreter, targets: list[str], log: Log
    ) -> Outcome:
        record = paths.RECORDED / f"{name}.jsonl"
        return _run_targets(tools, log, name, core, controller, host, targets, record)

    newest, oldest = tools.cores[-1], tools.cores[0]
    runs = [(f"integration-{number}", newest, tools.oldest_target, half) for number, half in enumerate(halves, 1)]
    if oldest != newest:
        runs.append((f"integration-core-{oldest[0].name}", oldest, oldest[1], _targets_with(EVERY_CORE)))
    return [
        Stage(name, "integration", functools.partial(work, name, *core, host, sorted(targets)))
        for name, core, host, targets in runs
        if targets
    ]


def _next_core(tools: Toolbox) -> list[Stage]:
    """The next ansible-core before its final release: reported, and no reason for a run to fail.

    The stages create its environment themselves, so that a failure of that is reported only, too.
    """
    core, controller = NEXT_CORE, tools.next_controller
    if not controller:
        return []

    def sanity(log: Log) -> Outcome:
        tools.prepare_core(core, controller, log)
        return tools.ansible_test(core, controller).sanity(stage(f"sanity-{core.name}", log), log, [controller])

    def units(log: Log) -> Outcome:
        tools.prepare_core(core, controller, log)
        name = f"units-core-{core.name}"
        return tools.ansible_test(core, controller).units(stage(name, log), log, controller)

    def integration(log: Log) -> Outcome:
        tools.prepare_core(core, controller, log)
        name = f"integration-core-{core.name}"
        return _run_targets(tools, log, name, core, controller, controller, _targets_with(ON_NEXT_CORE))

    return [
        Stage(f"sanity-{core.name}", "sanity", sanity, lock="sanity environments", required=False),
        Stage(f"units-core-{core.name}", "units", units, required=False),
        Stage(f"integration-core-{core.name}", "integration", integration, required=False),
    ]


def _run_targets(
    tools: Toolbox,
    log: Log,
    name: str,
    core: Core,
    controller: Interpreter,
    host: Interpreter,
    targets: Sequence[str],
    record: Path | None = None,
) -> Outcome:
    """Run integration targets against a simulator of their own, which records the requests if a file is given."""
    copy = stage(name, log)
    python = tools.prepare_target(host, log)
    with simulator.running(
        tools.python, paths.BUILD / "simulators" / name, speed=INTEGRATION_SPEED, record=record
    ) as running:
        return tools.ansible_test(core, controller).integration(copy, log, targets, python, host.name, running)


def _targets_with(alias: str) -> list[str]:
    """The targets with a line in their `aliases`."""
    return [target for target in _targets() if alias in _aliases(target)]


def _roles(tools: Toolbox) -> list[Stage]:
    """Every variable of every role, and the examples of the READMEs, on the newest and on the oldest core."""

    def work(core: Core, controller: Interpreter, log: Log) -> Outcome:
        python = venvs.ensure(
            paths.VENVS / f"roles-{core.name}",
            controller,
            log,
            requirements=[paths.ROOT / "requirements.txt"],
            packages=[core.requirement],
        )
        return _pytest(tools, log, f"roles-{core.name}", "tests/roles", {"GCORE_ROLES_PYTHON": str(python)})

    chosen = dict.fromkeys((tools.cores[-1], tools.cores[0]))
    return [
        Stage(f"roles-{core.name}", "roles", functools.partial(work, core, controller)) for core, controller in chosen
    ]


def _targets() -> dict[str, int]:
    """The integration targets, each with the size of its tasks, an estimate of how long it takes."""
    folders = (
        folder for folder in (paths.TESTS / "integration" / "targets").glob("*") if (folder / "aliases").exists()
    )
    return {folder.name: _size(folder) + sum(map(_size, _needs(folder.name))) for folder in sorted(folders)}


def _size(path: Path) -> int:
    files = path.rglob("*.yml") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)


def _needs(target: str) -> list[Path]:
    """What a target runs besides its own tasks: the case that its aliases name, and the life cycle of all cases."""
    prefix = "needs/file/"
    found = [paths.ROOT / each.removeprefix(prefix) for each in _aliases(target) if each.startswith(prefix)]
    return [*found, paths.TESTS / "integration" / "targets" / "setup_lifecycle"] if found else []


def _aliases(target: str) -> list[str]:
    return (paths.TESTS / "integration" / "targets" / target / "aliases").read_text(encoding="utf-8").split()


def _pytest(
    tools: Toolbox, log: Log, name: str, folder: str, variables: Mapping[str, str] = types.MappingProxyType({})
) -> Outcome:
    report = paths.REPORTS / f"{name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    env = {**tools.environment(), **variables}
    if tools.recorded:
        env["GCORE_RECORDED"] = str(tools.recorded)
    command: list[Word] = [tools.python, "-m", "pytest", folder, "-q", "-ra", f"--junitxml={report}"]
    code, _output = run(command, log, cwd=paths.ROOT, env=env)
    outcome = from_junit([report] if report.exists() else [])
    if code != 0 and not outcome.failed:
        outcome.fail(f"pytest {folder} ended with {code}")
    return outcome


def _lint(tools: Toolbox, log: Log) -> Outcome:
    copy = stage("lint", log)
    collections = collections_path(copy)
    paths.import_root()
    plugins = f"ansible_collections.{paths.COLLECTION}.plugins"
    packages = [
        word for name in ("module_utils", "plugin_utils", "callback", "lookup") for word in ("-p", f"{plugins}.{name}")
    ]
    antsibull_docs: list[Word] = [
        tools.tool("antsibull-docs"),
        "lint-collection-docs",
        ".",
        "--plugin-docs",
        "--validate-collection-refs",
        "self",
    ]
    checks: list[tuple[str, list[Word], Path]] = [
        ("ruff check", [tools.tool("ruff"), "check", "--output-format", "concise", "."], paths.ROOT),
        ("ruff format", [tools.tool("ruff"), "format", "--check", "--output-format", "concise", "."], paths.ROOT),
        ("mypy plugins", [tools.tool("mypy"), *packages], paths.ROOT),
        ("mypy tests.runner", [tools.tool("mypy"), "-p", "tests.runner", "-p", "tests.demo"], paths.ROOT),
        ("action groups", [tools.python, "-m", "tests.tools.action_groups", "--check"], paths.ROOT),
        ("architecture", [tools.python, "-m", "tests.tools.architecture"], paths.ROOT),
        ("messages without a test", [tools.python, "-m", "tests.tools.messages", "--check"], paths.ROOT),
        ("generated modules", [tools.python, "-m", "tests.tools.modules", "--check"], paths.ROOT),
        ("generated targets", [tools.python, "-m", "tests.tools.targets", "--check"], paths.ROOT),
        ("models of responses", [tools.python, "-m", "tests.tools.models", "--check"], paths.ROOT),
        ("yamllint", [tools.tool("yamllint"), "--strict", "."], copy),
        ("ansible-lint", [tools.tool("ansible-lint"), "--offline", "--profile", "production"], copy),
        ("antsibull-docs", antsibull_docs, copy),
        ("antsibull-changelog", [tools.tool("antsibull-changelog"), "lint"], copy),
    ]
    outcome = Outcome()
    for name, command, folder in checks:
        code, _output = run(command, log, cwd=folder, env=tools.environment(collections))
        outcome.check(code == 0, name)
    return outcome


def _build(tools: Toolbox, log: Log) -> Outcome:
    """The archive for Galaxy: its contents, and that it can be installed and its plugins are found."""
    copy = stage("build", log)
    folder = paths.BUILD / "galaxy"
    if folder.exists():
        shutil.rmtree(folder)
    env = tools.environment(folder)
    galaxy: list[Word] = [tools.tool("ansible-galaxy"), "collection"]
    check([*galaxy, "build", "--output-path", folder], log, cwd=copy, env=env)
    archive = next(folder.glob("*.tar.gz"))
    outcome = Outcome()
    with tarfile.open(archive) as tar:
        inside = tar.getnames()
    unwanted = [
        name
        for name in inside
        if name.startswith((".git", ".ci", ".venv", "build/", "tests/output")) or "__pycache__" in name
    ]
    outcome.check(not unwanted, f"the archive has files that do not belong there: {', '.join(unwanted[:10])}")
    check([*galaxy, "install", archive, "-p", folder], log, cwd=folder, env=env)
    for plugin_type, where in (("module", "modules"), ("callback", "callback"), ("lookup", "lookup")):
        listed = check(
            [tools.tool("ansible-doc"), "--list", "--type", plugin_type, paths.COLLECTION], log, cwd=folder, env=env
        )
        for plugin in sorted((paths.ROOT / "plugins" / where).glob("[a-z]*.py")):
            name = f"{paths.COLLECTION}.{plugin.stem}"
            outcome.check(f"{name} " in listed, f"ansible-doc does not list the {plugin_type} {name}")
    for playbook in sorted((paths.ROOT / "playbooks").glob("*.yml")):
        command: list[Word] = [
            tools.tool("ansible-playbook"),
            "--syntax-check",
            "-i",
            "localhost,",
            f"{paths.COLLECTION}.{playbook.stem}",
        ]
        code, _output = run(command, log, cwd=folder, env=env)
        outcome.check(code == 0, f"the playbook {playbook.stem} is not found by its name, or has a syntax error")
    return outcome


def docs(tools: Toolbox, log: Log) -> Path:
    """The documentation of all plugins and roles, as HTML."""
    copy = stage("docs", log)
    folder = paths.BUILD / "docs"
    if folder.exists():
        shutil.rmtree(folder)
    env = tools.environment(collections_path(copy))
    project: list[Word] = [
        tools.tool("antsibull-docs"),
        "sphinx-init",
        "--use-current",
        "--squash-hierarchy",
        "--lenient",
        "--dest-dir",
        folder,
        paths.COLLECTION,
    ]
    folder.mkdir(parents=True)
    check(project, log, cwd=paths.ROOT, env=env)
    _copy_images(copy, folder)
    python = venvs.ensure(paths.VENVS / "docs", tools.main, log, requirements=[folder / "requirements.txt"])
    env["PATH"] = os.pathsep.join([str(python.parent), env["PATH"]])
    check(["bash", "build.sh"], log, cwd=folder, env=env)
    return folder / "build" / "html" / "index.html"


def _copy_images(copy: Path, folder: Path) -> None:
    """antsibull-docs copies only pages: let Sphinx's configuration, which is read afterwards, copy the images."""
    images = copy / "docs" / "docsite" / "rst" / "images"
    with (folder / "conf.py").open("a", encoding="utf-8") as file:
        file.write(f"\nimport shutil\nshutil.copytree({str(images)!r}, 'rst/docsite/images', dirs_exist_ok=True)\n")
