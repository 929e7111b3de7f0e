"""A ledger's written forms: what was written is what is read, byte for byte, or it is refused."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from reconciler.errors import LedgerError
from reconciler.model.address import Address
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import EVENTS, Bound, Event, Learned, Ledger, LedgerObject, Link, Linked
from reconciler.state.codec import (
    Document,
    Header,
    decode_document,
    decode_journal,
    encode_document,
    encode_event,
    encode_header,
)
from reconciler.state.store import FileStore
from tests.state.ledgers import AT, CAMPAIGN, STORY, URL, histories

HEADER = Header(id="j1", lineage="line", serial=4, target="production", url=URL, at=AT, by="anna@desk", command="apply")


def told(history: tuple[Event, ...], **fields: Any) -> Ledger:
    """Return the ledger after a history."""
    ledger = Ledger(**fields)
    for event in history:
        ledger.record(event)
    return ledger


def journal_of(history: tuple[Event, ...]) -> bytes:
    """Return the bytes of a journal."""
    content, check = encode_header(HEADER)
    for event in history:
        line, check = encode_event(event, check)
        content += line
    return content


def read(content: bytes) -> Document:
    """Read a document."""
    return decode_document(content, name="here", repair="do this")


@given(histories)
def test_a_journal_reads_back_as_it_was_written(history: tuple[Event, ...]) -> None:
    """Every event comes back equal, whatever text it holds, each on one line of printable UTF-8."""
    content = journal_of(history)
    assert content.count(b"\n") == len(history) + 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]", content.decode())
    found = decode_journal(content, name="here", repair="")
    assert (found.header, found.events, found.torn) == (HEADER, history, False)


@given(histories)
def test_a_ledger_reads_back_as_it_was_written(history: tuple[Event, ...]) -> None:
    """The document holds everything a ledger can, and writing what was read gives the same bytes."""
    document = Document(ledger=told(history, lineage="line", serial=3, target="t", url=URL), folded="j1")
    content = encode_document(document)
    assert read(content) == document
    assert encode_document(read(content)) == content


@given(histories)
def test_folding_is_applying_in_order(history: tuple[Event, ...]) -> None:
    """A journal left behind and folded, one folded at the end, and the events applied in memory: one ledger."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "ledger.json"
        store = FileStore(path)
        with store.lock(command="apply", target="t", url=URL) as journal:
            for event in history:
                journal.append(event)
            left = FileStore(path).load()
        folded = store.load()
    expected = told(history, target=folded.target, url=folded.url, lineage=folded.lineage, serial=folded.serial)
    assert folded == expected
    left.serial = folded.serial
    assert left == folded
    assert folded.serial == (1 if history else 0)


def test_every_kind_of_event_has_its_line() -> None:
    """No kind is forgotten: the story has all of them, and reads back."""
    assert {type(event) for event in STORY} == set(EVENTS)
    assert decode_journal(journal_of(STORY), name="here", repair="").events == STORY


def test_a_document_does_not_depend_on_the_order_of_events() -> None:
    """The same knowledge gives the same bytes, so that two versions can be compared."""
    one = [Learned(name="a", value="1"), Bound(address=Address("List", "x"), id=1, natural_key="x", fields={}, at=AT)]
    assert encode_document(Document(ledger=told(tuple(one)))) == encode_document(
        Document(ledger=told(tuple(one[::-1])))
    )


def test_a_document_has_a_line_for_each_thing_it_knows() -> None:
    """A changed association is one changed line."""
    before = encode_document(Document(ledger=told(STORY)), sealed=False).decode().splitlines()
    gone = Linked(links=(Link("campaign-list", 7, 3),), value=False, mark=Knowledge.RECORDED, at=AT)
    after = encode_document(Document(ledger=told((*STORY, gone))), sealed=False).decode().splitlines()
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [
        '    {"relation": "campaign-list", "subject": 7, "member": 3, "value": false, "mark": "recorded", '
        f'"at": "{AT}"}},'
    ]


