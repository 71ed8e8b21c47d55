#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: instance
short_description: Manage instances (virtual machines) in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Makes, resizes, starts, stops and deletes instances, with their volumes, interfaces and floating IPs.
  - An instance is identified by its O(name), by its O(id), or, without a name, by its O(tags), which must all be there. Names are not unique in
    the cloud; when a name or the tags fit several instances the module fails with their ids.
  - A plain instance is described by O(image), O(volume_size), and O(network) or O(external); any other one by the lists O(volumes) and O(interfaces).
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.waiting
  - gcore.cloud.resource
  - gcore.cloud.recreate
  - gcore.cloud.tags
  - gcore.cloud.attributes
  - gcore.cloud.groups_regional_waiting
options:
  state:
    description:
      - V(present) makes the instance, or changes it to what the options say, be it running or not. A new instance runs.
      - V(absent) deletes the instance, and is content when there is none. Its volumes stay, and are paid for, except those named in O(delete_volumes)
        and those that were made with C(delete_on_termination). Its floating and reserved addresses stay too, see O(delete_floating_ips) and
        O(delete_reserved_fixed_ips).
      - V(started), V(stopped) and V(suspended) are V(present), and bring the instance into that condition from status V(ACTIVE), V(SHUTOFF) or
        V(SUSPENDED). Every other status is an error.
      - V(rebooted) is V(present) for an instance that is there, and reboots it. That is done on every run. One that is not there is an error. A
        stopped instance is started.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent, started, stopped, suspended, rebooted]
    default: present
  name:
    description:
      - The name of the instance, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one, unless O(name_template) is given. Together with O(id) it is the new name.
      - Mutually exclusive with O(name_template).
    type: str
  name_template:
    description:
      - A template of the name, in which the API puts parts of the address of the instance - C({ip_octets}) stands for the last three numbers,
        C({two_ip_octets}) for two, C({one_ip_octet}) for one.
      - The name is not known beforehand, so O(tags) identify the instance.
      - It counts only when the instance is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
      - Mutually exclusive with O(name).
    type: str
  flavor:
    description:
      - The flavor, as in V(g2-standard-2-4), which sets the number of CPUs and the memory. See M(gcore.cloud.flavor_info).
      - Needed to make an instance.
      - Another flavor resizes the instance in place; reckon with a restart.
    type: str
  image:
    description:
      - The image that the boot volume is made from, by name or id. It stands for an entry of O(volumes) in front of the other ones.
      - It cannot be changed, and another image is an error. It is compared by the id and the name that the boot volume shows, and one of them is
        enough - a public image may be published again under its name with another id.
    type: str
  volume_size:
    description:
      - The size of the boot volume, in GiB, at least the C(min_disk) of the image.
      - Needed with O(image), except with flavors that come with a disk (basic VM).
      - The boot volume grows in place and never shrinks. The file system on it has to be grown in the instance.
    type: int
  volume_type:
    description:
      - The type of the boot volume that is made from O(image), see O(gcore.cloud.volume#module:type_name).
      - The API takes V(standard) for a new volume when it is left out.
      - It cannot be changed, for the API does not retype volumes to boot from.
    type: str
    choices: [standard, ssd_hiiops, ssd_lowlatency, ssd_local, cold, ultra]
  volumes:
    description:
      - The volumes of the instance. An entry that the instance does not have yet is attached, or made and attached; one that it has is changed in
        place. Other volumes of the instance are left alone, unless O(purge_volumes=true).
      - The entry with C(boot_index) V(0), or an entry without C(name) and C(volume), is the boot volume. Any other one is identified by its C(volume),
        or by its C(name).
      - One of C(volume), C(image), C(snapshot) and C(apptemplate) is the origin; an entry with none of them is an empty volume.
      - When no entry has C(boot_index) V(0), the first one with an origin is the boot volume of a new instance. In an existing instance, such an entry
        with a C(name) that no volume has is refused, because it may be the boot volume or another one. Set C(boot_index) to V(0) to rename the boot
        volume, or list the boot volume as well to create another one.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - The name of the volume. Needed, except for the boot volume and with O(volumes[].volume).
          - The API makes one up for a boot volume when it is left out.
        type: str
      volume:
        description:
          - An existing volume, by name or id. To be attached it has to be detached from any other instance.
        type: str
      image:
        description:
          - The image that the volume is made from, by name or id.
          - It cannot be changed, and another image is an error. It is compared as O(image) is.
        type: str
      snapshot:
        description:
          - The snapshot that the volume is made from, by name or id.
          - Used only at creation. The API does not return it, so it is not compared (RV(not_compared)); a name that does not exist is an error all
            the same.
        type: str
      apptemplate:
        description:
          - The id of the application template that the volume is made from. It works only together with a new instance.
          - It counts only when the volume is made and is not compared (RV(not_compared)).
        type: str
      size:
        description:
          - The size, in GiB. Needed for an empty volume, and for one made from a snapshot.
          - A volume grows in place and never shrinks.
        type: int
      type_name:
        description:
          - The type of the storage, see O(gcore.cloud.volume#module:type_name).
          - The API takes V(standard) for a new volume when it is left out, or the type of the snapshot's volume.
        type: str
        choices: [standard, ssd_hiiops, ssd_lowlatency, ssd_local, cold, ultra]
      boot_index:
        description:
          - V(0) for the volume to boot from, other positive numbers for the next ones in order, a negative number for a volume that is never booted from.
          - The order counts only when the instance is made. An empty volume has none.
        type: int
      delete_on_termination:
        description:
          - Whether the volume is deleted together with the instance.
          - The API takes V(false) when it is left out - the volume stays, and is paid for.
          - It can be chosen only when the instance is created, and cannot be changed. See O(delete_volumes).
        type: bool
      attachment_tag:
        description:
          - A tag that the instance sees on the device, 1 to 60 characters, no comma and no slash.
          - It counts only when the volume is attached and is not compared (RV(not_compared)).
        type: str
      tags:
        description:
          - Tags of the volume, as key and value. O(purge_tags) counts for them too.
          - A null or an empty dictionary removes all tags.
        type: dict
  purge_volumes:
    description:
      - Whether volumes that are not in O(volumes) are detached. It needs O(volumes); O(image) and O(volume_size) alone say nothing of others.
        The boot volume never is.
      - A detached volume is still billed until M(gcore.cloud.volume) deletes it; a warning names it.
    type: bool
    default: false
  network:
    description:
      - The network of the interface, by name or id. It stands for an entry of O(interfaces).
      - The address comes from the subnet with the most free ones, unless O(subnet) or O(ip_address) says more.
      - When the instance is there and has no interface in the network, one is added to it.
      - Mutually exclusive with O(interfaces) and O(external).
    type: str
  subnet:
    description: The subnet of the interface, by name or id. It needs O(network), and cannot be used together with O(ip_address).
    type: str
  ip_address:
    description:
      - The address of the interface. It needs O(network).
      - It can be chosen only when the instance is made.
    type: str
  external:
    description:
      - Whether the instance has an interface with a public address, of its own and straight on the internet. The address goes with the interface.
      - V(false) is the same as leaving it out - an interface that is there is left alone.
      - Mutually exclusive with O(interfaces), O(network) and O(floating_ip).
    type: bool
  floating_ip:
    description:
      - The floating IP of the interface, by address or id. It needs O(network).
      - V(new) allocates one, unless the interface has one already.
      - It is changed in place. A null takes it off. An address that is taken off stays allocated, and is paid for until it is deleted.
    type: str
  interfaces:
    description:
      - The interfaces of the instance. An entry that the instance does not have yet is added; one that it has is changed in place.
        Other interfaces of the instance are left alone, unless O(purge_interfaces=true).
      - An entry is identified by its C(interface_name); without one by its C(port), else by its C(ip_address), C(subnet) or C(network), or by C(type=external)
        as a public interface. An entry with none of them is refused, because an interface is never public by omission.
      - An entry with an C(interface_name) that the instance does not have is refused when an interface at the same place, unnamed or with another name,
        is not in the list. List it as well to create another one, or set O(purge_interfaces=true) to replace it.
      - The order counts when the instance is made, where it is the order of the default routes.
      - Mutually exclusive with O(network), O(subnet), O(ip_address), O(external) and O(floating_ip).
    type: list
    elements: dict
    suboptions:
      type:
        description:
          - V(external) is a public interface, with an address of its own straight on the internet. It is required for one, and excludes
            O(interfaces[].network), O(interfaces[].subnet), O(interfaces[].port) and O(interfaces[].floating_ip).
          - The other types follow from the other options - V(reserved_fixed_ip) from O(interfaces[].port), V(subnet) from O(interfaces[].subnet),
            V(any_subnet) from O(interfaces[].network) alone.
          - A private interface cannot become public, or the other way round. Remove it with O(purge_interfaces) and add another one.
        type: str
        choices: [external, subnet, any_subnet, reserved_fixed_ip]
      network:
        description:
          - The network of the interface, by name or id. Needed with O(interfaces[].subnet) when the instance is made.
          - It cannot be changed; remove the interface with O(purge_interfaces) and add another one.
        type: str
      subnet:
        description:
          - The subnet of the interface, by name or id.
          - It cannot be changed; remove the interface with O(purge_interfaces) and add another one.
        type: str
      port:
        description:
          - The reserved fixed IP of the interface, by address or by the id of its port. It stays yours when the interface is removed.
          - It cannot be changed; remove the interface with O(purge_interfaces) and add another one.
        type: str
      ip_address:
        description: The address of the interface, in the network. It can be chosen only when the instance is made.
        type: str
      ip_family:
        description:
          - "Which addresses the interface has. API default: V(ipv4)."
          - It cannot be changed; remove the interface with O(purge_interfaces) and add another one.
        type: str
        choices: [ipv4, ipv6, dual]
      interface_name:
        description: A name for the interface, 1 to 37 characters, which identifies it in the instance. It cannot be changed.
        type: str
      security_groups:
        description:
          - The security groups of the interface, by name or id. These and no other ones shall be there.
          - The API takes the project's default group for a new interface when it is left out.
          - They are changed in place. They cannot be used together with O(security_groups).
        type: list
        elements: str
      floating_ip:
        description:
          - The floating IP of the interface, by address or id. A public interface cannot have one.
          - V(new) allocates one, unless the interface has one already.
          - It is changed in place. A null takes it off. An address that is taken off stays allocated, and is paid for until it is deleted.
        type: str
  purge_interfaces:
    description:
      - Whether interfaces that are not in O(interfaces) are removed. It needs O(interfaces); O(network) and O(external) alone say nothing of others.
      - A public address is lost with its interface; floating and reserved addresses stay and are still billed. A warning names the floating ones.
    type: bool
    default: false
  security_groups:
    description:
      - The security groups of all interfaces, by name or id.
      - The API takes the project's default group for a new instance when it is left out.
      - They are changed in place. They cannot be used together with O(interfaces[].security_groups).
    type: list
    elements: str
  purge_security_groups:
    description: Whether security groups that are not listed in O(security_groups) are taken off; without O(security_groups) none is.
    type: bool
    default: true
  ssh_key:
    description:
      - The SSH key that may log in, by name or id. See M(gcore.cloud.ssh_key).
      - It cannot be changed; O(recreate=true) replaces the instance.
    type: str
  servergroup:
    description:
      - The placement group, by name or id, which says what instances share a host.
      - It is changed in place. A null takes the instance out of its placement group.
    type: str
  user_data:
    description:
      - What cloud-init shall do at the first boot, as plain text; the module encodes it.
      - On Linux the API ignores it when O(password) is given.
      - It counts only when the instance is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
    type: str
  username:
    description:
      - The name of a user to be made on Linux, with O(password). It is not allowed for Windows.
      - It counts only when the instance is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
    type: str
  password:
    description:
      - The password of O(username); without one that of the default user of the image, and on Windows that of C(Admin).
      - 8 to 16 characters, with a small and a capital letter, a digit and a special character.
      - It counts only when the instance is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
    type: str
  allow_app_ports:
    description:
      - Whether the ports of an application template are opened in the security group.
      - The API takes V(false) when it is left out.
      - It counts only when the instance is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
    type: bool
  configuration:
    description:
      - The parameters of an application template. They are treated as secrets.
      - They count only when the instance is made. The API does not show them afterwards, so they are not compared (RV(not_compared)).
    type: dict
  delete_volumes:
    description:
      - With O(state=absent), the volumes that are deleted together with the instance, by name or id; V(all) means all that are attached to it.
      - The others are not deleted and still billed; a warning names them.
    type: list
    elements: str
  delete_floating_ips:
    description:
      - With O(state=absent), the floating IPs that are deleted together with the instance, by address or id; V(all) means all that it has.
      - The others stay allocated and are still billed; a warning names them.
    type: list
    elements: str
  delete_reserved_fixed_ips:
    description:
      - With O(state=absent), the reserved fixed IPs that are deleted together with the instance, by address or by the id of their port; V(all) means
        all that it has.
      - The others stay reserved and are still billed; a warning names them.
    type: list
    elements: str
  reboot_hard:
    description: With O(state=rebooted), whether the power is cut instead of the operating system being asked to reboot.
    type: bool
  activate_profile:
    description:
      - Where an instance is started, whether its profile of the advanced protection against DDoS is activated.
      - The API takes V(true) when it is left out.
    type: bool
attributes:
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
    support: partial
    details: With O(state=rebooted) the instance is rebooted on every run.
notes:
  - The instance is ready in status V(ACTIVE), V(SHUTOFF), V(SUSPENDED), V(PAUSED), V(RESCUE), V(SHELVED) or V(SHELVED_OFFLOADED). An
    operation in progress, such as V(BUILD), V(REBOOT), V(RESIZE) or V(MIGRATING), is waited for. V(ERROR), V(UNKNOWN) and every
    undocumented status are an error with the id and the status, except with O(state=absent). V(DELETED) and V(SOFT_DELETED) count as absent.
    The same holds for the volumes in O(volumes), see M(gcore.cloud.volume).
  - To replace the boot volume, or what was set by an option that counts only when the instance is made, delete the instance and make it anew.
seealso:
  - module: gcore.cloud.instance_info
  - module: gcore.cloud.flavor_info
  - module: gcore.cloud.image_info
  - module: gcore.cloud.network
  - module: gcore.cloud.volume
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Make an instance with a public address
  gcore.cloud.instance:
    name: web-1
    flavor: g2-standard-2-4
    image: ubuntu-24.04-x64
    volume_size: 20
    external: true
    ssh_key: deploy
  register: vm

- name: Show its id
  ansible.builtin.debug:
    var: vm.instance.id

- name: Make an instance in a private network, with a new floating IP
  gcore.cloud.instance:
    name: web-2
    flavor: g2-standard-2-4
    image: ubuntu-24.04-x64
    volume_size: 20
    network: lan
    floating_ip: new
    ssh_key: deploy
    tags:
      env: production
  register: vm

- name: Show its addresses
  ansible.builtin.debug:
    msg: "{{ vm.instance.addresses.values() | list | flatten | map(attribute='addr') | join(', ') }}"

- name: Show what was bought with it in this run
  ansible.builtin.debug:
    msg: "Volumes {{ vm.created_resources.volumes }}, floating IPs {{ vm.created_resources.floatingips }}"

- name: Make an instance with two volumes and two interfaces
  gcore.cloud.instance:
    name: db-1
    flavor: g2-standard-4-8
    volumes:
      - name: db-1-boot
        image: debian-12
        boot_index: 0
        size: 20
        type_name: ssd_hiiops
        delete_on_termination: true
      - name: db-1-data
        size: 100
        tags:
          backup: daily
    interfaces:
      - type: external
        interface_name: public
        security_groups: [default]
      - interface_name: private
        network: lan
        subnet: lan-v4
        security_groups: [default]
    ssh_key: deploy
    user_data: |
      #cloud-config
      package_update: true

- name: Give it more of everything
  gcore.cloud.instance:
    name: db-1
    flavor: g2-standard-8-16
    volumes:
      - name: db-1-data
        size: 200
      - name: db-1-log
        size: 10

- name: Stop an instance
  gcore.cloud.instance:
    name: web-1
    state: stopped

- name: Start an instance by its id
  gcore.cloud.instance:
    id: "{{ vm.instance.id }}"
    state: started

- name: Take the floating IP off, and keep it
  gcore.cloud.instance:
    name: web-2
    network: lan
    floating_ip: null

- name: Start the creation of three instances
  gcore.cloud.instance:
    name: "worker-{{ item }}"
    flavor: g2-standard-2-4
    image: ubuntu-24.04-x64
    volume_size: 20
    network: lan
    wait: false
  loop: [1, 2, 3]
  register: workers

- name: Wait for all of them at once
  gcore.cloud.task_wait:
    tasks: "{{ workers }}"

- name: Delete an instance with all that it has
  gcore.cloud.instance:
    name: web-1
    state: absent
    delete_volumes: all
    delete_floating_ips: all
"""

RETURN = r"""
instance:
  description:
    - The instance as the API shows it; what is predicted, in check mode.
    - With O(wait=false) its RV(instance.status) may be one in between, such as V(BUILD).
    - After O(state=absent) the instance as it was, or null when there was none to delete.
  returned: always
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
        os_type:
          description: The operating system that the flavor is for.
          type: str
          sample: linux
        architecture:
          description: The architecture of the CPU.
          type: str
          sample: x86_64
        hardware_description:
          description: The hardware, in words.
          type: dict
          sample:
            vcpus: 2 vCPU
            ram: 4 GiB
    addresses:
      description:
        - The addresses, by the name of the network. Each has C(addr), and C(type), which is V(fixed) or V(floating).
        - Fixed ones have C(interface_name), and, where one instance is read, C(subnet_id) and C(subnet_name).
      type: dict
      sample:
        lan:
          - addr: 192.168.10.2
            type: fixed
            interface_name: null
            subnet_id: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
            subnet_name: lan-v4
          - addr: 203.0.113.42
            type: floating
    fixed_ip_assignments:
      description: The fixed addresses.
      type: list
      elements: dict
      contains:
        external:
          description: Whether the address is public.
          type: bool
          sample: false
        ip_address:
          description: The address.
          type: str
          sample: 192.168.10.2
        subnet_id:
          description: The id of the subnet.
          type: str
          sample: 90d10f5f-1772-46ce-afca-e2fe88b2ee1f
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
    blackhole_ports:
      description: The addresses that the protection against DDoS keeps off the internet.
      type: list
      elements: dict
      sample: []
    ddos_profile:
      description: The profile of the advanced protection against DDoS; null when there is none, or when it was not asked for.
      type: dict
      sample: null
    instance_description:
      description: The description of the instance.
      type: str
      sample: null
    instance_isolation:
      description: Why the instance is cut off from the internet; null when it is not.
      type: dict
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
      sample: create_vm
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
      sample: 20.5
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
    instances: [60488a9b-1fde-4f0e-a4cb-381e02e12807]
    volumes: [726ecfcc-7fd0-4e30-a86e-7892524aa483]
    ports: [9a5493d1-b45c-44e6-995c-a8b1f78841c1]
    floatingips: [a634eb48-b966-44f5-a118-294f86a8186a]
    networks: []
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
      sample: attach
    resource:
      description: The kind of thing that it is done to.
      type: str
      sample: volume
    id:
      description: The id of the thing; null when it is not known yet.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    name:
      description: The name of the thing.
      type: str
      sample: data-1
leftovers:
  description: What a failed creation has left in the cloud. It may be paid for until it is deleted.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of thing.
      type: str
      sample: volume
    id:
      description: The id of the thing.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    name:
      description: The name of the thing.
      type: str
      sample: data-1
    status:
      description: The status of the thing.
      type: str
      sample: error
not_compared:
  description:
    - The given options that were not compared with the cloud, for the API takes them but does not show them afterwards.
    - They count when the resource is made, and never change it later.
  returned: always
  type: list
  elements: str
  sample: [user_data, 'volumes[0].image']
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.instance import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
