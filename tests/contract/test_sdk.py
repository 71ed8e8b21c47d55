# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client that nobody here wrote against the simulator: every method of the official Python SDK for the simulated resources.

The methods are found by introspection, so a method that a new SDK brings fails a test until it has a case here. The asynchronous
twins of these methods make the same requests and are left out, and so are the wrappers that give the raw response.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from gcore import Gcore
from gcore._resource import SyncAPIResource

from . import scenario
from .harness import BASE_URL, World
from .openapi import Document
from .report import assert_none

# --- What the SDK has ---

# Its resources under client.cloud that are simulated; the others, by name.
RESOURCES = (
    "floating_ips",
    "instances",
    "k8s",
    "load_balancers",
    "networks",
    "placement_groups",
    "projects",
    "regions",
    "reserved_fixed_ips",
    "secrets",
    "security_groups",
    "snapshot_schedules",
    "ssh_keys",
    "tasks",
    "volume_snapshots",
    "volumes",
)
NOT_SIMULATED = frozenset(
    {
        "audit_logs",
        "baremetal",
        "billing_reservations",
        "cost_reports",
        "databases",
        "file_shares",
        "gpu_baremetal",
        "gpu_virtual",
        "inference",
        "ip_ranges",
        "quotas",
        "registries",
        "usage_reports",
        "users",
    }
)

# Methods whose route the document does not have.
_MONITOR = "/cloud/v1/lbpools/{project_id}/{region_id}/{pool_id}/healthmonitor: the document has POST and DELETE only"
BEYOND_ROUTES: dict[str, str] = {
    "load_balancers.pools.health_monitors.get": _MONITOR,
    "load_balancers.pools.health_monitors.update": _MONITOR,
    "networks.routers.metrics.list": "POST /cloud/v1/routers/{project_id}/{region_id}/{router_id}/metrics is not in the document",
}
# Methods whose route the document calls deprecated: they run with the switch, and are refused without it.
DEPRECATED = frozenset(
    {
        "floating_ips.assign",
        "floating_ips.unassign",
        "instances.disable_port_security",
        "instances.enable_port_security",
        "load_balancers.update",
        "security_groups.rules.replace",
    }
)
# Parameters of methods that their route does not have in the document.
BEYOND_PARAMETERS: dict[str, frozenset[str]] = {
    # The body is a list: it has no fields.
    "load_balancers.pools.members.replace": frozenset({"body"}),
    # The body's timeout by another name: `timeout` is that of the call.
    "load_balancers.pools.health_monitors.create": frozenset({"api_timeout"}),
}
# What the SDK's own texts name as task types and the document does not (any longer, or yet).
BEYOND_TASK_TYPES = frozenset(
    {
        "create_port",
        "create_slurm_cluster",
        "create_slurm_node_set",
        "delete_basic_vm",
        "delete_bm",
        "delete_port",
        "delete_slurm_cluster",
        "delete_slurm_node_set",
        "update_bm",
        "update_lbpool_health_monitor",
        "update_slurm_cluster",
        "update_slurm_node_set",
        "update_vm",
    }
)
# Parameters that belong to the call and not to the request.
OF_THE_CALL = frozenset(
    {
        "self",
        "extra_headers",
        "extra_query",
        "extra_body",
        "timeout",
        "polling_interval_seconds",
        "polling_timeout_seconds",
    }
)


