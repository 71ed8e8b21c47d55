# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""L7 policies of a listener, and their rules (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...errors import OptionError
from ...schema.checks import Range
from ...schema.common import (
    name,
)
from ...schema.option import (
    OWN_ID,
    SET,
    UPDATE,
    Action,
    Api,
    Option,
    Ref,
)
from ...schema.resource import Hooks, Resource, SubResource
from ...schema.resource_types import (
    L7_POLICIES,
    L7_RULES,
    POOLS,
)

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
