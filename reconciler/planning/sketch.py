"""A plan in the making: the one mutable thing in planning, thrown away once the plan is a value."""

from __future__ import annotations

from dataclasses import dataclass, field

from reconciler.kinds.registry import MEMBERSHIP
from reconciler.model.address import Address
from reconciler.model.assessment import Assessment
from reconciler.model.knowledge import Fact, Knowledge, KnowledgeCounts
from reconciler.model.ledger import Event
from reconciler.model.plan import Action, End, Notice, Objection, Release, Step
from reconciler.model.problem import Problem


@dataclass(slots=True, kw_only=True)
class Sketch:
    """
    Steps by id, in the order they were thought of, and everything found on the way.

    `held` and `removed` are for the limits, by (relation, subject Id): how many members there were, and which step
    takes each leaving one off.
    """

    steps: dict[str, Step] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Notice] = field(default_factory=list)
    unverifiable: list[Notice] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    bookkeeping: list[Event] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    held: dict[tuple[str, int], int] = field(default_factory=dict)
    removed: dict[tuple[str, int], dict[int, str]] = field(default_factory=dict)
    deferred: dict[Address, set[str]] = field(default_factory=dict)
    marks: dict[Knowledge, int] = field(default_factory=dict)
    oldest: str = ""

    def add(self, step: Step) -> None:
        """Add a step; a step of that id must not be there yet."""
        assert step.id not in self.steps, step.id
        self.steps[step.id] = step

    def has(self, address: Address, action: Action) -> bool:
        """Return whether an object's step of that action is there."""
        return object_step_id(address, action) in self.steps

    def note(self, fact: Fact) -> None:
        """Count a fact that the plan rests on, by its mark, and remember the oldest that was not read just now."""
        self.count(fact.mark, 1)
        if (
            fact.mark in (Knowledge.RECORDED, Knowledge.ASSUMED)
            and fact.at
            and (not self.oldest or fact.at < self.oldest)
        ):
            self.oldest = fact.at

    def count(self, mark: Knowledge, amount: int) -> None:
        """Count `amount` facts of a mark."""
        self.marks[mark] = self.marks.get(mark, 0) + amount

    def knowledge(self) -> KnowledgeCounts:
        """Return the counts so far."""
        return KnowledgeCounts(
            live=self.marks.get(Knowledge.LIVE, 0),
            recorded=self.marks.get(Knowledge.RECORDED, 0),
            assumed=self.marks.get(Knowledge.ASSUMED, 0),
            unknown=self.marks.get(Knowledge.UNKNOWN, 0),
            oldest=self.oldest,
        )


def object_step_id(address: Address, action: Action) -> str:
    """Return the id of an object's own step: `campaign/spring-renewals/create`."""
    return f"{address.slug}/{action}"


def end_slug(end: End) -> str:
    """Return an end as part of a step id; one that nobody manages goes by its Id, since its name is anybody's text."""
    return end.address.slug if end.managed else f"{end.kind.lower()}/#{end.id}"


def association_step_id(action: Action, subject: End, member: End) -> str:
    """Return the id of an association's step: `campaign/spring-renewals/associate/list/renewals-2026q2`."""
    return f"{end_slug(subject)}/{action}/{end_slug(member)}"


def is_association(step: Step) -> bool:
    """Return whether a step associates or disassociates."""
    return step.kind == MEMBERSHIP
