"""The first law on every server: what was applied is not planned again, and what was recorded is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.model.outcome import Result
from reconciler.simulator.variants import HARSH, VARIANTS
from tests.apply.floor_plans import changed_floor, floor_plan
from tests.apply.floors import Floor

BEYOND_HELP = {
    # The API document does not say how a date is written, and a create has nothing to learn it from.
    "own-dates-only",
    # What is inactive cannot be found again.
    "inactive-hidden",
    # A campaign would have to run, and dial, before it can be paused.
    "status-stepwise",
}
SERVERS = {name: each for name, each in {**VARIANTS, **HARSH}.items() if name not in BEYOND_HELP}


@pytest.mark.parametrize("name", SERVERS)
def test_a_second_plan_is_empty_on_every_server(name: str, tmp_path: Path) -> None:
    """Applied once, a floor needs no further step, and applying again sends no write."""
    floor = Floor(tmp_path, SERVERS[name])
    report = floor.bring(floor_plan(), parallelism=3)
    assert [o for o in report.outcomes if o.result is not Result.DONE] == []
    again = floor.plan(floor_plan())
    assert [step.id for step in again.steps] == []
    floor.service.clear_log()
    floor.apply(again)
    assert floor.service.writes == ()
    assert floor.false_records() == []
    assert floor.duplicates() == []
    assert floor.unforeseen == []


@pytest.mark.parametrize("name", [name for name in SERVERS if name != "primary-stays"])
def test_changes_in_git_are_brought_over_on_every_server(name: str, tmp_path: Path) -> None:
    """Moves, renames, removals and switches end in an empty plan too, with every recorded fact true."""
    floor = Floor(tmp_path, SERVERS[name])
    floor.bring(floor_plan(), parallelism=2)
    report = floor.bring(changed_floor(), parallelism=2)
    assert [(o.step, o.detail) for o in report.outcomes if o.result is not Result.DONE] == []
    assert [step.id for step in floor.plan(changed_floor()).steps] == []
    assert floor.false_records() == []
    assert floor.duplicates() == []
    assert floor.unforeseen == []
