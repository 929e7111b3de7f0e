"""`reconciler show`: a saved plan, read again in any format."""

from __future__ import annotations

import click

from reconciler.cli.options import Output, common_options, output_options
from reconciler.cli.session import current
from reconciler.render.formats import PLAN_FORMATS


@click.command(name="show")
@click.argument("planfile", metavar="PLANFILE")
@output_options(tuple(PLAN_FORMATS))
@common_options
def command(*, planfile: str, output: Output) -> int:
    """
    Show a plan that `plan --out PLANFILE` saved.

    Offline: nothing is contacted, and neither manifests nor ledger are read. Whether the plan still holds is checked by
    `apply`, and `plan --against PLANFILE` says what changed since.
    """
    # Not needed for --help, and with them comes the whole model.
    from reconciler import planfile as saved  # noqa: PLC0415
    from reconciler.cli.output import deliver  # noqa: PLC0415
    from reconciler.cli.rendering import plan_renderers  # noqa: PLC0415

    plan = saved.load(planfile)
    deliver(current().screen, output, plan_renderers(plan))
    return 0
