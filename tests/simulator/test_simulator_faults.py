"""Faults: how they are written, when they strike, and what they leave done."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import UsageError
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import FAULTS, DroppedConnection, Fault, Faults, FaultSchedule, parse_faults
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import Service
from tests.simulator.calling import Caller, caller


def struck(fault: str, *, behaviour: Behaviour | None = None) -> Caller:
    """Make a tenant on which the fault strikes every creation of a list."""
    who = caller(behaviour or Behaviour())
    who.service.faults = parse_faults(f"POST /management/lists={fault}")
    return who


def made(who: Caller) -> bool:
    """Tell whether the list was created."""
    return bool(who.service.world.named(Kind.LISTS, "X"))


@pytest.mark.parametrize(
    ("fault", "status", "done"),
    [
        ("500-before", 500, False),
        ("500-after", 500, True),
        ("503-before", 503, False),
        ("503-after", 503, True),
        ("429", 429, False),
        ("429:2", 429, False),
        ("html-before", 200, False),
        ("html-after", 200, True),
        ("401", 401, False),
        ("403", 403, False),
        ("refuse", 200, False),
        ("expire", 401, False),
        ("truncated", 200, True),
        ("slow:0", 200, True),
    ],
)
def test_what_a_fault_answers_and_leaves_done(fault: str, status: int, done: bool) -> None:
    """Each fault answers its status; 'after' and 'truncated' have done the request, the others haven't."""
    who = struck(fault)
    reply = who.send("POST", "lists", {"ListName": "X"})
    assert (reply.status, made(who)) == (status, done)
    if "html" in fault or status >= 429:
        assert "text/html" in reply.headers["Content-Type"]
    assert reply.headers.get("Retry-After") == ("2" if fault == "429:2" else None)
    entry = who.service.log[-1]
    assert (entry.status, entry.fault) == (status, f"POST /management/lists={fault}")
    assert entry.processed is (done or fault == "expire")


@pytest.mark.parametrize(("fault", "done"), [("drop-before", False), ("drop-after", True)])
def test_a_dropped_connection(fault: str, done: bool) -> None:
    """In-process a drop is an exception that tells whether the request was done."""
    who = struck(fault)
    with pytest.raises(DroppedConnection) as caught:
        who.send("POST", "lists", {"ListName": "X"})
    assert (caught.value.processed, made(who)) == (done, done)
    assert who.service.log[-1].status == 0


def test_a_truncated_answer_is_no_json() -> None:
    """A truncated answer has its whole length in the header and half of it in the body."""
    reply = struck("truncated").send("POST", "lists", {"ListName": "X"})
    assert len(reply.body) == int(reply.headers["Content-Length"]) // 2
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)


def test_a_refusal_says_what_it_was_told_to() -> None:
    """The argument of `refuse` is the ResponseDetail, and the status is the server's own for refusals."""
    who = struck("refuse:already associated: yes", behaviour=Behaviour(refusal_status=400))
    reply = who.send("POST", "lists", {"ListName": "X"})
    assert (reply.status, json.loads(reply.body)["ResponseDetail"]) == (400, "already associated: yes")


def test_slowness_waits_before_the_work() -> None:
    """`slow` waits for its seconds, 1 without an argument."""
    waited: list[float] = []
    who = Caller(Service(sleep=waited.append, faults=parse_faults("GET */lists=slow:0.25; POST *=slow")))
    who.done("GET", "lists")
    who.done("POST", "lists", {"ListName": "X"})
    assert waited == [0.25, 1.0]


def test_an_expired_token_costs_one_login() -> None:
    """`expire` ends all tokens: a new login opens the API again."""
    who = caller()
    who.service.faults = parse_faults("* /management/*:1=expire")
    assert who.send("GET", "lists").status == 401
    assert who.send("GET", "lists").status == 401
    who.login()
    assert who.send("GET", "lists").status == 200


@pytest.mark.parametrize(
    ("which", "statuses"),
    [
        ("", [500, 500, 500, 500]),
        (":1", [500, 200, 200, 200]),
        (":2", [200, 500, 200, 200]),
        (":2-3", [200, 500, 500, 200]),
        (":3+", [200, 200, 500, 500]),
    ],
)
def test_which_requests_are_struck(which: str, statuses: list[int]) -> None:
    """A rule counts the requests it matches, and no other."""
    who = caller()
    who.service.faults = parse_faults(f"GET /management/lists/*{which}=500-before")
    answered = []
    for _ in statuses:
        who.send("GET", "campaigns")
        answered.append(who.send("GET", "lists/1").status)
    assert answered == statuses


def test_the_first_rule_that_strikes_counts() -> None:
    """Of two rules for one request the first strikes, and both have counted it."""
    who = caller()
    who.service.faults = parse_faults("GET *:1=503-before\nGET *:1-2=500-before")
    assert [who.send("GET", "lists").status for _ in range(3)] == [503, 500, 200]
    who.service.faults = who.service.faults
    assert who.send("GET", "lists").status == 503


def test_the_login_can_fail_too() -> None:
    """Faults strike the token service by its path."""
    who = caller()
    who.service.faults = parse_faults("GET /apitoken/*=503-before")
    assert who.login().status == 503


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("PUT /management/campaigns/*:2", "expected METHOD"),
        ("drop-after", "expected METHOD"),
        ("GET *=explode", "no fault is called explode"),
        ("GET *:0=401", "counted from 1"),
        ("GET *:3-2=401", "counted from 1"),
        ("GET *=slow:soon", "takes seconds"),
        ("GET *=429:-1", "takes seconds"),
        ("GET *=401:3", "takes no argument"),
    ],
)
def test_a_rule_that_cannot_be_read(text: str, told: str) -> None:
    """A wrong rule is refused, quoted, with what was expected, beside all the others that are wrong."""
    with pytest.raises(UsageError, match="not a fault") as caught:
        parse_faults(["GET *=401", text, "nonsense"])
    assert told in caught.value.message
    assert repr(text) in caught.value.message
    assert "'nonsense'" in caught.value.message


RULES = st.builds(
    lambda method, path, first, more, name: Fault(
        method=method, path=path, first=first, last=None if more is None else first + more, name=name
    ),
    method=st.sampled_from(["*", "GET", "PUT", "DELETE"]),
    path=st.sampled_from(["*", "/management/lists/*", "/apitoken/*"]),
    first=st.integers(1, 9),
    more=st.none() | st.integers(0, 9),
    name=st.sampled_from([*FAULTS]),
)


@given(st.lists(RULES).map(lambda rules: Faults(tuple(rules))))
def test_any_schedule_survives_being_written(faults: Faults) -> None:
    """A schedule written as text reads back the same."""
    assert parse_faults(str(faults)) == faults


@given(RULES, st.integers(1, 25))
def test_a_rule_strikes_exactly_its_range(rule: Fault, requests: int) -> None:
    """Among N matching requests the rule strikes those from its first to its last."""
    schedule = FaultSchedule(Faults((rule,)))
    method, path = rule.method.replace("*", "POST"), rule.path.replace("*", "/x")
    hits = [number for number in range(1, requests + 1) if schedule.strike(method, path)]
    assert hits == [number for number in range(1, requests + 1) if rule.first <= number <= (rule.last or number)]
