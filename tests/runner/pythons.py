# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Python interpreters of this machine, and which of them runs which ansible-core."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, int]

OLDEST_TARGET: Version = (3, 9)
_NEWEST: Version = (3, 14)

_SCRIPT = """
import importlib.util, os, sys
print(*sys.version_info[:2], importlib.util.find_spec("ensurepip") is not None)
print(os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable))
"""


@dataclass(frozen=True)
class Interpreter:
    version: Version
    path: Path
    has_pip: bool

    @property
    def name(self) -> str:
        return dotted(self.version)


@dataclass(frozen=True)
class Core:
    """A release of ansible-core that the collection supports, and the Pythons that it runs on as a controller."""

    name: str
    """The first two parts of the version number, or the whole version of a pre-release."""
    oldest: Version
    newest: Version
    pre_release: bool = False

    @property
    def requirement(self) -> str:
        """What pip installs: the newest patch release, or exactly this pre-release."""
        return f"ansible-core=={self.name}" if self.pre_release else f"ansible-core~={self.name}.0"

    def controller(self, interpreters: Mapping[Version, Interpreter]) -> Interpreter | None:
        fitting = [
            version for version, one in interpreters.items() if self.oldest <= version <= self.newest and one.has_pip
        ]
        return interpreters[max(fitting)] if fitting else None

    @property
    def needs(self) -> str:
        return f"Python {dotted(self.oldest)} to {dotted(self.newest)}"


CORES = (
    Core("2.18", (3, 11), (3, 13)),
    Core("2.19", (3, 11), (3, 13)),
    Core("2.20", (3, 12), (3, 14)),
    Core("2.21", (3, 12), (3, 14)),
)
# Its stages are reported and do not fail the run. When the final release is out, it moves to CORES.
NEXT_CORE = Core("2.22.0rc1", (3, 13), (3, 15), pre_release=True)


def dotted(version: Version) -> str:
    return ".".join(str(number) for number in version)


def find() -> dict[Version, Interpreter]:
    """One working interpreter for each Python version from the oldest target's on.

    A name on PATH proves nothing: pyenv puts a shim there for every version it knows, and the shim of one that is not
    active fails. So each candidate is run.
    """
    found: dict[Version, Interpreter] = {}
    for candidate in _candidates():
        one = _inspect(candidate)
        if (
            one
            and OLDEST_TARGET <= one.version <= _NEWEST
            and (one.version not in found or one.has_pip > found[one.version].has_pip)
        ):
            found[one.version] = one
    return dict(sorted(found.items()))


def current() -> Interpreter:
    """The interpreter that runs this."""
    one = _inspect(Path(sys.executable))
    assert one
    return one


def search_path(interpreters: Mapping[Version, Interpreter]) -> str:
    """A PATH on which `python3.X` is the interpreter that was found, and no shim stands in its way."""
    first = [str(one.path.parent) for one in reversed(list(interpreters.values()))]
    rest = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder).name != "shims"]
    return os.pathsep.join(dict.fromkeys([*first, *rest]))


def _candidates() -> Iterator[Path]:
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    folders += sorted(pyenv.glob("*/bin"), reverse=True)
    for folder in folders:
        for minor in range(OLDEST_TARGET[1], _NEWEST[1] + 1):
            if os.access(path := folder / f"python3.{minor}", os.X_OK):
                yield path


def _inspect(path: Path) -> Interpreter | None:
    try:
        output = subprocess.run(
            [path, "-c", _SCRIPT], capture_output=True, text=True, timeout=30, check=True, stdin=subprocess.DEVNULL
        ).stdout.splitlines()
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor, has_pip = output[0].split()
    return Interpreter((int(major), int(minor)), Path(output[1]), has_pip == "True")
