"""
What is wanted and what is known of associations, of which the API can read back next to nothing.

A user's `TeamId` proves one membership; where a user has one team it disproves all others. Everything else is what the
ledger remembers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.kinds.registry import RELATIONS, kind_named, relation_named
from reconciler.kinds.spec import RelationSpec
from reconciler.model.address import Address, Reference
from reconciler.model.desired import DesiredMembership, DesiredObject, Mode
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Link
from reconciler.model.plan import End
from reconciler.model.policy import UserTeams
from reconciler.model.problem import Place
from reconciler.model.values import Plain
from reconciler.planning.scope import in_scope
from reconciler.planning.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One wanted association: its ends, for skills the proficiency, and the document and line that want it."""

    subject: End
    member: End
    document: Address
    place: Place
    proficiency: int | None = None

    @property
    def value(self) -> Plain:
        """Return what the fact is when it holds: a skill's proficiency, True for all others."""
        return True if self.proficiency is None else self.proficiency


@dataclass(slots=True, kw_only=True)
class WantedSet:
    """All that documents in scope want of one relation of one subject; `authoritative` if one of them is."""

    relation: RelationSpec
    subject: End
    members: dict[tuple[str, str], Wanted] = field(default_factory=dict)
    documents: list[DesiredMembership] = field(default_factory=list)
    authoritative: bool = False

    def wants(self, member: End) -> bool:
        """Return whether a member is on the list."""
        return end_key(member) in self.members


def end_key(end: End) -> tuple[str, str]:
    """Return what identifies an end: its Id once it has one, until then its document."""
    return (end.kind, f"#{end.id}" if end.id is not None else end.name)


def wanted_sets(situation: Situation) -> tuple[WantedSet, ...]:
    """Group the memberships in scope by relation and subject, in a stable order."""
    sets: dict[tuple[str, tuple[str, str]], WantedSet] = {}
    for document in sorted(situation.desired.memberships, key=lambda item: (item.address, item.relation)):
        if not in_scope(situation.policy.scope, document.address, document.labels):
            continue
        subject = situation.end(document.subject)
        if subject is None:
            continue
        key = (document.relation, end_key(subject))
        group = sets.setdefault(key, WantedSet(relation=relation_named(document.relation), subject=subject))
        group.documents.append(document)
        group.authoritative |= document.mode is Mode.AUTHORITATIVE
        for member in document.members:
            end = situation.end(member.reference)
            if end is not None:
                group.members.setdefault(
                    end_key(end),
                    Wanted(
                        subject=subject,
                        member=end,
                        document=document.address,
                        place=member.place,
                        proficiency=member.proficiency,
                    ),
                )
    return tuple(sets[key] for key in sorted(sets))


class Evidence:
    """What is known of every association, from live primary fields first and the ledger second."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._primaries = {spec.name: self._read_primaries(spec) for spec in RELATIONS if spec.primary}
        self._recorded: dict[tuple[str, int], dict[int, Fact]] = {}
        for link, fact in situation.ledger.links.items():
            self._recorded.setdefault((link.relation, link.subject), {})[link.member] = fact

    def _read_primaries(self, spec: RelationSpec) -> dict[int, int]:
        members = self._situation.live.objects.get(spec.member, {})
        primaries = {}
        for live in members.values():
            value = self._situation.value_of(live, spec.primary)
            if isinstance(value, int):
                primaries[live.id] = value
        return primaries

    def of(self, relation: RelationSpec, subject: int, member: int) -> Fact:
        """Return what is known of one association between existing objects."""
        if relation.primary:
            primary = self._primaries[relation.name].get(member)
            if primary == subject:
                return Fact(value=True, mark=Knowledge.LIVE)
            if primary is not None and self._situation.user_teams is UserTeams.ONE:
                return Fact(value=False, mark=Knowledge.LIVE)
        return self._situation.ledger.link(Link(relation.name, subject, member))

    def members(self, relation: RelationSpec, subject: int) -> Mapping[int, Fact]:
        """Return every member that a subject may have as far as anyone knows: held, or cut off in mid-request."""
        found = {
            member: self.of(relation, subject, member) for member in self._recorded.get((relation.name, subject), {})
        }
        if relation.primary:
            for member, primary in self._primaries[relation.name].items():
                if primary == subject:
                    found[member] = Fact(value=True, mark=Knowledge.LIVE)
        return {member: found[member] for member in sorted(found) if may_hold(found[member])}

    def held_in_all(self) -> int:
        """Return how many associations are known to hold, over all relations: what a share of them is taken of."""
        subjects = set(self._recorded)
        for name, primaries in self._primaries.items():
            subjects |= {(name, subject) for subject in primaries.values() if subject}
        return sum(len(self.members(relation_named(name), subject)) for name, subject in subjects)

    def primary_of(self, relation: RelationSpec, member: int) -> int | None:
        """Return a member's primary subject as read just now (0: none), or None when it could not be read."""
        return self._primaries.get(relation.name, {}).get(member)

    def touching(self, kind: str, object_id: int) -> Iterator[tuple[RelationSpec, int, int, Fact]]:
        """Yield every association that an object may have, as (relation, subject Id, member Id, fact), sorted."""
        for relation in RELATIONS:
            if relation.subject == kind:
                for member, fact in self.members(relation, object_id).items():
                    yield relation, object_id, member, fact
            if relation.member == kind:
                subjects = {subject for name, subject in self._recorded if name == relation.name}
                primary = self.primary_of(relation, object_id)
                if primary:
                    subjects.add(primary)
                for subject in sorted(subjects):
                    fact = self.of(relation, subject, object_id)
                    if may_hold(fact) and (fact.mark is Knowledge.LIVE or object_id in self._ids(relation, subject)):
                        yield relation, subject, object_id, fact

    def _ids(self, relation: RelationSpec, subject: int) -> Mapping[int, Fact]:
        return self._recorded.get((relation.name, subject), {})


def may_hold(fact: Fact) -> bool:
    """Return whether an association with some evidence may be there: it holds, or a request about it was cut off."""
    return fact.value is None or (fact.value is not False and fact.value != 0)


def joined_reference(situation: Situation, wanted: DesiredObject) -> tuple[RelationSpec, End] | None:
    """Return the relation and subject that a member's own field asks for (a user's `team`), if it asks for one."""
    spec = kind_named(wanted.address.kind)
    for candidate in spec.fields:
        if not candidate.joined_by or candidate.name not in wanted.fields:
            continue
        if candidate.name in wanted.lifecycle.ignore_changes:
            continue
        reference = wanted.fields[candidate.name]
        if not isinstance(reference, Reference) or reference.id == 0:
            continue
        end = situation.end(reference)
        if end is not None:
            return relation_named(candidate.joined_by), end
    return None
