# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security group: a set of rules (docs/api-notes.md: Security groups)."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any, Optional

from ..errors import OptionError
from ..schema import usage
from ..schema.checks import NETWORK, Pattern, Range
from ..schema.common import name, predicted, tag_filters, tags
from ..schema.option import UPDATE, Action, Api, NotNullInCreate, Option, Ref
from ..schema.parsing import CLEARED, REFUSED
from ..schema.resource import ON_DELETION, Hooks, RelatedRead, Resource
from ..schema.resource_types import SECURITY_GROUPS
from ..schema.values import KNOWN_LATER

WRITES = "/cloud/v2/security_groups/{project_id}/{region_id}"
ANY = "any"
WITH_PORTS = ("dccp", "sctp", "tcp", "udp", "udplite")
WITH_TYPES = ("icmp", "ipv6-icmp")
PROTOCOLS = (
    "ah", ANY, "dccp", "egp", "esp", "gre", "icmp", "igmp", "ipencap", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-icmp",
    "ipv6-nonxt", "ipv6-opts", "ipv6-route", "ospf", "pgm", "rsvp", "sctp", "tcp", "udp", "udplite", "vrrp",
)  # fmt: skip
RULE = (
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "description",
)


def completed(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule with the values that the API derives: the IP version of the prefix, the end of a range of one port."""
    found = {key: rule[key] for key in RULE if rule.get(key) is not None}
    if found.get("protocol") == ANY:
        del found["protocol"]
    six = ":" in str(found.get("remote_ip_prefix", ""))
    found.setdefault("ethertype", "IPv6" if six else "IPv4")
    if found.get("protocol") in WITH_PORTS and "port_range_min" in found:
        found.setdefault("port_range_max", found["port_range_min"])
    return found


def key_of(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    """The tuple that identifies a rule: the API has no other key (docs/api-notes.md: Security groups)."""
    rule = completed(rule)
    protocol, prefix = rule.get("protocol"), rule.get("remote_ip_prefix")
    if protocol == "icmp" and rule["ethertype"] == "IPv6":
        protocol = "ipv6-icmp"  # some are stored under this name
    network = None if prefix is None else ipaddress.ip_network(prefix, strict=False)
    if network is not None and network.prefixlen == 0:
        network = None  # any address: the same as no prefix
    return (
        rule["direction"],
        rule["ethertype"],
        protocol,
        rule.get("port_range_min"),
        rule.get("port_range_max"),
        rule.get("remote_group_id"),
        network,
    )


def same_rules(desired: Optional[list[dict[str, Any]]], current: Optional[list[dict[str, Any]]]) -> bool:
    """Equality of two sets of rules, descriptions included."""

    def found(rules: Optional[list[dict[str, Any]]]) -> set[Any]:
        return {(key_of(each), each.get("description") or "") for each in rules or []}

    return found(desired) == found(current)


def merge_rules(desired: Optional[list[dict[str, Any]]], current: list[dict[str, Any]], purge: bool) -> Any:
    """The desired rules, each once, with current descriptions where they omit them; without purge also the other current rules."""
    there = {key_of(rule): rule for rule in current}
    wanted: dict[Any, dict[str, Any]] = {}
    for rule in desired or []:
        key = key_of(rule)
        kept = (there.get(key) or {}).get("description")
        wanted[key] = {**({"description": kept} if kept else {}), **completed(rule)}
    return in_order([*wanted.values(), *(rule for key, rule in there.items() if not purge and key not in wanted)])


def in_order(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rules in a fixed order, so that a diff shows only differences: the order of the API is arbitrary."""
    return sorted(rules, key=lambda rule: str(key_of(rule)))


def check_ports(rule: Mapping[str, Any], place: str) -> None:
    """Ports need a protocol that has them; for ICMP they are type and code (docs/api-notes.md: Security groups)."""
    low, high, protocol = rule.get("port_range_min"), rule.get("port_range_max"), rule.get("protocol")
    given = "port_range_min" if low is not None else "port_range_max"
    if low is None and high is None:
        return
    if protocol not in (*WITH_PORTS, *WITH_TYPES):
        raise OptionError(
            "%s.%s needs a protocol that has ports, not %s." % (place, given, protocol or ANY),
            "Set protocol to tcp or udp, for example, or omit the ports.",
        )
    if low is None:
        raise OptionError("%s.port_range_max needs port_range_min." % place)
    if protocol in WITH_PORTS and high is not None and low > high:
        raise OptionError("%s.port_range_min %d is greater than port_range_max %d." % (place, low, high))


class Rules(NotNullInCreate):
    """Rules of a group, identified by what they allow."""

    purge = "purge_rules"

    def from_response(self, value: Any) -> Any:
        return in_order([{key: each for key, each in completed(row).items() if each != ""} for row in value])

    def to_response(self, value: Any) -> Any:
        return merge_rules(value, [], True)

    def to_request(self, value: Any) -> Any:
        return merge_rules(value, [], True)

    def same(self, desired: Any, current: Any) -> bool:
        return same_rules(desired, current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return merge_rules(desired, current, purge)


ONE_RULE = predicted(" ".join(RULE) + " id created_at updated_at", revision_number=0, security_group_id=KNOWN_LATER)


class SecurityGroupHooks(Hooks):
    response = predicted(
        "id name project_id region_id region created_at updated_at revision_number",
        description="",
        security_group_rules=[],
        tags=[],
        tags_v2=[],
    )

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """The API does not delete a group that an instance uses (docs/api-notes.md: Security groups)."""
        usage.refuse(
            SECURITY_GROUPS,
            row,
            ["instance '%s' (%s)" % (each["name"], each["id"]) for each in row["_instances"]],
            "Remove it from their security_groups first.",
        )
        return []

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse contradictions in a rule."""
        for index, rule in enumerate(options.get("rules") or []):
            prefix = rule.get("remote_ip_prefix")
            network = None if prefix is None else ipaddress.ip_network(prefix)
            if network is not None and rule.get("ethertype") not in (None, "IPv%d" % network.version):
                raise OptionError(
                    "rules[%d] has ethertype %s, and remote_ip_prefix '%s'." % (index, rule["ethertype"], prefix),
                    "Omit ethertype: it follows from the prefix.",
                )
            check_ports(rule, "rules[%d]" % index)
            if prefix is not None and rule.get("remote_group") is not None:
                raise OptionError(
                    "rules[%d] has both remote_ip_prefix and remote_group." % index, "Set only one of them."
                )

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Each rule is shown with all its keys."""
        row["security_group_rules"] = [{**ONE_RULE, "description": "", **each} for each in row["security_group_rules"]]


RESOURCE = Resource(
    type=SECURITY_GROUPS,
    options=(
        name(required=True),
        Option("description", change=UPDATE),
        Option(
            "rules",
            "list[dict]",
            suboptions=(
                Option("direction", choices=("egress", "ingress"), required=True),
                Option("ethertype", choices=("IPv4", "IPv6")),
                Option("protocol", choices=PROTOCOLS, null=CLEARED),
                # Null would open the rule to all ports or all addresses.
                Option("port_range_min", "int", null=REFUSED, check=Range(0, 65535)),
                Option("port_range_max", "int", null=REFUSED, check=Range(0, 65535)),
                Option("remote_ip_prefix", null=REFUSED, check=NETWORK),
                Option("remote_group", api=Api("remote_group_id"), ref=Ref(SECURITY_GROUPS)),
                Option("description", check=Pattern(r"^[\s\S]{0,255}$", "at most 255 characters")),
            ),
            api=Api(read="security_group_rules"),
            value=Rules(),
            change=UPDATE,
        ),
        tags("tags_v2"),
    ),
    create=Action("create", "POST", WRITES, "create_security_group"),
    update=Action("update", "PATCH", WRITES + "/{id}", "update_security_group"),
    delete=Action("delete", "DELETE", SECURITY_GROUPS.path + "/{id}", timeout=60),
    related_reads=(
        RelatedRead(
            "_instances",
            SECURITY_GROUPS.path + "/{id}/instances",
            (),
            lambda row, rows: rows,
            paged=False,
            when=ON_DELETION,
        ),
    ),
    filters=tag_filters(),
    hooks=SecurityGroupHooks(),
)
