"""Reading answers: JSON and XML in every form that a .NET server may choose, and nothing believed without a verdict."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.api.call import encode
from reconciler.api.document import HtmlError, TornError, read_document
from reconciler.api.envelope import open_envelope, read_envelope
from reconciler.api.moments import find_expiry, read_expiry
from reconciler.api.plain import plain
from reconciler.api.retry import read_retry_after
from reconciler.model.secret import Secret

NOW = 1_780_000_000.0
XML_ENVELOPE = (
    '<ManagementActionResponse xmlns="http://schemas.example/x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
    "<Data>{}</Data><ResponseCode>Success</ResponseCode><ResponseDetail i:nil='true'/><Success>true</Success>"
    "</ManagementActionResponse>"
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("<Id>7</Id><TeamName>Łódź &amp; Co</TeamName>", {"Id": "7", "TeamName": "Łódź & Co"}),
        ("<Team><Id>7</Id></Team>", [{"Id": "7"}]),
        ("<Team><Id>7</Id></Team><Team><Id>8</Id></Team>", [{"Id": "7"}, {"Id": "8"}]),
        ("<a:Team xmlns:a='http://schemas.example/y'><a:Id>7</a:Id></a:Team>", [{"Id": "7"}]),
        ("<Id>7</Id><UserIds><int>1</int></UserIds>", {"Id": "7", "UserIds": ["1"]}),
        ("<Id>7</Id><TeamName i:nil='true'/>", {"Id": "7", "TeamName": None}),
        ("<Id>7</Id><TeamName/>", {"Id": "7", "TeamName": ""}),
        ("<Id>7</Id><TeamName>  two  spaces </TeamName>", {"Id": "7", "TeamName": "  two  spaces "}),
        ("true", "true"),
        ("", ""),
    ],
)
def test_xml_payloads_become_the_values_json_would_give(data: str, expected: object) -> None:
    """XML, the API's default, is understood: namespaces, nil, arrays of one, empty elements, text kept exactly."""
    envelope = read_envelope(XML_ENVELOPE.format(data).encode(), "text/xml")
    assert (envelope.success, envelope.data) == (True, expected)


@pytest.mark.parametrize("label", ["application/json", "text/plain", "application/json; charset=utf-8", "text/xml", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_body_tells_its_format_whatever_its_label(label: str, encoding: str) -> None:
    """A wrong or missing Content-Type and a byte order mark don't matter."""
    if encoding == "utf-16":
        label = label.replace("utf-8", "utf-16")
    document = {"Success": True, "Data": {"Name": "Žižkov ☎"}}
    assert read_document(json.dumps(document, ensure_ascii=False).encode(encoding), label) == document
    xml = "<?xml version='1.0'?><R><Name>Žižkov ☎</Name><Success>true</Success></R>".encode(encoding)
    assert read_document(xml, label) == {"Name": "Žižkov ☎", "Success": "true"}


def test_charset_comes_from_the_label_or_the_xml_declaration() -> None:
    """Latin-1 and Windows-1252 are read when the server says so."""
    assert read_document('{"N": "é"}'.encode("latin-1"), 'application/json; charset="ISO-8859-1"') == {"N": "é"}
    body = "<?xml version='1.0' encoding='windows-1252'?><R><N>€</N><M>1</M></R>".encode("windows-1252")
    assert read_document(body, "text/xml") == {"N": "€", "M": "1"}


def test_json_numbers_keep_their_digits() -> None:
    """Decimals aren't rounded through binary floating point on the way in or out."""
    assert read_document(b'{"Percent": 2.10, "Big": 0.1000000000000000055}', "") == {
        "Percent": Decimal("2.10"),
        "Big": Decimal("0.1000000000000000055"),
    }
    sent = encode({"Percent": Decimal("2.10"), "Hours": Decimal("7.5"), "Zero": Decimal("0E+2")})
    assert sent == '{"Percent": 2.10, "Hours": 7.5, "Zero": 0}'


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**20), 10**20)
        | st.text()
        | st.decimals(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_what_is_sent_is_what_a_json_reader_gets(value: object) -> None:
    """Encoding is lossless: any value comes back equal, in ASCII bytes."""
    text = encode(value)
    assert text.isascii()
    assert json.loads(text, parse_float=Decimal) == value


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan"), b"bytes", object(), {1, 2}])
def test_what_json_cannot_say_is_a_bug_of_the_caller(value: object) -> None:
    """NaN, bytes and objects never reach the wire in some accidental form."""
    with pytest.raises((TypeError, ValueError)):
        encode({"Field": value})


@pytest.mark.parametrize(
    "body",
    [
        b'{"Success": true, "Data": [',
        b'{"Success": true} trailing',
        b'{"Success": NaN}',
        b"<R><Success>true</Success>",
        b"<R><Success>true</R>",
        b"\xff\xfe\xfa",
        b'{"Name": "\xe9"}',
        b"[" * 100_000,
        b"<a>" * 5_000,
        b"nonsense",
        b'{"n": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_not_whole_is_never_guessed_at(body: bytes) -> None:
    """Truncated, mis-encoded, absurdly deep or foreign bodies are refused with a reason."""
    with pytest.raises(TornError) as caught:
        read_document(body, "application/json")
    assert str(caught.value)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><r>&b;</r>',
        '<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/hostname">]><r>&f;</r>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd"><r/>',
    ],
)
def test_xml_document_types_are_refused(declaration: str) -> None:
    """Entity bombs and external entities are refused before anything is expanded or fetched."""
    with pytest.raises(TornError, match="document type"):
        read_document(declaration.encode(), "text/xml")


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html></html>",
        "<html lang='en'>",
        "\n <!-- a --> <!doctype HTML PUBLIC ''>",
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>",
    ],
)
def test_a_page_for_people_is_recognised(page: str) -> None:
    """HTML is told from XML, even where it is well-formed."""
    with pytest.raises(HtmlError):
        read_document(page.encode(), "text/html")


