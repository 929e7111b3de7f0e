"""A plan as Markdown for a comment on a pull request: it always fits, and what may hurt is never left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from reconciler.model.plan import Action, Notice, Plan, Step
from reconciler.render.markdown_text import (
    LIMIT,
    Section,
    clipped,
    code,
    details,
    fenced,
    first_of,
    fitted,
    marker,
    prose,
    shrinking,
    strong,
)
from reconciler.render.notices import Sample
from reconciler.render.people import people_statements
from reconciler.render.review import Concern, Group, Review, concerns, review, verdict
from reconciler.render.wording import (
    all_live,
    change_words,
    closing_line,
    counted,
    knowledge_line,
    named,
    no_changes_line,
    step_words,
    what_words,
)

DIFF_SIGNS = {
    Action.CREATE: "+",
    Action.UPDATE: "!",
    Action.ADOPT: "#",
    Action.ASSOCIATE: "+",
    Action.DISASSOCIATE: "-",
    Action.ACTIVATE: "+",
    Action.DEACTIVATE: "-",
    Action.SET_STATUS: "!",
    Action.SET_TYPE: "!",
}
"""Only these signs, in the first column, are coloured in a diff block; the words beside them say the rest."""

_FIXED = 2_500
"""Characters kept for what stands around the sections: marker, verdict, closing lines."""

_SMALLEST_DETAIL = 2_000
"""Characters kept for saying how much detail there is, by kind."""


def plan_markdown(plan: Plan, *, now: str = "", limit: int = LIMIT) -> str:
    """
    Return the plan as a comment of at most `limit` characters (not below 45,000).

    When it gets too long, first the detail per object is shortened and what was left out is counted, then the other
    parts from the last to the first; every risk is named or, in the very end, counted.
    """
    head = [marker("plan", plan.target), f"## {_icon(plan)} Plan for {code(plan.target)}", ""]
    if not plan.has_changes and not plan.objections:
        lines = [*head, prose(no_changes_line(plan))]
        if not all_live(plan.knowledge):
            lines += ["", f"Knowledge: {knowledge_line(plan.knowledge, now)}"]
        return "\n".join(lines) + "\n"
    found = review(plan)
    tail = ["", f"**{closing_line(plan)}**", "", f"Knowledge: {knowledge_line(plan.knowledge, now)}", ""]
    body = fitted(_sections(found), limit - _FIXED - _SMALLEST_DETAIL)
    room = limit - _FIXED - len(body)
    parts = [*head, f"**{verdict(plan)}** {code(plan.url)}", "", body, _detail(found, room), *tail]
    return "\n".join(parts)


def _icon(plan: Plan) -> str:
    return "⛔" if plan.objections else "⚠️" if any(step.risk != "none" for step in plan.steps) else "✅"


def _sections(found: Review) -> list[Section]:
    plan = found.plan
    risks = concerns(found.risks, lambda step: step.risk_reason)
    compact = [f"- {concern_words(concern)}" for concern in risks]
    shortest = [f"- {concern_words(concern, 20)}" for concern in risks]
    objections = [f"- {strong(item.message)} {prose(item.advice)} {code(item.rule)}" for item in plan.objections]
    people = [f"- {prose(statement)}" for statement in people_statements(plan)]
    unverifiable = [f"- {concern_words(concern, 3)}" for concern in found.unverifiable]
    unverifiable += list(_notices(found.unseen))
    return [
        shrinking("Refused", objections, limits=(6_000,)),
        Section(
            title="Risks",
            versions=(
                tuple(_risks(risks)),
                tuple(compact),
                tuple(first_of(shortest, 20_000)) + _counted(found.risks),
            ),
        ),
        shrinking("What it means for people", people, limits=(4_000,)),
        shrinking("Removals", list(_removals(found)), limits=(12_000, 4_000)),
        shrinking("What can't be verified", unverifiable, limits=(12_000, 4_000)),
        shrinking("Also", list(_notices(found.warnings)), limits=(6_000, 2_000)),
    ]


def _risks(risks: Sequence[Concern]) -> Iterator[str]:
    for concern in risks:
        yield f"- {strong(concern.reason or 'disruptive')}"
        for step in concern.steps:
            yield f"  - {prose(what_words(step))} {code(step.source)}".rstrip()


def _counted(steps: Sequence[Step]) -> tuple[str, ...]:
    """Count every risk by what is done to what, for a plan with more risks than a comment can name."""
    counts: dict[str, int] = {}
    for step in steps:
        what = f"{step.action} {step.kind}"
        counts[what] = counts.get(what, 0) + 1
    return tuple(f"- disruptive in all: {counted(count, 'step')}, {prose(what)}" for what, count in counts.items())


def concern_words(concern: Concern, limit: int = 0) -> str:
    """Return a sentence that holds for some steps, with their count and names, all of them or the first few."""
    names = [clipped(what_words(step), 120) for step in concern.steps]
    told = "".join(f", {prose(name)}" for name in names)[2:] if not limit else prose(named(names, limit))
    return f"**{counted(len(names), 'step')}:** {prose(concern.reason)} ({told})"


def _removals(found: Review) -> Iterator[str]:
    for step in found.removals:
        yield f"- {prose(what_words(step))}: {prose(step.explanation)} {code(step.source)}".rstrip()
    for release in found.releases:
        identity = f" (Id {release.id})" if release.id is not None else ""
        yield f"- release {prose(str(release.address))}{identity}: {prose(release.reason)}"


def _notices(found: Sequence[Sample]) -> Iterator[str]:
    for sample in found:
        yield from (f"- {_notice(notice)}" for notice in sample.shown)
        if sample.rest:
            yield f"- {prose(sample.rest_words)}"


def _notice(notice: Notice) -> str:
    return " ".join(part for part in (prose(notice.message), code(notice.address), code(notice.source)) if part)


def _detail(found: Review, room: int) -> str:
    """Return the steps folded away by kind, in the fullest version that fits; in the shortest the rest is counted."""
    by_kind: dict[str, list[Group]] = {}
    for group in found.groups:
        by_kind.setdefault(group.address.kind, []).append(group)
    for lines_of in (_full_lines, _risky_lines, _short_lines):
        text = _blocks(by_kind, lines_of)
        if len(text) <= room:
            return text
    share = max(0, room // max(1, len(by_kind)) - 400)
    return _blocks(by_kind, _short_lines, share)


def _blocks(by_kind: dict[str, list[Group]], lines_of: Callable[[Step], list[str]], limit: int | None = None) -> str:
    blocks = []
    for kind, groups in by_kind.items():
        steps = [step for group in groups for step in group.steps]
        lines: list[str] = []
        shown = used = 0
        for group in groups:
            title = f"@@ {_title(group)} @@"
            for number, step in enumerate(group.steps):
                more = ([title] if number == 0 else []) + lines_of(step)
                used += sum(len(line) + 1 for line in more)
                if limit is not None and used > limit:
                    break
                lines += more
                shown += 1
        body = fenced(lines, "diff") if lines else ""
        if shown < len(steps):
            body += f"\n\n… and {counted(len(steps) - shown, 'more step')} of this kind, left out for length."
        summary = f"{clipped(kind).replace('<', '&lt;')}: {counted(len(steps), 'step')}"
        blocks.append(details(f"<b>{summary}</b>", body))
    return "\n\n".join(blocks)


def _title(group: Group) -> str:
    title = clipped(str(group.address))
    if group.natural_key:
        title += f' "{clipped(group.natural_key)}"'
    return title + (f" (Id {group.id})" if group.id is not None else "")


def _short_lines(step: Step) -> list[str]:
    sign = DIFF_SIGNS[step.action]
    risk = f" [{step.risk}]" if step.risk != "none" else ""
    return [f"{sign} {clipped(step_words(step))}{risk}  {clipped(step.source)}".rstrip()]


def _risky_lines(step: Step) -> list[str]:
    return _full_lines(step) if step.risk != "none" else _short_lines(step)


def _full_lines(step: Step) -> list[str]:
    sign = DIFF_SIGNS[step.action]
    lines = [*_short_lines(step), f"#   {clipped(step.explanation)}"]
    return lines + [f"{sign}   {clipped(item.field)}: {change_words(item, step.action)}" for item in step.changes]
