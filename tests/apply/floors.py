"""A floor to apply to: the simulator behind the real client, a real ledger in a file, and ways to die on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.apply import apply_plan
from reconciler.applying.progress import Observer
from reconciler.live import fetch
from reconciler.model.desired import DesiredInventory, PasswordSource
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import Event, Ledger
from reconciler.model.outcome import ApplyReport
from reconciler.model.plan import Plan
from reconciler.model.policy import Policy
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.faults import DroppedConnection, parse_faults
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import Service
from reconciler.simulator.world import DEFAULT_LOGIN, DEFAULT_PASSWORD, Relation, World
from reconciler.state.journal import Journal
from reconciler.state.store import FileStore

NOON = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
WORLD_RELATIONS = {
    "campaign-list": Relation.CAMPAIGN_LISTS,
    "campaign-team": Relation.CAMPAIGN_TEAMS,
    "team-user": Relation.TEAM_USERS,
}
WORLD_KINDS = {"Campaign": Kind.CAMPAIGNS, "List": Kind.LISTS, "Team": Kind.TEAMS, "User": Kind.USERS}

Tamper = Callable[[str, str, Callable[[], Reply]], Reply]
"""Stands between client and server: may look, answer itself, or change the world before or after."""


class Killed(BaseException):
    """The process is gone; nothing after this happens."""


class Life:
    """Counts requests and ledger lines, and ends at one of them: before it takes effect, or right after."""

    def __init__(self, *, ends_at: int | None = None, after: bool = False) -> None:
        self.moments = 0
        self._ends_at = ends_at
        self._after = after
        self._over = False
        self._lock = threading.Lock()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Live through one request or ledger line, unless this is the last."""
        with self._lock:
            if self._over:
                raise Killed
            last = self.moments == self._ends_at
            self.moments += 1
            self._over = last
        if last and not self._after:
            raise Killed
        yield
        if last:
            raise Killed


class MortalJournal:
    """A real journal that dies with the process; remembers what was appended."""

    def __init__(self, journal: Journal, life: Life, *, refuses: Callable[[Event], bool] | None) -> None:
        self._journal = journal
        self._life = life
        self._refuses = refuses
        self.events: list[Event] = []

    @property
    def ledger(self) -> Ledger:
        """Return the real journal's ledger."""
        return self._journal.ledger

    def append(self, event: Event) -> None:
        """Append durably, or die; a full disk refuses."""
        with self._life.moment():
            if self._refuses is not None and self._refuses(event):
                self._journal.close("the disk is full")
            self._journal.append(event)
            self.events.append(event)


class Floor:
    """One simulated tenant with a ledger of its own; every apply plans afresh, as the command does."""

    def __init__(self, folder: Path, behaviour: Behaviour = PLAIN, *, faults: str = "") -> None:
        self.service = Service(behaviour=behaviour, faults=parse_faults(faults), sleep=lambda _: None)
        self.store = FileStore(folder / "ledger.json")
        self.tamper: Tamper | None = None
        self.events: list[Event] = []
        self.unforeseen: list[str] = []
        self.waits: list[float] = []
        self._life = Life()
        self._journal: MortalJournal | None = None
        self.client = self._open_client()

    @property
    def world(self) -> World:
        """Return the tenant's tables."""
        return self.service.world

    def plan(self, desired: DesiredInventory, policy: Policy | None = None) -> Plan:
        """Plan as the command does, with a login of its own; faults do not strike meanwhile."""
        self.client.close()
        self.client = self._open_client()
        faults, self.service.faults = self.service.faults, parse_faults("")
        try:
            return make_plan(
                desired=desired,
                live=fetch(self.client),
                ledger=self.store.load(),
                policy=policy or Policy(allow_mass_change=True),
                target="test",
                url="simulator://",
            )
        finally:
            self.service.faults = faults

    def apply(
        self,
        plan: Plan,
        *,
        parallelism: int = 1,
        life: Life | None = None,
        stop: threading.Event | None = None,
        observer: Observer | None = None,
        passwords: Callable[[PasswordSource], Secret] | None = None,
        refuse_to_record: Callable[[Event], bool] | None = None,
    ) -> ApplyReport:
        """Apply a plan; with a `life`, perhaps not to its end: Killed is raised, and the journal stays as it is."""
        self._life = life or Life()
        with self.store.hold(command="apply") as hold:
            journal = self.store.settle(hold)
            self._journal = MortalJournal(journal, self._life, refuses=refuse_to_record)
            try:
                report = apply_plan(
                    plan,
                    client=self.client,
                    journal=self._journal,
                    passwords=passwords or (lambda source: Secret(f"pw of {source}")),
                    parallelism=parallelism,
                    observer=observer,
                    clock=lambda: NOON,
                    stop=stop or threading.Event(),
                    sleep=self.waits.append,
                )
                if refuse_to_record is None:
                    journal.fold()
            finally:
                journal.close("the run is over")
                self.events.extend(self._journal.events)
                self._journal, self._life = None, Life()
            return report

    def bring(self, desired: DesiredInventory, *, life: Life | None = None, parallelism: int = 1) -> ApplyReport:
        """Plan and apply."""
        return self.apply(self.plan(desired), life=life, parallelism=parallelism)

    def false_records(self) -> list[str]:
        """Return every recorded fact of the ledger that is not so in the tenant."""
        wrong = []
        ledger, world = self.store.load(), self.world
        for link, fact in ledger.links.items():
            if fact.mark is not Knowledge.RECORDED:
                continue
            if link.relation == "skill-user":
                actual: object = world.skills.get((link.subject, link.member), False)
            else:
                actual = (link.subject, link.member) in world.links[WORLD_RELATIONS[link.relation]]
            if fact.value != actual:
                wrong.append(f"{link} is recorded as {fact.value}, and is {actual}")
        for flag, fact in ledger.activity.items():
            active = world.objects[WORLD_KINDS[flag.kind]][flag.id]["Active"]
            if fact.mark is Knowledge.RECORDED and fact.value is not active:
                wrong.append(f"{flag} is recorded as {fact.value}, and is {active}")
        return wrong

    def duplicates(self) -> list[str]:
        """Return every name that two objects of a kind share."""
        found = []
        for kind, field in (
            (Kind.CAMPAIGNS, "CampaignName"),
            (Kind.LISTS, "ListName"),
            (Kind.TEAMS, "TeamName"),
            (Kind.USERS, "Login"),
        ):
            names = [str(row[field]) for row in self.world.objects[kind].values()]
            found += [f"{kind.entity} {name}" for name in sorted(set(names)) if names.count(name) > 1]
        return found

    def _open_client(self) -> Client:
        return open_client(
            Connection(url="simulator://", login=DEFAULT_LOGIN, password=Secret(DEFAULT_PASSWORD)),
            transport=CallableTransport(self._handle, dropped=(DroppedConnection,)),
            sleep=lambda _: None,
            random=lambda: 0.0,
        )

    def _handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        with self._life.moment():
            if method != "GET" and (self._journal is None or not self._journal.ledger.intents):
                self.unforeseen.append(f"{method} {path}")
            if self.tamper is not None and "/management/" in path:
                return self.tamper(method, path, lambda: self.service.handle(method, path, headers, body))
            return self.service.handle(method, path, headers, body)
