# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statuses of resources: what to raise for one, and waiting until it has changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Callable, Optional

from ..errors import StatusError, WaitTimeout
from ..schema.types import CHANGING, CREATING, DELETING, FAILED, READY, UNDOCUMENTED, ResourceType
from .context import REPLAN_AFTER_WAIT, Context, Outcome
from .plan import Plan, Step, Target, as_rows, deferred_wait
from .reader import Reader
from .task_match import texts_in

LOCKED_FOR = 300.0  # how long a lock is waited for when the user sets no limit
TRANSIENT = (CREATING, CHANGING, DELETING)


def bad_status(context: Context, label: str, row: Mapping[str, Any]) -> StatusError:
    """What to raise for a resource in a failed or undocumented status."""
    statuses = context.resource.type.statuses
    status = statuses.of(row)
    if statuses.group(row) == UNDOCUMENTED:
        hint = "This status is not documented. Check the resource; state: absent deletes it."
    elif context.settings.recreate:
        hint = (
            "recreate: true does not replace it, for its creation is not known to have failed, and data would be lost. "
            "Save what is needed and delete it with state: absent."
        )
    elif status in statuses.holds_nothing:
        hint = "Check it; state: absent deletes it, recreate: true deletes it and creates a new one."
    else:
        hint = (
            "Check it; state: absent deletes it, with its data. "
            "recreate: true replaces it only if its creation has failed."
        )
    identifier = row[context.resource.type.id_field]
    return StatusError("%s (%s) is in status %s." % (label, identifier, status), hint, id=identifier)


def status_timeout(context: Context, label: str, identifier: Optional[str], status: Optional[str]) -> WaitTimeout:
    """What to raise when the deadline passes before a resource has left a status."""
    return WaitTimeout(
        "Timed out after %d s waiting for %s (%s), which is in status %s."
        % (context.deadline.seconds, label, identifier, status),
        "Run the task again, with a longer wait_timeout if this takes longer.",
        id=identifier,
    )


def wait_until_settled(
    context: Context,
    resource_type: ResourceType,
    label: str,
    identifier: str,
    read: Callable[[str], Optional[dict[str, Any]]],
) -> Optional[dict[str, Any]]:
    """Wait until a resource is no longer being created, changed or deleted; returns it, or None when it is gone."""
    row: Optional[dict[str, Any]] = None

    def status() -> Optional[str]:
        nonlocal row
        row = read(identifier)
        return resource_type.statuses.of(row) if resource_type.statuses.group(row) in TRANSIENT else None

    context.extend(LOCKED_FOR)
    if not context.poller.watch(status, context.deadline, identifier):
        raise status_timeout(context, label, identifier, resource_type.statuses.of(row))
    return row


def wait_for_sub_resources(context: Context, reader: Reader, targets: list[Target]) -> None:
    """Wait until no sub-resource is being created, changed or deleted; raises StatusError for a failed one."""
    last: Optional[tuple[Target, Optional[str]]] = None

    def status() -> Optional[str]:
        nonlocal last
        reader.snapshots.refresh()
        for target in targets:
            row = reader.snapshots.read(target)
            statuses = target.resource.type.statuses
            last = (target, statuses.of(row))
            if statuses.group(row) in TRANSIENT:
                return last[1]
            if statuses.group(row) == FAILED:
                raise StatusError(
                    "%s (%s) of %s is in status %s." % (target, target.id, target.top, last[1]),
                    "Check it; delete it to have it re-created.",
                    id=target.id,
                )
        return None

    if not targets:
        return
    context.extend(LOCKED_FOR)
    if not context.poller.watch(status, context.deadline, str(targets[0].id)) and last:
        raise status_timeout(context, "%s of %s" % (last[0], last[0].top), last[0].id, last[1])


def wait_for_statuses(
    context: Context, reader: Reader, plan: Plan, target: Target, row: Optional[Mapping[str, Any]]
) -> Optional[Outcome]:
    """Nothing is sent, and nothing is reported as done, while another operation is in progress."""
    # A state that checks the status has refused what it cannot be reached from.
    group = READY if context.state_checks_status else target.resource.type.statuses.group(row)
    if group != CHANGING and not plan.unsettled:
        return None
    if not context.settings.wait:
        for part, status in plan.unsettled:
            if status in part.resource.type.statuses.deleting:
                raise StatusError(
                    "%s (%s) of %s is in status %s." % (part, part.id, part.top, status),
                    "Run the task again when it is deleted, or leave wait at true.",
                    id=part.id,
                )
        if not plan.steps:
            waits = [target] if group == CHANGING else []
            waits += [part for part, _status in plan.unsettled]
            context.report.pending = as_rows([deferred_wait(each) for each in waits])
        return None
    if group == CHANGING:
        wait_until_settled(context, target.resource.type, str(target), str(target.id), reader.read)
    wait_for_sub_resources(context, reader, [part for part, _status in plan.unsettled])
    return REPLAN_AFTER_WAIT


def is_in_progress(context: Context, reader: Reader, step: Step) -> bool:
    """Whether a refused step met an operation in progress, which its target's status shows."""
    statuses = context.resource.type.statuses
    top = step.target.top.id
    if top is None or not statuses.path:
        return False
    return statuses.group(reader.read(top)) in (CREATING, CHANGING)


def check_references(context: Context, plan: Plan, usable: set[str]) -> None:
    """Check that what the planned requests refer to can be used, each once in a run: ``usable`` has what was checked before.

    Waits for what is being created; raises StatusError for what cannot be used.
    """
    texts = {text for step in plan.steps for text in (*texts_in(step.body), *step.action.path.split("/"))}
    for value, reference in plan.references.items():
        resource_type = reference.type
        row = (
            context.finder.referenced(resource_type, reference.given)
            if value in texts and value not in usable
            else None
        )
        if row is None:
            continue
        usable.add(value)
        label = "%s: %s '%s'" % (reference.option, resource_type.noun, reference.given)
        identifier = str(row[resource_type.id_field])
        group = resource_type.statuses.group(row)
        if group == CREATING and context.settings.check_mode:
            continue
        if group == CREATING and context.settings.wait:
            read = partial(context.finder.get, resource_type, resource_type.path + "/{id}")
            row = wait_until_settled(context, resource_type, label, identifier, read)
            group = resource_type.statuses.group(row)
        if row is not None and group not in (READY, CHANGING):
            raise StatusError(
                "%s (%s) is in status %s." % (label, identifier, resource_type.statuses.of(row)),
                "It can be used in status %s." % " or ".join(resource_type.statuses.ready),
                id=identifier,
            )
