"""What applying needs of the world: a target that can be written to, and a ledger that remembers durably."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from reconciler.model.ledger import Event, Ledger


class Writer(Protocol):
    """
    The management API, safe to use from several threads; paths are those below `/webservices/services`.

    Its errors say what is known: RefusedError (a definite no), UnreachableError (certainly not processed), LoginError
    and AmbiguousError (nobody knows; its cause is a RefusedError when only the repeat of a lost call was refused).
    """

    def read_all(self, path: str) -> list[dict[str, object]]:
        """Return every entity of a collection."""
        ...

    def read_one(self, path: str) -> dict[str, object]:
        """Return one entity."""
        ...

    def send(self, method: str, path: str, body: Mapping[str, object] | None, *, repeatable: bool) -> object:
        """Send a write and return the answer's Data; only a `repeatable` one is ever sent twice."""
        ...


class Journal(Protocol):
    """A locked ledger: an event is durable, and part of `ledger`, before `append` returns. Safe for several threads."""

    @property
    def ledger(self) -> Ledger:
        """Return the ledger with every event so far."""
        ...

    def append(self, event: Event) -> None:
        """Keep one event; raises LedgerError when it cannot."""
        ...
