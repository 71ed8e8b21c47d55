# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import builtins
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import Finder, Scope
from ansible_collections.gcore.cloud.plugins.module_utils.engine.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points import query
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.info_module import find_resources
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.resources import flavor, image, region, volume
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import RelatedRead, SecretFile
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import CREATED_KEYS, Task
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    FakeSession,
    client,
    reply,
    rows,
    uuid,
)

VOLUMES = "/cloud/v1/volumes/1/2"

# -------------------------------------------------------------------- query


def test_a_query_finds() -> None:
    pytest.importorskip("jmespath")
    assert query.apply("[?size > `1`].name", [{"name": "a", "size": 1}, {"name": "b", "size": 2}]) == ["b"]


@pytest.mark.parametrize("expression", ["[?", "a..b", "foo(@)"])
def test_a_query_that_is_none(expression: str) -> None:
    pytest.importorskip("jmespath")
    with pytest.raises(OptionError) as caught:
        query.apply(expression, [])
    assert "jmespath.org" in caught.value.sentence()
    assert "\n" not in caught.value.message


def test_a_query_that_does_not_fit_the_data() -> None:
    pytest.importorskip("jmespath")
    with pytest.raises(OptionError, match="cannot be applied"):
        query.apply("length(a)", {"a": 5})


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name.startswith("jmespath"):
            raise ImportError("No module named 'jmespath'")
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(query.MissingLibrary) as caught:
        query.compiled("a")
    assert caught.value.library == "jmespath"
    assert "No module named" in caught.value.trace
    assert isinstance(caught.value, GcoreError)


# ---------------------------------------------------------------------- info


def looked_up(resource: Any, params: dict[str, Any], session: FakeSession) -> list[dict[str, Any]]:
    return find_resources(resource, params, Finder(client(session), Scope("1", "2"), Deadline(session.clock, 60)))


def test_all_of_them() -> None:
    session = FakeSession()
    session.on("GET", VOLUMES, rows({"id": "1"}, {"id": "2"}))
    assert [row["id"] for row in looked_up(volume.RESOURCE, {}, session)] == ["1", "2"]
    assert session.sent[0].query == {"limit": ["1000"]}


def test_one_by_its_id_or_none() -> None:
    session = FakeSession()
    session.on("GET", VOLUMES + "/" + uuid(1), reply(200, {"id": uuid(1)}))
    session.on("GET", VOLUMES + "/" + uuid(2), reply(404, {}))
    assert looked_up(volume.RESOURCE, {"id": uuid(1)}, session) == [{"id": uuid(1)}]
    assert looked_up(volume.RESOURCE, {"id": uuid(2)}, session) == []


def test_a_thing_that_has_no_path_of_its_own_is_found_in_the_list() -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/flavors/1/2", rows({"flavor_id": "f1"}, {"flavor_id": "f2"}))
    assert looked_up(flavor.RESOURCE, {"id": "f2"}, session) == [{"flavor_id": "f2"}]
    assert looked_up(flavor.RESOURCE, {"id": "f3"}, session) == []


def test_a_name_is_whole_and_of_several_all_are_shown() -> None:
    session = FakeSession()
    session.on(
        "GET", VOLUMES, rows({"id": "1", "name": "data"}, {"id": "2", "name": "data-2"}, {"id": "3", "name": "data"})
    )
    assert [row["id"] for row in looked_up(volume.RESOURCE, {"name": "data"}, session)] == ["1", "3"]
    assert session.sent[0].query["name_part"] == ["data"]


def test_regions_in_any_case() -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/regions", rows({"id": 76, "display_name": "Luxembourg-2"}))
    assert len(looked_up(region.RESOURCE, {"name": "LUXEMBOURG-2"}, session)) == 1


def test_filters_are_sent_as_the_api_calls_them_and_references_resolved() -> None:
    session = FakeSession()
    session.on("GET", VOLUMES, rows())
    session.on("GET", "/cloud/v1/instances/1/2", rows({"id": uuid(4), "name": "web"}))
    looked_up(volume.RESOURCE, {"instance": "web", "bootable": False, "cluster_id": None}, session)
    assert session.sent[-1].query == {"instance_id": [uuid(4)], "bootable": ["false"], "limit": ["1000"]}


def test_a_filter_with_a_form_of_its_own() -> None:
    session = FakeSession()
    session.on("GET", "/cloud/v1/images/1/2", rows())
    looked_up(image.RESOURCE, {"private": False}, session)
    looked_up(image.RESOURCE, {"private": True}, session)
    assert ["private" in each.query for each in session.sent] == [False, True]


