"""Run `reconciler` as a pipeline does: in a process of its own, its events read line by line."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REASONS = {
    1: "error",
    3: "stale",
    4: "locked",
    5: "refused",
    64: "usage",
    130: "interrupted",
}
"""What an exit code means, in a word that a pipeline can branch on."""

RESERVED = frozenset(
    {"--config", "--target", "--format", "--report", "--out", "--against", "--detailed-exitcode", "--log-format"}
)
"""Options that the pipeline gives itself: a second one would take its reports away from it."""

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A command that has ended: its exit code, its result, and everything it told meanwhile."""

    code: int
    out: str
    events: tuple[Event, ...]

    @property
    def document(self) -> Any:
        """The result as JSON, None where there is none."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None

    def named(self, event: str) -> list[Event]:
        """Return the events of that name."""
        return [each for each in self.events if each.get("event") == event]


def reserved_in(options: Sequence[str]) -> list[str]:
    """Return the options that a caller may not give."""
    return [option for option in options if option.partition("=")[0] in RESERVED]


def run(words: Sequence[str], *, environment: Mapping[str, str], folder: str, tell: Callable[[Event], None]) -> Run:
    """
    Run `reconciler` with these words in that folder; `tell` is called with each event as it comes.

    Python is kept from looking for modules in the folder, which holds what somebody proposes.
    """
    events: list[Event] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "-I", "-m", "reconciler", "--log-format", "json", *words],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="backslashreplace",
        )
        assert process.stderr is not None
        with process:
            for line in process.stderr:
                event = _event(line)
                events.append(event)
                tell(event)
        out.seek(0)
        return Run(code=process.returncode, out=out.read(), events=tuple(events))


def _event(line: str) -> Event:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    return {"event": "log", "level": "warning", "message": line.rstrip("\n")}


def words_of(event: Event) -> str:
    """Return an event as a line for people, empty where it says nothing worth a line."""
    message = str(event.get("message", ""))
    match event.get("event"):
        case "step-started" | "plan" | "details":
            return ""
        case "step-finished":
            detail = f": {event['detail']}" if event.get("detail") else ""
            seconds = f" ({event.get('seconds', 0):.1f} s)"
            return f"[{event.get('finished')}/{event.get('total')}] {event.get('result')}  {message}{detail}{seconds}"
        case "problem":
            place = f"{event.get('file')}:{event.get('line')}:{event.get('column')}"
            advice = f" ({event['advice']})" if event.get("advice") else ""
            return f"{place} {event.get('path')}: {message}{advice}"
        case "error":
            return f"error: {message}" + (f"; what to do: {event['hint']}" if event.get("hint") else "")
        case "warning":
            return f"warning: {message}"
        case _:
            return message
