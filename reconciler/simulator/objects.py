"""Reading, creating and updating the four entities, and their activity (API document: the sections of each kind)."""

from __future__ import annotations

from collections.abc import Mapping

from reconciler.simulator import campaigns
from reconciler.simulator.behaviour import PLAIN, Behaviour
from reconciler.simulator.fields import ENTITIES, NAMES, Field, Kind, Row, Sort, blank
from reconciler.simulator.links import place_user
from reconciler.simulator.refusal import Refused, invalid
from reconciler.simulator.values import read_value
from reconciler.simulator.world import Relation, World

_NEVER_TAKEN = ("Id", "TenantId")
_OWN_ENDPOINT = ("Active", "Status", "Type")


def find(world: World, kind: Kind, identity: int) -> Row:
    """Look an object up. Raises Refused when there is none."""
    try:
        return world.objects[kind][identity]
    except KeyError:
        raise Refused(f"{kind.entity} {identity} does not exist", missing=True) from None


def collection(world: World, behaviour: Behaviour, kind: Kind) -> list[Row]:
    """List all the objects of a kind, in the server's order."""
    rows = world.objects[kind]
    ordered = sorted(rows, reverse=behaviour.collection_order == "newest")
    return [rows[each] for each in ordered if behaviour.inactive_listed or rows[each]["Active"]]


def create(world: World, behaviour: Behaviour, kind: Kind, body: Mapping[str, object]) -> Row:
    """Create an object (POST). Raises Refused, having changed nothing."""
    given = _read(behaviour, kind, body)
    password = _password(kind, body)
    if kind is Kind.USERS and not password:
        raise invalid("Password is required")
    row = blank(kind) | {name: value for name, value in given.items() if name not in (*_OWN_ENDPOINT, *_NEVER_TAKEN)}
    row["Active"] = behaviour.new_active
    if behaviour.post_honours_active:
        row["Active"] = given.get("Active", behaviour.new_active)
    if kind is Kind.CAMPAIGNS:
        row["Type"] = given.get("Type", 0)
        if behaviour.post_honours_status:
            row["Status"] = given.get("Status", 0)
        campaigns.check_running(world, behaviour, row)
        campaigns.drop_fields(behaviour, row, blank(kind))
    _check(world, behaviour, kind, row, blank(kind))
    row["Id"] = world.next_id(kind, first=behaviour.first_id, shared=behaviour.ids == "shared")
    _keep(world, behaviour, kind, row, blank(kind))
    if password:
        world.set_password(_identity(row), password)
    return row


def update(world: World, behaviour: Behaviour, kind: Kind, identity: int, body: Mapping[str, object]) -> Row:
    """Replace an object (PUT). Raises Refused, having changed nothing."""
    before = find(world, kind, identity)
    given = _read(behaviour, kind, body)
    password = _password(kind, body)
    if kind is Kind.USERS and behaviour.user_put_needs_password and not password:
        raise invalid("Password is required")
    row = _merged(behaviour, kind, before, given)
    if kind is Kind.CAMPAIGNS:
        if row["Type"] != before["Type"]:
            campaigns.check_type_change(behaviour, before)
        if before["Active"] and not row["Active"]:
            campaigns.stop_when_deactivated(behaviour, row)
        if (row["Active"], row["Status"]) != (before["Active"], before["Status"]):
            campaigns.check_running(world, behaviour, row, before=before)
        campaigns.drop_fields(behaviour, row, before)
    _check(world, behaviour, kind, row, before)
    _keep(world, behaviour, kind, row, before)
    if password:
        world.set_password(identity, password)
    return row


def set_activity(world: World, behaviour: Behaviour, kind: Kind, identity: int, *, active: bool) -> Row:
    """Activate or deactivate an object. Raises Refused."""
    row = find(world, kind, identity)
    if row["Active"] is active and behaviour.set_same_activity == "refused":
        raise Refused(f"{kind.entity} {identity} is {'active' if active else 'inactive'} already")
    changed = row | {"Active": active}
    if kind is Kind.CAMPAIGNS and not active:
        campaigns.stop_when_deactivated(behaviour, changed)
    world.put(kind, changed)
    return changed


