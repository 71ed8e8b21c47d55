# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text that has to be an address, a network, an id or a date by the official document is checked before it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .openapi import Document, Field
from .report import assert_none
from .test_modules import WRITTEN_PLACES, operation_of, options_module

FORMATS = {"ipvanyaddress", "ipv4", "ipv6", "ipvanynetwork", "date-time", "uuid", "uuid4"}


def formats_of(field: Field) -> set[str]:
    return {
        str(each["format"])
        for shape in field.shapes
        for each in (shape.keywords, shape.keywords.get("items") or {})
        if "format" in each
    }


def unchecked(place: str, items: Any, fields: Mapping[str, Field]) -> Iterator[str]:
    for item in items:
        field = fields.get(item.api_name)
        if field is None:
            continue
        if formats_of(field) & FORMATS and item.ref is None and item.check is None:
            yield f"{place}.{item.name}: {sorted(formats_of(field))}"
        yield from unchecked(f"{place}.{item.name}", item.suboptions, field.children)


@pytest.mark.parametrize("name", WRITTEN_PLACES)
def test_text_with_a_format_is_checked(document: Document, name: str) -> None:
    resource = WRITTEN_PLACES[name].resource
    if not isinstance(resource.create, options_module.Action):
        return
    operation = operation_of(document, resource.create.method, resource.create.path)
    assert_none(unchecked(name, resource.fields, document.body_fields(*operation.key)))
