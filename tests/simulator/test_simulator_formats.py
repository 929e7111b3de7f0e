"""What travels: XML and JSON, dates, decimals, empty values, names, and hostile text."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Literal
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simulator.answers import Reply
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.fields import Kind
from reconciler.simulator.objects import camel_case
from reconciler.simulator.service import ROOT
from tests.simulator.calling import JSON, XML, Caller, caller, read_reply

NAMESPACE = "{http://schemas.datacontract.org/2004/07/MaxContact.Management}"


def ask(who: Caller, headers: dict[str, str], *, path: str = "lists") -> Reply:
    """Get something with these headers and the token."""
    return who.service.handle("GET", f"{ROOT}/management/{path}", {"Cookie": f"TokenKey={who.token}", **headers})


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        ({}, XML),
        ({"Accept": JSON}, JSON),
        ({"Accept": "text/html, application/json;q=0.9"}, JSON),
        ({"Content-Type": JSON}, JSON),
        ({"content-type": "application/json; charset=utf-8"}, JSON),
        ({"Accept": "*/*", "Content-Type": JSON}, JSON),
        ({"Accept": "*/*"}, XML),
        ({"Accept": "application/xml", "Content-Type": JSON}, XML),
    ],
)
def test_the_format_of_an_answer(headers: dict[str, str], form: str) -> None:
    """XML by default, JSON where Accept asks for it, else where Content-Type does."""
    reply = ask(caller(), headers)
    assert reply.headers["Content-Type"] == f"{form}; charset=utf-8"
    assert int(reply.headers["Content-Length"]) == len(reply.body)


def test_the_token_comes_in_both_formats() -> None:
    """A login without Accept answers XML, whose TokenKey opens the API."""
    who = caller()
    reply = who.service.handle("GET", f"{ROOT}/apitoken/login/simulator", {"Authorization": "c2ltdWxhdG9y"})
    who.token = ElementTree.fromstring(reply.body).findtext(f"{NAMESPACE}TokenKey") or ""
    assert ask(who, {}).status == 200


def test_xml_is_a_data_contract() -> None:
    """The XML has a default namespace, members in alphabetical order, nil for empty and lower-case booleans."""
    root = ElementTree.fromstring(ask(caller(), {}, path="campaigns/1").body)
    assert root.tag == f"{NAMESPACE}ManagementActionResponse"
    assert [child.tag.removeprefix(NAMESPACE) for child in root] == [
        "Data",
        "ResponseCode",
        "ResponseDetail",
        "Success",
    ]
    data = root.find(f"{NAMESPACE}Data")
    assert data is not None
    names = [child.tag.removeprefix(NAMESPACE) for child in data]
    assert names == sorted(names)
    assert data.findtext(f"{NAMESPACE}Active") == "true"
    assert b'<CallerId i:nil="true"/>' in ask(caller(), {}, path="campaigns/1").body


def test_a_body_can_be_xml() -> None:
    """A request may be written in XML too, numbers, flags, nil and arrays included."""
    who = caller()

    def send(verb: str, path: str, body: str) -> dict[str, object]:
        headers = {"Accept": JSON, "Content-Type": "text/xml", "Cookie": f"TokenKey={who.token}"}
        return read_reply(who.service.handle(verb, f"{ROOT}/management/{path}", headers, body.encode()))

    xmlns = 'xmlns="urn:any" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    fields = "<ListName>A &amp; B</ListName><FetchWeight>7</FetchWeight><AlertsEnabled>true</AlertsEnabled>"
    nil = '<Description i:nil="true"/><MaxCallbackDate>2026-05-05T00:00:00</MaxCallbackDate>'
    made = send("POST", "lists", f"<List {xmlns}>{fields}{nil}</List>")
    assert made["Success"] is True
    row = who.service.world.objects[Kind.LISTS][3]
    assert (row["ListName"], row["FetchWeight"], row["AlertsEnabled"], row["Description"]) == ("A & B", 7, True, None)
    users = '<UserIds xmlns:a="urn:arrays"><a:int>2</a:int><a:int>3</a:int></UserIds>'
    assert send("PUT", "users/skills", f"<S>{users}<SkillId>1</SkillId><Proficiency>5</Proficiency></S>")["Success"]
    assert send("POST", "lists", "<!DOCTYPE a [<!ENTITY b 'c'>]><List/>")["Success"] is False
    assert send("POST", "lists", "<List><FetchWeight>seven</FetchWeight></List>")["Success"] is False
    assert send("POST", "lists", "<List>")["Success"] is False


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"{"),
        (JSON, b"[1]"),
        (JSON, b'{"ListName": NaN}'),
        (JSON, b"\xff\xfe"),
        (JSON, b"[" * 100_000),
        (JSON, b'{"ListName": "' + b"x" * 1_000_001 + b'"}'),
        ("text/plain", b'{"ListName": "X"}'),
        ("", b'{"ListName": "X"}'),
    ],
)
def test_a_body_that_cannot_be_read(content_type: str, body: bytes) -> None:
    """What is no JSON object, or not said to be one, is refused and never a crash."""
    who = caller()
    headers = {"Accept": JSON, "Content-Type": content_type, "Cookie": f"TokenKey={who.token}"}
    answer = read_reply(who.service.handle("POST", f"{ROOT}/management/lists", headers, body))
    assert (answer["Success"], answer["ResponseCode"]) == (False, "Invalid Parameters")


MOMENTS = [
    ("2026-05-05T14:30:00", "2026-05-05T14:30:00"),
    ("2026-05-05T14:30:00Z", "2026-05-05T14:30:00"),
    ("2026-05-05T15:30:00+01:00", "2026-05-05T14:30:00"),
    ("2026-05-05", "2026-05-05T00:00:00"),
    ("05/05/2026", "2026-05-05T00:00:00"),
    ("05/05/2026 14:30", "2026-05-05T14:30:00"),
    ("05/05/2026 14:30:15", "2026-05-05T14:30:15"),
    ("/Date(1777991400000)/", "2026-05-05T14:30:00"),
    ("/Date(1777991400000+0100)/", "2026-05-05T14:30:00"),
]


@pytest.mark.parametrize(("written", "stored"), MOMENTS)
def test_dates_are_understood(written: str, stored: str) -> None:
    """A date is taken in every form of .NET services, and answered in this server's own."""
    made = caller().done("POST", "lists", {"ListName": "X", "MaxCallbackDate": written})
    assert made["MaxCallbackDate"] == stored


