# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests of the judge itself: it refuses what is wrong and nothing that is right."""

from __future__ import annotations

import copy
import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import CHECKOUT
from .corrections import ABSENT, CORRECTIONS, UNCHECKED_FORMATS
from .openapi import KNOWN_FORMATS, Document, Verdict, correct, document_path

UUID = "e460e48c-6836-447e-bc9c-16fc4225d318"
VOLUMES = "/cloud/v1/volumes/1/2"
INSTANCES = "/cloud/v2/instances/1/2"
KEY = {"Authorization": "APIKey 1_abc"}


def volume(**changes: Any) -> dict[str, Any]:
    body = {
        "source": "new-volume",
        "name": "data-1",
        "size": 10,
        "type_name": "standard",
        "tags": {"env": "test"},
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ABSENT}


def instance(**changes: Any) -> dict[str, Any]:
    return {
        "name": "vm-1",
        "flavor": "g1-standard-1-2",
        "volumes": [{"source": "image", "image_id": UUID, "size": 10, "boot_index": 0}],
        "interfaces": [
            {"type": "external"},
            {"type": "subnet", "network_id": UUID, "subnet_id": UUID, "floating_ip": {"source": "new"}},
        ],
        **changes,
    }


# name, method, path, query, body, headers, and what the refusal says; None where the request is right.
PROBES: tuple[tuple[str, str, str, list[tuple[str, str]], Any, dict[str, str] | None, str | None], ...] = (
    ("volume", "POST", VOLUMES, [], volume(), KEY, None),
    ("vm", "POST", INSTANCES, [], instance(), KEY, None),
    ("wrong type", "POST", VOLUMES, [], volume(size="10"), KEY, "body.size: '10' is not of type 'integer'"),
    ("bad enum", "POST", VOLUMES, [], volume(type_name="fast"), KEY, "body.type_name: 'fast' is not one of"),
    ("missing required", "POST", VOLUMES, [], volume(name=ABSENT), KEY, "body: 'name' is a required property"),
    ("tags non-string", "POST", VOLUMES, [], volume(tags={"env": 1}), KEY, "body.tags.env: 1 is not of type 'string'"),
    (
        "bad interface const",
        "POST",
        INSTANCES,
        [],
        instance(interfaces=[{"type": "internal"}]),
        KEY,
        "body.interfaces.0",
    ),
    (
        "bad query integer",
        "GET",
        VOLUMES,
        [("limit", "many")],
        ABSENT,
        KEY,
        "query: limit: 'many' is not of type 'integer'",
    ),
    ("size 0", "POST", VOLUMES, [], volume(size=0), KEY, "body.size: 0 is less than the minimum of 1"),
    ("null name", "POST", VOLUMES, [], volume(name=None), KEY, "body.name: None is not of type 'string'"),
    ("name pattern", "POST", VOLUMES, [], volume(name="-x-"), KEY, "body.name: '-x-' does not match"),
    (
        "image without image_id",
        "POST",
        VOLUMES,
        [],
        volume(source="image"),
        KEY,
        "body: 'image_id' is a required property",
    ),
    ("unknown property", "POST", VOLUMES, [], volume(naem="x"), KEY, "('naem' was unexpected)"),
    (
        "unknown nested property",
        "POST",
        INSTANCES,
        [],
        instance(interfaces=[{"type": "external", "subnet_id": UUID}]),
        KEY,
        "body.interfaces.0: Unevaluated properties are not allowed ('subnet_id' was unexpected)",
    ),
    ("unknown query", "GET", VOLUMES, [("name", "x")], ABSENT, KEY, "query: name is not a parameter"),
    (
        "bool True",
        "GET",
        VOLUMES,
        [("bootable", "True")],
        ABSENT,
        KEY,
        "query: bootable: 'True' is not of type 'boolean'",
    ),
    ("tag_key[]", "GET", VOLUMES, [("tag_key[]", "env")], ABSENT, KEY, "query: tag_key[] is not a parameter"),
    ("repeated array", "GET", VOLUMES, [("tag_key", "a"), ("tag_key", "b")], ABSENT, KEY, None),
    # A comma is a letter of a tag key like any other.
    ("comma array", "GET", VOLUMES, [("tag_key", "a,b")], ABSENT, KEY, None),
    ("no body", "POST", VOLUMES, [], ABSENT, KEY, "needs one"),
    ("bad path", "GET", "/cloud/v1/volume/1/2", [], ABSENT, KEY, "is not in the document"),
    ("wrong method", "PUT", VOLUMES, [], volume(), KEY, "(the path takes GET, POST)"),
    (
        "path parameter type",
        "GET",
        "/cloud/v1/volumes/one/2",
        [],
        ABSENT,
        KEY,
        "path: project_id: 'one' is not of type 'integer'",
    ),
    ("no Authorization", "GET", VOLUMES, [], ABSENT, {}, "header: Authorization"),
    # Beyond the 24 of the baseline:
    ("path uuid", "GET", VOLUMES + "/7", [], ABSENT, KEY, "path: volume_id: '7' is not a 'uuid4'"),
    (
        "comma in integers",
        "GET",
        "/cloud/v1/tasks",
        [("project_id", "1,2")],
        ABSENT,
        KEY,
        "'1,2' is not of type 'integer'",
    ),
    ("repeated scalar", "GET", VOLUMES, [("limit", "1"), ("limit", "2")], ABSENT, KEY, "is given 2 times"),
    ("limit 0", "GET", VOLUMES, [("limit", "0")], ABSENT, KEY, "query: limit: 0"),
    ("JSON parameter", "GET", VOLUMES, [("tag_key_value", '{"env":"test"}')], ABSENT, KEY, None),
    ("JSON parameter garbled", "GET", VOLUMES, [("tag_key_value", "env=test")], ABSENT, KEY, "is not JSON"),
    (
        "JSON parameter wrong inside",
        "GET",
        VOLUMES,
        [("tag_key_value", '{"env":1}')],
        ABSENT,
        KEY,
        "1 is not of type 'string'",
    ),
    ("body where none belongs", "DELETE", f"{VOLUMES}/{UUID}", [], {}, KEY, "takes none"),
    ("free-form map", "POST", INSTANCES, [], instance(configuration={"any": {"thing": [1]}}), KEY, None),
    ("tag deleted", "PATCH", f"{VOLUMES}/{UUID}", [], {"tags": {"env": None}}, KEY, None),
    ("wrong scheme", "GET", VOLUMES, [], ABSENT, {"Authorization": "Bearer x"}, "header: Authorization"),
    ("empty segment", "GET", "/cloud/v1/volumes/1/2/", [], ABSENT, KEY, "is not in the document"),
)


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "headers", "refusal"), [p[1:] for p in PROBES], ids=[p[0] for p in PROBES]
)
def test_requests_are_judged(
    document: Document,
    method: str,
    path: str,
    query: list[tuple[str, str]],
    body: Any,
    headers: dict[str, str],
    refusal: str | None,
) -> None:
    verdict = document.check_request(method, path, query, body, headers)
    if refusal is None:
        assert verdict.ok, verdict
    else:
        assert len(verdict.problems) == 1, verdict.problems
        assert refusal in verdict.problems[0]


