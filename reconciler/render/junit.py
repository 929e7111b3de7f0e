"""
Drift and checks as JUnit XML, for pipelines that show test results.

Every object and file that was looked at has a case, so that a clean run shows what it covered. What can't be told is
skipped: neither green nor red.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from reconciler.model.assessment import Status
from reconciler.model.drift import DriftItem, DriftReport
from reconciler.model.problem import Problem, Severity
from reconciler.model.validation import ValidationReport
from reconciler.render.drift_text import field_words, object_title, since_words
from reconciler.render.style import Style
from reconciler.render.validation_text import problem_lines
from reconciler.render.visible import visible
from reconciler.render.wording import counted, kind_rank

_SKIPPED = frozenset({Status.CANNOT_TELL, Status.BLOCKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """A case of a suite; `outcome` is failure, skipped or empty for passed."""

    suite: str
    name: str
    outcome: str = ""
    kind: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


def drift_junit(report: DriftReport, *, now: str = "") -> str:
    """Return the drift report with a suite per kind and a case per object; unmanaged objects are nobody's case."""
    found = [item for item in report.items if item.status is not Status.UNMANAGED]
    found.sort(key=lambda item: kind_rank(item.address.kind))
    return _document(f"drift of {visible(report.target)}", [_drift_case(report, item, now) for item in found])


def _drift_case(report: DriftReport, item: DriftItem, now: str) -> _Case:
    place = str(item.assessment.place) if item.assessment.place else ""
    moved = [part for part in item.assessment.fields if not part.settled]
    lines = [object_title(item), visible(place)]
    lines += [f"{visible(part.name)}: {field_words(part, now)}" for part in moved]
    if item.counts:
        outcome = "failure"
    elif item.status in _SKIPPED:
        outcome = "skipped"
    else:
        outcome = ""
    quiet = item.status is Status.IN_SYNC
    return _Case(
        suite=f"{visible(report.target)}.{visible(item.address.kind)}",
        name=visible(item.address.name),
        outcome=outcome,
        kind=item.status.value,
        message=visible(item.assessment.reason) + since_words(item, now),
        lines=tuple(line for line in lines if line),
        output=() if quiet or outcome else (f"{item.status}: {visible(item.assessment.reason)}", *lines[2:]),
    )


def validation_junit(report: ValidationReport) -> str:
    """Return what a check found with a case per file: errors fail it, warnings are its output."""
    by_file: dict[str, list[Problem]] = {file: [] for file in report.files}
    for problem in report.problems:
        by_file.setdefault(problem.place.file, []).append(problem)
    return _document("manifests", [_file_case(file, problems) for file, problems in by_file.items()])


def _file_case(file: str, problems: Sequence[Problem]) -> _Case:
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    warnings = [problem for problem in problems if problem.severity is not Severity.ERROR]
    return _Case(
        suite="manifests",
        name=visible(file),
        outcome="failure" if errors else "",
        kind=visible(errors[0].rule) if errors else "",
        message=counted(len(errors), "error"),
        lines=tuple(_plain_lines(errors)),
        output=tuple(_plain_lines(warnings)),
    )


def _plain_lines(problems: Iterable[Problem]) -> list[str]:
    return [line for problem in problems for line in problem_lines(problem, Style())]


def _document(name: str, cases: Sequence[_Case]) -> str:
    root = ElementTree.Element("testsuites", {"name": name} | _counts(cases))
    for suite in dict.fromkeys(case.suite for case in cases):
        members = [case for case in cases if case.suite == suite]
        element = ElementTree.SubElement(root, "testsuite", {"name": suite} | _counts(members, skipped=True))
        for case in members:
            _add(element, case)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _counts(cases: Sequence[_Case], *, skipped: bool = False) -> dict[str, str]:
    """Return the counts that the schema asks for; only a suite counts what was skipped."""
    counts = {
        "tests": str(len(cases)),
        "failures": str(sum(1 for case in cases if case.outcome == "failure")),
        "errors": "0",
    }
    return counts | ({"skipped": str(sum(1 for case in cases if case.outcome == "skipped"))} if skipped else {})


def _add(suite: ElementTree.Element, case: _Case) -> None:
    element = ElementTree.SubElement(suite, "testcase", {"classname": case.suite, "name": case.name, "time": "0"})
    if case.outcome == "skipped":
        ElementTree.SubElement(element, "skipped", {"message": case.message})
    elif case.outcome:
        failure = ElementTree.SubElement(element, case.outcome, {"message": case.message, "type": case.kind})
        failure.text = "\n".join(case.lines)
    output = case.lines if case.outcome == "skipped" else case.output
    if output:
        ElementTree.SubElement(element, "system-out").text = "\n".join(output)
