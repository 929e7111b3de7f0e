"""Logging in: once, as rarely as possible, never in vain twice, and never in the clear."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.errors import (
    ConfigurationError,
    LoginError,
    MalformedError,
    ReconcilerError,
    SecretError,
    TargetError,
    UnreachableError,
)
from reconciler.model.secret import Secret
from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import DroppedConnection, parse_faults
from reconciler.simulator.service import Service
from reconciler.simulator.world import Account

Handle = Callable[[str, str, Mapping[str, str], bytes], Reply]


class Now:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.seconds = 1_780_000_000.0

    def __call__(self) -> float:
        return self.seconds


def a_client(
    handle: Handle,
    now: Now,
    *,
    login: str = "simulator",
    password: str = "simulator",
    url: str = "simulator://",
) -> Client:
    """Return a client whose waits take no time."""
    return open_client(
        Connection(url=url, login=login, password=Secret(password)),
        transport=CallableTransport(handle, dropped=(DroppedConnection,)),
        clock=now,
        sleep=lambda seconds: None,
    )


def a_service(now: Now, behaviour: Behaviour | None = None, faults: str = "") -> Service:
    """Return a tenant."""
    return Service(behaviour=behaviour or Behaviour(), now=now, faults=parse_faults(faults))


def logins(service: Service) -> int:
    """Return how many logins arrived."""
    return sum(request.path.startswith("/apitoken/") for request in service.log)


@pytest.mark.parametrize("login", ["svc-gitops", "a/b@c.example", "100% Åse?#&", "x y", "a\\b", "%2F", "ends."])
def test_a_login_is_one_path_segment_whatever_it_holds(login: str) -> None:
    """The login is percent-encoded whole, and the password goes in Base64 without a scheme."""
    now = Now()
    service = a_service(now)
    service.world.accounts[login] = Account("p:w\\ö".encode("ascii", "ignore").decode())
    a_client(service.handle, now, login=login, password="p:w\\").login()
    assert logins(service) == 1


def test_the_password_is_bare_base64() -> None:
    """The Authorization header is exactly Base64 of the password's bytes; the token goes into the cookie TokenKey."""
    seen: list[Mapping[str, str]] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        seen.append(headers)
        if "/apitoken/" in path:
            return Reply(200, {}, b'{"tokenkey": "a/b+c=="}')
        return Reply(200, {}, b'{"Success": true, "Data": []}')

    a_client(handle, Now(), password="pass word~").read_all("/management/teams")
    assert seen[0]["authorization"] == base64.b64encode(b"pass word~").decode()
    assert "cookie" not in seen[0]
    assert seen[1]["cookie"] == "TokenKey=a/b+c=="
    assert "authorization" not in seen[1]
    assert all(headers["accept"] == headers["content-type"] == "application/json" for headers in seen)
    assert all(headers["user-agent"].startswith("maxcontact-reconciler/") for headers in seen)


@pytest.mark.parametrize(
    "body",
    [
        b'{"TokenKey": "abc"}',
        b'{"TOKENKEY": "abc", "Expiry": "2030-01-01T00:00:00"}',
        b'{"Success": true, "Data": {"TokenKey": "abc"}}',
        b'{"Success": true, "Data": [{"TokenKey": "abc"}]}',
        b'<Token xmlns="http://schemas.example/t"><Expires>/Date(1890000000000)/</Expires><TokenKey>abc</TokenKey></Token>',
        b"<R><Token><TokenKey>abc</TokenKey></Token></R>",
    ],
)
def test_a_token_is_found_in_every_form(body: bytes) -> None:
    """JSON or XML, bare or enveloped, in any case of letters."""
    cookies: list[str] = []

    def handle(method: str, path: str, headers: Mapping[str, str], _: bytes) -> Reply:
        if "/apitoken/" in path:
            return Reply(200, {}, body)
        cookies.append(headers["cookie"])
        return Reply(200, {}, b'{"Success": true, "Data": []}')

    a_client(handle, Now()).read_all("/management/teams")
    assert cookies == ["TokenKey=abc"]


