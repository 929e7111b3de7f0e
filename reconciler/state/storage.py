"""
The small protocol that a place for ledgers keeps.

A storage moves bytes and knows nothing of their meaning: reading them, folding a journal, serials and lineages are the
same for all of them and live in `reconciler.state.store`. A storage promises:

* `read` returns a ledger and a journal that belong together, though someone may be writing;
* `write` replaces the ledger as a whole or not at all, and only when it is still the version that was `expected`: an
  inode here, an ETag, a generation or a row's serial elsewhere;
* `append` returns when the lines will survive a crash, at a cost that does not depend on the ledger's size; what it has
  not returned from may be kept, be missing, or be cut off at the end;
* `acquire` tries once to become the only holder; a holder that lost its place (fenced out, expired) learns it from
  `Hold.check`, which is asked before every append and write;
* `keep` makes something that is never changed again: former ledgers, segments of the change record. Its name says what
  it holds, so that keeping it twice is keeping it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from reconciler.state.lock import LockOwner


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """
    What a storage holds at one moment.

    `ledger` and `journal` are None when there is none. `version` names the ledger's version, empty when there is none.
    `live` says that a run holds the lock, so that the journal may still grow.
    """

    ledger: bytes | None
    journal: bytes | None
    version: str
    live: bool


class Hold(Protocol):
    """A held lock."""

    @property
    def owner(self) -> LockOwner:
        """Return who holds it."""

    def check(self) -> None:
        """Raise LockedError when the lock is no longer ours."""

    def release(self) -> None:
        """Give it up; does nothing when it is no longer ours."""


class Storage(Protocol):
    """A place that keeps one ledger, its journal and its lock. Its methods raise LedgerError for what goes wrong."""

    @property
    def name(self) -> str:
        """Return what messages call the ledger."""

    def repair(self, *, journal: bool) -> str:
        """Return what to do when the ledger (or, with `journal`, only its journal) is damaged, as an error's hint."""

    @property
    def has_backup(self) -> bool:
        """Return whether a previous version is kept."""

    def read(self) -> Snapshot:
        """Return the ledger and its journal; changes nothing."""

    def write(self, content: bytes, *, expected: str) -> str:
        """Replace the ledger durably, keep the version before as a backup, and return the new version."""

    def append(self, lines: bytes) -> None:
        """Add lines to the journal, durably."""

    def clear(self) -> None:
        """Remove the journal, durably."""

    def set_aside(self) -> tuple[str, ...]:
        """Keep the ledger and the journal under other names, out of the way; return those names."""

    def acquire(self, owner: LockOwner) -> Hold:
        """Try once to lock; raises LockHeldError when someone else holds it."""

    def owner(self) -> LockOwner | None:
        """Return who holds the lock (or left it behind), None when nobody does."""

    def break_lock(self, owner: LockOwner, *, force: bool) -> None:
        """Remove that owner's lock and no other; raises LockedError when it still runs, unless `force`."""

    def keep(self, collection: str, name: str, content: bytes) -> None:
        """Keep content beside the ledger, durably, for good; does nothing when the name is there already."""

    def kept(self, collection: str, names: tuple[str, ...]) -> tuple[bytes | None, ...]:
        """Return what is kept under these names, in their order; None where nothing is."""

    def names(self, collection: str) -> tuple[str, ...]:
        """Return every name in a collection, sorted."""

    def drop(self, collection: str, names: tuple[str, ...]) -> None:
        """Remove what is kept under these names."""
