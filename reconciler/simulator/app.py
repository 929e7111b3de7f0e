"""
The simulator behind a port: a thin ASGI app over `Service`, and a server to run it.

Starlette and uvicorn are imported where they are used, for start-up time: a command that never serves never pays.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reconciler.errors import ReconcilerError
from reconciler.simulator.answers import Reply
from reconciler.simulator.control import CONTROL, control
from reconciler.simulator.faults import DroppedConnection
from reconciler.simulator.service import Service

if TYPE_CHECKING:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

_TRANSPORT = "simulator.transport"


def make_app(service: Service) -> Starlette:
    """Build the ASGI app: the API, and the control routes below /simulator."""
    from starlette.applications import Starlette  # noqa: PLC0415 (start-up time)
    from starlette.concurrency import run_in_threadpool  # noqa: PLC0415 (start-up time)
    from starlette.responses import Response  # noqa: PLC0415 (start-up time)
    from starlette.routing import Mount, Route  # noqa: PLC0415 (start-up time)

    async def controlled(request: Request) -> Response:
        body = await request.body()
        reply = await run_in_threadpool(control, service, request.method, request.url.path, body)
        return Response(reply.body, reply.status, reply.headers)

    methods = ["GET", "PUT", "POST", "DELETE", "PATCH"]
    return Starlette(routes=[Route(CONTROL + "{rest:path}", controlled, methods=methods), Mount("/", _Api(service))])


class _Api:
    """The management API as a raw ASGI app, since it must be able to break its connection."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.concurrency import run_in_threadpool  # noqa: PLC0415 (start-up time)
        from starlette.requests import ClientDisconnect, Request  # noqa: PLC0415 (start-up time)

        if scope["type"] != "http":
            return
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            # A client that was killed in the middle of its request: nothing was asked.
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["raw_path"].decode("ascii", "replace")
        try:
            reply = await run_in_threadpool(self._service.handle, scope["method"], path, headers, body)
        except DroppedConnection:
            await _hang_up(scope, receive)
            return
        await _answer(reply, scope, receive, send)


async def _answer(reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers.items()]
    cut_off = len(reply.body) < int(reply.headers["Content-Length"])
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": cut_off})
    if cut_off:
        await _hang_up(scope, receive)


async def _hang_up(scope: Scope, receive: Receive) -> None:
    """Close the connection; ASGI has no word for it, so the server passes its transport in the scope's state."""
    transport: asyncio.Transport = scope["state"][_TRANSPORT]
    transport.close()
    while (await receive())["type"] != "http.disconnect":
        pass


def serve(
    service: Service, *, host: str = "127.0.0.1", port: int = 0, on_ready: Callable[[int], None] | None = None
) -> None:
    """
    Serve until a signal ends it, printing nothing.

    With port 0 the system chooses one; `on_ready` gets the real port once requests are taken. Raises ReconcilerError
    when the port is in use.
    """
    listener = _listen(host, port)
    ready = (lambda: on_ready(listener.getsockname()[1])) if on_ready else lambda: None
    with listener:
        try:
            _make_server(service, ready).run(sockets=[listener])
        finally:
            service.wake()


@contextmanager
def serving(service: Service, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve from another thread for as long as the block runs, and give the base url (`http://127.0.0.1:41234`)."""
    listener = _listen(host, port)
    started = threading.Event()
    server = _make_server(service, started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
    with listener:
        thread.start()
        try:
            if not started.wait(10):
                raise ReconcilerError("the simulator did not start within 10 seconds")
            yield f"http://{host}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            service.wake()
            thread.join(10)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # named, else asyncio leaves Nagle on
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, OverflowError) as problem:
        listener.close()
        raise ReconcilerError(
            f"the simulator cannot listen on {host} port {port}: {problem}", hint="choose another port, or 0 for any"
        ) from None
    return listener


def _make_server(service: Service, ready: Callable[[], None]) -> uvicorn.Server:
    import uvicorn  # noqa: PLC0415 (start-up time)
    from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 (start-up time)

    class Protocol(H11Protocol):
        """Pass the connection to the app, which is to break it at times."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self.app_state = {**self.app_state, _TRANSPORT: transport}

    class Server(uvicorn.Server):
        """Tell when requests are taken."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(
        make_app(service),
        http=Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return Server(config)