def test_secrets_of_an_answer_are_not_shown() -> None:
    session = FakeSession()
    session.on("GET", VOLUMES, rows({"id": uuid(1), "name": "a", "word": "s3cret"}))
    session.on("GET", VOLUMES + "/" + uuid(1), reply(200, {"id": uuid(1), "name": "a", "word": "s3cret"}))
    secretive = variant(volume.RESOURCE, secret_files=(SecretFile("word_dest", "word"),))
    for params in ({}, {"id": uuid(1)}, {"name": "a"}):
        assert looked_up(secretive, params, session) == [{"id": uuid(1), "name": "a"}]


MORE = variant(
    volume.RESOURCE,
    info_reads=(
        RelatedRead("parts", "/cloud/v1/parts/{project_id}/{region_id}",
                    (), lambda row, more: [each["id"] for each in more if each["of"] == row["id"]], query={"all": "yes"}),
        RelatedRead("one", "/cloud/v1/ones", (), lambda row, more: more[0]["id"] if more else None, paged=False),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("params", "ids"),
    [({}, [uuid(1), uuid(2), uuid(3)]), ({"name": "a"}, [uuid(1), uuid(3)]), ({"id": uuid(2)}, [uuid(2)])],
)
def test_more_of_all_things_is_one_request(params: dict[str, Any], ids: list[str]) -> None:
    session = FakeSession()
    found = [{"id": uuid(1), "name": "a"}, {"id": uuid(2), "name": "b"}, {"id": uuid(3), "name": "a"}]
    session.on("GET", VOLUMES, rows(*found))
    session.on("GET", VOLUMES + "/" + uuid(2), reply(200, found[1]))
    session.on("GET", "/cloud/v1/parts/1/2", rows({"id": "p1", "of": uuid(1)}, {"id": "p2", "of": uuid(2)}))
    session.on("GET", "/cloud/v1/ones", rows({"id": "o1"}))
    given = {"parts": True, "one": False, **params}
    shown = looked_up(MORE, given, session)
    assert [row["id"] for row in shown] == ids
    assert {row["id"]: row["parts"] for row in shown} == {
        each: {uuid(1): ["p1"], uuid(2): ["p2"]}.get(each, []) for each in ids
    }
    assert all("one" not in row for row in shown)
    assert len(session.sent) == 2
    assert session.sent[1].query == {"all": ["yes"], "limit": ["1000"]}
    shown = looked_up(MORE, {**given, "parts": False, "one": True}, session)
    assert {row["one"] for row in shown} == {"o1"}
    assert session.sent[-1].query == {}


def test_more_of_nothing() -> None:
    session = FakeSession()
    session.on("GET", VOLUMES, rows())
    session.on("GET", "/cloud/v1/parts/1/2", rows({"id": "p1", "of": "v1"}))
    assert looked_up(MORE, {"parts": True, "one": False, "name": "c"}, session) == []


# -------------------------------------------------------------------- result


def test_a_report_has_all_keys_from_the_start() -> None:
    assert Report("thing").as_dict() == {
        "changed": False,
        "thing": None,
        "task_ids": [],
        "tasks": [],
        "created_resources": {key: [] for key in CREATED_KEYS},
        "pending": [],
        "leftovers": [],
        "not_compared": [],
    }


def test_a_report_hides_what_is_its_own_business() -> None:
    report = Report("thing", row={"id": "1", "_view": [1], "private_key": "s3cret"}, removed=("private_key",))
    assert report.as_dict()["thing"] == {"id": "1"}


def test_the_tasks_of_a_report() -> None:
    report = Report(
        "thing", tasks=[Task("t1", created={"volumes": ["v"]}), Task("t2", created={"volumes": ["v", "w"]})]
    )
    assert report.as_dict()["task_ids"] == ["t1", "t2"]
    assert report.as_dict()["created_resources"]["volumes"] == ["v", "w"]


def test_the_diff_of_a_run_that_had_to_plan_again() -> None:
    report = Report("thing")
    report.note_plan({"a": 1, "b": 1}, {"a": 2, "b": 2}, ["x"])
    report.note_plan({"a": 2, "c": 1}, {"a": 3, "c": 2}, ["y"])
    result = report.as_dict(with_diff=True)
    assert result["diff"] == {"before": {"a": 1, "b": 1, "c": 1}, "after": {"a": 3, "b": 2, "c": 2}}
    assert result["not_compared"] == ["y"]
    assert "diff" not in report.as_dict()
