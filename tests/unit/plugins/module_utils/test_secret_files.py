# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine import private_files
from ansible_collections.gcore.cloud.plugins.module_utils.engine.private_files import PrivateFile
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import Finder, Scope
from ansible_collections.gcore.cloud.plugins.module_utils.engine.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.engine.secret_files import LostSecret, SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.errors import OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import SecretFile
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import THING, FakeSession, client, reply

ONCE = variant(THING, secret_files=(SecretFile("key_dest", "private_key", when_missing="public_key"),))
ANY_TIME = variant(
    THING,
    secret_files=(SecretFile("config_dest", "config", path="/cloud/v1/things/{project_id}/{region_id}/{id}/config"),),
)


def files(
    resource: Any, params: dict[str, Any], session: Any = None, warn: Any = lambda text: None
) -> tuple[SecretFiles, Report]:
    session = session or FakeSession()
    report = Report("thing")
    finder = Finder(client(session), Scope("1", "2"), Deadline(session.clock, 60))
    return SecretFiles(resource, params, finder, report, warn), report


def private(path: Any, **more: Any) -> PrivateFile:
    return PrivateFile("key_dest", str(path), **more)


def test_a_secret_is_written_for_its_owner_alone(tmp_path: Any) -> None:
    dest = tmp_path / "key"
    old = os.umask(0)
    try:
        private(dest).write("s3cret")
    finally:
        os.umask(old)
    assert dest.read_text() == "s3cret"
    assert dest.stat().st_mode & 0o777 == 0o600
    assert os.listdir(str(tmp_path)) == ["key"]


def test_what_is_there_is_told_apart(tmp_path: Any) -> None:
    file = private(tmp_path / "key")
    assert file.differs("s3cret") == "absent"
    file.write("s3cret")
    assert file.differs("s3cret") is None
    assert file.differs("another") == file.differs(None) == "other content"
    (tmp_path / "key").chmod(0o644)
    assert file.differs("s3cret") == "mode 0644"
    file.write("s3cret")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "key")
    assert private(tmp_path / "link").differs("s3cret") == "symbolic link"
    assert private(tmp_path / "link").differs("another") == "other content"
    assert private(tmp_path / "link", follow=True).differs("s3cret") is None
    (tmp_path / "nowhere").symlink_to(tmp_path / "no-such-file")
    assert private(tmp_path / "nowhere").differs("s3cret") == "symbolic link"
    assert private(tmp_path / "nowhere", follow=True).differs("s3cret") == "absent"
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    assert file.differs("s3cret") == "other content"


