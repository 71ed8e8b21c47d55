# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Optional

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import WaitTimeout
from ansible_collections.gcore.cloud.plugins.module_utils.tasks import progress
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import (
    ENVIRONMENT,
    Journal,
    WaitProgress,
)
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import TYPICAL
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import TASKS, Task
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    KEY,
    FakeSession,
    VirtualClock,
    client,
    reply,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "polls"
    path.touch()
    return path


def polls(file: Path) -> list[Optional[WaitProgress]]:
    return [WaitProgress.from_line(line) for line in file.read_bytes().splitlines()]


def row(state: str) -> dict[str, Any]:
    return {"id": "t1", "task_type": "create_vm", "state": state, "created_on": "2026-05-01T12:00:00", "error": None}


# ------------------------------------------------------------- what is written


def test_a_wait_is_told_at_its_start_after_each_look_and_at_its_end(file: Path) -> None:
    session = FakeSession()
    session.on("GET", TASKS + "/t1", *[reply(200, row(state)) for state in ("NEW", "RUNNING", "FINISHED")])
    poller = Poller(client(session), 10, Journal(session.clock, str(file), "web-1"))
    session.clock.time = 1000.0
    poller.wait([poller.started("t1", "create_vm")], Deadline(session.clock, 300))
    usual = TYPICAL["create_vm"][:2]
    assert polls(file) == [
        WaitProgress(1, 1000.0, 0.0, 0.0, "t1", "create_vm", "web-1", 0, usual),
        WaitProgress(1, 1000.0, 10.0, 10.0, "t1", "create_vm", "web-1", 1, usual),
        WaitProgress(1, 1000.0, 20.0, 20.0, "t1", "create_vm", "web-1", 2, usual),
        WaitProgress(),
    ]


def test_nothing_but_ids_types_names_and_times_is_written(file: Path) -> None:
    session = FakeSession()
    shown = {**row("FINISHED"), "data": {"password": KEY}, "error": KEY}
    session.on("GET", TASKS + "/t1", reply(200, {**shown, "state": "RUNNING"}), reply(200, shown))
    poller = Poller(client(session), 10, Journal(session.clock, str(file), "web-1"))
    poller.wait([poller.started("t1", "create_vm")], Deadline(session.clock, 300))
    assert KEY not in file.read_text()
    keys = {"open", "began", "waited", "age", "id", "type", "name", "polls", "usual", "speed"}
    assert all(set(json.loads(line)) == keys for line in file.read_text().splitlines())


def test_of_several_tasks_the_one_that_will_be_last_is_shown(file: Path) -> None:
    clock = VirtualClock()
    journal = Journal(clock, str(file))
    tasks = [
        Task("a", "create_volume", since=0.0, state="NEW"),
        Task("b", "create_k8s_cluster_v2", since=0.0, state="RUNNING"),
        Task("c", "create_k8s_cluster_v2", since=0.0, state="FINISHED"),
        Task("d", None),
    ]
    journal.begin()
    clock.time = 5.0
    journal.note(tasks)
    (look,) = polls(file)
    assert look is not None
    assert (look.open, look.id, look.age, look.waited) == (3, "b", 5.0, 5.0)


def test_a_task_of_an_unknown_type_has_no_usual_time(file: Path) -> None:
    Journal(VirtualClock(), str(file)).note([Task("a", "create_something")])
    assert polls(file) == [WaitProgress(open=1, id="a", type="create_something")]


def test_the_time_of_a_new_wait_begins_anew(file: Path) -> None:
    session = FakeSession()
    session.on("GET", TASKS + "/t1", reply(200, row("RUNNING")))
    poller = Poller(client(session), 10, Journal(session.clock, str(file)))
    task = poller.started("t1", "create_vm")
    for _time in range(2):
        with pytest.raises(WaitTimeout):
            poller.wait([task], Deadline(session.clock, 10))
    assert [(look.began, look.waited, look.age) for look in polls(file) if look] == [
        *((0, 0, 0), (0, 10, 10)),
        *((10, 0, 10), (10, 10, 20)),
    ]


def test_a_long_name_is_cut(file: Path) -> None:
    Journal(VirtualClock(), str(file), "x" * 5000).note([Task("a", "create_vm")])
    (look,) = polls(file)
    assert look is not None
    assert look.name == "x" * progress.LONGEST_TEXT


# ------------------------------------------------------------- where it is written


@pytest.mark.parametrize(
    ("params", "name"),
    [
        ({"name": "web-1", "id": "i"}, "web-1"),
        ({"name": None, "floating_ip_address": "192.0.2.1"}, "192.0.2.1"),
        ({"id": 5}, "5"),
        ({"tasks": ["a"]}, None),
    ],
)
def test_the_environment_names_the_file(
    file: Path, monkeypatch: pytest.MonkeyPatch, params: dict[str, Any], name: Optional[str]
) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(file))
    Journal.from_environment(VirtualClock(), params, silent=False).note([Task("a", "create_vm")])
    assert [look and look.name for look in polls(file)] == [name]


def test_no_log_keeps_everything_to_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(file))
    Journal.from_environment(VirtualClock(), {"name": "web-1"}, silent=True).note([Task("a", "create_vm")])
    assert file.read_bytes() == b""


@pytest.mark.parametrize("path", ["", "missing/file", "\0", "."])
def test_an_unwritable_path_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.chdir(tmp_path)
    Journal(VirtualClock(), path).note([Task("a", "create_vm")])
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_never_made_nor_a_link_followed(tmp_path: Path, file: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    for path in (tmp_path / "new", link):
        Journal(VirtualClock(), str(path)).note([Task("a", "create_vm")])
    assert not (tmp_path / "new").exists()
    assert file.read_bytes() == b""


def test_a_pipe_that_nobody_reads_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    Journal(VirtualClock(), str(tmp_path / "pipe")).note([Task("a", "create_vm")])


def test_the_file_of_another_user_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress.os, "geteuid", lambda: file.stat().st_uid + 1)
    Journal(VirtualClock(), str(file)).note([Task("a", "create_vm")])
    assert file.read_bytes() == b""


def test_the_file_does_not_grow_for_ever(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "LARGEST_FILE", 400)
    for _time in range(100):
        Journal(VirtualClock(), str(file)).note([Task("a", "create_vm")])
    assert 400 <= file.stat().st_size < 800


# ------------------------------------------------------------- what is read


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100000,
        WaitProgress(open=1, id="a").as_line()[:-20],
        WaitProgress(open=1, id="x" * 1000).as_line(),
        b'{"open":' + b"9" * 6000 + b"}",
        b'{"open":1,"began":0,"waited":NaN,"age":0,"polls":0,"speed":1}',
        b'{"open":1,"began":0,"waited":-5,"age":0,"polls":0,"speed":1}',
        b'{"open":1,"began":0,"waited":5,"age":0,"polls":0,"speed":"1"}',
        b'{"open":1,"began":0,"waited":5,"age":0,"polls":0,"speed":1,"name":["x"]}',
        b'{"open":1,"began":0,"waited":5,"age":0,"polls":0,"speed":1,"usual":[1]}',
        b'{"open":1,"began":0,"waited":5,"age":0,"polls":0,"speed":1,"usual":"15"}',
    ],
)
def test_a_line_that_is_none_says_nothing(line: bytes) -> None:
    assert WaitProgress.from_line(line) is None


def test_a_line_says_what_was_written() -> None:
    look = WaitProgress(2, 70.0, 10.5, 12.0, "a", "create_vm", "wéb\n1", 3, (15, 30), 60.0)
    assert look.as_line().count(b"\n") == 1
    assert WaitProgress.from_line(look.as_line()) == look
