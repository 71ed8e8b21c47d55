# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import copy
from typing import Any

from ansible_collections.gcore.cloud.plugins.module_utils.api.client import Call, retry_after
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.plan import Snapshot, Target
from ansible_collections.gcore.cloud.plugins.module_utils.engine.planner import Planner
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError, WaitTimeout
from ansible_collections.gcore.cloud.plugins.module_utils.resources import (
    floating_ip,
    load_balancer,
    network,
    security_group,
    ssh_key,
    subnet,
    volume,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import Tags
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import WRITE_ONLY
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import same_set
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.schedule import (
    LONGEST_GAP,
    SHORTEST_GAP,
    TYPICAL,
    UNKNOWN,
    learned_window,
    next_poll,
)
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.task import (
    TASKS,
    Task,
    merge_created,
    parse_time,
    redact,
    seconds_between,
)
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    FakeSession,
    answered,
    as_given,
    client,
    read_timeout,
    refused,
    reply,
    reset,
    uuid,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

settings.register_profile(
    "engine", deadline=None, database=None, derandomize=True, max_examples=50, suppress_health_check=list(HealthCheck)
)
settings.load_profile("engine")

# ------------------------------------------------------------------- waiter

PASSING = st.sampled_from(
    [
        ("state", "NEW"),
        ("state", "RUNNING"),
        ("status", 500),
        ("status", 503),
        ("status", 408),
        ("status", 429),
        ("raise", refused),
        ("raise", reset),
        ("raise", read_timeout),
        ("raw", b"<html>"),
        ("raw", b""),
        ("body", []),
        ("body", {}),
    ]
)
FINAL = st.sampled_from(["FINISHED", "ERROR", "CANCELLED", ""])


def answer_of(what: tuple[str, Any], asked: Any) -> Any:
    kind, value = what
    if kind == "state":
        return reply(200, {"id": "t", "state": value, "task_type": "create_vm", "created_on": "2026-05-01T12:00:00"})
    if kind == "status":
        return reply(value, {}, {} if asked is None else {"Retry-After": str(asked)})
    if kind == "raise":
        return value()
    return reply(200, raw=value) if kind == "raw" else reply(200, value)


@settings(max_examples=200)
@given(
    polls=st.lists(st.tuples(PASSING, st.one_of(st.none(), st.integers(0, 400))), max_size=12),
    history=st.tuples(PASSING, st.one_of(st.none(), st.integers(0, 400))),
    final=FINAL,
    seconds=st.integers(1, 1500),
    latency=st.sampled_from([0.0, 0.5, 30.0]),
    interval=st.sampled_from([None, 0.25, 20.0]),
    task_type=st.sampled_from([*sorted(TYPICAL)[:5], "unheard_of", None]),
    here=st.booleans(),
)
def test_a_wait_ends_with_a_final_state_or_at_the_deadline(
    polls: Any, history: Any, final: str, seconds: int, latency: float, interval: Any, task_type: Any, here: bool
) -> None:
    session = FakeSession(latency=latency)
    script = [answer_of(*look) for look in polls] + [answer_of(("state", final), None)]
    session.on("GET", TASKS + "/t", *script)
    session.on("GET", TASKS, answer_of(*history))
    poller = Poller(answered(session), interval)
    task = poller.started("t", task_type) if here else Task("t")
    limit = Deadline(session.clock, seconds)
    try:
        poller.wait([task], limit)
    except WaitTimeout:
        assert not task.is_final
        assert limit.remaining() == 0
    else:
        assert task.state == final
        assert task.is_finished == (final == "FINISHED")
    seen = [each for each in session.sent if each.path != TASKS]
    assert (len(seen) == len(script)) == task.is_final
    # the deadline is kept but for one request that was already on its way
    assert session.clock.time <= seconds + latency
    # nobody looks before the API wants it
    asked = iter(polls)
    for sent, following in zip(session.sent, session.sent[1:]):
        what = history if sent.path == TASKS else next(asked)
        if what[0][0] == "status" and what[1] is not None:
            assert following.at >= sent.at + latency + what[1]
    # polls are bounded: the account is asked once a type, and a second lies between two polls that the user has not paced
    types = [each.query["task_type"][0] for each in session.sent if each.path == TASKS]
    assert len(types) == len(set(types)) and (interval is None or not types)
    gaps = [later.at - earlier.at for earlier, later in zip(seen, seen[1:])]
    assert all(gap >= latency + (0.25 if interval else SHORTEST_GAP) for gap in gaps)
    assert len(seen) <= 2 + seconds / (0.25 if interval else SHORTEST_GAP)


@settings(max_examples=100)
@given(
    ends=st.lists(st.tuples(st.integers(0, 300), st.sampled_from(["FINISHED", "ERROR"])), min_size=1, max_size=8),
    needed=st.one_of(st.none(), st.integers(1, 8)),
    fail_fast=st.booleans(),
)
def test_as_many_are_waited_for_as_are_needed(ends: Any, needed: Any, fail_fast: bool) -> None:
    session = FakeSession()
    made = {"t%d" % index: end for index, end in enumerate(ends)}

    def row(task_id: str, at: float) -> dict[str, Any]:
        moment, state = made[task_id]
        return {"id": task_id, "state": state if at >= moment else "RUNNING", "created_on": "2026-05-01T12:00:00"}

    def listed(sent: Any) -> Any:
        found = [row(each, sent.at) for each in made]
        found = [each for each in found if each["state"] in sent.query["state"]]
        return reply(200, {"count": len(found), "results": found})

    session.on("GET", TASKS, listed)
    for each in made:
        session.on("GET", "%s/%s" % (TASKS, each), lambda sent, each=each: reply(200, row(each, sent.at)))
    poller = Poller(client(session))
    tasks = [poller.started(each, "create_volume") for each in made]
    poller.wait(tasks, Deadline(session.clock, 2000), needed=needed, fail_fast=fail_fast)
    finished = sum(task.is_finished for task in tasks)
    still = [task for task in tasks if not task.is_final]
    wanted = min(needed or len(tasks), len(tasks))
    assert finished >= wanted or not still or (fail_fast and finished + len(still) < wanted)
    good = sorted(moment for moment, state in ends if state == "FINISHED")
    decided = [good[wanted - 1]] if len(good) >= wanted else [max(moment for moment, _state in ends)]
    bad = sorted(moment for moment, state in ends if state == "ERROR")
    if fail_fast and len(bad) > len(tasks) - wanted:
        decided.append(bad[len(tasks) - wanted])
    # the wait ends within one gap of the moment at which its outcome is decided
    assert session.clock.time <= min(decided) + LONGEST_GAP + 15


@settings(max_examples=60)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=6), st.integers(0, 5))
def test_several_tasks_are_each_waited_for(durations: list[int], hidden: int) -> None:
    session = FakeSession()
    made = {"t%d" % index: duration for index, duration in enumerate(durations)}

    def row(task_id: str, at: float) -> dict[str, Any]:
        return {
            "id": task_id,
            "state": "FINISHED" if at >= made[task_id] else "RUNNING",
            "created_resources": {"volumes": [task_id]},
        }

    def listed(sent: Any) -> Any:
        going_on = [row(each, sent.at) for each in made if sent.at < made[each]]
        return reply(200, {"count": len(going_on), "results": going_on[hidden:]})

    session.on("GET", TASKS, listed)
    for each in made:
        session.on("GET", "%s/%s" % (TASKS, each), lambda sent, each=each: reply(200, row(each, sent.at)))
    poller = Poller(client(session))
    tasks = [poller.started(each, "create_volume") for each in made]
    poller.wait(tasks, Deadline(session.clock, 2000))
    assert all(task.is_finished for task in tasks)
    assert merge_created(task.created for task in tasks)["volumes"] == list(made)
    assert session.clock.time <= max(durations) + LONGEST_GAP + 15


