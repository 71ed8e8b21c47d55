# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the current with the desired state: the ordered steps, the diff and the predicted result.

Nothing here writes or waits. Requests are made by ``lookup``, which turns a reference into an id, and ``read``, which adds a
related read to a row if the plan needs it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Optional

from ..errors import ImmutableError, MissingOptions, OptionError, StatusError
from ..schema.option import AFTER_UPDATE, AFTERWARDS, FIRST, IMMUTABLE, INLINE, OWN_ID, UPDATE, Action, Option
from ..schema.parsing import REFUSED
from ..schema.resource import IF_CHANGED, ON_DELETION, LocatedOptions, Resource, SubResource, known
from ..schema.rows import describe_rows
from ..schema.types import DELETING, FAILED, READY, UNDOCUMENTED, UUID, ResourceType, has_id_form
from ..schema.values import KNOWN_LATER, MISSING, set_path
from .diff import is_given, only_compared, shown, shown_change, shown_identity
from .plan import PARENT_LATER, Deferred, Lookup, Plan, Read, Reference, Snapshot, Step, Target, deferred_change


class Planner:
    """The plan of one run, from its options."""

    def __init__(
        self,
        resource: Resource,
        options: Mapping[str, Any],
        lookup: Lookup,
        recreate: bool = False,
        read: Read = lambda related_read, row: None,
    ) -> None:
        self._resource = resource
        self._options = options
        self._lookup = lookup
        self._recreate = recreate
        self._read = read
        self._unverified: list[tuple[ResourceType, str]] = []  # ids that no request has confirmed so far
        self._detaches = False  # whether a change first removes what is there
        # What references by name may mean besides what the API lists: the resource itself, and what this plan creates.
        self._known: dict[tuple[str, str], str] = {}
        self._top: Optional[str] = None
        self._taken: frozenset[tuple[str, str]] = frozenset()
        self._references: dict[str, Reference] = {}

    # ------------------------------------------------------------- the plans

    def present(
        self, snapshot: Optional[Snapshot], target: Target, state: str = "present", broken: bool = False
    ) -> Plan:
        """The plan that brings the resource into the wanted state; one that is ``broken`` is re-created."""
        self._known, self._top = {}, None if broken else target.id
        self._unverified, self._detaches = [], False
        if snapshot is None:
            plan = self._create(target)
            row = plan.predicted or {}
        elif broken:
            plan = self._recreated(snapshot, target)
            row = plan.predicted or {}
        else:
            plan = self._change(snapshot, target)
            row = plan.predicted or snapshot.row
        self._reach(plan, row, target, state, created=snapshot is None or broken)
        plan.steps = without_waiting_first(plan.steps)
        if snapshot is not None and (self._detaches or any(step.destroys for step in plan.steps)):
            # A deletion or detachment is not undone if a later step is refused.
            for resource_type, identifier in self._unverified:
                self._lookup(resource_type, identifier, verify=True)
        plan.references = self._references
        return plan

    def predicted(self, state: str) -> dict[str, Any]:
        """The predicted response for a resource that does not exist yet and of which only these options are known."""
        row = self._predict_new(self._resource, self._options)
        reached = [item.reached[0] for item in self._resource.states if item.name == state and item.reached]
        return {**row, **({str(self._resource.type.statuses.path): reached[0]} if reached else {})}

    def absent(self, snapshot: Optional[Snapshot], target: Target) -> Plan:
        """The plan that deletes the resource."""
        if snapshot is None:
            return Plan()
        plan = Plan()
        for related_read in self._resource.related_reads:
            if related_read.when == ON_DELETION:
                self._read(related_read, snapshot.row)
        for action in self._resource.hooks.before_delete(self._options, snapshot.row):
            plan.steps.append(Step(action, target, action.body))
        plan.steps.append(self._delete_step(self._resource, target, snapshot.row))
        plan.before = {"state": "present", **shown_identity(self._resource, snapshot.row)}
        plan.after = {"state": "absent"}
        return plan

    # ---------------------------------------------------------------- create

    def _create(self, target: Target) -> Plan:
        resource = self._resource
        plan = Plan()
        self._expect(resource, self._options)
        body = self._create_body(resource, self._options)
        held_back = self._held_back(resource, body)
        plan.later = [deferred_change(item, target) for item in held_back]
        for sub_resource in resource.sub_resources:
            wanted = resource.wanted_of(sub_resource, self._options)
            if wanted and sub_resource.inline:
                body[sub_resource.option] = [self._inline_body(sub_resource.resource, child) for child in wanted]
        body = resource.hooks.create_body(body, self._options, target.parent.id if target.parent else None)
        plan.steps.append(Step(resource.creation(self._options), target, body, creates=True))
        plan.predicted = self._predict_new(resource, self._options)
        plan.after = {"state": "present", **shown(resource, self._options)}
        plan.before = {"state": "absent"}
        self._leave_for_later(plan, resource, self._options, target)
        for sub_resource in resource.sub_resources:
            wanted = resource.wanted_of(sub_resource, self._options)
            if wanted and not sub_resource.inline:
                inside = Plan()  # its diff is in the parent's
                self._change_sub_resources(inside, sub_resource, wanted, [], target)
                plan.steps += inside.steps
                plan.later += inside.later
        return plan

    def _leave_for_later(self, plan: Plan, resource: Resource, options: Mapping[str, Any], target: Target) -> None:
        """Plan what the create request of a resource, with the sub-resources that it takes, does not take."""
        plan.later += set_afterwards(resource, options, target)
        for sub_resource in resource.sub_resources:
            wanted = resource.wanted_of(sub_resource, options) or []
            if sub_resource.inline:
                for child in wanted:
                    inner = Target(
                        sub_resource.resource, parent=target, label=sub_resource_label(sub_resource.resource, child)
                    )
                    self._leave_for_later(plan, sub_resource.resource, child, inner)
            elif target.parent is not None:
                inside = Plan()
                self._change_sub_resources(inside, sub_resource, wanted, [], target)
                plan.later += [*inside.steps, *inside.later]

    def _expect(self, resource: Resource, options: Mapping[str, Any]) -> None:
        """Remember the names of what the plan creates: references to them have no id yet."""
        is_there = any(
            (item.ref and item.ref.type is resource.type) and options.get(item.name) is not None
            for item in resource.fields
        )
        if options.get("name") is not None and not is_there:
            self._known.setdefault((resource.name, str(options["name"])), KNOWN_LATER)
        for sub_resource in resource.sub_resources:
            for child in resource.wanted_of(sub_resource, options) or []:
                self._expect(sub_resource.resource, child)

    def _remember(self, resource: Resource, snapshot: Snapshot) -> None:
        """Remember the names of sub-resources that have been read: a reference to one needs no request if its name is unique."""
        found = list(named_sub_resources(resource, snapshot))
        ids = dict(found)
        twice = {name for name, identifier in found if ids[name] != identifier}
        self._known.update((name, identifier) for name, identifier in ids.items() if name not in twice)

    def _held_back(self, resource: Resource, body: dict[str, Any]) -> list[Option]:
        """Remove from a body the entries of lists that refer to what does not exist yet; returns the options that lost some."""
        found = []
        for item in resource.fields:
            entries = body.get(item.api_name)
            if not item.suboptions or not isinstance(entries, list):
                continue
            kept = [each for each in entries if KNOWN_LATER not in each.values()]
            if len(kept) < len(entries):
                body[item.api_name] = kept
                found.append(item)
        return found

    def _create_body(self, resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
        missing = [item.name for item in resource.fields if item.required and options.get(item.name) is None]
        if missing:
            error = MissingOptions if resource is self._resource else OptionError
            raise error("Creating %s needs %s." % (with_article(resource), " and ".join(missing)))
        resource.hooks.check_new(options, self._lookup, options.path if isinstance(options, LocatedOptions) else str)
        late = resource.hooks.afterwards(options)
        return self._body(tuple(item for item in resource.fields if item.name not in late), options)

    def _inline_body(self, resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
        body = self._create_body(resource, options)
        for sub_resource in resource.sub_resources:
            wanted = resource.wanted_of(sub_resource, options)
            if wanted and sub_resource.inline:
                body[sub_resource.option] = [self._inline_body(sub_resource.resource, child) for child in wanted]
        return resource.hooks.inline_body(body, options)

    def _body(self, fields: tuple[Option, ...], options: Mapping[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for item in fields:
            if item.name in options and item.api.create != AFTERWARDS:
                value = self._sent(item, options[item.name], options, item.ref.create_by if item.ref else None)
                if value is not None:
                    body[item.api_name] = item.value.to_request(value)
                elif item.nullable and item.value.null_in_create:
                    body[item.api_name] = None
        return body

    def _sent(self, item: Option, value: Any, options: Mapping[str, Any], by: Optional[str] = None) -> Any:
        """An option's value with every reference in it resolved and nested options under the API's names."""
        if value is None:
            return None
        if item.suboptions:
            if isinstance(value, list):
                return [self._body(item.suboptions, entry) for entry in value]
            return self._body(item.suboptions, value)
        if item.ref:
            where = {name: self._scope_value(option, options) for name, option in item.ref.within}
            if isinstance(value, list):
                return [self._resolved(item, entry, where, options, by) for entry in value]
            return self._resolved(item, value, where, options, by)
        return value

    def _resolved(
        self, item: Option, value: Any, where: Mapping[str, Any], options: Mapping[str, Any], by: Optional[str]
    ) -> Any:
        if item.ref is None or str(value) in item.literals:
            return value
        known = self._known.get((item.ref.type.name, str(value)))
        if known is not None and item.ref.by == "id":
            return known
        if (
            OWN_ID in [option for _field, option in item.ref.within]
            and self._top is None
            and not has_id_form(item.ref.type, str(value))
        ):
            raise OptionError(
                "%s: there is no %s '%s' in the new %s."
                % (item.name, item.ref.type.noun, value, self._resource.type.noun)
            )
        via = self._resource.hooks.picked_from(item)
        more = {} if via is None else {"via": via, "options": options}
        if (by or item.ref.by) == "id" and item.ref.type.id_form == UUID and has_id_form(item.ref.type, str(value)):
            self._unverified.append((item.ref.type, str(value)))
        found = self._lookup(item.ref.type, value, by=by or item.ref.by, where=where, **more)
        if found != KNOWN_LATER and item.ref.type.statuses.path:
            self._references[found] = Reference(item.name, item.ref.type, str(value))
        return found

    def _scope_value(self, option: str, options: Mapping[str, Any]) -> Any:
        """What narrows a reference: the resource itself, or another option of the same level, resolved."""
        if option == OWN_ID:
            return self._top
        value = options.get(option)
        for item in self._resource.fields + tuple(f for c in self._resource.sub_resources for f in c.resource.fields):
            if item.name == option and item.ref and value is not None:
                return self._lookup(item.ref.type, value)
        return value

    def _predict_new(self, resource: Resource, options: Mapping[str, Any]) -> dict[str, Any]:
        """The response that shows a new resource, every documented key in it."""
        row = copy.deepcopy(dict(resource.hooks.response))
        row[resource.type.id_field] = KNOWN_LATER
        for item in resource.fields:
            if item.name not in options or not item.is_compared:
                continue
            value = self._sent(item, options[item.name], options)
            is_new = value in item.literals if isinstance(value, str) else False
            self._predict(row, item, KNOWN_LATER if is_new else value)
            if item.ref is not None and value is not None and not isinstance(value, list):
                given = str(options[item.name])
                is_id = has_id_form(item.ref.type, given)
                shown_at = ((item.ref.name_at, not is_new and not is_id), (item.ref.id_at, not is_new and is_id))
                for path, known in shown_at:
                    if path and path != item.read_path:
                        set_path(row, path, given if known else KNOWN_LATER)
        for sub_resource in resource.sub_resources:
            wanted = resource.wanted_of(sub_resource, options)
            if wanted and sub_resource.option in row and "id" in sub_resource.resource.hooks.response:
                row[sub_resource.option] = [self._predict_new(sub_resource.resource, child) for child in wanted]
        resource.hooks.predict(row, options)
        return row

    @staticmethod
    def _predict(row: dict[str, Any], item: Option, value: Any) -> None:
        set_path(row, item.read_path, item.value.to_response(value))

    # ---------------------------------------------------------------- change

    def _change(self, snapshot: Snapshot, target: Target) -> Plan:
        plan = Plan(predicted=copy.deepcopy(snapshot.row))
        for own_name in (snapshot.row.get(self._resource.type.name_field), self._options.get("name")):
            if own_name is not None and target.id is not None:
                self._known[(self._resource.name, str(own_name))] = target.id
        self._remember(self._resource, snapshot)
        self._taken = snapshot.taken
        self._expect(self._resource, self._options)
        blocked = self._change_fields(plan, self._resource, LocatedOptions(self._options), snapshot.row, target)
        if blocked:
            if not self._recreate:
                raise blocked[0]
            return self._recreated(snapshot, target)
        for sub_resource in self._resource.sub_resources:
            wanted = self._resource.wanted_of(sub_resource, self._options)
            if wanted is not None:
                self._change_sub_resources(
                    plan, sub_resource, wanted, snapshot.sub_resources.get(sub_resource.option, []), target
                )
        # What is deleted may be in use until everything else is changed.
        (plan.later if plan.later else plan.steps).extend(reversed(plan.removals))
        plan.removals = []
        return plan

    def _recreated(self, snapshot: Snapshot, target: Target) -> Plan:
        for sub_resource in self._resource.sub_resources:
            if self._resource.wanted_of(sub_resource, self._options) is None and snapshot.row.get(sub_resource.option):
                raise OptionError(
                    "recreate would lose the %s of %s." % (sub_resource.option.replace("_", " "), target),
                    "List in %s those to create again." % sub_resource.option,
                )
        deleted = self.absent(snapshot, Target(target.resource, target.id, target.parent, target.label))
        target.id = None
        self._known, self._top, self._taken = {}, None, frozenset()
        created = self._create(target)
        changes = Plan()
        self._change_fields(changes, self._resource, LocatedOptions(self._options), snapshot.row, target)
        created.steps = deleted.steps + created.steps
        created.before, created.after = {**changes.before, "state": "present"}, {**changes.after, "state": "recreated"}
        return created

    def _change_fields(
        self,
        plan: Plan,
        resource: Resource,
        options: LocatedOptions,
        row: dict[str, Any],
        target: Target,
    ) -> list[ImmutableError]:
        """Plan every difference of the resource's own options; returns what the API cannot change."""
        patch: dict[str, Any] = {}
        blocked: list[ImmutableError] = []
        start = len(plan.steps)
        for item in resource.fields:
            if item.name not in options:
                continue
            place = options.path(item.name)
            current = item.value_in(row) if item.is_compared else MISSING
            if current is MISSING:
                if item.null != REFUSED:
                    plan.not_compared.append(place)
                    self._sent(item, options[item.name], options)  # what cannot be compared must exist at least
                continue
            unseen = [
                inner.name for inner in item.suboptions if not inner.is_compared and is_given(inner, options[item.name])
            ]
            plan.not_compared += ["%s.%s" % (place, each) for each in unseen]
            if unseen:
                self._sent(item, options[item.name], options)
            desired = self._desired(item, options, row, current, compared_only=bool(unseen))
            if item.value.same(desired, current):
                continue
            for related_read in resource.related_reads:
                if related_read.when == IF_CHANGED and item.name in related_read.options:
                    self._read(related_read, row)
            if unseen:
                desired = self._desired(item, options, row, current)
            was, wanted = shown_change(item, options[item.name], row, current, desired)
            plan.note(place, was, wanted)
            if target.parent is None and plan.predicted is not None:
                self._predict(plan.predicted, item, desired)
            if item.change == IMMUTABLE:
                blocked.append(
                    ImmutableError(
                        "%s of %s is %s and cannot be changed to %s." % (place, target, was, wanted),
                        "Omit it%s."
                        % ("" if target.parent else ", or set recreate: true to delete and re-create the resource"),
                    )
                )
            else:
                actions = item.change
                if callable(actions):
                    try:
                        actions = actions(desired, current, row, bool(self._options.get(item.value.purge or "", True)))
                    except ImmutableError as error:
                        if not error.message.startswith(place):
                            error.message = "%s: %s" % (place, error.message)
                        blocked.append(error)
                        continue
                if isinstance(actions, Action):
                    plan.steps.append(Step(actions, target, {**(actions.body or {}), item.api_name: desired}))
                elif actions == UPDATE:
                    if not patch:
                        plan.steps.append(Step(known(resource.update), target, patch))
                    patch[item.api_name] = item.value.to_patch(desired, current)
                else:
                    self._detaches = self._detaches or len(actions) > 1
                    plan.steps.extend(Step(action, target, action.body) for action in actions)
        plan.steps[start:] = sorted(plan.steps[start:], key=lambda step: step.action.phase)
        if KNOWN_LATER in patch.values():  # it refers to what this plan creates
            waits = [step for step in plan.steps if step.body is patch]
            plan.steps = [step for step in plan.steps if step.body is not patch]
            plan.later += waits
        if patch:
            whole = resource.hooks.update_body(dict(patch), options, row)
            patch.clear()
            patch.update(whole)
        return blocked

    def _desired(
        self,
        item: Option,
        options: Mapping[str, Any],
        row: Mapping[str, Any],
        current: Any,
        compared_only: bool = False,
    ) -> Any:
        """The wanted value in the form of ``current``: references as ids, omitted suboptions completed."""
        value = options[item.name]
        if item.ref and value is not None and not isinstance(value, list):
            # What the response itself shows needs no request.
            if str(value) == str(current) or (item.is_named_in(row, value) and self._is_picked(item, options, row)):
                value = current
            else:
                value = self._sent(item, value, options)
                if item.ref.create_by and item.is_named_in(
                    row, self._sent(item, options[item.name], options, item.ref.create_by)
                ):
                    value = current
        elif item.ref and isinstance(value, list):
            value = value if item.value.same(value, current) else self._sent(item, value, options)
        elif item.suboptions:
            value = self._sent(item, only_compared(item, value) if compared_only else value, options)
        return item.merged(value, current, bool(self._options.get(item.value.purge or "", True)))

    def _is_picked(self, item: Option, options: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
        """Whether the row also shows what narrows the value that is picked from the referenced resource."""
        via = self._resource.hooks.picked_from(item)
        narrow = [self._resource.field(name) for name in (via.options if via else ()) if name in options]
        return all(each.value.same(options[each.name], each.value_in(row)) for each in narrow)

    # --------------------------------------------------------- sub-resources

    def _change_sub_resources(
        self,
        plan: Plan,
        sub_resource: SubResource,
        wanted: list[LocatedOptions],
        current: list[Snapshot],
        parent: Target,
        inside: str = "",
    ) -> None:
        """Plan the changes of the sub-resources of one parent; ``inside`` is the path of its options."""
        key = sub_resource.resource.type.id_field
        found = paired(sub_resource, wanted, current)
        replaces = sub_resource.maximum == 1 and bool(current) and None in found
        if replaces:
            self._replace_only_one(plan, sub_resource, found, current, parent, inside)
        else:
            self._refuse_duplicates(sub_resource, wanted, found, current, parent)
        for index, options in enumerate(wanted):
            child = Target(
                sub_resource.resource, parent=parent, label=sub_resource_label(sub_resource.resource, options)
            )
            snapshot = found[index]
            if snapshot is None:
                self._add_sub_resource(plan, sub_resource, options, child)
                continue
            child.id = str(snapshot.row[key])
            child.label = str(snapshot.row.get(sub_resource.resource.type.name_field) or child.label)
            if not self._can_change(plan, child, snapshot.row, sub_resource.purge):
                continue
            blocked = self._change_fields(plan, sub_resource.resource, options, snapshot.row, child)
            if blocked:
                raise blocked[0]
            for deeper in sub_resource.resource.sub_resources:
                inner = sub_resource.resource.wanted_of(deeper, options)
                if inner is not None:
                    there = snapshot.sub_resources.get(deeper.option, [])
                    self._change_sub_resources(plan, deeper, inner, there, child, options.place + ".")
        # Plain options stand for one sub-resource: only a list says which others are removed.
        listed = parent.parent is not None or sub_resource.option in self._options
        if sub_resource.purge and self._options.get(sub_resource.purge) and listed and not replaces:
            plan.removals += self._removals(plan, sub_resource, found, current, parent, inside)

    def _refuse_duplicates(
        self,
        sub_resource: SubResource,
        wanted: list[LocatedOptions],
        found: list[Optional[Snapshot]],
        current: list[Snapshot],
        parent: Target,
    ) -> None:
        """Do not create what may exist under another name, or under none, where a name is optional; raises OptionError."""
        resource_type, purge = sub_resource.resource.type, sub_resource.purge
        required = any(item.name == resource_type.name_field and item.required for item in sub_resource.resource.fields)
        free = [snapshot for snapshot in current if not any(snapshot is each for each in found)]
        if purge and self._options.get(purge):  # what is not listed is removed, if it can be
            free = [snapshot for snapshot in free if sub_resource.resource.hooks.is_kept(snapshot.row)]
        if required:
            return
        for index, options in enumerate(wanted):
            if found[index] is not None or options.get(resource_type.name_field) is None:
                continue
            unnamed = {key: value for key, value in options.items() if key != resource_type.name_field}
            rows = [snapshot.row for snapshot in free if sub_resource.resource.hooks.matches(unnamed, snapshot.row)]
            if rows:
                raise OptionError(
                    "%s: %s has no %s named '%s', but %s may be meant: %s."
                    % (options.place, parent, resource_type.noun, options[resource_type.name_field],
                       "this one" if len(rows) == 1 else "one of these", describe_rows(resource_type, rows)),
                    "To use it, omit %s; to create another one, list it as well%s."
                    % (resource_type.name_field, "; to replace it, set %s: true" % purge if purge else ""),
                )  # fmt: skip

    @staticmethod
    def _can_change(plan: Plan, child: Target, row: Mapping[str, Any], purge: Optional[str]) -> bool:
        """Whether the status of a wanted sub-resource allows changes; raises StatusError for a failed one."""
        statuses = child.resource.type.statuses
        group, status = statuses.group(row), statuses.of(row)
        if group == UNDOCUMENTED and not statuses.documented:
            plan.warnings.append("%s of %s is in status %s, which is not documented." % (child, child.top, status))
        elif group in (FAILED, UNDOCUMENTED):
            raise StatusError(
                "%s (%s) of %s is in status %s." % (child, child.id, child.top, status),
                "Check it. To have it re-created, delete it first%s."
                % (": run the task without it and with %s: true" % purge if purge else ""),
                id=child.id,
            )
        elif group != READY:
            plan.unsettled.append((child, str(status)))
        return group != DELETING

    def _replace_only_one(
        self,
        plan: Plan,
        sub_resource: SubResource,
        found: list[Optional[Snapshot]],
        current: list[Snapshot],
        parent: Target,
        inside: str,
    ) -> None:
        """A parent that can have one sub-resource: the current one is deleted before another one is created."""
        if self._options.get(sub_resource.purge or ""):
            plan.steps += self._removals(plan, sub_resource, found, current, parent, inside)
        else:
            there = current[0].row.get(sub_resource.resource.type.name_field)
            raise OptionError(
                "%s has the %s '%s', and can have only one." % (parent, sub_resource.resource.type.noun, there),
                "Set %s: true to delete it and create the other one." % sub_resource.purge,
            )

    def _removals(
        self,
        plan: Plan,
        sub_resource: SubResource,
        found: list[Optional[Snapshot]],
        current: list[Snapshot],
        parent: Target,
        inside: str,
    ) -> list[Step]:
        """The steps that delete the sub-resources that are not wanted."""
        key = sub_resource.resource.type.id_field
        steps: list[Step] = []
        if sub_resource.minimum and current and not found:
            raise OptionError(
                "%s%s is empty, and %s: true would delete every %s of %s."
                % (inside, sub_resource.option, sub_resource.purge, sub_resource.resource.type.noun, parent),
                "It needs at least one: list those that stay, or set %s: false." % sub_resource.purge,
            )
        for snapshot in current:
            if snapshot in found or sub_resource.resource.hooks.is_kept(snapshot.row):
                continue
            if sub_resource.resource.type.statuses.group(snapshot.row) == DELETING:
                continue
            label = str(snapshot.row.get(sub_resource.resource.type.name_field) or snapshot.row[key])
            child = Target(sub_resource.resource, str(snapshot.row[key]), parent, label)
            plan.note("%s%s %s" % (inside, sub_resource.option, child.label), "present", "absent")
            steps.append(self._delete_step(sub_resource.resource, child, snapshot.row))
        return steps

    def _add_sub_resource(self, plan: Plan, sub_resource: SubResource, options: LocatedOptions, child: Target) -> None:
        resource = sub_resource.resource
        if sub_resource.unique and (resource.name, child.label) in self._taken:
            raise OptionError(
                "There is another %s '%s' in %s already." % (resource.type.noun, child.label, child.top),
                "It cannot be moved: give the new one another name, or delete the old one first.",
            )
        parent_id = child.parent.id if child.parent else None
        body = self._create_body(resource, options)
        later = [item for item in resource.fields if (item.api.create == INLINE) and options.get(item.name) is not None]
        later += self._held_back(resource, body)
        action = resource.creation({**options, **body})
        body = resource.hooks.create_body(body, options, parent_id or PARENT_LATER)
        if options.place:
            plan.note(options.place, "absent", shown(resource, options))
        for name in () if options.place else shown(resource, options):
            plan.note(options.path(name), None, self._options.get(options.path(name)))
        inside = Plan(steps=[Step(action, child, body, creates=True)])
        inside.later = [deferred_change(item, child) for item in later]
        for deeper in resource.sub_resources:
            inner = resource.wanted_of(deeper, options)
            if inner:
                self._change_sub_resources(inside, deeper, inner, [], child, options.place + ".")
        inside.later += set_afterwards(resource, options, child)
        if KNOWN_LATER in body.values():
            plan.later += [*inside.steps, *inside.later]
        else:
            plan.steps += inside.steps
            plan.later += inside.later

    # ----------------------------------------------------------------- rest

    def _delete_step(self, resource: Resource, target: Target, row: Mapping[str, Any]) -> Step:
        query = resource.hooks.delete_query(self._options, row)
        action = resource.deletion(row)
        stays = resource.hooks.deletion_warning(self._options, row) if target.parent else None
        return Step(action, target, action.body, query, destroys=True, deletion_warning=stays)

    def _reach(self, plan: Plan, row: Mapping[str, Any], target: Target, state: str, created: bool) -> None:
        """Plan the steps to a state other than present."""
        for item in self._resource.states:
            if item.name != state:
                continue
            statuses = self._resource.type.statuses
            status = statuses.of(row) or ""
            if (status in item.reached and not item.always) or (item.always and created):
                return
            try:
                actions = item.actions(status, self._options)
            except StatusError as error:
                raise StatusError(
                    "%s (%s) is in status %s and cannot be %s." % (target, target.id, status, state.replace("_", " ")),
                    error.hint,
                    id=target.id,
                ) from error
            steps = [Step(action, target, action.body, once=item.always) for action in actions]
            plan.steps.extend(steps)
            if item.always:
                plan.note("state", "present", state)
            else:
                plan.note(str(statuses.path), status, item.reached[0])
            if plan.predicted is not None and item.reached:
                plan.predicted[str(statuses.path)] = item.reached[0]


def named_sub_resources(resource: Resource, snapshot: Snapshot) -> Iterator[tuple[tuple[str, str], str]]:
    """((resource type, name), id) of every sub-resource that has been read, at any depth."""
    for sub_resource in resource.sub_resources:
        resource_type = sub_resource.resource.type
        for child in snapshot.sub_resources.get(sub_resource.option, []):
            label, identifier = child.row.get(resource_type.name_field), child.row.get(resource_type.id_field)
            if label and identifier:
                yield (resource_type.name, str(label)), str(identifier)
            yield from named_sub_resources(sub_resource.resource, child)


def paired(
    sub_resource: SubResource, wanted: list[LocatedOptions], current: list[Snapshot]
) -> list[Optional[Snapshot]]:
    """The current sub-resource that each wanted one matches, or None.

    The wanted one with the fewest candidates, or the most options, is matched first: the order of the API's lists is arbitrary.
    """
    rest = list(current)
    found: list[Optional[Snapshot]] = [None] * len(wanted)
    could_be = [
        [snapshot for snapshot in current if sub_resource.resource.hooks.matches(options, snapshot.row)]
        for options in wanted
    ]
    for index in sorted(range(len(wanted)), key=lambda each: (len(could_be[each]), -len(wanted[each]))):
        free = [snapshot for snapshot in rest if any(snapshot is each for each in could_be[index])]
        if len(free) > 1 and not sub_resource.resource.hooks.any_match:
            key = sub_resource.resource.type.id_field
            raise OptionError(
                "%s matches %d %s: %s."
                % (wanted[index].place or sub_resource.option, len(free), sub_resource.resource.type.plural,
                   ", ".join(str(snapshot.row.get(key)) for snapshot in free)),
                "Set more of its options, so that it matches one.",
            )  # fmt: skip
        if free:
            best = min(free, key=lambda snapshot: differences(sub_resource.resource, wanted[index], snapshot.row))
            found[index] = best
            rest = [snapshot for snapshot in rest if snapshot is not best]
    return found


def differences(resource: Resource, options: Mapping[str, Any], row: Mapping[str, Any]) -> int:
    """How many options differ from a row: of several candidates, the one with the fewest differences is matched."""

    def shows(item: Option, value: Any) -> bool:
        current = item.value_in(row)
        return current is MISSING or item.is_named_in(row, value) or item.value.same(value, current)

    return sum(
        not shows(item, options[item.name]) for item in resource.fields if item.name in options and item.is_compared
    )


def without_waiting_first(steps: list[Step]) -> list[Step]:
    """The steps in an order in which changes that need no waiting come before those that start a task.

    Steps that create, delete, or act on a resource that does not exist yet keep their place, and nothing is moved before an
    action with the phase FIRST.
    """

    def is_free(step: Step) -> bool:
        there = all(each.id is not None for each in (step.target, step.target.top))
        last = step.action.phase == AFTER_UPDATE
        return step.action.task is None and step.action.method != "DELETE" and not step.creates and there and not last

    start = max([index + 1 for index, step in enumerate(steps) if step.action.phase == FIRST], default=0)
    free = [step for step in steps[start:] if is_free(step)]
    return steps[:start] + free + [step for step in steps[start:] if not is_free(step)]


def set_afterwards(resource: Resource, options: Mapping[str, Any], target: Target) -> list[Deferred]:
    """Changes for options that the create request does not take, unless the API chooses the wanted value by itself."""
    late = resource.hooks.afterwards(options)
    return [
        deferred_change(item, target)
        for item in resource.fields
        if item.name in options
        and (item.api.create == AFTERWARDS or item.name in late)
        and not item.value.same(options[item.name], item.value_in(resource.hooks.response))
    ]


def with_article(resource: Resource) -> str:
    noun = resource.type.noun
    return "%s %s" % ("an" if noun[0] in "aeiou" else "a", noun)


def sub_resource_label(resource: Resource, options: Mapping[str, Any]) -> str:
    """The name of a sub-resource in messages, also of one without a name."""
    found = next((options[item.name] for item in resource.fields if options.get(item.name) is not None), "")
    return str(options.get("name") or found)
