"""Drift, checks and the outcomes of an apply as self-contained HTML pages."""

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
    MOVERS,
    drift_closing_line,
    drift_verdict,
    live_words,
    object_title,
    settled_words,
    since_words,
    unmanaged_line,
    unseen,
)
from reconciler.render.html_page import Facet, article, filters, page, part, section, table, text, token
from reconciler.render.validation_text import validation_closing_line
from reconciler.render.visible import shortened
from reconciler.render.wording import age, knowledge_line, what_words

_STATUS_ROLES = {Status.DRIFTED: "bad", Status.MISSING: "bad", Status.BLOCKED: "warn", Status.CANNOT_TELL: "warn"}
_RESULT_ROLES = {Result.DONE: "good", Result.FAILED: "bad", Result.SKIPPED: "warn", Result.UNKNOWN: "warn"}


def drift_html(report: DriftReport, *, now: str = "") -> str:
    """Return the drift report as a page with every object; `now` is what ages are counted from."""
    role = "bad" if report.has_drift else "good"
    lead = f'<p class="verdict {role}">{text(drift_verdict(report))}</p>'
    facets = (
        Facet(name="status", label="Status", values=tuple(dict.fromkeys(item.status.value for item in report.items))),
        Facet(name="kind", label="Kind", values=tuple(dict.fromkeys(item.address.kind for item in report.items))),
    )
    ordered = sorted(report.items, key=lambda item: (not item.counts, list(Status).index(item.status)))
    cards = "\n".join(_drift_card(item, now) for item in ordered)
    notices = section("What can't be verified", _unseen(report), identifier="unseen")
    body = f'{notices}\n<section id="objects">\n<h2>Objects</h2>\n{filters(facets)}\n{cards}\n</section>'
    lines = [drift_closing_line(report), *unmanaged_line(report, True)]
    lines.append(f"Knowledge: {knowledge_line(report.knowledge, now)}")
    footer = "\n".join(f"<p>{text(line)}</p>" for line in lines)
    return page(title=f"Drift of {report.target}", lead=lead, body=body, footer=footer)


def _unseen(report: DriftReport) -> Iterator[str]:
    for sample in unseen(report):
        yield from (text(notice.message) for notice in sample.shown)
        if sample.rest:
            yield text(sample.rest_words)


def _drift_card(item: DriftItem, now: str) -> str:
    found = item.assessment
    role = _STATUS_ROLES.get(item.status, "note")
    tags = f'<span class="tag {role}">{text(item.status)}</span>'
    tags += ' <span class="tag bad">conflict</span>' if item.in_conflict else ""
    place = f'<code class="dim">{text(found.place)}</code>' if found.place else ""
    rows = [
        (
            text(field.name),
            text(shortened(field.desired, field.live)),
            text(live_words(field)),
            text(shortened(field.applied, field.live)) + (f" ({text(age(field.at, now))})" if field.at else ""),
            text(MOVERS[field.mover] + (", operational" if field.operational else "")),
        )
        for field in found.fields
        if not field.settled
    ]
    inner = f"<div>{tags} {text(found.reason + since_words(item, now))} {place}</div>\n"
    inner += table(f"Fields of {item.address}", ("Field", "Git", "Target", "Last applied", "Who moved"), rows)
    settled = settled_words(item, now)
    inner += f'<div class="dim">{text(settled)}</div>' if settled else ""
    data = {"kind": token(item.address.kind), "status": token(item.status)}
    return article(name=str(item.address), title=object_title(item), parts=[part(inner, data=data)])


def validation_html(report: ValidationReport) -> str:
    """Return what a check of the manifests found as a page, a card per file."""
    by_file: dict[str, list[Problem]] = {}
    for problem in report.problems:
        by_file.setdefault(problem.place.file, []).append(problem)
    role = "good" if report.valid else "bad"
    lead = f'<p class="verdict {role}">{text(validation_closing_line(report))}</p>'
    facets = (
        Facet(name="severity", label="Severity", values=tuple(severity.value for severity in Severity)),
        Facet(name="rule", label="Rule", values=tuple(sorted({problem.rule for problem in report.problems}))),
    )
    cards = "\n".join(
        article(name=file, title=file, parts=map(_problem_part, problems)) for file, problems in by_file.items()
    )
    body = f'<section id="problems">\n<h2>Problems</h2>\n{filters(facets)}\n{cards}\n</section>' if by_file else ""
    files = "".join(f"<li><code>{text(file)}</code></li>" for file in report.files)
    listed = f"<details><summary>Files that were checked</summary><ul>{files}</ul></details>" if files else ""
    return page(title="Manifests", lead=lead, body=body, footer=listed)


def _problem_part(problem: Problem) -> str:
    role = "bad" if problem.severity is Severity.ERROR else "warn"
    where = f"{problem.place} {problem.path}".rstrip()
    inner = f'<div><span class="tag {role}">{text(problem.severity)}</span> {text(problem.message)} '
    inner += f"<code>{text(where)}</code> <code>{text(problem.rule)}</code></div>"
    inner += f"\n<div>Expected: {text(problem.expected)}</div>" if problem.expected else ""
    inner += f"\n<div>What to do: {text(problem.advice)}</div>" if problem.advice else ""
    return part(inner, data={"severity": token(problem.severity), "rule": token(problem.rule)})


def apply_html(report: ApplyReport, *, plan: Plan | None = None) -> str:
    """Return what became of each step as a page; with the plan, steps are named by what they do."""
    steps = {step.id: step for step in plan.steps} if plan is not None else {}
    role = "good" if report.succeeded else "bad"
    lead = f'<p class="verdict {role}">{text(apply_closing_line(report))}</p>'
    lead += "\n<p>Interrupted: what was done is recorded; run it again to go on.</p>" if report.interrupted else ""
    results = tuple(result.value for result in Result if report.count(result))
    cards = "\n".join(_outcome_card(outcome, steps) for outcome in report.outcomes)
    form = filters((Facet(name="result", label="Result", values=results),))
    body = f'<section id="steps">\n<h2>Steps</h2>\n{form}\n{cards}\n</section>' if report.outcomes else ""
    footer = f"<p>Ledger serial {report.serial}</p>"
    return page(title=f"Apply to {report.target}", lead=lead, body=body, footer=footer)


def _outcome_card(outcome: Outcome, steps: Mapping[str, Step]) -> str:
    step = steps.get(outcome.step)
    identity = f" (Id {outcome.object_id})" if outcome.object_id is not None else ""
    inner = f'<div><span class="tag {_RESULT_ROLES[outcome.result]}">{text(outcome.result)}</span> '
    inner += f"<code>{text(outcome.step)}</code>{identity}</div>"
    inner += "".join(f"\n<div>{text(line)}</div>" for line in (outcome.detail, outcome.advice, *outcome.notes) if line)
    title = what_words(step) if step is not None else outcome.step
    return article(name=outcome.step, title=title, parts=[part(inner, data={"result": token(outcome.result)})])
