# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The test case of each resource, `tests/cases/<name>.yml`: its format, which is described in CONTRIBUTING.md, and its values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pydantic
import yaml

FOLDER = Path(__file__).parent

Options = dict[str, Any]
Requests = list[dict[str, Any]]


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, strict=True)


class Creation(_Part):
    """How the resource is created, and what that leads to."""

    options: Options
    result: Options
    predicted: Options | None = None
    requests: Requests | None = None
    tasks: list[str]
    created: list[str]
    write_only: list[str] = []
    quota: str | None = None


class Change(_Part):
    """One change of the resource as the changes before have left it."""

    name: str
    options: Options
    result: Options
    predicted: Options | None = None
    diff: dict[Literal["before", "after"], Options] | None = None
    requests: Requests | None = None
    tasks: list[str]
    faults: bool = False
    quota: str | None = None


class Recreation(_Part):
    """A change of an immutable option."""

    options: Options
    message: str
    result: Options
    tasks: list[str]


class Deletion(_Part):
    """How the resource is deleted; ``without_waiting``: the first task, where another one goes before the deletion."""

    options: Options = {}
    tasks: list[str]
    without_waiting: list[str] | None = None


class Filters(_Part):
    """Options of the _info module that list the resource after all changes, and such ones that do not."""

    found: list[Options] = []
    not_found: list[Options] = []


class Refusal(_Part):
    """Options that are refused, after all changes, with a part of the message."""

    options: Options
    message: str
    kind: str


class Case(_Part):
    """The values that a resource is tested with."""

    scope: Literal["project", "region"] = "region"
    identity: list[str] = ["name"]
    by_id: bool = True
    id_field: str = "id"
    needs: list[dict[str, Options]] = []
    create: Creation
    unchanged: list[str]
    change: list[Change]
    recreate: Recreation | None = None
    delete: Deletion
    filters: Filters = Filters()
    refusals: list[Refusal] = []
    secrets: list[str] = []
    samples: list[Options] = []

    def identifying(self) -> Options:
        """The options that identify the resource after its creation."""
        return {key: self.create.options[key] for key in self.identity}

    def setup(self) -> tuple[tuple[str, Options], ...]:
        """What the resource needs, each as the name of a module and its options."""
        return tuple(pair for each in self.needs for pair in each.items())


class CaseError(Exception):
    """A case file is not as the format wants it."""


def names() -> list[str]:
    """The names of all cases."""
    return sorted(path.stem for path in FOLDER.glob("*.yml"))


@cache
def load(name: str) -> Case:
    """The case of a resource."""
    return parse(f"tests/cases/{name}.yml", (FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def parse(file: str, text: str) -> Case:
    """A case, from its YAML text."""
    try:
        return Case.model_validate(yaml.safe_load(text))
    except pydantic.ValidationError as error:
        raise CaseError("\n".join(f"{file}: {problem}" for problem in _problems(error))) from error


def _problems(error: pydantic.ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False):
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in each["loc"]).lstrip(".")
        if each["type"] == "extra_forbidden":
            yield f"{place} is not a key of the format"
        elif each["type"] == "missing":
            yield f"{place} is missing"
        else:
            yield f"{place or 'the file'}: {each['msg']}"


def samples() -> Mapping[str, tuple[Options, ...]]:
    """Options to create each resource with, by the name of its module."""
    return {name: (load(name).create.options, *load(name).samples) for name in names()}
