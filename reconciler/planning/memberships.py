"""The steps of memberships: who joins, who leaves, and what nobody can see."""

from __future__ import annotations

from collections.abc import Sequence

from reconciler.kinds.registry import MEMBERSHIP
from reconciler.kinds.spec import RelationSpec
from reconciler.model.address import Address, Reference
from reconciler.model.desired import Mode
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import LedgerMembership, Owned
from reconciler.model.plan import Action, Change, End, FieldValue, Notice, Risk, Step
from reconciler.model.values import Plain
from reconciler.planning.describing import custody_of, source_of
from reconciler.planning.leaving import Because, disassociate, is_protected_login
from reconciler.planning.links import Evidence, Wanted, WantedSet, end_key, joined_reference
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, association_step_id, end_slug


def plan_set(situation: Situation, sketch: Sketch, evidence: Evidence, group: WantedSet) -> None:
    """Add the associations that are missing and, for an authoritative list, take off who is not on it."""
    joining: dict[tuple[int | None, bool, str, str], list[Wanted]] = {}
    for wanted in group.members.values():
        fact = _known(evidence, group.relation, wanted)
        sketch.note(fact)
        reason = _reason_to_associate(situation, sketch, group.relation, wanted, fact)
        if reason is None:
            continue
        certain = _starting_point_is_known(situation, group.relation, wanted, fact)
        if not group.relation.grouped:
            _associate(situation, sketch, group.relation, [wanted], (reason, certain, fact))
        else:
            key = (wanted.proficiency, certain, reason, str(wanted.document))
            joining.setdefault(key, []).append(wanted)
    for key in sorted(joining, key=str):
        first = joining[key][0]
        fact = _known(evidence, group.relation, first)
        _associate(situation, sketch, group.relation, joining[key], (key[2], key[1], fact))
    if group.authoritative and group.subject.id is not None:
        _take_off(situation, sketch, evidence, group)


def _known(evidence: Evidence, relation: RelationSpec, wanted: Wanted) -> Fact:
    if wanted.subject.id is None or wanted.member.id is None:
        # An object that is about to be created belongs to nothing yet.
        return Fact(value=False, mark=Knowledge.LIVE)
    return evidence.of(relation, wanted.subject.id, wanted.member.id)


def _reason_to_associate(
    situation: Situation, sketch: Sketch, relation: RelationSpec, wanted: Wanted, fact: Fact
) -> str | None:
    if _follows_from_own_field(situation, sketch, relation, wanted):
        return None
    if fact.value == wanted.value and fact.value is not None:
        asked_again = situation.policy.reassert and fact.mark is not Knowledge.LIVE
        return "reassert" if asked_again else None
    if fact.value is None:
        return "interrupted" if fact.at else "not-recorded"
    return "proficiency" if wanted.proficiency is not None and fact.value is not False else "missing-member"


def _follows_from_own_field(situation: Situation, sketch: Sketch, relation: RelationSpec, wanted: Wanted) -> bool:
    """Return whether the member's own field brings the association about, by its create or by a move planned before."""
    if not relation.primary or not wanted.member.managed:
        return False
    binding = situation.bindings.by_address.get(wanted.member.address)
    joined = joined_reference(situation, binding.desired) if binding is not None else None
    if binding is None or joined is None or end_key(joined[1]) != end_key(wanted.subject):
        return False
    if binding.live is None:
        return True
    return association_step_id(Action.ASSOCIATE, wanted.subject, wanted.member) in sketch.steps


def _starting_point_is_known(situation: Situation, relation: RelationSpec, wanted: Wanted, fact: Fact) -> bool:
    if wanted.subject.id is None and wanted.subject.managed:
        # A server may associate what the new object's own fields refer to (a campaign's default list).
        subject = situation.bindings.by_address[wanted.subject.address].desired
        mentioned = (situation.end(value) for value in subject.fields.values() if isinstance(value, Reference))
        return not any(end is not None and end_key(end) == end_key(wanted.member) for end in mentioned)
    return fact.value is False


def _associate(
    situation: Situation,
    sketch: Sketch,
    relation: RelationSpec,
    joining: Sequence[Wanted],
    how: tuple[str, bool, Fact],
) -> None:
    reason, certain, fact = how
    first = joining[0]
    members = tuple(item.member for item in joining)
    proves = relation.primary != ""
    sketch.add(
        Step(
            id=_associate_id(sketch, relation, first, members),
            action=Action.ASSOCIATE,
            kind=MEMBERSHIP,
            name=first.document.name,
            object_id=first.subject.id,
            reason=reason,
            explanation=_ASSOCIATE_EXPLANATIONS[reason],
            source=f"{first.place.file}:{first.place.line}",
            risk=Risk.UNVERIFIABLE,
            risk_reason=f"the API cannot list a {relation.subject.lower()}'s {relation.manifest_key}"
            + (", only a user's primary team" if proves else ""),
            unverifiable=True,
            changes=tuple(
                Change(
                    field=f"{relation.manifest_key}/{item.member.name}",
                    before=_plain_fact(fact),
                    after=item.value,
                    knowledge=fact.mark,
                )
                for item in joining
            ),
            relation=relation.name,
            subject=first.subject,
            members=members,
            proficiency=first.proficiency,
            certain=certain,
            keeps_primary=_primary_to_keep(situation, relation, first),
        )
    )


def _plain_fact(fact: Fact) -> Plain:
    return None if fact.value is False else fact.value


