"""`reconciler init`: a directory to start from."""

from __future__ import annotations

from pathlib import Path

import click

from reconciler.cli.options import common_options, directory_argument
from reconciler.cli.session import current


@click.command(name="init")
@directory_argument
@common_options
def command(*, directory: str | None) -> int:
    """
    Write a starter directory: a project file, one example of each kind, a CI workflow and a .gitignore.

    It validates, plans and applies on the embedded simulator as it is. Nothing that exists is overwritten: where a file
    of the same name says something else, nothing is written at all.
    """
    from reconciler.cli.starter import set_up  # noqa: PLC0415  # not needed for --help

    session = current()
    place = session.directory(directory)
    written = set_up(Path(place))
    for name in written:
        session.screen.result(f"wrote {Path(place) / name}")
    if not written:
        session.screen.result(f"{place} has every file of the starter directory already; nothing was written")
    where = "" if place == "." else f" {place}"
    session.screen.say(f"try it: reconciler validate{where}, then plan and apply; the target is the embedded simulator")
    return 0
