"""The main command, and the one place where an error becomes an exit code."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator, Sequence
from types import FrameType

import click

from reconciler import __version__
from reconciler.cli.commands import LazyGroup
from reconciler.cli.failures import report
from reconciler.cli.logs import configure
from reconciler.cli.options import common_options
from reconciler.cli.session import Session

_EPILOG = """\b
Exit codes:
  0    success: nothing to do, or everything done
  1    an error; some steps of an apply may be done, the report lists each
  2    plan --detailed-exitcode: there are changes; drift: drift was found
  3    the saved plan is stale: nothing was sent
  4    the state is locked by someone else: nothing was sent
  5    refused (a limit, a protected object, a freeze, no confirmation): nothing was sent
  64   wrong usage
  130  interrupted: what was done is recorded
"""


@click.group(
    cls=LazyGroup,
    name="reconciler",
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="COMMAND [ARGUMENTS]...",
)
@common_options
@click.version_option(__version__, prog_name="reconciler")
def reconciler() -> None:
    """
    Keep a MaxContact contact centre as its manifests in Git describe it.

    Write campaigns, lists, teams, users and who belongs where into YAML files; `plan` shows what would change, `apply`
    changes it, `drift` tells who moved since.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error ends here, as a message."""
    session = Session()
    configure(session.screen, verbose=False, quiet=False)
    try:
        with _termination_interrupts():
            code = reconciler.main(args=list(arguments), prog_name="reconciler", standalone_mode=False, obj=session)
    except SystemExit:
        # click's answer to a reader who left while help was printed: they have seen enough of it.
        code = 0
    except BaseException as error:
        code = report(error, session)
    try:
        session.screen.flush()
    except OSError as error:
        code = report(error, session)
    return code if isinstance(code, int) else 0


@contextlib.contextmanager
def _termination_interrupts() -> Iterator[None]:
    """Treat SIGTERM like Ctrl-C, so that a cancelled pipeline gets the same orderly end."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
