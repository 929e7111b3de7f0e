"""Deliver a result: to standard output in one format, and to files in others, from the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from reconciler.cli.options import TEXT, Output
from reconciler.cli.screen import Screen
from reconciler.errors import ReconcilerError
from reconciler.render.formats import Options

Rendering = Callable[[Options], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renderers:
    """
    How to write one value, by format.

    `shown` is the text for standard output where that is not all of it, since the rest belongs elsewhere.
    """

    formats: Mapping[str, Rendering]
    shown: Rendering | None = None


def deliver(screen: Screen, output: Output, renderers: Renderers, *, options: Options | None = None) -> None:
    """Write the reports, then the result; raises ReconcilerError when a file can't be written."""
    options = replace(options or Options(), now=timestamp())
    for form, file in output.reports:
        _write(file, renderers.formats[form](options))
    if output.format == TEXT:
        screen.result((renderers.shown or renderers.formats[TEXT])(replace(options, colour=screen.colour)))
    else:
        screen.document(renderers.formats[output.format](options))


def timestamp() -> str:
    """Return the present time as the ledger writes it: UTC, ISO 8601 to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def path_in_repository(directory: str) -> str:
    """Return a directory's path inside its Git repository, as other tools name its files; empty outside of one."""
    here = Path(directory).resolve()
    for folder in (here, *here.parents):
        if (folder / ".git").exists():
            return "" if folder == here else here.relative_to(folder).as_posix()
    return ""


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ReconcilerError(
            f"the report {file} could not be written: {error.strerror or error}",
            hint="name a file in a directory that exists and may be written to",
        ) from error
