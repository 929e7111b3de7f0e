"""Random contact centres, small enough that everything meets everything."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from reconciler.model.address import Address, Reference
from reconciler.model.desired import (
    DesiredInventory,
    DesiredMembership,
    DesiredObject,
    Lifecycle,
    Member,
    OnRemoval,
    PasswordMethod,
    PasswordSource,
)
from reconciler.model.problem import Place
from reconciler.model.values import Scalar

CAMPAIGNS, LISTS, TEAMS, USERS, SKILLS = (
    ("spring", "autumn"),
    ("new", "lapsed"),
    ("north", "south"),
    ("jane", "sam"),
    (12,),
)

TEXTS = st.sampled_from(["", "plain", "Größe ‮ 'x' <b>|`{List/new}"])


@dataclass(frozen=True, kw_only=True, repr=False)
class Site:
    """What Git asks for, as a value that shrinks well."""

    objects: dict[Address, DesiredObject]
    memberships: tuple[DesiredMembership, ...]

    def __repr__(self) -> str:
        objects = [
            f"{item.address} active={item.active} { ({name: str(value) for name, value in item.fields.items()}) }"
            for item in self.objects.values()
        ]
        lists = [
            f"{item.address} {item.relation} {item.subject}: {[str(member.reference) for member in item.members]}"
            for item in self.memberships
        ]
        return "; ".join([*objects, *lists])

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """Show a failing example in a few lines."""
        printer.text(repr(self))

    @property
    def desired(self) -> DesiredInventory:
        """Return it as the planner wants it."""
        return DesiredInventory(objects=dict(sorted(self.objects.items())), memberships=self.memberships)


@st.composite
def sites(draw: st.DrawFn) -> Site:
    """Draw a site: any objects, fields that have a say, references and memberships among those that are there."""
    present = {
        "List": draw(_some(LISTS)),
        "Team": draw(_some(TEAMS)),
        "User": draw(_some(USERS)),
        "Campaign": draw(_some(CAMPAIGNS, minimum=1)),
    }
    home = {login: draw(st.sampled_from([None, *present["Team"]])) for login in present["User"]}
    declared = {login: draw(st.booleans()) for login in present["User"]}
    objects = [draw(_campaign(name, present)) for name in present["Campaign"]]
    objects += [draw(_list(name)) for name in present["List"]]
    objects += [draw(_team(name, present)) for name in present["Team"]]
    objects += [draw(_user(login, home[login] if declared[login] else None)) for login in present["User"]]
    memberships = draw(_memberships(present, home))
    return Site(objects={item.address: item for item in objects}, memberships=tuple(memberships))


def _some(names: tuple[str, ...], *, minimum: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, min_size=minimum).map(sorted)


RENAMED = ("autumn", "lapsed")
"""Documents whose objects get other names; those that a tenant may have had before keep theirs."""


def _names(key: str) -> list[str]:
    return [key, f"{key}, renamed"] if key in RENAMED else [key]


def _maybe(fields: dict[str, st.SearchStrategy[object]]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=fields)


def _document(
    kind: str, name: str, key_field: str, key: str, fields: dict[str, object], **more: object
) -> DesiredObject:
    values: dict[str, Scalar | Reference] = {key_field: key, **fields}  # type: ignore[dict-item]
    return DesiredObject(
        address=Address(kind, name),
        natural_key=key,
        fields=values,
        place=Place(f"{kind}/{name}.yaml", 1, 1),
        **more,  # type: ignore[arg-type]
    )


@st.composite
def _campaign(draw: st.DrawFn, name: str, present: dict[str, list[str]]) -> DesiredObject:
    fields: dict[str, st.SearchStrategy[object]] = {
        "description": TEXTS,
        "targetDropPercent": st.sampled_from([Decimal("0"), Decimal("2.5"), Decimal("3")]),
        "isBlended": st.booleans(),
    }
    if present["List"]:
        fields["defaultList"] = st.sampled_from(present["List"]).map(lambda key: Reference(kind="List", key=key))
    values = draw(_maybe(fields))
    values["type"] = draw(st.sampled_from([0, 3, 6]))
    if values["type"] == 3 and draw(st.booleans()):
        values["maxLines"] = draw(st.sampled_from([5, 20]))
    active = draw(st.sampled_from([None, True, False]))
    statuses = [0] if active is False else [0, 1, 2]
    if active is False or (active and draw(st.booleans())):
        values["status"] = draw(st.sampled_from(statuses))
    key = draw(st.sampled_from(_names(name)))
    return _document("Campaign", name, "campaignName", key, values, active=active, lifecycle=draw(_lifecycle()))


@st.composite
def _list(draw: st.DrawFn, name: str) -> DesiredObject:
    values = draw(
        _maybe(
            {
                "description": TEXTS,
                "fetchWeight": st.integers(0, 10),
                "useMaxCallbackDays": st.booleans(),
                "maxCallbackDate": st.sampled_from(["2026-05-05T16:30:00Z", "2027-01-01T00:00:00Z"]),
            }
        )
    )
    key = draw(st.sampled_from(_names(name)))
    active = draw(st.sampled_from([None, True, False]))
    return _document("List", name, "listName", key, values, active=active, lifecycle=draw(_lifecycle()))


@st.composite
def _team(draw: st.DrawFn, name: str, present: dict[str, list[str]]) -> DesiredObject:
    fields: dict[str, st.SearchStrategy[object]] = {"serviceTime": st.integers(0, 3)}
    if present["User"]:
        keys = st.sampled_from(present["User"])
        fields["primarySupervisor"] = keys.map(lambda key: Reference(kind="User", key=key))
    active = draw(st.sampled_from([None, True]))
    return _document("Team", name, "teamName", name, draw(_maybe(fields)), active=active, lifecycle=draw(_lifecycle()))


@st.composite
def _user(draw: st.DrawFn, login: str, team: str | None) -> DesiredObject:
    values: dict[str, object] = {"firstName": draw(st.sampled_from(["Ann", "Bo"])), "lastName": "Lee", "rolePlanId": 2}
    values |= draw(_maybe({"extension": TEXTS, "useRTC": st.booleans()}))
    if team is not None:
        values["team"] = Reference(kind="Team", key=team)
    source = PasswordSource(
        method=PasswordMethod.ENVIRONMENT,
        argument=(login.upper(),),
        rotation=draw(st.sampled_from([None, 1, 2])),
    )
    active = draw(st.sampled_from([None, True, False]))
    lifecycle = draw(_lifecycle())
    return _document("User", login, "login", login, values, active=active, password=source, lifecycle=lifecycle)


def _lifecycle() -> st.SearchStrategy[Lifecycle]:
    return st.sampled_from(
        [Lifecycle(), Lifecycle(on_removal=OnRemoval.DEACTIVATE), Lifecycle(operational=frozenset())]
    )


@st.composite
def _memberships(
    draw: st.DrawFn, present: dict[str, list[str]], home: dict[str, str | None]
) -> list[DesiredMembership]:
    documents = []
    for campaign in present["Campaign"]:
        for relation, kind in (("campaign-list", "List"), ("campaign-team", "Team")):
            if draw(st.booleans()):
                members = draw(_some(tuple(present[kind]))) if present[kind] else []
                documents.append(_listing(f"{campaign}-dialling", relation, ("Campaign", campaign), kind, members))
    for team in present["Team"]:
        if draw(st.booleans()):
            members = [login for login in present["User"] if home[login] == team]
            documents.append(_listing(f"{team}-agents", "team-user", ("Team", team), "User", members))
    for skill in SKILLS:
        if draw(st.booleans()):
            place = Place("Membership/skills.yaml", 1, 1)
            logins = draw(_some(tuple(present["User"]))) if present["User"] else []
            documents.append(
                DesiredMembership(
                    address=Address("Membership", f"skill-{skill}"),
                    relation="skill-user",
                    subject=Reference(kind="Skill", id=skill),
                    members=tuple(
                        Member(
                            reference=Reference(kind="User", key=login),
                            place=place,
                            proficiency=draw(st.integers(1, 3)),
                        )
                        for login in logins
                    ),
                    place=place,
                )
            )
    return documents


def _listing(name: str, relation: str, subject: tuple[str, str], kind: str, members: list[str]) -> DesiredMembership:
    place = Place(f"Membership/{name}.yaml", 1, 1)
    return DesiredMembership(
        address=Address("Membership", name),
        relation=relation,
        subject=Reference(kind=subject[0], key=subject[1]),
        members=tuple(Member(reference=Reference(kind=kind, key=member), place=place) for member in members),
        place=place,
        lifecycle=Lifecycle(on_removal=OnRemoval.DEACTIVATE),
    )
