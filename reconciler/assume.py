"""
Take a person's word for what the API cannot be asked about.

An assumption is the weakest mark that still is knowledge: plans use it, reports show it as `assumed`, with who and
when, and whatever is known better (read in this run, or written by this tool) stands against it.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from reconciler.errors import ConfigurationError
from reconciler.kinds.codec import read_active, read_field
from reconciler.kinds.registry import kind_named, relation_named
from reconciler.kinds.relations import SKILL, USER_TEAMS
from reconciler.model.attestation import RULE, Assumption, Assumptions, Attested, AttestedActivity, Named
from reconciler.model.desired import DesiredInventory
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Activated, Event, Flag, Ledger, Link, Linked
from reconciler.model.live import LiveInventory
from reconciler.model.policy import Policy, UserTeams
from reconciler.model.problem import Problem
from reconciler.planning.matching import match


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """
    What names lead to: the target, the ledger, the manifests and the catalogs' skills.

    `desired` is None where there are no manifests.
    """

    live: LiveInventory
    ledger: Ledger
    skills: Mapping[str, int]
    desired: DesiredInventory | None = None

    def keys(self, kind: str) -> dict[str, int]:
        """Return the Ids of a kind's documents, by key."""
        records = self.ledger.objects.items()
        found = {address.name: record.id for address, record in records if address.kind == kind}
        if self.desired is not None:
            for address, binding in match(self.desired, self.live, self.ledger).by_address.items():
                if address.kind == kind and binding.live is not None:
                    found[address.name] = binding.live.id
        return found


def assume(facts: Sequence[Attested], names: Names, *, policy: Policy, force: bool = False) -> Assumptions:
    """
    Decide what becomes of attested facts.

    With `force` nothing is kept back. Raises ConfigurationError with every line whose names lead nowhere or to more
    than one object, or that contradicts another.
    """
    resolver = _Resolver(names)
    about = [(fact, resolver.about(fact)) for fact in facts]
    problems = [*resolver.problems, *_contradictions(about)]
    if problems:
        raise ConfigurationError(
            f"{len(problems)} line{'s' if len(problems) > 1 else ''} can't be used; nothing was written",
            problems=sorted(problems, key=lambda each: (each.place, each.message)),
        )
    latest = {key: fact for fact, key in about if key is not None}
    taken: list[Assumption] = []
    kept: list[Assumption] = []
    agreeing: list[Assumption] = []
    for key, fact in latest.items():
        before = _known(key, names, policy)
        assumption = Assumption(attested=fact, about=key, before=before)
        better = before.mark in (Knowledge.LIVE, Knowledge.RECORDED) and before.value is not None
        if better and not force:
            (agreeing if before.value == fact.value else kept).append(assumption)
        else:
            taken.append(assumption)
    return Assumptions(taken=tuple(taken), kept=tuple(kept), agreeing=tuple(agreeing))


def events(assumptions: Assumptions, *, by: str, at: str) -> Iterator[Event]:
    """Yield what goes into the ledger: `by` whom and `at` when (UTC, ISO 8601) it was attested."""
    links: dict[tuple[type, int | bool], list[Link]] = {}
    for each in assumptions.taken:
        value = each.attested.value
        if isinstance(each.about, Flag):
            yield Activated(flag=each.about, value=bool(value), mark=Knowledge.ASSUMED, at=at, by=by)
        else:
            links.setdefault((type(value), value), []).append(each.about)
    for (_, value), group in links.items():
        yield Linked(links=tuple(group), value=value, mark=Knowledge.ASSUMED, at=at, by=by)


def _known(about: Link | Flag, names: Names, policy: Policy) -> Fact:
    """Return what is known already: what the target says of itself first, then the ledger."""
    if isinstance(about, Flag):
        live = names.live.get(about.kind, about.id)
        active = read_active(live.entity) if live is not None else None
        return names.ledger.is_active(*about) if active is None else Fact(value=active, mark=Knowledge.LIVE)
    relation = relation_named(about.relation)
    member = names.live.get(relation.member, about.member)
    if relation.primary and member is not None:
        field = kind_named(relation.member).field(relation.primary)
        primary = read_field(field, member.entity, ZoneInfo(policy.timezone))
        if primary == about.subject:
            return Fact(value=True, mark=Knowledge.LIVE)
        if primary and UserTeams.ONE in (policy.user_teams, names.ledger.learned.get(USER_TEAMS)):
            return Fact(value=False, mark=Knowledge.LIVE)
    return names.ledger.link(about)


class _Resolver:
    """Turns names into Ids, and gathers what can't be."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.problems: list[Problem] = []
        self._keys: dict[str, dict[str, int]] = {}

    def about(self, fact: Attested) -> Link | Flag | None:
        """Return what a fact is about, or None with a problem noted for each name."""
        if isinstance(fact, AttestedActivity):
            number = self._id(fact.kind, fact.name, fact)
            return None if number is None else Flag(fact.kind, number)
        relation = relation_named(fact.relation)
        subject = self._id(relation.subject, fact.subject, fact)
        member = self._id(relation.member, fact.member, fact)
        return None if subject is None or member is None else Link(fact.relation, subject, member)

    def _id(self, kind: str, name: Named, fact: Attested) -> int | None:
        if kind == SKILL:
            return self._skill(name, fact)
        if isinstance(name, int):
            if self.names.live.get(kind, name) is None:
                self._refuse(fact, f"no {kind.lower()} with Id {name} exists in the target", "correct the Id")
                return None
            return name
        keys = self._keys.setdefault(kind, self.names.keys(kind)) if kind not in self._keys else self._keys[kind]
        ids = {*self.names.live.ids_named(kind, name), *([keys[name]] if name in keys else [])}
        ids = {number for number in ids if self.names.live.get(kind, number) is not None}
        if len(ids) == 1:
            return ids.pop()
        if ids:
            listed = ", ".join(f"#{number}" for number in sorted(ids))
            self._refuse(fact, f"{name!r} may be any of several {kind_named(kind).plural}", f"write one of {listed}")
        else:
            known = [*keys, *self.names.live.by_key.get(kind, {})]
            self._refuse(fact, f"no {kind.lower()} {name!r} is known, by key or by live name", _guess(name, known))
        return None

    def _skill(self, name: Named, fact: Attested) -> int | None:
        number = name if isinstance(name, int) else self.names.skills.get(name)
        if number is None and isinstance(name, str) and name.isascii() and name.isdigit():
            number = int(name)
        if number is None:
            self._refuse(
                fact, f"no catalog names a skill {name!r}", _guess(str(name), self.names.skills) or "use its Id"
            )
        return number

    def _refuse(self, fact: Attested, message: str, advice: str) -> None:
        self.problems.append(Problem(rule=RULE, message=message, place=fact.place, advice=advice))


def _guess(name: str, known: Iterable[str]) -> str:
    guesses = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {guesses[0]!r}?" if guesses else "write its key, its exact live name, or its Id like #17"


def _contradictions(about: Sequence[tuple[Attested, Link | Flag | None]]) -> Iterator[Problem]:
    first: dict[Link | Flag, Attested] = {}
    for fact, key in about:
        if key is None:
            continue
        earlier = first.setdefault(key, fact)
        if (type(earlier.value), earlier.value) != (type(fact.value), fact.value):
            message = f"{earlier.place} says {str(earlier.value).lower()} of the same"
            yield Problem(rule=RULE, message=message, place=fact.place, advice="keep one of the two lines")
