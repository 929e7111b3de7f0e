"""Errors as people meet them: what, where, what was expected, what to do; all at once, and their exit code."""

from __future__ import annotations

import traceback

import click

from reconciler.cli.session import Session
from reconciler.errors import ConfigurationError, ReconcilerError

INTERRUPTED = 130
WRONG_USAGE = 64
FAILED = 1


def report(error: BaseException, session: Session) -> int:
    """Print an error on standard error and return the exit code it ends in; a traceback only with --debug."""
    if session.debug:
        # Without local variables and without the values of arguments: those may be secret.
        session.screen.trace("".join(traceback.format_exception(error)))
    match error:
        case click.exceptions.NoArgsIsHelpError():
            session.screen.log(error.format_message())
            return WRONG_USAGE
        case click.UsageError():
            return _wrong_usage(error, session)
        case ReconcilerError():
            if isinstance(error, ConfigurationError):
                session.screen.problems(error.problems)
            notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
            session.screen.fail(error.message + notes, hint=error.hint)
            return error.exit_code
        case KeyboardInterrupt() | click.Abort():
            session.screen.fail("interrupted; what was done is recorded")
            return INTERRUPTED
        case click.ClickException():
            session.screen.fail(error.format_message())
            return FAILED
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            session.screen.fail(f"{where}{error.strerror or type(error).__name__}")
            return FAILED
        case _:
            return _bug(error, session)


def _wrong_usage(error: click.UsageError, session: Session) -> int:
    command = error.ctx.command_path if error.ctx else "reconciler"
    message = error.format_message()
    session.screen.fail(message[:1].lower() + message[1:], hint=f"see {command} --help")
    return WRONG_USAGE


def _bug(error: BaseException, session: Session) -> int:
    # Its message was not written for people, and nobody checked that it holds no secret.
    frame = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {frame[0].filename.rpartition('reconciler/')[2]}:{frame[0].lineno}" if frame else ""
    hint = "run it again with --debug and report what it prints" if not session.debug else "report what stands above"
    session.screen.fail(f"this is a mistake in reconciler itself: {type(error).__name__}{place}", hint=hint)
    return FAILED
