# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand-ins for what ansible-test downloads from other hosts than a package index: the script that installs pip, and packages.

ansible-test creates every environment without pip and downloads `get-pip.py` from a host of its own, which a machine that
reaches only a package index cannot do. This module downloads the script before several runs of ansible-test do so at the same
time. If the download fails, it writes a script of the same name into the cache of ansible-test: pip's own wheel from the
package index, packed into a script. As soon as the download works, the downloaded script replaces the stand-in.

Packages that ansible-test requires by address, because no release of them runs on the newest Python yet, are installed in their newest
release instead where the address cannot be reached.
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

_SCRIPT = '''{mark}: pip {version} of the package index.
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
    """Make sure that the ansible-test of the given environment can install pip and its own packages."""
    package = next(core_python.parent.parent.glob("lib/python*/site-packages/ansible_test"))
    _provide_pip(package, core_python, log)
    _provide_packages(package, log)


def _provide_pip(package: Path, core_python: Path, log: Log) -> None:
    version, address = _required(package)
    cached = Path.home() / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    stand_in = cached.exists() and cached.read_text(encoding="utf-8", errors="replace").startswith(_MARK)
    if cached.exists() and not stand_in:
        return
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            _write(cached, response.read())
    except OSError as error:
        log.write(f"Cannot download {address}: {error}")
        if not stand_in:
            log.write(f"{cached.name} is created from the package index instead")
            _write(cached, _stand_in(version, core_python, log))


def _provide_packages(package: Path, log: Log) -> None:
    """Require packages by name instead of by an address that cannot be reached."""
    for file in (package / "_data" / "requirements").glob("*.txt"):
        text = file.read_text(encoding="utf-8")
        for line, name, address in re.findall(r"^((\S+) @ (https://\S+))$", text, flags=re.MULTILINE):
            try:
                urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=10).close()
            except OSError as error:
                log.write(
                    f"Cannot reach {address}: {error}\n{file.name} requires {name} from the package index instead"
                )
                text = text.replace(line, name)
                _write(file, text.encode())


def _required(package: Path) -> tuple[str, str]:
    """The version of pip and the address of its script, as given in the source of this ansible-test."""
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
