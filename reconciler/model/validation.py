"""What an offline check of the manifests found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reconciler.model.problem import Problem, Severity

VALIDATION_FORMAT_VERSION = "1.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """All problems in reading order, the files that were read, and how many documents were in them."""

    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()
    documents: int = 0

    def count(self, severity: Severity) -> int:
        """Return how many problems are that severe."""
        return sum(1 for problem in self.problems if problem.severity is severity)

    @property
    def valid(self) -> bool:
        """Return whether a plan may be made: warnings are shown, errors stop."""
        return self.count(Severity.ERROR) == 0


def validation_document(report: ValidationReport) -> dict[str, Any]:
    """Return the report's JSON document."""
    return {
        "formatVersion": VALIDATION_FORMAT_VERSION,
        "valid": report.valid,
        "summary": {
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "files": len(report.files),
            "documents": report.documents,
        },
        "problems": [_problem_document(problem) for problem in report.problems],
    }


def _problem_document(problem: Problem) -> dict[str, Any]:
    return {
        "rule": problem.rule,
        "severity": problem.severity.value,
        "message": problem.message,
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "path": problem.path,
        "expected": problem.expected,
        "advice": problem.advice,
    }
