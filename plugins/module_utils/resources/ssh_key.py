# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH key (docs/api-notes.md: SSH keys)."""

from __future__ import annotations

from typing import Optional

from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import name, response
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import (
    IMMUTABLE,
    UPDATE,
    Action,
    Option,
    Resource,
    SecretFile,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource_types import SSH_KEYS

ONE = SSH_KEYS.path + "/{id}"


def same_key(desired: str, current: Optional[str]) -> bool:
    """Two public keys are the same whatever their comments are: the API may drop them."""
    return desired.split()[:2] == (current or "").split()[:2]


RESOURCE = Resource(
    type=SSH_KEYS,
    fields=(
        name(IMMUTABLE, required=True),
        Option("public_key", same=same_key),
        Option("shared_in_project", "bool", change=UPDATE),
    ),
    create=Action("create", "POST", SSH_KEYS.path, timeout=60),
    update=Action("update", "PATCH", ONE, timeout=60),
    delete=Action("delete", "DELETE", ONE, timeout=60),
    secret_files=(SecretFile("private_key_dest", "private_key", when_missing="public_key"),),
    response_secrets=("private_key",),
    predicted=response("id name project_id fingerprint public_key created_at", state="ACTIVE", shared_in_project=True),
)
