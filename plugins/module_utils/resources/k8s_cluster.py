# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes cluster and its pools of nodes (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ansible_collections.gcore.cloud.plugins.module_utils.errors import (
    ImmutableError,
    MissingOptions,
    OptionError,
)
from ansible_collections.gcore.cloud.plugins.module_utils.resources import volume as volumes
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import (
    ALL,
    chosen,
    logging,
    response,
    still_billed,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.forms import ID, NETWORK
from ansible_collections.gcore.cloud.plugins.module_utils.schema.parsing import type_of
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import (
    UPDATE,
    Action,
    Option,
    RelatedRead,
    Resource,
    SecretFile,
    SubResource,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource_types import (
    K8S_CLUSTERS,
    K8S_FLAVORS,
    K8S_POOLS,
    K8S_VERSIONS,
    LOAD_BALANCERS,
    NETWORKS,
    REGIONS,
    SECURITY_GROUPS,
    SSH_KEYS,
    SUBNETS,
    VOLUMES,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import (
    MISSING,
    get_path,
    overlay,
    same_ignoring_null,
    same_set,
)

ONE = K8S_CLUSTERS.path + "/{id}"
NAME_PATTERN = r"^[a-z][a-z0-9\-]{0,18}[a-z0-9]$"
NAME_TEXT = "2 to 20 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen"
OURS = "gcorecluster.x-k8s.io/"  # labels that the platform puts on nodes (docs/api-notes.md: Kubernetes)
HOUR = 3600

# ---------------------------------------------------------------------- pools


def own(labels: Optional[Mapping[str, str]]) -> dict[str, str]:
    """The user's labels."""
    return {key: text_of(value) for key, value in (labels or {}).items() if not key.startswith(OURS)}


def merge_labels(
    desired: Optional[Mapping[str, str]], current: Optional[Mapping[str, str]], purge: bool
) -> dict[str, str]:
    """The wanted labels, and the platform's own, which a PATCH would take away."""
    platform = {key: value for key, value in (current or {}).items() if key.startswith(OURS)}
    return {**platform, **own(desired)}


def texts(desired: Optional[Mapping[str, Any]], current: Any = None, purge: bool = True) -> dict[str, str]:
    """A map whose values the API wants as text; what is null becomes empty, for a null in a PATCH leaves a map as it is."""
    return {key: text_of(value) for key, value in (desired or {}).items()}


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def same_map(desired: Optional[Mapping[str, Any]], current: Optional[Mapping[str, Any]]) -> bool:
    """Equality of maps of texts: none is the same as an empty one."""
    return texts(desired) == texts(current)


def text_map(option: str, **more: Any) -> Option:
    return Option(option, "dict", same=same_map, merge=texts, to_body=texts, **more)


def check_new_pool(options: Mapping[str, Any], resource_class: str, path: Callable[[str], str]) -> None:
    """A pool of virtual machines has boot volumes and a placement policy, one of bare metal has neither (docs/api-notes.md: Kubernetes)."""
    of_machines = resource_class in ("None", "")  # only flavors of bare metal have a resource class
    for name in ("servergroup_policy", "boot_volume_type", "boot_volume_size"):
        if (options.get(name) is not None) != of_machines:
            raise OptionError(
                "%s %s." % (path(name), "is missing" if of_machines else "is given for a bare metal flavor"),
                "A new pool of virtual machines needs servergroup_policy, boot_volume_type and boot_volume_size; "
                "one of bare metal has none of them.",
            )


def predict_pool(row: dict[str, Any], options: Mapping[str, Any]) -> None:
    """A pool begins with its least number of nodes (docs/api-notes.md: Kubernetes)."""
    least = row["min_node_count"]
    row.update(node_count=row["node_count"] or least, max_node_count=row["max_node_count"] or least)


POOL = Resource(
    type=K8S_POOLS,
    fields=(
        Option("name", required=True, pattern=NAME_PATTERN, pattern_text=NAME_TEXT),
        Option("flavor", ref=K8S_FLAVORS, body="flavor_id", required=True, fits=("resource_class", check_new_pool)),
        Option("min_node_count", "int", required=True, minimum=1, maximum=200, change=UPDATE),
        Option("max_node_count", "int", minimum=1, maximum=200, change=UPDATE),
        Option(
            "node_count",
            "int",
            minimum=1,
            maximum=200,
            in_create=False,
            change=Action("resize", "POST", K8S_POOLS.path + "/{id}/resize", "resize_k8s_cluster_v2", timeout=HOUR),
        ),
        Option("boot_volume_size", "int", minimum=10, maximum=2000),
        Option("boot_volume_type", choices=volumes.VOLUME_TYPES),
        Option("auto_healing_enabled", "bool", change=UPDATE),
        Option("is_public_ipv4", "bool"),
        Option("servergroup_policy", choices=("affinity", "anti-affinity", "soft-anti-affinity")),
        Option(
            "security_groups",
            "list",
            elements="str",
            ref=SECURITY_GROUPS,
            body="security_group_ids",
            change=UPDATE,
            same=same_set,
        ),
        Option(
            "labels",
            "dict",
            change=UPDATE,
            nullable=True,
            merge=merge_labels,
            same=lambda desired, current: own(desired) == own(current),
            to_body=texts,
        ),
        text_map("taints", change=UPDATE, nullable=True),
        text_map("crio_config"),
        text_map("kubelet_config"),
    ),
    create=Action("create", "POST", K8S_POOLS.path, "create_k8s_cluster_pool_v2", timeout=HOUR),
    update=Action("update", "PATCH", K8S_POOLS.path + "/{id}"),
    delete=Action("delete", "DELETE", K8S_POOLS.path + "/{id}", "delete_k8s_cluster_pool_v2", timeout=1200),
    predicted=response(
        "id name flavor_id node_count min_node_count max_node_count boot_volume_size boot_volume_type created_at "
        "servergroup_id servergroup_name servergroup_policy",
        status="Running",
        auto_healing_enabled=False,
        is_public_ipv4=False,
        security_group_ids=[],
        labels={},
        taints={},
        crio_config={},
        kubelet_config={},
    ),
    predict=predict_pool,
)

# ------------------------------------------------------------------ the cluster


def upgrade(desired: str, current: Optional[str], row: Mapping[str, Any], purge: bool) -> Action:
    """The API says which versions the cluster can get next: no minor version is skipped (docs/api-notes.md: Kubernetes)."""
    if desired not in row["_upgrades"]:
        raise OptionError(
            "version: the k8s cluster '%s' has %s and cannot be upgraded to %s." % (row["name"], current, desired),
            "It can be upgraded to: %s." % (", ".join(row["_upgrades"]) or "none"),
        )
    return Action("upgrade", "POST", ONE + "/upgrade", "upgrade_k8s_cluster_v2", timeout=HOUR, first=True)


def change_cni(desired: Mapping[str, Any], current: Mapping[str, Any], row: Mapping[str, Any], purge: bool) -> Any:
    """The provider and the size of a node's network stay as they are; cilium's other options can change (docs/api-notes.md: Kubernetes)."""
    for path in ("provider", "cilium.mask_size", "cilium.mask_size_v6"):
        wanted, there = get_path(desired, path), get_path(current, path)
        if wanted not in (None, MISSING) and wanted != there:
            raise ImmutableError(
                "cni.%s of the k8s cluster is %s and cannot be changed to %s." % (path, there, wanted),
                "Omit it, or set recreate: true to delete and re-create the cluster.",
            )
    return UPDATE


def add_ons_from(row: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    """The add-ons of an answer in the form of the request: of what is off, nothing else is said."""
    return {key: each if each.get("enabled") else {"enabled": False} for key, each in (row or {}).items() if each}


def merge_add_ons(desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]], purge: bool) -> dict[str, Any]:
    """What is left out is left alone; what is on is whole, and of what is off nothing else is said (docs/api-notes.md: Kubernetes)."""
    wanted = add_ons_from(overlay(desired or {}, current or {}))
    slurm = wanted.get("slurm") or {}
    missing = [item.name for item in SLURM if slurm.get("enabled") and slurm.get(item.body_name) is None]
    if missing:
        raise OptionError("Switching slurm on needs %s." % " and ".join(missing), "They are options of add_ons.slurm.")
    return wanted


TEXT_MAPS = ("labels", "taints", "crio_config", "kubelet_config")


def check_texts(values: Mapping[str, Any], where: str, types: tuple[type, ...] = (str, int, float)) -> None:
    """Each value of a map is sent as text: what has no text of its own is refused."""
    for key, value in values.items():
        if not isinstance(value, types):
            hint = "Write it in quotes." if isinstance(value, (int, float)) else "Omit it, or give it one value."
            raise OptionError("%s.%s must be text, not %s." % (where, key, type_of(value)), hint)


def check(options: Mapping[str, Any]) -> None:
    """What can be seen to be wrong before anything is asked."""
    check_texts(options.get("autoscaler_config") or {}, "autoscaler_config")
    claims = ((options.get("authentication") or {}).get("oidc") or {}).get("required_claims")
    check_texts(claims or {}, "authentication.oidc.required_claims", (str,))
    for index, pool in enumerate(options.get("pools") or []):
        for option in TEXT_MAPS:
            check_texts(pool.get(option) or {}, "pools[%d].%s" % (index, option))
    names = [pool["name"] for pool in options.get("pools") or []]
    twice = [each for each in names if names.count(each) > 1]
    if twice:
        raise OptionError("Two pools are called '%s'." % twice[0], "A pool is known by its name: give each its own.")
    for pool in options.get("pools") or []:
        least, most = pool.get("min_node_count"), pool.get("max_node_count")
        if least is not None and most is not None and least > most:
            raise OptionError(
                "The pool '%s' has min_node_count %d and max_node_count %d." % (pool["name"], least, most)
            )
    version = options.get("version")
    if version is not None and not re.match(r"v\d", str(version)):
        raise OptionError(
            "version '%s' is not a version of the API." % version,
            "They begin with v: gcore.cloud.k8s_version_info lists them.",
        )


def create_body(body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
    if not body.get("pools"):
        raise MissingOptions("Creating a k8s cluster needs pools.", "A cluster has at least one pool of nodes.")
    # The create request knows only add-ons that are on.
    add_ons = merge_add_ons(body.pop("add_ons", None), None, True)
    on = {key: each for key, each in add_ons.items() if each["enabled"]}
    return {**body, "add_ons": on} if on else body


def persistent(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The volumes of a cluster without the boot disks of its nodes, which go with them."""
    return [each for each in rows if not each.get("is_root_volume") and not each.get("bootable")]


def chosen_volumes(options: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """The ids that delete_volumes means, among the volumes that the cluster has made."""
    return chosen(options, "delete_volumes", row.get("_volumes") or [], "id", "name", "cluster")


def delete_query(options: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    ids = chosen_volumes(options, row)
    return {"volumes": ",".join(ids)} if ids else {}


def own_load_balancers(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The load balancers that services of the cluster seem to have created: their name has the cluster's id, or its name as a part.

    The API does not document what ties them to the cluster; Kubernetes names them kube_service_<cluster>_<namespace>_<service>.
    """
    marks = ("kube_service_%s_" % row["name"], str(row["id"]))
    return [each for each in rows if any(mark in str(each["name"]) for mark in marks)]


def deletion_warning(options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
    """What is not deleted with the cluster and still billed."""
    going = chosen_volumes(options, row)
    balancers = row.get("_load_balancers") or []
    return still_billed(
        "cluster",
        (
            (
                "volumes",
                [each["id"] for each in row.get("_volumes") or [] if each["id"] not in going],
                "set delete_volumes, or delete them later with gcore.cloud.volume",
            ),
            (
                "load balancers",
                ["%s (%s)" % (each["name"], each["id"]) for each in balancers],
                "created by services of the cluster, as their names show; delete them with gcore.cloud.load_balancer",
            ),
            (
                "floating IPs",
                [address["floating_ip_address"] for each in balancers for address in each.get("floating_ips") or []],
                "release them with gcore.cloud.floating_ip",
            ),
        ),
    )


CILIUM = (
    Option("cni_exclusive", "bool"),
    Option("encryption", "bool"),
    Option("hubble_relay", "bool"),
    Option("hubble_ui", "bool"),
    Option("lb_acceleration", "bool"),
    Option("lb_mode", choices=("dsr", "hybrid", "snat")),
    Option("mask_size", "int"),
    Option("mask_size_v6", "int"),
    Option("routing_mode", choices=("native", "tunnel")),
    Option("tunnel", choices=("", "geneve", "vxlan")),
)
OIDC = (
    Option("client_id", nullable=True),
    Option("groups_claim", nullable=True),
    Option("groups_prefix", nullable=True),
    Option("issuer_url", nullable=True),
    Option("required_claims", "dict", nullable=True),
    Option(
        "signing_algs",
        "list",
        elements="str",
        nullable=True,
        choices=("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"),
    ),
    Option("username_claim", nullable=True),
    Option("username_prefix", nullable=True),
)
SLURM = (
    Option("enabled", "bool", required=True),
    Option("file_share_id", form=ID),
    Option("ssh_key_ids", "list", elements="str", form=ID, not_secret=True),
    Option("worker_count", "int", minimum=1),
)


def predict(row: dict[str, Any], options: Mapping[str, Any]) -> None:
    """Nested objects are shown whole."""
    keys = {
        "ddos_profile": "enabled fields profile_template profile_template_name",
        "logging": "destination_region_id enabled retention_policy topic_name",
        "authentication": "kubeconfig_created_at kubeconfig_expires_at oidc",
        "cni": "cilium provider",
    }
    for name, noun in keys.items():
        if row[name]:
            row[name] = {**response(noun), **row[name]}
    oidc = (row["authentication"] or {}).get("oidc")
    if oidc:
        row["authentication"]["oidc"] = {**response(" ".join(item.name for item in OIDC)), **oidc}
    slurm = row["add_ons"].get("slurm") or {}
    row["add_ons"] = {"slurm": {**response("file_share_id ssh_key_ids worker_count", enabled=False), **slurm}}


RESOURCE = Resource(
    type=K8S_CLUSTERS,
    fields=(
        Option("name", required=True, pattern=NAME_PATTERN, pattern_text=NAME_TEXT),
        # An upgrade goes before all other changes (docs/api-notes.md: Kubernetes).
        Option(
            "version",
            required=True,
            catalog=K8S_VERSIONS,
            change=upgrade,
        ),
        Option(
            "ssh_key",
            ref=SSH_KEYS,
            ref_by="name",
            body="keypair",
            required=True,
            not_secret=True,
            decode=lambda found: found or MISSING,  # it did not always come back (docs/api-notes.md: Kubernetes)
        ),
        Option("fixed_network", ref=NETWORKS),
        Option("fixed_subnet", ref=SUBNETS, ref_scope=(("network_id", "fixed_network"),)),
        Option("is_ipv6", "bool"),
        Option("pods_ip_pool", form=NETWORK),
        Option("services_ip_pool", form=NETWORK),
        Option("pods_ipv6_pool", form=NETWORK),
        Option("services_ipv6_pool", form=NETWORK),
        Option(
            "cni",
            "dict",
            fields=(Option("provider", choices=("calico", "cilium")), Option("cilium", "dict", fields=CILIUM)),
            same=same_ignoring_null,
            change=change_cni,
        ),
        Option("csi", "dict", fields=(Option("nfs", "dict", fields=(Option("vast_enabled", "bool"),)),)),
        Option(
            "authentication",
            "dict",
            fields=(Option("oidc", "dict", fields=OIDC, nullable=True),),
            decode=lambda row: {"oidc": (row or {}).get("oidc")},
            same=same_ignoring_null,
            change=UPDATE,
        ),
        text_map("autoscaler_config", change=UPDATE, nullable=True),
        Option(
            "add_ons",
            "dict",
            fields=(Option("slurm", "dict", fields=SLURM),),
            decode=add_ons_from,
            merge=merge_add_ons,
            same=same_ignoring_null,
            change=UPDATE,
        ),
        Option(
            "ddos_profile",
            "dict",
            fields=(
                Option("enabled", "bool", required=True),
                Option("profile_template", "int", nullable=True),
                Option("profile_template_name", nullable=True),
                Option(
                    "fields",
                    "list",
                    elements="dict",
                    fields=(Option("base_field", "int", required=True), Option("field_value", "raw", nullable=True)),
                ),
            ),
            same=same_ignoring_null,
            change=UPDATE,
        ),
        logging(REGIONS),
    ),
    create=Action("create", "POST", K8S_CLUSTERS.path, "create_k8s_cluster_v2", timeout=HOUR),
    create_body=create_body,
    update=Action("update", "PATCH", ONE, "update_k8s_cluster_v2", timeout=1200),
    delete=Action("delete", "DELETE", ONE, "delete_k8s_cluster_v2", timeout=1200),
    delete_options=(Option("delete_volumes", "list", elements="str", literals=(ALL,)),),
    delete_query=delete_query,
    deletion_warning=deletion_warning,
    related_reads=(
        RelatedRead("_volumes", VOLUMES.path, (), persistent, query={"cluster_id": "{row[id]}"}, on_absent=True),
        RelatedRead("_load_balancers", LOAD_BALANCERS.path, (), own_load_balancers, on_absent=True),
        RelatedRead(
            "_upgrades",
            ONE + "/upgrade_versions",
            ("version",),
            lambda row, rows: [each["version"] for each in rows],
            on_change=True,
        ),
    ),
    sub_resources=(
        SubResource(
            "pools",
            POOL,
            lambda options, row: bool(options["name"] == row["name"]),
            K8S_POOLS.path,
            purge="purge_pools",
            required=True,
        ),
    ),
    check=check,
    secret_files=(SecretFile("kubeconfig_dest", "config", "kubeconfig", path=ONE + "/config"),),
    predicted=response(
        "id name version keypair created_at creator_task_id task_id fixed_network fixed_subnet pods_ip_pool "
        "services_ip_pool pods_ipv6_pool services_ipv6_pool autoscaler_config cni ddos_profile logging",
        status="Provisioned",
        is_public=False,
        is_ipv6=False,
        csi={"nfs": {"vast_enabled": False}},
        authentication=response("kubeconfig_created_at kubeconfig_expires_at oidc"),
        add_ons={"slurm": response("file_share_id ssh_key_ids worker_count", enabled=False)},
        pools=[],
    ),
    predict=predict,
)
