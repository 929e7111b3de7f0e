"""
A ledger in its place: reading it, folding what a killed run left, locking it, and writing it, one serial up each time.

A run that ends folds its journal into the ledger. One that is killed leaves its journal behind; whoever reads the
ledger next sees it folded, at the serial that it will have, and whoever locks it next writes that. A journal that was
folded just before its run was killed is told by its id, which the ledger holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from reconciler.errors import LedgerError, ReconcilerError
from reconciler.model.ledger import Ledger
from reconciler.model.record import NO_LOG, NO_PROVENANCE, LogHead, Provenance
from reconciler.state.codec import Document, Header, decode_document, decode_journal
from reconciler.state.describe import Account
from reconciler.state.file import FileStorage
from reconciler.state.journal import Journal
from reconciler.state.lease import Term
from reconciler.state.lock import Clock, LockOwner, acquire, this_process
from reconciler.state.storage import Hold, Snapshot, Storage
from reconciler.state.target import check_target, claim

Origin = Callable[[], Provenance]
"""Tells where a run comes from; asked when the ledger is locked, since it may take a moment."""

OBJECT_STORES = ("s3", "gs", "az")
DATABASES = ("postgresql", "postgres")


def nowhere() -> Provenance:
    """Tell nothing of where a run comes from."""
    return NO_PROVENANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """
    A ledger as read: `journal` is the header of one that is still to be folded, with an `account` of its events;
    `spent` tells of one to be removed; `log` is the end of the change record.
    """

    ledger: Ledger
    journal: Header | None = None
    spent: bool = False
    warnings: tuple[str, ...] = ()
    log: LogHead = NO_LOG
    account: Account | None = None


class Store:
    """A ledger in its storage. `warnings` says what the last reading or locking had to make good."""

    def __init__(self, storage: Storage, *, clock: Clock | None = None, provenance: Origin = nowhere) -> None:
        self.storage = storage
        self.clock = clock or Clock()
        self.provenance = provenance
        self.warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return what messages call this ledger."""
        return self.storage.name

    def load(self, *, target: str = "", url: str = "") -> Ledger:
        """
        Read the ledger and what is in its journal; nothing is written, locked or made.

        Where there is none yet it is empty, with serial 0 and no lineage. With `url` it is checked to be this target's.
        Raises LedgerError.
        """
        snapshot = self.storage.read()
        opened = open_snapshot(snapshot, storage=self.storage)
        self.warnings = opened.warnings
        if opened.journal and not snapshot.live:
            opened.ledger.serial += 1
        if url:
            check_target(opened.ledger, target=target, url=url)
        return opened.ledger

    @contextmanager
    def lock(
        self, *, command: str, target: str = "", url: str = "", timeout: float = 0.0, plan: str = ""
    ) -> Iterator[Journal]:
        """
        Hold the ledger: the journal is folded and the lock given up at the end, however it ends.

        `timeout` is how many seconds to wait for another holder. With `url` the ledger is checked to be this target's,
        or made so when it is empty. `plan` is the digest of what will be applied, for the change record. Raises
        LockedError, LedgerError.
        """
        with self.hold(command=command, timeout=timeout) as hold:
            journal = self.settle(hold, target=target, url=url)
            journal.provenance = replace(journal.provenance, plan=plan)
            try:
                yield journal
            except BaseException as error:
                try:
                    journal.fold()
                except ReconcilerError as second:
                    # What was recorded is in the journal, and the first error is the one to tell.
                    error.add_note(f"the journal could not be folded: {second.message}")
                raise
            else:
                journal.fold()
            finally:
                journal.close("its lock was given up")

    @contextmanager
    def hold(self, *, command: str, timeout: float = 0.0) -> Iterator[Hold]:
        """Hold the lock and read nothing: for a ledger that may be damaged. Raises LockedError."""
        hold = acquire(
            lambda: self.storage.acquire(this_process(command, clock=self.clock)),
            name=self.name,
            timeout=timeout,
            clock=self.clock,
        )
        try:
            yield hold
        finally:
            hold.release()

    def log_head(self) -> LogHead:
        """Return where the change record ends, as the ledger knows it; raises LedgerError."""
        opened = open_snapshot(self.storage.read(), storage=self.storage)
        self.warnings = opened.warnings
        return opened.log

    def owner(self) -> LockOwner | None:
        """Return who holds the lock, or left it behind; None when nobody does."""
        return self.storage.owner()

    def settle(self, hold: Hold, *, target: str = "", url: str = "") -> Journal:
        """Read the ledger under a held lock and write what an interrupted run left; raises LedgerError."""
        # The run that is live is this one: whatever journal is there was left by another.
        snapshot = replace(self.storage.read(), live=False)
        opened = open_snapshot(snapshot, storage=self.storage)
        self.warnings = opened.warnings
        if url:
            check_target(opened.ledger, target=target, url=url)
        journal = Journal(
            opened.ledger,
            storage=self.storage,
            hold=hold,
            version=snapshot.version,
            clock=self.clock,
            content=snapshot.ledger,
            log=opened.log,
            provenance=self.provenance(),
        )
        if opened.spent:
            self.storage.clear()
        if opened.journal is not None and opened.account is not None:
            journal.adopt(opened.journal, opened.account)
            journal.fold()
        if url:
            claim(opened.ledger, target=target, url=url)
        return journal