@pytest.mark.parametrize(
    ("document", "success"),
    [
        ({"Success": True, "Data": 1}, True),
        ({"success": "True", "data": 1}, True),
        ({"Success": 1, "Data": 1}, True),
        ({"Success": "false", "Data": 1}, False),
        ({"Success": None, "Data": 1}, None),
        ({"Success": "maybe", "Data": 1}, None),
        ({"Data": [], "ResponseCode": "Success"}, True),
        ({"Data": None, "ResponseCode": "invalid parameters"}, False),
        ({"Success": True, "ResponseCode": "Error"}, None),
        ({"Success": True, "ResponseCode": "InvalidParameters"}, None),
        ({"Succeeded": True}, True),
        ({"IsSuccess": "false"}, False),
        ({"Result": True}, True),
        ([{"UserId": 1, "Success": True}, {"UserId": 2, "Success": True}], True),
        ([{"UserId": 1, "Success": True}, {"UserId": 2, "Success": False}], False),
        ({"Success": True, "Data": [{"UserId": 1, "Success": False}]}, False),
        ({"Success": True, "Results": [{"UserId": 1, "Success": True}]}, True),
        ({"Id": 4, "Status": 1}, None),
        ([{"Id": 4}], None),
        ([], None),
        ("true", None),
        (None, None),
    ],
)
def test_the_verdict_is_read_strictly(document: object, success: bool | None) -> None:
    """Success in any case and form counts, also per user; its absence or contradiction is no verdict."""
    assert open_envelope(document).success is success


def test_the_reasons_of_single_users_are_told() -> None:
    """A skills call that failed for one user says how many and why."""
    document = {"Success": False, "Results": [{"Success": True}, {"Success": False, "ResponseDetail": "No such user"}]}
    assert open_envelope(document).detail == "1 of 2 were refused; No such user"


def test_a_password_sent_back_is_dropped() -> None:
    """Should a server return passwords, they get no further than this."""
    assert open_envelope({"Success": True, "Data": {"Id": 1, "password": "x"}}).data == {"Id": 1}
    assert open_envelope({"Success": True, "Data": [{"Id": 1, "Password": "x"}]}).data == [{"Id": 1}]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-05-05T10:00:00Z", 1777975200.0),
        ("2026-05-05T10:00:00.1234567+01:00", 1777971600.123456),
        ("2026-05-05T10:00:00", 1777975200.0),
        ("05/05/2026 10:00:00", 1777975200.0),
        ("05/05/2026 10:00", 1777975200.0),
        ("05/05/2026", 1777939200.0),
        ("Tue, 05 May 2026 10:00:00 GMT", 1777975200.0),
        ("/Date(1777975200000)/", 1777975200.0),
        ("/Date(1777975200000+0100)/", 1777975200.0),
        (1777975200, 1777975200.0),
        (Decimal("1777975200000"), 1777975200.0),
        ("1777975200", 1777975200.0),
        (1200, NOW + 1200),
        ("1200", NOW + 1200),
        ("00:20:00", NOW + 1200),
        ("1.00:00:00", NOW + 86_400),
        ("soon", None),
        ("", None),
        (None, None),
        (True, None),
        ([], None),
    ],
)
def test_an_expiry_is_read_in_every_form(value: object, expected: float | None) -> None:
    """Neither name nor form of a token's expiry is documented, so all plausible ones are understood."""
    assert read_expiry(value, now=NOW) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("name", ["Expiry", "expires", "ExpiryDate", "TokenExpiry", "ValidUntil", "expires_in"])
def test_an_expiry_is_found_under_any_of_its_names(name: str) -> None:
    """The property's name is matched in any case."""
    assert find_expiry({"TokenKey": "x", name: 600}, now=NOW) == NOW + 600


def test_an_expiry_in_the_past_says_nothing() -> None:
    """A clock or zone that differs must not cause a login before every call."""
    assert find_expiry({"Expiry": "2020-01-01T00:00:00"}, now=NOW) is None


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("5", "", 5.0),
        ("0.5", "", 0.5),
        ("0", "", 0.0),
        ("99999999999999999", "", 86_400.0),
        ("Wed, 21 Oct 2026 07:28:10 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 10.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", "", 0.0),
        ("-5", "", None),
        ("later", "", None),
        ("", "", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(text: str, date: str, expected: float | None) -> None:
    """Both forms of HTTP are understood, and nonsense asks for nothing."""
    assert read_retry_after(text, date, now=NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x1b[31mb\r\nc\u202ed\x00", "a [31mb c d"),
        ("x" * 400, "x" * 299 + "…"),
        ("the password hunter2/? was wrong", "the password *** was wrong"),
        ("aHVudGVyMi8/ was sent", "*** was sent"),
        ("GET /x?p=hunter2%2F%3F", "GET /x?p=***"),
        ("GET /x?p=hunter2%2f%3f", "GET /x?p=***"),
        ("GET /x?p=hunter2/%3F", "GET /x?p=***"),
    ],
)
def test_text_of_the_server_is_made_fit_for_a_message(text: str, expected: str) -> None:
    """No terminal control, no secret in any of its forms, no endless line."""
    assert plain(text, [Secret("hunter2/?")]) == expected
