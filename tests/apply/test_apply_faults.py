"""Whatever happens to a request on its way: no duplicate, nothing forgotten, and two runs later all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.simulator.faults import FAULTS, parse_faults
from reconciler.simulator.variants import VARIANTS
from tests.apply.effort import TORTURE
from tests.apply.floor_plans import changed_floor, floor_plan
from tests.apply.floors import Floor

STRIKING = (
    [name for name in FAULTS if name != "slow"]
    if TORTURE
    else ["drop-before", "drop-after", "500-after", "429", "html-after", "truncated", "refuse", "401", "expire"]
)
SERVERS = ["plain", "strict", "surprising", "lenient", "web-api", "one-team", "primary-never"]
VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
WHICH = ["2", "2-6", "1+"] if TORTURE else ["2-6"]
WHERE = (
    [(verb, server) for verb in VERBS for server in SERVERS]
    if TORTURE
    else [("GET", "plain"), ("POST", "plain"), ("PUT", "strict"), ("PATCH", "surprising"), ("DELETE", "strict")]
)


def converge(floor: Floor) -> int:
    """Run with the trouble over until a plan is empty; return how many runs that took."""
    floor.service.faults = parse_faults("")
    for runs in range(5):
        plan = floor.plan(changed_floor())
        if not plan.steps:
            return runs
        floor.apply(plan, parallelism=2)
    return 99


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize(("verb", "server"), WHERE)
@pytest.mark.parametrize("fault", STRIKING)
def test_a_fault_of_each_sort_on_each_verb(fault: str, verb: str, server: str, which: str, tmp_path: Path) -> None:
    """Requests that go wrong, with all their repeats or not, cost at most two more runs."""
    floor = Floor(tmp_path, VARIANTS[server])
    floor.bring(floor_plan())
    floor.service.faults = parse_faults(f"{verb} /management/*:{which}={fault}")
    floor.bring(changed_floor())
    assert converge(floor) <= 2
    assert floor.duplicates() == []
    assert floor.false_records() == []
    assert floor.unforeseen == []


@pytest.mark.parametrize("server", SERVERS if TORTURE else ["plain"])
@pytest.mark.parametrize("fault", STRIKING)
@pytest.mark.parametrize("which", ["1", "1-2", "3+"] if TORTURE else ["1-2"])
def test_creates_are_never_doubled(which: str, fault: str, server: str, tmp_path: Path) -> None:
    """An answer to a POST that is lost, late or garbled never makes a second object, whichever POST it is."""
    floor = Floor(tmp_path, VARIANTS[server], faults=f"POST *:{which}={fault}")
    floor.bring(floor_plan())
    assert floor.duplicates() == []
    floor.service.faults = parse_faults("")
    floor.bring(floor_plan())
    assert floor.plan(floor_plan()).steps == ()
    assert floor.duplicates() == []
    assert floor.false_records() == []
