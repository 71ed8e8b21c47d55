# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the script that ansible-test downloads to put pip into its environments.

ansible-test makes every environment without pip and downloads `get-pip.py` from a host of its own, which a machine with
nothing but a package index does not reach. This module makes that download before several ansible-tests make it at the
same time. Where it fails, it puts a script of the same name at the place where ansible-test looks first: pip's own wheel
from the package index, packed into a script. As soon as the download works, the real one takes the stand-in's place.
"""

from __future__ import annotations

import base64
import os
import re
import tempfile
import threading
import urllib.request
from pathlib import Path

from .process import CommandFailed, Log, check

_MARK = "# Stand-in for get-pip.py"

_SCRIPT = '''{mark}: pip {version} as the package index has it.
import base64, os, sys, tempfile

WHEEL = """
{wheel}
"""

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, {name!r})
    with open(path, "wb") as file:
        file.write(base64.b64decode(WHEEL))
    sys.path.insert(0, path)
    from pip._internal.cli.main import main
    arguments = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
    code = main(["install", "--quiet", "--find-links", folder] + arguments)
sys.exit(code)
'''


def provide(core_python: Path, log: Log) -> None:
    """Make sure that the ansible-test of the given environment can put pip into the environments that it makes."""
    version, address = _asked_for(core_python)
    cached = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    ours = cached.exists() and cached.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
    if cached.exists() and not ours:
        return
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            _write(cached, answer.read())
    except OSError as error:
        log.write(f"{address} is not to be had ({error})")
        if not ours:
            log.write(f"{cached.name} is made from the package index instead")
            _write(cached, _stand_in(version, core_python, log))


def _asked_for(core_python: Path) -> tuple[str, str]:
    """The version of pip and the address of its script, as this ansible-test has them in its source."""
    package = next(core_python.parent.parent.glob("lib/python*/site-packages/ansible_test"))
    versions = (package / "_internal" / "python_requirements.py").read_text(encoding="utf-8")
    source = (package / "_util" / "target" / "setup" / "requirements.py").read_text(encoding="utf-8")
    version = re.search(r"pip='([0-9.]+)'", versions)
    address = re.search(r"'(https://[^']*get-pip-%s\.py)'", source)
    if not version or not address:
        raise CommandFailed(f"{package}: no version of pip or no address of get-pip.py found in ansible-test")
    return version[1], address[1] % version[1]


def _stand_in(version: str, python: Path, log: Log) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        download = ["-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"]
        check([python, *download, "--only-binary", ":all:", "--dest", folder, f"pip=={version}"], log, cwd=Path(folder))
        wheel = next(Path(folder).glob("pip-*.whl"))
        content = base64.encodebytes(wheel.read_bytes()).decode().strip()
        return _SCRIPT.format(mark=_MARK, version=version, wheel=content, name=wheel.name).encode()


def _write(cached: Path, content: bytes) -> None:
    cached.parent.mkdir(parents=True, exist_ok=True)
    partial = cached.with_suffix(f".{os.getpid()}.{threading.get_ident()}.tmp")
    partial.write_bytes(content)
    partial.replace(cached)
