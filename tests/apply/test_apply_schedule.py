"""The graph: any plan, any failures, any number of workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from reconciler.applying.schedule import Schedule
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import Action, Step

Graph = tuple[Mapping[int, frozenset[int]], frozenset[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw steps that depend on earlier ones, and which of them fail."""
    count = draw(st.integers(1, 12))
    needs = {n: draw(st.frozensets(st.integers(0, n - 1), max_size=3)) if n else frozenset[int]() for n in range(count)}
    return needs, draw(st.frozensets(st.integers(0, count - 1), max_size=4))


def step(number: int, needs: frozenset[int]) -> Step:
    """Return a step that depends on others, by number."""
    return Step(
        id=f"s{number:02}",
        action=Action.ADOPT,
        kind="List",
        name=f"s{number:02}",
        object_id=None,
        reason="",
        explanation="",
        source="",
        depends_on=tuple(f"s{each:02}" for each in sorted(needs)),
    )


class Work:
    """Performs steps by failing those that are to fail, and remembers what ran when and beside how many."""

    def __init__(self, failing: frozenset[int]) -> None:
        self.order: list[str] = []
        self.most = 0
        self._failing = {f"s{number:02}" for number in failing}
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, one: Step) -> Outcome:
        with self._lock:
            self.order.append(one.id)
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0)
        with self._lock:
            self._now -= 1
        return Outcome(step=one.id, result=Result.FAILED if one.id in self._failing else Result.DONE)


def run(graph: Graph, *, parallelism: int) -> tuple[Work, tuple[Outcome, ...]]:
    """Run a graph to its end."""
    needs, failing = graph
    work = Work(failing)
    outcomes = Schedule(
        [step(number, before) for number, before in needs.items()],
        work,
        parallelism=parallelism,
        stop=threading.Event(),
        halted=lambda: "",
        started=lambda _: None,
        finished=lambda _, __: None,
    ).run()
    return work, outcomes


def blocked(graph: Graph) -> frozenset[int]:
    """Return the steps that a failure reaches."""
    needs, failing = graph
    stuck: set[int] = set()
    for number, before in needs.items():
        if before & (failing | stuck):
            stuck.add(number)
    return frozenset(stuck)


@given(graphs(), st.integers(1, 5))
def test_a_step_runs_if_and_only_if_all_it_depends_on_was_done(graph: Graph, parallelism: int) -> None:
    """Failures stop their dependents and nothing else; no step runs twice or before what it needs."""
    needs, failing = graph
    work, outcomes = run(graph, parallelism=parallelism)
    stuck = blocked(graph)
    assert sorted(work.order) == [f"s{number:02}" for number in needs if number not in stuck]
    assert work.most <= parallelism
    assert [outcome.step for outcome in outcomes] == [f"s{number:02}" for number in needs]
    for number, outcome in enumerate(outcomes):
        expected = Result.SKIPPED if number in stuck else Result.FAILED if number in failing else Result.DONE
        assert outcome.result is expected
        ran_before = work.order[: work.order.index(outcome.step)] if outcome.step in work.order else []
        assert number in stuck or {f"s{each:02}" for each in needs[number]} <= set(ran_before)


@given(graphs())
def test_one_worker_keeps_the_order_of_the_plan(graph: Graph) -> None:
    """With nothing to wait for, steps run in the order in which the plan lists them."""
    work, _ = run(graph, parallelism=1)
    assert work.order == sorted(work.order)


@given(graphs())
def test_a_skipped_step_names_what_really_failed(graph: Graph) -> None:
    """The reason names a step that failed, however long the chain to it."""
    _, failing = graph
    _, outcomes = run(graph, parallelism=2)
    for outcome in outcomes:
        if outcome.result is Result.SKIPPED:
            assert any(f"it depends on s{number:02}, which failed" == outcome.detail for number in failing)


def test_a_long_chain_and_a_wide_fan_both_end() -> None:
    """Thousands of steps run without recursion, whether one after the other or all at once."""
    chain = {number: frozenset({number - 1}) if number else frozenset[int]() for number in range(2000)}
    fan = {number: frozenset({0}) if number else frozenset[int]() for number in range(2000)}
    for needs in (chain, fan):
        _, outcomes = run((needs, frozenset({0})), parallelism=4)
        assert sum(outcome.result is Result.SKIPPED for outcome in outcomes) == 1999
