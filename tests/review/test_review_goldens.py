"""
The plan of a real change to the example, as its readers see it: it touches every action there is.

After a deliberate change, write the files anew with `UPDATE_GOLDENS=1 pytest tests/review`, and look at each as a
person would before committing it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from reconciler.model.plan import Action, Plan
from reconciler.render.formats import GRAPH_FORMATS, PLAN_FORMATS, Options
from reconciler.render.people import people_statements
from tests.review.autumn import NOW, ROOT, autumn_plan

GOLDENS = Path(__file__).parent / "goldens"
PLAIN, COLOURED = Options(now=NOW), Options(now=NOW, colour=True)
FORMS: dict[str, Callable[[Plan], str]] = {
    "plan.txt": lambda plan: PLAN_FORMATS["text"](plan, PLAIN),
    "plan.ansi": lambda plan: PLAN_FORMATS["text"](plan, COLOURED),
    "plan.md": lambda plan: PLAN_FORMATS["markdown"](plan, PLAIN),
    "plan.html": lambda plan: PLAN_FORMATS["html"](plan, PLAIN),
    "plan.json": lambda plan: PLAN_FORMATS["json"](plan, PLAIN),
    "plan.mmd": GRAPH_FORMATS["mermaid"],
    "plan.dot": GRAPH_FORMATS["dot"],
}


@pytest.fixture(scope="module")
def change(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """Plan the change, once; give the manifests and the plan."""
    folder = tmp_path_factory.mktemp("autumn")
    return folder / "config", autumn_plan(folder)


def test_the_change_touches_every_action(change: tuple[Path, Plan]) -> None:
    """Nothing that a plan can do is missing from what is looked at, and nothing of it is refused."""
    _, plan = change
    assert {step.action for step in plan.steps} == set(Action)
    assert plan.releases
    assert not plan.objections


@pytest.mark.parametrize("name", FORMS)
def test_the_plan_reads_as_committed(name: str, change: tuple[Path, Plan]) -> None:
    """Every format of the same plan, byte for byte."""
    rendered = FORMS[name](change[1]).encode()
    path = GOLDENS / name
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(rendered)
    assert rendered.decode() == path.read_bytes().decode()


def test_no_other_golden_is_left() -> None:
    """No file outlives what it shows."""
    assert {path.name for path in GOLDENS.iterdir()} == set(FORMS)


def test_every_step_points_at_the_document_that_asked_for_it(change: tuple[Path, Plan]) -> None:
    """`file:line` is where the document of that name begins: what an annotation opens."""
    config, plan = change
    for step in plan.steps:
        file, _, line = step.source.rpartition(":")
        lines = (config / file).read_text(encoding="utf-8").splitlines()
        document = "\n".join(lines[int(line) - 1 :]).split("\n---")[0]
        assert document.startswith("apiVersion:"), step.source
        assert f"name: {step.name}" in document, step.source


def test_the_committed_json_is_what_the_schema_promises() -> None:
    """`plan.json` validates, and says of whom it speaks."""
    schema = json.loads((ROOT / "schemas/plan.schema.json").read_text(encoding="utf-8"))
    document = json.loads((GOLDENS / "plan.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document["target"] == {"name": "production", "url": "https://acme.maxcontact.com"}


def test_reviewers_read_names_and_people(change: tuple[Path, Plan]) -> None:
    """Plans by their catalog names, agents by number, lists by their share of the calls."""
    shown = FORMS["plan.txt"](change[1])
    assert "Weekdays 9 to 5 -> Weekdays 8 to 8" in shown
    told = "\n".join(people_statements(change[1]))
    assert "stops dialling for 8 agents of 1 team: 1 campaign (engineer-bridge)" in told
    assert "fetch weight of lapsed-2025 within win-back from 31 % to 25 %" in told
    assert "sends 2 passwords again" in told
