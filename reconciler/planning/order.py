"""
The order of a plan: a graph in which only real dependencies are edges, so that independent work runs side by side.

                       +--> update --+                       (up)
    referred-to --> create --> set-type --> associate --> activate --> set-status
                                                             campaigns go live last

    set-status --> disassociate --> deactivate               (down, the mirror)

Members other than campaigns are activated before they are associated, so that a campaign never gets a list or team that
cannot work yet. A member that moves leaves its old subject first; a user's PUT comes after its moves, so that the team
it carries is never a stale one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heappush

from reconciler.errors import ReconcilerError
from reconciler.kinds.registry import KINDS, MEMBERSHIP, kind_named
from reconciler.model.address import Address, Reference
from reconciler.model.plan import Action, End, Step
from reconciler.planning.describing import STATUS, runs
from reconciler.planning.links import end_key
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, is_association, object_step_id

_PRECEDENCE = {"List": 0, "Team": 1, "User": 2, "Campaign": 3, MEMBERSHIP: 4}
_ACTIONS = tuple(Action)
_LIVELINESS = {0: 0, 2: 1, 3: 2, 1: 3}
"""Campaign status codes from quiet to live: Not Running, Paused, Flushed, Running."""


def deferred_references(situation: Situation) -> dict[Address, set[str]]:
    """
    Return which fields of objects to be created must be set later, since the objects refer to each other.

    The field is put off on kinds whose update needs no password: a team is created without its supervisor.
    """
    new = {
        address: binding
        for address, binding in situation.bindings.by_address.items()
        if binding.live is None and situation.selects(binding.desired)
    }
    reaches = {address: _targets(binding, new) for address, binding in new.items()}
    deferred: dict[Address, set[str]] = {}
    for address in sorted(new):
        if kind_named(address.kind).password:
            continue
        for name, target in sorted(reaches[address].items()):
            if _leads_to(target, address, reaches):
                deferred.setdefault(address, set()).add(name)
    return deferred


def _targets(binding: Binding, new: Mapping[Address, Binding]) -> dict[str, Address]:
    found = {}
    for name, value in binding.desired.fields.items():
        if isinstance(value, Reference) and value.address in new:
            assert value.address is not None
            found[name] = value.address
    return found


def _leads_to(start: Address, goal: Address, reaches: Mapping[Address, Mapping[str, Address]]) -> bool:
    seen, waiting = set(), [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            waiting.extend(reaches.get(here, {}).values())
    return False


def in_order(situation: Situation, sketch: Sketch) -> tuple[Step, ...]:
    """Return the sketch's steps with their dependencies, in one deterministic order that satisfies all of them."""
    edges = _Edges(situation, sketch)
    edges.connect()
    return _sorted(sketch.steps, edges.needs)


