"""What planning found of each object, in one word with a reason, and field by field where not everything is settled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.kinds.registry import kind_named
from reconciler.model.address import Address
from reconciler.model.assessment import Assessment, FieldAssessment, Mover, Status
from reconciler.model.desired import DesiredMembership
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.plan import End
from reconciler.model.values import plain
from reconciler.planning.comparing import FieldComparison
from reconciler.planning.describing import show
from reconciler.planning.links import Evidence, Wanted, WantedSet
from reconciler.planning.matching import Binding
from reconciler.planning.memberships import implied_by_own_field
from reconciler.planning.situation import Situation
from reconciler.planning.switches import manages_activity

_REASONS = {
    Status.IN_SYNC: "as declared",
    Status.DRIFTED: "the target was changed since the last apply",
    Status.PENDING: "Git was changed since the last apply",
    Status.OPERATIONAL: "only fields that floor managers own were changed in the target",
    Status.CANNOT_TELL: "the API cannot say, and nothing was recorded",
}


def assess_missing(situation: Situation, binding: Binding) -> Assessment:
    """Assess a document without a live object: never created, or gone."""
    wanted = binding.desired
    recorded = situation.ledger.objects.get(wanted.address)
    gone = recorded is not None
    return Assessment(
        address=wanted.address,
        status=Status.MISSING if gone else Status.PENDING,
        reason=f"it was recorded as Id {recorded.id}, which the target no longer has"
        if recorded is not None
        else "it is new in Git",
        natural_key=wanted.natural_key,
        place=wanted.place,
        labels=wanted.labels,
    )


def assess_existing(situation: Situation, binding: Binding, comparisons: Sequence[FieldComparison]) -> Assessment:
    """Assess a document that has a live object, from its comparisons and its activity."""
    wanted, live = binding.desired, binding.live
    assert live is not None
    at = binding.record.at if binding.record is not None else ""
    fields = [_field(situation, item, at) for item in comparisons if not item.settled]
    activity = _activity(situation, binding)
    if activity is not None:
        fields.append(activity)
    status = _status(fields)
    reason = _REASONS[status]
    if status is Status.DRIFTED and all(item.mover is Mover.NOBODY_KNOWS for item in fields if not item.settled):
        reason = "the target is not as declared, and nothing was ever applied"
    return Assessment(
        address=wanted.address,
        status=status,
        reason=reason,
        id=live.id,
        natural_key=live.natural_key,
        place=wanted.place,
        labels=wanted.labels,
        fields=tuple(fields),
        knowledge=activity.knowledge if activity is not None and activity.settled else Knowledge.LIVE,
    )


def assess_memberships(situation: Situation, evidence: Evidence, groups: Sequence[WantedSet]) -> Iterator[Assessment]:
    """Assess each Membership document from what is known of its associations."""
    by_document: dict[Address, list[tuple[WantedSet, DesiredMembership]]] = {}
    for group in groups:
        for document in group.documents:
            by_document.setdefault(document.address, []).append((group, document))
    for address in sorted(by_document):
        fields: list[FieldAssessment] = []
        for group, document in by_document[address]:
            fields.extend(_links(situation, evidence, group, document))
        status = _status(fields)
        first = by_document[address][0][1]
        yield Assessment(
            address=address,
            status=status,
            reason=_REASONS[status],
            place=first.place,
            labels=first.labels,
            fields=tuple(fields),
            knowledge=_weakest(fields),
        )


def assess_unmanaged(situation: Situation) -> Iterator[Assessment]:
    """Assess every live object that nobody declares: never touched, only listed."""
    for live in situation.live:
        if situation.bindings.of(live.kind, live.id) is None:
            yield Assessment(
                address=Address(live.kind, f"#{live.id}"),
                status=Status.UNMANAGED,
                reason="no document declares it",
                id=live.id,
                natural_key=live.natural_key,
            )


def _field(situation: Situation, item: FieldComparison, at: str) -> FieldAssessment:
    return FieldAssessment(
        name=item.spec.name,
        desired=show(situation, item.spec, item.wanted, item.refers),
        live=show(situation, item.spec, item.live),
        applied=show(situation, item.spec, item.applied) if item.was_applied else None,
        mover=item.mover,
        knowledge=Knowledge.LIVE,
        at=at,
        operational=item.operational and not item.planned,
    )


def _activity(situation: Situation, binding: Binding) -> FieldAssessment | None:
    wanted, live = binding.desired, binding.live
    assert live is not None
    if not manages_activity(situation, binding):
        return None
    known = situation.activity(kind_named(live.kind), live)
    settled = known.value == wanted.active
    if settled and known.mark is Knowledge.LIVE:
        return None
    last = situation.ledger.is_active(live.kind, live.id)
    return FieldAssessment(
        name="active",
        desired=wanted.active,
        live=known.value if known.mark is Knowledge.LIVE else None,
        applied=last.value,
        mover=Mover.NOBODY if settled else _mover(wanted.active, known, last),
        knowledge=known.mark,
        at=known.at or last.at,
        settled=settled,
    )


def _links(
    situation: Situation, evidence: Evidence, group: WantedSet, document: DesiredMembership
) -> Iterator[FieldAssessment]:
    for wanted in group.members.values():
        if wanted.document == document.address:
            fact = _fact(evidence, group, wanted)
            found = _link(group, wanted.member, wanted.value, fact)
            # Of an object that does not exist yet nothing in the target can have moved.
            yield replace(found, mover=Mover.GIT) if wanted.subject.id is None or wanted.member.id is None else found
    if not group.authoritative or group.subject.id is None or document is not group.documents[0]:
        return
    for member, fact in evidence.members(group.relation, group.subject.id).items():
        end = situation.end_of(group.relation.member, member)
        if not group.wants(end) and not implied_by_own_field(situation, group.relation, member, group.subject):
            yield _link(group, end, False, fact)


def _fact(evidence: Evidence, group: WantedSet, wanted: Wanted) -> Fact:
    if wanted.subject.id is None or wanted.member.id is None:
        return Fact(value=False, mark=Knowledge.LIVE)
    return evidence.of(group.relation, wanted.subject.id, wanted.member.id)


def _link(group: WantedSet, member: End, desired: object, fact: Fact) -> FieldAssessment:
    settled = fact.value == desired and fact.value is not None
    wanted = plain(desired) if isinstance(desired, (bool, int)) else None
    return FieldAssessment(
        name=f"{group.relation.manifest_key}/{member.name}",
        desired=wanted,
        live=fact.value if fact.mark is Knowledge.LIVE else None,
        applied=fact.value if fact.mark is not Knowledge.LIVE else None,
        mover=Mover.NOBODY if settled else _mover(wanted, fact, fact),
        knowledge=fact.mark,
        at=fact.at,
        settled=settled,
    )


def _mover(desired: object, known: Fact, last: Fact) -> Mover:
    if known.value is None:
        return Mover.NOBODY_KNOWS
    if known.mark is not Knowledge.LIVE:
        # What is only remembered has not been seen to move: Git did.
        return Mover.GIT
    if last.mark is Knowledge.LIVE or last.value is None:
        return Mover.LIVE if desired is False else Mover.NOBODY_KNOWS
    return Mover.GIT if last.value == known.value else Mover.LIVE if last.value == desired else Mover.BOTH


def _status(fields: Sequence[FieldAssessment]) -> Status:
    loose = [item for item in fields if not item.settled]
    firm = [item for item in loose if not item.operational]
    if any(_is_drift(item) for item in firm):
        return Status.DRIFTED
    if any(item.mover is Mover.GIT for item in firm):
        return Status.PENDING
    if firm:
        return Status.CANNOT_TELL
    return Status.OPERATIONAL if loose else Status.IN_SYNC


def _is_drift(item: FieldAssessment) -> bool:
    if item.mover in (Mover.LIVE, Mover.BOTH):
        return True
    return item.mover is Mover.NOBODY_KNOWS and item.knowledge is Knowledge.LIVE


def _weakest(fields: Sequence[FieldAssessment]) -> Knowledge:
    marks = {item.knowledge for item in fields}
    for mark in (Knowledge.UNKNOWN, Knowledge.ASSUMED, Knowledge.RECORDED):
        if mark in marks:
            return mark
    return Knowledge.LIVE
