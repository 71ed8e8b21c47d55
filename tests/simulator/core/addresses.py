# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Addresses of subnets: which are free, taken and released (docs/api-notes.md: Networks and routers)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import errors
from .store import Record

if TYPE_CHECKING:
    from .simulator import Simulator

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def network_of(subnet: Record) -> IpNetwork:
    """The subnet's range."""
    return ipaddress.ip_network(subnet["cidr"])


def usable(network: IpNetwork, ip: str) -> bool:
    """Whether an address lies inside and is neither the network's nor the broadcast address (C10)."""
    address = ipaddress.ip_address(ip)
    if address not in network:
        return False
    if network.version == 6 or network.prefixlen >= 31:
        return True
    return address not in (network.network_address, network.broadcast_address)


def first_host(network: IpNetwork) -> str:
    """The first address that a host can have: the automatic gateway (C10)."""
    return str(network.network_address + (0 if network.prefixlen >= network.max_prefixlen - 1 else 1))


def _free(subnet: Record) -> Iterator[str]:
    network = network_of(subnet)
    small = network.prefixlen >= network.max_prefixlen - 1
    first = int(network.network_address) + (0 if small else 1)
    last = int(network.broadcast_address) - (0 if small or network.version == 6 else 1)
    for number in range(first, last + 1):
        ip = str(ipaddress.ip_address(number) if network.version == 4 else ipaddress.IPv6Address(number))
        if ip != subnet["gateway_ip"] and ip not in subnet["used"]:
            yield ip


def totals(subnet: Record) -> tuple[int, int]:
    """``total_ips`` and ``available_ips``: without network, broadcast and gateway address."""
    network = network_of(subnet)
    total = network.num_addresses - (2 if network.version == 4 and network.prefixlen < 31 else 0)
    gateway = subnet["gateway_ip"]
    if gateway is not None:
        total -= 1
    return total, max(total - len(subnet["used"] - {gateway}), 0)


def take(subnet: Record, ip: str | None = None, *, field: str = "ip_address") -> dict[str, str]:
    """Take an address, any free one or a given one, as an assignment."""
    if ip is None:
        ip = next(_free(subnet), None)
        if ip is None:
            raise errors.conflict(f"No more IP addresses available on subnet {subnet.id}")
    else:
        ip = str(ipaddress.ip_address(ip))
        if not usable(network_of(subnet), ip):
            raise errors.invalid(field, f"IP address {ip} is not a valid address of subnet {subnet['cidr']}")
        if ip in subnet["used"]:
            raise errors.conflict(f"IP address {ip} is already in use")
    subnet["used"].add(ip)
    return {"ip_address": ip, "subnet_id": str(subnet.id)}


def give_back(sim: Simulator, assignment: dict[str, Any]) -> None:
    """Free an address."""
    subnet = sim.store.get("subnet", assignment["subnet_id"])
    if subnet:
        subnet["used"].discard(assignment["ip_address"])


def keep(sim: Simulator, assignment: dict[str, Any]) -> None:
    """Mark an address as taken that was seen to be free, or changes its owner."""
    subnet = sim.store.get("subnet", assignment["subnet_id"])
    if subnet:
        subnet["used"].add(assignment["ip_address"])


def subnets_of(sim: Simulator, network: Record) -> list[Record]:
    """The ready subnets of a network, oldest first."""
    return [item for item in sim.store.all("subnet") if item["network_id"] == network.id and item.visible]


def pick(sim: Simulator, network: Record, version: int) -> Record:
    """A subnet of the network with a free address of this IP version."""
    candidates = [item for item in subnets_of(sim, network) if item["ip_version"] == version]
    if not candidates:
        raise errors.invalid("network_id", f"Network {network.id} has no IPv{version} subnet")
    for item in candidates:
        if next(_free(item), None) is not None:
            return item
    raise errors.conflict(f"No more IP addresses available on network {network.id}")


def allocate(sim: Simulator, network: Record, family: str | None) -> list[dict[str, str]]:
    """One address for each wanted IP version (IPFAM, default IPv4)."""
    versions = {"ipv4": [4], "ipv6": [6], "dual": [4, 6]}[family or "ipv4"]
    chosen = [pick(sim, network, version) for version in versions]
    return [take(item) for item in chosen]
