"""Short builders for planning cases: a document, a live object, a ledger, and the plan that follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.kinds.codec import live_inventory, live_object
from reconciler.kinds.registry import kind_named
from reconciler.model.address import Address, Reference
from reconciler.model.desired import (
    DesiredInventory,
    DesiredMembership,
    DesiredObject,
    Lifecycle,
    Member,
    Mode,
    PasswordMethod,
    PasswordSource,
)
from reconciler.model.knowledge import Fact, Knowledge
from reconciler.model.ledger import Flag, Ledger, LedgerObject, Link
from reconciler.model.live import LiveInventory, LiveObject
from reconciler.model.plan import Plan
from reconciler.model.policy import Policy
from reconciler.model.problem import Place
from reconciler.planner import make_plan

WHEN = "2026-01-05T09:00:00Z"
PASSWORD = PasswordSource(method=PasswordMethod.ENVIRONMENT, argument=("SOME_PASSWORD",))


def document(
    kind: str,
    name: str,
    *,
    key: str | None = None,
    remote_id: int | None = None,
    active: bool | None = None,
    password: PasswordSource | None = None,
    labels: Mapping[str, str] | None = None,
    lifecycle: Lifecycle | None = None,
    **fields: Any,
) -> DesiredObject:
    """Return a document; references are given as `Reference`, the natural key defaults to the name."""
    spec = kind_named(kind)
    natural_key = key if key is not None else name
    return DesiredObject(
        address=Address(kind, name),
        natural_key=natural_key,
        fields={spec.natural_key: natural_key, **fields},
        place=Place(f"{spec.plural}/{name}.yaml", 1, 1),
        remote_id=remote_id,
        active=active,
        password=password,
        labels=labels or {},
        lifecycle=lifecycle or Lifecycle(),
    )


def user(name: str, **more: Any) -> DesiredObject:
    """Return a user's document with all that a create needs."""
    fields: dict[str, Any] = {"firstName": "Some", "lastName": "One", "rolePlanId": 2, "password": PASSWORD}
    return document("User", name, **(fields | more))


def campaign(name: str, **more: Any) -> DesiredObject:
    """Return a campaign's document with all that a create needs."""
    return document("Campaign", name, **({"type": 0} | more))


def key(kind: str, name: str) -> Reference:
    """Return a reference to a document."""
    return Reference(kind=kind, key=name)


def membership(
    name: str,
    relation: str,
    subject: Reference,
    *members: Reference | tuple[Reference, int],
    mode: Mode = Mode.AUTHORITATIVE,
    lifecycle: Lifecycle | None = None,
) -> DesiredMembership:
    """Return one relation of a Membership document; a skill's member comes with a proficiency."""
    place = Place(f"memberships/{name}.yaml", 1, 1)
    listed = [item if isinstance(item, tuple) else (item, None) for item in members]
    return DesiredMembership(
        address=Address("Membership", name),
        relation=relation,
        subject=subject,
        members=tuple(Member(reference=ref, place=place, proficiency=skill) for ref, skill in listed),
        place=place,
        mode=mode,
        lifecycle=lifecycle or Lifecycle(),
    )


def git(*documents: DesiredObject | DesiredMembership) -> DesiredInventory:
    """Return what Git asks for."""
    objects = [item for item in documents if isinstance(item, DesiredObject)]
    return DesiredInventory(
        objects={item.address: item for item in sorted(objects, key=lambda item: item.address)},
        memberships=tuple(item for item in documents if isinstance(item, DesiredMembership)),
    )


def live_campaign(object_id: int, name: str, **more: Any) -> LiveObject:
    """Return a campaign as a target would send it."""
    entity = {"Id": object_id, "CampaignName": name, "Active": True, "Type": 0, "Status": 0, **more}
    return live_object(kind_named("Campaign"), entity)


def live_list(object_id: int, name: str, **more: Any) -> LiveObject:
    """Return a list as a target would send it."""
    return live_object(kind_named("List"), {"Id": object_id, "ListName": name, **more})


def live_team(object_id: int, name: str, **more: Any) -> LiveObject:
    """Return a team as a target would send it."""
    return live_object(kind_named("Team"), {"Id": object_id, "TenantId": 1, "TeamName": name, **more})


def live_user(object_id: int, login: str, **more: Any) -> LiveObject:
    """Return a user as a target would send it."""
    entity = {"Id": object_id, "Login": login, "FirstName": "Some", "LastName": "One", "RolePlanId": 2, "TeamId": 0}
    return live_object(kind_named("User"), entity | more)


def target(*objects: LiveObject) -> LiveInventory:
    """Return what the target says; the vendor's account is always there."""
    vendor = [] if any(item.natural_key == "MaxSupport" for item in objects) else [live_user(1, "MaxSupport")]
    return live_inventory([*objects, *vendor])


def record(object_id: int, name: str, **fields: Any) -> LedgerObject:
    """Return what was last applied to an object."""
    return LedgerObject(id=object_id, natural_key=name, fields=fields, at=WHEN)


def ledger(
    objects: Mapping[str, LedgerObject] | None = None,
    *,
    links: Mapping[tuple[str, int, int], Any] | None = None,
    activity: Mapping[tuple[str, int], bool] | None = None,
    **more: Any,
) -> Ledger:
    """Return a ledger: objects by `Kind/name`, links and activity as recorded facts."""
    return Ledger(
        lineage="lineage",
        objects={Address.parse(name): item for name, item in (objects or {}).items()},
        links={
            Link(*link): Fact(value=value, mark=Knowledge.RECORDED, at=WHEN) for link, value in (links or {}).items()
        },
        activity={Flag(*flag): _recorded(value) for flag, value in (activity or {}).items()},
        **more,
    )


def _recorded(value: Any) -> Fact:
    return Fact(value=value, mark=Knowledge.RECORDED, at=WHEN)


def plan(
    desired: DesiredInventory,
    live: LiveInventory | None = None,
    known: Ledger | None = None,
    policy: Policy | None = None,
) -> Plan:
    """Return the plan for one case."""
    return make_plan(
        desired=desired,
        live=live if live is not None else target(),
        ledger=known or ledger(),
        policy=policy or Policy(),
        target="test",
        url="simulator://",
    )


def ids(made: Plan) -> list[str]:
    """Return the plan's step ids in order."""
    return [step.id for step in made.steps]
