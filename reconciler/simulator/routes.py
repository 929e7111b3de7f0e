"""Every method of the API document: its verb, its path in exactly that spelling, and what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reconciler.simulator import campaigns, links, objects, skills
from reconciler.simulator.answers import Data, Narrow, Objects
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.bodies import required_flag, required_int, required_ints
from reconciler.simulator.fields import CAMPAIGN_STATUSES, CAMPAIGN_TYPES, Kind
from reconciler.simulator.refusal import invalid
from reconciler.simulator.skills import SkillOutcome
from reconciler.simulator.world import Relation, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose route is known: `identity` is the Id in the path (0: none)."""

    world: World
    behaviour: Behaviour
    identity: int
    body: dict[str, object]


Handler = Callable[[Call], Data | SkillOutcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method of the document; `{id}` in the path stands for an int."""

    method: str
    path: str
    title: str
    handler: Handler


def _collection(kind: Kind) -> Handler:
    return lambda call: Objects(kind=kind, rows=tuple(objects.collection(call.world, call.behaviour, kind)), many=True)


def _get(kind: Kind) -> Handler:
    return lambda call: Objects(kind=kind, rows=(objects.find(call.world, kind, call.identity),))


def _create(kind: Kind) -> Handler:
    return lambda call: Objects(kind=kind, rows=(objects.create(call.world, call.behaviour, kind, call.body),))


def _update(kind: Kind) -> Handler:
    return lambda call: Objects(
        kind=kind, rows=(objects.update(call.world, call.behaviour, kind, call.identity, call.body),)
    )


def _activity(kind: Kind) -> Handler:
    def handler(call: Call) -> Data:
        active = required_flag(call.body, "Active")
        row = objects.set_activity(call.world, call.behaviour, kind, call.identity, active=active)
        if kind in (Kind.CAMPAIGNS, Kind.USERS):
            return Objects(kind=kind, rows=(row,))
        return Narrow(name="Active", value=active)

    return handler


def _status(call: Call) -> Data:
    row = objects.find(call.world, Kind.CAMPAIGNS, call.identity)
    code = campaigns.set_status(call.world, call.behaviour, row, call.body.get("CampaignStatus"))
    return _code(call.behaviour, "CampaignStatus", CAMPAIGN_STATUSES, code)


def _type(call: Call) -> Data:
    row = objects.find(call.world, Kind.CAMPAIGNS, call.identity)
    code = campaigns.set_type(call.world, call.behaviour, row, call.body.get("CampaignType"))
    return _code(call.behaviour, "CampaignType", CAMPAIGN_TYPES, code)


def _code(behaviour: Behaviour, name: str, names: tuple[str, ...], code: int) -> Narrow:
    named = behaviour.code_answers == "name" and code < len(names)
    return Narrow(name=name, value=names[code] if named else code)


def _associate(relation: Relation, member: str) -> Handler:
    def handler(call: Call) -> None:
        links.associate(call.world, call.behaviour, relation, call.identity, required_int(call.body, member))

    return handler


def _disassociate(relation: Relation, member: str) -> Handler:
    def handler(call: Call) -> None:
        links.disassociate(call.world, call.behaviour, relation, call.identity, required_int(call.body, member))

    return handler


def _associate_skill(call: Call) -> SkillOutcome:
    return skills.associate_skill(
        call.world,
        call.behaviour,
        skill=required_int(call.body, "SkillId"),
        proficiency=required_int(call.body, "Proficiency"),
        users=required_ints(call.body, "UserIds"),
    )


def _disassociate_skill(call: Call) -> SkillOutcome:
    return skills.disassociate_skill(
        call.world,
        call.behaviour,
        skill=required_int(call.body, "SkillId"),
        users=required_ints(call.body, "UserIds"),
    )


def _emergency(enabled: bool) -> Handler:
    def handler(call: Call) -> None:
        campaigns.set_emergency(call.world, call.behaviour, enabled=enabled)

    return handler


def _entity_routes(kind: Kind) -> tuple[Route, ...]:
    path = f"/management/{kind}"
    return (
        Route(method="GET", path=path, title=f"Get {kind.entity}s", handler=_collection(kind)),
        Route(method="GET", path=f"{path}/{{id}}", title=f"Get {kind.entity}", handler=_get(kind)),
        Route(method="POST", path=path, title=f"Create {kind.entity}", handler=_create(kind)),
        Route(method="PUT", path=f"{path}/{{id}}", title=f"Update {kind.entity}", handler=_update(kind)),
    )


def _route(method: str, path: str, title: str, handler: Handler) -> Route:
    return Route(method=method, path=f"/management/{path}", title=title, handler=handler)


_LISTS = _associate(Relation.CAMPAIGN_LISTS, "ListId"), _disassociate(Relation.CAMPAIGN_LISTS, "ListId")
_TEAMS = _associate(Relation.CAMPAIGN_TEAMS, "TeamId"), _disassociate(Relation.CAMPAIGN_TEAMS, "TeamId")
_USERS = _associate(Relation.TEAM_USERS, "UserId"), _disassociate(Relation.TEAM_USERS, "UserId")

ROUTES: tuple[Route, ...] = (
    *(route for kind in Kind for route in _entity_routes(kind)),
    # The four activity endpoints differ in verb and in one capital letter, as the document has them.
    _route("PATCH", "campaigns/{id}/activityStatus", "Update Activity Status", _activity(Kind.CAMPAIGNS)),
    _route("PUT", "lists/{id}/activitystatus", "Update List Activity Status", _activity(Kind.LISTS)),
    _route("PUT", "teams/{id}/activitystatus", "Update Team Activity Status", _activity(Kind.TEAMS)),
    _route("PATCH", "users/{id}/activitystatus", "Update User Activity Status", _activity(Kind.USERS)),
    _route("PATCH", "campaigns/{id}/status", "Update Campaign Status", _status),
    _route("PATCH", "campaigns/{id}/type", "Update Campaign Type", _type),
    _route("PUT", "campaigns/{id}/lists", "Associate List with Campaign", _LISTS[0]),
    _route("DELETE", "campaigns/{id}/lists", "Disassociate List from Campaign", _LISTS[1]),
    _route("PUT", "campaigns/{id}/teams", "Associate Team with Campaign", _TEAMS[0]),
    _route("DELETE", "campaigns/{id}/teams", "Disassociate Team from Campaign", _TEAMS[1]),
    _route("PUT", "teams/{id}/users", "Associate User with Team", _USERS[0]),
    _route("DELETE", "teams/{id}/users", "Disassociate User from Team", _USERS[1]),
    _route("PUT", "users/skills", "Associate Skills with Users", _associate_skill),
    _route("DELETE", "users/skills", "Disassociate Skills from Users", _disassociate_skill),
    _route("POST", "globalemergency/enable", "Enable", _emergency(True)),
    _route("POST", "globalemergency/disable", "Disable", _emergency(False)),
)
_BY_SHAPE = {(route.method, route.path): route for route in ROUTES}
_PATHS = {route.path for route in ROUTES}


def match(method: str, path: str) -> tuple[Route, int] | int:
    """
    Find the route of a request and the Id in its path (0: none), or the HTTP status that says there is none.

    Raises Refused where the document wants an int in the path and something else stands there.
    """
    literal = _BY_SHAPE.get((method, path))
    if literal is not None and "{" not in path:
        return literal, 0
    parts = path.split("/")
    if path in _PATHS or len(parts) < 4 or not parts[3]:
        return 405 if path in _PATHS else 404
    shape = "/".join([*parts[:3], "{id}", *parts[4:]])
    route = _BY_SHAPE.get((method, shape))
    if route is None:
        return 405 if shape in _PATHS else 404
    if not (parts[3].isascii() and parts[3].isdigit() and len(parts[3]) < 11):
        raise invalid(f"{parts[3]!r} in the path is not an int")
    return route, int(parts[3])
