# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes cluster and its pools of nodes (docs/api-notes.md: Kubernetes)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Callable, Optional

from ..errors import ImmutableError, MissingOptions, OptionError
from ..schema.checks import ID, NETWORK, Pattern, Range
from ..schema.common import ALL, chosen, logging, predicted, still_billed
from ..schema.option import (
    AFTERWARDS,
    FIRST,
    IGNORING_NULL,
    ON_DELETE,
    OR_MISSING,
    SET,
    UPDATE,
    Action,
    Api,
    IgnoringNull,
    NotNullInCreate,
    Option,
    Ref,
)
from ..schema.parsing import CLEARED, type_of
from ..schema.resource import IF_CHANGED, ON_DELETION, Hooks, RelatedRead, Resource, SecretFile, SubResource
from ..schema.resource_types import (
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
from ..schema.values import MISSING, get_path, overlay
from . import volume as volumes

ONE = K8S_CLUSTERS.path + "/{id}"
NAME_PATTERN = r"^[a-z][a-z0-9\-]{0,18}[a-z0-9]$"
NAME_TEXT = "2 to 20 lowercase letters, digits and hyphens, beginning with a letter and not ending with a hyphen"
PLATFORM_LABELS = (
    "gcorecluster.x-k8s.io/"  # the prefix of labels that the platform sets on nodes (docs/api-notes.md: Kubernetes)
)
HOUR = 3600

# ---------------------------------------------------------------------- pools


def user_labels(labels: Optional[Mapping[str, str]]) -> dict[str, str]:
    """Labels without the platform's own."""
    return {key: text_of(value) for key, value in (labels or {}).items() if not key.startswith(PLATFORM_LABELS)}


def texts(desired: Optional[Mapping[str, Any]]) -> dict[str, str]:
    """A map with its values as text; null becomes an empty map, since null in a PATCH does not change a map."""
    return {key: text_of(value) for key, value in (desired or {}).items()}


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Texts(NotNullInCreate):
    """A map whose values are text in the API; null is the same as an empty map."""

    def to_request(self, value: Any) -> Any:
        return texts(value)

    def same(self, desired: Any, current: Any) -> bool:
        return texts(desired) == texts(current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return texts(desired)


class Labels(Texts):
    """The user's labels; the platform's own are kept, which a PATCH would remove."""

    def same(self, desired: Any, current: Any) -> bool:
        return user_labels(desired) == user_labels(current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        platform = {key: value for key, value in (current or {}).items() if key.startswith(PLATFORM_LABELS)}
        return {**platform, **user_labels(desired)}


def text_map(option: str, **more: Any) -> Option:
    return Option(option, "dict", value=Texts(), **more)


class PoolHooks(Hooks):
    response = predicted(
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
    )

    def check_new(self, options: Mapping[str, Any], lookup: Callable[..., str], path: Callable[[str], str]) -> None:
        """Pools of virtual machines need boot volumes and a placement policy, pools of bare metal take neither (docs/api-notes.md: Kubernetes)."""
        resource_class = lookup(K8S_FLAVORS, options["flavor"], by="resource_class")
        is_virtual = resource_class in ("None", "")  # only flavors of bare metal have a resource class
        for name in ("servergroup_policy", "boot_volume_type", "boot_volume_size"):
            if (options.get(name) is not None) != is_virtual:
                raise OptionError(
                    "%s %s." % (path(name), "is missing" if is_virtual else "is set for a bare metal flavor"),
                    "A new pool of virtual machines needs servergroup_policy, boot_volume_type and boot_volume_size; "
                    "a pool of bare metal servers takes none of them.",
                )

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """A pool starts with its minimum number of nodes (docs/api-notes.md: Kubernetes)."""
        minimum = row["min_node_count"]
        row.update(node_count=row["node_count"] or minimum, max_node_count=row["max_node_count"] or minimum)


POOL = Resource(
    type=K8S_POOLS,
    options=(
        Option("name", required=True, check=Pattern(NAME_PATTERN, NAME_TEXT)),
        Option("flavor", required=True, api=Api("flavor_id"), ref=Ref(K8S_FLAVORS)),
        Option("min_node_count", "int", required=True, check=Range(1, 200), change=UPDATE),
        Option("max_node_count", "int", check=Range(1, 200), change=UPDATE),
        Option(
            "node_count",
            "int",
            check=Range(1, 200),
            api=Api(create=AFTERWARDS),
            change=Action("resize", "POST", K8S_POOLS.path + "/{id}/resize", "resize_k8s_cluster_v2", timeout=HOUR),
        ),
        Option("boot_volume_size", "int", check=Range(10, 2000)),
        Option("boot_volume_type", choices=volumes.VOLUME_TYPES),
        Option("auto_healing_enabled", "bool", change=UPDATE),
        Option("is_public_ipv4", "bool"),
        Option("servergroup_policy", choices=("affinity", "anti-affinity", "soft-anti-affinity")),
        Option(
            "security_groups",
            "list[str]",
            api=Api("security_group_ids"),
            ref=Ref(SECURITY_GROUPS),
            value=SET,
            change=UPDATE,
        ),
        Option("labels", "dict", null=CLEARED, value=Labels(), change=UPDATE),
        text_map("taints", change=UPDATE, null=CLEARED),
        text_map("crio_config"),
        text_map("kubelet_config"),
    ),
    create=Action("create", "POST", K8S_POOLS.path, "create_k8s_cluster_pool_v2", timeout=HOUR),
    update=Action("update", "PATCH", K8S_POOLS.path + "/{id}"),
    delete=Action("delete", "DELETE", K8S_POOLS.path + "/{id}", "delete_k8s_cluster_pool_v2", timeout=1200),
    hooks=PoolHooks(),
)

# ------------------------------------------------------------------ the cluster


def upgrade(desired: str, current: Optional[str], row: Mapping[str, Any], purge: bool) -> Action:
    """The API lists the versions that the cluster can be upgraded to: no minor version is skipped (docs/api-notes.md: Kubernetes)."""
    if desired not in row["_upgrades"]:
        raise OptionError(
            "version: the k8s cluster '%s' has %s and cannot be upgraded to %s." % (row["name"], current, desired),
            "It can be upgraded to: %s." % (", ".join(row["_upgrades"]) or "none"),
        )
    return Action("upgrade", "POST", ONE + "/upgrade", "upgrade_k8s_cluster_v2", timeout=HOUR, phase=FIRST)


def change_cni(desired: Mapping[str, Any], current: Mapping[str, Any], row: Mapping[str, Any], purge: bool) -> Any:
    """The CNI plugin and the size of a node's network are immutable; other options of Cilium can change (docs/api-notes.md: Kubernetes)."""
    for path in ("provider", "cilium.mask_size", "cilium.mask_size_v6"):
        wanted, there = get_path(desired, path), get_path(current, path)
        if wanted not in (None, MISSING) and wanted != there:
            raise ImmutableError(
                "cni.%s of the k8s cluster is %s and cannot be changed to %s." % (path, there, wanted),
                "Omit it, or set recreate: true to delete and re-create the cluster.",
            )
    return UPDATE


def add_ons_from(row: Optional[Mapping[str, Any]]) -> dict[str, Any]:
    """The add-ons of a response in the form of the request: a disabled one has no other keys."""
    return {key: each if each.get("enabled") else {"enabled": False} for key, each in (row or {}).items() if each}


def merge_add_ons(desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]]) -> dict[str, Any]:
    """Enabled add-ons with all their options, kept where omitted; disabled ones have no other keys (docs/api-notes.md: Kubernetes)."""
    wanted = add_ons_from(overlay(desired or {}, current or {}))
    slurm = wanted.get("slurm") or {}
    missing = [item.name for item in SLURM if slurm.get("enabled") and slurm.get(item.api_name) is None]
    if missing:
        raise OptionError("Enabling slurm needs %s." % " and ".join(missing), "They are options of add_ons.slurm.")
    return wanted


class AddOns(IgnoringNull):
    """Add-ons: enabled ones are sent whole, disabled ones without other keys."""

    def from_response(self, value: Any) -> Any:
        return add_ons_from(value)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return merge_add_ons(desired, current)


class Authentication(IgnoringNull):
    """Authentication; a response shows more than the request takes."""

    def from_response(self, value: Any) -> Any:
        return {"oidc": (value or {}).get("oidc")}


TEXT_MAPS = ("labels", "taints", "crio_config", "kubelet_config")


def check_texts(values: Mapping[str, Any], where: str, types: tuple[type, ...] = (str, int, float)) -> None:
    """Refuse values of a map that have no clear form as text."""
    for key, value in values.items():
        if not isinstance(value, types):
            hint = "Write it in quotes." if isinstance(value, (int, float)) else "Omit it, or set it to one value."
            raise OptionError("%s.%s must be text, not %s." % (where, key, type_of(value)), hint)


def persistent(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The volumes of a cluster without the boot volumes of its nodes, which are deleted with the nodes."""
    return [each for each in rows if not each.get("is_root_volume") and not each.get("bootable")]


def chosen_volumes(options: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """The ids that delete_volumes selects among the volumes of the cluster."""
    return chosen(options, "delete_volumes", row.get("_volumes") or [], "id", "name", "cluster")


def own_load_balancers(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The load balancers that services of the cluster have created, by their names: these contain the cluster's id or name.

    The API does not document how they belong to the cluster; Kubernetes names them kube_service_<cluster>_<namespace>_<service>.
    """
    marks = ("kube_service_%s_" % row["name"], str(row["id"]))
    return [each for each in rows if any(mark in str(each["name"]) for mark in marks)]


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
    Option("client_id", null=CLEARED),
    Option("groups_claim", null=CLEARED),
    Option("groups_prefix", null=CLEARED),
    Option("issuer_url", null=CLEARED),
    Option("required_claims", "dict", null=CLEARED),
    Option(
        "signing_algs",
        "list[str]",
        choices=("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"),
        null=CLEARED,
    ),
    Option("username_claim", null=CLEARED),
    Option("username_prefix", null=CLEARED),
)
SLURM = (
    Option("enabled", "bool", required=True),
    Option("file_share_id", check=ID),
    Option("ssh_key_ids", "list[str]", no_log=False, check=ID),
    Option("worker_count", "int", check=Range(1)),
)


class K8sClusterHooks(Hooks):
    response = predicted(
        "id name version keypair created_at creator_task_id task_id fixed_network fixed_subnet pods_ip_pool "
        "services_ip_pool pods_ipv6_pool services_ipv6_pool autoscaler_config cni ddos_profile logging",
        status="Provisioned",
        is_public=False,
        is_ipv6=False,
        csi={"nfs": {"vast_enabled": False}},
        authentication=predicted("kubeconfig_created_at kubeconfig_expires_at oidc"),
        add_ons={"slurm": predicted("file_share_id ssh_key_ids worker_count", enabled=False)},
        pools=[],
    )

    def check_new(self, options: Mapping[str, Any], lookup: Callable[..., str], path: Callable[[str], str]) -> None:
        """A new cluster needs a version on offer; the versions of an upgrade are listed elsewhere."""
        lookup(K8S_VERSIONS, options["version"])

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        if not body.get("pools"):
            raise MissingOptions("Creating a k8s cluster needs pools.", "A cluster has at least one pool of nodes.")
        # The create request takes only enabled add-ons.
        add_ons = merge_add_ons(body.pop("add_ons", None), None)
        enabled = {key: each for key, each in add_ons.items() if each["enabled"]}
        return {**body, "add_ons": enabled} if enabled else body

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = chosen_volumes(options, row)
        return {"volumes": ",".join(ids)} if ids else {}

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about what is not deleted with the cluster and still billed."""
        deleted = chosen_volumes(options, row)
        balancers = row.get("_load_balancers") or []
        return still_billed(
            "cluster",
            (
                (
                    "volumes",
                    [each["id"] for each in row.get("_volumes") or [] if each["id"] not in deleted],
                    "set delete_volumes, or delete them later with gcore.cloud.volume",
                ),
                (
                    "load balancers",
                    ["%s (%s)" % (each["name"], each["id"]) for each in balancers],
                    "created by services of the cluster, according to their names; delete them with gcore.cloud.load_balancer",
                ),
                (
                    "floating IPs",
                    [
                        address["floating_ip_address"]
                        for each in balancers
                        for address in each.get("floating_ips") or []
                    ],
                    "release them with gcore.cloud.floating_ip",
                ),
            ),
        )

    def check(self, options: Mapping[str, Any]) -> None:
        """Refuse contradictions and values in the wrong form."""
        check_texts(options.get("autoscaler_config") or {}, "autoscaler_config")
        claims = ((options.get("authentication") or {}).get("oidc") or {}).get("required_claims")
        check_texts(claims or {}, "authentication.oidc.required_claims", (str,))
        for index, pool in enumerate(options.get("pools") or []):
            for option in TEXT_MAPS:
                check_texts(pool.get(option) or {}, "pools[%d].%s" % (index, option))
        names = [pool["name"] for pool in options.get("pools") or []]
        duplicates = [each for each in names if names.count(each) > 1]
        if duplicates:
            raise OptionError(
                "Several pools have the name '%s'." % duplicates[0], "Pools are identified by name: use unique names."
            )
        for pool in options.get("pools") or []:
            minimum, maximum = pool.get("min_node_count"), pool.get("max_node_count")
            if minimum is not None and maximum is not None and minimum > maximum:
                raise OptionError(
                    "The pool '%s' has min_node_count %d and max_node_count %d." % (pool["name"], minimum, maximum)
                )
        version = options.get("version")
        if version is not None and not re.match(r"v\d", str(version)):
            raise OptionError(
                "version '%s' does not begin with v." % version,
                "gcore.cloud.k8s_version_info lists the versions.",
            )

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """Nested objects are shown with all their keys."""
        keys = {
            "ddos_profile": "enabled fields profile_template profile_template_name",
            "logging": "destination_region_id enabled retention_policy topic_name",
            "authentication": "kubeconfig_created_at kubeconfig_expires_at oidc",
            "cni": "cilium provider",
        }
        for name, shown in keys.items():
            if row[name]:
                row[name] = {**predicted(shown), **row[name]}
        for outer, inner, options_of in (("authentication", "oidc", OIDC), ("cni", "cilium", CILIUM)):
            if row[outer] and row[outer][inner]:
                row[outer][inner] = {**predicted(" ".join(item.name for item in options_of)), **row[outer][inner]}
        slurm = row["add_ons"].get("slurm") or {}
        row["add_ons"] = {"slurm": {**predicted("file_share_id ssh_key_ids worker_count", enabled=False), **slurm}}


RESOURCE = Resource(
    type=K8S_CLUSTERS,
    options=(
        Option("name", required=True, check=Pattern(NAME_PATTERN, NAME_TEXT)),
        # An upgrade precedes all other changes (docs/api-notes.md: Kubernetes).
        Option("version", required=True, change=upgrade),
        Option(
            "ssh_key", required=True, no_log=False, api=Api("keypair"), ref=Ref(SSH_KEYS, by="name"), value=OR_MISSING
        ),
        Option("fixed_network", ref=Ref(NETWORKS)),
        Option("fixed_subnet", ref=Ref(SUBNETS, within=(("network_id", "fixed_network"),))),
        Option("is_ipv6", "bool"),
        Option("pods_ip_pool", check=NETWORK),
        Option("services_ip_pool", check=NETWORK),
        Option("pods_ipv6_pool", check=NETWORK),
        Option("services_ipv6_pool", check=NETWORK),
        Option(
            "cni",
            "dict",
            suboptions=(Option("provider", choices=("calico", "cilium")), Option("cilium", "dict", suboptions=CILIUM)),
            value=IGNORING_NULL,
            change=change_cni,
        ),
        Option("csi", "dict", suboptions=(Option("nfs", "dict", suboptions=(Option("vast_enabled", "bool"),)),)),
        Option(
            "authentication",
            "dict",
            suboptions=(Option("oidc", "dict", suboptions=OIDC, null=CLEARED),),
            value=Authentication(),
            change=UPDATE,
        ),
        text_map("autoscaler_config", change=UPDATE, null=CLEARED),
        Option(
            "add_ons", "dict", suboptions=(Option("slurm", "dict", suboptions=SLURM),), value=AddOns(), change=UPDATE
        ),
        Option(
            "ddos_profile",
            "dict",
            suboptions=(
                Option("enabled", "bool", required=True),
                Option("profile_template", "int", null=CLEARED),
                Option("profile_template_name", null=CLEARED),
                Option(
                    "fields",
                    "list[dict]",
                    suboptions=(Option("base_field", "int", required=True), Option("field_value", "raw", null=CLEARED)),
                ),
            ),
            value=IGNORING_NULL,
            change=UPDATE,
        ),
        logging(REGIONS),
        Option("delete_volumes", "list[str]", ref=Ref(VOLUMES, literals=(ALL,)), change=ON_DELETE),
    ),
    create=Action("create", "POST", K8S_CLUSTERS.path, "create_k8s_cluster_v2", timeout=HOUR),
    update=Action("update", "PATCH", ONE, "update_k8s_cluster_v2", timeout=1200),
    delete=Action("delete", "DELETE", ONE, "delete_k8s_cluster_v2", timeout=1200),
    related_reads=(
        RelatedRead("_volumes", VOLUMES.path, (), persistent, query={"cluster_id": "{row[id]}"}, when=ON_DELETION),
        RelatedRead("_load_balancers", LOAD_BALANCERS.path, (), own_load_balancers, when=ON_DELETION),
        RelatedRead(
            "_upgrades",
            ONE + "/upgrade_versions",
            ("version",),
            lambda row, rows: [each["version"] for each in rows],
            when=IF_CHANGED,
        ),
    ),
    sub_resources=(SubResource("pools", POOL, K8S_POOLS.path, purge="purge_pools", minimum=1),),
    secret_files=(SecretFile("kubeconfig_dest", "config", "kubeconfig", path=ONE + "/config"),),
    hooks=K8sClusterHooks(),
)
