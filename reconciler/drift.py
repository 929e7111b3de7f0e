"""Drift is a reading of a plan: the same comparison, asked who moved instead of what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.model.assessment import Assessment, FieldAssessment, Mover, Status
from reconciler.model.drift import DriftItem, DriftReport, conflicts
from reconciler.model.plan import Plan

_DRIFT = frozenset({Status.DRIFTED, Status.MISSING})
_NOT_MANAGED_HERE = "Membership"


def read_drift(plan: Plan, *, strict_unknown: bool = False) -> DriftReport:
    """
    Return what a plan's assessments say about drift.

    Drifted and missing objects count, and so does a field that Git and the target both moved. What floor managers own,
    what only Git moved and what is blocked don't; what cannot be told does with `strict_unknown` only.
    """
    items = tuple(_item(found, strict_unknown) for found in sorted(plan.assessments, key=_order))
    return DriftReport(
        target=plan.target,
        url=plan.url,
        items=items,
        unmanaged={kind: plan.unmanaged[kind] for kind in sorted(plan.unmanaged)},
        unverifiable=plan.unverifiable,
        warnings=plan.warnings,
        knowledge=plan.knowledge,
        coverage=_coverage(plan),
        strict_unknown=strict_unknown,
    )


def _order(found: Assessment) -> tuple[bool, str, str, int]:
    return (found.status is Status.UNMANAGED, found.address.kind, found.address.name, found.id or 0)


def _item(found: Assessment, strict_unknown: bool) -> DriftItem:
    counts = (
        found.status in _DRIFT
        or (strict_unknown and found.status is Status.CANNOT_TELL)
        or any(conflicts(part) for part in found.fields)
    )
    moved = tuple(part for part in found.fields if not part.settled)
    return DriftItem(assessment=found, mover=_mover(found, moved), since=_since(moved), counts=counts)


def _mover(found: Assessment, moved: Iterable[FieldAssessment]) -> Mover:
    """Sum up who moved: a certain mover outweighs a field of which nobody knows."""
    movers = {part.mover for part in moved} - {Mover.NOBODY}
    if Mover.BOTH in movers or {Mover.GIT, Mover.LIVE} <= movers:
        return Mover.BOTH
    for mover in (Mover.LIVE, Mover.GIT, Mover.NOBODY_KNOWS):
        if mover in movers:
            return mover
    return _MOVER_OF.get(found.status, Mover.NOBODY)


_MOVER_OF = {
    Status.MISSING: Mover.LIVE,
    Status.DRIFTED: Mover.LIVE,
    Status.OPERATIONAL: Mover.LIVE,
    Status.PENDING: Mover.GIT,
    Status.BLOCKED: Mover.NOBODY_KNOWS,
    Status.CANNOT_TELL: Mover.NOBODY_KNOWS,
}
"""Who moved where no field tells: an object that is gone was taken away in the target."""


def _since(moved: Iterable[FieldAssessment]) -> str:
    """Return the earliest time at which something that the target moved was still as applied."""
    return min((part.at for part in moved if part.at and part.mover in (Mover.LIVE, Mover.BOTH)), default="")


def _coverage(plan: Plan) -> float | None:
    managed = sum(
        1
        for found in plan.assessments
        if found.id is not None
        and found.status not in (Status.UNMANAGED, Status.MISSING)
        and found.address.kind != _NOT_MANAGED_HERE
    )
    others = sum(plan.unmanaged.values()) or sum(1 for found in plan.assessments if found.status is Status.UNMANAGED)
    total = managed + others
    return round(100 * managed / total, 1) if total else None
