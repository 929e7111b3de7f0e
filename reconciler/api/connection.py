"""Where the API is and who is calling; composes the client from it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import httpx

from reconciler.api.auth import TokenService
from reconciler.api.client import Client
from reconciler.api.plain import plain
from reconciler.api.retry import Pace, RetryPolicy
from reconciler.api.tokens import TokenCache
from reconciler.api.wire import Wire, make_http
from reconciler.errors import ConfigurationError, LoginError
from reconciler.model.secret import Secret

_SERVICES = "/webservices/services"
_URL_HINT = "write it as https://NAME.maxcontact.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """
    A target and an account on it.

    `url` is the target's address without the API's own path; a path prefix is kept. `timeout` (seconds) applies to
    connecting, to sending, and to each wait for more of an answer. `answer_limit` (bytes) bounds what is read into
    memory: collections come in one piece, so it is generous.
    """

    url: str
    login: str
    password: Secret
    timeout: float = 30.0
    answer_limit: int = 200_000_000


def open_client(
    connection: Connection,
    *,
    transport: httpx.BaseTransport | None = None,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], None] | None = None,
    random: Callable[[], float] = random.random,
    token_cache: Path | None = None,
    policy: RetryPolicy | None = None,
) -> Client:
    """
    Return a client; nothing is sent yet.

    `transport` stands in for the network (needed for `simulator://`). `token_cache` is a directory, owner-only, in
    which tokens outlive a run; None keeps them in memory. `clock` gives seconds since 1970. Raises ConfigurationError
    for an unusable url, SecretError for an unusable password, LoginError for a login that would travel in the clear,
    and UnreachableError for certificate or proxy settings that can't be used.
    """
    parts = _split(connection.url)
    if not connection.login.strip():
        raise ConfigurationError("the target's login is empty", hint="set login in reconciler.yaml or RECONCILER_LOGIN")
    if parts.scheme == "simulator" and transport is None:
        raise ConfigurationError(
            "simulator:// is served inside the program only", hint="use the simulator's http url here"
        )
    loopback = _is_loopback(parts.hostname or "")
    if parts.scheme == "http" and not loopback:
        raise LoginError(
            f"{plain(connection.url)}: refused to send a password over plain http",
            hint="use https; plain http is for the loopback interface only",
        )
    base = _base(parts)
    pace = Pace(policy or RetryPolicy(), clock=clock, random=random, sleep=sleep)
    cache = TokenCache(token_cache, url=base, login=connection.login) if token_cache else None
    http = make_http(timeout=connection.timeout, transport=transport, loopback=loopback)
    wire = Wire(http, base=base, timeout=connection.timeout, answer_limit=connection.answer_limit)
    try:
        tokens = TokenService(wire, pace, login=connection.login, password=connection.password, cache=cache)
    except BaseException:
        wire.close()
        raise
    return Client(wire, tokens, pace)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises ValueError for a port that is none
    except ValueError:
        raise ConfigurationError("the target's url can't be read", hint=_URL_HINT) from None
    if "@" in parts.netloc:
        # Not quoted: what stands before the @ may be a password.
        raise ConfigurationError(
            "the target's url holds a user name or password", hint="use login and password instead"
        )
    if parts.scheme not in ("http", "https", "simulator"):
        raise ConfigurationError(f"the target's url {plain(url)!r} is neither https nor http", hint=_URL_HINT)
    if parts.scheme != "simulator" and not parts.hostname:
        raise ConfigurationError(f"the target's url {plain(url)!r} names no host", hint=_URL_HINT)
    if parts.query or parts.fragment:
        raise ConfigurationError(f"the target's url {plain(url)!r} has a ? or # part", hint=_URL_HINT)
    return parts


def _base(parts: SplitResult) -> str:
    prefix = parts.path.rstrip("/")
    prefix = prefix.removesuffix(_SERVICES)
    if parts.scheme == "simulator":
        return f"http://simulator{prefix}{_SERVICES}"
    return f"{parts.scheme}://{parts.netloc}{prefix}{_SERVICES}"


def _is_loopback(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
