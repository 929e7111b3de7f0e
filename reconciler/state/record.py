"""
The change record in its written form: segments of lines, one chain of hashes through all of them.

Each write of a ledger adds one segment, a text of JSON lines: the run first, then its entries. Every line ends in the
SHA-256 of itself and of the hash before it, in whatever segment that was. So no line can be changed, taken out, added
or moved without every hash after it being wrong; and the ledger's document holds the last hash, so that nothing can be
cut off at the end. A segment is named by the serial it led to and the hash it ends in, and is never written again: one
that a run left behind without its ledger having been written is not in the chain, and is not read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from reconciler.errors import LedgerError
from reconciler.model.record import Entry, LogHead, RunRecord, Segment
from reconciler.state.codec import dump
from reconciler.state.conversion import MismatchError, converter

FORMAT_VERSION = "1.0"
LOG = "log"

_RESTORE = (
    "Someone or something changed it. Restore the record from a backup of the store; what the ledger itself says is "
    "not affected."
)
_HASH = re.compile(rb',"hash":"([0-9a-f]{64})"}\Z')
_HASH_LENGTH = 75
_NAME = re.compile(r"(\d{10})-([0-9a-f]{16})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a whole record was found to be: its segments, entries and last hash."""

    segments: int
    entries: int
    hash: str


def seal(segment: Segment, head: LogHead) -> tuple[bytes, LogHead]:
    """Return a segment's text that continues the chain after `head`, and the chain's new end; it is numbered here."""
    number, last = head.entries, head.hash
    run = replace(segment.run, previous=head.segment)
    lines: list[bytes] = []
    parts: list[tuple[str, RunRecord | Entry]] = [("run", run), *(("entry", entry) for entry in segment.entries)]
    for tag, part in parts:
        number += 1
        content = {"record": FORMAT_VERSION, "is": tag} | _encode(replace(part, number=number))
        body = dump(content)[:-1].encode()
        last = hashlib.sha256(last.encode() + body).hexdigest()
        lines.append(body + f',"hash":"{last}"}}\n'.encode())
    name = f"{segment.run.serial:010}-{last[:16]}"
    return b"".join(lines), LogHead(segment=name, entries=number, hash=last)


def serial_of(name: str) -> int:
    """Return the serial in a segment's name, -1 when it is not one."""
    found = _NAME.match(name)
    return int(found.group(1)) if found else -1


def open_segment(content: bytes, *, name: str, previous: str | None = None) -> tuple[Segment, str]:
    """
    Read a segment; return it and the hash that it ends in.

    With `previous`, the hash before it, every line is checked. Raises LedgerError that names the segment and the line.
    """
    run: RunRecord | None = None
    entries: list[Entry] = []
    own = ""
    *lines, tail = content.split(b"\n")
    if tail or not lines:
        raise _damaged(name, len(lines) + 1, "it is cut off")
    for number, line in enumerate(lines, start=1):
        try:
            fields, own = _unseal(line, previous)
            part = _decode(fields, first=number == 1)
        except (MismatchError, ValueError, RecursionError) as error:
            raise _damaged(name, number, str(error)) from None
        if isinstance(part, RunRecord):
            run = part
        else:
            entries.append(part)
        previous = None if previous is None else own
    if run is None or not name.endswith(f"-{own[:16]}"):
        raise _damaged(name, len(lines), "it does not end in the hash that its name promises")
    return Segment(run=run, entries=tuple(entries)), own


def walk(head: LogHead, read: Callable[[str], bytes | None]) -> Iterator[Segment]:
    """
    Give the segments from the newest to the oldest, as the ledger knows them; hashes are checked by `verify` only.

    Raises LedgerError for one that is missing or cannot be read.
    """
    name, number = head.segment, head.entries + 1
    while name:
        content = read(name)
        if content is None:
            raise LedgerError(
                f"the change record is not whole: segment {name} is missing (entries up to {number - 1})", hint=_RESTORE
            )
        segment, _ = open_segment(content, name=name)
        if segment.run.number >= number:
            raise _damaged(name, 1, "its entries are numbered out of order")
        number = segment.run.number
        yield segment
        name = segment.run.previous


def verify(head: LogHead, read: Callable[[str], bytes | None]) -> Verified:
    """
    Check the whole chain up to the end that the ledger knows.

    Raises LedgerError that names the segment and the line where it is first wrong.
    """
    names = [head.segment, *(segment.run.previous for segment in walk(head, read))] if head.segment else []
    last, count, segments = "", 0, 0
    for name in reversed(names):
        if not name:
            continue
        segment, last = open_segment(read(name) or b"", name=name, previous=last)
        segments += 1
        for number in (segment.run.number, *(entry.number for entry in segment.entries)):
            count += 1
            if number != count:
                raise _damaged(name, number - segment.run.number + 1, f"entry {count} is missing")
    if (count, last) != (head.entries, head.hash):
        raise LedgerError(
            f"the change record ends after entry {count}, and the ledger says that it has {head.entries}", hint=_RESTORE
        )
    return Verified(segments=segments, entries=count, hash=last)


def concerning(segments: Iterable[Segment], *, place: str, field: str) -> tuple[Segment, ...]:
    """Return what of a record concerns an object (KIND/NAME) and a field; either empty for all."""
    found = []
    for segment in segments:
        entries = tuple(entry for entry in segment.entries if _concerns(entry, place=place, field=field))
        if entries or not (place or field):
            found.append(replace(segment, entries=entries))
    return tuple(found)


def _concerns(entry: Entry, *, place: str, field: str) -> bool:
    about = not place or place.casefold() in (entry.object.casefold(), *(each.casefold() for each in entry.concerns))
    return about and (not field or any(change.field == field for change in entry.changes))


def _encode(part: RunRecord | Entry) -> dict[str, object]:
    try:
        return cast("dict[str, object]", converter(cast(Any, type(part))).encode(part))
    except MismatchError as error:
        raise LedgerError(f"the change record cannot hold this: {error}") from error


def _decode(fields: dict[str, object], *, first: bool) -> RunRecord | Entry:
    if fields.pop("record", None) != FORMAT_VERSION:
        raise MismatchError("its format version is not known")
    if fields.pop("is", None) != ("run" if first else "entry"):
        raise MismatchError("a run must come first, then its entries")
    return cast("RunRecord | Entry", (converter(RunRecord) if first else converter(Entry)).decode(fields))


def _unseal(line: bytes, previous: str | None) -> tuple[dict[str, object], str]:
    found = _HASH.search(line[-_HASH_LENGTH:])
    if found is None:
        raise MismatchError("the line does not end in its hash")
    body, own = line[: -len(found.group())], found.group(1).decode()
    if previous is not None and hashlib.sha256(previous.encode() + body).hexdigest() != own:
        raise MismatchError("its hash does not match: it was changed, or what stood before it was")
    fields = json.loads(body + b"}")
    if not isinstance(fields, Mapping):
        raise MismatchError("it is not a JSON object")
    return dict(fields), own


def _damaged(name: str, line: int, why: str) -> LedgerError:
    return LedgerError(
        f"the change record is not what was written: segment {name}, line {line}: {why}",
        hint=_RESTORE,
    )
