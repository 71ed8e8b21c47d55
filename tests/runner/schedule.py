# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs stages side by side, in their order, as far as their dependencies and locks allow."""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import paths
from .outcome import Outcome
from .process import CommandFailed, Log, end_all
from .simulator import SimulatorFailed
from .stages import Stage


@dataclass(frozen=True)
class Result:
    stage: Stage
    outcome: Outcome
    seconds: float
    log: Log

    @property
    def good(self) -> bool:
        return not self.outcome.failed


def run_all(
    stages: Sequence[Stage], jobs: int, started: Callable[[Stage], None], ended: Callable[[Result], None]
) -> list[Result]:
    """Run the stages, as many at a time as there are jobs, and report each when it starts and when it ends."""
    waiting = list(stages)
    names = {stage.name for stage in stages}
    running: dict[concurrent.futures.Future[Result], Stage] = {}
    results: list[Result] = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        try:
            while waiting or running:
                done = {result.stage.name for result in results}
                locks = {stage.lock for stage in running.values() if stage.lock}
                ready = [one for one in waiting if one.lock not in locks and not (set(one.after) & names) - done]
                if ready and len(running) < jobs:
                    stage = ready[0]
                    waiting.remove(stage)
                    started(stage)
                    running[pool.submit(_run, stage)] = stage
                    continue
                for future in concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED).done:
                    del running[future]
                    results.append(future.result())
                    ended(results[-1])
        except BaseException:
            end_all()
            raise
    return sorted(results, key=lambda result: stages.index(result.stage))


def _run(stage: Stage) -> Result:
    log = Log(paths.LOGS / f"{stage.name}.log")
    start = time.monotonic()
    try:
        outcome = stage.work(log)
    except (CommandFailed, SimulatorFailed, OSError) as error:
        log.write(f"FAILED {error}")
        outcome = Outcome()
        outcome.fail(str(error))
    return Result(stage, outcome, time.monotonic() - start, log)
