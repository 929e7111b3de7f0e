"""
What a write of the ledger leaves behind: the version before, and a segment of the change record.

Both are kept before the ledger itself is written, under names that say what they hold. So a run that is killed in
between leaves something that is not in the chain and that nobody reads, and a ledger never points at what is not there.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.model.ledger import Ledger
from reconciler.model.record import NO_LOG, Entry, LogHead, Provenance, RunRecord, Segment
from reconciler.state.codec import Header
from reconciler.state.describe import Account, changed
from reconciler.state.record import LOG, seal
from reconciler.state.storage import Storage

HISTORY = "history"
KEPT = 100
"""So many former versions are kept to go back to; the change record of all writes is kept for good."""

_SWEEP = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who writes the ledger, when, in which command, and where that comes from."""

    at: str
    by: str
    command: str
    provenance: Provenance


class Chronicle:
    """The history and the change record of a ledger that is held; `account` gathers what the run does."""

    def __init__(self, storage: Storage, *, content: bytes | None, log: LogHead) -> None:
        self.account = Account()
        self._storage = storage
        self._content = content
        self._log = log
        self._interrupted: Header | None = None

    def adopt(self, header: Header, account: Account) -> None:
        """Tell next what an interrupted run did, as that run's."""
        self.account = account
        self._interrupted = header

    def replace(self, entries: Iterable[Entry], *, log: LogHead) -> None:
        """Tell next that the ledger was replaced; a record that has no end yet goes on after `log`."""
        self.account.add(entries)
        if self._log == NO_LOG:
            self._log = log

    def record(self, ledger: Ledger, *, serial_before: int, origin: Origin) -> LogHead:
        """Keep the version before and what is told of this write; return where the change record ends now."""
        if self._content is not None:
            self._storage.keep(HISTORY, history_name(serial_before, self._content), compress(self._content))
        left = self._interrupted
        entries = self.account.entries()
        run = RunRecord(
            number=0,
            serial=ledger.serial,
            lineage=ledger.lineage,
            at=left.at if left else origin.at,
            by=left.by if left else origin.by,
            command=left.command if left else origin.command,
            target=ledger.target,
            url=ledger.url,
            provenance=left.provenance if left else origin.provenance,
            interrupted=left is not None,
            changed=changed(entries),
        )
        content, head = seal(Segment(run=run, entries=entries), self._log)
        self._storage.keep(LOG, head.segment, content)
        return head

    def written(self, content: bytes, log: LogHead) -> None:
        """Go on from a ledger that was written; now and then remove versions that are older than is kept."""
        serial = int(log.segment.partition("-")[0])
        self.account = Account()
        self._interrupted = None
        self._content, self._log = content, log
        if serial % _SWEEP == 0:
            old = self._storage.names(HISTORY)[:-KEPT]
            if old:
                self._storage.drop(HISTORY, old)


def history_name(serial: int, content: bytes) -> str:
    """Return the name under which a version of the ledger is kept."""
    return f"{serial:010}-{hashlib.sha256(content).hexdigest()[:16]}"


def compress(content: bytes) -> bytes:
    """Return a ledger's document as it is kept; the fastest level, since a run waits for it."""
    return gzip.compress(content, compresslevel=1, mtime=0)


def expand(content: bytes) -> bytes:
    """Return a ledger's document from what was kept; raises OSError or EOFError when that is damaged."""
    return gzip.decompress(content)
