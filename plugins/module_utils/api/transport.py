# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures below HTTP: what failed on the way to the API, and whether the request may have been sent."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Optional
from urllib.parse import urlsplit

try:
    import requests
    from urllib3.exceptions import NewConnectionError
except ImportError:  # reported by client.py
    requests = None  # type: ignore[assignment]

from ..errors import ConnectionFailed

PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
TUNNEL_FAILED = re.compile(r"Tunnel connection failed: (\d{3})\s*([^'\")]*)")
HTTP_ONLY_PROXY = "appears to only use HTTP"


@dataclass(frozen=True)
class Proxy:
    """The proxy that the environment sets for the API, without its user name and password.

    ``address`` is None where the variable holds no URL of a proxy; ``has_credentials`` says whether it holds a user name.
    """

    variable: str
    address: Optional[str]
    scheme: str = "http"
    has_credentials: bool = False

    def __str__(self) -> str:
        return "the proxy %s (%s)" % (self.address, self.variable)

    def check(self) -> None:
        """Raises ConnectionFailed when the variable does not hold the URL of a proxy."""
        if self.address is None:
            raise ConnectionFailed(
                "The value of %s is not the URL of a proxy." % self.variable,
                "Set it to a URL like http://proxy.example.com:3128, with special characters of a password "
                "percent-encoded, or unset it.",
                lasting=True,
            )


def proxy_for(url: str) -> Optional[Proxy]:
    """The proxy that requests takes from the environment for a URL, or None."""
    proxies = requests.utils.get_environ_proxies(url, no_proxy=None)
    found = requests.utils.select_proxy(url, proxies)
    return parsed_proxy(found, _variable_of(found)) if found else None


def _variable_of(value: str) -> str:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        if os.environ.get(name) == value:
            return "environment variable %s" % name
    return "system settings"


def parsed_proxy(value: str, variable: str) -> Proxy:
    """Parse the URL of a proxy; as in requests, the scheme may be missing."""
    text = value if "://" in value else "http://" + value
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:  # an invalid address or port
        return Proxy(variable, None)
    if parts.scheme not in PROXY_SCHEMES or not host or re.search(r"[\s/\\%]", host) or port == 0:
        return Proxy(variable, None)
    address = "[%s]" % host if ":" in host else host
    address += ":%d" % port if port else ""
    return Proxy(variable, address, parts.scheme, parts.username is not None)


def connection_failure(
    what: str, host: str, error: Exception, timeout: float, proxy: Optional[Proxy]
) -> ConnectionFailed:
    """The error for an exception of requests; ``what`` is the request to ``host``."""
    reason, hint, lasting = _explained(host, error, timeout, proxy)
    return ConnectionFailed("%s failed: %s." % (what, reason), hint, lasting=lasting, sent=not was_not_sent(error))


def _explained(host: str, error: Exception, timeout: float, proxy: Optional[Proxy]) -> tuple[str, str, bool]:
    """(reason, hint, whether another attempt cannot succeed)"""
    exceptions = requests.exceptions
    if isinstance(error, exceptions.SSLError) and "certificate" in str(error).lower():
        hint = "Check api_url, and set ca_path if your network has a certificate authority of its own."
        if proxy:
            hint = "Set ca_path to the certificate authority of %s if it replaces certificates." % proxy
        return "the TLS certificate of %s could not be verified" % host, hint, True
    if proxy:
        explained = _explained_by_proxy(host, error, timeout, proxy)
        if explained:
            return explained
    via = "%s through %s" % (host, proxy) if proxy else host
    hint = "Check api_url and the network."
    if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema)):
        return "it cannot be sent to %s" % host, "Check api_url.", True
    if isinstance(error, exceptions.Timeout):
        return "no response within %g s (%s)" % (timeout, via), hint, False
    if was_not_sent(error):
        return "the host cannot be reached (%s)" % via, hint, False
    return "the connection was lost (%s)" % via, hint, False


def _explained_by_proxy(host: str, error: Exception, timeout: float, proxy: Proxy) -> Optional[tuple[str, str, bool]]:
    exceptions = requests.exceptions
    without = "or add %s to NO_PROXY to connect without a proxy." % (urlsplit("//" + host).hostname or host)
    refusal = TUNNEL_FAILED.search(str(error))
    if refusal:
        status, text = int(refusal.group(1)), refusal.group(2).strip()
        if status == 407:
            if proxy.has_credentials:
                reason, hint = "%s does not accept the user name and password" % proxy, "Correct them in the URL, "
            else:
                reason, hint = (
                    "%s requires a user name and a password" % proxy,
                    ("Set its URL to http://USER:PASSWORD@%s, " % proxy.address),
                )
            return "%s (HTTP 407)" % reason, hint + without, True
        reason = "%s refused to connect to %s (HTTP %s)" % (proxy, host, ("%d %s" % (status, text)).strip())
        return reason, "Check what the proxy allows, " + without, status < 500 and status != 429
    if isinstance(error, exceptions.InvalidSchema):  # requests raises it for a SOCKS proxy without PySocks
        return (
            "%s is a SOCKS proxy, and the Python library PySocks is not installed" % proxy,
            "Install PySocks for the Python interpreter that runs the module, " + without,
            True,
        )
    if isinstance(error, exceptions.InvalidURL):
        return "%s cannot be used" % proxy, "Check its URL, " + without, True
    if isinstance(error, exceptions.ProxyError) and HTTP_ONLY_PROXY in str(error):
        return "%s uses HTTP, not HTTPS" % proxy, "Begin its URL with http://, " + without, True
    if isinstance(error, exceptions.ConnectTimeout):
        return "no connection to %s within %g s" % (proxy, timeout), "Check its URL and the network, " + without, False
    if was_not_sent(error):
        return "%s cannot be reached" % proxy, "Check its URL and the network, " + without, False
    return None


def was_not_sent(error: BaseException) -> bool:
    """Whether the request was certainly not sent: its URL, the host name, the connection, the proxy's tunnel or TLS failed.

    A ProxyError alone does not prove it: older releases of urllib3 raise it whenever a connection through a proxy breaks.
    """
    exceptions = requests.exceptions
    if isinstance(error, (exceptions.ConnectTimeout, exceptions.InvalidURL, exceptions.InvalidSchema)):
        return True
    if isinstance(error, exceptions.SSLError) and "certificate" in str(error).lower():
        return True
    if isinstance(error, exceptions.ProxyError) and HTTP_ONLY_PROXY in str(error):
        return True
    return any(
        isinstance(each, NewConnectionError) or (isinstance(each, OSError) and TUNNEL_FAILED.match(str(each)))
        for each in _causes(error)
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and the exceptions in it."""
    found: list[Any] = [error]
    while found:
        cause = found.pop()
        yield cause
        wrapped = [*getattr(cause, "args", ()), getattr(cause, "reason", None)]
        found.extend(each for each in wrapped if isinstance(each, BaseException))
