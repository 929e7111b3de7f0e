"""From Membership documents to who belongs to what, and the rules across them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from reconciler.config.catalogs import SKILLS
from reconciler.config.objects import Context, read_lifecycle
from reconciler.config.rules import Rule
from reconciler.config.source import Document
from reconciler.config.wording import show
from reconciler.kinds.registry import MEMBERSHIP, RELATIONS, relation_named
from reconciler.kinds.relations import SKILL
from reconciler.kinds.spec import RelationSpec
from reconciler.model.address import Address, Reference
from reconciler.model.desired import DesiredMembership, DesiredObject, Member, Mode
from reconciler.model.policy import UserTeams
from reconciler.model.problem import Problem

_PROFICIENCY = "proficiency"


def build_memberships(document: Document, context: Context, problems: list[Problem]) -> Iterator[DesiredMembership]:
    """Yield one membership for each relation of a valid document; adds what is wrong with it to `problems`."""
    spec = document.content["spec"]
    for relation in RELATIONS:
        subject_key = relation.subject.lower()
        if subject_key not in spec or relation.manifest_key not in spec:
            continue
        subject = _subject(relation, spec[subject_key], document, context, problems)
        yield DesiredMembership(
            address=Address(MEMBERSHIP, document.name),
            relation=relation.name,
            subject=subject,
            members=tuple(_members(relation, document, context, problems)),
            place=document.start,
            mode=Mode(spec.get("mode", Mode.AUTHORITATIVE)),
            labels=document.content["metadata"].get("labels", {}),
            lifecycle=read_lifecycle(document.content.get("lifecycle", {})),
        )


def _subject(
    relation: RelationSpec, written: Any, document: Document, context: Context, problems: list[Problem]
) -> Reference:
    key = relation.subject.lower()
    if relation.subject != SKILL:
        return _resolve(relation.subject, written, document, context, problems, "spec", key)
    if not isinstance(written, str):
        return Reference(kind=SKILL, id=int(written))
    number = context.catalogs.find(SKILLS, written)
    if number is None:
        problems.append(context.catalogs.unknown(SKILLS, written, document, "spec", key))
    return Reference(kind=SKILL, id=number, name=written)


def _members(relation: RelationSpec, document: Document, context: Context, problems: list[Problem]) -> Iterator[Member]:
    seen: dict[Reference, int] = {}
    for position, written in enumerate(document.content["spec"][relation.manifest_key]):
        path: tuple[str | int, ...] = ("spec", relation.manifest_key, position)
        proficiency = written.get(_PROFICIENCY) if isinstance(written, dict) else None
        inner = relation.member.lower()
        if isinstance(written, dict) and inner in written:
            written, path = written[inner], (*path, inner)
        reference = _resolve(relation.member, written, document, context, problems, *path)
        if reference in seen:
            problems.append(
                Problem(
                    rule=Rule.DUPLICATE_MEMBER,
                    message=f"{reference} is listed twice: it is also number {seen[reference] + 1} of this list",
                    place=document.place(*path),
                    path=f"spec.{relation.manifest_key}[{position}]",
                    advice="keep one of them",
                )
            )
            continue
        seen[reference] = position
        yield Member(
            reference=reference,
            place=document.start,
            proficiency=None if proficiency is None else int(proficiency),
        )


def _resolve(
    kind: str, written: Any, document: Document, context: Context, problems: list[Problem], *path: str | int
) -> Reference:
    reference, problem = context.index.resolve(kind, written, document, *path)
    if problem is not None:
        problems.append(problem)
    return reference


def check_memberships(
    memberships: Sequence[tuple[Document, DesiredMembership]], users: Iterable[DesiredObject], context: Context
) -> Iterator[Problem]:
    """Yield what documents say against each other about the same members."""
    yield from _check_owners(memberships)
    yield from _check_proficiency(memberships)
    if context.policy.user_teams is UserTeams.ONE:
        yield from _check_one_team(memberships, users)


def _identity(reference: Reference) -> Reference:
    """Return a reference without the name that a catalog gave a skill: two names may mean one Id."""
    return replace(reference, name="") if reference.id is not None else reference


def _check_owners(memberships: Sequence[tuple[Document, DesiredMembership]]) -> Iterator[Problem]:
    owners: dict[tuple[str, Reference], Document] = {}
    for document, membership in memberships:
        if membership.mode is not Mode.AUTHORITATIVE or _identity(membership.subject) == Reference(kind=SKILL):
            continue
        first = owners.setdefault((membership.relation, _identity(membership.subject)), document)
        if first is document:
            continue
        key = relation_named(membership.relation).manifest_key
        yield Problem(
            rule=Rule.DUPLICATE_MEMBERSHIP,
            message=f"{first.start} lists the {key} of {membership.subject} too, and both lists are authoritative",
            place=document.place("spec", key, of_key=True),
            path=f"spec.{key}",
            advice="bring them together in one document, or write `mode: additive` in one of them",
        )


def _check_proficiency(memberships: Sequence[tuple[Document, DesiredMembership]]) -> Iterator[Problem]:
    known: dict[tuple[Reference, Reference], tuple[int, Document]] = {}
    for document, membership in memberships:
        for member in membership.members:
            if member.proficiency is None:
                continue
            key = (_identity(membership.subject), member.reference)
            proficiency, first = known.setdefault(key, (member.proficiency, document))
            if proficiency != member.proficiency:
                yield Problem(
                    rule=Rule.CONFLICTING_MEMBER,
                    message=f"{member.reference} has proficiency {member.proficiency} in {membership.subject} here "
                    f"and {proficiency} in {first.start}",
                    place=document.start,
                    path="spec.users",
                    advice="list the user in one of them",
                )


def _check_one_team(
    memberships: Sequence[tuple[Document, DesiredMembership]], users: Iterable[DesiredObject]
) -> Iterator[Problem]:
    """Yield users who are asked into two teams of a target where a user has one (`userTeams: one`)."""
    teams: dict[Reference, tuple[Reference, str]] = {}
    for user in users:
        team = user.fields.get("team")
        if isinstance(team, Reference) and team.id != 0:
            teams[Reference(kind=user.address.kind, key=user.address.name)] = (team, str(user.place))
    for document, membership in memberships:
        if not relation_named(membership.relation).primary:
            continue
        for member in membership.members:
            team, where = teams.setdefault(member.reference, (membership.subject, str(document.start)))
            if team != membership.subject:
                yield Problem(
                    rule=Rule.CONFLICTING_MEMBER,
                    message=f"{member.reference} is asked into {membership.subject} here and into {team} by {where}, "
                    "but the target says `userTeams: one`",
                    place=document.start,
                    path="spec.users",
                    advice=f"list {show(str(member.reference))} once, or change `userTeams`",
                )
