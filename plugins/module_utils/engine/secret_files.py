# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write generated secrets to a file of mode 0600, and return them only on request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, Optional

from ..api.client import Call
from ..errors import GcoreError, OptionError
from ..schema.resource import Resource, SecretFile
from .private_files import OTHER_CONTENT, PrivateFile
from .references import Finder
from .result import Report


class LostSecret(GcoreError):
    """A secret was received and could not be written."""

    kind = "secret_file"


class SecretFiles:
    """The …_dest options of one run."""

    def __init__(
        self,
        resource: Resource,
        params: Mapping[str, Any],
        finder: Finder,
        report: Report,
        warn: Callable[[str], None],
    ) -> None:
        self._resource = resource
        self._params = params
        self._finder = finder
        self._report = report
        self._warn = warn

    def _file(self, secret: SecretFile) -> Optional[PrivateFile]:
        dest = self._params.get(secret.option)
        return PrivateFile(secret.option, dest, bool(self._params.get("follow"))) if dest else None

    def check(self) -> None:
        """Before any request: can the files be written? Raises OptionError."""
        for secret in self._readable():
            file = self._file(secret)
            if file:
                file.check(bool(self._params.get("backup")))

    def _generated(self, options: Mapping[str, Any]) -> list[SecretFile]:
        return [
            secret
            for secret in self._resource.secret_files
            if not secret.path and options.get(secret.when_missing or "") is None
        ]

    def shown_once(self, options: Mapping[str, Any]) -> list[str]:
        """The secrets that only the response to the creation contains."""
        return [secret.noun for secret in self._generated(options)]

    def before_creation(self, options: Mapping[str, Any]) -> None:
        """A secret that the API shows only in the response to the creation must be written or returned."""
        for secret in self._generated(options):
            file = self._file(secret)
            if file is None and not self._params.get("return_content"):
                raise OptionError(
                    "Without %s the API makes the %s, and shows it only once." % (secret.when_missing, secret.noun),
                    "Give %s, or set %s to the file to write it to." % (secret.when_missing, secret.option),
                )
            if file and file.exists():
                raise OptionError(
                    "%s '%s' exists already and is not overwritten." % (secret.option, file.path),
                    "Choose another path, or move it away.",
                )
            if file:
                file.check()

    def predict(self, options: Mapping[str, Any], wait: bool) -> None:
        """Check mode, for a resource that would be created: report the files that would change."""
        for secret in [*self._generated(options), *(self._readable() if wait else ())]:
            file = self._file(secret)
            if file:
                self._note_change(secret, file, file.differs(None))

    def after_creation(self, response: Any) -> None:
        """Write the secrets that the response to the creation contains."""
        for secret in self._resource.secret_files:
            if not secret.path and isinstance(response, Mapping) and response.get(secret.key):
                self._keep(secret, str(response[secret.key]))

    def _readable(self) -> list[SecretFile]:
        """The requested secrets that can be read at any time."""
        return [
            secret
            for secret in self._resource.secret_files
            if secret.path and (self._params.get(secret.option) or self._params.get("return_content"))
        ]

    def not_yet(self) -> None:
        """The resource is still being created or changed."""
        for secret in self._readable():
            self._warn("The %s is there when the task has ended: run the task again." % secret.noun)

    def after_run(self, identifier: str, check_mode: bool = False) -> None:
        """Write the secrets that can be read at any time; in check mode, report whether that would change the file."""
        for secret in self._readable():
            if secret.path:
                scope = self._finder.scope_ids(self._resource.type.scope)
                response = self._finder.client.read(
                    Call("GET", secret.path).fill(id=identifier, **scope), self._finder.deadline
                )
                self._keep(secret, str(response.body[secret.key]), check_mode)

    def _keep(self, secret: SecretFile, content: str, check_mode: bool = False) -> None:
        file = self._file(secret)
        if file:
            self._report.extra[secret.option] = file.path
            try:
                found = file.differs(content)
                if found:
                    self._report.changed = True
                    self._note_change(secret, file, found)
                    if not check_mode:
                        if found == OTHER_CONTENT and self._params.get("backup"):
                            self._report.extra["backup_file"] = file.back_up()
                        file.write(content)
            except OSError as error:
                raise LostSecret(
                    "The %s could not be written to %s '%s': %s."
                    % (secret.noun, secret.option, file.path, error.strerror),
                    "Run the task again with another path."
                    if secret.path
                    else "The API shows it only once, so that it is lost: delete the resource, and create it again with another path.",
                ) from error
        if self._params.get("return_content"):
            self._report.extra[secret.result or secret.key] = content

    def _note_change(self, secret: SecretFile, file: PrivateFile, found: Optional[str]) -> None:
        """Put a change of the file into the diff, never its content, and warn of content that is lost."""
        self._report.before[secret.option] = found
        self._report.after[secret.option] = "%s, mode 0600" % secret.noun
        if found == OTHER_CONTENT and not self._params.get("backup"):
            self._warn(
                "%s '%s' has other content, which is replaced. Set backup: true to keep a copy."
                % (secret.option, file.path)
            )
