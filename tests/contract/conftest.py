# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import pathlib
import sys
import types

import pytest

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]

# The simulator is imported as tests.simulator, wherever pytest was started.
sys.path.insert(0, str(CHECKOUT))


def _offer_collection() -> None:
    """Have ansible_collections.gcore.cloud mean this checkout, whatever else is installed and wherever the checkout is."""
    if _is_this_checkout():
        return
    package = None
    for name, places in (("ansible_collections", []), ("gcore", []), ("cloud", [str(CHECKOUT)])):
        full = f"{package.__name__}.{name}" if package else name
        inner = types.ModuleType(full)
        inner.__path__ = places
        sys.modules[full] = inner
        if package:
            setattr(package, name, inner)
        package = inner


def _is_this_checkout() -> bool:
    try:
        found = importlib.util.find_spec("ansible_collections.gcore.cloud")
    except ModuleNotFoundError:
        return False
    places = found.submodule_search_locations if found else None
    return any(pathlib.Path(place).resolve() == CHECKOUT for place in places or ())


_offer_collection()

from .openapi import Document, document_path  # noqa: E402


@pytest.fixture(scope="session")
def document() -> Document:
    return Document.load(document_path(CHECKOUT))
