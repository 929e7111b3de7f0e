"""A problem in what somebody wrote: what, where, what was expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stops the run; a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a manifest: path relative to the configuration directory, line and column from 1 (0: whole file)."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        if not self.column:
            return f"{self.file}:{self.line}"
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """
    One finding about a manifest or project file.

    `rule` is a stable identifier in kebab-case (`unknown-field`, `duplicate-key`), used by machine formats.
    `path` is the dotted path inside the document (`spec.targetDropPercent`), empty for the whole document.
    """

    rule: str
    message: str
    place: Place
    path: str = ""
    expected: str = ""
    advice: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        where = f"{self.place} {self.path}".rstrip()
        parts = [f"{where}: {self.message}"]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.advice:
            parts.append(self.advice)
        return "; ".join(parts)
