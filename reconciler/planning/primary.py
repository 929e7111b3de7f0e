"""Moving a member to the subject that its own field names: a user's primary team."""

from __future__ import annotations

from collections.abc import Iterable

from reconciler.kinds.registry import MEMBERSHIP, kind_named
from reconciler.kinds.relations import ASSOCIATE_SETS_PRIMARY
from reconciler.kinds.spec import FieldSpec, RelationSpec
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.plan import Action, Change, End, FieldValue, Risk, Step
from reconciler.planning.describing import no_password, source_of
from reconciler.planning.leaving import Because, disassociate
from reconciler.planning.links import Evidence, joined_reference
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, association_step_id


def plan_primary(situation: Situation, sketch: Sketch, evidence: Evidence, binding: Binding) -> None:
    """Add the move of an existing member whose own field (a user's `team`) names another subject than it has."""
    wanted, live = binding.desired, binding.live
    joined = joined_reference(situation, wanted)
    if joined is None or live is None:
        return
    relation, subject = joined
    primary = evidence.primary_of(relation, live.id)
    if subject.id is not None and primary == subject.id:
        return
    field = joining_field(relation)
    because = Because(
        reason="differs",
        explanation=f"{field.name} is to be {subject.name}, so the {live.kind.lower()} moves there",
        document=wanted.address.name,
        source=source_of(wanted),
    )
    left = tuple(_left_behind(situation, evidence, relation, (live.id, primary, subject)))
    for leaving in left:
        disassociate(
            situation, sketch, evidence, relation, (situation.end_of(relation.subject, leaving), [live.id]), because
        )
    stays = bool(primary) and primary not in left
    sketch.add(_step(situation, sketch, evidence, binding, (relation, subject, because), stays=stays))


def _needs_update(situation: Situation, *, stays: bool) -> bool:
    """Return whether this server is known to change the primary subject by an update only; `stays`: there is one."""
    learned = situation.ledger.learned.get(ASSOCIATE_SETS_PRIMARY)
    return learned == "no" or (learned == "when-empty" and stays)


def _step(
    situation: Situation,
    sketch: Sketch,
    evidence: Evidence,
    binding: Binding,
    move: tuple[RelationSpec, End, Because],
    *,
    stays: bool,
) -> Step:
    wanted, live = binding.desired, binding.live
    assert live is not None
    relation, subject, because = move
    member = situation.end_of(live.kind, live.id)
    primary = evidence.primary_of(relation, live.id)
    field = joining_field(relation)
    # A subject that is about to be created has no members yet.
    fact = Fact(value=False, mark=Knowledge.LIVE) if subject.id is None else evidence.of(relation, subject.id, live.id)
    before = situation.end_of(relation.subject, primary).name if primary else None
    needs_update = _needs_update(situation, stays=stays)
    identifier = association_step_id(Action.ASSOCIATE, subject, member)
    if needs_update and wanted.password is None:
        sketch.objections.append(no_password(wanted, identifier))
    return Step(
        id=identifier,
        action=Action.ASSOCIATE,
        kind=MEMBERSHIP,
        name=wanted.address.name,
        object_id=subject.id,
        reason=because.reason,
        explanation=because.explanation,
        source=because.source,
        risk=Risk.DISRUPTIVE if needs_update else Risk.NONE,
        risk_reason=f"the password is set again, from {wanted.password}: on this server only an update changes "
        f"a {live.kind.lower()}'s {field.name}"
        if needs_update
        else "",
        changes=(Change(field=field.name, before=before, after=subject.name),),
        values=(FieldValue(name=field.name, value=subject.id, refers=None if subject.id else subject.address),),
        password=wanted.password,
        relation=relation.name,
        subject=subject,
        members=(member,),
        certain=fact.value is False,
        primary=True,
    )


def _left_behind(
    situation: Situation, evidence: Evidence, relation: RelationSpec, move: tuple[int, int | None, End]
) -> Iterable[int]:
    """Yield the subject that a moving member leaves: the one we put it in, if no document still lists it there."""
    member, primary, subject = move
    claim = situation.bindings.of(relation.member, member)
    if claim is None or claim.record is None:
        return
    last = claim.record.fields.get(relation.primary)
    if not isinstance(last, int) or last in (0, subject.id):
        return
    if last != primary and evidence.of(relation, last, member).value is not True:
        return
    if situation.live.get(relation.subject, last) is None or _listed(situation, relation, last, member):
        return
    yield last


def _listed(situation: Situation, relation: RelationSpec, subject: int, member: int) -> bool:
    for document in situation.desired.memberships:
        if document.relation != relation.name:
            continue
        end = situation.end(document.subject)
        if end is None or end.id != subject:
            continue
        ends = (situation.end(item.reference) for item in document.members)
        if any(item is not None and item.id == member for item in ends):
            return True
    return False


def joining_field(relation: RelationSpec) -> FieldSpec:
    """Return the member's field that a relation's association changes."""
    return kind_named(relation.member).field(relation.primary)
