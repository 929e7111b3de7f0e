"""The first law, on every server that the API document allows: after an apply there is nothing left to do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from reconciler.config.load import load
from reconciler.model.desired import DesiredInventory
from reconciler.model.outcome import Result
from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.variants import VARIANTS
from tests.loop.centre import Centre

EXAMPLE = Path(__file__).parents[2] / "examples" / "config"


@pytest.fixture(scope="module")
def example() -> DesiredInventory:
    """Return what the example asks for."""
    return load(EXAMPLE, environment=dict(os.environ)).desired


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_the_plan_after_an_apply_is_empty(name: str, example: DesiredInventory, tmp_path: Path) -> None:
    """Apply the example: every step is done, the next plan is empty, and a second apply sends no write."""
    centre = Centre(folder=tmp_path, behaviour=VARIANTS[name])
    report = centre.run(example, parallelism=4)
    failed = [(item.step, item.detail) for item in report.outcomes if item.result is not Result.DONE]
    assert failed == []
    centre.writes()
    again = centre.plan(example)
    assert [step.id for step in again.steps] == []
    assert not again.has_changes
    centre.apply(again)
    assert centre.writes() == []


def test_a_plan_is_one_login_and_four_reads(example: DesiredInventory, tmp_path: Path) -> None:
    """Whatever the number of objects, planning asks for the four collections and nothing else."""
    centre = Centre(folder=tmp_path, behaviour=Behaviour())
    centre.plan(example)
    asked = sorted((request.method, request.path) for request in centre.service.log)
    assert [method for method, _ in asked] == ["GET"] * 5
    assert [path.rsplit("/", 1)[-1] for _, path in asked[1:]] == ["campaigns", "lists", "teams", "users"]
