"""
What the removal of a document means: nothing can be deleted through this API.

`keep` releases the object without a request. `deactivate` takes it out of use: status down, memberships off, inactive.
What a removed document asked for (its protection, its onRemoval) is remembered by the ledger, so that a guard doesn't
vanish together with the thing that it guards.
"""

from __future__ import annotations

from reconciler.kinds.codec import display
from reconciler.kinds.registry import kind_named, relation_named
from reconciler.model.address import Address, Reference
from reconciler.model.assessment import Assessment, Status
from reconciler.model.desired import OnRemoval
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Custody, LedgerMembership, LedgerObject
from reconciler.model.live import LiveObject
from reconciler.model.plan import Action, Change, End, FieldValue, Objection, Release, Risk, Step
from reconciler.planning.describing import NOT_RUNNING, RUNNING, STATUS, runs
from reconciler.planning.leaving import Because, disassociate, is_protected_login
from reconciler.planning.links import Evidence
from reconciler.planning.scope import in_scope
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, object_step_id

LEDGER_SOURCE = "(removed from Git)"


def plan_removals(situation: Situation, sketch: Sketch, evidence: Evidence) -> None:
    """Add what follows from documents that the ledger knows and Git no longer has."""
    moved = {binding.moved_from for binding in situation.bindings.by_address.values()}
    for address in sorted(situation.ledger.objects):
        record = situation.ledger.objects[address]
        gone = address not in situation.desired.objects and address not in moved
        if gone and in_scope(situation.policy.scope, address, record.custody.labels):
            _remove_object(situation, sketch, evidence, address, record)
    declared = {str(document.address) for document in situation.desired.memberships}
    for name in sorted(situation.ledger.memberships):
        membership = situation.ledger.memberships[name]
        address = Address.parse(name)
        if name not in declared and in_scope(situation.policy.scope, address, membership.custody.labels):
            _remove_membership(situation, sketch, evidence, address, membership)


def _meaning(situation: Situation, custody: Custody) -> OnRemoval:
    if situation.policy.prune:
        return OnRemoval.DEACTIVATE
    return custody.on_removal or situation.policy.on_removal


def _remove_object(
    situation: Situation, sketch: Sketch, evidence: Evidence, address: Address, record: LedgerObject
) -> None:
    live = situation.live.get(address.kind, record.id)
    claimed = situation.bindings.of(address.kind, record.id)
    if live is None or claimed is not None:
        reason = "another document declares it now" if claimed else "the target no longer has it"
        sketch.releases.append(Release(address=address, id=record.id, reason=reason))
        return
    if _meaning(situation, record.custody) is OnRemoval.KEEP:
        sketch.releases.append(
            Release(address=address, id=record.id, reason="its document was removed; onRemoval is keep")
        )
        return
    steps = _take_out_of_use(situation, sketch, evidence, address, live)
    sketch.releases.append(
        Release(
            address=address,
            id=record.id,
            reason="its document was removed; onRemoval is deactivate",
            after=tuple(sorted(steps)),
        )
    )
    sketch.assessments.append(
        Assessment(
            address=address,
            status=Status.PENDING if steps else Status.IN_SYNC,
            reason="its document was removed from Git, and it is to be taken out of use",
            id=live.id,
            natural_key=live.natural_key,
        )
    )
    if record.custody.protect and steps:
        sketch.objections.append(
            Objection(
                rule="protected",
                message=f"{address} is protected, and the removal of its document would deactivate it",
                advice="bring the document back, take `protect` out of it in a change of its own, then remove it",
                steps=tuple(sorted(steps)),
            )
        )


def _take_out_of_use(
    situation: Situation, sketch: Sketch, evidence: Evidence, address: Address, live: LiveObject
) -> set[str]:
    spec = kind_named(live.kind)
    before = set(sketch.steps)
    status = situation.value_of(live, STATUS) if runs(spec) else None
    if status not in (None, NOT_RUNNING):
        field = spec.field(STATUS)
        sketch.add(
            _removal_step(
                address,
                live,
                Action.SET_STATUS,
                Change(field=STATUS, before=display(field, status), after=display(field, NOT_RUNNING)),
                running=status == RUNNING,
                values=(FieldValue(name=STATUS, value=NOT_RUNNING),),
            )
        )
    because = Because(
        reason="removed",
        explanation=f"the document of {address} was removed from Git, and onRemoval is deactivate",
        document=address.name,
        source=LEDGER_SOURCE,
    )
    for relation, subject, member, _ in list(evidence.touching(live.kind, live.id)):
        if is_protected_login(situation, relation.member, member):
            continue
        end = situation.end_of(relation.subject, subject) if relation.subject != "Skill" else skill_end(subject)
        disassociate(situation, sketch, evidence, relation, (end, [member]), because)
    known = situation.activity(spec, live)
    if known.value is not False:
        sketch.add(
            _removal_step(
                address,
                live,
                Action.DEACTIVATE,
                Change(field="active", before=known.value, after=False, knowledge=known.mark),
                running=status == RUNNING,
                certain=known.value is not None,
                unverifiable=not spec.activity.readable and known.mark is not Knowledge.LIVE,
            )
        )
    return set(sketch.steps) - before


