"""Whatever method meets whatever fault on whatever server: two runs later all is well, and nothing is there twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.apply.effort import TORTURE
from tests.reliability.matrix import RUNS_TO_CONVERGE, Cell, pass_through, sampled_cells, stages

SAMPLE = list(sampled_cells())[:: 1 if TORTURE else 4]


@pytest.mark.parametrize("cell", SAMPLE, ids=str)
def test_a_fault_is_survived(cell: Cell, tmp_path: Path) -> None:
    """An apply through a fault converges within two more runs; `make torture` tries every combination."""
    passage = pass_through(cell, tmp_path)
    assert passage.problems == []
    assert passage.runs <= RUNS_TO_CONVERGE


def test_the_faults_do_strike(tmp_path: Path) -> None:
    """The trial tries something: requests of every method meet their fault."""
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        cell = Cell(method=method, fault="500-after", server="plain", which="1", stage=stages(method)[-1])
        folder = tmp_path / method
        folder.mkdir()
        assert pass_through(cell, folder).struck == 1
