# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Authentication, routes, strictness, scope, paging, filters (docs/api-notes.md: Lists, Errors, Images, flavors, regions, projects)."""

from __future__ import annotations

import uuid

import pytest

from .conftest import P, World


def test_missing_key(world: World) -> None:
    world.auth = None
    error = world.refused(401, "GET", "/v1/regions")
    assert (error["exception_class"], error["message"]) == (
        "not_authenticated",
        "Authentication credentials were not provided.",
    )


def test_bearer_is_not_for_tokens(world: World) -> None:
    world.auth = "Bearer abc"
    assert world.refused(401, "GET", "/v1/regions")["message"] == "Given token not valid for any token type"


def test_wrong_key(world: World) -> None:
    world.auth = "APIKey 1_wrong"
    error = world.refused(401, "GET", "/v1/regions")
    assert error["exception_class"] == "token_not_valid"
    assert error["message"].startswith("Bad permanent token: ")


def test_unknown_path_is_404_in_the_api_shape(world: World) -> None:
    assert world.refused(404, "GET", "/v1/nothing")["exception_class"] == "HTTPError"
    assert world.refused(404, "GET", "/v1/volumes/{P}/")["message"] == "HTTP 404: Not Found"


def test_wrong_method_is_405(world: World) -> None:
    assert world.refused(405, "PUT", "/v1/volumes/{P}")["message"] == "HTTP 405: Method Not Allowed"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/volumes/{P}", "GET, POST"),
        ("PATCH", "/v1/loadbalancers/{P}/6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11", "DELETE, GET"),
        ("POST", "/v1/instances/{P}/6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11/stop", ""),
    ],
)
def test_what_is_allowed_is_told(world: World, method: str, path: str, allowed: str) -> None:
    reply = world.request(method, path, {})
    assert (reply.status, reply.headers["allow"]) == (405, allowed)


def test_deprecated_methods_are_allowed_with_the_switch(old_world: World) -> None:
    path = "/v1/loadbalancers/{P}/6f0f7a52-3d3c-4a0e-9a57-0d5d7e5f2b11"
    assert old_world.request("PUT", path, {}).headers["allow"] == "DELETE, GET, PATCH"


def test_deprecated_route_is_405(world: World) -> None:
    path = f"/v1/networks/{{P}}/{world.network()}"
    assert world.refused(405, "PATCH", path, {"name": "other"})["exception_class"] == "HTTPError"


@pytest.mark.parametrize(
    "change",
    [
        {"size": "10"},
        {"size": 10.0},
        {"size": True},
        {"size": 0},
        {"name": "x"},
        {"name": "-bad"},
        {"type_name": "fast"},
        {"unknown": 1},
        {"name": None},
        {"tags": {"a b": "c"}},
        {"tags": {"a": ""}},
        {"tags": {"a": 1}},
        {"attachment_tag": "a,b"},
        {"lifecycle_policy_ids": [1.5]},
    ],
)
def test_bodies_are_strict(world: World, change: dict[str, object]) -> None:
    body = {"source": "new-volume", "name": "vol", "size": 10, **change}
    error = world.refused(400, "POST", "/v1/volumes/{P}", body)
    assert error["exception_class"] == "ValidationError"
    assert error["message"].startswith("Validation Error: {")
    assert error["invalid_fields"] and all(isinstance(item, list) for item in error["invalid_fields"].values())


def test_missing_fields_are_told_as_the_api_tells_them(world: World) -> None:
    error = world.refused(400, "POST", "/v2/instances/{P}", {"flavor": "g1-standard-1-2"})
    assert error["message"] == "Validation Error: {'interfaces': ['Field required'], 'volumes': ['Field required']}"
    assert error["invalid_fields"] == {"interfaces": ["Field required"], "volumes": ["Field required"]}


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null"])
def test_bodies_must_be_json_objects(world: World, raw: bytes) -> None:
    assert world.request("POST", "/v1/networks/{P}", raw=raw).status == 400


def test_body_where_none_is_expected(world: World) -> None:
    path = f"/v1/volumes/{{P}}/{world.volume()}/revert"
    assert world.request("POST", path, {"size": 1}).status == 400


