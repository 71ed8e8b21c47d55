#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: volume_info
short_description: List volumes in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the volumes of a project in a region, or those of one instance.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.references
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
options:
  instance:
    description: Return only the volumes that are attached to this instance, by name or id.
    type: str
  cluster_id:
    description: Return only the volumes of the Kubernetes cluster of this id.
    type: str
  bootable:
    description: Return only volumes that an instance can boot from (V(true)), or none of them (V(false)).
    type: bool
  has_attachments:
    description: Return only volumes that are attached to an instance (V(true)), or none of them (V(false)).
    type: bool
seealso:
  - module: gcore.cloud.volume
  - module: gcore.cloud.instance
"""

EXAMPLES = r"""
- name: Get one volume
  gcore.cloud.volume_info:
    name: data-1
  register: found

- name: Get the volumes of an instance
  gcore.cloud.volume_info:
    instance: web-1

- name: Find the volumes that are paid for and not used
  gcore.cloud.volume_info:
    has_attachments: false
    query: "[].{name: name, size: size, since: updated_at}"
  register: unused

- name: Show them
  ansible.builtin.debug:
    var: unused.query_result
"""

RETURN = r"""
volumes:
  description:
    - The volumes that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.volume import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
