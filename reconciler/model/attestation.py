"""What a person read off the portal and vouches for: facts that the API cannot be asked about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.model.knowledge import Fact
from reconciler.model.ledger import Flag, Link
from reconciler.model.plain_form import to_plain
from reconciler.model.problem import Place
from reconciler.model.values import Plain

RULE = "attestation"
"""What problems with such a file are called."""

Named = str | int
"""A name or key, or an Id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedLink:
    """One association: `value` is True, for a skill the proficiency, or False for one that is not there."""

    place: Place
    relation: str
    subject: Named
    member: Named
    value: int | bool

    def __str__(self) -> str:
        return f"{self.relation} {self.subject} {self.member}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedActivity:
    """One object's activity."""

    place: Place
    kind: str
    name: Named
    value: bool

    def __str__(self) -> str:
        return f"{self.kind} {self.name} active"


Attested = AttestedLink | AttestedActivity


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumption:
    """An attested fact about known Ids, and what was known of it before."""

    attested: Attested
    about: Link | Flag
    before: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """
    What becomes of attested facts.

    `taken` go into the ledger; `kept` are known better and differ; `agreeing` are known better and say the same.
    """

    taken: tuple[Assumption, ...] = ()
    kept: tuple[Assumption, ...] = ()
    agreeing: tuple[Assumption, ...] = ()


def assumptions_document(assumptions: Assumptions, *, by: str, at: str) -> dict[str, Any]:
    """Return the JSON document of what was assumed."""
    return {
        "formatVersion": "1.0",
        "by": by,
        "at": at,
        "assumed": [_assumption(each) for each in assumptions.taken],
        "kept": [_assumption(each) for each in assumptions.kept],
        "agreeing": [_assumption(each) for each in assumptions.agreeing],
    }


def _assumption(each: Assumption) -> dict[str, Plain | dict[str, Any]]:
    return {
        "line": each.attested.place.line,
        "about": str(each.attested),
        "value": each.attested.value,
        "before": to_plain(each.before),
    }
