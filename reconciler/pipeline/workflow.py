"""The runner of GitHub Actions: inputs, outputs, summary, annotations, and the log, in which text could give orders."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SUMMARY_LIMIT = 1024 * 1024
"""Bytes that the runner takes for one step's summary; with more it drops all of it."""

MOST_ANNOTATIONS = 10
"""How many errors, and how many warnings, the forge shows of one step."""

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off", ""})


class InputError(Exception):
    """An input that makes no sense; the message names it."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Annotation:
    """A remark at a line of a file of the repository; `line` 0 is the whole file, an empty `file` none."""

    level: str
    file: str = ""
    line: int = 0
    column: int = 0
    title: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """The environment that a step runs in; nothing of it is ever put together into a shell command."""

    environment: Mapping[str, str]
    event: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Runner:
        """Read the environment and the event that started the workflow."""
        path = environment.get("GITHUB_EVENT_PATH", "")
        event = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
        return cls(environment=dict(environment), event=event)

    def input(self, name: str) -> str:
        """Return an input's text without spaces around it, empty when it is not given."""
        return self.environment.get("INPUT_" + name.upper().replace("-", "_"), "").strip()

    def flag(self, name: str) -> bool:
        """Return an input that is true or false; raises InputError for anything else."""
        text = self.input(name).lower()
        if text not in _TRUE | _FALSE:
            raise InputError(f"{name}: {text!r} is neither true nor false")
        return text in _TRUE

    def lines(self, name: str) -> list[str]:
        """Return an input of one argument a line, as they stand: no shell splits or expands them."""
        return [line.strip() for line in self.input(name).splitlines() if line.strip()]

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return Path(self.environment.get("GITHUB_WORKSPACE") or os.getcwd()).resolve()

    @property
    def command_environment(self) -> dict[str, str]:
        """The environment for `reconciler`: credentials of the target pass, the forge's token does not."""
        return {name: value for name, value in self.environment.items() if not name.startswith("INPUT_")}

    @property
    def pull_request(self) -> Mapping[str, Any] | None:
        """The pull request that started the workflow, None for anything else."""
        found = self.event.get("pull_request")
        return found if isinstance(found, dict) else None

    @property
    def untrusted(self) -> str:
        """Why this run must not touch the target; empty when it may."""
        change = self.pull_request
        if change is None:
            return ""
        head = ((change.get("head") or {}).get("repo") or {}).get("full_name")
        base = ((change.get("base") or {}).get("repo") or {}).get("full_name")
        if head is None or head != base:
            return "this pull request comes from a fork"
        if (change.get("user") or {}).get("login") == "dependabot[bot]":
            return "this pull request is Dependabot's, whose runs get no secrets"
        return ""

    def output(self, values: Mapping[str, object]) -> None:
        """Set outputs; a value may hold anything, line ends included."""
        path = self.environment.get("GITHUB_OUTPUT")
        if not path:
            return
        with open(path, "a", encoding="utf-8") as file:
            for name, value in values.items():
                text = str(value).lower() if isinstance(value, bool) else str(value)
                end = f"end_{secrets.token_hex(16)}"
                file.write(f"{name}<<{end}\n{text}\n{end}\n")

    def summarise(self, markdown: str) -> None:
        """Add to the step's summary, shortened at a line's end where it would not fit any more."""
        path = self.environment.get("GITHUB_STEP_SUMMARY")
        if not path:
            return
        used = os.path.getsize(path) if os.path.exists(path) else 0
        with open(path, "a", encoding="utf-8") as file:
            file.write(fitting(markdown.rstrip("\n") + "\n\n", SUMMARY_LIMIT - used))

    def annotate(self, annotations: Iterable[Annotation]) -> None:
        """Write annotations, the errors first; the forge shows ten of each level, the rest is counted."""
        left_out = 0
        shown: dict[str, int] = {}
        for each in sorted(annotations, key=lambda found: (found.level != "error", found)):
            shown[each.level] = shown.get(each.level, 0) + 1
            if shown[each.level] > MOST_ANNOTATIONS:
                left_out += 1
            else:
                say(annotation_line(each))
        if left_out:
            more = f"{left_out} more remarks are in the summary of this step"
            say(annotation_line(Annotation(level="notice", title="reconciler", message=more)))


def fitting(text: str, room: int) -> str:
    """Return text of at most so many bytes of UTF-8, cut at a line's end and saying so."""
    if len(text.encode()) <= room:
        return text
    note = "\n… shortened: the rest is in the reports\n"
    kept = text.encode()[: max(0, room - len(note.encode()))].decode("utf-8", "ignore")
    return kept.rpartition("\n")[0] + note if room >= len(note.encode()) else ""


def annotation_line(each: Annotation) -> str:
    """Return the runner's command for an annotation; what users wrote stays text."""
    properties = {
        "file": each.file,
        "line": each.line or "",
        "col": each.column or "",
        "title": each.title,
    }
    if not each.file:
        properties |= {"line": "", "col": ""}
    told = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value != "")
    return f"::{each.level}{' ' if told else ''}{told}::{_data(each.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def say(line: str) -> None:
    """Write a line to the log, as the runner's own command where it is one."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def quoting() -> Iterator[None]:
    """Keep the runner from obeying what is written to the log meanwhile: names and messages come from elsewhere."""
    token = secrets.token_hex(16)
    say(f"::stop-commands::{token}")
    try:
        yield
    finally:
        say(f"::{token}::")
