"""`reconciler state history`, `rollback` and `migrate`: the ledger's past, and a new place for it."""

from __future__ import annotations

import click

from reconciler.cli.options import Output, common_options, directory_argument, output_options
from reconciler.cli.session import current
from reconciler.errors import RefusalError

FORMATS = ("text", "json")

LOCK_TIMEOUT = click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait when somebody else holds the ledger.",
)
LIMIT = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    metavar="N",
    help="So many writes, newest first.",
)


@click.command(name="history")
@directory_argument
@LIMIT
@output_options(FORMATS)
@common_options
def history_command(*, directory: str | None, limit: int, output: Output) -> int:
    """List every write of the ledger: its serial, when, who, in which command, from which commit, what changed."""
    # Not needed for --help, and with it come the YAML libraries.
    from reconciler.cli.ledgers import settings_and_ledger  # noqa: PLC0415
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import history_renderers  # noqa: PLC0415
    from reconciler.state.history import writes  # noqa: PLC0415

    session = current()
    _, store = settings_and_ledger(session, directory)
    found = writes(store, limit=limit)
    for warning in store.warnings:
        session.screen.warn(warning)
    kept = frozenset(each.run.serial for each in found if each.kept)
    deliver(session.screen, output, history_renderers(tuple(each.run for each in found), kept))
    return 0


@click.command(name="rollback")
@click.argument("serial", type=click.IntRange(min=1), metavar="SERIAL")
@directory_argument
@click.option("-y", "--auto-approve", is_flag=True, help="Don't ask.")
@LOCK_TIMEOUT
@common_options
def rollback_command(*, serial: int, directory: str | None, auto_approve: bool, lock_timeout: float) -> int:
    """
    Put a former version in the ledger's place, as a new serial. Asks first.

    The target is not touched: only what this tool remembers of it goes back. `state history` lists the serials.
    """
    from reconciler.cli.ledgers import settings_and_ledger  # noqa: PLC0415  # not needed for --help
    from reconciler.state.history import rollback  # noqa: PLC0415  # not needed for --help

    session = current()
    settings, store = settings_and_ledger(session, directory)
    if not auto_approve:
        if not session.screen.answers:
            raise RefusalError("there is no terminal to ask on; nothing was changed", hint="approve it with -y")
        question = f"Let the ledger of {settings.connection().name} go back to serial {serial}? Only `yes` is taken: "
        if session.screen.ask(question) != "yes":
            raise RefusalError("not approved; nothing was changed")
    now = rollback(store, serial, timeout=lock_timeout)
    session.screen.result(
        f"The ledger says again what it said at serial {serial}; this is serial {now}. The target was not touched: "
        "see `reconciler plan`, and with --reassert what cannot be read back."
    )
    return 0


@click.command(name="migrate")
@click.argument("destination", metavar="DESTINATION")
@directory_argument
@LOCK_TIMEOUT
@common_options
def migrate_command(*, destination: str, directory: str | None, lock_timeout: float) -> int:
    """
    Copy the ledger, its former versions and its change record to another store, and compare all of it.

    DESTINATION is a path or a url, as `state` in reconciler.yaml takes it; there must be no ledger yet. The old one
    stays as it is: remove it once `state` names the new place everywhere.
    """
    from reconciler.cli.ledgers import open_ledger_at, settings_and_ledger  # noqa: PLC0415  # not needed for --help
    from reconciler.state.history import migrate  # noqa: PLC0415  # not needed for --help

    session = current()
    settings, store = settings_and_ledger(session, directory)
    new = open_ledger_at(destination, settings)
    moved = migrate(store, new, timeout=lock_timeout)
    session.screen.result(
        f"{new.name} holds the ledger at serial {moved.serial}, with {moved.versions} former versions and "
        f"{moved.entries} entries of the change record; all of it was read back and compared.\n"
        f"Now let `state` in reconciler.yaml name it. Until then runs go on using {store.name}."
    )
    return 0
