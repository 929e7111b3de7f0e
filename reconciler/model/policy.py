"""What bounds a plan: the project's safety settings and the flags of this run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reconciler.model.desired import OnRemoval

VENDOR_LOGIN = "MaxSupport"
"""The vendor's own account on every tenant; never written to."""

ALWAYS_ALLOWED = 3
"""Removals of one sort that no percentage limit refuses."""


class UserTeams(StrEnum):
    """Whether a user can be in several teams; the API document does not say."""

    ONE = "one"
    MANY = "many"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A bound on removals: a share in per cent of what exists, or a plain count."""

    amount: int
    percent: bool = False

    def allows(self, count: int, total: int) -> bool:
        """Return whether `count` removals out of `total` stay within the bound (a few are always allowed)."""
        if count <= ALWAYS_ALLOWED:
            return True
        return count * 100 <= self.amount * total if self.percent else count <= self.amount

    def __str__(self) -> str:
        return f"{self.amount}%" if self.percent else str(self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The project's `limits`, with the contract's defaults."""

    deactivations: Limit = Limit(amount=20, percent=True)
    disassociations: Limit = Limit(amount=30, percent=True)
    password_sends: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A narrowed run: label selectors (all must match) and KIND/NAME globs (one must match); empty: everything."""

    labels: tuple[tuple[str, str], ...] = ()
    only: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.labels or self.only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """
    Everything besides desired, live and ledger that a plan depends on.

    `timezone` is the IANA name that dates without an offset are read in.
    """

    on_removal: OnRemoval = OnRemoval.KEEP
    protected_logins: frozenset[str] = frozenset({VENDOR_LOGIN})
    operational_fields: Mapping[str, frozenset[str]] = field(
        default_factory=lambda: {"Campaign": frozenset({"status"})}
    )
    limits: Limits = Limits()
    user_teams: UserTeams = UserTeams.AUTO
    timezone: str = "UTC"
    scope: Scope = Scope()
    prune: bool = False
    reassert: bool = False
    allow_mass_change: bool = False
