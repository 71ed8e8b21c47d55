# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures below HTTP: real requests through a real proxy on this machine, and the exceptions of other releases of urllib3."""

from __future__ import annotations

import contextlib
import socket
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from ansible_collections.gcore.cloud.plugins.module_utils.api import transport
from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Call, Client, ClientSettings
from ansible_collections.gcore.cloud.plugins.module_utils.api.transport import (
    parsed_proxy,
    proxy_for,
    was_not_sent,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    ConnectionFailed,
    GcoreError,
    UnknownOutcome,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    KEY,
    URL,
    Longest,
    VirtualClock,
    bad_certificate,
    connect_timeout,
    deadline,
    read_timeout,
    refused,
    reset,
)
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError
from urllib3.exceptions import ProxyError as ProxyErrorBelow

GET = Call("GET", "/cloud/v1/regions")
POST = Call("POST", "/cloud/v1/things", body={"name": "one"})
SECRET = "pr0xy-s3cret"
VARIABLES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@contextlib.contextmanager
def proxy(response: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A proxy that gives one response to everything: (its port, what it was sent)."""
    taken: list[bytes] = []
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)

        def serve() -> None:
            while True:
                try:
                    connection, _address = listener.accept()
                except OSError:
                    return
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    taken.append(connection.recv(4096))
                    connection.sendall(response)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1], taken
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def failure_of(
    call: Call, monkeypatch: pytest.MonkeyPatch, url: str, variable: str = "HTTPS_PROXY"
) -> tuple[GcoreError, str]:
    """What a request through a proxy raises, and everything that is told of it."""
    monkeypatch.setenv(variable, url)
    clock = VirtualClock()

    def send() -> None:
        talker = Client(ClientSettings(URL, KEY, timeout=5), clock=clock, jitter=Longest())
        (talker.read if call is GET else talker.write)(call, deadline(clock))

    with pytest.raises(GcoreError) as caught:
        send()
    error = caught.value
    trace = traceback.format_exception(type(error), error, error.__traceback__)  # the form of Python 3.9
    shown = "%s %s %r" % (error.sentence(), error.as_dict(), error) + "".join(trace)
    assert SECRET not in shown
    assert KEY not in shown
    return error, error.sentence()


@pytest.mark.parametrize("call", [GET, POST])
@pytest.mark.parametrize(
    ("status", "words", "lasting"),
    [
        ("407 Proxy Authentication Required", ["does not accept the user name and password (HTTP 407)"], True),
        ("403 Forbidden", ["refused to connect to api.gcore.com (HTTP 403 Forbidden)"], True),
        ("502 Bad Gateway", ["refused to connect to api.gcore.com (HTTP 502 Bad Gateway)"], False),
        ("503", ["refused to connect to api.gcore.com (HTTP 503)"], False),
    ],
)
def test_a_refused_connect_was_not_sent(
    call: Call, status: str, words: list[str], lasting: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy(b"HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n" % status.encode()) as (port, taken):
        error, text = failure_of(call, monkeypatch, "http://user:%s@127.0.0.1:%d" % (SECRET, port))
    assert isinstance(error, ConnectionFailed) and not error.sent and error.lasting == lasting
    assert "the proxy 127.0.0.1:%d (environment variable HTTPS_PROXY)" % port in text
    assert "NO_PROXY" in text
    for word in words:
        assert word in text
    assert all(each.startswith(b"CONNECT api.gcore.com:443") for each in taken)
    assert len(taken) == (1 if lasting else 5)


def test_a_proxy_that_wants_a_password_and_got_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(b"HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n") as (port, _taken):
        _error, text = failure_of(GET, monkeypatch, "127.0.0.1:%d" % port, "https_proxy")
    assert "(environment variable https_proxy) requires a user name and a password" in text
    assert "http://USER:PASSWORD@127.0.0.1:%d" % port in text


@pytest.mark.parametrize("call", [GET, POST])
@pytest.mark.parametrize("host", ["127.0.0.1", "no.such.host.invalid"])
def test_a_proxy_that_cannot_be_reached(call: Call, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = closed_port()
    error, text = failure_of(call, monkeypatch, "http://user:%s@%s:%d" % (SECRET, host, port), "ALL_PROXY")
    assert isinstance(error, ConnectionFailed) and not error.sent and not error.lasting
    assert "the proxy %s:%d (environment variable ALL_PROXY) cannot be reached" % (host, port) in text


@pytest.mark.parametrize("call", [GET, POST])
def test_an_https_proxy_that_speaks_http(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n") as (port, _taken):
        error, text = failure_of(call, monkeypatch, "https://user:%s@127.0.0.1:%d" % (SECRET, port))
    assert isinstance(error, ConnectionFailed) and not error.sent
    assert "uses HTTP, not HTTPS" in text


def test_a_connection_that_breaks_in_the_tunnel_leaves_a_write_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it broke before or after the request was sent is not told by urllib3."""
    with proxy(b"") as (port, _taken):
        error, text = failure_of(POST, monkeypatch, "http://user:%s@127.0.0.1:%d" % (SECRET, port))
        assert isinstance(error, UnknownOutcome)
        assert "the connection was lost (api.gcore.com through the proxy 127.0.0.1:%d" % port in text


@pytest.mark.parametrize("call", [GET, POST])
@pytest.mark.parametrize(
    "value",
    [
        "http://user:%s@127.0.0.1:99999",
        "http://user:%s@127.0.0.1:port",
        "http://user:%s@",
        "http://user:%s@:3128",
        "ftp://user:%s@127.0.0.1:3128",
        "socks9://user:%s@127.0.0.1:3128",
        "http://user:%s@127.0.0.1 :3128",
        "http://user:%s@[::1",
        "user:%s/@127.0.0.1:3128",
    ],
)
def test_what_is_no_url_of_a_proxy_is_refused_before_anything_is_sent(
    call: Call, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, text = failure_of(call, monkeypatch, value % SECRET)
    assert isinstance(error, ConnectionFailed) and error.lasting and not error.sent
    assert text.startswith("The value of environment variable HTTPS_PROXY is not the URL of a proxy.")


@pytest.mark.parametrize("call", [GET, POST])
def test_a_socks_proxy_without_its_library(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", missing_library)
    error, text = failure_of(call, monkeypatch, "socks5h://user:%s@127.0.0.1:1080" % SECRET)
    assert isinstance(error, ConnectionFailed) and error.lasting and not error.sent
    assert "is a SOCKS proxy, and the Python library PySocks is not installed" in text


def missing_library(*_given: Any, **_more: Any) -> None:
    """What requests puts in place of urllib3's SOCKS support."""
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("HTTPS_PROXY", "http://proxy.example:3128", "the proxy proxy.example:3128 (environment variable HTTPS_PROXY)"),
        ("https_proxy", "proxy.example:3128", "the proxy proxy.example:3128 (environment variable https_proxy)"),
        ("ALL_PROXY", "socks5h://u:p@proxy.example", "the proxy proxy.example (environment variable ALL_PROXY)"),
        ("HTTPS_PROXY", "http://u:p@[::1]:3128/", "the proxy [::1]:3128 (environment variable HTTPS_PROXY)"),
        ("HTTP_PROXY", "http://proxy.example:3128", "None"),
    ],
)
def test_the_proxy_is_that_of_requests(name: str, value: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    assert str(proxy_for(URL)) == shown
    monkeypatch.setenv("NO_PROXY", "gcore.com")
    assert proxy_for(URL) is None


def test_an_excluded_host_needs_no_proxy_that_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://")
    monkeypatch.setenv("NO_PROXY", "api.gcore.com")
    Client(ClientSettings(URL, KEY))
    monkeypatch.delenv("NO_PROXY")
    Client(ClientSettings("http://127.0.0.1:1", KEY))
    with pytest.raises(ConnectionFailed):
        Client(ClientSettings(URL, KEY))


def below(cause: Exception) -> requests.exceptions.ProxyError:
    """An exception as requests passes it on, with urllib3's ProxyError around the cause."""
    return requests.exceptions.ProxyError(MaxRetryError(None, "/", ProxyErrorBelow("Cannot connect to proxy.", cause)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "certain"),
    [
        (refused(), True),
        (connect_timeout(), True),
        (bad_certificate(), True),
        (reset(), False),
        (read_timeout(), False),
        (requests.exceptions.InvalidProxyURL("Please check proxy URL."), True),
        (requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."), True),
        (below(OSError("Tunnel connection failed: 407 Proxy Authentication Required")), True),
        (below(NewConnectionError(None, "Failed to establish a new connection")), True),  # type: ignore[arg-type]
        # urllib3 1.26 says the same when the connection breaks after the request was sent
        (below(ConnectionResetError(104, "Connection reset by peer")), False),
        (requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", OSError("Tunnel of love"))), False),
        (requests.exceptions.SSLError("EOF occurred in violation of protocol"), False),
    ],
)
def test_what_was_certainly_not_sent(error: Exception, certain: bool) -> None:
    assert was_not_sent(error) is certain
    told = transport.connection_failure("GET /", "api.gcore.com", error, 30, None)
    assert told.sent is not certain


def test_a_certificate_behind_a_proxy_names_the_proxy() -> None:
    used = parsed_proxy("http://u:p@proxy.example:3128", "environment variable HTTPS_PROXY")
    told = transport.connection_failure("GET /", "api.gcore.com", bad_certificate(), 30, used)
    assert "ca_path" in told.sentence() and "proxy.example:3128" in told.sentence()
