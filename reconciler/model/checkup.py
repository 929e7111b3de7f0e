"""What `doctor` found: each finding with what to do, and where each setting came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """A failure stops every run, a warning may stop one some day."""

    OK = "ok"
    WARNING = "warn"
    FAILURE = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at: what was seen, and unless all is well what to do."""

    check: str
    health: Health
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting in force, as it may be shown, and who said so: a flag, a variable, a file and line, or the default."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """Everything that was looked at, in the order in which a run would need it."""

    target: str
    findings: tuple[Finding, ...]
    settings: tuple[Setting, ...] = ()

    @property
    def is_healthy(self) -> bool:
        """Return whether nothing failed."""
        return all(finding.health is not Health.FAILURE for finding in self.findings)
