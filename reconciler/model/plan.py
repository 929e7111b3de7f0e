"""The plan: a frozen value that people review, that is saved, and that apply executes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.address import Address
from reconciler.model.assessment import Assessment
from reconciler.model.desired import PasswordSource
from reconciler.model.floor import Floor
from reconciler.model.knowledge import Knowledge, KnowledgeCounts
from reconciler.model.ledger import Custody, Event
from reconciler.model.values import Plain

FORMAT_VERSION = "1.0"


class Action(StrEnum):
    """What a step does; each but ADOPT sends one request (a grouped association one for all its members)."""

    CREATE = "create"
    UPDATE = "update"
    ADOPT = "adopt"
    ASSOCIATE = "associate"
    DISASSOCIATE = "disassociate"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    SET_TYPE = "set-type"
    SET_STATUS = "set-status"


class Risk(StrEnum):
    """What a reviewer must weigh; the worse of two wins: disruptive, then unverifiable."""

    NONE = "none"
    DISRUPTIVE = "disruptive"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field's before and after as people read them: codes by name, references by key; never a password."""

    field: str
    before: Plain
    after: Plain
    knowledge: Knowledge = Knowledge.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """
    A field's value as it will be written and recorded: plain and canonical.

    `refers` names the object whose Id is the value when that Id is not known before the plan runs.
    """

    name: str
    value: Plain = None
    refers: Address | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """
    One end of an association.

    `managed` says that `name` is a document's key (its Id, when None, is known once that object's create is done);
    otherwise `name` is the live natural key, or a skill's catalog name or Id as text.
    """

    kind: str
    name: str
    id: int | None = None
    managed: bool = False

    @property
    def address(self) -> Address:
        """The end as an address; of use only when managed."""
        return Address(self.kind, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    A request as it would be sent, for people: an Id that is not known yet reads `{Kind/name}`, a password says where
    it comes from. `path` is below `/webservices/services`.
    """

    method: str
    path: str
    body: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    One step of a plan.

    `reason` is a code from a short closed list, `explanation` one sentence for people, `source` the manifest's
    `file:line` that asked for it. `risk` has its own sentence in `risk_reason`; `unverifiable` says that nothing can
    confirm the outcome, whatever the risk.

    What apply acts on: `object_id` or, before its create, `address`; `values` to write and to record; `seen`, the plain
    canonical values of managed fields that the plan rests on; `password`, a source; for associations `relation`,
    `subject`, `members` and `proficiency`. `certain` is False when the starting point is not known, so that a refusal
    may mean that it already holds. `custody` and `rotation` are recorded with the object. `primary` says that the
    association has to become the member's primary team; `keeps_primary` is the primary team that it must not change.
    """

    id: str
    action: Action
    kind: str
    name: str
    object_id: int | None
    reason: str
    explanation: str
    source: str
    risk: Risk = Risk.NONE
    risk_reason: str = ""
    unverifiable: bool = False
    changes: tuple[Change, ...] = ()
    requests: tuple[Request, ...] = ()
    depends_on: tuple[str, ...] = ()
    natural_key: str = ""
    values: tuple[FieldValue, ...] = ()
    seen: Mapping[str, Plain] = field(default_factory=dict)
    password: PasswordSource | None = None
    relation: str = ""
    subject: End | None = None
    members: tuple[End, ...] = ()
    proficiency: int | None = None
    certain: bool = True
    primary: bool = False
    keeps_primary: FieldValue | None = None
    custody: Custody | None = None
    rotation: int | None = None

    @property
    def address(self) -> Address:
        """The document that the step belongs to."""
        return Address(self.kind, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a plan may not be applied; `overridable` by --allow-mass-change only for limits."""

    rule: str
    message: str
    advice: str
    steps: tuple[str, ...] = ()
    overridable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something a reviewer should know that needs no step; `address` empty when it is about the whole plan."""

    rule: str
    message: str
    address: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A record that the ledger drops once the steps in `after` are done; needs no request of its own."""

    address: Address
    id: int | None
    reason: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """
    What a plan rests on, and is refused without: the ledger's lineage and serial, a digest of the manifests, and a
    fingerprint of every live object that a step touches, by `Kind#Id`.
    """

    lineage: str = ""
    serial: int = 0
    manifests: str = ""
    fingerprints: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    Everything that planning found.

    `steps` stand in an order in which they could run one by one. `bookkeeping` are ledger events that need no request.
    `unverifiable` tells what nobody can see. `unmanaged` counts live objects that nobody declares, by kind.
    `assessments` say per object how Git, the ledger and the target relate; drift is a reading of them. `floor` is who
    works where just before the plan.
    """

    target: str
    url: str
    steps: tuple[Step, ...] = ()
    warnings: tuple[Notice, ...] = ()
    unverifiable: tuple[Notice, ...] = ()
    objections: tuple[Objection, ...] = ()
    releases: tuple[Release, ...] = ()
    bookkeeping: tuple[Event, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    unmanaged: Mapping[str, int] = field(default_factory=dict)
    knowledge: KnowledgeCounts = field(default_factory=KnowledgeCounts)
    basis: Basis = Basis()
    timezone: str = "UTC"
    floor: Floor = field(default_factory=Floor)

    @property
    def has_changes(self) -> bool:
        """Return whether applying would send a request or change who owns what."""
        return bool(self.steps or self.releases)

    def count(self, action: Action) -> int:
        """Return how many steps have that action."""
        return sum(1 for step in self.steps if step.action is action)

    @property
    def unverifiable_steps(self) -> int:
        """Return how many steps have an outcome that nothing can confirm."""
        return sum(1 for step in self.steps if step.unverifiable)
