"""The token service: the login, the cookie, and how each is refused."""

from __future__ import annotations

import json

import pytest

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.service import ROOT, Service
from reconciler.simulator.world import Account
from tests.simulator.calling import JSON, Caller, basic

NOON = 1_777_982_400.0  # 2026-05-05 12:00 UTC


def login(service: Service, *, name: str = "simulator", authorization: str = "") -> tuple[int, dict[str, object]]:
    """Ask for a token."""
    path = f"{ROOT}/apitoken/login/{name}"
    headers = {"accept": JSON, "AUTHORIZATION": authorization or basic("simulator")}
    reply = service.handle("GET", path, headers)
    return reply.status, json.loads(reply.body)


def test_a_login_gives_a_token_that_opens_the_api() -> None:
    """The token of a login, sent as the cookie TokenKey, opens each call; header names may have any case."""
    service = Service()
    status, answer = login(service)
    assert status == 200
    headers = {"COOKIE": f"other=1; TokenKey={answer['TokenKey']}", "accept": JSON}
    assert service.handle("GET", f"{ROOT}/management/lists", headers).status == 200


@pytest.mark.parametrize(
    ("behaviour", "name", "expiry"),
    [
        (Behaviour(), "Expiry", "2026-05-05T12:30:00Z"),
        (Behaviour(token_seconds=60, token_expiry_form="naive"), "Expiry", "2026-05-05T12:01:00"),
        (Behaviour(token_expiry_form="ms", token_expiry_field="ExpiresAt"), "ExpiresAt", "/Date(1777984200000+0000)/"),
        (Behaviour(token_expiry_form="seconds"), "Expiry", 1800),
        (Behaviour(token_expiry_field=None), None, None),
    ],
)
def test_an_expiry(behaviour: Behaviour, name: str | None, expiry: object) -> None:
    """The answer tells when the token ends, in this server's name and form, or does not tell."""
    _, answer = login(Service(behaviour=behaviour, now=lambda: NOON))
    assert {key: value for key, value in answer.items() if key != "TokenKey"} == ({name: expiry} if name else {})


def test_a_token_ends() -> None:
    """A token opens the API until its seconds are over."""
    clock = [NOON]
    who = Caller(Service(behaviour=Behaviour(token_seconds=60), now=lambda: clock[0]))
    assert who.send("GET", "lists").status == 200
    clock[0] += 59
    assert who.send("GET", "lists").status == 200
    clock[0] += 1
    assert who.send("GET", "lists").status == 401


@pytest.mark.parametrize("cookie", ["", "TokenKey=", "TokenKey=guess", "tokenkey={token}", "Token={token}"])
@pytest.mark.parametrize("refusal", [401, 403])
def test_without_its_token_nothing_opens(cookie: str, refusal: int) -> None:
    """No cookie, another name or another value: refused with the status that this server uses."""
    who = Caller(Service(behaviour=Behaviour(token_refusal=403 if refusal == 403 else 401)))
    who.login()
    headers = {"Accept": JSON, "Cookie": cookie.format(token=who.token)}
    reply = who.service.handle("POST", f"{ROOT}/management/globalemergency/enable", headers)
    assert reply.status == refusal
    assert json.loads(reply.body)["Success"] is False
    assert who.service.world.emergency is False


@pytest.mark.parametrize(
    "authorization",
    [basic("wrong"), "simulator", f"Basic {basic('simulator')}", basic("simulator:simulator"), " ", "c2lt\u00e9"],
)
@pytest.mark.parametrize("refusal", [401, 403, 200])
def test_a_wrong_password_is_refused(authorization: str, refusal: int) -> None:
    """Only the Base64 of the password, bare, is taken; the refusal has no token."""
    behaviour = {401: Behaviour(), 403: Behaviour(login_refusal=403), 200: Behaviour(login_refusal=200)}[refusal]
    status, answer = login(Service(behaviour=behaviour), authorization=authorization)
    assert status == refusal
    assert answer["Success"] is False
    assert "TokenKey" not in answer


def test_a_login_is_percent_decoded() -> None:
    """A login with a slash, an at sign or a letter beyond ASCII arrives whole."""
    service = Service()
    service.world.accounts["jo/é@acme"] = Account("pw")
    assert login(service, name="jo%2F%C3%A9%40acme", authorization=basic("pw"))[0] == 200
    assert login(service, name="nobody", authorization=basic("pw"))[0] == 401


def test_only_get_logs_in() -> None:
    """The token service is a GET; without a login in the path there is no such endpoint."""
    service = Service()
    assert service.handle("POST", f"{ROOT}/apitoken/login/simulator", {}).status == 405
    assert service.handle("GET", f"{ROOT}/apitoken/login/", {}).status == 404
    assert service.handle("GET", f"{ROOT}/apitoken/login/a/b", {}).status == 404


@pytest.mark.parametrize(("latest_only", "status"), [(True, 401), (False, 200)])
def test_a_second_login_and_the_first_token(latest_only: bool, status: int) -> None:
    """A second login ends the first token where this server does that."""
    who = Caller(Service(behaviour=Behaviour(token_latest_only=latest_only)))
    who.login()
    Caller(who.service).login()
    assert who.send("GET", "lists").status == status


def test_an_account_is_locked_after_wrong_passwords() -> None:
    """With a lock-out, after so many wrong passwords in a row the right one is refused too; a login starts anew."""
    service = Service(behaviour=Behaviour(lock_after=2))
    assert login(service, authorization=basic("no"))[0] == 401
    assert login(service)[0] == 200
    assert login(service, authorization=basic("no"))[0] == 401
    assert login(service, authorization=basic("no"))[0] == 401
    status, answer = login(service)
    assert (status, answer["ResponseDetail"]) == (401, "The account is locked")


def test_a_prefix_stands_before_the_api() -> None:
    """A path prefix belongs to the url: with it the API answers, without it there is nothing."""
    service = Service(prefix="/tenant/")
    headers = {"Authorization": basic("simulator"), "Accept": JSON}
    assert service.handle("GET", f"/tenant{ROOT}/apitoken/login/simulator", headers).status == 200
    assert service.handle("GET", f"{ROOT}/apitoken/login/simulator", headers).status == 404
