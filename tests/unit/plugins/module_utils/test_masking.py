# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.schema.masking import (
    Mask,
    hidden_options,
    with_hidden,
)

hypothesis = pytest.importorskip("hypothesis")
st = pytest.importorskip("hypothesis.strategies")

USER = {"username": {"type": "str"}, "encrypted_password": {"type": "str", "no_log": True}}
SPEC: dict[str, Any] = {
    "name": {"type": "str"},
    "tags": {"type": "dict"},
    "password": {"type": "str", "no_log": True},
    "configuration": {"type": "dict", "no_log": True},
    "users": {"type": "list", "elements": "dict", "options": USER},
}


@hypothesis.given(st.text(min_size=6), st.text(), st.text())
def test_a_long_secret_is_found_in_every_form(secret: str, before: str, after: str) -> None:
    hypothesis.assume(secret.strip())
    mask = Mask([secret])
    for form in (secret, json.dumps(secret)[1:-1], base64.b64encode(secret.encode()).decode()):
        assert form not in mask.text(before + form + after) or form in "(hidden)" or form in before + "(hidden)" + after


@hypothesis.given(st.text(min_size=1), st.text(), st.text())
def test_what_another_option_says_is_not_hidden(name: str, before: str, after: str) -> None:
    text = before + name + after
    assert Mask.of_options(SPEC, {"name": text, "password": name}).text(text) == text


@pytest.mark.parametrize("text", ["vm-80", "8080", "id 80a1", "a80"])
def test_a_short_secret_is_hidden_as_a_word_only(text: str) -> None:
    mask = Mask.of_options(SPEC, {"configuration": {"port": 80}})
    assert mask.text(text) == text.replace("vm-80", "vm-(hidden)")
    assert mask.text("port '80' is taken") == "port '(hidden)' is taken"


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert Mask(["secret", "secret-part"]).text("a secret-part") == "a (hidden)"


def test_truth_values_and_blanks_are_not_secrets() -> None:
    mask = Mask.of_options(SPEC, {"configuration": {"a": True, "b": None, "c": " ", "d": ""}})
    assert mask.text("True None  ") == "True None  "


def test_options_are_hidden_at_any_depth() -> None:
    users = [{"username": "a", "encrypted_password": "x"}]
    options = {
        "name": "n",
        "password": "",
        "configuration": {"a": "b"},
        "users": users,
        "pasword": "y",
        "tags": {"a": "b"},
    }
    assert hidden_options(SPEC, options) == {
        "name": "n",
        "password": "",
        "configuration": "(hidden)",
        "users": [{"username": "a", "encrypted_password": "(hidden)"}],
        "pasword": "(hidden)",
        "tags": {"a": "b"},
    }
    assert hidden_options(SPEC, {"users": '[{"encrypted_password": "x"}]'}) == {"users": "(hidden)"}


def test_responses_are_hidden_by_key() -> None:
    row = {"name": "x", "listeners": [{"user_list": [{"username": "x", "encrypted_password": "x"}]}], "password": None}
    assert with_hidden(row, {"encrypted_password", "password"}) == {
        "name": "x",
        "listeners": [{"user_list": [{"username": "x", "encrypted_password": "(hidden)"}]}],
        "password": None,
    }
