"""
Where text goes: results to standard output, everything else to standard error.

A reader who leaves early (`| head`) must not stop an apply half-way, so a broken pipe silences its stream and nothing
more; so does whatever befalls standard error. Machine formats are UTF-8 whatever the locale; text that the locale can't
say is escaped instead of failing.

With `--log-format json` standard error is for programs: one JSON object a line, with `time`, `level`, `event` and
`message`, and what else there is to know of that event.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from reconciler.model.problem import Problem, Severity

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_RED, _YELLOW, _BOLD, _DIM, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


def harmless(text: str) -> str:
    """Return text from elsewhere without anything that a terminal would obey; line ends and tabs stay."""
    return _CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def colourful(stream: TextIO | None) -> bool:
    """Tell whether a stream is a terminal whose owner did not ask for plain text."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return _is_terminal(stream)


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def event_line(event: str, *, level: str = "info", message: str = "", **facts: object) -> str:
    """Return an event as a line for programs: ASCII, so that no locale and no terminal can make anything of it."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "level": level, "event": event, "message": message} | facts) + "\n"


class Screen:
    """The process' standard streams; `quiet` leaves only results and errors, `machine` writes events for programs."""

    def __init__(self) -> None:
        self.quiet = False
        self.machine = False
        self._broken: set[int] = set()
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(errors="backslashreplace")

    @property
    def colour(self) -> bool:
        """Whether results may be coloured."""
        return colourful(sys.stdout)

    @property
    def error_colour(self) -> bool:
        """Whether what goes to standard error may be coloured."""
        return colourful(sys.stderr)

    @property
    def live(self) -> bool:
        """Whether standard error is a terminal, where a progress bar can be redrawn."""
        return not self.quiet and not self.machine and _is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"

    @property
    def answers(self) -> bool:
        """Whether somebody sits at a terminal who could answer a question."""
        return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)

    def result(self, text: str) -> None:
        """Print a result as text; none when there is nothing to say."""
        self._write(sys.stdout, text if not text or text.endswith("\n") else text + "\n")

    def document(self, text: str) -> None:
        """Print a result that a program reads: always UTF-8."""
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            self.result(text)
            return
        if id(sys.stdout) in self._broken:
            return
        try:
            sys.stdout.flush()
            buffer.write((text if text.endswith("\n") else text + "\n").encode("utf-8", "backslashreplace"))
            buffer.flush()
        except OSError as error:
            self._silence(sys.stdout)
            if not isinstance(error, BrokenPipeError):
                raise

    def event(self, event: str, *, level: str = "info", message: str = "", **facts: object) -> None:
        """Write an event for programs, where that is what standard error is for; only errors when quiet."""
        if self.machine and (level == "error" or not self.quiet):
            self._write(sys.stderr, event_line(event, level=level, message=message, **facts))

    def say(self, text: str) -> None:
        """Tell what is going on, unless quiet."""
        if self.machine:
            self.event("progress", message=text)
        elif not self.quiet:
            self._write(sys.stderr, harmless(text) + "\n")

    def details(self, text: str) -> None:
        """Print what a result is made of, written for a terminal, on standard error: errors, warnings, a plan."""
        if self.machine:
            self.event("details", message=text.rstrip("\n"))
            return
        self._write(sys.stderr, text if text.endswith("\n") else text + "\n")

    def problems(self, problems: Iterable[Problem]) -> None:
        """Print problems of manifests; only the errors when quiet."""
        if self.machine:
            for problem in problems:
                self._problem_event(problem)
            return
        # For start-up time: the renderers bring the whole model along, which --help has no use for.
        from reconciler.render.style import Style  # noqa: PLC0415
        from reconciler.render.validation_text import problem_lines  # noqa: PLC0415

        style = Style(self.error_colour)
        for problem in problems:
            if problem.severity is Severity.ERROR or not self.quiet:
                self.details("\n".join(problem_lines(problem, style)))

    def warn(self, text: str) -> None:
        """Print a warning, unless quiet."""
        if self.machine:
            self.event("warning", level="warning", message=text)
        elif not self.quiet:
            self._write(sys.stderr, f"{self._paint('warning:', _YELLOW)} {harmless(text)}\n")

    def fail(self, text: str, *, hint: str = "") -> None:
        """Print an error and what to do about it."""
        if self.machine:
            self.event("error", level="error", message=text, hint=hint)
            return
        lines = f"{self._paint('error:', _RED)} {harmless(text)}\n"
        if hint:
            lines += f"{self._paint('what to do:', _BOLD)} {harmless(hint)}\n"
        self._write(sys.stderr, lines)

    def log(self, text: str) -> None:
        """Print a log line; the loggers' level has decided already that it is wanted."""
        if self.machine:
            self.event("log", level="debug", message=text)
            return
        self._write(sys.stderr, self._paint(harmless(text), _DIM) + "\n")

    def trace(self, text: str) -> None:
        """Print a traceback."""
        if self.machine:
            self.event("traceback", level="error", message=text)
            return
        self._write(sys.stderr, self._paint(harmless(text), _DIM))

    def ask(self, question: str) -> str | None:
        """Ask on standard error and return the answer, or None when the input ended."""
        if self.machine:
            self.event("question", message=question.strip())
        else:
            self._write(sys.stderr, harmless(question))
        line = sys.stdin.readline()
        if not line:
            if not self.machine:
                self._write(sys.stderr, "\n")
            return None
        return line.strip()

    def flush(self) -> None:
        """Push out what is buffered, so that nothing is left to fail when the interpreter ends."""
        self._write(sys.stdout, "")
        self._write(sys.stderr, "")

    def _problem_event(self, problem: Problem) -> None:
        self.event(
            "problem",
            level=problem.severity.value,
            message=problem.message,
            rule=problem.rule,
            file=problem.place.file,
            line=problem.place.line,
            column=problem.place.column,
            path=problem.path,
            expected=problem.expected,
            advice=problem.advice,
        )

    def _paint(self, text: str, style: str) -> str:
        return f"{style}{text}{_RESET}" if colourful(sys.stderr) else text

    def _write(self, stream: TextIO | None, text: str) -> None:
        # Python has no stream where the caller closed it (`>&-`).
        if stream is None or id(stream) in self._broken:
            return
        try:
            stream.write(text)
            stream.flush()
        except OSError as error:
            self._silence(stream)
            # A full disk under the results is an error; under the progress of an apply it must not stop the apply.
            if stream is sys.stdout and not isinstance(error, BrokenPipeError):
                raise

    def _silence(self, stream: TextIO) -> None:
        self._broken.add(id(stream))
        # What is still buffered would raise again when the interpreter flushes at its end.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
