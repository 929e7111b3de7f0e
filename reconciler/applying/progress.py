"""What an observer of an apply is told, as it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.model.outcome import Outcome
from reconciler.model.plan import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A worker took the step up."""

    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """The step ended, or is skipped; `finished` of `total` steps have an outcome now."""

    step: Step
    outcome: Outcome
    finished: int
    total: int


Progress = StepStarted | StepFinished
Observer = Callable[[Progress], None]
