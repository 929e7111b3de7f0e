"""YAML, strictly: what is text stays text, what is wrong is said with its place, on both parsers."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import events
from reconciler.config.source import Source
from reconciler.config.yaml_reader import read_documents
from reconciler.model.problem import Problem


@pytest.fixture(params=["libyaml", "pure Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test on the C parser and on the one that is there without it."""
    if request.param == "pure Python":
        monkeypatch.setattr(events, "PARSER", events.PurePythonParser)
    else:
        assert events.PARSER is not events.PurePythonParser, "this PyYAML was built without libyaml"
    return str(request.param)


def value_of(text: str) -> Any:
    """Return what a document holds under the key `value`."""
    documents, problems = read_documents(Source(name="a.yaml", data=text.encode()))
    assert not problems, problems
    return documents[0].content["value"]


def problems_of(data: bytes) -> list[Problem]:
    """Return what is wrong with a file."""
    return read_documents(Source(name="a.yaml", data=data))[1]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "text",
    [
        *("NO", "no", "Yes", "on", "off", "y", "True", "TRUE", "False", "NULL", "Null"),
        *("17:30", "1:30:00", "2026-12-31", "2026-12-31T17:30:00Z"),
        *("01614960000", "+441614960000", "+7", "0161 496 0000", "007", "00.5", "-01"),
        *("0x1F", "0o17", "0b11", "1_000", "1_0.5", ".inf", "-.inf", ".nan", "1e1000", "1234567890123456789012"),
        *("<", "=", "1.2.3", "--", "12a", "٣", "1e", "e5", "."),
    ],
)
def test_a_trap_of_yaml_1_1_stays_text(text: str) -> None:
    """A plain scalar that YAML 1.1 would turn into something else is the text that was written."""
    assert value_of(f"value: {text}") == text


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("42", 42),
        ("-3", -3),
        ("2.5", Decimal("2.5")),
        ("2.50", Decimal("2.50")),
        ("-0.1", Decimal("-0.1")),
        (".5", Decimal("0.5")),
        ("1e3", Decimal("1e3")),
        ("'true'", "true"),
        ('"42"', "42"),
        ('"null"', "null"),
        ("!!str 42", "42"),
        ("!!int 42", 42),
        ("!!str", ""),
        ("|\n  42\n", "42\n"),
        ("[1, x, {a: 2}]", [1, "x", {"a": 2}]),
    ],
)
def test_a_core_scalar_has_its_type(text: str, value: object) -> None:
    """`true` and `false`, nothing, and numbers in plain notation are what YAML 1.2 says; quotes make text."""
    found = value_of(f"value: {text}")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.usefixtures("parser")
def test_keys_are_the_text_that_was_written() -> None:
    """A catalog may call a plan `NO`, `17:30` or `2026`: names are never turned into something else."""
    content = value_of("value: {NO: 1, 17:30: 2, 2026: 3, true: 4, 01: 5}")
    assert list(content) == ["NO", "17:30", "2026", "true", "01"]


@pytest.mark.usefixtures("parser")
def test_aliases_repeat_a_value() -> None:
    """An alias is the value of its anchor, scalars and mappings alike, within one document."""
    documents, problems = read_documents(
        Source(name="a.yaml", data=b"a: &number 3\nb: *number\nc: &map {d: [&text e, *text]}\nf: *map\n---\n")
    )
    assert not problems
    assert documents[0].content == {"a": 3, "b": 3, "c": {"d": ["e", "e"]}, "f": {"d": ["e", "e"]}}
    assert [each.rule for each in problems_of(b"a: &x 1\n---\nb: *x\n")] == ["undefined-alias"]


