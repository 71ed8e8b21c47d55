#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: security_group
short_description: Manage security groups in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Makes, changes and deletes security groups with their rules, which say what traffic the interfaces of instances let in and out.
  - A security group is identified by its O(name) or its O(id). Names are not unique in the cloud; when a name fits several security groups the module
    fails with their ids.
  - All that is let through is what a rule allows; there are no rules that forbid.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.waiting
  - gcore.cloud.resource
  - gcore.cloud.tags
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  state:
    description:
      - V(present) makes the security group, or changes it to what the options say.
      - V(absent) deletes the security group with its rules, and is content when there is none. While an instance has the group the module
        fails and names the instance, in check mode too. The group C(default) cannot be deleted.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent]
    default: present
  name:
    description:
      - The name of the security group, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one. Together with O(id) it is the new name.
    type: str
  description:
    description: What the security group is for, in words. An empty text removes it. It is changed in place.
    type: str
  rules:
    description:
      - The rules, up to 250. These and no other ones shall be there, unless O(purge_rules=false); their order does not count, and a rule that is listed
        twice is there once.
      - A new security group has exactly these, and with an empty list none. When the option is left out the API gives it rules of its own, by its
        documentation such that let everything in and out.
      - An existing security group is changed in place. An empty list removes all rules.
      - A rule has no name. It is the same as one that is there when direction, version of the addresses, protocol, ports and the other end are the
        same, whatever its id; so a change of one of them is one rule less and another one more.
    type: list
    elements: dict
    suboptions:
      direction:
        description: The way of the traffic, V(ingress) is to the instance and V(egress) from it.
        type: str
        choices: [egress, ingress]
        required: true
      ethertype:
        description:
          - The version of the addresses.
          - When it is left out it follows from O(rules[].remote_ip_prefix); without that it is V(IPv4). So two rules are needed to
            allow something for both versions from everywhere.
        type: str
        choices: [IPv4, IPv6]
      protocol:
        description:
          - The protocol. V(any), null and omitting it mean all protocols.
          - With IPv6, V(icmp) and V(ipv6-icmp) are the same.
        type: str
        choices:
          - ah
          - any
          - dccp
          - egp
          - esp
          - gre
          - icmp
          - igmp
          - ipencap
          - ipip
          - ipv6-encap
          - ipv6-frag
          - ipv6-icmp
          - ipv6-nonxt
          - ipv6-opts
          - ipv6-route
          - ospf
          - pgm
          - rsvp
          - sctp
          - tcp
          - udp
          - udplite
          - vrrp
      port_range_min:
        description:
          - The first port, 0 to 65535, with V(tcp), V(udp), V(udplite), V(sctp) or V(dccp) as O(rules[].protocol). Without it the rule is for all ports.
          - With V(icmp) and V(ipv6-icmp) it is the type of the message, such as V(8) for the echo request of IPv4.
        type: int
      port_range_max:
        description:
          - The last port, 0 to 65535. When it is left out it is O(rules[].port_range_min), so that the rule is for one port.
          - With V(icmp) and V(ipv6-icmp) it is the code of the message, and all codes when it is left out.
        type: int
      remote_ip_prefix:
        description:
          - The addresses at the other end, with the length of their prefix, as in V(198.51.100.0/24) or V(2001:db8::/32). A single address need not
            have a length.
          - Without O(rules[].remote_ip_prefix) and O(rules[].remote_group) the rule is for all addresses. V(0.0.0.0/0) and V(::/0) are the same as that;
            they differ in what follows for O(rules[].ethertype).
          - Networks are compared, not texts; bits behind the prefix do not count.
          - Mutually exclusive with O(rules[].remote_group).
        type: str
      remote_group:
        description:
          - The security group at the other end, by name or id. The rule is for the addresses of all interfaces that have it.
          - It may be the security group itself, by its own name. A new one is made without such rules then, and gets them with a second request, for
            nothing can refer to it before it is there.
          - Mutually exclusive with O(rules[].remote_ip_prefix).
        type: str
      description:
        description:
          - What the rule is for, in words, up to 255 characters.
          - A rule that is there keeps its description when it is left out; an empty text removes it. A rule whose description is changed gets a new id.
        type: str
  purge_rules:
    description:
      - Whether rules that are not listed in O(rules) are removed; without O(rules) none is.
      - With V(false) rules are only added, and descriptions changed. It says nothing of a new security group, which has what O(rules) lists.
    type: bool
    default: true
