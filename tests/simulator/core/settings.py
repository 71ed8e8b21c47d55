# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can be set when the simulator starts, and mostly later by POST /_simulator/settings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

DEMO_KEY = "24017_9f1c6b83d2e84a5fb07c3e915ad8462b7f60e1c95b3d47a8862c0d9ee4f1573a"

Span = Annotated[float, Field(ge=0)] | tuple[Annotated[float, Field(ge=0)], Annotated[float, Field(ge=0)]]


class Quirks(BaseModel):
    """Seen behaviours that can be switched on (docs/api-notes.md: Tags, Locks and consistency). Seconds are simulated."""

    model_config = ConfigDict(extra="forbid")

    image_lag: float = Field(default=0, ge=0, description="seconds from an image task's end to status active (A8)")
    flavor_lag: float = Field(default=0, ge=0, description="seconds for which the old flavor is shown (A8)")
    delete_lag: float = Field(default=0, ge=0, description="seconds for which a deleted object is shown (D7.6)")
    create_lag: float = Field(default=0, ge=0, description="seconds for which a new object is not found (D7.5)")
    shuffle_lists: bool = Field(default=False, description="nested lists come in arbitrary order (D7.15)")
    ipv6_icmp_renamed: bool = Field(default=False, description="an IPv6 rule on icmp is stored as ipv6-icmp (C15)")
    image_refuses_null_tags: bool = Field(default=True, description="PATCH of an image answers 400 to tags: null (A7)")
    platform_tags: bool = Field(default=True, description="instances created from an image get read-only tags (A7)")
    retype_lag: float = Field(
        default=0, ge=0, description="seconds for which a retyped volume is in status retyping (C3)"
    )
    revert_answers_tasks: bool = Field(default=False, description="the revert of a volume answers with its task (C3)")
    strict_router_detach: bool = Field(default=False, description="a subnet on a router refuses deletion (C10, guess)")


class Settings(BaseModel):
    """The simulator's settings."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    api_key: str = DEMO_KEY
    speed: float = Field(default=1.0, gt=0)
    skew: float = 0.0
    frozen: bool = Field(default=False, description="time stands still but for POST /_simulator/clock")
    latency: float = Field(default=0.0, ge=0, description="real seconds before each response")
    rate_limit: float | None = Field(default=None, gt=0, description="requests per simulated second of all clients")
    rate_limit_header: bool = Field(default=True, description="whether a 429 of the rate limit has Retry-After")
    seed: int = 1
    deprecated: bool = Field(default=False, description="serve deprecated routes instead of 405 (D1.6)")
    durations: dict[str, Span] = Field(default_factory=dict, description="simulated seconds by task type")
    quotas: dict[str, int] = Field(default_factory=dict, description="limits by attribute, e.g. volume_size")
    quota_status: int = Field(default=403, description="HTTP status of QuotaLimitExceed, which is not documented (A4)")
    quirks: Quirks = Field(default_factory=Quirks)
    client_id: int = 24017
    user_id: int = 108642
