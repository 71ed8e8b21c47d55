#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: load_balancer
short_description: Manage load balancers in Gcore Cloud
version_added: 2.1.0
author:
  - Gcore (@G-Core)
description:
  - Makes, changes, resizes and deletes load balancers, with their listeners, pools, members, health monitors, L7 policies and rules.
  - A load balancer is identified by its O(name) or its O(id). Names are not unique in the cloud; when a name fits several load balancers the module
    fails with their ids.
  - A new load balancer is made together with its listeners and their pools, members and health monitors in one task. O(pools) and the L7 policies
    of O(listeners) follow, each in a task of its own; so do changes of what is there.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.waiting
  - gcore.cloud.recreate
  - gcore.cloud.resource
  - gcore.cloud.tags
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  state:
    description:
      - V(present) makes the load balancer, or changes it to what the options say.
      - V(absent) deletes the load balancer with all its listeners and pools, and is content when there is none. Its floating IP and
        a reserved fixed IP under O(vip_port) are not deleted and still billed; a warning names them.
      - V(failed_over) is V(present) for a load balancer that is there, and puts new machines into the place of those that it runs on. That is
        done on every run, and takes one to two minutes. One that is not there is an error, so that a mistyped name buys none.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent, failed_over]
    default: present
  name:
    description:
      - The name of the load balancer, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one. Together with O(id) it is the new name.
    type: str
  flavor:
    description:
      - The flavor, by name, as in V(lb1-1-2), which sets the number of CPUs and the memory. See M(gcore.cloud.load_balancer_flavor_info).
      - The API takes its default flavor for a new load balancer when it is left out.
      - Another flavor resizes the load balancer in place. That drops the connections that are open.
      - The API shows no flavor of a load balancer that has its default one. The option is not compared then (RV(not_compared)), because to set the
        default flavor would drop the connections on every run; a flavor that does not exist is an error all the same. To resize such a load balancer,
        send the resize request of the API once, as in the examples. From then on the module compares the flavor.
    type: str
  vip_network:
    description:
      - The network that the load balancer has its address in, by name or id. Without it and O(vip_port) the address is public, also that of
        one that O(recreate=true) makes anew.
      - It cannot be used together with O(vip_port).
      - It cannot be changed; O(recreate=true) replaces the load balancer. It is compared with the port of the address, which takes one more request.
    type: str
  vip_subnet:
    description:
      - The subnet of O(vip_network) that the address is from, by name or id. It needs O(vip_network).
      - The API chooses one when it is left out.
      - It cannot be changed; O(recreate=true) replaces the load balancer. It is compared with the port of the address.
    type: str
  vip_port:
    description:
      - The reserved fixed IP that is the address of the load balancer, by address or by the id of its port. It stays yours when the load balancer goes.
      - It cannot be used together with O(vip_network), O(vip_subnet) and O(vip_ip_family).
      - It cannot be changed; O(recreate=true) replaces the load balancer.
    type: str
  vip_ip_family:
    description:
      - Which addresses the load balancer has in O(vip_network); V(dual) is one of each family.
      - The API chooses when it is left out.
      - It cannot be changed; O(recreate=true) replaces the load balancer.
    type: str
    choices: [dual, ipv4, ipv6]
  floating_ip:
    description:
      - The floating IP of the load balancer, by address or id. A load balancer with a public address of its own cannot have one.
      - V(new) allocates one, unless the load balancer has one already.
      - It is changed in place. A null takes it off. An address that is taken off stays allocated, and is paid for until it is deleted; so does the
        address of a load balancer that is deleted, and a warning names it.
    type: str
  preferred_connectivity:
    description:
      - How the load balancer reaches its members - V(L2) is fastest, V(L3) needs fewer addresses. It counts for members with an C(instance).
      - The API takes V(L2) when it is left out.
    type: str
    choices: [L2, L3]
  logging:
    description:
      - Where the logs of the load balancer are sent, in Gcore's logging service.
      - Suboptions that are left out are left alone.
    type: dict
    suboptions:
      enabled:
        description:
          - Whether logs are sent.
          - The API takes V(false) when it is left out.
        type: bool
      destination_region:
        description: The region that the logs are kept in, by name or id.
        type: str
      topic_name:
        description: The topic that the logs are written to. A null removes it.
        type: str
      retention_policy:
        description: How long the logs are kept. A null removes the limit.
        type: dict
        suboptions:
          period:
            description: The number of days, 1 to 1825.
            type: int
            required: true
  admin_state_up:
    description:
      - Whether the load balancer takes traffic.
      - A new one does. V(false) for a new one is set by a task of its own, behind the one that makes it.
    type: bool
  listeners:
    description:
      - The listeners of the load balancer, at most 50, and one with C(protocol) V(PROMETHEUS). One that is not there yet is made; one that is there is
        changed in place. Other listeners are left alone, unless O(purge_listeners=true).
      - A listener is known by its C(protocol_port) and by what is under its C(protocol), UDP or TCP, so its C(name) can be changed. Two listeners
        cannot have the same of both.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the listener, see O(name). Another one renames the listener.
        type: str
        required: true
      protocol:
        description:
          - The protocol that clients speak. V(HTTPS) is passed through to the members as it is, V(TERMINATED_HTTPS) is decrypted with
            O(listeners[].secret), V(PROMETHEUS) shows the metrics of the load balancer.
          - It cannot be changed; remove the listener with O(purge_listeners) and make another one.
        type: str
        choices: [HTTP, HTTPS, PROMETHEUS, TCP, TERMINATED_HTTPS, UDP]
        required: true
      protocol_port:
        description: The port that clients connect to, 1 to 65535.
        type: int
        required: true
      allowed_cidrs:
        description:
          - The networks that may connect, at most 100, in any order. These and no other ones shall be there.
          - A null lets everybody connect, as when it is left out for a new listener.
        type: list
        elements: str
      connection_limit:
        description:
          - How many connections may be open at once, at most 1000000.
          - The API takes V(100000) when it is left out. V(-1) stands for the same.
        type: int
      insert_x_forwarded:
        description:
          - Whether requests to the members tell of the client in the headers C(X-Forwarded-For), C(X-Forwarded-Port) and C(X-Forwarded-Proto).
            It is for V(HTTP) and V(TERMINATED_HTTPS).
          - The API takes V(false) when it is left out.
          - It cannot be changed; remove the listener with O(purge_listeners) and make another one.
        type: bool
      secret:
        description:
          - The secret, by name or id, with the certificate and its key in PKCS12 format, for V(TERMINATED_HTTPS) and V(PROMETHEUS).
          - It is changed in place. A null takes it away.
        type: str
      sni_secrets:
        description:
          - More secrets of this kind, by name or id, for V(TERMINATED_HTTPS) and V(PROMETHEUS). The client's server name decides between them.
          - The list is authoritative, in any order. An empty list or null removes all.
        type: list
        elements: str
      timeout_client_data:
        description:
          - After how many milliseconds without data from the client a connection is closed, 0 to 86400000.
          - A null brings the API's own limit back.
        type: int
      user_list:
        description:
          - Who may use the listener, at most 3 users (HTTP basic authentication).
          - The list is authoritative, in any order. An empty list or null lets everybody in.
        type: list
        elements: dict
        suboptions:
          username:
            description: The name of the user, 3 to 32 characters. See O(name) for them.
            type: str
            required: true
          encrypted_password:
            description:
              - The password, encrypted, as C(openssl passwd -5) and the filter P(ansible.builtin.password_hash#filter) do. With a fixed salt the second
                run changes nothing.
              - Before it was encrypted the password had a small and a capital letter, a digit and a special character.
            type: str
            required: true
      admin_state_up:
        description:
          - Whether the listener takes traffic.
          - A new one does. V(false) for a new one is set by a task of its own, behind the one that makes it.
        type: bool
      pools:
        description:
          - The pool that gets the traffic of the listener. A listener has one at most; put others into O(pools).
          - A pool is known by its C(name), which is unique in the load balancer. One that is not there yet is made; one that is there is changed in place.
          - A listener that has a pool takes no other one. With O(purge_pools=true) the pool that is there is deleted, and the other one made in its
            place; no traffic is taken in between. Without, it is an error.
        type: list
        elements: dict
        suboptions: &pool
          name:
            description: The name of the pool, which identifies it in the load balancer. See O(name) for its characters.
            type: str
            required: true
          protocol:
            description:
              - The protocol that members speak. It has to suit the listener's - V(PROXY) and V(PROXYV2) need a TCP listener.
              - It is changed in place.
            type: str
            choices: [HTTP, HTTPS, PROXY, PROXYV2, TCP, UDP]
            required: true
          lb_algorithm:
            description:
              - How a member is chosen - V(ROUND_ROBIN) takes one after the other, V(LEAST_CONNECTIONS) the one with the fewest open connections,
                V(SOURCE_IP) always the same for a client.
              - It is changed in place.
            type: str
            choices: [LEAST_CONNECTIONS, ROUND_ROBIN, SOURCE_IP]
            required: true
          members:
            description:
              - The members that traffic goes to, in any order. The list is authoritative - members that are not listed are removed, unless
                O(purge_members=false).
              - A member is identified by C(address) and C(protocol_port). Omitted suboptions keep their values.
              - The whole list is one request. Where a single member differs, it is sent alone, so that the request does not undo what another
                controller changes in the pool at the same time. With O(purge_members=false) each member is sent alone, in a task of its own.
              - Each member needs an C(instance) or a C(subnet), and cannot have both.
            type: list
            elements: dict
            suboptions:
              address:
                description: The address of the member.
                type: str
                required: true
              protocol_port:
                description: The port of the member, 1 to 65535.
                type: int
                required: true
              weight:
                description:
                  - The share of the member, 1 to 256. One with V(3) gets three times as much as one with V(1).
                  - The API takes V(1) when it is left out.
                type: int
              backup:
                description:
                  - Whether the member gets traffic only when all members that are no backup are down.
                  - The API takes V(false) when it is left out.
                type: bool
              admin_state_up:
                description:
                  - Whether the member gets traffic.
                  - The API takes V(true) when it is left out.
                type: bool
              monitor_address:
                description: The address that the health monitor asks instead of the member's own. A null takes it away.
                type: str
              monitor_port:
                description: The port that the health monitor asks instead of the member's own, 1 to 65535. A null takes it away.
                type: int
              instance:
                description:
                  - The instance that has the address, by name or id.
                  - The API does not return it, so it is not compared (RV(not_compared)); a name that does not exist is an error all the same.
                type: str
              subnet:
                description: The subnet that the address is in, by name or id. A member cannot be moved to another subnet.
                type: str
          healthmonitor:
            description:
              - How the members are watched; one that does not answer gets no traffic. Suboptions that are left out are left alone.
              - A monitor of another C(type) takes the place of the old one, and what is left out of it is the API's choice.
              - A null removes the monitor.
            type: dict
            suboptions:
              type:
                description: How members are asked.
                type: str
                choices: [HTTP, HTTPS, K8S, PING, TCP, TLS-HELLO, UDP-CONNECT]
                required: true
              delay:
                description: The time between two questions, in seconds.
                type: int
                required: true
              timeout:
                description: How long an answer is waited for, in seconds, less than C(delay).
                type: int
                required: true
              max_retries:
                description: After how many good answers a member gets traffic again, 1 to 10.
                type: int
                required: true
              max_retries_down:
                description:
                  - After how many failures a member gets no more traffic, 1 to 10.
                  - The API takes V(3) when it is left out.
                type: int
              http_method:
                description:
                  - The HTTP method, for V(HTTP) and V(HTTPS).
                  - API default, also for null, is V(GET).
                type: str
                choices: [CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE]
              http_version:
                description: The HTTP version, for V(HTTP) and V(HTTPS). Quote it, for it is text. A null takes it away.
                type: str
                choices: ['1.0', '1.1']
              url_path:
                description:
                  - The path that is asked for, for V(HTTP) and V(HTTPS). It begins with one slash, and has no C(?), C(#) and C(%).
                  - API default, also for null, is V(/).
                type: str
              expected_codes:
                description:
                  - The HTTP statuses that are good answers, as in V(200,202,300-302), for V(HTTP) and V(HTTPS).
                  - API default, also for null, is V(200).
                type: str
              domain_name:
                description: The name in the header C(Host), for V(HTTP) and V(HTTPS). A null takes it away.
                type: str
              admin_state_up:
                description:
                  - Whether the monitor works.
                  - The API takes V(true) when it is left out.
                type: bool
          session_persistence:
            description:
              - How a client comes back to the same member. What is left out is left alone, unless the type changes.
              - A null ends it.
            type: dict
            suboptions:
              type:
                description:
                  - What a client is known by - its address, a cookie of the members (V(APP_COOKIE)), or one that the load balancer sets (V(HTTP_COOKIE)).
                type: str
                choices: [APP_COOKIE, HTTP_COOKIE, SOURCE_IP]
                required: true
              cookie_name:
                description: The name of the cookie. Required with V(APP_COOKIE). See O(name) for its characters. A null removes it.
                type: str
              persistence_granularity:
                description: The network mask that clients are told apart by, for V(SOURCE_IP) and UDP. A null removes it.
                type: str
              persistence_timeout:
                description: How long a client is remembered, in seconds, for UDP. A null removes it.
                type: int
          ca_secret:
            description:
              - The secret, by name or id, with the certificates that the members' certificates are verified with.
              - It is changed in place. A null takes it away.
            type: str
          crl_secret:
            description:
              - The secret, by name or id, with the list of certificates that are no longer good.
              - It is changed in place. A null takes it away.
            type: str
          secret:
            description:
              - The secret, by name or id, with the certificate that the load balancer shows to the members.
              - It is changed in place. A null takes it away.
            type: str
          timeout_member_connect:
            description:
              - How long a connection to a member may take to open, in milliseconds, 0 to 86400000.
              - A null brings the API's own limit back.
            type: int
          timeout_member_data:
            description:
              - After how many milliseconds without data from the member a connection is closed, 0 to 86400000.
              - A null brings the API's own limit back.
            type: int
          admin_state_up:
            description:
              - Whether the pool takes traffic.
              - A new one does. V(false) for a new one is set by a task of its own, behind the one that makes it.
            type: bool
      l7_policies:
        description:
          - What is done with requests that rules choose, instead of sending them to the listener's pool, for V(HTTP) and V(TERMINATED_HTTPS).
          - A policy is known by its C(name). One that is not there yet is made; one that is there is changed in place. Other policies of the listener
            are left alone, unless O(purge_l7_policies=true).
          - Each policy and each rule is made by a task of its own, behind those that make listeners and pools.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name of the policy, which identifies it in the listener. See O(name) for its characters.
            type: str
            required: true
          action:
            description: What is done with the request. It is changed in place.
            type: str
            choices: [REDIRECT_TO_POOL, REDIRECT_TO_URL, REDIRECT_PREFIX, REJECT]
            required: true
          redirect_pool:
            description: The pool of this load balancer, by name or id, that gets the request, as one of O(pools). Needed with V(REDIRECT_TO_POOL).
            type: str
          redirect_url:
            description: The address that the client is sent to. Needed with V(REDIRECT_TO_URL).
            type: str
          redirect_prefix:
            description: The beginning of the address that the client is sent to; the path of the request follows it. Needed with V(REDIRECT_PREFIX).
            type: str
          redirect_http_code:
            description:
              - The HTTP status that sends the client there, for V(REDIRECT_TO_URL) and V(REDIRECT_PREFIX).
              - The API takes V(302) when it is left out.
            type: int
            choices: [301, 302, 303, 307, 308]
          position:
            description:
              - The place of the policy among those of the listener, from V(1). The first one that fits a request decides.
              - The API puts a new policy behind the others when it is left out.
            type: int
          tags:
            description: Words that go with the policy, in any order. These and no other ones shall be there; an empty list removes all.
            type: list
            elements: str
          rules:
            description:
              - What a request has to be like; it has to fit all rules. For an "or" make another policy with the same action.
              - A rule is known by all that it says, except its C(tags). These and no other ones shall be there, unless O(purge_l7_rules=false).
            type: list
            elements: dict
            suboptions:
              type:
                description: What of the request is looked at.
                type: str
                choices: [COOKIE, FILE_TYPE, HEADER, HOST_NAME, PATH, SSL_CONN_HAS_CERT, SSL_DN_FIELD, SSL_VERIFY_RESULT]
                required: true
              compare_type:
                description: How it is compared.
                type: str
                choices: [CONTAINS, ENDS_WITH, EQUAL_TO, REGEX, STARTS_WITH]
                required: true
              value:
                description: What it is compared with, 1 to 255 characters.
                type: str
                required: true
              key:
                description: The name of the cookie or header. Needed with V(COOKIE) and V(HEADER), and for no other type.
                type: str
              invert:
                description:
                  - Whether the rule fits what it otherwise does not fit.
                  - The API takes V(false) when it is left out.
                type: bool
              tags:
                description: Words that go with the rule, in any order. These and no other ones shall be there; an empty list removes all.
                type: list
                elements: str
  purge_listeners:
    description:
      - Whether listeners that are not in O(listeners) are removed; without O(listeners) none is.
      - L7 policies go with their listener. Its pool stays in the load balancer, unless O(purge_pools=true) and no other listener leads to it.
    type: bool
    default: false
  pools:
    description:
      - Pools that no listener leads to by itself, for the policies with V(REDIRECT_TO_POOL) of O(listeners[].l7_policies).
      - A pool is known by its C(name), which is unique in the load balancer. One that is not there yet is made; one that is there is changed in place,
        and so is one of a listener when it is named here.
    type: list
    elements: dict
    suboptions: *pool
  purge_pools:
    description:
      - Whether pools that are not listed are removed - of a listener those that are not in its C(pools), else those that no listener leads to and
        are not in O(pools). Where the list is left out none is.
      - A pool that an L7 policy leads to cannot be removed.
    type: bool
    default: false
  purge_members:
    description:
      - Whether members that are not listed in the C(members) of a pool are removed; without C(members) none is.
      - Set it to V(false) where several controllers share a pool.
    type: bool
    default: true
  purge_l7_policies:
    description: Whether L7 policies that are not listed in the C(l7_policies) of a listener are removed; without C(l7_policies) none is.
    type: bool
    default: false
  purge_l7_rules:
    description: Whether rules that are not listed in the C(rules) of an L7 policy are removed; without C(rules) none is.
    type: bool
    default: true
  force:
    description:
      - With O(state=failed_over), whether that is done whatever the status of the load balancer, such as V(ERROR). Without, the status must be V(ACTIVE).
      - The API takes V(false) when it is left out, and looks at the status first.
    type: bool
attributes:
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
    support: partial
    details: With O(state=failed_over) the load balancer fails over on every run.
notes:
  - The load balancer, and each listener, pool, L7 policy and rule of the task, is ready in C(provisioning_status) V(ACTIVE).
    V(PENDING_CREATE) and V(PENDING_UPDATE) are waited for; V(PENDING_DELETE) is waited for, and what was deleted is created again. V(ERROR) and
    every undocumented status are an error with the id and the status, except with O(state=absent) or O(force=true). V(DELETED) counts as absent.
  - A load balancer has one lock for all its parts. While any of them is changed the module waits for its turn, up to five minutes where O(wait_timeout)
    is left out; with O(wait=false) it fails. So put everything about a load balancer into one task.
  - To change what counts only when the load balancer is made, delete the load balancer and make it anew.
seealso:
  - module: gcore.cloud.load_balancer_info
  - module: gcore.cloud.load_balancer_flavor_info
  - module: gcore.cloud.floating_ip
  - module: gcore.cloud.instance
  - module: gcore.cloud.network
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Make a public load balancer for two web servers
  gcore.cloud.load_balancer:
    name: web
    flavor: lb1-1-2
    listeners:
      - name: http
        protocol: HTTP
        protocol_port: 80
        insert_x_forwarded: true
        pools:
          - name: web-servers
            protocol: HTTP
            lb_algorithm: ROUND_ROBIN
            healthmonitor:
              type: HTTP
              delay: 10
              timeout: 5
              max_retries: 2
              url_path: /healthz
            members:
              - address: 192.168.10.11
                protocol_port: 8080
                subnet: lan-v4
              - address: 192.168.10.12
                protocol_port: 8080
                subnet: lan-v4
    tags:
      env: production
  register: lb

- name: Show its address
  ansible.builtin.debug:
    var: lb.load_balancer.vip_address

- name: Add one more server, and leave those that are there
  gcore.cloud.load_balancer:
    name: web
    pools:
      - name: web-servers
        protocol: HTTP
        lb_algorithm: ROUND_ROBIN
        members:
          - address: 192.168.10.13
            protocol_port: 8080
            subnet: lan-v4
    purge_members: false

- name: Send requests for pictures to other servers, and close what is internal
  gcore.cloud.load_balancer:
    name: web
    pools:
      - name: picture-servers
        protocol: HTTP
        lb_algorithm: LEAST_CONNECTIONS
        members:
          - address: 192.168.10.21
            protocol_port: 8080
            subnet: lan-v4
    listeners:
      - name: http
        protocol: HTTP
        protocol_port: 80
        l7_policies:
          - name: internal
            action: REJECT
            position: 1
            rules:
              - type: PATH
                compare_type: STARTS_WITH
                value: /internal
          - name: pictures
            action: REDIRECT_TO_POOL
            redirect_pool: picture-servers
            position: 2
            rules:
              - type: PATH
                compare_type: STARTS_WITH
                value: /pictures

- name: Remove the policies again
  gcore.cloud.load_balancer:
    name: web
    listeners:
      - name: http
        protocol: HTTP
        protocol_port: 80
        l7_policies: []
    purge_l7_policies: true

- name: Remove the pools that no listener leads to
  gcore.cloud.load_balancer:
    name: web
    pools: []
    purge_pools: true

- name: Give it more power, which drops open connections
  gcore.cloud.load_balancer:
    id: "{{ lb.load_balancer.id }}"
    flavor: lb1-2-4

- name: Let only some networks in
  gcore.cloud.load_balancer:
    name: web
    listeners:
      - name: http
        protocol: HTTP
        protocol_port: 80
        allowed_cidrs:
          - 198.51.100.0/24
          - 203.0.113.0/24

- name: Make a load balancer with an address in a network, and a new floating IP
  gcore.cloud.load_balancer:
    name: database
    vip_network: lan
    vip_subnet: lan-v4
    floating_ip: new
    listeners:
      - name: postgres
        protocol: TCP
        protocol_port: 5432
        pools:
          - name: postgres-servers
            protocol: TCP
            lb_algorithm: SOURCE_IP
            members:
              - address: 192.168.10.31
                protocol_port: 5432
                subnet: lan-v4
              - address: 192.168.10.32
                protocol_port: 5432
                subnet: lan-v4
                backup: true

- name: Take the floating IP off, and keep it
  gcore.cloud.load_balancer:
    name: database
    floating_ip: null

- name: Put new machines under the load balancer
  gcore.cloud.load_balancer:
    name: web
    state: failed_over

- name: Delete a load balancer
  gcore.cloud.load_balancer:
    name: database
    state: absent

- name: Resize a load balancer that was created without a flavor, once
  ansible.builtin.uri:
    url: "https://api.gcore.com/cloud/v1/loadbalancers/{{ lb.load_balancer.project_id }}/{{ lb.load_balancer.region_id }}/{{ lb.load_balancer.id }}/resize"
    method: POST
    headers:
      Authorization: APIKey {{ lookup('ansible.builtin.env', 'GCORE_API_KEY') }}
    body_format: json
    body:
      flavor: lb1-2-4
  when: lb.load_balancer.flavor is none
  no_log: true
  register: resized

- name: Wait for it
  gcore.cloud.task_wait:
    tasks: "{{ resized.json.tasks }}"
  when: resized is not skipped
"""

RETURN = r"""
load_balancer:
  description:
    - The load balancer as the API shows it; what is predicted, in check mode.
    - With O(wait=false) its RV(load_balancer.provisioning_status) may be one in between, such as V(PENDING_CREATE).
    - After O(state=absent) the load balancer as it was, or null when there was none to delete.
  returned: always
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
      description: The listeners. M(gcore.cloud.load_balancer_info) with O(gcore.cloud.load_balancer_info#module:statuses) tells their names and pools.
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
      description: Numbers of the traffic; null, for M(gcore.cloud.load_balancer_info) asks for them with O(gcore.cloud.load_balancer_info#module:show_stats).
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
      sample: create_loadbalancer
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
      sample: 45.5
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
    loadbalancers: [e8ab1be4-1521-4266-be69-28dad4148a30]
    listeners: [43658ea9-54bd-4807-90b1-925921c9a0d1]
    pools: [bbb35f84-35cc-4b2f-84c2-a6a29bba68aa]
    members: [98f2f7c0-5d0a-4d0c-8a15-2b7a0b3c4d5e]
    floatingips: []
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
      sample: create
    resource:
      description: The kind of thing that it is done to.
      type: str
      sample: l7_policy
    id:
      description: The id of the thing; null when it is not known yet.
      type: str
      sample: null
    name:
      description: The name of the thing.
      type: str
      sample: pictures
leftovers:
  description: What a failed creation has left in the cloud. It may be paid for until it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of thing.
      type: str
      sample: load_balancer
    id:
      description: The id of the thing.
      type: str
      sample: e8ab1be4-1521-4266-be69-28dad4148a30
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
  sample: [vip_network, 'pools[0].members.instance']
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.load_balancer import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
