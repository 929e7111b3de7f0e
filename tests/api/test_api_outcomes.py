"""What a call does under every fault: repeated where that is safe, never where it could double, and named truly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from reconciler.api.client import Client
from reconciler.api.connection import Connection, open_client
from reconciler.api.retry import RetryPolicy
from reconciler.api.wire import CallableTransport
from reconciler.errors import (
    AmbiguousError,
    LoginError,
    MalformedError,
    RefusedError,
    TargetError,
    UnreachableError,
)
from reconciler.model.secret import Secret
from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import FAULTS, DroppedConnection, parse_faults
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import Service
from reconciler.simulator.variants import VARIANTS

Handle = Callable[[str, str, Mapping[str, str], bytes], Reply]
CAMPAIGN = {"CampaignName": "Spring", "Type": 0}
# One call of each verb, and whether sending it twice is harmless.
CALLS = {
    "GET": ("GET", "/management/campaigns", None, True),
    "POST": ("POST", "/management/campaigns", CAMPAIGN, False),
    "PUT": ("PUT", "/management/campaigns/1/lists", {"ListId": 1}, True),
    "PATCH": ("PATCH", "/management/campaigns/1/status", {"CampaignStatus": "Running"}, True),
    "DELETE": ("DELETE", "/management/campaigns/1/lists", {"ListId": 1}, True),
}


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_780_000_000.0
        self.slept: list[float] = []
        self.lock = threading.Lock()

    def time(self) -> float:
        """Return the seconds since 1970."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        with self.lock:
            self.slept.append(seconds)
            self.now += seconds


def a_service(clock: Clock, faults: str = "", behaviour: Behaviour | None = None) -> Service:
    """Return a tenant with one campaign and one list."""
    service = Service(
        behaviour=behaviour or Behaviour(), faults=parse_faults(faults), now=clock.time, sleep=clock.sleep
    )
    with service.edit() as world:
        world.add(Kind.CAMPAIGNS, CampaignName="Winter")
        world.add(Kind.LISTS, ListName="Leads")
    return service


def a_client(handle: Handle, clock: Clock, policy: RetryPolicy | None = None) -> Client:
    """Return a client of a handler, whose waits are as long as the jitter allows."""
    connection = Connection(url="simulator://", login="simulator", password=Secret("simulator"))
    transport = CallableTransport(handle, dropped=(DroppedConnection,))
    return open_client(
        connection, transport=transport, clock=clock.time, sleep=clock.sleep, random=lambda: 1.0, policy=policy
    )


def perform(client: Client, verb: str) -> object:
    """Send one of CALLS."""
    method, path, body, repeatable = CALLS[verb]
    if method == "GET":
        return client.read_all(path)
    return client.send(method, path, body, repeatable=repeatable)


def sent(service: Service) -> list[str]:
    """Return the methods of the management calls that arrived."""
    return [request.method for request in service.log if request.path.startswith("/management")]


@pytest.mark.parametrize("fault", ["drop-before", "drop-after", "500-before", "503-after", "429", "429:3", "truncated"])
@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_passing_fault_costs_a_repeat(verb: str, fault: str) -> None:
    """A call that may be repeated is, after a drop, a 5xx, a 429 or a truncated answer, and succeeds."""
    clock = Clock()
    service = a_service(clock, f"{verb} /management/*:1={fault}")
    perform(a_client(service.handle, clock), verb)
    assert sent(service) == [verb, verb]
    assert clock.slept == [3.0 if fault == "429:3" else 0.5]


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("slow", "refuse", "401", "403", "expire")])
def test_a_create_is_never_repeated_by_itself(fault: str) -> None:
    """Whatever happens to a POST, it is sent once, and its outcome is said to be unknown."""
    clock = Clock()
    service = a_service(clock, f"POST *:1={fault}")
    client = a_client(service.handle, clock)
    with pytest.raises(AmbiguousError) as caught:
        perform(client, "POST")
    assert sent(service) == ["POST"]
    assert "POST /management/campaigns" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_lasting_fault_ends_in_a_named_error(verb: str, fault: str) -> None:
    """Every verb under every lasting fault ends, after a bounded number of requests, in one of the errors promised."""
    clock = Clock()
    service = a_service(clock, f"{verb} /management/*={fault}{':0' if fault == 'slow' else ''}")
    client = a_client(service.handle, clock)
    if fault == "slow":
        perform(client, verb)
        return
    with pytest.raises(TargetError) as caught:
        perform(client, verb)
    assert len(sent(service)) <= 4
    assert client.statistics.logins <= 2
    expected: type[TargetError] = {
        "401": LoginError,
        "403": LoginError,
        "expire": LoginError,
        "refuse": RefusedError,
        "html-before": MalformedError,
        "html-after": MalformedError,
        "429": RefusedError,
    }.get(fault, UnreachableError)
    if verb != "GET" and expected is MalformedError:
        expected = AmbiguousError
    if verb == "POST" and fault == "429":
        expected = AmbiguousError
    assert isinstance(caught.value, expected), caught.value
    # A doubt exists exactly where a write got no answer, or none that can be read.
    lost = fault not in ("401", "403", "expire", "refuse", "429")
    assert isinstance(caught.value, AmbiguousError) == (verb != "GET" and (lost or (verb, fault) == ("POST", "429")))


