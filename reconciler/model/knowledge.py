"""How well a fact is known: nothing recorded is ever presented as live."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from reconciler.model.values import Plain


class Knowledge(StrEnum):
    """
    The four marks.

    LIVE was read in this run; RECORDED was written by us and nothing contradicts it; ASSUMED was attested by a person;
    UNKNOWN is none of these.
    """

    LIVE = "live"
    RECORDED = "recorded"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """
    One thing that the API cannot (or not fully) read back.

    `value` is what holds: True or False, a proficiency for a skill, None when a request about it was cut off and the
    outcome is unknown. `at` is UTC in ISO 8601 to the second, `by` a person for assumed facts.
    """

    value: Plain
    mark: Knowledge
    at: str = ""
    by: str = ""


UNKNOWN = Fact(value=None, mark=Knowledge.UNKNOWN)
"""No evidence at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeCounts:
    """How many facts of each mark a plan rests on; `oldest` is when the oldest recorded or assumed one was noted."""

    live: int = 0
    recorded: int = 0
    assumed: int = 0
    unknown: int = 0
    oldest: str = ""
