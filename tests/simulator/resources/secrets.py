# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets (docs/api-notes.md: Secrets): certificates with their keys, for load balancers."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timezone
from typing import Any

from ..core import errors
from ..core.clock import parse_time
from ..core.collection import Collection
from ..core.models import Body
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record

routes = Routes()


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str,
         secret_type: str = "certificate", **more: Any) -> Record:  # fmt: skip
    """A secret, without its payload, which nobody can read."""
    data = {
        "name": name, "secret_type": secret_type, "status": "ACTIVE", "algorithm": None, "bit_length": None, "mode": None,
        "content_types": {"default": "application/octet-stream"}, "expiration": None,
    }  # fmt: skip
    return new_record(sim, "secret", project_id, region_id, {**data, **more})


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A secret as the API shows it: never with its payload."""
    return {"id": record.id, **record.data, "created": _shown(record.created)}


def _shown(moment: float) -> str:
    """``2020-01-01T12:00:00+00:00``, as the document has it for secrets."""
    return datetime.fromtimestamp(int(moment), timezone.utc).isoformat()


def _check_pem(payload: Body) -> None:
    for field, kind in (
        ("certificate", "CERTIFICATE"),
        ("certificate_chain", "CERTIFICATE"),
        ("private_key", "([A-Z0-9]+ )?PRIVATE KEY"),
    ):
        if not re.search(rf"-----BEGIN {kind}-----\s.+\s-----END {kind}-----", getattr(payload, field), re.DOTALL):
            raise errors.invalid(f"payload.{field}", "Input should be in PEM format")


def _create(call: Call, **data: Any) -> Any:
    expiration = call.body.expiration
    shown = _shown(parse_time(expiration)) if expiration else None
    record = make(*call.scope, name=call.body.name, expiration=shown, **data)
    record.visible = False
    given = {key: value for key, value in call.body.given().items() if key != "payload"}
    return call.start("create_secret", data=given, creates={"secrets": [record]})


@routes("POST", "/v2/secrets/{P}")
def create_secret(call: Call) -> Any:
    _check_pem(call.body.payload)
    return _create(call)


@routes("POST", "/v1/secrets/{P}", deprecated=True)
def create_secret_v1(call: Call) -> Any:
    body = call.body
    try:
        base64.b64decode(body.payload, validate=True)
    except (binascii.Error, ValueError):
        raise errors.invalid("payload", "Input should be encoded with base64") from None
    if body.expiration:
        try:
            parse_time(body.expiration)
        except ValueError:
            raise errors.invalid("expiration", "Input should be a valid datetime") from None
    kept = {field: getattr(body, field) for field in ("secret_type", "algorithm", "bit_length", "mode")}
    return _create(call, content_types={"default": body.payload_content_type}, **kept)


def _check_unused(call: Call, record: Record) -> None:
    """Not while a load balancer uses it (C23)."""
    users = [*call.sim.store.all("lblistener"), *call.sim.store.all("lbpool")]
    fields = ("secret_id", "sni_secret_id", "ca_secret_id", "crl_secret_id")
    if any(
        record.id == user.data.get(each) or record.id in (user.data.get(each) or ())
        for user in users
        for each in fields
    ):
        raise errors.invalid("secret_id", f"Secret {record.id} is in use by a load balancer")


secrets = Collection(routes, "secret", "/v1/secrets/{P}", "secret_id")
secrets.list()
secrets.get()
secrets.delete(_check_unused, task="delete_secret")


RESOURCE = Resource(types=[ResourceType("secret", "Secret", make, view)], routes=routes)
