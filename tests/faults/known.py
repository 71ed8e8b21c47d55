# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells that break a promise still, each with its reason. A row that breaks nothing any more fails the tests: take it out."""

from __future__ import annotations

import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Known:
    """Operations × faults that break one rule, and why."""

    operations: tuple[str, ...]
    troubles: tuple[str, ...]
    rule: str
    why: str

    def cells(self) -> list[str]:
        return [f"{operation}-{trouble}" for operation, trouble in itertools.product(self.operations, self.troubles)]


CHILDREN = ("load_balancer-add_listener", "load_balancer-add_pool", "k8s_cluster-add_pool")

KNOWN: tuple[Known, ...] = (
    Known(
        CHILDREN,
        ("killed_waiting", "killed_writing", "never_ends", "unknown_state"),
        "never_half_made",
        "A part that is still being made counts as there: the next run ends at once, and does not wait for its task.",
    ),
    Known(
        CHILDREN[:2],
        ("look_401", "unauthorized"),
        "never_half_made",
        "A part that is still being made counts as there: the next run ends at once, and does not wait for its task.",
    ),
    Known(
        ("network-create", "security_group-create", "floating_ip-create"),
        ("unknown_state",),
        "never_two",
        "A creation in a state that nobody knows is not seen by the next run, which makes another one.",
    ),
    Known(
        ("network-create", "security_group-create", "floating_ip-create"),
        ("unknown_state",),
        "never_half_made",
        "The same: the first one is still being made.",
    ),
    Known(
        CHILDREN,
        ("task_error_left",),
        "never_content_with_a_wreck",
        "A part in an error status counts as there: the next run says nothing of it.",
    ),
    Known(
        ("load_balancer-remove_listener",),
        ("stale_read",),
        "ends_well",
        "A part that is gone, and still listed, is deleted again, and the 404 fails the run.",
    ),
    Known(
        ("ssh_key-generate",),
        ("clock_ahead_lost",),
        "keeps_what_is_shown_once",
        "What our request made looks older than the request, so the key is taken for one that was there before.",
    ),
    Known(
        ("volume-tag", "subnet-tag", "security_group-delete", "ssh_key-share", "ssh_key-delete"),
        ("write_500_long",),
        "no_bursts",
        "A doubtful write without a task is sent again at once, eight times within a second.",
    ),
)
