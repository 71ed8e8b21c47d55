# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The folders of the tests: everything is below `build/`, except the developers' virtual environment in `.venv`."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
VENV = ROOT / ".venv"

BUILD = ROOT / "build"
LOGS = BUILD / "logs"
REPORTS = BUILD / "reports"
RECORDED = BUILD / "recorded"
STAGED = BUILD / "staged"
VENVS = BUILD / "venvs"

NAMESPACE = "gcore"
NAME = "cloud"
COLLECTION = f"{NAMESPACE}.{NAME}"

_IMPORT_ROOT = BUILD / "import-root"


def import_root() -> Path:
    """A folder for PYTHONPATH in which `ansible_collections.gcore.cloud` is the checkout itself."""
    link = _IMPORT_ROOT / "ansible_collections" / NAMESPACE / NAME
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    return _IMPORT_ROOT