def _read(behaviour: Behaviour, kind: Kind, body: Mapping[str, object]) -> Row:
    """Take the properties that the server knows out of a body; the rest is ignored, as servers do, or refused."""
    known = {field.name: field for field in ENTITIES[kind] if _takes(behaviour, kind, field)}
    camel = {camel_case(name): name for name in known} if behaviour.property_case == "camel" else {}
    given: Row = {}
    for written, raw in body.items():
        name = camel.get(written, written)
        if name in known:
            given[name] = read_value(known[name], raw, behaviour)
        elif behaviour.unknown_fields == "refused" and not (kind is Kind.USERS and _is_password(written)):
            raise invalid(f"a {kind.entity} has no property {written}")
    return given


def _takes(behaviour: Behaviour, kind: Kind, field: Field) -> bool:
    if field.beyond == "activity":
        return behaviour.activity_in_entities
    return behaviour.extra_fields if field.beyond else True


def _merged(behaviour: Behaviour, kind: Kind, before: Row, given: Row) -> Row:
    """Lay a PUT over the object as it was, or over a blank one where omitted fields are reset."""
    kept = list(_NEVER_TAKEN)
    if not behaviour.put_honours_active or (kind is not Kind.CAMPAIGNS and "Active" not in given):
        kept.append("Active")
    if not behaviour.put_honours_status:
        kept.append("Status")
    if not behaviour.put_honours_type:
        kept.append("Type")
    if "UseMaxCallbackDays" not in given:
        kept.append("UseMaxCallbackDays")
    if not behaviour.extra_fields:
        kept.extend(field.name for field in ENTITIES[kind] if field.beyond == "extra")
    base = blank(kind) if behaviour.put_resets_omitted else dict(before)
    return base | given | {name: before[name] for name in kept if name in before}


def _check(world: World, behaviour: Behaviour, kind: Kind, row: Row, before: Row) -> None:
    """Refuse missing names, names that are taken, and references to nothing."""
    for field in ENTITIES[kind]:
        value = row[field.name]
        if field.required and not (isinstance(value, str) and value.strip()):
            raise invalid(f"{field.name} is required")
        if field.refers and behaviour.references_checked and value and value != before[field.name]:
            _check_reference(world, field.refers, field, value)
    rule = behaviour.duplicate_logins if kind is Kind.USERS else behaviour.duplicate_names
    name = str(row[NAMES[kind]])
    if rule == "refused" and name.casefold() != str(before[NAMES[kind]]).casefold():
        taken = [other["Id"] for other in world.named(kind, name) if other["Id"] != row["Id"]]
        if taken:
            raise Refused(f"{NAMES[kind]} {name!r} is in use by {kind.entity} {taken[0]}")


def _check_reference(world: World, kind: Kind, field: Field, value: object) -> None:
    if value not in world.objects[kind]:
        raise Refused(f"{field.name}: {kind.entity} {value} does not exist")


def _keep(world: World, behaviour: Behaviour, kind: Kind, row: Row, before: Row) -> None:
    """Store a checked row with what follows from it: the default list's link, the primary team's."""
    world.put(kind, row)
    if kind is Kind.USERS:
        old, new = before["TeamId"], row["TeamId"]
        assert isinstance(old, int)
        assert isinstance(new, int)
        if old != new:
            place_user(world, behaviour, user=_identity(row), old=old, new=new)
    if kind is Kind.CAMPAIGNS and behaviour.default_list_associates and row["DefaultListId"]:
        default = row["DefaultListId"]
        assert isinstance(default, int)
        if default in world.objects[Kind.LISTS]:
            world.link(Relation.CAMPAIGN_LISTS, _identity(row), default)


def _password(kind: Kind, body: Mapping[str, object]) -> str:
    if kind is not Kind.USERS:
        return ""
    for name, raw in body.items():
        if _is_password(name):
            value = read_value(_PASSWORD, raw, PLAIN)
            return str(value or "")
    return ""


def _is_password(name: str) -> bool:
    return name in ("Password", "password")


_PASSWORD = Field(name="Password", sort=Sort.STRING)


def _identity(row: Row) -> int:
    identity = row["Id"]
    assert isinstance(identity, int)
    return identity


def camel_case(name: str) -> str:
    """Write a property as camel-casing serialisers do: `useRTC`, `ssoActive`, `campaignName`."""
    for position, letter in enumerate(name):
        following = name[position + 1 : position + 2]
        if letter.islower() or (position and following.islower()):
            return name[:position].lower() + name[position:]
    return name.lower()
