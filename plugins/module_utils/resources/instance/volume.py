# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes of an instance (docs/api-notes.md: Instances)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ...errors import OptionError
from ...schema.common import name, tags
from ...schema.option import (
    WRITE_ONLY,
    Action,
    Api,
    Option,
    Ref,
)
from ...schema.parsing import REFUSED
from ...schema.resource import (
    Hooks,
    LocatedOptions,
    Resource,
)
from ...schema.resource_types import (
    SNAPSHOTS,
    VOLUMES,
)
from .. import volume as volumes


def volume_source(options: Mapping[str, Any]) -> str:
    """The API's name of the source of an instance's volume."""
    if options.get("volume") is not None:
        return "existing-volume"
    return "apptemplate" if options.get("apptemplate") is not None else volumes.source(options)


class VolumeHooks(Hooks):
    def deletion_warning(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Optional[str]:
        """The warning about a detached volume: it is not deleted."""
        return "The detached volume '%s' (%s) is still billed: delete it with gcore.cloud.volume." % (
            row["name"],
            row["id"],
        )

    def creation(self, options: Mapping[str, Any]) -> Optional[Action]:
        """A volume of an existing instance: an existing volume is attached, a new one is created and attached."""
        source = volume_source(options)
        if source == "existing-volume":
            return Action("attach", "POST", volumes.ATTACH.replace("{id}", str(options["volume_id"])), "attach_volume")
        if source == "apptemplate":
            raise OptionError("A volume from an application template can only be created together with its instance.")
        return None

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        if options.get("delete_on_termination"):
            raise OptionError(
                "delete_on_termination of a volume can be set to true only when its instance is created.",
                "Omit it; delete_volumes deletes the volume together with the instance.",
            )
        tag = {"attachment_tag": body["attachment_tag"]} if "attachment_tag" in body else {}
        if volume_source(options) == "existing-volume":
            return {"instance_id": parent_id, **tag}
        own = {key: value for key, value in body.items() if key not in ("boot_index", "delete_on_termination")}
        return {**volumes.create_body(own, options, parent_id), "instance_id_to_attach_to": parent_id}

    def inline_body(self, body: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "source": volume_source(options)}

    def deletion(self, row: Mapping[str, Any]) -> Action:
        instance = row["attachments"][0]["server_id"]
        return Action("detach", "POST", volumes.DETACH, "detach_volume", body={"instance_id": instance})

    def matches(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """An existing volume is identified by id or name, the boot volume as the root volume, any other one by name.

        An entry with a name that is the boot volume of a new instance only by its position is identified by name.
        """
        if options.get("volume") is not None:
            return str(options["volume"]) in (row["id"], row["name"])
        if options.get("boot_index") == 0 and not (options.get("implied_boot") and options.get("name")):
            return bool(row.get("is_root_volume"))
        return bool((options.get("name") or "") == (row["name"] or ""))

    def complete_row(self, row: dict[str, Any], parent: Mapping[str, Any]) -> None:
        """Only the instance shows delete_on_termination."""
        for each in parent.get("volumes") or []:
            if each["id"] == row["id"]:
                row["_delete_on_termination"] = each["delete_on_termination"]

    def is_kept(self, row: Mapping[str, Any]) -> bool:
        return bool(row.get("is_root_volume"))


VOLUME = Resource(
    type=VOLUMES,
    options=(
        name(),
        Option("volume", null=REFUSED, api=Api("volume_id"), ref=Ref(VOLUMES), change=WRITE_ONLY),
        volumes.IMAGE,
        Option("snapshot", api=Api("snapshot_id"), ref=Ref(SNAPSHOTS), change=WRITE_ONLY),
        Option("apptemplate", api=Api("apptemplate_id"), change=WRITE_ONLY),
        volumes.RESOURCE.field("size"),
        volumes.RESOURCE.field("type_name"),
        Option("boot_index", "int", null=REFUSED, change=WRITE_ONLY),
        Option("delete_on_termination", "bool", api=Api(read="_delete_on_termination")),
        volumes.RESOURCE.field("attachment_tag"),
        tags(),
    ),
    create=Action("create and attach", "POST", VOLUMES.path, "create_volume", timeout=1200),
    update=volumes.RESOURCE.update,
    hooks=VolumeHooks(),
)


def wanted_volumes(options: Mapping[str, Any]) -> Optional[list[LocatedOptions]]:
    """The volumes in the options; image, volume_size and volume_type are the short form of a boot volume."""
    listed = options.get("volumes") or []
    wanted = [LocatedOptions(each, "volumes[%d]" % index) for index, each in enumerate(listed)]
    plain = {"image": options.get("image"), "size": options.get("volume_size"), "type_name": options.get("volume_type")}
    boot = {key: value for key, value in plain.items() if value is not None}
    if boot:
        names = {"size": "volume_size", "type_name": "volume_type"}
        wanted.insert(0, LocatedOptions({**boot, "boot_index": 0}, names=names))
    if wanted and not any(each.get("boot_index") == 0 for each in wanted):
        bootable = [each for each in wanted if volume_source(each) != "new-volume" and each.get("boot_index", 0) >= 0]
        if bootable:
            bootable[0].update(boot_index=0, implied_boot=True)
    return wanted if wanted or options.get("volumes") is not None else None
