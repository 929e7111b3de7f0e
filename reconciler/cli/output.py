"""Deliver a result: to standard output in one format, and to files in others, from the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from reconciler.cli.options import Output
from reconciler.cli.screen import Screen
from reconciler.errors import ReconcilerError

TEXT = "text"


class TextRenderer(Protocol):
    """What writes a value for a terminal or a log; `now` is what ages are counted from."""

    def __call__(self, *, colour: bool, now: str) -> str:
        """Return the text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderers:
    """
    How to write one value: as text, and in each machine format by name.

    `shown` is the text for standard output where that is not all of it, since the rest belongs on standard error.
    """

    text: TextRenderer
    shown: TextRenderer | None = None
    others: Mapping[str, Callable[[], str]] = field(default_factory=dict)


def deliver(screen: Screen, output: Output, renderers: Renderers) -> None:
    """Write the reports, then the result; raises ReconcilerError when a file can't be written."""
    now = timestamp()
    for form, file in output.reports:
        _write(file, renderers.text(colour=False, now=now) if form == TEXT else renderers.others[form]())
    if output.format == TEXT:
        screen.result((renderers.shown or renderers.text)(colour=screen.colour, now=now))
    else:
        screen.document(renderers.others[output.format]())


def timestamp() -> str:
    """Return the present time as the ledger writes it: UTC, ISO 8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ReconcilerError(
            f"the report {file} could not be written: {error.strerror or error}",
            hint="name a file in a directory that exists and may be written to",
        ) from error