def task(**changes: Any) -> dict[str, Any]:
    return {
        "id": UUID,
        "task_type": "create_volume",
        "state": "NEW",
        "created_on": "2026-01-01T00:00:00",
        "user_id": 1,
        "data": {},
        **changes,
    }


@pytest.mark.parametrize(
    ("status", "body", "refusal"),
    [
        (200, task(), None),
        (200, task(data={"free": {"form": 1}}), None),
        (200, task(created_resources={"volumes": [UUID]}), None),
        (200, task(created_resources={"volume": [UUID]}), "('volume' was unexpected)"),
        (200, task(colour="red"), "('colour' was unexpected)"),
        (200, task(state="DONE"), "answer.state: 'DONE' is not one of"),
        (200, {**task(), "state": None}, "answer.state: None is not"),
        (200, ABSENT, "no body where the document has one"),
        (201, task(), "status 201 is not documented ([200] are)"),
        (404, {"exception_class": "NotFoundError", "message": "Task x could not be found", "request_id": "r"}, None),
        (
            400,
            {
                "exception_class": "ValidationError",
                "message": "m",
                "request_id": "r",
                "invalid_fields": {"a": ["Field required"]},
            },
            None,
        ),
        (404, {"message": "gone"}, "'exception_class' is a required property"),
        (404, {"detail": "Not Found"}, "'detail' was unexpected"),
        (502, "<html>", "is not of type 'object'"),
        (500, ABSENT, "an error without a body"),
    ],
)
def test_answers_are_judged(document: Document, status: int, body: Any, refusal: str | None) -> None:
    operation = document.operations["GET", "/cloud/v1/tasks/{task_id}"]
    verdict = document.check_response(operation, status, body)
    if refusal is None:
        assert verdict.ok, verdict
    else:
        assert any(refusal in problem for problem in verdict.problems), verdict