class _Edges:
    """Collects, for each step, the steps that must be done before it."""

    def __init__(self, situation: Situation, sketch: Sketch) -> None:
        self._situation = situation
        self._steps = sketch.steps
        self.needs: dict[str, set[str]] = {identifier: set() for identifier in sketch.steps}
        self._touching: dict[tuple[str, str], list[Step]] = {}
        for step in sketch.steps.values():
            for end in _ends(step):
                self._touching.setdefault(end_key(end), []).append(step)

    def connect(self) -> None:
        for step in self._steps.values():
            if is_association(step):
                self._association(step)
            else:
                self._object(step)
        self._moves()
        self._freed_names()

    def _need(self, step: Step | str, before: str) -> None:
        identifier = step if isinstance(step, str) else step.id
        if before in self._steps and before != identifier:
            self.needs[identifier].add(before)

    def _object(self, step: Step) -> None:
        for value in step.values:
            if value.refers is not None:
                self._need(step, object_step_id(value.refers, Action.CREATE))
        if step.action in (Action.CREATE, Action.ADOPT):
            return
        for first in (Action.CREATE, Action.ADOPT):
            self._need(step, object_step_id(step.address, first))
        goes_down = self._goes_down(step)
        if step.action is Action.SET_STATUS and not goes_down:
            self._goes_live(step)
        elif step.action is not Action.SET_STATUS:
            self._after_going_down(step)
        if step.action is Action.UPDATE:
            self._need(step, object_step_id(step.address, Action.SET_TYPE))
        elif step.action is Action.ACTIVATE:
            # A user is activated before it is associated, and updated after: its update cannot come first.
            if not kind_named(step.kind).password:
                self._need(step, object_step_id(step.address, Action.UPDATE))
            if runs(kind_named(step.kind)):
                self._after_associations(step)
        elif step.action is Action.DEACTIVATE:
            self._need(step, object_step_id(step.address, Action.UPDATE))
            self._need(step, object_step_id(step.address, Action.SET_TYPE))
            self._after_associations(step)

    def _goes_down(self, step: Step) -> bool:
        if step.action is not Action.SET_STATUS or step.object_id is None:
            return False
        live = self._situation.live.get(step.kind, step.object_id)
        before = self._situation.value_of(live, STATUS) if live is not None else None
        after = step.values[0].value
        return _LIVELINESS.get(_code(after), 0) < _LIVELINESS.get(_code(before), 0)

    def _after_going_down(self, step: Step) -> None:
        status = self._steps.get(object_step_id(step.address, Action.SET_STATUS))
        if status is not None and self._goes_down(status):
            self._need(step, status.id)

    def _goes_live(self, step: Step) -> None:
        for action in (Action.SET_TYPE, Action.UPDATE, Action.ACTIVATE, Action.DEACTIVATE):
            self._need(step, object_step_id(step.address, action))
        for association in self._touching.get(self._key(step), ()):
            self._need(step, association.id)
            for member in association.members:
                self._need(step, object_step_id(member.address, Action.ACTIVATE))

    def _after_associations(self, step: Step) -> None:
        for association in self._touching.get(self._key(step), ()):
            self._need(step, association.id)

    def _key(self, step: Step) -> tuple[str, str]:
        return (step.kind, f"#{step.object_id}" if step.object_id is not None else step.name)

    def _association(self, step: Step) -> None:
        for value in step.values:
            if value.refers is not None:
                self._need(step, object_step_id(value.refers, Action.CREATE))
        if step.keeps_primary is not None and step.keeps_primary.refers is not None:
            self._need(step, object_step_id(step.keeps_primary.refers, Action.CREATE))
        for end in _ends(step):
            if not end.managed:
                continue
            self._need(step, object_step_id(end.address, Action.CREATE))
            self._need(step, object_step_id(end.address, Action.ADOPT))
            if step.action is Action.ASSOCIATE and not runs_kind(end):
                self._need(step, object_step_id(end.address, Action.ACTIVATE))
            status = self._steps.get(object_step_id(end.address, Action.SET_STATUS))
            if status is not None and self._goes_down(status):
                self._need(step, status.id)

    def _moves(self) -> None:
        """A member leaves before it joins, joins its primary subject last, and its own PUT comes after both."""
        for key, steps in self._touching.items():
            joining = [s for s in steps if s.action is Action.ASSOCIATE and _is_member(s, key)]
            leaving = [s for s in steps if s.action is Action.DISASSOCIATE and _is_member(s, key)]
            for step in joining:
                for before in leaving:
                    if before.relation == step.relation:
                        self._need(step, before.id)
                for other in joining:
                    if step.primary and not other.primary and other.relation == step.relation:
                        self._need(step, other.id)
            for step in (*joining, *leaving):
                member = next(end for end in step.members if end_key(end) == key)
                update = object_step_id(member.address, Action.UPDATE)
                if member.managed and update in self._steps and kind_named(member.kind).password:
                    self._need(update, step.id)

    def _freed_names(self) -> None:
        """An object may take the name of another only once that one has been renamed; two that swap cannot wait."""
        for step in list(self._steps.values()):
            if step.action not in (Action.CREATE, Action.UPDATE) or not step.natural_key:
                continue
            for object_id in self._situation.live.ids_named(step.kind, step.natural_key):
                holder = self._situation.bindings.of(step.kind, object_id)
                if holder is None or object_id == step.object_id:
                    continue
                renaming = object_step_id(holder.desired.address, Action.UPDATE)
                if holder.desired.natural_key != step.natural_key and step.id not in self.needs.get(renaming, ()):
                    self._need(step, renaming)


def _ends(step: Step) -> Iterable[End]:
    if step.subject is not None:
        yield step.subject
        yield from step.members


def _is_member(step: Step, key: tuple[str, str]) -> bool:
    return any(end_key(end) == key for end in step.members)


def runs_kind(end: End) -> bool:
    """Return whether an end is of a kind that runs, and so is activated after its associations, not before."""
    return any(spec.name == end.kind and runs(spec) for spec in KINDS)


def _code(value: object) -> int:
    return value if isinstance(value, int) else -1


def _sorted(steps: Mapping[str, Step], needs: Mapping[str, set[str]]) -> tuple[Step, ...]:
    followers: dict[str, list[str]] = {}
    open_needs = {identifier: len(before) for identifier, before in needs.items()}
    for identifier, before in needs.items():
        for first in before:
            followers.setdefault(first, []).append(identifier)
    ready = [(_rank(steps[identifier]), identifier) for identifier, count in open_needs.items() if not count]
    heapify(ready)
    ordered: list[Step] = []
    while ready:
        _, identifier = heappop(ready)
        ordered.append(replace(steps[identifier], depends_on=tuple(sorted(needs[identifier]))))
        for follower in followers.get(identifier, ()):
            open_needs[follower] -= 1
            if not open_needs[follower]:
                heappush(ready, (_rank(steps[follower]), follower))
    if len(ordered) < len(steps):
        stuck = sorted(identifier for identifier, count in open_needs.items() if count)
        raise ReconcilerError(
            f"these steps wait for each other: {', '.join(stuck)}",
            hint="break the circle in the manifests: apply one of the changes first",
        )
    return tuple(ordered)


def _rank(step: Step) -> tuple[int, str, int]:
    return (_PRECEDENCE.get(step.kind, len(_PRECEDENCE)), step.name, _ACTIONS.index(step.action))
