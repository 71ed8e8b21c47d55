# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures of the scenarios: module arguments in, recorded requests and results out, against the simulator in virtual time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.contract.corrections import ABSENT
from tests.contract.openapi import Document, document_path
from tests.harness import Ambush, Cloud, Exchange, Run, Stage, run_module

from .forks import run_together

CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = {"project": "1000001"}
REGIONAL = {**PROJECT, "region": "76"}


_built: dict[Callable[..., Any], tuple[Stage, Any]] = {}


def in_scope(module: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a module, in the default project and region."""
    scope = {} if module.startswith("task_") else PROJECT if module.startswith("ssh_key") else REGIONAL
    scope = {} if module.split("_info")[0] in ("project", "region") else scope
    return {**scope, **options}


class Account:
    """A simulated account and the modules that a test runs in it.

    ``cloud`` is the simulator; every request of every run is kept and validated against the official document at the end of
    the test, unless the test sets ``documented`` to false (it sends something that the API has to refuse).
    """

    def __init__(self, cloud: Cloud, folder: Path) -> None:
        self.cloud = cloud
        self.folder = folder
        self.documented = True
        self.exchanges: list[Exchange] = []

    def run(
        self, module: str, *, check: bool = False, environment: Mapping[str, str] | None = None, **options: Any
    ) -> Run:
        """Run a module with these options in the default project and region, and return its result and requests."""
        run = run_module(self.cloud, module, in_scope(module, options), self.folder, check, environment)
        assert run.crash is None, run.crash
        self.exchanges += run.exchanges
        return run

    def together(self, *jobs: tuple[str, Mapping[str, Any]]) -> list[Run]:
        """Run modules in processes that start at the same time, as forks do."""
        runs = run_together(self.cloud, [(module, in_scope(module, options)) for module, options in jobs], self.folder)
        for run in runs:
            assert run.crash is None, run.crash
            self.exchanges += run.exchanges
        return runs

    def ok(self, module: str, **options: Any) -> Mapping[str, Any]:
        """Run a module that must succeed, and return its result."""
        run = self.run(module, **options)
        assert run.result is not None and not run.failed, run.text
        return run.result

    def changed(self, module: str, **options: Any) -> Run:
        """Run a module that must change something, and return that run.

        Check mode predicts what its diff shows, without a write, and a second run has nothing to write.
        """
        predicted = self.run(module, check=True, **options)
        run = self.run(module, **options)
        again = self.run(module, **options)
        for each in (predicted, run, again):
            assert not each.failed, each.text
        assert not predicted.writes and not again.writes, again.writes
        assert predicted.result["changed"] and run.result["changed"] and not again.result["changed"], again.text
        expected, diff = predicted.result["diff"], run.result["diff"]
        assert expected["before"].items() <= diff["before"].items() and expected["after"].keys() <= diff["after"].keys()
        return run

    def refused(self, module: str, *words: str, check: bool = False, **options: Any) -> Run:
        """Run a module that must fail without a write, with a message that has these words."""
        run = self.run(module, check=check, **options)
        assert run.failed, run.text
        assert not run.writes, run.writes
        for word in words:
            assert word in run.result["msg"], run.result["msg"]
        return run

    def built(self, build: Callable[[Account], Any]) -> Any:
        """What ``build`` returns, with the cloud as it leaves it; it is called once, and the cloud restored from then on."""
        if build not in _built:
            value = build(self)
            self.cloud.simulator.advance(600)
            _built[build] = self.cloud.keep(), value
        stage, value = _built[build]
        self.cloud.put_up(stage)
        return value

    def add(self, kind: str, **data: Any) -> str:
        """Put an object into the cloud as somebody else would have created it, and return its id."""
        sim = self.cloud.simulator
        region = None if sim.kinds[kind].global_region else self.cloud.region_id
        return str(sim.kinds[kind].make(sim, self.cloud.project_id, region, **data).id)

    def set(self, kind: str, identifier: str, **data: Any) -> None:
        """Change fields of an object behind the module's back."""
        self.cloud.records()[(kind, identifier)].data.update(data)

    def lose(self, method: str, path: str, taken: bool = True) -> None:
        """Let the connection break at the next such write, after or before the API has taken it."""
        match = {"method": method, "path": path}
        self.cloud.arm(
            {"kind": "lost_answer", "then": "reset", "match": match} if taken else {"kind": "reset", "match": match}
        )

    def when(self, path: str, act: Callable[[Any], None]) -> None:
        """Let something happen in the cloud just after the next write to a path with this end has been answered."""
        wanted = partial(_is_write_to, path)
        self.cloud.ambushes.append(Ambush(wanted, act, after=True))


@pytest.fixture(scope="session")
def _cloud() -> Iterator[tuple[Cloud, Stage]]:
    cloud = Cloud()
    yield cloud, cloud.keep()
    cloud.close()


@pytest.fixture(scope="session")
def _document() -> Document:
    return Document.load(document_path(CHECKOUT))


@pytest.fixture
def account(_cloud: tuple[Cloud, Stage], _document: Document, tmp_path: Path) -> Iterator[Account]:
    """A fresh account: the seed data of the simulator, nothing else."""
    cloud, stage = _cloud
    cloud.put_up(stage)
    account = Account(cloud, tmp_path)
    yield account
    if account.documented:
        problems = [problem for each in account.exchanges for problem in _problems(_document, each)]
        assert not problems, "\n".join(dict.fromkeys(problems))


def _is_write_to(end: str, method: str, path: str) -> bool:
    return method != "GET" and path.endswith(end)


def _problems(document: Document, exchange: Exchange) -> list[str]:
    body = ABSENT if exchange.body is None else exchange.body
    headers = {"authorization": "APIKey x", "content-type": "application/json"}
    verdict = document.check_request(exchange.method, exchange.path, exchange.query, body, headers)
    return [f"{exchange.method} {exchange.path}: {problem}" for problem in verdict.problems]