def test_task_ids_need_no_id_of_their_own(document: Document) -> None:
    operation = document.operations["POST", "/cloud/v1/volumes/{project_id}/{region_id}"]
    assert document.check_response(operation, 200, {"tasks": [UUID]}).ok


def test_what_is_deprecated_is_told(document: Document) -> None:
    def told(verdict: Verdict) -> tuple[str, ...]:
        assert verdict.ok, verdict
        return verdict.deprecated

    assert told(document.check_request("POST", f"/cloud/v1/instances/1/2/{UUID}/stop")) == (
        "POST /cloud/v1/instances/{project_id}/{region_id}/{instance_id}/stop",
    )
    assert told(document.check_request("GET", "/cloud/v1/tasks", [("sorting", "asc")])) == ("query: sorting",)
    assert told(document.check_request("POST", INSTANCES, body=instance(security_groups=[{"id": UUID}]))) == (
        "body: security_groups",
    )
    assert told(document.check_request("POST", INSTANCES, body=instance())) == ()


def test_paths_find_their_template(document: Document) -> None:
    def template(method: str, path: str) -> str | None:
        found = document.match(method, path)
        return found[0].path if found else None

    # A literal segment wins over a parameter, but only where the method is there.
    assert template("POST", "/cloud/v1/tasks/acknowledge_all") == "/cloud/v1/tasks/acknowledge_all"
    assert template("GET", "/cloud/v1/tasks/acknowledge_all") == "/cloud/v1/tasks/{task_id}"
    assert template("GET", "/cloud/v1/tasks/1/2/active") == "/cloud/v1/tasks/{project_id}/{region_id}/active"
    assert template("GET", "/cloud/v1/nothing") is None
    operation, parameters = document.match("GET", "/cloud/v1/images/1/2/a%2Fb%20c") or pytest.fail("no template")
    assert (operation.path, parameters["image_id"]) == ("/cloud/v1/images/{project_id}/{region_id}/{image_id}", "a/b c")


