"""The servers that the stores are tried on: each is started once for a session, when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.stores.servers import KINDS, NotHere, Place, running

LEASED = tuple(kind for kind in KINDS if kind != "file")


class Servers:
    """Those that run so far; for one that cannot be had, why."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._places: dict[str, Place | str] = {}

    def of(self, kind: str) -> Place:
        """Return a server; skips the test, saying why, when it cannot be had."""
        if kind not in self._places:
            try:
                self._places[kind] = self._stack.enter_context(running(kind))
            except NotHere as error:
                self._places[kind] = str(error)
        found = self._places[kind]
        if isinstance(found, str):
            pytest.skip(f"no server for {kind}: {found}")
        return found


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """All servers, ended after the session."""
    with ExitStack() as stack:
        yield Servers(stack)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, servers: Servers) -> Place:
    """Every store there is."""
    return servers.of(request.param)


@pytest.fixture(params=LEASED)
def leased(request: pytest.FixtureRequest, servers: Servers) -> Place:
    """Every store whose lock is a lease, and that is reached over a network."""
    return servers.of(request.param)
