# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python -m tests.runner [STAGE …]`: run all stages or the named ones, and end with one summary."""

from __future__ import annotations

import argparse
import concurrent.futures
import fcntl
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from . import paths, pythons
from .ansible_test import AnsibleTest
from .process import CommandFailed, Log
from .schedule import Result, run_all
from .stages import Skip, Stage, Toolbox, docs, plan

TAIL = 80
CONTROLLERS_FROM = min(core.oldest for core in pythons.CORES)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.runner", description="Run the tests of the collection.")
    parser.add_argument(
        "stages", nargs="*", metavar="STAGE", help="a stage, or a group of them as in 'sanity'; all without any"
    )
    parser.add_argument("--list", action="store_true", help="only show the stages")
    parser.add_argument("--docs", action="store_true", help="build the documentation instead")
    parser.add_argument(
        "--jobs", type=int, default=min(4, os.cpu_count() or 2), help="stages at a time (default: %(default)s)"
    )
    options = parser.parse_args(arguments)

    if not shutil.which("git"):
        print("The tests need git, which was not found. Install the package 'git'.", file=sys.stderr)
        return 2
    interpreters = pythons.find()
    main_python = pythons.current()
    if not main_python.has_pip or main_python.version < CONTROLLERS_FROM:
        print(
            f"The tests need Python {pythons.dotted(CONTROLLERS_FROM)} or newer with its venv module.", file=sys.stderr
        )
        return 2
    tools = Toolbox({**interpreters, main_python.version: main_python}, main_python)
    stages, skips = plan(tools)
    chosen = [stage for stage in stages if not options.stages or {stage.name, stage.group} & set(options.stages)]
    unknown = set(options.stages) - {word for stage in stages for word in (stage.name, stage.group)} - {"integration"}
    if unknown:
        parser.error(
            f"no stage is called {', '.join(sorted(unknown))}; there are {', '.join(stage.name for stage in stages)}"
        )
    if options.list:
        print("\n".join(f"{stage.name:<28}{stage.group}" for stage in stages))
        return 0
    with _exclusive():
        if options.docs:
            return _docs(tools)
        return _test(
            tools,
            chosen,
            [skip for skip in skips if not options.stages or set(skip.group.split()) & set(options.stages)],
            options.jobs,
        )


def _test(tools: Toolbox, stages: Sequence[Stage], skips: Sequence[Skip], jobs: int) -> int:
    start = time.monotonic()
    found = ", ".join(one.name for one in tools.interpreters.values())
    cores = ", ".join(core.name for core, _python in tools.cores)
    print(f"Python {tools.main.name} runs the tests (found: {found}); ansible-core {cores}")
    print(f"Logs: {paths.LOGS.relative_to(paths.ROOT)}/<stage>.log", flush=True)
    if not _prepare(tools, stages):
        return 1
    if any(stage.group == "integration" for stage in stages):
        shutil.rmtree(paths.RECORDED, ignore_errors=True)
        tools.recorded = paths.RECORDED
    results = run_all(stages, jobs, lambda stage: print(f"  start   {stage.name}", flush=True), _report)
    return _summary(results, skips, time.monotonic() - start)


def _prepare(tools: Toolbox, stages: Sequence[Stage]) -> bool:
    """Create the environments that the stages need."""
    groups = {stage.group for stage in stages}
    log = Log(paths.LOGS / "prepare.log")
    print("  start   environments", flush=True)
    start = time.monotonic()
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            work = [pool.submit(tools.prepare_venv, log)] if groups - {"sanity", "units"} else []
            if {stage.group for stage in stages if stage.required} & {"sanity", "units", "integration"}:
                work += [pool.submit(tools.prepare_core, core, controller, log) for core, controller in tools.cores]
            if "integration" in groups:
                work.append(pool.submit(AnsibleTest.create_key, log))
            for future in work:
                future.result()
    except (CommandFailed, OSError) as error:
        print(log.tail(TAIL))
        print(f"Cannot create the environments of the tests: {error}", file=sys.stderr)
        return False
    print(f"  done    environments, {time.monotonic() - start:.0f} s", flush=True)
    return True


def _report(result: Result) -> None:
    outcome = result.outcome
    if result.good:
        print(f"  passed  {result.stage.name}, {result.seconds:.0f} s, {outcome.passed} passed", flush=True)
        return
    only = "" if result.stage.required else " (reported only)"
    title = f"{result.stage.name} failed{only}: from {result.log.path.relative_to(paths.ROOT)}"
    print(f"\n---- {title} ----\n{result.log.excerpt(TAIL)}\n---- end of {result.stage.name} ----\n", flush=True)


def _summary(results: Sequence[Result], skips: Sequence[Skip], seconds: float) -> int:
    print(f"\n{'stage':<28}{'result':<10}{'seconds':>8}{'passed':>8}{'failed':>8}{'skipped':>9}")
    for result in results:
        outcome = result.outcome
        word = "passed" if result.good else "FAILED"
        note = "" if result.stage.required else "  reported only, does not fail the run"
        print(
            f"{result.stage.name:<28}{word:<10}{result.seconds:>8.0f}{outcome.passed:>8}{outcome.failed:>8}{len(outcome.skipped):>9}{note}"
        )
    required = [result for result in results if result.stage.required]
    optional = [result for result in results if not result.stage.required]
    failures, reported = (
        [f"{result.stage.name}: {what}" for result in group for what in result.outcome.failures]
        for group in (required, optional)
    )
    skipped = [("this machine", skip.what, skip.why) for skip in skips]
    skipped += [(result.stage.name, what, why) for result in results for what, why in result.outcome.skipped]
    for title, lines in (
        ("Skipped", _by_reason(skipped)),
        ("Failed, reported only", reported),
        ("Failed", failures),
    ):
        if lines:
            print(f"\n{title}:")
            print("\n".join(f"  - {line}" for line in lines))
    passed = sum(result.outcome.passed for result in results)
    closing = f"{passed} passed, {len(failures)} failed" + (f", {len(skipped)} skipped" if skipped else "")
    closing += f", {len(reported)} failed in stages that are reported only" if reported else ""
    print(f"\nAll stages took {seconds:.0f} s\n{closing}", flush=True)
    return 1 if failures or not results or (required and not any(result.outcome.passed for result in required)) else 0


def _by_reason(skipped: Sequence[tuple[str, str, str]]) -> list[str]:
    """One line for all tests of a stage that were skipped for the same reason."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for where, what, why in skipped:
        reasons.setdefault((where, why), []).append(what)
    return [
        f"{where}, {names[0] if len(names) == 1 else f'{len(names)} tests'}: {why}"
        for (where, why), names in reasons.items()
    ]


def _docs(tools: Toolbox) -> int:
    log = Log(paths.LOGS / "docs.log")
    try:
        tools.prepare_venv(log)
        print(f"The documentation is at {docs(tools, log)}")
    except (CommandFailed, OSError) as error:
        print(log.tail(TAIL))
        print(f"Cannot build the documentation: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _exclusive() -> Iterator[None]:
    """Wait until no other run uses this checkout: two runs would overwrite each other's copies."""
    paths.BUILD.mkdir(exist_ok=True)
    with (paths.BUILD / "lock").open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another run of the tests is in progress in this checkout: waiting for it to end.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