notes:
  - A change of the rules counts at once for all interfaces that have the security group.
  - M(gcore.cloud.instance) puts security groups on the interfaces of instances. Each region of a project has one with the name C(default); an
    interface that is made without a security group gets it.
seealso:
  - module: gcore.cloud.security_group_info
  - module: gcore.cloud.instance
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Let web traffic and pings in, SSH from one network, and everything out
  gcore.cloud.security_group:
    name: web
    description: What the web servers let in
    rules:
      - direction: ingress
        protocol: tcp
        port_range_min: 80
      - direction: ingress
        protocol: tcp
        port_range_min: 443
        description: HTTPS
      - direction: ingress
        protocol: icmp
      - direction: ingress
        protocol: tcp
        port_range_min: 22
        remote_ip_prefix: 198.51.100.0/24
      - direction: egress
        ethertype: IPv4
      - direction: egress
        ethertype: IPv6
    tags:
      env: production
  register: web

- name: Let the web servers reach the databases, and the databases each other
  gcore.cloud.security_group:
    name: database
    rules:
      - direction: ingress
        protocol: tcp
        port_range_min: 5432
        remote_group: web
      - direction: ingress
        remote_group: database
      - direction: egress

- name: Add rules for a range of ports, and leave the other rules alone
  gcore.cloud.security_group:
    name: web
    rules:
      - direction: ingress
        protocol: tcp
        port_range_min: 8000
        port_range_max: 8080
        remote_ip_prefix: 10.0.0.0/8
      - direction: ingress
        protocol: tcp
        port_range_min: 443
        remote_ip_prefix: ::/0
    purge_rules: false

- name: Make a security group that lets nothing through
  gcore.cloud.security_group:
    name: closed
    rules: []

- name: Put the security group on an instance
  gcore.cloud.instance:
    name: web-1
    security_groups: [web]

- name: Rename a security group
  gcore.cloud.security_group:
    id: "{{ web.security_group.id }}"
    name: web-servers

- name: Delete a security group
  gcore.cloud.security_group:
    name: closed
    state: absent
"""

RETURN = r"""
security_group:
  description:
    - The security group as the API shows it; what is predicted, in check mode.
    - After O(state=absent) the security group as it was, or null when there was none to delete.
  returned: always
  type: dict
  contains:
    id:
      description: The id of the security group.
      type: str
      sample: 39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b
    name:
      description: The name of the security group.
      type: str
      sample: web
    description:
      description: The description of the security group; empty when there is none.
      type: str
      sample: What the web servers let in
    security_group_rules:
      description: The rules, in no order.
      type: list
      elements: dict
      contains:
        id:
          description: The id of the rule.
          type: str
          sample: 253c1ad7-8061-44b9-9f33-5616ce8ba5b6
        security_group_id:
          description: The id of the security group.
          type: str
          sample: 39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b
        direction:
          description: The way of the traffic, V(ingress) or V(egress).
          type: str
          sample: ingress
        ethertype:
          description: The version of the addresses, V(IPv4) or V(IPv6).
          type: str
          sample: IPv4
        protocol:
          description: The protocol; null or V(any) for all of them.
          type: str
          sample: tcp
        port_range_min:
          description: The first port, or the type of ICMP; null for all of them.
          type: int
          sample: 443
        port_range_max:
          description: The last port, or the code of ICMP; null for all of them.
          type: int
          sample: 443
        remote_ip_prefix:
          description: The addresses at the other end; null for all of them.
          type: str
          sample: 198.51.100.0/24
        remote_group_id:
          description: The id of the security group at the other end; null when there is none in the rule.
          type: str
          sample: null
        description:
          description: The description of the rule; empty or null when there is none.
          type: str
          sample: HTTPS
        revision_number:
          description: How often the rule has been changed.
          type: int
          sample: 0
        created_at:
          description: When the rule was made.
          type: str
          sample: "2026-05-30T05:34:14+0000"
        updated_at:
          description: When the rule was changed last.
          type: str
          sample: "2026-05-30T05:34:14+0000"
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
    tags:
      description: The tags as text, in the form of earlier versions of the API. It may be missing.
      type: list
      elements: str
      sample: [env=production]
    revision_number:
      description: How often the security group has been changed.
      type: int
      sample: 1
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
      description: When the security group was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the security group was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
task_ids:
  description: The ids of the tasks that the run started, and of creations that it took up, in order.
  returned: always
  type: list
  elements: str
  sample: [d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999]
