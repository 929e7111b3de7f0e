"""Passwords and tokens stay out of logs, messages and tracebacks, as they are, in Base64 and url-encoded."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from reconciler.api.connection import Connection, open_client
from reconciler.api.wire import CallableTransport
from reconciler.errors import ReconcilerError
from reconciler.model.secret import Secret
from reconciler.simulator.answers import Reply
from reconciler.simulator.app import serving
from reconciler.simulator.service import Service
from reconciler.simulator.world import Account, new_world

PASSWORD = "Tr0ub4dor&3 /+"
TOKEN = "t0k3n/with+signs=="
USER_PASSWORD = "N3w-user?pass word"
Handle = Callable[[str, str, Mapping[str, str], bytes], Reply]


def forms(secret: str) -> set[str]:
    """Return every spelling of a secret that must not show."""
    coded = base64.b64encode(secret.encode()).decode()
    return {secret, coded, coded.rstrip("="), quote(secret, safe=""), quote(secret), quote(coded, safe="")}


FORBIDDEN = forms(PASSWORD) | forms(TOKEN) | forms(USER_PASSWORD)


def echo(status: int, form: str) -> Handle:
    """Return a hostile server: it quotes all that it was sent in its answers."""

    def handle(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if "/apitoken/" in path and form != "login":
            return Reply(200, {}, json.dumps({"TokenKey": TOKEN}).encode())
        said = f"{path} {dict(headers)} {body.decode()} {PASSWORD} {quote(PASSWORD)} {json.loads(body or b'{}')}"
        match form:
            case "html":
                return Reply(status, {"Content-Type": "text/html"}, f"<html>{said}</html>".encode())
            case "torn":
                return Reply(status, {}, f'{{"Success": "{said}'.encode())
            case "redirect":
                return Reply(302, {"Location": f"https://{quote(TOKEN, safe='')}.invalid/{quote(PASSWORD)}"}, b"")
            case "drop":
                raise TimeoutError(said)
            case _:
                code = headers.get("cookie", PASSWORD)
                answer = {"Success": False, "ResponseCode": code, "ResponseDetail": said, "Data": None}
                return Reply(status, {"Set-Cookie": f"TokenKey={TOKEN}"}, json.dumps(answer).encode())

    return handle


@pytest.mark.parametrize("form", ["envelope", "login", "html", "torn", "redirect", "drop"])
@pytest.mark.parametrize("status", [200, 400, 401, 500])
def test_nothing_secret_is_shown(
    status: int, form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even where the server quotes them back: neither error, cause, traceback nor log at DEBUG of any library."""
    caplog.set_level(logging.DEBUG)
    client = open_client(
        Connection(url="simulator://", login="svc", password=Secret(PASSWORD)),
        transport=CallableTransport(echo(status, form)),
        sleep=lambda seconds: None,
        token_cache=tmp_path,
    )
    shown: list[str] = [repr(client), repr(client.__dict__)]
    for body in ({"Login": "jane", "Password": Secret(USER_PASSWORD)}, {"Login": "jane", "Password": USER_PASSWORD}):
        for repeatable in (True, False):
            with pytest.raises(ReconcilerError) as caught:
                client.send("PUT", "/management/users/1", body, repeatable=repeatable)
            error = caught.value
            shown += [*traceback.format_exception(error), error.message, error.hint, repr(error), repr(vars(error))]
    with pytest.raises(ReconcilerError) as caught:
        client.read_all("/management/users")
    shown += traceback.format_exception(caught.value)
    shown += [caplog.text, *(repr(vars(record)) for record in caplog.records), *capsys.readouterr()]
    assert caplog.records
    whole = "\n".join(shown)
    # The frames of a traceback quote this file's own lines, in which the constants have names, not values.
    assert [secret for secret in FORBIDDEN if secret in whole] == []


def test_the_libraries_below_log_no_header(caplog: pytest.LogCaptureFixture) -> None:
    """On a real connection, at DEBUG, the HTTP libraries would log tokens and the login's url: they don't get to."""
    caplog.set_level(logging.DEBUG)
    world = new_world()
    world.accounts["svc"] = Account(PASSWORD)
    service = Service(world=world)
    with (
        serving(service) as url,
        open_client(Connection(url=url, login="svc", password=Secret(PASSWORD))) as client,
    ):
        client.read_all("/management/users")
    (token,) = service.world.tokens
    assert [secret for secret in forms(PASSWORD) | forms(token) | {"login/svc"} if secret in caplog.text] == []
    assert "/management/users -> 200" in caplog.text


def test_a_log_line_says_what_happened(caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status and time at DEBUG; the login's path is cut short."""
    caplog.set_level(logging.DEBUG, logger="reconciler")

    def handle(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return Reply(200, {}, b'{"TokenKey": "abc"}' if "/apitoken/" in path else b'{"Success": true, "Data": []}')

    transport = CallableTransport(handle)
    with open_client(Connection(url="simulator://", login="svc", password=Secret("x")), transport=transport) as client:
        client.read_all("/management/users")
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("GET /apitoken/login/*** -> 200 in ") for line in lines)
    assert any(line.startswith("GET /management/users -> 200 in ") for line in lines)
    assert not any("svc" in line for line in lines)
