# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated secrets go into a file of mode 0600, and into the result only when that is asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.gcore.cloud.plugins.module_utils.client import Call
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.references import Finder
from ansible_collections.gcore.cloud.plugins.module_utils.resource import Resource, SecretFile
from ansible_collections.gcore.cloud.plugins.module_utils.result import Report


class LostSecret(GcoreError):
    """A secret was received and could not be put away."""

    kind = "secret_file"


class SecretFiles:
    """The …_dest options of one run."""

    def __init__(self, resource: Resource, params: Mapping[str, Any], finder: Finder, report: Report) -> None:
        self._resource = resource
        self._params = params
        self._finder = finder
        self._report = report

    def check(self, options: Mapping[str, Any]) -> None:
        """Before anything is made: is there a place for what can be seen only once? Raises OptionError."""
        for secret in self._resource.secret_files:
            dest = self._params.get(secret.option)
            if dest and os.path.isdir(dest):
                raise OptionError("%s '%s' is a folder." % (secret.option, dest), "Name a file in it.")
            if dest and not os.path.isdir(os.path.dirname(os.path.abspath(dest))):
                raise OptionError("The folder of %s '%s' is not there." % (secret.option, dest), "Make it first.")
            if dest and not os.access(os.path.dirname(os.path.abspath(dest)), os.W_OK):
                raise OptionError("%s '%s' cannot be written." % (secret.option, dest), "Choose another place.")

    def _generated(self, options: Mapping[str, Any]) -> list[SecretFile]:
        return [
            secret
            for secret in self._resource.secret_files
            if not secret.path and options.get(secret.when_missing or "") is None
        ]

    def shown_once(self, options: Mapping[str, Any]) -> list[str]:
        """What only the answer to the creation holds."""
        return [secret.words for secret in self._generated(options)]

    def before_creation(self, options: Mapping[str, Any]) -> None:
        """A secret that the API shows only in the answer to the creation must have a place to go."""
        for secret in self._generated(options):
            dest = self._params.get(secret.option)
            if not dest and not self._params.get("return_content"):
                raise OptionError(
                    "Without %s the API makes the %s, and shows it only once." % (secret.when_missing, secret.words),
                    "Give %s, or set %s to the file that it shall be written to."
                    % (secret.when_missing, secret.option),
                )
            if dest and os.path.exists(dest):
                raise OptionError(
                    "%s '%s' exists already and is not overwritten." % (secret.option, dest),
                    "Choose another place, or move it away.",
                )

    def after_creation(self, answer: Any) -> None:
        """Put away what the answer to the creation holds."""
        for secret in self._resource.secret_files:
            if not secret.path and isinstance(answer, Mapping) and answer.get(secret.field):
                self._keep(secret, str(answer[secret.field]))

    def _readable(self) -> list[SecretFile]:
        """What is asked for and can be read at any time."""
        return [
            secret
            for secret in self._resource.secret_files
            if secret.path and (self._params.get(secret.option) or self._params.get("return_content"))
        ]

    def not_yet(self, warn: Callable[[str], None]) -> None:
        """The thing is still being made."""
        for secret in self._readable():
            warn("The %s is there when the task has ended: run the task again." % secret.words)

    def after_run(self, identifier: str, check_mode: bool = False) -> None:
        """Put away what can be read at any time; in check mode, only see whether that would change the file."""
        for secret in self._readable():
            if secret.path:
                scope = self._finder.scope_ids(self._resource.kind.scope)
                answer = self._finder.client.read(
                    Call("GET", secret.path).fill(id=identifier, **scope), self._finder.deadline
                )
                self._keep(secret, str(answer.body[secret.field]), check_mode)

    def _keep(self, secret: SecretFile, content: str, check_mode: bool = False) -> None:
        dest = self._params.get(secret.option)
        if dest:
            self._report.extra[secret.option] = dest
            try:
                if not holds(dest, content):
                    self._report.changed = True
                    if not check_mode:
                        write_private(dest, content)
            except OSError as error:
                raise LostSecret(
                    "The %s could not be written to %s '%s': %s." % (secret.words, secret.option, dest, error.strerror),
                    "Run the task again with another place."
                    if secret.path
                    else "The API shows it only once, and so it is lost: delete the resource, and have it made again with another place.",
                ) from error
        if self._params.get("return_content"):
            self._report.extra[secret.result or secret.field] = content


def holds(path: str, content: str) -> bool:
    """Whether a file has this content already, and only its owner can read it."""
    try:
        with open(path, encoding="utf-8") as existing:
            return existing.read() == content and os.stat(path).st_mode & 0o777 == 0o600
    except (OSError, UnicodeDecodeError):
        return False


def write_private(path: str, content: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    path = os.path.abspath(path)
    handle, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            target.write(content)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
