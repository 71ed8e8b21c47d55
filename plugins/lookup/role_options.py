# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variables of a role of this collection, converted for its modules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_options
short_description: Read the variables of a role of this collection
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Returns the variables of a role as a dictionary, without the role's name as their prefix. The roles of this collection use it; playbooks
    do not need it.
  - Values are converted to the types that the role's argument spec declares, so that C(-e provision_vm_external=true) is a boolean, and a list
    given as JSON text is a list.
  - A variable that is null or an empty string is as if it were omitted. It gets its default, or is absent from the result. The same applies to
    suboptions at every depth that the role or the module behind the variable declares. Contents of free-form dictionaries, as tags, are
    returned as they are.
  - A null is refused where omitting the key would admit more traffic, as in O(gcore.cloud.security_group#module:rules[].remote_ip_prefix).
options:
  _terms:
    description: The name of the role, as V(provision_vm).
    type: list
    elements: str
    required: true
notes:
  - Keyword arguments say which module option a variable is passed to, as C(interfaces='instance.interfaces'). The suboptions of that option
    are then converted too.
"""

EXAMPLES = r"""
- name: Show the variables of a role as its modules get them
  ansible.builtin.debug:
    msg: "{{ lookup('gcore.cloud.role_options', 'provision_volume') }}"
  vars:
    provision_volume_name: data-1
    provision_volume_size: "100"
    provision_volume_instance: null   # not in the result
"""

RETURN = r"""
_list:
  description: The variables that have a value, by their names without the name of the role.
  type: list
  elements: dict
  sample: [{name: data-1, size: 100, state: present}]
"""

from functools import cache
from pathlib import Path
from typing import Any, Optional

import yaml
from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase
from ansible_collections.gcore.cloud.plugins.plugin_utils.role_options import OMITTED, given, module_option

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18 renders all text

    def trust_as_template(value: str) -> str:
        return value


ROLES = Path(__file__).parents[2] / "roles"


@cache
def _read(role: str, file: str) -> dict[str, Any]:
    """A YAML file of a role."""
    path = ROLES / role / file
    if not path.is_file():
        raise AnsibleError(f"gcore.cloud has no role '{role}'.")
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


class LookupModule(LookupBase):
    """Reads the variables of a role, renders them, and converts them by its argument spec."""

    def run(self, terms: list[str], variables: Optional[dict[str, Any]] = None, **kwargs: str) -> list[dict[str, Any]]:
        return [self._of_role(role, variables or {}, kwargs) for role in terms]

    def _of_role(self, role: str, variables: dict[str, Any], modules: dict[str, str]) -> dict[str, Any]:
        declared = _read(role, "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
        specs = {
            variable: {**spec, **module_option(modules[variable[len(role) + 1 :]])}
            if variable[len(role) + 1 :] in modules
            else spec
            for variable, spec in declared.items()
        }
        options = self._given(specs, variables, variables)
        defaults = {
            name: trust_as_template(value) if isinstance(value, str) else value
            for name, value in _read(role, "defaults/main.yml").items()
            if name not in options
        }
        options.update(self._given(specs, defaults, variables))
        return {variable[len(role) + 1 :]: value for variable, value in options.items()}

    def _given(self, specs: dict[str, Any], values: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """The values of those variables that are not omitted. ``omit`` is a text in ansible-core 2.18, and removed by later ones."""
        rendered = self._templar.template({name: values[name] for name in specs if name in values})
        found = {
            name: given(specs[name], value, name)
            for name, value in rendered.items()
            if not (isinstance(value, str) and value == variables.get("omit"))
        }
        return {name: value for name, value in found.items() if value is not OMITTED}