def test_fields_are_the_union_of_the_alternatives(document: Document) -> None:
    fields = document.body_fields("POST", "/cloud/v1/volumes/{project_id}/{region_id}")
    assert fields["source"].enum == frozenset({"new-volume", "image", "snapshot"})
    assert fields["name"].required
    assert not fields["size"].required
    assert fields["size"].required_in == {"source=new-volume", "source=image"}
    assert fields["image_id"].offered_in == {"source=image"}
    assert fields["size"].keyword("minimum") == {1}

    fields = document.body_fields("POST", "/cloud/v2/instances/{project_id}/{region_id}")
    assert fields["security_groups"].deprecated
    assert not fields["flavor"].deprecated
    assert fields["interfaces"].children["type"].enum == frozenset(
        {"external", "subnet", "any_subnet", "reserved_fixed_ip"}
    )
    assert fields["interfaces"].children["floating_ip"].children["source"].enum == frozenset({"new", "existing"})
    assert fields["ssh_key_name"].nullable
    assert not fields["name"].nullable

    fields = document.query_fields("GET", "/cloud/v1/tasks")
    assert fields["state"].item_enum == frozenset({"NEW", "RUNNING", "FINISHED", "ERROR"})
    assert fields["limit"].default == 10
    assert fields["sorting"].deprecated
    assert not fields["order_by"].deprecated

    fields = document.response_fields("GET", "/cloud/v1/volumes/{project_id}/{region_id}")
    assert set(fields) == {"count", "results"}
    assert {"id", "status", "size", "attachments"} <= set(fields["results"].children)


def test_facts_about_tasks(document: Document) -> None:
    assert document.task_states() == {"NEW", "RUNNING", "FINISHED", "ERROR"}
    assert {"create_vm", "create_volume", "delete_network"} <= document.task_types()
    keys = document.created_resources_keys()
    assert {"instances", "volumes", "l7polices"} <= set(keys)
    assert all(keys[name].types == {"array"} for name in keys)


def test_every_correction_is_needed_and_given_a_reason() -> None:
    raw = json.loads(document_path(CHECKOUT).read_text(encoding="utf-8"))
    untouched = copy.deepcopy(raw)
    correct(raw, CORRECTIONS)  # Refuses an entry that finds something else than it names.
    assert raw == untouched, "the document itself was changed"
    assert all(c.found != c.corrected and c.reason for c in CORRECTIONS)
    assert len({c.pointer for c in CORRECTIONS}) == len(CORRECTIONS)
    with pytest.raises(ValueError, match="the correction expects"):
        correct(raw, [*CORRECTIONS, CORRECTIONS[0]])


def test_every_format_is_checked_or_excused(document: Document) -> None:
    used = {place[1]["format"] for place in _places(document) if isinstance(place[1].get("format"), str)}
    assert used <= KNOWN_FORMATS
    assert UNCHECKED_FORMATS.keys() <= used


def test_a_missing_document_is_no_reason_to_skip(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError, match="GCORE_OPENAPI names"):
        document_path(tmp_path, {"GCORE_OPENAPI": str(tmp_path / "none.json")})
    with pytest.raises(FileNotFoundError, match="neither named by GCORE_OPENAPI nor at"):
        document_path(tmp_path, {})


# --- The examples of the document: more than 10 000 values that it calls right --------------------------------------------

