# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets: created, read without their payload, kept while in use (docs/api-notes.md: Secrets)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import World

SECRETS = "/v1/secrets/{P}"
PEM = {
    "certificate": "-----BEGIN CERTIFICATE-----\nMIIBcert\n-----END CERTIFICATE-----\n",
    "certificate_chain": "-----BEGIN CERTIFICATE-----\nMIIBchain\n-----END CERTIFICATE-----\n",
    "private_key": "-----BEGIN RSA PRIVATE KEY-----\nMIIEkey\n-----END RSA PRIVATE KEY-----\n",
}


def secret(world: World, name: str = "cert", **more: Any) -> str:
    return world.make("secrets", "/v2/secrets/{P}", {"name": name, "payload": PEM, **more})


def test_life_of_a_secret(world: World) -> None:
    started = world.start("POST", "/v2/secrets/{P}", {"name": "cert", "payload": PEM})
    assert world.get(SECRETS)["count"] == 0
    task = world.wait(started)
    assert task["task_type"] == "create_secret"
    ident = task["created_resources"]["secrets"][0]
    shown = world.get(f"{SECRETS}/{ident}")
    assert (shown["name"], shown["secret_type"], shown["status"]) == ("cert", "certificate", "ACTIVE")
    assert shown["created"].endswith("+00:00") and shown["expiration"] is None
    assert world.get(SECRETS)["results"] == [shown]
    assert "MII" not in json.dumps([shown, task])
    world.refused(405, "PATCH", f"{SECRETS}/{ident}", {"name": "other"})
    assert world.run("DELETE", f"{SECRETS}/{ident}")["task_type"] == "delete_secret"
    world.refused(404, "GET", f"{SECRETS}/{ident}")


def test_what_a_secret_needs(world: World) -> None:
    body = {"name": "cert", "payload": PEM}
    for field in PEM:
        world.refused(400, "POST", "/v2/secrets/{P}", {**body, "payload": {**PEM, field: "no PEM"}})
        left = {key: value for key, value in PEM.items() if key != field}
        world.refused(400, "POST", "/v2/secrets/{P}", {**body, "payload": left})
    world.refused(400, "POST", "/v2/secrets/{P}", {**body, "expiration": "tomorrow"})
    ident = secret(world, expiration="2030-01-01T12:00:00+02:00")
    assert world.get(f"{SECRETS}/{ident}")["expiration"] == "2030-01-01T10:00:00+00:00"
    secret(world)
    assert [row["name"] for row in world.get(SECRETS)["results"]] == ["cert", "cert"]
    world.refused(405, "POST", SECRETS, body)


@pytest.mark.parametrize("user", ["secret_id", "sni_secret_id", "pool"])
def test_a_secret_in_use_stays(world: World, user: str) -> None:
    ident = secret(world)
    balancer = world.make("loadbalancers", "/v1/loadbalancers/{P}", {"name": "balancer"})
    if user == "pool":
        body = {"name": "pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN", "load_balancer_id": balancer}
        path = f"/v1/lbpools/{{P}}/{world.make('pools', '/v1/lbpools/{P}', {**body, 'ca_secret_id': ident})}"
    else:
        body = {"name": "tls", "load_balancer_id": balancer, "protocol": "TERMINATED_HTTPS", "protocol_port": 443}
        used = ident if user == "secret_id" else [ident]
        path = f"/v1/lblisteners/{{P}}/{world.make('listeners', '/v1/lblisteners/{P}', {**body, user: used})}"
    world.refused(400, "DELETE", f"{SECRETS}/{ident}")
    world.run("DELETE", path)
    world.run("DELETE", f"{SECRETS}/{ident}")


def test_old_way(old_world: World) -> None:
    world = old_world
    body = {
        "name": "old", "payload": "TUlJRQ==", "payload_content_encoding": "base64", "payload_content_type": "text/plain",
        "secret_type": "opaque", "bit_length": 256, "algorithm": "aes", "mode": "cbc", "expiration": "2030-01-01T12:00:00",
    }  # fmt: skip
    world.refused(400, "POST", SECRETS, {**body, "payload": "%"})
    world.refused(400, "POST", SECRETS, {**body, "expiration": "tomorrow"})
    shown = world.get(f"{SECRETS}/{world.make('secrets', SECRETS, body)}")
    assert (shown["secret_type"], shown["bit_length"], shown["algorithm"], shown["mode"]) == (
        "opaque",
        256,
        "aes",
        "cbc",
    )
    assert shown["content_types"] == {"default": "text/plain"}
