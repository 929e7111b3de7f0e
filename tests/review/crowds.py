"""A plan with thousands of changes, made by the planner from generated manifests and an empty tenant."""

from __future__ import annotations

from pathlib import Path

from benchmarks.centre import write_centre
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.config.load import load
from reconciler.live import fetch
from reconciler.model.ledger import Ledger
from reconciler.model.plan import Plan
from reconciler.model.secret import Secret
from reconciler.planner import make_plan
from reconciler.simulator.faults import DroppedConnection
from reconciler.simulator.service import Service

OBJECTS = 3_000
CHANGES = 5_000


def crowded_plan(folder: Path) -> Plan:
    """Return a plan of at least 5,000 changes; manifests appear in `folder`."""
    write_centre(folder, OBJECTS, url="https://bench.example")
    loaded = load(folder, environment={})
    service = Service(sleep=lambda seconds: None)
    login, account = next(iter(service.world.accounts.items()))
    connection = Connection(url="simulator://", login=login, password=Secret(account.password), timeout=60.0)
    transport = CallableTransport(service.handle, dropped=(DroppedConnection,))
    with open_client(connection, transport=transport) as client:
        live = fetch(client)
    target = loaded.settings.connection()
    plan = make_plan(
        desired=loaded.desired,
        live=live,
        ledger=Ledger(),
        policy=loaded.settings.policy,
        target=target.name,
        url=target.url,
    )
    assert len(plan.steps) >= CHANGES, len(plan.steps)
    return plan