def test_waits_grow_and_end() -> None:
    """The wait doubles up to the cap, full jitter below it, and the number of attempts is bounded."""
    clock = Clock()
    service = a_service(clock, "GET /management/*=503-before")
    policy = RetryPolicy(attempts=6, base=1.0, cap=5.0, total=60.0)
    with pytest.raises(UnreachableError, match=r"503 Service Unavailable.*6 attempts"):
        perform(a_client(service.handle, clock, policy), "GET")
    assert clock.slept == [1.0, 2.0, 4.0, 5.0, 5.0]


def test_the_total_time_is_bounded() -> None:
    """A Retry-After beyond the total limit isn't waited for at all."""
    clock = Clock()
    service = a_service(clock, "GET /management/*=429:300")
    with pytest.raises(RefusedError) as caught:
        perform(a_client(service.handle, clock), "GET")
    assert (sent(service), clock.slept, caught.value.status) == (["GET"], [], 429)


def test_a_retry_after_holds_back_the_whole_client() -> None:
    """What one call was told to wait, the next call of the same client waits too."""
    clock = Clock()
    service = a_service(clock, "POST *:1=429:7")
    client = a_client(service.handle, clock)
    with pytest.raises(AmbiguousError):
        perform(client, "POST")
    perform(client, "GET")
    assert clock.slept == [7.0]


def test_no_wait_begins_once_a_run_is_stopped() -> None:
    """After `stop_retrying` a call ends with its present attempt."""
    clock = Clock()
    service = a_service(clock, "GET /management/*=503-before")
    client = a_client(service.handle, clock)
    client.stop_retrying()
    with pytest.raises(UnreachableError):
        perform(client, "GET")
    assert (sent(service), clock.slept) == (["GET"], [])


def test_a_refusal_after_a_lost_answer_stays_in_doubt() -> None:
    """Where the repeat of a lost association is refused, nobody knows why: it isn't reported as a plain refusal."""
    clock = Clock()
    service = a_service(clock, "PUT *:1=drop-after", Behaviour(associate_twice="refused"))
    with pytest.raises(AmbiguousError, match="earlier attempt") as caught:
        perform(a_client(service.handle, clock), "PUT")
    assert isinstance(caught.value.__cause__, RefusedError)


def test_a_refusal_after_a_certain_failure_is_a_refusal() -> None:
    """A 429 leaves no doubt, so the refusal that follows is told as it is."""
    clock = Clock()
    service = a_service(clock, "PUT *:1=429; PUT *=refuse:No such list")
    with pytest.raises(RefusedError) as caught:
        perform(a_client(service.handle, clock), "PUT")
    assert not isinstance(caught.value, AmbiguousError)
    assert caught.value.detail == "No such list"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("verb", CALLS)
def test_a_refusal_carries_status_code_and_detail(verb: str, status: int) -> None:
    """Success false is a refusal with any HTTP status, is sent once, and says what the API said."""
    clock = Clock()
    behaviour = Behaviour(refusal_status=200 if status == 200 else 400)
    service = a_service(clock, f"{verb} /management/*=refuse:Not \x1b[31mtoday\tnor tomorrow", behaviour)
    with pytest.raises(RefusedError) as caught:
        perform(a_client(service.handle, clock), verb)
    error = caught.value
    assert (error.status, error.code, error.detail) == (status, "Error", "Not [31mtoday nor tomorrow")
    assert sent(service) == [verb]
    assert error.detail in error.message
    assert str(status) in error.message


@pytest.mark.parametrize("missing", ["as-refusal", "404"])
def test_an_unknown_id_is_a_refusal(missing: str) -> None:
    """Reading an Id that does not exist is refused, whichever way the server says so."""
    clock = Clock()
    behaviour = Behaviour(missing_status="404" if missing == "404" else "as-refusal")
    with pytest.raises(RefusedError):
        a_client(a_service(clock, behaviour=behaviour).handle, clock).read_one("/management/campaigns/99")


