"""The recorded conversation: the client understands it today as it did when it was held, and it holds no secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import vcr
import yaml

from reconciler.api.connection import Connection, open_client
from reconciler.model.secret import Secret
from reconciler.simulator.app import serving
from reconciler.simulator.routes import ROUTES
from reconciler.simulator.service import Service
from reconciler.simulator.world import Account, new_world
from tests.recorded.conversation import NAME, TALKS, Talk
from tests.recorded.record import CASSETTES, MATCH_ON, OUTCOMES, main, record
from tests.recorded.scrubbing import HOST, Scrubber, spellings

SERVICES = "/webservices/services"


def replay(name: str, directory: Path) -> list[str]:
    """Hold a talk with its cassette instead of a server, and return what came of it."""
    mark = json.loads((directory / OUTCOMES).read_text(encoding="utf-8"))["mark"]
    recorder = vcr.VCR(
        record_mode=vcr.mode.NONE,
        match_on=MATCH_ON,
        before_record_request=Scrubber().request,
    )
    client = open_client(Connection(url=HOST, login="anyone", password=Secret("anything")), sleep=lambda seconds: None)
    talk = Talk(client=client, mark=mark, password=Secret("another"))
    with recorder.use_cassette(str(directory / f"{name}.yaml")) as cassette, client:
        next(each for each in TALKS if each.__name__ == name)(talk)
    assert cassette.all_played, f"{name}: {len(cassette) - cassette.play_count} recorded calls were not made"
    return talk.outcomes


def interactions(directory: Path) -> list[dict[str, dict[str, object]]]:
    """Return every recorded call."""
    cassettes = sorted(directory.glob("*.yaml"))
    return [each for file in cassettes for each in yaml.safe_load(file.read_text(encoding="utf-8"))["interactions"]]


@pytest.mark.parametrize("name", [talk.__name__ for talk in TALKS])
def test_the_recorded_talk_is_understood(name: str) -> None:
    """Replayed, each talk makes exactly the recorded calls and ends as it ended when it was recorded."""
    recorded = json.loads((CASSETTES / OUTCOMES).read_text(encoding="utf-8"))["outcomes"]
    assert replay(name, CASSETTES) == recorded[name]


def test_every_method_of_the_document_was_recorded() -> None:
    """Each verb and path of the API document stands in a cassette, the token's included."""
    recorded = {
        (
            each["request"]["method"],
            re.sub(r"/\d+(?=/|$)", "/{id}", str(each["request"]["uri"]).removeprefix(HOST + SERVICES)),
        )
        for each in interactions(CASSETTES)
    }
    documented = {(route.method, route.path) for route in ROUTES} | {("GET", "/apitoken/login/scrubbed")}
    assert recorded == documented


def test_the_cassettes_hold_no_credentials() -> None:
    """No header but the two that choose the format, no login, token or password, nobody's name."""
    assert len(list(CASSETTES.glob("*.yaml"))) == len(TALKS)
    for each in interactions(CASSETTES):
        request, response = each["request"], each["response"]
        assert isinstance(request["headers"], dict)
        assert set(request["headers"]) <= {"accept", "content-type"}
        assert isinstance(response["headers"], dict)
        assert {name.lower() for name in response["headers"]} <= {"content-type", "retry-after", "location"}
        assert str(request["uri"]).startswith(HOST + SERVICES)
        for body in (request["body"], response["body"]):
            text = str(body["string"] if isinstance(body, dict) else body)
            values = re.findall(r'"(TokenKey|Password|Login|FirstName|LastName|Extension)": ?"([^"]+)"', text, re.I)
            assert all(value == "scrubbed" or value.startswith(NAME) for _, value in values), values


def test_a_recording_can_be_made_again_and_holds_no_secret(tmp_path: Path) -> None:
    """Recorded anew over HTTP with planted secrets, it replays to the same end, and no file holds one in any form."""
    login, password = "svc/gitops@pl4nted", "Pl4nted&pass/word+=="
    world = new_world()
    world.accounts[login] = Account(password)
    world.add("users", Login="jane.pl4nted", FirstName="Jane Pl4nted", LastName="Doe Pl4nted", RolePlanId=3)
    service = Service(world=world, prefix="/pl4nted")
    with serving(service) as url:
        made = record(url + "/pl4nted", login=login, password=password, mark="test", directory=tmp_path)
    assert {name: replay(name, tmp_path) for name in made} == made
    secrets = {password, login, "pl4nted", "Pl4nted", *service.world.tokens, *service.world.passwords.values()}
    assert len(secrets) > 8
    forbidden = {form for secret in secrets for form in spellings(secret)}
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert [form for form in forbidden if form in content] == [], file.name


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            b'{"Data": [{"Id": 1, "login": "jane", "Extension": "12"}]}',
            b'{"Data": [{"Id": 1, "login": "scrubbed", "Extension": "scrubbed"}]}',
        ),
        (b'{"tokenkey":"abc","Expiry":null}', b'{"tokenkey": "scrubbed", "Expiry": null}'),
        (b'{"Percent":2.50,"Id":1}', b'{"Percent":2.50,"Id":1}'),
        (
            b"<T><a:TokenKey>abc</a:TokenKey><Login>jane</Login><Id>1</Id></T>",
            b"<T><a:TokenKey>scrubbed</a:TokenKey><Login>scrubbed</Login><Id>1</Id></T>",
        ),
        (b"<html>hunter2 aHVudGVyMg==</html>", b"<html>scrubbed scrubbed</html>"),
    ],
)
def test_what_a_server_sends_is_scrubbed(body: bytes, expected: bytes) -> None:
    """JSON, XML and pages alike; what needs no scrubbing stays byte for byte."""
    response: dict[str, object] = {
        "status": {"code": 200},
        "headers": {"Set-Cookie": ["TokenKey=abc"]},
        "body": {"string": body},
    }
    assert Scrubber(["hunter2"]).response(response) == {
        "status": {"code": 200},
        "headers": {},
        "body": {"string": expected},
    }


def test_a_tenant_is_only_recorded_when_confirmed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without its host repeated nothing is sent to a url, since what a recording creates stays for ever."""
    monkeypatch.setattr("sys.argv", ["record", "https://acme.invalid"])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "--sandbox acme.invalid" in capsys.readouterr().err
