"""The requests that a step would send, as people review them: Ids to come as `{Kind/name}`, passwords by source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from reconciler.kinds.registry import kind_named
from reconciler.kinds.requests import (
    activity_request,
    association_request,
    code_request,
    create_request,
    update_request,
)
from reconciler.model.address import Address
from reconciler.model.plan import Action, End, FieldValue, Request, Step
from reconciler.model.values import Plain
from reconciler.planning.situation import Situation


def with_requests(situation: Situation, steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps with what they would send; a PUT shows what earlier steps of the plan will have changed."""
    arriving: dict[tuple[str, int], list[FieldValue]] = {}
    shown = []
    for step in steps:
        request = _request(situation, step, arriving)
        shown.append(step if request is None else replace(step, requests=(request,)))
        if step.primary and step.members[0].id is not None:
            arriving.setdefault((step.members[0].kind, step.members[0].id), []).extend(step.values)
        elif step.action is Action.SET_TYPE and step.object_id is not None:
            arriving.setdefault((step.kind, step.object_id), []).extend(step.values)
    return tuple(shown)


def _request(
    situation: Situation, step: Step, arriving: Mapping[tuple[str, int], Sequence[FieldValue]]
) -> Request | None:
    password = f"<{step.password}>" if step.password is not None else None
    target: Plain = step.object_id if step.object_id is not None else _placeholder(step.address)
    match step.action:
        case Action.ADOPT:
            return None
        case Action.CREATE:
            return create_request(step.kind, step.values, ids=_placeholder, zone=situation.zone, password=password)
        case Action.UPDATE:
            return _update(situation, step, target, password, arriving)
        case Action.ACTIVATE | Action.DEACTIVATE:
            return activity_request(step.kind, target, active=step.action is Action.ACTIVATE)
        case Action.SET_STATUS | Action.SET_TYPE:
            return code_request(step.kind, step.action, target, str(step.changes[0].after))
        case Action.ASSOCIATE | Action.DISASSOCIATE:
            assert step.subject is not None
            return association_request(
                step.relation,
                _id(step.subject),
                [_id(member) for member in step.members],
                associate=step.action is Action.ASSOCIATE,
                proficiency=step.proficiency,
            )


def _update(
    situation: Situation,
    step: Step,
    target: Plain,
    password: str | None,
    arriving: Mapping[tuple[str, int], Sequence[FieldValue]],
) -> Request:
    live = situation.live.get(step.kind, step.object_id) if step.object_id is not None else None
    entity = dict(live.entity) if live is not None else _created_entity(situation, step)
    by_then = arriving.get((step.kind, step.object_id or 0), ())
    request = update_request(
        step.kind,
        step.object_id or 0,
        entity,
        [*by_then, *step.values],
        ids=_placeholder,
        zone=situation.zone,
        password=password,
    )
    return replace(request, path=f"{kind_named(step.kind).path}/{target}")


def _created_entity(situation: Situation, step: Step) -> dict[str, object]:
    """What is known now of an object that an earlier step creates: what Git says of it; the rest is read then."""
    spec = kind_named(step.kind)
    wanted = situation.desired.objects[step.address]
    return {"Id": _placeholder(step.address), spec.field(spec.natural_key).wire: wanted.natural_key}


def _id(end: End) -> Plain:
    return end.id if end.id is not None else _placeholder(end.address)


def _placeholder(address: Address) -> str:
    return f"{{{address}}}"
