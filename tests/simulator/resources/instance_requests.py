# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the instance operations take: bodies and query strings (docs/api-notes.md: Instances)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from ..core.models import (
    AttachmentTag,
    Body,
    IdRef,
    Ip,
    IpFamily,
    Name,
    Paging,
    Query,
    TagPairs,
    Tags,
    TagsPatch,
    TagValue,
    Uuid,
    VolumeType,
    omit,
)

# --- creation: floating IPs, interfaces, volumes -----------------------------------------------------------------


class NewFloating(Body):
    """A floating IP to be made."""

    source: Literal["new"]


class ExistingFloating(Body):
    """A floating IP that is there."""

    source: Literal["existing"]
    existing_floating_id: Uuid


FloatingSource = Annotated[NewFloating | ExistingFloating, Field(discriminator="source")]
InterfaceName = Annotated[str, Field(max_length=37)]
Size = Annotated[int, Field(ge=1)]


class ExternalInterface(Body):
    """A public interface."""

    type: Literal["external"]
    interface_name: InterfaceName = omit()
    ip_family: IpFamily | None = "ipv4"
    security_groups: list[IdRef] = omit()


class SubnetInterface(Body):
    """An interface in a chosen subnet."""

    type: Literal["subnet"]
    network_id: Uuid
    subnet_id: Uuid
    floating_ip: FloatingSource = omit()
    interface_name: InterfaceName = omit()
    security_groups: list[IdRef] = omit()


class AnySubnetInterface(Body):
    """An interface in a network, with a chosen address or any."""

    type: Literal["any_subnet"]
    network_id: Uuid
    floating_ip: FloatingSource = omit()
    interface_name: InterfaceName = omit()
    ip_address: Ip = omit()
    ip_family: IpFamily | None = "ipv4"
    security_groups: list[IdRef] = omit()


class ReservedInterface(Body):
    """An interface on a reserved IP."""

    type: Literal["reserved_fixed_ip"]
    port_id: str
    floating_ip: FloatingSource = omit()
    interface_name: InterfaceName = omit()
    security_groups: list[IdRef] = omit()


Interface = Annotated[
    ExternalInterface | SubnetInterface | AnySubnetInterface | ReservedInterface, Field(discriminator="type")
]


class _Disk(Body):
    attachment_tag: AttachmentTag = omit()
    delete_on_termination: bool = False
    tags: Tags = omit()


class NewDisk(_Disk):
    """An empty data disk."""

    source: Literal["new-volume"]
    size: Size
    name: Name = omit()
    type_name: VolumeType = "standard"


class ImageDisk(_Disk):
    """A disk with an image."""

    source: Literal["image"]
    image_id: Uuid
    boot_index: int = omit()
    name: Name = omit()
    size: Size = omit()
    type_name: VolumeType = "standard"


class SnapshotDisk(_Disk):
    """A disk made from a snapshot."""

    source: Literal["snapshot"]
    snapshot_id: Uuid
    size: Size
    boot_index: int = omit()
    name: Name = omit()
    type_name: Literal["ssd_hiiops", "standard"] = omit()


class TemplateDisk(_Disk):
    """A disk with an application."""

    source: Literal["apptemplate"]
    apptemplate_id: str
    boot_index: int = omit()
    name: Name = omit()
    size: Size = omit()
    type_name: VolumeType = "standard"


class ExistingDisk(_Disk):
    """A volume that is there."""

    source: Literal["existing-volume"]
    volume_id: Uuid
    boot_index: int = omit()


Disk = Annotated[NewDisk | ImageDisk | SnapshotDisk | TemplateDisk | ExistingDisk, Field(discriminator="source")]


class CreateInstance(Body):
    """POST /v2/instances."""

    flavor: str
    interfaces: Annotated[list[Interface], Field(min_length=1)]
    volumes: Annotated[list[Disk], Field(min_length=1)]
    allow_app_ports: bool = omit()
    configuration: dict[str, Any] | None = Field(default_factory=lambda: None)
    name: Name = omit()
    name_template: Annotated[str, Field(pattern=r"^[a-zA-Z0-9{][a-zA-Z 0-9._\-}{]{1,61}[a-zA-Z0-9._}]$")] = omit()
    password: str = omit()
    security_groups: list[IdRef] = omit()
    servergroup_id: Uuid = omit()
    ssh_key_name: str | None = Field(default_factory=lambda: None)
    tags: Tags = omit()
    user_data: str = omit()
    username: str = omit()


# --- other bodies and queries --------------------------------------------------------------------------------------


class PatchInstance(Body):
    """PATCH /v1/instances."""

    name: Name = omit()
    tags: TagsPatch | None = None


class Start(Body):
    """The action start."""

    action: Literal["start"]
    activate_profile: bool | None = True


class OtherAction(Body):
    """All other actions."""

    action: Literal["reboot", "reboot_hard", "resume", "stop", "suspend"]


Action = Annotated[Start | OtherAction, Field(discriminator="action")]


class StartV1(Body):
    """The deprecated POST .../start."""

    activate_profile: bool = True


class ChangeFlavor(Body):
    """POST .../changeflavor."""

    flavor_id: str


class DdosField(Body):
    """A field of a DDoS profile."""

    base_field: int
    field_value: Any = None
    value: Annotated[str, Field(max_length=500)] | None = None


class DdosProfile(Body):
    """A DDoS profile for a public interface."""

    profile_template: int
    fields: list[DdosField] = omit()
    profile_template_name: str | None = None


