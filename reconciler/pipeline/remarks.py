"""Annotations at the lines of the manifests: from problems, risks, drift and failed steps."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reconciler.pipeline.command import Event
from reconciler.pipeline.workflow import Annotation

Document = Mapping[str, Any]


class Remarks:
    """Makes annotations for a configuration directory, given as its path inside the repository."""

    def __init__(self, root: str) -> None:
        self._root = "" if root in ("", ".") else root

    def of_problems(self, problems: Iterable[Event]) -> Iterator[Annotation]:
        """Yield what is wrong or doubtful in the manifests, where it stands."""
        for problem in problems:
            severity = problem.get("severity") or problem.get("level")
            told = [str(problem["message"])]
            if problem.get("expected"):
                told.append(f"expected {problem['expected']}")
            if problem.get("advice"):
                told.append(str(problem["advice"]))
            yield Annotation(
                level="error" if severity == "error" else "warning",
                file=self._path(str(problem.get("file", ""))),
                line=int(problem.get("line") or 0),
                column=int(problem.get("column") or 0),
                title=str(problem.get("rule", "")),
                message="; ".join(told),
            )

    def of_plan(self, plan: Document) -> Iterator[Annotation]:
        """Yield objections as errors and disruptive steps as warnings, at the line that asked for them."""
        sources = {step["id"]: step["source"] for step in plan["steps"]}
        for objection in plan.get("objections", ()):
            place = next((sources[name] for name in objection["steps"] if name in sources), "")
            yield self._at(place, "error", objection["rule"], f"{objection['message']}; {objection['advice']}")
        for step in plan["steps"]:
            if step["risk"] == "disruptive":
                what = f"{step['action']} {step['kind']}/{step['name']}"
                yield self._at(step["source"], "warning", f"disruptive: {what}", step.get("riskReason") or what)

    def of_outcomes(self, ended: Iterable[Event]) -> Iterator[Annotation]:
        """Yield the steps of an apply that failed or may have."""
        for step in ended:
            if step.get("result") in ("failed", "unknown"):
                told = "; ".join(str(step[name]) for name in ("message", "detail", "advice") if step.get(name))
                yield self._at(str(step.get("source", "")), "error", f"{step['result']}: {step['step']}", told)

    def of_drift(self, report: Document) -> Iterator[Annotation]:
        """Yield the objects that drifted."""
        for item in report["objects"]:
            if item["drift"]:
                fields = ", ".join(part["field"] for part in item["fields"] if not part["settled"])
                what = f"{item['kind']}/{item['name']}"
                told = item["reason"] + (f" ({fields})" if fields else "")
                yield self._at(item["source"], "warning", f"{item['status']}: {what}", told)

    def _at(self, source: str, level: str, title: str, message: str) -> Annotation:
        file, line, column = _split(source)
        return Annotation(level=level, file=self._path(file), line=line, column=column, title=title, message=message)

    def _path(self, file: str) -> str:
        return posixpath.join(self._root, file) if file and self._root else file


def _split(source: str) -> tuple[str, int, int]:
    """Take `file:line` or `file:line:column` apart; what is no place (`removed from Git`) has no file."""
    parts = source.split(":")
    numbers: list[int] = []
    while len(parts) > 1 and len(numbers) < 2 and parts[-1].isdigit():
        numbers.insert(0, int(parts.pop()))
    if not numbers:
        return "", 0, 0
    return ":".join(parts), numbers[0], numbers[1] if len(numbers) > 1 else 0