@pytest.mark.usefixtures("parser")
def test_documents_know_their_first_line() -> None:
    """Comments, separators and empty documents don't count: a document starts where its mapping does."""
    data = b"# a modeline\n\n---\n# why\na: 1\n---\n# nothing\n---\nb: 2\n...\n---\nc: 3\n"
    documents, problems = read_documents(Source(name="a.yaml", data=data))
    assert not problems
    assert [(each.index, each.line, str(each.start)) for each in documents] == [
        (0, 5, "a.yaml:5"),
        (2, 9, "a.yaml:9"),
        (3, 12, "a.yaml:12"),
    ]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("path", "of_key", "place"),
    [
        (("b", "c"), False, "a.yaml:4:6"),
        (("b", "c"), True, "a.yaml:4:3"),
        (("b", "d"), False, "a.yaml:5:3"),
        (("b", "d", 1, "e"), False, "a.yaml:7:11"),
        (("b", "d", 1), False, "a.yaml:7:7"),
        (("b", "missing", "deeper"), False, "a.yaml:3:4"),
        (("b", "empty"), False, "a.yaml:8:9"),
        (("f",), False, "a.yaml:9:4"),
        (("f", "c"), False, "a.yaml:9:4"),
        ((), False, "a.yaml:3:1"),
    ],
)
def test_places_are_found_on_demand(path: tuple[str | int, ...], of_key: bool, place: str) -> None:
    """Any key or value can be pointed at; a block at its key, an unknown path at what is around it."""
    data = b"x: 1\n---\nb: &b\n  c: 1\n  d:\n    - one\n    - {e: 2}\n  empty:\nf: *b\n"
    documents, _ = read_documents(Source(name="a.yaml", data=data))
    found = documents[1].place(*path, of_key=of_key)
    assert str(found) == place


@pytest.mark.usefixtures("parser")
def test_reading_goes_on_after_a_problem() -> None:
    """A duplicate key spoils its document only; broken syntax leaves the documents before it."""
    documents, problems = read_documents(Source(name="a.yaml", data=b"a: 1\na: 2\n---\nb: 3\n---\nc: [\n"))
    assert [each.content for each in documents] == [{"a": 2}, {"b": 3}]
    assert [(str(each.rule), each.place.line) for each in problems] == [("duplicate-key", 2), ("yaml-syntax", 7)]


@pytest.mark.usefixtures("parser")
def test_a_byte_order_mark_is_no_problem() -> None:
    """Windows editors put one in front of UTF-8."""
    documents, problems = read_documents(Source(name="a.yaml", data=b"\xef\xbb\xbfa: \xc3\xa9\n"))
    assert not problems
    assert documents[0].content == {"a": "é"}


TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
SCALARS = st.one_of(
    TEXT,
    st.booleans(),
    st.none(),
    st.integers(min_value=-(10**17), max_value=10**17),
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**6), max_value=10**6),
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


def as_yaml(value: object) -> str:
    """Write a value as flow YAML: JSON, which YAML 1.2 contains, with every character beyond ASCII escaped."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_yaml(key)}: {as_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_yaml, value)) + "]"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        plain = (each if " " <= each <= "~" and each not in '"\\' else f"\\U{ord(each):08x}" for each in value)
        return f'"{"".join(plain)}"'
    return json.dumps(value)


@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read(content: dict[str, object]) -> None:
    """Any text, number, list or mapping comes back as it was, to the last character."""
    documents, problems = read_documents(Source(name="a.yaml", data=as_yaml(content).encode()))
    assert not problems
    assert documents[0].content == content


@given(st.binary(max_size=300))
def test_any_bytes_end_in_documents_or_problems(data: bytes) -> None:
    """No file makes the reader fail in a way of its own; every problem has a line."""
    documents, problems = read_documents(Source(name="a.yaml", data=data))
    assert all(each.place.line >= 1 and each.place.column >= 1 and each.advice for each in problems)
    for document in documents:
        assert document.place().line == document.line


@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"%@` \n\t#,~0.1<"), max_size=40))
def test_both_parsers_read_the_same(text: str) -> None:
    """With or without libyaml, a text gives the same documents, or is refused by both."""
    source = Source(name="a.yaml", data=text.encode())
    ours = read_documents(source)
    original, events.PARSER = events.PARSER, events.PurePythonParser
    try:
        theirs = read_documents(Source(name="a.yaml", data=text.encode()))
    finally:
        events.PARSER = original
    if not ours[1] and not theirs[1]:
        assert [each.content for each in ours[0]] == [each.content for each in theirs[0]]
        assert [each.line for each in ours[0]] == [each.line for each in theirs[0]]
