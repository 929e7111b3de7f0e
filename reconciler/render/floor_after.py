"""The floor as a plan leaves it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reconciler.model.floor import NOBODY, Floor, FloorCampaign
from reconciler.model.plan import Action, Step

RUNNING = "Running"


def floor_after(floor: Floor, steps: Iterable[Step]) -> Floor:
    """Return the floor with every step done; steps of objects that it doesn't know bring them in."""
    campaigns = dict(floor.campaigns)
    groups = {"team-user": dict(floor.teams), "skill-user": dict(floor.skills)}
    weights = dict(floor.weights)
    for step in steps:
        if step.subject is not None:
            _associate(step, campaigns, groups)
        elif step.kind == "Campaign":
            known = campaigns.get(step.name, FloorCampaign(running=False))
            campaigns[step.name] = _campaign(step, known)
        elif step.kind == "User":
            _move(step, groups)
        elif step.kind == "List":
            for change in step.changes:
                if change.field == "fetchWeight" and isinstance(change.after, int):
                    weights[step.name] = change.after
    return Floor(campaigns=campaigns, teams=groups["team-user"], skills=groups["skill-user"], weights=weights)


def _move(step: Step, groups: dict[str, dict[str, frozenset[str]]]) -> None:
    """Put a user into the team that the step names; one who is taken out of use is nobody's agent any more."""
    if step.action is Action.DEACTIVATE:
        for held in groups.values():
            for name in held:
                held[name] = held[name] - {step.name}
    teams = groups["team-user"]
    for change in step.changes:
        if change.field == "team":
            if isinstance(change.before, str) and change.before in teams:
                teams[change.before] = teams[change.before] - {step.name}
            if isinstance(change.after, str):
                teams[change.after] = teams.get(change.after, NOBODY) | {step.name}


def _campaign(step: Step, known: FloorCampaign) -> FloorCampaign:
    if step.action is Action.DEACTIVATE:
        return replace(known, running=False)
    for change in step.changes:
        if change.field == "status" and step.action is Action.SET_STATUS:
            known = replace(known, running=change.after == RUNNING)
        elif change.field == "type":
            known = replace(known, type=str(change.after))
    return known


def _associate(step: Step, campaigns: dict[str, FloorCampaign], groups: dict[str, dict[str, frozenset[str]]]) -> None:
    assert step.subject is not None
    name, members = step.subject.name, frozenset(end.name for end in step.members)
    joins = step.action is Action.ASSOCIATE
    if step.relation in groups:
        held = groups[step.relation].get(name, NOBODY)
        groups[step.relation][name] = held | members if joins else held - members
        return
    known = campaigns.get(name, FloorCampaign(running=False))
    if step.relation == "campaign-list":
        campaigns[name] = replace(known, lists=known.lists | members if joins else known.lists - members)
    elif step.relation == "campaign-team":
        campaigns[name] = replace(known, teams=known.teams | members if joins else known.teams - members)
