"""A campaign's status and type: one call each, whose text may have to be the name or the number."""

from __future__ import annotations

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.applying.replacing import stop_when_stale
from reconciler.applying.switching import ALREADY_SO
from reconciler.errors import AmbiguousError, RefusedError, TargetError
from reconciler.kinds.codec import display, live_object, read_field
from reconciler.kinds.registry import kind_named
from reconciler.kinds.requests import code_request
from reconciler.kinds.spec import FieldSpec
from reconciler.model.plan import Action

PATCH_CODES = "patch-codes"
"""What the ledger calls the learned answer to: does a code travel as its name or as its number?"""
NAME, NUMBER = "name", "number"

_WAITS = (0.5, 1.0, 2.0)
"""Seconds between looks at a status that may take its time to read back."""


def set_code(attempt: Attempt) -> None:
    """Set a campaign's status or type, and wait until it reads back."""
    step, run = attempt.step, attempt.run
    object_id = attempt.own_id()
    field = kind_named(step.kind).field(step.values[0].name)
    code = step.values[0].value
    if not isinstance(code, int):
        raise StepStopped(f"{field.name} has no code to send", advice="make a new plan and apply that")
    with run.exclusively(step.kind, object_id):
        entity = attempt.read(step.kind, object_id)
        if read_field(field, entity, run.zone) == code:
            attempt.note(ALREADY_SO)
        else:
            stop_when_stale(attempt, entity)
            attempt.intend()
            _set(attempt, field, object_id, code)
        live = live_object(kind_named(step.kind), entity)
        attempt.bind(object_id=object_id, natural_key=live.natural_key, fields={field.name: code})
    if step.action is Action.SET_STATUS:
        run.restored(object_id)


def _set(attempt: Attempt, field: FieldSpec, object_id: int, code: int) -> None:
    learned = attempt.run.ledger.learned.get(PATCH_CODES, NAME)
    texts = {NUMBER: str(code)} if code not in range(len(field.codes)) else {NAME: field.codes[code], NUMBER: str(code)}
    complaints: list[str] = []
    advice = ""
    for form in sorted(texts, key=lambda form: form != learned):
        try:
            attempt.send(code_request(attempt.step.kind, attempt.step.action.value, object_id, texts[form]))
        except RefusedError as error:
            complaints.append(f'as "{texts[form]}": {error.message}')
            advice = error.hint
            continue
        except AmbiguousError as error:
            complaints.append(f'as "{texts[form]}": {error.message}')
            advice = error.hint
        if _reads_back(attempt, field, object_id, code):
            if form != learned:
                attempt.run.learn(PATCH_CODES, form)
            return
        complaints.append(f'as "{texts[form]}": it did not take, {field.name} reads {_read(attempt, field, object_id)}')
    raise StepStopped(
        f"{field.name} could not be set; {'; '.join(complaints)}", advice=advice or "see to it in the portal"
    )


def _reads_back(attempt: Attempt, field: FieldSpec, object_id: int, code: int) -> bool:
    for wait in (0.0, *_WAITS):
        if wait:
            attempt.run.sleep(wait)
        entity = attempt.read(attempt.step.kind, object_id)
        if read_field(field, entity, attempt.run.zone) == code:
            return True
    return False


def _read(attempt: Attempt, field: FieldSpec, object_id: int) -> str:
    try:
        entity = attempt.read(attempt.step.kind, object_id)
    except TargetError:
        return "unknown"
    return str(display(field, read_field(field, entity, attempt.run.zone)))
