# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import json
from typing import Any, Callable, Optional

import pytest
from ansible.module_utils import basic
from ansible_collections.gcore.cloud.plugins.module_utils.api import client as http
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points import module
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.info_module import info_main
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.module import run_module
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.resource_module import resource_main
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.task_modules import (
    INFO_SPEC,
    WAIT_SPEC,
    list_tasks,
    only_ids,
    wait_for_tasks,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Option
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import CREATED_KEYS
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    KEY,
    THING,
    WITH_INVOCATION,
    FakeCloud,
    read_timeout,
    reply,
    uuid,
)

KEYS = {"changed", "thing", "task_ids", "tasks", "created_resources", "pending", "leftovers", "not_compared"}


def with_args(monkeypatch: pytest.MonkeyPatch, args: dict[str, Any]) -> Any:
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:  # ansible-core 2.18
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode())
        return contextlib.nullcontext()
    return patch_module_args(args)


class Bench:
    """Runs a main() against the tiny cloud, and gives what it prints."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.cloud = FakeCloud()
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.setattr(http.requests, "Session", lambda: self.cloud)
        monkeypatch.setattr(module, "Clock", lambda speed: self.cloud.clock)
        for name in ("GCORE_API_KEY", "GCORE_BASE_URL", "GCORE_CLOUD_PROJECT_ID", "GCORE_CLOUD_REGION_ID"):
            monkeypatch.delenv(name, raising=False)

    def __call__(self, main: Callable[[], None], key: Optional[str] = KEY, **args: Any) -> dict[str, Any]:
        with (
            with_args(self._monkeypatch, {**WITH_INVOCATION, **({"api_key": key} if key else {}), **args}),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        self.text = self._capsys.readouterr().out
        result: dict[str, Any] = json.loads(self.text)
        if result.pop("_ansible_new_secrets", None):  # for the controller of ansible-core 2.22, which removes it
            self.text = json.dumps(result)
        assert bool(ended.value.code) == bool(result.get("failed"))
        return result

    def thing(self, **args: Any) -> dict[str, Any]:
        return self(lambda: resource_main(THING), project="1", region="Luxembourg", **args)


@pytest.fixture(name="bench")
def make_bench(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any) -> Bench:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Bench(monkeypatch, capsys)


def wait_main() -> None:
    run_module(WAIT_SPEC, wait_for_tasks, only_ids)


def tasks_main() -> None:
    run_module(INFO_SPEC, list_tasks)


# -------------------------------------------------------- a module that writes


def test_first_run_second_run_and_deletion(bench: Bench) -> None:
    first = bench.thing(name="one", size=5)
    assert first["changed"] is True
    assert first["thing"]["id"] == first["created_resources"]["volumes"][0]
    second = bench.thing(name="one", size=5)
    assert second["changed"] is False
    assert second["thing"]["id"] == first["thing"]["id"]
    assert set(first) & set(second) >= KEYS
    assert set(CREATED_KEYS) <= set(second["created_resources"])
    assert bench.thing(name="one", state="absent")["changed"] is True
    assert bench.cloud.things == {}


def test_null_clears_and_left_out_does_not(bench: Bench) -> None:
    row = bench.cloud.add("one", note="text")
    assert not bench.thing(name="one")["changed"]
    assert bench.thing(name="one", note=None)["changed"]
    assert row["note"] is None


def test_check_mode_and_diff(bench: Bench) -> None:
    result = bench.thing(name="one", size=5, _ansible_check_mode=True, _ansible_diff=True)
    assert result["changed"] is True
    assert result["diff"]["before"] == {"state": "absent"}
    assert result["diff"]["after"]["size"] == 5
    assert bench.cloud.writes == []
    assert "diff" not in bench.thing(name="one", size=5, _ansible_check_mode=True)


def test_a_failure_has_a_sentence_and_facts_and_all_keys(bench: Bench) -> None:
    bench.cloud.fails = ["Quota limit for volume_size exceeded by 20"]
    result = bench.thing(name="one")
    assert result["failed"] is True
    assert "exceeded by 20" in result["msg"]
    assert result["error"]["kind"] == "task_failed"
    assert result["error"]["task_id"] == result["task_ids"][0]
    assert set(result) >= KEYS
    assert result["changed"] is True


def test_a_refusal_has_the_facts_of_the_api(bench: Bench) -> None:
    bench.cloud.fault(
        "POST", "/things/", reply(403, {"message": "No.", "exception_class": "ForbiddenError", "request_id": "req-1"})
    )
    error = bench.thing(name="one")["error"]
    assert (error["http_status"], error["exception_class"], error["request_id"]) == (403, "ForbiddenError", "req-1")


@pytest.mark.parametrize("fault", [None, reply(400, {"message": "no"}), read_timeout(), reply(200, raw=b"<html>")])
def test_no_secret_is_printed(bench: Bench, fault: Any) -> None:
    if fault is not None:
        bench.cloud.fault("POST", "/things/", fault, times=9)
    bench.thing(name="one", password="s3cret-word", _ansible_diff=True)
    for secret in (KEY, "s3cret-word", "hidden-in-data"):
        assert secret not in bench.text
    assert bench.cloud.writes[0].body["password"] == "s3cret-word"


def test_a_short_secret_is_hidden_where_it_was_given_and_does_not_mask_ids(bench: Bench) -> None:
    result = bench.thing(name="one", password="000")
    assert result["thing"]["id"] == uuid(1)
    assert result["invocation"]["module_args"]["password"] not in ("000", None)


def test_a_short_secret_in_nested_options_is_hidden_too(bench: Bench) -> None:
    inner = (Option("user"), Option("password", no_log=True))
    nested = variant(THING, fields=(*THING.fields, Option("login", "dict", suboptions=inner, change="write-only")))
    result = bench(
        lambda: resource_main(nested), project="1", region="2", name="one", login={"user": "me", "password": "p-q"}
    )
    assert result["changed"]
    assert "p-q" not in bench.text


def test_a_missing_library_has_facts_as_any_failure(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.http, "REQUESTS_IMPORT_ERROR", "Traceback ...")
    result = bench.thing(name="one")
    assert "requests" in result["msg"]
    assert result["error"]["kind"] == "missing_library"
    assert set(CREATED_KEYS) <= set(result["created_resources"])


def test_without_a_key_nothing_is_sent(bench: Bench) -> None:
    result = bench.thing(key=None, name="one")
    assert "GCORE_API_KEY" in result["msg"]
    assert result["error"]["kind"] == "options"
    assert bench.cloud.sent == []
    assert set(result) >= KEYS


def test_options_from_the_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCORE_API_KEY", KEY)
    monkeypatch.setenv("GCORE_CLOUD_PROJECT_ID", "1")
    monkeypatch.setenv("GCORE_CLOUD_REGION_ID", "2")
    monkeypatch.setenv("GCORE_BASE_URL", "https://api.example.com")
    result = bench(lambda: resource_main(THING), key=None, name="one")
    assert result["changed"]
    assert KEY not in bench.text


def test_tls_is_verified_by_a_file_of_its_own(bench: Bench) -> None:
    bench.thing(name="one")
    assert str(bench.cloud.sent[0].options["verify"]).endswith(".pem")
    bench.thing(name="one", validate_certs=False)
    assert bench.cloud.sent[-1].options["verify"] is False
    result = bench.thing(name="one", ca_path="/no/such/file.pem")
    assert "ca_path" in result["msg"]


def test_a_wrong_option_is_said_before_anything_is_sent(bench: Bench) -> None:
    for args in (
        {"name": "-bad"},
        {"name": "one", "tags": {"a": True}},
        {"name": "one", "wait_timeout": -1},
        {"state": "present"},
    ):
        assert bench.thing(**args)["failed"]
    assert bench.cloud.sent == []


def test_what_is_no_failure_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    def broken(run: Any, result: Any) -> None:
        raise ZeroDivisionError

    with with_args(monkeypatch, {"api_key": KEY, "tasks": []}), pytest.raises(ZeroDivisionError):
        run_module(WAIT_SPEC, broken, only_ids)


# ----------------------------------------------------------------- info modules


def test_an_info_module_lists_and_queries(bench: Bench) -> None:
    pytest.importorskip("jmespath")
    bench.cloud.add("one")
    bench.cloud.add("two")
    result = bench(lambda: info_main(THING), project="1", region="2", query="[].name")
    assert [row["name"] for row in result["things"]] == result["query_result"] == ["one", "two"]
    assert result["changed"] is False
    assert bench(lambda: info_main(THING), project="1", region="2", query="[?")["error"]["kind"] == "options"


# --------------------------------------------------------------------- task_wait


def test_task_wait_waits_for_all_and_merges_what_they_made(bench: Bench) -> None:
    tasks = [bench.cloud.create(name, duration)["id"] for name, duration in (("one", 20), ("two", 40))]
    bench.cloud.create("else")
    result = bench(
        wait_main, tasks=[{"task_ids": tasks[:1], "secret": "s3cret-word"}, {"results": [{"task_ids": tasks[1:]}]}]
    )
    assert not result.get("failed")
    assert result["changed"] is False
    assert result["task_ids"] == tasks
    assert [task["state"] for task in result["tasks"]] == ["FINISHED"] * 2
    assert len(result["created_resources"]["volumes"]) == 2
    assert "s3cret-word" not in bench.text
    assert 40 <= bench.cloud.clock.time < 60


def test_task_wait_tells_each_outcome_when_one_fails(bench: Bench) -> None:
    bench.cloud.fails = ["no host"]
    tasks = [bench.cloud.create(name)["id"] for name in ("one", "two")]
    result = bench(wait_main, tasks=tasks)
    assert result["failed"]
    assert "no host" in result["msg"]
    assert [task["state"] for task in result["tasks"]] == ["ERROR", "FINISHED"]
    assert len(result["created_resources"]["volumes"]) == 1


def test_task_wait_times_out_with_what_it_knows(bench: Bench) -> None:
    task = bench.cloud.create("one", 500)["id"]
    result = bench(wait_main, tasks=[task], wait_timeout=60)
    assert result["error"]["kind"] == "timeout"
    assert task in result["msg"]
    assert result["tasks"][0]["state"] == "RUNNING"


def test_task_wait_for_an_unknown_task(bench: Bench) -> None:
    result = bench(wait_main, tasks=[uuid(5)])
    assert "unknown to the API" in result["msg"]


@pytest.mark.parametrize("tasks", [[], [{"changed": False, "task_ids": []}], [{"skipped": True}]])
def test_task_wait_with_nothing_to_wait_for(bench: Bench, tasks: Any) -> None:
    result = bench(wait_main, tasks=tasks)
    assert not result.get("failed")
    assert (result["tasks"], result["task_ids"]) == ([], [])
    assert set(CREATED_KEYS) <= set(result["created_resources"])


def test_task_wait_says_what_is_no_task_and_not_what_it_holds(bench: Bench) -> None:
    result = bench(wait_main, tasks=[{"payload": "s3cret-word"}])
    assert "tasks[0] is a result without task_ids" in result["msg"]
    assert result["error"]["hint"] in result["msg"]
    assert "s3cret-word" not in bench.text


# --------------------------------------------------------------------- task_info


def test_task_info_hides_what_tasks_hold(bench: Bench) -> None:
    task = bench.cloud.create("one")["id"]
    for args in ({"id": task}, {"active": True, "projects": ["1"], "regions": ["2"]}, {}):
        result = bench(tasks_main, **args)
        assert [row["id"] for row in result["tasks"]] == [task]
        assert result["tasks"][0]["data"] == {"name": "one", "password": "(hidden)"}
        assert "hidden-in-data" not in bench.text


def test_task_info_stops_at_its_limit(bench: Bench) -> None:
    for number in range(5):
        bench.cloud.create("one%d" % number)
    assert len(bench(tasks_main, limit=2)["tasks"]) == 2
    assert bench(tasks_main, limit=0)["failed"]


def test_our_failures_are_one_family() -> None:
    from ansible_collections.gcore.cloud.plugins.module_utils import errors

    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GcoreError)]
    own = [each for each in kinds if "kind" in vars(each)]
    assert len({each.kind for each in own}) == len(own) and {each.kind for each in own} == {each.kind for each in kinds}
