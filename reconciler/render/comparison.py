"""What changed since the reviewed plan, as text, Markdown and JSON."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.comparison import (
    ChangedStep,
    FactDifference,
    FieldDifference,
    ObjectComparison,
    PlanComparison,
    comparison_document,
)
from reconciler.model.json_text import json_text
from reconciler.model.plan import Change, Risk, Step
from reconciler.render.markdown_text import LIMIT, clipped, code, fenced, marker, prose
from reconciler.render.style import Style
from reconciler.render.visible import shortened, visible
from reconciler.render.wording import counted, joined, step_words

ADDED, REMOVED, CHANGED = "+", "-", "!"

_ROLES = {ADDED: "good", REMOVED: "bad", CHANGED: "warn"}
_WORDS = {ADDED: "new", REMOVED: "gone", CHANGED: "changed"}
_FIXED = 1_000


def comparison_json(found: PlanComparison) -> str:
    """Return the comparison's document."""
    return json_text(comparison_document(found))


def comparison_text(found: PlanComparison, *, colour: bool = False) -> str:
    """Return the comparison as text; the same plan is said in a line or two."""
    style = Style(colour)
    lines = [style.paint("good" if found.same else "title", comparison_verdict(found))]
    for sign, remark in _remarks(found):
        lines.append(f"  {style.paint(_ROLES[sign], sign)} {visible(remark)}")
    for each in found.objects:
        lines += ["", style.paint("title", visible(str(each.address)))]
        lines += [
            f"  {style.paint(_ROLES[sign], sign)} {line}" if sign else f"      {line}" for sign, line in _of(each)
        ]
    lines += ["", *_closing(found)] if not found.same else list(_since(found))
    return "\n".join(lines) + "\n"


def comparison_markdown(found: PlanComparison, *, limit: int = LIMIT) -> str:
    """Return the comparison as a comment of at most `limit` characters; what does not fit is counted."""
    icon = "✅" if found.same else "⚠️"
    head = [marker("against", found.target), f"## {icon} Since the reviewed plan for {code(found.target)}", ""]
    head.append(f"**{comparison_verdict(found)}**")
    remarks = [f"- {'now' if sign == ADDED else 'no longer'}: {prose(remark)}" for sign, remark in _remarks(found)]
    tail = ["", *(prose(line) for line in (_closing(found) if not found.same else _since(found)))]
    room = limit - _FIXED - sum(len(line) + 1 for line in (*head, *remarks, *tail))
    lines: list[str] = []
    shown = 0
    for each in found.objects:
        more = [f"@@ {clipped(str(each.address))} @@"]
        more += [f"{sign} {clipped(line)}" if sign else f"#   {clipped(line)}" for sign, line in _of(each)]
        room -= sum(len(line) + 1 for line in more)
        if room < 0:
            break
        lines += more
        shown += 1
    body = ["", fenced(lines, "diff")] if lines else []
    if shown < len(found.objects):
        body += ["", f"… and {counted(len(found.objects) - shown, 'more object')}, left out for length."]
    return "\n".join([*head, *(["", *remarks] if remarks else []), *body, *tail]) + "\n"


def comparison_verdict(found: PlanComparison) -> str:
    """Return the comparison in one sentence."""
    if found.same:
        return f"The plan for {visible(found.target)} is the reviewed one: {counted(found.steps_now, 'step')}."
    return (
        f"The plan for {visible(found.target)} is not the reviewed one: "
        f"{counted(found.steps_reviewed, 'step')} then, {counted(found.steps_now, 'step')} now."
    )


def _remarks(found: PlanComparison) -> Iterator[tuple[str, str]]:
    yield from ((ADDED, remark) for remark in found.remarks_added)
    yield from ((REMOVED, remark) for remark in found.remarks_removed)


def _closing(found: PlanComparison) -> Iterator[str]:
    counts = f"{found.added:,} new, {found.removed:,} gone, {found.changed:,} changed"
    yield f"Since the reviewed plan: {counts}; in {counted(len(found.objects), 'object')}."
    yield from _since(found)


def _since(found: PlanComparison) -> Iterator[str]:
    """Yield why a saved plan would be refused, whether its steps are the same or not."""
    moved = ["the manifests"] if found.manifests_moved else []
    moved += ["the ledger"] if found.ledger_moved else []
    if found.live_moved:
        names = found.live_moved if len(found.live_moved) < 6 else (*found.live_moved[:5], "more")
        moved.append(f"the target ({', '.join(visible(name) for name in names)})")
    if moved:
        yield f"Moved since then: {joined(moved)}. The reviewed plan is stale: save this one and review it."


def _of(found: ObjectComparison) -> Iterator[tuple[str, str]]:
    """Yield an object's lines, each step's with its sign and what belongs to it without one."""
    for step in found.added:
        yield ADDED, _step_line(ADDED, step)
        yield from (("", line) for line in _details(step))
    for step in found.removed:
        yield REMOVED, _step_line(REMOVED, step)
        yield from (("", line) for line in _details(step))
    for each in found.changed:
        yield CHANGED, _step_line(CHANGED, each.now)
        yield from (("", line) for line in _differences(each))


def _step_line(sign: str, step: Step) -> str:
    risk = f"  [{step.risk}]" if step.risk is not Risk.NONE else ""
    return f"{_WORDS[sign]}: {step_words(step)}  {visible(step.source)}".rstrip() + risk


def _details(step: Step) -> Iterator[str]:
    if step.risk is Risk.DISRUPTIVE and step.risk_reason:
        yield visible(step.risk_reason)
    if step.subject is None:
        for change in step.changes:
            yield f"{visible(change.field)}  {_change(change)}"


def _differences(each: ChangedStep) -> Iterator[str]:
    for field in each.fields:
        yield f"{visible(field.field)}  {_field(field)}"
    for fact in each.facts:
        yield f"{_FACTS.get(fact.fact, fact.fact)}  {_fact(fact)}"


_FACTS = {"riskReason": "why it is a risk", "values": "what is written", "id": "Id"}


def _field(field: FieldDifference) -> str:
    reviewed = "left alone" if field.reviewed is None else _change(field.reviewed)
    now = "left alone" if field.now is None else _change(field.now)
    return f"reviewed {reviewed}; now {now}"


def _fact(fact: FactDifference) -> str:
    return f"reviewed {shortened(fact.reviewed, fact.now)}; now {shortened(fact.now, fact.reviewed)}"


def _change(change: Change) -> str:
    return f"{shortened(change.before, change.after)} -> {shortened(change.after, change.before)}"
