"""
Drift and checks as SARIF 2.1.0, for code scanning: each finding at its manifest's line.

A finding keeps its fingerprint as long as it is the same finding, whatever lines are added above it.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from reconciler.model.assessment import Status
from reconciler.model.drift import DriftItem, DriftReport
from reconciler.model.json_text import json_text
from reconciler.model.problem import Place, Problem, Severity
from reconciler.model.validation import ValidationReport
from reconciler.render.drift_text import field_words, object_title, since_words
from reconciler.render.visible import visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

MOST_RESULTS = 25_000
"""What code scanning takes of one run; errors are kept first."""

_LEVELS = ("error", "warning", "note")

_DRIFT_RULES: Mapping[Status, tuple[str, str]] = {
    Status.DRIFTED: ("error", "The target was changed since the last apply."),
    Status.MISSING: ("error", "A recorded object is gone from the target."),
    Status.BLOCKED: ("warning", "Something prevents the object from being compared."),
    Status.CANNOT_TELL: ("note", "Nothing can be read that would show whether it drifted."),
    Status.OPERATIONAL: ("note", "Floor managers changed what they own."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    rule: str
    level: str
    message: str
    place: Place | None
    identity: str


def drift_sarif(report: DriftReport, *, now: str = "", root: str = "") -> str:
    """
    Return the report's findings at the lines of their manifests.

    `root` is the configuration directory's path inside the repository. Objects in sync, pending or unmanaged are no
    findings.
    """
    findings = [_drift_finding(item, now) for item in report.items if item.counts or item.status in _DRIFT_RULES]
    rules = {f"drift/{status.value}": text for status, (_, text) in _DRIFT_RULES.items()}
    return _document(findings, rules | {"drift/conflict": "Git and the target both moved the same field."}, root)


def _drift_finding(item: DriftItem, now: str) -> _Finding:
    rule = item.status.value if item.status in _DRIFT_RULES else "conflict"
    level = "error" if item.counts else _DRIFT_RULES[item.status][0]
    moved = [part for part in item.assessment.fields if not part.settled]
    fields = "".join(f" {visible(part.name)}: {field_words(part, now)}." for part in moved)
    reason = visible(item.assessment.reason) + since_words(item, now)
    return _Finding(
        rule=f"drift/{rule}",
        level=level,
        message=f"{object_title(item)}: {reason}.{fields}",
        place=item.assessment.place,
        identity=str(item.address),
    )


def validation_sarif(report: ValidationReport, *, root: str = "") -> str:
    """Return a check's problems at their lines; `root` is the configuration directory's path inside the repository."""
    findings = [_problem_finding(problem) for problem in report.problems]
    return _document(findings, {problem.rule: f"Manifest rule {problem.rule}." for problem in report.problems}, root)


def _problem_finding(problem: Problem) -> _Finding:
    parts = [visible(problem.message)]
    parts += [f"Expected {visible(problem.expected)}."] if problem.expected else []
    parts += [f"What to do: {visible(problem.advice)}."] if problem.advice else []
    path = f"{visible(problem.path)}: " if problem.path else ""
    return _Finding(
        rule=problem.rule,
        level="error" if problem.severity is Severity.ERROR else "warning",
        message=path + " ".join(parts),
        place=problem.place,
        identity=f"{problem.place.file}\n{problem.path}",
    )


def _document(findings: Sequence[_Finding], rules: Mapping[str, str], root: str) -> str:
    kept = sorted(findings, key=lambda finding: _LEVELS.index(finding.level))[:MOST_RESULTS]
    driver: dict[str, Any] = {
        "name": "reconciler",
        "rules": [
            {"id": visible(rule), "shortDescription": {"text": visible(rules[rule])}}
            for rule in sorted(rules)
            if any(finding.rule == rule for finding in kept)
        ],
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "results": _results(kept, root),
        "columnKind": "unicodeCodePoints",
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _results(findings: Iterable[_Finding], root: str) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    results = []
    for finding in findings:
        identity = f"{finding.rule}\n{finding.identity}"
        seen[identity] += 1
        digest = hashlib.sha256(f"{identity}\n{seen[identity]}".encode("utf-8", "backslashreplace")).hexdigest()
        result: dict[str, Any] = {
            "ruleId": visible(finding.rule),
            "level": finding.level,
            "message": {"text": _message(finding.message)},
            "partialFingerprints": {"reconcilerFinding/v1": digest},
        }
        if finding.place is not None:
            result["locations"] = [{"physicalLocation": _location(finding.place, root)}]
        results.append(result)
    return results


def _message(text: str) -> str:
    """Return a message in which nothing is read as a link of SARIF's own."""
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text


def _location(place: Place, root: str) -> dict[str, Any]:
    path = posixpath.normpath(posixpath.join(root, place.file))
    uri = quote(path.encode("utf-8", "backslashreplace"), safe="/")
    location: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if place.line:
        location["region"] = {"startLine": place.line} | ({"startColumn": place.column} if place.column else {})
    return location
