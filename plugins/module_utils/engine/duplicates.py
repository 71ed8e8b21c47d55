# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reporting two resources of one identity: another run has created the same at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ..errors import DuplicateError
from ..schema.rows import describe_rows
from ..tasks.task import Task, seconds_between
from .context import Context
from .reader import Reader


def check_rows(context: Context, reader: Reader, rows: Sequence[dict[str, Any]], own: Mapping[str, Any]) -> None:
    """Report resources of our identity that another controller has created at the same time."""
    id_field, creation = context.resource.type.id_field, context.ledger.creation_task
    others = [row for row in rows if row.get(id_field) != own.get(id_field)]
    others = [row for row in others if row.get("creator_task_id") != creation or not creation]
    if others:
        ages = [seconds_between(own.get("created_at"), row.get("created_at")) for row in others]
        report_duplicates(context, reader, rows, own_is_older=_all_positive(ages))


def check_tasks(context: Context, reader: Reader, own: Task, others: Sequence[Task]) -> None:
    """Report creations of our name that others have started: what is created is not listed before it is done."""
    if others:
        ages = [seconds_between(own.started, task.started) for task in others]
        report_duplicates(context, reader, tasks=[own, *others], own_is_older=_all_positive(ages))


def _all_positive(ages: Sequence[Optional[float]]) -> bool:
    return all(age is not None and age > 0 for age in ages)


def report_duplicates(
    context: Context,
    reader: Reader,
    rows: Sequence[dict[str, Any]] = (),
    tasks: Sequence[Task] = (),
    own_is_older: bool = False,
    reason: Optional[str] = None,
) -> None:
    """Report resources and creations of one identity: a warning where ours is the older one, else DuplicateError.

    ``reason``: the write whose outcome is unknown, after which they appeared.
    """
    resource_type = context.resource.type
    listed = tasks if len(rows) <= 1 else ()  # several rows have tasks of their own
    found = [describe_rows(resource_type, list(rows))] if rows else []
    found += ["created by task %s" % task.id for task in listed]
    text = "Found %d %s that match %s: %s." % (
        len(rows) + len(listed), resource_type.plural, reader.label(), "; ".join(found),
    )  # fmt: skip
    if own_is_older:
        context.warn("%s Another run has created the newer one. Nothing was deleted." % text)
        return
    raise DuplicateError(
        " ".join(each for each in (reason, text) if each),
        "Another run may have created one of them at the same time. Nothing was deleted: keep one, and delete the other by its id.",
        ids=[str(row[resource_type.id_field]) for row in rows] or None,
        task_ids=[task.id for task in tasks] or None,
    )
