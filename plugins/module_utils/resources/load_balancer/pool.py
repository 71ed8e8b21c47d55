# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pools of a load balancer: members, health monitor, session persistence (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional

from ...errors import ImmutableError, OptionError, StatusError
from ...schema.checks import ADDRESS, MASK, Pattern, Range
from ...schema.common import (
    NAME_PATTERN,
    NAME_TEXT,
    name,
    predicted,
)
from ...schema.option import (
    UPDATE,
    WRITE_ONLY,
    Action,
    Api,
    IgnoringNull,
    Option,
    Ref,
    Set,
)
from ...schema.parsing import CLEARED
from ...schema.resource import Hooks, Resource
from ...schema.resource_types import (
    INSTANCES,
    LOAD_BALANCERS,
    POOLS,
    SECRETS,
    SUBNETS,
)
from ...schema.values import KNOWN_LATER, overlay, same, without_null
from .common import enabled, milliseconds, v2


def find_member(members: Optional[list[dict[str, Any]]], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The member with this address and port, in any notation of the address; {} if there is none."""
    for member in members or []:
        if same(wanted["address"], member["address"]) and wanted["protocol_port"] == member["protocol_port"]:
            return member
    return {}


def existing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The members of a pool, except those that a task is creating or deleting: the run waits for the task."""
    return [row for row in rows if row.get("provisioning_status") not in ("PENDING_CREATE", "PENDING_DELETE")]


def check_targets(members: Iterable[Mapping[str, Any]]) -> None:
    """A new member needs a subnet or an instance (docs/api-notes.md: Load balancers)."""
    for member in members:
        if not member.get("subnet_id") and not member.get("instance_id"):
            raise OptionError(
                "The member %s:%d has neither instance nor subnet." % (member["address"], member["protocol_port"]),
                "Set one of them in its entry of members.",
            )


def new_pool(body: dict[str, Any]) -> dict[str, Any]:
    check_targets(body.get("members") or [])
    return body


MEMBERS_PATH = LOAD_BALANCERS.path + "/pools/{id}/members"
UPDATABLE = ("weight", "backup", "admin_state_up", "monitor_address", "monitor_port")


def change_members(
    desired: list[dict[str, Any]], current: list[dict[str, Any]], row: Mapping[str, Any], purge: bool
) -> list[Action]:
    """One request with the whole list; a request per member for a single change, and for a list that is not authoritative.

    There the whole list would undo what another controller changes or adds meanwhile.
    """
    actions = []
    for member in desired:
        label = "%s:%d" % (member["address"], member["protocol_port"])
        there = find_member(existing(row["members"]), member)
        if there.get("provisioning_status") == "ERROR":
            raise StatusError(
                "The member %s (%s) of pool '%s' is in status ERROR." % (label, there["id"], row["name"]),
                "Remove the member in one run, and add it in the next.",
                id=there["id"],
            )
        patch = {each: member.get(each) for each in UPDATABLE if not same(member.get(each), there.get(each))}
        if there and member.get("subnet_id") not in (None, there.get("subnet_id")):
            raise ImmutableError(
                "The member %s of pool '%s' is in another subnet, and a member cannot be moved." % (label, row["name"]),
                "Remove the member in one run, and add it in the next.",
            )
        if not there:
            check_targets([member])
            actions.append(Action("add member %s to" % label, "POST", MEMBERS_PATH, "create_lbmember", body=member))
        elif patch:
            path = "%s/%s" % (MEMBERS_PATH, there["id"])
            actions.append(Action("update member %s of" % label, "PATCH", path, "update_lbmember", body=patch))
    if purge and not (len(desired) == len(current) and [each.method for each in actions] == ["PATCH"]):
        return [Action("replace the members of", "PUT", MEMBERS_PATH, "patch_lbpool", body=desired)]
    return actions


MEMBER = (
    Option("address", required=True, check=ADDRESS),
    Option("protocol_port", "int", required=True, check=Range(1, 65535)),
    Option("weight", "int", check=Range(1, 256)),
    Option("backup", "bool"),
    Option("admin_state_up", "bool"),
    Option("monitor_address", null=CLEARED, check=ADDRESS),
    Option("monitor_port", "int", null=CLEARED, check=Range(1, 65535)),
    Option("instance", api=Api("instance_id"), ref=Ref(INSTANCES), change=WRITE_ONLY),
    Option("subnet", api=Api("subnet_id"), ref=Ref(SUBNETS)),
)
MONITOR = (
    Option("type", choices=("HTTP", "HTTPS", "K8S", "PING", "TCP", "TLS-HELLO", "UDP-CONNECT"), required=True),
    Option("delay", "int", required=True, check=Range(1, 2147483647)),
    Option("timeout", "int", required=True, check=Range(0, 2147483)),
    Option("max_retries", "int", required=True, check=Range(1, 10)),
    Option("max_retries_down", "int", check=Range(1, 10)),
    Option(
        "http_method",
        choices=("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"),
        null=CLEARED,
    ),
    Option("http_version", choices=("1.0", "1.1"), null=CLEARED),
    Option(
        "url_path",
        null=CLEARED,
        check=Pattern(r"^/([^/?#%][^?#%]*)?$", "a path that begins with one slash, without ?, # and %"),
    ),
    Option(
        "expected_codes",
        null=CLEARED,
        check=Pattern(r"^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$", "HTTP statuses, such as 200 or 200,202,300-302"),
    ),
    Option(
        "domain_name",
        null=CLEARED,
        check=Pattern(r"^[A-Za-z0-9._-]{1,253}$", "1 to 253 letters, digits, dots, hyphens and underscores"),
    ),
    Option("admin_state_up", "bool"),
)
HTTP_DEFAULTS = {"http_method": "GET", "url_path": "/", "expected_codes": "200"}  # the API's defaults in place of null
HTTP_ONLY = ("http_method", "http_version", "url_path", "expected_codes", "domain_name")
MONITOR_PATH = POOLS.path + "/{id}/healthmonitor"
PERSISTENCE = (
    Option("type", choices=("APP_COOKIE", "HTTP_COOKIE", "SOURCE_IP"), required=True),
    Option("cookie_name", null=CLEARED, check=Pattern(NAME_PATTERN, NAME_TEXT)),
    Option("persistence_granularity", null=CLEARED, check=MASK),
    Option("persistence_timeout", "int", null=CLEARED),
)


def change_monitor(
    desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]], row: Mapping[str, Any], purge: bool
) -> Any:
    """The type is immutable: the health monitor is re-created for another one (docs/api-notes.md: Load balancers)."""
    if desired is not None and current is not None and desired["type"] == current["type"]:
        return UPDATE
    delete = [Action("delete the health monitor of", "DELETE", MONITOR_PATH, timeout=60)] if current else []
    create = [
        Action("create the health monitor of", "POST", MONITOR_PATH, "create_lbpool_health_monitor", body=desired)
    ]
    return delete + (create if desired else [])


