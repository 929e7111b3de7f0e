"""
What the `state` commands do to a ledger. None of them touches the target.

Reading takes a `Ledger`. Changing takes a store, locks it, and writes the ledger one serial up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from reconciler.errors import LedgerError
from reconciler.kinds.registry import MEMBERSHIP, relation_named
from reconciler.model.address import Address
from reconciler.model.knowledge import Fact
from reconciler.model.ledger import (
    Concluded,
    Event,
    Intent,
    Ledger,
    LedgerMembership,
    LedgerObject,
    Link,
    Moved,
    Owned,
    Released,
)
from reconciler.state.codec import Document, decode_document, encode_document
from reconciler.state.journal import Journal
from reconciler.state.lock import LockOwner
from reconciler.state.store import Store
from reconciler.state.target import is_empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of `state list`: an object, or a Membership document (without Id and natural key)."""

    address: Address
    id: int | None = None
    natural_key: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """
    Everything that a ledger knows of one address.

    Exactly one of `object` and `membership` is set, or none when there is only an `intent`. `links` are those in which
    the object is the subject or the member; `activity` is None where nothing was recorded.
    """

    address: Address
    object: LedgerObject | None = None
    membership: LedgerMembership | None = None
    activity: Fact | None = None
    links: tuple[tuple[Link, Fact], ...] = ()
    intents: tuple[Intent, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What `push` did: the serial written, and the names under which a damaged ledger and journal were kept."""

    serial: int
    set_aside: tuple[str, ...] = ()


def list_rows(ledger: Ledger) -> tuple[Row, ...]:
    """Return every object and Membership document recorded, sorted by address."""
    objects = [
        Row(address=address, id=record.id, natural_key=record.natural_key, at=record.at)
        for address, record in ledger.objects.items()
    ]
    documents = [Row(address=Address.parse(name)) for name in ledger.memberships]
    return tuple(sorted(objects + documents, key=lambda row: row.address))


def show(ledger: Ledger, address: Address) -> Shown:
    """Return everything known of an address; raises LedgerError when it is not recorded."""
    _check_known(ledger, address)
    record = ledger.objects.get(address)
    kind = address.kind
    links: tuple[tuple[Link, Fact], ...] = ()
    activity: Fact | None = None
    if record is not None:
        links = tuple((link, ledger.links[link]) for link in sorted(ledger.links) if _concerns(link, kind, record.id))
        facts = {(flag.kind, flag.id): fact for flag, fact in ledger.activity.items()}
        activity = facts.get((kind, record.id))
    return Shown(
        address=address,
        object=record,
        membership=ledger.memberships.get(str(address)),
        activity=activity,
        links=links,
        intents=_intents(ledger, address),
    )


def remove(store: Store, address: Address, *, timeout: float = 0.0) -> None:
    """
    Forget an object or a Membership document, and requests about it whose outcome is unknown.

    What is known of its Id (associations, activity) stays, since it is still true of the target. The next plan takes a
    document of that name as new, and adopts. Raises LedgerError when the address is not recorded, LockedError.
    """
    with store.lock(command=f"state rm {address}", timeout=timeout) as journal:
        ledger = journal.ledger
        _check_known(ledger, address)
        at = store.clock.stamp()
        for intent in _intents(ledger, address):
            journal.append(Concluded(step=intent.step, status="failed", at=at))
        journal.append(Released(address=address))


def move(store: Store, before: Address, after: Address, *, timeout: float = 0.0) -> None:
    """
    Record an object or a Membership document under another name of the same kind.

    Membership documents that own its relations follow. Raises LedgerError when that cannot be done, LockedError.
    """
    with store.lock(command=f"state mv {before} {after}", timeout=timeout) as journal:
        for event in _move_events(journal.ledger, before, after):
            journal.append(event)


def lock_owner(store: Store) -> LockOwner | None:
    """Return whom `unlock` would unlock; None when the ledger is free."""
    return store.owner()


def unlock(store: Store, owner: LockOwner, *, force: bool = False) -> None:
    """
    Remove the lock of an owner that `lock_owner` named; another's that came since stays.

    Raises LockedError when that owner's process still runs, unless `force`: it then stops at its next step.
    """
    store.storage.break_lock(owner, force=force)


def pull(ledger: Ledger) -> str:
    """Return a ledger's document, without the digest that would forbid to edit it."""
    return encode_document(Document(ledger=ledger), sealed=False).decode()


def push(store: Store, text: str, *, force: bool = False, timeout: float = 0.0) -> Pushed:
    """
    Put a document in the ledger's place, with a serial above both.

    Refused are another lineage and a serial below the ledger's. With `force` neither is checked, and a damaged ledger
    or journal is kept under another name instead of stopping this. Raises LedgerError, LockedError.
    """
    document = decode_document(
        text.encode("utf-8", "surrogatepass"), name="the document", repair="Take it again with `reconciler state pull`."
    )
    given = document.ledger
    if not force:
        with store.lock(command="state push", timeout=timeout) as journal:
            _check_follows(journal.ledger, given)
            given.serial = max(given.serial, journal.ledger.serial)
            return Pushed(serial=_replace(journal, document))
    with store.hold(command="state push --force", timeout=timeout) as hold:
        aside: tuple[str, ...] = ()
        try:
            current = store.settle(hold)
            given.serial = max(given.serial, current.ledger.serial)
        except LedgerError:
            aside = store.storage.set_aside()
            current = store.settle(hold)
        return Pushed(serial=_replace(current, document), set_aside=aside)


def _replace(journal: Journal, given: Document) -> int:
    journal.replace(given.ledger, why="a document was pushed", log=given.log)
    return given.ledger.serial


def _check_follows(current: Ledger, given: Ledger) -> None:
    advice = "If the document is really to replace the ledger, give --force."
    if is_empty(current) and current.serial == 0:
        return
    if current.lineage != given.lineage:
        raise LedgerError(
            f"the document has lineage {given.lineage or '(none)'}, the ledger {current.lineage}: they do not "
            "come from one another",
            hint=advice,
        )
    if given.serial < current.serial:
        raise LedgerError(
            f"the document has serial {given.serial}, and the ledger has moved on to {current.serial}",
            hint="Take it again with `reconciler state pull` and repeat the change. " + advice,
        )


def _check_known(ledger: Ledger, address: Address) -> None:
    if address in ledger.objects or str(address) in ledger.memberships or _intents(ledger, address):
        return
    raise LedgerError(f"the ledger does not know {address}", hint="`reconciler state list` shows what it knows.")


def _intents(ledger: Ledger, address: Address) -> tuple[Intent, ...]:
    return tuple(ledger.intents[step] for step in sorted(ledger.intents) if ledger.intents[step].address == address)


def _concerns(link: Link, kind: str, object_id: int) -> bool:
    try:
        relation = relation_named(link.relation)
    except KeyError:
        return False
    return (relation.subject, link.subject) == (kind, object_id) or (relation.member, link.member) == (kind, object_id)


def _move_events(ledger: Ledger, before: Address, after: Address) -> tuple[Event, ...]:
    _check_move(ledger, before, after)
    if before.kind == MEMBERSHIP:
        return (Owned(address=after, membership=ledger.memberships[str(before)]), Released(address=before))
    followers = [
        Owned(address=Address.parse(name), membership=moved)
        for name, membership in sorted(ledger.memberships.items())
        if (moved := _renamed(membership, before, after)) != membership
    ]
    return (Moved(before=before, after=after), *followers)


def _renamed(membership: LedgerMembership, before: Address, after: Address) -> LedgerMembership:
    owned = tuple(
        (relation, str(after) if subject == str(before) else subject) for relation, subject in membership.owned
    )
    return replace(membership, owned=owned)


def _check_move(ledger: Ledger, before: Address, after: Address) -> None:
    if before.kind != after.kind:
        raise LedgerError(
            f"{before} cannot become {after}: that is another kind", hint="Only the name after the slash can change."
        )
    if before not in ledger.objects and str(before) not in ledger.memberships:
        raise LedgerError(f"the ledger does not know {before}", hint="`reconciler state list` shows what it knows.")
    if after in ledger.objects or str(after) in ledger.memberships:
        raise LedgerError(
            f"{after} is recorded already", hint=f"Forget it first (`reconciler state rm {after}`) if it is wrong."
        )
