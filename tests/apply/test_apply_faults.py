"""Whatever happens to a request on its way: no duplicate, nothing forgotten, and two runs later all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.simulator.behaviour import Behaviour
from reconciler.simulator.faults import FAULTS, parse_faults
from reconciler.simulator.variants import VARIANTS
from tests.apply.floor_plans import changed_floor, floor_plan
from tests.apply.floors import Floor

STRIKING = [name for name in FAULTS if name not in ("slow",)]
SERVERS: dict[str, Behaviour] = {name: VARIANTS[name] for name in ("plain", "strict", "surprising", "links-strict")}


def converge(floor: Floor) -> int:
    """Run with the trouble over until a plan is empty; return how many runs that took."""
    floor.service.faults = parse_faults("")
    for runs in range(5):
        plan = floor.plan(changed_floor())
        if not plan.steps:
            return runs
        floor.apply(plan, parallelism=2)
    return 99


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("fault", STRIKING)
def test_one_fault_of_each_sort_on_each_verb(fault: str, verb: str, server: str, tmp_path: Path) -> None:
    """A fault on the second request of a verb, or on all its repeats too, costs at most two more runs."""
    for number, which in enumerate(("2", "2-6", "1+")):
        floor = Floor(tmp_path / str(number), SERVERS[server])
        floor.bring(floor_plan())
        floor.service.faults = parse_faults(f"{verb} /management/*:{which}={fault}")
        floor.bring(changed_floor())
        assert converge(floor) <= 2
        assert floor.duplicates() == []
        assert floor.false_records() == []
        assert floor.unforeseen == []


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("fault", STRIKING)
@pytest.mark.parametrize("which", ["1", "2", "1-2", "3+"])
def test_creates_are_never_doubled(which: str, fault: str, server: str, tmp_path: Path) -> None:
    """An answer to a POST that is lost, late or garbled never makes a second object, whichever POST it is."""
    floor = Floor(tmp_path, SERVERS[server], faults=f"POST *:{which}={fault}")
    floor.bring(floor_plan())
    assert floor.duplicates() == []
    floor.service.faults = parse_faults("")
    floor.bring(floor_plan())
    assert floor.plan(floor_plan()).steps == ()
    assert floor.duplicates() == []
    assert floor.false_records() == []
