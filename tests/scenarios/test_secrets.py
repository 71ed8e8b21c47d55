# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Secret options: their values are shown nowhere, and nothing that identifies a resource is replaced because of them."""

from __future__ import annotations

import base64
import importlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils import basic

from tests.harness import Run

from .conftest import CHECKOUT, Account

NAME = "Lamp-server-1"  # as a password has to be
LONG = "S3cr3t-$5/Va1ue"
# Equal to the resource's own name, a part of it, a word of the collection's own messages, one of the API's, a short one.
ORDINARY = (NAME, "server", "instance", "active", "default", "Luxembourg-2", "80", "a")
PASSWORDS = (NAME, "Luxembourg-2")
MODULES = sorted(path.stem for path in (CHECKOUT / "plugins" / "modules").glob("*.py"))


class Secret:
    """One secret option: the options of a run that sets it to a value, in the module that has it."""

    def __init__(self, module: str, path: str, options: Callable[[str], Mapping[str, Any]], **needs: Any) -> None:
        self.module = module
        self.path = path
        self.options = options
        self.needs = needs

    def __repr__(self) -> str:
        return f"{self.module}.{self.path}"


def instance(**secret: Any) -> dict[str, Any]:
    return {"name": NAME, "flavor": "g1-standard-1-2", "image": "ubuntu-22.04-x64", "volume_size": 10,
            "external": True, **secret}  # fmt: skip


def configured(value: str) -> dict[str, Any]:
    options = instance(configuration={"server_name": value, "deep": [{"list": [value]}], "port": 8443})
    del options["image"], options["volume_size"]
    return {**options, "volumes": [{"name": "boot-1", "apptemplate": "lamp", "size": 10, "boot_index": 0}]}


def balanced(value: str) -> dict[str, Any]:
    user = {"username": "watcher", "encrypted_password": value}
    listener = {"name": "stats", "protocol": "PROMETHEUS", "protocol_port": 9100, "user_list": [user]}
    return {"name": NAME, "flavor": "lb1-1-2", "listeners": [listener]}


SECRETS = (
    Secret("instance", "password", lambda value: instance(username="operator", password=value)),
    Secret("instance", "user_data", lambda value: instance(user_data=value)),
    Secret("instance", "configuration", configured),
    Secret("load_balancer", "listeners.user_list.encrypted_password", balanced),
)


