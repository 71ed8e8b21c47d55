# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP: session, authentication, paging, retries, and which failures leave the outcome of a write unknown."""

from __future__ import annotations

import ipaddress
import json
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from random import Random, SystemRandom
from typing import Any, Optional
from urllib.parse import quote, urlsplit

try:
    import requests
    from requests.auth import AuthBase
except ImportError:
    requests = None  # type: ignore[assignment]
    AuthBase = object  # type: ignore[assignment,misc]
    REQUESTS_IMPORT_ERROR: Optional[str] = traceback.format_exc()
else:
    REQUESTS_IMPORT_ERROR = None

from ..clock import Clock, Deadline
from ..errors import (
    ApiError,
    CheckModeWrite,
    ConnectionFailed,
    GcoreError,
    LockedError,
    OptionError,
    UnknownOutcome,
    UnreadableResponse,
)
from ..schema.masking import Mask
from .backoff import REQUEST_TIMEOUT, RETRY_AT_FIRST_FOR, RETRY_FOR, TOO_MANY_REQUESTS, Backoff, is_rate_limit
from .transport import connection_failure, proxy_for

USER_AGENT = "gcore.cloud/2.0.0 (Ansible collection)"
Rows = list[dict[str, Any]]
PAGE = 1000  # the largest page of every list (docs/api-notes.md: Lists)
CHECK_URL = "Check that api_url is the address of the Gcore API."
# The prefix that every path of the API has; other tools want it in their URL.
API_PREFIX = re.compile(r"/cloud(/v\d+)?$")
LOCK_TEXT = re.compile(r"locked by running task|repeat request", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """One request: ``path`` is a template whose ``{names}`` are filled in, quoted, when it is sent."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    reads: bool = False  # a POST that changes nothing

    @property
    def is_read(self) -> bool:
        return self.method == "GET" or self.reads

    def fill(self, **values: Any) -> Call:
        """The call with its path's names filled in; a missing value is a fault of the collection."""
        path = re.sub(r"\{(\w+)\}", lambda match: quoted(values[match.group(1)]), self.path)
        return replace(self, path=path)

    def __str__(self) -> str:
        return "%s %s" % (self.method, self.path)


@dataclass(frozen=True)
class Response:
    """The API's response; ``date`` is the server's clock (ISO, UTC, whole seconds) or None."""

    status: int
    body: Any
    date: Optional[str]

    @property
    def task_ids(self) -> list[str]:
        """The tasks that a write started: several, one, or none."""
        tasks = self.body.get("tasks") if isinstance(self.body, dict) else None
        return [str(task) for task in tasks] if isinstance(tasks, list) else []

    @property
    def names_tasks(self) -> bool:
        """Whether it says which tasks a write has started, if only that there are none."""
        return self.status == 204 or (isinstance(self.body, dict) and isinstance(self.body.get("tasks"), list))


def quoted(value: Any) -> str:
    """An id or name as one segment of a path; what would lead to another path is refused."""
    text = str(value)
    if text in ("", ".", ".."):
        raise OptionError("'%s' is no id and no name." % text, "Omit options that are empty.")
    return quote(text, safe="")


def usual_certificates() -> str:
    """The file of the authorities that are trusted when the user names none."""
    return str(requests.utils.DEFAULT_CA_BUNDLE_PATH)


def is_loopback(url: str) -> bool:
    """Whether the URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class ApiKeyAuth(AuthBase):
    """Puts the key into the header, and keeps requests from reading netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: Any) -> Any:
        request.headers["Authorization"] = "APIKey %s" % self._api_key
        return request


