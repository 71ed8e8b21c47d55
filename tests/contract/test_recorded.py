# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every request that the integration tests made, and every answer that they got, held against the document.

The simulator records what it is asked and what it says; the folder of the records is named by GCORE_RECORDED.
"""

from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .corrections import ABSENT
from .openapi import Document

FOLDER_VARIABLE = "GCORE_RECORDED"
SHOWN = 40


def rows(folder: pathlib.Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each record with the place where it stands."""
    for path in sorted(folder.rglob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{path.relative_to(folder)}:{number}", json.loads(line)


def problems_of(document: Document, row: Mapping[str, Any]) -> list[str]:
    # body_text stands for a body that is no JSON, which no operation takes.
    sent = row["body"] if row["body"] is not None else row.get("body_text", ABSENT)
    request = document.check_request(row["method"], row["path"], list(map(tuple, row["query"])), sent, row["headers"])
    problems = [*request.problems, *(f"{what} is deprecated" for what in request.deprecated)]
    # An injected fault says nothing of the API: its answer may be anything, or nothing.
    if request.operation is not None and not row.get("fault"):
        answered = row["response"] if row["response"] is not None else ABSENT
        problems += document.check_response(request.operation, row["status"], answered).problems
    return problems


@pytest.fixture(scope="module")
def folder() -> pathlib.Path:
    named = os.environ.get(FOLDER_VARIABLE)
    if not named:
        pytest.skip(f"{FOLDER_VARIABLE} names no folder of recorded requests: run the integration tests first.")
    return pathlib.Path(named)


def test_recorded_requests_and_answers_keep_to_the_document(document: Document, folder: pathlib.Path) -> None:
    found: list[str] = []
    seen: dict[str, None] = {}
    count = 0
    for place, row in rows(folder):
        count += 1
        for problem in problems_of(document, row):
            # The same mistake comes back in each run of a target: it is told once.
            message = f"{row['method']} {row.get('route') or row['path']} ({row['status']}): {problem}"
            if message not in seen:
                seen[message] = None
                found.append(f"{place}: {message}")
    assert count, f"{FOLDER_VARIABLE} names {folder}, where nothing is recorded."
    more = f"\n… and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    assert not found, f"{len(found)} kinds of problems in {count} records:\n" + "\n".join(found[:SHOWN]) + more


# --- The judge of records is itself tested, with or without records ---

UUID = "e460e48c-6836-447e-bc9c-16fc4225d318"


def record(**changes: Any) -> dict[str, Any]:
    return {
        "time": 0.0,
        "method": "POST",
        "path": "/cloud/v1/volumes/1/2",
        "route": "/cloud/v1/volumes/{project_id}/{region_id}",
        "query": [],
        "headers": {"authorization": "APIKey x"},
        "body": {"source": "new-volume", "name": "data-1", "size": 1},
        "status": 200,
        "response": {"tasks": [UUID]},
        "fault": None,
        **changes,
    }


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (record(), None),
        (record(body={"source": "new-volume", "name": "data-1"}), "body: 'size' is a required property"),
        (record(body=None), "needs one"),
        (record(body=None, body_text="size=1"), "body: 'size=1' is not of type 'object'"),
        (record(response={"tasks": [UUID], "more": 1}), "'more' was unexpected"),
        (record(response="<html>", status=502, fault="bad_gateway"), None),
        (record(response=None, status=None, fault="reset"), None),
        (record(response={"detail": "Not found"}, status=404), "answer"),
        (record(headers={}), "Authorization"),
        (record(query=[["limit", "1"]]), "query: limit is not a parameter"),
        (record(method="GET", body=None, query=[["limit", "1"]], response={"count": 0, "results": []}), None),
        (
            record(path=f"/cloud/v1/instances/1/2/{UUID}/reboot", body=None),
            "POST /cloud/v1/instances/{project_id}/{region_id}/{instance_id}/reboot is deprecated",
        ),
        (record(method="DELETE", path=f"/cloud/v1/ssh_keys/1/{UUID}", body=None, status=204, response=None), None),
    ],
)
def test_a_record_is_judged(document: Document, row: dict[str, Any], problem: str | None) -> None:
    problems = problems_of(document, row)
    if problem is None:
        assert problems == []
    else:
        assert any(problem in found for found in problems), problems


def test_records_are_found_in_subfolders_and_told_by_place(tmp_path: pathlib.Path) -> None:
    assert list(rows(tmp_path)) == []
    (tmp_path / "volume").mkdir()
    (tmp_path / "volume" / "1.jsonl").write_text(
        f"{json.dumps(record())}\n\n{json.dumps(record(status=0))}\n", encoding="utf-8"
    )
    assert [(place, row["status"]) for place, row in rows(tmp_path)] == [
        ("volume/1.jsonl:1", 200),
        ("volume/1.jsonl:3", 0),
    ]
