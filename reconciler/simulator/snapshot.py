"""A world as JSON: how it is kept in a file, and how tests look at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.simulator.answers import Json
from reconciler.simulator.fields import ENTITIES, Kind, Row, Sort, Value, blank
from reconciler.simulator.world import Account, Relation, Token, World, new_world

VERSION = 1


def show_world(world: World) -> dict[str, Json]:
    """
    Show what a test may look at; passwords, accounts and tokens are left out.

    Dates are ISO texts, decimals numbers; `activity` and a campaign's Active say the same. `passwordWrites` counts
    how often each user's password was set.
    """
    known_skills: list[Json] = [*sorted(world.known_skills)]
    return {
        "version": VERSION,
        **{kind.value: [_show_row(kind, row) for _, row in sorted(world.objects[kind].items())] for kind in Kind},
        "links": {relation.value: [list(pair) for pair in sorted(pairs)] for relation, pairs in world.links.items()},
        "skills": [[skill, user, held] for (skill, user), held in sorted(world.skills.items())],
        "activity": {
            kind.value: {str(each): bool(row["Active"]) for each, row in sorted(world.objects[kind].items())}
            for kind in Kind
        },
        "emergency": world.emergency,
        "passwordWrites": {str(user): count for user, count in sorted(world.password_writes.items())},
        "knownSkills": known_skills,
    }


def keep_world(world: World) -> dict[str, Json]:
    """
    Show everything that the simulator goes on from, for the owner-only file.

    The users' passwords are not among it: nobody logs in with them here, and people try their real manifests out.
    """
    return show_world(world) | {
        "stopped": {str(campaign): status for campaign, status in world.stopped.items()},
        "lastIds": {kind.value: last for kind, last in world.last_ids.items()},
        "accounts": {
            login: {"password": each.password, "failures": each.failures} for login, each in world.accounts.items()
        },
        "tokens": {key: {"login": each.login, "expires": each.expires} for key, each in world.tokens.items()},
    }


def read_world(shown: Mapping[str, Any]) -> World:
    """
    Read a world back from either form; what is absent is as in a new one.

    Objects are rows with an Id and any of the entity's fields. Raises ValueError that names what it cannot read.
    """
    world = new_world()
    if not isinstance(shown, Mapping) or shown.get("version", VERSION) != VERSION:
        raise ValueError(f"not a world of version {VERSION}")
    try:
        _read_objects(world, shown)
        for relation in Relation:
            for subject, member in shown.get("links", {}).get(relation.value, []):
                world.link(relation, int(subject), int(member))
        for skill, user, held in shown.get("skills", []):
            world.set_skill(int(skill), int(user), int(held))
        world.known_skills = {int(skill) for skill in shown.get("knownSkills", [])}
        world.emergency = bool(shown.get("emergency", False))
        _read_kept(world, shown)
    except (TypeError, KeyError, AttributeError, InvalidOperation) as problem:
        raise ValueError(f"not a world: {problem!r}") from None
    return world


def _read_objects(world: World, shown: Mapping[str, Any]) -> None:
    for kind in Kind:
        if kind.value not in shown:
            continue
        world.objects[kind].clear()
        activity = shown.get("activity", {}).get(kind.value, {})
        for given in shown[kind.value]:
            row = {name: read_kept(kind, name, value) for name, value in given.items()}
            if str(given.get("Id")) in activity:
                row["Active"] = bool(activity[str(given["Id"])])
            world.add(kind, **row)


def _read_kept(world: World, shown: Mapping[str, Any]) -> None:
    world.password_writes = {int(user): int(count) for user, count in shown.get("passwordWrites", {}).items()}
    world.stopped = {int(campaign): int(status) for campaign, status in shown.get("stopped", {}).items()}
    for kind, last in shown.get("lastIds", {}).items():
        world.last_ids[Kind(kind)] = max(world.last_ids[Kind(kind)], int(last))
    if "accounts" in shown:
        world.accounts = {
            login: Account(str(each["password"]), int(each.get("failures", 0)))
            for login, each in shown["accounts"].items()
        }
    if "tokens" in shown:
        world.tokens = {
            key: Token(login=str(each["login"]), expires=float(each["expires"]))
            for key, each in shown["tokens"].items()
        }


def read_kept(kind: Kind, name: str, value: object) -> Value:
    """Read one field as a world's JSON has it: ISO dates, decimals as numbers or text. Raises ValueError."""
    sorts = {field.name: field.sort for field in ENTITIES[kind]}
    if name not in sorts and name != "Password":
        raise ValueError(f"a {kind.entity} has no {name}; it has {', '.join(sorts)}")
    sort = sorts.get(name, Sort.STRING)
    if value is None:
        return blank(kind).get(name)
    if sort is Sort.DATETIME:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    if sort is Sort.DECIMAL and not isinstance(value, bool):
        return Decimal(str(value))
    expected = {Sort.INT: int, Sort.BOOLEAN: bool, Sort.STRING: str}.get(sort, Decimal)
    if type(value) is not expected:
        raise ValueError(f"{name} of a {kind.entity} must be a {sort.value}, got {value!r}")
    return value  # type: ignore[return-value]


def _show_row(kind: Kind, row: Row) -> dict[str, Json]:
    shown: dict[str, Json] = {}
    for field in ENTITIES[kind]:
        value = row[field.name]
        if isinstance(value, datetime):
            shown[field.name] = value.isoformat()
        elif isinstance(value, Decimal):
            shown[field.name] = int(value) if value == int(value) else float(value)
        elif field.beyond != "activity" and not (field.beyond == "extra" and value == field.default):
            shown[field.name] = value
    return shown


def dump_world(world: World) -> str:
    """Write a world's JSON text, secrets too."""
    return json.dumps(keep_world(world), ensure_ascii=True, indent=0, separators=(",", ":"))
