# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancer: its listeners, pools, members, health monitors and L7 policies (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import ImmutableError, OptionError, StatusError
from ansible_collections.gcore.cloud.plugins.module_utils.resources import floating_ip as floating_ips
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import (
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
from ansible_collections.gcore.cloud.plugins.module_utils.schema.forms import (
    ADDRESS,
    MASK,
    NETWORK,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import (
    OWN_ID,
    UPDATE,
    WRITE_ONLY,
    Action,
    Option,
    RelatedRead,
    Resource,
    State,
    SubResource,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource_types import (
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
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import (
    KNOWN_LATER,
    MISSING,
    overlay,
    same,
    same_ignoring_null,
    same_set,
    without_null,
)

PORTS = "/cloud/v1/ports/{project_id}/{region_id}"
STATUSES = ("ACTIVE", "DELETED", "ERROR", "PENDING_CREATE", "PENDING_DELETE", "PENDING_UPDATE")
OPERATING = ("DEGRADED", "DRAINING", "ERROR", "NO_MONITOR", "OFFLINE", "ONLINE")


def v2(path: str) -> str:
    """The path of the PATCH, which is at version 2 (docs/api-notes.md: Load balancers)."""
    return path.replace("v1", "v2") + "/{id}"


def enabled() -> Option:
    """No create request takes it; what is made is enabled."""
    return Option("admin_state_up", "bool", change=UPDATE, in_create=False)


def milliseconds(option: str) -> Option:
    return Option(option, "int", change=UPDATE, nullable=True, minimum=0, maximum=86400000)


# ------------------------------------------------------------ pools, members


def find_member(members: Optional[list[dict[str, Any]]], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The member with this address and port, in any notation of the address; {} if there is none."""
    for member in members or []:
        if same(wanted["address"], member["address"]) and wanted["protocol_port"] == member["protocol_port"]:
            return member
    return {}


def existing(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The members of a pool but for those that a task is creating or deleting: the task is waited for."""
    return [row for row in rows if row.get("provisioning_status") not in ("PENDING_CREATE", "PENDING_DELETE")]


def members_from(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Members in the form of the request, without what is null. A failed one has no state, so that it is never as wanted."""
    names = [item.body_name for item in MEMBER if item.is_compared]
    found = []
    for row in existing(rows):
        failed = {"admin_state_up": None} if row.get("provisioning_status") == "ERROR" else {}
        found.append({**{key: row[key] for key in names if row.get(key) is not None}, **failed})
    return found


def merge_members(desired: Optional[list[dict[str, Any]]], current: list[dict[str, Any]], purge: bool) -> Any:
    """The full list: an option that is omitted of a member keeps its value, and null clears it."""
    wanted = [without_null({**find_member(current, each), **each}) for each in desired or []]
    for member in wanted:
        if "instance_id" in member:
            member.pop("subnet_id", None)  # either of them: for an instance the response shows a subnet
    return wanted + [each for each in current if not purge and not find_member(desired, each)]


def check_targets(members: Iterable[Mapping[str, Any]]) -> None:
    """A new member is reached through its subnet or its instance (docs/api-notes.md: Load balancers)."""
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
    """The whole list as one request, but for a single member that differs, and for a list that is not authoritative.

    There each member has its own request: the whole list would undo what another controller changes or adds meanwhile.
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
    Option("address", required=True, form=ADDRESS),
    Option("protocol_port", "int", required=True, minimum=1, maximum=65535),
    Option("weight", "int", minimum=1, maximum=256),
    Option("backup", "bool"),
    Option("admin_state_up", "bool"),
    Option("monitor_address", form=ADDRESS, nullable=True),
    Option("monitor_port", "int", minimum=1, maximum=65535, nullable=True),
    Option("instance", ref=INSTANCES, body="instance_id", change=WRITE_ONLY),
    Option("subnet", ref=SUBNETS, body="subnet_id"),
)
MONITOR = (
    Option("type", choices=("HTTP", "HTTPS", "K8S", "PING", "TCP", "TLS-HELLO", "UDP-CONNECT"), required=True),
    Option("delay", "int", required=True, minimum=1, maximum=2147483647),
    Option("timeout", "int", required=True, minimum=0, maximum=2147483),
    Option("max_retries", "int", required=True, minimum=1, maximum=10),
    Option("max_retries_down", "int", minimum=1, maximum=10),
    Option(
        "http_method",
        choices=("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"),
        nullable=True,
    ),
    Option("http_version", choices=("1.0", "1.1"), nullable=True),
    Option(
        "url_path",
        nullable=True,
        pattern=r"^/([^/?#%][^?#%]*)?$",
        pattern_text="a path that begins with one slash, without ?, # and %",
    ),
    Option(
        "expected_codes",
        nullable=True,
        pattern=r"^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$",
        pattern_text="HTTP statuses, such as 200 or 200,202,300-302",
    ),
    Option(
        "domain_name",
        nullable=True,
        pattern=r"^[A-Za-z0-9._-]{1,253}$",
        pattern_text="1 to 253 letters, digits, dots, hyphens and underscores",
    ),
    Option("admin_state_up", "bool"),
)
HTTP_DEFAULTS = {"http_method": "GET", "url_path": "/", "expected_codes": "200"}  # what the API makes of null
HTTP_ONLY = ("http_method", "http_version", "url_path", "expected_codes", "domain_name")
MONITOR_PATH = POOLS.path + "/{id}/healthmonitor"
PERSISTENCE = (
    Option("type", choices=("APP_COOKIE", "HTTP_COOKIE", "SOURCE_IP"), required=True),
    Option("cookie_name", pattern=NAME_PATTERN, pattern_text=NAME_TEXT, nullable=True),
    Option("persistence_granularity", form=MASK, nullable=True),
    Option("persistence_timeout", "int", nullable=True),
)


def monitor_from(row: Optional[Mapping[str, Any]]) -> Optional[dict[str, Any]]:
    """A health monitor in the form of the request."""
    if row is None:
        return None
    unused = () if row["type"] in ("HTTP", "HTTPS") else HTTP_ONLY
    names = [item.body_name for item in MONITOR if item.body_name not in unused]
    return {name: row[name] for name in names if row.get(name) is not None}


def merge_typed(desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]], purge: bool) -> Any:
    """What is left out is left alone, but not over a change of type."""
    if desired is None or current is None or desired["type"] != current["type"]:
        return desired
    return overlay(desired, current)


def merge_monitor(desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]], purge: bool) -> Any:
    """As the API has it: null in an option of HTTP is its default, and no value for the other types."""
    wanted = merge_typed(desired, current, purge)
    if wanted is None:
        return None
    defaults = HTTP_DEFAULTS if wanted["type"] in ("HTTP", "HTTPS") else {}
    return without_null({key: defaults.get(key) if value is None else value for key, value in wanted.items()})


def change_monitor(
    desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]], row: Mapping[str, Any], purge: bool
) -> Any:
    """A monitor's type cannot change: another one takes its place (docs/api-notes.md: Load balancers)."""
    if desired is not None and current is not None and desired["type"] == current["type"]:
        return UPDATE
    gone = [Action("delete the health monitor of", "DELETE", MONITOR_PATH, timeout=60)] if current else []
    made = [Action("make a health monitor for", "POST", MONITOR_PATH, "create_lbpool_health_monitor", body=desired)]
    return gone + (made if desired else [])


