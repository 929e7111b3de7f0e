"""
Creating and adopting: how an address gets its Id.

A create is never repeated blindly, since a duplicate can never be deleted. After an answer that leaves a doubt the
collection is read again, and a new object of that exact name is ours: the plan and the check before its first write saw
that there was none.
"""

from __future__ import annotations

from datetime import datetime

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.applying.verifying import differences, is_entity
from reconciler.errors import AmbiguousError, PendingError, RefusedError
from reconciler.kinds.codec import live_object
from reconciler.kinds.registry import kind_named
from reconciler.kinds.requests import create_request
from reconciler.model.ledger import Concluded, Intent, create_intended
from reconciler.model.live import LiveObject
from reconciler.model.outcome import Result
from reconciler.model.plan import FieldValue, Request, Step

_WAITS_FOR_A_NEW_OBJECT = (1.0, 2.0)
"""Seconds before the collection is read again: a server may still be at work on a request it never answered."""


def adopt(attempt: Attempt) -> None:
    """Record a live object as a document's, with the values that it has; nothing is sent."""
    step = attempt.step
    attempt.bind(
        object_id=attempt.own_id(),
        natural_key=step.natural_key,
        fields={value.name: value.value for value in step.values if value.refers is None},
        rotation=step.rotation,
    )
    intent = create_intended(attempt.run.ledger, step.address)
    if intent is not None:
        attempt.append(Concluded(step=intent.step, status="settled", at=attempt.run.now()))


def create(attempt: Attempt) -> None:
    """Send the POST, record the Id, and verify what came of it."""
    step, run = attempt.step, attempt.run
    _refuse_hidden(attempt)
    values = attempt.resolved(step.values)
    request = create_request(step.kind, values, ids=attempt.id_of, zone=run.zone)
    with run.exclusively(step.kind, _natural_key(step)):
        left = create_intended(run.ledger, step.address)
        attempt.intend()
        made = _from_before(attempt, left) or _post(attempt, request, last=False) or _post(attempt, request, last=True)
        if made is None:
            raise StepStopped("the create left no trace", result=Result.UNKNOWN)
        attempt.object_id = made.id
        attempt.bind(
            object_id=made.id,
            natural_key=_natural_key(step),
            fields={value.name: value.value for value in values},
            rotation=step.rotation,
        )
    _verify(attempt, values, made)


def _refuse_hidden(attempt: Attempt) -> None:
    """Stop where the recorded object is still there, only not listed: creating it again would double it for ever."""
    step, run = attempt.step, attempt.run
    record = run.ledger.objects.get(step.address)
    if record is None:
        return
    try:
        live = live_object(kind_named(step.kind), attempt.read(step.kind, record.id))
    except (RefusedError, ValueError):
        return
    if live.id == record.id and live.natural_key in (record.natural_key, _natural_key(step)):
        raise StepStopped(
            f"{step.address} is still there as Id {record.id}, although the collection does not list it, so nothing "
            "was created: this server seems to hide what is inactive",
            advice="activate it in the portal and plan again, or rename it there and run `state rm` to start anew",
        )


def _from_before(attempt: Attempt, left: Intent | None) -> LiveObject | None:
    """Return what a run that was cut off only just now has created after all, since this plan was made."""
    if left is None:
        return None
    age = attempt.run.clock() - datetime.fromisoformat(left.at)
    if age.total_seconds() > sum(_WAITS_FOR_A_NEW_OBJECT):
        return None
    found = _look_for_new(attempt)
    if found is not None:
        attempt.note("an interrupted run had created it; the object was found by its name")
    return found


