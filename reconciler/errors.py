"""
Every error this package raises on purpose.

    ReconcilerError            exit 1   something is wrong; the message says what, the hint what to do
    |- UsageError              exit 64  the command line itself
    |- ConfigurationError      exit 1   manifests or project file; carries every Problem found
    |- SecretError             exit 1   a password source that gives nothing usable
    |- TargetError             exit 1   the management API could not be used
    |  |- UnreachableError             no answer: connection, TLS, time-out
    |  |  `- AmbiguousError            sent, but nobody knows whether it was processed
    |  |     `- PendingError            sent, and the server may be at work on it still
    |  |- LoginError                   the login was refused, or the token twice
    |  |- RefusedError                 the API answered, and said no
    |  `- MalformedError               an answer that is not what the API document promises
    |- LedgerError             exit 1   a ledger that is missing, torn or of another lineage
    |  `- LockedError          exit 4   someone else holds the ledger
    |- StaleError              exit 3   the target or the ledger moved since the plan; nothing was sent
    |- RefusalError            exit 5   a limit, a protected object, a freeze: nothing was sent
    `- InterruptedRunError     exit 130 stopped by a signal; what was done is recorded

A message never holds a secret: the values that could (passwords, tokens, headers) are wrapped in
`reconciler.model.secret.Secret` long before a message is made.
"""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.model.problem import Problem


class ReconcilerError(Exception):
    """Base of the tree: a message for people, what to do about it, and the exit code it ends in."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReconcilerError):
    """The command line asks for something that makes no sense."""

    exit_code = 64


class ConfigurationError(ReconcilerError):
    """Manifests or project file are invalid; `problems` holds all of them, in reading order."""

    def __init__(self, message: str, *, problems: Sequence[Problem] = (), hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)


class SecretError(ReconcilerError):
    """A password source gives nothing usable."""


class TargetError(ReconcilerError):
    """The management API could not be used."""


class UnreachableError(TargetError):
    """There was no answer, and the request certainly was not processed."""


class AmbiguousError(UnreachableError):
    """The request left, and its outcome is unknown: dropped connection, time-out or a 5xx answer."""


class PendingError(AmbiguousError):
    """No answer in time: the request may still be processed, after anything that is read now."""


class LoginError(TargetError):
    """The login was refused, or a fresh token was."""


class RefusedError(TargetError):
    """The API answered no: `status` is the HTTP status, `code` and `detail` the envelope's."""

    def __init__(self, message: str, *, status: int = 0, code: str = "", detail: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code
        self.detail = detail


class MalformedError(TargetError):
    """An answer that is not what the API document promises (an HTML page with status 200, say)."""


class LedgerError(ReconcilerError):
    """A ledger that is missing, torn or of another lineage."""


class LockedError(LedgerError):
    """Someone else holds the ledger; the message names them and since when."""

    exit_code = 4


class StaleError(ReconcilerError):
    """The target or the ledger moved since the plan was made; nothing was sent."""

    exit_code = 3


class RefusalError(ReconcilerError):
    """A limit, a protected object or login, or a freeze; nothing was sent."""

    exit_code = 5


class InterruptedRunError(ReconcilerError):
    """A signal stopped the run; what was done is recorded."""

    exit_code = 130
