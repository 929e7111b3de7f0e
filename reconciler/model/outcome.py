"""What became of a plan's steps."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """
    How a step ended.

    SKIPPED was never sent, since something it depends on did not get done or the run was stopped; UNKNOWN was sent, and
    nobody can say whether it took effect.
    """

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    One step's end.

    `detail` is the API's own words or our reason, `advice` what to do; `object_id` is the Id it acted on or made;
    `requests` counts the requests that were really sent; `seconds` is the time it took.
    """

    step: str
    result: Result
    detail: str = ""
    advice: str = ""
    object_id: int | None = None
    requests: int = 0
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """All outcomes of one apply, in plan order, and the ledger serial it ended with."""

    target: str
    outcomes: tuple[Outcome, ...] = ()
    interrupted: bool = False
    serial: int = 0

    def count(self, result: Result) -> int:
        """Return how many steps ended that way."""
        return sum(1 for outcome in self.outcomes if outcome.result is result)

    @property
    def succeeded(self) -> bool:
        """Return whether every step was done."""
        return not self.interrupted and all(outcome.result is Result.DONE for outcome in self.outcomes)
