# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import WaitProgress
from ansible_collections.gcore.cloud.plugins.plugin_utils import watching
from ansible_collections.gcore.cloud.plugins.plugin_utils.watching import (
    CLEAR,
    Log,
    Terminal,
    Watcher,
    guard,
    last_progress,
)


def look(waited: float = 0.0, **more: Any) -> WaitProgress:
    known = {"open": 1, "waited": waited, "age": waited, "id": "t1", "type": "create_vm", "name": "web-1"}
    return WaitProgress(**{**known, "usual": (15, 30), **more})


class Bench:
    """A watcher whose time is a number, and everything that it has written."""

    def __init__(self, folder: Path, terminal: bool = False, columns: int = 200) -> None:
        self.time = 1000.0
        self.out: list[str] = []
        self.terminal = Terminal(self.out.append, lambda: columns)
        self.watcher = Watcher(
            self.terminal if terminal else Log(self.out.append), folder=str(folder), now=lambda: self.time
        )

    def add(self, key: str = "a", step: str = "Make the VM") -> Path:
        path = self.watcher.add(key, step)
        assert path is not None
        return Path(path)

    def tick(self, *seconds: float) -> list[str]:
        """What is written at the end of so many seconds each."""
        self.out.clear()
        for each in seconds or (0.0,):
            self.time += each
            self.watcher.tick()
        return list(self.out)


def append(path: Path, *polls: WaitProgress) -> None:
    with path.open("ab") as file:
        file.writelines(each.as_line() for each in polls)


# ------------------------------------------------------------- the files


