"""The writer's word: what it writes, the strict reader reads back to the very same value, and so does YAML 1.1."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.config.source import Source
from reconciler.config.writer import accepts, manifest_text, scalar_text
from reconciler.config.yaml_reader import read_documents
from reconciler.model.address import Address
from reconciler.model.manifest import Entry, Manifest, Written
from tests.export.tenants import HOSTILE, texts

LEADS = Address("List", "leads")


def read(text: str) -> list[dict[str, object]]:
    """Read a text strictly; nothing may be wrong with it."""
    documents, problems = read_documents(Source(name="x.yaml", data=text.encode()))
    assert not problems
    return [document.content for document in documents]


def written(value: Written, *, note: str = "") -> str:
    """Write a document whose description is the value."""
    return manifest_text(
        [Manifest(address=LEADS, beside=LEADS, spec=(Entry(name="description", value=value, note=note),))]
    )


def read_back(value: Written) -> object:
    """Return what the strict reader makes of a value that was written."""
    (content,) = read(written(value))
    spec = content["spec"]
    assert isinstance(spec, dict)
    return spec["description"]


@given(text=texts)
@example(text="a\n\nb\n")
@example(text="\n")
@example(text="a\n ")
@example(text="# not a comment\n--- not a document\n")
def test_text_stays_what_it_was(text: str) -> None:
    """Whatever it looks like, on one line or on many."""
    assert read_back(text) == text
    assert read_back(({"name": text}, text)) == [{"name": text}, text]


@pytest.mark.parametrize("text", HOSTILE)
def test_other_readers_see_the_same_text(text: str) -> None:
    """YAML 1.1, which most tools read, takes none of it for a number, a date or a truth value either."""
    assert yaml.safe_load(written(text))["spec"]["description"] == text


@given(
    number=st.one_of(
        st.integers(-(10**17), 10**17),
        st.decimals(allow_nan=False, allow_infinity=False, places=3, max_value=10**9, min_value=-(10**9)),
    )
)
def test_numbers_stay_numbers(number: int | Decimal) -> None:
    """As short as they can be written."""
    assert read_back(number) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Spring renewals", "Spring renewals"),
        ("01614960100", '"01614960100"'),
        ("+44161", '"+44161"'),
        ("17:30", '"17:30"'),
        ("2026-05-05", '"2026-05-05"'),
        ("No", '"No"'),
        ("", '""'),
        ("a: b", '"a: b"'),
        ("x #y", '"x #y"'),
        ("- x", '"- x"'),
        ("Grüße", "Grüße"),
        ("tab\t", '"tab\\t"'),
        ("\u202e", '"\\u202E"'),
        ("\u2028", '"\\u2028"'),
        (True, "true"),
        (Decimal("2.50"), "2.5"),
        (Decimal("3.00"), "3"),
        (Decimal("1E+2"), "100"),
    ],
)
def test_how_values_look(value: str | Decimal | bool, text: str) -> None:
    """Quotes only where somebody could be misled."""
    assert scalar_text(value) == text


def test_lines_stay_lines() -> None:
    """A script is read as it was written, not as one long line of escapes."""
    assert "description: |\n    Hello,\n\n    how are you?\n" in written("Hello,\n\nhow are you?\n")


@given(name=texts)
def test_a_comment_never_ends_early(name: str) -> None:
    """What a live object is called can't break out of a comment and become a document."""
    manifest = Manifest(
        address=LEADS,
        beside=LEADS,
        spec=(Entry(name="description", value=name, stub=True, note=name), Entry(name="active", value=True)),
        remarks=(name,),
    )
    stub = Manifest(
        address=LEADS, beside=LEADS, spec=(Entry(name="description", value=name),), remarks=(name,), stub=True
    )
    (content,) = read(manifest_text([manifest, stub], header=(name,)))
    assert content["spec"] == {"active": True}


@pytest.mark.parametrize(
    ("kind", "field", "value", "expected"),
    [
        ("Campaign", "targetDropPercent", Decimal("2.5"), True),
        ("Campaign", "targetDropPercent", Decimal("100.5"), False),
        ("Campaign", "type", "Predictive", True),
        ("Campaign", "type", 77, True),
        ("Campaign", "type", -1, False),
        ("List", "listName", "x" * 101, False),
        ("List", "listName", "", False),
        ("Campaign", "description", "\ud800", False),
        ("Campaign", "hoursPerWorkingDay", Decimal("0.1234567890123456789"), False),
    ],
)
def test_what_a_manifest_can_hold(kind: str, field: str, value: str | int | Decimal, expected: bool) -> None:
    """The schema's ranges, and what has a form in YAML at all."""
    assert accepts(kind, field, value) is expected
