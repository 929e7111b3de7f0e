"""
The long version of the reliability tests, and the figures that docs/reliability.md quotes.

    python -m tests.reliability.torture                 everything; hours
    python -m tests.reliability.torture --share 10      every tenth case of each part
    python -m tests.reliability.torture kills matrix    these parts only

Prints a table and ends with 1 when anything at all went wrong; each failure is told as it happens. Ctrl-C ends it
early, with the figures so far.
"""

from __future__ import annotations

import argparse
import functools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from reconciler.simulator.faults import Fault, FaultSchedule
from reconciler.simulator.variants import VARIANTS
from tests.loop.centre import Centre, KilledError
from tests.reliability.crowds import crowd
from tests.reliability.grounds import example_ground, small_ground
from tests.reliability.killing import Scene
from tests.reliability.matrix import cells, pass_through
from tests.reliability.processes import Nursery
from tests.reliability.tenants import open_tenant

WORLDS = 2000
CROWD = 50


@dataclass(slots=True, kw_only=True)
class Figures:
    """What one part did; `detail` is what it counts beside its cases."""

    name: str
    cases: int = 0
    detail: dict[str, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, what: str, number: int = 1) -> None:
        """Count something."""
        self.detail[what] = self.detail.get(what, 0) + number

    def judge(self, case: object, problems: Iterable[str]) -> None:
        """Take up how a case ended."""
        self.cases += 1
        told = list(problems)
        self.count("duplicates", sum(" are named " in problem for problem in told))
        if told:
            self.failures.append(f"{case}: {'; '.join(told)}")
            print(f"FAILED {self.name}: {self.failures[-1]}", flush=True)  # noqa: T201


def kill_requests(figures: Figures, folder: Path, share: int) -> None:
    """Kill an apply of the example at every single request, and the apply of a change to a smaller directory too."""
    with Nursery() as nursery, open_tenant() as tenant:
        example = functools.partial(example_ground, nursery=nursery, tenant=tenant)
        small = functools.partial(small_ground, nursery=nursery, tenant=tenant)
        scenes = [(make, server, parallelism, False) for make in (example,) for server, parallelism in PLAIN_AND_STRICT]
        scenes += [(small, server, parallelism, True) for server, parallelism in PLAIN_AND_STRICT]
        for make, server, parallelism, later in scenes:
            scene = Scene(make=make, behaviour=VARIANTS[server], parallelism=parallelism, later=later)
            total = scene.requests(folder / "counted")
            shutil.rmtree(folder / "counted")
            cases = [(number, after) for number in range(total) for after in (False, True)]
            for number, after in cases[::share]:
                problems = scene.killed_at_request(number, after=after, folder=folder / "killed")
                figures.judge((make.func.__name__, server, parallelism, later, number, after), problems)
                figures.count("kills")
                shutil.rmtree(folder / "killed")


def kill_ledger_calls(figures: Figures, folder: Path, share: int) -> None:
    """Kill an apply before, in the middle of and after every call on its ledger's files."""
    with Nursery() as nursery, open_tenant() as tenant:
        for server, parallelism in PLAIN_AND_STRICT:
            for later in (False, True):
                make = functools.partial(small_ground, nursery=nursery, tenant=tenant)
                scene = Scene(make=make, behaviour=VARIANTS[server], parallelism=parallelism, later=later)
                total = scene.ledger_calls(folder / "counted")
                shutil.rmtree(folder / "counted")
                cases = [(number, when) for number in range(total) for when in ("before", "half", "after")]
                for number, when in cases[::share]:
                    problems = scene.killed_at_ledger_call(number, when=when, folder=folder / "killed")
                    figures.judge((server, parallelism, later, number, when), problems)
                    figures.count("kills")
                    shutil.rmtree(folder / "killed")


def matrix(figures: Figures, folder: Path, share: int) -> None:
    """Pass every method through every fault on every server."""
    for cell in list(cells())[::share]:
        place = folder / "cell"
        place.mkdir()
        passage = pass_through(cell, place)
        figures.judge(cell, passage.problems)
        figures.count("faults", passage.struck)
        figures.count(f"whole after {passage.runs}")
        shutil.rmtree(place)