def skill_end(skill: int) -> End:
    """Return a skill as an end, by its Id: no endpoint tells its name."""
    return End(kind="Skill", name=str(skill), id=skill)


def _removal_step(
    address: Address,
    live: LiveObject,
    action: Action,
    change: Change,
    *,
    running: bool,
    values: tuple[FieldValue, ...] = (),
    certain: bool = True,
    unverifiable: bool = False,
) -> Step:
    risk = Risk.DISRUPTIVE if running else Risk.UNVERIFIABLE if unverifiable else Risk.NONE
    reasons = {
        Risk.DISRUPTIVE: "the campaign is running: its agents stop dialling",
        Risk.UNVERIFIABLE: f"whether a {live.kind.lower()} is active cannot be read back",
        Risk.NONE: "",
    }
    return Step(
        id=object_step_id(address, action),
        action=action,
        kind=live.kind,
        name=address.name,
        object_id=live.id,
        reason="removed",
        explanation="its document was removed from Git, and onRemoval is deactivate",
        source=LEDGER_SOURCE,
        risk=risk,
        risk_reason=reasons[risk],
        unverifiable=unverifiable,
        changes=(change,),
        natural_key=live.natural_key,
        values=values,
        certain=certain,
    )


def _remove_membership(
    situation: Situation, sketch: Sketch, evidence: Evidence, address: Address, membership: LedgerMembership
) -> None:
    owned_now = {
        (document.relation, _subject_name(situation, document.subject)) for document in situation.desired.memberships
    }
    before = set(sketch.steps)
    deactivate = _meaning(situation, membership.custody) is OnRemoval.DEACTIVATE
    for relation_name, subject_name in membership.owned if deactivate else ():
        if (relation_name, subject_name) in owned_now:
            continue
        subject = _subject_end(situation, subject_name)
        if subject is None or subject.id is None:
            continue
        relation = relation_named(relation_name)
        because = Because(
            reason="removed",
            explanation=f"{address} was removed from Git, and onRemoval is deactivate",
            document=address.name,
            source=LEDGER_SOURCE,
        )
        leaving = [
            member
            for member, fact in evidence.members(relation, subject.id).items()
            if fact.mark is not Knowledge.LIVE and not is_protected_login(situation, relation.member, member)
        ]
        for members in [leaving] if relation.grouped else [[member] for member in leaving]:
            if members:
                disassociate(situation, sketch, evidence, relation, (subject, members), because)
    steps = set(sketch.steps) - before
    meaning = "deactivate" if deactivate else "keep"
    sketch.releases.append(
        Release(
            address=address,
            id=None,
            reason=f"its document was removed; onRemoval is {meaning}",
            after=tuple(sorted(steps)),
        )
    )
    if membership.custody.protect and steps:
        sketch.objections.append(
            Objection(
                rule="protected",
                message=f"{address} is protected, and its removal would take members off",
                advice="bring the document back, take `protect` out of it in a change of its own, then remove it",
                steps=tuple(sorted(steps)),
            )
        )


def _subject_name(situation: Situation, reference: Reference) -> str:
    end = situation.end(reference)
    if end is None:
        return ""
    return str(end.address) if end.managed else f"{end.kind}#{end.id}"


def _subject_end(situation: Situation, name: str) -> End | None:
    kind, hash_sign, number = name.partition("#")
    if hash_sign:
        return skill_end(int(number)) if kind == "Skill" else situation.end_of(kind, int(number))
    address = Address.parse(name)
    binding = situation.bindings.by_address.get(address)
    if binding is not None:
        live = binding.live
        return End(kind=address.kind, name=address.name, id=live.id if live else None, managed=True)
    record = situation.ledger.objects.get(address)
    return None if record is None else situation.end_of(address.kind, record.id)
