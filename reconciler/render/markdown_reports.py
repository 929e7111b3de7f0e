"""Drift, checks and the outcomes of an apply as Markdown for a comment or a step summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reconciler.model.assessment import Status
from reconciler.model.drift import DriftItem, DriftReport
from reconciler.model.outcome import ApplyReport, Outcome, Result
from reconciler.model.plan import Plan, Step
from reconciler.model.problem import Problem, Severity
from reconciler.model.validation import ValidationReport
from reconciler.render.apply_text import apply_closing_line
from reconciler.render.drift_text import (
    SECTIONS,
    drift_closing_line,
    field_words,
    object_title,
    settled_words,
    since_words,
    unmanaged_line,
    unseen,
)
from reconciler.render.markdown_text import LIMIT, Section, code, fitted, marker, prose, shrinking, strong
from reconciler.render.validation_text import validation_closing_line
from reconciler.render.wording import counted, knowledge_line, what_words

_FIXED = 2_500

_LIMITS = (20_000, 6_000, 2_000)

_RESULTS = (
    (Result.FAILED, "Failed"),
    (Result.UNKNOWN, "Unknown: sent, and nobody can say whether it took effect"),
    (Result.SKIPPED, "Skipped"),
    (Result.DONE, "Done"),
)


def drift_markdown(report: DriftReport, *, now: str = "", everything: bool = False, limit: int = LIMIT) -> str:
    """Return the drift report as a comment of at most `limit` characters: what counts first, the rest shortened."""
    drifted = sum(1 for item in report.items if item.counts)
    icon, words = ("⚠️", f"drift in {counted(drifted, 'object')}") if drifted else ("✅", "no drift")
    head = [marker("drift", report.target), f"## {icon} Drift of {code(report.target)}: {words}", "", code(report.url)]
    wanted = [*SECTIONS, *(((Status.UNMANAGED, "Unmanaged", "note"),) if everything else ())]
    sections = [
        shrinking(title, [line for item in report.having(status) for line in _item(item, now)], limits=_LIMITS)
        for status, title, _ in wanted
    ]
    lines = [
        line
        for sample in unseen(report)
        for line in (
            *(f"- {prose(notice.message)} {code(notice.address)}".rstrip() for notice in sample.shown),
            *([f"- {prose(sample.rest_words)}"] if sample.rest else []),
        )
    ]
    if drifted or everything:
        sections.append(shrinking("What can't be verified", lines, limits=_LIMITS))
    tail = [f"**{drift_closing_line(report)}**", "", *unmanaged_line(report, everything)]
    return _comment(head, sections, [*tail, "", f"Knowledge: {knowledge_line(report.knowledge, now)}"], limit)


def _item(item: DriftItem, now: str) -> Iterator[str]:
    place = f" {code(str(item.assessment.place))}" if item.assessment.place else ""
    conflict = " **conflict**" if item.in_conflict else ""
    reason = item.assessment.reason + since_words(item, now)
    yield f"- {strong(object_title(item))}{place}{conflict}: {prose(reason)}"
    for part in item.assessment.fields:
        if not part.settled:
            yield f"  - {code(part.name)} {prose(field_words(part, now))}"
    settled = settled_words(item, now)
    if settled:
        yield f"  - {settled}"


def validation_markdown(report: ValidationReport, *, limit: int = LIMIT) -> str:
    """Return what a check of the manifests found as a comment of at most `limit` characters."""
    icon = "✅" if report.valid else "⛔"
    head = [marker("validate", "manifests"), f"## {icon} Manifests"]
    sections = [
        shrinking(title, [_problem(each) for each in report.problems if each.severity is severity], limits=_LIMITS)
        for severity, title in ((Severity.ERROR, "Errors"), (Severity.WARNING, "Warnings"))
    ]
    return _comment(head, sections, [f"**{validation_closing_line(report)}**"], limit)


def _problem(problem: Problem) -> str:
    where = f"{problem.place} {problem.path}".rstrip()
    parts = [f"- {code(where)} {prose(problem.message)}"]
    if problem.expected:
        parts.append(f"expected {prose(problem.expected)}")
    if problem.advice:
        parts.append(prose(problem.advice))
    return f"{'; '.join(parts)} {code(problem.rule)}"


def apply_markdown(report: ApplyReport, *, plan: Plan | None = None, limit: int = LIMIT) -> str:
    """Return what became of each step as a comment of at most `limit` characters, failures first."""
    steps = {step.id: step for step in plan.steps} if plan is not None else {}
    icon = "✅" if report.succeeded else "⛔"
    head = [marker("apply", report.target), f"## {icon} Apply to {code(report.target)}", ""]
    if report.interrupted:
        head += ["Interrupted: what was done is recorded; run it again to go on.", ""]
    sections = [
        shrinking(
            title,
            [_outcome(outcome, steps) for outcome in report.outcomes if outcome.result is result],
            limits=_LIMITS,
        )
        for result, title in _RESULTS
    ]
    return _comment(head, sections, [f"**{apply_closing_line(report)}**"], limit)


def _outcome(outcome: Outcome, steps: Mapping[str, Step]) -> str:
    step = steps.get(outcome.step)
    what = prose(what_words(step)) if step is not None else code(outcome.step)
    told = [prose(text) for text in (outcome.detail, outcome.advice, *outcome.notes) if text]
    identity = f" (Id {outcome.object_id})" if outcome.object_id is not None else ""
    return f"- {what}{identity}" + (f": {'; '.join(told)}" if told else "")


def _comment(head: list[str], sections: list[Section], tail: list[str], limit: int) -> str:
    body = fitted(sections, limit - _FIXED)
    return "\n".join([*head, "", body, *tail]) + "\n"