def checked_url(api_url: str) -> str:
    """The address of the API without the prefix of its paths; raises OptionError for what is not an address."""
    url = api_url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host = None if parts.port == 0 else parts.hostname
    except ValueError:  # not an address, or not a port
        parts, host = urlsplit(""), None
    # With "@" or "\\" in it, what is the host is a matter of who reads it.
    strange = set("@\\") & set(url) or re.search(r"\s", url)
    if parts.scheme not in ("https", "http") or not host or strange or parts.query or parts.fragment:
        hint = "It has the form https://api.gcore.com."
        if re.fullmatch(r"(//)?[\w.-]+(:\d+)?(/[\w./-]*)?", url):
            hint = "Write https://%s." % API_PREFIX.sub("", url.lstrip("/"))
        raise OptionError("api_url is not the URL of a host.", hint)
    if parts.scheme == "http" and not is_loopback(url):
        raise OptionError(
            "api_url '%s' would send the API key unencrypted." % api_url, "Use https, or a loopback address."
        )
    return API_PREFIX.sub("", url).rstrip("/")


@dataclass(frozen=True)
class ClientSettings:
    """How to reach the API. ``verify`` is a file or folder of certificates, or whether TLS is verified at all."""

    api_url: str
    api_key: str = field(repr=False)
    verify: Any = True
    timeout: float = 30.0  # of one request
    check_mode: bool = False  # refuse every write


