"""What became of an apply, and what one would send, as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.json_text import json_text
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Plan, Request, Step
from reconciler.render.style import Style
from reconciler.render.visible import padded, visible
from reconciler.render.wording import counted, knowledge_line, what_words

NOTHING_SENT = "Nothing was sent."

_WORST_FIRST = (Result.FAILED, Result.UNKNOWN, Result.SKIPPED, Result.DONE)
_ROLES = {Result.DONE: "good", Result.FAILED: "bad", Result.SKIPPED: "dim", Result.UNKNOWN: "warn"}
_COLUMNS = max(len(result) for result in Result)


def apply_text(report: ApplyReport, *, plan: Plan | None = None, colour: bool = False) -> str:
    """
    Return what became of each step, in plan order, and the counts of what really happened.

    With the plan, steps are named by what they do instead of by their id.
    """
    style = Style(colour)
    steps = {step.id: step for step in plan.steps} if plan is not None else {}
    lines = [line for outcome in report.outcomes for line in _outcome(outcome, steps, style)]
    if report.outcomes:
        lines.append("")
    if report.interrupted:
        lines.append(style.paint("warn", "Interrupted: what was done is recorded; run it again to go on."))
    lines.append(style.paint("title" if report.succeeded else "alarm", apply_closing_line(report)))
    return "\n".join(lines) + "\n"


def apply_closing_line(report: ApplyReport) -> str:
    """Return the line that sums up an apply in fixed words: counts of outcomes, never of plans."""
    counts = ", ".join(
        f"{report.count(result):,} {result}" for result in (Result.DONE, Result.FAILED, Result.SKIPPED, Result.UNKNOWN)
    )
    return f"Apply: {counts}."


def _outcome(outcome: Outcome, steps: Mapping[str, Step], style: Style) -> Iterator[str]:
    step = steps.get(outcome.step)
    what = what_words(step) if step is not None else visible(outcome.step)
    facts = [f"Id {outcome.object_id}"] if outcome.object_id is not None else []
    if outcome.requests > 1:
        facts.append(counted(outcome.requests, "request"))
    told = f"  ({', '.join(facts)})" if facts else ""
    yield f"{style.paint(_ROLES[outcome.result], padded(outcome.result, _COLUMNS))}  {what}{told}"
    indent = " " * (_COLUMNS + 2)
    for text in (outcome.detail, outcome.advice, *outcome.notes):
        if text:
            yield indent + visible(text)


def dry_run_text(plan: Plan, *, colour: bool = False, now: str = "") -> str:
    """Return every request that an apply of this plan would send, in an order in which it could; it sends none."""
    style = Style(colour)
    lines = [line for step in plan.steps for line in _step(step, style)]
    requests = sum(len(step.requests) for step in plan.steps)
    steps = counted(len(plan.steps), "step")
    lines.append(style.paint("title", f"Dry run: {counted(requests, 'request')} for {steps}. {NOTHING_SENT}"))
    lines.append(f"Knowledge: {knowledge_line(plan.knowledge, now)}")
    return "\n".join(lines) + "\n"


def _step(step: Step, style: Style) -> Iterator[str]:
    yield style.paint("title", f"{what_words(step)}") + f"  {visible(step.source)}"
    if not step.requests:
        yield "  no request: only the ledger changes"
    for request in step.requests:
        yield from _request(request)
    yield ""


def _request(request: Request) -> Iterator[str]:
    yield f"  {visible(request.method)} {visible(request.path)}"
    if request.body is not None:
        for line in json_text(dict(request.body)).splitlines():
            yield f"    {visible(line)}"
