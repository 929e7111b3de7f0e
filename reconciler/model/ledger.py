"""
The ledger: our only memory of what the API cannot read back.

It records, per target, which Id each manifest has, the managed values as last applied, and every association, activity
flag, skill and password rotation that was asserted, and when. It never holds a secret.

A ledger changes only through events. An event is a small value that can be written as one line of a journal, so that
the cost of a step never grows with the ledger; folding a journal is applying its events in order. An intent makes every
fact that its request may change unknown until an outcome says otherwise: killed between the two, the next plan asks
again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reconciler.model.address import Address
from reconciler.model.desired import OnRemoval
from reconciler.model.knowledge import UNKNOWN, Fact, Knowledge
from reconciler.model.record import FieldChange
from reconciler.model.values import Plain


class Link(NamedTuple):
    """An association by Ids: a campaign's list or team, a team's user, a skill's user."""

    relation: str
    subject: int
    member: int


class Flag(NamedTuple):
    """An object's activity, by kind and Id."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What must outlive a document: its labels, protection and meaning of removal are needed when it is gone."""

    labels: Mapping[str, str] = field(default_factory=dict)
    protect: bool = False
    on_removal: OnRemoval | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerObject:
    """
    What was last applied to one object.

    `fields` holds managed fields by camelCase name in plain form, references as Ids. `rotation` is the password
    rotation number last sent. `at` is when anything of it was last written.
    """

    id: int
    natural_key: str
    fields: Mapping[str, Plain] = field(default_factory=dict)
    rotation: int | None = None
    custody: Custody = Custody()
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMembership:
    """Which relations of which subjects a Membership document owned; a subject is a document's address or `Kind#Id`."""

    owned: tuple[tuple[str, str], ...]
    custody: Custody = Custody()


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """
    A global emergency that this tool switched.

    While `enabled`, applying is refused. `statuses` are the campaign status codes by Id from just before; after lifting
    it holds those that are still to be restored.
    """

    enabled: bool
    at: str
    by: str
    reason: str
    statuses: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A request that was about to be sent and whose outcome is not recorded yet."""

    step: str
    action: str
    address: Address | None
    at: str


@dataclass(slots=True, kw_only=True)
class Ledger:
    """
    The folded state of one target.

    `lineage` is random and made once; `serial` grows by one at every write of the store. The mappings are changed by
    `record` only.
    """

    target: str = ""
    url: str = ""
    lineage: str = ""
    serial: int = 0
    objects: dict[Address, LedgerObject] = field(default_factory=dict)
    memberships: dict[str, LedgerMembership] = field(default_factory=dict)
    links: dict[Link, Fact] = field(default_factory=dict)
    activity: dict[Flag, Fact] = field(default_factory=dict)
    learned: dict[str, str] = field(default_factory=dict)
    intents: dict[str, Intent] = field(default_factory=dict)
    emergency: Emergency | None = None

    def link(self, link: Link) -> Fact:
        """Return what is known of an association, UNKNOWN when nothing is."""
        return self.links.get(link, UNKNOWN)

    def is_active(self, kind: str, object_id: int) -> Fact:
        """Return what is known of an object's activity, UNKNOWN when nothing is."""
        return self.activity.get(Flag(kind, object_id), UNKNOWN)

    def record(self, event: Event) -> None:
        """Apply one event."""
        event.apply(self)


