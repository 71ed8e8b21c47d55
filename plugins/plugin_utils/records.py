# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All tasks of the API that a play started or waited for, collected from the results of its modules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import NAMES

OPEN = ("NEW", "RUNNING")


@dataclass(frozen=True)
class Record:
    """One task of the API; ``started`` is the API's own text, ``step`` is the name of the play's task."""

    id: str
    type: Optional[str]
    state: str
    started: Optional[str]
    seconds: Optional[float]
    polls: int
    error: Optional[str]
    resource: Optional[str]
    step: str
    host: str

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def is_failed(self) -> bool:
        """An unknown state is not a success."""
        return not self.is_open and self.state != "FINISHED"


class Records:
    """Each task once, in the order of their first appearance."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._seen: set[Record] = set()

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def take(self, result: Any, action: str, options: Mapping[str, Any], step: str, host: str) -> None:
        """Add the tasks of one result, if it is of a module that starts tasks or waits for them.

        A result with no_log shows no tasks; the result of a loop has none besides those of its items.
        """
        if not isinstance(result, Mapping) or result.get("_ansible_no_log"):
            return
        if not {"task_ids", "tasks", "created_resources"} <= result.keys():
            return
        for row in result["tasks"] if isinstance(result["tasks"], list) else []:
            if isinstance(row, Mapping) and isinstance(row.get("id"), str):
                self._add(_record(row, _resource(result.get(action.rpartition(".")[2]), options), step, host))

    def _add(self, new: Record) -> None:
        if new in self._seen:  # the result of an asynchronous job can be read again
            return
        self._seen.add(new)
        known = self._records.get(new.id)
        if known is not None:
            # Started by one step and waited for by another: the first names it, the last has its state.
            new = replace(
                new,
                type=new.type or known.type,
                started=new.started or known.started,
                polls=known.polls + new.polls,
                resource=known.resource or new.resource,
                step=known.step,
                host=known.host,
            )
        self._records[new.id] = new


def _record(row: Mapping[str, Any], resource: Optional[str], step: str, host: str) -> Record:
    seconds, polls = row.get("seconds"), row.get("polls")
    return Record(
        id=row["id"],
        type=_text(row.get("type")),
        state=_text(row.get("state")) or "UNKNOWN",
        started=_text(row.get("started")),
        seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        polls=polls if isinstance(polls, int) else 0,
        error=_text(row.get("error")),
        resource=resource,
        step=step,
        host=host,
    )


def _resource(shown: Any, options: Mapping[str, Any]) -> Optional[str]:
    """The name of the resource of a result: from the response, else from the options."""
    sources = [source for source in (shown, options) if isinstance(source, Mapping)]
    return next((str(source[key]) for source in sources for key in NAMES if source.get(key)), None)


def _text(value: Any) -> Optional[str]:
    return None if value is None else str(value)
