"""What is seen while it runs: events for programs, a line a step in a log, a live view on a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from reconciler.applying.progress import StepFinished, StepStarted
from reconciler.cli.following import MOST_RUNNING, View
from reconciler.model.outcome import Outcome, Result
from reconciler.model.plan import Action, Step
from reconciler.simulator.faults import parse_faults
from reconciler.simulator.service import Service
from tests.cli.ground import PASSWORD, Cli, rewrite

STEPS = 5


def events(text: str) -> Iterator[dict[str, Any]]:
    """Read standard error as programs do: every line is one JSON object."""
    for line in text.splitlines():
        found = json.loads(line)
        assert isinstance(found, dict)
        assert {"time", "level", "event", "message"} <= set(found)
        assert datetime.fromisoformat(found["time"]).tzinfo is not None
        yield found


def test_every_line_of_an_apply_is_an_event(floor: Path, cli: Cli) -> None:
    """Reading, the plan, each step's start and end with result and seconds; standard output is the report alone."""
    done = cli("--log-format", "json", "apply", "-y", "--format", "json", "-v")
    assert done.code == 0
    assert done.json["succeeded"]
    found = list(events(done.err))
    names = [each["event"] for each in found]
    assert {"read", "plan", "step-started", "step-finished", "log"} <= set(names)
    ended = [each for each in found if each["event"] == "step-finished"]
    assert {each["result"] for each in ended} == {"done"}
    assert [each["finished"] for each in ended] == list(range(1, len(ended) + 1))
    assert all(each["seconds"] >= 0 and each["source"].startswith("floor.yaml:") for each in ended)
    assert {each["step"] for each in ended} == {outcome["step"] for outcome in done.json["outcomes"]}
    assert PASSWORD not in done.err


def test_problems_are_events_with_their_place(floor: Path, cli: Cli) -> None:
    """What is wrong with a manifest has its file, line and column, and the run's end its error."""
    rewrite(floor, "fetchWeight: 5", "fetchWeight: 50")
    done = cli("plan", "--log-format", "json")
    assert done.code == 1
    problem, error = events(done.err)
    assert (problem["event"], problem["level"], problem["file"], problem["line"]) == (
        "problem",
        "error",
        "floor.yaml",
        9,
    )
    assert error["event"] == "error"


def test_a_failed_step_is_an_error_event(tenant: Service, cli: Cli) -> None:
    """What went wrong, in the words of the API, and what was skipped because of it."""
    tenant.faults = parse_faults(["POST /management/lists=refuse"])
    done = cli("--log-format", "json", "apply", "-y", "-q")
    assert done.code == 1
    ended = [each for each in events(done.err) if each["event"] == "step-finished"]
    assert {each["result"] for each in ended} == {"failed", "skipped"}
    assert all(each["level"] == "error" and each["detail"] for each in ended)


@pytest.mark.parametrize(
    ("words", "code"), [(["plan", "--format", "rtf"], 64), (["apply"], 5), (["show", "nothing"], 1)]
)
def test_errors_are_events_too(words: list[str], code: int, floor: Path, cli: Cli) -> None:
    """However a run ends, standard error holds nothing but events."""
    done = cli("--log-format", "json", *words)
    assert done.code == code
    assert [each["level"] for each in events(done.err)][-1] == "error"


def test_quiet_leaves_errors(floor: Path, cli: Cli) -> None:
    """-q and events: nothing where nothing is wrong."""
    done = cli("--log-format", "json", "-q", "apply", "-y")
    assert (done.code, done.err) == (0, "")


def test_a_log_gets_a_line_a_step_with_its_time(floor: Path, cli: Cli) -> None:
    """Without a terminal every step leaves one line: how many of how many, the result, what, how long."""
    done = cli("apply", "-y")
    lines = re.findall(r"^\[(\d+)/(\d+)\] done  .+ \(\d+\.\d s\)$", done.err, re.MULTILINE)
    assert [int(number) for number, _ in lines] == list(range(1, len(lines) + 1))
    assert {total for _, total in lines} == {str(len(lines))}


def step(number: int) -> Step:
    """Return a step that activates a list."""
    return Step(
        id=f"list/number-{number}/activate",
        action=Action.ACTIVATE,
        kind="List",
        name=f"number-{number}",
        object_id=number,
        reason="",
        explanation="",
        source="",
    )


def finished(number: int, result: Result, count: int) -> StepFinished:
    """Return the end of a step."""
    outcome = Outcome(step=step(number).id, result=result, detail="" if result is Result.DONE else "said no")
    return StepFinished(step=step(number), outcome=outcome, finished=count, total=STEPS)


def drawn(view: View) -> str:
    """Return what a terminal of 100 columns shows."""
    console = Console(width=100, color_system=None)
    with console.capture() as shown:
        console.print(view)
    return shown.get()


def test_the_live_view_tells_what_runs_and_how_it_went() -> None:
    """Running steps with their seconds, the counts of done and failed, and how far it is since when."""
    now = [100.0]
    view = View(STEPS, clock=lambda: now[0])
    for number in (1, 2, 3):
        view.take(StepStarted(step=step(number)))
    now[0] += 62
    assert view.take(finished(1, Result.DONE, 1)) == ""
    assert view.take(finished(2, Result.FAILED, 2)) == "failed  activate List/number-2: said no"
    lines = drawn(view).splitlines()
    assert lines[0].rstrip() == "running  activate List/number-3 (62 s)"
    assert re.fullmatch(r"applying +\S+ +2/5, 1:02  1 done, 1 failed\s*", lines[1])


def test_the_live_view_stays_small() -> None:
    """Dozens of steps at a time do not fill the screen: the rest is counted."""
    view = View(100, clock=lambda: 0.0)
    for number in range(30):
        view.take(StepStarted(step=step(number)))
    lines = drawn(view).splitlines()
    assert len(lines) == MOST_RUNNING + 2
    assert f"and {30 - MOST_RUNNING} more" in lines[MOST_RUNNING]
