"""Updating: read the entity afresh, lay the values over it, PUT it whole, and verify what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.applying.verifying import Difference, differences, echoes_moved, is_entity, moved
from reconciler.errors import AmbiguousError
from reconciler.kinds.codec import live_object
from reconciler.kinds.registry import kind_named
from reconciler.kinds.requests import update_request
from reconciler.kinds.spec import KindSpec
from reconciler.model.address import Address
from reconciler.model.outcome import Result
from reconciler.model.plan import FieldValue

AS_STALE = "run plan again: somebody else changed it in the meantime"


def update(attempt: Attempt) -> None:
    """Change fields of an object, or send a user's password again; stale values stop it before anything is sent."""
    step, run = attempt.step, attempt.run
    object_id = attempt.own_id()
    values = attempt.resolved(step.values)
    with run.exclusively(step.kind, object_id):
        entity = attempt.read(step.kind, object_id)
        stop_when_stale(attempt, entity)
        attempt.intend()
        replace_entity(attempt, step.address, object_id, entity, values, rotation=step.rotation)


def stop_when_stale(attempt: Attempt, entity: Mapping[str, object]) -> None:
    """Raise StepStopped if the entity no longer shows what the plan rests on."""
    step = attempt.step
    writing = [value.name for value in step.values]
    changes = moved(kind_named(step.kind), step.seen, entity, attempt.run.zone, writing=writing)
    if changes:
        raise StepStopped(f"changed since the plan: {'; '.join(changes)}; nothing was sent", advice=AS_STALE)


def replace_entity(
    attempt: Attempt,
    address: Address,
    object_id: int,
    entity: Mapping[str, object],
    values: Sequence[FieldValue],
    *,
    rotation: int | None,
) -> None:
    """
    PUT the values over a freshly read entity, verify and record them; the object's lock is held, the intent written.

    Values that read back otherwise are a failure; the others are recorded all the same.
    """
    spec, run = kind_named(address.kind), attempt.run
    request = update_request(address.kind, object_id, entity, values, ids=attempt.id_of, zone=run.zone)
    try:
        answer = attempt.send(request, password=attempt.secret)
    except AmbiguousError as doubt:
        shown = _after_doubt(attempt, spec, object_id, values, before=entity, doubt=doubt)
    else:
        # The password is set by now, whatever reading back says.
        if rotation is not None:
            _record(attempt, spec, address, entity, (), rotation=rotation)
        shown = _read_back(attempt, spec, object_id, values, answer)
    wrong = differences(spec, values, shown, run.zone)
    failed = {difference.field.name for difference in wrong}
    _record(attempt, spec, address, shown, [value for value in values if value.name not in failed], rotation=rotation)
    for remark in echoes_moved(spec, entity, shown):
        attempt.note(remark)
    _judge(attempt, wrong)


def _read_back(
    attempt: Attempt, spec: KindSpec, object_id: int, values: Sequence[FieldValue], answer: object
) -> Mapping[str, object]:
    # Some answer with the entity as it was: only a GET settles that it is otherwise.
    ours = is_entity(answer) and live_object(spec, answer).id == object_id
    if ours and is_entity(answer) and not differences(spec, values, answer, attempt.run.zone):
        return answer
    return attempt.read(spec.name, object_id)


def _after_doubt(
    attempt: Attempt,
    spec: KindSpec,
    object_id: int,
    values: Sequence[FieldValue],
    *,
    before: Mapping[str, object],
    doubt: AmbiguousError,
) -> Mapping[str, object]:
    """Return the entity if it shows that the PUT was processed after all; raises what is known otherwise."""
    zone = attempt.run.zone
    missing = {difference.field.name for difference in differences(spec, values, before, zone)}
    if not missing:
        # Only the password was new, and nobody can read that.
        raise doubt
    shown = attempt.read(spec.name, object_id)
    still = {difference.field.name for difference in differences(spec, values, shown, zone)}
    if missing <= still:
        reason = doubt.__cause__ if doubt.__cause__ is not None else doubt
        raise StepStopped(f"{reason}; reading it again shows that it was not changed", advice="run again")
    attempt.note("the answer was lost; reading it again shows the change")
    return shown


def _record(
    attempt: Attempt,
    spec: KindSpec,
    address: Address,
    entity: Mapping[str, object],
    values: Sequence[FieldValue],
    *,
    rotation: int | None,
) -> None:
    live = live_object(spec, entity)
    attempt.bind(
        address=address,
        object_id=live.id,
        natural_key=live.natural_key,
        fields={value.name: value.value for value in values},
        rotation=rotation,
    )


def _judge(attempt: Attempt, wrong: Sequence[Difference]) -> None:
    for difference in wrong:
        if not difference.kept:
            attempt.note(f"{difference}: the API does not apply it here")
    kept = [str(difference) for difference in wrong if difference.kept]
    if kept:
        raise StepStopped(
            f"the server said that it is done, but reading it again shows otherwise: {'; '.join(kept)}",
            advice="see in the portal whether the account may change it, then run again",
            result=Result.FAILED,
        )
