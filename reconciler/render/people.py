"""
What a plan means for the people on the floor, in sentences that need no knowledge of the API.

The floor before the plan comes with it; the floor after it is that one with the steps done. What differs between the
two is told, and what the floor doesn't know is told from the steps alone, without numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.model.floor import Floor
from reconciler.model.plan import Action, Plan, Step
from reconciler.render.floor_after import RUNNING, floor_after
from reconciler.render.visible import value_text, visible
from reconciler.render.wording import counted, named

FEWEST_FOR_PREDICTIVE = 6
"""The vendor's advice: predicting makes sense with at least that many agents."""

_NAMED_ONE_BY_ONE = 3

COUNTED_FROM = "agents and lists are counted from what is recorded: the API can't list who and what is where"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    plan: Plan
    before: Floor
    after: Floor


def people_statements(plan: Plan) -> tuple[str, ...]:
    """Return what a plan means for agents, their leads and their logins, the gravest first; empty: nothing of note."""
    change = _Change(plan=plan, before=plan.floor, after=floor_after(plan.floor, plan.steps))
    told = tuple(statement for rule in _COUNTED for statement in rule(change))
    plain = tuple(statement for rule in _FROM_STEPS for statement in rule(change))
    return told + plain + ((COUNTED_FROM,) if told and plan.floor.campaigns else ())


def _steps(change: _Change, action: Action, kind: str = "") -> Iterator[Step]:
    return (step for step in change.plan.steps if step.action is action and (not kind or step.kind == kind))


def _names(words: Iterable[str]) -> str:
    return named([visible(word) for word in words])


def _agents(floor: Floor, campaigns: Iterable[str]) -> str:
    """Return who works on some campaigns: `for 42 agents of 3 teams`; empty where no team is known."""
    found = [name for name in campaigns if name in floor.campaigns]
    teams = frozenset().union(*(floor.campaigns[name].teams for name in found))
    agents = frozenset().union(*(floor.agents(name) for name in found))
    return f" for {counted(len(agents), 'agent')} of {counted(len(teams), 'team')}" if teams else ""


def _stops(change: _Change) -> Iterator[str]:
    switched = _steps(change, Action.SET_STATUS, "Campaign")
    stopping = [step.name for step in switched if any(item.before == RUNNING for item in step.changes)]
    stopping = [name for name in stopping if not change.after.campaigns[name].running]
    running = [name for name, known in change.before.campaigns.items() if known.running]
    stopping += [name for name in running if not change.after.campaigns[name].running]
    names = list(dict.fromkeys(stopping))
    if names:
        yield f"stops dialling{_agents(change.before, names)}: {counted(len(names), 'campaign')} ({_names(names)})"


def _starts(change: _Change) -> Iterator[str]:
    names = [
        name
        for name, known in change.after.campaigns.items()
        if known.running and not (name in change.before.campaigns and change.before.campaigns[name].running)
    ]
    if names:
        yield f"starts dialling{_agents(change.after, names)}: {counted(len(names), 'campaign')} ({_names(names)})"


def _idle(change: _Change) -> Iterator[str]:
    leavers = {step.name for step in _steps(change, Action.DEACTIVATE, "User")}
    left = sorted(change.before.busy - change.after.busy - leavers)
    if left:
        yield f"leaves {counted(len(left), 'agent')} without a running campaign ({_names(left)})"


def _too_few(change: _Change) -> Iterator[str]:
    for name, known in change.after.campaigns.items():
        agents = len(change.after.agents(name))
        if not known.running or known.type != "Predictive" or not known.teams or agents >= FEWEST_FOR_PREDICTIVE:
            continue
        before = change.before.campaigns.get(name)
        was_so = before is not None and before.running and before.type == known.type
        if not (was_so and len(change.before.agents(name)) < FEWEST_FOR_PREDICTIVE):
            left = counted(agents, "agent")
            yield f"predictive campaign {visible(name)} falls under {FEWEST_FOR_PREDICTIVE} agents: {left}"


