# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Errors in the API's shape (docs/api-notes.md: Errors)."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

LOCKED = (
    "Operation on resource currently locked by running task to prevent concurrent operations. "
    "Repeat request a little later."
)


class ApiError(Exception):
    """A response that is an error."""

    def __init__(
        self,
        status: int,
        exception_class: str,
        message: str,
        *,
        info: dict[str, Any] | None = None,
        invalid_fields: dict[str, list[str]] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.exception_class = exception_class
        self.message = message
        self.info = info
        self.invalid_fields = invalid_fields
        self.headers = headers or {}

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body of A4."""
        body: dict[str, Any] = {
            "exception_class": self.exception_class,
            "message": self.message,
            "request_id": request_id,
        }
        if self.info is not None:
            body["info"] = self.info
        if self.invalid_fields is not None:
            body["invalid_fields"] = self.invalid_fields
        return body


def wrong_method(allowed: list[str]) -> ApiError:
    """The path has other methods."""
    return ApiError(405, "HTTPError", "HTTP 405: Method Not Allowed", headers={"Allow": ", ".join(allowed)})


def not_found(label: str, ident: object) -> ApiError:
    """404 ``NotFoundError``, worded as in A4."""
    return ApiError(404, "NotFoundError", f"{label} {ident} could not be found")


def conflict(message: str) -> ApiError:
    """409 ``ConflictError``: something is in use, or exists already (D3)."""
    return ApiError(409, "ConflictError", message)


def locked() -> ApiError:
    """409 with the lock text of A4."""
    return conflict(LOCKED)


def forbidden(message: str) -> ApiError:
    """403 ``ForbiddenError``."""
    return ApiError(403, "ForbiddenError", message)


def invalid(field: str, message: str) -> ApiError:
    """400 ``ValidationError`` on one field; a dotted name is nested in the message, as the API does it."""
    nested: Any = [message]
    for part in reversed(field.split(".")):
        nested = {part: nested}
    return ApiError(400, "ValidationError", f"Validation Error: {nested}", invalid_fields={field: [message]})


def invalid_input(error: ValidationError) -> ApiError:
    """400 ``ValidationError`` from pydantic's own report."""
    nested: dict[Any, Any] = {}
    flat: dict[str, list[str]] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        path = list(item["loc"]) or ["body"]
        level = nested
        for part in path[:-1]:
            level = level.setdefault(part, {})
            if not isinstance(level, dict):
                break
        if isinstance(level, dict):
            messages = level.setdefault(path[-1], [])
            if isinstance(messages, list):
                messages.append(item["msg"])
        flat.setdefault(".".join(map(str, path)), []).append(item["msg"])
    return ApiError(400, "ValidationError", f"Validation Error: {nested}", invalid_fields=flat)


def quota_exceeded(status: int, attribute: str, usage: int, requested: int, limit: int) -> ApiError:
    """``QuotaLimitExceed`` (A4). The HTTP status is not documented; it is a setting."""
    return ApiError(
        status,
        "QuotaLimitExceed",
        quota_text(attribute, usage, requested, limit),
        info={"attribute": attribute, "current_usage": usage, "requested_usage": requested, "limit": limit},
    )


def quota_text(attribute: str, usage: int, requested: int, limit: int) -> str:
    """The one text that the call and the task use (A4)."""
    return f"Quota limit for {attribute} exceeded by {usage + requested - limit}"
