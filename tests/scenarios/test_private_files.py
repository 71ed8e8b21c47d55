# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of kubeconfig_dest and private_key_dest: what is there before, and what cannot be replaced."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Account

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINQzHqmIEp4YDrVz2nNTkW0EzCxwEYaTfXzD5o3XuV9l me@example.com"
POOL = {
    "name": "workers",
    "flavor": "g2-standard-2-4",
    "min_node_count": 1,
    "boot_volume_size": 50,
    "boot_volume_type": "standard",
    "servergroup_policy": "anti-affinity",
}
OTHERS = "the kubeconfig of another cluster: s3cret-of-it\n"
NEW = "kubeconfig, mode 0600"


@pytest.fixture
def cluster(account: Account) -> dict[str, Any]:
    """A cluster that is there, and what says which one."""
    account.ok("ssh_key", name="mine", public_key=KEY)
    account.ok("k8s_cluster", name="prod", version="v1.33.10", ssh_key="mine", pools=[POOL])
    return {"name": "prod"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder besides the one of temporary files."""
    found = tmp_path / "files"
    found.mkdir()
    return found


def content(account: Account, cluster: dict[str, Any]) -> str:
    return str(account.ok("k8s_cluster", **cluster, return_content=True)["kubeconfig"])


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("backup", [False, True])
def test_a_file_of_another_cluster(account: Account, cluster: dict[str, Any], folder: Path, backup: bool) -> None:
    dest = folder / "kubeconfig"
    dest.write_text(OTHERS)
    dest.chmod(0o644)
    options = {**cluster, "kubeconfig_dest": str(dest), "backup": backup}
    check = account.run("k8s_cluster", check=True, **options)
    assert dest.read_text() == OTHERS and os.listdir(folder) == ["kubeconfig"]
    run = account.run("k8s_cluster", **options)
    wanted = content(account, cluster)
    for each in (check, run):
        assert each.result["changed"] and not each.failed
        assert each.result["diff"]["before"] == {"kubeconfig_dest": "other content"}
        assert each.result["diff"]["after"] == {"kubeconfig_dest": NEW}
        told = [text for text in each.warnings if "kubeconfig_dest" in text]
        assert len(told) == (0 if backup else 1)
        assert OTHERS.strip() not in each.text and wanted not in each.text
    assert dest.read_text() == wanted and mode(dest) == 0o600
    copies = [each for each in folder.iterdir() if each != dest]
    assert ("backup_file" in run.result) is backup and "backup_file" not in check.result
    assert [str(each) for each in copies] == ([run.result["backup_file"]] if backup else [])
    for each in copies:
        assert each.read_text() == OTHERS and mode(each) == 0o600
    again = account.run("k8s_cluster", **options)
    assert not again.result["changed"] and again.result["diff"] == {"before": {}, "after": {}}
    assert len(os.listdir(folder)) == 1 + len(copies)
    dest.chmod(0o640)
    again = account.run("k8s_cluster", **options)
    assert again.result["changed"] and again.result["diff"]["before"] == {"kubeconfig_dest": "mode 0640"}
    assert not again.warnings and len(os.listdir(folder)) == 1 + len(copies)


def test_a_creation_says_the_same_in_check_mode(account: Account, folder: Path) -> None:
    account.ok("ssh_key", name="mine", public_key=KEY)
    dest = folder / "kubeconfig"
    dest.write_text(OTHERS)
    options = {"name": "prod", "version": "v1.33.10", "ssh_key": "mine", "pools": [POOL], "kubeconfig_dest": str(dest)}
    check = account.run("k8s_cluster", check=True, **options)
    made = account.run("k8s_cluster", **options)
    for run in (check, made):
        assert run.result["diff"]["before"]["kubeconfig_dest"] == "other content"
        assert run.result["diff"]["after"]["kubeconfig_dest"] == NEW
        assert any("kubeconfig_dest" in text for text in run.warnings)


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("target", ["other", "same", "missing"])
def test_a_symbolic_link(account: Account, cluster: dict[str, Any], folder: Path, follow: bool, target: str) -> None:
    """As in ansible.builtin.copy: a file takes the place of the link, unless it is to be followed."""
    real, dest = folder / "real", folder / "kubeconfig"
    dest.symlink_to(real)
    wanted = content(account, cluster)
    if target != "missing":
        real.write_text(wanted if target == "same" else OTHERS)
        real.chmod(0o600)
    run = account.run("k8s_cluster", **cluster, kubeconfig_dest=str(dest), follow=follow, backup=True)
    assert not run.failed
    assert run.result["changed"] == (not (follow and target == "same"))
    assert dest.is_symlink() is follow
    assert dest.read_text() == wanted and mode(dest) == 0o600
    if not follow:
        assert (
            not real.exists() if target == "missing" else real.read_text() == (wanted if target == "same" else OTHERS)
        )
    assert ("backup_file" in run.result) == (target == "other")
    again = account.run("k8s_cluster", **cluster, kubeconfig_dest=str(dest), follow=follow)
    assert not again.result["changed"]


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link_to_a_folder(path: Path) -> None:
    path.symlink_to(path.parent)


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def in_no_folder(path: Path) -> None:
    path.parent.rmdir()


def in_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_text("x")


def in_a_folder_that_is_read_only(path: Path) -> None:
    path.parent.chmod(0o500)
    if os.access(path.parent, os.W_OK):  # root may write everywhere
        mounted("-t", "tmpfs", "-o", "ro", "tmpfs", str(path.parent))


def a_bind_mount(path: Path) -> None:
    path.write_text(OTHERS)
    source = path.with_name("source")
    source.write_text(OTHERS)
    mounted("--bind", str(source), str(path))


def mounted(*arguments: str) -> None:
    if subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode:
        pytest.skip("this user cannot mount")


PLACES = (a_folder, a_link_to_a_folder, a_fifo, in_no_folder, in_a_file, in_a_folder_that_is_read_only, a_bind_mount)


@pytest.fixture(params=PLACES, ids=lambda each: each.__name__)
def impossible(request: pytest.FixtureRequest, folder: Path) -> Iterator[Path]:
    """A path where no file can be created or replaced."""
    prepare: Callable[[Path], None] = request.param
    path = folder / "kubeconfig"
    prepare(path)
    yield path
    for each in (path, folder):
        subprocess.run(["umount", str(each)], capture_output=True, check=False)
    if folder.is_dir():
        folder.chmod(0o700)


@pytest.mark.parametrize("check", [True, False])
def test_what_cannot_be_replaced_is_refused_before_the_cluster_is_created(
    account: Account, impossible: Path, check: bool
) -> None:
    options = {"name": "prod", "version": "v1.33.10", "ssh_key": "mine", "pools": [POOL]}
    run = account.refused("k8s_cluster", "kubeconfig_dest", check=check, **options, kubeconfig_dest=str(impossible))
    assert run.result["error"]["kind"] == "options"
    assert not run.exchanges
    if not impossible.is_symlink():  # where a link is followed it is the file that counts
        account.refused("k8s_cluster", "kubeconfig_dest", follow=True, **options, kubeconfig_dest=str(impossible))


@pytest.mark.parametrize("check", [True, False])
def test_what_cannot_be_written_is_refused_before_the_key_is_created(
    account: Account, impossible: Path, check: bool
) -> None:
    account.refused("ssh_key", "private_key_dest", check=check, name="mine", private_key_dest=str(impossible))


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("link", [True, False])
def test_a_private_key_never_replaces_anything(account: Account, folder: Path, check: bool, link: bool) -> None:
    dest = folder / "key"
    if link:
        dest.symlink_to(folder / "nothing")
    else:
        dest.write_text(OTHERS)
    account.refused("ssh_key", "exists already", check=check, name="mine", private_key_dest=str(dest))
    assert dest.is_symlink() is link


def test_a_private_key_is_in_the_diff_without_its_content(account: Account, folder: Path) -> None:
    dest = folder / "key"
    check = account.run("ssh_key", check=True, name="mine", private_key_dest=str(dest))
    assert not dest.exists()
    made = account.run("ssh_key", name="mine", private_key_dest=str(dest))
    assert mode(dest) == 0o600
    for run in (check, made):
        assert run.result["diff"]["before"]["private_key_dest"] == "absent"
        assert run.result["diff"]["after"]["private_key_dest"] == "private key, mode 0600"
        assert dest.read_text() not in run.text
    again = account.run("ssh_key", name="mine", private_key_dest=str(dest))
    assert not again.result["changed"]


def test_files_do_not_matter_where_nothing_is_written(account: Account, cluster: dict[str, Any], folder: Path) -> None:
    nowhere = str(folder / "no" / "file")
    assert account.ok("k8s_cluster", **cluster, kubeconfig_dest=nowhere, state="absent")["changed"]
    assert not account.ok("ssh_key", name="mine", private_key_dest=nowhere)["changed"]
    assert account.ok("ssh_key", name="mine", private_key_dest=nowhere, state="absent")["changed"]
