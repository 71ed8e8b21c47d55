# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancer: its listeners, pools, members, health monitors and L7 policies (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional

from ..errors import ImmutableError, OptionError, StatusError
from ..schema.checks import ADDRESS, MASK, NETWORK, Pattern, Range
from ..schema.common import (
    COMMON_KEYS,
    NAME_PATTERN,
    NAME_TEXT,
    logging,
    name,
    response,
    still_billed,
    tag_filters,
    tags,
)
from ..schema.option import (
    AFTERWARDS,
    NOT_NULL_IN_CREATE,
    ON_STATE,
    OR_MISSING,
    OWN_ID,
    SET,
    UPDATE,
    WRITE_ONLY,
    Action,
    Api,
    IgnoringNull,
    Option,
    Ref,
    Set,
    Value,
)
from ..schema.parsing import CLEARED
from ..schema.resource import IF_CHANGED, ON_DELETION, ON_REQUEST, Hooks, RelatedRead, Resource, State, SubResource
from ..schema.resource_types import (
    FLOATING_IPS,
    INSTANCES,
    L7_POLICIES,
    L7_RULES,
    LISTENERS,
    LOAD_BALANCER_FLAVORS,
    LOAD_BALANCERS,
    NETWORKS,
    POOLS,
    REGIONS,
    RESERVED_FIXED_IPS,
    SECRETS,
    SUBNETS,
)
from ..schema.values import KNOWN_LATER, overlay, same, without_null
from . import floating_ip as floating_ips

PORTS = "/cloud/v1/ports/{project_id}/{region_id}"
STATUSES = ("ACTIVE", "DELETED", "ERROR", "PENDING_CREATE", "PENDING_DELETE", "PENDING_UPDATE")
OPERATING = ("DEGRADED", "DRAINING", "ERROR", "NO_MONITOR", "OFFLINE", "ONLINE")


def v2(path: str) -> str:
    """The path of the PATCH, version 2 of the API (docs/api-notes.md: Load balancers)."""
    return path.replace("v1", "v2") + "/{id}"


def enabled() -> Option:
    """The option admin_state_up: no create request takes it, new resources are enabled."""
    return Option("admin_state_up", "bool", api=Api(create=AFTERWARDS), change=UPDATE)


def milliseconds(option: str) -> Option:
    return Option(option, "int", null=CLEARED, check=Range(0, 86400000), change=UPDATE)


# ------------------------------------------------------------ pools, members


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
    response = response("", admin_state_up=True)

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

# ---------------------------------------------------------------- L7 policies

TARGETS = {
    "REDIRECT_TO_POOL": "redirect_pool",
    "REDIRECT_TO_URL": "redirect_url",
    "REDIRECT_PREFIX": "redirect_prefix",
    "REJECT": None,
}


