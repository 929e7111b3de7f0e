"""What all steps of one apply share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from reconciler.applying.protocols import Journal, Writer
from reconciler.kinds.moments import utc
from reconciler.model.address import Address
from reconciler.model.ledger import EmergencySwitched, Learned, Ledger
from reconciler.model.plan import Plan
from reconciler.model.secret import Secret


@dataclass(slots=True, kw_only=True)
class Run:
    """
    One apply: the plan, the two ways out, the clock, and the passwords by step id.

    `gone` are records of objects that the target no longer has, since the plan creates them again. `silent_kinds` are
    kinds whose entities turned out not to show `Active`. `halted`, once set, is why no further step starts. `stranded`,
    once set, names what was turned there and could not be turned back: nothing else is turned then, or a server that
    lets go of everything and takes nothing would be emptied.
    """

    plan: Plan
    client: Writer
    journal: Journal
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    zone: tzinfo
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    silent_kinds: set[str] = field(default_factory=set)
    gone: frozenset[tuple[Address, int]] = frozenset()
    halted: str = ""
    stranded: str = ""
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[tuple[str, int | str], threading.Lock] = field(default_factory=dict)

    @property
    def ledger(self) -> Ledger:
        """Return the ledger as it is at this moment."""
        return self.journal.ledger

    def now(self) -> str:
        """Return the time as the ledger writes it."""
        return utc(self.clock())

    def id_of(self, address: Address) -> int | None:
        """Return the Id that a document's object has by now."""
        known = self.ledger.objects.get(address)
        return None if known is None else known.id

    def exclusively(self, kind: str, which: int | str) -> AbstractContextManager[object]:
        """
        Give the lock of one object, by its Id or (before it has one) its natural key.

        A whole-entity PUT repeats what it has just read, so nothing else may change that object in between.
        """
        with self._guard:
            return self._locks.setdefault((kind, which), threading.Lock())

    def halt(self, reason: str) -> None:
        """Let no further step start; the first reason stays."""
        with self._guard:
            self.halted = self.halted or reason

    def learn(self, name: str, value: str) -> None:
        """Remember how this server behaves, once."""
        with self._guard:
            if self.ledger.learned.get(name) != value:
                self.journal.append(Learned(name=name, value=value))

    def restored(self, campaign_id: int) -> None:
        """Note that a campaign's status is back after an emergency; the last one ends the emergency's record."""
        with self._guard:
            emergency = self.ledger.emergency
            if emergency is None or emergency.enabled or campaign_id not in emergency.statuses:
                return
            left = {each: status for each, status in emergency.statuses.items() if each != campaign_id}
            self.journal.append(EmergencySwitched(emergency=replace(emergency, statuses=left) if left else None))
