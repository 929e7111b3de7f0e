"""Bring a simulated target in step with a generated centre, so that planning finds nothing to do."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.centre import write_centre
from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.apply import apply_plan
from reconciler.cli.wiring import simulator_data
from reconciler.config.load import Loaded, load
from reconciler.config.passwords import resolve_password
from reconciler.live import fetch
from reconciler.model.desired import PasswordSource
from reconciler.model.ledger import Ledger
from reconciler.model.plan import Plan
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.simulator.service import Service
from reconciler.simulator.snapshot import keep_world
from reconciler.simulator.world import DEFAULT_LOGIN, DEFAULT_PASSWORD
from reconciler.state.store import open_store


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A directory in step with its simulated target, and what bringing it there took."""

    folder: Path
    objects: int
    documents: int
    steps: int
    apply_seconds: float


@contextmanager
def connected(service: Service) -> Iterator[Client]:
    """Open a client of a simulator in this process."""
    connection = Connection(url="simulator://", login=DEFAULT_LOGIN, password=Secret(DEFAULT_PASSWORD))
    with open_client(connection, transport=CallableTransport(service.handle)) as client:
        yield client


def read(folder: Path) -> Loaded:
    """Read the directory as the command line does."""
    return load(folder, environment={})


def plan(loaded: Loaded, client: Client, ledger: Ledger) -> Plan:
    """Make the plan of a directory that was read."""
    target = loaded.settings.connection()
    return make_plan(
        desired=loaded.desired,
        live=fetch(client),
        ledger=ledger,
        policy=loaded.settings.policy,
        target=target.name,
        url=target.url,
    )


def prepare(folder: Path, objects: int) -> Centre:
    """
    Write a centre of so many objects and apply it.

    The simulator works in memory and is written to its file once: writing it after each request, as the command line
    has to, would take longer than everything that is measured.
    """
    documents = write_centre(folder, objects)
    loaded = read(folder)
    target = loaded.settings.connection()
    store = open_store(target.state)

    def password(source: PasswordSource) -> Secret:
        return resolve_password(source, environment={}, directory=folder)

    service = Service()
    with connected(service) as client, store.lock(command="bench", target=target.name, url=target.url) as journal:
        made = plan(loaded, client, journal.ledger)
        start = time.perf_counter()
        report = apply_plan(made, client=client, journal=journal, passwords=password)
        seconds = time.perf_counter() - start
    if not report.succeeded:
        raise SystemExit(f"the benchmark's centre of {objects} objects could not be applied")
    data = simulator_data(target)
    data.write_text(json.dumps(keep_world(service.world)), encoding="utf-8")
    os.chmod(data, 0o600)
    return Centre(folder=folder, objects=objects, documents=documents, steps=len(made.steps), apply_seconds=seconds)
