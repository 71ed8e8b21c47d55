# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Security groups and their rules (docs/api-notes.md: Security groups)."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Sequence
from typing import Any

from ..core import errors
from ..core.clock import object_time
from ..core.collection import Collection, equal
from ..core.models import Body
from ..core.quotas import count
from ..core.resource import Resource
from ..core.routing import NO_TASKS, Call, Routes, patched_tags
from ..core.simulator import Simulator
from ..core.store import Record, ResourceType, common_view, new_record
from ..core.tasks import Task

routes = Routes()
MAX_RULES = 250
WITH_PORTS = ("tcp", "udp", "sctp", "udplite", "dccp")
WITH_TYPES = ("icmp", "ipv6-icmp")


def _stored(sim: Simulator, rule: dict[str, Any]) -> dict[str, Any]:
    """A rule as it is stored and compared."""
    if sim.settings.quirks.ipv6_icmp_renamed and (rule.get("protocol"), rule.get("ethertype")) == ("icmp", "IPv6"):
        return {**rule, "protocol": "ipv6-icmp"}
    return rule


def _new_rule(sim: Simulator, wanted: dict[str, Any]) -> dict[str, Any]:
    wanted = _stored(sim, wanted)
    return {
        "id": str(uuid.uuid4()),
        "direction": wanted["direction"],
        "ethertype": wanted.get("ethertype", "IPv4"),
        "protocol": wanted.get("protocol"),
        "port_range_min": wanted.get("port_range_min"),
        "port_range_max": wanted.get("port_range_max"),
        "remote_group_id": wanted.get("remote_group_id"),
        "remote_ip_prefix": wanted.get("remote_ip_prefix"),
        "description": wanted.get("description", ""),
        "time": sim.now(),
    }


def _key(rule: dict[str, Any], *, description: bool) -> tuple[Any, ...]:
    """What identifies a rule (C16); ``any`` and null are one protocol."""
    protocol = None if rule.get("protocol") == "any" else rule.get("protocol")
    fields = ("direction", "port_range_min", "port_range_max", "remote_group_id", "remote_ip_prefix")
    key = (*(rule.get(field) for field in fields), rule.get("ethertype", "IPv4"), protocol)
    return (*key, rule.get("description", "")) if description else key


def template_rules() -> list[dict[str, Any]]:
    """What a group gets when its rules are omitted: allow all, both ways (C15)."""
    return [
        {"direction": direction, "ethertype": ethertype}
        for direction in ("ingress", "egress")
        for ethertype in ("IPv4", "IPv6")
    ]


def default_rules() -> list[dict[str, Any]]:
    """The default group: ICMP, SSH and RDP in; all but port 25 of TCP and UDP out (C15)."""

    def rule(direction: str, protocol: str, low: int | None = None, high: int | None = None) -> dict[str, Any]:
        return {"direction": direction, "protocol": protocol, "port_range_min": low, "port_range_max": high}

    inbound = [("icmp", None, None), ("tcp", 22, 22), ("tcp", 3389, 3389), ("udp", 3389, 3389)]
    outbound: list[tuple[str, int | None, int | None]] = [("icmp", None, None)]
    outbound += [(protocol, low, high) for protocol in ("tcp", "udp") for low, high in ((1, 24), (26, 65535))]
    return [rule("ingress", *item) for item in inbound] + [rule("egress", *item) for item in outbound]


def make(sim: Simulator, project_id: int | None, region_id: int | None, *, name: str, description: str = "",
         rules: list[dict[str, Any]] | None = None, tags: dict[str, str] | None = None,
         is_default: bool = False) -> Record:  # fmt: skip
    """A group; without rules it gets the template's."""
    data = {
        "name": name,
        "description": description,
        "rules": [_new_rule(sim, rule) for rule in (template_rules() if rules is None else rules)],
        "revision_number": 0,
        "is_default": is_default,
        "before": None,
    }
    return new_record(sim, "security_group", project_id, region_id, data, tags=tags)


def make_default(sim: Simulator, project_id: int, region_id: int) -> Record:
    """The default group of a project in a region."""
    return make(
        sim, project_id, region_id, name="default", description="Default security group", rules=default_rules(),
        is_default=True,
    )  # fmt: skip


