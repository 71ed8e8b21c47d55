# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.callback import tasks as plugin
from ansible_collections.gcore.cloud.plugins.callback.tasks import CallbackModule
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import ENVIRONMENT

HOST = SimpleNamespace(get_name=lambda: "localhost")
SECRET = "swordfish-4711"


def step(action: str = "gcore.cloud.volume", **more: Any) -> Any:
    known = {
        "name": "Make a volume",
        "resolved_action": action,
        "action": action,
        "args": {},
        "_uuid": "u1",
        "no_log": False,
        "become": None,
    }
    return SimpleNamespace(**{**known, **more})


def done(task: Any, result: Any) -> Any:
    return SimpleNamespace(_host=HOST, _task=task, _result=result)


def result(**more: Any) -> dict[str, Any]:
    row = {"id": "t1", "type": "create_volume", "state": "FINISHED", "started": "2026-05-01T12:00:00"}
    return {
        "task_ids": ["t1"],
        "tasks": [{**row, "seconds": 9.5, "polls": 2, "error": None, **more}],
        "created_resources": {},
        "volume": {"name": "data"},
    }


class Display:
    """Keeps what it is given."""

    verbosity = 0

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def display(self, text: str, color: Any = None, stderr: bool = False) -> None:
        (self.errors if stderr else self.lines).append(text)

    def banner(self, text: str) -> None:
        self.lines.append(text)

    def warning(self, text: str) -> None:
        self.warnings.append(text)


