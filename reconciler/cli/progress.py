"""
What people see of long work: a bar on a terminal, a line a step elsewhere, nothing when quiet.

Everything goes to standard error. rich is imported only where a bar is drawn, for the sake of start-up time.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.applying.progress import Progress, StepStarted
from reconciler.cli.screen import Screen, colourful, harmless
from reconciler.model.outcome import Result
from reconciler.render.wording import what_words

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


@contextlib.contextmanager
def reading(screen: Screen, url: str) -> Iterator[Reading]:
    """Show that the target is being read; the value given counts what arrives."""
    tally = Reading(screen, url)
    with contextlib.ExitStack() as stack:
        if screen.live:
            tally.bar = stack.enter_context(make_bar(total_known=False))
            tally.bar.add_task(f"reading {harmless(url)}", total=None)
        yield tally
    if tally.found:
        screen.say(f"read {', '.join(tally.counts())} from {url}")


class Reading:
    """Counts of what was read, by kind."""

    def __init__(self, screen: Screen, url: str) -> None:
        self.found: dict[str, int] = {}
        self.bar: Bar | None = None
        self._screen = screen
        self._url = url

    def __call__(self, kind: str, count: int) -> None:
        """Note a collection that has arrived; called from several threads."""
        self.found[kind] = count
        if self.bar is not None:
            shown = harmless(f"reading {self._url}: {', '.join(self.counts())}")
            self.bar.update(self.bar.task_ids[0], description=shown)

    def counts(self) -> list[str]:
        """Return each kind with its count, in a fixed order."""
        return [f"{count} {kind.lower()}{'s' if count != 1 else ''}" for kind, count in sorted(self.found.items())]


class Counter:
    """Progress through an apply's steps; a context manager."""

    def __init__(self, screen: Screen, total: int) -> None:
        self._screen = screen
        self._total = total
        self._bar: Bar | None = None

    def __enter__(self) -> Counter:
        if self._screen.live and self._total:
            self._bar = make_bar(total_known=True)
            self._bar.start()
            self._bar.add_task("applying", total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def observe(self, event: Progress) -> None:
        """Take up what an apply tells: on a terminal only what went wrong leaves a line behind."""
        if isinstance(event, StepStarted):
            return
        outcome = event.outcome
        text = f"{outcome.result}  {what_words(event.step)}" + (f": {outcome.detail}" if outcome.detail else "")
        if self._bar is None:
            self._screen.say(f"[{event.finished}/{event.total}] {text}")
            return
        if outcome.result is not Result.DONE:
            self._bar.console.print(harmless(text), markup=False, highlight=False)
        self._bar.update(self._bar.task_ids[0], completed=event.finished)


def make_bar(*, total_known: bool) -> Bar:
    """Return a bar on standard error, not started."""
    from rich.console import Console  # noqa: PLC0415  # for start-up time: only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True, no_color=not colourful(sys.stderr), highlight=False)
    text = TextColumn("{task.description}", markup=False)
    columns = (
        (text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        if total_known
        else (SpinnerColumn(), text, TimeElapsedColumn())
    )
    return Bar(*columns, console=console, transient=True)