tasks:
  description: What is known of each of these tasks.
  returned: always
  type: list
  elements: dict
  contains:
    id:
      description: The id of the task.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    type:
      description: What the task does, in the API's words; null when that is not known yet.
      type: str
      sample: create_security_group
    state:
      description:
        - V(NEW) and V(RUNNING) go on; V(FINISHED) and V(ERROR) are final.
        - V(NOT_FOUND) is a task that the API does not know.
      type: str
      sample: FINISHED
    started:
      description: When the API made the task, in UTC; null when nobody has looked at it yet.
      type: str
      sample: "2026-05-30T05:34:14"
    seconds:
      description: How long the task was waited for, or took, in seconds; null when nobody has looked at it yet.
      type: float
      sample: 10.5
    looks:
      description: How often the state was read.
      type: int
      sample: 2
    error:
      description: The API's own reason when the task failed.
      type: str
      sample: null
created_resources:
  description:
    - The ids of everything that the tasks of this run created, by kind. For a few kinds it is the name, where the API takes that for an id.
    - >-
      Each kind has its list, which is empty when nothing of the kind was created:
      C(ai_clusters), C(api_keys), C(caas_containers), C(clusters), C(ddos_profiles), C(faas_functions), C(faas_namespaces), C(file_shares),
      C(floatingips), C(healthmonitors), C(images), C(inference_instances), C(instances), C(k8s_clusters), C(k8s_pools), C(l7polices), C(l7rules),
      C(laas_topic), C(listeners), C(loadbalancers), C(members), C(networks), C(pools), C(ports), C(postgresql_clusters), C(projects),
      C(registry_registries), C(registry_users), C(routers), C(secrets), C(security_group_rules), C(security_groups), C(servergroups),
      C(snapshots), C(subnets), C(volumes).
  returned: always
  type: dict
  sample:
    security_groups: [39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b]
    volumes: []
pending:
  description:
    - The steps that are still to be done - those behind the started one with O(wait=false), and those that a failure left.
    - C(wait for) is the wait until a resource is ready.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: What is to be done.
      type: str
      sample: set rules of
    resource:
      description: The kind of thing that it is done to.
      type: str
      sample: security_group
    id:
      description: The id of the thing; null when it is not known yet.
      type: str
      sample: 39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b
    name:
      description: The name of the thing.
      type: str
      sample: web
leftovers:
  description: What a failed creation has left in the cloud. It may be paid for until it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of thing.
      type: str
      sample: security_group
    id:
      description: The id of the thing.
      type: str
      sample: 39ae65c3-f45d-426c-8c4f-9ec6ac9cff2b
    name:
      description: The name of the thing.
      type: str
      sample: web
    status:
      description: The status of the thing.
      type: str
      sample: null
not_compared:
  description:
    - The given options that were not compared with the cloud, for the API takes them but does not show them afterwards.
    - They count when the resource is made, and never change it later.
  returned: always
  type: list
  elements: str
  sample: []
error:
  description: The failure, for programs; RV(ignore:msg) says it for people. Only keys that say something are there.
  returned: failure
  type: dict
  contains:
    kind:
      description:
        - What went wrong.
        - V(options) and V(not_found) are about the options, V(ambiguous) about a name that fits several things.
        - V(immutable) is a change that the API cannot make, V(in_use) a resource that something uses,
          V(status) a resource in a status that cannot go on, V(locked) one that another
          task holds, V(duplicate) one that was made twice at once.
        - V(api) is a refusal by the API, V(connection) and V(unreadable) are about the way to it.
        - V(doubtful) is a write of which nobody knows whether the API took it.
        - V(task_failed) is a task that did not end well, V(timeout) a time limit that was reached.
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
    id:
      description: The id of the resource whose status is wrong, or was still in progress at the time limit.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    ids:
      description: The ids of the things that a name or another identity fits, where it fits several.
      type: list
      elements: str
      sample: [a92e43dd-def9-41ff-b52f-d7c8b5ea764e, 372cbdb1-b4bd-4965-bbc7-6dd857d56e05]
    hint:
      description: What to do about it.
      type: str
      sample: Delete what is not needed, or ask for a higher quota.
    done:
      description: The steps that this run carried out before it failed, in the form of RV(pending). What they deleted does not come back.
      type: list
      elements: dict
      sample: [{action: detach, resource: volume, id: 726ecfcc-7fd0-4e30-a86e-7892524aa483, name: data-1}]
"""

from ansible_collections.gcore.cloud.plugins.module_utils.resource_modules import resource_main
from ansible_collections.gcore.cloud.plugins.module_utils.resources.security_group import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
