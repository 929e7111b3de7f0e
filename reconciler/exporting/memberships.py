"""
Who belongs where: what the ledger knows as documents, and a stub to fill in where nobody knows.

The API lists none of it. A stub stands beside its subject, so that whoever reads the one fills in the other; its
placeholders are no valid keys, so that an unfinished one can't be applied.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from reconciler.exporting.naming import shortened
from reconciler.exporting.view import View
from reconciler.kinds.codec import read_field
from reconciler.kinds.registry import MEMBERSHIP, RELATIONS, kind_named
from reconciler.kinds.relations import SKILL, USER_TEAMS
from reconciler.kinds.spec import RelationSpec
from reconciler.model.address import Address, Reference
from reconciler.model.live import LiveObject
from reconciler.model.manifest import Entry, Manifest, Written
from reconciler.model.policy import UserTeams

SKILLS = Address(MEMBERSHIP, "skills")
"""Where skills stand, which are no objects with a document of their own."""

_SKILLS_GROUP = "skills"
_PROFICIENCY = "proficiency"


def memberships_of(view: View, live: LiveObject) -> Iterator[Manifest]:
    """Yield the document, or its stub, of who belongs to an object that has members."""
    key = view.address(live).name
    subject = Reference(kind=live.kind, key=key)
    relations = [
        relation
        for relation in RELATIONS
        if relation.subject == live.kind
        and not _is_declared(view, relation, subject)
        and not (relation.primary and _one_each(view))
    ]
    if not relations:
        return
    known = {relation.name: tuple(_members(view, relation, live.id)) for relation in relations}
    is_stub = not any(known.values())
    entries = [Entry(name=live.kind.lower(), value=key)]
    for relation in relations:
        members = known[relation.name]
        if not members:
            view.leave_open(live.kind, relation.manifest_key)
            members = (f"KEY-OF-A-{relation.member.upper()}",)
        entries.append(Entry(name=relation.manifest_key, value=members, stub=not is_stub and not known[relation.name]))
    address = _address(view, relations[0], subject, key)
    remarks = (_explanation(relations, live),) if is_stub else ()
    yield Manifest(address=address, beside=view.address(live), spec=(*entries,), remarks=remarks, stub=is_stub)


def _explanation(relations: list[RelationSpec], live: LiveObject) -> str:
    keys = " and ".join(relation.manifest_key for relation in relations)
    primary = next((relation.primary for relation in relations if relation.primary), "")
    beyond = f", beyond those whose own `{primary}` it is" if primary else ""
    return (
        f"The API can't list the {keys} of this {live.kind.lower()}{beyond}. Fill in what you know, and uncomment it:"
    )


def skills(view: View) -> Iterator[Manifest]:
    """Yield a document for each skill that the ledger knows an exported user to have; one stub where it knows none."""
    chosen = {(each.kind, each.id) for each in view.chosen}
    for relation in RELATIONS:
        if relation.subject != SKILL or not any(kind == relation.member for kind, _ in chosen):
            continue
        found = [skill for name, skill in sorted(view.links) if name == relation.name]
        held = [
            skill
            for skill in found
            if any((relation.member, user) in chosen for user in view.links[relation.name, skill])
        ]
        for skill in held:
            if not _is_declared(view, relation, Reference(kind=SKILL, id=skill)):
                yield _skill(view, relation, skill)
        if not held:
            for kind, _ in chosen:
                if kind == relation.member:
                    view.leave_open(kind, _SKILLS_GROUP)
            yield _skill_stub(relation)


def _skill(view: View, relation: RelationSpec, skill: int) -> Manifest:
    entries = (
        Entry(name=SKILL.lower(), value=view.catalogued(_SKILLS_GROUP, skill)),
        Entry(name=relation.manifest_key, value=tuple(_members(view, relation, skill))),
    )
    return Manifest(
        address=_address(view, relation, Reference(kind=SKILL, id=skill), str(skill)), beside=SKILLS, spec=entries
    )


def _skill_stub(relation: RelationSpec) -> Manifest:
    member: Written = {relation.member.lower(): f"KEY-OF-A-{relation.member.upper()}", _PROFICIENCY: 5}
    return Manifest(
        address=Address(MEMBERSHIP, "skill-NAME"),
        beside=SKILLS,
        spec=(
            Entry(name=SKILL.lower(), value="NAME-IN-A-CATALOG"),
            Entry(name=relation.manifest_key, value=(member,)),
        ),
        remarks=("The API can't list who has which skill. A document a skill, with its Id or its name in a Catalog:",),
        stub=True,
    )


def _members(view: View, relation: RelationSpec, subject: int) -> Iterator[Written]:
    """Yield the members that the ledger knows, but for those whose own field says so."""
    found: list[tuple[str, Written]] = []
    for member, value in view.links.get((relation.name, subject), {}).items():
        live = view.live.get(relation.member, member)
        if live is None or _says_so_itself(view, relation, live, subject):
            continue
        reference = view.refer(relation.member, member)
        if relation.grouped:
            proficiency = Decimal(str(value)) if isinstance(value, float) else value
            reference = {relation.member.lower(): reference, _PROFICIENCY: proficiency}
        found.append((str(reference), reference))
    yield from (reference for _, reference in sorted(found, key=lambda pair: pair[0]))


def _says_so_itself(view: View, relation: RelationSpec, live: LiveObject, subject: int) -> bool:
    if not relation.primary or (live.kind, live.id) not in view.documented:
        return False
    return read_field(kind_named(live.kind).field(relation.primary), live.entity, view.zone) == subject


def _is_declared(view: View, relation: RelationSpec, subject: Reference) -> bool:
    """Return whether a document that stays as it is speaks of these members."""
    return view.choice.only_new and view.declared.subjects.get((relation.name, subject)) in view.declared.present


def _address(view: View, relation: RelationSpec, subject: Reference, key: str) -> Address:
    """Return what the document is called: as Git or the ledger call it, else after the subject."""
    known = view.declared.subjects.get((relation.name, subject))
    if known is not None:
        return known
    recorded = view.owners.get((relation.name, str(subject.address or f"{subject.kind}#{subject.id}")))
    if recorded is not None and recorded not in view.declared.addresses:
        return recorded
    base = shortened(f"{relation.subject.lower()}-{key}")
    number, address = 1, Address(MEMBERSHIP, base)
    while address in view.taken:
        number += 1
        address = Address(MEMBERSHIP, shortened(base, f"-{number}"))
    view.taken.add(address)
    return address


def _one_each(view: View) -> bool:
    """Return whether a member has one subject only, so that its own field says everything."""
    known = view.policy.user_teams
    if known is UserTeams.AUTO:
        known = UserTeams(view.ledger.learned.get(USER_TEAMS, UserTeams.AUTO))
    return known is UserTeams.ONE