@given(
    st.one_of(st.none(), st.sampled_from(sorted(TYPICAL)), st.text(max_size=8)),
    st.floats(0, 1e6),
    st.lists(st.floats(0, 1e5), max_size=20),
)
def test_the_next_look_is_ahead_and_not_far(task_type: Any, elapsed: float, history: list[float]) -> None:
    learned = learned_window(history)
    pause = next_poll(task_type, elapsed, learned)
    assert pause >= SHORTEST_GAP
    # no look is left out but where no task of the type has been seen to end
    shortest = (learned or TYPICAL.get(task_type or "", UNKNOWN)).shortest
    assert elapsed + pause <= max(elapsed, shortest) + LONGEST_GAP


# ------------------------------------------------------------------- secrets

SECRET = "hunter2-hunter2"
SHOWN = [
    "id",
    "volume_id",
    "image_ids",
    "name",
    "flavor_name",
    "size",
    "volume_type",
    "cidr",
    "address",
    "count",
    "uuid",
]
OTHER = [
    "password",
    "user_data",
    "payload",
    "private_key",
    "token",
    "username",
    "credentials",
    "url",
    "cmd",
    "env",
    "secret",
    "value",
    "key",
    "",
]
VALUES = st.recursive(
    st.sampled_from([SECRET, "x" + SECRET, None, True, 5, 1.5]),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(OTHER), inner, max_size=3)),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(OTHER), VALUES, max_size=4),
    st.dictionaries(st.sampled_from(SHOWN), st.dictionaries(st.sampled_from(OTHER), VALUES)),
)
def test_no_text_gets_through_but_ids_and_names(data: Any, nested: Any) -> None:
    assert SECRET not in repr(redact(data))
    assert SECRET not in repr(redact(nested))
    assert SECRET not in repr(redact([data, {"list": [data]}]))


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
        max_leaves=10,
    )
)
def test_what_is_redacted_keeps_its_shape(data: Any) -> None:
    def shape(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shape(each) for key, each in value.items()}
        return [shape(each) for each in value] if isinstance(value, list) else None

    assert shape(redact(data)) == shape(data)