def specs() -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The argument spec of each module, as AnsibleModule gets it."""
    for module in MODULES:
        main = importlib.import_module(f"ansible_collections.gcore.cloud.plugins.modules.{module}").main
        with (
            mock.patch.object(basic.AnsibleModule, "__init__", side_effect=SystemExit) as init,
            pytest.raises(SystemExit),
        ):
            main()
        yield module, init.call_args.kwargs["argument_spec"]


def secret_paths(spec: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, option in spec.items():
        if option.get("no_log"):
            yield above + name
        yield from secret_paths(option.get("options") or {}, f"{above}{name}.")


def test_every_secret_option_has_its_case() -> None:
    found = {(module, path) for module, spec in specs() for path in secret_paths(spec)}
    assert found == {(module, "api_key") for module in MODULES} | {(each.module, each.path) for each in SECRETS}


def forms(value: str) -> set[str]:
    return {value, base64.b64encode(value.encode()).decode()}


def shows(run: Run, value: str) -> list[str]:
    return [form for form in forms(value) if form in run.text]


def intact(account: Account, module: str, result: Mapping[str, Any]) -> None:
    """Nothing in a result was replaced that identifies the resource."""
    shown = result[module]
    assert shown["name"] == NAME
    assert shown["id"] in {identifier for _kind, identifier in account.cloud.records()}
    assert shown["region"] == "Luxembourg-2"
    for key, ids in result["created_resources"].items():
        for each in ids:
            assert len(each) == 36, (key, each)
    for replaced in ("VALUE_SPECIFIED", "********"):
        assert replaced not in str(result)
    arguments = result["invocation"]["module_args"]
    assert (arguments["name"], arguments["region"], arguments["state"]) == (NAME, "76", "present")


@pytest.mark.parametrize(
    ("secret", "value"),
    [(each, value) for each in SECRETS for value in (PASSWORDS if each.path == "password" else ORDINARY)],
    ids=repr,
)
def test_an_ordinary_value_replaces_nothing(account: Account, secret: Secret, value: str) -> None:
    check = account.run(secret.module, check=True, **secret.options(value))
    assert check.result["invocation"]["module_args"]["name"] == NAME
    assert check.result[secret.module]["name"] == NAME
    made = account.ok(secret.module, **secret.options(value))
    intact(account, secret.module, made)
    again = account.run(secret.module, **secret.options(value))
    assert not again.failed
    intact(account, secret.module, again.result)
    by_id = {key: each for key, each in secret.options(value).items() if key in ("password", "user_data")}
    if secret.module == "instance":
        result = account.ok("instance", id=made["instance"]["id"], **by_id)
        assert result["instance"]["name"] == NAME


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("secret", SECRETS, ids=repr)
def test_a_run_that_succeeds_does_not_show_it(account: Account, secret: Secret, check: bool) -> None:
    made = account.run(secret.module, check=check, **secret.options(LONG))
    assert made.result["changed"] and not made.failed
    assert not shows(made, LONG)
    assert "(hidden)" in str(made.result["invocation"]) and "(hidden)" in str(made.result["diff"])
    again = account.run(secret.module, **secret.options(LONG))
    other = account.run(secret.module, **secret.options("An0ther-" + LONG))
    info = account.run(f"{secret.module}_info")
    gone = account.run(secret.module, name=NAME, state="absent")
    for run in (again, other, info, gone):
        assert not run.failed and not shows(run, LONG)


@pytest.mark.parametrize("value", [LONG, "x9!z", 'quo"te\\back\nslash'])
@pytest.mark.parametrize("secret", SECRETS, ids=repr)
def test_an_error_of_the_api_that_quotes_it_does_not_show_it(account: Account, secret: Secret, value: str) -> None:
    body = {
        "exception_class": "ValidationError",
        "message": f"Validation Error: value {value} of {NAME} is not allowed (input {value!r})",
        "invalid_fields": {"field": [f"not {value}"]},
        "info": {"input": {"value": value}, "encoded": base64.b64encode(value.encode()).decode()},
        "request_id": "r-1",
    }
    account.cloud.arm({"kind": "status", "status": 400, "body": body, "match": {"method": "POST"}, "times": None})
    run = account.run(secret.module, **secret.options(value))
    assert run.failed and not shows(run, value) and repr(value)[1:-1] not in run.text
    assert f"of {NAME} is not allowed" in run.result["msg"] and "(hidden)" in run.result["msg"]
    assert run.result["error"]["info"] == {"input": {"value": "(hidden)"}, "encoded": "(hidden)"}
    assert run.result["error"]["invalid_fields"] == {"field": ["not (hidden)"]}


@pytest.mark.parametrize("secret", SECRETS, ids=repr)
def test_the_error_of_a_task_that_quotes_it_does_not_show_it(account: Account, secret: Secret) -> None:
    account.cloud.arm({"kind": "task_error", "error": f"{LONG} of {NAME} is not allowed"})
    run = account.run(secret.module, **secret.options(LONG))
    assert run.failed and not shows(run, LONG)
    assert run.result["tasks"][0]["error"] == f"(hidden) of {NAME} is not allowed"
    assert f"(hidden) of {NAME} is not allowed" in run.result["msg"]


@pytest.mark.parametrize(
    "wrong", [{"state": "presnt"}, {"tags": "no=tags", "unknown": LONG}, {"wait_timeout": "soon"}, {"timeout": -1}]
)
@pytest.mark.parametrize("secret", SECRETS, ids=repr)
def test_refused_arguments_do_not_show_it(account: Account, secret: Secret, wrong: Mapping[str, Any]) -> None:
    run = account.refused(secret.module, **{**secret.options(LONG), **wrong})
    assert not shows(run, LONG)
    run = account.refused(secret.module, **{**secret.options(NAME), **wrong})
    assert run.result["invocation"]["module_args"].get("name", NAME) == NAME
    assert "VALUE_SPECIFIED" not in run.text


@pytest.mark.parametrize(
    ("module", "wrong"),
    [
        ("instance", {"configuration": LONG}),
        ("instance", {"configuration": [LONG]}),
        ("instance", {"password": {"a": LONG}}),
        ("instance", {"user_data": [LONG]}),
        ("instance", {"pasword": LONG}),
        ("load_balancer", {"listeners": LONG}),
        ("load_balancer", {"listeners": [{"user_list": LONG}]}),
        ("load_balancer", {"listeners": [{"user_list": [{"username": "a", "encrypted_password": {"a": LONG}}]}]}),
        ("load_balancer", {"listeners": [{"user_list": [{"username": "a", "encryptd_password": LONG}]}]}),
    ],
)
def test_a_secret_in_the_wrong_form_or_place_is_not_shown(
    account: Account, module: str, wrong: Mapping[str, Any]
) -> None:
    run = account.run(module, name=NAME, **wrong)
    assert run.failed and not run.writes
    assert not shows(run, LONG)


@pytest.mark.parametrize("module", MODULES)
def test_the_api_key_is_not_shown_whatever_the_api_says(account: Account, module: str) -> None:
    key = "24017$0f1e2d3c4b5a6978"
    account.cloud.simulator.apply(account.cloud.simulator.settings.model_copy(update={"api_key": key}))
    body = {"exception_class": "X", "message": f"Key {key} may not", "info": {"headers": f"APIKey {key}"}}
    account.cloud.arm({"kind": "status", "status": 403, "body": body, "times": None})
    arguments: dict[str, Any] = {"name": "some-name"}
    if module.startswith("task"):
        arguments = {"tasks": ["0b4b6f1c-7f6f-4b0e-9d0a-0d6c9d4c1a11"]} if module == "task_wait" else {}
    elif module in ("floating_ip", "reserved_fixed_ip"):
        arguments = {"id": "0b4b6f1c-7f6f-4b0e-9d0a-0d6c9d4c1a11"}
    elif module == "floating_ip_info":
        arguments = {}
    elif module == "subnet":
        arguments = {"name": "some-name", "network": "lan"}
    run = account.run(module, **arguments)
    assert run.failed and "HTTP 403" in run.result["msg"], run.result["msg"]
    assert not shows(run, key)


def test_a_key_that_is_a_name_replaces_nothing(account: Account) -> None:
    account.cloud.simulator.apply(account.cloud.simulator.settings.model_copy(update={"api_key": NAME}))
    assert account.ok("volume", name=NAME, size=5)["volume"]["name"] == NAME
    assert [each["name"] for each in account.ok("volume_info")["volumes"]] == [NAME]


def test_the_passwords_of_others_are_not_shown(account: Account) -> None:
    """What the API returns of a secret option is hidden by its key, whoever has set it."""
    account.ok("load_balancer", **balanced(LONG))
    for run in (account.run("load_balancer", name=NAME), account.run("load_balancer_info", name=NAME)):
        assert not run.failed and not shows(run, LONG)
    listeners = [{"name": "stats", "protocol": "PROMETHEUS", "protocol_port": 9100, "connection_limit": 100}]
    run = account.run("load_balancer", name=NAME, listeners=listeners)
    assert run.result["changed"] and not shows(run, LONG)


def test_no_log_file_has_a_secret(account: Account, tmp_path: Path) -> None:
    """A password with characters that are escaped when a list is written as text."""
    value = "back\\slash and 'both' \"quotes\""
    run = account.run("load_balancer", **balanced(value))
    assert not run.failed
    assert not shows(run, value) and repr(value)[1:-1] not in run.text
    assert "Invoked with" in run.text
