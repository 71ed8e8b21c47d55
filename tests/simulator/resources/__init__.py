# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The simulated resources, in the order in which their seed data is made."""

from __future__ import annotations

from ..core.resource import Resource
from . import (
    apptemplates,
    flavors,
    floatingips,
    images,
    instances,
    networks,
    ports,
    projects,
    regions,
    reserved_fixed_ips,
    routers,
    securitygroups,
    servergroups,
    snapshots,
    ssh_keys,
    subnets,
    tasks,
    volumes,
)

ALL: list[Resource] = [
    regions.RESOURCE,
    projects.RESOURCE,
    tasks.RESOURCE,
    ssh_keys.RESOURCE,
    networks.RESOURCE,
    subnets.RESOURCE,
    ports.RESOURCE,
    routers.RESOURCE,
    securitygroups.RESOURCE,
    floatingips.RESOURCE,
    reserved_fixed_ips.RESOURCE,
    flavors.RESOURCE,
    images.RESOURCE,
    volumes.RESOURCE,
    snapshots.RESOURCE,
    servergroups.RESOURCE,
    apptemplates.RESOURCE,
    instances.RESOURCE,
]