# ------------------------------------------------------------------- texts


@given(
    st.one_of(st.text(), st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?", fullmatch=True))
)
def test_no_time_stamp_breaks_a_wait(text: str) -> None:
    found = parse_time(text)
    assert seconds_between(text, text) == (None if found is None else 0.0)


@given(st.one_of(st.text(max_size=30), st.integers(-5, 10**9).map(str)), st.one_of(st.none(), st.text(max_size=30)))
def test_no_retry_after_breaks_anything(text: str, date: Any) -> None:
    seconds = retry_after({"Retry-After": text, **({} if date is None else {"Date": date})})
    assert seconds is None or seconds >= 0


@given(st.text(min_size=1))
def test_whatever_is_put_into_a_path_stays_in_its_place(text: str) -> None:
    try:
        path = Call("GET", "/cloud/v1/things/{id}/action").fill(id=text).path
    except (GcoreError, UnicodeEncodeError):
        return
    assert path.count("/") == 5
    assert not set("?#{} ") & set(path)
    assert "/../" not in path
    assert "/./" not in path


# -------------------------------------------------------------------- tags

WORDS = st.sampled_from(["a", "b", "c", "d"])
TAGS = st.dictionaries(WORDS, WORDS, max_size=4)


@given(TAGS, TAGS, st.booleans())
def test_a_patch_of_tags_leads_to_what_is_wanted(wanted: dict[str, str], current: dict[str, str], purge: bool) -> None:
    desired = Tags().merge(wanted, current, purge, ())
    patch = Tags().to_patch(desired, current)
    after = {key: value for key, value in {**current, **patch}.items() if value is not None}
    assert after == desired
    assert wanted.items() <= after.items()
    assert purge is False or after == wanted
    assert bool(patch) == (desired != current)


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
def test_same_set_is_what_sorting_says(one: list[int], other: list[int]) -> None:
    assert same_set(one, other) == (sorted(one) == sorted(other))


# --------------------------------------------------------------- idempotence

NAMES = st.sampled_from(["one", "two.three", "vm-1"])
MAYBE_TAGS = st.one_of(st.none(), TAGS)


def some(**options: Any) -> Any:
    """Dictionaries with any of the options."""
    return st.fixed_dictionaries({}, optional=options)


def rule(**fixed: Any) -> Any:
    """Rules of a security group, in all the ways to say them."""
    return st.fixed_dictionaries(
        {"direction": st.sampled_from(["egress", "ingress"]), **{name: st.just(each) for name, each in fixed.items()}},
        optional={
            "ethertype": st.just("IPv6" if ":" in str(fixed.get("remote_ip_prefix")) else "IPv4"),
            "description": st.sampled_from(["", "x"]),
        },
    )


RULES = st.one_of(
    rule(),
    rule(protocol="any"),
    rule(protocol="icmp"),
    rule(protocol="tcp", port_range_min=22),
    rule(protocol="tcp", port_range_min=22, port_range_max=22),
    rule(remote_ip_prefix="0.0.0.0/0"),
    rule(remote_ip_prefix="::/0", protocol="icmp"),
    rule(remote_ip_prefix="10.0.0.5"),
    rule(remote_group=uuid(7)),
)
CASES = {
    "network": (
        network.RESOURCE,
        {"name": "net"},
        some(type=st.sampled_from(["vlan", "vxlan"]), create_router=st.booleans(), tags=MAYBE_TAGS),
    ),
    "subnet": (
        subnet.RESOURCE,
        {"name": "sub", "network": uuid(1), "cidr": "10.0.0.0/24"},
        some(
            ip_version=st.just(4),
            enable_dhcp=st.booleans(),
            gateway_ip=st.sampled_from([None, "10.0.0.1", "10.0.0.254"]),
            dns_nameservers=st.one_of(st.none(), st.lists(st.sampled_from(["8.8.8.8", "1.1.1.1"]), max_size=3)),
            host_routes=st.one_of(
                st.none(),
                st.lists(
                    st.fixed_dictionaries(
                        {"destination": st.sampled_from(["10.1.0.0/16", "fd00::/8"]), "nexthop": st.just("10.0.0.2")}
                    ),
                    max_size=2,
                ),
            ),
            tags=MAYBE_TAGS,
        ),
    ),
    "volume": (
        volume.RESOURCE,
        {"name": "vol", "size": 5},
        some(
            type_name=st.sampled_from(["standard", "ssd_hiiops"]),
            instance=st.sampled_from([None, uuid(4), uuid(5)]),
            attachment_tag=st.just("x"),
            image=st.just(uuid(6)),
            tags=MAYBE_TAGS,
        ),
    ),
    "security_group": (
        security_group.RESOURCE,
        {"name": "web"},
        some(description=st.sampled_from(["", "x"]), rules=st.lists(RULES, max_size=4), tags=MAYBE_TAGS),
    ),
    "floating_ip": (
        floating_ip.RESOURCE,
        {"tags": {"a": "b"}},
        some(
            port=st.sampled_from([None, uuid(4), uuid(5)]), fixed_ip_address=st.sampled_from(["10.0.0.5", "10.0.0.6"])
        ),
    ),
    "load_balancer": (
        load_balancer.RESOURCE,
        {"name": "front"},
        some(
            flavor=st.sampled_from(["lb1-1-2", "lb1-2-4"]),
            preferred_connectivity=st.sampled_from(["L2", "L3"]),
            admin_state_up=st.booleans(),
            logging=some(enabled=st.booleans(), topic_name=st.sampled_from(["t", "u"])),
            vip_network=st.just(uuid(6)),
            tags=MAYBE_TAGS,
        ),
    ),
    "ssh_key": (
        ssh_key.RESOURCE,
        {"name": "key", "public_key": "ssh-rsa AAA me@here"},
        some(shared_in_project=st.booleans()),
    ),
}


def options_of(resource: Resource, options: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**as_given(resource, options), **resource.purge_options(), **more}


def taken_as_it_is(kind: Any, value: str, **more: Any) -> str:
    return value


@settings(max_examples=60)
@given(st.sampled_from(sorted(CASES)), st.data())
def test_the_plan_for_what_a_plan_leads_to_is_empty(case: str, data: Any) -> None:
    resource, least, more = CASES[case]
    options = options_of(resource, {**least, **data.draw(more)})
    target = Target(resource, "id-1")
    made = Planner(resource, options, taken_as_it_is).present(None, target)
    row = {**(made.predicted or {}), "id": "id-1"}
    again = Planner(resource, options, taken_as_it_is).present(Snapshot(dict(row)), target)
    assert again.steps == []
    assert (again.before, again.after) == ({}, {})
    assert {item.name for item in resource.fields if item.change == WRITE_ONLY and item.name in options} == set(
        again.not_compared
    )

    # and so it is after a change, whatever the change was
    changed = options_of(resource, {**least, **data.draw(more)})
    try:
        change = Planner(resource, changed, taken_as_it_is).present(Snapshot(dict(row)), target)
    except GcoreError:
        return
    assert bool(change.steps) == bool(change.after)
    settled = Planner(resource, changed, taken_as_it_is).present(Snapshot(dict(change.predicted or row)), target)
    assert settled.steps == []


@settings(max_examples=60)
@given(st.sampled_from(sorted(CASES)), st.data())
def test_a_plan_does_not_touch_what_it_was_made_from(case: str, data: Any) -> None:
    resource, least, more = CASES[case]
    options = options_of(resource, {**least, **data.draw(more)})
    row = {
        **dict(resource.hooks.response),
        "id": "id-1",
        "name": least.get("name"),
        "size": 5,
        "cidr": "10.0.0.0/24",
        "network_id": uuid(1),
    }
    kept = copy.deepcopy((options, row))
    with contextlib.suppress(GcoreError):
        Planner(resource, options, taken_as_it_is).present(Snapshot(row), Target(resource, "id-1"))
    assert (options, row) == kept
