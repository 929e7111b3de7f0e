"""The problems of manifests as text: what, where, what was expected, what to do, all at once."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.model.problem import Problem, Severity
from reconciler.model.validation import ValidationReport
from reconciler.render.style import Style
from reconciler.render.visible import visible
from reconciler.render.wording import counted

_ROLES = {Severity.ERROR: "bad", Severity.WARNING: "warn"}


def validation_text(report: ValidationReport, *, colour: bool = False) -> str:
    """Return every problem and the counts; one line when there is nothing to say."""
    style = Style(colour)
    lines = [line for problem in report.problems for line in problem_lines(problem, style)]
    if lines:
        lines.append("")
    lines.append(style.paint("good" if report.valid else "alarm", validation_closing_line(report)))
    return "\n".join(lines) + "\n"


def validation_closing_line(report: ValidationReport) -> str:
    """Return the line that sums a check up in fixed words."""
    checked = f"{counted(report.documents, 'document')} in {counted(len(report.files), 'file')}"
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    if not errors and not warnings:
        return f"Valid: {checked}."
    counts = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    return f"{'Valid' if report.valid else 'Invalid'}: {counts} in {checked}."


def problem_lines(problem: Problem, style: Style) -> Iterator[str]:
    """Yield a problem's lines: an editor finds the place in the first one."""
    severity = style.paint(_ROLES[problem.severity], problem.severity.value)
    path = f" {visible(problem.path)}" if problem.path else ""
    where = f"{visible(str(problem.place))}{path}"
    yield f"{where}: {severity}: {visible(problem.message)} [{visible(problem.rule)}]"
    if problem.expected:
        yield f"    expected: {visible(problem.expected)}"
    if problem.advice:
        yield f"    what to do: {visible(problem.advice)}"