class Event:
    """One change of a ledger; see `reconciler.state.codec` for its line in a journal."""

    __slots__ = ()

    def apply(self, ledger: Ledger) -> None:
        """Change the ledger accordingly."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended(Event):
    """A request is about to be sent: what it may change (`links`, `flags`) is unknown until an outcome is recorded."""

    step: str
    action: str
    address: Address | None
    at: str
    links: tuple[Link, ...] = ()
    flags: tuple[Flag, ...] = ()

    def apply(self, ledger: Ledger) -> None:
        """Note the intent and forget what was known of the facts it touches."""
        ledger.intents[self.step] = Intent(step=self.step, action=self.action, address=self.address, at=self.at)
        uncertain = Fact(value=None, mark=Knowledge.UNKNOWN, at=self.at)
        for link in self.links:
            ledger.links[link] = uncertain
        for flag in self.flags:
            ledger.activity[flag] = uncertain


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded(Event):
    """
    A step ended: done, failed, unknown (which keeps its intent), or settled by a later plan that looked again.

    The rest is for the change record: what was changed, which requests were sent and what was answered, and whom else
    it concerns, as KIND/NAME.
    """

    step: str
    status: str
    at: str
    detail: str = ""
    changes: tuple[FieldChange, ...] = ()
    requests: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()

    def apply(self, ledger: Ledger) -> None:
        """Drop the intent whose outcome is known."""
        if self.status != "unknown":
            ledger.intents.pop(self.step, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound(Event):
    """An address has this Id and these values: after an adoption, a create, an update or a status change."""

    address: Address
    id: int
    natural_key: str
    fields: Mapping[str, Plain]
    at: str
    rotation: int | None = None
    custody: Custody | None = None
    dropped: tuple[str, ...] = ()

    def apply(self, ledger: Ledger) -> None:
        """Merge the values into the record, or start it anew when the Id differs; `dropped` fields leave it."""
        known = ledger.objects.get(self.address)
        if known is None or known.id != self.id:
            known = LedgerObject(id=self.id, natural_key=self.natural_key)
        fields = {name: value for name, value in known.fields.items() if name not in self.dropped} | dict(self.fields)
        ledger.objects[self.address] = replace(
            known,
            natural_key=self.natural_key,
            fields=fields,
            rotation=known.rotation if self.rotation is None else self.rotation,
            custody=known.custody if self.custody is None else self.custody,
            at=self.at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Event):
    """A document is gone and its object nobody's: forget the record, keep the facts that are still true."""

    address: Address

    def apply(self, ledger: Ledger) -> None:
        """Drop the object's or the membership document's record."""
        ledger.objects.pop(self.address, None)
        ledger.memberships.pop(str(self.address), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned(Event):
    """A Membership document owns these relations of these subjects."""

    address: Address
    membership: LedgerMembership

    def apply(self, ledger: Ledger) -> None:
        """Replace the document's record."""
        ledger.memberships[str(self.address)] = self.membership


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Event):
    """What is now known of some associations: each value is True, False, a proficiency, or None for unknown."""

    links: tuple[Link, ...]
    value: Plain
    mark: Knowledge
    at: str
    by: str = ""

    def apply(self, ledger: Ledger) -> None:
        """Set the facts."""
        fact = Fact(value=self.value, mark=self.mark, at=self.at, by=self.by)
        for link in self.links:
            ledger.links[link] = fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Activated(Event):
    """What is now known of an object's activity; None for unknown."""

    flag: Flag
    value: bool | None
    mark: Knowledge
    at: str
    by: str = ""

    def apply(self, ledger: Ledger) -> None:
        """Set the fact."""
        ledger.activity[self.flag] = Fact(value=self.value, mark=self.mark, at=self.at, by=self.by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned(Event):
    """Something about how this server behaves, where the API document is silent."""

    name: str
    value: str

    def apply(self, ledger: Ledger) -> None:
        """Keep it."""
        ledger.learned[self.name] = self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencySwitched(Event):
    """The global emergency was enabled, lifted, or fully restored (`emergency` None)."""

    emergency: Emergency | None

    def apply(self, ledger: Ledger) -> None:
        """Replace what is known of it."""
        ledger.emergency = self.emergency


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """A record goes on under another address: its document was renamed in Git."""

    before: Address
    after: Address

    def apply(self, ledger: Ledger) -> None:
        """Move the record; does nothing when there is none."""
        known = ledger.objects.pop(self.before, None)
        if known is not None:
            ledger.objects[self.after] = known


def create_intended(ledger: Ledger, address: Address) -> Intent | None:
    """Return the intent of a create whose outcome nobody recorded, None when there is none."""
    return next((each for each in ledger.intents.values() if (each.action, each.address) == ("create", address)), None)


EVENTS: tuple[type[Event], ...] = (
    Intended,
    Concluded,
    Bound,
    Released,
    Owned,
    Linked,
    Activated,
    Learned,
    EmergencySwitched,
    Moved,
)
