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
from ansible_collections.gcore.cloud.plugins.module_utils.schema.checks import (
    ID,
    NETWORK,
    Pattern,
    Range,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.common import (
    ALL,
    chosen,
    logging,
    response,
    still_billed,
)
from ansible_collections.gcore.cloud.plugins.module_utils.schema.option import (
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
from ansible_collections.gcore.cloud.plugins.module_utils.schema.parsing import CLEARED, type_of
from ansible_collections.gcore.cloud.plugins.module_utils.schema.resource import (
    IF_CHANGED,
    ON_DELETION,
    Hooks,
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
from ansible_collections.gcore.cloud.plugins.module_utils.schema.values import MISSING, get_path, overlay

ONE = K8S_CLUSTERS.path + "/{id}"
NAME_PATTERN = r"^[a-z][a-z0-9\-]{0,18}[a-z0-9]$"
NAME_TEXT = "2 to 20 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen"
OURS = "gcorecluster.x-k8s.io/"  # labels that the platform puts on nodes (docs/api-notes.md: Kubernetes)
HOUR = 3600

# ---------------------------------------------------------------------- pools


def own(labels: Optional[Mapping[str, str]]) -> dict[str, str]:
    """The user's labels."""
    return {key: text_of(value) for key, value in (labels or {}).items() if not key.startswith(OURS)}


def texts(desired: Optional[Mapping[str, Any]]) -> dict[str, str]:
    """A map whose values the API wants as text; what is null becomes empty, for a null in a PATCH leaves a map as it is."""
    return {key: text_of(value) for key, value in (desired or {}).items()}


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class Texts(NotNullInCreate):
    """A map whose values the API wants as text: none is the same as an empty one, and what is null becomes empty."""

    def to_request(self, value: Any) -> Any:
        return texts(value)

    def same(self, desired: Any, current: Any) -> bool:
        return texts(desired) == texts(current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return texts(desired)


class Labels(Texts):
    """The user's labels; the platform's own stay, which a PATCH would remove."""

    def same(self, desired: Any, current: Any) -> bool:
        return own(desired) == own(current)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        platform = {key: value for key, value in (current or {}).items() if key.startswith(OURS)}
        return {**platform, **own(desired)}


def text_map(option: str, **more: Any) -> Option:
    return Option(option, "dict", value=Texts(), **more)


class PoolHooks(Hooks):
    response = response(
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
        """A pool of virtual machines has boot volumes and a placement policy, one of bare metal has neither (docs/api-notes.md: Kubernetes)."""
        resource_class = lookup(K8S_FLAVORS, options["flavor"], by="resource_class")
        of_machines = resource_class in ("None", "")  # only flavors of bare metal have a resource class
        for name in ("servergroup_policy", "boot_volume_type", "boot_volume_size"):
            if (options.get(name) is not None) != of_machines:
                raise OptionError(
                    "%s %s." % (path(name), "is missing" if of_machines else "is given for a bare metal flavor"),
                    "A new pool of virtual machines needs servergroup_policy, boot_volume_type and boot_volume_size; "
                    "one of bare metal has none of them.",
                )

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """A pool begins with its least number of nodes (docs/api-notes.md: Kubernetes)."""
        least = row["min_node_count"]
        row.update(node_count=row["node_count"] or least, max_node_count=row["max_node_count"] or least)


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
    """The API says which versions the cluster can get next: no minor version is skipped (docs/api-notes.md: Kubernetes)."""
    if desired not in row["_upgrades"]:
        raise OptionError(
            "version: the k8s cluster '%s' has %s and cannot be upgraded to %s." % (row["name"], current, desired),
            "It can be upgraded to: %s." % (", ".join(row["_upgrades"]) or "none"),
        )
    return Action("upgrade", "POST", ONE + "/upgrade", "upgrade_k8s_cluster_v2", timeout=HOUR, phase=FIRST)


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


def merge_add_ons(desired: Optional[dict[str, Any]], current: Optional[dict[str, Any]]) -> dict[str, Any]:
    """What is left out is left alone; what is on is whole, and of what is off nothing else is said (docs/api-notes.md: Kubernetes)."""
    wanted = add_ons_from(overlay(desired or {}, current or {}))
    slurm = wanted.get("slurm") or {}
    missing = [item.name for item in SLURM if slurm.get("enabled") and slurm.get(item.api_name) is None]
    if missing:
        raise OptionError("Switching slurm on needs %s." % " and ".join(missing), "They are options of add_ons.slurm.")
    return wanted


class AddOns(IgnoringNull):
    """What is on is whole; of what is off nothing else is said."""

    def from_response(self, value: Any) -> Any:
        return add_ons_from(value)

    def merge(self, desired: Any, current: Any, purge: bool, suboptions: tuple[Option, ...]) -> Any:
        return merge_add_ons(desired, current)


class Authentication(IgnoringNull):
    """Of the response, only what the request takes."""

    def from_response(self, value: Any) -> Any:
        return {"oidc": (value or {}).get("oidc")}


TEXT_MAPS = ("labels", "taints", "crio_config", "kubelet_config")


def check_texts(values: Mapping[str, Any], where: str, types: tuple[type, ...] = (str, int, float)) -> None:
    """Each value of a map is sent as text: what has no text of its own is refused."""
    for key, value in values.items():
        if not isinstance(value, types):
            hint = "Write it in quotes." if isinstance(value, (int, float)) else "Omit it, or give it one value."
            raise OptionError("%s.%s must be text, not %s." % (where, key, type_of(value)), hint)


def persistent(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The volumes of a cluster without the boot disks of its nodes, which go with them."""
    return [each for each in rows if not each.get("is_root_volume") and not each.get("bootable")]


def chosen_volumes(options: Mapping[str, Any], row: Mapping[str, Any]) -> list[str]:
    """The ids that delete_volumes means, among the volumes that the cluster has made."""
    return chosen(options, "delete_volumes", row.get("_volumes") or [], "id", "name", "cluster")


def own_load_balancers(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The load balancers that services of the cluster seem to have created: their name has the cluster's id, or its name as a part.

    The API does not document what ties them to the cluster; Kubernetes names them kube_service_<cluster>_<namespace>_<service>.
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
    response = response(
        "id name version keypair created_at creator_task_id task_id fixed_network fixed_subnet pods_ip_pool "
        "services_ip_pool pods_ipv6_pool services_ipv6_pool autoscaler_config cni ddos_profile logging",
        status="Provisioned",
        is_public=False,
        is_ipv6=False,
        csi={"nfs": {"vast_enabled": False}},
        authentication=response("kubeconfig_created_at kubeconfig_expires_at oidc"),
        add_ons={"slurm": response("file_share_id ssh_key_ids worker_count", enabled=False)},
        pools=[],
    )

    def check_new(self, options: Mapping[str, Any], lookup: Callable[..., str], path: Callable[[str], str]) -> None:
        """A new cluster has one of the versions that are offered; an upgrade has others to choose from."""
        lookup(K8S_VERSIONS, options["version"])

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        if not body.get("pools"):
            raise MissingOptions("Creating a k8s cluster needs pools.", "A cluster has at least one pool of nodes.")
        # The create request knows only add-ons that are on.
        add_ons = merge_add_ons(body.pop("add_ons", None), None)
        on = {key: each for key, each in add_ons.items() if each["enabled"]}
        return {**body, "add_ons": on} if on else body

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        ids = chosen_volumes(options, row)
        return {"volumes": ",".join(ids)} if ids else {}

    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
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
            raise OptionError(
                "Two pools are called '%s'." % twice[0], "A pool is known by its name: give each its own."
            )
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

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
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
    options=(
        Option("name", required=True, check=Pattern(NAME_PATTERN, NAME_TEXT)),
        # An upgrade goes before all other changes (docs/api-notes.md: Kubernetes).
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
