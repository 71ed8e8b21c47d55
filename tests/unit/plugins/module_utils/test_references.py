# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.engine.references import (
    Finder,
    Scope,
)
from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    AmbiguousError,
    ApiError,
    NotFoundError,
    UnreadableResponse,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import RelatedRead
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource_types import (
    FLAVORS,
    IMAGES,
    INSTANCES,
    NETWORKS,
    PROJECTS,
    REGIONS,
    SECURITY_GROUPS,
    SSH_KEYS,
    SUBNETS,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.types import GLOBAL, PROJECT, REGIONAL
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import KNOWN_LATER
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.describe import variant
from ansible_collections.gcore.cloud.tests.unit.plugins.module_utils.support import (
    FakeSession,
    client,
    reply,
    rows,
    uuid,
)

HERE = "/cloud/v1/networks/1/2"


class Bench:
    def __init__(self, project: Any = "1", region: Any = "2", check_mode: bool = False) -> None:
        self.session = FakeSession()
        self.warnings: list[str] = []
        self.finder = Finder(
            client(self.session),
            Scope(project, region),
            Deadline(self.session.clock, 60),
            check_mode,
            self.warnings.append,
        )

    def networks(self, *found: dict[str, Any]) -> None:
        def answer(sent: Any) -> Any:
            shared = "owned_by" in sent.query
            return rows(*[row for row in found if shared or not row.get("shared")])

        self.session.on("GET", HERE, answer)


# -------------------------------------------------------------------- scope


def test_ids_of_a_scope_cost_nothing() -> None:
    bench = Bench()
    assert bench.finder.scope_ids(REGIONAL) == {"project_id": 1, "region_id": 2}
    assert bench.finder.scope_ids(PROJECT) == {"project_id": 1}
    assert bench.finder.scope_ids(GLOBAL) == {}
    assert bench.session.sent == []


def test_names_of_a_scope_are_looked_up_once_and_a_region_in_any_case() -> None:
    bench = Bench("My Project", "luxembourg-2")
    bench.session.on("GET", PROJECTS.path, rows({"id": 7, "name": "My Project"}, {"id": 8, "name": "My Project 2"}))
    bench.session.on("GET", REGIONS.path, rows({"id": 76, "display_name": "Luxembourg-2"}))
    for _each in range(3):
        assert bench.finder.scope_ids(REGIONAL) == {"project_id": 7, "region_id": 76}
    assert len(bench.session.sent) == 2


def test_a_project_is_not_found_in_another_case() -> None:
    bench = Bench("my project", "2")
    bench.session.on("GET", PROJECTS.path, rows({"id": 7, "name": "My Project"}))
    with pytest.raises(NotFoundError) as caught:
        bench.finder.scope_ids(REGIONAL)
    assert "Did you mean 'My Project'" in caught.value.sentence()


@pytest.mark.parametrize(
    ("project", "region", "words"),
    [
        (None, "2", ["No project is given", "GCORE_CLOUD_PROJECT_ID"]),
        ("1", None, ["No region is given", "GCORE_CLOUD_REGION_ID"]),
        (" ", "2", ["No project is given"]),
    ],
)
def test_what_is_missing_is_said(project: Any, region: Any, words: list[str]) -> None:
    with pytest.raises(NotFoundError) as caught:
        Bench(project, region).finder.scope_ids(REGIONAL)
    for word in words:
        assert word in caught.value.sentence()


def test_a_project_scope_needs_no_region() -> None:
    assert Bench("1", None).finder.scope_ids(PROJECT) == {"project_id": 1}


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_mistyped_region_is_an_error_even_in_check_mode(check_mode: bool) -> None:
    bench = Bench("1", "Luxemburg", check_mode)
    bench.session.on(
        "GET",
        REGIONS.path,
        lambda sent: rows() if "display_name" in sent.query else rows({"id": 76, "display_name": "Luxembourg"}),
    )
    with pytest.raises(NotFoundError) as caught:
        bench.finder.scope_ids(REGIONAL)
    assert "Did you mean 'Luxembourg'" in caught.value.sentence()
    assert caught.value.details["scope"] == "region"


# --------------------------------------------------------------- references


@pytest.mark.parametrize("value", [uuid(5), uuid(5).upper()])
def test_an_id_is_taken_as_it_is(value: str) -> None:
    bench = Bench()
    assert bench.finder.resolve(NETWORKS, value) == value
    assert bench.session.sent == []


def test_a_name_is_found_among_similar_ones_and_only_once() -> None:
    bench = Bench()
    bench.networks({"id": "n1", "name": "net-10"}, {"id": "n2", "name": "net-1"})
    assert [bench.finder.resolve(NETWORKS, "net-1") for _each in range(3)] == ["n2"] * 3
    assert len(bench.session.sent) == 1
    assert bench.session.sent[0].query["name"] == ["net-1"]


def test_several_of_a_name_are_listed_with_what_tells_them_apart() -> None:
    bench = Bench()
    bench.networks({"id": "n1", "name": "net", "type": "vlan"}, {"id": "n2", "name": "net", "type": "vxlan"})
    with pytest.raises(AmbiguousError) as caught:
        bench.finder.resolve(NETWORKS, "net")
    for word in ("2 networks", "n1, type vlan", "n2, type vxlan", "Use the id"):
        assert word in caught.value.sentence()


def test_nested_differences_are_told_too() -> None:
    bench = Bench()
    bench.session.on(
        "GET",
        "/cloud/v1/instances/1/2",
        rows(*[{"id": i, "name": "web", "flavor": {"flavor_id": "f" + i}} for i in "12"]),
    )
    with pytest.raises(AmbiguousError, match=r"flavor\.flavor_id f1"):
        bench.finder.resolve(INSTANCES, "web")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["network-one", "other"], "Did you mean 'network-one'?"),
        (["alpha", "beta"], "There are: 'alpha', 'beta'."),
        ([], "There are no networks. Check project and region."),
        (["n%02d" % number for number in range(20)], "None of the 20 networks"),
    ],
)
def test_near_misses(names: list[str], words: str) -> None:
    bench = Bench()
    bench.session.on(
        "GET",
        HERE,
        lambda sent: rows() if "name" in sent.query else rows(*({"id": name, "name": name} for name in names)),
    )
    with pytest.raises(NotFoundError) as caught:
        bench.finder.resolve(NETWORKS, "network-ome")
    assert words in caught.value.sentence()
    assert "project 1, region 2" in caught.value.message


