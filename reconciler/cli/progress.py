"""
What people see while the target is read: a spinner on a terminal, one line elsewhere, nothing when quiet.

Everything goes to standard error. rich is imported only where something is drawn, for the sake of start-up time.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reconciler.cli.screen import Screen, colourful, harmless

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


@contextlib.contextmanager
def reading(screen: Screen, url: str) -> Iterator[Reading]:
    """Show that the target is being read; the value given counts what arrives."""
    tally = Reading(screen, url)
    with contextlib.ExitStack() as stack:
        if screen.live:
            tally.bar = stack.enter_context(make_bar())
            tally.bar.add_task(f"reading {harmless(url)}", total=None)
        yield tally
    if tally.found and screen.machine:
        screen.event("read", message=f"read {', '.join(tally.counts())} from {url}", url=url, found=tally.found)
    elif tally.found:
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


def make_bar() -> Bar:
    """Return a spinner with a text on standard error, not started."""
    from rich.console import Console  # noqa: PLC0415  # for start-up time: only a terminal needs it
    from rich.progress import Progress as Bar  # noqa: PLC0415
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True, no_color=not colourful(sys.stderr), highlight=False)
    text = TextColumn("{task.description}", markup=False)
    return Bar(SpinnerColumn(), text, TimeElapsedColumn(), console=console, transient=True)
