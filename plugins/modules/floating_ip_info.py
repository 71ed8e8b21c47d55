#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: floating_ip_info
short_description: List floating IPs in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Lists the floating IPs of a project in a region, with the instance or load balancer that has each.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
options:
  name:
    description: Return only the one of exactly this public address, for a floating IP has no other name.
    type: str
  status:
    description: Return only floating IPs in this status - V(ACTIVE) is in use, V(DOWN) is free.
    type: str
    choices: [ACTIVE, DOWN, ERROR]
  port:
    description: Return only the floating IPs of this port, by id; the port of a reserved fixed IP also by its address.
    type: str
seealso:
  - module: gcore.cloud.floating_ip
  - module: gcore.cloud.instance
  - module: gcore.cloud.load_balancer
"""

EXAMPLES = r"""
- name: Get the floating IP of an address
  gcore.cloud.floating_ip_info:
    name: 203.0.113.42

- name: Get the floating IPs of a service
  gcore.cloud.floating_ip_info:
    tag_key_value:
      service: web

- name: Get the public addresses of an instance
  gcore.cloud.floating_ip_info:
    query: "[?instance.name=='web-1'].floating_ip_address"
  register: addresses

- name: Find those that are paid for and not used
  gcore.cloud.floating_ip_info:
    status: DOWN
    query: "[].{id: id, address: floating_ip_address, since: updated_at}"
  register: unused

- name: Show them
  ansible.builtin.debug:
    var: unused.query_result
