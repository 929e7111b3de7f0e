"""
A user's teams and the primary one among them.

Nobody documents whether associating a user with a team makes it the primary team (`TeamId`), or whether a user can be
in several. So after such a call the user is read, and what this server did is put right, or said.
"""

from __future__ import annotations

from reconciler.applying.attempt import Attempt, StepStopped
from reconciler.applying.membership import Association, make_association, read_primary
from reconciler.applying.replacing import replace_entity
from reconciler.errors import AmbiguousError, RefusedError
from reconciler.kinds.codec import live_object, read_field
from reconciler.kinds.registry import kind_named
from reconciler.kinds.relations import ASSOCIATE_SETS_PRIMARY, USER_TEAMS
from reconciler.kinds.spec import RelationSpec
from reconciler.model.ledger import Link
from reconciler.model.plan import Action, FieldValue

ALWAYS, WHEN_EMPTY, NEVER = "yes", "when-empty", "no"
"""The answers to `ASSOCIATE_SETS_PRIMARY`: when-empty leaves a primary team that the user already has."""
ONE, MANY = "one", "many"


def associate(attempt: Attempt) -> None:
    """Associate or disassociate, and see to the member's main subject where the relation has one."""
    association, members = make_association(attempt, wanted=attempt.step.action is Action.ASSOCIATE)
    relation = association.relation
    if not relation.primary:
        association.intend(members)
        association.settle(members)
        return
    (member,) = members
    with attempt.run.exclusively(relation.member, member):
        becomes = attempt.step.primary and association.wanted
        before = read_primary(attempt, relation, member) if becomes else 0
        kept = _to_keep(attempt, relation, member)
        association.intend(members)
        association.settle(members)
        if becomes:
            _become_primary(attempt, association, member, before=before)
        elif kept:
            _keep_primary(attempt, association, member, kept=kept)
        else:
            _put_right(attempt, association, member)


def _to_keep(attempt: Attempt, relation: RelationSpec, member: int) -> int:
    """Return the primary team that the step must not change, 0 if there is none, or it is yet to become it."""
    if attempt.step.keeps_primary is None:
        return 0
    (kept,) = attempt.resolved([attempt.step.keeps_primary])
    if not isinstance(kept.value, int) or not kept.value:
        return 0
    return kept.value if read_primary(attempt, relation, member) == kept.value else 0


def _put_right(attempt: Attempt, association: Association, member: int) -> None:
    """Undo what going there and back again has moved: that was our doing, not the plan's."""
    relation, before = association.relation, association.turned_from
    if not before or before == association.subject or read_primary(attempt, relation, member) == before:
        return
    if not _restore(attempt, relation, member, team=before):
        raise StepStopped(
            f"making it certain moved {relation.member} {member} from its primary {relation.primary} {before}",
            advice="set it again in the portal",
        )


def _become_primary(attempt: Attempt, association: Association, member: int, *, before: int) -> None:
    """See that the association made the team the primary one, or update the user so that it is."""
    run, relation, team = attempt.run, association.relation, association.subject
    spec = kind_named(relation.member)
    end = attempt.step.members[0]
    entity = attempt.read(spec.name, member)
    shown = read_field(spec.field(relation.primary), entity, run.zone)
    if shown == team:
        _doubt_former(attempt, relation, member, team=team, before=before)
        if end.managed:
            attempt.bind(
                address=end.address,
                object_id=member,
                natural_key=live_object(spec, entity).natural_key,
                fields={relation.primary: team},
            )
        return
    if not shown:
        run.learn(ASSOCIATE_SETS_PRIMARY, NEVER)
    elif run.ledger.learned.get(ASSOCIATE_SETS_PRIMARY) != NEVER:
        run.learn(ASSOCIATE_SETS_PRIMARY, WHEN_EMPTY)
    if attempt.secret is None or not end.managed:
        raise StepStopped(
            f"associated, but on this server that does not make it the primary {relation.primary}, which still is "
            f"{shown or 'none'}",
            advice="give the user a password source, so that updating the user can set it, or set it in the portal",
        )
    _write_primary(attempt, relation, member, team=team)


