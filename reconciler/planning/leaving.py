"""Taking members off a subject: the step, what it puts at risk, and who is never touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reconciler.kinds.registry import MEMBERSHIP, kind_named
from reconciler.kinds.spec import RelationSpec
from reconciler.model.knowledge import Knowledge
from reconciler.model.plan import Action, Change, End, Risk, Step
from reconciler.planning.describing import RUNNING, STATUS, runs
from reconciler.planning.links import Evidence
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, association_step_id, end_slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why an association is touched: a closed reason code, its sentence, and the document and line that ask for it."""

    reason: str
    explanation: str
    document: str
    source: str


def is_protected_login(situation: Situation, kind: str, object_id: int) -> bool:
    """Return whether a live object is an account that is never written to."""
    live = situation.live.get(kind, object_id)
    if live is None or not kind_named(kind).login:
        return False
    return live.natural_key.casefold() in {login.casefold() for login in situation.policy.protected_logins}


def disassociate(
    situation: Situation,
    sketch: Sketch,
    evidence: Evidence,
    relation: RelationSpec,
    whom: tuple[End, Sequence[int]],
    because: Because,
) -> None:
    """Add the step that takes members off a subject, unless one is there already."""
    subject, member_ids = whom
    assert subject.id is not None
    members = tuple(situation.end_of(relation.member, member) for member in member_ids)
    identifier = association_step_id(Action.DISASSOCIATE, subject, members[0])
    if relation.grouped:
        identifier = f"skill/{subject.id}/{Action.DISASSOCIATE}"
        if identifier in sketch.steps:
            identifier = f"{identifier}/{end_slug(members[0])}"
    if identifier in sketch.steps:
        return
    facts = [evidence.of(relation, subject.id, member) for member in member_ids]
    sketch.held.setdefault((relation.name, subject.id), len(evidence.members(relation, subject.id)))
    removed = sketch.removed.setdefault((relation.name, subject.id), {})
    removed.update(dict.fromkeys(member_ids, identifier))
    risk, why = _risk_of_leaving(situation, evidence, relation, subject, removed)
    sketch.add(
        Step(
            id=identifier,
            action=Action.DISASSOCIATE,
            kind=MEMBERSHIP,
            name=because.document,
            object_id=subject.id,
            reason=because.reason,
            explanation=because.explanation,
            source=because.source,
            risk=risk,
            risk_reason=why,
            unverifiable=True,
            changes=tuple(
                Change(field=f"{relation.manifest_key}/{end.name}", before=fact.value, after=None, knowledge=fact.mark)
                for end, fact in zip(members, facts, strict=True)
            ),
            relation=relation.name,
            subject=subject,
            members=members,
            certain=all(fact.value is not None and fact.mark is not Knowledge.ASSUMED for fact in facts),
        )
    )


def _risk_of_leaving(
    situation: Situation, evidence: Evidence, relation: RelationSpec, subject: End, removed: Iterable[int]
) -> tuple[Risk, str]:
    assert subject.id is not None
    if relation.grouped:
        return Risk.DISRUPTIVE, "leads that need this skill may no longer find an agent"
    live = situation.live.get(relation.subject, subject.id)
    if live is not None and runs(kind_named(live.kind)) and situation.value_of(live, STATUS) == RUNNING:
        left = set(evidence.members(relation, subject.id)) - set(removed)
        if not left:
            return Risk.DISRUPTIVE, f"the campaign is running, and this takes its last {relation.member.lower()} away"
    return Risk.UNVERIFIABLE, f"the API cannot list a {relation.subject.lower()}'s {relation.manifest_key}"
