"""
The two written forms of a ledger: a document, and the lines of a journal.

The document is JSON, sorted and with one object, association or fact a line, so that two versions of it can be compared
by any tool. It closes with a digest of all bytes before it: a file that was cut off or changed in one letter is told
from a whole one. (A document without a digest, such as one exported for editing, is taken as it is.)

A journal line is JSON as well. Each ends in a checksum that continues the one of the line before, so that a lost,
repeated or changed line is found. The first line is the header: it says which lineage and serial the events continue.
Only a last line without its line end can be the trace of a write that was cut off, and nobody was told that it had been
kept: it is left out.
"""

from __future__ import annotations

import gc
import hashlib
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from reconciler.errors import LedgerError
from reconciler.model.address import Address
from reconciler.model.knowledge import Fact
from reconciler.model.ledger import (
    EVENTS,
    Emergency,
    Event,
    Flag,
    Intent,
    Ledger,
    LedgerMembership,
    LedgerObject,
    Link,
)
from reconciler.model.record import NO_LOG, NO_PROVENANCE, LogHead, Provenance
from reconciler.state.conversion import Converter, MismatchError, converter

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FORMAT_VERSION = "1.0"

_UNPRINTABLE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\uffff]")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_DIGEST = re.compile(rb'\n  "digest": "sha256:([0-9a-f]{64})"\n}\n\Z')
_CHECK = re.compile(rb',"check":"([0-9a-f]{8})"}\Z')
_CHECK_LENGTH = 20
_TAGS: dict[str, type[Event]] = {re.sub(r"(?<=.)([A-Z])", r"-\1", event.__name__).lower(): event for event in EVENTS}
_NAMES = {event: tag for tag, event in _TAGS.items()}
_EVENTS: dict[type[Event], Converter] = {event: converter(cast(Any, event)) for event in EVENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A ledger as written, the id of the journal that was folded into it last, and where its change record ends."""

    ledger: Ledger
    folded: str = ""
    log: LogHead = NO_LOG


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A journal's first line: which ledger its events continue, and whose run wrote them."""

    id: str
    lineage: str
    serial: int
    target: str
    url: str
    at: str
    by: str
    command: str
    provenance: Provenance = NO_PROVENANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalText:
    """A journal as read: no `header` when nothing durable was ever written; `torn` when its last line was cut off."""

    header: Header | None = None
    events: tuple[Event, ...] = ()
    torn: bool = False


def _without_collection(work: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """All that these make stays until they end: looking for garbage meanwhile doubles the time and finds none."""

    @wraps(work)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        collecting = gc.isenabled()
        gc.disable()
        try:
            return work(*args, **kwargs)
        finally:
            if collecting:
                gc.enable()

    return run


def dump(value: object) -> str:
    """
    Return one line of JSON in which nothing can act on a terminal or be mistaken for a line end.

    Raises LedgerError for a value without a JSON form.
    """
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError) as error:
        raise LedgerError(f"the ledger cannot hold this value: {error}") from error
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


# Journal lines


def encode_header(header: Header) -> tuple[bytes, int]:
    """Return a journal's first line and its checksum."""
    return _seal({"journal": FORMAT_VERSION} | converter(Header).encode(header), 0)


def encode_event(event: Event, check: int) -> tuple[bytes, int]:
    """
    Return an event's line and its checksum, given that of the line before.

    Raises LedgerError for an event that could not be read back.
    """
    kind = type(event)
    try:
        return _seal({"event": _NAMES[kind]} | _EVENTS[kind].encode(event), check)
    except (KeyError, MismatchError) as error:
        raise LedgerError(f"the journal cannot hold this {kind.__name__}: {error}") from error


def _seal(content: Mapping[str, object], check: int) -> tuple[bytes, int]:
    body = dump(content)[:-1].encode()
    check = zlib.crc32(body, check)
    return body + f',"check":"{check:08x}"}}\n'.encode(), check


def decode_journal(content: bytes, *, name: str, repair: str) -> JournalText:
    """
    Read a journal; `name` and `repair` are for the error.

    Raises LedgerError when anything but the end of the last line is missing or changed.
    """
    *lines, tail = content.split(b"\n")
    header: Header | None = None
    events: list[Event] = []
    check = 0
    # A last line that is whole but for its line end may be taken: it is true, only nobody was told that it was kept.
    for number, line in enumerate([*lines, tail], start=1):
        last = number > len(lines)
        try:
            fields, check = _unseal(line, check)
            if header is None:
                header = _header(fields, name=name)
            else:
                events.append(_event(fields))
        except (MismatchError, ValueError, RecursionError) as error:
            if last:
                break
            raise LedgerError(f"{name} is damaged at line {number}: {error}", hint=repair) from None
    return JournalText(header=header, events=tuple(events), torn=bool(tail))


def _unseal(line: bytes, check: int) -> tuple[dict[str, Any], int]:
    found = _CHECK.search(line[-_CHECK_LENGTH:])
    if found is None:
        raise MismatchError("the line does not end in its checksum")
    body = line[:-_CHECK_LENGTH]
    check = zlib.crc32(body, check)
    if int(found.group(1), 16) != check:
        raise MismatchError("the checksum does not match: a line was changed, lost or repeated")
    return json.loads(body + b"}"), check


def _header(fields: dict[str, Any], *, name: str) -> Header:
    _check_version(fields.pop("journal", None), name=name)
    return cast(Header, converter(Header).decode(fields))


def _event(fields: dict[str, Any]) -> Event:
    kind = _TAGS.get(str(fields.pop("event", "")))
    if kind is None:
        raise MismatchError("unknown event")
    return cast(Event, _EVENTS[kind].decode(fields))


def _check_version(version: object, *, name: str) -> None:
    if version == FORMAT_VERSION:
        return
    if not isinstance(version, str):
        raise MismatchError("there is no format version")
    raise LedgerError(
        f"{name} has format version {version[:20]!r}, and this reconciler knows {FORMAT_VERSION!r} only",
        hint="Use the version of the reconciler that wrote it, or a newer one.",
    )


# The document


@_without_collection
def encode_document(document: Document, *, sealed: bool = True) -> bytes:
    """
    Return a ledger's document; without its digest when it is not `sealed`, so that a person may edit it.

    Raises LedgerError for a value that could not be read back.
    """
    ledger = document.ledger
    try:
        emergency = None if ledger.emergency is None else converter(Emergency).encode(ledger.emergency)
        sections = [f'  "{name}": {_rows(rows)}' for name, rows in _sections(ledger).items()]
    except MismatchError as error:
        raise LedgerError(f"the ledger cannot hold this value: {error}") from error
    head: dict[str, object] = {
        "formatVersion": FORMAT_VERSION,
        "lineage": ledger.lineage,
        "serial": ledger.serial,
        "target": ledger.target,
        "url": ledger.url,
    }
    if sealed:
        head["foldedJournal"] = document.folded
        head["log"] = converter(LogHead).encode(document.log)
    head["emergency"] = emergency
    entries = [f'  "{name}": {dump(value)}' for name, value in head.items()] + sections
    body = ("{\n" + ",\n".join(entries)).encode()
    if not sealed:
        return body + b"\n}\n"
    body += b","
    return body + f'\n  "digest": "sha256:{hashlib.sha256(body).hexdigest()}"\n}}\n'.encode()


def _rows(rows: Iterable[Mapping[str, object]]) -> str:
    lines = ",\n    ".join([dump(row) for row in rows])
    return f"[\n    {lines}\n  ]" if lines else "[]"


def _sections(ledger: Ledger) -> dict[str, list[dict[str, object]]]:
    """Return what is many, sorted, each with its key first."""
    of_object, of_membership = converter(LedgerObject).encode, converter(LedgerMembership).encode
    of_fact, of_intent, name_of = converter(Fact).encode, converter(Intent).encode, converter(Address).encode
    objects = sorted(ledger.objects, key=lambda address: (address.kind, address.name))
    return {
        "objects": [{"address": name_of(address)} | of_object(ledger.objects[address]) for address in objects],
        "memberships": [
            {"document": name} | of_membership(ledger.memberships[name]) for name in sorted(ledger.memberships)
        ],
        "links": [
            {"relation": link.relation, "subject": link.subject, "member": link.member} | of_fact(ledger.links[link])
            for link in sorted(ledger.links)
        ],
        "activity": [
            {"kind": flag.kind, "id": flag.id} | of_fact(ledger.activity[flag]) for flag in sorted(ledger.activity)
        ],
        "learned": [{"name": name, "value": ledger.learned[name]} for name in sorted(ledger.learned)],
        "intents": [of_intent(ledger.intents[step]) for step in sorted(ledger.intents)],
    }


@_without_collection
def decode_document(content: bytes, *, name: str, repair: str) -> Document:
    """
    Read a ledger's document; `name` and `repair` are for the error.

    Raises LedgerError when it is cut off, changed, or of a format version that this code does not know.
    """
    try:
        fields = json.loads(content)
        if not isinstance(fields, dict):
            raise MismatchError("it is not a JSON object")
        _check_version(fields.pop("formatVersion", None), name=name)
        _check_digest(content, fields.pop("digest", None))
        return _document(fields)
    except (MismatchError, ValueError, RecursionError) as error:
        raise LedgerError(f"{name} is damaged: {error}", hint=repair) from None


def _check_digest(content: bytes, digest: object) -> None:
    if digest is None:
        return
    found = _DIGEST.search(content, max(0, len(content) - 128))
    if found is None or hashlib.sha256(content[: found.start()]).hexdigest().encode() != found.group(1):
        raise MismatchError(
            "its digest does not match what it holds (to edit a ledger, take `reconciler state pull` "
            "and give the result to `reconciler state push`)"
        )


def _document(fields: dict[str, Any]) -> Document:
    text, number = converter(str).decode, converter(int).decode
    emergency = fields.pop("emergency", None)
    try:
        ledger = Ledger(
            target=text(fields.pop("target")),
            url=text(fields.pop("url")),
            lineage=text(fields.pop("lineage")),
            serial=number(fields.pop("serial")),
            emergency=None if emergency is None else converter(Emergency).decode(emergency),
        )
        folded = text(fields.pop("foldedJournal", ""))
        log = converter(LogHead).decode(fields.pop("log", {}))
        _fill(ledger, {name: fields.pop(name) for name in _sections(Ledger())})
    except KeyError as error:
        raise MismatchError(f"there is no {error}") from None
    if fields:
        raise MismatchError(f"unknown field {sorted(fields)[0][:40]!r}")
    if ledger.serial < 0:
        raise MismatchError("the serial is negative")
    return Document(ledger=ledger, folded=folded, log=log)


def _fill(ledger: Ledger, sections: Mapping[str, object]) -> None:
    fact, row = converter(Fact).decode, _row_reader(sections)
    address, known = converter(Address).decode, converter(LedgerObject).decode
    owned, intent, text = converter(LedgerMembership).decode, converter(Intent).decode, converter(str).decode
    link, flag = converter(Link).decode, converter(Flag).decode
    row("objects", ledger.objects, lambda entry: (address(entry.pop("address")), known(entry)))
    row("memberships", ledger.memberships, lambda entry: (text(entry.pop("document")), owned(entry)))
    row(
        "links",
        ledger.links,
        lambda entry: (link([entry.pop("relation"), entry.pop("subject"), entry.pop("member")]), fact(entry)),
    )
    row("activity", ledger.activity, lambda entry: (flag([entry.pop("kind"), entry.pop("id")]), fact(entry)))
    row("learned", ledger.learned, lambda entry: (text(entry["name"]), text(entry["value"])))
    row("intents", ledger.intents, lambda entry: (text(entry["step"]), intent(entry)))


def _row_reader(sections: Mapping[str, object]) -> Any:
    def read(name: str, into: dict[Any, Any], entry_of: Any) -> None:
        rows = sections[name]
        if type(rows) is not list:
            raise MismatchError(f"{name}: expected an array")
        for index, row in enumerate(rows):
            if type(row) is not dict:
                raise MismatchError(f"{name}[{index}]: expected an object")
            try:
                key, value = entry_of(row)
            except KeyError as error:
                raise MismatchError(f"{name}[{index}]: there is no {error}") from None
            except MismatchError as error:
                raise MismatchError(f"{name}[{index}]: {error}") from None
            into[key] = value
        if len(into) != len(rows):
            raise MismatchError(f"{name}: an entry is there twice")

    return read
