# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the collection at `…/ansible_collections/gcore/cloud`, where Ansible's tools expect it.

A symbolic link does not work, because the tools resolve it; a copy of all files does not either, because they read every file.
A copy is kept for the next run, which need not install again what ansible-test has installed there.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
from pathlib import Path

from . import paths
from .process import CommandFailed, Log, check

_KEPT = (".git", "tests/output")


def stage(name: str, log: Log) -> Path:
    """Bring the named copy up to date with the files of the checkout that git does not ignore."""
    copy = paths.STAGED / name / "ansible_collections" / paths.NAMESPACE / paths.NAME
    copy.mkdir(parents=True, exist_ok=True)
    wanted = _files()
    for file in sorted(_present(copy) - wanted):
        (copy / file).unlink()
    for file in sorted(wanted):
        source, target = paths.ROOT / file, copy / file
        if (
            target.exists()
            and filecmp.cmp(source, target, shallow=False)
            and source.stat().st_mode == target.stat().st_mode
        ):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    _drop_empty_folders(copy)
    check(["git", "init", "--quiet"], log, cwd=copy)
    check(["git", "add", "--all"], log, cwd=copy)
    return copy


def collections_path(copy: Path) -> Path:
    """The value of ANSIBLE_COLLECTIONS_PATH with which the copy is found."""
    return copy.parents[2]


def _files() -> set[str]:
    output = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=paths.ROOT,
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if output.returncode != 0:
        raise CommandFailed(
            f"git does not list the files of {paths.ROOT}, which must be a clone: {output.stderr.decode().strip()}"
        )
    return {file for file in output.stdout.decode().split("\0") if file and os.path.lexists(paths.ROOT / file)}


def _present(copy: Path) -> set[str]:
    kept = {copy / folder for folder in _KEPT}
    found = set()
    for folder, inner, files in os.walk(copy):
        inner[:] = [name for name in inner if Path(folder, name) not in kept]
        found |= {str(Path(folder, name).relative_to(copy)) for name in files}
    return found


def _drop_empty_folders(copy: Path) -> None:
    for folder, _inner, _files in os.walk(copy, topdown=False):
        path = Path(folder)
        if not any(path.is_relative_to(copy / kept) for kept in _KEPT) and not any(path.iterdir()):
            path.rmdir()
