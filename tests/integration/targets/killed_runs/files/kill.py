# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kills a background job of Ansible and all that it has started; JOB is its ansible_job_id."""

from __future__ import annotations

import os
import signal


def command_of(pid):
    """The words of a process's command line."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read().decode(errors="replace").split("\0")
    except OSError:
        return []


def session_of(pid):
    """The session of a process: a background job has one of its own."""
    try:
        return os.getsid(pid)
    except OSError:
        return None


def main():
    """Kill every process of the job's session, without a chance to clean up."""
    job = os.environ["JOB"].split(".", maxsplit=1)[0]
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    own = {session_of(pid) for pid in pids if job in command_of(pid)} - {None, os.getsid(0)}
    killed = [pid for pid in pids if session_of(pid) in own]
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    print(len(killed))


main()