# The examples that it then refuses by its own rules.
BAD_UUID = "not a UUID of version 4: a digit too many or too few, other letters, or version 1"
NOT_ENCODED = "shows the object, where the parameter is its JSON text"
NOT_A_LIST = "shows one entry of the list"
IN_A_LIST = "shows the value, or all values, in a list"
NOT_A_NUMBER = "shows the number as text"
ANOTHER_VALUE = "shows a value that the schema does not have"
INCOMPLETE = "leaves out what the schema requires"
ANOTHER_FORM = "shows another type than the schema has"
_PRICES = ("price_without_discount_per_month", "total_price_per_hour", "total_price_per_month")
_PRICED = tuple(
    f"{name}PricingPreview{version}ResponseSerializer"
    for name, version in (("BaremetalGPUCluster", ""), ("Instance", "V2"), ("VirtualGPUCluster", ""))
)
_TAGGED = (
    "availablenetworks", "bmimages", "bminstances", "floatingips", "images", "instances", "loadbalancers", "networks",
    "securitygroups", "subnets", "volumes",
)  # fmt: skip
FAULTY_EXAMPLES: dict[str, str] = {
    "ExistingInstanceFloatingIpInterfaceSerializer.existing_floating_id": BAD_UUID,
    "FileShareSerializer.task_id": BAD_UUID,
    "NewReservedFixedIpAnySubnetSerializer.network_id": BAD_UUID,
    "NewReservedFixedIpSpecificIpAddressSerializer.network_id": BAD_UUID,
    "NewReservedFixedIpSpecificSubnetSerializer.subnet_id": BAD_UUID,
    "SubnetInterfaceInputSerializer.subnet_id": BAD_UUID,
    "SubnetInterfaceOutputSerializer.subnet_id": BAD_UUID,
    "NewInterfaceSpecificSubnetFipSerializerPydantic": BAD_UUID,
    "CreateBareMetalSubnetInterfaceSerializer": BAD_UUID,
    "InstancePricingPreviewV2RequestSerializer": BAD_UUID,
    "path: POST /cloud/v2/baremetal/{project_id}/{region_id}/{server_id}/action server_id": BAD_UUID,
    "path: GET /cloud/v3/baremetal/{project_id}/{region_id}/{server_id}/get_console server_id": BAD_UUID,
    "path: GET /cloud/v1/bminstances/{project_id}/{region_id}/{server_id} server_id": BAD_UUID,
    "path: PATCH /cloud/v1/bminstances/{project_id}/{region_id}/{server_id} server_id": BAD_UUID,
    "path: DELETE /cloud/v1/bminstances/{project_id}/{region_id}/{server_id} server_id": BAD_UUID,
    "path: POST /cloud/v1/bminstances/{project_id}/{region_id}/{server_id}/rebuild server_id": BAD_UUID,
    "query: GET /cloud/v1/availablenetworks/{project_id}/{region_id} network_id": BAD_UUID,
    **{f"query: GET /cloud/v1/{name}/{{project_id}}/{{region_id}} tag_key_value": NOT_ENCODED for name in _TAGGED},
    **{f"{name}.discount_details": NOT_A_LIST for name in _PRICED},
    "AIAppCatalogParameter.enum_values": NOT_A_LIST,
    "VolumePricingWithDiscountPerPeriodSerializer.volumes": NOT_A_LIST,
    "query: GET /cloud/v1/ddos/profiles/{project_id}/{region_id} managed_by": NOT_A_LIST,
    "query: GET /cloud/v1/tasks project_id": NOT_A_LIST,
    "query: GET /cloud/v1/tasks region_id": NOT_A_LIST,
    "query: GET /cloud/v1/tasks state": NOT_A_LIST,
    "query: GET /cloud/v3/gpu/baremetal/{project_id}/{region_id}/clusters/{cluster_id}/servers uuids": NOT_A_LIST,
    "query: GET /cloud/v3/gpu/virtual/{project_id}/{region_id}/clusters/{cluster_id}/servers uuids": NOT_A_LIST,
    "CostReportResourcesSortingRequestSerializer": IN_A_LIST,
    "CreateBareMetalServerSerializer.name_template": IN_A_LIST,
    "CreateInstanceSerializerV2.name_template": IN_A_LIST,
    "InferenceInstanceOutSerializerV3.command": IN_A_LIST,
    "LoadBalancerPatchSerializer.preferred_connectivity": IN_A_LIST,
    "LoadBalancerPatchSerializerV2.preferred_connectivity": IN_A_LIST,
    "SecurityGroupRuleSerializer.remote_group_id": IN_A_LIST,
    "UsageReportSortingRequestSerializer": IN_A_LIST,
    **{f"{name}.{price}": NOT_A_NUMBER for name in _PRICED for price in _PRICES},
    "ContainerInUpdateSerializerV3.region_id": NOT_A_NUMBER,
    "LoadBalancerPricingPreviewResponseSerializer.tax_percent": NOT_A_NUMBER,
    "AppDeploymentCreateRequest.name": ANOTHER_VALUE,
    "BlackholePortSerializer.AlarmState": ANOTHER_VALUE,
    "CreateLbHealthMonitorSerializer.type": ANOTHER_VALUE,
    "CreateVirtualGpuClusterImageVolumeCheckLimitsSerializer.type": ANOTHER_VALUE,
    "CreateVirtualGpuClusterNewVolumeCheckLimitsSerializer.type": ANOTHER_VALUE,
    "HealthMonitorStatusSerializer.type": ANOTHER_VALUE,
    "ImageVolumeInputSerializer.type": ANOTHER_VALUE,
    "InstanceFloatingAddressSerializer.type": ANOTHER_VALUE,
    "NewVolumeInputSerializer.type": ANOTHER_VALUE,
    "PatchLbHealthMonitorSerializer.type": ANOTHER_VALUE,
    "SchemaFilterFunctionsSerializer.field": ANOTHER_VALUE,
    "TagsFilterSerializer.conditions": ANOTHER_VALUE,
    "VolumeOutputSerializer.type": ANOTHER_VALUE,
    "query: GET /cloud/v1/faas/flavors/{project_id}/{region_id} name": ANOTHER_VALUE,
    "AIAppCatalog.components": INCOMPLETE,
    "AIAppCatalogComponent.parameters": INCOMPLETE,
    "ContainerOutSerializerV3.scale": INCOMPLETE,
    "ContainerScaleOutSerializerV3.triggers": INCOMPLETE,
    "InferenceInstanceInUpdateSerializerV3.containers": INCOMPLETE,
    "InferenceInstanceOutSerializerV3.containers": INCOMPLETE,
    "LbPoolInstanceSerializer.healthmonitor": INCOMPLETE,
    "LbPoolSerializer.healthmonitor": INCOMPLETE,
    "LifecyclePolicySerializer.schedules": INCOMPLETE,
    "LifecyclePolicyUsageSerializer.max_cost": INCOMPLETE,
    "NamespaceSerializer.functions": INCOMPLETE,
    "RegionSerializer.coordinates": ANOTHER_FORM,
    "UserActionSerializer.action_data": ANOTHER_FORM,
    "LoadbalancerSerializer.ddos_profile": "shows a field `value`, which ClientProfileFieldSerializer does not have",
    "NetworkSubnetworkSerializer.subnets": "shows a description, which SubnetSerializer does not have",
    "InstancePricingPreviewV2RequestSerializer.volumes": "shows image_id, which the price of a volume does not depend on",
    "PatchLbPoolSerializer.members": "copied from an answer: shows the read-only id and operating_status",
    "LaasHostsSchema": "is the example of another schema",
}


