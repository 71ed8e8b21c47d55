# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource modules: one run, from its options to its report."""

from __future__ import annotations

from ansible_collections.gcore.cloud.plugins.module_utils.engine.context import Context, Settings
from ansible_collections.gcore.cloud.plugins.module_utils.engine.reconcile import Engine
from ansible_collections.gcore.cloud.plugins.module_utils.engine.result import Report
from ansible_collections.gcore.cloud.plugins.module_utils.engine.secret_files import SecretFiles
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.arguments import (
    given_options,
    module_spec,
    traits,
)
from ansible_collections.gcore.cloud.plugins.module_utils.entry_points.module import Run, run_module
from ansible_collections.gcore.cloud.plugins.module_utils.schema.masking import secret_keys
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import Option, Ref
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import Resource
from ansible_collections.gcore.cloud.plugins.module_utils.schema.rows import check_id
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.poller import Poller
from ansible_collections.gcore.cloud.plugins.module_utils.tasks.progress import Journal


def resource_main(resource: Resource) -> None:
    """The main() of a resource module."""
    report = Report(resource.name, removed=resource.response_secrets, hidden=secret_keys(resource))
    run_module(
        module_spec(resource),
        lambda run, _: present_or_absent(resource, run, report),
        facts=report.as_dict,
        traits=traits(resource),
    )


def present_or_absent(resource: Resource, run: Run, report: Report) -> None:
    """One run of a resource module."""
    module, params = run.module, run.module.params
    own = (*resource.options, Option("id", ref=Ref(resource.type)))
    options = given_options(own, resource.sub_resources, params, module.cleared)
    check_id(resource.type, options.get("id"), resource.identities[0].options[0])
    options.update({name: params[name] for name in resource.purge_options()})
    settings = Settings(
        params["state"],
        params.get("wait", True),
        params.get("wait_timeout"),
        params.get("recreate", False),
        module.check_mode,
    )
    secrets = SecretFiles(resource, params, run.finder, report, module.warn)
    if settings.state != "absent":
        secrets.check()
    journal = Journal.from_environment(run.clock, params, silent=module.no_log)
    poller = Poller(run.client, params.get("poll_interval"), journal)
    context = Context(
        resource, options, settings, run.client, run.finder, poller, run.deadline, report, module.warn, secrets
    )
    Engine(context).run()
