"""In and out of use: four spellings, and activity that can be read back on some kinds and servers only."""

from __future__ import annotations

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.applying.verifying import is_entity
from reconciler.errors import AmbiguousError, RefusedError
from reconciler.kinds.codec import read_active
from reconciler.kinds.registry import kind_named
from reconciler.kinds.requests import activity_request
from reconciler.model.ledger import Flag
from reconciler.model.plan import Action

ALREADY_SO = "it was so already, nothing was sent"


def switch(attempt: Attempt) -> None:
    """Activate or deactivate an object; where activity can be read, before and after."""
    step = attempt.step
    wanted = step.action is Action.ACTIVATE
    object_id = attempt.own_id()
    flag = Flag(step.kind, object_id)
    with attempt.run.exclusively(step.kind, object_id):
        shown = _shown(attempt, object_id)
        if shown is wanted:
            attempt.note(ALREADY_SO)
            attempt.activated(flag, wanted)
            return
        attempt.intend(flags=(flag,))
        if shown is None:
            _switch_blindly(attempt, flag, wanted=wanted)
        else:
            _switch_seeing(attempt, flag, wanted=wanted)


def _shown(attempt: Attempt, object_id: int) -> bool | None:
    """Return the activity as the server shows it, None where it does not; a kind that does not is asked once."""
    run, kind = attempt.run, attempt.step.kind
    if kind in run.silent_kinds:
        return None
    active = read_active(attempt.read(kind, object_id))
    if active is None and not kind_named(kind).activity.readable:
        run.silent_kinds.add(kind)
    return active


def _switch_seeing(attempt: Attempt, flag: Flag, *, wanted: bool) -> None:
    doubt: AmbiguousError | None = None
    answer: object = None
    try:
        answer = attempt.send(activity_request(flag.kind, flag.id, active=wanted))
    except AmbiguousError as error:
        doubt = error
    active = read_active(answer) if is_entity(answer) else None
    if active is not wanted:
        active = read_active(attempt.read(flag.kind, flag.id))
    if active is not None:
        attempt.activated(flag, active)
    if active is wanted:
        if doubt is not None:
            attempt.note("the answer was lost; reading it again shows the change")
        return
    if doubt is not None:
        reason = doubt.__cause__ if doubt.__cause__ is not None else doubt
        raise StepStopped(f"{reason}; reading it again shows that it was not changed", advice="run again")
    raise StepStopped(
        f"the server said that it is done, but it still reads as {'inactive' if wanted else 'active'}",
        advice="see in the portal whether the account may change it, then run again",
    )


def _switch_blindly(attempt: Attempt, flag: Flag, *, wanted: bool) -> None:
    """Set what nobody can read; a refusal where the starting point is not known is settled by there and back again."""
    known = attempt.before(flag).value
    certain = attempt.step.certain and known is (not wanted)
    try:
        attempt.send(activity_request(flag.kind, flag.id, active=wanted))
    except AmbiguousError as doubt:
        if not isinstance(doubt.__cause__, RefusedError):
            raise
        _there_and_back(attempt, flag, doubt.__cause__, wanted=wanted)
    except RefusedError as refusal:
        if certain:
            raise
        _there_and_back(attempt, flag, refusal, wanted=wanted)
    attempt.activated(flag, wanted)


def _there_and_back(attempt: Attempt, flag: Flag, refusal: RefusedError, *, wanted: bool) -> None:
    attempt.stop_when_stranded(refusal)
    verbs = ("deactivated", "activated") if wanted else ("activated", "deactivated")
    try:
        attempt.send(activity_request(flag.kind, flag.id, active=not wanted))
    except RefusedError:
        turned = False
    else:
        turned = True
    try:
        attempt.send(activity_request(flag.kind, flag.id, active=wanted))
    except AmbiguousError:
        raise
    except RefusedError as error:
        if not turned:
            raise refusal from error
        attempt.run.stranded = f"the activity of {flag.kind} {flag.id}"
        attempt.activated(flag, not wanted)
        raise StepStopped(
            f"refused ({refusal.message}), then {verbs[0]} to be certain, then refused again: {error.message}",
            advice=f"it is {verbs[0]} now: see to it in the portal, or run again",
        ) from error
    attempt.note(f"refused at first, its state being unknown: {verbs[0]} and {verbs[1]} to be certain")