class Client:
    """Talks to one API host.

    GET is retried within the deadline. A write is retried only when it is certain that the API did not take it; every other
    failure of a write raises UnknownOutcome, and the caller has to find out whether it was carried out.
    """

    def __init__(
        self,
        settings: ClientSettings,
        clock: Optional[Clock] = None,
        session: Any = None,
        jitter: Optional[Random] = None,
    ) -> None:
        self.api_url = checked_url(settings.api_url)
        api_key = settings.api_key
        try:
            api_key.encode("latin-1")
        except UnicodeEncodeError:
            api_key = ""
        if not api_key.strip() or api_key != api_key.strip() or any(ord(char) < 32 for char in api_key):
            raise OptionError(
                "The API key is empty or holds a character that no key has.",
                "Set api_key or the environment variable GCORE_API_KEY to a permanent API token of your account.",
            )
        self.timeout = settings.timeout
        self.clock = clock or Clock()
        self.check_mode = settings.check_mode
        self.writes = 0
        self.date: Optional[str] = None  # the server's clock at its last response
        self.mask = Mask()  # of the secret options, for text that the API writes
        self._verify = settings.verify
        self._auth = ApiKeyAuth(api_key)
        self._jitter = jitter or SystemRandom()
        self._has_responded = False  # the API itself, so that api_url is right
        self._session = session or requests.Session()
        # Behind a proxy a loopback address would be another machine.
        self._session.trust_env = not is_loopback(self.api_url)
        self._session.headers.update({"Accept": "application/json", "User-Agent": USER_AGENT})
        self._proxy = proxy_for(self.api_url) if self._session.trust_env else None
        if self._proxy:
            self._proxy.check()

    # ---------------------------------------------------------------- reads

    def read(self, call: Call, deadline: Deadline) -> Response:
        """Send a request that changes nothing, and retry it after a fault that may pass.

        A rate limit is waited out until the deadline. Raises ApiError at once for a response that a retry cannot change.
        """
        backoff = self.backoff()
        while True:
            try:
                return self.read_once(call)
            except (ApiError, ConnectionFailed, UnreadableResponse) as error:
                pause = backoff.pause(error)
                if pause is None or pause >= deadline.remaining():
                    self._explain_limit(error, pause, deadline)
                    raise
            deadline.sleep(pause)

    def backoff(self, polls: bool = False) -> Backoff:
        """The pauses between the tries of a request; polling goes on until the deadline, once the API has responded."""
        known = None if polls else RETRY_FOR
        return Backoff(self.clock, self._jitter, lambda: known if self._has_responded else RETRY_AT_FIRST_FOR)

    @staticmethod
    def _explain_limit(error: GcoreError, pause: Optional[float], deadline: Deadline) -> None:
        """Say what to do about a rate limit that did not end before the deadline."""
        if pause is not None and is_rate_limit(error):
            error.hint = (
                "The next try would be in %.0f s, and %.0f of %.0f s are left. Run fewer hosts at the same time "
                "(forks, throttle), or set a larger wait_timeout where the module has it."
                % (pause, deadline.remaining(), deadline.seconds)
            )

    def read_once(self, call: Call) -> Response:
        """Send a reading request once."""
        if not call.is_read:
            raise CheckModeWrite("%s is not a reading request." % call)
        return self._response(call, self._send(call))

    def pages(self, call: Call, deadline: Deadline, page: int = PAGE) -> Iterator[dict[str, Any]]:
        """All rows of a list, page by page (``count`` is the total, docs/api-notes.md: Lists)."""
        offset = 0
        while True:
            query = {**call.query, "limit": page, **({"offset": offset} if offset else {})}
            body = self.read(replace(call, query=query), deadline).body
            rows = self.rows(call, body)
            yield from rows
            offset += len(rows)
            if not rows or offset >= self.count(body):
                return

    def list(self, call: Call, deadline: Deadline, paged: bool = True) -> Rows:
        """All rows of a list; ``paged`` is false for the few lists that take no limit (docs/api-notes.md: Lists)."""
        if paged:
            return list(self.pages(call, deadline))
        return self.rows(call, self.read(call, deadline).body)

    @staticmethod
    def rows(call: Call, body: Any) -> Rows:
        """The rows of one page; raises UnreadableResponse when the response is no list."""
        rows = body.get("results") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise UnreadableResponse("The response to %s is not a list of results." % call, CHECK_URL)
        return rows

    @staticmethod
    def count(body: Mapping[str, Any]) -> int:
        """How many rows all pages of a list have; 0 where the response does not say."""
        count = body.get("count")
        return count if isinstance(count, int) else 0

    # --------------------------------------------------------------- writes

    def write(self, call: Call, deadline: Deadline) -> Response:
        """Send a write; repeat it only while it is certain that the API has not accepted it.

        Raises LockedError (409 of a lock: the caller knows what to wait for), ApiError (refused), ConnectionFailed
        (not sent), UnknownOutcome (it may have been taken).
        """
        if self.check_mode:
            raise CheckModeWrite("%s was stopped: check mode writes nothing." % call)
        backoff = self.backoff()
        while True:
            # A kept-alive connection can be closed by the server at the moment of the request: the outcome would be unknown.
            self._session.close()
            try:
                response = self._send(call)
                self.writes += 1
                return self._response(call, response)
            except ConnectionFailed as error:
                if error.sent:
                    self.writes += 1
                    raise UnknownOutcome("%s got no response: %s" % (call, error.message)) from error
                failure: GcoreError = error
            except UnreadableResponse as error:
                raise UnknownOutcome("The response to %s is unreadable: %s" % (call, error.message)) from error
            except LockedError:
                raise
            except ApiError as error:
                if error.status == REQUEST_TIMEOUT or error.status >= 500:
                    raise UnknownOutcome(
                        "%s returned HTTP %d: %s" % (call, error.status, error.message), **error.details
                    ) from error
                if error.status != TOO_MANY_REQUESTS:
                    raise
                failure = error
            pause = backoff.pause(failure)
            if pause is None or pause >= deadline.remaining():
                self._explain_limit(failure, pause, deadline)
                raise failure
            deadline.sleep(pause)

    # ------------------------------------------------------------- plumbing

    def _send(self, call: Call) -> Any:
        """The response to a request that is sent once; raises ConnectionFailed."""
        query = [(key, item) for key, value in call.query.items() for item in _query_values(value)]
        try:
            return self._session.request(
                call.method,
                self.api_url + call.path,
                params=query or None,
                json=call.body,
                auth=self._auth,
                timeout=self.timeout,
                verify=self._verify,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            host = urlsplit(self.api_url).netloc
            failure = connection_failure(str(call), host, error, self.timeout, self._proxy)
        # The exception of requests is not chained: it may quote the proxy's URL with its password.
        raise failure

    def _response(self, call: Call, response: Any) -> Response:
        self.date = server_date(response.headers.get("Date")) or self.date
        if 200 <= response.status_code < 300:
            if response.status_code == 204 or (not response.content and call.method != "GET"):
                self._has_responded = True
                return Response(response.status_code, None, self.date)
            try:
                body = json.loads(response.content)
            except ValueError as error:
                raise UnreadableResponse(
                    "The response to %s (HTTP %d, %s) is not JSON."
                    % (call, response.status_code, response.headers.get("Content-Type", "no content type")),
                    CHECK_URL,
                ) from error
            self._has_responded = True
            return Response(response.status_code, body, self.date)
        refusal = api_error(call, response.status_code, response.content, response.headers, self.mask)
        extra = urlsplit(self.api_url).path
        if refusal.status == 404 and extra and not self._has_responded:
            refusal.hint = "Check api_url, which has the path '%s', and project, region and ids." % extra
        self._has_responded = self._has_responded or "exception_class" in refusal.details
        raise refusal


def _query_values(value: Any) -> list[Any]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return ["true" if item is True else "false" if item is False else item for item in values]


def server_date(header: Optional[str]) -> Optional[str]:
    """The HTTP Date header as the API writes a task's ``created_on``: UTC, without zone (docs/api-notes.md: Formats)."""
    try:
        return parsedate_to_datetime(header).strftime("%Y-%m-%dT%H:%M:%S") if header else None
    except (TypeError, ValueError):
        return None


def retry_after(headers: Mapping[str, str]) -> Optional[float]:
    """Seconds that the API asks to wait, from Retry-After as seconds or as a date."""
    value = headers.get("Retry-After")
    if not value:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        now = parsedate_to_datetime(headers["Date"])
    except (KeyError, TypeError, ValueError):
        return None
    return max(0.0, (until - now).total_seconds())


def check_scope(path: str) -> str:
    """What to check when a path, or what its request refers to, is not found: a path has project and region, or one of them, or none."""
    numbers = len([part for part in path.split("/") if part.isdigit()])
    return "Check the ids%s." % ("", ", and project", ", and project and region")[min(2, numbers)]


def api_error(call: Call, status: int, content: bytes, headers: Mapping[str, str], mask: Mask) -> ApiError:
    """The failure that a response of 300 and above stands for, in one sentence."""
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    body = mask.value(body) if isinstance(body, dict) else {}
    text = body.get("message") or body.get("detail")
    if not isinstance(text, str):
        text = json.dumps(text) if text else "no explanation was given"
    # A refused key is quoted in part ("Bad permanent token: 1234_a"): not even a part is shown.
    text = re.sub(r"(?i)(token:?)\s+\S*[\d_$]\S*", r"\1 (hidden)", text).rstrip(".")
    details: dict[str, Any] = {
        "exception_class": body.get("exception_class"),
        "request_id": body.get("request_id"),
        "invalid_fields": body.get("invalid_fields"),
        "info": body.get("info"),
        "retry_after": retry_after(headers),
        "method": call.method,
        "path": call.path,
    }
    details = {key: value for key, value in details.items() if value is not None}
    if 300 <= status < 400:
        return ApiError(
            "The API redirected %s (HTTP %d), which is not followed." % (call, status),
            status,
            "Check api_url.",
            **details,
        )
    message = "%s was refused with HTTP %d: %s." % (call, status, text)
    if status == 401:
        return ApiError(message, status, "Check api_key (GCORE_API_KEY): the API does not accept it.", **details)
    if details.get("exception_class") == "QuotaLimitExceed" or "quota" in text.lower():
        return ApiError(message, status, "Delete what is not needed, or request a higher quota.", **details)
    if status == 403:
        hint = "Check the permissions of the API key%s." % ("" if call.is_read else " and the capacity of the region")
        return ApiError(message, status, hint, **details)
    if status == 404:
        return ApiError(message, status, check_scope(call.path), **details)
    if status == 409 and LOCK_TEXT.search(text):
        return LockedError(message, status, None, **details)
    if status >= 500 or status in (REQUEST_TIMEOUT, 429):
        message = "%s failed with HTTP %d: %s." % (call, status, text)
        return ApiError(message, status, "Run the task again later.", **details)
    return ApiError(message, status, None, **details)
