"""Drift: per object, whether the target is as it was left, who moved and since when; three-valued, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.model.address import Address
from reconciler.model.assessment import Assessment, FieldAssessment, Mover, Status
from reconciler.model.knowledge import KnowledgeCounts
from reconciler.model.plain_form import to_plain
from reconciler.model.plan import Notice

DRIFT_FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftItem:
    """
    One object's drift.

    `mover` sums up its fields; `since` is when what moved was last applied (UTC, ISO 8601), so the move came later;
    `counts` says that this object alone makes the report one of drift.
    """

    assessment: Assessment
    mover: Mover
    since: str = ""
    counts: bool = False

    @property
    def address(self) -> Address:
        """The object's name in Git, or for an unmanaged object its kind and live name."""
        return self.assessment.address

    @property
    def status(self) -> Status:
        """The one word for the object."""
        return self.assessment.status

    @property
    def in_conflict(self) -> bool:
        """Return whether Git and the target both moved the same field since the last apply."""
        return any(conflicts(item) for item in self.assessment.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """
    Everything that was compared.

    `items` are sorted by kind and name, unmanaged objects last. `unmanaged` counts live objects nobody declares, by
    kind. `coverage` is the share of live objects that Git manages, in per cent, None when nothing is live.
    """

    target: str
    url: str
    items: tuple[DriftItem, ...] = ()
    unmanaged: Mapping[str, int] = field(default_factory=dict)
    unverifiable: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = ()
    knowledge: KnowledgeCounts = field(default_factory=KnowledgeCounts)
    coverage: float | None = None
    strict_unknown: bool = False

    @property
    def has_drift(self) -> bool:
        """Return whether drift was found: exit code 2."""
        return any(item.counts for item in self.items)

    def count(self, status: Status) -> int:
        """Return how many objects have that status; unmanaged ones are counted even where they aren't listed."""
        if status is Status.UNMANAGED and self.unmanaged:
            return sum(self.unmanaged.values())
        return sum(1 for item in self.items if item.status is status)

    def having(self, status: Status) -> tuple[DriftItem, ...]:
        """Return the objects of that status."""
        return tuple(item for item in self.items if item.status is status)


def conflicts(item: FieldAssessment) -> bool:
    """Return whether Git and the target both moved a field that Git owns, and not to the same value."""
    return item.mover is Mover.BOTH and not item.operational and not item.settled


def drift_document(report: DriftReport) -> dict[str, Any]:
    """Return the report's JSON document (`schemas/drift.schema.json`); the same report gives the same document."""
    return {
        "formatVersion": DRIFT_FORMAT_VERSION,
        "target": {"name": report.target, "url": report.url},
        "drift": report.has_drift,
        "strictUnknown": report.strict_unknown,
        "summary": {status.value: report.count(status) for status in Status}
        | {"total": sum(1 for item in report.items if item.status is not Status.UNMANAGED)},
        "coverage": report.coverage,
        "objects": [_item_document(item) for item in report.items],
        "unmanaged": dict(report.unmanaged),
        "warnings": to_plain(report.warnings),
        "unverifiable": to_plain(report.unverifiable),
        "knowledge": to_plain(report.knowledge),
    }


def _item_document(item: DriftItem) -> dict[str, Any]:
    found = item.assessment
    return {
        "kind": found.address.kind,
        "name": found.address.name,
        "id": found.id,
        "naturalKey": found.natural_key,
        "status": found.status.value,
        "reason": found.reason,
        "drift": item.counts,
        "conflict": item.in_conflict,
        "mover": item.mover.value,
        "since": item.since or None,
        "knowledge": found.knowledge.value,
        "source": str(found.place) if found.place else "",
        "labels": dict(found.labels),
        "fields": [_field_document(part) for part in found.fields],
    }


def _field_document(part: FieldAssessment) -> dict[str, Any]:
    return {
        "field": part.name,
        "desired": part.desired,
        "live": part.live,
        "applied": part.applied,
        "mover": part.mover.value,
        "knowledge": part.knowledge.value,
        "appliedAt": part.at or None,
        "operational": part.operational,
        "settled": part.settled,
    }
