"""One step from start to outcome: which part does it, and what its errors mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.applying.coding import set_code
from reconciler.applying.creating import adopt, create
from reconciler.applying.primary import associate
from reconciler.applying.replacing import update
from reconciler.applying.run import Run
from reconciler.applying.switching import switch
from reconciler.errors import AmbiguousError, LedgerError, LoginError, TargetError
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import Action, Step

_PARTS: Mapping[Action, Callable[[Attempt], None]] = {
    Action.CREATE: create,
    Action.UPDATE: update,
    Action.ADOPT: adopt,
    Action.ASSOCIATE: associate,
    Action.DISASSOCIATE: associate,
    Action.ACTIVATE: switch,
    Action.DEACTIVATE: switch,
    Action.SET_TYPE: set_code,
    Action.SET_STATUS: set_code,
}


def perform(run: Run, step: Step) -> Outcome:
    """Carry a step out, record it, and return its outcome; a refused login or an unwritable ledger halts the run."""
    began = run.clock()
    attempt = Attempt(run, step)
    result, detail, advice = _carry_out(attempt)
    return Outcome(
        step=step.id,
        result=result,
        detail=detail,
        advice=advice,
        object_id=attempt.object_id,
        requests=attempt.requests,
        seconds=max(0.0, (run.clock() - began).total_seconds()),
        notes=tuple(attempt.notes),
    )


def _carry_out(attempt: Attempt) -> tuple[Result, str, str]:
    try:
        ended = _try(attempt)
        attempt.conclude(ended[0], detail=ended[1])
    except LedgerError as error:
        attempt.run.halt(f"the ledger could not be written, so nothing more is sent: {error.message}")
        result = Result.UNKNOWN if attempt.touched else Result.FAILED
        what = "a request was sent, but" if attempt.touched else "nothing was sent, since"
        return result, f"{what} the ledger could not be written: {error.message}", error.hint
    return ended


def _try(attempt: Attempt) -> tuple[Result, str, str]:
    try:
        _PARTS[attempt.step.action](attempt)
    except StepStopped as stopped:
        return stopped.result, stopped.message, stopped.hint
    except LoginError as error:
        attempt.run.halt(f"the login was refused: {error.message}")
        return Result.FAILED, error.message, error.hint
    except AmbiguousError as error:
        return Result.UNKNOWN, error.message, error.hint
    except TargetError as error:
        return Result.FAILED, error.message, error.hint
    return Result.DONE, "", ""
