"""What a plan means for the people on the floor, in sentences that need no knowledge of the API."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.plan import Action, Plan, Step
from reconciler.render.visible import value_text, visible
from reconciler.render.wording import counted, named

_STOPPED = ("Not Running", "Paused", "Flushed")


def people_statements(plan: Plan) -> tuple[str, ...]:
    """Return what a plan means for agents, their leads and their logins, the gravest first; empty: nothing of note."""
    return tuple(
        statement
        for rule in (_stops, _types, _starts, _leaving, _joining, _skills, _weights, _logins, _passwords)
        for statement in rule(plan)
    )


def _steps(plan: Plan, action: Action, kind: str = "") -> Iterator[Step]:
    return (step for step in plan.steps if step.action is action and (not kind or step.kind == kind))


def _label(step: Step) -> str:
    return visible(step.name)


def _after(step: Step) -> str:
    return value_text(step.changes[0].after) if step.changes else ""


def _before(step: Step) -> str:
    return value_text(step.changes[0].before) if step.changes else ""


def _unique(names: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _stops(plan: Plan) -> Iterator[str]:
    stopping = [step for step in _steps(plan, Action.SET_STATUS) if _before(step) == "Running"]
    stopping += list(_steps(plan, Action.DEACTIVATE, "Campaign"))
    names = _unique(_label(step) for step in stopping if step.action is Action.DEACTIVATE or _after(step) in _STOPPED)
    if names:
        yield f"stops dialling for {counted(len(names), 'campaign')}: {named(names)}"


def _starts(plan: Plan) -> Iterator[str]:
    names = _unique(_label(step) for step in _steps(plan, Action.SET_STATUS) if _after(step) == "Running")
    if names:
        yield f"starts dialling for {counted(len(names), 'campaign')}: {named(names)}"


def _types(plan: Plan) -> Iterator[str]:
    for step in _steps(plan, Action.SET_TYPE, "Campaign"):
        yield f"campaign {_label(step)} dials as {_after(step)} instead of {_before(step)}"


def _pairs(plan: Plan, action: Action, relation: str) -> dict[str, list[str]]:
    """Return the members that an action touches, by subject, for one relation."""
    found: dict[str, list[str]] = {}
    for step in _steps(plan, action):
        if step.relation == relation and step.subject is not None:
            found.setdefault(visible(step.subject.name), []).extend(visible(end.name) for end in step.members)
    return found


def _leaving(plan: Plan) -> Iterator[str]:
    for campaign, lists in _pairs(plan, Action.DISASSOCIATE, "campaign-list").items():
        yield f"campaign {campaign} no longer dials {counted(len(lists), 'list')}: {named(lists)}"
    for campaign, teams in _pairs(plan, Action.DISASSOCIATE, "campaign-team").items():
        yield f"campaign {campaign} loses {counted(len(teams), 'team')}: {named(teams)}"
    for team, users in _pairs(plan, Action.DISASSOCIATE, "team-user").items():
        yield f"{counted(len(users), 'user leaves', 'users leave')} team {team}: {named(users)}"


def _joining(plan: Plan) -> Iterator[str]:
    for campaign, teams in _pairs(plan, Action.ASSOCIATE, "campaign-team").items():
        yield f"campaign {campaign} gains {counted(len(teams), 'team')}: {named(teams)}"
    for campaign, lists in _pairs(plan, Action.ASSOCIATE, "campaign-list").items():
        yield f"campaign {campaign} can dial {counted(len(lists), 'more list')}: {named(lists)}"


def _skills(plan: Plan) -> Iterator[str]:
    for skill, users in _pairs(plan, Action.DISASSOCIATE, "skill-user").items():
        yield f"{counted(len(users), 'person loses', 'people lose')} the skill {skill}: {named(users)}"


def _weights(plan: Plan) -> Iterator[str]:
    for step in _steps(plan, Action.UPDATE, "List"):
        for change in step.changes:
            if change.field == "fetchWeight":
                never = ": it is never dialled" if change.after == 0 else ""
                before, after = value_text(change.before), value_text(change.after)
                yield f"fetch weight of list {_label(step)} from {before} to {after}{never}"


def _logins(plan: Plan) -> Iterator[str]:
    new = [_label(step) for step in _steps(plan, Action.CREATE, "User")]
    gone = [_label(step) for step in _steps(plan, Action.DEACTIVATE, "User")]
    if gone:
        yield f"{counted(len(gone), 'person', 'people')} can no longer log in: {named(gone)}"
    if new:
        yield f"{counted(len(new), 'new login')}: {named(new)}"


def _passwords(plan: Plan) -> Iterator[str]:
    again = [_label(step) for step in _steps(plan, Action.UPDATE, "User") if step.password is not None]
    if again:
        yield f"sends {counted(len(again), 'password')} again: {named(again)}"
