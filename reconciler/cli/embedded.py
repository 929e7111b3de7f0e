"""The embedded simulator as a target: in this process, its data beside the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.config.settings import Target
from reconciler.model.secret import Secret
from reconciler.simulator.faults import DroppedConnection
from reconciler.simulator.service import Service


@contextmanager
def connect_service(service: Service, *, timeout: float) -> Iterator[Client]:
    """Open a client of a simulator in this process, as its first account; `timeout` is in seconds."""
    with service.edit() as world:
        login, account = next(iter(world.accounts.items()))
    connection = Connection(url="simulator://", login=login, password=Secret(account.password), timeout=timeout)
    transport = CallableTransport(service.handle, dropped=(DroppedConnection,))
    with open_client(connection, transport=transport) as client:
        yield client


def open_service(target: Target) -> Service:
    """Return the simulator that a `simulator://` target means, with its data beside the ledger."""
    place = target.state.removeprefix("file://")
    # A ledger that is not in a file has nothing beside it: then where it would be by default.
    state = Path(f".reconciler/{target.name}.json" if "://" in place else place)
    return Service(data=state.with_name(f"{state.stem}.simulator.json"))
