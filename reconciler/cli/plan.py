"""`reconciler plan`: what an apply would change."""

from __future__ import annotations

import click

from reconciler.cli.options import (
    Output,
    PlanningOptions,
    common_options,
    directory_argument,
    output_options,
    planning_options,
)
from reconciler.cli.session import current
from reconciler.render.formats import PLAN_FORMATS

CHANGES = 2
REFUSED = 5


@click.command(name="plan")
@directory_argument
@click.option("--out", metavar="FILE", help="Save the plan, for `reconciler apply FILE`.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there are changes.")
@output_options(tuple(PLAN_FORMATS))
@planning_options
@common_options
def command(
    *, directory: str | None, out: str | None, detailed_exitcode: bool, output: Output, planning: PlanningOptions
) -> int:
    """
    Show what an apply would change, step by step.

    Reads the manifests in DIR and the target's campaigns, lists, teams and users, and changes nothing: no request but
    GETs is sent, and the ledger is not written. Risks come first; what can't be verified is said.

    A plan beyond a limit, or against something protected, is shown with what stands against it, and ends with exit
    code 5.
    """
    # Not needed for --help, and with wiring come the YAML, schema and HTTP libraries.
    from reconciler import planfile  # noqa: PLC0415
    from reconciler.cli import wiring  # noqa: PLC0415
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import plan_renderers  # noqa: PLC0415

    session = current()
    plan = wiring.plan_directory(session, session.directory(directory), planning)
    if out is not None:
        planfile.save(plan, out)
    deliver(session.screen, output, plan_renderers(plan))
    if out is not None:
        session.screen.say(f"the plan is saved: apply it with `reconciler apply {out}`")
    if plan.objections:
        return REFUSED
    return CHANGES if detailed_exitcode and plan.has_changes else 0