def test_mount_points_are_known_by_the_list_of_the_system(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bind mount from the same file system has the same device as its folder."""
    dest = tmp_path / "a key"
    dest.write_text("x")
    mounts = tmp_path / "mounts"
    mounts.write_text("36 35 98:0 / / rw - ext4 /dev/root rw\n40 36 98:0 /x %s rw - ext4 /dev/root rw\n"
                      % str(dest).replace(" ", "\\040"))  # fmt: skip
    monkeypatch.setattr(private_files, "MOUNTS", str(mounts))
    assert private_files.is_mount_point(str(dest))
    assert not private_files.is_mount_point(str(mounts))
    with pytest.raises(OptionError, match="mount point"):
        private(dest).check()
    monkeypatch.setattr(private_files, "MOUNTS", str(tmp_path / "none"))
    private(dest).check()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dest = tmp_path / "key"
    private(dest).write("old")

    def full(*args: Any) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        private(dest).write("new")
    assert dest.read_text() == "old"
    assert os.listdir(str(tmp_path)) == ["key"]


def test_a_secret_that_is_shown_once_needs_a_place(tmp_path: Any) -> None:
    with pytest.raises(OptionError) as caught:
        files(ONCE, {})[0].before_creation({})
    assert "key_dest" in caught.value.sentence()
    files(ONCE, {"return_content": True})[0].before_creation({})
    files(ONCE, {"key_dest": str(tmp_path / "key")})[0].before_creation({})
    files(ONCE, {})[0].before_creation({"public_key": "ssh-rsa AAA"})


def test_what_is_there_is_never_overwritten(tmp_path: Any) -> None:
    dest = tmp_path / "key"
    dest.write_text("somebody's only copy")
    with pytest.raises(OptionError, match="not overwritten"):
        files(ONCE, {"key_dest": str(dest)})[0].before_creation({})
    with pytest.raises(OptionError, match="not overwritten"):
        files(ONCE, {"key_dest": str(tmp_path)})[0].before_creation({})


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_made(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OptionError, match="is not there"):
        files(ONCE, {"key_dest": str(tmp_path / "no" / "key")})[0].before_creation({})
    with pytest.raises(OptionError, match="is not there"):
        files(ANY_TIME, {"config_dest": str(tmp_path / "no" / "key")})[0].check()
    files(ONCE, {"key_dest": str(tmp_path / "no" / "key")})[0].check()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OptionError, match="cannot be written"):
        files(ONCE, {"key_dest": str(tmp_path / "key")})[0].before_creation({})


@pytest.mark.parametrize("returned", [True, False])
def test_it_is_returned_only_when_that_is_asked_for(tmp_path: Any, returned: bool) -> None:
    secrets, report = files(ONCE, {"key_dest": str(tmp_path / "key"), "return_content": returned})
    secrets.after_creation({"id": "1", "private_key": "s3cret"})
    assert (tmp_path / "key").read_text() == "s3cret"
    assert report.extra == {"key_dest": str(tmp_path / "key"), **({"private_key": "s3cret"} if returned else {})}
    assert report.changed


def test_an_answer_without_the_secret_writes_nothing(tmp_path: Any) -> None:
    secrets, report = files(ONCE, {"key_dest": str(tmp_path / "key")})
    secrets.after_creation({"id": "1", "private_key": None})
    assert os.listdir(str(tmp_path)) == []
    assert report.extra == {}


def test_what_can_be_read_at_any_time_is_read_after_the_run(tmp_path: Any) -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/things/1/2/t1/config", reply(200, {"config": "s3cret"}))
    params = {"config_dest": str(tmp_path / "config")}
    for changed in (True, False):
        secrets, report = files(ANY_TIME, params, session)
        secrets.before_creation({})
        secrets.after_run("t1")
        assert report.changed is changed
    assert (tmp_path / "config").read_text() == "s3cret"
    secrets, report = files(ANY_TIME, {}, session)
    secrets.after_run("t1")
    assert len(session.sent) == 2


def test_check_mode_only_says_whether_the_file_would_change(tmp_path: Any) -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/things/1/2/t1/config", reply(200, {"config": "s3cret"}))
    dest = tmp_path / "config"
    params = {"config_dest": str(dest)}
    secrets, report = files(ANY_TIME, params, session)
    secrets.after_run("t1", check_mode=True)
    assert (report.changed, dest.exists()) == (True, False)
    secrets.after_run("t1")
    secrets, report = files(ANY_TIME, params, session)
    secrets.after_run("t1", check_mode=True)
    assert not report.changed
    dest.chmod(0o640)
    secrets.after_run("t1", check_mode=True)
    assert (report.changed, dest.stat().st_mode & 0o777) == (True, 0o640)


def test_what_cannot_be_read_yet_is_told(tmp_path: Any) -> None:
    told: list[str] = []
    files(ANY_TIME, {"config_dest": str(tmp_path / "config")}, warn=told.append)[0].not_yet()
    files(ANY_TIME, {"return_content": True}, warn=told.append)[0].not_yet()
    assert len(told) == 2 and all("config" in each for each in told)
    files(ANY_TIME, {}, warn=told.append)[0].not_yet()
    files(ONCE, {"key_dest": str(tmp_path / "key")}, warn=told.append)[0].not_yet()
    assert len(told) == 2


def test_a_secret_has_a_name_of_its_own_in_the_result(tmp_path: Any) -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/things/1/2/t1/config", reply(200, {"config": "s3cret"}))
    (secret,) = ANY_TIME.secret_files
    named = variant(ANY_TIME, secret_files=(variant(secret, result="kube_config"),))
    secrets, report = files(named, {"return_content": True}, session)
    secrets.after_run("t1")
    assert report.extra == {"kube_config": "s3cret"}
    assert named.secret_files[0].noun == "kube config"


@pytest.mark.parametrize(("resource", "words"), [(ONCE, "it is lost"), (ANY_TIME, "Run the task again")])
def test_a_secret_that_cannot_be_put_away(tmp_path: Any, monkeypatch: Any, resource: Any, words: str) -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/things/1/2/t1/config", reply(200, {"config": "s3cret"}))

    def full(*args: Any) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "replace", full)
    dest = str(tmp_path / "key")
    secrets, _report = files(resource, {"key_dest": dest, "config_dest": dest}, session)

    def put_away() -> None:
        secrets.after_creation({"private_key": "s3cret"})
        secrets.after_run("t1")

    with pytest.raises(LostSecret) as caught:
        put_away()
    assert words in caught.value.sentence()
    assert "s3cret" not in caught.value.sentence()
    assert os.listdir(str(tmp_path)) == []
