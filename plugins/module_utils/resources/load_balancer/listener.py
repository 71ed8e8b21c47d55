# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listeners of a load balancer (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...errors import OptionError
from ...schema.checks import NETWORK, Pattern, Range
from ...schema.common import (
    NAME_TEXT,
    name,
    predicted,
)
from ...schema.option import (
    NOT_NULL_IN_CREATE,
    SET,
    UPDATE,
    Action,
    Api,
    Option,
    Ref,
    Set,
    Value,
)
from ...schema.parsing import CLEARED
from ...schema.resource import ON_DELETION, Hooks, RelatedRead, Resource, SubResource
from ...schema.resource_types import (
    L7_POLICIES,
    LISTENERS,
    POOLS,
    SECRETS,
)
from .common import enabled, milliseconds, v2
from .l7_policy import L7_POLICY
from .pool import POOL, of_listener

USER_PATTERN = r"^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,30}[a-zA-Z0-9._]$"
USER_TEXT = NAME_TEXT.replace("63", "32")
NO_LIMIT = 100000  # the API's value for -1 (docs/api-notes.md: Load balancers)


class Emptied(Set):
    """A list that null empties."""

    null_in_create = False

    def to_request(self, value: Any) -> Any:
        return list(value)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return desired or []


EMPTIED = Emptied()


class ConnectionLimit(Value):
    """The limit of connections: the API stores a number for -1."""

    def same(self, desired: Any, current: Any) -> bool:
        return bool((NO_LIMIT if desired == -1 else desired) == current)


class ForwardedFor(Value):
    """A boolean that responses show as a header."""

    def from_response(self, value: Any) -> Any:
        return bool(value)

    def to_response(self, value: Any) -> Any:
        return {"X-Forwarded-For": "true"} if value else {}


def transport(protocol: str) -> str:
    """The transport protocol of a listener: two listeners cannot share a port of one (docs/api-notes.md: Load balancers)."""
    return "UDP" if protocol == "UDP" else "TCP"


def pools_of(row: Mapping[str, Any], pools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [pool for pool in pools if of_listener(row["id"], pool)]


class ListenerHooks(Hooks):
    response = predicted("", admin_state_up=True)

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        return {**body, "load_balancer_id": parent_id}

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The pool is deleted with its listener if purge_pools allows it and no other listener uses it (docs/api-notes.md: Load balancers)."""
        alone = all(len(pool["listeners"]) == 1 for pool in row["_pools"])
        return {"delete_default_pool": "true"} if row["_pools"] and alone and options.get("purge_pools") else {}

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """A listener is identified by its port and transport protocol."""
        wanted = options["protocol_port"], transport(options["protocol"])
        return bool(wanted == (row["protocol_port"], transport(row["protocol"])))


LISTENER = Resource(
    type=LISTENERS,
    options=(
        name(required=True),
        Option("protocol", choices=("HTTP", "HTTPS", "PROMETHEUS", "TCP", "TERMINATED_HTTPS", "UDP"), required=True),
        Option("protocol_port", "int", required=True, check=Range(1, 65535)),
        Option("allowed_cidrs", "list[str]", null=CLEARED, check=NETWORK, value=SET, change=UPDATE),
        Option("connection_limit", "int", check=Range(-1, 1000000), value=ConnectionLimit(), change=UPDATE),
        Option("insert_x_forwarded", "bool", api=Api(read="insert_headers"), value=ForwardedFor()),
        Option(
            "secret",
            null=CLEARED,
            no_log=False,
            api=Api("secret_id"),
            ref=Ref(SECRETS),
            value=NOT_NULL_IN_CREATE,
            change=UPDATE,
        ),
        Option(
            "sni_secrets",
            "list[str]",
            null=CLEARED,
            no_log=False,
            api=Api("sni_secret_id"),
            ref=Ref(SECRETS),
            value=EMPTIED,
            change=UPDATE,
        ),
        milliseconds("timeout_client_data"),
        Option(
            "user_list",
            "list[dict]",
            suboptions=(
                Option("username", required=True, check=Pattern(USER_PATTERN, USER_TEXT)),
                Option("encrypted_password", required=True, no_log=True),
            ),
            null=CLEARED,
            value=EMPTIED,
            change=UPDATE,
        ),
        enabled(),
    ),
    create=Action("create", "POST", LISTENERS.path, "create_lblistener"),
    update=Action("update", "PATCH", v2(LISTENERS.path), "patch_lblistener"),
    delete=Action("delete", "DELETE", LISTENERS.path + "/{id}", "delete_lblistener"),
    sub_resources=(
        SubResource(
            "pools",
            POOL,
            POOLS.path,
            query={"load_balancer_id": "{top_id}", "details": "true"},
            maximum=1,
            unique=True,
            purge="purge_pools",
        ),
        SubResource("l7_policies", L7_POLICY, L7_POLICIES.path, inline=False, purge="purge_l7_policies"),
    ),
    related_reads=(
        RelatedRead(
            "_pools", POOLS.path, (), pools_of, {"load_balancer_id": "{id}", "details": "true"}, when=ON_DELETION
        ),
    ),
    hooks=ListenerHooks(),
)


def check_listener(listener: Mapping[str, Any], place: str) -> None:
    protocol = listener["protocol"]
    for option in ("secret", "sni_secrets"):
        if listener.get(option) and protocol not in ("TERMINATED_HTTPS", "PROMETHEUS"):
            raise OptionError(
                "%s.%s needs protocol TERMINATED_HTTPS or PROMETHEUS, not %s." % (place, option, protocol)
            )
    if listener.get("insert_x_forwarded") and protocol not in ("HTTP", "TERMINATED_HTTPS"):
        raise OptionError("%s.insert_x_forwarded needs protocol HTTP or TERMINATED_HTTPS, not %s." % (place, protocol))
    for pool in listener.get("pools") or []:
        if pool["protocol"] in ("PROXY", "PROXYV2") and protocol != "TCP":
            raise OptionError(
                "%s.pools[0].protocol %s needs a TCP listener, not %s." % (place, pool["protocol"], protocol)
            )
