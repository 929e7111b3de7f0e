"""The ledger as tables: what this tool remembers of a target, and how it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reconciler.model.address import Address
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Flag, Ledger, LedgerObject, Link
from reconciler.model.plain_form import to_plain
from reconciler.render.style import Style
from reconciler.render.visible import padded, value_text, visible, width
from reconciler.render.wording import counted, kind_rank

_RELATION_ENDS = {
    "campaign-list": ("Campaign", "List"),
    "campaign-team": ("Campaign", "Team"),
    "team-user": ("Team", "User"),
    "skill-user": ("Skill", "User"),
}


def state_list_text(ledger: Ledger, *, colour: bool = False) -> str:
    """Return a table of all recorded objects and membership documents, and what else the ledger holds."""
    style = Style(colour)
    rows = [("ADDRESS", "ID", "NAME IN THE TARGET", "LAST WRITTEN")]
    rows += [
        (visible(str(address)), str(known.id), visible(known.natural_key), visible(known.at))
        for address, known in sorted(ledger.objects.items(), key=lambda item: _rank(item[0]))
    ]
    rows += [(visible(text), "", "", "") for text in sorted(ledger.memberships)]
    header, *body = _table(rows)
    return "\n".join([style.paint("title", header), *body, "", *_totals(ledger, style)]) + "\n"


def state_list_document(ledger: Ledger) -> dict[str, Any]:
    """Return what `state_list_text` shows as a JSON document."""
    return {
        "formatVersion": "1.0",
        "target": ledger.target,
        "url": ledger.url,
        "lineage": ledger.lineage,
        "serial": ledger.serial,
        "objects": [
            {
                "kind": address.kind,
                "name": address.name,
                "id": known.id,
                "naturalKey": known.natural_key,
                "at": known.at,
            }
            for address, known in sorted(ledger.objects.items(), key=lambda item: _rank(item[0]))
        ],
        "memberships": sorted(ledger.memberships),
        "associations": len(ledger.links),
        "activities": len(ledger.activity),
        "unfinished": sorted(ledger.intents),
        "emergency": to_plain(ledger.emergency),
    }


def state_show_text(ledger: Ledger, address: Address, *, colour: bool = False) -> str:
    """
    Return everything that is recorded of one object or membership document.

    Raises KeyError when the ledger has no such record.
    """
    style = Style(colour)
    title = style.paint("title", visible(str(address)))
    if address not in ledger.objects:
        record = ledger.memberships[str(address)]
        rows = [(visible(relation), visible(subject)) for relation, subject in record.owned]
        return "\n".join([title, *(f"  {line}" for line in _table([("RELATION", "SUBJECT"), *rows]))]) + "\n"
    known = ledger.objects[address]
    rows = [("Id", str(known.id)), ("name in the target", visible(known.natural_key)), ("last written", known.at)]
    if known.rotation is not None:
        rows.append(("password rotation", str(known.rotation)))
    rows += [(f"label {visible(name)}", visible(text)) for name, text in sorted(known.custody.labels.items())]
    rows += [(visible(name), value_text(known.fields[name])) for name in sorted(known.fields)]
    rows += [(name, _fact_words(fact)) for name, fact in _facts(ledger, address, known)]
    return "\n".join([title, *(f"  {line}" for line in _table(rows))]) + "\n"


def state_show_document(ledger: Ledger, address: Address) -> dict[str, Any]:
    """Return what `state_show_text` shows as a JSON document; raises KeyError when there is no such record."""
    head = {"formatVersion": "1.0", "kind": address.kind, "name": address.name}
    if address not in ledger.objects:
        return head | {"membership": to_plain(ledger.memberships[str(address)])}
    known = ledger.objects[address]
    facts = [{"about": name} | to_plain(fact) for name, fact in _facts(ledger, address, known)]
    return head | {"object": to_plain(known), "facts": facts}


def _rank(address: Address) -> tuple[tuple[int, str], str]:
    return (kind_rank(address.kind), address.name)


def _facts(ledger: Ledger, address: Address, known: LedgerObject) -> Iterator[tuple[str, Fact]]:
    flag = Flag(address.kind, known.id)
    if flag in ledger.activity:
        yield "active", ledger.activity[flag]
    names = {(owner.kind, record.id): owner.name for owner, record in ledger.objects.items()}
    for link in sorted(ledger.links):
        subject, member = _RELATION_ENDS.get(link.relation, ("", ""))
        if (subject, link.subject) == (address.kind, known.id):
            yield _end_words(link, member, link.member, names), ledger.links[link]
        elif (member, link.member) == (address.kind, known.id):
            yield _end_words(link, subject, link.subject, names), ledger.links[link]


def _end_words(link: Link, kind: str, object_id: int, names: dict[tuple[str, int], str]) -> str:
    return f"{visible(link.relation)} {visible(names.get((kind, object_id), f'{kind} {object_id}'))}"


def _fact_words(fact: Fact) -> str:
    words = "unknown" if fact.mark is Knowledge.UNKNOWN else f"{value_text(fact.value)} ({fact.mark})"
    tail = " ".join(visible(part) for part in (fact.at, f"by {fact.by}" if fact.by else "") if part)
    return f"{words}, {tail}" if tail else words


def _totals(ledger: Ledger, style: Style) -> Iterator[str]:
    if ledger.emergency is not None:
        state = "in force" if ledger.emergency.enabled else "lifted, statuses still to be restored"
        yield style.paint(
            "alarm",
            f"Emergency {state}: since {visible(ledger.emergency.at)}, by {visible(ledger.emergency.by)}, "
            f"{visible(ledger.emergency.reason)}",
        )
    for intent in ledger.intents.values():
        yield style.paint("warn", f"Unfinished: {visible(intent.step)}, sent {visible(intent.at)}")
    yield (
        f"{visible(ledger.target)}: {counted(len(ledger.objects), 'object')}, "
        f"{counted(len(ledger.memberships), 'membership document')}, {counted(len(ledger.links), 'association')}, "
        f"{counted(len(ledger.activity), 'activity flag')}; serial {ledger.serial}, lineage {visible(ledger.lineage)}"
    )


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    columns = [max(width(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    for row in rows:
        yield "  ".join(padded(cell, size) for cell, size in zip(row, columns, strict=True)).rstrip()