@pytest.mark.parametrize("status", [401, 403, 200])
def test_a_refused_login_is_sent_once_for_good(status: int) -> None:
    """A wrong password is tried once, by however many threads and calls: accounts lock."""
    now = Now()
    refusal = {401: Behaviour(), 403: Behaviour(login_refusal=403), 200: Behaviour(login_refusal=200)}[status]
    service = a_service(now, refusal)
    client = a_client(service.handle, now, password="wrong")

    def attempt(_: int) -> str:
        with pytest.raises(LoginError) as caught:
            client.read_all("/management/teams")
        return caught.value.message

    with ThreadPoolExecutor(4) as pool:
        messages = set(pool.map(attempt, range(8)))
    assert logins(service) == client.statistics.logins == 1
    assert len(messages) == 1
    assert "Invalid login or password" in messages.pop()


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>Welcome</html>", MalformedError),
        (b"", MalformedError),
        (b'{"TokenKey": ', MalformedError),
        (b'{"Token": "abc"}', MalformedError),
        (b'{"TokenKey": "a; b"}', MalformedError),
        (b'{"TokenKey": "a\\r\\nX: y"}', MalformedError),
        (b'{"TokenKey": null}', LoginError),
        (b'{"TokenKey": ""}', LoginError),
        (b'{"Success": false, "ResponseDetail": "Locked"}', LoginError),
    ],
)
def test_an_answer_without_a_token_is_not_tried_again(body: bytes, error: type[TargetError]) -> None:
    """A login whose answer holds no usable token ends the matter, with one request."""
    asked: list[str] = []

    def handle(method: str, path: str, headers: Mapping[str, str], _: bytes) -> Reply:
        asked.append(path)
        return Reply(200, {}, body)

    client = a_client(handle, Now())
    for _ in range(3):
        with pytest.raises(error):
            client.read_all("/management/teams")
    assert len(asked) == 1


@pytest.mark.parametrize(("fault", "requests"), [("drop-after", 2), ("500-before", 2), ("429", 4)])
def test_a_login_without_an_answer_is_tried_with_restraint(fault: str, requests: int) -> None:
    """What may have reached the service is repeated once; what certainly did not, as often as anything else."""
    now = Now()
    service = a_service(now, faults=f"GET /apitoken/*={fault}")
    with pytest.raises(TargetError) as caught:
        a_client(service.handle, now).read_all("/management/teams")
    assert not isinstance(caught.value, (LoginError, MalformedError))
    assert logins(service) == requests
    service.faults = parse_faults(f"GET /apitoken/*:1={fault}")
    assert a_client(service.handle, now).read_all("/management/teams") == []


def test_threads_that_meet_an_expired_token_log_in_once() -> None:
    """Eight threads whose token the server has dropped make one login between them, and all succeed."""
    now = Now()
    service = a_service(now)
    client = a_client(service.handle, now)
    client.read_all("/management/teams")
    with service.edit() as world:
        world.tokens = {}
    barrier = threading.Barrier(8)

    def attempt(_: int) -> list[dict[str, object]]:
        barrier.wait()
        return client.read_all("/management/teams")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(attempt, range(8))) == [[]] * 8
    assert logins(service) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_ends_in_the_middle_costs_nothing(status: int) -> None:
    """A create whose token is refused was not processed: one login, and it is sent again."""
    now = Now()
    service = a_service(now, Behaviour(token_refusal=401 if status == 401 else 403), "POST *:1=expire")
    client = a_client(service.handle, now)
    client.send("POST", "/management/teams", {"TeamName": "North"}, repeatable=False)
    assert logins(service) == 2
    assert len(client.read_all("/management/teams")) == 1


