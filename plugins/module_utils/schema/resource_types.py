# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of resource types: one row for each type that has a name or an id (docs/api-notes.md: Lists, Names, Formats)."""

from __future__ import annotations

from .types import GLOBAL, NUMBER, PROJECT, TEXT, ResourceType, Statuses

# Load balancers, listeners, pools, members, health monitors, L7 policies and rules (docs/api-notes.md: Load balancers).
PROVISIONING = Statuses(
    "provisioning_status",
    ready=("ACTIVE",),
    creating=("PENDING_CREATE",),
    changing=("PENDING_UPDATE",),
    deleting=("PENDING_DELETE",),
    deleted=("DELETED",),
    failed=("ERROR",),
    holds_nothing=("ERROR",),
)

PROJECTS = ResourceType(
    "project",
    "/cloud/v1/projects",
    name_filter="name",
    id_form=NUMBER,
    scope=GLOBAL,
    distinguished_by=("state", "created_at"),
)
REGIONS = ResourceType(
    "region",
    "/cloud/v1/regions",
    name_field="display_name",
    name_filter="display_name",
    ignore_case=True,
    id_form=NUMBER,
    scope=GLOBAL,
    distinguished_by=("state",),
)
SSH_KEYS = ResourceType(
    "ssh_key",
    "/cloud/v1/ssh_keys/{project_id}",
    name_filter="name",
    scope=PROJECT,
    distinguished_by=("fingerprint", "created_at"),
    statuses=Statuses("state", ready=("ACTIVE",), deleting=("DELETING",)),
)
NETWORKS = ResourceType(
    "network",
    "/cloud/v1/networks/{project_id}/{region_id}",
    name_filter="name",
    wider_query={"owned_by": "any"},
    created_key="networks",
    distinguished_by=("type", "created_at"),
)
SUBNETS = ResourceType(
    "subnet",
    "/cloud/v1/subnets/{project_id}/{region_id}",
    wider_query={"owned_by": "any"},
    created_key="subnets",
    distinguished_by=("network_id", "cidr", "created_at"),
)
ROUTERS = ResourceType(
    "router",
    "/cloud/v1/routers/{project_id}/{region_id}",
    name_filter="name",
    created_key="routers",
    distinguished_by=("created_at",),
)
VOLUMES = ResourceType(
    "volume",
    "/cloud/v1/volumes/{project_id}/{region_id}",
    name_filter="name_part",
    created_key="volumes",
    distinguished_by=("size", "volume_type", "status", "created_at"),
    statuses=Statuses(
        "status",
        ready=("available", "in-use", "reserved", "awaiting-transfer"),
        creating=("creating", "downloading"),
        changing=(
            "attaching",
            "backing-up",
            "detaching",
            "extending",
            "maintenance",
            "restoring-backup",
            "retyping",
            "reverting",
            "uploading",
        ),
        deleting=("deleting",),
        failed=("error", "error_backing-up", "error_deleting", "error_extending", "error_restoring"),
    ),
)
SNAPSHOTS = ResourceType(
    "snapshot",
    "/cloud/v1/snapshots/{project_id}/{region_id}",
    created_key="snapshots",
    distinguished_by=("volume_id", "size", "created_at"),
    statuses=Statuses(
        "status",
        ready=("available",),
        creating=("creating",),
        changing=("backing-up", "restoring"),
        deleting=("deleting", "unmanaging"),
        deleted=("deleted",),
        failed=("error", "error_deleting"),
    ),
)
IMAGES = ResourceType(
    "image",
    "/cloud/v1/images/{project_id}/{region_id}",
    name_filter="name",
    created_key="images",
    distinguished_by=("visibility", "os_version", "architecture", "created_at"),
    statuses=Statuses(
        "status", ready=("active",), creating=("queued", "saving"), failed=("error", "killed"), documented=False
    ),
)
FLAVORS = ResourceType(
    "flavor",
    "/cloud/v1/flavors/{project_id}/{region_id}",
    id_field="flavor_id",
    name_field="flavor_name",
    id_form=TEXT,
)
INSTANCES = ResourceType(
    "instance",
    "/cloud/v1/instances/{project_id}/{region_id}",
    name_filter="name",
    created_key="instances",
    distinguished_by=("status", "flavor.flavor_id", "created_at"),
    statuses=Statuses(
        "status",
        ready=("ACTIVE", "PAUSED", "RESCUE", "SHELVED", "SHELVED_OFFLOADED", "SHUTOFF", "SUSPENDED"),
        creating=("BUILD",),
        changing=(
            "HARD_REBOOT",
            "MIGRATING",
            "PASSWORD",
            "REBOOT",
            "REBUILD",
            "RESIZE",
            "REVERT_RESIZE",
            "VERIFY_RESIZE",
        ),
        deleted=("DELETED", "SOFT_DELETED"),
        failed=("ERROR", "UNKNOWN"),
    ),
)
SERVERGROUPS = ResourceType(
    "servergroup",
    "/cloud/v1/servergroups/{project_id}/{region_id}",
    id_field="servergroup_id",
    distinguished_by=("policy",),
)
SECURITY_GROUPS = ResourceType(
    "security_group",
    "/cloud/v1/securitygroups/{project_id}/{region_id}",
    name_filter="name",
    created_key="security_groups",
    distinguished_by=("description", "created_at"),
)
FLOATING_IPS = ResourceType(
    "floating_ip",
    "/cloud/v1/floatingips/{project_id}/{region_id}",
    name_field="floating_ip_address",
    created_key="floatingips",
    distinguished_by=("floating_ip_address", "status", "port_id"),
    statuses=Statuses("status", ready=("ACTIVE", "DOWN"), failed=("ERROR",), holds_nothing=("ERROR",)),
)
RESERVED_FIXED_IPS = ResourceType(
    "reserved_fixed_ip",
    "/cloud/v1/reserved_fixed_ips/{project_id}/{region_id}",
    id_field="port_id",
    name_field="fixed_ip_address",
    created_key="ports",
    distinguished_by=("network_id", "name"),
)
LOAD_BALANCERS = ResourceType(
    "load_balancer",
    "/cloud/v1/loadbalancers/{project_id}/{region_id}",
    name_filter="name",
    created_key="loadbalancers",
    distinguished_by=("provisioning_status", "vip_address", "created_at"),
    statuses=PROVISIONING,
)
LOAD_BALANCER_FLAVORS = ResourceType(
    "load_balancer_flavor",
    "/cloud/v1/lbflavors/{project_id}/{region_id}",
    id_field="flavor_id",
    name_field="flavor_name",
    id_form=TEXT,
)
LISTENERS = ResourceType(
    "listener",
    "/cloud/v1/lblisteners/{project_id}/{region_id}",
    name_filter="name",
    created_key="listeners",
    statuses=PROVISIONING,
)
POOLS = ResourceType(
    "pool",
    "/cloud/v1/lbpools/{project_id}/{region_id}",
    name_filter="name",
    created_key="pools",
    statuses=PROVISIONING,
)
L7_POLICIES = ResourceType(
    "l7_policy",
    "/cloud/v1/l7policies/{project_id}/{region_id}",
    created_key="l7polices",
    statuses=PROVISIONING,
)
L7_RULES = ResourceType(
    "l7_rule",
    "/cloud/v1/l7policies/{project_id}/{region_id}/{parent_id}/rules",
    name_field="type",
    created_key="l7rules",
    statuses=PROVISIONING,
)
SECRETS = ResourceType(
    "secret",
    "/cloud/v1/secrets/{project_id}/{region_id}",
    created_key="secrets",
    distinguished_by=("status", "created"),
)
K8S_CLUSTERS = ResourceType(
    "k8s_cluster",
    "/cloud/v2/k8s/clusters/{project_id}/{region_id}",
    id_field="name",
    created_key="k8s_clusters",
    distinguished_by=("version", "status", "created_at"),
    statuses=Statuses(
        "status",
        ready=("Provisioned",),
        creating=("Pending", "Provisioning"),
        deleting=("Deleting",),
        failed=("Failed", "Unknown"),
    ),
)
K8S_POOLS = ResourceType(
    "k8s_cluster_pool",
    "/cloud/v2/k8s/clusters/{project_id}/{region_id}/{parent_id}/pools",
    id_field="name",
    created_key="k8s_pools",
    statuses=Statuses(
        "status",
        ready=("Running",),
        creating=("Provisioning",),
        deleting=("Deleting",),
        failed=("Error", "Failed"),
        documented=False,
    ),
)
K8S_FLAVORS = ResourceType(
    "k8s_flavor",
    "/cloud/v1/k8s/{project_id}/{region_id}/flavors",
    id_field="flavor_id",
    name_field="flavor_name",
    id_form=TEXT,
)
CLOUD_TASKS = ResourceType("task", "/cloud/v1/tasks", name_field="task_type", scope=GLOBAL)
K8S_VERSIONS = ResourceType(
    "k8s_version",
    "/cloud/v2/k8s/{project_id}/{region_id}/create_versions",
    id_field="version",
    name_field="version",
    id_form=TEXT,
)
