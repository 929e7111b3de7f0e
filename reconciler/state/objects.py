"""
A ledger in an object store.

    PREFIX/head.json              who holds the ledger, and which objects it is made of; the only one that is replaced
    PREFIX/documents/EPOCH-ID     the ledger; a new object each time
    PREFIX/journal/EPOCH-NUMBER   the events of the run under way, one object a write
    PREFIX/history/, PREFIX/log/  former versions, the change record
    PREFIX/clock/                 to ask the store for its time

Only `head.json` decides. It is replaced under the condition that it is still the version that was read, so of two who
try one succeeds, and whoever holds an older version can change nothing any more. Each holder has an epoch, one higher
than the one before.

The journal costs two small requests a write, however large the ledger is: one makes an object under a name that is
never used twice, the next reads the head. If that still names this holder, then whoever comes later finds the object
when it looks, and it is durable for good; if not, the writer was fenced out and its caller is told so. What a stale
writer leaves is outside of the span of names that the next holder notes in the head, and is never read.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from reconciler.errors import LedgerError, LockedError
from reconciler.state.codec import dump
from reconciler.state.conversion import MismatchError, converter
from reconciler.state.lease import LeaseHold, Term
from reconciler.state.lock import Clock, LockHeldError, LockOwner, locked
from reconciler.state.object_client import ObjectClient
from reconciler.state.storage import Snapshot

_HEAD = "head.json"
_FORMAT_VERSION = "1.0"
_ATTEMPTS = 50
_PAUSE = 0.05
_GRANULARITY = 1.0
"""Stores tell their time to the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which journal objects count: those of one epoch, from `first` to `last`; None when it may still grow."""

    epoch: int
    first: int = 1
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """
    The content of head.json.

    `nonce` makes each version different from any other. `lease` is in seconds, of `owner`, who holds the ledger.
    """

    version: str
    epoch: int
    nonce: str
    journal: Span
    document: str = ""
    backup: str = ""
    owner: LockOwner | None = None
    lease: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """A head as the store has it."""

    head: Head
    version: Mapping[str, str]
    modified: datetime | None = None


class ObjectStorage:
    """Keeps a ledger in an object store; see `reconciler.state.storage` for what its methods promise."""

    def __init__(self, client: ObjectClient, *, clock: Clock, term: Term) -> None:
        self._client = client
        self._clock = clock
        self._term = term
        self._held: _Known | None = None
        self._next = 1
        self._busy = threading.RLock()

    @property
    def name(self) -> str:
        """Return the url."""
        return self._client.name

    def repair(self, *, journal: bool) -> str:
        """Return how to get back to a readable ledger."""
        what = "journal" if journal else "ledger"
        return (
            f"Nothing was changed. `reconciler state push --force FILE` starts again from a document of yours, and "
            f"keeps the damaged {what} in the store; former versions are below {self.name}/history. Then let "
            "`reconciler plan --reassert` send again what cannot be read back."
        )

    @property
    def has_backup(self) -> bool:
        """Return whether the version before is there."""
        known = self._read_head()
        return known is not None and bool(known.head.backup)

    def read(self) -> Snapshot:
        """Return the ledger and its journal."""
        for _ in range(_ATTEMPTS):
            known = self._read_head()
            if known is None:
                return Snapshot(ledger=None, journal=None, version="", live=False)
            head = known.head
            document = self._client.get(head.document) if head.document else None
            names = self._segments(head.journal)
            segments = self._client.get_all(names)
            again = self._read_head()
            same = again is not None and (again.head.document, again.head.journal) == (head.document, head.journal)
            if not same or None in segments or (head.document and document is None):
                if same and head.document and document is None:
                    raise LedgerError(f"{self.name} has lost {head.document}", hint=self.repair(journal=False))
                self._clock.sleep(_PAUSE)
                continue
            return Snapshot(
                ledger=document.content if document else None,
                journal=b"".join(filter(None, segments)) if segments else None,
                version=head.document,
                live=bool(segments) and head.owner is not None and not self._has_expired(known, reading=True),
            )
        raise LedgerError(f"{self.name} changes faster than it can be read", hint="Try again.")

    def write(self, content: bytes, *, expected: str) -> str:
        """Make a new document and let the head name it."""
        with self._busy:
            held = self._mine()
            if held.head.document != expected:
                raise LedgerError(
                    f"{self.name} was changed by someone else; it was not overwritten", hint="Plan again."
                )
            name = f"documents/{held.head.epoch:010}-{secrets.token_hex(8)}"
            if self._client.create(name, content) is None:
                raise LedgerError(f"{name} is taken already at {self.name}", hint="Try again.")
            outdated = held.head.backup
            self._swap(replace(held.head, document=name, backup=expected))
        if outdated:
            self._forget((outdated,))
        return name

    def append(self, lines: bytes) -> None:
        """Make the journal's next object, and make sure that the lock was still ours after that."""
        with self._busy:
            held = self._mine()
            span = held.head.journal
            if span.epoch != held.head.epoch:
                raise LedgerError(f"{self.name} still has another run's journal", hint="Try again.")
            made = self._client.create(_segment(span.epoch, self._next), lines)
            self._next += 1
        known = self._read_head()
        if made is None or known is None or not _is_same_hold(known.head, held.head):
            raise self._taken(known)

    def clear(self) -> None:
        """Let the head pass over the journal's objects, then remove them."""
        with self._busy:
            held = self._mine()
            outdated = self._segments(held.head.journal)
            self._swap(replace(held.head, journal=Span(epoch=held.head.epoch, first=self._next)))
        self._forget(outdated)

    def set_aside(self) -> tuple[str, ...]:
        """Let the head name neither; the objects stay under their names."""
        with self._busy:
            held = self._mine()
            kept = (*((held.head.document,) if held.head.document else ()), *self._segments(held.head.journal))
            span = Span(epoch=held.head.epoch, first=self._next)
            self._swap(replace(held.head, document="", backup="", journal=span))
        return tuple(f"{self.name}/{name}" for name in kept)

    def acquire(self, owner: LockOwner) -> LeaseHold:
        """Try once to lock."""
        began = self._term.elapsed()
        known = self._read_head()
        if known is not None and known.head.owner is not None and not self._has_expired(known):
            raise LockHeldError(known.head.owner)
        with self._busy:
            self._held = self._take(owner, known)
            self._next = 1
            self._settle_span()
        return LeaseHold(owner, name=self.name, term=self._term, began=began, renew=self._renew, end=self._end)

    def owner(self) -> LockOwner | None:
        """Return who holds the lock or left it behind."""
        known = self._read_head()
        return known.head.owner if known else None

    def break_lock(self, owner: LockOwner, *, force: bool) -> None:
        """Take that owner out of the head."""
        known = self._read_head()
        if known is None or known.head.owner is None:
            return
        found = known.head.owner
        if found.id != owner.id:
            raise locked(self.name, found)
        if not force and not self._has_expired(known):
            raise LockedError(
                f"{self.name} is held by {found}, and that run still renews its lock",
                hint="Stop it first (Ctrl-C lets it record what it does), or remove the lock with --force.",
            )
        freed = replace(known.head, owner=None, nonce=secrets.token_hex(8))
        if self._client.replace(_HEAD, _encode(freed), version=known.version) is None:
            # Renewed, or gone, in between: ask again.
            self.break_lock(owner, force=force)

    def keep(self, collection: str, name: str, content: bytes) -> None:
        """Make an object, unless it is there."""
        self._client.create(f"{collection}/{name}", content)

    def kept(self, collection: str, names: tuple[str, ...]) -> tuple[bytes | None, ...]:
        """Return objects' contents."""
        return self._client.get_all(tuple(f"{collection}/{name}" for name in names))

    def names(self, collection: str) -> tuple[str, ...]:
        """Return the objects in a folder."""
        return self._client.names(collection)

    def drop(self, collection: str, names: tuple[str, ...]) -> None:
        """Remove objects from a folder."""
        self._client.delete(tuple(f"{collection}/{name}" for name in names))

    def _read_head(self) -> _Known | None:
        found = self._client.get(_HEAD)
        if found is None:
            return None
        return _Known(head=_decode(found.content, name=self.name), version=found.version, modified=found.modified)

    def _take(self, owner: LockOwner, known: _Known | None) -> _Known:
        before = (
            known.head if known else Head(version=_FORMAT_VERSION, epoch=0, nonce="", journal=Span(epoch=0, last=0))
        )
        epoch = before.epoch + 1
        span = before.journal
        if span.last is not None and span.last < span.first:
            span = Span(epoch=epoch)
        head = replace(
            before, epoch=epoch, owner=owner, lease=float(self._term.seconds), nonce=secrets.token_hex(8), journal=span
        )
        content = _encode(head)
        version = (
            self._client.create(_HEAD, content)
            if known is None
            else self._client.replace(_HEAD, content, version=known.version)
        )
        if version is None:
            now = self._read_head()
            raise LockHeldError(now.head.owner if now else None)
        return _Known(head=head, version=version)

    def _settle_span(self) -> None:
        """Note where a journal that was left behind ends: what its fenced writer adds later does not count."""
        held = self._mine()
        span = held.head.journal
        if span.epoch == held.head.epoch or span.last is not None:
            return
        names = self._segments(span)
        last = _number(names[-1]) if names else 0
        settled = replace(span, last=last) if names else Span(epoch=held.head.epoch)
        self._swap(replace(held.head, journal=settled))

    def _segments(self, span: Span) -> tuple[str, ...]:
        if span.last is not None and span.last < span.first:
            return ()
        names = [f"journal/{name}" for name in self._client.names("journal") if name.startswith(f"{span.epoch:010}-")]
        return tuple(
            name for name in names if span.first <= _number(name) and (span.last is None or _number(name) <= span.last)
        )

    def _swap(self, head: Head) -> None:
        held = self._mine()
        head = replace(head, nonce=secrets.token_hex(8))
        version = self._client.replace(_HEAD, _encode(head), version=held.version)
        if version is None:
            raise self._taken(self._read_head())
        self._held = _Known(head=head, version=version)

    def _mine(self) -> _Known:
        if self._held is None:
            raise LedgerError(f"{self.name} is not locked by this run")
        return self._held

    def _taken(self, known: _Known | None) -> LockedError:
        who = str(known.head.owner) if known and known.head.owner else "someone"
        return LockedError(
            f"the lock of {self.name} was taken over by {who}; nothing more is sent",
            hint="What was done is recorded. Wait for that run, then plan again.",
        )

    def _renew(self) -> None:
        with self._busy:
            self._swap(self._mine().head)

    def _end(self) -> None:
        with self._busy:
            held = self._mine()
            span = held.head.journal
            if span.epoch == held.head.epoch:
                span = replace(span, last=self._next - 1)
            try:
                self._swap(replace(held.head, owner=None, journal=span))
            finally:
                self._held = None

    def _has_expired(self, known: _Known, *, reading: bool = False) -> bool:
        """Return whether nobody renewed the lock for its lease, by the store's own clock."""
        assert known.modified is not None
        name = f"clock/{secrets.token_hex(8)}"
        try:
            now = self._client.touch(name)
            self._forget((name,))
        except LedgerError:
            if not reading:
                raise
            # An account that may only read: what it shows may be a serial behind, and nothing rests on it.
            now = self._clock.now()
        return (now - known.modified).total_seconds() > known.head.lease + _GRANULARITY

    def _forget(self, names: tuple[str, ...]) -> None:
        """Remove what nothing names any more; what stays is only clutter."""
        with contextlib.suppress(LedgerError):
            self._client.delete(names)


def _segment(epoch: int, number: int) -> str:
    return f"journal/{epoch:010}-{number:010}"


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def _is_same_hold(one: Head, other: Head) -> bool:
    return (one.epoch, one.owner) == (other.epoch, other.owner)


def _encode(head: Head) -> bytes:
    return f"{dump(converter(Head).encode(head))}\n".encode()


def _decode(content: bytes, *, name: str) -> Head:
    try:
        fields = json.loads(content)
        if isinstance(fields, dict) and fields.get("version") != _FORMAT_VERSION:
            raise LedgerError(
                f"{name}/{_HEAD} has a format version that this reconciler does not know",
                hint="Use the version of the reconciler that wrote it, or a newer one.",
            )
        return cast(Head, converter(Head).decode(fields))
    except (ValueError, MismatchError, RecursionError) as error:
        raise LedgerError(f"{name}/{_HEAD} is damaged: {error}", hint="Restore that object from a backup.") from None