def _post(attempt: Attempt, request: Request, *, last: bool) -> LiveObject | None:
    """Send the POST once; None when it left a doubt, no new object is there, and it may be sent once more."""
    try:
        answer = attempt.send(request, password=attempt.secret, repeatable=False)
    except AmbiguousError as doubt:
        found = _look_for_new(attempt)
        if found is None and isinstance(doubt, PendingError):
            # Sent once more it might be there twice as soon as the server gets round to both.
            raise StepStopped(
                f"{doubt.message}, and it is not there yet; it was not sent again, since it may still be created",
                advice="run again in a while: that looks for it first. Raise --timeout if the server is slow",
                result=Result.UNKNOWN,
            ) from doubt
        if found is None and last:
            raise
        if found is not None:
            attempt.note("the answer to the create was lost; the new object was found by its name")
        return found
    except RefusedError:
        # The second POST may be refused because of what the first one made.
        found = _look_for_new(attempt) if last else None
        if found is None:
            raise
        attempt.note("the answer to the create was lost; the new object was found by its name")
        return found
    if is_entity(answer):
        return live_object(kind_named(attempt.step.kind), answer)
    found = _look_for_new(attempt)
    if found is None:
        message = "the create was accepted, but its answer names no Id and no new object of that name is there"
        raise StepStopped(message, advice="look for it in the portal, then plan again", result=Result.UNKNOWN)
    attempt.note("the answer to the create named no Id; the new object was found by its name")
    return found


def _natural_key(step: Step) -> str:
    name = kind_named(step.kind).natural_key
    given = next((value.value for value in step.values if value.name == name), None)
    return given if isinstance(given, str) else step.natural_key


def _known_ids(attempt: Attempt) -> frozenset[int]:
    """Return every Id of the kind that plan or ledger knows to exist: none of these is the new object's."""
    kind, plan = attempt.step.kind, attempt.run.plan
    # What is created again is gone: a tenant that was set up anew counts its Ids from the start.
    records = list(attempt.run.ledger.objects.items())
    recorded = {
        item.id for address, item in records if address.kind == kind and (address, item.id) not in attempt.run.gone
    }
    planned = {step.object_id for step in plan.steps if step.kind == kind and step.object_id is not None}
    assessed = {item.id for item in plan.assessments if item.address.kind == kind and item.id is not None}
    return frozenset(recorded | planned | assessed)


def _look_for_new(attempt: Attempt) -> LiveObject | None:
    # Found out in doubt only: going through the whole centre for each create would make a step dearer with its size.
    known = _known_ids(attempt)
    name = _natural_key(attempt.step)
    for wait in (0.0, *_WAITS_FOR_A_NEW_OBJECT):
        if wait:
            attempt.run.sleep(wait)
        ours = [live for live in _read_live(attempt) if live.id not in known and live.natural_key == name]
        if len(ours) > 1:
            ids = ", ".join(str(live.id) for live in ours)
            raise StepStopped(
                f'the answer to the create was lost, and there are several new objects named "{name}": {ids}',
                advice="look at them in the portal and set metadata.id to the one that is meant",
            )
        if ours:
            return ours[0]
    return None


def _read_live(attempt: Attempt) -> list[LiveObject]:
    spec = kind_named(attempt.step.kind)
    try:
        return [live_object(spec, entity) for entity in attempt.read_all(spec.name)]
    except ValueError as error:
        raise StepStopped(
            f"the answer to the create was lost, and the collection could not be read: {error}", result=Result.UNKNOWN
        ) from error


def _verify(attempt: Attempt, values: tuple[FieldValue, ...], made: LiveObject) -> None:
    spec, zone = kind_named(attempt.step.kind), attempt.run.zone
    if not differences(spec, values, made.entity, zone):
        return
    wrong = []
    for difference in differences(spec, values, attempt.read(spec.name, made.id), zone):
        if not difference.kept or difference.field.endpoint == "set-status":
            attempt.note(f"{difference}: the API does not apply it here")
        elif difference.field.joined_by and _joins_later(attempt):
            attempt.note(f"{difference}: a later step sets it")
        else:
            wrong.append(str(difference))
    if wrong:
        raise StepStopped(
            f"created as {made.id}, but it does not show what was asked for: {'; '.join(wrong)}",
            advice="plan again: the next plan updates it",
        )


def _joins_later(attempt: Attempt) -> bool:
    address = attempt.step.address
    return any(
        step.primary and any(end.managed and end.address == address for end in step.members)
        for step in attempt.run.plan.steps
    )