def key_of_rule(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """A rule has no name: it is identified by everything except its tags."""
    return (rule["type"], rule["compare_type"], rule["value"], rule.get("key") or None, bool(rule.get("invert")))


class L7RuleHooks(Hooks):
    def update_body(self, patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """A PUT takes all options of a rule, changed or not."""
        return {**{item.name: row[item.name] for item in L7_RULE.fields if row.get(item.name) is not None}, **patch}

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        return key_of_rule(options) == key_of_rule(row)


L7_RULE = Resource(
    type=L7_RULES,
    options=(
        Option(
            "type",
            choices=(
                "COOKIE",
                "FILE_TYPE",
                "HEADER",
                "HOST_NAME",
                "PATH",
                "SSL_CONN_HAS_CERT",
                "SSL_DN_FIELD",
                "SSL_VERIFY_RESULT",
            ),
            required=True,
        ),
        Option("compare_type", choices=("CONTAINS", "ENDS_WITH", "EQUAL_TO", "REGEX", "STARTS_WITH"), required=True),
        Option("value", required=True),
        Option("key", no_log=False),
        Option("invert", "bool"),
        Option("tags", "list[str]", value=SET, change=UPDATE),
    ),
    create=Action("create", "POST", L7_RULES.path, "create_l7rule"),
    update=Action("update", "PUT", L7_RULES.path + "/{id}", "put_l7rule"),
    delete=Action("delete", "DELETE", L7_RULES.path + "/{id}", "delete_l7rule"),
    hooks=L7RuleHooks(),
)


class L7PolicyHooks(Hooks):
    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        return {**body, "listener_id": parent_id}

    def update_body(self, patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
        """Every PATCH needs the action and its target, changed or not (docs/api-notes.md: Load balancers)."""
        action = options["action"]
        option = TARGETS[action] or ""
        target = {"redirect_pool": "redirect_pool_id"}.get(option, option)
        value = target and (row.get(target) or options.get(target))
        return {"action": action, **({target: value} if value else {}), **patch}

    def belongs(self, parent_id: str, row: Mapping[str, Any]) -> bool:
        return bool(row["listener_id"] == parent_id)


L7_POLICY = Resource(
    type=L7_POLICIES,
    options=(
        name(required=True),
        Option("action", choices=tuple(TARGETS), required=True, change=UPDATE),
        Option(
            "redirect_pool",
            api=Api("redirect_pool_id"),
            ref=Ref(POOLS, within=(("load_balancer_id", OWN_ID),)),
            change=UPDATE,
        ),
        Option("redirect_url", change=UPDATE),
        Option("redirect_prefix", change=UPDATE),
        Option("redirect_http_code", "int", choices=(301, 302, 303, 307, 308), change=UPDATE),
        Option("position", "int", check=Range(1), change=UPDATE),
        Option("tags", "list[str]", value=SET, change=UPDATE),
    ),
    create=Action("create", "POST", L7_POLICIES.path, "create_l7policy"),
    update=Action("update", "PATCH", L7_POLICIES.path + "/{id}", "update_l7policy"),
    delete=Action("delete", "DELETE", L7_POLICIES.path + "/{id}", "delete_l7policy"),
    sub_resources=(
        SubResource("rules", L7_RULE, L7_RULES.path, inline=False, purge="purge_l7_rules", authoritative=True),
    ),
    hooks=L7PolicyHooks(),
)

# ------------------------------------------------------------------ listeners

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


def of_listener(listener_id: str, pool: Mapping[str, Any]) -> bool:
    return any(each["id"] == listener_id for each in pool.get("listeners") or [])


def pools_of(row: Mapping[str, Any], pools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [pool for pool in pools if of_listener(row["id"], pool)]


class ListenerHooks(Hooks):
    response = response("", admin_state_up=True)

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

# -------------------------------------------------------------- the load balancer


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


def check_policy(policy: Mapping[str, Any]) -> None:
    target = TARGETS[policy["action"]]
    given = [each for each in TARGETS.values() if each and policy.get(each) is not None]
    if target and target not in given:
        raise OptionError("The L7 policy '%s' with action %s needs %s." % (policy["name"], policy["action"], target))
    wrong = [each for each in given if each != target]
    if wrong:
        raise OptionError(
            "The L7 policy '%s' with action %s does not take %s." % (policy["name"], policy["action"], wrong[0])
        )


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


def own_address(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reserved fixed IP of the virtual IP, if it is one."""
    return [each for each in rows if each["port_id"] == row.get("vip_port_id")]


def public_subnets(row: Mapping[str, Any], networks: list[dict[str, Any]]) -> list[str]:
    return [subnet for network in networks for subnet in network.get("subnets") or []]


def place_of_vip(row: Mapping[str, Any], ports: list[dict[str, Any]]) -> dict[str, Any]:
    """The network and subnets of the virtual IP, which its port shows; {} where the port is not listed."""
    for port in ports:
        if port["id"] == row["vip_port_id"]:
            subnets = list(dict.fromkeys(each["subnet_id"] for each in port["ip_assignments"]))
            return {"network_id": port["network_id"], "subnet_ids": subnets}
    return {}


def statuses_of(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> Optional[dict[str, Any]]:
    return next((each for each in rows if each["id"] == row["id"]), None)


def fail_over(status: str, options: Mapping[str, Any]) -> tuple[Action, ...]:
    """A failover needs a status, unless it is forced."""
    force = bool(options.get("force"))
    if status != "ACTIVE" and not force:
        raise StatusError("A failover needs status ACTIVE.", "Set force: true to fail over in any status.")
    path = LOAD_BALANCERS.path + "/{id}/failover"
    return (Action("fail over", "POST", path, "failover_loadbalancer", timeout=600, body={"force": force}),)


class SubnetOfVip(Value):
    """One of the subnets that the port of the virtual IP is in."""

    def from_response(self, value: Any) -> Any:
        return value[0] if len(value) == 1 else value

    def to_response(self, value: Any) -> Any:
        return [value]

    def same(self, desired: Any, current: Any) -> bool:
        return bool(desired == current or desired in (current or ()))


class LoadBalancerHooks(Hooks):
    may_orphan = (FLOATING_IPS,)
    response = response(
        COMMON_KEYS + " name flavor vip_fqdn vip_ip_family logging ddos_profile stats",
        provisioning_status="ACTIVE",
        operating_status="ONLINE",
        admin_state_up=True,
        preferred_connectivity="L2",
        vip_address=KNOWN_LATER,
        vip_port_id=KNOWN_LATER,
        additional_vips=[],
        vrrp_ips=[],
        listeners=[],
        floating_ips=[],
        tags_v2=[],
    )

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        """Without a network or a port the load balancer is public (docs/api-notes.md: Load balancers)."""
        if "floating_ip" in body and "vip_network_id" not in body and "vip_port_id" not in body:
            raise OptionError(
                "floating_ip: a load balancer without vip_network and vip_port is public and cannot have a floating IP.",
                "Set vip_network, or omit floating_ip.",
            )
        return body

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse what the API would refuse, or would do in another way."""
        if options.get("vip_port") is not None and any(
            options.get(each) is not None for each in ("vip_network", "vip_subnet", "vip_ip_family")
        ):
            raise OptionError(
                "vip_port cannot be combined with vip_network, vip_subnet or vip_ip_family: it is an address."
            )
        if options.get("vip_subnet") is not None and options.get("vip_network") is None:
            raise OptionError("vip_subnet needs the vip_network that it is in.")
        pools = [("pools[%d]" % index, pool) for index, pool in enumerate(options.get("pools") or [])]
        taken: dict[Any, str] = {}
        for number, listener in enumerate(options.get("listeners") or []):
            place = "listeners[%d]" % number
            key = (listener["protocol_port"], transport(listener["protocol"]))
            if key in taken:
                raise OptionError(
                    "The listeners '%s' and '%s' share port %d." % (taken[key], listener["name"], key[0]),
                    "Use a different port for each listener.",
                )
            taken[key] = listener["name"]
            check_listener(listener, place)
            if len(listener.get("pools") or []) > 1:
                raise OptionError(
                    "The listener '%s' has %d pools; it can have one." % (listener["name"], len(listener["pools"])),
                    "List the others in pools of the load balancer, and redirect to them with l7_policies.",
                )
            pools += [(place + ".pools[%d]" % index, pool) for index, pool in enumerate(listener.get("pools") or [])]
            for policy in listener.get("l7_policies") or []:
                check_policy(policy)
        for place, pool in pools:
            check_pool(pool, place)
        names = [pool["name"] for _place, pool in pools]
        duplicates = sorted({each for each in names if names.count(each) > 1})
        if duplicates:
            raise OptionError(
                "Several pools have the name '%s'." % duplicates[0], "Pools are identified by name: use unique names."
            )

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about what is not deleted with the load balancer and still billed."""
        return still_billed(
            "load balancer",
            (
                (
                    "floating IPs",
                    [each["floating_ip_address"] for each in row.get("floating_ips") or []],
                    "release them with gcore.cloud.floating_ip",
                ),
                (
                    "reserved fixed IPs",
                    [each.get("fixed_ip_address") or each["port_id"] for each in row.get("_reserved") or []],
                    "delete them with gcore.cloud.reserved_fixed_ip",
                ),
            ),
        )

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Listeners and nested objects in the form in which the load balancer shows them."""
        row["listeners"] = [{"id": KNOWN_LATER} for _each in options.get("listeners") or []]
        row["floating_ips"] = floating_ips.assigned_rows(row["floating_ips"])
        if row["flavor"]:
            row["flavor"] = {**response("flavor_id ram vcpus", flavor_id=KNOWN_LATER), **row["flavor"]}
        if row["logging"]:
            row["logging"] = {**response("destination_region_id enabled retention_policy topic_name"), **row["logging"]}


RESOURCE = Resource(
    type=LOAD_BALANCERS,
    options=(
        name(required=True),
        Option(
            "flavor",
            api=Api(read="flavor.flavor_name"),
            ref=Ref(LOAD_BALANCER_FLAVORS, by="name", name_at="flavor.flavor_name", id_at="flavor.flavor_id"),
            value=OR_MISSING,
            change=Action("resize", "POST", LOAD_BALANCERS.path + "/{id}/resize", "resize_loadbalancer"),
        ),
        Option("vip_network", api=Api("vip_network_id", read="_vip.network_id"), ref=Ref(NETWORKS)),
        Option(
            "vip_subnet",
            api=Api("vip_subnet_id", read="_vip.subnet_ids"),
            ref=Ref(SUBNETS, within=(("network_id", "vip_network"),)),
            value=SubnetOfVip(),
        ),
        Option("vip_port", api=Api("vip_port_id"), ref=Ref(RESERVED_FIXED_IPS, name_at="vip_address")),
        Option("vip_ip_family", choices=("dual", "ipv4", "ipv6")),
        floating_ips.assigned(
            "floating_ips.0",
            port="vip_port_id",
            is_public=lambda row: any(
                each["subnet_id"] in row.get("_public", ()) for each in row.get("vrrp_ips") or []
            ),
        ),
        Option("preferred_connectivity", choices=("L2", "L3"), change=UPDATE),
        logging(REGIONS),
        enabled(),
        tags("tags_v2"),
        Option("force", "bool", change=ON_STATE),
    ),
    create=Action("create", "POST", LOAD_BALANCERS.path, "create_loadbalancer", timeout=1800),
    update=Action("update", "PATCH", v2(LOAD_BALANCERS.path), "update_loadbalancer"),
    delete=Action("delete", "DELETE", LOAD_BALANCERS.path + "/{id}", "delete_loadbalancer", timeout=600),
    states=(
        State(
            "failed_over",
            ("ACTIVE",),
            fail_over,
            always=True,
        ),
    ),
    sub_resources=(
        SubResource(
            "pools",
            FREE_POOL,
            POOLS.path,
            query={"load_balancer_id": "{top_id}", "details": "true"},
            inline=False,
            purge="purge_pools",
        ),
        SubResource(
            "listeners", LISTENER, LISTENERS.path, query={"load_balancer_id": "{top_id}"}, purge="purge_listeners"
        ),
    ),
    related_reads=(
        RelatedRead("statuses", LOAD_BALANCERS.path + "/status", (), statuses_of, paged=False, when=ON_REQUEST),
        RelatedRead("_vip", PORTS, ("vip_network", "vip_subnet"), place_of_vip, query={"ids": "{row[vip_port_id]}"}),
        RelatedRead("_reserved", RESERVED_FIXED_IPS.path, (), own_address, when=ON_DELETION),
        RelatedRead(
            "_public",
            NETWORKS.path,
            ("floating_ip",),
            public_subnets,
            query={"external": "true", "owned_by": "any"},
            when=IF_CHANGED,
        ),
    ),
    filters=(
        Option("assigned_floating", "bool"),
        Option("logging_enabled", "bool"),
        Option("operating_status", choices=OPERATING),
        Option("provisioning_status", choices=STATUSES),
        Option("show_stats", "bool"),
        Option("with_ddos", "bool"),
        *tag_filters(),
    ),
    hooks=LoadBalancerHooks(),
)