POOL = Resource(
    type=POOLS,
    fields=(
        name(required=True),
        Option("protocol", choices=("HTTP", "HTTPS", "PROXY", "PROXYV2", "TCP", "UDP"), required=True, change=UPDATE),
        Option("lb_algorithm", choices=("LEAST_CONNECTIONS", "ROUND_ROBIN", "SOURCE_IP"), required=True, change=UPDATE),
        Option(
            "members",
            "list",
            elements="dict",
            fields=MEMBER,
            change=change_members,
            decode=members_from,
            merge=merge_members,
            purge="purge_members",
            same=same_set,
        ),
        Option(
            "healthmonitor",
            "dict",
            fields=MONITOR,
            change=change_monitor,
            nullable=True,
            decode=monitor_from,
            merge=merge_monitor,
            same=same_ignoring_null,
        ),
        Option(
            "session_persistence",
            "dict",
            fields=PERSISTENCE,
            change=UPDATE,
            nullable=True,
            merge=merge_typed,
            same=same_ignoring_null,
        ),
        Option("ca_secret", ref=SECRETS, body="ca_secret_id", change=UPDATE, nullable=True, not_secret=True),
        Option("crl_secret", ref=SECRETS, body="crl_secret_id", change=UPDATE, nullable=True, not_secret=True),
        Option("secret", ref=SECRETS, body="secret_id", change=UPDATE, nullable=True, not_secret=True),
        milliseconds("timeout_member_connect"),
        milliseconds("timeout_member_data"),
        enabled(),
    ),
    create=Action("create", "POST", POOLS.path, "create_lbpool"),
    create_body=lambda body, options, parent_id: {**new_pool(body), "listener_id": parent_id},
    inline_body=lambda body, options: new_pool(body),
    update=Action("update", "PATCH", v2(POOLS.path), "patch_lbpool"),
    delete=Action("delete", "DELETE", POOLS.path + "/{id}", "delete_lbpool"),
    predicted={"admin_state_up": True},
)
# A pool that only L7 policies lead to: it is the load balancer's own.
FREE_POOL = replace(
    POOL, create_body=lambda body, options, parent_id: {**new_pool(body), "load_balancer_id": parent_id}
)

