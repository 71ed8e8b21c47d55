# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the common operations do beside the resources that use them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ..core.collection import Collection, equal
from ..core.routing import Routes


def test_a_list_does_not_ignore_query_parameters() -> None:
    routes = Routes()
    networks = Collection(routes, "network", "/v1/networks/{P}", "network_id")
    networks.list({"name": equal("name"), "external": equal("external")}, handled=["owned_by"])
    (operation,) = routes.operations
    call = SimpleNamespace(query=operation.query(), operation=operation)
    with pytest.raises(NotImplementedError, match=r"networks.*: no filter for \['network_type'\]"):
        operation.handler(call)


def test_a_route_that_is_not_extracted_says_what_to_do() -> None:
    routes = Routes()
    Collection(routes, "network", "/v1/nets/{P}", "net_id").get()
    with pytest.raises(LookupError, match=r"run python -m tests\.simulator\.schemas"):
        _unused = routes.operations[0].query


@pytest.mark.parametrize(
    ("version", "path"),
    [
        (None, "/cloud/v1/nets/{project_id}/{region_id}/{net_id}"),
        ("v2", "/cloud/v2/nets/{project_id}/{region_id}/{net_id}"),
    ],
)
def test_an_update_of_another_version(version: str | None, path: str) -> None:
    routes = Routes()
    Collection(routes, "network", "/v1/nets/{P}", "net_id").update(version=version)
    assert [operation.path for operation in routes.operations] == [path]