"""

RETURN = r"""
floating_ips:
  description:
    - The floating IPs that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the floating IP.
      type: str
      sample: a634eb48-b966-44f5-a118-294f86a8186a
    floating_ip_address:
      description: The public address.
      type: str
      sample: 203.0.113.42
    status:
      description: The status, V(ACTIVE) when the floating IP is in use, V(DOWN) when it is free, or V(ERROR).
      type: str
      sample: ACTIVE
    port_id:
      description: The id of the port that the floating IP leads to; null when it is free.
      type: str
      sample: 9a5493d1-b45c-44e6-995c-a8b1f78841c1
    fixed_ip_address:
      description: The address of the port that the floating IP leads to; null when it is free.
      type: str
      sample: 192.168.10.2
    router_id:
      description: The id of the router between the two addresses; null when there is none.
      type: str
      sample: 11005a33-c5ac-4c96-ab6f-8f2827cc7da6
    instance:
      description: The instance that has the floating IP; null when none has.
      type: dict
      contains:
        id:
          description: The id of the instance.
          type: str
          sample: 60488a9b-1fde-4f0e-a4cb-381e02e12807
        name:
          description: The name of the instance.
          type: str
          sample: web-1
        status:
          description: The status, such as V(BUILD), V(ACTIVE), V(SHUTOFF), V(SUSPENDED), V(RESIZE) or V(ERROR).
          type: str
          sample: ACTIVE
        vm_state:
          description: The state of the virtual machine, such as V(building), V(active), V(stopped), V(suspended), V(resized) or V(error).
          type: str
          sample: active
        task_state:
          description: What is going on with the virtual machine; null when nothing is.
          type: str
          sample: null
        flavor:
          description: The flavor.
          type: dict
          contains:
            flavor_id:
              description: The id of the flavor, which is the same as its name.
              type: str
              sample: g2-standard-2-4
            flavor_name:
              description: The name of the flavor.
              type: str
              sample: g2-standard-2-4
            vcpus:
              description: The number of virtual CPUs.
              type: int
              sample: 2
            ram:
              description: The memory, in MiB.
              type: int
              sample: 4096
        addresses:
          description:
            - The addresses, by the name of the network. Each has C(addr), and C(type), which is V(fixed) or V(floating).
            - Fixed ones have C(interface_name).
          type: dict
          sample:
            lan:
              - addr: 192.168.10.2
                type: fixed
                interface_name: null
              - addr: 203.0.113.42
                type: floating
        security_groups:
          description: The security groups of the instance.
          type: list
          elements: dict
          contains:
            name:
              description: The name of the security group.
              type: str
              sample: default
        ssh_key_name:
          description: The name of the SSH key.
          type: str
          sample: deploy
        volumes:
          description: The volumes. M(gcore.cloud.volume_info) with O(gcore.cloud.volume_info#module:instance) tells more of them.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the volume.
              type: str
              sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
            delete_on_termination:
              description: Whether the volume is deleted together with the instance.
              type: bool
              sample: false
        instance_description:
          description: The description of the instance.
          type: str
          sample: null
        tags:
          description: The tags, those of the platform too.
          type: list
          elements: dict
          contains:
            key:
              description: The key of the tag.
              type: str
              sample: env
            value:
              description: The value of the tag.
              type: str
              sample: production
            read_only:
              description: Whether the platform has set the tag, so that nobody can change it.
              type: bool
              sample: false
        project_id:
          description: The id of the project.
          type: int
          sample: 1234567
        region_id:
          description: The id of the region.
          type: int
          sample: 76
        region:
          description: The name of the region.
          type: str
          sample: Luxembourg-2
        created_at:
          description: When the instance was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
        creator_task_id:
          description: The id of the task that made the instance.
          type: str
          sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
        task_id:
          description: The id of the task that is at work on the instance and locks it; null when none is.
          type: str
          sample: null
    loadbalancer:
      description: The load balancer that has the floating IP; null when none has.
      type: dict
      sample: null
      contains:
        id:
          description: The id of the load balancer.
          type: str
          sample: e8ab1be4-1521-4266-be69-28dad4148a30
        name:
          description: The name of the load balancer.
          type: str
          sample: web
        provisioning_status:
          description: What is done to the load balancer - V(ACTIVE), V(PENDING_CREATE), V(PENDING_UPDATE), V(PENDING_DELETE), V(DELETED) or V(ERROR).
          type: str
          sample: ACTIVE
        operating_status:
          description: How the load balancer works - V(ONLINE), V(DRAINING), V(OFFLINE), V(DEGRADED), V(ERROR) or V(NO_MONITOR).
          type: str
          sample: ONLINE
        admin_state_up:
          description: Whether the load balancer takes traffic.
          type: bool
          sample: true
        flavor:
          description: The flavor; null may stand for the default one.
          type: dict
          contains:
            flavor_id:
              description: The id of the flavor.
              type: str
              sample: 1d276f53-2834-4855-9859-aa922f073055
            flavor_name:
              description: The name of the flavor.
              type: str
              sample: lb1-1-2
            vcpus:
              description: The number of virtual CPUs.
              type: int
              sample: 1
            ram:
              description: The memory, in MiB.
              type: int
              sample: 2048
        vip_address:
          description: The address of the load balancer.
          type: str
          sample: 203.0.113.80
        vip_port_id:
          description: The id of the port that has the address.
          type: str
          sample: 4177d1ef-f1c2-4e45-a531-3e05dfa6d848
        vip_ip_family:
          description: Which addresses the load balancer has, V(ipv4), V(ipv6) or V(dual).
          type: str
          sample: ipv4
        vip_fqdn:
          description: The name of the load balancer in the DNS.
          type: str
          sample: 550e8400-e29b-41d4-a716-446655440000.lb.cloud.example.com
        additional_vips:
          description: More addresses of the load balancer, as with V(dual).
          type: list
          elements: dict
          contains:
            ip_address:
              description: The address.
              type: str
              sample: 2001:db8::80
            subnet_id:
              description: The id of the subnet.
              type: str
              sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
        vrrp_ips:
          description: The addresses of the machines that the load balancer runs on.
          type: list
          elements: dict
          contains:
            ip_address:
              description: The address.
              type: str
              sample: 203.0.113.81
            role:
              description: The part of the machine, V(MASTER), V(BACKUP) or V(STANDALONE).
              type: str
              sample: MASTER
            subnet_id:
              description: The id of the subnet.
              type: str
              sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
        floating_ips:
          description: The floating IPs of the load balancer.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the floating IP.
              type: str
              sample: a634eb48-b966-44f5-a118-294f86a8186a
            floating_ip_address:
              description: The public address.
              type: str
              sample: 203.0.113.42
            fixed_ip_address:
              description: The address of the load balancer that it leads to.
              type: str
              sample: 192.168.10.2
            port_id:
              description: The id of the port that it leads to.
              type: str
              sample: 4177d1ef-f1c2-4e45-a531-3e05dfa6d848
            router_id:
              description: The id of the router between them.
              type: str
              sample: 11005a33-c5ac-4c96-ab6f-8f2827cc7da6
            status:
              description: The status, V(ACTIVE), V(DOWN) or V(ERROR).
              type: str
              sample: ACTIVE
            tags:
              description: The tags of the floating IP.
              type: list
              elements: dict
              sample: []
            project_id:
              description: The id of the project.
              type: int
              sample: 1234567
            region_id:
              description: The id of the region.
              type: int
              sample: 76
            region:
              description: The name of the region.
              type: str
              sample: Luxembourg-2
            created_at:
              description: When the floating IP was made.
              type: str
              sample: "2026-05-30T05:34:14+0000"
            updated_at:
              description: When the floating IP was changed last.
              type: str
              sample: "2026-05-30T05:34:20+0000"
            creator_task_id:
              description: The id of the task that made the floating IP.
              type: str
              sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
            task_id:
              description: The id of the task that is at work on the floating IP and locks it; null when none is.
              type: str
              sample: null
        listeners:
          description: The listeners.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the listener.
              type: str
              sample: 43658ea9-54bd-4807-90b1-925921c9a0d1
        preferred_connectivity:
          description: How the load balancer reaches its members, V(L2) or V(L3).
          type: str
          sample: L2
        logging:
          description: Where the logs are sent; null when it was never set.
          type: dict
          contains:
            enabled:
              description: Whether logs are sent.
              type: bool
              sample: true
            destination_region_id:
              description: The id of the region that the logs are kept in.
              type: int
              sample: 76
            topic_name:
              description: The topic that the logs are written to.
              type: str
              sample: my-log-name
            retention_policy:
              description: How long the logs are kept, with the number of days as C(period).
              type: dict
              sample:
                period: 45
        ddos_profile:
          description: The profile of the advanced protection against DDoS; null when there is none, or when the answer does not tell.
          type: dict
          sample: null
        stats:
          description: Numbers of the traffic; null when the answer does not tell.
          type: dict
          contains:
            active_connections:
              description: How many connections are open.
              type: int
              sample: 0
            bytes_in:
              description: How many bytes came in.
              type: int
              sample: 34942398609
            bytes_out:
              description: How many bytes went out.
              type: int
              sample: 304777113641
            request_errors:
              description: How many requests could not be fulfilled.
              type: int
              sample: 4
            total_connections:
              description: How many connections there were.
              type: int
              sample: 21095970
        tags_v2:
          description: The tags, those of the platform too.
          type: list
          elements: dict
          contains:
            key:
              description: The key of the tag.
              type: str
              sample: env
            value:
              description: The value of the tag.
              type: str
              sample: production
            read_only:
              description: Whether the platform has set the tag, so that nobody can change it.
              type: bool
              sample: false
        project_id:
          description: The id of the project.
          type: int
          sample: 1234567
        region_id:
          description: The id of the region.
          type: int
          sample: 76
        region:
          description: The name of the region.
          type: str
          sample: Luxembourg-2
        created_at:
          description: When the load balancer was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
        updated_at:
          description: When the load balancer was changed last.
          type: str
          sample: "2026-05-30T05:35:20+0000"
        creator_task_id:
          description: The id of the task that made the load balancer.
          type: str
          sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
        task_id:
          description: The id of the task that is at work on the load balancer and locks it, with all its parts; null when none is.
          type: str
          sample: null
    tags:
      description: The tags, those of the platform too.
      type: list
      elements: dict
      contains:
        key:
          description: The key of the tag.
          type: str
          sample: env
        value:
          description: The value of the tag.
          type: str
          sample: production
        read_only:
          description: Whether the platform has set the tag, so that nobody can change it.
          type: bool
          sample: false
    project_id:
      description: The id of the project.
      type: int
      sample: 1234567
    region_id:
      description: The id of the region.
      type: int
      sample: 76
    region:
      description: The name of the region.
      type: str
      sample: Luxembourg-2
    created_at:
      description: When the floating IP was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the floating IP was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
    creator_task_id:
      description: The id of the task that made the floating IP.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the floating IP and locks it; null when none is.
      type: str
      sample: null
query_result:
  description: What O(query) finds in the list.
  returned: when O(query) is given
  type: raw
error:
  description: The failure, for programs; RV(ignore:msg) says it for people. Only keys that say something are there.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - What went wrong.
        - V(options) and V(not_found) are about the options, V(ambiguous) about a name that fits several things.
        - V(api) is a refusal by the API, V(connection) and V(unreadable) are about the way to it.
      type: str
      sample: api
    http_status:
      description: The HTTP status that the API answered with.
      type: int
      sample: 403
    exception_class:
      description: The API's name for the error.
      type: str
      sample: QuotaLimitExceed
    request_id:
      description: The API's id of the refused request, which its support asks for.
      type: str
      sample: 344dfb5d-0faf-4ca4-8ec7-ff649f2e8261
    task_id:
      description: The id of the task that failed or is still going on.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    ids:
      description: The ids of the things that a name or another identity fits, where it fits several.
      type: list
      elements: str
      sample: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e, 372cbdb1-b4bd-4965-bbc7-6dd857d56e05]
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
"""

from ansible_collections.gcore.cloud.plugins.module_utils.info import info_main
from ansible_collections.gcore.cloud.plugins.module_utils.resources.floating_ip import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