# ---------------------------------------------------------------- L7 policies

TARGETS = {
    "REDIRECT_TO_POOL": "redirect_pool",
    "REDIRECT_TO_URL": "redirect_url",
    "REDIRECT_PREFIX": "redirect_prefix",
    "REJECT": None,
}


def key_of_rule(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """A rule has no name: what it says, but for its tags, is what it is."""
    return (rule["type"], rule["compare_type"], rule["value"], rule.get("key") or None, bool(rule.get("invert")))


def whole_rule(patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """A PUT says all of a rule, changed or not."""
    return {**{item.name: row[item.name] for item in L7_RULE.fields if row.get(item.name) is not None}, **patch}


L7_RULE = Resource(
    type=L7_RULES,
    fields=(
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
        Option("key", not_secret=True),
        Option("invert", "bool"),
        Option("tags", "list", elements="str", change=UPDATE, same=same_set),
    ),
    create=Action("create", "POST", L7_RULES.path, "create_l7rule"),
    update=Action("update", "PUT", L7_RULES.path + "/{id}", "put_l7rule"),
    update_body=whole_rule,
    delete=Action("delete", "DELETE", L7_RULES.path + "/{id}", "delete_l7rule"),
)


def policy_body(body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
    return {**body, "listener_id": parent_id}


def policy_patch(patch: dict[str, Any], options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Every PATCH names the action and where it leads, changed or not (docs/api-notes.md: Load balancers)."""
    action = options["action"]
    option = TARGETS[action] or ""
    target = {"redirect_pool": "redirect_pool_id"}.get(option, option)
    there = target and (row.get(target) or options.get(target))
    return {"action": action, **({target: there} if there else {}), **patch}


L7_POLICY = Resource(
    type=L7_POLICIES,
    fields=(
        name(required=True),
        Option("action", choices=tuple(TARGETS), required=True, change=UPDATE),
        Option(
            "redirect_pool",
            ref=POOLS,
            ref_scope=(("load_balancer_id", OWN_ID),),
            body="redirect_pool_id",
            change=UPDATE,
        ),
        Option("redirect_url", change=UPDATE),
        Option("redirect_prefix", change=UPDATE),
        Option("redirect_http_code", "int", choices=(301, 302, 303, 307, 308), change=UPDATE),
        Option("position", "int", minimum=1, change=UPDATE),
        Option("tags", "list", elements="str", change=UPDATE, same=same_set),
    ),
    create=Action("create", "POST", L7_POLICIES.path, "create_l7policy"),
    create_body=policy_body,
    update=Action("update", "PATCH", L7_POLICIES.path + "/{id}", "update_l7policy"),
    update_body=policy_patch,
    delete=Action("delete", "DELETE", L7_POLICIES.path + "/{id}", "delete_l7policy"),
    sub_resources=(
        SubResource(
            "rules",
            L7_RULE,
            lambda options, row: key_of_rule(options) == key_of_rule(row),
            L7_RULES.path,
            inline=False,
            purge="purge_l7_rules",
            purge_default=True,
        ),
    ),
)

# ------------------------------------------------------------------ listeners

USER_PATTERN = r"^[a-zA-Z0-9][a-zA-Z 0-9._\-]{1,30}[a-zA-Z0-9._]$"
USER_TEXT = NAME_TEXT.replace("63", "32")
NO_LIMIT = 100000  # what the API makes of -1 (docs/api-notes.md: Load balancers)


def or_empty(desired: Optional[list[Any]], current: Any, purge: bool) -> list[Any]:
    """A list that null empties."""
    return desired or []


def transport(protocol: str) -> str:
    """What occupies a port: two listeners cannot share it (docs/api-notes.md: Load balancers)."""
    return "UDP" if protocol == "UDP" else "TCP"


def listener_matches(options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """A listener is known by its port and what is spoken under its protocol."""
    wanted = options["protocol_port"], transport(options["protocol"])
    return bool(wanted == (row["protocol_port"], transport(row["protocol"])))


def of_listener(listener_id: str, pool: Mapping[str, Any]) -> bool:
    return any(each["id"] == listener_id for each in pool.get("listeners") or [])


def pools_of(row: Mapping[str, Any], pools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [pool for pool in pools if of_listener(row["id"], pool)]


def delete_listener_query(options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """The pool goes with its listener where pools may go, and no other listener leads to it (docs/api-notes.md: Load balancers)."""
    alone = all(len(pool["listeners"]) == 1 for pool in row["_pools"])
    return {"delete_default_pool": "true"} if row["_pools"] and alone and options.get("purge_pools") else {}


LISTENER = Resource(
    type=LISTENERS,
    fields=(
        name(required=True),
        Option("protocol", choices=("HTTP", "HTTPS", "PROMETHEUS", "TCP", "TERMINATED_HTTPS", "UDP"), required=True),
        Option("protocol_port", "int", required=True, minimum=1, maximum=65535),
        Option("allowed_cidrs", "list", elements="str", form=NETWORK, change=UPDATE, nullable=True, same=same_set),
        Option(
            "connection_limit",
            "int",
            change=UPDATE,
            minimum=-1,
            maximum=1000000,
            same=lambda desired, current: (NO_LIMIT if desired == -1 else desired) == current,
        ),
        Option(
            "insert_x_forwarded",
            "bool",
            read="insert_headers",
            decode=bool,
            encode=lambda wanted: {"X-Forwarded-For": "true"} if wanted else {},
        ),
        Option(
            "secret",
            ref=SECRETS,
            body="secret_id",
            change=UPDATE,
            nullable=True,
            not_secret=True,
            to_body=lambda value: value,  # the create request takes no null
        ),
        Option(
            "sni_secrets",
            "list",
            elements="str",
            ref=SECRETS,
            body="sni_secret_id",
            change=UPDATE,
            nullable=True,
            to_body=list,
            merge=or_empty,
            same=same_set,
            not_secret=True,
        ),
        milliseconds("timeout_client_data"),
        Option(
            "user_list",
            "list",
            elements="dict",
            change=UPDATE,
            nullable=True,
            to_body=list,
            merge=or_empty,
            same=same_set,
            fields=(
                Option("username", required=True, pattern=USER_PATTERN, pattern_text=USER_TEXT),
                Option("encrypted_password", required=True, secret=True),
            ),
        ),
        enabled(),
    ),
    create=Action("create", "POST", LISTENERS.path, "create_lblistener"),
    create_body=lambda body, options, parent_id: {**body, "load_balancer_id": parent_id},
    update=Action("update", "PATCH", v2(LISTENERS.path), "patch_lblistener"),
    delete=Action("delete", "DELETE", LISTENERS.path + "/{id}", "delete_lblistener"),
    delete_query=delete_listener_query,
    sub_resources=(
        SubResource(
            "pools",
            POOL,
            lambda options, row: bool(options["name"] == row["name"]),
            POOLS.path,
            list_query={"load_balancer_id": "{top_id}", "details": "true"},
            belongs=of_listener,
            only_one=True,
            unique=True,
            purge="purge_pools",
        ),
        SubResource(
            "l7_policies",
            L7_POLICY,
            lambda options, row: bool(options["name"] == row["name"]),
            L7_POLICIES.path,
            belongs=lambda listener_id, row: bool(row["listener_id"] == listener_id),
            inline=False,
            purge="purge_l7_policies",
        ),
    ),
    predicted={"admin_state_up": True},
)

# -------------------------------------------------------------- the whole tree


def check(options: Mapping[str, Any]) -> None:
    """What the API would refuse, or would do otherwise than is said."""
    if options.get("vip_port") is not None and any(
        options.get(each) is not None for each in ("vip_network", "vip_subnet", "vip_ip_family")
    ):
        raise OptionError(
            "vip_port is an address already: vip_network, vip_subnet and vip_ip_family say the same twice."
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
                "Each needs a port of its own.",
            )
        taken[key] = listener["name"]
        check_listener(listener, place)
        if len(listener.get("pools") or []) > 1:
            raise OptionError(
                "The listener '%s' has %d pools, and can have one." % (listener["name"], len(listener["pools"])),
                "Put the others into pools of the load balancer, and lead to them with l7_policies.",
            )
        pools += [(place + ".pools[%d]" % index, pool) for index, pool in enumerate(listener.get("pools") or [])]
        for policy in listener.get("l7_policies") or []:
            check_policy(policy)
    for place, pool in pools:
        check_pool(pool, place)
    names = [pool["name"] for _place, pool in pools]
    twice = sorted({each for each in names if names.count(each) > 1})
    if twice:
        raise OptionError("Two pools are called '%s'." % twice[0], "A pool is known by its name: give each its own.")


def check_listener(listener: Mapping[str, Any], place: str) -> None:
    protocol = listener["protocol"]
    for option in ("secret", "sni_secrets"):
        if listener.get(option) and protocol not in ("TERMINATED_HTTPS", "PROMETHEUS"):
            raise OptionError(
                "%s.%s goes with TERMINATED_HTTPS and PROMETHEUS only, not %s." % (place, option, protocol)
            )
    if listener.get("insert_x_forwarded") and protocol not in ("HTTP", "TERMINATED_HTTPS"):
        raise OptionError("%s.insert_x_forwarded goes with HTTP and TERMINATED_HTTPS only, not %s." % (place, protocol))
    for pool in listener.get("pools") or []:
        if pool["protocol"] in ("PROXY", "PROXYV2") and protocol != "TCP":
            raise OptionError(
                "%s.pools[0].protocol %s goes with a TCP listener only, not %s." % (place, pool["protocol"], protocol)
            )


def check_policy(policy: Mapping[str, Any]) -> None:
    target = TARGETS[policy["action"]]
    given = [each for each in TARGETS.values() if each and policy.get(each) is not None]
    if target and target not in given:
        raise OptionError("The L7 policy '%s' with action %s needs %s." % (policy["name"], policy["action"], target))
    wrong = [each for each in given if each != target]
    if wrong:
        raise OptionError(
            "%s does not go with action %s of the L7 policy '%s'." % (wrong[0], policy["action"], policy["name"])
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
        raise OptionError(
            "%s.healthmonitor.%s goes with the types HTTP and HTTPS only, not with %s."
            % (place, wrong[0], monitor["type"])
        )
    if monitor and monitor["type"] == "UDP-CONNECT" and pool["protocol"] != "UDP":
        raise OptionError(
            "%s.healthmonitor.type UDP-CONNECT goes with a pool of protocol UDP only, not %s."
            % (place, pool["protocol"])
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
                "The member %s of pool '%s' has an instance and a subnet." % (member["address"], pool["name"]),
                "Give one of them.",
            )


def own_address(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The reserved fixed IP that is the virtual IP, if it is one."""
    return [each for each in rows if each["port_id"] == row.get("vip_port_id")]


def deletion_warning(options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
    """What is not deleted with the load balancer and still billed."""
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
                "delete them in the portal",
            ),
        ),
    )


def create_body(body: dict[str, Any], options: Mapping[str, Any], parent_id: Any) -> dict[str, Any]:
    """Without a network or a port the load balancer is public (docs/api-notes.md: Load balancers)."""
    if "floating_ip" in body and "vip_network_id" not in body and "vip_port_id" not in body:
        raise OptionError(
            "floating_ip: a load balancer without vip_network and vip_port is public, and takes no floating IP.",
            "Set vip_network, or omit floating_ip.",
        )
    return body


def public_subnets(row: Mapping[str, Any], networks: list[dict[str, Any]]) -> list[str]:
    return [subnet for network in networks for subnet in network.get("subnets") or []]


def place_of_vip(row: Mapping[str, Any], ports: list[dict[str, Any]]) -> dict[str, Any]:
    """The network and subnets of the virtual IP, which its port shows; {} where the port is not listed."""
    for port in ports:
        if port["id"] == row["vip_port_id"]:
            subnets = list(dict.fromkeys(each["subnet_id"] for each in port["ip_assignments"]))
            return {"network_id": port["network_id"], "subnet_ids": subnets}
    return {}


def predict(row: dict[str, Any], options: Mapping[str, Any]) -> None:
    """Listeners and nested objects in the form in which the load balancer shows them."""
    row["listeners"] = [{"id": KNOWN_LATER} for _each in options.get("listeners") or []]
    row["floating_ips"] = floating_ips.assigned_rows(row["floating_ips"])
    if row["flavor"]:
        row["flavor"] = {**response("flavor_id ram vcpus", flavor_id=KNOWN_LATER), **row["flavor"]}
    if row["logging"]:
        row["logging"] = {**response("destination_region_id enabled retention_policy topic_name"), **row["logging"]}


def statuses_of(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> Optional[dict[str, Any]]:
    return next((each for each in rows if each["id"] == row["id"]), None)


def fail_over(status: str, options: Mapping[str, Any]) -> tuple[Action, ...]:
    """The API checks the status, unless it is forced."""
    force = bool(options.get("force"))
    if status != "ACTIVE" and not force:
        raise StatusError("A failover needs status ACTIVE.", "force: true does it whatever the status.")
    path = LOAD_BALANCERS.path + "/{id}/failover"
    return (Action("fail over", "POST", path, "failover_loadbalancer", timeout=600, body={"force": force}),)


RESOURCE = Resource(
    type=LOAD_BALANCERS,
    fields=(
        name(required=True),
        Option(
            "flavor",
            ref=LOAD_BALANCER_FLAVORS,
            ref_by="name",
            read="flavor.flavor_name",
            read_name="flavor.flavor_name",
            read_id="flavor.flavor_id",
            decode=lambda found: (
                found or MISSING
            ),  # none is shown of the default one, whatever its name is (docs/api-notes.md: Load balancers)
            change=Action("resize", "POST", LOAD_BALANCERS.path + "/{id}/resize", "resize_loadbalancer"),
        ),
        Option("vip_network", ref=NETWORKS, body="vip_network_id", read="_vip.network_id"),
        Option(
            "vip_subnet",
            ref=SUBNETS,
            ref_scope=(("network_id", "vip_network"),),
            body="vip_subnet_id",
            read="_vip.subnet_ids",
            decode=lambda ids: ids[0] if len(ids) == 1 else ids,
            encode=lambda subnet_id: [subnet_id],
            same=lambda desired, current: desired == current or desired in (current or ()),
        ),
        Option("vip_port", ref=RESERVED_FIXED_IPS, body="vip_port_id", read_name="vip_address"),
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
    ),
    create=Action("create", "POST", LOAD_BALANCERS.path, "create_loadbalancer", timeout=1800),
    create_body=create_body,
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
    state_options=(Option("force", "bool"),),
    sub_resources=(
        SubResource(
            "pools",
            FREE_POOL,
            lambda options, row: bool(options["name"] == row["name"]),
            POOLS.path,
            list_query={"load_balancer_id": "{top_id}", "details": "true"},
            inline=False,
            purge="purge_pools",
            keep=lambda row: bool(row.get("listeners")),
        ),
        SubResource(
            "listeners",
            LISTENER,
            listener_matches,
            LISTENERS.path,
            list_query={"load_balancer_id": "{top_id}"},
            related_reads=(
                RelatedRead(
                    "_pools", POOLS.path, (), pools_of, {"load_balancer_id": "{id}", "details": "true"}, on_absent=True
                ),
            ),
            purge="purge_listeners",
        ),
    ),
    related_reads=(
        RelatedRead("_vip", PORTS, ("vip_network", "vip_subnet"), place_of_vip, query={"ids": "{row[vip_port_id]}"}),
        RelatedRead("_reserved", RESERVED_FIXED_IPS.path, (), own_address, on_absent=True),
        RelatedRead(
            "_public",
            NETWORKS.path,
            ("floating_ip",),
            public_subnets,
            query={"external": "true", "owned_by": "any"},
            on_change=True,
        ),
    ),
    check=check,
    deletion_warning=deletion_warning,
    may_orphan=(FLOATING_IPS,),
    filters=(
        Option("assigned_floating", "bool"),
        Option("logging_enabled", "bool"),
        Option("operating_status", choices=OPERATING),
        Option("provisioning_status", choices=STATUSES),
        Option("show_stats", "bool"),
        Option("with_ddos", "bool"),
        *tag_filters(),
    ),
    info_reads=(RelatedRead("statuses", LOAD_BALANCERS.path + "/status", (), statuses_of, paged=False),),
    predicted=response(
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
    ),
    predict=predict,
)