def _doubt_former(attempt: Attempt, relation: RelationSpec, member: int, *, team: int, before: int) -> None:
    """
    Forget that a user is in the team that was primary until now, unless the server is known to keep several.

    One server moves the user, another adds the team and moves only the primary one: from outside they look the same.
    """
    run = attempt.run
    if before not in (0, team) and ASSOCIATE_SETS_PRIMARY not in run.ledger.learned:
        run.learn(ASSOCIATE_SETS_PRIMARY, ALWAYS)
    if run.ledger.learned.get(USER_TEAMS) == MANY:
        return
    record = run.ledger.objects.get(attempt.step.members[0].address)
    recorded = record.fields.get(relation.primary) if record is not None else None
    for former in {before, recorded} - {0, team}:
        link = Link(relation.name, former, member) if isinstance(former, int) else None
        if link is not None and run.ledger.link(link).value is True:
            attempt.linked([link], None)


def _write_primary(attempt: Attempt, relation: RelationSpec, member: int, *, team: int) -> None:
    """Fall back to the user's PUT, which sends the password again, and keep what the ledger says of the former team."""
    spec = kind_named(relation.member)
    entity = attempt.read(spec.name, member)
    former = read_field(spec.field(relation.primary), entity, attempt.run.zone)
    left = None
    if (
        isinstance(former, int)
        and former
        and attempt.run.ledger.link(Link(relation.name, former, member)).value is True
    ):
        # Some servers take the user out of the team that was primary before.
        left = Link(relation.name, former, member)
    address = attempt.step.members[0].address
    attempt.intend(address=address, links=[left] if left else [])
    step = attempt.step
    rotation = step.password.rotation if step.rotation is None and step.password else step.rotation
    replace_entity(attempt, address, member, entity, [FieldValue(name=relation.primary, value=team)], rotation=rotation)
    attempt.note("associating does not set the primary team on this server, so the user was updated, password included")
    if left:
        again = Association(attempt=attempt, relation=relation, subject=left.subject, wanted=True, certain=False)
        again.intend((member,))
        again.settle((member,))


def _keep_primary(attempt: Attempt, association: Association, member: int, *, kept: int) -> None:
    """See that the primary team, which was the right one before the call, still is."""
    run, relation = attempt.run, association.relation
    several = run.ledger.learned.get(USER_TEAMS)
    if read_primary(attempt, relation, member) == kept:
        if association.wanted and several is None:
            run.learn(USER_TEAMS, MANY)
        return
    restored = _restore(attempt, relation, member, team=kept)
    if association.wanted and several != MANY:
        run.learn(USER_TEAMS, ONE)
        attempt.linked([association.link(member)], None)
        raise StepStopped(
            f"this server seems to keep one team per user: associating with team {association.subject} moved the user "
            f"away from the primary team {kept}, which {'was' if restored else 'could not be'} put back",
            advice="declare one team for this user, or set `userTeams: many` on the target if it does keep several",
        )
    if not restored:
        raise StepStopped(
            f"this moved the user away from the primary team {kept}, and associating again did not bring it back",
            advice="give the user a password source, so that updating the user can set it, or set it in the portal",
        )
    attempt.note("it moved the primary team, which was put back")


def _restore(attempt: Attempt, relation: RelationSpec, member: int, *, team: int) -> bool:
    """Bring the primary team back by associating anew, else by the user's PUT where there is a password for it."""
    association = Association(attempt=attempt, relation=relation, subject=team, wanted=True, certain=False)
    association.intend((member,))
    try:
        association.settle((member,))
    except AmbiguousError:
        raise
    except (RefusedError, StepStopped):
        return False
    if read_primary(attempt, relation, member) == team:
        return True
    end = attempt.step.members[0]
    if attempt.secret is None or not end.managed:
        return False
    _write_primary(attempt, relation, member, team=team)
    return True
