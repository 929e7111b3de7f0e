"""What the global options say, for one run of the command line."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from reconciler.cli.screen import Screen
from reconciler.errors import UsageError


@dataclass(slots=True, kw_only=True)
class Session:
    """The options that stand before or after a command's name; `config` and `target` None when not given."""

    screen: Screen = field(default_factory=Screen)
    config: str | None = None
    target: str | None = None
    verbose: bool = False
    quiet: bool = False
    debug: bool = False
    log_format: str = "text"

    def directory(self, argument: str | None = None) -> str:
        """
        Return the configuration directory: the command's argument, else --config, else the current directory.

        Raises UsageError when both are given and differ.
        """
        if argument is not None and self.config is not None and argument != self.config:
            raise UsageError(
                f"two configuration directories: {argument} and --config {self.config}", hint="give only one of them"
            )
        return argument if argument is not None else self.config if self.config is not None else "."


def current() -> Session:
    """Return the session of the command that is running."""
    session = click.get_current_context().find_object(Session)
    if session is None:
        raise RuntimeError("no command is running")
    return session