@pytest.mark.parametrize("fault", ["401", "403"])
def test_a_lasting_refusal_leads_to_one_login_and_a_stop(fault: str) -> None:
    """A role without the permission is told so after one new login, and further such calls make none."""
    now = Now()
    service = a_service(now, faults=f"GET /management/teams={fault}")
    client = a_client(service.handle, now)
    for _ in range(3):
        with pytest.raises(LoginError) as caught:
            client.read_all("/management/teams")
        assert "permission" in caught.value.hint
        assert client.read_all("/management/lists") == []
    assert logins(service) == 2


def test_a_refusal_in_words_counts_like_a_401() -> None:
    """Should a server say in the envelope that the token has expired, one new login follows."""
    now = Now()
    service = a_service(now, faults="GET /management/teams:1=refuse:The token has expired")
    assert a_client(service.handle, now).read_all("/management/teams") == []
    assert logins(service) == 2


@pytest.mark.parametrize("detail", ["Login already exists", "A session plan is needed", "TokenRing is no team"])
def test_an_ordinary_refusal_is_no_reason_to_log_in(detail: str) -> None:
    """Words that only resemble a token's refusal change nothing."""
    now = Now()
    service = a_service(now, faults=f"GET /management/teams=refuse:{detail}")
    with pytest.raises(TargetError) as caught:
        a_client(service.handle, now).read_all("/management/teams")
    assert not isinstance(caught.value, LoginError)
    assert logins(service) == 1


@pytest.mark.parametrize("password", ["pässword", "пароль", "\u00a3100"])
def test_a_password_that_is_not_ascii_is_refused_with_the_reason(password: str) -> None:
    """The service takes ASCII only: said before anything is sent, without the password."""
    now = Now()
    service = a_service(now)
    with pytest.raises(SecretError, match="not ASCII") as caught:
        a_client(service.handle, now, password=password)
    assert password not in caught.value.message + caught.value.hint
    assert service.log == ()


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://acme.maxcontact.com", LoginError),
        ("http://192.168.0.1", LoginError),
        ("http://localhost.example.com", LoginError),
        ("http://127.0.0.1.example.com", LoginError),
        ("ftp://acme.maxcontact.com", ConfigurationError),
        ("acme.maxcontact.com", ConfigurationError),
        ("https://", ConfigurationError),
        ("https://user:hunter2@acme.maxcontact.com", ConfigurationError),
        ("https://acme.maxcontact.com:port", ConfigurationError),
        ("https://acme.maxcontact.com/?tenant=hunter2", ConfigurationError),
    ],
)
def test_an_unfit_url_is_refused_before_anything_is_sent(url: str, error: type[ReconcilerError]) -> None:
    """No password in the clear off this machine, no credentials in the url."""
    with pytest.raises(error) as caught:
        open_client(Connection(url=url, login="svc", password=Secret("hunter2")))
    assert "hunter2" not in caught.value.message or "?" in url
    assert caught.value.hint


@pytest.mark.parametrize("url", ["http://127.0.0.1:8700", "http://127.8.9.1", "http://[::1]:1", "http://localhost"])
def test_plain_http_is_fine_on_the_loopback_interface(url: str) -> None:
    """The simulator can be used over HTTP."""
    open_client(Connection(url=url, login="svc", password=Secret("x"))).close()


def test_an_unreachable_service_is_told_to_all_threads_at_once() -> None:
    """Threads that waited for another's failed login share its result instead of trying in turn."""
    now = Now()
    entered = threading.Event()
    release = threading.Event()
    asked: list[str] = []

    def handle(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        asked.append(path)
        entered.set()
        release.wait(5)
        raise DroppedConnection("before")

    client = a_client(handle, now)

    def attempt() -> None:
        with pytest.raises(UnreachableError):
            client.read_one("/management/teams/1")

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    threads[0].start()
    entered.wait(5)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.2)
    release.set()
    for thread in threads:
        thread.join()
    assert len(asked) < 2 * len(threads)
