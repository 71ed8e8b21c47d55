# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Instance: a virtual machine with its volumes and interfaces (docs/api-notes.md: Instances)."""

from __future__ import annotations

from .instance import RESOURCE

__all__ = ["RESOURCE"]