def _stranded(change: _Change) -> Iterator[str]:
    lists = frozenset().union(*(known.lists for known in change.before.campaigns.values()))
    left = [name for name in sorted(lists) if change.before.running_with(name) and not change.after.running_with(name)]
    if len(left) > _NAMED_ONE_BY_ONE:
        yield f"{counted(len(left), 'list')} have no running campaign left ({_names(left)})"
        return
    for name in left:
        yield f"list {visible(name)} has no running campaign left"


def _shares(change: _Change) -> Iterator[str]:
    for step in _weighed(change):
        shares = [
            (campaign, change.before.share(campaign, step.name), change.after.share(campaign, step.name))
            for campaign in sorted(change.after.campaigns)
        ]
        known = [(name, one, two) for name, one, two in shares if one is not None and two is not None]
        for campaign, before, after in known:
            what = f"fetch weight of {visible(step.name)} within {visible(campaign)}"
            yield f"{what} from {before:.0f} % to {after:.0f} %"
        if not known:
            weight = next(item for item in step.changes if item.field == "fetchWeight")
            never = ": it is never dialled" if weight.after == 0 else ""
            values = f"from {value_text(weight.before)} to {value_text(weight.after)}"
            yield f"fetch weight of list {visible(step.name)} {values}{never}"


def _weighed(change: _Change) -> Iterator[Step]:
    for step in _steps(change, Action.UPDATE, "List"):
        if any(item.field == "fetchWeight" for item in step.changes):
            yield step


def _unskilled(change: _Change) -> Iterator[str]:
    for skill, holders in sorted(change.before.skills.items()):
        if holders and not change.after.skills.get(skill):
            yield f"nobody is left with the skill {visible(skill)}"


def _types(change: _Change) -> Iterator[str]:
    for step in _steps(change, Action.SET_TYPE, "Campaign"):
        for item in step.changes:
            dials = f"dials as {value_text(item.after)} instead of {value_text(item.before)}"
            yield f"campaign {visible(step.name)} {dials}"


def _pairs(change: _Change, action: Action, relation: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the members that an action touches with their subject, for one relation."""
    found: dict[str, list[str]] = {}
    for step in _steps(change, action):
        if step.relation == relation and step.subject is not None:
            found.setdefault(step.subject.name, []).extend(end.name for end in step.members)
    for subject, members in found.items():
        yield visible(subject), members


def _leaving(change: _Change) -> Iterator[str]:
    for campaign, lists in _pairs(change, Action.DISASSOCIATE, "campaign-list"):
        yield f"campaign {campaign} no longer dials {counted(len(lists), 'list')} ({_names(lists)})"
    for campaign, teams in _pairs(change, Action.DISASSOCIATE, "campaign-team"):
        yield f"campaign {campaign} loses {counted(len(teams), 'team')} ({_names(teams)})"
    for team, users in _pairs(change, Action.DISASSOCIATE, "team-user"):
        yield f"{counted(len(users), 'user leaves', 'users leave')} team {team} ({_names(users)})"
    for skill, users in _pairs(change, Action.DISASSOCIATE, "skill-user"):
        yield f"{counted(len(users), 'user loses', 'users lose')} the skill {skill} ({_names(users)})"


def _logins(change: _Change) -> Iterator[str]:
    created = {step.name for step in _steps(change, Action.CREATE, "User")}
    unused = {step.name for step in _steps(change, Action.DEACTIVATE, "User")}
    gone = [step.name for step in _steps(change, Action.DEACTIVATE, "User") if step.name not in created]
    new = [step.name for step in _steps(change, Action.CREATE, "User") if step.name not in unused]
    if gone:
        yield f"{counted(len(gone), 'user')} can no longer log in ({_names(gone)})"
    if new:
        yield f"{counted(len(new), 'new login')} ({_names(new)})"


def _passwords(change: _Change) -> Iterator[str]:
    again = [step.name for step in change.plan.steps if step.password is not None and step.action is Action.UPDATE]
    if again:
        yield f"sends {counted(len(again), 'password')} again ({_names(again)})"


_COUNTED = (_stops, _idle, _too_few, _stranded, _unskilled, _starts, _shares)
_FROM_STEPS = (_types, _leaving, _passwords, _logins)
