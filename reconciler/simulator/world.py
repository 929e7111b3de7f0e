"""
The contact centre itself: objects, links, skills, emergency, accounts and tokens.

Nothing here speaks HTTP or knows a `Behaviour`: these are the tables. The rules stand in `objects.py`,
`campaigns.py`, `links.py` and `skills.py`; the form in which a world is kept and inspected, in `snapshot.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.simulator.fields import NAMES, Kind, Row, Value, blank, by_name

VENDOR_LOGIN = "MaxSupport"
DEFAULT_LOGIN = "simulator"
DEFAULT_PASSWORD = "simulator"


class Relation(StrEnum):
    """What is linked to what; the first Id of a pair is the subject's, the second the member's."""

    CAMPAIGN_LISTS = "campaignLists"
    CAMPAIGN_TEAMS = "campaignTeams"
    TEAM_USERS = "teamUsers"


ENDS: dict[Relation, tuple[Kind, Kind]] = {
    Relation.CAMPAIGN_LISTS: (Kind.CAMPAIGNS, Kind.LISTS),
    Relation.CAMPAIGN_TEAMS: (Kind.CAMPAIGNS, Kind.TEAMS),
    Relation.TEAM_USERS: (Kind.TEAMS, Kind.USERS),
}


@dataclass(slots=True)
class Account:
    """Somebody who may use the API, and how often in a row they got the password wrong."""

    password: str
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A key that opens the management API until `expires` (seconds since 1970)."""

    login: str
    expires: float


def _no_objects() -> dict[Kind, dict[int, Row]]:
    return {kind: {} for kind in Kind}


def _no_links() -> dict[Relation, set[tuple[int, int]]]:
    return {relation: set() for relation in Relation}


@dataclass(slots=True)
class World:
    """
    All that the server remembers. `revision` goes up at every change, so that a store knows when to write.

    `Active` stands in every row, although the document shows it for campaigns only. `skills` holds
    (skill, user) -> proficiency; `known_skills` the skills that exist (empty: any positive Id does).
    `passwords` and `password_writes` are there for tests: the API never shows either. `stopped` remembers the
    statuses that an emergency ended.
    """

    objects: dict[Kind, dict[int, Row]] = field(default_factory=_no_objects)
    links: dict[Relation, set[tuple[int, int]]] = field(default_factory=_no_links)
    skills: dict[tuple[int, int], int] = field(default_factory=dict)
    known_skills: set[int] = field(default_factory=set)
    emergency: bool = False
    stopped: dict[int, int] = field(default_factory=dict)
    passwords: dict[int, str] = field(default_factory=dict)
    password_writes: dict[int, int] = field(default_factory=dict)
    last_ids: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(Kind, 0))
    accounts: dict[str, Account] = field(default_factory=lambda: {DEFAULT_LOGIN: Account(DEFAULT_PASSWORD)})
    tokens: dict[str, Token] = field(default_factory=dict)
    revision: int = 0

    def changed(self) -> None:
        """Note that something changed."""
        self.revision += 1

    def next_id(self, kind: Kind, *, first: int = 1, shared: bool = False) -> int:
        """Take the next free Id of a kind: never one that was used before, even by an object that is gone."""
        last = max(self.last_ids.values()) if shared else self.last_ids[kind]
        return max(first, last + 1)

    def put(self, kind: Kind, row: Row) -> None:
        """Keep a row under its Id."""
        identity = _int(row["Id"])
        self.objects[kind][identity] = row
        self.last_ids[kind] = max(self.last_ids[kind], identity)
        self.changed()

    def add(self, kind: Kind | str, **given: Value) -> int:
        """
        Add an object as it stands, for seeds and tests: no rule is checked, and two may share a name.

        An `Id` may be given. Absent fields get their defaults, `Active` is true, a `Password` is kept apart.
        Returns the Id.
        """
        kind = Kind(kind)
        password = given.pop("Password", None)
        self._check_names(kind, given)
        row = blank(kind) | {"Active": True, "Id": self.next_id(kind)} | given
        identity = _int(row["Id"])
        self.put(kind, row)
        if isinstance(password, str):
            self.set_password(identity, password)
        if kind is Kind.USERS and row["TeamId"]:
            self.link(Relation.TEAM_USERS, _int(row["TeamId"]), identity)
        return identity

    def edit(self, kind: Kind | str, identity: int, **given: Value) -> None:
        """Change fields of an object by hand, as a floor manager would in the portal; no rule is checked."""
        kind = Kind(kind)
        self._check_names(kind, given)
        self.objects[kind][identity].update(given)
        if kind is Kind.USERS and given.get("TeamId"):
            self.links[Relation.TEAM_USERS].add((_int(given["TeamId"]), identity))
        self.changed()

    def remove(self, kind: Kind | str, identity: int) -> None:
        """Take an object out, with its links and skills: what no API call does, but a vendor's engineer could."""
        kind = Kind(kind)
        del self.objects[kind][identity]
        for relation, ends in ENDS.items():
            self.links[relation] = {
                pair
                for pair in self.links[relation]
                if not any(end is kind and each == identity for end, each in zip(ends, pair, strict=True))
            }
        if kind is Kind.USERS:
            self.skills = {pair: value for pair, value in self.skills.items() if pair[1] != identity}
            self.passwords.pop(identity, None)
        self.changed()

    def link(self, relation: Relation | str, subject: int, member: int) -> None:
        """Associate two objects, whatever was there."""
        self.links[Relation(relation)].add((subject, member))
        self.changed()

    def unlink(self, relation: Relation | str, subject: int, member: int) -> None:
        """Disassociate two objects, whatever was there."""
        self.links[Relation(relation)].discard((subject, member))
        self.changed()

    def set_skill(self, skill: int, user: int, proficiency: int | None) -> None:
        """Give a user a skill, or (None) take it away."""
        if proficiency is None:
            self.skills.pop((skill, user), None)
        else:
            self.skills[skill, user] = proficiency
        self.changed()

    def set_password(self, user: int, password: str) -> None:
        """Keep a user's password, and count that it was set."""
        self.passwords[user] = password
        self.password_writes[user] = self.password_writes.get(user, 0) + 1
        self.changed()

    def named(self, kind: Kind | str, name: str) -> list[Row]:
        """Find the objects of that natural key, case ignored as the database does, in the order of their Ids."""
        kind = Kind(kind)
        key = NAMES[kind]
        wanted = name.casefold()
        rows = self.objects[kind]
        return [
            rows[each]
            for each in sorted(each for each, row in rows.items() if str(row[key] or "").casefold() == wanted)
        ]

    @staticmethod
    def _check_names(kind: Kind, given: dict[str, Value]) -> None:
        unknown = sorted(set(given) - set(by_name(kind)))
        if unknown:
            raise ValueError(f"a {kind.entity} has no {', '.join(unknown)}; it has {', '.join(by_name(kind))}")


def _int(value: Value) -> int:
    assert isinstance(value, int)
    return value


def new_world() -> World:
    """Make a tenant as it is handed over: the vendor's own user, and one API account."""
    world = World()
    world.add(Kind.USERS, FirstName="Max", LastName="Support", Login=VENDOR_LOGIN)
    return world
