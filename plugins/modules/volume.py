#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: volume
short_description: Manage volumes in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Makes, grows, attaches, detaches, reverts and deletes volumes.
  - A volume is identified by its O(name) or its O(id). Names are not unique in the cloud; when a name fits several volumes the module fails with
    their ids.
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
      - V(present) makes the volume, or changes it to what the options say.
      - V(absent) deletes the volume, and is content when there is none. An attached volume is refused before any write;
        detach it first, see O(instance). Its snapshots are deleted with it.
      - V(reverted) is V(present), and takes the volume back to its last snapshot. That is done on every run, except where the run has made the volume.
        The volume must be in status V(available), which means detached, and must not have grown since the snapshot. What was written since then
        is lost. The module waits until the status is V(available) again.
      - An option that is left out is left alone in the cloud.
    type: str
    choices: [present, absent, reverted]
    default: present
  name:
    description:
      - The name of the volume, 3 to 63 letters, digits, spaces, dots, hyphens and underscores.
      - It begins with a letter or digit, and ends with neither a blank nor a hyphen.
      - Needed to make one. Together with O(id) it is the new name.
    type: str
  image:
    description:
      - The image that the volume is made from, by name or id. Without O(image) and O(snapshot) the volume is empty.
      - It is compared by the id and the name that the volume shows, and one of them is enough - a public image may be published again under its
        name with another id. Another image is an error, because it cannot be changed.
      - Mutually exclusive with O(snapshot).
    type: str
  snapshot:
    description:
      - The snapshot that the volume is made from, by name or id.
      - Used only at creation. The API does not return it, so it is not compared (RV(not_compared)); a name that does not exist is an error all the same.
      - Mutually exclusive with O(image).
    type: str
  size:
    description:
      - The size, in GiB.
      - Needed to make a volume, except from a snapshot, whose size it has. From an image it is at least the C(min_disk) of the image.
      - A volume grows in place, be it attached or not. It never shrinks - a smaller size than it has is an error, unless
        O(recreate=true) replaces the volume, whose content is lost then.
      - The file system on the volume has to be grown in the instance.
    type: int
  type_name:
    description:
      - The type of the storage.
      - V(standard) is for common work, V(ssd_hiiops) for many operations in a second, V(ssd_lowlatency) for short answers, which cannot grow and have
        snapshots. Not every region has every type, see O(gcore.cloud.region_info#module:show_volume_types).
      - The API takes V(standard) for a new volume when it is left out, or the type of the snapshot's volume.
      - V(standard) is changed to V(ssd_hiiops) and back in place, when the volume is detached, has no snapshots and is not bootable. Any other
        change is an error, unless O(recreate=true) replaces the volume.
    type: str
    choices: [standard, ssd_hiiops, ssd_lowlatency, ssd_local, cold, ultra]
  instance:
    description:
      - The instance that the volume is attached to, by name or id. A volume that is attached to another one is detached from it first.
      - A null detaches the volume. The volume that an instance has booted from cannot be detached.
    type: str
  attachment_tag:
    description:
      - A tag that the instance sees on the device, 1 to 60 characters, no comma and no slash. It needs O(instance).
      - It counts only when the volume is made. The API does not show it afterwards, so it is not compared (RV(not_compared)).
    type: str
  lifecycle_policy_ids:
    description:
      - The ids of the policies that make snapshots of the volume.
      - They count only when the volume is made. The API does not show them afterwards, so they are not compared (RV(not_compared)).
    type: list
    elements: int
  delete_snapshots:
    description: With O(state=absent), the ids of snapshots that the API is told to delete with the volume.
    type: list
    elements: str
attributes:
  idempotent:
    description: A second run with the same options changes nothing and makes no write.
    support: partial
    details: With O(state=reverted) the volume is reverted on every run.
notes:
  - The volume is ready in status V(available), V(in-use), V(reserved) or V(awaiting-transfer). An operation in progress, such as
    V(creating), V(extending), V(retyping), V(backing-up) or V(maintenance), is waited for; a volume that is V(deleting) is waited for and
    created again. V(error), V(error_backing-up), V(error_deleting), V(error_extending), V(error_restoring) and every undocumented status
    are an error with the id and the status, except with O(state=absent).
  - A volume is paid for until it is deleted, also while it is detached.
seealso:
  - module: gcore.cloud.volume_info
  - module: gcore.cloud.instance
  - module: gcore.cloud.task_wait
"""

EXAMPLES = r"""
- name: Make an empty volume
  gcore.cloud.volume:
    name: data-1
    size: 10
    tags:
      env: production
  register: data

- name: Make a volume to boot from
  gcore.cloud.volume:
    name: boot-1
    image: ubuntu-24.04-x64
    size: 20
    type_name: ssd_hiiops

- name: Grow the volume
  gcore.cloud.volume:
    name: data-1
    size: 20

- name: Put it on faster storage
  gcore.cloud.volume:
    name: data-1
    type_name: ssd_hiiops

- name: Attach it to an instance
  gcore.cloud.volume:
    name: data-1
    instance: web-1

- name: Detach it
  gcore.cloud.volume:
    id: "{{ data.volume.id }}"
    instance: null

- name: Start the creation of three volumes
  gcore.cloud.volume:
    name: "disk-{{ item }}"
    size: 5
    wait: false
  loop: [1, 2, 3]
  register: disks

- name: Wait for all of them at once
  gcore.cloud.task_wait:
    tasks: "{{ disks }}"
  register: done

- name: Show what was made
  ansible.builtin.debug:
    var: done.created_resources.volumes

- name: Delete a volume
  gcore.cloud.volume:
    name: data-1
    state: absent
"""

RETURN = r"""
volume:
  description:
    - The volume as the API shows it; what is predicted, in check mode.
    - With O(wait=false) its RV(volume.status) may be one in between, such as V(creating).
    - After O(state=absent) the volume as it was, or null when there was none to delete.
  returned: always
  type: dict
  contains:
    id:
      description: The id of the volume.
      type: str
      sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    name:
      description: The name of the volume.
      type: str
      sample: data-1
    size:
      description: The size, in GiB.
      type: int
      sample: 20
    volume_type:
      description: The type of the storage, which O(gcore.cloud.volume#module:type_name) sets.
      type: str
      sample: standard
    status:
      description: The status, such as V(creating), V(available), V(in-use), V(extending), V(deleting) or V(error).
      type: str
      sample: in-use
    bootable:
      description: Whether an instance can boot from the volume.
      type: bool
      sample: false
    is_root_volume:
      description: Whether an instance has booted from the volume.
      type: bool
      sample: false
    attachments:
      description: The instance that the volume is attached to; empty when there is none.
      type: list
      elements: dict
      contains:
        attachment_id:
          description: The id of the attachment.
          type: str
          sample: 51b484f4-bc24-4c59-b168-b7849adc03de
        attached_at:
          description: When the volume was attached.
          type: str
          sample: "2026-05-30T05:40:37+0000"
        device:
          description: The device in the instance.
          type: str
          sample: /dev/vdb
        flavor_id:
          description: The flavor of the instance.
          type: str
          sample: g2-standard-2-4
        instance_name:
          description: The name of the instance.
          type: str
          sample: web-1
        server_id:
          description: The id of the instance.
          type: str
          sample: 60488a9b-1fde-4f0e-a4cb-381e02e12807
        volume_id:
          description: The id of the volume.
          type: str
          sample: 726ecfcc-7fd0-4e30-a86e-7892524aa483
    limiter_stats:
      description: The limits of the volume's speed.
      type: dict
      contains:
        iops_base_limit:
          description: The lasting limit of operations in a second.
          type: int
          sample: 120
        iops_burst_limit:
          description: The short-time limit of operations in a second.
          type: int
          sample: 120
        MBps_base_limit:
          description: The lasting limit of megabytes in a second.
          type: int
          sample: 8
        MBps_burst_limit:
          description: The short-time limit of megabytes in a second.
          type: int
          sample: 8
    snapshot_ids:
      description: The ids of the snapshots of the volume.
      type: list
      elements: str
      sample: []
    volume_image_metadata:
      description: Facts of the image that the volume was made from; null when it was not.
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
      description: When the volume was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the volume was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
    creator_task_id:
      description: The id of the task that made the volume.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the volume and locks it; null when none is.
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
      sample: create_volume
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
    volumes: [726ecfcc-7fd0-4e30-a86e-7892524aa483]
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
  sample: [image]
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.volume import RESOURCE


def main():
    resource_main(RESOURCE)


if __name__ == "__main__":
    main()
