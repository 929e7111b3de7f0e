"""The fixed words that every format shares: signs, counts, ages and closing lines."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.model.knowledge import Knowledge, KnowledgeCounts
from reconciler.model.plan import Action, Change, End, Plan, Step
from reconciler.render.visible import shortened, visible

SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.ADOPT: "=",
    Action.ASSOCIATE: "+&",
    Action.DISASSOCIATE: "-&",
    Action.ACTIVATE: "^",
    Action.DEACTIVATE: "-",
    Action.SET_STATUS: "~",
    Action.SET_TYPE: "~",
}
RELEASE_SIGN = "."

ROLES = {"+": "good", "+&": "good", "^": "good", "~": "warn", "-": "bad", "-&": "bad", "=": "note", ".": "note"}

_TO_DO = (
    (Action.CREATE, "to create"),
    (Action.UPDATE, "to update"),
    (Action.ADOPT, "to adopt"),
    (Action.ASSOCIATE, "to associate"),
    (Action.DISASSOCIATE, "to disassociate"),
    (Action.ACTIVATE, "to activate"),
    (Action.DEACTIVATE, "to deactivate"),
    (Action.SET_STATUS, "to set status"),
    (Action.SET_TYPE, "to set type"),
)

KIND_ORDER = ("Campaign", "List", "Team", "User", "Membership")


def kind_rank(kind: str) -> tuple[int, str]:
    """Return what sorts kinds as people look at a floor: campaigns first, memberships last."""
    return (KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER), kind)


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: `1 step`, `1,200 steps`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def joined(words: list[str]) -> str:
    """Return words as in a sentence: `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def named(words: list[str], limit: int = 5) -> str:
    """Return the first few of many names, and how many more there are."""
    if len(words) <= limit:
        return joined(words)
    return f"{', '.join(words[:limit])} and {len(words) - limit:,} more"


def age(at: str, now: str) -> str:
    """Return how long ago something was, `41 days`; without a now, or with a time that isn't one, `since` it was."""
    try:
        passed = _moment(now) - _moment(at)
    except ValueError:
        return f"since {visible(at[:10])}"
    return "today" if passed.days < 1 else counted(passed.days, "day")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def knowledge_line(counts: KnowledgeCounts, now: str = "") -> str:
    """Return the line that closes every report: what it rests on."""
    parts = [f"{counts.live:,} live", f"{counts.recorded:,} recorded"]
    if counts.assumed:
        parts.append(f"{counts.assumed:,} assumed")
    if counts.oldest:
        parts.append(f"oldest {age(counts.oldest, now)}")
    parts.append(f"{counts.unknown:,} unknown")
    return ", ".join(parts)


def all_live(counts: KnowledgeCounts) -> bool:
    """Return whether every fact was read in this run."""
    return not (counts.recorded or counts.assumed or counts.unknown)


def closing_line(plan: Plan) -> str:
    """Return the line that sums up a plan in fixed words."""
    parts = [f"{plan.count(action):,} {words}" for action, words in _TO_DO if plan.count(action)]
    if plan.releases:
        parts.append(f"{len(plan.releases):,} to release")
    steps = counted(len(plan.steps), "step")
    if plan.unverifiable_steps:
        steps += f", {plan.unverifiable_steps:,} unverifiable"
    return f"Plan: {', '.join(parts) or 'nothing to do'}; {steps}."


def no_changes_line(plan: Plan) -> str:
    """Return the one line of a plan that has nothing to do."""
    return f"No changes. {visible(plan.target)} is as the manifests say."


def action_words(action: Action) -> str:
    """Return an action as words: `set status`."""
    return action.value.replace("-", " ")


def end_words(end: End) -> str:
    """Return one end of an association: `list lapsed-2025`."""
    return f"{end.kind.lower()} {visible(end.name)}"


def step_words(step: Step) -> str:
    """Return what a step does to what: its action, and for an association both its ends."""
    if step.subject is None:
        return action_words(step.action)
    members = [visible(member.name) for member in step.members]
    kind = step.members[0].kind.lower() if step.members else "member"
    what = f"{kind} {members[0]}" if len(members) == 1 else f"{len(members):,} {kind}s ({', '.join(members)})"
    level = f" at {step.proficiency}" if step.proficiency is not None else ""
    preposition = "with" if step.action is Action.ASSOCIATE else "from"
    return f"{action_words(step.action)} {what} {preposition} {end_words(step.subject)}{level}"


def what_words(step: Step) -> str:
    """Return what a step does, to which document or between which ends: `deactivate Campaign/winback`."""
    return step_words(step) if step.subject is not None else f"{step_words(step)} {visible(str(step.address))}"


def change_words(change: Change, action: Action) -> str:
    """Return a field's before and after; for a create only what it will be."""
    after = shortened(change.after, change.before)
    if action is Action.CREATE and change.before is None:
        return after
    return f"{before_words(change)} -> {after}"


def before_words(change: Change) -> str:
    """Return what a field was, and how that is known when it was not read in this run."""
    if change.knowledge is Knowledge.UNKNOWN and change.before is None:
        return "(unknown)"
    mark = "" if change.knowledge is Knowledge.LIVE else f" ({change.knowledge})"
    return shortened(change.before, change.after) + mark
