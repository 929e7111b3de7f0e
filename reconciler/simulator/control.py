"""
The control routes below /simulator, without a token: for tests and for whoever plays the floor manager.

    GET    /simulator/health      {"status": "ok"}
    GET    /simulator/world       the whole world, see `snapshot.show_world`; PUT replaces it
    PUT    /simulator/accounts    {"login": "password"}: who may use the API; their tokens end
    POST   /simulator/edit        one edit or an array of them, see `_EDITS`
    GET    /simulator/log         what was asked, oldest first; DELETE forgets it
    GET    /simulator/behaviour   the settings that differ from the default; PUT an object of settings, which may name a
                                  "variant" to start from
    GET    /simulator/faults      the rules; PUT an array of rules (counting starts anew), DELETE ends them
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from reconciler.errors import UsageError
from reconciler.simulator.answers import Json, Reply
from reconciler.simulator.behaviour import PLAIN, behaviour_settings, parse_behaviour
from reconciler.simulator.faults import Faults, parse_faults
from reconciler.simulator.fields import Kind
from reconciler.simulator.service import Service
from reconciler.simulator.snapshot import read_kept, read_world, show_world
from reconciler.simulator.variants import HARSH, VARIANTS
from reconciler.simulator.world import Account, Relation, World

CONTROL = "/simulator/"


def control(service: Service, method: str, path: str, body: bytes = b"") -> Reply:
    """Answer a control request: 400 with an `error` for what makes no sense, 404 for what is no control route."""
    handler = _ROUTES.get((method.upper(), path.removeprefix(CONTROL)))
    if handler is None:
        routes: list[Json] = [f"{verb} {CONTROL}{name}" for verb, name in _ROUTES]
        return _json(404, {"error": f"{method} {path} is no control route", "routes": routes})
    try:
        given = json.loads(body) if body else None
        return _json(200, handler(service, given))
    except UsageError as problem:
        return _json(400, {"error": problem.message, "hint": problem.hint})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as problem:
        return _json(400, {"error": f"cannot be done: {problem}"})


def _json(status: int, shown: Json) -> Reply:
    body = json.dumps(shown, ensure_ascii=True).encode()
    return Reply(status, {"Content-Type": "application/json", "Content-Length": str(len(body))}, body)


def _health(service: Service, given: Any) -> Json:
    return {"status": "ok"}


def _get_world(service: Service, given: Any) -> Json:
    with service.edit() as world:
        return show_world(world)


def _put_world(service: Service, given: Any) -> Json:
    world = read_world(given)
    with service.edit() as old:
        if "accounts" not in given:
            world.accounts, world.tokens = old.accounts, old.tokens
        service.replace_world(world)
        return show_world(world)


def _put_accounts(service: Service, given: Any) -> Json:
    accounts = {str(login): Account(str(password)) for login, password in dict(given).items()}
    with service.edit() as world:
        world.accounts, world.tokens = accounts, {}
        world.changed()
    return {"accounts": [*accounts]}


def _get_log(service: Service, given: Any) -> Json:
    return [
        {
            "at": request.at,
            "method": request.method,
            "path": request.path,
            "body": _plain(request.body),
            "status": request.status,
            "fault": request.fault,
            "processed": request.processed,
        }
        for request in service.log
    ]


def _plain(body: Mapping[str, object]) -> Json:
    """Turn what a request carried into JSON again; its decimals become text."""
    shown: Json = json.loads(json.dumps(body, default=str))
    return shown


def _delete_log(service: Service, given: Any) -> Json:
    service.clear_log()
    return []


def _get_behaviour(service: Service, given: Any) -> Json:
    settings = (setting.partition("=") for setting in behaviour_settings(service.behaviour))
    return {name: value for name, _, value in settings}


def _put_behaviour(service: Service, given: Any) -> Json:
    settings = dict(given)
    variant = settings.pop("variant", None)
    known = {**VARIANTS, **HARSH}
    if variant is not None and variant not in known:
        raise ValueError(f"no variant is called {variant!r}; there are {', '.join(known)}")
    base = known[variant] if variant is not None else PLAIN
    written = (f"{name}={json.dumps(value) if isinstance(value, bool) else value}" for name, value in settings.items())
    service.behaviour = parse_behaviour(written, base=base)
    return _get_behaviour(service, None)


def _get_faults(service: Service, given: Any) -> Json:
    return [str(rule) for rule in service.faults.rules]


def _put_faults(service: Service, given: Any) -> Json:
    if not isinstance(given, list) or not all(isinstance(rule, str) for rule in given):
        raise ValueError("expected an array of rules, each a string")
    service.faults = parse_faults(given)
    return _get_faults(service, None)


def _delete_faults(service: Service, given: Any) -> Json:
    service.faults = Faults()
    return []


def _edit(service: Service, given: Any) -> Json:
    edits = given if isinstance(given, list) else [given]
    with service.edit() as world:
        done: list[Json] = [_edit_one(world, dict(edit)) for edit in edits]
    return done if isinstance(given, list) else done[0]


def _edit_one(world: World, edit: dict[str, Any]) -> Json:
    for shape, apply in _EDITS:
        if shape == set(edit) - {"remove"} or shape == set(edit):
            return apply(world, edit)
    shapes = " or ".join("{" + ", ".join(sorted(shape)) + "}" for shape, _ in _EDITS)
    raise ValueError(f"an edit has the properties {shapes}, got {{{', '.join(sorted(edit))}}}")


def _kept(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: read_kept(kind, name, value) for name, value in given.items()}


def _edit_object(world: World, edit: dict[str, Any]) -> Json:
    kind, identity = Kind(edit["kind"]), int(edit["id"])
    if identity not in world.objects[kind]:
        raise ValueError(f"{kind.entity} {identity} does not exist")
    if edit.get("remove"):
        world.remove(kind, identity)
        return {"removed": identity}
    given = _kept(kind, edit.get("set", {}))
    password = given.pop("Password", None) if kind is Kind.USERS else None
    world.edit(kind, identity, **given)
    if password:
        world.set_password(identity, password)
    return {"id": identity}


def _edit_create(world: World, edit: dict[str, Any]) -> Json:
    kind = Kind(edit["kind"])
    return {"id": world.add(kind, **_kept(kind, edit["create"]))}


def _edit_links(world: World, edit: dict[str, Any]) -> Json:
    relation = Relation(edit["links"])
    added, removed = edit.get("add", []), edit.get("remove", [])
    for subject, member in added:
        world.link(relation, int(subject), int(member))
    for subject, member in removed:
        world.unlink(relation, int(subject), int(member))
    return {"added": len(added), "removed": len(removed)}


def _edit_skill(world: World, edit: dict[str, Any]) -> Json:
    held = edit["proficiency"]
    world.set_skill(int(edit["skill"]), int(edit["user"]), None if held is None else int(held))
    return {"proficiency": held}


def _edit_emergency(world: World, edit: dict[str, Any]) -> Json:
    world.emergency = bool(edit["emergency"])
    world.changed()
    return {"emergency": world.emergency}


_EDITS: tuple[tuple[set[str], Callable[[World, dict[str, Any]], Json]], ...] = (
    ({"kind", "id", "set"}, _edit_object),
    ({"kind", "id"}, _edit_object),
    ({"kind", "create"}, _edit_create),
    ({"links", "add"}, _edit_links),
    ({"links"}, _edit_links),
    ({"skill", "user", "proficiency"}, _edit_skill),
    ({"emergency"}, _edit_emergency),
)
"""
By the properties that an edit has:

    {"kind": "campaigns", "id": 3, "set": {"TargetDropPercent": 5, "Active": false}}     change it
    {"kind": "campaigns", "id": 3, "remove": true}                                       as if it had never been
    {"kind": "campaigns", "create": {"CampaignName": "By hand"}}                         answers {"id": ...}
    {"links": "campaignLists", "add": [[3, 1]], "remove": [[3, 2]]}                      also campaignTeams, teamUsers
    {"skill": 12, "user": 5, "proficiency": 8}                                           null takes it away
    {"emergency": true}
"""

_ROUTES: dict[tuple[str, str], Callable[[Service, Any], Json]] = {
    ("GET", "health"): _health,
    ("GET", "world"): _get_world,
    ("PUT", "world"): _put_world,
    ("PUT", "accounts"): _put_accounts,
    ("POST", "edit"): _edit,
    ("GET", "log"): _get_log,
    ("DELETE", "log"): _delete_log,
    ("GET", "behaviour"): _get_behaviour,
    ("PUT", "behaviour"): _put_behaviour,
    ("GET", "faults"): _get_faults,
    ("PUT", "faults"): _put_faults,
    ("DELETE", "faults"): _delete_faults,
}
