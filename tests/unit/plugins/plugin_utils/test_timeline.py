# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any, Optional
from xml.etree import ElementTree

import pytest
from ansible_collections.gcore.cloud.plugins.plugin_utils.records import Record
from ansible_collections.gcore.cloud.plugins.plugin_utils.timeline import (
    LEFT,
    MOST_TICKS,
    RIGHT,
    start_of,
    tick_step,
    timeline,
)

SVG = "{http://www.w3.org/2000/svg}"


def record(
    number: int, started: Optional[str], seconds: Optional[float], state: str = "FINISHED", **more: Any
) -> Record:
    known = {"polls": 1, "error": None, "resource": f"data-{number}", "step": "Make it", "host": "localhost"}
    return Record(
        id=f"t{number}", type="create_volume", state=state, started=started, seconds=seconds, **{**known, **more}
    )


def drawn(*records: Record, title: str = "Tasks of site.yml") -> Any:
    return ElementTree.fromstring(timeline(records, title))


def bars(picture: Any, word: str) -> list[tuple[float, float]]:
    return [
        (float(each.get("x")), float(each.get("width")))
        for group in picture.iter(SVG + "g")
        for each in group.iter(SVG + "rect")
        if each.get("class") == word
    ]


def words(picture: Any) -> list[str]:
    return ["".join(each.itertext()) for each in picture.iter(SVG + "text")]


def test_a_row_for_each_task_on_one_axis() -> None:
    picture = drawn(
        record(2, "2026-05-01T12:01:00", 40.0),
        record(1, "2026-05-01T12:00:00", 50.0),
    )
    width = RIGHT - LEFT
    assert bars(picture, "finished") == [(LEFT, width / 2), (LEFT + width * 0.6, width * 0.4)]
    texts = words(picture)
    assert texts.index("data-1create_volume") < texts.index("data-2create_volume")
    assert {"0:00", "0:15", "1:30", "0:50, 1 poll", "0:40, 1 poll"} <= set(texts)
    assert "2 tasks, none failed, 2 polls, 90.0 seconds in all; from 2026-05-01 12:00:00 UTC on" in texts


def test_a_failure_is_marked_by_more_than_its_colour() -> None:
    picture = drawn(record(1, "2026-05-01T12:00:00", 5.0, "ERROR", error="Quota <exceeded> & gone\x1b[31m\0"))
    assert len(bars(picture, "failed")) == 1
    assert "✗ ERROR, 0:05, 1 poll" in words(picture)
    assert "Quota <exceeded> & gone?[31m?" in words(picture)
    assert picture.find(f".//{SVG}pattern") is not None


def test_what_nobody_has_waited_for_has_a_row_and_no_bar() -> None:
    picture = drawn(record(1, None, None, "NEW"), record(2, "2026-05-01T12:00:00", 5.0, "RUNNING"))
    assert len(bars(picture, "open")) == 1
    assert words(picture).count("still running") == 3  # both rows, and the legend


def test_a_picture_of_nothing_says_so() -> None:
    assert "No task of the API was started or waited for." in words(drawn())


def test_text_is_text() -> None:
    picture = drawn(record(1, None, 5.0, resource="</text><script>x()</script>", step='"><b>'), title="<&>")
    assert picture.find(f".//{SVG}script") is None
    assert "<&>" in words(picture)
    assert any(text.startswith("</text><script>") for text in words(picture))


def test_the_picture_needs_nothing_else() -> None:
    svg = timeline([record(1, "2026-05-01T12:00:00", 5.0)], "x")
    assert svg.count("http") == 1
    assert "http://www.w3.org/2000/svg" in svg
    assert not any(word in svg for word in ("href", "@import", "url(http"))


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-01T12:00:00",
        "2026-05-01T12:00:00Z",
        "2026-05-01T12:00:00+0000",
        "2026-05-01 14:00:00+02:00",
        "2026-05-01T12:00:00.000000",
    ],
)
def test_all_times_of_the_api_are_understood(text: str) -> None:
    assert start_of(record(1, text, None)) == 1777636800


@pytest.mark.parametrize("text", [None, "", "soon"])
def test_what_is_no_time_is_none(text: Optional[str]) -> None:
    assert start_of(record(1, text, None)) is None


@pytest.mark.parametrize("span", [1, 7.5, 61, 600, 3600, 86400, 1e7])
def test_there_are_never_too_many_lines_on_the_axis(span: float) -> None:
    assert span / tick_step(span) <= MOST_TICKS
