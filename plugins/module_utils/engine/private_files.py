# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file of mode 0600 on the host that the module runs on: what is there, whether it can be replaced, and replacing it."""

from __future__ import annotations

import os
import re
import stat
import tempfile
import time
from dataclasses import dataclass
from typing import Optional

from ..errors import OptionError

MODE = 0o600
MOUNTS = "/proc/self/mountinfo"

# What can be at the path, in the words of a diff.
ABSENT = "absent"
LINK = "symbolic link"
OTHER_CONTENT = "other content"


@dataclass(frozen=True)
class PrivateFile:
    """The file that an option names. ``follow``: a symbolic link stays, and the file that it leads to is replaced."""

    option: str
    path: str
    follow: bool = False

    @property
    def target(self) -> str:
        """The path that is replaced."""
        return os.path.realpath(self.path) if self.follow else os.path.abspath(self.path)

    def check(self, keeps_copy: bool = False) -> None:
        """Raises OptionError when the file cannot be created or replaced, or, with ``keeps_copy``, not be read."""
        folder = os.path.dirname(self.target)
        if not os.path.isdir(folder):
            raise OptionError("The folder of %s '%s' is not there." % (self.option, self.path), "Create it first.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OptionError(
                "%s '%s' cannot be written: the folder is read-only for this user." % (self.option, self.path),
                "Choose another path.",
            )
        try:
            found = os.lstat(self.target)
        except FileNotFoundError:
            return
        except OSError as error:
            raise OptionError("%s '%s' cannot be used: %s." % (self.option, self.path, error.strerror)) from error
        if os.path.isdir(self.target):
            raise OptionError("%s '%s' is a folder." % (self.option, self.path), "Name a file in it.")
        if not stat.S_ISREG(found.st_mode) and (self.follow or not stat.S_ISLNK(found.st_mode)):
            raise OptionError("%s '%s' is not a regular file." % (self.option, self.path), "Choose another path.")
        if is_mount_point(self.target):
            raise OptionError(
                "%s '%s' is a mount point and cannot be replaced." % (self.option, self.path),
                "Mount the folder instead of the file, or choose another path.",
            )
        owners = (found.st_uid, os.stat(folder).st_uid)
        if os.stat(folder).st_mode & stat.S_ISVTX and os.geteuid() not in (0, *owners):
            raise OptionError(
                "%s '%s' belongs to another user, and the folder lets nobody else replace it."
                % (self.option, self.path),
                "Choose another path.",
            )
        if keeps_copy and os.path.isfile(self.target) and not os.access(self.target, os.R_OK):
            raise OptionError("%s '%s' cannot be read for a backup." % (self.option, self.path), "Choose another path.")

    def exists(self) -> bool:
        """Whether there is anything at the path, a link that leads nowhere included."""
        return os.path.lexists(self.target)

    def differs(self, content: Optional[str]) -> Optional[str]:
        """What is there instead of a private file with this content (None: content that nobody knows yet); None when it is that."""
        if not self.exists():
            return ABSENT
        if os.path.islink(self.target) and not os.path.isfile(self.target):
            return LINK
        if not self._has(content):
            return OTHER_CONTENT
        if os.path.islink(self.target):
            return LINK
        mode = stat.S_IMODE(os.stat(self.target).st_mode)
        return None if mode == MODE else "mode %04o" % mode

    def _has(self, content: Optional[str]) -> bool:
        try:
            with open(self.target, "rb") as existing:
                return content is not None and existing.read() == content.encode()
        except OSError:
            return False

    def write(self, content: str) -> None:
        """Write the file, whole or not at all."""
        write_private(self.target, content.encode())

    def back_up(self) -> str:
        """Copy the content that is there to a private file beside it, and return that file's path."""
        moment = time.strftime("%Y-%m-%d@%H:%M:%S~", time.localtime())
        copy = "%s.%d.%s" % (self.target, os.getpid(), moment)
        with open(self.target, "rb") as existing:
            write_private(copy, existing.read())
        return copy


def write_private(path: str, content: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise


def is_mount_point(path: str) -> bool:
    """Whether something is mounted on a file: then the system lets nobody replace it.

    A bind mount from the same file system shows in the list of mounts alone.
    """
    try:
        with open(MOUNTS, encoding="utf-8", errors="surrogateescape") as mounts:
            points = {re.sub(r"\\([0-7]{3})", _octal, line.split(" ")[4]) for line in mounts}
    except (OSError, IndexError):
        return os.path.ismount(path)
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)) in points


def _octal(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 8))
