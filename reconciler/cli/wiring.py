"""
Compose the rooms: settings become a client and a store, manifests and target become a plan.

Commands import this module when they run, not when they are loaded: with it come the YAML, schema and HTTP libraries,
which `--help` must not wait for.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.cli import ledgers
from reconciler.cli.manifests import policy, read_manifests
from reconciler.cli.options import PlanningOptions
from reconciler.cli.progress import reading
from reconciler.cli.session import Session
from reconciler.config.load import Loaded
from reconciler.config.passwords import resolve_password
from reconciler.config.settings import Settings, Target
from reconciler.live import fetch
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory
from reconciler.model.plan import Plan
from reconciler.planner import make_plan
from reconciler.state.lock import user_name
from reconciler.state.store import Store

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A plan and everything that it was made from."""

    loaded: Loaded
    live: LiveInventory
    ledger: Ledger
    plan: Plan


@contextmanager
def connect(settings: Settings, *, timeout: float) -> Iterator[Client]:
    """Open a client of the target; nothing is sent before its first call."""
    target = settings.connection()
    if target.is_simulator:
        # For start-up time: a real tenant's run has no use for the simulator.
        from reconciler.cli.embedded import connect_service, open_service  # noqa: PLC0415

        with connect_service(open_service(target), timeout=timeout) as client:
            yield client
        return
    assert target.password is not None
    password = resolve_password(target.password, environment=os.environ, directory=settings.directory)
    connection = Connection(url=target.url, login=target.login, password=password, timeout=timeout)
    with open_client(connection, token_cache=token_cache()) as client:
        try:
            yield client
        finally:
            _LOGGER.debug("%s: %s", target.url, _account_of(client))


def plan_directory(session: Session, directory: str, planning: PlanningOptions) -> Plan:
    """Make the plan of a configuration directory; nothing is written and nothing but GETs is sent."""
    return survey(session, directory, planning).plan


def survey(session: Session, directory: str, planning: PlanningOptions) -> Survey:
    """Make the plan of a configuration directory, and keep what it was made from."""
    loaded = read_manifests(session, directory, parallelism=planning.parallelism)
    target = loaded.settings.connection()
    with connect(loaded.settings, timeout=planning.timeout) as client:
        ledger = load_ledger(session, open_ledger(loaded.settings), target)
        live = fetch_live(session, client, target.url)
    return Survey(loaded=loaded, live=live, ledger=ledger, plan=_plan(loaded, live, ledger, planning))


def make(session: Session, loaded: Loaded, client: Client, planning: PlanningOptions) -> Plan:
    """Make the plan of manifests that were read."""
    target = loaded.settings.connection()
    ledger = load_ledger(session, open_ledger(loaded.settings), target)
    return _plan(loaded, fetch_live(session, client, target.url), ledger, planning)


def _plan(loaded: Loaded, live: LiveInventory, ledger: Ledger, planning: PlanningOptions) -> Plan:
    target = loaded.settings.connection()
    return make_plan(
        desired=loaded.desired,
        live=live,
        ledger=ledger,
        policy=policy(loaded.settings, planning),
        target=target.name,
        url=target.url,
    )


def _account_of(client: Client) -> str:
    sent = client.statistics
    requests = ", ".join(f"{count} {method}" for method, count in sent.requests.items()) or "no requests"
    return f"{sent.logins} login{'s' if sent.logins != 1 else ''}, {requests}"


def open_ledger(settings: Settings) -> Store:
    """Return the store of the target's ledger; nothing is read yet."""
    return ledgers.open_ledger(settings)


def load_ledger(session: Session, store: Store, target: Target) -> Ledger:
    """Read the ledger, without locking or writing; what had to be made good is a warning."""
    ledger = store.load(target=target.name, url=target.url)
    warn_of(session, store)
    return ledger


def warn_of(session: Session, store: Store) -> None:
    """Show what the last reading or locking of a ledger had to make good."""
    for warning in store.warnings:
        session.screen.warn(warning)


def fetch_live(session: Session, client: Client, url: str) -> LiveInventory:
    """Read the target, with progress."""
    with reading(session.screen, url) as progress:
        return fetch(client, progress=progress)


def who() -> str:
    """Return who runs this and where, as the ledger names people."""
    return f"{user_name()}@{socket.gethostname()}"


def token_cache() -> Path | None:
    """Return the folder in which tokens outlive a run, outside any repository; None where there is no home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(given) if os.path.isabs(given) else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "maxcontact-reconciler" / "tokens"
