# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load balancer: its listeners, pools, members, health monitors and L7 policies (docs/api-notes.md: Load balancers)."""

from __future__ import annotations

from .load_balancer import RESOURCE

__all__ = ["RESOURCE"]
