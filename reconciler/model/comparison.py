"""What changed between a plan that was reviewed and the one made now, object by object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from reconciler.model.address import Address
from reconciler.model.knowledge import Knowledge
from reconciler.model.plain_form import to_plain
from reconciler.model.plan import Plan, Release, Step


class Difference(StrEnum):
    """How a step of the plan made now relates to the reviewed one."""

    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDifference:
    """One step that is not as it was reviewed; `reviewed` is None for a new one, `current` for one that is gone."""

    difference: Difference
    reviewed: Step | None
    current: Step | None

    @property
    def step(self) -> Step:
        """The step as it is now, or as it was when it is gone."""
        found = self.current if self.current is not None else self.reviewed
        assert found is not None
        return found

    @property
    def address(self) -> Address:
        """The document that the step belongs to."""
        return self.step.address


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanComparison:
    """
    Every step that is not as it was reviewed, in the order of the plan made now, those that are gone last.

    `releases` are records whose release is new or gone. `same_target` is False for plans of two targets.
    """

    target: str
    same_target: bool
    steps: tuple[StepDifference, ...] = ()
    releases: tuple[tuple[Difference, Release], ...] = ()

    @property
    def is_same(self) -> bool:
        """Return whether what was reviewed is what would be done."""
        return self.same_target and not self.steps and not self.releases

    def count(self, difference: Difference) -> int:
        """Return how many steps differ that way."""
        return sum(1 for item in self.steps if item.difference is difference)


def compare_plans(reviewed: Plan, current: Plan) -> PlanComparison:
    """
    Return how the plan made now differs from the reviewed one in what it would do.

    Where a line moved in a file, or how well a fact is known, is no difference; what is sent, in which order, and at
    which risk is.
    """
    before = {step.id: step for step in reviewed.steps}
    after = {step.id: step for step in current.steps}
    found = [
        StepDifference(
            difference=Difference.CHANGED if step.id in before else Difference.NEW,
            reviewed=before.get(step.id),
            current=step,
        )
        for step in current.steps
        if step.id not in before or _effect(before[step.id]) != _effect(step)
    ]
    gone = [step for step in reviewed.steps if step.id not in after]
    found += [StepDifference(difference=Difference.GONE, reviewed=step, current=None) for step in gone]
    return PlanComparison(
        target=current.target,
        same_target=(reviewed.target, reviewed.url) == (current.target, current.url),
        steps=tuple(found),
        releases=_releases(reviewed, current),
    )


def _effect(step: Step) -> Step:
    changes = tuple(replace(change, knowledge=Knowledge.LIVE) for change in step.changes)
    return replace(step, source="", reason="", explanation="", risk_reason="", changes=changes)


def _releases(reviewed: Plan, current: Plan) -> tuple[tuple[Difference, Release], ...]:
    before = {(item.address, item.id) for item in reviewed.releases}
    after = {(item.address, item.id) for item in current.releases}
    new = [(Difference.NEW, item) for item in current.releases if (item.address, item.id) not in before]
    return (*new, *((Difference.GONE, item) for item in reviewed.releases if (item.address, item.id) not in after))


def comparison_document(comparison: PlanComparison) -> dict[str, Any]:
    """Return the comparison's JSON document."""
    return {
        "formatVersion": "1.0",
        "target": comparison.target,
        "same": comparison.is_same,
        "sameTarget": comparison.same_target,
        "summary": {difference.value: comparison.count(difference) for difference in Difference},
        "steps": [
            {
                "id": item.step.id,
                "kind": item.address.kind,
                "name": item.address.name,
                "action": item.step.action.value,
                "difference": item.difference.value,
                "source": item.step.source,
                "reviewed": _side(item.reviewed),
                "current": _side(item.current),
            }
            for item in comparison.steps
        ],
        "releases": [
            {"difference": difference.value} | to_plain(release) for difference, release in comparison.releases
        ],
    }


def _side(step: Step | None) -> dict[str, Any] | None:
    if step is None:
        return None
    return {
        "risk": step.risk.value,
        "changes": to_plain(step.changes),
        "requests": to_plain(step.requests),
        "dependsOn": list(step.depends_on),
    }
