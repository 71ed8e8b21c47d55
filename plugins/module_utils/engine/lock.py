# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs for one resource at the same time on one controller: the second waits for the first."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from typing import Optional

from ..clock import Deadline
from ..errors import LockedError

try:
    import fcntl
except ImportError:  # not a POSIX system: the check after the POST remains
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def identity_lock(name: str, deadline: Deadline, wanted: bool = True) -> Iterator[None]:
    """Hold the lock of a resource's identity; the system releases it when the process ends, however it ends.

    Runs of other users, or with another TMPDIR, do not see it: they are like runs on another controller.

    Raises LockedError when another run still holds it at the deadline. Where no lock file can be created, the run goes on
    without: the check after the POST remains.
    """
    folder = _folder() if wanted and fcntl is not None else None
    if folder is None:
        yield
        return
    file = hashlib.sha256(name.encode()).hexdigest()[:32] + ".lock"
    try:
        handle = _acquire(folder, file, deadline)
        try:
            yield
        finally:
            if handle is not None:
                # Removed while it is locked: a run that waits for this file sees that it is no longer the one of this name.
                with contextlib.suppress(OSError):
                    os.unlink(file, dir_fd=folder)
                os.close(handle)
    finally:
        os.close(folder)


def _acquire(folder: int, file: str, deadline: Deadline) -> Optional[int]:
    """The descriptor of the locked file, or None where there can be none; raises LockedError at the deadline."""
    while True:
        try:
            handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600, dir_fd=folder)
        except OSError:
            return None
        try:
            while not _lock(handle):
                if deadline.remaining() <= 0:
                    raise LockedError(
                        "Another run on this machine is still working on the same resource.",
                        409,
                        "Wait until it has ended, or set a larger wait_timeout.",
                    )
                deadline.sleep(0.5)
            if _is_current(folder, file, handle):
                return handle
        except OSError:  # a file system without locks
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_current(folder: int, file: str, handle: int) -> bool:
    """Whether the name still leads to the locked file: the run before may have removed it."""
    try:
        return os.path.samestat(os.stat(file, dir_fd=folder, follow_symlinks=False), os.fstat(handle))
    except OSError:
        return False


def _folder() -> Optional[int]:
    """The descriptor of the user's own folder for locks (mode 0700), or None where there can be none."""
    path = os.path.join(tempfile.gettempdir(), "gcore-cloud-%d" % os.getuid())
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        found = os.fstat(folder)
        if found.st_uid == os.getuid():
            if stat.S_IMODE(found.st_mode) != 0o700:
                os.fchmod(folder, 0o700)
            return folder
    except OSError:
        pass
    os.close(folder)
    return None