@pytest.mark.parametrize(
    ("form", "shown"),
    [("iso", "2026-05-05T14:30:00"), ("ms", "/Date(1777991400000+0000)/"), ("uk", "05/05/2026 14:30:00")],
)
def test_dates_are_shown(form: Literal["iso", "ms", "uk"], shown: str) -> None:
    """A date is answered in this server's form; one that takes only its own refuses the others."""
    who = caller(Behaviour(dates=form, dates_accepted="own"))
    made = who.done("POST", "lists", {"ListName": "X", "MaxCallbackDate": shown})
    assert made["MaxCallbackDate"] == shown
    for other, _ in MOMENTS[:1] + MOMENTS[5:8]:
        if {"iso": "T", "ms": "D", "uk": " "}[form] not in other:
            who.refused("POST", "lists", {"ListName": "X", "MaxCallbackDate": other}, code="Invalid Parameters")


@pytest.mark.parametrize("written", ["31/02/2026", "2026-02-31", "/Date(99999999999999999999)/", "/Date(x)/", "0"])
def test_dates_that_are_none(written: str) -> None:
    """What no calendar has is refused."""
    caller().refused("POST", "lists", {"ListName": "X", "MaxCallbackDate": written}, code="Invalid Parameters")


@pytest.mark.parametrize(("form", "half", "whole"), [("number", 2.5, 3), ("text", "2.50", "3.00")])
def test_decimals(form: str, half: object, whole: object) -> None:
    """Decimals are answered as numbers or as text with two places."""
    who = caller(Behaviour(decimals="text" if form == "text" else "number"))
    body = {"CampaignName": "X", "Type": 0, "TargetDropPercent": 2.5, "HoursPerWorkingDay": 3}
    made = who.done("POST", "campaigns", body)
    assert (made["TargetDropPercent"], made["HoursPerWorkingDay"]) == (half, whole)
    echoed = who.done("PUT", f"campaigns/{made['Id']}", made)
    assert echoed == made


@given(st.decimals(min_value=0, max_value=100, allow_nan=False, places=6))
def test_a_decimal_comes_back_as_it_went(number: Decimal) -> None:
    """No digit of a decimal is lost, as text or as a number."""
    for decimals in ("text", "number"):
        who = caller(Behaviour(decimals="text" if decimals == "text" else "number"))
        sent = str(number) if decimals == "text" else float(number)
        made = who.done("PUT", "campaigns/1", {"CampaignName": "X", "TargetDropPercent": sent})
        assert Decimal(str(made["TargetDropPercent"])) == number


@pytest.mark.parametrize(
    ("nulls", "shown"), [("null", {"Description": None}), ("empty", {"Description": ""}), ("omitted", {})]
)
def test_empty_values(nulls: Literal["null", "omitted", "empty"], shown: dict[str, object]) -> None:
    """A text nobody set is null, '' or absent; zero and false are always there."""
    made = caller(Behaviour(nulls=nulls)).done("GET", "lists/1")
    assert {name: value for name, value in made.items() if name == "Description"} == shown
    assert (made["FetchWeight"], made["AlertsEnabled"]) == (0, False)


def test_camel_case() -> None:
    """A camel-casing server answers all its JSON so, and takes both spellings."""
    who = caller(Behaviour(property_case="camel"))
    answer = json.loads(who.send("POST", "campaigns", {"campaignName": "X", "Type": 1}).body)
    assert list(answer) == ["success", "data", "responseCode", "responseDetail"]
    assert (answer["data"]["campaignName"], answer["data"]["type"]) == ("X", 1)
    who.done("POST", "users", {"firstName": "A", "lastName": "B", "login": "ab", "password": "pw", "useRTC": True})
    assert who.service.world.objects[Kind.USERS][4]["UseRTC"] is True
    assert who.service.world.passwords[4] == "pw"


@pytest.mark.parametrize(
    ("name", "camel"),
    [("UseRTC", "useRTC"), ("SSOActive", "ssoActive"), ("Id", "id"), ("IvrPlanId", "ivrPlanId"), ("X", "x")],
)
def test_how_names_are_camel_cased(name: str, camel: str) -> None:
    """Acronyms at the start become lower as a whole, elsewhere they stay."""
    assert camel_case(name) == camel


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
XML_TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n\r"),
    min_size=1,
).filter(str.strip)


@given(TEXT)
def test_any_text_comes_back_in_json(text: str) -> None:
    """Names come back letter for letter, control characters and all."""
    who = caller()
    assert who.done("POST", "campaigns", {"CampaignName": text, "Type": 0})["CampaignName"] == text


@given(XML_TEXT)
def test_any_text_comes_back_in_xml(text: str) -> None:
    """Names come back letter for letter in XML too, where XML can say them at all."""
    who = caller(form=XML)
    made = who.done("POST", "campaigns", {"CampaignName": text, "Type": 0})
    assert made["CampaignName"] == text
