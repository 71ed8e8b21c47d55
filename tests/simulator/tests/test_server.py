# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The real server: the command, the ready file, loopback alone, and faults on the wire."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .. import __main__ as command
from ..app import Settings, Simulator, create_app
from ..server import NotLoopback, bind, server

PACKAGE = Path(__file__).resolve().parent.parent


class Served:
    """A simulator on a port."""

    def __init__(self, directory: Path) -> None:
        self.sim = Simulator(Settings(frozen=True))
        self.record = directory / "requests.jsonl"
        listener = bind("127.0.0.1", 0)
        self.port = listener.getsockname()[1]
        self.server = server(create_app(self.sim, self.record))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.005)

    def request(self, method: str = "GET", path: str = "/cloud/v1/regions", body: Any = None) -> tuple[int, bytes, Any]:
        """One request over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            headers = {"Authorization": f"APIKey {self.sim.settings.api_key}"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        finally:
            connection.close()

    def faults(self, *faults: dict[str, Any]) -> None:
        """Arm faults."""
        assert self.request("POST", "/_simulator/faults", list(faults))[0] == 200

    def networks(self) -> list[str]:
        """The names of the networks, when all tasks are done."""
        self.sim.advance(60)
        body = self.request(path="/cloud/v1/networks/1000001/76")[1]
        return [row["name"] for row in json.loads(body)["results"]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    made = Served(tmp_path_factory.mktemp("simulator"))
    yield made
    made.server.should_exit = True
    made.thread.join(5)


NETWORKS = "/cloud/v1/networks/1000001/76"


def test_headers(served: Served) -> None:
    status, _unused, headers = served.request()
    assert status == 200 and headers["date"].endswith("GMT") and len(headers.get_all("date")) == 1
    assert headers["content-type"] == "application/json"


def test_reset(served: Served) -> None:
    served.faults({"kind": "reset"})
    with pytest.raises(ConnectionResetError):
        served.request("POST", NETWORKS, {"name": "never"})
    assert served.networks() == []


def test_hang_ends_without_an_answer(served: Served) -> None:
    served.faults({"kind": "hang", "seconds": 0.2})
    started = time.monotonic()
    with pytest.raises(http.client.RemoteDisconnected):
        served.request()
    assert 0.2 <= time.monotonic() - started < 2


def test_truncated(served: Served) -> None:
    served.faults({"kind": "truncated"})
    with pytest.raises(http.client.IncompleteRead):
        served.request()


def test_garbled_and_latency(served: Served) -> None:
    served.faults({"kind": "garbled"}, {"kind": "latency", "seconds": 0.1})
    started = time.monotonic()
    status, body, _unused = served.request()
    assert status == 200 and time.monotonic() - started >= 0.1
    with pytest.raises(ValueError, match=r"."):
        json.loads(body)


@pytest.mark.parametrize("then", ["status", "reset", "hang", "garbled", "truncated"])
def test_lost_answers(served: Served, then: str) -> None:
    served.request("POST", "/_simulator/reset")
    served.faults({"kind": "lost_answer", "then": then, "status": 408, "seconds": 0.1, "match": {"method": "POST"}})
    try:
        status = served.request("POST", NETWORKS, {"name": "taken"})[0]
        assert status == {"status": 408, "garbled": 200}[then]
    except (ConnectionError, http.client.HTTPException):
        assert then in ("reset", "hang", "truncated")
    assert served.networks() == ["taken"]


def test_record_on_disk(served: Served) -> None:
    served.request("POST", NETWORKS, {"name": "recorded"})
    row = json.loads(served.record.read_text().splitlines()[-1])
    assert row["body"] == {"name": "recorded"} and row["fault"] is None and row["headers"]["host"]
    assert served.sim.settings.api_key not in served.record.read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "example.com"])
def test_loopback_alone(host: str) -> None:
    with pytest.raises(NotLoopback):
        bind(host, 0)


def test_wrong_arguments(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--host", "0.0.0.0"]) == 2
    assert command.main(["--speed", "0"]) == 2
    assert "loopback" in capsys.readouterr().err


def test_the_command(tmp_path: Path) -> None:
    ready, faults = tmp_path / "ready.json", tmp_path / "faults.json"
    faults.write_text('[{"kind": "status", "status": 429}]')
    arguments = ["--port", "0", "--speed", "50", "--ready-file", str(ready), "--faults", str(faults),
                 "--duration", "create_vm=1", "--quota", "vm_count=2", "--quirk", "image_lag=3"]  # fmt: skip
    name = f"{PACKAGE.parent.name}.{PACKAGE.name}"
    process = subprocess.Popen(
        [sys.executable, "-m", name, *arguments], cwd=PACKAGE.parent.parent, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        line = process.stdout.readline()
        deadline = time.monotonic() + 5
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        facts = json.loads(ready.read_text())
        assert set(facts) == {"url", "api_key", "project_id", "region_id", "speed", "pid"}
        assert line.startswith(f"export GCORE_BASE_URL={facts['url']} GCORE_API_KEY={facts['api_key']} ")
        assert line.rstrip().endswith("GCORE_CLOUD_PROJECT_ID=1000001 GCORE_CLOUD_REGION_ID=76 GCORE_CLOCK_SPEED=50")
        port = int(facts["url"].rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/cloud/v1/regions")
        assert connection.getresponse().status == 429
        connection.close()
    finally:
        process.terminate()
        process.wait(5)