@pytest.mark.parametrize(
    "query",
    [{"nmae": "x"}, {"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"offset": -1}, {"bootable": "maybe"},
     {"limit": [1, 2]}, {"instance_id": "x"}, {"tag_key_value": "x"}],
)  # fmt: skip
def test_queries_are_strict(world: World, query: dict[str, object]) -> None:
    assert world.refused(400, "GET", "/v1/volumes/{P}", query=query)["exception_class"] == "ValidationError"


def test_unknown_scope(world: World) -> None:
    assert "Project 7" in world.refused(404, "GET", "/v1/volumes/7/76")["message"]
    assert "Region 7" in world.refused(404, "GET", "/v1/volumes/1000001/7")["message"]
    assert world.refused(400, "GET", "/v1/volumes/x/76")["exception_class"] == "ValidationError"


def test_objects_of_another_scope_do_not_exist(world: World) -> None:
    volume_id = world.volume()
    world.get(f"/v1/volumes/{{P}}/{volume_id}")
    for scope in ("1000002/76", "1000001/148"):
        assert world.refused(404, "GET", f"/v1/volumes/{scope}/{volume_id}")["exception_class"] == "NotFoundError"
        assert world.get(f"/v1/volumes/{scope}")["count"] == 0


def test_missing_object_text(world: World) -> None:
    ident = str(uuid.uuid4())
    error = world.refused(404, "GET", f"/v1/instances/{{P}}/{ident}")
    assert (error["exception_class"], error["message"]) == ("NotFoundError", f"Instance {ident} could not be found")


@pytest.mark.parametrize(
    ("path", "kind", "default"),
    [("/v1/ssh_keys/1000001", "ssh_key", 10), (f"/v1/securitygroups/{P}", "security_group", 10),
     (f"/v1/networks/{P}", "network", 1000), ("/v1/projects", "project", 100)],
)  # fmt: skip
def test_paging_defaults(world: World, path: str, kind: str, default: int) -> None:
    before = world.get(path)["count"]
    for number in range(120):
        key = {"public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPSfBu2PhAS0eZUrrL3KLdmx900vdi5vb2dtV207BzfQ"}
        world.sim.kinds[kind].make(
            world.sim, 1000001, None if kind == "ssh_key" else 76, name=f"object{number}",
            **(key if kind == "ssh_key" else {}),
        )  # fmt: skip
    page = world.get(path)
    assert page["count"] == before + 120
    assert len(page["results"]) == min(default, before + 120)
    rest = world.get(path, limit=1000, offset=100)
    assert len(rest["results"]) == before + 20 and rest["count"] == before + 120
    assert world.get(path, offset=5000)["results"] == []


def test_order_is_newest_first(world: World) -> None:
    for name in ("net1", "net2", "net3"):
        world.network(name)
    assert [row["name"] for row in world.get("/v1/networks/{P}")["results"]] == ["net3", "net2", "net1"]
    ascending = world.get("/v1/networks/{P}", order_by="name.asc")["results"]
    assert [row["name"] for row in ascending] == ["net1", "net2", "net3"]
    world.refused(400, "GET", "/v1/networks/{P}", query={"order_by": "name"})


def test_name_filters(world: World) -> None:
    world.volume("alpha")
    world.volume("alphabet")
    assert world.get("/v1/volumes/{P}", name_part="lpha")["count"] == 2
    world.ok("POST", "/v1/ssh_keys/1000001", {"name": "mykey"})
    assert world.get("/v1/ssh_keys/1000001", name="yke")["count"] == 1
    assert world.get("/v1/securitygroups/{P}", name="defaul")["count"] == 0
    assert world.get("/v1/securitygroups/{P}", name="default")["count"] == 1
    assert world.get("/v1/images/{P}", name="UBUNTU")["count"] == 2
    assert world.get("/v1/regions", display_name="luxembourg-3")["results"][0]["id"] == 148


def test_tag_filters_are_anded(world: World) -> None:
    world.volume("vol1", tags={"env": "prod", "team": "a"})
    world.volume("vol2", tags={"env": "prod"})
    assert world.get("/v1/volumes/{P}", tag_key="env")["count"] == 2
    assert world.get("/v1/volumes/{P}", tag_key=["env", "team"])["count"] == 1
    assert world.get("/v1/volumes/{P}", tag_key_value='{"env":"prod","team":"a"}')["count"] == 1
    assert world.get("/v1/volumes/{P}", tag_key_value='{"env":"test"}')["count"] == 0


def test_catalogues(world: World) -> None:
    assert {row["id"] for row in world.get("/v1/regions")["results"]} == {76, 148}
    assert world.get("/v1/regions/76")["available_volume_types"] is None
    assert "standard" in world.get("/v1/regions/76", show_volume_types="true")["available_volume_types"]
    every, enabled = world.get("/v1/flavors/{P}"), world.get("/v1/flavors/{P}", disabled="false")
    assert every["count"] == enabled["count"] + 1
    assert {row["os_type"] for row in world.get("/v1/flavors/{P}", exclude_linux="true")["results"]} == {"windows"}
    assert "price_per_hour" in world.get("/v1/flavors/{P}", include_prices="true")["results"][0]
    template = world.get("/v1/apptemplates/{P}")["results"][0]
    assert world.get(f"/v1/apptemplates/{{P}}/{template['id']}") == template


def test_projects(world: World) -> None:
    created = world.request("POST", "/v1/projects", {"name": "third"})
    assert created.status == 201 and created.json["id"] == 1000003
    assert world.refused(409, "POST", "/v1/projects", {"name": "third"})["exception_class"] == "ConflictError"
    assert world.ok("PATCH", "/v1/projects/1000003", {"description": "x"})["description"] == "x"
    assert world.get("/v1/securitygroups/1000003/148")["results"][0]["name"] == "default"
    world.sim.kinds["volume"].make(world.sim, 1000003, 76, name="vol", size=1)
    world.run("DELETE", "/v1/projects/1000003")
    assert world.get("/v1/projects")["count"] == 2
    gone = [row for row in world.get("/v1/projects", include_deleted="true")["results"] if row["id"] == 1000003]
    assert gone[0]["state"] == "DELETED" and gone[0]["deleted_at"]
    world.refused(404, "GET", "/v1/volumes/1000003/76")
    world.refused(400, "DELETE", "/v1/projects/1000001")


def test_ssh_keys(world: World) -> None:
    created = world.request("POST", "/v1/ssh_keys/1000001", {"name": "generated"})
    assert created.status == 201
    key = created.json
    assert key["private_key"].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert "private_key" not in world.get(f"/v1/ssh_keys/1000001/{key['id']}")
    error = world.refused(409, "POST", "/v1/ssh_keys/1000001", {"name": "generated"})
    assert "locked" not in error["message"]
    world.refused(400, "POST", "/v1/ssh_keys/1000001", {"name": "bad", "public_key": "ssh-rsa nonsense"})
    path = f"/v1/ssh_keys/1000001/{key['id']}"
    assert world.ok("PATCH", path, {"shared_in_project": False})["shared_in_project"] is False
    again = world.ok("POST", "/v1/ssh_keys/1000001", {"name": "given", "public_key": key["public_key"]})
    assert again["fingerprint"] == key["fingerprint"] and again["private_key"] is None
    assert world.request("DELETE", path).status == 204
    world.refused(404, "DELETE", path)


def test_date_header_follows_the_clock(world: World) -> None:
    first = world.request("GET", "/v1/regions").headers["date"]
    world.sim.advance(3600)
    assert world.request("GET", "/v1/regions").headers["date"] != first


def test_a_rate_limit(world: World) -> None:
    world.ok("POST", "/_simulator/settings", {"rate_limit": 2})
    assert [world.request("GET", "/v1/regions").status for _each in range(4)] == [200, 200, 429, 429]
    reply = world.request("POST", "/v1/networks/{P}", {"name": "net"})
    assert (reply.status, reply.headers["retry-after"]) == (429, "1")
    assert set(reply.json) == {"exception_class", "message", "request_id"}
    assert world.sim.requests[-1]["fault"] == "rate_limit"
    world.sim.advance(0.5)
    assert [world.request("GET", "/v1/regions").status for _each in range(2)] == [200, 429]
    world.ok("POST", "/_simulator/settings", {"rate_limit": 0.1, "rate_limit_header": False})
    world.sim.advance(3)
    reply = world.request("GET", "/v1/regions")
    assert reply.status == 429 and "retry-after" not in reply.headers
    world.sim.advance(10)
    assert world.request("GET", "/v1/regions").status == 200
    world.ok("POST", "/_simulator/reset")
    assert [world.request("GET", "/v1/regions").status for _each in range(9)] == [200] * 9
