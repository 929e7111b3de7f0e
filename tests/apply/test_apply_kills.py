"""Killed at any moment: before or after any request and any line of the ledger, the next run goes on from there."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.simulator.variants import VARIANTS
from tests.apply.effort import TORTURE, every
from tests.apply.floor_plans import changed_floor, floor_plan
from tests.apply.floors import Floor, Killed, Life

SERVERS = ["plain", "strict", "surprising", "web-api"] if TORTURE else ["plain", "strict"]


@pytest.fixture(scope="module", params=SERVERS)
def moments(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, int, int]:
    """Count the moments of a first apply and of the apply of changes."""
    floor = Floor(tmp_path_factory.mktemp("count"), VARIANTS[request.param])
    first, second = Life(), Life()
    floor.bring(floor_plan(), life=first)
    floor.bring(changed_floor(), life=second)
    return request.param, first.moments, second.moments


def survive(floor: Floor) -> None:
    """Run twice more, and hold the floor to all the laws."""
    floor.bring(changed_floor(), parallelism=2)
    if floor.plan(changed_floor()).steps:
        floor.bring(changed_floor())
    assert [step.id for step in floor.plan(changed_floor()).steps] == []
    assert floor.duplicates() == []
    assert floor.false_records() == []
    assert floor.unforeseen == []


@pytest.mark.parametrize("after", [False, True], ids=["before-it", "after-it"])
def test_a_killed_first_apply_converges(moments: tuple[str, int, int], after: bool, tmp_path: Path) -> None:
    """Whatever the moment, nothing is created twice and nothing is forgotten."""
    server, count, _ = moments
    for moment in every(29, range(int(after), count)):
        floor = Floor(tmp_path / str(moment), VARIANTS[server])
        with pytest.raises(Killed):
            floor.bring(floor_plan(), life=Life(ends_at=moment, after=after))
        survive(floor)


@pytest.mark.parametrize("after", [False, True], ids=["before-it", "after-it"])
def test_a_killed_apply_of_changes_converges(moments: tuple[str, int, int], after: bool, tmp_path: Path) -> None:
    """Moves, removals and switches cut off in the middle are finished by the next run."""
    server, _, count = moments
    for moment in every(29, range(int(after), count)):
        floor = Floor(tmp_path / str(moment), VARIANTS[server])
        floor.bring(floor_plan())
        with pytest.raises(Killed):
            floor.bring(changed_floor(), life=Life(ends_at=moment, after=after))
        survive(floor)


def test_killed_again_and_again(tmp_path: Path) -> None:
    """A run that is killed a few moments further each time gets through in the end."""
    floor = Floor(tmp_path)
    for moment in range(2, 400, 3):
        try:
            floor.bring(floor_plan(), life=Life(ends_at=moment), parallelism=3)
        except Killed:
            continue
        break
    assert floor.plan(floor_plan()).steps == ()
    assert floor.duplicates() == []
    assert floor.false_records() == []
