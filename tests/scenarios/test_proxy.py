# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules in processes of their own, whose environment sets a proxy that does not work."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import REGIONAL

SECRET = "pr0xy-s3cret"
CODE = """
import json, sys
from ansible.module_utils.testing import patch_module_args
from ansible_collections.gcore.cloud.plugins.modules.volume_info import main
with patch_module_args(json.loads(sys.argv[1])):
    main()
"""


@contextlib.contextmanager
def refusing_proxy(status: str) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that refuses every CONNECT: (its address, what it was sent)."""
    taken: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _address = listener.accept()
                    with connection:
                        taken.append(connection.recv(4096))
                        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

        threading.Thread(target=serve, daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", taken
        listener.shutdown(socket.SHUT_RDWR)


def volume_info(**environment: str) -> tuple[dict[str, Any], str]:
    """The result of the module, and all that its process wrote."""
    arguments = {**REGIONAL, "api_key": "1234$key", "api_url": "https://api.gcore.com"}
    clean = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-c", CODE, json.dumps(arguments)],
        env={**clean, "PYTHONPATH": os.pathsep.join(sys.path), **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return json.loads(done.stdout.strip().splitlines()[-1]), done.stdout + done.stderr


def test_a_password_that_the_proxy_does_not_accept() -> None:
    with refusing_proxy("407 Proxy Authentication Required") as (address, taken):
        result, text = volume_info(HTTPS_PROXY=f"http://user:{SECRET}@{address}")
    assert result["failed"] and result["error"]["kind"] == "connection"
    expected = f"the proxy {address} (environment variable HTTPS_PROXY) does not accept the user name and password"
    assert expected in result["msg"]
    assert "connection was lost" not in text and SECRET not in text
    assert len(taken) == 1


@pytest.mark.parametrize("traceback", ["never", "always"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (f"http://user:{SECRET}@127.0.0.1:99999", "environment variable HTTPS_PROXY is not the URL of a proxy"),
        (f"socks9://user:{SECRET}@127.0.0.1:1080", "environment variable HTTPS_PROXY is not the URL of a proxy"),
        (f"socks5h://user:{SECRET}@127.0.0.1:1080", "PySocks is not installed"),
    ],
)
def test_a_proxy_that_cannot_be_used(value: str, words: str, traceback: str) -> None:
    if "socks5" in value:
        with contextlib.suppress(ImportError):
            __import__("socks")
            pytest.skip("PySocks is installed")
    result, text = volume_info(HTTPS_PROXY=value, ANSIBLE_DISPLAY_TRACEBACK=traceback)
    assert result["failed"] and words in result["msg"]
    assert SECRET not in text
