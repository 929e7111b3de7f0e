"""A tenant behind a real port, which may kill who asks it, or let somebody else act, at any request."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from reconciler.simulator.answers import Reply
from reconciler.simulator.app import serving
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.faults import DroppedConnection, Faults
from reconciler.simulator.service import Service
from reconciler.simulator.world import DEFAULT_LOGIN, DEFAULT_PASSWORD, new_world

Hook = Callable[[str, str], None]


class Tenant(Service):
    """A simulated tenant at `url`, once served."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.before: Hook | None = None
        """Called with method and path before a request is processed; an edit made in it comes in between."""
        self.writers: list[str] = []
        """The session of every write in the order of their arrival: it tells one client from another."""
        self._victim: int | None = None
        self._strikes_at = -1
        self._strikes_after = False
        self._arrived = threading.Condition()
        self._in_flight = 0

    def renew(self, behaviour: Behaviour = PLAIN) -> None:
        """Become a new tenant, without faults or a wish to kill."""
        self.replace_world(new_world())
        self.behaviour, self.faults, self.before = behaviour, Faults(), None
        self.spare()
        self.clear_log()

    def spare(self) -> None:
        """Count from nothing, and kill nobody."""
        with self._arrived:
            self._victim, self._strikes_at, self.seen, self.writers = None, -1, 0, []

    def kill(self, pid: int) -> None:
        """Learn whom to kill."""
        with self._arrived:
            self._victim = pid
            self._arrived.notify_all()

    def strike(self, number: int, *, after: bool) -> None:
        """Kill at that request, counted from 0: before it is processed, or right after."""
        with self._arrived:
            self._victim, self._strikes_at, self._strikes_after, self.seen = None, number, after, 0

    def settle(self) -> None:
        """Wait until what the dead had sent is processed."""
        still_since = time.monotonic()
        while time.monotonic() - still_since < 0.03:
            if self._in_flight:
                still_since = time.monotonic()
            time.sleep(0.003)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Answer a request, unless this is the one."""
        with self._arrived:
            mine = self.seen == self._strikes_at
            self.seen += 1
            self._in_flight += 1
            if method != "GET":
                self.writers.append(next((text for name, text in headers.items() if name.lower() == "cookie"), ""))
        try:
            if mine and not self._strikes_after:
                self._strike()
                raise DroppedConnection("before")
            if self.before is not None:
                self.before(method, path)
            reply = super().handle(method, path, headers, body)
            if mine:
                self._strike()
                raise DroppedConnection("after")
            return reply
        finally:
            with self._arrived:
                self._in_flight -= 1

    def _strike(self) -> None:
        with self._arrived:
            if not self._arrived.wait_for(lambda: self._victim is not None, timeout=10):
                raise AssertionError("nobody said whom to kill")
            assert self._victim is not None
            os.kill(self._victim, signal.SIGKILL)

    def variables(self) -> dict[str, str]:
        """Return the environment that makes this tenant the target."""
        return {
            "RECONCILER_URL": self.url,
            "RECONCILER_LOGIN": DEFAULT_LOGIN,
            "RECONCILER_PASSWORD": DEFAULT_PASSWORD,
        }


@contextmanager
def open_tenant() -> Iterator[Tenant]:
    """Serve a tenant on loopback."""
    tenant = Tenant()
    with serving(tenant) as tenant.url:
        yield tenant
