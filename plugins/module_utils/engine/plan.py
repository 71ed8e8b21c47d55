# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan: its steps, its diff, and the predicted state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, Optional

from ..schema.option import Action, Option
from ..schema.resource import RelatedRead, Resource
from ..schema.types import ResourceType

Lookup = Callable[..., str]
Read = Callable[[RelatedRead, dict[str, Any]], None]
# Stands in the body of a sub-resource for the id of a parent that is still to be created.
PARENT_LATER = "(the id of the parent)"


@dataclass
class Target:
    """The resource that a step acts on: its id may become known only when an earlier step is done."""

    resource: Resource
    id: Optional[str] = None
    parent: Optional[Target] = None
    label: str = ""

    @property
    def top(self) -> Target:
        """The resource of the module itself."""
        return self if self.parent is None else self.parent.top

    def __str__(self) -> str:
        noun = self.resource.type.noun
        return "%s '%s'" % (noun, self.label) if self.label else noun


@dataclass
class Snapshot:
    """A resource as it is: its row, with its related reads in it, and its sub-resources, by the option they belong to."""

    row: dict[str, Any]
    sub_resources: dict[str, list[Snapshot]] = field(default_factory=dict)
    taken: frozenset[tuple[str, str]] = (
        frozenset()
    )  # (type, name) of sub-resources whose names are unique, whatever their parent


@dataclass(frozen=True)
class Step:
    """One write. ``creates``: it creates the target; ``destroys``: it deletes the target."""

    action: Action
    target: Target
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    creates: bool = False
    destroys: bool = False
    once: bool = False  # an act: carried out again it would be done twice
    deletion_warning: Optional[str] = None  # the warning about what is still billed after a sub-resource is removed

    @property
    def verb(self) -> str:
        return self.action.verb

    @property
    def is_top(self) -> bool:
        """Whether the step acts on the resource of the module itself, not on a sub-resource."""
        return self.target.parent is None

    def __str__(self) -> str:
        return "%s %s" % (self.verb, self.target)


@dataclass(frozen=True)
class Deferred:
    """What a plan reports and does not send: a change that is planned when its target exists, or the wait for a status."""

    verb: str
    target: Target

    def __str__(self) -> str:
        return "%s %s" % (self.verb, self.target)


@dataclass(frozen=True)
class Reference:
    """What an option refers to: its resource type, and the name or id that was given."""

    option: str
    type: ResourceType
    given: str


@dataclass
class Plan:
    """What would be done, what it would change, and what would come of it."""

    steps: list[Step] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    predicted: Optional[dict[str, Any]] = None
    not_compared: list[str] = field(default_factory=list)
    removals: list[Step] = field(
        default_factory=list
    )  # of sub-resources: behind all other steps, the last planned first
    later: list[Step | Deferred] = field(
        default_factory=list
    )  # what can be planned exactly only when these steps are done
    unsettled: list[tuple[Target, str]] = field(
        default_factory=list
    )  # wanted sub-resources in a status that will change
    references: dict[str, Reference] = field(default_factory=dict)  # by the value that stands for one in a body
    warnings: list[str] = field(default_factory=list)

    @property
    def timeout(self) -> int:
        """The default wait_timeout: the sum over the steps, in seconds."""
        return sum(step.action.timeout for step in self.steps)

    def pending(self, after: int) -> list[dict[str, Any]]:
        """The steps behind the one of this index, and what comes after them, as a result shows them."""
        return as_rows(self.rest(after))

    def rest(self, after: int) -> list[Step | Deferred]:
        """The steps behind the one of this index, and what comes after them."""
        return [*self.steps[after + 1 :], *self.later]

    def note(self, name: str, before: Any, after: Any) -> None:
        """One line of the diff."""
        self.before[name], self.after[name] = before, after


def as_rows(steps: Sequence[Step | Deferred]) -> list[dict[str, Any]]:
    """Steps as a result shows them."""
    return [
        {
            "action": step.verb,
            "resource": step.target.resource.name,
            "id": step.target.id,
            "name": step.target.label,
        }
        for step in steps
    ]


def deferred_wait(target: Target) -> Deferred:
    """The wait until a resource is ready."""
    return Deferred("wait for", target)


def deferred_change(item: Option, target: Target) -> Deferred:
    """The change of an option that is planned when its target exists."""
    return Deferred("set %s of" % item.name, target)
