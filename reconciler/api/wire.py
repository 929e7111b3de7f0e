"""
The wire: one request out, one whole answer in, or the reason why there is none.

Nothing is repeated, followed or interpreted here. Redirects are never followed and cookies never kept: the one cookie
of this API is put on each request by hand.
"""

from __future__ import annotations

import logging
import os
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Protocol

import httpx

from reconciler import __version__
from reconciler.api.call import Answer, Call
from reconciler.api.plain import plain
from reconciler.errors import UnreachableError
from reconciler.model.secret import Secret

_LOGGER = logging.getLogger(__name__)
_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "User-Agent": f"maxcontact-reconciler/{__version__}",
}
_NETWORK_HINT = "check the target's url, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)"
_CERTIFICATE_HINT = "if a private authority signed the certificate, name its file in SSL_CERT_FILE"
# An answer may take this many time-outs in all: a server that sends a byte now and then must not hold a run for ever.
_TIME_OUTS_PER_ANSWER = 10


class LostError(Exception):
    """
    There is no answer.

    `sent` says whether the request may have reached the server, `pending` whether that may be at work on it still.
    """

    def __init__(self, reason: str, *, sent: bool, hint: str = "", final: bool = False, pending: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.hint = hint
        self.final = final
        self.pending = pending


class Reply(Protocol):
    """What a handler in this process returns."""

    @property
    def status(self) -> int:
        """Return the HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Return the header fields."""

    @property
    def body(self) -> bytes:
        """Return the whole body."""


class CallableTransport(httpx.BaseTransport):
    """
    A server in this process: `handle(method, path, headers, body)` stands for the network.

    The path is percent-encoded, as on the wire; header names are in lower case. An exception of one of the types in
    `dropped` stands for a connection that broke before an answer, a body shorter than its Content-Length for one that
    broke within it, and TimeoutError for an answer that came too late.
    """

    def __init__(
        self,
        handle: Callable[[str, str, Mapping[str, str], bytes], Reply],
        *,
        dropped: tuple[type[Exception], ...] = (),
    ) -> None:
        self._handle = handle
        self._dropped = dropped

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request through the handler."""
        path = request.url.raw_path.decode("ascii")
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            reply = self._handle(request.method, path, headers, request.read())
        except self._dropped:
            raise httpx.RemoteProtocolError("the connection was dropped", request=request) from None
        except TimeoutError:
            raise httpx.ReadTimeout("no answer in time", request=request) from None
        if len(reply.body) < _announced_length(reply.headers):
            raise httpx.RemoteProtocolError("the connection was dropped within the answer", request=request)
        return httpx.Response(reply.status, headers=dict(reply.headers), content=reply.body, request=request)


def _announced_length(headers: Mapping[str, str]) -> int:
    lengths = [value for name, value in headers.items() if name.casefold() == "content-length" and value.isdecimal()]
    return int(lengths[0]) if lengths else 0


class Wire:
    """Send requests below one base url. Thread-safe; counts what it sends."""

    def __init__(self, http: httpx.Client, *, base: str, timeout: float, answer_limit: int) -> None:
        self._http = http
        self._base = base
        self._seconds_per_answer = timeout * _TIME_OUTS_PER_ANSWER
        self._answer_limit = answer_limit
        self._lock = threading.Lock()
        self._sent: Counter[str] = Counter()
        self.latest: tuple[Answer, float] | None = None
        """The last answer, and when it came: seconds since 1970 by this machine's clock."""

    @property
    def sent(self) -> Mapping[str, int]:
        """Return how many requests of each method were sent, repeats included."""
        with self._lock:
            return dict(self._sent)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def exchange(self, call: Call, headers: Mapping[str, str], *, secrets: Iterable[Secret] = ()) -> Answer:
        """Send the call once; raises LostError, whose reason holds none of the secrets."""
        with self._lock:
            self._sent[call.method] += 1
        began = time.perf_counter()
        try:
            answer = self._exchange(call, headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failure = _classify(error, (*secrets, *call.secrets))
            _LOGGER.debug("%s -> no answer (%s) in %.0f ms", call, failure.reason, _milliseconds(began))
            raise failure from None  # the original quotes header values when it finds one illegal
        _LOGGER.debug("%s -> %d in %.0f ms, %d bytes", call, answer.status, _milliseconds(began), len(answer.body))
        return answer

    def _exchange(self, call: Call, headers: Mapping[str, str]) -> Answer:
        request = self._http.build_request(
            call.method, self._base + call.path, content=call.body, headers={**_HEADERS, **headers}
        )
        response = self._http.send(request, stream=True, follow_redirects=False)
        try:
            # Asked before the body is read: with its last byte the connection may be closed.
            tls, certificate_until = _security(response)
            body = self._read(response)
        finally:
            response.close()
        answer = Answer(
            status=response.status_code,
            content_type=response.headers.get("Content-Type", ""),
            body=body,
            location=response.headers.get("Location", ""),
            retry_after=response.headers.get("Retry-After", ""),
            date=response.headers.get("Date", ""),
            tls=tls,
            certificate_until=certificate_until,
        )
        self.latest = answer, time.time()
        return answer

    def _read(self, response: httpx.Response) -> bytes:
        latest = time.monotonic() + self._seconds_per_answer
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._answer_limit:
                raise LostError(f"the answer is larger than {self._answer_limit} bytes", sent=True, final=True)
            if time.monotonic() > latest:
                raise LostError(f"the answer was not complete after {self._seconds_per_answer:.0f} s", sent=True)
            parts.append(part)
        return b"".join(parts)


def _security(response: httpx.Response) -> tuple[str, str]:
    """Return the TLS version of the connection and the end of the server's certificate; empty texts without TLS."""
    stream = response.extensions.get("network_stream")
    secured = stream.get_extra_info("ssl_object") if stream is not None else None
    if secured is None:
        return "", ""
    return secured.version() or "", str((secured.getpeercert() or {}).get("notAfter", ""))


def make_http(*, timeout: float, transport: httpx.BaseTransport | None, loopback: bool) -> httpx.Client:
    """
    Build the connection pool: TLS verified, SSL_CERT_FILE, HTTPS_PROXY and NO_PROXY honoured, no proxy to loopback.

    Raises UnreachableError if these settings can't be used.
    """
    _quieten()
    no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
    if transport is not None:
        return httpx.Client(transport=transport, timeout=timeout, cookies=no_cookies, trust_env=False)
    try:
        return httpx.Client(
            verify=httpx.create_ssl_context(), timeout=timeout, cookies=no_cookies, trust_env=not loopback
        )
    except OSError as error:
        source = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or "the certificates of this machine"
        message = f"{source}: can't be used as the source of trusted certificates ({error.strerror or 'invalid'})"
        raise UnreachableError(message, hint="correct or unset SSL_CERT_FILE and SSL_CERT_DIR") from None
    except (ImportError, ValueError, httpx.InvalidURL):
        message = "the proxy settings of the environment can't be used"  # they may hold a password: not quoted
        raise UnreachableError(message, hint="correct HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or unset them") from None


def _quieten() -> None:
    # At level DEBUG these log header values and the login's url; ours says what is worth knowing without them.
    for name in ("httpx", "httpcore"):
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


def _classify(error: Exception, secrets: tuple[Secret, ...]) -> LostError:
    said = plain(str(error), secrets, limit=160)
    if _is_certificate_problem(error):
        return LostError(
            f"the server's certificate is not trusted ({said})", sent=False, hint=_CERTIFICATE_HINT, final=True
        )
    match error:
        case httpx.PoolTimeout():
            return LostError("no free connection in time", sent=False, hint="raise --timeout or lower --parallelism")
        case httpx.ConnectTimeout():
            return LostError("no connection in time", sent=False, hint=_NETWORK_HINT)
        case httpx.ProxyError():
            return LostError(f"no connection through the proxy ({said})", sent=False, hint=_NETWORK_HINT)
        case httpx.ConnectError():
            return LostError(f"no connection ({said})", sent=False, hint=_NETWORK_HINT)
        case httpx.UnsupportedProtocol() | httpx.LocalProtocolError() | httpx.InvalidURL():
            return LostError("a request that HTTP doesn't allow", sent=False, hint=_NETWORK_HINT, final=True)
        case httpx.TimeoutException():
            hint = "raise --timeout, or ask the server's operator"
            return LostError("no answer in time", sent=True, hint=hint, pending=True)
        case httpx.DecodingError():
            return LostError("the answer's compression is broken", sent=True, hint=_NETWORK_HINT)
        case _:
            return LostError(f"the connection broke ({said or 'no reason given'})", sent=True, hint=_NETWORK_HINT)


def _is_certificate_problem(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _milliseconds(began: float) -> float:
    return (time.perf_counter() - began) * 1000
