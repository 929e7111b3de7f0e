"""`reconciler log`: who had what done, when, from which commit, approved where."""

from __future__ import annotations

import click

from reconciler.cli.options import Output, common_options, directory_argument, output_options
from reconciler.cli.session import current
from reconciler.cli.state_history import FORMATS


@click.group(name="log", invoke_without_command=True)
@click.option("--object", "place", metavar="KIND/NAME", help="Only what concerns this object.")
@click.option("--field", metavar="FIELD", help="Only changes of this field, such as targetDropPercent.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the newest N writes of the ledger.")
@output_options(FORMATS)
@common_options
@click.pass_context
def command(
    context: click.Context, *, place: str | None, field: str | None, limit: int | None, output: Output
) -> int | None:
    """
    Show the change record: every step that was sent, how it ended, and each field before and after.

    It is append-only and chained by hashes, and holds no secret. `log verify` checks it.
    """
    if context.invoked_subcommand is not None:
        return None
    # Not needed for --help, and with it come the YAML libraries.
    from reconciler.cli.ledgers import settings_and_ledger  # noqa: PLC0415
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import log_renderers  # noqa: PLC0415
    from reconciler.state.history import segments  # noqa: PLC0415
    from reconciler.state.record import concerning  # noqa: PLC0415

    session = current()
    _, store = settings_and_ledger(session, None)
    found = segments(store, limit=limit)
    for warning in store.warnings:
        session.screen.warn(warning)
    deliver(session.screen, output, log_renderers(concerning(found, place=place or "", field=field or "")))
    return 0


@command.command(name="verify")
@directory_argument
@common_options
def verify_command(*, directory: str | None) -> int:
    """
    Check every hash of the change record, up to the end that the ledger knows.

    An entry that was changed, taken out, added or moved is an error that names it; so is a record that was cut off.
    """
    from reconciler.cli.ledgers import settings_and_ledger  # noqa: PLC0415  # not needed for --help
    from reconciler.state.history import verify_record  # noqa: PLC0415  # not needed for --help

    session = current()
    _, store = settings_and_ledger(session, directory)
    found = verify_record(store)
    if not found.entries:
        session.screen.result("the change record is empty")
        return 0
    session.screen.result(
        f"the change record is whole: {found.entries} entries in {found.segments} writes, ending in {found.hash}"
    )
    return 0
