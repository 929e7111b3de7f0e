"""Drift tells who moved, and only what is certain counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.drift import read_drift
from reconciler.model.assessment import Assessment, FieldAssessment, Mover, Status
from reconciler.model.drift import DriftReport, drift_document
from reconciler.model.json_text import json_text
from reconciler.model.plan import Plan
from tests.render.builders import EARLIER, assessment, field_assessment, plan_of
from tests.render.showcase import every_action, every_status


def reading(*found: Assessment, strict: bool = False) -> DriftReport:
    """Read the drift of a plan with these assessments."""
    return read_drift(replace(plan_of(), assessments=found), strict_unknown=strict)


@pytest.mark.parametrize(
    ("status", "counts", "counts_strictly"),
    [
        (Status.IN_SYNC, False, False),
        (Status.DRIFTED, True, True),
        (Status.MISSING, True, True),
        (Status.PENDING, False, False),
        (Status.OPERATIONAL, False, False),
        (Status.UNMANAGED, False, False),
        (Status.BLOCKED, False, False),
        (Status.CANNOT_TELL, False, True),
    ],
)
def test_what_counts_as_drift(status: Status, *, counts: bool, counts_strictly: bool) -> None:
    """Exit code 2 is for drift that is certain; what cannot be told joins it only when asked for."""
    found = assessment("List", "leads", status, "because")
    assert reading(found).has_drift is counts
    assert reading(found, strict=True).has_drift is counts_strictly


@pytest.mark.parametrize(
    ("part", "counts"),
    [
        (field_assessment("fetchWeight", 2, 9, applied=5, mover=Mover.BOTH), True),
        (field_assessment("fetchWeight", 2, 9, applied=5, mover=Mover.BOTH, operational=True), False),
        (replace(field_assessment("fetchWeight", 9, 9, applied=5, mover=Mover.BOTH), settled=True), False),
        (field_assessment("fetchWeight", 2, 5, applied=5, mover=Mover.GIT), False),
    ],
    ids=["conflict", "operational", "moved to the same value", "only Git"],
)
def test_a_conflict_is_drift(part: FieldAssessment, *, counts: bool) -> None:
    """A field that Git and the target both moved is drift, whatever the object's status, unless Git doesn't own it."""
    report = reading(assessment("List", "leads", Status.PENDING, "Git moved", fields=(part,)))
    assert report.has_drift is counts
    assert report.items[0].in_conflict is counts


@pytest.mark.parametrize(
    ("movers", "expected"),
    [
        ((), Mover.LIVE),
        ((Mover.LIVE,), Mover.LIVE),
        ((Mover.GIT,), Mover.GIT),
        ((Mover.GIT, Mover.LIVE), Mover.BOTH),
        ((Mover.BOTH, Mover.NOBODY), Mover.BOTH),
        ((Mover.NOBODY_KNOWS, Mover.LIVE), Mover.LIVE),
        ((Mover.NOBODY_KNOWS,), Mover.NOBODY_KNOWS),
    ],
)
def test_who_moved(movers: tuple[Mover, ...], expected: Mover) -> None:
    """An object's mover sums up its fields'."""
    parts = tuple(field_assessment(f"field{index}", 1, 2, mover=mover) for index, mover in enumerate(movers))
    assert reading(assessment("List", "leads", Status.DRIFTED, "moved", fields=parts)).items[0].mover is expected


def test_since_when() -> None:
    """The move came after what moved was last applied, by the oldest of the fields that the target moved."""
    parts = (
        replace(field_assessment("a", 1, 2), at="2026-09-05T00:00:00Z"),
        replace(field_assessment("b", 1, 2), at=EARLIER),
        replace(field_assessment("c", 1, 2, mover=Mover.GIT), at="2020-01-01T00:00:00Z"),
        replace(field_assessment("d", 1, 2), at=""),
    )
    assert reading(assessment("List", "leads", Status.DRIFTED, "moved", fields=parts)).items[0].since == EARLIER
    assert reading(assessment("List", "leads", Status.MISSING, "gone")).items[0].since == ""


def test_objects_are_sorted_and_unmanaged_ones_come_last() -> None:
    """A report is read by kind and name, with what nobody declares at its end."""
    report = read_drift(every_action())
    assert [str(item.address) for item in report.items] == [
        "Campaign/spring-renewals",
        "Campaign/winback",
        "List/lapsed-2025",
        "List/old-leads",
        "Membership/french-speakers",
        "Team/renewals-north",
        "User/jane.doe",
        "Campaign/#7",
    ]


def test_counts_and_coverage() -> None:
    """Each status is counted, unmanaged objects as the plan counts them, and coverage is of what is live."""
    report = read_drift(every_action())
    assert {status: report.count(status) for status in Status if report.count(status) != 1} == {Status.UNMANAGED: 4}
    assert report.coverage == 55.6
    assert reading().coverage is None
    assert reading(assessment("List", "a", Status.IN_SYNC, "same")).coverage == 100.0
    assert [str(item.address) for item in report.having(Status.DRIFTED)] == ["List/lapsed-2025"]


def test_the_document_is_deterministic() -> None:
    """The same plan gives the same bytes, in whatever order its assessments come."""
    plan = every_action()
    shuffled: Plan = replace(plan, assessments=tuple(reversed(every_status())))
    assert json_text(drift_document(read_drift(plan))) == json_text(drift_document(read_drift(shuffled)))


@given(statuses=st.lists(st.sampled_from(Status), max_size=6), strict=st.booleans())
def test_exactly_the_certain_counts(statuses: list[Status], *, strict: bool) -> None:
    """A report is one of drift if and only if one of its objects is."""
    found = [assessment("List", f"list-{index}", status, "because") for index, status in enumerate(statuses)]
    report = reading(*found, strict=strict)
    assert report.has_drift == any(item["drift"] for item in drift_document(report)["objects"])
    assert sum(report.count(status) for status in Status) == len(statuses)
