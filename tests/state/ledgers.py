"""Ledgers and events for the state tests: a small believable one, and any that Hypothesis can think of."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from reconciler.model.address import Address
from reconciler.model.desired import OnRemoval
from reconciler.model.knowledge import Knowledge
from reconciler.model.ledger import (
    Activated,
    Bound,
    Concluded,
    Custody,
    Emergency,
    EmergencySwitched,
    Event,
    Flag,
    Intended,
    Learned,
    LedgerMembership,
    Link,
    Linked,
    Moved,
    Owned,
    Released,
)

AT = "2026-03-02T09:00:00Z"
URL = "https://acme.example"
CAMPAIGN = Address("Campaign", "spring-renewals")
MEMBERS = Address("Membership", "spring-lists")

STORY: tuple[Event, ...] = (
    Intended(step="campaign/spring-renewals/create", action="create", address=CAMPAIGN, at=AT),
    Bound(
        address=CAMPAIGN,
        id=7,
        natural_key="Spring Renewals",
        fields={"campaignName": "Spring Renewals", "targetDropPercent": 2.5, "recordCalls": True, "endDate": None},
        at=AT,
        custody=Custody(labels={"team": "sales"}, protect=True, on_removal=OnRemoval.DEACTIVATE),
    ),
    Concluded(step="campaign/spring-renewals/create", status="done", at=AT),
    Owned(address=MEMBERS, membership=LedgerMembership(owned=(("campaign-list", str(CAMPAIGN)),))),
    Linked(
        links=(Link("campaign-list", 7, 3), Link("campaign-list", 7, 4)), value=True, mark=Knowledge.RECORDED, at=AT
    ),
    Activated(flag=Flag("Campaign", 7), value=True, mark=Knowledge.ASSUMED, at=AT, by="anna"),
    Learned(name="userTeams", value="one"),
    Bound(address=Address("List", "old"), id=3, natural_key="Old", fields={}, at=AT, rotation=None),
    Moved(before=Address("List", "old"), after=Address("List", "new")),
    Released(address=Address("List", "new")),
    EmergencySwitched(emergency=Emergency(enabled=True, at=AT, by="anna", reason="fire drill", statuses={7: 1})),
    Intended(
        step="link/last",
        action="associate",
        address=None,
        at=AT,
        links=(Link("campaign-list", 7, 4),),
        flags=(Flag("List", 4),),
    ),
)
"""What a short run records; it ends with a request whose outcome is unknown."""

# Any text at all, lone surrogates and terminal escapes too: names come from people and from the server.
texts = st.text(st.characters(), max_size=12) | st.sampled_from(
    ["\x1b[31m", "\x9b2J", "\u2028", "\u202e", "\ud800", ""]
)
kinds = st.sampled_from(["Campaign", "List", "Team", "User", "Membership"])
addresses = st.builds(Address, kinds, st.sampled_from(["a", "b", "c/d"]) | texts.filter(bool))
numbers = st.integers(-(2**70), 2**70)
plains = st.none() | st.booleans() | numbers | st.floats(allow_nan=False, allow_infinity=False) | texts
labels = st.dictionaries(texts, texts, max_size=3)
links = st.builds(Link, texts, st.integers(0, 9), st.integers(0, 9))
flags = st.builds(Flag, kinds, st.integers(0, 9))
custodies = st.builds(
    Custody, labels=labels, protect=st.booleans(), on_removal=st.none() | st.sampled_from(list(OnRemoval))
)
memberships = st.builds(
    LedgerMembership, owned=st.lists(st.tuples(texts, texts), max_size=3).map(tuple), custody=custodies
)
emergencies = st.builds(
    Emergency,
    enabled=st.booleans(),
    at=texts,
    by=texts,
    reason=texts,
    statuses=st.dictionaries(st.integers(), st.integers(), max_size=3),
)
steps = st.sampled_from(["one", "two", "three"])

events: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        Intended,
        step=steps,
        action=texts,
        address=st.none() | addresses,
        at=texts,
        links=st.lists(links, max_size=3).map(tuple),
        flags=st.lists(flags, max_size=3).map(tuple),
    ),
    st.builds(Concluded, step=steps, status=st.sampled_from(["done", "failed", "unknown"]), at=texts),
    st.builds(
        Bound,
        address=addresses,
        id=st.integers(0, 9),
        natural_key=texts,
        fields=st.dictionaries(texts, plains, max_size=4),
        at=texts,
        rotation=st.none() | st.integers(),
        custody=st.none() | custodies,
        dropped=st.lists(texts, max_size=2).map(tuple),
    ),
    st.builds(Released, address=addresses),
    st.builds(Owned, address=addresses, membership=memberships),
    st.builds(
        Linked,
        links=st.lists(links, max_size=3).map(tuple),
        value=plains,
        mark=st.sampled_from(Knowledge),
        at=texts,
        by=texts,
    ),
    st.builds(
        Activated,
        flag=flags,
        value=st.none() | st.booleans(),
        mark=st.sampled_from(Knowledge),
        at=texts,
        by=texts,
    ),
    st.builds(Learned, name=texts, value=texts),
    st.builds(EmergencySwitched, emergency=st.none() | emergencies),
    st.builds(Moved, before=addresses, after=addresses),
)
histories = st.lists(events, max_size=12).map(tuple)


def names(directory: Path) -> list[str]:
    """Return what is in a directory, but for the folders of former versions and of the change record."""
    return sorted(path.name for path in directory.iterdir() if path.suffix not in (".history", ".log"))
