"""
What an event means for the change record, in the words of its ledger.

Events of a step are one entry, made of how the step ended; what the step wrote down on its way is not repeated. An
event that belongs to no step (a correction, an adoption, an emergency) is an entry of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from reconciler.model.address import Address
from reconciler.model.ledger import (
    Activated,
    Bound,
    Concluded,
    EmergencySwitched,
    Event,
    Intended,
    Ledger,
    LedgerObject,
    Linked,
    Moved,
    Owned,
    Released,
)
from reconciler.model.record import Entry, FieldChange
from reconciler.model.values import Plain

_LISTED = 20
_INTENDED = "intended"
_UNKNOWN = "unknown"


class Account:
    """The entries of one run, gathered event by event: each is shown before the ledger takes it up."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self._count = 0
        self._stepped: set[str] = set()

    def note(self, event: Event, ledger: Ledger) -> None:
        """Take an event up; `ledger` is how it was before."""
        if isinstance(event, Intended):
            self._intend(event)
        elif isinstance(event, Concluded):
            self._conclude(event, ledger)
        elif not self._is_part_of_a_step(event):
            self.add(filter(None, (_describe(event, ledger),)))

    def _is_part_of_a_step(self, event: Event) -> bool:
        """What a step writes down on its way is told by how it ended."""
        if isinstance(event, Bound | Owned | Released):
            return str(event.address) in self._stepped
        return isinstance(event, Linked | Activated) and bool(self._stepped)

    def add(self, entries: Iterable[Entry]) -> None:
        """Add entries that no event stands for."""
        for entry in entries:
            self._count += 1
            self._entries[f"{self._count} {entry.action}"] = entry

    def entries(self) -> tuple[Entry, ...]:
        """Return every entry so far, in the order in which they began."""
        return tuple(self._entries.values())

    def _intend(self, event: Intended) -> None:
        place = str(event.address) if event.address else ""
        self._stepped.add(place)
        known = self._entries.get(event.step)
        if known is None:
            self._entries[event.step] = Entry(
                number=0, at=event.at, action=event.action, object=place, step=event.step, status=_UNKNOWN
            )

    def _conclude(self, event: Concluded, ledger: Ledger) -> None:
        known = self._entries.get(event.step)
        if known is None:
            intent = ledger.intents.get(event.step)
            place = str(intent.address) if intent and intent.address else ""
            action = intent.action if intent else _INTENDED
            known = Entry(number=0, at=event.at, action=action, object=place, step=event.step)
        address = Address.parse(known.object) if known.object else None
        record = ledger.objects.get(address) if address else None
        self._entries[event.step] = replace(
            known,
            at=event.at or known.at,
            id=record.id if record else None,
            status=event.status,
            detail=event.detail,
            changes=event.changes,
            requests=event.requests,
            concerns=event.concerns,
        )


def changed(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Say in short what entries changed, object by object; past twenty only how many more there are."""
    found: dict[str, dict[str, None]] = {}
    for entry in entries:
        if entry.status in ("", "done", _UNKNOWN):
            what = [change.field for change in entry.changes] or [entry.action]
            found.setdefault(entry.object or entry.detail or entry.action, {}).update(dict.fromkeys(what))
    lines = [f"{place}: {', '.join(list(fields)[:_LISTED])}" for place, fields in found.items()]
    more = len(lines) - _LISTED
    return (*lines[:_LISTED], *((f"and {more} more",) if more > 0 else ()))


def replaced(before: Ledger, after: Ledger, *, at: str, why: str) -> tuple[Entry, ...]:
    """Return what putting one ledger in the place of another changed: one entry, and one an object that differs."""
    entries = [Entry(number=0, at=at, action="replace", detail=why)]
    for address in sorted(before.objects.keys() | after.objects.keys()):
        old, new = before.objects.get(address), after.objects.get(address)
        if old != new:
            entries.append(_object_entry(address, old, new, at=at))
    counts = (
        ("associations", _differences(before.links, after.links)),
        ("activity flags", _differences(before.activity, after.activity)),
        ("membership documents", _differences(before.memberships, after.memberships)),
    )
    said = ", ".join(f"{count} {what}" for what, count in counts if count)
    if said:
        entries[0] = replace(entries[0], detail=f"{why}; {said} differ")
    return tuple(entries)


def _differences(before: Mapping[Any, object], after: Mapping[Any, object]) -> int:
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _object_entry(address: Address, old: LedgerObject | None, new: LedgerObject | None, *, at: str) -> Entry:
    action = "forget" if new is None else "record"
    one = new or old
    return Entry(
        number=0,
        at=at,
        action=action,
        object=str(address),
        id=one.id if one else None,
        changes=field_changes(old.fields if old else {}, new.fields if new else {}),
    )


def field_changes(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> tuple[FieldChange, ...]:
    """Return the fields in which two records differ, sorted."""
    return tuple(
        FieldChange(field=name, before=before.get(name), after=after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    )


def _describe(event: Event, ledger: Ledger) -> Entry | None:
    if isinstance(event, Bound):
        return _bound(event, ledger)
    if isinstance(event, Released):
        known = ledger.objects.get(event.address)
        number = known.id if known else None
        return Entry(number=0, at="", action="forget", object=str(event.address), id=number)
    if isinstance(event, Moved):
        change = FieldChange(field="name", before=str(event.before), after=str(event.after))
        return Entry(number=0, at="", action="rename", object=str(event.after), changes=(change,))
    if isinstance(event, Owned):
        if ledger.memberships.get(str(event.address)) == event.membership:
            return None
        return Entry(number=0, at="", action="own", object=str(event.address))
    if isinstance(event, EmergencySwitched):
        return _emergency(event, ledger)
    if isinstance(event, Linked):
        return Entry(number=0, at=event.at, action="link", detail=_said(event.by), changes=_link_changes(event, ledger))
    if isinstance(event, Activated):
        return _activity(event, ledger)
    return None


def _activity(event: Activated, ledger: Ledger) -> Entry:
    flag = event.flag
    change = FieldChange(field="active", before=ledger.is_active(flag.kind, flag.id).value, after=event.value)
    place = f"{flag.kind}#{flag.id}"
    return Entry(
        number=0, at=event.at, action="activity", object=place, id=flag.id, detail=_said(event.by), changes=(change,)
    )


def _bound(event: Bound, ledger: Ledger) -> Entry | None:
    known = ledger.objects.get(event.address)
    if known is None or known.id != event.id:
        # An adoption changes nothing of the target: it has no values before and after.
        return Entry(number=0, at=event.at, action="adopt", object=str(event.address), id=event.id)
    after = {name: value for name, value in known.fields.items() if name not in event.dropped} | dict(event.fields)
    changes = field_changes(known.fields, after)
    if not changes:
        return None
    return Entry(number=0, at=event.at, action="record", object=str(event.address), id=event.id, changes=changes)


def _emergency(event: EmergencySwitched, ledger: Ledger) -> Entry | None:
    before, after = ledger.emergency, event.emergency
    one = after or before
    if one is None or (before is not None and after is not None and before.enabled == after.enabled):
        return None
    change = FieldChange(field="emergency", before=bool(before and before.enabled), after=bool(after and after.enabled))
    detail = f"by {one.by}: {one.reason}" if after and after.enabled else f"by {one.by}"
    return Entry(number=0, at=one.at, action="emergency", detail=detail, changes=(change,))


def _link_changes(event: Linked, ledger: Ledger) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(
            field=f"{link.relation} {link.subject} {link.member}", before=ledger.link(link).value, after=event.value
        )
        for link in event.links
    )


def _said(by: str) -> str:
    return f"attested by {by}" if by else ""
