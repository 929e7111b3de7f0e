"""A contact centre to run the whole loop on: a simulated tenant, a ledger in a file, and what Git asks for."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.apply import apply_plan
from reconciler.fingerprint import check
from reconciler.live import fetch
from reconciler.model.desired import DesiredInventory, PasswordSource
from reconciler.model.outcome import ApplyReport
from reconciler.model.plan import Plan
from reconciler.model.policy import Policy
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.faults import DroppedConnection, Faults
from reconciler.simulator.log import Request
from reconciler.simulator.service import Service
from reconciler.state.file import FileStorage
from reconciler.state.lock import Clock
from reconciler.state.store import Store

NOON = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
TARGET, URL = "centre", "simulator://"


def password_of(source: PasswordSource) -> Secret:
    """Return a password for any source: these tests are not about where it comes from."""
    return Secret(f"Secret-{'-'.join(source.argument) or 'made'}-1")


class KilledError(BaseException):
    """The process is gone: nothing that it would still do takes effect."""


@dataclass(slots=True, kw_only=True)
class Life:
    """How many more requests and ledger writes the process lives to begin or end; None: as many as it likes."""

    left: int | None = None

    def spend(self) -> None:
        """Live through one more moment, or die; the dead stay dead."""
        if self.left is None:
            return
        if self.left <= 0:
            raise KilledError
        self.left -= 1


class MortalStorage(FileStorage):
    """A file for the ledger, written by a process that may die before or after any write."""

    def __init__(self, path: Path, *, clock: Clock, life: Life) -> None:
        super().__init__(path, clock=clock)
        self._life = life

    def append(self, lines: bytes) -> None:
        """Append, if still alive."""
        self._life.spend()
        super().append(lines)
        self._life.spend()

    def write(self, content: bytes, *, expected: str) -> str:
        """Write, if still alive."""
        self._life.spend()
        version = super().write(content, expected=expected)
        self._life.spend()
        return version

    def clear(self) -> None:
        """Clear, if still alive."""
        self._life.spend()
        super().clear()


@dataclass(slots=True, kw_only=True)
class Centre:
    """One tenant and its ledger; `policy` allows mass changes, since these worlds are small."""

    folder: Path
    behaviour: Behaviour = PLAIN
    policy: Policy = field(default_factory=lambda: Policy(allow_mass_change=True))
    life: Life = field(default_factory=Life)
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        self.service = Service(behaviour=self.behaviour, sleep=lambda seconds: None)

    @property
    def store(self) -> Store:
        """Return the ledger's store, freshly opened as a new process would."""
        clock = Clock()
        return Store(MortalStorage(self.folder / "ledger.json", clock=clock, life=self.life), clock=clock)

    def client(self) -> Client:
        """Return a client with a login of its own."""
        login, account = next(iter(self.service.world.accounts.items()))
        return open_client(
            Connection(url=URL, login=login, password=Secret(account.password), timeout=5.0),
            transport=CallableTransport(self._handle, dropped=(DroppedConnection,)),
            sleep=lambda seconds: None,
        )

    def _handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.life.spend()
        reply = self.service.handle(method, path, headers, body)
        self.life.spend()
        return reply

    def plan(self, desired: DesiredInventory, *, policy: Policy | None = None) -> Plan:
        """Plan as a new process would: read the ledger, fetch, plan."""
        with self.client() as client:
            return make_plan(
                desired=desired,
                live=fetch(client),
                ledger=self.store.load(target=TARGET, url=URL),
                policy=policy or self.policy,
                target=TARGET,
                url=URL,
            )

    def apply(self, plan: Plan, *, parallelism: int = 1) -> ApplyReport:
        """Apply as a new process would: lock, check again, execute, fold."""
        with self.store.lock(command="test", target=TARGET, url=URL) as journal, self.client() as client:
            check(plan, live=fetch(client), ledger=journal.ledger)
            report = apply_plan(
                plan,
                client=client,
                journal=journal,
                passwords=password_of,
                parallelism=parallelism,
                clock=lambda: NOON,
                stop=threading.Event(),
                sleep=lambda seconds: None,
            )
            journal.fold()
        return report

    def run(self, desired: DesiredInventory, *, faults: Faults | None = None, parallelism: int = 1) -> ApplyReport:
        """Plan and apply, with faults striking the apply only."""
        plan = self.plan(desired)
        self.service.faults = faults or Faults()
        try:
            return self.apply(plan, parallelism=parallelism)
        finally:
            self.service.faults = Faults()

    def writes(self) -> list[Request]:
        """Return the writing requests since the last call."""
        requests = list(self.service.writes)
        self.service.clear_log()
        return requests
