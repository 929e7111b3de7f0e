"""
The API as one function from a request to a response, without any HTTP library.

`Service.handle` is what `url: simulator://` calls directly, and what `app.py` puts behind a port.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reconciler.simulator.answers import (
    Reply,
    envelope,
    page,
    refusal,
    skill_result,
    wanted_format,
)
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.bodies import read_body, without_passwords
from reconciler.simulator.faults import DroppedConnection, Fault, Faults, FaultSchedule
from reconciler.simulator.log import Request
from reconciler.simulator.refusal import Refused
from reconciler.simulator.routes import Call, match
from reconciler.simulator.skills import SkillOutcome
from reconciler.simulator.store import FileKeeper, Keeper
from reconciler.simulator.tokens import login, token_holds
from reconciler.simulator.world import World, new_world

ROOT = "/webservices/services"
LONGEST_LOG = 200_000
_LOGIN = "/apitoken/login/"


class Service:
    """
    One simulated tenant: a world, how it behaves, which faults strike, what it was asked.

    Safe to use from several threads. `world` (default: a new tenant) is kept in the file `data` where one is given; a
    file that exists wins over `world`. `prefix` stands before /webservices in each path. Tests give `now` and `sleep`.
    """

    def __init__(
        self,
        *,
        world: World | None = None,
        behaviour: Behaviour = PLAIN,
        faults: Faults | None = None,
        data: Path | None = None,
        prefix: str = "",
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self.behaviour = behaviour
        self._keeper = FileKeeper(data, initial=lambda: world or new_world()) if data else Keeper(world)
        self._schedule = FaultSchedule(faults or Faults())
        self._root = prefix.rstrip("/") + ROOT
        self._log: deque[Request] = deque(maxlen=LONGEST_LOG)
        self._lock = threading.Lock()
        self._now = now
        self._sleep = sleep
        self._woken = threading.Event()

    @property
    def world(self) -> World:
        """The world as it is in memory; use `edit` to change it, and to see what other processes wrote."""
        return self._keeper.world

    @contextmanager
    def edit(self) -> Iterator[World]:
        """Change the world by hand, as somebody in the portal would, between two requests."""
        with self._keeper.session() as world:
            yield world

    def replace_world(self, world: World) -> None:
        """Put another world in the place of this one."""
        with self._keeper.session() as old:
            world.revision = old.revision + 1
            self._keeper.world = world

    @property
    def faults(self) -> Faults:
        """The faults that may strike; setting them starts counting anew."""
        return self._schedule.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        with self._lock:
            self._schedule = FaultSchedule(faults)

    @property
    def log(self) -> tuple[Request, ...]:
        """What was asked so far, oldest first."""
        with self._lock:
            return tuple(self._log)

    @property
    def writes(self) -> tuple[Request, ...]:
        """The requests so far that were no GET."""
        return tuple(request for request in self.log if request.is_write)

    def clear_log(self) -> None:
        """Forget what was asked so far."""
        with self._lock:
            self._log.clear()

    def wake(self) -> None:
        """Let the requests that a fault makes slow go on now, as a server that shuts down must."""
        waiting, self._woken = self._woken, threading.Event()
        waiting.set()

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """
        Answer a request.

        `path` is as it stands in the request line, percent-encoded; a query is ignored. Raises DroppedConnection where
        a fault closes the connection without an answer.
        """
        method = method.upper()
        given = {name.lower(): value for name, value in headers.items()}
        path = path.partition("?")[0]
        if not path.startswith(self._root + "/"):
            return page(404, "Endpoint not found")
        path = path[len(self._root) :]
        with self._lock:
            fault = self._schedule.strike(method, path)
        if fault is not None and fault.name == "slow":
            (self._sleep or self._woken.wait)(float(fault.argument or 1))
        instead = self._before(fault, given)
        if instead is not None:
            self._note(method, path, given, body, status=instead.status, fault=fault, processed=False)
            return instead
        if fault is not None and fault.name == "drop-before":
            self._note(method, path, given, body, status=0, fault=fault, processed=False)
            raise DroppedConnection("before")
        with self._keeper.session() as world:
            if fault is not None and fault.name == "expire" and world.tokens:
                world.tokens = {}
                world.changed()
            reply = self._process(world, method, path, given, body)
            final = _after(fault, reply)
            self._note(method, path, given, body, status=final.status if final else 0, fault=fault, processed=True)
        if final is None:
            raise DroppedConnection("after")
        return final

    def _process(self, world: World, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        behaviour, form, now = self.behaviour, wanted_format(headers), self._now()
        if path.startswith(_LOGIN) and "/" not in path[len(_LOGIN) :] and path != _LOGIN:
            if method != "GET":
                return page(405, "Method not allowed")
            return login(
                world,
                behaviour,
                written_login=path[len(_LOGIN) :],
                authorization=headers.get("authorization", ""),
                form=form,
                now=now,
            )
        try:
            found = match(method, path)
            if isinstance(found, int):
                return page(found, "Endpoint not found" if found == 404 else "Method not allowed")
            if not token_holds(world, headers, now=now):
                return refusal(
                    behaviour, form, status=behaviour.token_refusal, code="Error", detail="The token is not valid"
                )
            route, identity = found
            call = Call(
                world=world,
                behaviour=behaviour,
                identity=identity,
                body=read_body(headers.get("content-type", "").lower(), body),
            )
            answer = route.handler(call)
        except Refused as refused:
            status: int = behaviour.refusal_status
            if refused.missing and behaviour.missing_status == "404":
                status = 404
            return refusal(behaviour, form, status=status, code=refused.code, detail=refused.detail)
        if isinstance(answer, SkillOutcome):
            return skill_result(behaviour, form, answer)
        return envelope(behaviour, form, data=answer)

    def _before(self, fault: Fault | None, headers: Mapping[str, str]) -> Reply | None:
        """Give the answer of a fault that strikes before anything is done."""
        if fault is None:
            return None
        if fault.name == "429":
            reply = page(429, "Too many requests")
            if fault.argument:
                reply.headers["Retry-After"] = fault.argument
            return reply
        if fault.name == "refuse":
            detail = fault.argument or "Refused on purpose"
            status = self.behaviour.refusal_status
            return refusal(self.behaviour, wanted_format(headers), status=status, code="Error", detail=detail)
        return _PAGES.get(fault.name, lambda: None)()

    def _note(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        status: int,
        fault: Fault | None,
        processed: bool,
    ) -> None:
        try:
            read = without_passwords(read_body(headers.get("content-type", "").lower(), body))
        except Refused:
            read = {"unreadable": len(body)}
        request = Request(
            at=self._now(),
            method=method,
            path=path,
            body=read,
            status=status,
            fault=str(fault or ""),
            processed=processed,
        )
        with self._lock:
            self._log.append(request)


_PAGES: dict[str, Callable[[], Reply | None]] = {
    "500-before": lambda: page(500, "Internal Server Error"),
    "503-before": lambda: page(503, "Service Unavailable"),
    "html-before": lambda: page(200, "Down for maintenance"),
    "401": lambda: page(401, "Unauthorized"),
    "403": lambda: page(403, "Forbidden"),
}


def _after(fault: Fault | None, reply: Reply) -> Reply | None:
    """Turn the answer of a request that was done into what the fault leaves of it; None: nothing."""
    name = fault.name if fault else ""
    if name == "drop-after":
        return None
    if name == "500-after":
        return page(500, "Internal Server Error")
    if name == "503-after":
        return page(503, "Service Unavailable")
    if name == "html-after":
        return page(200, "Down for maintenance")
    if name == "truncated":
        return Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2])
    return reply
