# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes version (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

from ..schema.resource import Hooks, Resource
from ..schema.resource_types import K8S_VERSIONS


class K8sVersionHooks(Hooks):
    has_item = False


RESOURCE = Resource(type=K8S_VERSIONS, hooks=K8sVersionHooks())