def default_of(sim: Simulator, project_id: int | None, region_id: int | None) -> Record:
    """The default group of the scope."""
    for record in sim.store.all("security_group"):
        if record["is_default"] and (record.project_id, record.region_id) == (project_id, region_id):
            return record
    raise errors.not_found("Security group", "default")


def _rule_view(record: Record, rule: dict[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in rule.items() if key != "time"}
    moment = object_time(rule["time"])
    return {
        **shown,
        "security_group_id": record.id,
        "revision_number": 0,
        "created_at": moment,
        "updated_at": moment,
    }


def view(sim: Simulator, record: Record) -> dict[str, Any]:
    """A group as the API shows it: ``tags_v2``, and the old ``tags`` strings beside (A7)."""
    shown = common_view(sim, record)
    del shown["creator_task_id"], shown["task_id"]
    return {
        **shown,
        "name": record["name"],
        "description": record["description"],
        "revision_number": record["revision_number"],
        "security_group_rules": sim.shuffled([_rule_view(record, rule) for rule in record["rules"]]),
        "tags": [f"{key}={value}" for key, value in record.tags.items()],
        "tags_v2": record.tag_list(),
    }


def ports_with(sim: Simulator, record: Record) -> list[Record]:
    """The ports that the group is on."""
    return [port for port in sim.store.all("port") if record.id in port["security_group_ids"]]


def in_use(sim: Simulator, record: Record) -> bool:
    """Whether a port or the nodes of a Kubernetes pool have the group."""
    pools = sim.store.all("k8s_pool")
    return bool(ports_with(sim, record)) or any(record.id in pool["security_group_ids"] for pool in pools)


def by_name(call: Call, name: str) -> Record:
    """The group of this name; several are a conflict."""
    found = [record for record in call.records("security_group") if record["name"] == name]
    if not found:
        raise errors.not_found("Security group", name)
    if len(found) > 1:
        raise errors.conflict(f"More than one security group has the name {name}")
    return found[0]


def _check_rules(call: Call, rules: Sequence[Body], field: str = "rules") -> list[dict[str, Any]]:
    """What OpenStack checks of a rule: ports by protocol, one remote, matching IP versions."""
    seen = set()
    found = [_stored(call.sim, rule.model_dump()) for rule in rules]
    for rule, stored in zip(rules, found):
        low, high = rule.port_range_min, rule.port_range_max
        protocol = None if rule.protocol == "any" else rule.protocol  # type: ignore[comparison-overlap]
        if (low is not None or high is not None) and protocol not in (*WITH_PORTS, *WITH_TYPES):
            raise errors.invalid(field, "Ports need a protocol that has them")
        if protocol in WITH_PORTS and (low is None) != (high is None):
            raise errors.invalid(field, "port_range_min and port_range_max go together")
        if protocol in WITH_PORTS and low is not None and high is not None and low > high:
            raise errors.invalid(field, "port_range_min must be <= port_range_max")
        if rule.remote_group_id and rule.remote_ip_prefix:
            raise errors.invalid(field, "Only one of remote_group_id and remote_ip_prefix can be given")
        if rule.remote_ip_prefix:
            version = ipaddress.ip_network(rule.remote_ip_prefix).version
            if rule.ethertype != f"IPv{version}":
                raise errors.invalid(field, f"remote_ip_prefix {rule.remote_ip_prefix} is not {rule.ethertype}")
        if rule.remote_group_id:
            call.get("security_group", rule.remote_group_id)
        key = _key(stored, description=False)
        if key in seen:
            raise errors.invalid(field, "Two rules are the same")
        seen.add(key)
    return found


def _remember(record: Record) -> None:
    """Keep the state before a change, for revert."""
    record["before"] = {
        "name": record["name"],
        "description": record["description"],
        "rules": record["rules"],
        "tags": record.tags,
    }
    record["revision_number"] += 1


@routes("POST", "/v2/security_groups/{P}")
def create_group(call: Call) -> Any:
    body = call.body
    rules = _check_rules(call, body.rules) if body.has("rules") else None
    call.claim(firewall_count=1)
    record = make(*call.scope, name=body.name, description=body.description, rules=rules, tags=body.tags)
    record.visible = False
    return call.start("create_security_group", data=body.given(), creates={"security_groups": [record]})


@routes("PATCH", "/v2/security_groups/{P}/{group_id}")
def update_group(call: Call) -> Any:
    """``rules`` is the whole list: new rules get new ids, rules not listed are removed (C15)."""
    body = call.body
    record = call.get("security_group")
    call.free(record)
    changes = {
        key: value for key, value in body.given().items() if key in ("name", "description") and record[key] != value
    }
    tags = patched_tags(record, body.tags) if body.has("tags") else record.tags
    rules = record["rules"]
    if body.has("rules"):
        wanted = _check_rules(call, body.rules)
        current = {_key(rule, description=True): rule for rule in record["rules"]}
        kept = [current[key] for key in (_key(rule, description=True) for rule in wanted) if key in current]
        new = [rule for rule in wanted if _key(rule, description=True) not in current]
        if new or len(kept) != len(record["rules"]):
            rules = kept + [_new_rule(call.sim, rule) for rule in new]
    if not changes and rules is record["rules"] and tags == record.tags:
        return NO_TASKS

    def finish(_unused: Task) -> None:
        _remember(record)
        record.data.update(changes, rules=rules)
        record.tags = tags

    data = {"security_group_id": record.id, **body.given()}
    return call.start("update_security_group", data=data, locks=[record], finish=finish)


@routes("POST", "/v2/security_groups/{P}/{group_id}/rules")
def create_rule(call: Call) -> Any:
    record = call.get("security_group")
    call.free(record)
    wanted = _check_rules(call, [call.body], "rule")[0]
    if any(_key(rule, description=False) == _key(wanted, description=False) for rule in record["rules"]):
        raise errors.conflict("Security group rule already exists")
    if len(record["rules"]) >= MAX_RULES:
        raise errors.invalid("rule", f"A security group has at most {MAX_RULES} rules")
    rule = _new_rule(call.sim, wanted)
    # the rule has no record of its own: it is part of its group, and the task shows only its id
    ticket = new_record(call.sim, "security_group_rule", None, None, {"group_id": record.id}, ident=rule["id"])
    ticket.visible = False

    def finish(_unused: Task) -> None:
        _remember(record)
        record["rules"] = [*record["rules"], rule]
        call.sim.store.remove(ticket)

    data = {"security_group_id": record.id, **call.body.given()}
    return call.start(
        "create_security_group_rule", data=data, locks=[record], creates={"security_group_rules": [ticket]},
        finish=finish,
    )  # fmt: skip


@routes("DELETE", "/v2/security_groups/{P}/{group_id}/rules/{rule_id}")
def delete_rule(call: Call) -> Any:
    record = call.target("security_group", "group_id")
    rule_id = call.values["rule_id"]
    if rule_id not in [rule["id"] for rule in record["rules"]]:
        raise errors.not_found("Security group rule", rule_id)
    call.free(record)

    def finish(_unused: Task) -> None:
        _remember(record)
        record["rules"] = [rule for rule in record["rules"] if rule["id"] != rule_id]

    data = {"security_group_id": record.id, "security_group_rule_id": rule_id}
    return call.start("delete_security_group_rule", data=data, locks=[record], finish=finish)


def _check_deletable(call: Call, record: Record) -> None:
    """Refused for the default group and for one that is in use (C15, D3)."""
    if record["is_default"]:
        raise errors.conflict("Default security group cannot be deleted")
    if in_use(call.sim, record):
        raise errors.conflict(f"Security group {record.id} is in use")


groups = Collection(routes, "security_group", "/v1/securitygroups/{P}", "group_id")
groups.list({"name": equal("name")})
groups.get()
groups.delete(_check_deletable)


@routes("POST", "/v1/securitygroups/{P}/{group_id}/copy")
def copy_group(call: Call) -> Any:
    """Synchronous."""
    record = call.get("security_group", call.values["group_id"])
    call.claim(firewall_count=1)
    return call.show(
        make(
            *call.scope,
            name=call.body.name,
            description=record["description"],
            rules=record["rules"],
            tags=record.tags,
        )
    )


@routes("POST", "/v1/securitygroups/{P}/{group_id}/revert")
def revert_group(call: Call) -> Any:
    """Synchronous; back to the state before the last change."""
    record = call.get("security_group", call.values["group_id"])
    call.free(record)
    before = record["before"]
    if before:
        _remember(record)
        record.data.update(name=before["name"], description=before["description"], rules=before["rules"])
        record.tags = before["tags"]
        call.touch(record)
    return call.show(record)


@routes("GET", "/v1/securitygroups/{P}/{group_id}/instances")
def group_instances(call: Call) -> Any:
    record = call.get("security_group", call.values["group_id"])
    owners = {port["owner_id"] for port in ports_with(call.sim, record) if port["owner_type"] == "instance"}
    return call.listing([item for item in call.records("instance") if item.id in owners])


# deprecated, all synchronous


@routes("POST", "/v1/securitygroups/{P}", deprecated=True)
def create_group_v1(call: Call) -> Any:
    body = call.body.security_group
    rules = _check_rules(call, body.security_group_rules) if body.has("security_group_rules") else None
    instances = [call.get("instance", ident) for ident in call.body.instances or []]
    call.claim(firewall_count=1)
    record = make(*call.scope, name=body.name, description=body.description, rules=rules, tags=body.tags)
    owners = {instance.id for instance in instances}
    for port in call.sim.store.all("port"):
        if port["owner_type"] == "instance" and port["owner_id"] in owners:
            port["security_group_ids"] = [*port["security_group_ids"], record.id]
    return call.show(record)


@routes("PATCH", "/v1/securitygroups/{P}/{group_id}", deprecated=True)
def update_group_v1(call: Call) -> Any:
    body = call.body
    record = call.get("security_group")
    call.free(record)
    rules = list(record["rules"])
    for change in body.changed_rules or []:
        if change.action == "delete":
            rules = [rule for rule in rules if rule["id"] != change.security_group_rule_id]
        else:
            rules.append(_new_rule(call.sim, _check_rules(call, [change], "changed_rules")[0]))
    tags = patched_tags(record, body.tags) if body.has("tags") else record.tags
    _remember(record)
    record["rules"], record.tags = rules, tags
    if body.has("name"):
        record["name"] = body.name
    call.touch(record)
    return call.show(record)


@routes("POST", "/v1/securitygroups/{P}/{group_id}/rules", deprecated=True)
def create_rule_v1(call: Call) -> Any:
    record = call.get("security_group", call.values["group_id"])
    call.free(record)
    rule = _new_rule(call.sim, _check_rules(call, [call.body], "rule")[0])
    _remember(record)
    record["rules"] = [*record["rules"], rule]
    call.touch(record)
    return _rule_view(record, rule)


def _group_of_rule(call: Call) -> Record:
    """The group that the path's rule is in: the older routes do not name it."""
    rule_id = call.values["rule_id"]
    for record in call.records("security_group"):
        if rule_id in [rule["id"] for rule in record["rules"]]:
            return record
    raise errors.not_found("Security group rule", rule_id)


@routes("PUT", "/v1/securitygrouprules/{P}/{rule_id}", deprecated=True)
def replace_rule_v1(call: Call) -> Any:
    record = _group_of_rule(call)
    call.free(record)
    rule = {**_new_rule(call.sim, _check_rules(call, [call.body], "rule")[0]), "id": call.values["rule_id"]}
    _remember(record)
    record["rules"] = [rule if item["id"] == rule["id"] else item for item in record["rules"]]
    call.touch(record)
    return _rule_view(record, rule)


@routes("DELETE", "/v1/securitygrouprules/{P}/{rule_id}", status=204, deprecated=True)
def delete_rule_v1(call: Call) -> None:
    record = _group_of_rule(call)
    call.free(record)
    _remember(record)
    record["rules"] = [item for item in record["rules"] if item["id"] != call.values["rule_id"]]
    call.touch(record)


def _no_make(*_unused: Any, **_more: Any) -> Record:
    raise TypeError("rules are created in their security group")


RESOURCE = Resource(
    types=[
        ResourceType("security_group", "Security group", make, view),
        ResourceType("security_group_rule", "Security group rule", _no_make, lambda sim, record: {"id": record.id}),
    ],
    routes=routes,
    quotas={"firewall_count": count("security_group")},
)