def test_the_documents_examples_are_accepted(document: Document) -> None:
    refused: dict[str, list[str]] = {}
    count = 0
    for place, schema in _places(document):
        for example in ([schema["example"]] if "example" in schema else []) + list(schema.get("examples", ())):
            count += 1
            if problems := document.problems_with(schema, example):
                refused.setdefault(place, problems)
    assert count > 10_000
    assert {place: problems for place, problems in refused.items() if place not in FAULTY_EXAMPLES} == {}
    assert FAULTY_EXAMPLES.keys() - refused.keys() == set()


def _places(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of the Cloud operations, each once, with a name for its place."""
    seen: set[str] = set()

    def visit(schema: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(schema, dict):
            return
        yield place, schema
        reference = schema.get("$ref")
        if reference and reference not in seen:
            seen.add(reference)
            yield from visit(document.resolve(reference), reference.rsplit("/", 1)[-1])
        for name, inner in schema.get("properties", {}).items():
            yield from visit(inner, f"{place}.{name}")
        for keyword in ("items", "additionalProperties", "propertyNames", "contentSchema"):
            yield from visit(schema.get(keyword), place)
        for keyword in ("anyOf", "oneOf", "allOf"):
            for branch in schema.get(keyword, ()):
                yield from visit(branch, place)

    for operation in document.operations.values():
        for parameter in operation.parameters:
            yield from visit(parameter["schema"], f"{parameter['in']}: {operation} {parameter['name']}")
        for schema in (operation.body, *operation.responses.values()):
            yield from visit(schema, str(operation))
