"""Options that several commands share, and the values they end up in."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import click

from reconciler.cli.completing import complete_documents, complete_targets
from reconciler.cli.logs import configure
from reconciler.cli.session import Session
from reconciler.errors import UsageError
from reconciler.model.policy import Scope

Function = TypeVar("Function", bound=Callable[..., Any])

TEXT = "text"
DEFAULT_PARALLELISM = 4
DEFAULT_TIMEOUT = 30.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningOptions:
    """How to plan: what to look at, what to do about it, and how hard to work; None where nothing was said."""

    scope: Scope = field(default_factory=Scope)
    prune: bool = False
    reassert: bool = False
    allow_mass_change: bool = False
    parallelism: int | None = None
    timeout: float = DEFAULT_TIMEOUT

    def shaping(self) -> list[str]:
        """Return the options given that shape a plan, as one types them: a saved plan has its shape already."""
        given = {
            "-l": bool(self.scope.labels),
            "--only": bool(self.scope.only),
            "--prune": self.prune,
            "--reassert": self.reassert,
            "--allow-mass-change": self.allow_mass_change,
        }
        return [name for name, is_given in given.items() if is_given]


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What to print on standard output, and (format, file) pairs to write besides."""

    format: str = "text"
    reports: tuple[tuple[str, str], ...] = ()


def common_options(function: Function) -> Function:
    """Add the options that may stand before or after a command's name; they end up in the session."""
    for option in (
        click.option(
            "--log-format",
            type=click.Choice(("text", "json")),
            **_keeping("log_format"),
            help="How to tell on standard error what happens; json is one object a line. [default: text]",
        ),
        click.option("--debug", is_flag=True, **_keeping("debug"), help="Show a traceback with an error."),
        click.option(
            "-q", "--quiet", is_flag=True, **_keeping("quiet"), help="Print results and errors only, no progress."
        ),
        click.option(
            "-v", "--verbose", is_flag=True, **_keeping("verbose"), help="Tell on standard error what is done."
        ),
        click.option(
            "--target",
            metavar="NAME",
            shell_complete=complete_targets,
            **_keeping("target"),
            help="The project's target to work on. [env: RECONCILER_TARGET]",
        ),
        click.option(
            "--config",
            metavar="DIR",
            **_keeping("config"),
            help="The configuration directory. [default: where you are]",
        ),
    ):
        function = option(function)
    return function


def directory_argument(function: Function) -> Function:
    """Add the optional DIR."""
    return click.argument("directory", metavar="[DIR]", required=False)(function)


def planning_options(function: Function) -> Function:
    """Add the options that every planning command takes; the command gets one `planning` value."""

    @functools.wraps(function)
    def gathered(
        *,
        labels: tuple[str, ...],
        only: tuple[str, ...],
        prune: bool,
        reassert: bool,
        parallelism: int | None,
        timeout: float,
        allow_mass_change: bool,
        **others: Any,
    ) -> Any:
        planning = PlanningOptions(
            scope=Scope(labels=tuple(map(_label, labels)), only=tuple(map(_pattern, only))),
            prune=prune,
            reassert=reassert,
            allow_mass_change=allow_mass_change,
            parallelism=parallelism,
            timeout=timeout,
        )
        return function(planning=planning, **others)

    command: Any = gathered
    for option in reversed(_PLANNING):
        command = option(command)
    return command  # type: ignore[no-any-return]


def output_options(formats: tuple[str, ...], *, default: str = TEXT) -> Callable[[Function], Function]:
    """Add --format and --report; the command gets one `output` value."""

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def gathered(*, format: str, reports: tuple[str, ...], **others: Any) -> Any:
            pairs = tuple(_report(text, formats) for text in reports)
            return function(output=Output(format=format, reports=pairs), **others)

        command: Any = gathered
        command = click.option(
            "--report",
            "reports",
            multiple=True,
            metavar="FORMAT=FILE",
            help=f"Write a report to a file as well, in one of {', '.join(formats)}. Repeatable.",
        )(command)
        command = click.option(
            "--format", type=click.Choice(formats), default=default, show_default=True, help="What to print."
        )(command)
        return command  # type: ignore[no-any-return]

    return decorate


_PLANNING = (
    click.option(
        "-l",
        "--label",
        "labels",
        multiple=True,
        metavar="KEY=VALUE",
        help="Only documents with that label. Repeatable.",
    ),
    click.option(
        "--only",
        multiple=True,
        metavar="KIND/NAME",
        shell_complete=complete_documents,
        help="Only these documents; * and ? match. Repeatable.",
    ),
    click.option("--prune", is_flag=True, help="Deactivate what has no document any more, whatever onRemoval says."),
    click.option(
        "--reassert", is_flag=True, help="Send again what can't be read back, even if the ledger says it holds."
    ),
    click.option(
        "--parallelism",
        type=click.IntRange(min=1, max=64),
        metavar="N",
        help=f"At most N requests at a time. [default: {DEFAULT_PARALLELISM}; env: RECONCILER_PARALLELISM]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=DEFAULT_TIMEOUT,
        show_default=True,
        metavar="S",
        help="Seconds to wait for an answer.",
    ),
    click.option("--allow-mass-change", is_flag=True, help="Accept a plan beyond the project's limits."),
)


def _keeping(name: str) -> dict[str, Any]:
    def keep(ctx: click.Context, _: click.Parameter, value: object) -> None:
        session = ctx.find_object(Session)
        if session is None or value is None or value is False:
            return
        setattr(session, name, value)
        if session.verbose and session.quiet:
            raise click.UsageError("-v and -q exclude each other", ctx=ctx)
        session.screen.quiet = session.quiet
        session.screen.machine = session.log_format == "json"
        configure(session.screen, verbose=session.verbose, quiet=session.quiet)

    return {"expose_value": False, "callback": keep, "default": None}


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"-l {text}: not KEY=VALUE", hint="write it like -l brand=acme")
    return key, value


def _pattern(text: str) -> str:
    kind, slash, name = text.partition("/")
    if not slash or not kind or not name:
        raise UsageError(f"--only {text}: not KIND/NAME", hint="write it like --only 'Campaign/spring-*'")
    return text


def _report(text: str, formats: tuple[str, ...]) -> tuple[str, str]:
    form, equals, file = text.partition("=")
    if not equals or not file:
        raise UsageError(f"--report {text}: not FORMAT=FILE", hint="write it like --report json=plan.json")
    if form not in formats:
        raise UsageError(f"--report {text}: no format {form!r} here", hint=f"take one of {', '.join(formats)}")
    return form, file
