# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of a load balancer share: one lock, one way to work on it, statuses (docs/api-notes.md: Load balancers, Locks and consistency)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable

from ..core import errors
from ..core.routing import Call
from ..core.simulator import Simulator
from ..core.store import Record
from ..core.tasks import Created, Task

FAILED = {"provisioning_status": "ERROR"}
PARTS = ("lblistener", "lbpool", "lbmember", "healthmonitor", "l7policy", "l7rule")
NO_STATS = {"active_connections": 0, "bytes_in": 0, "bytes_out": 0, "request_errors": 0, "total_connections": 0}


def ready(**more: Any) -> dict[str, Any]:
    """The data that every part has, as of a record that no task creates: ready at once."""
    return {"admin_state_up": True, "provisioning_status": "ACTIVE", "operating_status": "ONLINE", **more}


def operating(record: Record) -> str:
    """The operating status: what is switched off is offline."""
    return str(record["operating_status"]) if record["admin_state_up"] else "OFFLINE"


def statuses(record: Record) -> dict[str, Any]:
    """Both statuses."""
    return {"provisioning_status": record["provisioning_status"], "operating_status": operating(record)}


def owner_of(record: Record) -> Record:
    """The load balancer that a part belongs to."""
    assert record.lock_owner is not None
    return record.lock_owner


def of_balancer(_call: Call, record: Record, load_balancer_id: str) -> bool:
    """A filter of lists: whether the record belongs to this load balancer."""
    return owner_of(record).id == load_balancer_id


def parts(sim: Simulator, owner: Record, kind: str) -> list[Record]:
    """The parts of one kind of a load balancer, oldest first."""
    return [record for record in sim.store.all(kind) if record.lock_owner is owner]


def ids(sim: Simulator, records: list[Record]) -> list[dict[str, Any]]:
    """Objects as a nested list of ids."""
    return sim.shuffled([{"id": record.id} for record in records if sim.shown(record)])


def deletable(call: Call, *records: Record) -> None:
    """409 while any task works on the tree (D3); what is in ERROR can go."""
    call.free(*records)
    for record in records:
        if record["provisioning_status"].startswith("PENDING_"):
            raise errors.locked()


def writable(call: Call, owner: Record, *records: Record) -> None:
    """The same for changes, which a load balancer in ERROR does not take."""
    deletable(call, owner, *records)
    if owner["provisioning_status"] != "ACTIVE":
        raise errors.conflict(f"Load balancer {owner.id} is in {owner['provisioning_status']} and cannot be changed")


def work(
    call: Call,
    task_type: str,
    owner: Record,
    *,
    data: dict[str, Any],
    touched: Sequence[Record] = (),
    creates: Created | None = None,
    deletes: Sequence[Record] = (),
    locks: Sequence[Record] = (),
    finish: Callable[[], None] | None = None,
) -> Any:
    """A task on a tree: meanwhile it is pending, then active; a failure brings the old statuses back, or ERROR."""
    sim = call.sim
    made = [record for records in (creates or {}).values() for record in records if record.kind != "floatingip"]
    changed = [record for record in (owner, *touched) if record not in made and record not in deletes]
    before = [(record, record["provisioning_status"]) for record in (*changed, *deletes)]
    for record in changed:
        record["provisioning_status"] = "PENDING_UPDATE"
    for record in deletes:
        record["provisioning_status"] = "PENDING_DELETE"
    for record in made:
        record.data.update(provisioning_status="PENDING_CREATE", operating_status="OFFLINE")

    def done(_unused: Task) -> None:
        if finish:
            finish()
        for record in changed:
            record["provisioning_status"] = "ACTIVE"
        for record in made:
            record.data.update(provisioning_status="ACTIVE", operating_status="ONLINE")
        for record in deletes:
            if sim.store.has(record):
                sim.forget(record)

    def failed(task: Task) -> None:
        for record, status in before:
            record["provisioning_status"] = status
        if task.leaves_object and not made:
            target = next(iter((*deletes, *touched, owner)))
            target["provisioning_status"] = "ERROR"

    return call.start(
        task_type, data=data, locks=[*changed, *deletes, *locks], creates=creates, finish=done, undo=failed
    )
