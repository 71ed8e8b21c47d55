# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outermost room, the only one that knows AnsibleModule: options in, one result out."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.gcore.cloud.plugins.module_utils import client as http
from ansible_collections.gcore.cloud.plugins.module_utils import query as jmes
from ansible_collections.gcore.cloud.plugins.module_utils.apply import Engine
from ansible_collections.gcore.cloud.plugins.module_utils.arguments import (
    common_errors,
    given_options,
    info_spec,
    module_spec,
)
from ansible_collections.gcore.cloud.plugins.module_utils.clock import Clock, Deadline
from ansible_collections.gcore.cloud.plugins.module_utils.context import FIRST_LIMIT, Settings
from ansible_collections.gcore.cloud.plugins.module_utils.errors import GcoreError, OptionError
from ansible_collections.gcore.cloud.plugins.module_utils.info import look_up
from ansible_collections.gcore.cloud.plugins.module_utils.plan import HIDDEN
from ansible_collections.gcore.cloud.plugins.module_utils.references import Finder, Scope
from ansible_collections.gcore.cloud.plugins.module_utils.resource import Field, Resource
from ansible_collections.gcore.cloud.plugins.module_utils.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.secret_files import SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.tasks import Waiter

SHORTEST_MASKED = 6


class GcoreModule(AnsibleModule):
    """AnsibleModule that remembers what the task said, before the argument spec filled in the rest.

    ``lean`` takes from the options what must not even be logged.
    """

    params: dict[str, Any]

    def __init__(self, lean: Optional[Callable[[dict[str, Any]], dict[str, Any]]] = None, **spec: Any) -> None:
        self._lean = lean
        super().__init__(**spec)
        # A short secret would be masked inside ids and names too, and a result without ids is lost money.
        self.no_log_values: set[str] = {value for value in self.no_log_values if len(value) >= SHORTEST_MASKED}

    def invocation(self) -> dict[str, Any]:
        """What a result says of how it was called: no secret option at all, however short its value."""
        return {"module_args": shown_options(self.argument_spec, self.params)}

    def _load_params(self) -> None:
        super()._load_params()
        self.raw_params = copy.deepcopy(self._lean(self.params) if self._lean else self.params)
        self.params = {name: value for name, value in self.raw_params.items() if name != "_error"}


def shown_options(spec: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with the secrets in them hidden, at any depth."""

    def shown(option: Mapping[str, Any], value: Any) -> Any:
        if option.get("no_log") and value:
            return HIDDEN
        if isinstance(value, list):
            return [shown(option, each) for each in value]
        return (
            shown_options(option["options"], value) if option.get("options") and isinstance(value, Mapping) else value
        )

    return {name: shown(spec.get(name) or {}, value) for name, value in options.items()}


class Run:
    """What one module run works with."""

    def __init__(self, module: GcoreModule) -> None:
        self.module = module
        params = module.params
        if http.REQUESTS_IMPORT_ERROR:
            raise jmes.MissingLibrary("requests", http.REQUESTS_IMPORT_ERROR)
        error = common_errors(params)
        if error:
            raise error
        verify: Any = (params["ca_path"] or http.usual_certificates()) if params["validate_certs"] else False
        if params["validate_certs"] and not os.path.exists(verify):
            raise OptionError("ca_path '%s' is not there." % verify, "It is a file, or a folder, of PEM certificates.")
        self.clock = Clock(clock_speed(params["api_url"]))
        self.client = http.Client(
            params["api_url"], params["api_key"], verify, params["timeout"], self.clock, module.check_mode
        )
        self.deadline = Deadline(self.clock, params.get("wait_timeout") or FIRST_LIMIT)
        self.finder = Finder(
            self.client,
            Scope(params.get("project"), params.get("region")),
            self.deadline,
            module.check_mode,
            module.warn,
        )
        self.waiter = Waiter(self.client, params.get("poll_interval"))


def clock_speed(api_url: str) -> float:
    """How much faster the clock runs: GCORE_CLOCK_SPEED, for a simulator on a loopback address alone."""
    text = os.environ.get("GCORE_CLOCK_SPEED", "")
    try:
        speed = float(text) if text and http.is_loopback(api_url) else 1.0
    except ValueError:
        speed = 1.0
    return speed if speed > 0 else 1.0


def run_module(
    spec: Mapping[str, Any],
    job: Callable[[Run, dict[str, Any]], None],
    lean: Optional[Callable[[dict[str, Any]], dict[str, Any]]] = None,
    report: Optional[Report] = None,
) -> None:
    """Run a job; whatever it raises becomes one fail_json with all that is known so far.

    What the job finds is in the report of a module that writes, else in the dictionary that the job fills.
    """
    module = GcoreModule(lean, **spec)
    result: dict[str, Any] = {}

    def facts() -> dict[str, Any]:
        return report.as_dict(module._diff) if report else result

    try:
        job(Run(module), result)
    except jmes.MissingLibrary as error:
        module.fail_json(
            msg=missing_required_lib(error.library),
            exception=error.trace,
            error=error.as_dict(),
            invocation=module.invocation(),
            **facts(),
        )
    except GcoreError as error:
        module.fail_json(msg=error.sentence(), error=error.as_dict(), invocation=module.invocation(), **facts())
    module.exit_json(invocation=module.invocation(), **facts())


def resource_main(resource: Resource) -> None:
    """The main() of a module that writes."""
    report = Report(resource.name, hidden=resource.answer_secrets)
    run_module(module_spec(resource), lambda run, _: present_or_absent(resource, run, report), report=report)


def info_main(resource: Resource) -> None:
    """The main() of an _info module."""

    def job(run: Run, result: dict[str, Any]) -> None:
        params = run.module.params
        if params["query"]:
            jmes.compiled(params["query"])
        rows = look_up(resource, params, run.finder)
        result.update(changed=False)
        result[resource.kind.list_name] = rows
        if params["query"]:
            result["query_result"] = jmes.apply(params["query"], rows)

    run_module(info_spec(resource), job)


def present_or_absent(resource: Resource, run: Run, report: Report) -> None:
    """One run of a module that writes, from its options to its report."""
    module, params = run.module, run.module.params
    options = given_options((*resource.own_fields, Field("id")), resource.children, params, module.raw_params)
    options.update({name: params[name] for name in resource.purge_options()})
    settings = Settings(
        params["state"],
        params.get("wait", True),
        params.get("wait_timeout"),
        params.get("recreate", False),
        module.check_mode,
    )
    secrets = SecretFiles(resource, params, run.finder, report)
    secrets.check(options)
    engine = Engine(
        resource, options, settings, run.client, run.finder, run.waiter, run.deadline, report, module.warn, secrets
    )
    engine.run()
