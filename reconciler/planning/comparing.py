"""
Three ways to look at a field: as Git wants it, as the target has it, as we last applied it.

Both sides are made canonical first; what Git leaves to others (ignored fields, what an identity provider owns, what the
campaign's type makes the API drop) is taken out here, so that nothing after this knows an exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reconciler.diff import changed_fields
from reconciler.kinds.codec import read_field
from reconciler.kinds.registry import kind_named
from reconciler.kinds.spec import FieldSpec, KindSpec
from reconciler.model.address import Address, Reference
from reconciler.model.assessment import Mover
from reconciler.model.desired import DesiredObject
from reconciler.model.live import LiveObject
from reconciler.model.values import Scalar
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation


class FieldComparison(NamedTuple):
    """
    One managed field of an existing object; a tuple, since a large plan makes a hundred thousand of them.

    `refers` is set when the wanted value is the Id of an object that does not exist yet. `settled`: live is as wanted.
    `planned`: a step has to bring it over; an operational field that only the floor moved is neither.
    """

    spec: FieldSpec
    wanted: Scalar
    refers: Address | None
    live: Scalar
    applied: Scalar
    was_applied: bool
    mover: Mover
    operational: bool
    settled: bool
    planned: bool


def operational_fields(situation: Situation, wanted: DesiredObject) -> frozenset[str]:
    """Return the fields that floor managers own between Git changes: the document's word, else the project's."""
    own = wanted.lifecycle.operational
    if own is not None:
        return own
    return situation.policy.operational_fields.get(wanted.address.kind, frozenset())


def owned_elsewhere(spec: KindSpec, wanted: DesiredObject, live: LiveObject | None, situation: Situation) -> bool:
    """Return whether an identity provider owns this object's identity fields: single sign-on is on in the target."""
    if not spec.identity_flag or wanted.lifecycle.manage_identity or live is None:
        return False
    return situation.value_of(live, spec.identity_flag) is True


def compare(situation: Situation, binding: Binding) -> tuple[FieldComparison, ...]:
    """Compare every field that Git manages on an existing object, in the API document's order."""
    wanted, live = binding.desired, binding.live
    assert live is not None
    spec = kind_named(wanted.address.kind)
    identity_elsewhere = owned_elsewhere(spec, wanted, live, situation)
    operational = operational_fields(situation, wanted)
    considered = [
        field
        for field in spec.fields
        if field.name in wanted.fields
        and field.name not in wanted.lifecycle.ignore_changes
        and not (field.identity and identity_elsewhere)
    ]
    resolved = {field.name: _wanted(situation, wanted.fields[field.name]) for field in considered}
    have = {field.name: read_field(field, live.entity, situation.zone) for field in considered}
    unsettled = changed_fields(have, {name: value for name, (value, _) in resolved.items()})
    comparisons = [
        _field(situation, binding, field, resolved[field.name], have[field.name], operational, unsettled)
        for field in considered
    ]
    if not any(field.kept_when for field in considered):
        return tuple(comparisons)
    effective = _Effective(situation, live, comparisons)
    return tuple(item for item in comparisons if item.spec.kept_when is None or item.spec.kept_when(effective))


def _wanted(situation: Situation, value: Scalar | Reference) -> tuple[Scalar, Address | None]:
    if not isinstance(value, Reference):
        return value, None
    if value.id == 0:
        return 0, None
    end = situation.end(value)
    if end is None:
        return 0, None
    if end.id is not None:
        return end.id, None
    return None, end.address


def _field(
    situation: Situation,
    binding: Binding,
    field: FieldSpec,
    resolved: tuple[Scalar, Address | None],
    live: Scalar,
    operational_names: frozenset[str],
    unsettled: tuple[str, ...],
) -> FieldComparison:
    wanted, refers = resolved
    was_applied, applied = situation.recorded(binding, field)
    settled = refers is None and field.name not in unsettled
    operational = field.name in operational_names
    git_moved = was_applied and (refers is not None or wanted != applied)
    planned = not settled
    if operational and planned:
        owed = not was_applied and situation.is_ours(binding)
        planned = git_moved or owed or situation.policy.reassert
        planned = planned or _to_restore(situation, binding, field, wanted, live)
    mover = Mover.NOBODY if settled else _mover(was_applied, git_moved, live_moved=live != applied)
    return FieldComparison(field, wanted, refers, live, applied, was_applied, mover, operational, settled, planned)


def _mover(was_applied: bool, git_moved: bool, *, live_moved: bool) -> Mover:
    if not was_applied:
        return Mover.NOBODY_KNOWS
    if git_moved and live_moved:
        return Mover.BOTH
    return Mover.GIT if git_moved else Mover.LIVE


def _to_restore(situation: Situation, binding: Binding, field: FieldSpec, wanted: Scalar, live: Scalar) -> bool:
    """Return whether a lifted emergency moved this status away from what Git declares (behaviour, section 5)."""
    emergency = situation.ledger.emergency
    if field.endpoint != "set-status" or emergency is None or emergency.enabled or binding.live is None:
        return False
    before = emergency.statuses.get(binding.live.id)
    return before is not None and before == wanted and live != before


class _Effective(Mapping[str, Scalar]):
    """The object's fields as they will be after the plan: what decides whether the API applies a dependent field."""

    def __init__(self, situation: Situation, live: LiveObject, comparisons: list[FieldComparison]) -> None:
        self._situation = situation
        self._live = live
        # A field that is left as the floor has it counts with its live value.
        self._planned = {item.spec.name: item.wanted for item in comparisons if item.planned or item.settled}

    def __getitem__(self, name: str) -> Scalar:
        if name in self._planned:
            return self._planned[name]
        return self._situation.value_of(self._live, name)

    def __iter__(self) -> Iterator[str]:
        return iter(field.name for field in kind_named(self._live.kind).fields)

    def __len__(self) -> int:
        return len(kind_named(self._live.kind).fields)
