"""What changed since a plan was reviewed, as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.address import Address
from reconciler.model.comparison import Difference, PlanComparison, StepDifference, comparison_document
from reconciler.model.json_text import json_text
from reconciler.model.plan import Change, Step
from reconciler.render.markdown_text import LIMIT, code, fenced, fitted, marker, shrinking
from reconciler.render.style import Style
from reconciler.render.visible import shortened, visible
from reconciler.render.wording import change_words, counted, kind_rank, step_words

_SIGNS = {Difference.NEW: ("+", "good"), Difference.GONE: ("-", "bad"), Difference.CHANGED: ("!", "warn")}
_FIXED = 2_000


def comparison_text(comparison: PlanComparison, *, colour: bool = False) -> str:
    """Return what is not as it was reviewed, grouped by object; one line when everything is."""
    style = Style(colour)
    role = "good" if comparison.is_same else "alarm"
    lines = [style.paint(role, comparison_line(comparison))]
    for address, found in _grouped(comparison):
        lines += ["", style.paint("title", visible(str(address)))]
        for item in found:
            sign, sign_role = _SIGNS[item.difference]
            lines += [f"  {style.paint(sign_role, sign)} {line}" for line in _lines(item)]
    lines += [""] if comparison.releases else []
    lines += [f"  {_SIGNS[how][0]} {how} release {visible(str(each.address))}" for how, each in comparison.releases]
    return "\n".join(lines) + "\n"


def comparison_markdown(comparison: PlanComparison, *, limit: int = LIMIT) -> str:
    """Return what is not as it was reviewed as a comment of at most `limit` characters."""
    icon = "✅" if comparison.is_same else "⚠️"
    head = [marker("against", comparison.target), f"## {icon} {code(comparison.target)} against the reviewed plan", ""]
    sections = [
        shrinking(title, list(_blocks(comparison, difference)), limits=(20_000, 6_000))
        for difference, title in ((Difference.NEW, "New"), (Difference.CHANGED, "Changed"), (Difference.GONE, "Gone"))
    ]
    released = [f"- {how}: release {code(str(each.address))}" for how, each in comparison.releases]
    sections.append(shrinking("Releases", released, limits=(4_000,)))
    return "\n".join([*head, f"**{comparison_line(comparison)}**", "", fitted(sections, limit - _FIXED)])


def comparison_json(comparison: PlanComparison) -> str:
    """Return the comparison's JSON document."""
    return json_text(comparison_document(comparison))


def comparison_line(comparison: PlanComparison) -> str:
    """Return the comparison in one line of fixed words."""
    if not comparison.same_target:
        return "Against the reviewed plan: another target, so nothing of the review holds."
    if comparison.is_same:
        return "Against the reviewed plan: nothing changed."
    counts = [f"{comparison.count(difference):,} {difference}" for difference in Difference]
    released = counted(len(comparison.releases), "release differs", "releases differ") if comparison.releases else ""
    return f"Against the reviewed plan: {', '.join(counts)}{'; ' if released else ''}{released}."


def _grouped(comparison: PlanComparison) -> list[tuple[Address, list[StepDifference]]]:
    found: dict[Address, list[StepDifference]] = {}
    for item in comparison.steps:
        found.setdefault(item.address, []).append(item)
    return sorted(found.items(), key=lambda entry: (kind_rank(entry[0].kind), entry[0].name))


def _blocks(comparison: PlanComparison, difference: Difference) -> Iterator[str]:
    for address, found in _grouped(comparison):
        lines = [line for item in found if item.difference is difference for line in _lines(item)]
        if lines:
            sign = _SIGNS[difference][0]
            yield f"{code(str(address))}\n{fenced([f'{sign} {line}' for line in lines], 'diff')}"


def _lines(item: StepDifference) -> Iterator[str]:
    yield f"{item.difference} {step_words(item.step)}  {visible(item.step.source)}".rstrip()
    if item.reviewed is None or item.current is None:
        for change in item.step.changes:
            yield f"    {visible(change.field)}  {change_words(change, item.step.action)}"
        return
    yield from (f"    {line}" for line in _altered(item.reviewed, item.current))


def _altered(reviewed: Step, current: Step) -> Iterator[str]:
    before = {change.field: change for change in reviewed.changes}
    after = {change.field: change for change in current.changes}
    if reviewed.risk is not current.risk:
        yield f"risk  {current.risk} instead of {reviewed.risk}"
    for field in dict.fromkeys([*before, *after]):
        one, two = before.get(field), after.get(field)
        if _values(one) != _values(two):
            yield f"{visible(field)}  {_told(two)} instead of {_told(one)}"
    if reviewed.depends_on != current.depends_on:
        yield "it waits for other steps than before"
    if reviewed.requests != current.requests and [*map(_values, before.values())] == [*map(_values, after.values())]:
        yield "it sends something else than before"


def _values(change: Change | None) -> tuple[object, object] | None:
    return None if change is None else (change.before, change.after)


def _told(change: Change | None) -> str:
    if change is None:
        return "no change"
    return f"{shortened(change.before, change.after)} -> {shortened(change.after, change.before)}"
