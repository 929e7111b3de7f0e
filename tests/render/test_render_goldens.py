"""
What people and pipelines read, word for word.

The expected outputs are files under `goldens/`. After a deliberate change of wording, write them anew with
`UPDATE_GOLDENS=1 pytest tests/render` and read the difference before committing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from reconciler.drift import read_drift
from reconciler.model.address import Address
from reconciler.model.comparison import PlanComparison, compare_plans
from reconciler.model.outcome import ApplyReport
from reconciler.model.plan import Risk
from reconciler.model.validation import ValidationReport
from reconciler.render.apply_text import apply_text, dry_run_text
from reconciler.render.formats import (
    APPLY_FORMATS,
    COMPARISON_FORMATS,
    DRIFT_FORMATS,
    GRAPH_FORMATS,
    PLAN_FORMATS,
    VALIDATION_FORMATS,
    Options,
)
from reconciler.render.state_text import state_list_text, state_show_text
from tests.render.builders import NOW, change, plan_of
from tests.render.showcase import every_action, every_problem, every_result, refused_plan, some_ledger

GOLDENS = Path(__file__).parent / "goldens"
SUFFIXES = {"text": "txt", "markdown": "md", "junit": "junit.xml", "sarif": "sarif.json", "mermaid": "mmd"}
OPTIONS = Options(now=NOW, everything=True, root="config")


def some_comparison() -> PlanComparison:
    """Compare the showcase with a plan in which steps are new, gone and changed."""
    reviewed = every_action()
    first, second, third, *rest = reviewed.steps
    new = replace(first, id="list/extra/create", name="extra")
    altered = replace(third, changes=(change("extension", "2041", "2049"),), risk=Risk.NONE)
    current = replace(reviewed, steps=(new, second, altered, *rest), releases=())
    return compare_plans(reviewed, current)


def golden_cases() -> dict[str, Callable[[], str]]:
    """Return every golden file's name and what makes it."""
    cases: dict[str, Callable[[], str]] = {
        "plan-coloured.txt": lambda: PLAN_FORMATS["text"](every_action(), Options(now=NOW, colour=True)),
        "plan-refused.txt": lambda: PLAN_FORMATS["text"](refused_plan(), OPTIONS),
        "plan-no-changes.txt": lambda: PLAN_FORMATS["text"](plan_of(), OPTIONS),
        "dry-run.txt": lambda: dry_run_text(every_action(), now=NOW),
        "apply-without-plan.txt": lambda: apply_text(every_result()),
        "state-list.txt": lambda: state_list_text(some_ledger()),
        "state-show.txt": lambda: state_show_text(some_ledger(), Address("User", "jane.doe")),
    }
    for name, plan_format in PLAN_FORMATS.items():
        cases[f"plan.{SUFFIXES.get(name, name)}"] = partial(plan_format, every_action(), OPTIONS)
    for name, drift_format in DRIFT_FORMATS.items():
        cases[f"drift.{SUFFIXES.get(name, name)}"] = partial(drift_format, read_drift(every_action()), OPTIONS)
    for name, apply_format in APPLY_FORMATS.items():
        cases[f"apply.{SUFFIXES.get(name, name)}"] = partial(apply_format, every_result(), every_action(), OPTIONS)
    for name, check_format in VALIDATION_FORMATS.items():
        cases[f"validate.{SUFFIXES.get(name, name)}"] = partial(check_format, every_problem(), OPTIONS)
    for name, comparison_format in COMPARISON_FORMATS.items():
        cases[f"against.{SUFFIXES.get(name, name)}"] = partial(comparison_format, some_comparison(), OPTIONS)
    for name, graph_format in GRAPH_FORMATS.items():
        cases[f"graph.{SUFFIXES.get(name, name)}"] = partial(graph_format, every_action())
    return cases


@pytest.mark.parametrize("name", golden_cases())
def test_output_word_for_word(name: str) -> None:
    """The same value is rendered as the committed file shows, byte for byte."""
    rendered = golden_cases()[name]()
    path = GOLDENS / name
    if os.environ.get("UPDATE_GOLDENS"):
        path.write_bytes(rendered.encode())
    assert rendered == path.read_bytes().decode()


def test_every_golden_is_still_made() -> None:
    """No golden file outlives the output that it shows."""
    assert {path.name for path in GOLDENS.iterdir()} == set(golden_cases())


def test_clean_reports_are_short() -> None:
    """Nothing to say is said in a line or two."""
    assert PLAN_FORMATS["text"](plan_of(), Options()).count("\n") == 1
    assert DRIFT_FORMATS["text"](read_drift(plan_of()), Options()).count("\n") == 2
    assert VALIDATION_FORMATS["text"](ValidationReport(files=("a.yaml",), documents=1), Options()) == (
        "Valid: 1 document in 1 file.\n"
    )
    assert apply_text(ApplyReport(target="production")) == "Apply: 0 done, 0 failed, 0 skipped, 0 unknown.\n"
