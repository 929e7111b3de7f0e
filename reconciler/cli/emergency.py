"""`reconciler emergency`: stop every campaign at once, and keep pipelines from starting them again."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from reconciler.cli.options import DEFAULT_TIMEOUT, common_options, directory_argument
from reconciler.cli.session import Session, current
from reconciler.errors import RefusalError, UsageError

_APPROVE = click.option("-y", "--auto-approve", is_flag=True, help="Don't ask to type the target's name.")
_LOCK_TIMEOUT = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait when somebody else holds the ledger.",
)


@click.group(name="emergency")
@common_options
def command() -> None:
    """
    Switch the global emergency of a target, and look at it.

    While it is enabled the target is frozen: `apply` refuses, so that no pipeline starts a floor again that somebody
    has stopped.
    """


@command.command(name="enable", short_help="Stop all campaigns and freeze the target.")
@directory_argument
@click.option("--reason", required=True, metavar="TEXT", help="Why; recorded, and shown to whoever meets the freeze.")
@_APPROVE
@_LOCK_TIMEOUT
@common_options
def enable_command(*, directory: str | None, reason: str, auto_approve: bool, lock_timeout: float) -> int:
    """
    Stop all campaigns, turn on emergency routing, and freeze the target.

    Asks to type the target's name. The statuses that the campaigns had are kept, so that the plan after `disable` can
    bring them back.
    """
    # Not needed for --help, and with it come the YAML, schema and HTTP libraries.
    from reconciler.cli import wiring  # noqa: PLC0415
    from reconciler.cli.manifests import read_settings  # noqa: PLC0415
    from reconciler.emergency import enable  # noqa: PLC0415

    if not reason.strip():
        raise UsageError("--reason is empty", hint="say why, for whoever meets the freeze")
    session = current()
    settings = read_settings(session, session.directory(directory))
    target = settings.connection()
    if not auto_approve:
        _confirm(session, "stop all campaigns of", target.name, target.url)
    store = wiring.open_ledger(settings)
    with (
        store.lock(command="emergency enable", target=target.name, url=target.url, timeout=lock_timeout) as journal,
        wiring.connect(settings, timeout=DEFAULT_TIMEOUT) as client,
    ):
        emergency = enable(client, journal, reason=reason.strip(), who=wiring.who(), clock=_now)
    count = len(emergency.statuses)
    session.screen.result(
        f"The global emergency of {target.name} is enabled since {emergency.at}; the statuses of {count} "
        f"campaign{'s' if count != 1 else ''} are kept.\nThe target is frozen: apply refuses until "
        "`reconciler emergency disable`."
    )
    return 0


@command.command(name="disable")
@directory_argument
@click.option(
    "--already-lifted",
    is_flag=True,
    help="Send nothing: you saw in the portal that no emergency is on. Only the freeze is lifted.",
)
@_APPROVE
@_LOCK_TIMEOUT
@common_options
def disable_command(*, directory: str | None, already_lifted: bool, auto_approve: bool, lock_timeout: float) -> int:
    """
    Lift the emergency and the freeze.

    Asks to type the target's name. Campaigns may stay stopped: the next plan shows which statuses it would bring back.
    """
    # Not needed for --help, and with it come the YAML, schema and HTTP libraries.
    from reconciler.cli import wiring  # noqa: PLC0415
    from reconciler.cli.manifests import read_settings  # noqa: PLC0415
    from reconciler.emergency import attest_lifted, disable  # noqa: PLC0415

    session = current()
    settings = read_settings(session, session.directory(directory))
    target = settings.connection()
    if not auto_approve:
        _confirm(session, "lift the emergency of", target.name, target.url)
    store = wiring.open_ledger(settings)
    lift = attest_lifted if already_lifted else disable
    with (
        store.lock(command="emergency disable", target=target.name, url=target.url, timeout=lock_timeout) as journal,
        wiring.connect(settings, timeout=DEFAULT_TIMEOUT) as client,
    ):
        left = lift(client, journal, who=wiring.who(), clock=_now)
    count = len(left.statuses) if left is not None else 0
    session.screen.result(f"The global emergency of {target.name} is lifted, and with it the freeze.")
    if count:
        session.screen.result(
            f"{count} campaign{'s have' if count != 1 else ' has'} another status than before: see `reconciler plan`."
        )
    return 0


@command.command(name="status")
@directory_argument
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@common_options
def status_command(*, directory: str | None, form: str) -> int:
    """Tell what the ledger knows of an emergency. The API itself can't be asked."""
    # Not needed for --help, and with it come the YAML, schema and HTTP libraries.
    from reconciler.cli import wiring  # noqa: PLC0415
    from reconciler.cli.manifests import read_settings  # noqa: PLC0415
    from reconciler.cli.rendering import emergency_json, emergency_text  # noqa: PLC0415
    from reconciler.emergency import status  # noqa: PLC0415

    session = current()
    settings = read_settings(session, session.directory(directory))
    target = settings.connection()
    emergency = status(wiring.load_ledger(session, wiring.open_ledger(settings), target))
    if form == "json":
        session.screen.document(emergency_json(target.name, emergency))
    else:
        session.screen.result(emergency_text(target.name, emergency))
    return 0


def _confirm(session: Session, deed: str, name: str, url: str) -> None:
    if not session.screen.answers:
        raise RefusalError(
            "there is no terminal to ask for approval on; nothing was sent", hint="approve it with -y (--auto-approve)"
        )
    answer = session.screen.ask(f"This will {deed} {name} ({url}). Type the target's name to go on: ")
    if answer != name:
        raise RefusalError("not approved; nothing was sent", hint=f"type the target's name exactly: {name}")


def _now() -> datetime:
    return datetime.now(UTC)
