"""
What is seen of an apply while it runs.

A terminal gets a live view: what is running and for how long, how many steps are done and failed, and for good a line
for each that did not get done. Elsewhere (a pipeline's log) every step leaves a line with its time; for programs an
event. Nothing when quiet, and everything on standard error.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from reconciler.applying.progress import Observer, Progress, StepFinished, StepStarted
from reconciler.cli.screen import Screen, colourful, harmless
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import Step
from reconciler.render.wording import what_words

if TYPE_CHECKING:
    from rich.console import Group

MOST_RUNNING = 8
"""How many running steps are shown, with up to 64 at a time."""

_REFRESHES = 8  # a second
_BAR_COLUMNS = 30
_ROLES = {Result.DONE: "green", Result.FAILED: "red", Result.SKIPPED: "yellow", Result.UNKNOWN: "red"}


@contextlib.contextmanager
def following(screen: Screen, total: int) -> Iterator[Observer]:
    """Give an observer that shows an apply's `total` steps as befits standard error."""
    if screen.machine:
        yield lambda event: _tell_programs(screen, event)
    elif screen.live and total:
        with _live(View(total)) as observe:
            yield observe
    else:
        yield lambda event: _tell_log(screen, event)


def _tell_programs(screen: Screen, event: Progress) -> None:
    step = event.step
    facts: dict[str, Any] = {
        "step": step.id,
        "action": step.action.value,
        "kind": step.kind,
        "name": step.name,
        "source": step.source,
    }
    if isinstance(event, StepStarted):
        screen.event("step-started", message=what_words(step), **facts)
        return
    outcome = event.outcome
    screen.event(
        "step-finished",
        level="info" if outcome.result is Result.DONE else "error",
        message=what_words(step),
        **facts,
        result=outcome.result.value,
        detail=outcome.detail,
        advice=outcome.advice,
        objectId=outcome.object_id,
        requests=outcome.requests,
        seconds=round(outcome.seconds, 3),
        finished=event.finished,
        total=event.total,
    )


def _tell_log(screen: Screen, event: Progress) -> None:
    if isinstance(event, StepFinished):
        took = f" ({outcome_seconds(event.outcome)})" if event.outcome.result is not Result.SKIPPED else ""
        screen.say(f"[{event.finished}/{event.total}] {outcome_words(event.step, event.outcome)}{took}")


def outcome_words(step: Step, outcome: Outcome) -> str:
    """Return how a step ended, in one line."""
    return f"{outcome.result}  {what_words(step)}" + (f": {outcome.detail}" if outcome.detail else "")


def outcome_seconds(outcome: Outcome) -> str:
    """Return how long a step took: `0.2 s`."""
    return f"{outcome.seconds:.1f} s"


class View:
    """What a terminal shows of an apply; a pure reading of the events so far and a clock in seconds."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._began = clock()
        self._running: dict[str, tuple[Step, float]] = {}
        self._counts = dict.fromkeys(Result, 0)

    def take(self, event: Progress) -> str:
        """Take an event up; return the line that it leaves behind, if any."""
        if isinstance(event, StepStarted):
            self._running[event.step.id] = (event.step, self._clock())
            return ""
        self._running.pop(event.step.id, None)
        self._counts[event.outcome.result] += 1
        if event.outcome.result is Result.DONE:
            return ""
        return harmless(outcome_words(event.step, event.outcome))

    def running(self) -> list[str]:
        """Return a line per running step with its time, the longest first, and how many more there are."""
        now = self._clock()
        # A copy first: the view is drawn from another thread than the one that takes events up.
        steps = sorted([*self._running.values()], key=lambda each: each[1])
        lines = [f"running  {harmless(what_words(step))} ({now - since:.0f} s)" for step, since in steps[:MOST_RUNNING]]
        more = len(steps) - MOST_RUNNING
        return [*lines, f"         and {more} more"] if more > 0 else lines

    def counts(self) -> list[tuple[Result, str]]:
        """Return how many steps ended which way: done and failed always, the others where there are any."""
        always = (Result.DONE, Result.FAILED)
        return [(result, f"{count} {result}") for result, count in self._counts.items() if count or result in always]

    @property
    def finished(self) -> int:
        """How many steps have an outcome."""
        return sum(self._counts.values())

    def progress(self) -> str:
        """Return how far it is and since when: `3/10, 0:12`."""
        minutes, seconds = divmod(int(self._clock() - self._began), 60)
        return f"{self.finished}/{self._total}, {minutes}:{seconds:02}"

    def __rich__(self) -> Group:
        """Draw it."""
        # For start-up time: only a terminal needs it.
        from rich.console import Group  # noqa: PLC0415
        from rich.progress_bar import ProgressBar  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        counts = Text(", ").join(
            Text(words, style=_ROLES[result] if self._counts[result] else "dim") for result, words in self.counts()
        )
        row = Table.grid(padding=(0, 2))
        row.add_row("applying", ProgressBar(self._total, self.finished, width=_BAR_COLUMNS), self.progress(), counts)
        return Group(*(Text(line, overflow="ellipsis", no_wrap=True) for line in self.running()), row)


@contextlib.contextmanager
def _live(view: View) -> Iterator[Observer]:
    # For start-up time: only a terminal needs it.
    from rich.console import Console  # noqa: PLC0415
    from rich.live import Live  # noqa: PLC0415

    console = Console(stderr=True, no_color=not colourful(sys.stderr), highlight=False)
    with Live(view, console=console, transient=True, refresh_per_second=_REFRESHES) as shown:

        def observe(event: Progress) -> None:
            line = view.take(event)
            if line:
                shown.console.print(line, markup=False, highlight=False)

        yield observe