def methods(resource: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public method of a resource and of the resources under it."""
    for name in sorted(dir(type(resource))):
        if name.startswith("_") or name in ("with_raw_response", "with_streaming_response"):
            continue
        member = inspect.getattr_static(type(resource), name)
        if inspect.isfunction(member):
            yield ".".join((*path, name)), member
        else:
            yield from methods(getattr(resource, name), (*path, name))


def sdk_client(world: World | None = None) -> Gcore:
    if world is None:
        return Gcore(api_key="unused", base_url=BASE_URL, cloud_project_id=1, cloud_region_id=1)
    return Gcore(
        api_key=world.api_key,
        base_url=BASE_URL,
        cloud_project_id=world.project_id,
        cloud_region_id=world.region_id,
        http_client=httpx.Client(transport=world.wire, base_url=BASE_URL),
        max_retries=0,
        polling_interval_seconds=1,
    )


def all_methods() -> dict[str, Callable[..., Any]]:
    cloud = sdk_client().cloud
    return {name: member for top in RESOURCES for name, member in methods(getattr(cloud, top), (top,))}


METHODS = all_methods()
KNOWN_METHODS = METHODS.keys() - BEYOND_ROUTES.keys()


def route_of(member: Callable[..., Any]) -> tuple[str, str] | None:
    """The route that a method asks for, read from its source; None for one that only calls others."""
    source = inspect.getsource(member)
    paths = re.findall(r'"(/cloud/[^"]*)"', source)
    verbs = re.findall(r"self\._(get_api_list|get|post|put|patch|delete)\(", source)
    if not paths:
        return None
    verb = re.search(r'method="(\w+)"', source)
    method = verb.group(1).upper() if verb else {"get_api_list": "GET"}.get(verbs[0], verbs[0].upper())
    return method, paths[0]


# --- The cases ---


class Stage:
    """A fresh world, the SDK's client for it, and the things that cases need."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cloud = sdk_client(world).cloud
        self._cidr = iter(range(50, 250))

    def __getattr__(self, name: str) -> Any:
        # s.volumes is short for s.cloud.volumes.
        return getattr(self.cloud, name)

    def wait(self, answer: Any) -> Any:
        return self.cloud.tasks.poll(answer.tasks[0])

    def network(self) -> Any:
        return self.cloud.networks.create_and_poll(name="sdk-network", create_router=False)

    def subnet(self, network: Any = None) -> Any:
        network = network or self.network()
        return self.cloud.networks.subnets.create_and_poll(
            name="sdk-subnet", network_id=network.id, cidr=f"10.{next(self._cidr)}.0.0/24"
        )

    def router(self) -> Any:
        made = self.wait(
            self.cloud.networks.routers.create(name="sdk-router", external_gateway_info={"type": "default"})
        )
        return self.cloud.networks.routers.get(made.created_resources.routers[0])

    def volume(self) -> Any:
        return self.cloud.volumes.create_and_poll(name="sdk-volume", source="new-volume", size=1)

    def boot_volume(self) -> Any:
        return self.cloud.volumes.create_and_poll(name="sdk-boot", source="image", image_id=self.image_id(), size=10)

    def snapshot(self) -> Any:
        return self.cloud.volume_snapshots.create_and_poll(name="sdk-snapshot", volume_id=self.volume().id)

    def image_id(self) -> str:
        return self.cloud.instances.images.list(os_distro="ubuntu").results[0].id

    def flavors(self) -> list[str]:
        return [flavor.flavor_id for flavor in self.cloud.instances.flavors.list().results]

    def vm_options(self, subnet: Any = None) -> dict[str, Any]:
        subnet = subnet or self.subnet()
        return {
            "name": "sdk-vm",
            "flavor": self.flavors()[0],
            "volumes": [{"source": "image", "image_id": self.image_id(), "size": 10, "boot_index": 0}],
            "interfaces": [{"type": "subnet", "network_id": subnet.network_id, "subnet_id": subnet.id}],
        }

    def vm(self, subnet: Any = None) -> Any:
        return self.cloud.instances.create_and_poll(**self.vm_options(subnet))

    def interface(self, vm: Any) -> Any:
        return self.cloud.instances.interfaces.list(vm.id).results[-1]

    def address(self, **options: Any) -> Any:
        return self.cloud.floating_ips.create_and_poll(**options)

    def reserved(self, subnet: Any = None, **options: Any) -> Any:
        return self.cloud.reserved_fixed_ips.create_and_poll(
            type="subnet", subnet_id=(subnet or self.subnet()).id, **options
        )

    def routed_port(self) -> str:
        """The port of an instance that a floating address can be put on."""
        subnet = self.subnet()
        self.cloud.networks.routers.attach_subnet(self.router().id, subnet_id=subnet.id)
        return str(self.interface(self.vm(subnet)).port_id)

    def group(self) -> Any:
        return self.cloud.security_groups.create_and_poll(name="sdk-group")

    def secret(self) -> Any:
        return self.cloud.secrets.upload_tls_certificate_and_poll(name="sdk-secret", payload=scenario.PEM)

    def schedule(self, **options: Any) -> Any:
        return self.cloud.snapshot_schedules.create(
            action="volume_snapshot", name="sdk-schedule", schedules=[EVERY_DAY], **options
        )

    def placement(self) -> Any:
        return self.cloud.placement_groups.create(name="sdk-placement", policy="anti-affinity")

    def project(self) -> Any:
        return self.cloud.projects.create(name="sdk-project")

    def pool_options(self, name: str = "sdk-pool", **more: Any) -> dict[str, Any]:
        return {
            "name": name,
            "flavor_id": "g2-standard-2-4",
            "min_node_count": 1,
            "max_node_count": 3,
            "boot_volume_size": 50,
            "boot_volume_type": "ssd_hiiops",
            "servergroup_policy": "anti-affinity",
            **more,
        }

    def cluster_options(self) -> dict[str, Any]:
        keys = [key.name for key in self.cloud.ssh_keys.list(name="sdk-key").results]
        return {
            "name": "sdk-cluster",
            "keypair": keys[0] if keys else self.cloud.ssh_keys.create(name="sdk-key").name,
            "version": self.cloud.k8s.list_versions().results[0].version,
            "pools": [self.pool_options()],
        }

    def cluster(self) -> str:
        return str(self.cloud.k8s.clusters.create_and_poll(**self.cluster_options()).name)

    def pool(self) -> dict[str, str]:
        """A second pool of a cluster, as methods name it."""
        cluster = self.cluster()
        made = self.cloud.k8s.clusters.pools.create_and_poll(cluster, **self.pool_options("sdk-second"))
        return {"cluster_name": cluster, "pool_name": made.name}

    def balancer(self, **options: Any) -> Any:
        return self.cloud.load_balancers.create_and_poll(name="sdk-balancer", **options)

    def listener(self) -> Any:
        return self.cloud.load_balancers.listeners.create_and_poll(
            load_balancer_id=self.balancer().id, name="sdk-listener", protocol="HTTP", protocol_port=80
        )

    def lb_pool(self, **options: Any) -> Any:
        return self.cloud.load_balancers.pools.create_and_poll(
            **LB_POOL, load_balancer_id=self.balancer().id, **options
        )

    def member_options(self) -> dict[str, Any]:
        subnet = self.subnet()
        return {"address": subnet.cidr.replace("0/24", "9"), "protocol_port": 80, "subnet_id": subnet.id}

    def member(self) -> dict[str, str]:
        """A member of a pool, as methods name it."""
        pool = self.lb_pool().id
        made = self.cloud.load_balancers.pools.members.create_and_poll(pool, **self.member_options())
        return {"pool_id": pool, "member_id": made.id}

    def policy(self) -> Any:
        return self.cloud.load_balancers.l7_policies.create_and_poll(action="REJECT", listener_id=self.listener().id)

    def l7_rule(self) -> dict[str, str]:
        """A rule of a policy, as methods name it."""
        policy = self.policy().id
        made = self.cloud.load_balancers.l7_policies.rules.create_and_poll(policy, **L7_RULE)
        return {"l7policy_id": policy, "l7rule_id": made.id}

    def a_task(self) -> str:
        return str(self.cloud.volumes.create(name="sdk-volume", source="new-volume", size=1).tasks[0])


LB_POOL: dict[str, Any] = {"name": "sdk-pool", "protocol": "HTTP", "lb_algorithm": "ROUND_ROBIN"}
LB_MONITOR: dict[str, Any] = {"type": "HTTP", "delay": 10, "max_retries": 3}
EVERY_DAY: dict[str, Any] = {"type": "interval", "days": 1, "max_quantity": 7}
L7_RULE: dict[str, Any] = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/a"}
Case = Callable[[Stage], Any]
CASES: dict[str, Case] = {
    # floating_ips
    "floating_ips.assign": lambda s: s.floating_ips.assign(s.address().id, port_id=s.routed_port()),
    "floating_ips.create": lambda s: s.wait(s.floating_ips.create(tags={"a": "b"})),
    "floating_ips.create_and_poll": lambda s: s.floating_ips.create_and_poll(port_id=s.routed_port()),
    "floating_ips.delete": lambda s: s.wait(s.floating_ips.delete(s.address().id)),
    "floating_ips.delete_and_poll": lambda s: s.floating_ips.delete_and_poll(s.address().id),
    "floating_ips.get": lambda s: s.floating_ips.get(s.address().id),
    "floating_ips.list": lambda s: (
        s.address(tags={"a": "b"}),
        list(s.floating_ips.list(tag_key=["a"], status="DOWN", limit=1)),
    ),
    "floating_ips.unassign": lambda s: s.floating_ips.unassign(s.address(port_id=s.routed_port()).id),
    "floating_ips.update": lambda s: s.floating_ips.update(s.address().id, tags={"a": "b"}),
    "floating_ips.update_and_poll": lambda s: s.floating_ips.update_and_poll(
        s.address().id, port_id=s.routed_port(), tags={"a": "b"}
    ),
    # instances
    "instances.action": lambda s: s.wait(s.instances.action(s.vm().id, action="stop")),
    "instances.action_and_poll": lambda s: [
        s.instances.action_and_poll(vm, action=action)
        for vm in [s.vm().id]
        for action in ("stop", "start", "reboot", "reboot_hard", "suspend", "resume")
    ],
    "instances.add_to_placement_group": lambda s: s.instances.add_to_placement_group(
        s.vm().id, servergroup_id=s.placement().servergroup_id
    ),
    "instances.add_to_placement_group_and_poll": lambda s: s.instances.add_to_placement_group_and_poll(
        s.vm().id, servergroup_id=s.placement().servergroup_id
    ),
    "instances.assign_security_group": lambda s: s.instances.assign_security_group(s.vm().id, name=s.group().name),
    "instances.create": lambda s: s.wait(s.instances.create(**s.vm_options())),
    "instances.create_and_poll": lambda s: s.vm(),
    "instances.delete": lambda s: s.wait(s.instances.delete(s.vm().id, delete_floatings=True)),
    "instances.delete_and_poll": lambda s: s.instances.delete_and_poll(s.vm().id),
    "instances.disable_port_security": lambda s: s.instances.disable_port_security(s.interface(s.vm()).port_id),
    "instances.enable_port_security": lambda s: s.instances.enable_port_security(s.interface(s.vm()).port_id),
    "instances.flavors.list": lambda s: list(
        s.instances.flavors.list(include_prices=True, exclude_windows=True, disabled=False)
    ),
    "instances.get": lambda s: s.instances.get(s.vm().id),
    "instances.get_console": lambda s: s.instances.get_console(s.vm().id, console_type="novnc"),
    "instances.images.create_from_volume": lambda s: s.wait(
        s.instances.images.create_from_volume(
            name="sdk-image", volume_id=s.boot_volume().id, source="volume", os_type="linux"
        )
    ),
    "instances.images.create_from_volume_and_poll": lambda s: s.instances.images.create_from_volume_and_poll(
        name="sdk-image", volume_id=s.boot_volume().id, tags={"a": "b"}
    ),
    "instances.images.delete": lambda s: s.wait(s.instances.images.delete(uploaded(s).id)),
    "instances.images.delete_and_poll": lambda s: s.instances.images.delete_and_poll(uploaded(s).id),
    "instances.images.get": lambda s: s.instances.images.get(s.image_id(), include_prices=True),
    "instances.images.list": lambda s: list(
        s.instances.images.list(visibility="public", os_distro="ubuntu", include_prices=True)
    ),
    "instances.images.update": lambda s: s.instances.images.update(
        uploaded(s).id, name="sdk-image-2", tags={"a": "b"}, ssh_key="allow"
    ),
    "instances.images.upload": lambda s: s.wait(
        s.instances.images.upload(name="sdk-image", url="https://example.com/i.raw", cow_format=False)
    ),
    "instances.images.upload_and_poll": lambda s: s.instances.images.upload_and_poll(
        name="sdk-image", url="https://example.com/i"
    ),
    "instances.interfaces.attach": lambda s: s.wait(
        s.instances.interfaces.attach(s.vm().id, type="subnet", subnet_id=s.subnet().id)
    ),
    "instances.interfaces.attach_and_poll": lambda s: [
        s.instances.interfaces.attach_and_poll(vm, **options)
        for vm in [s.vm().id]
        for options in (
            {"type": "external"},
            {"type": "any_subnet", "network_id": s.subnet().network_id, "interface_name": "second"},
            {"type": "subnet", "subnet_id": s.subnet().id},
            {"type": "reserved_fixed_ip", "port_id": s.reserved().port_id},
        )
    ],
    "instances.interfaces.detach": lambda s: s.wait(s.instances.interfaces.detach(**an_interface(s))),
    "instances.interfaces.detach_and_poll": lambda s: s.instances.interfaces.detach_and_poll(**an_interface(s)),
    "instances.interfaces.list": lambda s: list(s.instances.interfaces.list(s.vm().id)),
    "instances.list": lambda s: (
        s.vm(),
        list(s.instances.list(name="sdk", status="ACTIVE", with_interfaces_name=True, order_by="name.asc")),
    ),
    "instances.metrics.list": lambda s: s.instances.metrics.list(s.vm().id, time_interval=6, time_unit="hour"),
    "instances.remove_from_placement_group": lambda s: s.wait(s.instances.remove_from_placement_group(placed(s).id)),
    "instances.remove_from_placement_group_and_poll": lambda s: s.instances.remove_from_placement_group_and_poll(
        placed(s).id
    ),
    "instances.resize": lambda s: s.wait(s.instances.resize(s.vm().id, flavor_id=s.flavors()[1])),
    "instances.resize_and_poll": lambda s: s.instances.resize_and_poll(s.vm().id, flavor_id=s.flavors()[1]),
    "instances.unassign_security_group": lambda s: s.instances.unassign_security_group(s.vm().id, name="default"),
    "instances.update": lambda s: s.instances.update(s.vm().id, name="sdk-vm-2", tags={"a": "b"}),
    # k8s
    "k8s.clusters.create": lambda s: s.wait(s.k8s.clusters.create(**s.cluster_options())),
    "k8s.clusters.create_and_poll": lambda s: [
        s.k8s.clusters.create_and_poll(
            **s.cluster_options(),
            authentication={"oidc": {"client_id": "kubernetes", "signing_algs": ["RS256"]}},
            autoscaler_config={"scan-interval": "10s"},
            cni={"provider": "cilium", "cilium": {"hubble_ui": True}},
            csi={"nfs": {"vast_enabled": True}},
            fixed_network=subnet.network_id,
            fixed_subnet=subnet.id,
            logging={"enabled": False},
            pods_ip_pool="172.16.0.0/18",
        )
        for subnet in [s.subnet()]
    ],
    "k8s.clusters.delete": lambda s: s.wait(s.k8s.clusters.delete(s.cluster(), volumes=s.volume().id)),
    "k8s.clusters.delete_and_poll": lambda s: s.k8s.clusters.delete_and_poll(s.cluster()),
    "k8s.clusters.get": lambda s: s.k8s.clusters.get(s.cluster()),
    "k8s.clusters.get_certificate": lambda s: s.k8s.clusters.get_certificate(s.cluster()),
    "k8s.clusters.kubeconfig.get": lambda s: s.k8s.clusters.kubeconfig.get(s.cluster()),
    "k8s.clusters.list": lambda s: (s.cluster(), list(s.k8s.clusters.list(limit=1))),
    "k8s.clusters.list_versions_for_upgrade": lambda s: s.k8s.clusters.list_versions_for_upgrade(s.cluster(), limit=5),
    "k8s.clusters.nodes.delete": lambda s: [
        s.k8s.clusters.nodes.delete(node.id, cluster_name=cluster)
        for cluster in [s.cluster()]
        for node in s.k8s.clusters.nodes.list(cluster).results
    ],
    "k8s.clusters.nodes.list": lambda s: list(s.k8s.clusters.nodes.list(s.cluster(), with_ddos=True).results),
    "k8s.clusters.pools.check_quota": lambda s: s.k8s.clusters.pools.check_quota(
        flavor_id="g2-standard-2-4", boot_volume_size=50, node_count=2, servergroup_policy="affinity"
    ),
    "k8s.clusters.pools.create": lambda s: s.wait(
        s.k8s.clusters.pools.create(s.cluster(), **s.pool_options("sdk-second"), labels={"a": "b"})
    ),
    "k8s.clusters.pools.create_and_poll": lambda s: s.pool(),
    "k8s.clusters.pools.delete": lambda s: s.wait(s.k8s.clusters.pools.delete(**s.pool())),
    "k8s.clusters.pools.delete_and_poll": lambda s: s.k8s.clusters.pools.delete_and_poll(**s.pool()),
    "k8s.clusters.pools.get": lambda s: s.k8s.clusters.pools.get(**s.pool()),
    "k8s.clusters.pools.list": lambda s: list(s.k8s.clusters.pools.list(s.cluster(), limit=5).results),
    "k8s.clusters.pools.nodes.delete": lambda s: [
        s.k8s.clusters.pools.nodes.delete(node.id, **pool)
        for pool in [s.pool()]
        for node in s.k8s.clusters.pools.nodes.list(**pool).results
    ],
    "k8s.clusters.pools.nodes.list": lambda s: s.k8s.clusters.pools.nodes.list(**s.pool(), with_ddos=False),
    "k8s.clusters.pools.resize": lambda s: s.wait(s.k8s.clusters.pools.resize(**s.pool(), node_count=2)),
    "k8s.clusters.pools.resize_and_poll": lambda s: s.k8s.clusters.pools.resize_and_poll(**s.pool(), node_count=2),
    "k8s.clusters.pools.update": lambda s: s.k8s.clusters.pools.update(
        **s.pool(), auto_healing_enabled=True, labels={"a": "b"}, max_node_count=5, security_group_ids=[s.group().id]
    ),
    "k8s.clusters.update": lambda s: s.wait(
        s.k8s.clusters.update(s.cluster(), autoscaler_config={"scan-interval": "20s"})
    ),
    "k8s.clusters.update_and_poll": lambda s: s.k8s.clusters.update_and_poll(s.cluster(), logging={"enabled": False}),
    "k8s.clusters.upgrade": lambda s: s.wait(s.k8s.clusters.upgrade(**upgrade(s))),
    "k8s.clusters.upgrade_and_poll": lambda s: s.k8s.clusters.upgrade_and_poll(**upgrade(s)),
    "k8s.flavors.list": lambda s: list(
        s.k8s.flavors.list(exclude_gpu=True, include_capacity=True, include_prices=True).results
    ),
    "k8s.list_versions": lambda s: s.k8s.list_versions(limit=10),
    # load_balancers
    "load_balancers.create": lambda s: s.wait(
        s.load_balancers.create(name="sdk-balancer", flavor="lb1-2-4", preferred_connectivity="L3", tags={"a": "b"})
    ),
    "load_balancers.create_and_poll": lambda s: (
        [
            s.balancer(
                vip_network_id=subnet.network_id,
                vip_subnet_id=subnet.id,
                vip_ip_family="ipv4",
                floating_ip={"source": "existing", "existing_floating_id": s.address().id},
                listeners=[
                    {"name": "sdk-listener", "protocol": "TCP", "protocol_port": 80, "pools": [a_tcp_pool(subnet)]}
                ],
                logging={"enabled": True, "topic_name": "logs"},
            )
            for subnet in [s.subnet()]
        ]
        + [s.balancer(vip_port_id=s.reserved().port_id)]
    ),
    "load_balancers.delete": lambda s: s.wait(s.load_balancers.delete(s.balancer().id)),
    "load_balancers.delete_and_poll": lambda s: s.load_balancers.delete_and_poll(s.balancer().id),
    "load_balancers.failover": lambda s: s.wait(s.load_balancers.failover(s.balancer().id, force=True)),
    "load_balancers.failover_and_poll": lambda s: s.load_balancers.failover_and_poll(s.balancer().id),
    "load_balancers.flavors.list": lambda s: list(s.load_balancers.flavors.list(include_prices=True)),
    "load_balancers.get": lambda s: s.load_balancers.get(s.balancer().id, show_stats=True, with_ddos=True),
    "load_balancers.l7_policies.create": lambda s: s.wait(
        s.load_balancers.l7_policies.create(
            action="REDIRECT_TO_URL", listener_id=s.listener().id, redirect_url="https://example.com", tags=["a"]
        )
    ),
    "load_balancers.l7_policies.create_and_poll": lambda s: s.policy(),
    "load_balancers.l7_policies.delete": lambda s: s.wait(s.load_balancers.l7_policies.delete(s.policy().id)),
    "load_balancers.l7_policies.delete_and_poll": lambda s: s.load_balancers.l7_policies.delete_and_poll(s.policy().id),
    "load_balancers.l7_policies.get": lambda s: s.load_balancers.l7_policies.get(s.policy().id),
    "load_balancers.l7_policies.list": lambda s: (s.policy(), list(s.load_balancers.l7_policies.list(limit=1).results)),
    "load_balancers.l7_policies.rules.create": lambda s: s.wait(
        s.load_balancers.l7_policies.rules.create(
            s.policy().id, type="COOKIE", key="a", compare_type="EQUAL_TO", value="b"
        )
    ),
    "load_balancers.l7_policies.rules.create_and_poll": lambda s: s.l7_rule(),
    "load_balancers.l7_policies.rules.delete": lambda s: s.wait(
        s.load_balancers.l7_policies.rules.delete(**s.l7_rule())
    ),
    "load_balancers.l7_policies.rules.delete_and_poll": lambda s: s.load_balancers.l7_policies.rules.delete_and_poll(
        **s.l7_rule()
    ),
    "load_balancers.l7_policies.rules.get": lambda s: s.load_balancers.l7_policies.rules.get(**s.l7_rule()),
    "load_balancers.l7_policies.rules.list": lambda s: s.load_balancers.l7_policies.rules.list(
        s.l7_rule()["l7policy_id"]
    ),
    "load_balancers.l7_policies.rules.replace": lambda s: s.wait(
        s.load_balancers.l7_policies.rules.replace(**s.l7_rule(), value="/b", invert=True)
    ),
    "load_balancers.l7_policies.rules.replace_and_poll": lambda s: s.load_balancers.l7_policies.rules.replace_and_poll(
        **s.l7_rule(), **{**L7_RULE, "value": "/b"}
    ),
    "load_balancers.l7_policies.update": lambda s: s.wait(
        s.load_balancers.l7_policies.update(s.policy().id, action="REJECT", name="sdk-policy-2")
    ),
    "load_balancers.l7_policies.update_and_poll": lambda s: s.load_balancers.l7_policies.update_and_poll(
        s.policy().id, action="REDIRECT_PREFIX", redirect_prefix="https://example.com", redirect_http_code=308
    ),
    "load_balancers.list": lambda s: (
        s.balancer(tags={"a": "b"}),
        list(s.load_balancers.list(name="sdk-balancer", tag_key=["a"], order_by="vip_address.asc", limit=1)),
    ),
    "load_balancers.listeners.create": lambda s: s.wait(
        s.load_balancers.listeners.create(
            load_balancer_id=s.balancer().id,
            name="sdk-listener",
            protocol="PROMETHEUS",
            protocol_port=8088,
            allowed_cidrs=["10.0.0.0/8"],
            user_list=[{"username": "admin", "encrypted_password": "$5$x$y"}],
        )
    ),
    "load_balancers.listeners.create_and_poll": lambda s: s.listener(),
    "load_balancers.listeners.delete": lambda s: s.wait(
        s.load_balancers.listeners.delete(s.listener().id, delete_default_pool=True)
    ),
    "load_balancers.listeners.delete_and_poll": lambda s: s.load_balancers.listeners.delete_and_poll(s.listener().id),
    "load_balancers.listeners.get": lambda s: s.load_balancers.listeners.get(s.listener().id, show_stats=True),
    "load_balancers.listeners.list": lambda s: [
        s.load_balancers.listeners.list(load_balancer_id=listener.load_balancer_id, name="sdk-listener")
        for listener in [s.listener()]
    ],
    "load_balancers.listeners.update": lambda s: s.wait(
        s.load_balancers.listeners.update(s.listener().id, connection_limit=-1, admin_state_up=False)
    ),
    "load_balancers.listeners.update_and_poll": lambda s: [
        s.load_balancers.listeners.update_and_poll(listener, name="sdk-listener-2")
        for listener in [s.listener().id] * 2
    ],
    "load_balancers.metrics.list": lambda s: s.load_balancers.metrics.list(
        s.balancer().id, time_interval=1, time_unit="day"
    ),
    "load_balancers.pools.create": lambda s: s.wait(
        s.load_balancers.pools.create(
            **LB_POOL, listener_id=s.listener().id, healthmonitor={**LB_MONITOR, "timeout": 5, "url_path": "/health"}
        )
    ),
    "load_balancers.pools.create_and_poll": lambda s: [
        s.lb_pool(members=[{"address": "10.50.0.9", "protocol_port": 80, "subnet_id": subnet.id}])
        for subnet in [s.subnet()]
    ],
    "load_balancers.pools.delete": lambda s: s.wait(s.load_balancers.pools.delete(s.lb_pool().id)),
    "load_balancers.pools.delete_and_poll": lambda s: s.load_balancers.pools.delete_and_poll(s.lb_pool().id),
    "load_balancers.pools.get": lambda s: s.load_balancers.pools.get(s.lb_pool().id),
    "load_balancers.pools.health_monitors.create": lambda s: s.wait(
        s.load_balancers.pools.health_monitors.create(s.lb_pool().id, **LB_MONITOR, api_timeout=5)
    ),
    "load_balancers.pools.health_monitors.delete": lambda s: s.load_balancers.pools.health_monitors.delete(
        s.lb_pool(healthmonitor={**LB_MONITOR, "timeout": 5}).id
    ),
    "load_balancers.pools.list": lambda s: (
        s.lb_pool(),
        s.load_balancers.pools.list(name="sdk-pool", details=True, limit=1),
    ),
    "load_balancers.pools.members.create": lambda s: s.wait(
        s.load_balancers.pools.members.create(s.lb_pool().id, **s.member_options())
    ),
    "load_balancers.pools.members.create_and_poll": lambda s: s.member(),
    "load_balancers.pools.members.delete": lambda s: s.wait(s.load_balancers.pools.members.delete(**s.member())),
    "load_balancers.pools.members.delete_and_poll": lambda s: s.load_balancers.pools.members.delete_and_poll(
        **s.member()
    ),
    "load_balancers.pools.members.get": lambda s: s.load_balancers.pools.members.get(**s.member()),
    "load_balancers.pools.members.list": lambda s: list(
        s.load_balancers.pools.members.list(s.member()["pool_id"], order_by="created_at.desc", limit=1)
    ),
    "load_balancers.pools.members.replace": lambda s: s.wait(
        s.load_balancers.pools.members.replace(s.lb_pool().id, body=[s.member_options()])
    ),
    "load_balancers.pools.members.replace_and_poll": lambda s: [
        s.load_balancers.pools.members.replace_and_poll(pool, body=members)
        for pool, members in [(s.lb_pool().id, [s.member_options()])] * 2
    ],
    "load_balancers.pools.members.update": lambda s: s.wait(
        s.load_balancers.pools.members.update(**s.member(), weight=7, monitor_address=None)
    ),
    "load_balancers.pools.members.update_and_poll": lambda s: s.load_balancers.pools.members.update_and_poll(
        **s.member(), admin_state_up=False, monitor_port=None
    ),
    "load_balancers.pools.update": lambda s: s.wait(
        s.load_balancers.pools.update(s.lb_pool().id, session_persistence={"type": "SOURCE_IP"})
    ),
    "load_balancers.pools.update_and_poll": lambda s: [
        s.load_balancers.pools.update_and_poll(pool, name="sdk-pool-2", healthmonitor={**LB_MONITOR, "timeout": 5})
        for pool in [s.lb_pool().id] * 2
    ],
    "load_balancers.resize": lambda s: s.wait(s.load_balancers.resize(s.balancer().id, flavor="lb1-4-8")),
    "load_balancers.resize_and_poll": lambda s: s.load_balancers.resize_and_poll(s.balancer().id, flavor="lb1-4-8"),
    "load_balancers.statuses.get": lambda s: s.load_balancers.statuses.get(s.balancer().id),
    "load_balancers.statuses.list": lambda s: (s.listener(), s.load_balancers.statuses.list()),
    "load_balancers.update": lambda s: s.load_balancers.update(s.balancer().id, name="sdk-balancer-2"),
    # networks
    "networks.create": lambda s: s.wait(
        s.networks.create(name="sdk-network", create_router=True, type="vxlan", tags={"a": "b"})
    ),
    "networks.create_and_poll": lambda s: s.networks.create_and_poll(name="sdk-network"),
    "networks.delete": lambda s: s.wait(s.networks.delete(s.network().id)),
    "networks.delete_and_poll": lambda s: s.networks.delete_and_poll(s.network().id),
    "networks.get": lambda s: s.networks.get(s.network().id),
    "networks.list": lambda s: (s.network(), list(s.networks.list(owned_by="any", order_by="name.asc", limit=1))),
    "networks.routers.attach_subnet": lambda s: s.networks.routers.attach_subnet(
        s.router().id, subnet_id=s.subnet().id
    ),
    "networks.routers.create": lambda s: s.wait(
        s.networks.routers.create(name="sdk-router", interfaces=[{"type": "subnet", "subnet_id": s.subnet().id}])
    ),
    "networks.routers.delete": lambda s: s.wait(s.networks.routers.delete(s.router().id)),
    "networks.routers.detach_subnet": lambda s: [
        s.networks.routers.attach_subnet(router, subnet_id=subnet)
        and s.networks.routers.detach_subnet(router, subnet_id=subnet)
        for router, subnet in [(s.router().id, s.subnet().id)]
    ],
    "networks.routers.get": lambda s: s.networks.routers.get(s.router().id),
    "networks.routers.list": lambda s: (s.router(), list(s.networks.routers.list(name="sdk-router"))),
    "networks.routers.update": lambda s: s.networks.routers.update(s.router().id, name="sdk-router-2"),
    "networks.routers.update_and_poll": lambda s: s.networks.routers.update_and_poll(
        s.router().id, name="sdk-router-2"
    ),
    "networks.subnets.create": lambda s: s.wait(
        s.networks.subnets.create(
            name="sdk-subnet",
            network_id=s.network().id,
            cidr="10.1.0.0/24",
            gateway_ip=None,
            connect_to_network_router=False,
        )
    ),
    "networks.subnets.create_and_poll": lambda s: s.subnet(),
    "networks.subnets.delete": lambda s: s.networks.subnets.delete(s.subnet().id),
    "networks.subnets.get": lambda s: s.networks.subnets.get(s.subnet().id),
    "networks.subnets.list": lambda s: (
        s.subnet(),
        list(s.networks.subnets.list(order_by="cidr.desc", owned_by="project")),
    ),
    "networks.subnets.update": lambda s: s.networks.subnets.update(
        s.subnet().id, name="sdk-subnet-2", enable_dhcp=False
    ),
    "networks.update": lambda s: s.networks.update(s.network().id, name="sdk-network-2"),
    "networks.update_and_poll": lambda s: s.networks.update_and_poll(
        s.network().id, name="sdk-network-2", tags={"a": "b"}
    ),
    # placement_groups
    "placement_groups.create": lambda s: s.placement(),
    "placement_groups.delete": lambda s: s.wait(s.placement_groups.delete(s.placement().servergroup_id)),
    "placement_groups.get": lambda s: s.placement_groups.get(s.placement().servergroup_id),
    "placement_groups.list": lambda s: (s.placement(), list(s.placement_groups.list())),
    # projects
    "projects.create": lambda s: s.projects.create(name="sdk-project", description="of a test"),
    "projects.delete": lambda s: s.wait(s.projects.delete(project_id=s.project().id)),
    "projects.get": lambda s: s.projects.get(project_id=s.project().id),
    "projects.list": lambda s: (
        s.project(),
        list(s.projects.list(name="sdk-project", order_by="name.desc", include_deleted=True)),
    ),
    "projects.update": lambda s: s.projects.update(
        project_id=s.project().id, name="sdk-project-2", description="changed"
    ),
    # regions
    "regions.get": lambda s: s.regions.get(show_volume_types=True),
    "regions.list": lambda s: list(s.regions.list(limit=1, order_by="display_name.desc")),
    # reserved_fixed_ips
    "reserved_fixed_ips.create": lambda s: s.wait(
        s.reserved_fixed_ips.create(type="external", ip_family="ipv4", is_vip=False)
    ),
    "reserved_fixed_ips.create_and_poll": lambda s: s.reserved(),
    "reserved_fixed_ips.delete": lambda s: s.wait(s.reserved_fixed_ips.delete(s.reserved().port_id)),
    "reserved_fixed_ips.delete_and_poll": lambda s: s.reserved_fixed_ips.delete_and_poll(s.reserved().port_id),
    "reserved_fixed_ips.get": lambda s: s.reserved_fixed_ips.get(s.reserved().port_id),
    "reserved_fixed_ips.list": lambda s: (
        s.reserved(),
        list(s.reserved_fixed_ips.list(internal_only=True, order_by="name.asc")),
    ),
    "reserved_fixed_ips.update": lambda s: s.reserved_fixed_ips.update(s.reserved().port_id, is_vip=True),
    "reserved_fixed_ips.vip.candidate_ports.list": lambda s: s.reserved_fixed_ips.vip.candidate_ports.list(
        s.reserved(is_vip=True).port_id
    ),
    "reserved_fixed_ips.vip.connected_ports.add": lambda s: connected(s, s.reserved_fixed_ips.vip.connected_ports.add),
    "reserved_fixed_ips.vip.connected_ports.list": lambda s: s.reserved_fixed_ips.vip.connected_ports.list(
        s.reserved(is_vip=True).port_id
    ),
    "reserved_fixed_ips.vip.connected_ports.replace": lambda s: connected(
        s, s.reserved_fixed_ips.vip.connected_ports.replace
    ),
    "reserved_fixed_ips.vip.toggle": lambda s: s.reserved_fixed_ips.vip.toggle(s.reserved().port_id, is_vip=True),
    # security_groups
    "security_groups.copy": lambda s: s.security_groups.copy(s.group().id, name="sdk-copy"),
    "security_groups.create": lambda s: s.wait(
        s.security_groups.create(
            name="sdk-group",
            rules=[{"direction": "ingress", "protocol": "tcp", "port_range_min": 1, "port_range_max": 2}],
        )
    ),
    "security_groups.create_and_poll": lambda s: s.group(),
    "security_groups.delete": lambda s: s.security_groups.delete(s.group().id),
    "security_groups.get": lambda s: s.security_groups.get(s.group().id),
    "security_groups.list": lambda s: (s.group(), list(s.security_groups.list(limit=1))),
    "security_groups.revert_to_default": lambda s: s.security_groups.revert_to_default(s.group().id),
    "security_groups.rules.create": lambda s: s.wait(
        s.security_groups.rules.create(s.group().id, direction="egress", protocol="gre")
    ),
    "security_groups.rules.create_and_poll": lambda s: s.security_groups.rules.create_and_poll(
        s.group().id, direction="ingress", protocol="udp"
    ),
    "security_groups.rules.delete": lambda s: s.wait(s.security_groups.rules.delete(**a_rule(s))),
    "security_groups.rules.delete_and_poll": lambda s: s.security_groups.rules.delete_and_poll(**a_rule(s)),
    "security_groups.rules.replace": lambda s: s.security_groups.rules.replace(
        a_rule(s)["rule_id"], direction="ingress", protocol="udp"
    ),
    "security_groups.update": lambda s: s.security_groups.update(s.group().id, name="sdk-group-2"),
    "security_groups.update_and_poll": lambda s: s.security_groups.update_and_poll(
        s.group().id, name="sdk-group-2", tags={"a": "b"}
    ),
    # secrets
    "secrets.delete": lambda s: s.wait(s.secrets.delete(s.secret().id)),
    "secrets.get": lambda s: s.secrets.get(s.secret().id),
    "secrets.list": lambda s: (s.secret(), list(s.secrets.list(limit=1).results)),
    "secrets.upload_tls_certificate": lambda s: s.wait(
        s.secrets.upload_tls_certificate(name="sdk-secret", payload=scenario.PEM, expiration="2030-01-01T12:00:00Z")
    ),
    "secrets.upload_tls_certificate_and_poll": lambda s: s.secret(),
    # snapshot_schedules
    "snapshot_schedules.add_schedules": lambda s: s.snapshot_schedules.add_schedules(
        s.schedule().id, schedules=[{"type": "cron", "hour": "1", "retention_time": {"days": 1}}]
    ),
    "snapshot_schedules.add_volumes": lambda s: s.snapshot_schedules.add_volumes(
        s.schedule().id, volume_ids=[s.volume().id]
    ),
    "snapshot_schedules.create": lambda s: s.schedule(),
    "snapshot_schedules.delete": lambda s: s.snapshot_schedules.delete(s.schedule().id),
    "snapshot_schedules.estimate_max_usage": lambda s: s.snapshot_schedules.estimate_max_usage(
        action="volume_snapshot", name="sdk-schedule", volume_ids=[s.volume().id], schedules=[EVERY_DAY]
    ),
    "snapshot_schedules.get": lambda s: s.snapshot_schedules.get(s.schedule().id),
    "snapshot_schedules.list": lambda s: (s.schedule(), list(s.snapshot_schedules.list().results)),
    "snapshot_schedules.remove_schedules": lambda s: [
        s.snapshot_schedules.remove_schedules(policy.id, schedule_ids=[policy.schedules[0].id])
        for policy in [s.schedule()]
    ],
    "snapshot_schedules.remove_volumes": lambda s: [
        s.snapshot_schedules.remove_volumes(policy.id, volume_ids=[policy.volumes[0].volume_id])
        for policy in [s.schedule(volume_ids=[s.volume().id])]
    ],
    "snapshot_schedules.update": lambda s: s.snapshot_schedules.update(s.schedule().id, name="sdk-2", status="paused"),
    # ssh_keys
    "ssh_keys.create": lambda s: s.ssh_keys.create(
        name="sdk-key", public_key=scenario.PUBLIC_KEY, shared_in_project=True
    ),
    "ssh_keys.delete": lambda s: s.ssh_keys.delete(s.ssh_keys.create(name="sdk-key").id),
    "ssh_keys.get": lambda s: s.ssh_keys.get(s.ssh_keys.create(name="sdk-key").id),
    "ssh_keys.list": lambda s: (
        s.ssh_keys.create(name="sdk-key"),
        list(s.ssh_keys.list(name="sdk", order_by="name.asc")),
    ),
    "ssh_keys.update": lambda s: s.ssh_keys.update(s.ssh_keys.create(name="sdk-key").id, shared_in_project=True),
    # tasks
    "tasks.acknowledge_all": lambda s: s.tasks.acknowledge_all(
        project_id=s.world.project_id, region_id=s.world.region_id
    ),
    "tasks.acknowledge_one": lambda s: s.tasks.acknowledge_one(s.tasks.poll(s.a_task()).id),
    "tasks.get": lambda s: s.tasks.get(s.a_task()),
    "tasks.list": lambda s: (
        s.a_task(),
        list(
            s.tasks.list(
                project_id=[s.world.project_id],
                state=["NEW", "RUNNING"],
                order_by="asc",
                task_type="create_volume",
                limit=1,
            )
        ),
    ),
    "tasks.poll": lambda s: s.tasks.poll(s.a_task()),
    # volume_snapshots
    "volume_snapshots.create": lambda s: s.wait(
        s.volume_snapshots.create(name="sdk-snapshot", volume_id=s.volume().id, description="d")
    ),
    "volume_snapshots.create_and_poll": lambda s: s.snapshot(),
    "volume_snapshots.delete": lambda s: s.wait(s.volume_snapshots.delete(s.snapshot().id)),
    "volume_snapshots.delete_and_poll": lambda s: s.volume_snapshots.delete_and_poll(s.snapshot().id),
    "volume_snapshots.get": lambda s: s.volume_snapshots.get(s.snapshot().id),
    "volume_snapshots.list": lambda s: [
        list(s.volume_snapshots.list(volume_id=snapshot.volume_id)) for snapshot in [s.snapshot()]
    ],
    "volume_snapshots.update": lambda s: s.volume_snapshots.update(
        s.snapshot().id, name="sdk-snapshot-2", tags={"a": "b"}
    ),
    # volumes
    "volumes.attach_to_instance": lambda s: s.wait(s.volumes.attach_to_instance(s.volume().id, instance_id=s.vm().id)),
    "volumes.attach_to_instance_and_poll": lambda s: s.volumes.attach_to_instance_and_poll(
        s.volume().id, instance_id=s.vm().id, attachment_tag="data"
    ),
    "volumes.change_type": lambda s: s.volumes.change_type(s.volume().id, volume_type="ssd_hiiops"),
    "volumes.create": lambda s: s.wait(
        s.volumes.create(name="sdk-volume", source="image", image_id=s.image_id(), size=10, type_name="standard")
    ),
    "volumes.create_and_poll": lambda s: s.volumes.create_and_poll(
        name="sdk-volume", source="snapshot", snapshot_id=s.snapshot().id
    ),
    "volumes.delete": lambda s: s.wait(s.volumes.delete(s.volume().id)),
    "volumes.delete_and_poll": lambda s: s.volumes.delete_and_poll(s.volume().id),
    "volumes.detach_from_instance": lambda s: s.wait(s.volumes.detach_from_instance(**attached(s))),
    "volumes.detach_from_instance_and_poll": lambda s: s.volumes.detach_from_instance_and_poll(**attached(s)),
    "volumes.get": lambda s: s.volumes.get(s.volume().id),
    "volumes.list": lambda s: (s.volume(), list(s.volumes.list(name_part="sdk", has_attachments=False, limit=1))),
    "volumes.resize": lambda s: s.wait(s.volumes.resize(s.volume().id, size=2)),
    "volumes.resize_and_poll": lambda s: s.volumes.resize_and_poll(s.volume().id, size=2),
    "volumes.revert_to_last_snapshot": lambda s: s.volumes.revert_to_last_snapshot(s.snapshot().volume_id),
    "volumes.update": lambda s: s.volumes.update(s.volume().id, name="sdk-volume-2", tags={"a": "b"}),
}


def uploaded(s: Stage) -> Any:
    return s.instances.images.upload_and_poll(name="sdk-image", url="https://example.com/image.qcow2", os_type="linux")


def an_interface(s: Stage) -> dict[str, str]:
    vm = s.vm()
    s.instances.interfaces.attach_and_poll(vm.id, type="subnet", subnet_id=s.subnet().id)
    interface = s.interface(vm)
    return {"instance_id": vm.id, "port_id": interface.port_id, "ip_address": interface.ip_assignments[0].ip_address}


def placed(s: Stage) -> Any:
    return s.instances.add_to_placement_group_and_poll(s.vm().id, servergroup_id=s.placement().servergroup_id)


def connected(s: Stage, connect: Callable[..., Any]) -> Any:
    subnet = s.subnet()
    return connect(s.reserved(subnet, is_vip=True).port_id, port_ids=[s.interface(s.vm(subnet)).port_id])


def a_rule(s: Stage) -> dict[str, str]:
    group = s.group()
    return {
        "group_id": group.id,
        "rule_id": s.security_groups.rules.create_and_poll(group.id, direction="ingress", protocol="tcp").id,
    }


def upgrade(s: Stage) -> dict[str, str]:
    cluster = s.cluster()
    versions = s.k8s.clusters.list_versions_for_upgrade(cluster).results
    return {"cluster_name": cluster, "version": versions[0].version}


def a_tcp_pool(subnet: Any) -> dict[str, Any]:
    member = {"address": "10.50.0.9", "protocol_port": 80, "subnet_id": subnet.id}
    return {**LB_POOL, "protocol": "PROXYV2", "members": [member]}


def attached(s: Stage) -> dict[str, str]:
    ids = {"volume_id": s.volume().id, "instance_id": s.vm().id}
    s.volumes.attach_to_instance_and_poll(**ids)
    return ids


# --- The tests ---


@pytest.fixture
def staged(document: Document, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stage]]:
    """Makes stages; while the SDK sleeps, time passes in the simulator, and faster."""
    worlds: list[World] = []

    def stage(**settings: Any) -> Stage:
        worlds.append(World(document, **settings))
        return Stage(worlds[-1])

    monkeypatch.setattr(SyncAPIResource, "_sleep", lambda self, seconds: worlds[-1].simulator.advance(60 * seconds))
    yield stage
    for world in worlds:
        world.close()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(KNOWN_METHODS))
