"""The client on a real socket: what a network, a proxy and a strange server do to it."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.retry import RetryPolicy
from reconciler.errors import AmbiguousError, MalformedError, RefusedError, TargetError, UnreachableError
from reconciler.model.secret import Secret

# A script answers a request with the raw bytes of a response, in pieces; none at all drops the connection.
Script = Callable[[str, str, Mapping[str, str], bytes], Iterable[bytes]]
Serve = Callable[[Script], str]
TOKEN = b'{"TokenKey": "token-1"}'
EMPTY = b'{"Success": true, "Data": []}'


def response(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return a whole HTTP response."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def after_login(*answers: Iterable[bytes]) -> Script:
    """Return a script that lets everyone log in, then gives the answers in turn, the last one for ever."""
    left = list(answers)

    def script(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        if "/apitoken/" in path:
            return [response(TOKEN)]
        return left.pop(0) if len(left) > 1 else left[0]

    return script


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a script on a loopback port, and return its url."""
    servers: list[ThreadingHTTPServer] = []

    def start(script: Script) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                pieces = list(self.headers.items())
                sent = False
                for piece in script(self.command, self.path, {name.lower(): value for name, value in pieces}, body):
                    sent = True
                    self.wfile.write(piece)
                    self.wfile.flush()
                self.close_connection = not sent

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_CONNECT = answer

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass  # a client that went away is what some of these tests are about

        server = Server(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def a_client(url: str, *, timeout: float = 5.0, answer_limit: int = 10_000_000, attempts: int = 4) -> Client:
    """Return a client that doesn't wait between attempts."""
    connection = Connection(
        url=url, login="svc", password=Secret("simulator"), timeout=timeout, answer_limit=answer_limit
    )
    return open_client(connection, sleep=lambda seconds: None, policy=RetryPolicy(attempts=attempts))


def test_what_goes_over_the_wire(serve: Serve) -> None:
    """JSON is asked for on every call, a DELETE carries its body, a path prefix is kept, and nothing else is added."""
    seen: list[tuple[str, str, Mapping[str, str], bytes]] = []

    def script(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        seen.append((method, path, headers, body))
        answer = TOKEN if "/apitoken/" in path else b'{"Success": true, "Data": null}'
        return [response(answer, Set_Cookie="session=other; Path=/")]

    with a_client(serve(script) + "/tenant/") as client:
        client.send("DELETE", "/management/campaigns/4/lists", {"ListId": 7}, repeatable=True)
        client.send("POST", "/management/globalemergency/enable", None, repeatable=True)
    root = "/tenant/webservices/services"
    assert [(method, path, body) for method, path, _, body in seen] == [
        ("GET", f"{root}/apitoken/login/svc", b""),
        ("DELETE", f"{root}/management/campaigns/4/lists", b'{"ListId": 7}'),
        ("POST", f"{root}/management/globalemergency/enable", b""),
    ]
    for _, path, headers, _ in seen:
        assert headers["accept"] == headers["content-type"] == "application/json"
        assert headers.get("cookie") == (None if "/apitoken/" in path else "TokenKey=token-1")
    assert seen[2][2]["content-length"] == "0"


def test_the_services_path_may_be_in_the_url_already(serve: Serve) -> None:
    """A url copied from the API document, down to its services, is not doubled."""
    paths: list[str] = []

    def script(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        paths.append(path)
        return [response(TOKEN if "/apitoken/" in path else EMPTY)]

    with a_client(serve(script) + "/webservices/services/") as client:
        client.read_all("/management/teams")
    assert paths == ["/webservices/services/apitoken/login/svc", "/webservices/services/management/teams"]


@pytest.mark.parametrize(
    ("broken", "closed"),
    [
        ([], True),
        ([b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n" + EMPTY], True),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n{"], True),
        ([b"gibberish\r\n\r\n"], True),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Encoding: gzip\r\n\r\nabcde"], False),
        ([response(EMPTY[:-5])], False),
        ([response(b"", "503 Service Unavailable", Retry_After="1")], False),
    ],
)
def test_a_broken_answer_is_a_passing_fault_or_a_doubt(serve: Serve, broken: list[bytes], closed: bool) -> None:
    """Drops, truncation and garbage: a read is repeated; a create is not, and is in doubt."""

    def cut(pieces: list[bytes]) -> Iterable[bytes]:
        yield from pieces
        if pieces and closed:
            raise ConnectionAbortedError  # closes the connection after what was sent

    with a_client(serve(after_login(cut(broken), [response(EMPTY)]))) as client:
        assert client.read_all("/management/teams") == []
        assert dict(client.statistics.requests) == {"GET": 2}
    with (
        a_client(serve(after_login(cut(broken), [response(EMPTY)]))) as client,
        pytest.raises(AmbiguousError, match=r"POST /management/teams"),
    ):
        client.send("POST", "/management/teams", {"TeamName": "North"}, repeatable=False)


def test_a_refused_connection_is_retried_even_for_a_create() -> None:
    """What certainly wasn't sent may be sent again; in the end it is said that nothing was."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with a_client(url) as client, pytest.raises(UnreachableError, match="nothing was sent") as caught:
        client.send("POST", "/management/teams", {"TeamName": "North"}, repeatable=False)
    assert not isinstance(caught.value, AmbiguousError)
    assert "HTTPS_PROXY" in caught.value.hint
    assert client.statistics.logins == 4


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_never_followed(serve: Serve, status: str) -> None:
    """Neither a call nor a login goes where a redirect points: the error says where that would be."""
    reached: list[str] = []

    def elsewhere(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        reached.append(path)
        return [response(EMPTY)]

    other = serve(elsewhere).replace("127.0.0.1", "localhost") + "/portal?key=s3cret"
    moved = response(b"", status, Location=other)
    for script in (after_login([moved]), lambda *_: [moved]):
        with a_client(serve(script)) as client, pytest.raises(MalformedError, match="redirect") as caught:
            client.read_all("/management/teams")
        assert "localhost" in caught.value.message
        assert "s3cret" not in caught.value.message
    assert reached == []


def test_a_slow_answer_runs_into_the_time_out(serve: Serve) -> None:
    """A read gives up after its attempts, a write is in doubt after its first time-out if it can't be repeated."""

    def slow() -> Iterator[bytes]:
        time.sleep(1.5)
        yield response(EMPTY)

    def script(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        return [response(TOKEN)] if "/apitoken/" in path else slow()

    with a_client(serve(script), timeout=0.3, attempts=2) as client:
        with pytest.raises(UnreachableError, match=r"no answer in time.*2 attempts") as caught:
            client.read_all("/management/teams")
        assert not isinstance(caught.value, AmbiguousError)
        with pytest.raises(AmbiguousError, match="no answer in time"):
            client.send("POST", "/management/teams", {}, repeatable=False)
    assert dict(client.statistics.requests) == {"GET": 2, "POST": 1}


def test_a_trickle_is_cut_off(serve: Serve) -> None:
    """A server that sends a byte now and then can't hold a run for ever."""

    def trickle() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        for _ in range(80):
            time.sleep(0.05)
            yield b" "

    def script(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        return [response(TOKEN)] if "/apitoken/" in path else trickle()

    with a_client(serve(script), timeout=0.2) as client, pytest.raises(AmbiguousError, match="not complete"):
        client.send("POST", "/management/teams", {}, repeatable=False)


@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_bounded(serve: Serve, packed: bool) -> None:
    """A body beyond the limit isn't read to its end, packed or not, and isn't asked for again."""
    big = b"[" + b" " * 3_000_000 + b"]"
    answer = response(gzip.compress(big), Content_Encoding="gzip") if packed else response(big)
    with (
        a_client(serve(after_login([answer])), answer_limit=1_000_000) as client,
        pytest.raises(MalformedError, match="larger than"),
    ):
        client.read_all("/management/teams")
    assert dict(client.statistics.requests) == {"GET": 1}


def test_a_packed_answer_is_read(serve: Serve) -> None:
    """A server may compress."""
    answer = response(gzip.compress(b'{"Success": true, "Data": [{"Id": 1}]}'), Content_Encoding="gzip")
    with a_client(serve(after_login([answer]))) as client:
        assert client.read_all("/management/teams") == [{"Id": 1}]


def test_loopback_is_reached_without_the_proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is no way to this machine."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with a_client(serve(after_login([response(EMPTY)]))) as client:
        assert client.read_all("/management/teams") == []


def test_the_proxy_of_the_environment_is_used(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTPS_PROXY is asked to connect to the target, unless NO_PROXY names it; what it refuses was not sent."""
    asked: list[str] = []

    def proxy(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Iterable[bytes]:
        asked.append(f"{method} {path}")
        return [response(b"", "403 Forbidden")]

    monkeypatch.setenv("HTTPS_PROXY", serve(proxy))
    with a_client("https://acme.invalid") as client, pytest.raises(UnreachableError, match="through the proxy"):
        client.login()
    assert asked == ["CONNECT acme.invalid:443"] * 4
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "acme.invalid")
    with a_client("https://acme.invalid") as client, pytest.raises(UnreachableError, match="Name or service"):
        client.login()
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "nonsense://x:hunter2@y"), ("SSL_CERT_FILE", "/nonexistent/ca.pem")]
)
def test_unusable_network_settings_are_named(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong proxy or certificate file is an error that says which setting, not a traceback."""
    monkeypatch.setenv(name, value)
    with pytest.raises(UnreachableError) as caught:
        a_client("https://acme.invalid")
    assert name in caught.value.hint
    assert "hunter2" not in caught.value.message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_tls_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate that nobody vouches for stops the run at once; SSL_CERT_FILE makes it trusted."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    extension = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make.split(), *extension], check=True, capture_output=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(response(TOKEN if "/apitoken/" in self.path else EMPTY))

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        url = f"https://localhost:{server.server_port}"
        with a_client(url) as client, pytest.raises(UnreachableError, match="not trusted") as caught:
            client.login()
        assert "SSL_CERT_FILE" in caught.value.hint
        assert client.statistics.logins == 1
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with a_client(url) as client:
            assert client.read_all("/management/teams") == []
            signs = client.signs
        server.shutdown()
    assert signs is not None
    assert signs.form == "JSON"
    assert signs.tls.startswith("TLSv1.")
    assert 86_400 < ssl.cert_time_to_seconds(signs.certificate_until) - signs.clock <= 2 * 86_400


def test_a_page_with_status_200_is_a_failure(serve: Serve) -> None:
    """A maintenance page, or the portal at a wrong url, isn't taken for an answer, whatever its status."""
    page = b"<!DOCTYPE html><html><body>Sign in</body></html>"
    with a_client(serve(after_login([response(page)]))) as client:
        with pytest.raises(MalformedError, match="HTML page") as caught:
            client.read_all("/management/teams")
        assert "url" in caught.value.hint
        with pytest.raises(AmbiguousError, match="HTML page"):
            client.send("PUT", "/management/teams/1", {"Id": 1}, repeatable=True)
    with a_client(serve(lambda *_: [response(page)])) as client, pytest.raises(MalformedError, match="HTML page"):
        client.login()


@pytest.mark.parametrize(
    ("status", "error"),
    [("400 Bad Request", RefusedError), ("404 Not Found", RefusedError), ("500 Oops\x1b[31m", UnreachableError)],
)
def test_a_failure_without_an_envelope_names_its_status(serve: Serve, status: str, error: type[TargetError]) -> None:
    """The standard phrase is shown, never the server's own bytes."""
    with a_client(serve(after_login([response(b"<html>x</html>", status)]))) as client, pytest.raises(error) as caught:
        client.read_all("/management/teams")
    assert status[:3] in caught.value.message
    assert "\x1b" not in caught.value.message


def test_attempts_can_be_limited_to_one(serve: Serve) -> None:
    """The policy's number counts all attempts, the first included."""
    with a_client(serve(lambda *_: []), attempts=1) as client, pytest.raises(UnreachableError):
        client.login()
    assert client.statistics.logins == 1
