"""
Danger is decided in the plan, with numbers, before the first write.

Each guard is a small pure function from the sketch to objections; the limits are the only ones that a flag lifts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reconciler.kinds.registry import KINDS, kind_named
from reconciler.model.address import Address
from reconciler.model.plan import Action, Objection, Risk, Step
from reconciler.planning.leaving import is_protected_login
from reconciler.planning.links import Evidence
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch, is_association

_RAISE = "review it, then pass --allow-mass-change; or raise the project's limits"


def object_to(situation: Situation, sketch: Sketch, evidence: Evidence, steps: Sequence[Step]) -> Iterator[Objection]:
    """Yield why the plan may not be applied, beside what was objected to while its steps were made."""
    yield from _protected_logins(situation, steps)
    yield from _protected_objects(situation, steps)
    if not situation.policy.allow_mass_change:
        yield from _deactivations(situation, steps)
        yield from _disassociations(situation, sketch, evidence)
        yield from _password_sends(situation, steps)


def _protected_logins(situation: Situation, steps: Sequence[Step]) -> Iterator[Objection]:
    protected = {login.casefold() for login in situation.policy.protected_logins}
    for step in steps:
        if is_association(step):
            written = any(
                end.id is not None and is_protected_login(situation, end.kind, end.id) for end in step.members
            )
        elif step.action is Action.ADOPT or not kind_named(step.kind).login:
            written = False
        else:
            named = step.natural_key.casefold() in protected
            written = named or (step.object_id is not None and is_protected_login(situation, step.kind, step.object_id))
        if written:
            yield Objection(
                rule="protected-login",
                message=f"{step.id} would write to a protected login",
                advice="take it out of the manifests; the vendor's account and the project's protectedLogins are "
                "never written to",
                steps=(step.id,),
            )


def _protected_objects(situation: Situation, steps: Sequence[Step]) -> Iterator[Objection]:
    for step in steps:
        if step.action is Action.DEACTIVATE and _is_protected(situation, step.address):
            subject, what = step.address, "deactivated"
        elif step.action is Action.DISASSOCIATE and step.subject is not None and step.subject.managed:
            if not _is_protected(situation, step.subject.address):
                continue
            subject, what = step.subject.address, f"without {', '.join(end.name for end in step.members)}"
        else:
            continue
        if step.reason == "removed" and subject not in situation.desired.objects:
            continue  # said once for the whole removal
        yield Objection(
            rule="protected",
            message=f"{subject} is protected and would be {what}",
            advice="take lifecycle.protect out of its manifest in a change of its own, or undo the change",
            steps=(step.id,),
        )


def _is_protected(situation: Situation, address: Address) -> bool:
    wanted = situation.desired.objects.get(address)
    if wanted is not None:
        return wanted.lifecycle.protect
    record = situation.ledger.objects.get(address)
    return record is not None and record.custody.protect


def _deactivations(situation: Situation, steps: Sequence[Step]) -> Iterator[Objection]:
    limit = situation.policy.limits.deactivations
    managed = set(situation.desired.objects) | set(situation.ledger.objects)
    for spec in KINDS:
        chosen = [
            step
            for step in steps
            if step.action is Action.DEACTIVATE and step.kind == spec.name and step.object_id is not None
        ]
        total = sum(1 for address in managed if address.kind == spec.name)
        if not limit.allows(len(chosen), total):
            yield Objection(
                rule="limit-deactivations",
                message=f"{len(chosen)} of {total} managed {spec.plural} would be deactivated; the limit is {limit}",
                advice=_RAISE,
                steps=tuple(step.id for step in chosen),
                overridable=True,
            )


def _disassociations(situation: Situation, sketch: Sketch, evidence: Evidence) -> Iterator[Objection]:
    limit = situation.policy.limits.disassociations
    everything = 0
    for (relation, subject), removed in sorted(sketch.removed.items()):
        everything += len(removed)
        held = sketch.held.get((relation, subject), 0)
        if limit.allows(len(removed), held):
            continue
        steps = tuple(sorted(set(removed.values())))
        taken = sketch.steps[steps[0]].subject
        name = f"{taken.kind} {taken.name}" if taken is not None else relation
        yield Objection(
            rule="limit-disassociations",
            message=f"{len(removed)} of {held} known members of {name} ({relation}) would be taken off; "
            f"the limit is {limit}",
            advice=_RAISE,
            steps=steps,
            overridable=True,
        )
    if not everything:
        return
    total = evidence.held_in_all()
    if not limit.allows(everything, total):
        yield Objection(
            rule="limit-disassociations",
            message=f"{everything} of {total} known associations would be taken off in all; the limit is {limit}",
            advice=_RAISE,
            steps=tuple(sorted({step for removed in sketch.removed.values() for step in removed.values()})),
            overridable=True,
        )


def _password_sends(situation: Situation, steps: Sequence[Step]) -> Iterator[Objection]:
    limit = situation.policy.limits.password_sends
    chosen = [step for step in steps if sends_password_again(step)]
    if len(chosen) > limit:
        yield Objection(
            rule="limit-password-sends",
            message=f"{len(chosen)} passwords of existing users would be sent again; the limit is {limit}",
            advice=_RAISE,
            steps=tuple(step.id for step in chosen),
            overridable=True,
        )


def sends_password_again(step: Step) -> bool:
    """Return whether a step sets the password of a user that exists already."""
    if step.primary:
        return step.password is not None and step.risk is Risk.DISRUPTIVE
    return step.action is Action.UPDATE and step.password is not None and step.object_id is not None