@pytest.mark.parametrize("form", ["application/json", "application/xml"])
@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_every_server_is_understood_in_both_formats(name: str, form: str) -> None:
    """Collections, entities, narrow calls, associations and skills work on every behaviour, in JSON and in XML."""
    clock = Clock()
    service = a_service(clock, behaviour=VARIANTS[name])

    def handle(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        assert headers["accept"] == headers["content-type"] == "application/json"
        return service.handle(method, path, {**headers, "accept": form}, body)

    client = a_client(handle, clock)
    campaigns = client.read_all("/management/campaigns")
    assert [{name.casefold(): value for name, value in each.items()}["campaignname"] for each in campaigns] == [
        "Winter"
    ]
    assert client.read_all("/management/teams") == []
    one = client.read_one("/management/lists/1")
    assert str({name.casefold(): value for name, value in one.items()}["id"]) == "1"
    client.send("PUT", "/management/campaigns/1/lists", {"ListId": 1}, repeatable=True)
    client.send("DELETE", "/management/campaigns/1/lists", {"ListId": 1}, repeatable=True)
    client.send("PUT", "/management/lists/1/activitystatus", {"Active": False}, repeatable=True)
    skill = {"SkillId": 1, "Proficiency": 3, "UserIds": [1]}
    client.send("PUT", "/management/users/skills", skill, repeatable=True)
    created = client.send("POST", "/management/campaigns", CAMPAIGN, repeatable=False)
    assert isinstance(created, dict)
    assert str({name.casefold(): value for name, value in created.items()}["campaignname"]) == "Spring"
    with pytest.raises(RefusedError):
        client.send("PUT", "/management/users/skills", {**skill, "UserIds": [1, 99]}, repeatable=True)


def reply(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Handle:
    """Return a handler that lets everyone log in and answers all else in one way."""

    def handle(method: str, path: str, given: Mapping[str, str], sent_body: bytes) -> Reply:
        if "/apitoken/" in path:
            return Reply(200, {"Content-Type": "application/json"}, b'{"TokenKey": "abc"}')
        return Reply(status, {"Content-Type": content_type} | headers, body)

    return handle


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (204, b""),
        (200, b"null"),
        (200, b'{"Id": 1, "CampaignName": "Spring"}'),
        (200, b'{"Success": "perhaps", "Data": null}'),
        (200, b'{"Success": true, "ResponseCode": "Error"}'),
        (200, b'"OK"'),
        (200, b"<html><body>OK</body></html>"),
        (302, b""),
    ],
)
def test_a_write_without_a_verdict_is_in_doubt(status: int, body: bytes) -> None:
    """An answer that isn't the envelope never counts as success of a write, nor as a no."""
    clock = Clock()
    with pytest.raises(AmbiguousError, match="not known"):
        perform(a_client(reply(status, body), clock), "PUT")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'{"Success": true}',
        b'{"Success": true, "Data": null}',
        b'{"Success": true, "Data": {"Id": 1}}',
        b'{"Success": true, "Data": [1, 2]}',
        b'{"Message": "An error has occurred."}',
        b"<html></html>",
        b"<R><Success>true</Success></R>",
    ],
)
def test_a_collection_that_is_none_is_never_an_empty_one(body: bytes) -> None:
    """Reading "nothing" out of a wrong answer would plan to create what exists."""
    with pytest.raises(MalformedError):
        perform(a_client(reply(200, body), Clock()), "GET")


def test_bare_payloads_are_read() -> None:
    """A server that answers a GET without the envelope is understood; the verdict matters for writes only."""
    assert a_client(reply(200, b'[{"Id": 1}]'), Clock()).read_all("/management/lists") == [{"Id": 1}]
    assert a_client(reply(200, b'{"Id": 1}'), Clock()).read_one("/management/lists/1") == {"Id": 1}
    with pytest.raises(MalformedError, match="no entity"):
        a_client(reply(200, b'{"Message": "An error"}'), Clock()).read_one("/management/lists/1")


@pytest.mark.parametrize("path", ["management/campaigns", "/a/../b", "/a?b=c", "/a#b", "/a b", "/a\r\nX: y", "/a%2e"])
def test_a_path_that_is_none_never_reaches_the_wire(path: str) -> None:
    """A path with a query, an escape or a line end is a bug of the caller, not a request."""
    clock = Clock()
    service = a_service(clock)
    with pytest.raises(ValueError, match="not a path"):
        a_client(service.handle, clock).read_all(path)
    assert service.log == ()


def test_statistics_count_what_went_over_the_wire() -> None:
    """Repeats are counted, logins apart."""
    clock = Clock()
    service = a_service(clock, "GET /management/*:1=503-before")
    client = a_client(service.handle, clock)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: perform(client, "GET"), range(4)))
    perform(client, "PUT")
    statistics = client.statistics
    assert (dict(statistics.requests), statistics.logins, statistics.total) == ({"GET": 5, "PUT": 1}, 1, 7)
