"""
`reconciler demo`: the whole loop, as a user would type it, on the embedded simulator.

Every command line that is shown is run through the real command line, and what follows it is its real output; of a long
one the middle is left out, and counted.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from reconciler.cli.options import common_options
from reconciler.cli.session import Session, current
from reconciler.errors import ReconcilerError

_BOLD, _DIM, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """A command; of its output the first `head` and the last `tail` lines are shown."""

    says: str
    arguments: tuple[str, ...]
    expected: int = 0
    head: int = 40
    tail: int = 20


_BEFORE = (
    _Scene(says="Check every manifest, offline", arguments=("validate",)),
    _Scene(says="Nothing is there yet: what would an apply do?", arguments=("plan",), head=44, tail=12),
    _Scene(
        says="Do it: the same plan, approved beforehand, and then what became of each step",
        arguments=("apply", "--auto-approve", "--quiet"),
        head=1,
        tail=12,
    ),
    _Scene(
        says="Plan again: nothing is left to do, and the exit code says so", arguments=("plan", "--detailed-exitcode")
    ),
)
_AFTER = (
    _Scene(says="Who moved, Git or the target? Exit code 2 means drift", arguments=("drift",), expected=2),
    _Scene(says="Bring it back to what Git says", arguments=("apply", "--auto-approve", "--quiet")),
    _Scene(says="And now?", arguments=("drift",)),
)


@click.command(name="demo")
@common_options
def command() -> int:
    """
    Run the whole loop on the embedded simulator, in a temporary directory.

    A small contact centre, the packaged example, is validated, planned, applied and planned again; then somebody
    changes a campaign by hand, drift shows it, and apply repairs it. Nothing outside the directory is touched, and it
    is removed at the end.
    """
    # Not needed for --help, and with it come the YAML, schema and HTTP libraries.
    from reconciler.cli import staging  # noqa: PLC0415

    session = current()
    with (
        tempfile.TemporaryDirectory(prefix="reconciler-demo-") as folder,
        _stage(Path(folder), staging.password_variables),
    ):
        good = _play(session, _BEFORE, first=1)
        if good:
            _narrate(session, len(_BEFORE) + 1, staging.change_by_hand(Path(folder)))
            good = _play(session, _AFTER, first=len(_BEFORE) + 2)
    if good:
        session.screen.result("\nThat is the loop. To keep a directory of your own: see the README.")
    return 0 if good else 1


def example_directory() -> Path:
    """Return the example's folder: packaged in a wheel, beside the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "examples" / "config", package.parent / "examples" / "config"):
        if folder.is_dir():
            return folder
    raise ReconcilerError("the packaged example is missing", hint="install the package again")


@contextlib.contextmanager
def _stage(folder: Path, variables: Callable[[Path], Iterable[str]]) -> Iterator[None]:
    """Work in a copy of the example, with made-up passwords and without the caller's own settings."""
    shutil.copytree(example_directory(), folder, dirs_exist_ok=True)
    before = dict(os.environ)
    for name in [name for name in os.environ if name.startswith("RECONCILER_")]:
        del os.environ[name]
    for name in variables(folder):
        os.environ[name] = secrets.token_urlsafe(16)
    try:
        with contextlib.chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _play(session: Session, scenes: tuple[_Scene, ...], *, first: int) -> bool:
    from reconciler.cli.main import run  # noqa: PLC0415  # main finds this module through its table of commands

    for number, scene in enumerate(scenes, start=first):
        _narrate(session, number, scene.says)
        session.screen.result(_style(session, f"$ reconciler {' '.join(scene.arguments)}", _BOLD))
        shown = _Capture(session.screen.colour)
        with contextlib.redirect_stdout(shown):
            code = run(scene.arguments)
        session.screen.result(_excerpt(session, shown.getvalue(), scene))
        if code:
            session.screen.result(_style(session, f"(exit code {code})", _DIM))
        if code != scene.expected:
            session.screen.fail(f"the demo expected exit code {scene.expected} here, and stops")
            return False
    return True


class _Capture(io.StringIO):
    """A buffer that takes colours where the real output would."""

    def __init__(self, colour: bool) -> None:
        super().__init__()
        self._colour = colour

    def isatty(self) -> bool:
        return self._colour


def _narrate(session: Session, number: int, text: str) -> None:
    session.screen.result(_style(session, f"\n{number}. {text}", _BOLD))


def _excerpt(session: Session, text: str, scene: _Scene) -> str:
    lines = text.splitlines()
    left_out = len(lines) - scene.head - scene.tail
    if left_out <= 1:
        return text
    mark = _style(session, f"  ... {left_out:,} lines left out here ...", _DIM)
    return "\n".join([*lines[: scene.head], mark, *lines[-scene.tail :]])


def _style(session: Session, text: str, style: str) -> str:
    return f"{style}{text}{_RESET}" if session.screen.colour else text
