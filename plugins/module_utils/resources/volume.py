# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volume (docs/api-notes.md: Volumes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Optional

from ..errors import ImmutableError, InUseError, MissingOptions
from ..schema import usage
from ..schema.checks import Pattern, Range
from ..schema.common import COMMON_KEYS, name, predicted, tag_filters, tags
from ..schema.option import NOT_NULL_IN_CREATE, ON_DELETE, WRITE_ONLY, Action, Api, Option, Ref
from ..schema.parsing import CLEARED
from ..schema.resource import Hooks, Resource, State, from_statuses
from ..schema.resource_types import IMAGES, INSTANCES, SNAPSHOTS, VOLUMES
from ..schema.values import KNOWN_LATER

ONE = VOLUMES.path + "/{id}"
ATTACH = ONE.replace("v1", "v2") + "/attach"
DETACH = ONE.replace("v1", "v2") + "/detach"
VOLUME_TYPES = ("standard", "ssd_hiiops", "ssd_lowlatency", "ssd_local", "cold", "ultra")
RETYPED = {"standard", "ssd_hiiops"}


def change_attachment(
    desired: Optional[str], current: Optional[str], row: Mapping[str, Any], purge: bool
) -> list[Action]:
    """Detach from the current instance, attach to the desired one."""
    actions = []
    if current and row.get("is_root_volume"):
        raise InUseError(
            "The volume '%s' (%s) is the boot volume of instance %s and cannot be detached."
            % (row.get("name"), row.get("id"), current),
            "Delete the instance first.",
        )
    if current:
        actions.append(Action("detach", "POST", DETACH, "detach_volume", body={"instance_id": current}))
    if desired:
        actions.append(Action("attach", "POST", ATTACH, "attach_volume", body={"instance_id": desired}))
    return actions


def extend(desired: int, current: int, row: Mapping[str, Any], purge: bool) -> list[Action]:
    """A volume can only grow."""
    if desired < current:
        raise ImmutableError(
            "The volume '%s' (%s) cannot shrink from %d to %d." % (row.get("name"), row.get("id"), current, desired),
            "Create a smaller volume and copy the data.",
        )
    return [Action("extend", "POST", ONE + "/extend", "extend_volume", body={"size": desired})]


def retype(desired: str, current: Optional[str], row: Mapping[str, Any], purge: bool) -> list[Action]:
    """The API only changes between standard and ssd_hiiops, and only while the volume is not attached (docs/api-notes.md: Volumes)."""
    if row.get("attachments"):
        raise ImmutableError(
            "The type of volume %s cannot be changed from %s to %s while it is attached."
            % (row.get("id"), current, desired),
            "The type of a boot volume cannot be changed."
            if row.get("is_root_volume")
            else "Detach it first, with gcore.cloud.volume and instance: null.",
        )
    if not {desired, current} <= RETYPED:
        raise ImmutableError(
            "The type of volume %s is %s and cannot be changed to %s." % (row.get("id"), current, desired),
            "The API changes only between %s. Create another volume and copy the data." % " and ".join(sorted(RETYPED)),
        )
    return [Action("retype", "POST", ONE + "/retype", timeout=600, body={"volume_type": desired})]


def source(options: Mapping[str, Any]) -> str:
    """The API's name of the source of a new volume."""
    if options.get("image") is not None:
        return "image"
    return "snapshot" if options.get("snapshot") is not None else "new-volume"


def create_body(body: dict[str, Any], options: Mapping[str, Any], parent_id: Any) -> dict[str, Any]:
    """The API needs a size, except for a copy of a snapshot."""
    if "size" not in body and source(options) != "snapshot":
        raise MissingOptions("Creating a volume needs size.", "Set it, in GiB.")
    return {**body, "source": source(options)}


# Compared by id or name: a public image is republished under its name with another id.
IMAGE = Option(
    "image",
    api=Api("image_id", read="volume_image_metadata.image_name"),
    ref=Ref(
        IMAGES,
        by="name",
        create_by="id",
        name_at="volume_image_metadata.image_name",
        id_at="volume_image_metadata.image_id",
    ),
)
ATTACHMENT = predicted(
    "attached_at device flavor_id instance_name server_id", attachment_id=KNOWN_LATER, volume_id=KNOWN_LATER
)


class VolumeHooks(Hooks):
    mutually_exclusive = (("image", "snapshot"),)
    response = predicted(
        COMMON_KEYS + " name size limiter_stats snapshot_ids volume_image_metadata",
        status="available",
        volume_type="standard",
        attachments=[],
        bootable=False,
        is_root_volume=False,
        tags=[],
    )

    def before_delete(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> list[Action]:
        """The API deletes only a volume that is available (docs/api-notes.md: Volumes)."""
        usage.refuse(
            VOLUMES,
            row,
            [
                "attached to instance '%s' (%s)" % (each.get("instance_name"), each["server_id"])
                for each in row.get("attachments") or []
            ],
            "Detach it first with instance: null, or delete it together with the instance (delete_volumes)."
            if not row.get("is_root_volume")
            else "It is the boot volume: delete it together with the instance (delete_volumes).",
        )
        return []

    def create_body(self, body: dict[str, Any], options: Mapping[str, Any], parent_id: Optional[str]) -> dict[str, Any]:
        return create_body(body, options, parent_id)

    def delete_query(self, options: Mapping[str, Any], row: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"snapshots": ",".join(options["delete_snapshots"])} if options.get("delete_snapshots") else {}

    def predict(self, row: dict[str, Any], options: Mapping[str, Any]) -> None:
        """A volume that is created attached is in use, and bootable if it is created from an image."""
        if options.get("instance") is not None:
            row.update(status="in-use", attachments=[{**ATTACHMENT, **each} for each in row["attachments"]])
        row["bootable"] = options.get("image") is not None


RESOURCE = Resource(
    type=VOLUMES,
    options=(
        name(required=True),
        IMAGE,
        Option("snapshot", api=Api("snapshot_id"), ref=Ref(SNAPSHOTS), change=WRITE_ONLY),
        Option("size", "int", check=Range(1), change=extend),
        Option("type_name", choices=VOLUME_TYPES, api=Api(read="volume_type"), change=retype),
        Option(
            "instance",
            null=CLEARED,
            api=Api("instance_id_to_attach_to", read="attachments.0.server_id"),
            ref=Ref(INSTANCES, name_at="attachments.0.instance_name"),
            value=NOT_NULL_IN_CREATE,
            change=change_attachment,
        ),
        Option(
            "attachment_tag",
            check=Pattern(r"^[^,/]{1,60}$", "1 to 60 characters, no comma and no slash"),
            change=WRITE_ONLY,
        ),
        Option("lifecycle_policy_ids", "list[int]", change=WRITE_ONLY),
        tags(),
        Option("delete_snapshots", "list[str]", change=ON_DELETE),
    ),
    create=Action("create", "POST", VOLUMES.path, "create_volume", timeout=1200),
    update=Action("update", "PATCH", ONE),
    delete=Action("delete", "DELETE", ONE, "delete_volume"),
    states=(
        State(
            "reverted",
            reached=("available",),
            always=True,
            # No response is documented: a 2xx shows that it has started, the status shows when it has ended.
            actions=from_statuses({"available": lambda options: (Action("revert", "POST", ONE + "/revert"),)}),
        ),
    ),
    filters=(
        Option("instance", api=Api(filter="instance_id"), ref=Ref(INSTANCES)),
        Option("cluster_id"),
        Option("bootable", "bool"),
        Option("has_attachments", "bool"),
        *tag_filters(),
    ),
    hooks=VolumeHooks(),
)