def worlds(figures: Figures, folder: Path, share: int) -> None:
    """Let Hypothesis draw contact centres, faults, kills and edits."""
    from tests.loop.test_loop_laws import Loop

    class Counted(Loop):
        def __init__(self) -> None:
            super().__init__()
            figures.cases += 1

    tried = settings(
        max_examples=max(1, WORLDS // share),
        stateful_step_count=8,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with Counting(figures):
        try:
            run_state_machine_as_test(Counted, settings=tried)
        except AssertionError as error:
            figures.failures.append(str(error))
            print(f"FAILED {figures.name}: {error}", flush=True)  # noqa: T201


def crowds(figures: Figures, folder: Path, share: int) -> None:
    """Let fifty applies want one ledger, again and again."""
    with Nursery() as nursery, open_tenant() as tenant:
        for number in range(max(1, 10 // share)):
            place = folder / f"crowd-{number}"
            outcome = crowd(CROWD, place, nursery=nursery, tenant=tenant)
            figures.judge(number, outcome.problems)
            for code, times in sorted(outcome.codes.items()):
                figures.count(f"exit {code}", times)


class Counting:
    """Count the faults that strike and the runs that die while the block runs; nothing else changes."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures
        self._strike = FaultSchedule.strike
        self._apply = Centre.apply

    def __enter__(self) -> None:
        figures, strike, apply = self._figures, self._strike, self._apply

        def struck(schedule: FaultSchedule, method: str, path: str) -> Fault | None:
            fault = strike(schedule, method, path)
            if fault is not None:
                figures.count("faults")
            return fault

        @functools.wraps(apply)
        def applied(*arguments: object, **named: object) -> object:
            try:
                figures.count("applies")
                return apply(*arguments, **named)  # type: ignore[arg-type]
            except KilledError:
                figures.count("kills")
                raise

        FaultSchedule.strike = struck  # type: ignore[method-assign,assignment]
        Centre.apply = applied  # type: ignore[method-assign,assignment]

    def __exit__(self, *_: object) -> None:
        FaultSchedule.strike, Centre.apply = self._strike, self._apply  # type: ignore[method-assign]


PLAIN_AND_STRICT = (("plain", 1), ("plain", 4), ("strict", 1), ("strict", 4))

Part = Callable[[Figures, Path, int], None]
PARTS: dict[str, tuple[str, Part]] = {
    "kills": ("SIGKILL at every request", kill_requests),
    "ledger": ("SIGKILL at every call on the ledger's files", kill_ledger_calls),
    "matrix": ("every method, fault and server", matrix),
    "crowds": ("fifty applies at once", crowds),
    "worlds": ("random centres, faults, kills, edits", worlds),
}


def table(parts: Sequence[Figures]) -> Iterator[str]:
    """Yield the figures as a Markdown table."""
    yield "| what | cases | counted | failures | seconds |"
    yield "|---|---|---|---|---|"
    for part in parts:
        counted = ", ".join(f"{number} {what}" for what, number in sorted(part.detail.items()))
        yield f"| {part.name} | {part.cases} | {counted} | {len(part.failures)} | {part.seconds:.0f} |"


def main() -> int:
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(prog="torture", description="Try hard to lose or double something.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="try every N-th case only")
    chosen = parser.parse_args()
    done: list[Figures] = []
    os.environ.setdefault("XDG_CACHE_HOME", tempfile.mkdtemp(prefix="reconciler-torture-"))
    for name in chosen.parts or PARTS:
        title, part = PARTS[name]
        figures = Figures(name=title)
        began = time.monotonic()
        done.append(figures)
        try:
            with tempfile.TemporaryDirectory(prefix="torture-", ignore_cleanup_errors=True) as folder:
                part(figures, Path(folder), chosen.share)
        except KeyboardInterrupt:
            figures.name += " (ended early)"
            break
        finally:
            figures.seconds = time.monotonic() - began
            print(f"{title}: {figures.cases} cases, {len(figures.failures)} failures", file=sys.stderr)  # noqa: T201
    print("\n".join(table(done)))  # noqa: T201
    return 1 if any(part.failures for part in done) else 0


if __name__ == "__main__":
    sys.exit(main())
