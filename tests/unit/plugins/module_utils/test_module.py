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
    WAIT_SPEC,
    only_ids,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Option
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import CREATED_KEYS
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    KEY,
    THING,
    WITH_INVOCATION,
    FakeSession,
    reply,
    rows,
    uuid,
)

LIST = "/cloud/v1/things/1/2"
KEYS = {"changed", "thing", "task_ids", "tasks", "created_resources", "pending", "leftovers", "not_compared"}


def with_args(monkeypatch: pytest.MonkeyPatch, args: dict[str, Any]) -> Any:
    try:
        from ansible.module_utils.testing import patch_module_args
    except ImportError:  # ansible-core 2.18
        monkeypatch.setattr(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode())
        return contextlib.nullcontext()
    return patch_module_args(args)


class Bench:
    """Runs a main() against scripted responses, and gives what it prints: things can be listed, and there are none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
        self.session = FakeSession()
        self.session.on("GET", LIST, rows())
        self.session.on("GET", "/cloud/v1/tasks", rows())
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.setattr(http.requests, "Session", lambda: self.session)
        monkeypatch.setattr(module, "Clock", lambda speed: self.session.clock)
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

    def thing(self, resource: Resource = THING, check: bool = True, **args: Any) -> dict[str, Any]:
        return self(lambda: resource_main(resource), project="1", region="2", _ansible_check_mode=check, **args)


@pytest.fixture(name="bench")
def make_bench(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any) -> Bench:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return Bench(monkeypatch, capsys)


# -------------------------------------------------------- a module that writes


def test_a_diff_is_returned_on_demand(bench: Bench) -> None:
    result = bench.thing(name="one", size=5, _ansible_diff=True)
    assert result["changed"] is True and result["diff"]["before"] == {"state": "absent"}
    assert result["diff"]["after"]["size"] == 5
    assert "diff" not in bench.thing(name="one", size=5)
    assert bench.session.writes == []


def test_a_refusal_has_the_facts_of_the_api(bench: Bench) -> None:
    body = {"message": "No.", "exception_class": "ForbiddenError", "request_id": "req-1"}
    bench.session.on("POST", LIST, reply(403, body))
    result = bench.thing(name="one", check=False)
    error = result["error"]
    assert (error["http_status"], error["exception_class"], error["request_id"]) == (403, "ForbiddenError", "req-1")
    assert set(result) >= KEYS


def test_a_short_secret_is_hidden_where_it_was_given_and_does_not_mask_ids(bench: Bench) -> None:
    row = {"id": uuid(1), "name": "one", "status": "available", "task_id": None}
    bench.session.on("GET", LIST, rows(row))
    result = bench.thing(name="one", password="000")
    assert result["thing"]["id"] == uuid(1)
    assert result["invocation"]["module_args"]["password"] not in ("000", None)


def test_a_short_secret_in_nested_options_is_hidden_too(bench: Bench) -> None:
    inner = (Option("user"), Option("password", no_log=True))
    nested = variant(THING, fields=(*THING.fields, Option("login", "dict", suboptions=inner, change="write-only")))
    assert bench.thing(nested, name="one", login={"user": "me", "password": "p-q"})["changed"]
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
    assert bench.session.sent == []
    assert set(result) >= KEYS


def test_options_from_the_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCORE_API_KEY", KEY)
    monkeypatch.setenv("GCORE_CLOUD_PROJECT_ID", "1")
    monkeypatch.setenv("GCORE_CLOUD_REGION_ID", "2")
    monkeypatch.setenv("GCORE_BASE_URL", "https://api.example.com")
    result = bench(lambda: resource_main(THING), key=None, name="one", _ansible_check_mode=True)
    assert result["changed"]
    assert KEY not in bench.text


def test_tls_is_verified_by_a_file_of_its_own(bench: Bench) -> None:
    bench.thing(name="one")
    assert str(bench.session.sent[0].options["verify"]).endswith(".pem")
    bench.thing(name="one", validate_certs=False)
    assert bench.session.sent[-1].options["verify"] is False
    result = bench.thing(name="one", ca_path="/no/such/file.pem")
    assert "ca_path '/no/such/file.pem' does not exist" in result["msg"]


def test_a_wrong_option_is_said_before_anything_is_sent(bench: Bench) -> None:
    for args in (
        {"name": "-bad"},
        {"name": "one", "tags": {"a": True}},
        {"name": "one", "wait_timeout": -1},
        {"state": "present"},
    ):
        assert bench.thing(**args)["failed"]
    assert bench.session.sent == []


def test_what_is_no_failure_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    def broken(run: Any, result: Any) -> None:
        raise ZeroDivisionError

    with with_args(monkeypatch, {"api_key": KEY, "tasks": []}), pytest.raises(ZeroDivisionError):
        run_module(WAIT_SPEC, broken, only_ids)


# ----------------------------------------------------------------- info modules


def test_an_info_module_lists_and_queries(bench: Bench) -> None:
    pytest.importorskip("jmespath")
    bench.session.on("GET", LIST, rows({"id": uuid(1), "name": "one"}, {"id": uuid(2), "name": "two"}))
    result = bench(lambda: info_main(THING), project="1", region="2", query="[].name")
    assert [row["name"] for row in result["things"]] == result["query_result"] == ["one", "two"]
    assert result["changed"] is False
    assert bench(lambda: info_main(THING), project="1", region="2", query="[?")["error"]["kind"] == "options"


# ---------------------------------------------------------------------- failures


def test_our_failures_are_one_family() -> None:
    from ansible_collections.gcore.cloud.plugins.module_utils import errors

    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GcoreError)]
    own = [each for each in kinds if "kind" in vars(each)]
    assert len({each.kind for each in own}) == len(own) and {each.kind for each in own} == {each.kind for each in kinds}
