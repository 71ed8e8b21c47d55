#!/usr/bin/python
# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: image_info
short_description: List images in Gcore Cloud
version_added: 2.0.0
author:
  - Gcore (@G-Core)
description:
  - Lists the images of a region that instances can be made from - public ones, those shared with the project, and its own.
extends_documentation_fragment:
  - gcore.cloud.connection
  - gcore.cloud.regional
  - gcore.cloud.info
  - gcore.cloud.info_id
  - gcore.cloud.tag_filters
  - gcore.cloud.groups_regional
options:
  visibility:
    description: Return only images of this visibility.
    type: str
    choices: [private, public, shared]
  private:
    description: With V(true), return only private images. V(false) is the same as leaving it out.
    type: bool
  os_distro:
    description: Return only images of this distribution, as in V(ubuntu), in any case.
    type: str
  os_version:
    description: Return only images of this version of the operating system, as in V(24.04).
    type: str
  architecture:
    description: Return only images of this architecture.
    type: str
    choices: [aarch64, x86_64]
  include_prices:
    description:
      - Whether prices are returned.
      - The API takes V(false) when it is left out.
    type: bool
seealso:
  - module: gcore.cloud.flavor_info
  - module: gcore.cloud.instance
"""

EXAMPLES = r"""
- name: Get one image
  gcore.cloud.image_info:
    name: ubuntu-24.04-x64
  register: found

- name: Find the newest image of a distribution
  gcore.cloud.image_info:
    os_distro: ubuntu
    visibility: public
    query: "reverse(sort_by([?architecture=='x86_64'], &os_version))[0].name"
  register: newest

- name: Make an instance from it
  gcore.cloud.instance:
    name: web-1
    flavor: g2-standard-2-4
    image: "{{ newest.query_result }}"
    volume_size: 20
    external: true
"""

RETURN = r"""
images:
  description:
    - The images that the options ask for, as the API shows them.
    - The list is empty when there is none.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the image.
      type: str
      sample: 44e136a7-15c1-4b5f-a086-20b7b3237d40
    name:
      description: The name of the image.
      type: str
      sample: ubuntu-24.04-x64
    description:
      description: The description of the image.
      type: str
      sample: null
    status:
      description: The status, such as V(active), V(queued) or V(saving).
      type: str
      sample: active
    visibility:
      description: V(public), V(private) or V(shared).
      type: str
      sample: public
    architecture:
      description: V(x86_64) or V(aarch64).
      type: str
      sample: x86_64
    os_type:
      description: V(linux) or V(windows).
      type: str
      sample: linux
    os_distro:
      description: The distribution of the operating system.
      type: str
      sample: ubuntu
    os_version:
      description: The version of the operating system.
      type: str
      sample: "24.04"
    disk_format:
      description: The format of the image.
      type: str
      sample: raw
    size:
      description: The size of the image, in bytes.
      type: int
      sample: 2361393152
    min_disk:
      description: The least size of a boot volume, in GiB.
      type: int
      sample: 5
    min_ram:
      description: The least memory of an instance.
      type: int
      sample: 0
    hw_firmware_type:
      description: V(bios) or V(uefi).
      type: str
      sample: bios
    hw_machine_type:
      description: The chip set, V(i440) or V(q35).
      type: str
      sample: q35
    is_baremetal:
      description: Whether the image is for bare metal servers.
      type: bool
      sample: false
    ssh_key:
      description: Whether an SSH key is possible (V(allow)), impossible (V(deny)) or needed (V(required)).
      type: str
      sample: allow
    gpu_driver:
      description: The vendor of the GPU driver.
      type: str
      sample: null
    gpu_driver_type:
      description: The type of the GPU driver.
      type: str
      sample: null
    gpu_driver_version:
      description: The version of the GPU driver.
      type: str
      sample: null
    display_order:
      description: The place of the image in lists for people.
      type: int
      sample: 2010
    currency_code:
      description: The currency of the prices; null without O(include_prices).
      type: str
      sample: null
    price_per_hour:
      description: The price of an hour; null without O(include_prices).
      type: float
      sample: null
    price_per_month:
      description: The price of a month; null without O(include_prices).
      type: float
      sample: null
    price_status:
      description: Whether there is a price, V(show), V(hide) or V(error); null without O(include_prices).
      type: str
      sample: null
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
      description: When the image was made.
      type: str
      sample: "2026-05-30T05:34:14+0000"
    updated_at:
      description: When the image was changed last.
      type: str
      sample: "2026-05-30T05:34:20+0000"
    creator_task_id:
      description: The id of the task that made the image.
      type: str
      sample: d4a4b10e-5d22-4c23-8e09-f7a3e1c1a999
    task_id:
      description: The id of the task that is at work on the image and locks it; null when none is.
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
from ansible_collections.gcore.cloud.plugins.module_utils.resources.image import RESOURCE


def main():
    info_main(RESOURCE)


if __name__ == "__main__":
    main()