class FileStore(Store):
    """A ledger in a file, its journal, lock and backup beside it."""

    def __init__(self, path: str | Path, *, clock: Clock | None = None, provenance: Origin = nowhere) -> None:
        clock = clock or Clock()
        super().__init__(FileStorage(Path(path), clock=clock), clock=clock, provenance=provenance)


def open_store(
    place: str | Path,
    *,
    clock: Clock | None = None,
    provenance: Origin = nowhere,
    term: Term | None = None,
) -> Store:
    """
    Return the store at a path or url; nothing is read yet.

    `provenance` is for the change record; `term` says how long a lock lasts that nobody renews. Raises LedgerError
    for a scheme that there is no store for, or whose library is not installed.
    """
    text = str(place)
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator:
        return FileStore(place, clock=clock, provenance=provenance)
    if scheme == "file" and rest.startswith("/"):
        return FileStore(rest, clock=clock, provenance=provenance)
    clock, term = clock or Clock(), term or Term()
    if scheme in OBJECT_STORES:
        return Store(_open_objects(scheme, rest, clock=clock, term=term), clock=clock, provenance=provenance)
    if scheme in DATABASES:
        return Store(_open_database(text, term=term), clock=clock, provenance=provenance)
    raise LedgerError(
        f"no ledger can be kept at {scheme}://",
        hint="Give `state` a path (or file:///path), s3://bucket/prefix, gs://bucket/prefix, az://container/prefix or "
        "postgresql://host/database.",
    )


def _open_objects(scheme: str, rest: str, *, clock: Clock, term: Term) -> Storage:
    bucket, _, prefix = rest.partition("/")
    prefix = prefix.strip("/")
    if not bucket or not prefix or "?" in rest:
        raise LedgerError(
            f"{scheme}://{rest.partition('?')[0]} does not name a bucket and a prefix for one ledger",
            hint=f"Give `state` a url such as {scheme}://BUCKET/reconciler/production: each target needs its own.",
        )
    try:
        # An optional library, and a heavy one: only who keeps a ledger there needs it.
        from reconciler.state.object_client import ObjectClient  # noqa: PLC0415
        from reconciler.state.objects import ObjectStorage  # noqa: PLC0415
    except ImportError as error:
        raise _not_installed(scheme, scheme) from error
    return ObjectStorage(ObjectClient(scheme, bucket, prefix), clock=clock, term=term)


def _open_database(url: str, *, term: Term) -> Storage:
    try:
        # An optional library, and a heavy one: only who keeps a ledger there needs it.
        from reconciler.state.postgresql import PostgresqlStorage  # noqa: PLC0415
    except ImportError as error:
        raise _not_installed("postgresql", "postgresql") from error
    return PostgresqlStorage(url, term=term)


def _not_installed(scheme: str, extra: str) -> LedgerError:
    return LedgerError(
        f"a ledger at {scheme}:// needs a library that is not installed here",
        hint=f"Install it: pip install 'maxcontact-reconciler[{extra}]'",
    )


def open_snapshot(snapshot: Snapshot, *, storage: Storage) -> Opened:
    """Read a ledger and fold its journal into it, in memory; raises LedgerError."""
    document = Document(ledger=Ledger())
    warnings: list[str] = []
    if snapshot.ledger is not None:
        document = decode_document(snapshot.ledger, name=storage.name, repair=storage.repair(journal=False))
    elif storage.has_backup:
        warnings.append(
            f"there is no ledger at {storage.name}, though there is a backup of one: starting with an empty one "
            "(`reconciler state push` brings the backup back)"
        )
    if snapshot.journal is None:
        return Opened(ledger=document.ledger, log=document.log, warnings=tuple(warnings))
    name = f"the journal of {storage.name}"
    journal = decode_journal(snapshot.journal, name=name, repair=storage.repair(journal=True))
    if journal.torn and not snapshot.live:
        warnings.append(f"{name} ends in a line that was cut off; nobody was told that it was kept, so it is left out")
    ledger, header = document.ledger, journal.header
    if header is None or not journal.events or _is_folded(document, header):
        return Opened(ledger=ledger, log=document.log, spent=True, warnings=tuple(warnings))
    _check_continues(ledger, header, storage=storage, exists=snapshot.ledger is not None)
    ledger.lineage, ledger.target, ledger.url = header.lineage, header.target, header.url
    account = Account()
    for event in journal.events:
        account.note(event, ledger)
        ledger.record(event)
    if not snapshot.live:
        warnings.append(
            f"{len(journal.events)} entries of a run that did not end (`reconciler {header.command}` by {header.by}, "
            f"{header.at}) were taken from {name}"
        )
    return Opened(ledger=ledger, log=document.log, journal=header, account=account, warnings=tuple(warnings))


def _is_folded(document: Document, header: Header) -> bool:
    ledger = document.ledger
    return bool(header.id) and document.folded == header.id and ledger.lineage == header.lineage


def _check_continues(ledger: Ledger, header: Header, *, storage: Storage, exists: bool) -> None:
    """A new ledger has no lineage yet: the journal that begins one has."""
    if (ledger.lineage if exists else header.lineage) == header.lineage and ledger.serial == header.serial:
        return
    found = f"lineage {ledger.lineage}, serial {ledger.serial}" if exists else "not there"
    raise LedgerError(
        f"the journal of {storage.name} continues lineage {header.lineage}, serial {header.serial}, "
        f"but the ledger is {found}",
        hint="One of the two was replaced by hand: put the right ledger back in its place. "
        + storage.repair(journal=True),
    )
