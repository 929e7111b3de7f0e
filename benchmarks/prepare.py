"""Bring a simulated target in step with a generated centre, so that planning finds nothing to do."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
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
    data: Path
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


def prepare(folder: Path, objects: int, *, url: str) -> Centre:
    """
    Write a centre of so many objects, whose target is at `url`, and apply it.

    The simulator works in memory and its data are written once, for whoever serves them at `url`: a file written after
    each request would take longer than everything that is measured.
    """
    documents = write_centre(folder, objects, url=url)
    loaded = load(folder, environment={})
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
    data = folder / ".reconciler" / "simulator.json"
    data.write_text(json.dumps(keep_world(service.world)), encoding="utf-8")
    return Centre(
        folder=folder, data=data, objects=objects, documents=documents, steps=len(made.steps), apply_seconds=seconds
    )


@contextmanager
def served(data: Path, *, port: int) -> Iterator[None]:
    """Serve a simulator's data in a process of its own, as a real target would be."""
    command = [sys.executable, "-m", "reconciler", "simulator", "--port", str(port), "--data", str(data)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()  # its url, once it takes requests
            yield
        finally:
            server.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
