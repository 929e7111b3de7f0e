"""
The order in which a plan is read, the same in every format.

Verdict; risks; what it means for people; removals; what can't be verified; then the detail per object; last a line of
counts. A reviewer decides in a minute, so what may hurt comes first, and only the detail is ever shortened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reconciler.model.address import Address
from reconciler.model.plan import Action, Plan, Release, Risk, Step
from reconciler.render.notices import Sample, samples
from reconciler.render.wording import counted, kind_rank

REMOVALS = frozenset({Action.DEACTIVATE, Action.DISASSOCIATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One document's steps, in plan order; `id` is its live Id where it has one."""

    address: Address
    steps: tuple[Step, ...]

    @property
    def id(self) -> int | None:
        """The live Id of an object; an association's document has none."""
        return next(
            (step.object_id for step in self.steps if step.object_id is not None and step.subject is None), None
        )

    @property
    def natural_key(self) -> str:
        """The name people know, when it is another than the document's."""
        names = (step.natural_key for step in self.steps if step.natural_key)
        return next((name for name in names if name != self.address.name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One sentence that holds for some steps."""

    reason: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A plan, laid out for reading."""

    plan: Plan
    risks: tuple[Step, ...]
    removals: tuple[Step, ...]
    releases: tuple[Release, ...]
    unverifiable: tuple[Concern, ...]
    unseen: tuple[Sample, ...]
    warnings: tuple[Sample, ...]
    groups: tuple[Group, ...]


def review(plan: Plan) -> Review:
    """Lay a plan out for reading."""
    touched = {str(step.address) for step in plan.steps}
    return Review(
        plan=plan,
        risks=tuple(step for step in plan.steps if step.risk is Risk.DISRUPTIVE),
        removals=_removals(plan),
        releases=plan.releases,
        unverifiable=concerns((step for step in plan.steps if step.unverifiable), _why_unverifiable),
        unseen=samples(plan.unverifiable, touched),
        warnings=samples(plan.warnings, touched),
        groups=_groups(plan),
    )


def _removals(plan: Plan) -> tuple[Step, ...]:
    """Return the steps that take something away; an object that is created out of use loses nothing."""
    created = {step.address for step in plan.steps if step.action is Action.CREATE}
    return tuple(
        step
        for step in plan.steps
        if step.action in REMOVALS and (step.subject is not None or step.address not in created)
    )


def concerns(steps: Iterable[Step], reason: Callable[[Step], str]) -> tuple[Concern, ...]:
    """Gather steps of which the same sentence holds, in the order in which the sentences first come up."""
    gathered: dict[str, list[Step]] = {}
    for step in steps:
        gathered.setdefault(reason(step), []).append(step)
    return tuple(Concern(reason=text, steps=tuple(found)) for text, found in gathered.items())


def _why_unverifiable(step: Step) -> str:
    if step.risk is Risk.UNVERIFIABLE and step.risk_reason:
        return step.risk_reason
    return "nothing can be read back that shows whether it took effect"


def _groups(plan: Plan) -> tuple[Group, ...]:
    gathered: dict[Address, list[Step]] = {}
    for step in plan.steps:
        gathered.setdefault(step.address, []).append(step)
    order = sorted(gathered, key=lambda address: (kind_rank(address.kind), address.name))
    return tuple(Group(address=address, steps=tuple(gathered[address])) for address in order)


def verdict(plan: Plan) -> str:
    """Return the plan in one sentence, without its target: may it be applied, and what is there to weigh."""
    if plan.objections:
        return f"Refused: {counted(len(plan.objections), 'objection')}; nothing of this plan will be sent."
    parts = [counted(len(plan.steps), "step")]
    disruptive = sum(1 for step in plan.steps if step.risk is Risk.DISRUPTIVE)
    if disruptive:
        parts.append(f"{disruptive:,} disruptive")
    if plan.unverifiable_steps:
        parts.append(f"{plan.unverifiable_steps:,} that nothing can confirm")
    if not disruptive and not plan.unverifiable_steps:
        parts.append("none with a risk")
    return ", ".join(parts) + "."
