# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils import lock
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import LockedError
from ansible_collections.gcore.cloud.plugins.module_utils.lock import identity_lock
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import VirtualClock

HOLDER = """
import fcntl, os, sys
handle = os.open(sys.argv[1], os.O_RDWR)
fcntl.flock(handle, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


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


def test_another_process_holds_it_until_it_ends() -> None:
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        pass
    path = os.path.join(folder(), os.listdir(folder())[0])
    with subprocess.Popen([sys.executable, "-c", HOLDER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(LockedError), identity_lock("vm", Deadline(VirtualClock(), 3)):
            pass
        other.kill()
    with identity_lock("vm", Deadline(VirtualClock(), 3)):
        pass


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


def test_a_folder_of_somebody_else_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkdir(folder())
    real = os.lstat(folder())
    monkeypatch.setattr(lock.os, "lstat", lambda path: type("Stat", (), {"st_uid": real.st_uid + 1})())
    with identity_lock("vm", Deadline(VirtualClock(), 1)):
        pass
    assert os.listdir(folder()) == []
