"""A plan as text for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.knowledge import Knowledge
from reconciler.model.plan import Plan, Step
from reconciler.render.notices import notice_lines
from reconciler.render.people import people_statements
from reconciler.render.review import Concern, Group, Review, concerns, review, verdict
from reconciler.render.style import Style
from reconciler.render.visible import padded, visible, width
from reconciler.render.wording import (
    RELEASE_SIGN,
    ROLES,
    SIGNS,
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

_SIGN_COLUMNS = 2
_LARGEST_COLUMN = 72


def plan_text(plan: Plan, *, colour: bool = False, now: str = "") -> str:
    """
    Return the plan as text, risk first.

    `now` (UTC, ISO 8601) is what ages are counted from; without it the date is shown. A plan with nothing to do is one
    line, and one more where it rests on something that was not read in this run.
    """
    style = Style(colour)
    if not plan.has_changes and not plan.objections:
        lines = [style.paint("good", no_changes_line(plan))]
        if not all_live(plan.knowledge):
            lines.append(f"Knowledge: {knowledge_line(plan.knowledge, now)}")
        return "\n".join(lines) + "\n"
    return "\n".join(_lines(review(plan), style, now)) + "\n"


def _lines(found: Review, style: Style, now: str) -> Iterator[str]:
    plan = found.plan
    role = "alarm" if plan.objections else "title"
    yield style.paint(role, f"{visible(plan.target)} ({visible(plan.url)})") + f": {verdict(plan)}"
    yield from _objections(plan, style)
    yield from _section("Risks", _risks(found, style), style)
    yield from _section("What it means for people", (f"  {line}" for line in people_statements(plan)), style)
    yield from _section("Removals", _removals(found, style), style)
    yield from _section("What can't be verified", _unverifiable(found, style), style)
    yield from _section("Also", notice_lines(found.warnings, style), style)
    for group in found.groups:
        yield ""
        yield from _group(group, style)
    yield ""
    yield style.paint("title", closing_line(plan))
    yield f"Knowledge: {knowledge_line(plan.knowledge, now)}"


def _section(title: str, lines: Iterator[str], style: Style) -> Iterator[str]:
    first = next(lines, None)
    if first is None:
        return
    yield ""
    yield style.paint("title", title)
    yield first
    yield from lines


def _objections(plan: Plan, style: Style) -> Iterator[str]:
    for objection in plan.objections:
        yield f"  {style.paint('alarm', 'x')} {visible(objection.message)} [{visible(objection.rule)}]"
        yield f"      {visible(objection.advice)}"


def _risks(found: Review, style: Style) -> Iterator[str]:
    for concern in concerns(found.risks, lambda step: step.risk_reason):
        yield f"  {style.paint('bad', '!')} {visible(concern.reason) or 'disruptive'}"
        names = [what_words(step) for step in concern.steps]
        columns = max(min(_LARGEST_COLUMN, width(name)) for name in names)
        for name, step in zip(names, concern.steps, strict=True):
            yield f"      {padded(name, columns)}  {visible(step.source)}".rstrip()


def _removals(found: Review, style: Style) -> Iterator[str]:
    for step in found.removals:
        yield f"  {_sign(SIGNS[step.action], style)} {what_words(step)}: {visible(step.explanation)}"
    for release in found.releases:
        what = f"release {visible(str(release.address))}" + (f" (Id {release.id})" if release.id is not None else "")
        yield f"  {_sign(RELEASE_SIGN, style)} {what}: {visible(release.reason)}"


def _unverifiable(found: Review, style: Style) -> Iterator[str]:
    for concern in found.unverifiable:
        yield f"  {style.paint('warn', '?')} {concern_words(concern)}"
    yield from notice_lines(found.unseen, style, sign="?")


def concern_words(concern: Concern) -> str:
    """Return a sentence that holds for some steps, with their count and the first of them."""
    names = [what_words(step) for step in concern.steps]
    return f"{counted(len(names), 'step')}: {visible(concern.reason)} ({named(names, 3)})"


def _group(group: Group, style: Style) -> Iterator[str]:
    title = visible(str(group.address))
    if group.natural_key:
        title += f' "{visible(group.natural_key)}"'
    if group.id is not None:
        title += f" (Id {group.id})"
    yield style.paint("title", title)
    words = max(min(_LARGEST_COLUMN, width(step_words(step))) for step in group.steps)
    for step in group.steps:
        yield from _step(step, words, style)


def _step(step: Step, words: int, style: Style) -> Iterator[str]:
    line = f"  {_sign(SIGNS[step.action], style)} {padded(step_words(step), words)}  {visible(step.source)}"
    marks = [str(step.risk)] if step.risk != "none" else []
    if step.unverifiable and "unverifiable" not in marks:
        marks.append("unverifiable")
    yield line.rstrip() + (f"  {style.paint('warn', '[' + ', '.join(marks) + ']')}" if marks else "")
    yield f"       {style.paint('dim', visible(step.explanation))}"
    # An association's line says what it does; its changes add only how the starting point is known.
    told = [change for change in step.changes if step.subject is None or change.knowledge is not Knowledge.LIVE]
    fields = max((width(visible(change.field)) for change in told), default=0)
    for change in told:
        yield f"       {padded(visible(change.field), fields)}  {change_words(change, step.action)}"


def _sign(sign: str, style: Style) -> str:
    return style.paint(ROLES[sign], sign) + " " * (_SIGN_COLUMNS - len(sign))
