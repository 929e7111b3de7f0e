"""
Looking back at a ledger, going back to a former version of it, and moving it elsewhere with all of its past.

None of it touches the target.
"""

from __future__ import annotations

from dataclasses import dataclass

from reconciler.errors import LedgerError
from reconciler.model.record import RunRecord, Segment
from reconciler.state.chronicle import HISTORY, expand
from reconciler.state.codec import Document, decode_document
from reconciler.state.record import LOG, Verified, serial_of, verify, walk
from reconciler.state.store import Store

_FEW = 20
_RESTORE = "Take another serial from `reconciler state history`, or restore that version from a backup of the store."


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write of the ledger; `kept` says that `rollback` can go back to it."""

    run: RunRecord
    kept: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What was moved, as read back from its new place and compared."""

    serial: int
    lineage: str
    versions: int
    entries: int


def segments(store: Store, *, limit: int | None = None) -> tuple[Segment, ...]:
    """Return the change record, newest first; at most `limit` writes of it. Raises LedgerError."""
    head = store.log_head()
    names = store.storage.names(LOG)
    if limit is not None:
        # A few of them are of writes that were never finished.
        names = names[-limit - _FEW :]
    contents = dict(zip(names, store.storage.kept(LOG, names), strict=True))
    found: list[Segment] = []
    for segment in walk(head, lambda name: contents[name] if name in contents else store.storage.kept(LOG, (name,))[0]):
        if limit is not None and len(found) == limit:
            break
        found.append(segment)
    return tuple(found)


def writes(store: Store, *, limit: int | None = None) -> tuple[Write, ...]:
    """Return every write of the ledger, newest first; at most `limit` of them. Raises LedgerError."""
    kept = {serial_of(name) for name in store.storage.names(HISTORY)}
    return tuple(Write(run=each.run, kept=each.run.serial in kept) for each in segments(store, limit=limit))


def verify_record(store: Store) -> Verified:
    """Check the whole change record of a ledger; raises LedgerError that names where it is first wrong."""
    head = store.log_head()
    names = store.storage.names(LOG)
    return verify(head, dict(zip(names, store.storage.kept(LOG, names), strict=True)).get)


def rollback(store: Store, serial: int, *, timeout: float = 0.0) -> int:
    """
    Put a former version in the ledger's place, as a new serial, and return that.

    The target stays as it is: the next plan shows how it differs from what the ledger says then. Raises LedgerError
    when that version is not kept, LockedError.
    """
    with store.lock(command=f"state rollback {serial}", timeout=timeout) as journal:
        if journal.ledger.serial == serial:
            raise LedgerError(f"serial {serial} is what {store.name} holds now", hint="There is nothing to go back to.")
        former = _version(store, serial)
        if former.ledger.lineage != journal.ledger.lineage:
            raise LedgerError(f"serial {serial} of {store.name} is of another lineage", hint=_RESTORE)
        former.ledger.serial = journal.ledger.serial
        journal.replace(former.ledger, why=f"rolled back to serial {serial}", log=former.log)
        return former.ledger.serial


def migrate(source: Store, destination: Store, *, timeout: float = 0.0) -> Migrated:
    """
    Copy a ledger with its former versions and its change record to a place that has none, and compare all of it.

    Serial and lineage stay, so saved plans stay true. The source is left as it is. Raises LedgerError, LockedError.
    """
    command = "state migrate"
    with source.hold(command=command, timeout=timeout) as hold:
        source.settle(hold)
        snapshot = source.storage.read()
        if snapshot.ledger is None:
            raise LedgerError(f"there is no ledger at {source.name}", hint="There is nothing to migrate.")
        with destination.hold(command=command, timeout=timeout):
            there = destination.storage.read()
            if there.ledger is not None or there.journal is not None:
                raise LedgerError(
                    f"there is a ledger at {destination.name} already; nothing was changed",
                    hint="Name a place that has none.",
                )
            for collection in (HISTORY, LOG):
                _copy(source, destination, collection)
            destination.storage.write(snapshot.ledger, expected=there.version)
        return _compare(source, destination, snapshot.ledger)


def _copy(source: Store, destination: Store, collection: str) -> None:
    names = source.storage.names(collection)
    for start in range(0, len(names), _FEW):
        some = names[start : start + _FEW]
        for name, content in zip(some, source.storage.kept(collection, some), strict=True):
            if content is not None:
                destination.storage.keep(collection, name, content)


def _compare(source: Store, destination: Store, content: bytes) -> Migrated:
    """Read everything back from its new place."""
    same = destination.storage.read().ledger == content
    for collection in (HISTORY, LOG):
        names = source.storage.names(collection)
        same = same and source.storage.kept(collection, names) == destination.storage.kept(collection, names)
    if not same:
        raise LedgerError(
            f"what was read back from {destination.name} is not what was written; {source.name} is unchanged",
            hint="Remove what is there, and try again.",
        )
    ledger = destination.load()
    verified = verify_record(destination)
    versions = len(destination.storage.names(HISTORY))
    return Migrated(serial=ledger.serial, lineage=ledger.lineage, versions=versions, entries=verified.entries)


def _version(store: Store, serial: int) -> Document:
    """Return the version of a serial; of several, the one that is in the change record's chain."""
    names = tuple(name for name in store.storage.names(HISTORY) if serial_of(name) == serial)
    found: list[Document] = []
    for name, content in zip(names, store.storage.kept(HISTORY, names), strict=True):
        try:
            document = decode_document(expand(content or b""), name=f"the version {name}", repair=_RESTORE)
        except (OSError, EOFError) as error:
            raise LedgerError(f"the version {name} of {store.name} is damaged: {error}", hint=_RESTORE) from None
        found.append(document)
    if len(found) > 1:
        chain = {segment.run.previous for segment in segments(store)}
        found = [document for document in found if document.log.segment in chain]
    if not found:
        raise LedgerError(f"serial {serial} is not kept at {store.name}", hint=_RESTORE)
    return found[-1]