class Members(Set):
    """Members of a pool, identified by address and port."""

    purge = "purge_members"

    def from_response(self, value: Any) -> Any:
        """Members in the form of the request, without nulls. A failed member has no admin_state_up, so that it always differs."""
        names = [item.api_name for item in MEMBER if item.is_compared]
        found = []
        for row in existing(value):
            failed = {"admin_state_up": None} if row.get("provisioning_status") == "ERROR" else {}
            found.append({**{key: row[key] for key in names if row.get(key) is not None}, **failed})
        return found

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        """The full list: an omitted option of a member keeps its value, null clears it."""
        wanted = [without_null({**find_member(current, each), **each}) for each in desired or []]
        for member in wanted:
            if "instance_id" in member:
                member.pop("subnet_id", None)  # requests take one of them: for an instance the response shows a subnet
        return wanted + [each for each in current if not purge and not find_member(desired, each)]


class Typed(IgnoringNull):
    """Suboptions that depend on a type: omitted ones keep their values unless the type changes."""

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        if desired is None or current is None or desired["type"] != current["type"]:
            return desired
        return overlay(desired, current)


class Monitor(Typed):
    """A health monitor: null in an HTTP option is the API's default, other types have no HTTP options."""

    def from_response(self, value: Any) -> Any:
        if value is None:
            return None
        unused = () if value["type"] in ("HTTP", "HTTPS") else HTTP_ONLY
        names = [item.api_name for item in MONITOR if item.api_name not in unused]
        return {name: value[name] for name in names if value.get(name) is not None}

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        wanted = super().merge(desired, current, purge, suboptions)
        if wanted is None:
            return None
        defaults = HTTP_DEFAULTS if wanted["type"] in ("HTTP", "HTTPS") else {}
        return without_null({key: defaults.get(key) if value is None else value for key, value in wanted.items()})


