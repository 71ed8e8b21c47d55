#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_balancer_info
short_description: List load balancers in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Lists the load balancers of a project in a region, and on demand the statuses of their listeners, pools and members.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
options:
  provisioning_status:
    description: Return only load balancers to which this is done.
    type: str
    choices: [ACTIVE, DELETED, ERROR, PENDING_CREATE, PENDING_DELETE, PENDING_UPDATE]
  operating_status:
    description: Return only load balancers that work like this.
    type: str
    choices: [DEGRADED, DRAINING, ERROR, NO_MONITOR, OFFLINE, ONLINE]
  assigned_floating:
    description: Return only load balancers with a floating IP (V(true)), or without one (V(false)).
    type: bool
  logging_enabled:
    description: Return only load balancers whose logs are sent to the logging service (V(true)), or are not (V(false)).
    type: bool
  show_stats:
    description:
      - Whether RV(load_balancers[].stats) is filled in.
      - The API takes V(false) when it is left out.
    type: bool
  with_ddos:
    description:
      - Whether RV(load_balancers[].ddos_profile) is filled in.
      - The API takes V(false) when it is left out.
    type: bool
  statuses:
    description:
      - Whether RV(load_balancers[].statuses) is returned, with the listeners, pools, members and health monitors.
      - It goes with all other options, O(id) too, and costs one more request.
    type: bool
    default: false
seealso:
  - module: gcore.cloud.load_balancer
  - module: gcore.cloud.load_balancer_flavor_info
"""

EXAMPLES = r"""
- name: Get one load balancer
  gcore.cloud.load_balancer_info:
    name: web
  register: found

- name: Show its address
  ansible.builtin.debug:
    msg: "{{ found.load_balancers | map(attribute='vip_address') }}"

- name: Find the members that do not answer
  gcore.cloud.load_balancer_info:
    statuses: true
    query: "[].statuses.listeners[].pools[].members[?operating_status=='ERROR'][].{address: address, port: protocol_port}"
  register: down

- name: Show them
  ansible.builtin.debug:
    var: down.query_result

- name: Get the numbers of connections
  gcore.cloud.load_balancer_info:
    show_stats: true
    query: "[].{name: name, connections: stats.active_connections}"
"""

RETURN = r"""
load_balancers:
  description:
    - The load balancers that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
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
      description: The listeners. RV(load_balancers[].statuses) tells more of them.
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
      description: The profile of the advanced protection against DDoS; null when there is none, or when it was not asked for.
      type: dict
      sample: null
    stats:
      description: Numbers of the traffic; null when they were not asked for.
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
    statuses:
      description:
        - The load balancer as a tree, with the statuses of all its parts; null when the API does not tell.
        - C(provisioning_status) and C(operating_status) are those of RV(load_balancers[].provisioning_status) and RV(load_balancers[].operating_status).
      returned: with O(statuses=true)
      type: dict
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
          description: What is done to the load balancer.
          type: str
          sample: ACTIVE
        operating_status:
          description: How the load balancer works.
          type: str
          sample: ONLINE
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
        listeners:
          description: The listeners.
          type: list
          elements: dict
          contains:
            id:
              description: The id of the listener.
              type: str
              sample: 43658ea9-54bd-4807-90b1-925921c9a0d1
            name:
              description: The name of the listener.
              type: str
              sample: http
            provisioning_status:
              description: What is done to the listener.
              type: str
              sample: ACTIVE
            operating_status:
              description: How the listener works.
              type: str
              sample: ONLINE
            pools:
              description: The pools of the listener.
              type: list
              elements: dict
              contains:
                id:
                  description: The id of the pool.
                  type: str
                  sample: bbb35f84-35cc-4b2f-84c2-a6a29bba68aa
                name:
                  description: The name of the pool.
                  type: str
                  sample: web-servers
                provisioning_status:
                  description: What is done to the pool.
                  type: str
                  sample: ACTIVE
                operating_status:
                  description: How the pool works.
                  type: str
                  sample: ONLINE
                health_monitor:
                  description: The health monitor of the pool; null when there is none.
                  type: dict
                  contains:
                    id:
                      description: The id of the health monitor.
                      type: str
                      sample: 2c1d1f7e-6b6c-4d3c-9c53-8f2d5c3f6d1e
                    type:
                      description: How members are asked.
                      type: str
                      sample: HTTP
                    provisioning_status:
                      description: What is done to the health monitor.
                      type: str
                      sample: ACTIVE
                    operating_status:
                      description: How the health monitor works.
                      type: str
                      sample: ONLINE
                members:
                  description: The members of the pool.
                  type: list
                  elements: dict
                  contains:
                    id:
                      description: The id of the member.
                      type: str
                      sample: 98f2f7c0-5d0a-4d0c-8a15-2b7a0b3c4d5e
                    address:
                      description: The address of the member.
                      type: str
                      sample: 192.168.10.11
                    protocol_port:
                      description: The port of the member.
                      type: int
                      sample: 8080
                    provisioning_status:
                      description: What is done to the member.
                      type: str
                      sample: ACTIVE
                    operating_status:
                      description: How the member works; V(NO_MONITOR) where the pool has no health monitor.
                      type: str
                      sample: ONLINE
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
