# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The outermost layer, the only one that uses AnsibleModule: from the options to one result."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Callable, NoReturn, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ..api import client as http
from ..clock import FIRST_LIMIT, Clock, Deadline
from ..engine.references import Finder, Scope
from ..errors import GcoreError, OptionError
from ..schema.masking import Mask, hidden_options
from ..schema.parsing import Place, Trait, parse
from . import query as jmes
from .arguments import common_errors


class GcoreModule(AnsibleModule):
    """AnsibleModule that parses its arguments before it validates them (see ``parsing``).

    ``lean`` removes from the options what must not be logged, and adds warnings to a list. ``cleared`` are the places of the nulls
    that clear an option; ``refusal`` is the error of the arguments, in which case nothing is validated.
    """

    params: dict[str, Any]
    argument_spec: dict[str, Any]

    def __init__(
        self,
        lean: Optional[Callable[[dict[str, Any], list[str]], dict[str, Any]]] = None,
        traits: Optional[Mapping[str, Trait]] = None,
        facts: Optional[Callable[[bool], dict[str, Any]]] = None,
        **spec: Any,
    ) -> None:
        self._facts = facts or (lambda with_diff: {})
        self._lean = lean
        self._traits = traits or {}
        self.cleared: frozenset[Place] = frozenset()
        self.refusal: Optional[OptionError] = None
        self.notices: list[str] = []
        super().__init__(**spec)
        # AnsibleModule would replace every text of a result that equals a value of a secret option, also ids and names.
        self.no_log_values: set[str] = set()
        self.mask = Mask.of_options(self.argument_spec, self.params)

    def invocation(self) -> dict[str, Any]:
        """The result's ``invocation``, without secrets."""
        return {"module_args": hidden_options(self.argument_spec, self.params)}

    def exit_json(self, **result: Any) -> NoReturn:
        """Return a result; no text in it is replaced because it equals a value of a secret option."""
        super().exit_json(**{"invocation": self.invocation(), **result})
        raise AssertionError("AnsibleModule has not ended the process")

    def fail_json(self, msg: str, **result: Any) -> NoReturn:
        """Return a failure with the keys of every result; AnsibleModule itself calls it for arguments that it refuses."""
        self.no_log_values = set()
        known = {"invocation": self.invocation(), "error": {"kind": OptionError.kind}, **self._facts(self._diff)}
        super().fail_json(msg=msg, **{**known, **result})
        raise AssertionError("AnsibleModule has not ended the process")

    def _log_invocation(self) -> None:
        shown = {name: str(value) for name, value in self.invocation()["module_args"].items()}
        self.log("Invoked with %s" % " ".join("%s=%s" % each for each in shown.items()), log_args=shown)

    def _load_params(self) -> None:
        super()._load_params()
        try:
            parsed = parse(self.argument_spec, self.params, self._traits)
            self.params, self.cleared = parsed.arguments, parsed.cleared
            if self._lean:
                self.params = self._lean(self.params, self.notices)
        except OptionError as error:
            self.refusal = error
            self.params = {name: value for name, value in self.params.items() if name.startswith("_ansible_")}
            self.argument_spec = {}
            self.mutually_exclusive = self.required_one_of = self.required_if = None


class Run:
    """The objects of one module run."""

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
            raise OptionError(
                "ca_path '%s' does not exist." % verify, "Set it to a file or folder of PEM certificates."
            )
        self.clock = Clock(clock_speed(params["api_url"]))
        settings = http.ClientSettings(
            params["api_url"], params["api_key"], verify, params["timeout"], module.check_mode
        )
        self.client = http.Client(settings, self.clock)
        self.client.mask = module.mask
        self.deadline = Deadline(self.clock, params.get("wait_timeout") or FIRST_LIMIT)
        self.finder = Finder(
            self.client,
            Scope(params.get("project"), params.get("region")),
            self.deadline,
            module.check_mode,
            module.warn,
        )


def clock_speed(api_url: str) -> float:
    """The speed of the clock: GCORE_CLOCK_SPEED, for a simulator on a loopback address only."""
    text = os.environ.get("GCORE_CLOCK_SPEED", "")
    try:
        speed = float(text) if text and http.is_loopback(api_url) else 1.0
    except ValueError:
        speed = 1.0
    return speed if speed > 0 else 1.0


def run_module(
    spec: Mapping[str, Any],
    job: Callable[[Run, dict[str, Any]], None],
    lean: Optional[Callable[[dict[str, Any], list[str]], dict[str, Any]]] = None,
    facts: Optional[Callable[[bool], dict[str, Any]]] = None,
    traits: Optional[Mapping[str, Trait]] = None,
) -> None:
    """Run a job; its GcoreError becomes one fail_json with the result so far.

    The result is what ``facts`` returns, with or without a diff, or else the dictionary that the job fills.
    """
    module = GcoreModule(lean, traits, facts, **spec)
    result: dict[str, Any] = {}

    def known() -> dict[str, Any]:
        return facts(module._diff) if facts else result

    for notice in module.notices:
        module.warn(notice)
    try:
        if module.refusal:
            raise module.refusal
        job(Run(module), result)
    except jmes.MissingLibrary as error:
        module.fail_json(
            msg=missing_required_lib(error.library),
            exception=error.trace,
            error=error.as_dict(),
            **known(),
        )
    except GcoreError as error:
        module.fail_json(msg=error.sentence(), error=error.as_dict(), **known())
    module.exit_json(**known())