def edited(change: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a whole document after a change by hand, without its digest."""
    fields = json.loads(encode_document(Document(ledger=told(STORY, lineage="line", serial=1)), sealed=False))
    change(fields)
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda fields: fields.pop("lineage"), "there is no 'lineage'"),
        (lambda fields: fields.pop("formatVersion"), "there is no format version"),
        (lambda fields: fields.pop("links"), "there is no 'links'"),
        (lambda fields: fields.update(serial="1"), "expected int, found str"),
        (lambda fields: fields.update(serial=True), "expected int, found bool"),
        (lambda fields: fields.update(serial=-1), "the serial is negative"),
        (lambda fields: fields.update(extra=1), "unknown field 'extra'"),
        (lambda fields: fields.update(objects={}), "objects: expected an array"),
        (lambda fields: fields["objects"].append(fields["objects"][0]), "objects: an entry is there twice"),
        (lambda fields: fields["objects"].append(1), "objects[1]: expected an object"),
        (lambda fields: fields["objects"][0].pop("id"), "objects[0]: missing id"),
        (lambda fields: fields["objects"][0].pop("address"), "objects[0]: there is no 'address'"),
        (lambda fields: fields["objects"][0].update(address="nobody"), "objects[0]: 'nobody' is not KIND/NAME"),
        (lambda fields: fields["objects"][0].update(colour="red"), "objects[0]: unknown field 'colour'"),
        (lambda fields: fields["objects"][0]["fields"].update(x=[1]), "objects[0]: fields: expected str or int"),
        (
            lambda fields: fields["objects"][0]["custody"].update(onRemoval="explode"),
            "custody: onRemoval: expected one",
        ),
        (lambda fields: fields["links"][0].update(mark="certain"), "links[0]: mark: expected one of live, recorded"),
        (lambda fields: fields["links"][0].update(subject=None), "links[0]: expected int, found NoneType"),
        (lambda fields: fields["emergency"]["statuses"].update({"07": 1}), "statuses: expected a number as name"),
    ],
)
def test_a_document_that_says_something_else_is_refused(change: Callable[[Any], object], reason: str) -> None:
    """A ledger that is not entirely understood is not used at all; the error says where, and what to do."""
    with pytest.raises(LedgerError) as caught:
        read(edited(change))
    assert reason in caught.value.message
    assert caught.value.hint == "do this"


@pytest.mark.parametrize("version", ["2.0", "0.9", "\x1b[31m"])
def test_an_unknown_format_version_is_refused_with_advice(version: str) -> None:
    """A ledger of a newer reconciler is named as that, in both forms, and not as damaged."""
    with pytest.raises(LedgerError, match="has format version") as caught:
        read(edited(lambda fields: fields.update(formatVersion=version, news=1)))
    assert "newer" in caught.value.hint
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b"\x00\x00", b"[" * 100_000, b'{"a":' * 100_000, b"9" * 9999]
)
def test_what_is_no_ledger_is_refused(content: bytes) -> None:
    """Empty, foreign and hostile files end in one clear error."""
    with pytest.raises(LedgerError, match="here is damaged"):
        read(content)


UNREADABLE: tuple[Any, ...] = (
    (Bound, {"address": CAMPAIGN, "id": 1, "natural_key": "x", "fields": {"a": Decimal(1)}, "at": AT}),
    (Bound, {"address": Address("A/B", "x"), "id": 1, "natural_key": "x", "fields": {}, "at": AT}),
    (Bound, {"address": Address("A", ""), "id": 1, "natural_key": "x", "fields": {}, "at": AT}),
    (Bound, {"address": CAMPAIGN, "id": 1, "natural_key": "x", "fields": {1: 2}, "at": AT}),
    (Learned, {"name": "x", "value": None}),
    (Linked, {"links": (), "value": float("nan"), "mark": Knowledge.RECORDED, "at": AT}),
    (Linked, {"links": [], "value": 1, "mark": Knowledge.RECORDED, "at": AT}),
    (Linked, {"links": (Link("a", True, 1),), "value": 1, "mark": Knowledge.RECORDED, "at": AT}),
    (Linked, {"links": (), "value": 1, "mark": "recorded", "at": AT}),
)


@pytest.mark.parametrize(("kind", "fields"), UNREADABLE)
def test_what_could_not_be_read_back_is_not_written(kind: type[Event], fields: dict[str, Any]) -> None:
    """A journal that nobody can read would be worse than a step that fails."""
    with pytest.raises(LedgerError, match="cannot hold"):
        encode_event(kind(**fields), 0)


def test_fifty_thousand_objects_take_a_moment() -> None:
    """The whole ledger of a large tenant is read and written in seconds; a step never reads or writes it."""
    ledger = Ledger(lineage="line", serial=1)
    fields = {f"field{number}": number for number in range(12)}
    for number in range(50_000):
        address = Address("User", f"user-{number}")
        ledger.objects[address] = LedgerObject(id=number, natural_key=f"user{number}", fields=fields, at=AT)
        ledger.links[Link("team-user", number % 500, number)] = Fact(value=True, mark=Knowledge.RECORDED, at=AT)
    started = time.process_time()
    content = encode_document(Document(ledger=ledger))
    written = time.process_time()
    assert read(content).ledger == ledger
    # The bounds are far above what it takes (1.2 s and 0.8 s), so that only a change of kind fails.
    assert written - started < 10
    assert time.process_time() - written < 8
