"""How Git, the ledger and the target relate for one object: a status with a reason, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.address import Address
from reconciler.model.knowledge import Knowledge
from reconciler.model.problem import Place
from reconciler.model.values import Plain


class Status(StrEnum):
    """
    The one word for an object.

    PENDING: only Git moved, an apply would bring it over. OPERATIONAL: only fields that floor managers own moved.
    """

    IN_SYNC = "in-sync"
    DRIFTED = "drifted"
    MISSING = "missing"
    PENDING = "pending"
    OPERATIONAL = "operational"
    UNMANAGED = "unmanaged"
    BLOCKED = "blocked"
    CANNOT_TELL = "cannot-tell"


class Mover(StrEnum):
    """Who moved since the last apply; NOBODY_KNOWS when it was never applied."""

    NOBODY = "nobody"
    GIT = "git"
    LIVE = "live"
    BOTH = "both"
    NOBODY_KNOWS = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAssessment:
    """
    One field, or one fact such as `active` or a membership, as people read it (codes by name, references by key).

    `applied` is the value last applied, `at` when; `operational` fields drift by right; `settled` says that desired
    and live agree.
    """

    name: str
    desired: Plain
    live: Plain
    applied: Plain
    mover: Mover
    knowledge: Knowledge
    at: str = ""
    operational: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """
    One object of the plan's scope.

    `fields` lists what is not settled, and every fact that is not live. `natural_key` is the name people know.
    """

    address: Address
    status: Status
    reason: str
    id: int | None = None
    natural_key: str = ""
    place: Place | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[FieldAssessment, ...] = ()
    knowledge: Knowledge = Knowledge.LIVE