class PoolHooks(Hooks):
    response = predicted("", admin_state_up=True)

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        return {**new_pool(body), "listener_id": parent_id}

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return new_pool(body)

    def belongs(self, parent_id: str, row: Mapping[str, Any]) -> bool:
        return of_listener(parent_id, row)


POOL = Resource(
    type=POOLS,
    options=(
        name(required=True),
        Option("protocol", choices=("HTTP", "HTTPS", "PROXY", "PROXYV2", "TCP", "UDP"), required=True, change=UPDATE),
        Option("lb_algorithm", choices=("LEAST_CONNECTIONS", "ROUND_ROBIN", "SOURCE_IP"), required=True, change=UPDATE),
        Option("members", "list[dict]", suboptions=MEMBER, value=Members(), change=change_members),
        Option("healthmonitor", "dict", suboptions=MONITOR, null=CLEARED, value=Monitor(), change=change_monitor),
        Option("session_persistence", "dict", suboptions=PERSISTENCE, null=CLEARED, value=Typed(), change=UPDATE),
        Option("ca_secret", null=CLEARED, no_log=False, api=Api("ca_secret_id"), ref=Ref(SECRETS), change=UPDATE),
        Option("crl_secret", null=CLEARED, no_log=False, api=Api("crl_secret_id"), ref=Ref(SECRETS), change=UPDATE),
        Option("secret", null=CLEARED, no_log=False, api=Api("secret_id"), ref=Ref(SECRETS), change=UPDATE),
        milliseconds("timeout_member_connect"),
        milliseconds("timeout_member_data"),
        enabled(),
    ),
    create=Action("create", "POST", POOLS.path, "create_lbpool"),
    update=Action("update", "PATCH", v2(POOLS.path), "patch_lbpool"),
    delete=Action("delete", "DELETE", POOLS.path + "/{id}", "delete_lbpool"),
    hooks=PoolHooks(),
)


class FreePoolHooks(PoolHooks):
    """A pool of the load balancer itself, which L7 policies redirect to."""

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        return {**new_pool(body), "load_balancer_id": parent_id}

    def belongs(self, parent_id: str, row: Mapping[str, Any]) -> bool:
        return True

    def is_kept(self, row: Mapping[str, Any]) -> bool:
        return bool(row.get("listeners"))


FREE_POOL = replace(POOL, hooks=FreePoolHooks())


def of_listener(listener_id: str, pool: Mapping[str, Any]) -> bool:
    return any(each["id"] == listener_id for each in pool.get("listeners") or [])


def check_pool(pool: Mapping[str, Any], place: str) -> None:
    monitor = pool.get("healthmonitor")
    if monitor and monitor["timeout"] >= monitor["delay"]:
        raise OptionError(
            "%s.healthmonitor has timeout %d and delay %d." % (place, monitor["timeout"], monitor["delay"]),
            "timeout must be less than delay.",
        )
    wrong = [each for each in HTTP_ONLY if (monitor or {}).get(each) is not None]
    if monitor and wrong and monitor["type"] not in ("HTTP", "HTTPS"):
        raise OptionError("%s.healthmonitor.%s needs type HTTP or HTTPS, not %s." % (place, wrong[0], monitor["type"]))
    if monitor and monitor["type"] == "UDP-CONNECT" and pool["protocol"] != "UDP":
        raise OptionError(
            "%s.healthmonitor.type UDP-CONNECT needs a pool of protocol UDP, not %s." % (place, pool["protocol"])
        )
    seen: list[dict[str, Any]] = []
    for member in pool.get("members") or []:
        if member["address"] != KNOWN_LATER and find_member(seen, member):
            raise OptionError(
                "The pool '%s' has the member %s:%d twice." % (pool["name"], member["address"], member["protocol_port"])
            )
        seen.append(member)
        if member.get("instance") is not None and member.get("subnet") is not None:
            raise OptionError(
                "The member %s of pool '%s' has both instance and subnet." % (member["address"], pool["name"]),
                "Set only one of them.",
            )
