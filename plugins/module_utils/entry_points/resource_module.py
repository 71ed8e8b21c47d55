# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The resource modules: one run, from its options to its report."""

from __future__ import annotations

from ..engine.context import Context, Settings
from ..engine.reconcile import Engine
from ..engine.result import Report
from ..engine.secret_files import SecretFiles
from ..schema.masking import secret_keys
from ..schema.option import Option, Ref
from ..schema.resource import Resource
from ..schema.rows import check_id
from ..tasks.poller import Poller
from ..tasks.progress import Journal
from .arguments import given_options, module_spec, traits
from .module import Run, run_module


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
