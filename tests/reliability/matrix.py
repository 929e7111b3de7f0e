"""Every method through every fault on every server, in this process: what comes out, and how soon it is whole again."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.errors import ReconcilerError
from reconciler.model.plan import Plan
from reconciler.simulator.faults import FAULTS, parse_faults
from reconciler.simulator.variants import VARIANTS
from tests.apply.floor_plans import changed_floor, floor_plan
from tests.loop.centre import Centre
from tests.loop.truth import differences, false_records
from tests.reliability.grounds import duplicates, other_statuses

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WHICH = ("1", "2-4", "3")
STAGES = {"GET": ("first", "change"), "POST": ("first",), "DELETE": ("change",)}
"""In which applies a method has something to say: nothing is taken off at first, and nothing created by the changes."""
RUNS_TO_CONVERGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One combination; `which` counts the requests of that method that are struck, `stage` says in which apply."""

    method: str
    fault: str
    server: str
    which: str
    stage: str

    def __str__(self) -> str:
        return f"{self.method}:{self.which}={self.fault} on {self.server}, {self.stage}"


@dataclass(slots=True, kw_only=True)
class Passage:
    """What an apply through a fault came to: how many requests were struck, runs until it was whole, what is wrong."""

    struck: int = 0
    runs: int = 0
    problems: list[str] = field(default_factory=list)


def cells() -> Iterator[Cell]:
    """Yield every combination of method, fault, server, occurrence and stage."""
    for method, fault, server, which in itertools.product(METHODS, FAULTS, VARIANTS, WHICH):
        for stage in stages(method):
            yield Cell(method=method, fault=fault, server=server, which=which, stage=stage)


def sampled_cells() -> Iterator[Cell]:
    """Yield every pair of method and fault once, each on another server and occurrence than the one before."""
    servers, occurrences = itertools.cycle(VARIANTS), itertools.cycle(WHICH)
    for method, fault in itertools.product(METHODS, FAULTS):
        for stage in stages(method)[-1:]:
            yield Cell(method=method, fault=fault, server=next(servers), which=next(occurrences), stage=stage)


def stages(method: str) -> tuple[str, ...]:
    """Return the applies in which requests of a method can be struck."""
    return STAGES.get(method, ("first", "change"))


def pass_through(cell: Cell, folder: Path) -> Passage:
    """Apply a floor, or a week of changes to it, through the fault, and converge without it."""
    centre = Centre(folder=folder, behaviour=VARIANTS[cell.server])
    desired = floor_plan()
    if cell.stage == "change":
        centre.run(desired)
        desired = changed_floor()
    centre.service.clear_log()
    faults = parse_faults(f"{cell.method} /management/*:{cell.which}={cell.fault}")
    passage = Passage()
    with suppress(ReconcilerError):
        centre.run(desired, faults=faults, parallelism=2)
    passage.struck = sum(bool(request.fault) for request in centre.service.log)
    world = centre.service.world
    plan = centre.plan(desired)
    while _unsettled(plan) and passage.runs < RUNS_TO_CONVERGE:
        report = centre.apply(plan)
        passage.runs += 1
        plan = centre.plan(desired)
        if plan.steps and passage.runs == RUNS_TO_CONVERGE:
            passage.problems += [f"{outcome.step}: {outcome.detail}" for outcome in report.outcomes if outcome.detail]
    ledger = centre.store.load()
    passage.problems += [f"{step.id} is left to do" for step in plan.steps]
    passage.problems += [
        *duplicates(world),
        *differences(desired, world),
        *other_statuses(desired, world),
        *false_records(ledger, world),
    ]
    passage.problems += [f"the intent of {step} is left" for step in ledger.intents]
    return passage


def _unsettled(plan: Plan) -> bool:
    return plan.has_changes or bool(plan.bookkeeping)
