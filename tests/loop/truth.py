"""
What is really so in a simulated tenant, held against what Git asks for.

Written against the world itself, not through the API and not with the planner's code, so that a mistake there shows
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from reconciler.kinds.registry import kind_named
from reconciler.model.address import Address, Reference
from reconciler.model.desired import DesiredInventory, DesiredObject, Mode
from reconciler.model.ledger import Ledger
from reconciler.simulator.fields import Kind
from reconciler.simulator.world import Relation, World

WORLD_KINDS = {"Campaign": "campaigns", "List": "lists", "Team": "teams", "User": "users"}
WORLD_LINKS = {
    "campaign-list": Relation.CAMPAIGN_LISTS,
    "campaign-team": Relation.CAMPAIGN_TEAMS,
    "team-user": Relation.TEAM_USERS,
}
TYPE_BOUND = ("maxLines", "progressiveThreshold", "notReadyWaitTime")


def row_named(world: World, wanted: DesiredObject) -> Mapping[str, object] | None:
    """Return the one row with a document's natural key; two of them are a failed test."""
    spec = kind_named(wanted.address.kind)
    name = spec.field(spec.natural_key).wire
    rows = [row for row in _rows(world, wanted.address.kind) if row[name] == wanted.natural_key]
    assert len(rows) <= 1, f"{len(rows)} objects are named {wanted.natural_key!r}: {rows}"
    return rows[0] if rows else None


def differences(desired: DesiredInventory, world: World) -> Iterator[str]:
    """Yield every way in which the world is not as Git asks; the floor's status counts only where Git enforces it."""
    found = {address: row_named(world, wanted) for address, wanted in desired.objects.items()}
    for address, wanted in desired.objects.items():
        row = found[address]
        if row is None:
            yield f"{address} is not there"
            continue
        skipped = TYPE_BOUND if wanted.lifecycle.operational == frozenset() else (*TYPE_BOUND, "status")
        for name, value in wanted.fields.items():
            if name in skipped:
                continue
            spec = kind_named(address.kind).field(name)
            expected = _id(found, world, value) if isinstance(value, Reference) else value
            if _plain(row[spec.wire]) != _plain(expected):
                yield f"{address}.{name} is {row[spec.wire]!r}, not {expected!r}"
        if wanted.active is not None and row["Active"] != wanted.active:
            yield f"{address} is {'' if row['Active'] else 'in'}active"
    yield from _missing_links(desired, world, found)


def _missing_links(
    desired: DesiredInventory, world: World, found: Mapping[Address, Mapping[str, object] | None]
) -> Iterator[str]:
    for document in desired.memberships:
        members = {_id(found, world, member.reference): member for member in document.members}
        if document.relation == "skill-user":
            for user, member in members.items():
                assert document.subject.id is not None
                if world.skills.get((document.subject.id, user)) != member.proficiency:
                    yield f"{document.address}: skill of user {user} is not {member.proficiency}"
            continue
        subject = _id(found, world, document.subject)
        there = {member for owner, member in world.links[WORLD_LINKS[document.relation]] if owner == subject}
        for member_id in sorted(set(members) - there):
            yield f"{document.address}: {document.relation} {subject} lacks {member_id}"
        if document.mode is Mode.AUTHORITATIVE and document.relation != "team-user":
            # A server may associate a campaign's default list by itself; nobody can see that it did.
            referred = {row["DefaultListId"] for row in world.objects[Kind.CAMPAIGNS].values() if row["Id"] == subject}
            for member_id in sorted(there - set(members) - referred):
                yield f"{document.address}: {document.relation} {subject} still has {member_id}"


def false_records(ledger: Ledger, world: World) -> Iterator[str]:
    """Yield every fact in the ledger that is not so in the world."""
    for link, fact in ledger.links.items():
        if link.relation == "skill-user":
            truth: object = world.skills.get((link.subject, link.member), False)
        else:
            truth = (link.subject, link.member) in world.links[WORLD_LINKS[link.relation]]
        if fact.value is not None and fact.value != truth:
            yield f"{link} is recorded as {fact.value}, and is {truth}"
    for flag, fact in ledger.activity.items():
        row = world.objects[_kind(flag.kind)].get(flag.id)
        if row is not None and fact.value is not None and fact.value != row["Active"]:
            yield f"{flag} is recorded as {fact.value}, and is {row['Active']}"


def everything_of(world: World, kind: str, object_id: int) -> dict[str, object]:
    """Return a copy of one row, for comparing later."""
    return dict(world.objects[_kind(kind)][object_id])


def _rows(world: World, kind: str) -> Iterable[Mapping[str, object]]:
    return world.objects[_kind(kind)].values()


def _kind(kind: str) -> Kind:
    return Kind(WORLD_KINDS[kind])


def _id(found: Mapping[Address, Mapping[str, object] | None], world: World, reference: Reference) -> int:
    if reference.id is not None:
        return reference.id
    assert reference.address is not None
    row = found[reference.address]
    identity = row["Id"] if row is not None else -1
    assert isinstance(identity, int)
    return identity


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return value
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (int, float, Decimal)):
        return Decimal(str(value))
    return value or ""
