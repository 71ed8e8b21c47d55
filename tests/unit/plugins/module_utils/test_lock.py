# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine import lock
from ansible_collections.gcore.cloud.plugins.module_utils.engine.lock import identity_lock
from ansible_collections.gcore.cloud.plugins.module_utils.errors import LockedError
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import VirtualClock

HOLD = """
with identity_lock(sys.argv[2], Deadline(Clock(), 5)):
    print("held", flush=True)
    sys.stdin.read()
"""
# What two processes add at the same time is lost: the sum says whether each was alone.
COUNT = """
clock = Clock(speed=5000)
for _number in range(int(sys.argv[4])):
    with identity_lock(sys.argv[2], Deadline(clock, 1e9)):
        with open(sys.argv[3]) as file:
            number = int(file.read())
        with open(sys.argv[3], "w") as file:
            file.write(str(number + 1))
"""
HEAD = """
import sys, tempfile
tempfile.tempdir = sys.argv[1]
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Clock, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.lock import identity_lock
"""


@contextlib.contextmanager
def process(code: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Python code in a process of its own."""
    command = [sys.executable, "-c", HEAD + code, tempfile.gettempdir(), *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as other:
        try:
            yield other
        finally:
            other.kill()


def said(other: subprocess.Popen[bytes], word: str) -> None:
    assert other.stdout is not None
    assert other.stdout.readline().decode().strip() == word


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Any:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def folder() -> str:
    return os.path.join(tempfile.gettempdir(), "gcore-cloud-%d" % os.getuid())


def take(name: str, limit: Deadline) -> None:
    with identity_lock(name, limit):
        pass


def test_the_second_waits_for_the_first() -> None:
    clock = VirtualClock()
    first = identity_lock("vm", Deadline(clock, 100))
    first.__enter__()
    clock_of_second = VirtualClock()

    def sleep(seconds: float) -> None:
        clock_of_second.time += seconds
        if clock_of_second.time >= 7:
            first.__exit__(None, None, None)

    clock_of_second.sleep = sleep  # type: ignore[method-assign]
    with identity_lock("vm", Deadline(clock_of_second, 100)):
        assert clock_of_second.time >= 7


def test_at_the_deadline_the_second_fails_and_says_why() -> None:
    clock = VirtualClock()
    with identity_lock("vm", Deadline(clock, 100)), pytest.raises(LockedError, match="Another run on this machine"):
        take("vm", Deadline(clock, 20))
    assert clock.time == 20


def test_another_process_holds_it_until_it_is_killed() -> None:
    with process(HOLD, "vm") as other:
        said(other, "held")
        with pytest.raises(LockedError):
            take("vm", Deadline(VirtualClock(), 3))
        other.kill()
        other.wait()
    assert len(os.listdir(folder())) == 1
    take("vm", Deadline(VirtualClock(), 3))
    assert os.listdir(folder()) == []


def test_no_file_stays_after_a_run(own_folder: Any) -> None:
    for name in ("one", "two", "three"):
        take(name, Deadline(VirtualClock(), 1))
    with pytest.raises(KeyError), identity_lock("vm", Deadline(VirtualClock(), 1)):
        raise KeyError
    assert os.listdir(folder()) == []


def test_many_processes_never_hold_it_at_the_same_time(own_folder: Any) -> None:
    """Each removes the file at its end, while others wait for it or open it: a lock on a removed file counts for nothing."""
    counter = own_folder / "counter"
    counter.write_text("0")
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(process(COUNT, "vm", str(counter), "150")) for _number in range(4)]
        assert [other.wait(60) for other in others] == [0, 0, 0, 0]
    assert counter.read_text() == "600"
    assert os.listdir(folder()) == []


def test_other_things_do_not_wait() -> None:
    clock = VirtualClock()
    with identity_lock("one", Deadline(clock, 0)), identity_lock("two", Deadline(clock, 0)):
        assert clock.time == 0


def test_the_lock_is_free_after_a_failure() -> None:
    with pytest.raises(KeyError), identity_lock("vm", Deadline(VirtualClock(), 1)):
        raise KeyError
    with identity_lock("vm", Deadline(VirtualClock(), 0)):
        pass


def test_nobody_else_can_read_the_folder_and_the_name_does_not_show() -> None:
    with identity_lock("project-secret-name", Deadline(VirtualClock(), 1)):
        assert os.stat(folder()).st_mode & 0o777 == 0o700
        (only,) = os.listdir(folder())
        assert "secret" not in only
        assert os.stat(os.path.join(folder(), only)).st_mode & 0o777 == 0o600


def test_check_mode_takes_no_lock(own_folder: Any) -> None:
    with identity_lock("vm", Deadline(VirtualClock(), 1), wanted=False):
        assert os.listdir(str(own_folder)) == []


def test_without_a_place_for_the_lock_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/no/such/folder")
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        pass


def test_a_folder_of_another_user_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.getuid() + 1
    monkeypatch.setattr(lock.os, "getuid", lambda: other)
    os.mkdir(folder())
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        assert os.listdir(folder()) == []


def test_a_file_system_without_locks_does_not_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", no_locks)
    clock = VirtualClock()
    take("vm", Deadline(clock, 100))
    assert clock.time == 0


def test_a_symbolic_link_is_not_used_as_the_folder(own_folder: Any) -> None:
    (own_folder / "elsewhere").mkdir()
    os.symlink(own_folder / "elsewhere", folder())
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        assert os.listdir(own_folder / "elsewhere") == []


def test_a_symbolic_link_is_not_used_as_the_file(own_folder: Any) -> None:
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        (name,) = os.listdir(folder())
    os.symlink(own_folder / "elsewhere", os.path.join(folder(), name))
    take("vm", Deadline(VirtualClock(), 1))
    assert not (own_folder / "elsewhere").exists()


def test_a_folder_that_others_can_open_is_closed_to_them() -> None:
    os.mkdir(folder(), 0o755)
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        assert os.stat(folder()).st_mode & 0o777 == 0o700
