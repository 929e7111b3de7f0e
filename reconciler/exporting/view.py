"""Everything that an export looks at, in one value, with the lookups that all of it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from reconciler.kinds.codec import read_active
from reconciler.kinds.registry import kind_named
from reconciler.model.address import Address
from reconciler.model.ledger import Ledger
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.manifest import Choice, Declared, Omission, Written
from reconciler.model.policy import Policy
from reconciler.model.values import Plain, Scalar

Accepts = Callable[[str, str, Scalar], bool]
"""Tell whether a manifest of a kind can hold a value in a field: what a server sends may be outside of every rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The target, the ledger, what Git declares, what was chosen of it all, and what everything is called."""

    live: LiveInventory
    ledger: Ledger
    policy: Policy
    declared: Declared
    choice: Choice
    accepts: Accepts
    zone: tzinfo
    names: Mapping[tuple[str, int], Address]
    chosen: tuple[LiveObject, ...]
    documented: frozenset[tuple[str, int]]
    """The live objects that have a document once the export is written, by kind and Id."""

    links: Mapping[tuple[str, int], Mapping[int, Plain]]
    """What the ledger knows to hold: members with their values, by relation and subject."""

    owners: Mapping[tuple[str, str], Address]
    """The Membership documents that the ledger remembers, by relation and subject."""

    taken: set[Address]
    omissions: list[Omission] = field(default_factory=list)
    unreadable: dict[tuple[str, str], int] = field(default_factory=dict)
    used_names: dict[str, dict[str, int]] = field(default_factory=dict)

    def address(self, live: LiveObject) -> Address:
        """Return what an object is called in Git."""
        return self.names[live.kind, live.id]

    def omit(self, what: str, reason: str) -> None:
        """Note what no document holds."""
        self.omissions.append(Omission(what=what, reason=reason))

    def catalogued(self, group: str, number: int) -> str | int:
        """Return the name that a catalog has for an Id, and note that it is used; the Id itself where none has."""
        name = self.declared.catalogs.get(group, {}).get(number)
        if name is None:
            return number
        self.used_names.setdefault(group, {})[name] = number
        return name

    def leave_open(self, kind: str, field_name: str) -> None:
        """Count a field that was left as a stub."""
        self.unreadable[kind, field_name] = self.unreadable.get((kind, field_name), 0) + 1

    def activity(self, live: LiveObject) -> bool | None:
        """Return whether an object is in use: as sent, else as recorded; None if nobody knows."""
        return activity(live, self.ledger)

    def refer(self, kind: str, object_id: int) -> Written:
        """
        Return a reference to a live object: by its document's key, by its name if it is the only one of it, by its Id.

        None when the target has no such object.
        """
        if (kind, object_id) in self.documented:
            return self.names[kind, object_id].name
        found = self.live.get(kind, object_id)
        if found is None:
            return None
        if len(self.live.ids_named(kind, found.natural_key)) == 1 and self.can_name(found):
            return {"name": found.natural_key}
        return {"id": object_id}

    def can_name(self, live: LiveObject) -> bool:
        """Return whether a manifest can hold an object's natural key."""
        return self.accepts(live.kind, kind_named(live.kind).natural_key, live.natural_key)


def known_links(ledger: Ledger) -> Mapping[tuple[str, int], Mapping[int, Plain]]:
    """Return the associations that the ledger knows to hold, by relation and subject."""
    links: dict[tuple[str, int], dict[int, Plain]] = {}
    for link, fact in ledger.links.items():
        if fact.value:
            links.setdefault((link.relation, link.subject), {})[link.member] = fact.value
    return links


def known_owners(ledger: Ledger) -> Mapping[tuple[str, str], Address]:
    """Return the Membership documents that the ledger remembers, by relation and subject."""
    return {pair: Address.parse(name) for name, known in sorted(ledger.memberships.items()) for pair in known.owned}


def activity(live: LiveObject, ledger: Ledger) -> bool | None:
    """Return whether an object is in use as far as anyone knows."""
    sent = read_active(live.entity)
    if sent is not None:
        return sent
    recorded = ledger.is_active(live.kind, live.id).value
    return recorded if isinstance(recorded, bool) else None
