# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters of the life cycle: values of a case, compared with results and with the requests that the simulator has recorded."""

from __future__ import annotations

import json
import re

PLACEHOLDER = re.compile(r"\{(\w+)\}")


def filled(value, known):
    """The value with {id} and the like replaced at every depth; unknown names stay, for the routes of the API have such ones."""
    if isinstance(value, dict):
        return {key: filled(inner, known) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [filled(inner, known) for inner in value]
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: str(known.get(found.group(1), found.group(0))), value)
    return value


def differences(actual, expected, place=""):
    """Where a value is not as expected: a mapping may have more keys, and tags are compared as a mapping."""
    if isinstance(expected, dict) and isinstance(actual, list) and all("key" in each for each in actual):
        actual = {each["key"]: each["value"] for each in actual if not each.get("read_only")}
        return [] if actual == expected else ["%s is %r, not %r" % (place, actual, expected)]
    if isinstance(expected, dict) and isinstance(actual, dict):
        missing = ["%s.%s is missing" % (place, key) for key in expected if key not in actual]
        inside = [differences(actual[key], expected[key], "%s.%s" % (place, key)) for key in expected if key in actual]
        return missing + [each for found in inside for each in found]
    if isinstance(expected, list) and isinstance(actual, list) and len(actual) == len(expected):
        inside = [
            differences(one, other, "%s[%d]" % (place, at)) for at, (one, other) in enumerate(zip(actual, expected))
        ]
        return [each for found in inside for each in found]
    return [] if actual == expected else ["%s is %r, not %r" % (place, actual, expected)]


def plain(requests):
    """Requests whose routes have no names of parameters: these are not the same everywhere."""
    if isinstance(requests, dict):
        return {plain(route): body for route, body in requests.items()}
    return [plain(each) for each in requests] if isinstance(requests, list) else PLACEHOLDER.sub("{}", requests)


def since(record, mark):
    """The recorded requests after the first ones."""
    return record[int(mark) :]


def routes(record):
    """The recorded requests, as "GET /cloud/v1/volumes/{}/{}"."""
    return [plain("%s %s" % (each["method"], each["route"])) for each in record]


def writes(record):
    """The recorded writes, each as a mapping of its route to its body."""
    changing = [each for each in record if each["method"] != "GET"]
    return [{route: each["body"]} for route, each in zip(routes(changing), changing)]


def current(options, case):
    """The options that identify the resource once the given options, or a list of them, have been applied."""
    identity = case.get("identity") or ["name"]
    found = dict(case["create"]["options"])
    for each in options if isinstance(options, list) else [options]:
        found.update(each)
    return {key: found[key] for key in identity}


def identified(change, before, resource_id):
    """The options of a change with what identifies the resource: an id where the change renames it."""
    renames = set(before) & set(change)
    return dict(change, id=resource_id) if renames else dict(before, **change)


def refusal(result):
    """What is wrong about a result that should be the refusal that its loop item describes."""
    wanted, found = result["item"], result.get("error") or {}
    if not result.get("failed") or result.get("changed"):
        return ["not refused: %s" % wanted["message"]]
    texts = "%s %s" % (result.get("msg"), found.get("response"))
    wrong = [] if wanted["message"] in texts else ["%r is not in %r" % (wanted["message"], texts)]
    if wanted.get("kind") != found.get("kind"):
        wrong.append("error.kind of %r is %r, not %r" % (wanted["message"], found.get("kind"), wanted.get("kind")))
    return wrong


def finders(results, key, id_field, resource_id):
    """The loop items of the results that list the resource."""
    return [each["item"] for each in results if resource_id in [found[id_field] for found in each[key]]]


def shown(result, secrets):
    """The secrets that a result shows."""
    text = json.dumps(result, default=str)
    return [secret for secret in secrets if json.dumps(secret)[1:-1] in text]


class FilterModule:
    def filters(self):
        return {
            "lifecycle_filled": filled,
            "lifecycle_differences": differences,
            "lifecycle_plain": plain,
            "lifecycle_since": since,
            "lifecycle_routes": routes,
            "lifecycle_writes": writes,
            "lifecycle_current": current,
            "lifecycle_identified": identified,
            "lifecycle_finders": finders,
            "lifecycle_refusal": refusal,
            "lifecycle_shown": shown,
        }
