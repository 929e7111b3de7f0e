"""`reconciler apply`: show the plan, ask, and bring the target to it."""

from __future__ import annotations

import os

import click

from reconciler.cli.options import Output, PlanningOptions, common_options, output_options, planning_options
from reconciler.cli.session import current
from reconciler.errors import UsageError
from reconciler.render.formats import APPLY_FORMATS


@click.command(name="apply")
@click.argument("place", metavar="[DIR or PLANFILE]", required=False)
@click.option("-y", "--auto-approve", is_flag=True, help="Don't ask.")
@click.option("--dry-run", is_flag=True, help="Print every request that would be sent, and send none.")
@click.option(
    "--lock-timeout",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="S",
    help="Seconds to wait when somebody else holds the ledger.",
)
@output_options(tuple(APPLY_FORMATS))
@planning_options
@common_options
def command(
    *,
    place: str | None,
    auto_approve: bool,
    dry_run: bool,
    lock_timeout: float,
    output: Output,
    planning: PlanningOptions,
) -> int:
    """
    Bring the target to what the manifests say.

    The plan of DIR is made and shown, or a saved one (`plan --out PLANFILE`) is read; then you are asked, unless -y is
    given. The ledger is locked and everything that the plan rests on is checked again before the first change: a saved
    plan that is stale ends with exit code 3, and nothing is sent.

    A failed step stops what depends on it and nothing else; the report tells what is done, failed and skipped, and
    running it again goes on from there. Ctrl-C finishes what is in flight and records it; a second one stops at once.
    """
    # Not needed for --help, and with it come the YAML, schema and HTTP libraries.
    from reconciler.cli import execution  # noqa: PLC0415

    session = current()
    order = execution.Order(
        planning=planning, output=output, auto_approve=auto_approve, dry_run=dry_run, lock_timeout=lock_timeout
    )
    if place is None or os.path.isdir(place) or not os.path.lexists(place):
        return execution.apply_directory(session, session.directory(place), order)
    if planning.shaping():
        options = ", ".join(planning.shaping())
        raise UsageError(
            f"{options} shapes a plan, and {place} is one already",
            hint="give it to `reconciler plan --out`, or apply the directory",
        )
    return execution.apply_saved(session, place, order)
