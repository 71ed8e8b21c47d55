# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of the collection, one class for each ``error.kind``; only the entry points turn them into fail_json."""

from __future__ import annotations

from typing import Any, Optional


class GcoreError(Exception):
    """A failure with a human-readable message and machine-readable details.

    ``details`` become the keys of the result's ``error`` (kind, http_status, exception_class, request_id, task_id, hint …).
    """

    kind = "error"

    def __init__(self, message: str, hint: Optional[str] = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """The result's ``error``, without keys that are None."""
        facts = {"kind": self.kind, **self.details, "hint": self.hint}
        return {key: value for key, value in facts.items() if value is not None}

    def sentence(self) -> str:
        """The result's ``msg``: what is wrong, where, and what to do."""
        return "%s %s" % (self.message, self.hint) if self.hint else self.message


class OptionError(GcoreError):
    """The options do not fit together, or a value is not allowed."""

    kind = "options"


class MissingOptions(OptionError):
    """There is no such resource, and the options are not enough to create it."""


class NotFoundError(GcoreError):
    """A name or id matches nothing."""

    kind = "not_found"


class AmbiguousError(GcoreError):
    """A name or another identity matches several resources."""

    kind = "ambiguous"


class ImmutableError(GcoreError):
    """A change that the API cannot make."""

    kind = "immutable"


class InUseError(GcoreError):
    """A resource cannot be deleted, or changed in this way, while something uses it."""

    kind = "in_use"


class StatusError(GcoreError):
    """The status of the resource does not allow the operation."""

    kind = "status"


class ApiError(GcoreError):
    """The API refused a request (error bodies: docs/api-notes.md: Errors)."""

    kind = "api"

    def __init__(self, message: str, status: int, hint: Optional[str] = None, **details: Any) -> None:
        super().__init__(message, hint, http_status=status, **details)
        self.status = status


class LockedError(ApiError):
    """409: another task holds the lock of the resource; the request was not executed."""

    kind = "locked"


class ConnectionFailed(GcoreError):
    """The API was not reached, or the connection broke.

    ``sent``: the request may have reached the API; ``lasting``: another try cannot succeed.
    """

    kind = "connection"

    def __init__(self, message: str, hint: Optional[str] = None, lasting: bool = False, sent: bool = False) -> None:
        super().__init__(message, hint)
        self.lasting = lasting
        self.sent = sent


class UnreadableResponse(GcoreError):
    """A response that the API does not send (not JSON, or cut off)."""

    kind = "unreadable"


class UnknownOutcome(GcoreError):
    """A write was sent, and its outcome is unknown."""

    kind = "unknown_outcome"


class TaskFailed(GcoreError):
    """A task ended in ERROR, or in a state that the API does not document."""

    kind = "task_failed"


class WaitTimeout(GcoreError):
    """The deadline passed before everything was done."""

    kind = "timeout"


class CheckModeWrite(GcoreError):
    """A write was attempted in check mode: a bug of the collection, stopped before it reached the API."""

    kind = "check_mode"


class DuplicateError(GcoreError):
    """Two resources with one identity exist, and another run created one of them."""

    kind = "duplicate"