class _Attach(Body):
    ddos_profile: DdosProfile | None = None
    interface_name: InterfaceName | None = None
    port_group: Annotated[int, Field(ge=0, le=3)] = 0
    security_groups: list[IdRef] | None = None


class AttachExternal(_Attach):
    """A public interface to attach."""

    type: Literal["external"] = "external"
    ip_family: IpFamily | None = None


class AttachSubnet(_Attach):
    """An interface in a subnet to attach."""

    type: Literal["subnet"] = "subnet"
    subnet_id: Uuid


class AttachAnySubnet(_Attach):
    """An interface in a network to attach."""

    type: Literal["any_subnet"] = "any_subnet"
    network_id: Uuid
    ip_family: IpFamily | None = None


class AttachReserved(_Attach):
    """A reserved IP to attach."""

    type: Literal["reserved_fixed_ip"] = "reserved_fixed_ip"
    port_id: Uuid


def _attach_type(value: Any) -> str:
    """Which alternative is meant: without ``type`` a body with more than the public interface's fields fits two."""
    given = value.get("type", "external") if isinstance(value, dict) else getattr(value, "type", "external")
    return str(given)


AttachInterface = Annotated[
    Annotated[AttachExternal, Tag("external")]
    | Annotated[AttachSubnet, Tag("subnet")]
    | Annotated[AttachAnySubnet, Tag("any_subnet")]
    | Annotated[AttachReserved, Tag("reserved_fixed_ip")],
    Discriminator(_attach_type),
]


class DetachInterface(Body):
    """POST .../detach_interface."""

    ip_address: Ip
    port_id: Uuid


class PortGroups(Body):
    """Security groups of one port, or of all."""

    port_id: str | None
    security_group_names: list[Name]


class ChangeGroups(Body):
    """POST .../addsecuritygroup and .../delsecuritygroup."""

    name: Name = omit()
    ports_security_group_names: list[PortGroups] = omit()


class PutIntoGroup(Body):
    """POST .../put_into_servergroup."""

    servergroup_id: str


VolumeSource = Literal["apptemplate", "existing-volume", "image", "new-volume", "snapshot"]


class FlavorVolume(Body):
    """A volume that a flavor is to suit."""

    source: VolumeSource
    apptemplate_id: str | None = None
    boot_index: int | None = None
    image_id: str | None = None
    name: str | None = None
    size: Size | None = None
    snapshot_id: str | None = None
    type_name: VolumeType | None = None
    volume_id: str | None = None


class FlavorVolumes(Body):
    """POST /v1/instances/{P}/available_flavors."""

    volumes: Annotated[list[FlavorVolume], Field(min_length=1)]


class LimitFloating(Body):
    """A floating IP of a dry run."""

    source: Literal["existing", "new"]
    existing_floating_id: Uuid = omit()


class LimitInterface(Body):
    """An interface of a dry run."""

    type: Literal["any_subnet", "external", "reserved_fixed_ip", "subnet"]
    floating_ip: LimitFloating = omit()
    ip_family: IpFamily | None = None
    network_id: Uuid = omit()
    port_id: Uuid = omit()
    subnet_id: Uuid = omit()


class LimitVolume(Body):
    """A volume of a dry run."""

    source: VolumeSource
    size: int | None = None
    snapshot_id: str | None = None
    type_name: VolumeType | None = None


class CheckLimits(Body):
    """POST /v2/instances/{P}/check_limits."""

    flavor: str = omit()
    interfaces: list[LimitInterface] = omit()
    name_templates: list[str | None] = omit()
    names: list[str] = omit()
    volumes: list[LimitVolume] = omit()


class FlavorOptions(Query):
    """Options of the suitable flavors."""

    include_prices: bool = False


class Console(Query):
    """Options of the console."""

    console_type: str | None = None


class DeleteInstance(Query):
    """What goes with the instance: ids, comma-separated."""

    delete_floatings: bool = False
    floatings: str | None = None
    reserved_fixed_ips: str | None = None
    volumes: str | None = None


InstanceStatus = Literal[
    "ACTIVE", "BUILD", "ERROR", "HARD_REBOOT", "MIGRATING", "PAUSED", "REBOOT", "REBUILD", "RESIZE", "REVERT_RESIZE",
    "SHELVED", "SHELVED_OFFLOADED", "SHUTOFF", "SOFT_DELETED", "SUSPENDED", "VERIFY_RESIZE",
]  # fmt: skip


class InstanceList(Paging):
    """Filters of instances."""

    available_floating: bool | None = None
    changes_before: datetime | None = Field(None, alias="changes-before")
    changes_since: datetime | None = Field(None, alias="changes-since")
    exclude_flavor_prefix: str | None = None
    exclude_secgroup: str | None = None
    flavor_id: str | None = None
    flavor_prefix: str | None = None
    include_ai: bool = Field(False, json_schema_extra={"deprecated": True})
    include_baremetal: bool = Field(False, json_schema_extra={"deprecated": True})
    include_k8s: bool = True
    ip: str | None = None
    name: str | None = None
    only_isolated: bool = False
    only_with_fixed_external_ip: bool | None = None
    order_by: Literal["created.asc", "created.desc", "name.asc", "name.desc", "status.asc", "status.desc"] = (
        "created.desc"
    )
    profile_name: str | None = None
    protection_status: Literal["Active", "Queued", "Error"] | None = None
    status: InstanceStatus | None = None
    tag_key_value: TagPairs | None = None
    tag_value: list[TagValue] = Field(default_factory=list)
    type_ddos_profile: Literal["basic", "advanced"] | None = None
    uuid: str | None = Field(None, max_length=36)
    with_ddos: bool = False
    with_interfaces_name: bool = False