class Bench:
    """The plugin with options and a display of the test's own; its thread is not started."""

    def __init__(self, **options: Any) -> None:
        self.display = Display()
        self.options = {"progress": True, "timeline": None, **options}
        self.plugin = CallbackModule(display=self.display)
        self.plugin.get_option = self.options.get  # type: ignore[method-assign]

    def starts(self, task: Any) -> Any:
        self.plugin.v2_runner_on_start(HOST, task)
        return os.environ.get(ENVIRONMENT)


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv(ENVIRONMENT, "of another run")
    monkeypatch.setattr(plugin.C, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(plugin.Watcher, "start", lambda _watcher: None)
    monkeypatch.setattr(plugin.atexit, "register", lambda _job: None)
    yield
    os.environ.pop(ENVIRONMENT, None)


# ------------------------------------------------------------- who is told the file


def test_a_step_finds_its_file_in_the_environment_and_the_next_one_does_not() -> None:
    bench = Bench()
    task = step()
    path = bench.starts(task)
    assert Path(path).read_bytes() == b""
    bench.plugin.v2_runner_on_ok(done(task, result()))
    assert not Path(path).exists()
    assert bench.starts(step("ansible.builtin.command")) is None


@pytest.mark.parametrize(
    "task",
    [
        step("ansible.builtin.command"),
        step("other.cloud.volume"),
        step("gcore.cloudy.volume"),
        step(resolved_action=None),
        step(no_log=True),
        step(no_log="{{ hidden }}"),
        step(become=True),
        step(become="{{ as_root }}"),
    ],
)
def test_who_is_to_be_silent_finds_no_file(task: Any) -> None:
    assert Bench().starts(task) is None


def test_progress_can_be_turned_off() -> None:
    bench = Bench(progress=False)
    assert bench.starts(step()) is None
    bench.plugin.v2_runner_on_ok(done(step(), result()))
    bench.plugin.v2_playbook_on_stats(None)
    assert bench.display.lines[0] == "TASKS OF GCORE CLOUD"


def test_steps_at_the_same_time_have_files_of_their_own() -> None:
    bench = Bench()
    assert bench.starts(step()) != bench.starts(step(_uuid="u2"))


@pytest.mark.parametrize(
    "hook", ["v2_runner_on_ok", "v2_runner_on_failed", "v2_runner_on_skipped", "v2_runner_on_unreachable"]
)
def test_a_file_goes_with_its_step_however_it_ends(hook: str) -> None:
    bench = Bench()
    path = bench.starts(step())
    getattr(bench.plugin, hook)(done(step(), {}))
    assert not Path(path).exists()


def test_nothing_is_left_at_the_end(tmp_path: Path) -> None:
    bench = Bench()
    bench.starts(step())
    assert list(tmp_path.iterdir()) != []
    bench.plugin.v2_playbook_on_stats(None)
    assert list(tmp_path.iterdir()) == []
    assert ENVIRONMENT not in os.environ


# ------------------------------------------------------------- what is shown at the end


@pytest.mark.parametrize(
    "hook",
    [
        "v2_runner_on_ok",
        "v2_runner_on_failed",
        "v2_runner_item_on_ok",
        "v2_runner_item_on_failed",
        "v2_runner_retry",
    ],
)
def test_tasks_of_all_results_are_in_the_table(hook: str) -> None:
    bench = Bench()
    getattr(bench.plugin, hook)(done(step(), result()))
    bench.plugin.v2_playbook_on_stats(None)
    assert bench.display.lines == [
        "TASKS OF GCORE CLOUD",
        "task of the API  resource  state     seconds  polls  step",
        "create_volume    data      FINISHED      9.5      2  Make a volume",
        "1 task, none failed, 2 polls, 9.5 seconds in all",
    ]


@pytest.mark.parametrize(
    ("stdout_callback", "one_line", "is_readable"),
    [
        ("default", False, True),
        ("ansible.builtin.default", False, True),
        ("ansible.posix.debug", False, True),
        ("community.general.yaml", False, True),
        ("json", False, False),
        ("ansible.posix.json", False, False),
        ("ansible.posix.jsonl", False, False),
        ("community.general.null", False, False),
        ("some.other.callback", False, False),
        ("default", True, False),
    ],
)
def test_output_for_a_parser_is_kept_free(
    monkeypatch: pytest.MonkeyPatch, stdout_callback: str, one_line: bool, is_readable: bool
) -> None:
    monkeypatch.setattr(plugin.C, "DEFAULT_STDOUT_CALLBACK", stdout_callback)
    monkeypatch.setattr(plugin.context, "CLIARGS", {"one_line": one_line})
    monkeypatch.setattr(
        plugin.sys, "stdout", SimpleNamespace(isatty=lambda: True, flush=lambda: None, fileno=lambda: 1)
    )
    monkeypatch.setenv("TERM", "xterm")
    bench = Bench()
    bench.plugin.v2_runner_on_ok(done(step(), result()))
    bench.plugin.v2_playbook_on_stats(None)
    assert len(bench.display.lines) == (4 if is_readable else 0)
    assert len(bench.display.errors) == (0 if is_readable else 4)
    if not is_readable:
        assert isinstance(bench.plugin._new_watcher()._screen, plugin.Log)
        bench.plugin._log("0:10  create_volume data")
        assert bench.display.lines == []


def test_without_tasks_nothing_is_printed() -> None:
    bench = Bench()
    bench.plugin.v2_runner_on_ok(done(step("ansible.builtin.command"), {"changed": True}))
    bench.plugin.v2_playbook_on_stats(None)
    assert bench.display.lines == []


def test_a_hidden_result_is_in_neither_table_nor_timeline(tmp_path: Path) -> None:
    picture = tmp_path / "timeline.svg"
    bench = Bench(timeline=str(picture))
    hidden = {"censored": "the output has been hidden", "changed": True}
    bench.plugin.v2_runner_on_ok(done(step(no_log=True), hidden))
    bench.plugin.v2_runner_item_on_ok(done(step(), {**result(), "_ansible_no_log": True, "volume": {"name": SECRET}}))
    bench.plugin.v2_playbook_on_stats(None)
    assert bench.display.lines == []
    assert SECRET not in picture.read_text()
    assert "t1" not in picture.read_text()


def test_the_timeline_is_drawn_on_request(tmp_path: Path) -> None:
    picture = tmp_path / "timeline.svg"
    bench = Bench(timeline=str(picture))
    bench.plugin.v2_playbook_on_start(SimpleNamespace(_file_name="/somewhere/site.yml"))
    bench.plugin.v2_runner_on_ok(done(step(), result(error="grün")))
    bench.plugin.v2_playbook_on_stats(None)
    text = picture.read_text(encoding="utf-8")
    assert "Tasks of site.yml" in text
    assert "grün" in text
    assert bench.display.warnings == []


def test_a_timeline_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    bench = Bench(timeline=str(tmp_path / "missing" / "timeline.svg"))
    bench.plugin.v2_playbook_on_stats(None)
    (warning,) = bench.display.warnings
    assert warning.startswith("The timeline cannot be written: ")
    assert "missing/timeline.svg" in warning
