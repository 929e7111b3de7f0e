"""What pipelines read: test results, code scanning findings and graphs."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.drift import read_drift
from reconciler.model.assessment import Status
from reconciler.model.drift import DriftReport
from reconciler.model.problem import Place, Problem
from reconciler.model.validation import ValidationReport
from reconciler.render.graph import plan_dot, plan_mermaid
from reconciler.render.junit import drift_junit, validation_junit
from reconciler.render.sarif import MOST_RESULTS, drift_sarif, validation_sarif
from tests.render.builders import assessment, plan_of
from tests.render.showcase import every_action, every_problem, every_status
from tests.render.test_render_visible import HOSTILE, hostile_plan

OUTCOMES = {
    Status.IN_SYNC: "",
    Status.DRIFTED: "failure",
    Status.MISSING: "failure",
    Status.PENDING: "",
    Status.OPERATIONAL: "",
    Status.BLOCKED: "skipped",
    Status.CANNOT_TELL: "skipped",
}


def reading(*statuses: Status, strict: bool = False) -> DriftReport:
    """Return a drift report of objects with these statuses."""
    found = tuple(assessment("List", f"list-{n}", status, "because") for n, status in enumerate(statuses))
    return read_drift(replace(plan_of(), assessments=found), strict_unknown=strict)


@pytest.mark.parametrize(("status", "outcome"), OUTCOMES.items())
def test_each_object_has_a_case(status: Status, outcome: str) -> None:
    """A case per object that Git declares: drift fails it, what can't be told skips it, all else passes."""
    case = ElementTree.fromstring(drift_junit(reading(status))).find("testsuite/testcase")
    assert case is not None
    assert case.get("name") == "list-0"
    assert [child.tag for child in case if child.tag != "system-out"] == ([outcome] if outcome else [])


def test_strictly_what_cannot_be_told_fails() -> None:
    """With --strict-unknown a case that can't be told fails as the exit code does."""
    case = ElementTree.fromstring(drift_junit(reading(Status.CANNOT_TELL, strict=True)))
    assert case.find("testsuite/testcase/failure") is not None


@given(statuses=st.lists(st.sampled_from(Status), max_size=12), strict=st.booleans())
def test_counts_are_those_of_the_cases(statuses: list[Status], *, strict: bool) -> None:
    """The counts that a suite states are counts of its cases, and unmanaged objects are none."""
    root = ElementTree.fromstring(drift_junit(reading(*statuses, strict=strict)))
    assert int(root.get("tests", "")) == sum(1 for status in statuses if status is not Status.UNMANAGED)
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped"))


def test_each_file_has_a_case() -> None:
    """Files that were checked pass, errors fail theirs, and a warning alone fails nothing."""
    root = ElementTree.fromstring(validation_junit(every_problem()))
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        "campaigns/spring.yaml": ["failure"],
        "campaigns/winback.yaml": ["system-out"],
        "lists/renewals.yaml": [],
    }


@given(text=HOSTILE)
def test_any_text_makes_well_formed_documents(text: str) -> None:
    """Whatever objects are called, XML can be parsed, JSON too, and every name in them is there."""
    report = read_drift(hostile_plan(text))
    ElementTree.fromstring(drift_junit(report))
    json.loads(drift_sarif(report))
    problem = Problem(rule=text, message=text, place=Place(text, 1, 2), path=text, expected=text, advice=text)
    checked = ValidationReport(problems=(problem,), files=(text,))
    ElementTree.fromstring(validation_junit(checked))
    uri = json.loads(validation_sarif(checked))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert re.fullmatch(r"[A-Za-z0-9%._~/-]*", uri["artifactLocation"]["uri"])


def results(document: str) -> list[dict[str, Any]]:
    """Return a SARIF document's results."""
    found: list[dict[str, Any]] = json.loads(document)["runs"][0]["results"]
    return found


def test_findings_stand_at_their_manifests_line() -> None:
    """A finding points into the repository: the configuration directory's path, the file, line and column."""
    found = results(validation_sarif(every_problem(), root="./config/"))
    assert [(item["ruleId"], item["level"]) for item in found] == [("out-of-range", "error"), ("no-effect", "warning")]
    assert found[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "config/campaigns/spring.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 14, "startColumn": 9},
    }


def test_drift_is_an_error_and_the_rest_is_not() -> None:
    """What makes exit code 2 is an error; what can't be told is a note unless it counts; in sync is no finding."""
    levels = {item["ruleId"]: item["level"] for item in results(drift_sarif(read_drift(every_action())))}
    assert levels == {
        "drift/drifted": "error",
        "drift/missing": "error",
        "drift/blocked": "warning",
        "drift/operational": "note",
        "drift/cannot-tell": "note",
    }
    assert results(drift_sarif(reading(Status.CANNOT_TELL, strict=True)))[0]["level"] == "error"
    assert results(drift_sarif(reading(Status.IN_SYNC, Status.PENDING, Status.UNMANAGED))) == []


def test_fingerprints_outlive_a_move_within_the_file() -> None:
    """The same finding keeps its fingerprint when lines are added above it; two findings never share one."""

    def prints(report: DriftReport) -> list[str]:
        return [item["partialFingerprints"]["reconcilerFinding/v1"] for item in results(drift_sarif(report))]

    moved = tuple(
        replace(found, place=replace(found.place, line=found.place.line + 7) if found.place else None)
        for found in every_status()
    )
    before = prints(read_drift(every_action()))
    assert before == prints(read_drift(replace(every_action(), assessments=moved)))
    assert len(set(before)) == len(before)
    twice = ValidationReport(problems=every_problem().problems * 2)
    assert len({item["partialFingerprints"]["reconcilerFinding/v1"] for item in results(validation_sarif(twice))}) == 4


def test_code_scanning_gets_no_more_than_it_takes() -> None:
    """Beyond the limit of one run the gravest findings are kept."""
    note, error = every_problem().problems[1], every_problem().problems[0]
    found = results(validation_sarif(ValidationReport(problems=(note,) * MOST_RESULTS + (error,))))
    assert len(found) == MOST_RESULTS
    assert found[0]["level"] == "error"


@given(text=HOSTILE)
def test_graphs_hold_any_text(text: str) -> None:
    """Whatever objects are called, a graph has its own lines and quotes only."""
    plan, plain = hostile_plan(text), hostile_plan("plain")
    for render in (plan_mermaid, plan_dot):
        assert render(plan).count("\n") == render(plain).count("\n")
    for line in plan_mermaid(plan).splitlines()[7:]:
        assert re.fullmatch(r'  s\d+(\["[^"<>\[\]{}|`\\]*"\]:::\w+| --> s\d+)', line)
    for line in plan_dot(plan).splitlines()[2:-1]:
        assert re.fullmatch(
            r'  s\d+( \[label="([^"\\]|\\.)*", fillcolor="#\w+"(, color="#\w+", penwidth=3)?\]| -> s\d+);', line
        )