def test_the_files_are_private_and_gone_at_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    first, second = bench.add("a"), bench.add("b")
    assert first != second
    assert stat.S_IMODE(first.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    bench.watcher.remove("a")
    bench.watcher.remove("a")
    assert not first.exists()
    bench.watcher.close()
    bench.watcher.close()
    assert list(tmp_path.iterdir()) == []


def test_without_a_place_for_files_there_are_none(tmp_path: Path) -> None:
    bench = Bench(tmp_path / "missing")
    assert bench.watcher.add("a", "Make the VM") is None
    assert bench.tick() == []
    bench.watcher.close()


@pytest.mark.parametrize(
    ("content", "waited"),
    [
        (b"", None),
        (b"garbage\n", None),
        (look(1).as_line()[:-1], None),
        (look(1).as_line() + look(2).as_line(), 2),
        (look(1).as_line() + look(2).as_line()[:30], 1),
        (look(1).as_line() + b"garbage\n\xff\n\n", 1),
        (look(1).as_line()[:30] + look(2).as_line() + look(3).as_line(), 3),
        (b"x" * 100000 + b"\n" + look(1).as_line(), 1),
        (look(1).as_line() * 1000 + look(2).as_line(), 2),
    ],
)
def test_the_newest_whole_line_counts(tmp_path: Path, content: bytes, waited: Any) -> None:
    (tmp_path / "polls").write_bytes(content)
    found = last_progress(str(tmp_path / "polls"))
    assert (found and found.waited) == waited


def test_a_file_that_is_gone_says_nothing(tmp_path: Path) -> None:
    assert last_progress(str(tmp_path / "polls")) is None


# ------------------------------------------------------------- in a log


def test_a_short_wait_leaves_no_line(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    path = bench.add()
    append(path, look(0))
    assert bench.tick(*[0.25] * 39) == []
    append(path, WaitProgress())
    assert bench.tick(*[1.0] * 100) == []


def test_a_long_wait_leaves_lines_at_growing_distances(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    append(bench.add(), look(0))
    lines = bench.tick(0, *[0.25] * 4 * 200)
    assert [line.split("]")[1].split()[0].rstrip(",") for line in lines] == ["0:10", "0:30", "1:00", "2:00", "3:00"]
    assert all(line.endswith("polls") and "create_vm web-1 (Make the VM)" in line for line in lines)


def test_the_time_of_a_look_is_taken_over(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    path = bench.add()
    append(path, look(0))
    bench.tick()
    append(path, look(40, polls=3))
    (line,) = bench.tick(1)
    assert "0:40, longer than usual" in line
    assert line.endswith("3 polls")


def test_each_wait_of_a_step_counts_its_own_time(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    path = bench.add()
    append(path, look(0))
    assert len(bench.tick(0, 12)) == 1
    append(path, WaitProgress(), look(0, began=12.0))
    assert bench.tick(0, 9) == []
    assert len(bench.tick(2)) == 1


def test_waits_at_the_same_time_have_lines_each(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    append(bench.add("a", "Make one"), look(0))
    append(bench.add("b", "Make other"), look(0))
    assert [line.split("(")[1].split(")")[0] for line in bench.tick(0, 10)] == ["Make one", "Make other"]


def test_a_fast_clock_is_followed(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    append(bench.add(), look(0, speed=60.0))
    assert len(bench.tick(0, 0.25, 0.25, 0.25)) == 2


def test_a_step_that_is_done_is_not_shown(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    append(bench.add(), look(0))
    bench.tick()
    bench.watcher.remove("a")
    assert bench.tick(*[1.0] * 100) == []


# ------------------------------------------------------------- on a terminal


def test_one_line_is_written_anew_in_its_place(tmp_path: Path) -> None:
    bench = Bench(tmp_path, terminal=True)
    path = bench.add()
    append(path, look(0))
    first, second = bench.tick(0, 15)
    assert first.startswith(CLEAR + "[--------------------]  0:00 of 0:30  create_vm web-1")
    assert second.startswith(CLEAR + "[##########----------]  0:15 of 0:30  create_vm web-1")
    assert "\n" not in first + second
    append(path, WaitProgress())
    assert bench.tick(0, 1, 1) == [CLEAR]


def test_the_line_fits_the_terminal(tmp_path: Path) -> None:
    bench = Bench(tmp_path, terminal=True, columns=40)
    append(bench.add(), look(0))
    (line,) = bench.tick()
    assert len(line) == len(CLEAR) + 39
    assert line.endswith("…")


def test_the_longest_of_several_waits_is_shown(tmp_path: Path) -> None:
    bench = Bench(tmp_path, terminal=True)
    append(bench.add("a", "Short"), look(0))
    append(bench.add("b", "Long"), look(20))
    (line,) = bench.tick()
    assert line.startswith(CLEAR + "(1 of 2)  [")
    assert "(Long)" in line


def test_the_line_is_gone_before_anything_else_is_displayed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, terminal=True)
    display = SimpleNamespace(display=lambda text, **_more: bench.out.append(text))
    guard(display, bench.terminal, bench.watcher.lock)
    append(bench.add(), look(0))
    bench.tick()
    bench.out.clear()
    display.display("changed: [localhost]", color="yellow")
    display.display("more")
    assert bench.out == [CLEAR, "changed: [localhost]", "more"]


def test_the_line_is_gone_at_the_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path, terminal=True)
    append(bench.add(), look(0))
    bench.tick()
    bench.watcher.close()
    assert bench.out[-1] == CLEAR


# ------------------------------------------------------------- the thread and the forks


@pytest.mark.filterwarnings("ignore:This process")
def test_a_worker_displays_though_the_thread_has_the_lock(tmp_path: Path) -> None:
    """A fork while the thread is at work copies its lock, and nobody there will ever release it."""
    bench = Bench(tmp_path, terminal=True)
    read, write = os.pipe()
    display = SimpleNamespace(display=lambda text: os.write(write, text.encode()))
    guard(display, bench.terminal, bench.watcher.lock)
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with bench.watcher.lock:
            taken.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(30)
    worker = os.fork()
    if worker == 0:
        display.display("from the worker")
        os._exit(0)
    os.waitpid(worker, 0)
    done.set()
    thread.join()
    assert os.read(read, 100) == b"from the worker"


def test_the_thread_ends_with_the_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PERIOD", 0.001)

    def closed(_text: str) -> None:
        raise BrokenPipeError

    watcher = Watcher(Terminal(closed, lambda: 80), folder=str(tmp_path))
    path = watcher.add("a", "Make the VM")
    append(Path(str(path)), look(0))
    watcher.start()
    watcher._thread.join(30)  # type: ignore[union-attr]
    assert not watcher._thread.is_alive()  # type: ignore[union-attr]
