# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How models are built from schemas, where the schemas that are served today leave several ways open."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from ..core.models import RequestModels

TEXT = {"type": "string"}


def share(kind: str, protocol: str, **more: Any) -> dict[str, Any]:
    """A schema with two constants, of which one is optional."""
    properties = {"protocol": {**TEXT, "const": protocol}, "type": {**TEXT, "const": kind, "default": kind}, **more}
    return {"type": "object", "required": ["protocol", *more], "properties": properties}


def adapter(*schemas: dict[str, Any]) -> TypeAdapter[Any]:
    """The model of a body that is one of these."""
    document = {"operations": {"POST /shares": {"body": {"oneOf": list(schemas)}}}, "schemas": {}}
    found = RequestModels(document).body("POST", "/shares")
    assert found is not None
    return found


def test_the_property_that_differs_everywhere_chooses_the_alternative() -> None:
    model = adapter(share("standard", "NFS", network_id=TEXT), share("ddn", "LUSTRE"), share("vast", "NFS"))
    assert model.validate_python({"protocol": "NFS", "type": "vast"}).type == "vast"
    with pytest.raises(ValidationError, match="network_id"):
        model.validate_python({"protocol": "NFS", "type": "standard"})


def test_without_that_property_the_first_alternative_that_is_complete_is_chosen() -> None:
    model = adapter(share("standard", "NFS", network_id=TEXT), share("vast", "NFS"))
    assert model.validate_python({"protocol": "NFS", "network_id": "n"}).type == "standard"
    assert model.validate_python({"protocol": "NFS"}).type == "vast"


def test_omitted_is_not_null() -> None:
    nullable = {"anyOf": [TEXT, {"type": "null"}]}
    model = adapter({"type": "object", "properties": {"name": TEXT, "description": nullable}})
    body = model.validate_python({"description": None})
    assert (body.has("description"), body.has("name")) == (True, False)
    assert body.given() == {"description": None} and body.name is None
    with pytest.raises(ValidationError):
        model.validate_python({"name": None})
