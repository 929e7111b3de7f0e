"""Running a graph of steps with workers: what is independent runs side by side, what fails stops what depends on it."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import Step

STOPPED = "stopped: the run was interrupted before this step began"

_ENDED = {Result.FAILED: "failed", Result.UNKNOWN: "has an unknown outcome", Result.SKIPPED: "was skipped"}


class Schedule:
    """
    The steps of a plan on their way.

    `perform` runs in worker threads and does not raise for a failed step; `started` and `finished` are called from the
    caller's thread only. `halted` gives the reason why nothing more may start, or "". The order in which steps start is
    the plan's wherever dependencies leave a choice.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        perform: Callable[[Step], Outcome],
        *,
        parallelism: int,
        stop: threading.Event,
        halted: Callable[[], str],
        started: Callable[[Step], None],
        finished: Callable[[Step, Outcome], None],
    ) -> None:
        self._steps = tuple(steps)
        self._order = {step.id: position for position, step in enumerate(self._steps)}
        self._perform = perform
        self._parallelism = parallelism
        self._stop = stop
        self._halted = halted
        self._started = started
        self._finished = finished
        self._sorter: TopologicalSorter[str] = TopologicalSorter()
        self._outcomes: dict[str, Outcome] = {}
        self._cause: dict[str, str] = {}
        self._ready: list[int] = []
        self._running: dict[Future[Outcome], Step] = {}

    def run(self) -> tuple[Outcome, ...]:
        """Run everything and return the outcomes in the order of the steps."""
        for step in self._steps:
            self._sorter.add(step.id, *(name for name in step.depends_on if name in self._order))
        self._sorter.prepare()
        with ThreadPoolExecutor(max_workers=self._parallelism, thread_name_prefix="apply") as pool:
            while self._sorter.is_active():
                for name in self._sorter.get_ready():
                    heapq.heappush(self._ready, self._order[name])
                if not self._start(pool):
                    self._collect()
        return tuple(self._outcomes[step.id] for step in self._steps)

    def _start(self, pool: ThreadPoolExecutor) -> bool:
        """Start what may start; return whether a step was skipped, which may make others ready."""
        skipped = False
        while self._ready and len(self._running) < self._parallelism:
            step = self._steps[heapq.heappop(self._ready)]
            if reason := self._why_not(step):
                self._end(step, Outcome(step=step.id, result=Result.SKIPPED, detail=reason, object_id=step.object_id))
                skipped = True
            else:
                self._started(step)
                self._running[pool.submit(self._perform, step)] = step
        return skipped

    def _collect(self) -> None:
        ended, _ = wait(self._running, return_when=FIRST_COMPLETED)
        for future in sorted(ended, key=lambda each: self._order[self._running[each].id]):
            step = self._running.pop(future)
            self._end(step, future.result())

    def _end(self, step: Step, outcome: Outcome) -> None:
        self._outcomes[step.id] = outcome
        if outcome.result is not Result.DONE:
            self._cause.setdefault(step.id, step.id)
        self._sorter.done(step.id)
        self._finished(step, outcome)

    def _why_not(self, step: Step) -> str:
        for name in step.depends_on:
            if name in self._cause:
                cause = self._cause[step.id] = self._cause[name]
                return f"it depends on {cause}, which {_ENDED[self._outcomes[cause].result]}"
        if reason := self._halted():
            return reason
        return STOPPED if self._stop.is_set() else ""