def test_the_sdk_works(document: Document, staged: Callable[..., Stage], name: str) -> None:
    assert name in CASES, f"the SDK has a method {name} that has no case here"
    stage = staged(deprecated=name in DEPRECATED)
    CASES[name](stage)
    exchanges = stage.world.exchanges
    assert_none([problem for exchange in exchanges for problem in exchange.problems()])
    assert_none([f"{e.method} {e.path}: {e.status}" for e in exchanges if e.status >= 400])
    route = route_of(METHODS[name])
    if route is not None:
        assert route in {e.operation.key for e in exchanges if e.operation}, "the case does not call the method"
        assert document.operations[route].deprecated == (name in DEPRECATED)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", sorted(DEPRECATED))
def test_deprecated_methods_are_refused_without_the_switch(staged: Callable[..., Stage], name: str) -> None:
    with pytest.raises(Exception, match="405"):
        CASES[name](staged())


def test_every_method_is_spoken_for(document: Document) -> None:
    cloud = type(sdk_client().cloud)
    tops = {
        name
        for name in dir(cloud)
        if not name.startswith("_") and name not in ("with_raw_response", "with_streaming_response")
    }
    assert tops == set(RESOURCES) | NOT_SIMULATED
    assert CASES.keys() == KNOWN_METHODS
    beyond = {
        name
        for name, member in METHODS.items()
        if (route := route_of(member)) is not None and route not in document.operations
    }
    assert beyond == set(BEYOND_ROUTES)


def test_what_the_sdk_sends_beyond_the_document_is_listed(document: Document) -> None:
    found: dict[str, frozenset[str]] = {}
    for name, member in METHODS.items():
        route = route_of(member)
        if route is None or route not in document.operations:
            continue
        known = {
            *document.body_fields(*route),
            *document.query_fields(*route),
            *document.operations[route].parameters_in("path"),
        }
        # In Python a name has no hyphen.
        spelt = {field.replace("-", "_") for field in known}
        unknown = frozenset(inspect.signature(member).parameters) - OF_THE_CALL - spelt
        if unknown:
            found[name] = unknown
    assert found == BEYOND_PARAMETERS


def test_task_types_of_the_sdk_beyond_the_document_are_listed(document: Document) -> None:
    text = inspect.getdoc(METHODS["tasks.list"]) or ""
    types = set(re.findall(r"'([a-z0-9_]+)'", text[text.index("task_type:") :]))
    assert types - document.task_types() == BEYOND_TASK_TYPES
