# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs at once for one thing on one controller: the second waits for the first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator

from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.errors import LockedError

try:
    import fcntl
except ImportError:  # not a POSIX system: the look after the POST remains
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def identity_lock(name: str, deadline: Deadline, wanted: bool = True) -> Iterator[None]:
    """Hold the lock of a thing's identity; the system frees it when the process ends, however it ends.

    Runs of other users, or with another TMPDIR, do not see it: they are like runs on another controller.

    Raises LockedError when another run still holds it at the deadline. Where no lock file can be made, the run goes on
    without: the look after the POST remains.
    """
    handle = _open(name) if wanted and fcntl is not None else None
    if handle is None:
        yield
        return
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if deadline.remaining() <= 0:
                    raise LockedError(
                        "Another run on this machine is still at work on the same thing.",
                        409,
                        "Wait for it, or give a larger wait_timeout.",
                    ) from error
                deadline.sleep(0.5)
        yield
    finally:
        os.close(handle)


def _open(name: str) -> int | None:
    folder = os.path.join(tempfile.gettempdir(), "gcore-cloud-%d" % os.getuid())
    path = os.path.join(folder, hashlib.sha256(name.encode()).hexdigest()[:32] + ".lock")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if os.lstat(folder).st_uid != os.getuid():
            return None
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
