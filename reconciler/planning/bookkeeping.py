"""
Ledger events that need no request.

What an apply would otherwise leave behind stale: values on which Git and the target agree by now, a document's changed
custody, fields that are no longer managed, a document's new address, an emergency with nothing left to restore.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reconciler.kinds.registry import kind_named
from reconciler.kinds.relations import USER_TEAMS
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Activated, Bound, Concluded, EmergencySwitched, Event, Flag, Learned, Moved
from reconciler.model.plan import Action, Notice, Step
from reconciler.model.policy import UserTeams
from reconciler.model.values import plain
from reconciler.planning.comparing import FieldComparison
from reconciler.planning.describing import custody_of
from reconciler.planning.matching import Binding
from reconciler.planning.situation import Situation
from reconciler.planning.sketch import Sketch
from reconciler.planning.switches import manages_activity


def keep_in_step(situation: Situation, binding: Binding, comparisons: Sequence[FieldComparison]) -> Iterator[Event]:
    """Yield what makes the record of an existing object say what is true now, where it does not already."""
    wanted, live, record = binding.desired, binding.live, binding.record
    if live is None or record is None:
        return
    if binding.moved_from is not None:
        yield Moved(before=binding.moved_from, after=wanted.address)
    agreed = {
        item.spec.name: plain(item.wanted)
        for item in comparisons
        if not item.planned and item.refers is None and not (item.was_applied and item.applied == item.wanted)
    }
    managed = {item.spec.name for item in comparisons}
    dropped = tuple(sorted(set(record.fields) - managed))
    custody = custody_of(wanted)
    if agreed or dropped or custody != record.custody:
        yield Bound(
            address=wanted.address,
            id=live.id,
            natural_key=wanted.natural_key,
            fields=agreed,
            at=record.at,
            custody=custody,
            dropped=dropped,
        )
    yield from _agreed_activity(situation, binding)


def _agreed_activity(situation: Situation, binding: Binding) -> Iterator[Event]:
    wanted, live = binding.desired, binding.live
    assert live is not None
    if not manages_activity(situation, binding):
        return
    known = situation.activity(kind_named(live.kind), live)
    recorded = situation.ledger.is_active(live.kind, live.id)
    if known.mark is Knowledge.LIVE and known.value == wanted.active and recorded.value != wanted.active:
        yield Activated(flag=Flag(live.kind, live.id), value=wanted.active, mark=Knowledge.RECORDED, at="")


def keep_configured(situation: Situation) -> Iterator[Event]:
    """Yield what the project says of the server, where the ledger has learned nothing or something else."""
    configured = situation.policy.user_teams
    if configured is not UserTeams.AUTO and situation.ledger.learned.get(USER_TEAMS) != configured:
        yield Learned(name=USER_TEAMS, value=str(configured))


def settle_intents(situation: Situation, sketch: Sketch) -> Iterator[Event]:
    """
    Yield the end of intents that an interrupted run left and that no step of this plan takes up again.

    What they were about was compared with the target just now. Only an object that may have been created for a document
    that is gone since is nobody's: the plan says so, since it can never be deleted.
    """
    if situation.policy.scope:
        return
    for identifier, intent in sorted(situation.ledger.intents.items()):
        address = intent.address
        if identifier in sketch.steps:
            continue
        if intent.action == Action.CREATE and address is not None and sketch.has(address, Action.ADOPT):
            # Adopting ends it: until then it tells that the object is ours.
            continue
        yield Concluded(step=identifier, status="settled", at="")
        if intent.action == Action.CREATE and address is not None and address not in situation.desired.objects:
            sketch.warnings.append(
                Notice(
                    rule="interrupted-create",
                    message=f"an interrupted run at {intent.at} may have created {address}, whose document is gone "
                    "since: if it is there, it is among the unmanaged objects",
                    address=str(address),
                )
            )


def close_emergency(situation: Situation, steps: Sequence[Step]) -> Iterator[Event]:
    """Yield what is left to restore after a lifted emergency: the campaigns that a step of this plan restores."""
    emergency = situation.ledger.emergency
    if emergency is None or emergency.enabled:
        return
    restoring = {step.object_id for step in steps if step.action is Action.SET_STATUS}
    left: dict[int, int] = {i: status for i, status in emergency.statuses.items() if i in restoring}
    if not left:
        yield EmergencySwitched(emergency=None)
    elif left != dict(emergency.statuses):
        yield EmergencySwitched(emergency=replace(emergency, statuses=left))