def _associate_id(sketch: Sketch, relation: RelationSpec, first: Wanted, members: Sequence[End]) -> str:
    if not relation.grouped:
        return association_step_id(Action.ASSOCIATE, first.subject, first.member)
    identifier = f"skill/{first.subject.id}/{Action.ASSOCIATE}/{first.proficiency}"
    if identifier in sketch.steps:
        identifier = f"{identifier}/{end_slug(members[0])}"
    return identifier


_ASSOCIATE_EXPLANATIONS = {
    "missing-member": "listed in Git, and not associated as far as is known",
    "not-recorded": "listed in Git; whether it is associated cannot be read, and was never recorded",
    "interrupted": "listed in Git; an earlier request about it was cut off, so its outcome is unknown",
    "proficiency": "listed in Git with another proficiency than was recorded",
    "reassert": "asked for by --reassert, although the ledger says that it holds",
}


def _primary_to_keep(situation: Situation, relation: RelationSpec, wanted: Wanted) -> FieldValue | None:
    if not relation.primary or not wanted.member.managed:
        return None
    binding = situation.bindings.by_address.get(wanted.member.address)
    joined = joined_reference(situation, binding.desired) if binding is not None else None
    if joined is None or end_key(joined[1]) == end_key(wanted.subject):
        return None
    subject = joined[1]
    return FieldValue(name=relation.primary, value=subject.id, refers=None if subject.id else subject.address)


def _take_off(situation: Situation, sketch: Sketch, evidence: Evidence, group: WantedSet) -> None:
    assert group.subject.id is not None
    relation = group.relation
    document = next(item for item in group.documents if item.mode is Mode.AUTHORITATIVE)
    members = evidence.members(relation, group.subject.id)
    leaving = []
    for member in members:
        end = situation.end_of(relation.member, member)
        if group.wants(end) or implied_by_own_field(situation, relation, member, group.subject):
            continue
        if situation.live.get(relation.member, member) is None:
            continue
        if is_protected_login(situation, relation.member, member):
            _say_untouched(sketch, document.address, end, group.subject)
            continue
        leaving.append(member)
    because = Because(
        reason="not-listed",
        explanation="associated as far as is known, and not listed in Git",
        document=document.address.name,
        source=f"{document.place.file}:{document.place.line}",
    )
    if relation.grouped and leaving:
        disassociate(situation, sketch, evidence, relation, (group.subject, leaving), because)
    elif leaving:
        for member in leaving:
            disassociate(situation, sketch, evidence, relation, (group.subject, [member]), because)


def implied_by_own_field(situation: Situation, relation: RelationSpec, member: int, subject: End) -> bool:
    """Return whether a member's own field (a user's `team`) asks for this subject, so that no list need repeat it."""
    claim = situation.bindings.of(relation.member, member)
    joined = joined_reference(situation, claim.desired) if claim is not None and relation.primary else None
    return joined is not None and end_key(joined[1]) == end_key(subject)


def _say_untouched(sketch: Sketch, document: Address, member: End, subject: End) -> None:
    sketch.warnings.append(
        Notice(
            rule="protected-login",
            message=f"{member.name} is in {subject.kind} {subject.name} and not listed; a protected login is never "
            "written to, so it stays",
            address=str(document),
        )
    )


def say_unseen(situation: Situation, sketch: Sketch, groups: Sequence[WantedSet]) -> None:
    """
    Say where an authoritative list may have members that nobody here associated.

    Subjects that this plan adopts, or whose members it changes, are named; the others, of which nothing new is to be
    said, share one line.
    """
    changing = {end_key(step.subject) for step in sketch.steps.values() if step.subject is not None}
    silent: dict[str, set[tuple[str, str]]] = {}
    for group in groups:
        if not group.authoritative or group.subject.id is None:
            continue
        adopted = group.subject.managed and sketch.has(group.subject.address, Action.ADOPT)
        if end_key(group.subject) not in changing and not adopted:
            silent.setdefault(group.subject.kind, set()).add(end_key(group.subject))
            continue
        document = next(item for item in group.documents if item.mode is Mode.AUTHORITATIVE)
        sketch.unverifiable.append(
            Notice(
                rule="members-unseen",
                message=f"{group.subject.kind} {group.subject.name} may have {group.relation.manifest_key} that nobody "
                "here associated: the API cannot list them",
                address=str(document.address),
                source=source_of(document),
            )
        )
    if silent:
        counted = ", ".join(
            f"{len(subjects)} {kind.lower()}{'s' if len(subjects) > 1 else ''}"
            for kind, subjects in sorted(silent.items())
        )
        sketch.unverifiable.append(
            Notice(
                rule="members-unseen",
                message=f"{counted} may have members that nobody here associated: the API cannot list them",
            )
        )


def own_memberships(situation: Situation, sketch: Sketch, groups: Sequence[WantedSet]) -> None:
    """Note in the ledger which documents own which relations, so that their removal can be understood later."""
    owned: dict[Address, list[tuple[str, str]]] = {}
    documents = {}
    for group in groups:
        for document in group.documents:
            name = str(group.subject.address) if group.subject.managed else f"{group.subject.kind}#{group.subject.id}"
            owned.setdefault(document.address, []).append((group.relation.name, name))
            documents[document.address] = document
    for address in sorted(owned):
        record = LedgerMembership(
            owned=tuple(sorted(owned[address])),
            custody=custody_of(documents[address]),
        )
        if situation.ledger.memberships.get(str(address)) != record:
            sketch.bookkeeping.append(Owned(address=address, membership=record))
