"""
A run's journal: what makes a step durable without writing the whole ledger.

Steps run side by side, and waiting for the disk is what takes time. So whoever comes first writes for all who came
meanwhile, and everyone waits until their own line is safe.
"""

from __future__ import annotations

import secrets
import uuid
from threading import Lock, RLock

from reconciler.errors import LedgerError
from reconciler.model.ledger import Event, Ledger
from reconciler.model.record import NO_LOG, NO_PROVENANCE, LogHead, Provenance
from reconciler.state.chronicle import Chronicle, Origin
from reconciler.state.codec import Document, Header, encode_document, encode_event, encode_header
from reconciler.state.describe import Account, replaced
from reconciler.state.lock import Clock
from reconciler.state.storage import Hold, Storage


class Journal:
    """
    The ledger of a run that holds its lock, and the only way to change it.

    `version` is the storage's version of the ledger that was read; `serial` and lineage are the ledger's own. May be
    used from several threads.
    """

    def __init__(
        self,
        ledger: Ledger,
        *,
        storage: Storage,
        hold: Hold,
        version: str,
        clock: Clock,
        content: bytes | None = None,
        log: LogHead = NO_LOG,
        provenance: Provenance = NO_PROVENANCE,
    ) -> None:
        self.ledger = ledger
        """All durable events applied; to be changed through `append` only."""
        self.provenance = provenance
        self._chronicle = Chronicle(storage, content=content, log=log)
        self._storage = storage
        self._hold = hold
        self._version = version
        self._clock = clock
        self._serial = ledger.serial
        self._id = ""
        self._check = 0
        self._pending: list[tuple[Event, bytes]] = []
        self._queued = 0
        self._durable = 0
        self._folded = 0
        self._closed = ""
        self._queue = RLock()
        self._disk = Lock()

    def append(self, event: Event) -> None:
        """
        Record an event: when this returns it will survive a crash, and `ledger` shows it.

        Raises LedgerError when it could not be kept, LockedError when the lock was taken away. After either, nothing
        more can be recorded, so nothing more may be sent.
        """
        with self._queue:
            self._check_open()
            identity, header, check = (self._id, b"", self._check) if self._id else self._begin()
            line, check = encode_event(event, check)
            self._id, self._check = identity, check
            self._pending.append((event, header + line))
            self._queued += 1
            mine = self._queued
        with self._disk:
            if self._durable < mine:
                self._flush()

    def fold(self) -> Ledger:
        """
        Write the ledger as a whole, one serial up, and remove the journal; does nothing when nothing was recorded.

        Raises LedgerError or LockedError; the journal is kept then, and the next run folds it.
        """
        with self._disk, self._queue:
            self._check_open()
            if self._pending:
                self._flush()
            ledger = self.ledger
            if self._durable == self._folded:
                return ledger
            self._write(ledger)
            return ledger

    def adopt(self, header: Header, account: Account) -> None:
        """Take over what an interrupted run left: its events are in `ledger` already, and are folded into it next."""
        with self._queue:
            self._id = header.id
            self._chronicle.adopt(header, account)
            self._queued += 1
            self._durable += 1

    def replace(self, ledger: Ledger, *, why: str, log: LogHead = NO_LOG) -> None:
        """
        Write another ledger in the place of this one, one serial up from its own.

        `why` is for the change record, which goes on after `log` where this ledger had none. Raises LedgerError.
        """
        with self._disk, self._queue:
            self._check_open()
            self._chronicle.replace(replaced(self.ledger, ledger, at=self._clock.stamp(), why=why), log=log)
            self._write(ledger)
            self.ledger = ledger

    def close(self, reason: str) -> None:
        """Refuse whatever comes after."""
        with self._queue:
            self._closed = self._closed or reason

    def _check_open(self) -> None:
        if self._closed:
            raise LedgerError(
                f"nothing more can be recorded in {self._storage.name}: {self._closed}",
                hint="What was recorded before is kept. Run the command again: it continues from there.",
            )

    def _begin(self) -> tuple[str, bytes, int]:
        """Return a new journal's id, header and checksum; a new ledger gets its lineage now that it holds something."""
        ledger, owner = self.ledger, self._hold.owner
        ledger.lineage = ledger.lineage or str(uuid.uuid4())
        identity = secrets.token_hex(16)
        header, check = encode_header(
            Header(
                id=identity,
                lineage=ledger.lineage,
                serial=ledger.serial,
                target=ledger.target,
                url=ledger.url,
                at=self._clock.stamp(),
                by=f"{owner.user}@{owner.host}",
                command=owner.command,
                provenance=self.provenance,
            )
        )
        return identity, header, check

    def _flush(self) -> None:
        """Write all that waits; the caller holds `_disk`, which is always taken before `_queue`."""
        with self._queue:
            pending, self._pending = self._pending, []
        try:
            # After a failed write the order on disk is unknown: those who waited for it must fail as well.
            if self._closed:
                raise LedgerError(f"nothing more can be recorded in {self._storage.name}: {self._closed}")
            self._hold.check()
            self._storage.append(b"".join(line for _, line in pending))
            # Still ours after the write: so nobody can have folded the journal without these lines.
            self._hold.check()
        except BaseException as error:
            self._closed = self._closed or f"an earlier write failed ({error})"
            raise
        for event, _ in pending:
            self._chronicle.account.note(event, self.ledger)
            self.ledger.record(event)
        self._durable += len(pending)

    def _write(self, ledger: Ledger) -> None:
        serial, lineage = ledger.serial, ledger.lineage
        ledger.serial, ledger.lineage = serial + 1, lineage or str(uuid.uuid4())
        try:
            self._hold.check()
            log = self._chronicle.record(ledger, serial_before=self._serial, origin=self._origin())
            content = encode_document(Document(ledger=ledger, folded=self._id, log=log))
            self._version = self._storage.write(content, expected=self._version)
        except BaseException:
            ledger.serial, ledger.lineage = serial, lineage
            raise
        self._folded = self._durable
        self._id, self._check = "", 0
        self._serial = ledger.serial
        self._chronicle.written(content, log)
        self._storage.clear()

    def _origin(self) -> Origin:
        owner = self._hold.owner
        return Origin(
            at=self._clock.stamp(),
            by=f"{owner.user}@{owner.host}",
            command=owner.command,
            provenance=self.provenance,
        )
