# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH key (docs/api-notes.md: SSH keys)."""

from __future__ import annotations

from typing import Any

from ..schema.common import name, predicted
from ..schema.option import IMMUTABLE, UPDATE, Action, Option, Value
from ..schema.resource import Hooks, Resource, SecretFile
from ..schema.resource_types import SSH_KEYS

ONE = SSH_KEYS.path + "/{id}"


class PublicKey(Value):
    """A public key, compared without its comment, which the API may drop."""

    def same(self, desired: Any, current: Any) -> bool:
        return bool(desired.split()[:2] == (current or "").split()[:2])


class SshKeyHooks(Hooks):
    response = predicted("id name project_id fingerprint public_key created_at", state="ACTIVE", shared_in_project=True)


RESOURCE = Resource(
    type=SSH_KEYS,
    options=(
        name(IMMUTABLE, required=True),
        Option("public_key", value=PublicKey()),
        Option("shared_in_project", "bool", change=UPDATE),
    ),
    create=Action("create", "POST", SSH_KEYS.path, timeout=60),
    update=Action("update", "PATCH", ONE, timeout=60),
    delete=Action("delete", "DELETE", ONE, timeout=60),
    secret_files=(SecretFile("private_key_dest", "private_key", when_missing="public_key"),),
    hooks=SshKeyHooks(),
)
