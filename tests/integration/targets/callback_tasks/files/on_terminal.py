# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs a command on a terminal of its own, and prints what that was sent, with its control characters in words."""

from __future__ import annotations

import os
import pty
import sys


def main() -> int:
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    sent = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            data = b""
        if not data:
            break
        sent += data
    text = sent.decode("utf-8", "replace").replace("\r\n", "\n")
    sys.stdout.write(text.replace("\r\x1b[K", "<CLEAR>").replace("\x1b", "<ESC>"))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
