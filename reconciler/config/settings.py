"""What a run works with besides manifests: the target, where its ledger is, and the project's safety settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from reconciler.errors import ConfigurationError
from reconciler.model.desired import PasswordSource
from reconciler.model.policy import Policy, UserTeams

DEFAULT_PARALLELISM = 4
SIMULATOR_SCHEME = "simulator://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the command line says, None where nothing: it beats the environment, which beats the project file."""

    target: str | None = None
    url: str | None = None
    login: str | None = None
    state: str | None = None
    parallelism: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """
    One contact centre.

    `state` is the ledger's absolute path, or an address with `://` in it. `login` is empty and `password` None where
    neither the project nor the environment gives them: enough to validate, not to connect. `overlays` are directories
    relative to the project's.
    """

    name: str
    url: str
    state: str
    login: str = ""
    password: PasswordSource | None = None
    overlays: tuple[str, ...] = ()
    timezone: str = "UTC"
    user_teams: UserTeams = UserTeams.AUTO

    @property
    def is_simulator(self) -> bool:
        """Whether this is the embedded simulator, which needs neither login nor password."""
        return self.url.startswith(SIMULATOR_SCHEME)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    The settings of one run.

    `target` is None when none was named and none is the default; `targets` are the names that could be. `policy` is the
    project's, without the flags of this run.
    """

    directory: Path
    target: Target | None
    targets: tuple[str, ...] = ()
    parallelism: int = DEFAULT_PARALLELISM
    policy: Policy = field(default_factory=Policy)

    def connection(self) -> Target:
        """
        Return the target, complete enough to connect to it.

        Raises ConfigurationError when there is none, or when it has no login or password.
        """
        target = self.target
        if target is None:
            if self.targets:
                names = ", ".join(self.targets)
                raise ConfigurationError("no target is named", hint=f"use --target with one of: {names}")
            hint = "write a reconciler.yaml, or set RECONCILER_URL, RECONCILER_LOGIN and RECONCILER_PASSWORD"
            raise ConfigurationError("there is no target", hint=hint)
        if target.is_simulator:
            return target
        for what, value in (("login", target.login), ("password", target.password)):
            if not value:
                raise ConfigurationError(
                    f"the target {target.name} has no {what}",
                    hint=f"give it one in reconciler.yaml, or set RECONCILER_{what.upper()}",
                )
        return target
