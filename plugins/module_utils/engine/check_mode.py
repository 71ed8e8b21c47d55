# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What check mode, and a run that does not wait, say of the steps that are not carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..schema.values import KNOWN_LATER
from .context import Context
from .plan import Plan, Step
from .planner import Planner
from .reader import Reader


def is_known_later(context: Context) -> bool:
    """Whether the resource is one that an earlier task of the play is going to create."""
    return any(context.options.get(name) == KNOWN_LATER for name in ("id", context.resource.type.name_field))


def predict_unknown(context: Context, reader: Reader) -> None:
    """Of a resource that an earlier task of the play is going to create, it can only be said that it changes."""
    context.report.changed = context.settings.state != "absent"
    fields = [item for item in context.resource.fields if item.name in context.options and not item.no_log]
    context.report.after = {item.name: context.options[item.name] for item in fields}
    row = Planner(context.resource, context.options, context.finder.resolve).predicted(context.settings.state)
    context.report.row = with_scope(context, row)
    context.warn("%s is not there yet: check mode plans as if it were." % reader.label())


def predict(context: Context, reader: Reader, plan: Plan, row: Optional[dict[str, Any]]) -> None:
    """Put what the plan of present would change into the report."""
    for step in plan.rest(-1):
        if isinstance(step, Step) and step.deletion_warning:
            context.warn(step.deletion_warning)
    context.report.changed = bool(plan.rest(-1))
    context.report.row = with_scope(context, plan.predicted) if plan.rest(-1) else reader.whole(row)
    predict_pending(context, plan)


def predict_pending(context: Context, plan: Plan) -> None:
    """With wait: false, the run stops behind the first step that starts a task."""
    first = next((index for index, step in enumerate(plan.steps) if step.action.task is not None), None)
    if not context.settings.wait and first is not None:
        leave_pending(context, plan, first)


def leave_pending(context: Context, plan: Plan, index: int) -> None:
    """wait: false: the steps behind the one that starts a task are left for the next run."""
    context.report.pending = plan.pending(index)
    if context.report.pending:
        context.warn(
            "%d step(s) are left for the next run: %s."
            % (len(context.report.pending), ", ".join(str(each) for each in plan.rest(index)))
        )


def with_scope(context: Context, row: Optional[dict[str, Any]]) -> Optional[dict[str, Any]]:
    """A predicted row with the project and region of the run."""
    scope = context.finder.scope_ids(context.resource.type.scope)
    return row and {**row, **{name: number for name, number in scope.items() if name in row}}


def without_unknown(value: Any) -> Any:
    """A predicted row in the result of a run that does not wait: null in place of what is known later."""
    if isinstance(value, Mapping):
        return {name: without_unknown(each) for name, each in value.items()}
    if isinstance(value, list):
        return [without_unknown(each) for each in value]
    return None if value == KNOWN_LATER else value