def test_what_others_share_is_found_after_the_projects_own() -> None:
    bench = Bench()
    bench.networks(
        {"id": "n1", "name": "public", "shared": True},
        {"id": "n2", "name": "net"},
        {"id": "n3", "name": "net", "shared": True},
    )
    assert bench.finder.resolve(NETWORKS, "public") == "n1"
    assert bench.finder.resolve(NETWORKS, "net") == "n2"


def test_a_name_that_the_filter_does_not_take_is_found_in_the_whole_list() -> None:
    bench = Bench()
    name = "n" * 62
    bench.networks({"id": "n1", "name": name})
    assert bench.finder.resolve(NETWORKS, name) == "n1"
    assert "name" not in bench.session.sent[0].query


def test_an_id_that_does_not_look_like_one_is_found_in_the_list() -> None:
    bench = Bench()
    bench.session.on("GET", "/cloud/v1/flavors/1/2", rows({"flavor_id": "g1-standard-1-2", "flavor_name": "Standard"}))
    assert bench.finder.resolve(FLAVORS, "g1-standard-1-2") == "g1-standard-1-2"
    assert bench.finder.resolve(FLAVORS, "Standard") == "g1-standard-1-2"


def test_what_the_api_wants_may_be_the_name() -> None:
    bench = Bench()
    bench.session.on("GET", "/cloud/v1/ssh_keys/1", rows({"id": uuid(3), "name": "key"}))
    assert bench.finder.resolve(SSH_KEYS, "key", by="name") == "key"
    assert bench.finder.resolve(SSH_KEYS, uuid(3), by="name") == "key"
    bench.session.on("GET", "/cloud/v1/securitygroups/1/2", rows({"id": uuid(4), "name": "web"}))
    assert bench.finder.resolve(SECURITY_GROUPS, uuid(4), by="name") == "web"


def test_a_subnet_is_looked_for_in_its_network() -> None:
    bench = Bench()
    bench.session.on(
        "GET",
        "/cloud/v1/subnets/1/2",
        rows({"id": "s1", "name": "sub", "network_id": uuid(1)}, {"id": "s2", "name": "sub", "network_id": uuid(2)}),
    )
    assert bench.finder.resolve(SUBNETS, "sub", where={"network_id": uuid(2)}) == "s2"
    assert bench.session.sent[0].query["network_id"] == [uuid(2)]
    with pytest.raises(AmbiguousError):
        bench.finder.resolve(SUBNETS, "sub")
    with pytest.raises(NotFoundError):
        bench.finder.resolve(SUBNETS, "sub", where={"network_id": uuid(3)})


def test_check_mode_plans_what_is_not_there_yet_with_a_warning() -> None:
    bench = Bench(check_mode=True)
    bench.networks()
    assert bench.finder.resolve(NETWORKS, "net") == KNOWN_LATER
    assert bench.finder.resolve(NETWORKS, "net") == KNOWN_LATER
    assert bench.warnings == ["There is no network 'net' yet: check mode plans as if there were."]
    assert bench.finder.resolve(SUBNETS, "sub", where={"network_id": KNOWN_LATER}) == KNOWN_LATER
    assert bench.finder.resolve(SUBNETS, KNOWN_LATER) == KNOWN_LATER


