# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""SSH keys of a project (docs/api-notes.md: SSH keys)."""

from __future__ import annotations

from typing import Any

from ..core import errors, ssh
from ..core.clock import object_time
from ..core.collection import Collection, contains
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import Call, Routes
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, new_record

routes = Routes()


def make(sim: Simulator, project_id: int, region_id: int | None, *, name: str, public_key: str | None = None,
         shared_in_project: bool = True) -> Record:  # fmt: skip
    """A key; without a public part a pair is generated."""
    private_key = None
    if public_key is None:
        public_key, private_key = ssh.generate(name)
    data = {
        "name": name,
        "public_key": public_key.strip(),
        "fingerprint": ssh.fingerprint(public_key),
        "shared_in_project": shared_in_project,
        "private_key": private_key,
        "state": "ACTIVE",
    }
    return new_record(sim, "ssh_key", project_id, None, data)


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A key as the API shows it, without its private part."""
    return {
        "id": record.id,
        "name": record["name"],
        "public_key": record["public_key"],
        "fingerprint": record["fingerprint"],
        "shared_in_project": record["shared_in_project"],
        "state": record["state"],
        "project_id": record.project_id,
        "created_at": object_time(record.created),
    }


keys = Collection(routes, "ssh_key", "/v1/ssh_keys/{project_id}", "ssh_key_id", lockable=False)
keys.list({"name": contains("name")})
keys.get()
keys.update()
keys.delete()


@routes("POST", "/v1/ssh_keys/{project_id}", status=201)
def create_key(call: Call) -> Any:
    body = call.body
    if any(record["name"] == body.name for record in call.records("ssh_key")):
        raise errors.conflict(f"SSH key with name {body.name} already exists")
    call.claim(keypair_count=1)
    try:
        record = make(call.sim, call.project_id, None, **body.model_dump())
    except ValueError as error:
        raise errors.invalid("public_key", str(error)) from None
    private_key = record.data.pop("private_key")
    return {**call.show(record), "private_key": private_key}


RESOURCE = Resource(
    types=[ResourceType("ssh_key", "SSH key", make, view, global_region=True)],
    routes=routes,
    quotas={"keypair_count": count("ssh_key")},
)
