# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual environments, re-created only when their requirements or their Python have changed."""

from __future__ import annotations

import collections
import hashlib
import os
import re
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from . import paths, pythons
from .process import CommandFailed, Log, check
from .pythons import Interpreter

_STAMP = "fingerprint.txt"
_locks: dict[Path, threading.Lock] = collections.defaultdict(threading.Lock)


def ensure(
    path: Path, interpreter: Interpreter, log: Log, *, requirements: Sequence[Path] = (), packages: Sequence[str] = ()
) -> Path:
    """Return the Python of a virtual environment that holds the given packages."""
    with _locks[path]:
        return _ensure(path, interpreter, log, requirements, packages)


def enter(module: str) -> None:
    """Run the given module in the developers' environment, with the arguments of this process, and do not return.

    Where this process has been started with the Python of that environment, it does return.
    """
    if Path(sys.prefix).resolve() == paths.VENV.resolve():
        return
    log = Log(paths.LOGS / "environment.log")
    try:
        python = ensure(paths.VENV, pythons.current(), log, requirements=[paths.TESTS / "requirements.txt"])
    except CommandFailed as error:
        sys.exit(f"{log.tail(40)}\nCannot create the environment: {error}")
    os.execv(python, [str(python), "-m", module, *sys.argv[1:]])


def _ensure(
    path: Path, interpreter: Interpreter, log: Log, requirements: Sequence[Path], packages: Sequence[str]
) -> Path:
    python = path / "bin" / "python"
    fingerprint = _fingerprint(path, interpreter, requirements, packages)
    stamp = path / _STAMP
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == fingerprint:
        return python
    if path.exists():
        shutil.rmtree(path)
    check([interpreter.path, "-m", "venv", path], log, cwd=Path("/"))
    wanted = [word for file in requirements for word in ("-r", str(file))] + list(packages)
    check([python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *wanted], log, cwd=Path("/"))
    stamp.write_text(fingerprint, encoding="utf-8")
    return python


def _fingerprint(path: Path, interpreter: Interpreter, requirements: Sequence[Path], packages: Sequence[str]) -> str:
    parts = [str(path), str(interpreter.path), interpreter.name, *packages]
    parts += [text for file in requirements for text in _texts(file)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _texts(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8")
    included = re.findall(r"^-r\s+(\S+)", text, flags=re.MULTILINE)
    return [text, *(inner for name in included for inner in _texts(file.parent / name))]