def test_check_mode_does_not_guess_among_several() -> None:
    bench = Bench(check_mode=True)
    bench.networks({"id": "n1", "name": "net"}, {"id": "n2", "name": "net"})
    with pytest.raises(AmbiguousError):
        bench.finder.resolve(NETWORKS, "net")


# ----------------------------------------------------------------------- get


def test_404_means_gone_only_on_the_things_own_path() -> None:
    bench = Bench()
    bench.session.on("GET", HERE + "/n1", reply(404, {"message": "no"}))
    bench.session.on("GET", HERE, reply(404, {"message": "no region"}))
    assert bench.finder.get(NETWORKS, NETWORKS.path + "/{id}", "n1") is None
    with pytest.raises(ApiError, match="no region"):
        bench.finder.list(NETWORKS)


@pytest.mark.parametrize("body", [None, [], "gone"])
def test_an_answer_that_is_no_thing_does_not_mean_gone(body: Any) -> None:
    bench = Bench()
    bench.session.on("GET", HERE + "/n1", reply(200, body))
    with pytest.raises(UnreadableResponse, match="GET /cloud/v1/networks/1/2/n1"):
        bench.finder.get(NETWORKS, NETWORKS.path + "/{id}", "n1")


@pytest.mark.parametrize("status", [400, 401, 403])
def test_no_other_refusal_means_gone(status: int) -> None:
    bench = Bench()
    bench.session.on("GET", HERE + "/n1", reply(status, {"message": "no"}))
    with pytest.raises(ApiError):
        bench.finder.get(NETWORKS, NETWORKS.path + "/{id}", "n1")


def test_every_list_is_paged_with_the_largest_page() -> None:
    bench = Bench()
    bench.session.on("GET", "/cloud/v1/images/1/2", rows())
    bench.finder.list(IMAGES)
    assert bench.session.sent[0].query == {"limit": ["1000"]}


# ------------------------------------------------ what a reference stands for

PICKED = RelatedRead("ports", INSTANCES.path + "/{id}/ports", ("address",), lambda options, found: found[0]["port_id"])
VMS = "/cloud/v1/instances/1/2"


def with_a_vm(bench: Bench) -> Bench:
    bench.session.on("GET", VMS, rows({"id": uuid(1), "name": "web", "task_id": None}))
    bench.session.on("GET", VMS + "/%s/ports" % uuid(1), rows({"port_id": 7}))
    return bench


@pytest.mark.parametrize(("value", "requests"), [("web", 2), (uuid(1), 1)])
def test_what_a_list_of_the_found_thing_holds(value: str, requests: int) -> None:
    bench = with_a_vm(Bench())
    for _each in range(2):
        assert bench.finder.resolve(INSTANCES, value, via=PICKED, options={"address": "a", "other": 1}) == "7"
    assert len(bench.session.sent) == requests
    bench.finder.resolve(INSTANCES, value, via=PICKED, options={"address": "b"})
    assert len(bench.session.sent) == requests + 1  # another question
    bench.finder.resolve(INSTANCES, value, via=PICKED)
    assert len(bench.session.sent) == requests + 2


def test_what_picks_may_refuse() -> None:
    def refuse(options: Any, found: Any) -> str:
        raise AmbiguousError("two ports")

    with pytest.raises(AmbiguousError, match="two ports"):
        with_a_vm(Bench()).finder.resolve(INSTANCES, "web", via=variant(PICKED, pick=refuse))


def test_check_mode_looks_into_nothing_that_is_not_there() -> None:
    bench = with_a_vm(Bench(check_mode=True))
    assert bench.finder.resolve(INSTANCES, "later", via=PICKED) == KNOWN_LATER
    assert bench.finder.resolve(INSTANCES, KNOWN_LATER, via=PICKED) == KNOWN_LATER
    assert bench.session.calls("GET", "ports") == []


@pytest.mark.parametrize("value", ["net", uuid(1)])
def test_any_field_of_the_found_thing(value: str) -> None:
    bench = Bench()
    bench.networks({"id": uuid(1), "name": "net", "port_id": 7}, {"id": uuid(2), "name": "other", "port_id": 8})
    assert bench.finder.resolve(NETWORKS, value, by="port_id") == "7"
    assert bench.finder.resolve(NETWORKS, value, by="name") == "net"


def test_where_narrows_only_by_what_the_rows_speak_of() -> None:
    """Some filters are the list's alone: its rows do not have the field."""
    bench = Bench()
    bench.session.on(
        "GET", HERE, lambda sent: rows(*([{"id": "n1", "name": "net"}] if sent.query.get("of") == ["t1"] else []))
    )
    assert bench.finder.resolve(NETWORKS, "net", where={"of": "t1"}) == "n1"
    with pytest.raises(NotFoundError):
        bench.finder.resolve(NETWORKS, "net", where={"of": "t2"})
